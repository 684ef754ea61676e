"""The balancing explorer: every corner holds, and the picture says what the model says."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.explorer import every_corner
from helpers.load_balancing import explorer as balancing_explorer
from helpers.load_balancing.balancer_summary import count_up, response_curves, summarize
from helpers.load_balancing.balancing import Gray, balance
from helpers.load_balancing.explorer import explore, run
from helpers.scaling.queueing import mean_response


@pytest.fixture
def quick(monkeypatch):
    """Fewer requests a move, for tests that make many moves."""
    monkeypatch.setattr(balancing_explorer, "REQUESTS", 40_000)


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_a_move_simulates_a_million_requests():
    assert balancing_explorer.REQUESTS == 1_000_000


def test_every_corner_is_drawn_without_an_error_or_a_nan(quick):
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        notes.add(explorer.note)
    assert len(notes) > 50


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("policy", "random"),
        ("load", 0.9),
        ("servers", 20),
        ("slowdown", 4),
        ("refresh", 0.5),
    ],
)
def test_every_knob_moves_picture_and_words(quick, knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


def test_the_words_tell_the_numbers_of_the_model():
    summary, _ = run("random", 0.8, 10, 1, 0.0)
    runs = [
        balance(80, 10, "random", service_rate=10, requests=250_000, warm_up=0.25, rng=seed)
        for seed in range(4)
    ]
    everyone = np.concatenate([run.response_time for run in runs])
    assert summary.p99 == pytest.approx(np.quantile(everyone, 0.99), rel=0.005)
    assert summary.mean.value == pytest.approx(everyone.mean())
    assert abs(summary.mean.value - mean_response(8, 10)) < 2 * summary.mean.half_width
    words = explore("random").note
    assert f"p99 {1000 * summary.p99:,.0f} ms" in words
    assert f"Server 1 gets {summary.share:.1%} of the requests" in words


def test_all_requests_are_in_the_bars_and_the_slow_server_has_its_own():
    run, again = (
        balance(40, 10, "round robin", service_rate=10, gray=Gray(0, 2.0), rng=seed)
        for seed in (0, 1)
    )
    summary = summarize([count_up(run), count_up(again)], load=0.4, slowdown=2.0)
    assert summary.by_first.sum() == pytest.approx(0.1, abs=1e-3)
    assert summary.by_first.sum() + summary.by_others.sum() == pytest.approx(1)
    assert (np.diff(summary.edges) > 0).all()
    both = np.concatenate([run.response_time, again.response_time])
    assert summary.p99 == pytest.approx(np.quantile(both, 0.99), rel=0.005)


def test_a_slow_server_that_gets_too_much_is_said_in_words(quick):
    late = explore("round robin", slowdown=5)
    assert "It gets more than it can do: its line only grows" in late.note
    assert late.error is None
    assert "its line only grows" not in explore("least connections", slowdown=5).note


def test_curves_are_ordered_and_the_shared_line_is_the_textbook_one():
    curves = response_curves(10.0, 4)
    assert (curves.one_choice >= curves.two_choices).all()
    assert (curves.one_choice >= curves.shared_line - 1e-9).all()
    assert curves.one_choice == pytest.approx(np.log(100) / (10 * (1 - curves.utilization)))


def test_the_line_of_python_brings_the_state_back(quick):
    explorer = explore()
    explorer.values = {
        "policy": "peak EWMA",
        "load": 0.42,
        "servers": 5,
        "slowdown": 3,
        "refresh": 0.4,
    }
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


def test_a_value_out_of_range_is_named():
    with pytest.raises(ValueError, match="load"):
        explore(load=1.5)
