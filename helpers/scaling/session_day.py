"""A day of sessions: who signs in, and for how long.

Everybody is drawn once, before any server is ordered, so that two designs live the
same day.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STEP = 60.0
"""Seconds between two looks at the fleet, and between two rows of a run."""


@dataclass(frozen=True, eq=False)
class Sessions:
    """Who signs in, and for how long, by rising time of arrival; shape (sessions,).

    Attributes
    ----------
    arrival_time
        Seconds since the start of the day; 0 for those already there.
    length
        Seconds from signing in to leaving.
    horizon
        Length of the day in seconds.
    """

    arrival_time: Floats
    length: Floats
    horizon: float

    def __post_init__(self) -> None:
        if self.arrival_time.ndim != 1 or self.arrival_time.shape != self.length.shape:
            raise ValueError(
                f"length must be a column as long as arrival_time, got shapes {self.length.shape} "
                f"and {self.arrival_time.shape}"
            )
        require.positive("horizon", self.horizon)
        if self.arrival_time.size and not (
            self.arrival_time[0] >= 0
            and self.arrival_time[-1] < self.horizon
            and (np.diff(self.arrival_time) >= 0).all()
        ):
            raise ValueError("arrival_time must rise from 0 to below the horizon")
        if not (np.isfinite(self.length) & (self.length > 0)).all():
            raise ValueError("length must be finite and above 0")

    def __len__(self) -> int:
        return self.arrival_time.size

    def live(self, at: ArrayLike) -> Integers:
        """Count the sessions that are live at the given moments."""
        moments = np.asarray(at, dtype=np.float64)
        came = np.searchsorted(self.arrival_time, moments, side="right")
        return came - np.searchsorted(self._ends, moments, side="right")

    @cached_property
    def _ends(self) -> Floats:
        return np.sort(self.arrival_time + self.length)


def draw_sessions(
    per_minute: float = 100.0,
    mean_length: float = 1800.0,
    swing: float = 0.6,
    hours: float = 24.0,
    rng: int | np.random.Generator = 0,
) -> Sessions:
    """Draw a day on which most people come in the afternoon and few at night.

    Parameters
    ----------
    per_minute
        Sessions that start in a minute, on average over a day, above 0.
    mean_length
        Seconds a session lasts on average (exponential), above 0.
    swing
        How far the rate swings around its mean, from 0 (a flat day) to 1. It is lowest
        at 3:00 and highest at 15:00.
    hours
        Length of the day, above 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> day = draw_sessions(rng=1)
    >>> len(day), day.live([3 * 3600, 15 * 3600]).tolist()
    (145519, [1181, 4761])
    """
    require.positive("per_minute", per_minute)
    require.positive("mean_length", mean_length)
    require.between("swing", swing, 0, 1)
    horizon = require.positive("hours", hours) * 3600
    rng = require.generator(rng)
    time = np.linspace(0, horizon, 10_001)
    rate = per_minute / 60 * (1 - swing * np.cos(2 * np.pi * (time / 3600 - 3) / 24))
    expected = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(time))])
    there = rng.poisson(rate[0] * mean_length)
    come = rng.poisson(expected[-1])
    arrival = np.interp(np.sort(rng.random(come)) * expected[-1], expected, time)
    arrival = np.concatenate([np.zeros(there), np.minimum(arrival, np.nextafter(horizon, 0))])
    return Sessions(arrival, rng.exponential(mean_length, arrival.size), horizon)


def steps_of(horizon: float) -> Floats:
    """Give the end of each minute of the day, the last one cut short if it must be."""
    ends: Floats = np.minimum(STEP * np.arange(1, math.ceil(horizon / STEP) + 1), horizon)
    return ends


def moments_of(name: str, moments: float | Sequence[float], horizon: float) -> Floats:
    """Give one moment or several as an array, each above 0 and within the day."""
    array = np.atleast_1d(np.asarray(moments, dtype=np.float64))
    wrong = array[~((array > 0) & (array <= horizon))]
    if wrong.size:
        raise ValueError(f"{name} must lie above 0 and within {horizon:g} s, got {wrong[0]:g}")
    return array
