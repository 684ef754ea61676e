"""Threads and the event loop: by hand, against theory, and against a slow reference."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.scaling.concurrency import (
    Requests,
    columns_of,
    draw_requests,
    loop_throughput,
    pool_throughput,
    run_loop,
    run_pool,
    serve_by_loop,
    serve_by_threads,
    threads_needed,
)
from helpers.scaling.queueing import erlang_c, mean_wait
from helpers.statistics import batch_means, quantile


def requests(arrival_time, before, wait, after, slow_wait=None, slow=(0.0, 0.0)):
    """Requests from short lists; one number stands for all of them."""
    arrivals = np.array(arrival_time, dtype=float)
    columns = [
        np.broadcast_to(np.asarray(column, dtype=float), arrivals.shape).copy()
        for column in (before, wait, after, wait if slow_wait is None else slow_wait)
    ]
    nobody = np.zeros(arrivals.size, dtype=bool)
    return Requests(arrivals, *columns, slow, nobody, nobody)


def test_a_loop_by_hand():
    # 0 computes 0-1, waits to 4; 1 computes 1-2, waits to 5; 2 comes at 3.5 and computes to 4.5;
    # 0 is back since 4 and ends at 5.5; 1 is back since 5 and ends at 6.5; 2 is back at 7.5
    run = serve_by_loop(requests([0, 0.5, 3.5], before=1, wait=3, after=1))
    assert run.start.tolist() == [0, 1, 3.5]
    assert run.done.tolist() == [5.5, 6.5, 8.5]
    assert run.response_time.tolist() == [5.5, 6, 5]
    assert run.in_flight([0, 0.5, 5, 5.5, 9]).tolist() == [1, 2, 3, 2, 0]


def test_a_pool_by_hand():
    # two threads share the core from 0 to 4 (each gets 2), both wait to 7, share it to 9
    run = serve_by_threads(requests([0, 0, 1], before=2, wait=3, after=1), threads=2)
    assert run.start.tolist() == [0, 0, 9]
    assert run.done.tolist() == [9, 9, 15]
    assert run.waiting_time.tolist() == [0, 0, 8]
    assert run.begun([0, 8, 9, 14, 15]).tolist() == [2, 2, 1, 1, 0]
    assert run.in_flight([0, 8, 9, 14, 15]).tolist() == [2, 3, 1, 1, 0]


def test_threads_share_the_core_by_hand():
    # alone to 1; together to 3, each gets 1; the first has had 2 and ends; the second alone to 4
    run = serve_by_threads(requests([0, 1], before=2, wait=0, after=0), threads=2)
    assert run.done.tolist() == [3, 4]


def test_the_backend_is_slow_for_those_who_call_it_then():
    slow = requests([0, 1, 2], before=0.5, wait=1, after=0, slow_wait=10, slow=(1.0, 2.0))
    for run in (serve_by_loop(slow), serve_by_threads(slow, 3)):
        assert run.response_time.tolist() == [1.5, 10.5, 1.5]


def test_a_request_in_a_pools_line_meets_the_backend_as_it_is_when_called():
    slow = requests([0, 0], before=0, wait=1, after=0, slow_wait=10, slow=(0.0, 5.0))
    assert serve_by_threads(slow, 1).done.tolist() == [10, 11]


def reference_pool(work, threads):
    """The pool again, event by event over lists, each thread's remaining work counted down."""
    stages = [[work.before[i], work.wait[i], work.after[i]] for i in range(len(work))]
    line, running, done = list(range(len(work))), {}, np.zeros(len(work))
    now = 0.0
    while line or running:
        while line and len(running) < threads and work.arrival_time[line[0]] <= now:
            running[line.pop(0)] = 0
        busy = [i for i, stage in running.items() if stage != 1]
        ends = [stages[i][s] * (len(busy) if s != 1 else 1) for i, s in running.items()]
        if line and len(running) < threads:
            ends.append(work.arrival_time[line[0]] - now)
        step = min(ends)
        for i, stage in list(running.items()):
            stages[i][stage] -= step / len(busy) if stage != 1 else step
            while running.get(i, 3) < 3 and stages[i][running[i]] <= 1e-12:
                running[i] += 1
            if running[i] == 3:
                del running[i]
                done[i] = now + step
        now += step
    return done


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_the_pool_agrees_with_a_slow_reference(seed, threads):
    rng = np.random.default_rng(seed)
    work = requests(np.sort(rng.random(12) * 5), *rng.random((3, 12)))
    assert serve_by_threads(work, threads).done == pytest.approx(reference_pool(work, threads))


