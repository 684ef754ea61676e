"""The days of the lab: a network on which somebody is always cut off, and people who go on.

Every tenth of a second another one of three nodes loses the other two. The store reads and
writes two of three copies; who reads repairs by the learner's rule. Or the store has followers
that lag, and each person's page remembers by the learner's rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from helpers.consistency.model import (
    Cache,
    Leaderless,
    Network,
    Operation,
    Reply,
    Run,
    SingleLeader,
    Step,
    draw_steps,
    is_linearizable,
    newest_and_stale,
    run,
)
from helpers.consistency.store import ANSWERED

NODES = ("n1", "n2", "n3")
TURN = 0.1
TURNS = 15
DAYS = tuple(range(40))
MEMORY_DAYS = tuple(range(12))
KEYS = ("cart", "name", "likes")

Rule = Callable[[Sequence[Reply]], tuple[Reply, Sequence[str]]]
MakeMemory = Callable[[], Cache]


def stormy(seed: int) -> Network:
    """Cut off one node after the other, never the same one twice in a row.

    Examples
    --------
    >>> len(stormy(1).cuts)
    15
    """
    rng = np.random.default_rng(seed)
    network, alone = Network(mean_delay=0.01), ""
    for turn in range(TURNS):
        others = [node for node in NODES if node != alone]
        alone = others[rng.integers(len(others))]
        rest, since = set(NODES) - {alone}, TURN * (turn + 1)
        network = network.cut({alone}, rest, since=since, until=since + TURN)
    return network


def read_day(rule: Rule, seed: int) -> Run:
    """Live through one day of a store whose reads follow a rule."""
    store = Leaderless(n=3, r=2, w=2, read_repair="before", read_rule=rule)
    steps = draw_steps(clients=4, steps=25, writes=0.15, rate=40, rng=seed)
    return run(store, steps, stormy(seed), seed, route="any")


def unexplained_days(rule: Rule, seeds: Sequence[int] = DAYS) -> list[int]:
    """List the seeds of the days that one copy could not have given."""
    return [seed for seed in seeds if not is_linearizable(read_day(rule, seed).history)]


def without_repair(replies: Sequence[Reply]) -> tuple[Reply, list[str]]:
    """Choose the newest reply, and repair nobody: the store without the mechanism."""
    return newest_and_stale(replies)[0], []


def first_answer(replies: Sequence[Reply]) -> tuple[Reply, list[str]]:
    """Take the first reply, whatever it says."""
    return replies[0], []


def memory_steps(seed: int) -> tuple[Step, ...]:
    """Draw three people who save and read three things of each other."""
    return draw_steps(clients=3, steps=30, keys=KEYS, writes=0.3, rate=25, rng=seed)


def memory_day(make: MakeMemory | None, seed: int) -> Run:
    """Live through one day of people whose pages remember, or do not."""
    store = SingleLeader(read_from="any", failover_after=None)
    return run(store, memory_steps(seed), stormy(seed), seed, route="any", cache=make)


def shown_on(day: Run) -> list[Any]:
    """Give what the pages showed, one for each read that was answered, in order."""
    return [a.result for a in day.attempts if a.function == "read" and a.outcome == ANSWERED]


def with_shown(day: Run, shown: Sequence[Any]) -> Run:
    """Give a day on which the same was asked, and something else shown."""
    given = iter(shown)
    attempts = tuple(
        a._replace(result=next(given)) if a.function == "read" and a.outcome == ANSWERED else a
        for a in day.attempts
    )
    return replace(day, attempts=attempts)


def write_versions(day: Run) -> dict[Operation, Any]:
    """Give the store's versions of the writes: those tell which of two values is newer."""
    return {o: version for o, version in day.versions.items() if o.function == "write"}


class NewestKnown:
    """What a page that remembers all should show: the newest of what it wrote and was given."""

    def __init__(self) -> None:
        self.known: dict[Any, tuple[Any, Any]] = {}

    def wrote(self, key: Any, value: Any, version: Any) -> None:
        """Take note of what was saved."""
        self.read(key, value, version)

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Take note of what the store gave, and give what is newest."""
        have = self.known.get(key)
        if have is None or version > have[0]:
            self.known[key] = (version, value)
        return self.known[key][1]


class NoMemory(NewestKnown):
    """Whatever the store gave."""

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give it on."""
        return value


class OwnFirst(NoMemory):
    """What was saved here is right, for good."""

    def wrote(self, key: Any, value: Any, version: Any) -> None:
        """Take note of what was saved."""
        self.known[key] = (version, value)

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give what was saved here, if anything was."""
        return self.known.get(key, (version, value))[1]


class WritesOnly(OwnFirst):
    """What was saved here, as long as the store's is older; reads are forgotten."""

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give the newer of the two."""
        have = self.known.get(key, (version, value))
        return have[1] if have[0] > version else value


class ReadsOnly(NewestKnown):
    """What was seen here, as long as the store's is older; writes are forgotten."""

    def wrote(self, key: Any, value: Any, version: Any) -> None:
        """Forget."""


class OneShelf(NewestKnown):
    """The newest of all, whatever its key."""

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give the newest of all."""
        return super().read("all", value, version)


class FirstKept(NewestKnown):
    """What came first stays."""

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give what came first."""
        self.known.setdefault(key, (version, value))
        return self.known[key][1]


class Oldest(NewestKnown):
    """The older of the two."""

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give what is oldest."""
        have = self.known.get(key)
        if have is None or version < have[0]:
            self.known[key] = (version, value)
        return self.known[key][1]


class LastHeard(NewestKnown):
    """Own writes hold until the next read, which replaces them."""

    def wrote(self, key: Any, value: Any, version: Any) -> None:
        """Take note of what was saved."""
        self.known[key] = (version, value)

    def read(self, key: Any, value: Any, version: Any) -> Any:
        """Give what was saved, once; then believe the store."""
        return self.known.pop(key, (version, value))[1]
