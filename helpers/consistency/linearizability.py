"""Could one copy, serving one request at a time, have given these answers?

A history is linearizable when each operation can be given one moment between its invocation
and its return, so that the operations, in the order of these moments, are what a single copy
would do (Herlihy and Wing, 1990). Then no client can tell that there are many copies. The
property is local: a history has it when the history of each key has it, so keys are judged one
by one.

To find an order is hard in general (NP-complete), so a search has a budget. One that does not
suffice is said to be undecided; nothing is ever guessed.
"""

import heapq
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers import require
from helpers.consistency.counterexample import Counterexample, find_counterexample
from helpers.consistency.histories import Operation, by_key, read_history, refuse_operation
from helpers.consistency.search import (
    LINEARIZABLE,
    NOT_LINEARIZABLE,
    UNDECIDED,
    Finding,
    search,
)
from helpers.consistency.specifications import Specification, specification_named

BUDGET = 50_000
"""Piles kept note of for each key: some 10 MB for a hundred operations, 130 MB for a thousand that
all overlap."""


@dataclass(frozen=True)
class Verdict:
    """What can be said of a history.

    In a condition it is true or false, and an error where it is undecided.

    Attributes
    ----------
    outcome
        "linearizable", "not linearizable" or "undecided".
    order
        If linearizable, the operations in an order that explains every answer; those without an
        answer that are not in it need not have happened.
    counterexample
        If not, the operation whose answer cannot be explained.
    undecided
        The keys whose budget did not suffice.
    examined
        How many piles were kept note of, over all keys.
    """

    outcome: str
    order: tuple[Operation, ...] = field(default=(), repr=False)
    counterexample: Counterexample | None = None
    undecided: tuple[Hashable, ...] = ()
    examined: int = 0

    def __bool__(self) -> bool:
        if self.outcome == UNDECIDED:
            raise ValueError(f"this history could not be judged: {self!r}; give a larger budget")
        return self.outcome == LINEARIZABLE

    def __repr__(self) -> str:
        if self.outcome == UNDECIDED:
            keys = ", ".join(repr(key) for key in self.undecided)
            return f"Verdict: undecided for {keys} after {self.examined:,} piles"
        if self.counterexample is not None:
            return f"Verdict: not linearizable; {self.counterexample.explanation}"
        return f"Verdict: {self.outcome}, {len(self.order):,} operations in order"


def is_linearizable(
    history: Iterable[Any], specification: str | Specification = "register", budget: int = BUDGET
) -> Verdict:
    """Judge whether one copy, serving one request at a time, could have given these answers.

    Parameters
    ----------
    history
        Operations, or tuples (process, invoked, returned or None, function, key, argument,
        result), in any order. An operation that was refused, so that it surely had no effect, does
        not belong in it; one without an answer does, with None for returned. Operations of
        different processes overlap where their times are equal. Values are the same where Python
        says so: 1, 1.0 and True are one value.
    specification
        "register" (read; write; cas with (expected, new), answering True or False), "append"
        (get, put, append), or a `Specification`.
    budget
        Piles that may be kept note of for each key, at least 1. It bounds time and memory, both
        for a history of a given length: each pile takes a bit and more for each operation.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        For a history that cannot be one, naming the operation.

    Examples
    --------
    >>> write = "ann", 0, 1, "write", "cart", "milk", None
    >>> is_linearizable([write, ("ben", 2, 3, "read", "cart", None, "milk")])
    Verdict: linearizable, 2 operations in order
    >>> is_linearizable([write, ("ben", 2, 3, "read", "cart", None, None)])
    Verdict: not linearizable; ben read('cart') at 2 to 3 cannot have got None
    """
    rules = specification_named(specification)
    budget = require.whole("budget", budget)
    keys = by_key(check_history(history, rules))
    findings = {key: search(operations, rules, budget) for key, operations in keys.items()}
    examined = sum(finding.examined for finding in findings.values())
    wrong = [key for key, finding in findings.items() if finding.outcome == NOT_LINEARIZABLE]
    if wrong:
        shown = [find_counterexample(keys[key], rules, budget) for key in wrong]
        first = min(shown, key=lambda found: found.offender.end)
        return Verdict(NOT_LINEARIZABLE, (), first, (), examined)
    undecided = tuple(key for key, finding in findings.items() if finding.outcome == UNDECIDED)
    if undecided:
        return Verdict(UNDECIDED, (), None, undecided, examined)
    return Verdict(LINEARIZABLE, tuple(merge_orders(findings.values())), None, (), examined)


def check_history(history: Iterable[Any], rules: Specification) -> tuple[Operation, ...]:
    """Take a history, and say what in it no store of this kind can have."""
    operations = read_history(history)
    for place, operation in enumerate(operations):
        if operation.function not in rules.functions:
            known = ", ".join(rules.functions)
            wrong = f"function must be one of {known}, got {operation.function!r}"
            refuse_operation(operation, wrong, place)
        wrong = rules.find_fault(operation)
        if wrong:
            refuse_operation(operation, wrong, place)
    return operations


def merge_orders(findings: Iterable[Finding]) -> Iterator[Operation]:
    """Merge the orders of keys by the earliest moments at which each step can be."""
    timed = [list(enumerate_moments(finding.order)) for finding in findings]
    for _, _, operation in heapq.merge(*timed, key=lambda step: step[:2]):
        yield operation


def enumerate_moments(
    order: Sequence[Operation],
) -> Iterator[tuple[float, float, Operation]]:
    """Give each operation the earliest moment that its own invocation and the others allow."""
    moment = float("-inf")
    for operation in order:
        moment = max(moment, operation.invoked)
        yield moment, operation.invoked, operation
