"""The lab's demands are fair, and the models behind its cases are right."""

import inspect
import re
from dataclasses import replace

import pytest

from helpers.checks import TODO
from helpers.http_caching import lab, lab_pictures
from helpers.http_caching.lab import CHECKS, seconds_left
from helpers.http_caching.policies import POLICIES, look_up
from helpers.http_caching.site_report import BOOKSHOP, DAILY, LAUNCHES, report_on, run_launch
from helpers.http_caching.week import BROKEN
from tools import lab_table

WRONG = lab_table.load_wrong_answers("http_caching")
ANSWERS = lab_table.load_answers(lab_table.find_lab("http_caching"))


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    demand = CHECKS[question]
    known = {name for case in demand.cases for name in case.mistakes} | {"error"}
    if demand.judge:
        source = inspect.getsource(lab.why_old) + inspect.getsource(lab.judge_site)
        known |= set(re.findall(r'"(\w+)"', source))
    assert set(demand.hints) - known == set()


# The demands are fair: other headers meet them, on fortnights that nobody has seen


def shorter(path):
    """A year is long; a month does as well."""
    if WRONG.HASH.search(path):
        return "public, max-age=2592000"
    if path.startswith("/images/"):
        return "max-age=604800"
    if path in ("/api/basket", "/api/account"):
        return "no-store"
    return "max-age=45" if path.startswith("/api/") else "max-age=0, must-revalidate"


def is_fine(headers_for, launch) -> bool:
    return lab.judge_site(report_on(headers_for, launch), WRONG.Asked(launch)) is None


@pytest.mark.parametrize("headers_for", [shorter, WRONG.by_the_book])
def test_other_sensible_headers_pass_too(headers_for):
    assert all(is_fine(headers_for, launch) for launch in LAUNCHES)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_same_holds_on_fortnights_that_nobody_has_seen(seed):
    launches = [replace(launch, seed=seed) for launch in LAUNCHES]
    assert all(is_fine(ANSWERS["cache_control"], launch) for launch in launches)
    for name in ("a_day_for_all", "assets_forever", "never_store", "public_basket"):
        assert not all(is_fine(getattr(WRONG, name), launch) for launch in launches), name


def test_names_that_the_lab_does_not_show_are_among_those_that_are_run():
    shown = {file.pattern() for file in BOOKSHOP}
    assert {file.pattern() for launch in LAUNCHES for file in launch.files} - shown


# The reference behind the cases


def test_the_worked_example_is_the_model_s():
    assert seconds_left({"date": 1000, "came": 1040, "max-age": 90}, 1060, False) == 30


def test_every_case_is_told_apart_from_its_mistakes():
    for question in ("http_caching.seconds_left", "http_caching.status_for"):
        for case in CHECKS[question].cases:
            assert case.expected not in case.mistakes.values()


def test_a_header_that_is_no_text_is_named():
    with pytest.raises(ValueError, match="the header for / must be a text, got None"):
        report_on(lambda path: None, DAILY)


# The pictures


def test_the_numbers_told_in_the_lab_are_the_model_s():
    week = run_launch(look_up(POLICIES["a day for all"]), DAILY)
    alt = lab_pictures.show_before().alt
    assert f"{week.share(BROKEN):.0%} of all visits end on a broken page" in alt
    chosen = run_launch(ANSWERS["cache_control"], DAILY)
    third = chosen.mean(chosen.received) / chosen.site.first_visit_bytes
    assert third == pytest.approx(1 / 3, abs=0.04)


def test_the_table_of_paths_names_all_of_them():
    table = repr(lab_pictures.show_paths())
    assert len(table.splitlines()) == len(BOOKSHOP)
    assert all(file.path_of(0) in table for file in BOOKSHOP)


def test_the_picture_with_the_learner_s_headers_has_both():
    alt = lab_pictures.show_site(ANSWERS["cache_control"]).alt
    assert "Nobody sees an old page or a broken one" in alt
    assert "Thursday's" in alt


def test_a_picture_does_without_an_answer_that_is_todo_and_says_so(capsys):
    def todo(path):
        return TODO

    def rests_on_todo(path):
        return "no-cache" if TODO else ""

    for unfinished in (todo, rests_on_todo):
        assert "end on a broken page" in lab_pictures.show_site(unfinished).alt
        assert "cache_control is TODO" in capsys.readouterr().out
