"""Advice on a learner's own SQLite file or table, opened read-only and never written to."""

import csv
import io
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.databases.plans import Measured, Parameters, measure
from helpers.databases.shop_data import SelfClosing
from helpers.databases.visits import quoted

MANY = 10
"""So many rows visited for each one returned are worth a word."""


@dataclass(frozen=True)
class Advice:
    """What a query costs, and what to do about it.

    Attributes
    ----------
    measured
        The query, run once.
    words
        Sentences, the most important first.
    """

    measured: Measured
    words: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([repr(self.measured), *self.words])


def open_read_only(path: str | Path) -> sqlite3.Connection:
    """Open a SQLite file so that nothing can change it.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    ValueError
        When there is no such file, or it is no SQLite database.
    """
    file = Path(path)
    if not file.is_file():
        raise ValueError(f"path must name a SQLite file, got {str(path)!r}")
    address = f"{file.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False, factory=SelfClosing)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise ValueError(f"path must name a SQLite file, got {str(path)!r} ({error})") from error
    return connection


def read_csv(source: str | Path, table: str = "data") -> sqlite3.Connection:
    """Read a CSV file into a table of a database in memory.

    Parameters
    ----------
    source
        The file's path, or its text if it holds a line break. The first row names the columns.
    table
        What the table is called.

    Raises
    ------
    ValueError
        When there is no such file, no header, a name comes twice, or a row has another length.

    Examples
    --------
    >>> read_csv("id,city\\n1,Rome\\n2,Oslo\\n").execute(
    ...     "SELECT city FROM data WHERE id = 2"
    ... ).fetchone()
    ('Oslo',)
    """
    text = str(source)
    if "\n" not in text:
        if not Path(source).is_file():
            raise ValueError(f"source must name a CSV file or be its text, got {text!r}")
        text = Path(source).read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    names = {name.lower() for name in rows[0]} if rows else set()  # SQL does not tell A from a
    if not rows or len(names) < len(rows[0]) or not all(rows[0]):
        raise ValueError(f"source must begin with the columns' names, got {rows[:1]!r}")
    header, body = rows[0], rows[1:]
    if short := [i for i, row in enumerate(body, 2) if len(row) != len(header)]:
        raise ValueError(
            f"source must have {len(header)} values in each row, not so in {short[:5]}"
        )
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, factory=SelfClosing
    )
    columns = ", ".join(f"{quoted(name)} NUMERIC" for name in header)
    connection.execute(f"CREATE TABLE {quoted(table)} ({columns})")
    places = ", ".join("?" * len(header))
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO {quoted(table)} VALUES ({places})", body)
    connection.execute("COMMIT")
    return connection


def advise(connection: sqlite3.Connection, sql: str, parameters: Parameters = ()) -> Advice:
    """Run one query, count the rows that it visits, and say what to do.

    Parameters
    ----------
    connection
        To SQLite.
    sql
        One SELECT.
    parameters
        Its values.

    Examples
    --------
    >>> from helpers.databases.shop_data import open_shop
    >>> print(advise(open_shop(), "SELECT total FROM orders WHERE customer_id = 7").words[0])
    Every row of orders is read: 2,000 for 7 that are wanted. Index what the WHERE compares.
    """
    measured = measure(connection, sql, parameters)
    return Advice(measured, tuple(say(measured)) or ("Nothing to do: it reads what it needs.",))


def say(measured: Measured) -> Sequence[str]:
    """Put into words what stands out."""
    words = []
    plan, wasted = measured.plan, measured.total > MANY * max(1, measured.returned)
    if plan.scans and wasted:
        tables = " and ".join(dict.fromkeys(plan.scans))
        words.append(
            f"Every row of {tables} is read: {measured.total:,} for {measured.returned:,} that are "
            "wanted. Index what the WHERE compares."
        )
    elif wasted:
        words.append(
            f"{measured.total:,} rows are visited for {measured.returned:,}: the index narrows too "
            "little. Put the column that tells most first, or add one to it."
        )
    if plan.makes_an_index:
        words.append("SQLite builds an index for each run of this query: make it once, for good.")
    if plan.is_sorted and measured.returned > MANY:
        words.append("The rows are sorted after they are found: an index in that order saves it.")
    if not measured.is_exact:
        words.append("Not every row could be counted here: take their number for the least.")
    return words
