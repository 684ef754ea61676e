"""Who has which key: the course's plans against C, uhashring and plain Python."""

import ctypes
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.c_code import COMPILERS, build
from benchmarks.paired import OURS, AbsentError, Contender, Job, Scenario
from helpers.sharding.hashing import Hashes, finish, hash64, jump_hash
from helpers.sharding.placement import Jump, Placement, Rendezvous, server_hashes
from helpers.sharding.ring import BoundedRing, HashRing

SLOW = 1 / 50
"""The share of keys for what takes microseconds for each."""
MOST_KEYS = 1_000_000
LOOKING_UP = "look-up alone"
TIMED = {
    LOOKING_UP: "Keys are hashed already and stand in an array, or a list for those who work on "
    "lists; points are on the ring. Timed: from there to a new array or list with each key's "
    "server. The course's ring has an index of four stretches a point, in which it goes on to the "
    "point; C and plain Python search by halving. uhashring is given the same hashes by name and "
    "looks each up in a dictionary of its own. The bounded ring has 10 % of room above the mean, "
    "and keys' points are known to both.",
}
PACKAGES = ("uhashring",)
STAGES = {"model": ("view_balance",)}


@dataclass(frozen=True)
class Case:
    """A scheme on so many servers."""

    scheme: str
    servers: int
    virtual_nodes: int = 1


def scenarios() -> Iterator[Scenario]:
    """Give each scheme that has a loop."""
    yield Scenario("ring, 10 × 100 points", LOOKING_UP, Case("ring", 10, 100), targets={"C": 0.8})
    yield Scenario("ring, 100 × 160 points", LOOKING_UP, Case("ring", 100, 160), targets={"C": 0.8})
    bounded = Case("bounded ring", 100, 160)
    yield Scenario("bounded ring, 100 × 160 points", LOOKING_UP, bounded, targets={"C": 0.8})
    yield Scenario("jump, 100 buckets", LOOKING_UP, Case("jump", 100), targets={"C": 0.8})
    yield Scenario("rendezvous, 32 servers", LOOKING_UP, Case("rendezvous", 32), targets={"C": 0.8})


@lru_cache(maxsize=1)
def all_hashes() -> Hashes:
    """Give the hashes that everybody gets; fewer are the beginning of more."""
    return hash64(np.arange(MOST_KEYS))


def hashes_for(keys: int) -> Hashes:
    """Give so many hashes."""
    return hash64(np.arange(keys)) if keys > MOST_KEYS else all_hashes()[:keys].copy()


@lru_cache(maxsize=8)
def plan_of(case: Case) -> Placement:
    """Make the plan, with all that it makes once."""
    servers: Any = case.servers
    plans = {
        "ring": lambda: HashRing(servers, case.virtual_nodes),
        "bounded ring": lambda: BoundedRing(servers, case.virtual_nodes, epsilon=0.1),
        "jump": lambda: Jump(servers),
        "rendezvous": lambda: Rendezvous(servers),
    }
    plan: Placement = plans[case.scheme]()
    plan.choose(all_hashes()[:10])
    return plan


def prepare_course(case: Case, keys: int) -> Job:
    """Call what a learner's call leads to."""
    plan, hashes = plan_of(case), hashes_for(keys)
    if isinstance(plan, BoundedRing):
        return partial(plan.seat, plan.next_point(hashes))
    return partial(plan.choose, hashes)


# C


def prepare_c(compiler: str, case: Case, keys: int) -> Job:
    """Bind a function of sharding_lookup.c to the keys."""
    library, hashes = build("sharding_lookup.c", compiler), hashes_for(keys)
    plan = plan_of(case)
    count = ctypes.c_ssize_t(keys)
    if isinstance(plan, BoundedRing):
        owners = plan.points.owners[:-1].astype(np.int32)
        inputs = (plan.next_point(hashes), owners, plan.capacity(keys), case.servers)
        return partial(run_bounded, library.bounded, *inputs)
    if isinstance(plan, HashRing):
        places = plan.points.places[:-1].copy()
        owners = plan.points.owners[:-1].astype(np.int32)
        points = ctypes.c_ssize_t(places.size)
        return partial(run_c, library.ring, [hashes, count, places, owners, points], keys)
    servers = ctypes.c_int32(case.servers)
    if case.scheme == "jump":
        return partial(run_c, library.jump, [hashes, count, servers], keys)
    seeds = server_hashes(plan.servers)
    return partial(run_c, library.rendezvous, [hashes, count, seeds, servers], keys)


def run_c(function: Any, inputs: list[Any], keys: int) -> NDArray[np.int32]:
    """Let C fill a new array."""
    found = np.empty(keys, dtype=np.int32)
    function(*(pointer(value) for value in [*inputs, found]))
    return found


def run_bounded(
    function: Any, points: NDArray[np.int64], owners: NDArray[np.int32], most: int, servers: int
) -> NDArray[np.int32]:
    """Let C fill servers that are empty at first."""
    room = np.full(servers, most, dtype=np.int64)
    sizes = (ctypes.c_ssize_t(points.size), ctypes.c_ssize_t(owners.size))
    return run_c(function, [points, sizes[0], owners, sizes[1], room], points.size)


def pointer(value: Any) -> Any:
    """Hand an array over by its address, and a number as it is."""
    return ctypes.c_void_p(value.ctypes.data) if isinstance(value, np.ndarray) else value


# Peers in Python


def prepare_uhashring(case: Case, keys: int) -> Job | None:
    """Give the public ring the same points and the same hashes."""
    if case.scheme != "ring":
        return None
    try:
        from uhashring import HashRing as PublicRing
    except ImportError:
        raise AbsentError("uhashring is not installed: it is in the group `test`") from None
    seeds = server_hashes(tuple(range(case.servers)))
    known = {
        f"{server}-{v}": hash64(v, int(seeds[server]))
        for server in range(case.servers)
        for v in range(case.virtual_nodes)
    }
    hashes = hashes_for(keys).tolist()
    known |= {f"key {i}": value for i, value in enumerate(hashes)}
    names = [str(server) for server in range(case.servers)]
    ring = PublicRing(names, hash_fn=known.__getitem__, vnodes=case.virtual_nodes)
    asked = [f"key {i}" for i in range(keys)]
    return partial(run_uhashring, ring, asked)


def run_uhashring(ring: Any, asked: list[str]) -> list[int]:
    """Look the keys up one by one."""
    return [int(ring.get_node(name)) for name in asked]


def prepare_python(case: Case, keys: int) -> Job | None:
    """Do the same in plain Python."""
    plan, hashes = plan_of(case), hashes_for(keys).tolist()
    if isinstance(plan, BoundedRing):
        return None
    if isinstance(plan, HashRing):
        places, owners = plan.points.places.tolist(), plan.points.owners.tolist()
        return lambda: [owners[bisect_left(places, value)] for value in hashes]
    if case.scheme == "jump":
        return lambda: [jump_hash(value, case.servers) for value in hashes]
    seeds = server_hashes(plan.servers).tolist()
    everyone = range(case.servers)
    return lambda: [max(everyone, key=lambda s: finish(h ^ seeds[s])) for h in hashes]


def contenders() -> Iterator[Contender]:
    """Give the course, then its peers."""
    yield Contender("`choose` of the plans", OURS, prepare_course)
    for compiler in COMPILERS:
        yield Contender(compiler, "C", partial(prepare_c, compiler))
    yield Contender("uhashring", "uhashring", prepare_uhashring, share=SLOW)
    yield Contender("plain Python", "plain Python", prepare_python, share=SLOW)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
