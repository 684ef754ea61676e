"""Say clearly what is wrong with an argument: its name, what it must be, what came."""

import math
import numbers
from typing import Any, NoReturn

import numpy as np


def whole(name: str, value: float, at_least: int = 1) -> int:
    """Give a whole number that is large enough.

    Examples
    --------
    >>> whole("servers", 0)
    Traceback (most recent call last):
    ValueError: servers must be a whole number of at least 1, got 0
    """
    if not (is_finite(value) and value == value // 1 and value >= at_least):
        refuse(name, f"a whole number of at least {at_least}", value)
    return int(value)


def positive(name: str, value: float) -> float:
    """Give a finite number above zero."""
    if not (is_finite(value) and value > 0):
        refuse(name, "a finite number above 0", value)
    return value


def not_negative(name: str, value: float) -> float:
    """Give a finite number of at least zero."""
    if not (is_finite(value) and value >= 0):
        refuse(name, "a finite number of at least 0", value)
    return value


def between(name: str, value: float, low: float, high: float) -> float:
    """Give a number from low to high, both included."""
    if not (is_number(value) and low <= value <= high):
        raise ValueError(f"{name} must lie between {low} and {high}, got {shown(value)}")
    return value


def inside(name: str, value: float, low: float, high: float) -> float:
    """Give a number between low and high, neither included."""
    if not (is_number(value) and low < value < high):
        raise ValueError(f"{name} must lie above {low} and below {high}, got {shown(value)}")
    return value


def generator(rng: int | np.random.Generator) -> np.random.Generator:
    """Give a generator for a seed, or the generator itself.

    Examples
    --------
    >>> generator(True)
    Traceback (most recent call last):
    ValueError: rng must be a whole number of at least 0 or a numpy Generator, got True
    """
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(seed(rng))


def seed(rng: int | np.random.Generator) -> int:
    """Give the seed itself, or one drawn from a generator.

    Examples
    --------
    >>> seed(np.int64(3))
    3
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    given: Any = rng
    if not (isinstance(given, numbers.Integral) and is_number(given) and int(given) >= 0):
        refuse("rng", "a whole number of at least 0 or a numpy Generator", given)
    return int(given)


def is_number(value: Any) -> bool:
    """Tell whether this is a single real number; True and False are answers, not numbers."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Tell whether this is a single finite number that a float can hold."""
    try:
        return is_number(value) and math.isfinite(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False


def shown(value: Any) -> str:
    """Give a number as one would write it, and anything else so that its type can be told."""
    return str(value) if is_number(value) else repr(value)


def refuse(name: str, wanted: str, value: Any) -> NoReturn:
    """Say what the argument must be, and what came."""
    raise ValueError(f"{name} must be {wanted}, got {shown(value)}")
