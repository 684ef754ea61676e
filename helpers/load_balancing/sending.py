"""Requests through a balancer one by one: three loops that compile, one that takes any policy.

Each server serves its own line in order of arrival, so the moment a request is sent,
it is known when it will be answered. There is no list of events to keep in order: a
server's line is a chain of requests, and the answered ones are dropped from it when
somebody looks. Places in arrays are unsigned there: a compiled loop then need not ask
whether one is negative, and so counts from the end.
"""

import heapq
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.kernel import kernel
from helpers.load_balancing.draws import Servers
from helpers.load_balancing.policies import Answer, Policy, View
from helpers.scaling.simulation import Floats


@dataclass(frozen=True, eq=False)
class Fleet:
    """What each server is like; all of shape (servers,).

    Attributes
    ----------
    pace, slow_pace
        By how much a service time is multiplied: as a rule, and from `slow_since` on.
    slow_since, dead_since, dead_until
        Seconds; infinity for never.
    """

    pace: Floats
    slow_pace: Floats
    slow_since: Floats
    dead_since: Floats
    dead_until: Floats

    @property
    def columns(self) -> tuple[Floats, ...]:
        """As the loops take them."""
        return self.pace, self.slow_pace, self.slow_since, self.dead_since, self.dead_until

    @property
    def slowest(self) -> float:
        """The most that a service time is multiplied by."""
        return float(max(self.pace.max(), self.slow_pace.max()))

    def serve(
        self, server: int, now: float, work: float, free_at: float
    ) -> tuple[float, float, bool]:
        """Give when a request starts, how long it is served, and whether it fails."""
        start = max(now, free_at)
        is_slow = start >= self.slow_since[server]
        duration = work * float((self.slow_pace if is_slow else self.pace)[server])
        dies = float(self.dead_since[server])
        if start + duration > dies and now < self.dead_until[server]:
            return start, max(0.0, dies - start), True
        return start, duration, False


class Sent(NamedTuple):
    """Where each request went and what became of it, shape (requests,); times in seconds."""

    server: Servers
    waiting_time: Floats
    service_time: Floats
    failed: NDArray[np.bool_]


@kernel
def send_to_shortest(arrival_time, work, candidates, fleet, refresh):  # type: ignore[no-untyped-def]
    """Ask each request's candidates, or all servers now and then, for the shortest line.

    One candidate is not asked.
    """
    pace, slow_pace, slow_since, dead_since, dead_until = fleet
    (requests, choices), servers, seen_at = candidates.shape, pace.size, -np.inf
    free_at, next_done = np.zeros(servers), np.full(servers, np.inf)
    in_flight = np.zeros(servers, np.int32)
    oldest, newest = np.zeros((2, servers), np.uint32)
    seen = in_flight if refresh == 0 else np.zeros(servers, np.int32)
    chosen, behind = np.empty(requests, np.uint32), np.empty(requests, np.uint32)
    waited, took = np.empty(requests), np.empty(requests)
    failed = np.zeros(requests, np.bool_)
    for i in range(requests):
        now = moment = arrival_time[i]
        looks = choices if choices > 1 else 0
        if refresh > 0 and choices > 1:
            moment = min(now, math.floor(now / refresh) * refresh)
            looks = servers if moment > seen_at else 0
            seen_at = moment
        for k in range(looks):
            s = candidates[i, k] if refresh == 0 else k
            while next_done[s] <= moment:
                in_flight[s] -= 1
                if in_flight[s] > 0:  # the next one starts when this one ends
                    oldest[s] = behind[oldest[s]]
                    start = max(next_done[s], arrival_time[oldest[s]])
                    next_done[s] = start + took[oldest[s]]
                else:
                    next_done[s] = np.inf
            if refresh > 0:
                seen[s] = in_flight[s]
        server = candidates[i, 0]
        for k in range(1, choices):
            if seen[candidates[i, k]] < seen[server]:
                server = candidates[i, k]
        start = max(now, free_at[server])
        duration = work[i] * (slow_pace[server] if start >= slow_since[server] else pace[server])
        if start + duration > dead_since[server] and now < dead_until[server]:
            failed[i], duration = True, max(0.0, dead_since[server] - start)
        free_at[server] = start + duration
        chosen[i], waited[i], took[i] = server, start - now, duration
        if choices > 1:
            if in_flight[server] > 0:
                behind[newest[server]] = i
            else:
                oldest[server], next_done[server] = i, free_at[server]
            newest[server] = i
            in_flight[server] += 1
    return chosen, waited, took, failed


