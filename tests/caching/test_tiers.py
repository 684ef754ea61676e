"""Caches behind caches: what one lets through is all that the next one sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.caching.eviction import simulate
from helpers.caching.sweeps import sweep_tier
from helpers.caching.tiers import (
    PHOTO_SHARES,
    ChainRun,
    Tier,
    chain_shares,
    come_back,
    draw_visits,
    load_factor,
    look_in_own_caches,
    serve_chain,
)
from helpers.workload import from_access_log, from_har, sample
from helpers.workload.record import Workload

CHAIN = [
    Tier("browser", 16, caches=0, latency=0.001),
    Tier("edge", 300, caches=2, latency=0.02),
    Tier("cache", 500, latency=0.003, policy="sieve"),
]


def visits_of(key, client=None):
    n = len(key)
    return Workload(np.arange(float(n)), float(n), key=key, client=client)


class Forgetful(np.ndarray):
    """Answers one of which gets lost when they are counted."""

    def __new__(cls, values):
        return np.array(values, dtype=np.int8).view(cls)

    @property
    def size(self):
        return 3


@pytest.fixture(scope="module")
def visits():
    return draw_visits(60_000, clients=500, catalogue=2_000, rng=1)


def test_a_small_trace_agrees_with_the_one_worked_by_hand():
    # Client 0 asks for 1 twice; the browser holds one object, the edge two, the source all.
    run = serve_chain(
        visits_of([1, 1, 2, 1, 3, 2, 2], client=[0, 0, 0, 1, 1, 0, 1]),
        [Tier("browser", 1, caches=0, latency=1), Tier("edge", 2, latency=10)],
        source="database",
        source_latency=100,
    )
    # 1: source. 1: browser. 2: source. 1 by the other client: edge. 3: source, 2 goes from the
    # edge. 2 by client 0, whose browser still holds it: browser. 2 by client 1: source.
    assert [run.names[place][0] for place in run.served_by] == list("dbdedbd")
    assert run.latency.tolist() == [111, 1, 111, 11, 111, 1, 111]
    assert run.asked.tolist() == [7, 5, 4]
    assert run.served.tolist() == [2, 1, 4]
    assert run.hit_ratio.tolist() == [2 / 7, 1 / 5, 1]
    # a miss at the browser costs 10, and four in five times 100 more
    assert run.miss_cost.tolist() == [90, 100]


def test_every_request_is_answered_by_somebody(visits):
    run = serve_chain(visits, CHAIN)
    assert run.served.sum() == len(visits)
    assert run.asked[0] == len(visits)
    assert (run.asked[1:] == run.asked[:-1] - run.served[:-1]).all()
    with pytest.raises(AssertionError, match="no tier"):
        ChainRun(("a",), np.zeros(1), Forgetful([0, 1]))


def test_the_first_tier_sees_what_came_and_the_next_only_what_it_missed(visits):
    tiers = [Tier("one", 100), Tier("two", 200)]
    run = serve_chain(visits, tiers)
    first = simulate(visits.key, 100, "lru").hits
    second = simulate(visits.key[~first], 200, "lru").hits
    expected = np.full(len(visits), 2)
    expected[first] = 0
    expected[np.flatnonzero(~first)[second]] = 1
    assert (run.served_by == expected).all()


@pytest.mark.parametrize("capacity", [1, 2, 7, 40])
def test_one_cache_to_each_client_is_lru_for_each_client(visits, capacity):
    hits = look_in_own_caches(visits.key, visits.client, 500, capacity)
    for client in (0, 17, 499):
        own = visits.client == client
        assert (hits[own] == simulate(visits.key[own], capacity, "lru").hits).all()


def test_kernels_give_the_same_bits_compiled_and_in_plain_python():
    rng = np.random.default_rng(1)
    key, client = rng.integers(30, size=2_000), rng.integers(9, size=2_000)
    args = (key, client, 9, 5)
    assert (look_in_own_caches(*args) == look_in_own_caches.python(*args)).all()
    luck = rng.random((2, 2_000))
    args = (key, client, 9, luck[0], luck[1], 0.4, 8)
    assert (come_back(*args) == come_back.python(*args)).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_shares_add_up_to_one(ratios):
    shares = chain_shares(ratios)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()


def test_shares_by_formula_are_the_shares_counted(visits):
    run = serve_chain(visits, CHAIN)
    assert run.share == pytest.approx(chain_shares(run.hit_ratio[:-1]))


def test_the_chain_comes_out_as_published():
    # sizes were chosen to fit: 1.5 points
    tiers = [Tier("browser", 64, 0), Tier("edge", 12_000, 4), Tier("origin cache", 25_000)]
    run = serve_chain(draw_visits(rng=1), tiers, source="backend").after(0.5)
    assert run.share == pytest.approx(PHOTO_SHARES, abs=0.015)
    assert sum(PHOTO_SHARES) == pytest.approx(1)


def test_five_points_at_the_edge_are_twice_the_load_behind_it():
    assert load_factor(0.95, 0.90) == pytest.approx(2)
    shares = [chain_shares([0.5, edge, 0.5]) for edge in (0.95, 0.90)]
    assert shares[1][2:].sum() == pytest.approx(2 * shares[0][2:].sum())


@pytest.mark.parametrize(
    ("read", "file"), [(from_access_log, "access.log"), (from_har, "shop.har")]
)
def test_recorded_requests_go_through_a_chain(read, file):
    workload = read(sample(file))
    run = serve_chain(workload, [Tier("browser", 20, caches=0), Tier("edge", 50)])
    assert len(run) == len(workload)
    assert run.served[-1] >= np.unique(workload.key).size  # each object is fetched once at least


def test_a_larger_tier_passes_on_less_and_makes_the_next_one_look_worse(visits):
    sweep = sweep_tier(visits, CHAIN, "edge", [50, 150, 400, 900])
    assert (np.diff(sweep.hit_ratio) > 0).all()
    assert (np.diff(sweep.load[:, 2]) < 0).all()
    assert sweep.ratios[0, 2] > sweep.ratios[-1, 2]
    assert sweep.load[:, 2] == pytest.approx(sweep.load[:, 1] * (1 - sweep.hit_ratio))


def test_caches_side_by_side_know_nothing_of_each_other():
    run = serve_chain(visits_of([7, 7, 7, 7], client=[0, 1, 2, 3]), [Tier("edge", 5, caches=2)])
    assert run.served_by.tolist() == [1, 1, 0, 0]


def test_no_requests_are_no_load():
    nothing = np.zeros(0, dtype=np.int64)
    run = serve_chain(Workload(np.zeros(0), 1.0, key=nothing, client=nothing), CHAIN)
    assert run.share.tolist() == run.load.tolist() == [0, 0, 0, 0]


def test_a_tier_without_room_passes_everything_on(visits):
    run = serve_chain(visits, [Tier("off", 0), Tier("on", 100)])
    assert run.hit_ratio[0] == 0
    assert run.asked[1] == len(visits)


def test_clients_who_come_back_more_hit_their_browsers_more():
    ratios = [
        serve_chain(
            draw_visits(20_000, clients=200, catalogue=5_000, repeat=repeat, rng=2),
            [Tier("browser", 64, caches=0)],
        ).hit_ratio[0]
        for repeat in (0.0, 0.3, 0.6)
    ]
    assert ratios[0] < ratios[1] < ratios[2]


def test_the_same_seed_gives_the_same_visits():
    one, two, other = (draw_visits(1_000, rng=seed) for seed in (4, 4, 5))
    assert one == two
    assert one != other


def test_leaving_out_the_start_leaves_the_rest(visits):
    run = serve_chain(visits, CHAIN)
    later = run.after(0.5)
    assert len(later) == 30_000
    assert (later.served_by == run.served_by[30_000:]).all()
    assert later.asked[0] == 30_000
    assert run.served[0] == later.served[0] + (run.served_by[:30_000] == 0).sum()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Tier("a", -1), "capacity must be a whole number of at least 0, got -1"),
        (lambda: Tier("a", 1, caches=-2), "caches must be a whole number of at least 0, got -2"),
        (lambda: Tier("a", 1, latency=-1), "latency must be a finite number of at least 0"),
        (lambda: Tier("a", 1, caches=0, policy="fifo"), "policy must be 'lru'"),
        (lambda: Tier("a", 1, policy="LRU"), "policy must be one of fifo, .*, got 'LRU'"),
        (lambda: chain_shares([0.5, 1.5]), "hit_ratios must each lie between 0 and 1"),
        (
            lambda: sweep_tier(visits_of([1]), CHAIN, "edge", []),
            "capacities must not be empty, got 0",
        ),
        (lambda: load_factor(1.0, 0.5), "before must be at least 0 and below 1, got 1.0"),
        (lambda: load_factor(0.5, 2), "after must lie between 0 and 1, got 2"),
        (lambda: draw_visits(0), "requests must be a whole number of at least 1, got 0"),
        (lambda: draw_visits(9, repeat=2), "repeat must lie between 0 and 1, got 2"),
        (
            lambda: serve_chain(visits_of([1]), CHAIN).after(1),
            "share must be at least 0 and below 1, got 1",
        ),
        (
            lambda: sweep_tier(visits_of([1]), CHAIN, "moon", [1]),
            "grows must be one of .* got 'moon'",
        ),
    ],
)
def test_bad_input_is_refused_with_its_name_and_its_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