@pytest.mark.parametrize("threads", [3, 1000])
def test_the_kernels_give_the_same_bits_compiled_or_not(threads):
    work = draw_requests(100, 5, spread="exponential", slow_from=1, slow_until=2, rng=3)
    columns = columns_of(work)
    for fast, plain in (
        (run_loop(*columns), run_loop.python(*columns)),
        (run_pool(*columns, threads), run_pool.python(*columns, threads)),
    ):
        assert np.array_equal(fast[0], plain[0])
        assert np.array_equal(fast[1], plain[1])


@pytest.mark.parametrize(("threads", "arrival_rate"), [(10, 8.0), (3, 2.4), (1, 0.5)])
def test_a_pool_that_only_waits_is_the_queue_of_erlang(threads, arrival_rate):
    # 400,000 requests: 4 standard errors by batch means
    work = draw_requests(
        arrival_rate, 400_000 / arrival_rate, compute=0, wait=1, spread="exponential", rng=7
    )
    run = serve_by_threads(work, threads)
    wait = batch_means(run.waiting_time)
    assert wait.value == pytest.approx(mean_wait(arrival_rate, 1, threads), abs=2 * wait.half_width)
    waits = batch_means((run.waiting_time > 1e-9).astype(float))
    expected = erlang_c(threads, arrival_rate)
    assert waits.value == pytest.approx(expected, abs=2 * waits.half_width)


@pytest.mark.parametrize("heavy_share", [0.0, 0.05])
def test_a_core_shared_evenly_does_not_mind_how_uneven_the_work_is(heavy_share):
    # processor sharing: mean response = mean work / (1 − ρ), whatever its distribution
    work = draw_requests(
        60, 5_000, compute=0.005, wait=0, heavy_share=heavy_share, heavy_compute=0.1, rng=8
    )
    mean = 0.005 + heavy_share * 0.095
    run = serve_by_threads(work, threads=10**6)
    response = batch_means(run.response_time)
    load = 60 * mean
    assert response.value == pytest.approx(mean / (1 - load), abs=2 * response.half_width)


@pytest.mark.parametrize(("heavy_share", "cv"), [(0.0, 0.0), (0.05, None)])
def test_a_loop_is_the_queue_of_pollaczek_and_khinchine(heavy_share, cv):
    # all work before the call: one server in order of arrival. The answer then waits for the
    # loop too, so that the response is longer than the first wait and the request's own time
    work = draw_requests(
        60, 5_000, compute=0.005, wait=0.7, heavy_share=heavy_share, heavy_compute=0.1, rng=9
    )
    work = replace(work, before=2 * work.before, after=0 * work.after)
    mean = 0.005 + heavy_share * 0.095
    square = 0.005**2 * (1 - heavy_share) + 0.1**2 * heavy_share
    cv = math.sqrt(square / mean**2 - 1) if cv is None else cv
    run = serve_by_loop(work)
    wait = batch_means(run.waiting_time)
    expected = mean_wait(60, 1 / mean, service_cv=cv)
    assert wait.value == pytest.approx(expected, abs=2 * wait.half_width)
    later = run.response_time - run.waiting_time - work.before - 0.7
    assert later.min() > -1e-6
    assert later.mean() > expected / 2


def test_threads_held_follow_littles_law():
    work = draw_requests(400, 200, spread="exponential", rng=2)
    run = serve_by_threads(work, threads=200)
    held = run.begun(np.linspace(10, 190, 20_000)).mean()
    assert held == pytest.approx(threads_needed(400, 0.001, 0.05), rel=0.05)
    assert threads_needed(400, 0.001, 2.0) == pytest.approx(800.4)


@pytest.mark.parametrize(("threads", "wait"), [(20, 0.2), (5, 0.05), (500, 0.05)])
def test_a_pool_with_too_much_to_do_works_at_its_limit(threads, wait):
    work = draw_requests(5_000, 2, compute=0.001, wait=wait, rng=2)
    run = serve_by_threads(work, threads)
    rate = len(work) / run.done.max()
    assert rate == pytest.approx(pool_throughput(threads, 0.001, wait), rel=0.05)
    assert rate <= pool_throughput(threads, 0.001, wait) * 1.0001


def test_a_loop_with_too_much_to_do_works_at_its_limit():
    work = draw_requests(5_000, 2, compute=0.001, wait=0.05, rng=2)
    run = serve_by_loop(work)
    assert len(work) / run.done.max() == pytest.approx(loop_throughput(0.001), rel=0.02)


def test_a_slow_backend_takes_a_pool_down_and_leaves_a_loop_alone():
    work = draw_requests(slow_until=40, rng=1)
    others = ~work.is_exposed
    pool, loop = (
        run.response_time[others] for run in (serve_by_threads(work), serve_by_loop(work))
    )
    assert quantile(pool, 0.99) > 5
    assert quantile(loop, 0.99) < 0.06


