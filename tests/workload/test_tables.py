"""CSV files: columns found by name, rows counted, whatever the separator and the spreadsheet."""

import gzip
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.workload import from_csv, poisson

in_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(tmp_path):
    """Read text or bytes as the table they would be in a file."""

    def read_content(content, **arguments):
        path = tmp_path / "own.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return from_csv(path, **arguments)

    return read_content


def test_columns_are_found_by_their_usual_names_in_any_case(read):
    workload = read(
        "Timestamp,URI,Bytes,Region,Client,Status,Duration_ms\n"
        "2026-03-29T01:00:00.5Z,/a?b,512,eu,jane,200,250\n"
        "2026-03-29T01:00:02.5Z,/c,99,us,john,503,10\n"
    )
    assert workload.arrival_time.tolist() == [0.0, 2.0]
    assert workload.key_names == ("/a", "/c")
    assert workload.size.tolist() == [512, 99]
    assert workload.region_names == ("eu", "us")
    assert workload.client.tolist() == [0, 1]
    assert workload.status.tolist() == [200, 503]
    assert workload.service_time.tolist() == [0.25, 0.01]
    assert workload.report.form == "CSV"


def test_columns_can_be_named(read):
    text = "when,page,time,where\n1.5,product 42,9,eu\n2.5,product 7,9,us\n"
    workload = read(text, time="when", key="page", region="where", service_time="time")
    assert workload.arrival_time.tolist() == [1.5, 2.5]
    assert workload.key_names == ("product 42", "product 7")
    assert workload.region_names == ("eu", "us")
    assert workload.service_time.tolist() == [9.0, 9.0]


def test_a_column_named_as_service_time_is_in_seconds_whatever_else_the_file_holds(read):
    text = "time,duration_ms,took\n1,9,0.5\n"
    assert read(text).service_time.tolist() == pytest.approx([0.009])
    assert read(text, service_time="took").service_time.tolist() == [0.5]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found(read, delimiter):
    text = "time,key\n0.5,/a\n1.5,/b\n".replace(",", delimiter)
    assert read(text).arrival_time.tolist() == [0.5, 1.5]


def test_a_decimal_comma_is_read_where_the_separator_is_a_semicolon(read):
    workload = read("time;size;key\n0,5;1;a,b\n1,25;2;1,5\n")
    assert workload.arrival_time.tolist() == [0.5, 1.25]
    assert workload.key_names[0] == "a,b"


def test_seconds_that_count_from_zero_stay_as_they_are(read):
    workload = read("time\n3\n4\n8\n")
    assert workload.arrival_time.tolist() == [3.0, 4.0, 8.0]
    assert workload.duration == 10.5
    assert workload.report.started_at is None
    assert "from" not in repr(workload.report)


def test_dates_in_whole_seconds_are_spread_unless_told_otherwise(read):
    text = "time\n" + "2026-03-29 01:00:00\n" * 50
    assert 0 < read(text).arrival_time[-1] < 1
    assert read(text, spread_seconds=False).arrival_time.tolist() == [0.0] * 50
    assert "times without a zone were taken as UTC" in read(text).report.notes


def test_a_day_and_a_time_of_day_apart_belong_together(read):
    workload = read("date,time\n2026-03-28,23:59:59\n2026-03-29,00:00:01\n", spread_seconds=False)
    assert workload.arrival_time.tolist() == [0.0, 2.0]
    also_numbers = read("date,time\n2026-03-28,1.5\n2026-03-28,2.5\n")
    assert also_numbers.arrival_time.tolist() == [1.5, 2.5]


