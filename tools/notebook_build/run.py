"""Running a notebook in a kernel of its own, the same way everywhere.

The kernel is this very Python, whatever kernels the machine has installed. It is
reached over IPC, where the system has it, for kernels now and then hang while TCP
starts up. It knows nothing of the person at the keyboard: no profile of IPython, no
progress in the course, no time zone, no order of hashing.
"""

import asyncio
import os
import re
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from tools.notebook_build import BuildError
from tools.notebook_build.targets import Target

CELL_SECONDS = 300
ANSI = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"^File .*, in .*$", re.MULTILINE)
UNWANTED = ("PYTHONWARNINGS", "PYTHONSTARTUP", "FORCE_COLOR", "NO_COLOR", "COLUMNS")


def kernel_environment(root: Path, scratch: Path) -> dict[str, str]:
    """Give the environment in which a notebook runs the same for everyone.

    Parameters
    ----------
    root : Path
        The top of the course, which `helpers` is imported from.
    scratch : Path
        A folder of this run's own, for what would else go to the user's folders.
    """
    inherited = {key: value for key, value in os.environ.items() if key not in UNWANTED}
    paths = [str(root), inherited.get("PYTHONPATH", "")]
    return inherited | {
        "COURSE_DATA": str(scratch / "data"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONUTF8": "1",
        "TZ": "UTC",
    }


def kernel_connection(scratch: Path) -> dict[str, str]:
    """Give a kernel manager's settings for a connection that does not hang.

    The file's name is short because the path of a socket may have 100 letters at most.
    """
    if os.name != "posix":
        return {}
    return {"transport": "ipc", "connection_file": str(scratch / "k.json")}


def run_notebook(notebook: Any, target: Target, stop: threading.Event | None = None) -> None:
    """Run every cell in order, and keep the outputs in the notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place.
    target : Target
        What it is; it runs in the folder that it will lie in.
    stop : threading.Event, optional
        Once set, no further cell is begun.

    Raises
    ------
    BuildError
        If a cell fails or takes longer than five minutes; says which and why.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    def go_on(cell: Any, cell_index: int) -> None:
        position[0] = cell_index
        if stop is not None and stop.is_set():
            raise BuildError(f"{target.output_name}: stopped")

    position = [0]
    folder = target.output.parent
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as scratch:
        client = NotebookClient(
            notebook,
            km=_kernel_manager(Path(scratch)),
            timeout=CELL_SECONDS,
            coalesce_streams=True,
            force_raise_errors=True,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            on_cell_start=go_on,
        )
        environment = kernel_environment(target.root, Path(scratch))
        try:
            asyncio.run(client.async_execute(env=environment, cleanup_kc=True))
        except CellExecutionError as failure:
            raise _cell_error(target, notebook, position[0], *_why(failure)) from None
        except (CellTimeoutError, DeadKernelError) as failure:
            slow = isinstance(failure, CellTimeoutError)
            why = f"It took more than {CELL_SECONDS} s." if slow else "The kernel died."
            raise _cell_error(target, notebook, position[0], why) from None


def _kernel_manager(scratch: Path) -> Any:
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(KernelSpecManager):
        """Knows one kernel: the Python that runs this."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            spec = get_kernel_dict() | {"argv": [sys.executable, *get_kernel_dict()["argv"][1:]]}
            return KernelSpec(resource_dir=RESOURCES, **spec)

    return AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=ThisPython(), **kernel_connection(scratch)
    )


def _why(failure: Any) -> tuple[str, str]:
    frames = FRAME.findall(ANSI.sub("", failure.traceback))
    return f"{failure.ename}: {failure.evalue}", "\n".join(f"  {frame}" for frame in frames[-4:])


def _cell_error(target: Target, notebook: Any, index: int, why: str, where: str = "") -> BuildError:
    cell = notebook.cells[index]
    shown = [f"    {line}" for line in cell.source.splitlines()[:6]]
    title = f"{target.source_name}: cell {index + 1} of {len(notebook.cells)} ({cell.id}) failed"
    parts = [title, *shown, *filter(None, [where]), ANSI.sub("", why), "Nothing was written."]
    return BuildError("\n".join(parts))
