"""The tier of the lab, the days it has to get through, and a report on how a policy did.

The report carries what a teacher looking over one's shoulder would notice: what the
policy looks at, what it asked for when things were worst, and whether it had just
sent the servers home.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.scaling.autoscaling import Observation, Policy, serve_with_policy
from helpers.scaling.elastic_run import ElasticRun
from helpers.scaling.planning import fewest_servers, hourly_plan
from helpers.scaling.sale_day import DAY, SaleDay

SERVICE_RATE = 2.0  # pages that one server renders in a second
TARGET = 3.0  # seconds, for 99 pages in 100
STARTUP_DELAY = 180.0  # seconds from an order until the server serves
FIRST_SERVERS = 14

MOST_LATE = 0.01  # over the day
MOST_LATE_IN_FIVE_MINUTES = 0.05
BUDGET = 420.0  # server-hours a day

LAST_YEAR = SaleDay("last year's sale, at eight in the evening", sale_at=20, height=4, seed=1)
NOON = SaleDay("a sale at noon, and the login fails for five minutes", 12, 8, outage=5, seed=2)
MORNING = SaleDay("a television show at half past nine", 9.5, 12, stay=10, seed=3)
DAYS = (LAST_YEAR, NOON, MORNING)

LET_GO = 0.25  # share of the servers that counts as having sent them home
LOOK_BACK = 900.0  # seconds

CRISIS = Observation(
    time=12 * 3600.0,
    servers=20,
    starting=4,
    arrival_rate=38.0,
    utilization=0.95,
    queue=40,
    p99=4.0,
    recent_arrival_rates=tuple(range(24, 39)),
)
ELSE: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "time": (4 * 3600.0, 20.5 * 3600.0),
        "servers": (10, 30),
        "starting": (0, 12),
        "arrival_rate": (4.0, 90.0),
        "utilization": (0.2, 0.6),
        "queue": (0, 4000),
        "p99": (1.0, 60.0),
        "recent_arrival_rates": ((4.0,) * 15, (90.0,) * 15),
    }
)
"""For each thing a policy may look at, what else it might have been in that crisis."""


@dataclass(frozen=True)
class DayReport:
    """How a policy got through a day.

    Attributes
    ----------
    late_share
        Of all requests of the day.
    worst_at, worst_late_share
        When the worst five minutes began, in seconds, and the share of late requests.
    server_hours
        What was paid for.
    asked, needed
        Servers that the policy asked for, and the fewest that the requests of the minute
        before needed: where the first fell shortest of the second, from a quarter of an hour
        before the worst minutes to their end.
    let_go
        Whether it sent a quarter of the servers home in that time.
    looks_at
        Names of what the policy's answer follows from.
    adds
        Whether twenty servers more make its answer greater by twenty, in a crisis.
    """

    late_share: float
    worst_at: float
    worst_late_share: float
    server_hours: float
    asked: int
    needed: int
    let_go: bool
    looks_at: tuple[str, ...]
    adds: bool


def run_day(policy: Policy, day: SaleDay) -> ElasticRun:
    """Let a policy run the shop's tier for a day."""
    workload, service_time = day.requests(SERVICE_RATE)
    return serve_with_policy(
        workload.arrival_time,
        service_time,
        policy,
        servers=FIRST_SERVERS,
        startup_delay=STARTUP_DELAY,
        duration=DAY,
    )


def report_on(policy: Policy, day: SaleDay) -> DayReport:
    """Let a policy run a day, and report."""
    run = run_day(policy, day)
    start, share = run.worst_five_minutes(TARGET)
    around = (run.decision_time > start - LOOK_BACK) & (run.decision_time <= start + 300)
    asked, needed = run.wanted[around], needed_at(run, run.decision_time[around])
    shortest = int((asked / needed).argmin())
    return DayReport(
        late_share=run.late_share(TARGET),
        worst_at=start,
        worst_late_share=share,
        server_hours=run.server_hours,
        asked=int(asked[shortest]),
        needed=int(needed[shortest]),
        let_go=largest_fall(asked) > LET_GO,
        looks_at=what_it_looks_at(policy),
        adds=answer(policy, replace(CRISIS, servers=40)) - answer(policy, CRISIS) == 20,
    )


def needed_at(run: ElasticRun, moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the fewest servers for what came in the minute before each moment."""
    edges = np.stack([moments - 60, moments])
    rates = np.diff(np.searchsorted(run.arrival_time, edges), axis=0)[0] / 60
    return np.array([fewest_servers(rate, SERVICE_RATE, TARGET) for rate in rates.tolist()])


def largest_fall(values: ArrayLike) -> float:
    """Give the largest fall from a value to a later one, as a share of the former.

    Examples
    --------
    >>> largest_fall([10, 20, 15, 30, 27])
    0.25
    """
    values = np.asarray(values)
    return float((1 - values / np.maximum.accumulate(values)).max())


def what_it_looks_at(policy: Policy) -> tuple[str, ...]:
    """Find what a policy's answer follows from, by changing one thing at a time in a crisis.

    Examples
    --------
    >>> what_it_looks_at(lambda seen: 20 if seen.utilization > 0.7 else 10)
    ('utilization',)
    """
    usual = answer(policy, CRISIS)
    return tuple(
        name
        for name, values in ELSE.items()
        if any(answer(policy, replace(CRISIS, **{name: value})) != usual for value in values)
    )


def answer(policy: Policy, seen: Observation) -> float:
    """Give the policy's answer, 0 where it fails on a made-up observation."""
    try:
        return float(policy(seen))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return 0.0


def vary_days(seed: int, days: int = 3) -> tuple[SaleDay, ...]:
    """Draw days that ask the same of a policy at other hours and heights; one has an outage."""
    rng = np.random.default_rng(seed)
    drawn = []
    for number in range(days):
        ordinary = SaleDay("", sale_at=float(rng.uniform(8, 21.5)), height=1)
        peak = rng.uniform(55, 85)  # requests per second
        height = float(peak / ordinary.rate_by_minute()[int(60 * ordinary.sale_at)])
        drawn.append(
            replace(
                ordinary,
                name=f"a sale at {ordinary.sale_at:.1f} h that multiplies requests by {height:.1f}",
                height=height,
                outage=5.0 if number == 1 else 0.0,
                seed=int(rng.integers(2**31)),
            )
        )
    return tuple(drawn)


def follow(plan: list[float], early: float = STARTUP_DELAY + 60) -> Policy:
    """Make a policy of an hourly plan: order before an hour begins, let go after it ends."""

    def policy(seen: Observation) -> int:
        hours = int(seen.time // 3600), int((seen.time + early) // 3600)
        return int(max(plan[hour % len(plan)] for hour in hours))

    return policy


def last_years_plan() -> list[float]:
    """Give the hourly plan that would have been right for last year's sale."""
    return hourly_plan(LAST_YEAR.rate_by_minute(), SERVICE_RATE, TARGET)


def constant_plan() -> int:
    """Give the servers that last year's busiest minute needed, for all day."""
    return int(max(last_years_plan()))
