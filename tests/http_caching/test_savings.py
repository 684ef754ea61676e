"""Savings from a HAR file: what is read, what is left out, and what better headers would save."""

import json

import pytest

from helpers.http_caching.freshness import format_date
from helpers.http_caching.har_headers import EXAMPLE, read_har
from helpers.http_caching.messages import Response
from helpers.http_caching.savings import Cost, Resource, cost, find_savings, improved
from helpers.http_caching.site import DAY, HEADER_BYTES, HOUR, MONDAY
from helpers.workload.samples import sample

DATE = format_date(MONDAY)


def resource(kind="script", size=9_000, path="a.example/app.js", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Resource(path, kind, size, Response(200, {"Date": DATE, **named}))


def har_of(tmp_path, *entries):
    path = tmp_path / "own.har"
    path.write_text(json.dumps({"log": {"entries": list(entries)}}), encoding="utf-8")
    return path


def entry(url="https://a.example/app.js?token=secret", status=200, method="GET", **response):
    return {
        "_resourceType": "script",
        "request": {
            "method": method,
            "url": url,
            "headers": [{"name": "Cookie", "value": "secret"}],
        },
        "response": {
            "status": status,
            "_transferSize": 500,
            "headers": [
                {"name": "cache-control", "value": "max-age=60"},
                {"name": "Set-Cookie", "value": "secret"},
            ],
            "content": {"size": 900, "mimeType": "text/javascript", "text": "secret"},
            **response,
        },
    }


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Cache_Control": "no-store"}, Cost(1, 9_000)),
        ({"Cache_Control": "max-age=3601"}, Cost(0, 0)),
        ({"Cache_Control": "max-age=3600"}, Cost(1, 9_000)),
        ({"Cache_Control": "max-age=60", "ETag": '"1"'}, Cost(1, HEADER_BYTES)),
        ({"Cache_Control": "no-cache", "ETag": '"1"'}, Cost(1, HEADER_BYTES)),
        ({"Cache_Control": "no-cache"}, Cost(1, 9_000)),
        ({"Cache_Control": "max-age=60, stale-while-revalidate=9999"}, Cost(0, 9_000)),
        (
            {"Cache_Control": "max-age=60, stale-while-revalidate=9999", "ETag": '"1"'},
            Cost(0, HEADER_BYTES),
        ),
        (
            {"Cache_Control": "max-age=60, must-revalidate, stale-while-revalidate=9999"},
            Cost(1, 9_000),
        ),
        ({"Cache_Control": "max-age=3700", "Age": "200"}, Cost(1, 9_000)),
        ({"Cache_Control": "max-age=3600, stale-while-revalidate=9"}, Cost(0, 9_000)),
        ({"Cache_Control": "max-age=3600, stale-while-revalidate=0"}, Cost(1, 9_000)),
        ({"Cache_Control": "no-cache, stale-while-revalidate=9999"}, Cost(1, 9_000)),
        ({"Last_Modified": format_date(MONDAY - 11 * HOUR)}, Cost(0, 0)),
        ({"Last_Modified": format_date(MONDAY - 9 * HOUR)}, Cost(1, HEADER_BYTES)),
        ({"Expires": format_date(MONDAY + 2 * HOUR)}, Cost(0, 0)),
        ({}, Cost(1, 9_000)),
    ],
)
def test_a_return_visit_an_hour_later_costs_what_the_headers_say(headers, expected):
    item = resource(**headers)
    assert cost(item, item.response, HOUR) == expected


@pytest.mark.parametrize("name", ["Expires", "Last-Modified"])
def test_a_date_alone_says_nothing_where_it_is_not_known_when_the_answer_was_made(name):
    answer = Response(headers={name: DATE})
    assert cost(resource(), answer, HOUR).requests == 1


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("script", "a.example/app.3f2a91c0.js", Cost(0, 0)),
        ("script", "a.example/app.js", Cost(1, HEADER_BYTES)),
        ("document", "a.example/", Cost(1, HEADER_BYTES)),
        ("image", "a.example/logo.svg", Cost(0, HEADER_BYTES)),
        ("data", "a.example/api", Cost(1, 9_000)),
    ],
)
def test_better_headers_go_by_kind(kind, path, expected):
    item = resource(kind, path=path, Cache_Control="no-store")
    assert cost(item, improved(item), DAY) == expected


@pytest.mark.parametrize(
    ("name", "has_hash"),
    [
        ("app.3f2a91c0.js", True),
        ("index-BxK29f_a1.css", False),
        ("index-b9x2k7q1.css", True),
        ("main.8f14e45f.chunk.js", False),
        ("app.min.js", False),
        ("jquery-3.7.1.js", False),
        ("inter-regular.woff2", False),
    ],
)
def test_a_hash_is_told_from_a_word(name, has_hash):
    assert resource(path=f"a.example/{name}").has_hash == has_hash


def test_rows_add_up_to_the_whole():
    savings = find_savings(read_har().resources)
    assert sum(row.resources for row in savings.rows) == len(read_har().resources)
    assert savings.now == sum((row.now for row in savings.rows), Cost())
    assert savings.better.requests < savings.now.requests
    assert savings.better.size < savings.now.size / 5


def test_the_sample_is_made_up_and_its_private_parts_are_left_out():
    text = EXAMPLE.read_text(encoding="utf-8")
    assert "made-up data" in text
    assert "made-up-77aa" in text
    read = repr(read_har().resources)
    assert "made-up" not in read
    assert "session" not in read


def test_private_data_never_comes_in(tmp_path):
    recording = read_har(har_of(tmp_path, entry()))
    assert "secret" not in repr(recording.resources)
    (found,) = recording.resources
    assert (found.path, found.kind, found.size) == ("a.example/app.js", "script", 500)
    assert found.response.headers == (("cache-control", "max-age=60"),)


def test_what_is_left_out_is_counted_and_named(tmp_path):
    recording = read_har(
        har_of(
            tmp_path,
            entry(),
            entry(method="POST"),
            entry(status=404),
            entry(url="data:x"),
            entry(_transferSize=-1, content={}),
            {},
            7,
        )
    )
    assert len(recording.resources) == 1
    for reason in ("not a GET (2)", "not answered with 200 (3)", "size unknown (5)"):
        assert reason in repr(recording)
    assert "3 × no request to a network (4, 6, 7)" in repr(recording)


def test_an_answer_from_the_browser_s_cache_counts_with_its_whole_size(tmp_path):
    recording = read_har(har_of(tmp_path, entry(_transferSize=0, bodySize=0)))
    assert recording.resources[0].size == 900


def test_the_house_s_other_sample_can_be_read():
    assert len(read_har(sample("shop.har")).resources) == 37


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no JSON in UTF-8"),
        ("[]", "no log.entries in it"),
        ('{"log": {"entries": []}}', "no log.entries in it"),
        ('{"log": {"entries": [{}]}}', "path must hold a GET that was answered with 200"),
    ],
)
def test_what_is_no_har_file_is_refused(tmp_path, content, message):
    path = tmp_path / "broken.har"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_har(path)


def test_headers_that_are_no_list_are_as_good_as_absent(tmp_path):
    for headers in (5, "x", {"name": "age"}, None):
        (found,) = read_har(har_of(tmp_path, entry(headers=headers))).resources
        assert found.response.headers == ()


def test_a_kind_that_would_be_in_no_row_is_refused():
    with pytest.raises(ValueError, match=r"kind must be one of document, .*, got 'video'"):
        resource("video")


def test_a_gap_must_be_positive():
    with pytest.raises(ValueError, match="gap must be a finite number above 0, got 0"):
        find_savings(read_har().resources, gap=0)
