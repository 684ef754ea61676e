"""One list page, three ways to load it, and what the N+1 costs.

The page lists a customer's orders, each with what was bought. Loaded lazily, it asks for
the orders, then for each order once more: one query for the list and N for its rows. Joined,
it asks once and gets the order's columns with every line. Batched, it asks twice: for the
orders, then for the lines of all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.databases.data_loader import DataLoader
from helpers.databases.query_counter import ROUND_TRIP, VISIT_TIME, CountingConnection
from helpers.databases.shop_data import LOYAL_CUSTOMER, add_index, open_shop

Floats = NDArray[np.float64]
Way = Literal["lazy", "joined", "batched"]
WAYS: tuple[Way, ...] = get_args(Way)
CONNECTIONS = 6
"""How many requests a browser sends to one host at a time over HTTP/1.1."""

ORDERS = (
    "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day DESC, id DESC LIMIT ?"
)
LINES_OF_ONE = (
    "SELECT p.name, l.quantity FROM order_line l JOIN product p ON p.id = l.product_id "
    "WHERE l.order_id = ? ORDER BY l.id"
)
LINES_OF_MANY = (
    "SELECT l.order_id, p.name, l.quantity FROM order_line l "
    "JOIN product p ON p.id = l.product_id WHERE l.order_id IN ({}) ORDER BY l.order_id, l.id"
)
ALL_AT_ONCE = (
    "SELECT o.id, o.day, o.total, p.name, l.quantity "
    f"FROM ({ORDERS}) o LEFT JOIN order_line l ON l.order_id = o.id "
    "LEFT JOIN product p ON p.id = l.product_id ORDER BY o.day DESC, o.id DESC, l.id"
)


@dataclass(frozen=True)
class Entry:
    """A row of the page: an order, and the names and quantities of what was bought."""

    order: int
    day: int
    total: int
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PageLoad:
    """A page that was loaded, and what it cost.

    Attributes
    ----------
    way
        How it was loaded.
    page
        What it shows, the same whatever the way.
    queries, rows, visited
        Statements sent, rows received, rows that the database looked at.
    latency
        Virtual seconds.
    """

    way: str
    page: tuple[Entry, ...]
    queries: int
    rows: int
    visited: int
    latency: float

    def __repr__(self) -> str:
        return (
            f"{self.way}: {len(self.page)} orders, {self.queries:,} queries, {self.rows:,} rows, "
            f"{self.visited:,} visited, {self.latency * 1000:,.0f} ms"
        )


def load_lazy(connection: CountingConnection, customer: int, length: int) -> list[Entry]:
    """Ask for the orders, then once for each of them."""
    orders = connection.execute(ORDERS, [customer, length])
    return [entry_of(order, connection.execute(LINES_OF_ONE, order[:1])) for order in orders]


def load_joined(connection: CountingConnection, customer: int, length: int) -> list[Entry]:
    """Ask once; each line comes with its order's columns again."""
    found: dict[tuple[int, ...], list[tuple[str, int]]] = {}
    for *order, name, quantity in connection.execute(ALL_AT_ONCE, [customer, length]):
        lines = found.setdefault(tuple(order), [])
        if name is not None:
            lines.append((name, quantity))
    return [entry_of(order, lines) for order, lines in found.items()]


def load_batched(connection: CountingConnection, customer: int, length: int) -> list[Entry]:
    """Ask for the orders, then for all their lines, by a data loader."""
    loader = DataLoader(lambda keys: lines_of(connection, keys))
    orders = connection.execute(ORDERS, [customer, length])
    promises = [loader.load(order[0]) for order in orders]
    pairs = zip(orders, promises, strict=True)
    return [entry_of(order, promise.get() or ()) for order, promise in pairs]


def lines_of(
    connection: CountingConnection, orders: Sequence[int]
) -> dict[int, list[tuple[str, int]]]:
    """Fetch the lines of several orders at once."""
    found: dict[int, list[tuple[str, int]]] = {}
    sql = LINES_OF_MANY.format(", ".join("?" * len(orders)))
    for order, name, quantity in connection.execute(sql, list(orders)):
        found.setdefault(order, []).append((name, quantity))
    return found


def entry_of(order: Sequence[int], lines: Iterable[tuple[Any, ...]]) -> Entry:
    """Make a row of the page of an order's columns and its lines."""
    number, day, total = order
    return Entry(number, day, total, tuple((name, quantity) for name, quantity in lines))


Load = Callable[[CountingConnection, int, int], list[Entry]]
LOADS: Mapping[str, Load] = MappingProxyType(
    {"lazy": load_lazy, "joined": load_joined, "batched": load_batched}
)


