"""A stale read of a register, seen without any search.

Somebody read a value. Each write of it must have come before; and if, between the end of that
write and the start of the read, somebody surely did or saw something else, then the value was
gone by then. A read for which that holds of every write of its value cannot be explained, however
wild the rest of the history is. (That none is found proves nothing.)
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from helpers.consistency.histories import Operation

Witness = tuple[float, float, Any]
"""Between these two times the register surely held this value."""


def has_stale_read(operations: Sequence[Operation], initial: Any) -> bool:
    """Tell whether some read, or cas that succeeded, got what must have been gone by then.

    Parameters
    ----------
    operations
        All on one register.
    initial
        What it held at first.

    Examples
    --------
    >>> old, new = ("write", "x", 1, None), ("write", "x", 2, None)
    >>> history = [
    ...     Operation("ann", 0, 1, *old),
    ...     Operation("ann", 2, 3, *new),
    ...     Operation("ben", 4, 5, "read", "x", None, 1),
    ... ]
    >>> has_stale_read(history, None)
    True
    """
    witnesses = [witness_of(o) for o in operations if proves_a_value(o)]
    gone = GoneBy(witnesses)
    makers: defaultdict[Any, list[Operation]] = defaultdict(list)
    for operation in operations:
        if may_write(operation):
            makers[written_by(operation)].append(operation)
    lasting = {
        value: [(o.invoked, gone.after(o.end, value)) for o in wrote]
        for value, wrote in makers.items()
    }
    lasting.setdefault(initial, []).append((-math.inf, gone.after(-math.inf, initial)))
    return any(
        all(since > o.end or until < o.invoked for since, until in lasting.get(found_by(o), []))
        for o in operations
        if proves_a_value(o) and o.function != "write"
    )


class GoneBy:
    """When a value that was written has surely been replaced."""

    def __init__(self, witnesses: Sequence[Witness]) -> None:
        ordered = sorted(witnesses, key=lambda witness: witness[0])
        self.since = [since for since, _, _ in ordered]
        first: tuple[float, Any] = (math.inf, None)
        second = math.inf
        self.earliest = [(first, second)]
        for _, end, value in reversed(ordered):
            if end < first[0]:
                second = first[0] if value != first[1] else second
                first = (end, value)
            elif value != first[1]:
                second = min(second, end)
            self.earliest.append((first, second))
        self.earliest.reverse()

    def after(self, time: float, value: Any) -> float:
        """Give the time by which somebody, who began after a time, found another value."""
        (end, other), next_end = self.earliest[bisect_right(self.since, time)]
        return next_end if other == value else end


def may_write(operation: Operation) -> bool:
    """Tell whether an operation leaves, or may have left, a value."""
    has_failed = operation.is_known and operation.result is False
    return operation.function == "write" or (operation.function == "cas" and not has_failed)


def proves_a_value(operation: Operation) -> bool:
    """Tell whether the register surely held a value at some moment of an operation."""
    return operation.is_known and (operation.function != "cas" or operation.result is True)


def written_by(operation: Operation) -> Any:
    """Give the value that a write or a cas leaves."""
    return operation.argument[1] if operation.function == "cas" else operation.argument


def found_by(operation: Operation) -> Any:
    """Give the value that a read, or a cas that succeeded, found."""
    return operation.argument[0] if operation.function == "cas" else operation.result


def witness_of(operation: Operation) -> Witness:
    """Give a value that the register held, and the times between which it did."""
    is_read = operation.function == "read"
    value = operation.result if is_read else written_by(operation)
    return operation.invoked, operation.end, value
