"""HAR files: what a browser saved, read with what is wrong counted and what is private left out."""

import gzip
import json
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.workload import from_har, har, sample
from helpers.workload.report import Tally

in_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def entry(second=0.0, url="https://a.example/", took=80.0, **response):
    return {
        "startedDateTime": f"2026-03-29T03:00:{second:06.3f}+02:00",
        "time": took,
        "request": {"url": url, "headers": [{"name": "Cookie", "value": "s3cret"}]},
        "response": {"status": 200, "bodySize": 500, "content": {"text": "s3cret"}} | response,
    }


@pytest.fixture
def read(tmp_path):
    """Read entries, or any bytes, as the HAR file they would be in."""

    def read_content(content, **arguments):
        if isinstance(content, list):
            content = json.dumps({"log": {"version": "1.2", "entries": content}}).encode()
        path = tmp_path / "page.har"
        path.write_bytes(content)
        return from_har(path, **arguments)

    return read_content


def test_entries_give_time_host_and_path_bytes_and_duration(read):
    workload = read([entry(0), entry(0.5, "https://b.example/x?y", 120.0), entry(2, took=40.0)])
    assert workload.arrival_time.tolist() == pytest.approx([0.0, 0.5, 2.0])
    assert workload.key_names == ("a.example/", "b.example/x")
    assert workload.key.tolist() == [0, 1, 0]
    assert workload.size.tolist() == [500] * 3
    assert workload.service_time.tolist() == [0.08, 0.12, 0.04]
    assert workload.status.tolist() == [200] * 3
    assert workload.client is None
    assert workload.report.form == "HAR"
    assert workload.report.started_at == 1774746000


@pytest.mark.parametrize(
    ("response", "size"),
    [
        ({"_transferSize": 900, "bodySize": 500}, 900),
        ({"_transferSize": 0, "bodySize": 500}, 0),
        ({"_transferSize": -1, "headersSize": 200, "bodySize": 500}, 700),
        ({"headersSize": -1, "bodySize": 500}, 500),
        ({"bodySize": -1, "content": {"size": 300}}, 300),
    ],
)
def test_the_size_is_what_came_over_the_network_as_far_as_the_browser_knows(read, response, size):
    assert read([entry(**response)]).size.tolist() == [size]


def test_what_the_browser_did_not_know_is_set_to_zero_and_said_so(read):
    unknown = entry(1, took=-1, bodySize=-1, content={})
    workload = read([entry(), unknown])
    assert workload.size.tolist() == [500, 0]
    assert workload.service_time.tolist() == [0.08, 0.0]
    assert "size unknown for 1 of the requests, set to 0" in workload.report.notes


def test_answers_from_the_browsers_cache_are_counted(read):
    report = read([entry(), entry(1) | {"_fromCache": "disk"}]).report
    assert "answered by the browser's own cache: 1" in report.notes


