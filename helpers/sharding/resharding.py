"""Moving a shard while people use it: copy, write twice, compare, switch, clean up.

A library moves to a new building without closing a day. Books are carried over shelf by
shelf; whoever returns one meanwhile has to bring it to both houses, or the new one gets
yesterday's copy. Before the sign on the door is turned, somebody walks along the shelves
and compares. And as long as readers with an old map still come, the old house stays open.

Each step can be left out here, and the run counts what that costs: writes that nobody will
ever see again, reads of old values, requests that find nothing.

Source: the double-write (or dual-write) pattern of online migrations, as in J. Xu, "Online
migrations at scale" (Stripe, 2017).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.workload import Seed, as_generator

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Step = Literal["double write", "copy", "verify", "switch", "end double write", "drop"]
STEPS: tuple[Step, ...] = get_args(Step)
"""The whole plan, in the order that loses nothing."""

READ, WRITE, COPY_OUT, COPY_IN, COMPARE = range(5)
FINE, STALE, FAILED = range(3)
NOTHING = -1
QUIET = 5.0
"""Seconds before the first step and after the last one."""


@dataclass(frozen=True, eq=False)
class ReshardRun:
    """What users met while keys moved from one shard to another.

    Attributes
    ----------
    started
        When each step was taken, in seconds; a step that was left out is not there.
    duration
        Seconds in all.
    time, key, is_write
        Of each request in order, shape (requests,).
    outcome
        0 for fine, 1 for a read that gave an old value, 2 for a request that failed: a read
        that found nothing where there was something, or a write that a shard did not take.
    lost_keys
        Keys whose last acknowledged write is not on the new shard in the end.
    lost_writes
        Acknowledged writes that are newer than what the shard that serves in the end holds:
        nobody will ever read them.
    """

    started: Mapping[str, float]
    duration: float
    time: Floats
    key: Numbers
    is_write: NDArray[np.bool_]
    outcome: NDArray[np.int8]
    lost_keys: Numbers
    lost_writes: int

    def __repr__(self) -> str:
        return (
            f"ReshardRun: {len(self.time):,} requests, {self.lost_writes} writes lost, "
            f"{self.stale_reads} stale reads, {self.failed} failed"
        )

    @cached_property
    def stale_reads(self) -> int:
        """Reads that gave an older value than the last one acknowledged."""
        return int(np.count_nonzero(self.outcome == STALE))

    @cached_property
    def failed(self) -> int:
        """Requests that found nothing, or nobody."""
        return int(np.count_nonzero(self.outcome == FAILED))

    @property
    def is_clean(self) -> bool:
        """Whether no user could tell that anything happened."""
        return self.lost_writes == self.stale_reads == self.failed == 0

    def per_second(self, outcome: int) -> Numbers:
        """Count an outcome in each second, shape (seconds,)."""
        seconds = self.time[self.outcome == outcome].astype(np.int64)
        return np.bincount(seconds, minlength=math.ceil(self.duration))


def reshard(
    steps: Sequence[Step] = STEPS,
    *,
    keys: int = 500,
    writes_per_second: float = 50.0,
    reads_per_second: float = 200.0,
    clients: int = 20,
    lag: float = 2.0,
    is_patient: bool = True,
    copy_seconds: float = 20.0,
    verify_seconds: float = 5.0,
    copy_gap: float = 0.5,
    newest_wins: bool = False,
    rng: Seed = 0,
) -> ReshardRun:
    """Move keys to a new shard while clients read and write them.

    Parameters
    ----------
    steps
        Some of `STEPS`, each once, in any order.
    keys
        How many move, at least 1. All are asked for alike.
    writes_per_second, reads_per_second
        Of all clients together, at least 0 and above 0.
    clients
        How many servers of the application ask, at least 1.
    lag
        Seconds until the last client has heard of a step, at least 0; each hears of every step
        after its own part of that.
    is_patient
        Whether the next step waits until all have heard of the one before.
    copy_seconds, verify_seconds
        How long it takes to go through all keys once, above 0. Who verifies goes through the
        keys of the new shard, and takes over what the old one has newer.
    copy_gap
        Seconds between reading a value from the old shard and writing it to the new one, at
        least 0. A write between the two is overwritten, unless `newest_wins`.
    newest_wins
        Whether the copier compares versions before it writes.
    rng
        A seed or a generator. The same seed has the same requests, whatever the steps.

    Examples
    --------
    >>> reshard().is_clean
    True
    >>> reshard(("copy", "switch", "drop"))
    ReshardRun: 8,476 requests, 262 writes lost, 707 stale reads, 0 failed
    """
    given = check_steps(steps)
    keys, clients = require.whole("keys", keys), require.whole("clients", clients)
    require.positive("reads_per_second", reads_per_second)
    require.positive("copy_seconds", copy_seconds)
    require.positive("verify_seconds", verify_seconds)
    for name, value in (("writes_per_second", writes_per_second), ("copy_gap", copy_gap)):
        require.not_negative(name, value)
    takes = {"copy": copy_seconds + copy_gap, "verify": verify_seconds}
    started, duration = schedule(given, takes, require.not_negative("lag", lag), is_patient)
    chance = as_generator(rng, "resharding")
    heard = lag * chance.random(clients)
    asked = draw_requests(chance, duration, reads_per_second, writes_per_second, keys, clients)
    passes = (
        passing(COPY_OUT, started.get("copy"), copy_seconds, keys),
        passing(COPY_IN, started.get("copy"), copy_seconds, keys, late=copy_gap),
        passing(COMPARE, started.get("verify"), verify_seconds, keys),
    )
    events = in_order(asked, *passes)
    begins = np.array([started.get(step, np.inf) for step in STEPS])
    stores = Stores.of(keys)
    outcome = np.zeros(events.time.size, dtype=np.int8)
    run_events(*events, begins, heard, bool(newest_wins), *stores, outcome)
    is_request = events.kind <= WRITE
    final = stores.new if "switch" in started else stores.old
    if "switch" not in started and "drop" in started:
        final = np.full(keys, NOTHING)
    version = 1 + np.flatnonzero(is_request)
    key, is_write = events.key[is_request], events.kind[is_request] == WRITE
    is_gone = is_write & (outcome[is_request] == FINE) & (version > final[key])
    return ReshardRun(
        started=started,
        duration=duration,
        time=events.time[is_request],
        key=key,
        is_write=is_write,
        outcome=outcome[is_request],
        lost_keys=np.flatnonzero(stores.acknowledged > final),
        lost_writes=int(np.count_nonzero(is_gone)),
    )


def check_steps(steps: Sequence[str]) -> tuple[str, ...]:
    """Refuse a step that is unknown or there twice."""
    given = (steps,) if isinstance(steps, str) else tuple(steps)
    for step in given:
        if step not in STEPS:
            raise ValueError(f"steps must be of {', '.join(STEPS)}, got {step!r}")
        if given.count(step) > 1:
            raise ValueError(f"steps must hold each step once, got {step!r} twice")
    return given


def schedule(
    steps: Sequence[str], takes: Mapping[str, float], lag: float, is_patient: bool
) -> tuple[dict[str, float], float]:
    """Give when each step begins, and when all is over and everybody knows.

    Examples
    --------
    >>> schedule(["copy", "switch"], {"copy": 20.0}, lag=2.0, is_patient=True)
    ({'copy': 5.0, 'switch': 25.0}, 32.0)
    """
    now, started = QUIET, {}
    for step in steps:
        started[step] = now
        now += takes.get(step, lag if is_patient else 0.0)
    return started, now + QUIET + (0.0 if is_patient else lag)


class Events(NamedTuple):
    """What happens, in order of time, shape (events,)."""

    time: Floats
    kind: Numbers
    key: Numbers
    client: Numbers


class Stores(NamedTuple):
    """The newest version of each key here and there, shape (keys,)."""

    old: Numbers
    new: Numbers
    in_transit: Numbers
    acknowledged: Numbers

    @classmethod
    def of(cls, keys: int) -> "Stores":
        """Give an old shard with a first version of everything, and an empty new one."""
        first, nothing = np.zeros(keys, dtype=np.int64), np.full(keys, NOTHING)
        return cls(first, nothing, nothing.copy(), first.copy())


def draw_requests(
    chance: np.random.Generator,
    duration: float,
    reads_per_second: float,
    writes_per_second: float,
    keys: int,
    clients: int,
) -> Events:
    """Draw who reads and writes what, and when; for longer, more follow after the same ones."""
    rate = reads_per_second + writes_per_second
    when, what, which, who = chance.spawn(4)
    most = math.ceil(rate * duration + 10 * math.sqrt(rate * duration) + 10)
    time = np.cumsum(when.exponential(1 / rate, most))
    time = time[time < duration]
    is_write = what.random(time.size) < writes_per_second / rate
    key = which.integers(keys, size=time.size)
    return Events(time, is_write.astype(np.int64), key, who.integers(clients, size=time.size))


def passing(kind: int, start: float | None, takes: float, keys: int, late: float = 0.0) -> Events:
    """Go through all keys once, at an even pace; not at all without a start."""
    key = np.arange(keys if start is not None else 0)
    time = (start or 0.0) + late + takes * (key + 0.5) / keys
    return Events(time, np.full(key.size, kind), key, np.zeros(key.size, dtype=np.int64))


def in_order(*several: Events) -> Events:
    """Put events in order of time."""
    columns = [np.concatenate(column) for column in zip(*several, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Events(*(column[order] for column in columns))


@kernel
def run_events(
    time: Floats,
    kind: Numbers,
    key: Numbers,
    client: Numbers,
    begins: Floats,
    heard: Floats,
    newest_wins: bool,
    old: Numbers,
    new: Numbers,
    in_transit: Numbers,
    acknowledged: Numbers,
    outcome: NDArray[np.int8],
) -> None:
    """Let requests, copier and comparer meet; a version is the number of its event, from 1."""
    for i in range(time.size):
        what, it, version = kind[i], key[i], i + 1
        is_dropped = begins[5] <= time[i]
        told = time[i] - heard[client[i]]
        is_double = begins[0] <= told and told < begins[4]
        is_switched = begins[3] <= told
        if what == 0:
            found = new[it] if is_switched else (-1 if is_dropped else old[it])
            if found < acknowledged[it]:
                outcome[i] = 2 if found < 0 else 1
        elif what == 1:
            if is_dropped and (is_double or not is_switched):
                outcome[i] = 2
                continue
            acknowledged[it] = version
            if is_double or not is_switched:
                old[it] = version
            if is_double or is_switched:
                new[it] = version
        elif what == 2:
            in_transit[it] = -1 if is_dropped else old[it]
        elif what == 3:
            if in_transit[it] >= 0 and not (newest_wins and in_transit[it] < new[it]):
                new[it] = in_transit[it]
        elif not is_dropped and 0 <= new[it] < old[it]:
            new[it] = old[it]
