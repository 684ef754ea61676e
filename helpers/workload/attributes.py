"""What each request carries beside its time: bytes, a region, a client."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.workload.keys import AliasTable
from helpers.workload.randomness import Seed, as_generator

LARGEST = 2.0**53  # bytes: whole numbers up to here are exact floats


def draw_sizes(objects: int, median: float, spread: float, rng: Seed) -> NDArray[np.int64]:
    """Draw lognormal sizes in bytes, each at least 1, shape (objects,).

    Parameters
    ----------
    objects
        How many.
    median
        Half of the sizes are smaller; bytes, above 0.
    spread
        Two thirds of the sizes lie within the median divided and multiplied by it; at
        least 1. It is e to the power of the lognormal's sigma.
    rng
        A seed or a generator.

    Examples
    --------
    >>> draw_sizes(3, 10_000, 1, rng=1).tolist()
    [10000, 10000, 10000]
    """
    require.positive("median", median)
    if not (math.isfinite(spread) and spread >= 1):
        raise ValueError(f"spread must be at least 1, got {spread}")
    sizes = median * spread ** as_generator(rng).standard_normal(objects)
    return np.clip(np.rint(sizes), 1, LARGEST).astype(np.int64)


def draw_regions(requests: int, shares: Mapping[str, float], rng: Seed) -> NDArray[np.int16]:
    """Draw a region for each request, as its position in `shares`, shape (requests,).

    Parameters
    ----------
    requests
        How many.
    shares
        Share of each region, at least 0, adding up to 1.
    rng
        A seed or a generator.
    """
    values = np.array(list(shares.values()), dtype=np.float64)
    if not values.size or not np.all(values >= 0) or abs(values.sum() - 1) > 1e-9:
        raise ValueError(f"shares must be at least 0 and add up to 1, got {dict(shares)}")
    return AliasTable.of(values).draw(requests, rng).astype(np.int16)


def draw_clients(requests: int, clients: int, rng: Seed) -> NDArray[np.int64]:
    """Draw one of equally busy clients for each request, shape (requests,)."""
    require.whole("clients", clients)
    return as_generator(rng).integers(int(clients), size=requests)
