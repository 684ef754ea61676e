"""Query plans: does the database leaf through the whole book, or look in the index?

A book without an index has to be read from the first page to the last (a scan); with one,
you look up the word and open the pages that it names (a search). `explain` asks SQLite or
PostgreSQL which of the two it will do; `measure` runs the query and counts the rows that it
visited, by `visits` on SQLite and by `EXPLAIN (ANALYZE)` on PostgreSQL.
Sources: sqlite.org/eqp.html, and PostgreSQL's manual, "Using EXPLAIN".
"""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.databases.visits import counting_visits, noting_uncounted

LOOKS = re.compile(
    r"^(?P<kind>SCAN|SEARCH) (?!.*VIRTUAL TABLE INDEX|(?:\d+ )?CONSTANT ROW)(?:TABLE )?(?:main\.)?"
    r"(?P<table>.+?)(?: AS \S+)?(?: USING (?P<how>.*?))?(?: \((?P<terms>.*)\))?(?: LEFT-JOIN)?$"
)
QUOTED = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL
)
"""Texts, quoted names and comments: what may hold any word without meaning it."""
DOES_MORE = re.compile(r"\b(?:INTO|INSERT|UPDATE|DELETE)\b(?!\s*\()|;\s*[^\s;]", re.IGNORECASE)
"""Marks a statement that writes, or a second one behind the first."""
NOT_INDEXED = re.compile(r"\bNOT\s+INDEXED\b", re.IGNORECASE)
PRIMARY_KEY = "INTEGER PRIMARY KEY"
AUTOMATIC = "an index made for this query"
Parameters = Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """How a plan finds the rows of one table.

    Attributes
    ----------
    kind
        "scan" (every row) or "search" (those that an index names).
    table
        As the query calls it: its alias, where it has one.
    index
        The index's name, "primary key", or None.
    is_covering
        Whether the index holds all that is asked, so that the table is not opened.
    terms
        What is looked up in the index, such as "customer_id=?".
    """

    kind: str
    table: str
    index: str | None
    is_covering: bool
    terms: str

    @property
    def in_words(self) -> str:
        """Such as "search orders by orders_by_customer (customer_id=?)"."""
        by = f" by {self.index}" if self.index else ""
        terms = f" ({self.terms})" if self.terms else ""
        return f"{self.kind} {self.table}{by}{terms}{', covering' if self.is_covering else ''}"


@dataclass(frozen=True)
class Plan:
    """What a database will do for a query.

    Attributes
    ----------
    looks
        One for each table, in the order of the loops.
    is_sorted
        Whether rows have to be sorted or grouped after they were found.
    text
        The database's own words, a line each.
    """

    looks: tuple[Look, ...]
    is_sorted: bool
    text: tuple[str, ...]

    @property
    def scans(self) -> tuple[str, ...]:
        """The tables that are read from the first row to the last."""
        return tuple(look.table for look in self.looks if look.kind == "scan")

    @property
    def indexes(self) -> tuple[str, ...]:
        """The indexes that are used, primary keys aside."""
        return tuple(x.index for x in self.looks if x.index and x.index != "primary key")

    @property
    def is_covering(self) -> bool:
        """Whether every table is answered from an index alone."""
        return bool(self.looks) and all(look.is_covering for look in self.looks)

    @property
    def makes_an_index(self) -> bool:
        """Whether SQLite builds an index that lives for this query only."""
        return any(look.index == AUTOMATIC for look in self.looks)

    @property
    def shape(self) -> tuple[tuple[str, str | None, str], ...]:
        """What makes two plans the same, whatever the tables are called."""
        return tuple((look.kind, look.index, look.terms) for look in self.looks)

    def __repr__(self) -> str:
        lines = [look.in_words for look in self.looks]
        return "\n".join(lines + ["sort"] * self.is_sorted) or "no table is read"


