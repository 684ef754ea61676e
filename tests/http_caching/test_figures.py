"""The figures say what the results say."""

import numpy as np
import pytest

from helpers.figure import new_figure, picture
from helpers.http_caching import figures
from helpers.http_caching.by_cache import walk
from helpers.http_caching.har_headers import read_har
from helpers.http_caching.old_pages import find_tail, share_old
from helpers.http_caching.policies import POLICIES, look_up
from helpers.http_caching.savings import Savings, find_savings
from helpers.http_caching.site import DAY, HOUR, SHOP, WEEK, Site
from helpers.http_caching.variants import vary
from helpers.http_caching.visitors import draw_deploys, draw_visits
from helpers.http_caching.week import BROKEN, OLD, simulate

SITE = Site(SHOP, draw_deploys(DAY, rng=3))
VISITS = draw_visits(8_000, per_week=7)


@pytest.fixture(scope="module")
def weeks():
    return {name: simulate(SITE, look_up(policy), VISITS) for name, policy in POLICIES.items()}


def test_policies_are_drawn_with_their_bytes_and_their_harm(weeks):
    alt = picture(figures.draw_policies, weeks, columns=2).alt
    week = weeks["a day for all"]
    wrong = week.share(OLD) + week.share(BROKEN)
    assert f"a day for all: {wrong:.0%} get a wrong page" in alt
    second = weeks["an hour for all"]
    assert "662 at no-store for all" in alt
    assert f"The others: at most {second.mean(second.received) / 1e3:.0f} kB" in alt
    assert f"{week.mean(week.received) / 1e3:.3g} at a day for all" in alt


def test_tails_are_drawn_with_their_formulas(weeks):
    tail = find_tail(weeks["a day for all"], np.arange(0, DAY + 1, 2 * HOUR))
    formula = share_old(tail.edges, DAY, 7 / WEEK)
    alt = picture(figures.draw_tails, {"a day": (tail, formula), "bare": (tail, None)}).alt
    assert f"a day, by formula: {formula[0]:.3g} at 0" in alt
    assert f"a day: {tail.not_current[0]:.3g} at 1" in alt
    assert "bare, by formula" not in alt


def test_a_purge_is_drawn_hour_by_hour(weeks):
    alt = picture(figures.draw_purge, {"a day": weeks["a day for all"]}, HOUR).alt
    first = find_tail(weeks["a day for all"], [0, HOUR]).not_current[0]
    assert f"a day: {first:.3g} at 0" in alt


def test_an_outage_is_drawn_with_its_worst_quarter_of_an_hour():
    visits = draw_visits(60, span=6 * HOUR, per_week=7)
    down = (2 * HOUR, 4 * HOUR)
    runs = {
        name: walk(Site(SHOP), look_up({"*": header}), visits, cdn=True, down=down)
        for name, header in (("asks", "no-cache"), ("waits", "max-age=1, stale-if-error=9999"))
    }
    alt = picture(figures.draw_outage, runs, down).alt
    assert "One directive: 100% of visits get no page, or 0%" in alt


def test_variants_are_drawn_with_the_origin_s_load():
    run = vary([1, 8], requests=400)
    times = (1 - run.hit_ratio[1]) / (1 - run.hit_ratio[0])
    alt = picture(figures.draw_vary, run).alt
    assert f"From one variant to 8: the origin gets {times:.0f} times the requests" in alt


def test_savings_are_drawn_by_kind():
    savings = find_savings(read_har().resources)
    alt = picture(figures.draw_savings, savings).alt
    assert alt.startswith("17 requests to wait for and 55 kB become 4 and 6 kB.")
    assert f"now: {savings.rows[0].now.size / 1e3:.3g} at document" in alt


def test_one_kind_of_resource_is_enough_for_a_picture():
    savings = find_savings(read_har().resources)
    assert picture(figures.draw_savings, Savings(savings.rows[:1], DAY)).png


def test_a_fortnight_is_drawn_with_and_without_the_one_before(weeks):
    good, bad = weeks["by kind"], weeks["a day for all"]
    alone = picture(figures.draw_fortnight, bad, None, columns=2).alt
    both = picture(figures.draw_fortnight, good, bad, columns=2).alt
    assert f"{bad.share(BROKEN):.0%} of all visits end on a broken page" in alone
    assert "Thursday's, kB" in alone
    assert "yours" not in alone
    assert "Nobody sees an old page or a broken one" in both
    assert "Thursday's, kB" in both
    assert "yours, kB" in both


def test_a_fortnight_names_a_small_harm_and_makes_room_for_a_large_one(weeks):
    small = simulate(SITE, look_up({**POLICIES["by kind"], "/": "max-age=7200"}), VISITS)
    large = simulate(SITE, look_up({**POLICIES["by kind"], "/": "max-age=604800"}), VISITS)
    assert 0 < small.share(BROKEN) < 0.01
    told = picture(figures.draw_fortnight, small, weeks["by kind"], columns=2).alt
    assert f"{small.share(BROKEN):.2%} of all visits end on a broken page" in told
    _, (left, right) = new_figure(columns=2)
    figures.draw_fortnight(large, None, np.array([left, right]))
    assert find_tail(large, [0, HOUR]).not_current[0] < right.get_ylim()[1] > 0.65


def test_what_goes_on_in_the_background_is_told_apart_from_a_request_to_wait_for():
    assert figures.say(0, 600) == "0.6 kB in the background"
    assert figures.say(0, 0) == "nothing"
    assert figures.say(2, 600) == "2 requests, 0.6 kB"
