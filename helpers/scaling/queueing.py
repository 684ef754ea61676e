"""What queueing theory knows without running anything.

Picture a supermarket: customers arrive at random, each needs a while at a
checkout, and there are `servers` checkouts. These formulas say how long the line
is. They are exact for the M/M/c queue and, with a general service time, for a
single server; elsewhere they are approximations, and say so.

Utilization is ρ = λ/(cμ): arrival rate over what all servers can do.
Offered load is a = λ/μ, in servers kept busy (erlangs).
"""

import math
from dataclasses import dataclass

import numpy as np

from helpers import require


def erlang_b(servers: int, offered_load: float) -> float:
    """Give the chance that a request is refused when nobody may wait (M/M/c/c).

    Parameters
    ----------
    servers
        At least 0 (with none, everyone is refused).
    offered_load
        Arrival rate × mean service time, in erlangs, at least 0.

    Notes
    -----
    B(0) = 1, B(c) = a·B(c−1) / (c + a·B(c−1)): Erlang (1917), in the stable
    recursive form of Jagerman (1974). True for any distribution of service time.

    Examples
    --------
    >>> round(erlang_b(10, 8.0), 4)
    0.1217
    """
    require.whole("servers", servers, at_least=0)
    require.not_negative("offered_load", offered_load)
    if offered_load == 0:
        return 1.0 if servers == 0 else 0.0
    blocked = 1.0
    for busy in range(1, int(servers) + 1):
        blocked = offered_load * blocked / (busy + offered_load * blocked)
    return blocked


def erlang_c(servers: int, offered_load: float) -> float:
    """Give the chance that a request must wait at all (M/M/c).

    Parameters
    ----------
    servers
        At least 1.
    offered_load
        Arrival rate × mean service time, in erlangs, at least 0. From `servers` on
        the queue never empties, and everyone waits.

    Notes
    -----
    C = B / (1 − ρ(1 − B)) with B from `erlang_b` (Erlang, 1917).

    Examples
    --------
    >>> round(erlang_c(10, 8.0), 4)
    0.4092
    """
    servers = require.whole("servers", servers)
    require.not_negative("offered_load", offered_load)
    if offered_load >= servers:
        return 1.0
    blocked = erlang_b(servers, offered_load)
    return blocked / (1 - offered_load / servers * (1 - blocked))


@dataclass(frozen=True)
class FiniteQueue:
    """The long-run state of an M/M/c/K queue; times in seconds.

    Attributes
    ----------
    blocking
        Share of requests refused because the system is full.
    mean_number
        Mean number in the system, waiting or served.
    mean_response
        Mean time in the system of those admitted.
    mean_wait
        Mean time in the queue of those admitted.
    idle
        Share of time with nobody in the system.
    """

    blocking: float
    mean_number: float
    mean_response: float
    mean_wait: float
    idle: float


def mmck(arrival_rate: float, service_rate: float, servers: int, capacity: int) -> FiniteQueue:
    """Solve the queue with room for `capacity` requests in all (M/M/c/K).

    Parameters
    ----------
    arrival_rate
        Requests per second that come, above 0; may exceed what the servers can do.
    service_rate
        Requests per second that one server completes, above 0.
    servers
        At least 1.
    capacity
        How many may be in the system, waiting or served: at least `servers`.

    Notes
    -----
    Birth and death: p(n+1) = p(n)·λ/(min(n+1, c)·μ), summed in logarithms so that
    large systems neither over- nor underflow (Gross et al., *Fundamentals of
    Queueing Theory*, section 3.5). Mean times follow by Little's law over admitted
    requests.

    Examples
    --------
    >>> queue = mmck(arrival_rate=8, service_rate=1, servers=10, capacity=10)
    >>> round(queue.blocking, 4) == round(erlang_b(10, 8), 4)
    True
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    servers = require.whole("servers", servers)
    capacity = require.whole("capacity", capacity, at_least=servers)
    number = np.arange(capacity + 1)
    busy = np.minimum(number, servers)
    steps = math.log(arrival_rate) - math.log(service_rate) - np.log(busy[1:])
    log_weight = np.concatenate([[0.0], np.cumsum(steps)])
    weight = np.exp(log_weight - log_weight.max())
    probability = weight / weight.sum()
    admitted = service_rate * float(busy @ probability)  # what goes in comes out
    mean_number = float(number @ probability)
    mean_waiting = float(np.maximum(number - servers, 0) @ probability)
    return FiniteQueue(
        blocking=float(probability[-1]),
        mean_number=mean_number,
        mean_response=mean_number / admitted,
        mean_wait=mean_waiting / admitted,
        idle=float(probability[0]),
    )


def mean_wait(
    arrival_rate: float,
    service_rate: float,
    servers: int = 1,
    service_cv: float = 1.0,
    arrival_cv: float = 1.0,
) -> float:
    """Give the mean time in the queue; infinite from full utilization on.

    Parameters
    ----------
    arrival_rate, service_rate
        Requests per second that come, and that one server completes; above 0.
    servers
        At least 1.
    service_cv, arrival_cv
        Standard deviation over mean of the service times and of the gaps between
        arrivals: 0 is a metronome, 1 is Poisson, above 1 is bursty.

    Returns
    -------
    Seconds.

    Notes
    -----
    (cₐ² + cₛ²)/2 × Erlang C / (cμ − λ), the formula of Allen and Cunneen. Exact for
    M/M/c; for one server with Poisson arrivals it is the formula of Pollaczek and
    Khinchine (exact); for one server with any arrivals it is Kingman's approximation
    for heavy traffic; elsewhere an approximation too.

    Examples
    --------
    >>> round(mean_wait(8, 1, servers=10), 4)
    0.2046
    >>> mean_wait(0.8, 1, service_cv=0) / mean_wait(0.8, 1)
    0.5
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    servers = require.whole("servers", servers)
    require.not_negative("service_cv", service_cv)
    require.not_negative("arrival_cv", arrival_cv)
    spare = servers * service_rate - arrival_rate
    if spare <= 0:
        return math.inf
    waits = erlang_c(servers, arrival_rate / service_rate)
    return (arrival_cv**2 + service_cv**2) / 2 * waits / spare


def mean_response(
    arrival_rate: float,
    service_rate: float,
    servers: int = 1,
    service_cv: float = 1.0,
    arrival_cv: float = 1.0,
) -> float:
    """Give the mean time from arrival to answer: waiting, then service. See `mean_wait`.

    Examples
    --------
    >>> round(mean_response(0.8, 1.0), 12)  # one server at 80 %: five service times
    5.0
    """
    return mean_wait(arrival_rate, service_rate, servers, service_cv, arrival_cv) + 1 / service_rate


def wait_quantile(q: float, arrival_rate: float, service_rate: float, servers: int = 1) -> float:
    """Give the waiting time that a share q of requests does not exceed (M/M/c, exact).

    Notes
    -----
    P(W > t) = C·exp(−(cμ − λ)t).

    Examples
    --------
    >>> wait_quantile(0.5, 8, 1, servers=10)  # more than half do not wait
    0.0
    """
    if not 0 <= q < 1:
        raise ValueError(f"q must be at least 0 and below 1, got {q}")
    require.positive("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    servers = require.whole("servers", servers)
    waits = erlang_c(servers, arrival_rate / service_rate)
    spare = servers * service_rate - arrival_rate
    if spare <= 0:
        return math.inf
    return max(0.0, math.log(waits / (1 - q)) / spare) if waits > 0 else 0.0
