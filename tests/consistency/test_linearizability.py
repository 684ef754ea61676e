"""The checker against a judge that tries every order, and against crowds, budgets, bad rows."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.consistency.histories import Operation
from helpers.consistency.linearizability import is_linearizable
from helpers.consistency.specifications import register, specification_named
from tests.consistency.random_histories import (
    ANSWERLESS,
    comes_before,
    draw_crowd,
    draw_history,
    is_linearizable_by_force,
    with_one_lie,
)

NAMES = ("register", "append")


def write(process, start, end, value, key="x"):
    return Operation(process, start, end, "write", key, value, None)


def read(process, start, end, value, key="x"):
    return Operation(process, start, end, "read", key, None, value)


def cas(process, start, end, expected, new, result):
    return Operation(process, start, end, "cas", "x", (expected, new), result)


def append(process, start, end, text):
    return Operation(process, start, end, "append", "x", text, None)


def get(process, start, end, text):
    return Operation(process, start, end, "get", "x", None, text)


# Small histories, judged by hand

ALLOWED = {
    "nothing": [],
    "a read of the first state": [read("a", 0, 1, None)],
    "a read that overlaps a write sees the old": [write("a", 0, 9, 1), read("b", 1, 2, None)],
    "a read that overlaps a write sees the new": [write("a", 0, 9, 1), read("b", 1, 2, 1)],
    "an unheard write is seen": [write("a", 0, None, 1), read("b", 5, 6, 1)],
    "an unheard write is never seen": [write("a", 0, None, 1), read("b", 5, 6, None)],
    "an unheard write is seen late": [
        write("a", 0, None, 1),
        read("b", 5, 6, None),
        read("b", 7, 8, 1),
    ],
    "an unheard write is seen after its process went on": [
        write("a", 0, None, 1),
        write("a", 1, 2, 2),
        read("b", 3, 4, 2),
        read("b", 5, 6, 1),
    ],
    "an unheard read says nothing": [read("a", 0, None, None), write("b", 1, 2, 1)],
    "equal times of two processes overlap": [write("a", 0, 1, 1), read("b", 1, 2, None)],
    "two writes at once, in either order": [
        write("a", 0, 5, 1),
        write("b", 0, 5, 2),
        read("c", 6, 7, 1),
    ],
    "a chain of cas": [
        write("a", 0, 1, 1),
        cas("b", 0, 9, 2, 3, True),
        cas("c", 0, 9, 1, 2, True),
        read("d", 10, 11, 3),
    ],
    "a cas that fails for another's value": [write("a", 0, 1, 1), cas("b", 2, 3, 2, 3, False)],
    "a cas that fails between two writes at once": [
        write("a", 0, 20, 1),
        write("b", 0, 30, 2),
        cas("c", 50, 51, 2, 3, False),
    ],
    "a cas that fails for an unheard write": [
        write("a", 0, 1, 1),
        write("b", 2, None, 2),
        cas("c", 5, 6, 1, 3, False),
    ],
    "twins that are each followed up at once": [
        write("p", 0, 5, 1),
        read("p", 5, 8, 1),
        write("q", 0, 5, 1),
        write("q", 5, 5, 2),
        read("z", 5, 5, 2),
        read("z", 6, 7, 1),
    ],
    "an unheard cas": [write("a", 0, 1, 1), cas("b", 2, None, 1, 2, None), read("c", 4, 5, 2)],
    "one value written twice": [
        write("a", 0, 1, 1),
        write("a", 2, 3, 2),
        write("b", 2, 9, 1),
        read("c", 4, 5, 2),
        read("c", 6, 7, 1),
    ],
}

FORBIDDEN = {
    "a stale read after an acknowledged write": [write("a", 0, 1, 1), read("b", 2, 3, None)],
    "a read of what nobody wrote": [read("a", 0, 1, 7)],
    "a read from the future": [read("a", 0, 1, 1), write("b", 2, 3, 1)],
    "a read that goes back while a write is under way": [
        write("a", 0, 9, 1),
        read("b", 1, 2, 1),
        read("c", 3, 4, None),
    ],
    "its own write not seen at the very next moment": [write("a", 0, 1, 1), read("a", 1, 2, None)],
    "an unheard write seen, then gone": [
        write("a", 0, None, 1),
        read("b", 5, 6, 1),
        read("b", 7, 8, None),
    ],
    "an unheard write seen before it was asked for": [read("b", 0, 1, 1), write("a", 2, None, 1)],
    "a cas that failed though it must have fitted": [
        write("a", 0, 1, 1),
        cas("b", 2, 3, 1, 2, False),
    ],
    "two cas that succeed from one value": [
        write("a", 0, 1, 1),
        cas("b", 2, 9, 1, 2, True),
        cas("c", 2, 9, 1, 3, True),
    ],
    "two readers who disagree about the order": [
        write("a", 0, 9, 1),
        write("b", 0, 9, 2),
        read("c", 1, 2, 1),
        read("d", 3, 4, 2),
        read("c", 5, 6, 1),
    ],
}


@pytest.mark.parametrize("history", ALLOWED.values(), ids=ALLOWED)
def test_what_one_copy_could_have_answered_is_linearizable(history):
    assert is_linearizable(history).outcome == "linearizable"


@pytest.mark.parametrize("history", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_no_single_copy_could_have_answered_is_not(history):
    assert is_linearizable(history).outcome == "not linearizable"


def test_a_text_grows_in_one_order_for_everybody():
    both = [append("a", 0, 5, "[a]"), append("b", 0, 5, "[b]")]
    assert is_linearizable([*both, get("c", 6, 7, "[b][a]")], "append")
    assert not is_linearizable([*both, get("c", 6, 7, "[b]")], "append")
    torn = [*both, get("c", 1, 2, "[a]"), get("c", 6, 7, "[b][a]")]
    assert not is_linearizable(torn, "append")


def test_an_unheard_append_may_come_late_but_only_once():
    first = [append("a", 0, None, "x"), get("b", 1, 2, "")]
    assert is_linearizable([*first, get("b", 3, 4, "x")], "append")
    assert not is_linearizable([*first, get("b", 3, 4, "xx")], "append")


def test_an_unheard_append_or_put_does_nothing_before_it_is_asked_for():
    early = get("b", 0, 1, "x")
    assert not is_linearizable([early, append("a", 2, None, "x")], "append")
    assert not is_linearizable([early, Operation("a", 2, None, "put", "x", "x", None)], "append")
    assert is_linearizable([early, append("a", 1, None, "x")], "append")


def test_a_put_replaces_what_was_appended():
    put = Operation("a", 2, 3, "put", "x", "new", None)
    history = [append("a", 0, 1, "old"), put, append("b", 4, 5, "er")]
    assert is_linearizable([*history, get("c", 6, 7, "newer")], "append")
    assert not is_linearizable([*history, get("c", 6, 7, "oldnewer")], "append")


def test_a_register_may_hold_something_at_first():
    assert is_linearizable([read("a", 0, 1, 0)], register(initial=0))
    assert not is_linearizable([read("a", 0, 1, 0)])


@pytest.mark.parametrize("initial", [[1], {}, math.nan])
def test_what_a_register_holds_at_first_must_be_a_value(initial):
    with pytest.raises(ValueError, match="initial must be hashable and equal to itself, got"):
        register(initial)


def test_values_of_another_type_are_the_same_where_python_says_so():
    assert is_linearizable([write("a", 0, 1, 1), read("b", 2, 3, True), read("b", 4, 5, 1.0)])
    assert is_linearizable([write("a", 0, 1, True), cas("b", 2, 3, 1, 2, True)])
    assert not is_linearizable([write("a", 0, 1, 1), read("b", 2, 3, "1")])
    assert not is_linearizable([write("a", 0, 1, 0), read("b", 2, 3, None)])


def test_a_history_may_be_read_once_only():
    assert not is_linearizable(o for o in FORBIDDEN["a stale read after an acknowledged write"])


def test_plain_tuples_in_any_order_are_a_history():
    history = [("b", 2, 3, "read", "x", None, 1), ("a", 0, 1, "write", "x", 1, None)]
    assert is_linearizable(history, "register")


# Against every order


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    seed=st.integers(0, 2**32),
    processes=st.integers(1, 5),
    steps=st.integers(1, 3),
    lies=st.sampled_from([0, 0.1, 0.4]),
    unknown=st.sampled_from([0, 0.2, 0.6]),
    step=st.integers(1, 4),
    words=st.sampled_from([None, 8]),
)
def test_the_verdict_is_that_of_trying_every_order(
    name, seed, processes, steps, lies, unknown, step, words
):
    rng = np.random.default_rng(seed)
    some = tuple(range(words)) if words and name == "register" else None
    history = draw_history(
        name,
        rng,
        processes=processes,
        steps=steps,
        words=some,
        lies=lies,
        unknown=unknown,
        step=step,
    )
    verdict = is_linearizable(history, name)
    assert bool(verdict) == is_linearizable_by_force(history, name)
    if verdict:
        check_order(history, verdict.order, name)
    else:
        check_counterexample(history, verdict.counterexample, name)


def check_order(history, order, name):
    """See that an order has every answer in it, keeps to time, and is what one copy would do."""
    assert {o for o in history if o.is_known} <= set(order) <= set(history)
    specification = specification_named(name)
    state = specification.initial
    for place, operation in enumerate(order):
        state, result = specification.apply(state, operation.function, operation.argument)
        if operation.is_known and operation.function not in ANSWERLESS:
            assert result == operation.result
        assert not any(later.end < operation.invoked for later in order[place + 1 :])


def check_counterexample(history, found, name):
    """See that everything can be explained before the offender's answer, and nothing with it."""
    end = found.offender.end
    before = [
        o if o.end < end else o._replace(returned=None, result=None)
        for o in history
        if o.invoked < end
    ]
    assert is_linearizable_by_force(before, name)
    assert not is_linearizable_by_force(found.operations, name)
    assert not is_linearizable_by_force(found.core, name)
    assert found.offender in found.core


