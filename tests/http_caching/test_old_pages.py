"""Old pages after a deploy: the formula in its limits, and beside the simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.http_caching.old_pages import find_tail, last_old, share_old
from helpers.http_caching.policies import POLICIES, look_up
from helpers.http_caching.returning import ago, headers_of, look_at, run_shop
from helpers.http_caching.site import DAY, HOUR, MINUTE, SHOP, WEEK, Site
from helpers.http_caching.visitors import draw_deploys, draw_visits
from helpers.http_caching.week import BROKEN, OLD, simulate

durations = st.floats(1, 1e6)


def run(header, per_week=7.0, cdn=False):
    policy = look_up({**POLICIES["by kind"], "/": header})
    return simulate(
        Site(SHOP, draw_deploys(DAY, rng=3)), policy, draw_visits(per_week=per_week), cdn=cdn
    )


def test_nobody_is_shown_an_old_page_after_its_life():
    assert share_old([DAY, 2 * DAY], DAY, 1 / DAY).tolist() == [0, 0]


def test_who_comes_all_the_time_has_the_old_page_until_half_of_its_life_on_average():
    often = share_old([0, HOUR / 2], HOUR, visit_rate=1e6)
    assert often == pytest.approx([1, 0.5])


def test_who_never_comes_again_has_nothing_old():
    assert share_old([0], HOUR, visit_rate=1e-12)[0] == pytest.approx(0, abs=1e-6)


def test_an_endless_grace_shows_everybody_the_old_page_first():
    assert share_old([0], HOUR, 1 / DAY, grace=1e9)[0] == pytest.approx(1)


@given(durations, durations, st.floats(1e-7, 1e-2), st.floats(0, 1e6))
def test_a_share_falls_with_time_and_rises_with_grace(t, max_age, rate, grace):
    first, later = share_old([t, t + 60], max_age, rate, grace)
    assert 0 <= later <= first <= 1 + 1e-9
    assert share_old([t], max_age, rate, grace + 60)[0] >= first - 1e-12


@pytest.mark.parametrize("per_week", [3, 7, 20])
@pytest.mark.parametrize(
    ("header", "age", "grace"),
    [("max-age=86400", DAY, 0), ("max-age=14400, stale-while-revalidate=86400", 4 * HOUR, DAY)],
)
def test_the_simulation_meets_the_formula(header, age, grace, per_week):
    edges = np.arange(0, 13 * HOUR, HOUR)
    tail = find_tail(run(header, per_week), edges)
    expected = share_old(edges[:-1] + HOUR / 2, age, per_week / WEEK, grace)
    error = np.sqrt(expected * (1 - expected) / tail.visits)
    # 4.5 standard errors: twelve bins at a time
    assert (np.abs(tail.not_current - expected) < 4.5 * error + 1e-9).all()


def test_the_last_old_page_is_seen_just_before_its_life_ends():
    assert 0.97 * DAY < last_old(run("max-age=86400")) < DAY
    assert last_old(run("no-cache")) == 0


def test_a_tail_counts_each_visit_once():
    week = run("max-age=86400")
    tail = find_tail(week, [0, HOUR, 5 * HOUR, 3 * DAY])
    assert tail.visits.sum() == len(week.visits.time[week.counted])
    wrong = ((tail.old + tail.broken) * tail.visits).sum() / tail.visits.sum()
    assert wrong == pytest.approx(week.share(OLD) + week.share(BROKEN))


def test_a_bin_without_visits_has_no_share():
    tail = find_tail(run("no-cache"), [40 * DAY, 41 * DAY])
    assert tail.visits[0] == 0
    assert np.isnan(tail.not_current[0])


def test_an_estimate_has_the_spread_of_a_share():
    tail = find_tail(run("max-age=86400"), [0, HOUR])
    estimate = tail.estimate(0)
    share, count = estimate.value, int(tail.visits[0])
    assert estimate.half_width == pytest.approx(1.96 * (share * (1 - share) / count) ** 0.5)


def test_a_summary_is_that_of_its_run():
    shown, week = look_at(DAY, DAY, 7, False, 0), run_shop(DAY, DAY, 7, False, 0)
    assert shown.broken == week.share(BROKEN) > 0.1
    assert shown.received == week.mean(week.received)
    assert shown.requests == week.requests > 1_000_000
    assert f"{shown.broken:.1%} a broken one" in shown.in_words
    assert look_at(DAY, DAY, 7, True, 0).formula is None


def test_words_are_a_person_s():
    assert headers_of(MINUTE, 0) == "max-age=60"
    assert [ago(span) for span in (10, 120, 3 * HOUR, 3 * DAY)] == [
        "10 s",
        "2 min",
        "3 h",
        "3 days",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: share_old([0], -1, 1), "max_age must be a finite number of at least 0, got -1"),
        (lambda: share_old([0], 1, 0), "visit_rate must be a finite number above 0, got 0"),
        (lambda: share_old([-2], 1, 1), "since_deploy must be at least 0, got -2"),
        (lambda: share_old([0], 1, 1, -3), "grace must be a finite number of at least 0, got -3"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
