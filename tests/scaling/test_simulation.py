"""The queue: traces by hand, theory in the limit, laws that hold on every run."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.scaling.page import draw_response_times, load_pages
from helpers.scaling.queueing import erlang_c, mean_wait, wait_quantile
from helpers.scaling.response_summary import response_curves, summarize
from helpers.scaling.scalability import measure_throughput
from helpers.scaling.sessions import draw_sessions
from helpers.scaling.simulation import (
    QueueRun,
    busy_time,
    draw,
    littles_law,
    serve,
    simulate,
    wait_in_one_line,
    wait_in_own_lines,
)
from helpers.scaling.sweeps import sweep_unevenness, sweep_utilization
from helpers.scaling.your_servers import find_servers
from helpers.statistics import batch_means

EIGHTHS = st.integers(0, 80).map(lambda count: count / 8)  # sums of these have no rounding error
TIMES = st.lists(st.tuples(EIGHTHS, EIGHTHS), min_size=1, max_size=60)  # (gap, service)


def z_score(run: QueueRun, expected: float) -> float:
    estimate = batch_means(run.waiting_time, batches=30)
    standard_error = estimate.half_width / 2.045  # Student's t, 29 degrees, 95 %
    return (estimate.value - expected) / standard_error


def test_one_server_trace_by_hand():
    run = serve([0, 1, 2, 10], [3, 1, 2, 1])
    assert run.waiting_time.tolist() == [0, 2, 2, 0]
    assert run.departure_time.tolist() == [3, 4, 6, 11]


def test_two_servers_trace_by_hand():
    run = serve([0, 0, 1, 2], [4, 1, 5, 1], servers=2)
    assert run.waiting_time.tolist() == [0, 0, 0, 2]


def test_own_lines_trace_by_hand():
    run = serve([0, 1, 2], [5, 5, 5], servers=2, server=[0, 0, 1])
    assert run.waiting_time.tolist() == [0, 4, 0]


@pytest.mark.parametrize("server", [None, [0, 0]])
def test_servers_are_free_before_the_first_request_whenever_the_clock_starts(server):
    assert serve([-10, -9], [1, 1], server=server).waiting_time.tolist() == [0, 0]


def test_the_rate_of_requests_that_came_at_once_is_infinite():
    assert serve([0], [1]).arrival_rate == math.inf
    assert serve([2, 2], [1, 1]).arrival_rate == math.inf


@given(TIMES, st.integers(1, 7))
def test_compiled_and_plain_loops_give_the_same_bits(times, servers):
    gaps, services = np.array(times, dtype=float).T.copy()
    arrivals = np.cumsum(gaps)
    server = np.arange(arrivals.size) % servers
    for loop, extra in ((wait_in_one_line, ()), (wait_in_own_lines, (server,))):
        fast = loop(arrivals, services, *extra, servers)
        assert np.array_equal(fast, loop.python(arrivals, services, *extra, servers))


@given(TIMES, st.integers(1, 7))
def test_no_server_serves_two_at_once_and_nobody_waits_while_one_is_free(times, servers):
    gaps, services = np.array(times, dtype=float).T.copy()
    run = serve(np.cumsum(gaps), services, servers)
    start = run.arrival_time + run.waiting_time
    for i, moment in enumerate(start):
        earlier = np.arange(len(run)) < i
        busy = earlier & (start <= moment) & (run.departure_time > moment)
        assert np.count_nonzero(busy) < servers or services[i] == 0
        if run.waiting_time[i] > 0:
            before = np.nextafter(moment, -math.inf)
            held = earlier & (start <= before) & (run.departure_time > before)
            assert np.count_nonzero(held) >= servers


@given(TIMES, st.integers(1, 7))
def test_what_comes_in_is_done_or_in_flight(times, servers):
    gaps, services = np.array(times, dtype=float).T.copy()
    run = serve(np.cumsum(gaps), services, servers)
    at = np.linspace(0, float(run.departure_time.max()) + 1, 50)
    done = (run.departure_time[None, :] <= at[:, None]).sum(axis=1)
    came = (run.arrival_time[None, :] <= at[:, None]).sum(axis=1)
    assert np.array_equal(came - done, run.in_flight(at))
    assert run.in_flight(at[-1]) == 0


@given(TIMES, st.integers(1, 6))
def test_no_wait_rises_when_a_server_is_added(times, servers):
    gaps, services = np.array(times, dtype=float).T.copy()
    arrivals = np.cumsum(gaps)
    fewer, more = serve(arrivals, services, servers), serve(arrivals, services, servers + 1)
    assert (more.waiting_time <= fewer.waiting_time).all()


@pytest.mark.parametrize(
    ("rate", "servers", "cv"),
    [(0.5, 1, 1), (0.8, 1, 1), (0.8, 1, 0), (0.7, 1, 2), (8, 10, 1), (1.6, 2, 1)],
)
def test_mean_wait_agrees_with_the_exact_formula(rate, servers, cv):
    run = simulate(rate, 1, servers, service_cv=cv, requests=1_000_000, rng=7)
    assert abs(z_score(run, mean_wait(rate, 1, servers, cv))) < 4


def test_share_that_waits_and_tail_of_the_wait_agree_with_erlang():
    run = simulate(8, 1, 10, requests=1_000_000, rng=3)
    indicator = (run.waiting_time > 0).astype(float)
    estimate = batch_means(indicator, batches=30)
    assert abs(estimate.value - erlang_c(10, 8)) < 2 * estimate.half_width
    beyond = wait_quantile(0.95, 8, 1, 10)
    late = batch_means((run.waiting_time > beyond).astype(float), batches=30)
    assert abs(late.value - 0.05) < 2 * late.half_width


def test_kingman_is_close_in_heavy_traffic():
    run = simulate(0.95, 1, arrival_cv=0.5, service_cv=0.5, requests=1_000_000, rng=1)
    expected = mean_wait(0.95, 1, service_cv=0.5, arrival_cv=0.5)
    assert run.waiting_time.mean() == pytest.approx(expected, rel=0.1)


def test_independent_simulators_agree_request_by_request():
    ciw = pytest.importorskip("ciw")
    gaps = np.random.default_rng(0).exponential(size=300)
    services = np.random.default_rng(1).exponential(2.5, size=300)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps.tolist(), 1e9])],
        service_distributions=[ciw.dists.Sequential(services.tolist())],
        number_of_servers=[3],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(300, method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    ours = serve(np.cumsum(gaps), services, servers=3)
    theirs = [record.waiting_time for record in records]
    assert len(theirs) == 300
    assert ours.waiting_time == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("queues", ["one shared", "one per server"])
def test_littles_law_holds_on_every_run(queues):
    for cv in (0.0, 1.0, 3.0):
        run = simulate(7, 1, 8, service_cv=cv, queues=queues, rng=2)
        assert littles_law(run).ratio == pytest.approx(1, rel=0.01)


def test_one_shared_line_beats_one_per_server_on_the_same_luck():
    shared = simulate(7, 1, 8, rng=5)
    apart = simulate(7, 1, 8, queues="one per server", rng=5)
    assert np.array_equal(shared.service_time, apart.service_time)
    assert shared.waiting_time.mean() < apart.waiting_time.mean() / 4


def test_random_splitting_makes_each_server_a_queue_of_its_own():
    run = simulate(6.4, 1, 8, queues="one per server", requests=1_000_000, rng=4)
    assert abs(z_score(run, mean_wait(0.8, 1))) < 4


def test_same_seed_same_run_and_another_seed_another_run():
    first, second, other = (simulate(0.8, 1, requests=1000, rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.waiting_time, second.waiting_time)
    assert not np.array_equal(first.waiting_time, other.waiting_time)


def test_a_generator_gives_fresh_luck_each_time():
    rng = np.random.default_rng(1)
    first, second = (simulate(0.8, 1, requests=1000, rng=rng) for _ in range(2))
    assert not np.array_equal(first.service_time, second.service_time)


def test_knobs_rescale_the_same_luck():
    slow, fast = (simulate(rate, 1, requests=1000, warm_up=0) for rate in (0.4, 0.8))
    assert slow.arrival_time == pytest.approx(2 * fast.arrival_time)


def test_overload_keeps_all_servers_busy_and_the_line_growing():
    run = simulate(12, 1, 10, requests=100_000)
    assert run.utilization == pytest.approx(1, abs=1e-3)
    early, late = run.waiting_time[:1000].mean(), run.waiting_time[-1000:].mean()
    assert late > early + 1000


def test_utilization_is_the_offered_load_per_server():
    assert simulate(6, 1, 8, requests=400_000).utilization == pytest.approx(0.75, abs=0.01)


def test_servers_in_separate_lines_are_never_busier_than_always():
    run = simulate(7.9, 1, 8, queues="one per server", service_cv=20, requests=2000, rng=53)
    start = run.arrival_time + run.waiting_time
    served = np.minimum(run.service_time, start.max() - start).sum()
    assert run.utilization == pytest.approx(served / (8 * (start.max() - start.min())))
    assert run.utilization <= 1


@given(TIMES, st.integers(1, 7), st.integers(0, 2**32))
def test_utilization_is_a_share(times, servers, seed):
    gaps, services = np.array(times, dtype=float).T.copy()
    server = np.random.default_rng(seed).integers(servers, size=gaps.size)
    run = serve(np.cumsum(gaps), services, servers, server)
    assert 0 <= run.utilization <= 1 + 1e-9
    busy = (run.arrival_time, run.waiting_time, run.service_time)
    assert busy_time(*busy) == busy_time.python(*busy)


def test_the_luck_that_is_handed_out_again_cannot_be_changed():
    luck = draw(1000, 3)
    for name in ("gap", "gap_choice", "service", "service_choice", "server_choice"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(luck, name)[0] = 9


def test_a_run_without_numbers_is_refused():
    with pytest.raises(AssertionError, match="before it came"):
        QueueRun(np.zeros(1), np.ones(1), np.array([np.nan]), 1)


def test_a_numpy_seed_is_a_seed():
    plain, numpy = (simulate(0.8, 1, requests=1000, rng=seed) for seed in (3, np.int64(3)))
    assert np.array_equal(plain.waiting_time, numpy.waiting_time)


def test_a_sweep_from_a_generator_meets_the_same_luck_at_every_point():
    sweep = sweep_unevenness([1, 1], requests=1000, rng=np.random.default_rng(1))
    assert sweep.mean[0] == sweep.mean[1]


@pytest.mark.parametrize("rng", [None, 1.5, True, -1, "3"])
@pytest.mark.parametrize(
    "call",
    [
        lambda rng: simulate(1, 2, requests=1000, rng=rng),
        lambda rng: sweep_utilization([0.5], requests=1000, rng=rng),
        lambda rng: sweep_unevenness([1.0], requests=1000, rng=rng),
        lambda rng: find_servers([0.0, 1.0], 0.1, 1.0, rng=rng),
        lambda rng: draw_response_times(10, rng=rng),
        lambda rng: load_pages([1.0], pages=2, rng=rng),
        lambda rng: measure_throughput([1], 0, 0, 1, rng=rng),
        lambda rng: draw_sessions(hours=0.1, rng=rng),
    ],
)
def test_what_is_neither_a_seed_nor_a_generator_is_named(call, rng):
    with pytest.raises(ValueError, match="rng must be a whole number of at least 0 or a numpy Gen"):
        call(rng)


def test_a_run_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        serve([0.0], [1.0]).waiting_time[0] = 5


def test_summary_splits_all_requests_into_at_once_and_waited():
    run = simulate(60, 10, 8, requests=50_000)
    summary = summarize(run, 10, 60)
    assert summary.at_once.sum() + summary.waited.sum() == pytest.approx(1)
    assert summary.waited.sum() == pytest.approx(run.share_waiting)
    assert summary.at_once.min() >= 0
    assert summary.p99 == pytest.approx(run.quantile(0.99), rel=0.01)
    assert summary.edges.size == summary.waited.size + 1


def test_summary_of_a_run_in_which_nobody_waits():
    summary = summarize(simulate(1, 10, 16, service_cv=0, requests=1000), 10, 1)
    assert summary.waited.sum() == 0
    assert "0% of requests wait" in summary.in_words


def test_curves_of_separate_lines_are_those_of_single_servers():
    apart = response_curves(10, 8, 1.0, "one per server")
    alone = response_curves(10, 1, 1.0, "one shared")
    assert apart.arrival_rate == pytest.approx(8 * alone.arrival_rate)
    assert apart.p99 == pytest.approx(alone.p99)


@settings(max_examples=15)
@given(st.floats(0.05, 0.9))
def test_sweep_rises_with_utilization(utilization):
    sweep = sweep_utilization([utilization, utilization + 0.05], requests=20_000)
    assert sweep.mean[1] > sweep.mean[0]
    assert sweep.mean_by_formula[1] > sweep.mean_by_formula[0]


def test_sweep_of_unevenness_follows_pollaczek_and_khinchine():
    sweep = sweep_unevenness([0, 1, 2], utilization=0.7, rng=3)
    assert sweep.mean_by_formula == pytest.approx([1 + 0.7 * (1 + c**2) / 0.6 for c in (0, 1, 2)])
    assert (np.abs(sweep.mean - sweep.mean_by_formula) < 2 * sweep.margin).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulate(0, 1), "arrival_rate must be a finite number above 0, got 0"),
        (lambda: simulate(1, math.inf), "service_rate must be a finite number above 0, got inf"),
        (lambda: simulate(1e-308, 1), "arrival_rate must be so high that the run ends, got 1e-308"),
        (lambda: simulate(1, 1e-308), "service_rate must be so high that the run ends, got 1e-308"),
        (lambda: simulate(None, 1), "arrival_rate must be a finite number above 0, got None"),
        (lambda: simulate(1, 1, True), "servers must be a whole number of at least 1, got True"),
        (lambda: simulate(1, 1, 0), "servers must be a whole number of at least 1, got 0"),
        (lambda: simulate(1, 1, requests=5), "requests must be a whole number of at least 100"),
        (lambda: simulate(1, 1, warm_up=0.9), "warm_up must lie between 0 and 0.5, got 0.9"),
        (lambda: simulate(1, 1, queues="two"), "queues must be one of .*, got 'two'"),
        (lambda: simulate(1, 1, service_cv=-1), "service_cv must lie between 0 and 50, got -1"),
        (lambda: simulate(1, 1, arrival_cv=-1), "arrival_cv must lie between 0 and 50, got -1"),
        (lambda: serve([], []), "arrival_time must be one-dimensional and not empty"),
        (lambda: serve([1, 0], [1, 1]), "arrival_time must be finite and not falling"),
        (lambda: serve([0, 1], [1]), r"service_time must have the shape \(2,\)"),
        (lambda: serve([0], [-1]), "service_time must be finite and at least 0"),
        (lambda: serve([0], [1], 2, server=[2]), "server must name one of 0 to 1"),
        (lambda: sweep_utilization([1.0]), "utilizations must lie above 0 and below 1"),
        (lambda: sweep_unevenness([1], utilization=1), "utilization must lie above 0 and below 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
