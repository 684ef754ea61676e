"""The balancer: traces by hand, the same bits by any road, theory in the limit, laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.load_balancing import balancing
from helpers.load_balancing.balancing import Dead, Gray, add_up_by_server, balance, fleet_of
from helpers.load_balancing.draws import luck_of, uniforms
from helpers.load_balancing.policies import POLICIES, Answer, View, choose_least, policy_named
from helpers.load_balancing.policy_sweeps import sweep_refresh, sweep_slowdown, sweep_utilization
from helpers.load_balancing.sending import (
    Sent,
    send_by_policy,
    send_to_least_loaded,
    send_to_quickest,
    send_to_shortest,
)
from helpers.scaling.queueing import mean_response, mean_wait
from helpers.statistics import batch_means

COLUMNS = ("arrival_time", "server", "service_time", "waiting_time", "failed")
SETTINGS = {
    "plain": {},
    "stale": {"refresh": 0.7},
    "uneven": {"speeds": [1, 2, 3, 1, 1, 1, 2], "service_cv": 2.0},
    "gray": {"gray": Gray(1, 5.0, since=20.0)},
    "dead for a while": {"dead": Dead(2, since=20.0, until=60.0)},
    "dead and stale": {"dead": Dead(2, since=20.0, until=60.0), "refresh": 2.0},
}


def same(first, second):
    return all(np.array_equal(getattr(first, c), getattr(second, c)) for c in COLUMNS)


def z_score(samples, expected):
    estimate = batch_means(samples, batches=30)
    return (estimate.value - expected) / (estimate.half_width / 2.045)  # Student's t, 95 %


def send_by_hand(choose, arrivals, work, servers=2, refresh=0.0, **condition):
    fleet = fleet_of(servers, None, condition.get("gray"), condition.get("dead"))
    arrivals, work = np.array(arrivals, dtype=float), np.array(work, dtype=float)
    nobody = np.zeros(work.size, dtype=np.int64)
    view = View(servers, weights=[1] * servers)
    return send_by_policy(choose, arrivals, work, fleet, refresh, view, nobody, [])


# By hand


def test_least_connections_by_hand():
    # The third comes when only server 0 is busy; the fourth finds both busy, and 1 has its turn.
    sent = send_by_hand(choose_least, [0, 1, 2, 3, 9], [4, 1, 3, 1, 1])
    assert sent.server.tolist() == [0, 1, 1, 1, 0]
    assert sent.waiting_time.tolist() == [0, 0, 0, 2, 0]


def test_what_is_answered_this_very_moment_is_no_longer_in_flight():
    sent = send_by_hand(choose_least, [0, 1, 2], [2, 9, 1])
    assert sent.server.tolist() == [0, 1, 0]
    assert sent.waiting_time.tolist() == [0, 0, 0]


def test_old_information_sends_a_herd_to_the_same_server():
    seen = []

    def choose(view):
        seen.append((view.seen_at, tuple(view.in_flight)))
        return choose_least(view)

    sent = send_by_hand(choose, [0, 1, 10, 11, 12, 13], [50, 1, 1, 1, 1, 1], refresh=10.0)
    assert seen == [(0, (0, 0))] * 2 + [(10, (1, 0))] * 4
    assert sent.server.tolist() == [0, 1, 1, 1, 1, 1]


def test_slow_is_what_starts_when_the_server_is_gray():
    gray = Gray(0, slowdown=10.0, since=1.0)
    sent = send_by_hand(lambda view: 0, [0, 0, 5], [2, 1, 1], gray=gray)
    assert sent.service_time.tolist() == [2, 10, 10]
    assert sent.waiting_time.tolist() == [0, 2, 7]


def test_a_dying_server_fails_what_it_serves_and_its_line_and_refuses_what_comes():
    dead = Dead(0, since=3.0, until=8.0)
    sent = send_by_hand(lambda view: 0, [0, 1, 2, 5, 8], [2, 3, 1, 1, 1], dead=dead)
    assert sent.failed.tolist() == [False, True, True, True, False]
    assert sent.waiting_time.tolist() == [0, 1, 1, 0, 0]
    assert sent.service_time.tolist() == [2, 1, 0, 0, 1]


def test_an_observer_is_told_of_every_answer_in_order_of_time():
    class Listener:
        def __init__(self):
            self.heard = []

        def __call__(self, view):
            return view.number % 2

        def answered(self, answer):
            self.heard.append(answer)

    choose = Listener()
    send_by_hand(choose, [0, 1, 2, 9], [3, 1, 4, 1], dead=Dead(1, since=5.0))
    assert choose.heard == [
        Answer(1, 2.0, 1.0, failed=False),
        Answer(0, 3.0, 3.0, failed=False),
        Answer(0, 7.0, 5.0, failed=False),
    ]


def test_utilization_and_lines_by_hand():
    arrivals, waits, took = (np.array(a, dtype=float) for a in ([0, 1, 4], [0, 3, 0], [4, 2, 9]))
    where = np.array([0, 0, 1], dtype=np.uint32)
    busy, stay = add_up_by_server(arrivals, waits, took, where, 2, 0)
    assert (busy.tolist(), stay.tolist()) == ([4, 0], [7, 0])
    busy, stay = add_up_by_server(arrivals, waits, took, where, 2, 1)  # from second 1 on
    assert (busy.tolist(), stay.tolist()) == ([3, 0], [6, 0])


# By any road


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_by_its_name_and_in_plain_python_give_the_same_bits(name, setting):
    options = {"requests": 2000, "warm_up": 0.0, "client_skew": 0.8, "rng": 4, **setting}
    fast = balance(5.6, 7, name, **options)
    plain = balance(5.6, 7, policy_named(name), **options)
    assert same(fast, plain)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=50),
    st.integers(2, 5),
    st.sampled_from([0.0, 0.5, 3.0]),
)
def test_compiled_and_plain_loops_give_the_same_bits(times, servers, refresh):
    arrivals, work = np.cumsum(np.array(times) / 8, axis=0)[:, 0].copy(), np.array(times)[:, 1] / 8
    rows = np.arange(work.size)
    candidates = np.array([rows % servers, (rows * 3 + 1) % servers], dtype=np.uint32).T.copy()
    fleet = fleet_of(servers, None, Gray(0, 3.0, since=1.0), Dead(1, since=2.0, until=4.0)).columns
    for loop, arguments in (
        (send_to_shortest, (candidates, fleet, refresh)),
        (send_to_quickest, (candidates, fleet, refresh, 2.0)),
        (send_to_least_loaded, (fleet, refresh, work.size)),
    ):
        fast = loop(arrivals, work, *arguments)
        plain = loop.python(arrivals, work, *arguments)
        assert all(np.array_equal(a, b) for a, b in zip(fast, plain, strict=True))


@given(
    st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=50),
    st.integers(1, 5),
    st.integers(1, 200),
)
def test_the_calendar_finds_the_same_servers_however_many_days_it_has(times, servers, days):
    arrivals, work = np.cumsum(np.array(times) / 8, axis=0)[:, 0].copy(), np.array(times)[:, 1] / 8
    fleet = fleet_of(servers, None, None, None)
    sent = Sent(*send_to_least_loaded.python(arrivals, work, fleet.columns, 0.0, days))
    plain = send_by_hand(choose_least, arrivals, work, servers)
    assert all(np.array_equal(a, b) for a, b in zip(sent, plain, strict=True))


@pytest.mark.parametrize("loop", [send_to_shortest, send_to_quickest])
def test_a_request_that_comes_as_another_is_answered_no_longer_sees_it(loop):
    # Server 0 ends its first request at 2, when the third comes: both are idle, the first wins.
    candidates = np.array([[0, 1], [1, 0], [0, 1]], dtype=np.uint32)
    extra = (0.0, 1e9) if loop is send_to_quickest else (0.0,)
    columns = fleet_of(2, None, None, None).columns
    arrivals, work = np.array([0.0, 0.0, 2.0]), np.array([2.0, 2.0, 1.0])
    chosen, waits, _, _ = loop.python(arrivals, work, candidates, columns, *extra)
    assert chosen.tolist() == [0, 1, 0]
    assert waits.tolist() == [0, 0, 0]
    if loop is send_to_shortest:
        work[1] = 1.0  # now server 1 has long been idle, and server 0 idle only just
        assert loop.python(arrivals, work, candidates, columns, *extra)[0].tolist() == [0, 1, 0]


def test_simpy_agrees_request_by_request():
    simpy = pytest.importorskip("simpy")
    run = balance(8, 10, "two choices", requests=400, warm_up=0.0)
    luck = luck_of(400, 0)
    rows = np.array([uniforms(luck, k) for k in range(2)]).T.tolist()
    env, waits = simpy.Environment(), [0.0] * 400
    desks, holding = [simpy.Resource(env, 1) for _ in range(10)], [0] * 10

    def request(i):
        yield env.timeout(run.arrival_time[i])
        first, second = View(10, luck=rows[i]).draw(2)
        server = second if holding[second] < holding[first] else first
        holding[server] += 1
        with desks[server].request() as turn:
            yield turn
            waits[i] = env.now - run.arrival_time[i]
            yield env.timeout(run.service_time[i])
        holding[server] -= 1

    for i in range(400):
        env.process(request(i))
    env.run()
    assert run.waiting_time == pytest.approx(waits, abs=1e-9)


# Theory


def test_at_random_each_server_is_a_queue_of_its_own():
    run = balance(8, 10, "random", requests=1_000_000, warm_up=0.2, rng=2)
    assert abs(z_score(run.response_time, mean_response(0.8, 1))) < 4


def test_one_server_is_the_textbook_queue_under_every_policy():
    for name in POLICIES:
        run = balance(0.8, 1, name, service_cv=2, requests=300_000, warm_up=0.2, rng=5)
        assert abs(z_score(run.waiting_time, mean_wait(0.8, 1, 1, 2))) < 4


def test_no_policy_beats_one_line_for_all():
    for name in POLICIES:
        run = balance(8, 10, name, requests=400_000, warm_up=0.2)
        assert run.mean_response.high > mean_response(8, 1, 10)


# Laws


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_request_goes_to_one_server_which_serves_one_at_a_time(name, setting):
    run = balance(5.6, 7, name, requests=3000, warm_up=0.0, rng=6, **setting)
    assert run.requests_per_server.sum() == len(run) == 3000
    start = run.arrival_time + run.waiting_time
    for server in range(7):
        mine = run.server == server
        begin, end = start[mine], (start + run.service_time)[mine]
        assert (begin[1:] >= end[:-1] - 1e-9).all()
        idle = run.waiting_time[mine][1:] == 0
        assert (idle | (np.abs(begin[1:] - end[:-1]) < 1e-9)).all()
    assert run.failed.any() == ("dead" in setting)


def test_littles_law_holds_at_every_server():
    run = balance(8, 10, "two choices", requests=200_000)
    rate = run.requests_per_server / run.duration
    mean = np.bincount(run.server, weights=run.response_time) / run.requests_per_server
    assert run.mean_in_flight == pytest.approx(rate * mean, rel=0.01)
    at = np.linspace(run.arrival_time[1000], run.arrival_time[-1], 50_000)
    assert run.in_flight(3, at).mean() == pytest.approx(run.mean_in_flight[3], rel=0.05)


def test_same_seed_same_run_and_another_seed_another_run():
    first, second, other = (balance(8, requests=1000, rng=seed) for seed in (1, 1, 2))
    assert same(first, second)
    assert not same(first, other)


def test_a_generator_gives_fresh_luck_each_time():
    rng = np.random.default_rng(1)
    first, second = (balance(8, requests=1000, rng=rng) for _ in range(2))
    assert not np.array_equal(first.arrival_time, second.arrival_time)


def test_every_policy_meets_the_same_requests():
    first, *others = (balance(8, policy=name, requests=1000) for name in POLICIES)
    for run in others:
        assert np.array_equal(run.arrival_time, first.arrival_time)
        assert np.array_equal(run.service_time, first.service_time)


# Directions: what the topic teaches


def test_the_more_a_policy_knows_the_shorter_the_tail():
    names = ("random", "round robin", "two choices", "least connections")
    tails = [balance(9, 10, name, requests=300_000).quantile(0.99) for name in names]
    assert tails == sorted(tails, reverse=True)


def test_speeds_may_be_an_array():
    given = np.array([1.0, 2.0])
    assert balance(1, 2, speeds=given).share_failed == 0


@pytest.mark.parametrize("options", [{"dead": Dead(0)}, {"warm_up": 0.9}])
def test_a_run_shows_itself_whatever_came_of_it(options):
    shown = repr(balance(2, 1, requests=100, **options))
    assert ("mean response" in shown) == ("warm_up" in options)


def test_weights_help_where_speeds_differ():
    speeds = [4, 1, 1, 1, 1]
    even, weighted = (
        balance(6, 5, name, speeds=speeds, requests=50_000)
        for name in ("round robin", "weighted round robin")
    )
    assert even.utilization[1:] == pytest.approx([1.0] * 4, abs=0.01)  # more than they can do
    assert weighted.utilization == pytest.approx([0.75] * 5, abs=0.02)


def test_loved_clients_overload_the_servers_that_they_are_hashed_to():
    even, uneven = (
        balance(5, 10, "IP hash", client_skew=skew, requests=200_000) for skew in (0.0, 1.2)
    )
    assert even.requests_per_server.max() < 1.1 * 20_000
    assert uneven.requests_per_server.max() > 2 * 20_000


def test_a_dead_server_that_fails_fast_attracts_those_who_look_for_short_lines():
    names = ("round robin", "two choices", "peak EWMA", "least connections")
    runs = [balance(8, 10, name, dead=Dead(3), requests=50_000) for name in names]
    shares = [run.share_failed for run in runs]
    assert shares[0] == pytest.approx(0.1, abs=1e-3)
    assert shares[2] == pytest.approx(0.2, abs=0.01)  # whenever it is one of the two drawn
    assert shares == sorted(shares)
    assert shares[3] > 0.3


def test_one_slow_server_hurts_round_robin_most():
    swept = sweep_slowdown([1, 10], ["round robin", "two choices", "peak EWMA"], requests=100_000)
    assert swept.p99[0, 1] > 100 * swept.p99[0, 0]
    assert (swept.p99[1:, 1] < 5 * swept.p99[1:, 0]).all()
    assert swept.share[0] == pytest.approx([0.1, 0.1], abs=1e-3)
    assert (swept.share[1:, 1] < 0.05).all()


def test_old_information_turns_least_connections_into_the_worst():
    swept = sweep_refresh([0.0, 20.0], ["random", "two choices", "least connections"])
    fresh, old = swept.mean.T
    assert fresh[2] < fresh[1] < fresh[0]
    assert old[2] > old[0] == fresh[0]


def test_a_fuller_system_is_slower_under_every_policy():
    swept = sweep_utilization([0.3, 0.6, 0.9], POLICIES, requests=50_000)
    assert (np.diff(swept.mean, axis=1) > 0).all()
    assert swept.row("IP hash") == 3
    with pytest.raises(ValueError, match=r"policy must be one of .*'best'"):
        swept.row("best")


# Bad input


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"arrival_rate": 0}, "arrival_rate must be a finite number above 0, got 0"),
        ({"service_rate": -1}, "service_rate must"),
        ({"servers": 0}, "servers must be a whole number of at least 1, got 0"),
        ({"policy": "best"}, "policy must be a function or one of"),
        ({"service_cv": 51}, "service_cv must lie between 0 and 50, got 51"),
        ({"refresh": 1e-320}, "refresh must be 0 or at least 1e-06 s, got 1e-320"),
        ({"speeds": [1, 2]}, "speeds must be 10, one for each server, got 2"),
        ({"speeds": [0] * 10}, "speeds must be a finite number above 0, got 0"),
        ({"weights": [1]}, "weights must be 10, one for each server, got 1"),
        ({"weights": [0] * 10}, "weights must be a whole number of at least 1, got 0"),
        ({"choices": 9}, "choices must lie between 1 and 8, got 9"),
        ({"memory": 0}, "memory must"),
        ({"gray": Gray(10)}, "gray.server must lie between 0 and 9, got 10"),
        ({"gray": Gray(0, slowdown=0)}, "slowdown must"),
        ({"gray": Gray(0, since=-1)}, "since must"),
        ({"dead": Dead(-1)}, "dead.server must be a whole number of at least 0, got -1"),
        ({"dead": Dead(0, since=5, until=5)}, "until must come after since=5, got 5"),
        ({"refresh": -1}, "refresh must"),
        ({"refresh": math.inf}, "refresh must"),
        ({"clients": 0}, "clients must"),
        ({"client_skew": -1}, "client_skew must"),
        ({"requests": 99}, "requests must be a whole number of at least 100, got 99"),
        ({"warm_up": 1}, "warm_up must lie between 0 and 0.9, got 1"),
        ({"rng": -1}, "rng must"),
        ({"arrival_rate": 1e-310}, "arrival_rate must be so high that the run ends"),
        ({"service_rate": 1e-310}, "service_rate must be so high that the run ends"),
    ],
)
def test_bad_input_is_named(options, words):
    with pytest.raises(ValueError, match=words):
        balance(**{"arrival_rate": 8, **options})


@pytest.mark.parametrize("chosen", [10, -1, None, 1.0, True])
def test_a_policy_that_chooses_nobody_is_told_so(chosen):
    with pytest.raises(ValueError, match="policy must choose a server from 0 to 9, got"):
        balance(8, 10, lambda view: chosen, requests=100)


def test_a_policy_may_choose_by_numpy():
    run = balance(8, 10, lambda view: np.argmin(view.in_flight), requests=1000)
    assert run.requests_per_server[0] > run.requests_per_server[9]


@pytest.mark.parametrize(
    ("sweep", "values", "words"),
    [
        (sweep_utilization, [0.5, 1.0], "utilizations must lie above 0 and below 1"),
        (sweep_refresh, [-1.0], "refreshes must be finite and at least 0"),
        (sweep_slowdown, [0.5], "slowdowns must be finite and at least 1"),
    ],
)
def test_a_sweep_names_what_is_wrong(sweep, values, words):
    with pytest.raises(ValueError, match=words):
        sweep(values)
    with pytest.raises(ValueError, match="policies must name at least one policy"):
        sweep([], policies=[])


def test_a_run_cannot_be_written_to_and_says_what_it_is():
    run = balance(8, requests=1000)
    with pytest.raises(ValueError, match="read-only"):
        run.server[0] = 1
    assert repr(run).startswith("BalancedRun: 950 requests, 10 servers, utilization ")
    assert balancing.BalancedRun.__name__ in repr(run)
