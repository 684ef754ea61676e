"""When requests come: at a steady rate, with the time of day, with a spike.

Each is the same random clock read along another line of expected requests (`ticks`): a
straight line gives Poisson arrivals, a wavy one a day, one steep stretch a spike.
"""

import math
from collections.abc import Sequence

import numpy as np

from helpers import require
from helpers.workload.randomness import Seed, as_generator
from helpers.workload.record import Workload
from helpers.workload.ticks import (
    MOST_EDGES,
    MOST_REQUESTS,
    arrivals_along,
    risen,
    unit_arrivals,
)

CELLS = 1440  # a smooth day is cut into as many pieces: minutes, when the period is a day
DAY = 86_400.0


def poisson(
    arrival_rate: float,
    *,
    duration: float | None = None,
    requests: int | None = None,
    rng: Seed = 0,
) -> Workload:
    """Make requests that know nothing of one another.

    Parameters
    ----------
    arrival_rate
        Requests a second, above 0.
    duration
        Seconds, above 0. Give this or `requests`, not both.
    requests
        How many, at least 1; the workload ends with the last one.
    rng
        A seed or a generator.

    Examples
    --------
    >>> len(poisson(100, requests=6_000, rng=1))
    6000
    >>> poisson(100, duration=60, rng=1)
    Workload 'poisson': 6,012 requests in 60 s
      arrivals  100.2/s, 122 in the busiest second, gaps' squared variation 0.9998
    """
    require.positive("arrival_rate", arrival_rate)
    if (duration is None) == (requests is None):
        raise ValueError(
            f"give either duration or requests, got duration={duration} and requests={requests}"
        )
    generator = as_generator(rng)
    if duration is not None:
        require.positive("duration", duration)
        times = unit_arrivals(arrival_rate * duration, generator) / arrival_rate
    else:
        count = require.whole("requests", requests or 0)
        require.between("requests", count, 1, MOST_REQUESTS)
        times = np.cumsum(generator.standard_exponential(count)) / arrival_rate
        duration = float(times[-1])
    return Workload(np.minimum(times, duration), duration, name="poisson")


def diurnal(
    arrival_rate: float,
    *,
    duration: float = DAY,
    swing: float = 0.6,
    peak_at: float | None = None,
    period: float = DAY,
    profile: Sequence[float] | None = None,
    rng: Seed = 0,
) -> Workload:
    """Make requests that follow the day: a wave, or a profile such as one weight an hour.

    Parameters
    ----------
    arrival_rate
        Mean requests a second over a period, above 0.
    duration
        Seconds, above 0; the workload starts at the start of a period.
    swing
        How far the wave goes above and below the mean, as a share of it, 0 to 1.
    peak_at
        Seconds into the period at which the wave is highest; its middle by default.
    period
        Seconds, above 0. A day by default.
    profile
        Weights of equal parts of the period, at least 0, in place of the wave. Only their
        proportions count.
    rng
        A seed or a generator.

    Examples
    --------
    >>> night_and_day = diurnal(1, profile=[1, 3], rng=1)
    >>> night_and_day.counts(43_200).tolist()
    [21645, 65078]
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("duration", duration)
    require.positive("period", period)
    require.between("swing", swing, 0, 1)
    parts = CELLS if profile is None else len(profile)
    if duration / period * parts > MOST_EDGES:
        raise ValueError(f"duration must hold at most {MOST_EDGES:,} steps, got {duration}")
    count = math.ceil(duration / period * parts)
    edges = np.minimum(np.arange(count + 1) * (period / max(parts, 1)), duration)
    edges[-1] = duration
    if profile is None:
        shift = (period / 2 if peak_at is None else peak_at) / period
        if not math.isfinite(shift):
            raise ValueError(f"peak_at must be finite, got {peak_at}")
        wave = np.sin(2 * np.pi * (edges / period - shift)) + math.sin(2 * np.pi * shift)
        expected = arrival_rate * (edges + swing * period / (2 * np.pi) * wave)
    else:
        weights = np.asarray(profile, dtype=np.float64)
        if not weights.any() or not np.all((weights >= 0) & (weights < np.inf)):
            raise ValueError(f"profile must hold weights of at least 0, one above 0, got {profile}")
        expected = risen(arrival_rate * np.resize(weights / weights.mean(), count), edges)
    times = arrivals_along(edges, expected, as_generator(rng))
    return Workload(times, duration, name="diurnal")


def spike(
    arrival_rate: float,
    *,
    duration: float,
    start: float,
    length: float,
    height: float,
    rng: Seed = 0,
) -> Workload:
    """Make a steady stream that multiplies for a while: a push message, a sale, a link.

    Parameters
    ----------
    arrival_rate
        Requests a second outside the spike, above 0.
    duration
        Seconds, above 0.
    start, length
        When the spike begins and how long it lasts, in seconds; it ends by `duration`.
    height
        The rate within the spike as a multiple of `arrival_rate`, at least 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> sale = spike(10, duration=300, start=100, length=100, height=5, rng=1)
    >>> sale.counts(100).tolist()
    [991, 5021, 991]
    """
    require.positive("arrival_rate", arrival_rate)
    require.positive("duration", duration)
    require.not_negative("start", start)
    require.not_negative("height", height)
    require.positive("length", length)
    if start + length > duration:
        raise ValueError(
            f"start + length must be at most the duration {duration}, got {start + length}"
        )
    edges = np.array([0.0, start, start + length, duration])
    rates = arrival_rate * np.array([1.0, height, 1.0])
    times = arrivals_along(edges, risen(rates, edges), as_generator(rng))
    return Workload(times, duration, name="spike")
