"""The luck of a balanced run: when requests come, how long they take, who asks, who is drawn.

All of it is drawn before the clock starts, once for each seed, so that every policy
meets the same requests and what differs is the policy.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.load_balancing.policies import HASHES, MIXER, GoRoundByWeight, View
from helpers.scaling.simulation import Draws, Floats, fresh_draws, locked
from helpers.workload.keys import AliasTable, zipf

Servers = NDArray[np.uint32]
MOST_CHOICES = 8
"""How many servers can be drawn for one request."""
CLIENT_STREAM = MOST_CHOICES
AT_ONCE = 5
"""Runs whose luck is kept: the explorer makes four side by side."""
CHUNK = 1 << 15  # worked on at a time, so that the intermediate arrays stay in the cache


@dataclass(frozen=True, eq=False)
class Luck:
    """All the luck of a run.

    Attributes
    ----------
    times
        For gaps between arrivals and for service times.
    seed
        For the streams of what else is drawn.
    """

    times: Draws
    seed: int

    @property
    def requests(self) -> int:
        """How many there are."""
        return self.times.requests

    def stream(self, number: int) -> np.random.Generator:
        """Open one of the streams at its beginning."""
        return np.random.default_rng([self.seed, number])


@lru_cache(maxsize=AT_ONCE)
def luck_of(requests: int, seed: int) -> Luck:
    """Draw the luck of a run, or hand out again what was drawn before."""
    return fresh_luck(requests, np.random.default_rng(seed))


def fresh_luck(requests: int, rng: np.random.Generator) -> Luck:
    """Draw luck that nobody had before."""
    return Luck(fresh_draws(requests, rng), require.seed(rng))


@lru_cache(maxsize=2 * AT_ONCE)
def uniforms(luck: Luck, number: int) -> Floats:
    """Give the numbers from 0 to 1 that draw each request's first server, or its second."""
    return locked(luck.stream(number).random(luck.requests))


@lru_cache(maxsize=AT_ONCE)
def draw_clients(luck: Luck, clients: int, skew: float) -> NDArray[np.int64]:
    """Say who sends each request, from 0: by Zipf's law, or evenly where the skew is 0."""
    drawn = AliasTable.of(zipf(clients, skew)).draw(luck.requests, luck.stream(CLIENT_STREAM))
    drawn.flags.writeable = False
    return drawn


# Candidates: the servers that a request may go to, shape (requests, choices)


@lru_cache(maxsize=AT_ONCE)
def draw_candidates(luck: Luck, servers: int, choices: int) -> Servers:
    """Draw different servers for each request, as `View.draw` does."""
    drawn = np.empty((luck.requests, choices), dtype=np.uint32)
    numbers = [uniforms(luck, k) for k in range(choices)]
    for begin in range(0, luck.requests, CHUNK):
        part = drawn[begin : begin + CHUNK]
        for k, row in enumerate(numbers):
            server = (row[begin : begin + CHUNK] * (servers - k)).astype(np.uint32)
            for taken in np.sort(part[:, :k], axis=1).T:
                server += server >= taken
            part[:, k] = server
    drawn.flags.writeable = False
    return drawn


@lru_cache(maxsize=1)
def take_turns(requests: int, servers: int) -> Servers:
    """Send each request where `go_round` does."""
    return np.resize(np.arange(servers, dtype=np.uint32), (requests, 1))


@lru_cache(maxsize=1)
def take_weighted_turns(requests: int, weights: tuple[int, ...]) -> Servers:
    """Send each request where `GoRoundByWeight` does: a round has as many turns as weights."""
    choose, view = GoRoundByWeight(), View(len(weights), weights=weights)
    length = sum(weights) // int(np.gcd.reduce(weights))
    turns = [choose(view) for _ in range(min(length, requests))]
    return np.resize(np.array(turns, dtype=np.uint32), (requests, 1))


@lru_cache(maxsize=AT_ONCE)
def hash_clients(luck: Luck, servers: int, clients: int, skew: float) -> Servers:
    """Send each request where `hash_the_client` does."""
    mixed = draw_clients(luck, clients, skew) * MIXER % HASHES
    return (mixed * servers // HASHES).astype(np.uint32).reshape(-1, 1)
