"""One knob turned step by step, everything else and all luck kept the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.scaling.durations import Floats
from helpers.scaling.queueing import mean_response
from helpers.scaling.response_time import response_quantile
from helpers.scaling.simulation import simulate
from helpers.statistics import Estimate


@dataclass(frozen=True, eq=False)
class Sweep:
    """Response times along one knob, in units of the mean service time; shape (points,).

    Attributes
    ----------
    knob
        What was turned: utilization, or the coefficient of variation.
    mean, margin
        Simulated mean and half of its 95 % interval.
    p99
        Simulated 99th percentile.
    mean_by_formula, p99_by_formula
        What theory says of both.
    """

    knob: Floats
    mean: Floats
    margin: Floats
    p99: Floats
    mean_by_formula: Floats
    p99_by_formula: Floats


def sweep_utilization(
    utilizations: ArrayLike,
    servers: int = 1,
    service_cv: float = 1.0,
    requests: int = 1_000_000,
    rng: int | np.random.Generator = 0,
) -> Sweep:
    """Fill the same servers more and more.

    Parameters
    ----------
    utilizations
        Each above 0 and below 1, shape (points,).
    servers, service_cv, requests, rng
        As in `simulate`; every point meets the same luck.
    """
    shares = np.atleast_1d(np.asarray(utilizations, dtype=np.float64))
    if not np.all((shares > 0) & (shares < 1)):
        raise ValueError(f"utilizations must lie above 0 and below 1, got {shares}")
    return sweep(shares, [(float(u), servers, service_cv) for u in shares], requests, rng)


def sweep_unevenness(
    service_cvs: ArrayLike,
    utilization: float = 0.8,
    servers: int = 1,
    requests: int = 1_000_000,
    rng: int | np.random.Generator = 0,
) -> Sweep:
    """Make service times more and more uneven while their mean stays the same.

    Parameters
    ----------
    service_cvs
        Coefficients of variation from 0 to 50, shape (points,).
    utilization
        Above 0 and below 1.
    servers, requests, rng
        As in `simulate`.
    """
    require.inside("utilization", utilization, 0, 1)
    cvs = np.atleast_1d(np.asarray(service_cvs, dtype=np.float64))
    return sweep(cvs, [(utilization, servers, float(cv)) for cv in cvs], requests, rng)


def sweep(
    knob: Floats,
    settings: Sequence[tuple[float, int, float]],
    requests: int,
    rng: int | np.random.Generator,
) -> Sweep:
    """Run each setting of (utilization, servers, service_cv) and lay the formulas beside it."""
    seed = require.seed(rng)  # one for all points, even from a generator
    means: list[Estimate] = []
    p99 = np.empty(len(settings))
    formula = np.empty((2, len(settings)))
    for i, (utilization, servers, cv) in enumerate(settings):
        rate = utilization * servers
        run = simulate(rate, 1.0, servers, service_cv=cv, requests=requests, rng=seed)
        means.append(run.mean_response)
        p99[i] = run.quantile(0.99)
        formula[0, i] = mean_response(rate, 1.0, servers, cv)
        formula[1, i] = response_quantile(0.99, [rate], 1.0, servers, cv)[0]
    return Sweep(
        knob,
        np.array([estimate.value for estimate in means]),
        np.array([estimate.half_width for estimate in means]),
        p99,
        *formula,
    )
