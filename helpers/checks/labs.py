"""Check what a learner has built: ○ not attempted yet, ✗ with a hint, ✓ with what it shows.

A topic's questions stand in ``helpers/<topic>/lab.py``::

    CHECKS = {
        "scaling.waiting": Check(
            cases=(Case((0.5, 1), expected=1.0, mistakes={"response": 2.0}),),
            hints={"response": "That is the time in the system; take the service off."},
            shows="At half load, a request waits as long as it is served.",
        ),
        "scaling.policy": Check(
            run="helpers.scaling.lab:run_day",
            cases=(Case(label="a Monday", kwargs={"seed": 7}),),
            judge=judge_day,
            shows="Your policy keeps the late requests under 1 %.",
        ),
    }

The learner's function runs in a process of its own, the judging happens here.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from helpers.checks.cards import show
from helpers.checks.judging import Mistake, agree, compare, find_strangeness, is_unfinished
from helpers.checks.process import Answer, CannotSendError, ask
from helpers.checks.progress import Entry, check_key, record
from helpers.checks.quizzes import find_in_topic
from helpers.checks.todo import TODO
from helpers.checks.verdicts import (
    Verdict,
    describe_failure,
    not_attempted,
    printed_row,
    right,
    write_call,
    wrong,
)

NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Unknown:
    """The type of `UNKNOWN`: nothing is expected, a judge decides."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
CANNOT_SEND = (
    "The function cannot be run in a process of its own ({}). Does it use something that "
    "lives in this notebook only, such as a lock, an open file or a form?"
)
NO_ANSWER = {"broken", "changed", "died", "error", "huge", "late", "memory"}


@dataclass(frozen=True)
class Case:
    """One call of the learner's function.

    Attributes
    ----------
    args, kwargs
        What it is called with, or what `Check.run` reads.
    expected
        What should come back; left out where a judge decides.
    label
        What is special about this case, in a few words.
    mistakes
        Names of mistakes, each with what it would give here.
    tolerance
        Relative, in place of the check's.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = UNKNOWN
    label: str = ""
    mistakes: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.args, tuple):
            raise ValueError(f"args must be a tuple, got {self.args!r}")

    def without_answers(self) -> "Case":
        """Give the case as the learner's process may see it."""
        return replace(self, kwargs=dict(self.kwargs), expected=UNKNOWN, mistakes={})


Judge = Callable[[Any, Case], str | Mistake | None]


@dataclass(frozen=True, kw_only=True)
class Check:
    """What a question of a lab demands.

    Attributes
    ----------
    cases
        At least one. They run in order, and the first that is wrong is reported.
    shows
        What passing shows, in a sentence.
    judge
        ``judge(result, case)`` gives None for right, or what is wrong: a sentence, the
        name of a hint, or a `Mistake` with both. Needed where a case expects nothing.
    hint
        For mistakes that have no hint of their own.
    hints
        By name: the names that cases and judges give to mistakes, and those found
        without them (``none``, ``kind``, ``shape``, ``nan``, ``infinite``, ``value``,
        ``changed``, ``error``, ``late``, ``died``, ``memory``, ``huge``).
    run
        ``"helpers.topic.lab:function"``, run as ``function(learner's, case)`` in the
        learner's process; what it gives is judged.
    tolerance
        Relative.
    finite
        Whether NaN and infinity are refused before the judge sees them.
    may_change_inputs
        Whether the function may change what it is called with.
    deadline
        Seconds for each case.
    memory
        Bytes beyond what the process starts with, where the platform can limit them.
    """

    cases: Sequence[Case]
    shows: str
    judge: Judge | None = None
    hint: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    tolerance: float = 1e-6
    finite: bool = True
    may_change_inputs: bool = False
    deadline: float = 5.0
    memory: int = 1 << 30

    def __post_init__(self) -> None:
        if not self.cases:
            raise ValueError("cases must hold at least one case, got none")
        if not self.judge and any(case.expected is UNKNOWN for case in self.cases):
            raise ValueError("cases must each say what is expected where there is no judge")
        if not self.deadline > 0:
            raise ValueError(f"deadline must be above 0 seconds, got {self.deadline}")
        named = {name for case in self.cases for name in case.mistakes}
        if missing := sorted(named - set(self.hints)):
            raise ValueError(f"hints must have one for each mistake of a case, none for {missing}")

    def hint_for(self, mistake: str) -> str:
        """Give the hint for a mistake, or, where an answer came back, the general one."""
        return self.hints.get(mistake, "" if mistake in NO_ANSWER else self.hint)


