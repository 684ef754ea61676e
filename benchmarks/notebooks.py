"""Run a notebook's code in a fresh kernel, with a question asked at its end."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tools.notebook_build.run import run_notebook
from tools.notebook_build.targets import Target, find_targets

ROOT = Path(__file__).resolve().parents[1]


def find_notebooks(root: Path = ROOT) -> Iterator[Target]:
    """Give the notebooks that are built; labs wait for a learner and are left out."""
    for target in find_targets(root):
        if target.output_name.startswith("notebooks/") and target.output.exists():
            yield target


def ask_notebook(target: Target, before: str, after: str, variables: Mapping[str, str]) -> str:
    """Run all cells and give what the last one prints.

    Parameters
    ----------
    before, after
        Code of a cell that is put at the front, and of one at the end.
    variables
        Of the kernel's environment, besides this process's own.
    """
    import nbformat

    notebook: Any = nbformat.read(target.output, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(before))
    notebook.cells.append(nbformat.v4.new_code_cell(after))
    with patch.dict(os.environ, variables):
        run_notebook(notebook, target)
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
