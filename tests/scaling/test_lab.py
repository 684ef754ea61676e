"""The lab's demands are fair, and the models behind its cases are right."""

import inspect
import re
from dataclasses import replace

import pytest

from helpers.checks import TODO
from helpers.checks.labs import judge_function
from helpers.scaling import lab, lab_pictures
from helpers.scaling.day_report import (
    BUDGET,
    CRISIS,
    DAYS,
    ELSE,
    LAST_YEAR,
    MOST_LATE,
    MOST_LATE_IN_FIVE_MINUTES,
    NOON,
    constant_plan,
    follow,
    largest_fall,
    last_years_plan,
    report_on,
    run_day,
    vary_days,
    what_it_looks_at,
)
from helpers.scaling.lab import CHECKS, day_case, one_busy_minute, steady_case, waiting_case
from helpers.scaling.planning import fewest_servers, hourly_plan, share_late
from helpers.scaling.queueing import erlang_c
from helpers.scaling.response_time import response_quantile, servers_needed
from helpers.scaling.sale_day import SaleDay
from helpers.scaling.simulation import simulate
from tools import lab_table

WRONG = lab_table.load_wrong_answers("scaling")
ANSWERS = lab_table.load_answers(lab_table.find_lab("scaling"))


def test_an_answer_that_rests_on_a_stub_counts_as_not_attempted():
    def autoscale(observation):
        return max(1, TODO + observation.servers)

    verdict = judge_function("scaling.autoscale", CHECKS["scaling.autoscale"], autoscale)
    assert verdict.tone == "open"


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    demand = CHECKS[question]
    found_by_any = {"error", "late", "infinite", "shape", "kind"}
    known = {name for case in demand.cases for name in case.mistakes}
    if demand.judge:
        source = inspect.getsource(lab.why_late) + inspect.getsource(lab.judge_day)
        known |= set(re.findall(r'"(\w+)"', source))
    assert set(demand.hints) - known - found_by_any == set()


# The demands are fair: simple ideas meet them, on days that nobody has seen


def needed(rate: float) -> int:
    return int(fewest_servers(rate, 2.0, 3.0))


def is_within_limits(policy, day) -> bool:
    report = report_on(policy, day)
    return (
        report.late_share <= MOST_LATE
        and report.worst_late_share <= MOST_LATE_IN_FIVE_MINUTES
        and report.server_hours <= BUDGET
    )


