"""What can be said of a stampede with a pencil: who refreshes early, and when help comes.

Source: Vattani, Chierichetti and Lowenstein, "Optimal probabilistic cache stampede
prevention", VLDB 2015, for the early refresh.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require

Floats = NDArray[np.float64]

MOST_LOAD = 700
"""Beyond it e^load is more than a float holds, and longer than the universe has lasted."""


def early_chance(gap: ArrayLike, recompute_time: float, beta: float = 1.0) -> Floats:
    """Give the chance that a request this long before the end refreshes, e^(−g / (βδ)).

    Parameters
    ----------
    gap
        Seconds until the copy ends, at least 0.
    recompute_time
        δ, seconds, above 0.
    beta
        How eager, above 0.

    Notes
    -----
    A request refreshes if now − δ β ln U reaches the end, with U uniform (Vattani et al.).

    Examples
    --------
    >>> early_chance([0.1, 0.025], recompute_time=0.1).round(3).tolist()
    [0.368, 0.779]
    """
    require.positive("recompute_time", recompute_time)
    require.positive("beta", beta)
    gaps = np.asarray(gap, dtype=np.float64)
    if not (gaps >= 0).all():
        raise ValueError(f"gap must be at least 0 seconds, got {gap!r}")
    chance: Floats = np.exp(-gaps / (beta * recompute_time))
    return chance


def first_answer(request_rate: float, recompute_time: float, workers: int) -> float:
    """Give the seconds until the first of a stampede has its answer, in a fluid.

    Parameters
    ----------
    request_rate
        λ, requests a second for the object, above 0.
    recompute_time
        δ, seconds of an idle database, above 0.
    workers
        c, queries that it works on at full speed, at least 1.

    Notes
    -----
    The first c to come get full speed, for c/λ seconds. From then on λt share the database,
    and the first gets c/(λt) of its speed, so that its work is done when
    (c/λ) (1 + ln(λt/c)) = δ: after (c/λ) e^(λδ/c − 1) seconds, which grows exponentially in
    the load. With λδ ≤ c it is δ.

    Examples
    --------
    >>> first_answer(100, 0.1, workers=20)
    0.1
    >>> round(first_answer(1000, 0.1, workers=20), 3)
    1.092
    """
    require.positive("request_rate", request_rate)
    require.positive("recompute_time", recompute_time)
    workers = require.whole("workers", workers)
    load = request_rate * recompute_time / workers
    if load <= 1:
        return recompute_time
    if load > MOST_LOAD:
        require.refuse(
            "request_rate", f"at most {MOST_LOAD} times what workers can do", request_rate
        )
    return workers / request_rate * math.exp(load - 1)
