"""A text that grows, for the search: what is kept must be the start of what is yet read."""

from collections.abc import Hashable, Sequence
from typing import Any

from helpers.consistency.histories import Operation

LOST = (-1, 0)
"""A text that is not the start of any answer yet to come; only a put can mend it."""

State = tuple[int, int]


class AppendRules:
    """The operations on one text, as numbers.

    A state is an answer's number and how much of that answer is there: as short for a text of a
    million letters as for an empty one.
    """

    def __init__(self, operations: Sequence[Operation], initial: Any) -> None:
        gets = {o.result: None for o in operations if o.function == "get" and o.is_known}
        self.answers: list[str] = list(gets)
        self.initial: str = initial
        numbers = {answer: number for number, answer in enumerate(self.answers)}
        self.got_by: list[int] = [0] * len(self.answers)
        self.put_for: list[int] = [0] * len(self.answers)
        self.texts: list[str] = []
        self.kinds: list[str] = []
        self.number: list[int] = []
        self.watching = self.calm = 0
        self.twins: list[Hashable] = []
        for i, operation in enumerate(operations):
            bit = 1 << i
            self.kinds.append(operation.function)
            if operation.function == "get":
                number = numbers[operation.result] if operation.is_known else -1
                self.add_get(bit, number, operation.is_known)
            else:
                self.add_change(bit, operation)

    def add_get(self, bit: int, number: int, is_known: bool) -> None:
        """Note who got an answer."""
        self.calm |= bit
        self.number.append(number)
        self.texts.append("")
        self.twins.append(("get", number))
        if is_known:
            self.got_by[number] |= bit
            self.watching |= bit

    def add_change(self, bit: int, operation: Operation) -> None:
        """Note which answers a put could lead to, and whether a text can be in any."""
        text, is_put = operation.argument, operation.function == "put"
        leads_to = [
            answer.startswith(text) if is_put else text in answer for answer in self.answers
        ]
        if is_put:
            for number, could in enumerate(leads_to):
                self.put_for[number] |= bit if could else 0
        self.number.append(-1)
        self.texts.append(text)
        self.twins.append((operation.function, text if any(leads_to) else None))

    def begin(self, todo: int) -> State | None:
        """Give the text at first; None if somebody got what nobody could have made."""
        return self.placed(self.initial, todo)

    def placed(self, text: str, todo: int) -> State | None:
        """Give the state of a text; None if an answer yet to come is out of reach of it."""
        first = -1
        for number, answer in enumerate(self.answers):
            if self.got_by[number] & todo:
                if answer.startswith(text):
                    first = number if first < 0 else first
                elif not self.put_for[number] & todo:
                    return None
        return LOST if first < 0 else (self.first_with(text, first), len(text))

    def first_with(self, text: str, number: int) -> int:
        """Give the lowest answer with this start, so that equal texts are equal states."""
        return next(i for i in range(number + 1) if self.answers[i].startswith(text))

    def agrees(self, i: int, state: State) -> bool:
        """Tell whether a get would have got its answer."""
        number = self.number[i]
        if state == LOST or number < 0:
            return False
        answer = self.answers[number]
        return len(answer) == state[1] and self.answers[state[0]].startswith(answer)

    def advance(self, i: int, state: State, todo: int) -> State | None:
        """Give the state after a put or an append; None if that leaves an answer out of reach."""
        rest = todo & ~(1 << i)
        if self.kinds[i] == "put":
            return self.placed(self.texts[i], rest)
        if state == LOST:
            return LOST
        return self.placed(self.answers[state[0]][: state[1]] + self.texts[i], rest)

    def is_useless(self, i: int, after: State, todo: int) -> bool:
        """Tell whether an operation without an answer may as well never have been done."""
        return after == LOST

    def is_outdone(self, i: int, state: State, ready: Sequence[int]) -> bool:
        """Tell whether another does the same and could do less later: none can."""
        return False

    def builds_on(self, i: int, state: State) -> bool:
        """Tell whether this is an append."""
        return self.kinds[i] == "append"

    def is_settled(self, i: int, before: State, after: State, todo: int) -> bool:
        """Tell whether the text is in no answer yet to come, before or after, so nothing spoils.

        An append may still be needed behind a put that comes later, unless no answer holds it.
        """
        return before == after == LOST and (
            self.kinds[i] == "put" or self.twins[i] == ("append", None)
        )

    def now(self, state: State, todo: int) -> State:
        """Give the state again when some answers were given: no other may start like it."""
        if state == LOST:
            return LOST
        text = self.answers[state[0]][: state[1]]
        needed = any(
            readers & todo and answer.startswith(text)
            for readers, answer in zip(self.got_by, self.answers, strict=True)
        )
        return state if needed else LOST
