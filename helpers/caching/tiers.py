"""A chain of caches: what one lets through is all that the next one sees.

Picture sieves over each other. The first catches the coarse grains, the second only
meets what fell through the first. So a sieve that lets through a tenth instead of a
twentieth does not make life a little harder for the next one: it doubles its work. And
since the coarse grains are gone, the next sieve catches less than it would alone.

Requests are columns. A tier is a function over them: which of these do you hold? The
misses of one tier are the requests of the next, down to the source, which has it all.

Source of the published chain: Huang et al., "An analysis of Facebook photo caching",
SOSP 2013.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.caching.eviction import POLICIES, Policy, number_keys, simulate
from helpers.kernel import kernel
from helpers.workload.keys import AliasTable, zipf
from helpers.workload.record import Workload

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PHOTO_SHARES = (0.655, 0.200, 0.046, 0.099)
"""Share of all requests answered by browser, edge, origin cache and backend (Huang et al.)."""
REMEMBERED = 32
"""How many of its latest objects a client may come back to in `draw_visits`."""


@dataclass(frozen=True)
class Tier:
    """Caches of one kind, side by side.

    Attributes
    ----------
    name
        What people call it.
    capacity
        Objects that each of the caches holds, at least 0.
    caches
        How many there are; 0 for one to each client. A client always asks the same one.
    latency
        Seconds that it takes to ask, hit or miss.
    policy
        What is evicted, as in `eviction.simulate`.
    """

    name: str
    capacity: int
    caches: int = 1
    latency: float = 0.0
    policy: Policy = "lru"

    def __post_init__(self) -> None:
        require.whole("capacity", self.capacity, at_least=0)
        require.whole("caches", self.caches, at_least=0)
        require.not_negative("latency", self.latency)
        if self.policy not in POLICIES:
            raise ValueError(f"policy must be one of {', '.join(POLICIES)}, got {self.policy!r}")
        if self.caches == 0 and self.policy != "lru":
            raise ValueError(f"policy must be 'lru' with a cache to each client: {self.policy!r}")


@dataclass(frozen=True, eq=False)
class ChainRun:
    """Who answered each request.

    Attributes
    ----------
    names
        The tiers from the outermost to the source, which comes last.
    latencies
        Seconds that asking each of them takes, shape (tiers,).
    served_by
        The place of the tier that answered, shape (requests,).
    """

    names: tuple[str, ...]
    latencies: Floats
    served_by: NDArray[np.int8]

    def __post_init__(self) -> None:
        if self.served.sum() != len(self):
            raise AssertionError("a request was answered by no tier")

    def __len__(self) -> int:
        return self.served_by.size

    def __repr__(self) -> str:
        parts = [f"{name} {share:.1%}" for name, share in zip(self.names, self.share, strict=True)]
        return f"ChainRun: {len(self):,} requests, answered by {', '.join(parts)}"

    @cached_property
    def served(self) -> Integers:
        """Requests that each tier answered, shape (tiers,)."""
        return np.bincount(self.served_by, minlength=len(self.names)).astype(np.int64)

    @property
    def asked(self) -> Integers:
        """Requests that reached each tier, shape (tiers,)."""
        return np.cumsum(self.served[::-1])[::-1]

    @property
    def hit_ratio(self) -> Floats:
        """Share of what reached a tier that it answered, shape (tiers,); 1 at the source."""
        asked = self.asked
        return np.divide(self.served, asked, out=np.ones(asked.size), where=asked > 0)

    @property
    def share(self) -> Floats:
        """Share of all requests that each tier answered, shape (tiers,)."""
        return self.served / max(len(self), 1)

    @property
    def load(self) -> Floats:
        """Share of all requests that reached each tier, shape (tiers,)."""
        return self.asked / max(len(self), 1)

    @property
    def latency(self) -> Floats:
        """Seconds that each request took, shape (requests,)."""
        return np.cumsum(self.latencies)[self.served_by]

    @property
    def miss_cost(self) -> Floats:
        """Mean seconds that a miss at each tier costs beyond it, shape (tiers − 1,)."""
        asked = self.asked
        beyond = np.cumsum((asked * self.latencies)[::-1])[::-1][1:]
        return np.divide(beyond, asked[1:], out=np.zeros(beyond.size), where=asked[1:] > 0)

    def after(self, share: float) -> "ChainRun":
        """Leave out the first requests, which found the caches empty.

        Parameters
        ----------
        share
            Of all requests, from 0 to 1 (not included).
        """
        if not 0 <= share < 1:
            raise ValueError(f"share must be at least 0 and below 1, got {share}")
        return ChainRun(self.names, self.latencies, self.served_by[int(share * len(self)) :])


@kernel
def look_in_own_caches(key, cache, caches, capacity):  # type: ignore[no-untyped-def]
    """Tell hits in many small LRU caches, each a row of keys with the latest in front."""
    rows = np.full((caches, capacity), -1)
    is_hit = np.zeros(key.size, dtype=np.bool_)
    for i in range(key.size):
        row = rows[cache[i]]
        pushed = key[i]
        for place in range(capacity):  # each moves one back, up to where the key was
            row[place], pushed = pushed, row[place]
            if pushed == key[i]:
                is_hit[i] = True
            if pushed == key[i] or pushed == -1:
                break
    return is_hit


@kernel
def come_back(fresh, client, clients, chance, pick, repeat, remembered):  # type: ignore[no-untyped-def]
    """Let clients ask again, with a chance, for something among the latest they asked for."""
    latest = np.empty((clients, remembered), dtype=np.int64)
    asked = np.zeros(clients, dtype=np.int64)
    key = np.empty_like(fresh)
    for i in range(fresh.size):
        c = client[i]
        known = min(asked[c], remembered)
        if known > 0 and chance[i] < repeat:
            key[i] = latest[c, int(pick[i] * known)]
        else:
            key[i] = fresh[i]
            latest[c, asked[c] % remembered] = fresh[i]
            asked[c] += 1
    return key


def draw_visits(
    requests: int = 1_000_000,
    *,
    clients: int = 10_000,
    catalogue: int = 100_000,
    exponent: float = 0.9,
    repeat: float = 0.625,
    rng: int | np.random.Generator = 0,
) -> Workload:
    """Make requests of clients who like what all like, and come back to what they saw.

    Parameters
    ----------
    requests, clients, catalogue
        How many, each at least 1.
    exponent
        How uneven the objects' popularity is (Zipf), at least 0.
    repeat
        Chance that a request is for one of the client's own latest 32 objects, 0 to 1.
    rng
        A seed or a generator. The same seed keeps clients and objects while `repeat` moves.

    Examples
    --------
    >>> visits = draw_visits(1000, clients=10, catalogue=100, rng=1)
    >>> len(visits), visits.columns
    (1000, ('arrival_time', 'key', 'client'))
    """
    requests = require.whole("requests", requests)
    clients = require.whole("clients", clients)
    require.between("repeat", repeat, 0, 1)
    of_fresh, of_clients, of_chance = require.generator(rng).spawn(3)
    fresh = AliasTable.of(zipf(catalogue, exponent)).draw(requests, of_fresh)
    client = of_clients.integers(clients, size=requests)
    chance, pick = of_chance.random((2, requests))
    key = come_back(fresh, client, clients, chance, pick, repeat, REMEMBERED)
    del fresh, chance, pick  # a workload copies what could still be written to
    time = np.arange(requests, dtype=np.float64)
    for column in (time, key, client):
        column.flags.writeable = False
    return Workload(time, float(requests), key=key, client=client, name="visits")


def serve_chain(
    workload: Workload,
    tiers: Sequence[Tier],
    *,
    source: str = "database",
    source_latency: float = 0.0,
) -> ChainRun:
    """Send requests through the tiers, the misses of each to the next, and to the source.

    Parameters
    ----------
    workload
        With keys. Without clients, all requests are one client's.
    tiers
        From the outermost in.
    source
        The name of what holds everything.
    source_latency
        Seconds that asking it takes, at least 0.

    Examples
    --------
    >>> visits = Workload(np.arange(4.0), 4.0, key=[1, 1, 2, 1], client=[0, 0, 0, 1])
    >>> chain = serve_chain(visits, [Tier("browser", 1, caches=0), Tier("edge", 2)])
    >>> [chain.names[place] for place in chain.served_by]
    ['database', 'browser', 'database', 'edge']
    """
    require.not_negative("source_latency", source_latency)
    key = workload.column("key")
    client = np.zeros_like(key) if workload.client is None else workload.client
    served_by = np.full(key.size, len(tiers), dtype=np.int8)
    left = np.ones(key.size, dtype=np.bool_)
    for place, tier in enumerate(tiers):
        is_hit = look_up(tier, key, client)
        served_by[np.flatnonzero(left)[is_hit]] = place
        left[left] = ~is_hit
        key, client = key[~is_hit], client[~is_hit]
    latencies = np.array([*(tier.latency for tier in tiers), source_latency])
    return ChainRun((*(tier.name for tier in tiers), source), latencies, served_by)


def look_up(tier: Tier, key: Integers, client: Integers) -> NDArray[np.bool_]:
    """Tell which requests a tier's caches answer, shape (requests,)."""
    is_hit = np.zeros(key.size, dtype=np.bool_)
    if tier.capacity == 0 or key.size == 0:
        return is_hit
    if tier.caches == 0:
        own = number_keys(client)
        return look_in_own_caches(key, own.keys, own.distinct, tier.capacity)
    for cache in range(tier.caches):
        asks = np.flatnonzero(client % tier.caches == cache)
        if asks.size:
            is_hit[asks] = simulate(key[asks], tier.capacity, tier.policy).hits
    return is_hit


