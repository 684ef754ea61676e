"""Sessions in memory or in a store: who is logged out, how evenly, and at what price."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.scaling.sessions import (
    Autoscaler,
    SessionFleet,
    Sessions,
    draw_sessions,
    expected_deploy_loss,
    expected_loss,
    keep_in_memory,
    keep_in_store,
    run_fleet,
)

HOUR = 3600.0


def fixed(servers, **options):
    """An autoscaler that keeps the number of servers."""
    return Autoscaler(minimum=servers, maximum=servers, **options)


def long_sessions(count, hours=2.0):
    """Sessions that are there at the start and outlast the day."""
    return Sessions(np.zeros(count), np.full(count, 1e6), hours * HOUR)


def spans(*pairs, lost=()):
    """A fleet by when each server starts and leaves."""
    start, leave = np.array(pairs, dtype=float).T
    return SessionFleet(start, leave, np.isin(np.arange(start.size), lost))


@pytest.fixture(scope="module")
def day():
    return draw_sessions(rng=1)


def test_a_day_of_three_sessions_by_hand():
    # 0 and 1 start on the only server; it leaves at 120 s; 2 comes later
    sessions = Sessions(np.array([0.0, 30.0, 200.0]), np.array([500.0, 60.0, 50.0]), 300.0)
    fleet = spans((-math.inf, 120), (100, math.inf))
    with pytest.raises(ValueError, match="fleet must always have a server on, got none at 0 s"):
        keep_in_memory(sessions, spans((10, math.inf)))
    run = keep_in_memory(sessions, replace(fleet, start=np.array([-math.inf, 110.0])))
    assert run.time.tolist() == [60, 120, 180, 240, 300]
    assert run.carried.tolist() == [[2, 0], [0, 1], [0, 1], [0, 2], [0, 1]]
    assert run.live.tolist() == [2, 1, 1, 2, 1]
    assert run.signed_in.tolist() == [2, 1, 0, 1, 0]
    assert run.ended.tolist() == [0, 1, 0, 0, 1]
    assert run.logged_out.tolist() == [0, 1, 0, 0, 0]
    assert run.servers.tolist() == [1, 1, 1, 1, 1]
    assert run.server_hours == pytest.approx(5 / 60)


def test_a_drained_server_keeps_its_sessions_until_its_time_is_out():
    sessions = Sessions(np.zeros(2), np.array([100.0, 1000.0]), 300.0)
    fleet = spans((-math.inf, 60), (60, math.inf))
    run = keep_in_memory(sessions, fleet, drain_timeout=120)
    assert run.carried.tolist() == [[2, 0], [1, 0], [0, 1], [0, 1], [0, 1]]
    assert run.logged_out.tolist() == [0, 0, 1, 0, 0]
    assert run.is_paid.tolist() == [[1, 1], [1, 1], [0, 1], [0, 1], [0, 1]]


def test_a_lost_server_waits_for_nobody():
    sessions = long_sessions(10, hours=0.1)
    fleet = spans((-math.inf, 90), (60, math.inf), lost=[0])
    run = keep_in_memory(sessions, fleet, drain_timeout=1000)
    assert run.logged_out.tolist() == [0, 10, 0, 0, 0, 0]


def test_a_store_spreads_the_live_sessions_evenly_by_hand():
    sessions = Sessions(np.zeros(6), np.full(6, 1000.0), 180.0)
    run = keep_in_store(sessions, spans((-math.inf, 120), (60, math.inf), (60, math.inf)))
    assert run.carried.tolist() == [[2, 2, 2], [0, 3, 3], [0, 3, 3]]
    assert run.logged_out.sum() == 0


def test_autoscaler_by_hand():
    scaler = Autoscaler(sessions_per_server=10, minimum=2, maximum=4, calm=120)
    assert scaler.want([5, 25, 31, 99, 11, 11, 11, 11]).tolist() == [2, 3, 4, 4, 4, 4, 2, 2]


def test_servers_follow_the_sessions_and_start_late():
    arrival = np.sort(np.r_[np.zeros(20), np.full(20, 90.0)])
    sessions = Sessions(arrival, np.full(40, 1e5), 600.0)
    fleet = run_fleet(sessions, Autoscaler(10, minimum=2, start_delay=90, calm=0))
    assert fleet.start.tolist() == [-math.inf, -math.inf, 210, 210]
    assert np.isinf(fleet.leave).all()


def test_the_newest_server_leaves_when_fewer_are_wanted():
    sessions = Sessions(np.zeros(30), np.r_[np.full(10, 100.0), np.full(20, 1e5)], 600.0)
    fleet = run_fleet(sessions, Autoscaler(10, minimum=2, start_delay=0, calm=0))
    assert fleet.leave.tolist() == [math.inf, math.inf, 120]


@pytest.mark.parametrize(("lost", "victim"), [("oldest", 0), ("newest", 3)])
def test_a_lost_server_is_replaced_after_the_start_delay(lost, victim):
    fleet = run_fleet(long_sessions(10), fixed(4, start_delay=120), lost_at=1000, lost=lost)
    assert fleet.leave[victim] == 1000
    assert fleet.is_lost.tolist() == [place == victim for place in range(5)]
    assert fleet.start[4] == 1020 + 120


def test_a_deploy_replaces_every_server_once_and_never_leaves_one_too_few():
    fleet = run_fleet(long_sessions(10), fixed(5, start_delay=90), deploy_at=600)
    assert fleet.leave[:5].tolist() == [690, 750, 810, 870, 930]
    assert fleet.start[5:].tolist() == [690, 750, 810, 870, 930]
    assert np.isinf(fleet.leave[5:]).all()
    assert (fleet.is_on(np.linspace(0, 7000, 500)).sum(axis=1) == 5).all()


def test_losing_one_of_n_loses_its_share():
    # each of 200 days: binomial(3000, 1/12); the mean of them: ± 4 standard errors
    days = [
        keep_in_memory(
            long_sessions(3000), run_fleet(long_sessions(3000), fixed(12), lost_at=HOUR, rng=seed),
            rng=seed,
        ).logged_out.sum()
        for seed in range(200)
    ]  # fmt: skip
    expected = expected_loss(3000, 12)
    spread = expected.half_width / 1.96
    assert expected.value == 250
    assert np.mean(days) == pytest.approx(250, abs=4 * spread / math.sqrt(200))
    assert np.std(days) == pytest.approx(spread, rel=0.2)
    assert np.mean([lost in expected for lost in days]) == pytest.approx(0.95, abs=0.06)


def test_a_store_loses_nobody_with_a_server(day):
    fleet = run_fleet(day, lost_at=[5 * HOUR, 11 * HOUR], deploy_at=14 * HOUR)
    run = keep_in_store(day, fleet)
    assert run.logged_out.sum() == 0
    assert run.signed_in.sum() == len(day)
    assert run.imbalance == pytest.approx(np.ones(run.time.size))


def test_a_store_that_is_lost_loses_everybody(day):
    run = keep_in_store(day, run_fleet(day), store_lost_at=11 * HOUR)
    assert run.logged_out.sum() == day.live([11 * HOUR])[0]
    assert run.logged_out[run.time == 11 * HOUR] == run.logged_out.sum()


def test_both_ways_carry_the_same_sessions(day):
    fleet = run_fleet(day, lost_at=11 * HOUR)
    memory, store = keep_in_memory(day, fleet), keep_in_store(day, fleet)
    assert np.array_equal(memory.live, store.live)
    assert np.array_equal(memory.servers, store.servers)
    assert np.array_equal(memory.signed_in - memory.logged_out, store.signed_in)


def test_with_sessions_in_memory_every_server_removed_logs_people_out(day):
    run = keep_in_memory(day, run_fleet(day))
    assert run.logged_out.sum() > 1000  # and nothing has failed


def test_a_longer_drain_logs_out_fewer_and_pays_for_more(day):
    fleet = run_fleet(day, deploy_at=14 * HOUR)
    runs = [keep_in_memory(day, fleet, drain_timeout=t) for t in (0, 900, 3600, 7200)]
    assert (np.diff([run.logged_out.sum() for run in runs]) < 0).all()
    assert (np.diff([run.server_hours for run in runs]) > 0).all()


def test_a_drain_of_t_cuts_off_the_share_of_sessions_that_last_longer():
    # exponential sessions of mean m outlive T with chance e^(−T/m): 20,000 × 0.1353 ± 4 × 48
    rng = np.random.default_rng(3)
    sessions = Sessions(np.zeros(20_000), rng.exponential(1800, 20_000), 3 * HOUR)
    fleet = spans((-math.inf, 1), (1, math.inf))
    run = keep_in_memory(sessions, fleet, drain_timeout=3600)
    assert run.logged_out.sum() == pytest.approx(20_000 * math.exp(-2), abs=4 * 48)


def test_a_new_server_fills_as_slowly_as_sessions_end():
    # the day is flat, and one of 4 servers is new: it carries 1 − e^(−t/m) of its share
    flat = draw_sessions(per_minute=1000, mean_length=1200, swing=0, hours=3, rng=2)
    fleet = spans(*[(-math.inf, math.inf)] * 3, (HOUR, math.inf))
    run = keep_in_memory(flat, fleet)
    for minutes in (5, 20, 60):
        row = run.time == HOUR + 60 * minutes
        share = run.carried[row, 3] / (run.live[row] / 4)
        assert share == pytest.approx(1 - math.exp(-minutes / 20), abs=0.05)


def test_new_servers_make_the_load_uneven(day):
    memory = keep_in_memory(day, run_fleet(day))
    morning = (memory.time > 4 * HOUR) & (memory.time < 13 * HOUR)
    assert memory.imbalance[morning].max() > 1.3
    assert memory.imbalance.min() >= 1


def test_a_deploy_without_a_drain_logs_people_out_more_than_once():
    # binomial at each of 20 steps; ± 5 %
    run = keep_in_memory(
        long_sessions(20_000), run_fleet(long_sessions(20_000), fixed(20), deploy_at=HOUR)
    )
    assert run.logged_out.sum() == pytest.approx(expected_deploy_loss(20_000, 20), rel=0.05)
    assert run.logged_out.sum() > 1.5 * 20_000


def test_expected_deploy_loss_by_hand():
    assert expected_deploy_loss(100, 1) == 100
    # of two servers: half on the first step, then half and half of that half
    assert expected_deploy_loss(100, 2) == pytest.approx(50 + 75)
    assert expected_deploy_loss(1, 10**6) == pytest.approx(math.e - 1, rel=1e-5)


def test_the_drawn_day_has_the_rate_it_says():
    # Poisson counts: ± 4 standard deviations
    day = draw_sessions(per_minute=100, mean_length=1800, swing=0.6, rng=4)
    came = day.arrival_time[day.arrival_time > 0]
    assert came.size == pytest.approx(144_000, abs=4 * math.sqrt(144_000))
    night = np.count_nonzero((came >= 2.5 * HOUR) & (came < 3.5 * HOUR))
    noon = np.count_nonzero((came >= 14.5 * HOUR) & (came < 15.5 * HOUR))
    assert night == pytest.approx(6000 * 0.4, abs=4 * math.sqrt(2400) + 20)
    assert noon == pytest.approx(6000 * 1.6, abs=4 * math.sqrt(9600) + 20)
    assert day.length.mean() == pytest.approx(1800, rel=0.011)


def test_the_day_begins_as_full_as_it_would_be():
    flat = draw_sessions(per_minute=200, mean_length=1800, swing=0, rng=5)
    expected = 200 * 30  # Little's law
    live = flat.live([0, HOUR, 12 * HOUR])
    assert live == pytest.approx([expected] * 3, abs=4 * math.sqrt(expected))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    servers=st.integers(2, 6),
    drain=st.sampled_from([0.0, 45.0, 600.0]),
    lost_at=st.lists(st.floats(1, 3599), max_size=2),
    deploy_at=st.lists(st.floats(1, 3599), max_size=1),
)
def test_signed_in_is_ended_and_logged_out_and_live(seed, servers, drain, lost_at, deploy_at):
    day = draw_sessions(per_minute=5, mean_length=600, hours=1, rng=seed)
    scaler = Autoscaler(10, minimum=servers + len(lost_at), maximum=20, start_delay=30)
    fleet = run_fleet(day, scaler, lost_at=lost_at, deploy_at=deploy_at, rng=seed)
    run = keep_in_memory(day, fleet, drain_timeout=drain, rng=seed)
    gone = run.ended.sum() + run.logged_out.sum()
    assert run.signed_in.sum() == gone + run.live[-1]
    assert (run.carried >= 0).all()
    assert (run.carried[~run.is_paid] == 0).all()
    assert run.carried.sum(axis=1) == pytest.approx(run.live)
    assert run.signed_in.sum() - run.logged_out.sum() == len(day)


def test_a_run_that_loses_count_is_refused(day):
    run = keep_in_store(day, run_fleet(day))
    with pytest.raises(AssertionError, match="signed in is not ended"):
        replace(run, ended=run.ended + 1)


def test_same_seed_same_run(day):
    one, again, other = (
        keep_in_memory(day, run_fleet(day, lost_at=HOUR, rng=seed), rng=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.carried, again.carried)
    assert not np.array_equal(one.carried[:100], other.carried[:100])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: draw_sessions(per_minute=0), "per_minute must be .* above 0, got 0"),
        (lambda d: draw_sessions(swing=2), "swing must lie between 0 and 1, got 2"),
        (lambda d: draw_sessions(hours=-1), "hours must be .* above 0, got -1"),
        (lambda d: Autoscaler(minimum=0), "minimum must be .* at least 1, got 0"),
        (lambda d: Autoscaler(minimum=5, maximum=4), "maximum must be .* at least 5, got 4"),
        (lambda d: run_fleet(d, lost_at=-5), "lost_at must lie above 0 and within 86400 s, got -5"),
        (lambda d: run_fleet(d, deploy_at=[1, 1e6]), "deploy_at must lie .* got 1e\\+06"),
        (lambda d: run_fleet(d, lost="all"), "lost must be one of .* got 'all'"),
        (lambda d: keep_in_memory(d, run_fleet(d), drain_timeout=-1), "drain_timeout must be"),
        (lambda d: keep_in_store(d, run_fleet(d), round_trip=np.nan), "round_trip must be"),
        (lambda d: keep_in_store(d, run_fleet(d), store_lost_at=0), "store_lost_at must lie"),
        (lambda d: expected_loss(-1, 4), "live must be .* at least 0, got -1"),
        (lambda d: expected_loss(10, 0), "servers must be .* at least 1, got 0"),
        (lambda d: Sessions(np.array([2.0, 1.0]), np.ones(2), 10.0), "arrival_time must rise"),
        (lambda d: Sessions(np.zeros(2), np.ones(3), 10.0), "length must be a column as long"),
        (lambda d: Sessions(np.zeros(1), np.zeros(1), 10.0), "length must be finite and above 0"),
    ],
)
def test_bad_arguments_are_named(call, message, day):
    with pytest.raises(ValueError, match=message):
        call(day)
