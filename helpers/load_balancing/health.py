"""Who notices that a server is ill, and how soon: health checks and ejected outliers.

A restaurant finds out about a cook who has left in two ways. The manager looks into the
kitchen every few seconds (an active check), or the waiters notice that five plates in a
row have not come (passive: outlier ejection). The manager may look at the wrong thing:
the light is on, so all must be well. The waiters see what the guests see, and only where
there are guests.

Here is what can be worked out: how long a check takes to find a dead server, and how
often one that fails now and then goes in and out. `outages` sends the requests.

Sources: active checks as in HAProxy's `inter`, `fall` and `rise` or the probes of
Kubernetes; outlier ejection by consecutive errors as Envoy's documentation has it
("Outlier detection": 5 errors, 10 s, 30 s, 10 %).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require

Floats = NDArray[np.float64]
SHORTEST = 0.001
"""Seconds: shorter intervals would only keep the computer busy."""


@dataclass(frozen=True)
class ActiveCheck:
    """A probe to each server now and then.

    Attributes
    ----------
    interval
        Seconds from one probe of a server to the next, at least a thousandth.
    unhealthy, healthy
        Failed probes in a row until a server gets no more requests, and good ones in a row
        until it gets some again, at least 1.
    timeout
        Seconds until a probe without an answer counts as failed, at most the interval.
    sees
        Share of the users' errors that the probe meets as well, from 0 to 1: a page that
        says "ok" whatever happens sees none.
    """

    interval: float = 5.0
    unhealthy: int = 3
    healthy: int = 2
    timeout: float = 1.0
    sees: float = 1.0

    def __post_init__(self) -> None:
        not_too_short("interval", self.interval)
        require.whole("unhealthy", self.unhealthy)
        require.whole("healthy", self.healthy)
        require.between("timeout", self.timeout, 0, self.interval)
        require.between("sees", self.sees, 0, 1)


@dataclass(frozen=True)
class OutlierEjection:
    """Errors counted on the way, and a server sent off for a while.

    Attributes
    ----------
    consecutive
        Errors of a server in a row until it is ejected, at least 1.
    sweep
        Seconds between the moments at which ejected servers may come back, at least a
        thousandth. One that has stayed in since the last of them has one ejection forgiven.
    base_ejection
        Seconds that an ejection lasts at least, times how often there was one.
    most_ejected
        Share of the servers that may be out at once, from 0 to 1. One always may.
    """

    consecutive: int = 5
    sweep: float = 10.0
    base_ejection: float = 30.0
    most_ejected: float = 0.10

    def __post_init__(self) -> None:
        require.whole("consecutive", self.consecutive)
        not_too_short("sweep", self.sweep)
        require.not_negative("base_ejection", self.base_ejection)
        require.between("most_ejected", self.most_ejected, 0, 1)


def not_too_short(name: str, seconds: float) -> None:
    """Refuse what would have no end, or need no time at all."""
    if require.positive(name, seconds) < SHORTEST:
        raise ValueError(f"{name} must be at least {SHORTEST} seconds, got {seconds}")


@dataclass(frozen=True)
class DetectionTime:
    """Seconds from a server's death until it gets no more requests: mean, and its range."""

    mean: float
    earliest: float
    latest: float


def detection_time(check: ActiveCheck) -> DetectionTime:
    """Give how long a dead server goes on getting requests.

    Notes
    -----
    The death falls anywhere between two probes, so the first failed probe is sent after 0
    to `interval` seconds, evenly. It takes `unhealthy − 1` intervals more, and the last
    probe's timeout: (unhealthy − 1/2) × interval + timeout on average.

    Examples
    --------
    >>> detection_time(ActiveCheck(interval=5.0, unhealthy=3, timeout=1.0))
    DetectionTime(mean=13.5, earliest=11.0, latest=16.0)
    """
    earliest = (check.unhealthy - 1) * check.interval + check.timeout
    return DetectionTime(earliest + check.interval / 2, earliest, earliest + check.interval)


