"""The commands of course.py, run inside the environment that course.py has made.

Each command is a function that takes the arguments after its name and returns an exit code.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_PAGE = Path("notebooks/00_start_here.ipynb")
# Over all processors, a file's tests on one: a notebook's cells share a kernel.
SPREAD = ["-n", "auto", "--dist", "loadscope"]
LOCK_OPTIONS = [
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--group=test",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--quiet",
]


def run_module(name: str, *arguments: str) -> int:
    """Run `python -m name arguments` in the course's folder and return its exit code."""
    return subprocess.call([sys.executable, "-m", name, *arguments], cwd=ROOT)


def lab(arguments: Sequence[str]) -> int:
    """Open the course in JupyterLab, at its first page, with no news and no update check."""
    from jupyterlab.labapp import LabApp

    from tools.server import CONNECTION

    options = [
        CONNECTION,
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if (ROOT / START_PAGE).exists():
        options.append(f"--LabApp.default_url=/lab/tree/{START_PAGE.as_posix()}")
    if os.name == "posix" and os.geteuid() == 0:
        options.append("--allow-root")
    LabApp.launch_instance(argv=[*options, *arguments])
    return 0


def lint_report(mend: bool = False) -> tuple[int, str]:
    """Run ruff and mypy over everything; return an exit code and one line that tells how it went.

    Parameters
    ----------
    mend : bool
        Whether ruff rewrites what it can mend.
    """
    start = time.perf_counter()
    checks = {
        "ruff check": ["ruff", "check", "--quiet", *(["--fix"] if mend else [])],
        "ruff format": ["ruff", "format", "--quiet", *([] if mend else ["--check"])],
        "mypy": ["mypy", "--no-error-summary"],
    }
    failed = [name for name, (module, *options) in checks.items() if run_module(module, *options)]
    verdict = f"{', '.join(failed)} failed" if failed else f"{', '.join(checks)} passed"
    return int(bool(failed)), f"{verdict} in {time.perf_counter() - start:.0f} s"


def lint(arguments: Sequence[str]) -> int:
    """Run what CI lints; `--fix` mends what can be mended."""
    code, line = lint_report(mend="--fix" in arguments)
    print(line)
    return code


def test(arguments: Sequence[str]) -> int:
    """Lint, then run every test over all processors and report what was covered and skipped.

    With arguments, which pytest gets as they are, only the tests: a selection of them would
    cover too little, and whoever picks one is in a hurry.
    """
    if arguments:
        os.environ["COURSE_LINT"] = "not run, since options of pytest were given"
        return run_module("pytest", *SPREAD, *arguments)
    lint_code, os.environ["COURSE_LINT"] = lint_report()
    coverage = ["--cov", "--cov-report=term:skip-covered"]
    return run_module("pytest", *SPREAD, *coverage) or lint_code


def build(arguments: Sequence[str]) -> int:
    """Make the notebooks and labs from their sources."""
    from tools import build

    return build.main(list(arguments))


def topic(arguments: Sequence[str]) -> int:
    """Lay the empty rooms of a new topic."""
    from tools import topic

    return topic.main(list(arguments))


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks."""
    return run_module("benchmarks", *arguments)


def lock(arguments: Sequence[str]) -> int:
    """Remake requirements.lock from pyproject.toml; the next command brings .venv up to it."""
    options = [*LOCK_OPTIONS, *arguments, "pyproject.toml", "--output-file=requirements.lock"]
    return run_module("uv", "pip", "compile", *options)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    command.__name__: command for command in (lab, test, build, lint, bench, topic, lock)
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first argument names with the arguments that follow it."""
    return COMMANDS[arguments[0]](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
