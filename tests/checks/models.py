"""A small model that calls the learner's policy once a minute, as a topic's lab would."""

from dataclasses import dataclass

from helpers.checks import Case


@dataclass(frozen=True)
class Day:
    """What came of a day: servers in each minute, and requests that were late."""

    servers: list[int]
    late: int


def run_day(policy, case: Case) -> Day:
    """Let a policy choose the number of servers for each minute's load."""
    servers, late = [], 0
    for load in case.args[0]:
        chosen = policy(load)
        servers.append(chosen)
        late += max(0, load - 10 * chosen)
    return Day(servers, late)


def run_waits(policy, case: Case) -> Day:
    """Put what the policy gives into an array, as models do."""
    import numpy as np

    waits = np.zeros(len(case.args[0]))
    for minute, load in enumerate(case.args[0]):
        waits[minute] = policy(load)
    return Day(list(waits), 0)
