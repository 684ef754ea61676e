"""How good a plan is: how evenly it seats, how many it moves, and what theory expects.

Sources: M. Mitzenmacher and E. Upfal, *Probability and Computing*, for spacings on a circle;
J. Lamping and E. Veach (2014) for the spread of a ring.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.sharding.assignments import Maglev, Slots
from helpers.sharding.hashing import Keys
from helpers.sharding.placement import Jump, Modulo, Placement, Rendezvous
from helpers.sharding.ranges import KEY_SPACE, Ranges
from helpers.sharding.ring import BoundedRing, HashRing
from helpers.statistics import Estimate, interval

Floats = NDArray[np.float64]
Scheme = Literal["modulo", "ring", "bounded ring", "jump", "rendezvous", "maglev", "slots", "range"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
"""All that `place` knows by name. A `Directory` is made of keys: `Directory.of`."""


def place(
    scheme: Scheme,
    servers: int | tuple[int, ...],
    *,
    virtual_nodes: int = 100,
    epsilon: float = 0.25,
    keys: int = KEY_SPACE,
) -> Placement:
    """Make a plan by its name.

    Parameters
    ----------
    scheme
        One of `SCHEMES`.
    servers
        How many, or their numbers.
    virtual_nodes
        Points a server, for the rings.
    epsilon
        How much above the mean a server may be, for the bounded ring.
    keys
        For "range": the keys expected are 0 to keys − 1.

    Examples
    --------
    >>> [round(place(scheme, 4).lookup_steps, 1) for scheme in SCHEMES]
    [1.0, 9.0, 9.0, 2.1, 4.0, 1.0, 1.0, 3.0]
    """
    given: Any = servers
    if scheme == "ring":
        return HashRing(given, virtual_nodes)
    if scheme == "bounded ring":
        return BoundedRing(given, virtual_nodes, epsilon)
    if scheme == "range":
        return Ranges(given, high=require.whole("keys", keys))
    for kind in (Modulo, Jump, Rendezvous, Maglev, Slots):
        if kind.scheme == scheme:
            plan: Placement = kind(given)
            return plan
    raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")


@dataclass(frozen=True, eq=False)
class Balance:
    """How much each server got.

    Attributes
    ----------
    servers
        Their numbers.
    load
        Keys of each, or the sum of their weights, shape (servers,).
    """

    servers: tuple[int, ...]
    load: Floats

    def __repr__(self) -> str:
        return (
            f"Balance: {len(self.servers)} servers, the fullest has {self.max_over_mean:.2f} times "
            f"the mean, CV {self.cv:.3f}"
        )

    @property
    def share(self) -> Floats:
        """Each server's part of all, shape (servers,); 0 of nothing."""
        total = float(self.load.sum())
        return self.load / total if total else np.zeros(self.load.size)

    @property
    def cv(self) -> float:
        """Coefficient of variation: standard deviation over mean; 0 of nothing."""
        return cv_of(self.load)

    @property
    def max_over_mean(self) -> float:
        """The fullest server's load over the mean; 1 where there is nothing."""
        return max_over_mean_of(self.load)


def cv_of(load: Floats) -> float:
    """Give the standard deviation over the mean; 0 of nothing."""
    mean = float(load.mean())
    return float(load.std()) / mean if mean else 0.0


def max_over_mean_of(load: Floats) -> float:
    """Give the highest load over the mean; 1 where there is nothing."""
    mean = float(load.mean())
    return float(load.max()) / mean if mean else 1.0


def balance(placement: Placement, keys: Keys, weights: ArrayLike | None = None) -> Balance:
    """Seat all keys and count.

    Parameters
    ----------
    placement
        The plan.
    keys
        Whole numbers or texts, shape (keys,). A key that comes twice counts twice.
    weights
        How much each key brings, at least 0, shape (keys,); 1 each if left out.

    Examples
    --------
    >>> balance(HashRing(10, virtual_nodes=1), np.arange(100_000))
    Balance: 10 servers, the fullest has 4.81 times the mean, CV 1.322
    """
    return balance_of(placement.servers, placement.server_of(keys), weights)


def balance_of(
    servers: tuple[int, ...], chosen: NDArray[np.int64], weights: ArrayLike | None = None
) -> Balance:
    """Count what is on each server, where that is known already."""
    order = np.argsort(np.array(servers, dtype=np.int64))
    ranks = np.searchsorted(np.array(servers, dtype=np.int64)[order], chosen)
    counts = np.bincount(ranks, weights_of(weights, chosen.size), minlength=len(servers))
    load = np.empty(len(servers))
    load[order] = counts
    return Balance(servers, load)


