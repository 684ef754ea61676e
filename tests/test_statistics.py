"""Intervals hold the truth as often as they say; percentiles are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import require, statistics
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
    assert LogHistogram.of(samples).quantile(q) == pytest.approx(quantile(samples, q), rel=1 / 256)


def test_the_smallest_quantile_is_a_sample_and_not_the_lowest_bucket():
    assert LogHistogram.of([5]).quantile(1e-10) == pytest.approx(5, rel=1 / 256)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64])
def test_samples_are_told_apart_by_a_kind_of_any_width(dtype):
    kind = np.array([0, 1, 1, 1], dtype=dtype)
    first, second = LogHistogram.by_kind([0.1, 0.7, 0.8, 0.9], kind)
    assert (first.total, second.total) == (1, 3)
    assert second.quantile(0.1) == pytest.approx(0.7, rel=1 / 256)


def test_a_warm_up_is_cut_in_the_same_place_at_any_height():
    ramp = np.r_[np.linspace(-5, 0, 300), np.zeros(700)]
    samples = ramp + np.random.default_rng(4).normal(size=1000)
    assert drop_warm_up(samples + 1e9).size == drop_warm_up(samples).size


@pytest.mark.parametrize("rng", [None, 1.5, True, -1, "3", np.array([1, 2])])
@pytest.mark.parametrize(
    "call",
    [
        lambda rng: replicate(lambda r: r.random(), rng=rng),
        lambda rng: compare(lambda r: r.random(), lambda r: r.random(), rng=rng),
    ],
)
def test_what_is_neither_a_seed_nor_a_generator_is_named(call, rng):
    with pytest.raises(ValueError, match="rng must be a whole number of at least 0 or a numpy Gen"):
        call(rng)


def test_a_numpy_seed_is_a_seed_and_whole_floats_count():
    def luck(rng):
        return rng.random()

    assert replicate(luck, 5, rng=np.int64(3)) == replicate(luck, 5.0, rng=3)
    assert batch_means(np.arange(40.0), batches=20.0) == batch_means(np.arange(40.0))


def test_designs_from_a_generator_share_their_luck():
    def luck(rng):
        return rng.random()

    same = compare(luck, luck, rng=np.random.default_rng(1))
    assert (same.value, same.half_width) == (0, 0)


@pytest.mark.parametrize("value", [None, "3", True, np.array([1, 2]), 1j, np.nan])
@pytest.mark.parametrize(
    "check",
    [
        lambda value: require.whole("servers", value),
        lambda value: require.positive("servers", value),
        lambda value: require.not_negative("servers", value),
        lambda value: require.between("servers", value, 0, 5),
        lambda value: require.inside("servers", value, 0, 5),
    ],
)
def test_what_is_no_number_is_refused_by_name_and_value(check, value):
    with pytest.raises(ValueError, match=r"^servers must .*, got ") as refused:
        check(value)
    assert str(refused.value).endswith(f"got {value!r}")


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float64(3), np.int8(3)])
def test_a_whole_number_of_any_type_is_taken(value):
    assert require.whole("servers", value) == 3
    assert type(require.whole("servers", value)) is int


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
        (Estimate(1.0, np.inf), "1 ± inf"),
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
        (lambda: LogHistogram.of([-1.0]), "samples must not be negative, got -1.0"),
        (lambda: LogHistogram.of([np.nan]), "samples must not hold NaN, got nan at place 0"),
        (lambda: quantile([1, np.nan], 0.5), "samples must not hold NaN, got nan at place 1"),
        (lambda: batch_means([1, 2], None), "batches must be a whole number of .*, got None"),
        (lambda: batch_means([1, 2], True), "batches must be a whole number of .*, got True"),
        (lambda: batch_means([1, 2], "3"), "batches must be a whole number of .*, got '3'"),
        (lambda: LogHistogram(np.zeros(3, int), 0).quantile(0.5), "samples must not be empty"),
        (lambda: LogHistogram.by_kind([1.0], np.array([2])), "kind must name one of 0 to 1"),
        (lambda: LogHistogram.of([1.0], low=2, high=1), "low must lie above 0 and below 1, got 2"),
        (lambda: replicate(lambda r: 0.0, 1), "replications must be a whole number of at least 2"),
        (lambda: drop_warm_up([1.0]), "samples must hold at least 10 values, got 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        call()
