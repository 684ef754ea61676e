"""A balancer that sees connections, and one that sees the requests in them.

A layer-4 balancer seats a party at a table once, and whatever they order goes to that
table's waiter. A layer-7 balancer sends each dish to whoever has a hand free. Browsers,
gRPC clients and WebSockets keep a connection open for minutes or hours (HTTP/2 puts all
requests to a host into one), so with layer 4 a server that is added stands idle until
clients connect anew, and a client that asks much asks one server.

Connections live as long as their client stays (exponential), or until the server closes
them on account of their age and the client connects again at once.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.statistics import Estimate, replicate

Floats = NDArray[np.float64]
Layer = Literal["L4", "L7"]
LAYERS = ("L4", "L7")
MINUTE = 60.0  # seconds


def share_after(
    seconds: float, servers: int, mean_lifetime: float, max_age: float = np.inf
) -> float:
    """Give the share of all connections that a new server has after some time.

    Parameters
    ----------
    seconds
        Since it was added, at least 0.
    servers
        With the new one, at least 1. A new connection goes to each in turn.
    mean_lifetime
        Seconds that a client stays, exponential, above 0.
    max_age
        Seconds after which the server closes a connection, above 0; infinity for never.

    Notes
    -----
    A connection still open after t seconds is on an old server. In the steady state a
    client has been there for a time that is exponential with mean m, and its connection
    for what is left of that after whole ages a. So the new server has
    (1 − e^(−t/m)) / (1 − e^(−a/m)) / N, and 1/N from t = a on.

    Examples
    --------
    >>> round(share_after(600, servers=5, mean_lifetime=3600), 3)
    0.031
    >>> share_after(600, servers=5, mean_lifetime=3600, max_age=300)
    0.2
    """
    require.not_negative("seconds", seconds)
    servers = require.whole("servers", servers)
    require.positive("mean_lifetime", mean_lifetime)
    check_age(max_age)
    if seconds >= max_age:
        return 1 / servers
    return math.expm1(-seconds / mean_lifetime) / math.expm1(-max_age / mean_lifetime) / servers


@dataclass(frozen=True, eq=False)
class ConnectionRun:
    """Requests by server, minute after minute, before and after a server is added.

    Attributes
    ----------
    time
        Seconds from the moment at which the server was added, shape (minutes,).
    requests
        Requests per second to each server at each minute, the new one last, shape
        (minutes, servers).
    connections
        Open connections of each server, same shape.
    layer
        What the balancer sees.
    """

    time: Floats
    requests: Floats
    connections: NDArray[np.int64]
    layer: str

    def __repr__(self) -> str:
        return (
            f"ConnectionRun: {self.layer}, the busiest server gets {self.imbalance:.2f} times the "
            f"mean, the new one {self.new_share[-1]:.1%} at the end"
        )

    @property
    def new_share(self) -> Floats:
        """Share of all requests that go to the new server, shape (minutes,); 0 of none."""
        return share_of_last(self.requests)

    @property
    def new_share_of_connections(self) -> Floats:
        """Share of the open connections that the new server has, shape (minutes,); 0 of none."""
        return share_of_last(self.connections)

    @property
    def imbalance(self) -> float:
        """Requests of the busiest old server over the old ones' mean, before; 1 where none came."""
        before = self.requests[self.time < 0, :-1].mean(axis=0)
        return float(before.max() / before.mean()) if before.any() else 1.0


def share_of_last(counts: NDArray[Any]) -> Floats:
    """Give the last column's share of each row's sum; 0 where that is 0."""
    total = counts.sum(axis=1)
    return np.divide(counts[:, -1], total, out=np.zeros(total.size), where=total > 0)


def check_age(max_age: float) -> None:
    """Refuse an age that is none; infinity is one."""
    if not (require.is_number(max_age) and max_age > 0):
        raise ValueError(f"max_age must be above 0, got {require.shown(max_age)}")


