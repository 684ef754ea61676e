"""What crosses from the learner's process to ours, and what does not."""

import base64
import json
import pickle
from collections import deque, namedtuple
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers.checks.encoding import Foreign, Record, TooBigError, decode, encode
from helpers.checks.todo import TODO


def carry(value):
    """Send a value there and back, through text."""
    return decode(json.loads(json.dumps(encode(value))))


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
keys = st.booleans() | st.integers() | st.text()
plain = st.recursive(
    scalars | st.binary() | st.complex_numbers(allow_nan=False),
    lambda inside: (
        st.lists(inside) | st.tuples(inside, inside) | st.dictionaries(keys, inside) | st.sets(keys)
    ),
    max_leaves=20,
)


@given(plain)
def test_plain_values_arrive_as_they_left(value):
    assert carry(value) == value
    assert type(carry(value)) is type(value)


@given(arrays.arrays(st.sampled_from(["f8", "i4", "?", "c16", "U3", "M8[s]"]), (2, 3)))
def test_arrays_arrive_as_they_left(array):
    np.testing.assert_array_equal(carry(array), array)
    assert carry(array).dtype == array.dtype


def test_nan_and_infinity_arrive():
    assert np.isnan(carry(float("nan")))
    assert carry((float("inf"), -float("inf"))) == (float("inf"), -float("inf"))


def test_numbers_of_numpy_become_numbers():
    assert carry(np.float32(0.5)) == 0.5
    assert type(carry(np.int64(3))) is int
    assert carry(np.bool_(True)) is True


def test_an_integer_too_long_to_print_arrives():
    assert carry(1 << 50_000) == 1 << 50_000


def test_records_arrive_as_their_fields():
    @dataclass
    class Run:
        waits: list
        late: int

    Point = namedtuple("Point", "x y")
    run = carry(Run([1.5], 2))
    assert isinstance(run, Record)
    assert (run.waits, run.late, repr(run)) == ([1.5], 2, "Run(waits=[1.5], late=2)")
    assert carry(Point(1, 2)).y == 2


def test_tables_arrive():
    table = pd.DataFrame({"wait": [0.5, 1.5], "tier": ["app", "db"]})
    pd.testing.assert_frame_equal(carry(table), table, check_dtype=False)
    np.testing.assert_array_equal(carry(table["wait"]), [0.5, 1.5])


def test_todo_arrives_as_the_one_todo():
    assert carry([1, TODO])[1] is TODO


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        ((n for n in "ab"), "generator"),
        (len, "builtin_function_or_method"),
        (deque([1]), "deque"),
        ({}.keys(), "dict_keys"),
    ],
)
def test_what_is_not_on_the_list_crosses_as_a_description(value, name):
    arrived = carry([value])[0]
    assert isinstance(arrived, Foreign)
    assert arrived.type == name
    assert "0x" not in arrived.text


def test_a_value_whose_repr_raises_is_described_all_the_same():
    class Rude:
        def __repr__(self):
            raise RuntimeError("no")

    assert carry(Rude()).text == "<Rude whose repr raised RuntimeError>"


def endless_list():
    loop = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    "value",
    [b"x" * 9_000_000, [0] * 2_000_000, np.zeros(2_000_000), "x" * 9_000_000, endless_list()],
)
def test_what_is_too_big_is_refused(value):
    with pytest.raises(TooBigError):
        encode(value)


def test_a_pickle_that_pretends_to_be_an_array_is_not_opened():
    class Bomb:
        def __reduce__(self):
            return pytest.fail, ("a pickle was opened",)

    forged = np.array([Bomb()], dtype=object)
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    content = header.ljust(128) + pickle.dumps(forged.tolist()[0])
    with pytest.raises(ValueError, match="pickle"):
        decode({"$": "array", "value": base64.b64encode(content).decode()})


def test_a_form_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'magic'"):
        decode({"$": "magic"})
