"""A site, its visitors and a fortnight: by hand, beside real caches, and in the limits."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.http_caching.by_cache import World, walk
from helpers.http_caching.clock import Clock
from helpers.http_caching.messages import Request
from helpers.http_caching.policies import HEURISTIC, POLICIES, allowed, look_up
from helpers.http_caching.site import (
    DAY,
    HEADER_BYTES,
    HOST,
    HOUR,
    MINUTE,
    MONDAY,
    SHOP,
    WEEK,
    File,
    Origin,
    Site,
    content_of,
)
from helpers.http_caching.visitors import Visits, draw_deploys, draw_visits
from helpers.http_caching.week import (
    BROKEN,
    CURRENT,
    HIT,
    OLD,
    REFRESHED,
    SENT,
    VALIDATED,
    browse,
    empty_caches,
    empty_outcome,
    read_rules,
    shape_of,
    simulate,
)

TINY = (
    File("/", "page", 1_000, wave=0, every=1),
    File("/app.{hash}.js", "script", 5_000, every=1),
    File("/view.{hash}.js", "script", 2_000, wave=2, every=1, route=1),
)
COLUMNS = ("page", "received", "round_trips", "load_time", "is_return", "staleness", "how")
TOTALS = ("sent", "at_origin", "leaks")

UNUSUAL = {
    "grace": {
        "/": "max-age=3600, stale-while-revalidate=86400",
        "/assets/*": "max-age=7200, stale-while-revalidate=600",
        "*": "max-age=300, s-maxage=1000",
    },
    "no header": {},
    "must": {"*": "max-age=5000, must-revalidate, stale-while-revalidate=5000"},
    "shared longer": {"*": "max-age=60, s-maxage=40000"},
    "private": {"*": "private, max-age=4000"},
    "forever": {"*": "max-age=99999999999"},
    "nonsense": {"*": "max-age=soon, , =, no-banana"},
}


def visits_of(*rows, users=1, span=DAY):
    time, user, route = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Visits(time, user, route, users, span)


def without_hashes(files):
    return tuple(replace(file, path=file.path.replace("{hash}.", "")) for file in files)


# By hand


def test_a_small_trace_agrees_with_the_one_worked_by_hand():
    site = Site(TINY, deploys=(1_000,))
    headers = look_up({"/": "max-age=600", "*": "max-age=9999"})
    visits = visits_of((0, 0, 0), (500, 0, 0), (900, 0, 0), (1_100, 0, 0), (1_100, 0, 1))
    visits = visits_of(*zip(visits.time, visits.user, visits.route, strict=True), (1_600, 0, 0))
    week = simulate(site, headers, visits)
    # 0: all is sent. 500: all is fresh. 900: the page is asked for, 304, until 1500. 1100: the
    # old page, whose chunk is kept; the other view's chunk is gone. 1600: page and chunk anew.
    assert week.page.tolist() == [CURRENT, CURRENT, CURRENT, OLD, BROKEN, CURRENT]
    head = HEADER_BYTES
    assert week.received.tolist() == [6_000 + 2 * head, 0, head, 0, head, 6_000 + 2 * head]
    assert week.round_trips.tolist() == [2, 0, 1, 0, 1, 2]
    assert week.how[0].tolist() == [3, 0, 1, 2]
    assert week.is_return.tolist() == [False] + 5 * [True]
    assert (week.sent, week.at_origin) == (6, 6)
    assert week.load_time[2] == pytest.approx(0.1 + head / 2e6)


def test_chunks_that_are_kept_on_the_server_save_old_pages():
    headers = look_up({"/": "max-age=600", "*": "max-age=9999"})
    visits = visits_of((900, 0, 0), (1_100, 0, 1), (1_499, 0, 1))
    pages = [simulate(Site(TINY, (1_000,), kept), headers, visits).page for kept in (0, 100, 101)]
    assert [page.tolist() for page in pages] == [[0, 2, 2], [0, 2, 2], [0, 1, 1]]


def test_a_grace_shows_the_old_page_once_and_asks_behind_it():
    site = Site(TINY[:1], deploys=(1_000,))
    headers = look_up({"*": "max-age=100, stale-while-revalidate=5000"})
    week = simulate(site, headers, visits_of((0, 0, 0), (2_000, 0, 0), (2_050, 0, 0)))
    assert week.page.tolist() == [CURRENT, OLD, CURRENT]
    assert week.how[0].tolist() == [1, 1, 0, 1]
    assert week.round_trips.tolist() == [1, 0, 0]
    assert week.received[1] == 1_000 + HEADER_BYTES


def test_a_cdn_gives_its_age_along():
    site = Site(TINY[:1])
    headers = look_up({"*": "max-age=100"})
    rows = ((0, 0, 0), (90, 1, 0), (95, 1, 0), (101, 1, 0))
    week = simulate(site, headers, visits_of(*rows, users=2), cdn=True)
    # What user 1 gets at 90 is 90 s old already, and stale at 101.
    assert (week.sent, week.at_origin) == (3, 2)


def test_a_purge_reaches_the_cdn_and_not_the_browser():
    site = Site(TINY[:1], deploys=(1_000,))
    headers = look_up({"*": "max-age=9000"})
    rows = ((900, 0, 0), (1_100, 0, 0), (1_150, 1, 0), (1_200, 2, 0))
    visits = visits_of(*rows, users=3)
    pages = [
        simulate(site, headers, visits, cdn=True, purge_after=after).page.tolist()
        for after in (None, 0, 180)
    ]
    assert pages == [[0, 1, 1, 1], [0, 1, 0, 0], [0, 1, 1, 0]]


# Beside real caches


@pytest.mark.parametrize("cdn", [False, True], ids=["no CDN", "CDN"])
@pytest.mark.parametrize("hashed", [True, False], ids=["hashed", "plain names"])
@pytest.mark.parametrize("policy", [*POLICIES, *UNUSUAL])
def test_the_quick_loop_agrees_with_real_caches_to_the_last_byte(policy, hashed, cdn):
    headers_for = look_up({**POLICIES, **UNUSUAL}[policy])
    files = SHOP if hashed else without_hashes(SHOP)
    visits = draw_visits(70, per_week=8, rng=2)
    for kept, purge_after in ((0, None), (2 * DAY, 600)):
        site = Site(files, draw_deploys(DAY, rng=2), kept)
        quick, slow = (
            run(site, headers_for, visits, cdn=cdn, purge_after=purge_after)
            for run in (simulate, walk)
        )
        for column in COLUMNS:
            assert np.array_equal(getattr(quick, column), getattr(slow, column)), column
        assert [getattr(quick, t) for t in TOTALS] == [getattr(slow, t) for t in TOTALS]


def test_the_loop_gives_the_same_bits_compiled_and_in_plain_python():
    site, visits = Site(SHOP, draw_deploys(DAY)), draw_visits(120, per_week=9)
    rules = read_rules(site, look_up(UNUSUAL["grace"]))
    outcomes = []
    for loop in (browse, browse.python):
        out = empty_outcome(len(visits), len(SHOP))
        shape = shape_of(site, visits)
        copies, edge = empty_caches(visits, shape)
        purged = np.full(len(visits), -(2**62))
        version = site.version_at(visits.time)
        loop(
            *(visits.time, visits.user, visits.route, version, purged),
            *(shape, rules, True, copies, edge, out),
        )
        outcomes.append(out)
    assert all(np.array_equal(*columns) for columns in zip(*outcomes, strict=True))


# Laws


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("cdn", [False, True])
def test_every_request_is_answered_in_one_of_four_ways(policy, cdn):
    visits = draw_visits(2_000)
    week = simulate(Site(SHOP, draw_deploys(DAY)), look_up(POLICIES[policy]), visits, cdn=cdn)
    assert week.requests == 9 * len(visits)
    assert week.sent == week.requests - week.how[:, HIT].sum()
    assert week.sent >= week.at_origin if cdn else week.sent == week.at_origin
    sizes = np.array([file.size for file in SHOP])
    whole = (week.how[:, SENT] * sizes).sum() + HEADER_BYTES * week.sent
    most_missing = int((week.page == BROKEN).sum()) * max(sizes)  # a 404 has no body
    assert whole - most_missing <= week.received.sum() <= whole


def test_no_store_downloads_everything_each_time():
    week = simulate(Site(SHOP), look_up({"*": "no-store"}), draw_visits(500))
    assert set(week.received.tolist()) == {Site(SHOP).first_visit_bytes}
    assert week.how[:, SENT].sum() == week.requests


def test_no_cache_asks_for_everything_and_is_never_old():
    site = Site(SHOP, draw_deploys(DAY))
    week = simulate(site, look_up({"*": "no-cache"}), draw_visits(3_000))
    assert week.sent == week.requests
    assert set(week.page.tolist()) == {CURRENT}
    assert week.how[:, VALIDATED].sum() > week.requests / 3
    assert week.how[:, REFRESHED].sum() == 0


def test_old_pages_do_not_become_fewer_when_the_page_is_kept_longer():
    site, visits = Site(SHOP, draw_deploys(DAY)), draw_visits(20_000)
    ages = (0, MINUTE, HOUR, 8 * HOUR, DAY)
    policies = [{**POLICIES["by kind"], "/": f"max-age={age}"} for age in ages]
    weeks = [simulate(site, look_up(policy), visits) for policy in policies]
    wrong = [week.share(OLD) + week.share(BROKEN) for week in weeks]
    asked = [week.sent for week in weeks]
    assert wrong == sorted(wrong)
    assert wrong[0] == 0 < 0.2 < wrong[-1]
    assert asked == sorted(asked, reverse=True)


def test_the_same_seed_gives_the_same_run():
    runs = [
        simulate(
            Site(SHOP, draw_deploys(DAY, rng=seed)),
            look_up(POLICIES["a day for all"]),
            draw_visits(2_000, rng=seed),
        )
        for seed in (1, 1, 2)
    ]
    same, other = [np.array_equal(runs[0].page, run.page) for run in runs[1:]]
    assert same
    assert not other


def test_a_cart_without_a_header_is_shown_to_others_by_a_cdn():
    site, visits = Site(SHOP), draw_visits(2_000)
    by_kind = POLICIES["by kind"]
    leaks = {
        header: simulate(site, look_up({**by_kind, "/api/cart": header}), visits, cdn=True).leaks
        for header in ("", "max-age=30", "public, no-cache", "private, max-age=30", "no-store")
    }
    assert leaks[""] > 100
    assert leaks["max-age=30"] > 0
    assert leaks["private, max-age=30"] == leaks["no-store"] == 0


# What is served


def test_an_origin_answers_by_path_deploy_and_condition():
    site = Site(TINY, deploys=(1_000, 2_000), kept=500)
    clock = Clock(MONDAY)
    origin = Origin(site, look_up({"/": "no-cache"}), clock)

    def ask(path, now, **headers):
        clock.now = float(MONDAY + now)
        return origin(Request(HOST + path, headers=headers))

    page = ask("/", 1_500)
    assert (page.status, content_of(page), page.get("Cache-Control")) == (200, 1, "no-cache")
    assert ask("/", 1_600, **{"If-None-Match": page.get("ETag")}).status == 304
    assert ask("/", 2_000, **{"If-None-Match": page.get("ETag")}).status == 200
    first, chunk = (TINY[1].path_of(content) for content in (0, 1))
    seen = [ask(chunk, now).status for now in (999, 1_000, 2_499, 2_500)]
    assert seen == [404, 200, 200, 404]
    assert ask(first, 0).get("Cache-Control") is None
    assert ask("/else", 0).status == 404
    assert origin.asked[-1] == ("/else", 404)


def test_data_changes_by_the_clock_and_a_cart_by_its_owner():
    world = World(Site(SHOP), look_up({}))
    prices = [content_of(world.fetch(1, "/api/prices", now)) for now in (0, 299, 4_000)]
    carts = [content_of(world.fetch(user, "/api/cart", 0)) for user in (1, 2)]
    assert (prices, carts) == ([0, 0, 13], [1, 2])


def test_a_file_changes_with_every_so_many_deploys():
    site = Site((TINY[0], File("/lib.{hash}.js", "script", 1, every=2)), deploys=(10, 20, 30, 40))
    assert site.contents[:, 1].tolist() == [0, 0, 1, 1, 2]
    assert site.begun[1, 1:3].tolist() == [20, 40]
    assert site.version_at([0, 10, 39, 40]).tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("value", "browser", "shared"),
    [
        ("", (HEURISTIC, 0, True), (HEURISTIC, 0, True)),
        ("max-age=60", (60, 0, True), (60, 0, True)),
        ("max-age=60, s-maxage=9", (60, 0, True), (9, 0, True)),
        ("max-age=60, s-maxage=9, stale-while-revalidate=5", (60, 5, True), (9, 0, True)),
        ("no-cache, max-age=60", (0, 0, True), (0, 0, True)),
        ("no-store, max-age=60", (0, 0, False), (0, 0, False)),
        ("private, max-age=60", (60, 0, True), (0, 0, False)),
        ("max-age=1, must-revalidate, stale-while-revalidate=5", (1, 0, True), (1, 0, True)),
        ("max-age=-5", (0, 0, True), (0, 0, True)),
        ("max-age=99999999999", (2**31, 0, True), (2**31, 0, True)),
        ("immutable", (HEURISTIC, 0, True), (HEURISTIC, 0, True)),
    ],
)
def test_a_header_says_what_the_standard_says(value, browser, shared):
    assert allowed(value, shared=False) == browser
    assert allowed(value, shared=True) == shared


def test_visits_are_at_the_same_moments_for_all_users():
    rare, often = draw_visits(1_000, per_week=1), draw_visits(1_000, per_week=10)
    assert np.array_equal(rare.time, often.time)
    assert (rare.users, often.users) == (500, 50)
    assert rare.time.max() < 2 * WEEK


def test_deploys_are_about_an_interval_apart():
    gaps = np.diff(draw_deploys(DAY, rng=5))
    assert gaps.size == 13
    assert (gaps >= DAY / 2).all()
    assert (gaps <= 1.5 * DAY).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: File("index.html", "page", 1), "path must begin with a slash, got 'index.html'"),
        (lambda: File("/", "page", 0), "size must be a whole number of at least 1, got 0"),
        (lambda: File("/", "page", 1, wave=3), "wave must lie between 0 and 2, got 3"),
        (lambda: File("/a", "data", 1), "period of /a must be above 0 for data only"),
        (lambda: File("/a", "page", 1, period=-5), "period of /a must be above 0 for data only"),
        (lambda: File("/a", "scripts", 1), "kind must be one of page, .*, got 'scripts'"),
        (lambda: Site(()), "files must begin with a page"),
        (lambda: Site(TINY, deploys=(5, 5)), r"deploys must ascend, got \(5, 5\)"),
        (lambda: Site(TINY, kept=-1), "kept must be a whole number of at least 0, got -1"),
        (lambda: draw_visits(0), "visits must be a whole number of at least 1, got 0"),
        (lambda: draw_visits(1, per_week=0), "per_week must be a finite number above 0, got 0"),
        (lambda: draw_deploys(-1), "interval must be a finite number above 0, got -1"),
        (
            lambda: simulate(Site(TINY), look_up({}), draw_visits(1), purge_after=-1),
            "purge_after must be a whole number of at least 0, got -1",
        ),
        (lambda: visits_of((5, 0, 0), (4, 0, 0)), "time must ascend"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
