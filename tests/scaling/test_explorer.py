"""The scaling explorer: every corner holds, and the picture says what the model says."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.explorer import every_corner
from helpers.scaling import explorer as scaling_explorer
from helpers.scaling.explorer import explore, run
from helpers.scaling.queueing import mean_response
from helpers.scaling.simulation import simulate


@pytest.fixture
def quick(monkeypatch):
    """Fewer requests a move, for tests that make many moves."""
    monkeypatch.setattr(scaling_explorer, "REQUESTS", 20_000)


def pixels(explorer) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_a_move_simulates_a_million_requests():
    assert scaling_explorer.REQUESTS == 1_000_000


def test_every_corner_is_drawn_without_an_error_or_a_nan(quick):
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        notes.add(explorer.note)
    assert len(notes) > 15


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("arrival_rate", 75),
        ("servers", 7),
        ("service_cv", 2.0),
        ("queues", "one per server"),
    ],
)
def test_every_knob_moves_picture_and_words(quick, knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


def test_the_words_tell_the_numbers_of_the_model():
    summary, _ = run(60, 8, 1.0, "one shared")
    expected = simulate(60, 10, 8, requests=1_000_000)
    assert summary.p99 == pytest.approx(expected.quantile(0.99), rel=0.005)
    assert summary.mean.value == pytest.approx(mean_response(60, 10, 8), rel=0.02)
    words = explore().note
    assert f"p99 {1000 * summary.p99:,.0f} ms" in words
    assert "Utilization 75%" in words
    assert "36% of requests wait" in words


def test_overload_is_said_in_words_and_shown_without_a_steady_state(quick):
    explorer = explore(arrival_rate=90, servers=8)
    assert "the line grows by 10 a second" in explorer.note
    assert explorer.error is None


def test_the_line_of_python_brings_the_state_back(quick):
    explorer = explore()
    explorer.values = {
        "arrival_rate": 42,
        "servers": 5,
        "service_cv": 0.4,
        "queues": "one per server",
    }
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


def test_a_value_out_of_range_is_named():
    with pytest.raises(ValueError, match="arrival_rate"):
        explore(arrival_rate=1000)
