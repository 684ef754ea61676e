"""Predict, run, reveal; and how well the intervals hold."""

import json
import math

import numpy as np
import pytest

from helpers.checks import Calibration, calibration, predict, progress, record, reveal
from helpers.checks.calibration import probability
from helpers.checks.predictions import asked_so_far
from helpers.statistics import Estimate

QUESTION = "How long is the wait?"


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch):
    """Begin as a new kernel does."""
    asked_so_far.clear()


def send(asking, **fields):
    """Answer a form as the browser would, without one."""
    return asking.reply(fields)


def test_a_question_is_shown_as_text_and_nothing_stops():
    shown = predict("toy.wait", QUESTION, unit="ms")
    assert str(shown) == (
        "How long is the wait?\n"
        "  unit  ms\n"
        "  No prediction yet: commit with low=… and high=… in this call, or in its form."
    )
    assert progress().predictions == {}


def test_options_are_shown_with_their_letters():
    shown = predict("toy.best", "Which is faster?", options=["one queue", "two queues"])
    assert "a)  one queue\n  b)  two queues" in str(shown)


def test_an_interval_is_committed_in_the_call():
    shown = predict("toy.wait", QUESTION, unit="ms", low=3, high=8)
    assert str(shown).endswith("You predict 3 to 8 ms.")
    (made,) = progress().predictions.values()
    assert (made.first.low, made.first.high, made.first.late) == (3, 8, False)
    assert (made.question, made.unit) == (QUESTION, "ms")


@pytest.mark.parametrize("choice", ["two queues", "b", "B"])
def test_an_option_is_committed_by_text_or_letter(choice):
    predict("toy.best", "Which?", options=["one queue", "two queues"], choice=choice)
    assert progress().predictions["toy.best"].first.choice == "two queues"


def test_the_first_commit_counts_and_a_later_one_is_kept_beside_it():
    predict("toy.wait", QUESTION, low=3, high=8)
    predict("toy.wait", QUESTION, low=3, high=8)
    assert progress().predictions["toy.wait"].revised is None
    shown = predict("toy.wait", QUESTION, low=10, high=20)
    assert "You predict 3 to 8. Revised to 10 to 20; the first one counts." in str(shown)
    made = progress().predictions["toy.wait"]
    assert (made.first.low, made.revised.low) == (3, 10)
    assert str(reveal("toy.wait", 12)).startswith("✗ Above your interval: you predicted 3 to 8")
    assert not progress().predictions["toy.wait"].is_right


@pytest.mark.parametrize(
    ("truth", "title"),
    [
        (5, "✓ Inside: you predicted 3 to 8 ms, and it came out at 5 ms."),
        (3, "✓ Inside: you predicted 3 to 8 ms, and it came out at 3 ms."),
        (8.0, "✓ Inside: you predicted 3 to 8 ms, and it came out at 8 ms."),
        (12.3456, "✗ Above your interval: you predicted 3 to 8 ms, and it came out at 12.35 ms."),
        (np.float64(1), "✗ Below your interval: you predicted 3 to 8 ms, and it came out at 1 ms."),
        (math.inf, "✗ Above your interval: you predicted 3 to 8 ms, and it came out at infinity"),
        (Estimate(5.0, 0.25), "✓ Inside: you predicted 3 to 8 ms, and it came out at 5.00 ± 0.25"),
    ],
)
def test_the_reveal_says_whether_the_interval_held(truth, title):
    predict("toy.wait", QUESTION, unit="ms", low=3, high=8)
    assert str(reveal("toy.wait", truth)).startswith(title)


def test_the_reveal_says_whether_the_option_was_right():
    options = ["one queue", "two queues"]
    predict("toy.best", "Which?", options=options, choice="a")
    shown = reveal("toy.best", "one queue", explanation="No server idles while someone waits.")
    assert str(shown) == (
        "✓ Right: you predicted “one queue”, and it came out as “one queue”.\n"
        "  No server idles while someone waits."
    )
    predict("toy.worst", "Which?", options=options, choice="b")
    assert str(reveal("toy.worst", "one queue")).startswith("✗ Otherwise: you predicted “two")


def test_without_a_prediction_the_reveal_says_what_came_out():
    predict("toy.wait", QUESTION, unit="ms")
    assert str(reveal("toy.wait", 12.3)) == "No prediction was made; it came out at 12.3 ms."
    assert progress().predictions == {}
    assert str(calibration()) == "No prediction has been scored yet."


def test_a_commit_after_the_reveal_is_kept_and_not_scored():
    asking = predict("toy.wait", QUESTION, unit="ms")
    reveal("toy.wait", 12.3)
    told = send(asking, low=12, high=13)
    assert told["text"] == (
        "You predict 12 to 13 ms. It was made after the answer was shown, so it is not scored."
    )
    made = progress().predictions["toy.wait"]
    assert made.first.late
    assert not made.is_scored
    assert "so it is not scored" in str(reveal("toy.wait", 12.3))
    assert str(calibration()) == "Not scored, as made after the answer was shown: 1."


def test_a_revision_after_the_reveal_leaves_the_score():
    predict("toy.wait", QUESTION, low=3, high=8)
    reveal("toy.wait", 12.3)
    predict("toy.wait", QUESTION, low=12, high=13)
    made = progress().predictions["toy.wait"]
    assert (made.first.late, made.revised.late) == (False, True)
    assert calibration() == Calibration(intervals=1, held=0)
    assert "You revised it to 12 to 13; the first one counts." in str(reveal("toy.wait", 12.3))


def test_the_truth_that_was_first_revealed_is_scored():
    predict("toy.wait", QUESTION, low=3, high=8)
    reveal("toy.wait", 12.3)
    assert str(reveal("toy.wait", 5)).startswith("✓ Inside")
    assert calibration().held == 0


