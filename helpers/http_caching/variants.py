"""What `Vary` does to a shared cache: a copy for each value of a request header.

A cloakroom that hangs coats by owner's height, hair and accent: each coat is found again,
but soon there are more hooks than coats. `Vary: User-Agent` makes thousands of copies of one
page, each of which has to be asked for, and expires, by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.http_caching.clock import Clock
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VaryRun:
    """Hit ratios by the number of variants.

    Attributes
    ----------
    variants
        How many values the header has, shape (n,).
    hit_ratio
        Share of the requests answered without the origin, after a warm-up, shape (n,).
    by_formula
        What theory says of a cache with a lifetime, shape (n,).
    """

    variants: NDArray[np.int64]
    hit_ratio: Floats
    by_formula: Floats


def popularity(variants: int) -> Floats:
    """Give the share of each value of a header: the second half as frequent as the first.

    Examples
    --------
    >>> popularity(2).round(3).tolist()
    [0.667, 0.333]
    """
    shares: Floats = 1.0 / np.arange(1, require.whole("variants", variants) + 1)
    return shares / shares.sum()


def expected_hits(variants: int, per_lifetime: float) -> float:
    """Give the hit ratio of a cache whose copies live for a fixed time.

    Parameters
    ----------
    variants
        At least 1.
    per_lifetime
        Requests that come while one copy lives, of all variants together, above 0.

    Notes
    -----
    For one variant with n requests in a lifetime, each miss is followed by n hits:
    n/(1 + n). Weighted by popularity.

    Examples
    --------
    >>> expected_hits(1, per_lifetime=99)
    0.99
    """
    require.positive("per_lifetime", per_lifetime)
    shares = popularity(variants)
    return float((shares * (shares * per_lifetime) / (1 + shares * per_lifetime)).sum())


def vary(
    variants: Sequence[int], per_lifetime: float = 100.0, requests: int = 2_000, rng: int = 0
) -> VaryRun:
    """Let a shared cache answer requests whose header has ever more values.

    Parameters
    ----------
    variants
        How many values the header has, one run for each.
    per_lifetime
        Requests that come while one copy lives, above 0.
    requests
        In each run, at least 1; the first half warms the cache up.
    rng
        A seed; the same moments for each run.
    """
    require.whole("requests", requests)
    ratios = [hit_ratio(count, per_lifetime, requests, rng) for count in variants]
    formula = [expected_hits(count, per_lifetime) for count in variants]
    return VaryRun(np.array(variants), np.array(ratios), np.array(formula))


def hit_ratio(variants: int, per_lifetime: float, requests: int, rng: int) -> float:
    """Run one number of variants through a cache."""
    generator = np.random.default_rng(require.seed(rng))
    life = 600
    gaps = generator.exponential(life / require.positive("per_lifetime", per_lifetime), requests)
    who = np.searchsorted(np.cumsum(popularity(variants)), generator.random(requests))
    headers = {"Vary": "User-Agent", "Cache-Control": f"max-age={life}"}
    clock = Clock()
    cache = HttpCache(lambda request: Response(headers=headers), clock, shared=True, log_size=1)
    hits = 0
    for number, (gap, agent) in enumerate(zip(gaps.tolist(), who.tolist(), strict=True)):
        clock.advance(gap)
        answer = cache.fetch(Request("/", headers={"User-Agent": f"browser {agent}"}))
        is_hit = answer.verdict is not None and answer.verdict.kind == "hit"
        hits += is_hit and number >= requests // 2
    return hits / (requests - requests // 2)
