"""Asking whether a copy still holds, and answering the same question.

A bookmark with the edition written on it. Instead of fetching the book again, one shows the
edition (`ETag`) or the date (`Last-Modified`) and asks: is there a newer one? "Not modified"
(304) is a short answer, and it brings the new envelope for the old letter.

Sources: RFC 9111, sections 3.2 (updating), 4.3.1 to 4.3.5 (validation); RFC 9110, sections
8.8.3.2 (comparing entity tags) and 13 (conditional requests).
"""

from dataclasses import replace

from helpers.http_caching.freshness import format_date, parse_date
from helpers.http_caching.messages import (
    AnyMessage,
    Headers,
    Request,
    Response,
    drop_fields,
    list_members,
    put_fields,
)
from helpers.http_caching.storage import Stored

CONDITIONS = ("if-none-match", "if-modified-since")
NOT_FOR_CACHES = ("if-match", "if-unmodified-since")
"""Conditions that only the origin can judge (RFC 9111, section 4.3.2)."""

OF_THE_BODY = {"content-length", "content-encoding", "content-range", "content-md5", "etag"}
"""Fields that tell of the bytes that are kept, and stay with them (RFC 9111, section 3.2)."""

IN_A_304 = ("age", "cache-control", "content-location", "date", "etag", "expires", "vary")
"""Fields that a 304 must carry if the full answer would (RFC 9110, section 15.4.5)."""


def has_validator(response: Response) -> bool:
    """Tell whether there is anything to ask the origin with."""
    return bool(response.lines("etag") or response.lines("last-modified"))


def make_conditional(request: Request, stored: Stored) -> Request:
    """Ask for a representation unless it is still the one that is kept.

    The client's own conditions give way: the cache judges them afterwards. If-Range stays,
    for it tells which version the client has a part of.

    Examples
    --------
    >>> from helpers.http_caching.storage import keep
    >>> kept = keep(Request("/"), Response(headers={"ETag": '"v1"'}), 0, 0)
    >>> make_conditional(Request("/"), kept).headers
    (('If-None-Match', '"v1"'),)
    """
    return put_fields(
        drop_fields(request, CONDITIONS),
        If_None_Match=stored.response.first("etag"),
        If_Modified_Since=stored.response.first("last-modified"),
    )


def speaks_of(stored: Stored, response: Response) -> bool:
    """Tell whether a 304 can mean the stored response: no validator says otherwise.

    A strong entity tag must be the same one; a weak tag or a date must not contradict (RFC
    9111, section 4.3.4). A 304 without any validator can only mean what was asked about.
    """
    tag, kept_tag = response.first("etag"), stored.response.first("etag")
    if tag is not None and kept_tag is not None:
        return tag == kept_tag if is_strong(tag) else same_weakly(tag, kept_tag)
    if tag is not None and is_strong(tag):
        return False
    date, kept_date = response.first("last-modified"), stored.response.first("last-modified")
    return date is None or kept_date is None or date == kept_date


def overtakes(response: Response, stored: Stored) -> bool:
    """Tell whether an answer to a validation puts an end to what is kept.

    A server's error does not, nor an answer that is not final, nor a part of what is kept.
    """
    if response.status == 206:
        return not speaks_of(stored, response)
    return 200 <= response.status < 500 and response.status != 304


def freshen(stored: Stored, update: Response, request_time: float, response_time: float) -> Stored:
    """Give the kept letter the new envelope.

    Each field that the update names replaces all its lines, but for those that tell of the
    kept bytes. The age starts anew.

    Examples
    --------
    >>> from helpers.http_caching.storage import keep
    >>> kept = keep(Request("/"), Response(headers={"Age": "9", "X": "1"}, body=b"hello"), 0, 0)
    >>> freshen(kept, Response(304, headers={"X": "2"}), 60, 61).response
    Response(status=200, headers=(('X', '2'),), body=b'hello')
    """
    new = drop_fields(update, OF_THE_BODY)
    kept = drop_fields(stored.response, {"age", *new.fields})
    response = replace(kept, headers=Headers(kept.pairs + new.pairs))
    return replace(
        stored, response=response, request_time=request_time, response_time=response_time
    )


def matches_head(stored: Stored, head: Response) -> bool:
    """Tell whether the answer to a HEAD describes what is kept (RFC 9111, section 4.3.5)."""
    kept = stored.response
    same_validators = all(
        head.first(name) in (None, kept.first(name)) for name in ("etag", "last-modified")
    )
    length = head.first("content-length")
    return same_validators and length in (None, kept.first("content-length"), str(len(kept.body)))


def is_not_modified(request: Request, response: Response, response_time: float) -> bool:
    """Judge a client's own condition: does it have what the cache would send?

    If-None-Match goes before If-Modified-Since. Without a Last-Modified the Date stands in,
    and without a Date the time when the response came.

    Examples
    --------
    >>> kept = Response(headers={"ETag": 'W/"v1"'})
    >>> is_not_modified(Request("/", headers={"If-None-Match": '"v0", "v1"'}), kept, 0)
    True
    """
    if response.status != 200:
        return False
    wanted = request.get("if-none-match")
    if wanted is not None:
        tag = response.first("etag")
        members = list_members(wanted)
        return "*" in members or any(same_weakly(member, tag) for member in members if tag)
    since = parse_date(request.first("if-modified-since"))
    if since is None:
        return False
    changed = parse_date(response.first("last-modified") or response.first("date"))
    return (response_time if changed is None else changed) <= since


def not_modified(response: Response) -> Response:
    """Make the short answer out of the full one."""
    kept = Headers(pair for pair in response.pairs if pair[0].lower() in IN_A_304)
    return replace(response, status=304, headers=kept, body=b"")


def is_strong(tag: str) -> bool:
    """Tell whether an entity tag promises the same bytes."""
    return not tag.startswith("W/")


def is_strong_date(response: Response) -> bool:
    """Tell whether Last-Modified promises the same bytes: it was a second old or more when sent.

    Source: RFC 9110, section 8.8.2.2. Within the same second there might be two versions.
    """
    modified, made = (parse_date(response.first(name)) for name in ("last-modified", "date"))
    return modified is not None and made is not None and made - modified >= 1


def same_weakly(tag: str, other: str | None) -> bool:
    """Compare two entity tags but for the mark of weakness."""
    return other is not None and tag.removeprefix("W/") == other.removeprefix("W/")


def date_on_arrival(response: Response, response_time: float) -> Response:
    """Write the time of arrival into a response whose Date is missing or cannot be read.

    Source: RFC 9110, section 6.6.1.
    """
    if parse_date(response.first("date")) is not None:
        return response
    return put_fields(response, Date=format_date(response_time))


def without_conditions(request: AnyMessage) -> AnyMessage:
    """Ask for the whole, whatever the client has."""
    return drop_fields(request, CONDITIONS)
