"""Who is taken out, when, and who gets an error meanwhile."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.kernel import Kernel
from helpers.load_balancing import outages
from helpers.load_balancing.health import (
    ActiveCheck,
    OutlierEjection,
    detection_time,
    expected_errors,
    flapping,
    tries_until_run,
    watch,
)
from helpers.load_balancing.outages import OutageRun, draw_requests, measure_outages, run_outage

ENVOY = OutlierEjection()
NO_LUCK = np.zeros(40)
FOREVER = (0.0, math.inf)


# One server, watched


def test_a_death_is_found_as_worked_out_by_hand():
    check = ActiveCheck(interval=5, unhealthy=3, healthy=2, timeout=1)
    # probes at 2, 7, 12, ...; dead from 4 to 20: 7, 12 and 17 fail, 22 and 27 are good
    assert watch(check, 1.0, (4.0, 20.0), 2.0, NO_LUCK).tolist() == [18.0, 27.0]


def test_a_good_probe_between_failed_ones_begins_the_count_anew():
    check = ActiveCheck(interval=1, unhealthy=2, healthy=1, timeout=0)
    luck = np.array([0.0, 0.9, 0.0, 0.0, 0.9])  # fails below 0.5
    assert watch(check, 0.5, FOREVER, 0.0, luck).tolist() == [3.0, 4.0]


def test_a_probe_at_the_moment_of_recovery_is_good():
    check = ActiveCheck(interval=5, unhealthy=2, timeout=0)
    assert watch(check, 1.0, (0.0, 5.0), 0.0, NO_LUCK).size == 0


def test_a_probe_that_sees_nothing_finds_nothing():
    assert watch(ActiveCheck(sees=0), 1.0, FOREVER, 0.0, NO_LUCK).size == 0


@given(
    interval=st.floats(0.5, 30),
    unhealthy=st.integers(1, 5),
    phase=st.floats(0, 1),
    died=st.floats(0, 20),
)
def test_a_death_is_found_within_the_range_of_the_formula(interval, unhealthy, phase, died):
    check = ActiveCheck(interval, unhealthy, timeout=interval / 4)
    out = watch(check, 1.0, (died, math.inf), phase * interval, np.zeros(200))
    expected = detection_time(check)
    assert expected.earliest - 1e-9 <= out[0] - died <= expected.latest + 1e-9


def test_a_shorter_interval_and_a_lower_threshold_find_a_death_sooner():
    usual = ActiveCheck(interval=5, unhealthy=3)
    for quicker in (replace(usual, interval=2), replace(usual, unhealthy=2)):
        assert detection_time(quicker).mean < detection_time(usual).mean


def test_errors_until_then_are_one_share_of_the_requests():
    assert expected_errors(ActiveCheck(), 240, 12) == pytest.approx(240 / 12 * 13.5)


# In and out again


@pytest.mark.parametrize(
    ("chance", "length", "tries"), [(1, 3, 3), (0.5, 1, 2), (0.5, 2, 6), (0, 2, math.inf)]
)
def test_tries_until_a_run_are_as_worked_out_by_hand(chance, length, tries):
    assert tries_until_run(chance, length) == tries


def test_flapping_is_what_a_long_watch_shows():
    check, share = ActiveCheck(interval=1, unhealthy=3, healthy=2, timeout=0), 0.4
    luck = np.random.default_rng(1).random(400_000)
    moments = np.concatenate([[0.0], watch(check, share, FOREVER, 0.0, luck)])
    stays = np.diff(moments)
    expected = flapping(check, share)
    assert stays[::2].mean() == pytest.approx(expected.seconds_in, rel=0.02)  # 13,000 stays
    assert stays[1::2].mean() == pytest.approx(expected.seconds_out, rel=0.02)
    assert stays.size / 2 / luck.size * 3600 == pytest.approx(expected.flaps_per_hour, rel=0.02)


def test_a_probe_s_timeout_lengthens_the_stays_in_and_shortens_those_out():
    check, share = ActiveCheck(interval=2, unhealthy=2, healthy=1, timeout=2), 0.5
    luck = np.random.default_rng(2).random(200_000)
    stays = np.diff(np.concatenate([[0.0], watch(check, share, FOREVER, 0.0, luck)]))
    expected = flapping(check, share)
    assert (expected.seconds_in, expected.seconds_out) == (2 * 6 + 2, 2 * 2 - 2)
    assert stays[::2].mean() == pytest.approx(expected.seconds_in, rel=0.02)
    assert stays[1::2].mean() == pytest.approx(expected.seconds_out, rel=0.03)


def test_a_higher_threshold_flaps_less():
    check = ActiveCheck(unhealthy=2)
    calm = replace(check, unhealthy=5)
    assert flapping(calm, 0.3).flaps_per_hour < flapping(check, 0.3).flaps_per_hour / 5


def test_a_probe_that_sees_half_flaps_as_at_half_the_share():
    check = ActiveCheck()
    assert flapping(replace(check, sees=0.5), 0.4) == flapping(check, 0.2)


def test_a_healthy_server_stays_in():
    assert flapping(ActiveCheck(), 0.0).share_in == 1
    assert flapping(ActiveCheck(), 1.0).share_in == 0


# Requests to servers of which one is ill


def test_nobody_is_hurt_where_nobody_is_ill():
    assert run_outage(ill_servers=0).errors == 0


def test_unnoticed_the_dead_server_fails_its_share():
    run = run_outage(ill=(0, math.inf))
    share = run.errors / run.arrival_time.size
    assert share == pytest.approx(1 / 12, abs=4 * math.sqrt(1 / 12 / 28_800))


def test_errors_end_when_the_active_check_takes_the_server_out():
    run = run_outage(ActiveCheck(), rng=3)
    assert run.arrival_time[run.is_error].max() <= run.taken_out
    assert run.taken_out - 60 <= detection_time(ActiveCheck()).latest
    assert not run.is_error[run.arrival_time < 60].any()


def test_an_outage_costs_what_the_formula_says():
    check = ActiveCheck(interval=4, unhealthy=2, timeout=0.5)
    measured = measure_outages(check, outages=300, servers=6, arrival_rate=60, rng=2)
    assert (
        abs(measured.seconds.value - detection_time(check).mean) < 2 * measured.seconds.half_width
    )
    expected = expected_errors(check, 60, 6)
    assert abs(measured.errors.value - expected) < 2 * measured.errors.half_width


def test_where_errors_are_counted_too_the_last_error_ends_the_outage():
    both = measure_outages(ActiveCheck(interval=2), ENVOY, outages=20, rng=1)
    assert 0 < both.seconds.value < 1 < detection_time(ActiveCheck(interval=2)).earliest


def test_five_errors_in_a_row_eject_and_thirty_seconds_later_five_more():
    run = run_outage(passive=ENVOY, ill=(60.0, math.inf), duration=180)
    server, moment = run.ejections.T
    assert run.errors == 5 * moment.size
    assert (server == 0).all()
    # out for 30 s, back at the next sweep: so at 100 s; then out for 60 s, back at 170 s
    assert moment == pytest.approx([60.3, 100.3, 170.3], abs=0.7)


@pytest.mark.parametrize(
    ("fails_at", "away"),
    [
        # out until 3, back with the sweep at 5
        ([0], [1, 2, 3, 4]),
        # again at 6, for 2 × 3 s: until 12, back at 15
        ([0, 6], [1, 2, 3, 4, *range(7, 15)]),
        # the sweep at 10 found it in rotation and forgave: at 11 for 3 s, back at 15
        ([0, 11], [1, 2, 3, 4, 12, 13, 14]),
    ],
)
def test_ejections_grow_longer_and_are_forgiven_as_worked_out_by_hand(fails_at, away):
    arrival, luck = np.arange(25.0), np.ones((25, 1))
    luck[fails_at] = 0.0
    ill = np.array([[0.0, np.inf, 1.0], [0.0, 0.0, 0.0]])
    server, failed = np.full((25, 1), -1), np.zeros((25, 1), bool)
    rules, log = (1, 5.0, 3.0, 0.5), np.zeros((9, 2))
    first = np.zeros((25, 1))  # the first server in rotation gets it
    outages.send(arrival, first, luck, ill, np.full((2, 1), np.inf), *rules, server, failed, log)
    assert np.flatnonzero(server[:, 0] == 1).tolist() == away
    assert log[: len(fails_at), 1].tolist() == fails_at


def test_an_error_that_is_not_in_a_row_does_not_count():
    run = run_outage(passive=ENVOY, error_share=0.1, duration=300)
    assert len(run.ejections) == 0 < run.errors


@pytest.mark.parametrize(("most", "out"), [(0.0, 1), (0.10, 1), (0.25, 3), (1.0, 4)])
def test_no_more_are_ejected_than_may_be(most, out):
    rules = replace(ENVOY, most_ejected=most, base_ejection=1e6)
    run = run_outage(passive=rules, ill_servers=4)
    assert len(np.unique(run.ejections[:, 0])) == len(run.ejections) == out


def test_a_share_of_the_servers_is_not_one_less_by_rounding():
    # 0.29 × 100 is a little less than 29 in a computer
    rules = replace(ENVOY, most_ejected=0.29, base_ejection=1e6)
    run = run_outage(passive=rules, servers=100, ill_servers=50, arrival_rate=1000)
    assert len(run.ejections) == 29


def test_every_ejection_is_written_down():
    often = OutlierEjection(consecutive=1, sweep=0.001, base_ejection=0, most_ejected=1)
    settings = {"servers": 2, "ill_servers": 2, "ill": FOREVER, "arrival_rate": 2000}
    run = run_outage(passive=often, duration=10, **settings)
    assert len(run.ejections) == np.count_nonzero(run.server >= 0) > 10_000
    assert (np.diff(run.ejections[:, 1]) >= 0).all()


@pytest.mark.parametrize("passive", [None, OutlierEjection(consecutive=1, most_ejected=1)])
def test_no_server_gets_the_same_request_twice(passive):
    run = run_outage(
        passive=passive, servers=4, ill_servers=3, ill=FOREVER, arrival_rate=50, retries=4
    )
    for tried in run.server:
        there = tried[tried >= 0]
        assert np.unique(there).size == there.size
    if passive is None:  # of four servers the fourth attempt finds the one that is well
        assert run.errors == 0
        assert (run.server[:, 4] == -1).all()


@pytest.mark.parametrize("attempt", [0, 1])
def test_each_server_in_rotation_is_as_likely_as_the_others(attempt):
    run = run_outage(ill_servers=4, ill=FOREVER, error_share=0.5, servers=4, retries=1)
    counts = np.bincount(run.server[run.server[:, attempt] >= 0, attempt], minlength=4)
    expected = counts.sum() / 4
    assert ((counts - expected) ** 2 / expected).sum() < 16.3  # chi-square, 3 degrees, 0.1 %


def test_a_retry_elsewhere_hides_a_dead_server():
    alone = run_outage(ActiveCheck(), rng=5)
    again = run_outage(ActiveCheck(), retries=1, rng=5)
    assert alone.errors > 100
    assert again.errors == 0
    tried = again.failed[:, 0]
    assert (again.server[tried, 1] != again.server[tried, 0]).all()
    assert (again.server[~tried, 1] == -1).all()


def test_where_every_server_is_dead_a_retry_finds_nothing():
    run = run_outage(ill_servers=12, ill=(0, math.inf), retries=2)
    assert run.is_error.all()


def test_where_none_is_in_rotation_everything_fails():
    run = run_outage(ActiveCheck(), servers=1, ill=(0, math.inf))
    late = run.arrival_time > 20
    assert run.is_error[late].all()
    assert (run.server[late] == -1).all()


def test_the_same_seed_gives_the_same_run_whoever_notices():
    first, again = (run_outage(ActiveCheck(), rng=4) for _ in range(2))
    assert np.array_equal(first.server, again.server)
    other = run_outage(passive=ENVOY, rng=4)
    assert np.array_equal(first.arrival_time, other.arrival_time)
    before = first.arrival_time < 60
    assert np.array_equal(first.server[before], other.server[before])


def test_the_loop_compiled_and_as_written_agree_bit_for_bit():
    arrival, where, luck = draw_requests(50, 120, 2, np.random.default_rng(1))
    ill = np.zeros((5, 3))
    ill[:2] = 20.0, 90.0, 0.9
    moments = np.full((5, 3), np.inf)
    moments[1, :2] = 40.0, 100.0
    given = []
    assert isinstance(outages.send, Kernel)
    for loop in (outages.send, outages.send.python):
        server, failed = np.full(where.shape, -1), np.zeros(where.shape, bool)
        log = np.zeros((10_000, 2))
        count = loop(arrival, where, luck, ill, moments, 3, 10.0, 7.0, 0.4, server, failed, log)
        given.append((count, server, failed, log))
    assert given[0][0] == given[1][0] > 2
    for one, other in zip(given[0][1:], given[1][1:], strict=True):
        assert np.array_equal(one, other)


def test_a_run_in_which_something_is_sent_again_without_need_is_refused():
    server, failed = np.array([[0, 1]]), np.array([[False, False]])
    with pytest.raises(AssertionError, match="a request that had not failed was sent again"):
        OutageRun(np.zeros(1), server, failed, FOREVER, math.inf, np.empty((0, 2)))


def test_the_share_of_errors_is_counted_between_moments():
    run = run_outage(ill=(60, 90), rng=1)
    shares = run.error_share(np.array([0.0, 60, 90, 120]))
    assert shares[[0, 2]].tolist() == [0, 0]
    assert shares[1] == pytest.approx(1 / 12, rel=0.15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ActiveCheck(interval=0), "interval must be a finite number above 0, got 0"),
        (lambda: ActiveCheck(unhealthy=0), "unhealthy must be a whole number of at least 1, got 0"),
        (lambda: ActiveCheck(healthy=0), "healthy must be a whole number of at least 1, got 0"),
        (lambda: ActiveCheck(interval=2, timeout=3), "timeout must lie between 0 and 2, got 3"),
        (lambda: ActiveCheck(sees=2), "sees must lie between 0 and 1, got 2"),
        (lambda: OutlierEjection(consecutive=0), "consecutive must be a whole number"),
        (lambda: ActiveCheck(interval=1e-9), "interval must be at least 0.001 seconds, got 1e-09"),
        (lambda: OutlierEjection(sweep=1e-300), "sweep must be at least 0.001 seconds, got 1e-300"),
        (lambda: OutlierEjection(sweep=0), "sweep must be a finite number above 0, got 0"),
        (lambda: OutlierEjection(most_ejected=2), "most_ejected must lie between 0 and 1, got 2"),
        (lambda: tries_until_run(2, 1), "chance must lie between 0 and 1, got 2"),
        (lambda: expected_errors(ActiveCheck(), -1, 2), "arrival_rate must be a finite number"),
        (lambda: flapping(ActiveCheck(), -1), "error_share must lie between 0 and 1, got -1"),
        (lambda: run_outage(servers=0), "servers must be a whole number of at least 1, got 0"),
        (lambda: run_outage(ill_servers=13), "ill_servers must lie between 0 and 12, got 13"),
        (lambda: run_outage(ill=(5, 1)), r"ill must be two rising moments of at least 0, got"),
        (lambda: run_outage(ill=5), r"ill must be two rising moments of at least 0, got 5"),
        (lambda: run_outage(ill=("a", "b")), r"ill must be two rising moments of at least 0, got"),
        (lambda: measure_outages(), "active or passive must be given, got None for both"),
        (lambda: run_outage(retries=-1), "retries must be a whole number of at least 0, got -1"),
        (lambda: measure_outages(outages=1), "outages must be a whole number of at least 2, got 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
