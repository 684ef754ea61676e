"""One knob turned through its range: a tier's size, and a copy's time to live."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.caching.staleness import (
    Traffic,
    copy_hit_ratio,
    copy_stale_share,
    draw_traffic,
    read_copies,
)
from helpers.caching.tiers import Tier, serve_chain
from helpers.workload.keys import zipf
from helpers.workload.record import Workload

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TierSweep:
    """What a chain does while one of its tiers grows.

    Attributes
    ----------
    name
        The tier that grows.
    names
        All tiers and the source.
    capacity
        Objects in each of the tier's caches, shape (settings,).
    hit_ratio
        The growing tier's, shape (settings,).
    load
        Share of all requests that reach each tier, shape (settings, tiers).
    ratios
        The hit ratio of each tier, shape (settings, tiers).
    """

    name: str
    names: tuple[str, ...]
    capacity: Floats
    hit_ratio: Floats
    load: Floats
    ratios: Floats


@dataclass(frozen=True, eq=False)
class TtlSweep:
    """What a time to live does to a source and to its readers; shape (settings,) each.

    Attributes
    ----------
    ttl
        Seconds.
    lost_purges
        Chance that a purge does not arrive.
    load, load_by_formula
        Reads at the source, a second.
    stale, stale_by_formula
        Share of the reads that got an old version.
    """

    ttl: Floats
    lost_purges: float
    load: Floats
    load_by_formula: Floats
    stale: Floats
    stale_by_formula: Floats


def sweep_tier(
    workload: Workload, tiers: Sequence[Tier], grows: str, capacities: Sequence[int]
) -> TierSweep:
    """Serve the same requests with one tier in several sizes; the first half warms it up.

    Parameters
    ----------
    workload
        With keys.
    tiers
        The chain.
    grows
        The name of the tier.
    capacities
        Its sizes, in objects.
    """
    names = [tier.name for tier in tiers]
    if grows not in names:
        raise ValueError(f"grows must be one of {names}, got {grows!r}")
    if not capacities:
        raise ValueError("capacities must not be empty, got 0 of them")
    place = names.index(grows)
    runs = []
    for capacity in capacities:
        chain = [replace(tier, capacity=capacity) if tier.name == grows else tier for tier in tiers]
        runs.append(serve_chain(workload, chain).after(0.5))
    return TierSweep(
        grows,
        runs[0].names,
        np.array(capacities, dtype=np.float64),
        np.array([run.hit_ratio[place] for run in runs]),
        np.array([run.load for run in runs]),
        np.array([run.hit_ratio for run in runs]),
    )


def measure(traffic: Traffic, ttl: float, lost_purges: float) -> tuple[float, float]:
    """Give load and stale share of a run, and let the run itself go: it is large."""
    run = read_copies(traffic, ttl, lost_purges)
    return run.source_load, run.stale_share


def sweep_ttl(
    ttls: Sequence[float],
    *,
    read_rate: float = 100.0,
    write_rate: float = 1.0,
    keys: int = 100,
    exponent: float = 0.8,
    lost_purges: float = 1.0,
    duration: float = 20_000.0,
    rng: int = 0,
) -> TtlSweep:
    """Answer the same reads with several times to live.

    Parameters
    ----------
    ttls
        Seconds, finite.
    read_rate, write_rate, keys, exponent, duration, rng
        As in `draw_traffic`.
    lost_purges
        Chance that a purge does not arrive, from 0 to 1; 1 where none is sent.
    """
    if not ttls:
        raise ValueError("ttls must not be empty, got 0 of them")
    for ttl in ttls:
        require.not_negative("ttls", ttl)
    traffic = draw_traffic(read_rate, write_rate, duration, keys=keys, exponent=exponent, rng=rng)
    load, stale_share = zip(*(measure(traffic, ttl, lost_purges) for ttl in ttls), strict=True)
    reads = read_rate * zipf(keys, exponent)
    writes = write_rate / keys
    missed = [1 - copy_hit_ratio(reads, ttl, writes, lost_purges) for ttl in ttls]
    stale = [copy_stale_share(reads, writes, ttl, lost_purges) for ttl in ttls]
    return TtlSweep(
        np.array(ttls, dtype=np.float64),
        lost_purges,
        np.array(load),
        np.array([reads @ share for share in missed]),
        np.array(stale_share),
        np.array([reads @ share / read_rate for share in stale]),
    )
