"""A network that delays, loses and is cut, in virtual time: the same seed, the same bad day.

Think of letters. Each takes its own time, some are lost, and while a bridge is down nothing gets
across it. The world opens the letters in the order of their arrival and looks at no clock; one
seed decides every delay and every loss, so a bad day can be lived through again.
"""

import heapq
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from helpers import require


@dataclass(frozen=True)
class Cut:
    """A time in which two groups cannot hear each other.

    Attributes
    ----------
    one, other
        Names of nodes and clients; no names in `other` stand for everybody else.
    since, until
        Seconds.
    """

    one: frozenset[str]
    other: frozenset[str]
    since: float
    until: float

    def parts(self, sender: str, receiver: str) -> bool:
        """Tell whether the two are on different sides of it."""
        return self.is_across(sender, receiver) or self.is_across(receiver, sender)

    def is_across(self, here: str, there: str) -> bool:
        """Tell whether one stands here and the other there."""
        is_there = there in self.other if self.other else there not in self.one
        return here in self.one and is_there


@dataclass(frozen=True)
class Network:
    """What can happen to a message.

    Attributes
    ----------
    mean_delay
        Seconds from sender to receiver, on average.
    least_delay
        Seconds at least; what is above it is exponential.
    loss
        Chance that a message is lost, from 0 to 1.
    far
        Names in another region.
    far_delay
        Seconds on top between the regions.
    cuts
        When who cannot hear whom; see `cut`.

    Examples
    --------
    >>> Network().cut({"n1"}, since=1, until=2).is_cut("n1", "n2", at=1.5)
    True
    """

    mean_delay: float = 0.005
    least_delay: float = 0.001
    loss: float = 0.0
    far: frozenset[str] = frozenset()
    far_delay: float = 0.05
    cuts: tuple[Cut, ...] = ()

    def __post_init__(self) -> None:
        require.not_negative("least_delay", self.least_delay)
        require.not_negative("mean_delay", self.mean_delay)
        require.not_negative("far_delay", self.far_delay)
        require.between("loss", self.loss, 0, 1)
        if self.mean_delay < self.least_delay:
            raise ValueError(
                f"mean_delay must be at least least_delay, {self.least_delay}, "
                f"got {self.mean_delay}"
            )
        object.__setattr__(self, "far", as_names("far", self.far))

    def cut(
        self,
        one: Iterable[str],
        other: Iterable[str] = (),
        since: float = 0.0,
        until: float = math.inf,
    ) -> "Network":
        """Give the same network with one more cut in it.

        Parameters
        ----------
        one, other
            Two groups of names without a common one; without `other`, everybody else.
        since, until
            Seconds; what is sent then, or would arrive then, is lost.
        """
        here, there = as_names("one", one), as_names("other", other)
        if not here:
            raise ValueError("one must name somebody, got nobody")
        if here & there:
            raise ValueError(f"one and other must share no name, got {sorted(here & there)}")
        require.not_negative("since", since)
        if not until > since:
            raise ValueError(f"until must lie after since, {since}, got {until}")
        return replace(self, cuts=(*self.cuts, Cut(here, there, since, until)))

    def is_cut(self, sender: str, receiver: str, at: float) -> bool:
        """Tell whether two cannot hear each other at a time."""
        return any(c.since <= at < c.until and c.parts(sender, receiver) for c in self.cuts)


def as_names(name: str, names: Iterable[str]) -> frozenset[str]:
    """Take a group of names; a single text is not one."""
    if isinstance(names, str):
        raise ValueError(f"{name} must be a group of names, got {names!r}")
    return frozenset(names)


@dataclass
class World:
    """The event loop: who does what next, in virtual time.

    Attributes
    ----------
    network
        What can happen to a message.
    rng
        Where delays and losses come from.
    now
        Seconds.
    messages
        How many were sent between different names.
    """

    network: Network
    rng: np.random.Generator
    now: float = 0.0
    messages: int = 0
    events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = field(
        default_factory=list, repr=False
    )
    serial: Any = field(default_factory=itertools.count, repr=False)

    def after(self, delay: float, action: Callable[..., None], *arguments: Any) -> None:
        """Have something done later; of two things at one time, the first asked for goes first."""
        heapq.heappush(self.events, (self.now + delay, next(self.serial), action, arguments))

    def send(
        self, sender: str, receiver: str, action: Callable[..., None], *arguments: Any
    ) -> None:
        """Have something done at the receiver when a message arrives there, if it does."""
        if sender == receiver:
            self.after(0.0, action, *arguments)
            return
        self.messages += 1
        network = self.network
        luck, spread = self.rng.random(), self.rng.standard_exponential()
        delay = network.least_delay + (network.mean_delay - network.least_delay) * spread
        if (sender in network.far) != (receiver in network.far):
            delay += network.far_delay
        is_lost = luck < network.loss or network.is_cut(sender, receiver, self.now)
        if not is_lost and not network.is_cut(sender, receiver, self.now + delay):
            self.after(delay, action, *arguments)

    def run(self, until: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Do everything that is due by then, or until it is over."""
        while self.events and self.events[0][0] <= until:
            self.now, _, action, arguments = heapq.heappop(self.events)
            action(*arguments)
            if is_over():
                return
        self.now = until
