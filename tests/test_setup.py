"""The set-up: course.py, the environments it makes, and the files that must agree about them."""

import ast
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from jupytext import TextFileContentsManager
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import course
from tools import browser, commands, summary

ROOT = Path(course.__file__).resolve().parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CI_SCRIPT = ROOT / ".ci/run"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))

on_posix = pytest.mark.skipif(os.name != "posix", reason="a script for Linux")


class Machine:
    """Stands in for the machine: notes what course.py starts, and makes what it would make."""

    def __init__(self, venv: Path) -> None:
        self.venv = venv
        self.calls: list[str] = []
        self.broken: set[str] = set()
        windows = os.name == "nt"
        self.packages = venv / ("Lib" if windows else "lib/python3") / "site-packages"

    def call(self, line: list[str], **_: object) -> int:
        step = next(word for word in line[1:] if word in ("venv", "pip", "uv"))
        self.calls.append(step)
        if step == "venv":
            python = course.environment_python(self.venv)
            python.parent.mkdir(parents=True)
            python.touch()
            self.packages.mkdir(parents=True)
        if step == "pip":
            self.pip_was_given = (self.venv / "part.lock").read_text(encoding="utf-8")
        return int(step in self.broken)

    def run(self, line: list[str], check: bool, **_: object) -> None:
        if self.call(line):
            raise subprocess.CalledProcessError(1, line)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of three packages."""
    path = tmp_path / "requirements.lock"
    pin = "{0}==1.0 \\\n    --hash=sha256:{0}\n    # via course\n"
    path.write_text("".join(map(pin.format, ("numpy", "uv", "uvloop"))), encoding="utf-8")
    return path


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Where the environment goes; nothing is there yet."""
    return tmp_path / ".venv"


