"""Cache-Control: what is well written, and what is not, as RFC 9111 wants it read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.http_caching.cache_control import (
    LARGEST_SECONDS,
    CacheControl,
    parse_cache_control,
    parse_seconds,
    parse_targeted,
)


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("", ()),
        (" ,, ,", ()),
        ("no-store", (("no-store", None),)),
        ("No-Store , MAX-AGE=60", (("no-store", None), ("max-age", "60"))),
        ('max-age="60"', (("max-age", "60"),)),
        ('a="x, max-age=9", max-age=1', (("a", "x, max-age=9"), ("max-age", "1"))),
        (r'a="x\", max-age=9", max-age=1', (("a", 'x", max-age=9'), ("max-age", "1"))),
        ('a="never closed, max-age=9', (("a", "never closed, max-age=9"),)),
        ("max-age=", (("max-age", ""),)),
        ("=60", ()),
        ("max-age=60;x", (("max-age", "60;x"),)),
    ],
)
def test_directives_are_read_in_order(text, directives):
    assert parse_cache_control(text).directives == directives


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("max-age=60", 60),
        ("max-age=00060", 60),
        ("max-age=60, max-age=5", 60),
        ("max-age=5, max-age=60", 5),
        (f"max-age={2**31 - 1}", 2**31 - 1),
        (f"max-age={2**31}", LARGEST_SECONDS),
        (f"max-age={2**31 + 1}", LARGEST_SECONDS),
        (f"max-age={'9' * 5000}", LARGEST_SECONDS),
        ("no-store", None),
    ],
)
def test_a_lifetime_is_read_and_the_first_of_several_counts(text, seconds):
    assert parse_cache_control(text).seconds("max-age") == seconds


@pytest.mark.parametrize(
    "value", ["", "-1", "+1", "1.5", "1e3", "60a", "a60", "'60'", " 60", "٣", "²", '"']
)
def test_a_lifetime_that_cannot_be_read_is_none_at_all(value):
    assert parse_cache_control(f"max-age={value}").seconds("max-age") == 0


def test_a_space_before_the_sign_makes_a_lifetime_unreadable():
    assert parse_cache_control("max-age =60").seconds("max-age") == 0


def test_a_lifetime_without_a_number_is_none_at_all():
    assert parse_cache_control("max-age").seconds("max-age") == 0


@pytest.mark.parametrize(
    ("text", "binds_all", "names"),
    [
        ("no-cache", True, ()),
        ('no-cache="A, b"', False, ("a", "b")),
        ('no-cache=""', True, ()),
        ('no-cache="a", no-cache', True, ("a",)),
        ("no-cache=a", False, ("a",)),
        ("max-age=1", False, ()),
    ],
)
def test_a_directive_binds_all_or_the_fields_that_it_names(text, binds_all, names):
    policy = parse_cache_control(text)
    assert policy.applies_to_all("no-cache") == binds_all
    assert policy.field_names("no-cache") == names


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("max-age=60", (("max-age", "60"),)),
        ("max-age=60;ext=1, no-cache", (("max-age", "60"), ("no-cache", None))),
        ("max-age=60, max-age=5", (("max-age", "5"),)),  # in a dictionary the last one counts
        ('max-age="60", public', (("public", None),)),  # a text is no number
        ("no-store=?0, must-revalidate=?1", (("must-revalidate", None),)),
        ('private="a"', (("private", "a"),)),
    ],
)
def test_a_targeted_field_is_read_as_a_dictionary(text, directives):
    policy = parse_targeted(text)
    assert policy == CacheControl(directives, is_targeted=True)


@pytest.mark.parametrize(
    "text", ["", " ", "max-age: 60", "max-age=60,", "Max-Age=60", "a b", "a=,"]
)
def test_a_targeted_field_that_is_no_dictionary_is_as_good_as_absent(text):
    assert parse_targeted(text) is None


@given(st.text())
def test_any_text_is_read_and_says_nothing_below_zero(text):
    policy = parse_cache_control(text)
    for name, _ in policy.directives:
        assert name == name.strip().lower() != ""
        assert 0 <= policy.seconds(name) <= LARGEST_SECONDS
        policy.field_names(name)
    parse_targeted(text)


@given(st.integers(min_value=0, max_value=10**30))
def test_a_number_of_seconds_is_read_as_written_up_to_the_largest(number):
    assert parse_seconds(str(number)) == min(number, LARGEST_SECONDS)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z][a-z-]{0,9}", fullmatch=True),
            st.none()
            | st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True)
            | st.text("a,= ;", min_size=1),
        )
    )
)
def test_what_is_well_written_is_read_back(directives):
    told = [
        name
        if value is None
        else f'{name}="{value}"'
        if set(value) & set(",= ;")
        else f"{name}={value}"
        for name, value in directives
    ]
    assert parse_cache_control(", ".join(told)).directives == tuple(directives)
