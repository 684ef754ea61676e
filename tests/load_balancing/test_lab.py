"""The lab's demands are fair, and the models behind its cases are right."""

import inspect
import re
from dataclasses import replace

import pytest

from helpers.checks import TODO
from helpers.checks.labs import judge_function
from helpers.load_balancing import lab, lab_pictures
from helpers.load_balancing.lab import (
    CHECKS,
    find_outliers,
    outlier_case,
    run_case,
    server,
    trial_case,
    turns,
    turns_case,
)
from helpers.load_balancing.policies import policy_named
from helpers.load_balancing.trials import (
    DEAD_SERVER,
    MOST_FAILED,
    SLOW_SERVER,
    STALE_BOARD,
    TARGET,
    TRIALS,
    is_within_limits,
    report_on,
    run_trial,
    vary_trials,
)
from tools import lab_table

WRONG = lab_table.load_wrong_answers("load_balancing")
ANSWERS = lab_table.load_answers(lab_table.find_lab("load_balancing"))
BALANCER = "load_balancing.balancer"


def gets_through(make, trial) -> bool:
    return is_within_limits(report_on(make, trial), trial)


@pytest.mark.parametrize(
    ("part", "trial"),
    [
        ("WithoutSlowness", SLOW_SERVER),
        ("QuickErrors", DEAD_SERVER),
        ("GoRoundAmongTheWell", DEAD_SERVER),
        ("Unforgiving", DEAD_SERVER),
        ("WithoutItsOwn", STALE_BOARD),
    ],
)
def test_each_part_of_the_reference_carries_load_in_one_of_the_trials(part, trial):
    assert gets_through(WRONG.Ejecting, trial)
    assert not gets_through(getattr(WRONG, part), trial)


class Blank:
    def __call__(self, view):
        return TODO

    def answered(self, answer):
        return TODO


class RestsOnBlank(Blank):
    def __call__(self, view):
        return min(range(view.servers), key=lambda s: view.in_flight[s] + TODO)


@pytest.mark.parametrize("stub", [Blank, RestsOnBlank])
def test_a_balancer_that_is_a_stub_counts_as_not_attempted(stub):
    assert judge_function(BALANCER, CHECKS[BALANCER], stub).tone == "open"


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    demand = CHECKS[question]
    known = {"error"} | {name for case in demand.cases for name in case.mistakes}
    if demand.judge:
        reasons = (lab.why, lab.why_failed, lab.why_late)
        source = "".join(inspect.getsource(reason) for reason in reasons)
        known |= set(re.findall(r'"(\w+)"', source))
    assert set(demand.hints) - known == set()


# The demands are fair: simple ideas meet them, on trials that nobody has seen


class SlowerMemory(WRONG.Ejecting):
    memory, times = 0.95, 2.5


class LongerEjection(WRONG.Ejecting):
    ejection = 40.0


class TwoOut(WRONG.Ejecting):
    most_out = 2


@pytest.mark.parametrize("idea", [SlowerMemory, LongerEjection, TwoOut])
def test_other_simple_ideas_pass_too(idea):
    assert all(gets_through(idea, trial) for trial in TRIALS)


@pytest.mark.parametrize("seed", range(2))
def test_trials_drawn_for_a_grader_are_as_fair_and_as_hard(seed):
    trials = vary_trials(seed)
    assert all(gets_through(ANSWERS["Balancer"], trial) for trial in trials)
    for name in ("GoRound", "LeastConnections", "QuickErrors", "WithoutItsOwn", "Unforgiving"):
        make = getattr(WRONG, name)
        assert not all(gets_through(make, trial) for trial in trials), name


def test_trials_are_drawn_alike_from_the_same_seed():
    assert vary_trials(4) == vary_trials(4) != vary_trials(5)


def test_no_policy_of_the_course_gets_through_all_trials():
    for name in ("round robin", "two choices", "least connections", "peak EWMA"):
        reports = [run_trial(name, trial) for trial in TRIALS]
        assert any(r.quantile(0.99) > TARGET or r.share_failed > MOST_FAILED for r in reports)


# What a report notices


