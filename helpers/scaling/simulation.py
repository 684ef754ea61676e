"""Requests, servers and the line in front of them, one request after the other.

Everything random is drawn before the clock starts: gaps between arrivals, service
times, and which server a request walks up to. A knob only rescales these draws,
so two settings meet the same luck and what differs is the setting.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.scaling.durations import Duration
from helpers.statistics import Estimate, batch_means, quantile

Floats = NDArray[np.float64]
Queues = Literal["one shared", "one per server"]


@kernel
def wait_in_one_line(arrival_time, service_time, servers):  # type: ignore[no-untyped-def]
    """Serve in order of arrival; whoever is first goes to the server that is free first."""
    soonest = -np.inf  # when the first server is free
    free_at = np.full(servers, -np.inf)  # the others, sorted, with infinity at the end
    free_at[-1] = np.inf
    waiting_time = np.empty(arrival_time.size)
    for i in range(arrival_time.size):
        start = max(arrival_time[i], soonest)
        waiting_time[i] = start - arrival_time[i]
        soonest = later = start + service_time[i]
        if servers > 1:
            soonest = min(free_at[0], later)
        if servers <= 20:  # the later of two moves on: no branch to mispredict
            for place in range(servers - 1):
                later = max(free_at[place], later)
                free_at[place] = min(free_at[place + 1], later)
        else:  # all places at once, which a processor does by the vector
            for place in range(servers - 1):
                free_at[place] = max(free_at[place], min(free_at[place + 1], later))
    return waiting_time


@kernel
def wait_in_own_lines(arrival_time, service_time, server, servers):  # type: ignore[no-untyped-def]
    """Serve each server's own line in order of arrival, even while a neighbor idles."""
    free_at = np.full(servers, -np.inf)
    waiting_time = np.empty(arrival_time.size)
    for i in range(arrival_time.size):
        line = server[i]
        start = max(arrival_time[i], free_at[line])
        waiting_time[i] = start - arrival_time[i]
        free_at[line] = start + service_time[i]
    return waiting_time


@kernel
def busy_time(arrival_time, waiting_time, service_time):  # type: ignore[no-untyped-def]
    """Give the server-seconds spent serving from the first start to the last, and both starts.

    In separate lines the first and the last to start need not be the first and last to come.
    """
    first = last = arrival_time[0] + waiting_time[0]
    for i in range(1, arrival_time.size):
        start = arrival_time[i] + waiting_time[i]
        first, last = min(first, start), max(last, start)
    busy = 0.0
    for i in range(arrival_time.size):
        start = arrival_time[i] + waiting_time[i]
        busy += min(service_time[i], last - start)
    return busy, first, last


@dataclass(frozen=True, eq=False)
class QueueRun:
    """What happened to each request, in order of arrival; times in seconds.

    Attributes
    ----------
    arrival_time, service_time, waiting_time
        Shape (requests,).
    servers
        How many there were.
    """

    arrival_time: Floats
    service_time: Floats
    waiting_time: Floats
    servers: int

    def __post_init__(self) -> None:
        for name in ("arrival_time", "service_time", "waiting_time"):
            getattr(self, name).flags.writeable = False
        if self.waiting_time.size and not self.waiting_time.min() >= 0:  # NaN is refused too
            raise AssertionError("a request was served before it came")

    def __len__(self) -> int:
        return self.arrival_time.size

    def __repr__(self) -> str:
        return (
            f"QueueRun: {len(self):,} requests, {self.servers} servers, "
            f"utilization {self.utilization:.1%}, mean response {self.response_time.mean():.4g} s, "
            f"p99 {self.quantile(0.99):.4g} s"
        )

    @cached_property
    def response_time(self) -> Floats:
        """Waiting time + service time, shape (requests,)."""
        return self.waiting_time + self.service_time

    @cached_property
    def departure_time(self) -> Floats:
        """When each answer went out, shape (requests,)."""
        return self.arrival_time + self.response_time

    @property
    def duration(self) -> float:
        """Seconds from the first arrival to the last."""
        return float(self.arrival_time[-1] - self.arrival_time[0])

    @property
    def arrival_rate(self) -> float:
        """Requests per second that came; infinite if all came at once."""
        return (len(self) - 1) / self.duration if self.duration > 0 else math.inf

    @property
    def utilization(self) -> float:
        """Share of the servers' time spent serving, from the first start to the last."""
        busy, first, last = busy_time(self.arrival_time, self.waiting_time, self.service_time)
        return float(busy / (self.servers * (last - first))) if last > first else 1.0

    @property
    def share_waiting(self) -> float:
        """Share of requests that did not find a free server."""
        return float(np.count_nonzero(self.waiting_time) / len(self))

    @property
    def mean_wait(self) -> Estimate:
        """Mean waiting time with its interval, by batch means."""
        return batch_means(self.waiting_time)

    @property
    def mean_response(self) -> Estimate:
        """Mean response time with its interval, by batch means."""
        return batch_means(self.response_time)

    def quantile(self, q: float) -> float:
        """Give the response time that a share q of requests does not exceed."""
        return quantile(self.response_time, q)

    def in_flight(self, at: ArrayLike) -> NDArray[np.int64]:
        """Count the requests in the system at the given moments."""
        moments = np.asarray(at, dtype=np.float64)
        came = np.searchsorted(self.arrival_time, moments, side="right")
        gone = np.searchsorted(np.sort(self.departure_time), moments, side="right")
        return came - gone


