"""Access logs as they are found: every line is a request, a blank, or rejected with a reason."""

import gzip
import json
import os
import pickle
import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.workload import from_access_log, lines, names, sample
from helpers.workload.lines import LONGEST
from helpers.workload.names import Names, path_of
from helpers.workload.timestamps import Clock

TAIL = ' "https://shop.example/" "Mozilla/5.0 (X11)"'
START = 1774746000  # 2026-03-29 01:00:00 UTC: in Berlin the clocks jump from 02:00 to 03:00
in_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def line(time="29/Mar/2026:03:00:00 +0200", path="/", size="512", ip="192.0.2.1", tail=TAIL):
    return f'{ip} - - [{time}] "GET {path} HTTP/1.1" 200 {size}{tail}'


@pytest.fixture
def read(tmp_path):
    """Read text or bytes as the access log they would be in a file."""

    def read_content(content, name="access.log", **arguments):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return from_access_log(path, **arguments)

    return read_content


def adds_up(report):
    return report.lines == report.requests + report.blank + report.rejected + report.header


# Three forms


def test_a_combined_line_gives_all_that_it_tells(read):
    workload = read(
        line(path="/a", size="512", ip="192.0.2.1")
        + "\n"
        + line("29/Mar/2026:03:00:02 +0200", "/b", "-", "192.0.2.2")
        + "\n"
        + line("29/Mar/2026:03:00:04 +0200", "/a", "99", "192.0.2.1"),
        spread_seconds=False,
    )
    assert workload.arrival_time.tolist() == [0.0, 2.0, 4.0]
    assert workload.duration == 6.0  # up to the last request and one mean gap
    assert workload.key.tolist() == [0, 1, 0]
    assert workload.key_names == ("/a", "/b")
    assert workload.size.tolist() == [512, 0, 99]
    assert workload.client.tolist() == [0, 1, 0]
    assert workload.status.tolist() == [200, 200, 200]
    assert workload.columns == ("arrival_time", "key", "size", "client", "status")
    assert workload.report.form == "combined log"
    assert workload.report.started_at == START
    assert workload.report.ended_at == START + 4


@pytest.mark.parametrize(
    ("tail", "form", "took"),
    [
        ("", "common log", None),
        (" 0.250", "common log", 0.25),
        (TAIL, "combined log", None),
        (TAIL + " 0.250", "combined log", 0.25),
        (TAIL + " rt=0.250 uct=0.001", "combined log", 0.25),
        (TAIL + ' rt="0.250"', "combined log", 0.25),
        (TAIL + ' "10.1.2.3" request_time=0.250', "combined log", 0.25),
        (TAIL + ' "10.1.2.3"', "combined log", None),
        (TAIL + " 250000", "combined log", None),  # seconds or microseconds: nobody knows
        (' "-" "with \\"quotes\\" inside"', "combined log", None),
    ],
)
def test_what_stands_behind_the_line_tells_the_form_and_the_time_taken(read, tail, form, took):
    workload = read(line(tail=tail))
    assert workload.report.form == form
    assert (None if workload.service_time is None else workload.service_time[0]) == took


@pytest.mark.parametrize(
    "start",
    [
        "192.0.2.1 - jane doe [",
        "2001:db8::1 - - [",
        "::1 - - [",
        "shop.example:443 192.0.2.1 - - [",
        "host.example - frank [",
    ],
)
def test_the_start_of_a_line_may_hold_a_site_a_name_or_an_address_of_either_kind(read, start):
    workload = read(line().replace("192.0.2.1 - - [", start, 1), keep_private=True)
    assert workload.report.requests == 1
    words = start.split()
    assert workload.client_names == (words[1] if ":443" in words[0] else words[0],)


