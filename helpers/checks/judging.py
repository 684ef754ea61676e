"""Compare what came back with what was expected, and name the difference.

Names of mistakes that are found here: ``"none"``, ``"kind"``, ``"shape"``, ``"nan"``,
``"infinite"`` and ``"value"``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from helpers.checks.cards import show
from helpers.checks.encoding import Foreign, Record
from helpers.checks.todo import TODO

NAMES: dict[type, str] = {
    str: "text",
    list: "a list",
    tuple: "a tuple",
    dict: "a dictionary",
    set: "a set",
}
KINDS = {
    "generator": "A generator came back. It has not run yet: return a list of it.",
    "coroutine": "A coroutine came back. Write `def` instead of `async def`.",
    "function": "A function came back. Call it, and return what it gives.",
}


class Mistake(NamedTuple):
    """What is wrong with a result: a name that a hint can be found by, and a sentence."""

    key: str
    says: str


def holds(value: Any, test: Any) -> bool:
    """Say whether the test is true for the value or for something inside it."""
    if test(value):
        return True
    if isinstance(value, Record):
        value = vars(value)
    if isinstance(value, Mapping):
        return any(holds(item, test) for item in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return any(holds(item, test) for item in value)
    return False


def is_unfinished(value: Any) -> bool:
    """Say whether `TODO` is the value or lies inside it."""
    return holds(value, lambda item: item is TODO)


def find_strangeness(result: Any, *, finite: bool) -> Mistake | None:
    """Find what no judge should have to deal with.

    Parameters
    ----------
    result
        What came back.
    finite
        Whether NaN and infinity are mistakes.
    """
    if result is None:
        return Mistake("none", "Nothing came back (None). Is a `return` missing?")
    if isinstance(result, Foreign):
        said = f"A value of type {result.type} came back. Return numbers, text, lists or arrays."
        return Mistake("kind", KINDS.get(result.type, said))
    if finite and holds(result, _has_nan):
        return Mistake("nan", "NaN (not a number) came back, or something that holds one.")
    if finite and holds(result, _has_infinity):
        return Mistake("infinite", "Infinity came back, or something that holds it.")
    return None


def _has_nan(value: Any) -> bool:
    return _any_number(value, "isnan")


def _has_infinity(value: Any) -> bool:
    return _any_number(value, "isinf")


def _any_number(value: Any, test: str) -> bool:
    if isinstance(value, float):
        return bool(getattr(math, test)(value))
    if getattr(getattr(value, "dtype", None), "kind", "") in ("f", "c"):
        import numpy as np

        return bool(getattr(np, test)(value).any())
    return False


def compare(result: Any, expected: Any, tolerance: float = 1e-6) -> Mistake | None:
    """Compare a result with the expected value.

    Numbers may differ by ``tolerance`` times the expected one (and by 1e-12, for the
    sake of zero). Lists, tuples and arrays are taken for one another; a number is not
    taken for a truth value.

    Parameters
    ----------
    result, expected
        Plain values, as `helpers.checks.encoding` carries them.
    tolerance
        Relative, at least 0.

    Returns
    -------
    Mistake or None
        None where they agree.

    Examples
    --------
    >>> compare(0.30000001, 0.3)
    >>> compare([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]).says
    'At position 2, 4 came back where 3 was expected.'
    """
    if (result is None or isinstance(result, Foreign)) and expected is not None:
        return find_strangeness(result, finite=False)
    result, expected = plain(result), plain(expected)
    if is_number(expected):
        return compare_numbers(result, expected, tolerance)
    if is_array(expected) or (is_array(result) and isinstance(expected, list | tuple)):
        return compare_arrays(result, expected, tolerance)
    if isinstance(expected, list | tuple):
        return compare_sequences(result, expected, tolerance)
    if isinstance(expected, Mapping):
        return compare_mappings(result, expected, tolerance)
    if type(result) is not type(expected):
        return wrong_kind(result, expected)
    return None if result == expected else Mistake("value", "")


def agree(result: Any, expected: Any, tolerance: float = 1e-6) -> bool:
    """Say whether `compare` finds nothing."""
    return compare(result, expected, tolerance) is None


def plain(value: Any) -> Any:
    """Give a record as a mapping and an array without dimensions as a number."""
    if isinstance(value, Record):
        return vars(value)
    if is_array(value) and value.ndim == 0:
        return value.item()
    if hasattr(value, "to_dict"):
        return {name: value[name].to_numpy() for name in value}
    return value


def is_number(value: Any) -> bool:
    """Say whether it is a number and no truth value."""
    return isinstance(value, int | float | complex) and not isinstance(value, bool)


def is_array(value: Any) -> bool:
    """Say whether it is a NumPy array."""
    return hasattr(value, "dtype") and hasattr(value, "ndim")


def wrong_kind(result: Any, expected: Any) -> Mistake:
    """Say that the one is not of the other's kind."""
    came = kind(result)
    return Mistake(
        "kind", f"{came[0].upper()}{came[1:]} came back where {kind(expected)} was expected."
    )


