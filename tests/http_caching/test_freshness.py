"""Age and lifetime: examples worked by hand, and what counts before what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.http_caching.freshness import (
    Age,
    Lifetime,
    current_age,
    directives_of,
    format_date,
    freshness_lifetime,
    parse_date,
    read_age,
)
from helpers.http_caching.messages import Response

NOON = 1_750_000_000


def made(at=NOON, **headers):
    """A response with a Date, and other fields by their names."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(headers={"Date": format_date(at), **given})


# Age arithmetic (RFC 9111, 4.2.3), worked by hand


def test_straight_from_the_origin_at_once_the_age_is_the_time_in_the_cache():
    assert current_age(made(), NOON, NOON, NOON + 7) == Age(0, 0, 0, 7)
    assert current_age(made(), NOON, NOON, NOON + 7).current == 7


def test_the_wait_for_the_response_counts_although_part_of_it_was_the_question():
    # Asked at 0, made at 3 and here at 4: at most 4 s old. Its Date alone would say 1 s.
    age = current_age(made(NOON + 3), NOON, NOON + 4, NOON + 4)
    assert age == Age(apparent_age=1, age_value=0, response_delay=4, resident_time=0)
    assert age.current == 4


def test_the_age_field_adds_what_caches_on_the_way_kept_it():
    # Another cache says 100 s; 2 s on the way; 30 s here.
    age = current_age(made(Age="100"), NOON + 99, NOON + 101, NOON + 131)
    assert (age.apparent_age, age.corrected_age_value) == (101, 102)
    assert age.corrected_initial_age == 102
    assert age.current == 132


def test_an_old_date_counts_where_no_age_field_tells_of_it():
    age = current_age(made(NOON - 500), NOON, NOON + 1, NOON + 1)
    assert (age.apparent_age, age.corrected_age_value, age.current) == (501, 1, 501)


def test_a_date_in_the_future_makes_nothing_younger_than_it_is():
    age = current_age(made(NOON + 500), NOON, NOON + 1, NOON + 11)
    assert (age.apparent_age, age.current) == (0, 11)


def test_without_a_date_the_age_is_what_the_age_field_and_the_clock_say():
    assert current_age(Response(headers={"Age": "5"}), NOON, NOON, NOON + 2).current == 7


def test_a_clock_that_steps_back_makes_nothing_younger():
    assert current_age(made(), NOON, NOON, NOON - 9).resident_time == 0


def test_an_answer_before_its_question_is_refused():
    with pytest.raises(ValueError, match=r"response_time - request_time must .* got -1"):
        current_age(made(), NOON, NOON - 1, NOON)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("0", 0),
        ("12", 12),
        ("12, 9", 12),
        ("-1", 0),
        ("1.5", 0),
        ("x", 0),
        ("", 0),
        ("9" * 99, 2**31),
    ],
)
def test_an_age_field_that_cannot_be_read_is_ignored_and_the_first_member_counts(text, age):
    assert read_age(Response(headers={"Age": text})) == age


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 100),
    st.integers(0, 10**6),
    st.integers(0, 100),
)
def test_nothing_grows_younger_while_it_is_kept(old, age_value, delay, kept, later):
    response = made(NOON - old, Age=str(age_value))
    ages = [
        current_age(response, NOON, NOON + delay, NOON + delay + k) for k in (kept, kept + later)
    ]
    assert ages[1].current - ages[0].current == later
    assert ages[0].current >= max(old, age_value, kept)


# Lifetime (RFC 9111, 4.2.1 and 4.2.2)

EXPIRES = format_date(NOON + 300)
DAY_OLD = format_date(NOON - 86_400)


