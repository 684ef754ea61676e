"""The learner's file: nothing in it gets lost."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from helpers.checks import progress, record
from helpers.checks import store as store_module
from helpers.checks.progress import Checked, Progress, store
from helpers.checks.store import Store, data_folder

ROOT = Path(__file__).parents[2]


def count_up(entry):
    """Add one to an entry's attempts."""
    entry["attempts"] = entry.get("attempts", 0) + 1
    entry["passed"] = False


def run_python(code, *arguments, **environment):
    """Start a Python with this code and the course in reach."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_nothing_is_there_at_first_and_looking_makes_no_folder(data):
    assert progress() == Progress()
    assert str(progress()) == "Nothing is recorded yet."
    assert not data.exists()


def test_what_is_recorded_is_read_back(data):
    record("checks", "toy.double", count_up)
    record("checks", "toy.double", count_up)
    assert progress().checks == {"toy.double": Checked(attempts=2, passed=False)}
    assert json.loads((data / "progress.json").read_text())["schema"] == 1


def test_the_view_is_frozen():
    record("checks", "toy.double", count_up)
    with pytest.raises(TypeError):
        progress().checks["toy.double"] = None
    with pytest.raises(AttributeError):
        progress().checks["toy.double"].passed = True


def test_the_summary_counts_by_topic():
    record("checks", "toy.double", lambda entry: entry.update(attempts=1, passed=True))
    record("checks", "toy.half", count_up)
    right = {"choice": "six", "right": True}
    record("quizzes", "load_balancing.sum", lambda entry: entry.update(attempts=[right]))
    assert str(progress()) == (
        "load balancing: predictions 0, questions answered 1, lab checks passed 0\n"
        "toy: predictions 0, questions answered 0, lab checks passed 1"
    )
    assert '<th scope="row">load balancing</th><td>0</td><td>1</td>' in progress()._repr_html_()


@pytest.mark.parametrize(
    "key", ["double", "Toy.double", "toy.double.more", "toy. double", "", None]
)
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(ValueError, match=r"key must look like .*got"):
        record("checks", key, count_up)


def test_an_unknown_section_is_refused():
    with pytest.raises(ValueError, match="section must be one of"):
        record("grades", "toy.double", count_up)


def test_what_another_version_wrote_is_kept(data):
    data.mkdir()
    known = {
        "schema": 1,
        "badges": ["first"],
        "checks": {"toy.double": {"attempts": 1, "passed": True, "note": "mine"}, "toy.odd": {}},
    }
    (data / "progress.json").write_text(json.dumps(known))
    record("checks", "toy.double", count_up)
    now = json.loads((data / "progress.json").read_text())
    assert now["badges"] == ["first"]
    assert now["checks"]["toy.double"]["note"] == "mine"
    assert now["checks"]["toy.odd"] == {}
    assert list(progress().checks) == ["toy.double"]


def test_two_notebooks_that_write_at_once_lose_nothing(data):
    code = """
        import sys
        from helpers.checks import record
        for number in range(60):
            record("checks", f"toy.{sys.argv[1]}_{number}", lambda entry: entry.update(attempts=1))
            record("checks", "toy.both", lambda e: e.update(attempts=e.get("attempts", 0) + 1))
    """
    writers = [run_python(code, name) for name in ("one", "two")]
    assert [writer.communicate()[0] for writer in writers] == ["", ""]
    checks = json.loads((data / "progress.json").read_text())["checks"]
    assert checks["toy.both"] == {"attempts": 120}
    assert len(checks) == 121
    assert {path.name for path in data.iterdir()} == {"progress.json", "progress.lock"}


def test_the_lock_of_a_process_that_died_is_free(data):
    code = """
        import os
        from helpers.checks import record
        record("checks", "toy.double", lambda entry: os._exit(1))
    """
    run_python(code).communicate()
    record("checks", "toy.double", count_up)
    assert progress().checks["toy.double"].attempts == 1


DAMAGED = [
    b"",
    b'{"schema": 1, "checks": {"toy.do',
    b"[]",
    b"{}",
    b'{"schema": 1, "checks": []}',
    b'{"schema": 1, "checks": {"toy.double": 3}}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_set_aside_and_the_learner_is_told(data, capsys, content):
    data.mkdir()
    (data / "progress.json").write_bytes(content)
    assert progress() == Progress()
    (aside,) = data.glob("progress-damaged-*.json")
    assert aside.read_bytes() == content
    told = capsys.readouterr().out
    assert str(aside) in told
    assert "a new one was begun" in told
    record("checks", "toy.double", count_up)
    assert progress().checks["toy.double"].attempts == 1
    assert aside.read_bytes() == content


def test_an_earlier_damaged_file_is_not_overwritten(data):
    data.mkdir()
    for content in (b"first", b"second", b"third"):
        (data / "progress.json").write_bytes(content)
        progress()
    kept = {path.read_bytes() for path in data.glob("progress-damaged-*.json")}
    assert kept == {b"first", b"second", b"third"}


def test_a_file_of_a_newer_course_is_left_alone(data, capsys):
    data.mkdir()
    content = '{"schema": 2, "all": "new"}'
    (data / "progress.json").write_text(content)
    record("checks", "toy.double", count_up)
    assert progress().checks["toy.double"].attempts == 1
    assert (data / "progress.json").read_text() == content
    assert "a newer version of the course" in capsys.readouterr().out
    assert not list(data.glob("*damaged*"))


def test_without_a_folder_it_remembers_and_says_so_once(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file" / "data"))
    record("checks", "toy.double", count_up)
    record("checks", "toy.double", count_up)
    assert progress().checks["toy.double"].attempts == 2
    told = capsys.readouterr().out
    assert told.count("Your progress cannot be kept") == 1
    assert "until this notebook's kernel stops" in told


def test_when_writing_begins_to_fail_what_was_read_is_remembered(data, monkeypatch, capsys):
    record("checks", "toy.before", count_up)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store_module.os, "replace", refuse)
    record("checks", "toy.after", count_up)
    assert set(progress().checks) == {"toy.before", "toy.after"}
    assert "Permission denied" in capsys.readouterr().out
    assert not list(data.glob("*.new"))


def test_a_file_that_one_may_only_read_is_read(data, monkeypatch, capsys):
    record("checks", "toy.double", count_up)

    def refuse(path, *_):
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(store_module.os, "open", refuse)
    assert progress().checks["toy.double"].attempts == 1
    assert capsys.readouterr().out == ""


def test_a_file_system_without_locks_is_used_without(data, monkeypatch):
    def no_locks(_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(store_module, "grab", no_locks)
    record("checks", "toy.double", count_up)
    assert (data / "progress.json").exists()


def test_a_lock_that_is_never_free_does_not_stop_the_notebook(monkeypatch, capsys):
    def taken(_):
        raise BlockingIOError(11, "taken")

    monkeypatch.setattr(store_module, "grab", taken)
    monkeypatch.setattr(store_module, "PATIENCE", 0.0)
    record("checks", "toy.double", count_up)
    assert progress().checks["toy.double"].attempts == 1
    assert "held by another process" in capsys.readouterr().out


def test_a_crash_while_writing_leaves_the_old_file(data, monkeypatch):
    record("checks", "toy.double", count_up)
    before = (data / "progress.json").read_bytes()

    def crash(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module.os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        record("checks", "toy.double", count_up)
    assert (data / "progress.json").read_bytes() == before
    assert not list(data.glob("*.new"))


def test_the_folder_is_the_systems_own_unless_told(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "~/somewhere")
    assert data_folder() == Path.home() / "somewhere"
    monkeypatch.delenv("COURSE_DATA")
    assert data_folder().name == "architecture-course"


@pytest.mark.skipif(sys.platform == "win32", reason="the others stand in for Windows")
def test_on_windows_the_lock_is_the_one_that_windows_has(data):
    code = """
        import fcntl, os, pathlib, subprocess, sys, tempfile, types

        calls = []

        def locking(handle, mode, size):
            calls.append((mode, size, os.lseek(handle, 0, os.SEEK_CUR)))
            fcntl.flock(handle, fcntl.LOCK_UN if mode == 0 else fcntl.LOCK_EX | fcntl.LOCK_NB)

        sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, LK_UNLCK=0, locking=locking)
        sys.platform = "win32"
        from helpers.checks.store import Store
        Store(pathlib.Path(sys.argv[1])).update(lambda known: known.update(checks={}))
        print(calls)
    """
    output, _ = run_python(code, str(data)).communicate()
    assert output.strip() == "[(2, 1, 0), (0, 1, 0)]"
    assert json.loads((data / "progress.json").read_text()) == {"schema": 1, "checks": {}}


def test_on_windows_a_file_that_is_held_open_is_waited_for(tmp_path, monkeypatch):
    move, refusals = os.replace, [PermissionError(13, "in use")] * 3

    def held(source, target):
        if refusals:
            raise refusals.pop()
        move(source, target)

    monkeypatch.setattr(store_module.os, "replace", held)
    monkeypatch.setattr(store_module, "WINDOWS", True)
    Store(tmp_path).update(lambda known: known.update(checks={}))
    assert json.loads((tmp_path / "progress.json").read_text()) == {"schema": 1, "checks": {}}


def test_there_is_one_store_for_each_folder(monkeypatch, tmp_path):
    one = store()
    assert store() is one
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "other"))
    assert store() is not one
