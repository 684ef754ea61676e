"""Which server has a key: every scheme in one shape, and the ones that need no table.

A placement is a seating plan. It says for each key at which server it sits, and what the
plan looks like after a server has come or gone. A good plan seats evenly, and moves few
guests when a table is added.

Sources: D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates"
(1998), for rendezvous hashing; J. Lamping and E. Veach (2014) for jump hash.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.sharding.hashing import (
    FIRST_FACTOR,
    SECOND_FACTOR,
    Hashes,
    Keys,
    hash64,
    is_several,
    jump_hashes,
    whole_number,
)

Servers = NDArray[np.int64]
OF_SERVERS = 1
"""The seed for what belongs to a server, so that server 7 and key 7 have different hashes."""
MOST_SERVERS = 1 << 20
UNIT = 2.0**-53
CHUNK = 1 << 13
"""Keys at a time, so that their bids stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Placement(ABC):
    """A plan of which server has which key.

    Attributes
    ----------
    servers
        Their numbers, each at least 0 and there once. A whole number n stands for 0 to n − 1.
    """

    scheme: ClassVar[str]
    servers: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "servers", server_numbers(self.servers))

    def __len__(self) -> int:
        """Count the servers."""
        return len(self.servers)

    def server_of(self, keys: Keys) -> Servers:
        """Give the server of each key, shape (keys,).

        Parameters
        ----------
        keys
            Whole numbers of 64 bits, or texts.
        """
        return self.numbers[self.choose(hash64(many(keys)))]

    @abstractmethod
    def choose(self, hashes: Hashes) -> Servers:
        """Give each key's server by its place in `servers`, shape (keys,)."""

    @cached_property
    def numbers(self) -> Servers:
        """The servers' numbers as an array."""
        return np.array(self.servers, dtype=np.int64)

    def add(self, server: int | None = None) -> Self:
        """Give the plan with one server more, by default the next free number."""
        number = max(self.servers) + 1 if server is None else server
        return replace(self, servers=(*self.servers, number))

    def remove(self, server: int) -> Self:
        """Give the plan without a server."""
        return replace(self, servers=without(self.servers, server))

    @property
    def memory_bytes(self) -> int:
        """Bytes that a client must have at hand, besides the servers' addresses."""
        return 0

    @property
    @abstractmethod
    def lookup_steps(self) -> float:
        """How many entries, rounds or scores a look-up takes on average or at most."""


def server_numbers(servers: Any) -> tuple[int, ...]:
    """Give the servers' numbers, or say what is wrong with them."""
    if not isinstance(servers, Iterable):
        count = require.whole("servers", servers)
        if count > MOST_SERVERS:
            require.refuse("servers", f"at most {MOST_SERVERS}", count)
        return tuple(range(count))
    given = tuple(whole_number("servers", server) for server in servers)
    if not given or min(given) < 0 or max(given) >= 2**63 or len(set(given)) < len(given):
        require.refuse("servers", "one or more numbers of at least 0, each once", given)
    return given


def without(servers: tuple[int, ...], server: int) -> tuple[int, ...]:
    """Leave a server out that is not the last one."""
    if server not in servers:
        raise ValueError(f"server must be one of {servers}, got {require.shown(server)}")
    if len(servers) == 1:
        raise ValueError(f"server must not be the only one, got {server}")
    return tuple(other for other in servers if other != server)


def many(keys: Any) -> Keys:
    """Give several keys as they are; one alone has to be put into a list."""
    if not is_several(keys):
        require.refuse("keys", "an array or a list", keys)
    given: Keys = keys
    return given


@dataclass(frozen=True, eq=False)
class Modulo(Placement):
    """The hash modulo the number of servers: even, and everything moves when that changes.

    Examples
    --------
    >>> Modulo(4).server_of([10, 11, 12]).tolist()
    [2, 1, 3]
    """

    scheme: ClassVar[str] = "modulo"

    def choose(self, hashes: Hashes) -> Servers:
        """Take the rest of a division."""
        return (hashes % np.uint64(len(self))).astype(np.int64)

    @property
    def lookup_steps(self) -> float:
        """One division."""
        return 1.0


