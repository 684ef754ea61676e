"""Seconds of the processor: what other programs do meanwhile does not count."""

import os
import time

now = time.perf_counter if os.name == "nt" else time.process_time
"""All that is timed here runs on one thread and waits for nothing, so on a machine that does
nothing else this is the time on the wall. Windows counts a process's time in steps too coarse
for a turn: there it is the wall's."""
