"""The public suite of tests for HTTP caches: fetched, not copied.

`npm pack` brings the package, `node` turns its tests into JSON, and both are kept in the
user's cache folder. Nothing of it is in this repository. Source: http-cache-tests 0.4.5,
https://github.com/http-tests/cache-tests, BSD-3-Clause.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

PACKAGE, VERSION = "http-cache-tests", "0.4.5"
EXPORT = """
import fs from 'fs'
import tests from './tests/index.mjs'
import surrogate from './tests/surrogate-control.mjs'
import index from './results/index.mjs'
const published = index.map(item => ({
  ...item, results: JSON.parse(fs.readFileSync('./results/' + item.file, 'utf8'))
}))
console.log(JSON.stringify({ tests: [...tests, surrogate], published }))
"""
INTEGRITY = (
    "DjuwN9nUZXLTW+wav1LRESCZNVxl8SshwOy4z1pxuWbWt5/ay6sM9QQ1lebBaDO6P1IMBoK6mdf+PuVP/QNL8A=="
)
"""The SHA-512 of the package that the figures were made with, as npm writes it."""

PATIENCE = 120
"""Seconds for npm or node."""

Test = dict[str, Any]
Results = dict[str, Any]


class AbsentError(Exception):
    """The suite cannot be had here; the message says why."""


@dataclass(frozen=True)
class Published:
    """The results that the suite publishes of one cache.

    Attributes
    ----------
    name, kind
        Of the cache; the kind is "browser", "rev-proxy" or "cdn".
    results
        By test: True, or a pair of what failed and why.
    """

    name: str
    kind: str
    results: Results


@dataclass(frozen=True)
class Suite:
    """All tests by their ids, in order, and what is published about caches."""

    tests: dict[str, Test]
    published: tuple[Published, ...]


def load_suite() -> Suite:
    """Give the suite, from the cache folder or from npm."""
    file = platformdirs.user_cache_path("architecture-course") / f"{PACKAGE}-{VERSION}.json"
    if not file.is_file():
        text = export_suite()
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as whole:
            whole.write(text)
        os.replace(name, file)
    data = json.loads(file.read_text(encoding="utf-8"))
    return Suite(
        tests={test["id"]: test for group in data["tests"] for test in group["tests"]},
        published=tuple(
            Published(item["name"], item["type"], item["results"]) for item in data["published"]
        ),
    )


def export_suite() -> str:
    """Fetch the package and let node write its tests and results as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        run("npm", "pack", "--loglevel=error", f"{PACKAGE}@{VERSION}", folder=folder)
        archive = Path(folder, f"{PACKAGE}-{VERSION}.tgz")
        check_archive(archive)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        script = Path(folder, "package", "export-all.mjs")
        script.write_text(EXPORT, encoding="utf-8")
        return run("node", "--no-warnings", script.name, folder=str(script.parent))


def check_archive(archive: Path) -> None:
    """See that it is the very package that the figures were made with."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise AbsentError(f"{archive.name} is not the package that was expected: {digest}")


def run(program: str, *arguments: str, folder: str) -> str:
    """Run a program and give what it printed."""
    found = shutil.which(program)
    if found is None:
        raise AbsentError(f"{program} is not installed")
    try:
        done = subprocess.run(
            [found, *arguments], cwd=folder, capture_output=True, check=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise AbsentError(f"{program} {arguments[0]} took over {PATIENCE} s") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").split("\n")
        raise AbsentError(f"{program} {arguments[0]} failed: {' '.join(said[:3])}") from None
    return done.stdout.decode("utf-8")
