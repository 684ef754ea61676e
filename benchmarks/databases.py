"""The replica's lag and the lagging search index against C, SimPy and plain Python.

Both kernels are loops over events that come one after the other. All contenders get the same
draws; what they give is compared event by event.
"""

import ctypes
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.c_code import COMPILERS, build
from benchmarks.paired import OURS, AbsentError, Contender, Job, Scenario
from helpers.databases.replicas import apply_in_order

Floats = NDArray[np.float64]
SEED = 1
APPLY_RATE = 1_000.0
NETWORK = 0.001
SLOW = 1 / 50
"""The share of writes for peers that take microseconds for each."""

LAG = "lag of a replica"
TIMED = {
    LAG: "Gaps and work are there already, as arrays or as lists. Timed: from there to the lag of "
    "every write. The course: `apply_in_order`, the kernel behind `simulate_lag`; C: the same "
    "loop; SimPy: a process for each write, and the replica as a resource of one."
}
PACKAGES = ("simpy",)
STAGES = {"model": ("view_page",)}


@dataclass(frozen=True)
class Case:
    """How busy the replica is with writes.

    Attributes
    ----------
    utilization
        Above 0.
    """

    utilization: float


def scenarios() -> Iterator[Scenario]:
    """Give a replica that is hardly busy, one that is, and one that cannot follow."""
    for utilization in (0.5, 0.9, 1.2):
        targets = {"C": 0.8, "SimPy": 200.0}
        yield Scenario(f"{utilization:.0%} busy", LAG, Case(utilization), targets)


@lru_cache(maxsize=8)
def draw(utilization: float, writes: int) -> tuple[Floats, Floats]:
    """Draw gaps and work; fewer writes are the beginning of more."""
    gaps, works = np.random.default_rng(SEED).spawn(2)
    gap = gaps.exponential(size=writes) / (utilization * APPLY_RATE)
    return gap, works.exponential(size=writes) / APPLY_RATE


def prepare_course(loop: Callable[..., Floats], case: Case, writes: int) -> Job:
    """Bind the loop, compiled or plain, to the draws."""
    return partial(loop, *draw(case.utilization, writes), NETWORK)


def prepare_c(compiler: str, case: Case, writes: int) -> Job:
    """Bind the loop in C to the draws."""
    function = build("databases_lag.c", compiler).follow
    return partial(follow_in_c, function, *draw(case.utilization, writes))


def follow_in_c(function: Any, gap: Floats, work: Floats) -> Floats:
    """Let C fill a new array of lags."""
    lag = np.empty(gap.size)
    starts = (ctypes.c_void_p(array.ctypes.data) for array in (gap, work, lag))
    first, second, third = starts
    function(first, second, ctypes.c_double(NETWORK), third, ctypes.c_ssize_t(gap.size))
    return lag


def prepare_lists(
    follow: Callable[[list[float], list[float]], list[float]], case: Case, writes: int
) -> Job:
    """Hand the draws over as lists."""
    gap, work = draw(case.utilization, writes)
    return partial(follow, gap.tolist(), work.tolist())


def follow_in_plain_python(gaps: list[float], works: list[float]) -> list[float]:
    """Write it as one would without arrays."""
    lags: list[float] = []
    waiting, before = 0.0, 0.0
    for i, (gap, work) in enumerate(zip(gaps, works, strict=True)):
        waiting = max(0.0, waiting + before - gap) if i else 0.0
        lags.append(NETWORK + waiting + work)
        before = work
    return lags


def follow_by_simpy(gaps: list[float], works: list[float]) -> list[float]:
    """Let each write be a process that needs the replica for a while."""
    import simpy

    env = simpy.Environment()
    replica = simpy.Resource(env, 1)
    lags = [0.0] * len(gaps)

    def apply(i: int, work: float) -> Generator[Any, Any, None]:
        committed = env.now
        with replica.request() as turn:
            yield turn
            yield env.timeout(work)
        lags[i] = env.now - committed + NETWORK

    def commit() -> Generator[Any, Any, None]:
        for i, (gap, work) in enumerate(zip(gaps, works, strict=True)):
            yield env.timeout(gap if i else 0.0)
            env.process(apply(i, work))

    env.process(commit())
    env.run()
    return lags


def prepare_simpy(case: Case, writes: int) -> Job:
    """Take part if SimPy is installed."""
    try:
        import simpy  # noqa: F401
    except ImportError:
        raise AbsentError("SimPy is not installed") from None
    return prepare_lists(follow_by_simpy, case, writes)


def contenders() -> Iterator[Contender]:
    """Give the course, then its peers."""
    ours = partial(prepare_course, apply_in_order)
    yield Contender("apply_in_order", OURS, ours)
    for compiler in COMPILERS:
        yield Contender(compiler, "C", partial(prepare_c, compiler))
    python = partial(prepare_lists, follow_in_plain_python)
    yield Contender("lists", "plain Python", python, share=1 / 10)
    plain = partial(prepare_course, apply_in_order.python)
    yield Contender("the kernel, not compiled", "no Numba", plain, share=SLOW)
    # SimPy keeps the time since the start, so that its differences lose digits
    yield Contender("SimPy", "SimPy", prepare_simpy, share=SLOW, tolerance=1e-9)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