NGINX = {"time": "2026-03-29T03:00:00+02:00", "remote_addr": "192.0.2.1", "status": "200"}
JSON_LINES = {
    "nginx": NGINX
    | {"request": "GET /a?b=c HTTP/1.1", "body_bytes_sent": 512, "request_time": 0.25},
    "nginx with texts": NGINX | {"request_uri": "/a", "bytes_sent": "512", "request_time": "0.25"},
    "nginx in milliseconds": {
        "msec": "1774746000.000", "uri": "/a", "ip": "192.0.2.1", "status": 200, "bytes": 512,
        "duration_ms": 250,
    },
    "Caddy": {
        "ts": 1774746000.0, "size": 512, "status": 200, "duration": 0.25,
        "request": {"remote_ip": "192.0.2.1", "uri": "/a?b", "headers": {"Cookie": ["secret"]}},
    },
    "Traefik": {
        "StartUTC": "2026-03-29T01:00:00Z", "RequestPath": "/a", "DownstreamContentSize": 512,
        "DownstreamStatus": 200, "Duration": 250_000_000, "ClientHost": "192.0.2.1",
    },
    "CloudFront": {
        "date": "2026-03-29", "time": "01:00:00", "x-edge-location": "FRA56-P4",
        "sc-bytes": "512", "c-ip": "192.0.2.1", "cs-uri-stem": "/a", "sc-status": "200",
        "time-taken": "0.25",
    },
    "Cloudflare": {
        "EdgeStartTimestamp": 1774746000000000000, "ClientRequestPath": "/a", "duration": 0.25,
        "EdgeResponseBytes": 512, "EdgeResponseStatus": 200, "ClientIP": "192.0.2.1",
        "EdgeColoCode": "FRA",
    },
    "Google Cloud": {
        "timestamp": "2026-03-29T01:00:00.000Z",
        "httpRequest": {
            "requestUrl": "https://shop.example/a?b", "responseSize": "512", "status": 200,
            "remoteIp": "192.0.2.1", "latency": "0.25s",
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("record", JSON_LINES.values(), ids=JSON_LINES)
def test_json_lines_of_well_known_servers_tell_the_same(read, record):
    workload = read(json.dumps(record), keep_private=False)
    assert workload.report.started_at == START
    assert workload.report.form == "JSON lines"
    assert workload.key_names == ("/a",)
    assert workload.size.tolist() == [512]
    assert workload.status.tolist() == [200]
    assert workload.service_time.tolist() == [0.25]
    assert workload.client.tolist() == [0]


def test_an_edge_location_becomes_a_region(read):
    records = [JSON_LINES["Cloudflare"], JSON_LINES["Cloudflare"] | {"EdgeColoCode": "AMS"}]
    workload = read("\n".join(map(json.dumps, records)))
    assert workload.region_names == ("FRA", "AMS")
    assert workload.region.tolist() == [0, 1]


def test_a_value_that_some_lines_lack_is_filled_in_and_said_so(read):
    with_all = JSON_LINES["nginx"]
    poor = {"time": "2026-03-29T01:00:01Z"}
    report = read("\n".join(map(json.dumps, [with_all, poor, poor]))).report
    assert "size unknown for 2 of the requests, set to 0" in report.notes
    assert "key unknown for 2 of the requests, set to '(no path)'" in report.notes
    workload = read("\n".join(map(json.dumps, [poor, with_all])), keep_private=True)
    assert workload.client_names == ("192.0.2.1", "(unknown)")
    assert workload.client.tolist() == [0, 1]  # in order of arrival


def test_lines_of_several_forms_in_one_file_are_all_read(read):
    report = read("\n".join([line(), json.dumps(JSON_LINES["nginx"])])).report
    assert report.form == "JSON lines and combined log"
    assert report.requests == 2


# What is wrong is counted, with its line and a reason


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("    at renderPage (/srv/shop/server.js:214:17)", "not a log line"),
        ("\x00\x01\x02", "not a log line"),
        (line().replace("200 512", "- -"), "not a log line"),
        (line()[:-9], "cut off within quotes"),
        (line(tail=' "https://sh'), "cut off within quotes"),
        (line(tail=""), "shorter than the lines around it"),
        (line(time="31/Feb/2026:03:00:00 +0200"), "time not understood"),
        (line(time="29/Foo/2026:03:00:00 +0200"), "time not understood"),
        (line(time="29/Mar/2026:25:00:00 +0200"), "time not understood"),
        (line(time="29/Mar/2026:03:00:00 +9900"), "time not understood"),
        (line(time="29/Mar/1926:03:00:00 +0200"), "time not understood"),
        (line(path="/" + "x" * LONGEST), f"longer than {LONGEST:,} bytes"),
        ('{"time": "2026-03-29T01:00:00Z"', "not valid JSON"),
        ('{"time": "2026-03-29T01:00:00Z"} and more', "not valid JSON"),
        ("{" + '"a":[' * 2500, "not valid JSON"),
        ('{"uri": "/"}', "no time"),
        ('{"ts": "yesterday"}', "time not understood"),
        ('{"ts": true}', "time not understood"),
        ('{"ts": null}', "time not understood"),
        ('{"ts": 17}', "time out of range"),
        ('{"ts": NaN}', "time out of range"),
        ('{"ts": 1774746000, "size": "many"}', "size is no number"),
        ('{"ts": 1774746000, "size": [1]}', "size is no number"),
        ('{"ts": 1774746000, "size": true}', "size is no number"),
        ('{"ts": 1774746000, "size": -1}', "size out of range"),
        ('{"ts": 1774746000, "status": 2000}', "status out of range"),
        ('{"ts": 1774746000, "duration": 1e9}', "service time out of range"),
    ],
)
def test_a_wrong_line_is_rejected_with_its_number_and_a_reason(read, wrong, reason):
    report = read("\n".join([line(), "", line(), wrong, line()])).report
    assert [str(rejection) for rejection in report.rejections] == [f"1 × {reason} (4)"]
    assert (report.lines, report.requests, report.blank) == (5, 3, 1)
    assert adds_up(report)


def test_json_that_is_not_utf8_is_rejected(read):
    report = read(line().encode() + b'\n{"ts": 1774746000, "uri": "/\xff"}').report
    assert [str(rejection) for rejection in report.rejections] == ["1 × not UTF-8 (2)"]


def test_of_many_wrong_lines_the_first_are_shown_and_all_are_counted(read):
    report = read("\n".join(["junk"] * 1200 + [line()] + ["{"] * 3)).report
    assert [str(rejection) for rejection in report.rejections] == [
        "1,200 × not a log line (1, 2, 3, 4, 5, ...)",
        "3 × not valid JSON (1,202, 1,203, 1,204)",
    ]
    assert report.rejected == 1203
    assert adds_up(report)


def test_a_request_that_is_no_http_is_a_request_without_a_path(read):
    tls = line().replace("GET / HTTP/1.1", r"\x16\x03\x01\x00")
    empty = line().replace("GET / HTTP/1.1", "")
    dash = line().replace("GET / HTTP/1.1", "-")
    workload = read("\n".join([tls, empty, dash, line(path="/a")]))
    assert workload.key_names == ("(no path)", "/a")
    assert workload.key.tolist() == [0, 0, 0, 1]


def test_the_report_reads_well():
    report = from_access_log(sample("access.log")).report
    assert repr(report).splitlines() == [
        "access.log: combined log, 1,296 lines, 1,287 requests",
        "  from 2026-03-29 00:30:01 to 2026-03-29 01:29:36 UTC",
        "  rejected line: 4 × not a log line (90, 91, 512, 777)",
        "  rejected line: 1 × time not understood (300)",
        "  rejected line: 1 × shorter than the lines around it (1,003)",
        "  rejected line: 1 × cut off within quotes (1,100)",
        "  2 blank",
        "  5 out of order, sorted",
        "  zones +0100, +0200, all brought to UTC",
        "  times are whole seconds: requests were spread at random within theirs",
    ]
    assert adds_up(report)


# Time


def test_the_clock_change_leaves_neither_a_gap_nor_an_hour_twice(read):
    spring = [line("29/Mar/2026:01:59:59 +0100"), line("29/Mar/2026:03:00:00 +0200")]
    autumn = [line("25/Oct/2026:02:59:59 +0200"), line("25/Oct/2026:02:00:00 +0100")]
    for lines_then in (spring, autumn):
        workload = read("\n".join(lines_then), spread_seconds=False)
        assert workload.arrival_time.tolist() == [0.0, 1.0]
        assert workload.report.out_of_order == 0
        assert "zones +0100, +0200, all brought to UTC" in workload.report.notes


def test_lines_out_of_order_are_sorted_with_all_their_columns_and_counted(read):
    moments = [5, 3, 9, 4, 9]
    text = "\n".join(line(f"29/Mar/2026:03:00:0{s} +0200", f"/{s}", str(s)) for s in moments)
    workload = read(text, spread_seconds=False)
    assert workload.report.out_of_order == 2
    assert workload.arrival_time.tolist() == [0.0, 1.0, 2.0, 6.0, 6.0]
    assert workload.size.tolist() == [3, 4, 5, 9, 9]
    assert [workload.key_names[key] for key in workload.key] == ["/3", "/4", "/5", "/9", "/9"]


def test_requests_of_one_second_are_spread_over_it_in_the_order_of_the_log(read):
    text = "\n".join(line(f"29/Mar/2026:03:00:0{i // 100} +0200", size=str(i)) for i in range(400))
    first, again, other = (read(text, rng=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.counts(1.0).tolist() == [100] * 4
    assert first.duration == 4.0
    assert first.size.tolist() == list(range(400))
    assert np.unique(first.arrival_time).size == 400
    assert any("spread at random" in note for note in first.report.notes)
    heaped = read(text, spread_seconds=False)
    assert np.unique(heaped.arrival_time).size == 4
    assert not any("spread" in note for note in heaped.report.notes)


def test_times_with_a_fraction_are_left_as_they_are(read):
    text = "\n".join(json.dumps({"ts": START + s, "uri": "/"}) for s in (0.25, 0.25, 2.25))
    workload = read(text)
    assert workload.arrival_time.tolist() == [0.0, 0.0, 2.0]


def test_a_time_without_a_zone_is_utc_and_the_report_says_so(read):
    workload = read('{"time": "2026-03-29T01:00:00"}')
    assert workload.report.started_at == START
    assert "times without a zone were taken as UTC" in workload.report.notes


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00", "2026-03-29T03:00:00+0200",
        "2026-03-29 03:00:00 +0200", "2026-03-29 01:00:00 UTC", "2026-03-29T01:00:00,000Z",
        "2026-03-29T01:00:00.000000000Z", "29/Mar/2026:03:00:00 +0200",
        "[29/Mar/2026:03:00:00.000 +0200]", "28/Mar/2026:21:00:00 -0400", "1774746000",
        "1774746000.0", 1774746000, 1774746000000, 1774746000000000, 1774746000000000000,
    ],
)  # fmt: skip
def test_a_time_is_understood_in_each_way_logs_write_it(written):
    assert Clock().read(written) == START


@given(
    st.datetimes(datetime(1974, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_reads_the_same_in_every_zone(moment, minutes):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    written = f"{local:%d}/{MONTHS[local.month - 1]}/{local:%Y:%H:%M:%S %z}"
    assert Clock().read(written) == moment.timestamp()


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# Round trip

paths = st.from_regex(r"/[A-Za-z0-9._~/-]{0,20}", fullmatch=True)
requests = st.tuples(
    st.integers(0, 10_000),
    paths,
    st.from_regex(r"[a-z0-9=&%.]{0,9}", fullmatch=True),
    st.integers(0, 10**12),
    st.ip_addresses(),
    st.sampled_from([200, 304, 404, 500]),
    st.text(st.characters(codec="latin-1", exclude_characters='"\\\n\r'), max_size=10),
)


@in_folder
@given(st.lists(requests, min_size=1, max_size=30), st.booleans())
def test_what_is_written_as_a_log_is_read_back(read, drawn, with_blanks):
    drawn = sorted(drawn, key=lambda request: request[0])
    written = [
        f"{ip} - - [{datetime.fromtimestamp(START + seconds, UTC):%d/%b/%Y:%H:%M:%S %z}] "
        f'"GET {path}?{query} HTTP/2.0" {status} {size} "-" "{agent}"'
        for seconds, path, query, size, ip, status, agent in drawn
    ]
    workload = read(("\r\n\r\n" if with_blanks else "\n").join(written), spread_seconds=False)
    assert adds_up(workload.report)
    assert workload.report.rejected == 0
    assert workload.arrival_time.tolist() == [r[0] - drawn[0][0] for r in drawn]
    assert [workload.key_names[key] for key in workload.key] == [r[1] for r in drawn]
    assert workload.size.tolist() == [r[3] for r in drawn]
    assert workload.status.tolist() == [r[5] for r in drawn]
    seen = list(dict.fromkeys(r[4] for r in drawn))
    assert workload.client.tolist() == [seen.index(r[4]) for r in drawn]


@in_folder
@given(st.lists(st.one_of(st.binary(max_size=60), st.just(line().encode())), max_size=30))
def test_no_junk_breaks_the_reader(read, drawn):
    report = read(b"\n".join([line().encode(), *drawn])).report
    assert adds_up(report)
    assert report.requests >= 1 + drawn.count(line().encode())


@in_folder
@given(st.binary(max_size=200))
def test_a_file_of_nothing_but_junk_is_an_error(read, content):
    with pytest.raises(ValueError, match="path must"):
        read(content)


@in_folder
@given(st.data())
def test_no_odd_byte_within_a_line_breaks_the_reader(read, data):
    good = line().encode()
    at = data.draw(st.integers(0, len(good)))
    report = read(good[:at] + data.draw(st.binary(max_size=4)) + good[at:] + b"\n" + good).report
    assert adds_up(report)
    assert report.requests >= 1


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=5,
)
fields = st.sampled_from(
    [
        "time",
        "ts",
        "date",
        "request",
        "httpRequest",
        "uri",
        "size",
        "status",
        "ip",
        "duration",
        "region",
    ]
)


@in_folder
@given(st.dictionaries(fields, values))
def test_no_odd_value_in_json_breaks_the_reader(read, record):
    report = read(json.dumps(record) + "\n" + line()).report
    assert adds_up(report)
    pickle.dumps(report)


# Files as they come


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(read):
    workload = read(b"\xef\xbb\xbf" + b"\r\n".join([line().encode()] * 3) + b"\r\n")
    assert workload.report.requests == workload.report.lines == 3
    assert "starts with a byte order mark, skipped" in workload.report.notes


def test_gzip_is_read_by_what_is_in_the_file_and_not_by_its_name(read):
    packed = gzip.compress("\n".join([line()] * 5).encode())
    workload = read(packed, name="access.log")
    assert workload.report.requests == 5
    assert "unpacked from gzip" in workload.report.notes


def test_gzip_cut_short_is_read_up_to_the_cut(read):
    text = "\n".join(line(path=f"/{i * i}", size=str(i * 7919 % 10_007)) for i in range(5000))
    packed = gzip.compress(text.encode())
    report = read(packed[: len(packed) // 2]).report
    whole = text.count("\n", 0, len(text) // 2)
    assert 0.7 * whole < report.requests < 1.3 * whole
    assert f"the gzip data breaks off or is damaged after line {report.lines:,}" in report.notes
    assert adds_up(report)


def test_gzip_with_a_wrong_check_sum_is_read_and_reported(read):
    packed = bytearray(gzip.compress("\n".join([line()] * 5).encode()))
    packed[-8] ^= 0xFF
    report = read(bytes(packed)).report
    assert report.requests >= 4
    assert any("damaged" in note for note in report.notes)


def test_lines_longer_than_a_batch_are_put_aside_and_the_next_one_is_read(read, monkeypatch):
    monkeypatch.setattr(lines, "BATCH", 1000)
    report = read("\n".join([line(), "x" * 100_000, line(), "y" * (LONGEST + 1), line()])).report
    assert [r.lines for r in report.rejections] == [(2, 4)]
    assert report.requests == 3


def test_a_line_that_is_too_long_stays_so_when_a_batch_ends_with_it(read, monkeypatch):
    monkeypatch.setattr(lines, "BATCH", LONGEST + 100)
    report = read("x" * (LONGEST + 100) + "\n" + line()).report
    assert [str(r) for r in report.rejections] == [f"1 × longer than {LONGEST:,} bytes (1)"]


@pytest.mark.parametrize("batch", [1, 7, 100, 1 << 20])
def test_the_size_of_a_batch_does_not_matter(read, monkeypatch, batch):
    content = sample("access.log").read_bytes()[:20_000]
    expected = read(content)
    monkeypatch.setattr(lines, "BATCH", batch)
    found = read(content)
    assert found == expected
    assert found.report == expected.report


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "path must hold at least one request, got none: 0 x line in access.log, 0 blank"),
        (b"\n\n", "got none: 2 x line in access.log, 2 blank"),
        (b"junk\n\x00\xff", r"got none: .* 2 × not a log line \(1, 2\)"),
        (bytes(range(256)) * 500, "path must hold at least one request, got none"),
        ("ä".encode("utf-16"), "path must be text or gzip, got .*: UTF-16 text"),
        (b"PK\x03\x04zip", "path must be text or gzip, got .*: a zip archive"),
        (b"BZh9", "path must be text or gzip, got .*: a bzip2 archive"),
        (b"\x28\xb5\x2f\xfd", "path must be text or gzip, got .*: a zstd archive"),
        (b"\xfd7zXZ\x00", "path must be text or gzip, got .*: an xz archive"),
        (b"\x1f\x8b", "got none: 0 x line in access.log"),
        (b"\x1f\x8b\x08\x00junk that is no gzip", "got none: 0 x line in access.log"),
    ],
)
def test_a_file_without_a_request_is_an_error_that_says_why(read, content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


def test_a_path_that_is_no_file_is_an_error_that_says_why(tmp_path):
    with pytest.raises(ValueError, match=r"path must be a file, got '.*none.log': no such file"):
        from_access_log(tmp_path / "none.log")
    with pytest.raises(ValueError, match=r"path must be a file, got .*: a folder"):
        from_access_log(tmp_path)
    with pytest.raises(ValueError, match="path must be a file name, got None"):
        from_access_log(None)
    with pytest.raises(ValueError, match="path must be a file, got"):
        from_access_log("x" * 5000)


def test_a_file_that_may_not_be_read_is_an_error_that_says_why(tmp_path, monkeypatch):
    path = tmp_path / "access.log"
    path.write_text(line())

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ValueError, match=r"path must be a file, got .*: Permission denied"):
        from_access_log(path)


# Private data

SECRET = re.compile(rb"192\.0\.2|2001:db8|s3cret|jsessionid|topagent|referred|jane", re.IGNORECASE)
PRIVATE_LINES = "\n".join(
    [
        line(path="/a?token=s3cret", ip="192.0.2.99", tail=' "http://referred/?s3cret" "topagent"'),
        line(path="/a;jsessionid=s3cret", ip="2001:db8::99"),
        line(path="/a#s3cret").replace(" - - ", " - jane "),
        line(path="/a%3Ftoken=s3cret"),
        line(path="http://jane:s3cret@192.0.2.7/a?s3cret"),
        line(path="192.0.2.7:443"),
        "junk s3cret 192.0.2.5",
        line(tail=' "s3cret'),
        json.dumps(JSON_LINES["Caddy"] | {"user_id": "s3cret"}),
        json.dumps({"ts": START, "request": {"remote_ip": "192.0.2.1", "method": "s3cret"}}),
        json.dumps({"ts": START, "url": "https://jane:s3cret@h.example/a?s3cret#s3cret"}),
        json.dumps({"ts": "s3cret", "size": "s3cret"}),
    ]
)


def test_nothing_private_is_left_in_the_workload(read):
    workload = read(PRIVATE_LINES)
    assert workload.report.requests == 9
    assert workload.key_names == ("/a", "(no path)")
    kept = pickle.dumps(workload) + repr(workload).encode() + repr(workload.report).encode()
    assert SECRET.findall(kept) == []
    assert workload.client_names == ()


def test_what_is_private_is_kept_if_asked_for(read):
    workload = read(PRIVATE_LINES, keep_private=True)
    assert "/a?token=s3cret" in workload.key_names
    assert workload.client_names[:3] == ("192.0.2.99", "2001:db8::99", "192.0.2.1")


def test_an_error_quotes_nothing_of_the_file(read):
    with pytest.raises(ValueError, match="got none") as failure:
        read("junk s3cret 192.0.2.5\n" + json.dumps({"ts": "s3cret"}))
    assert not SECRET.search(str(failure.value).encode())


def test_clients_get_the_same_numbers_on_every_load_though_the_salt_differs(read):
    text = "\n".join(line(ip=f"192.0.2.{i * 7 % 40}") for i in range(200))
    first, second = read(text), read(text)
    assert first.client.tolist() == second.client.tolist() == [i % 40 for i in range(200)]
    assert names.Clients().of("192.0.2.1") != names.Clients().of("192.0.2.1")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("GET / HTTP/1.1", "/"),
        ("GET /a b HTTP/1.1", "/a b"),
        ("GET /old", "/old"),
        ("OPTIONS * HTTP/1.1", "*"),
        ("CONNECT 192.0.2.1:443 HTTP/1.1", "(no path)"),
        ("GET http://a.example HTTP/1.1", "/"),
        ("GET http://a.example/b?c HTTP/1.1", "/b"),
        ("GET http://a.example?c HTTP/1.1", "/"),
        ("get / http/1.1", "(no path)"),
        ("https://a.example/b;c=d", "/b"),
        ("/b%3fc", "/b"),
        ("-", "(no path)"),
        ("", "(no path)"),
    ],
)
def test_a_path_is_found_in_what_a_log_calls_the_request(target, path):
    assert path_of(target) == path


def test_a_long_path_is_one_key_as_a_short_one_is(read):
    long, longer = "/" + "x" * 300, "/" + "x" * 301
    workload = read("\n".join(line(path=path) for path in (long, longer, long, longer + "?q")))
    assert workload.key_names == (long, longer)
    assert workload.key.tolist() == [0, 1, 0, 1]


def test_names_beyond_the_room_share_one_number():
    few = Names(most=3)
    assert [few.of(name) for name in "abcdea"] == [0, 1, 2, 3, 3, 0]
    assert few.known == ("a", "b", "c", "(other)")
    small = Names(room=500)
    assert [small.of(name) for name in ("a", "b", "x" * 400, "a")] == [0, 1, 2, 0]
    assert small.known == ("a", "b", "(other)")


def test_a_log_with_more_paths_than_fit_says_so(read, monkeypatch):
    monkeypatch.setattr(names.Names.__init__, "__defaults__", (5, names.ROOM))
    workload = read("\n".join(line(path=f"/{i}") for i in range(20)))
    assert workload.key_names == ("/0", "/1", "/2", "/3", "/4", "(other)")
    note = "key: more different ones than fit, 15 of the requests go by '(other)'"
    assert note in workload.report.notes


def test_odd_bytes_in_a_path_stay_apart_and_can_be_printed(read):
    workload = read(
        b"\n".join(line(path="/@").encode().replace(b"@", b) for b in (b"\xff", b"\xfe"))
    )
    assert workload.key_names == ("/\\xff", "/\\xfe")
    half = read('{"ts": 1774746000, "uri": "/\\ud800"}')
    half.key_names[0].encode()


# Progress


def test_progress_is_shown_when_asked_for_and_not_in_a_test(read, capsys):
    read(line())
    assert capsys.readouterr().err == ""
    read(line(), progress=True)
    assert "access.log" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("size", "is_terminal", "variable", "is_shown"),
    [
        (1 << 25, True, None, True),
        (1 << 10, True, None, False),
        (1 << 25, False, None, False),
        (1 << 25, True, "COURSE_DATA", False),
        (1 << 25, True, "PYTEST_VERSION", False),
    ],
)
def test_progress_is_for_large_files_and_people_who_watch(
    tmp_path, monkeypatch, capsys, size, is_terminal, variable, is_shown
):
    path = tmp_path / "large.log"
    path.write_text(line() + "\n")
    os.truncate(path, size)
    monkeypatch.delitem(lines.sys.modules, "ipykernel", raising=False)
    for name in ("COURSE_DATA", "PYTEST_VERSION"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(lines.sys.stderr, "isatty", lambda: is_terminal)
    assert len(from_access_log(path)) == 1
    assert ("large.log" in capsys.readouterr().err) == is_shown
