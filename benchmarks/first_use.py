"""How long a learner waits once: the first call of each kernel that a notebook uses."""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.clock import now
from benchmarks.notebooks import ask_notebook
from helpers.kernel import Kernel
from tools.notebook_build.targets import Target

IMPORT = "import numba"
WARM_TARGET, COLD_TARGET = 1.0, 8.0
BEFORE = "from benchmarks.first_use import FirstCalls\n_first = FirstCalls()\n_first.watch()"
AFTER = "print(_first.as_json())"


@dataclass
class FirstCalls:
    """A stop watch on the first call of each kernel, Numba's own import apart.

    Attributes
    ----------
    seconds
        By the kernel's name, and "import numba".
    """

    clock: Callable[[], float] = now
    seconds: dict[str, float] = field(default_factory=dict)

    def watch(self) -> None:
        """Time every kernel of this process from here on."""
        call: Callable[..., Any] = Kernel.__call__

        def timed(kernel: Any, *args: Any, **kwargs: Any) -> Any:
            name = f"{kernel.__module__}.{kernel.__qualname__}"
            if name in self.seconds:
                return call(kernel, *args, **kwargs)
            self.import_numba()
            start = self.clock()
            try:
                return call(kernel, *args, **kwargs)
            finally:
                self.seconds[name] = self.clock() - start

        setattr(Kernel, "__call__", timed)  # noqa: B010

    def import_numba(self) -> None:
        """Import Numba if nothing has yet, and time it."""
        if "numba" in sys.modules:
            return
        start = self.clock()
        try:
            __import__("numba")
        except ImportError:
            return
        self.seconds[IMPORT] = self.clock() - start

    def as_json(self) -> str:
        """Give the seconds in a form that a kernel can print."""
        return json.dumps(self.seconds)


@dataclass(frozen=True)
class FirstUse:
    """Seconds until all kernels of a notebook ran once, Numba's import among them."""

    notebook: str
    kernels: int
    import_numba: float
    cold: float
    warm: float


def time_first_use(target: Target) -> FirstUse:
    """Run the notebook's code in fresh processes: with an empty cache of kernels, then a full one.

    A run before them, which does not count, leaves Python's own bytecode of all packages in
    a folder for the two, whether or not there is any where they are installed.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{scratch}/bytecode"}
        _, cold, warm = (
            json.loads(ask_notebook(target, BEFORE, AFTER, bytecode | {"NUMBA_CACHE_DIR": cache}))
            for cache in (f"{scratch}/before", f"{scratch}/kernels", f"{scratch}/kernels")
        )
    return FirstUse(
        notebook=target.output_name,
        kernels=len(warm.keys() - {IMPORT}),
        import_numba=warm.get(IMPORT, 0.0),
        cold=sum(cold.values()),
        warm=sum(warm.values()),
    )
