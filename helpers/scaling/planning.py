"""How many servers to rent: for a steady load, and for each hour of a day that one can foresee.

Within a minute a tier of servers that answer in less than a second settles, so each
minute is planned as if its rate lasted forever (the pointwise stationary approximation
of Green and Kolesar, 1991). An hour needs what its busiest minute needs.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.scaling.durations import Duration
from helpers.scaling.response_time import servers_needed, share_later

Q = 0.99  # the p99 is in target when at most one request in a hundred is later
MOST_SERVERS = 10_000
EXPONENTIAL = Duration.with_cv(1)


def share_late(
    target: float, servers: int, arrival_rate: float, service_rate: float, chance_to_wait: float
) -> float:
    """Give the share of requests whose response takes longer than the target (M/M/c).

    Parameters
    ----------
    target
        Seconds, at least 0.
    servers
        At least 1.
    arrival_rate, service_rate
        Requests per second that come, at least 0, and that one server completes, above 0.
    chance_to_wait
        Share of the requests that do not find a free server, from 0 to 1: Erlang C.

    Returns
    -------
    From 0 to 1; 1 where more come than the servers can do.

    Notes
    -----
    One who does not wait is late if the service is; one who waits goes through an
    exponential wait of rate cμ − λ first (Gross et al., *Fundamentals of Queueing Theory*,
    section 3.3).

    Examples
    --------
    >>> round(share_late(2.5, servers=7, arrival_rate=10, service_rate=2.5, chance_to_wait=0.18), 4)
    0.0021
    """
    require.whole("servers", servers)
    require.not_negative("target", target)
    require.not_negative("arrival_rate", arrival_rate)
    require.positive("service_rate", service_rate)
    require.between("chance_to_wait", chance_to_wait, 0, 1)
    spare = servers * service_rate - arrival_rate
    if spare <= 0:
        return 1.0
    wait_rate = spare / service_rate
    return float(share_later(target * service_rate, chance_to_wait, wait_rate, EXPONENTIAL))


def fewest_servers(arrival_rate: float, service_rate: float, target_p99: float) -> float:
    """Give the fewest servers behind one line that keep the p99 in target (M/M/c).

    Parameters
    ----------
    arrival_rate, service_rate
        As in `share_late`.
    target_p99
        Seconds, above 0.

    Returns
    -------
    A whole number, or infinity where the service alone takes too long: no number of
    servers makes a single request faster.

    Examples
    --------
    >>> fewest_servers(arrival_rate=80, service_rate=10, target_p99=0.5)
    10
    >>> fewest_servers(arrival_rate=80, service_rate=10, target_p99=0.4)
    inf
    """
    require.positive("target_p99", target_p99)
    require.positive("service_rate", service_rate)
    if EXPONENTIAL.exceed(target_p99 * service_rate) >= 1 - Q:
        return math.inf
    require.not_negative("arrival_rate", arrival_rate)
    require.between("arrival_rate", arrival_rate, 0, MOST_SERVERS * service_rate)
    return servers_needed(arrival_rate, service_rate, target_p99, Q) if arrival_rate > 0 else 1


def hourly_plan(
    arrival_rate_by_minute: Sequence[float] | NDArray[np.float64],
    service_rate: float,
    target_p99: float,
) -> list[float]:
    """Give the fewest servers for each hour that keep the p99 of its busiest minute in target.

    Parameters
    ----------
    arrival_rate_by_minute
        Requests per second, shape (60 × hours,).
    service_rate, target_p99
        As in `fewest_servers`.

    Examples
    --------
    >>> hourly_plan([80.0] * 59 + [160.0] + [80.0] * 60, service_rate=10, target_p99=0.5)
    [19, 10]
    """
    rates = np.asarray(arrival_rate_by_minute, dtype=np.float64)
    if rates.ndim != 1 or rates.size == 0 or rates.size % 60:
        raise ValueError(f"arrival_rate_by_minute must hold whole hours, got shape {rates.shape}")
    busiest = rates.reshape(-1, 60).max(axis=1)
    return [fewest_servers(rate, service_rate, target_p99) for rate in busiest.tolist()]
