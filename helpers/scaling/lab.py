"""The lab "Capacity planner": what each answer has to do, and a hint for what people get wrong.

Cases are made from parameters, so that a grader can make others. What is expected comes
from `planning`; the days that a policy has to get through from `day_report`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.checks import Case, Check, Mistake
from helpers.scaling.autoscaling import Policy
from helpers.scaling.day_report import (
    BUDGET,
    DAYS,
    LAST_YEAR,
    MOST_LATE,
    MOST_LATE_IN_FIVE_MINUTES,
    SERVICE_RATE,
    TARGET,
    DayReport,
    report_on,
)
from helpers.scaling.planning import Q, fewest_servers, hourly_plan
from helpers.scaling.queueing import erlang_b, erlang_c, wait_quantile
from helpers.scaling.sale_day import SaleDay

TELLS_HOW_MUCH = {"arrival_rate", "recent_arrival_rates", "queue"}


def waiting_case(servers: int, offered_load: float, label: str = "") -> Case:
    """Make a case of the chance to wait."""

    def chance_from(blocked: float) -> float:
        return blocked / (1 - offered_load / servers * (1 - blocked))

    mistakes = {
        "utilization": offered_load / servers,
        "blocked": erlang_b(servers, offered_load),
        "one_less": chance_from(erlang_b(servers - 1, offered_load)),
        "no_overload": chance_from(erlang_b(servers, offered_load)),
    }
    expected = erlang_c(servers, offered_load)
    return Case((servers, offered_load), expected=expected, label=label, mistakes=mistakes)


def steady_case(
    arrival_rate: float, service_rate: float, target_p99: float, label: str = ""
) -> Case:
    """Make a case of the fewest servers for a steady load."""
    load = arrival_rate / service_rate
    expected = fewest_servers(arrival_rate, service_rate, target_p99)
    waiting = keeps_up = math.floor(load) + 1
    while arrival_rate and wait_quantile(Q, arrival_rate, service_rate, waiting) > target_p99:
        waiting += 1
    mistakes = {
        "keeps_up": keeps_up,
        "not_stable": math.ceil(load),
        "rule": math.ceil(load / 0.7),
        "one_more": expected + 1,
        "waiting": waiting,
    }
    args = (arrival_rate, service_rate, target_p99)
    return Case(args, expected=expected, label=label, mistakes=mistakes)


def day_case(
    arrival_rate_by_minute: Sequence[float],
    service_rate: float = SERVICE_RATE,
    target_p99: float = TARGET,
    label: str = "",
) -> Case:
    """Make a case of the plan for a day."""
    rates = np.array(arrival_rate_by_minute, dtype=np.float64)
    hours = rates.reshape(24, 60)
    expected = hourly_plan(rates, service_rate, target_p99)

    def plan(rate_by_hour: Sequence[float]) -> list[float]:
        return [fewest_servers(rate, service_rate, target_p99) for rate in rate_by_hour]

    mistakes = {
        "mean": plan(hours.mean(axis=1).tolist()),
        "first_minute": plan(hours[:, 0].tolist()),
        "sum": plan(hours.sum(axis=1).tolist()),
        "constant": [max(expected)] * 24,
        "minutes": plan(rates.reshape(60, 24).max(axis=0).tolist()),
    }
    args = (rates, service_rate, target_p99)
    return Case(args, expected=expected, label=label, mistakes=mistakes)


def one_busy_minute(hour: int, minute: int) -> list[float]:
    """Give a day of 2 requests per second with one minute of 30."""
    rates = [2.0] * 1440
    rates[60 * hour + minute] = 30.0
    return rates


def quiet_night() -> list[float]:
    """Give a day on which nobody comes before eight."""
    return [0.0] * 480 + [6.0] * 960


def policy_case(day: SaleDay) -> Case:
    """Make a case of the autoscaler: a day to get through."""
    return Case((day,), label=day.name)


def run_case(policy: Policy, case: Case) -> DayReport:
    """Let the learner's policy run the case's day; called in the learner's process."""
    return report_on(policy, case.args[0])