def connect(
    layer: Layer = "L4",
    *,
    clients: int = 2000,
    servers: int = 4,
    mean_lifetime: float = 3600.0,
    max_age: float = np.inf,
    request_rate: float = 0.5,
    unevenness: float = 2.0,
    duration: float = 3600.0,
    rng: int | np.random.Generator = 0,
) -> ConnectionRun:
    """Let clients connect through a balancer, and add a server.

    Parameters
    ----------
    layer
        "L4": a connection goes to each server in turn and stays. "L7": each request goes to
        each server in turn.
    clients
        Mean number of clients at a time, at least 1.
    servers
        Before one is added, at least 1.
    mean_lifetime, max_age
        Seconds, as in `share_after`.
    request_rate
        Requests per second of a client on average, above 0.
    unevenness
        How unlike clients are: coefficient of variation of their request rates, from
        0 to 50.
    duration
        Seconds from the new server on, at least 60; half as long is shown before.
    rng
        A seed or a generator. The same seed has the same clients, whatever the layer.

    Examples
    --------
    >>> connect("L7").new_share[-1]
    np.float64(0.2)
    >>> connect("L4")
    ConnectionRun: L4, the busiest server gets 1.17 times the mean, the new one 14.5% at the end
    """
    if layer not in LAYERS:
        raise ValueError(f"layer must be one of {', '.join(LAYERS)}, got {layer!r}")
    clients = require.whole("clients", clients)
    servers = require.whole("servers", servers)
    require.positive("mean_lifetime", mean_lifetime)
    require.positive("request_rate", request_rate)
    require.between("unevenness", unevenness, 0, 50)
    if require.positive("duration", duration) < MINUTE:
        raise ValueError(f"duration must be at least {MINUTE} seconds, got {duration}")
    check_age(max_age)
    rng = require.generator(rng)
    minutes = int(duration // MINUTE)
    time = MINUTE * np.arange(-math.ceil(minutes / 2), minutes + 1, dtype=np.float64)
    span = (float(time[0]), duration)
    start, stop, rate = draw_clients(clients, mean_lifetime, request_rate, unevenness, span, rng)
    start, stop, rate = cut(start, stop, rate, max_age)
    server = seat(start, servers)
    connections = count_open(start, stop, server, np.ones(rate.size), time, servers + 1)
    requests = count_open(start, stop, server, rate, time, servers + 1)
    requests[connections == 0] = 0.0  # sums of decimals leave a trace
    if layer == "L7":
        on = np.where(time[:, np.newaxis] >= 0, 1, np.arange(servers + 1) < servers)
        requests = on * requests.sum(axis=1, keepdims=True) / on.sum(axis=1, keepdims=True)
    return ConnectionRun(time, requests, connections.round().astype(np.int64), layer)


def measure_share_after(
    seconds: float,
    *,
    servers: int = 4,
    mean_lifetime: float = 3600.0,
    max_age: float = np.inf,
    replications: int = 8,
    rng: int | np.random.Generator = 0,
) -> Estimate:
    """Estimate a new server's share of the connections by runs of 20,000 clients each.

    Parameters
    ----------
    seconds
        Since it was added, a whole number of minutes, at least one.
    servers
        Before it was added.
    replications
        Runs, at least 2.

    Examples
    --------
    >>> share_after(600, 5, 3600) in measure_share_after(600)
    True
    """
    if require.positive("seconds", seconds) % MINUTE:
        raise ValueError(f"seconds must be a whole number of minutes, got {seconds}")
    settings = {"mean_lifetime": mean_lifetime, "max_age": max_age, "duration": seconds}

    def share(chance: np.random.Generator) -> float:
        run = connect(clients=20_000, servers=servers, rng=chance, **settings)  # type: ignore[arg-type]
        return float(run.new_share_of_connections[-1])

    return replicate(share, replications, rng)


def draw_clients(
    clients: int,
    mean_lifetime: float,
    request_rate: float,
    unevenness: float,
    span: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    """Draw when clients come and go, in the steady state, and how much each asks for."""
    begin, end = span
    there = rng.poisson(clients)
    later = rng.poisson(clients / mean_lifetime * (end - begin))
    stay = rng.exponential(mean_lifetime, there + later)
    been = np.concatenate([rng.exponential(mean_lifetime, there), np.zeros(later)])
    seen = np.concatenate([np.full(there, begin), rng.uniform(begin, end, later)])
    sigma = np.sqrt(np.log1p(unevenness**2))
    rate = request_rate * rng.lognormal(-(sigma**2) / 2, sigma, there + later)
    return seen - been, seen + stay, rate


def cut(start: Floats, stop: Floats, rate: Floats, max_age: float) -> tuple[Floats, Floats, Floats]:
    """Cut each client's stay into connections no older than an age."""
    pieces = np.maximum(1, np.ceil((stop - start) / max_age)).astype(np.int64)
    client = np.repeat(np.arange(start.size), pieces)
    turn = np.arange(client.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    before = turn * max_age if np.isfinite(max_age) else np.zeros(client.size)
    begin = start[client] + before
    return begin, np.minimum(begin + max_age, stop[client]), rate[client]


def seat(start: Floats, servers: int) -> NDArray[np.int64]:
    """Give each connection a server in turn; from time 0 on there is one more."""
    order = np.empty(start.size, dtype=np.int64)
    order[np.argsort(start, kind="stable")] = np.arange(start.size)
    is_later = start >= 0
    first = int(np.count_nonzero(~is_later))
    seated: NDArray[np.int64] = np.where(
        is_later, (servers + order - first) % (servers + 1), order % servers
    )
    return seated


def count_open(
    start: Floats,
    stop: Floats,
    server: NDArray[np.int64],
    weight: Floats,
    time: Floats,
    servers: int,
) -> Floats:
    """Add up the weights of the connections open at each moment, shape (moments, servers)."""
    counts = np.zeros((time.size + 1, servers))
    for moment, sign in ((start, 1.0), (stop, -1.0)):
        row = np.searchsorted(time, moment, side="left")
        np.add.at(counts, (row, server), sign * weight)
    total: Floats = np.maximum(np.cumsum(counts, axis=0)[:-1], 0.0)
    return total
