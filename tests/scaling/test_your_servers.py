"""Recorded arrivals tell how many servers they need, and how sure that is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.scaling.response_time import servers_needed
from helpers.scaling.simulation import serve
from helpers.scaling.your_servers import deal_records, fewest, find_servers

RNG = np.random.default_rng(1)
POISSON = np.cumsum(RNG.exponential(1 / 80, size=60_000))


def test_a_metronome_needs_just_its_offered_load():
    arrivals = np.arange(0, 100, 0.25)  # 4 a second, one second of service each
    found = find_servers(arrivals, mean_service=1.0, target=1.5, service_cv=0)
    assert (found.servers, found.low, found.high) == (4, 4, 4)


def test_poisson_arrivals_need_what_the_formula_says():
    found = find_servers(POISSON, mean_service=0.1, target=0.6)
    by_formula = servers_needed(80, 10, 0.6)
    assert found.low <= by_formula <= found.high
    assert found.response_time <= 0.6


def test_bursts_need_more_servers_than_their_mean_rate():
    calm, storm = (np.cumsum(RNG.exponential(1 / rate, size=5000)) for rate in (20, 300))
    together = np.sort(np.concatenate([calm, storm + 100]))
    even = np.linspace(0, together[-1], together.size)
    bursts = find_servers(together, mean_service=0.1, target=0.6)
    assert bursts.servers > 2 * find_servers(even, mean_service=0.1, target=0.6).servers
    assert bursts.high > bursts.low


@settings(max_examples=20)
@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=80), st.floats(0.2, 3))
def test_one_server_fewer_misses_the_target(gaps, target):
    arrivals = np.cumsum(gaps)
    services = np.full(arrivals.size, 0.19)
    servers = fewest(arrivals, services, target, 0.99)
    assert serve(arrivals, services, servers).quantile(0.99) <= target
    if servers > 1:
        assert serve(arrivals, services, servers - 1).quantile(0.99) > target


def test_dealt_records_keep_the_rate_and_the_order():
    streams = np.random.default_rng(0).spawn(20)
    sizes = []
    for _, record in deal_records(POISSON, 30.0, streams):
        assert (np.diff(record) >= 0).all()
        assert record[-1] <= POISSON[-1] - POISSON[0] + 1e-6
        sizes.append(record.size)
    assert np.mean(sizes) == pytest.approx(POISSON.size, rel=0.01)


def test_a_record_of_one_request_is_enough_to_ask():
    assert find_servers([5.0], mean_service=0.1, target=1.0).servers == 1


def test_the_answer_does_not_depend_on_when_the_clock_began():
    arrivals = np.arange(0, 100, 0.25)
    now, later = (find_servers(arrivals + start, 0.5, 3.0, rng=3) for start in (0, 2.0**31))
    assert repr(later) == repr(now)
    assert now.utilization == pytest.approx(0.5 * 4 / now.servers, rel=0.15)


def test_luck_that_no_number_of_servers_can_mend_is_counted_and_said():
    arrivals = np.sort(np.random.default_rng(0).random(2000) * 100)
    found = find_servers(arrivals, mean_service=0.1, target=0.5)
    assert 0 < found.unreachable < found.dealt.size
    assert f"in {found.unreachable} of 40 dealt records the service alone misses" in repr(found)


def test_a_record_whose_services_miss_the_target_gets_servers_until_nobody_waits():
    arrivals, services = np.array([0.0, 0.5, 0.6, 3.0]), np.ones(4)
    servers = fewest(arrivals, services, target=0.9, q=0.99)
    assert servers == 3
    assert serve(arrivals, services, 3).waiting_time.max() == 0
    assert serve(arrivals, services, 2).waiting_time.max() > 0


def test_a_rush_may_need_any_number_of_servers():
    assert fewest(np.zeros(6000), np.ones(6000), target=1.5, q=0.99) == 5940


def test_same_seed_same_answer():
    first, second = (find_servers(POISSON[:5000], 0.1, 0.6, rng=3) for _ in range(2))
    assert first.dealt.tolist() == second.dealt.tolist()
    assert repr(first) == repr(second)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arrival_time": []}, "arrival_time must not be empty"),
        ({"arrival_time": [1.0, 0.0]}, "arrival_time must be finite and not falling"),
        ({"mean_service": 0}, "mean_service must be a finite number above 0, got 0"),
        ({"target": 0.1}, "target must lie above 0.1"),
        ({"target": 0.3}, "target must exceed what the service alone takes"),
        ({"q": 1}, "q must lie above 0 and below 1, got 1"),
        ({"block": -1}, "block must be a finite number above 0, got -1"),
        ({"records": 1}, "records must be a whole number of at least 2, got 1"),
        ({"service_cv": 99}, "cv must lie between 0 and 50, got 99"),
    ],
)
def test_bad_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        find_servers(**{"arrival_time": [0.0, 1.0], "mean_service": 0.1, "target": 1.0, **change})
