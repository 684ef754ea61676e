"""The queue against C, SimPy, Ciw and plain Python."""

import ctypes
import heapq
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.c_code import COMPILERS, build
from benchmarks.draws import Seed, Ziggurat, ziggurat
from benchmarks.paired import OURS, AbsentError, Contender, Job, Scenario
from helpers.scaling.durations import Duration
from helpers.scaling.simulation import (
    Draws,
    Floats,
    Queues,
    fresh_draws,
    simulate,
    wait_in_one_line,
    wait_in_own_lines,
)

SEED = 1
SERVICE_RATE = 10.0
UTILIZATION = 0.8
SLOW = 1 / 50
"""The share of requests for peers that take microseconds for each."""

QUEUE, DRAWN = "queue alone", "draws and queue"
TIMED = {
    QUEUE: "Arrival and service times are there already, as arrays for those who work on arrays "
    "and as lists for those who do not. Timed: from there to a new array or list of waits. The "
    "course: `wait_in_one_line` or `wait_in_own_lines`.",
    DRAWN: "Timed: from a seeded generator to arrival times, service times and waits. Everyone "
    "draws the same numbers (NumPy's PCG64 and its ziggurat): the course by `simulate`, as a "
    "learner calls it; C by the same algorithms inlined into one loop; the others by NumPy, all "
    "at once, since drawing one by one would only slow them down.",
}
PACKAGES = ("simpy", "ciw")
STAGES = {"model": ("simulate",), "statistics": ("summarize", "curves")}


@dataclass(frozen=True)
class Case:
    """A queue at 80 % utilization.

    Attributes
    ----------
    servers
        At least 1.
    cv
        Standard deviation over mean, of service times and of gaps alike.
    queues
        "one shared" or "one per server".
    draws
        Whether drawing is part of the job.
    """

    servers: int
    cv: float = 1.0
    queues: Queues = "one shared"
    draws: bool = False

    @property
    def arrival_rate(self) -> float:
        """Requests per second."""
        return UTILIZATION * self.servers * SERVICE_RATE

    @property
    def is_shared(self) -> bool:
        """Whether there is one line for all servers."""
        return self.queues == "one shared"

    @property
    def duration(self) -> Duration:
        """How the gaps and the service times spread around a mean of 1."""
        return Duration.with_cv(self.cv)


def scenarios() -> Iterator[Scenario]:
    """Give each queue twice: alone, and with its draws."""
    queues = {
        "M/M/1": Case(1),
        "M/M/8": Case(8),
        "M/M/32": Case(32),
        "G/G/8, cv 2": Case(8, cv=2.0),
        "8 × M/M/1, a line each": Case(8, queues="one per server"),
    }
    for scope in (QUEUE, DRAWN):
        for name, case in queues.items():
            job = Case(case.servers, case.cv, case.queues, draws=scope == DRAWN)
            yield Scenario(name, scope, job, targets={"C": 0.8, "SimPy": 200.0})


# What is served


@dataclass(frozen=True, eq=False)
class Trace:
    """Requests in order of arrival, shape (requests,); times in seconds."""

    gap: Floats
    arrival_time: Floats
    service_time: Floats
    server: NDArray[np.int64]


def draw_trace(case: Case, requests: int) -> Trace:
    """Draw what `simulate` draws, and keep the gaps."""
    return trace_of(case, fresh_draws(requests, np.random.default_rng(SEED)))


def trace_of(case: Case, luck: Draws) -> Trace:
    """Make times of draws, as `simulate` does."""
    gaps = case.duration.stretch(luck.gap, luck.gap_choice)
    arrivals = np.cumsum(gaps) / case.arrival_rate
    services = case.duration.stretch(luck.service, luck.service_choice) / SERVICE_RATE
    server = (luck.server_choice * case.servers).astype(np.int64)
    return Trace(gaps / case.arrival_rate, arrivals, services, server)


# Ours


def prepare_course(case: Case, requests: int) -> Job:
    """Run the kernel on a trace, or `simulate` on a fresh generator."""
    if case.draws:
        return partial(simulate_fresh, case, requests)
    return prepare_kernel(case, requests, wait_in_one_line, wait_in_own_lines)


def simulate_fresh(case: Case, requests: int) -> tuple[Floats, Floats, Floats]:
    """Call `simulate` as a learner does, with luck that was not drawn before."""
    run = simulate(
        case.arrival_rate,
        SERVICE_RATE,
        case.servers,
        service_cv=case.cv,
        arrival_cv=case.cv,
        queues=case.queues,
        requests=requests,
        warm_up=0,
        rng=np.random.default_rng(SEED),
    )
    return run.arrival_time, run.service_time, run.waiting_time


