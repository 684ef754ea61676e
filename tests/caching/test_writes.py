"""Cache-aside, write-through, write-back: what each loses, and what it serves stale."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.caching.writes import (
    CRASH,
    FLUSH,
    KEEP,
    READ,
    WRITE,
    Operations,
    WriteRun,
    draw_operations,
    expected_loss,
    live_with,
    lose_to_crashes,
    race_chance,
    run_writes,
)

KINDS = {"r": READ, "k": KEEP, "w": WRITE}
STRATEGIES = ("cache-aside", "write-through", "write-back")


def operations_of(*events):
    """Make operations of triples: time, "r", "k" or "w", and which read or write it is."""
    time, kind, number = zip(*events, strict=True)
    return Operations(
        np.array(time, dtype=float),
        np.array([KINDS[which] for which in kind]),
        np.zeros(len(events), dtype=np.int64),
        np.array(number),
        np.full(kind.count("w"), 0.5),
        keys=1,
    )


RACE = operations_of(
    (0, "r", 0),  # finds nothing, loads version 0
    (1, "w", 0),  # version 1, deletes what is not there
    (2, "k", 0),  # keeps version 0
    (3, "r", 1),  # stale
    (3.5, "k", 1),
    (9, "w", 1),  # deletes it
    (10, "r", 2),  # finds nothing
    (11, "k", 2),
    (12, "r", 3),  # fresh
    (13, "k", 3),
)


@pytest.fixture(scope="module")
def operations():
    return draw_operations(500, 10, 100, load_time=0.05, keys=20, rng=1)


def test_the_race_worked_by_hand_keeps_the_old_value():
    run = run_writes(RACE, "cache-aside")
    assert (run.reads, run.hits, run.stale, run.kept_late) == (4, 2, 1, 1)
    assert (run.writes, run.lost, run.database_writes) == (2, 0, 2)


def test_a_lease_forbids_the_race():
    run = run_writes(RACE, "cache-aside", lease=True)
    assert (run.hits, run.stale, run.kept_late) == (1, 0, 0)  # the second read loads as well


def test_the_race_ends_with_the_time_to_live():
    later = replace(RACE, time=RACE.time * np.array([1, 1, 1, 2, 2, 1, 1, 1, 1, 1]))
    assert run_writes(later, "cache-aside", ttl=3).stale == 0  # kept at 2, read at 6
    assert run_writes(later, "cache-aside", ttl=5).stale == 1


def test_write_through_by_hand():
    run = run_writes(RACE, "write-through")
    # The slow read overwrites version 1 with version 0; the next write mends it.
    assert (run.hits, run.stale, run.kept_late) == (3, 1, 1)


def test_write_back_by_hand_loses_what_was_not_flushed():
    writes = operations_of((0.5, "w", 0), (1.5, "w", 1), (1.7, "w", 2), (4, "r", 0))
    run = run_writes(writes, "write-back", flush_interval=1.0, crash_at=1.8)
    # The flush at 1 stored the first; the crash took two. The read goes to the database.
    assert (run.lost, run.pending, run.hits, run.database_writes) == (2, 0, 0, 1)
    run = run_writes(writes, "write-back", flush_interval=1.0)
    assert (run.lost, run.hits, run.stale, run.database_writes) == (0, 1, 0, 2)


def test_a_flush_takes_along_a_write_of_the_same_moment():
    run = run_writes(operations_of((1, "w", 0), (1.5, "r", 0)), "write-back", crash_at=1.2)
    assert (run.lost, run.database_writes) == (0, 1)


def test_the_luck_of_writers_is_in_order_of_time_and_not_of_their_numbers():
    events = operations_of((0, "r", 0), (1, "k", 0), (2, "w", 1), (3, "r", 1), (4, "w", 0))
    for luck, stale in (([0.0, 0.9], 1), ([0.9, 0.0], 0)):
        run = run_writes(replace(events, luck=np.array(luck)), dying_writers=0.5)
        assert run.stale == stale


def test_what_is_not_yet_flushed_is_served_past_its_time():
    writes = operations_of((0.5, "w", 0), (9, "r", 0))
    assert run_writes(writes, "write-back", ttl=1, flush_interval=100).hits == 1


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("crash_at", [None, 50.0])
def test_every_read_and_every_write_is_accounted_for(operations, strategy, crash_at):
    run = run_writes(operations, strategy, crash_at=crash_at)
    assert run.hits + run.database_reads == run.reads
    assert 0 <= run.stale <= run.hits
    if strategy != "write-back":
        assert (run.lost, run.pending) == (0, 0)
        assert run.database_writes == run.writes
    else:
        assert run.database_writes < run.writes


def test_only_write_back_loses_and_only_the_others_lie(operations):
    runs = {s: run_writes(operations, s, flush_interval=10, crash_at=49.9) for s in STRATEGIES}
    assert runs["write-back"].lost > 0
    assert runs["write-back"].stale == 0
    assert runs["cache-aside"].stale > runs["write-through"].stale
    assert runs["cache-aside"].hit_ratio < runs["write-through"].hit_ratio


def test_nothing_that_was_kept_late_remains_with_leases(operations):
    for strategy in STRATEGIES:
        run = run_writes(operations, strategy, lease=True)
        assert (run.kept_late, run.stale) == (0, 0)


def test_a_writer_that_dies_leaves_an_old_copy(operations):
    for strategy in STRATEGIES[:2]:
        alive, dying = (
            run_writes(operations, strategy, lease=True, dying_writers=share)
            for share in (0.0, 0.1)
        )
        assert alive.stale == 0 < dying.stale


def test_races_are_as_frequent_as_the_formula_says():
    # Reads that load come at a few places in time only, so count over several seeds.
    late = loads = 0
    for seed in range(8):
        operations = draw_operations(50, 5, 400, load_time=0.05, keys=1, rng=seed)
        run = run_writes(operations, "cache-aside", lease=False, ttl=0.001)
        late += run.kept_late
        loads += run.database_reads
    expected = race_chance(write_rate=5, load_time=0.05)
    assert expected == pytest.approx(0.2)
    error = 4 * np.sqrt(expected * (1 - expected) / loads) * 2  # loads overlap in time
    assert late / loads == pytest.approx(expected, abs=error)


def test_a_crash_takes_half_of_what_an_interval_brings():
    lost = lose_to_crashes(write_rate=50, flush_interval=4, crashes=300, rng=2)
    mean, most = expected_loss(write_rate=50, flush_interval=4)
    assert (mean, most) == (100, 200)
    assert lost.value == pytest.approx(mean, abs=2 * lost.half_width)  # four standard errors


def test_a_shorter_interval_loses_less_and_writes_more(operations):
    often, seldom = (
        run_writes(operations, "write-back", flush_interval=seconds, crash_at=59.9)
        for seconds in (1, 20)
    )
    assert often.lost < seldom.lost
    assert often.database_writes > seldom.database_writes


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), strategy=st.sampled_from(STRATEGIES), lease=st.booleans())
def test_what_the_database_has_at_the_end_is_every_write_but_the_lost_ones(seed, strategy, lease):
    operations = draw_operations(20, 5, 20, keys=3, rng=seed)
    run = run_writes(operations, strategy, lease=lease, crash_at=12.0, flush_interval=3.0)
    assert run.lost + run.pending <= run.writes
    assert run.lost == 0 or strategy == "write-back"


def test_nothing_happens_and_nothing_is_counted():
    run = run_writes(draw_operations(1e-9, 1e-9, 1), "write-back", crash_at=1)
    assert (run.reads, run.writes, run.lost, run.pending) == (0, 0, 0, 0)


def test_the_same_seed_gives_the_same_run():
    one, two, other = (run_writes(draw_operations(50, 5, 50, rng=seed)) for seed in (1, 1, 2))
    assert one == two != other


def test_the_kernel_gives_the_same_counts_compiled_and_in_plain_python():
    operations = draw_operations(50, 10, 30, keys=4, rng=3)
    dies = operations.luck < 0.1
    reads = int((operations.kind == READ).sum())
    columns = (operations.time, operations.kind, operations.key, operations.number, dies)
    extra = (np.array([5.0, 10.0, 12.0, 15.0]), np.array([FLUSH, FLUSH, CRASH, FLUSH], np.int8))
    for strategy in range(3):
        args = (*columns, *extra, 4, reads, (strategy, strategy == 1, 2.0))
        assert live_with(*args).tolist() == live_with.python(*args).tolist()


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(AssertionError, match="reads are not hits"):
        WriteRun("cache-aside", 5, 3, 0, 0, 0, 0, 0, 1, 0)
    with pytest.raises(AssertionError, match="more writes were lost than came"):
        WriteRun("write-back", 5, 5, 0, 0, 2, 3, 0, 0, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda o: run_writes(o, "write-around"), "strategy must be one of .* got 'write-around'"),
        (lambda o: run_writes(o, ttl=0), "ttl must be a finite number above 0, got 0"),
        (lambda o: run_writes(o, flush_interval=0), "flush_interval must be .* above 0, got 0"),
        (lambda o: run_writes(o, crash_at=-1), "crash_at must be .* at least 0, got -1"),
        (lambda o: run_writes(o, dying_writers=2), "dying_writers must lie between 0 and 1"),
        (lambda o: draw_operations(0, 1, 1), "read_rate must be a finite number above 0, got 0"),
        (lambda o: draw_operations(1, 0, 1), "write_rate must be a finite number above 0, got 0"),
        (lambda o: draw_operations(1, 1, 1, load_time=0), "load_time must be .* above 0, got 0"),
        (
            lambda o: lose_to_crashes(1, 1, crashes=1),
            "crashes must be a whole number of at least 2",
        ),
        (lambda o: replace(o, luck=o.time), "kind, key and number must have .* and luck"),
        (lambda o: replace(o, key=o.key + 1), "key must lie between 0 and 19, got 1 to 20"),
        (lambda o: expected_loss(-1, 1), "write_rate must be .* at least 0, got -1"),
        (lambda o: race_chance(1, -1), "load_time must be .* at least 0, got -1"),
    ],
)
def test_bad_input_is_refused_with_its_name_and_its_value(operations, call, message):
    with pytest.raises(ValueError, match=message):
        call(operations)
