"""The caching explorer: every corner holds, and the picture says what the model says."""

import io

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from helpers.caching import cache_view
from helpers.caching import explorer as caching_explorer
from helpers.caching.cache_panel import draw_cache_panel
from helpers.caching.cache_view import CATALOGUE, NAMES, SIZES, draw_requests, view_cache
from helpers.caching.che import che_hit_ratio
from helpers.caching.eviction import POLICIES, simulate
from helpers.caching.explorer import explore, run
from helpers.explorer import every_corner
from helpers.figure import new_figure, percent
from helpers.workload import zipf


@pytest.fixture
def quick(monkeypatch):
    """Fewer requests a move, for tests that make many moves."""
    monkeypatch.setattr(caching_explorer, "REQUESTS", 60_000)


def pixels(explorer) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_a_move_simulates_a_million_requests():
    assert caching_explorer.REQUESTS == 1_000_000


def test_every_policy_but_the_optimum_can_be_chosen():
    assert tuple(NAMES.values()) == POLICIES[:-1]


def test_every_corner_is_drawn_without_an_error_or_a_nan(quick):
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        view = explorer.result
        for shares in (view.curve, view.limit, view.che):
            assert np.all((shares >= 0) & (shares <= 1)), values
        notes.add(explorer.note)
    assert len(notes) > 40


@pytest.mark.parametrize(
    ("knob", "value"), [("capacity", 100), ("exponent", 1.1), ("policy", "SIEVE"), ("once", 0.3)]
)
def test_every_knob_moves_picture_and_words(quick, knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


def test_the_words_tell_the_numbers_of_the_model():
    view = run(1_000, 0.8, "LRU", 0.0)
    assert view.hit_ratio == pytest.approx(che_hit_ratio(zipf(CATALOGUE, 0.8), 1_000), abs=0.003)
    assert view.miss_rate == pytest.approx(10_000 * (1 - view.hit_ratio))
    words = explore().note
    assert f"LRU with room for 1,000 keys answers {view.hit_ratio:.1%} of requests" in words
    assert f"Of 10,000 requests/s, {view.miss_rate:,.0f} reach the next tier." in words


def test_the_picture_writes_hit_ratio_policy_and_loads():
    figure, _ = new_figure()
    figure.clear()
    view = view_cache(1_000, 0.8, "SIEVE", 0.2, requests=60_000)
    texts = [
        artist.get_text() for artist in draw_cache_panel(figure)(view) if isinstance(artist, Text)
    ]
    assert texts[:2] == [percent(float(f"{view.hit_ratio:.3g}")), "SIEVE"]
    rates = (10_000, view.miss_rate, view.least_miss_rate)
    assert texts[2:] == [f"{rate:,.0f}/s" for rate in rates]


def test_the_chosen_point_lies_on_the_curve_of_its_policy(quick):
    for name in NAMES:
        view = view_cache(1_000, 0.8, name, 0.2)
        assert view.hit_ratio == pytest.approx(view.curve[SIZES == 1_000][0], abs=0.03), name


@pytest.mark.parametrize(("exponent", "once"), [(0.4, 0.0), (0.8, 0.3), (1.4, 0.6)])
def test_no_curve_passes_the_limit(exponent, once):
    for name in NAMES:
        view = view_cache(300, exponent, name, once, requests=60_000)
        assert np.all(view.curve <= view.limit + 1e-12), name
        assert view.least_miss_rate <= view.miss_rate
    assert np.all(np.interp(np.log(SIZES), np.log(view.che_sizes), view.che) <= view.limit + 0.02)


def test_the_limit_is_the_optimum_of_the_same_requests():
    view = view_cache(100, 0.8, "LRU", 0.0, requests=60_000)
    trace = draw_requests(60_000, 0.8, 0.0)
    best = simulate(trace, 100, "optimal").hit_ratio_after(cache_view.WARM_UP)
    assert view.limit[SIZES == 100][0] == pytest.approx(best)
    assert view.least_misses == pytest.approx(1 - best)


def test_with_room_for_the_whole_catalogue_nothing_but_the_new_is_missed():
    assert view_cache(10_000, 0.8, "LRU", 0.0, requests=60_000).hit_ratio == 1


def test_knobs_keep_the_luck():
    some, more = (draw_requests(60_000, 0.8, once).keys for once in (0.0, 0.3))
    assert some.size == more.size
    again = draw_requests.__wrapped__(60_000, 0.8, 0.0).keys
    assert (some == again).all()


def test_the_share_asked_for_once_is_the_one_that_was_set():
    trace = draw_requests(60_000, 0.8, 0.3)
    after_the_catalogue = trace.keys[CATALOGUE:]
    assert np.mean(after_the_catalogue >= CATALOGUE) == pytest.approx(0.3, abs=0.01)
    assert np.bincount(trace.keys)[CATALOGUE:].max() == 1


def test_the_line_of_python_brings_the_state_back(quick):
    explorer = explore()
    explorer.values = {"capacity": 100, "exponent": 0.6, "policy": "ARC", "once": 0.25}
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


def test_a_value_out_of_range_is_named():
    with pytest.raises(ValueError, match="exponent"):
        explore(exponent=9)
    with pytest.raises(ValueError, match="policy"):
        explore(policy="optimal")
