"""One knob turned step by step for several policies, all on the same requests.

Times are in units of the mean service time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.load_balancing.balancing import BalancedRun, Gray, balance
from helpers.load_balancing.policies import PolicyName
from helpers.scaling.simulation import Floats

COMPARED: tuple[PolicyName, ...] = (
    "random",
    "round robin",
    "two choices",
    "least connections",
)


@dataclass(frozen=True, eq=False)
class PolicySweep:
    """Response times of several policies along one knob, in units of the mean service time.

    Attributes
    ----------
    knob
        What was turned: utilization, refresh interval or slowdown; shape (points,).
    policies
        Their names.
    servers
        How many there were.
    mean, margin, p50, p99
        Mean response time, half of its 95 % interval, median and 99th percentile; shape
        (policies, points).
    share
        Of the requests that server 0 got, from 0 to 1, same shape.
    """

    knob: Floats
    policies: tuple[PolicyName, ...]
    servers: int
    mean: Floats
    margin: Floats
    p50: Floats
    p99: Floats
    share: Floats

    def row(self, policy: PolicyName) -> int:
        """Find a policy's row."""
        if policy not in self.policies:
            raise ValueError(f"policy must be one of {self.policies}, got {policy!r}")
        return self.policies.index(policy)


def sweep_utilization(
    utilizations: ArrayLike,
    policies: Sequence[PolicyName] = COMPARED,
    servers: int = 10,
    requests: int = 200_000,
    rng: int | np.random.Generator = 0,
) -> PolicySweep:
    """Fill the servers more and more under each policy.

    Parameters
    ----------
    utilizations
        Each above 0 and below 1, shape (points,).
    policies, servers, requests, rng
        As in `balance`.

    Examples
    --------
    >>> swept = sweep_utilization([0.5, 0.9], ["random", "least connections"])
    >>> bool((swept.p99[0] > swept.p99[1]).all())
    True
    """
    shares = np.atleast_1d(np.asarray(utilizations, dtype=np.float64))
    if not np.all((shares > 0) & (shares < 1)):
        raise ValueError(f"utilizations must lie above 0 and below 1, got {shares}")
    servers, seed = require.whole("servers", servers), require.seed(rng)

    def run(policy: PolicyName, utilization: float) -> BalancedRun:
        return balance(utilization * servers, servers, policy, requests=requests, rng=seed)

    return sweep(shares, policies, servers, run)


def sweep_refresh(
    refreshes: ArrayLike,
    policies: Sequence[PolicyName] = COMPARED,
    utilization: float = 0.8,
    servers: int = 10,
    requests: int = 200_000,
    rng: int | np.random.Generator = 0,
) -> PolicySweep:
    """Let the balancer look at the servers less and less often.

    Parameters
    ----------
    refreshes
        Intervals between two looks, at least 0, in units of the mean service time.
    utilization
        Above 0 and below 1.
    policies, servers, requests, rng
        As in `balance`.

    Notes
    -----
    The periodic update of M. Mitzenmacher, "How useful is old information?" (IEEE TPDS 11,
    2000): all requests between two looks go by the same board.

    Examples
    --------
    >>> swept = sweep_refresh([0, 20], ["random", "least connections"])
    >>> [bool(swept.mean[0, point] > swept.mean[1, point]) for point in (0, 1)]
    [True, False]
    """
    intervals = np.atleast_1d(np.asarray(refreshes, dtype=np.float64))
    if not np.all((intervals >= 0) & np.isfinite(intervals)):
        raise ValueError(f"refreshes must be finite and at least 0, got {intervals}")
    servers, seed = require.whole("servers", servers), require.seed(rng)
    rate = require.inside("utilization", utilization, 0, 1) * servers

    def run(policy: PolicyName, refresh: float) -> BalancedRun:
        return balance(rate, servers, policy, refresh=refresh, requests=requests, rng=seed)

    return sweep(intervals, policies, servers, run)


def sweep_slowdown(
    slowdowns: ArrayLike,
    policies: Sequence[PolicyName] = (*COMPARED, "peak EWMA"),
    utilization: float = 0.5,
    servers: int = 10,
    requests: int = 200_000,
    rng: int | np.random.Generator = 0,
) -> PolicySweep:
    """Let server 0 become slower and slower, while the others stay as they are.

    Parameters
    ----------
    slowdowns
        How many times as long as usual server 0 takes, at least 1, shape (points,).
    utilization
        Without the slowdown, above 0 and below 1.
    policies, servers, requests, rng
        As in `balance`.

    Examples
    --------
    >>> swept = sweep_slowdown([1, 10], ["round robin", "two choices"])
    >>> bool(swept.p99[0, 1] > 100 * swept.p99[1, 1])
    True
    """
    factors = np.atleast_1d(np.asarray(slowdowns, dtype=np.float64))
    if not np.all((factors >= 1) & np.isfinite(factors)):
        raise ValueError(f"slowdowns must be finite and at least 1, got {factors}")
    servers, seed = require.whole("servers", servers), require.seed(rng)
    rate = require.inside("utilization", utilization, 0, 1) * servers

    def run(policy: PolicyName, slowdown: float) -> BalancedRun:
        gray = Gray(0, slowdown)
        return balance(rate, servers, policy, gray=gray, requests=requests, rng=seed)

    return sweep(factors, policies, servers, run)


def sweep(
    knob: Floats,
    policies: Sequence[PolicyName],
    servers: int,
    run: Callable[[PolicyName, float], BalancedRun],
) -> PolicySweep:
    """Run every policy at every point."""
    if not policies:
        raise ValueError("policies must name at least one policy, got none")
    columns = np.empty((5, len(policies), knob.size))
    for row, policy in enumerate(policies):
        for point, value in enumerate(knob):
            balanced = run(policy, float(value))
            mean = balanced.mean_response
            columns[:, row, point] = (
                mean.value,
                mean.half_width,
                balanced.quantile(0.5),
                balanced.quantile(0.99),
                balanced.requests_per_server[0] / len(balanced),
            )
    return PolicySweep(knob, tuple(policies), servers, *columns)