def judge_day(report: Any, case: Case) -> Mistake | None:
    """Say what is wrong with how a policy got through a day, and why that may be.

    Parameters
    ----------
    report
        A `DayReport`, as it came back from the learner's process.
    case
        Which day it was.
    """
    is_late = report.late_share > MOST_LATE or report.worst_late_share > MOST_LATE_IN_FIVE_MINUTES
    if is_late:
        return Mistake(why_late(report), say_late(report))
    if report.server_hours > BUDGET:
        spent = f"It cost {report.server_hours:,.0f} server-hours; the budget is {BUDGET:g}."
        return Mistake("idle" if report.looks_at else "constant", spent)
    return None


def why_late(report: Any) -> str:
    """Name the mistake that fits: what it looks at, then what it did before the worst."""
    seen = set(report.looks_at)
    if not seen:
        return "constant"
    if seen == {"time"}:
        return "clock"
    if not seen & TELLS_HOW_MUCH:
        return "starting" if report.adds and "starting" not in seen else "utilization"
    if report.let_go:
        return "let_go"
    return "behind" if report.asked < report.needed else "no_head_room"


def say_late(report: Any) -> str:
    """Say how many were late, and whether the policy asked for too little around then."""
    hour, minute = divmod(int(report.worst_at // 60), 60)
    late = (
        f"{100 * report.late_share:.3g} % of the requests were late (at most "
        f"{100 * MOST_LATE:g} % may be), and {100 * report.worst_late_share:.3g} % in the five "
        f"minutes from {hour}:{minute:02d} on (at most {100 * MOST_LATE_IN_FIVE_MINUTES:g} %)."
    )
    if report.asked >= report.needed:
        return late
    return (
        f"{late} Around then it asked for {report.asked} servers once when the minute before had "
        f"needed {report.needed}."
    )


CHANCE_TO_WAIT = Check(
    cases=(
        waiting_case(10, 8.0),
        waiting_case(2, 0.5),
        waiting_case(1, 0.8, "one server"),
        waiting_case(3, 0.0, "nobody comes"),
        waiting_case(4, 6.0, "more comes than the servers can do"),
        waiting_case(5, 5.0, "just as much comes as the servers can do"),
        waiting_case(200, 180.0, "a large tier"),
    ),
    hint="For servers=2 and offered_load=0.5 the recursion goes 1, 1/3, 1/13, and C is 1/10.",
    hints={
        "utilization": "Offered load over servers is how busy one server is. That all of them are "
        "busy at once is another matter, and rarer.",
        "blocked": "That is B, the chance to find all servers busy where nobody may wait. One "
        "step is missing: C = B / (1 − ρ (1 − B)).",
        "one_less": "The recursion stopped one server early: it takes a step for each server "
        "from 1 to `servers`, both included.",
        "no_overload": "Once the offered load reaches the servers, the line never empties and "
        "everyone waits: 1. The formula does not hold there.",
        "error": "Powers and factorials leave what a float can hold. The recursion needs neither: "
        "each B follows from the one before.",
    },
    shows="Of ten servers kept 80 % busy, 41 % of the requests find none free; of two hundred "
    "kept 90 % busy, 9 %.",
)

SERVERS_FOR_STEADY_LOAD = Check(
    cases=(
        steady_case(18.8, 2.0, 2.5),
        steady_case(20.0, 2.0, 3.0, "the load keeps a whole number of servers busy"),
        steady_case(1.0, 2.0, 3.0, "a small tier"),
        steady_case(0.7, 0.1, 50.0, "a load that a float cannot hold exactly"),
        steady_case(0.0, 2.0, 3.0, "nobody comes"),
        steady_case(97.0, 2.0, 3.0, "a large tier"),
        steady_case(10.0, 2.0, 2.0, "the service alone misses the target"),
    ),
    hint="Count up from one server, and stop at the first number with `share_late` at most 1 %.",
    hints={
        "keeps_up": "So many servers keep up with the load, and the mean looks fine. The p99 needs "
        "some to spare: count on until `share_late` is at most 1 %.",
        "not_stable": "With exactly as many servers as the load keeps busy the line never stops "
        "growing.",
        "rule": "That is the rule of 70 %: too few for a small tier, too many for a large one. "
        "Ask for the p99 instead.",
        "one_more": "One fewer is enough: at most 1 % late is in target.",
        "waiting": "That keeps the wait in target. The user waits for the page as well: response "
        "time is waiting time and service time.",
        "late": "No number of servers makes a single page faster. Where the service alone takes "
        "longer than the target more than once in a hundred, give `math.inf`.",
        "error": "Begin the search at one server.",
        "infinite": "Some number of servers is enough here.",
    },
    shows="Two servers for a load of half a server, 50 for a load of 48.5: the larger the tier, "
    "the busier it may be.",
)

PLAN_DAY = Check(
    cases=(
        day_case(one_busy_minute(9, 17), label="one busy minute, at 9:17"),
        day_case(LAST_YEAR.rate_by_minute().round(2).tolist(), label="last year's sale"),
        day_case(one_busy_minute(10, 59), label="one busy minute, the last before 11"),
        day_case(quiet_night(), label="nobody comes before eight"),
    ),
    hint="For each hour, take its busiest minute and ask `servers_for_steady_load`.",
    hints={
        "mean": "That is right for the mean of each hour. The users of its busiest minute are not "
        "helped by the quiet ones: plan for the highest minute.",
        "first_minute": "That is right for the first minute of each hour. Plan for the highest of "
        "all sixty.",
        "sum": "The rates are requests per second already: sixty of them added up make an hour "
        "sixty times as busy as it is.",
        "constant": "That is one number for all day. Each hour needs its own.",
        "minutes": "Hour h holds the minutes from 60 · h to 60 · h + 59, one after the other.",
        "shape": "Give one number for each of the 24 hours.",
        "kind": "Give a list with one number for each of the 24 hours.",
    },
    shows="Last year's day needed 42 servers in one hour and 3 in another: 233 server-hours by the "
    "hour, 1,008 with one number for all day.",
)

AUTOSCALE = Check(
    run="helpers.scaling.lab:run_case",
    judge=judge_day,
    cases=tuple(policy_case(day) for day in DAYS),
    deadline=60.0,  # a day takes half a second, and twenty where Numba is missing
    hints={
        "constant": "The number never changes. Enough for the sale is far too many for the night. "
        "Work it out from `recent_arrival_rates`.",
        "clock": "It goes by the clock, and the next sale need not come at last year's hour. Go by "
        "what you see: `recent_arrival_rates`.",
        "utilization": "Utilization cannot say how many servers are missing: it stops at 100 %, "
        "however long the line, and what is fine for a tier of thirty is too much for one of "
        "three. Go by the arrival rate.",
        "starting": "`servers` counts those that serve. While the ones you asked for are starting, "
        "you ask for the same number again, and three minutes are lost. Your answer is the total, "
        "starting ones included: work it out from the arrival rate.",
        "let_go": "Requests stayed away for a few minutes, the servers were sent home, and then "
        "everybody came back at once. Go down slowly: plan for the highest recent rate.",
        "behind": "It asked for fewer servers than what it could already see needs. A mean over "
        "some minutes lags behind a rise: go by the latest rate, or the highest.",
        "no_head_room": "It asked for too little more than what it saw. What you see is half a "
        "minute old, you are asked again in a minute, and a server takes three to start: how much "
        "more will come by then, at 10 % a minute?",
        "idle": "Few were late, but most of these servers idle. How much head-room does the "
        "start-up delay call for? More than that is waste.",
        "error": "The answer must be a whole number of at least 1, whatever is observed, also in "
        "a minute in which hardly anyone comes.",
    },
    shows="At most 1 % late on three days, two of them with a sale nobody foresaw, for less than "
    "half of what servers for the busiest minute cost around the clock.",
)

CHECKS = {
    "scaling.chance_to_wait": CHANCE_TO_WAIT,
    "scaling.servers_for_steady_load": SERVERS_FOR_STEADY_LOAD,
    "scaling.plan_day": PLAN_DAY,
    "scaling.autoscale": AUTOSCALE,
}