@dataclass(frozen=True)
class LittlesLaw:
    """Both sides of L = λW, measured separately.

    Attributes
    ----------
    in_flight
        L: mean number in the system, counted at evenly spaced moments.
    arrival_rate
        λ: requests per second.
    mean_response
        W: seconds.
    """

    in_flight: float
    arrival_rate: float
    mean_response: float

    @property
    def ratio(self) -> float:
        """L / λW: 1 but for what was in flight at the ends and between the moments."""
        return self.in_flight / (self.arrival_rate * self.mean_response)


def littles_law(run: QueueRun, moments: int = 100_000) -> LittlesLaw:
    """Count who is in the system, and compare with arrival rate × response time.

    Notes
    -----
    J. D. C. Little (1961): true for any queue, any order of service, any
    distribution, as long as what comes in goes out.
    """
    at = np.linspace(run.arrival_time[0], run.arrival_time[-1], moments)
    return LittlesLaw(
        float(run.in_flight(at).mean()), run.arrival_rate, float(run.response_time.mean())
    )


@dataclass(frozen=True, eq=False)
class Draws:
    """All the luck of a run: each kind is drawn when it is first asked for, and then kept.

    Attributes
    ----------
    requests
        How many there are; every kind of luck has the shape (requests,).
    streams
        One for each kind, so that what a setting leaves undrawn changes no other kind.
    latest
        What `unit_arrivals` and `unit_services` last made of it, and for which unevenness:
        most knobs leave these two as they are.
    """

    requests: int
    streams: tuple[np.random.Generator, ...]
    latest: dict[str, tuple[float, Floats]] = field(default_factory=dict, repr=False)

    @cached_property
    def gap(self) -> Floats:
        """Unit exponentials, for the gaps between arrivals."""
        return locked(self.streams[0].exponential(size=self.requests))

    @cached_property
    def gap_choice(self) -> Floats:
        """Uniforms, for whether a gap is short or long."""
        return locked(self.streams[1].random(self.requests))

    @cached_property
    def service(self) -> Floats:
        """Unit exponentials, for the service times."""
        return locked(self.streams[2].exponential(size=self.requests))

    @cached_property
    def service_choice(self) -> Floats:
        """Uniforms, for whether a service time is short or long."""
        return locked(self.streams[3].random(self.requests))

    @cached_property
    def server_choice(self) -> Floats:
        """Uniforms, for the server that a request walks up to."""
        return locked(self.streams[4].random(self.requests))


def locked(array: Floats) -> Floats:
    """Forbid writing to an array that others will see."""
    array.flags.writeable = False
    return array


@lru_cache(maxsize=2)
def draw(requests: int, seed: int) -> Draws:
    """Draw the luck of a run, or hand out again what was drawn before."""
    return fresh_draws(requests, np.random.default_rng(seed))


def fresh_draws(requests: int, rng: np.random.Generator) -> Draws:
    """Open a stream for each kind of luck."""
    return Draws(requests, tuple(rng.spawn(5)))


def unit_arrivals(luck: Draws, cv: float) -> Floats:
    """Give the moments at which requests come, one a second on average."""
    found = luck.latest.get("arrivals")
    if found is None or found[0] != cv:
        between = Duration.with_cv(cv)
        gaps = between.stretch(luck.gap, luck.gap_choice if between.is_mixture else None)
        found = luck.latest["arrivals"] = cv, locked(np.cumsum(gaps, out=gaps))
    return found[1]