def check(key: str, function: Callable[..., Any]) -> Verdict:
    """Check the learner's answer to a question of a lab.

    The function runs in a process of its own: it cannot hang the notebook, break it or
    see what is expected. The outcome is kept in the learner's progress.

    Parameters
    ----------
    key
        ``"topic.question"``, found in ``CHECKS`` of ``helpers/<topic>/lab.py``.
    function
        The learner's function or class itself, not what it gives.

    Returns
    -------
    Verdict
        ○, ✗ or ✓ as text and HTML; ``passed``, ``mistake`` for programs.

    Raises
    ------
    ValueError
        There is no such question.
    """
    demands: Mapping[str, Check] = find_in_topic(key, "lab", "CHECKS")
    if key not in demands:
        raise ValueError(f"key must be one of {', '.join(demands)}, got {key!r}")
    return examine(key, demands[key], function)


def examine(key: str, demand: Check, function: Any) -> Verdict:
    """Check a function against a demand, and keep the outcome."""
    verdict = judge_function(check_key(key), demand, function)

    def change(entry: Entry) -> None:
        entry["attempts"] = entry.get("attempts", 0) + 1
        entry["passed"] = verdict.passed or entry.get("passed", False)

    if verdict.tone != "open":
        record("checks", key, change)
    return verdict


def judge_function(key: str, demand: Check, function: Any) -> Verdict:
    """Check a function against a demand; nothing is recorded."""
    if function is TODO:
        return not_attempted(key)
    if not callable(function):
        says = f"{show(function)} is not a function. Pass the function itself, without calling it."
        return wrong(key, "kind", says)
    cases = [case.without_answers() for case in demand.cases]
    answers = ask(function, cases, run=demand.run, deadline=demand.deadline, memory=demand.memory)
    printed = ""
    try:
        with closing(answers):
            for case, answer in zip(demand.cases, answers, strict=True):
                verdict = judge_answer(key, demand, function, case, answer)
                if verdict is not None:
                    return verdict
                printed += answer.printed
    except CannotSendError as problem:
        return wrong(key, "broken", CANNOT_SEND.format(problem))
    except OSError as problem:
        return wrong(key, "broken", f"No process could be started for the check: {problem}")
    return right(key, len(demand.cases), demand.shows, printed)


def judge_answer(
    key: str, demand: Check, function: Callable[..., Any], case: Case, answer: Answer
) -> Verdict | None:
    """Judge the answer to one case: None where it is right."""
    if answer.kind == "unfinished" or is_unfinished(answer.value):
        return not_attempted(key)
    given = rows_of_input(demand, function, case)
    printed = printed_row(answer.printed)
    if answer.kind != "value":
        mistake, says, rows = describe_failure(answer)
        return wrong(key, mistake, says, given + rows + printed, demand.hint_for(mistake))
    found = find_mistake(demand, case, answer.value)
    if found is None and answer.changed and not demand.may_change_inputs:
        found = Mistake("changed", "The function changed what it was called with. Use a copy.")
    if found is None:
        return None
    came = rows_of_result(demand, case, answer.value) if found.key != "changed" else ()
    hint = demand.hint_for(found.key)
    return wrong(key, found.key, found.says, given + came + printed, hint)


def rows_of_input(
    demand: Check, function: Callable[..., Any], case: Case
) -> tuple[tuple[str, str], ...]:
    """Say which case it was, and the call."""
    label = (("case", case.label),) if case.label else ()
    if demand.run:
        return label
    return (*label, ("input", write_call(function, case.args, case.kwargs)))


def rows_of_result(demand: Check, case: Case, result: Any) -> tuple[tuple[str, str], ...]:
    """Show what came back, beside what was expected, with digits enough to differ."""
    if case.expected is UNKNOWN:
        return () if demand.run else (("came back", show(result)),)
    digits = 6 if show(result) != show(case.expected) else 17
    return (("came back", show(result, digits)), ("expected", show(case.expected, digits)))


def find_mistake(demand: Check, case: Case, result: Any) -> Mistake | None:
    """Find what is wrong with a result; a mistake that is known for the case has precedence."""
    tolerance = demand.tolerance if case.tolerance is None else case.tolerance
    if case.expected is not UNKNOWN and (found := compare(result, case.expected, tolerance)):
        known = [name for name, gives in case.mistakes.items() if agree(result, gives, tolerance)]
        return Mistake(known[0] if known else found.key, found.says)
    if demand.judge is None:
        return None
    if strange := find_strangeness(result, finite=demand.finite and not demand.run):
        return strange
    try:
        said = demand.judge(result, case)
    except Exception as problem:
        says = f"What came back does not have the form that was asked for ({problem})."
        return Mistake("kind", says)
    if said is None or isinstance(said, Mistake):
        return said
    return Mistake(said, "") if said in demand.hints else Mistake("value", said)
