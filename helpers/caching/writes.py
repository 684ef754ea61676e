"""Two places, one truth: in which order do cache and database learn of a write?

Picture a price on a shelf's label and in the till. Change the till and take the label
off, and the next who looks writes a new one (cache-aside). Change both at once
(write-through). Or change the label only and carry all changes to the till in the evening
(write-back): quick, and lost if the shop burns down at noon.

- "cache-aside": a write goes to the database, then deletes the copy; a read that finds
  none loads the object and keeps it. A slow read may keep what a quick write has just
  outdated (the classic race); a writer that dies between its two steps leaves an old copy.
- "write-through": a write changes the database, then the copy. The same slow read may
  overwrite the new copy with the old one.
- "write-back": a write changes the copy only; every `flush_interval` seconds, what has
  changed goes to the database. A crash of the cache loses what had not gone.

With leases (Nishtala et al., "Scaling memcache at Facebook", NSDI 2013) a read may keep
what it loaded only if no write came in between: no race.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.statistics import Estimate, interval
from helpers.workload.keys import AliasTable, zipf

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]
Strategy = Literal["cache-aside", "write-through", "write-back"]
READ, KEEP, WRITE, FLUSH, CRASH = 0, 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class Operations:
    """Reads and writes, and when what a read loads would be kept; in order of time.

    Attributes
    ----------
    time
        Seconds, shape (events,).
    kind
        READ, KEEP (the end of a read's load) or WRITE, shape (events,).
    key
        The object, shape (events,).
    number
        Which read or write it is, counted apart, shape (events,).
    luck
        Uniform draws, for writers that die, shape (writes,).
    keys
        How many objects there are.
    """

    time: Floats
    kind: Integers
    key: Integers
    number: Integers
    luck: Floats
    keys: int

    def __post_init__(self) -> None:
        columns = self.kind, self.key, self.number, self.luck
        events, writes = self.time.size, int(np.count_nonzero(self.kind == WRITE))
        if tuple(column.size for column in columns) != (events, events, events, writes):
            raise ValueError(
                f"kind, key and number must have {events} values and luck {writes}, one for each "
                f"write, got {tuple(column.size for column in columns)}"
            )
        if events and not 0 <= self.key.min() <= self.key.max() < self.keys:
            raise ValueError(
                f"key must lie between 0 and {self.keys - 1}, "
                f"got {self.key.min()} to {self.key.max()}"
            )
        for name in ("time", "kind", "key", "number", "luck"):
            getattr(self, name).flags.writeable = False


@dataclass(frozen=True)
class WriteRun:
    """What a strategy did, counted.

    Attributes
    ----------
    strategy
        Which.
    reads, hits
        How many reads there were, and how many of them a copy answered.
    stale
        Hits that got less than the latest write.
    kept_late
        Copies that were out of date when they were made: races.
    writes
        How many were acknowledged.
    lost
        Acknowledged writes that a crash took away.
    pending
        Acknowledged writes that had not reached the database when the run ended.
    database_reads, database_writes
        What the database had to do.
    """

    strategy: str
    reads: int
    hits: int
    stale: int
    kept_late: int
    writes: int
    lost: int
    pending: int
    database_reads: int
    database_writes: int

    def __post_init__(self) -> None:
        if self.reads != self.hits + self.database_reads or self.stale > self.hits:
            raise AssertionError("reads are not hits + reads of the database")
        if self.writes < self.lost + self.pending:
            raise AssertionError("more writes were lost than came")

    @property
    def hit_ratio(self) -> float:
        """Share of the reads that a copy answered."""
        return self.hits / self.reads if self.reads else 0.0

    @property
    def stale_share(self) -> float:
        """Share of the reads that got less than the latest write."""
        return self.stale / self.reads if self.reads else 0.0


@kernel
def live_with(time, kind, key, number, dies, extra_time, extra_kind, keys, reads, rules):  # type: ignore[no-untyped-def]
    """Play events on a cache and a database; count what `WriteRun` says, from `hits` on.

    Extra are flushes and crashes, which come after events of the same moment; `dies` has a
    place for each write.
    """
    strategy, has_lease, ttl = rules
    newest = np.zeros(keys, dtype=np.int64)  # the last write that was acknowledged
    stored = np.zeros(keys, dtype=np.int64)  # what the database has
    copy = np.full(keys, -1)  # what the cache has
    ends = np.zeros(keys)
    loaded = np.full(reads, -1, dtype=np.int32)
    counts = np.zeros(7, dtype=np.int64)
    i = j = writes = 0
    while i < time.size or j < extra_time.size:
        if i == time.size or (j < extra_time.size and extra_time[j] < time[i]):
            for k in range(keys):  # what is only in the cache is stored, or lost
                if copy[k] > stored[k] and extra_kind[j] == 3:
                    stored[k] = copy[k]
                    counts[6] += 1
                if extra_kind[j] == 4:
                    counts[3] += newest[k] - stored[k]
                    newest[k], copy[k] = stored[k], -1
            j += 1
            continue
        k, now = key[i], time[i]
        if kind[i] == 0:  # a read
            if copy[k] >= 0 and (now < ends[k] or copy[k] > stored[k]):
                counts[0] += 1
                counts[1] += copy[k] < newest[k]
            else:
                counts[5] += 1
                loaded[number[i]] = stored[k]
        elif kind[i] == 1:  # the end of its load
            got = loaded[number[i]]
            if got >= 0 and not (has_lease and got < newest[k]) and not copy[k] > stored[k]:
                copy[k], ends[k] = got, now + ttl
                counts[2] += got < newest[k]
        else:  # a write
            newest[k] += 1
            if strategy == 2:
                copy[k], ends[k] = newest[k], now + ttl
            else:
                stored[k] = newest[k]
                counts[6] += 1
                if not dies[writes]:
                    copy[k], ends[k] = (-1, 0.0) if strategy == 0 else (newest[k], now + ttl)
            writes += 1
        i += 1
    counts[4] = (newest - stored).sum()
    return counts


def draw_operations(
    read_rate: float,
    write_rate: float,
    duration: float,
    *,
    load_time: float = 0.05,
    keys: int = 100,
    exponent: float = 0.8,
    rng: int | np.random.Generator = 0,
) -> Operations:
    """Draw reads and writes at random moments, and how long each read's load would take.

    Parameters
    ----------
    read_rate, write_rate
        Of all objects together, a second, above 0.
    duration
        Seconds, above 0.
    load_time
        Mean seconds from reading the database to keeping the copy (exponential), above 0.
    keys
        How many objects; reads and writes prefer the same ones (Zipf).
    exponent
        How much, at least 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> operations = draw_operations(100, 1, 100, rng=1)
    >>> [int((operations.kind == kind).sum()) for kind in (READ, KEEP, WRITE)]
    [10059, 10059, 104]
    """
    require.positive("read_rate", read_rate)
    require.positive("write_rate", write_rate)
    require.positive("duration", duration)
    require.positive("load_time", load_time)
    keys = require.whole("keys", keys)
    of_counts, of_reads, of_writes, of_luck = require.generator(rng).spawn(4)
    reads, writes = of_counts.poisson([read_rate * duration, write_rate * duration])
    table = AliasTable.of(zipf(keys, exponent))
    read_at, read_key = of_reads.uniform(0, duration, reads), table.draw(int(reads), of_reads)
    kept_at = read_at + load_time * of_reads.exponential(size=reads)
    write_at, write_key = of_writes.uniform(0, duration, writes), table.draw(int(writes), of_writes)
    time = np.concatenate([read_at, kept_at, write_at])
    del read_at, kept_at, write_at
    order = np.argsort(time, kind="stable")
    time.sort()
    kind = np.repeat(np.array([READ, KEEP, WRITE], np.int8), [reads, reads, writes])[order]
    key = np.concatenate([read_key, read_key, write_key], dtype=np.int32)[order]
    number = np.arange(time.size, dtype=np.int32)
    number[reads : 2 * reads] -= reads
    number[2 * reads :] -= 2 * reads
    number = number[order]
    del order, read_key, write_key
    luck = of_luck.random(time.size)[kind == WRITE]
    return Operations(time, kind, key, number, luck, keys)


def run_writes(
    operations: Operations,
    strategy: Strategy = "cache-aside",
    *,
    ttl: float = 60.0,
    lease: bool = False,
    flush_interval: float = 1.0,
    crash_at: float | None = None,
    dying_writers: float = 0.0,
) -> WriteRun:
    """Play the operations with a strategy.

    Parameters
    ----------
    operations
        Reads and writes.
    strategy
        "cache-aside", "write-through" or "write-back".
    ttl
        Seconds that a copy lives, above 0.
    lease
        Whether a read may keep what it loaded only if no write came in between.
    flush_interval
        Seconds from one flush to the next, with write-back, above 0.
    crash_at
        When the cache loses all it holds, in seconds; none for never.
    dying_writers
        Chance that a writer stops between its two steps, from 0 to 1; no matter to
        write-back, which has one.

    Examples
    --------
    >>> operations = draw_operations(100, 10, 100, rng=1)
    >>> run_writes(operations, "write-back", flush_interval=5, crash_at=54.9).lost
    41
    """
    if strategy not in get_args(Strategy):
        raise ValueError(f"strategy must be one of {get_args(Strategy)}, got {strategy!r}")
    require.positive("ttl", ttl)
    require.positive("flush_interval", flush_interval)
    require.between("dying_writers", dying_writers, 0, 1)
    last = float(operations.time[-1]) if operations.time.size else 0.0
    flushes = np.arange(flush_interval, last if strategy == "write-back" else 0.0, flush_interval)
    crashes = [] if crash_at is None else [require.not_negative("crash_at", crash_at)]
    extra = np.concatenate([flushes, crashes])
    order = np.argsort(extra, kind="stable")
    extra_kind = np.repeat(np.array([FLUSH, CRASH], np.int8), [flushes.size, len(crashes)])
    reads, writes = (int(np.count_nonzero(operations.kind == kind)) for kind in (READ, WRITE))
    counts = live_with(
        operations.time,
        operations.kind,
        operations.key,
        operations.number,
        operations.luck < dying_writers,
        extra[order],
        extra_kind[order],
        operations.keys,
        reads,
        (get_args(Strategy).index(strategy), bool(lease), float(ttl)),
    )
    hits, stale, late, lost, pending, loads, stores = (int(count) for count in counts)
    return WriteRun(strategy, reads, hits, stale, late, writes, lost, pending, loads, stores)


def lose_to_crashes(
    write_rate: float, flush_interval: float, crashes: int = 200, rng: int = 0
) -> Estimate:
    """Measure how many acknowledged writes a crash at any moment takes away, with write-back.

    Parameters
    ----------
    write_rate
        A second, above 0.
    flush_interval
        Seconds, above 0.
    crashes
        How many runs, at least 2, each with its own luck.
    rng
        A seed.
    """
    lost = []
    for own in require.generator(rng).spawn(require.whole("crashes", crashes, at_least=2)):
        operations = draw_operations(1.0, write_rate, 4 * flush_interval, rng=own)
        crash_at = own.uniform(2, 3) * flush_interval
        run = run_writes(operations, "write-back", flush_interval=flush_interval, crash_at=crash_at)
        lost.append(run.lost)
    return interval(lost)


def expected_loss(write_rate: float, flush_interval: float) -> tuple[float, float]:
    """Give how many acknowledged writes a crash takes away: on average, and just before a flush.

    Examples
    --------
    >>> expected_loss(write_rate=100, flush_interval=1)
    (50.0, 100.0)
    """
    require.not_negative("write_rate", write_rate)
    require.not_negative("flush_interval", flush_interval)
    return write_rate * flush_interval / 2, float(write_rate * flush_interval)


def race_chance(write_rate: float, load_time: float) -> float:
    """Give the chance that a write comes while a read loads: wd / (1 + wd).

    Parameters
    ----------
    write_rate
        Of the object, a second, at least 0.
    load_time
        Mean seconds of the load, exponential, at least 0.

    Examples
    --------
    >>> race_chance(write_rate=1, load_time=0.25)
    0.2
    """
    require.not_negative("write_rate", write_rate)
    require.not_negative("load_time", load_time)
    expected = write_rate * load_time
    return expected / (1 + expected)
