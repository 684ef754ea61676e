"""A cache in front of something slow: which key goes when another one needs its place?

Every policy gets the same requests and the same room, and says of each request whether
the key was there: a hit. All keys are of one size. A key that was not there is fetched
and kept, so a full cache evicts one key at each miss.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.caching.eviction_adaptive import run_arc, run_s3fifo, run_wtinylfu
from helpers.caching.eviction_lists import run_clock, run_fifo, run_lfu, run_lru, run_sieve
from helpers.caching.optimal import run_optimal
from helpers.kernel import kernel

Policy = Literal["fifo", "clock", "lru", "lfu", "sieve", "s3fifo", "arc", "wtinylfu", "optimal"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
"""Every policy's name; the last one knows the future."""

Keys = NDArray[np.int64]
Hits = NDArray[np.bool_]

SKETCH_BITS = 31
SKETCH_FACTORS = np.array([0x4F1BBCDD, 0x3504F333, 0x5DB3D743, 0x52A7FA9D])
"""An odd number for each row of the sketch, near 2^31 times a root, so that keys in a row spread
evenly: a key's cell are the first of the 31 lowest bits of the product (multiplicative hashing;
Knuth, *The Art of Computer Programming* 3, section 6.4)."""


@dataclass(frozen=True, eq=False)
class Trace:
    """Requests whose keys are numbered from 0, in the order in which they first came.

    Attributes
    ----------
    keys
        Shape (requests,), from 0 to `distinct` - 1.
    distinct
        How many different keys there are.
    """

    keys: Keys
    distinct: int

    def __post_init__(self) -> None:
        self.keys.flags.writeable = False

    def __len__(self) -> int:
        return self.keys.size


@dataclass(frozen=True, eq=False)
class CacheRun:
    """What became of each request, in order.

    Attributes
    ----------
    hits
        Whether the key was there, shape (requests,).
    capacity
        How many keys the cache has room for.
    policy
        Who decided what goes.
    distinct
        How many different keys were asked for.
    """

    hits: Hits
    capacity: int
    policy: Policy
    distinct: int

    def __post_init__(self) -> None:
        self.hits.flags.writeable = False
        if self.misses < self.distinct:
            raise AssertionError("a key was there before anybody had asked for it")

    def __len__(self) -> int:
        return self.hits.size

    def __repr__(self) -> str:
        return (
            f"CacheRun: {self.policy}, room for {self.capacity:,} of {self.distinct:,} keys, "
            f"{len(self):,} requests, hit ratio {self.hit_ratio:.1%}, "
            f"{self.evictions:,} evictions"
        )

    @cached_property
    def hit_count(self) -> int:
        """Requests that the cache answered."""
        return int(np.count_nonzero(self.hits))

    @property
    def misses(self) -> int:
        """Requests that went on to the tier behind: all that were no hits."""
        return len(self) - self.hit_count

    @property
    def hit_ratio(self) -> float:
        """Share of requests that the cache answered, from 0 to 1."""
        return self.hit_count / len(self)

    @property
    def miss_ratio(self) -> float:
        """Share of requests that went on to the tier behind."""
        return self.misses / len(self)

    @property
    def cold_misses(self) -> int:
        """First requests for a key, which no cache of any size can answer."""
        return self.distinct

    @property
    def evictions(self) -> int:
        """Keys that had to go: each miss brings one in, and `capacity` of them stay."""
        return self.misses - min(self.capacity, self.distinct)

    def hit_ratio_after(self, warm_up: float = 0.2) -> float:
        """Give the hit ratio without the start, when the cache was still filling.

        Parameters
        ----------
        warm_up
            Share of the requests that are left out, from 0 to below 1.
        """
        if not 0 <= warm_up < 1:
            require.refuse("warm_up", "at least 0 and below 1", warm_up)
        counted = self.hits[int(len(self) * warm_up) :]
        return float(np.count_nonzero(counted) / counted.size)


