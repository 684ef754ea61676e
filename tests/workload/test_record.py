"""The one input of every model keeps its promises: ordered, checked, read-only, printable."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.workload import Workload, as_generator, poisson

FOUR = Workload(
    np.array([0.0, 0.5, 2.5, 3.5]),
    duration=4.0,
    key=np.array([0, 1, 0, 2]),
    size=np.array([100, 200, 100, 400]),
    key_names=("/", "/a", "/b"),
)

times = st.lists(st.floats(0, 1000), min_size=1, max_size=50).map(sorted)


def test_counts_and_rates_of_four_requests_are_as_counted_by_hand():
    assert len(FOUR) == 4
    assert FOUR.arrival_rate == 1.0
    assert FOUR.counts(1.0).tolist() == [2, 0, 1, 1]
    assert FOUR.counts(1.5).tolist() == [2, 1]  # the last second is no whole window
    assert FOUR.peak_rate(2.0) == 1.0
    assert FOUR.interarrival_times.tolist() == [0.5, 2.0, 1.0]
    assert FOUR.burstiness(1.0) == pytest.approx(np.var([2, 0, 1, 1], ddof=1) / 1.0)
    assert FOUR.interarrival_scv == pytest.approx(np.var([0.5, 2, 1]) / np.mean([0.5, 2, 1]) ** 2)


def test_a_window_that_divides_the_duration_but_for_rounding_counts_to_the_end():
    assert Workload(np.array([0.05, 0.25]), duration=0.3).counts(0.1).tolist() == [1, 0, 1]


def test_requests_evenly_spaced_do_not_vary():
    even = Workload(np.arange(100.0), duration=100.0)
    assert even.interarrival_scv == 0
    assert even.burstiness(10.0) == 0


def test_burstiness_of_what_never_comes_is_not_a_number():
    silent = Workload(np.array([]), duration=4.0)
    assert math.isnan(silent.burstiness(1.0))
    assert math.isnan(silent.interarrival_scv)
    assert silent.arrival_rate == 0
    assert math.isnan(Workload(np.zeros(3), duration=4.0).interarrival_scv)


def test_a_cut_starts_at_zero_and_keeps_every_column():
    cut = FOUR.between(0.5, 3.0)
    assert cut.arrival_time.tolist() == [0.0, 2.0]
    assert cut.duration == 2.5
    assert cut.key.tolist() == [1, 0]
    assert cut.size.tolist() == [200, 100]
    assert cut.key_names == FOUR.key_names


def test_a_cut_up_to_the_end_keeps_a_request_that_comes_at_the_very_end():
    workload = Workload(np.array([0.0, 4.0]), duration=4.0)
    assert workload.between(1.0, 4.0).arrival_time.tolist() == [3.0]
    assert workload.between(0.0, 3.0).arrival_time.tolist() == [0.0]


@given(times, st.floats(0, 1000))
def test_two_cuts_hold_every_request_once(arrivals, middle):
    workload = Workload(np.array(arrivals), duration=1000.5)
    middle = min(max(middle, 0.25), 1000.25)
    assert len(workload.between(0, middle)) + len(workload.between(middle, 1000.5)) == len(workload)


@given(times, st.floats(1e-3, 1e3))
def test_scaling_gives_the_rate_asked_for_and_keeps_the_shape(arrivals, rate):
    workload = Workload(np.array(arrivals), duration=1000.5)
    scaled = workload.scaled(rate)
    assert scaled.arrival_rate == pytest.approx(rate)
    ratio = scaled.duration / workload.duration
    assert scaled.arrival_time == pytest.approx(workload.arrival_time * ratio)


def test_columns_cannot_be_written_on():
    for workload in (FOUR, copy.deepcopy(FOUR), pickle.loads(pickle.dumps(FOUR))):
        for name in workload.columns:
            with pytest.raises(ValueError, match="read-only"):
                workload.column(name)[0] = 1


def test_writing_on_the_array_given_does_not_reach_the_workload():
    given_times = np.array([0.0, 1.0])
    workload = Workload(given_times, duration=2.0)
    given_times[0] = 0.7
    assert workload.arrival_time.tolist() == [0.0, 1.0]


def test_workloads_are_equal_if_their_columns_are():
    assert pickle.loads(pickle.dumps(FOUR)) == FOUR
    assert FOUR.scaled(2.0) != FOUR
    assert FOUR != "four"


def test_the_text_tells_the_numbers():
    workload = Workload(
        np.array([0.0, 0.5, 2.5, 3.5]),
        duration=4.0,
        key=np.array([0, 1, 0, 2]),
        size=np.array([100, 200, 100, 4000]),
        region=np.array([1, 1, 1, 0]),
        client=np.array([5, 5, 6, 7]),
        status=np.array([200, 503, 404, 200]),
        service_time=np.array([0.1, 0.2, 0.1, 0.4]),
        region_names=("us", "eu"),
        name="mine",
    )
    assert repr(workload).splitlines() == [
        "Workload 'mine': 4 requests in 4 s",
        "  arrivals  1/s, 2 in the busiest second, gaps' squared variation 0.2857",
        "  key       3 different, the busiest 50.0% of requests",
        "  size      200 B in the middle, 4 kB at most",
        "  region    eu 75.0%, us 25.0%",
        "  client    3 different",
        "  status    25.0% of answers are 500 or above",
        "  service   0.2 s in the middle, 0.4 s at most",
    ]


def test_the_text_of_an_empty_workload_is_one_line():
    assert repr(Workload(np.array([]), duration=4.0)) == "Workload 'workload': 0 requests in 4 s"


def test_ids_far_apart_do_not_fill_memory_when_printed():
    assert "1 different" in repr(Workload(np.array([0.5]), 1.0, key=np.array([2**60])))


def test_catalogue_is_what_was_said_or_else_what_is_seen():
    assert FOUR.catalogue == 3
    assert FOUR.with_keys(1000, rng=1).catalogue == 1000
    assert FOUR.with_keys(1000, rng=1).between(0, 1).catalogue == 1000


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"arrival_time": [1.0, 0.5]}, "arrival_time must ascend, got 1.0 before 0.5 at row 0"),
        ({"arrival_time": [-1.0, 0.5]}, "arrival_time must lie between 0 and .*, got -1.0"),
        ({"arrival_time": [0.0, math.nan]}, "arrival_time must lie between .*, got nan"),
        (
            {"arrival_time": [[0.0, 1.0]]},
            r"arrival_time must be one-dimensional, got shape \(1, 2\)",
        ),
        ({"arrival_time": ["0", "1"]}, "arrival_time must hold float64 values"),
        ({"duration": 0.9}, "duration must be at least the last arrival 1.0, got 0.9"),
        ({"duration": 0.0}, "duration must be a finite number above 0, got 0.0"),
        ({"duration": math.inf}, "duration must be a finite number above 0, got inf"),
        ({"key": [0]}, "key must have 2 rows as arrival_time, got 1"),
        ({"key": [0, -1]}, "key must lie between 0 and .*, got -1"),
        ({"key": [0.0, 1.0]}, "key must hold int64 values, got float64"),
        ({"key": [0, 2], "key_names": ("/", "/a")}, "key must be below 2, its names, got 2"),
        ({"key": [0, 9], "catalogue": 5}, "catalogue must be at least 10, got 5"),
        ({"size": [1, -5]}, "size must lie between 0 and .*, got -5"),
        ({"region": [0, 70_000]}, "region must lie between 0 and .*, got 70000"),
        ({"service_time": [0.1, math.inf]}, "service_time must lie between .*, got inf"),
    ],
)
def test_a_wrong_column_is_named_with_its_value(columns, message):
    good = {"arrival_time": [0.0, 1.0], "duration": 2.0}
    arrays = {
        name: np.array(value) if isinstance(value, list) else value
        for name, value in (good | columns).items()
    }
    with pytest.raises(ValueError, match=message):
        Workload(**arrays)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FOUR.column("region"), r"name must be a column .*key, size\), got 'region'"),
        (lambda: FOUR.counts(0), "window must be a finite number above 0, got 0"),
        (lambda: FOUR.counts(5), "window must lie between .* and the duration 4 s, got 5"),
        (lambda: FOUR.counts(1e-9), "window must lie between .*, got 1e-09"),
        (lambda: FOUR.burstiness(3), "window must be at most half of the duration 4 s, got 3"),
        (lambda: FOUR.between(2, 1), "start and stop must be in order .*, got 2 and 1"),
        (lambda: FOUR.between(2, 9), "start and stop must be in order within 0 and 4, got 2 and 9"),
        (lambda: FOUR.scaled(0), "arrival_rate must be a finite number above 0, got 0"),
        (lambda: Workload(np.array([]), 1.0).scaled(2), "arrival_rate cannot be changed for 0"),
        (lambda: FOUR.with_keys(0), "catalogue must be a whole number of at least 1, got 0"),
        (lambda: FOUR.with_keys(2**23), "catalogue must lie between 1 and 4194304, got 8388608"),
        (lambda: FOUR.with_keys(10, -1), "exponent must be a finite number of at least 0, got -1"),
        (lambda: FOUR.with_sizes(0), "median must be a finite number above 0, got 0"),
        (lambda: FOUR.with_sizes(10, 0.5), "spread must be at least 1, got 0.5"),
        (lambda: FOUR.with_regions({"eu": 0.6}), "shares must .* add up to 1, got {'eu': 0.6}"),
        (lambda: FOUR.with_regions({}), "shares must be at least 0 and add up to 1, got {}"),
        (lambda: FOUR.with_clients(0), "clients must be a whole number of at least 1, got 0"),
        (lambda: as_generator(-1), "rng must be a seed of at least 0 .*, got -1"),
        (lambda: as_generator(None), "rng must be a seed of at least 0 .*, got None"),
        (lambda: as_generator(True), "rng must be a seed of at least 0 .*, got True"),
    ],
)
def test_a_wrong_argument_is_named_with_its_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_one_seed_for_arrivals_and_keys_does_not_tie_them_together():
    workload = (
        poisson(10, requests=20_000, rng=5).with_keys(1000, 0.0, rng=5).with_sizes(1e4, rng=5)
    )
    gaps, keys = workload.interarrival_times, workload.key[1:]
    assert abs(np.corrcoef(gaps, keys)[0, 1]) < 4 / math.sqrt(gaps.size)
    assert abs(np.corrcoef(keys, np.log(workload.size[1:]))[0, 1]) < 0.2  # one size for each key


def test_every_column_has_a_stream_of_its_own_under_one_seed():
    workload = poisson(10, requests=100, rng=5)
    for add in (
        lambda rng: workload.with_keys(1000, 0.0, rng=rng).key,
        lambda rng: workload.with_sizes(1e4, rng=rng).size,
        lambda rng: workload.with_regions({"eu": 0.5, "us": 0.5}, rng=rng).region,
        lambda rng: workload.with_clients(1000, rng=rng).client,
    ):
        assert add(5).tolist() == add(5).tolist()
        assert add(5).tolist() != add(np.random.default_rng(5)).tolist()


def test_a_generator_is_used_as_it_is():
    generator = np.random.default_rng(3)
    assert as_generator(generator, "keys") is generator


def test_an_object_has_the_same_size_each_time_it_is_asked_for():
    workload = poisson(10, requests=2000, rng=1).with_keys(50, rng=1).with_sizes(10_000, rng=1)
    sizes = {(key, size) for key, size in zip(workload.key, workload.size, strict=True)}
    assert len(sizes) == np.unique(workload.key).size


def test_sizes_have_the_median_and_the_spread_asked_for():
    sizes = poisson(10, requests=40_000, rng=2).with_sizes(5000, 2.5, rng=2).size
    z = (np.count_nonzero(sizes < 5000) - 20_000) / math.sqrt(40_000 / 4)
    assert abs(z) < 4
    within = np.count_nonzero((sizes > 5000 / 2.5) & (sizes < 5000 * 2.5)) / 40_000
    assert abs(within - math.erf(1 / math.sqrt(2))) < 4 * math.sqrt(0.6827 * 0.3173 / 40_000)


def test_regions_and_clients_get_their_shares():
    workload = poisson(10, requests=40_000, rng=3)
    regions = workload.with_regions({"eu": 0.7, "us": 0.3, "none": 0.0}, rng=3)
    counts = np.bincount(regions.region, minlength=3)
    assert regions.region_names == ("eu", "us", "none")
    assert abs(counts[0] - 28_000) < 4 * math.sqrt(40_000 * 0.7 * 0.3)
    assert counts[2] == 0
    clients = np.bincount(workload.with_clients(4, rng=3).client)
    assert clients.size == 4
    assert np.all(abs(clients - 10_000) < 4 * math.sqrt(40_000 * 0.25 * 0.75))
