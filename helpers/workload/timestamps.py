"""What time was it? Logs write it in a dozen ways; here it becomes seconds since 1970.

An offset in the log is respected, so a night in which the clocks change has neither a gap
nor an hour twice. A time without a zone is taken as UTC, and the report says so.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

UNREADABLE = "time not understood"
REMEMBERED = 4096  # a log repeats its seconds
LATEST = 253_402_300_800.0  # the year 10000
FIRST_ABSOLUTE = 1e8  # March 1973; smaller numbers count from a start of their own

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: f"{number:02}" for number, name in enumerate(NAMES, start=1)}
COMMON = re.compile(
    r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: ([+-]\d{4}))?", re.ASCII
)
NUMBER = re.compile(r"\d{1,20}(\.\d*)?", re.ASCII)
UNIVERSAL = re.compile(r"\s*(?:UTC|GMT|Z)$")
SPACED_OFFSET = re.compile(r"\s+([+-]\d\d:?\d\d)$", re.ASCII)


class Clock:
    """Reads the times of one file, and remembers what it saw.

    Parameters
    ----------
    earliest
        Seconds since 1970 before which a time must be a mistake. 0 lets in numbers that
        count from a start of their own.

    Attributes
    ----------
    offsets
        The zones written in the file, as hours and minutes east of Greenwich.
    has_naive
        Whether a time came without a zone.
    read_or_nan
        Gives what `read` gives for a text in bytes, or NaN, and remembers it.

    Examples
    --------
    >>> clock = Clock()
    >>> clock.read("29/Mar/2026:01:59:59 +0100"), clock.read("29/Mar/2026:03:00:00 +0200")
    (1774745999.0, 1774746000.0)
    >>> sorted(clock.offsets)
    ['+0100', '+0200']
    """

    def __init__(self, earliest: float = FIRST_ABSOLUTE) -> None:
        self.earliest = earliest
        self.offsets: set[str] = set()
        self.has_naive = False
        self.read_text = lru_cache(maxsize=REMEMBERED)(self._read_text)
        self.read_or_nan = lru_cache(maxsize=REMEMBERED)(self._read_or_nan)

    def read(self, value: object) -> float:
        """Give seconds since 1970 for a time as logs write it.

        Parameters
        ----------
        value
            A text in the form of the Common Log Format or ISO 8601, or a number of seconds,
            milli-, micro- or nanoseconds since 1970, told apart by their size.

        Raises
        ------
        ValueError
            If the time is none of these, or lies before the earliest or beyond year 9999.
        """
        if isinstance(value, str):
            return self.read_text(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(UNREADABLE)
        return self._in_range(from_number(value))

    def _read_or_nan(self, text: bytes) -> float:
        try:
            return self._read_text(text.decode("latin-1"))
        except ValueError:
            return math.nan

    def _read_text(self, text: str) -> float:
        text = text.strip().strip("[]")
        if NUMBER.fullmatch(text):
            return self._in_range(from_number(float(text)))
        try:
            moment = datetime.fromisoformat(as_iso(text))
        except ValueError:
            raise ValueError(UNREADABLE) from None
        if moment.tzinfo is None:
            seconds = self._in_range(moment.replace(tzinfo=UTC).timestamp())
            self.has_naive = True
        else:
            seconds = self._in_range(moment.timestamp())
            self.offsets.add(f"{moment:%z}")
        return seconds

    def _in_range(self, seconds: float) -> float:
        if not self.earliest <= seconds < LATEST:
            raise ValueError("time out of range")
        return float(seconds)

    def notes(self) -> list[str]:
        """Say what is to know about the zones."""
        found = []
        if len(self.offsets) > 1:
            found.append(f"zones {', '.join(sorted(self.offsets))}, all brought to UTC")
        if self.has_naive:
            found.append("times without a zone were taken as UTC")
        return found


def as_iso(text: str) -> str:
    """Write a time of the Common Log Format, or one with a loose zone, as ISO 8601 does.

    Examples
    --------
    >>> as_iso("29/Mar/2026:01:59:59 +0100"), as_iso("2026-03-29 01:00:00 UTC")
    ('2026-03-29T01:59:59+0100', '2026-03-29 01:00:00+00:00')
    """
    if match := COMMON.fullmatch(text):
        day, month, year, time, zone = match.groups()
        return f"{year}-{MONTHS.get(month, month)}-{day}T{time}{zone or ''}"
    text = UNIVERSAL.sub("+00:00", text)
    return SPACED_OFFSET.sub(r"\1", text)


def from_number(number: float) -> float:
    """Give seconds for a number of seconds, milli-, micro- or nanoseconds since 1970.

    Examples
    --------
    >>> from_number(1774746000), from_number(1774746000500), from_number(1774746000500000000)
    (1774746000.0, 1774746000.5, 1774746000.5)
    """
    for limit, unit in ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        if number < limit:
            return number / unit
    return number
