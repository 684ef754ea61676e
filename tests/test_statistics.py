"""Intervals hold the truth as often as they say; percentiles are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import statistics
from helpers.statistics import (
    Estimate,
    LogHistogram,
    batch_means,
    compare,
    drop_warm_up,
    interval,
    quantile,
    replicate,
)

POSITIVE = st.lists(st.floats(1e-5, 1e5), min_size=1, max_size=200)


def test_student_interval_of_three_samples_by_hand():
    estimate = interval([9.0, 10.0, 11.0])
    assert estimate.value == 10
    assert estimate.half_width == pytest.approx(4.302653 / 3**0.5, rel=1e-6)
    assert 12 in estimate
    assert 13 not in estimate


def test_a_95_percent_interval_holds_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(5)
    held = sum(3.0 in interval(rng.normal(3.0, 2.0, size=8)) for _ in range(2000))
    assert abs(held / 2000 - 0.95) < 4 * (0.95 * 0.05 / 2000) ** 0.5


def test_batch_means_widen_the_interval_of_correlated_samples():
    rng = np.random.default_rng(2)
    noise = rng.normal(size=20_000)
    correlated = np.empty_like(noise)
    level = 0.0
    for i, step in enumerate(noise):
        level = 0.95 * level + step
        correlated[i] = level
    naive, honest = interval(correlated), batch_means(correlated)
    exact = 1.96 / (0.05 * 20_000**0.5)  # the standard error of an AR(1) process' mean
    assert naive.half_width < 0.5 * exact
    assert honest.half_width == pytest.approx(exact, rel=0.5)


def test_batch_means_leave_out_the_remainder_at_the_front():
    assert batch_means([100.0, 1.0, 2.0, 3.0, 4.0], batches=2).value == 2.5


def test_replications_are_independent_and_repeatable():
    seen: list[float] = []
    first = replicate(lambda rng: seen.append(rng.random()) or seen[-1], 5, rng=3)
    assert len(set(seen)) == 5
    assert first == replicate(lambda rng: rng.random(), 5, rng=3)


def test_common_random_numbers_cancel_what_luck_does_to_both():
    together = compare(lambda r: r.exponential(2.0), lambda r: 1.1 * r.exponential(2.0), 30)
    apart = replicate(lambda r: 1.1 * r.exponential(2.0) - r.exponential(2.0), 30)
    assert together.half_width < apart.half_width / 5


def test_warm_up_is_cut_where_the_run_becomes_steady():
    rng = np.random.default_rng(4)
    ramp = np.r_[np.linspace(-20, 0, 300), np.zeros(1700)] + rng.normal(size=2000)
    assert 250 <= 2000 - drop_warm_up(ramp).size <= 400


def test_a_steady_run_loses_little():
    assert drop_warm_up(np.random.default_rng(1).normal(size=1000)).size > 500


@given(POSITIVE, st.floats(0.001, 1))
def test_quantile_is_the_smallest_sample_that_enough_do_not_exceed(samples, q):
    found = quantile(samples, q)
    at_most = sum(x <= found for x in samples)
    below = sum(x < found for x in samples)
    assert found in samples
    assert at_most >= q * len(samples) - 1e-6
    assert below < q * len(samples) + 1e-6


def test_several_quantiles_come_in_one_go():
    assert list(quantile(np.arange(1, 101), [0.5, 0.99, 1.0])) == [50, 99, 100]


@given(POSITIVE, st.floats(0.01, 1))
def test_histogram_quantile_is_within_half_a_bucket(samples, q):
    assert LogHistogram.of(samples).quantile(q) == pytest.approx(quantile(samples, q), rel=1 / 128)


@given(POSITIVE, POSITIVE)
def test_histograms_add_up(some, others):
    together = LogHistogram.of(some) + LogHistogram.of(others)
    assert np.array_equal(together.counts, LogHistogram.of(some + others).counts)


def test_histogram_counts_what_is_out_of_range_in_the_outermost_buckets():
    histogram = LogHistogram.of([0.0, 1e-9, 1.0, 1e9, np.inf])
    assert histogram.counts[0] == 2
    assert histogram.counts[-1] == 2
    assert histogram.total == 5


def test_bucket_edges_enclose_what_they_count():
    histogram = LogHistogram.of([3.0])
    place = int(np.flatnonzero(histogram.counts)[0])
    assert histogram.edges[place] <= 3.0 < histogram.edges[place + 1]
    widths = np.diff(histogram.edges) / histogram.edges[:-1]
    assert widths.max() <= 1 / 128


def test_counting_compiled_and_plain_agree():
    bits = np.random.default_rng(0).exponential(size=2000).view(np.int64)
    kind = (np.arange(2000) % 3).astype(np.int8)
    counts = np.zeros((2, 3, 500), dtype=np.int64)
    first = 1023 * 128 - 250
    statistics.count_in_buckets(bits, kind, statistics.SHIFT, first, counts[0])
    statistics.count_in_buckets.python(bits, kind, statistics.SHIFT, first, counts[1])
    assert np.array_equal(*counts)
    assert counts[0].sum(axis=1).tolist() == [667, 667, 666]


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.20462, 0.0031), "0.2046 ± 0.0031"),
        (Estimate(1234.5, 67.8), "1,234 ± 68"),
        (Estimate(2.0, 0.0), "2 ± 0"),
    ],
)
def test_an_estimate_shows_just_the_digits_it_is_sure_of(estimate, text):
    assert str(estimate) == text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interval([1.0]), "independent must hold at least 2 values, got 1"),
        (lambda: interval([1, 2], level=1.0), "level must lie above 0 and below 1, got 1.0"),
        (
            lambda: batch_means([1, 2], batches=1),
            "batches must be a whole number of at least 2, got 1",
        ),
        (lambda: batch_means([1, 2]), "batches must not exceed the 2 samples, got 20"),
        (lambda: quantile([1], 0.0), "q must be above 0 and at most 1, got 0.0"),
        (lambda: quantile([], 0.5), "samples must not be empty, got 0 values"),
        (lambda: quantile([[1.0]], 0.5), "samples must be one-dimensional, got shape"),
        (lambda: LogHistogram.of([-1.0]), "samples must not be negative or NaN, got -1.0"),
        (lambda: LogHistogram.of([np.nan]), "samples must not be negative or NaN, got nan"),
        (lambda: LogHistogram.by_kind([1.0], np.array([2])), "kind must name one of 0 to 1"),
        (lambda: LogHistogram.of([1.0], low=2, high=1), "low must lie above 0 and below 1, got 2"),
        (lambda: replicate(lambda r: 0.0, 1), "replications must be a whole number of at least 2"),
        (lambda: drop_warm_up([1.0]), "samples must hold at least 10 values, got 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        call()
