"""A write, then a read, a million times over: four messages to each replica, and who was first.

Every copy of a letter travels by a courier of its own (W) and a receipt comes back (A). The
sender goes on at the W-th receipt. Then somebody asks all who should have the letter (R), and
goes on at the R-th answer (S). The reader has the letter if one of these R had it when asked.

One trial holds every case: sorted receipts give each W, sorted answers each R, and replicas
sorted in one after the other give each N on the way. And each trial says from which moment on its
read would be fresh, so the whole curve over time comes from one pass.

Source: the WARS model of Bailis et al., *Probabilistically bounded staleness for practical
partial quorums* (VLDB 2012), section 4.1.
"""

from dataclasses import dataclass
from functools import lru_cache, partial, reduce

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.consistency.latency_fits import Fit, Floats, draw_times
from helpers.kernel import kernel
from helpers.parallel import in_parallel
from helpers.statistics import SHIFT, LogHistogram, bucket_of

Counts = NDArray[np.int64]
SHORTEST, LONGEST = 2.0**-17, 2.0**7
"""Seconds. What is shorter or longer is counted in the outermost bucket."""
BUCKETS = int(np.diff(bucket_of(np.array([SHORTEST, LONGEST])))[0]) + 1
FIRST_BUCKET = int(bucket_of(np.array([SHORTEST]))[0])
PIECE = 50_000
"""Trials with random numbers of their own."""
LOTS = 8
"""Lots of pieces that processors do at the same time; enough for any share of them to be even."""
CHUNK = 8_192
"""Trials whose messages are drawn at once, so that they stay in the processor's cache."""
MOST_REPLICAS = 12
MOST_BEYOND = 0.001
"""Share of the messages that may take longer than `LONGEST`."""


@kernel
def count_trials(legs, least, shift, first, writes, reads, waits):  # type: ignore[no-untyped-def]
    """Sort replicas in one after the other; count latencies, and how long until a read is fresh.

    Parameters
    ----------
    legs
        Times of W, A, R and S, shape (replicas, 4, trials).
    least
        The fewest replicas to count for.
    writes, reads, waits
        Counts to add to, of shape (N, W, buckets), (N, R, buckets) and (N, R, W, buckets), the
        first row for `least`. A read that is fresh at once is not counted in waits.
    """
    most, _, trials = legs.shape
    last = writes.shape[2] - 1
    acked, answered, behind = np.empty(most), np.empty(most), np.empty(most)
    time = np.empty(1)
    bits = time.view(np.int64)
    for i in range(trials):
        for n in range(most):
            place, done = n, legs[n, 0, i] + legs[n, 1, i]
            while place > 0 and acked[place - 1] > done:
                acked[place] = acked[place - 1]
                place -= 1
            acked[place] = done
            place, back = n, legs[n, 2, i] + legs[n, 3, i]
            while place > 0 and answered[place - 1] > back:
                answered[place], behind[place] = answered[place - 1], behind[place - 1]
                place -= 1
            answered[place], behind[place] = back, legs[n, 0, i] - legs[n, 2, i]
            row = n + 1 - least
            soonest = np.inf
            for k in range(n + 1 if row >= 0 else 0):
                time[0] = acked[k]
                writes[row, k, min(max((bits[0] >> shift) - first, 0), last)] += 1
                time[0] = answered[k]
                reads[row, k, min(max((bits[0] >> shift) - first, 0), last)] += 1
                soonest = min(soonest, behind[k])
                w = 0
                while w <= n and soonest > acked[w]:
                    time[0] = soonest - acked[w]
                    waits[row, k, w, min(max((bits[0] >> shift) - first, 0), last)] += 1
                    w += 1


