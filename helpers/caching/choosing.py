"""An eviction policy as one question: here is what the cache holds; which one goes?

Whoever answers sees of each key when it came, when it was last used, and how often it was
found since it came. Time is counted in requests. Four patterns of requests tell good
answers from lucky ones, beside LRU and beside what nobody can beat (Belady's optimum).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.caching.eviction import simulate
from helpers.caching.request_patterns import (
    shifting_requests,
    with_one_hit_wonders,
    with_scans,
    zipf_requests,
)

CAPACITY = 100
REQUESTS = 12_000
CATALOGUE = 1_000
BETTER_THAN_LRU = 0.2
"""Share of the way from LRU's hits to the optimum's that a policy has to gain on average."""
WORST_LOSS = 0.02
"""Hit ratio by which a policy may fall behind LRU on any pattern."""


@dataclass(frozen=True)
class Entry:
    """A key that the cache holds; moments are numbers of requests.

    Attributes
    ----------
    key
        What was asked for.
    added, used
        When it came, and when it was last asked for (the same, if never since).
    hits
        How often it was found since it came.
    """

    key: int
    added: int
    used: int
    hits: int


ChooseVictim = Callable[[Sequence[Entry]], int]

PATTERNS: dict[str, Callable[[int], NDArray[np.int64]]] = {
    "fame that stays": lambda rng: zipf_requests(REQUESTS, CATALOGUE, 0.9, rng),
    "a crawler comes by": lambda rng: with_scans(
        zipf_requests(REQUESTS, CATALOGUE, 0.9, rng), length=150, every=600
    ),
    "half asked for once": lambda rng: with_one_hit_wonders(
        zipf_requests(REQUESTS, CATALOGUE, 0.9, rng), 0.5, rng
    ),
    "fame that moves on": lambda rng: shifting_requests(
        REQUESTS, CATALOGUE, 1.1, every=1_000, step=30, rng=rng
    ),
}


@dataclass(frozen=True)
class Score:
    """Hit ratios on one pattern.

    Attributes
    ----------
    pattern
        What was asked for.
    own, lru, optimum
        Hit ratio of the policy, of LRU, and the highest there is.
    """

    pattern: str
    own: float
    lru: float
    optimum: float

    @property
    def gained(self) -> float:
        """Share of the way from LRU to the optimum; below 0 for a policy worse than LRU."""
        return (self.own - self.lru) / (self.optimum - self.lru)


def run_policy(choose_victim: ChooseVictim, keys: Sequence[int], capacity: int) -> list[bool]:
    """Send requests through a cache that asks which key goes whenever it is full.

    Raises
    ------
    ValueError
        When the answer is not a key that the cache holds.

    Examples
    --------
    >>> run_policy(lambda held: min(held, key=lambda entry: entry.used).key, [1, 2, 1, 3, 2], 2)
    [False, False, True, False, False]
    """
    held: dict[int, Entry] = {}
    hits = []
    for now, key in enumerate(keys):
        known = held.get(key)
        hits.append(known is not None)
        if known is not None:
            held[key] = Entry(key, known.added, now, known.hits + 1)
            continue
        if len(held) == capacity:
            victim: Any = choose_victim(tuple(held.values()))
            if victim not in held:
                raise ValueError(f"choose_victim must give a key that is held, got {victim!r}")
            del held[victim]
        held[key] = Entry(key, now, now, 0)
    return hits


@lru_cache(maxsize=32)
def pattern_keys(pattern: str, seed: int) -> NDArray[np.int64]:
    """Draw a pattern's requests."""
    return PATTERNS[pattern](seed)


def score_policy(choose_victim: ChooseVictim, pattern: str, seed: int = 0) -> Score:
    """Run a policy on a pattern, beside LRU and the optimum.

    Parameters
    ----------
    choose_victim
        Takes the entries of a full cache, gives the key that goes.
    pattern
        One of `PATTERNS`.
    seed
        For the requests.
    """
    if pattern not in PATTERNS:
        raise ValueError(f"pattern must be one of {', '.join(PATTERNS)}, got {pattern!r}")
    keys = pattern_keys(pattern, seed)
    own = float(np.mean(run_policy(choose_victim, keys.tolist(), CAPACITY)))
    lru, optimum = (simulate(keys, CAPACITY, policy).hit_ratio for policy in ("lru", "optimal"))
    return Score(pattern, own, lru, optimum)