@dataclass(frozen=True)
class Measured:
    """A query that was run, and what it cost.

    Attributes
    ----------
    plan
        How.
    rows
        What it gave.
    visited
        Rows (or entries of an index) looked at, by table.
    is_exact
        False where counting itself changed the plan or the answer, where a table is read that
        has no turnstile (`main.orders`, one without row ids, a temporary or virtual one), or
        where SQLite builds an index for the query: the rows that it reads for it are not counted.
    pages
        That PostgreSQL touched, from memory or disk (its "buffers"); None on SQLite.
    """

    plan: Plan
    rows: list[tuple[Any, ...]]
    visited: Mapping[str, int]
    is_exact: bool = True
    pages: int | None = None

    @property
    def returned(self) -> int:
        """How many rows came back."""
        return len(self.rows)

    @property
    def total(self) -> int:
        """Rows visited in all tables."""
        return sum(self.visited.values())

    def __repr__(self) -> str:
        return f"{self.plan}\n{self.total:,} rows visited, {self.returned:,} returned"


def explain(connection: Any, sql: str, parameters: Parameters = ()) -> Plan:
    """Ask the database how it would answer, without running the query.

    Parameters
    ----------
    connection
        To SQLite, or to PostgreSQL by psycopg.
    sql
        One SELECT. SQLite's parameters are written ?, psycopg's %s.
    parameters
        Their values.

    Raises
    ------
    ValueError
        When the statement does more than read.

    Examples
    --------
    >>> from helpers.databases.shop_data import add_index, open_shop
    >>> shop = open_shop(orders=500)
    >>> explain(shop, "SELECT * FROM orders WHERE customer_id = 7")
    scan orders
    >>> add_index(shop, "orders_by_customer")
    >>> explain(shop, "SELECT * FROM orders WHERE customer_id = 7")
    search orders by orders_by_customer (customer_id=?)
    """
    check_query(sql)
    if isinstance(connection, sqlite3.Connection):
        steps = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
        return read_sqlite_plan([step[3] for step in steps])
    tree = explain_postgres(connection, sql, parameters, "FORMAT JSON")
    return read_postgres_plan(tree)


def measure(connection: Any, sql: str, parameters: Parameters = ()) -> Measured:
    """Run a query and count the rows that it visits.

    Parameters
    ----------
    connection, sql, parameters
        As for `explain`.

    Raises
    ------
    ValueError
        When the statement does more than read, or tells SQLite which index to take. NOT INDEXED
        may stand there.

    Examples
    --------
    >>> from helpers.databases.shop_data import open_shop
    >>> measure(open_shop(orders=500), "SELECT * FROM orders WHERE customer_id = 1")
    scan orders
    500 rows visited, 400 returned
    """
    check_query(sql)
    if isinstance(connection, sqlite3.Connection):
        plan = explain(connection, sql, parameters)
        rows = connection.execute(sql, parameters).fetchall()
        measured = measure_covered(connection, sql, parameters, plan, rows)
        if not measured.is_exact and NOT_INDEXED.search(QUOTED.sub(" ", sql)):
            again = measure_covered(connection, sql, parameters, plan, rows, "NOT INDEXED")
            measured = again if again.is_exact else measured
        return measured
    tree = explain_postgres(connection, sql, parameters, "ANALYZE, BUFFERS, FORMAT JSON")
    rows = connection.execute(sql, parameters or None).fetchall()
    pages = tree.get("Shared Hit Blocks", 0) + tree.get("Shared Read Blocks", 0)
    return Measured(read_postgres_plan(tree), rows, visited_by_postgres(tree), pages=pages)


def measure_covered(
    connection: sqlite3.Connection,
    sql: str,
    parameters: Parameters,
    plan: Plan,
    rows: list[tuple[Any, ...]],
    hint: str = "",
) -> Measured:
    """Run a query once more through the covers of `visits`, and compare it with the plain run."""
    with counting_visits(connection, hint) as counter:
        try:
            with noting_uncounted(connection) as uncounted:
                counted = explain(connection, sql, parameters)
        except sqlite3.OperationalError as error:
            raise ValueError(f"sql must do without INDEXED BY and rowid, got {sql!r}") from error
        again = connection.execute(sql, parameters).fetchall()
    is_same = counted.shape == plan.shape and again == rows
    is_exact = is_same and not plan.makes_an_index and not uncounted
    return Measured(plan, rows, dict(counter.visited), is_exact)