def test_a_prediction_is_remembered_in_the_next_session():
    predict("toy.wait", QUESTION, unit="ms", low=3, high=8)
    asked_so_far.clear()
    assert str(predict("toy.wait", QUESTION, unit="ms")).endswith("You predict 3 to 8 ms.")
    asked_so_far.clear()
    assert "at 5 ms" in str(reveal("toy.wait", 5))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"low": 3}, "low and high must both be numbers, got 3 and None"),
        ({"low": "a", "high": 3}, "low and high must both be numbers, got a and 3"),
        ({"low": 8, "high": 3}, "low must not be above high, got 8 and 3"),
        ({"low": 0, "high": math.inf}, "low and high must be finite, got 0 and inf"),
        ({"low": math.nan, "high": 1}, "low and high must be finite, got nan and 1"),
        ({"choice": "a"}, "choice must be left out where there are no options"),
        (
            {"options": ["x", "y"], "low": 1, "high": 2},
            "low and high must be left out with options",
        ),
        ({"options": ["x", "y"], "choice": "c"}, "choice must be an option or one of its letters"),
        ({"options": ["x", "y"], "choice": ""}, "choice must be an option or one of its letters"),
        ({"options": ["x"]}, "options must be two to ten different texts"),
        ({"options": ["x", "x"]}, "options must be two to ten different texts"),
        ({"options": "xy"}, "options must be two to ten different texts"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        predict("toy.wait", QUESTION, **arguments)
    assert progress().predictions == {}


@pytest.mark.parametrize("truth", [math.nan, None, "three queues", True, 3, [1]])
def test_a_truth_that_is_no_option_is_refused(truth):
    predict("toy.best", "Which?", options=["one queue", "two queues"])
    with pytest.raises(ValueError, match="truth must be"):
        reveal("toy.best", truth)


@pytest.mark.parametrize("truth", [math.nan, None, True, [1]])
def test_a_truth_that_is_no_number_is_refused(truth):
    predict("toy.wait", QUESTION)
    with pytest.raises(ValueError, match="truth must be"):
        reveal("toy.wait", truth)


def test_text_and_html_say_the_same(words_of):
    asking = predict("toy.best", "Is 3 < 4 & so?", options=["<b>yes</b>", "no"])
    card = asking.card()
    assert words_of(card._repr_html_()) == str(card).split()
    shown = reveal("toy.best", "no", explanation="Because <i>3</i> > 2.")
    assert words_of(shown._repr_html_()) == str(shown).split()


def test_the_file_holds_what_was_said_and_what_came_out(data):
    predict("toy.wait", QUESTION, unit="ms", low=3, high=8)
    reveal("toy.wait", 12.3)
    assert json.loads((data / "progress.json").read_text())["predictions"]["toy.wait"] == {
        "question": QUESTION,
        "unit": "ms",
        "first": {"low": 3.0, "high": 8.0, "late": False},
        "truth": 12.3,
    }


# Calibration, by hand. Of n intervals that each hold with probability 4/5, k hold with
# probability C(n, k) 4^k / 5^n.


def test_the_binomial_is_right_for_three():
    # 1/125, 12/125, 48/125, 64/125
    chances = [probability(3, range(count, count + 1)) for count in range(4)]
    assert chances == pytest.approx([0.008, 0.096, 0.384, 0.512])


@pytest.mark.parametrize(
    ("intervals", "held", "verdict"),
    [
        (0, 0, "too few to tell"),
        (4, 0, "too few to tell"),
        (5, 2, "too narrow"),  # P(at most 2) = (1 + 20 + 160) / 3125 = 0.058
        (5, 3, "about right"),  # P(at most 3) = 0.058 + 640 / 3125 = 0.263
        (8, 4, "too narrow"),  # 0.056
        (8, 5, "about right"),  # 0.203
        (8, 6, "about right"),
        (8, 8, "about right"),  # 0.8^8 = 0.168
        (10, 10, "about right"),  # 0.8^10 = 0.107
        (11, 11, "too wide"),  # 0.8^11 = 0.086
        (20, 20, "too wide"),
        (20, 19, "too wide"),  # 0.8^20 + 20 × 0.8^19 × 0.2 = 0.069
        (20, 18, "about right"),  # 0.206
        (20, 13, "too narrow"),  # 0.087
        (20, 14, "about right"),  # 0.196
    ],
)
def test_a_verdict_is_given_where_chance_would_surprise(intervals, held, verdict):
    assert Calibration(intervals, held).verdict == verdict


def test_the_calibration_reads_as_a_sentence():
    assert str(Calibration(8, 6, options=3, right=2, late=1)) == (
        "6 of 8 intervals held the truth; well calibrated at 80 % would be 6.4 on average. "
        "Yours are about right. 2 of 3 options were right. "
        "Not scored, as made after the answer was shown: 1."
    )
    assert "too few to tell" in str(Calibration(2, 2))


def test_only_what_was_revealed_is_scored():
    for number, truth in enumerate([5, 5, 12, None]):
        predict(f"toy.wait_{number}", QUESTION, low=3, high=8)
        if truth:
            reveal(f"toy.wait_{number}", truth)
    predict("toy.best", "Which?", options=["x", "y"], choice="x")
    reveal("toy.best", "x")
    assert calibration() == Calibration(intervals=3, held=2, options=1, right=1)


def test_an_entry_that_cannot_be_read_is_left_out_and_kept(data):
    record("predictions", "toy.odd", lambda entry: entry.update(first={"low": "x", "high": 3}))
    predict("toy.wait", QUESTION, low=3, high=8)
    assert list(progress().predictions) == ["toy.wait"]
    assert "toy.odd" in json.loads((data / "progress.json").read_text())["predictions"]
