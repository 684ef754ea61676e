"""The balancer against C, SimPy and plain Python."""

import ctypes
import heapq
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.c_code import COMPILERS, build
from benchmarks.paired import OURS, AbsentError, Contender, Job, Scenario
from helpers.load_balancing.balancing import fleet_of
from helpers.load_balancing.draws import Servers, draw_candidates, luck_of
from helpers.load_balancing.policies import PolicyName
from helpers.load_balancing.sending import send_to_least_loaded, send_to_quickest, send_to_shortest
from helpers.scaling.simulation import Floats, unit_arrivals, unit_services

SEED = 1
UTILIZATION = 0.9
SLOW = 1 / 50
"""The share of requests for peers that take microseconds for each."""

SENDING = "sending alone"
TIMED = {
    SENDING: "Arrival times, service times and the servers drawn for each request are there "
    "already, as arrays for those who work on arrays and as lists for those who do not. Timed: "
    "from there to new arrays or lists of the chosen servers and the waits. The course: "
    "`send_to_shortest`, `send_to_quickest` or `send_to_least_loaded`, which also look out for "
    "slow and dead servers; C and the others know of none.",
}
PACKAGES = ("simpy",)
STAGES = {"model": ("in_parallel",), "statistics": ("summarize", "curves")}

Answers = tuple[Any, Any]


@dataclass(frozen=True)
class Case:
    """A balancer at 90 % utilization.

    Attributes
    ----------
    policy
        "two choices", "peak EWMA" or "least connections".
    servers, choices
        How many there are, and how many are drawn for a request.
    """

    policy: PolicyName
    servers: int
    choices: int = 2

    @property
    def is_least(self) -> bool:
        """Whether all servers are looked at."""
        return self.policy == "least connections"


def scenarios() -> Iterator[Scenario]:
    """Give each policy that has a loop of its own, with few servers and with many."""
    for servers in (8, 64):
        for policy in ("two choices", "least connections"):
            case = Case(policy, servers)
            targets = {"C": 0.7, "SimPy": 100.0}
            yield Scenario(f"{policy}, {servers} servers", SENDING, case, targets=targets)
    yield Scenario("peak EWMA, 64 servers", SENDING, Case("peak EWMA", 64))


# What is sent


@dataclass(frozen=True, eq=False)
class Trace:
    """Requests in order of arrival, shape (requests,); candidates of shape (requests, choices)."""

    arrival_time: Floats
    service_time: Floats
    candidates: Servers

    def as_lists(self) -> tuple[list[float], list[float], list[list[int]]]:
        """Give the columns as Python's own numbers, which are quicker to take one by one."""
        times = (self.arrival_time.tolist(), self.service_time.tolist())
        return (*times, self.candidates.tolist())


MOST_DRAWN = 1_000_000


def draw_trace(case: Case, requests: int) -> Trace:
    """Take the beginning of one long trace, so that fewer requests are the same ones."""
    luck = luck_of(max(requests, MOST_DRAWN), SEED)
    return Trace(
        unit_arrivals(luck.times, 1.0)[:requests] / (UTILIZATION * case.servers),
        unit_services(luck.times, 1.0)[:requests].copy(),
        draw_candidates(luck, case.servers, case.choices)[:requests].copy(),
    )


# Ours


def prepare_course(case: Case, requests: int, is_plain: bool = False) -> Job:
    """Bind a kernel, compiled or plain, to a trace."""
    trace = draw_trace(case, requests)
    fleet = fleet_of(case.servers, None, None, None).columns
    times = (trace.arrival_time, trace.service_time)
    if case.is_least:
        return bound(send_to_least_loaded, is_plain, *times, fleet, 0.0, requests)
    if case.policy == "peak EWMA":
        return bound(send_to_quickest, is_plain, *times, trace.candidates, fleet, 0.0, 10.0)
    return bound(send_to_shortest, is_plain, *times, trace.candidates, fleet, 0.0)


def bound(loop: Any, is_plain: bool, *inputs: Any) -> Job:
    """Bind a loop to its inputs; of what it gives, servers and waits are compared."""
    send = loop.python if is_plain else loop

    def run() -> Answers:
        chosen, waits, _, _ = send(*inputs)
        return chosen, waits

    return run


# Peers that get the trace as lists

Send = Callable[[Case, list[float], list[float], list[list[int]]], Answers]


def prepare_lists(send: Send, case: Case, requests: int) -> Job | None:
    """Hand arrival times, service times and candidates over as lists."""
    if case.policy == "peak EWMA":
        return None
    return partial(send, case, *draw_trace(case, requests).as_lists())


