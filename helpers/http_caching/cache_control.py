"""What a Cache-Control field says, however badly it was written.

A luggage tag with several notes on it: some are bare words (`no-store`), some carry a number
(`max-age=60`), some a list of names (`no-cache="Set-Cookie"`). Porters read it in a hurry, so
the rules for a smudged note are strict: a number that cannot be read counts as zero, and of
two notes that contradict each other the first one, or the stricter one, holds.

Sources: RFC 9111, section 5.2 (directives) and 4.2.1 (duplicates, invalid values); RFC 9213
(`CDN-Cache-Control`, a Structured Field of RFC 8941).
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

LARGEST_SECONDS = 2**31
"""What a number of seconds is taken for that is larger than a cache can hold (RFC 9111, 1.2.2)."""

DIRECTIVE = re.compile(
    r'(?P<name>[^=,"]*)(?:=(?P<value>(?:"(?:[^"\\]|\\.)*(?:"|$)|[^",])*))?', re.S
)

STRUCTURED_KEY = r"[a-z*][a-z0-9_.*-]*"
STRUCTURED_ITEM = (
    r'(?:-?\d{1,15}(?:\.\d{1,3})?|"(?:[ !#-\[\]-~]|\\["\\])*"'
    r"|[A-Za-z*][\w!#$%&'*+.^`|~:/-]*|\?[01]|:[A-Za-z0-9+/=]*:)"
)
STRUCTURED_MEMBER = re.compile(
    rf"(?P<name>{STRUCTURED_KEY})(?:=(?P<value>{STRUCTURED_ITEM}|\([^()]*\)))?"
    rf"(?:; *{STRUCTURED_KEY}(?:={STRUCTURED_ITEM})?)*",
    re.A,
)
WITH_SECONDS = {"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"}


@dataclass(frozen=True)
class CacheControl:
    """The directives of one message.

    Attributes
    ----------
    directives
        Names in lower case with their arguments, None where there is none, in order.
    is_targeted
        Whether they come from `CDN-Cache-Control`: then `Expires` does not count either.

    Examples
    --------
    >>> policy = parse_cache_control('max-age=60, no-cache="Set-Cookie"')
    >>> "max-age" in policy, policy.seconds("max-age"), policy.field_names("no-cache")
    (True, 60, ('set-cookie',))
    """

    directives: tuple[tuple[str, str | None], ...] = ()
    is_targeted: bool = False

    @cached_property
    def arguments(self) -> dict[str, tuple[str | None, ...]]:
        """All arguments of each directive, in order."""
        found: dict[str, tuple[str | None, ...]] = {}
        for name, value in self.directives:
            found[name] = (*found.get(name, ()), value)
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.arguments

    def seconds(self, name: str, unreadable: int = 0) -> int | None:
        """Give the number of seconds of a directive, or None where it is not there.

        Parameters
        ----------
        name
            A directive, in lower case.
        unreadable
            What stands for a value that is not a whole number of at least 0. RFC 9111,
            section 4.2.1, encourages to take such a response for stale, so this is 0.

        Examples
        --------
        >>> parse_cache_control("max-age=1, max-age=900").seconds("max-age")  # the first counts
        1
        >>> parse_cache_control("max-age=99999999999").seconds("max-age")
        2147483648
        """
        if name not in self.arguments:
            return None
        read = parse_seconds(self.arguments[name][0])
        return unreadable if read is None else read

    def applies_to_all(self, name: str) -> bool:
        """Tell whether a directive is there without field names, so that it binds it all.

        Examples
        --------
        >>> parse_cache_control("no-cache").applies_to_all("no-cache")
        True
        >>> parse_cache_control('no-cache="Set-Cookie"').applies_to_all("no-cache")
        False
        """
        return any(not split_names(value) for value in self.arguments.get(name, ()))

    def field_names(self, name: str) -> tuple[str, ...]:
        """Give the header fields that a directive is limited to, in lower case."""
        return tuple(
            field for value in self.arguments.get(name, ()) for field in split_names(value)
        )


@lru_cache(maxsize=4096)
def parse_cache_control(text: str) -> CacheControl:
    """Read a Cache-Control field, several lines joined by commas; never refuses any text.

    Examples
    --------
    >>> parse_cache_control('Public, note="max-age=9, x", MAX-AGE="60",,').directives
    (('public', None), ('note', 'max-age=9, x'), ('max-age', '60'))
    """
    found = []
    position = 0
    while position < len(text):
        match = DIRECTIVE.match(text, position)
        if match and match.end() > position:
            name, value = match["name"], match["value"]
            if name.strip():
                # A space beside the sign is an error: the value is kept unreadable by it.
                is_bent = value is not None and name != name.rstrip()
                argument = " " if is_bent else unquote(value)
                found.append((name.strip().lower(), argument))
            position = match.end()
        else:
            position += 1  # a comma, or a stray quotation mark
    return CacheControl(tuple(found))


@lru_cache(maxsize=4096)
def parse_targeted(text: str) -> CacheControl | None:
    """Read a CDN-Cache-Control field; None where it is empty or no Structured Field.

    Such a field is then as good as absent (RFC 9213, section 2.1).

    Examples
    --------
    >>> parse_targeted("max-age=60;note=1, no-cache").directives
    (('max-age', '60'), ('no-cache', None))
    >>> parse_targeted("max-age: 60")  # None
    """
    members: dict[str, str | None] = {}
    rest = text.strip(" ")
    while rest:
        match = STRUCTURED_MEMBER.match(rest)
        if match is None:
            return None
        keep_member(members, match["name"], match["value"])
        rest = rest[match.end() :].lstrip(" \t")
        if rest:
            if not rest.startswith(",") or not rest[1:].lstrip(" \t"):
                return None
            rest = rest[1:].lstrip(" \t")
    return CacheControl(tuple(members.items()), is_targeted=True) if members else None


def keep_member(members: dict[str, str | None], name: str, value: str | None) -> None:
    """Keep a member if its value has the type that its directive asks for."""
    members.pop(name, None)
    is_whole = bool(re.fullmatch(r"-?\d+", value or "", re.A))
    if value != "?0" and (is_whole or name not in WITH_SECONDS):
        members[name] = None if value in (None, "?1") else unquote(value)


def parse_seconds(text: str | None) -> int | None:
    """Read a whole number of seconds; None where it is anything else.

    Examples
    --------
    >>> [parse_seconds(text) for text in ("060", "-1", "1.5", "", None)]
    [60, None, None, None, None]
    """
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return LARGEST_SECONDS if len(digits) > 10 else min(int(digits), LARGEST_SECONDS)


def unquote(value: str | None) -> str | None:
    """Take the quotation marks and backslashes of a quoted string away."""
    if value is None or not value.startswith('"'):
        return value.rstrip() if value is not None else None
    inner = value.rstrip()[1:]
    inner = inner[:-1] if inner.endswith('"') else inner
    return re.sub(r"\\(.)", r"\1", inner, flags=re.S)


def split_names(value: str | None) -> tuple[str, ...]:
    """Take a list of header field names apart."""
    return tuple(name.strip().lower() for name in (value or "").split(",") if name.strip())
