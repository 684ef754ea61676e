"""Keys that are not alike: fame by Zipf's law, a celebrity, and keys that only ever rise.

A good plan gives each server as many keys as any other. It cannot make the keys alike: if a
tenth of all guests ask for one dish, the cook who makes it is busy whatever the menu's
order. And if all write on the last page of the book, the volume that holds it wears out.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.sharding.hashing import Keys, is_texts, whole_number
from helpers.sharding.placement import Placement, many
from helpers.sharding.ranges import whole_numbers
from helpers.workload import AliasTable, Seed, as_generator, zipf

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


def zipf_keys(
    requests: int, catalogue: int = 100_000, exponent: float = 0.9, rng: Seed = 0
) -> Numbers:
    """Ask for keys by fame: key 0 is the most popular.

    Parameters
    ----------
    requests
        How many, at least 1.
    catalogue
        Number of keys, at least 1.
    exponent
        Of Zipf's law, at least 0; 0 makes all keys alike.
    rng
        A seed or a generator.

    Examples
    --------
    >>> zipf_keys(5, catalogue=100, rng=1).tolist()
    [8, 2, 4, 14, 4]
    """
    requests = require.whole("requests", requests)
    return AliasTable.of(zipf(catalogue, exponent)).draw(requests, as_generator(rng, "keys"))


def with_celebrity(keys: ArrayLike, share: float, celebrity: int = 0, rng: Seed = 0) -> Numbers:
    """Let a share of the requests ask for one key instead.

    Parameters
    ----------
    keys
        Whole numbers, shape (requests,).
    share
        From 0 to 1.
    celebrity
        The key.
    rng
        A seed or a generator. With the same seed a larger share asks for it wherever a smaller
        one does.

    Examples
    --------
    >>> with_celebrity([5, 6, 7, 8], share=0.5, celebrity=-1, rng=4).tolist()
    [-1, 6, 7, -1]
    """
    given = whole_numbers(keys)
    require.between("share", share, 0, 1)
    is_fan = as_generator(rng, "celebrity").random(given.size) < share
    given[is_fan] = whole_number("celebrity", celebrity)
    return given


def rising_keys(requests: int, first: int = 0) -> Numbers:
    """Give keys that rise by one, as a counter or a clock makes them; shape (requests,).

    Examples
    --------
    >>> rising_keys(3, first=7).tolist()
    [7, 8, 9]
    """
    return np.arange(require.whole("requests", requests), dtype=np.int64) + whole_number(
        "first", first
    )


def celebrity_load(servers: int, share: float) -> float:
    """Give the load of a celebrity's server over the mean, with all other keys spread evenly.

    Parameters
    ----------
    servers
        N, at least 1.
    share
        s of all requests go to one key, from 0 to 1.

    Notes
    -----
    The server gets s and its part of the rest, s + (1 − s)/N; the mean is 1/N. So
    N·s + 1 − s: with more servers it only gets worse compared with the others.

    Examples
    --------
    >>> [round(celebrity_load(servers, 0.1), 2) for servers in (4, 16, 64)]
    [1.3, 2.5, 7.3]
    """
    servers = require.whole("servers", servers)
    return servers * require.between("share", share, 0, 1) + 1 - share


@dataclass(frozen=True)
class HotKey:
    """A key that is asked for often.

    Attributes
    ----------
    key
        A whole number or a text.
    requests
        How many asked for it.
    share
        Of all requests.
    """

    key: Any
    requests: int
    share: float


def hottest(keys: Keys, top: int = 5) -> list[HotKey]:
    """Name the keys asked for most, the first that came first among equals.

    Examples
    --------
    >>> hottest(["ann", "bob", "ann", "eve"], top=1)
    [HotKey(key='ann', requests=2, share=0.5)]
    """
    top = require.whole("top", top)
    given: Any = many(keys)
    listed = list(given) if is_texts(given) else np.asarray(given).tolist()
    counted = Counter(listed).most_common(top)
    return [HotKey(key, count, count / len(listed)) for key, count in counted]


def load_over_time(placement: Placement, keys: Keys, windows: int) -> Floats:
    """Cut requests into windows of like size, and give each server's share in each.

    A plan may look even at the end of the day and still have one server do all the work at
    any moment: that is what rising keys do to ranges.

    Parameters
    ----------
    keys
        In order of arrival, at least one for each window.
    windows
        How many, at least 1.

    Returns
    -------
    Shares that add up to 1 in each window, shape (windows, servers).

    Examples
    --------
    >>> from helpers.sharding.ranges import Ranges
    >>> load_over_time(Ranges(2, high=8), rising_keys(8), windows=2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    windows = require.whole("windows", windows)
    chosen = placement.server_of(keys)
    if chosen.size < windows:
        raise ValueError(f"windows must not exceed the {chosen.size} keys, got {windows}")
    when = np.arange(chosen.size) * windows // chosen.size
    counts = np.zeros((windows, len(placement)))
    for column, server in enumerate(placement.servers):
        counts[:, column] = np.bincount(when[chosen == server], minlength=windows)
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares
