"""Let a hot copy end, by hand: guard, request rate, query time, time to live."""

from helpers.caching.stampede_panel import draw_stampede_panel
from helpers.caching.stampede_view import GUARDS, StampedeView, view_stampede
from helpers.explorer import Choice, Explorer, Slider


def explore_stampede(
    guard: str = "nothing",
    request_rate: float = 1_000,
    recompute_time: float = 0.1,
    ttl: float = 20,
) -> Explorer:
    """Show what the end of a copy does to the database.

    Parameters
    ----------
    guard
        One of "nothing", "one query per server", "a lock for all", "early refresh" and
        "stale while revalidate".
    request_rate
        Requests per second for the object, from 50 to 2,000.
    recompute_time
        Seconds that the query takes an idle database, from 0.01 to 0.5.
    ttl
        Seconds that a copy lives, from 1 to 60.
    """
    return Explorer(
        title="A copy that everybody wants ends",
        controls=[
            Choice("guard", "Guard", list(GUARDS), guard),
            Slider("request_rate", "Request rate", 50, 2_000, request_rate, step=50, unit="/s"),
            Slider("recompute_time", "Query time", 0.01, 0.5, recompute_time, step=0.01, unit="s"),
            Slider("ttl", "Time to live", 1, 60, ttl, step=1, unit="s"),
        ],
        model=view_stampede,
        draw=draw_stampede_panel,
        describe=describe,
        call="explore_stampede",
    )


def describe(view: StampedeView) -> str:
    """Say what the picture shows now."""
    return view.in_words
