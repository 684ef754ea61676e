"""A register, for the search: which values must yet be seen, and who can still write them."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

from helpers.consistency.histories import Operation
from helpers.consistency.stale_reads import has_stale_read

UNSEEN = 0
"""Stands for all the values that nobody read and no cas looked for: they are as good as one."""


class RegisterRules:
    """The operations on one register, as numbers.

    Values become whole numbers from 0. `seen_by` and `needed_by` are, for each value, those who
    look for it and those who must find it; `made_by` those who write it.
    """

    def __init__(self, operations: Sequence[Operation], initial: Any) -> None:
        self.is_hopeless = has_stale_read(operations, initial)
        self.codes: dict[Any, int] = {}
        for operation in operations:
            self.look_for(operation)
        self.initial = self.codes.get(initial, UNSEEN)
        self.seen_by: defaultdict[int, int] = defaultdict(int)
        self.needed_by: defaultdict[int, int] = defaultdict(int)
        self.made_by: defaultdict[int, int] = defaultdict(int)
        self.watching = self.calm = self.refused = 0
        self.moves: list[tuple[int | None, int | None]] = []
        self.twins: list[Hashable] = []
        for i, operation in enumerate(operations):
            self.add(1 << i, operation)

    def look_for(self, operation: Operation) -> None:
        """Give a number to the value that an operation looks for."""
        if operation.function == "read" and operation.is_known:
            self.codes.setdefault(operation.result, len(self.codes) + 1)
        elif operation.function == "cas":
            self.codes.setdefault(operation.argument[0], len(self.codes) + 1)

    def add(self, bit: int, operation: Operation) -> None:
        """Write an operation as a move: the value that it must find, the value that it leaves."""
        found = made = None
        if operation.function == "read":
            found = self.codes[operation.result] if operation.is_known else None
            self.calm |= bit
        elif operation.function == "write":
            made = self.codes.get(operation.argument, UNSEEN)
        else:
            found = self.codes[operation.argument[0]]
            made = self.codes.get(operation.argument[1], UNSEEN)
        has_failed = operation.function == "cas" and operation.is_known and not operation.result
        if has_failed:
            made = None
            self.calm |= bit
            self.refused |= bit
        elif found is not None:
            self.seen_by[found] |= bit
            if operation.is_known:
                self.needed_by[found] |= bit
        if made is not None:
            self.made_by[made] |= bit
        if operation.is_known and operation.function != "write":
            self.watching |= bit
        self.moves.append((found, made))
        self.twins.append((found, made))

    def begin(self, todo: int) -> int | None:
        """Give the value at first; None if somebody read what was gone, or what nobody wrote."""
        return None if self.is_hopeless else self.initial

    def agrees(self, i: int, state: int) -> bool:
        """Tell whether a read, or a cas that failed, would have got its answer."""
        found = self.moves[i][0]
        return (state != found) if self.refused >> i & 1 else (state == found)

    def advance(self, i: int, state: int, todo: int) -> int | None:
        """Give the value after a write or a cas.

        None if the cas would fail, or if the value that it replaces must yet be seen and nobody
        is left to write it again.
        """
        found, made = self.moves[i]
        if made is None or (found is not None and found != state):
            return None
        rest = todo & ~(1 << i)
        if made != state and self.needed_by[state] & rest and not self.made_by[state] & rest:
            return None
        return made

    def now(self, state: int, todo: int) -> int:
        """Give the state again when some answers were given: the same."""
        return state

    def is_useless(self, i: int, after: int, todo: int) -> bool:
        """Tell whether an operation without an answer may as well never have been done."""
        return not (self.seen_by[after] | self.refused) & todo

    def is_outdone(self, i: int, state: int, ready: Sequence[int]) -> bool:
        """Tell whether this is a write, and a cas that is ready would write the same now.

        The write can wait: it fits later, wherever the cas would have.
        """
        found, made = self.moves[i]
        return found is None and any(self.moves[j] == (state, made) for j in ready)

    def builds_on(self, i: int, state: int) -> bool:
        """Tell whether this is a cas that finds what it expects."""
        return self.moves[i][0] == state and self.moves[i][1] is not None

    def is_settled(self, i: int, before: int, after: int, todo: int) -> bool:
        """Tell whether nobody left looks for the value before or after, so nothing is spoiled.

        Then any order that puts operation i and its readers later is as good with them first. A
        cas that failed may need some value not to be there, so with one of these it never is.
        """
        return not (self.seen_by[before] | self.seen_by[after] | self.refused) & todo