def expected_errors(check: ActiveCheck, arrival_rate: float, servers: int) -> float:
    """Give how many requests a dead server fails on average until it is found.

    Parameters
    ----------
    arrival_rate
        Requests per second to all servers, at least 0.
    servers
        Servers that share them evenly, at least 1.

    Examples
    --------
    >>> expected_errors(ActiveCheck(), arrival_rate=240, servers=12)
    270.0
    """
    require.not_negative("arrival_rate", arrival_rate)
    return arrival_rate / require.whole("servers", servers) * detection_time(check).mean


def tries_until_run(chance: float, length: int) -> float:
    """Give the expected number of tries until so many in a row succeed.

    Notes
    -----
    (1 − pᵏ) / (pᵏ (1 − p)): Feller, *An Introduction to Probability Theory*, XIII.7.

    Examples
    --------
    >>> tries_until_run(0.5, 2)
    6.0
    """
    require.between("chance", chance, 0, 1)
    length = require.whole("length", length)
    if chance == 1:
        return float(length)
    power = chance**length
    return (1 - power) / (power * (1 - chance)) if power > 0 else math.inf


@dataclass(frozen=True)
class Flapping:
    """How a server that fails now and then goes in and out.

    Attributes
    ----------
    seconds_in, seconds_out
        How long a stay in rotation lasts on average, and one out of it.
    """

    seconds_in: float
    seconds_out: float

    @property
    def share_in(self) -> float:
        """Share of the time in which the server gets requests."""
        if math.isinf(self.seconds_in):
            return 1.0
        return self.seconds_in / (self.seconds_in + self.seconds_out)

    @property
    def flaps_per_hour(self) -> float:
        """How often an hour it is taken out."""
        return 3600 / (self.seconds_in + self.seconds_out)


def flapping(check: ActiveCheck, error_share: float) -> Flapping:
    """Give how a server that fails a share of its probes goes in and out of rotation.

    Parameters
    ----------
    error_share
        Chance that a request fails, from 0 to 1, each for itself; a probe fails with
        `check.sees` times that.

    Notes
    -----
    A stay lasts for a number of intervals (`tries_until_run`). A good probe puts the server
    back at once, the last failed one takes it out only when its timeout is over: so a stay
    in rotation is longer by the timeout, and one out of it shorter.

    Examples
    --------
    >>> flapping(ActiveCheck(interval=5, unhealthy=3, healthy=2), 0.3).share_in > 0.9
    True
    """
    fails = require.between("error_share", error_share, 0, 1) * check.sees
    return Flapping(
        check.interval * tries_until_run(fails, check.unhealthy) + check.timeout,
        check.interval * tries_until_run(1 - fails, check.healthy) - check.timeout,
    )


def watch(
    check: ActiveCheck, error_share: float, ill: tuple[float, float], phase: float, luck: Floats
) -> Floats:
    """Probe one server, and give when it is taken out and put back.

    Parameters
    ----------
    error_share
        Share of requests that fail while it is ill.
    ill
        Seconds from and to which it is ill; the second is not included.
    phase
        Seconds of the first probe, at least 0.
    luck
        A number from 0 to 1 for each probe, shape (probes,). It fails below the share.

    Returns
    -------
    Moments in seconds, out and in by turns, rising.

    Examples
    --------
    >>> dies_at_7 = (7.0, 33.0)
    >>> watch(ActiveCheck(interval=5, unhealthy=3, timeout=1), 1.0, dies_at_7, 0.0, np.zeros(10))
    array([21., 40.])
    """
    moments, is_in, streak = [], True, 0
    for i, number in enumerate(luck.tolist()):
        sent = phase + i * check.interval
        failed = ill[0] <= sent < ill[1] and number < error_share * check.sees
        streak = streak + 1 if failed == is_in else 0
        if streak == (check.unhealthy if is_in else check.healthy):
            is_in, streak = not is_in, 0
            moments.append(sent + check.timeout if failed else sent)
    return np.array(moments, dtype=np.float64)
