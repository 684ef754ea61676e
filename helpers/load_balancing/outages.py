"""A server falls ill: which requests meet it, and when nobody does any more.

Each request is sent to one of the servers in rotation, by chance, as a guest is to a
table; where it fails it may be sent once more, to another one. Active checks know
nothing of requests, so they are worked out first (`health.watch`); errors are counted
on the way. All luck is drawn beforehand: runs with one seed have the same requests,
whoever notices.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.load_balancing.health import (
    ActiveCheck,
    Floats,
    OutlierEjection,
    detection_time,
    watch,
)
from helpers.statistics import Estimate, interval

Integers = NDArray[np.int64]


@kernel
def send(  # type: ignore[no-untyped-def]
    arrival, where, luck, ill, out_and_in, consecutive, sweep, base, most, servers, failed, sent_off
):
    """Send each request to a server in rotation, by chance, and once more where it failed.

    `ill` has a row for each server: from, to, error share. `out_and_in` has the moments at
    which active checks change their mind, by server; `most` is the share of the servers that
    may be ejected at once. Gives how many ejections there were.
    """
    count = ill.shape[0]
    turn, errors, times = np.zeros((3, count), np.int64)
    until, choices = np.zeros(count), np.empty(count, np.int64)
    next_sweep, ejected, ejections = sweep, 0, 0
    for i in range(arrival.size):
        now = arrival[i]
        while next_sweep <= now:
            for s in range(count):
                if until[s] == 0.0:
                    times[s] = max(0, times[s] - 1)
                elif until[s] <= next_sweep:
                    until[s], errors[s], ejected = 0.0, 0, ejected - 1
            next_sweep += sweep
        open_servers = 0
        for s in range(count):
            while out_and_in[s, turn[s]] <= now:
                turn[s] += 1
            if turn[s] % 2 == 0 and until[s] == 0.0:
                choices[open_servers] = s
                open_servers += 1
        for attempt in range(where.shape[1]):
            if open_servers == 0:
                failed[i, attempt] = True
                continue
            place = int(where[i, attempt] * open_servers)
            s = choices[place]
            servers[i, attempt] = s
            if not (ill[s, 0] <= now < ill[s, 1] and luck[i, attempt] < ill[s, 2]):
                errors[s] = 0
                break
            failed[i, attempt] = True
            open_servers -= 1  # a server that failed a request does not get it again
            choices[place] = choices[open_servers]
            errors[s] += 1
            if errors[s] >= consecutive and (ejected == 0 or (ejected + 1) / count <= most):
                times[s], ejected = times[s] + 1, ejected + 1
                until[s] = now + base * times[s]
                sent_off[ejections, 0], sent_off[ejections, 1] = s, now
                ejections += 1
    return ejections


@dataclass(frozen=True, eq=False)
class OutageRun:
    """Requests to servers of which some fall ill.

    Attributes
    ----------
    arrival_time
        Seconds, shape (requests,).
    server
        Which server each attempt went to, −1 where there was none, shape (requests, attempts).
    failed
        Whether the attempt failed, same shape.
    ill
        From and to when, in seconds.
    taken_out
        When the first ill server was first taken out by an active check; infinity if never.
    ejections
        Server and moment of each ejection, shape (ejections, 2).
    """

    arrival_time: Floats
    server: Integers
    failed: NDArray[np.bool_]
    ill: tuple[float, float]
    taken_out: float
    ejections: Floats

    def __post_init__(self) -> None:
        if np.any((self.server[:, 1:] >= 0) & ~self.failed[:, :-1]):
            raise AssertionError("a request that had not failed was sent again")

    def __repr__(self) -> str:
        last = f", the last {self.seconds_of_errors:.1f} s after servers fell ill"
        return (
            f"OutageRun: {self.errors:,} of {self.arrival_time.size:,} requests failed"
            f"{last if self.errors else ''}"
        )

    @property
    def is_error(self) -> NDArray[np.bool_]:
        """Whether the user saw an error: every attempt failed, shape (requests,)."""
        seen: NDArray[np.bool_] = np.all(self.failed, axis=1)
        return seen

    @property
    def errors(self) -> int:
        """Requests of which the user saw an error."""
        return int(self.is_error.sum())

    @property
    def seconds_of_errors(self) -> float:
        """Seconds from when the first server fell ill to the last error."""
        at = self.arrival_time[self.is_error]
        return float(at[-1] - self.ill[0]) if at.size else 0.0

    def error_share(self, edges: Floats) -> Floats:
        """Give the share of failed requests between each two moments, 0 where none came."""
        came, lost = (
            np.histogram(at, edges)[0]
            for at in (self.arrival_time, self.arrival_time[self.is_error])
        )
        share: Floats = lost / np.maximum(came, 1)
        return share


def run_outage(
    active: ActiveCheck | None = None,
    passive: OutlierEjection | None = None,
    *,
    servers: int = 12,
    arrival_rate: float = 240.0,
    ill_servers: int = 1,
    error_share: float = 1.0,
    ill: tuple[float, float] = (60.0, math.inf),
    duration: float = 120.0,
    retries: int = 0,
    rng: int | np.random.Generator = 0,
) -> OutageRun:
    """Let servers fall ill, and see who gets an error until somebody notices.

    Parameters
    ----------
    active, passive
        Who notices; None for nobody.
    servers
        In the tier, at least 1. A request goes to any of those in rotation by chance.
    arrival_rate
        Requests per second, Poisson, above 0.
    ill_servers
        How many fall ill at once, at most all.
    error_share
        Share of requests to an ill server that fail, from 0 to 1.
    ill
        Seconds from and to which they are ill.
    duration
        Seconds, above 0.
    retries
        How often a failed request is sent again at once, each time to another server.
    rng
        A seed or a generator. The same seed has the same requests, whoever notices.

    Examples
    --------
    >>> run_outage(ActiveCheck(), rng=1)
    OutageRun: 271 of 28,806 requests failed, the last 13.0 s after servers fell ill
    >>> run_outage(passive=OutlierEjection(), rng=1)
    OutageRun: 10 of 28,806 requests failed, the last 40.0 s after servers fell ill
    """
    servers = require.whole("servers", servers)
    require.positive("arrival_rate", arrival_rate)
    require.between("error_share", error_share, 0, 1)
    require.positive("duration", duration)
    attempts = require.whole("retries", retries, at_least=0) + 1
    ill_servers = require.whole("ill_servers", ill_servers, at_least=0)
    require.between("ill_servers", ill_servers, 0, servers)
    are_moments = np.shape(ill) == (2,) and all(map(require.is_number, ill))
    if not (are_moments and 0 <= ill[0] <= ill[1]):
        raise ValueError(f"ill must be two rising moments of at least 0, got {ill}")
    rng = require.generator(rng)
    arrival, where, luck = draw_requests(arrival_rate, duration, attempts, rng)
    illness = np.zeros((servers, 3))
    illness[:ill_servers] = *ill, error_share
    moments = [
        probe_all(active, error_share, ill, duration, rng) if s < ill_servers else np.empty(0)
        for s in range(servers)
    ]
    rules = passive or OutlierEjection(sweep=duration, consecutive=arrival.size * attempts + 1)
    server = np.full(where.shape, -1)
    failed = np.zeros(where.shape, bool)
    sent_off = np.empty((where.size // int(rules.consecutive), 2))
    ejections = send(
        arrival,
        where,
        luck,
        illness,
        padded(moments),
        rules.consecutive,
        rules.sweep,
        rules.base_ejection,
        float(rules.most_ejected),
        server,
        failed,
        sent_off,
    )
    first_out = moments[0][0] if moments[0].size else math.inf
    return OutageRun(arrival, server, failed, ill, first_out, sent_off[:ejections].copy())


def draw_requests(
    arrival_rate: float, duration: float, attempts: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Draw when requests come, and for each attempt where it goes and whether it is lucky."""
    number = rng.poisson(arrival_rate * duration)
    where, luck = rng.random((2, number, attempts))
    return np.sort(rng.random(number)) * duration, where, luck


