"""Each promise broken by itself, and none where nothing is certain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.consistency.clients import run
from helpers.consistency.histories import Operation
from helpers.consistency.leaderless import Leaderless
from helpers.consistency.majority import Majority
from helpers.consistency.network import Network
from helpers.consistency.session_guarantees import GUARANTEES, check_sessions
from helpers.consistency.steps import draw_steps


def history_of(*lines):
    """Make operations of lines such as "a w x1": one after the other, a second each.

    The key is the letter of the value; "x0" stands for its first state.
    """
    made = []
    for at, line in enumerate(lines):
        process, kind, value = line.split()
        seen = None if value.endswith("0") else value
        is_write = kind in "wu"
        end = None if kind == "u" else at + 0.5
        function = "write" if is_write else "read"
        result = None if is_write else seen
        made.append(
            Operation(process, at, end, function, value[0], seen if is_write else None, result)
        )
    return made


BROKEN = {
    "read your writes": (["a w x1", "a r x0"], (0, 1)),
    "read your writes, by a newer one": (["a w x1", "a w x2", "a r x1"], (1, 2)),
    "monotonic reads": (["a w x1", "b r x1", "b r x0"], (1, 2)),
    "monotonic reads, of two writes": (["a w x1", "a w x2", "b r x2", "b r x1"], (2, 3)),
    "monotonic writes": (["a w x1", "a w y1", "b r y1", "b r x0"], (1, 3)),
    "monotonic writes, an older one": (
        ["c w x1", "a w x2", "a w y1", "b r y1", "b r x1"],
        (2, 4),
    ),
    "writes follow reads": (["a w x1", "b r x1", "b w y1", "c r y1", "c r x0"], (2, 4)),
}


@pytest.mark.parametrize(("lines", "places"), BROKEN.values(), ids=BROKEN)
def test_each_promise_is_told_apart_with_the_two_operations_that_show_it(lines, places, request):
    history = history_of(*lines)
    guarantee = request.node.callspec.id.split(",")[0]
    report = check_sessions(history)
    assert report.broken == (guarantee,)
    (violation,) = report.of(guarantee)
    assert (violation.first, violation.second) == tuple(history[place] for place in places)


KEPT = {
    "nothing": [],
    "own write seen": ["a w x1", "a r x1"],
    "another's later write seen": ["a w x1", "b w x2", "a r x2"],
    "an old value for one who never saw newer": ["a w x1", "b r x0"],
    "an unheard write need not be seen": ["a u x1", "a r x0"],
    "an unheard write is done after the next": ["a u x1", "a w x2", "b r x2", "a r x1", "b r x1"],
    "the first write is there": ["a w x1", "a w y1", "b r y1", "b r x1"],
    "a newer one is there": ["a w x1", "a w y1", "c w x2", "b r y1", "b r x2"],
    "old before the second was seen": ["a w x1", "a w y1", "b r x0", "b r y1"],
    "reads of two keys": ["a w x1", "b r x1", "b r y0"],
}


@pytest.mark.parametrize("lines", KEPT.values(), ids=KEPT)
def test_what_breaks_no_promise_is_not_reported(lines):
    assert check_sessions(history_of(*lines)).violations == ()


def test_of_writes_at_the_same_time_neither_is_older():
    both = [
        Operation("a", 0, 5, "write", "x", "x1", None),
        Operation("b", 0, 5, "write", "x", "x2", None),
    ]
    reads = [Operation("c", 6 + i, 6.5 + i, "read", "x", None, v) for i, v in enumerate("12")]
    seen = [o._replace(result=f"x{o.result}") for o in reads]
    assert check_sessions([*both, *seen]).broken == ()
    again = Operation("c", 9, 10, "read", "x", None, "x1")
    assert check_sessions([*both, *seen, again]).broken == ("monotonic reads",)


def test_the_versions_of_the_store_show_writes_in_the_wrong_order():
    history = history_of("a w x1", "a w x2", "b r x2", "b r x1")
    versions = dict(zip(history, [2, 1, 1, 2], strict=True))
    report = check_sessions(history, versions)
    assert report.broken == ("monotonic writes",)
    assert report.violations[0][1:] == (history[0], history[1])


def test_the_versions_of_the_store_show_an_answer_put_before_what_it_answers():
    history = history_of("a w x1", "b r x1", "b w x2")
    report = check_sessions(history, dict(zip(history, [2, 2, 1], strict=True)))
    assert report.broken == ("writes follow reads",)


def test_a_cas_that_succeeds_reads_and_writes():
    first, second = history_of("a w x1", "a r x1")
    swap = Operation("b", 2, 3, "cas", "x", ("x1", "x2"), True)
    old = Operation("b", 4, 5, "read", "x", None, "x1")
    assert check_sessions([first, second, swap, old]).broken == ("read your writes",)
    older = old._replace(process="c", result=None)
    seen = Operation("c", 3, 3.5, "read", "x", None, "x2")
    assert check_sessions([first, second, swap, seen, older]).broken == ("monotonic reads",)


def test_the_report_counts_and_names():
    report = check_sessions(history_of("a w x1", "a r x0"))
    assert repr(report) == "SessionReport: broken: read your writes 1"
    assert repr(report.violations[0]).startswith("read your writes: a write('x', 'x1') at 0")
    assert repr(check_sessions([])) == "SessionReport: all four guarantees held"
    with pytest.raises(ValueError, match=r"guarantee must be one of read your writes, .*'none'"):
        report.of("none")


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (history_of("a w x1", "b w x1"), r"b write\('x'\)\): each value must be written once"),
        (history_of("a w x0"), "each value must be written once, and not None"),
        (history_of("a r x7"), r"a read\('x'\)\): somebody must have written 'x7', nobody did"),
        ([("a", 0, 1, "append", "x", "t", None)], "function must be one of read, write, cas"),
        ([("a", 1, 0, "read", "x", None, None)], "returned must not lie before invoked"),
        ([("a", 0, 1, "write", "x", [1], None)], r"values must be hashable .*got \[1\]"),
        ([("a", 0, 1, "read", "x", None, float("nan"))], "values must be hashable .*got nan"),
        ([("a", 0, 1, "cas", "x", 5, True)], r"argument of cas must be \(expected, new\), got 5"),
        ([("a", 0, 1, "cas", "x", (None, 5), None)], "result of cas must be True or False"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(history, message):
    with pytest.raises(ValueError, match=message):
        check_sessions(history)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0, 0.1]))
def test_a_linearizable_store_keeps_all_four(seed, loss):
    network = Network(loss=loss).cut({"n1", "a"}, since=0.3, until=0.7)
    judged = run(Majority(), draw_steps(cas=0.1, keys=("x", "y"), rng=seed), network, seed)
    assert check_sessions(judged.history, judged.versions).broken == ()
    assert check_sessions(judged.history).broken == ()


def test_quorums_that_do_not_meet_break_promises_to_one_who_moves_about():
    broken = set()
    for seed in range(30):
        steps = draw_steps(steps=50, keys=("x", "y"), rng=seed)
        weak = Leaderless(r=1, w=1, read_repair="none")
        judged = run(weak, steps, Network(loss=0.4), seed, route="any")
        broken |= set(check_sessions(judged.history).broken)
    assert broken == set(GUARANTEES)
