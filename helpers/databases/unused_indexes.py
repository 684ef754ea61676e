"""Indexes that do not help, and why.

A telephone book is sorted by surname, then by first name. It is no help if you know only the
first name (wrong order of columns), only how the name ends (a wildcard in front), or the
name's sound (a function of the column). And to call three quarters of the town, you had
better read it from the first page to the last than look up each number (low selectivity).
"""

import sqlite3
from dataclasses import dataclass

from helpers.databases.btree import Tree, tree_of
from helpers.databases.plans import Measured, measure
from helpers.databases.shop_data import open_shop


@dataclass(frozen=True)
class Reason:
    """Why an index is of no use to one query, and what would be.

    Attributes
    ----------
    name
        Such as "a function on the column".
    index
        What is indexed, as in CREATE INDEX.
    query
        That the index does not help.
    remedy
        Another query for the same rows, or with "CREATE INDEX" another index.
    """

    name: str
    index: str
    query: str
    remedy: str


@dataclass(frozen=True)
class Trial:
    """A reason, tried on a real SQLite.

    Attributes
    ----------
    reason
        Which.
    before, after
        The query with the index that does not help, and after the remedy.
    """

    reason: Reason
    before: Measured
    after: Measured

    def __repr__(self) -> str:
        return (
            f"{self.reason.name:26}{self.before.total:>7,} visited, then {self.after.total:,} "
            f"for {self.before.returned:,}"
        )


REASONS = (
    Reason(
        "a function on the column",
        "customer (email)",
        "SELECT name FROM customer WHERE lower(email) = 'customer7@shop.test'",
        "CREATE INDEX remedy ON customer (lower(email))",
    ),
    Reason(
        "a wildcard in front",
        "customer (email)",
        "SELECT name FROM customer WHERE email GLOB '*mer7@shop.test'",
        "SELECT name FROM customer WHERE email GLOB 'customer7@*'",
    ),
    Reason(
        "the wrong order of columns",
        "orders (customer_id, day)",
        "SELECT total FROM orders WHERE day = 5",
        "CREATE INDEX remedy ON orders (day, customer_id)",
    ),
)
"""Three reasons for which SQLite and most other databases scan although there is an index."""


def try_reasons() -> list[Trial]:
    """Try each reason on a fresh shop of 2,000 orders and 200 customers.

    Examples
    --------
    >>> for trial in try_reasons():
    ...     print(trial)
    a function on the column      200 visited, then 1 for 1
    a wildcard in front           200 visited, then 1 for 1
    the wrong order of columns  2,000 visited, then 10 for 10
    """
    trials = []
    for reason in REASONS:
        shop = open_shop()
        shop.execute(f"CREATE INDEX useless ON {reason.index}")
        before, query = measure(shop, reason.query), reason.query
        if reason.remedy.startswith("CREATE INDEX"):
            shop.execute(reason.remedy)
        else:
            query = reason.remedy
        trials.append(Trial(reason, before, measure(shop, query)))
        shop.close()
    return trials


@dataclass(frozen=True)
class Selectivity:
    """What a search by an index reads, against a scan of the table.

    Attributes
    ----------
    rows
        That are wanted.
    by_index
        Pages by the index: down its tree once, then down the table's for each row.
    by_scan
        Pages of the whole table.
    """

    rows: int
    by_index: int
    by_scan: int

    @property
    def index_helps(self) -> bool:
        """Whether the search reads less than the scan."""
        return self.by_index < self.by_scan


def status_by_index(status: str = "paid", orders: int = 2_000) -> Selectivity:
    """Ask for the orders of one status, by an index on the status: "paid" is nearly all of them.

    Parameters
    ----------
    status
        "paid" or "open".
    orders
        In the table, at least 400.

    Examples
    --------
    >>> status_by_index("paid")
    Selectivity(rows=1963, by_index=3928, by_scan=11)
    >>> status_by_index("open", 20_000).rows
    401
    """
    if status not in ("paid", "open"):
        raise ValueError(f"status must be paid or open, got {status!r}")
    shop = open_shop(orders)
    shop.execute("CREATE INDEX by_status ON orders (status)")
    rows = measure(shop, "SELECT total FROM orders WHERE status = ?", [status]).returned
    answer = selectivity(shop, "by_status", "orders", rows)
    shop.close()
    return answer


def selectivity(connection: sqlite3.Connection, index: str, table: str, rows: int) -> Selectivity:
    """Work out from the trees what so many rows cost by the index and by a scan."""
    by_name, all_rows = tree_of(connection, index), tree_of(connection, table)
    return Selectivity(rows, by_name.depth + rows * all_rows.depth, all_rows.pages)


def break_even(table: Tree) -> int:
    """Give the number of rows from which a scan reads fewer pages than an index does.

    Pages of the table over pages from its root to a leaf: each row that the index names costs
    one way down. A database that keeps pages in memory pays less for each, and changes to a
    scan later.

    Examples
    --------
    >>> break_even(Tree(depth=3, pages=3000))
    1000
    """
    return table.pages // table.depth
