"""From an answer to what the learner reads: ○, ✗ with what is wrong, or ✓ with what it shows."""

import linecache
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from helpers.checks.cards import Card, show
from helpers.checks.process import Answer, is_learners_file

PRINTED_LINES = 20
FRAMES = 4

SAYS = {  # what to say of an answer that is none, and the name that a hint is found by
    "late": ("late", "There was no answer within {} seconds, so it was stopped. An endless loop?"),
    "memory": ("memory", "It ran out of memory."),
    "huge": ("huge", "What came back is too big ({})."),
    "unreadable": ("kind", "What came back could not be read."),
    "broken": ("broken", "The function could not be loaded in a process of its own: {}"),
    "died": ("died", "{}"),
    "ready": ("kind", "What came back could not be read."),
}


@dataclass(frozen=True, repr=False)
class Verdict(Card):
    """The answer of `check`.

    Attributes
    ----------
    key
        The question's.
    mistake
        The name of the mistake that was found; empty where there is none.
    """

    key: str = ""
    mistake: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.tone == "right"


def not_attempted(key: str) -> Verdict:
    """Say that there is nothing to check yet."""
    return Verdict(f"{key}: not attempted yet", "open", key=key)


def right(key: str, cases: int, shows: str, printed: str = "") -> Verdict:
    """Say that every case is right, and what that shows."""
    how_many = "1 case" if cases == 1 else f"{cases} cases"
    rows = printed_row(printed)
    return Verdict(f"{key}: right, in {how_many}", "right", rows, (shows,), key=key)


def wrong(
    key: str,
    mistake: str,
    says: str,
    rows: tuple[tuple[str, str], ...] = (),
    hint: str = "",
) -> Verdict:
    """Say what is wrong, with what goes beside it."""
    said = (("problem", says),) if says else ()
    hinted = (("hint", hint),) if hint else ()
    return Verdict(f"{key}: not yet right", "wrong", said + rows + hinted, key=key, mistake=mistake)


def describe_failure(answer: Answer) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Say what happened instead of an answer: the mistake's name, a sentence, rows."""
    if answer.kind == "raised":
        return describe_error(answer)
    mistake, says = SAYS[answer.kind]
    value = answer.value
    if answer.kind == "died":
        value = describe_end(value)
    if answer.kind == "late":
        value = f"{value:g}"
    return mistake, says.format(value), last_call_rows(answer)


def describe_end(code: int | None) -> str:
    """Say how the process ended before its time."""
    if code is not None and code < 0:
        name = next((one.name for one in signal.Signals if one == -code), f"signal {-code}")
        often = " Memory is the usual reason." if name == "SIGKILL" else ""
        return f"The process died while the function ran ({name}).{often}"
    return "The function ended the whole process. Return a value instead."


def describe_error(answer: Answer) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Show the learner's own lines of an exception, and none of ours."""
    own = [frame for frame in answer.frames if is_learners_file(frame[0])]
    rows = (("in your code", write_frames(own)),) if own else ()
    name = answer.error.partition(":")[0]
    says = "The function raised an exception."
    if name == "SystemExit":
        says = "The function called sys.exit(). Return a value instead."
    if not own and answer.call is not None:
        says = "The model could not go on with what the function gave it."
    return "error", says, (*rows, ("error", answer.error), *last_call_rows(answer))


def write_frames(frames: list[tuple[str, int, str]]) -> str:
    """Write the last few frames as line number, function and the line itself."""
    shown = []
    for (file, line, function), same in groupby(frames):
        source = linecache.getline(file, line).strip()
        again = "" if len(list(same)) == 1 else "  (again and again)"
        shown.append(f"line {line}, in {function}" + (f":  {source}" if source else "") + again)
    return "\n".join([*(["…"] if len(shown) > FRAMES else []), *shown[-FRAMES:]])


def last_call_rows(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Give the last call that the model made, and what it got."""
    if answer.call is None:
        return ()
    gave = (("which gave", answer.gave),) if answer.gave is not None else ()
    return (("last call", f"({answer.call})"), *gave)


def printed_row(printed: str) -> tuple[tuple[str, str], ...]:
    """Give what the function printed, cut short, as a row."""
    lines = printed.rstrip().splitlines()
    if not lines:
        return ()
    if len(lines) > PRINTED_LINES:
        rest = len(lines) - PRINTED_LINES
        lines = [*lines[:PRINTED_LINES], f"… and {rest:,} more lines"]
    return (("printed", "\n".join(lines)),)


def write_call(function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> str:
    """Write a call as the learner would type it.

    Examples
    --------
    >>> write_call(sorted, ([3, 1],), {"reverse": True})
    'sorted([3, 1], reverse=True)'
    """
    words = [show(arg) for arg in args]
    words += [f"{name}={show(value)}" for name, value in kwargs.items()]
    return f"{getattr(function, '__name__', 'function')}({', '.join(words)})"