@kernel
def send_to_quickest(arrival_time, work, candidates, fleet, refresh, memory):  # type: ignore[no-untyped-def]
    """Of each request's candidates, take the one that will probably answer first: peak EWMA."""
    pace, slow_pace, slow_since, dead_since, dead_until = fleet
    (requests, choices), servers, seen_at = candidates.shape, pace.size, -np.inf
    free_at, next_done = np.zeros(servers), np.full(servers, np.inf)
    score, latency, updated = np.zeros((3, servers))
    in_flight = np.zeros(servers, np.int32)
    oldest, newest = np.zeros((2, servers), np.uint32)
    chosen, behind = np.empty(requests, np.uint32), np.empty(requests, np.uint32)
    waited, took = np.empty(requests), np.empty(requests)
    failed = np.zeros(requests, np.bool_)
    for i in range(requests):
        now = moment = arrival_time[i]
        looks = choices
        if refresh > 0:
            moment = min(now, math.floor(now / refresh) * refresh)
            looks = servers if moment > seen_at else 0
            seen_at = moment
        for k in range(looks):
            s = candidates[i, k] if refresh == 0 else k
            while next_done[s] <= moment:
                response_time = waited[oldest[s]] + took[oldest[s]]
                kept = math.exp((updated[s] - next_done[s]) / memory)
                drifted = latency[s] * kept + response_time * (1 - kept)
                latency[s] = response_time if response_time > latency[s] else drifted
                updated[s], next_done[s] = next_done[s], np.inf
                in_flight[s] -= 1
                if in_flight[s] > 0:  # the next one starts when this one ends
                    oldest[s] = behind[oldest[s]]
                    start = max(updated[s], arrival_time[oldest[s]])
                    next_done[s] = start + took[oldest[s]]
            recalled = latency[s] * math.exp((updated[s] - moment) / memory)
            score[s] = recalled * (in_flight[s] + 1)
        server = candidates[i, 0]
        for k in range(1, choices):
            if score[candidates[i, k]] < score[server]:
                server = candidates[i, k]
        start = max(now, free_at[server])
        duration = work[i] * (slow_pace[server] if start >= slow_since[server] else pace[server])
        if start + duration > dead_since[server] and now < dead_until[server]:
            failed[i], duration = True, max(0.0, dead_since[server] - start)
        free_at[server] = start + duration
        chosen[i], waited[i], took[i] = server, start - now, duration
        if in_flight[server] > 0:
            behind[newest[server]] = i
        else:
            oldest[server], next_done[server] = i, free_at[server]
        newest[server] = i
        in_flight[server] += 1
    return chosen, waited, took, failed


