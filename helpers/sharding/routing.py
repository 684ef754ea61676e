"""The cache tier of the lab: a router sends each request to one of ten servers.

A row of coat racks with an attendant in front. Three things can be asked of him: that he
finds a coat again, that no rack breaks down under the coats, and that hardly any coat has to
be carried over when a rack is added or taken away.
"""

import heapq
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from helpers import require
from helpers.sharding.hashing import hash64
from helpers.sharding.hot_keys import with_celebrity, zipf_keys

SERVERS = tuple(f"cache-{number}" for number in range(10))
NEWCOMER, LOST = "cache-10", "cache-3"
FULL, ABOVE_MEAN = "cache-6", "cache-2"  # of the limit of 17, at a mean of 13.5, one has 14
EPSILON = 0.25
REQUESTS = 15_000
IN_FLIGHT = 150  # requests at work at once, on average
ROOM = 400  # keys that a server's cache holds
CATALOGUE = 10_000
SAMPLE = 10_000  # keys whose homes are looked up
UNEVEN = 1.35  # times the mean that a server's share of the keys may be
MOST_MOVED = 1.5  # times the least that has to move
MOST_SPILLED = 0.5  # share of a full server's keys that one other server may get
LEAST_HITS = 0.08  # hit ratio by which a router may fall behind the plain ring

Router = Callable[[str, Mapping[str, int]], str]
MakeRouter = Callable[[Sequence[str]], Router]


@dataclass(frozen=True)
class Day:
    """Requests that a router has to send on.

    Attributes
    ----------
    name
        What happens.
    celebrity
        Share of the requests for one key, in the second half.
    seed
        Which requests.
    """

    name: str
    celebrity: float = 0.0
    seed: int = 1


DAYS = (Day("an ordinary day"), Day("a celebrity has two fifths of the requests", 0.4, 2))


@dataclass(frozen=True)
class RestReport:
    """Where keys live while nothing is going on.

    Attributes
    ----------
    strangers
        Answers that name no server.
    is_steady
        Whether a key that is asked for again, with the same load, goes to the same server.
    is_shared
        Whether a router in another process would send the keys to the same servers.
    fullest
        The largest number of keys on a server over the mean.
    moved_in, moved_out
        Share of the keys that are elsewhere when a server is added; when one is lost.
    moved_at_end
        As `moved_in`, where the new server stands at the end of the list and not at its head.
    astray_in, astray_out
        Of all keys, the share that moved from one old server to another; that moved though
        their server was not the one that was lost.
    spilled
        With one server full: of its keys, the largest share that another server gets.
    needless
        With one server full: of the other servers' keys, the share that moved.
    """

    strangers: int
    is_steady: bool
    is_shared: bool
    fullest: float
    moved_in: float
    moved_out: float
    moved_at_end: float
    astray_in: float
    astray_out: float
    spilled: float
    needless: float


@dataclass(frozen=True)
class DayReport:
    """How a router got through a day.

    Attributes
    ----------
    strangers
        Answers that name no server.
    over
        Share of the requests that came to a server above the limit.
    excess
        Requests above the limit, at worst.
    hit_ratio, ring_hit_ratio
        Share of the requests that found their key in the server's cache; with a plain ring.
    peak
        The most requests at work at once on each server, over the mean at that moment.
    """

    strangers: int
    over: float
    excess: int
    hit_ratio: float
    ring_hit_ratio: float
    peak: dict[str, float]

    @property
    def fullest(self) -> float:
        """The highest peak of any server."""
        return max(self.peak.values())


def limit_of(load: Mapping[str, int], epsilon: float = EPSILON) -> int:
    """Give the most requests that a server may have, the newcomer counted.

    Examples
    --------
    >>> limit_of({"a": 3, "b": 0, "c": 1})
    3
    """
    require.positive("epsilon", epsilon)
    return math.ceil((1 + epsilon) * (sum(load.values()) + 1) / len(load))


@lru_cache(maxsize=16)
def ring_points(servers: tuple[str, ...], copies: int = 100) -> tuple[tuple[int, str], ...]:
    """Give the points of a plain ring in order."""
    points = [(hash64(f"{name}#{copy}"), name) for name in servers for copy in range(copies)]
    return tuple(sorted(points))


class PlainRing:
    """A ring with virtual nodes that does not mind the load."""

    def __init__(self, servers: Sequence[str]) -> None:
        points = ring_points(tuple(servers))
        self.places = np.array([place for place, _ in points], dtype=np.uint64)
        self.owners = [owner for _, owner in points]

    def __call__(self, key: str, load: Mapping[str, int]) -> str:
        """Give the server of the next point."""
        place = int(np.searchsorted(self.places, np.uint64(hash64(key))))
        return self.owners[place % len(self.owners)]


class HashModulo:
    """The hash modulo the number of servers."""

    def __init__(self, servers: Sequence[str]) -> None:
        self.servers = tuple(servers)

    def __call__(self, key: str, load: Mapping[str, int]) -> str:
        """Give the server by the rest of a division."""
        return self.servers[hash64(key) % len(self.servers)]


