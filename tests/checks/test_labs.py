"""A learner's function under the glass: right, wrong, unfinished and hostile."""

import ctypes
import functools
import importlib
import linecache
import os
import shutil
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import psutil
import pytest

from helpers.checks import TODO, Case, Check, Mistake, check, examine, progress
from helpers.checks import process as process_module
from helpers.checks.labs import judge_function
from helpers.checks.process import is_learners_file

# Functions that end have a minute for it, so that a slow machine changes nothing; those that
# never end are stopped after half a second.
DOUBLE = Check(
    cases=(
        Case((3.0,), expected=6.0, label="three", mistakes={"square": 9.0}),
        Case((0.0,), expected=0.0),
    ),
    hint="Add the number to itself.",
    hints={"square": "That is the square.", "late": "Is there a way out of the loop?"},
    shows="Twice is plus itself.",
    deadline=60,
)
LOADS = [12, 25, 31]


@pytest.fixture(autouse=True)
def _model(tmp_path, monkeypatch):
    """Install the model where installed modules lie, so that its lines are not the learner's."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    shutil.copy(Path(__file__).parent / "models.py", folder / "day_model.py")
    monkeypatch.syspath_prepend(folder)


def judge_day(day, case):
    """Find what is wrong with a day."""
    if day.late:
        return "late"
    return f"{sum(day.servers)} server minutes are too many." if sum(day.servers) > 12 else None


DAY = Check(
    run="day_model:run_day",
    cases=(Case((LOADS,), label="a short day"),),
    judge=judge_day,
    hints={"late": "Look at the load of this minute."},
    shows="Enough servers, and none idle.",
    deadline=60,
)


def verdict_on(function, demand=DOUBLE, **changes):
    """Judge a function; nothing is recorded."""
    fields = {name: getattr(demand, name) for name in demand.__dataclass_fields__}
    return judge_function("toy.double", Check(**{**fields, **changes}), function)


def row(verdict, label):
    """Give the text of a verdict's row."""
    return dict(verdict.rows).get(label, "")


def double(number):
    return number + number


def forever(number):
    print("round and round")
    while True:
        pass


# Right, wrong, unfinished


def test_a_right_answer_is_told_what_it_shows():
    verdict = verdict_on(double)
    assert verdict.passed
    assert str(verdict) == "✓ toy.double: right, in 2 cases\n  Twice is plus itself."


def test_a_wrong_answer_shows_input_result_expectation_and_hint():
    def add_two(number):
        return number + 2

    verdict = verdict_on(add_two)
    assert str(verdict) == (
        "✗ toy.double: not yet right\n"
        "  case       three\n"
        "  input      add_two(3)\n"
        "  came back  5\n"
        "  expected   6\n"
        "  hint       Add the number to itself."
    )
    assert verdict.mistake == "value"


def test_a_known_mistake_gets_its_own_hint():
    verdict = verdict_on(lambda number: number**2)
    assert (verdict.mistake, row(verdict, "hint")) == ("square", "That is the square.")


@pytest.mark.parametrize(
    "function",
    [
        lambda number: TODO,
        lambda number: TODO * 2 + number,
        lambda number: [number, {"rest": TODO}],
        lambda number: 1 if number < TODO else 2,
        lambda number: float(TODO),
        lambda number: np.asarray([number, TODO], dtype=object),
        TODO,
    ],
)
def test_what_is_unfinished_is_called_not_attempted(function):
    verdict = verdict_on(function)
    assert str(verdict) == "○ toy.double: not attempted yet"
    assert (verdict.tone, verdict.passed) == ("open", False)


def test_text_and_html_say_the_same(words_of):
    def fail(number):
        print("<so far>")
        raise ValueError("3 < 4 & so on")

    for function in (double, fail, lambda number: TODO, lambda number: "<b>"):
        verdict = verdict_on(function)
        assert words_of(verdict._repr_html_()) == str(verdict).split()


# What can come back instead of an answer


