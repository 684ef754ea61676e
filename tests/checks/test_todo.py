"""The blank of a stub."""

import copy
import operator
import pickle

import numpy as np
import pytest

from helpers.checks import TODO, UnfinishedError

TWO_SIDED = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.lt,
    operator.ge,
    operator.eq,
    operator.ne,
]


def test_its_name_is_todo():
    assert repr(TODO) == str(TODO) == f"{TODO}" == f"{TODO:.3f}" == "TODO"


@pytest.mark.parametrize("operation", TWO_SIDED)
@pytest.mark.parametrize("other", [3, 2.5, np.float64(2), np.ones(3)])
def test_whatever_is_worked_out_from_it_is_todo(operation, other):
    assert operation(TODO, other) is TODO
    assert operation(other, TODO) is TODO


@pytest.mark.parametrize("function", [np.sqrt, np.mean, np.cumsum, abs, round, operator.neg])
def test_functions_of_it_are_todo(function):
    assert function(TODO) is TODO


@pytest.mark.parametrize(
    "use",
    [
        bool,
        float,
        int,
        len,
        list,
        sum,
        max,
        np.asarray,
        lambda todo: 1 if todo < 3 else 2,
        lambda todo: todo.mean,
        lambda todo: 3 in todo,
        lambda todo: np.zeros(2).__setitem__(0, todo),
        lambda todo: range(todo),
    ],
)
def test_nothing_is_decided_on_it(use):
    with pytest.raises((UnfinishedError, ValueError)) as caught:
        use(TODO)
    chain = (caught.value, caught.value.__cause__, caught.value.__context__)
    assert any(isinstance(link, UnfinishedError) for link in chain)


def test_looking_at_it_raises_nothing():
    assert not hasattr(TODO, "_repr_html_")
    assert not hasattr(TODO, "shape")


def test_there_is_only_one_of_it():
    assert copy.deepcopy(TODO) is TODO
    assert pickle.loads(pickle.dumps(TODO)) is TODO
    assert {TODO: 1}[TODO] == 1
