"""Freed memory is kept at hand."""

import ctypes
import platform
import subprocess
import sys

import pytest

from helpers.memory import keep_freed_memory

COUNT_FAULTS = """
import resource
import numpy as np
from helpers.memory import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

assert {keep}
before = faults()
for _ in range(20):
    [np.ones(2_000_000) for _ in range(5)]  # 80 MB
print(faults() - before)
"""


def count_faults(keep: str) -> int:
    """Count the pages that a model asks the system for which works in 80 MB twenty times."""
    program = COUNT_FAULTS.format(keep=keep)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return int(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the call")
def test_large_arrays_ask_for_pages_once_and_not_each_time() -> None:
    assert count_faults("keep_freed_memory()") * 10 < count_faults("True")


def test_a_c_library_without_the_call_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert keep_freed_memory() is False
