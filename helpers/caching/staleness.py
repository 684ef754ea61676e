"""How old may an answer be? A copy that is kept longer is asked for less, and lies more.

A copy is a photograph of the menu. As long as it hangs, nobody goes to the kitchen; when
the cook changes a dish, the photograph does not. One may take a new one every so often
(a time to live), be told of each change (a purge, if the message arrives), or write the
date on the photograph and ask for the one of today (a version in the name).

Reads and writes of each object come at random (Poisson) at rates λ and w. A copy that
is kept for T at most, and dropped at a change unless the purge is lost (chance q), lives
for E = (1 − e^(−vT)) / v on average, with v = (1 − q) w; then it waits for the next read.
So of all reads

    hits   λE / (1 + λE)                             (λT / (1 + λT) without purges)
    stale  λ (E − (1 − e^(−wT)) / w) / (1 + λE)

since a copy of age a is out of date with chance e^(−va) − e^(−wa).
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.workload.keys import AliasTable, zipf

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

WRITE, MISS, FRESH, STALE = 0, 1, 2, 3


@dataclass(frozen=True, eq=False)
class Traffic:
    """Reads and writes in order of time.

    Attributes
    ----------
    time
        Seconds, shape (events,).
    key
        The object, a number from 0, shape (events,).
    is_write
        Whether the object changes, or is read, shape (events,).
    luck
        Uniform draws, for what may be lost, shape (writes,).
    keys
        How many objects there are.
    """

    time: Floats
    key: Integers
    is_write: NDArray[np.bool_]
    luck: Floats
    keys: int

    def __post_init__(self) -> None:
        columns = self.key, self.is_write, self.luck
        expected = self.time.size, self.time.size, int(np.count_nonzero(self.is_write))
        if tuple(column.size for column in columns) != expected:
            raise ValueError(
                f"key, is_write and luck must have {expected} values, for {expected[0]} events "
                f"and {expected[2]} writes, got {tuple(column.size for column in columns)}"
            )
        if self.key.size and not 0 <= self.key.min() <= self.key.max() < self.keys:
            raise ValueError(
                f"key must lie between 0 and {self.keys - 1}, "
                f"got {self.key.min()} to {self.key.max()}"
            )
        for name in ("time", "key", "is_write", "luck"):
            getattr(self, name).flags.writeable = False


@dataclass(frozen=True, eq=False)
class CopyRun:
    """What every read got.

    Attributes
    ----------
    outcome
        WRITE, MISS, FRESH or STALE, shape (events,).
    duration
        Seconds from the start to the last event.
    mean_behind, most_behind
        For how many seconds stale answers had been out of date; 0 if none was.
    versions_fetched
        How many versions of objects were asked for at all: what the source of versioned names
        is asked for, when the names come from this copy.
    """

    outcome: NDArray[np.int8]
    duration: float
    mean_behind: float
    most_behind: float
    versions_fetched: int

    def __post_init__(self) -> None:
        self.outcome.flags.writeable = False
        if self.versions_fetched > self.count(MISS):
            raise AssertionError("a version was read that nobody had fetched")

    def __repr__(self) -> str:
        return (
            f"CopyRun: {self.reads:,} reads, hit ratio {self.hit_ratio:.1%}, "
            f"stale {self.stale_share:.2%}, {self.source_load:.4g} reads/s at the source"
        )

    def count(self, outcome: int) -> int:
        """Count the events that came out so."""
        return int(np.count_nonzero(self.outcome == outcome))

    @cached_property
    def reads(self) -> int:
        """How many reads there were."""
        return self.count(MISS) + self.count(FRESH) + self.count(STALE)

    @property
    def hit_ratio(self) -> float:
        """Share of the reads that did not go to the source."""
        return 1 - self.count(MISS) / self.reads if self.reads else 0.0

    @property
    def stale_share(self) -> float:
        """Share of the reads that got an old version."""
        return self.count(STALE) / self.reads if self.reads else 0.0

    @property
    def source_load(self) -> float:
        """Reads that went to the source, a second."""
        return self.count(MISS) / self.duration if self.duration else 0.0


@kernel
def keep_copies(time, key, is_write, is_purge_lost, ttl, keys):  # type: ignore[no-untyped-def]
    """Answer reads from copies that end after a time, or by a purge that arrives.

    `is_purge_lost` has a place for each write. Stale answers are behind for `total` seconds
    together, and `most` at most.
    """
    filled_at = np.full(keys, -np.inf)
    changed_at = np.full(keys, np.inf)  # first change since the copy was made
    is_version_read = np.zeros(keys, dtype=np.bool_)  # whether the newest one was ever fetched
    outcome = np.zeros(time.size, dtype=np.int8)
    writes = versions = 0
    total = most = 0.0
    for i in range(time.size):
        k, now = key[i], time[i]
        if is_write[i]:
            is_version_read[k] = False
            changed_at[k] = min(changed_at[k], now)
            if not is_purge_lost[writes]:
                filled_at[k] = -np.inf
            writes += 1
        elif now - filled_at[k] >= ttl:
            outcome[i] = 1
            filled_at[k], changed_at[k] = now, np.inf
            versions += not is_version_read[k]
            is_version_read[k] = True
        elif changed_at[k] < now:
            outcome[i] = 3
            total += now - changed_at[k]
            most = max(most, now - changed_at[k])
        else:
            outcome[i] = 2
    return outcome, total, most, versions


def draw_traffic(
    read_rate: float,
    write_rate: float,
    duration: float,
    *,
    keys: int = 1,
    exponent: float = 0.8,
    rng: int | np.random.Generator = 0,
) -> Traffic:
    """Draw reads and writes at random moments.

    Parameters
    ----------
    read_rate, write_rate
        Of all objects together, a second, above 0 and at least 0.
    duration
        Seconds, above 0.
    keys
        How many objects; reads prefer some (Zipf), writes none.
    exponent
        How uneven the reads are, at least 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> traffic = draw_traffic(10, 1, 1000, rng=1)
    >>> traffic.time.size, int(traffic.is_write.sum())
    (11072, 1013)
    """
    require.positive("read_rate", read_rate)
    require.not_negative("write_rate", write_rate)
    require.positive("duration", duration)
    keys = require.whole("keys", keys)
    of_counts, of_reads, of_writes, of_luck = require.generator(rng).spawn(4)
    reads, writes = of_counts.poisson([read_rate * duration, write_rate * duration])
    time = np.concatenate(
        [of_reads.uniform(0, duration, reads), of_writes.uniform(0, duration, writes)]
    )
    key = np.empty(time.size, dtype=np.int32)
    key[:reads] = AliasTable.of(zipf(keys, exponent)).draw(int(reads), of_reads)
    key[reads:] = of_writes.integers(keys, size=writes)
    order = np.argsort(time, kind="stable")
    is_write = order >= reads
    key = key[order]
    del order
    time.sort()
    return Traffic(time, key, is_write, of_luck.random(time.size)[is_write], keys)


def read_copies(traffic: Traffic, ttl: float = math.inf, lost_purges: float = 1.0) -> CopyRun:
    """Answer the reads from a cache.

    Parameters
    ----------
    traffic
        Reads and writes.
    ttl
        Seconds after which a copy ends; 0 for no copy, infinite for never.
    lost_purges
        Chance that a write's purge does not arrive, from 0 to 1; 1 where none is sent.

    Examples
    --------
    >>> traffic = draw_traffic(10, 1, 1000, rng=1)
    >>> read_copies(traffic, ttl=1)
    CopyRun: 10,059 reads, hit ratio 91.0%, stale 33.56%, 0.9102 reads/s at the source
    """
    require.between("lost_purges", lost_purges, 0, 1)
    require.between("ttl", ttl, 0, math.inf)
    is_lost = traffic.luck < lost_purges
    outcome, total, most, versions = keep_copies(
        traffic.time, traffic.key, traffic.is_write, is_lost, float(ttl), traffic.keys
    )
    last = float(traffic.time[-1]) if traffic.time.size else 0.0
    mean = total / max(np.count_nonzero(outcome == STALE), 1)
    return CopyRun(outcome, last, mean, most, versions)


def copy_lifetime(write_rate: ArrayLike, ttl: ArrayLike, lost_purges: float = 1.0) -> Floats:
    """Give the mean seconds that a copy is kept, (1 − e^(−vT)) / v with v = (1 − q) w.

    Parameters
    ----------
    write_rate
        Of the object, a second, at least 0.
    ttl
        Seconds, finite.
    lost_purges
        Chance that a purge does not arrive, from 0 to 1.

    Examples
    --------
    >>> float(copy_lifetime(write_rate=0.5, ttl=10))
    10.0
    """
    require.between("lost_purges", lost_purges, 0, 1)
    ends = (1 - lost_purges) * as_amounts("write_rate", write_rate)
    return mean_until(ends, as_amounts("ttl", ttl))


def as_amounts(name: str, values: ArrayLike) -> Floats:
    """Give rates or times as an array, or say what is wrong with them."""
    amounts = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(amounts).all() and (amounts >= 0).all()):
        raise ValueError(f"{name} must be finite and at least 0, got {values!r}")
    return amounts


def mean_until(rate: Floats, limit: Floats) -> Floats:
    """Give the mean of an exponential time that is cut off at a limit."""
    rate, limit = np.broadcast_arrays(rate, limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = -np.expm1(-rate * limit) / rate
    return np.where(rate > 0, cut, limit)


def copy_hit_ratio(
    read_rate: ArrayLike, ttl: ArrayLike, write_rate: ArrayLike = 0.0, lost_purges: float = 1.0
) -> Floats:
    """Give the hit ratio of an object, λE / (1 + λE); λT / (1 + λT) without purges.

    Parameters
    ----------
    read_rate, write_rate
        Of the object, a second.
    ttl
        Seconds, finite.
    lost_purges
        Chance that a purge does not arrive, from 0 to 1.

    Examples
    --------
    >>> float(copy_hit_ratio(read_rate=3, ttl=3))
    0.9
    """
    expected = as_amounts("read_rate", read_rate) * copy_lifetime(write_rate, ttl, lost_purges)
    ratio: Floats = expected / (1 + expected)
    return ratio


def copy_stale_share(
    read_rate: ArrayLike, write_rate: ArrayLike, ttl: ArrayLike, lost_purges: float = 1.0
) -> Floats:
    """Give the share of an object's reads that are stale; see the top of this module.

    Parameters
    ----------
    read_rate, write_rate
        Of the object, a second.
    ttl
        Seconds, finite.
    lost_purges
        Chance that a purge does not arrive, from 0 to 1.

    Examples
    --------
    >>> round(float(copy_stale_share(read_rate=10, write_rate=1, ttl=1)), 4)
    0.3344
    """
    reads, rate = as_amounts("read_rate", read_rate), as_amounts("write_rate", write_rate)
    lives = copy_lifetime(rate, ttl, lost_purges)
    stale = reads * (lives - mean_until(rate, as_amounts("ttl", ttl)))
    share: Floats = stale / (1 + reads * lives)
    return share


def refresh_lag(interval: float, duration: float) -> tuple[float, float]:
    """Give the mean and the greatest age of a materialized view's rows, in seconds.

    Parameters
    ----------
    interval
        Seconds from the start of one refresh to the start of the next, above 0.
    duration
        Seconds that a refresh takes, at least 0; its rows are those of its start.

    Examples
    --------
    >>> refresh_lag(interval=600, duration=60)
    (360.0, 660.0)
    """
    require.positive("interval", interval)
    require.not_negative("duration", duration)
    return duration + interval / 2, float(duration + interval)
