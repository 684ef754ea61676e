"""Plans that keep an order, or keep a name: range partitions, and a directory of tenants.

An encyclopedia in volumes: A to C, D to F. Whoever wants a stretch of neighbors opens one
volume; but when everybody writes about this year's events, one volume does all the work. A
directory is the porter's book: it says for each guest which room, and the porter may move
a guest whenever it helps.

Source: F. Chang et al., "Bigtable: a distributed storage system for structured data" (2006).
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.sharding.hashing import Hashes, Keys, hash64, whole_number
from helpers.sharding.placement import Placement, Servers, many, without

KEY_SPACE = 1_000_000


@dataclass(frozen=True, eq=False)
class Ranges(Placement):
    """Sorted keys cut into stretches, one server for each.

    Attributes
    ----------
    splits
        Where the second stretch begins, the third and so on, rising, one fewer than stretches;
        empty to cut `low` to `high` into equal stretches, one a server.
    owners
        Each stretch's server by its number; empty for the servers in turn.
    low, high
        The keys expected: from low to high − 1. Keys outside go to the first and last stretch.

    Examples
    --------
    >>> plan = Ranges(4, high=100)
    >>> plan.server_of([0, 24, 25, 99, 1000]).tolist()
    [0, 0, 1, 3, 3]
    >>> plan.split(90, server=4).server_of([89, 90, 1000]).tolist()
    [3, 4, 4]
    """

    scheme: ClassVar[str] = "range"
    splits: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    low: int = 0
    high: int = KEY_SPACE

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = whole_number("low", self.low), whole_number("high", self.high)
        if not -(2**63) <= low < high <= 2**63:
            raise ValueError(f"high must lie above low={low} and be a 64-bit number, got {high}")
        owners = tuple(self.owners) or self.servers
        count = len(owners)
        equal = tuple(low + (high - low) * i // count for i in range(1, count))
        splits = tuple(whole_number("splits", split) for split in self.splits) or equal
        if any(after <= before for before, after in pairwise(splits)):
            require.refuse("splits", "rising, each once (is the key space too small?)", splits)
        if any(not -(2**63) <= split < 2**63 for split in splits):
            require.refuse("splits", "64-bit numbers", splits)
        if len(splits) != count - 1:
            raise ValueError(
                f"splits must be one fewer than owners, {count - 1}, got {len(splits)}"
            )
        if not set(owners) <= set(self.servers):
            require.refuse("owners", f"of the servers {self.servers}", owners)
        object.__setattr__(self, "splits", splits)
        object.__setattr__(self, "owners", owners)

    @classmethod
    def of(cls, keys: ArrayLike, servers: int) -> Self:
        """Cut so that each server gets as many of these keys as any other.

        Examples
        --------
        >>> Ranges.of([1, 2, 3, 50, 60, 70], servers=2).splits
        (50,)
        """
        sample = np.sort(whole_numbers(keys))
        count = require.whole("servers", servers)
        if not sample.size:
            require.refuse("keys", "at least one", "none")
        splits = [int(sample[sample.size * i // count]) for i in range(1, count)]
        return cls(servers, tuple(splits), low=int(sample[0]), high=int(sample[-1]) + 1)  # type: ignore[arg-type]

    def server_of(self, keys: Keys) -> Servers:
        """Give the server of each key by its stretch."""
        return np.array(self.owners, dtype=np.int64)[self.stretch_of(keys)]

    def stretch_of(self, keys: Keys) -> Servers:
        """Give the stretch that each key lies in, from 0."""
        splits = np.array(self.splits, dtype=np.int64)
        return np.searchsorted(splits, whole_numbers(keys), side="right").astype(np.int64)

    def choose(self, hashes: Hashes) -> Servers:
        """Take numbers for keys; of no use with ranges, which go by the keys themselves."""
        raise NotImplementedError("ranges go by the key itself: call server_of")

    def split(self, at: int, server: int) -> Self:
        """Cut a stretch in two; the keys from `at` on go to a server, new or not.

        Parameters
        ----------
        at
            The first key of the new stretch; no stretch may begin there yet.
        server
            Who gets it.
        """
        place = int(self.stretch_of([at])[0])
        splits = (*self.splits[:place], at, *self.splits[place:])
        owners = (*self.owners[: place + 1], server, *self.owners[place + 1 :])
        servers = self.servers if server in self.servers else (*self.servers, server)
        return replace(self, servers=servers, splits=splits, owners=owners)

    def split_hottest(self, keys: Keys, server: int | None = None) -> Self:
        """Cut the stretch that most of these keys lie in, at their median.

        Examples
        --------
        >>> Ranges(2, high=100).split_hottest([60, 70, 70, 80, 90]).splits
        (50, 70)
        """
        given = whole_numbers(keys)
        if not given.size:
            require.refuse("keys", "at least one", "none")
        stretch = self.stretch_of(given)
        inside = np.sort(given[stretch == np.bincount(stretch).argmax()])
        later = inside[inside > inside[0]]
        if not later.size:
            raise ValueError(f"keys must differ for a stretch to be cut, got only {inside[0]}")
        median = int(max(inside[inside.size // 2], later[0]))
        return self.split(median, max(self.servers) + 1 if server is None else server)

    def add(self, server: int | None = None) -> Self:
        """Cut the widest stretch in the middle and give the second half to the new server."""
        edges = (self.low, *self.splits, self.high)
        gaps = [after - before for before, after in pairwise(edges)]
        widest = gaps.index(max(gaps))
        number = max(self.servers) + 1 if server is None else server
        if number in self.servers:
            raise ValueError(f"server must be new, got {number}")
        return self.split((edges[widest] + edges[widest + 1]) // 2, number)

    def remove(self, server: int) -> Self:
        """Give each stretch of a server to the one before it, or the first to the next."""
        left = without(self.servers, server)
        kept = [place for place, owner in enumerate(self.owners) if owner != server]
        owners = tuple(self.owners[place] for place in kept)
        if not owners:
            raise ValueError(f"server must not have all the keys, got {server}")
        splits = tuple(self.splits[place - 1] for place in kept[1:])
        return replace(self, servers=left, splits=splits, owners=owners)

    @property
    def memory_bytes(self) -> int:
        """A key and a server for each stretch."""
        return 12 * len(self.owners)

    @property
    def lookup_steps(self) -> float:
        """Halvings of a binary search, at most."""
        return float(math.ceil(math.log2(len(self.owners) + 1)))


@dataclass(frozen=True, eq=False)
class Directory(Placement):
    """A book that names the server of every key it knows; others go by another plan.

    Attributes
    ----------
    base
        The plan for keys that are not in the book.
    known, owners
        Hashes of the keys in the book, rising, and the server of each; shape (known,).

    Examples
    --------
    >>> from helpers.sharding.placement import Modulo
    >>> book = Directory.of(["ann", "bob", "eve"], Modulo(2))
    >>> book.server_of(["ann", "bob", "eve"]).tolist()
    [0, 0, 0]
    >>> book.add().move(["eve"], 2).server_of(["ann", "bob", "eve"]).tolist()
    [0, 0, 2]
    """

    scheme: ClassVar[str] = "directory"
    base: Placement
    known: Hashes
    owners: Servers

    @classmethod
    def of(cls, keys: Keys, base: Placement) -> "Directory":
        """Write down where a plan puts these keys, so that they stay there."""
        known, first = np.unique(hash64(many(keys)), return_index=True)
        return cls(base.servers, base, known, base.server_of(keys)[first])

    def server_of(self, keys: Keys) -> Servers:
        """Look each key up in the book; who is not in it goes by the base."""
        hashes, found = hash64(many(keys)), self.base.server_of(keys)
        if self.known.size:
            place = np.minimum(np.searchsorted(self.known, hashes), self.known.size - 1)
            is_known = self.known[place] == hashes
            found[is_known] = self.owners[place[is_known]]
        return found

    def choose(self, hashes: Hashes) -> Servers:
        """Take numbers for keys; of no use here, since the base may go by the keys."""
        raise NotImplementedError("a directory asks its base: call server_of")

    def move(self, keys: Keys, server: int) -> Self:
        """Give the book after some keys have moved to a server, all at will."""
        if server not in self.servers:
            raise ValueError(f"server must be one of {self.servers}, got {server}")
        moved = np.unique(hash64(many(keys)))
        stay = ~np.isin(self.known, moved)
        known = np.concatenate([self.known[stay], moved])
        owners = np.concatenate([self.owners[stay], np.full(moved.size, server)])
        order = np.argsort(known)
        return replace(self, known=known[order], owners=owners[order])

    def add(self, server: int | None = None) -> Self:
        """Give the book with a new server: nobody in it moves, newcomers may go there."""
        base = self.base.add(server)
        return replace(self, servers=base.servers, base=base)

    def remove(self, server: int) -> Self:
        """Give the book without a server; its keys go to the others in turn."""
        left = without(self.servers, server)
        owners = self.owners.copy()
        homeless = np.flatnonzero(owners == server)
        owners[homeless] = np.array(left)[np.arange(homeless.size) % len(left)]
        return replace(self, servers=left, base=self.base.remove(server), owners=owners)

    @property
    def memory_bytes(self) -> int:
        """A hash and a server for each key, besides the base's."""
        return 12 * self.known.size + self.base.memory_bytes

    @property
    def lookup_steps(self) -> float:
        """One look into a hash table; where a client has to ask for it, one round trip."""
        return 1.0


def whole_numbers(keys: Any) -> NDArray[np.int64]:
    """Give keys that have an order as numbers."""
    array = np.asarray(keys)
    if array.size == 0 and array.ndim == 1:
        return np.empty(0, dtype=np.int64)
    too_big = array.dtype.kind == "u" and array.size and int(array.max()) >= 2**63
    if array.ndim != 1 or array.dtype.kind not in "iu" or too_big:
        require.refuse("keys", "whole numbers below 2⁶³, one-dimensional", array.dtype.name)
    return array.astype(np.int64)