def chain_shares(hit_ratios: ArrayLike) -> Floats:
    """Give the share of all requests that each tier answers, and the source's.

    Parameters
    ----------
    hit_ratios
        Of each tier, counted on what reaches it, from 0 to 1, shape (tiers,).

    Returns
    -------
    Shape (tiers + 1,), adding up to 1: tier i answers h_i × Π_{j<i} (1 − h_j).

    Examples
    --------
    >>> chain_shares([0.5, 0.5]).tolist()
    [0.5, 0.25, 0.25]
    """
    ratios = np.asarray(hit_ratios, dtype=np.float64)
    if ratios.ndim != 1 or not np.all((ratios >= 0) & (ratios <= 1)):
        raise ValueError(f"hit_ratios must each lie between 0 and 1, got {hit_ratios!r}")
    reach = np.concatenate([[1.0], np.cumprod(1 - ratios)])
    return reach * np.append(ratios, 1.0)


def load_factor(before: float, after: float) -> float:
    """Give how many times the load the next tier gets when a hit ratio changes.

    Parameters
    ----------
    before, after
        Hit ratios, at least 0; the first below 1.

    Examples
    --------
    >>> round(load_factor(0.95, 0.90), 9)
    2.0
    """
    if not 0 <= before < 1:
        raise ValueError(f"before must be at least 0 and below 1, got {before}")
    require.between("after", after, 0, 1)
    return (1 - after) / (1 - before)
