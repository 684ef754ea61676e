"""Maglev's look-up table: servers take turns to claim the seats they like best.

Each server has a list of all seats in its own order. In turn each takes the first seat on
its list that is still free, until all are taken: nobody has more than one seat more than
another, and when a server leaves, most of the others get the seats that they had.

Source: D. Eisenbud et al., "Maglev: a fast and reliable software network load balancer"
(NSDI 2016), section 3.4.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.sharding.hashing import bucket_count


def maglev_table(offsets: ArrayLike, skips: ArrayLike, size: int) -> NDArray[np.int64]:
    """Give the server of each seat.

    Parameters
    ----------
    offsets
        The seat at which each server's list begins, from 0 to size − 1, shape (servers,).
    skips
        How far each server goes from one seat to the next, from 1 to size − 1 (1 where there
        is one seat only), and without a common divisor with size, shape (servers,).
    size
        Number of seats, at least 1. If it is prime, every skip will do.

    Returns
    -------
    The servers, numbered from 0, shape (size,). With fewer seats than servers the last
    servers get none.

    Notes
    -----
    Server i's list is (offset + j × skip) mod size for j = 0, 1, …, size − 1.

    Examples
    --------
    >>> maglev_table([3, 0, 3], [4, 2, 1], 7).tolist()  # the paper's table 1
    [1, 0, 1, 0, 2, 2, 0]
    """
    size = bucket_count("size", size)
    begins, steps = numbers("offsets", offsets), numbers("skips", skips)
    if begins.size != steps.size:
        raise ValueError(f"skips must be {begins.size}, one for each offset, got {steps.size}")
    check_range("offsets", begins, 0, size - 1)
    check_range("skips", steps, 1, max(1, size - 1))
    for skip in steps.tolist():
        if math.gcd(skip, size) != 1:
            raise ValueError(f"skips must have no divisor in common with size={size}, got {skip}")
    seats = np.full(size, -1, dtype=np.int64)
    take_seats(begins.copy(), steps, seats)
    return seats


@kernel
def take_seats(
    places: NDArray[np.int64], skips: NDArray[np.int64], seats: NDArray[np.int64]
) -> None:
    """Let servers take free seats in turn; -1 is a free one."""
    size, taken = seats.size, 0
    while taken < size:
        for server in range(places.size):
            if taken == size:
                break
            place = places[server]
            while seats[place] >= 0:
                place += skips[server]
                if place >= size:
                    place -= size
            seats[place] = server
            places[server] = place
            taken += 1


def numbers(name: str, values: Any) -> NDArray[np.int64]:
    """Give at least one whole number in an array."""
    array = np.asarray(values)
    is_list = array.ndim == 1 and array.size and not isinstance(values, np.ndarray)
    has_bool = is_list and any(isinstance(value, bool) for value in values)  # numpy makes it 1
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu" or has_bool:
        require.refuse(name, "one or more whole numbers", array.tolist())
    return array.astype(np.int64)


def check_range(name: str, values: NDArray[np.int64], low: int, high: int) -> None:
    """Refuse the first value that is too low or too high."""
    wrong = values[(values < low) | (values > high)]
    if wrong.size:
        raise ValueError(f"{name} must lie between {low} and {high}, got {wrong[0]}")
