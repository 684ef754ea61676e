"""From a notebook that has run to bytes that are the same on every run.

What is dropped says when, where and how often it ran; what is kept says what came out.
"""

import re
from typing import Any

from tools.notebook_build.edits import hash_cells
from tools.notebook_build.targets import Target

ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
"""An object's place in memory, as in <Cache at 0x7f31a2b4c5d0>."""

SAME_ADDRESS = "at 0x0"
BINARY = {"image/png", "image/jpeg", "application/pdf"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
PASSING_METADATA = {
    "collapsed",
    "execution",
    "learner_only",
    "lines_to_end_of_cell_marker",
    "lines_to_next_cell",
    "scrolled",
    "solution_only",
    "trusted",
}


def tidy_notebook(notebook: Any, target: Target) -> bytes:
    """Drop what changes from run to run, and write the rest in one fixed order.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed.
    target : Target
        What it is.

    Returns
    -------
    bytes
        The .ipynb file.
    """
    import nbformat

    for cell in notebook.cells:
        _tidy_cell(cell)
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    for count, cell in enumerate(code, start=1):
        _tidy_outputs(cell, count)
    notebook.metadata = nbformat.from_dict(
        {
            "course": {"cells": hash_cells(notebook.cells), "source": target.source_name},
            "kernelspec": KERNEL,
            "language_info": LANGUAGE,
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, version=4).rstrip() + "\n").encode()


def hide_addresses(value: Any) -> Any:
    """Make all places in memory alike, wherever in an output they stand.

    Examples
    --------
    >>> hide_addresses({"text/plain": "<Cache at 0x7f31a2b4c5d0>"})
    {'text/plain': '<Cache at 0x0>'}
    """
    if isinstance(value, str):
        return ADDRESS.sub(SAME_ADDRESS, value)
    if isinstance(value, dict):
        return {
            key: inner if key in BINARY else hide_addresses(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [hide_addresses(inner) for inner in value]
    return value


def _tidy_cell(cell: Any) -> None:
    for key in PASSING_METADATA & set(cell.metadata):
        del cell.metadata[key]


def _tidy_outputs(cell: Any, count: int) -> None:
    import nbformat

    cell.execution_count = count
    tidied = []
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)
        if output.get("data") == {}:
            continue
        if output.output_type == "execute_result":
            output.execution_count = count
        tidied.append(nbformat.from_dict(hide_addresses(output)))
    cell.outputs = tidied