def choose(case: Case, number: int, drawn: list[int], in_flight: list[int]) -> int:
    """Choose as the course does."""
    if not case.is_least:
        return min(drawn, key=in_flight.__getitem__)
    least, server = min(in_flight), number % case.servers
    while in_flight[server] > least:
        server = (server + 1) % case.servers
    return server


def send_in_plain_python(
    case: Case, arrivals: list[float], services: list[float], candidates: list[list[int]]
) -> Answers:
    """Write it as one would without arrays: counts, and the standard library's heap."""
    chosen: list[int] = []
    waits: list[float] = []
    in_flight, free_at = [0] * case.servers, [0.0] * case.servers
    leaving: list[tuple[float, int]] = []
    for i, (now, service) in enumerate(zip(arrivals, services, strict=True)):
        while leaving and leaving[0][0] <= now:
            in_flight[heapq.heappop(leaving)[1]] -= 1
        server = choose(case, i, candidates[i], in_flight)
        start = max(now, free_at[server])
        free_at[server] = start + service
        heapq.heappush(leaving, (free_at[server], server))
        in_flight[server] += 1
        chosen.append(server)
        waits.append(start - now)
    return chosen, waits


def send_by_simpy(
    case: Case, arrivals: list[float], services: list[float], candidates: list[list[int]]
) -> Answers:
    """Write it as SimPy's manual does: a process for each request, a resource for each server."""
    import simpy

    env = simpy.Environment()
    waits, chosen = [0.0] * len(arrivals), [0] * len(arrivals)
    desks = [simpy.Resource(env, 1) for _ in range(case.servers)]
    in_flight = [0] * case.servers

    def request(i: int, service: float, server: int) -> Generator[Any, Any, None]:
        arrival = env.now
        with desks[server].request() as turn:
            yield turn
            waits[i] = env.now - arrival
            yield env.timeout(service)
        in_flight[server] -= 1

    def arrive() -> Generator[Any, Any, None]:
        for i, (arrival, service) in enumerate(zip(arrivals, services, strict=True)):
            yield env.timeout(arrival - env.now)
            chosen[i] = server = choose(case, i, candidates[i], in_flight)
            in_flight[server] += 1
            env.process(request(i, service, server))

    env.process(arrive())
    env.run()
    return chosen, waits


def prepare_simpy(case: Case, requests: int) -> Job | None:
    """Let SimPy send, if it is installed."""
    try:
        __import__("simpy")
    except ImportError:
        raise AbsentError("simpy is not installed: it is in the group `test`") from None
    return prepare_lists(send_by_simpy, case, requests)


# C


def prepare_c(compiler: str, rule: str, case: Case, requests: int) -> Job | None:
    """Bind a rule of load_balancing_send.c to a trace."""
    if case.policy == "peak EWMA" or case.is_least != rule.startswith("least"):
        return None
    function = getattr(build("load_balancing_send.c", compiler), rule)
    return partial(send_in_c, function, case, draw_trace(case, requests))


def send_in_c(function: Any, case: Case, trace: Trace) -> Answers:
    """Let C fill new arrays of servers and waits."""
    requests = trace.arrival_time.size
    chosen, waits = np.empty(requests, np.uint32), np.empty(requests)
    arrays: list[NDArray[Any]] = [trace.arrival_time, trace.service_time, trace.candidates]
    arrays += [chosen, waits]
    sizes = (requests, case.servers, case.choices)
    function(*map(address, arrays), *map(ctypes.c_ssize_t, sizes))
    return chosen, waits


def address(array: NDArray[Any]) -> ctypes.c_void_p:
    """Tell C where an array begins."""
    return ctypes.c_void_p(array.ctypes.data)


# Who takes part

RULES = ("few_chain", "few_watched", "least_heap", "least_calendar")


def contenders() -> Iterator[Contender]:
    """Give the course, then its peers, C by every rule and compiler."""
    yield Contender("the kernels of `sending`", OURS, prepare_course)
    for compiler in COMPILERS:
        for rule in RULES:
            name = f"{compiler}, {rule.partition('_')[2]}"
            yield Contender(name, "C", partial(prepare_c, compiler, rule))
    python = partial(prepare_lists, send_in_plain_python)
    yield Contender("lists and heapq", "plain Python", python, share=SLOW)
    plain = partial(prepare_course, is_plain=True)
    yield Contender("the kernel, not compiled", "no Numba", plain, share=SLOW)
    yield Contender("SimPy", "SimPy", prepare_simpy, share=SLOW, tolerance=1e-9)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
