"""How much room is worth having: the hit ratio against the size of the cache.

For LRU one pass gives every size at once. Think of the keys as a pile of plates: whatever
is asked for is taken out and put on top, so a key's depth in the pile is the number of
different keys since it was last used. A cache of n keys holds just the top n plates, so a
request is a hit for all sizes from its depth on. All other policies are run size by size.

Source: Mattson, Gecsei, Slutz and Traiger, "Evaluation techniques for storage
hierarchies" (1970).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.caching.eviction import POLICIES, CacheRun, Policy, Trace, number_keys, simulate
from helpers.kernel import kernel

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class HitRatioCurve:
    """Hit ratio against capacity, shape (points,).

    Attributes
    ----------
    capacity
        Keys that the cache has room for, rising.
    hit_ratio
        From 0 to 1.
    policy
        A policy's name, or what else the curve is called.
    """

    capacity: Counts | Floats
    hit_ratio: Floats
    policy: str

    def at(self, capacity: float) -> float:
        """Give the hit ratio at a capacity, between points along the logarithm of the size."""
        require.between("capacity", capacity, float(self.capacity[0]), float(self.capacity[-1]))
        return float(np.interp(np.log(capacity), np.log(self.capacity), self.hit_ratio))

    def capacity_for(self, hit_ratio: float) -> int:
        """Give the smallest capacity of the curve that reaches a hit ratio.

        Raises
        ------
        ValueError
            When none does.
        """
        reached = np.flatnonzero(self.hit_ratio >= hit_ratio)
        if not reached.size:
            highest = f"at most {self.hit_ratio.max():.4g}, the best of the curve"
            require.refuse("hit_ratio", highest, hit_ratio)
        return int(self.capacity[reached[0]])


@kernel
def find_depths(keys, distinct):  # type: ignore[no-untyped-def]
    """Give each request's depth in the pile from 1, and 0 for a key that was never in it.

    `marks` is a Fenwick tree over moments: it adds up, in few steps, how many keys had
    their last request up to a moment.
    """
    requests = keys.size
    marks = np.zeros(requests + 1, np.int32)
    last_request = np.zeros(distinct, np.int64)
    depth = np.zeros(requests, np.int64)
    known = 0
    for i in range(requests):
        since = last_request[keys[i]]  # moments count from 1
        last_request[keys[i]] = i + 1
        if since > 0:
            above = known
            moment = since
            while moment > 0:
                above -= marks[moment]
                moment &= moment - 1
            depth[i] = above + 1
            moment = since
            while moment <= requests:
                marks[moment] -= 1
                moment += moment & -moment
        else:
            known += 1
        moment = i + 1
        while moment <= requests:
            marks[moment] += 1
            moment += moment & -moment
    return depth


def stack_distances(keys: ArrayLike | Trace) -> Counts:
    """Give the smallest LRU cache in which each request would be a hit; 0 where none is.

    Parameters
    ----------
    keys
        As in `simulate`.

    Examples
    --------
    >>> stack_distances([1, 2, 1, 1, 3, 2]).tolist()
    [0, 0, 2, 1, 0, 3]
    """
    trace = keys if isinstance(keys, Trace) else number_keys(keys)
    depths: Counts = find_depths(trace.keys, trace.distinct)
    return depths


def hit_ratio_curve(
    keys: ArrayLike | Trace,
    policy: Policy = "lru",
    capacities: Sequence[int] | Counts | None = None,
    warm_up: float = 0.0,
) -> HitRatioCurve:
    """Give a policy's hit ratio at many sizes.

    Parameters
    ----------
    keys
        As in `simulate`.
    policy
        One of `POLICIES`. LRU takes one pass for all sizes, any other a run for each.
    capacities
        Rising, each at least 1; by default every size for LRU, and 25 from 1 to the number
        of different keys, in equal ratios, for the others.
    warm_up
        Share of the requests at the start that are not counted, from 0 to below 1.

    Examples
    --------
    >>> hit_ratio_curve([1, 2, 1, 1, 3, 2]).hit_ratio.round(2).tolist()
    [0.17, 0.33, 0.5]
    """
    trace = keys if isinstance(keys, Trace) else number_keys(keys)
    if not 0 <= warm_up < 1:
        require.refuse("warm_up", "at least 0 and below 1", warm_up)
    if capacities is None:
        every_size = np.arange(1, trace.distinct + 1)
        sizes = every_size if policy == "lru" else spread_sizes(trace.distinct)
    else:
        sizes = as_sizes(capacities)
    if policy != "lru":
        runs = (simulate(trace, int(size), policy) for size in sizes)
        ratios = np.array([run.hit_ratio_after(warm_up) for run in runs])
        return HitRatioCurve(sizes, ratios, policy)
    counted = stack_distances(trace)[int(len(trace) * warm_up) :]
    at_depth = np.bincount(counted, minlength=trace.distinct + 1)
    at_depth[0] = 0
    hits_up_to = np.cumsum(at_depth)
    return HitRatioCurve(sizes, hits_up_to[np.minimum(sizes, trace.distinct)] / counted.size, "lru")


def spread_sizes(largest: int, points: int = 25) -> Counts:
    """Give sizes from 1 on, in equal ratios as far as whole numbers allow.

    Examples
    --------
    >>> spread_sizes(100, points=5).tolist()
    [1, 3, 10, 32, 100]
    """
    return np.unique(np.geomspace(1, largest, points).round().astype(np.int64))


def as_sizes(capacities: Sequence[int] | Counts) -> Counts:
    """Give capacities as an array, or say what is wrong with them."""
    sizes = np.array([require.whole("capacities", size) for size in capacities], dtype=np.int64)
    if sizes.size == 0 or (np.diff(sizes) <= 0).any():
        raise ValueError(f"capacities must rise and not be empty, got {sizes.tolist()}")
    return sizes


def run_policies(
    keys: ArrayLike | Trace, capacity: int, policies: Sequence[Policy] = POLICIES
) -> Mapping[Policy, CacheRun]:
    """Send the same requests through a cache under each policy.

    Examples
    --------
    >>> runs = run_policies([1, 2, 3, 1, 2, 3], capacity=2, policies=("lru", "optimal"))
    >>> {policy: run.hit_count for policy, run in runs.items()}
    {'lru': 0, 'optimal': 2}
    """
    trace = keys if isinstance(keys, Trace) else number_keys(keys)
    return {policy: simulate(trace, capacity, policy) for policy in policies}
