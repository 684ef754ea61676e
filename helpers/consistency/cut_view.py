"""Three copies, three people, and a cut: who is answered, who is refused, who reads old values.

Each person asks one node, and goes on when nothing comes. While the network is cut, one node and
its person cannot hear the other two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from helpers.consistency.model import (
    Attempt,
    Leaderless,
    Majority,
    Network,
    Operation,
    Run,
    SingleLeader,
    Step,
    draw_steps,
    is_linearizable,
    run,
)
from helpers.consistency.store import ANSWERED, Store

STORES: Mapping[str, Store] = MappingProxyType(
    {
        "any copy (R = W = 1)": Leaderless(r=1, w=1),
        "quorum (R = W = 2)": Leaderless(r=2, w=2, read_repair="before"),
        "one leader, fail-over": SingleLeader(failover_after=0.3),
        "leader by majority": Majority(),
    }
)
ALONE = ("n1", "n3")
PEOPLE = MappingProxyType({"ann": "n1", "ben": "n2", "cat": "n3"})
LASTS = 3.0
CUT_AT = 0.6
LONGEST_CUT = 2.0
SEED = 4
FRESH, STALE, NOTHING = "answered", "answered, and stale", "refused or no answer"
"""What a request can come to, as the picture tells it."""
BAD = (NOTHING, STALE)


@dataclass(frozen=True)
class CutView:
    """One run in the numbers of its picture.

    Attributes
    ----------
    store
        Its name.
    alone
        The node that is cut off.
    since, until
        Seconds at which the cut begins and ends; the same where there is none.
    points
        For each person and each outcome, the seconds at which they asked.
    counts
        For each person and each outcome, how many asked while the network was cut, or in the
        whole run if it never was.
    is_explained
        Whether one copy could have given all these answers.
    gone
        Acknowledged writes that no later one replaced, and that are gone in the end.
    """

    store: str
    alone: str
    since: float
    until: float
    points: dict[str, dict[str, list[float]]]
    counts: dict[str, dict[str, int]]
    is_explained: bool
    gone: int

    def total(self, outcome: str) -> int:
        """Count over all people."""
        return sum(counts[outcome] for counts in self.counts.values())

    @property
    def in_words(self) -> str:
        """The numbers in a few sentences."""
        asked = sum(self.total(outcome) for outcome in (FRESH, STALE, NOTHING))
        when = (
            f"During the cut of {self.until - self.since:g} s" if self.is_cut else "Without a cut"
        )
        told = (
            f"{when}, of {asked} requests {self.total(NOTHING)} were refused or got no answer, "
            f"and {self.total(STALE)} reads were stale."
        )
        verdict = "could" if self.is_explained else "could not"
        return f"{self.store}: {told} One copy {verdict} have given these answers."

    @property
    def is_cut(self) -> bool:
        """Whether there is a cut at all."""
        return self.until > self.since


def stale_reads(history: tuple[Operation, ...]) -> list[Operation]:
    """List reads of what had surely been replaced when they were asked for.

    A read is stale when some write was acknowledged before the read was asked for, and had been
    asked for after the value that was read had been acknowledged.

    Examples
    --------
    >>> old, new = ("write", "x", 1, None), ("write", "x", 2, None)
    >>> ann = Operation("ann", 0, 1, *old), Operation("ann", 2, 3, *new)
    >>> late = Operation("ben", 4, 5, "read", "x", None, 1)
    >>> stale_reads((*ann, late)) == [late]
    True
    """
    writes = [o for o in history if o.function == "write"]
    ends = {(o.key, o.argument): o.end for o in writes}
    return [
        read
        for read in history
        if read.function == "read" and read.is_known
        and any(
            new.key == read.key
            and new.end < read.invoked
            and ends.get((read.key, read.result), float("-inf")) < new.invoked
            for new in writes
        )
    ]  # fmt: skip


@lru_cache(maxsize=1)
def script() -> tuple[Step, ...]:
    """Draw what the three do: ten requests a second each, every third a write."""
    drawn = draw_steps(clients=3, steps=30, writes=0.35, rate=10.0, rng=SEED)
    names = dict(zip("abc", PEOPLE, strict=True))
    numbers = dict.fromkeys(names, 0)
    steps = []
    for step in drawn:  # at even times, so that the picture is read easily
        name = names[step.client]
        at = 0.1 * numbers[step.client] + 0.03 * "abc".index(step.client)
        numbers[step.client] += 1
        steps.append(step._replace(at=at, client=name, via=PEOPLE[name]))
    return tuple(steps)


@lru_cache(maxsize=256)
def cut_and_look(store: str, alone: str, cut: float) -> CutView:
    """Run one store with one cut, and sort out what people got.

    Parameters
    ----------
    store
        One of `STORES`.
    alone
        The node that is cut off, "n1" or "n3"; n1 leads at first.
    cut
        Seconds, from 0 to 2.
    """
    until = CUT_AT + cut
    day = run(STORES[store], script(), network_cut(alone, until), rng=SEED, patience=0.2)
    return look_at_run(store, alone, until, day)


def network_cut(alone: str, until: float) -> Network:
    """Give a network whose one node, with its person, is cut off for a while."""
    if until <= CUT_AT:
        return Network()
    own = {name for name, node in PEOPLE.items() if node == alone}
    return Network().cut({alone, *own}, since=CUT_AT, until=until)


def look_at_run(store: str, alone: str, until: float, day: Run) -> CutView:
    """Sort out what people got in a run."""
    stale = {(o.process, o.invoked) for o in stale_reads(day.history)}
    points: dict[str, dict[str, list[float]]] = {}
    counts: dict[str, dict[str, int]] = {}
    for name in PEOPLE:
        points[name] = {outcome: [] for outcome in (FRESH, STALE, NOTHING)}
        counts[name] = dict.fromkeys(points[name], 0)
    for attempt in day.attempts:
        outcome = outcome_of(attempt, stale)
        points[attempt.client][outcome].append(attempt.asked)
        counts[attempt.client][outcome] += until <= CUT_AT or CUT_AT <= attempt.asked < until
    is_explained = bool(is_linearizable(day.history))
    return CutView(
        store, alone, CUT_AT, until, points, counts, is_explained, len(day.lost_writes())
    )


def outcome_of(attempt: Attempt, stale: set[tuple[object, float]]) -> str:
    """Say what a request came to."""
    if attempt.outcome != ANSWERED:
        return NOTHING
    return STALE if (attempt.client, attempt.asked) in stale else FRESH
