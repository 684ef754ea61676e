"""A small course to build: one topic with a lab, and everything that changes from run to run."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tools import build
from tools.notebook_build.links import read_links
from tools.notebook_build.sources import make_notebook
from tools.notebook_build.targets import Target, Version

NAME = "02_scaling"
NOTEBOOK = f'''
# %% [markdown]
# # Scaling
#
# Read [the code]({{{{repository}}}}) or [run it]({{{{binder:notebooks/02_scaling.ipynb}}}}).

# %%
import os
import sys
import time

from helpers.scaling.model import capacity

# %% covers=["F6"] tags=["toy"]
print(capacity(3))

# %% [markdown]
# ## Look
# At an object, two widgets and a picture.

# %%
class Cache:
    """Its place in memory is another one on every run."""


Cache()

# %%
import anywidget
import ipywidgets


class Counter(anywidget.AnyWidget):
    _esm = "export default {{ render() {{}} }}"


ipywidgets.IntSlider(description="servers")

# %%
Counter()

# %%
import io
import matplotlib.figure
from IPython.display import Image

file = io.BytesIO()
matplotlib.figure.Figure(figsize=(0.1, 0.1)).savefig(file, metadata={{"Software": None}})
Image(file.getvalue(), metadata={{"alt": "a dot"}})

# %%
print("hash", hash("the same in every process"))
print(time.tzname[0], os.path.basename(os.getcwd()), end="", flush=True)
print(" to the error stream", file=sys.stderr, flush=True)
print(" and on")

# %%
print(os.path.samefile(sys.executable, "{Path(sys.executable).as_posix()}"))
print("no progress yet", not os.path.exists(os.environ["COURSE_DATA"]))
'''

LAB = '''
# %% [markdown]
# # Lab
# Back to [the notebook](../notebooks/02_scaling.ipynb).

# %%
from helpers.checks import check

# %%
def evict(entries):
    """Choose the entry to drop."""
    # BEGIN SOLUTION
    return min(entries)
    # END SOLUTION

# %% learner_only=true
print("Yours")

# %% solution_only=true
print("Ours")

# %% tags=["load"]
check("scaling.evict", evict)
'''

FILES = {
    "pyproject.toml": """
        [project.urls]
        Repository = "https://code.example/course"
        Binder = "https://binder.example/course/main/"
        """,
    "requirements.lock": "numpy==2.4.6\n",
    "README.md": "# A course\n<!-- topics:begin -->\n<!-- topics:end -->\nThe end.\n",
    "helpers/__init__.py": "",
    "helpers/checks.py": """
        class Todo:
            def __repr__(self):
                return "TODO"

        TODO = Todo()

        def check(name, function):
            return f"{name}: {function([3, 1, 2])!r}"
        """,
    "helpers/kernel.py": "def kernel(loop):\n    return loop\n",
    "helpers/scaling/__init__.py": "",
    "helpers/scaling/data/log/day.log": "GET /\n",
    "helpers/scaling/rates.csv": "servers,rate\n1,100\n",
    "helpers/scaling/model.py": """
        from ..kernel import kernel

        @kernel
        def capacity(servers):
            return 100 * servers
        """,
    "helpers/caching/__init__.py": "",
    "helpers/caching/model.py": "",
    f"notebooks/source/{NAME}.py": NOTEBOOK,
    f"labs/source/{NAME}.py": LAB,
}


@dataclass(frozen=True)
class Course:
    """A course in a folder, and the short ways of saying what tests do with one."""

    root: Path

    def target(self, version: Version = Version.NOTEBOOK) -> Target:
        """Name one of its three notebooks."""
        return Target(self.root, version, NAME)

    def make(self, version: Version = Version.NOTEBOOK) -> Any:
        """Read a source into a notebook that has not run."""
        return make_notebook(self.target(version), read_links(self.root))

    def build(self, *arguments: str) -> int:
        """Run the command."""
        return build.main([*arguments], self.root)

    def read(self, name: str = f"notebooks/{NAME}.ipynb") -> dict[str, Any]:
        """Read a built notebook's JSON."""
        return dict(json.loads((self.root / name).read_text(encoding="utf-8")))

    def write(self, notebook: dict[str, Any], name: str = f"notebooks/{NAME}.ipynb") -> None:
        """Save a notebook as somebody who wrote in it would."""
        (self.root / name).write_text(json.dumps(notebook), encoding="utf-8")

    def outputs(self, name: str = f"notebooks/{NAME}.ipynb") -> list[dict[str, Any]]:
        """List the outputs of all cells of a built notebook."""
        return [output for cell in self.read(name)["cells"] for output in cell.get("outputs", [])]

    def edit(self, old: str, new: str, name: str = f"notebooks/source/{NAME}.py") -> None:
        """Change a source."""
        source = (self.root / name).read_text(encoding="utf-8")
        assert old in source
        (self.root / name).write_text(source.replace(old, new), encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of which nothing is built."""
    return _lay_out(tmp_path)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that was built, in a folder named as people name folders; not to be changed."""
    course = _lay_out(tmp_path_factory.mktemp("a course's söurce"))
    assert course.build() == 0
    return course


@pytest.fixture
def built(built_once: Course, tmp_path: Path) -> Course:
    """A copy of the built course, to be spoiled."""
    return Course(Path(shutil.copytree(built_once.root, tmp_path / "course")))


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that a test gets by without running anything."""

    def refuse(*_: object) -> bytes:
        raise AssertionError("a kernel was to be started")

    monkeypatch.setattr(build, "_run", refuse)


def _lay_out(root: Path) -> Course:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return Course(root)
