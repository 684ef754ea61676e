"""Another cache, written by other people: hishel behind httpx, on the same days.

Both stand before the same origin and hear the same requests at the same moments; hishel's
clock is moved with ours. What reaches the origin, and what the client gets, must agree.
Left out is what a cache need not do and hishel does not: a request's own max-age, Range.
"""

import itertools
import sqlite3
import time

import httpx
import pytest
from hishel import CacheOptions, SpecificationPolicy, SyncSqliteStorage
from hishel.httpx import SyncCacheTransport

from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import format_date
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response

URL = "https://site.test/page"
POLICIES = (
    "",
    "max-age=60",
    "max-age=0",
    "no-store",
    "no-cache",
    "no-cache, max-age=60",
    "private, max-age=60",
    "public, max-age=60",
    "max-age=60, s-maxage=10",
    "max-age=10, s-maxage=60",
    "max-age=60, must-revalidate",
    "max-age=60, proxy-revalidate",
    "MAX-AGE=60",
    "max-age=60, extension",
)
EXPIRES = {"Expires in 60 s": 60, "Expires at once": 0, "Expired": -60}
VALIDATORS = ("none", "tag", "date")
AFTER = (0, 5, 4, 1, 30, 20, 1, 59, 2, 600)
"""Seconds before each request."""


class Origin:
    """Says the same for ever, and answers 304 to who shows its validator."""

    def __init__(self, clock, policy, validator):
        self.clock = clock
        self.expires = EXPIRES.get(policy)
        self.fields = {"Cache-Control": policy} if policy and policy not in EXPIRES else {}
        if validator == "tag":
            self.fields["ETag"] = '"v1"'
        if validator == "date":
            self.fields["Last-Modified"] = format_date(clock() - 300)
        self.asked = []

    def answer(self, shown):
        """Give status, fields and body for what a request shows of the validators."""
        self.asked.append((self.clock(), shown))
        fields = {**self.fields, "Date": format_date(self.clock())}
        if self.expires is not None:
            fields["Expires"] = format_date(self.clock() + self.expires)
        is_same = any(value and value in self.fields.values() for value in shown)
        return (304, fields, b"") if is_same else (200, fields, b"page")


def shown_by(message):
    return message.headers.get("If-None-Match"), message.headers.get("If-Modified-Since")


def run_hishel(monkeypatch, policy, validator, shared, headers):
    """Give what reached the origin, and the body and age of each answer."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    origin = Origin(clock, policy, validator)

    def handle(request):
        status, fields, body = origin.answer(shown_by(request))
        return httpx.Response(status, headers=fields, content=body)

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    transport = SyncCacheTransport(
        httpx.MockTransport(handle),
        storage=SyncSqliteStorage(connection=connection),
        policy=SpecificationPolicy(CacheOptions(shared=shared)),
    )
    answers = []
    with httpx.Client(transport=transport) as client:
        for after in AFTER:
            clock.advance(after)
            answers.append(client.get(URL, headers=headers).content)
    connection.close()
    return origin.asked, answers


def run_ours(policy, validator, shared, headers):
    clock = Clock()
    origin = Origin(clock, policy, validator)

    def handle(request):
        shown = (request.first("If-None-Match"), request.first("If-Modified-Since"))
        return Response(*origin.answer(shown))

    cache = HttpCache(handle, clock, shared=shared)
    answers = []
    for after in AFTER:
        clock.advance(after)
        answers.append(cache.fetch(Request(URL, headers=headers)).body)
    return origin.asked, answers


CASES = [
    *itertools.product((*POLICIES, *EXPIRES), VALIDATORS, [True, False], [{}]),
    *itertools.product(
        POLICIES[:2],
        VALIDATORS,
        [True, False],
        [{"Cache-Control": "no-cache"}, {"Authorization": "me"}],
    ),
]


@pytest.mark.parametrize(("policy", "validator", "shared", "headers"), CASES)
def test_hishel_asks_the_origin_at_the_same_moments(
    monkeypatch, policy, validator, shared, headers
):
    theirs = run_hishel(monkeypatch, policy, validator, shared, headers)
    assert run_ours(policy, validator, shared, headers) == theirs
