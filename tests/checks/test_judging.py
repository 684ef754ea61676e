"""Comparing what came back with what was expected."""

import numpy as np
import pandas as pd
import pytest

from helpers.checks.cards import number, show
from helpers.checks.encoding import Foreign, decode, encode
from helpers.checks.judging import compare, find_strangeness, is_unfinished
from helpers.checks.todo import TODO

RUN = decode(encode(pd.DataFrame({"a": [1.0, 2.0]})))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (0.3, 0.1 + 0.2),
        (3, 3.0),
        (0.0, 1e-13),
        (1e9 + 1, 1e9),
        (float("inf"), float("inf")),
        (float("nan"), float("nan")),
        ([1, 2], (1.0, 2.0)),
        ([1, 2], np.array([1.0, 2.0])),
        (np.array([1, 2]), [1, 2]),
        (np.array(2.0), 2),
        ([], []),
        ({"a": [1.0]}, {"a": (1,)}),
        ({1, 2}, {2, 1}),
        ("late", "late"),
        (None, None),
        (True, True),
        (np.array(["a", "b"]), ["a", "b"]),
        (RUN, {"a": [1, 2]}),
    ],
)
def test_values_that_mean_the_same_agree(result, expected):
    assert compare(result, expected) is None


@pytest.mark.parametrize(
    ("result", "expected", "key", "says"),
    [
        (0.31, 0.3, "value", ""),
        (1e-6, 2e-6, "value", ""),
        ("0.3", 0.3, "kind", "Text came back where a number was expected."),
        (True, 1, "kind", "A truth value came back where a number was expected."),
        (1, True, "kind", "A number came back where a truth value was expected."),
        (3, None, "kind", "A number came back where nothing (None) was expected."),
        (None, 3, "none", "Nothing came back (None). Is a `return` missing?"),
        (float("nan"), 3, "nan", "NaN (not a number) came back."),
        (float("inf"), 3, "infinite", "Infinity came back."),
        (-float("inf"), float("inf"), "infinite", "Infinity came back."),
        (3.0, float("inf"), "value", ""),
        (3.0, float("nan"), "value", ""),
        (3, [3], "kind", "A number came back where a list was expected."),
        ([1], [1, 2], "shape", "1 values came back, 2 were expected."),
        ([1, 3], [1, 2], "value", "At position 1, 3 came back where 2 was expected."),
        (["a"], [1.0], "kind", "At position 0: Text came back where a number was expected."),
        ({"a": 1}, {"b": 1}, "shape", "The key 'b' is missing."),
        ({"a": 1, "c": 2}, {"a": 1}, "shape", "The key 'c' was not expected."),
        ({"a": 2}, {"a": 1}, "value", "At 'a', 2 came back where 1 was expected."),
        ([1], {"a": 1}, "kind", "A list came back where a dictionary was expected."),
        ({1}, {2}, "value", ""),
        ("early", "late", "value", ""),
        (
            np.zeros((2, 3)),
            np.zeros((3, 2)),
            "shape",
            "An array of shape (2, 3) came back, (3, 2) was expected.",
        ),
        (
            np.array([[1.0, 5.0]]),
            np.array([[1.0, 2.0]]),
            "value",
            "At (0, 1), 5 came back where 2 was expected.",
        ),
        ([[1], [1, 2]], np.ones(2), "kind", "A list came back where an array of shape (2,) was"),
        (3.0, np.ones(2), "shape", "An array of shape () came back, (2,) was expected."),
        (["a", "b"], np.ones(2), "kind", "A list came back where an array of shape (2,) was"),
        (np.array([1.0, np.nan]), np.ones(2), "nan", "At position 1: NaN (not a number) came"),
    ],
)
def test_a_difference_is_named_and_placed(result, expected, key, says):
    mistake = compare(result, expected)
    assert mistake.key == key
    assert mistake.says.startswith(says)
    assert bool(says) == bool(mistake.says)


def test_a_small_difference_is_shown_with_all_its_digits():
    mistake = compare([1.00002], [1.0])
    assert mistake.says == "At position 0, 1.00002 came back where 1 was expected."
    mistake = compare([1.0000001], [1.0], tolerance=1e-9)
    assert "1.0000001" in mistake.says


def test_the_tolerance_is_relative():
    assert compare(101.0, 100.0, tolerance=0.02) is None
    assert compare(103.0, 100.0, tolerance=0.02).key == "value"
    assert compare(1.03e-9, 1.00e-9, tolerance=0.02).key == "value"


@pytest.mark.parametrize("expected", [3.0, [1], {"a": 1}, "text", np.ones(2)])
def test_what_cannot_be_carried_is_named_whatever_was_expected(expected):
    assert "generator" in compare(Foreign("generator", "<generator>"), expected).says


def test_nan_and_infinity_are_found_wherever_they_hide():
    nan, infinity = float("nan"), float("inf")
    assert find_strangeness({"waits": [1.0, nan]}, finite=True).key == "nan"
    assert find_strangeness((np.array([1.0, infinity]),), finite=True).key == "infinite"
    assert find_strangeness({"waits": [1.0, nan]}, finite=False) is None
    assert find_strangeness(["nan", 3, np.arange(3)], finite=True) is None


def test_todo_is_found_inside_an_answer():
    assert is_unfinished({"a": (1, [TODO])})
    assert not is_unfinished({"a": (1, ["TODO"])})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3"),
        (0.123456789, "0.123457"),
        ("x", "'x'"),
        ((1,), "(1,)"),
        ([1.5] * 10, "[1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, … 2 more]"),
        ({"a": 0.5}, "{'a': 0.5}"),
        (np.arange(3.0), "[0., 1., 2.]"),
        (np.arange(100.0), "[ 0., 1., 2., ..., 97., 98., 99.] (100 values)"),
        (Foreign("deque", "deque([1])"), "deque([1]) (of type deque)"),
    ],
)
def test_values_are_shown_in_one_short_line(value, shown):
    assert show(value) == shown


def test_a_long_value_is_cut():
    assert len(show("x" * 1000)) <= 160


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.20461, "0.2046"),
        (1_234_567, "1,235,000"),
        (10, "10"),
        (0, "0"),
        (-0.5, "-0.5"),
        (1e-6, "1e-06"),
        (1e20, "1e+20"),
        (float("-inf"), "minus infinity"),
        (float("nan"), "not a number"),
    ],
)
def test_numbers_have_four_digits(value, written):
    assert number(value) == written
