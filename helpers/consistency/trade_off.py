"""Every R and W of a quorum system beside each other: latency, staleness, failures survived.

With no partition there is still a choice (the E of PACELC): wait for more replicas and be
fresher, or for fewer and be quicker.

Source: Abadi, *Consistency tradeoffs in modern distributed database system design* (Computer,
2012); the table is that of Bailis et al. (VLDB 2012), section 5.7.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from helpers import require
from helpers.consistency.latency_fits import Fit, FitName, fit_named
from helpers.consistency.pbs import TRIALS, QuorumRun
from helpers.consistency.quorum import is_strict
from helpers.consistency.wars import run_trials


@dataclass(frozen=True)
class QuorumChoice:
    """One setting and what it costs; times in seconds.

    Attributes
    ----------
    n, r, w
        Replicas, and how many of them a read and a write wait for.
    read_latency, write_latency
        At the percentile that was asked for.
    t_visibility
        How long after the commit that share of reads is fresh.
    fresh_at_once
        Share of reads that are fresh at the moment of the commit.
    """

    n: int
    r: int
    w: int
    read_latency: float
    write_latency: float
    t_visibility: float
    fresh_at_once: float

    @property
    def is_strict(self) -> bool:
        """Whether a read shares a replica with every write before it."""
        return is_strict(self.n, self.r, self.w)

    @property
    def both_latencies(self) -> float:
        """A read and a write, one after the other."""
        return self.read_latency + self.write_latency

    @property
    def reads_survive(self) -> int:
        """How many replicas may be lost before a read is refused."""
        return self.n - self.r

    @property
    def writes_survive(self) -> int:
        """How many replicas may be lost before a write is refused."""
        return self.n - self.w


def trade_offs(
    fit: FitName | Fit,
    n: int = 3,
    share: float = 0.999,
    trials: int = TRIALS,
    rng: int | np.random.Generator = 0,
) -> list[QuorumChoice]:
    """Try every R and W on the same writes and reads.

    Parameters
    ----------
    fit
        "LNKD-SSD", "LNKD-DISK", "YMMR", or a fit of one's own.
    n
        Replicas, from 1 to 12.
    share
        The percentile of the latencies and of the fresh reads, above 0 and below 1.
    trials
        At least 1.

    Returns
    -------
    n × n choices, R first.

    Examples
    --------
    >>> choices = trade_offs("LNKD-SSD", n=2, trials=1_000)
    >>> [(choice.r, choice.w, choice.is_strict) for choice in choices]
    [(1, 1, False), (1, 2, True), (2, 1, True), (2, 2, True)]
    """
    require.inside("share", share, 0, 1)
    law = fit_named(fit)
    tallies = run_trials(law, n, n, trials, require.seed(rng))
    runs = (QuorumRun.of(law, n, r, w, tallies) for r in range(1, n + 1) for w in range(1, n + 1))
    return [
        QuorumChoice(
            n,
            run.r,
            run.w,
            run.read_latency.quantile(share),
            run.write_latency.quantile(share),
            run.t_visibility(share),
            run.fresh_at_once,
        )
        for run in runs
    ]


def quickest(choices: Iterable[QuorumChoice], stale_for: float = 0.0) -> QuorumChoice:
    """Choose the least read and write latency among those that are fresh soon enough.

    Parameters
    ----------
    choices
        As `trade_offs` gives them.
    stale_for
        How long after the commit the share of fresh reads may be missed, in seconds, at least 0.

    Raises
    ------
    ValueError
        When none is fresh soon enough.
    """
    require.not_negative("stale_for", stale_for)
    found = [choice for choice in choices if choice.t_visibility <= stale_for]
    if not found:
        raise ValueError(f"choices must hold one that is fresh within {stale_for} s, got none")
    return min(found, key=lambda choice: choice.both_latencies)
