"""Hot keys, salting, and questions to all shards."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.sharding.hot_keys import (
    celebrity_load,
    hottest,
    load_over_time,
    rising_keys,
    with_celebrity,
    zipf_keys,
)
from helpers.sharding.measures import balance
from helpers.sharding.placement import Jump, Modulo
from helpers.sharding.ranges import Ranges
from helpers.sharding.ring import BoundedRing, HashRing
from helpers.sharding.scatter import (
    needed_quantile,
    scatter_gather,
    slow_share,
    slowest_mean,
    slowest_quantile,
)
from helpers.sharding.splitting import names_of, salt_names, salted, sweep_salts

# A celebrity


def test_a_celebrity_s_server_has_what_the_formula_says():
    """200,000 requests on 16 servers: a share has a standard error of 0.07 %, the load of 1 %."""
    keys = with_celebrity(np.arange(200_000), share=0.1, celebrity=-1, rng=1)
    assert balance(Jump(16), keys).max_over_mean == pytest.approx(celebrity_load(16, 0.1), rel=0.04)


def test_the_bound_spreads_a_celebrity_over_servers():
    keys = with_celebrity(np.arange(50_000), share=0.3, celebrity=-1)
    assert balance(HashRing(10), keys).max_over_mean > 3
    assert balance(BoundedRing(10, epsilon=0.1), keys).max_over_mean <= 1.1 + 1e-3


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_greater_celebrity_has_all_the_fans_of_a_smaller_one(one, other):
    fans = [
        set(np.flatnonzero(with_celebrity(np.ones(50, dtype=int), s, 7) == 7))
        for s in sorted((one, other))
    ]
    assert fans[0] <= fans[1]


def test_a_celebrity_of_no_share_changes_nothing_and_leaves_the_keys_alone():
    keys = np.arange(10)
    assert np.array_equal(with_celebrity(keys, 0, 5), keys)
    assert set(with_celebrity(keys, 1, 5).tolist()) == {5}
    assert keys.tolist() == list(range(10))


def test_the_same_seed_asks_for_the_same_keys_by_fame():
    keys = zipf_keys(20_000, catalogue=1000, exponent=1.0, rng=3)
    assert np.array_equal(keys, zipf_keys(20_000, catalogue=1000, exponent=1.0, rng=3))
    counts = np.bincount(keys, minlength=1000)
    assert counts[0] / 20_000 == pytest.approx(1 / (1 / np.arange(1, 1001)).sum(), rel=0.05)


def test_the_hottest_keys_are_counted():
    found = hottest(["b", "a", "b", "c", "a", "b"], top=2)
    assert [(hot.key, hot.requests, hot.share) for hot in found] == [("b", 3, 0.5), ("a", 2, 1 / 3)]
    assert hottest(np.array([7, 7, 1]), top=1)[0].key == 7
    assert hottest([], top=3) == []


def test_rising_keys_all_go_to_one_range_at_a_time_though_the_day_looks_even():
    keys = rising_keys(12_000)
    plan = Ranges(4, high=12_000)
    assert balance(plan, keys).max_over_mean == 1
    assert load_over_time(plan, keys, windows=12).max(axis=1).tolist() == [1.0] * 12
    assert load_over_time(Modulo(4), keys, windows=12).max() < 0.3


def test_keys_beyond_the_last_split_all_go_to_the_last_server():
    plan = Ranges(4, high=1000)
    assert set(plan.server_of(rising_keys(500, first=1000)).tolist()) == {3}


@given(st.lists(st.integers(0, 99), min_size=5, max_size=60), st.integers(1, 5))
def test_each_window_s_shares_add_up_to_1(keys, windows):
    shares = load_over_time(Modulo(3), keys, windows)
    assert shares.shape == (windows, 3)
    assert shares.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: with_celebrity([1], 1.5), "share must lie between 0 and 1, got 1.5"),
        (lambda: with_celebrity([1], 0.5, celebrity="star"), "celebrity must be a whole number"),
        (lambda: celebrity_load(0, 0.1), "servers must be a whole number of at least 1, got 0"),
        (lambda: zipf_keys(0), "requests must be a whole number of at least 1, got 0"),
        (lambda: rising_keys(0), "requests must be"),
        (lambda: hottest([1], top=0), "top must be"),
        (lambda: load_over_time(Modulo(2), [1, 2], 3), "windows must not exceed the 2 keys, got 3"),
        (lambda: salted([1], [1], 0), "salts must be a whole number of at least 1, got 0"),
        (lambda: sweep_salts(Modulo(2), [1], 1, salts=[0]), "salts must be whole numbers"),
        (lambda: slow_share(1.1, 3), "slow must lie between 0 and 1, got 1.1"),
        (lambda: slow_share(0.1, 0), "shards must be"),
        (lambda: needed_quantile(1.0, 3), "of_all must lie above 0 and below 1"),
        (lambda: slowest_mean(3, wait_for=4), "wait_for must lie between 1 and 3, got 4"),
        (lambda: slowest_quantile(0.9, 3, mean_latency=0), "mean_latency must be"),
        (lambda: scatter_gather(3, requests=1), "requests must be"),
        (lambda: scatter_gather(3, hiccup=-1), "hiccup must be"),
        (lambda: scatter_gather(3, hiccup_chance=2), "hiccup_chance must lie between"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


# Salting


def test_a_salted_key_has_many_names_and_all_others_keep_theirs():
    writes = ["star", "ann"] * 500
    names = salted(writes, hot=["star"], salts=4, rng=1)
    assert names[1::2] == ["ann"] * 500
    assert set(names[::2]) == set(salt_names("star", 4))
    assert salted(writes, hot=["star"], salts=1) == writes


def test_numbers_are_salted_too_and_each_salt_is_as_likely():
    """10,000 draws of 8: a count has a standard deviation of 33; five of those allowed."""
    writes = np.array([7] * 10_000 + [8] * 100)
    names = salted(writes, hot=[7], salts=8, rng=2)
    assert (names[10_000:] == 8).all()
    _, counts = np.unique(names[:10_000], return_counts=True)
    assert counts.size == 8
    assert abs(counts - 1250).max() < 165


def test_salting_mends_writes_and_reads_pay():
    writes = with_celebrity(np.arange(50_000), share=0.4, celebrity=-1)
    swept = sweep_salts(Jump(20), writes, hot=-1, salts=[1, 2, 4, 8, 16, 64])
    assert swept.max_over_mean[0] == pytest.approx(celebrity_load(20, 0.4), rel=0.05)
    assert swept.max_over_mean[-1] < swept.max_over_mean[0] / 3
    assert swept.servers_asked[0] == 1
    assert (np.diff(swept.servers_asked) >= 0).all()
    assert (swept.servers_asked <= np.minimum(swept.salts, 20)).all()
    slow = swept.slow_reads(0.01)
    assert slow[0] == pytest.approx(0.01)
    assert slow.tolist() == [pytest.approx(slow_share(0.01, int(n))) for n in swept.servers_asked]


def test_reads_find_every_name_that_writes_used():
    plan, writes = Jump(50), ["star"] * 2000
    asked = set(plan.server_of(salt_names("star", 16)).tolist())
    assert set(plan.server_of(salted(writes, ["star"], 16)).tolist()) == asked
    numbers = set(salted([7] * 2000, hot=[7], salts=16).tolist())
    assert numbers == set(names_of(7, 16).tolist())
    assert sweep_salts(plan, writes, "star", [16]).servers_asked.tolist() == [len(asked)]


# Scatter and gather


def test_the_published_share_of_fan_outs_that_meet_a_slow_server():
    """Dean and Barroso (2013): 63 % of requests to 100 servers, each slow once in a hundred."""
    assert slow_share(0.01, 100) == pytest.approx(0.634, abs=5e-4)
    assert (slow_share(0, 5), slow_share(1, 5)) == (0, 1)
    run = scatter_gather(100, requests=20_000, rng=1)
    assert run.met_hiccup.mean() == pytest.approx(0.634, abs=0.014)  # four standard errors


@pytest.mark.parametrize(("shards", "wait_for"), [(1, 1), (10, 10), (10, 9), (100, 95)])
def test_the_slowest_of_many_takes_as_long_as_theory_says(shards, wait_for):
    run = scatter_gather(shards, wait_for=wait_for, hiccup_chance=0, requests=20_000, rng=5)
    off = abs(run.mean.value - slowest_mean(shards, wait_for, mean_latency=0.01))
    assert off < 2 * run.mean.half_width


def test_percentiles_of_the_slowest_are_the_formula_s():
    """The p99 of 50,000 has a relative standard error near 1 %; four allowed."""
    for shards in (1, 20):
        run = scatter_gather(shards, hiccup_chance=0, rng=2)
        assert run.quantile(0.99) == pytest.approx(slowest_quantile(0.99, shards, 0.01), rel=0.04)


@given(st.floats(0.01, 0.99), st.integers(1, 500))
def test_the_needed_percentile_and_the_slow_share_are_inverse(share, shards):
    assert slow_share(1 - needed_quantile(share, shards), shards) == pytest.approx(
        1 - share, abs=1e-9
    )


def test_more_shards_are_never_quicker_request_by_request():
    few, many = scatter_gather(5, rng=3, requests=2000), scatter_gather(9, rng=3, requests=2000)
    assert np.array_equal(few.of_one, many.of_one)
    assert (many.response_time >= few.response_time).all()
    enough = scatter_gather(9, wait_for=8, rng=3, requests=2000)
    assert (enough.response_time <= many.response_time).all()
    assert enough.complete == pytest.approx(8 / 9)


def test_the_slowest_of_very_many_is_still_finite():
    assert slowest_quantile(0.99, 10**18) == pytest.approx(
        18 * math.log(10) - math.log(-math.log(0.99))
    )


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: slowest_quantile(2, 3), "share must lie above 0 and below 1, got 2"),
        (lambda: with_celebrity([1.5, 2.5], 0.5), "keys must be whole numbers"),
        (lambda: with_celebrity([math.nan], 0.5), "keys must be whole numbers"),
        (lambda: rising_keys(3, first=0.5), "first must be a whole number, got 0.5"),
        (lambda: salted(["star", "s"], hot="star", salts=4), "hot must be a list of keys"),
        (lambda: salted([7, 8], hot=7, salts=4), "hot must be a list of keys, got 7"),
        (lambda: salted([7.5, 8], hot=[8], salts=4), "keys must be whole numbers or texts"),
        (lambda: salted([7.5], hot=[8], salts=1), "keys must be whole numbers or texts"),
    ],
)
def test_what_was_cut_off_or_overlooked_is_refused(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()


def test_bytes_are_salted_as_bytes():
    writes = salted([b"star"] * 50 + [b"ann"], hot=[b"star"], salts=4, rng=1)
    assert set(writes) == {*names_of(b"star", 4), b"ann"}
    assert names_of(b"star", 2) == [b"star#0", b"star#1"]
    assert names_of(b"star", 1) == [b"star"]
    assert names_of("star", 3) == salt_names("star", 3)