def test_a_report_tells_what_a_balancer_looks_at():
    def minds(make):
        report = report_on(make, replace(SLOW_SERVER, arrival_rate=30.0))
        return report.minds_load, report.minds_slowness, report.minds_errors

    assert minds(WRONG.GoRound) == (False, False, False)
    assert minds(WRONG.TwoChoices) == (True, False, False)
    assert minds(WRONG.QuickErrors) == (True, True, False)
    assert minds(WRONG.WithoutSlowness) == (True, False, True)
    assert minds(WRONG.GoRoundAmongTheWell) == (False, True, True)


def test_who_takes_the_first_of_equals_is_not_called_blind():
    class First(WRONG.Ejecting):
        def __call__(self, view):
            everyone = range(view.servers)
            welcome = [s for s in everyone if self.out_until.get(s, 0) <= view.now]
            return min(welcome, key=lambda s: view.in_flight[s])

    seen = lab.look_closer(First)
    assert [name for name, is_so in seen.items() if is_so] == [
        "minds_load",
        "minds_slowness",
        "minds_errors",
    ]
    assert not any(lab.look_closer(WRONG.GoRound).values())
    assert lab.look_closer(WRONG.CountsForEver)["hoards"]
    assert lab.look_closer(WRONG.PlaceInTheList)["misplaces"]


def test_a_report_counts_what_the_ill_server_got():
    report = report_on(WRONG.GoRound, DEAD_SERVER)
    assert report.ill_share == pytest.approx(1 / 12, abs=0.001)
    assert report.failed == pytest.approx(100 / (24_000 / 96) / 12, rel=0.1)
    assert report_on(WRONG.Unforgiving, DEAD_SERVER).last_share == 0


def test_the_learner_s_balancer_is_made_anew_for_each_trial():
    report = run_case(ANSWERS["Balancer"], trial_case(SLOW_SERVER))
    assert report == run_case(ANSWERS["Balancer"], trial_case(SLOW_SERVER))


# The reference behind the cases


@pytest.mark.parametrize("weights", [[5, 1, 1], [3, 2], [4, 3, 2, 1], [7]])
def test_turns_are_the_course_s_policy(weights):
    length = 2 * sum(weights)
    given = turns(weights, length)
    assert given == ANSWERS["weighted_turns"](weights, length)
    assert [given.count(s) for s in range(len(weights))] == [2 * weight for weight in weights]
    assert callable(policy_named("weighted round robin"))


def test_outliers_by_hand():
    recent = [[0.1] * 10, [0.2] * 10, [0.3] * 10, [0.9] * 10, [9.0] * 9]
    assert find_outliers(recent, times=3, most=0.5) == [3]
    assert find_outliers(recent, times=4, most=0.5) == []
    assert find_outliers([], times=3, most=1) == []


def test_cases_know_the_mistakes_that_differ_from_the_answer_only():
    assert turns_case([1, 1], 4).mistakes.keys() == {"latest", "from_one"} | {
        name for name in ("own_weight", "saves_late") if name in turns_case([1, 1], 4).mistakes
    }
    assert outlier_case([server(0.1)] * 4).mistakes.get("no_limit") is None


# The pictures


def test_pictures_say_what_they_show():
    shown = lab_pictures.show_turns(ANSWERS["weighted_turns"])
    assert shown.alt.startswith("In blocks, 4 requests in a row meet the same server; with your")
    day = lab_pictures.show_trial(ANSWERS["Balancer"], SLOW_SERVER)
    run = run_trial(ANSWERS["Balancer"](), SLOW_SERVER)
    assert day.alt.startswith(f"Your balancer: p99 {float(f'{1000 * run.quantile(0.99):.2g}'):g}")


@pytest.mark.parametrize(
    ("show", "title"),
    [
        (lambda _: lab_pictures.show_turns(lambda *_: TODO), "In blocks, 4"),
        (lambda _: lab_pictures.show_turns(lambda *_: [max(1, TODO)]), "In blocks, 4"),
        (lambda _: lab_pictures.show_trial(Blank, SLOW_SERVER), "Least connections: p99"),
        (lambda _: lab_pictures.show_trial(RestsOnBlank, SLOW_SERVER), "Least connections: p99"),
    ],
)
def test_a_picture_does_without_an_answer_that_is_todo_and_says_so(show, title, capsys):
    assert title in show(None).alt
    assert "is TODO, or rests on an answer that is" in capsys.readouterr().out
