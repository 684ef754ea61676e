"""What a cache keeps, and how it finds it again.

A shelf for each address, and on it a box for each variant: `Vary` names the request fields
that the server looked at before it chose, and a box fits a request only where those fields
say what they said then.

Source: RFC 9111, sections 3 and 4.1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit

from helpers.http_caching.freshness import (
    Age,
    Lifetime,
    current_age,
    freshness_lifetime,
    parse_date,
)
from helpers.http_caching.messages import Request, Response, list_members

AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.I)
CASE_DOES_NOT_COUNT = {"accept-encoding", "accept-language", "accept-charset"}
"""Request fields whose values mean the same in capitals (RFC 9110, section 12.5)."""


@dataclass(frozen=True, eq=False)
class Stored:
    """A response that is kept.

    Attributes
    ----------
    url
        What it answers, as `key_of` writes it.
    selecting
        The request fields that Vary names, with their values then; None where absent.
    response
        Without the fields meant for the next hop only.
    request_time, response_time
        When it was asked for and when it came, or when it was last found valid, in seconds.
    part
        For a part of a representation its first byte, and the length of the whole; else None.
    """

    url: str
    selecting: tuple[tuple[str, str | None], ...]
    response: Response
    request_time: float
    response_time: float
    part: tuple[int, int] | None = None

    def fits(self, request: Request) -> bool:
        """Tell whether this is the variant that a request asks for."""
        return all(normalize(name, request.get(name)) == value for name, value in self.selecting)

    def age(self, now: float) -> Age:
        """Give the age at a moment of the cache's clock."""
        first, since = self.age_on_arrival, max(0, now - self.response_time)
        return Age(first.apparent_age, first.age_value, first.response_delay, since)

    @cached_property
    def age_on_arrival(self) -> Age:
        """How old it was when it came."""
        times = (self.request_time, self.response_time, self.response_time)
        return current_age(self.response, *times)

    def lifetime(self, shared: bool) -> Lifetime:
        """Give how long it keeps."""
        return self.lifetimes[shared]

    @cached_property
    def lifetimes(self) -> tuple[Lifetime, Lifetime]:
        """How long it keeps in a private cache, and in a shared one."""
        response, time = self.response, self.response_time
        return freshness_lifetime(response, time, False), freshness_lifetime(response, time, True)

    @cached_property
    def made_at(self) -> float:
        """When the origin made it, by its Date."""
        date = parse_date(self.response.first("date"))
        return self.response_time if date is None else date


@dataclass
class Storage:
    """All that a cache keeps.

    Examples
    --------
    >>> storage = Storage()
    >>> english = Request("/", headers={"Accept-Language": "en"})
    >>> storage.put(keep(english, Response(headers={"Vary": "Accept-Language"}), 0, 1), english)
    >>> len(storage), storage.find(english) is None, storage.find(Request("/")) is None
    (1, False, True)
    """

    shelves: dict[str, list[Stored]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.shelves.values()))

    def __iter__(self) -> Iterator[Stored]:
        for shelf in self.shelves.values():
            yield from shelf

    def has_variants(self, url: str) -> bool:
        """Tell whether anything is kept for an address, be it another variant."""
        return key_of(url) in self.shelves

    def find(self, request: Request) -> Stored | None:
        """Give the newest stored response that fits a request, or None."""
        fitting = [kept for kept in self.shelves.get(key_of(request.url), ()) if kept.fits(request)]
        return max(fitting, key=lambda kept: (kept.made_at, kept.response_time), default=None)

    def put(self, stored: Stored, request: Request) -> None:
        """Keep a response, in place of all that fitted the same request."""
        shelf = self.shelves.get(stored.url, [])
        self.shelves[stored.url] = [*(kept for kept in shelf if not kept.fits(request)), stored]

    def swap(self, old: Stored, new: Stored | None) -> None:
        """Put a stored response in another one's place; None takes it away."""
        shelf = [kept for kept in self.shelves.get(old.url, ()) if kept is not old]
        shelf += [] if new is None else [new]
        if shelf:
            self.shelves[old.url] = shelf
        else:
            self.shelves.pop(old.url, None)

    def forget(self, url: str) -> bool:
        """Drop all variants of an address; tell whether there were any."""
        return self.shelves.pop(key_of(url), None) is not None


def keep(
    request: Request,
    response: Response,
    request_time: float,
    response_time: float,
    part: tuple[int, int] | None = None,
) -> Stored:
    """Box a response with the request fields that it varies by."""
    chosen_by = selecting(request, response)
    return Stored(key_of(request.url), chosen_by, response, request_time, response_time, part)


def selecting(request: Request, response: Response) -> tuple[tuple[str, str | None], ...]:
    """Give the request fields that Vary names, with their values."""
    return tuple((name, normalize(name, request.get(name))) for name in vary_names(response))


def vary_names(response: Response) -> tuple[str, ...]:
    """Give the request fields that Vary names, in lower case and in order of the alphabet.

    Examples
    --------
    >>> vary_names(Response(headers=[("Vary", "Cookie, Accept"), ("Vary", "accept")]))
    ('accept', 'cookie')
    """
    return tuple(sorted({name.lower() for name in list_members(response.get("vary"))}))


def normalize(name: str, value: str | None) -> str | None:
    """Write a request field so that what means the same looks the same.

    Lines are joined, blanks around the commas of a list go (RFC 9111, section 4.1), and case
    goes where it does not count. The order of a list stays: a server may prefer what is
    named first.

    Examples
    --------
    >>> normalize("accept-language", " EN ,de"), normalize("cookie", "A=1")
    ('en, de', 'A=1')
    """
    if value is None:
        return None
    joined = ", ".join(list_members(value))
    return joined.lower() if name in CASE_DOES_NOT_COUNT else joined


@lru_cache(maxsize=4096)
def key_of(url: str) -> str:
    """Give what an address is kept under: all of it but the fragment.

    Case does not count in the scheme and the host, and no path is a slash (RFC 9110, 4.2.3).

    Examples
    --------
    >>> key_of("HTTPS://A.test/Cart#top"), key_of("https://a.test")
    ('https://a.test/Cart', 'https://a.test/')
    """
    address = url.partition("#")[0]
    found = AUTHORITY.match(address)
    if found is None:
        return address
    rest = address[found.end() :]
    return found[0].lower() + (rest if rest.startswith("/") else "/" + rest)


def resolve(base: str, link: str) -> str:
    """Give the address that a link leads to, or an empty text where it leaves the origin.

    Examples
    --------
    >>> resolve("https://a.test/cart/items", "../cart")
    'https://a.test/cart'
    >>> resolve("https://a.test/", "https://b.test/")
    ''
    """
    try:
        url = urljoin(base, link)
        here, there = urlsplit(base), urlsplit(url)
        same = (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())
    except ValueError:  # no address at all
        return ""
    return url if same else ""
