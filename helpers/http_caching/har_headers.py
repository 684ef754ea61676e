"""Read from a HAR file what caches go by: status, size, kind and a handful of headers.

All else is let go of while the file is read: cookies, bodies, query strings, every other
header. `helpers.workload.from_har` reads the same files for when requests came.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.http_caching.messages import Response
from helpers.http_caching.savings import Resource
from helpers.workload.har import LARGEST, NETWORK, inner, measured, size_of
from helpers.workload.lines import DAMAGE, file_name, opened
from helpers.workload.names import UNKNOWN, path_of
from helpers.workload.report import Tally

EXAMPLE = Path(__file__).parent / "data" / "made-up-shop.har"
"""Invented from beginning to end: a shop's front page with the headers of a rushed setup."""

WANTED = frozenset(
    {
        *("log", "entries", "request", "method", "url", "response", "status", "headers", "name"),
        *("value", "_transferSize", "headersSize", "bodySize", "content", "size", "mimeType"),
        *("_resourceType", "_fromCache"),
    }
)
GOES_BY = frozenset({"cache-control", "age", "date", "etag", "expires", "last-modified", "vary"})
BY_MIME = (
    ("html", "document"),
    ("javascript", "script"),
    ("ecmascript", "script"),
    ("css", "stylesheet"),
    ("font", "font"),
    ("image", "image"),
    ("json", "data"),
    ("xml", "data"),
)
BY_BROWSER = {"xhr": "data", "fetch": "data", "document": "document", "font": "font"}


@dataclass(frozen=True)
class Recording:
    """A page load as recorded.

    Attributes
    ----------
    resources
        What was fetched with GET and answered with a 200.
    report
        What the file held, and what was left out, in words.
    """

    resources: tuple[Resource, ...]
    report: str

    def __repr__(self) -> str:
        return self.report


def read_har(path: str | Path = EXAMPLE) -> Recording:
    """Read a HAR file, plain or gzip.

    Parameters
    ----------
    path
        The file, at most 512 MiB; by default a made-up one that comes with the course.

    Raises
    ------
    ValueError
        The path is no readable HAR file, or there is nothing in it that a cache could keep.

    Examples
    --------
    >>> read_har().resources[0].path
    'shop.example/'
    """
    tally = Tally(file_name(path), unit="entry")
    resources = []
    for entry in entries_of(path, tally):
        tally.lines += 1
        try:
            resources.append(read_entry(entry))
        except ValueError as reason:
            tally.reject(tally.lines, str(reason))
    if not resources:
        raise ValueError(f"path must hold a GET that was answered with 200, got none: {tally}")
    left_out = [f"  left out: {rejection}" for rejection in tally.rejections()]
    said = f"{tally.file}: {tally.lines:,} entries, {len(resources):,} of them to look at"
    return Recording(tuple(resources), "\n".join([said, *left_out]))


def entries_of(path: str | Path, tally: Tally) -> list[Any]:
    """Give the entries of a HAR file, with the wanted fields and headers only."""
    wrong = f"path must be a HAR file, got {str(path)!r}"
    with opened(path, tally) as (stream, _):
        try:
            raw = stream.read(LARGEST + 1)
        except DAMAGE:
            raise ValueError(f"{wrong}: the gzip data breaks off or is damaged") from None
    if len(raw) > LARGEST:
        raise ValueError(f"{wrong}: more than {LARGEST:,} bytes")
    try:
        record = json.loads(raw, object_hook=only_wanted)
    except (ValueError, RecursionError):
        raise ValueError(f"{wrong}: no JSON in UTF-8") from None
    entries = inner(inner(record), "log").get("entries")
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{wrong}: no log.entries in it")
    return entries


def only_wanted(box: dict[str, Any]) -> dict[str, Any]:
    """Let go of what is large or private; of headers, keep those that caches go by."""
    if "value" in box and str(box.get("name")).lower() not in GOES_BY:
        return {}
    return {name: value for name, value in box.items() if name in WANTED}


def read_entry(entry: Any) -> Resource:
    """Read a resource from an entry.

    Raises
    ------
    ValueError
        With the reason for leaving it out.
    """
    request, response = (inner(entry, name) for name in ("request", "response"))
    url = request.get("url")
    if not isinstance(url, str) or not url.lower().startswith(NETWORK):
        raise ValueError("no request to a network")
    if request.get("method", "GET") != "GET":
        raise ValueError("not a GET")
    if response.get("status") != 200:
        raise ValueError("not answered with 200")
    size = whole_size(response)
    if size == UNKNOWN:
        raise ValueError("size unknown")
    listed = response.get("headers")
    headers = [read_header(header) for header in (listed if isinstance(listed, list) else [])]
    found = Response(200, [pair for pair in headers if pair])
    return Resource(path_of(url, with_host=True), kind_of(entry), size, found)


def whole_size(response: Mapping[str, Any]) -> int:
    """Give the bytes of the whole answer, also where this time it came from the cache."""
    size = size_of(dict(response))
    body = measured(inner(response, "content").get("size"))
    return int(size) if size > 0 else int(body)


def read_header(header: Any) -> tuple[str, str] | None:
    """Give a header's name and value; None where it is not one that caches go by."""
    name, value = inner(header).get("name"), inner(header).get("value")
    return (name, value) if isinstance(name, str) and isinstance(value, str) else None


def kind_of(entry: Any) -> str:
    """Tell what kind of resource it is, by its media type, else by what the browser says."""
    mime = str(inner(inner(entry, "response"), "content").get("mimeType", "")).lower()
    said = str(inner(entry).get("_resourceType", "")).lower()
    if said in BY_BROWSER:
        return BY_BROWSER[said]
    by_mime = next((kind for word, kind in BY_MIME if word in mime), "")
    return by_mime or (said if said in ("script", "stylesheet", "image") else "other")
