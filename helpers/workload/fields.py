"""Which field means what: servers and tables name the same things differently.

The names come from the documentation of nginx, Caddy, Traefik, Amazon CloudFront,
Cloudflare and Google Cloud load balancing. A name is looked for as written; in a table
with a header, capitals and the difference between - and _ do not matter.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from helpers.workload.gather import Row
from helpers.workload.names import UNKNOWN
from helpers.workload.timestamps import Clock

TIME = (
    "time", "timestamp", "ts", "@timestamp", "time_iso8601", "time_local", "msec", "datetime",
    "arrival_time", "timestamp(ms)", "StartUTC", "EdgeStartTimestamp", "startedDateTime",
)  # fmt: skip
TARGET = (
    "path", "uri", "request_uri", "url", "cs-uri-stem", "key", "RequestPath",
    "ClientRequestPath", "ClientRequestURI", "requestUrl", "request",
)  # fmt: skip
SIZE = (
    "body_bytes_sent", "bytes_sent", "bytes", "size", "sc-bytes", "response_size",
    "DownstreamContentSize", "EdgeResponseBytes", "responseSize",
)  # fmt: skip
REGION = ("region", "x-edge-location", "EdgeColoCode", "datacenter", "pop")
CLIENT = (
    "remote_addr", "remote_ip", "client_ip", "ip", "client", "c-ip", "ClientHost", "ClientIP",
    "remoteIp", "clientip",
)  # fmt: skip
STATUS = (
    "status", "status_code", "sc-status", "DownstreamStatus", "OriginStatus",
    "EdgeResponseStatus",
)  # fmt: skip
SERVICE_TIME = {
    "request_time": 1.0, "duration": 1.0, "service_time": 1.0, "time-taken": 1.0,
    "response_time": 1.0, "latency": 1.0, "duration_ms": 1e-3, "latency_ms": 1e-3,
    "response_time_ms": 1e-3, "Duration": 1e-9,
}  # fmt: skip

KNOWN = (*TIME, *TARGET, *SIZE, *REGION, *CLIENT, *STATUS, *SERVICE_TIME, "date")

MISSING = ("", "-")
TIME_OF_DAY = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)
LARGEST_SIZE = 2**53  # bytes
LONGEST_NAME = 255  # letters of a client or a region
LONGEST_SERVICE = 1e7  # seconds; a longer one was written in another unit


class Layout(NamedTuple):
    """The field that holds each column of a record; None, which no record has, for none."""

    time: str | None
    date: str | None
    target: str | None
    size: str | None
    region: str | None
    client: str | None
    status: str | None
    service_time: str | None
    service_unit: float


def layout_of(names: Mapping[str, str]) -> Layout:
    """Find the columns among the names of a record's fields.

    Parameters
    ----------
    names
        For each name that the tables above know: what the record calls it.

    Raises
    ------
    ValueError
        If none of them is a time.

    Examples
    --------
    >>> layout_of({"ts": "ts", "uri": "URI", "took": "took"}).target
    'URI'
    """

    def first(wanted: Iterable[str]) -> str | None:
        return next((names[name] for name in wanted if name in names), None)

    time = first(TIME)
    if time is None:
        raise ValueError("no time")
    units = [unit for name, unit in SERVICE_TIME.items() if name in names]
    return Layout(
        time=time,
        date=names.get("date"),
        target=first(TARGET),
        size=first(SIZE),
        region=first(REGION),
        client=first(CLIENT),
        status=first(STATUS),
        service_time=first(SERVICE_TIME),
        service_unit=units[0] if units else 1.0,
    )


def row_of(record: dict[Any, Any], layout: Layout, clock: Clock) -> Row:
    """Read a request from a record of named values, which may be numbers or texts.

    Raises
    ------
    ValueError
        With the reason, if a value cannot be read.
    """
    time, date, target, size, region, client, status, took, unit = layout
    get = record.get
    when = get(time)
    if date is not None and TIME_OF_DAY.fullmatch(str(when)):  # CloudFront, in UTC
        when = f"{get(date)}T{when}Z"
    seconds = number("service time", get(took), LONGEST_SERVICE / unit)
    return Row(
        clock.read(when),
        text(get(target)),
        whole("size", get(size), LARGEST_SIZE),
        text(get(region), LONGEST_NAME),
        text(get(client), LONGEST_NAME),
        whole("status", get(status), 999),
        seconds if seconds == UNKNOWN else seconds * unit,
    )


def text(value: object, longest: int | None = None) -> str | None:
    """Give a value as text, None if it is missing."""
    if type(value) is str:
        return value[:longest] if value not in MISSING else None
    return str(value) if isinstance(value, int | float) else None


def whole(name: str, value: object, most: int) -> int:
    """Give a value as a whole number from 0 to `most`, UNKNOWN if it is missing."""
    if type(value) is int and 0 <= value <= most:
        return value
    return int(number(name, value, most))


def number(name: str, value: object, most: float) -> float:
    """Give a value as a number from 0 to `most`, UNKNOWN if it is missing.

    Examples
    --------
    >>> number("size", "512", 1e6), number("duration", "0.25s", 1e6), number("size", None, 1e6)
    (512.0, 0.25, -1)
    """
    if value is None or value in MISSING:
        return UNKNOWN
    try:
        found = float(value.removesuffix("s")) if isinstance(value, str) else value
    except ValueError:
        found = None
    if type(found) is not int and type(found) is not float:
        raise ValueError(f"{name} is no number")
    if not 0 <= found <= most:
        raise ValueError(f"{name} out of range")
    return found