class Elsewhere(str):
    """A key as another process has it: the same text, and another `hash` of Python's own."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(("elsewhere", str(self)))


def sample_keys() -> list[str]:
    """Give the keys whose homes are looked up."""
    return [f"product/{number}" for number in range(SAMPLE)]


def homes(
    make: MakeRouter,
    servers: Sequence[str],
    load: Mapping[str, int] | None = None,
    text: type[str] = str,
) -> Any:
    """Ask a fresh router for the server of each key of the sample, with the same load each time."""
    router, given = make(list(servers)), dict(load or dict.fromkeys(servers, 0))
    return np.array([str(router(text(key), dict(given))) for key in sample_keys()])


def look_at_rest(make: MakeRouter) -> RestReport:
    """Find out where keys live, and who moves when the servers change.

    Parameters
    ----------
    make
        Takes the servers' names, gives a router.

    Examples
    --------
    >>> report = look_at_rest(HashModulo)
    >>> round(report.moved_in, 1), report.is_steady
    (0.9, True)
    """
    before = homes(make, SERVERS)
    more = homes(make, (NEWCOMER, *SERVERS))
    fewer = homes(make, [name for name in SERVERS if name != LOST])
    crowd = dict.fromkeys(SERVERS, 10) | {FULL: 40, ABOVE_MEAN: 14}
    busy, busy_again = homes(make, SERVERS, crowd), homes(make, SERVERS, crowd)
    is_same = (before == homes(make, SERVERS)).all() and (busy == busy_again).all()
    strangers = sum(int((~np.isin(found, [*SERVERS, NEWCOMER])).sum()) for found in (before, busy))
    counts = [np.count_nonzero(before == name) for name in SERVERS]
    spill, of_full = busy[before == FULL], before == FULL
    largest = max((np.count_nonzero(spill == name) for name in SERVERS if name != FULL), default=0)
    return RestReport(
        strangers=strangers,
        is_steady=bool(is_same) and is_steady(make),
        is_shared=bool((before == homes(make, SERVERS, text=Elsewhere)).all()),
        fullest=float(max(counts)) * len(SERVERS) / SAMPLE,
        moved_in=float((before != more).mean()),
        moved_out=float((before != fewer).mean()),
        moved_at_end=float((before != homes(make, (*SERVERS, NEWCOMER))).mean()),
        astray_in=float(((before != more) & (more != NEWCOMER)).mean()),
        astray_out=float(((before != fewer) & (before != LOST)).mean()),
        spilled=float(largest) / max(spill.size, 1),
        needless=float((before != busy)[~of_full].mean()) if not of_full.all() else 0.0,
    )


def is_steady(make: MakeRouter) -> bool:
    """Tell whether one router gives the same server twice for each of some keys."""
    router, keys = (
        make(list(SERVERS)),
        sample_keys()[:203],
    )  # no multiple of the servers, for who takes turns
    first, again = ([router(key, dict.fromkeys(SERVERS, 0)) for key in keys] for _ in range(2))
    return first == again


@lru_cache(maxsize=4)
def requests_of(day: Day) -> tuple[list[str], list[float]]:
    """Draw a day's keys, and how long each request is at work, in gaps between two requests."""
    keys = zipf_keys(REQUESTS, CATALOGUE, 0.9, rng=day.seed)
    half = REQUESTS // 2
    keys[half:] = with_celebrity(keys[half:], day.celebrity, CATALOGUE, rng=day.seed)
    work = np.random.default_rng(day.seed).exponential(IN_FLIGHT, REQUESTS)
    return [f"product/{number}" for number in keys.tolist()], work.tolist()


def serve(make: MakeRouter, day: Day) -> DayReport:
    """Send a day's requests through a router.

    Parameters
    ----------
    make
        Takes the servers' names, gives a router.
    day
        Such as one of `DAYS`.
    """
    ring = PlainRing if make is not PlainRing else None
    return serve_with(make, day, serve_with(ring, day).hit_ratio if ring else None)


def serve_with(make: MakeRouter, day: Day, ring_hit_ratio: float | None = None) -> DayReport:
    """Send the requests on one by one, and keep count of who is at work and what is cached."""
    router, load = make(list(SERVERS)), dict.fromkeys(SERVERS, 0)
    caches: dict[str, OrderedDict[str, None]] = {name: OrderedDict() for name in SERVERS}
    peak = dict.fromkeys(SERVERS, 0.0)
    leaving: list[tuple[float, str]] = []
    hits = over = excess = strangers = 0
    for now, (key, work) in enumerate(zip(*requests_of(day), strict=True)):
        while leaving and leaving[0][0] <= now:
            load[heapq.heappop(leaving)[1]] -= 1
        server, limit = router(key, dict(load)), limit_of(load)
        if server not in load:
            strangers += 1
            continue
        load[server] += 1
        heapq.heappush(leaving, (now + work, server))
        over += load[server] > limit
        excess = max(excess, load[server] - limit)
        if now > 3 * IN_FLIGHT:
            peak[server] = max(peak[server], load[server] * len(load) / sum(load.values()))
        cache = caches[server]
        hits += key in cache
        cache[key] = None
        cache.move_to_end(key)
        if len(cache) > ROOM:
            cache.popitem(last=False)
    share = hits / REQUESTS
    ring = share if ring_hit_ratio is None else ring_hit_ratio
    return DayReport(strangers, over / REQUESTS, excess, share, ring, peak)
