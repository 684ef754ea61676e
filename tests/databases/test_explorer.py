"""The databases explorer: every corner holds, and the picture says what the model says."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from helpers.databases.explorer import explore, run
from helpers.databases.list_page import WAYS, load_page
from helpers.databases.page_panel import (
    FASTEST,
    MOST_QUERIES,
    MOST_ROWS,
    SLOWEST,
    draw_page_panel,
    spread_out,
)
from helpers.explorer import every_corner
from helpers.figure import new_figure


def pixels(explorer) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_every_corner_is_drawn_without_an_error_or_a_nan():
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        notes.add(explorer.note)
        view = explorer.result
        assert min(c.min() for c in view.curves.values()) >= FASTEST
        assert max(c.max() for c in view.curves.values()) <= SLOWEST
        assert view.queries <= MOST_QUERIES
        assert view.visited <= MOST_ROWS
    assert len(notes) > 15


@pytest.mark.parametrize(
    ("knob", "value"),
    [("length", 400), ("way", "batched"), ("round_trip", 10), ("orders", 1_000_000)],
)
def test_every_knob_moves_picture_and_words(knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


def test_the_index_moves_picture_and_words():
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {"indexes": True}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


@pytest.mark.parametrize("way", WAYS)
def test_the_picture_agrees_with_a_page_loaded_from_sqlite(way):
    for indexes in (True, False):
        view = run(50, way, 2.0, 2_000, indexes)
        load = load_page(way, 50, round_trip=0.002, indexes=indexes)
        assert view.queries == load.queries
        assert view.visited == pytest.approx(load.visited, rel=0.05)
        assert view.latency == pytest.approx(load.latency, rel=0.05)


def test_the_words_tell_the_numbers_of_the_model():
    explorer = explore(length=400, way="lazy", round_trip=10, orders=2_000, indexes=True)
    assert "401 queries" in explorer.note
    assert "2,400 rows visited, 4.01 s, 100% of it on the wire" in explorer.note
    one = explore(length=1, way="joined").note
    assert one.startswith("1 order loaded joined: 1 query,")


def test_the_line_of_python_brings_the_state_back():
    explorer = explore()
    explorer.values = {
        "length": 400,
        "way": "batched",
        "round_trip": 5.0,
        "orders": 1_000_000,
        "indexes": True,
    }
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


def test_the_picture_says_the_numbers_beside_the_data():
    figure, axes = new_figure()
    axes.remove()
    update = draw_page_panel(figure)
    view = run(400, "lazy", 10.0, 2_000, True)
    said = {artist.get_text() for artist in update(view) if hasattr(artist, "get_text")}
    assert {"4.01 s", "401", "2,400", "100% on the wire", *WAYS} <= said
    points = [a for a in update(view) if getattr(a, "get_marker", str)() == "o"]
    assert points[0].get_xydata().tolist() == [[400, pytest.approx(view.latency)]]


def test_labels_on_a_logarithmic_axis_keep_their_distance():
    placed = sorted(spread_out([1.0, 1.1, 1.2, 50.0], apart=2.0))
    assert all(high >= 2 * low for low, high in itertools.pairwise(placed))


@pytest.mark.parametrize(
    ("values", "message"),
    [({"length": 500}, "length"), ({"way": "eager"}, "way"), ({"round_trip": 0.01}, "round_trip")],
)
def test_a_value_out_of_range_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        explore(**values)