def test_entries_out_of_order_are_sorted_and_counted(read):
    workload = read([entry(2), entry(0), entry(1)])
    assert workload.arrival_time.tolist() == [0.0, 1.0, 2.0]
    assert workload.report.out_of_order == 2


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (entry(url="data:image/gif;base64,AAAA"), "no request to a network"),
        (entry(url="blob:https://a.example/1"), "no request to a network"),
        (entry() | {"startedDateTime": "yesterday"}, "time not understood"),
        (entry() | {"startedDateTime": None}, "no time"),
        (entry() | {"request": {}}, "no URL"),
        (entry() | {"request": "GET /"}, "no URL"),
        ("an entry", "no URL"),
        (None, "no URL"),
    ],
)
def test_a_wrong_entry_is_rejected_with_its_number_and_a_reason(read, wrong, reason):
    report = read([entry(), wrong, entry(1)]).report
    assert [str(rejection) for rejection in report.rejections] == [f"1 × {reason} (2)"]
    assert (report.lines, report.requests, report.rejected) == (3, 2, 1)
    assert f"rejected entry: 1 × {reason} (2)" in repr(report)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "path must be a HAR file, got .*: Expecting value, line 1"),
        (b'{"log":\n{"entries": [}', "path must be a HAR file, got .*: Expecting value, line 2"),
        (b'{"log": "\xff"}', "path must be a HAR file, got .*: no JSON in UTF-8"),
        (b"[" * 100_000, "path must be a HAR file, got .*: no JSON in UTF-8"),
        (b"[]", "path must be a HAR file, got .*: no log.entries in it"),
        (b'{"log": []}', "path must be a HAR file, got .*: no log.entries in it"),
        (b'{"log": {"entries": {}}}', "path must be a HAR file, got .*: no log.entries in it"),
        (b'{"log": {"entries": []}}', "path must be a HAR file, got .*: 0 entries in it"),
        (b'{"log": {"entries": [1]}}', "got none: 1 x entry in page.har, .* no URL"),
        (
            gzip.compress(b'{"log": {}}' * 99, mtime=0)[:-20],
            "the gzip data breaks off or is damaged",
        ),
        (b"PK\x03\x04", "path must be text or gzip, got .*: a zip archive"),
    ],
)
def test_a_file_without_a_request_is_an_error_that_says_why(read, content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


def test_a_path_that_is_no_file_is_an_error_that_says_why(tmp_path):
    with pytest.raises(ValueError, match=r"path must be a file, got .*: no such file"):
        from_har(tmp_path / "none.har")
    with pytest.raises(ValueError, match=r"path must be a file, got .*: a folder"):
        from_har(tmp_path)
    with pytest.raises(ValueError, match="path must be a file name, got 7"):
        from_har(7)


def test_a_file_too_large_to_be_read_at_once_is_refused(read, monkeypatch):
    monkeypatch.setattr(har, "LARGEST", 100)
    with pytest.raises(ValueError, match=r"path must be a HAR file, got .*: more than 100 bytes"):
        read([entry()])


def test_gzip_and_a_byte_order_mark_do_no_harm(read):
    content = json.dumps({"log": {"entries": [entry()]}}).encode()
    assert len(read(gzip.compress(content, mtime=0))) == 1
    assert len(read(b"\xef\xbb\xbf" + content)) == 1


def test_nothing_private_is_left_in_the_workload(read):
    urls = ["https://jane:s3cret@a.example/x?s3cret", "https://a.example?s3cret#s3cret"]
    workload = read([entry(url=url) for url in urls] + [{"s3cret": "s3cret"}])
    kept = pickle.dumps(workload) + repr(workload).encode() + repr(workload.report).encode()
    assert workload.key_names == ("a.example/x", "a.example/")
    assert b"s3cret" not in kept
    assert b"jane" not in kept


def test_headers_and_contents_are_let_go_of_while_reading(tmp_path):
    path = tmp_path / "page.har"
    path.write_text(json.dumps({"log": {"entries": [entry()]}}))
    (kept,) = har.entries_of(path, Tally("page.har"))
    assert set(kept["request"]) == {"url"}
    assert kept["response"]["content"] == {}


def test_queries_are_kept_if_asked_for(read):
    workload = read([entry(url="https://a.example/x?page=2")], keep_private=True)
    assert workload.key_names == ("a.example/x?page=2",)


@in_folder
@given(st.binary(max_size=200))
def test_no_junk_breaks_the_reader(read, content):
    with pytest.raises(ValueError, match="path must"):
        read(content)


values = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just([])


@in_folder
@given(st.lists(st.tuples(st.sampled_from(sorted(har.WANTED)), values), max_size=5), values)
def test_no_odd_value_breaks_the_reader(read, odd, whole):
    wrong = [entry() | {name: value} for name, value in odd]
    wrong += [entry(**{name: value}) for name, value in odd]
    report = read([entry(), *wrong, whole]).report
    assert report.lines == report.requests + report.rejected == len(wrong) + 2


def test_the_sample_reads_as_it_says():
    report = from_har(sample("shop.har")).report
    assert repr(report).splitlines() == [
        "shop.har: HAR, 39 entries, 37 requests",
        "  from 2026-03-29 01:00:00 to 2026-03-29 01:00:00 UTC",
        "  rejected entry: 1 × no request to a network (37)",
        "  rejected entry: 1 × no time (38)",
        "  2 out of order, sorted",
        "  answered by the browser's own cache: 1",
        "  size unknown for 1 of the requests, set to 0",
        "  service_time unknown for 1 of the requests, set to 0",
    ]