def check_query(sql: Any) -> None:
    """Refuse what is no text of one statement that reads."""
    if not isinstance(sql, str) or not is_query(sql):
        raise ValueError(f"sql must be one SELECT, got {sql!r}")


def is_query(sql: str) -> bool:
    """Tell one statement that reads from all others, by its words outside quotes.

    Examples
    --------
    >>> is_query(" select 1"), is_query("UPDATE orders SET total = 0")
    (True, False)
    """
    text = QUOTED.sub(" ", sql)
    first = re.match(r"[\s(]*(\w+)", text)
    word = first[1].upper() if first else ""
    return word in ("SELECT", "VALUES", "WITH") and not DOES_MORE.search(text)


def read_sqlite_plan(lines: Sequence[str]) -> Plan:
    """Understand the lines of SQLite's EXPLAIN QUERY PLAN.

    Examples
    --------
    >>> read_sqlite_plan(["SEARCH o USING COVERING INDEX a (x=? AND y>?)"])
    search o by a (x=? AND y>?), covering
    """
    looks = []
    made = {
        line.split(" ", 1)[1] for line in lines if line.startswith(("CO-ROUTINE ", "MATERIALIZE "))
    }
    for line in lines:
        found = LOOKS.match(line)
        if not found or found["table"] in made:
            continue
        how = found["how"] or ""
        name = re.search(r"INDEX (.+)$", how)
        index = "primary key" if how.startswith((PRIMARY_KEY, "PRIMARY KEY")) else None
        if how.startswith("AUTOMATIC"):
            index = AUTOMATIC
        elif name:
            index = name[1]
        looks.append(
            Look(
                found["kind"].lower(),
                found["table"],
                index,
                "COVERING" in how,
                found["terms"] or "",
            )
        )
    is_sorted = any("USE TEMP B-TREE" in line for line in lines)
    return Plan(tuple(looks), is_sorted, tuple(lines))


def explain_postgres(
    connection: Any, sql: str, parameters: Parameters, options: str
) -> dict[str, Any]:
    """Give PostgreSQL's plan as a tree of nodes."""
    answer = connection.execute(f"EXPLAIN ({options}) {sql}", parameters or None).fetchone()[0]
    tree = json.loads(answer) if isinstance(answer, str) else answer
    root: dict[str, Any] = tree[0]["Plan"]
    return root


def nodes_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    """List a node of PostgreSQL's plan and all below it, in order."""
    return [node, *(inner for child in node.get("Plans", ()) for inner in nodes_of(child))]


def read_postgres_plan(tree: dict[str, Any]) -> Plan:
    """Understand PostgreSQL's plan: "Seq Scan" is a scan, every kind of index scan a search."""
    nodes = nodes_of(tree)
    looks = []
    for node in nodes:
        if "Relation Name" in node:
            kind = "scan" if node["Node Type"] in ("Seq Scan", "Sample Scan") else "search"
            is_bitmap = node["Node Type"] == "Bitmap Heap Scan"
            below = nodes_of(node) if is_bitmap else [node]
            index = next((each["Index Name"] for each in below if "Index Name" in each), None)
            covering = node["Node Type"] == "Index Only Scan"
            terms = node.get("Index Cond") or node.get("Recheck Cond") or ""
            terms = terms.removeprefix("(").removesuffix(")")
            looks.append(Look(kind, node["Alias"], index, covering, terms))
    text = tuple(node["Node Type"] for node in nodes)
    return Plan(tuple(looks), any("Sort" in name for name in text), text)


def visited_by_postgres(tree: dict[str, Any]) -> dict[str, int]:
    """Add up rows given on and rows thrown away by each node that reads a table."""
    visited: dict[str, int] = {}
    for node in nodes_of(tree):
        if "Relation Name" in node:
            thrown = node.get("Rows Removed by Filter", 0)
            thrown += node.get("Rows Removed by Index Recheck", 0)
            rows = round((node["Actual Rows"] + thrown) * node["Actual Loops"])
            table = node["Relation Name"]
            visited[table] = visited.get(table, 0) + rows
    return visited