def prepare_kernel(
    case: Case, requests: int, one_line: Callable[..., Floats], own_lines: Callable[..., Floats]
) -> Job:
    """Bind a kernel's loop, compiled or plain, to a trace."""
    trace = draw_trace(case, requests)
    times = (trace.arrival_time, trace.service_time)
    if case.is_shared:
        return partial(one_line, *times, case.servers)
    return partial(own_lines, *times, trace.server, case.servers)


def prepare_plain_kernel(case: Case, requests: int) -> Job | None:
    """Run the same loop where Numba is missing, as in a browser."""
    if case.draws:
        return None
    return prepare_kernel(case, requests, wait_in_one_line.python, wait_in_own_lines.python)


# Peers that get the trace as lists


def prepare_lists(
    serve: Callable[[Case, list[float], list[float], list[float], list[int]], list[float]],
    case: Case,
    requests: int,
) -> Job:
    """Hand gaps, arrival times, service times and servers over as lists."""
    if case.draws:
        return partial(draw_and_serve, serve, case, requests)
    trace = draw_trace(case, requests)
    return partial(serve, case, *as_lists(trace))


def draw_and_serve(
    serve: Callable[..., list[float]], case: Case, requests: int
) -> tuple[Floats, Floats, list[float]]:
    """Draw by NumPy, then serve."""
    trace = draw_trace(case, requests)
    return trace.arrival_time, trace.service_time, serve(case, *as_lists(trace))


def as_lists(trace: Trace) -> tuple[list[float], list[float], list[float], list[int]]:
    """Give the columns as Python's own numbers, which are quicker to take one by one."""
    return (
        trace.gap.tolist(),
        trace.arrival_time.tolist(),
        trace.service_time.tolist(),
        trace.server.tolist(),
    )


def serve_in_plain_python(
    case: Case,
    gaps: list[float],
    arrivals: list[float],
    services: list[float],
    servers: list[int],
) -> list[float]:
    """Write it as one would without arrays: lists, and the standard library's heap."""
    waits: list[float] = []
    free_at = [-math.inf] * case.servers
    if case.is_shared:
        for arrival, service in zip(arrivals, services, strict=True):
            start = max(arrival, free_at[0])
            waits.append(start - arrival)
            heapq.heapreplace(free_at, start + service)
    else:
        for arrival, service, server in zip(arrivals, services, servers, strict=True):
            start = max(arrival, free_at[server])
            waits.append(start - arrival)
            free_at[server] = start + service
    return waits


def serve_by_simpy(
    case: Case,
    gaps: list[float],
    arrivals: list[float],
    services: list[float],
    servers: list[int],
) -> list[float]:
    """Write it as SimPy's manual does: a process for each request, a resource for each line."""
    import simpy

    env = simpy.Environment()
    waits = [0.0] * len(gaps)
    if case.is_shared:
        desks = [simpy.Resource(env, case.servers)] * case.servers
    else:
        desks = [simpy.Resource(env, 1) for _ in range(case.servers)]

    def request(i: int, service: float, desk: Any) -> Generator[Any, Any, None]:
        arrival = env.now
        with desk.request() as turn:
            yield turn
            waits[i] = env.now - arrival
            yield env.timeout(service)

    def arrive() -> Generator[Any, Any, None]:
        for i, (gap, service) in enumerate(zip(gaps, services, strict=True)):
            yield env.timeout(gap)
            env.process(request(i, service, desks[servers[i]]))

    env.process(arrive())
    env.run()
    return waits


def serve_by_ciw(
    case: Case,
    gaps: list[float],
    arrivals: list[float],
    services: list[float],
    servers: list[int],
) -> list[float]:
    """Give Ciw each line as a node, with the trace in place of distributions."""
    import ciw

    lines = [0] * len(gaps) if case.is_shared else servers
    nodes = sorted(set(lines))
    rows: list[list[int]] = [[i for i, line in enumerate(lines) if line == node] for node in nodes]
    between = [gaps] if case.is_shared else [gaps_of([arrivals[i] for i in row]) for row in rows]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gap, float("inf")]) for gap in between],
        service_distributions=[ciw.dists.Sequential([services[i] for i in row]) for row in rows],
        number_of_servers=[case.servers if case.is_shared else 1] * len(nodes),
        routing=[[0.0] * len(nodes)] * len(nodes),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(gaps), method="Finish")
    waits = [0.0] * len(gaps)
    turn = [iter(row) for row in rows]
    for record in sorted(simulation.get_all_records(), key=lambda record: record.arrival_date):
        waits[next(turn[record.node - 1])] = record.waiting_time
    return waits


def gaps_of(arrivals: list[float]) -> list[float]:
    """Give the time between neighbors, the first one from 0."""
    return np.diff(arrivals, prepend=0.0).tolist()


def prepare_package(
    package: str, serve: Callable[..., list[float]], case: Case, requests: int
) -> Job:
    """Let a package serve, if it is installed."""
    try:
        __import__(package)
    except ImportError:
        raise AbsentError(f"{package} is not installed: it is in the group `test`") from None
    return prepare_lists(serve, case, requests)


