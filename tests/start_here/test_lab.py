"""The start page's question and check: right answers pass, known mistakes get their hints."""

import pytest

from helpers.checks import TODO, examine, quiz
from helpers.start_here.lab import CHECKS

CHECK = CHECKS["start_here.downtime"]


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """A learner who has done nothing so far."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))


def test_a_right_answer_passes():
    assert examine("start_here.downtime", CHECK, lambda share: (1 - share) * 8760).passed


def test_a_stub_is_not_attempted():
    assert examine("start_here.downtime", CHECK, lambda share: TODO).tone == "open"


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("up", lambda share: share * 8760),
        ("days", lambda share: (1 - share) * 365),
        ("minutes", lambda share: (1 - share) * 8760 * 60),
        ("percent", lambda share: (1 - share / 100) * 8760),
        ("value", lambda share: 42.0),
    ],
)
def test_a_mistake_that_others_made_gets_its_own_hint(mistake, answer):
    verdict = examine("start_here.downtime", CHECK, answer)
    assert verdict.mistake == mistake
    assert CHECK.hint_for(mistake) in str(verdict)


def test_no_mistake_gives_the_right_answer_anywhere():
    for case in CHECK.cases:
        assert case.expected not in case.mistakes.values()


def test_the_check_says_what_its_first_cases_expect():
    three_nines, four_nines = (case.expected for case in CHECK.cases[:2])
    assert f"{three_nines:.2f} hours" in CHECK.shows
    assert f"{60 * four_nines:.0f} minutes" in CHECK.shows


@pytest.mark.parametrize(("choice", "tone"), [("a", "wrong"), ("b", "right"), ("c", "wrong")])
def test_only_twice_as_much_is_right(choice, tone):
    assert quiz("start_here.hits", choice=choice).tone == tone
