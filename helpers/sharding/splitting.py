"""Splitting a hot key: write to one of k copies of its name, read them all.

One queue becomes k queues with the same sign over them. Whoever brings something joins any;
whoever wants to know the total has to ask at all of them. So salting mends writes and is
paid for by reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.sharding.hashing import Keys, Text, as_bytes, hash64, is_several, is_texts
from helpers.sharding.measures import balance
from helpers.sharding.placement import Placement, many
from helpers.workload import Seed, as_generator

Floats = NDArray[np.float64]


def salt_names(key: str, salts: int) -> list[str]:
    """Give the names under which a hot key's parts are kept, all of which a read has to ask.

    Examples
    --------
    >>> salt_names("star", 3)
    ['star#0', 'star#1', 'star#2']
    """
    return [f"{key}#{salt}" for salt in range(require.whole("salts", salts))]


def salted(keys: Keys, hot: Iterable[Any], salts: int, rng: Seed = 0) -> Any:
    """Give the keys that writes go to when hot ones are spread over several names.

    Parameters
    ----------
    keys
        Texts, or whole numbers of 64 bits; one for each write.
    hot
        The keys to spread. All others stay as they are.
    salts
        Names for each hot key, at least 1; 1 leaves all as it is.
    rng
        A seed or a generator.

    Returns
    -------
    For texts a list of texts, `key#salt` for the hot ones; for numbers an array in which the
    hot ones are numbers of 64 bits that stand for key and salt.

    Examples
    --------
    >>> salted(["star", "ann", "star"], hot=["star"], salts=4, rng=1)
    ['star#2', 'ann', 'star#2']
    """
    salts = require.whole("salts", salts)
    given: Any = many(keys)
    if not is_several(hot):  # a text is no list of its letters
        require.refuse("hot", "a list of keys", hot)
    chance = as_generator(rng, "salts")
    if is_texts(given):
        wanted = set(hot)
        drawn = chance.integers(salts, size=len(given)).tolist()
        pairs = zip(given, drawn, strict=True)
        is_one = salts == 1
        return [key if is_one or key not in wanted else with_salt(key, salt) for key, salt in pairs]
    numbers = np.array(given)
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        require.refuse("keys", "whole numbers or texts, one-dimensional", numbers.dtype.name)
    if salts == 1:
        return numbers
    is_hot = np.isin(numbers, np.array(list(hot), dtype=numbers.dtype))
    drawn = chance.integers(salts, size=numbers.size)
    names = numbers.astype(np.int64)
    for salt in range(salts):
        mine = is_hot & (drawn == salt)
        names[mine] = parts_of(names[mine], salt)
    return names


def with_salt(key: Any, salt: int) -> str | bytes:
    """Give a text's name with a salt; bytes stay bytes.

    Examples
    --------
    >>> with_salt("star", 3), with_salt(b"star", 3)
    ('star#3', b'star#3')
    """
    return f"{key}#{salt}" if isinstance(key, str) else as_bytes("keys", key) + b"#%d" % salt


def parts_of(keys: NDArray[np.int64], salt: int) -> NDArray[np.int64]:
    """Give numbers that stand for keys with a salt."""
    return hash64(keys, seed=1000 + salt).view(np.int64)


@dataclass(frozen=True, eq=False)
class SaltingSweep:
    """What more and more names for a hot key do to writes, and to reads of it.

    Attributes
    ----------
    salts
        Names for the key, shape (points,).
    max_over_mean
        Load of the fullest server by writes over the mean, shape (points,).
    servers_asked
        Different servers that hold a part, all of which a read has to ask, shape (points,).
    """

    salts: NDArray[np.int64]
    max_over_mean: Floats
    servers_asked: NDArray[np.int64]

    def slow_reads(self, slow: float) -> Floats:
        """Give the share of reads that meet a slow server, when each is slow with a chance.

        Parameters
        ----------
        slow
            Chance that one server is slow, from 0 to 1.
        """
        require.between("slow", slow, 0, 1)
        shares: Floats = 1 - (1 - slow) ** self.servers_asked.astype(np.float64)
        return shares


def sweep_salts(
    placement: Placement,
    keys: Keys,
    hot: Any,
    salts: ArrayLike = (1, 2, 4, 8, 16, 32),
    rng: Seed = 0,
) -> SaltingSweep:
    """Spread one hot key over more and more names.

    Parameters
    ----------
    placement
        The plan.
    keys
        Texts or whole numbers, one for each write.
    hot
        The hot key.
    salts
        Whole numbers of at least 1, shape (points,).
    rng
        A seed or a generator.

    Examples
    --------
    >>> from helpers.sharding.ring import HashRing
    >>> from helpers.sharding.hot_keys import with_celebrity
    >>> writes = with_celebrity(np.arange(100_000), share=0.3, celebrity=7)
    >>> swept = sweep_salts(HashRing(10), writes, hot=7, salts=[1, 32])
    >>> bool(swept.max_over_mean[0] > 3 and swept.max_over_mean[1] < 2)
    True
    """
    points = np.atleast_1d(np.asarray(salts))
    if points.dtype.kind not in "iu" or points.size == 0 or points.min() < 1:
        require.refuse("salts", "whole numbers of at least 1", points.tolist())
    fullest, asked = np.empty(points.size), np.empty(points.size, dtype=np.int64)
    seed = require.seed(as_generator(rng, "salts")) if not isinstance(rng, int) else rng
    for point, count in enumerate(points.tolist()):
        writes = salted(keys, [hot], count, seed)
        fullest[point] = balance(placement, writes).max_over_mean
        asked[point] = np.unique(placement.server_of(names_of(hot, count))).size
    return SaltingSweep(points.astype(np.int64), fullest, asked)


def names_of(hot: Any, salts: int) -> Sequence[Text] | NDArray[np.int64]:
    """Give all keys under which a hot one's parts are kept."""
    if isinstance(hot, Text):
        return [with_salt(hot, salt) for salt in range(salts)] if salts > 1 else [hot]
    key = np.array([hot], dtype=np.int64)
    return np.concatenate([parts_of(key, salt) for salt in range(salts)]) if salts > 1 else key
