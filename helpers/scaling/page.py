"""What the p99 of a call is to a page that makes forty of them.

A family of forty leaves the house when the last one is ready. Each is late one day in
a hundred; the family is late one day in three. A page is done when its slowest call is,
so what is rare for a call is common for a page.

Source: J. Dean and L. A. Barroso, "The Tail at Scale", CACM 56(2), 2013, page 75.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.statistics import Estimate, quantile

Floats = NDArray[np.float64]

TAIL_AT_SCALE = (100, 0.63)
"""Calls of a page and the share of pages slower than the calls' p99, as published."""


def chance_of_slow(calls: ArrayLike, slow_share: float = 0.01, together: float = 0.0) -> Floats:
    """Give the chance that at least one of the calls of a page is slow.

    Parameters
    ----------
    calls
        Calls of a page, at least 1, any shape.
    slow_share
        Share of calls that are slow, from 0 to 1; beyond the p99 it is 0.01.
    together
        Chance that a call shares the luck of its page (the same server, the same
        moment), from 0 (all for themselves) to 1 (all alike).

    Returns
    -------
    Chance, of the shape of `calls`.

    Notes
    -----
    1 − (1 − p)^n when each call is for itself. With a common luck, which is bad with
    chance p, the page is free of slow calls when the common luck is good and the own
    luck of the others too, or when it is bad and nobody shares it:
    (1 − p)(1 − (1 − r)p)^n + p((1 − r)(1 − p))^n.

    Examples
    --------
    >>> print(chance_of_slow([1, 40, 100]).round(3))
    [0.01  0.331 0.634]
    """
    require.between("slow_share", slow_share, 0, 1)
    require.between("together", together, 0, 1)
    n = np.asarray(calls, dtype=np.float64)
    if n.size and not n.min() >= 1:
        raise ValueError(f"calls must be at least 1, got {n.min()}")
    alone = 1 - together
    good = (1 - slow_share) * (1 - alone * slow_share) ** n
    bad = slow_share * (alone * (1 - slow_share)) ** n
    return 1 - good - bad


def calls_until(chance: float, slow_share: float = 0.01) -> int:
    """Give the fewest calls with which at least one is slow with the given chance.

    Parameters
    ----------
    chance
        Between 0 and 1.
    slow_share
        Share of calls that are slow, between 0 and 1.

    Examples
    --------
    >>> calls_until(0.5)  # every other page meets a p99
    69
    """
    require.inside("chance", chance, 0, 1)
    require.inside("slow_share", slow_share, 0, 1)
    return max(1, math.ceil(math.log1p(-chance) / math.log1p(-slow_share) - 1e-9))


def call_share(q: float, calls: int) -> float:
    """Give which quantile of the calls is the q-quantile of the pages: q^(1/n).

    Parameters
    ----------
    q
        Share of pages, above 0 and at most 1.
    calls
        Calls that a page makes at once, at least 1, each for itself.

    Examples
    --------
    >>> round(call_share(0.5, calls=40), 4)  # the middle page is a p98.3 call
    0.9828
    >>> round(call_share(0.99, calls=40), 5)
    0.99975
    """
    calls = require.whole("calls", calls)
    if not 0 < q <= 1:
        raise ValueError(f"q must be above 0 and at most 1, got {q}")
    return math.exp(math.log(q) / calls)


def page_quantile(response_time: ArrayLike, calls: int, q: float) -> float:
    """Give the time that a share q of pages does not exceed, from response times of calls.

    Parameters
    ----------
    response_time
        Of single calls, in seconds, measured or drawn, shape (samples,).
    calls
        Calls that a page makes at once, at least 1, each for itself.
    q
        Share of pages, above 0 and at most 1.

    Notes
    -----
    The slowest of n calls is within t when all are: F(t)^n = q. Exact for calls drawn
    from the samples; about calls beyond the largest sample it knows nothing, so use at
    least n/(1 − q) samples.

    Examples
    --------
    >>> page_quantile([0.1, 0.2, 0.3, 0.4], calls=2, q=0.5)
    0.3
    """
    return quantile(response_time, call_share(q, calls))


def draw_response_times(
    samples: int = 100_000,
    median: float = 0.04,
    spread: float = 0.4,
    tail_share: float = 0.02,
    tail_times: float = 10.0,
    rng: int | np.random.Generator = 0,
) -> Floats:
    """Draw response times of calls: a log-normal body, and a few that are many times slower.

    Parameters
    ----------
    samples
        At least 1.
    median
        Of the body, in seconds, above 0.
    spread
        Standard deviation of the logarithm, at least 0.
    tail_share
        Share of calls that meet a pause or a cold cache, from 0 to 1.
    tail_times
        How many times longer these take, at least 1.
    rng
        A seed or a generator.

    Returns
    -------
    Seconds, shape (samples,).

    Examples
    --------
    >>> quantile(draw_response_times(), [0.5, 0.99]).round(2)
    array([0.04, 0.4 ])
    """
    samples = require.whole("samples", samples)
    require.positive("median", median)
    require.not_negative("spread", spread)
    require.between("tail_share", tail_share, 0, 1)
    require.between("tail_times", tail_times, 1, math.inf)
    body, tail = require.generator(rng).spawn(2)
    times = median * np.exp(spread * body.standard_normal(samples))
    return times * np.where(tail.random(samples) < tail_share, tail_times, 1.0)


