"""What a client of a quorum system gets, with its network whole and with its network cut.

If there is a partition (P), a side with too few replicas refuses (it chooses consistency, C) or
answers without the other side (availability, A). Else (E) it is latency (L) against consistency
(C): how long a request takes against how long a read may be stale.

The cut leaves the larger half of the replicas on one side and the smaller on the other. Clients
are spread like the replicas, and reach only those on their own side. A read on one side never
sees a write on the other, until the cut heals.
"""

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from helpers.consistency.latency_fits import FITS, PUBLISHED, Floats, Published
from helpers.consistency.pbs import QuorumRun
from helpers.consistency.quorum import checked
from helpers.consistency.wars import Tallies
from helpers.statistics import LogHistogram

TIMES = np.geomspace(1e-4, 8.0, 120)
"""Seconds after the commit at which the curve has its points."""
SHARE = 0.999
PERCENTILES = (0.5, 0.99, 0.999)


@dataclass(frozen=True)
class Side:
    """One side of the network.

    Attributes
    ----------
    replicas
        How many can be reached, at least 1.
    clients
        Share of all clients, from 0 to 1.
    serves_reads, serves_writes
        Whether there are enough replicas.
    """

    replicas: int
    clients: float
    serves_reads: bool
    serves_writes: bool


def sides_of(n: int, r: int, w: int, is_cut: bool) -> list[Side]:
    """Divide replicas and clients; one replica cannot be divided.

    Examples
    --------
    >>> [(side.replicas, side.serves_writes) for side in sides_of(3, 1, 2, is_cut=True)]
    [(2, True), (1, False)]
    """
    n, r, w = checked(n, r, w)
    sizes = [n - n // 2, n // 2] if is_cut and n > 1 else [n]
    return [Side(size, size / n, r <= size, w <= size) for size in sizes]


@dataclass(frozen=True, eq=False)
class PacelcView:
    """A setting in the numbers of its picture; times in seconds.

    Attributes
    ----------
    fit
        Its name.
    n, r, w
        Replicas, and how many of them a read and a write wait for.
    sides
        One, or two where the network is cut.
    reads_served, writes_served
        Shares of the requests that are answered.
    read_times, write_times
        At `PERCENTILES`, of what is answered; NaN where nothing is.
    stale, low, high
        Share of the reads that miss the last acknowledged write, at `TIMES`, with what the
        number of trials leaves open (95 %); NaN where nothing is read or written.
    stale_at_once
        The same at the moment of the commit.
    t_visibility
        After how long 99.9 % are fresh; infinite where they never are.
    trials
        Writes and reads that were simulated.
    published
        The paper's row for this setting, if it has one.
    """

    fit: str
    n: int
    r: int
    w: int
    sides: tuple[Side, ...]
    reads_served: float
    writes_served: float
    read_times: Floats
    write_times: Floats
    stale: Floats
    low: Floats
    high: Floats
    stale_at_once: float
    t_visibility: float
    trials: int
    published: Published | None

    @property
    def is_cut(self) -> bool:
        """Whether the network is cut."""
        return len(self.sides) > 1

    @property
    def is_strict(self) -> bool:
        """Whether R + W is above N."""
        return self.r + self.w > self.n

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be stale because nothing is written, or nothing read."""
        return not (self.reads_served and self.writes_served)

    @property
    def forever_stale(self) -> float:
        """Share of the reads that stay stale until the cut heals."""
        return 0.0 if self.is_silent else across(self.sides)

    @property
    def in_words(self) -> str:
        """The numbers in a few sentences."""
        served = f"Served: {self.reads_served:.0%} of reads, {self.writes_served:.0%} of writes."
        times = [
            f"{name} p50 {milliseconds(times[0])}, p99.9 {milliseconds(times[-1])}."
            for name, times in (("Read", self.read_times), ("Write", self.write_times))
            if np.isfinite(times).all()
        ]
        setting = f"N = {self.n}, R = {self.r}, W = {self.w}"
        return " ".join([f"{setting}{self._cut}.", served, *times, self._freshness])

    @property
    def _cut(self) -> str:
        if not self.is_cut:
            return ""
        return f", cut into {self.sides[0].replicas} and {self.sides[1].replicas}"

    @property
    def _freshness(self) -> str:
        if self.is_silent:
            return "Nothing new can be read."
        if self.forever_stale:
            return f"{self.forever_stale:.0%} of answered reads are stale until the cut heals."
        if not self.stale_at_once:
            return "No read that starts after the commit is stale."
        soon = self.t_visibility
        when = f"after {milliseconds(soon)}" if soon else "at once"
        return f"Stale at once {100 * self.stale_at_once:.3g}%; 99.9% are fresh {when}."


def milliseconds(value: float) -> str:
    """Write a time with two digits or more.

    Examples
    --------
    >>> milliseconds(0.00185), milliseconds(1.364)
    ('1.9 ms', '1,364 ms')
    """
    shown = 1000 * value
    return f"{shown:,.0f} ms" if shown >= 100 else f"{shown:.2g} ms"


def across(sides: tuple[Side, ...]) -> float:
    """Give the share of served reads that are not on the side of the last served write."""
    writers = sum(side.clients for side in sides if side.serves_writes)
    readers = sum(side.clients for side in sides if side.serves_reads)
    together = sum(s.clients**2 for s in sides if s.serves_writes and s.serves_reads)
    return 1 - together / (writers * readers)


def look_at(fit: str, n: int, r: int, w: int, is_cut: bool, tallies: Tallies) -> PacelcView:
    """Put together what clients on all sides see.

    Parameters
    ----------
    fit
        The name of a published fit.
    n
        Replicas.
    r, w
        From 1 to n.
    is_cut
        Whether the network is cut.
    tallies
        Trials of that fit, for every number of replicas from 1 to n.
    """
    sides = tuple(sides_of(n, r, w, is_cut))
    readers = [side for side in sides if side.serves_reads]
    writers = [side for side in sides if side.serves_writes]
    stale_at_once, stale, low, high, t_visibility = staleness(fit, r, w, sides, tallies)
    return PacelcView(
        fit=fit,
        n=n,
        r=r,
        w=w,
        sides=sides,
        reads_served=sum(side.clients for side in readers),
        writes_served=sum(side.clients for side in writers),
        read_times=percentiles([tallies.read_latency(s.replicas, r) for s in readers], readers),
        write_times=percentiles([tallies.write_latency(s.replicas, w) for s in writers], writers),
        stale=stale,
        low=low,
        high=high,
        stale_at_once=stale_at_once,
        t_visibility=t_visibility,
        trials=tallies.trials,
        published=published_row(fit, n, r, w) if not is_cut else None,
    )


def percentiles(histograms: list[LogHistogram], sides: list[Side]) -> Floats:
    """Give the percentiles of sides together, each counted as often as it has replicas."""
    if not histograms:
        return np.full(len(PERCENTILES), np.nan)
    weighted = (
        LogHistogram(histogram.counts * side.replicas, histogram.first)
        for histogram, side in zip(histograms, sides, strict=True)
    )
    return reduce(add, weighted).quantile(list(PERCENTILES))


def staleness(
    fit: str, r: int, w: int, sides: tuple[Side, ...], tallies: Tallies
) -> tuple[float, Floats, Floats, Floats, float]:
    """Give the share of stale reads at once and at `TIMES`, low, high, and the t-visibility."""
    nothing = np.full(TIMES.size, np.nan)
    if not any(s.serves_reads for s in sides) or not any(s.serves_writes for s in sides):
        return 0.0, nothing, nothing, nothing, np.inf
    apart = across(sides)
    served = [side for side in sides if side.serves_reads and side.serves_writes]
    squares = sum(side.clients**2 for side in served)
    at_once, curve = apart, np.array([np.full(TIMES.size, apart)] * 3)
    runs = [QuorumRun.of(FITS[fit], s.replicas, r, w, tallies) for s in served]
    for side, run in zip(served, runs, strict=True):
        part = (1 - apart) * side.clients**2 / squares
        lowest, highest = run.fresh_interval(TIMES)
        curve += part * (1 - np.array([run.fresh_share(TIMES), highest, lowest]))
        at_once += part * (1 - run.fresh_at_once)
    soon = np.inf if apart else runs[0].t_visibility(SHARE)
    return at_once, *curve, soon


def published_row(fit: str, n: int, r: int, w: int) -> Published | None:
    """Find the paper's row."""
    rows = PUBLISHED[fit] if n == 3 else ()
    return next((row for row in rows if (row.r, row.w) == (r, w)), None)
