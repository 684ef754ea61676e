"""The consistency explorer: every corner holds, and the picture says what the model says."""

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from helpers.consistency import explorer as consistency_explorer
from helpers.consistency import wars
from helpers.consistency.explorer import MOST_REPLICAS, explore, run
from helpers.consistency.latency_fits import FITS
from helpers.consistency.pacelc_view import TIMES, look_at, sides_of
from helpers.consistency.pbs import simulate
from helpers.consistency.wars import run_trials
from helpers.explorer import every_corner


@pytest.fixture
def quick(monkeypatch):
    """Fewer trials, for tests that make many moves."""
    monkeypatch.setattr(consistency_explorer, "TRIALS", 20_000)


@pytest.fixture(scope="module")
def tallies():
    return run_trials(FITS["LNKD-DISK"], 5, 1, 20_000, seed=0)


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_a_move_stands_for_a_million_trials():
    assert consistency_explorer.TRIALS == 1_000_000


def test_no_move_draws_anything(quick, monkeypatch):
    explorer = explore()
    monkeypatch.setattr(wars, "draw_legs", None)
    for values in every_corner(explorer):
        assert explorer.error is None, values


def test_every_corner_is_drawn_without_an_error_or_a_nan(quick):
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        assert "inf" not in explorer.note.lower(), values
        notes.add(explorer.note)
    assert len(notes) > 20
    assert explorer.stage.grounds == 1  # nothing that stands still was drawn again


@pytest.mark.parametrize(
    ("knob", "value"),
    [("fit", "YMMR"), ("n", 4), ("r", 2), ("w", 2), ("partition", True)],
)
def test_every_knob_moves_picture_and_words(quick, knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


def test_the_words_tell_the_numbers_of_the_model():
    expected = simulate("LNKD-DISK")  # three replicas by themselves, on the same luck
    view = run("LNKD-DISK", 3, 1, 1, False)
    assert view.t_visibility == expected.t_visibility(0.999)
    assert view.stale_at_once == pytest.approx(1 - expected.fresh_at_once)
    assert view.read_times[-1] == expected.read_latency.quantile(0.999)
    assert view.stale == pytest.approx(1 - expected.fresh_share(TIMES))
    words = explore().note
    assert f"Stale at once {100 * (1 - expected.fresh_at_once):.3g}%" in words
    assert f"fresh after {1000 * expected.t_visibility():.0f} ms" in words
    assert "100% of reads, 100% of writes" in words


def test_a_quorum_larger_than_the_cluster_counts_as_all_of_it(quick):
    explorer = explore(n=2, r=5, w=4)
    assert "N = 2, R = 2, W = 2" in explorer.note


def test_every_setting_has_words_and_numbers(tallies):
    for n, r, w, cut in product(range(1, 6), range(1, 6), range(1, 6), (False, True)):
        if max(r, w) <= n:
            view = look_at("LNKD-DISK", n, r, w, cut, tallies)
            assert view.is_silent == bool(np.isnan(view.stale).all())
            assert "nan" not in view.in_words
            assert 0 <= view.reads_served <= 1 + 1e-12
            if view.is_strict and not view.is_silent:
                assert view.stale_at_once == view.forever_stale == 0


def test_the_curve_lies_within_its_spread_and_falls(tallies):
    for cut in (False, True):
        view = look_at("LNKD-DISK", 5, 1, 2, cut, tallies)
        assert (view.low <= view.stale).all()
        assert (view.stale <= view.high).all()
        assert (np.diff(view.stale) <= 1e-12).all()


def test_a_setting_that_is_fresh_enough_at_once_says_so():
    view = run("LNKD-SSD", 3, 2, 1, False)
    assert 0 < view.stale_at_once < 0.001
    assert view.in_words.endswith("99.9% are fresh at once.")


# The cut


def test_a_cut_leaves_the_larger_half_on_one_side():
    assert [side.replicas for side in sides_of(5, 1, 1, is_cut=True)] == [3, 2]
    assert [side.replicas for side in sides_of(4, 1, 1, is_cut=True)] == [2, 2]
    assert [side.replicas for side in sides_of(1, 1, 1, is_cut=True)] == [1]
    assert [side.replicas for side in sides_of(5, 1, 1, is_cut=False)] == [5]


def test_majorities_choose_consistency_and_refuse_the_minority(tallies):
    view = look_at("LNKD-DISK", 3, 2, 2, True, tallies)
    assert view.reads_served == view.writes_served == pytest.approx(2 / 3)
    assert view.stale_at_once == 0
    assert "No read that starts after the commit is stale" in view.in_words


def test_single_replicas_choose_availability_and_stay_stale(tallies):
    view = look_at("LNKD-DISK", 3, 1, 1, True, tallies)
    assert view.reads_served == view.writes_served == 1
    # a write on the larger side (2 of 3) is not seen on the smaller one, and the other way round
    assert view.forever_stale == pytest.approx(2 * (2 / 3) * (1 / 3))
    assert view.stale[-1] == pytest.approx(4 / 9, abs=1e-3)
    assert view.t_visibility == np.inf
    both = [simulate("LNKD-DISK", n, trials=20_000).fresh_at_once for n in (2, 1)]
    assert view.stale_at_once == pytest.approx(1 - 4 / 9 * both[0] - 1 / 9 * both[1])


def test_writes_by_majority_and_reads_by_anyone_leave_the_minority_behind(tallies):
    view = look_at("LNKD-DISK", 3, 1, 2, True, tallies)
    assert (view.reads_served, view.writes_served) == (1, pytest.approx(2 / 3))
    assert view.forever_stale == pytest.approx(1 / 3)


def test_a_side_that_cannot_write_is_silent(tallies):
    view = look_at("LNKD-DISK", 3, 1, 3, True, tallies)
    assert (view.reads_served, view.writes_served) == (1, 0)
    assert view.is_silent
    assert np.isnan(view.stale).all()
    assert np.isnan(view.write_times).all()
    assert "Nothing new can be read" in view.in_words


def test_latencies_of_two_sides_are_weighed_by_their_clients(tallies):
    view = look_at("LNKD-DISK", 3, 1, 1, True, tallies)
    two, one = tallies.write_latency(2, 1), tallies.write_latency(1, 1)
    time = view.write_times[1]
    share = sum(
        weight * h.counts[h.edges[1:] <= time].sum() / h.total
        for weight, h in ((2 / 3, two), (1 / 3, one))
    )
    assert share == pytest.approx(0.99, abs=0.003)


# State


def test_the_line_of_python_brings_the_state_back(quick):
    explorer = explore()
    explorer.values = {"fit": "LNKD-SSD", "n": 5, "r": 2, "w": 3, "partition": True}
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


def test_a_value_out_of_range_is_named(quick):
    with pytest.raises(ValueError, match=r"n must|value of n"):
        explore(n=MOST_REPLICAS + 1)
