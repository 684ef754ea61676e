"""Find one order of a key's operations that explains every answer, or know that there is none.

Wing and Gong (1993) search like somebody sorting receipts: of those that may come next (nobody
else must have been served before them), take one, see whether its answer fits, go on, and come
back when stuck. Lowe (2017) keeps a note of every pile seen, as the set of receipts sorted and
what is then in the store: the same set and the same state need not be looked at twice.

Four more thoughts keep the piles few, and none of them loses an order that works:

- an operation that changes nothing and fits now is taken at once;
- of operations with the same effect, the one that must be done first is taken first;
- a value that must yet be seen is not overwritten when nobody is left to write it again;
- a write whose value nobody else waits for, before or after, is taken without a second choice.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.consistency.histories import Operation, by_time
from helpers.consistency.specifications import Rules, Specification

LINEARIZABLE, NOT_LINEARIZABLE, UNDECIDED = "linearizable", "not linearizable", "undecided"


@dataclass(frozen=True)
class Finding:
    """What a search came to.

    Attributes
    ----------
    outcome
        "linearizable", "not linearizable" or "undecided".
    order
        The operations in an order that explains every answer; empty if none was found. Operations
        without an answer that are not in it need not have happened.
    examined
        How many piles were kept note of.
    """

    outcome: str
    order: tuple[Operation, ...]
    examined: int


@dataclass(frozen=True)
class Pile:
    """Where the search stands: what is left, what is kept, and how it came here."""

    todo: int
    state: Any
    ready: list[int]
    taken: tuple[int, ...]
    before: "Pile | None"


class Queue:
    """A key's operations in order of time: those with an answer first, then those without.

    An operation is ready when no other that is left had returned before it was invoked. Times
    that are equal overlap, but for those of one process, which does one thing after another.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        ordered = by_time(operations)
        answered = [place for place, o in enumerate(ordered) if o.is_known]
        places = answered + [place for place, o in enumerate(ordered) if not o.is_known]
        self.operations = [ordered[place] for place in places]
        self.answered = len(answered)
        self.invoked = [operation.invoked for operation in self.operations]
        self.end = [operation.end for operation in self.operations]
        self.everything = (1 << len(self.operations)) - 1
        self.after = [0] * len(self.operations)
        self.is_followed = [False] * len(self.operations)
        self.note_touching(sorted(range(len(places)), key=places.__getitem__))

    def note_touching(self, by_time: Sequence[int]) -> None:
        """Note where a process asks again at the very time of its last answer."""
        last: dict[Hashable, int] = {}
        for i in by_time:
            process = self.operations[i].process
            before = last.get(process)
            if before is not None and self.end[before] == self.invoked[i]:
                self.after[i] = 1 << before
                self.is_followed[before] = True
            if i < self.answered:
                last[process] = i

    def ready(self, todo: int) -> list[int]:
        """List the operations that may come next."""
        found, deadline = [], math.inf
        left = todo & ((1 << self.answered) - 1)
        while left:
            bit = left & -left
            i = bit.bit_length() - 1
            if self.invoked[i] > deadline:
                break
            deadline = min(deadline, self.end[i])
            found.append(i)
            left ^= bit
        left = todo >> self.answered << self.answered
        while left:
            bit = left & -left
            i = bit.bit_length() - 1
            if self.invoked[i] > deadline:
                break
            found.append(i)
            left ^= bit
        return [i for i in found if not self.after[i] & todo]