def test_with_threads_enough_a_pool_withstands_it_at_a_price_in_memory():
    work = draw_requests(slow_until=40, rng=1)
    run, loop = serve_by_threads(work, threads=600), serve_by_loop(work)
    assert run.waiting_time.max() < 1e-9
    assert quantile(run.response_time[~work.is_exposed], 0.99) < 0.06
    at = np.linspace(0, 60, 100)
    assert run.memory_bytes(at).max() == 600 * 2**20
    assert loop.memory_bytes(at).max() < 600 * 2**20 / 50


def test_heavy_requests_hold_up_the_light_ones_in_a_loop_alone():
    work = draw_requests(heavy_share=0.002, rng=1)
    light = ~work.is_heavy
    pool, loop = (run.response_time[light] for run in (serve_by_threads(work), serve_by_loop(work)))
    assert quantile(loop, 0.99) > 5 * quantile(pool, 0.99)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 30))
def test_with_one_core_idle_more_threads_never_wait_longer(seed, threads, more):
    work = draw_requests(100, 2, compute=0, wait=0.1, spread="exponential", rng=seed)
    few, many = serve_by_threads(work, threads), serve_by_threads(work, threads + more)
    assert (many.start <= few.start + 1e-9).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 40), st.sampled_from(["constant", "exponential"]))
def test_every_request_is_done_once_and_in_flight_until_then(seed, threads, spread):
    work = draw_requests(
        200, 1, compute=0.004, spread=spread, slow_from=0.2, slow_until=0.6, rng=seed
    )
    for run in (serve_by_threads(work, threads), serve_by_loop(work)):
        at = np.linspace(0, run.done.max(), 200)
        assert (run.in_flight(at) >= run.begun(at)).all()
        assert run.in_flight([run.done.max()])[0] == 0
        held = run.begun(np.r_[run.start, at]).max()
        assert held <= (run.threads or len(work))


def test_a_run_that_breaks_the_rules_is_refused():
    run = serve_by_threads(draw_requests(100, 1, rng=1), threads=2)
    for broken, message in (
        ({"done": run.start}, "done before it could be"),
        ({"start": run.start - 1e3}, "began before it came"),
        ({"threads": 1}, "before a thread was free"),
    ):
        with pytest.raises(AssertionError, match=message):
            replace(run, **broken)


def test_same_seed_same_luck_at_every_setting():
    one, other = draw_requests(rng=5), draw_requests(wait=0.1, slow_until=30, rng=5)
    assert np.array_equal(one.arrival_time, other.arrival_time)
    assert np.array_equal(one.is_exposed, other.is_exposed)
    assert other.wait == pytest.approx(2 * one.wait)
    assert not np.array_equal(one.arrival_time[:50], draw_requests(rng=6).arrival_time[:50])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_requests(arrival_rate=0), "arrival_rate must be .* above 0, got 0"),
        (lambda: draw_requests(duration=-1), "duration must be .* above 0, got -1"),
        (lambda: draw_requests(0.001, 0.001), "duration must be long enough for a request"),
        (lambda: draw_requests(compute=-1), "compute must be .* at least 0, got -1"),
        (lambda: draw_requests(wait=np.nan), "wait must be .* at least 0, got nan"),
        (lambda: draw_requests(slow_wait=0.01), "slow_wait must lie between 0.05 and inf"),
        (lambda: draw_requests(slow_wait=np.inf), "slow_wait must be a finite number"),
        (lambda: draw_requests(slow_until=1), "slow_until must lie between 20.0 and inf, got 1"),
        (lambda: draw_requests(exposed_share=2), "exposed_share must lie between 0 and 1, got 2"),
        (lambda: draw_requests(heavy_share=-1), "heavy_share must lie between 0 and 1, got -1"),
        (lambda: draw_requests(spread="normal"), "spread must be one of .* got 'normal'"),
        (lambda: serve_by_threads(draw_requests(), 0), "threads must be .* at least 1, got 0"),
        (lambda: pool_throughput(1, 0, 0), "compute \\+ wait must be .* above 0, got 0"),
        (lambda: threads_needed(-1, 0, 0), "arrival_rate must be .* at least 0, got -1"),
        (lambda: requests([], 1, 1, 1), "arrival_time must be a column that is not empty"),
        (lambda: requests([1, 0], 1, 1, 1), "arrival_time must not fall"),
        (lambda: requests([0, 1], 1, -1, 1), "wait must be finite and at least 0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
