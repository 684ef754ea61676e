"""Independent pieces of work at the same time, one on each processor."""

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Give the result of each item, like `map`, all processors at work.

    Threads are enough: kernels and NumPy's loops let go of the interpreter while they run. With
    a single processor, and in a browser's kernel, which has no threads, one item follows another.

    Parameters
    ----------
    work
        Called with one item. It must not itself work in parallel: all threads could be taken.
    items
        As many as there are; the results are in their order.

    Raises
    ------
    Exception
        What the first of the failing items raised, when all have ended.

    Examples
    --------
    >>> in_parallel(lambda seed: seed + 1, range(3))
    [1, 2, 3]
    """
    if processors() == 1:
        return [work(item) for item in items]
    started = [threads().submit(work, item) for item in items]
    failures = [future.exception() for future in started]  # waits for each
    for failure in failures:
        if failure is not None:
            raise failure
    return [future.result() for future in started]


def processors() -> int:
    """Count the processors that this process may use; 1 where there are no threads."""
    if sys.platform == "emscripten":
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def threads() -> ThreadPoolExecutor:
    """Start the threads once: to start them takes longer than a short piece of work."""
    return ThreadPoolExecutor(max_workers=processors(), thread_name_prefix="course")
