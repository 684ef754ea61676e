"""What an application keeps in a shared cache, and what it costs when the cache forgets.

A computed result that is evicted is computed again. A session that is evicted is a
person who is logged out; a counter that is evicted starts again from nothing. They look
alike to the cache, which has one shelf and one rule: whoever was not asked for the
longest goes.

To know what is asked for often in eight bits, Redis counts on a logarithmic scale: the
counter goes up with chance 1 / (factor × (counter − 5) + 1) at each hit, from 5 on.
Source: Redis, "Key eviction" and `evict.c` (`LFULogIncr`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.caching.eviction import simulate
from helpers.kernel import kernel
from helpers.statistics import Estimate, interval

FIRST, MOST = 5, 255
"""Where Redis' counter of a new key starts, and where it ends."""


@dataclass(frozen=True)
class SharedCacheRun:
    """A cache in which sessions and computed results live together, or apart.

    Attributes
    ----------
    session_reads, logged_out
        How often a session was asked for, and how often it had been evicted.
    result_reads, result_hits
        How often a result was asked for, and found.
    """

    session_reads: int
    logged_out: int
    result_reads: int
    result_hits: int

    def __post_init__(self) -> None:
        if self.logged_out > self.session_reads or self.result_hits > self.result_reads:
            raise AssertionError("more came out than went in")

    @property
    def result_hit_ratio(self) -> float:
        """Share of the results that were found."""
        return self.result_hits / self.result_reads if self.result_reads else 0.0


@kernel
def count_hits(uniform, checkpoints, factor):  # type: ignore[no-untyped-def]
    """Run the counter through its hits, and read it at the checkpoints, which rise."""
    counter = 5
    seen = np.zeros(checkpoints.size, dtype=np.int64)
    at = 0
    for hit in range(uniform.size):
        if counter < 255 and uniform[hit] * (factor * max(counter - 5, 0) + 1) < 1:
            counter += 1
        if at < checkpoints.size and hit + 1 == checkpoints[at]:
            seen[at] = counter
            at += 1
    return seen


def redis_counter(
    hits: tuple[int, ...] = (100, 1_000, 100_000),
    factor: int = 10,
    repetitions: int = 50,
    rng: int = 0,
) -> list[Estimate]:
    """Measure what Redis' counter shows after so many hits.

    Parameters
    ----------
    hits
        Rising, each at least 1.
    factor
        `lfu-log-factor`, at least 0.
    repetitions
        Counters, each with its own luck, at least 2.
    rng
        A seed.

    Examples
    --------
    >>> [round(estimate.value) for estimate in redis_counter()]
    [9, 19, 147]
    """
    factor = require.whole("factor", factor, at_least=0)
    checkpoints = np.array([require.whole("hits", hit) for hit in hits], dtype=np.int64)
    if checkpoints.size == 0 or (np.diff(checkpoints) <= 0).any():
        raise ValueError(f"hits must rise and not be empty, got {hits}")
    many = require.whole("repetitions", repetitions, at_least=2)
    seen = [
        count_hits(own.random(int(checkpoints[-1])), checkpoints, factor)
        for own in require.generator(rng).spawn(many)
    ]
    return [interval(column) for column in np.array(seen).T]


def counter_by_formula(hits: float, factor: int = 10) -> float:
    """Give about where the counter stands: 5 + x with x + factor x² / 2 = hits, at most 255.

    Notes
    -----
    From one step to the next take factor × x + 1 hits on average; added up over x steps,
    x + factor x (x − 1) / 2, which is taken as smooth.

    Examples
    --------
    >>> round(counter_by_formula(1_000), 1)
    19.5
    """
    require.not_negative("hits", hits)
    factor = require.whole("factor", factor, at_least=0)
    if factor == 0:
        return min(float(MOST), FIRST + hits)
    linear = 1 - factor / 2
    steps = (-linear + float(np.sqrt(linear**2 + 2 * factor * hits))) / factor
    return min(float(MOST), FIRST + steps)


def share_a_cache(
    capacity: int = 10_000,
    *,
    sessions: int = 4_000,
    requests: int = 200_000,
    crawled: int = 0,
    apart: bool = False,
    rng: int | np.random.Generator = 0,
) -> SharedCacheRun:
    """Keep sessions and results in one LRU cache, or in two, while a crawler comes by.

    Parameters
    ----------
    capacity
        Entries in all, at least `sessions`. Apart, the sessions get `sessions` of them.
    sessions
        People signed in, at least 1; each request reads one's session.
    requests
        How many; each also reads one of 4,000 results, the popular ones often.
    crawled
        Results that a crawler asks for halfway, each once, one after the other.
    apart
        Whether sessions have a cache of their own, from which nothing is evicted.
    rng
        A seed or a generator.

    Examples
    --------
    >>> share_a_cache().logged_out, share_a_cache(crawled=20_000).logged_out
    (0, 4000)
    """
    sessions = require.whole("sessions", sessions)
    capacity = require.whole("capacity", capacity, at_least=sessions + 1)
    requests = require.whole("requests", requests, at_least=2)
    crawled = require.whole("crawled", crawled, at_least=0)
    generator = require.generator(rng)
    reader = generator.integers(sessions, size=requests)
    result = sessions + (4_000 * generator.random(requests) ** 3).astype(np.int64)
    half = requests // 2
    keys = np.stack([reader, result], axis=1).ravel()
    crawl = sessions + 4_000 + np.arange(crawled)
    keys = np.concatenate([np.arange(sessions), keys[: 2 * half], crawl, keys[2 * half :]])
    is_session = keys < sessions
    is_hit = np.empty(keys.size, dtype=np.bool_)
    groups = [is_session, ~is_session] if apart else [np.ones_like(is_session)]
    sizes = [sessions, capacity - sessions] if apart else [capacity]
    for group, size in zip(groups, sizes, strict=True):
        is_hit[group] = simulate(keys[group], size, "lru").hits
    is_read = np.arange(keys.size) >= sessions
    return summarize(is_session & is_read, ~is_session, is_hit)


def summarize(
    session: NDArray[np.bool_], result: NDArray[np.bool_], is_hit: NDArray[np.bool_]
) -> SharedCacheRun:
    """Count what became of sessions and results."""
    return SharedCacheRun(
        int(session.sum()),
        int((session & ~is_hit).sum()),
        int(result.sum()),
        int((result & is_hit).sum()),
    )


def page_hit_ratio(hit_ratio: float, calls: int) -> float:
    """Give the share of pages that are put together without any backend: h^n.

    A backend-for-frontend that makes n calls for a page waits for a backend as soon as one
    of them is not in the cache. (If the calls miss independently.)

    Parameters
    ----------
    hit_ratio
        Of each call, from 0 to 1.
    calls
        Of a page, at least 1.

    Examples
    --------
    >>> round(page_hit_ratio(0.95, calls=20), 3)
    0.358
    """
    require.between("hit_ratio", hit_ratio, 0, 1)
    return float(hit_ratio ** require.whole("calls", calls))
