"""What clients lived through: their attempts, the history, and what is left in the store."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.consistency.histories import Operation, by_time
from helpers.consistency.network import Network
from helpers.consistency.store import ANSWERED, REFUSED, Store, Version

UNANSWERED = "unanswered"


class Attempt(NamedTuple):
    """What came of a step.

    Attributes
    ----------
    client, function, key, argument, result
        As in an operation.
    node
        Which node was asked last.
    asked, ended
        Seconds.
    outcome
        "answered", "refused", or "unanswered".
    version
        Of what was read or written, if answered.
    """

    client: str
    function: str
    key: Hashable
    argument: Any
    result: Any
    node: str
    asked: float
    ended: float
    outcome: str
    version: Version


@dataclass(frozen=True, eq=False)
class Run:
    """What clients lived through.

    Attributes
    ----------
    attempts
        What came of each step, in the order in which they ended.
    survivors
        For each key, the values that are left in the store at the end.
    messages
        How many were sent.
    duration
        Seconds from the start to the last answer.
    store, network, seed
        What makes the same run again.
    """

    attempts: tuple[Attempt, ...]
    survivors: dict[Hashable, tuple[Any, ...]]
    messages: int
    duration: float
    store: Store
    network: Network
    seed: int

    def __repr__(self) -> str:
        return (
            f"Run: {len(self.attempts)} requests, {self.answered} answered, "
            f"{self.refused} refused, {self.unanswered} without an answer; "
            f"{type(self.store).__name__}, seed {self.seed}"
        )

    @cached_property
    def history(self) -> tuple[Operation, ...]:
        """What was asked and heard, by time; a refusal is no operation."""
        return tuple(by_time(operation_of(a) for a in self.attempts if a.outcome != REFUSED))

    @cached_property
    def versions(self) -> dict[Operation, Version]:
        """The store's own version of what each answered operation read or wrote."""
        return {operation_of(a): a.version for a in self.attempts if a.outcome == ANSWERED}

    @property
    def answered(self) -> int:
        """How many requests got an answer."""
        return self.count(ANSWERED)

    @property
    def refused(self) -> int:
        """How many were told that nothing was done."""
        return self.count(REFUSED)

    @property
    def unanswered(self) -> int:
        """How many do not know what became of their request."""
        return self.count(UNANSWERED)

    def count(self, outcome: str) -> int:
        """Count the requests that ended so."""
        return sum(attempt.outcome == outcome for attempt in self.attempts)

    @property
    def availability(self) -> float:
        """Share of the requests that got an answer."""
        return self.answered / len(self.attempts) if self.attempts else 1.0

    def latencies(self, function: str | None = None) -> NDArray[np.float64]:
        """Give the seconds until an answer, of one function or of all, in the order of ends."""
        return np.array(
            [
                a.ended - a.asked
                for a in self.attempts
                if a.outcome == ANSWERED and function in (None, a.function)
            ]
        )

    def lost_writes(self) -> tuple[Operation, ...]:
        """List acknowledged writes that are gone, though nothing came after them to replace them.

        A write is gone when it is not among the survivors of its key, and each of these had been
        written, and acknowledged, before it was even asked for.
        """
        end_of: dict[tuple[Hashable, Any], float] = {}
        for o in self.history:
            if o.function != "read" and not (o.is_known and o.result is False):
                value = o.argument[1] if o.function == "cas" else o.argument
                end_of[o.key, value] = o.end
        return tuple(
            o
            for o in self.history
            if o.function == "write"
            and o.is_known
            and o.argument not in self.survivors.get(o.key, ())
            and all(
                end_of.get((o.key, value), -np.inf) < o.invoked
                for value in self.survivors.get(o.key, ())
            )
        )


def operation_of(attempt: Attempt) -> Operation:
    """Write an attempt as an operation of a history."""
    is_known = attempt.outcome == ANSWERED
    return Operation(
        attempt.client,
        attempt.asked,
        attempt.ended if is_known else None,
        attempt.function,
        attempt.key,
        attempt.argument,
        attempt.result if is_known else None,
    )
