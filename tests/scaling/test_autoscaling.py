"""Servers that come and go: traces by hand, the fixed tier in the limit, laws on every run."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.figure import describe, new_figure, picture
from helpers.scaling.autoscaling import Observation, serve_until, serve_with_policy
from helpers.scaling.autoscaling_figures import draw_day, draw_how_busy, draw_plan
from helpers.scaling.elastic_run import ElasticRun
from helpers.scaling.fleet import Fleet, without
from helpers.scaling.sale_day import SaleDay
from helpers.scaling.simulation import littles_law, serve, simulate

TIMES = st.lists(
    st.tuples(st.floats(0, 10), st.floats(0, 5)), min_size=1, max_size=60
)  # (gap, service)
WISHES = st.lists(st.integers(1, 6), min_size=1, max_size=20)
SPIKE = SaleDay("a spike", sale_at=1, height=6, stay=10, mean_rate=3, seed=3)


def answers(*numbers):
    """A policy that gives these answers in order, and the last one ever after."""
    left = list(numbers)

    def policy(seen):
        return left.pop(0) if len(left) > 1 else left[0]

    return policy


def watch(policy):
    """The policy, and a list that it writes down what it saw in."""
    saw = []

    def watched(seen):
        saw.append(seen)
        return policy(seen)

    return watched, saw


def arrays(times):
    gaps, services = np.array(times, dtype=float).T.copy()
    return np.cumsum(gaps), services


def morning(policy, **options):
    """Three hours with a spike after the first."""
    workload, services = SPIKE.requests(1.0)
    until = workload.arrival_time.searchsorted(3 * 3600)
    settings = {"servers": 8, "duration": 3 * 3600.0} | options
    return serve_with_policy(workload.arrival_time[:until], services[:until], policy, **settings)


def half_more(seen):
    return math.ceil(1.5 * max(seen.recent_arrival_rates)) + 1


# Traces by hand


def test_a_server_that_was_ordered_serves_after_its_start_up_delay():
    # One server is busy until 10. At 4 a second is ordered; it is ready at 7.
    run = serve_with_policy(
        [0, 1, 2, 3], [10, 2, 2, 2], answers(2), interval=4, startup_delay=3, duration=20
    )
    assert run.waiting_time.tolist() == [0, 6, 7, 7]  # from 7, 9 and, on the first, 10
    assert run.wanted.tolist() == [2, 2, 2, 2]
    assert run.serving([0, 6.9, 7, 20]).tolist() == [1, 1, 2, 2]
    assert run.paid([0, 3.9, 4, 20]).tolist() == [1, 1, 2, 2]
    assert run.server_hours == pytest.approx((20 + 16) / 3600)


def test_a_server_sent_home_finishes_its_request_and_takes_no_other():
    # At 2 both are busy, until 3 and until 9. The first to be free goes.
    run = serve_with_policy(
        [0, 0, 1], [3, 9, 1], answers(1), servers=2, interval=2, startup_delay=0, duration=12
    )
    assert run.waiting_time.tolist() == [0, 0, 8]
    assert (run.retired_at.tolist(), run.left_at.tolist()) == ([2], [3])
    assert run.serving([1.9, 2]).tolist() == [2, 1]
    assert run.paid([2, 2.9, 3]).tolist() == [2, 2, 1]
    assert run.server_hours == pytest.approx((12 + 3) / 3600)


def test_an_idle_server_leaves_at_once_and_a_busy_one_stays():
    run = serve_with_policy(
        [0, 4], [10, 1], answers(1), servers=2, interval=2, startup_delay=0, duration=12
    )
    assert (run.retired_at.tolist(), run.left_at.tolist()) == ([2], [2])
    assert run.waiting_time.tolist() == [0, 6]


def test_servers_that_are_starting_are_taken_back_first_and_the_latest_of_them():
    # Ordered: one at 1 (ready at 6), two at 2 (ready at 7). At 3 two of the three go.
    run = serve_with_policy([0], [1], answers(2, 4, 2), interval=1, startup_delay=5, duration=10)
    assert run.hired_at.tolist() == [0, 1, 2, 2]
    assert run.cancelled_at.tolist() == [3, 3]
    assert run.ready_at.tolist() == [0, 6]
    assert run.retired_at.size == 0
    assert run.server_hours == pytest.approx((10 + 9 + 1 + 1) / 3600)


def test_a_server_that_comes_after_the_end_serves_but_is_not_counted():
    # The second server is ordered at 4 and ready at 9; the run ends at 6.
    run = serve_with_policy(
        [0, 1, 2], [20, 3, 3], answers(2), interval=4, startup_delay=5, duration=6
    )
    assert run.waiting_time.tolist() == [0, 8, 10]
    assert (run.ready_at.tolist(), run.hired_at.tolist()) == ([0], [0, 4])
    assert run.server_hours == pytest.approx((6 + 2) / 3600)


def test_a_server_that_comes_after_the_last_decision_is_counted():
    run = serve_with_policy([0], [1], answers(2), interval=4, startup_delay=1, duration=6)
    assert run.ready_at.tolist() == [0, 5]


def test_a_server_that_finishes_after_the_end_is_paid_until_the_end():
    run = serve_with_policy([0, 0], [50, 60], answers(1), servers=2, interval=4, duration=6)
    assert run.left_at.tolist() == [50]
    assert run.server_hours == pytest.approx((6 + 6) / 3600)


def test_what_is_seen_by_hand():
    # Served by 4: 0 to 3, and 3 to 4 of the second, which ends at 8. The third stands in line.
    policy, saw = watch(answers(2, 3))
    serve_with_policy([0, 1, 2], [3, 5, 1], policy, interval=4, startup_delay=2, duration=12)
    first, second = saw
    assert first == Observation(
        time=4,
        servers=1,
        starting=0,
        arrival_rate=3 / 4,
        utilization=1.0,
        queue=1,
        p99=3.0,
        recent_arrival_rates=(0.75,),
    )
    # The second server is ready at 6 and serves the third request from 6 to 7: five seconds
    # of the six that the two had. Answered: the third after 5 s, the second after 7 s.
    assert (second.servers, second.starting, second.queue) == (2, 0, 0)
    assert second.utilization == pytest.approx(5 / 6)
    assert second.p99 == 7.0
    assert second.recent_arrival_rates == (0.75, 0.0)


def test_only_the_last_fifteen_minutes_are_seen():
    policy, saw = watch(answers(1))
    serve_with_policy(np.arange(20.0), np.zeros(20), policy, interval=1, duration=20)
    assert [len(seen.recent_arrival_rates) for seen in saw] == [*range(1, 16), *[15] * 4]
    assert all(seen.recent_arrival_rates[-1] == seen.arrival_rate for seen in saw)


def test_nobody_is_asked_at_the_end_nor_where_the_day_is_shorter_than_an_interval():
    policy, saw = watch(answers(1))
    serve_with_policy([0], [1], policy, interval=5, duration=10)
    assert [seen.time for seen in saw] == [5]
    assert serve_with_policy([0], [1], policy, interval=60, duration=10).wanted.size == 0


# The fixed tier in the limit


@given(TIMES, st.integers(1, 7), st.floats(0.5, 20))
def test_a_policy_that_changes_nothing_gives_the_waits_of_a_fixed_tier(times, servers, interval):
    arrivals, services = arrays(times)
    run = serve_with_policy(
        arrivals,
        services,
        lambda seen: servers,
        servers=servers,
        interval=interval,
        duration=float(arrivals[-1]) + 1,
    )
    assert np.array_equal(run.waiting_time, serve(arrivals, services, servers).waiting_time)


def test_a_fixed_tier_of_random_requests_is_the_simulation_s():
    fixed = simulate(8, 1, 10, requests=20_000, warm_up=0)
    run = serve_with_policy(fixed.arrival_time, fixed.service_time, lambda seen: 10, servers=10)
    assert np.array_equal(run.waiting_time, fixed.waiting_time)
    assert run.server_hours == pytest.approx(10 * fixed.arrival_time[-1] / 3600)


def test_utilization_seen_adds_up_to_the_work_that_was_done():
    policy, saw = watch(answers(10))
    fixed = simulate(6, 1, 10, requests=20_000, warm_up=0)
    run = serve_with_policy(fixed.arrival_time, fixed.service_time, policy, servers=10)
    mean = np.mean([seen.utilization for seen in saw])
    assert mean == pytest.approx(0.6, abs=0.02)
    assert max(seen.utilization for seen in saw) <= 1
    assert len(saw) == run.wanted.size


# Laws on every run


@given(TIMES, WISHES, st.floats(0.5, 8), st.floats(0, 12))
@settings(max_examples=60)
def test_requests_and_servers_are_all_accounted_for(times, wishes, interval, startup_delay):
    arrivals, services = arrays(times)
    policy, saw = watch(answers(*wishes))
    run = serve_with_policy(
        arrivals,
        services,
        policy,
        interval=interval,
        startup_delay=startup_delay,
        duration=float(arrivals[-1]) + 10,
    )
    at = np.linspace(0, float((run.arrival_time + run.response_time).max()) + 1, 50)
    done = (run.arrival_time + run.response_time <= at[:, None]).sum(axis=1)
    came = (run.arrival_time <= at[:, None]).sum(axis=1)
    assert np.array_equal(came - done, run.in_flight(at))
    assert run.in_flight(at[-1]) == 0
    assert (run.paid(at) >= run.serving(at)).all()
    assert (run.serving(at) >= 1).all()
    for seen, wanted in zip(saw, run.wanted, strict=True):
        before = np.nextafter(seen.time, -math.inf)
        hired = run.paid(seen.time) - run.paid(before)
        assert wanted - (seen.servers + seen.starting) <= max(hired, 0)
        assert 0 <= seen.utilization <= 1 + 1e-12


@given(TIMES, WISHES, st.floats(0.5, 8), st.floats(0, 12))
@example(
    [
        *((6.741963022323624, 0.0), (9.314195125909142, 0.0), (1.439104033132221, 0.0)),
        *((8.867213958868238, 3.7467325930260182), (0.0, 1.9999), (0.0, 1.0), (6.0, 0.0)),
    ],
    [1],
    1.0,
    0.0,
)
@settings(max_examples=60)
def test_never_more_requests_are_served_than_there_are_servers_paid_for(
    times, wishes, interval, startup_delay
):
    arrivals, services = arrays(times)
    run = serve_with_policy(
        arrivals, services, answers(*wishes), interval=interval, startup_delay=startup_delay
    )
    start = run.arrival_time + run.waiting_time
    assert (np.diff(start) >= 0).all()  # first come, first served
    within = start[start < run.duration]
    done = np.sort(run.arrival_time + run.response_time)
    over = np.searchsorted(done, within + 1e-9, side="right")  # one ends as the next one starts
    in_service = np.arange(1, within.size + 1) - over
    assert (in_service <= run.paid(within)).all()


@given(TIMES, WISHES)
@settings(max_examples=30)
def test_compiled_and_plain_loops_give_the_same_bits(times, wishes):
    arrivals, services = arrays(times)
    for until in (5.0, math.inf):
        free_at = np.sort(np.array(wishes, dtype=float))
        fast = (np.zeros(arrivals.size), free_at.copy())
        plain = (np.zeros(arrivals.size), free_at.copy())
        gave = serve_until(arrivals, services, fast[0], 0, fast[1], until)
        assert gave == serve_until.python(arrivals, services, plain[0], 0, plain[1], until)
        assert all(np.array_equal(a, b) for a, b in zip(fast, plain, strict=True))


def test_littles_law_holds_while_servers_come_and_go():
    assert littles_law(morning(half_more)).ratio == pytest.approx(1, rel=0.01)


def test_the_same_seed_gives_the_same_run():
    first, again = morning(half_more), morning(half_more)
    assert np.array_equal(first.waiting_time, again.waiting_time)
    assert np.array_equal(first.left_at, again.left_at)


# Directions


def test_a_longer_start_up_delay_never_makes_fewer_late_in_a_spike():
    late = [
        morning(half_more, startup_delay=delay).late_share(5.0)
        for delay in (0.0, 60.0, 180.0, 300.0, 600.0)
    ]
    assert late == sorted(late)
    assert late[-1] > 5 * late[0]


def test_more_head_room_costs_more_and_makes_fewer_late():
    runs = [
        morning(lambda seen, room=room: math.ceil(room * max(seen.recent_arrival_rates)) + 1)
        for room in (1.0, 1.3, 1.6, 2.0)
    ]
    late, hours = (
        [f(run) for run in runs] for f in (lambda r: r.late_share(5.0), lambda r: r.server_hours)
    )
    assert late == sorted(late, reverse=True)
    assert hours == sorted(hours)
    assert late[0] > 2 * late[-1]


@given(TIMES, st.integers(1, 4), st.floats(0.5, 8))
def test_no_wait_rises_when_there_is_always_one_server_more(times, servers, interval):
    arrivals, services = arrays(times)
    runs = [
        serve_with_policy(
            arrivals, services, lambda seen, n=n: n, servers=n, interval=interval, startup_delay=3
        )
        for n in (servers, servers + 1)
    ]
    assert (runs[1].waiting_time <= runs[0].waiting_time + 1e-9).all()


# Who was late, and when


def test_the_worst_five_minutes_are_found_by_hand():
    minute = np.arange(20)
    arrivals = np.repeat(minute * 60.0 + 30.0, 10)  # ten requests in each minute
    is_late = np.isin(np.arange(200) // 10, [7, 8, 9, 11]) | (np.arange(200) == 0)
    run = serve_with_policy(arrivals, np.where(is_late, 9.0, 1.0), answers(200), servers=200)
    assert run.worst_five_minutes(5.0) == (7 * 60, 40 / 50)
    assert run.late_share(5.0) == pytest.approx(41 / 200)
    by_window = run.late_share_by_window(5.0, 300.0)
    assert by_window.tolist() == pytest.approx([1 / 50, 30 / 50, 10 / 50, 0])


def test_a_window_in_which_nobody_came_has_nobody_late():
    run = serve_with_policy([0, 900], [1, 1], answers(1), duration=1200)
    assert run.late_share_by_window(0.5, 300.0).tolist() == [1, 0, 0, 1]


def test_a_run_of_a_minute_has_its_worst_minute():
    run = serve_with_policy([0, 1], [1, 9], answers(2), servers=2, duration=30)
    assert run.worst_five_minutes(5.0) == (0, 0.5)


def test_values_are_taken_out_once_each():
    assert without(np.array([1.0, 1.0, 1.0, 4.0]), np.array([1.0, 1.0])).tolist() == [1, 4]
    assert without(np.array([1.0, 2.0]), np.empty(0)).tolist() == [1, 2]


def test_a_run_says_what_happened_and_cannot_be_changed():
    run = serve_with_policy([0, 1], [4, 4], answers(2), interval=1, startup_delay=0, duration=4)
    assert repr(run) == "ElasticRun: 2 requests, 2 to 2 servers, 0 server-hours, p99 4 s"
    with pytest.raises(ValueError, match="read-only"):
        run.waiting_time[0] = 5


def test_an_observation_says_what_is_seen_in_a_line():
    seen = Observation(43_200.0, 20, 4, 38.0, 0.95, 40, 4.0, (30.0, 38.0))
    assert repr(seen) == (
        "Observation(time=43200, servers=20, starting=4, arrival_rate=38, utilization=0.95, "
        "queue=40, p99=4, …)"
    )


# Bad input


@pytest.mark.parametrize(
    "answer", [0, -3, 501, 2.5, math.nan, math.inf, "seven", None, True, [3], np.float64(0.5)]
)
def test_an_answer_that_is_no_number_of_servers_is_named_with_its_time(answer):
    message = r"policy must give a whole number of servers from 1 to 500, got .* at 60 s"
    with pytest.raises(ValueError, match=message) as refused:
        serve_with_policy([0, 100], [1, 1], lambda seen: answer)
    assert repr(answer) in str(refused.value)


@pytest.mark.parametrize("answer", [3, 3.0, np.int64(3), np.float64(3)])
def test_a_whole_number_of_any_type_is_taken(answer):
    assert serve_with_policy([0, 100], [1, 1], lambda seen: answer).wanted.tolist() == [3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"servers": 0}, "servers must be a whole number of at least 1, got 0"),
        ({"startup_delay": -1}, "startup_delay must be a finite number of at least 0, got -1"),
        ({"interval": 0}, "interval must be a finite number above 0, got 0"),
        ({"duration": 0}, "duration must be a finite number above 0, got 0"),
        ({"servers": 7, "most_servers": 6}, "most_servers must be a whole number of at least 7"),
        ({"arrival_time": []}, "arrival_time must be one-dimensional and not empty"),
        ({"arrival_time": [2, 1]}, "arrival_time must be finite and not falling"),
        ({"arrival_time": [-1, 1]}, "arrival_time must be at least 0, got -1"),
        ({"service_time": [1]}, r"service_time must have the shape \(2,\)"),
        ({"service_time": [1, math.nan]}, "service_time must be finite and at least 0"),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {"arrival_time": [0, 1], "service_time": [1, 1], "policy": answers(1)}
    with pytest.raises(ValueError, match=message):
        serve_with_policy(**(arguments | change))


def test_a_window_has_a_length():
    run = serve_with_policy([0], [1], answers(1), duration=10)
    with pytest.raises(ValueError, match="window must be a finite number above 0, got 0"):
        run.late_share_by_window(1.0, 0)


def test_a_run_with_a_request_that_nobody_served_is_refused():
    one, none = np.array([0.0]), np.empty(0)
    with pytest.raises(AssertionError, match="a request was never served"):
        ElasticRun(one, one, one * np.nan, 1.0, none, none.astype(int), one, one, none, none, none)


def test_a_fleet_that_loses_more_servers_than_it_had_is_refused():
    one, none = np.array([0.0]), np.empty(0)
    with pytest.raises(AssertionError, match="more servers left than came"):
        ElasticRun(one, one, one, 1.0, none, none.astype(int), none, none, none, none, one)


def test_the_rate_of_requests_that_came_at_once_is_infinite():
    run = serve_with_policy([3, 3], [1, 1], lambda seen: 1)
    assert run.arrival_rate == np.inf


def test_a_fleet_counts_what_it_can_do_between_two_moments():
    fleet = Fleet(2, startup_delay=4.0)
    fleet.resize(3, now=1.0)
    assert fleet.available(since=0.0, until=10.0) == pytest.approx(2 * 10 + 5)
    assert fleet.free_at().tolist() == [0, 0, 5]


# Figures


def test_the_figure_of_a_day_names_what_it_draws():
    run = morning(half_more)
    shape = {"rows": 2, "columns": 2, "height": 4.4}
    drawn = picture(draw_day, run, 1.0, 5.0, 0.05, (1.0, 2.0), **shape)
    assert f"{run.server_hours:,.0f} server-hours" in drawn.alt
    for name in ("load (servers kept busy)", "serving", "paid for", "late"):
        assert f"\n{name}: " in drawn.alt


def test_the_figure_of_how_busy_a_tier_may_be_needs_no_answer():
    _, axes = new_figure()
    draw_how_busy(np.array([1.0, 2.0]), None, axes)
    assert [line.get_label() for line in axes.lines] == ["rule of thumb"]
    draw_how_busy(np.array([1.0, 2.0]), [2, 4], axes)
    assert axes.lines[-1].get_ydata().tolist() == [0.5, 0.5]


def test_the_figure_of_a_plan_adds_up_its_hours():
    figure, axes = new_figure()
    draw_plan(np.full(1440, 4.0), [5] * 12 + [10] * 12, 10, axes)
    assert describe(figure).startswith("A plan by the hour needs 25 % fewer server-hours")
    assert "by the hour: 180" in [text.get_text() for text in axes.texts]
