"""The hash ring: servers as flags on a circle, and each key goes on to the next flag.

Think of a round lake with jetties. Whoever arrives at the shore walks clockwise to the next
jetty. A new jetty takes visitors only from the one after it; all others notice nothing.
With one jetty a server the gaps are very unequal, so each server builds many: virtual
nodes. With bounded loads a full jetty sends its visitors on to the next.

Sources: D. Karger et al., "Consistent hashing and random trees" (1997); V. Mirrokni,
M. Thorup and M. Zadimoghaddam, "Consistent hashing with bounded loads" (2018).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.sharding.hashing import WORD, Hashes, Keys, hash64
from helpers.sharding.placement import Placement, Servers, server_hashes

MOST_POINTS = 1 << 24
MOST_EPSILON = 1e9


class Points(NamedTuple):
    """The flags on the circle, in order, and an index to find the next one quickly.

    Attributes
    ----------
    places
        From 0 to 2⁶⁴ − 1, shape (points + 1,). Behind the last one stands the first again, at
        the end of the circle, so that a search always ends.
    owners
        Whose each is, by its place among the servers, same shape.
    first
        For each stretch of the circle the first point in it or behind it; as many stretches as
        a power of two has.
    shift
        How many bits of a hash tell a place within its stretch.
    """

    places: Hashes
    owners: Servers
    first: NDArray[np.int32]
    shift: np.uint64


def points_of(servers: tuple[int, ...], virtual_nodes: int) -> Points:
    """Put each server's points on the circle; where two meet, the lower number comes first."""
    places = np.concatenate(
        [hash64(np.arange(virtual_nodes), int(h)) for h in server_hashes(servers)]
    )
    numbers = np.repeat(np.array(servers, dtype=np.int64), virtual_nodes)
    owners = np.repeat(np.arange(len(servers), dtype=np.int64), virtual_nodes)
    return indexed(places, owners, np.lexsort((numbers, places)))


def indexed(places: Hashes, owners: Servers, order: NDArray[np.int64]) -> Points:
    """Sort points and make the index: four stretches a point or more."""
    bits = min(math.ceil(math.log2(4 * order.size)), 26)
    shift = np.uint64(64 - bits)
    begins = np.arange(1 << bits, dtype=np.uint64) << shift
    first = np.searchsorted(places[order], begins).astype(np.int32)
    ends = np.array([WORD], dtype=np.uint64)
    circle = np.concatenate([places[order], ends])
    return Points(circle, np.append(owners[order], owners[order[0]]), first, shift)


@kernel
def look_up(
    hashes: Hashes,
    places: Hashes,
    answers: Servers,
    first: NDArray[np.int32],
    shift: np.uint64,
    found: Servers,
) -> None:
    """Find the first point at or after each hash, and give what is asked of that point."""
    for i in range(hashes.size):
        point = first[hashes[i] >> shift]
        while places[point] < hashes[i]:
            point += 1
        found[i] = answers[point]


@dataclass(frozen=True, eq=False)
class HashRing(Placement):
    """A ring with virtual nodes.

    Attributes
    ----------
    virtual_nodes
        Points of each server, at least 1.

    Examples
    --------
    >>> ring = HashRing(4, virtual_nodes=100)
    >>> keys = np.arange(100_000)
    >>> moves = ring.server_of(keys) != ring.add().server_of(keys)
    >>> set(ring.add().server_of(keys)[moves].tolist())  # they all go to the new one
    {4}
    """

    scheme: ClassVar[str] = "ring"
    virtual_nodes: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        count = require.whole("virtual_nodes", self.virtual_nodes)
        object.__setattr__(self, "virtual_nodes", count)
        if count * len(self) > MOST_POINTS:
            most = f"a whole number, with at most {MOST_POINTS} points in all"
            require.refuse("virtual_nodes", most, count)

    @cached_property
    def points(self) -> Points:
        """The points of all servers in order."""
        return points_of(self.servers, self.virtual_nodes)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """The share of the circle that leads to each server, in the order of `servers`."""
        places = self.points.places[:-1]
        gaps = np.diff(places, prepend=places[-1:]).astype(np.float64) / 2.0**64
        if places.size == 1:
            return np.ones(1)
        return np.bincount(self.points.owners[:-1], gaps, len(self)).astype(np.float64)

    def choose(self, hashes: Hashes) -> Servers:
        """Walk clockwise to the next point."""
        return self.look_up(hashes, self.points.owners)

    def next_point(self, hashes: Hashes) -> Servers:
        """Give the first point at or after each hash, by its place in `points`."""
        numbers = np.arange(self.points.owners.size)
        numbers[-1] = 0  # the circle is closed
        return self.look_up(hashes, numbers)

    def look_up(self, hashes: Hashes, answers: Servers) -> Servers:
        """Give the answer of the first point at or after each hash."""
        found = np.empty(hashes.size, dtype=np.int64)
        places, _, first, shift = self.points
        look_up(hashes, places, answers, first, shift, found)
        return found

    @property
    def memory_bytes(self) -> int:
        """Place and owner of each point; the search's index is a luxury."""
        return len(self) * self.virtual_nodes * 12

    @property
    def lookup_steps(self) -> float:
        """Halvings of a binary search, at most."""
        return float(math.ceil(math.log2(len(self) * self.virtual_nodes + 1)))


