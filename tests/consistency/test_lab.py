"""The lab's demands are fair, and the days behind its cases do what they should."""

import inspect
import re
from itertools import pairwise

import pytest

from helpers.checks import TODO
from helpers.checks.labs import judge_function
from helpers.consistency import lab, lab_pictures
from helpers.consistency.lab import CHECKS, broken_by, quorum_case
from helpers.consistency.model import Leaderless, is_linearizable, run, stale_probability
from helpers.consistency.stormy_days import (
    DAYS,
    MEMORY_DAYS,
    NODES,
    NewestKnown,
    NoMemory,
    first_answer,
    memory_day,
    shown_on,
    stormy,
    unexplained_days,
    with_shown,
    without_repair,
)
from tools import lab_table

ANSWERS = lab_table.load_answers(lab_table.find_lab("consistency"))
WRONG = lab_table.load_wrong_answers("consistency").WRONG


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    demand = CHECKS[question]
    known = {"error"} | {name for case in demand.cases for name in case.mistakes}
    known |= {case.kwargs.get("if_nobody") for case in demand.cases}
    if demand.judge:
        known |= set(lab.WRONG_MEMORIES)
        judges = (lab.judge_read, lab.judge_choice, lab.why_not_newest, lab.judge_days,
                  lab.judge_memory)  # fmt: skip
        known |= set(re.findall(r'"(\w+)"', "".join(map(inspect.getsource, judges))))
    assert set(demand.hints) - known == set()


# The demands are fair, and hold on days nobody has seen

UNSEEN = range(1_000, 1_025)


def test_the_reference_read_is_like_one_copy_on_days_nobody_has_seen():
    assert unexplained_days(ANSWERS["quorum_read"], UNSEEN) == []


@pytest.mark.parametrize("rule", [without_repair, first_answer], ids=lambda rule: rule.__name__)
def test_without_the_mechanism_the_checker_finds_violations(rule):
    assert len(unexplained_days(rule, DAYS)) > len(DAYS) / 4
    assert len(unexplained_days(rule, UNSEEN)) > 3


def test_the_reference_memory_breaks_no_promise_and_a_page_without_one_breaks_two():
    without = set()
    for seed in (*MEMORY_DAYS, *UNSEEN[:4]):
        shown = shown_on(memory_day(ANSWERS["Memory"], seed))
        assert broken_by(shown, seed) & {"read your writes", "monotonic reads"} == set()
        without |= broken_by(shown_on(memory_day(NoMemory, seed)), seed)
    assert {"read your writes", "monotonic reads"} <= without


@pytest.mark.parametrize("mistake", WRONG["consistency.memory"])
def test_every_wrong_memory_shows_something_wrong_on_the_first_day(mistake):
    for answer in WRONG["consistency.memory"][mistake]:
        if mistake != "error":
            wanted = shown_on(memory_day(NewestKnown, MEMORY_DAYS[0]))
            assert shown_on(memory_day(answer, MEMORY_DAYS[0])) != wanted


def test_a_rule_that_fails_on_the_days_only_is_told_how_many():
    verdict = judge_function(
        "consistency.quorum_read", CHECKS["consistency.quorum_read"],
        WRONG["consistency.quorum_read"]["days"][0],
    )  # fmt: skip
    assert re.search(r"On \d+ of 40 days one copy could not have given the answers", str(verdict))


# The days


def test_on_a_stormy_day_one_node_at_a_time_is_cut_off_and_never_twice_in_a_row():
    alone = [next(iter(cut.one)) for cut in stormy(3).cuts]
    assert set(alone) == set(NODES)
    assert all(a != b for a, b in pairwise(alone))
    for cut in stormy(3).cuts:
        assert cut.until - cut.since == pytest.approx(0.1)
        assert cut.one | cut.other == set(NODES)


def test_the_same_seed_gives_the_same_day():
    assert memory_day(None, 7).attempts == memory_day(None, 7).attempts
    assert shown_on(memory_day(NoMemory, 7)) == shown_on(memory_day(None, 7))


def test_a_memory_changes_what_is_shown_and_nothing_else():
    plain, mine = memory_day(None, 2), memory_day(NewestKnown, 2)
    assert shown_on(plain) != shown_on(mine)
    assert with_shown(plain, shown_on(mine)).attempts == mine.attempts


def test_a_calm_quorum_with_the_rule_of_the_lab_is_linearizable():
    rule = ANSWERS["quorum_read"]
    day = run(Leaderless(r=2, w=2, read_repair="before", read_rule=rule), rng=5)
    assert is_linearizable(day.history)


@pytest.mark.parametrize(("n", "w"), [(3, 1), (3, 2), (5, 2), (9, 3), (6, 6)])
def test_the_least_quorum_is_never_stale_and_one_fewer_may_be(n, w):
    least = quorum_case(n, w).expected
    assert least == ANSWERS["read_quorum"](n, w)
    assert stale_probability(n, least, w) == 0
    assert least == 1 or stale_probability(n, least - 1, w) > 0


# The pictures


def test_pictures_say_what_they_show():
    days = lab_pictures.show_days(ANSWERS["quorum_read"])
    assert days.alt.startswith("On 0 of 40 days the checker catches: your rule.")
    badge = lab_pictures.show_badge(ANSWERS["Memory"])
    assert "with your memory 0 times" in badge.alt


def test_a_rule_that_is_caught_is_shown_with_its_own_day(capsys):
    assert "which cannot be" in lab_pictures.show_violation(first_answer).alt
    assert capsys.readouterr().out == ""
    assert "which cannot be" in lab_pictures.show_violation(ANSWERS["quorum_read"]).alt
    assert capsys.readouterr().out.startswith("Your rule was not caught on any day.")


def test_a_picture_does_without_an_answer_that_is_todo_and_says_so(capsys):
    def todo(*_):
        return TODO

    class Unfinished:
        def wrote(self, key, value, version):
            return TODO

        def read(self, key, value, version):
            return TODO

    assert "your rule" not in lab_pictures.show_days(todo).alt
    assert "which cannot be" in lab_pictures.show_violation(todo).alt
    assert "your memory" not in lab_pictures.show_badge(Unfinished).alt
    assert capsys.readouterr().out.count("is TODO, or rests on an answer that is") == 3