@pytest.fixture
def machine(venv: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine that makes no real environment."""
    machine = Machine(venv)
    monkeypatch.setattr(subprocess, "call", machine.call)
    monkeypatch.setattr(subprocess, "run", machine.run)
    return machine


@pytest.fixture
def finished(venv: Path, lock: Path, machine: Machine) -> Path:
    """An environment that is made, with a file in it that a new one would not have."""
    course.prepare(venv, lock)
    machine.calls.clear()
    (venv / "old").touch()
    return venv


# The first run and the ones after it


def test_the_first_run_makes_the_environment_with_uv(venv, lock, machine):
    course.prepare(venv, lock)
    assert machine.calls == ["venv", "pip", "uv"]
    assert course.found_stamp(venv) == course.wanted_stamp(lock)
    assert (machine.packages / "architecture_course.pth").exists()


def test_pip_installs_nothing_but_the_pinned_uv(venv, lock, machine):
    course.prepare(venv, lock)
    assert machine.pip_was_given == "uv==1.0 \\\n    --hash=sha256:uv\n    # via course\n"


def test_the_second_run_starts_nothing(finished, lock, machine):
    course.prepare(finished, lock)
    assert machine.calls == []


def test_a_half_made_environment_is_thrown_away(finished, lock, machine):
    (finished / "course.stamp").unlink()
    course.prepare(finished, lock)
    assert machine.calls == ["venv", "pip", "uv"]
    assert not (finished / "old").exists()


def test_an_environment_whose_python_is_gone_is_thrown_away(finished, lock, machine):
    course.environment_python(finished).unlink()
    course.prepare(finished, lock)
    assert machine.calls == ["venv", "pip", "uv"]
    assert not (finished / "old").exists()


def test_an_environment_of_another_python_is_thrown_away(finished, lock, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12 if sys.version_info[1] != 12 else 13, 0))
    course.prepare(finished, lock)
    assert not (finished / "old").exists()
    assert course.found_stamp(finished) == course.wanted_stamp(lock)


def test_an_environment_of_another_lock_is_brought_up_to_date(finished, lock, machine):
    lock.write_text(lock.read_text() + "zarr==1.0 \\\n    --hash=sha256:zarr\n")
    course.prepare(finished, lock)
    assert machine.calls == ["pip", "uv"]
    assert (finished / "old").exists()
    assert course.found_stamp(finished) == course.wanted_stamp(lock)


@pytest.mark.parametrize("broken", ["uv", "network"])
def test_pip_takes_over_where_uv_cannot(venv, lock, machine, monkeypatch, broken):
    if broken == "uv":  # the program: pip had it, and it fails
        machine.broken = {"uv"}
    else:  # the package: pip cannot get it, but gets all the others
        monkeypatch.setattr(subprocess, "call", lambda *_, **__: 1)
    course.prepare(venv, lock)
    assert machine.calls[-1] == "pip"
    assert re.findall(r"^\w+", machine.pip_was_given, re.MULTILINE) == ["numpy", "uvloop"]
    assert course.found_stamp(venv) == course.wanted_stamp(lock)


def test_without_a_network_the_setup_says_so_and_starts_over_next_time(venv, lock, machine):
    machine.broken = {"pip", "uv"}
    with pytest.raises(SystemExit, match="If the network is missing, run the same command again"):
        course.prepare(venv, lock)
    assert course.found_stamp(venv) == ""
    machine.broken.clear()
    course.prepare(venv, lock)
    assert course.found_stamp(venv) == course.wanted_stamp(lock)


def test_an_update_that_fails_is_tried_again(finished, lock, machine):
    lock.write_text(lock.read_text() + "zarr==1.0 \\\n    --hash=sha256:zarr\n")
    machine.broken = {"pip", "uv"}
    with pytest.raises(SystemExit):
        course.prepare(finished, lock)
    assert (finished / "old").exists()
    assert course.found_stamp(finished) != course.wanted_stamp(lock)


def test_a_python_without_ensurepip_names_the_package(venv, lock, machine, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"sudo apt install python3\.\d+-venv"):
        course.prepare(venv, lock)
    assert machine.calls == []


# Before there is an environment


def run_door(folder: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run a copy of course.py that has nothing beside it, after some code that changes Python."""
    shutil.copy(ROOT / "course.py", folder)
    start = f"import runpy, sys; sys.argv = {['course.py', *arguments]!r}; {code}\n"
    line = [sys.executable, "-c", start + "runpy.run_path('course.py', run_name='__main__')"]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",)])
def test_help_needs_no_environment_and_has_a_line_for_each_command(tmp_path, arguments):
    done = run_door(tmp_path, *arguments)
    described = re.findall(r"^  (\w+) +\S", done.stdout, re.MULTILINE)
    assert described == list(course.COMMANDS)
    assert done.returncode == 0
    assert not (tmp_path / ".venv").exists()


def test_an_unknown_command_shows_the_commands_and_fails(tmp_path):
    done = run_door(tmp_path, "tset")
    assert done.returncode == 2
    assert "  test " in done.stdout


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 14, 0)])
def test_a_python_that_does_not_fit_is_told_which_one_would(tmp_path, version):
    done = run_door(tmp_path, "lab", code=f"sys.version_info = {version}")
    assert done.returncode == 1
    assert done.stderr.startswith("The course needs Python 3.11, 3.12 or 3.13; this is ")
    assert not (tmp_path / ".venv").exists()


def test_an_old_python_can_parse_the_door():
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_the_door_needs_the_standard_library_only():
    tree = ast.parse((ROOT / "course.py").read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in nodes for alias in node.names}
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names | modules} - {"Path"} <= sys.stdlib_module_names


# `import helpers`


@pytest.mark.parametrize("folder", ["notebooks", "labs", "labs/solutions"])
def test_helpers_can_be_imported_beside_every_notebook(folder):
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    line = [sys.executable, "-c", "import helpers; print(helpers.__file__)"]
    done = subprocess.run(line, cwd=ROOT / folder, env=env, capture_output=True, text=True)
    assert Path(done.stdout.strip()) == ROOT / "helpers/__init__.py", done.stderr


