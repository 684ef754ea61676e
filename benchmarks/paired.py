"""Who does the same job how fast: all in one run, in turns, told as ratios.

A machine is never quite the same twice: other work comes and goes, and so does its clock
rate. So all contenders meet in every round, in shuffled order, and a ratio is taken within
a round, where both had the same weather. The median of the ratios is what counts.
"""

import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers import require

Floats = NDArray[np.float64]
Clock = Callable[[], float]
Job = Callable[[], Any]

OURS = "course"
TURN = 0.05
"""Seconds that a turn lasts at least: a short job is repeated within it."""


class AbsentError(Exception):
    """A contender cannot take part on this machine; the message says why."""


class DisagreementError(Exception):
    """A contender did not do the same job, so its speed says nothing."""


@dataclass(frozen=True)
class Contender:
    """One way to do a topic's jobs.

    Attributes
    ----------
    name
        What it is.
    peer
        Whom it stands for: of several ways of one peer, the fastest counts.
    prepare
        Takes a scenario's case and a number of requests, and returns the job to time. It
        returns None where the contender is not made for the case, and raises `AbsentError`
        where it cannot be had.
    share
        How many of the requests it is given, from 0 to 1: a slow one gets fewer.
    tolerance
        How far its answers may be off; 0 asks for the same bits.
    """

    name: str
    peer: str
    prepare: Callable[[Any, int], Job | None]
    share: float = 1.0
    tolerance: float = 0.0


@dataclass(frozen=True)
class Scenario:
    """A job that all contenders do.

    Attributes
    ----------
    name, scope
        What is done, and which part of it the clock sees.
    case
        Whatever the topic's contenders need to know; handed on as it is.
    targets
        For some peers, how many times as fast ours shall be at least.
    """

    name: str
    scope: str
    case: Any
    targets: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A contender at the start line, with its job and how many requests that is."""

    contender: Contender
    job: Job
    requests: int


@dataclass(frozen=True)
class Ratio:
    """How many times as fast ours was: the median over the rounds, the least and the most."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Floats, theirs: Floats) -> "Ratio":
        """Divide round by round, then take the middle.

        Parameters
        ----------
        ours, theirs
            Requests per second in each round, above 0, shape (rounds,).

        Examples
        --------
        >>> Ratio.of(np.array([2.0, 9.0, 4.0]), np.array([1.0, 3.0, 1.0]))
        Ratio(median=3.0, low=2.0, high=4.0)
        """
        ratios = ours / theirs
        return cls(float(np.median(ratios)), float(ratios.min()), float(ratios.max()))


@dataclass(frozen=True)
class Comparison:
    """Ours against one peer.

    Attributes
    ----------
    peer, contender
        Whom, and by which of its ways.
    rate
        Requests per second of the peer: the median over the rounds.
    ratio
        Ours over the peer's.
    target
        What the ratio's median shall reach, or None.
    """

    peer: str
    contender: str
    rate: float
    ratio: Ratio
    target: float | None

    @property
    def verdict(self) -> str:
        """Whether the target is reached; nothing where there is none."""
        if self.target is None:
            return ""
        reached = self.ratio.median >= self.target
        return f"{'reached' if reached else 'not reached'}: {self.target:g}"


@dataclass(frozen=True)
class Result:
    """What a scenario's rounds gave.

    Attributes
    ----------
    rate
        Requests per second of ours: the median over the rounds.
    requests, rounds
        How many requests ours had, and how many rounds there were.
    comparisons
        One for each peer, in the order of the contenders.
    absent
        For those that could not take part, why.
    """

    scenario: Scenario
    rate: float
    requests: int
    rounds: int
    comparisons: tuple[Comparison, ...]
    absent: tuple[str, ...]


def run_scenario(
    scenario: Scenario,
    contenders: Iterable[Contender],
    requests: int,
    rounds: int,
    rng: int | np.random.Generator = 0,
    clock: Clock = time.perf_counter,
) -> Result:
    """Let all contenders do the job, see that they agree, then time them in turns.

    Parameters
    ----------
    requests
        How many the fastest get, at least 1.
    rounds
        At least 1; seven or more for a number to be published.
    rng
        Shuffles the order within each round.
    clock
        Gives the time in seconds.

    Raises
    ------
    DisagreementError
        When a contender's answers are not ours.
    """
    require.whole("requests", requests)
    require.whole("rounds", rounds)
    entries, absent = enter(scenario, contenders, requests)
    check_agreement(entries)
    repeats = [repeats_for(entry.job, clock) for entry in entries]
    seconds = time_rounds(entries, repeats, rounds, np.random.default_rng(rng), clock)
    rates = np.array([entry.requests for entry in entries]) / seconds
    ours = index_of_ours(entries)
    return Result(
        scenario=scenario,
        rate=float(np.median(rates[:, ours])),
        requests=entries[ours].requests,
        rounds=rounds,
        comparisons=tuple(compare(entries, rates, scenario.targets)),
        absent=tuple(absent),
    )


