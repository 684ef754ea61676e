"""The tail of the response time: the p99 that users feel, and the servers it takes to tame it."""

import math

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.scaling.durations import Duration, Floats
from helpers.scaling.queueing import erlang_c, mean_wait


def response_quantile(
    q: float,
    arrival_rates: ArrayLike,
    service_rate: float,
    servers: int = 1,
    service_cv: float = 1.0,
) -> Floats:
    """Give the response time that a share q of requests does not exceed.

    Parameters
    ----------
    q
        Share, between 0 and 1, such as 0.99.
    arrival_rates
        Requests per second, shape (n,).
    service_rate, servers, service_cv
        As in `mean_wait`.

    Returns
    -------
    Seconds, shape (n,); infinite where utilization reaches 1.

    Notes
    -----
    A request waits with the chance of Erlang C; its wait is taken as exponential
    with the mean of Allen and Cunneen. Exact for M/M/c, an approximation for other
    service times (Tijms, section 9.6). Solved by bisection.

    Examples
    --------
    >>> response_quantile(0.99, [0.8], 1.0).round(2)  # ln(100) / (1 − 0.8)
    array([23.03])
    """
    require.inside("q", q, 0, 1)
    rates = np.atleast_1d(np.asarray(arrival_rates, dtype=np.float64))
    require.positive("arrival_rates", float(rates.min()))
    require.positive("service_rate", service_rate)
    service = Duration.with_cv(service_cv)
    stable = rates < servers * service_rate
    waits = np.array([erlang_c(servers, rate / service_rate) for rate in rates])
    means = np.array([mean_wait(rate, service_rate, servers, service_cv) for rate in rates])
    wait_rate = rate_of_wait(waits, means * service_rate)

    low, high = np.zeros(rates.size), np.ones(rates.size)
    while (too_low := stable & (share_later(high, waits, wait_rate, service) > 1 - q)).any():
        high = np.where(too_low, high * 2, high)
    for _ in range(50):
        middle = (low + high) / 2
        too_low = share_later(middle, waits, wait_rate, service) > 1 - q
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return np.where(stable, high / service_rate, np.inf)


def share_later(
    t: ArrayLike, chance_to_wait: ArrayLike, wait_rate: ArrayLike, service: Duration
) -> Floats:
    """Give the share of requests whose response takes longer than t.

    Parameters
    ----------
    t
        In units of the mean service time, any shape.
    chance_to_wait
        Share of the requests that do not find a free server, of the shape of `t`.
    wait_rate
        One over the mean wait of those who wait, in the same unit.
    service
        The distribution of the service time.
    """
    waits = np.asarray(chance_to_wait, dtype=np.float64)
    late: Floats = (1 - waits) * service.exceed(t) + waits * service.exceed_after_wait(t, wait_rate)
    return late


def rate_of_wait(chance_to_wait: ArrayLike, mean: ArrayLike) -> Floats:
    """Give one over the mean wait of those who wait; very high where nobody waits."""
    waits, means = np.asarray(chance_to_wait), np.asarray(mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isfinite(means) & (means > 0), waits / means, 1e12)


def servers_needed(
    arrival_rate: float,
    service_rate: float,
    target: float,
    q: float = 0.99,
    service_cv: float = 1.0,
) -> int:
    """Give the fewest servers behind one queue that keep a quantile of response time in target.

    Parameters
    ----------
    arrival_rate, service_rate
        Requests per second that come, and that one server completes.
    target
        Seconds; must exceed the same quantile of the service time alone.
    q
        Share of requests that must be in target, between 0 and 1.
    service_cv
        Coefficient of variation of the service time.

    Examples
    --------
    >>> servers_needed(arrival_rate=80, service_rate=10, target=0.5)
    10
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    require.positive("target", target)
    require.inside("q", q, 0, 1)
    service = Duration.with_cv(service_cv)
    if float(service.exceed(target * service_rate)) >= 1 - q:
        raise ValueError(
            f"target must exceed what the service alone takes at q={q}, got {target} s: "
            "no number of servers can reach it"
        )
    load = arrival_rate / service_rate
    servers = math.floor(load) + 1
    while True:
        waits = erlang_c(servers, load)
        mean = mean_wait(arrival_rate, service_rate, servers, service_cv)
        wait_rate = rate_of_wait(waits, mean * service_rate)
        if share_later(target * service_rate, waits, wait_rate, service) <= 1 - q:
            return servers
        servers += 1
