"""A JupyterLab on this machine, a Chromium to look at it, and notebooks made for a test.

Where there is no Chromium these tests are skipped, or fail if they must run: see
`tests/conftest.py`.
"""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import find_chromium
from tools.server import CONNECTION

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PATIENCE = 60_000  # ms: a slow machine may take its time; no test depends on how much
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    root: Path
    data: Path

    def write(self, notebook: nbformat.NotebookNode, name: str | None = None) -> str:
        """Put a notebook where this JupyterLab finds it; gives its name."""
        name = name or f"scratch-{secrets.token_hex(4)}.ipynb"
        nbformat.write(notebook, self.root / name)
        return name

    def address(self, name: str) -> str:
        """Give the address that opens a notebook and nothing else."""
        return f"{self.url}/lab/tree/{name}?reset&token={self.token}"


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start a JupyterLab with settings of its own, and stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("lab")
    folders = {
        name: folder / name
        for name in ("root", "config", "data", "runtime", "settings", "workspaces", "learner")
    }
    for path in folders.values():
        path.mkdir()
    news = folders["settings"] / "@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]),
        "COURSE_DATA": str(folders["learner"]),
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(folders["config"]),
        "JUPYTER_DATA_DIR": str(folders["data"]),
        "JUPYTER_RUNTIME_DIR": str(folders["runtime"]),
        "JUPYTERLAB_SETTINGS_DIR": str(folders["settings"]),
        "JUPYTERLAB_WORKSPACES_DIR": str(folders["workspaces"]),
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(
            f"--port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={folders['root']}",
            CONNECTION,
        ),
        *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url="),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command, env=environment, cwd=folders["root"], stdout=log, stderr=log
        )
        try:
            await_port(port, server, folder / "log.txt")
            yield Lab(f"http://127.0.0.1:{port}", token, folders["root"], folders["data"])
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(20)


def await_port(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server listens."""
    for _ in range(600):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start a Chromium, and stop it after these tests: its event loop would disturb others."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), headless=True, args=FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages, `new_page(width=1400, height=900, ...)`; they are closed with the module."""
    contexts = []

    def open_page(width: int = 1400, height: int = 900, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Open one page for one test."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def notebook(lab: Lab, page: Page) -> Iterator[Callable[..., Page]]:
    """Run cells in the real JupyterLab: `notebook(["1 + 1", ...])` gives the page that shows them.

    A cell that starts with `# %% [markdown]` is text.
    """

    def run(cells: Sequence[str]) -> Page:
        return run_notebook(lab, page, lab.write(new_notebook(cells)))

    yield run
    shut_down(page)


def new_notebook(cells: Sequence[str]) -> nbformat.NotebookNode:
    """Make a notebook of code cells, and text where a cell starts with `# %% [markdown]`."""
    mark = "# %% [markdown]\n"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(cell.removeprefix(mark))
            if cell.startswith(mark)
            else nbformat.v4.new_code_cell(cell)
            for cell in cells
        ],
        metadata={"kernelspec": kernel},
    )


def open_notebook(lab: Lab, page: Page, name: str) -> Page:
    """Open a notebook as a reader does, without running it."""
    page.goto(lab.address(name), timeout=PATIENCE)
    page.wait_for_function(
        "window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=PATIENCE
    )
    page.evaluate("""async () => {
        jupyterapp.shell.collapseLeft();
        await jupyterapp.shell.currentWidget.context.ready;
        await jupyterapp.shell.currentWidget.revealed;
    }""")
    return page


def run_notebook(lab: Lab, page: Page, name: str) -> Page:
    """Open a notebook and run all its cells; fails with the cells' errors."""
    open_notebook(lab, page, name)
    page.evaluate("""async () => {
        const session = jupyterapp.shell.currentWidget.sessionContext;
        await session.ready;
        await session.session.kernel.info;
        await jupyterapp.commands.execute('notebook:run-all-cells');
    }""")
    errors = page.evaluate("""() => [...jupyterapp.shell.currentWidget.content.model.cells]
        .flatMap(cell => (cell.toJSON().outputs ?? []).filter(o => o.output_type === 'error'))
        .map(output => `${output.ename}: ${output.evalue}`)""")
    assert not errors, errors
    return page


def shut_down(page: Page) -> None:
    """Stop the kernel of the notebook that a page shows."""
    with contextlib.suppress(Exception):
        page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def set_theme(page: Page, dark: bool) -> None:
    """Switch JupyterLab to its light or its dark theme."""
    name = "JupyterLab Dark" if dark else "JupyterLab Light"
    page.evaluate(
        "name => jupyterapp.commands.execute('apputils:change-theme', { theme: name })", name
    )
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light", arg=str(not dark).lower()
    )


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[str]]:
    """Ask axe-core about a part of a page: `violations(page, ".course-explorer")`."""

    def ask(page: Page, selector: str) -> list[str]:
        # JupyterLab's body has no height and hides what flows over: to axe all would be unseen.
        page.evaluate("() => { document.body.style.minHeight = '100vh'; }")
        response = Axe().run(page, context={"include": [[selector]]}).response
        return [
            f"{found['id']} ({found['impact']}): {node['html']} {node['failureSummary']}"
            for found in response["violations"]
            for node in found["nodes"]
        ]

    return ask
