"""A question to all shards at once is as slow as the slowest answer.

A dinner for ten begins when the last guest is there. If each is late one evening in a
hundred, ten are complete nine evenings in ten, and a hundred hardly ever. A search that is
not by the sharding key asks every shard, so sharding makes it slower, not faster.

Sources: J. Dean and L. Barroso, "The tail at scale" (2013); order statistics of exponential
variables as in H. David and H. Nagaraja, *Order Statistics* (2003), section 2.5.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.statistics import Estimate, interval, quantile
from helpers.workload import Seed, as_generator

Floats = NDArray[np.float64]
CHUNK = 1 << 15
"""Requests at a time, so that the answers of all shards stay in the processor's cache."""


def slow_share(slow: float, shards: int) -> float:
    """Give the share of fan-outs in which at least one shard is slow.

    Parameters
    ----------
    slow
        Chance p that one is, from 0 to 1, each for itself.
    shards
        n that are asked, at least 1.

    Notes
    -----
    1 − (1 − p)ⁿ.

    Examples
    --------
    >>> [round(slow_share(0.01, shards), 3) for shards in (1, 10, 100)]
    [0.01, 0.096, 0.634]
    """
    require.between("slow", slow, 0, 1)
    shards = require.whole("shards", shards)
    return 1.0 if slow == 1 else -math.expm1(shards * math.log1p(-slow))


def needed_quantile(of_all: float, shards: int) -> float:
    """Give the percentile that each shard has to keep for the slowest of n to keep one.

    Parameters
    ----------
    of_all
        Such as 0.99, between 0 and 1.
    shards
        n, at least 1.

    Notes
    -----
    The slowest of n is below t with chance F(t)ⁿ, so F(t) must be the n-th root.

    Examples
    --------
    >>> round(needed_quantile(0.99, 100), 5)
    0.9999
    """
    require.inside("of_all", of_all, 0, 1)
    return float(of_all ** (1 / require.whole("shards", shards)))


def slowest_quantile(share: float, shards: int, mean_latency: float = 1.0) -> float:
    """Give a percentile of the slowest of n exponential latencies.

    Parameters
    ----------
    share
        Such as 0.99, between 0 and 1.
    shards
        n, at least 1.
    mean_latency
        Seconds, above 0.

    Notes
    -----
    −m · ln(1 − q^(1/n)), where F(t)ⁿ = q.

    Examples
    --------
    >>> [round(slowest_quantile(0.99, shards), 1) for shards in (1, 100)]
    [4.6, 9.2]
    """
    require.positive("mean_latency", mean_latency)
    require.inside("share", share, 0, 1)
    shards = require.whole("shards", shards)
    return -mean_latency * math.log(-math.expm1(math.log(share) / shards))


def slowest_mean(shards: int, wait_for: int | None = None, mean_latency: float = 1.0) -> float:
    """Give the mean time until k of n exponential latencies are over.

    Parameters
    ----------
    shards
        n, at least 1.
    wait_for
        k, from 1 to n; all if left out.
    mean_latency
        Seconds, above 0.

    Notes
    -----
    m · (1/n + 1/(n − 1) + … + 1/(n − k + 1)): with n at work, the next is ready after m/n.

    Examples
    --------
    >>> round(slowest_mean(100), 2), round(slowest_mean(100, wait_for=95), 2)
    (5.19, 2.9)
    """
    shards, wait_for = check_wait(shards, wait_for)
    at_work = np.arange(shards, shards - wait_for, -1)
    return float(require.positive("mean_latency", mean_latency) * (1 / at_work).sum())


def check_wait(shards: int, wait_for: int | None) -> tuple[int, int]:
    """Give how many are asked and how many are waited for."""
    shards = require.whole("shards", shards)
    if wait_for is None:
        return shards, shards
    require.between("wait_for", require.whole("wait_for", wait_for), 1, shards)
    return shards, int(wait_for)


@dataclass(frozen=True, eq=False)
class ScatterRun:
    """Requests that asked several shards.

    Attributes
    ----------
    shards, wait_for
        How many were asked, and of how many the answers were waited for.
    response_time
        Seconds until they were there, shape (requests,).
    of_one
        Seconds until the first shard alone had answered, shape (requests,).
    met_hiccup
        Whether a shard that was asked had a hiccup, shape (requests,).
    """

    shards: int
    wait_for: int
    response_time: Floats
    of_one: Floats
    met_hiccup: NDArray[np.bool_]

    def __repr__(self) -> str:
        p50, p99 = quantile(self.response_time, [0.5, 0.99])
        return (
            f"ScatterRun: {self.wait_for} of {self.shards} shards, "
            f"p50 {1000 * p50:.3g} ms, p99 {1000 * p99:.3g} ms"
        )

    @property
    def mean(self) -> Estimate:
        """The mean response time, with how far it may be off."""
        return interval(self.response_time)

    def quantile(self, share: float) -> float:
        """Give a percentile of the response time, such as 0.99."""
        return float(quantile(self.response_time, share))

    @property
    def complete(self) -> float:
        """The share of the shards whose answers the page shows."""
        return self.wait_for / self.shards


def scatter_gather(
    shards: int,
    *,
    wait_for: int | None = None,
    mean_latency: float = 0.01,
    hiccup_chance: float = 0.01,
    hiccup: float = 0.2,
    requests: int = 50_000,
    rng: Seed = 0,
) -> ScatterRun:
    """Ask all shards for each request, and go on when enough have answered.

    Parameters
    ----------
    shards
        How many are asked, at least 1.
    wait_for
        Answers that are enough, from 1 to shards; all if left out.
    mean_latency
        Seconds that a shard takes, exponential, above 0.
    hiccup_chance
        Share of answers that come late besides, from 0 to 1.
    hiccup
        By how many seconds, at least 0.
    requests
        At least 2.
    rng
        A seed or a generator. With the same seed, the first shards' luck is the same however
        many are asked.

    Examples
    --------
    >>> scatter_gather(1, hiccup_chance=0)
    ScatterRun: 1 of 1 shards, p50 6.88 ms, p99 46.1 ms
    >>> scatter_gather(100).met_hiccup.mean().round(2)
    np.float64(0.63)
    """
    shards, wait_for = check_wait(shards, wait_for)
    require.positive("mean_latency", mean_latency)
    require.between("hiccup_chance", hiccup_chance, 0, 1)
    require.not_negative("hiccup", hiccup)
    requests = require.whole("requests", requests, at_least=2)
    chances = [as_generator(child, "shards") for child in spawn(rng, shards)]
    run = ScatterRun(
        shards, wait_for, np.empty(requests), np.empty(requests), np.empty(requests, np.bool_)
    )
    for start in range(0, requests, CHUNK):
        part = slice(start, min(start + CHUNK, requests))
        latency = np.empty((shards, part.stop - start))
        is_late = np.empty(latency.shape, dtype=np.bool_)
        for row, chance in enumerate(chances):
            latency[row] = chance.exponential(mean_latency, latency.shape[1])
            is_late[row] = chance.random(latency.shape[1]) < hiccup_chance
        latency += hiccup * is_late
        run.of_one[part] = latency[0]
        run.met_hiccup[part] = is_late.any(axis=0)
        latency.partition(wait_for - 1, axis=0)
        run.response_time[part] = latency[wait_for - 1]
    return run


def spawn(rng: Seed, children: int) -> list[np.random.Generator]:
    """Give a generator for each shard."""
    return as_generator(rng, "shards").spawn(children)