def test_helpers_are_found_in_a_moved_folder_with_a_space_and_an_umlaut(tmp_path):
    made, moved = tmp_path / "made here", tmp_path / "später dorthin"
    (made / "helpers").mkdir(parents=True)
    (made / "helpers/__init__.py").touch()
    venv_line = [sys.executable, "-m", "venv", "--without-pip", str(made / ".venv")]
    subprocess.run(venv_line, check=True)
    course.link(made / ".venv")
    made.rename(moved)
    python = course.environment_python(moved / ".venv")
    line = [str(python), "-X", "utf8", "-c", "import helpers; print(ascii(helpers.__file__))"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert Path(ast.literal_eval(done.stdout)) == moved / "helpers/__init__.py", done.stderr


def test_commands_run_with_the_environment_first_and_caches_inside_it(venv):
    env = course.surroundings(venv)
    assert env["PATH"].split(os.pathsep)[0] == str(course.environment_python(venv).parent)
    assert Path(env["MPLCONFIGDIR"]).parent == venv


# The commands


def test_every_command_of_the_door_leads_somewhere():
    assert {*commands.COMMANDS, "help"} == {*course.COMMANDS}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The modules that a command starts, with their arguments; none is really started."""
    lines: list[tuple[str, ...]] = []
    monkeypatch.setenv("COURSE_LINT", "")
    monkeypatch.setattr(commands, "run_module", lambda *line: lines.append(line) or 0)
    return lines


def test_the_test_command_lints_and_then_measures_coverage(started):
    assert commands.COMMANDS["test"]([]) == 0
    assert [line[0] for line in started] == ["ruff", "ruff", "mypy", "pytest"]
    assert "--cov" in started[-1]


def test_a_selection_of_tests_is_neither_linted_nor_measured(started):
    commands.COMMANDS["test"](["-k", "scaling"])
    (line,) = started
    assert line[0] == "pytest"
    assert line[-2:] == ("-k", "scaling")
    assert "--cov" not in line


@pytest.mark.parametrize("broken", ["ruff", "mypy", "pytest"])
def test_the_test_command_fails_when_one_part_fails(monkeypatch, broken):
    monkeypatch.setenv("COURSE_LINT", "")
    monkeypatch.setattr(commands, "run_module", lambda name, *_: int(name == broken))
    assert commands.COMMANDS["test"]([]) == 1


def test_lint_only_mends_when_asked_to(started):
    commands.lint([])
    assert started[:2] == [("ruff", "check", "--quiet"), ("ruff", "format", "--quiet", "--check")]
    started.clear()
    commands.lint(["--fix"])
    assert started[:2] == [("ruff", "check", "--quiet", "--fix"), ("ruff", "format", "--quiet")]


def test_a_new_lock_names_no_package_registry(started):
    commands.lock(["--upgrade"])
    assert {"--no-emit-index-url", "--generate-hashes", "--upgrade"} <= set(started[0])


def test_the_lab_command_serves_the_course_and_no_news(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    line = [sys.executable, "-m", "tools.commands", "lab", *options, "--IdentityProvider.token=t"]
    kinds = ("CONFIG", "DATA", "RUNTIME")
    env = os.environ | {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in kinds}
    log = tmp_path / "log"
    with log.open("w") as out, subprocess.Popen(line, cwd=ROOT, env=env, stderr=out) as server:
        try:
            page = wait_for(f"http://127.0.0.1:{port}/lab?token=t", server)
            listing = wait_for(f"http://127.0.0.1:{port}/api/contents?token=t", server)
        finally:
            server.terminate()
    assert '"news": {"disabled": true}' in page, log.read_text()
    assert "course.py" in {entry["name"] for entry in json.loads(listing)["content"]}


def wait_for(url: str, server: subprocess.Popen[bytes]) -> str:
    """Ask until the page answers; give up when the server has ended."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"the server ended with exit code {server.returncode}")


@pytest.fixture
def editor(tmp_path: Path) -> TextFileContentsManager:
    """The part of JupyterLab that opens and saves, with the project's settings."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "source").mkdir()
    return TextFileContentsManager(root_dir=str(tmp_path))


def test_a_source_saved_as_a_notebook_in_jupyterlab_stays_as_it_was(tmp_path, editor):
    source = tmp_path / "source/99_try.py"
    text = '# %% [markdown]\n# # Title\n\n# %% covers=["F6"]\nx = 1\n\n\ndef f():\n    return x\n'
    source.write_text(text, encoding="utf-8")
    model = editor.get("source/99_try.py", type="notebook")
    model["content"].metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    model["content"].cells[1].execution_count = 7
    editor.save(model, "source/99_try.py")
    assert source.read_text(encoding="utf-8") == text
    assert {path.name for path in tmp_path.rglob("*.*")} == {"99_try.py", "pyproject.toml"}


def test_a_new_source_gets_no_header_from_jupyterlab(tmp_path, editor):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata.jupytext = {"formats": "py:percent"}
    editor.save({"type": "notebook", "content": notebook}, "source/98_new.py")
    assert (tmp_path / "source/98_new.py").read_text(encoding="utf-8") == "# %%\nx = 1\n"


# The summary at the end of a run


def report(nodeid: str, reason: str = "", keywords: tuple[str, ...] = ()) -> SimpleNamespace:
    """A finished test, as pytest reports it."""
    longrepr = ("file.py", 1, f"Skipped: {reason}") if reason else None
    keys = dict.fromkeys(keywords, 1)
    return SimpleNamespace(nodeid=nodeid, duration=2.0, keywords=keys, longrepr=longrepr)


def test_the_summary_counts_each_suite_and_says_why_tests_were_skipped():
    outcomes = [
        ("", report("tests/test_kernel.py::test_a")),
        ("passed", report("tests/test_kernel.py::test_a")),
        ("failed", report("tests/scaling/test_model.py::test_b")),
        ("skipped", report("tests/browser/test_lab.py::test_c", "no Chromium found")),
        ("skipped", report("tests/test_x.py::test_d", "no Chromium found", ("browser",))),
        ("passed", report("helpers/kernel.py::helpers.kernel.kernel")),
        ("passed", report("notebooks/02_scaling.ipynb::Cell 0")),
    ]
    assert summary.summarize(outcomes, lint="ruff passed") == [
        "lint: ruff passed",
        "browser: 0 ran, 4 s; 2 skipped: no Chromium found",
        "doctests: 1 ran, 2 s",
        "models and tools: 2 ran, 6 s",
        "notebooks and labs: 1 ran, 2 s",
    ]


def test_chromium_is_the_one_that_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert browser.find_chromium() == sys.executable
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    assert browser.find_chromium() is None


def test_a_learners_progress_is_out_of_the_tests_reach():
    assert "course-data-" in os.environ["COURSE_DATA"]


# What several files say about the same thing


def pinned_versions() -> dict[str, set[str]]:
    """Each package of the lock with its versions; different systems may have different ones."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", LOCK, re.MULTILINE):
        versions.setdefault(name, set()).add(version)
    return versions


