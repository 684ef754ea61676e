"""Sticky users: who must move when the tier changes, and how uneven it is meanwhile.

Four ways to seat guests. A *cookie* remembers the table of the first visit. *IP hash
(modulo)* works the table out from the guest's address and the number of tables, so with
one table fewer almost everybody is sent to another one. A *hash ring* (here: rendezvous
hashing, which does the same without a ring) asks each table for a number and takes the
highest, so only the guests of a lost table move. With a *shared store* any table will do.

`helpers.scaling.sessions` has the day, with its deploys and its crash; here is one
moment: who is logged out by one change, and who gets how much of the work. A few users do
most of it (Zipf), and many may share one address (an office, a mobile network).

Sources: D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates"
(1998), for rendezvous hashing; G. Steele, D. Lea and C. Flood's SplitMix64 (2014).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.workload import zipf

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Way = Literal["cookie", "IP hash (modulo)", "IP hash (rendezvous)", "shared store"]
WAYS = ("cookie", "IP hash (modulo)", "IP hash (rendezvous)", "shared store")


@dataclass(frozen=True, eq=False)
class Users:
    """Who is there.

    Attributes
    ----------
    activity
        Share of all requests that each makes, shape (users,).
    address
        The address that each is seen to come from, a whole number, shape (users,).
    """

    activity: Floats
    address: Integers

    def __post_init__(self) -> None:
        is_column = np.ndim(self.activity) == 1 and np.size(self.activity) > 0
        if not is_column or np.shape(self.activity) != np.shape(self.address):
            shapes = f"{np.shape(self.activity)} and {np.shape(self.address)}"
            raise ValueError(f"activity and address must have one number for each user: {shapes}")
        if not (np.all(self.activity >= 0) and math.isclose(self.activity.sum(), 1, rel_tol=1e-6)):
            raise ValueError(f"activity must be shares that add up to 1, got {self.activity}")

    def __len__(self) -> int:
        return self.activity.size

    def __repr__(self) -> str:
        addresses = np.unique(self.address).size
        return f"Users: {len(self):,} from {addresses:,} addresses"


def draw_users(
    users: int = 10_000,
    *,
    exponent: float = 0.6,
    shared: float = 0.3,
    office: int = 500,
    rng: int | np.random.Generator = 0,
) -> Users:
    """Draw users of unequal zeal, some of them behind shared addresses.

    Parameters
    ----------
    users
        At least 1.
    exponent
        Zipf's: how unequal they are, at least 0.
    shared
        Share of the users who are behind an address with others, from 0 to 1.
    office
        Users behind each such address, at least 1.

    Examples
    --------
    >>> draw_users(rng=1)
    Users: 10,000 from 7,006 addresses
    """
    users = require.whole("users", users)
    office = require.whole("office", office)
    require.between("shared", shared, 0, 1)
    rng = require.generator(rng)
    activity = rng.permutation(zipf(users, exponent))
    address = rng.permutation(users) + users  # one for each of those who have their own
    together = round(shared * users)
    address[:together] = np.arange(together) // office
    return Users(activity, address)


def hashed(numbers: Integers, salt: int = 0) -> NDArray[np.uint64]:
    """Give a well-mixed 64-bit number for each (SplitMix64), the same in every session."""
    with np.errstate(over="ignore"):
        x = numbers.astype(np.uint64) + np.uint64(salt + 1) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return mixed


def place_users(users: Users, way: Way, servers: Integers) -> Integers:
    """Give the server of each user.

    Parameters
    ----------
    way
        "cookie" (the server of the first visit, in turn), "IP hash (modulo)" or "IP hash
        (rendezvous)".
    servers
        Numbers of those in rotation, at least one.

    Examples
    --------
    >>> users = Users(np.full(4, 0.25), np.array([7, 7, 8, 9]))
    >>> place_users(users, "cookie", np.arange(3)).tolist()
    [0, 1, 2, 0]
    """
    servers = np.asarray(servers, dtype=np.int64)
    if servers.ndim != 1 or servers.size == 0:
        raise ValueError(f"servers must be a list of at least one number, got {servers.tolist()}")
    if way == "cookie":
        return servers[np.arange(len(users)) % servers.size]
    if way == "IP hash (modulo)":
        return servers[(hashed(users.address) % np.uint64(servers.size)).astype(np.int64)]
    if way == "IP hash (rendezvous)":
        bids = np.stack([hashed(users.address, salt=int(server) + 1) for server in servers])
        return servers[bids.argmax(axis=0)]
    known = ", ".join(WAYS[:-1])
    raise ValueError(f"way must be one of {known} for a place of each user, got {way!r}")


@dataclass(frozen=True, eq=False)
class StickyChange:
    """One server leaves a tier of sticky users.

    Attributes
    ----------
    way
        How users find their server.
    logged_out
        Share of the users who land on a server that does not know them.
    before, after
        Share of all requests that each server gets, shape (servers,); 0 for the lost one.
    """

    way: str
    logged_out: float
    before: Floats
    after: Floats

    def __repr__(self) -> str:
        return (
            f"StickyChange: {self.way}, {self.logged_out:.1%} logged out, the busiest server at "
            f"{self.imbalance:.2f} times the mean"
        )

    @property
    def imbalance(self) -> float:
        """Work of the busiest server over the mean, before the change."""
        return float(self.before.max() / self.before.mean())


def lose_server(users: Users, way: Way, *, servers: int = 12, lost: int = 0) -> StickyChange:
    """Take one server away, by a crash, a deploy or the autoscaler, and see who is logged out.

    Parameters
    ----------
    way
        One of `WAYS`.
    servers
        Before it is lost, at least 2.
    lost
        Its number.

    Examples
    --------
    >>> lose_server(draw_users(rng=1), "cookie")
    StickyChange: cookie, 8.3% logged out, the busiest server at 1.14 times the mean
    >>> lose_server(draw_users(rng=1), "shared store").logged_out
    0.0
    """
    servers = require.whole("servers", servers, at_least=2)
    lost = require.whole("lost", lost, at_least=0)
    require.between("lost", lost, 0, servers - 1)
    everyone = np.arange(servers)
    rest = np.delete(everyone, lost)
    if way == "shared store":
        after = np.where(everyone == lost, 0.0, 1 / rest.size)
        return StickyChange(way, 0.0, np.full(servers, 1 / servers), after)
    first = place_users(users, way, everyone)
    then = place_users(users, way, rest)
    if way == "cookie":  # who still has a server keeps it
        then = np.where(first == lost, then, first)
    before, after = (
        np.bincount(place, users.activity, servers).astype(np.float64) for place in (first, then)
    )
    return StickyChange(way, float((first != then).mean()), before, after)


def expected_logged_out(way: Way, servers: int) -> float:
    """Give the share of users who are logged out when one of the servers leaves.

    Notes
    -----
    1/N where only the lost server's users move. With modulo, a hash keeps its server only
    where it leaves the same rest by N as by N − 1 (and the servers keep their numbers),
    which one in N does: 1 − 1/N move.

    Examples
    --------
    >>> expected_logged_out("IP hash (modulo)", 12).__round__(3)
    0.917
    """
    servers = require.whole("servers", servers, at_least=2)
    if way not in WAYS:
        raise ValueError(f"way must be one of {', '.join(WAYS)}, got {way!r}")
    by_way = {"shared store": 0.0, "IP hash (modulo)": 1 - 1 / servers}
    return by_way.get(way, 1 / servers)


def expected_spread(users: Users, servers: int, by_address: bool = True) -> float:
    """Give the standard deviation of a server's work over the mean, for users placed by chance.

    Notes
    -----
    √((N − 1) Σ wᵢ²), where w are the shares of what is placed as one: a user, or all users
    of an address. Each adds its share to a given server with chance 1/N.

    Examples
    --------
    >>> round(expected_spread(Users(np.full(100, 0.01), np.arange(100)), servers=5), 3)
    0.2
    """
    servers = require.whole("servers", servers)
    _, place = np.unique(users.address, return_inverse=True)
    work = np.bincount(place, users.activity) if by_address else users.activity
    return math.sqrt((servers - 1) * float((work**2).sum()))
