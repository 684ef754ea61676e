"""The self-check: silent where all is well, and plain words where something is missing."""

import subprocess
import sys

import pytest

from helpers.start_here import environment
from helpers.start_here.environment import (
    Line,
    Report,
    applies,
    check_environment,
    details,
    find_tool,
    locked_versions,
    look_at_data_folder,
    look_at_helpers,
    look_at_loops,
    look_at_package,
    look_at_packages,
    look_at_python,
    packages_needed,
)


def test_where_all_is_well_the_words_name_nothing_that_differs_by_machine():
    report = check_environment()
    assert report.verdict == "All is there."
    assert not any(character.isdigit() for character in str(report))


def test_loops_in_plain_python_are_as_good_and_only_the_details_tell(monkeypatch):
    usual = str(look_at_loops())
    code = (
        "from helpers.start_here.environment import describe_loops, look_at_loops;"
        "print(look_at_loops()); print(describe_loops())"
    )
    monkeypatch.setenv("COURSE_KERNELS", "python")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    plain, detail = run.stdout.splitlines()
    assert plain == usual
    assert detail.startswith("○ plain Python")


@pytest.mark.parametrize(
    ("version", "mark"), [((3, 10), "✗"), ((3, 11), "✓"), ((3, 13), "✓"), ((3, 14), "○")]
)
def test_python_must_not_be_too_old_and_may_be_too_new(version, mark):
    line = look_at_python(version)
    assert line.mark == mark
    assert bool(line.advice) == (mark != "✓")


def test_a_package_that_is_missing_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(environment, "version_of", lambda name: None)
    line = look_at_package("numpy")
    assert line.mark == "✗"
    assert "numpy is missing" in line.text
    assert "course.py lab" in line.advice


def test_a_package_of_another_version_is_named_with_both(monkeypatch):
    monkeypatch.setattr(environment, "version_of", lambda name: "0.1")
    line = look_at_package("numpy")
    assert line.mark == "○"
    assert "0.1" in line.text
    assert locked_versions()["numpy"] in line.text


def test_only_the_packages_with_a_problem_are_listed(monkeypatch):
    usual = environment.version_of
    monkeypatch.setattr(
        environment, "version_of", lambda name: None if name == "scipy" else usual(name)
    )
    (line,) = look_at_packages()
    assert "scipy" in line.text


def test_every_package_that_is_needed_here_is_locked():
    assert [name for name in packages_needed() if name not in locked_versions()] == []


def test_a_lock_is_read_as_it_is_for_this_machine(tmp_path):
    lines = ("one==1.0 \\", "two==2.0 ; sys_platform == 'nowhere' \\")
    (tmp_path / "requirements.lock").write_text("\n".join(lines) + "\n")
    assert locked_versions(tmp_path) == {"one": "1.0"}


def test_a_package_for_another_system_is_not_needed():
    assert applies("sys_platform != 'nowhere'")
    assert not applies("sys_platform == 'nowhere'")


def test_a_module_of_ours_that_cannot_be_imported_is_named(monkeypatch):
    monkeypatch.setattr(environment, "SHARED", ("kernel", "gone"))
    assert look_at_helpers().mark == "✗"
    assert "helpers.gone" in look_at_helpers().text


def test_a_loop_that_gives_something_else_is_not_trusted(monkeypatch):
    monkeypatch.setattr(environment, "loop_gives", lambda: (1.0, 1.25))
    assert look_at_loops().mark == "✗"
    assert "1.0 where 1.25" in look_at_loops().text


def test_a_loop_that_fails_is_told_with_a_way_out(monkeypatch):
    monkeypatch.setattr(environment, "loop_gives", lambda: 1 / 0)
    assert "ZeroDivisionError" in look_at_loops().text
    assert "COURSE_KERNELS" in look_at_loops().advice


def test_a_data_folder_that_cannot_be_written_is_named_and_nothing_is_left_behind(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "not" / "yet"))
    assert look_at_data_folder().mark == "✓"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file"))
    line = look_at_data_folder()
    assert line.mark == "○"
    assert str(tmp_path / "file") in line.text


def test_an_optional_tool_that_is_missing_is_no_fault(monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    line = find_tool("a C compiler", ("no-such-program",), "CC", "the benchmarks")
    assert line == Line("○", "no C compiler: only the benchmarks would use it")
    monkeypatch.setenv("CC", sys.executable)
    assert find_tool("a C compiler", ("no-such-program",), "CC", "the benchmarks").mark == "✓"


def test_the_details_name_python_every_package_and_what_is_optional():
    text = str(details())
    assert sys.version.split()[0] in text
    assert [name for name in packages_needed() if name not in text] == []
    assert "C compiler" in text
    assert "Chromium" in text


@pytest.mark.parametrize(
    ("marks", "verdict"),
    [("✓✓", "All is there."), ("✓○", "The course runs."), ("○✗", "Something is missing")],
)
def test_the_verdict_is_that_of_the_worst_line(marks, verdict):
    report = Report(tuple(Line(mark, "it") for mark in marks))
    assert report.verdict.startswith(verdict)
    assert report.is_ready == ("✗" not in marks)


def test_the_page_says_the_same_as_the_text_and_escapes_it():
    report = Report((Line("✗", "a <b>", "do & go"),))
    page = report._repr_html_()
    assert "✗ a &lt;b&gt;" in page
    assert "do &amp; go" in page
    assert report.verdict in page


def test_the_self_check_speaks_where_no_package_is_installed():
    code = "import sys; from helpers.start_here import environment; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert loaded & {"numpy", "matplotlib", "numba", "anywidget", "packaging"} == set()
