"""One setting of the list page in numbers, and the curves around it.

How many rows the page's queries visit follows a law that `list_page` obeys on a real SQLite:
without an index each look for an order's lines reads all lines, so the lazy and the joined page
read them once for each order and the batched page once; with the two indexes all of them
visit the customer's orders, and the lines and products that the page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.databases.list_page import WAYS, Way, page_latency, query_count
from helpers.databases.query_counter import VISIT_TIME

Floats = NDArray[np.float64]
LINES_EACH = 2.5
"""Mean lines of an order."""
LONGEST = 400
"""Orders of the loyal customer."""
LENGTHS = np.unique(np.geomspace(1, LONGEST, 60).round())
"""Along the curves; whole numbers."""
WORDS = {"lazy": "lazily", "joined": "joined", "batched": "batched"}


def rows_visited(
    way: Way, length: ArrayLike, *, orders: float = 2_000, indexes: bool = True
) -> Floats:
    """Give the rows that the page's queries visit, by the law.

    Parameters
    ----------
    way
        "lazy", "joined" or "batched".
    length
        Orders on the page, from 1 to 400.
    orders
        In the table, at least 400; each has 2.5 lines.
    indexes
        Whether the customer of an order and the order of a line have an index.

    Returns
    -------
    400 + 2·2.5·N with indexes; without, orders + (N or 1)·2.5·orders + 2.5·N.

    Examples
    --------
    >>> [float(rows_visited("lazy", 50, indexes=on)) for on in (True, False)]
    [650.0, 252125.0]
    >>> float(rows_visited("batched", 50, indexes=False))
    7125.0
    """
    if not require.is_finite(orders) or orders < LONGEST:
        require.refuse("orders", f"a finite number of at least {LONGEST}", orders)
    shown = np.asarray(length, dtype=np.float64)
    if not np.all((shown >= 1) & (shown <= LONGEST)):
        raise ValueError(f"length must lie between 1 and {LONGEST}, got {length!r}")
    if way not in WAYS:
        raise ValueError(f"way must be one of {', '.join(WAYS)}, got {way!r}")
    lines = LINES_EACH * shown
    if indexes:
        return LONGEST + 2 * lines
    looks = 1 if way == "batched" else shown
    visited: Floats = orders + looks * LINES_EACH * orders + lines
    return visited


@dataclass(frozen=True, eq=False)
class PageView:
    """What the explorer shows of one setting; times in seconds.

    Attributes
    ----------
    way, length, indexes
        As set.
    queries, visited
        Statements sent, and rows that the database looks at.
    wire, looking
        Seconds of round trips, and of the database's work.
    curves
        Latency at each of `LENGTHS` by way, each of shape (lengths,).
    others
        Latency of this page by way.
    """

    way: Way
    length: int
    indexes: bool
    queries: int
    visited: int
    wire: float
    looking: float
    curves: Mapping[Way, Floats]
    others: Mapping[Way, float]

    @property
    def latency(self) -> float:
        """Seconds until the page's data is there."""
        return self.wire + self.looking

    @property
    def wire_share(self) -> float:
        """Share of the latency that is spent on the wire."""
        return self.wire / self.latency

    @property
    def in_words(self) -> str:
        """The numbers in two sentences."""
        queries = "1 query" if self.queries == 1 else f"{self.queries:,} queries"
        orders = "1 order" if self.length == 1 else f"{self.length} orders"
        times = {way: spoken(latency) for way, latency in self.others.items()}
        rest = " and ".join(f"{times[way]} {WORDS[way]}" for way in WAYS if way != self.way)
        return (
            f"{orders} loaded {WORDS[self.way]}: {queries}, {self.visited:,} rows visited, "
            f"{times[self.way]}, {self.wire_share:.0%} of it on the wire. It would be {rest}."
        )


def view_page(way: Way, length: int, round_trip: float, orders: float, indexes: bool) -> PageView:
    """Work out one setting and the curves around it.

    Parameters
    ----------
    way, length, orders, indexes
        As for `rows_visited`.
    round_trip
        Seconds, at least 0.

    Examples
    --------
    >>> print(view_page("lazy", 400, 0.01, 2_000, True).in_words)
    400 orders loaded lazily: 401 queries, 2,400 rows visited, 4.01 s, 100% of it on the wire.
    It would be 10.5 ms joined and 20.5 ms batched.
    """
    require.not_negative("round_trip", round_trip)
    visited = {w: rows_visited(w, LENGTHS, orders=orders, indexes=indexes) for w in WAYS}
    curves = {
        w: page_latency(query_count(w, LENGTHS), round_trip, visited=visited[w]) for w in WAYS
    }
    here = {w: float(rows_visited(w, length, orders=orders, indexes=indexes)) for w in WAYS}
    queries = {w: int(query_count(w, length)) for w in WAYS}
    others = {w: float(page_latency(queries[w], round_trip, visited=here[w])) for w in WAYS}
    return PageView(
        way=way,
        length=length,
        indexes=indexes,
        queries=queries[way],
        visited=round(here[way]),
        wire=queries[way] * round_trip,
        looking=here[way] * VISIT_TIME,
        curves=curves,
        others=others,
    )


def spoken(time: float) -> str:
    """Write seconds with three digits, in the unit that a person would use.

    Examples
    --------
    >>> spoken(0.00021), spoken(4.012), spoken(200)
    ('0.21 ms', '4.01 s', '3.33 min')
    """
    for size, unit in ((60, "min"), (1, "s")):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time * 1000:.3g} ms"
