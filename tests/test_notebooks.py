"""Every notebook, lab and solution: what a learner opens is true, and comes out again.

Each is run by nbval, strictly, in a kernel of this environment over IPC, as a learner
would run it: `helpers` must be found without any help. Then it is built again from its
source and compared byte by byte. The rest is read off the files.
"""

import json
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote

import nbformat
import pytest

from helpers.start_here.topics import read_brief
from tools.build import check_one
from tools.notebook_build import BuildError
from tools.notebook_build.edits import hash_cells, text_of
from tools.notebook_build.run import kernel_connection, kernel_environment
from tools.notebook_build.targets import FOLDERS, find_targets
from tools.notebook_build.tidy import ADDRESS, SAME_ADDRESS, WIDGET_VIEW

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = [
    f"{folder}/{path.name}"
    for _, folder in FOLDERS.values()
    for path in sorted((ROOT / folder).glob("*.ipynb"))
]
CELL_SECONDS = 120
IMAGE_LINK = re.compile(r"!\[(.*?)\]\(|<img\b([^>]*)>")
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s#]+)|(?:href|src)=\"(?![a-z]+:|#)([^\"#]+)")

every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def cells_of(name: str, kind: str = "code") -> list[dict[str, Any]]:
    notebook = json.loads((ROOT / name).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def outputs_of(name: str) -> list[dict[str, Any]]:
    return [output for cell in cells_of(name) for output in cell["outputs"]]


# nbval


def start_kernel(
    startup_timeout: float, kernel_name: str, stderr: TextIO, cwd: str, scratch: Path
) -> tuple[Any, Any]:
    """Start a kernel as nbval does, but over IPC and in the environment of the build."""
    from jupyter_client.manager import KernelManager
    from nbval.kernel import NbvalKernelspecManager

    stderr.close()  # nbval opens it for the kernel and never closes it
    environment = kernel_environment(ROOT, scratch)
    del environment["PYTHONPATH"]
    manager = KernelManager(
        kernel_name=kernel_name,
        kernel_spec_manager=NbvalKernelspecManager(),
        **kernel_connection(scratch),
    )
    manager.start_kernel(cwd=cwd, env=environment, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=startup_timeout)
    except RuntimeError:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        raise
    return manager, client


@contextmanager
def nbval_file(
    path: Path, request: pytest.FixtureRequest, cell_seconds: float = CELL_SECONDS
) -> Iterator[Any]:
    """Give nbval's collector for a notebook, its kernel running, and its cells."""
    from nbval.plugin import IPyNbFile

    options = {"nbval_current_env": True, "nbval_cell_timeout": cell_seconds, "color": "no"}
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as scratch,
    ):
        for option, value in {**options, "cov_source": None}.items():
            patch.setattr(request.config.option, option, value, raising=False)
        patch.setattr(
            "nbval.kernel.start_new_kernel",
            lambda **asked: start_kernel(**asked, scratch=Path(scratch)),
        )
        file = IPyNbFile.from_parent(request.session, path=path)
        cells = list(file.collect())
        file.setup()
        file.sanitize_patterns[ADDRESS.pattern] = SAME_ADDRESS
        try:
            yield file, cells
        finally:
            file.teardown()


def replay(path: Path, request: pytest.FixtureRequest, **limit: float) -> list[str]:
    """Run a notebook again and tell of every cell whose output is another one."""
    from nbval.plugin import NbCellError

    failures = []
    with nbval_file(path, request, **limit) as (file, cells):
        for cell in cells:
            try:
                cell.runtest()
            except NbCellError as error:
                failures.append(cell.repr_failure(pytest.ExceptionInfo.from_exception(error)))
            except pytest.skip.Exception:
                failures.append(f"Cell {cell.cell_num} is skipped, which tests nothing")
            if file.timed_out:
                break
    return failures


@every_notebook
def test_a_notebook_gives_the_same_answers_when_it_is_run_again(name, request):
    failures = replay(ROOT / name, request)
    if failures:
        pytest.fail("\n\n".join([f"{name}, {len(failures)} cells", *failures]), pytrace=False)


@pytest.fixture
def save(tmp_path):
    """Save a notebook of code cells, each with what it is said to print."""

    def write(*cells: tuple[str, str], tags: tuple[str, ...] = ()) -> Path:
        notebook = nbformat.v4.new_notebook()
        for count, (source, printed) in enumerate(cells, start=1):
            output = nbformat.v4.new_output("stream", text=printed)
            cell = nbformat.v4.new_code_cell(source, outputs=[output], execution_count=count)
            cell.metadata.tags = list(tags)
            notebook.cells.append(cell)
        path = tmp_path / "small.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


