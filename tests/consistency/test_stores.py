"""Replicated stores on a bad network, and what the checkers say of each."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.consistency.clients import run
from helpers.consistency.leader import SingleLeader
from helpers.consistency.leaderless import Leaderless
from helpers.consistency.linearizability import is_linearizable
from helpers.consistency.majority import Line, Majority
from helpers.consistency.network import Network, World
from helpers.consistency.read_rules import Reply, newest_and_stale
from helpers.consistency.session_guarantees import check_sessions
from helpers.consistency.steps import Step, draw_steps

STEADY = Network(mean_delay=0.01, least_delay=0.01)
"""Every message takes 10 ms."""

STORES = {
    "quorums that meet": Leaderless(n=3, r=2, w=2),
    "quorums that do not": Leaderless(n=3, r=1, w=1, read_repair="none"),
    "spare nodes": Leaderless(hinted_handoff=True, spares=2),
    "vector clocks": Leaderless(conflict="vector clocks"),
    "asynchronous": SingleLeader(),
    "synchronous": SingleLeader(synchronous=2),
    "majority": Majority(),
}
each_store = pytest.mark.parametrize("store", STORES.values(), ids=STORES)


def results_of(judged):
    return [attempt.result for attempt in judged.attempts]


def seeds_caught(store, network, seeds=20, **settings_of_steps):
    """Count the seeds whose history is not linearizable."""
    return sum(
        not is_linearizable(run(store, draw_steps(rng=s, **settings_of_steps), network, s).history)
        for s in range(seeds)
    )


# Every store


@each_store
def test_the_same_seed_gives_the_same_run(store):
    network = Network(loss=0.1).cut({"n1", "a"}, since=0.2, until=0.6)
    one, same = (run(store, draw_steps(rng=5), network, 5) for _ in range(2))
    assert one.attempts == same.attempts
    assert (one.survivors, one.messages) == (same.survivors, same.messages)
    other = run(store, draw_steps(rng=5), network, 6)
    assert one.attempts != other.attempts
    assert (one.seed, other.seed) == (5, 6)
    assert "seed 5" in repr(one)


@each_store
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0, 0.1, 0.5]))
def test_every_step_is_accounted_for(store, seed, loss):
    network = Network(loss=loss).cut({"n1", "a"}, since=0.2, until=0.6)
    steps = draw_steps(clients=3, steps=10, rng=seed)
    judged = run(store, steps, network, seed)
    assert len(judged.attempts) == len(steps)
    assert judged.answered + judged.refused + judged.unanswered == len(steps)
    assert len(judged.history) == judged.answered + judged.unanswered
    asked = sorted((a.client, a.function, str(a.argument)) for a in judged.attempts)
    assert asked == sorted((s.client, s.function, str(s.argument)) for s in steps)
    assert (judged.latencies() > 0).all()
    assert judged.latencies().size == judged.answered


@each_store
def test_one_client_on_a_quiet_network_reads_what_it_wrote(store):
    steps = [
        Step(i, "a", *(["write x v1", "read x", "write x v2", "read x"][i].split()))
        for i in range(4)
    ]
    judged = run(store, steps, STEADY)
    assert results_of(judged) == [None, "v1", None, "v2"]
    assert judged.survivors == {"x": ("v2",)}
    assert judged.availability == 1


@each_store
def test_on_a_quiet_network_nothing_is_refused_and_no_write_is_lost(store):
    judged = run(store, draw_steps(rng=2), rng=2)
    assert judged.answered == 100
    assert judged.lost_writes() == ()


@pytest.mark.parametrize(
    ("store", "write", "read"),
    [
        (Leaderless(r=1, w=1), 0.02, 0.02),  # to the node and back; its own copy is at hand
        (Leaderless(r=2, w=2), 0.04, 0.04),  # and to another node and back
        (Leaderless(r=1, w=3), 0.04, 0.02),
        (SingleLeader(synchronous=0), 0.02, 0.02),
        (SingleLeader(synchronous=1), 0.04, 0.02),
        (Majority(), 0.04, 0.04),  # reads go through the log
    ],
    ids=repr,
)
def test_an_answer_takes_as_many_trips_as_counted_by_hand(store, write, read):
    judged = run(store, [Step(0, "a", "write", "x", "v"), Step(1, "a", "read")], STEADY)
    assert judged.latencies("write") == pytest.approx([write])
    assert judged.latencies("read") == pytest.approx([read])


def test_a_node_that_does_not_lead_sends_the_client_on():
    steps = [Step(0, "a", "write", "x", "v", "n2"), Step(1, "a", "write", "x", "u")]
    for store, direct in ((SingleLeader(), 0.02), (Majority(), 0.04)):
        judged = run(store, steps, STEADY)
        assert judged.latencies() == pytest.approx([direct + 0.02, direct])
        assert [attempt.node for attempt in judged.attempts] == ["n1", "n1"]


@pytest.mark.parametrize("store", [SingleLeader(), Majority()], ids=repr)
def test_a_cas_writes_only_what_it_expected(store):
    steps = [
        Step(0, "a", "write", "x", "v"),
        Step(1, "a", "cas", "x", ("u", "w")),
        Step(2, "a", "cas", "x", ("v", "w")),
        Step(3, "a", "read"),
    ]
    assert results_of(run(store, steps, STEADY)) == [None, False, True, "w"]


# Majority: consistent, whatever happens


@st.composite
def bad_days(draw, nodes):
    """Draw a network with losses and cuts through nodes and clients."""
    names = [f"n{i + 1}" for i in range(nodes)] + list("abcd")
    network = Network(
        mean_delay=draw(st.sampled_from([0.002, 0.01, 0.05])),
        loss=draw(st.sampled_from([0, 0.05, 0.3])),
    )
    for _ in range(draw(st.integers(0, 4))):
        side = draw(st.sets(st.sampled_from(names), min_size=1, max_size=len(names) - 1))
        since = draw(st.integers(0, 12)) / 10
        network = network.cut(side, since=since, until=since + draw(st.integers(1, 8)) / 10)
    return network


@settings(max_examples=120, deadline=None)
@given(data=st.data(), nodes=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_a_majority_leader_is_linearizable_whatever_the_network_does(data, nodes, seed):
    network = data.draw(bad_days(nodes))
    route = data.draw(st.sampled_from(["sticky", "any"]))
    steps = draw_steps(steps=20, cas=0.2, keys=("x", "y"), rng=seed)
    judged = run(Majority(nodes), steps, network, seed, route=route)
    assert is_linearizable(judged.history).outcome == "linearizable", judged
    assert judged.lost_writes() == ()


def test_a_majority_leader_refuses_in_the_minority_and_goes_on_in_the_majority():
    network = Network().cut({"n1", "a", "b"}, since=0.5, until=2.5)
    judged = run(Majority(), draw_steps(steps=60, rng=1), network, 1)
    during = [a for a in judged.attempts if 1.2 < a.asked < 2.4]
    cut_off = [a for a in during if a.client in "ab"]
    others = [a for a in during if a.client in "cd"]
    assert {a.outcome for a in cut_off} == {"refused"}
    assert {a.outcome for a in others} == {"answered"}
    assert len(cut_off) > 20
    assert len(others) > 20
    assert {a.outcome for a in judged.attempts if a.asked > 3.2} <= {"answered"}


def test_quorums_of_one_answer_on_both_sides_of_the_cut_and_disagree():
    network = Network().cut({"n1", "a"}, since=0.5, until=1.5)
    steps = [step for step in draw_steps(steps=40, rng=1) if step.client in "ab"]
    judged = run(Leaderless(r=1, w=1), steps, network, 1)
    assert judged.availability == 1
    verdict = is_linearizable(judged.history)
    assert not verdict
    assert verdict.counterexample.offender.function == "read"


def quiet_members(nodes=3):
    """Set members up, in a world that has not begun."""
    nodes = Majority(nodes).start(World(STEADY, np.random.default_rng(0)))
    return nodes, nodes.members


def test_a_member_votes_once_a_term_and_for_nobody_who_knows_less():
    nodes, members = quiet_members()
    nodes.vote("n1", "n2", 5, (1, 9))
    nodes.vote("n1", "n3", 5, (1, 9))
    assert members["n1"].voted_for == "n2"
    members["n1"].log = (Line(2),)
    nodes.vote("n1", "n3", 6, (1, 9))
    assert members["n1"].voted_for == ""
    nodes.vote("n1", "n3", 6, (2, 1))
    assert members["n1"].voted_for == "n3"


def test_a_log_that_was_overtaken_on_its_way_takes_nothing_back():
    nodes, members = quiet_members()
    nodes.take_log("n2", "n1", 1, (Line(1), Line(1)), 0)
    nodes.take_log("n2", "n1", 1, (Line(1),), 0)
    assert len(members["n2"].log) == 2
    nodes.take_log("n2", "n3", 2, (Line(2),), 0)
    assert members["n2"].log == (Line(2),)


def test_a_line_of_an_older_term_is_decided_only_with_one_of_this_term():
    nodes, members = quiet_members()
    first = members["n1"]
    first.term = first.log_term = 3
    first.log = (Line(1), Line(2))
    nodes.take_receipt("n1", "n2", 3, 2)
    assert first.decided == 0
    first.log += (Line(3),)
    nodes.take_receipt("n1", "n2", 3, 3)
    assert first.decided == 3


# Leaderless


def test_quorums_that_do_not_meet_are_caught():
    weak = Leaderless(r=1, w=1, read_repair="none")
    assert seeds_caught(weak, Network(mean_delay=0.02)) >= 10
    assert seeds_caught(Leaderless(r=2, w=2), Network(mean_delay=0.02)) == 0


HALF_WRITTEN = (
    Step(0.0, "a", "write", "x", "old", "n1"),
    Step(0.5, "a", "write", "x", "new", "n1"),  # reaches n1 only: nobody knows what became of it
    Step(1.5, "b", "read", "x", None, "n1"),
    Step(2.0, "c", "read", "x", None, "n2"),  # n1's copy does not reach it
)
HALF_CUT = STEADY.cut({"n1"}, {"n2", "n3"}, since=0.4, until=1.2).cut({"n1"}, {"n2"}, since=1.9)


def test_quorums_that_meet_are_not_enough_when_a_write_stops_half_way():
    store = Leaderless(r=2, w=2, read_repair="none")
    judged = run(store, HALF_WRITTEN, HALF_CUT)
    assert results_of(judged) == [None, None, "new", "old"]
    assert [a.outcome for a in judged.attempts][1] == "unanswered"
    verdict = is_linearizable(judged.history)
    assert not verdict
    assert verdict.counterexample.offender.process == "c"
    assert len(verdict.counterexample.core) == 4


def test_a_read_that_repairs_before_it_answers_closes_the_gap():
    judged = run(Leaderless(r=2, w=2, read_repair="before"), HALF_WRITTEN, HALF_CUT)
    assert results_of(judged) == [None, None, "new", "new"]
    assert is_linearizable(judged.history)
    read = judged.attempts[2]
    assert read.ended - read.asked == pytest.approx(0.06)  # it waits for the repair to be kept


@settings(max_examples=40, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_with_right_clocks_repair_before_the_answer_is_linearizable(data, seed):
    network = data.draw(bad_days(3))
    store = Leaderless(r=2, w=2, read_repair="before")
    judged = run(store, draw_steps(steps=20, rng=seed), network, seed, route="any")
    assert is_linearizable(judged.history), judged


def test_read_repair_mends_the_nodes_that_were_behind():
    network = STEADY.cut({"n3"}, {"n1", "n2"}, until=0.5)
    steps = [
        Step(0, "a", "write", "x", "v", "n1"),
        Step(1, "a", "read", "x", None, "n3"),
        Step(2, "b", "read", "x", None, "n3"),
    ]
    for repair, behind in (("none", [["n3"], ["n3"]]), ("after", [["n3"], []])):
        told = []

        def rule(replies, told=told):
            newest, stale = newest_and_stale(replies)
            told.append(stale)
            return newest, stale

        store = Leaderless(r=3, w=2, read_repair=repair, read_rule=rule)
        assert results_of(run(store, steps, network)) == [None, "v", "v"]
        assert told == behind


def test_spare_nodes_keep_writes_going_and_break_the_promise():
    network = Network().cut(
        {"n1", "n4", "a", "b"}, {"n2", "n3", "n5", "c", "d"}, since=0.3, until=1
    )
    strict = Leaderless(spares=2, read_repair="before")
    sloppy = Leaderless(spares=2, read_repair="before", hinted_handoff=True)
    answered = [run(s, draw_steps(rng=3), network, 3).answered for s in (strict, sloppy)]
    assert answered[0] < answered[1]
    assert seeds_caught(strict, network) == 0
    assert seeds_caught(sloppy, network) >= 15


def test_a_spare_node_hands_over_when_the_owner_is_back():
    network = STEADY.cut({"n2", "n3"}, since=0.1, until=1)
    store = Leaderless(r=1, w=2, hinted_handoff=True, spares=1, read_repair="none")
    steps = [
        Step(0.2, "a", "write", "x", "v", "n1"),
        Step(1.5, "b", "read", "x", None, "n2"),
    ]
    judged = run(store, steps, network)
    assert [a.outcome for a in judged.attempts] == ["answered", "answered"]
    without = run(Leaderless(r=1, w=2, read_repair="none"), steps, network)
    assert [a.outcome for a in without.attempts] == ["unanswered", "answered"]
    assert results_of(judged)[1] == "v"
    assert results_of(without)[1] is None


def test_last_write_wins_loses_an_acknowledged_write_to_a_clock_that_is_ahead():
    steps = [
        Step(0.0, "a", "write", "x", "first", "n1"),  # n1's clock says 0.3
        Step(0.2, "b", "write", "x", "second", "n2"),
        Step(0.5, "c", "read", "x", None, "n3"),
    ]
    wrong = run(Leaderless(skew={"n1": 0.3}), steps, STEADY)
    assert results_of(wrong) == [None, None, "first"]
    assert [lost.argument for lost in wrong.lost_writes()] == ["second"]
    verdict = is_linearizable(wrong.history)
    assert verdict.counterexample.offender.result == "first"
    right = run(Leaderless(), steps, STEADY)
    assert results_of(right) == [None, None, "second"]
    assert right.lost_writes() == ()


def test_vector_clocks_keep_both_of_two_writes_that_knew_nothing_of_each_other():
    steps = [
        Step(0.0, "a", "write", "x", "first", "n1"),
        Step(0.2, "b", "write", "x", "second", "n2"),
        Step(0.5, "c", "read", "x", None, "n3"),
        Step(1.0, "c", "write", "x", "both", "n1"),  # has seen them, and replaces them
        Step(1.5, "c", "read", "x", None, "n2"),
    ]
    store = Leaderless(conflict="vector clocks", skew={"n1": 0.3})
    judged = run(store, steps, STEADY)
    assert results_of(judged) == [None, None, ("first", "second"), None, "both"]
    assert judged.survivors == {"x": ("both",)}
    early = run(store, steps[:3], STEADY)
    assert early.survivors == {"x": ("first", "second")}
    assert early.lost_writes() == ()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), skew=st.sampled_from([0, 0.5]))
def test_vector_clocks_never_drop_the_last_write_of_a_client(seed, skew):
    store = Leaderless(conflict="vector clocks", skew={"n1": skew})
    judged = run(store, draw_steps(writes=1.0, rng=seed), Network(), seed)
    last = {a.client: a.argument for a in judged.attempts}
    assert set(judged.survivors["x"]) == set(last.values())  # nobody reads, so nobody replaces


def test_a_rule_for_reads_can_be_given():
    steps = [Step(0, "a", "write", "x", "v"), Step(1, "a", "read")]
    seen = []

    def oldest(replies):
        seen.append(replies)
        return min(replies, key=lambda reply: reply.version), []

    stubborn = Leaderless(r=3, w=2, read_rule=oldest)
    cut = STEADY.cut({"n3"}, {"n1", "n2"}, until=0.5)
    assert results_of(run(stubborn, steps, cut)) == [None, None]
    assert {reply.node: reply.value for reply in seen[0]} == {"n1": "v", "n2": "v", "n3": None}


def test_the_newest_reply_is_chosen_and_the_others_named():
    replies = [
        Reply("n1", "a", (1.0, "n1")),
        Reply("n2", "b", (2.0, "n1")),
        Reply("n3", "b", (2.0, "n1")),
    ]
    assert newest_and_stale(replies) == (replies[1], ["n1"])


# A single leader

CUT_OFF = Network().cut({"n1", "a", "b"}, since=0.4, until=1.2)


def test_asynchronous_fail_over_loses_acknowledged_writes_and_is_caught():
    lost = [
        run(SingleLeader(), draw_steps(keys=tuple("uvwxyz"), rng=s), CUT_OFF, s).lost_writes()
        for s in range(20)
    ]
    assert sum(bool(each) for each in lost) >= 10
    assert seeds_caught(SingleLeader(), CUT_OFF) >= 18


def test_a_lost_write_by_hand():
    steps = [
        Step(0.2, "a", "write", "x", "kept", "n1"),
        Step(0.6, "a", "write", "x", "lost", "n1"),  # acknowledged; no follower hears of it
        Step(2.0, "b", "read", "x", None, "n2"),
    ]
    network = STEADY.cut({"n1", "a"}, since=0.5)
    judged = run(SingleLeader(failover_after=0.3), steps, network)
    assert results_of(judged) == [None, None, "kept"]
    assert [lost.argument for lost in judged.lost_writes()] == ["lost"]
    assert not is_linearizable(judged.history)
    safe = run(SingleLeader(synchronous=1), steps, network)
    assert [a.outcome for a in safe.attempts] == ["answered", "unanswered", "answered"]
    assert safe.lost_writes() == ()
    assert is_linearizable(safe.history)
    safest = run(SingleLeader(synchronous=2), steps, network)
    assert results_of(safest) == [None, None, "kept"]  # though n1 never answers the new leader


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0, 0.05]))
def test_followers_that_all_must_have_a_write_lose_none(seed, loss):
    network = Network(loss=loss).cut({"n1", "a", "b"}, since=0.4, until=1.2)
    store = SingleLeader(synchronous=2)
    judged = run(store, draw_steps(keys=tuple("uvwxyz"), rng=seed), network, seed)
    assert judged.lost_writes() == (), judged


def test_a_leader_that_is_cut_off_still_serves_old_values():
    assert seeds_caught(SingleLeader(synchronous=2), CUT_OFF, seeds=40) >= 3


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_leader_that_never_changes_is_linearizable(seed):
    network = Network(loss=0.05).cut({"n1", "a"}, since=0.4, until=0.8)
    store = SingleLeader(failover_after=None)
    judged = run(store, draw_steps(cas=0.2, rng=seed), network, seed)
    assert is_linearizable(judged.history), judged


def test_reads_from_followers_are_stale_and_a_token_keeps_ones_own_writes():
    store = SingleLeader(read_from="any", failover_after=None)
    broken = {False: 0, True: 0}
    stale = 0
    for seed in range(15):
        for token in broken:
            steps = draw_steps(rng=seed)
            judged = run(
                store, steps, Network(mean_delay=0.02), seed, route="any", tells_token=token
            )
            broken[token] += bool(check_sessions(judged.history, judged.versions).violations)
            stale += token and not is_linearizable(judged.history)
    assert broken[False] >= 12
    assert broken[True] == 0
    assert stale > 0  # others' writes may still be missed


class Keeper:
    """A client's own memory of the newest that it has seen."""

    def __init__(self):
        self.kept = {}

    def wrote(self, key, value, version):
        self.read(key, value, version)

    def read(self, key, value, version):
        if key not in self.kept or version >= self.kept[key][1]:
            self.kept[key] = value, version
        return self.kept[key][0]


