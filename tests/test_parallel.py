"""Work side by side: the order of results, failures, and a machine with one processor."""

import threading

import numpy as np
import pytest

from helpers import parallel
from helpers.parallel import in_parallel, processors
from helpers.scaling.simulation import wait_in_one_line


@pytest.fixture(params=[1, 4])
def machine(request, monkeypatch):
    parallel.threads.cache_clear()
    monkeypatch.setattr(parallel, "processors", lambda: request.param)
    yield request.param
    parallel.threads.cache_clear()


def test_results_come_in_the_order_of_the_items(machine):
    assert in_parallel(lambda n: n * n, range(20)) == [n * n for n in range(20)]
    assert in_parallel(str, []) == []


def test_pieces_run_at_the_same_time_where_there_are_processors(monkeypatch):
    parallel.threads.cache_clear()
    monkeypatch.setattr(parallel, "processors", lambda: 2)
    both = threading.Barrier(2, timeout=20)  # breaks unless both wait there together
    assert sorted(in_parallel(lambda _: both.wait(), range(2))) == [0, 1]
    parallel.threads.cache_clear()


def test_the_first_failure_is_raised_when_all_have_ended(machine):
    ended = []

    def work(n):
        if n in (1, 2):
            raise ValueError(f"n must not be {n}")
        ended.append(n)

    with pytest.raises(ValueError, match="n must not be 1"):
        in_parallel(work, range(4))
    assert ended == ([0, 3] if machine == 4 else [0])


def test_a_kernel_gives_the_same_bits_in_every_thread(machine):
    draws = np.random.default_rng(0)
    arrivals = np.cumsum(draws.exponential(size=20_000))
    services = draws.exponential(1.9, size=20_000)
    alone = wait_in_one_line(arrivals, services, 2)
    for together in in_parallel(lambda _: wait_in_one_line(arrivals, services, 2), range(4)):
        assert (together == alone).all()


def test_a_browser_has_no_threads(monkeypatch):
    monkeypatch.setattr(parallel.sys, "platform", "emscripten")
    assert processors() == 1
