"""When is one relational database enough? A calculator, with what others did on one machine.

Before hiring a second cook, look at what one cook can do. The limits here are not promises:
they are what somebody has published, with where it was read, so that your own numbers have
something to stand beside.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from helpers import require

DAY = 86_400
TERABYTE = 2**40
STACK_OVERFLOW_QUERIES = 504_816_843
"""SQL queries of HTTP requests on 9 February 2016, all sites (Nick Craver, "Stack Overflow: The
Architecture, 2016 Edition"). Two pairs of servers bore them, each pair with one that writes."""
STACK_OVERFLOW_RATE = STACK_OVERFLOW_QUERIES / DAY
PGBENCH_RATE = 896.967014
"""Transactions a second, each of five statements that read and write, in the example output of
PostgreSQL's manual (pgbench, versions 14 and later): ten clients, one thread, default settings."""
LARGEST_TABLE = 32 * TERABYTE
"""Bytes of one PostgreSQL table (manual, appendix K)."""


@dataclass(frozen=True)
class Machine:
    """What one database server is taken to bear.

    Attributes
    ----------
    reads_per_second, writes_per_second
        At the peak.
    memory
        Bytes for the rows that are in use.
    table
        Bytes of the largest table.
    """

    reads_per_second: float = STACK_OVERFLOW_RATE
    writes_per_second: float = PGBENCH_RATE
    memory: float = 64 * 2**30
    table: float = LARGEST_TABLE

    def __post_init__(self) -> None:
        for name in ("reads_per_second", "writes_per_second", "memory", "table"):
            require.positive(name, getattr(self, name))


@dataclass(frozen=True)
class Needs:
    """What an application asks of its database.

    Attributes
    ----------
    users
        Active on a day.
    reads_each, writes_each
        Queries and transactions of one user on a day.
    rows_each
        Rows that one user leaves behind on a day.
    row_bytes
        Of a row, with its indexes.
    years
        For which all rows are kept.
    peak
        How many times the mean the busiest hour has.
    hot_share
        Share of the rows that is in use.
    """

    users: float
    reads_each: float = 100
    writes_each: float = 5
    rows_each: float = 5
    row_bytes: float = 500
    years: float = 3
    peak: float = 4
    hot_share: float = 0.1

    def __post_init__(self) -> None:
        for name in ("users", "row_bytes", "years", "peak"):
            require.positive(name, getattr(self, name))
        for name in ("reads_each", "writes_each", "rows_each"):
            require.not_negative(name, getattr(self, name))
        require.between("hot_share", self.hot_share, 0, 1)

    @property
    def reads_per_second(self) -> float:
        """At the peak."""
        return self.users * self.reads_each * self.peak / DAY

    @property
    def writes_per_second(self) -> float:
        """At the peak."""
        return self.users * self.writes_each * self.peak / DAY

    @property
    def rows(self) -> float:
        """At the end of the years."""
        return self.users * self.rows_each * 365 * self.years

    @property
    def bytes(self) -> float:
        """At the end of the years."""
        return self.rows * self.row_bytes


@dataclass(frozen=True)
class Verdict:
    """How much of one machine is used.

    Attributes
    ----------
    used
        Share of each limit; above 1 is more than one machine bears.
    """

    used: dict[str, float]

    @property
    def is_enough(self) -> bool:
        """Whether one machine is enough."""
        return max(self.used.values()) <= 1

    @property
    def tightest(self) -> str:
        """The limit that is reached first."""
        return max(self.used, key=lambda name: self.used[name])

    @property
    def room_to_grow(self) -> float:
        """How many times as many users one machine would bear; infinite if they ask nothing."""
        most = max(self.used.values())
        return 1 / most if most else float("inf")

    @property
    def advice(self) -> str:
        """What to try first, in a sentence."""
        if self.is_enough:
            return f"One machine is enough, and for {self.room_to_grow:,.1f} times as much."
        remedies = {
            "reads": "add read replicas and a cache before anything else.",
            "writes": "batch and queue the writes; then shard, or move one heavy table out.",
            "memory": "buy memory, archive what is old; then shard.",
            "table": "archive or partition the table by time.",
        }
        verb = "do" if self.tightest in ("reads", "writes") else "does"
        return f"The {self.tightest} {verb} not fit: {remedies[self.tightest]}"

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for name, share in self.used.items():
            yield f"{name:8}{share:10.1%} of one machine"
        yield self.advice


def is_one_machine_enough(needs: Needs, machine: Machine | None = None) -> Verdict:
    """Set what is needed against what one machine bears.

    Parameters
    ----------
    needs
        Of the application.
    machine
        By default one with the published numbers of this module and 64 GiB of memory.

    Examples
    --------
    >>> is_one_machine_enough(Needs(users=100_000))
    reads         7.9% of one machine
    writes        2.6% of one machine
    memory       39.8% of one machine
    table         0.8% of one machine
    One machine is enough, and for 2.5 times as much.
    """
    machine = machine or Machine()
    return Verdict(
        {
            "reads": needs.reads_per_second / machine.reads_per_second,
            "writes": needs.writes_per_second / machine.writes_per_second,
            "memory": needs.bytes * needs.hot_share / machine.memory,
            "table": needs.bytes / machine.table,
        }
    )
