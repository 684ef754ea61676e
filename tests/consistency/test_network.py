"""The network alone: delays, losses, cuts, and the order in which things happen."""

import math

import numpy as np
import pytest

from helpers.consistency.network import Network, World


def deliver(network, messages=2000, seed=1, sender="n1", receiver="n2"):
    """Send many messages at time 0, and give when they arrive."""
    world = World(network, np.random.default_rng(seed))
    arrived = []
    for _ in range(messages):
        world.send(sender, receiver, lambda: arrived.append(world.now))
    world.run(1e9)
    return arrived, world


def test_messages_take_the_least_delay_and_an_exponential_time():
    arrived, world = deliver(Network(mean_delay=0.005, least_delay=0.001))
    assert min(arrived) >= 0.001
    assert np.mean(arrived) == pytest.approx(0.005, rel=0.06)  # 3 σ of 2,000 draws
    assert world.messages == 2000
    assert arrived == sorted(arrived)


def test_messages_to_another_region_take_longer():
    here, _ = deliver(Network(far={"n2"}, far_delay=0.05), receiver="n3")
    there, _ = deliver(Network(far={"n2"}, far_delay=0.05))
    assert there == pytest.approx([time + 0.05 for time in here])
    both, _ = deliver(Network(far={"n1", "n2"}, far_delay=0.05))
    assert both == pytest.approx(here)


def test_the_share_that_is_lost_is_the_loss():
    arrived, _ = deliver(Network(loss=0.3))
    assert len(arrived) / 2000 == pytest.approx(0.7, abs=0.031)  # 3 σ
    assert deliver(Network(loss=1.0))[0] == []


def test_a_message_to_oneself_is_neither_late_nor_lost():
    arrived, world = deliver(Network(loss=0.9).cut({"n1"}), receiver="n1")
    assert arrived == [0.0] * 2000
    assert world.messages == 0


def test_a_cut_holds_between_its_groups_and_for_its_time():
    network = Network().cut({"n1", "a"}, {"n2"}, since=1, until=2)
    assert [network.is_cut("n1", "n2", at) for at in (0.9, 1.0, 1.9, 2.0)] == [0, 1, 1, 0]
    assert network.is_cut("n2", "a", 1.5)
    assert not network.is_cut("n1", "n3", 1.5)
    assert not network.is_cut("n1", "a", 1.5)


def test_a_cut_without_a_second_group_is_from_everybody():
    network = Network().cut({"n1"})
    assert network.is_cut("n1", "anybody", 1e9)
    assert network.is_cut("anybody", "n1", 0)
    assert not network.is_cut("n2", "anybody", 0)


def test_a_message_under_way_when_the_cut_begins_is_lost():
    steady = Network(mean_delay=0.5, least_delay=0.5)
    assert len(deliver(steady.cut({"n1"}, since=0.6), messages=1)[0]) == 1
    assert deliver(steady.cut({"n1"}, since=0.4), messages=1)[0] == []
    assert deliver(steady.cut({"n1"}, until=0.3), messages=1)[0] == []


def test_things_due_at_one_time_happen_in_the_order_in_which_they_were_asked_for():
    world = World(Network(), np.random.default_rng(0))
    seen = []
    for name in "abc":
        world.after(1.0, seen.append, name)
    world.after(0.5, lambda: world.after(0.5, seen.append, "d"))
    world.run(2.0)
    assert seen == ["a", "b", "c", "d"]
    assert world.now == 2.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": 1.1}, "loss must lie between 0 and 1, got 1.1"),
        ({"loss": math.nan}, "loss must lie between 0 and 1, got nan"),
        ({"mean_delay": -1}, "mean_delay must be a finite number of at least 0, got -1"),
        ({"least_delay": 0.1}, "mean_delay must be at least least_delay, 0.1, got 0.005"),
        ({"far_delay": math.inf}, "far_delay must be a finite number"),
        ({"far": "n1"}, "far must be a group of names, got 'n1'"),
    ],
)
def test_a_network_that_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Network(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"one": "n1"}, "one must be a group of names, got 'n1'"),
        ({"one": []}, "one must name somebody"),
        ({"one": ["n1"], "other": ["n1", "n2"]}, r"share no name, got \['n1'\]"),
        ({"one": ["n1"], "since": -1}, "since must be a finite number of at least 0, got -1"),
        ({"one": ["n1"], "since": 2, "until": 1}, "until must lie after since, 2, got 1"),
        ({"one": ["n1"], "until": math.nan}, "until must lie after since, 0.0, got nan"),
    ],
)
def test_a_cut_that_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Network().cut(**settings)