def weights_of(weights: ArrayLike | None, size: int) -> Floats | None:
    """Give weights as numbers, or say what is wrong with them."""
    if weights is None:
        return None
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (size,) or not (np.isfinite(given) & (given >= 0)).all():
        raise ValueError(f"weights must be {size} finite numbers of at least 0, got {given}")
    return given


def moved(
    before: Placement, after: Placement, keys: Keys, weights: ArrayLike | None = None
) -> float:
    """Give the share of the keys that are on another server afterwards; 0 of none.

    Parameters
    ----------
    before, after
        Two plans.
    keys, weights
        As in `balance`.

    Examples
    --------
    >>> keys = np.arange(100_000)
    >>> [round(moved(p, p.add(), keys), 2) for p in (Modulo(3), HashRing(3), Jump(3))]
    [0.75, 0.26, 0.25]
    """
    moves = before.server_of(keys) != after.server_of(keys)
    given = weights_of(weights, moves.size)
    if given is None:
        return float(moves.mean()) if moves.size else 0.0
    total = float(given.sum())
    return float(given[moves].sum()) / total if total else 0.0


def ring_cv(servers: int, virtual_nodes: int) -> float:
    """Give the coefficient of variation of the servers' parts of a ring, by theory.

    Parameters
    ----------
    servers
        N, at least 1.
    virtual_nodes
        V points each, at least 1.

    Notes
    -----
    N·V points cut the circle like as many uniform draws; a server's part is the sum of V gaps
    and has a Beta(V, (N − 1)·V) distribution, so its CV is √((N − 1) / (N·V + 1)).

    Examples
    --------
    >>> round(ring_cv(10, 100), 4), round(ring_cv(10, 1), 4)
    (0.0948, 0.9045)
    """
    servers = require.whole("servers", servers)
    virtual_nodes = require.whole("virtual_nodes", virtual_nodes)
    return math.sqrt((servers - 1) / (servers * virtual_nodes + 1))


def moved_share(servers: int, scheme: Scheme | Literal["directory"] = "ring") -> float:
    """Give the share of keys that move when one server is added to N, by theory.

    Parameters
    ----------
    servers
        N, before, at least 1.
    scheme
        One of `SCHEMES`, or "directory".

    Notes
    -----
    Modulo: N/(N + 1), since of the N·(N + 1) pairs of rests only N agree. Range: half of one of
    N equal stretches. A directory: none until somebody moves them. All others: 1/(N + 1), the
    least that can make the parts equal; Maglev and bounded loads move somewhat more than that.

    Examples
    --------
    >>> [moved_share(3, scheme) for scheme in ("modulo", "ring", "directory")]
    [0.75, 0.25, 0.0]
    """
    servers = require.whole("servers", servers)
    if scheme not in (*SCHEMES, "directory"):
        raise ValueError(f"scheme must be one of {', '.join(SCHEMES)} or directory, got {scheme!r}")
    exceptions = {"modulo": servers / (servers + 1), "range": 1 / (2 * servers), "directory": 0.0}
    return exceptions.get(scheme, 1 / (servers + 1))


def measure_ring_cv(
    servers: int, virtual_nodes: int, rings: int = 200, rng: int | np.random.Generator = 0
) -> Estimate:
    """Estimate that coefficient of variation from many rings, of other servers each.

    Parameters
    ----------
    servers, virtual_nodes
        As in `ring_cv`.
    rings
        How many, at least 2.
    rng
        A seed or a generator: which servers.

    Notes
    -----
    The formula's variance is over all rings, so squares are averaged, then the root taken.

    Examples
    --------
    >>> measured = measure_ring_cv(10, 100)
    >>> ring_cv(10, 100) in measured
    True
    """
    servers, rings = require.whole("servers", servers), require.whole("rings", rings, at_least=2)
    chance = require.generator(rng)
    numbers = chance.integers(2**62, size=(rings, servers)).tolist()
    shares = [HashRing(tuple(row), virtual_nodes).shares for row in numbers]
    squares = interval([float(((servers * share - 1) ** 2).mean()) for share in shares])
    root = math.sqrt(squares.value)
    return Estimate(root, squares.half_width / (2 * root) if root else 0.0)
