"""Moving a shard live: every step is there for a reason."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.sharding.resharding import (
    FAILED,
    FINE,
    NOTHING,
    STALE,
    STEPS,
    reshard,
    run_events,
    schedule,
)


def run_by_hand(events, begins, *, loop=run_events, newest_wins=False):
    """Run (time, kind, key) of one client who hears of all at once; one key, new shard empty."""
    time, kind, key = (np.array(column) for column in zip(*events, strict=True))
    old, new, transit, acknowledged = (np.array([v]) for v in (0, NOTHING, NOTHING, 0))
    outcome = np.zeros(time.size, dtype=np.int8)
    starts = np.array([begins.get(step, np.inf) for step in STEPS])
    client, heard = np.zeros(time.size, dtype=np.int64), np.zeros(1)
    stores = (old, new, transit, acknowledged)
    loop(time.astype(float), kind, key, client, starts, heard, newest_wins, *stores, outcome)
    return outcome.tolist(), [int(store[0]) for store in stores]


READ, WRITE, COPY_OUT, COPY_IN, COMPARE = range(5)


@pytest.mark.parametrize("loop", [run_events, run_events.python])
def test_a_write_between_copying_and_switching_is_lost_worked_by_hand(loop):
    events = [(1, COPY_OUT, 0), (2, COPY_IN, 0), (3, WRITE, 0), (4, READ, 0), (6, READ, 0)]
    outcome, (old, new, _, acknowledged) = run_by_hand(events, {"switch": 5}, loop=loop)
    assert outcome == [FINE, FINE, FINE, FINE, STALE]
    assert (old, new, acknowledged) == (3, 0, 3)


@pytest.mark.parametrize("loop", [run_events, run_events.python])
def test_a_write_in_the_copier_s_gap_is_overwritten_unless_versions_are_compared(loop):
    events = [(1, COPY_OUT, 0), (2, WRITE, 0), (3, COPY_IN, 0), (5, READ, 0)]
    steps = {"double write": 0, "switch": 4}
    assert run_by_hand(events, steps, loop=loop)[0] == [FINE, FINE, FINE, STALE]
    assert run_by_hand(events, steps, loop=loop, newest_wins=True)[0] == [FINE] * 4
    verified = [*events[:3], (3.5, COMPARE, 0), events[3]]
    assert run_by_hand(verified, steps, loop=loop)[0] == [FINE] * 5


@pytest.mark.parametrize("loop", [run_events, run_events.python])
def test_who_still_asks_a_dropped_shard_gets_nothing(loop):
    events = [(2, READ, 0), (3, WRITE, 0)]
    outcome, (old, new, _, acknowledged) = run_by_hand(events, {"drop": 1}, loop=loop)
    assert outcome == [FAILED, FAILED]
    assert (old, new, acknowledged) == (0, NOTHING, 0)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(1, 300),
    st.floats(0, 100),
    st.floats(0, 5),
    st.floats(0, 3),
    st.integers(1, 20),
)
def test_the_whole_plan_loses_nothing_whatever_the_luck(rng, keys, writes, lag, gap, clients):
    run = reshard(
        keys=keys,
        writes_per_second=writes,
        reads_per_second=50,
        clients=clients,
        lag=lag,
        copy_gap=gap,
        copy_seconds=5,
        verify_seconds=2,
        rng=rng,
    )
    assert run.is_clean, run
    assert run.lost_keys.size == 0


@pytest.mark.parametrize("rng", range(3))
def test_each_step_left_out_costs_what_it_is_there_for(rng):
    def without(step):
        return reshard(tuple(other for other in STEPS if other != step), rng=rng)

    assert without("double write").lost_writes > 0
    assert without("double write").stale_reads > 0
    assert without("copy").failed > 100
    assert without("verify").stale_reads > 0
    assert without("switch").lost_writes > 500
    assert without("end double write").failed > 100
    assert without("drop").is_clean


def test_a_copier_that_compares_versions_needs_no_one_to_verify():
    steps = tuple(step for step in STEPS if step != "verify")
    assert not reshard(steps).is_clean
    assert reshard(steps, newest_wins=True).is_clean


def test_haste_makes_users_meet_a_shard_that_is_gone():
    assert reshard(is_patient=False).failed > 0
    assert reshard(is_patient=False, lag=0).is_clean


def test_without_writes_nothing_can_be_lost():
    run = reshard(("copy", "switch", "drop"), writes_per_second=0, lag=0)
    assert run.is_clean
    assert not run.is_write.any()


def test_nothing_moves_without_steps():
    run = reshard(())
    assert (run.is_clean, run.duration, run.started) == (True, 10.0, {})


def test_every_request_is_there_and_has_an_outcome():
    run = reshard(("copy", "switch", "drop"))
    assert run.time.size == run.key.size == run.is_write.size == run.outcome.size
    assert (np.diff(run.time) >= 0).all()
    assert sum(run.per_second(kind).sum() for kind in (FINE, STALE, FAILED)) == run.time.size
    assert run.per_second(STALE).sum() == run.stale_reads
    assert not (run.is_write & (run.outcome == STALE)).any()
    assert set(run.lost_keys.tolist()) <= set(run.key[run.is_write].tolist())
    assert run.lost_keys.size <= run.lost_writes


def test_the_same_seed_brings_the_same_requests_whatever_the_steps():
    one, other = reshard(rng=4), reshard(("copy", "switch"), rng=4)
    both = min(one.time.size, other.time.size)
    assert np.array_equal(one.time[:both], other.time[:both])
    assert np.array_equal(one.key[:both], other.key[:both])
    assert np.array_equal(one.outcome, reshard(rng=4).outcome)


def test_steps_follow_each_other_and_wait_for_the_last_to_hear():
    started, duration = schedule(STEPS, {"copy": 20.0, "verify": 5.0}, lag=2.0, is_patient=True)
    assert list(started.values()) == [5, 7, 27, 32, 34, 36]
    assert duration == 43
    hasty, _ = schedule(STEPS, {"copy": 20.0, "verify": 5.0}, lag=2.0, is_patient=False)
    assert list(hasty.values()) == [5, 5, 25, 30, 30, 30]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"steps": ("copy", "pray")}, "steps must be of double write, .*, got 'pray'"),
        ({"steps": "pray"}, "steps must be of double write, .*, got 'pray'"),
        ({"steps": ("copy", "copy")}, "steps must hold each step once, got 'copy' twice"),
        ({"keys": 0}, "keys must be"),
        ({"clients": 0}, "clients must be"),
        ({"lag": -1}, "lag must be"),
        ({"writes_per_second": -1}, "writes_per_second must be"),
        ({"reads_per_second": 0}, "reads_per_second must be"),
        ({"copy_seconds": 0}, "copy_seconds must be"),
        ({"verify_seconds": 0}, "verify_seconds must be"),
        ({"copy_gap": -0.1}, "copy_gap must be"),
        ({"rng": -1}, "rng must be"),
    ],
)
def test_bad_input_is_refused_with_its_name(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        reshard(**arguments)
