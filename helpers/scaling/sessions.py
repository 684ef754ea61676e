"""Where a session lives: in the memory of one server, or in a store that all share.

A cloakroom in every bar against one at the door. With a cloakroom in every bar you
are tied to yours: when it closes your coat is gone, and a bar that has just opened
stands empty although the others are full. With one at the door any bar will do, for
the price of a walk to the door with every drink, and of all coats at once if it burns.

A day is drawn once (who comes, and for how long). A fleet follows the number of live
sessions, and loses or replaces servers. Then the same day is lived with either place.
Someone who is logged out signs in again at once, on any server that is on, so both
ways carry the same number of sessions at every moment.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.statistics import Estimate

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Victim = Literal["random", "oldest", "newest"]

STEP = 60.0
"""Seconds between two looks at the fleet, and between two rows of a run."""


@dataclass(frozen=True, eq=False)
class Sessions:
    """Who signs in, and for how long, by rising time of arrival; shape (sessions,).

    Attributes
    ----------
    arrival_time
        Seconds since the start of the day; 0 for those already there.
    length
        Seconds from signing in to leaving.
    horizon
        Length of the day in seconds.
    """

    arrival_time: Floats
    length: Floats
    horizon: float

    def __post_init__(self) -> None:
        if self.arrival_time.ndim != 1 or self.arrival_time.shape != self.length.shape:
            raise ValueError(
                f"length must be a column as long as arrival_time, got shapes {self.length.shape} "
                f"and {self.arrival_time.shape}"
            )
        require.positive("horizon", self.horizon)
        if self.arrival_time.size and not (
            self.arrival_time[0] >= 0
            and self.arrival_time[-1] < self.horizon
            and (np.diff(self.arrival_time) >= 0).all()
        ):
            raise ValueError("arrival_time must rise from 0 to below the horizon")
        if not (np.isfinite(self.length) & (self.length > 0)).all():
            raise ValueError("length must be finite and above 0")

    def __len__(self) -> int:
        return self.arrival_time.size

    def live(self, at: ArrayLike) -> Integers:
        """Count the sessions that are live at the given moments."""
        moments = np.asarray(at, dtype=np.float64)
        came = np.searchsorted(self.arrival_time, moments, side="right")
        return came - np.searchsorted(self._ends, moments, side="right")

    @cached_property
    def _ends(self) -> Floats:
        return np.sort(self.arrival_time + self.length)


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
class Fleet:
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


@dataclass(frozen=True, eq=False)
class SessionRun:
    """A day of sessions; a row for each minute, as it stands at the minute's end.

    Attributes
    ----------
    name
        Where the sessions were kept.
    time
        Seconds, shape (steps,).
    carried
        Sessions that each server carries, shape (steps, servers). With a shared store,
        the same for every server that is on.
    is_on
        Whether a server takes new sessions, shape (steps, servers).
    is_paid
        Whether a server runs: it is on, or drains, shape (steps, servers).
    live, signed_in, ended, logged_out
        Sessions live at each step, and the numbers of those that signed in (logged out
        ones again), ended of themselves, and were cut off since the step before, shape
        (steps,). Those there at first count as signed in in the first step.
    round_trip
        Seconds added to each request for a trip to the store.
    """

    name: str
    time: Floats
    carried: Floats
    is_on: NDArray[np.bool_]
    is_paid: NDArray[np.bool_]
    live: Integers
    signed_in: Integers
    ended: Integers
    logged_out: Integers
    round_trip: float = 0.0

    def __post_init__(self) -> None:
        balance = np.cumsum(self.signed_in - self.ended - self.logged_out)
        if not (np.array_equal(balance, self.live) and np.allclose(self.carried.sum(1), self.live)):
            raise AssertionError("signed in is not ended + logged out + live")

    def __repr__(self) -> str:
        return (
            f"SessionRun: {self.name}, {self.signed_in.sum():,} signed in, "
            f"{self.logged_out.sum():,} logged out, {self.server_hours:.0f} server hours"
        )

    @cached_property
    def servers(self) -> Integers:
        """Servers that take new sessions, shape (steps,)."""
        on: Integers = self.is_on.sum(axis=1)
        return on

    @cached_property
    def imbalance(self) -> Floats:
        """Sessions of the fullest server over the mean of those on, shape (steps,)."""
        on = np.where(self.is_on, self.carried, 0.0)
        mean = on.sum(axis=1) / np.maximum(self.servers, 1)
        ratio: Floats = np.divide(on.max(axis=1), mean, out=np.ones(mean.size), where=mean > 0)
        return ratio

    @property
    def server_hours(self) -> float:
        """Hours paid for, over all servers."""
        return float(self.is_paid.sum() * STEP / 3600)


def draw_sessions(
    per_minute: float = 100.0,
    mean_length: float = 1800.0,
    swing: float = 0.6,
    hours: float = 24.0,
    rng: int | np.random.Generator = 0,
) -> Sessions:
    """Draw a day on which most people come in the afternoon and few at night.

    Parameters
    ----------
    per_minute
        Sessions that start in a minute, on average over a day, above 0.
    mean_length
        Seconds a session lasts on average (exponential), above 0.
    swing
        How far the rate swings around its mean, from 0 (a flat day) to 1. It is lowest
        at 3:00 and highest at 15:00.
    hours
        Length of the day, above 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> day = draw_sessions(rng=1)
    >>> len(day), day.live([3 * 3600, 15 * 3600]).tolist()
    (145519, [1181, 4761])
    """
    require.positive("per_minute", per_minute)
    require.positive("mean_length", mean_length)
    require.between("swing", swing, 0, 1)
    horizon = require.positive("hours", hours) * 3600
    rng = np.random.default_rng(rng)
    time = np.linspace(0, horizon, 10_001)
    rate = per_minute / 60 * (1 - swing * np.cos(2 * np.pi * (time / 3600 - 3) / 24))
    expected = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(time))])
    there = rng.poisson(rate[0] * mean_length)
    come = rng.poisson(expected[-1])
    arrival = np.interp(np.sort(rng.random(come)) * expected[-1], expected, time)
    arrival = np.concatenate([np.zeros(there), np.minimum(arrival, np.nextafter(horizon, 0))])
    return Sessions(arrival, rng.exponential(mean_length, arrival.size), horizon)


def run_fleet(
    sessions: Sessions,
    autoscaler: Autoscaler | None = None,
    *,
    lost_at: float | Sequence[float] = (),
    lost: Victim = "random",
    deploy_at: float | Sequence[float] = (),
    rng: int | np.random.Generator = 0,
) -> Fleet:
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
    rng = np.random.default_rng(rng)
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
    return Fleet(np.array(roster.start), np.array(roster.leave), np.array(roster.is_lost))


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


def keep_in_memory(
    sessions: Sessions,
    fleet: Fleet,
    *,
    drain_timeout: float = 0.0,
    rng: int | np.random.Generator = 0,
) -> SessionRun:
    """Live the day with each session in the memory of the server that it started on.

    Parameters
    ----------
    sessions, fleet
        The day, and its servers.
    drain_timeout
        Seconds for which a server that leaves waits for its sessions to end; those still
        there are logged out. With 0 all of them are. A server that dies waits for none.
    rng
        A seed or a generator: a session starts on any server that is on, by chance.

    Examples
    --------
    >>> day = draw_sessions(rng=1)
    >>> keep_in_memory(day, run_fleet(day)).logged_out.sum()  # and nothing broke
    np.int64(3331)
    """
    require.not_negative("drain_timeout", drain_timeout)
    cut_at = np.where(fleet.is_lost, fleet.leave, fleet.leave + drain_timeout)
    stays = place(sessions, fleet, cut_at, np.random.default_rng(rng))
    time = steps_of(sessions.horizon)
    carried = np.cumsum(
        count_by_server(stays.start, stays.server, time, len(fleet))
        - count_by_server(stays.stop, stays.server, time, len(fleet)),
        axis=0,
    )
    is_on = fleet.is_on(time)
    return run_of("in each server's memory", sessions, stays, carried, is_on)


def keep_in_store(
    sessions: Sessions,
    fleet: Fleet,
    *,
    round_trip: float = 0.0005,
    store_lost_at: float | Sequence[float] = (),
) -> SessionRun:
    """Live the day with all sessions in one store, and each request on any server.

    Parameters
    ----------
    sessions, fleet
        The day, and its servers.
    round_trip
        Seconds that each request takes longer for asking the store, at least 0.
    store_lost_at
        Seconds at which the store loses all it holds, one moment or several. It is back
        at once.

    Examples
    --------
    >>> day = draw_sessions(rng=1)
    >>> keep_in_store(day, run_fleet(day, lost_at=36_000)).logged_out.sum()
    np.int64(0)
    """
    require.not_negative("round_trip", round_trip)
    losses = np.unique(moments_of("store_lost_at", store_lost_at, sessions.horizon))
    leave = np.append(losses, np.inf)
    stores = Fleet(np.insert(losses, 0, -np.inf), leave, np.isfinite(leave))
    stays = place(sessions, stores, leave, np.random.default_rng(0))
    time = steps_of(sessions.horizon)
    is_on = fleet.is_on(time)
    live = sessions.live(time)[:, np.newaxis]
    carried = is_on * live / np.maximum(is_on.sum(axis=1, keepdims=True), 1)
    return run_of("in a shared store", sessions, stays, carried, is_on, round_trip)


def expected_loss(live: int, servers: int, level: float = 0.95) -> Estimate:
    """Give how many of the live sessions are lost with one of the servers.

    Parameters
    ----------
    live
        Sessions in memory, each on a server chosen by chance.
    servers
        Servers that they are on, at least 1.
    level
        How often the number lies in the interval, between 0 and 1.

    Notes
    -----
    Binomial with chance 1/N, taken as normal: live/N, give or take √(live·(N − 1))/N.

    Examples
    --------
    >>> print(expected_loss(live=4000, servers=16))
    250 ± 30
    """
    live = require.whole("live", live, at_least=0)
    servers = require.whole("servers", servers)
    require.inside("level", level, 0, 1)
    spread = math.sqrt(live * (servers - 1)) / servers
    return Estimate(live / servers, NormalDist().inv_cdf((1 + level) / 2) * spread, level)


def expected_deploy_loss(live: int, servers: int) -> float:
    """Give how often people are logged out by a deploy of all servers, one after the other.

    Parameters
    ----------
    live
        Sessions in memory when it begins.
    servers
        Servers that they are on, at least 1.

    Notes
    -----
    Who is logged out signs in on any of the N servers, new or old, and may be hit again:
    each step the load of an old server grows by 1/N, so that the sum is
    live × ((1 + 1/N)^N − 1), toward e − 1 = 1.72 times each. Nobody is taken to come or
    to leave meanwhile.

    Examples
    --------
    >>> round(expected_deploy_loss(live=1000, servers=20))
    1653
    """
    live = require.whole("live", live, at_least=0)
    servers = require.whole("servers", servers)
    return live * ((1 + 1 / servers) ** servers - 1)


@dataclass(frozen=True, eq=False)
class Stays:
    """Each time that a session stays in one place; shape (stays,).

    Attributes
    ----------
    server
        Where.
    start, stop
        Since when and until when, in seconds.
    is_cut
        Whether it was logged out at the end, and did not end of itself.
    """

    server: Integers
    start: Floats
    stop: Floats
    is_cut: NDArray[np.bool_]


def place(sessions: Sessions, fleet: Fleet, cut_at: Floats, rng: np.random.Generator) -> Stays:
    """Put each session on a server, and those cut off on another one, until all have ended.

    Parameters
    ----------
    cut_at
        When each server cuts off the sessions it still holds, shape (servers,).
    """
    rows: list[tuple[NDArray[np.generic], ...]] = []
    now = sessions.arrival_time
    end = sessions.arrival_time + sessions.length
    while True:
        server = choose(fleet, now, rng.random(now.size))
        stop = np.minimum(end, cut_at[server])
        is_cut = (stop < end) & (stop <= sessions.horizon)
        rows.append((server, now, stop, is_cut))
        if not is_cut.any():
            break
        now, end = stop[is_cut], end[is_cut]
    return Stays(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def choose(fleet: Fleet, at: Floats, uniforms: Floats) -> Integers:
    """Choose one of the servers that are on at each moment, by a uniform draw for each."""
    changes = np.unique(np.concatenate([fleet.start, fleet.leave, [0.0]]))
    is_on = fleet.is_on(changes)
    on_first = np.argsort(~is_on, axis=1, kind="stable")
    row = np.searchsorted(changes, at, side="right") - 1
    many = is_on.sum(axis=1)[row]
    if not many.all():
        raise ValueError(
            f"fleet must always have a server on, got none at {at[many == 0][0]:.0f} s"
        )
    server: Integers = on_first[row, (uniforms * many).astype(np.int64)]
    return server


def run_of(
    name: str,
    sessions: Sessions,
    stays: Stays,
    carried: Integers | Floats,
    is_on: NDArray[np.bool_],
    round_trip: float = 0.0,
) -> SessionRun:
    """Count who signed in, ended and was logged out in each minute."""
    time = steps_of(sessions.horizon)
    return SessionRun(
        name=name,
        time=time,
        carried=carried.astype(np.float64),
        is_on=is_on,
        is_paid=is_on | (carried > 0),
        live=sessions.live(time),
        signed_in=count_by_server(stays.start, 0, time, 1)[:, 0],
        ended=count_by_server(stays.stop[~stays.is_cut], 0, time, 1)[:, 0],
        logged_out=count_by_server(stays.stop[stays.is_cut], 0, time, 1)[:, 0],
        round_trip=round_trip,
    )


def count_by_server(
    moments: Floats, server: Integers | int, time: Floats, servers: int
) -> Integers:
    """Count what happens to each server in each minute, shape (steps, servers)."""
    step = np.searchsorted(time, moments, side="left")
    bins = np.bincount(step * servers + server, minlength=(time.size + 1) * servers)
    return bins.reshape(-1, servers)[:-1]


def steps_of(horizon: float) -> Floats:
    """Give the end of each minute of the day, the last one cut short if it must be."""
    ends: Floats = np.minimum(STEP * np.arange(1, math.ceil(horizon / STEP) + 1), horizon)
    return ends


def moments_of(name: str, moments: float | Sequence[float], horizon: float) -> Floats:
    """Give one moment or several as an array, each above 0 and within the day."""
    array = np.atleast_1d(np.asarray(moments, dtype=np.float64))
    wrong = array[~((array > 0) & (array <= horizon))]
    if wrong.size:
        raise ValueError(f"{name} must lie above 0 and within {horizon:g} s, got {wrong[0]:g}")
    return array