def unit_services(luck: Draws, cv: float) -> Floats:
    """Give service times of a second on average."""
    found = luck.latest.get("services")
    if found is None or found[0] != cv:
        service = Duration.with_cv(cv)
        choice = luck.service_choice if service.is_mixture else None
        found = luck.latest["services"] = cv, locked(service.stretch(luck.service, choice))
    return found[1]


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
    if not np.isfinite(arrivals).all() or (np.diff(arrivals) < 0).any():
        raise ValueError("arrival_time must be finite and not falling")
    if not np.isfinite(services).all() or services.min() < 0:
        raise ValueError("service_time must be finite and at least 0")
    return arrivals, services


def serve(
    arrival_time: ArrayLike,
    service_time: ArrayLike,
    servers: int = 1,
    server: ArrayLike | None = None,
) -> QueueRun:
    """Send requests that are already drawn, or measured, through the servers.

    Parameters
    ----------
    arrival_time
        Seconds, not falling, shape (requests,).
    service_time
        Seconds, at least 0, same shape.
    servers
        At least 1.
    server
        The server that each request lines up at, from 0; none for one shared line.

    Examples
    --------
    >>> serve([0, 1, 2], [5, 5, 5], servers=2).waiting_time
    array([0., 0., 3.])
    """
    servers = require.whole("servers", servers)
    arrivals, services = as_requests(arrival_time, service_time)
    if server is None:
        waits = wait_in_one_line(arrivals, services, servers)
    else:
        chosen = np.asarray(server, dtype=np.int64)
        if chosen.shape != arrivals.shape or chosen.min() < 0 or chosen.max() >= servers:
            raise ValueError(f"server must name one of 0 to {servers - 1} for each request")
        waits = wait_in_own_lines(arrivals, services, chosen, servers)
    return QueueRun(arrivals, services, waits, servers)


def simulate(
    arrival_rate: float,
    service_rate: float,
    servers: int = 1,
    *,
    service_cv: float = 1.0,
    arrival_cv: float = 1.0,
    queues: Queues = "one shared",
    requests: int = 100_000,
    warm_up: float = 0.05,
    rng: int | np.random.Generator = 0,
) -> QueueRun:
    """Run a queue and tell what happened to each request.

    Parameters
    ----------
    arrival_rate, service_rate
        Requests per second that come, and that one server completes; above 0. With
        more coming than `servers` can do, the backlog grows for as long as it runs.
    servers
        At least 1.
    service_cv, arrival_cv
        Standard deviation over mean of the service times and of the gaps between
        arrivals, from 0 to 50. Both 1 is M/M/c.
    queues
        "one shared" line before all servers, or "one per server" with each request
        sent to a server at random.
    requests
        How many to run, at least 100.
    warm_up
        Share of them dropped from the front, since the system starts empty; from 0
        to 0.5.
    rng
        A seed, or a generator for fresh draws. The same seed gives the same luck at
        every setting.

    Examples
    --------
    >>> run = simulate(arrival_rate=8, service_rate=1, servers=10)
    >>> 0.2046 in run.mean_wait  # what the formula says
    True
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    servers = require.whole("servers", servers)
    requests = require.whole("requests", requests, at_least=100)
    require.between("service_cv", service_cv, 0, 50)
    require.between("arrival_cv", arrival_cv, 0, 50)
    require.between("warm_up", warm_up, 0, 0.5)
    if queues not in get_args(Queues):
        raise ValueError(f"queues must be one of {get_args(Queues)}, got {queues!r}")
    if isinstance(rng, np.random.Generator):
        luck = fresh_draws(requests, rng)
    else:
        luck = draw(requests, require.seed(rng))
    with np.errstate(over="ignore", invalid="ignore"):
        arrivals = unit_arrivals(luck, arrival_cv) / arrival_rate
        services = unit_services(luck, service_cv) / service_rate
        for name, rate, end in (
            ("arrival_rate", arrival_rate, arrivals[-1]),
            ("service_rate", service_rate, arrivals[-1] + services.sum()),
        ):
            if not math.isfinite(end):
                raise ValueError(f"{name} must be so high that the run ends, got {rate}")
    if queues == "one shared":
        waits = wait_in_one_line(arrivals, services, servers)
    else:
        server = (luck.server_choice * servers).astype(np.int64)
        waits = wait_in_own_lines(arrivals, services, server, servers)
    first = int(requests * warm_up)
    return QueueRun(arrivals[first:], services[first:], waits[first:], servers)
