"""What is asked for, in what order: patterns of requests that tell the policies apart.

Fame alone makes a cache worth its room. What spoils it is everything that passes through
once: a crawler, a backup, a link that nobody follows twice; and fame that moves on.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.workload import AliasTable, Seed, as_generator, zipf

Keys = NDArray[np.int64]


def zipf_requests(
    requests: int, catalogue: int = 10_000, exponent: float = 0.8, rng: Seed = 0
) -> Keys:
    """Ask for keys by fame that stays: key 0 is the most popular.

    Parameters
    ----------
    requests
        How many, at least 1.
    catalogue
        Number of keys, at least 1.
    exponent
        Of Zipf's law, at least 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> zipf_requests(5, catalogue=100, rng=1).tolist()
    [9, 3, 4, 13, 4]
    """
    requests = require.whole("requests", requests)
    return AliasTable.of(zipf(catalogue, exponent)).draw(requests, as_generator(rng, "keys"))


def with_one_hit_wonders(keys: Keys, share: float, rng: Seed = 0) -> Keys:
    """Replace a share of the requests by keys that nobody asks for again.

    Parameters
    ----------
    keys
        Shape (requests,).
    share
        From 0 to 1.

    Examples
    --------
    >>> with_one_hit_wonders(np.zeros(4, dtype=np.int64), share=1).tolist()
    [1, 2, 3, 4]
    """
    require.between("share", share, 0, 1)
    is_wonder = as_generator(rng, "wonders").random(keys.size) < share
    return with_fresh_keys(keys, is_wonder)


def with_fresh_keys(keys: Keys, is_fresh: NDArray[np.bool_]) -> Keys:
    """Give the marked requests keys of their own, beyond all that there are."""
    fresh = keys.max() + np.cumsum(is_fresh)
    return np.where(is_fresh, fresh, keys)


def with_scans(keys: Keys, length: int, every: int) -> Keys:
    """Let somebody read `length` keys in a row, each once, after every `every` requests.

    Parameters
    ----------
    keys
        Shape (requests,).
    length
        Keys that a scan reads, from 1 to `every`; a backup or a crawler never reads one twice.
    every
        Requests from the start of a scan to that of the next, at least 1.
    """
    every = require.whole("every", every)
    require.between("length", length, 1, every)
    return with_fresh_keys(keys, np.arange(keys.size) % every >= every - length)


def loop_requests(requests: int, length: int) -> Keys:
    """Ask for the same keys round and round, like a nightly report or a slide show.

    Examples
    --------
    >>> loop_requests(5, length=3).tolist()
    [0, 1, 2, 0, 1]
    """
    return np.arange(require.whole("requests", requests)) % require.whole("length", length)


def shifting_requests(
    requests: int,
    catalogue: int = 10_000,
    exponent: float = 0.8,
    every: int = 10_000,
    step: int = 100,
    rng: Seed = 0,
) -> Keys:
    """Ask by fame that moves on: all ranks pass to keys that are `step` further, now and then.

    Parameters
    ----------
    requests, catalogue, exponent, rng
        As in `zipf_requests`.
    every
        Requests from one change to the next, at least 1.
    step
        How many new keys enter at the top with each change, at least 0: news of today.
    """
    ranks = zipf_requests(requests, catalogue, exponent, rng)
    every, step = require.whole("every", every), require.whole("step", step, at_least=0)
    changes = np.arange(requests) // every
    return ranks + step * (changes[-1] - changes)


PATTERNS: dict[str, Callable[[int, Seed], Keys]] = {
    "fame that stays": lambda requests, rng: zipf_requests(requests, rng=rng),
    "scans in between": lambda requests, rng: with_scans(
        zipf_requests(requests, rng=rng), length=2_000, every=5_000
    ),
    "half asked for once": lambda requests, rng: with_one_hit_wonders(
        zipf_requests(requests, rng=rng), 0.5, rng
    ),
    "fame that moves on": lambda requests, rng: shifting_requests(requests, rng=rng),
    "a loop": lambda requests, rng: loop_requests(requests, length=1_200),
}
"""A name to a pattern, called with the number of requests and a seed: made for a cache of
1,000 keys."""
