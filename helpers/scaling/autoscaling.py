"""A tier whose servers come and go: what a policy sees, what it asks for, what that costs.

Picture a supermarket whose manager looks up once a minute and decides how many
checkouts there shall be. A cashier who is called takes a few minutes to arrive and
is paid from the call on; one who is sent home first finishes the customer at hand.
All customers stand in one line. The manager sees the last minute, not the next.

The line is that of `simulation.serve`: with a manager who never changes anything,
every request waits exactly as long as there.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.statistics import quantile

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RECENT = 15  # intervals that a policy can look back on
FIVE_MINUTES = 5


@dataclass(frozen=True)
class Observation:
    """What a policy can see when it is asked.

    Attributes
    ----------
    time
        Seconds since the run began.
    servers
        Servers that serve now.
    starting
        Servers that were asked for and do not serve yet.
    arrival_rate
        Requests per second that came in the last interval.
    utilization
        Share of the serving servers' time that was spent serving in the last interval,
        from 0 to 1.
    queue
        Requests that stand in line now.
    p99
        Seconds that 99 % of the requests answered in the last interval did not exceed; 0
        where none was answered.
    recent_arrival_rates
        Requests per second in each of the last intervals, up to 15, the latest last.
    """

    time: float
    servers: int
    starting: int
    arrival_rate: float
    utilization: float
    queue: int
    p99: float
    recent_arrival_rates: tuple[float, ...] = field(repr=False)

    def __repr__(self) -> str:
        shown = (f"{f.name}={getattr(self, f.name):g}" for f in fields(self) if f.repr)
        return f"Observation({', '.join(shown)}, …)"


Policy = Callable[[Observation], int]
"""Gives how many servers there shall be, serving and starting together."""


@kernel
def serve_until(arrival_time, service_time, waiting_time, first, free_at, until):  # type: ignore[no-untyped-def]
    """Serve in order of arrival whoever is started before `until`; see `wait_in_one_line`.

    A server that is still starting is one that is free when it is ready. Gives the first
    request still in line, and the seconds served before `until` on what was started here.
    """
    busy = 0.0
    i = first
    while i < arrival_time.size:
        start = max(arrival_time[i], free_at[0])
        if start >= until:
            break
        waiting_time[i] = start - arrival_time[i]
        done = start + service_time[i]
        busy += min(done, until) - start
        place = 1
        while place < free_at.size and free_at[place] < done:
            free_at[place - 1] = free_at[place]
            place += 1
        free_at[place - 1] = done
        i += 1
    return i, busy


class WorstMinutes(NamedTuple):
    """When the worst minutes began, in seconds, and the share of late requests in them."""

    start: float
    late_share: float


@dataclass(frozen=True, eq=False)
class ElasticRun:
    """What happened to each request and when each server came and went; times in seconds.

    Attributes
    ----------
    arrival_time, service_time, waiting_time
        Of each request in order of arrival, shape (requests,).
    duration
        Until when the servers are paid for.
    decision_time, wanted
        When the policy was asked and what it answered, shape (decisions,).
    hired_at
        When each server was asked for, and its pay began, shape (hired,), rising.
    ready_at
        When each began to serve, rising. Those not ready within the run are left out.
    cancelled_at
        When one that was starting was taken back, rising.
    retired_at, left_at
        When one that served was told to go, and when it had finished its request; rising.
    """

    arrival_time: Floats
    service_time: Floats
    waiting_time: Floats
    duration: float
    decision_time: Floats
    wanted: Integers
    hired_at: Floats
    ready_at: Floats
    cancelled_at: Floats
    retired_at: Floats
    left_at: Floats

    def __post_init__(self) -> None:
        for f in fields(self):
            if f.name != "duration":
                getattr(self, f.name).flags.writeable = False
        if not (self.waiting_time >= 0).all():
            raise AssertionError("a request was never served, or served before it came")
        if self.paid(np.inf) < 1:
            raise AssertionError("more servers left than came")

    def __len__(self) -> int:
        return self.arrival_time.size

    def __repr__(self) -> str:
        return (
            f"ElasticRun: {len(self):,} requests, {self.serving(self.decision_time).min()} to "
            f"{self.serving(self.decision_time).max()} servers, {self.server_hours:,.0f} "
            f"server-hours, p99 {self.quantile(0.99):.4g} s"
        )

    @cached_property
    def response_time(self) -> Floats:
        """Waiting time + service time, shape (requests,)."""
        return self.waiting_time + self.service_time

    @property
    def arrival_rate(self) -> float:
        """Requests per second that came, from the first to the last."""
        return (len(self) - 1) / float(self.arrival_time[-1] - self.arrival_time[0])

    def quantile(self, q: float) -> float:
        """Give the response time that a share q of requests does not exceed."""
        return quantile(self.response_time, q)

    def in_flight(self, at: ArrayLike) -> Integers:
        """Count the requests that came and are not answered yet at the given moments."""
        return count_by(self.arrival_time, at) - count_by(
            np.sort(self.arrival_time + self.response_time), at
        )

    def serving(self, at: ArrayLike) -> Integers:
        """Count the servers that take requests at the given moments."""
        return count_by(self.ready_at, at) - count_by(self.retired_at, at)

    def paid(self, at: ArrayLike) -> Integers:
        """Count the servers that are paid for: starting, serving, or finishing."""
        gone = count_by(self.cancelled_at, at) + count_by(self.left_at, at)
        return count_by(self.hired_at, at) - gone

    @property
    def server_hours(self) -> float:
        """Hours paid for, from each server's order to its end, within the duration."""
        gone = np.minimum(np.concatenate([self.cancelled_at, self.left_at]), self.duration)
        stayed = self.hired_at.size - gone.size
        return float(gone.sum() + stayed * self.duration - self.hired_at.sum()) / 3600

    def late_share(self, target: float) -> float:
        """Give the share of requests whose response took longer than the target (seconds)."""
        return float(np.count_nonzero(self.response_time > target) / len(self))

    def late_share_by_window(self, target: float, window: float = 300.0) -> Floats:
        """Give the share of late requests among those that came in each window.

        Parameters
        ----------
        target, window
            Seconds, above 0.

        Returns
        -------
        Shape (windows,); 0 where nobody came.
        """
        came, late = self._count_by_window(target, require.positive("window", window))
        return late / np.maximum(came, 1)

    def worst_five_minutes(self, target: float) -> "WorstMinutes":
        """Find the five whole minutes with the largest share of late requests (target in s)."""
        came, late = self._count_by_window(target, 60.0)
        five = np.ones(min(FIVE_MINUTES, came.size))
        shares = np.convolve(late, five, "valid") / np.maximum(np.convolve(came, five, "valid"), 1)
        worst = int(shares.argmax())
        return WorstMinutes(60.0 * worst, float(shares[worst]))

    def _count_by_window(self, target: float, window: float) -> tuple[Floats, Floats]:
        """Count who came in each window, and who of them was late."""
        place = (self.arrival_time / window).astype(np.int64)
        windows = max(math.ceil(self.duration / window), int(place[-1]) + 1)
        is_late = self.response_time > target
        came = np.bincount(place, minlength=windows).astype(np.float64)
        return came, np.bincount(place[is_late], minlength=windows).astype(np.float64)


