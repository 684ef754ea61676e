"""What happens on the learner's side of the glass, piece by piece."""

import json
import pickle
import subprocess
import sys

import pytest

from helpers.checks import TODO, Case
from helpers.checks.process import Answer, await_answer, pack, read_answer
from helpers.checks.runner import (
    Printed,
    Witness,
    answer_case,
    describe_exception,
    find,
    show_warning,
)


class Lines:
    """A queue that holds what the process said."""

    def __init__(self, *lines):
        self.lines = list(lines)

    def get(self, timeout):
        return self.lines.pop(0)


def answer(function, *args, run=None):
    """Let the runner answer one case."""
    return answer_case(function, run, pickle.dumps(Case(args)))


def speak(request):
    """Talk to the process as the parent does, and give the lines that come back."""
    done = subprocess.run(
        [sys.executable, "-m", "helpers.checks.runner"],
        input=pickle.dumps(request),
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_process_speaks_a_line_of_json_for_each_event():
    def double(number):
        print("at", number)
        return 2 * number

    request = {
        "path": [],
        "function": pack(double),
        "run": "",
        "cases": [pack(Case((number,))) for number in (1, 2)],
        "memory": 1 << 30,
        "patience": 60,
    }
    events = [line for line in speak(request) if line.get("printed") not in (" ", "\n")]
    assert events == [
        {"ready": True},
        {"printed": "at"},
        {"printed": "1"},
        {"value": 2, "case": 0, "dropped": 0},
        {"printed": "at"},
        {"printed": "2"},
        {"value": 4, "case": 1, "dropped": 0},
    ]


def test_prints_are_passed_on_until_there_is_no_room():
    told = []
    printed = Printed(told.append)
    assert printed.write("x" * 3999) == 3999
    assert printed.write("yyy") == 3
    assert printed.write("z") == 1
    assert "".join(event["printed"] for event in told) == "x" * 3999 + "y"
    assert printed.renew() == 3
    printed.write("again")
    assert told[-1] == {"printed": "again"}


def test_the_witness_remembers_the_last_call():
    witness = Witness(lambda load, limit=3: load // limit)
    assert witness.report() == {}
    assert witness(7, limit=2) == 3
    assert witness.report() == {"call": "7, limit=2", "gave": "3"}
    with pytest.raises(ZeroDivisionError):
        witness(7, limit=0)
    assert witness.report() == {"call": "7, limit=0"}


def test_the_witness_looks_like_the_function():
    def policy(load):
        return load

    assert Witness(policy).__name__ == "policy"


def test_a_case_is_answered_with_plain_data():
    assert answer(lambda number: 2 * number, 3) == {"value": 6}
    assert answer(lambda number: TODO, 3) == {"value": {"$": "todo"}}
    assert answer(lambda number: bool(TODO), 3) == {"unfinished": True}
    assert answer(lambda number: "x" * 9_000_000, 3) == {"huge": "str, more than 8 MB"}
    assert answer(lambda items: items.append(1), []) == {"value": None, "changed": True}


def test_memory_that_is_out_is_said():
    def eat(number):
        raise MemoryError

    assert answer(eat, 3) == {"memory": True}


def test_a_model_that_forgets_the_todo_it_got_is_unfinished_all_the_same():
    def run(policy, case):
        policy(*case.args)
        return 3.0

    assert answer(Witness(lambda number: TODO), 3, run=run) == {"unfinished": True}

    def stumble(policy, case):
        policy(*case.args)
        raise ValueError

    assert answer(Witness(lambda number: TODO), 3, run=stumble) == {"unfinished": True}


def test_an_exception_is_described_by_its_frames():
    def fail():
        raise ValueError("x" * 9999)

    with pytest.raises(ValueError, match="x") as caught:
        fail()
    described = describe_exception(caught.value)
    assert described["raised"] == "ValueError"
    assert len(described["message"]) == 500
    assert described["frames"][-1][0] == __file__
    assert described["frames"][-1][2] == "fail"


def test_a_deep_exception_keeps_both_ends():
    def fall(depth):
        return fall(depth - 1) if depth else [][1]

    with pytest.raises(IndexError) as caught:
        fall(200)
    assert len(describe_exception(caught.value)["frames"]) == 40


def test_a_function_is_found_by_its_name():
    assert find("") is None
    assert find("json:dumps") is json.dumps
    with pytest.raises(AttributeError):
        find("json:nothing")


def test_a_warning_is_one_line(capsys):
    show_warning(RuntimeWarning("divide by zero"), RuntimeWarning, "/some/path.py", 3)
    assert capsys.readouterr().out == "RuntimeWarning: divide by zero\n"


@pytest.mark.parametrize(
    "line",
    [
        b"garbage\n",
        b"[]\n",
        b"3\n",
        b"{}\n",
        b'{"value": {"$": "magic"}}\n',
        b'{"value": {"$": "array", "value": "AAAA"}}\n',
        b'{"raised": "E"}\n',
        b'{"raised": "E", "message": "m", "frames": [1]}\n',
        b'{"printed": 3}\n',
        b"\xff\xfe\n",
        b"[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_read_is_no_answer(line):
    assert await_answer(Lines(line), 1.0).kind == "unreadable"


def test_what_was_printed_before_the_answer_belongs_to_it():
    lines = Lines(b'{"printed": "a"}\n', b'{"printed": "b"}\n', b'{"value": 3, "dropped": 1200}\n')
    found = await_answer(lines, 1.0)
    assert found == Answer("value", 3, printed="ab\n… and 1,200 more characters")


def test_the_end_of_the_line_is_the_end_of_the_process():
    assert await_answer(Lines(b'{"printed": "a"}\n', b""), 1.0) == Answer("died", printed="a")


def test_an_exception_without_a_message_is_named():
    message = {"raised": "ValueError", "message": "", "frames": []}
    assert read_answer(message, "").error == "ValueError"
