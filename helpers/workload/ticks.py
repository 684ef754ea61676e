"""A clock that ticks at random, and a line that says when its ticks become requests.

A Poisson process of rate one ticks in its own time. Let the number of requests expected
by time t be drawn as a rising line: read every tick on the vertical axis back to the
horizontal one, and the ticks become arrivals at whatever rate the line's slope says. The
same seed keeps the same ticks, so moving a parameter moves the arrivals and not the luck.

Source: Çinlar, *Introduction to Stochastic Processes* (1975), on changing the clock of a
Poisson process.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_REQUESTS = 10**8  # 0.8 GB of arrival times
MOST_EDGES = 10**7


def unit_arrivals(until: float, rng: np.random.Generator) -> Floats:
    """Draw a Poisson process of rate one up to a time: the ticks behind every process."""
    if until > MOST_REQUESTS:
        raise ValueError(
            f"arrival_rate * duration must be at most {MOST_REQUESTS:,}, got {until:,.0f}"
        )
    gaps = rng.standard_exponential(int(until + 6 * math.sqrt(until)) + 16)
    times = np.cumsum(gaps)
    while times[-1] < until:
        gaps = np.concatenate([gaps, rng.standard_exponential(gaps.size // 8 + 16)])
        times = np.cumsum(gaps)
    return times[: np.searchsorted(times, until)]


def risen(rates: Floats, edges: Floats) -> Floats:
    """Give the requests expected by each edge, for rates that hold between edges."""
    return np.concatenate([[0.0], np.cumsum(rates * np.diff(edges))])


def arrivals_along(edges: Floats, expected: Floats, rng: np.random.Generator) -> Floats:
    """Draw arrivals whose expected number rises from edge to edge in straight lines."""
    expected = np.maximum.accumulate(expected)
    times = np.interp(unit_arrivals(float(expected[-1]), rng), expected, edges)
    # Rounding may step over an edge by one bit.
    return np.maximum.accumulate(np.minimum(times, edges[-1]))