def count_by(rising: Floats, at: ArrayLike) -> Integers:
    """Count how many of the rising times have come by the given moments."""
    return np.searchsorted(rising, np.asarray(at, dtype=np.float64), side="right")


def without(values: Floats, gone: Floats) -> Floats:
    """Take values out of an array, each once; both sorted.

    Examples
    --------
    >>> without(np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 3.0]))
    array([1., 2.])
    """
    nth_alike = np.arange(gone.size) - np.searchsorted(gone, gone)
    return np.delete(values, np.searchsorted(values, gone) + nth_alike)


class Fleet:
    """The servers at one moment: when each is free, and which are still starting.

    Parameters
    ----------
    servers
        Servers that serve from the start.
    startup_delay
        Seconds from an order until the server serves.
    """

    def __init__(self, servers: int, startup_delay: float) -> None:
        self.startup_delay = startup_delay
        self.serving = np.zeros(servers)  # sorted: when each is free
        self.starting = np.empty(0)  # sorted: when each is ready
        self.hired_at, self.ready_at = [np.zeros(servers)], [np.zeros(servers)]
        self.cancelled_at, self.retired_at, self.left_at = ([np.empty(0)] for _ in range(3))

    def free_at(self) -> Floats:
        """Give when each server is free for a request, sorted."""
        return np.sort(np.concatenate([self.serving, self.starting]))

    def move_on(self, free_at: Floats, now: float) -> None:
        """Take over when each server is free; who is ready by now no longer starts."""
        self.ready_at.append(self.starting[self.starting <= now])
        self.starting = self.starting[self.starting > now]
        self.serving = without(free_at, self.starting)

    def available(self, since: float, until: float) -> float:
        """Give the seconds that all servers together could serve between two moments."""
        joined = np.maximum(until - np.maximum(self.starting, since), 0)
        return float(self.serving.size * (until - since) + joined.sum())

    def occupied(self, since: float, until: float) -> float:
        """Give the seconds between two moments that go to requests already being served."""
        return float((np.clip(self.serving, since, until) - since).sum())

    def resize(self, wanted: int, now: float) -> None:
        """Order servers, or take orders back (the latest first) and then send idle ones home."""
        more = wanted - self.serving.size - self.starting.size
        if more > 0:
            self.hired_at.append(np.full(more, now))
            self.starting = np.append(self.starting, np.full(more, now + self.startup_delay))
            return
        cancelled = min(-more, self.starting.size)
        self.cancelled_at.append(np.full(cancelled, now))
        self.starting = self.starting[: self.starting.size - cancelled]
        retired = -more - cancelled
        self.retired_at.append(np.full(retired, now))
        self.left_at.append(np.maximum(self.serving[:retired], now))
        self.serving = self.serving[retired:]

    def records(self) -> dict[str, Floats]:
        """Give who came and went when, as `ElasticRun` keeps it."""
        names = ("hired_at", "ready_at", "cancelled_at", "retired_at", "left_at")
        return {name: np.sort(np.concatenate(getattr(self, name))) for name in names}


