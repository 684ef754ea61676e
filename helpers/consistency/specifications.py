"""What a store should do if there were only one copy, and one client at a time.

A specification is the rule book of one key: how each function changes what is kept, and what
it answers. `REGISTER` keeps a value (read, write, and cas: compare and set); `APPEND_STORE`
keeps a text (get, put, append). Nothing in it knows of copies, clients or time.

To judge a history, the operations of a key are written as numbers once, with what can be known
before any search: which never change anything, which are alike, which value must yet be seen.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from helpers.consistency.append_rules import AppendRules
from helpers.consistency.histories import Operation, is_value
from helpers.consistency.register_rules import RegisterRules


class Rules(Protocol):
    """What the search asks about a key's operations, each by its number.

    Sets of operations are whole numbers, a bit for each. `todo` are those without a place yet.

    Attributes
    ----------
    watching
        Those with an answer that could be wrong.
    calm
        Those that never change what is kept.
    twins
        For each, a mark that it shares with those of the same effect.
    """

    watching: int
    calm: int
    twins: list[Hashable]

    def begin(self, todo: int) -> Any:
        """Give the state before anything happened; None if there is no hope from the start."""

    def agrees(self, i: int, state: Any) -> bool:
        """Tell whether a calm operation would have got its answer."""

    def advance(self, i: int, state: Any, todo: int) -> Any:
        """Give the state after an operation; None if it cannot come now, or leaves no hope."""

    def now(self, state: Any, todo: int) -> Any:
        """Give the state again when calm operations have got their answers."""

    def is_useless(self, i: int, after: Any, todo: int) -> bool:
        """Tell whether an operation without an answer may as well never have been done."""

    def is_outdone(self, i: int, state: Any, ready: Sequence[int]) -> bool:
        """Tell whether another that is ready does the same now, and could do less later."""

    def builds_on(self, i: int, state: Any) -> bool:
        """Tell whether what an operation leaves depends on the state that it finds."""

    def is_settled(self, i: int, before: Any, after: Any, todo: int) -> bool:
        """Tell whether no other choice than operation i can do better."""


@dataclass(frozen=True)
class Specification:
    """The rule book of one key.

    Attributes
    ----------
    name
        What it is called.
    initial
        What is kept before anything is written.
    functions
        What can be asked for.
    apply
        Gives what is kept after a function, and the answer.
    find_fault
        Says what is wrong with an operation, if anything.
    rules
        Writes a key's operations as numbers for the search.
    """

    name: str
    initial: Hashable
    functions: tuple[str, ...]
    apply: Callable[[Any, str, Any], tuple[Any, Any]]
    find_fault: Callable[[Operation], str]
    rules: Callable[[Sequence[Operation], Any], Rules]

    def __repr__(self) -> str:
        return f"Specification: {self.name}, {self.initial!r} at first"


def apply_register(state: Any, function: str, argument: Any) -> tuple[Any, Any]:
    """Read, write, or compare and set one value.

    Examples
    --------
    >>> apply_register("tea", "cas", ("tea", "milk"))
    ('milk', True)
    >>> apply_register("milk", "cas", ("tea", "cocoa"))
    ('milk', False)
    """
    if function == "read":
        return state, state
    if function == "write":
        return argument, None
    if function == "cas":
        expected, new = argument
        return (new, True) if state == expected else (state, False)
    raise ValueError(f"function must be one of read, write, cas, got {function!r}")


def apply_append(state: str, function: str, argument: Any) -> tuple[str, Any]:
    """Get, replace, or lengthen a text.

    Examples
    --------
    >>> apply_append("ab", "append", "c")
    ('abc', None)
    """
    if function == "get":
        return state, state
    if function == "put":
        return argument, None
    if function == "append":
        return state + argument, None
    raise ValueError(f"function must be one of get, put, append, got {function!r}")


def find_register_fault(operation: Operation) -> str:
    """Say what is wrong with an operation on a register."""
    _, _, returned, function, _, argument, result = operation
    if function == "cas":
        if not (isinstance(argument, tuple | list) and len(argument) == 2):
            return f"argument of cas must be (expected, new), got {argument!r}"
        if returned is not None and result is not True and result is not False:
            return f"result of cas must be True or False, got {result!r}"
        values = tuple(argument)
    else:
        values = (argument,) if function == "write" else (result if returned is not None else None,)
    strange = [value for value in values if not is_value(value)]
    return f"values must be hashable and equal to themselves, got {strange[0]!r}" if strange else ""


def find_append_fault(operation: Operation) -> str:
    """Say what is wrong with an operation on a text."""
    if operation.function != "get" and not isinstance(operation.argument, str):
        return f"argument of {operation.function} must be a text, got {operation.argument!r}"
    if operation.function == "get" and operation.is_known and not isinstance(operation.result, str):
        return f"result of get must be a text, '' for a missing key, got {operation.result!r}"
    return ""


def register(initial: Hashable = None) -> Specification:
    """Make the rule book of a register that holds something at first.

    Parameters
    ----------
    initial
        What a read gives before the first write.

    Raises
    ------
    ValueError
        For a list, for NaN, and whatever else cannot be looked up.

    Examples
    --------
    >>> register(initial=0)
    Specification: register, 0 at first
    """
    if not is_value(initial):
        raise ValueError(f"initial must be hashable and equal to itself, got {initial!r}")
    functions = ("read", "write", "cas")
    return Specification(
        "register", initial, functions, apply_register, find_register_fault, RegisterRules
    )


REGISTER = register()
APPEND_STORE = Specification(
    "append", "", ("get", "put", "append"), apply_append, find_append_fault, AppendRules
)
SPECIFICATIONS = {rules.name: rules for rules in (REGISTER, APPEND_STORE)}


def specification_named(name: str | Specification) -> Specification:
    """Give the rule book of a name, "register" or "append", or the rule book itself.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> specification_named("append")
    Specification: append, '' at first
    """
    if isinstance(name, Specification):
        return name
    if not isinstance(name, str) or name not in SPECIFICATIONS:
        raise ValueError(f"specification must be one of {', '.join(SPECIFICATIONS)}, got {name!r}")
    return SPECIFICATIONS[name]
