"""How stale, and for how long: t-visibility and latency of a quorum system, simulated.

Source: Bailis et al., *Probabilistically bounded staleness for practical partial quorums*
(VLDB 2012), sections 4 and 5. `wars` has the trials, `latency_fits` the published numbers.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.consistency.latency_fits import Fit, FitName, Floats, fit_named
from helpers.consistency.quorum import checked
from helpers.consistency.wars import Tallies, count_piece, run_trials
from helpers.parallel import in_parallel
from helpers.statistics import LogHistogram

TRIALS = 1_000_000
NORMAL_95 = 1.96


@dataclass(frozen=True, eq=False)
class QuorumRun:
    """What a quorum system's writes and reads did; all times in seconds.

    Attributes
    ----------
    fit
        How long messages took.
    n, r, w
        Replicas, and how many of them a read and a write waited for.
    trials
        Pairs of a write and a read.
    read_latency, write_latency
        From the client's request to the R-th or W-th answer: `quantile` has the percentiles.
    wait
        How long after the commit a read must start to be fresh, for those that must wait at all.
    """

    fit: Fit
    n: int
    r: int
    w: int
    trials: int
    read_latency: LogHistogram
    write_latency: LogHistogram
    wait: LogHistogram

    @classmethod
    def of(cls, fit: Fit, n: int, r: int, w: int, tallies: Tallies) -> "QuorumRun":
        """Take one setting out of what trials counted."""
        read, write = tallies.read_latency(n, r), tallies.write_latency(n, w)
        return cls(fit, n, r, w, tallies.trials, read, write, tallies.wait(n, r, w))

    @cached_property
    def fresh_at_once(self) -> float:
        """Share of reads that are fresh when they start at the moment of the commit."""
        return 1 - self.wait.total / self.trials

    def fresh_share(self, time: ArrayLike) -> Floats:
        """Give the share of reads that are fresh when they start so long after the commit.

        Parameters
        ----------
        time
            In seconds, at least 0, any shape.

        Returns
        -------
        From 0 to 1, of the same shape.
        """
        times = np.asarray(time, dtype=np.float64)
        if not (times >= 0).all():
            raise ValueError(f"time must be at least 0, got {time!r}")
        stale = self.wait.total - np.concatenate([[0], np.cumsum(self.wait.counts)])
        edges = np.concatenate([[0.0], self.wait.edges[1:]])
        share: Floats = 1 - np.interp(times, edges, stale) / self.trials
        return share

    def fresh_interval(self, time: ArrayLike) -> tuple[Floats, Floats]:
        """Give how low and how high that share may be, with 95 % confidence (Wilson's interval)."""
        share, z2 = self.fresh_share(time), NORMAL_95**2
        middle = share + z2 / (2 * self.trials)
        half = NORMAL_95 * np.sqrt(share * (1 - share) / self.trials + z2 / (2 * self.trials) ** 2)
        whole = 1 + z2 / self.trials
        return (middle - half) / whole, np.minimum((middle + half) / whole, 1.0)

    def t_visibility(self, share: float = 0.999) -> float:
        """Give how long after the commit this share of reads is fresh, in seconds.

        Parameters
        ----------
        share
            Above 0 and at most 1.

        Examples
        --------
        >>> run = simulate("LNKD-DISK", trials=100_000)
        >>> print(f"{run.t_visibility(0.9) * 1000:.0f} ms")
        8 ms
        """
        return self._at_rank(checked_share(share) * self.trials)

    def t_interval(self, share: float = 0.999) -> tuple[float, float]:
        """Give how low and how high it may be, with 95 % confidence.

        How many of independent trials lie below the true value is binomial, whatever the law of
        the waits; so the sorted waits some places before and after hold it (order statistics).
        """
        share = checked_share(share)
        off = NORMAL_95 * math.sqrt(self.trials * share * (1 - share))
        return self._at_rank(share * self.trials - off), self._at_rank(share * self.trials + off)

    def _at_rank(self, rank: float) -> float:
        """Give the wait of the trial at this place, from 1, of all in order."""
        place = math.ceil(min(max(rank, 1), self.trials) - 1e-6)
        waiting = place - (self.trials - self.wait.total)
        return self.wait.quantile(waiting / self.wait.total) if waiting > 0 else 0.0


def checked_share(share: float) -> float:
    """Give a share that a quantile exists for."""
    if not (require.is_number(share) and 0 < share <= 1):
        require.refuse("share", "above 0 and at most 1", share)
    return share


def simulate(
    fit: FitName | Fit,
    n: int = 3,
    r: int = 1,
    w: int = 1,
    trials: int = TRIALS,
    rng: int | np.random.Generator = 0,
) -> QuorumRun:
    """Write and read many times; only how long the messages take is random.

    With a seed, one pass answers for every R and W, so a change of these draws nothing anew. It
    works on all processors: do not call it from within `in_parallel`.

    Parameters
    ----------
    fit
        "LNKD-SSD", "LNKD-DISK", "YMMR", or a fit of one's own.
    n
        Replicas, from 1 to 12.
    r, w
        How many answers a read and a write wait for, from 1 to n.
    trials
        At least 1.

    Raises
    ------
    ValueError
        When an argument is out of its range.

    Examples
    --------
    >>> run = simulate("LNKD-SSD", n=3, r=2, w=2, trials=10_000)
    >>> run.fresh_at_once, run.t_visibility(0.999)
    (1.0, 0.0)
    """
    n, r, w = checked(n, r, w)
    law = fit_named(fit)
    return QuorumRun.of(law, n, r, w, run_trials(law, n, n, trials, require.seed(rng)))


def t_visibilities(
    fit: FitName | Fit,
    n: int = 3,
    r: int = 1,
    w: int = 1,
    share: float = 0.999,
    trials: int = 50_000,
    samples: int = 20,
    rng: int | np.random.Generator = 0,
) -> Floats:
    """Measure t-visibility in several samples of the paper's size: how far do they lie apart?

    Parameters
    ----------
    trials
        Of each sample, at least 1.
    samples
        How many, at least 1.

    Returns
    -------
    Seconds, shape (samples,).
    """
    n, r, w = checked(n, r, w)
    law, trials = fit_named(fit), require.whole("trials", trials)
    seed, samples = require.seed(rng), require.whole("samples", samples)

    def measure(number: int) -> float:
        tallies = count_piece(law, n, n, (seed, number, trials))
        return QuorumRun.of(law, n, r, w, tallies).t_visibility(share)

    return np.array(in_parallel(measure, range(samples)))


def first_past(
    run: QuorumRun,
    step: float,
    share: float = 0.999,
    reads: int = 50_000,
    samples: int = 20,
    rng: int | np.random.Generator = 0,
) -> Floats:
    """Measure t-visibility by steps in time: draw new reads at each, and stop when they pass.

    The paper's own simulator draws new reads for every step. Whoever stops at the first step
    that seems fresh enough stops early: just before the true value many steps have a chance to
    pass by luck. It explains why published values lie below those of one long run.

    Parameters
    ----------
    run
        Its curve stands for the truth.
    step
        In seconds, above 0.
    share
        Of fresh reads to pass, above 0 and below 1.
    reads
        At each step, at least 1.
    samples
        How often to measure, at least 1.

    Returns
    -------
    Seconds, shape (samples,); infinite where nothing passed until far beyond the true value.
    """
    require.positive("step", step)
    require.inside("share", share, 0, 1)
    reads, samples = require.whole("reads", reads), require.whole("samples", samples)
    times = np.arange(0, 1.5 * run.t_interval(share)[1] + 2 * step, step)
    source = require.generator(rng)
    fresh = source.binomial(reads, run.fresh_share(times), size=(samples, times.size))
    passed = fresh >= share * reads
    return np.where(passed.any(axis=1), times[passed.argmax(axis=1)], np.inf)