def serve_with_policy(
    arrival_time: ArrayLike,
    service_time: ArrayLike,
    policy: Policy,
    *,
    servers: int = 1,
    startup_delay: float = 180.0,
    interval: float = 60.0,
    duration: float | None = None,
    most_servers: int = 500,
) -> ElasticRun:
    """Send requests through servers whose number a policy changes.

    Parameters
    ----------
    arrival_time
        Seconds, not falling, at least 0, shape (requests,).
    service_time
        Seconds, at least 0, same shape.
    policy
        Called with an `Observation` every `interval` seconds; gives how many servers there
        shall be, serving and starting together.
    servers
        How many serve at the start, at least 1.
    startup_delay
        Seconds from an order until the server serves, at least 0.
    interval
        Seconds between decisions, above 0.
    duration
        Seconds in which decisions are made and servers are paid for; until the last arrival
        by default. Who came until then is served, however long it takes.
    most_servers
        What the policy may ask for at most.

    Raises
    ------
    ValueError
        An argument is out of its range, or the policy's answer is no whole number from 1
        to `most_servers`.

    Examples
    --------
    >>> def add_one(seen):
    ...     return seen.servers + seen.starting + 1
    >>> run = serve_with_policy([0, 1, 2, 9], [5, 5, 5, 5], add_one, interval=4, startup_delay=2)
    >>> run.waiting_time, run.wanted  # the second server comes at 6, the third at 10
    (array([0., 4., 4., 1.]), array([2, 3]))
    """
    servers = require.whole("servers", servers)
    most_servers = require.whole("most_servers", most_servers, at_least=servers)
    require.not_negative("startup_delay", startup_delay)
    require.positive("interval", interval)
    arrivals, services = as_requests(arrival_time, service_time)
    duration = float(arrivals[-1]) if duration is None else require.positive("duration", duration)
    fleet, waits = Fleet(servers, startup_delay), np.full(arrivals.size, np.nan)
    times, wanted = [], []
    for seen in observe(arrivals, services, waits, fleet, interval, duration):
        answer = whole_servers(policy(seen), most_servers, seen.time)
        fleet.resize(answer, seen.time)
        times.append(seen.time)
        wanted.append(answer)
    return ElasticRun(
        arrivals,
        services,
        waits,
        duration,
        np.array(times, dtype=np.float64),
        np.array(wanted, dtype=np.int64),
        **fleet.records(),
    )


