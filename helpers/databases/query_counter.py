"""A connection that counts: queries, rows, rows visited, and the time on the wire.

Each query is a parcel service's trip: however small the parcel, the van drives there and
back. The counter sits in the driver, where all queries pass, and adds up virtual seconds: a
round trip for each query and a little for each row that the database looks at.
"""

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from helpers import require
from helpers.databases.plans import QUOTED, Parameters, is_query
from helpers.databases.visits import VisitCounter

ROUND_TRIP = 0.001
"""Seconds from asking a database in the same region to hearing its answer."""
VISIT_TIME = 2e-7
"""Seconds that a database needs to look at one row in memory: the model's assumption."""
TELLS_THE_INDEX = re.compile(r"\b(?:INDEXED\s+BY|NOT\s+INDEXED)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One statement that passed.

    Attributes
    ----------
    sql
        As it was sent.
    rows
        How many came back.
    visited
        How many the database looked at; 0 where it cannot be counted.
    """

    sql: str
    rows: int
    visited: int


class CountingConnection:
    """A database connection that counts what passes through it.

    Parameters
    ----------
    connection
        To SQLite or PostgreSQL; visited rows are counted on SQLite only.
    round_trip
        Virtual seconds for each statement, at least 0.
    visit_time
        Virtual seconds for each row visited, at least 0.

    Attributes
    ----------
    log
        The statements, in order.

    Examples
    --------
    >>> from helpers.databases.shop_data import open_shop
    >>> counting = CountingConnection(open_shop(orders=500), round_trip=0.01)
    >>> orders = counting.execute("SELECT id FROM orders WHERE customer_id = ?", [1])
    >>> counting.queries, counting.rows, counting.visited, round(counting.elapsed, 4)
    (1, 400, 500, 0.0101)
    """

    def __init__(
        self,
        connection: Any,
        *,
        round_trip: float = ROUND_TRIP,
        visit_time: float = VISIT_TIME,
    ) -> None:
        self.connection = connection
        self.round_trip = require.not_negative("round_trip", round_trip)
        self.visit_time = require.not_negative("visit_time", visit_time)
        self.log: list[Statement] = []
        is_sqlite = isinstance(connection, sqlite3.Connection)
        self._counter = VisitCounter(connection) if is_sqlite else None

    def execute(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Run one statement and give all its rows.

        Parameters
        ----------
        sql
            With ? for each parameter, whichever database it is.
        parameters
            Their values.

        Raises
        ------
        ValueError
            When it tells SQLite which index to take or not to take: that cannot be counted.
        """
        counter = self._counter
        if counter is None:
            cursor = self.connection.execute(sql.replace("?", "%s"), parameters or None)
            rows = cursor.fetchall() if cursor.description else []
            self.log.append(Statement(sql, len(rows), 0))
            return rows
        if TELLS_THE_INDEX.search(QUOTED.sub(" ", sql)):
            raise ValueError(f"sql must do without INDEXED BY and NOT INDEXED, got {sql!r}")
        if is_query(sql):
            counter.install()
        else:
            counter.remove()
        before = counter.total
        rows = self.connection.execute(sql, parameters).fetchall()
        self.log.append(Statement(sql, len(rows), counter.total - before))
        return rows

    @property
    def queries(self) -> int:
        """How many statements passed: each a round trip."""
        return len(self.log)

    @property
    def rows(self) -> int:
        """How many rows came back."""
        return sum(statement.rows for statement in self.log)

    @property
    def visited(self) -> int:
        """How many rows the database looked at."""
        return sum(statement.visited for statement in self.log)

    @property
    def elapsed(self) -> float:
        """Virtual seconds: the round trips, and the looking."""
        return self.queries * self.round_trip + self.visited * self.visit_time

    def reset(self) -> None:
        """Forget what was counted."""
        self.log.clear()

    def close(self) -> None:
        """Take the counters off the tables; the connection itself stays open."""
        if self._counter is not None:
            self._counter.remove()
