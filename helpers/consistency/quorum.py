"""Quorums: how many copies must answer before a client goes on.

A notice hangs on N boards. Whoever changes it waits until W boards are changed; whoever reads it
looks at R boards. With R + W > N the two always share a board, and the reader sees the change.
With fewer they may miss each other, and how often that happens is a matter of counting.

Sources: Gifford, *Weighted voting for replicated data* (1979), for the overlap; Bailis et al.,
*Probabilistically bounded staleness for practical partial quorums* (VLDB 2012), sections 3.1 and
3.2, for the chances.
"""

import math
from itertools import combinations

import numpy as np

from helpers import require
from helpers.statistics import Estimate, batch_means


def is_strict(n: int, r: int, w: int) -> bool:
    """Tell whether every read quorum shares a replica with every write quorum.

    Examples
    --------
    >>> is_strict(3, 2, 2), is_strict(3, 1, 1)
    (True, False)
    """
    n, r, w = checked(n, r, w)
    return r + w > n


def stale_probability(n: int, r: int, w: int) -> float:
    """Give the chance that a read misses the write: C(N − W, R) / C(N, R).

    Both quorums are drawn evenly, and the write reaches no replica but its own W: no time passes
    in which it could spread. `stale_after` lets time pass.

    Parameters
    ----------
    n
        Replicas, at least 1.
    r, w
        How many a read and a write wait for, from 1 to n.

    Returns
    -------
    From 0, for a strict quorum, to 1 − 1/n.

    Raises
    ------
    ValueError
        When a quorum is larger than the number of replicas.

    Examples
    --------
    >>> print(f"{stale_probability(3, 1, 1):.4f}", stale_probability(3, 2, 2))
    0.6667 0.0
    """
    n, r, w = checked(n, r, w)
    return math.comb(n - w, r) / math.comb(n, r)


def stale_within(n: int, r: int, w: int, versions: int) -> float:
    """Give the chance that a read misses each of the last few writes: that of one, to the power.

    Examples
    --------
    >>> print(f"{stale_within(3, 1, 1, versions=2):.4f}")
    0.4444
    """
    versions = require.whole("versions", versions)
    return stale_probability(n, r, w) ** versions


def stale_after(n: int, r: int, w: int, write_rate: float, time: float) -> float:
    """Give the chance that a read is stale some time after the commit, by formula.

    The write reaches each replica after an exponential time; every other message takes no time.
    A read is stale when none of its R replicas were among the first W, C(N − W, R) / C(N, R), and
    none of these R was reached since. Exponential times have no memory, so each is still waiting
    with chance exp(−rate × time):

        stale(t) = C(N − W, R) / C(N, R) × exp(−R × rate × t).

    Parameters
    ----------
    n, r, w
        As in `stale_probability`.
    write_rate
        One over the mean time of a write to a replica, per second, above 0.
    time
        From the commit to the start of the read, in seconds, at least 0.

    Examples
    --------
    >>> print(f"{stale_after(3, 1, 1, write_rate=100, time=0.010):.4f}")
    0.2453
    """
    require.positive("write_rate", write_rate)
    require.not_negative("time", time)
    return stale_probability(n, r, w) * math.exp(-r * write_rate * time)


def count_stale(n: int, r: int, w: int) -> tuple[int, int]:
    """Go through all pairs of a write quorum and a read quorum: how many share no replica.

    Returns
    -------
    Pairs that share none, and all pairs.

    Raises
    ------
    ValueError
        When there are more than ten replicas: too many pairs to go through.

    Examples
    --------
    >>> count_stale(3, 1, 1)
    (6, 9)
    """
    n, r, w = checked(n, r, w)
    require.between("n", n, 1, 10)
    writes = [set(quorum) for quorum in combinations(range(n), w)]
    reads = [set(quorum) for quorum in combinations(range(n), r)]
    missed = sum(write.isdisjoint(read) for write in writes for read in reads)
    return missed, len(writes) * len(reads)


def sample_stale(
    n: int, r: int, w: int, trials: int = 100_000, rng: int | np.random.Generator = 0
) -> Estimate:
    """Draw a write quorum and a read quorum many times: the share of reads that miss the write.

    Parameters
    ----------
    trials
        At least 20.

    Examples
    --------
    >>> print(sample_stale(3, 1, 1))
    0.6659 ± 0.0027
    """
    n, r, w = checked(n, r, w)
    trials = require.whole("trials", trials, at_least=20)
    source = require.generator(rng)
    written = source.random((trials, n)).argsort(axis=1) < w  # the places of n cards, shuffled
    read = source.random((trials, n)).argsort(axis=1) < r
    return batch_means(~(written & read).any(axis=1))


def availability(n: int, needed: int, up: float) -> float:
    """Give the chance that at least so many replicas answer, each up independently.

    Parameters
    ----------
    n
        Replicas, at least 1.
    needed
        R or W, from 1 to n.
    up
        Chance that one replica can be reached, from 0 to 1. A shared cause, such as a cut cable,
        breaks the formula.

    Examples
    --------
    >>> print(f"{availability(3, 2, up=0.99):.6f}")
    0.999702
    """
    n = require.whole("n", n)
    needed = at_most("needed", needed, n)
    require.between("up", up, 0, 1)
    return math.fsum(math.comb(n, k) * up**k * (1 - up) ** (n - k) for k in range(needed, n + 1))


def checked(n: int, r: int, w: int) -> tuple[int, int, int]:
    """Give the three numbers, or say which of them cannot be."""
    n = require.whole("n", n)
    return n, at_most("r", r, n), at_most("w", w, n)


def at_most(name: str, value: int, n: int) -> int:
    """Give a quorum that so many replicas can make up."""
    value = require.whole(name, value)
    if value > n:
        raise ValueError(f"{name} must be at most n = {n}, got {value}")
    return value
