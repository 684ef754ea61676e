"""Ask a learner's function for its answers, from outside and with the switch in hand.

The function travels into a process of its own (`helpers.checks.runner`), which is
stopped, with everything it started, when an answer is overdue. A thread could not be.
Nothing here forks, so it works the same on Windows.
"""

import contextlib
import functools
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from helpers.checks.encoding import LARGEST, decode

START = 60.0  # seconds that a slow machine may need to start Python and import a model
WINDOWS = os.name == "nt"
ROOT = Path(__file__).parents[2]
LONGEST_LINE = 4 * LARGEST


class CannotSendError(ValueError):
    """The function holds on to something that another process cannot have."""


@dataclass(frozen=True)
class Answer:
    """What came of one case.

    Attributes
    ----------
    kind
        ``"value"``, ``"unfinished"``, ``"raised"``, ``"late"``, ``"died"``, ``"memory"``,
        ``"huge"``, ``"broken"`` (the function could not be loaded) or ``"unreadable"``.
    value
        The result, for ``"value"``; else a text that says more, where there is one.
    changed
        Whether the function changed its inputs.
    printed
        What it printed, cut short.
    error
        Type and message of an exception, in one line.
    frames
        The exception's frames: file, line, function.
    call, gave
        The last call that a model made, and what it got, where it went wrong there.
    """

    kind: str
    value: Any = None
    changed: bool = False
    printed: str = ""
    error: str = ""
    frames: tuple[tuple[str, int, str], ...] = ()
    call: str | None = None
    gave: str | None = None


def ask(
    function: Callable[..., Any],
    cases: Sequence[Any],
    *,
    run: str = "",
    deadline: float = 5.0,
    memory: int = 1 << 30,
) -> Generator[Answer, None, None]:
    """Give the function's answers one by one, as they come.

    Ends after the first answer that leaves no process to go on with. Closing the
    iterator stops the process.

    Parameters
    ----------
    function
        The learner's: from a notebook, a script or a module.
    cases
        Objects with ``args`` and ``kwargs``, without what is expected of them.
    run
        ``"package.module:function"`` of ours, called in the process as
        ``run(function, case)`` in place of the function itself.
    deadline
        Seconds for each case.
    memory
        Bytes that the process may take on top of what it starts with (Linux only).

    Raises
    ------
    CannotSendError
        The function cannot be carried into another process.
    """
    request = {
        "path": [str(folder) for folder in sys.path],
        "function": pack(function),
        "run": run,
        "cases": [pack(case) for case in cases],
        "memory": memory,
        "patience": START + len(cases) * deadline,
    }
    process = start(pickle.dumps(request))
    lines: SimpleQueue[bytes] = SimpleQueue()
    reader = threading.Thread(target=read_lines, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        ready = await_answer(lines, START)
        if ready.kind != "ready":
            yield ended(ready, process)
            return
        for _ in cases:
            answer = await_answer(lines, deadline)
            yield ended(answer, process)
            if answer.kind in {"late", "died", "unreadable", "ready"}:
                return
    finally:
        stop(process)
        reader.join(timeout=1)


def start(request: bytes) -> subprocess.Popen[bytes]:
    """Start the process with its request as stdin."""
    inherited = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *([inherited] if inherited else [])]),
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with tempfile.TemporaryFile() as file:
        file.write(request)
        file.seek(0)
        return subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", "-m", "helpers.checks.runner"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            **group_options(),
        )