def load_page(
    way: Way | Load,
    length: int = 50,
    *,
    connection: CountingConnection | None = None,
    round_trip: float = ROUND_TRIP,
    indexes: bool = True,
    customer: int = LOYAL_CUSTOMER,
) -> PageLoad:
    """Load the list page, and count at the driver.

    Parameters
    ----------
    way
        "lazy", "joined", "batched", or a function of your own that takes a connection, a
        customer and a length and gives the entries.
    length
        Orders on the page, at least 1; the loyal customer has 400.
    connection
        To the shop; by default a fresh one in memory with 2,000 orders.
    round_trip
        Virtual seconds for each query, at least 0; for a connection made here.
    indexes
        Whether a connection made here has the two indexes that the page needs.
    customer
        Whose page it is.

    Examples
    --------
    >>> for way in WAYS:
    ...     print(load_page(way, 50, round_trip=0.01))
    lazy: 50 orders, 51 queries, 170 rows, 640 visited, 510 ms
    joined: 50 orders, 1 queries, 120 rows, 640 visited, 10 ms
    batched: 50 orders, 2 queries, 170 rows, 640 visited, 20 ms
    """
    length = require.whole("length", length)
    if not callable(way) and way not in LOADS:
        raise ValueError(f"way must be one of {', '.join(WAYS)} or a function, got {way!r}")
    name, load = (way.__name__, way) if callable(way) else (way, LOADS[way])
    if connection is None:
        shop = open_shop()
        for index in ("orders_by_customer", "lines_by_order") if indexes else ():
            add_index(shop, index)
        connection = CountingConnection(shop, round_trip=round_trip)
    start, time = len(connection.log), connection.elapsed
    page = tuple(load(connection, customer, length))
    log = connection.log[start:]
    rows, visited = sum(s.rows for s in log), sum(s.visited for s in log)
    return PageLoad(name, page, len(log), rows, visited, connection.elapsed - time)


def query_count(way: Way, length: ArrayLike) -> Floats:
    """Give how many queries a page of some length needs: 1 + N, 1 or 2.

    Parameters
    ----------
    way
        "lazy", "joined" or "batched".
    length
        Orders on the page, at least 1.

    Examples
    --------
    >>> query_count("lazy", [1, 400]).tolist()
    [2.0, 401.0]
    """
    if way not in LOADS:
        raise ValueError(f"way must be one of {', '.join(WAYS)}, got {way!r}")
    orders = np.asarray(length, dtype=np.float64)
    if not np.all((orders >= 1) & np.isfinite(orders)):
        raise ValueError(f"length must be finite and at least 1, got {length!r}")
    return orders + 1 if way == "lazy" else np.full_like(orders, 1 if way == "joined" else 2)


def page_latency(
    queries: ArrayLike,
    round_trip: float = ROUND_TRIP,
    *,
    visited: ArrayLike = 0,
    visit_time: float = VISIT_TIME,
) -> Floats:
    """Give the seconds that queries one after the other take.

    Parameters
    ----------
    queries
        How many, at least 0.
    round_trip
        Seconds for each, at least 0.
    visited
        Rows that the database looks at for all of them, at least 0.
    visit_time
        Seconds for each row, at least 0.

    Returns
    -------
    queries × round_trip + visited × visit_time.

    Examples
    --------
    >>> float(page_latency(401, 0.01))
    4.01
    """
    require.not_negative("round_trip", round_trip)
    require.not_negative("visit_time", visit_time)
    sent, seen = (np.asarray(given, dtype=np.float64) for given in (queries, visited))
    for name, count in (("queries", sent), ("visited", seen)):
        if not np.all((count >= 0) & np.isfinite(count)):
            raise ValueError(f"{name} must be finite and at least 0, got {count}")
    total: Floats = sent * round_trip + seen * visit_time
    return total


def waterfall_latency(
    rows: ArrayLike,
    round_trip: float,
    *,
    at_once: int | None = 1,
    answer_time: float = 0.0,
) -> Floats:
    """Give how long a list takes whose rows each fetch their own data in the browser.

    Parameters
    ----------
    rows
        Of the list, at least 0.
    round_trip
        Seconds from the browser to the server and back, at least 0.
    at_once
        Requests under way at a time: 1 for a waterfall (await in a loop), 6 for HTTP/1.1,
        None for all (HTTP/2), at least 1.
    answer_time
        Seconds that the server works on one request; it works on one at a time.

    Returns
    -------
    The list's own fetch and the rows': (1 + ⌈rows / at_once⌉) round trips, or all the
    server's work if that takes longer.

    Examples
    --------
    >>> [round(float(waterfall_latency(50, 0.1, at_once=n)), 3) for n in (1, 6, None)]
    [5.1, 1.0, 0.2]
    """
    require.not_negative("round_trip", round_trip)
    require.not_negative("answer_time", answer_time)
    count = np.asarray(rows, dtype=np.float64)
    if not np.all((count >= 0) & np.isfinite(count)):
        raise ValueError(f"rows must be finite and at least 0, got {rows!r}")
    if at_once is None:
        waves = np.minimum(count, 1)
    else:
        waves = np.ceil(count / require.whole("at_once", at_once))
    trip, work = round_trip + answer_time, round_trip + count * answer_time
    total: Floats = trip + np.maximum(waves * trip, np.where(count > 0, work, 0))
    return total


def as_table(loads: Sequence[PageLoad]) -> dict[str, list[Any]]:
    """Give several loads as columns, for a table."""
    return {
        "way": [load.way for load in loads],
        "queries": [load.queries for load in loads],
        "rows": [load.rows for load in loads],
        "visited": [load.visited for load in loads],
        "ms": [round(1000 * load.latency, 1) for load in loads],
    }
