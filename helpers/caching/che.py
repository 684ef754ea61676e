"""What theory knows of hit ratios: Che's approximation for LRU, and a cache with a TTL.

A key leaves an LRU cache when as many other keys as it has room for were asked for since
its last request. With a large catalogue that takes nearly the same time T for every key:
the cache's characteristic time. So LRU behaves like a timer that each request sets anew,
and a key with rate λ is there with the chance that it was asked for within T.

It takes requests to be independent and fame to stay. Where keys are asked for in a loop, or
the catalogue changes, it is far off.

Sources: Che, Tung and Wang, "Hierarchical web caching systems: modeling, design and
experimental results" (2002); Fricker, Robert and Roberts, "A versatile and accurate
approximation for LRU cache performance" (2012), who show why it works.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.caching.hit_ratio import HitRatioCurve

Floats = NDArray[np.float64]


def as_popularity(popularity: ArrayLike, once: float) -> Floats:
    """Give each key's share of all requests, or say what is wrong with it."""
    shares = np.asarray(popularity, dtype=np.float64)
    if shares.ndim != 1 or shares.size == 0:
        raise ValueError(f"popularity must be one-dimensional, got shape {shares.shape}")
    if not (np.all(shares >= 0) and abs(shares.sum() - 1) < 1e-9):
        raise ValueError(
            f"popularity must be at least 0 and add up to 1, got a sum of {shares.sum():.6g}"
        )
    if not 0 <= once < 1:
        require.refuse("once", "at least 0 and below 1", once)
    return (1 - once) * shares


def characteristic_time(popularity: ArrayLike, capacity: float, once: float = 0.0) -> float:
    """Give the number of requests after which an unused key leaves an LRU cache.

    The root T of Σ (1 − e^(−pT)) + once × T = capacity: in a stretch of T requests just as
    many different keys are asked for as there is room for.

    Parameters
    ----------
    popularity
        Share of each key among requests for the catalogue, adding up to 1, shape (keys,).
    capacity
        Above 0 and, when nothing is asked for only once, below the number of keys.
    once
        Share of all requests that go to keys outside the catalogue, each asked for once;
        from 0 to below 1.

    Examples
    --------
    >>> round(characteristic_time([0.5, 0.5], 1.0), 4)  # 2 × (1 − e^(−T/2)) = 1
    1.3863
    """
    shares = as_popularity(popularity, once)
    require.positive("capacity", capacity)
    asked_for = np.count_nonzero(shares)
    if once == 0 and capacity >= asked_for:
        require.refuse("capacity", f"below the {asked_for} keys that are asked for", capacity)
    low, high = 0.0, 1.0
    while filled(shares, once, high) < capacity:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if filled(shares, once, middle) < capacity:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def filled(shares: Floats, once: float, time: float) -> float:
    """Give the expected number of different keys in a stretch of requests."""
    return float(-np.expm1(-shares * time).sum() + once * time)


def che_hit_ratio(popularity: ArrayLike, capacity: float, once: float = 0.0) -> float:
    """Give LRU's hit ratio by Che's approximation.

    Parameters
    ----------
    popularity, capacity, once
        As in `characteristic_time`; a capacity for the whole catalogue gives 1.

    Examples
    --------
    >>> from helpers.workload import zipf
    >>> round(che_hit_ratio(zipf(10_000, 0.8), 1000), 4)
    0.4367
    """
    shares = as_popularity(popularity, once)
    require.positive("capacity", capacity)
    if once == 0 and capacity >= np.count_nonzero(shares):
        return 1.0
    time = characteristic_time(popularity, capacity, once)
    return float(-(shares * np.expm1(-shares * time)).sum())


def che_curve(popularity: ArrayLike, once: float = 0.0, points: int = 40) -> HitRatioCurve:
    """Give LRU's hit ratio by formula at sizes from 1 to the catalogue's.

    The other way round is quicker: for a time T the formula gives size and hit ratio at
    once, with nothing to solve.

    Parameters
    ----------
    popularity, once
        As in `characteristic_time`.
    points
        At how many sizes, at least 2.
    """
    shares = as_popularity(popularity, once)
    points = require.whole("points", points, at_least=2)
    busiest, idlest = shares.max(), shares[shares > 0].min()
    times = np.geomspace(0.5, 8 / idlest, points) if busiest > 0 else np.ones(points)
    size, ratio = np.empty(points), np.empty(points)
    for i, time in enumerate(times):
        present = -np.expm1(-shares * time)
        size[i] = present.sum() + once * time
        ratio[i] = present @ shares
    return HitRatioCurve(size, ratio, "LRU by Che's formula")


def ttl_hit_ratio(rate: ArrayLike, ttl: float) -> Floats:
    """Give the hit ratio of a key that is kept for a fixed time after it was fetched.

    Each fetch is followed by λT requests that find the key, so of 1 + λT requests λT are
    hits. This is exact when requests come at random (Poisson).

    Parameters
    ----------
    rate
        Requests for the key per second, at least 0; a number or an array of any shape.
    ttl
        Seconds, at least 0.

    Returns
    -------
    From 0 to below 1, in the shape of the rate.

    Examples
    --------
    >>> float(ttl_hit_ratio(0.1, ttl=60).round(4))  # six requests a minute
    0.8571
    """
    rates = np.asarray(rate, dtype=np.float64)
    if not (np.isfinite(rates).all() and (rates >= 0).all()):
        raise ValueError(f"rate must be finite and at least 0, got {rate!r}")
    expected = rates * require.not_negative("ttl", ttl)
    return np.asarray(expected / (1 + expected))


def ttl_cache_hit_ratio(popularity: ArrayLike, rate: float, ttl: float) -> float:
    """Give the hit ratio over all keys of a cache with a TTL and room for everything.

    Parameters
    ----------
    popularity
        Share of each key, adding up to 1, shape (keys,).
    rate
        Requests per second for all keys together, above 0.
    ttl
        Seconds, at least 0.

    Examples
    --------
    >>> ttl_cache_hit_ratio([0.5, 0.5], rate=2.0, ttl=3.0)
    0.75
    """
    shares = as_popularity(popularity, 0.0)
    return float(shares @ ttl_hit_ratio(require.positive("rate", rate) * shares, ttl))
