"""The lab's demands are fair, and the models behind its cases are right."""

import inspect
import re
from dataclasses import replace

import numpy as np
import pytest

from helpers.caching import lab, lab_pictures
from helpers.caching.choosing import (
    BETTER_THAN_LRU,
    PATTERNS,
    WORST_LOSS,
    Entry,
    run_policy,
    score_policy,
)
from helpers.caching.eviction import simulate
from helpers.caching.guarding import (
    COPY,
    MINUTES,
    RECOMPUTE_TIME,
    WORKERS,
    Database,
    Minute,
    Seen,
    ask_always,
    draw_minute,
    run_guard,
)
from helpers.caching.lab import CHECKS, fifo_hits, lru_case, lru_hits, refresh_case
from helpers.caching.rush import draw_rush
from helpers.caching.stampede import Guard, run_stampede
from helpers.caching.stampede_theory import early_chance
from helpers.checks import TODO
from helpers.checks.labs import judge_function
from tools import lab_table

WRONG = lab_table.load_wrong_answers("caching")
ANSWERS = lab_table.load_answers(lab_table.find_lab("caching"))


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    demand = CHECKS[question]
    known = {"error"} | {name for case in demand.cases for name in case.mistakes}
    if demand.judge:
        judges = (lab.judge_scores, lab.why_worse, lab.judge_minute)
        known |= set(re.findall(r'"(\w+)"', "".join(map(inspect.getsource, judges))))
    assert set(demand.hints) - known == set()


# The demands are fair, and hold on other draws


def gained(policy, seed):
    return [score_policy(policy, pattern, seed) for pattern in PATTERNS]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reference_policy_passes_on_patterns_nobody_has_seen(seed):
    scores = gained(ANSWERS["choose_victim"], seed)
    assert all(score.own >= score.lru - WORST_LOSS for score in scores)
    assert np.mean([score.gained for score in scores]) > BETTER_THAN_LRU


@pytest.mark.parametrize("seed", [1, 2])
def test_wrong_policies_fail_on_patterns_nobody_has_seen(seed):
    for name in ("fewest_hits", "newcomers_first", "first_come", "most_recently_used"):
        scores = gained(getattr(WRONG, name), seed)
        assert min(score.own - score.lru for score in scores) < -WORST_LOSS, name


def aged_and_found(entries):
    now = max(entry.used for entry in entries)
    return min(entries, key=lambda entry: (entry.hits + 1) / (now - entry.used + 1) ** 0.7).key


def twice_the_probation(entries):
    new = [entry for entry in entries if entry.hits == 0]
    group = new if len(new) > 20 or len(new) == len(entries) else set(entries) - set(new)
    return min(group, key=lambda entry: entry.used).key


@pytest.mark.parametrize("policy", [aged_and_found, twice_the_probation])
def test_other_simple_policies_pass_too(policy):
    verdict = judge_function("caching.choose_victim", CHECKS["caching.choose_victim"], policy)
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize("seed", [11, 12])
def test_the_guard_gets_through_minutes_nobody_has_seen(seed):
    for minute in MINUTES:
        report = run_guard(ANSWERS["guard"], replace(minute, seed=seed))
        assert lab.judge_minute(report, lab.guard_case(minute)) is None
        assert run_guard(ask_always, replace(minute, seed=seed)).most_in_flight > WORKERS


# The models of the lab


def test_the_optimum_is_never_beaten_and_lru_is_lru():
    for pattern in PATTERNS:
        own = score_policy(WRONG.least_recently_used, pattern, 4)
        assert own.own == own.lru < own.optimum
        best = score_policy(ANSWERS["choose_victim"], pattern, 4)
        assert best.own <= best.optimum


def test_a_policy_sees_when_a_key_came_when_it_was_used_and_how_often_it_was_found():
    seen = []

    def policy(entries):
        seen.append(entries)
        return entries[0].key

    run_policy(policy, [7, 8, 7, 7, 9], capacity=2)
    assert seen == [(Entry(7, 0, 3, 2), Entry(8, 1, 1, 0))]


def test_a_policy_that_names_a_key_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="choose_victim must give a key that is held, got 99"):
        run_policy(lambda entries: 99, [1, 2], capacity=1)


def test_an_unknown_pattern_is_named():
    with pytest.raises(ValueError, match=r"pattern must be one of .*, got 'noise'"):
        score_policy(WRONG.first_come, "noise")


