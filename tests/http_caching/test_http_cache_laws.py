"""What holds for every run of requests, whatever the origin says: found by hypothesis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import directives_of, format_date
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response

URLS = ("/a", "/b")
SECONDS = st.integers(0, 40)
CACHE_CONTROL = st.lists(
    st.sampled_from(("public", "private", "no-store", "no-cache", "must-revalidate", "immutable"))
    | st.tuples(
        st.sampled_from(("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error")),
        SECONDS,
    ).map(lambda pair: f"{pair[0]}={pair[1]}"),
    max_size=4,
).map(", ".join)
ASKED = st.sampled_from(
    ("", "", "", "no-cache", "no-store", "max-age=5", "min-fresh=5", "max-stale=9")
)
VISITS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(URLS), st.sampled_from(("GET", "HEAD")), ASKED),
    min_size=1,
    max_size=30,
)


class CountingOrigin:
    """A page that changes at random moments; it tells its version, and may be down."""

    def __init__(self, clock, cache_control, has_tag, changes, is_down):
        self.clock, self.cache_control, self.has_tag = clock, cache_control, has_tag
        self.changes, self.is_down = changes, is_down
        self.asked = 0

    def version(self, at):
        return sum(change <= at for change in self.changes)

    def __call__(self, request):
        self.asked += 1
        if self.is_down(self.clock()):
            raise ConnectionError
        version = self.version(self.clock())
        tag = f'"{version}"'
        headers = {"Cache-Control": self.cache_control, "Date": format_date(self.clock())}
        headers |= {"ETag": tag} if self.has_tag else {}
        if self.has_tag and request.get("If-None-Match") == tag:
            return Response(304, headers)
        body = b"" if request.method == "HEAD" else f"{version} {request.url}".encode()
        return Response(200, headers, body)


@given(
    visits=VISITS,
    said=CACHE_CONTROL,
    has_tag=st.booleans(),
    changes=st.lists(st.integers(0, 200), max_size=5),
    down=st.lists(st.integers(0, 200), max_size=5),
    shared=st.booleans(),
)
def test_an_answer_is_never_older_than_somebody_allowed(
    visits, said, has_tag, changes, down, shared
):
    clock = Clock()
    start = clock()
    origin = CountingOrigin(
        clock,
        said,
        has_tag,
        [start + change for change in changes],
        lambda at: any(moment <= at - start < moment + 9 for moment in down),
    )
    cache = HttpCache(origin, clock, shared=shared)
    policy = directives_of(Response(headers={"Cache-Control": said}), shared)
    own = policy.seconds("s-maxage") if shared else None
    lifetime = policy.seconds("max-age") if own is None else own
    for after, url, visited_by, asked in visits:
        # A HEAD without a validator renews whatever is kept (RFC 9111, 4.3.5), right or wrong.
        method = visited_by if has_tag else "GET"
        clock.advance(after)
        before = origin.asked
        response = cache.fetch(Request(url, method, {"Cache-Control": asked} if asked else {}))
        verdict = response.verdict
        if response.status == 504:
            assert verdict.kind == "error"
            continue
        if method == "GET":  # an answer is what the origin had when it was made, no other page
            age = int(response.get("Age") or 0)
            version = origin.version(clock() - age)
            assert response.body == f"{version} {url}".encode()
        if verdict.kind == "hit":
            assert verdict.age < (lifetime or 0)
            assert "no-cache" not in policy
        if verdict.kind == "stale":
            late = verdict.age - (lifetime or 0)
            forbidden = {"no-cache", "must-revalidate"} | ({"s-maxage"} if shared else set())
            assert not any(word in policy for word in forbidden)
            assert asked != "no-cache"
            is_cut_off = origin.is_down(clock())
            allowed = [policy.seconds("stale-while-revalidate"), policy.seconds("stale-if-error")]
            allowed.append(9 if asked == "max-stale=9" else None)
            assert is_cut_off or late <= max(seconds or 0 for seconds in allowed)
        if verdict.kind in ("hit", "stale") and not verdict.forward:
            assert "no-store" not in policy
            swr = policy.seconds("stale-while-revalidate") or 0
            assert origin.asked == before or swr or origin.is_down(clock())


@given(visits=VISITS, said=CACHE_CONTROL, shared=st.booleans())
def test_before_an_origin_that_says_no_store_a_cache_is_as_good_as_not_there(visits, said, shared):
    clock = Clock()
    plain = CountingOrigin(
        clock, f"{said}, no-store", True, [clock() + 9, clock() + 60], lambda at: 0
    )
    cache = HttpCache(plain, clock, shared=shared)
    for after, url, method, asked in visits:
        clock.advance(after)
        request = Request(url, method, {"Cache-Control": asked} if asked else {})
        count = plain.asked
        assert cache.fetch(request) == plain(request)
        assert plain.asked == count + 2
    assert len(cache.storage) == 0


@given(visits=VISITS, said=CACHE_CONTROL, shared=st.booleans())
def test_every_request_is_counted_once(visits, said, shared):
    clock = Clock()
    origin = CountingOrigin(clock, said, True, [], lambda at: False)
    cache = HttpCache(origin, clock, shared=shared)
    for after, url, method, asked in visits:
        clock.advance(after)
        cache.fetch(Request(url, method, {"Cache-Control": asked} if asked else {}))
    assert sum(cache.counts.values()) == len(visits)
    behind = sum(line.is_behind for line in cache.log)
    assert len(cache.log) == len(visits) + behind
    from_origin = cache.counts["miss"] + cache.counts["revalidated"]
    assert origin.asked == from_origin + behind


@given(longer=st.integers(1, 60), lifetime=st.integers(0, 60), visits=VISITS)
def test_a_longer_lifetime_never_asks_the_origin_more_often(longer, lifetime, visits):
    asked = []
    for seconds in (lifetime, lifetime + longer):
        clock = Clock()
        origin = CountingOrigin(clock, f"max-age={seconds}", False, [], lambda at: False)
        cache = HttpCache(origin, clock, shared=False)
        for after, url, _, _ in visits:
            clock.advance(after)
            cache.fetch(Request(url))
        asked.append(origin.asked)
    assert asked[1] <= asked[0]


NAMES = st.sampled_from(
    (
        "Cache-Control",
        "CDN-Cache-Control",
        "Expires",
        "Date",
        "Age",
        "Last-Modified",
        "ETag",
        "Vary",
        "Content-Range",
        "Content-Length",
        "Content-Location",
        "Location",
        "Connection",
        "Range",
        "If-Range",
        "If-None-Match",
        "If-Modified-Since",
        "If-Match",
        "Authorization",
    )
)
PIECES = st.sampled_from(
    (
        "max-age",
        "=",
        "60",
        ",",
        '"',
        "no-cache",
        "W/",
        "*",
        "bytes",
        "0-",
        "-5",
        "/10",
        " ",
        "\\",
        "//[",
    )
)
NONSENSE = st.text(max_size=20) | st.lists(PIECES, max_size=8).map("".join)
HEADERS = st.lists(st.tuples(NAMES | st.text(max_size=5), NONSENSE), max_size=6)
STATUS = st.sampled_from((100, 200, 204, 206, 299, 304, 404, 416, 500, 503, 599, 999))


@given(
    exchanges=st.lists(
        st.tuples(
            st.sampled_from(("GET", "GET", "GET", "HEAD", "POST", "?")),
            HEADERS,
            STATUS,
            HEADERS,
            st.binary(max_size=12),
            st.integers(0, 100),
        ),
        min_size=1,
        max_size=6,
    ),
    shared=st.booleans(),
)
def test_no_field_is_too_odd_to_be_answered(exchanges, shared):
    clock = Clock()
    answers = iter([])
    cache = HttpCache(lambda request: next(answers), clock, shared=shared)
    for method, asked, status, told, body, after in exchanges:
        clock.advance(after)
        answers = iter([Response(status, told, body)] * 2)
        response = cache.fetch(Request("http://site.test/", method, asked))
        assert response.verdict is not None
        assert not response.lines("Connection")
        assert response.verdict.cache_status()
    cache.explain(last=9)


@pytest.mark.parametrize("shared", [True, False])
def test_the_same_requests_give_the_same_answers(shared):
    def run():
        clock = Clock()
        origin = CountingOrigin(clock, "max-age=5", True, [clock() + 20], lambda at: False)
        cache = HttpCache(origin, clock, shared=shared)
        for step in range(40):
            clock.advance(step % 7)
            cache.fetch(Request(URLS[step % 2]))
        return cache.explain(last=40)

    assert run() == run()
