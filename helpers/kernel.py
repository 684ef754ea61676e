"""Make a plain Python loop fast: the loop a learner reads is the loop that runs.

A kernel is a loop over NumPy arrays, written as one would write it on a
whiteboard. On its first call Numba compiles it to machine code and keeps the
result on disk for the next session. While it runs, other threads may run too.
Where Numba is missing (a browser kernel, an Intel Mac) the same loop runs in
plain Python and gives the same bits.
"""

import functools
import os
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Kernel(Generic[P, R]):
    """A loop that compiles itself on its first call.

    Attributes
    ----------
    python
        The loop as written. It takes the same arguments and returns the same bits.
    """

    def __init__(self, loop: Callable[P, R]) -> None:
        self.python = loop
        self._fast: Callable[P, R] | None = None
        functools.update_wrapper(self, loop)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._fast is None:
            self._fast = compiled(self.python)
        return self._fast(*args, **kwargs)

    @property
    def is_compiled(self) -> bool:
        """Whether calls run machine code: known after the first call."""
        return self._fast is not None and self._fast is not self.python


def kernel(loop: Callable[P, R]) -> Kernel[P, R]:
    """Decorate a loop over arrays so that it compiles on its first call.

    A kernel takes numbers and arrays as arguments, reads no module globals but
    functions of `math` and `heapq`, and calls no other kernel.

    Parameters
    ----------
    loop
        A function in the part of Python and NumPy that Numba knows.

    Examples
    --------
    >>> import numpy as np
    >>> @kernel
    ... def total(values):
    ...     answer = 0.0
    ...     for value in values:
    ...         answer += value
    ...     return answer
    >>> total(np.array([1.0, 2.0, 3.5]))
    6.5
    """
    return Kernel(loop)


def compiled(loop: Callable[P, R]) -> Callable[P, R]:
    """Give the fastest version of the loop that this machine allows.

    In order: compiled and kept on disk; compiled for this session, where the
    folder cannot be written; the loop itself, where Numba is not installed or the
    environment variable `COURSE_KERNELS` is `python`.
    """
    if os.environ.get("COURSE_KERNELS") == "python":
        return loop
    try:
        numba: Any = __import__("numba")
    except ImportError:
        return loop
    try:
        fast: Callable[P, R] = numba.njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # Numba found no folder to keep the result in
        fast = numba.njit(nogil=True)(loop)
    return fast
