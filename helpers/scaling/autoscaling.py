"""A tier whose servers come and go: what a policy sees, what it asks for, what that costs.

Picture a supermarket whose manager looks up once a minute and decides how many
checkouts there shall be. A cashier who is called takes a few minutes to arrive and
is paid from the call on; one who is sent home first finishes the customer at hand.
All customers stand in one line. The manager sees the last minute, not the next.

The line is that of `simulation.serve`: with a manager who never changes anything,
every request waits exactly as long as there.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from helpers import require
from helpers.kernel import kernel
from helpers.scaling.elastic_run import ElasticRun, Floats
from helpers.scaling.fleet import Fleet
from helpers.scaling.simulation import as_requests
from helpers.statistics import quantile

RECENT = 15  # intervals that a policy can look back on


@dataclass(frozen=True)
class Observation:
    """What a policy can see when it is asked.

    Attributes
    ----------
    time
        Seconds since the run began.
    servers
        Servers that serve now.
    starting
        Servers that were asked for and do not serve yet.
    arrival_rate
        Requests per second that came in the last interval.
    utilization
        Share of the serving servers' time that was spent serving in the last interval,
        from 0 to 1.
    queue
        Requests that stand in line now.
    p99
        Seconds that 99 % of the requests answered in the last interval did not exceed; 0
        where none was answered.
    recent_arrival_rates
        Requests per second in each of the last intervals, up to 15, the latest last.
    """

    time: float
    servers: int
    starting: int
    arrival_rate: float
    utilization: float
    queue: int
    p99: float
    recent_arrival_rates: tuple[float, ...] = field(repr=False)

    def __repr__(self) -> str:
        shown = (f"{f.name}={getattr(self, f.name):g}" for f in fields(self) if f.repr)
        return f"Observation({', '.join(shown)}, …)"


Policy = Callable[[Observation], int]
"""Gives how many servers there shall be, serving and starting together."""


@kernel
def serve_until(arrival_time, service_time, waiting_time, first, free_at, until):  # type: ignore[no-untyped-def]
    """Serve in order of arrival whoever is started before `until`; see `wait_in_one_line`.

    A server that is still starting is one that is free when it is ready. Gives the first
    request still in line, and the seconds served before `until` on what was started here.
    """
    busy = 0.0
    i = first
    while i < arrival_time.size:
        start = max(arrival_time[i], free_at[0])
        if start >= until:
            break
        waiting_time[i] = start - arrival_time[i]
        done = start + service_time[i]
        busy += min(done, until) - start
        place = 1
        while place < free_at.size and free_at[place] < done:
            free_at[place - 1] = free_at[place]
            place += 1
        free_at[place - 1] = done
        i += 1
    return i, busy


def serve_with_policy(
    arrival_time: ArrayLike,
    service_time: ArrayLike,
    policy: Policy,
    *,
    servers: int = 1,
    startup_delay: float = 180.0,
    interval: float = 60.0,
    duration: float | None = None,
    most_servers: int = 500,
) -> ElasticRun:
    """Send requests through servers whose number a policy changes.

    Parameters
    ----------
    arrival_time
        Seconds, not falling, at least 0, shape (requests,).
    service_time
        Seconds, at least 0, same shape.
    policy
        Called with an `Observation` every `interval` seconds; gives how many servers there
        shall be, serving and starting together.
    servers
        How many serve at the start, at least 1.
    startup_delay
        Seconds from an order until the server serves, at least 0.
    interval
        Seconds between decisions, above 0.
    duration
        Seconds in which decisions are made and servers are paid for; until the last arrival
        by default. Who came until then is served, however long it takes.
    most_servers
        What the policy may ask for at most.

    Raises
    ------
    ValueError
        An argument is out of its range, or the policy's answer is no whole number from 1
        to `most_servers`.

    Examples
    --------
    >>> def add_one(seen):
    ...     return seen.servers + seen.starting + 1
    >>> run = serve_with_policy([0, 1, 2, 9], [5, 5, 5, 5], add_one, interval=4, startup_delay=2)
    >>> run.waiting_time, run.wanted  # the second server comes at 6, the third at 10
    (array([0., 4., 4., 1.]), array([2, 3]))
    """
    servers = require.whole("servers", servers)
    most_servers = require.whole("most_servers", most_servers, at_least=servers)
    require.not_negative("startup_delay", startup_delay)
    require.positive("interval", interval)
    arrivals, services = as_requests(arrival_time, service_time)
    if arrivals[0] < 0:
        raise ValueError(f"arrival_time must be at least 0, got {arrivals[0]}")
    duration = float(arrivals[-1]) if duration is None else require.positive("duration", duration)
    fleet, waits = Fleet(servers, startup_delay), np.full(arrivals.size, np.nan)
    times, wanted = [], []
    for seen in observe(arrivals, services, waits, fleet, interval, duration):
        answer = whole_servers(policy(seen), most_servers, seen.time)
        fleet.resize(answer, seen.time)
        times.append(seen.time)
        wanted.append(answer)
    return ElasticRun(
        arrivals,
        services,
        waits,
        duration,
        np.array(times, dtype=np.float64),
        np.array(wanted, dtype=np.int64),
        **fleet.records(),
    )


def observe(
    arrivals: Floats,
    services: Floats,
    waits: Floats,
    fleet: Fleet,
    interval: float,
    duration: float,
) -> Iterator[Observation]:
    """Run the line from decision to decision, and say each time what can be seen.

    Whoever asks may change the fleet before asking on. The waits are filled in.
    """
    times = np.arange(1, math.ceil(duration / interval)) * interval
    arrived = np.searchsorted(arrivals, times)
    rates = (np.diff(arrived, prepend=0) / interval).tolist()
    since, first, unanswered = 0.0, 0, np.empty(0, dtype=np.int64)
    for step, now in enumerate(times.tolist()):
        free_at, begun = fleet.free_at(), first
        available, busy_before = fleet.available(since, now), fleet.occupied(since, now)
        first, busy = serve_until(arrivals, services, waits, begun, free_at, now)
        fleet.move_on(free_at, now)
        unanswered = np.append(unanswered, np.arange(begun, first))
        response = waits[unanswered] + services[unanswered]
        answered = arrivals[unanswered] + response <= now
        yield Observation(
            time=now,
            servers=fleet.serving.size,
            starting=fleet.starting.size,
            arrival_rate=rates[step],
            utilization=(busy_before + busy) / available,
            queue=int(arrived[step]) - first,
            p99=quantile(response[answered], 0.99) if answered.any() else 0.0,
            recent_arrival_rates=tuple(rates[max(0, step + 1 - RECENT) : step + 1]),
        )
        since, unanswered = now, unanswered[~answered]
    free_at = fleet.free_at()
    fleet.move_on(free_at, duration)
    serve_until(arrivals, services, waits, first, free_at, math.inf)


def whole_servers(answer: Any, most_servers: int, time: float) -> int:
    """Give the policy's answer as a whole number, or say what is wrong with it."""
    is_number = isinstance(answer, int | float | np.number) and not isinstance(answer, bool)
    if is_number and answer == answer // 1 and 1 <= answer <= most_servers:
        return int(answer)
    raise ValueError(
        f"policy must give a whole number of servers from 1 to {most_servers}, "
        f"got {answer!r} at {time:g} s"
    )
