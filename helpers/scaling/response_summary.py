"""A long run in a handful of numbers, and the theory's curves to lay beside them."""

from dataclasses import dataclass

import numpy as np

from helpers.response_bars import LONGEST, SHORTEST, edges_of_bars, in_bars
from helpers.scaling.durations import Floats
from helpers.scaling.queueing import mean_response
from helpers.scaling.response_time import response_quantile
from helpers.scaling.simulation import QueueRun, Queues
from helpers.statistics import Estimate, LogHistogram


@dataclass(frozen=True, eq=False)
class Summary:
    """What a million requests felt like; times in seconds.

    Attributes
    ----------
    arrival_rate, capacity
        Requests per second that came, and that the servers could do.
    mean, p50, p99
        Of the response time.
    utilization, share_waiting
        Shares from 0 to 1.
    edges
        Of the histogram's bars, shape (bars + 1,).
    at_once, waited
        Share of requests in each bar that were served at once, or waited; shape (bars,).
    """

    arrival_rate: float
    capacity: float
    mean: Estimate
    p50: float
    p99: float
    utilization: float
    share_waiting: float
    edges: Floats
    at_once: Floats
    waited: Floats

    @property
    def is_overloaded(self) -> bool:
        """Whether more comes than the servers can do, so that the line only grows."""
        return self.arrival_rate >= self.capacity

    @property
    def in_words(self) -> str:
        """The numbers in two sentences."""
        busy = f"Utilization {self.utilization:.0%}, {self.share_waiting:.0%} of requests wait."
        if self.is_overloaded:
            surplus = self.arrival_rate - self.capacity
            return (
                f"{busy} {self.arrival_rate:.0f} come each second and {self.capacity:.0f} can be "
                f"served: the line grows by {surplus:.0f} a second and no response time holds."
            )
        mean, margin = 1000 * self.mean.value, 1000 * self.mean.half_width
        return f"{busy} Mean {mean:,.0f} ± {margin:,.0f} ms, p99 {1000 * self.p99:,.0f} ms."


def summarize(run: QueueRun, service_rate: float, arrival_rate: float) -> Summary:
    """Reduce a run to what a picture of it needs, in two passes over the requests.

    Parameters
    ----------
    run
        At least twenty requests.
    service_rate, arrival_rate
        As set, in requests per second; what was drawn differs by a little.
    """
    has_waited = run.waiting_time > 0
    prompt, late = LogHistogram.by_kind(run.response_time, has_waited, low=SHORTEST, high=LONGEST)
    everyone = prompt + late
    waited = in_bars(late, len(run))
    p50, p99 = everyone.quantile([0.5, 0.99])
    return Summary(
        arrival_rate=arrival_rate,
        capacity=run.servers * service_rate,
        mean=run.mean_response,
        p50=float(p50),
        p99=float(p99),
        utilization=run.utilization,
        share_waiting=late.total / len(run),
        edges=edges_of_bars(everyone),
        at_once=in_bars(prompt, len(run)),
        waited=waited,
    )


@dataclass(frozen=True, eq=False)
class Curves:
    """Response time against arrival rate by theory, shape (points,); seconds and requests/s."""

    arrival_rate: Floats
    mean: Floats
    p99: Floats
    capacity: float


def response_curves(
    service_rate: float, servers: int, service_cv: float, queues: Queues, points: int = 48
) -> Curves:
    """Compute mean and p99 from an idle system up to 99.5 % utilization.

    With one line per server and requests sent at random, each server is a queue of
    its own with its share of the arrivals.
    """
    apart = queues == "one per server"
    together = 1 if apart else servers
    utilization = 1 - np.geomspace(0.995, 0.005, points)
    rates = utilization * together * service_rate
    mean = [mean_response(rate, service_rate, together, service_cv) for rate in rates]
    p99 = response_quantile(0.99, rates, service_rate, together, service_cv)
    everyone = rates * servers if apart else rates
    return Curves(everyone, np.array(mean), p99, servers * service_rate)
