"""Answers that are kept inside the database: result caches, materialized views, read models.

A bakery's price board. You can add up the day's takings from all receipts each time somebody
asks; keep the last sum until the next receipt comes (a result cache); write the sum on the
board every hour (a materialized view); or change the board with every receipt (a read model,
the query side of CQRS). They differ in what is read, in what is written and in how old the
board may be. All of them run on a real SQLite here, and rows are counted as they are visited.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.databases.query_counter import CountingConnection
from helpers.databases.shop_data import open_shop

Floats = NDArray[np.float64]
Answering = Literal["query", "result cache", "materialized view", "read model"]
ANSWERINGS: tuple[Answering, ...] = get_args(Answering)

BEST_SELLERS = (
    "SELECT product_id, sum(quantity) AS sold FROM order_line "
    "GROUP BY product_id ORDER BY sold DESC, product_id LIMIT 10"
)
FROM_TABLE = "SELECT product_id, sold FROM sold ORDER BY sold DESC, product_id LIMIT 10"
REFRESH = (
    "CREATE TABLE sold (product_id INTEGER PRIMARY KEY, sold INTEGER)",
    "INSERT INTO sold SELECT product_id, sum(quantity) FROM order_line GROUP BY product_id",
    "CREATE INDEX best ON sold (sold DESC, product_id)",
)
ONE_MORE = "INSERT INTO sold VALUES (?, ?) ON CONFLICT (product_id) DO UPDATE SET sold = sold + ?2"


@dataclass(frozen=True)
class ReadModelRun:
    """What a way to answer has cost.

    Attributes
    ----------
    answering
        Which way.
    reads, writes
        How many there were.
    visited
        Rows that the database looked at for the reads and the refreshes.
    extra_writes
        Rows written to keep the answer at hand.
    computed
        How often the answer was worked out from all lines.
    stale
        Reads that got an answer in which a committed write was missing.
    """

    answering: str
    reads: int
    writes: int
    visited: int
    extra_writes: int
    computed: int
    stale: int

    @property
    def stale_share(self) -> float:
        """Share of the reads that got an old answer."""
        return self.stale / self.reads if self.reads else 0.0

    def __repr__(self) -> str:
        return (
            f"{self.answering:18}{self.visited:>10,} visited{self.extra_writes:>7,} written"
            f"{self.computed:>6,} worked out{self.stale_share:>7.0%} old"
        )


def run_read_model(
    answering: Answering,
    *,
    read_rate: float = 1.0,
    write_rate: float = 0.2,
    every: float = 60.0,
    duration: float = 600.0,
    orders: int = 1_000,
    rng: int | np.random.Generator = 0,
) -> ReadModelRun:
    """Ask a shop for its best sellers while it sells, and count what that costs.

    Parameters
    ----------
    answering
        "query": work it out each time. "result cache": keep the answer until the table is
        written to. "materialized view": a table, made anew every so often. "read model": a
        table, changed with every sale in the same transaction.
    read_rate, write_rate
        A second, above 0; at random moments (Poisson).
    every
        Seconds between two refreshes of the materialized view, above 0.
    duration
        Seconds, above 0.
    orders
        That the shop has at first, at least 1; each has 2.5 lines.
    rng
        A seed or a generator.

    Examples
    --------
    >>> for way in ANSWERINGS:
    ...     print(run_read_model(way, duration=100))
    query                261,017 visited      0 written   104 worked out     0% old
    result cache          45,162 visited      0 written    18 worked out     0% old
    materialized view      6,049 visited    200 written     2 worked out    97% old
    read model             1,040 visited     19 written     0 worked out     0% old
    """
    if answering not in ANSWERINGS:
        raise ValueError(f"answering must be one of {', '.join(ANSWERINGS)}, got {answering!r}")
    for name, value in (("read_rate", read_rate), ("write_rate", write_rate), ("every", every)):
        require.positive(name, value)
    require.positive("duration", duration)
    luck = require.generator(rng)
    reads = luck.uniform(0, duration, luck.poisson(read_rate * duration))
    sales = luck.uniform(0, duration, luck.poisson(write_rate * duration))
    refreshes = np.arange(0, duration, every) if answering == "materialized view" else np.empty(0)
    time = np.concatenate([refreshes, sales, reads])
    kind = np.repeat([0, 1, 2], [refreshes.size, sales.size, reads.size])
    products = luck.integers(1, 101, sales.size).tolist()
    board = Board(answering, orders)
    for event in kind[np.argsort(time, kind="stable")]:
        if event == 0:
            board.refresh()
        elif event == 1:
            board.sell(products.pop())
        else:
            board.read()
    return board.summary(reads.size, sales.size)


class Board:
    """A shop with a way to answer for its best sellers.

    Parameters
    ----------
    answering
        Which way.
    orders
        That the shop has at first.
    """

    def __init__(self, answering: Answering, orders: int) -> None:
        self.answering = answering
        self.shop = open_shop(orders, loyal_orders=0)
        self.counting = CountingConnection(self.shop)
        self.visited = self.extra_writes = self.computed = self.stale = 0
        self.kept: list[tuple[int, int]] | None = None
        if answering in ("read model", "materialized view"):
            self.refresh()
            self.visited = self.extra_writes = self.computed = 0

    def refresh(self) -> None:
        """Make the table of sums anew."""
        self.counting.close()  # what is counted cannot be written to
        self.shop.execute("DROP TABLE IF EXISTS sold")
        for statement in REFRESH:
            self.shop.execute(statement)
        self.visited += int(self.shop.execute("SELECT count(*) FROM order_line").fetchone()[0])
        self.extra_writes += int(self.shop.execute("SELECT count(*) FROM sold").fetchone()[0])
        self.computed += 1

    def sell(self, product: int) -> None:
        """Add an order line, and do what the way to answer asks for."""
        self.counting.close()
        self.shop.execute("BEGIN")
        self.shop.execute(
            "INSERT INTO order_line (order_id, product_id, quantity) VALUES (1, ?, 1)", [product]
        )
        if self.answering == "read model":
            self.shop.execute(ONE_MORE, [product, 1])
            self.extra_writes += 1
        self.shop.execute("COMMIT")
        self.kept = None

    def read(self) -> list[tuple[int, int]]:
        """Answer, and see whether the answer is old."""
        if self.answering == "result cache" and self.kept is not None:
            return self.kept
        is_table = self.answering in ("read model", "materialized view")
        rows = self.counting.execute(FROM_TABLE if is_table else BEST_SELLERS)
        answer = [(int(product), int(sold)) for product, sold in rows]
        self.visited += self.counting.visited
        self.counting.reset()
        self.computed += not is_table
        if self.answering == "materialized view":
            sums = "SELECT sum(quantity) FROM order_line", "SELECT sum(sold) FROM sold"
            everything, known = (self.shop.execute(sql).fetchone()[0] for sql in sums)
            self.stale += everything != known
        self.kept = answer
        return answer

    def summary(self, reads: int, writes: int) -> ReadModelRun:
        """Give what was counted."""
        self.shop.close()
        counts = self.visited, self.extra_writes, self.computed, self.stale
        return ReadModelRun(self.answering, reads, writes, *counts)


def result_cache_hit_ratio(read_rate: ArrayLike, write_rate: ArrayLike) -> Floats:
    """Give the share of reads that a result cache answers which each write empties.

    Parameters
    ----------
    read_rate, write_rate
        Of this question, and of its table, a second, above 0.

    Returns
    -------
    λr / (λr + λw): the event before a read was a read, and no write.

    Examples
    --------
    >>> float(result_cache_hit_ratio(9, 1))
    0.9
    """
    reads, writes = np.asarray(read_rate, float), np.asarray(write_rate, float)
    if not all(np.all((rate > 0) & np.isfinite(rate)) for rate in (reads, writes)):
        raise ValueError(
            f"read_rate and write_rate must be above 0, and finite, got {read_rate!r}, "
            f"{write_rate!r}"
        )
    ratio: Floats = reads / (reads + writes)
    return ratio


def view_stale_share(write_rate: ArrayLike, every: float) -> Floats:
    """Give the share of reads that find a materialized view out of date.

    Parameters
    ----------
    write_rate
        A second, above 0.
    every
        Seconds between two refreshes, above 0.

    Returns
    -------
    1 − (1 − e^(−λT)) / (λT): the mean over a refresh's life T of the chance of a write.

    Examples
    --------
    >>> round(float(view_stale_share(0.2, 60)), 3)
    0.917
    """
    require.positive("every", every)
    writes = np.asarray(write_rate, float) * every
    if not np.all((writes > 0) & np.isfinite(writes)):
        raise ValueError(f"write_rate must be above 0, and finite, got {write_rate!r}")
    share: Floats = 1 + np.expm1(-writes) / writes  # expm1: also right for very few writes
    return share
