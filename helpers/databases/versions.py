"""A small store that keeps several versions of everything, and four levels of isolation.

A notebook in which nothing is ever rubbed out: each change is a new line with its writer's
name, and counts once the writer has signed. What a reader sees is a matter of which lines
it may look at: also unsigned ones (read uncommitted), all that is signed by now (read
committed), or what was signed when the reader came (repeatable read, as a snapshot).
Serializable adds a check at the end: has anything that I read changed since I came?

The levels do what PostgreSQL documents (manual, "Transaction Isolation"), except that read
uncommitted really is, and that serializable looks at all that was read (the optimistic
control of Kung and Robinson, 1981), which refuses no fewer than PostgreSQL's method.
"""

import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from helpers import require

Level = Literal["read uncommitted", "read committed", "repeatable read", "serializable"]
LEVELS: tuple[Level, ...] = get_args(Level)
Predicate = Callable[[str, int], bool]


class ConflictError(Exception):
    """A transaction cannot be let through; it may be tried again from its beginning."""


class BlockedError(Exception):
    """Another transaction has written here and has not ended: wait for it."""


@dataclass(frozen=True)
class Version:
    """A value that a key had; None where the key was deleted.

    Attributes
    ----------
    number
        Of the commit that made it, counted from 1; 0 is what was there at first.
    """

    number: int
    value: int | None


@dataclass
class VersionedStore:
    """Keys and all values that they have had.

    Parameters
    ----------
    initial
        What is there at first.

    Examples
    --------
    >>> store = VersionedStore({"stock": 10})
    >>> early = store.begin("repeatable read")
    >>> late = store.begin("read committed")
    >>> late.write("stock", 9)
    >>> late.commit()
    >>> early.read("stock"), store.begin("read committed").read("stock")
    (10, 9)
    """

    initial: Mapping[str, int]
    versions: dict[str, list[Version]] = field(init=False)
    commits: int = field(default=0, init=False)
    active: list["Transaction"] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for value in self.initial.values():
            check_value("initial", value)
        self.versions = {key: [Version(0, value)] for key, value in self.initial.items()}

    def begin(self, level: Level) -> "Transaction":
        """Start a transaction at a level of isolation."""
        if level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {level!r}")
        transaction = Transaction(self, level, self.commits)
        self.active.append(transaction)
        return transaction

    def value_at(self, key: str, number: int) -> int | None:
        """Give the value that a key had after a commit."""
        seen = [v.value for v in self.versions.get(key, ()) if v.number <= number]
        return seen[-1] if seen else None

    def changed_since(self, key: str, number: int) -> bool:
        """Tell whether a key has a version that is younger than a commit."""
        return any(version.number > number for version in self.versions.get(key, ()))

    def rows(self) -> dict[str, int]:
        """Give what is committed now."""
        pairs = ((key, self.value_at(key, self.commits)) for key in sorted(self.versions))
        return {key: value for key, value in pairs if value is not None}


@dataclass(eq=False)
class Transaction:
    """Reads and writes that count together or not at all.

    Attributes
    ----------
    level
        Of isolation.
    started
        The number of the latest commit when it began.
    writes
        What it has written and not yet committed.
    """

    store: VersionedStore
    level: Level
    started: int
    writes: dict[str, int | None] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    searches: list[Predicate] = field(default_factory=list)
    is_open: bool = True

    def read(self, key: str) -> int | None:
        """Give a key's value, as far as this level lets one see it."""
        self._check_open()
        self.reads.add(key)
        return self._see(key)

    def search(self, predicate: Predicate) -> dict[str, int]:
        """Give all keys whose key and value fulfil a condition, in order of the keys."""
        self._check_open()
        self.searches.append(predicate)
        keys = set(self.store.versions).union(*(other.writes for other in self.store.active))
        pairs = ((key, self._see(key)) for key in sorted(keys))
        return {key: v for key, v in pairs if v is not None and predicate(key, v)}

    def write(self, key: str, value: int | None) -> None:
        """Write a whole number, or None to delete.

        Raises
        ------
        ValueError
            The value is no whole number, or the transaction has ended.
        BlockedError
            Another transaction has written the key and is still open.
        ConflictError
            The snapshot is out of date: another one has committed a change of this key.
        """
        self._check_open()
        if value is not None:
            check_value("value", value)
        if any(key in other.writes for other in self.store.active if other is not self):
            raise BlockedError(f"{key} is being written by another transaction")
        if self._has_snapshot and self.store.changed_since(key, self.started):
            self.rollback()
            raise ConflictError(f"{key} was changed by another transaction")
        self.writes[key] = value

    def commit(self) -> None:
        """Make the writes count, all at once.

        Raises
        ------
        ConflictError
            At serializable, something that was read has changed in the meantime.
        """
        self._check_open()
        if self.level == "serializable" and self.writes and self._has_stale_reads():
            self.rollback()
            raise ConflictError("something that was read has changed")
        if self.writes:
            self.store.commits += 1
        for key, value in self.writes.items():
            version = Version(self.store.commits, value)
            self.store.versions.setdefault(key, []).append(version)
        self._end()

    def rollback(self) -> None:
        """Forget the writes."""
        self._check_open()
        self.writes.clear()
        self._end()

    @property
    def _has_snapshot(self) -> bool:
        return self.level in ("repeatable read", "serializable")

    def _see(self, key: str) -> int | None:
        if key in self.writes:
            return self.writes[key]
        if self.level == "read uncommitted":
            for other in reversed(self.store.active):
                if key in other.writes:
                    return other.writes[key]
        return self.store.value_at(key, self.started if self._has_snapshot else self.store.commits)

    def _has_stale_reads(self) -> bool:
        changed = [k for k in self.store.versions if self.store.changed_since(k, self.started)]
        return any(key in self.reads or self._was_searched(key) for key in changed)

    def _was_searched(self, key: str) -> bool:
        values = (v.value for v in self.store.versions[key] if v.value is not None)
        both = [(key, value) for value in values]
        return any(predicate(*pair) for predicate in self.searches for pair in both)

    def _check_open(self) -> None:
        if not self.is_open:
            raise ValueError("the transaction must be open, but it has ended")

    def _end(self) -> None:
        self.is_open = False
        self.store.active.remove(self)


def check_value(name: str, value: Any) -> None:
    """Refuse what is no whole number."""
    if not (require.is_number(value) and isinstance(value, numbers.Integral)):
        require.refuse(name, "a whole number", value)