def enter(
    scenario: Scenario, contenders: Iterable[Contender], requests: int
) -> tuple[list[Entry], list[str]]:
    """Prepare each contender's job; give those that take part, and why others cannot."""
    entries, absent = [], []
    for contender in contenders:
        its_requests = max(1, round(requests * contender.share))
        try:
            job = contender.prepare(scenario.case, its_requests)
        except AbsentError as reason:
            absent.append(str(reason))
        else:
            if job is not None:
                entries.append(Entry(contender, job, its_requests))
    return entries, list(dict.fromkeys(absent))


def index_of_ours(entries: Sequence[Entry]) -> int:
    """Find the course's own contender, of which there must be one."""
    found = [i for i, entry in enumerate(entries) if entry.contender.peer == OURS]
    if len(found) != 1:
        raise ValueError(f"contenders must hold {OURS!r} once, got it {len(found)} times")
    return found[0]


def check_agreement(entries: Sequence[Entry]) -> None:
    """See that every contender's answers are ours, for as many requests as it had.

    A job returns one array or several of them; what comes later must not change what came
    before, so that fewer requests give the beginning of the same answers.
    """
    expected = answers(entries[index_of_ours(entries)].job())
    for entry in entries:
        if entry.contender.peer != OURS:
            check_same(entry, answers(entry.job()), expected)


def answers(result: Any) -> tuple[Floats, ...]:
    """Give a job's result as a tuple of arrays."""
    several = result if isinstance(result, tuple) else (result,)
    return tuple(np.asarray(array) for array in several)


def check_same(entry: Entry, given: tuple[Floats, ...], expected: tuple[Floats, ...]) -> None:
    """Compare request by request, bit for bit unless the contender has a tolerance."""
    if [array.size for array in given] != [entry.requests] * len(expected):
        raise DisagreementError(f"{entry.contender.name} left out requests")
    for array, whole in zip(given, expected, strict=True):
        off = ~(np.abs(array - whole[: array.size]) <= entry.contender.tolerance)
        if off.any():
            first = int(np.flatnonzero(off)[0])
            raise DisagreementError(
                f"{entry.contender.name} says {float(array[first])!r} of request {first}, "
                f"ours says {float(whole[first])!r}"
            )


def repeats_for(job: Job, clock: Clock, turn: float = TURN) -> int:
    """Find how often a job has to run for a turn to last long enough to be timed well."""
    return max(1, round(turn / max(time_turn(job, 1, clock), turn / 1000)))


def time_turn(job: Job, repeats: int, clock: Clock) -> float:
    """Give the seconds of one run, as the mean of several without a pause.

    As in the standard library's `timeit`, Python's search for garbage cycles waits until
    the turn is over.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        start = clock()
        for _ in range(repeats):
            job()
        return (clock() - start) / repeats
    finally:
        if was_enabled:
            gc.enable()


def time_rounds(
    entries: Sequence[Entry],
    repeats: Sequence[int],
    rounds: int,
    rng: np.random.Generator,
    clock: Clock,
) -> Floats:
    """Give every entry a turn in every round, in shuffled order.

    Returns
    -------
    Seconds of one run, shape (rounds, entries).
    """
    seconds = np.empty((rounds, len(entries)))
    for row in seconds:
        gc.collect()
        for i in rng.permutation(len(entries)):
            row[i] = time_turn(entries[i].job, repeats[i], clock)
    return seconds


def compare(
    entries: Sequence[Entry], rates: Floats, targets: Mapping[str, float]
) -> Iterable[Comparison]:
    """Set ours against each peer by the fastest of its ways.

    Parameters
    ----------
    rates
        Requests per second, shape (rounds, entries).
    """
    ours = rates[:, index_of_ours(entries)]
    typical = np.median(rates, axis=0)
    for peer in dict.fromkeys(entry.contender.peer for entry in entries):
        if peer != OURS:
            ways = [i for i, entry in enumerate(entries) if entry.contender.peer == peer]
            best = max(ways, key=lambda i: float(typical[i]))
            yield Comparison(
                peer=peer,
                contender=entries[best].contender.name,
                rate=float(typical[best]),
                ratio=Ratio.of(ours, rates[:, best]),
                target=targets.get(peer),
            )
