"""Seeing that somebody wrote in a notebook, so that the build leaves it alone.

A built notebook carries, in its metadata under `course`, its source's path and a short
hash for each cell. Where they no longer fit the cells, there was an edit: a learner's
answers in a lab, say, or a maintainer's repair made in the wrong place.
"""

import hashlib
import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from tools.notebook_build.targets import Target, Version


@dataclass(frozen=True)
class Edit:
    """One cell that differs from what was built; `number` counts from 1."""

    number: int
    what: str
    first_line: str

    def __str__(self) -> str:
        """Say it in a line."""
        shown = f": {self.first_line}" if self.first_line else ""
        return f"cell {self.number} {self.what}{shown}"


def hash_cells(cells: list[Any]) -> str:
    """Give a short hash of each cell's kind and source, in one line.

    Cells that hold nothing are passed over: an editor leaves them behind unasked.
    """
    return " ".join(_hash(cell) for cell in cells if text_of(cell).strip())


def text_of(cell: Any) -> str:
    """Give a cell's source in one piece, however the file splits it."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def read_notebook(path: Path) -> dict[str, Any] | None:
    """Read a notebook's JSON; None where it is not JSON."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        return None


def find_edits(path: Path, wanted: list[Any]) -> list[Edit]:
    """Find the cells that somebody wrote into a notebook since it was built.

    Parameters
    ----------
    path : Path
        The notebook, which exists.
    wanted : list of cells
        What the source makes now: an edit that the source holds already is none.

    Returns
    -------
    list of Edit
        Empty where the notebook may be replaced.
    """
    notebook = read_notebook(path)
    if notebook is None:
        return [Edit(0, "cannot be read: the file is not JSON", "")]
    cells = [cell for cell in notebook["cells"] if text_of(cell).strip()]
    now = hash_cells(cells)
    if now == hash_cells(wanted):
        return []
    built = notebook["metadata"].get("course", {}).get("cells", "")
    return _compare(built.split(), now.split(), cells)


def explain_edits(target: Target, edits: list[Edit]) -> str:
    """Say what was found, and how to keep it or be rid of it."""
    lines = [f"{target.output_name} was edited since it was built, and is left as it is."]
    lines += [f"  {edit}" for edit in edits[:8]]
    if len(edits) > 8:
        lines.append(f"  and {len(edits) - 8} more")
    if target.version is Version.NOTEBOOK:
        lines.append("To keep the edit, bring it into the source, look at the difference, build:")
        lines.append(f"  jupytext --to py:percent -o {target.source_name} {target.output_name}")
        lines.append("  (put back {{repository}} and {{binder}} where the source had them)")
    else:
        lines.append(f"To keep an author's edit, copy the cells into {target.source_name};")
        lines.append("to keep a learner's answers, do nothing, or save the notebook elsewhere.")
    lines.append(f"To drop it, delete {target.output_name} and build again.")
    return "\n".join(lines)


def _hash(cell: Any) -> str:
    text = f"{cell['cell_type']}\0{text_of(cell)}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _compare(built: list[str], now: list[str], cells: list[Any]) -> list[Edit]:
    edits = []
    steps = SequenceMatcher(None, built, now, autojunk=False).get_opcodes()
    for step, old, old_end, new, new_end in steps:
        if step == "delete":
            edits.append(Edit(new + 1, f"comes where {old_end - old} stood that are gone", ""))
        elif step != "equal":
            what = "is new" if step == "insert" else "is changed"
            edits += [
                Edit(number, what, text_of(cell).splitlines()[0])
                for number, cell in enumerate(cells[new:new_end], start=new + 1)
            ]
    return edits
