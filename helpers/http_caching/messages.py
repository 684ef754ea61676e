"""What travels between a client and a server: a request, and the response to it.

Letters with an envelope. What the post office (a cache) goes by is written on the envelope,
the header fields: pairs of name and value, in order, where case does not count in the names
and several lines of one name are one list. The letter itself, the body, it never reads.

Source: RFC 9110, sections 5 (fields) and 7.6.1 (those meant for the next hop only).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

from helpers.http_caching.cache_control import CacheControl, parse_cache_control

GivenHeaders = Mapping[str, str] | Iterable[tuple[str, str]]

HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
}
"""Fields that a cache must neither store nor pass on (RFC 9110, 7.6.1; RFC 9111, 3.1)."""


class Headers(tuple[tuple[str, str], ...]):
    """Pairs of name and value that have been looked at: both are texts."""

    @cached_property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """The lines of each field, by its name in lower case."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self:
            key = name.lower()
            found[key] = (*found[key], value) if key in found else (value,)
        return found

    @cached_property
    def cache_control(self) -> CacheControl:
        """The directives of the Cache-Control field, line by line.

        A quotation that one line leaves open cannot swallow the next line.
        """
        lines = self.fields.get("cache-control", ())
        if len(lines) < 2:
            return parse_cache_control("".join(lines))
        read = [parse_cache_control(line).directives for line in lines]
        return CacheControl(tuple(directive for line in read for directive in line))


class Message:
    """What requests and responses have in common: header fields."""

    headers: GivenHeaders

    @property
    def pairs(self) -> Headers:
        """The header fields line by line."""
        return cast(Headers, self.headers)

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """The lines of each field, by its name in lower case."""
        return self.pairs.fields

    @property
    def cache_control(self) -> CacheControl:
        """The directives of the Cache-Control field."""
        return self.pairs.cache_control

    def lines(self, name: str) -> tuple[str, ...]:
        """Give the values of a field line by line; none where it is absent."""
        return self.pairs.fields.get(name.lower(), ())

    def first(self, name: str) -> str | None:
        """Give the first line of a field that should have but one."""
        lines = self.lines(name)
        return lines[0].strip() if lines else None

    def get(self, name: str) -> str | None:
        """Give a field as one list, its lines joined by commas; None where it is absent.

        Examples
        --------
        >>> Response(headers=[("Vary", "Accept"), ("vary", "Cookie")]).get("Vary")
        'Accept, Cookie'
        """
        lines = self.lines(name)
        return ", ".join(lines) if lines else None


@dataclass(frozen=True)
class Request(Message):
    """What a client asks for.

    Attributes
    ----------
    url
        With or without scheme and host, such as "/app.js".
    method
        GET if nothing is said. Case counts (RFC 9110, section 9.1): "get" is another method.
    headers
        Pairs of name and value, in order; a dictionary will do.
    body
        Bytes; a text becomes UTF-8.

    Examples
    --------
    >>> Request("/app.js", headers={"Accept": "text/javascript"}).headers
    (('Accept', 'text/javascript'),)
    """

    url: str
    method: str = "GET"
    headers: GivenHeaders = ()
    body: bytes = b""

    def __post_init__(self) -> None:
        require_text("url", self.url)
        require_text("method", self.method)
        object.__setattr__(self, "headers", as_headers(self.headers))
        object.__setattr__(self, "body", as_bytes(self.body))

    def with_headers(self, headers: Headers) -> "Request":
        """Give the same request under other fields."""
        return Request(self.url, self.method, headers, self.body)