def strange(kind):
    """Give a function that gives something strange."""
    return {
        "text": lambda number: "six",
        "truth": lambda number: True,
        "list": lambda number: [2 * number],
        "nothing": lambda number: print(end=""),
        "nan": lambda number: float("nan"),
        "infinity": lambda number: float("inf"),
        "generator": lambda number: (number for _ in range(3)),
        "function": lambda number: lambda: number,
        "long text": lambda number: "x" * 20_000_000,
        "big array": lambda number: np.zeros(3_000_000),
        "deep list": lambda number: functools.reduce(lambda inner, _: [inner], range(99), number),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "mistake", "says"),
    [
        ("text", "kind", "Text came back where a number was expected."),
        ("truth", "kind", "A truth value came back where a number was expected."),
        ("list", "kind", "A list came back where a number was expected."),
        ("nothing", "none", "Nothing came back (None). Is a `return` missing?"),
        ("nan", "nan", "NaN (not a number) came back."),
        ("infinity", "infinite", "Infinity came back."),
        ("generator", "kind", "A generator came back. It has not run yet: return a list of it."),
        ("function", "kind", "A function came back. Call it, and return what it gives."),
        ("long text", "huge", "What came back is too big (str, more than 8 MB)."),
        ("big array", "huge", "What came back is too big (ndarray, more than 8 MB)."),
        ("deep list", "huge", "What came back is too big (list, nested more than 40 deep)."),
    ],
)
def test_a_strange_result_is_named(kind, mistake, says):
    verdict = verdict_on(strange(kind))
    assert (verdict.mistake, row(verdict, "problem")) == (mistake, says)


def test_a_coroutine_is_named():
    async def later(number):
        return 2 * number

    verdict = verdict_on(later)
    assert row(verdict, "problem") == "A coroutine came back. Write `def` instead of `async def`."


def test_an_array_of_another_shape_is_named():
    demand = Check(cases=(Case((np.ones(3),), expected=np.ones(3)),), shows="", deadline=60)
    verdict = verdict_on(lambda array: array[:2], demand)
    assert verdict.mistake == "shape"
    assert row(verdict, "problem") == "An array of shape (2,) came back, (3,) was expected."


def test_a_changed_input_is_seen_even_where_the_result_is_right():
    def scale(array):
        array *= 2
        return array

    def push(items):
        items.append(1)
        return 2 * np.ones(3)

    for function, argument in ((scale, np.ones(3)), (push, [])):
        demand = Check(
            cases=(Case((argument,), expected=2 * np.ones(3)),),
            shows="",
            hint="Twice.",
            deadline=60,
        )
        verdict = verdict_on(function, demand)
        assert verdict.mistake == "changed"
        assert "Use a copy" in row(verdict, "problem")
        assert row(verdict, "hint") == ""
        assert verdict_on(function, demand, may_change_inputs=True).passed


@pytest.mark.parametrize("function", [6, None, "double", [double]])
def test_what_is_no_function_is_named(function):
    verdict = verdict_on(function)
    assert verdict.mistake == "kind"
    assert "Pass the function itself, without calling it." in row(verdict, "problem")


# Exceptions


def test_an_exception_shows_the_learners_lines_and_none_of_ours():
    cell = "def halve(number):\n    nothing = number - number\n    return number / nothing\n"
    name = "/tmp/ipykernel_1/2.py"
    linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
    notebook = {"__name__": "__main__"}
    exec(compile(cell, name, "exec"), notebook)
    verdict = verdict_on(notebook["halve"])
    assert str(verdict) == (
        "✗ toy.double: not yet right\n"
        "  problem       The function raised an exception.\n"
        "  case          three\n"
        "  input         halve(3)\n"
        "  in your code  line 3, in halve:  return number / nothing\n"
        "  error         ZeroDivisionError: float division by zero"
    )
    assert verdict.mistake == "error"


def test_endless_recursion_is_shown_once():
    def again(number):
        return again(number)

    verdict = verdict_on(again)
    assert "RecursionError" in row(verdict, "error")
    assert row(verdict, "in your code").count("again and again") == 1
    assert len(row(verdict, "in your code").splitlines()) <= 4


def test_sys_exit_is_explained():
    verdict = verdict_on(lambda number: sys.exit(3))
    assert row(verdict, "problem") == "The function called sys.exit(). Return a value instead."


def test_an_interrupt_of_their_own_stays_with_them():
    def interrupt(number):
        raise KeyboardInterrupt

    assert row(verdict_on(interrupt), "error") == "KeyboardInterrupt"


