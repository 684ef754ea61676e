"""Requests for objects that are kept in a cache, and for others that never are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rush:
    """Requests in order of time, and all their luck.

    Attributes
    ----------
    time
        Seconds, shape (requests,).
    key
        The object, from 0; −1 for a query that is never cached, shape (requests,).
    work
        Seconds of an idle database that the query takes, if it is asked, shape (requests,).
    server
        The application server that takes the request, from 0, shape (requests,).
    unit
        Unit exponentials, −ln U, for the early refresh, shape (requests,).
    uniform
        For the jitter of a copy that the request makes, shape (requests,).
    keys, servers
        How many there are.
    """

    time: Floats
    key: Integers
    work: Floats
    server: Integers
    unit: Floats
    uniform: Floats
    keys: int
    servers: int

    def __post_init__(self) -> None:
        for name in ("time", "key", "work", "server", "unit", "uniform"):
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return self.time.size


def draw_rush(
    request_rate: float,
    duration: float,
    *,
    recompute_time: float = 0.1,
    keys: int = 1,
    other_rate: float = 0.0,
    other_time: float = 0.02,
    servers: int = 10,
    rng: int | np.random.Generator = 0,
) -> Rush:
    """Draw requests for objects that are cached, and queries that are not.

    Parameters
    ----------
    request_rate, other_rate
        Requests a second for the cached objects together, above 0; other queries a second.
    duration
        Seconds, above 0.
    recompute_time, other_time
        Seconds that an idle database takes for either, always the same, above 0.
    keys
        How many cached objects, all alike.
    servers
        Application servers, of which each request goes to any.
    rng
        A seed or a generator.

    Examples
    --------
    >>> len(draw_rush(100, duration=10, rng=1))
    1019
    """
    require.positive("request_rate", request_rate)
    require.not_negative("other_rate", other_rate)
    require.positive("duration", duration)
    require.positive("recompute_time", recompute_time)
    require.positive("other_time", other_time)
    keys, servers = require.whole("keys", keys), require.whole("servers", servers)
    of_hot, of_other, of_luck = require.generator(rng).spawn(3)
    hot = of_hot.uniform(0, duration, of_hot.poisson(request_rate * duration))
    other = of_other.uniform(0, duration, of_other.poisson(other_rate * duration))
    key = np.concatenate([of_hot.integers(keys, size=hot.size), np.full(other.size, -1)])
    time = np.concatenate([hot, other])
    order = np.argsort(time, kind="stable")
    work = np.where(key >= 0, recompute_time, other_time)[order]
    server = of_luck.integers(servers, size=time.size)
    unit, uniform = of_luck.exponential(size=time.size), of_luck.random(time.size)
    return Rush(time[order], key[order], work, server, unit, uniform, keys, servers)
