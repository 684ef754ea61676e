"""What a day with changing servers leaves behind: every request, and every server's stay."""

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.statistics import quantile

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FIVE_MINUTES = 5


class WorstMinutes(NamedTuple):
    """When the worst minutes began, in seconds, and the share of late requests in them."""

    start: float
    late_share: float


@dataclass(frozen=True, eq=False)
class ElasticRun:
    """What happened to each request and when each server came and went; times in seconds.

    Attributes
    ----------
    arrival_time, service_time, waiting_time
        Of each request in order of arrival, shape (requests,).
    duration
        Until when the servers are paid for.
    decision_time, wanted
        When the policy was asked and what it answered, shape (decisions,).
    hired_at
        When each server was asked for, and its pay began, shape (hired,), rising.
    ready_at
        When each began to serve, rising. Those not ready within the run are left out.
    cancelled_at
        When one that was starting was taken back, rising.
    retired_at, left_at
        When one that served was told to go, and when it had finished its request; rising.
    """

    arrival_time: Floats
    service_time: Floats
    waiting_time: Floats
    duration: float
    decision_time: Floats
    wanted: Integers
    hired_at: Floats
    ready_at: Floats
    cancelled_at: Floats
    retired_at: Floats
    left_at: Floats

    def __post_init__(self) -> None:
        for f in fields(self):
            if f.name != "duration":
                getattr(self, f.name).flags.writeable = False
        if not (self.waiting_time >= 0).all():
            raise AssertionError("a request was never served, or served before it came")
        if self.paid(np.inf) < 1:
            raise AssertionError("more servers left than came")

    def __len__(self) -> int:
        return self.arrival_time.size

    def __repr__(self) -> str:
        return (
            f"ElasticRun: {len(self):,} requests, {self.serving(self.decision_time).min()} to "
            f"{self.serving(self.decision_time).max()} servers, {self.server_hours:,.0f} "
            f"server-hours, p99 {self.quantile(0.99):.4g} s"
        )

    @cached_property
    def response_time(self) -> Floats:
        """Waiting time + service time, shape (requests,)."""
        return self.waiting_time + self.service_time

    @property
    def arrival_rate(self) -> float:
        """Requests per second that came; infinite if all came at once."""
        duration = float(self.arrival_time[-1] - self.arrival_time[0])
        return (len(self) - 1) / duration if duration > 0 else math.inf

    def quantile(self, q: float) -> float:
        """Give the response time that a share q of requests does not exceed."""
        return quantile(self.response_time, q)

    def in_flight(self, at: ArrayLike) -> Integers:
        """Count the requests that came and are not answered yet at the given moments."""
        return count_by(self.arrival_time, at) - count_by(
            np.sort(self.arrival_time + self.response_time), at
        )

    def serving(self, at: ArrayLike) -> Integers:
        """Count the servers that take requests at the given moments."""
        return count_by(self.ready_at, at) - count_by(self.retired_at, at)

    def paid(self, at: ArrayLike) -> Integers:
        """Count the servers that are paid for: starting, serving, or finishing."""
        gone = count_by(self.cancelled_at, at) + count_by(self.left_at, at)
        return count_by(self.hired_at, at) - gone

    @property
    def server_hours(self) -> float:
        """Hours paid for, from each server's order to its end, within the duration."""
        gone = np.minimum(np.concatenate([self.cancelled_at, self.left_at]), self.duration)
        stayed = self.hired_at.size - gone.size
        return float(gone.sum() + stayed * self.duration - self.hired_at.sum()) / 3600

    def late_share(self, target: float) -> float:
        """Give the share of requests whose response took longer than the target (seconds)."""
        return float(np.count_nonzero(self.response_time > target) / len(self))

    def late_share_by_window(self, target: float, window: float = 300.0) -> Floats:
        """Give the share of late requests among those that came in each window.

        Parameters
        ----------
        target, window
            Seconds, above 0.

        Returns
        -------
        Shape (windows,); 0 where nobody came.
        """
        came, late = self._count_by_window(target, require.positive("window", window))
        return late / np.maximum(came, 1)

    def worst_five_minutes(self, target: float) -> "WorstMinutes":
        """Find the five whole minutes with the largest share of late requests (target in s)."""
        came, late = self._count_by_window(target, 60.0)
        five = np.ones(min(FIVE_MINUTES, came.size))
        shares = np.convolve(late, five, "valid") / np.maximum(np.convolve(came, five, "valid"), 1)
        worst = int(shares.argmax())
        return WorstMinutes(60.0 * worst, float(shares[worst]))

    def _count_by_window(self, target: float, window: float) -> tuple[Floats, Floats]:
        """Count who came in each window, and who of them was late."""
        place = (self.arrival_time / window).astype(np.int64)
        windows = max(math.ceil(self.duration / window), int(place[-1]) + 1)
        is_late = self.response_time > target
        came = np.bincount(place, minlength=windows).astype(np.float64)
        return came, np.bincount(place[is_late], minlength=windows).astype(np.float64)


def count_by(rising: Floats, at: ArrayLike) -> Integers:
    """Count how many of the rising times have come by the given moments."""
    return np.searchsorted(rising, np.asarray(at, dtype=np.float64), side="right")
