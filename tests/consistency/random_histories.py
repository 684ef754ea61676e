"""Histories to judge, and a judge that tries every order: slow, plain, hard to get wrong."""

import math
from functools import cache

import numpy as np

from helpers.consistency.histories import Operation
from helpers.consistency.specifications import specification_named

ANSWERLESS = {"write", "put", "append"}
"""Functions whose result says nothing."""


def is_linearizable_by_force(history, name):
    """Try every order of the operations of one key that keeps to time and to each process."""
    specification = specification_named(name)
    operations = sorted(
        history, key=lambda o: (o.invoked, o.invoked if o.returned is None else o.end)
    )
    needed = {i for i, o in enumerate(operations) if o.returned is not None}
    before = [
        {i for i in needed if i != j and comes_before(operations, i, j)}
        for j in range(len(operations))
    ]

    @cache
    def can_finish(left, state):
        if not left & needed:
            return True
        return any(
            can_finish(left - {i}, after)
            for i in left
            if not before[i] & left
            for after in state_after(operations[i], state)
        )

    def state_after(operation, state):
        after, result = specification.apply(state, operation.function, operation.argument)
        says_nothing = operation.returned is None or operation.function in ANSWERLESS
        return [after] if says_nothing or result == operation.result else []

    return can_finish(frozenset(range(len(operations))), specification.initial)


def comes_before(operations, i, j):
    """Tell whether one had ended before the other began; a process does one after another."""
    one, other = operations[i], operations[j]
    is_own_next = one.process == other.process and one.returned == other.invoked and i < j
    return one.returned < other.invoked or is_own_next


REGISTER_WORDS = (0, 1, 2)
APPEND_WORDS = ("", "a", "b", "ab", "aa")


def draw_history(name, rng, *, processes=3, steps=3, words=None, lies=0.15, unknown=0.2, step=2):
    """Draw a history that one copy gave, and then change some of the answers.

    Times are whole numbers, so that many are equal. Each operation takes effect at a moment
    between its two times, or never if it has no answer; `lies` is the chance that an answer is
    then drawn at random.
    """
    specification = specification_named(name)
    words = words or (REGISTER_WORDS if name == "register" else APPEND_WORDS)
    drawn = []
    for process in range(processes):
        clock = int(rng.integers(0, 3))
        for _ in range(steps):
            end = clock + int(rng.integers(0, 3 * step))
            moment = clock + (end - clock) * rng.random()
            function = str(rng.choice(specification.functions))
            drawn.append(
                [moment, process, clock, end, function, draw_argument(function, words, rng)]
            )
            clock = end + int(rng.integers(0, step))
    return tuple(answer(drawn, specification, words, rng, lies, unknown))


def draw_argument(function, words, rng):
    """Draw what a function is asked with."""
    word, other = (words[i] for i in rng.integers(0, len(words), 2))
    if function in ("read", "get"):
        return None
    return (word, other) if function == "cas" else word


def answer(drawn, specification, words, rng, lies, unknown):
    """Give the operations that were drawn the answers of one copy, or some others."""
    state = specification.initial
    for _, process, start, end, function, argument in sorted(drawn, key=lambda each: each[0]):
        is_unknown, is_done = rng.random() < unknown, rng.random() < 0.6
        if not is_unknown or is_done:
            state, result = specification.apply(state, function, argument)
        if is_unknown:
            yield Operation(process, start, None, function, "x", argument, None)
            continue
        if rng.random() < lies and function == "cas":
            result = not result
        elif rng.random() < lies and function in ("read", "get"):
            result = words[rng.integers(len(words))]
            result += words[rng.integers(len(words))] if function == "get" else 0
        yield Operation(process, start, end, function, "x", argument, result)


def draw_crowd(rng, *, writers=30, operations=100, values=None, spread=10.0, unknown=0.0):
    """Draw a register's history in which many write at once.

    `values` is how many different ones are written; each is new if not given.
    """
    drawn = []
    clock = rng.random(writers)
    for number in range(operations):
        process = int(np.argmin(clock))
        start = float(clock[process])
        end = start + float(rng.exponential(spread))
        function = "write" if rng.random() < 0.5 else "read"
        value = number if values is None else int(rng.integers(values))
        argument = value if function == "write" else None
        drawn.append(
            [start + (end - start) * rng.random(), process, start, end, function, argument]
        )
        clock[process] = end + float(rng.exponential(0.1))
    specification = specification_named("register")
    return tuple(answer(drawn, specification, (0,), rng, 0.0, unknown))


def with_one_lie(history, rng):
    """Let the last read that can tell a lie give what was written long before."""
    reads = [i for i, o in enumerate(history) if o.function == "read" and o.is_known]
    ends = {o.argument: o.end for o in history if o.function == "write"}
    for place in sorted(reads, key=lambda i: -history[i].invoked):
        read = history[place]
        writes = [o for o in history if o.function == "write" and o.is_known]
        done = sorted((o for o in writes if o.end < read.invoked), key=lambda o: o.end)
        old = [
            o.argument
            for o in done
            if any(o.end < n.invoked and n.end < read.invoked for n in done)
            and ends[o.argument] < math.inf
            and o.argument != read.result
        ]
        if old:
            changed = read._replace(result=old[int(rng.integers(len(old)))])
            return (*history[:place], changed, *history[place + 1 :])
    raise AssertionError("no read in this history can tell a lie")