def group_options() -> dict[str, Any]:
    """Give the options that make the process the head of a group of its own."""
    if WINDOWS:
        new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200)
        return {"creationflags": new_group | getattr(subprocess, "CREATE_NO_WINDOW", 0x8000000)}
    return {"start_new_session": True}


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the process and what it started, and wait until it is gone."""
    if WINDOWS:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def read_lines(pipe: IO[bytes], lines: "SimpleQueue[bytes]") -> None:
    """Pass lines on until there are no more; the last one is empty."""
    with contextlib.suppress(OSError, ValueError), pipe:
        while line := pipe.readline(LONGEST_LINE):
            lines.put(line)
    lines.put(b"")


def await_answer(lines: "SimpleQueue[bytes]", deadline: float) -> Answer:
    """Wait for one answer, gathering what is printed before it."""
    printed = ""
    until = time.monotonic() + deadline
    while True:
        try:
            line = lines.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return Answer("late", deadline, printed=printed)
        if not line:
            return Answer("died", printed=printed)
        try:
            message = json.loads(line)
            if "printed" not in message:
                return read_answer(message, printed)
            printed += message["printed"]
        except Exception:
            return Answer("unreadable", printed=printed)


def read_answer(message: dict[str, Any], printed: str) -> Answer:
    """Make an answer of the process's message."""
    if dropped := message.get("dropped"):
        printed += f"\n… and {dropped:,} more characters"
    seen: dict[str, Any] = {name: message.get(name) for name in ("call", "gave")}
    seen["printed"] = printed
    if "raised" in message:
        name, says = message["raised"], message["message"]
        frames = tuple((str(file), int(line), str(name)) for file, line, name in message["frames"])
        return Answer("raised", error=f"{name}: {says}" if says else name, frames=frames, **seen)
    if "value" in message:
        value = decode(message["value"])
        return Answer("value", value, changed=bool(message.get("changed")), **seen)
    for kind in ("ready", "broken", "unfinished", "huge", "memory"):
        if kind in message:
            return Answer(kind, message[kind], **seen)
    raise ValueError(f"message must say what happened, got {sorted(message)}")


def ended(answer: Answer, process: subprocess.Popen[bytes]) -> Answer:
    """Add to an answer that ended early how the process ended."""
    if answer.kind != "died":
        return answer
    try:
        return Answer("died", process.wait(timeout=5), printed=answer.printed)
    except subprocess.TimeoutExpired:
        return Answer("died", printed=answer.printed)


def pack(thing: Any) -> bytes:
    """Pickle a function with everything of the learner's that it uses.

    A function from a notebook goes over by value, and so does one from a module that
    lies beside it. What is installed, and the course itself, goes over by name.

    Raises
    ------
    CannotSendError
        It holds on to something that cannot be pickled.
    """
    import cloudpickle

    class Packer(cloudpickle.Pickler):
        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, functools._lru_cache_wrapper):  # else: by name, and not found
                return cached, (value.__wrapped__, value.cache_parameters())
            return super().reducer_override(value)

    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    by_value = module is not None and is_learners(module)
    file = io.BytesIO()
    if by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        Packer(file).dump(thing)
    except Exception as problem:
        raise CannotSendError(str(problem)) from None
    finally:
        if by_value:
            cloudpickle.unregister_pickle_by_value(module)
    return file.getvalue()


def cached(function: Callable[..., Any], parameters: dict[str, Any]) -> Callable[..., Any]:
    """Put `functools.lru_cache` around a function again."""
    again: Callable[..., Any] = functools.lru_cache(**parameters)(function)
    return again


def is_learners(module: Any) -> bool:
    """Say whether a module is the learner's own: neither installed nor the course's."""
    if module.__name__ == "__main__" or module.__name__.partition(".")[0] == "helpers":
        return False  # cloudpickle sends what is in __main__ by value anyway
    return is_learners_file(getattr(module, "__file__", None) or "")


def is_learners_file(file: str) -> bool:
    """Say whether code in this file is the learner's own.

    Examples
    --------
    >>> is_learners_file(json.__file__), is_learners_file("/tmp/ipykernel_7/1.py")
    (False, True)
    """
    if not file or file.startswith("<frozen"):
        return False
    path, others = Path(file), (sysconfig.get_path("stdlib"), Path(__file__).parents[1])
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return not installed and not any(path.is_relative_to(folder) for folder in others)
