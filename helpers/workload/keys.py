"""Which object is asked for: a few are loved, most are hardly known.

Zipf's law gives the k-th most popular object a share in proportion to 1 / k^s. Drawing
from it by search costs ten times what a simulated cache does with the draw; Walker's
alias table needs two random numbers and two look-ups, whatever the catalogue's size.
Picture n jars of equal height: each holds what is left of its own key, topped up with
one other key. Pick a jar, then a height in it.

Sources: Walker, "An efficient method for generating discrete random variables with
general distributions" (1977); Vose, "A linear algorithm for generating random numbers
with a given distribution" (1991); Breslau et al., "Web caching and Zipf-like
distributions" (1999), who saw s between 0.64 and 0.83 at web proxies.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.workload.randomness import Seed, as_generator

FULL = 1 << 40  # the height of a jar: a power of two, so that every share is an exact float
MOST_KEYS = 1 << 22  # n jars of height 2^40 still add up within 64 bits
CHUNK = 1 << 15  # drawn at a time, so that the intermediate arrays stay in the cache


def zipf(catalogue: int, exponent: float) -> NDArray[np.float64]:
    """Give the share of each key under Zipf's law, the most popular first.

    Parameters
    ----------
    catalogue
        Number of keys, 1 to 4,194,304.
    exponent
        How uneven, at least 0. 0 makes all keys equal.

    Returns
    -------
    Shares that add up to 1, shape (catalogue,).

    Examples
    --------
    >>> zipf(3, 1.0).round(3).tolist()
    [0.545, 0.273, 0.182]
    """
    require.whole("catalogue", catalogue)
    require.between("catalogue", catalogue, 1, MOST_KEYS)
    require.not_negative("exponent", exponent)
    weights = np.arange(1, int(catalogue) + 1, dtype=np.float64) ** -exponent
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


@kernel
def fill_jars(
    shares: NDArray[np.int64], full: int, kept: NDArray[np.int64], other: NDArray[np.int64]
) -> None:
    """Top up each jar that its own key leaves short, from a key that has too much.

    `shares` add up to exactly n full jars, so no key is ever left over.
    """
    waiting = np.empty(shares.size, np.int64)  # poor keys from the left, rich from the right
    poor, rich = 0, shares.size
    for key in range(shares.size):
        if shares[key] < full:
            waiting[poor] = key
            poor += 1
        else:
            rich -= 1
            waiting[rich] = key
    while poor > 0:
        poor -= 1
        short, donor = waiting[poor], waiting[rich]
        kept[short] = shares[short]
        other[short] = donor
        shares[donor] -= full - shares[short]
        if shares[donor] < full:
            rich += 1
            waiting[poor] = donor
            poor += 1


@dataclass(frozen=True)
class AliasTable:
    """Any discrete distribution, drawn from in constant time.

    Attributes
    ----------
    kept
        The share of a jar that its own key fills, shape (n,), each a multiple of 2^-40.
    other
        The key that fills the rest, shape (n,).
    """

    kept: NDArray[np.float64]
    other: NDArray[np.int64]

    @classmethod
    def of(cls, probabilities: ArrayLike) -> "AliasTable":
        """Build the table.

        The shares are first rounded to whole parts of 2^-40 / n that add up to 1; from
        there on the arithmetic is in integers, and exact.

        Parameters
        ----------
        probabilities
            At least 0, adding up to 1 (within a billionth), shape (n,).

        Examples
        --------
        >>> AliasTable.of([0.5, 0.25, 0.25]).probabilities.tolist()
        [0.5, 0.25, 0.25]
        """
        given = np.asarray(probabilities, dtype=np.float64)
        if given.ndim != 1 or not 1 <= given.size <= MOST_KEYS:
            raise ValueError(
                f"probabilities must have shape (n,), n from 1 to {MOST_KEYS}, got {given.shape}"
            )
        if not np.all(given >= 0) or abs(given.sum() - 1.0) > 1e-9:
            raise ValueError(
                f"probabilities must be at least 0 and add up to 1, got a sum of {given.sum():.6g}"
            )
        shares = np.rint(given * (given.size * FULL)).astype(np.int64)
        shares[np.argmax(shares)] += given.size * FULL - shares.sum()
        kept = np.full(given.size, FULL, dtype=np.int64)
        other = np.arange(given.size, dtype=np.int64)
        fill_jars(shares, FULL, kept, other)
        return cls(kept / FULL, other)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The distribution that the table draws from, read back from its jars."""
        lent = np.bincount(self.other, weights=1.0 - self.kept, minlength=self.kept.size)
        shares: NDArray[np.float64] = (self.kept + lent) / self.kept.size
        return shares

    def draw(self, requests: int, rng: Seed) -> NDArray[np.int64]:
        """Draw keys, shape (requests,).

        Examples
        --------
        >>> AliasTable.of([0.9, 0.1]).draw(10, rng=4).tolist()
        [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
        """
        generator = as_generator(rng)
        keys = np.empty(require.whole("requests", requests, at_least=0), dtype=np.int64)
        for start in range(0, keys.size, CHUNK):
            part = keys[start : start + CHUNK]
            jar = generator.integers(self.kept.size, size=part.size)
            stays = generator.random(part.size) < self.kept[jar]
            part[:] = np.where(stays, jar, self.other[jar])
        return keys
