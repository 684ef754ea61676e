"""Eviction: every policy against its readable twin, brute force, and an independent package."""

from functools import lru_cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.caching import eviction_adaptive, eviction_lists, optimal
from helpers.caching.eviction import (
    POLICIES,
    SKETCH_FACTORS,
    CacheRun,
    Trace,
    first_come_first_numbered,
    number_keys,
    simulate,
)
from helpers.caching.hit_ratio import run_policies
from helpers.caching.readable_policies import READABLE, CountMinSketch, Optimal, run
from helpers.caching.request_patterns import (
    loop_requests,
    shifting_requests,
    with_one_hit_wonders,
    with_scans,
    zipf_requests,
)

PEERS = {
    "fifo": "FIFO",
    "clock": "Clock",
    "lru": "LRU",
    "lfu": "LFU",
    "sieve": "Sieve",
    "arc": "ARC",
    "s3fifo": "S3FIFO",
}
"""A policy's name to its class in libcachesim."""

KEYS = st.lists(st.integers(0, 25), min_size=1, max_size=300)
CAPACITIES = st.integers(1, 30)
each_policy = pytest.mark.parametrize("policy", POLICIES)


def readable(policy: str, capacity: int, keys: list[int]):
    return Optimal(capacity, keys) if policy == "optimal" else READABLE[policy](capacity)


def hits_of(policy: str, keys, capacity: int) -> list[int]:
    return simulate(keys, capacity, policy).hits.astype(int).tolist()


@lru_cache
def traces() -> dict[str, np.ndarray]:
    fame = zipf_requests(6_000, catalogue=400, exponent=0.9, rng=7)
    return {
        "fame": fame,
        "scans": with_scans(fame, length=150, every=700),
        "wonders": with_one_hit_wonders(fame, 0.3, rng=7),
        "shifting": shifting_requests(6_000, 400, 0.9, every=500, step=20, rng=7),
        "loop": loop_requests(3_000, length=60),
        "tiny": np.random.default_rng(7).integers(0, 6, 3_000),
    }


# By hand: room for three, and A B C A D B A E A B as 0 1 2 0 3 1 0 4 0 1


BY_HAND = [0, 1, 2, 0, 3, 1, 0, 4, 0, 1]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # D replaces A, A replaces B, E replaces C, B replaces D
        ("fifo", [0, 0, 0, 1, 0, 1, 0, 0, 1, 0]),
        # D spares A and takes B; B spares nobody and takes C; A is hit again, so E takes D
        ("clock", [0, 0, 0, 1, 0, 0, 1, 0, 1, 1]),
        # D takes B, B takes C, E takes D
        ("lru", [0, 0, 0, 1, 0, 0, 1, 0, 1, 1]),
        # A has two uses; D takes B, B takes C, E takes D
        ("lfu", [0, 0, 0, 1, 0, 0, 1, 0, 1, 1]),
        # D passes A, takes B, and the hand waits at C; B takes C; E takes D
        ("sieve", [0, 0, 0, 1, 0, 0, 1, 0, 1, 1]),
        # C is never asked for again and goes first, then D
        ("optimal", [0, 0, 0, 1, 0, 1, 1, 0, 1, 1]),
    ],
)
def test_a_trace_worked_by_hand(policy, expected):
    assert hits_of(policy, BY_HAND, 3) == expected


def test_policies_differ_by_what_a_use_is_worth():
    # room for 2: A is used twice, B is newer, then C comes; who is still there?
    after_c = {p: hits_of(p, [0, 0, 1, 2, 0], 2)[-1] for p in ("fifo", "clock", "lru", "lfu")}
    assert after_c == {"fifo": 0, "clock": 1, "lru": 0, "lfu": 1}


def test_lfu_evicts_the_stalest_of_those_used_equally_often():
    assert hits_of("lfu", [0, 1, 0, 1, 2, 0], 2)[-1] == 0
    assert hits_of("lfu", [0, 1, 1, 0, 2, 0], 2)[-1] == 1


def test_sieve_keeps_what_it_spares_where_it_stands():
    # room for 3: A is spared, so the hand goes on from C; CLOCK would meet A again sooner
    keys = [0, 1, 2, 0, 3, 4, 5, 0]
    assert hits_of("sieve", keys, 3)[-1] == 1
    assert hits_of("clock", keys, 3)[-1] == 0


@pytest.mark.parametrize("policy", ["s3fifo", "wtinylfu"])
def test_a_scan_does_not_wash_out_what_is_used_often(policy):
    popular = np.tile(np.arange(50), 20)
    scan = np.arange(1_000, 2_000)
    keys = np.concatenate([popular, scan, np.arange(50)])
    assert simulate(keys, 100, policy).hits[-50:].mean() > 0.9
    assert not simulate(keys, 100, "lru").hits[-50:].any()


