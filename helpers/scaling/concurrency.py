"""Two ways for one process to wait: many threads, or one event loop.

A restaurant with one stove. With threads, each waiter takes one order, stands by the
stove until it is done, and only then takes the next: as many tables are served at a
time as there are waiters. With an event loop, one waiter takes all orders and looks in
again when a dish is ready: thousands of tables, as long as he never sits down at one.

A request computes, waits for a backend, computes again and is done. Both ways run on
one core and see the same requests. The threads share the core evenly (the operating
system slices the time); the loop finishes what it has begun before it looks up.
"""

from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.statistics import quantile

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Spread = Literal["constant", "exponential"]

THREAD_BYTES = 2**20
"""Memory of a thread, mostly its stack: 1 MiB, the default of the Java machine on Linux."""

REQUEST_BYTES = 20 * 2**10
"""Memory of a request that waits in an event loop: 20 KiB for its socket, buffers and
closures. An assumption, to be replaced by what your own process shows."""


@kernel
def run_loop(arrival_time, before, wait, slow_wait, slow, after):  # type: ignore[no-untyped-def]
    """Run the piece of work that is ready first to its end, then look for the next."""
    start, done = np.empty(arrival_time.size), np.empty(arrival_time.size)
    back = [(np.inf, 0)]  # when the backend answers, and which request
    now = 0.0
    came = 0
    while came < arrival_time.size or len(back) > 1:
        if came < arrival_time.size and arrival_time[came] <= back[0][0]:
            start[came] = max(now, arrival_time[came])
            now = start[came] + before[came]
            is_slow = slow[0] <= now < slow[1]
            heappush(back, (now + (slow_wait[came] if is_slow else wait[came]), came))
            came += 1
        else:
            ready, i = heappop(back)
            now = max(now, ready) + after[i]
            done[i] = now
    return start, done


@kernel
def run_pool(  # type: ignore[no-untyped-def]
    arrival_time, before, wait, slow_wait, slow, after, threads
):
    """Give each request a thread, in turn; the threads that compute share the core evenly."""
    n = arrival_time.size
    start, done = np.empty(n), np.empty(n)
    computing = [(np.inf, 0)]  # the share of the core at which it is through; i + n for `after`
    waiting = [(np.inf, 0)]  # when the backend answers, and which request
    now = share = 0.0  # the share: seconds of the core that each computing thread has had
    came = begun = 0
    free = threads
    while begun < n or free < threads:
        busy = len(computing) - 1
        through = now + (computing[0][0] - share) * busy if busy > 0 else np.inf
        event = min(through, waiting[0][0], arrival_time[came] if came < n else np.inf)
        share += (event - now) / max(busy, 1)
        now = event
        if came < n and arrival_time[came] == now:
            came += 1
        elif waiting[0][0] == now:
            i = heappop(waiting)[1]
            heappush(computing, (share + after[i], i + n))
        else:
            share, i = heappop(computing)
            if i < n:
                is_slow = slow[0] <= now < slow[1]
                heappush(waiting, (now + (slow_wait[i] if is_slow else wait[i]), i))
            else:
                done[i - n] = now
                free += 1
        while free > 0 and begun < came:
            start[begun] = now
            heappush(computing, (share + before[begun], begun))
            begun += 1
            free -= 1
    return start, done


@dataclass(frozen=True, eq=False)
class Requests:
    """What each request needs, by rising time of arrival; shape (requests,), seconds.

    Attributes
    ----------
    arrival_time
        When it comes.
    before, after
        Computing before and after the call to its backend.
    wait
        How long the backend takes.
    slow_wait
        How long it takes in the slow time; equal to `wait` for the other backend.
    slow
        From when to when the one backend is slow; decided when it is called.
    is_exposed
        Whether a request calls the backend that can be slow.
    is_heavy
        Whether it computes for long.
    """

    arrival_time: Floats
    before: Floats
    wait: Floats
    after: Floats
    slow_wait: Floats
    slow: tuple[float, float]
    is_exposed: NDArray[np.bool_]
    is_heavy: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.arrival_time.ndim != 1 or self.arrival_time.size == 0:
            shape = self.arrival_time.shape
            raise ValueError(f"arrival_time must be a column that is not empty, got shape {shape}")
        for name in ("arrival_time", "before", "wait", "after", "slow_wait"):
            values = getattr(self, name)
            if values.shape != self.arrival_time.shape:
                raise ValueError(f"{name} must be as long as arrival_time, got {values.shape}")
            if not (np.isfinite(values) & (values >= 0)).all():
                raise ValueError(f"{name} must be finite and at least 0")
        if (np.diff(self.arrival_time) < 0).any():
            raise ValueError("arrival_time must not fall")

    def __len__(self) -> int:
        return self.arrival_time.size


