"""Plans that are written down: slots, ranges, a directory, and Maglev's table.

A hash is a rule; these are lists. A list can be changed line by line, so whoever keeps it
decides what moves and when, and has to keep it: every client must have the same one.

Sources: the Redis Cluster specification; F. Chang et al., "Bigtable" (2006), for ranges that
are split; D. Eisenbud et al., "Maglev" (2016).
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.sharding.hashing import Hashes, Keys, as_bytes, hash64, is_texts
from helpers.sharding.maglev import maglev_table
from helpers.sharding.partitioners import SLOTS, redis_slot
from helpers.sharding.placement import Placement, Servers, many, server_hashes, without

MAGLEV_SIZE = 65_537


@dataclass(frozen=True, eq=False)
class Maglev(Placement):
    """Maglev's table: the most even of all, with one look-up, and a few moves too many.

    Attributes
    ----------
    size
        Seats of the table, a prime number much above the number of servers.

    Examples
    --------
    >>> np.bincount(Maglev(3, size=7).table).tolist()
    [3, 2, 2]
    """

    scheme: ClassVar[str] = "maglev"
    size: int = MAGLEV_SIZE

    def __post_init__(self) -> None:
        super().__post_init__()
        size = require.whole("size", self.size, at_least=2)
        object.__setattr__(self, "size", size)
        if size > 2**31 - 1 or any(
            size % divisor == 0 for divisor in range(2, math.isqrt(size) + 1)
        ):
            require.refuse("size", "a prime number below 2³¹", size)

    @cached_property
    def table(self) -> Servers:
        """The place of each seat's server in `servers`, shape (size,)."""
        seeds, size = server_hashes(self.servers), np.uint64(self.size)
        offsets = hash64(seeds, seed=2) % size
        skips = hash64(seeds, seed=3) % (size - np.uint64(1)) + np.uint64(1)
        return maglev_table(offsets, skips, self.size)

    def choose(self, hashes: Hashes) -> Servers:
        """Look into the table."""
        return self.table[(hashes % np.uint64(self.size)).astype(np.int64)]

    @property
    def memory_bytes(self) -> int:
        """Two bytes a seat do for 65,536 servers."""
        return 2 * self.size

    @property
    def lookup_steps(self) -> float:
        """One look."""
        return 1.0


@dataclass(frozen=True, eq=False)
class Slots(Placement):
    """The 16,384 slots of a Redis cluster: keys belong to slots for good, slots to servers.

    Attributes
    ----------
    owners
        Each slot's server by its number, shape (16384,); empty to deal them out in equal
        stretches. A number as a key counts as its decimal digits.

    Examples
    --------
    >>> plan = Slots(3)
    >>> plan.server_of(["{cart:7}:items", "{cart:7}:total"]).tolist()
    [1, 1]
    >>> np.bincount(plan.add().owners).tolist()
    [4096, 4096, 4096, 4096]
    """

    scheme: ClassVar[str] = "slots"
    owners: Servers = ()  # type: ignore[assignment]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not len(self.owners):
            dealt = self.numbers[np.arange(SLOTS) * len(self) // SLOTS]
            object.__setattr__(self, "owners", dealt)
            return
        owners = np.asarray(self.owners)
        is_right = owners.shape == (SLOTS,) and owners.dtype.kind in "iu"
        if not is_right or not np.isin(owners, self.numbers).all():
            require.refuse("owners", f"{SLOTS} of the servers", len(self.owners))
        object.__setattr__(self, "owners", owners.astype(np.int64))

    def server_of(self, keys: Keys) -> Servers:
        """Give the owner of each key's slot."""
        return self.owners[slots_of(keys)]

    def choose(self, hashes: Hashes) -> Servers:
        """Take numbers for keys; of no use with slots, which go by the key's own bytes."""
        raise NotImplementedError("slots go by the key's bytes: call server_of")

    def add(self, server: int | None = None) -> Self:
        """Give the plan after the new server has taken a like part of everybody's slots."""
        plan = super().add(server)
        return replace(plan, owners=deal(self.owners, plan.servers))

    def remove(self, server: int) -> Self:
        """Give the plan after a server's slots have gone to whoever had fewest."""
        left = without(self.servers, server)
        return replace(self, servers=left, owners=deal(self.owners, left))

    def move(self, slots: ArrayLike, server: int) -> Self:
        """Give the plan with some slots moved to a server."""
        chosen = np.atleast_1d(np.asarray(slots))
        if chosen.dtype.kind not in "iu" or ((chosen < 0) | (chosen >= SLOTS)).any():
            require.refuse("slots", f"numbers from 0 to {SLOTS - 1}", chosen.tolist())
        if server not in self.servers:
            raise ValueError(f"server must be one of {self.servers}, got {server}")
        owners = self.owners.copy()
        owners[chosen] = server
        return replace(self, owners=owners)

    @property
    def memory_bytes(self) -> int:
        """Two bytes a slot."""
        return 2 * SLOTS

    @property
    def lookup_steps(self) -> float:
        """One look."""
        return 1.0


def slots_of(keys: Keys) -> Servers:
    """Give the Redis slot of each key, shape (keys,); a number counts as its digits.

    Examples
    --------
    >>> slots_of([42, 7]).tolist() == slots_of(["42", "7"]).tolist()
    True
    """
    given: Any = many(keys)
    if not is_texts(given):
        given = np.asarray(given)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            wanted = "whole numbers or texts, one-dimensional"
            require.refuse("keys", wanted, f"{given.dtype.name} of shape {given.shape}")
        return np.array([redis_slot(b"%d" % key) for key in given.tolist()], dtype=np.int64)
    return np.array([redis_slot(as_bytes("keys", key)) for key in given], dtype=np.int64)


def deal(owners: Servers, servers: tuple[int, ...]) -> Servers:
    """Make the servers' parts equal with the fewest slots moved.

    Examples
    --------
    >>> deal(np.array([0, 0, 0, 0, 1, 1]), (0, 1, 2)).tolist()
    [0, 0, 2, 2, 1, 1]
    """
    part, more = divmod(owners.size, len(servers))
    targets = [part + (place < more) for place in range(len(servers))]
    dealt = np.full(owners.size, -1, dtype=np.int64)
    for server, target in zip(servers, targets, strict=True):
        dealt[np.flatnonzero(owners == server)[:target]] = server
    short = [t - np.count_nonzero(dealt == s) for s, t in zip(servers, targets, strict=True)]
    dealt[dealt < 0] = np.repeat(np.array(servers, dtype=np.int64), short)
    return dealt