def test_arc_gives_room_to_the_list_whose_ghosts_are_asked_for():
    often = np.repeat(np.arange(10), 2)
    keys = np.concatenate([often, np.arange(100, 110), np.arange(10), np.arange(200, 205), often])
    assert simulate(keys, 12, "arc").hits[-20:].mean() > simulate(keys, 12, "lru").hits[-20:].mean()


# One class for the whole family


@each_policy
class TestEveryPolicy:
    @given(keys=KEYS, capacity=CAPACITIES)
    def test_it_decides_like_its_readable_twin(self, policy, keys, capacity):
        expected = run(readable(policy, capacity, keys), keys)
        assert simulate(keys, capacity, policy).hits.tolist() == expected

    @pytest.mark.parametrize("name", list(traces()))
    def test_it_decides_like_its_twin_on_longer_traces(self, policy, name):
        keys = traces()[name][:2_500]
        for capacity in (1, 2, 3, 7, 20, 64, 250):
            expected = run(readable(policy, capacity, keys.tolist()), keys.tolist())
            assert simulate(keys, capacity, policy).hits.tolist() == expected, capacity

    @given(keys=KEYS, capacity=CAPACITIES)
    def test_it_is_never_better_than_the_optimum(self, policy, keys, capacity):
        limit = simulate(keys, capacity, "optimal").hit_count
        assert simulate(keys, capacity, policy).hit_count <= limit

    @given(keys=KEYS, more=st.integers(0, 3))
    def test_with_room_for_all_only_first_requests_miss(self, policy, keys, more):
        run = simulate(keys, len(set(keys)) + more, policy)
        first = [key not in keys[:i] for i, key in enumerate(keys)]
        assert run.hits.tolist() == [not is_first for is_first in first]
        assert run.evictions == 0
        assert run.misses == run.cold_misses == len(set(keys))

    @given(keys=KEYS, capacity=CAPACITIES)
    def test_every_request_is_a_hit_or_a_miss_and_what_came_in_stayed_or_went(
        self, policy, keys, capacity
    ):
        run = simulate(keys, capacity, policy)
        assert run.hit_count + run.misses == len(run) == len(keys)
        assert run.misses - run.evictions == min(capacity, run.distinct)
        assert run.hit_ratio + run.miss_ratio == pytest.approx(1)
        assert 0 <= run.evictions <= run.misses

    @given(keys=KEYS, capacity=CAPACITIES)
    def test_it_decides_by_what_was_and_not_by_what_keys_are_called(self, policy, keys, capacity):
        renamed = [10**15 - 7 * key**3 for key in keys]
        assert hits_of(policy, renamed, capacity) == hits_of(policy, keys, capacity)

    @given(keys=KEYS, capacity=CAPACITIES, cut=st.integers(1, 300))
    def test_the_beginning_does_not_depend_on_what_comes_later(self, policy, keys, capacity, cut):
        cut = min(cut, len(keys))
        whole, part = simulate(keys, capacity, policy), simulate(keys[:cut], capacity, policy)
        assert whole.hits[:cut].tolist() == part.hits.tolist()

    def test_a_key_that_is_asked_for_again_at_once_is_always_there(self, policy):
        assert hits_of(policy, [1, 1, 2, 2, 3, 3], 1) == [0, 1, 0, 1, 0, 1]

    @pytest.mark.parametrize(
        "dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
    )
    def test_every_whole_number_is_a_key(self, policy, dtype):
        ends = np.iinfo(dtype)
        keys = np.array([ends.min, ends.max, ends.min, 1, ends.max, ends.min], dtype=dtype)
        assert hits_of(policy, keys, 2) == hits_of(policy, [0, 1, 0, 2, 1, 0], 2)

    def test_keys_may_be_read_only_sliced_or_a_list(self, policy):
        keys = traces()["fame"][:600].copy()
        keys.flags.writeable = False
        expected = simulate(keys, 20, policy).hits
        backward = keys[::-1].copy()[::-1]
        for given_keys in (keys.tolist(), backward, keys.astype(">i4")):
            assert (simulate(given_keys, 20, policy).hits == expected).all()

    def test_hits_are_truths_in_an_array_that_nobody_changes(self, policy):
        run = simulate([1, 2, 1], 2, policy)
        assert run.hits.dtype == np.bool_
        assert run.hits.shape == (3,)
        with pytest.raises(ValueError, match="read-only"):
            run.hits[0] = True

    def test_twice_the_room_never_hurts_on_fame_that_stays(self, policy):
        keys = number_keys(traces()["fame"])
        ratios = [simulate(keys, capacity, policy).hit_ratio for capacity in (10, 20, 40, 80, 160)]
        assert ratios == sorted(ratios)
        assert ratios[-1] > ratios[0] + 0.1

    @pytest.mark.parametrize("capacity", [0, -1, 1.5, float("nan"), True, None, "10"])
    def test_a_capacity_that_is_none_is_named(self, policy, capacity):
        with pytest.raises(ValueError, match="capacity must be a whole number of at least 1, got"):
            simulate([1], capacity, policy)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([], "keys must not be empty"),
        (np.zeros(0, dtype=np.int64), "keys must not be empty, got 0 requests"),
        ([[1, 2]], r"keys must be one-dimensional, got shape \(1, 2\)"),
        (3, r"keys must be one-dimensional, got shape \(\)"),
        ([1.0, 2.0], "keys must be whole numbers, got an array of float64"),
        ([True, False], "keys must be whole numbers, got an array of bool"),
        (["a", "b"], "keys must be whole numbers, got an array of"),
        ([1, None], "keys must be whole numbers, got an array of object"),
    ],
)
def test_keys_that_are_none_are_named(keys, reason):
    with pytest.raises(ValueError, match=reason):
        simulate(keys, 10)