def kind(value: Any) -> str:
    """Name a value's kind in plain words."""
    if value is None:
        return "nothing (None)"
    if isinstance(value, bool):
        return "a truth value"
    if is_number(value):
        return "a number"
    if is_array(value):
        return f"an array of shape {value.shape}"
    return NAMES.get(type(value), f"a value of type {type(value).__name__}")


def compare_numbers(result: Any, expected: Any, tolerance: float) -> Mistake | None:
    """Compare two numbers."""
    if not is_number(result):
        return wrong_kind(result, expected)
    if _has_nan(result) and not _has_nan(expected):
        return Mistake("nan", "NaN (not a number) came back.")
    if _has_infinity(result) and result != expected:
        return Mistake("infinite", "Infinity came back.")
    return None if close(result, expected, tolerance) else Mistake("value", "")


def close(result: Any, expected: Any, tolerance: float) -> bool:
    """Say whether two numbers agree; NaN agrees with NaN."""
    if _has_nan(expected):
        return _has_nan(result)
    if bool(result == expected):
        return True
    if _has_infinity(expected):
        return False
    return bool(abs(result - expected) <= max(tolerance * abs(expected), 1e-12))


def compare_sequences(result: Any, expected: Sequence[Any], tolerance: float) -> Mistake | None:
    """Compare two lists or tuples, item by item."""
    if not isinstance(result, list | tuple):
        return wrong_kind(result, expected)
    if len(result) != len(expected):
        says = f"{len(result):,} values came back, {len(expected):,} were expected."
        return Mistake("shape", says)
    return compare_items(zip(range(len(expected)), result, expected, strict=True), tolerance)


def compare_mappings(result: Any, expected: Mapping[Any, Any], tolerance: float) -> Mistake | None:
    """Compare two dictionaries, key by key."""
    if not isinstance(result, Mapping):
        return wrong_kind(result, expected)
    if missing := [key for key in expected if key not in result]:
        return Mistake("shape", f"The key {show(missing[0])} is missing.")
    if extra := [key for key in result if key not in expected]:
        return Mistake("shape", f"The key {show(extra[0])} was not expected.")
    return compare_items(((key, result[key], expected[key]) for key in expected), tolerance)


def compare_items(items: Any, tolerance: float) -> Mistake | None:
    """Compare pairs, and say where the first that differs lies."""
    for place, one, other in items:
        if mistake := compare(one, other, tolerance):
            where = f"At position {place}" if isinstance(place, int) else f"At {show(place)}"
            says = f": {mistake.says}" if mistake.says else f", {show_pair(one, other)}."
            return Mistake(mistake.key, where + says)
    return None


def show_pair(one: Any, other: Any) -> str:
    """Show two values that differ with as many digits as it takes to tell them apart."""
    digits = 6 if show(one) != show(other) else 17
    return f"{show(one, digits)} came back where {show(other, digits)} was expected"


def compare_arrays(result: Any, expected: Any, tolerance: float) -> Mistake | None:
    """Compare arrays: shapes first, then the first value that differs."""
    import numpy as np

    expected = np.asarray(expected)
    try:
        array = np.asarray(result)
    except ValueError:
        return wrong_kind(result, expected)
    if array.shape != expected.shape:
        return Mistake(
            "shape", f"An array of shape {array.shape} came back, {expected.shape} was expected."
        )
    if (array.dtype.kind in "biufc") != (expected.dtype.kind in "biufc"):
        return wrong_kind(result, expected)
    pairs = zip(np.ndindex(expected.shape), array.ravel(), expected.ravel(), strict=True)
    items = ((place if len(place) > 1 else int(place[0]), a, b) for place, a, b in pairs)
    if array.dtype.kind in "biufc" and np.allclose(
        array, expected, rtol=tolerance, atol=1e-12, equal_nan=True
    ):
        return None
    return compare_items(((place, a.item(), b.item()) for place, a, b in items), tolerance)
