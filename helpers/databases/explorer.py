"""Turn the list's length, the round trip, the way of loading, the table and the index by hand."""

from helpers.databases.list_page import WAYS, Way
from helpers.databases.page_panel import draw_page_panel
from helpers.databases.page_view import LONGEST, PageView, view_page
from helpers.explorer import Choice, Explorer, Slider, Switch


def explore(
    length: int = 50,
    way: Way = "lazy",
    round_trip: float = 1.0,
    orders: int = 10_000,
    indexes: bool = False,
) -> Explorer:
    """Show what the knobs do to the time, the queries and the rows of a list page.

    Parameters
    ----------
    length
        Orders on the page, from 1 to 400.
    way
        "lazy", "joined" or "batched".
    round_trip
        Between application and database, in milliseconds, from 0.1 to 50.
    orders
        In the table, from 1,000 to 1,000,000.
    indexes
        Whether the two indexes that the page needs are there.
    """
    return Explorer(
        title="What a list page takes",
        controls=[
            Slider("length", "Orders on the page", 1, LONGEST, length, logarithmic=True),
            Choice("way", "Loaded", list(WAYS), way),
            Slider("round_trip", "Round trip", 0.1, 50.0, round_trip, logarithmic=True, unit="ms"),
            Slider("orders", "Orders in the table", 1_000, 1_000_000, orders, logarithmic=True),
            Switch("indexes", "Indexes", value=indexes),
        ],
        model=run,
        draw=draw_page_panel,
        describe=describe,
        call="explore",
    )


def run(length: float, way: Way, round_trip: float, orders: float, indexes: bool) -> PageView:
    """Work out one setting."""
    return view_page(way, int(length), round_trip / 1000, orders, indexes)


def describe(view: PageView) -> str:
    """Say what the picture shows now."""
    return view.in_words