def test_an_exception_that_cannot_be_shown_is_named():
    class RudeError(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def fail(number):
        raise RudeError

    assert row(verdict_on(fail), "error") == "RudeError"


def test_input_finds_nobody():
    assert row(verdict_on(lambda number: input("how many?")), "error").startswith("EOFError")


# Hostile


def test_an_endless_loop_is_stopped():
    verdict = verdict_on(forever, deadline=0.5)
    assert verdict.mistake == "late"
    assert row(verdict, "problem").startswith("There was no answer within 0.5 seconds")
    assert row(verdict, "printed") == "round and round"
    assert row(verdict, "hint") == "Is there a way out of the loop?"


def test_an_endless_loop_in_the_second_case_names_the_second_case():
    verdict = verdict_on(lambda number: 6.0 if number else forever(number), deadline=2)
    assert (verdict.mistake, row(verdict, "case")) == ("late", "")
    assert "(0)" in row(verdict, "input")


def test_a_flood_of_prints_is_cut_short():
    def flood(number):
        for line in range(20_000):
            print("line", line)
        return 2 * number

    printed = row(verdict_on(flood), "printed").splitlines()
    assert printed[0] == "line 0"
    assert len(printed) == 21


def test_an_endless_flood_is_stopped():
    def flood(number):
        while True:
            print("line" * 100)

    assert verdict_on(flood, deadline=0.5).mistake == "late"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited on Linux only")
def test_a_function_that_eats_memory_is_stopped():
    def eat(number):
        return sum(bytearray(400 << 20))

    verdict = verdict_on(eat, memory=200 << 20)
    assert (verdict.mistake, row(verdict, "problem")) == ("memory", "It ran out of memory.")


@pytest.mark.parametrize(
    "end",
    [
        lambda number: os._exit(0),
        lambda number: os._exit(4),
        lambda number: os.closerange(0, 200),
        lambda number: os.abort(),
        lambda number: ctypes.string_at(0),
    ],
    ids=["exit 0", "exit 4", "close", "abort", "crash"],
)
def test_the_end_of_the_process_is_no_answer(end):
    assert verdict_on(end).mistake == "died"


def test_what_pretends_to_be_an_answer_is_none():
    def pretend(number):
        line = b'{"value": 6.0, "case": 0}\n'
        for handle in (1, 2):
            os.write(handle, line)
        print(line.decode())
        return 5.0

    verdict = verdict_on(pretend, cases=DOUBLE.cases[:1])
    assert verdict.mistake == "value"
    assert row(verdict, "came back") == "5"


def test_garbage_in_the_line_is_no_answer():
    def scribble(number):
        for handle in range(3, 50):
            try:
                os.write(handle, b"garbage\n")
            except OSError:
                continue
        return 2 * number

    assert verdict_on(scribble).mistake == "kind"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_function_that_forks_answers_once():
    def fork(number):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.fork()
        return 2 * number

    assert verdict_on(fork).passed


def test_what_the_function_started_is_stopped_with_it(tmp_path):
    noted = tmp_path / "pid"

    def start_another(number):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        noted.write_text(str(child.pid))
        return 2 * number

    assert verdict_on(start_another).passed
    started = int(noted.read_text())
    for _ in range(100):
        if not psutil.pid_exists(started) or psutil.Process(started).status() == "zombie":
            return
        time.sleep(0.05)
    pytest.fail("the process that the function started is still there")


def test_nothing_is_left_running_after_an_interrupt(monkeypatch):
    started = []
    start = process_module.start

    def start_noted(request):
        started.append(start(request))
        return started[0]

    monkeypatch.setattr(process_module, "start", start_noted)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(process_module, "await_answer", interrupt)
    with pytest.raises(KeyboardInterrupt):
        verdict_on(forever)
    assert started[0].returncode is not None


def test_what_is_expected_is_not_in_the_learners_process():
    def peek(number):
        import gc

        cases = [thing for thing in gc.get_objects() if type(thing).__name__ == "Case"]
        return [len(cases), *(repr(case.expected) for case in cases)]

    came = row(verdict_on(peek), "came back")
    assert came == "[1, 'UNKNOWN']"


# How a function travels


def test_names_imports_and_helpers_of_the_notebook_come_along():
    notebook = {"__name__": "__main__"}
    exec(
        "import math\nFACTOR = 2\ndef scale(x): return FACTOR * x\n"
        "def double(number): return math.fsum([scale(number)])\n",
        notebook,
    )
    assert verdict_on(notebook["double"]).passed


def test_a_cached_function_of_the_notebook_comes_along():
    notebook = {"__name__": "__main__"}
    exec(
        "import functools\n@functools.lru_cache(maxsize=8)\ndef double(x): return 2 * x\n",
        notebook,
    )
    assert verdict_on(notebook["double"]).passed


def test_partials_methods_and_callable_objects_come_along():
    class Factor:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, number):
            return self.factor * number

    assert verdict_on(functools.partial(lambda factor, number: factor * number, 2)).passed
    assert verdict_on(Factor(2)).passed
    assert verdict_on(Factor(2).__call__).passed