@kernel
def send_to_least_loaded(arrival_time, work, fleet, refresh, days):  # type: ignore[no-untyped-def]
    """Know how many requests each server holds, and send each to one that holds the fewest.

    Who will be answered is noted in a calendar; of several servers the next in turn gets it.
    """
    pace, slow_pace, slow_since, dead_since, dead_until = fleet
    requests, servers, seen_at = arrival_time.size, pace.size, -np.inf
    begin, per_day = arrival_time[0], days / max(arrival_time[-1] - arrival_time[0], 1e-300)
    leaving, today, turn = np.full(days + 1, -1, np.int32), 0, 0
    in_flight, free_at = np.zeros(servers, np.int32), np.zeros(servers)
    seen = in_flight if refresh == 0 else np.zeros(servers, np.int32)
    holding, least = np.zeros(requests + 2, np.int32), 0  # how many servers hold so many
    holding[0] = servers
    chosen, after = np.empty(requests, np.uint32), np.empty(requests, np.int32)
    waited, took, done = np.empty(requests), np.empty(requests), np.empty(requests)
    failed = np.zeros(requests, np.bool_)
    for i in range(requests):
        now = moment = arrival_time[i]
        if refresh > 0:
            moment = min(now, math.floor(now / refresh) * refresh)
        if refresh == 0 or moment > seen_at:
            seen_at, goal = moment, max(today, min(int((moment - begin) * per_day), days))
            for day in range(today, goal + 1):
                other, leaving[day] = leaving[day], -1
                while other >= 0:
                    following = after[other]
                    if done[other] <= moment:
                        fewer = in_flight[chosen[other]] - 1
                        in_flight[chosen[other]] = fewer
                        holding[fewer + 1] -= 1
                        holding[fewer] += 1
                        least = min(least, fewer)
                    else:
                        after[other], leaving[day] = leaving[day], other
                    other = following
            today = goal
            if refresh > 0:
                seen[:], least = in_flight, in_flight.min()
        server = turn
        while seen[server] > least:
            server = server + 1 if server + 1 < servers else 0
        start = max(now, free_at[server])
        duration = work[i] * (slow_pace[server] if start >= slow_since[server] else pace[server])
        if start + duration > dead_since[server] and now < dead_until[server]:
            failed[i], duration = True, max(0.0, dead_since[server] - start)
        done[i] = free_at[server] = start + duration
        chosen[i], waited[i], took[i] = server, start - now, duration
        day = (done[i] - begin) * per_day
        if day <= days:
            after[i], leaving[int(day)] = leaving[int(day)], i
        holding[in_flight[server]] -= 1
        in_flight[server] += 1
        holding[in_flight[server]] += 1
        if refresh == 0 and holding[least] == 0:
            least += 1
        turn = turn + 1 if turn + 1 < servers else 0
    return chosen, waited, took, failed


def send_by_policy(
    policy: Policy,
    arrival_time: Floats,
    work: Floats,
    fleet: Fleet,
    refresh: float,
    view: View,
    clients: NDArray[np.int64],
    luck: list[Floats],
) -> Sent:
    """Ask a function for each request; whoever learns from answers is told of them in order."""
    learn: Callable[[Answer], None] = getattr(policy, "answered", lambda answer: None)
    in_flight, free_at = [0] * view.servers, [-math.inf] * view.servers
    on_its_way: list[tuple[float, int, Answer]] = []
    sent = Sent(
        np.empty(work.size, np.uint32),
        np.empty(work.size),
        np.empty(work.size),
        np.zeros(work.size, np.bool_),
    )
    view.seen_at, view.in_flight = -math.inf, in_flight[:]
    for i, now in enumerate(arrival_time.tolist()):
        moment = min(now, math.floor(now / refresh) * refresh) if refresh > 0 else now
        if refresh == 0 or moment > view.seen_at:
            while on_its_way and on_its_way[0][0] <= moment:
                answer = heapq.heappop(on_its_way)[2]
                in_flight[answer.server] -= 1
                learn(answer)
            view.seen_at, view.in_flight = moment, in_flight[:]
        view.number, view.now, view.client = i, now, int(clients[i])
        view.luck = [float(numbers[i]) for numbers in luck]
        server = as_server(policy(view), view.servers)
        start, duration, has_failed = fleet.serve(server, now, float(work[i]), free_at[server])
        free_at[server] = done = start + duration
        in_flight[server] += 1
        sent.server[i], sent.waiting_time[i] = server, start - now
        sent.service_time[i], sent.failed[i] = duration, has_failed
        answer = Answer(server, done, (start - now) + duration, has_failed)
        heapq.heappush(on_its_way, (done, i, answer))
    return sent


def as_server(chosen: Any, servers: int) -> int:
    """Give the number of a server that is there, or say what the policy said instead."""
    try:
        server = operator.index(chosen)
    except TypeError:
        server = -1
    if isinstance(chosen, bool) or not 0 <= server < servers:
        raise ValueError(f"policy must choose a server from 0 to {servers - 1}, got {chosen!r}")
    return server