def test_a_cache_at_the_client_keeps_its_own_writes():
    weak = Leaderless(r=1, w=1, read_repair="none")
    broken = {None: 0, Keeper: 0}
    for seed in range(15):
        for cache in broken:
            steps = draw_steps(rng=seed)
            judged = run(weak, steps, Network(loss=0.2), seed, route="any", cache=cache)
            found = check_sessions(judged.history).broken
            broken[cache] += "read your writes" in found or "monotonic reads" in found
    assert broken[None] >= 10
    assert broken[Keeper] == 0


# Steps, and bad input


def test_every_value_that_is_drawn_is_new():
    steps = draw_steps(clients=5, steps=50, writes=0.5, cas=0.2, rng=4)
    written = [s.argument[1] if s.function == "cas" else s.argument for s in steps]
    written = [value for value in written if value is not None]
    assert len(set(written)) == len(written)
    share = sum(s.function == "write" for s in steps) / len(steps)
    assert share == pytest.approx(0.5, abs=0.1)  # 3 σ of 250
    assert steps == draw_steps(clients=5, steps=50, writes=0.5, cas=0.2, rng=4)


def test_a_client_does_one_thing_after_another():
    steps = [Step(0, "a", "write", "x", "v"), Step(0.001, "a", "read")]
    first, second = run(Leaderless(), steps, STEADY).attempts
    assert second.asked == first.ended


