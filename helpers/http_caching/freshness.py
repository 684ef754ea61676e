"""How old a response is, how long it keeps, and therefore whether it is fresh.

Milk in a shop. The date on the carton tells how long it keeps (the freshness lifetime); how
old it is (the age) counts from the farm, so the hours on the truck and in the last shop count
too. It is fresh as long as its age is less than its lifetime.

Source: RFC 9111, section 4.2; dates as in RFC 9110, section 5.6.7.
"""

import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from helpers import require
from helpers.http_caching.cache_control import CacheControl, parse_seconds, parse_targeted
from helpers.http_caching.messages import Response, list_members

LAST_DATE = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970: HTTP writes years in four digits."""

HEURISTIC_SHARE = 0.1
"""The share of the time since Last-Modified that a response is taken to keep (4.2.2)."""

HEURISTIC_STATUS = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501}
"""Status codes whose responses may be kept although nobody said for how long (RFC 9110, 15.1)."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
DATE_FORMS = tuple(
    re.compile(pattern, re.I | re.A)
    for pattern in (
        rf"(?:{'|'.join(DAYS)}), (?P<day>\d\d) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) "
        rf"{CLOCK_TIME} gmt",
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)day, "
        rf"(?P<day>\d\d)-(?P<month>[a-z]{{3}})-(?P<year>\d\d) {CLOCK_TIME} gmt",
        rf"(?:{'|'.join(DAYS)}) (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {CLOCK_TIME} "
        r"(?P<year>\d{4})",
    )
)


@dataclass(frozen=True)
class Lifetime:
    """How long a response keeps.

    Attributes
    ----------
    seconds
        From when it was made; 0 where it was never fresh.
    source
        What says so: "s-maxage", "max-age", "Expires", "heuristic" or "nothing".
    """

    seconds: float
    source: str

    def __str__(self) -> str:
        if self.source == "nothing":
            return "nothing says how long it keeps"
        return f"{self.source} gives {self.seconds:g} s"


@dataclass(frozen=True)
class Age:
    """The terms of the age arithmetic, all in seconds (RFC 9111, section 4.2.3).

    Attributes
    ----------
    apparent_age
        What the Date field makes of it when the response came, at least 0.
    age_value
        What the Age field said, from caches on the way.
    response_delay
        How long the cache waited for the response.
    resident_time
        How long it has been in this cache since.

    Examples
    --------
    Made 10 s before it came, 30 s old by its Age field, 2 s on the way, 5 s in the cache.

    >>> age = Age(apparent_age=10, age_value=30, response_delay=2, resident_time=5)
    >>> age.corrected_age_value, age.corrected_initial_age, age.current
    (32, 32, 37)
    """

    apparent_age: float
    age_value: float
    response_delay: float
    resident_time: float

    @property
    def corrected_age_value(self) -> float:
        """The age by the Age field, with the way to this cache."""
        return self.age_value + self.response_delay

    @property
    def corrected_initial_age(self) -> float:
        """The age on arrival: the worse of what Date and Age say."""
        return max(self.apparent_age, self.corrected_age_value)

    @property
    def current(self) -> float:
        """The age now."""
        return self.corrected_initial_age + self.resident_time


def current_age(response: Response, request_time: float, response_time: float, now: float) -> Age:
    """Work out how old a response is.

    Parameters
    ----------
    response
        As it came.
    request_time, response_time
        When it was asked for and when it came, in seconds of the cache's clock.
    now
        When the age is wanted, in the same seconds.

    Examples
    --------
    >>> response = Response(headers={"Date": format_date(100), "Age": "20"})
    >>> current_age(response, request_time=103, response_time=104, now=110).current
    27
    """
    require.not_negative("response_time - request_time", response_time - request_time)
    date = parse_date(response.first("date"))
    return Age(
        apparent_age=0 if date is None else max(0, response_time - date),
        age_value=read_age(response),
        response_delay=response_time - request_time,
        resident_time=max(0, now - response_time),
    )


def read_age(response: Response) -> int:
    """Read an Age field: the first member of a list; what is no number does not count.

    Examples
    --------
    >>> [read_age(Response(headers={"Age": age})) for age in ("7", "7, 0", "old", "-7")]
    [7, 7, 0, 0]
    """
    members = list_members(response.get("age"))
    return (parse_seconds(members[0]) or 0) if members else 0


