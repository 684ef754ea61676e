"""Who is logged out by one change, and who gets how much of the work."""

import numpy as np
import pytest

from helpers.load_balancing.stickiness import (
    WAYS,
    Users,
    draw_users,
    expected_logged_out,
    expected_spread,
    hashed,
    lose_server,
    place_users,
)

EVERY_WAY = pytest.mark.parametrize("way", WAYS)
STICKY = pytest.mark.parametrize("way", WAYS[:-1])
ALONE = draw_users(60_000, shared=0, exponent=0, rng=1)


def test_four_users_and_three_servers_by_hand():
    users = Users(np.array([0.4, 0.3, 0.2, 0.1]), np.arange(4))
    change = lose_server(users, "cookie", servers=3, lost=1)
    # seated 0 1 2 0; the second moves, as the second of the rest: server 2
    assert change.before.tolist() == pytest.approx([0.5, 0.3, 0.2])
    assert change.after.tolist() == pytest.approx([0.5, 0.0, 0.5])
    assert change.logged_out == 0.25


@EVERY_WAY
def test_as_many_are_logged_out_as_the_formula_says(way):
    change = lose_server(ALONE, way, servers=12, lost=11)
    expected = expected_logged_out(way, 12)
    error = np.sqrt(expected * (1 - expected) / 60_000)
    assert change.logged_out == pytest.approx(expected, abs=4 * error + 1e-12)


@EVERY_WAY
def test_all_work_is_done_before_and_after_and_none_by_the_lost_server(way):
    change = lose_server(draw_users(rng=3), way, servers=7, lost=2)
    assert change.before.sum() == pytest.approx(1)
    assert change.after.sum() == pytest.approx(1)
    assert change.after[2] == 0


@pytest.mark.parametrize("way", ["cookie", "IP hash (rendezvous)"])
def test_only_the_lost_server_s_users_move(way):
    users = draw_users(rng=2)
    everyone, rest = np.arange(9), np.delete(np.arange(9), 4)
    change = lose_server(users, way, servers=9, lost=4)
    assert change.logged_out == pytest.approx((place_users(users, way, everyone) == 4).mean())
    if way != "cookie":
        stays = place_users(users, way, everyone) != 4
        before, after = (place_users(users, way, servers)[stays] for servers in (everyone, rest))
        assert np.array_equal(before, after)


@pytest.mark.parametrize("way", ["IP hash (modulo)", "IP hash (rendezvous)"])
def test_users_of_one_address_are_together(way):
    users = draw_users(5000, shared=0.5, office=250, rng=4)
    server = place_users(users, way, np.arange(8))
    for address in range(10):
        assert np.unique(server[users.address == address]).size == 1


def test_a_hash_does_not_lean_to_a_server():
    counts = np.bincount((hashed(np.arange(120_000)) % np.uint64(12)).astype(int))
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 31.3  # chi-square, 11 degrees, 0.1 %


def test_hashes_are_splitmix_s():
    first = 0xE220A8397B1DCDAF  # what SplitMix64 gives first with seed 0
    assert int(hashed(np.array([0]))[0]) == first


@STICKY
def test_the_work_is_as_uneven_as_the_formula_says(way):
    by_address = way != "cookie"
    spreads = []
    for seed in range(60):
        users = draw_users(3000, office=100, rng=seed)
        if by_address:  # other addresses for each seed
            users = Users(users.activity, users.address + 10_000 * seed)
        work = lose_server(users, way, servers=10).before
        spreads.append(work.std() / work.mean())
    expected = expected_spread(draw_users(3000, office=100, rng=0), 10, by_address)
    # the root of the mean square over 60 draws of 9 free parts: 4.3 % each way, 4 of those
    assert np.sqrt(np.mean(np.square(spreads))) == pytest.approx(expected, rel=0.17)


def test_offices_make_ip_hash_more_uneven():
    alone, offices = (
        expected_spread(draw_users(shared=share, rng=1), servers=12) for share in (0, 0.5)
    )
    assert offices > 3 * alone


def test_addresses_may_be_any_whole_numbers():
    small, large = (Users(np.full(4, 0.25), np.array(a)) for a in ([1, 1, 2, 3], [0, 0, -5, 2**60]))
    assert expected_spread(large, 5) == expected_spread(small, 5) == pytest.approx(1.5**0.5)


def test_a_store_keeps_everyone_and_is_even():
    change = lose_server(draw_users(rng=1), "shared store")
    assert change.logged_out == 0
    assert change.imbalance == pytest.approx(1)


def test_the_same_seed_gives_the_same_users():
    first, again, other = (draw_users(rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.activity, again.activity)
    assert np.array_equal(first.address, again.address)
    assert not np.array_equal(first.activity, other.activity)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Users(np.ones(1), np.arange(2)), r"one number for each user: \(1,\) and \(2,\)"),
        (lambda: Users(np.empty(0), np.arange(0)), r"one number for each user: \(0,\) and \(0,\)"),
        (lambda: Users(np.ones(3), np.arange(3)), r"activity must be shares that add up to 1, got"),
        (lambda: Users(np.array([2.0, -1.0]), np.arange(2)), "activity must be shares that add up"),
        (lambda: Users(np.array([np.nan, 1.0]), np.arange(2)), "activity must be shares that add"),
        (lambda: draw_users(0), "users must be a whole number of at least 1, got 0"),
        (lambda: draw_users(shared=2), "shared must lie between 0 and 1, got 2"),
        (lambda: draw_users(exponent=-1), "exponent must be a finite number of at least 0"),
        (lambda: lose_server(ALONE, "cookie", servers=1), "servers must be a whole number of at"),
        (lambda: lose_server(ALONE, "cookie", lost=12), "lost must lie between 0 and 11, got 12"),
        (lambda: lose_server(ALONE, "luck"), "way must be one of cookie, IP hash"),
        (lambda: expected_logged_out("luck", 3), "way must be one of cookie, IP hash"),
        (lambda: place_users(ALONE, "cookie", np.array([])), "servers must be a list of at least"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
