"""The same scores on real databases: SQLite, and PostgreSQL where it is there.

A dress rehearsal on two stages. Each transaction gets a connection of its own; the steps
come in the order of the schedule. SQLite has one level, serializable, and with a shared
cache a second one, read uncommitted. PostgreSQL has three: asked for read uncommitted, it
gives read committed (manual, "Transaction Isolation").
"""

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from helpers.databases.anomalies import ANOMALIES, IsolationTable, Run, isolation_table
from helpers.databases.anomalies import which_happen as play_all
from helpers.databases.postgres import Server
from helpers.databases.schedules import Outcome, Step, play
from helpers.databases.versions import BlockedError, ConflictError, Level

TABLE = "CREATE TABLE thing (key TEXT PRIMARY KEY, value INTEGER)"
SQLITE_LEVELS: tuple[Level, ...] = ("read uncommitted", "serializable")
PATIENCE = "100ms"
"""How long PostgreSQL waits for another transaction before the step is put off."""

RECORDED_POSTGRES: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        level: dict(zip(ANOMALIES, happens, strict=True))
        for level, happens in {
            "read uncommitted": (False, True, True, True, True),
            "read committed": (False, True, True, True, True),
            "repeatable read": (False, False, False, False, True),
            "serializable": (False, False, False, False, False),
        }.items()
    }
)
"""What PostgreSQL 18 did when it was last tried; a test tries it again."""
RECORDED_SQLITE: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "read uncommitted": dict.fromkeys(ANOMALIES, True),
        "serializable": dict.fromkeys(ANOMALIES, False),
    }
)
"""What SQLite 3.40 did; a test tries it again."""


class SqlSession:
    """One transaction on a connection, in SQL that both databases know.

    Parameters
    ----------
    connection
        With a transaction begun, or one that begins with the first statement.
    mark
        How a parameter is written: ? or %s.
    """

    def __init__(self, connection: Any, mark: str) -> None:
        self.connection, self._mark = connection, mark

    def read(self, key: str) -> int | None:
        """Give a key's value."""
        row = self._run("SELECT value FROM thing WHERE key = ?", key).fetchone()
        return None if row is None else int(row[0])

    def add_up(self, prefix: str) -> int:
        """Add up the values of all keys with a prefix."""
        sql = "SELECT coalesce(sum(value), 0) FROM thing WHERE substr(key, 1, ?) = ?"
        return int(self._run(sql, len(prefix), prefix).fetchone()[0])

    def write(self, key: str, value: int | None) -> None:
        """Write, insert or delete."""
        if value is None:
            self._run("DELETE FROM thing WHERE key = ?", key)
        elif self._run("UPDATE thing SET value = ? WHERE key = ?", value, key).rowcount == 0:
            self._run("INSERT INTO thing (key, value) VALUES (?, ?)", key, value)

    def commit(self) -> None:
        """Make it count."""
        self._run("COMMIT")

    def rollback(self) -> None:
        """Forget it."""
        self._run("ROLLBACK")

    def _run(self, sql: str, *values: object) -> Any:
        raise NotImplementedError


class SqliteSession(SqlSession):
    """One transaction on SQLite."""

    def _run(self, sql: str, *values: object) -> Any:
        try:
            return self.connection.execute(sql, values)
        except sqlite3.OperationalError as error:
            self._refuse(error)

    def _refuse(self, error: sqlite3.OperationalError) -> NoReturn:
        if error.sqlite_errorname == "SQLITE_BUSY_SNAPSHOT":
            self.connection.execute("ROLLBACK")
            raise ConflictError("the snapshot is out of date") from error
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise BlockedError("another transaction is writing") from error
        raise error


class PostgresSession(SqlSession):
    """One transaction on PostgreSQL."""

    def _run(self, sql: str, *values: object) -> Any:
        from psycopg import errors

        run = self.connection.execute
        is_statement = bool(values)
        if is_statement:
            run("SAVEPOINT here")
        try:
            return run(sql.replace("?", "%s"), values or None)
        except (errors.SerializationFailure, errors.DeadlockDetected) as error:
            run("ROLLBACK")
            raise ConflictError(str(error)) from error
        except errors.LockNotAvailable as error:
            run("ROLLBACK TO SAVEPOINT here")
            raise BlockedError("another transaction is writing") from error


