"""A million keys on servers, before and after one is added, in a handful of numbers."""

from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.parallel import in_parallel
from helpers.sharding.hashing import Hashes, hash64
from helpers.sharding.measures import (
    SCHEMES,
    Floats,
    Scheme,
    cv_of,
    max_over_mean_of,
    moved_share,
    place,
    ring_cv,
)
from helpers.sharding.placement import Servers
from helpers.sharding.ranges import Ranges
from helpers.sharding.ring import BoundedRing

Seats = NDArray[np.uint8]
PARTS = 8
"""Pieces that the keys are cut into, so that every processor has some."""
MOST_SERVERS = np.iinfo(np.uint8).max - 1
EPSILON = 0.25
"""How much above the mean a server of the bounded ring may be."""
STEADY = ("ring", "jump", "rendezvous")
"""Schemes by which keys move to the new server and nowhere else."""


@dataclass(frozen=True, eq=False)
class BalanceView:
    """How servers share keys and requests, and what one server more moves.

    Attributes
    ----------
    scheme, virtual_nodes, skew
        As set.
    before, after
        Requests to each server over the mean, shape (servers,) and (servers + 1,).
    cv_keys, cv_requests
        Coefficients of variation between the servers, before.
    moved_keys, moved_requests
        Share of the keys that are on another server afterwards, and of the requests for them.
    hottest
        Share of all requests that ask for the most popular key.
    """

    scheme: Scheme
    virtual_nodes: int
    skew: float
    before: Floats
    after: Floats
    cv_keys: float
    cv_requests: float
    moved_keys: float
    moved_requests: float
    hottest: float

    @property
    def servers(self) -> int:
        """How many there were."""
        return self.before.size

    @property
    def uses_virtual_nodes(self) -> bool:
        """Whether the scheme has a ring."""
        return self.scheme in ("ring", "bounded ring")

    @property
    def expected_cv(self) -> float:
        """What theory says of a ring's keys."""
        return ring_cv(self.servers, self.virtual_nodes)

    @property
    def expected_moves(self) -> float:
        """What theory says of the keys that move."""
        return moved_share(self.servers, self.scheme)

    @property
    def in_words(self) -> str:
        """The numbers in three sentences."""
        fullest = max_over_mean_of(self.before)
        return (
            f"The fullest of {self.servers} servers gets {fullest:.2f} times the mean; keys are "
            f"spread with CV {self.cv_keys:.3f}, requests with {self.cv_requests:.3f}. "
            f"One server more moves {self.moved_keys:.1%} of the keys "
            f"(theory: {self.expected_moves:.1%}) and {self.moved_requests:.1%} of the requests. "
            f"The most popular key alone gets {self.hottest:.1%}."
        )


def view_balance(
    scheme: Scheme, servers: int, virtual_nodes: int, skew: float, keys: int
) -> BalanceView:
    """Put keys on servers by one plan, and by the same plan with one server more.

    Parameters
    ----------
    scheme
        One of `SCHEMES` but "slots".
    servers, virtual_nodes
        At least 1; at most 255 servers after one is added, since a seat is kept in a byte.
    skew
        Exponent of Zipf's law, at least 0. Key 0 is the most popular.
    keys
        How many, at least 1.
    """
    if scheme not in SCHEMES or scheme == "slots":
        named = ", ".join(name for name in SCHEMES if name != "slots")
        raise ValueError(f"scheme must be one of {named}, got {scheme!r}")
    servers = int(require.between("servers", require.whole("servers", servers), 1, MOST_SERVERS))
    virtual_nodes = require.whole("virtual_nodes", virtual_nodes)
    keys = require.whole("keys", keys)
    weights = zipf_weights(keys, require.not_negative("skew", skew))
    first, then = seats_before_and_after(scheme, servers, virtual_nodes, keys, skew)
    counted = in_parallel(partial(tally, first, then, weights, servers), parts_of(keys))
    by_keys, before, after, moves = (
        np.sum([count[column] for count in counted], axis=0) for column in range(4)
    )
    if scheme == "bounded ring":
        before = poured(servers, virtual_nodes, keys, skew)[1]
        after = poured(servers + 1, virtual_nodes, keys, skew)[1]
    return BalanceView(
        scheme=scheme,
        virtual_nodes=virtual_nodes,
        skew=skew,
        before=before / before.mean(),
        after=after / after.mean(),
        cv_keys=cv_of(by_keys),
        cv_requests=cv_of(before),
        moved_keys=float(moves[0]) / keys,
        moved_requests=float(moves[1]) / float(weights.sum()),
        hottest=float(weights[0]) / float(weights.sum()),
    )


