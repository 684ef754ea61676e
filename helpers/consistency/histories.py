"""What clients asked and heard, and when: the only thing a store can be judged by.

A history is a pile of receipts. Each names who asked, when, for what, and, if an answer
came, when it came and what it said. Nobody looks behind the counter: if no order of the
receipts makes sense, the store is at fault, whatever its code intends.

A receipt without a time of return is of a customer who left: what was asked for may have
been done at any time after, or never.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from helpers.require import is_finite, shown


class Operation(NamedTuple):
    """One request of one client, and what came of it.

    Attributes
    ----------
    process
        Who asked. A process waits for each answer before it asks again.
    invoked
        Seconds at which it asked.
    returned
        Seconds at which the answer came; None if none ever came.
    function
        What was asked for, such as "read" or "write".
    key
        Of what, anything but None.
    argument
        With what; None where there is nothing to say.
    result
        The answer; without meaning where `returned` is None.
    """

    process: Hashable
    invoked: float
    returned: float | None
    function: str
    key: Hashable
    argument: Any
    result: Any

    @property
    def is_known(self) -> bool:
        """Whether the client heard an answer."""
        return self.returned is not None

    @property
    def end(self) -> float:
        """Seconds until which it may take effect: infinite where no answer came."""
        return math.inf if self.returned is None else self.returned


def tell(operation: Operation) -> str:
    """Write an operation as one would say it.

    Examples
    --------
    >>> tell(Operation("ann", 1, 2.5, "write", "cart", "milk", None))
    "ann write('cart', 'milk') at 1 to 2.5"
    >>> tell(Operation("ben", 3, 4, "read", "cart", None, "milk"))
    "ben read('cart') -> 'milk' at 3 to 4"
    >>> tell(Operation("ann", 5, None, "cas", "cart", ("milk", "tea"), None))
    "ann cas('cart', ('milk', 'tea')) at 5, no answer"
    """
    argument = "" if operation.argument is None else f", {operation.argument!r}"
    asked = f"{operation.process} {operation.function}({operation.key!r}{argument})"
    since = f"at {operation.invoked:.6g}"
    if operation.returned is None:
        return f"{asked} {since}, no answer"
    said = "" if operation.result is None else f" -> {operation.result!r}"
    return f"{asked}{said} {since} to {operation.returned:.6g}"


def read_history(history: Iterable[Any]) -> tuple[Operation, ...]:
    """Take operations, or plain tuples of the same seven fields, and say what is wrong.

    Parameters
    ----------
    history
        In any order.

    Returns
    -------
    tuple of Operation
        In the order given.

    Raises
    ------
    ValueError
        For a row that is not an operation, or for a process with two operations at once.

    Examples
    --------
    >>> read_history([("ann", 2, 1, "read", "cart", None, "milk")])
    Traceback (most recent call last):
    ValueError: operation 0 (ann read('cart')): returned must not lie before invoked, 2, got 1
    """
    given: Any = history
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ValueError(f"history must be a sequence of operations, got {given!r}")
    operations = tuple(read_row(place, row) for place, row in enumerate(given))
    for process in by_process(operations).values():
        refuse_overlap(process)
    return operations


def read_row(place: int, row: Any) -> Operation:
    """Take one row of a history, or say what is wrong with it."""
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 7:
        names = ", ".join(Operation._fields)
        raise ValueError(f"operation {place} must be ({names}), got {row!r}")
    operation = row if isinstance(row, Operation) else Operation(*row)
    wrong = find_fault(operation)
    if wrong:
        refuse_operation(operation, wrong, place)
    return operation


def find_fault(operation: Operation) -> str:
    """Say what is wrong with an operation by itself; nothing if it is sound."""
    fields: tuple[Any, ...] = operation
    process, invoked, returned, function, key, _, _ = fields
    if key is None or not is_value(key):
        return f"key must be a hashable value other than None, and equal to itself, got {key!r}"
    if not is_value(process):
        return f"process must be a hashable value, and equal to itself, got {process!r}"
    if not isinstance(function, str):
        return f"function must be a name, got {function!r}"
    if not is_finite(invoked):
        return f"invoked must be a finite number of seconds, got {shown(invoked)}"
    if returned is not None and not is_finite(returned):
        return f"returned must be a finite number of seconds or None, got {shown(returned)}"
    if returned is not None and returned < invoked:
        return f"returned must not lie before invoked, {shown(invoked)}, got {shown(returned)}"
    return ""


def is_value(value: Any) -> bool:
    """Tell whether a value can be looked up: no list, and not NaN."""
    try:
        hash(value)
    except TypeError:
        return False
    return bool(value == value)


def refuse_operation(operation: Operation, wrong: str, place: int | None = None) -> None:
    """Raise an error that names the operation."""
    which = "operation" if place is None else f"operation {place}"
    named = f"{operation.process} {operation.function}({operation.key!r})"
    raise ValueError(f"{which} ({named}): {wrong}")


def refuse_overlap(operations: Sequence[Operation]) -> None:
    """Raise an error if a process asked again before it had heard.

    An operation without an answer does not count: the process gave up waiting for it.
    """
    last = None
    for operation in operations:
        if last is not None and operation.invoked < last.end:
            raise ValueError(
                f"process {operation.process!r} does two things at once: "
                f"{tell(last)}, and {tell(operation)}"
            )
        last = operation if operation.is_known else last


def by_time(operations: Iterable[Operation]) -> list[Operation]:
    """Order operations by when they were asked for, then by when they were answered or given up.

    Those at the same time stay in the order given.
    """
    return sorted(
        operations, key=lambda o: (o.invoked, o.invoked if o.returned is None else o.returned)
    )


def by_process(operations: Iterable[Operation]) -> dict[Hashable, list[Operation]]:
    """Give each process's operations in the order in which it asked."""
    return group(by_time(operations), "process")


def by_key(operations: Iterable[Operation]) -> dict[Hashable, list[Operation]]:
    """Give each key's operations in the order in which they were asked for."""
    return group(by_time(operations), "key")


def group(operations: Iterable[Operation], field: str) -> dict[Hashable, list[Operation]]:
    """Gather operations that share a field."""
    groups: dict[Hashable, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(getattr(operation, field), []).append(operation)
    return groups