@dataclass(frozen=True, eq=False)
class PageRun:
    """How long pages took, and their calls; seconds.

    Attributes
    ----------
    call_time
        Response time of each call, shape (pages, calls).
    page_time
        From the first call's start to the last one's end, shape (pages,).
    limit
        The p99 of the calls' response times that were drawn from.
    """

    call_time: Floats
    page_time: Floats
    limit: float

    def __post_init__(self) -> None:
        slowest, total = self.call_time.max(axis=1), self.call_time.sum(axis=1)
        if not (
            (slowest <= self.page_time * (1 + 1e-9)) & (self.page_time <= total * (1 + 1e-9))
        ).all():
            raise AssertionError(
                "a page was faster than its slowest call or slower than all in line"
            )

    def __repr__(self) -> str:
        pages, calls = self.call_time.shape
        p50, p99 = quantile(self.page_time, [0.5, 0.99])
        return f"PageRun: {pages:,} pages of {calls} calls, p50 {p50:.3g} s, p99 {p99:.3g} s"

    @property
    def share_slow(self) -> Estimate:
        """Share of pages with at least one call beyond the limit, with its interval.

        The half width is that of the normal approximation, but at least 3/n: who saw
        none of n pages slow knows no more than that fewer than 3 in n are (the rule of
        three, Hanley and Lippman-Hand, JAMA 1983).
        """
        slow = (self.call_time > self.limit).any(axis=1)
        share = float(slow.mean())
        normal = 1.96 * math.sqrt(share * (1 - share) / slow.size)
        return Estimate(share, max(normal, 3 / slow.size))

    def quantile(self, q: float) -> float:
        """Give the time that a share q of pages does not exceed."""
        return quantile(self.page_time, q)


def load_pages(
    response_time: ArrayLike,
    calls: int = 40,
    *,
    depth: int = 1,
    connections: int | None = None,
    together: float = 0.0,
    pages: int = 20_000,
    rng: int | np.random.Generator = 0,
) -> PageRun:
    """Load pages whose calls take times drawn from the given ones.

    Parameters
    ----------
    response_time
        Of single calls, in seconds, at least 0, shape (samples,).
    calls
        Calls of a page, at least 1.
    depth
        Waves in which they go out, each after the answers of the one before (a call
        that needs another's answer), from 1 to `calls`.
    connections
        How many may be under way at once, at least 1; any number by default (HTTP/2 and
        3). Browsers allow 6 to a host under HTTP/1.1.
    together
        Chance that a call takes as long as its page's common draw, from 0 to 1.
    pages
        How many to load, at least 1.
    rng
        A seed or a generator. The same seed and numbers of pages and calls give the same
        luck at every other setting.

    Examples
    --------
    >>> load_pages(draw_response_times(), calls=40).share_slow
    Estimate(...)
    """
    samples = np.asarray(response_time, dtype=np.float64)
    calls = require.whole("calls", calls)
    pages = require.whole("pages", pages)
    depth = require.whole("depth", depth)
    require.between("depth", depth, 1, calls)
    connections = require.whole("connections", calls if connections is None else connections)
    require.between("together", together, 0, 1)
    if not (np.isfinite(samples) & (samples >= 0)).all():
        raise ValueError("response_time must be finite and at least 0")
    limit = quantile(samples, 0.99)
    own, common, coin = require.generator(rng).spawn(3)
    draws = own.random((pages, calls))
    if together > 0:
        shared = common.random((pages, 1))
        draws = np.where(coin.random((pages, calls)) < together, shared, draws)
    call_time = samples[(draws * samples.size).astype(np.int64)]
    page_time = np.zeros(pages)
    for wave in np.array_split(np.arange(calls), depth):
        page_time += load_wave(call_time[:, wave], connections)
    return PageRun(call_time, page_time, limit)


def load_wave(call_time: Floats, connections: int) -> Floats:
    """Give how long each page takes for calls that go out at once, on a few connections.

    Each call goes out on the connection that is free first, in order.

    Parameters
    ----------
    call_time
        Seconds, shape (pages, calls).
    connections
        At least 1.
    """
    pages, calls = call_time.shape
    if connections >= calls:
        slowest: Floats = call_time.max(axis=1)
        return slowest
    free_at = call_time[:, :connections].copy()
    page = np.arange(pages)
    for call in range(connections, calls):
        first = free_at.argmin(axis=1)
        free_at[page, first] += call_time[:, call]
    last: Floats = free_at.max(axis=1)
    return last