def probe_all(
    active: ActiveCheck | None,
    error_share: float,
    ill: tuple[float, float],
    duration: float,
    rng: np.random.Generator,
) -> Floats:
    """Watch one server, from a random phase on, for as long as the run takes."""
    if active is None:
        return np.empty(0)
    luck = rng.random(math.ceil(duration / active.interval))
    return watch(active, error_share, ill, float(rng.uniform(0, active.interval)), luck)


def padded(moments: Sequence[Floats]) -> Floats:
    """Put rows of unequal length into one array, with infinity behind each."""
    table = np.full((len(moments), 1 + max(row.size for row in moments)), np.inf)
    for place, row in zip(table, moments, strict=True):
        place[: row.size] = row
    return table


@dataclass(frozen=True)
class MeasuredOutages:
    """What many outages were like: seconds until the server was out, and failed requests."""

    seconds: Estimate
    errors: Estimate


def measure_outages(
    active: ActiveCheck | None = None,
    passive: OutlierEjection | None = None,
    *,
    outages: int = 200,
    servers: int = 12,
    arrival_rate: float = 240.0,
    retries: int = 0,
    rng: int | np.random.Generator = 0,
) -> MeasuredOutages:
    """Let one server die many times over, at any moment between two probes.

    Parameters
    ----------
    outages
        At least 2, each with requests of its own.

    Returns
    -------
    Means with their 95 % intervals. `seconds` is when the server was taken out, where there
    is an active check alone, else when the last error was seen. Each outage is watched for
    ten seconds more than an active check takes at most.
    """
    outages = require.whole("outages", outages, at_least=2)
    if active is None and passive is None:
        raise ValueError("active or passive must be given, got None for both: nobody would notice")
    latest = detection_time(active).latest if active else 0.0
    settings = {"servers": servers, "arrival_rate": arrival_rate, "retries": retries}
    seconds, errors = [], []
    for child in require.generator(rng).spawn(outages):
        died = float(child.uniform(0, 10))
        run = run_outage(
            active,
            passive,
            ill=(died, math.inf),
            duration=died + latest + 10,
            rng=child,
            **settings,  # type: ignore[arg-type]
        )
        is_found = math.isfinite(run.taken_out) and passive is None
        seconds.append(run.taken_out - died if is_found else run.seconds_of_errors)
        errors.append(run.errors)
    return MeasuredOutages(interval(seconds), interval(errors))
