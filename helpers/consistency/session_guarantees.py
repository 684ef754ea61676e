"""What one user may count on, whatever the others do: the four session guarantees.

Terry and others (1994) asked what a store must keep so that a person who moves between copies is
not confused, and named four promises, each of which can be kept or broken by itself:

- read your writes: you see what you wrote, or newer;
- monotonic reads: what you saw once, you do not see older later;
- monotonic writes: whoever sees your second write finds your first one done, or newer;
- writes follow reads: whoever sees your answer finds what you answered to, or newer.

Which of two values is newer? The store's own versions say, where they are given. Without them only
what is certain counts: a write that had ended before another began is older, as is what a session
wrote or saw before it wrote another; the first state is older than every write.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from helpers.consistency.histories import (
    Operation,
    by_process,
    read_history,
    refuse_operation,
    tell,
)
from helpers.consistency.specifications import find_register_fault

READ_YOUR_WRITES = "read your writes"
MONOTONIC_READS = "monotonic reads"
MONOTONIC_WRITES = "monotonic writes"
WRITES_FOLLOW_READS = "writes follow reads"
GUARANTEES = (READ_YOUR_WRITES, MONOTONIC_READS, MONOTONIC_WRITES, WRITES_FOLLOW_READS)


class Violation(NamedTuple):
    """A promise that was broken, and the two operations that show it.

    Attributes
    ----------
    guarantee
        Which of `GUARANTEES`.
    first
        The operation after which something could be counted on.
    second
        The operation that shows that it does not hold.
    """

    guarantee: str
    first: Operation
    second: Operation

    def __repr__(self) -> str:
        return f"{self.guarantee}: {tell(self.first)}, then {tell(self.second)}"


@dataclass(frozen=True)
class SessionReport:
    """Which promises were broken.

    Attributes
    ----------
    violations
        Each with the two operations that show it, by the time of the second one.
    """

    violations: tuple[Violation, ...]

    def __repr__(self) -> str:
        if not self.violations:
            return "SessionReport: all four guarantees held"
        counts = ", ".join(f"{name} {len(self.of(name))}" for name in self.broken)
        return f"SessionReport: broken: {counts}"

    def of(self, guarantee: str) -> tuple[Violation, ...]:
        """Give the violations of one guarantee."""
        if guarantee not in GUARANTEES:
            raise ValueError(f"guarantee must be one of {', '.join(GUARANTEES)}, got {guarantee!r}")
        return tuple(v for v in self.violations if v.guarantee == guarantee)

    @property
    def broken(self) -> tuple[str, ...]:
        """Names of the guarantees that were broken."""
        found = {violation.guarantee for violation in self.violations}
        return tuple(name for name in GUARANTEES if name in found)


def check_sessions(
    history: Iterable[Any], versions: Mapping[Operation, Any] | None = None
) -> SessionReport:
    """Find every broken session guarantee; each process is a session.

    On one key and without versions, writes that were put in the wrong order cannot be told from a
    reader who went back: that is reported as monotonic reads.

    Parameters
    ----------
    history
        Operations "read", "write" and "cas" on registers. Each value is written once, so that a
        read tells whose write it saw; a read of None saw the first state.
    versions
        The store's own version of what each operation read or wrote, as of `Run.versions`; a
        greater one is newer.

    Raises
    ------
    ValueError
        For a value that was written twice or never, naming the operation.

    Examples
    --------
    >>> wrote = "ann", 0, 1, "write", "cart", "milk", None
    >>> check_sessions([wrote, ("ann", 2, 3, "read", "cart", None, None)])
    SessionReport: broken: read your writes 1
    """
    operations = read_history(history)
    order = Order(operations, versions or {})
    sessions = by_process(operations)
    violations = [
        violation
        for session in sessions.values()
        for violation in [*find_own(session, order), *find_in_others(session, sessions, order)]
    ]
    if versions:
        violations += [v for session in sessions.values() for v in find_misplaced(session, order)]
    violations.sort(key=lambda v: (v.second.end, v.first.end))
    last = {(v.guarantee, v.second): v for v in violations}  # one for each read is enough
    return SessionReport(tuple(last.values()))


class Order:
    """Which values are newer than which, as far as is known."""

    def __init__(self, operations: Iterable[Operation], versions: Mapping[Operation, Any]) -> None:
        self.versions = versions
        self.writes: dict[tuple[Hashable, Any], Operation] = {}
        self.seen_before: dict[tuple[Hashable, Any], set[Any]] = {}
        ordered = tuple(operations)
        for operation in ordered:
            self.note_write(operation)
        for operation in ordered:
            self.check_read(operation)
        for session in by_process(ordered).values():
            self.note_session(session)

    def note_write(self, operation: Operation) -> None:
        """Note who wrote a value."""
        if operation.function not in ("read", "write", "cas"):
            wrong = f"function must be one of read, write, cas, got {operation.function!r}"
            refuse_operation(operation, wrong)
        wrong = find_register_fault(operation)
        if wrong:
            refuse_operation(operation, wrong)
        if is_write(operation):
            name = operation.key, written_by(operation)
            if name in self.writes or name[1] is None:
                wrong = f"each value must be written once, and not None, got {name[1]!r} again"
                refuse_operation(operation, wrong)
            self.writes[name] = operation

    def check_read(self, operation: Operation) -> None:
        """Refuse a read of what nobody wrote."""
        if is_read(operation):
            name = operation.key, seen_by(operation)
            if name not in self.writes and name[1] is not None:
                refuse_operation(operation, f"somebody must have written {name[1]!r}, nobody did")

    def note_session(self, session: list[Operation]) -> None:
        """Note what a session had seen or written of a key before it wrote."""
        seen: dict[Hashable, set[Any]] = {}
        for operation in session:
            have = seen.setdefault(operation.key, set())
            if is_read(operation):
                have.add(seen_by(operation))
            if is_write(operation):
                value = written_by(operation)
                self.seen_before[operation.key, value] = set(have)
                if operation.is_known:  # without an answer it may be done later than the next
                    have.add(value)

    def is_older(self, key: Hashable, value: Any, other: Any) -> bool:
        """Tell whether one value is certainly older than another."""
        if value == other or other is None:
            return False
        if value is None:
            return True
        write, newer = self.writes[key, value], self.writes[key, other]
        mine, theirs = self.versions.get(write), self.versions.get(newer)
        if mine is not None and theirs is not None:
            return bool(mine < theirs)
        return write.end < newer.invoked or value in self.seen_before[key, other]


def is_read(operation: Operation) -> bool:
    """Tell whether an operation saw a value; a cas that succeeded saw what it expected."""
    is_success = operation.function == "cas" and operation.result is True
    return operation.is_known and (operation.function == "read" or is_success)


def is_write(operation: Operation) -> bool:
    """Tell whether an operation left, or may have left, a value."""
    has_failed = operation.is_known and operation.result is False
    return operation.function == "write" or (operation.function == "cas" and not has_failed)


def seen_by(operation: Operation) -> Any:
    """Give the value that a read, or a cas that succeeded, saw."""
    return operation.argument[0] if operation.function == "cas" else operation.result


def written_by(operation: Operation) -> Any:
    """Give the value that a write or a cas left."""
    return operation.argument[1] if operation.function == "cas" else operation.argument


def find_own(session: list[Operation], order: Order) -> Iterator[Violation]:
    """Find where a session did not see its own writes, or saw older than before.

    Each read is held against the session's last write and against its last reads of the key.
    """
    for place, read in enumerate(session):
        if not is_read(read):
            continue
        before = [o for o in session[:place] if o.key == read.key and o.is_known]
        writes = [o for o in before if is_write(o)]
        reads = [o for o in before if is_read(o)]
        for earlier in reversed(writes):
            if order.is_older(read.key, seen_by(read), written_by(earlier)):
                yield Violation(READ_YOUR_WRITES, earlier, read)
                break
        for earlier in reversed(reads):
            if went_back(reads, earlier, read, order):
                yield Violation(MONOTONIC_READS, earlier, read)
                break


def went_back(reads: list[Operation], earlier: Operation, read: Operation, order: Order) -> bool:
    """Tell whether a read saw older than an earlier one: for certain, or seen even before that."""
    now, then = seen_by(read), seen_by(earlier)
    if order.is_older(read.key, now, then):
        return True
    if now == then or order.is_older(read.key, then, now):
        return False
    return any(seen_by(other) == now and other.invoked < earlier.invoked for other in reads)


def find_in_others(
    session: list[Operation], sessions: Mapping[Hashable, list[Operation]], order: Order
) -> Iterator[Violation]:
    """Find where a reader saw a session's write, and then older than what came before that write.

    What came before is a write of the same session (monotonic writes) or a read (writes follow
    reads). A reader who wrote or read as new a value itself breaks another promise, not these.
    """
    for place, read in enumerate(session):
        if not is_read(read):
            continue
        for earlier in session[:place]:
            if not is_read(earlier) or (earlier.key, seen_by(earlier)) not in order.writes:
                continue
            write = order.writes[earlier.key, seen_by(earlier)]
            if write.process == read.process:
                continue
            for guarantee, needed in came_before(write, sessions[write.process], read.key):
                is_old = order.is_older(read.key, seen_by(read), needed)
                if is_old and not knew(session[:place], read.key, needed, order):
                    yield Violation(guarantee, write, read)
                    break


def came_before(
    write: Operation, session: list[Operation], key: Hashable
) -> Iterator[tuple[str, Any]]:
    """Give the values of a key that a session had written, or read, before a write."""
    before = session[: next(i for i, o in enumerate(session) if o is write)]
    for operation in reversed(before):
        if operation.key == key and operation.is_known:
            if is_write(operation):
                yield MONOTONIC_WRITES, written_by(operation)
            elif is_read(operation) and operation.result is not None:
                yield WRITES_FOLLOW_READS, seen_by(operation)


def knew(before: list[Operation], key: Hashable, value: Any, order: Order) -> bool:
    """Tell whether a session had itself seen or written a value, or one that is as new."""
    mine = [written_by(o) for o in before if o.key == key and is_write(o) and o.is_known]
    mine += [seen_by(o) for o in before if o.key == key and is_read(o)]
    return any(have == value or order.is_older(key, value, have) for have in mine)


def find_misplaced(session: list[Operation], order: Order) -> Iterator[Violation]:
    """Find writes that the store put before what their session had written or seen of the key."""
    for place, write in enumerate(session):
        if not is_write(write) or write not in order.versions:
            continue
        for earlier in reversed(session[:place]):
            if earlier.key != write.key or earlier not in order.versions:
                continue
            if order.versions[write] < order.versions[earlier]:
                guarantee = MONOTONIC_WRITES if is_write(earlier) else WRITES_FOLLOW_READS
                yield Violation(guarantee, earlier, write)
                break