def test_a_database_shares_its_speed_by_hand():
    database = Database(workers=1)
    database.ask(0, 1.0)
    assert database.work_until(0.5) == []
    database.ask(1, 1.0)  # half of the first is done; from here on both at half speed
    assert database.work_until(10.0) == [(1.5, 0), (2.0, 1)]


def test_a_minute_without_a_guard_has_as_many_queries_as_the_course_s_stampede():
    minute = Minute("one object", objects=1, seed=9)
    times, _ = draw_minute(minute)
    rush = draw_rush(1.0, 60.0, recompute_time=RECOMPUTE_TIME, rng=0)
    ones = np.ones(times.size)
    zeros = np.zeros(times.size, dtype=np.int64)
    rush = replace(
        rush, time=times, key=zeros, server=zeros, work=RECOMPUTE_TIME * ones, unit=ones,
        uniform=ones,
    )  # fmt: skip
    run = run_stampede(rush, Guard(), ttl=10.0, expires_at=5.0, workers=WORKERS)
    report = run_guard(ask_always, minute)
    assert report.most_in_flight == run.most_in_flight
    assert report.queries == pytest.approx(run.queries, abs=run.queries * 0.01)


def test_a_guard_that_hands_out_what_is_there_is_reported_as_it_was():
    report = run_guard(lambda seen: COPY, Minute("cold", is_warm=False, request_rate=10))
    times, _ = draw_minute(Minute("cold", is_warm=False, request_rate=10))
    assert report.handed_nothing == times.size
    assert report.queries == 0


def test_cases_know_the_answer():
    assert lru_case([5, 6, 5, 7, 6, 5], 2).expected == [False, False, True, False, False, False]
    assert refresh_case(100.0, 0.5, 0.25).expected == pytest.approx(99.30685)


@pytest.mark.parametrize("capacity", [1, 3, 10])
def test_the_lab_s_caches_agree_with_the_course_s(capacity):
    keys = np.random.default_rng(3).integers(20, size=500).tolist()
    assert lru_hits(keys, capacity) == simulate(keys, capacity, "lru").hits.tolist()
    assert fifo_hits(keys, capacity) == simulate(keys, capacity, "fifo").hits.tolist()


def test_the_moment_and_the_chance_of_an_early_refresh_agree():
    draws = np.random.default_rng(5).random(100_000)
    from_then = np.array([ANSWERS["refresh_from"](10.0, 0.5, u) for u in draws.tolist()])
    for gap in (0.1, 0.5, 1.0):
        expected = float(early_chance(gap, 0.5))
        error = (expected * (1 - expected) / draws.size) ** 0.5
        assert (from_then <= 10.0 - gap).mean() == pytest.approx(expected, abs=4 * error)


# The pictures


def test_pictures_say_what_they_show():
    policy = lab_pictures.show_policy(ANSWERS["choose_victim"])
    assert policy.alt.startswith("Your policy: 39% of the way from LRU to the optimum.")
    guard = lab_pictures.show_guard(ANSWERS["guard"], MINUTES[0])
    most = run_guard(ask_always, MINUTES[0]).most_in_flight
    assert guard.alt.startswith(
        f"Without a guard, {most:,} queries at once; with your guard, at most 4."
    )


def test_a_picture_does_without_an_answer_that_is_todo_and_says_so(capsys):
    def todo(*_):
        return TODO

    def rests_on_todo(*_):
        return TODO + 1

    for unfinished in (todo, rests_on_todo):
        assert "First in, first out" in lab_pictures.show_policy(unfinished).alt
        assert "your guard" not in lab_pictures.show_guard(unfinished, MINUTES[0]).alt
        assert capsys.readouterr().out.count("is TODO, or rests on an answer that is") == 2


def test_a_guard_sees_that_a_query_is_on_its_way():
    seen: list[Seen] = []

    def guard(what):
        seen.append(what)
        return "ask" if what.asked_at is None else "wait"

    run_guard(guard, Minute("one", request_rate=200, objects=1, is_warm=False))
    assert seen[0] == Seen(seen[0].now, None, None)
    assert seen[1].asked_at == seen[0].now
    done = next(what for what in seen if what.copy_ends is not None)
    assert done.copy_ends == pytest.approx(seen[0].now + RECOMPUTE_TIME + 10.0)
    assert done.asked_at is None
