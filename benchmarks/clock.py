"""Seconds of the processor: what other programs do meanwhile does not count."""

import time
from collections.abc import Callable

FINE = 1e-4


def best_clock() -> Callable[[], float]:
    """Choose the processor's time, or the clock on the wall where that one is too coarse.

    All that is timed here runs on one thread and waits for nothing, so on a machine that does
    nothing else the two say the same.
    """
    coarse = time.get_clock_info("process_time").resolution > FINE
    return time.perf_counter if coarse else time.process_time


now = best_clock()
