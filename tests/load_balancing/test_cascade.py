"""Whether health checks save the others or sink them."""

import numpy as np
import pytest

from helpers.load_balancing import cascade
from helpers.load_balancing.cascade import CascadeRun, run_cascade
from helpers.load_balancing.health import ActiveCheck


def test_a_tier_with_room_loses_only_what_the_dead_get_until_they_are_out():
    run = run_cascade(utilization=0.6)
    lost = 1 - run.answered_share
    # three of twelve fail a quarter of all for 11 to 16 of 540 seconds
    assert 0.25 * 11 / 540 <= lost <= 0.25 * 16.2 / 540
    assert run.rotation.min() == run.rotation[-1] == 9


def test_nothing_happens_where_nothing_dies():
    run = run_cascade(dead=0, utilization=0.95)
    assert run.answered_share == pytest.approx(1)
    assert (run.rotation == 12).all()


@pytest.mark.parametrize("seed", range(5))
def test_just_too_little_room_sinks_the_tier_and_a_panic_threshold_keeps_most_of_it(seed):
    enough = run_cascade(utilization=0.74, rng=seed)
    sunk = run_cascade(utilization=0.80, rng=seed)
    kept = run_cascade(utilization=0.80, panic=0.5, rng=seed)
    assert enough.answered_share > 0.97
    assert sunk.answered_share < 0.3
    assert kept.answered_share > max(0.6, 2 * sunk.answered_share)
    assert kept.is_alarmed.any()
    assert not sunk.is_alarmed.any()


def test_who_never_believes_the_checks_loses_just_the_dead_ones_share():
    run = run_cascade(utilization=0.8, panic=1.0)
    assert run.answered_share == pytest.approx(0.75, abs=0.001)


def test_one_server_that_dies_answers_nothing():
    run = run_cascade(servers=1, dead=1, dies_at=0.0)
    assert run.answered_share == 0


def test_a_probe_more_patient_than_the_user_hides_the_overload():
    patient = ActiveCheck(interval=20, timeout=15)
    run = run_cascade(utilization=0.8, check=patient, dies_at=0.0, duration=1200)
    assert run.rotation[-1] == 9
    assert run.answered[-1] == 0  # all nine are in rotation, and answer everyone too late


def test_the_same_seed_gives_the_same_run():
    first, again, other = (run_cascade(rng=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.rotation, again.rotation)
    assert not np.array_equal(first.rotation, other.rotation)


def test_the_loop_compiled_and_as_written_agree_bit_for_bit():
    load, deaths = np.full(900, 4.2), np.array([10.0, np.inf, np.inf, np.inf, np.inf])
    rules = (0.1, 5.0, 1.0, 3.0, 2.0, 0.5, 2.0, 10.0)
    given = []
    for loop in (cascade.pour, cascade.pour.python):
        rotation, answered, alarmed = np.zeros(900, np.int64), np.zeros(900), np.zeros(900, bool)
        loop(load, deaths, np.arange(5.0), rules, rotation, answered, alarmed)
        given.append((rotation, answered, alarmed))
    for one, other in zip(*given, strict=True):
        assert np.array_equal(one, other)
    assert len(np.unique(given[0][0])) > 2


@pytest.mark.parametrize(("patience", "full"), [(10.0, 5.0), (2.0, 2.0), (2.0, 10.0)])
def test_no_server_answers_more_than_it_can_do(patience, full):
    never = ActiveCheck(interval=600)
    run = run_cascade(servers=2, dead=0, utilization=3, patience=patience, full=full, check=never)
    done = 2 * run.time[-1] + 2 * full  # two servers all the time, and what is left in line
    assert run.answered.sum() * cascade.STEP <= done + 1


def test_a_full_server_answers_as_much_as_it_can_do():
    never = ActiveCheck(interval=600)
    run = run_cascade(servers=2, dead=0, utilization=3, patience=5, full=5, check=never)
    assert run.answered[-1] == pytest.approx(2)


@pytest.mark.parametrize(("utilization", "share"), [(0.6, 1.0), (0.8, 9 / 9.6), (1.5, 0.5)])
def test_the_servers_alive_could_answer_their_part(utilization, share):
    run = run_cascade(utilization=utilization, duration=70)
    assert run.could_be_answered == pytest.approx(share)


@pytest.mark.parametrize(("dead", "is_alarmed"), [(11, False), (12, True)])
def test_the_threshold_is_the_share_itself_and_not_one_server_more(dead, is_alarmed):
    # 14 of 25 is 56 %, though 0.56 × 25 is a little more than 14 in a computer
    run = run_cascade(servers=25, dead=dead, panic=0.56, utilization=0.5)
    assert run.rotation[-1] == 25 - dead
    assert run.is_alarmed.any() == is_alarmed


def test_more_answered_than_came_is_refused():
    one = np.ones(1)
    with pytest.raises(AssertionError, match="more was answered than came"):
        CascadeRun(one, one, np.array([1]), 2 * one, np.array([False]), 1, 1, 0.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"servers": 0}, "servers must be a whole number of at least 1, got 0"),
        ({"utilization": 0}, "utilization must be a finite number above 0, got 0"),
        ({"dead": 13}, "dead must lie between 0 and 12, got 13"),
        ({"panic": 2}, "panic must lie between 0 and 1, got 2"),
        ({"patience": -1}, "patience must be a finite number of at least 0, got -1"),
        ({"duration": 0}, "duration must be a finite number above 0, got 0"),
        ({"dies_at": 600}, "dies_at must come before the end, 600.0 s, got 600"),
        ({"check": ActiveCheck(0.05, timeout=0)}, "interval must be at least a step of 0.1 s"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        run_cascade(**arguments)
