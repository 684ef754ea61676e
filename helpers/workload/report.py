"""What a reader found in a file: how much it took, and what it left out and why.

Nothing is dropped in silence: every line is a request, a blank, or a rejected line with a
reason and a number to find it by. The report quotes no content, since content may be
private.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SHOWN = 5


@dataclass(frozen=True)
class Rejection:
    """Lines that could not be read, for one reason.

    Attributes
    ----------
    reason
        What is wrong.
    count
        How many lines.
    lines
        The numbers of the first few, counted from 1.
    """

    reason: str
    count: int
    lines: tuple[int, ...]

    def __str__(self) -> str:
        where = ", ".join(f"{number:,}" for number in self.lines)
        more = ", ..." if self.count > len(self.lines) else ""
        return f"{self.count:,} × {self.reason} ({where}{more})"


@dataclass(frozen=True, repr=False)
class Report:
    """What a reader found in a file.

    It holds that lines = requests + blank + rejected + header.

    Attributes
    ----------
    file
        The file's name, without its folder.
    form
        What it was read as, such as "combined log".
    unit
        What the numbers count: "line", or "entry" in a HAR file.
    lines, requests, blank
        How many there are.
    header
        How many lines name columns: 1 in a table, else 0.
    rejections
        What could not be read, by reason, the most frequent first.
    out_of_order
        Requests that stood after a later one, and were sorted.
    started_at, ended_at
        First and last request, seconds since 1970, or None where times were relative.
    notes
        What else there is to know: zones, encoding, a file that breaks off.
    """

    file: str
    form: str
    unit: str
    lines: int
    requests: int
    blank: int
    header: int
    rejections: tuple[Rejection, ...]
    out_of_order: int
    started_at: float | None
    ended_at: float | None
    notes: tuple[str, ...]

    @property
    def rejected(self) -> int:
        """How many lines could not be read."""
        return sum(rejection.count for rejection in self.rejections)

    def __repr__(self) -> str:
        units = "entries" if self.unit == "entry" else f"{self.unit}s"
        lines = [f"{self.file}: {self.form}, {self.lines:,} {units}, {self.requests:,} requests"]
        if self.started_at is not None and self.ended_at is not None:
            lines += [f"  from {as_utc(self.started_at)} to {as_utc(self.ended_at)} UTC"]
        lines += [f"  rejected {self.unit}: {rejection}" for rejection in self.rejections]
        if self.blank:
            lines += [f"  {self.blank:,} blank"]
        if self.out_of_order:
            lines += [f"  {self.out_of_order:,} out of order, sorted"]
        return "\n".join(lines + [f"  {note}" for note in self.notes])


@dataclass(repr=False)
class Tally:
    """A report in the making.

    Examples
    --------
    >>> tally = Tally("access.log")
    >>> tally.reject(3, "not a log line")
    >>> tally.reject(9, "not a log line")
    >>> print(tally.rejections()[0])
    2 × not a log line (3, 9)
    """

    file: str
    unit: str = "line"
    lines: int = 0
    blank: int = 0
    header: int = 0
    notes: list[str] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _examples: dict[str, list[int]] = field(default_factory=dict)

    def reject(self, number: int, reason: str) -> None:
        """Count a line that cannot be read. Reasons are fixed texts, so few in number."""
        self._counts[reason] = self._counts.get(reason, 0) + 1
        examples = self._examples.setdefault(reason, [])
        if len(examples) < SHOWN:
            examples.append(number)

    def note(self, text: str) -> None:
        """Keep a remark for the report."""
        self.notes.append(text)

    def __str__(self) -> str:
        found = ", ".join(str(rejection) for rejection in self.rejections())
        read = f"{self.lines:,} x {self.unit} in {self.file}, {self.blank:,} blank"
        return f"{read}, {found}" if found else read

    def rejections(self) -> tuple[Rejection, ...]:
        """Give the reasons, the most frequent first."""
        found = [Rejection(r, n, tuple(self._examples[r])) for r, n in self._counts.items()]
        return tuple(sorted(found, key=lambda rejection: (-rejection.count, rejection.lines)))


def as_utc(seconds: float) -> str:
    """Write seconds since 1970 as a date and a time.

    Examples
    --------
    >>> as_utc(1774746000)
    '2026-03-29 01:00:00'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d %H:%M:%S}"