def directives_of(response: Response, shared: bool) -> CacheControl:
    """Give the directives that count: for a shared cache CDN-Cache-Control goes first.

    Source: RFC 9213, section 2.2. Then Cache-Control does not count at all.

    Examples
    --------
    >>> response = Response(headers={"Cache-Control": "no-store", "CDN-Cache-Control": "max-age=9"})
    >>> [directives_of(response, shared).directives for shared in (True, False)]
    [(('max-age', '9'),), (('no-store', None),)]
    """
    targeted = response.get("cdn-cache-control") if shared else None
    return (parse_targeted(targeted) if targeted else None) or response.cache_control


def freshness_lifetime(response: Response, response_time: float, shared: bool) -> Lifetime:
    """Work out how long a response keeps.

    Parameters
    ----------
    response
        As it came.
    response_time
        When it came, in seconds of the cache's clock: stands in for a Date that cannot be read.
    shared
        Whether the cache serves many people: only then s-maxage counts.

    Notes
    -----
    The first of these that is there: s-maxage, max-age, Expires − Date, and by heuristic a
    tenth of Date − Last-Modified (RFC 9111, sections 4.2.1 and 4.2.2).

    Examples
    --------
    >>> response = Response(headers={"Cache-Control": "max-age=60, s-maxage=600"})
    >>> freshness_lifetime(response, 0, shared=True)
    Lifetime(seconds=600, source='s-maxage')
    >>> freshness_lifetime(response, 0, shared=False)
    Lifetime(seconds=60, source='max-age')
    """
    directives = directives_of(response, shared)
    for name in ("s-maxage", "max-age") if shared else ("max-age",):
        seconds = directives.seconds(name)
        if seconds is not None:
            return Lifetime(seconds, name)
    written = parse_date(response.first("date"))
    date = response_time if written is None else written
    expires = None if directives.is_targeted else response.first("expires")
    if expires is not None:
        until = parse_date(expires)
        return Lifetime(0 if until is None else max(0, until - date), "Expires")
    modified = parse_date(response.first("last-modified"))
    if modified is not None and may_guess(response, directives):
        return Lifetime(max(0, date - modified) * HEURISTIC_SHARE, "heuristic")
    return Lifetime(0, "nothing")


def may_guess(response: Response, directives: CacheControl) -> bool:
    """Tell whether a lifetime may be guessed where none is given."""
    return response.status in HEURISTIC_STATUS or "public" in directives


def format_date(seconds: float) -> str:
    """Write a date as HTTP does, from seconds since 1970, up to the end of the year 9999.

    Examples
    --------
    >>> format_date(784111777)
    'Sun, 06 Nov 1994 08:49:37 GMT'
    """
    require.between("seconds", seconds, 0, LAST_DATE)
    when = datetime.fromtimestamp(seconds, UTC)
    day, month = DAYS[when.weekday()].title(), MONTHS[when.month - 1].title()
    return f"{day}, {when.day:02} {month} {when.year:04} {when:%H:%M:%S} GMT"


@lru_cache(maxsize=4096)
def parse_date(text: str | None, this_year: int = 2026) -> int | None:
    """Read a date in one of HTTP's three forms; None where it is none of them.

    Parameters
    ----------
    text
        Case does not count; a zone other than GMT makes it invalid (RFC 9111, section 4.2).
    this_year
        A year of two digits is taken to lie at most 50 years after it.

    Returns
    -------
    Seconds since 1970.

    Examples
    --------
    >>> parse_date("Sun, 06 Nov 1994 08:49:37 GMT")
    784111777
    >>> parse_date("Sunday, 06-Nov-94 08:49:37 GMT") == parse_date("Sun Nov  6 08:49:37 1994")
    True
    >>> parse_date("0") is parse_date("Sun, 06 Nov 1994 08:49:37 PST") is None
    True
    """
    found = next(filter(None, (form.fullmatch(text or "") for form in DATE_FORMS)), None)
    if found is None or found["month"].lower() not in MONTHS:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += this_year - this_year % 100
        year -= 100 * (year > this_year + 50)
    clock = (int(found["hour"]), int(found["minute"]), int(found["second"]))
    try:
        day = datetime(year, 1 + MONTHS.index(found["month"].lower()), int(found["day"]))
        datetime(2000, 1, 1, clock[0], clock[1], 59 if clock[2] == 60 else clock[2])
    except ValueError:  # the 31st of June, or 25 o'clock; second 60 is a leap second
        return None
    return timegm((day.year, day.month, day.day, *clock))
