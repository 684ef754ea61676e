"""What the lab "Make the page fast" lets an answer do, and what it counts while it does it.

The learner's function runs here against a shop whose days are shuffled, whose customers are
loyal or have never bought, and whose orders may be empty: all that a small test shop hides.
Nothing is judged here; `lab` does that.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from helpers.checks import Case
from helpers.databases.plans import measure
from helpers.databases.query_counter import CountingConnection
from helpers.databases.saga import Coordinator, Left, crash_everywhere, run_saga
from helpers.databases.shop_data import open_shop

GOOD_INDEXES = ("orders (customer_id, day)", "order_line (order_id)")
"""What the second and the third question find in place."""
BY_TOTAL = "orders (customer_id, day, total)"
"""Instead of the first of them in one case: who sorts by the day alone gets a day by totals."""
MOST_PAGES = 60
NEWCOMER = 5_000_000
"""The number of an order that comes in while somebody leafs through the list."""


@dataclass(frozen=True)
class Asked:
    """A query of the page, and what two people ask with it: an index has to help both.

    Attributes
    ----------
    name
        What it gives.
    sql
        With a ? for each parameter.
    table, column
        What it compares by =, in which table.
    parameters, others
        Of the one and of the other.
    """

    name: str
    sql: str
    table: str
    column: str
    parameters: tuple[Any, ...]
    others: tuple[Any, ...]


QUERIES = (
    Asked(
        "the newest orders",
        "SELECT id, day, total FROM orders WHERE customer_id = ? "
        "ORDER BY day DESC, id DESC LIMIT 20",
        "orders",
        "customer_id",
        (1,),
        (5,),
    ),
    Asked(
        "an order's lines",
        "SELECT * FROM order_line WHERE order_id = ?",
        "order_line",
        "order_id",
        (7,),
        (400,),
    ),
    Asked(
        "open orders since a day",
        "SELECT id, day, total FROM orders WHERE status = 'open' AND day >= ?",
        "orders",
        "status",
        (90,),
        (80,),
    ),
    Asked(
        "a customer by e-mail",
        "SELECT id, name FROM customer WHERE lower(email) = lower(?)",
        "customer",
        "email",
        ("Customer7@Shop.Test",),
        ("customer23@shop.test",),
    ),
)


@dataclass(frozen=True)
class Seen:
    """How one query went: the plan's first look, and the counts."""

    name: str
    table: str
    column: str
    plan: str
    kind: str
    index: str | None
    terms: str
    visited: int
    returned: int


@dataclass(frozen=True)
class Indexed:
    """What came of a list of indexes."""

    indexes: Any
    refused: str = ""
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """A page as it came back, and what the driver counted."""

    page: Any
    queries: int
    rows: int
    visited: int


@dataclass(frozen=True)
class Walked:
    """All pages of one list, a new order having come in after the second."""

    pages: tuple[Loaded, ...]


@dataclass(frozen=True)
class Ended:
    """What one run of a checkout left behind.

    Attributes
    ----------
    order
        The order's state.
    harm
        What is wrong, in a few words; empty where all is well.
    has_ended
        Whether the checkout came to its end.
    crashed_at
        The moments at which the process died, in words.
    calls
        Of the services, in order.
    """

    order: str
    harm: str
    has_ended: bool
    crashed_at: tuple[str, ...]
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Sold:
    """A checkout undisturbed, and the first of its crashes after which something is wrong.

    Attributes
    ----------
    calm
        Nobody crashed.
    harmed
        None where all went well.
    tried
        How many runs with crashes there were.
    swallowed
        A moment at which the process died and yet went on.
    """

    calm: Ended
    harmed: Ended | None
    tried: int
    swallowed: str


