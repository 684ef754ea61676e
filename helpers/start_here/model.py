"""A cache before an origin: what one more point of hits is worth.

A cache is a receptionist who knows most answers by heart. Callers whose question she
knows are done at once; the others go on to the office behind her, which takes its time.
What the office feels is not how many she answers but how many she passes on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require

HIT_TIME = 0.005
"""Seconds that an answer from the cache takes."""
ORIGIN_TIME = 0.2
"""Seconds that the origin takes on top of it for what the cache has not got."""


@dataclass(frozen=True)
class CacheEffect:
    """What a cache leaves over.

    Attributes
    ----------
    hit_ratio
        Share of requests that the cache answers, from 0 to 1.
    request_rate
        Requests per second that reach the cache.
    origin_rate
        Requests per second that reach the origin.
    mean_response
        Seconds, over hits and misses together.
    """

    hit_ratio: float
    request_rate: float
    origin_rate: float
    mean_response: float

    def __repr__(self) -> str:
        return (
            f"{100 * self.hit_ratio:.4g} % hits: {self.origin_rate:,.4g} requests/s reach the "
            f"origin, mean response {1000 * self.mean_response:.4g} ms"
        )


def serve_through_cache(
    hit_ratio: float,
    request_rate: float = 1000.0,
    hit_time: float = HIT_TIME,
    origin_time: float = ORIGIN_TIME,
) -> CacheEffect:
    """Reckon the load on the origin and the mean response time.

    Parameters
    ----------
    hit_ratio
        From 0 to 1.
    request_rate
        Requests per second, above 0.
    hit_time
        Seconds to look into the cache and answer from it, at least 0.
    origin_time
        Seconds that a miss takes on top, at least 0.

    Notes
    -----
    Each request looks into the cache, and one in 1/(1 − h) goes on to the origin: the
    origin gets (1 − h) × rate, and the mean is hit time + (1 − h) × origin time.

    Examples
    --------
    >>> serve_through_cache(0.99)
    99 % hits: 10 requests/s reach the origin, mean response 7 ms
    """
    require.between("hit_ratio", hit_ratio, 0, 1)
    require.positive("request_rate", request_rate)
    require.not_negative("hit_time", hit_time)
    require.not_negative("origin_time", origin_time)
    missed = 1 - hit_ratio
    return CacheEffect(
        hit_ratio, request_rate, missed * request_rate, hit_time + missed * origin_time
    )


def simulate_responses(
    hit_ratio: float,
    requests: int = 1_000_000,
    hit_time: float = HIT_TIME,
    origin_time: float = ORIGIN_TIME,
    rng: int | np.random.Generator = 1,
) -> NDArray[np.float64]:
    """Draw for each request whether the cache has its answer, and give how long it takes.

    Parameters
    ----------
    hit_ratio
        From 0 to 1.
    requests
        How many, at least 1.
    hit_time, origin_time
        As in `serve_through_cache`.
    rng
        A seed or a generator.

    Returns
    -------
    Seconds, shape (requests,).

    Examples
    --------
    >>> simulate_responses(1.0, requests=3, hit_time=2.0)
    array([2., 2., 2.])
    """
    require.between("hit_ratio", hit_ratio, 0, 1)
    require.not_negative("hit_time", hit_time)
    require.not_negative("origin_time", origin_time)
    count = require.whole("requests", requests)
    is_miss = np.random.default_rng(rng).random(count) >= hit_ratio
    return np.where(is_miss, hit_time + origin_time, hit_time)
