"""A balancer at work: requests, servers of any speed, one that is slow, one that dies.

The same requests meet every policy. Each server serves its own line in order of
arrival; a request that a dead server gets fails at once, and so do those that were in
its line when it died. Nobody checks the servers' health here: that is `health`'s task.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.load_balancing.draws import (
    MOST_CHOICES,
    Luck,
    Servers,
    draw_candidates,
    draw_clients,
    fresh_luck,
    hash_clients,
    luck_of,
    take_turns,
    take_weighted_turns,
    uniforms,
)
from helpers.load_balancing.policies import POLICIES, Policy, PolicyName, View
from helpers.load_balancing.sending import (
    Fleet,
    Sent,
    send_by_policy,
    send_to_least_loaded,
    send_to_quickest,
    send_to_shortest,
)
from helpers.scaling.simulation import Floats, unit_arrivals, unit_services
from helpers.statistics import Estimate, batch_means, quantile

SHORTEST_REFRESH = 1e-6  # seconds; below that, rounding decides what is seen


@dataclass(frozen=True)
class Gray:
    """A server that answers, but slowly.

    Attributes
    ----------
    server
        Which one, from 0.
    slowdown
        How many times as long as usual each request takes, above 0.
    since
        Seconds from the start of the run: slow is what starts then or later.
    """

    server: int = 0
    slowdown: float = 10.0
    since: float = 0.0


@dataclass(frozen=True)
class Dead:
    """A server that refuses what it gets, at once.

    Attributes
    ----------
    server
        Which one, from 0.
    since, until
        Seconds from the start of the run.
    """

    server: int = 0
    since: float = 0.0
    until: float = math.inf


@dataclass(frozen=True, eq=False)
class BalancedRun:
    """What happened to each request, in order of arrival; times in seconds.

    Attributes
    ----------
    arrival_time, service_time, waiting_time
        Shape (requests,).
    server
        Who got it, from 0, shape (requests,).
    failed
        Whether an error came instead of an answer, shape (requests,).
    servers
        How many there were.
    busy_time, stay_time
        Seconds that each server served, and that requests spent there, from the first
        arrival to the last; what came in the warm-up counts too. Shape (servers,).
    """

    arrival_time: Floats
    server: NDArray[np.int32]
    service_time: Floats
    waiting_time: Floats
    failed: NDArray[np.bool_]
    servers: int
    busy_time: Floats
    stay_time: Floats

    def __post_init__(self) -> None:
        for name in ("arrival_time", "server", "service_time", "waiting_time", "failed"):
            getattr(self, name).flags.writeable = False
        if not self.waiting_time.min() >= 0:  # NaN is refused too
            raise AssertionError("a request was served before it came")

    def __len__(self) -> int:
        return self.arrival_time.size

    def __repr__(self) -> str:
        return (
            f"BalancedRun: {len(self):,} requests, {self.servers} servers, "
            f"utilization {self.utilization.mean():.1%}, failed {self.share_failed:.2%}"
            + (f", {self.of_answers}" if self.answered.size else "")
        )

    @property
    def of_answers(self) -> str:
        """The mean and the tail of what was answered, in words."""
        mean, p99 = self.answered.mean(), self.quantile(0.99)
        return f"mean response {mean:.4g} s, p99 {p99:.4g} s"

    @cached_property
    def response_time(self) -> Floats:
        """Waiting time + service time, shape (requests,); until the error, where there was one."""
        return self.waiting_time + self.service_time

    @cached_property
    def answered(self) -> Floats:
        """Response times of the requests that did not fail, shape (requests answered,)."""
        return self.response_time[~self.failed] if self.failed.any() else self.response_time

    @property
    def share_failed(self) -> float:
        """Share of requests that got an error."""
        return float(np.count_nonzero(self.failed) / len(self))

    @property
    def duration(self) -> float:
        """Seconds from the first arrival to the last."""
        return float(self.arrival_time[-1] - self.arrival_time[0])

    @property
    def requests_per_server(self) -> NDArray[np.int64]:
        """How many each server got, shape (servers,)."""
        return np.bincount(self.server, minlength=self.servers)

    @property
    def utilization(self) -> Floats:
        """Share of the time from first to last arrival that each server served, (servers,)."""
        return self.busy_time / self.duration

    @property
    def mean_in_flight(self) -> Floats:
        """Mean number of requests at each server, waiting or in service, shape (servers,)."""
        return self.stay_time / self.duration

    @property
    def mean_wait(self) -> Estimate:
        """Mean waiting time of what was answered with its interval, by batch means."""
        waits = self.waiting_time
        return batch_means(waits[~self.failed] if self.failed.any() else waits)

    @property
    def mean_response(self) -> Estimate:
        """Mean response time of what was answered with its interval, by batch means."""
        return batch_means(self.answered)

    def quantile(self, q: float) -> float:
        """Give the response time that a share q of the answered requests does not exceed."""
        return quantile(self.answered, q)

    def in_flight(self, server: int, at: ArrayLike) -> NDArray[np.int64]:
        """Count the requests at a server, waiting or in service, at the given moments."""
        moments = np.asarray(at, dtype=np.float64)
        mine = self.server == server
        came = self.arrival_time[mine]
        gone = came + self.response_time[mine]
        here = np.searchsorted(came, moments, side="right")
        return here - np.searchsorted(np.sort(gone), moments, side="right")


@kernel
def add_up_by_server(arrival_time, waiting_time, service_time, server, servers, first):  # type: ignore[no-untyped-def]
    """Add up each server's seconds of work and of stay, from a first arrival to the last."""
    busy, stay = np.zeros(servers), np.zeros(servers)
    begin, end = arrival_time[first], arrival_time[-1]
    for i in range(arrival_time.size):
        come, s = arrival_time[i], server[i]
        start = come + waiting_time[i]
        done = min(start + service_time[i], end)
        busy[s] += max(0.0, done - max(start, begin))
        stay[s] += max(0.0, done - max(come, begin))
    return busy, stay