def test_the_judge_by_force_knows_what_comes_before_what():
    one, other = write("a", 0, 1, 1), read("a", 1, 2, 1)
    assert comes_before([one, other], 0, 1)
    assert not comes_before([one, other._replace(process="b")], 0, 1)
    assert is_linearizable_by_force(ALLOWED["a chain of cas"], "register")
    assert not is_linearizable_by_force(
        FORBIDDEN["two cas that succeed from one value"], "register"
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(NAMES))
def test_keys_are_judged_one_by_one(seed, name):
    rng = np.random.default_rng(seed)
    histories = [draw_history(name, rng, processes=2, steps=2, lies=0.1) for _ in range(3)]
    together = [
        o._replace(key=f"k{number}", process=(number, o.process))
        for number, history in enumerate(histories)
        for o in history
    ]
    verdict = is_linearizable(together, name)
    assert bool(verdict) == all(is_linearizable(history, name) for history in histories)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), unknown=st.sampled_from([0.0, 0.3]))
def test_the_order_of_many_keys_keeps_to_time(seed, unknown):
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng, writers=6, operations=40, unknown=unknown)
    other = [o._replace(key="y") for o in draw_crowd(rng, writers=6, operations=40)]
    history = [*crowd, *(o._replace(process=o.process + 6) for o in other)]
    order = is_linearizable(history).order
    assert {o for o in history if o.is_known} <= set(order)
    for place, operation in enumerate(order):
        assert not any(later.end < operation.invoked for later in order[place + 1 :])