def open_lab_shop(
    orders: int = 2_000, seed: int = 0, indexes: Sequence[str] = ()
) -> sqlite3.Connection:
    """Open a shop whose days are not in the order of its numbers, some of its orders empty.

    Parameters
    ----------
    orders
        At least 400, which are customer 1's.
    seed
        Of the shop's luck.
    indexes
        Such as "orders (customer_id)".

    Examples
    --------
    >>> shop = open_lab_shop(500)
    >>> shop.execute("SELECT id, day FROM orders ORDER BY id LIMIT 3").fetchall()
    [(1, 62), (2, 27), (3, 89)]
    """
    shop = open_shop(orders, customers=orders // 10, rng=seed)
    shop.execute("UPDATE orders SET day = (id * 7919) % 97")
    shop.execute("DELETE FROM order_line WHERE order_id % 11 = 3")
    for number, index in enumerate(indexes):
        shop.execute(f"CREATE INDEX index_{number} ON {index}")
    return shop


def load_reference(shop: sqlite3.Connection, customer: int, length: int) -> list[tuple[Any, ...]]:
    """Load a page the plain way, without counting anything.

    Returns
    -------
    (id, day, total, [(product's name, quantity), ...]), newest first.
    """
    page = []
    for order in newest_first(shop, customer)[:length]:
        lines = shop.execute(
            "SELECT p.name, l.quantity FROM order_line l JOIN product p ON p.id = l.product_id "
            "WHERE l.order_id = ? ORDER BY l.id",
            order[:1],
        ).fetchall()
        page.append((*order, lines))
    return page


def newest_first(shop: sqlite3.Connection, customer: int) -> list[tuple[int, int, int]]:
    """Give all of a customer's orders: (id, day, total)."""
    return shop.execute(
        "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day DESC, id DESC",
        [customer],
    ).fetchall()


def run_indexes(indexes: Callable[[], Any], case: Case) -> Indexed:
    """Make the learner's indexes and run the queries; called in the learner's process."""
    orders, seed = case.args
    chosen = indexes()
    shop = open_lab_shop(orders, seed)
    if not isinstance(chosen, list | tuple) or not all(isinstance(text, str) for text in chosen):
        return Indexed(chosen)
    for number, text in enumerate(chosen):
        try:
            shop.execute(f"CREATE INDEX learner_{number} ON {text}")
        except sqlite3.Error as problem:
            return Indexed(chosen, f"CREATE INDEX … ON {text}: {problem}")
    both = [(asked, what) for asked in QUERIES for what in (asked.parameters, asked.others)]
    return Indexed(list(chosen), seen=tuple(see(shop, asked, what) for asked, what in both))


def see(shop: sqlite3.Connection, asked: Asked, parameters: tuple[Any, ...]) -> Seen:
    """Run one query, and write down how it went."""
    ran = measure(shop, asked.sql, parameters)
    look = ran.plan.looks[0]
    plan = repr(ran.plan).replace("\n", ", ")
    counts = ran.total, ran.returned
    named = asked.name, asked.table, asked.column
    return Seen(*named, plan, look.kind, look.index, look.terms, *counts)


def run_load(load_orders: Callable[..., Any], case: Case) -> Loaded:
    """Let the learner load one page; called in the learner's process."""
    orders, seed, customer, length, *instead = case.args
    counting = CountingConnection(open_lab_shop(orders, seed, indexes_of(instead)))
    return count_load(counting, lambda: load_orders(counting, customer, length))


def count_load(counting: CountingConnection, load: Callable[[], Any]) -> Loaded:
    """Load something, and count what that takes."""
    before = len(counting.log)
    page = load()
    log = counting.log[before:]
    rows, visited = sum(one.rows for one in log), sum(one.visited for one in log)
    return Loaded(page, len(log), rows, visited)


def run_walk(next_orders: Callable[..., Any], case: Case) -> Walked:
    """Leaf through a whole list; called in the learner's process."""
    orders, seed, customer, length, *instead = case.args
    counting = CountingConnection(open_lab_shop(orders, seed, indexes_of(instead)))
    pages: list[Loaded] = []
    after: tuple[Any, Any] | None = None
    while len(pages) < MOST_PAGES:
        if len(pages) == 2:
            counting.execute(
                "INSERT INTO orders VALUES (?, ?, 96, 'open', 100)", [NEWCOMER, customer]
            )
        ask = partial(next_orders, counting, customer, after, length)
        pages.append(count_load(counting, ask))
        page = pages[-1].page
        if not is_list_of_orders(page) or len(page) < length:
            break
        after = (page[-1][1], page[-1][0])
    return Walked(tuple(pages))


def indexes_of(instead: Sequence[str]) -> tuple[str, ...]:
    """Give the indexes of a case, which may name another one for the orders."""
    return (*instead, *GOOD_INDEXES[1:]) if instead else GOOD_INDEXES


def is_list_of_orders(page: Any) -> bool:
    """Tell whether a page is a list of (id, day, total)."""
    return isinstance(page, list | tuple) and all(
        isinstance(row, list | tuple) and len(row) == 3 for row in page
    )


def run_checkout(checkout: Coordinator, case: Case) -> Sold:
    """Crash the learner's checkout once and twice, everywhere; in the learner's process."""
    stock, card_is_good, restock = case.args
    settings = {"stock": stock, "card_is_good": card_is_good, "restock": restock}
    calm = run_saga(checkout, **settings)
    moments = range(len(calm.moments))
    dead = [run_saga(checkout, crash_at=i, recover=False, **settings) for i in moments]
    swallowed = [
        left.moments[i]
        for i, left in enumerate(dead)
        if not left.crashed_at or len(left.moments) > i + 1
    ]
    lefts = crash_everywhere(checkout, twice=True, **settings)
    harmed = next((left for left in lefts if left.harm or not left.has_ended), None)
    worst = None if harmed is None else end_of(harmed)
    return Sold(end_of(calm), worst, len(lefts), swallowed[0] if swallowed else "")


def end_of(left: Left) -> Ended:
    """Give what of a run is told to the judge."""
    return Ended(left.order, left.harm, left.has_ended, left.crashed_at, left.calls)
