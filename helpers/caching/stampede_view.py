"""A minute at the database, second by second: what the stampede's explorer shows."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.caching.rush import Rush
from helpers.caching.stampede import Guard, StampedeRun, run_stampede

Floats = NDArray[np.float64]

MINUTE, FIRST_END = 60.0, 5.0
WORKERS, PATIENCE, SERVERS = 20, 2.0, 10
FASTEST, MOST_REQUESTS = 2_000, 125_000
GUARDS = {
    "nothing": Guard(),
    "one query per server": Guard("one query per server", one_flight="per server"),
    "a lock for all": Guard("a lock for all", one_flight="everywhere"),
    "early refresh": Guard("early refresh", early=1.0),
    "stale while revalidate": Guard("stale while revalidate", stale_for=10.0),
}


@dataclass(frozen=True, eq=False)
class StampedeView:
    """What a setting does to the database.

    Attributes
    ----------
    guard
        Its name.
    capacity
        Queries a second that the database can answer.
    queries, answers
        Asked for and answered in each second, shape (60,).
    lost
        Share of each second's requests that gave up, shape (60,).
    most_in_flight
        The most queries at work, looked at twenty times a second.
    waiting
        Share of all requests that waited.
    """

    guard: str
    capacity: float
    queries: Floats
    answers: Floats
    lost: Floats
    most_in_flight: int
    waiting: float

    @property
    def is_down(self) -> bool:
        """Whether in the last ten seconds most requests gave up."""
        return float(self.lost[-10:].mean()) > 0.5

    @property
    def in_words(self) -> str:
        """Say what the picture shows."""
        end = (
            "After a minute the database has not come back."
            if self.is_down
            else f"{self.waiting:.2%} of the requests wait."
        )
        return (
            f"With {self.guard}: {self.queries.max():,.0f} queries in the worst second, "
            f"where the database can do {self.capacity:,.0f}; "
            f"{self.most_in_flight:,} in flight at most. {end}"
        )


@lru_cache(maxsize=1)
def unit_rush() -> Rush:
    """Draw requests that come once a second, and all their luck, once for all settings."""
    of_gaps, of_luck = np.random.default_rng(1).spawn(2)
    return Rush(
        np.cumsum(of_gaps.exponential(size=MOST_REQUESTS)),
        np.zeros(MOST_REQUESTS, dtype=np.int64),
        np.ones(MOST_REQUESTS),
        of_luck.integers(SERVERS, size=MOST_REQUESTS),
        of_luck.exponential(size=MOST_REQUESTS),
        of_luck.random(MOST_REQUESTS),
        keys=1,
        servers=SERVERS,
    )


def rush_at(request_rate: float, recompute_time: float) -> Rush:
    """Give a minute of requests at a rate: the same luck, in another time."""
    unit = unit_rush()
    many = int(np.searchsorted(unit.time, MINUTE * request_rate))
    return Rush(
        unit.time[:many] / request_rate,
        unit.key[:many],
        np.full(many, recompute_time),
        unit.server[:many],
        unit.unit[:many],
        unit.uniform[:many],
        unit.keys,
        unit.servers,
    )


def view_stampede(
    guard: str, request_rate: float, recompute_time: float, ttl: float
) -> StampedeView:
    """Live a minute in which one copy ends, at 5 s and then whenever its time is over.

    Parameters
    ----------
    guard
        One of `GUARDS`.
    request_rate
        Requests a second for the object, above 0, at most 2,000.
    recompute_time
        Seconds of an idle database, above 0.
    ttl
        Seconds that a copy lives, above 0.

    Examples
    --------
    >>> view_stampede("nothing", 1_500, 0.1, 60).is_down
    True
    >>> view_stampede("a lock for all", 1_500, 0.1, 60).most_in_flight
    1
    """
    if guard not in GUARDS:
        raise ValueError(f"guard must be one of {', '.join(GUARDS)}, got {guard!r}")
    require.positive("request_rate", request_rate)
    require.between("request_rate", request_rate, 0, FASTEST)
    require.positive("recompute_time", recompute_time)
    rush = rush_at(request_rate, recompute_time)
    run = run_stampede(
        rush, GUARDS[guard], ttl=ttl, expires_at=FIRST_END, workers=WORKERS, patience=PATIENCE
    )
    return summarize(run, WORKERS / recompute_time)


def summarize(run: StampedeRun, capacity: float) -> StampedeView:
    """Count by the second, and twenty times a second what is in flight."""
    seconds, moments = int(MINUTE), int(20 * MINUTE)
    requests = count_until(run.rush.time, 1.0, seconds)
    begun, over = count_until(run.start, 0.05, moments), count_until(run.finish, 0.05, moments)
    lost = count_until(run.rush.time[run.is_lost], 1.0, seconds)
    in_flight = np.cumsum(begun - over)
    at_start = 1 if run.start.size else 0
    return StampedeView(
        guard=run.guard.name,
        capacity=capacity,
        queries=begun.reshape(seconds, -1).sum(axis=1),
        answers=over.reshape(seconds, -1).sum(axis=1),
        lost=lost / np.maximum(requests, 1),
        most_in_flight=max(int(in_flight.max(initial=0)), at_start),
        waiting=float(np.count_nonzero(run.waits_for >= 0) / max(len(run.rush), 1)),
    )


def count_until(moments: Floats, step: float, steps: int) -> Floats:
    """Count the moments in each step of time, up to the end of the minute."""
    inside = moments[moments < steps * step]
    places = (inside / step).astype(np.int64)
    return np.bincount(places, minlength=steps).astype(np.float64)
