"""Quorums by counting: formula, enumeration and chance agree."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.consistency.quorum import (
    availability,
    count_stale,
    is_strict,
    sample_stale,
    stale_after,
    stale_probability,
    stale_within,
)


@st.composite
def settings_of_quorums(draw, most=7):
    n = draw(st.integers(1, most))
    return n, draw(st.integers(1, n)), draw(st.integers(1, n))


def test_one_of_three_misses_two_times_in_three():
    assert stale_probability(3, 1, 1) == pytest.approx(2 / 3)
    assert count_stale(3, 1, 1) == (6, 9)


def test_the_paper_s_large_quorums_are_almost_never_stale():
    assert stale_probability(100, 30, 30) == pytest.approx(1.88e-6, rel=0.003)


def test_the_paper_s_chances_of_being_within_versions():
    assert 1 - stale_within(3, 1, 1, 2) == pytest.approx(5 / 9)
    assert 1 - stale_within(3, 1, 1, 3) == pytest.approx(0.7037, abs=1e-4)
    assert 1 - stale_within(3, 1, 1, 10) > 0.98
    assert 1 - stale_within(3, 1, 2, 2) == pytest.approx(8 / 9)
    assert 1 - stale_within(3, 2, 1, 5) > 0.995


@given(settings_of_quorums())
def test_the_formula_is_what_going_through_all_pairs_gives(setting):
    missed, pairs = count_stale(*setting)
    assert stale_probability(*setting) == pytest.approx(float(Fraction(missed, pairs)), abs=1e-15)


@given(settings_of_quorums(most=12))
def test_exactly_the_strict_quorums_never_miss(setting):
    assert (stale_probability(*setting) == 0) == is_strict(*setting)


@given(settings_of_quorums(most=12))
def test_reading_and_writing_may_change_places(setting):
    n, r, w = setting
    assert stale_probability(n, r, w) == pytest.approx(stale_probability(n, w, r))


@pytest.mark.parametrize("setting", [(3, 1, 1), (5, 2, 2), (5, 1, 3), (7, 3, 4), (3, 2, 2)])
def test_drawn_quorums_agree_with_the_formula(setting):
    drawn = sample_stale(*setting, trials=200_000, rng=4)
    standard_error = drawn.half_width / 2.09
    assert abs(drawn.value - stale_probability(*setting)) <= 4 * standard_error


def test_a_write_spreads_while_time_passes():
    at_once = stale_after(5, 2, 1, write_rate=50, time=0)
    assert at_once == stale_probability(5, 2, 1)
    later = stale_after(5, 2, 1, write_rate=50, time=0.02)
    assert later == pytest.approx(at_once * math.exp(-2))


def test_two_of_three_are_up_as_worked_by_hand():
    assert availability(3, 2, up=0.9) == pytest.approx(3 * 0.81 * 0.1 + 0.729)
    assert availability(3, 1, up=0.9) == pytest.approx(0.999)
    assert availability(4, 4, up=0.5) == 1 / 16


@pytest.mark.parametrize("up", [0.0, 1.0])
def test_replicas_that_are_never_or_always_up(up):
    assert availability(5, 3, up=up) == up


def test_the_same_seed_draws_the_same_quorums():
    assert sample_stale(3, 1, 1, rng=1) == sample_stale(3, 1, 1, rng=1)
    assert sample_stale(3, 1, 1, rng=1) != sample_stale(3, 1, 1, rng=2)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: stale_probability(0, 1, 1), "n must be"),
        (lambda: stale_probability(3, 4, 1), "r must be at most n = 3, got 4"),
        (lambda: stale_probability(3, 1, 0), "w must be"),
        (lambda: stale_probability(3, 1.5, 1), "r must be"),
        (lambda: stale_within(3, 1, 1, 0), "versions must be"),
        (lambda: stale_after(3, 1, 1, 0, 1), "write_rate must be"),
        (lambda: stale_after(3, 1, 1, 1, -1), "time must be"),
        (lambda: count_stale(11, 1, 1), "n must lie between 1 and 10, got 11"),
        (lambda: sample_stale(3, 1, 1, trials=19), "trials must be"),
        (lambda: availability(3, 4, 0.9), "needed must be at most"),
        (lambda: availability(3, 2, 1.1), "up must lie"),
    ],
)
def test_what_cannot_be_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
