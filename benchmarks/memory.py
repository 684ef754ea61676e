"""How much memory the kernel of a notebook holds at most."""

import platform
from pathlib import Path

from benchmarks.notebooks import ask_notebook
from tools.notebook_build.targets import Target

TARGET = 500 * 10**6
"""Bytes. Binder gives about 2 GB to a learner, who may have several notebooks open."""
BEFORE = "from benchmarks.memory import peak_memory"
AFTER = "print(peak_memory())"


def peak_memory() -> int:
    """Give the most memory that this process has had resident, in bytes."""
    if platform.system() == "Linux":
        return peak_in(Path("/proc/self/status").read_text(encoding="ascii", errors="replace"))
    if platform.system() == "Windows":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource  # bytes on macOS

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak_in(status: str) -> int:
    """Read the peak out of what Linux says of a process, in bytes.

    Examples
    --------
    >>> peak_in("VmPeak:   900 kB\\nVmHWM:      40 kB\\nVmRSS:      30 kB")
    40960
    """
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def measure_peak(target: Target) -> int:
    """Run a notebook's code in a fresh kernel and give its peak, in bytes."""
    return int(ask_notebook(target, BEFORE, AFTER, {}))