# C


class Mixture(ctypes.Structure):
    """A `Duration` of two exponentials."""

    _fields_ = (
        ("short_mean", ctypes.c_double),
        ("long_mean", ctypes.c_double),
        ("short_share", ctypes.c_double),
    )

    @classmethod
    def of(cls, duration: Duration) -> "Mixture":
        """Give the means and the share that `Duration.stretch` works with."""
        if duration.fixed:
            raise ValueError(f"duration must have a cv of at least 1, got {duration}")
        return cls(*(1 / rate for rate in duration.rates), duration.shares[0])


class Luck(ctypes.Structure):
    """All that C draws from."""

    _fields_ = (
        ("gap", Seed),
        ("gap_choice", Seed),
        ("service", Seed),
        ("service_choice", Seed),
        ("server_choice", Seed),
        ("between", Mixture),
        ("serving", Mixture),
        ("arrival_rate", ctypes.c_double),
        ("service_rate", ctypes.c_double),
        ("ziggurat", Ziggurat),
    )


def prepare_c(compiler: str, rule: str, is_fixed: bool, case: Case, requests: int) -> Job | None:
    """Bind a rule of scaling_queue.c to a trace or to its own draws."""
    if (rule == "own_lines") == case.is_shared or (rule == "single" and case.servers > 1):
        return None
    if is_fixed and case.draws:
        return None
    definitions = [f"SERVERS={case.servers}"] if is_fixed else []
    library = build("scaling_queue.c", compiler, *definitions)
    if case.draws:
        return partial(run_in_c, getattr(library, f"run_{rule}"), case, requests)
    trace = draw_trace(case, requests)
    inputs: list[NDArray[Any]] = [trace.arrival_time, trace.service_time]
    if not case.is_shared:
        inputs.append(trace.server)
    return partial(queue_in_c, getattr(library, f"queue_{rule}"), case, *inputs)


def queue_in_c(function: Any, case: Case, *inputs: NDArray[Any]) -> Floats:
    """Let C fill a new array of waits."""
    waits = np.empty(inputs[0].size)
    call_c(function, case, [*map(address, inputs), address(waits)], waits.size)
    return waits


def run_in_c(function: Any, case: Case, requests: int) -> tuple[Floats, Floats, Floats]:
    """Let C draw, and fill new arrays of arrival times, service times and waits."""
    arrivals, services, waits = (np.empty(requests) for _ in range(3))
    luck = luck_of(case, np.random.default_rng(SEED))
    outputs = map(address, (arrivals, services, waits))
    call_c(function, case, [ctypes.byref(luck), *outputs], requests)
    return arrivals, services, waits


def luck_of(case: Case, rng: np.random.Generator) -> Luck:
    """Give C the five streams that `fresh_draws` takes its luck from."""
    kind = Mixture.of(case.duration)
    rates = (case.arrival_rate, SERVICE_RATE)
    return Luck(*map(Seed.of, rng.spawn(5)), kind, kind, *rates, ziggurat())


def address(array: NDArray[Any]) -> ctypes.c_void_p:
    """Tell C where an array begins."""
    return ctypes.c_void_p(array.ctypes.data)


def call_c(function: Any, case: Case, arrays: list[Any], requests: int) -> None:
    """Call a job of scaling_queue.c, with room for its servers."""
    scratch = np.zeros(case.servers + 1)
    servers = ctypes.c_ssize_t(case.servers)
    function(*arrays, ctypes.c_ssize_t(requests), servers, address(scratch))


# Who takes part

RULES = ("single", "insertion", "exchange", "carry", "spread", "scan", "heap", "own_lines")
FIXED_RULES = ("exchange", "spread", "scan")


def contenders() -> Iterator[Contender]:
    """Give the course, then its peers, C by every rule and compiler."""
    yield Contender("simulate and its kernels", OURS, prepare_course)
    for compiler in COMPILERS:
        for rule in RULES:
            prepare = partial(prepare_c, compiler, rule, False)
            yield Contender(f"{compiler}, {rule.replace('_', ' ')}", "C", prepare)
    for compiler in COMPILERS:
        for rule in FIXED_RULES:
            prepare = partial(prepare_c, compiler, rule, True)
            yield Contender(f"{compiler}, {rule}", "C, servers fixed", prepare)
    python = partial(prepare_lists, serve_in_plain_python)
    yield Contender("lists and heapq", "plain Python", python, share=1 / 10)
    yield Contender("the kernel, not compiled", "no Numba", prepare_plain_kernel, share=SLOW)
    simpy = partial(prepare_package, "simpy", serve_by_simpy)
    yield Contender("SimPy", "SimPy", simpy, share=SLOW)
    ciw = partial(prepare_package, "ciw", serve_by_ciw)
    yield Contender("Ciw", "Ciw", ciw, share=SLOW, tolerance=1e-9)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
