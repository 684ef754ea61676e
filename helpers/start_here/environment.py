"""Is everything there that the course needs? In plain words, with what to do where it is not.

A pilot's checklist. It rests on Python's own library only, so that it can still speak
where everything else is missing. What every machine must have is in `check_environment`,
whose words are the same wherever all is well; what differs from one machine to the next
(versions, the C compiler, the browser) is in `details`.
"""

import html
import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 13)
SHARED = ("kernel", "workload", "statistics", "figure", "explorer", "checks")
"""The modules of `helpers` that every topic rests on."""
COMPILERS = ("cc", "gcc", "clang")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MEND = "Close JupyterLab and start it with `python3 course.py lab`: it installs what is missing."

Mark = Literal["✓", "○", "✗"]


@dataclass(frozen=True)
class Line:
    """One thing that was looked at.

    Attributes
    ----------
    mark
        ✓ there, ○ not as it should be but the course runs, ✗ missing.
    text
        What was found.
    advice
        What to do; empty where nothing has to be done.
    """

    mark: Mark
    text: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.text}" + (f"\n    {self.advice}" if self.advice else "")


@dataclass(frozen=True)
class Report:
    """Several lines, and in a sentence what they come to."""

    lines: tuple[Line, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return all(line.mark != "✗" for line in self.lines)

    @property
    def verdict(self) -> str:
        """What the lines come to."""
        if not self.is_ready:
            return "Something is missing: the lines with ✗ say what to do."
        if any(line.mark == "○" for line in self.lines):
            return "The course runs. The lines with ○ say what would be better."
        return "All is there."

    def __str__(self) -> str:
        return "\n".join([*map(str, self.lines), self.verdict])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(_html_row(line) for line in self.lines)
        return f'<div role="list">{rows}</div><p><strong>{self.verdict}</strong></p>'


def _html_row(line: Line) -> str:
    advice = f"<br>{html.escape(line.advice)}" if line.advice else ""
    body = f"{line.mark} {html.escape(line.text)}{advice}"
    return f'<div role="listitem" style="margin: 3px 0">{body}</div>'


def check_environment() -> Report:
    """Look at what the course needs. On a healthy machine this says the same everywhere."""
    looked_at = (look_at_python(), *look_at_packages(), look_at_helpers())
    return Report((*looked_at, look_at_loops(), look_at_data_folder()))


def details() -> Report:
    """Look at the same more closely, and at what is optional: what to add to a question."""
    return Report((describe_python(), *describe_packages(), describe_loops(), *optional_tools()))


# What every machine must have


def look_at_python(version: tuple[int, ...] = tuple(sys.version_info[:2])) -> Line:
    """Look at Python's version.

    Examples
    --------
    >>> look_at_python((3, 12)).mark, look_at_python((3, 9)).mark
    ('✓', '✗')
    """
    if OLDEST <= tuple(version) <= NEWEST:
        return Line("✓", "Python is of a version that the course is tested with")
    found = ".".join(map(str, version))
    if tuple(version) > NEWEST:
        return Line("○", f"Python {found} is newer than what the course is tested with", MEND)
    return Line("✗", f"Python {found} is too old: the course needs 3.11, 3.12 or 3.13", MEND)


def look_at_packages() -> Iterator[Line]:
    """Look at each package that pyproject.toml asks for; one line where all are well."""
    problems = [line for name in packages_needed() if (line := look_at_package(name)).mark != "✓"]
    yield from problems
    if not problems:
        yield Line("✓", "every package is there, at the version that the course was built with")


def look_at_package(name: str) -> Line:
    """Look for one package, and at its version."""
    wanted, found = locked_versions().get(name, ""), version_of(name)
    if found is None:
        return Line("✗", f"the package {name} is missing", MEND)
    if wanted and found != wanted:
        text = f"{name} is {found}; the course was built with {wanted}, so numbers may differ"
        return Line("○", text, MEND)
    return Line("✓", f"{name} {found}")


def look_at_helpers() -> Line:
    """Look whether the course's own modules can be imported."""
    for name in SHARED:
        try:
            importlib.import_module(f"helpers.{name}")
        except ImportError as problem:
            return Line("✗", f"helpers.{name} cannot be imported: {problem}", MEND)
    return Line("✓", "the course's own modules can be imported")


def look_at_loops() -> Line:
    """Run a loop of the kind that the models are made of, and compare it with plain Python."""
    try:
        given, right = loop_gives()
    except Exception as problem:
        text = f"the models' loops do not run ({type(problem).__name__}: {problem})"
        return Line("✗", text, "Set the variable COURSE_KERNELS to `python`: slower, but it runs.")
    if given != right:
        return Line("✗", f"a model's loop gave {given} where {right} is right", MEND)
    return Line("✓", "the models' loops run, and give the same as plain Python")


def look_at_data_folder() -> Line:
    """Look whether your progress can be kept."""
    try:
        from helpers.checks.store import data_folder

        folder = data_folder()
    except ImportError as problem:
        return Line("✗", f"your progress cannot be kept: {problem}", MEND)
    if why := why_not_writable(folder):
        text = f"your progress cannot be kept in {folder} ({why})"
        advice = "Set the variable COURSE_DATA to a folder of yours before you start the course."
        return Line("○", text, advice)
    return Line("✓", "your progress can be kept on this machine")


def why_not_writable(folder: Path) -> str:
    """Say why a file cannot be written below a folder, which need not exist; empty if it can."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            return ""
    except OSError as problem:
        return problem.strerror or str(problem)


# What differs from one machine to the next


def describe_python() -> Line:
    """Say which Python this is, on which system."""
    mark = look_at_python().mark
    return Line(
        mark, f"Python {platform.python_version()} on {platform.system()}, {platform.machine()}"
    )


def describe_packages() -> Iterator[Line]:
    """Say the version of each package."""
    yield from map(look_at_package, packages_needed())


def describe_loops() -> Line:
    """Say whether Numba compiles the models' loops, or plain Python runs them."""
    if (line := look_at_loops()).mark == "✗":
        return line
    from helpers.start_here.small_loop import longest_wait

    if longest_wait.is_compiled:
        return Line("✓", "Numba compiles the models' loops")
    return Line("○", "plain Python runs the models' loops: same numbers, but slower")


def optional_tools() -> Iterator[Line]:
    """Look for what only contributors need."""
    yield find_tool("a C compiler", COMPILERS, "CC", "python3 course.py bench")
    yield find_tool("Chromium", BROWSERS, "CHROMIUM", "the tests in tests/browser")


def find_tool(what: str, names: tuple[str, ...], variable: str, used_by: str) -> Line:
    """Look for a program that the course can do without."""
    named = os.environ.get(variable, "")
    if any(shutil.which(name) for name in (named, *names) if name):
        return Line("✓", f"{what}, for {used_by}")
    return Line("○", f"no {what.removeprefix('a ')}: only {used_by} would use it")


# What was wanted, and what is there


def packages_needed(root: Path = ROOT) -> tuple[str, ...]:
    """List the packages that pyproject.toml asks for on this machine.

    Examples
    --------
    >>> "numpy" in packages_needed()
    True
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parted = [entry.partition(";") for entry in project["dependencies"]]
    return tuple(_name(wanted) for wanted, _, marker in parted if applies(marker.strip()))


@cache
def locked_versions(root: Path = ROOT) -> dict[str, str]:
    """Read the version of each package off requirements.lock, as it is for this machine."""
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==([^\s;]+)(?: *; *(.*?))? *\\$", lock, re.MULTILINE)
    return {name: version for name, version, marker in pinned if applies(marker)}


def applies(marker: str) -> bool:
    """Tell whether a condition such as ``sys_platform == 'win32'`` holds on this machine."""
    if not marker:
        return True
    try:
        from packaging.markers import Marker
    except ImportError:  # then more is missing, and it is said of that
        return True
    return Marker(marker).evaluate()


def version_of(name: str) -> str | None:
    """Give the version of a package that is installed, else None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def loop_gives() -> tuple[float, float]:
    """Run a small loop as the models are run, and the same loop in plain Python."""
    import numpy as np

    from helpers.start_here.small_loop import longest_wait

    gaps = np.array([1.0, 0.25, 0.5, 2.0])
    return float(longest_wait(gaps, 1.0)), float(longest_wait.python(gaps, 1.0))


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found[0] if found else requirement
