"""Quorum trials against C, NumPy and plain Python: writes, reads and waits of every R and W."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.c_code import COMPILERS, build
from benchmarks.paired import OURS, Contender, Job, Scenario
from helpers.consistency.latency_fits import FITS, FitName
from helpers.consistency.wars import BUCKETS, CHUNK, FIRST_BUCKET, Tallies, count_trials, draw_legs
from helpers.statistics import SHIFT

SEED = 1
PART = 1 / 10
"""The share of requests that all get: a trial has as many results as there are R and W."""

TRIALS = "trials alone"
TIMED = {
    TRIALS: "How long each of the messages takes is drawn already: W of LNKD-DISK, A, R and S. "
    "Timed: from there to the counts of write latencies for every W, read latencies for every R, "
    "and waits until a read is fresh for every pair, in buckets of 0.8 %. A request is a trial: "
    "one write and one read. C knows the number of replicas when it is compiled; NumPy works in "
    "chunks that fit the cache."
}
STAGES = {"model": ("run_trials",), "statistics": ("look_at",)}

Legs = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A fit, and how many replicas."""

    fit: FitName
    replicas: int


def scenarios() -> Iterator[Scenario]:
    """Give the usual number of replicas, and the explorer's most."""
    for replicas in (3, 5):
        targets = {"plain Python": 60.0}
        case = Case("LNKD-DISK", replicas)
        yield Scenario(f"{replicas} replicas, every R and W", TRIALS, case, targets=targets)


