"""Answers to the lab "Capacity planner" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the last question's answers inside the course's model.
"""

import math

from helpers.scaling.autoscaling import Observation, Policy
from helpers.scaling.day_report import (
    BUDGET,
    DAYS,
    MOST_LATE,
    MOST_LATE_IN_FIVE_MINUTES,
    follow,
    last_years_plan,
    report_on,
)
from helpers.scaling.planning import fewest_servers, share_late
from helpers.scaling.queueing import erlang_b, erlang_c

SERVICE_RATE, TARGET = 2.0, 3.0


# The chance to wait


def utilization(servers, offered_load):
    """Whoever comes waits as often as a server is busy."""
    return min(1.0, offered_load / servers)


def erlang_b_instead(servers, offered_load):
    """The recursion is all there is to it."""
    return 1.0 if offered_load >= servers else erlang_b(servers, offered_load)


def one_step_short(servers, offered_load):
    """`range(1, servers)` runs from 1 to servers."""
    if offered_load >= servers:
        return 1.0
    blocked = 1.0
    for server in range(1, servers):
        blocked = offered_load * blocked / (server + offered_load * blocked)
    return blocked / (1 - offered_load / servers * (1 - blocked))


def no_word_of_overload(servers, offered_load):
    """A formula holds everywhere."""
    blocked = erlang_b(servers, offered_load)
    return blocked / (1 - offered_load / servers * (1 - blocked))


def powers_and_factorials(servers, offered_load):
    """The formula as the textbook prints it."""
    if offered_load >= servers:
        return 1.0
    terms = [offered_load**k / math.factorial(k) for k in range(servers)]
    last = offered_load**servers / math.factorial(servers) / (1 - offered_load / servers)
    return last / (sum(terms) + last)


# Servers for a steady load


def is_in_target(servers, arrival_rate, service_rate, target):
    waits = erlang_c(servers, arrival_rate / service_rate)
    return share_late(target, servers, arrival_rate, service_rate, waits) <= 0.01


def round_up(arrival_rate, service_rate, target_p99):
    """As many servers as the load keeps busy, rounded up."""
    return max(1, math.ceil(arrival_rate / service_rate))


def mean_in_target(arrival_rate, service_rate, target_p99):
    """The mean response time is what counts."""
    servers = math.floor(arrival_rate / service_rate) + 1
    while True:
        waits = erlang_c(servers, arrival_rate / service_rate)
        mean = waits / (servers * service_rate - arrival_rate) + 1 / service_rate
        if mean <= target_p99:
            return servers
        servers += 1


def seventy_percent(arrival_rate, service_rate, target_p99):
    """Servers should be 70 % busy."""
    return max(1, math.ceil(arrival_rate / service_rate / 0.7))


def one_too_many(arrival_rate, service_rate, target_p99):
    """Count on after the first number that is enough."""
    servers = 1
    while not is_in_target(servers, arrival_rate, service_rate, target_p99):
        servers += 1
    return servers + 1


def only_the_wait(arrival_rate, service_rate, target_p99):
    """What has to be short is the wait."""
    servers = math.floor(arrival_rate / service_rate) + 1
    while True:
        spare = servers * service_rate - arrival_rate
        waits = erlang_c(servers, arrival_rate / service_rate)
        if waits * math.exp(-spare * target_p99) <= 0.01:
            return servers
        servers += 1


def search_without_end(arrival_rate, service_rate, target_p99):
    """There is always a number that is enough."""
    servers = 1
    while not is_in_target(min(servers, 10_000), arrival_rate, service_rate, target_p99):
        servers += 1
    return servers


def begin_with_none(arrival_rate, service_rate, target_p99):
    """Counting begins at zero."""
    servers = 0
    while arrival_rate / servers > service_rate:
        servers += 1
    while not is_in_target(servers, arrival_rate, service_rate, target_p99):
        servers += 1
    return servers


# A plan for the day


def busiest_hours(rates, service_rate, target_p99, choose):
    hours = [rates[60 * hour : 60 * hour + 60] for hour in range(24)]
    return [fewest_servers(float(choose(hour)), service_rate, target_p99) for hour in hours]


def by_the_mean(rates, service_rate, target_p99):
    """An hour is as busy as it is on average."""
    return busiest_hours(rates, service_rate, target_p99, lambda hour: sum(hour) / 60)


def by_the_first_minute(rates, service_rate, target_p99):
    """An hour goes on as it begins."""
    return busiest_hours(rates, service_rate, target_p99, lambda hour: hour[0])


def by_the_sum(rates, service_rate, target_p99):
    """An hour brings the requests of its sixty minutes."""
    return busiest_hours(rates, service_rate, target_p99, sum)


