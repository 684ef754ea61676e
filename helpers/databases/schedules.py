"""Transactions whose steps are interleaved in a fixed order: the score that all play from.

Two cooks at one stove, and a film of it frame by frame. A schedule says who does what when.
The same schedule runs on the model, on SQLite and on PostgreSQL; a step that has to wait is
put off until the others have gone on, and a transaction that the store refuses leaves its
later steps out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from helpers.databases.versions import BlockedError, ConflictError, Level, VersionedStore

Doing = Literal["read", "search", "write", "commit", "rollback"]
Notes = dict[str, int]
"""What a transaction has read, by the name that a step gave it."""


@dataclass(frozen=True)
class Step:
    """One step of one transaction.

    Attributes
    ----------
    who
        The transaction, such as "A".
    does
        "read" a key, "search" all keys with a prefix and sum up their values, "write" a
        value, "commit" or "rollback".
    key
        Of the row, or the prefix.
    note
        The name under which what was read is kept.
    value
        Gives what is written from what this transaction has read; None for nothing.
    """

    who: str
    does: Doing
    key: str = ""
    note: str = ""
    value: Callable[[Notes], int | None] | None = None

    def __post_init__(self) -> None:
        if self.does not in get_args(Doing):
            raise ValueError(f"does must be one of {', '.join(get_args(Doing))}, got {self.does!r}")

    def __str__(self) -> str:
        words = {"read": f"reads {self.key}", "search": f"adds up {self.key}*"}
        return f"{self.who} {words.get(self.does, f'{self.does}s {self.key}'.strip())}"


@dataclass
class Outcome:
    """What came of a schedule.

    Attributes
    ----------
    notes
        What each transaction read, under the names of the steps.
    ended
        "committed", "rolled back" or "refused", by transaction.
    rows
        What the store holds in the end.
    trace
        What happened, a line for each step.
    """

    rows: dict[str, int]
    notes: dict[str, Notes] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def all_committed(self, *names: str) -> bool:
        """Tell whether each of these transactions was committed."""
        return all(self.ended.get(name) == "committed" for name in names)


class Session(Protocol):
    """What a store must offer one transaction."""

    def read(self, key: str) -> int | None:
        """Give a key's value."""

    def add_up(self, prefix: str) -> int:
        """Add up the values of all keys with a prefix."""

    def write(self, key: str, value: int | None) -> None:
        """Write, insert or delete."""

    def commit(self) -> None:
        """Make it count."""

    def rollback(self) -> None:
        """Forget it."""


class ModelSession:
    """One transaction on the multi-version store of the course."""

    def __init__(self, store: VersionedStore, level: Level) -> None:
        self.transaction = store.begin(level)
        self.read, self.write = self.transaction.read, self.transaction.write
        self.commit, self.rollback = self.transaction.commit, self.transaction.rollback

    def add_up(self, prefix: str) -> int:
        """Add up the values of all keys with a prefix."""
        return sum(self.transaction.search(lambda key, _: key.startswith(prefix)).values())


def run_on_model(rows: Mapping[str, int], steps: Sequence[Step], level: Level) -> Outcome:
    """Play a schedule on the multi-version store.

    Parameters
    ----------
    rows
        What is there at first.
    steps
        In their order.
    level
        Of isolation, for all transactions.

    Examples
    --------
    >>> steps = [Step("A", "write", "x", value=lambda notes: 5), Step("B", "read", "x", "seen")]
    >>> run_on_model({"x": 1}, steps, "read uncommitted").notes["B"]
    {'seen': 5}
    """
    store = VersionedStore(rows)
    return play(steps, lambda: ModelSession(store, level), store.rows)


def play(
    steps: Sequence[Step], begin: Callable[[], Session], rows: Callable[[], dict[str, int]]
) -> Outcome:
    """Let transactions take their steps in turn.

    Parameters
    ----------
    steps
        In their order; a transaction begins with its first step.
    begin
        Opens a session. Sessions raise `BlockedError` for what must wait and `ConflictError`
        for what is refused, after which they are rolled back.
    rows
        Gives what the store holds in the end.
    """
    outcome, waiting = Outcome({}), list(steps)
    sessions: dict[str, Session] = {}
    while waiting:
        blocked: set[str] = set()
        left: list[Step] = []
        for step in waiting:
            if step.who in blocked:
                left.append(step)
            elif outcome.ended.get(step.who) != "refused":
                session = sessions.get(step.who) or sessions.setdefault(step.who, begin())
                try:
                    took = take(step, session, outcome)
                except BlockedError:
                    blocked.add(step.who)
                    left.append(step)
                    took = "waits"
                except ConflictError:
                    outcome.ended[step.who] = took = "refused"
                outcome.trace.append(f"{step}: {took}" if took else str(step))
        if len(left) == len(waiting):  # each waits for another: a deadlock, the last one gives way
            loser = left[-1].who
            sessions[loser].rollback()
            outcome.ended[loser] = "refused"
            outcome.trace.append(f"{loser} is refused: deadlock")
        waiting = left
    outcome.rows = rows()
    return outcome


def take(step: Step, session: Session, outcome: Outcome) -> str:
    """Take one step, and say what came of it."""
    notes = outcome.notes.setdefault(step.who, {})
    if step.does in ("read", "search"):
        found = session.read(step.key) if step.does == "read" else session.add_up(step.key)
        notes[step.note] = 0 if found is None else found
        return f"{notes[step.note]}"
    if step.does == "write":
        value = None if step.value is None else step.value(notes)
        session.write(step.key, value)
        return "deleted" if value is None else f"{value}"
    if step.does == "commit":
        session.commit()
        outcome.ended[step.who] = "committed"
    else:
        session.rollback()
        outcome.ended[step.who] = "rolled back"
    return ""
