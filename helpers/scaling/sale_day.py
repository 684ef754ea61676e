"""A shop's day: quiet at night, busy in the evening, and a sale that everybody hears of.

The rate of requests is given for each minute. It follows a wave over the day; the
sale multiplies it, growing by the same factor every minute, staying, and fading. If
something upstream fails for a few minutes, most requests stay away and then all come
back at once, as they do when a login service recovers.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.workload import Workload, diurnal

Floats = NDArray[np.float64]

DAY = 86_400.0
MINUTES = 1440
GETS_THROUGH = 0.1  # share of the requests that come while something upstream fails


@dataclass(frozen=True)
class SaleDay:
    """What is expected of a day; the seed adds what chance makes of it.

    Attributes
    ----------
    name
        What to call it.
    sale_at
        Hour at which the sale begins, 0 to 24.
    height
        What the sale multiplies requests by at its height, at least 1; 1 is no sale.
    growth
        Factor by which requests grow each minute until then, above 1.
    stay, fade
        Minutes at the height, and back to an ordinary day; above 0.
    outage
        Minutes, from the tenth at the height on, in which nine requests in ten do not get
        through to the tier; at least 0.
    mean_rate
        Requests per second over an ordinary day, above 0.
    swing
        How far the day's wave goes above and below that, as a share of it, 0 to 1.
    busiest
        Hour at which the wave is highest.
    seed
        Of the arrivals and of the service times.

    Examples
    --------
    >>> day = SaleDay("a sale", sale_at=20, height=4)
    >>> rates = day.rate_by_minute()
    >>> print(rates[20 * 60 - 1].round(1), rates[20 * 60 + 20].round(1))
    20.4 81.5
    """

    name: str
    sale_at: float
    height: float
    growth: float = 1.1
    stay: float = 25.0
    fade: float = 45.0
    outage: float = 0.0
    mean_rate: float = 12.0
    swing: float = 0.7
    busiest: float = 20.0
    seed: int = 0

    def __post_init__(self) -> None:
        require.between("sale_at", self.sale_at, 0, 24)
        require.positive("stay", self.stay)
        require.positive("fade", self.fade)
        require.not_negative("outage", self.outage)
        require.positive("mean_rate", self.mean_rate)
        require.between("swing", self.swing, 0, 1)
        if not (math.isfinite(self.height) and self.height >= 1):
            raise ValueError(f"height must be a finite number of at least 1, got {self.height}")
        if not (math.isfinite(self.growth) and self.growth > 1):
            raise ValueError(f"growth must be a finite number above 1, got {self.growth}")

    @property
    def rise(self) -> float:
        """Minutes from the beginning of the sale to its height."""
        return math.log(self.height) / math.log(self.growth)

    def rate_by_minute(self) -> Floats:
        """Give the requests per second that are expected in each minute, shape (1440,)."""
        minute = np.arange(MINUTES) + 0.5
        wave = 1 + self.swing * np.cos(2 * np.pi * (minute - 60 * self.busiest) / MINUTES)
        since = minute - 60 * self.sale_at
        corners = np.cumsum([0.0, self.rise, self.stay, self.fade])
        boost = self.height ** np.interp(since, corners, [0.0, 1.0, 1.0, 0.0])
        fails = self.rise + 10
        is_out = (since > fails) & (since < fails + self.outage)
        return self.mean_rate * wave * boost * np.where(is_out, GETS_THROUGH, 1.0)

    def requests(self, service_rate: float) -> tuple[Workload, Floats]:
        """Draw the day's arrivals, and exponential service times of shape (requests,).

        Parameters
        ----------
        service_rate
            Requests per second that one server completes, above 0.
        """
        require.positive("service_rate", service_rate)
        rates = self.rate_by_minute()
        arrivals, services = np.random.default_rng(self.seed).spawn(2)
        workload = diurnal(float(rates.mean()), profile=rates.tolist(), rng=arrivals)
        return workload, services.exponential(1 / service_rate, len(workload))
