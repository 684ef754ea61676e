"""The suite's server, in process: it answers as each test has set it up.

A port of what `server/handle-test.mjs` and `lib/header-fixup.mjs` of the suite do, with a
clock that is moved by hand in place of the computer's.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import format_date
from helpers.http_caching.messages import Request, Response

NO_BODY = {204, 304}
DATES = {"date", "expires", "last-modified", "if-modified-since", "if-unmodified-since"}
LOCATIONS = {"location", "content-location"}


@dataclass
class TestOrigin:
    """Answers the requests of one test, and takes down what it saw.

    Attributes
    ----------
    steps
        The test's requests, as the suite describes them.
    token
        The body of an answer for which the test has none.
    seen
        What came: number, method and fields of each request, and the fields that the
        client must receive as they were sent.
    """

    __test__ = False  # not a class of tests

    steps: list[dict[str, Any]]
    token: str
    clock: Clock
    seen: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        """Answer by the step that the request names."""
        number = int(request.get("Req-Num") or 0) or len(self.seen) + 1
        step = self.steps[number - 1]
        previous = self.steps[number - 2] if number > 1 else {}
        status = choose_status(request, step, previous)
        fields = Fields(self, request, step)
        self.seen.append(
            {
                "request_num": number,
                "method": request.method,
                "headers": {name: request.get(name) for name in request.fields},
                "response_headers": fields.checked,
            }
        )
        fields.set("Request-Numbers", " ".join(str(seen["request_num"]) for seen in self.seen))
        if step.get("disconnect"):
            raise ConnectionResetError("the test's server hangs up")
        body = b"" if status in NO_BODY else (step.get("response_body") or self.token).encode()
        if status not in NO_BODY and not fields.has("Content-Length"):
            fields.set("Content-Length", str(len(body)))
        return Response(status, fields.pairs(), b"" if request.method == "HEAD" else body)


def choose_status(request: Request, step: dict[str, Any], previous: dict[str, Any]) -> int:
    """Give the status; 304 or the suite's own 999 where the step asks for a validation."""
    status: int = (step.get("response_status") or [200])[0]
    if not step.get("expected_type", "").endswith("validated"):
        return status
    modified = header_of(previous, "Last-Modified")
    tag = header_of(previous, "ETag")
    is_same = (modified and request.get("If-Modified-Since") == modified) or (
        tag and request.get("If-None-Match") == tag
    )
    return 304 if is_same else 999


def header_of(step: dict[str, Any], name: str) -> str | None:
    """Give the last header of that name that a step's response has."""
    values = [h[1] for h in step.get("response_headers", ()) if h[0].lower() == name.lower()]
    return values[-1] if values else None


class Fields:
    """The header fields of an answer while they are put together."""

    def __init__(self, origin: TestOrigin, request: Request, step: dict[str, Any]) -> None:
        self.lines: dict[str, tuple[str, list[str]]] = {}
        self.checked: list[tuple[str, list[str]]] = []
        now = origin.clock()
        path = urlsplit(request.url)
        base = path.path + (f"?{path.query}" if path.query else "")
        self.set("Server-Base-Url", base)
        self.set("Server-Request-Count", str(len(origin.seen) + 1))
        self.set("Client-Request-Count", request.get("Req-Num") or "NaN")
        self.set("Server-Now", str(int(now * 1000)))
        self.set("Capability-Seen", request.get("Surrogate-Capability") or "")
        saved = {}
        for header in step.get("response_headers", ()):
            # The server keeps what it made of a date or an address: the next step compares.
            header[1] = fix(header, step, now, base)
            self.add(header[0], header[1])
            if len(header) < 3 or header[2] is True:
                saved[header[0]] = self.lines[header[0].lower()][1]
        self.checked = list(saved.items())
        if not self.has("Content-Type"):
            self.set("Content-Type", "text/plain")
        if not self.has("Date"):
            self.set("Date", format_date(now))

    def has(self, name: str) -> bool:
        return name.lower() in self.lines

    def set(self, name: str, value: str) -> None:
        self.lines[name.lower()] = (name, [value])

    def add(self, name: str, value: str) -> None:
        """Add a line, beside those that are there."""
        self.lines.setdefault(name.lower(), (name, []))[1].append(value)

    def pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.lines.values() for value in values]


def fix(header: list[Any], step: dict[str, Any], now: float, base: str) -> str:
    """Turn seconds from now into a date, and a name into an address below the test's own."""
    name, value = header[0].lower(), header[1]
    if name in DATES and isinstance(value, int):
        is_old = name in step.get("rfc850date", ())
        return format_old_date(now + value) if is_old else format_date(now + value)
    if name in LOCATIONS and step.get("magic_locations"):
        return f"{base}/{value}" if value else base
    return str(value)


def format_old_date(seconds: float) -> str:
    """Write a date in the obsolete form of RFC 850."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%A, %d-%b-%y %H:%M:%S GMT")
