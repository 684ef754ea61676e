"""How old may an answer be: copies that end, purges that arrive or do not, versions in names."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.caching.che import ttl_hit_ratio
from helpers.caching.staleness import (
    FRESH,
    MISS,
    STALE,
    WRITE,
    Traffic,
    copy_hit_ratio,
    copy_lifetime,
    copy_stale_share,
    draw_traffic,
    keep_copies,
    read_copies,
    refresh_lag,
)
from helpers.caching.sweeps import sweep_ttl


def traffic_of(events, luck=0.5):
    """Make traffic of pairs of a time and "r" or "w", or of triples with a key."""
    time = np.array([event[0] for event in events], dtype=float)
    key = np.array([event[2] if len(event) > 2 else 0 for event in events])
    is_write = np.array([event[1] == "w" for event in events])
    return Traffic(time, key, is_write, np.full(is_write.sum(), luck), int(key.max()) + 1)


DAY = [(0, "r"), (1, "r"), (2, "w"), (3, "r"), (4, "w"), (5, "r"), (11, "r"), (12, "r")]


def test_a_small_trace_agrees_with_the_one_worked_by_hand():
    run = read_copies(traffic_of(DAY), ttl=10)
    # Fetched at 0, changed at 2 and 4, ended at 10, fetched at 11.
    assert run.outcome.tolist() == [MISS, FRESH, WRITE, STALE, WRITE, STALE, MISS, FRESH]
    assert (run.hit_ratio, run.stale_share) == pytest.approx((4 / 6, 2 / 6))
    assert (run.mean_behind, run.most_behind) == (2, 3)
    assert run.source_load == 2 / 12
    assert run.versions_fetched == 2


def test_a_purge_that_arrives_ends_the_copy_and_one_that_is_lost_does_not():
    run = read_copies(traffic_of(DAY, luck=0.5), ttl=10, lost_purges=0.4)  # luck 0.5: none lost
    assert run.outcome.tolist() == [MISS, FRESH, WRITE, MISS, WRITE, MISS, FRESH, FRESH]
    run = read_copies(traffic_of(DAY, luck=0.5), ttl=10, lost_purges=0.6)  # luck 0.5: all lost
    assert run.count(STALE) == 2


def test_objects_do_not_touch_each_other():
    run = read_copies(traffic_of([(0, "r", 0), (1, "r", 1), (2, "w", 1), (3, "r", 0)]), ttl=10)
    assert run.outcome.tolist() == [MISS, MISS, WRITE, FRESH]


def test_a_copy_ends_just_when_its_time_is_over():
    run = read_copies(traffic_of([(0, "r"), (9.999, "r"), (10, "r")]), ttl=10)
    assert run.outcome.tolist() == [MISS, FRESH, MISS]


@pytest.mark.parametrize("lost_purges", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("ttl", [0.2, 2.0, 20.0])
def test_the_simulation_meets_the_formulas(ttl, lost_purges):
    read_rate, write_rate, seconds = 3.0, 0.4, 60_000
    run = read_copies(draw_traffic(read_rate, write_rate, seconds, rng=5), ttl, lost_purges)
    hits = float(copy_hit_ratio(read_rate, ttl, write_rate, lost_purges))
    stale = float(copy_stale_share(read_rate, write_rate, ttl, lost_purges))
    # reads in a row share a copy: ten times the spread of independent ones, and 4 errors
    error = 4 * math.sqrt(10 * 0.25 / run.reads)
    assert run.hit_ratio == pytest.approx(hits, abs=error)
    assert run.stale_share == pytest.approx(stale, abs=error)


def test_the_time_to_live_formula_is_the_one_everybody_knows():
    rates = np.array([0.1, 1.0, 10.0])
    assert copy_hit_ratio(rates, 5.0) == pytest.approx(ttl_hit_ratio(rates, 5.0))
    assert float(copy_hit_ratio(3, 3)) == pytest.approx(0.9)


@given(
    read=st.floats(0.01, 100),
    write=st.floats(0.001, 100),
    ttl=st.floats(0.01, 1000),
    lost=st.floats(0, 1),
)
def test_stale_reads_are_hits_and_purges_never_make_more_of_them(read, write, ttl, lost):
    stale = float(copy_stale_share(read, write, ttl, lost))
    assert -1e-9 <= stale <= float(copy_hit_ratio(read, ttl, write, lost)) + 1e-9
    assert stale <= float(copy_stale_share(read, write, ttl, 1.0)) + 1e-9
    assert float(copy_lifetime(write, ttl, lost)) <= ttl * (1 + 1e-12)


def test_a_longer_time_to_live_asks_the_source_less_and_lies_more():
    sweep = sweep_ttl([1, 5, 20, 100], duration=2_000)
    assert (np.diff(sweep.load) < 0).all()
    assert (np.diff(sweep.stale) > 0).all()


def test_the_sweep_meets_its_formulas():
    sweep = sweep_ttl([1, 10, 60], duration=20_000, lost_purges=0.05)
    assert sweep.load == pytest.approx(sweep.load_by_formula, rel=0.03)
    assert sweep.stale == pytest.approx(sweep.stale_by_formula, rel=0.12)  # few are stale


def test_purges_that_all_arrive_leave_nothing_stale():
    run = read_copies(draw_traffic(10, 1, 2_000, keys=5, rng=2), lost_purges=0)
    assert run.count(STALE) == 0
    assert run.hit_ratio > 0.5


def test_a_lost_purge_lasts_no_longer_than_the_time_to_live():
    traffic = draw_traffic(10, 0.05, 20_000, rng=3)
    assert read_copies(traffic, ttl=30, lost_purges=0.2).most_behind <= 30
    assert read_copies(traffic, lost_purges=0.2).most_behind > 30


@pytest.mark.parametrize(("ttl", "lost"), [(0, 1.0), (0.5, 1.0), (100, 1.0), (math.inf, 0.3)])
def test_a_file_with_its_version_in_its_name_is_fetched_once_a_version(ttl, lost):
    traffic = draw_traffic(50, 20, 100, keys=3, rng=4)
    run = read_copies(traffic, ttl, lost)
    newest, fetched = {}, set()
    for key, outcome in zip(traffic.key.tolist(), run.outcome.tolist(), strict=True):
        newest[key] = newest.get(key, 0) + (outcome == WRITE)
        if outcome == MISS:
            fetched.add((key, newest[key]))
    assert run.versions_fetched == len(fetched)


def test_reads_are_misses_fresh_or_stale():
    traffic = draw_traffic(10, 2, 1_000, keys=4, rng=1)
    run = read_copies(traffic, ttl=2)
    assert ((run.outcome == WRITE) == traffic.is_write).all()
    assert run.count(MISS) + run.count(FRESH) + run.count(STALE) == run.reads
    assert run.reads + int(traffic.is_write.sum()) == run.outcome.size


def test_nobody_asks_and_nothing_happens():
    run = read_copies(draw_traffic(1e-9, 0, 1))
    assert (run.reads, run.hit_ratio, run.stale_share, run.source_load) == (0, 0, 0, 0)


def test_the_same_seed_gives_the_same_run():
    one, two, other = (draw_traffic(10, 1, 100, rng=seed) for seed in (1, 1, 2))
    assert (one.time == two.time).all()
    assert one.time.size != other.time.size or (one.time != other.time).any()


def test_the_kernel_gives_the_same_bits_compiled_and_in_plain_python():
    traffic = draw_traffic(10, 2, 300, keys=4, rng=7)
    args = (traffic.time, traffic.key, traffic.is_write, traffic.luck < 0.5, 3.0, 4)
    for fast, plain in zip(keep_copies(*args), keep_copies.python(*args), strict=True):
        assert np.array_equal(fast, plain)


def test_a_view_is_as_old_as_its_refresh_takes_and_half_a_round_more():
    assert refresh_lag(interval=100, duration=0) == (50, 100)
    assert refresh_lag(interval=100, duration=20) == (70, 120)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: draw_traffic(0, 1, 1), "read_rate must be a finite number above 0, got 0"),
        (lambda t: draw_traffic(1, -1, 1), "write_rate must be a finite number of at least 0"),
        (lambda t: draw_traffic(1, 1, 0), "duration must be a finite number above 0, got 0"),
        (lambda t: draw_traffic(1, 1, 1, keys=0), "keys must be a whole number of at least 1"),
        (lambda t: read_copies(t, ttl=-1), "ttl must lie between 0 and inf, got -1"),
        (lambda t: read_copies(t, ttl=math.nan), "ttl must lie between 0 and inf, got nan"),
        (lambda t: read_copies(t, lost_purges=2), "lost_purges must lie between 0 and 1, got 2"),
        (lambda t: copy_lifetime(1, 1, -1), "lost_purges must lie between 0 and 1, got -1"),
        (lambda t: read_copies(t, ttl=True), "ttl must lie between 0 and inf, got True"),
        (lambda t: copy_lifetime(-1, 1), "write_rate must be finite and at least 0, got -1"),
        (lambda t: copy_hit_ratio(-1, 1), "read_rate must be finite and at least 0, got -1"),
        (lambda t: copy_hit_ratio(1, math.inf), "ttl must be finite and at least 0, got inf"),
        (lambda t: copy_stale_share(math.nan, 1, 1), "read_rate must be finite .*, got nan"),
        (lambda t: sweep_ttl([]), "ttls must not be empty, got 0"),
        (lambda t: sweep_ttl([1, math.inf]), "ttls must be a finite number .*, got inf"),
        (lambda t: replace(t, luck=t.luck[1:]), "key, is_write and luck must have"),
        (lambda t: replace(t, key=t.key + 1), "key must lie between 0 and 0, got 1 to 1"),
        (lambda t: refresh_lag(0, 1), "interval must be a finite number above 0, got 0"),
        (lambda t: refresh_lag(1, -1), "duration must be a finite number of at least 0, got -1"),
    ],
)
def test_bad_input_is_refused_with_its_name_and_its_value(call, message):
    with pytest.raises(ValueError, match=message):
        call(draw_traffic(1, 1, 10, rng=1))
