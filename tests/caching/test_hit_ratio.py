"""Hit ratio against size: one pass for LRU, the patterns, and how policies rank on them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.caching.eviction import POLICIES, number_keys, simulate
from helpers.caching.hit_ratio import (
    find_depths,
    hit_ratio_curve,
    run_policies,
    spread_sizes,
    stack_distances,
)
from helpers.caching.request_patterns import (
    PATTERNS,
    loop_requests,
    shifting_requests,
    with_one_hit_wonders,
    with_scans,
    zipf_requests,
)

KEYS = st.lists(st.integers(0, 20), min_size=1, max_size=200)


def test_depths_worked_by_hand():
    assert stack_distances([0, 1, 2, 2, 0, 1, 3, 0]).tolist() == [0, 0, 0, 1, 3, 3, 0, 3]


@given(keys=KEYS)
def test_depth_is_the_number_of_different_keys_since_the_last_request(keys):
    expected = []
    for i, key in enumerate(keys):
        if key in keys[:i]:
            last = max(j for j in range(i) if keys[j] == key)
            expected.append(len(set(keys[last:i])))
        else:
            expected.append(0)
    assert stack_distances(keys).tolist() == expected


@given(keys=KEYS)
def test_depths_are_the_same_compiled_and_not(keys):
    trace = number_keys(keys)
    arguments = (trace.keys, trace.distinct)
    assert find_depths(*arguments).tolist() == find_depths.python(*arguments).tolist()


@given(keys=KEYS, warm_up=st.sampled_from([0.0, 0.3, 0.9]))
def test_one_pass_gives_what_a_run_for_each_size_gives(keys, warm_up):
    curve = hit_ratio_curve(keys, warm_up=warm_up)
    assert curve.capacity.tolist() == list(range(1, len(set(keys)) + 1))
    runs = [simulate(keys, int(size)).hit_ratio_after(warm_up) for size in curve.capacity]
    assert curve.hit_ratio == pytest.approx(runs)


def test_one_pass_gives_any_sizes_that_are_asked_for():
    keys = zipf_requests(5_000, catalogue=200, rng=1)
    some = hit_ratio_curve(keys, capacities=[1, 10, 500])
    assert some.hit_ratio == pytest.approx([simulate(keys, c).hit_ratio for c in (1, 10, 500)])


@pytest.mark.parametrize("policy", POLICIES)
def test_a_sweep_runs_the_policy_at_each_size(policy):
    keys = zipf_requests(2_000, catalogue=200, rng=1)
    curve = hit_ratio_curve(keys, policy, capacities=[2, 20, 150], warm_up=0.25)
    runs = [simulate(keys, size, policy).hits[500:].mean() for size in (2, 20, 150)]
    assert curve.hit_ratio == pytest.approx(runs)
    assert curve.policy == policy


def test_a_curve_is_read_between_its_points_and_backward():
    curve = hit_ratio_curve(loop_requests(100, length=10), capacities=[1, 9, 10])
    assert curve.at(9) == 0
    assert curve.at(10) == pytest.approx(0.9)
    assert curve.capacity_for(0.5) == 10
    with pytest.raises(ValueError, match=r"hit_ratio must be at most 0.9, the best"):
        curve.capacity_for(0.95)
    with pytest.raises(ValueError, match="capacity must lie between"):
        curve.at(11)


@pytest.mark.parametrize("capacities", [[], [2, 1], [1, 1], [0, 1], [1.5]])
def test_sizes_that_are_none_are_named(capacities):
    with pytest.raises(ValueError, match="capacities must"):
        hit_ratio_curve([1, 2], capacities=capacities)


@pytest.mark.parametrize("warm_up", [1, -0.1, float("nan")])
def test_a_warm_up_that_leaves_nothing_is_named(warm_up):
    with pytest.raises(ValueError, match="warm_up"):
        hit_ratio_curve([1, 2], warm_up=warm_up)


def test_sizes_are_spread_in_equal_ratios():
    assert spread_sizes(1_000, points=4).tolist() == [1, 10, 100, 1_000]
    assert spread_sizes(3).tolist() == [1, 2, 3]


# The patterns


def test_a_scan_reads_each_key_once_and_leaves_the_rest_alone():
    keys = with_scans(np.zeros(10, dtype=np.int64), length=2, every=5)
    assert keys.tolist() == [0, 0, 0, 1, 2, 0, 0, 0, 3, 4]


def test_one_hit_wonders_take_their_share_and_come_once():
    keys = zipf_requests(20_000, catalogue=100, rng=3)
    mixed = with_one_hit_wonders(keys, 0.3, rng=3)
    is_wonder = mixed > keys.max()
    assert is_wonder.mean() == pytest.approx(0.3, abs=0.015)
    assert np.unique(mixed[is_wonder]).size == is_wonder.sum()
    assert (mixed[~is_wonder] == keys[~is_wonder]).all()
    assert with_one_hit_wonders(keys, 0).tolist() == keys.tolist()


def test_fame_moves_on_to_keys_that_were_never_seen():
    keys = shifting_requests(4_000, catalogue=50, exponent=1, every=1_000, step=10, rng=3)
    busiest = [int(np.bincount(part).argmax()) for part in keys.reshape(4, 1_000)]
    assert busiest == [30, 20, 10, 0]
    assert (keys >= 0).all()


def test_fame_that_stays_is_fame_that_moves_by_nothing():
    still = shifting_requests(500, step=0, rng=1)
    assert still.tolist() == zipf_requests(500, rng=1).tolist()


@pytest.mark.parametrize("name", list(PATTERNS))
def test_every_pattern_gives_the_same_requests_for_the_same_seed(name):
    make = PATTERNS[name]
    first, again = make(5_000, 1), make(5_000, 1)
    assert first.tolist() == again.tolist()
    assert first.shape == (5_000,)
    assert first.min() >= 0


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: zipf_requests(0), "requests"),
        (lambda: zipf_requests(10, rng=-1), "rng"),
        (lambda: with_one_hit_wonders(np.arange(3), 1.5), "share"),
        (lambda: with_scans(np.arange(3), 5, 4), "length"),
        (lambda: with_scans(np.arange(3), 0, 4), "length"),
        (lambda: loop_requests(3, 0), "length"),
        (lambda: shifting_requests(3, step=-1), "step"),
        (lambda: shifting_requests(3, every=0), "every"),
    ],
)
def test_a_pattern_names_what_is_wrong(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call()


def ranking(name: str) -> dict[str, float]:
    runs = run_policies(PATTERNS[name](100_000, 0), 1_000)
    return {policy: run.hit_ratio_after(0.2) for policy, run in runs.items()}


def test_frequency_beats_recency_while_fame_stays():
    ratio = ranking("fame that stays")
    assert ratio["fifo"] < ratio["lru"] < ratio["lfu"] < ratio["optimal"]
    assert ratio["lfu"] > ratio["lru"] + 0.05


def test_frequency_is_lost_when_fame_moves_on():
    ratio = ranking("fame that moves on")
    assert ratio["lfu"] < ratio["lru"] - 0.1
    assert ratio["wtinylfu"] > ratio["lru"]


@pytest.mark.parametrize("name", ["scans in between", "half asked for once"])
def test_keys_asked_for_once_hurt_lru_most_of_the_modern_ones(name):
    ratio = ranking(name)
    for policy in ("sieve", "s3fifo", "arc", "wtinylfu"):
        assert ratio[policy] > ratio["lru"] + 0.05


def test_a_loop_is_lost_on_lru_and_half_won_by_those_on_guard():
    ratio = ranking("a loop")
    assert ratio["lru"] == 0
    assert ratio["s3fifo"] > 0.4
    assert ratio["optimal"] == pytest.approx(1_000 / 1_200, abs=0.01)
