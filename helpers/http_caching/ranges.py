"""Parts of a representation: keeping them, joining them, and cutting them out.

A torn banknote. A half is worth something only together with the other half of the same
note, and the serial number (a strong entity tag) proves that they belong together.

Sources: RFC 9110, section 14 (Range, Content-Range, If-Range); RFC 9111, sections 3.3 and 3.4.
"""

import re
from dataclasses import replace

from helpers.http_caching.messages import Request, Response, put_fields
from helpers.http_caching.storage import Stored
from helpers.http_caching.validation import is_strong, is_strong_date

RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.I | re.A)
CONTENT_RANGE = re.compile(r"\s*bytes (\d{1,18})-(\d{1,18})/(\d{1,18})\s*", re.I | re.A)


def find_part(response: Response) -> tuple[int, int] | None:
    """Read which part a 206 carries: its first byte, and the length of the whole.

    None where it is not one part whose length agrees with the body: such a 206 is passed on
    and not kept.

    Examples
    --------
    >>> find_part(Response(206, headers={"Content-Range": "bytes 4-8/10"}, body=b"45678"))
    (4, 10)
    """
    found = CONTENT_RANGE.fullmatch(response.get("content-range") or "")
    if found is None:
        return None
    first, last, length = map(int, found.groups())
    fits = first <= last < length and last - first + 1 == len(response.body)
    return (first, length) if fits else None


def wants_part(request: Request, response: Response) -> bool:
    """Tell whether a request asks for a part, and If-Range does not call it off."""
    if request.method != "GET" or not request.lines("range"):
        return False
    condition = request.first("if-range")
    if condition is None:
        return True
    tag = response.first("etag")
    return (condition == tag and is_strong(condition)) or (
        condition == response.first("last-modified") and is_strong_date(response)
    )


def read_range(request: Request, length: int) -> tuple[int, int] | None:
    """Read the one range that a request asks for: its first byte, and the one after its last.

    Returns
    -------
    None where there are several, or none that can be read: the field is then ignored. A
    range that begins behind the end comes back empty.

    Examples
    --------
    >>> [read_range(Request("/", headers={"Range": f"bytes={r}"}), 10) for r in ("6-", "-3", "0-1")]
    [(6, 10), (7, 10), (0, 2)]
    """
    found = RANGE.fullmatch(request.get("range") or "")
    if found is None or not any(found.groups()) or max(map(len, found.groups())) > 18:
        return None
    first, last = found.groups()
    if not first:
        return max(0, length - int(last)), length
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, length) if last else length


def holds(stored: Stored, request: Request) -> bool:
    """Tell whether what is kept has all bytes that a request asks for."""
    if stored.part is None:
        return True
    first, length = stored.part
    wanted = read_range(request, length) if wants_part(request, stored.response) else None
    if wanted is None:
        return False
    return first <= wanted[0] < wanted[1] <= first + len(stored.response.body)


def cut(response: Response, request: Request, part: tuple[int, int] | None) -> Response:
    """Give the part that a request asks for out of what is kept, or the whole.

    Parameters
    ----------
    part
        For a kept part its first byte and the length of the whole; None for a whole.

    Examples
    --------
    >>> cut(Response(body=b"hello"), Request("/", headers={"Range": "bytes=1-2"}), None).body
    b'el'
    """
    if response.status not in (200, 206) or not wants_part(request, response):
        return response
    offset, length = part or (0, len(response.body))
    wanted = read_range(request, length)
    if wanted is None:
        return response
    first, end = wanted
    if first >= end:
        refusal = put_fields(response, Content_Range=f"bytes */{length}", Content_Length="0")
        return replace(refusal, status=416, body=b"")
    body = response.body[first - offset : end - offset]
    told = f"bytes {first}-{end - 1}/{length}"
    piece = put_fields(response, Content_Range=told, Content_Length=str(len(body)))
    return replace(piece, status=206, body=body)


def join(old: Stored, new: Stored) -> Stored:
    """Join a part with another part, or with the whole, of the same representation.

    Without the same strong entity tag, or with a gap between them, the new part alone is
    kept. Fields are the newer ones.
    """
    tag = new.response.first("etag")
    if new.part is None or not tag or not is_strong(tag) or tag != old.response.first("etag"):
        return new
    start, length = new.part
    old_start, old_length = old.part or (0, len(old.response.body))
    body, kept = new.response.body, old.response.body
    if old_length != length or start > old_start + len(kept) or old_start > start + len(body):
        return new
    low = min(start, old_start)
    high = max(start + len(body), old_start + len(kept))
    joined = bytearray(high - low)
    joined[old_start - low : old_start - low + len(kept)] = kept
    joined[start - low : start - low + len(body)] = body
    is_whole = len(joined) == length
    told = None if is_whole else f"bytes {low}-{high - 1}/{length}"
    response = put_fields(new.response, Content_Range=told, Content_Length=str(len(joined)))
    return replace(
        new,
        response=replace(response, status=200 if is_whole else 206, body=bytes(joined)),
        part=None if is_whole else (low, length),
    )
