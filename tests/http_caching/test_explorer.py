"""The HTTP caching explorer: every corner holds, and the picture says what the model says."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.explorer import every_corner
from helpers.http_caching import returning
from helpers.http_caching.explorer import Durations, explore, in_units
from helpers.http_caching.returning import look_at
from helpers.http_caching.site import DAY, HOUR, WEEK
from helpers.http_caching.visitors import draw_visits


@pytest.fixture
def quick(monkeypatch):
    """Fewer visits a move, for tests that make many moves."""
    monkeypatch.setattr(returning, "visits", lambda per_week: draw_visits(3_000, per_week=per_week))


def pixels(explorer) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_a_move_simulates_a_million_requests():
    assert look_at(HOUR, DAY, 7, False, 0).requests > 1_000_000


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
        ("max_age", HOUR),
        ("grace", DAY),
        ("interval", HOUR),
        ("per_week", 2),
        ("cdn", True),
    ],
)
def test_every_knob_moves_picture_and_words(quick, knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


def test_the_words_tell_the_numbers_of_the_model():
    shown, words = look_at(DAY, DAY, 7, False, 0), explore().note
    assert f"downloads {shown.received / 1e3:,.0f} kB of 662" in words
    assert f"{shown.broken:.1%} a broken one" in words
    assert "max-age=86400" in words


def test_a_page_that_is_asked_for_is_never_old(quick):
    assert "none is old at any time after a deploy" in explore(max_age=0).note


def test_the_line_of_python_brings_the_state_back(quick):
    explorer = explore()
    explorer.values = {
        "max_age": 60,
        "grace": 600,
        "interval": 4 * HOUR,
        "per_week": 12,
        "cdn": True,
    }
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


@pytest.mark.parametrize(
    ("values", "message"),
    [({"max_age": 7}, "max_age must be one of"), ({"per_week": 100}, "per_week must lie between")],
)
def test_a_value_out_of_range_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        explore(**values)


def test_durations_are_written_in_their_largest_unit():
    written = [in_units(seconds) for seconds in (0, 1, 90, 300, DAY, WEEK, 2 * HOUR)]
    assert written == [
        *("0 seconds", "1 second", "90 seconds", "5 minutes", "1 day", "1 week", "2 hours"),
    ]
    row = Durations("age", "Age", (0, 60), 60)
    assert (row.texts, row.start, row.extremes) == (("0 seconds", "1 minute"), 1, (0, 1))