def half_busy_and_slow_to_let_go(seen):
    wish = max(1, -int(-seen.servers * seen.utilization // 0.5))
    return max(wish, seen.servers + seen.starting - 1)


SIMPLE_IDEAS = {
    "half more": lambda seen: needed(1.5 * max(seen.recent_arrival_rates)),
    "twice": lambda seen: needed(2.0 * max(seen.recent_arrival_rates)),
    "ten minutes back": lambda seen: needed(1.6 * max(seen.recent_arrival_rates[-10:])),
    "half busy, one at a time": half_busy_and_slow_to_let_go,
}


@pytest.mark.parametrize("idea", SIMPLE_IDEAS.values(), ids=SIMPLE_IDEAS)
def test_other_simple_ideas_pass_too(idea):
    assert all(is_within_limits(idea, day) for day in DAYS)


@pytest.mark.parametrize("seed", range(2))
def test_days_drawn_for_a_grader_are_as_fair_and_as_hard(seed):
    days = vary_days(seed)
    assert all(is_within_limits(ANSWERS["autoscale"], day) for day in days)
    for name in ("without_head_room", "by_the_mean_rate", "threefold", "last_years_hours"):
        assert not all(is_within_limits(getattr(WRONG, name), day) for day in days), name


def test_days_are_drawn_alike_from_the_same_seed():
    assert vary_days(4) == vary_days(4) != vary_days(5)


def test_the_constant_plan_meets_the_target_but_not_the_budget():
    report = report_on(lambda seen: constant_plan(), LAST_YEAR)
    assert report.late_share <= MOST_LATE
    assert report.server_hours == pytest.approx(24 * constant_plan(), rel=0.01)
    assert report.server_hours / 2 > BUDGET


# What a report notices


@pytest.mark.parametrize("name", ELSE)
def test_what_a_policy_looks_at_is_found(name):
    def policy(seen):
        value = getattr(seen, name)
        return int(10 * (value[-1] if isinstance(value, tuple) else value))

    assert what_it_looks_at(policy) == (name,)


def test_a_policy_that_fails_on_a_made_up_observation_is_still_looked_into():
    def policy(seen):
        if seen.queue > 1000:
            raise LookupError
        return 7

    assert what_it_looks_at(policy) == ("queue",)


def test_a_fall_is_the_largest_from_any_value_to_a_later_one():
    assert largest_fall([40, 30, 50, 20, 60]) == pytest.approx(0.6)
    assert largest_fall([1, 2, 3]) == 0


def test_a_plan_is_followed_an_hour_at_a_time_and_early():
    policy = follow([1, 5, 2, *[1] * 21])
    at = [policy(replace(CRISIS, time=60.0 * minute)) for minute in (30, 57, 90, 118, 130, 185)]
    assert at == [1, 5, 5, 5, 2, 1]


# The reference behind the cases


@pytest.mark.parametrize("servers", [1, 2, 3, 8, 40])
@pytest.mark.parametrize("utilization", [0.2, 0.5, 0.75, 0.97])
def test_the_share_of_late_requests_agrees_with_the_quantile(servers, utilization):
    rate = 2.0 * servers * utilization
    for q in (0.9, 0.99):
        target = float(response_quantile(q, [rate], 2.0, servers)[0])
        waits = erlang_c(servers, rate / 2.0)
        assert share_late(target, servers, rate, 2.0, waits) == pytest.approx(1 - q, rel=1e-5)


def test_the_share_of_late_requests_is_smooth_where_the_formula_divides_by_zero():
    at, beside = (share_late(3.0, 2, rate, 2.0, 0.3) for rate in (2.0, 2.0001))
    assert at == pytest.approx(beside, rel=1e-3)


def test_the_share_of_late_requests_is_what_a_simulation_counts():
    run = simulate(12.0, 2.0, 8, requests=400_000, rng=5)
    late = (run.response_time > 2.0).mean()
    expected = share_late(2.0, 8, 12.0, 2.0, erlang_c(8, 6.0))
    assert late == pytest.approx(expected, rel=0.06)  # waits in a row are alike


def test_everyone_is_late_where_more_comes_than_can_be_done():
    assert share_late(3.0, 5, 10.0, 2.0, 1.0) == 1.0


@pytest.mark.parametrize("rate", [0.5, 3.0, 10.0, 27.7, 90.0])
def test_fewest_servers_agrees_with_the_search_by_quantile(rate):
    assert fewest_servers(rate, 2.0, 3.0) == servers_needed(rate, 2.0, 3.0)


def test_an_hour_is_planned_for_its_busiest_minute():
    plan = hourly_plan(one_busy_minute(9, 17), 2.0, 3.0)
    assert [hour for hour, servers in enumerate(plan) if servers != plan[0]] == [9]
    assert plan[9] == fewest_servers(30.0, 2.0, 3.0)


def test_a_plan_needs_whole_hours():
    with pytest.raises(ValueError, match=r"arrival_rate_by_minute must hold whole hours"):
        hourly_plan([1.0] * 61, 2.0, 3.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: share_late(-1, 1, 1, 1, 0), "target must be a finite number of at least 0"),
        (lambda: share_late(1, 0, 1, 1, 0), "servers must be a whole number of at least 1, got 0"),
        (lambda: share_late(1, 1, 1, 0, 0), "service_rate must be a finite number above 0, got 0"),
        (lambda: share_late(1, 1, 1, 1, 2), "chance_to_wait must lie between 0 and 1, got 2"),
        (lambda: fewest_servers(-1, 1, 10), "arrival_rate must be a finite number of at least 0"),
        (lambda: fewest_servers(1, 1, 0), "target_p99 must be a finite number above 0, got 0"),
        (lambda: fewest_servers(1e9, 1, 10), "arrival_rate must lie between 0 and 10000"),
        (lambda: SaleDay("", 25, 2), "sale_at must lie between 0 and 24, got 25"),
        (lambda: SaleDay("", 12, 0.5), "height must be a finite number of at least 1, got 0.5"),
        (lambda: SaleDay("", 12, 2, growth=1), "growth must be a finite number above 1, got 1"),
        (lambda: NOON.requests(0), "service_rate must be a finite number above 0, got 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_cases_know_the_answer_of_the_theory():
    assert waiting_case(2, 0.5).expected == pytest.approx(0.1)
    assert steady_case(10.0, 2.0, 3.0).expected == 7
    assert day_case(one_busy_minute(0, 0)).expected[:2] == [17, 2]


# The days


def test_a_sale_multiplies_the_day_and_grows_by_a_tenth_a_minute():
    rates = LAST_YEAR.rate_by_minute()
    usual = replace(LAST_YEAR, height=1).rate_by_minute()
    boost = rates / usual
    assert boost[: 20 * 60] == pytest.approx(1)
    assert boost.max() == pytest.approx(4)
    rising = boost[20 * 60 : 20 * 60 + 14]
    assert rising[1:] / rising[:-1] == pytest.approx(1.1)


def test_an_outage_keeps_nine_in_ten_away_for_its_minutes():
    with_it, without = NOON.rate_by_minute(), replace(NOON, outage=0).rate_by_minute()
    ratio = with_it / without
    assert (ratio < 0.5).sum() == 5
    assert ratio.min() == pytest.approx(0.1)


def test_a_day_s_requests_come_at_its_rates():
    workload, service_time = NOON.requests(2.0)
    by_hour = workload.counts(3600.0)
    expected = NOON.rate_by_minute().reshape(24, 60).mean(axis=1) * 3600
    assert (abs(by_hour - expected) < 5 * expected**0.5).all()
    assert service_time.mean() == pytest.approx(0.5, rel=0.01)


def test_the_same_day_has_the_same_requests():
    first, again = (NOON.requests(2.0)[1] for _ in range(2))
    other = replace(NOON, seed=9).requests(2.0)[1]
    assert (first == again).all()
    assert first[:100].tolist() != other[:100].tolist()


# The pictures


def test_pictures_say_what_they_show():
    busy = lab_pictures.show_how_busy(ANSWERS["servers_for_steady_load"])
    assert busy.alt.startswith("A small tier may be 25 % busy, a large one 97 %.")
    plan = lab_pictures.show_plan(ANSWERS["plan_day"])
    assert plan.alt.startswith("A plan by the hour needs 77 % fewer server-hours.")
    day = lab_pictures.show_day(ANSWERS["autoscale"], NOON)
    run = run_day(ANSWERS["autoscale"], NOON)
    assert f"{run.server_hours:,.0f} server-hours" in day.alt


@pytest.mark.parametrize(
    ("show", "title"),
    [
        (lab_pictures.show_how_busy, "How busy may a tier be"),
        (lab_pictures.show_plan, "One number for all day"),
        (lambda todo: lab_pictures.show_plan_on(todo, NOON), "1,008 server-hours"),
        (lambda todo: lab_pictures.show_day(todo, NOON), "1,008 server-hours"),
    ],
)
def test_a_picture_does_without_an_answer_that_is_todo_and_says_so(show, title, capsys):
    def todo(*_):
        return TODO

    def rests_on_todo(*_):
        return [max(1, TODO)]

    for unfinished in (todo, rests_on_todo):
        assert title in show(unfinished).alt
        assert "is TODO, or rests on an answer that is" in capsys.readouterr().out


def test_the_numbers_told_in_the_lab_are_the_model_s():
    plan = last_years_plan()
    assert (sum(plan), max(plan), min(plan), 24 * max(plan)) == (233, 42, 3, 1008)
    on_its_own_day = report_on(follow(plan), LAST_YEAR)
    assert on_its_own_day.worst_late_share == pytest.approx(0.08, abs=0.005)
    assert 7 * 3600 < on_its_own_day.worst_at < 9 * 3600
    assert plan[7:9] == [3, 3]
    run = run_day(follow(plan), NOON)
    assert run.in_flight(13.5 * 3600) == pytest.approx(140_000, rel=0.02)
    at_three = run.arrival_time.searchsorted(15 * 3600)
    assert run.waiting_time[at_three] / 60 == pytest.approx(94, abs=1)
    assert run.in_flight(20 * 3600) > 1000 > run.in_flight(20.5 * 3600)
    assert fewest_servers(2 * 0.54 * 2, 2.0, 3.0) == 2 < fewest_servers(2 * 0.545 * 2, 2.0, 3.0)
    assert fewest_servers(48.5 * 2, 2.0, 3.0) == 50
