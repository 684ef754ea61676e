"""Say clearly what is wrong with an argument: its name, what it must be, what came."""

import math


def whole(name: str, value: float, at_least: int = 1) -> int:
    """Give a whole number that is large enough.

    Examples
    --------
    >>> whole("servers", 0)
    Traceback (most recent call last):
    ValueError: servers must be a whole number of at least 1, got 0
    """
    if not math.isfinite(value) or value != int(value) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value}")
    return int(value)


def positive(name: str, value: float) -> float:
    """Give a finite number above zero."""
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {value}")
    return value


def not_negative(name: str, value: float) -> float:
    """Give a finite number of at least zero."""
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be a finite number of at least 0, got {value}")
    return value


def between(name: str, value: float, low: float, high: float) -> float:
    """Give a number from low to high, both included."""
    if not low <= value <= high:
        raise ValueError(f"{name} must lie between {low} and {high}, got {value}")
    return value


def inside(name: str, value: float, low: float, high: float) -> float:
    """Give a number between low and high, neither included."""
    if not low < value < high:
        raise ValueError(f"{name} must lie above {low} and below {high}, got {value}")
    return value