@dataclass(frozen=True, eq=False)
class Tallies:
    """What trials counted, for every N from `least` on, every W and every R.

    Attributes
    ----------
    trials
        How many there were.
    least
        Replicas of the first row.
    writes, reads
        Latencies, shape (N, W or R, buckets).
    waits
        How long after the commit a read must start to be fresh, where it must wait at all; shape
        (N, R, W, buckets).
    """

    trials: int
    least: int
    writes: Counts
    reads: Counts
    waits: Counts

    @classmethod
    def empty(cls, most: int, least: int) -> "Tallies":
        """Start counting at 0."""
        rows = (most - least + 1, most)
        shapes = ((*rows, BUCKETS), (*rows, BUCKETS), (*rows, most, BUCKETS))
        return cls(0, least, *(np.zeros(shape, dtype=np.int64) for shape in shapes))

    def __add__(self, other: "Tallies") -> "Tallies":
        return Tallies(
            self.trials + other.trials,
            self.least,
            self.writes + other.writes,
            self.reads + other.reads,
            self.waits + other.waits,
        )

    def write_latency(self, n: int, w: int) -> LogHistogram:
        """Give how long writes took, in seconds."""
        return LogHistogram(self.writes[n - self.least, w - 1], FIRST_BUCKET)

    def read_latency(self, n: int, r: int) -> LogHistogram:
        """Give how long reads took, in seconds."""
        return LogHistogram(self.reads[n - self.least, r - 1], FIRST_BUCKET)

    def wait(self, n: int, r: int, w: int) -> LogHistogram:
        """Give how long after the commit a read must start, where it must wait."""
        return LogHistogram(self.waits[n - self.least, r - 1, w - 1], FIRST_BUCKET)


def run_trials(fit: Fit, most: int, least: int, trials: int, seed: int) -> Tallies:
    """Count trials on all processors; the same arguments give what was counted before.

    Parameters
    ----------
    fit
        How long messages take.
    most, least
        The largest and the smallest number of replicas, from 1 to `MOST_REPLICAS`. A replica has
        random numbers of its own: three of five meet the same luck as three.
    trials
        At least 1.
    seed
        A whole number.
    """
    most, trials = require.whole("n", most), require.whole("trials", trials)
    require.between("n", most, 1, MOST_REPLICAS)
    return counted(fit, most, least, trials, seed)


@lru_cache(maxsize=16)
def counted(fit: Fit, most: int, least: int, trials: int, seed: int) -> Tallies:
    """Count in pieces, whose numbers do not depend on how many processors there are."""
    begins = range(0, trials, PIECE)
    pieces = [(seed, begin // PIECE, min(PIECE, trials - begin)) for begin in begins]
    lots = [pieces[first::LOTS] for first in range(min(LOTS, len(pieces)))]
    return reduce(Tallies.__add__, in_parallel(partial(count_lot, fit, most, least), lots))


def count_lot(fit: Fit, most: int, least: int, pieces: list[tuple[int, int, int]]) -> Tallies:
    """Count one piece after the other, and keep only the sum."""
    return reduce(Tallies.__add__, (count_piece(fit, most, least, piece) for piece in pieces))


def count_piece(fit: Fit, most: int, least: int, piece: tuple[int, int, int]) -> Tallies:
    """Draw and count the trials of one piece: seed, number, and how many."""
    if any(leg.later_than(LONGEST) > MOST_BEYOND for leg in fit.legs):
        raise ValueError(f"fit must have messages of less than {LONGEST:g} s, got {fit}")
    seed, number, trials = piece
    sources = [np.random.default_rng([seed, number, replica]) for replica in range(most)]
    tallies = Tallies.empty(most, least)
    for begin in range(0, trials, CHUNK):
        legs = draw_legs(fit, sources, min(CHUNK, trials - begin))
        counts = (tallies.writes, tallies.reads, tallies.waits)
        count_trials(legs, least, SHIFT, FIRST_BUCKET, *counts)
    return Tallies(trials, least, *counts)


def draw_legs(fit: Fit, sources: list[np.random.Generator], trials: int) -> Floats:
    """Draw all messages of some trials, in seconds, shape (replicas, 4, trials)."""
    legs = np.empty((len(sources), 4, trials))
    for times, source in zip(legs, sources, strict=True):
        draw_times(fit.legs, source, times)
    return legs
