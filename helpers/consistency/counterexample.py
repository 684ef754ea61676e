"""Why a history cannot be: the first answer that nothing explains.

Up to some answer everything that was heard could have come from one copy; with this answer it
no longer could. That answer is the offender. It does not depend on how one searches: a history
that is cut off earlier can always be explained when a longer one can (linearizability is
prefix-closed), so the first cut that cannot is found by halving.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

from helpers.consistency.histories import Operation, by_time, tell
from helpers.consistency.search import LINEARIZABLE, NOT_LINEARIZABLE, search
from helpers.consistency.specifications import Specification


@dataclass(frozen=True)
class Counterexample:
    """An answer that cannot be explained, and what was before it.

    Attributes
    ----------
    key
        On which key.
    offender
        The operation whose answer cannot be placed.
    explained
        All that was heard before that answer, in the longest order that still works.
    operations
        The key's operations up to that answer, in order of time; those that had not returned by
        then stand without an answer.
    specification
        The rule book.
    budget
        What a search may cost.
    """

    key: Hashable
    offender: Operation
    explained: tuple[Operation, ...]
    operations: tuple[Operation, ...]
    specification: Specification
    budget: int

    def __repr__(self) -> str:
        return f"Counterexample: {self.explanation}"

    @property
    def explanation(self) -> str:
        """Which answer cannot be, in words."""
        asked = tell(self.offender._replace(result=None))
        return f"{asked} cannot have got {self.offender.result!r}"

    @cached_property
    def core(self) -> tuple[Operation, ...]:
        """The few operations that already rule the answer out, in order of time.

        Each one is left out in turn, readers first, if the rest still rules the answer out; but
        nobody who wrote what the offender got.
        """
        kept = list(self.operations)
        others = [o for o in reversed(self.operations) if o is not self.offender]
        for operation in sorted(others, key=lambda o: o.function not in ("read", "get")):
            if self.may_have_led_to(operation):
                continue
            rest = [other for other in kept if other is not operation]
            if self.rules_out(rest):
                kept = rest
        return tuple(kept)

    def may_have_led_to(self, operation: Operation) -> bool:
        """Tell whether an operation wrote what the offender got, or what it compared with."""
        if operation.function in ("read", "get"):
            return False
        wanted = self.offender.result
        if self.offender.function == "cas":
            wanted = self.offender.argument[0]
        if self.specification.name == "append":
            return str(operation.argument) in str(wanted)
        new = operation.argument[1] if operation.function == "cas" else operation.argument
        return bool(new == wanted)

    def rules_out(self, operations: Sequence[Operation]) -> bool:
        """Tell whether operations contradict each other, and only by the offender's answer."""
        without = [other for other in operations if other is not self.offender]
        return (
            search(operations, self.specification, self.budget).outcome == NOT_LINEARIZABLE
            and search(without, self.specification, self.budget).outcome == LINEARIZABLE
        )


def find_counterexample(
    operations: Sequence[Operation], specification: Specification, budget: int
) -> Counterexample:
    """Find the first answer of a key's history that cannot be explained.

    Parameters
    ----------
    operations
        All on one key, not linearizable.
    specification
        Its rule book.
    budget
        What the search cost at most that judged it. Each of the searches here may cost a tenth;
        where that does not suffice, a later answer is named than the first.
    """
    budget = max(budget // 10, 1)
    ordered = by_time(operations)
    answers = sorted((o for o in ordered if o.is_known), key=lambda o: o.end)
    low, high = 0, len(answers) - 1
    while low < high:
        middle = (low + high) // 2
        known = first_answers(ordered, answers, middle + 1)
        if search(known, specification, budget).outcome == NOT_LINEARIZABLE:
            high = middle
        else:
            low = middle + 1
    offender = answers[low]
    before = search(first_answers(ordered, answers, low), specification, budget)
    after = tuple(first_answers(ordered, answers, low + 1))
    return Counterexample(offender.key, offender, before.order, after, specification, budget)


def first_answers(
    ordered: Sequence[Operation], answers: Sequence[Operation], number: int
) -> list[Operation]:
    """Give the history as it was known when so many answers had come."""
    until = answers[number - 1].end if number else float("-inf")
    known = set(map(id, answers[:number]))
    return [
        o if id(o) in known else o._replace(returned=None, result=None)
        for o in ordered
        if o.invoked <= until or id(o) in known
    ]