def seats_before_and_after(
    scheme: Scheme, servers: int, virtual_nodes: int, keys: int, skew: float
) -> list[Seats]:
    """Give each key's server by both plans."""
    sizes = (servers, servers + 1)
    if scheme == "bounded ring":
        for size in sizes:
            points_of(size, virtual_nodes, keys)
        return in_parallel(lambda size: poured(size, virtual_nodes, keys, skew)[0], sizes)
    nodes = virtual_nodes if scheme == "ring" else 1
    if scheme == "range":  # where it matters how the plan came to be
        return [seats_of(scheme, servers, nodes, keys, grown) for grown in (False, True)]
    if scheme in STEADY:
        grown = (scheme, servers + 1, nodes, keys)
        return [seats_without_newest(*grown), seats_of(*grown)]
    return [seats_of(scheme, size, nodes, keys) for size in sizes]


@lru_cache(maxsize=24)
def seats_without_newest(scheme: Scheme, servers: int, virtual_nodes: int, keys: int) -> Seats:
    """Give the seats before the last server came: only the keys that it has were elsewhere."""
    seats = seats_of(scheme, servers, virtual_nodes, keys).copy()
    homeless = np.flatnonzero(seats == servers - 1)
    plan = place(scheme, servers - 1, virtual_nodes=virtual_nodes, keys=keys)
    seats[homeless] = plan.choose(hashes_of(keys)[homeless])
    return seats


@lru_cache(maxsize=24)
def seats_of(
    scheme: Scheme, servers: int, virtual_nodes: int, keys: int, is_grown: bool = False
) -> Seats:
    """Give the server of each key, shape (keys,); a byte each, since plenty are kept."""
    plan = place(scheme, servers, virtual_nodes=virtual_nodes, keys=keys)
    plan = plan.add() if is_grown else plan
    plan.server_of([0])  # makes what a plan makes once, before several threads ask
    hashes = hashes_of(keys)

    def seat(part: slice) -> Seats:
        if isinstance(plan, Ranges):
            return plan.server_of(np.arange(part.start, part.stop)).astype(np.uint8)
        return plan.choose(hashes[part]).astype(np.uint8)

    return np.concatenate(in_parallel(seat, parts_of(keys)))


@lru_cache(maxsize=4)
def points_of(servers: int, virtual_nodes: int, keys: int) -> tuple[BoundedRing, Servers]:
    """Give a ring, and the first point at or after each key, shape (keys,)."""
    plan = BoundedRing(tuple(range(servers)), virtual_nodes, EPSILON)
    plan.server_of([0])
    hashes = hashes_of(keys)
    found = in_parallel(lambda part: plan.next_point(hashes[part]), parts_of(keys))
    return plan, np.concatenate(found)


@lru_cache(maxsize=4)
def poured(servers: int, virtual_nodes: int, keys: int, skew: float) -> tuple[Seats, Floats]:
    """Give each key's first server and each server's load on the bounded ring."""
    plan, points = points_of(servers, virtual_nodes, keys)
    first, load = plan.pour(points, zipf_weights(keys, skew))
    return first.astype(np.uint8), load


@lru_cache(maxsize=2)
def hashes_of(keys: int) -> Hashes:
    """Give the hash of each key, shape (keys,)."""
    return hash64(np.arange(keys))


@lru_cache(maxsize=2)
def fame_of(keys: int) -> Floats:
    """Give the logarithm of each key's rank, shape (keys,)."""
    return np.log(np.arange(1, keys + 1, dtype=np.float64))


@lru_cache(maxsize=2)
def zipf_weights(keys: int, skew: float) -> Floats:
    """Give how often each key is asked for, the first one as 1; shape (keys,)."""
    weights: Floats = np.exp(-skew * fame_of(keys))
    return weights


def parts_of(keys: int) -> list[slice]:
    """Cut the keys into pieces of like size."""
    edges = np.linspace(0, keys, PARTS + 1).astype(int).tolist()
    return [slice(start, stop) for start, stop in pairwise(edges) if stop > start]


def tally(
    before: Seats, after: Seats, weights: Floats, servers: int, part: slice
) -> tuple[Floats, Floats, Floats, Floats]:
    """Add up some of the keys: their number and weight by server, and what moves of both."""
    sums = (np.zeros(servers), np.zeros(servers), np.zeros(servers + 1), np.zeros(2))
    add_up(before[part], after[part], weights[part], *sums)
    return sums


@kernel
def add_up(
    before: Seats,
    after: Seats,
    weights: Floats,
    keys: Floats,
    load_before: Floats,
    load_after: Floats,
    moves: Floats,
) -> None:
    """Go through the keys once."""
    for i in range(weights.size):
        keys[before[i]] += 1.0
        load_before[before[i]] += weights[i]
        load_after[after[i]] += weights[i]
        if before[i] != after[i]:
            moves[0] += 1.0
            moves[1] += weights[i]