def balance(
    arrival_rate: float,
    servers: int = 10,
    policy: PolicyName | Policy = "two choices",
    *,
    service_rate: float = 1.0,
    service_cv: float = 1.0,
    speeds: Sequence[float] | None = None,
    weights: Sequence[int] | None = None,
    choices: int = 2,
    memory: float = 10.0,
    gray: Gray | None = None,
    dead: Dead | None = None,
    refresh: float = 0.0,
    clients: int = 10_000,
    client_skew: float = 0.0,
    requests: int = 100_000,
    warm_up: float = 0.05,
    rng: int | np.random.Generator = 0,
) -> BalancedRun:
    """Send requests through a balancer and tell what happened to each.

    Parameters
    ----------
    arrival_rate, service_rate
        Requests per second that come, and that a server of speed 1 completes; above 0.
    servers
        At least 1.
    policy
        One of `POLICIES`, or a function of a `View` that gives a server; if it has a method
        `answered`, it is told of every `Answer` that has passed by. A function is asked
        in plain Python: a hundred thousand requests take about a second.
    service_cv
        Standard deviation over mean of the service times, from 0 to 50.
    speeds
        Of each server, above 0; all 1 if not given.
    weights
        Of each server in "weighted round robin": whole numbers of at least 1, by default
        the speeds, rounded.
    choices
        How many servers "two choices" and "peak EWMA" draw, from 1 to 8; all, if there are
        not as many.
    memory
        Seconds that "peak EWMA" remembers, above 0.
    gray, dead
        A server that is slow, and one that refuses what it gets.
    refresh
        Seconds between two looks at the servers, at least a microsecond; 0 for a look at each
        request. In
        between, the balancer does not even count what it sends itself.
    clients, client_skew
        How many there are, and how unevenly they ask: the exponent of Zipf's law, 0 if all
        ask alike. Only a hash cares.
    requests
        How many to run, at least 100.
    warm_up
        Share of them dropped from the front, from 0 to 0.9.
    rng
        A seed, or a generator for fresh draws. The same seed gives the same requests
        under every policy.

    Examples
    --------
    >>> run = balance(arrival_rate=90, servers=100, choices=2)
    >>> blind = balance(arrival_rate=90, servers=100, policy="random")
    >>> run.quantile(0.99) < blind.quantile(0.99) / 4
    True
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    servers = require.whole("servers", servers)
    requests = require.whole("requests", requests, at_least=100)
    require.between("service_cv", service_cv, 0, 50)
    require.between("warm_up", warm_up, 0, 0.9)
    choices = require.whole("choices", choices)
    choices = min(int(require.between("choices", choices, 1, MOST_CHOICES)), servers)
    require.positive("memory", memory)
    if 0 < require.not_negative("refresh", refresh) < SHORTEST_REFRESH:
        raise ValueError(f"refresh must be 0 or at least {SHORTEST_REFRESH} s, got {refresh}")
    clients = require.whole("clients", clients)
    require.not_negative("client_skew", client_skew)
    if isinstance(rng, np.random.Generator):
        luck = fresh_luck(requests, rng)
    else:
        luck = luck_of(requests, require.seed(rng))
    fleet = fleet_of(servers, speeds, gray, dead)
    given = weights_of(servers, weights, speeds)
    with np.errstate(over="ignore", invalid="ignore"):
        arrivals = unit_arrivals(luck.times, 1.0) / arrival_rate
        work = unit_services(luck.times, service_cv) / service_rate
        for name, rate, end in (
            ("arrival_rate", arrival_rate, arrivals[-1]),
            ("service_rate", service_rate, arrivals[-1] + work.sum() * fleet.slowest),
        ):
            if not math.isfinite(end):
                raise ValueError(f"{name} must be so high that the run ends, got {rate}")
    if callable(policy):
        who = draw_clients(luck, clients, client_skew)
        view = View(servers, weights=given)
        numbers = [uniforms(luck, k) for k in range(min(MOST_CHOICES, max(choices, 3)))]
        sent = send_by_policy(policy, arrivals, work, fleet, refresh, view, who, numbers)
    elif policy == "least connections":
        sent = Sent(*send_to_least_loaded(arrivals, work, fleet.columns, float(refresh), requests))
    else:
        places = candidates_of(policy, luck, given, choices, clients, client_skew)
        given_to_all = (arrivals, work, places, fleet.columns, float(refresh))
        if policy == "peak EWMA":
            sent = Sent(*send_to_quickest(*given_to_all, float(memory)))
        else:
            sent = Sent(*send_to_shortest(*given_to_all))
    first = int(requests * warm_up)
    times = (arrivals, sent.waiting_time, sent.service_time)
    busy, stay = add_up_by_server(*times, sent.server, servers, first)
    return BalancedRun(
        arrival_time=arrivals[first:],
        server=sent.server[first:].view(np.int32),
        service_time=sent.service_time[first:],
        waiting_time=sent.waiting_time[first:],
        failed=sent.failed[first:],
        servers=servers,
        busy_time=busy,
        stay_time=stay,
    )


def candidates_of(
    policy: PolicyName,
    luck: Luck,
    weights: tuple[int, ...],
    choices: int,
    clients: int,
    skew: float,
) -> Servers:
    """Give the servers that each request may go to, shape (requests, 1 or choices)."""
    if policy not in POLICIES:
        raise ValueError(f"policy must be a function or one of {POLICIES}, got {policy!r}")
    ways: dict[PolicyName, Callable[[], Servers]] = {
        "random": lambda: draw_candidates(luck, len(weights), 1),
        "round robin": lambda: take_turns(luck.requests, len(weights)),
        "weighted round robin": lambda: take_weighted_turns(luck.requests, weights),
        "IP hash": lambda: hash_clients(luck, len(weights), clients, skew),
    }
    return ways.get(policy, lambda: draw_candidates(luck, len(weights), choices))()


def weights_of(
    servers: int, weights: Sequence[int] | None, speeds: Sequence[float] | None
) -> tuple[int, ...]:
    """Give a weight to each server; without any, the speeds are the weights."""
    if weights is None:
        weights = [1] * servers if speeds is None else [max(1, round(speed)) for speed in speeds]
    if len(weights) != servers:
        raise ValueError(f"weights must be {servers}, one for each server, got {len(weights)}")
    return tuple(require.whole("weights", weight) for weight in weights)


def fleet_of(
    servers: int, speeds: Sequence[float] | None, gray: Gray | None, dead: Dead | None
) -> Fleet:
    """Write down what each server is like."""
    if speeds is not None and len(speeds) != servers:
        raise ValueError(f"speeds must be {servers}, one for each server, got {len(speeds)}")
    given = [1.0] * servers if speeds is None else speeds
    pace = 1 / np.array([require.positive("speeds", speed) for speed in given])
    slow_pace = pace.copy()
    slow_since, dead_since, dead_until = np.full((3, servers), np.inf)
    if gray is not None:
        place = place_of("gray", gray.server, servers)
        slow_pace[place] *= require.positive("slowdown", gray.slowdown)
        slow_since[place] = require.not_negative("since", gray.since)
    if dead is not None:
        place = place_of("dead", dead.server, servers)
        dead_since[place] = require.not_negative("since", dead.since)
        dead_until[place] = dead.until
        if not dead.until > dead.since:
            raise ValueError(f"until must come after since={dead.since}, got {dead.until}")
    return Fleet(pace, slow_pace, slow_since, dead_since, dead_until)


def place_of(name: str, server: int, servers: int) -> int:
    """Give the number of a server that is there."""
    require.whole(f"{name}.server", server, at_least=0)
    return int(require.between(f"{name}.server", server, 0, servers - 1))
