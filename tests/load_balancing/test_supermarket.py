"""The supermarket model: published numbers, closed forms, and the simulation beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.load_balancing.supermarket import (
    exceed,
    mean_in_system,
    mean_response,
    queue_tail,
    response_quantile,
    try_choices,
    try_servers,
)

PUBLISHED = {0.9: (10.0, 2.614, 2.028), 0.99: (100.0, 5.432, 3.858)}
"""Mean response for 1, 2 and 3 choices: Mitzenmacher (2001), table 1."""


@pytest.mark.parametrize("utilization", PUBLISHED)
def test_mean_response_is_the_published_one(utilization):
    ours = [mean_response(utilization, choices) for choices in (1, 2, 3)]
    assert ours == pytest.approx(PUBLISHED[utilization], abs=5e-4)


@given(st.floats(0.05, 0.99))
def test_one_choice_is_the_textbook_queue(utilization):
    assert mean_response(utilization, 1) == pytest.approx(1 / (1 - utilization))
    t = np.array([0.0, 0.5, 3.0, 20.0])
    expected = np.exp(-(1 - utilization) * t)
    assert exceed(t, utilization, 1) == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.05, 0.99), st.integers(1, 5))
def test_the_tail_is_the_fixed_point_of_the_flows(utilization, choices):
    tail = np.append(queue_tail(utilization, choices), [0.0, 0.0])
    flow_in = utilization * (tail[:-2] ** choices - tail[1:-1] ** choices)
    flow_out = tail[1:-1] - tail[2:]
    assert flow_in == pytest.approx(flow_out, abs=1e-12)


def test_two_choices_by_hand():
    assert queue_tail(0.5, 2)[:5] == pytest.approx([1, 1 / 2, 1 / 8, 1 / 128, 1 / 32768])
    assert mean_in_system(0.5, 2) == pytest.approx(0.5 + 0.125 + 1 / 128 + 1 / 32768, abs=1e-9)


@given(st.floats(0.05, 0.99), st.integers(1, 4))
def test_the_mean_is_the_area_under_the_tail_of_the_response_time(utilization, choices):
    t = np.linspace(0, 40 / (1 - utilization), 200_001)
    area = np.trapezoid(exceed(t[::10], utilization, choices), t[::10])
    assert area == pytest.approx(mean_response(utilization, choices), rel=1e-2)


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.999), st.integers(1, 4))
def test_a_quantile_is_exceeded_by_the_rest(utilization, q, choices):
    quantile = response_quantile(q, utilization, choices)
    assert float(exceed(quantile, utilization, choices)) == pytest.approx(1 - q, abs=1e-9)


def test_an_idle_supermarket_serves_at_once():
    assert mean_response(1e-6, 2) == pytest.approx(1)
    assert response_quantile(0.99, 1e-6, 2) == pytest.approx(np.log(100), rel=1e-4)


@pytest.mark.parametrize("utilization", [1e-17, 1e-19, 1e-300])
def test_however_idle_the_one_request_is_still_served(utilization):
    assert mean_response(utilization, 2) == pytest.approx(1)
    assert queue_tail(utilization).tolist() == [1, utilization]


def test_more_choices_are_better_and_the_second_one_brings_the_most():
    means = [mean_response(0.95, choices) for choices in (1, 2, 3, 4)]
    gains = -np.diff(means)
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()


def test_hundreds_of_servers_agree_with_the_formula():
    for trial in try_choices(0.9, (1, 2, 3), servers=500, requests=1_000_000):
        assert abs(trial.measured.value - trial.by_formula) < 2 * trial.measured.half_width
        assert trial.measured.half_width < 0.03 * trial.by_formula


def test_the_tail_of_the_simulation_agrees_as_well():
    from helpers.load_balancing.balancing import balance

    run = balance(0.8 * 400, 400, "two choices", requests=1_000_000, warm_up=0.1)
    for q in (0.5, 0.99, 0.999):
        assert run.quantile(q) == pytest.approx(response_quantile(q, 0.8, 2), rel=0.03)


def test_few_servers_are_slower_than_the_formula():
    few, some, many = try_servers((2, 8, 256), requests=1_000_000)
    assert few.excess > 0.9
    assert 0.1 < some.excess < 0.25
    assert abs(many.excess) < 0.03


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: queue_tail(1.0), "utilization must lie above 0 and below 1, got 1.0"),
        (lambda: queue_tail(0.99999), "utilization must lie between 0 and 0.9999"),
        (lambda: queue_tail(0.9, 0), "choices must be a whole number of at least 1, got 0"),
        (lambda: response_quantile(1.0, 0.9), "q must lie above 0 and below 1, got 1.0"),
        (lambda: response_quantile(0.9, 0.9, True), "choices must be a whole number .* got True"),
        (lambda: exceed(-1, 0.9), "t must be finite and at least 0, got -1"),
        (lambda: exceed([1, np.inf], 0.9), "t must be finite and at least 0"),
        (lambda: try_choices(1.2), "utilization must lie above 0 and below 1, got 1.2"),
        (lambda: try_choices(servers=0), "servers must be a whole number of at least 1, got 0"),
        (lambda: try_choices(choices=(1, 3), servers=2), "choices must lie between 1 and 2, got 3"),
        (lambda: try_choices(choices=(9,)), "choices must lie between 1 and 8, got 9"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