@dataclass(frozen=True, eq=False)
class Jump(Placement):
    """Jump hash: even, minimal moves, no memory; but only the last server can leave cheaply.

    Examples
    --------
    >>> Jump(4).server_of([10, 11, 12]).tolist()
    [2, 0, 1]
    """

    scheme: ClassVar[str] = "jump"

    def choose(self, hashes: Hashes) -> Servers:
        """Let each key jump."""
        return jump_hashes(hashes, len(self))

    @property
    def lookup_steps(self) -> float:
        """The mean number of jumps, 1 + 1/2 + … + 1/servers."""
        return float((1 / np.arange(1, len(self) + 1)).sum())


@dataclass(frozen=True, eq=False)
class Rendezvous(Placement):
    """Highest random weight: all servers bid for a key, and the highest bid has it.

    Attributes
    ----------
    weights
        How much each server is to get, above 0, in the order of `servers`; empty for all
        alike. A server that is added gets 1.

    Notes
    -----
    With weight w and a hash u of key and server, uniform in (0, 1), the bid is −w / ln u
    (J. Resch, "New hashing algorithms for data storage", 2015).

    Examples
    --------
    >>> plan = Rendezvous(2, weights=(3.0, 1.0))
    >>> shares = np.bincount(plan.server_of(np.arange(100_000))) / 100_000
    >>> shares.round(2).tolist()
    [0.75, 0.25]
    """

    scheme: ClassVar[str] = "rendezvous"
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        given = tuple(float(require.positive("weights", weight)) for weight in self.weights)
        if given and len(given) != len(self):
            raise ValueError(f"weights must be {len(self)}, one a server, got {len(given)}")
        object.__setattr__(self, "weights", given)

    def add(self, server: int | None = None) -> Self:
        """Give the plan with one server more, of weight 1."""
        weights = (*self.weights, 1.0) if self.weights else ()
        number = max(self.servers) + 1 if server is None else server
        return replace(self, servers=(*self.servers, number), weights=weights)

    def remove(self, server: int) -> Self:
        """Give the plan without a server and its weight."""
        left = without(self.servers, server)
        place = self.servers.index(server)
        return replace(self, servers=left, weights=self.weights[:place] + self.weights[place + 1 :])

    def choose(self, hashes: Hashes) -> Servers:
        """Let all servers bid for each key."""
        best = np.zeros(hashes.size, dtype=np.int64)
        seeds = server_hashes(self.servers)
        if not self.weights:
            bids = np.zeros(hashes.size, dtype=np.uint64)
            for start in range(0, hashes.size, CHUNK):
                part = slice(start, start + CHUNK)
                with np.errstate(over="ignore"):
                    bid_highest(hashes[part], seeds, *MIXING, bids[part], best[part])
            return best
        highest = np.full(hashes.size, -1.0)
        for place, (seed, weight) in enumerate(zip(seeds, self.weights, strict=True)):
            luck = ((mix(hashes ^ seed) >> np.uint64(11)).astype(np.float64) + 0.5) * UNIT
            bid = -weight / np.log(luck)
            best[bid > highest] = place
            np.maximum(highest, bid, out=highest)
        return best

    @property
    def lookup_steps(self) -> float:
        """One bid a server."""
        return float(len(self))


MIXING = (
    np.uint64(30),
    np.uint64(27),
    np.uint64(31),
    np.uint64(FIRST_FACTOR),
    np.uint64(SECOND_FACTOR),
)
"""What `hash64` shifts and multiplies by."""


def server_hashes(servers: tuple[int, ...]) -> Hashes:
    """Give a hash for each server, shape (servers,)."""
    return hash64(np.array(servers, dtype=np.int64), seed=OF_SERVERS)


def mix(state: Hashes) -> Hashes:
    """Let every bit reach every other; gives a new array."""
    state = (state ^ (state >> MIXING[0])) * MIXING[3]
    state = (state ^ (state >> MIXING[1])) * MIXING[4]
    mixed: Hashes = state ^ (state >> MIXING[2])
    return mixed


@kernel
def bid_highest(
    hashes: Hashes,
    seeds: Hashes,
    first: np.uint64,
    second: np.uint64,
    third: np.uint64,
    factor: np.uint64,
    other: np.uint64,
    highest: Hashes,
    best: Servers,
) -> None:
    """Mix each server's hash with each key's, and keep the server with the highest result."""
    for server in range(seeds.size):
        seed = seeds[server]
        for i in range(hashes.size):
            bid = hashes[i] ^ seed
            bid = (bid ^ (bid >> first)) * factor
            bid = (bid ^ (bid >> second)) * other
            bid = bid ^ (bid >> third)
            best[i] = server if bid > highest[i] else best[i]
            highest[i] = max(bid, highest[i])
