"""A first explorer, small enough to try its controls: a cache, and the origin behind it."""

from helpers.explorer import Explorer, Slider
from helpers.figure import percent
from helpers.start_here.cache_panel import CAPACITY, LEAST, MOST, draw_cache_panel, falls_behind
from helpers.start_here.model import CacheEffect, serve_through_cache


def explore(hit_ratio: float = 0.9, request_rate: float = 1000) -> Explorer:
    """Show what the hit ratio does to the origin and to the mean response time.

    Parameters
    ----------
    hit_ratio
        Share of requests that the cache answers, from 0.8 to 0.999.
    request_rate
        Requests per second that reach the cache, from 100 to 2,000.
    """
    return Explorer(
        title="A cache and the origin behind it",
        controls=[
            Slider("hit_ratio", "Hit ratio", LEAST, MOST, hit_ratio, step=0.001, format=".1%"),
            Slider(
                "request_rate", "Requests", 100, 2000, request_rate, step=100, unit="requests/s"
            ),
        ],
        model=serve_through_cache,
        draw=draw_cache_panel,
        describe=describe,
        call="explore",
        size=(9, 3.2),
    )


def describe(effect: CacheEffect) -> str:
    """Say what the picture shows now."""
    share = effect.origin_rate / CAPACITY
    if not falls_behind(effect):
        return f"{effect!r}. The origin gets {percent(share)} of what it can do."
    return (
        f"{100 * effect.hit_ratio:.4g} % hits: {effect.origin_rate:,.4g} requests/s reach the "
        f"origin, {share:.3g} times what it can do. It falls behind, and the wait grows."
    )