def requirements() -> list[Requirement]:
    """Everything that pyproject.toml asks for."""
    project = PROJECT["project"]
    lists = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    return [
        Requirement(text)
        for texts in [*lists, PROJECT["dependency-groups"]["test"]]
        for text in texts
    ]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda r: r.name)
def test_the_lock_pins_what_the_project_asks_for(requirement):
    versions = pinned_versions().get(requirement.name, set())
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_everything_in_the_lock_is_pinned_with_hashes():
    blocks = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) > 100
    unpinned = [b for b in blocks if not re.match(r"[a-z0-9.-]+==\S", b) or "--hash=" not in b]
    assert unpinned == []


def test_the_lock_names_no_registry():
    assert not re.search(r"://|--index-url|--extra-index-url|--find-links", LOCK)


def test_conda_and_binder_install_from_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, packages = environment["dependencies"]
    assert pip == "pip"
    assert packages == {"pip": ["-r requirements.lock"]}
    version = python.removeprefix("python=")
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(f"{version}.0")
    assert not (ROOT / "requirements.txt").exists()


def test_the_door_lets_in_the_pythons_that_the_project_asks_for():
    asked = SpecifierSet(PROJECT["project"]["requires-python"])
    minors = [minor for minor in range(30) if asked.contains(f"3.{minor}.5")]
    assert (minors[0], minors[-1]) == (course.OLDEST[1], course.NEWEST[1])


def test_the_citation_and_the_changelog_know_the_version():
    version = PROJECT["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert citation["version"] == version
    assert re.findall(r"^## (\S+?),? ", changelog, re.MULTILINE)[0] == version


def test_the_licenses_that_the_project_names_are_there():
    for name in PROJECT["project"]["license-files"]:
        assert (ROOT / name).read_text(encoding="utf-8").strip(), name


def test_the_readme_and_ci_give_the_same_test_command():
    command = CI_SCRIPT.read_text(encoding="utf-8").splitlines()[-1]
    assert command == "python3 course.py test"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_the_same_commands_with_pinned_actions(path):
    text = path.read_text(encoding="utf-8")
    steps = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    lines = {step["run"] for step in steps if "run" in step}
    assert ".ci/run" in lines
    actions = [step["uses"] for step in steps if "uses" in step]
    assert [action for action in actions if not re.fullmatch(r"[\w/-]+@v\d+", action)] == []


def test_ci_covers_three_systems_and_the_oldest_and_newest_python():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert set(matrix["os"]) == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == [".".join(map(str, v)) for v in (course.OLDEST, course.NEWEST)]


def test_pre_commit_lints_what_ci_lints():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = [hook for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]]
    assert [hook["entry"] for hook in hooks] == ["python3 course.py lint"]


