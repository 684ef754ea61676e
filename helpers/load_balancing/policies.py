"""Which server gets the next request: seven answers, each a few lines.

A balancer is a person at the door of a food market who points every guest to a stall.
The person may roll a die, go round, look at the queues, or remember who was slow. A
policy is just that person: called with a `View` of what is known, it gives a server.
One that learns from answers has a method `answered` besides.

The loops in `sending` are quicker and choose the same servers, request by request.

Sources: nginx's smooth weighted round-robin (Maxim Dounin, 2012); M. Mitzenmacher, "The
power of two choices in randomized load balancing" (1996); Finagle's peak EWMA.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from helpers import require

Policy = Callable[["View"], int]
PolicyName = Literal[
    "random",
    "round robin",
    "weighted round robin",
    "IP hash",
    "two choices",
    "least connections",
    "peak EWMA",
]
POLICIES: tuple[PolicyName, ...] = get_args(PolicyName)
"""All that `balance` knows by name."""

MIXER, HASHES = 2_654_435_761, 2**32
"""A prime near 2³² divided by the golden ratio: neighbors end up far apart (Knuth, 6.4)."""


@dataclass
class View:
    """What a balancer knows when a request comes. Servers are numbered from 0.

    Attributes
    ----------
    servers
        How many there are.
    number
        Which request this is, from 0.
    now
        Seconds since the start.
    seen_at
        When it last looked at the servers: now, unless the load information is stale.
    in_flight
        Requests at each server that were not answered when it last looked.
    client
        Who asks.
    weights
        How much each server is to get in weighted round-robin.
    luck
        Numbers of at least 0 and below 1 for this request, for `draw`.
    """

    servers: int
    number: int = 0
    now: float = 0.0
    seen_at: float = 0.0
    in_flight: Sequence[int] = ()
    client: int = 0
    weights: Sequence[int] = ()
    luck: Sequence[float] = field(default=(), repr=False)

    def draw(self, count: int) -> list[int]:
        """Draw different servers at random; for the same request always the same ones.

        Examples
        --------
        >>> View(servers=4, luck=[0.6, 0.9]).draw(2)
        [2, 3]
        """
        if not 0 < count <= min(self.servers, len(self.luck)):
            most = min(self.servers, len(self.luck))
            raise ValueError(f"count must lie between 1 and {most}, got {count}")
        drawn: list[int] = []
        for number in self.luck[:count]:
            server = int(number * (self.servers - len(drawn)))
            for taken in sorted(drawn):
                server += server >= taken
            drawn.append(server)
        return drawn


class Answer(NamedTuple):
    """What a balancer learns when an answer passes by, or an error in its place."""

    server: int
    at: float
    response_time: float
    failed: bool


def choose_at_random(view: View) -> int:
    """Roll a die."""
    return view.draw(1)[0]


def go_round(view: View) -> int:
    """Give each server its turn.

    Examples
    --------
    >>> [go_round(View(servers=3, number=number)) for number in range(5)]
    [0, 1, 2, 0, 1]
    """
    return view.number % view.servers


class GoRoundByWeight:
    """Give a server of weight 5 five turns in the round, spread as evenly as they can be.

    Everybody saves up its weight; the richest is chosen and pays for the whole round.

    Examples
    --------
    >>> choose = GoRoundByWeight()
    >>> "".join("abc"[choose(View(servers=3, weights=[5, 1, 1]))] for _ in range(7))
    'aabacaa'
    """

    def __init__(self) -> None:
        self.savings: list[int] = []

    def __call__(self, view: View) -> int:
        """Let all save, and the richest pay."""
        if len(view.weights) != view.servers:
            has = len(view.weights)
            raise ValueError(f"weights must be {view.servers}, one for each server, got {has}")
        self.savings = self.savings or [0] * view.servers
        for server, weight in enumerate(view.weights):
            self.savings[server] += weight
        richest = max(range(view.servers), key=self.savings.__getitem__)
        self.savings[richest] -= sum(view.weights)
        return richest


def hash_the_client(view: View) -> int:
    """Send a client to the same server every time, by a hash of who it is.

    Examples
    --------
    >>> [hash_the_client(View(servers=4, client=client)) for client in (1, 2, 3, 1)]
    [2, 0, 3, 2]
    """
    return view.client * MIXER % HASHES * view.servers // HASHES


def choose_least(view: View) -> int:
    """Look at all servers and take the one with the fewest requests in flight.

    Of several the next in turn, or the first server would get more than its share.

    Examples
    --------
    >>> [choose_least(View(servers=3, number=n, in_flight=[4, 1, 1])) for n in (0, 1, 2)]
    [1, 1, 2]
    """
    least = min(view.in_flight)
    server = view.number % view.servers
    while view.in_flight[server] > least:
        server = (server + 1) % view.servers
    return server


@dataclass
class ChooseOfFew:
    """Draw two servers (or more) and take the one with fewer requests in flight.

    Examples
    --------
    >>> ChooseOfFew(2)(View(servers=4, luck=[0.6, 0.9], in_flight=[0, 0, 7, 6]))
    3
    """

    choices: int = 2

    def __call__(self, view: View) -> int:
        """Compare the candidates; the first of equals wins."""
        drawn = view.draw(min(self.choices, view.servers))
        return min(drawn, key=lambda server: view.in_flight[server])


@dataclass
class PeakEwma:
    """Draw two servers and take the one that will probably answer sooner.

    Each server's response time is remembered as a moving average that jumps up at once
    and comes down slowly; it counts as often as requests are in flight there.

    Attributes
    ----------
    choices
        How many to draw.
    memory
        Seconds after which an answer counts 1/e of what it did.

    Examples
    --------
    >>> choose = PeakEwma(memory=10.0)
    >>> choose.answered(Answer(server=0, at=1.0, response_time=3.0, failed=False))
    >>> choose.answered(Answer(server=1, at=1.0, response_time=1.0, failed=False))
    >>> choose(View(servers=2, seen_at=1.0, luck=[0.1, 0.1], in_flight=[0, 1]))
    1
    """

    choices: int = 2
    memory: float = 10.0
    latency: dict[int, float] = field(default_factory=dict)
    updated: dict[int, float] = field(default_factory=dict)

    def __call__(self, view: View) -> int:
        """Compare how long the candidates will probably take; the first of equals wins."""

        def score(server: int) -> float:
            return self.recall(server, view.seen_at) * (view.in_flight[server] + 1)

        return min(view.draw(min(self.choices, view.servers)), key=score)

    def answered(self, answer: Answer) -> None:
        """Jump to a longer response time, drift to a shorter one."""
        before = self.latency.get(answer.server, 0.0)
        kept = self.weight(answer.server, answer.at)
        drifted = before * kept + answer.response_time * (1 - kept)
        is_peak = answer.response_time > before
        self.latency[answer.server] = answer.response_time if is_peak else drifted
        self.updated[answer.server] = answer.at

    def recall(self, server: int, at: float) -> float:
        """Give a server's response time as remembered; with time, old sins are forgiven."""
        return self.latency.get(server, 0.0) * self.weight(server, at)

    def weight(self, server: int, at: float) -> float:
        """Tell how much of what is remembered still counts."""
        return math.exp((self.updated.get(server, 0.0) - at) / self.memory)


def policy_named(name: PolicyName, choices: int = 2, memory: float = 10.0) -> Policy:
    """Give a policy in plain Python by its name.

    Parameters
    ----------
    name
        One of `POLICIES`.
    choices
        How many servers "two choices" and "peak EWMA" draw, at least 1.
    memory
        Seconds that "peak EWMA" remembers, above 0.
    """
    choices = require.whole("choices", choices)
    require.positive("memory", memory)
    if name not in POLICIES:
        raise ValueError(f"policy must be a function or one of {POLICIES}, got {name!r}")
    made: dict[str, Callable[[], Policy]] = {
        "random": lambda: choose_at_random,
        "round robin": lambda: go_round,
        "weighted round robin": GoRoundByWeight,
        "IP hash": lambda: hash_the_client,
        "two choices": lambda: ChooseOfFew(choices),
        "least connections": lambda: choose_least,
        "peak EWMA": lambda: PeakEwma(choices, memory),
    }
    return made[name]()
