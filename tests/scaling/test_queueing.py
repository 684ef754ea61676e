"""The formulas agree with hand calculation, with each other, and with their limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.scaling.durations import Duration
from helpers.scaling.queueing import (
    erlang_b,
    erlang_c,
    mean_response,
    mean_wait,
    mmck,
    wait_quantile,
)
from helpers.scaling.response_time import response_quantile, servers_needed

LOADS = st.floats(0.01, 200)
SERVERS = st.integers(1, 200)


def test_erlang_b_by_hand_for_two_servers():
    assert erlang_b(2, 1.0) == pytest.approx(0.5 / (1 + 1 + 0.5))


def test_published_point_of_erlang_c():
    assert erlang_c(10, 8.0) == pytest.approx(0.4092, abs=5e-5)
    assert mean_wait(8, 1, 10) == pytest.approx(0.2046, abs=5e-5)


def test_with_one_server_the_chance_to_wait_is_the_utilization():
    assert erlang_c(1, 0.8) == pytest.approx(0.8)


def test_nobody_is_refused_or_waits_without_load():
    assert erlang_b(3, 0) == 0
    assert erlang_b(0, 5) == 1
    assert erlang_c(3, 0) == 0


def test_large_systems_neither_overflow_nor_underflow():
    assert 0 < erlang_b(10_000, 10_000) < 0.01
    assert erlang_c(10_000, 9_000) < 1e-10
    # full but for 1/(ρ − 1) = 9 places, and 90,000 leave in a second
    large = mmck(1e5, 1, 90_000, 120_000)
    assert large.mean_response == pytest.approx((120_000 - 9) / 90_000, rel=1e-9)
    assert large.blocking == pytest.approx(0.1)


@pytest.mark.parametrize("rate", [1e12, 1e15, 1e16, 1e300])
def test_a_flooded_queue_keeps_each_admitted_request_for_all_places(rate):
    queue = mmck(rate, 1, 1, 3)
    assert (queue.mean_response, queue.mean_wait) == pytest.approx((3, 2))
    slow = mmck(rate, 1e-10, 1, 5)
    assert (slow.mean_response, slow.mean_wait) == pytest.approx((5e10, 4e10))
    assert {type(value) for value in vars(queue).values()} == {float}


@given(SERVERS, LOADS)
def test_erlang_b_falls_with_servers_and_rises_with_load(servers, load):
    assert erlang_b(servers + 1, load) <= erlang_b(servers, load)
    assert erlang_b(servers, load * 1.1) >= erlang_b(servers, load)


@given(SERVERS, st.floats(0.01, 0.99))
def test_everyone_who_is_refused_in_erlang_b_would_wait_in_erlang_c(servers, utilization):
    load = servers * utilization
    assert erlang_b(servers, load) <= erlang_c(servers, load) <= 1


@given(SERVERS, st.floats(0.01, 3))
def test_a_queue_without_waiting_room_is_erlang_b(servers, utilization):
    load = servers * utilization
    queue = mmck(load, 1, servers, servers)
    assert queue.blocking == pytest.approx(erlang_b(servers, load), rel=1e-9, abs=1e-12)
    assert queue.mean_wait == pytest.approx(0, abs=1e-12)
    assert queue.mean_response == pytest.approx(1, rel=1e-9)


@given(st.integers(1, 20), st.floats(0.05, 0.9), st.floats(0.1, 10))
def test_a_queue_with_endless_room_is_erlang_c(servers, utilization, service_rate):
    rate = servers * utilization * service_rate
    queue = mmck(rate, service_rate, servers, servers + 2000)
    expected = mean_wait(rate, service_rate, servers)
    assert queue.mean_wait == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(st.floats(0.1, 5), st.integers(1, 10), st.integers(0, 30))
def test_finite_queue_obeys_littles_law_and_adds_up(rate, servers, room):
    queue = mmck(rate, 1, servers, servers + room)
    admitted = rate * (1 - queue.blocking)
    assert queue.mean_number == pytest.approx(admitted * queue.mean_response)
    assert queue.mean_response == pytest.approx(queue.mean_wait + 1)
    assert 0 < queue.idle <= 1


def test_finite_single_server_by_hand():
    # one server, room for two, arrivals as fast as service: 0, 1 and 2 are equally likely
    queue = mmck(1, 1, 1, 2)
    assert queue.blocking == pytest.approx(1 / 3)
    assert queue.idle == pytest.approx(1 / 3)
    assert queue.mean_number == pytest.approx(1)


def test_single_server_formulas():
    assert mean_response(0.9, 1) == pytest.approx(10)
    assert mean_wait(0.8, 1, service_cv=2) == pytest.approx(0.8 * 5 / (2 * 0.2))  # P-K
    assert mean_wait(0.5, 1, service_cv=0, arrival_cv=0) == 0


def test_waits_are_infinite_from_full_utilization_on():
    assert mean_wait(10, 1, 10) == math.inf
    assert wait_quantile(0.99, 10, 1, 10) == math.inf
    assert response_quantile(0.99, [9, 10, 11], 1, 10)[1:].tolist() == [math.inf, math.inf]


@given(st.floats(0.05, 0.95), SERVERS)
def test_waits_do_not_rise_when_a_server_is_added(utilization, servers):
    rate = utilization * servers
    assert mean_wait(rate, 1, servers + 1) <= mean_wait(rate, 1, servers)


def test_wait_quantile_of_one_server_by_hand():
    assert wait_quantile(0.99, 0.8, 1) == pytest.approx(math.log(0.8 / 0.01) / 0.2)


@given(st.just(0.0) | st.floats(1e-3, 20))
def test_durations_have_the_mean_and_the_unevenness_they_promise(cv):
    spread = Duration.with_cv(cv)
    mean = spread.fixed + sum(share / rate for rate, share in spread.parts())
    second = sum(share * 2 / rate**2 for rate, share in spread.parts())
    variance = spread.fixed**2 + 2 * spread.fixed * (mean - spread.fixed) + second - mean**2
    assert mean == pytest.approx(1)
    assert math.sqrt(max(variance, 0)) == pytest.approx(cv, abs=1e-6)


def test_drawn_durations_show_these_moments():
    rng = np.random.default_rng(0)
    unit, uniforms = rng.exponential(size=10**6), rng.random(10**6)
    for cv in (0, 0.3, 1, 2.5):
        times = Duration.with_cv(cv).stretch(unit, uniforms, mean=0.2)
        assert times.mean() == pytest.approx(0.2, rel=0.012)
        assert times.std() / times.mean() == pytest.approx(cv, rel=0.02)
        longer = Duration.with_cv(cv).exceed(1.5)
        assert np.mean(times > 0.3) == pytest.approx(longer, abs=0.002)


@given(st.floats(0.01, 0.99), st.floats(0.5, 0.999))
def test_response_quantile_of_one_server_is_exponential(utilization, q):
    expected = -math.log(1 - q) / (1 - utilization)
    assert response_quantile(q, [utilization], 1)[0] == pytest.approx(expected, rel=1e-6)


def test_response_quantile_of_several_servers_agrees_with_numerical_integration():
    from scipy.integrate import quad

    servers, rate = 4, 3.4
    waits = erlang_c(servers, rate)
    t = response_quantile(0.95, [rate], 1, servers)[0]
    wait_rate = servers - rate
    joint, _ = quad(lambda w: waits * wait_rate * math.exp(-wait_rate * w - (t - w)), 0, t)
    late = (1 - waits) * math.exp(-t) + joint + waits * math.exp(-wait_rate * t)
    assert late == pytest.approx(0.05, rel=1e-6)


def test_equal_wait_and_service_rates_do_not_divide_by_zero():
    # c - a = 1: the wait and the service have the same rate, an Erlang-2 tail
    t = response_quantile(0.99, [3.0], 1, 4)[0]
    assert math.exp(-t) * (1 + erlang_c(4, 3.0) * t) == pytest.approx(0.01, rel=1e-5)


def test_constant_service_has_no_tail_when_idle():
    assert response_quantile(0.99, [1e-9], 10, 2, service_cv=0)[0] == pytest.approx(0.1)


@given(st.floats(1, 500), st.floats(0.3, 2))
def test_servers_needed_is_the_fewest(arrival_rate, cv):
    target = 1.5 * response_quantile(0.99, [1e-9], 10, 1, cv)[0]
    servers = servers_needed(arrival_rate, 10, target, service_cv=cv)
    assert response_quantile(0.99, [arrival_rate], 10, servers, cv)[0] <= target
    if servers > 1:
        assert response_quantile(0.99, [arrival_rate], 10, servers - 1, cv)[0] > target


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: erlang_b(-1, 2), "servers must be a whole number of at least 0, got -1"),
        (lambda: erlang_b(2, -1), "offered_load must be a finite number of at least 0, got -1"),
        (lambda: erlang_c(0, 2), "servers must be a whole number of at least 1, got 0"),
        (lambda: erlang_c(2.5, 2), "servers must be a whole number of at least 1, got 2.5"),
        (lambda: erlang_c(2, math.nan), "offered_load must be a finite number"),
        (lambda: mmck(0, 1, 1, 1), "arrival_rate must be a finite number above 0, got 0"),
        (lambda: mmck(1, -1, 1, 1), "service_rate must be a finite number above 0, got -1"),
        (lambda: mmck(1, 1, 3, 2), "capacity must be a whole number of at least 3, got 2"),
        (
            lambda: mean_wait(1, 1, service_cv=-1),
            "service_cv must be a finite number of at least 0",
        ),
        (lambda: wait_quantile(1.0, 1, 2), "q must be at least 0 and below 1, got 1.0"),
        (lambda: wait_quantile(0.5, 1, 0), "service_rate must be a finite number above 0, got 0"),
        (lambda: wait_quantile(0.5, -1, 1), "arrival_rate must be a finite number above 0, got -1"),
        (lambda: servers_needed(80, 10, 1, q=1), "q must lie above 0 and below 1, got 1"),
        (lambda: response_quantile(0, [1], 2), "q must lie above 0 and below 1, got 0"),
        (lambda: response_quantile(0.9, [-1], 2), "arrival_rates must be a finite number above 0"),
        (lambda: Duration.with_cv(99), "cv must lie between 0 and 50, got 99"),
        (lambda: servers_needed(80, 10, 0.4), "target must exceed what the service alone takes"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
