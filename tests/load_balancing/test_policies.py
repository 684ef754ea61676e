"""The policies: each by hand, and what holds for all of them."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.load_balancing.draws import (
    draw_candidates,
    draw_clients,
    hash_clients,
    luck_of,
    take_turns,
    take_weighted_turns,
    uniforms,
)
from helpers.load_balancing.policies import (
    POLICIES,
    Answer,
    ChooseOfFew,
    GoRoundByWeight,
    PeakEwma,
    View,
    choose_at_random,
    choose_least,
    go_round,
    hash_the_client,
    policy_named,
)

SHARES = st.floats(0, 1, exclude_max=True)


def turns(weights, count):
    choose, view = GoRoundByWeight(), View(len(weights), weights=weights)
    return [choose(view) for _ in range(count)]


@pytest.mark.parametrize("name", POLICIES)
class TestEveryPolicy:
    @given(
        servers=st.integers(2, 9),
        luck=st.lists(SHARES, min_size=2, max_size=2),
        number=st.integers(0, 99),
        client=st.integers(0, 10**6),
        data=st.data(),
    )
    def test_chooses_a_server_that_is_there(self, name, servers, luck, number, client, data):
        counts = data.draw(st.lists(st.integers(0, 5), min_size=servers, max_size=servers))
        view = View(servers, number, 1.0, 1.0, counts, client, [1] * servers, luck)
        assert 0 <= policy_named(name)(view) < servers

    def test_with_one_server_there_is_nothing_to_choose(self, name):
        view = View(1, number=5, in_flight=[3], client=7, weights=[2], luck=[0.9])
        assert policy_named(name, choices=1)(view) == 0

    def test_a_new_one_knows_nothing_of_the_last_run(self, name):
        view = View(3, in_flight=[1, 0, 2], weights=[3, 1, 1], luck=[0.4, 0.1])
        first = [policy_named(name)(view) for _ in range(5)]
        assert len(set(first)) == 1


def test_a_policy_that_nobody_knows_is_named():
    with pytest.raises(ValueError, match=r"policy must be a function or one of .*'best'"):
        policy_named("best")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: policy_named("two choices", choices=0), "choices must be a whole number of at"),
        (lambda: policy_named("peak EWMA", memory=0), "memory must be a finite number above 0"),
        (lambda: policy_named("peak EWMA", memory=math.nan), "memory must be a finite number"),
        (lambda: GoRoundByWeight()(View(3)), "weights must be 3, one for each server, got 0"),
        (lambda: GoRoundByWeight()(View(3, weights=[1, 2])), "weights must be 3, one for each"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Drawing


@given(st.integers(1, 9), st.lists(SHARES, min_size=8, max_size=8), st.data())
def test_servers_drawn_for_a_request_are_different_and_there(servers, luck, data):
    count = data.draw(st.integers(1, min(servers, 8)))
    drawn = View(servers, luck=luck).draw(count)
    assert len(set(drawn)) == count
    assert set(drawn) <= set(range(servers))


def test_every_pair_of_servers_is_drawn_equally_often():
    grid = (np.arange(12) + 0.5) / 12
    pairs = Counter(tuple(View(4, luck=[a, b]).draw(2)) for a in grid for b in grid)
    assert len(pairs) == 12
    assert set(pairs.values()) == {12}


@pytest.mark.parametrize("count", [0, 3])
def test_no_more_servers_are_drawn_than_there_are(count):
    with pytest.raises(ValueError, match=f"count must lie between 1 and 2, got {count}"):
        View(2, luck=[0.1, 0.2, 0.3]).draw(count)


@pytest.mark.parametrize("choices", [1, 2, 3])
def test_candidates_in_arrays_are_those_that_a_view_draws(choices):
    luck = luck_of(200, 3)
    rows = np.array([uniforms(luck, k) for k in range(choices)]).T
    by_hand = [View(5, luck=row.tolist()).draw(choices) for row in rows]
    assert draw_candidates(luck, 5, choices).tolist() == by_hand


def test_turns_and_hashes_in_arrays_are_those_of_the_policies():
    luck = luck_of(200, 3)
    assert take_turns(7, 3).ravel().tolist() == [go_round(View(3, n)) for n in range(7)]
    assert take_weighted_turns(50, (4, 2, 6)).ravel().tolist() == turns((4, 2, 6), 50)
    clients = draw_clients(luck, 40, 1.0).tolist()
    hashed = [hash_the_client(View(7, client=client)) for client in clients]
    assert hash_clients(luck, 7, 40, 1.0).ravel().tolist() == hashed


# Each by itself


def test_a_die_gives_each_server_its_part_of_the_numbers():
    assert [choose_at_random(View(4, luck=[u])) for u in (0.0, 0.26, 0.5, 0.99)] == [0, 1, 2, 3]


def test_weighted_turns_are_those_that_nginx_gives():
    assert "".join("abc"[server] for server in turns((5, 1, 1), 14)) == "aabacaa" * 2


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_a_round_gives_each_server_as_many_turns_as_it_weighs(weights):
    for _ in range(2):
        counted = Counter(turns(weights, sum(weights)))
        assert [counted[server] for server in range(len(weights))] == weights


def test_a_client_comes_back_to_its_server_and_clients_spread_evenly():
    servers = [hash_the_client(View(10, client=client)) for client in range(10_000)]
    assert servers == [hash_the_client(View(10, client=client)) for client in range(10_000)]
    assert all(950 < count < 1050 for count in Counter(servers).values())


def test_a_hash_by_remainder_moves_most_clients_when_a_server_is_added():
    before, after = (
        [hash_the_client(View(servers, client=client)) for client in range(10_000)]
        for servers in (10, 11)
    )
    moved = sum(a != b for a, b in zip(before, after, strict=True)) / 10_000
    assert moved == pytest.approx(0.5, abs=0.01)  # a range moves half, a remainder 10/11


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.integers(0, 50))
def test_least_connections_finds_the_minimum_and_equals_take_turns(in_flight, number):
    servers = len(in_flight)
    chosen = choose_least(View(servers, number, in_flight=in_flight))
    assert in_flight[chosen] == min(in_flight)
    equals = [s for s in range(servers) if in_flight[s] == min(in_flight)]
    assert chosen == min(equals, key=lambda s: (s - number) % servers)


def test_of_two_candidates_the_first_wins_a_tie():
    view = View(4, luck=[0.6, 0.1], in_flight=[1, 0, 1, 0])
    assert view.draw(2) == [2, 0]
    assert ChooseOfFew(2)(view) == 2
    view.in_flight = [0, 0, 1, 0]
    assert ChooseOfFew(2)(view) == 0


def test_a_peak_is_believed_at_once_and_forgotten_slowly():
    choose = PeakEwma(memory=10.0)
    choose.answered(Answer(0, at=0.0, response_time=1.0, failed=False))
    choose.answered(Answer(0, at=10.0, response_time=8.0, failed=False))
    assert choose.recall(0, 10.0) == 8.0
    choose.answered(Answer(0, at=20.0, response_time=1.0, failed=False))
    expected = 8 / math.e + 1 * (1 - 1 / math.e)
    assert choose.recall(0, 20.0) == pytest.approx(expected)
    assert choose.recall(0, 30.0) == pytest.approx(expected / math.e)


def test_a_server_that_is_twice_as_slow_is_as_good_with_half_the_line():
    choose = PeakEwma(memory=1e9)
    for server, took in ((0, 2.0), (1, 1.0)):
        choose.answered(Answer(server, 0.0, took, failed=False))
    luck = [0.1, 0.1]  # draws server 0, then server 1
    assert choose(View(2, luck=luck, in_flight=[0, 0])) == 1
    assert choose(View(2, luck=luck, in_flight=[0, 2])) == 0