def test_a_class_is_handed_to_the_model():
    class Fixed:
        def __init__(self, servers):
            self.servers = servers

    def use(policy, case):
        return policy(4).servers

    assert use(Fixed, None) == 4
    demand = Check(cases=(Case((4,)),), judge=lambda made, case: None, shows="", deadline=60)
    verdict = verdict_on(Fixed, demand)
    assert "type Fixed came back" in row(verdict, "problem")


def test_a_function_that_holds_on_to_the_notebook_is_named():
    lock = threading.Lock()

    def locked(number):
        with lock:
            return 2 * number

    verdict = verdict_on(locked)
    assert verdict.mistake == "broken"
    assert "such as a lock, an open file or a form" in row(verdict, "problem")


def test_a_function_whose_module_cannot_be_loaded_is_named(tmp_path, monkeypatch):
    module = tmp_path / "site-packages" / "gone.py"
    module.write_text("def double(number): return 2 * number\n")
    gone = importlib.import_module("gone")
    module.unlink()
    shutil.rmtree(module.parent / "__pycache__", ignore_errors=True)
    verdict = verdict_on(gone.double)
    monkeypatch.delitem(sys.modules, "gone")
    assert verdict.mistake == "broken"
    assert "No module named 'gone'" in row(verdict, "problem")