@dataclass(frozen=True, eq=False)
class ConcurrencyRun:
    """When each request began and was done; shape (requests,), seconds.

    Attributes
    ----------
    name
        "thread pool" or "event loop".
    requests
        What came.
    start
        When it first got a thread, or the loop's attention.
    done
        When it was answered.
    threads
        How many there are; 0 for an event loop.
    """

    name: str
    requests: Requests
    start: Floats
    done: Floats
    threads: int

    def __post_init__(self) -> None:
        asked = self.requests
        least = asked.before + np.minimum(asked.wait, asked.slow_wait) + asked.after
        if not (self.done - self.start >= least - 1e-6).all():
            raise AssertionError("a request was done before it could be")
        if not (self.start >= asked.arrival_time - 1e-6).all():
            raise AssertionError("a request began before it came")
        if self.threads and (self.start[self.threads :] < self.freed - 1e-6).any():
            raise AssertionError("a request began before a thread was free")

    def __repr__(self) -> str:
        p50, p99 = quantile(self.response_time, [0.5, 0.99])
        tail = f"p50 {p50:.3g} s, p99 {p99:.3g} s"
        return f"ConcurrencyRun: {self.name}, {self.done.size:,} requests, {tail}"

    @property
    def freed(self) -> Floats:
        """When a thread was free for each request but the first ones, in order of coming."""
        return np.sort(self.done)[: max(0, self.done.size - self.threads)]

    @cached_property
    def response_time(self) -> Floats:
        """Seconds from coming to being answered, shape (requests,)."""
        return self.done - self.requests.arrival_time

    @cached_property
    def waiting_time(self) -> Floats:
        """Seconds until a thread, or the loop, first turns to it, shape (requests,)."""
        return self.start - self.requests.arrival_time

    def in_flight(self, at: ArrayLike) -> Integers:
        """Count the requests that have come and are not done, at the given moments."""
        return count_until(self.requests.arrival_time, at) - count_until(np.sort(self.done), at)

    def begun(self, at: ArrayLike) -> Integers:
        """Count those of them that have begun: in a pool, the threads held."""
        return count_until(np.sort(self.start), at) - count_until(np.sort(self.done), at)

    def memory_bytes(
        self, at: ArrayLike, per_thread: float = THREAD_BYTES, per_request: float = REQUEST_BYTES
    ) -> Floats:
        """Give the memory of the threads there are, or of the requests in flight in a loop."""
        if self.threads:
            return np.full(np.shape(at), float(self.threads * per_thread))
        return self.in_flight(at).astype(np.float64) * per_request


