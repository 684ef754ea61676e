"""Questions that explain themselves, and keep their answer until it is given."""

import json

import pytest

from helpers.checks import Option, Question, progress, quiz

TWO = (Option("yes", "It is.", correct=True), Option("no", "It is not."))


@pytest.fixture(autouse=True)
def _topic(toy):
    """Every test here asks the toy topic."""


def test_a_question_is_found_by_its_key_and_shown_with_its_options():
    assert str(quiz("toy.double")) == (
        "○ What is twice three?\n"
        "  a)  five\n"
        "  b)  six\n"
        "  c)  nine\n"
        '  Not answered yet: choose in the form, or with quiz("toy.double", choice="a").'
    )
    assert progress().quizzes == {}


def test_a_right_answer_is_explained():
    shown = quiz("toy.double", choice="b")
    assert str(shown).startswith("✓ What is twice three?")
    assert str(shown).endswith("You chose b). Right. Three and three is six.")


def test_a_wrong_answer_is_explained_and_the_right_one_kept_back():
    shown = quiz("toy.double", choice="nine")
    assert str(shown).startswith("✗ What is twice three?")
    assert str(shown).endswith("You chose c). Not so. Nine is three times three.")
    assert "Three and three" not in str(shown)


def test_the_first_attempt_counts_and_all_are_kept():
    quiz("toy.double", choice="a")
    quiz("toy.double", choice="b")
    answered = progress().quizzes["toy.double"]
    assert answered.choices == ("five", "six")
    assert answered.is_answered
    assert not answered.is_right_at_once


def test_the_answer_is_remembered():
    quiz("toy.double", choice="b")
    assert str(quiz("toy.double")).endswith("You chose b). Right. Three and three is six.")


def test_the_file_does_not_grow_without_end(data):
    for _ in range(60):
        quiz("toy.double", choice="a")
    attempts = json.loads((data / "progress.json").read_text())["quizzes"]["toy.double"]["attempts"]
    assert len(attempts) == 50


@pytest.mark.parametrize("choice", ["d", "six ", "", 1])
def test_an_answer_that_is_no_option_is_refused(choice):
    with pytest.raises(ValueError, match=r"choice must be an option or one of its letters abc"):
        quiz("toy.double", choice=choice)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("toy.half", "key must be one of toy.double, got 'toy.half'"),
        ("nothing.double", "key must begin with a topic that has questions.py"),
        ("statistics.double", "key must begin with a topic that has questions.py"),
        ("double", "key must look like"),
    ],
)
def test_a_key_that_leads_nowhere_is_refused(key, says):
    with pytest.raises(ValueError, match=says):
        quiz(key)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (TWO[:1], "must be 2 to 10, got 1"),
        ((TWO[0], TWO[0]), "must differ"),
        ((TWO[1], Option("maybe", "It is not.")), "exactly one that is correct, got 0"),
        ((TWO[0], Option("maybe", "It is.", correct=True)), "exactly one that is correct, got 2"),
        ((TWO[0], Option("maybe", "")), "must each be explained"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(options, says):
    with pytest.raises(ValueError, match=says):
        Question("toy.odd", "Is it?", options)


def test_text_and_html_say_the_same(words_of):
    assert words_of(quiz("toy.double").card()._repr_html_()) == str(quiz("toy.double")).split()
    answered = quiz("toy.double", choice="a")
    assert words_of(answered._repr_html_()) == str(answered).split()
