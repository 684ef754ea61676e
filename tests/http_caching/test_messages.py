"""Messages: their fields are found in any case and any number of lines, and never altered."""

from http import HTTPStatus
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import (
    Request,
    Response,
    Verdict,
    drop_hop_by_hop,
    list_members,
    put_fields,
)


def test_a_field_is_found_in_any_case_and_its_lines_are_one_list():
    response = Response(headers=[("VARY", "Accept"), ("Age", "3"), ("vary", "Cookie")])
    assert response.get("Vary") == "Accept, Cookie"
    assert response.first("vary") == "Accept"
    assert response.lines("vary") == ("Accept", "Cookie")
    assert response.get("ETag") is None


def test_fields_keep_their_order_and_their_case():
    given = [("b", "1"), ("A", "2"), ("b", "3")]
    assert Response(headers=given).headers == tuple(given)


def test_headers_may_be_given_as_a_dictionary():
    assert Request("/", headers={"Range": "bytes=0-"}).headers == (("Range", "bytes=0-"),)


def test_two_responses_that_differ_in_their_verdict_only_are_equal():
    assert Response(verdict=Verdict("hit", "fresh")) == Response()


def test_setting_a_field_replaces_all_its_lines_and_leaves_the_message_as_it_was():
    response = Response(headers=[("Age", "1"), ("age", "2"), ("ETag", "x")])
    changed = put_fields(response, Age="3")
    assert changed.headers == (("ETag", "x"), ("Age", "3"))
    assert changed.get("age") == "3"
    assert response.get("Age") == "1, 2"


def test_what_is_meant_for_the_next_hop_only_goes_and_what_connection_names_too():
    names = ("Keep-Alive", "TE", "Transfer-Encoding", "Upgrade", "Proxy-Authenticate")
    headers = [("Connection", "close, X-Hop"), ("x-hop", "1"), *((name, "x") for name in names)]
    assert drop_hop_by_hop(Response(headers=[*headers, ("ETag", '"v"')])).headers == (
        ("ETag", '"v"'),
    )


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (None, ()),
        ("", ()),
        (" , ,", ()),
        ("a,b , c", ("a", "b", "c")),
        ('"a,b", c', ('"a,b"', "c")),
        ('"never closed, c', ('"never closed, c',)),
    ],
)
def test_a_list_is_taken_apart_outside_of_quotation_marks(text, members):
    assert list_members(text) == members


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Verdict("hit", "fresh", age=3, lifetime=60), "me; hit; ttl=57"),
        (Verdict("stale", "late", age=70, lifetime=60), "me; hit; ttl=-10"),
        (
            Verdict("miss", "new", is_stored=True, forward="uri-miss", forward_status=200),
            "me; fwd=uri-miss; fwd-status=200; stored",
        ),
        (Verdict("error", "only-if-cached"), "me"),
        (Verdict("error", "no answer", forward="stale"), "me; fwd=stale"),
        (
            Verdict("revalidated", "304", 0, 60, True, forward="stale", forward_status=304),
            "me; fwd=stale; fwd-status=304; stored",
        ),
    ],
)
def test_a_verdict_is_told_as_rfc_9211_writes_it(verdict, told):
    assert verdict.cache_status("me") == told


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Request(""), "url must be a text that is not empty, got ''"),
        (lambda: Request("/", method=3), "method must be a text that is not empty, got 3"),
        (lambda: Response(99), "status must be a whole number from 100 to 999, got 99"),
        (lambda: Response(True), "status must be a whole number from 100 to 999, got True"),
        (lambda: Response(200.0), "status must be a whole number from 100 to 999, got 200.0"),
        (lambda: Response(headers=None), "headers must be pairs of texts, got None"),
        (lambda: Request("/", body=5), "body must be bytes or a text, got 5"),
        (lambda: Response(body=5), "body must be bytes or a text, got 5"),
        (lambda: Response(headers=["Age"]), "headers must be pairs of texts, got 'Age'"),
        (lambda: Response(headers={"Age": 3}), r"headers must be pairs of texts, got \('Age', 3\)"),
    ],
)
def test_bad_input_is_refused_with_its_name_and_its_value(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_a_body_is_bytes_whatever_it_was_given_as():
    for body in ("é", "é".encode(), bytearray("é".encode()), memoryview("é".encode())):
        assert Response(body=body).body == Request("/", body=body).body == b"\xc3\xa9"
    assert Response(body=None).body == b""


def test_a_status_may_be_one_of_the_standard_library_s():
    assert repr(Response(HTTPStatus.NOT_FOUND).status) == "404"


@given(st.text())
def test_no_text_is_too_odd_for_a_list(text):
    assert all(member == member.strip() != "" for member in list_members(text))


def test_messages_of_any_class_that_carry_the_parts_will_do():
    told = []

    def origin(request):
        told.append(request.url)
        return SimpleNamespace(status=200, headers=[["Cache-Control", "max-age=9"]], body="hi")

    cache = HttpCache(origin, lambda: 0.0, shared=True)
    question = SimpleNamespace(method="GET", url="/a", headers=[("Accept", "*/*")], body=None)
    assert [cache.fetch(question).body for _ in range(2)] == [b"hi", b"hi"]
    assert told == ["/a"]


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (SimpleNamespace(url="/", headers=[], body=b""), "without method"),
        ("/", "without url"),
        (None, "without url"),
    ],
)
def test_what_carries_no_request_is_refused_by_name(thing, message):
    with pytest.raises(ValueError, match=message):
        HttpCache(lambda request: Response(), lambda: 0.0, shared=True).fetch(thing)