@pytest.mark.parametrize("policy", ["LRU", "random", "", None, 3, ["lru"]])
def test_an_unknown_policy_is_named_with_those_there_are(policy):
    with pytest.raises(ValueError, match=r"policy must be one of fifo, .*optimal, got"):
        simulate([1], 1, policy)


# Against others


@pytest.mark.parametrize("policy", PEERS)
@pytest.mark.parametrize("name", list(traces()))
def test_hits_are_those_of_libcachesim(policy, name):
    peers = pytest.importorskip("libcachesim", reason="libcachesim has wheels for Linux only")
    keys = traces()[name]
    capacities = (20, 33, 100, 250) if policy == "s3fifo" else (1, 2, 3, 5, 20, 33, 100, 250)
    for capacity in capacities:  # its S3-FIFO has no room on trial below 20
        peer = getattr(peers, PEERS[policy])(cache_size=capacity, hashpower=12)
        request = peers.Request()
        request.obj_size = 1
        theirs = np.empty(keys.size, dtype=bool)
        for i, key in enumerate(keys.tolist()):
            request.obj_id = key + 1
            theirs[i] = peer.get(request)
        ours = simulate(keys, capacity, policy).hits
        assert np.flatnonzero(ours != theirs).tolist() == [], capacity


def most_hits(keys: list[int], capacity: int) -> int:
    """Try every way to evict."""
    reached = {frozenset(): 0}
    for key in keys:
        found: dict[frozenset, int] = {}
        for cached, hits in reached.items():
            if key in cached:
                options = [(cached, hits + 1)]
            elif len(cached) < capacity:
                options = [(cached | {key}, hits)]
            else:
                options = [((cached - {other}) | {key}, hits) for other in cached]
            for option, count in options:
                found[option] = max(count, found.get(option, 0))
        reached = found
    return max(reached.values())


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_the_optimum_is_the_most_hits_of_all_ways_to_evict(capacity):
    for keys in product(range(4), repeat=6):
        found = simulate(list(keys), capacity, "optimal").hit_count
        assert found == most_hits(list(keys), capacity), keys


@given(keys=st.lists(st.integers(0, 7), min_size=1, max_size=30), capacity=st.integers(1, 6))
def test_the_optimum_is_the_most_hits_on_longer_traces_too(keys, capacity):
    assert simulate(keys, capacity, "optimal").hit_count == most_hits(keys, capacity)


@given(keys=KEYS, capacity=CAPACITIES)
def test_more_room_never_hurts_lru_and_the_optimum(keys, capacity):
    for policy in ("lru", "optimal"):
        smaller, larger = (simulate(keys, size, policy).hits for size in (capacity, capacity + 1))
        assert larger.sum() >= smaller.sum()


def test_more_room_can_hurt_fifo():
    keys = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]  # Bélády, Nelson and Shedler (1969)
    assert [simulate(keys, capacity, "fifo").misses for capacity in (3, 4)] == [9, 10]


def test_lru_has_no_hit_in_a_loop_that_is_one_key_too_long():
    runs = run_policies(loop_requests(10_000, length=101), 100)
    assert runs["lru"].hit_ratio == runs["fifo"].hit_ratio == 0
    assert runs["optimal"].hit_ratio == pytest.approx(0.98, abs=0.01)


