"""The form in the page: what it is told, and what it tells, without a browser."""

import builtins
import json

import pytest

from helpers.checks import predict, progress, quiz, reveal
from helpers.checks.forms import Form

ANSWER = "Three and three is six."


@pytest.fixture(autouse=True)
def _topic(toy):
    """Every test here may ask the toy topic."""


def test_a_form_answers_what_the_page_sends():
    form = predict("toy.wait", "How long?", unit="ms").make_form()
    form.sent = {"low": 3, "high": 8, "turn": 1}
    assert form.told["text"] == "You predict 3 to 8 ms."
    assert (form.told["button"], form.told["low"], form.told["high"]) == ("Revise", 3, 8)
    form.sent = {"low": 10, "high": 20, "turn": 2}
    assert (
        form.told["text"] == "You predict 3 to 8 ms. Revised to 10 to 20 ms; the first one counts."
    )
    assert progress().predictions["toy.wait"].first.low == 3


def test_the_pages_message_takes_the_same_way():
    form = quiz("toy.double").make_form()
    message = {"method": "update", "state": {"sent": {"choice": "six", "turn": 1}}}
    form._handle_msg({"content": {"data": {**message, "buffer_paths": []}}, "buffers": []})
    assert form.told["text"] == f"Right. {ANSWER}"
    assert progress().quizzes["toy.double"].is_right_at_once


def test_the_same_answer_sent_again_is_answered_again():
    form = quiz("toy.double").make_form()
    form.sent = {"choice": "nine", "turn": 1}
    form.sent = {"choice": "nine", "turn": 2}
    assert form.told["turn"] == 2
    assert len(progress().quizzes["toy.double"].choices) == 2


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (
            {"low": None, "high": 3},
            "Give two numbers",
        ),
        ({"low": 8, "high": 3}, "The first number must not be above the second."),
        ({}, "Give two numbers"),
    ],
)
def test_what_cannot_be_an_answer_is_said_in_the_form(sent, says):
    form = predict("toy.wait", "How long?").make_form()
    form.sent = {**sent, "turn": 1}
    assert form.told["tone"] == "wrong"
    assert form.told["text"].startswith(says)
    assert progress().predictions == {}


def test_the_page_does_not_know_the_answer_before_it_is_given():
    form = quiz("toy.double").make_form()
    state = json.dumps({name: value for name, value in form.get_state().items() if name[0] != "_"})
    for secret in (ANSWER, "correct", "Five is two more", "Nine is three times"):
        assert secret not in state
    form.sent = {"choice": "nine", "turn": 1}
    state = str(form.get_state())
    assert "Nine is three times three." in state
    assert ANSWER not in state


def test_a_note_about_the_file_is_said_in_the_form(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file" / "data"))
    form = predict("toy.wait", "How long?").make_form()
    form.sent = {"low": 3, "high": 8, "turn": 1}
    assert form.told["text"].startswith("You predict 3 to 8. Your progress cannot be kept in")
    assert capsys.readouterr().out == ""


def test_a_form_that_is_shown_again_shows_what_was_said():
    quiz("toy.double", choice="b")
    assert quiz("toy.double").make_form().told["text"] == f"Right. {ANSWER}"
    predict("toy.wait", "How long?", low=3, high=8)
    reveal("toy.wait", 5)
    assert predict("toy.wait", "How long?").make_form().told["button"] == "Revise"


def test_the_form_comes_with_a_text_and_a_page_of_its_own():
    data, _ = quiz("toy.double")._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html"}
    assert data["text/plain"] == str(quiz("toy.double"))
    assert "<script" not in data["text/html"]


def test_the_card_alone_is_shown_where_there_are_no_widgets(monkeypatch):
    real_import = builtins.__import__

    def without_widgets(name, *arguments, **options):
        if name == "helpers.checks.forms":
            raise ImportError(name)
        return real_import(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_widgets)
    data, _ = quiz("toy.double")._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"}


def test_the_card_is_the_same_each_time_it_is_shown():
    shown = [predict("toy.wait", "How long?")._repr_mimebundle_()[0] for _ in range(2)]
    for kind in ("text/plain", "text/html"):
        assert shown[0][kind] == shown[1][kind]


def test_a_form_begins_without_having_sent_anything():
    form = Form(lambda sent: pytest.fail("nothing was sent"), question="Is it?", options=["a", "b"])
    assert form.sent == {}