@dataclass(frozen=True, eq=False)
class BoundedRing(HashRing):
    """A ring on which no server gets more than 1 + epsilon times the mean.

    Whoever finds a server full goes on to the next point. So where a key is depends on
    who came before: `server_of` takes keys in the order in which they come, and a key
    that comes twice takes two places. That is how a celebrity is spread over servers.

    Attributes
    ----------
    epsilon
        How much above the mean a server may be, above 0 and at most 10⁹.

    Examples
    --------
    >>> crowd = np.zeros(100, dtype=np.int64)  # a hundred requests for one key
    >>> np.bincount(BoundedRing(4, epsilon=0.2).server_of(crowd)).tolist()
    [10, 30, 30, 30]
    """

    scheme: ClassVar[str] = "bounded ring"
    epsilon: float = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        if require.positive("epsilon", self.epsilon) > MOST_EPSILON:
            require.refuse("epsilon", f"at most {MOST_EPSILON:g}", self.epsilon)

    def capacity(self, keys: int) -> int:
        """Give the most that a server takes of so many keys, rounded up."""
        return math.ceil((1 + self.epsilon) * keys / len(self))

    def choose(self, hashes: Hashes) -> Servers:
        """Walk clockwise to the next point of a server that has room."""
        return self.seat(self.next_point(hashes))

    def seat(self, points: Servers) -> Servers:
        """Seat keys whose points are known, in their order."""
        chosen = np.empty(points.size, dtype=np.int64)
        most = min(points.size, self.capacity(points.size))
        room = np.full(len(self), most, dtype=np.int64)
        walk_on(points, self.points.owners[:-1], room, chosen)
        return chosen

    def share_out(
        self, keys: Keys, weights: NDArray[np.float64]
    ) -> tuple[Servers, NDArray[np.float64]]:
        """Pour keys of unlike weights, in their order: what a server has no room for flows on.

        Parameters
        ----------
        keys
            Whole numbers or texts, shape (keys,).
        weights
            How much each brings, at least 0, shape (keys,).

        Returns
        -------
        The server that gets the first part of each key, and the load of each server in the
        order of `servers`.

        Examples
        --------
        >>> _, load = BoundedRing(4, epsilon=0.2).share_out([7], np.array([100.0]))
        >>> sorted(load.tolist())
        [10.0, 30.0, 30.0, 30.0]
        """
        poured = np.ascontiguousarray(weights, dtype=np.float64)
        points = self.next_point(hash64(keys))
        if poured.shape != points.shape or not (np.isfinite(poured) & (poured >= 0)).all():
            raise ValueError(f"weights must be {points.size} numbers of at least 0, got {weights}")
        first, load = self.pour(points, poured)
        return self.numbers[first], load

    def pour(
        self, points: Servers, weights: NDArray[np.float64]
    ) -> tuple[Servers, NDArray[np.float64]]:
        """Pour keys whose points are known; servers by their place in `servers`."""
        most = (1 + self.epsilon) * float(weights.sum()) / len(self)
        first, room = np.empty(points.size, dtype=np.int64), np.full(len(self), most)
        flow_on(points, self.points.owners[:-1], weights, room, first)
        return first, most - room


@kernel
def walk_on(
    points: Servers,
    owners: Servers,
    room: NDArray[np.int64],
    chosen: Servers,
) -> None:
    """Seat keys in order of arrival; a full server's point is passed by."""
    for i in range(points.size):
        point = points[i]
        while room[owners[point]] == 0:
            point = point + 1 if point + 1 < owners.size else 0
        chosen[i] = owners[point]
        room[owners[point]] -= 1


@kernel
def flow_on(
    points: Servers,
    owners: Servers,
    weights: NDArray[np.float64],
    room: NDArray[np.float64],
    first: Servers,
) -> None:
    """Fill servers in order of arrival; what is left over goes on to the next point's.

    What not even a whole round has room for, a trace that rounding leaves, stays where it is.
    """
    for i in range(points.size):
        point = points[i]
        first[i], left, passed, is_new = owners[point], weights[i], 0, True
        while left > room[owners[point]] and passed < owners.size:
            if room[owners[point]] > 0.0:
                first[i] = owners[point] if is_new else first[i]
                is_new = False
                left -= room[owners[point]]
                room[owners[point]] = 0.0
            point = point + 1 if point + 1 < owners.size else 0
            passed += 1
        first[i] = owners[point] if is_new else first[i]
        room[owners[point]] -= left