# The loops are what runs


@pytest.mark.parametrize("capacity", [1, 2, 9, 40])
def test_loops_give_the_same_compiled_and_not(capacity):
    trace = number_keys(with_scans(zipf_requests(1_500, 120, 0.9, rng=4), 40, 200))
    plain = (trace.keys, trace.distinct, capacity)
    runs = [
        *(
            (getattr(eviction_lists, f"run_{name}"), plain)
            for name in ("fifo", "clock", "lru", "lfu", "sieve")
        ),
        (eviction_adaptive.run_arc, plain),
        (eviction_adaptive.run_s3fifo, (*plain, max(1, capacity // 10), capacity)),
        (eviction_adaptive.run_wtinylfu, (*plain, 1, capacity // 2, SKETCH_FACTORS, 6, 90)),
        (optimal.run_optimal, plain),
    ]
    for loop, arguments in runs:
        assert (loop(*arguments) == loop.python(*arguments)).all(), loop


@given(keys=KEYS)
def test_numbering_gives_the_same_compiled_and_not(keys):
    given_keys = np.array(keys, dtype=np.int64)
    compiled, plain = (
        number(given_keys, 0, 25)
        for number in (first_come_first_numbered, first_come_first_numbered.python)
    )
    assert (
        compiled[0].tolist()
        == plain[0].tolist()
        == [list(dict.fromkeys(keys)).index(key) for key in keys]
    )
    assert compiled[1] == plain[1] == len(set(keys))


def test_keys_far_apart_and_close_together_are_numbered_alike():
    close = np.array([5, -2, 5, 7, -2])
    far = close * 10**17
    assert number_keys(close).keys.tolist() == number_keys(far).keys.tolist() == [0, 1, 0, 2, 1]


def test_negative_keys_far_from_each_other_are_told_apart():
    keys = np.concatenate([np.arange(-600, 600), np.arange(-600, 600)])
    assert number_keys(keys).keys.tolist() == list(range(1_200)) * 2


@pytest.mark.parametrize(
    "keys",
    [
        np.arange(-100, 101, dtype=np.int8),
        np.arange(-(2**63), -(2**63) + 200, dtype=np.int64),
        np.arange(2**64 - 200, 2**64 - 1, dtype=np.uint64),
    ],
)
def test_keys_at_the_ends_of_a_type_are_told_apart(keys):
    assert number_keys(np.tile(keys, 2)).keys.tolist() == list(range(keys.size)) * 2


def test_the_sketch_spreads_keys_over_its_cells():
    sketch = CountMinSketch(256)
    cells = np.array([sketch.cells(key) for key in range(4_096)])
    assert sketch.bits == 10
    for row in cells.T:
        load = np.bincount(row, minlength=1_024)
        assert load.size == 1_024
        assert load.max() <= 16
        assert np.count_nonzero(load) > 900
    assert np.unique(cells, axis=0).shape == (4_096, 4)


def test_the_sketch_counts_up_to_15_and_halves_what_is_old():
    sketch = CountMinSketch(10)
    for _ in range(40):
        sketch.count("old")
    assert sketch.estimate("old") == 15
    for key in range(60):
        sketch.count(key)
    assert sketch.estimate("old") < 15
    assert sketch.seen == sketch.sample == 100


# The run


def test_a_run_tells_its_numbers():
    run = simulate([1, 2, 1, 3, 2], 2, "lru")
    assert repr(run) == (
        "CacheRun: lru, room for 2 of 3 keys, 5 requests, hit ratio 20.0%, 2 evictions"
    )
    assert (run.hit_count, run.misses, run.cold_misses, len(run)) == (1, 4, 3, 5)


def test_the_start_can_be_left_out():
    run = simulate([1, 2, 1, 2, 1], 2, "lru")
    assert run.hit_ratio == pytest.approx(0.6)
    assert run.hit_ratio_after(0.4) == 1
    for share in (1, -0.1, float("nan")):
        with pytest.raises(ValueError, match="warm_up must be at least 0 and below 1"):
            run.hit_ratio_after(share)


def test_a_run_with_a_hit_on_a_first_request_is_refused():
    with pytest.raises(AssertionError, match="before anybody had asked"):
        CacheRun(np.array([True, True]), 1, "lru", distinct=1)


def test_a_trace_is_numbered_once_and_gives_the_same_run():
    keys = traces()["wonders"]
    trace = number_keys(keys)
    assert isinstance(trace, Trace)
    assert (simulate(trace, 50, "arc").hits == simulate(keys, 50, "arc").hits).all()
