"""Eviction against C, libcachesim and plain Python."""

import ctypes
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.c_code import COMPILERS, build
from benchmarks.paired import OURS, AbsentError, Contender, DisagreementError, Job, Scenario
from helpers.caching.eviction import POLICIES, RUN, Trace, number_keys, simulate
from helpers.caching.hit_ratio import stack_distances
from helpers.caching.readable_policies import READABLE, run
from helpers.caching.request_patterns import with_one_hit_wonders, zipf_requests

SEED = 1
CATALOGUE, EXPONENT, WONDERS, CAPACITY = 100_000, 0.8, 0.1, 5_000
SLOW = 1 / 10
"""The share of requests for what takes microseconds for each."""
EVERY_SIZE = "LRU at every size"
ALONE = "eviction alone"
TIMED = {
    ALONE: "Keys are there already, numbered from 0: 90 % by Zipf's law with exponent 0.8 from "
    "100,000, the others asked for once; the cache has room for 5,000. Timed: from there to a new "
    "array that says which requests were hits. C and the course use that keys are numbered and "
    "of one size, and need no hash table; libcachesim takes any keys and sizes, looks each up in "
    "a table of 2^17 rows, reads its requests from a mapped file, and tells only how many were "
    "hits. Plain Python: the readable classes of `readable_policies`.",
}
PACKAGES = ("libcachesim",)
STAGES = {"model": ("run",)}

PEERS = {
    "fifo": "FIFO",
    "clock": "Clock",
    "lru": "LRU",
    "lfu": "LFU",
    "sieve": "Sieve",
    "s3fifo": "S3FIFO",
    "arc": "ARC",
}
"""A policy's name to its class in libcachesim, where both decide alike."""
IN_C = {"clock": "clock_", EVERY_SIZE: "depths"}
"""Names in C, where they are others."""


@dataclass(frozen=True)
class Case:
    """A policy, or all sizes at once."""

    policy: str


def scenarios() -> Iterator[Scenario]:
    """Give each policy, then Mattson's one pass."""
    for policy in POLICIES:
        targets = {"C": 0.5, "libcachesim": 3.0} if policy in PEERS else {"C": 0.5}
        yield Scenario(policy, ALONE, Case(policy), targets=targets)
    yield Scenario(EVERY_SIZE, ALONE, Case(EVERY_SIZE), targets={"C": 0.5})


def draw_trace(requests: int) -> Trace:
    """Draw the requests that everybody gets; fewer are the beginning of more."""
    whole = max(requests, 1_000_000)
    keys = zipf_requests(whole, CATALOGUE, EXPONENT, rng=SEED)
    return number_keys(with_one_hit_wonders(keys, WONDERS, rng=SEED)[:requests])


def prepare_course(case: Case, requests: int) -> Job:
    """Call what a learner calls."""
    trace = draw_trace(requests)
    if case.policy == EVERY_SIZE:
        return partial(stack_distances, trace)
    return partial(run_course, case.policy, trace)


def run_course(policy: str, trace: Trace) -> NDArray[np.int8]:
    """Give the hits as numbers, which can be compared; not a byte is copied."""
    return RUN[policy](trace, CAPACITY).view(np.int8)


def prepare_c(compiler: str, case: Case, requests: int) -> Job:
    """Bind a function of caching_policies.c to the trace."""
    function = getattr(build("caching_policies.c", compiler), IN_C.get(case.policy, case.policy))
    kind = np.int64 if case.policy == EVERY_SIZE else np.int8
    return partial(run_in_c, function, draw_trace(requests), kind)


def run_in_c(function: Any, trace: Trace, kind: type[np.generic]) -> NDArray[Any]:
    """Let C fill a new array."""
    answer: NDArray[Any] = np.empty(len(trace), dtype=kind)
    function(
        ctypes.c_void_p(trace.keys.ctypes.data),
        ctypes.c_void_p(answer.ctypes.data),
        ctypes.c_ssize_t(len(trace)),
        ctypes.c_int32(trace.distinct),
        ctypes.c_int32(CAPACITY),
    )
    return answer


def prepare_libcachesim(case: Case, requests: int) -> Job | None:
    """Write the trace into a file in its own format, and let it run from there."""
    if case.policy not in PEERS:
        return None
    try:
        import libcachesim
    except ImportError:
        raise AbsentError(
            "libcachesim is not installed: it is in the group `test`, for Linux only"
        ) from None
    trace = draw_trace(requests)
    rows = np.zeros(
        len(trace), dtype=[("time", "<u4"), ("key", "<u8"), ("size", "<u4"), ("next", "<i8")]
    )
    rows["key"], rows["size"], rows["next"] = trace.keys + 1, 1, -1
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    path = Path(folder.name) / "trace.oracleGeneral"
    rows.tofile(path)
    reader = libcachesim.TraceReader(str(path), libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    policy = getattr(libcachesim, PEERS[case.policy])
    expected = simulate(trace, CAPACITY, case.policy).hits  # type: ignore[arg-type]
    return partial(run_libcachesim, policy, reader, expected, folder)


def run_libcachesim(policy: Any, reader: Any, expected: NDArray[np.bool_], _: object) -> Any:
    """Let it count hits from an empty cache on; it tells no more, so ours stand for its own."""
    cache = policy(cache_size=CAPACITY, hashpower=17)
    miss_ratio, _ = cache.process_trace(reader)
    hits = round((1 - miss_ratio) * expected.size)
    if hits != np.count_nonzero(expected):
        raise DisagreementError(f"libcachesim counts {hits} hits of {cache.cache_name}")
    return expected.view(np.int8)


def prepare_python(case: Case, requests: int) -> Job | None:
    """Take the readable classes, but for those that look at all keys to find one to evict."""
    if case.policy not in READABLE or case.policy == "lfu":
        return None
    return partial(run_readable, case.policy, draw_trace(requests).keys.tolist())


def run_readable(policy: str, keys: list[int]) -> list[bool]:
    """Send requests through a new cache."""
    return run(READABLE[policy](CAPACITY), keys)


def contenders() -> Iterator[Contender]:
    """Give the course, then its peers."""
    yield Contender("the kernels of `simulate`", OURS, prepare_course)
    for compiler in COMPILERS:
        yield Contender(compiler, "C", partial(prepare_c, compiler))
    yield Contender("libcachesim", "libcachesim", prepare_libcachesim)
    yield Contender("readable classes", "plain Python", prepare_python, share=SLOW)


SCENARIOS = tuple(scenarios())
CONTENDERS = tuple(contenders())