def draw_requests(
    arrival_rate: float = 400.0,
    duration: float = 60.0,
    *,
    compute: float = 0.001,
    wait: float = 0.05,
    spread: Spread = "constant",
    slow_wait: float = 2.0,
    slow_from: float = 20.0,
    slow_until: float = 20.0,
    exposed_share: float = 0.5,
    heavy_share: float = 0.0,
    heavy_compute: float = 0.2,
    rng: int | np.random.Generator = 0,
) -> Requests:
    """Draw the requests to a BFF, each of which calls one of two backends.

    Parameters
    ----------
    arrival_rate
        Requests per second (Poisson), above 0.
    duration
        Seconds for which they come, above 0.
    compute
        Seconds of the core that a request takes, half before its call and half after, at
        least 0.
    wait
        Seconds that a backend takes on average, at least 0.
    spread
        Whether a backend takes the same time for every call, or an exponential one.
    slow_wait
        Seconds that the one backend takes on average while it is slow, at least `wait`.
    slow_from, slow_until
        When it is slow, in seconds; never, if the two are equal.
    exposed_share
        Share of the requests that call it, from 0 to 1.
    heavy_share
        Share of the requests that compute for long, from 0 to 1.
    heavy_compute
        Seconds of the core that these take, at least 0.
    rng
        A seed or a generator. The same seed gives the same luck at every setting but
        `arrival_rate` and `duration`.

    Examples
    --------
    >>> requests = draw_requests(arrival_rate=100, duration=10, rng=1)
    >>> len(requests), requests.is_exposed.sum()
    (1019, np.int64(540))
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("duration", duration)
    require.not_negative("compute", compute)
    require.not_negative("wait", wait)
    require.not_negative("slow_from", slow_from)
    require.between("slow_wait", require.not_negative("slow_wait", slow_wait), wait, np.inf)
    require.between("slow_until", slow_until, slow_from, np.inf)
    require.between("exposed_share", exposed_share, 0, 1)
    require.between("heavy_share", heavy_share, 0, 1)
    require.not_negative("heavy_compute", heavy_compute)
    if spread not in get_args(Spread):
        raise ValueError(f"spread must be one of {get_args(Spread)}, got {spread!r}")
    streams = np.random.default_rng(rng).spawn(5)
    count = streams[0].poisson(arrival_rate * duration)
    if count == 0:
        raise ValueError(f"duration must be long enough for a request to come, got {duration}")
    unit = np.ones(count) if spread == "constant" else streams[2].exponential(size=count)
    is_exposed = streams[3].random(count) < exposed_share
    is_heavy = streams[4].random(count) < heavy_share
    half = np.where(is_heavy, heavy_compute, compute) / 2
    return Requests(
        arrival_time=np.sort(streams[1].random(count)) * duration,
        before=half,
        wait=wait * unit,
        after=half,
        slow_wait=np.where(is_exposed, slow_wait, wait) * unit,
        slow=(slow_from, slow_until),
        is_exposed=is_exposed,
        is_heavy=is_heavy,
    )


def serve_by_threads(requests: Requests, threads: int = 200) -> ConcurrencyRun:
    """Serve the requests by a pool: each holds a thread from its start until it is done.

    Parameters
    ----------
    requests
        What comes; who finds no free thread waits in line.
    threads
        At least 1. Tomcat's default is 200.

    Examples
    --------
    >>> serve_by_threads(draw_requests(rng=1), threads=200)
    ConcurrencyRun: ...
    """
    threads = require.whole("threads", threads)
    start, done = run_pool(*columns_of(requests), threads)  # type: ignore[call-arg]
    return ConcurrencyRun("thread pool", requests, start, done, threads)


def serve_by_loop(requests: Requests) -> ConcurrencyRun:
    """Serve the requests by an event loop: one at a time computes, any number may wait.

    Examples
    --------
    >>> serve_by_loop(draw_requests(rng=1))
    ConcurrencyRun: ...
    """
    start, done = run_loop(*columns_of(requests))
    return ConcurrencyRun("event loop", requests, start, done, 0)


def threads_needed(arrival_rate: float, compute: float, wait: float) -> float:
    """Give how many threads are held on average: Little's law, λ(c + w).

    Parameters
    ----------
    arrival_rate
        Requests per second, at least 0.
    compute, wait
        Seconds that a request computes and waits for its backend, at least 0.

    Examples
    --------
    >>> [round(threads_needed(400, compute=0.001, wait=wait), 1) for wait in (0.05, 2.0)]
    [20.4, 800.4]
    """
    require.not_negative("arrival_rate", arrival_rate)
    return arrival_rate * holding_time(compute, wait)


def pool_throughput(threads: int, compute: float, wait: float) -> float:
    """Give the most requests per second that a pool on one core can do.

    Parameters
    ----------
    threads
        At least 1.
    compute, wait
        Seconds that a request computes and waits, at least 0 and not both 0.

    Notes
    -----
    The smaller of threads/(c + w) and, the core being one, 1/c. An event loop has only
    the second limit.

    Examples
    --------
    >>> round(pool_throughput(200, compute=0.001, wait=0.05)), round(pool_throughput(200, 0.001, 2))
    (1000, 100)
    """
    threads = require.whole("threads", threads)
    held = require.positive("compute + wait", holding_time(compute, wait))
    return min(threads / held, loop_throughput(compute))


def loop_throughput(compute: float) -> float:
    """Give the most requests per second that an event loop on one core can do: 1/c.

    Examples
    --------
    >>> loop_throughput(0.001)
    1000.0
    """
    require.not_negative("compute", compute)
    return 1 / compute if compute > 0 else float("inf")


def holding_time(compute: float, wait: float) -> float:
    """Give the seconds for which a request holds its thread."""
    return require.not_negative("compute", compute) + require.not_negative("wait", wait)


def columns_of(requests: Requests) -> tuple[Floats, ...]:
    """Give what both kernels take, in their order."""
    return (
        requests.arrival_time,
        requests.before,
        requests.wait,
        requests.slow_wait,
        np.array(requests.slow, dtype=np.float64),
        requests.after,
    )


def count_until(sorted_moments: Floats, at: ArrayLike) -> Integers:
    """Count the moments up to each of the given ones."""
    counts: Integers = np.searchsorted(sorted_moments, np.asarray(at, dtype=np.float64), "right")
    return counts
