"""The supermarket model: how long the lines are when each guest compares a few of them.

With very many servers, the line a guest joins tells the other lines nothing. Let s_i be
the share of servers that hold at least i requests. A request makes a server of i - 1
requests one of i if all d servers that it looked at hold at least i - 1, and not all of
them i: at rate λ (s_{i-1}^d - s_i^d). A request leaves it at rate s_i - s_{i+1}. Both
are equal where s_i = λ^((d^i - 1)/(d - 1)), a tail that falls doubly exponentially.

Times are in units of the mean service time, which is exponential; arrivals are Poisson
with utilization λ per server. Sources: N. Vvedenskaya, R. Dobrushin and F. Karpelevich
(1996); M. Mitzenmacher, "The power of two choices in randomized load balancing" (IEEE
TPDS 12, 2001), table 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.load_balancing.balancing import balance
from helpers.load_balancing.draws import MOST_CHOICES
from helpers.scaling.simulation import Floats
from helpers.statistics import Estimate

SMALLEST = 1e-18
"""Shares below are left out: no sum can tell them from 0."""
FULLEST = 0.9999


def queue_tail(utilization: float, choices: int = 2) -> Floats:
    """Give the share of servers that hold at least 0, 1, 2, ... requests.

    Parameters
    ----------
    utilization
        λ, above 0 and at most 0.9999.
    choices
        d, how many servers a request compares, at least 1.

    Returns
    -------
    The shares: 1, the utilization, and so on to the last one above 1e-18.

    Examples
    --------
    >>> queue_tail(0.9, choices=2)[:5].round(3)
    array([1.   , 0.9  , 0.729, 0.478, 0.206])
    """
    require.inside("utilization", utilization, 0, 1)
    require.between("utilization", utilization, 0, FULLEST)
    choices = require.whole("choices", choices)
    most = math.log(SMALLEST) / math.log(utilization)
    exponents = [0.0, 1.0]  # each is d times the last one, plus 1
    while choices * exponents[-1] + 1 <= most:
        exponents.append(choices * exponents[-1] + 1)
    return utilization ** np.array(exponents)


def mean_in_system(utilization: float, choices: int = 2) -> float:
    """Give the mean number of requests at a server, waiting or in service.

    Examples
    --------
    >>> [round(mean_in_system(0.9, choices) / 0.9, 3) for choices in (1, 2, 3)]
    [10.0, 2.614, 2.028]
    """
    return float(queue_tail(utilization, choices)[1:].sum())


def mean_response(utilization: float, choices: int = 2) -> float:
    """Give the mean response time, by Little's law.

    Examples
    --------
    >>> [round(mean_response(0.99, choices), 3) for choices in (1, 2, 3)]
    [100.0, 5.432, 3.858]
    """
    return mean_in_system(utilization, choices) / utilization


def exceed(t: ArrayLike, utilization: float, choices: int = 2) -> Floats:
    """Give the share of requests that take longer than t.

    A request that finds k others has k + 1 exponential services ahead of it, and the chance
    that it finds at least k is s_{k+1} / λ. So the share is Σ e^-t t^k/k! · s_{k+1}/λ.

    Examples
    --------
    >>> exceed(10.0, 0.9, choices=1).round(6) == np.exp(-1).round(6)
    np.True_
    """
    times = np.asarray(t, dtype=np.float64)
    if not np.all((times >= 0) & np.isfinite(times)):
        raise ValueError(f"t must be finite and at least 0, got {times}")
    joins = queue_tail(utilization, choices)[1:] / utilization
    k = np.arange(joins.size)
    log_factorial = np.cumsum(np.log(np.maximum(k, 1)))
    positive = np.maximum(times[..., None], 1e-300)
    arrived = np.exp(k * np.log(positive) - times[..., None] - log_factorial)
    return np.asarray(arrived @ joins)


def response_quantile(q: float, utilization: float, choices: int = 2) -> float:
    """Give the response time that a share q of requests does not exceed.

    Without a choice each server is an M/M/1, whose quantile has a formula; else by bisection.

    Examples
    --------
    >>> round(response_quantile(0.99, 0.9, choices=1), 2)  # ln(100) / (1 - 0.9)
    46.05
    """
    require.inside("q", q, 0, 1)
    require.inside("utilization", utilization, 0, 1)
    choices = require.whole("choices", choices)
    low, high = 0.0, -math.log(1 - q) / (1 - utilization)
    if choices == 1:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        if float(exceed(middle, utilization, choices)) > 1 - q:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True)
class Trial:
    """Formula and simulation side by side, in units of the mean service time.

    Attributes
    ----------
    utilization, choices, servers
        The setting.
    by_formula
        Mean response time with endlessly many servers.
    measured
        Mean response time with these, and its interval.
    """

    utilization: float
    choices: int
    servers: int
    by_formula: float
    measured: Estimate

    @property
    def excess(self) -> float:
        """By what share the simulation lies above the formula."""
        return self.measured.value / self.by_formula - 1


def try_choices(
    utilization: float = 0.9,
    choices: Sequence[int] = (1, 2, 3),
    servers: int = 500,
    requests: int = 1_000_000,
    rng: int | np.random.Generator = 0,
) -> list[Trial]:
    """Run the supermarket model with a real number of servers, for each number of choices.

    Parameters
    ----------
    utilization
        Above 0 and below 1.
    choices
        Each from 1 to 8, and at most the servers.
    servers, requests, rng
        As in `balance`; each gets the same requests.
    """
    require.inside("utilization", utilization, 0, 1)
    servers, seed = require.whole("servers", servers), require.seed(rng)
    for d in choices:  # `balance` would quietly compare fewer than the formula does
        require.between("choices", require.whole("choices", d), 1, min(MOST_CHOICES, servers))
    trials = []
    for d in choices:
        run = balance(
            utilization * servers,
            servers,
            "two choices",
            choices=d,
            requests=requests,
            warm_up=0.2,
            rng=seed,
        )
        expected = mean_response(utilization, d)
        trials.append(Trial(utilization, d, servers, expected, run.mean_response))
    return trials


def try_servers(
    servers: Sequence[int] = (2, 4, 8, 16, 32, 64, 128, 256),
    utilization: float = 0.9,
    requests: int = 1_000_000,
    rng: int | np.random.Generator = 0,
) -> list[Trial]:
    """Run two choices with few servers and many: the formula is for endlessly many."""
    seed = require.seed(rng)
    return [try_choices(utilization, (2,), count, requests, seed)[0] for count in servers]
