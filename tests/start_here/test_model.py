"""A cache and its origin: the formula, its limits, and the simulation that must agree with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.start_here.model import HIT_TIME, ORIGIN_TIME, serve_through_cache, simulate_responses
from helpers.statistics import batch_means


def test_from_99_to_90_percent_hits_the_origin_gets_ten_times_as_much():
    good, bad = serve_through_cache(0.99, 1000), serve_through_cache(0.9, 1000)
    assert good.origin_rate == pytest.approx(10)
    assert bad.origin_rate == pytest.approx(100)


def test_with_all_hits_the_origin_gets_nothing_and_with_none_everything():
    all_hit, none_hit = serve_through_cache(1.0, 50), serve_through_cache(0.0, 50)
    assert (all_hit.origin_rate, all_hit.mean_response) == (0, HIT_TIME)
    assert (none_hit.origin_rate, none_hit.mean_response) == (50, HIT_TIME + ORIGIN_TIME)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 1e6))
def test_more_hits_never_mean_more_work_or_longer_waits(one, other, rate):
    fewer, more = (serve_through_cache(h, rate) for h in sorted((one, other)))
    assert more.origin_rate <= fewer.origin_rate
    assert more.mean_response <= fewer.mean_response


@pytest.mark.parametrize("hit_ratio", [0.0, 0.5, 0.9, 0.99])
def test_the_simulated_mean_is_the_formula_s(hit_ratio):
    simulated = batch_means(simulate_responses(hit_ratio, requests=200_000))
    expected = serve_through_cache(hit_ratio).mean_response
    # twice the half-width of a 95 % interval is four standard errors
    assert simulated.value == pytest.approx(expected, abs=2 * simulated.half_width + 1e-12)


def test_the_same_seed_gives_the_same_requests_and_another_seed_others():
    one, again, other = (simulate_responses(0.5, 1000, rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"hit_ratio": 1.1}, "hit_ratio"),
        ({"hit_ratio": 0.5, "request_rate": 0}, "request_rate"),
        ({"hit_ratio": 0.5, "hit_time": -1}, "hit_time"),
        ({"hit_ratio": 0.5, "origin_time": float("nan")}, "origin_time"),
    ],
)
def test_bad_input_is_named(wrong, name):
    with pytest.raises(ValueError, match=name):
        serve_through_cache(**wrong)


def test_no_requests_are_refused():
    with pytest.raises(ValueError, match="requests must be a whole number of at least 1, got 0"):
        simulate_responses(0.5, requests=0)
