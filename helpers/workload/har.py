"""A HAR file: what a browser's developer tools saved of a page's requests.

Open the developer tools, the network tab, load the page, and save all as HAR. The format
is HTTP Archive 1.2. The file is read at once; cookies, headers and contents are let go of
on the way. The package haralyzer reads the format too, but a workload needs five fields
of an entry, and the number of an entry that is broken.
"""

import json
from pathlib import Path
from typing import Any

from helpers.workload.gather import Columns, Row
from helpers.workload.lines import DAMAGE, file_name, opened
from helpers.workload.names import UNKNOWN, Paths
from helpers.workload.record import Workload
from helpers.workload.report import Tally
from helpers.workload.timestamps import Clock

LARGEST = 512 << 20  # bytes, unpacked
WANTED = frozenset(
    {
        *("log", "entries", "startedDateTime", "time", "request", "url", "response", "status"),
        *("_transferSize", "headersSize", "bodySize", "content", "size", "_fromCache"),
    }
)
NETWORK = ("http://", "https://", "ws://", "wss://")


def from_har(path: str | Path, *, keep_private: bool = False) -> Workload:
    """Read a HAR file, plain or gzip.

    Keys are host and path; `service_time` is how long the browser waited for the whole
    answer; `size` is what came over the network, 0 from the browser's cache.

    Parameters
    ----------
    path
        The file, at most 512 MiB.
    keep_private
        Keep query strings. Cookies, headers and contents are never read.

    Returns
    -------
    The requests, with what was found in the file as `report`.

    Raises
    ------
    ValueError
        If the path is no readable HAR file, or there is no request in it.

    Examples
    --------
    >>> from helpers.workload.samples import sample
    >>> from_har(sample("shop.har")).key_names[0]
    'shop.example/'
    """
    tally = Tally(file_name(path), unit="entry")
    clock, columns = Clock(), Columns(Paths(keep_private, with_host=True))
    cached = 0
    for entry in entries_of(path, tally):
        tally.lines += 1
        try:
            columns.add(row_of_entry(entry, clock))
        except ValueError as error:
            tally.reject(tally.lines, str(error))
        else:
            cached += "_fromCache" in entry
    if cached:
        tally.note(f"answered by the browser's own cache: {cached:,}")
    return columns.workload(tally, clock, "HAR")


def entries_of(path: str | Path, tally: Tally) -> list[Any]:
    """Give the entries of a HAR file, each with the wanted fields only."""
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
    except json.JSONDecodeError as error:
        raise ValueError(f"{wrong}: {error.msg}, line {error.lineno}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{wrong}: no JSON in UTF-8") from None
    entries = inner(inner(record), "log").get("entries")
    if not isinstance(entries, list):
        raise ValueError(f"{wrong}: no log.entries in it")
    if not entries:
        raise ValueError(f"{wrong}: 0 entries in it")
    return entries


def only_wanted(box: dict[str, Any]) -> dict[str, Any]:
    """Let go of what is large or private."""
    return {name: value for name, value in box.items() if name in WANTED}


def row_of_entry(entry: Any, clock: Clock) -> Row:
    """Read a request from an entry.

    Raises
    ------
    ValueError
        With the reason, if it cannot be read or never left the browser.

    Examples
    --------
    >>> entry = {
    ...     "startedDateTime": "2026-03-29T01:00:00Z",
    ...     "time": 80.0,
    ...     "request": {"url": "https://a.example/"},
    ...     "response": {"bodySize": 512},
    ... }
    >>> row = row_of_entry(entry, Clock())
    >>> row.size, row.service_time
    (512, 0.08)
    """
    request, response = (inner(entry, name) for name in ("request", "response"))
    url = request.get("url")
    if not isinstance(url, str):
        raise ValueError("no URL")
    if not url.lower().startswith(NETWORK):
        raise ValueError("no request to a network")
    started = inner(entry).get("startedDateTime")
    if started is None:
        raise ValueError("no time")
    took = measured(inner(entry).get("time"))
    return Row(
        time=clock.read(started),
        target=url,
        size=int(size_of(response)),
        status=int(min(measured(response.get("status")), 999)),
        service_time=took / 1000 if took != UNKNOWN else UNKNOWN,
    )


def inner(box: Any, name: str | None = None) -> dict[str, Any]:
    """Give an object, or the one within it of that name; an empty one if it is none."""
    found = box.get(name) if name is not None and isinstance(box, dict) else box
    return found if isinstance(found, dict) else {}


def size_of(response: dict[str, Any]) -> float:
    """Give the bytes that came over the network, UNKNOWN if the browser did not say.

    Examples
    --------
    >>> size_of({"_transferSize": 90, "bodySize": 60}), size_of({"headersSize": 9, "bodySize": 60})
    (90, 69)
    """
    whole, head, body = (
        measured(response.get(name)) for name in ("_transferSize", "headersSize", "bodySize")
    )
    if whole != UNKNOWN:
        return whole
    if body != UNKNOWN:
        return max(head, 0) + body
    return measured(inner(response, "content").get("size"))


def measured(value: Any) -> float:
    """Give a number of at least 0, or UNKNOWN: HAR writes -1 for what it does not know."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= 2**53 else UNKNOWN