def run_on_sqlite(rows: Mapping[str, int], steps: Sequence[Step], level: Level) -> Outcome:
    """Play a schedule on SQLite, in a temporary folder or a shared cache in memory.

    Parameters
    ----------
    rows, steps
        As for `run_on_model`.
    level
        "read uncommitted" or "serializable".

    Examples
    --------
    >>> steps = [Step("A", "write", "x", value=lambda notes: 5), Step("B", "read", "x", "seen")]
    >>> run_on_sqlite({"x": 1}, steps, "serializable").notes["B"]
    {'seen': 1}
    """
    if level not in SQLITE_LEVELS:
        raise ValueError(f"level must be one of {', '.join(SQLITE_LEVELS)}, got {level!r}")
    is_shared = level == "read uncommitted"
    with tempfile.TemporaryDirectory(prefix="course") as folder, connections() as opened:
        address = "file:course?mode=memory&cache=shared"
        if not is_shared:
            address = (Path(folder) / "things.sqlite").as_uri()

        def connect() -> sqlite3.Connection:
            link = sqlite3.connect(address, uri=True, isolation_level=None, timeout=0)
            opened.append(link)
            return link

        first = connect()
        if not is_shared:
            first.execute("PRAGMA journal_mode = WAL")
        first.execute(TABLE)
        first.executemany("INSERT INTO thing VALUES (?, ?)", rows.items())

        def begin() -> SqliteSession:
            link = connect()
            link.execute(f"PRAGMA read_uncommitted = {int(is_shared)}")
            link.execute("BEGIN")
            return SqliteSession(link, "?")

        return play(steps, begin, lambda: dict(first.execute("SELECT key, value FROM thing")))


@contextmanager
def connections() -> Any:
    """Collect connections, and close them at the end."""
    opened: list[Any] = []
    try:
        yield opened
    finally:
        for link in opened:
            link.close()


def run_on_postgres(server: Server) -> Run:
    """Give the function that plays a schedule on a PostgreSQL server.

    Parameters
    ----------
    server
        As of `postgres.server`.
    """
    import psycopg

    def run(rows: Mapping[str, int], steps: Sequence[Step], level: Level) -> Outcome:
        with connections() as opened, closing(psycopg.connect(server.address)) as first:
            first.autocommit = True
            first.execute("DROP TABLE IF EXISTS thing")
            first.execute(TABLE)
            for row in rows.items():
                first.execute("INSERT INTO thing VALUES (%s, %s)", row)

            def begin() -> PostgresSession:
                link = psycopg.connect(server.address, autocommit=True)
                opened.append(link)
                link.execute(f"SET lock_timeout = '{PATIENCE}'")
                link.execute(f"BEGIN ISOLATION LEVEL {level.upper()}")
                return PostgresSession(link, "%s")

            return play(steps, begin, lambda: contents(first))

    return run


def contents(connection: Any) -> dict[str, int]:
    """Give what is committed now."""
    return dict(connection.execute("SELECT key, value FROM thing").fetchall())


def postgres_table(server: Server | None) -> IsolationTable:
    """Play all anomalies at all levels on PostgreSQL, or give what was recorded.

    Parameters
    ----------
    server
        None where there is no PostgreSQL.

    Examples
    --------
    >>> postgres_table(None).happens["repeatable read"]["write skew"]
    True
    """
    if server is None:
        return IsolationTable(RECORDED_POSTGRES)
    return isolation_table(run_on_postgres(server))


def sqlite_table() -> IsolationTable:
    """Play all anomalies on SQLite, or give what was recorded where it has no shared cache.

    Examples
    --------
    >>> sqlite_table().happens["serializable"]["write skew"]
    False
    """
    if not has_shared_cache():
        return IsolationTable(RECORDED_SQLITE)
    return IsolationTable({level: play_all(level, run_on_sqlite) for level in SQLITE_LEVELS})


def has_shared_cache() -> bool:
    """Tell whether this SQLite was built with the shared cache."""
    with closing(sqlite3.connect(":memory:")) as link:
        options = {row[0] for row in link.execute("PRAGMA compile_options")}
    return "OMIT_SHARED_CACHE" not in options