def test_a_process_that_cannot_be_started_is_said(monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(process_module.subprocess, "Popen", refuse)
    verdict = verdict_on(double)
    assert "No process could be started" in row(verdict, "problem")


def test_a_warning_is_shown_without_a_path():
    def warn(number):
        return np.log(np.zeros(1))[0]

    printed = row(verdict_on(warn), "printed")
    assert printed == "RuntimeWarning: divide by zero encountered in log"


def test_the_process_starts_without_numpy():
    assert row(verdict_on(lambda number: "numpy" in sys.modules), "came back") == "False"


def test_the_checks_are_imported_without_anything_heavy():
    heavy = ("numpy", "pandas", "matplotlib", "ipywidgets", "anywidget", "cloudpickle", "traitlets")
    code = f"import helpers.checks, sys; print([name for name in {heavy} if name in sys.modules])"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.strip() == "[]"


# Inside a model


def test_a_policy_is_run_inside_the_model():
    verdict = verdict_on(lambda load: -(-load // 10), DAY)
    assert verdict.passed
    assert verdict.lines == ("Enough servers, and none idle.",)


def test_the_judge_names_a_hint_or_says_it_itself():
    late = verdict_on(lambda load: 1, DAY)
    assert (late.mistake, row(late, "hint")) == ("late", "Look at the load of this minute.")
    assert row(late, "case") == "a short day"
    wasteful = verdict_on(lambda load: 9, DAY)
    assert wasteful.mistake == "value"
    assert row(wasteful, "problem") == "27 server minutes are too many."


def test_the_judge_may_do_both():
    demand = {"judge": lambda day, case: Mistake("late", "5 requests were late.")}
    verdict = verdict_on(lambda load: 1, DAY, **demand)
    assert row(verdict, "problem") == "5 requests were late."
    assert row(verdict, "hint") == "Look at the load of this minute."


def test_a_model_that_stumbles_shows_the_last_call():
    verdict = verdict_on(lambda load: None if load > 20 else 2, DAY)
    assert verdict.mistake == "error"
    problem = row(verdict, "problem")
    assert problem == "The model could not go on with what the function gave it."
    assert (row(verdict, "last call"), row(verdict, "which gave")) == ("(25)", "None")
    assert "in your code" not in str(verdict)


def test_an_exception_inside_a_model_is_the_learners_own():
    def fail(load):
        return load / (load - 25)

    verdict = verdict_on(fail, DAY)
    assert row(verdict, "problem") == "The function raised an exception."
    assert row(verdict, "in your code").endswith("in fail:  return load / (load - 25)")
    assert row(verdict, "last call") == "(25)"


@pytest.mark.parametrize("run", ["run_day", "run_waits"])
def test_an_unfinished_policy_is_not_attempted(run):
    verdict = verdict_on(lambda load: TODO, DAY, run=f"day_model:{run}")
    assert verdict.tone == "open"


def test_a_loop_inside_the_model_is_stopped():
    assert verdict_on(forever, DAY, deadline=1).mistake == "late"


def test_a_model_that_is_missing_is_said():
    verdict = verdict_on(double, DAY, run="day_model:run_night")
    assert verdict.mistake == "broken"
    assert "run_night" in row(verdict, "problem")


# Judges


def test_a_judge_gets_what_came_back_and_the_case():
    demand = Check(
        cases=(Case((4,), label="four"),),
        judge=lambda result, case: None if result == case.args[0] * 2 else "no",
        shows="",
        deadline=60,
    )
    assert verdict_on(double, demand).passed
    assert row(verdict_on(lambda number: 1, demand), "problem") == "no"


@pytest.mark.parametrize("gives", [float("nan"), [1.0, float("inf")], None])
def test_a_judge_is_spared_what_is_not_finite(gives):
    demand = Check(cases=(Case((4,)),), judge=lambda result, case: None, shows="", deadline=60)
    assert verdict_on(lambda number: gives, demand).mistake in {"nan", "infinite", "none"}
    if gives is not None:
        assert verdict_on(lambda number: gives, demand, finite=False).passed


def test_a_judge_that_stumbles_puts_it_on_the_form_of_the_answer():
    demand = Check(
        cases=(Case((4,)),), judge=lambda result, case: result.waits, shows="", deadline=60
    )
    verdict = verdict_on(lambda number: 3, demand)
    assert verdict.mistake == "kind"
    assert "does not have the form that was asked for" in row(verdict, "problem")


# The topic's lab, and what is kept


@pytest.mark.usefixtures("toy")
def test_a_check_is_found_by_its_key_and_kept():
    assert check("toy.double", lambda number: TODO).tone == "open"
    assert progress().checks == {}
    assert not check("toy.double", lambda number: 3).passed
    assert check("toy.double", double).passed
    assert not check("toy.double", lambda number: 3).passed
    checked = progress().checks["toy.double"]
    assert (checked.attempts, checked.passed) == (3, True)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("toy.half", "key must be one of toy.double, got 'toy.half'"),
        ("nothing.double", r"key must begin with a topic that has lab.py"),
        ("double", "key must look like"),
    ],
)
def test_a_key_that_leads_nowhere_is_refused(key, says):
    with pytest.raises(ValueError, match=says):
        check(key, double)


def test_a_check_can_be_examined_without_a_topic():
    assert examine("toy.double", DOUBLE, double).passed
    assert progress().checks["toy.double"].passed


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cases": ()}, "cases must hold at least one case"),
        ({"cases": (Case((1,)),)}, "cases must each say what is expected"),
        ({"deadline": 0}, "deadline must be above 0 seconds, got 0"),
        ({"hints": {}}, r"hints must have one for each mistake of a case, none for \['square'\]"),
    ],
)
def test_a_check_that_cannot_be_passed_is_refused(fields, says):
    with pytest.raises(ValueError, match=says):
        verdict_on(double, **fields)


def test_a_case_without_a_tuple_is_refused():
    with pytest.raises(ValueError, match="args must be a tuple, got 3"):
        Case(3)


# Windows


def test_on_windows_the_process_heads_a_group_and_is_stopped_with_its_children(monkeypatch):
    calls = []

    class Process:
        pid = 4711

        def kill(self):
            calls.append("kill")

        def wait(self):
            calls.append("wait")

    def run(command, **_):
        calls.append(" ".join(command))

    monkeypatch.setattr(process_module, "WINDOWS", True)
    monkeypatch.setattr(process_module.subprocess, "run", run)
    assert process_module.group_options() == {"creationflags": 0x200 | 0x8000000}
    process_module.stop(Process())
    assert calls == ["taskkill /F /T /PID 4711", "kill", "wait"]


def test_nothing_forks(monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"), raising=False)
    assert verdict_on(double).passed


@pytest.mark.parametrize(
    ("file", "theirs"),
    [
        ("/tmp/ipykernel_12/345.py", True),
        ("<ipython-input-3-abc>", True),
        ("/home/ada/course/mine.py", True),
        ("", False),
        ("<frozen importlib._bootstrap>", False),
        (os.__file__, False),
        (np.__file__, False),
        (process_module.__file__, False),
    ],
)
def test_the_learners_files_are_told_from_ours(file, theirs):
    assert is_learners_file(file) is theirs
