"""Clients that use a store, on a network, in virtual time.

Each client is one person at one screen: it does one thing after another, waits for an answer up
to its patience, then goes on without. What it heard is all that the history says.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from helpers import require
from helpers.consistency.network import Network, World
from helpers.consistency.runs import UNANSWERED, Attempt, Run
from helpers.consistency.steps import Step, check_steps, draw_steps
from helpers.consistency.store import (
    ANSWERED,
    ELSEWHERE,
    NEVER,
    REFUSED,
    UNKNOWN,
    Answer,
    Request,
    RunningStore,
    Store,
    Version,
)
from helpers.consistency.vector_clocks import NOTHING_SEEN, VectorClock

ROUTES = ("sticky", "any")


class Cache(Protocol):
    """What a client keeps on its own side, between the store and the screen."""

    def wrote(self, key: Hashable, value: Any, version: Version) -> None:
        """Take note of a write that was acknowledged, with its version."""

    def read(self, key: Hashable, value: Any, version: Version) -> Any:
        """Give what the screen shows, when the store gave a value of a version."""


@dataclass
class Client:
    """One client while it runs.

    Attributes
    ----------
    name, steps
        Who, and what is left to do.
    nodes
        Whom it can ask; it starts with the first, and goes on to the next when one is silent.
    patience
        Seconds that it waits.
    cache
        What it keeps itself, if anything.
    tells_token
        Whether it tells the store the newest version that it has seen.
    """

    name: str
    steps: list[Step]
    nodes: list[str]
    patience: float
    cache: Cache | None
    tells_token: bool
    world: World
    store: RunningStore
    attempts: list[Attempt]
    rng: np.random.Generator | None
    tokens: defaultdict[Hashable, Version] = field(default_factory=lambda: defaultdict(never))
    clocks: defaultdict[Hashable, VectorClock] = field(
        default_factory=lambda: defaultdict(nothing_seen)
    )
    known: dict[str, str] = field(default_factory=dict)
    number: int = -1
    node: str = ""
    asked: float = 0.0

    def begin(self) -> None:
        """Wait for the time of the next step, if there is one."""
        self.number += 1
        if self.number < len(self.steps):
            wait = max(self.steps[self.number].at - self.world.now, 0.0)
            self.world.after(wait, self.act)

    @property
    def step(self) -> Step:
        """What it is busy with."""
        return self.steps[self.number]

    def act(self) -> None:
        """Do the next step."""
        self.asked = self.world.now
        if self.step.function == "write":
            self.clocks[self.step.key] = self.clocks[self.step.key].tick(self.name)
        if self.rng is not None:
            self.nodes = [self.nodes[i] for i in self.rng.permutation(len(self.nodes))]
        self.request(self.step.via or self.known.get(self.step.function, self.nodes[0]))
        self.world.after(self.patience, self.lose_patience, self.number)

    def request(self, node: str) -> None:
        """Send the step's request to a node."""
        self.node = node
        number, step = self.number, self.step
        request = Request(
            self.name,
            step.function,
            step.key,
            step.argument,
            self.tokens[step.key] if self.tells_token else NEVER,
            self.clocks[step.key],
            lambda answer: self.hear(number, answer),
        )
        self.world.send(self.name, node, self.store.ask, node, request)

    def hear(self, number: int, answer: Answer) -> None:
        """Take an answer, if it is not too late; ask elsewhere if told to."""
        if number != self.number:
            return
        if answer.outcome == ELSEWHERE:
            self.known[self.step.function] = answer.leader
            self.request(answer.leader)
        elif answer.outcome == ANSWERED:
            self.end(ANSWERED, self.see(answer), answer.version)
        else:
            self.known.clear()
            self.end(UNANSWERED if answer.outcome == UNKNOWN else REFUSED)

    def see(self, answer: Answer) -> Any:
        """Take note of what an answer says, and give what the screen shows."""
        key = self.step.key
        self.tokens[key] = max(self.tokens[key], answer.version)
        self.clocks[key] = self.clocks[key].merge(answer.clock)
        if self.cache is None:
            return answer.result
        if self.step.function == "write":
            self.cache.wrote(key, self.step.argument, answer.version)
        elif self.step.function == "read":
            return self.cache.read(key, answer.result, answer.version)
        return answer.result

    def lose_patience(self, number: int) -> None:
        """Go on without an answer, and try another node next time."""
        if number == self.number:
            self.turn_away()
            self.end(UNANSWERED)

    def turn_away(self) -> None:
        """Forget who leads, and ask the next node first from now on."""
        self.known.clear()
        self.nodes.append(self.nodes.pop(0))

    def end(self, outcome: str, result: Any = None, version: Version = NEVER) -> None:
        """Write down what came of the step, and go on."""
        step = self.step
        attempt = Attempt(
            self.name,
            step.function,
            step.key,
            step.argument,
            result,
            self.node,
            self.asked,
            self.world.now,
            outcome,
            version,
        )
        self.attempts.append(attempt)
        self.begin()


