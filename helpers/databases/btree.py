"""What an index costs to climb, against what a table costs to leaf through.

An index is a tree of pages, as a library's signs are: hall, aisle, shelf. Each sign has room
for hundreds of names, so a few steps lead through millions of books: the number of steps
grows with the logarithm of the table, the leafing with its length. The tree is measured in
the bytes of a real SQLite database (format: sqlite.org/fileformat2.html, section 1.6).
"""

import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.databases.plans import measure
from helpers.databases.shop_data import add_index, open_shop

INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 2, 5, 10, 13
INTERIOR = (INTERIOR_INDEX, INTERIOR_TABLE)


@dataclass(frozen=True)
class Tree:
    """A table or an index as pages.

    Attributes
    ----------
    depth
        Pages from the root to a leaf, both included: what one search reads.
    pages
        All of them: what a scan reads.
    """

    depth: int
    pages: int


@dataclass(frozen=True, eq=False)
class Growth:
    """What one query costs in tables of several sizes.

    Attributes
    ----------
    sizes
        Rows of the table, shape (sizes,).
    visited
        Rows that the query looked at, shape (sizes,).
    pages
        Pages read to find them: all of the table by a scan; by a search one way down the
        index, and one down the table for each row found, shape (sizes,).
    with_index
        Whether there was an index.
    """

    sizes: NDArray[np.int64]
    visited: NDArray[np.int64]
    pages: NDArray[np.int64]
    with_index: bool

    @property
    def exponent(self) -> float:
        """How visited rows grow: 1 is in proportion to the table, 0 not at all.

        The slope of a straight line through the logarithms.
        """
        slope, _ = np.polyfit(np.log(self.sizes), np.log(self.visited), 1)
        return float(slope)

    def __repr__(self) -> str:
        how = "with an index" if self.with_index else "without an index"
        lines = [f"{'rows':>12}{'visited':>12}{'pages':>8}   {how}"]
        rows = zip(self.sizes, self.visited, self.pages, strict=True)
        return "\n".join(lines + [f"{size:12,}{seen:12,}{page:8,}" for size, seen, page in rows])


def visited_against_size(sizes: Sequence[int], with_index: bool) -> Growth:
    """Look for one customer's five orders in tables of several sizes.

    Parameters
    ----------
    sizes
        Rows of the table of orders, each at least 10.
    with_index
        Whether the column that is asked for has an index.

    Examples
    --------
    >>> visited_against_size([100, 1000], with_index=False)
            rows     visited   pages   without an index
             100         100       1
           1,000       1,000       6
    >>> visited_against_size([100, 1000], with_index=True).visited.tolist()
    [5, 5]
    """
    rows: list[tuple[int, int, int]] = []
    for size in sizes:
        size = require.whole("sizes", size, 10)
        shop = open_shop(size, customers=2, products=1, loyal_orders=5)
        if with_index:
            add_index(shop, "orders_by_customer")
        visited = measure(shop, "SELECT * FROM orders WHERE customer_id = ?", [1]).total
        table = tree_of(shop, "orders")
        pages = table.pages
        if with_index:  # one way down the index, then one down the table for each row
            pages = tree_of(shop, "orders_by_customer").depth + visited * table.depth
        rows.append((size, visited, pages))
        shop.close()
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Growth(columns[0], columns[1], columns[2], with_index)


def tree_of(connection: sqlite3.Connection, name: str) -> Tree:
    """Measure the tree of a table or an index in a SQLite database.

    Parameters
    ----------
    connection
        With nothing uncommitted.
    name
        Of a table or an index.

    Raises
    ------
    ValueError
        When there is none of that name.

    Examples
    --------
    >>> shop = open_shop(orders=1000, indexes=["orders_by_customer"])
    >>> tree_of(shop, "orders_by_customer").depth
    2
    """
    found = connection.execute(
        "SELECT rootpage FROM main.sqlite_schema WHERE name = ?", [name]
    ).fetchone()
    if found is None or not found[0]:  # a view and a virtual table have no pages of their own
        raise ValueError(f"name must be a table or an index of the database, got {name!r}")
    content = pages_of(connection)
    size = int.from_bytes(content[16:18], "big")
    size = 65536 if size == 1 else size
    level, depth, pages = [int(found[0])], 0, 0
    while level:
        depth, pages = depth + 1, pages + len(level)
        level = [child for page in level for child in children_of(content, page, size)]
    return Tree(depth, pages)


def pages_of(connection: sqlite3.Connection) -> bytes:
    """Give a database as the bytes of its file, by a copy: it may be in memory only."""
    with tempfile.TemporaryDirectory(prefix="course") as folder:
        file = Path(folder) / "copy.sqlite"
        with closing(sqlite3.connect(file)) as copy:
            connection.backup(copy)
        return file.read_bytes()


def children_of(content: bytes, number: int, size: int) -> list[int]:
    """Give the pages that an interior page points to; a leaf points to none."""
    page = content[(number - 1) * size : number * size]
    head = 100 if number == 1 else 0
    if page[head] not in INTERIOR:
        return []
    cells = int.from_bytes(page[head + 3 : head + 5], "big")
    starts = (head + 12 + 2 * i for i in range(cells))
    places = (int.from_bytes(page[start : start + 2], "big") for start in starts)
    children = [int.from_bytes(page[place : place + 4], "big") for place in places]
    return [*children, int.from_bytes(page[head + 8 : head + 12], "big")]


def depth_by_formula(rows: int, fanout: int) -> int:
    """Give the levels of a tree whose pages each have room for `fanout` names.

    Parameters
    ----------
    rows
        Entries, at least 1.
    fanout
        At least 2. The depth is ⌈log(rows) / log(fanout)⌉, at least 1 (Bayer and
        McCreight, "Organization and maintenance of large ordered indices", 1972).

    Examples
    --------
    >>> [depth_by_formula(rows, 300) for rows in (300, 1_000, 1_000_000, 1_000_000_000)]
    [1, 2, 3, 4]
    """
    rows, fanout = require.whole("rows", rows), require.whole("fanout", fanout, 2)
    depth, room = 1, fanout
    while room < rows:
        depth, room = depth + 1, room * fanout
    return depth


def count_comparisons(sorted_keys: Sequence[int], key: int) -> int:
    """Count the looks of a binary search: the toy of an index.

    Parameters
    ----------
    sorted_keys
        In rising order.
    key
        What is looked for.

    Examples
    --------
    >>> [count_comparisons(range(size), 0) for size in (10, 1_000, 1_000_000)]
    [4, 10, 20]
    """
    low, high, looks = 0, len(sorted_keys), 0
    while low < high:
        middle = (low + high) // 2
        looks += 1
        if sorted_keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return looks
