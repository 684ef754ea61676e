"""What the explorer shows of a cache: one long run, and curves of short ones around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.caching.che import che_curve
from helpers.caching.eviction import Policy, Trace, simulate
from helpers.kernel import kernel
from helpers.parallel import in_parallel
from helpers.workload import AliasTable, as_generator, zipf

Floats = NDArray[np.float64]
Luck = tuple[NDArray[np.int16], Floats, Floats]

CATALOGUE = 10_000
"""Keys that are asked for by their fame."""
SMALLEST, LARGEST = 10, 10_000
"""Sizes of the cache, in keys."""
REQUEST_RATE = 10_000.0
"""Requests per second that reach the cache."""
WARM_UP = 0.2
"""Share of the requests that fill the cache and are not counted."""
CURVE_REQUESTS = 120_000
"""Requests for each point of a curve and for the limit; the chosen point itself has them all.
The slowest to settle is SIEVE, whose curve stands up to three points too low for that."""
SIZES = np.array([10, 30, 100, 300, 1_000, 3_000, 10_000])

NAMES: dict[str, Policy] = {
    "FIFO": "fifo",
    "CLOCK": "clock",
    "LRU": "lru",
    "LFU": "lfu",
    "SIEVE": "sieve",
    "S3-FIFO": "s3fifo",
    "ARC": "arc",
    "W-TinyLFU": "wtinylfu",
}
"""What a person calls a policy, to its name."""


@dataclass(frozen=True, eq=False)
class CacheView:
    """A cache of one size under one policy, and what it could be.

    Attributes
    ----------
    policy_name, capacity
        As chosen; capacity in keys.
    hit_ratio, least_misses
        Of the chosen cache; and the smallest miss ratio of any policy in it. From 0 to 1.
    sizes, curve, limit
        Hit ratio against size for the policy and at best, shape (points,).
    che_sizes, che
        The same for LRU by Che's formula.
    """

    policy_name: str
    capacity: int
    hit_ratio: float
    least_misses: float
    sizes: NDArray[np.int64]
    curve: Floats
    limit: Floats
    che_sizes: Floats
    che: Floats

    @property
    def miss_rate(self) -> float:
        """Requests per second that reach the next tier."""
        return REQUEST_RATE * (1 - self.hit_ratio)

    @property
    def least_miss_rate(self) -> float:
        """The same, were the future known."""
        return REQUEST_RATE * self.least_misses

    @property
    def in_words(self) -> str:
        """The numbers in two sentences."""
        return (
            f"{self.policy_name} with room for {self.capacity:,} keys answers "
            f"{self.hit_ratio:.1%} of requests; the best possible would answer "
            f"{1 - self.least_misses:.1%}. Of {REQUEST_RATE:,.0f} requests/s, "
            f"{self.miss_rate:,.0f} reach the next tier."
        )


@lru_cache(maxsize=1)
def draw_luck(requests: int) -> Luck:
    """Draw what all settings share: a jar of the alias table, a height in it, and a wonder."""
    rng = as_generator(0, "cache view")
    jar = rng.integers(CATALOGUE, size=requests).astype(np.int16)
    return jar, rng.random(requests), rng.random(requests)


@lru_cache(maxsize=2)
def draw_requests(requests: int, exponent: float, once: float) -> Trace:
    """Ask by Zipf's law, and for some keys once; the same luck at every setting.

    At first all of the catalogue is asked for, the least known key first: what is counted
    later is a cache that has been running for long, in which no key of fame is new.
    """
    return requests_of(draw_luck(requests), exponent, once)


def requests_of(luck: Luck, exponent: float, once: float) -> Trace:
    """Turn luck into keys; a part of the luck gives the same part of the keys."""
    table = AliasTable.of(zipf(CATALOGUE, exponent))
    keys, wonders = ask(*luck, table.kept, table.other, once)
    return Trace(keys, CATALOGUE + wonders)


@kernel
def ask(jar, height, wonder, kept, other, once):  # type: ignore[no-untyped-def]
    """Look keys up in the alias table, numbered in the order in which they first come."""
    catalogue = kept.size
    keys = np.empty(jar.size, np.int64)
    wonders = 0
    for i in range(jar.size):
        if i < catalogue:
            keys[i] = i
        elif wonder[i] < once:
            keys[i] = catalogue + wonders
            wonders += 1
        else:
            rank = jar[i] if height[i] < kept[jar[i]] else other[jar[i]]
            keys[i] = catalogue - 1 - rank
    return keys, wonders


@lru_cache(maxsize=2)
def first_requests(requests: int, exponent: float, once: float) -> Trace:
    """Give the part of the requests that curves are made of."""
    jar, height, wonder = draw_luck(requests)
    first = slice(CURVE_REQUESTS)
    return requests_of((jar[first], height[first], wonder[first]), exponent, once)


@lru_cache(maxsize=64)
def measure_curve(policy: Policy, requests: int, exponent: float, once: float) -> Floats:
    """Give the hit ratio at each of `SIZES`, from the first requests."""
    return hit_ratios(first_requests(requests, exponent, once), SIZES.tolist(), policy)


def hit_ratios(trace: Trace, sizes: Sequence[int], policy: Policy) -> Floats:
    """Run a policy at each size, and give what it answers once it is warm, shape (sizes,)."""
    runs = (simulate(trace, size, policy) for size in sizes)
    return np.array([run.hit_ratio_after(WARM_UP) for run in runs])


@lru_cache(maxsize=64)
def theory(exponent: float, once: float) -> tuple[Floats, Floats]:
    """Give sizes and hit ratios of LRU by Che's formula."""
    curve = che_curve(zipf(CATALOGUE, exponent), once)
    return np.asarray(curve.capacity, dtype=np.float64), curve.hit_ratio


def view_cache(
    capacity: int, exponent: float, policy_name: str, once: float, requests: int = 1_000_000
) -> CacheView:
    """Simulate one setting and give what the picture shows of it.

    Parameters
    ----------
    capacity
        Keys, at least 1.
    exponent
        Of Zipf's law, at least 0.
    policy_name
        One of `NAMES`.
    once
        Share of requests for keys that nobody asks for again, from 0 to below 1.
    requests
        How many to run, at least 50,000: the first ten thousand only fill the cache.
    """
    require.whole("requests", requests, at_least=5 * CATALOGUE)
    policy = NAMES[policy_name]
    asked = requests, exponent, once
    first_requests(*asked)  # and the luck of all: or each thread would draw it for itself

    pieces: list[Callable[[], Floats]] = [
        lambda: hit_ratios(draw_requests(*asked), [capacity], policy),
        lambda: hit_ratios(first_requests(*asked), [capacity], "optimal"),
        lambda: measure_curve(policy, *asked),
        lambda: measure_curve("optimal", *asked),
    ]
    chosen, best, curve, limit = in_parallel(lambda piece: piece(), pieces)
    return CacheView(
        policy_name,
        capacity,
        float(chosen[0]),
        1 - max(float(chosen[0]), float(best[0])),
        SIZES,
        curve,
        limit,
        *theory(exponent, once),
    )