@dataclass(frozen=True)
class Verdict:
    """What a cache did with a request, and why.

    Attributes
    ----------
    kind
        "hit", "stale" (served although it is), "revalidated" (the origin said 304), "miss"
        (the origin sent it), "pass" (not a cache's business) or "error" (the cache made it).
    reason
        In words.
    age, lifetime
        Seconds, of the stored response when the cache looked at it; None without one.
    is_stored
        Whether the cache keeps what the origin sent.
    not_stored
        Why it does not; empty where it does, or where the origin was not asked.
    forward
        Why the origin was asked, in the words of RFC 9211, such as "uri-miss"; or empty.
    forward_status
        What it answered: a status code, or None.
    """

    kind: str
    reason: str
    age: float | None = None
    lifetime: float | None = None
    is_stored: bool = False
    not_stored: str = ""
    forward: str = ""
    forward_status: int | None = None

    def __str__(self) -> str:
        kept = f"; not stored: {self.not_stored}" if self.not_stored else ""
        return f"{self.kind}: {self.reason}{kept}"

    def cache_status(self, name: str = "cache") -> str:
        """Give the verdict as the value of a Cache-Status field (RFC 9211).

        Examples
        --------
        >>> Verdict("hit", "fresh", age=3.0, lifetime=60.0).cache_status("browser")
        'browser; hit; ttl=57'
        """
        parts = [name]
        if self.forward:
            parts.append(f"fwd={self.forward}")
        elif self.kind != "error":  # an answer of the cache's own making is neither
            parts.append("hit")
        if self.forward_status is not None:
            parts.append(f"fwd-status={self.forward_status}")
        if self.is_stored:
            parts.append("stored")
        if self.age is not None and self.lifetime is not None and not self.forward:
            parts.append(f"ttl={int(self.lifetime - self.age)}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Response(Message):
    """What a server, or a cache in its place, answers.

    Attributes
    ----------
    status
        A status code, 100 to 999.
    headers
        Pairs of name and value, in order; a dictionary will do.
    body
        Bytes; a text becomes UTF-8.
    verdict
        What the nearest cache did; None straight from an origin. Two responses that differ
        in this only are equal.

    Examples
    --------
    >>> Response(headers={"Cache-Control": "max-age=60"}, body=b"hello").status
    200
    """

    status: int = 200
    headers: GivenHeaders = ()
    body: bytes = b""
    verdict: Verdict | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        is_whole = isinstance(self.status, int) and not isinstance(self.status, bool)
        if not (is_whole and 100 <= self.status <= 999):
            raise ValueError(f"status must be a whole number from 100 to 999, got {self.status!r}")
        object.__setattr__(self, "status", int(self.status))  # of an http.HTTPStatus too
        object.__setattr__(self, "headers", as_headers(self.headers))
        object.__setattr__(self, "body", as_bytes(self.body))

    def with_headers(self, headers: Headers) -> "Response":
        """Give the same response under other fields."""
        return Response(self.status, headers, self.body, self.verdict)


AnyMessage = TypeVar("AnyMessage", Request, Response)


def as_headers(given: GivenHeaders) -> Headers:
    """Give header fields as a tuple of pairs.

    Examples
    --------
    >>> as_headers([("Age", 3)])
    Traceback (most recent call last):
    ValueError: headers must be pairs of texts, got ('Age', 3)
    """
    if isinstance(given, Headers):
        return given
    if not isinstance(given, Iterable):
        raise ValueError(f"headers must be pairs of texts, got {given!r}")
    pairs = tuple(given.items()) if isinstance(given, Mapping) else tuple(given)
    for pair in pairs:
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2
        if not (is_pair and isinstance(pair[0], str) and isinstance(pair[1], str)):
            raise ValueError(f"headers must be pairs of texts, got {pair!r}")
    return Headers((name, value) for name, value in pairs)


def as_request(given: Any) -> Request:
    """Take anything that carries a request's parts for a request.

    Raises
    ------
    ValueError
        When a part is missing, or not of its kind.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> as_request(SimpleNamespace(method="HEAD", url="/", headers=[], body=b""))
    Request(url='/', method='HEAD', headers=(), body=b'')
    """
    if isinstance(given, Request):
        return given
    url, method, headers, body = parts_of("request", given, ("url", "method", "headers", "body"))
    return Request(url, method, headers, body)


def as_response(given: Any) -> Response:
    """Take anything that carries a response's parts for a response.

    Raises
    ------
    ValueError
        When a part is missing, or not of its kind.
    """
    if isinstance(given, Response):
        return given
    status, headers, body = parts_of("response", given, ("status", "headers", "body"))
    return Response(status, headers, body)


def parts_of(name: str, given: Any, parts: tuple[str, ...]) -> list[Any]:
    """Get the parts of a message, or name the one that is missing."""
    for part in parts:
        if not hasattr(given, part):
            raise ValueError(f"{name} must have {', '.join(parts)}, got {given!r} without {part}")
    return [getattr(given, part) for part in parts]


def as_bytes(body: bytes | bytearray | str | None) -> bytes:
    """Give a body as bytes; a text as UTF-8, None as an empty one.

    Examples
    --------
    >>> as_bytes("é"), as_bytes(None)
    (b'\\xc3\\xa9', b'')
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if body is not None and not isinstance(body, bytearray | memoryview):
        raise ValueError(f"body must be bytes or a text, got {body!r}")
    return bytes(body or b"")


def require_text(name: str, value: object) -> None:
    """Refuse what is no text, or an empty one."""
    if not (isinstance(value, str) and value):
        raise ValueError(f"{name} must be a text that is not empty, got {value!r}")


def put_fields(message: AnyMessage, **given: str | None) -> AnyMessage:
    """Set fields, each in place of all its lines; None takes a field away.

    Parameters
    ----------
    **given
        By name, with an underscore for each hyphen.

    Examples
    --------
    >>> put_fields(Response(headers={"age": "3", "ETag": "x"}), Age="9", ETag=None).headers
    (('Age', '9'),)
    """
    new: dict[str, str | None] = {name.replace("_", "-"): given[name] for name in given}
    added = tuple((name, value) for name, value in new.items() if value is not None)
    return message.with_headers(Headers(drop_fields(message, new).pairs + added))


def drop_fields(message: AnyMessage, names: Iterable[str]) -> AnyMessage:
    """Take all lines of some fields away."""
    gone = {name.lower() for name in names}
    if gone.isdisjoint(message.fields):
        return message
    kept = Headers(pair for pair in message.pairs if pair[0].lower() not in gone)
    return message.with_headers(kept)


def drop_hop_by_hop(message: AnyMessage) -> AnyMessage:
    """Take away what is meant for the next hop only: known fields, and those Connection names.

    Examples
    --------
    >>> received = Response(headers={"Connection": "close, X-Hop", "X-Hop": "1", "ETag": "x"})
    >>> drop_hop_by_hop(received).headers
    (('ETag', 'x'),)
    """
    if HOP_BY_HOP.isdisjoint(message.fields):
        return message
    return drop_fields(message, {*HOP_BY_HOP, *list_members(message.get("connection"))})


def list_members(text: str | None) -> tuple[str, ...]:
    """Take a list apart at the commas that stand outside of quotation marks.

    Examples
    --------
    >>> list_members('"a,b", c ,, W/"d"')
    ('"a,b"', 'c', 'W/"d"')
    """
    if not text:
        return ()
    members, start, is_quoted = [], 0, False
    for position, character in enumerate(text):
        if character == '"':
            is_quoted = not is_quoted
        elif character == "," and not is_quoted:
            members.append(text[start:position])
            start = position + 1
    members.append(text[start:])
    return tuple(member.strip() for member in members if member.strip())