def test_a_quoted_cell_may_hold_the_separator_and_quotes(read):
    workload = read('time,key\n0.5,"/a,""b"""\n')
    assert workload.key_names == ('/a,"b"',)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("2.5", "another number of cells than the first line"),
        ("2.5,/a,9,9", "another number of cells than the first line"),
        ('2.5,"/a,9', "quotes that do not close or do not fit"),
        ("soon,/a,9", "time not understood"),
        ("-2,/a,9", "time not understood"),
        (",/a,9", "time not understood"),
        ("2.5,/a,many", "size is no number"),
        ("2.5,/a,-9", "size out of range"),
        ("2.5,/a,nan", "size out of range"),
    ],
)
def test_a_wrong_row_is_rejected_with_its_line_and_a_reason(read, wrong, reason):
    report = read(f"time,key,size\n0.5,/a,1\n\n{wrong}\n1.5,/b,2\n").report
    assert [str(rejection) for rejection in report.rejections] == [f"1 × {reason} (4)"]
    assert (report.lines, report.header, report.requests, report.blank) == (5, 1, 2, 1)
    assert report.lines == report.header + report.requests + report.blank + report.rejected


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"", {}, "path must hold at least one request, got none: 0 x line in own.csv"),
        (b"time,key\n", {}, "path must hold at least one request, got none: 1 x line"),
        (b"a,b\n1,2\n", {}, r"time must name a column of own.csv \(a, b\), got None"),
        (b"a,b\n1,2\n", {"time": "c"}, r"time must be a column of own.csv \(a, b\), got 'c'"),
        (b"time,b\n1,2\n", {"key": "c"}, r"key must be a column of own.csv \(time, b\), got 'c'"),
        (b'"time,b\n1,2\n', {}, "path must name its columns first, got quotes that do not close"),
        (b"\xff\xfet\x00", {}, "path must be text or gzip, got .*: UTF-16 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_says_why(read, content, arguments, message):
    with pytest.raises(ValueError, match=message):
        read(content, **arguments)


def test_a_path_that_is_no_file_is_an_error_that_says_why(tmp_path):
    with pytest.raises(ValueError, match=r"path must be a file, got .*: no such file"):
        from_csv(tmp_path / "none.csv")
    with pytest.raises(ValueError, match=r"path must be a file, got .*: a folder"):
        from_csv(tmp_path)


def test_a_byte_order_mark_windows_line_ends_and_gzip_do_no_harm(read):
    content = b"\xef\xbb\xbftime,key\r\n0.5,/a\r\n1.5,/b\r\n"
    for packed in (content, gzip.compress(content)):
        workload = read(packed)
        assert workload.arrival_time.tolist() == [0.5, 1.5]
        assert workload.key_names == ("/a", "/b")


def test_a_row_without_a_key_is_a_request_without_a_path(read):
    workload = read("time,key\n1,/a\n2,?b\n3,\n4,-\n")
    assert workload.key_names == ("/a", "(no path)", "(unknown)")
    assert workload.key.tolist() == [0, 1, 2, 2]
    assert "key unknown for 2 of the requests, set to '(unknown)'" in workload.report.notes


def test_clients_are_private_unless_asked_for(read):
    text = "time,client,key\n1,jane,/a?s3cret\n2,john,/a\n"
    workload = read(text)
    assert b"jane" not in pickle.dumps(workload)
    assert b"s3cret" not in pickle.dumps(workload)
    assert read(text, keep_private=True).client_names == ("jane", "john")


def test_a_workload_written_as_a_table_is_read_back(read):
    written = poisson(20, duration=10, rng=1).with_keys(30, rng=1).with_sizes(1e4, rng=1)
    rows = zip(written.arrival_time, written.key, written.size, strict=True)
    text = "time,key,size\n" + "".join(f"{t!r},{k},{s}\n" for t, k, s in rows)
    workload = read(text.replace("np.float64(", "").replace(")", ""))
    assert workload.arrival_time.tolist() == written.arrival_time.tolist()
    assert [int(workload.key_names[key]) for key in workload.key] == written.key.tolist()
    assert workload.size.tolist() == written.size.tolist()


@in_folder
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(b"1.5,/a,7")), max_size=30))
def test_no_junk_breaks_the_reader(read, drawn):
    report = read(b"\n".join([b"time,key,size", b"0.5,/,1", *drawn])).report
    assert report.lines == report.header + report.requests + report.blank + report.rejected
    assert report.requests >= 1 + drawn.count(b"1.5,/a,7")


@in_folder
@given(st.binary(max_size=100))
def test_no_junk_as_the_first_line_breaks_the_reader(read, content):
    with pytest.raises(ValueError, match=r"path must|time must"):
        read(content)