def never() -> Version:
    """Give the version of what nobody has seen."""
    return NEVER


def nothing_seen() -> VectorClock:
    """Give the clock of one who has seen nothing."""
    return NOTHING_SEEN


def run(
    store: Store,
    workload: Iterable[Step] | None = None,
    network: Network | None = None,
    rng: int | np.random.Generator = 0,
    *,
    patience: float = 0.25,
    route: str = "sticky",
    cache: Callable[[], Cache] | None = None,
    tells_token: bool = False,
    settle: float = 2.0,
) -> Run:
    """Let clients use a store, and write down what they lived through.

    Parameters
    ----------
    store
        `Leaderless`, `SingleLeader` or `Majority`.
    workload
        What clients do, as of `draw_steps`; drawn from the seed if not given.
    network
        What can happen to messages; without loss or cut if not given.
    rng
        A seed or a generator. The same seed makes the same run.
    patience
        Seconds that a client waits, above 0.
    route
        "sticky": each client stays with a node until that is silent; "any": a node at random each
        time.
    cache
        Makes what each client keeps on its own side.
    tells_token
        Whether clients tell the newest version that they have seen, for a store that heeds it.
    settle
        Seconds that the store goes on after the last step, at least 0.

    Returns
    -------
    Run

    Examples
    --------
    >>> from helpers.consistency.leaderless import Leaderless
    >>> run(Leaderless(n=3, r=2, w=2), draw_steps(clients=2, steps=5, rng=1), rng=1)
    Run: 10 requests, 10 answered, 0 refused, 0 without an answer; Leaderless, seed 1
    """
    require.positive("patience", patience)
    require.not_negative("settle", settle)
    if route not in ROUTES:
        raise ValueError(f"route must be one of {', '.join(ROUTES)}, got {route!r}")
    seed = require.seed(rng)
    of_network, of_routes, of_steps = np.random.default_rng(seed).spawn(3)
    steps = check_steps(draw_steps(rng=of_steps) if workload is None else workload, store)
    world = World(network or Network(), of_network)
    nodes = store.start(world)
    attempts: list[Attempt] = []
    for place, (name, own) in enumerate(steps.items()):
        first = place % len(store.nodes)
        Client(
            name,
            own,
            [*store.nodes[first:], *store.nodes[:first]],
            patience,
            cache() if cache else None,
            tells_token,
            world,
            nodes,
            attempts,
            of_routes if route == "any" else None,
        ).begin()
    due = max((step.at for own in steps.values() for step in own), default=0.0)
    longest = max((len(own) for own in steps.values()), default=0)
    wanted = sum(len(own) for own in steps.values())
    # one patience more than the longest wait, since many short waits do not add up exactly
    world.run(due + (longest + 1) * patience, lambda: len(attempts) == wanted)
    duration = world.now
    world.run(duration + settle)
    if len(attempts) != wanted:
        raise AssertionError(f"{wanted} steps, but {len(attempts)} attempts, with seed {seed}")
    return Run(
        tuple(attempts), nodes.survivors(), world.messages, duration, store, world.network, seed
    )
