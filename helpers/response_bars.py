"""Response times of a whole run, sorted into the bars that the explorers draw."""

import numpy as np
from numpy.typing import NDArray

from helpers.statistics import LogHistogram

SHORTEST, LONGEST = 2.0**-8, 2.0**7
"""Seconds. What is shorter or longer is counted in the outermost bucket."""
BUCKETS_PER_BAR = 16


def in_bars(histogram: LogHistogram, requests: int) -> NDArray[np.float64]:
    """Add up fine buckets to bars, as shares of all requests; the last bucket joins the last bar.

    Parameters
    ----------
    histogram
        From `SHORTEST` to `LONGEST`.
    requests
        How many are the whole, at least 1.

    Examples
    --------
    >>> times = np.array([0.1, 0.1, 0.1, 1000.0])
    >>> bars = in_bars(LogHistogram.of(times, low=SHORTEST, high=LONGEST), requests=4)
    >>> float(bars.max()), float(bars[-1])
    (0.75, 0.25)
    """
    counts = histogram.counts.astype(np.float64)
    whole = counts.size // BUCKETS_PER_BAR * BUCKETS_PER_BAR
    bars: NDArray[np.float64] = counts[:whole].reshape(-1, BUCKETS_PER_BAR).sum(axis=1)
    bars[-1] += counts[whole:].sum()
    return bars / requests


def edges_of_bars(histogram: LogHistogram) -> NDArray[np.float64]:
    """Give where the bars begin and end, in seconds, shape (bars + 1,)."""
    bars = histogram.counts.size // BUCKETS_PER_BAR
    return histogram.edges[: BUCKETS_PER_BAR * bars + 1 : BUCKETS_PER_BAR]