def observe(
    arrivals: Floats,
    services: Floats,
    waits: Floats,
    fleet: Fleet,
    interval: float,
    duration: float,
) -> Iterator[Observation]:
    """Run the line from decision to decision, and say each time what can be seen.

    Whoever asks may change the fleet before asking on. The waits are filled in.
    """
    times = np.arange(1, math.ceil(duration / interval)) * interval
    arrived = np.searchsorted(arrivals, times)
    rates = (np.diff(arrived, prepend=0) / interval).tolist()
    since, first, unanswered = 0.0, 0, np.empty(0, dtype=np.int64)
    for step, now in enumerate(times.tolist()):
        free_at, begun = fleet.free_at(), first
        available, busy_before = fleet.available(since, now), fleet.occupied(since, now)
        first, busy = serve_until(arrivals, services, waits, begun, free_at, now)
        fleet.move_on(free_at, now)
        unanswered = np.append(unanswered, np.arange(begun, first))
        response = waits[unanswered] + services[unanswered]
        answered = arrivals[unanswered] + response <= now
        yield Observation(
            time=now,
            servers=fleet.serving.size,
            starting=fleet.starting.size,
            arrival_rate=rates[step],
            utilization=(busy_before + busy) / available,
            queue=int(arrived[step]) - first,
            p99=quantile(response[answered], 0.99) if answered.any() else 0.0,
            recent_arrival_rates=tuple(rates[max(0, step + 1 - RECENT) : step + 1]),
        )
        since, unanswered = now, unanswered[~answered]
    free_at = fleet.free_at()
    fleet.move_on(free_at, duration)
    serve_until(arrivals, services, waits, first, free_at, math.inf)


def whole_servers(answer: Any, most_servers: int, time: float) -> int:
    """Give the policy's answer as a whole number, or say what is wrong with it."""
    is_number = isinstance(answer, int | float | np.number) and not isinstance(answer, bool)
    if is_number and answer == answer // 1 and 1 <= answer <= most_servers:
        return int(answer)
    raise ValueError(
        f"policy must give a whole number of servers from 1 to {most_servers}, "
        f"got {answer!r} at {time:g} s"
    )


def as_requests(arrival_time: ArrayLike, service_time: ArrayLike) -> tuple[Floats, Floats]:
    """Give both as new arrays, or say what is wrong with them."""
    arrivals = np.array(arrival_time, dtype=np.float64)
    services = np.array(service_time, dtype=np.float64)
    if arrivals.ndim != 1 or arrivals.size == 0:
        raise ValueError(
            f"arrival_time must be one-dimensional and not empty, got shape {arrivals.shape}"
        )
    if services.shape != arrivals.shape:
        raise ValueError(
            f"service_time must have the shape {arrivals.shape} of arrival_time, "
            f"got {services.shape}"
        )
    if not np.isfinite(arrivals).all() or arrivals[0] < 0 or (np.diff(arrivals) < 0).any():
        raise ValueError("arrival_time must be finite, at least 0 and not falling")
    if not np.isfinite(services).all() or services.min() < 0:
        raise ValueError("service_time must be finite and at least 0")
    return arrivals, services