def one_number(rates, service_rate, target_p99):
    """What is enough for the busiest minute is enough all day."""
    return [fewest_servers(float(max(rates)), service_rate, target_p99)] * 24


def every_24th_minute(rates, service_rate, target_p99):
    """`rates[hour::24]` are the minutes of an hour."""
    hours = [rates[hour::24] for hour in range(24)]
    return [fewest_servers(float(max(hour)), service_rate, target_p99) for hour in hours]


def one_for_each_minute(rates, service_rate, target_p99):
    """A number for each of the values that came."""
    return [fewest_servers(float(rate), service_rate, target_p99) for rate in rates]


# The autoscaler


def need(arrival_rate: float) -> int:
    return int(fewest_servers(arrival_rate, SERVICE_RATE, TARGET))


def enough_for_the_sale(seen: Observation) -> int:
    """Last year's highest number, day and night."""
    return int(max(last_years_plan()))


def enough_for_a_usual_day(seen: Observation) -> int:
    """Half more than a usual day needs, day and night."""
    return need(1.5 * 12.0)


def last_years_hours(seen: Observation) -> int:
    """The plan that was right last year."""
    return follow(last_years_plan())(seen)


def seventy_percent_busy(seen: Observation) -> int:
    """So many servers that they would be 70 % busy."""
    return max(1, math.ceil(seen.servers * seen.utilization / 0.7))


def three_more(seen: Observation) -> int:
    """Three more than serve when they are busy, one fewer when they are not."""
    if seen.utilization > 0.7:
        return seen.servers + 3
    return max(1, seen.servers - (seen.utilization < 0.5))


def without_head_room(seen: Observation) -> int:
    """What the busiest of the last minutes needed."""
    return need(max(seen.recent_arrival_rates))


def a_little_head_room(seen: Observation) -> int:
    """A fifth more than the busiest of the last minutes."""
    return need(1.2 * max(seen.recent_arrival_rates))


def without_patience(seen: Observation) -> int:
    """Head-room over the last minute, and home with everyone who idles."""
    return need(1.6 * seen.arrival_rate)


def by_the_mean_rate(seen: Observation) -> int:
    """Head-room over the mean of the last quarter of an hour."""
    return need(1.6 * sum(seen.recent_arrival_rates) / len(seen.recent_arrival_rates))


def threefold(seen: Observation) -> int:
    """Three times what comes, to be safe."""
    return need(3 * max(seen.recent_arrival_rates))


def rounded_to_none(seen: Observation) -> int:
    """Rounded to the nearest number, which may be none."""
    return round(seen.arrival_rate / 8)


WRONG = {
    "scaling.chance_to_wait": {
        "utilization": [utilization],
        "blocked": [erlang_b_instead],
        "one_less": [one_step_short],
        "no_overload": [no_word_of_overload],
        "error": [powers_and_factorials],
    },
    "scaling.servers_for_steady_load": {
        "keeps_up": [round_up, mean_in_target],
        "rule": [seventy_percent],
        "one_more": [one_too_many],
        "waiting": [only_the_wait],
        "late": [search_without_end],
        "error": [begin_with_none],
    },
    "scaling.plan_day": {
        "mean": [by_the_mean],
        "first_minute": [by_the_first_minute],
        "sum": [by_the_sum],
        "constant": [one_number],
        "minutes": [every_24th_minute],
        "shape": [one_for_each_minute],
    },
    "scaling.autoscale": {
        "constant": [enough_for_the_sale, enough_for_a_usual_day],
        "clock": [last_years_hours],
        "utilization": [seventy_percent_busy],
        "starting": [three_more],
        "no_head_room": [without_head_room, a_little_head_room],
        "let_go": [without_patience],
        "behind": [by_the_mean_rate],
        "idle": [threefold],
        "error": [rounded_to_none],
    },
}

MODEL = "scaling.autoscale"
MODEL_HEADER = ("answer", *(day.name for day in DAYS), "within all limits")
MODEL_SAYS = (
    "For each day: late requests over the day (at most 1 %), in the worst five minutes (at most "
    "5 %), and server-hours (at most 420)."
)


def model_row(policy: Policy) -> tuple[str, ...]:
    """Run a policy through the days of the lab, and write down what came of each.

    Returns
    -------
    For each day the share of late requests over the day and in the worst five minutes, and
    the server-hours; and whether all days are within the limits.
    """
    reports = [report_on(policy, day) for day in DAYS]
    cells = [
        f"{100 * r.late_share:.1f} %, {100 * r.worst_late_share:.0f} %, {r.server_hours:.0f} h"
        for r in reports
    ]
    good = all(
        r.late_share <= MOST_LATE
        and r.worst_late_share <= MOST_LATE_IN_FIVE_MINUTES
        and r.server_hours <= BUDGET
        for r in reports
    )
    return (*cells, "yes" if good else "no")