# Hard cases


@pytest.mark.parametrize("values", [None, 3, 10])
@pytest.mark.parametrize("unknown", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_operations_of_thirty_at_once_are_decided(values, unknown, seed):
    history = draw_crowd(np.random.default_rng(seed), values=values, unknown=unknown)
    verdict = is_linearizable(history)
    assert verdict
    assert verdict.examined < 30_000


@pytest.mark.parametrize("unknown", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(4))
def test_a_single_lie_among_thirty_at_once_is_found(unknown, seed):
    rng = np.random.default_rng(seed)
    honest = draw_crowd(rng, unknown=unknown, spread=3.0)
    lying = with_one_lie(honest, rng)
    verdict = is_linearizable(lying)
    assert not verdict
    changed = next(o for o, was in zip(lying, honest, strict=True) if o != was)
    assert verdict.counterexample.offender == changed
    assert 2 <= len(verdict.counterexample.core) <= 6


def test_thirty_writers_and_their_readers_all_at_once_then_a_value_that_returns():
    at_once = [write(i, 0, 100, i) for i in range(30)]
    at_once += [read(30 + i, 0, 100, i) for i in range(30)]
    first = read("z", 110, 120, 0)
    assert is_linearizable([*at_once, first, read("z", 130, 140, 0)])
    verdict = is_linearizable([*at_once, first, read("z", 130, 140, 1)])
    assert verdict.outcome == "not linearizable"
    assert verdict.counterexample.offender.result == 1


def test_fifty_unheard_writes_are_placed_where_they_were_seen():
    unheard = [write(i, 0, None, i) for i in range(50)]
    seen = [read("z", 10 * i, 10 * i + 5, i) for i in range(48)]
    assert is_linearizable([*unheard, *seen])
    assert not is_linearizable([*unheard, *seen, read("z", 1000, 1001, 3)])


def test_thirty_appends_at_once_are_put_into_the_order_that_was_got():
    appends = [append(i, 0, 100, f"[{i}]") for i in range(30)]
    whole = "".join(f"[{i}]" for i in reversed(range(30)))
    growing = [get("z", 10 * i, 10 * i + 5, whole[: whole.index(f"[{29 - i}]")]) for i in range(9)]
    assert is_linearizable([*appends, *growing, get("z", 110, 120, whole)], "append")
    missing = whole.replace("[7]", "")
    assert not is_linearizable([*appends, *growing, get("z", 110, 120, missing)], "append")


def test_a_thousand_operations_over_ten_keys_are_decided():
    rng = np.random.default_rng(1)
    history = []
    for key in range(10):
        crowd = draw_crowd(rng, writers=10, operations=100, values=5, unknown=0.1)
        history += [o._replace(key=key, process=(key, o.process)) for o in crowd]
    verdict = is_linearizable(history)
    assert verdict
    assert {o for o in history if o.is_known} <= set(verdict.order)


# Budget


def tangled(times=30):
    """Give a history that is hard to judge: what was seen hangs on many unheard cas."""
    unheard = [cas(i, 0, None, i % 5, (7 * i + 3) % 5, None) for i in range(times)]
    writes = [write(100 + i, 0, None, i % 5) for i in range(20)]
    values = [(3 * i * i + i // 3) % 5 for i in range(48)]
    return [*unheard, *writes, *(read("z", 10 * i, 10 * i + 5, v) for i, v in enumerate(values))]


def test_what_the_budget_does_not_suffice_for_is_undecided_and_never_guessed():
    verdict = is_linearizable(tangled(), budget=2_000)
    assert verdict.outcome == "undecided"
    assert verdict.undecided == ("x",)
    assert verdict.counterexample is None
    assert verdict.order == ()
    with pytest.raises(ValueError, match=r"could not be judged.*larger budget"):
        bool(verdict)


def test_a_key_that_is_undecided_hides_no_violation_of_another():
    stale = [write("p", 0, 1, 1, key="y"), read("q", 2, 3, None, key="y")]
    verdict = is_linearizable([*tangled(), *stale], budget=2_000)
    assert verdict.outcome == "not linearizable"
    assert verdict.counterexample.key == "y"
    fine = [write("p", 0, 1, 1, key="y")]
    assert is_linearizable([*tangled(), *fine], budget=2_000).outcome == "undecided"


def test_a_small_budget_never_turns_the_verdict_round():
    rng = np.random.default_rng(5)
    for _ in range(60):
        history = draw_history("register", rng, processes=4, steps=3, lies=0.1)
        expected = is_linearizable(history).outcome
        assert is_linearizable(history, budget=1).outcome in (expected, "undecided")


def test_memory_is_bounded_by_the_budget():
    tracemalloc.start()
    verdict = is_linearizable(tangled(), budget=5_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict.outcome == "undecided"
    assert peak < 20e6


# Counterexamples


def test_the_core_is_the_few_operations_that_rule_an_answer_out():
    noise = [read("n", 10 * i, 10 * i + 1, None) for i in range(3)]
    first, second = write("a", 40, 41, 1), write("a", 42, 43, 2)
    stale = read("b", 50, 51, 1)
    more = [read("n", 60 + i, 60.5 + i, 2) for i in range(5)]
    found = is_linearizable([*noise, first, second, stale, *more]).counterexample
    assert found.offender == stale
    assert found.core == (first, second, stale)
    assert found.explained == (*noise, first, second)
    assert found.explanation == "b read('x') at 50 to 51 cannot have got 1"


def test_of_several_keys_the_one_that_breaks_first_is_shown():
    late = [write("a", 0, 1, 1), read("a", 8, 9, None)]
    early = [write("b", 0, 1, 1, key="y"), read("b", 2, 3, None, key="y")]
    assert is_linearizable([*late, *early]).counterexample.key == "y"


def test_the_verdict_can_be_read():
    assert repr(is_linearizable([])) == "Verdict: linearizable, 0 operations in order"
    verdict = is_linearizable(FORBIDDEN["a stale read after an acknowledged write"])
    assert repr(verdict) == "Verdict: not linearizable; b read('x') at 2 to 3 cannot have got None"
    assert repr(verdict.counterexample).startswith("Counterexample: b read('x')")
    undecided = repr(is_linearizable(tangled(), budget=10))
    assert undecided.startswith("Verdict: undecided for 'x' after 1")


# Bad histories

BAD = {
    "returned before invoked": (
        [read("a", 2, 1, None)],
        r"operation 0 \(a read\('x'\)\): returned must not lie before invoked, 2, got 1",
    ),
    "unknown function": (
        [write("a", 0, 1, 1), Operation("b", 0, 1, "swap", "x", 1, 2)],
        r"operation 1 \(b swap\('x'\)\): function must be one of read, write, cas, got 'swap'",
    ),
    "two at once": (
        [write("a", 0, 5, 1), read("a", 3, 4, 1)],
        r"process 'a' does two things at once: a write\('x', 1\) at 0 to 5, and a read",
    ),
    "two at once on two keys": ([write("a", 0, 5, 1), read("a", 3, 4, 1, key="y")], "two things"),
    "two at once with an unheard one between": (
        [write("a", 0, 5, 1), write("a", 3, None, 2), read("a", 4, 6, 1)],
        "two things at once",
    ),
    "no key": ([read("a", 0, 1, None, key=None)], r"a read\(None\)\): key must be a hashable"),
    "a key that is a list": ([read("a", 0, 1, None, key=[1])], "key must be a hashable value"),
    "a key that holds a list": ([read("a", 0, 1, None, key=(1, [2]))], "key must be a hashable"),
    "a key that is NaN": (
        [write("a", 0, 1, 1, key=math.nan), read("b", 2, 3, None, key=float("nan"))],
        "key must be a hashable value .*equal to itself, got nan",
    ),
    "a process that is NaN": (
        [write(math.nan, 0, 5, 1), read(float("nan"), 1, 2, None)],
        "process must be a hashable value, and equal to itself, got nan",
    ),
    "a process that holds a list": ([read(("a", [1]), 0, 1, None)], "process must be a hashable"),
    "a process that is a list": ([read(["a"], 0, 1, None)], "process must be a hashable value"),
    "invoked NaN": ([read("a", math.nan, 1, None)], r"operation 0 .*invoked must be .*got nan"),
    "returned NaN": ([read("a", 0, math.nan, None)], r"returned must be .* or None, got nan"),
    "returned infinite": ([read("a", 0, math.inf, None)], r"returned must be .*got inf"),
    "invoked missing": ([read("a", None, 1, None)], r"invoked must be .*got None"),
    "times that are text": ([read("a", "0", 1, None)], r"invoked must be .*got '0'"),
    "too few fields": (
        [("a", 0, 1)],
        r"operation 0 must be \(process, invoked, .*got \('a', 0, 1\)",
    ),
    "not a row": ([5], "operation 0 must be"),
    "not a history": (5, "history must be a sequence of operations, got 5"),
    "a text": ("read", "history must be a sequence of operations, got 'read'"),
    "function not a name": ([Operation("a", 0, 1, 3, "x", None, None)], "function must be a name"),
    "cas without a pair": (
        [Operation("a", 0, 1, "cas", "x", 1, True)],
        r"argument of cas must be \(expected, new\), got 1",
    ),
    "cas without an answer": ([cas("a", 0, 1, 1, 2, None)], "result of cas must be True or False"),
    "a value that is a list": ([write("a", 0, 1, [1])], r"values must be hashable.*got \[1\]"),
    "a value that is NaN": ([read("a", 0, 1, math.nan)], "values must be hashable.*got nan"),
}


@pytest.mark.parametrize(("history", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_a_history_is_refused_by_name(history, message):
    with pytest.raises(ValueError, match=message):
        is_linearizable(history)


def test_bad_texts_are_refused_by_name():
    with pytest.raises(ValueError, match="argument of append must be a text, got 1"):
        is_linearizable([append("a", 0, 1, 1)], "append")
    with pytest.raises(ValueError, match="result of get must be a text"):
        is_linearizable([get("a", 0, 1, None)], "append")
    with pytest.raises(ValueError, match="function must be one of get, put, append, got 'read'"):
        is_linearizable([read("a", 0, 1, None)], "append")


@pytest.mark.parametrize("name", ["queue", None, 3, ["register"]])
def test_an_unknown_specification_is_refused(name):
    with pytest.raises(ValueError, match="specification must be one of register, append, got"):
        is_linearizable([], name)


@pytest.mark.parametrize("budget", [0, -1, 1.5, math.nan, None, True])
def test_a_budget_must_be_a_whole_number(budget):
    with pytest.raises(ValueError, match="budget must be a whole number of at least 1"):
        is_linearizable([], budget=budget)
