"""Does PostgreSQL take an index that does not help? It counts what is in the table, and decides."""

from dataclasses import dataclass

from helpers.databases.plans import measure
from helpers.databases.postgres import Server, fill_shop
from helpers.databases.shop_data import shop_rows

ORDERS = 20_000
QUESTIONS = (
    ("one customer's orders", "SELECT total FROM orders WHERE customer_id = 7"),
    ("the open orders", "SELECT total FROM orders WHERE status = 'open'"),
    ("the paid orders", "SELECT total FROM orders WHERE status = 'paid'"),
)
INDEXES = ("orders (customer_id)", "orders (status)")


@dataclass(frozen=True)
class Choice:
    """What PostgreSQL did for one question, without the indexes and with them.

    Attributes
    ----------
    question
        In words.
    returned
        Rows.
    before, after
        "scan" or "search".
    visited_before, visited_after
        Rows.
    """

    question: str
    returned: int
    before: str
    visited_before: int
    after: str
    visited_after: int

    def __repr__(self) -> str:
        return (
            f"{self.question:22}{self.returned:>7,} rows: {self.before} of "
            f"{self.visited_before:,}, with an index {self.after} of {self.visited_after:,}"
        )


RECORDED = (
    Choice("one customer's orders", 102, "scan", 20_000, "search", 102),
    Choice("the open orders", 401, "scan", 20_000, "search", 401),
    Choice("the paid orders", 19_599, "scan", 20_000, "scan", 20_000),
)
"""What PostgreSQL 18 did when it was last tried; a test tries it again."""


def postgres_choices(server: Server | None) -> tuple[Choice, ...]:
    """Ask PostgreSQL each question before and after its indexes, or give what was recorded.

    Parameters
    ----------
    server
        None where there is no PostgreSQL.

    Examples
    --------
    >>> postgres_choices(None)[-1]
    the paid orders        19,599 rows: scan of 20,000, with an index scan of 20,000
    """
    if server is None:
        return RECORDED
    link = server.connect()
    try:
        link.execute("DROP SCHEMA IF EXISTS choices CASCADE")
        link.execute("CREATE SCHEMA choices")
        link.execute("SET search_path TO choices")
        fill_shop(link, shop_rows(ORDERS))
        before = [measure(link, sql) for _, sql in QUESTIONS]
        for index in INDEXES:
            link.execute(f"CREATE INDEX ON {index}")
        link.execute("ANALYZE")
        after = [measure(link, sql) for _, sql in QUESTIONS]
        link.execute("DROP SCHEMA choices CASCADE")
    finally:
        link.close()
    return tuple(
        Choice(
            question,
            old.returned,
            old.plan.looks[0].kind,
            old.total,
            new.plan.looks[0].kind,
            new.total,
        )
        for (question, _), old, new in zip(QUESTIONS, before, after, strict=True)
    )