@lru_cache(maxsize=2)
def draw(case: Case, trials: int) -> Legs:
    """Draw the messages that everybody gets."""
    sources = [np.random.default_rng([SEED, replica]) for replica in range(case.replicas)]
    return draw_legs(FITS[case.fit], sources, trials)


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts, which are written out as a number for each trial only when they are compared."""

    counts: NDArray[np.int64]
    trials: int

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.int64]:
        """Give the bucket of each trial in order, and -1 for those that are in none."""
        written: NDArray[np.int64] = np.repeat(np.arange(self.counts.size), self.counts)
        return np.concatenate([np.full(self.trials - written.size, -1), written])


def answers(tallies: Tallies, trials: int) -> tuple[Counted, ...]:
    """Give what is compared: the counts of each W, of each R and of each pair."""
    every = (tallies.writes, tallies.reads, tallies.waits)
    rows = np.concatenate([counts.reshape(-1, BUCKETS) for counts in every])
    return tuple(Counted(row, trials) for row in rows)


# Who takes part


def prepare_course(case: Case, trials: int, is_plain: bool = False) -> Job:
    """Bind the kernel, compiled or plain."""
    loop = count_trials.python if is_plain else count_trials
    return partial(run_course, loop, draw(case, trials))


def run_course(loop: Any, legs: Legs) -> tuple[Counted, ...]:
    """Count for this number of replicas alone, as `simulate` does."""
    replicas, _, trials = legs.shape
    tallies = Tallies.empty(replicas, replicas)
    counts = (tallies.writes, tallies.reads, tallies.waits)
    loop(legs, replicas, SHIFT, FIRST_BUCKET, *counts)
    return answers(tallies, trials)


def prepare_c(compiler: str, case: Case, trials: int) -> Job:
    """Bind the function of consistency_quorum.c for this number of replicas."""
    library = build("consistency_quorum.c", compiler, f"REPLICAS={case.replicas}")
    return partial(run_in_c, library.quorum, draw(case, trials))


def run_in_c(function: Any, legs: Legs) -> tuple[Counted, ...]:
    """Let C count."""
    replicas, _, trials = legs.shape
    tallies = Tallies.empty(replicas, replicas)
    arrays = (legs, tallies.writes, tallies.reads, tallies.waits)
    function(
        *(ctypes.c_void_p(array.ctypes.data) for array in arrays),
        ctypes.c_ssize_t(trials),
        ctypes.c_ssize_t(BUCKETS),
        ctypes.c_int64(FIRST_BUCKET),
        ctypes.c_int(SHIFT),
    )
    return answers(tallies, trials)


def prepare_numpy(case: Case, trials: int) -> Job:
    """Sort arrays, a chunk at a time."""
    return partial(run_in_numpy, draw(case, trials))


def run_in_numpy(legs: Legs) -> tuple[Counted, ...]:
    """Write it as one would without a compiler."""
    replicas, _, trials = legs.shape
    tallies = Tallies.empty(replicas, replicas)
    for begin in range(0, trials, CHUNK):
        part = legs[:, :, begin : begin + CHUNK]
        write, ack, request, response = (part[:, k] for k in range(4))
        acked = np.sort(write + ack, axis=0)
        order = np.argsort(request + response, axis=0, kind="stable")
        answered = np.take_along_axis(request + response, order, axis=0)
        behind = np.take_along_axis(write - request, order, axis=0)
        soonest = np.minimum.accumulate(behind, axis=0)
        for k in range(replicas):
            tallies.writes[0, k] += in_buckets(acked[k])
            tallies.reads[0, k] += in_buckets(answered[k])
            for w in range(replicas):
                wait = soonest[k] - acked[w]
                tallies.waits[0, k, w] += in_buckets(wait[wait > 0])
    return answers(tallies, trials)


def in_buckets(values: Legs) -> NDArray[np.int64]:
    """Count by the leading bits."""
    bits = np.ascontiguousarray(values).view(np.int64)
    places = ((bits >> SHIFT) - FIRST_BUCKET).clip(0, BUCKETS - 1)
    return np.bincount(places, minlength=BUCKETS)


def prepare_python(case: Case, trials: int) -> Job:
    """Hand the messages over as lists, a tuple of four for each replica of each trial."""
    legs = draw(case, trials).transpose(2, 0, 1).tolist()
    return partial(run_in_python, legs, case.replicas)


def run_in_python(legs: list[list[list[float]]], replicas: int) -> tuple[Counted, ...]:
    """Write it as one would without arrays."""
    everyone = range(replicas)
    writes, reads = ([[0] * BUCKETS for _ in everyone] for _ in range(2))
    waits = [[[0] * BUCKETS for _ in everyone] for _ in everyone]
    for messages in legs:
        acked = sorted(write + ack for write, ack, _, _ in messages)
        answered = sorted((asked + back, write - asked) for write, _, asked, back in messages)
        soonest = math.inf
        for k, (latency, behind) in enumerate(answered):
            writes[k][bucket(acked[k])] += 1
            reads[k][bucket(latency)] += 1
            soonest = min(soonest, behind)
            for w, commit in enumerate(acked):
                if soonest <= commit:
                    break
                waits[k][w][bucket(soonest - commit)] += 1
    tallies = Tallies(len(legs), replicas, *(np.array([each]) for each in (writes, reads, waits)))
    return answers(tallies, len(legs))


def bucket(value: float) -> int:
    """Give the bucket of a number above 0: 128 to each doubling."""
    fraction, exponent = math.frexp(value)  # the fraction is from 1/2 to 1
    place = int(256 * fraction) + 128 * (exponent + 1021) - FIRST_BUCKET
    return min(max(place, 0), BUCKETS - 1)


def contenders() -> Iterator[Contender]:
    """Give the course, then its peers."""
    yield Contender("the kernel of `wars`", OURS, prepare_course, share=PART)
    for compiler in COMPILERS:
        yield Contender(compiler, "C", partial(prepare_c, compiler), share=PART)
    yield Contender("sorting arrays", "NumPy", prepare_numpy, share=PART)
    yield Contender("lists and sorted", "plain Python", prepare_python, share=PART)
    plain = partial(prepare_course, is_plain=True)
    yield Contender("the kernel, not compiled", "no Numba", plain, share=PART)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