@pytest.mark.parametrize(
    ("headers", "shared", "private"),
    [
        ({"Cache_Control": "max-age=60, s-maxage=600"}, (600, "s-maxage"), (60, "max-age")),
        ({"Cache_Control": "s-maxage=600"}, (600, "s-maxage"), (0, "nothing")),
        ({"Cache_Control": "max-age=60", "Expires": EXPIRES}, (60, "max-age"), (60, "max-age")),
        ({"Cache_Control": "s-maxage=9", "Expires": EXPIRES}, (9, "s-maxage"), (300, "Expires")),
        ({"Expires": EXPIRES, "Last_Modified": DAY_OLD}, (300, "Expires"), (300, "Expires")),
        ({"Expires": "0", "Last_Modified": DAY_OLD}, (0, "Expires"), (0, "Expires")),
        ({"Expires": DAY_OLD}, (0, "Expires"), (0, "Expires")),
        ({"Last_Modified": DAY_OLD}, (8640, "heuristic"), (8640, "heuristic")),
        ({"Last_Modified": EXPIRES}, (0, "heuristic"), (0, "heuristic")),
        ({"Last_Modified": "yesterday"}, (0, "nothing"), (0, "nothing")),
        ({}, (0, "nothing"), (0, "nothing")),
        ({"CDN_Cache_Control": "max-age=5", "Expires": EXPIRES}, (5, "max-age"), (300, "Expires")),
        ({"CDN_Cache_Control": "public", "Expires": EXPIRES}, (0, "nothing"), (300, "Expires")),
    ],
)
def test_the_lifetime_comes_from_the_first_that_is_there(headers, shared, private):
    response = made(**headers)
    assert freshness_lifetime(response, NOON, shared=True) == Lifetime(*shared)
    assert freshness_lifetime(response, NOON, shared=False) == Lifetime(*private)


def test_expires_is_held_against_the_date_and_not_against_the_clock():
    response = made(NOON - 1000, Expires=format_date(NOON - 400))
    assert freshness_lifetime(response, NOON, shared=False).seconds == 600


def test_where_the_date_cannot_be_read_the_time_of_arrival_stands_in():
    response = Response(headers={"Date": "today", "Expires": EXPIRES})
    assert freshness_lifetime(response, NOON + 100, shared=False).seconds == 200


@pytest.mark.parametrize(
    ("status", "cache_control", "guessed"),
    [(200, "", True), (404, "", True), (403, "", False), (503, "", False), (503, "public", True)],
)
def test_a_lifetime_is_guessed_for_some_statuses_only_or_where_public_allows_it(
    status, cache_control, guessed
):
    headers = {"Date": format_date(NOON), "Last-Modified": DAY_OLD, "Cache-Control": cache_control}
    lifetime = freshness_lifetime(Response(status, headers), NOON, shared=True)
    assert (lifetime.source == "heuristic") == guessed


def test_a_targeted_field_takes_the_place_of_cache_control_for_a_shared_cache_only():
    response = made(Cache_Control="no-store", CDN_Cache_Control="max-age=5")
    assert "no-store" not in directives_of(response, shared=True)
    assert "no-store" in directives_of(response, shared=False)


# Dates (RFC 9110, 5.6.7)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "sUN, 06 nOV 1994 08:49:37 gmt",
    ],
)
def test_a_date_is_read_in_all_three_forms_and_in_any_case(text):
    assert parse_date(text) == 784111777


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "0",
        "-1",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 31 Jun 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        " Sun, 06 Nov 1994 08:49:37 GMT",
    ],
)
def test_what_is_no_date_of_http_is_none(text):
    assert parse_date(text) is None


def test_a_leap_second_is_the_second_after():
    assert parse_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_date(
        "Sun, 01 Jan 2017 00:00:00 GMT"
    )


@pytest.mark.parametrize("seconds", [-1, 253_402_300_800, 1.75e12, float("nan")])
def test_a_date_that_four_digits_cannot_write_is_refused(seconds):
    with pytest.raises(ValueError, match=r"seconds must lie between 0 and 253402300799, got"):
        format_date(seconds)


def test_a_year_of_two_digits_lies_at_most_fifty_years_ahead():
    assert parse_date("Monday, 01-Jan-76 00:00:00 GMT", this_year=2026) > NOON
    assert parse_date("Monday, 01-Jan-77 00:00:00 GMT", this_year=2026) < NOON


@given(st.integers(0, 253_402_300_799))
def test_a_date_that_is_written_is_read_back(seconds):
    assert parse_date(format_date(seconds)) == seconds


@given(st.text())
def test_any_text_is_a_date_or_none(text):
    assert parse_date(text) is None or text.isascii()
