"""Run a learner's function in a process of its own: ``python -m helpers.checks.runner``.

A test bench behind glass: the function comes in through stdin with the inputs of its
cases, each case's answer goes out as a line of JSON, and whoever stands outside
(`helpers.checks.process`) holds the switch. Expected values never come in here. The
line starts as stdout and is moved out of the way, so that nothing the function prints
is mistaken for an answer.

Starts light: no NumPy unless the function or its model needs it.
"""

import contextlib
import faulthandler
import importlib
import io
import json
import os
import pickle
import sys
import warnings
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from helpers.checks.encoding import TooBigError, describe, encode
from helpers.checks.todo import TODO, UnfinishedError

PRINTED = 4000  # characters that are kept of a case's prints
FRAMES = 40


class Printed(io.TextIOBase):
    """A stdout that passes on the first few thousand characters and counts the rest."""

    def __init__(self, pass_on: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self.pass_on, self.told, self.dropped = pass_on, 0, 0

    def writable(self) -> bool:
        """Say that one may write here."""
        return True

    def write(self, text: str) -> int:
        """Pass the text on as long as there is room for it."""
        kept = str(text)[: max(0, PRINTED - self.told)]
        self.told += len(kept)
        self.dropped += len(text) - len(kept)
        if kept:
            self.pass_on({"printed": kept})
        return len(text)

    def renew(self) -> int:
        """Begin anew, and give how many characters were dropped."""
        dropped, self.told, self.dropped = self.dropped, 0, 0
        return dropped


class Witness:
    """The learner's function, with its last call remembered for the report."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.arguments, self.gave = function, "", ""
        self.last: tuple[Any, ...] = ()
        self.unfinished = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.last = (args, kwargs)
        result = self.function(*args, **kwargs)
        self.last = (args, kwargs, result)
        if result is TODO:
            self.unfinished = True
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)

    def report(self) -> dict[str, str]:
        """Describe the last call, if there was one."""
        if not self.last:
            return {}
        args, kwargs, *result = self.last
        words = [describe(arg) for arg in args]
        words += [f"{name}={describe(value)}" for name, value in kwargs.items()]
        given = {"gave": describe(result[0])} if result else {}
        return {"call": ", ".join(words), **given}


def main() -> None:
    """Serve one request: load the function, answer case after case, leave."""
    channel = open_channel()

    def tell(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message).encode() + b"\n")
        channel.flush()

    pid = os.getpid()
    request = pickle.load(sys.stdin.buffer)
    sys.path[:0] = [folder for folder in request["path"] if folder not in sys.path]
    faulthandler.dump_traceback_later(request["patience"], exit=True, file=open_null())
    printed = Printed(tell)
    sys.stdout = sys.stderr = cast(Any, printed)
    warnings.showwarning = show_warning
    try:
        function = pickle.loads(request["function"])
        run = find(request["run"])
        witness = Witness(function) if run and not isinstance(function, type) else None
    except Exception as problem:
        tell({"broken": f"{type(problem).__name__}: {problem}"})
        return
    limit_memory(request["memory"])
    tell({"ready": True})
    for number, case in enumerate(request["cases"]):
        answer = answer_case(witness or function, run, case)
        if os.getpid() != pid:  # the function forked, and this is the copy
            os._exit(0)
        tell({**answer, "case": number, "dropped": printed.renew()})


def open_channel() -> BinaryIO:
    """Take stdout away from everybody else and give it as a binary file."""
    channel = os.fdopen(os.dup(1), "wb")  # not inherited by processes the function may start
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return channel


def open_null() -> Any:
    """Give a place where nobody reads."""
    return open(os.devnull, "w")


def show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Print a warning as one line, without the path of the file it came from."""
    print(f"{category.__name__}: {message}")


def find(name: str) -> Callable[..., Any] | None:
    """Give the function that ``package.module:function`` names, or None for no name."""
    if not name:
        return None
    module, _, attribute = name.partition(":")
    return cast(Callable[..., Any], getattr(importlib.import_module(module), attribute))


def limit_memory(size: int) -> None:
    """Allow this process so many more bytes than it has now, where the platform can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + size, used + size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer_case(
    function: Callable[..., Any], run: Callable[..., Any] | None, packed: bytes
) -> dict[str, Any]:
    """Call the function for one case, and say what happened as plain data.

    Parameters
    ----------
    function
        The learner's.
    run
        A function of ours that takes the learner's function and the case, or None.
    packed
        The pickled case.

    Returns
    -------
    dict
        One of ``value`` (encoded), ``unfinished``, ``huge``, ``memory``, ``raised`` with
        ``frames``; beside it ``changed`` where the function changed its inputs, and
        ``call`` and ``gave`` where a model called it.
    """
    witness = function if isinstance(function, Witness) else None
    result: Any = None
    try:
        case = pickle.loads(packed)
        before = written(case.args, case.kwargs)
        result = run(function, case) if run else function(*case.args, **case.kwargs)
        after = before if run else written(case.args, case.kwargs)
        if witness and witness.unfinished:
            return {"unfinished": True}
        return {"value": encode(result), **({"changed": True} if before != after else {})}
    except UnfinishedError:
        return {"unfinished": True}
    except TooBigError as problem:
        return {"huge": f"{type(result).__name__}, {problem}"}
    except MemoryError:
        return {"memory": True}
    except BaseException as problem:
        if witness and witness.unfinished:
            return {"unfinished": True}
        return {**describe_exception(problem), **(witness.report() if witness else {})}


def written(args: Any, kwargs: Any) -> str:
    """Write the inputs down to compare them later; what is too big is not compared."""
    try:
        return json.dumps(encode([args, dict(kwargs)]))
    except TooBigError:
        return ""


def describe_exception(problem: BaseException) -> dict[str, Any]:
    """Give type, message and the frames (file, line, function) of an exception."""
    frames = []
    traceback = problem.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append((code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    if len(frames) > FRAMES:
        frames = frames[: FRAMES // 2] + frames[-FRAMES // 2 :]
    try:
        message = str(problem)
    except Exception:
        message = ""
    return {"raised": type(problem).__name__, "message": message[:500], "frames": frames}


if __name__ == "__main__":
    main()
