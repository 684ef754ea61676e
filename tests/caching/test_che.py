"""Che's formula and the TTL cache: closed forms, published numbers, and where they break."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.caching.che import (
    characteristic_time,
    che_curve,
    che_hit_ratio,
    ttl_cache_hit_ratio,
    ttl_hit_ratio,
)
from helpers.caching.hit_ratio import hit_ratio_curve
from helpers.caching.request_patterns import (
    loop_requests,
    shifting_requests,
    with_one_hit_wonders,
    zipf_requests,
)
from helpers.workload import poisson, zipf

SHARES = st.lists(st.integers(1, 1_000), min_size=2, max_size=30).map(
    lambda weights: np.array(weights) / sum(weights)
)


@pytest.mark.parametrize(("capacity", "expected"), [(100, 0.1566), (1_000, 0.4367)])
def test_ten_thousand_keys_under_zipf(capacity, expected):
    assert che_hit_ratio(zipf(10_000, 0.8), capacity) == pytest.approx(expected, abs=5e-5)


def test_equal_keys_have_a_closed_form():
    equal = np.full(1_000, 1e-3)
    time = characteristic_time(equal, 250)
    assert time == pytest.approx(-1_000 * np.log(0.75))
    assert che_hit_ratio(equal, 250) == pytest.approx(0.25)


@pytest.mark.parametrize("once", [0.0, 0.3])
def test_simulation_agrees_while_fame_stays(once):
    keys = with_one_hit_wonders(zipf_requests(1_000_000, rng=2), once, rng=2)
    simulated = hit_ratio_curve(keys, warm_up=0.2)
    for capacity in (30, 100, 1_000, 3_000):
        formula = che_hit_ratio(zipf(10_000, 0.8), capacity, once)
        assert simulated.at(capacity) == pytest.approx(formula, abs=0.003), capacity


def test_it_is_far_off_in_a_loop_and_when_fame_moves_on():
    loop = hit_ratio_curve(loop_requests(50_000, 1_000), warm_up=0.2)
    assert loop.at(800) == 0
    assert che_hit_ratio(np.full(1_000, 1e-3), 800) == pytest.approx(0.8)
    keys = shifting_requests(200_000, every=1_000, step=500, rng=2)
    shares = np.bincount(keys) / keys.size
    assert hit_ratio_curve(keys).at(1_000) > che_hit_ratio(shares, 1_000) + 0.1


@given(shares=SHARES, part=st.floats(0.05, 0.95))
def test_at_the_characteristic_time_the_cache_is_just_full(shares, part):
    capacity = part * shares.size
    time = characteristic_time(shares, capacity)
    assert -np.expm1(-shares * time).sum() == pytest.approx(capacity)


@given(shares=SHARES)
def test_more_room_more_hits_up_to_all(shares):
    ratios = [che_hit_ratio(shares, size) for size in range(1, shares.size + 2)]
    assert ratios == sorted(ratios)
    assert ratios[-2] == ratios[-1] == 1


def test_keys_asked_for_once_take_room_and_give_no_hits():
    shares = zipf(1_000, 0.8)
    assert che_hit_ratio(shares, 100, 0.5) < 0.5 * che_hit_ratio(shares, 100)
    assert che_hit_ratio(shares, 10_000_000, 0.5) == pytest.approx(0.5)


@pytest.mark.parametrize("once", [0.0, 0.4])
def test_the_curve_holds_what_is_solved_for_single_sizes(once):
    shares = zipf(2_000, 1.0)
    curve = che_curve(shares, once)
    for i in (0, 10, 25):
        expected = che_hit_ratio(shares, curve.capacity[i], once)
        assert curve.hit_ratio[i] == pytest.approx(expected)
    assert (np.diff(curve.capacity) > 0).all()
    assert curve.capacity[0] < 1
    assert curve.hit_ratio[-1] == pytest.approx(1 - once, abs=0.005)


def test_a_ttl_is_worth_what_comes_within_it():
    assert ttl_hit_ratio([0, 1, 3], ttl=1).tolist() == [0, 0.5, 0.75]
    assert ttl_hit_ratio(5, ttl=0) == 0


def test_a_simulated_ttl_cache_agrees():
    times = poisson(2.0, duration=20_000, rng=5).arrival_time
    hits, expires = 0, -1.0
    for time in times.tolist():
        if time < expires:
            hits += 1
        else:
            expires = time + 3.0
    assert hits / times.size == pytest.approx(float(ttl_hit_ratio(2.0, 3.0)), abs=0.005)


def test_many_keys_share_a_ttl_by_fame():
    shares = np.array([0.75, 0.25])
    assert ttl_cache_hit_ratio(shares, rate=4, ttl=1) == pytest.approx(0.75 * 0.75 + 0.25 * 0.5)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: che_hit_ratio([0.5, 0.4], 1), "popularity"),
        (lambda: che_hit_ratio([1.5, -0.5], 1), "popularity"),
        (lambda: che_hit_ratio([[1.0]], 1), "popularity"),
        (lambda: che_hit_ratio([], 1), "popularity"),
        (lambda: che_hit_ratio([0.5, 0.5], 0), "capacity"),
        (lambda: characteristic_time([0.5, 0.5], 2), "capacity"),
        (lambda: characteristic_time([1.0, 0.0], 1), "capacity"),
        (lambda: che_hit_ratio([0.5, 0.5], 1, once=1), "once"),
        (lambda: che_curve([1.0], points=1), "points"),
        (lambda: ttl_hit_ratio(-1, 1), "rate"),
        (lambda: ttl_hit_ratio(float("inf"), 1), "rate"),
        (lambda: ttl_hit_ratio(1, -1), "ttl"),
        (lambda: ttl_cache_hit_ratio([1.0], 0, 1), "rate"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call()
