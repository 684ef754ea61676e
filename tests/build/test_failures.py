"""When a cell, a kernel or a disk fails, the build says so and nothing is half done."""

import os
import threading
from pathlib import Path

import pytest

from tools.notebook_build import BuildError
from tools.notebook_build.files import write_atomically
from tools.notebook_build.run import kernel_connection, kernel_environment, run_notebook


def test_a_cell_that_fails_is_told_with_its_place_and_nothing_is_written(built, capsys):
    built.edit("print(capacity(3))", 'def wait():\n    1 / 0\n\nprint("so far")\nwait()')
    before = (built.root / "notebooks/02_scaling.ipynb").read_bytes()
    assert built.build() == 1
    said = capsys.readouterr().out
    assert "notebooks/source/02_scaling.py: cell 3 of 10 (scaling-3) failed" in said
    assert "    def wait():\n        1 / 0\n" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "Nothing was written." in said
    assert "1 failed" in said
    assert "\x1b" not in said
    assert (built.root / "notebooks/02_scaling.ipynb").read_bytes() == before


def test_a_tag_does_not_let_an_error_into_a_notebook(course):
    course.edit('tags=["toy"]\nprint(capacity(3))', 'tags=["raises-exception"]\n1 / 0')
    notebook = course.make()
    del notebook.cells[3:]
    with pytest.raises(BuildError, match="division by zero"):
        run_notebook(notebook, course.target())


def test_a_build_that_was_stopped_begins_no_further_cell(course):
    notebook = course.make()
    stop = threading.Event()
    stop.set()
    with pytest.raises(BuildError, match="stopped"):
        run_notebook(notebook, course.target(), stop)
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_a_kernel_that_dies_is_told(course):
    course.edit("print(capacity(3))", "os._exit(1)")
    with pytest.raises(BuildError, match=r"cell 3 .*\n.*os._exit(.*\n)+The kernel died"):
        run_notebook(course.make(), course.target())


def test_a_cell_that_does_not_end_is_told(course, monkeypatch):
    monkeypatch.setattr("tools.notebook_build.run.CELL_SECONDS", 1)
    course.edit("print(capacity(3))", "while True:\n    pass")
    with pytest.raises(BuildError, match=r"while True:(.*\n)+It took more than 1 s"):
        run_notebook(course.make(), course.target())


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_kernel_knows_nothing_of_the_person_at_the_keyboard(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    monkeypatch.setenv("PYTHONPATH", "mine")
    monkeypatch.setenv("COURSE_DATA", "progress")
    environment = kernel_environment(tmp_path / "course", tmp_path / "scratch")
    assert "PYTHONWARNINGS" not in environment
    assert environment["PYTHONPATH"] == f"{tmp_path / 'course'}{os.pathsep}mine"
    assert environment["COURSE_DATA"].startswith(str(tmp_path / "scratch"))
    assert environment["PYTHONHASHSEED"] == "0"


@pytest.mark.skipif(os.name != "posix", reason="IPC needs POSIX")
def test_kernels_are_reached_over_ipc_by_a_short_path(tmp_path):
    connection = kernel_connection(tmp_path)
    assert connection["transport"] == "ipc"
    assert Path(connection["connection_file"]).parent == tmp_path
    assert len(Path(connection["connection_file"]).name) < 10
