"""The same visits for real: a server on this machine, and a caching client that others wrote.

A rehearsal with a real audience. The server answers over a real socket what the model's
origin answers; the client is hishel, a cache for httpx. Nothing sleeps for the day that
passes between two visits: the server writes its dates as far in the past as the model says,
so that what the client got on the first visit is a day old on the second.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from helpers.http_caching.by_cache import World
from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import format_date, parse_date
from helpers.http_caching.messages import Request, Response, as_headers
from helpers.http_caching.policies import look_up
from helpers.http_caching.site import DAY, HEADER_BYTES, HOUR, MONDAY, Origin, Site, content_of

FIRST = 9 * HOUR
Fetch = Callable[[str], Response]


@dataclass(frozen=True)
class Counted:
    """What a second visit cost, as the server counted it.

    Attributes
    ----------
    requests
        That reached the server.
    not_modified
        Of these, answered by a 304.
    sent
        Bytes, with heads at the model's flat rate.
    """

    requests: int
    not_modified: int
    sent: int


@dataclass(frozen=True)
class Comparison:
    """Model and reality, a row for each policy: `rows` has its name and both counts."""

    rows: tuple[tuple[str, Counted, Counted], ...]

    @property
    def agrees(self) -> bool:
        """Whether every row is the same on both sides."""
        return all(model == real for _, model, real in self.rows)

    def __repr__(self) -> str:
        head = f"{'second visit':28}{'requests':>18}{'answered 304':>18}{'kB':>20}"
        lines = [head, f"{'':28}" + f"{'model':>9}{'real':>9}" * 2 + f"{'model':>10}{'real':>10}"]
        for name, model, real in self.rows:
            numbers = (model.requests, real.requests, model.not_modified, real.not_modified)
            kilobytes = f"{model.sent / 1e3:10.1f}{real.sent / 1e3:10.1f}"
            lines.append(f"{name:28}" + "".join(f"{n:9}" for n in numbers) + kilobytes)
        return "\n".join(lines)


def compare(policies: dict[str, dict[str, str]], site: Site, gap: int = DAY) -> Comparison:
    """Visit the site twice under each policy, in the model and over a real socket.

    Parameters
    ----------
    policies
        Tables of headers, by a name.
    site
        What is visited, with its deploys.
    gap
        Seconds between the two visits.
    """
    rows = []
    for name, policy in policies.items():
        headers_for = look_up(policy)
        rows.append((name, visit_model(site, headers_for, gap), visit_real(site, headers_for, gap)))
    return Comparison(tuple(rows))


def visit_model(site: Site, headers_for: Callable[[str], str], gap: int) -> Counted:
    """Visit twice in the model, and count the second visit at the origin."""
    world = World(site, headers_for)
    for now in (FIRST, FIRST + gap):
        world.origin.asked.clear()
        view(site, lambda path, now=now: world.fetch(1, path, now))  # type: ignore[misc]
    return count(site, world.origin)


def visit_real(site: Site, headers_for: Callable[[str], str], gap: int) -> Counted:
    """Visit twice with a real client over a real socket, and count at the server."""
    clock = Clock(MONDAY)
    origin = Origin(site, headers_for, clock)
    shift = int(time.time()) - (MONDAY + FIRST + gap)
    with serving(origin, shift) as address, closing(make_client()) as client:
        for now in (FIRST, FIRST + gap):
            clock.now = float(MONDAY + now)
            origin.asked.clear()
            view(site, lambda path: ask(client, address + path))
    return count(site, origin)


def view(site: Site, fetch: Fetch) -> None:
    """Load the page and all that it names, for its first view."""
    page = 0
    for number, file in enumerate(site.files):
        if file.route <= 0:
            got = content_of(fetch(file.path_of(int(site.contents[page, number]))))
            page = got if number == 0 else page


def count(site: Site, origin: Origin) -> Counted:
    """Count what the origin was asked, and what it sent."""
    sizes = {path: site.files[number].size for path, (number, _) in site.names.items()}
    bodies = sum(sizes[path] for path, status in origin.asked if status == 200)
    unchanged = sum(status == 304 for _, status in origin.asked)
    return Counted(len(origin.asked), unchanged, bodies + HEADER_BYTES * len(origin.asked))


def make_client() -> Any:
    """Make a client with a private cache in memory, that keeps to the standard."""
    from hishel import CacheOptions, SpecificationPolicy, SyncSqliteStorage
    from hishel.httpx import SyncCacheClient

    memory = sqlite3.connect(":memory:", check_same_thread=False)
    return SyncCacheClient(
        storage=SyncSqliteStorage(connection=memory),
        policy=SpecificationPolicy(CacheOptions(shared=False)),
        headers={"Cookie": "user=1"},
        trust_env=False,
        timeout=10.0,
    )


def ask(client: Any, address: str) -> Response:
    """Let the client fetch an address."""
    answer = client.get(address)
    return Response(answer.status_code, dict(answer.headers), answer.content)


@contextmanager
def serving(origin: Origin, shift: int) -> Iterator[str]:
    """Serve an origin on a free port of this machine until the block ends.

    Parameters
    ----------
    origin
        Answers the requests.
    shift
        Seconds that are added to every date.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer, else each waits 40 ms for the one before

        def do_GET(self) -> None:
            answer = origin(Request(self.path, headers=dict(self.headers.items())))
            self.send_response_only(answer.status)
            for name, value in shifted(answer, shift):
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def shifted(answer: Response, shift: int) -> Iterator[tuple[str, str]]:
    """Give the header fields with their dates moved."""
    for name, value in as_headers(answer.headers):
        date = parse_date(value) if name in ("Date", "Last-Modified") else None
        yield (name, value) if date is None else (name, format_date(date + shift))
