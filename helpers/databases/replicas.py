"""Read replicas: more hands to read, each a little behind, and all of them write everything.

A newspaper with branch offices: the head office sets the type, each branch prints the same
pages as they come in by wire. More branches serve more readers; none of them saves another
any printing, and a reader who runs to a branch right after the news may get yesterday's.

A replica applies writes one after the other, so its lag is a queue's response time. With
writes at random moments and exponential work it is an M/M/1 queue, whose response time is
exponential with rate μ − λ: a read that comes `delay` after a save finds the old value with
probability exp(−(μ − λ)(delay − network)).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.statistics import Estimate, batch_means

Floats = NDArray[np.float64]
Routing = Literal["any replica", "pinned to the primary", "version token", "primary only"]
ROUTINGS: tuple[Routing, ...] = get_args(Routing)
WARM_UP = 0.01
"""Share of the first writes that is left out: they find an empty queue."""


@kernel
def apply_in_order(gap, work, network):  # type: ignore[no-untyped-def]
    """Apply writes one after the other; give how long after its commit each one is there."""
    lag = np.empty(gap.size)
    waiting = 0.0
    for i in range(gap.size):
        if i > 0:
            waiting = max(0.0, waiting + work[i - 1] - gap[i])
        lag[i] = network + waiting + work[i]
    return lag


@dataclass(frozen=True, eq=False)
class LagRun:
    """How far a replica was behind, write by write.

    Attributes
    ----------
    lag
        Seconds from each commit on the primary to the moment at which the replica has it,
        shape (writes,), the warm-up left out.
    write_rate, apply_rate
        Writes a second that come, and that the replica can apply.
    network
        Seconds on the way.
    """

    lag: Floats
    write_rate: float
    apply_rate: float
    network: float

    def __post_init__(self) -> None:
        self.lag.flags.writeable = False
        if self.lag.size and not self.lag.min() >= self.network:
            raise AssertionError("a write was applied before it arrived")

    @property
    def utilization(self) -> float:
        """Share of its time that the replica spends applying writes; 1 where it cannot follow."""
        return min(1.0, self.write_rate / self.apply_rate)

    @cached_property
    def mean(self) -> Estimate:
        """The mean lag in seconds, with its spread."""
        return batch_means(self.lag)

    def stale_share(self, delay: float) -> Estimate:
        """Give the share of reads that miss a save made some seconds before.

        Parameters
        ----------
        delay
            Seconds from the save to the read, at least 0.
        """
        require.not_negative("delay", delay)
        return batch_means((self.lag > delay).astype(np.float64))


@dataclass(frozen=True)
class AfterSave:
    """What a user gets who reads after a save.

    Attributes
    ----------
    routing
        Where such reads are sent.
    stale
        Share of these reads that show the old value.
    on_primary
        Share of these reads that the primary has to answer.
    """

    routing: str
    stale: float
    on_primary: float


def simulate_lag(
    write_rate: float,
    apply_rate: float,
    *,
    network: float = 0.001,
    writes: int = 1_000_000,
    rng: int | np.random.Generator = 0,
) -> LagRun:
    """Let a replica apply writes that come at random moments.

    Parameters
    ----------
    write_rate
        Writes a second, above 0. From `apply_rate` on the lag grows without end.
    apply_rate
        Writes a second that the replica can apply, above 0.
    network
        Seconds on the way, at least 0.
    writes
        How many, at least 100.
    rng
        A seed or a generator. The same seed keeps the luck while the rates move.

    Examples
    --------
    >>> run = simulate_lag(500, 1000, network=0, writes=200_000, rng=1)
    >>> round(run.mean.value, 4)
    0.002
    """
    require.positive("write_rate", write_rate)
    require.positive("apply_rate", apply_rate)
    require.not_negative("network", network)
    writes = require.whole("writes", writes, 100)
    gap, work = drawn(writes, require.seed(rng))
    lag = apply_in_order(gap / write_rate, work / apply_rate, float(network))
    return LagRun(lag[int(WARM_UP * writes) :], write_rate, apply_rate, network)


@lru_cache(maxsize=2)
def drawn(writes: int, seed: int) -> tuple[Floats, Floats]:
    """Draw gaps and work with a mean of 1, once for each seed."""
    gaps, works = np.random.default_rng(seed).spawn(2)
    columns = gaps.exponential(size=writes), works.exponential(size=writes)
    for column in columns:
        column.flags.writeable = False
    return columns


def stale_chance(
    delay: ArrayLike, write_rate: float, apply_rate: float, network: float = 0.001
) -> Floats:
    """Give the chance that a read misses a save made some seconds before.

    Parameters
    ----------
    delay
        Seconds from the save to the read, at least 0.
    write_rate, apply_rate
        Writes a second that come, and that a replica can apply, above 0.
    network
        Seconds on the way, at least 0.

    Returns
    -------
    exp(−(μ − λ)(delay − network)) after the network's delay, 1 before it, and 1 at any time
    where more comes than can be applied (the M/M/1 queue's response time).

    Examples
    --------
    >>> stale_chance([0, 0.001, 0.011], 900, 1000).round(3).tolist()
    [1.0, 1.0, 0.368]
    """
    require.positive("write_rate", write_rate)
    require.positive("apply_rate", apply_rate)
    require.not_negative("network", network)
    waited = np.asarray(delay, dtype=np.float64)
    if not np.all((waited >= 0) & np.isfinite(waited)):
        raise ValueError(f"delay must be finite and at least 0, got {delay!r}")
    after = np.maximum(0.0, waited - network)
    chance: Floats = np.exp(-max(0.0, apply_rate - write_rate) * after)
    return chance


def mean_lag(write_rate: float, apply_rate: float, network: float = 0.001) -> float:
    """Give the mean lag: network + 1 / (μ − λ), infinite where the replica cannot follow.

    Examples
    --------
    >>> [round(mean_lag(rate, 1000, 0), 3) for rate in (500, 900, 990, 1000)]
    [0.002, 0.01, 0.1, inf]
    """
    require.positive("write_rate", write_rate)
    require.positive("apply_rate", apply_rate)
    require.not_negative("network", network)
    spare = apply_rate - write_rate
    return network + 1 / spare if spare > 0 else float("inf")


def read_after_save(
    run: LagRun, delay: float, routing: Routing = "any replica", pin: float = 1.0
) -> AfterSave:
    """Send a user's read after a save somewhere, and see what it shows.

    Parameters
    ----------
    run
        How far the replicas were behind.
    delay
        Seconds from the save to the read, at least 0.
    routing
        "any replica"; "pinned to the primary" for `pin` seconds after an own save; "version
        token": the replica is asked whether it has the save, and if not, the primary;
        "primary only".
    pin
        Seconds, at least 0.

    Examples
    --------
    >>> run = simulate_lag(900, 1000, writes=100_000)
    >>> read_after_save(run, 0.005, "version token").stale
    0.0
    """
    require.not_negative("pin", pin)
    if routing not in ROUTINGS:
        raise ValueError(f"routing must be one of {', '.join(ROUTINGS)}, got {routing!r}")
    behind = run.stale_share(delay).value
    if routing == "any replica":
        return AfterSave(routing, behind, 0.0)
    if routing == "version token":
        return AfterSave(routing, 0.0, behind)
    if routing == "pinned to the primary" and delay > pin:
        return AfterSave(routing, behind, 0.0)
    return AfterSave(routing, 0.0, 1.0)


def read_capacity(
    servers: ArrayLike, capacity: float, write_rate: float, write_cost: float = 1.0
) -> Floats:
    """Give the reads a second that a primary and its replicas can answer together.

    Parameters
    ----------
    servers
        Primary and replicas, at least 1.
    capacity
        Reads a second that one server can answer when nothing is written, above 0.
    write_rate
        Writes a second, at least 0: every server applies all of them.
    write_cost
        Reads that one write costs, above 0.

    Returns
    -------
    servers × (capacity − write_rate × write_cost), at least 0.

    Examples
    --------
    >>> read_capacity([1, 2, 10], 10_000, 4_000, 2.0).tolist()
    [2000.0, 4000.0, 20000.0]
    """
    count = as_servers(servers)
    require.positive("capacity", capacity)
    require.not_negative("write_rate", write_rate)
    require.positive("write_cost", write_cost)
    return count * max(0.0, capacity - write_rate * write_cost)


def most_requests(
    servers: ArrayLike, capacity: float, write_share: float, write_cost: float = 1.0
) -> Floats:
    """Give the requests a second that a primary and its replicas can bear.

    Parameters
    ----------
    servers
        Primary and replicas, at least 1.
    capacity
        Reads a second that one server can answer when nothing is written, above 0.
    write_share
        Share of the requests that are writes, from 0 to 1.
    write_cost
        Reads that one write costs, above 0.

    Returns
    -------
    capacity / (s·k + (1 − s)/n): each server does all writes and its part of the reads. It is
    Amdahl's law with the writes as the part that cannot be shared; the ceiling is capacity/(s·k).

    Examples
    --------
    >>> most_requests([1, 2, 10, 1_000_000], 1000, 0.1).round().tolist()
    [1000.0, 1818.0, 5263.0, 10000.0]
    """
    count = as_servers(servers)
    require.positive("capacity", capacity)
    require.between("write_share", write_share, 0, 1)
    require.positive("write_cost", write_cost)
    answer: Floats = capacity / (write_share * write_cost + (1 - write_share) / count)
    return answer


def most_requests_at_all(capacity: float, write_share: float, write_cost: float = 1.0) -> float:
    """Give the requests a second that no number of replicas can exceed: capacity / (s·k).

    Examples
    --------
    >>> most_requests_at_all(1000, 0.1), most_requests_at_all(1000, 0)
    (10000.0, inf)
    """
    require.positive("capacity", capacity)
    require.between("write_share", write_share, 0, 1)
    require.positive("write_cost", write_cost)
    return capacity / (write_share * write_cost) if write_share else float("inf")


def as_servers(servers: ArrayLike) -> Floats:
    """Give numbers of servers as an array."""
    count = np.asarray(servers, dtype=np.float64)
    if not np.all(count >= 1):
        raise ValueError(f"servers must be at least 1, got {servers!r}")
    return count
