"""A page of many calls: by hand, by formula, and simulated."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.scaling.page import (
    TAIL_AT_SCALE,
    PageRun,
    call_share,
    calls_until,
    chance_of_slow,
    draw_response_times,
    load_pages,
    load_wave,
    page_quantile,
)
from helpers.statistics import quantile

SAMPLES = draw_response_times(50_000, rng=1)


def test_published_chance_of_a_hundred_calls():
    calls, published = TAIL_AT_SCALE
    assert chance_of_slow(calls) == pytest.approx(0.634, abs=5e-4)
    assert chance_of_slow(calls) == pytest.approx(published, abs=0.005)


def test_forty_calls():
    assert chance_of_slow(40) == pytest.approx(0.331, abs=5e-4)


def test_two_calls_by_hand():
    assert chance_of_slow(2, slow_share=0.1) == pytest.approx(0.19)


def test_calls_that_share_their_luck_are_like_one():
    assert chance_of_slow([1, 40, 1000], together=1.0) == pytest.approx([0.01] * 3)


@given(st.integers(1, 200), st.floats(0, 1), st.floats(0, 1))
def test_shared_luck_lies_between_one_call_and_all_for_themselves(calls, slow_share, together):
    chance = chance_of_slow(calls, slow_share, together)
    assert slow_share - 1e-9 <= chance <= chance_of_slow(calls, slow_share) + 1e-9
    assert chance <= min(1, calls * slow_share) + 1e-9


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.9))
def test_calls_until_is_the_first_count_that_reaches_the_chance(chance, slow_share):
    calls = calls_until(chance, slow_share)
    assert chance_of_slow(calls, slow_share) >= chance - 1e-9
    if calls > 1:
        assert chance_of_slow(calls - 1, slow_share) < chance + 1e-9


def test_calls_until_undoes_the_chance():
    calls = range(1, 200)
    assert [calls_until(float(chance_of_slow(n))) for n in calls] == list(calls)


def test_a_page_of_two_calls_by_hand():
    # of 16 pairs of 1, 2, 3, 4, the slowest is at most 2 in 4, at most 3 in 9, at most 4 in 16
    assert [page_quantile([4, 1, 3, 2], 2, q) for q in (4 / 16, 5 / 16, 9 / 16, 10 / 16)] == [
        2,
        3,
        3,
        4,
    ]


@given(st.integers(1, 500), st.floats(0.001, 1))
def test_a_share_of_pages_is_that_share_of_calls_to_the_nth_power(calls, q):
    assert call_share(q, calls) ** calls == pytest.approx(q)


@pytest.mark.parametrize("calls", [1, 6, 40, 100])
@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_simulated_pages_agree_with_the_formula(calls, q):
    # the share of 20,000 pages below the formula's quantile is binomial: ± 4 standard deviations
    run = load_pages(SAMPLES, calls, rng=2)
    below = np.mean(run.page_time <= page_quantile(SAMPLES, calls, q))
    assert below == pytest.approx(q, abs=4 * math.sqrt(q * (1 - q) / 20_000) + 1e-4)


@pytest.mark.parametrize("together", [0.0, 0.1, 0.5, 1.0])
def test_simulated_chance_agrees_with_the_formula(together):
    shares = [load_pages(SAMPLES, 40, together=together, rng=k).share_slow for k in range(10)]
    margin = 2 * np.mean([share.half_width for share in shares]) / math.sqrt(10)
    mean = np.mean([share.value for share in shares])
    assert mean == pytest.approx(float(chance_of_slow(40, together=together)), abs=margin)


def test_calls_that_share_their_luck_break_the_formula():
    run = load_pages(SAMPLES, 40, together=1.0, rng=2)
    assert run.share_slow.high < 0.02 < chance_of_slow(40)
    assert run.quantile(0.5) < page_quantile(SAMPLES, 40, 0.5) / 5


def test_intervals_hold_the_formula_nineteen_times_in_twenty():
    # 100 runs: 95 ± 4 standard deviations of 2.2
    exact = float(chance_of_slow(10))
    held = sum(exact in load_pages(SAMPLES, 10, pages=1000, rng=k).share_slow for k in range(100))
    assert held >= 86


@pytest.mark.parametrize("pages", [1, 20, 1000])
def test_no_slow_page_among_few_is_no_promise_for_all(pages):
    share = load_pages([1.0], 4, pages=pages).share_slow
    assert (share.value, share.half_width) == (0, 3 / pages)
    # a true share that the interval leaves out would have shown itself 19 times in 20
    assert (1 - min(share.high, 1)) ** pages <= 0.05


def test_few_connections_by_hand():
    # two connections: 3 and 1; then 2 where the 1 was; then 1 on either; and a page of ones
    times = np.array([[3.0, 1.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    assert load_wave(times, connections=2).tolist() == [4, 2]
    assert load_wave(times, connections=4).tolist() == [3, 1]
    assert load_wave(times, connections=1).tolist() == [7, 4]


def test_waves_of_equal_calls_take_turns():
    run = load_pages([0.1], calls=40, depth=4, pages=3)
    assert run.page_time == pytest.approx([0.4] * 3)
    run = load_pages([0.1], calls=40, depth=4, connections=6, pages=3)
    assert run.page_time == pytest.approx([0.8] * 3)  # ten calls in a wave: six, then four


def test_calls_one_after_the_other_take_the_sum():
    run = load_pages(SAMPLES, calls=7, depth=7, pages=50)
    assert run.page_time == pytest.approx(run.call_time.sum(axis=1))
    line = load_pages(SAMPLES, calls=7, connections=1, pages=50)
    assert line.page_time == pytest.approx(run.page_time)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 30), st.data())
def test_no_page_is_quicker_with_more_waves_or_fewer_connections(calls, data):
    depth = data.draw(st.integers(1, calls))
    connections = data.draw(st.integers(1, calls))
    best = load_pages(SAMPLES, calls, pages=200, rng=3)
    for run in (
        load_pages(SAMPLES, calls, depth=depth, pages=200, rng=3),
        load_pages(SAMPLES, calls, connections=connections, pages=200, rng=3),
        load_pages(SAMPLES, calls, depth=depth, connections=connections, pages=200, rng=3),
    ):
        assert np.array_equal(run.call_time, best.call_time)
        assert (run.page_time >= best.page_time - 1e-12).all()


def test_the_middle_page_is_many_times_the_middle_call():
    assert call_share(0.5, 40) == pytest.approx(0.9828, abs=5e-5)
    assert page_quantile(SAMPLES, 40, 0.5) > 6 * quantile(SAMPLES, 0.5)


def test_drawn_response_times_have_the_median_and_the_tail_they_say():
    times = draw_response_times(200_000, median=0.04, spread=0.4, tail_share=0.02, rng=3)
    body = draw_response_times(200_000, median=0.04, spread=0.4, tail_share=0.0, rng=3)
    assert quantile(body, 0.5) == pytest.approx(0.04, rel=0.01)
    assert np.log(body).std() == pytest.approx(0.4, rel=0.01)
    assert np.mean(times > 1.001 * body) == pytest.approx(0.02, abs=0.002)
    slow = times > 1.001 * body
    assert times[slow] == pytest.approx(10 * body[slow])


def test_same_seed_same_pages():
    one, again, other = (load_pages(SAMPLES, 5, pages=100, rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.page_time, again.page_time)
    assert not np.array_equal(one.page_time, other.page_time)


@pytest.mark.parametrize("page_time", [0.9, 3.1])
def test_a_page_outside_its_calls_is_refused(page_time):
    with pytest.raises(AssertionError, match="faster than its slowest call or slower than all"):
        PageRun(np.array([[1.0, 2.0]]), np.array([page_time]), 1.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: chance_of_slow(0), "calls must be at least 1, got 0"),
        (lambda: chance_of_slow(1, 1.1), "slow_share must lie between 0 and 1, got 1.1"),
        (lambda: chance_of_slow(1, 0.1, -1), "together must lie between 0 and 1, got -1"),
        (lambda: calls_until(1), "chance must lie above 0 and below 1, got 1"),
        (lambda: call_share(0, 4), "q must be above 0 and at most 1, got 0"),
        (lambda: page_quantile([], 4, 0.5), "must not be empty"),
        (lambda: load_pages([1], 0), "calls must be .* at least 1, got 0"),
        (lambda: load_pages([1], 4, depth=5), "depth must lie between 1 and 4, got 5"),
        (lambda: load_pages([1], 4, connections=0), "connections must be .* at least 1, got 0"),
        (lambda: load_pages([1, np.nan], 4), "response_time must be finite and at least 0"),
        (lambda: load_pages([-1], 4), "response_time must be finite and at least 0"),
        (lambda: load_pages([1], 4, pages=0), "pages must be .* at least 1, got 0"),
        (lambda: draw_response_times(0), "samples must be .* at least 1, got 0"),
        (lambda: draw_response_times(tail_times=0.5), "tail_times must lie between 1 and inf"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
