"""The loop that is read is the loop that runs."""

import builtins
import heapq
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import kernel as kernel_module
from helpers.kernel import compiled, kernel


def smoothed(values, weight):  # type: ignore[no-untyped-def]
    answer = np.empty(values.size)
    level = 0.0
    for i in range(values.size):
        level += weight * (values[i] - level)
        answer[i] = level
    return answer


def earliest(values):  # type: ignore[no-untyped-def]
    line = [values[0]]
    for i in range(1, values.size):
        heapq.heappush(line, values[i])
    return heapq.heappop(line)


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(1).normal(size=1000)


@pytest.mark.parametrize(("loop", "extra"), [(smoothed, (0.1,)), (earliest, ())])
def test_compiled_and_plain_loops_give_the_same_bits(loop, extra, values):
    fast = kernel(loop)
    assert np.array_equal(fast(values, *extra), fast.python(values, *extra))
    assert fast.is_compiled


def test_a_kernel_keeps_its_name_and_its_words():
    fast = kernel(smoothed)
    assert fast.__name__ == "smoothed"
    assert fast.python is smoothed


def test_nothing_is_compiled_before_the_first_call():
    assert not kernel(smoothed).is_compiled


def test_the_plain_loop_runs_where_the_environment_asks_for_it(values, monkeypatch):
    monkeypatch.setenv("COURSE_KERNELS", "python")
    fast = kernel(smoothed)
    fast(values, 0.1)
    assert not fast.is_compiled


def test_the_plain_loop_runs_where_numba_is_missing(values, monkeypatch):
    really_import = builtins.__import__

    def no_numba(name, *args, **kwargs):
        if name == "numba":
            raise ImportError(name)
        return really_import(name, *args, **kwargs)

    monkeypatch.delenv("COURSE_KERNELS", raising=False)
    monkeypatch.setattr(builtins, "__import__", no_numba)
    assert compiled(smoothed) is smoothed


def test_a_folder_that_cannot_be_written_costs_the_cache_only(values, monkeypatch):
    numba = pytest.importorskip("numba")
    really_njit = numba.njit

    def no_cache(*args, **kwargs):
        if kwargs.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return really_njit(*args, **kwargs)

    monkeypatch.delenv("COURSE_KERNELS", raising=False)
    monkeypatch.setattr(numba, "njit", no_cache)
    fast = compiled(smoothed)
    assert fast is not smoothed
    assert np.array_equal(fast(values, 0.1), smoothed(values, 0.1))


def test_importing_the_module_does_not_import_numba():
    asked = "import sys, helpers.kernel; print('numba' in sys.modules)"
    root = Path(kernel_module.__file__).parents[1]
    answer = subprocess.run(
        [sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
