"""The servers of a day of sessions: how many are wanted, and who comes, leaves and dies.

The doorman of `sessions` counts the guests once a minute and sends for another bar, or
closes the newest. This is a book of whole stays, written before anybody is let in;
`fleet.Fleet` is the other kind: the servers at one moment of a run.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.scaling.session_day import STEP, Floats, Integers, Sessions, moments_of, steps_of

Victim = Literal["random", "oldest", "newest"]


@dataclass(frozen=True)
class Autoscaler:
    """Keeps as many servers as the live sessions need.

    Attributes
    ----------
    sessions_per_server
        How many a server is meant to carry, above 0.
    minimum, maximum
        Fewest and most servers, at least 1.
    start_delay
        Seconds from ordering a server to its first session, at least 0.
    calm
        Seconds for which fewer servers must have been enough before one is removed, at
        least 0. Kubernetes waits 5 minutes by default.
    """

    sessions_per_server: float = 250.0
    minimum: int = 2
    maximum: int = 40
    start_delay: float = 120.0
    calm: float = 300.0

    def __post_init__(self) -> None:
        require.positive("sessions_per_server", self.sessions_per_server)
        require.whole("minimum", self.minimum)
        require.whole("maximum", self.maximum, at_least=self.minimum)
        require.not_negative("start_delay", self.start_delay)
        require.not_negative("calm", self.calm)

    def want(self, live: ArrayLike) -> Integers:
        """Give the servers wanted at each step for the sessions live at it, shape (steps,)."""
        enough = np.ceil(np.asarray(live) / self.sessions_per_server).astype(np.int64)
        recent = 1 + int(self.calm // STEP)
        padded = np.concatenate([np.repeat(enough[:1], recent - 1), enough])
        lately = np.lib.stride_tricks.sliding_window_view(padded, recent).max(axis=1)
        wanted: Integers = lately.clip(self.minimum, self.maximum)
        return wanted


@dataclass(frozen=True, eq=False)
class SessionFleet:
    """Servers in the order in which they were ordered, shape (servers,).

    Attributes
    ----------
    start
        When each takes its first session, in seconds; before 0 for those there at first.
    leave
        When it takes no new ones any more; infinite if never.
    is_lost
        Whether it left by dying.
    """

    start: Floats
    leave: Floats
    is_lost: NDArray[np.bool_]

    def __len__(self) -> int:
        return self.start.size

    def is_on(self, at: ArrayLike) -> NDArray[np.bool_]:
        """Tell which servers take new sessions, shape (moments, servers)."""
        moments = np.asarray(at, dtype=np.float64)[:, np.newaxis]
        return (self.start <= moments) & (moments < self.leave)


def run_fleet(
    sessions: Sessions,
    autoscaler: Autoscaler | None = None,
    *,
    lost_at: float | Sequence[float] = (),
    lost: Victim = "random",
    deploy_at: float | Sequence[float] = (),
    rng: int | np.random.Generator = 0,
) -> SessionFleet:
    """Add and remove servers through the day, looking once a minute.

    When fewer are wanted, the newest one leaves. A lost server is replaced as soon as
    the autoscaler looks, after its start delay. A deploy replaces all servers by new
    ones, the oldest first and one a minute, each when its successor is ready.

    Parameters
    ----------
    sessions
        The day; the fleet is sized by its live sessions.
    autoscaler
        The rule that sizes it.
    lost_at
        Seconds at which one server dies, one moment or several.
    lost
        Which one: a random one, the oldest or the newest.
    deploy_at
        Seconds at which a deploy begins, one moment or several.
    rng
        A seed or a generator, for the choice of a random victim.
    """
    autoscaler = autoscaler or Autoscaler()
    if lost not in get_args(Victim):
        raise ValueError(f"lost must be one of {get_args(Victim)}, got {lost!r}")
    losses = moments_of("lost_at", lost_at, sessions.horizon)
    deploys = moments_of("deploy_at", deploy_at, sessions.horizon)
    rng = require.generator(rng)
    time = steps_of(sessions.horizon)
    want = autoscaler.want(sessions.live(time))
    roster = Roster(int(want[0]))
    outdated: list[int] = []
    for now, wanted in zip(time.tolist(), want.tolist(), strict=True):
        ready = now + autoscaler.start_delay
        for moment in losses[(losses > now - STEP) & (losses <= now)].tolist():
            roster.lose(moment, lost, rng)
        if ((deploys > now - STEP) & (deploys <= now)).any():
            outdated = list(roster.present)
        roster.resize(wanted, now, ready)
        outdated = [server for server in outdated if server in roster.present]
        if outdated:
            roster.remove(outdated.pop(0), ready)
            roster.order(ready)
    return SessionFleet(np.array(roster.start), np.array(roster.leave), np.array(roster.is_lost))


class Roster:
    """The list of servers while a day's fleet is written down."""

    def __init__(self, servers: int) -> None:
        self.start = [-math.inf] * servers
        self.leave = [math.inf] * servers
        self.is_lost = [False] * servers
        self.present = list(range(servers))  # on or starting, the oldest first

    def order(self, ready: float) -> None:
        """Add a server that takes its first session when it is ready."""
        self.present.append(len(self.start))
        self.start.append(ready)
        self.leave.append(math.inf)
        self.is_lost.append(False)

    def remove(self, server: int, at: float) -> None:
        """Give a server no more sessions; one that has not started never will."""
        self.present.remove(server)
        self.leave[server] = max(at, self.start[server])

    def lose(self, at: float, which: Victim, rng: np.random.Generator) -> None:
        """Let one of the servers die that take sessions."""
        on = [server for server in self.present if self.start[server] <= at]
        if on:
            place = {"oldest": 0, "newest": -1, "random": int(rng.integers(len(on)))}[which]
            self.remove(on[place], at)
            self.is_lost[on[place]] = True

    def resize(self, wanted: int, now: float, ready: float) -> None:
        """Order servers, or remove the newest, until there are as many as wanted."""
        while len(self.present) < wanted:
            self.order(ready)
        while len(self.present) > wanted:
            self.remove(self.present[-1], now)