def test_what_is_still_true_passes(save, request):
    path = save(
        ("import helpers, os\nprint(object())", "<object object at 0x7f0000000000>\n"),
        ("print(os.environ['TZ'], os.path.exists(os.environ['COURSE_DATA']))", "UTC False\n"),
    )
    assert replay(path, request) == []


def test_every_cell_that_says_something_else_is_told_with_both_answers(save, request):
    path = save(("print(6 * 7)", "41\n"), ("print(2)", "2\n"), ("print(3)", "three\n"))
    first, last = replay(path, request)
    for part in ("print(6 * 7)", "41", "42"):
        assert part in first
    assert "three" in last
    assert "\x1b" not in first


def test_a_cell_that_fails_is_told_with_its_error(save, request):
    (failure,) = replay(save(("print(1 / 0)", "0\n")), request)
    assert "ZeroDivisionError" in failure


def test_a_skipped_cell_is_a_failure(save, request):
    path = save(("print(1)", "2\n"), tags=("nbval-skip",))
    assert replay(path, request) == ["Cell 0 is skipped, which tests nothing"]


def test_a_cell_that_hangs_ends_the_run(save, request):
    path = save(("while True: pass", ""), ("print(1)", "2\n"))
    (failure,) = replay(path, request, cell_seconds=1)
    assert "Timeout of 1 seconds exceeded" in failure


# The build


@pytest.mark.parametrize("target", find_targets(ROOT), ids=lambda target: target.output_name)
def test_a_notebook_is_byte_for_byte_what_its_source_makes(target):
    try:
        check_one(target, threading.Event())
    except BuildError as error:
        pytest.fail(str(error), pytrace=False)


@every_notebook
def test_nobody_wrote_in_a_notebook_since_it_was_built(name):
    notebook = json.loads((ROOT / name).read_text(encoding="utf-8"))
    assert notebook["metadata"]["course"]["cells"] == hash_cells(notebook["cells"])
    assert (ROOT / notebook["metadata"]["course"]["source"]).is_file()


# What is in the file


@every_notebook
def test_a_notebook_was_run_from_top_to_bottom(name):
    counts = [cell["execution_count"] for cell in cells_of(name)]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_no_notebook_shows_an_error_or_a_warning(name):
    kinds = [output.get("name", output["output_type"]) for output in outputs_of(name)]
    assert not {"error", "stderr"} & set(kinds)


@every_notebook
def test_no_widget_is_kept_that_would_have_no_kernel(name):
    notebook = json.loads((ROOT / name).read_text(encoding="utf-8"))
    assert "widgets" not in notebook["metadata"]
    assert [o for o in outputs_of(name) if WIDGET_VIEW in o.get("data", {})] == []


@every_notebook
def test_every_picture_says_in_words_what_it_shows(name):
    silent = [
        kind
        for output in outputs_of(name)
        for kind in output.get("data", {})
        if kind.startswith("image/") and not output["metadata"].get(kind, {}).get("alt")
    ]
    linked = [
        match[0]
        for cell in cells_of(name, "markdown")
        for match in IMAGE_LINK.finditer(text_of(cell))
        if not match[1] and 'alt="' not in (match[2] or "")
    ]
    assert silent + linked == []


@every_notebook
def test_every_link_leads_to_a_file(name):
    links = [
        unquote(match[1] or match[2])
        for cell in cells_of(name, "markdown")
        for match in LINK.finditer(text_of(cell))
    ]
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


@every_notebook
def test_a_cell_covers_only_what_the_brief_knows(name):
    covered = {item for cell in cells_of(name) for item in cell["metadata"].get("covers", [])}
    assert covered - set(read_brief()) == set()


@every_notebook
def test_an_output_that_is_not_compared_says_why(name):
    cells = (cell for cell in cells_of(name) if "nbval" in json.dumps(cell["metadata"]).lower())
    assert [text_of(cell) for cell in cells if not cell["metadata"].get("reason")] == []
    assert not any(re.search(r"^\s*#\s*NBVAL_", text_of(c), re.MULTILINE) for c in cells_of(name))


@pytest.mark.skipif(os.name != "posix", reason="IPC needs POSIX")
def test_kernels_do_not_talk_over_the_network(save, request):
    with nbval_file(save(("print(1)", "1\n")), request) as (file, _):
        assert file.kernel.km.transport == "ipc"