@pytest.mark.parametrize("patience", [0.013, 0.05, 0.1, 0.3, 0.7])
def test_a_client_that_never_hears_anything_comes_to_the_end_of_its_steps(patience):
    for number in range(1, 25):
        steps = [Step(0.1 * number, "a", "read")] * number
        judged = run(Leaderless(), steps, Network(loss=1), patience=patience, settle=0)
        assert judged.unanswered == number


@pytest.mark.parametrize(
    "store",
    [Leaderless(3.0, 2.0, 2.0, spares=1.0), SingleLeader(3.0, 1.0), Majority(3.0)],
    ids=repr,
)
def test_a_whole_number_may_be_written_with_a_point(store):
    assert len(run(store, draw_steps(clients=2.0, steps=5.0)).attempts) == 10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Leaderless(n=0), "n must be a whole number of at least 1, got 0"),
        (lambda: Leaderless(n=3, r=4), "r must lie between 1 and 3, got 4"),
        (lambda: Leaderless(n=3, w=0), "w must be a whole number of at least 1, got 0"),
        (lambda: Leaderless(w=1.5), "w must be a whole number"),
        (lambda: Leaderless(read_repair="yes"), "read_repair must be one of none, after, before"),
        (lambda: Leaderless(conflict="luck"), "conflict must be one of last write wins"),
        (lambda: Leaderless(skew={"n9": 1}), r"skew must name nodes .*got \['n9'\]"),
        (lambda: Leaderless(skew={"n1": math.nan}), r"skew must be .*got nan"),
        (lambda: Leaderless(patience=0), "patience must be a finite number above 0, got 0"),
        (lambda: Leaderless(spares=-1), "spares must be a whole number of at least 0, got -1"),
        (lambda: SingleLeader(n=3, synchronous=3), "synchronous must lie between 0 and 2, got 3"),
        (lambda: SingleLeader(failover_after=0), "failover_after must be a finite number above 0"),
        (lambda: SingleLeader(read_from="moon"), "read_from must be one of leader, any"),
        (lambda: SingleLeader(heartbeat=math.inf), "heartbeat must be a finite number above 0"),
        (lambda: Majority(n=2.5), "n must be a whole number of at least 1, got 2.5"),
        (
            lambda: Majority(heartbeat=1),
            "election_after must be longer than heartbeat, 1",
        ),
        (lambda: draw_steps(clients=27), "clients must lie between 1 and 26, got 27"),
        (lambda: draw_steps(writes=0.9, cas=0.2), "at most 1 together, got 0.9 and 0.2"),
        (lambda: draw_steps(keys=()), r"keys must name at least one key, .*got \(\)"),
        (lambda: draw_steps(rate=0), "rate must be a finite number above 0, got 0"),
        (lambda: run(Leaderless(), [Step(0, "a", "cas", "x", (1, 2))]), "one of read, write for"),
        (lambda: run(Leaderless(), [Step(0, "n1", "read")]), "client must be a name other than"),
        (lambda: run(Leaderless(), [Step(0, "a", "read", via="n9")]), "via must be one of n1, n2"),
        (lambda: run(Leaderless(), [Step(0, "a", "read", None)]), "key must not be None"),
        (lambda: run(Leaderless(), [Step(0, "a", "read", [1])]), "key must not be None, and one"),
        (lambda: run(Leaderless(), [Step(0, "a", "read", math.nan)]), "key must not be None, and"),
        (
            lambda: run(Leaderless(), [(0, "a")]),
            r"each step must be \(at, client, .*got \(0, 'a'\)",
        ),
        (lambda: run(Leaderless(), [5]), r"each step must be \(at, client, .*got 5"),
        (lambda: run(Leaderless(), [Step(-1, "a", "read")]), "at must be a finite number"),
        (lambda: run(Majority(), [Step(0, "a", "cas", "x", 1)]), r"\(expected, new\), got"),
        (lambda: run(Leaderless(), rng=-1), "rng must be a whole number of at least 0"),
        (lambda: run(Leaderless(), route="bus"), "route must be one of sticky, any, got 'bus'"),
        (lambda: run(Leaderless(), patience=0), "patience must be a finite number above 0"),
        (lambda: run(Leaderless(), settle=-1), "settle must be a finite number of at least 0"),
    ],
)
def test_bad_input_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()
