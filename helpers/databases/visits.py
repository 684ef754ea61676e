"""Count the rows that SQLite really looks at: a turnstile before every table.

SQLite tells how it will search, not how many rows it met on the way. So each table is
covered by a temporary view of the same name, `SELECT * FROM table WHERE visited(rowid)`:
SQLite merges the view into the query, plans as before, and calls the function for every row
that a scan or a search stops at, before any other condition is looked at. What it counts is
the work, whatever machine does it. The view is in the connection's own temporary schema:
the database is not written to, and a file opened read-only can be counted as well. The
database's own views are written there once more, so that they too meet the turnstiles; a
query that goes round them, as with `main.orders`, is told by `noting_uncounted`.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FUNCTION = "course_visited"


class VisitCounter:
    """A turnstile before each table of a SQLite connection.

    Attributes
    ----------
    visited
        Rows looked at, by table.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.visited: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Rows looked at in all tables."""
        return self.visited.total()

    def install(self, hint: str = "") -> None:
        """Cover each table that has row ids, and count from now on; the last to install counts.

        Parameters
        ----------
        hint
            Written behind each table's name: "NOT INDEXED" to count a query that says so.
        """
        covered = set(find_covers(self.connection))
        for table, alias in () if covered else find_tables(self.connection):
            name, text = quoted(table), table.replace("'", "''")
            self.connection.execute(
                f"CREATE TEMP VIEW {name} AS SELECT * FROM main.{name} {hint} "
                f"WHERE {FUNCTION}('{text}', {alias})"
            )
        for view, rest in () if covered else find_views(self.connection):
            self.connection.execute(f"CREATE TEMP VIEW {quoted(view)} /* {FUNCTION} */ {rest}")
        self.connection.create_function(FUNCTION, 2, counting_into(self.visited))

    def remove(self) -> None:
        """Uncover the tables, so that they can be written to."""
        for table in find_covers(self.connection):
            self.connection.execute(f"DROP VIEW temp.{quoted(table)}")


def find_covers(connection: sqlite3.Connection) -> list[str]:
    """Give the names of the tables that are covered now."""
    sql = f"SELECT name FROM temp.sqlite_schema WHERE type = 'view' AND sql LIKE '%{FUNCTION}%'"
    return [row[0] for row in connection.execute(sql).fetchall()]


def counting_into(visited: Counter[str]) -> Callable[[str, int], int]:
    """Give the function that SQLite calls for each row; it holds the counts and nothing else.

    A function that held the connection, which holds the function, would keep both forever.
    """

    def visit(table: str, _: int) -> int:
        visited[table] += 1
        return 1

    return visit


@contextmanager
def counting_visits(connection: sqlite3.Connection, hint: str = "") -> Iterator[VisitCounter]:
    """Count visited rows inside the block, in which the tables can only be read.

    Parameters
    ----------
    connection
        To SQLite, with no transaction open that has written.
    hint
        As for `VisitCounter.install`.

    Examples
    --------
    >>> from helpers.databases.shop_data import open_shop
    >>> shop = open_shop(orders=500)
    >>> with counting_visits(shop) as counter:
    ...     _ = shop.execute("SELECT total FROM orders WHERE day = 3").fetchall()
    >>> counter.total
    500
    """
    counter = VisitCounter(connection)
    try:
        counter.install(hint)
        yield counter
    finally:
        counter.remove()


@contextmanager
def noting_uncounted(connection: sqlite3.Connection) -> Iterator[set[str]]:
    """Note the tables that statements prepared inside the block read past their covers.

    These are tables named with their schema, temporary or virtual ones, and those without row
    ids. SQLite tells of each table that a statement reads, and through which view.
    """
    covers = set(find_covers(connection))
    covered: set[str] = set()
    uncounted: set[str] = set()
    no_column: set[str] = set()

    def note(
        action: int, table: str | None, column: str | None, schema: str | None, view: str | None
    ) -> int:
        is_cover = schema == "temp" and table in covers
        if action == sqlite3.SQLITE_READ and table is not None and not is_cover:
            is_covered = view == table and table in covers
            group = covered if is_covered else uncounted if column else no_column
            group.add(table)
        return sqlite3.SQLITE_OK

    connection.set_authorizer(note)
    try:
        yield uncounted
    finally:
        connection.set_authorizer(None)
        uncounted |= no_column - covered  # SQLite also names a cover's table that it merged


def find_tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Give the names of the tables that have row ids, with a name under which to ask for it.

    Virtual tables, and those that are kept in the order of their key, are not counted.
    """
    listed = connection.execute(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' "
        "AND lower(name) NOT IN (SELECT lower(name) FROM temp.sqlite_schema) ORDER BY name"
    ).fetchall()
    found = []
    for (table,) in listed:
        own = {row[1].lower() for row in connection.execute(f"PRAGMA table_info({quoted(table)})")}
        alias = next((name for name in ("rowid", "oid", "_rowid_") if name not in own), None)
        if alias is not None and has_row_ids(connection, table, alias):
            found.append((table, alias))
    return found


def find_views(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Give the names of the database's views, and what follows the name in CREATE VIEW."""
    listed = connection.execute(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'view' "
        "AND lower(name) NOT IN (SELECT lower(name) FROM temp.sqlite_schema)"
    ).fetchall()
    found = []
    for view, sql in listed:
        text = sql.removeprefix("CREATE VIEW ")
        spellings = (quoted(view), f"[{view}]", f"`{view}`", view)
        written = next((name for name in spellings if text.startswith(name)), None)
        if written is not None:
            found.append((view, text.removeprefix(written)))
    return found


def has_row_ids(connection: sqlite3.Connection, table: str, alias: str) -> bool:
    """Tell a table with row ids from one that is kept in the order of its key."""
    try:
        connection.execute(f"SELECT {alias} FROM main.{quoted(table)} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


def quoted(name: str) -> str:
    """Write a name so that SQL takes it for one."""
    return '"' + name.replace('"', '""') + '"'
