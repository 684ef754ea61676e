"""Requests that come in bursts: a link is shared, a cron job starts, a train leaves a tunnel.

The rate jumps between two levels at random moments. Counted over longer and longer
windows, such a stream does not smooth out the way a Poisson stream does; the index of
dispersion says by how much.

Sources: Fischer and Meier-Hellstern, "The Markov-modulated Poisson process cookbook"
(1993); Heffes and Lucantoni (1986), who modeled packets of voice and data so.
"""

import math

import numpy as np

from helpers import require
from helpers.workload.randomness import Seed, as_generator
from helpers.workload.record import Workload
from helpers.workload.ticks import MOST_EDGES, Floats, arrivals_along, risen


def bursty(
    arrival_rate: float,
    *,
    duration: float,
    burst_ratio: float = 10.0,
    burst_length: float = 1.0,
    calm_length: float = 9.0,
    rng: Seed = 0,
) -> Workload:
    r"""Make requests that come in bursts: a Poisson process whose rate jumps up and down.

    The process is a Markov-modulated Poisson process of two states. Bursts and calms last
    exponential times with means :math:`b` and :math:`c`; requests come at rate
    :math:`\lambda_1` in a burst and :math:`\lambda_2` in a calm. With
    :math:`\sigma = 1/b + 1/c`, :math:`p = b/(b+c)` and mean rate :math:`\lambda`, the index
    of dispersion for counts in a window :math:`t` is

    .. math:: I(t) = 1 + \frac{2 p (1-p) (\lambda_1-\lambda_2)^2}{\lambda\sigma}
              \left(1 - \frac{1-e^{-\sigma t}}{\sigma t}\right)

    which `bursty_dispersion` computes (Fischer and Meier-Hellstern, 1993).

    Parameters
    ----------
    arrival_rate
        Mean requests a second over bursts and calms, above 0.
    duration
        Seconds, above 0.
    burst_ratio
        Rate in a burst over rate in a calm, at least 1; `math.inf` makes calms silent.
    burst_length, calm_length
        Mean seconds, above 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> bursty(100, duration=60, rng=1)
    Workload 'bursty': 7,487 requests in 60 s
      arrivals  124.8/s, 507 in the busiest second, gaps' squared variation 2.965
    """
    in_burst, in_calm = burst_rates(arrival_rate, burst_ratio, burst_length, calm_length)
    require.positive("duration", duration)
    if 2 * duration / (burst_length + calm_length) > MOST_EDGES:
        raise ValueError(
            f"duration must span at most {MOST_EDGES:,} bursts and calms, got {duration}"
        )
    states, ticks = as_generator(rng).spawn(2)
    starts_in_burst = states.random() < burst_length / (burst_length + calm_length)
    first, second = (in_burst, in_calm) if starts_in_burst else (in_calm, in_burst)
    lengths = (burst_length, calm_length) if starts_in_burst else (calm_length, burst_length)
    edges = alternating_edges(*lengths, duration, states)
    rates = np.where(np.arange(edges.size - 1) % 2 == 0, first, second)
    return Workload(arrivals_along(edges, risen(rates, edges), ticks), duration, name="bursty")


def burst_rates(
    arrival_rate: float, burst_ratio: float, burst_length: float, calm_length: float
) -> tuple[float, float]:
    """Give the rates in a burst and in a calm that lead to the mean rate.

    Examples
    --------
    >>> burst_rates(19.0, 10.0, 1.0, 9.0)
    (100.0, 10.0)
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("burst_length", burst_length)
    require.positive("calm_length", calm_length)
    if not burst_ratio >= 1:
        raise ValueError(f"burst_ratio must be at least 1, got {burst_ratio}")
    whole = burst_length + calm_length
    in_burst = arrival_rate * whole / (burst_length + calm_length / burst_ratio)
    return in_burst, in_burst / burst_ratio


def bursty_dispersion(
    arrival_rate: float,
    *,
    burst_ratio: float = 10.0,
    burst_length: float = 1.0,
    calm_length: float = 9.0,
    window: float = math.inf,
) -> float:
    """Compute the index of dispersion of `bursty` arrivals: variance of counts over their mean.

    Parameters
    ----------
    arrival_rate, burst_ratio, burst_length, calm_length
        As in `bursty`, where the formula stands.
    window
        Seconds over which requests are counted, above 0; without it, the limit.

    Examples
    --------
    >>> round(bursty_dispersion(100), 2)
    364.49
    >>> bursty_dispersion(100, burst_ratio=1)
    1.0
    """
    in_burst, in_calm = burst_rates(arrival_rate, burst_ratio, burst_length, calm_length)
    if not window > 0:
        raise ValueError(f"window must be above 0, got {window}")
    share = burst_length / (burst_length + calm_length)
    forgetting = 1 / burst_length + 1 / calm_length
    limit = 2 * share * (1 - share) * (in_burst - in_calm) ** 2 / (arrival_rate * forgetting)
    still_alike = -math.expm1(-forgetting * window) / (forgetting * window)
    return 1 + limit * (1 - still_alike)


def alternating_edges(
    first_mean: float, second_mean: float, duration: float, rng: np.random.Generator
) -> Floats:
    """Draw where two kinds of exponential stretches, taken in turns, begin and end."""
    cycles = int(1.2 * duration / (first_mean + second_mean)) + 16
    means = np.array([first_mean, second_mean])
    edges = np.zeros(1)
    while edges[-1] < duration:
        lengths = (rng.standard_exponential((cycles, 2)) * means).ravel()
        edges = np.concatenate([edges, edges[-1] + np.cumsum(lengths)])
    return np.append(edges[: np.searchsorted(edges, duration)], duration)
