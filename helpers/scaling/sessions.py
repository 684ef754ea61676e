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

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.scaling.session_day import (
    STEP,
    Floats,
    Integers,
    Sessions,
    draw_sessions,
    moments_of,
    steps_of,
)
from helpers.scaling.session_fleet import Autoscaler, SessionFleet, run_fleet
from helpers.statistics import Estimate

__all__ = [
    "Autoscaler",
    "SessionFleet",
    "SessionRun",
    "Sessions",
    "draw_sessions",
    "expected_deploy_loss",
    "expected_loss",
    "keep_in_memory",
    "keep_in_store",
    "run_fleet",
]


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


def keep_in_memory(
    sessions: Sessions,
    fleet: SessionFleet,
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
    stays = place(sessions, fleet, cut_at, require.generator(rng))
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
    fleet: SessionFleet,
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
    stores = SessionFleet(np.insert(losses, 0, -np.inf), leave, np.isfinite(leave))
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


def place(
    sessions: Sessions, fleet: SessionFleet, cut_at: Floats, rng: np.random.Generator
) -> Stays:
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


def choose(fleet: SessionFleet, at: Floats, uniforms: Floats) -> Integers:
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