# .ci/run on machines that lack something


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A machine of root's with a python3 that only says how it was called, and no Chromium.

    Its npm finds no package.
    """
    (tmp_path / ".ci").mkdir()
    shutil.copy(CI_SCRIPT, tmp_path / ".ci/run")
    (tmp_path / "bin").mkdir()
    for name in ("bash", "dirname", "env"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    add_program(tmp_path, "id", "echo 0")
    add_program(tmp_path, "npm", "exit 1")
    says = 'echo "called with $* browser=$COURSE_REQUIRE_BROWSER ci=$CI"'
    add_program(tmp_path, "python3", f'[ "$1" = -c ] || {says}')
    return tmp_path


def add_program(machine: Path, name: str, line: str) -> None:
    """Put a one-line program on the machine."""
    program = machine / "bin" / name
    program.write_text(f"#!/bin/bash\n{line}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def run_ci(machine: Path) -> list[str]:
    """What .ci/run says on that machine, line by line; it must end well."""
    line = [str(machine / "bin/bash"), str(machine / ".ci/run")]
    env = {"PATH": str(machine / "bin")}
    done = subprocess.run(line, env=env, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@on_posix
def test_ci_requires_the_browser_where_there_is_one(bare):
    add_program(bare, "chromium", "true")
    assert run_ci(bare) == ["called with course.py test browser=1 ci=true"]


@on_posix
def test_ci_installs_chromium_where_it_is_missing(bare):
    make = f"[ $1 = update ] || ln -s {bare}/bin/bash {bare}/bin/chromium"
    add_program(bare, "apt-get", make)
    (bare / "bin/ln").symlink_to(shutil.which("ln"))
    said = run_ci(bare)
    assert said == ["Installing chromium ...", "called with course.py test browser=1 ci=true"]


@on_posix
def test_ci_installs_venv_where_python_lacks_it(bare):
    add_program(bare, "chromium", "true")
    add_program(bare, "apt-get", "true")
    add_program(bare, "python3", '[ "$1" != -c ]')
    assert run_ci(bare) == ["Installing python3 python3-venv ..."]


@on_posix
def test_ci_installs_npm_where_it_is_missing(bare):
    (bare / "bin/npm").unlink()
    add_program(bare, "chromium", "true")
    add_program(bare, "apt-get", "true")
    assert run_ci(bare)[0] == "Installing nodejs npm ..."


@on_posix
@pytest.mark.parametrize(("finds", "says"), [("echo 0.4.5", "1"), ("exit 1", "")])
def test_ci_requires_the_public_cache_tests_where_npm_finds_them(bare, finds, says):
    add_program(bare, "chromium", "true")
    add_program(bare, "npm", f'[ "$*" = "view http-cache-tests version" ] && {finds}')
    add_program(bare, "python3", '[ "$1" = -c ] || echo "suite=$COURSE_REQUIRE_CACHE_TESTS"')
    assert run_ci(bare) == [f"suite={says}"]


@on_posix
def test_ci_goes_on_without_chromium_where_it_cannot_be_installed(bare):
    add_program(bare, "apt-get", "exit 100")
    assert run_ci(bare) == [
        "Installing chromium ...",
        "chromium could not be installed; going on without.",
        "called with course.py test browser= ci=true",
    ]


@on_posix
@pytest.mark.parametrize("lacks", ["apt-get", "root"])
def test_ci_installs_nothing_without_apt_get_or_root(bare, lacks):
    if lacks == "root":
        add_program(bare, "apt-get", "true")
        add_program(bare, "id", "echo 1000")
        add_program(bare, "sudo", "exit 1")
    assert run_ci(bare) == [
        "No apt-get, or not root: going on without chromium.",
        "called with course.py test browser= ci=true",
    ]


@on_posix
def test_the_scripts_may_be_executed():
    for name in (".ci/run", "postBuild", "course.py"):
        assert os.access(ROOT / name, os.X_OK), name
