"""A shop's tables, filled with the same customers and orders each time.

Picture the filing cabinet of a small shop: a drawer of customers, one of orders, one of
order lines, one of products and brands. Customer 1 is the one who buys everything: the
one whose list page is slow.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from helpers import require

LOYAL_CUSTOMER = 1
"""The customer with the long list of orders."""
LINES = (1, 2, 3, 4)
"""How many lines an order may have, all equally likely."""

TABLES: Mapping[str, str] = {
    "brand": "id INTEGER PRIMARY KEY, name TEXT",
    "product": "id INTEGER PRIMARY KEY, name TEXT, brand_id INTEGER, price INTEGER",
    "customer": "id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT",
    "orders": "id INTEGER PRIMARY KEY, customer_id INTEGER, day INTEGER, status TEXT, "
    "total INTEGER",
    "order_line": "id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER",
}
"""Columns of each table. Days are counted from the shop's first, money is in cents."""
INDEXES: Mapping[str, str] = {
    "orders_by_customer": "orders (customer_id)",
    "lines_by_order": "order_line (order_id)",
}
"""The two indexes that the list page needs, and that nobody made."""
Rows = dict[str, list[tuple[Any, ...]]]


class SelfClosing(sqlite3.Connection):
    """A connection that closes itself when nobody holds it any more."""

    def __del__(self) -> None:
        self.close()


def shop_rows(
    orders: int = 2_000,
    *,
    customers: int = 200,
    products: int = 100,
    loyal_orders: int = 400,
    rng: int | np.random.Generator = 0,
) -> Rows:
    """Make the rows of all tables.

    Parameters
    ----------
    orders
        All customers' together, at least `loyal_orders`.
    customers, products
        How many of each, at least 2 and 1.
    loyal_orders
        How many of the orders are customer 1's, at least 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> rows = shop_rows(orders=500, rng=1)
    >>> len(rows["orders"]), sum(order[1] == LOYAL_CUSTOMER for order in rows["orders"])
    (500, 400)
    """
    customers = require.whole("customers", customers, 2)
    products = require.whole("products", products)
    loyal_orders = require.whole("loyal_orders", loyal_orders, 0)
    orders = require.whole("orders", orders, max(1, loyal_orders))
    luck = require.generator(rng)
    others = luck.integers(2, customers + 1, orders - loyal_orders)
    owner = np.concatenate([np.full(loyal_orders, LOYAL_CUSTOMER), others])
    luck.shuffle(owner)
    lines = luck.choice(LINES, orders)
    of_order = np.repeat(np.arange(1, orders + 1), lines)
    product = luck.integers(1, products + 1, of_order.size)
    quantity = luck.integers(1, 4, of_order.size)
    price = 100 * luck.integers(1, 100, products)
    total = np.bincount(of_order, price[product - 1] * quantity, minlength=orders + 1)[1:]
    is_open = luck.random(orders) < 0.02
    cities = luck.integers(0, 20, customers)
    brands = max(1, products // 10)
    return {
        "brand": [(i, f"Brand {i}") for i in range(1, brands + 1)],
        "product": [
            (i, f"Product {i}", 1 + i % brands, int(price[i - 1])) for i in range(1, products + 1)
        ],
        "customer": [
            (i, f"Customer {i}", f"customer{i}@shop.test", f"City {cities[i - 1]}")
            for i in range(1, customers + 1)
        ],
        "orders": [
            (i + 1, int(owner[i]), i // 10, "open" if is_open[i] else "paid", int(total[i]))
            for i in range(orders)
        ],
        "order_line": [
            (i + 1, int(of_order[i]), int(product[i]), int(quantity[i]))
            for i in range(of_order.size)
        ],
    }


def open_shop(
    orders: int = 2_000,
    *,
    customers: int = 200,
    products: int = 100,
    loyal_orders: int = 400,
    indexes: Iterable[str] = (),
    rng: int | np.random.Generator = 0,
) -> sqlite3.Connection:
    """Open a fresh SQLite database in memory, filled with `shop_rows`.

    It does without SQLite's automatic indexes, which live for one query and hide that an
    index is missing.

    Parameters
    ----------
    orders, customers, products, loyal_orders, rng
        As for `shop_rows`.
    indexes
        Names from `INDEXES` that are there from the start.

    Examples
    --------
    >>> shop = open_shop(orders=500)
    >>> shop.execute("SELECT count(*) FROM orders WHERE customer_id = 1").fetchone()
    (400,)
    """
    rows = shop_rows(
        orders, customers=customers, products=products, loyal_orders=loyal_orders, rng=rng
    )
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, factory=SelfClosing
    )
    connection.execute("PRAGMA automatic_index = OFF")
    connection.execute("BEGIN")
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
        places = ", ".join("?" * len(rows[table][0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows[table])
    connection.execute("COMMIT")
    for name in indexes:
        add_index(connection, name)
    return connection


def add_index(connection: Any, name: str) -> None:
    """Make one of the indexes of `INDEXES`."""
    if name not in INDEXES:
        raise ValueError(f"name must be one of {', '.join(INDEXES)}, got {name!r}")
    connection.execute(f"CREATE INDEX {name} ON {INDEXES[name]}")
