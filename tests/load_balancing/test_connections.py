"""Connections that stay where they are, and requests that do not."""

import math

import numpy as np
import pytest

from helpers.load_balancing.connections import (
    ConnectionRun,
    connect,
    count_open,
    cut,
    measure_share_after,
    seat,
    share_after,
)

AGES = [np.inf, 1800.0, 300.0]


def test_connections_are_seated_in_turn_and_a_new_server_joins_at_zero():
    starts = np.array([-3.0, -1.0, -2.0, 0.0, 1.0, 2.0, 3.0])
    assert seat(starts, servers=2).tolist() == [0, 0, 1, 2, 0, 1, 2]


def test_a_stay_is_cut_into_connections_no_older_than_an_age():
    start, stop, rate = cut(np.array([0.0, 5.0]), np.array([25.0, 9.0]), np.array([1.0, 2.0]), 10.0)
    assert start.tolist() == [0, 10, 20, 5]
    assert stop.tolist() == [10, 20, 25, 9]
    assert rate.tolist() == [1, 1, 1, 2]


def test_open_connections_are_counted_by_hand():
    start, stop = np.array([0.0, 1.0, 2.0]), np.array([1.5, 9.0, 3.0])
    server, time = np.array([0, 1, 0]), np.array([0.0, 1.0, 2.0, 4.0])
    open_now = count_open(start, stop, server, np.ones(3), time, 2)
    assert open_now.tolist() == [[1, 0], [1, 1], [1, 1], [0, 1]]


@pytest.mark.parametrize("age", AGES)
def test_a_new_server_fills_as_the_formula_says(age):
    runs = [connect(clients=20_000, max_age=age, rng=seed) for seed in (1, 2)]
    for minute in (5, 20, 50):
        at = int(np.searchsorted(runs[0].time, 60.0 * minute))
        measured = np.mean([run.new_share_of_connections[at] for run in runs])
        expected = share_after(60.0 * minute, 5, 3600, age)
        error = np.sqrt(expected * (1 - expected) / 40_000)
        assert measured == pytest.approx(expected, abs=4 * error)


def test_an_age_makes_the_new_server_fill_sooner():
    shares = [share_after(240, 5, 3600, age) for age in AGES]
    assert shares == sorted(shares)
    assert share_after(0, 5, 3600) == 0
    assert share_after(1e6, 5, 3600) == pytest.approx(0.2)


def test_clients_that_hardly_ever_leave_move_evenly_over_an_age():
    assert share_after(0.25, 5, mean_lifetime=1e20, max_age=1.0) == pytest.approx(0.25 / 5)


@pytest.mark.parametrize("minutes", [1, 3, 4])
def test_the_share_is_measured_at_the_moment_that_was_asked_for(minutes):
    run = connect(duration=60 * minutes)
    assert run.time.tolist() == [60 * m for m in range(-math.ceil(minutes / 2), minutes + 1)]
    measured = measure_share_after(60 * minutes, rng=1)
    expected = share_after(60 * minutes, 5, 3600)
    assert measured.value == pytest.approx(expected, abs=3 * measured.half_width)
    assert measured.half_width < expected / 10


def test_where_nobody_is_connected_nobody_asks():
    runs = [connect(layer, clients=2, rng=seed) for layer in ("L4", "L7") for seed in range(20)]
    assert any((run.connections.sum(axis=1) == 0).any() for run in runs)
    for run in runs:
        empty = run.connections.sum(axis=1) == 0
        assert (run.requests[empty] == 0).all()
        assert (run.new_share[empty] == 0).all()
        assert np.isfinite(run.new_share_of_connections).all()
    nobody = ConnectionRun(np.array([-60.0]), np.zeros((1, 3)), np.zeros((1, 3), np.int64), "L4")
    assert nobody.imbalance == 1


def test_with_layer_7_the_new_server_has_its_share_at_once():
    run = connect("L7", rng=3)
    assert run.imbalance == pytest.approx(1)
    assert run.new_share[run.time >= 0] == pytest.approx(0.2)
    assert (run.new_share[run.time < 0] == 0).all()


def test_both_layers_see_the_same_requests():
    four, seven = (connect(layer, rng=3) for layer in ("L4", "L7"))
    assert four.requests.sum(axis=1) == pytest.approx(seven.requests.sum(axis=1))
    assert np.array_equal(four.connections, seven.connections)


def test_unlike_clients_make_layer_4_uneven():
    alike, unlike = (connect(unevenness=cv, clients=400, rng=1).imbalance for cv in (0, 4))
    assert alike < 1.06 < 1.15 < unlike


def test_before_time_zero_the_new_server_has_nothing():
    run = connect(rng=2)
    assert run.connections[run.time < 0, -1].sum() == 0
    assert (run.connections >= 0).all()


def test_clients_are_as_many_and_ask_as_much_as_was_said():
    run = connect(clients=20_000, request_rate=0.5, unevenness=1, rng=5)
    assert run.connections.sum(axis=1).mean() == pytest.approx(20_000, rel=0.02)
    assert run.requests.sum(axis=1).mean() == pytest.approx(10_000, rel=0.04)


def test_the_same_seed_gives_the_same_run():
    first, again, other = (connect(rng=seed).requests for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: connect("L5"), "layer must be one of L4, L7, got 'L5'"),
        (lambda: connect(clients=0), "clients must be a whole number of at least 1, got 0"),
        (lambda: connect(max_age=0), "max_age must be above 0, got 0"),
        (lambda: connect(max_age=True), "max_age must be above 0, got True"),
        (lambda: connect(max_age=math.nan), "max_age must be above 0, got nan"),
        (lambda: connect(unevenness=-1), "unevenness must lie between 0 and 50, got -1"),
        (lambda: connect(unevenness=1e200), r"unevenness must lie between 0 and 50, got 1e\+200"),
        (lambda: connect(duration=59), "duration must be at least 60.0 seconds, got 59"),
        (lambda: measure_share_after(90), "seconds must be a whole number of minutes, got 90"),
        (lambda: measure_share_after(0), "seconds must be a finite number above 0, got 0"),
        (lambda: share_after(-1, 2, 3), "seconds must be a finite number of at least 0, got -1"),
        (lambda: share_after(1, 2, 0), "mean_lifetime must be a finite number above 0, got 0"),
        (lambda: share_after(1, 2, 3, 0), "max_age must be above 0, got 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
