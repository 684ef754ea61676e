"""Long balanced runs in a handful of numbers, and the theory's curves to lay beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import add
from typing import NamedTuple

import numpy as np

from helpers.load_balancing.balancing import BalancedRun
from helpers.load_balancing.supermarket import response_quantile
from helpers.response_bars import LONGEST, SHORTEST, edges_of_bars, in_bars
from helpers.scaling.response_time import response_quantile as shared_line_quantile
from helpers.scaling.simulation import Floats
from helpers.statistics import Estimate, LogHistogram, interval


@dataclass(frozen=True, eq=False)
class BalancerSummary:
    """What a million requests felt like, and what each server had to do; times in seconds.

    Attributes
    ----------
    load
        Requests that come over what the servers can do without the slowdown.
    slowdown
        How many times as long server 0 takes.
    mean, p50, p99
        Of the response time.
    share
        Of the requests that server 0 got.
    utilization, mean_in_flight
        Of each server, shape (servers,).
    edges
        Of the histogram's bars, shape (bars + 1,).
    by_first, by_others
        Share of requests in each bar that server 0 answered, or another one; shape (bars,).
    """

    load: float
    slowdown: float
    mean: Estimate
    p50: float
    p99: float
    share: float
    utilization: Floats
    mean_in_flight: Floats
    edges: Floats
    by_first: Floats
    by_others: Floats

    @property
    def is_overloaded(self) -> bool:
        """Whether server 0 gets more than it can do, so that its line only grows."""
        brings = self.share * self.utilization.size * self.load * self.slowdown
        return brings >= 1 and self.mean_in_flight[0] > 10 * (1 + self.mean_in_flight[1:].mean())

    @property
    def in_words(self) -> str:
        """The numbers in two or three sentences."""
        times = f"p50 {in_milliseconds(self.p50)}, p99 {in_milliseconds(self.p99)}."
        others = float(self.mean_in_flight[1:].mean())
        line = (
            f"Server 1 gets {self.share:.1%} of the requests and has "
            f"{self.mean_in_flight[0]:,.1f} in flight, each other one {others:,.1f}."
        )
        if self.is_overloaded:
            return f"{times} {line} It gets more than it can do: its line only grows."
        mean, margin = 1000 * self.mean.value, 1000 * self.mean.half_width
        return f"Mean {mean:,.0f} ± {margin:,.0f} ms, {times} {line}"


def in_milliseconds(value: float) -> str:
    """Write a time, as far as the histogram tells it."""
    return f"{1000 * value:,.0f} ms" if value < LONGEST else f"more than {LONGEST:.0f} s"


class Tally(NamedTuple):
    """What one of several equally long runs counted, for a summary of them all."""

    by_first: LogHistogram
    by_others: LogHistogram
    mean: float
    utilization: Floats
    mean_in_flight: Floats


def count_up(run: BalancedRun) -> Tally:
    """Reduce a run to counts, in three passes over the requests.

    Parameters
    ----------
    run
        Of at least two servers and twenty requests, none of which failed.
    """
    first = run.server == 0
    others, mine = LogHistogram.by_kind(run.response_time, first, low=SHORTEST, high=LONGEST)
    mean = float(run.response_time.mean())
    return Tally(mine, others, mean, run.utilization, run.mean_in_flight)


def summarize(tallies: Sequence[Tally], load: float, slowdown: float) -> BalancerSummary:
    """Put what the runs of one setting counted together.

    Parameters
    ----------
    tallies
        Of independent runs of equal length, at least two: their spread tells how sure the
        mean is.
    load, slowdown
        As set.
    """
    mine = reduce(add, (tally.by_first for tally in tallies))
    others = reduce(add, (tally.by_others for tally in tallies))
    everyone = mine + others
    p50, p99 = everyone.quantile([0.5, 0.99])
    return BalancerSummary(
        load=load,
        slowdown=slowdown,
        mean=interval([tally.mean for tally in tallies]),
        p50=float(p50),
        p99=float(p99),
        share=mine.total / everyone.total,
        utilization=np.mean([tally.utilization for tally in tallies], axis=0),
        mean_in_flight=np.mean([tally.mean_in_flight for tally in tallies], axis=0),
        edges=edges_of_bars(everyone),
        by_first=in_bars(mine, everyone.total),
        by_others=in_bars(others, everyone.total),
    )


@dataclass(frozen=True, eq=False)
class Curves:
    """The 99th percentile against utilization by theory, in seconds; shape (points,).

    Attributes
    ----------
    utilization
        From an idle system to a nearly full one.
    one_choice
        A server at random: each is a queue of its own.
    two_choices
        The supermarket model, for endlessly many servers.
    shared_line
        One line for all servers, which no balancer in front of lines can beat.
    """

    utilization: Floats
    one_choice: Floats
    two_choices: Floats
    shared_line: Floats


def response_curves(service_rate: float, servers: int, points: int = 40) -> Curves:
    """Compute the 99th percentile for servers of one speed and exponential service times."""
    utilization = 1 - np.geomspace(0.99, 0.01, points)
    one, two = (supermarket_quantiles(points, choices) / service_rate for choices in (1, 2))
    rates = utilization * servers * service_rate
    together = shared_line_quantile(0.99, rates, service_rate, servers, 1.0)
    return Curves(utilization, one, two, together)


@lru_cache(maxsize=4)
def supermarket_quantiles(points: int, choices: int) -> Floats:
    """Give the 99th percentile in units of the mean service time; servers do not change it."""
    utilization = 1 - np.geomspace(0.99, 0.01, points)
    return np.array([response_quantile(0.99, u, choices) for u in utilization])
