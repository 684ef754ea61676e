"""The HTTP cache against hishel, a caching client in use: how many fetches a second.

Both hear the same requests at the same moments before the same origin, in one process and
without a network. hishel keeps what it stores in SQLite, here in memory, so the ratio says
what a fetch costs as a learner meets it, not who writes the better cache.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.paired import OURS, AbsentError, Contender, Job, Scenario
from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import format_date
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response

SEED = 1
PAGES = 100
GAP = 1.0
"""Seconds between two requests."""

FETCHES = "fetches"
TIMED = {
    FETCHES: "One request a second for a hundred pages of Zipf's popularity. Timed: all fetches, "
    "from an empty cache on, with an origin that answers at once. The course: "
    "`HttpCache.fetch`; hishel: its cache proxy without an HTTP client around it, with SQLite "
    "in memory."
}
PACKAGES = ("hishel",)
STAGES = {"model": ("look_at",)}


@dataclass(frozen=True)
class Case:
    """What the origin says of each page.

    Attributes
    ----------
    cache_control
        The same for all.
    has_tag
        Whether there is something to validate with.
    """

    cache_control: str
    has_tag: bool


def scenarios() -> Iterator[Scenario]:
    """Give a cache that mostly hits, one that mostly validates, and one that keeps nothing."""
    cases = {
        "fresh for an hour": Case("max-age=3600", has_tag=False),
        "asked about every time": Case("no-cache", has_tag=True),
        "never kept": Case("no-store", has_tag=False),
    }
    for name, case in cases.items():
        yield Scenario(name, FETCHES, case, targets={"hishel": 0.8})


@dataclass
class Origin:
    """Answers at once, and counts what it is asked."""

    case: Case
    clock: Clock
    asked: int = 0

    def answer(self, url: str, shown: str | None) -> tuple[int, dict[str, str], bytes]:
        """Give status, fields and body."""
        self.asked += 1
        fields = {"Cache-Control": self.case.cache_control, "Date": format_date(self.clock())}
        if self.case.has_tag:
            fields["ETag"] = '"v1"'
            if shown == '"v1"':
                return 304, fields, b""
        return 200, fields, url.encode()


def draw_urls(requests: int) -> list[str]:
    """Draw pages by Zipf's law; fewer requests are the beginning of more."""
    shares = 1 / np.arange(1, PAGES + 1)
    pages = np.searchsorted(
        np.cumsum(shares / shares.sum()), np.random.default_rng(SEED).random(requests)
    )
    return [f"https://site.test/{page}" for page in pages]


def prepare_course(case: Case, requests: int) -> Job:
    """Put the course's cache before the origin."""
    return partial(run_course, case, draw_urls(requests))


def run_course(case: Case, urls: list[str]) -> NDArray[np.int64]:
    """Fetch each page, and give how often the origin had been asked by then."""
    clock = Clock()
    origin = Origin(case, clock)

    def handle(request: Request) -> Response:
        return Response(*origin.answer(request.url, request.first("If-None-Match")))

    cache = HttpCache(handle, clock, shared=True)
    asked = []
    for url in urls:
        cache.fetch(Request(url))
        asked.append(origin.asked)
        clock.advance(GAP)
    return np.array(asked)


def prepare_hishel(case: Case, requests: int) -> Job:
    """Put hishel before the same origin, if it is installed."""
    try:
        import hishel
    except ImportError:
        raise AbsentError("hishel is not installed") from None
    return partial(run_hishel, hishel, case, draw_urls(requests))


def run_hishel(hishel: Any, case: Case, urls: list[str]) -> NDArray[np.int64]:
    """Do the same by hishel, whose clock is moved with ours."""
    clock = Clock()
    origin = Origin(case, clock)

    def handle(request: Any) -> Any:
        shown = request.headers.get("If-None-Match")
        status, fields, body = origin.answer(str(request.url), shown)
        return hishel.Response(status, headers=hishel.Headers(fields), stream=iter([body]))

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    cache = hishel.SyncCacheProxy(handle, hishel.SyncSqliteStorage(connection=connection))
    asked = []
    with patch("time.time", clock):
        for url in urls:
            b"".join(cache.handle_request(hishel.Request("GET", url)).stream)
            asked.append(origin.asked)
            clock.advance(GAP)
    connection.close()
    return np.array(asked)


def contenders() -> Iterator[Contender]:
    """Give the course and its peer; neither is made for a million requests."""
    yield Contender("HttpCache.fetch", OURS, prepare_course, share=1 / 100)
    yield Contender("cache proxy, SQLite in memory", "hishel", prepare_hishel, share=1 / 2000)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
