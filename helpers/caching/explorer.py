"""Turn size, fame, policy and noise by hand; a million requests a move."""

from helpers.caching.cache_panel import draw_cache_panel
from helpers.caching.cache_view import LARGEST, NAMES, SMALLEST, CacheView, view_cache
from helpers.explorer import Choice, Explorer, Slider

REQUESTS = 1_000_000


def explore(
    capacity: int = 1_000, exponent: float = 0.8, policy: str = "LRU", once: float = 0.0
) -> Explorer:
    """Show what the four knobs do to the hit ratio and to the tier behind.

    Parameters
    ----------
    capacity
        Keys that the cache has room for, from 10 to 10,000: as many as are known.
    exponent
        How uneven fame is (Zipf), from 0.4 to 1.4.
    policy
        Who decides what goes, such as "LRU" or "S3-FIFO".
    once
        Share of requests for keys that nobody asks for again, from 0 to 0.6.
    """
    return Explorer(
        title="How much a cache answers",
        controls=[
            Slider(
                "capacity",
                "Room in the cache",
                SMALLEST,
                LARGEST,
                capacity,
                logarithmic=True,
                unit="keys",
            ),
            Slider("exponent", "Unevenness of fame (Zipf)", 0.4, 1.4, exponent, step=0.05),
            Choice("policy", "Policy", list(NAMES), policy),
            Slider("once", "Asked for only once", 0, 0.6, once, step=0.05, format=".0%"),
        ],
        model=run,
        draw=draw_cache_panel,
        describe=describe,
        call="explore",
    )


def run(capacity: float, exponent: float, policy: str, once: float) -> CacheView:
    """Simulate one setting and give what the picture shows of it."""
    return view_cache(int(capacity), exponent, policy, once, REQUESTS)


def describe(view: CacheView) -> str:
    """Say what the picture shows now."""
    return view.in_words