def simulate(keys: ArrayLike | Trace, capacity: int, policy: Policy = "lru") -> CacheRun:
    """Send requests through a cache.

    Parameters
    ----------
    keys
        What each request asks for, any whole numbers, shape (requests,); or a `Trace`, to
        number them only once for several runs.
    capacity
        How many keys there is room for, at least 1.
    policy
        One of `POLICIES`. "optimal" is Belady's MIN without bypass: the most hits that
        are possible for a cache that takes in what it has fetched, as all others here do.

    Raises
    ------
    ValueError
        When keys are not whole numbers in one dimension, or there are none; when the
        capacity is below 1 or the policy unknown.

    Examples
    --------
    >>> simulate([1, 2, 1, 3, 2], capacity=2, policy="lru").hits
    array([False, False,  True, False, False])
    >>> simulate([1, 2, 1, 3, 2], capacity=2, policy="optimal").hit_ratio
    0.4
    """
    room = require.whole("capacity", capacity)
    if not isinstance(policy, str) or policy not in RUN:
        raise ValueError(f"policy must be one of {', '.join(POLICIES)}, got {policy!r}")
    trace = keys if isinstance(keys, Trace) else number_keys(keys)
    hits = RUN[policy](trace, min(room, trace.distinct))
    return CacheRun(hits, room, policy, trace.distinct)


def number_keys(keys: ArrayLike) -> Trace:
    """Number keys from 0 in the order in which they first come.

    Parameters
    ----------
    keys
        Any whole numbers, shape (requests,), at least one.

    Examples
    --------
    >>> number_keys([70, -3, 70, 9]).keys.tolist()
    [0, 1, 0, 2]
    """
    given = np.asarray(keys)
    if given.ndim != 1:
        raise ValueError(f"keys must be one-dimensional, got shape {given.shape}")
    if given.size == 0:
        raise ValueError("keys must not be empty, got 0 requests")
    if given.dtype.kind not in "iu":
        raise ValueError(f"keys must be whole numbers, got an array of {given.dtype}")
    low, high = int(given.min()), int(given.max())
    if high - low < 4 * given.size + 1024:  # a table of all numbers between them is small
        if high >= 2**63:  # beyond int64, where the loop counts
            given, low, high = given - np.uint64(low), 0, high - low
        return Trace(*first_come_first_numbered(given.astype(np.int64, copy=False), low, high))
    found, place = np.unique(given, return_inverse=True)
    return Trace(*first_come_first_numbered(place, 0, found.size - 1))


@kernel
def first_come_first_numbered(keys, low, high):  # type: ignore[no-untyped-def]
    """Number whole numbers from `low` to `high` in the order in which they first come."""
    number = np.full(high - low + 1, -1)
    numbered = np.empty(keys.size, np.int64)
    known = 0
    for i in range(keys.size):
        if number[keys[i] - low] < 0:
            number[keys[i] - low] = known
            known += 1
        numbered[i] = number[keys[i] - low]
    return numbered, known


def s3fifo(trace: Trace, capacity: int) -> Hits:
    """Give the small queue a tenth of the room, and ghosts nine tenths of it in names."""
    small_size = max(1, capacity // 10)
    return run_s3fifo(trace.keys, trace.distinct, capacity, small_size, capacity * 9 // 10)


def wtinylfu(trace: Trace, capacity: int) -> Hits:
    """Give the window 1 % of the room, and what is used again four fifths of the rest."""
    window = max(1, round(capacity / 100))
    protected = (capacity - window) * 4 // 5
    bits = min(SKETCH_BITS, (4 * capacity - 1).bit_length())
    sizes = (window, protected)
    return run_wtinylfu(
        trace.keys, trace.distinct, capacity, *sizes, SKETCH_FACTORS, bits, 10 * capacity
    )


def plain(run: Callable[..., Any]) -> Callable[[Trace, int], Hits]:
    """Wrap a policy that has nothing to set but its capacity."""
    return lambda trace, capacity: run(trace.keys, trace.distinct, capacity)


RUN: dict[str, Callable[[Trace, int], Hits]] = {
    "fifo": plain(run_fifo),
    "clock": plain(run_clock),
    "lru": plain(run_lru),
    "lfu": plain(run_lfu),
    "sieve": plain(run_sieve),
    "s3fifo": s3fifo,
    "arc": plain(run_arc),
    "wtinylfu": wtinylfu,
    "optimal": plain(run_optimal),
}