class Search:
    """One search over the operations of one key.

    `notes` says, for each pile that was come by, what it was once calm operations were taken.
    """

    def __init__(self, operations: Sequence[Operation], specification: Specification) -> None:
        self.queue = Queue(operations)
        self.rules: Rules = specification.rules(self.queue.operations, specification.initial)
        self.unheard = self.queue.everything >> self.queue.answered << self.queue.answered
        self.notes: dict[tuple[int, Any], tuple[int, Any]] = {}

    def run(self, budget: int) -> Finding:
        """Look until an order is found, all are tried, or the notes are full."""
        todo = self.queue.everything & ~(self.rules.calm & self.unheard)
        state = self.rules.begin(todo)
        if state is None:
            return Finding(NOT_LINEARIZABLE, (), 0)
        piles = [self.settle(todo, state, (), None)]
        while piles:
            pile = piles.pop()
            if not pile.todo & self.rules.watching:
                return Finding(LINEARIZABLE, self.order_of(pile), len(self.notes))
            piles += reversed(self.choices(pile))
            if len(self.notes) > budget:
                return Finding(UNDECIDED, (), len(self.notes))
        return Finding(NOT_LINEARIZABLE, (), len(self.notes))

    def settle(self, todo: int, state: Any, taken: tuple[int, ...], before: Pile | None) -> Pile:
        """Take every operation that changes nothing and fits now."""
        while True:
            ready = self.queue.ready(todo)
            fitting = [i for i in ready if self.rules.calm >> i & 1 and self.rules.agrees(i, state)]
            if not fitting:
                return Pile(todo, self.rules.now(state, todo), ready, taken, before)
            taken += tuple(fitting)
            for i in fitting:
                todo &= ~(1 << i)

    def choices(self, pile: Pile) -> list[Pile]:
        """List the new piles that one more change leads to; one, or none, where that is enough."""
        found: list[Pile] = []
        for i in self.without_twins(pile.ready):
            after = self.rules.advance(i, pile.state, pile.todo)
            rest = pile.todo & ~(1 << i)
            is_unheard = bool(self.unheard >> i & 1)
            if after is None or (is_unheard and self.is_idle(i, pile, after, rest)):
                continue
            new: list[Pile] = []
            if (rest, after) not in self.notes:
                next_pile = self.settle(rest, after, (i,), pile)
                if is_unheard and not self.serves(next_pile):
                    continue
                new = self.note(rest, after, next_pile)
            todo, state = self.notes[rest, after]
            if self.rules.is_settled(i, pile.state, state, todo):
                return new
            found += new
        return found

    def note(self, rest: int, after: Any, pile: Pile) -> list[Pile]:
        """Keep a note of a pile, before and after it was settled, and give it if it is new."""
        note = pile.todo, pile.state
        is_new = note not in self.notes
        self.notes[rest, after] = self.notes[note] = note
        return [pile] if is_new else []

    def is_idle(self, i: int, pile: Pile, after: Any, rest: int) -> bool:
        """Tell whether an operation without an answer would help nobody, or another would do."""
        return (
            bool(after == pile.state)
            or self.rules.is_useless(i, after, rest)
            or self.rules.is_outdone(i, pile.state, pile.ready)
        )

    def serves(self, pile: Pile) -> bool:
        """Tell whether the change that led here serves the very next operation.

        What nobody heard of need not have happened until somebody is in need of it.
        """
        return len(pile.taken) > 1 or any(self.rules.builds_on(i, pile.state) for i in pile.ready)

    def without_twins(self, ready: list[int]) -> list[int]:
        """Keep, of the changes with the same effect, the one that must be done first.

        A twin that its own process follows up at the very time of its answer is kept as well.
        """
        end, is_followed = self.queue.end, self.queue.is_followed
        changes = [i for i in ready if not self.rules.calm >> i & 1]
        changes.sort(key=lambda i: (end[i], not is_followed[i], i))
        first: dict[Hashable, int] = {}
        return [
            i
            for i in changes
            if first.setdefault(self.rules.twins[i], i) == i
            or (is_followed[i] and end[i] == end[first[self.rules.twins[i]]])
        ]

    def order_of(self, pile: Pile) -> tuple[Operation, ...]:
        """Give the order found; what is left with an answer cannot be wrong, so it comes last."""
        left = pile.todo & ~self.unheard
        places = [i for i in range(self.queue.answered) if left >> i & 1]
        step: Pile | None = pile
        taken: list[tuple[int, ...]] = []
        while step is not None:
            taken.append(step.taken)
            step = step.before
        before = [i for group in reversed(taken) for i in group]
        return tuple(self.queue.operations[i] for i in before + places)


def search(operations: Sequence[Operation], specification: Specification, budget: int) -> Finding:
    """Search for an order of one key's operations.

    Parameters
    ----------
    operations
        All on one key.
    specification
        Its rule book.
    budget
        How many piles may be kept note of, at least 1.

    Examples
    --------
    >>> from helpers.consistency.specifications import REGISTER
    >>> write = Operation("ann", 0, 2, "write", "cart", "milk", None)
    >>> read = Operation("ben", 1, 3, "read", "cart", None, None)
    >>> [operation.function for operation in search([write, read], REGISTER, 100).order]
    ['read', 'write']
    """
    return Search(operations, specification).run(budget)
