"""How many servers your own requests need, and how sure that is.

A formula knows your arrival rate, not your rush hour. So the recorded arrivals are
played back against more and more servers until the p99 is in target. To see how much
of the answer is luck, the record is cut into blocks, the blocks are dealt anew, and
each dealt record is asked again (the moving-block bootstrap of Künsch, 1989).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.scaling.durations import Duration, Floats
from helpers.scaling.simulation import serve
from helpers.statistics import as_samples, quantile


@dataclass(frozen=True, eq=False)
class ServersNeeded:
    """The fewest servers that keep a quantile of the response time in target.

    Attributes
    ----------
    servers
        For the record as it came.
    low, high
        Between which the answer lies for nine in ten of the dealt records.
    response_time
        The quantile that the record as it came has with `servers`, in seconds.
    utilization
        Offered load over servers, from 0 to 1, over the whole record.
    dealt
        The answer for each dealt record, shape (records,).
    is_reachable
        Whether the record as it came can be in target at all. Where its own service times
        miss the target, `servers` are as many as it takes for nobody to wait.
    unreachable
        How many of the dealt records cannot be in target; the same holds for them.
    """

    servers: int
    low: int
    high: int
    response_time: float
    utilization: float
    dealt: NDArray[np.int64]
    is_reachable: bool = True
    unreachable: int = 0

    def __repr__(self) -> str:
        return (
            f"ServersNeeded: {self.servers} (from {self.low} to {self.high} in nine of ten dealt "
            f"records), {self.utilization:.0%} busy on average, "
            f"{self.response_time:.3g} s at the quantile asked for{self._out_of_reach()}"
        )

    def _out_of_reach(self) -> str:
        """Say for how many records no number of servers is enough, if there are any."""
        missed = "the service alone misses the target"
        own = "" if self.is_reachable else f"; here {missed}, and nobody waits"
        dealt = f"; in {self.unreachable} of {self.dealt.size} dealt records {missed}"
        return own + (dealt if self.unreachable else "")


def find_servers(
    arrival_time: ArrayLike,
    mean_service: float,
    target: float,
    *,
    service_cv: float = 1.0,
    q: float = 0.99,
    block: float = 60.0,
    records: int = 40,
    rng: int | np.random.Generator = 0,
) -> ServersNeeded:
    """Find the fewest servers for recorded arrivals.

    Parameters
    ----------
    arrival_time
        Seconds, not falling, shape (requests,).
    mean_service
        Seconds that a server works on one request, above 0. Not the response time that
        a log records: that one has the waiting in it.
    target
        Seconds, above `mean_service`.
    service_cv
        Unevenness of the service times, from 0 to 50.
    q
        Share of the requests that must be in target, between 0 and 1. In a short record
        luck may make the services alone miss the target: then the answer is how many
        servers it takes for nobody to wait, and says so.
    block
        Seconds of the record that are dealt as one, above 0. Longer than a burst.
    records
        How many records to deal, at least 2.
    rng
        A seed or a generator.

    Examples
    --------
    >>> arrivals = np.arange(0, 600, 0.02)
    >>> find_servers(arrivals, mean_service=0.1, target=0.5, service_cv=0).servers
    5
    """
    arrivals = as_samples(arrival_time, "arrival_time")
    if not np.isfinite(arrivals).all() or (np.diff(arrivals) < 0).any():
        raise ValueError("arrival_time must be finite and not falling")
    arrivals = arrivals - arrivals[0]
    require.positive("mean_service", mean_service)
    require.inside("target", target, mean_service, np.inf)
    require.inside("q", q, 0, 1)
    require.positive("block", block)
    records = require.whole("records", records, at_least=2)
    service = Duration.with_cv(service_cv)
    if float(service.exceed(target / mean_service)) >= 1 - q:
        raise ValueError(
            f"target must exceed what the service alone takes at q={q}, got {target} s: "
            "no number of servers can reach it"
        )
    streams = require.generator(rng).spawn(records + 1)

    def services(stream: np.random.Generator, count: int) -> Floats:
        return service.stretch(stream.exponential(size=count), stream.random(count), mean_service)

    as_it_came = services(streams[0], arrivals.size)
    servers = fewest(arrivals, as_it_came, target, q)
    dealt, unreachable = np.ones(records, dtype=np.int64), 0
    for i, (stream, record) in enumerate(deal_records(arrivals, block, streams[1:])):
        if record.size:
            drawn = services(stream, record.size)
            dealt[i] = fewest(record, drawn, target, q)
            unreachable += quantile(drawn, q) > target
    low, high = np.quantile(dealt, [0.05, 0.95], method="nearest")
    run = serve(arrivals, as_it_came, servers)
    return ServersNeeded(
        servers=servers,
        low=min(int(low), servers),
        high=max(int(high), servers),
        response_time=run.quantile(q),
        utilization=float(as_it_came.sum() / (servers * max(run.departure_time.max(), target))),
        dealt=dealt,
        is_reachable=quantile(as_it_came, q) <= target,
        unreachable=unreachable,
    )


def fewest(arrival_time: Floats, service_time: Floats, target: float, q: float) -> int:
    """Double the servers until the target holds, then halve the gap to where it does not.

    Where the services alone miss the target, give how many it takes for nobody to wait.
    """
    enough = servers_without_wait(arrival_time, service_time)
    if quantile(service_time, q) > target:
        return enough
    low, high = 0, 1
    while high < enough and serve(arrival_time, service_time, high).quantile(q) > target:
        low, high = high, min(2 * high, enough)
    while high - low > 1:
        middle = (low + high) // 2
        in_target = serve(arrival_time, service_time, middle).quantile(q) <= target
        low, high = (low, middle) if in_target else (middle, high)
    return high


def servers_without_wait(arrival_time: Floats, service_time: Floats) -> int:
    """Give the fewest servers with which nobody waits: the most that are served at once."""
    done = np.sort(arrival_time + service_time)
    left = np.searchsorted(done, arrival_time, side="right")
    return max(1, int((np.arange(1, arrival_time.size + 1) - left).max()))


def deal_records(
    arrival_time: Floats, block: float, streams: list[np.random.Generator]
) -> Iterator[tuple[np.random.Generator, Floats]]:
    """Give, for each stream of luck, a record as long as the first, of blocks drawn from it.

    A record shorter than three blocks is cut into three; one in which all come at once
    is given back as it is.
    """
    offset = arrival_time - arrival_time[0]
    duration = float(offset[-1])
    blocks = max(3, round(duration / block))
    length = duration / blocks
    for stream in streams:
        if duration == 0:
            yield stream, offset
            continue
        begins = stream.random(blocks) * (duration - length)
        edges = np.searchsorted(offset, [begins, begins + length])
        dealt = [
            offset[first:last] - begin + i * length
            for i, (begin, first, last) in enumerate(zip(begins, *edges, strict=True))
        ]
        yield stream, np.concatenate(dealt)
