"""Replicas against queueing theory, read models and the search index against their formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.databases.read_models import (
    ANSWERINGS,
    BEST_SELLERS,
    Board,
    result_cache_hit_ratio,
    run_read_model,
    view_stale_share,
)
from helpers.databases.replicas import (
    ROUTINGS,
    apply_in_order,
    mean_lag,
    most_requests,
    most_requests_at_all,
    read_after_save,
    read_capacity,
    simulate_lag,
    stale_chance,
)
from helpers.databases.search_index import ghosts_by_formula, look_and_buy, run_search

# Lag


def test_lag_by_hand():
    # writes at 0, 1, 2 and 9; each takes 2; the wire 0.5: done at 2.5, 4.5, 6.5 and 11.5
    lag = apply_in_order.python(np.array([0.0, 1, 1, 7]), np.full(4, 2.0), 0.5)
    assert lag.tolist() == [2.5, 3.5, 4.5, 2.5]


def test_compiled_and_plain_kernels_agree_bit_for_bit():
    luck = np.random.default_rng(3)
    gap, work = luck.exponential(size=2_000), luck.exponential(size=2_000)
    both = [kernel(gap, work, 0.25) for kernel in (apply_in_order, apply_in_order.python)]
    assert np.array_equal(*both)
    time = np.sort(luck.uniform(0, 1000, 2_000))
    for trusts in (False, True):
        pair = [k(time, 20.0, 7, 3.0, trusts) for k in (look_and_buy, look_and_buy.python)]
        assert np.array_equal(*pair)


@pytest.mark.parametrize("write_rate", [100, 500, 900])
def test_lag_and_stale_reads_meet_the_formulas(write_rate):
    run = simulate_lag(write_rate, 1_000, network=0.002, writes=400_000, rng=1)
    mean, margin = run.mean.value, 3 * run.mean.half_width  # seeded; batches are hardly correlated
    assert mean == pytest.approx(mean_lag(write_rate, 1_000, 0.002), abs=margin)
    for delay in (0.003, 0.01):
        share = run.stale_share(delay)
        expected = float(stale_chance(delay, write_rate, 1_000, 0.002))
        assert share.value == pytest.approx(expected, abs=3 * share.half_width + 1e-3)
    assert run.utilization == write_rate / 1_000


def test_the_same_seed_gives_the_same_lag_and_more_writes_never_shorten_it():
    runs = [simulate_lag(rate, 1_000, writes=10_000) for rate in (300, 300, 600)]
    assert np.array_equal(runs[0].lag, runs[1].lag)
    assert (runs[2].lag >= runs[0].lag - 1e-12).all()
    other = simulate_lag(300, 1_000, writes=10_000, rng=np.random.default_rng(5))
    assert not np.array_equal(other.lag, runs[0].lag)


def test_a_replica_that_cannot_follow_falls_behind_without_end():
    run = simulate_lag(1_500, 1_000, writes=100_000)
    assert run.lag[-1] > 10 * run.lag[1_000]
    assert mean_lag(1_500, 1_000) == float("inf")
    assert stale_chance([0, 10], 1_500, 1_000).tolist() == [1, 1]
    assert run.utilization == 1


def test_before_the_network_nothing_is_there():
    assert stale_chance([0, 0.001], 500, 1_000, 0.001).tolist() == [1, 1]
    assert simulate_lag(10, 1_000, network=0.5, writes=1_000).stale_share(0.5).value == 1


@pytest.mark.parametrize("routing", ROUTINGS)
def test_a_read_after_a_save_is_stale_or_costs_the_primary(routing):
    run = simulate_lag(900, 1_000, writes=50_000)
    early, late = (read_after_save(run, delay, routing, pin=1.0) for delay in (0.005, 2.0))
    behind = run.stale_share(0.005).value
    expected = {
        "any replica": (behind, 0.0),
        "pinned to the primary": (0.0, 1.0),
        "version token": (0.0, behind),
        "primary only": (0.0, 1.0),
    }[routing]
    assert (early.stale, early.on_primary) == expected
    assert late.stale == 0
    assert late.on_primary == (1.0 if routing == "primary only" else 0.0)


# Capacity


def test_reads_scale_and_writes_do_not():
    assert read_capacity([1, 2, 4], 1_000, 600).tolist() == [400, 800, 1_600]
    assert read_capacity(5, 1_000, 1_200) == 0
    assert most_requests(1, 1_000, 0.3) == pytest.approx(1_000)
    assert most_requests([1, 3], 1_000, 0).tolist() == [1_000, 3_000]


@given(
    st.integers(1, 1_000),
    st.floats(0.001, 1),
    st.floats(0.1, 10),
)
def test_the_ceiling_is_never_reached_and_each_server_is_just_full(servers, share, cost):
    total = float(most_requests(servers, 1_000, share, cost))
    ceiling = most_requests_at_all(1_000, share, cost)
    assert total <= ceiling * (1 + 1e-9)
    assert total <= float(most_requests(servers + 1, 1_000, share, cost)) * (1 + 1e-9)
    reads, writes = total * (1 - share), total * share
    assert writes * cost + reads / servers == pytest.approx(1_000)
    assert float(read_capacity(servers, 1_000, writes, cost)) == pytest.approx(reads, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulate_lag(0, 1), "write_rate must be"),
        (lambda: simulate_lag(1, 0), "apply_rate must be"),
        (lambda: simulate_lag(1, 2, network=-1), "network must be"),
        (lambda: simulate_lag(1, 2, writes=10), "writes must be a whole number of at least 100"),
        (lambda: stale_chance(1, -1, 2), "write_rate must be"),
        (lambda: mean_lag(1, float("nan")), "apply_rate must be"),
        (lambda: read_capacity(0, 1, 1), "servers must be at least 1, got 0"),
        (lambda: read_capacity(1, -1, 1), "capacity must be"),
        (lambda: most_requests(1, 1, 1.5), "write_share must lie between 0 and 1, got 1.5"),
        (lambda: most_requests_at_all(1, 0.5, 0), "write_cost must be"),
        (lambda: read_after_save(simulate_lag(1, 2, writes=100), 1, "any"), "routing must be one"),
        (lambda: simulate_lag(1, 2, writes=100).stale_share(-1), "delay must be"),
        (lambda: run_read_model("guess"), "answering must be one of query"),
        (lambda: run_read_model("query", read_rate=0), "read_rate must be"),
        (lambda: run_read_model("query", duration=-1), "duration must be"),
        (lambda: result_cache_hit_ratio(1, 0), "read_rate and write_rate must be above 0"),
        (lambda: view_stale_share(0, 1), "write_rate must be above 0, and finite, got 0"),
        (lambda: view_stale_share(1, 0), "every must be"),
        (lambda: run_search(0), "search_rate must be"),
        (lambda: run_search(lag=-1), "lag must be"),
        (lambda: run_search(stock=0), "stock must be"),
        (lambda: run_search(checkout="hopes"), "checkout must be one of asks the store"),
        (lambda: ghosts_by_formula(1, -1, 1), "lag must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Answers that are kept


def test_all_ways_know_the_best_sellers_when_nothing_has_changed():
    boards = [Board(answering, 300) for answering in ANSWERINGS]
    answers = [board.read() for board in boards]
    assert all(answer == answers[0] for answer in answers)
    for board in boards:
        for _ in range(200):
            board.sell(77)
    fresh = boards[0].shop.execute(BEST_SELLERS).fetchall()
    assert fresh[0][0] == 77
    results = {board.answering: board.read() for board in boards}
    old = results.pop("materialized view")
    assert all(result == fresh for result in results.values())
    assert old == answers[0] != fresh
    assert [board.stale for board in boards] == [0, 0, 1, 0]
    boards[2].refresh()
    assert boards[2].read() == fresh


def test_each_way_pays_where_it_says():
    runs = {way: run_read_model(way, duration=200, orders=400) for way in ANSWERINGS}
    reads, writes = runs["query"].reads, runs["query"].writes
    assert {(run.reads, run.writes) for run in runs.values()} == {(reads, writes)}
    assert runs["query"].computed == reads
    assert runs["read model"].extra_writes == writes
    assert runs["read model"].visited == 10 * reads
    assert [way for way, run in runs.items() if run.stale] == ["materialized view"]
    assert runs["result cache"].visited < runs["query"].visited / 3
    assert runs["query"] == run_read_model("query", duration=200, orders=400)


def test_a_result_cache_hits_as_the_formula_says():
    run = run_read_model("result cache", read_rate=2, write_rate=0.5, duration=1_500, orders=400)
    hits = 1 - run.computed / run.reads
    expected = float(result_cache_hit_ratio(2, 0.5))
    # 3,000 reads in runs of about five: four standard errors
    assert hits == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 1_000))


def test_a_view_is_out_of_date_as_often_as_the_formula_says():
    run = run_read_model(
        "materialized view", read_rate=1, write_rate=0.05, every=30, duration=3_000, orders=400
    )
    # reads within one refresh share its luck: 100 refreshes whose shares spread by at most 0.4
    assert run.stale_share == pytest.approx(float(view_stale_share(0.05, 30)), abs=4 * 0.4 / 10)


# Search beside checkout


def test_a_shelf_by_hand():
    # Two pieces, restocked at 10; the index is 3 behind. Sold at 1 and 2; ghost at 4 (2 + 3 = 5),
    # at 6 all know; at 11 restocked but not shown (10 + 3 = 13), at 14 sold again.
    time = np.array([1.0, 2, 4, 6, 11, 14])
    assert look_and_buy.python(time, 10.0, 2, 3.0, False).tolist() == [3, 1, 0, 1, 1]
    assert look_and_buy.python(time, 10.0, 2, 3.0, True).tolist() == [3, 0, 1, 1, 1]
    assert look_and_buy.python(time, 10.0, 2, 0.0, False).tolist() == [4, 0, 0, 0, 2]


def test_ghosts_meet_the_formula():
    run = run_search(2.0, lag=4, stock=20, restock_every=60, restocks=2_000, rng=2)
    sell_outs = 2_000  # 120 want 20 pieces: it is sold out each time
    expected = ghosts_by_formula(2.0, 4, sell_outs)
    assert run.ghosts == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert run.missing == pytest.approx(ghosts_by_formula(2.0, 4, 1_999), abs=4 * np.sqrt(expected))
    assert run.sold == 20 * sell_outs


@given(st.floats(0, 30), st.integers(1, 30), st.integers(0, 5))
def test_every_search_is_accounted_for_and_a_store_that_is_asked_never_oversells(lag, stock, seed):
    asks = run_search(1.0, lag=lag, stock=stock, restocks=20, rng=seed)
    trusts = run_search(
        1.0, lag=lag, stock=stock, restocks=20, rng=seed, checkout="trusts the index"
    )
    assert asks.oversold == trusts.ghosts == 0
    assert asks.ghosts == trusts.oversold
    assert asks.sold == trusts.sold <= 20 * stock
    assert asks.searches == trusts.searches


def test_without_lag_search_and_store_agree():
    run = run_search(3.0, lag=0, restocks=200)
    assert (run.ghosts, run.missing) == (0, 0)
    assert run.unavailable > 0


@pytest.mark.parametrize("delay", [-1, math.nan, math.inf, [0, -0.1]])
def test_a_delay_that_cannot_be_is_refused(delay):
    with pytest.raises(ValueError, match="delay must be finite and at least 0"):
        stale_chance(delay, 1000, 1000)


def test_a_view_that_is_hardly_ever_written_to_is_hardly_ever_old():
    for writes in (1e-6, 1e-12, 1e-18):
        assert view_stale_share(writes, 1.0) == pytest.approx(writes / 2, rel=1e-5, abs=1e-15)
    for rate in (math.nan, math.inf):
        with pytest.raises(ValueError, match="write_rate must be above 0, and finite"):
            view_stale_share(rate, 60)
        with pytest.raises(ValueError, match="read_rate and write_rate must be above 0, and fin"):
            result_cache_hit_ratio(rate, 1)
