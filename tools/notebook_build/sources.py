"""From a source in py:percent to a notebook that has not run yet.

A lab's source holds the reference solution between two markers inside a function:

    def evict(entries):
        '''Choose the entry to drop.'''
        # BEGIN SOLUTION
        return min(entries, key=last_used)
        # END SOLUTION

The solution keeps the lines between the markers; the learner's copy gets an
invitation and `return TODO` in their place, and TODO in its import cell. A cell with
`solution_only=true` or `learner_only=true` goes to one of the two.

Each notebook runs in the folder it lies in, as it does in JupyterLab. Links in a
lab's text are written as seen from `labs/`; the solution, one folder deeper, gets
them lengthened. A lab that opens a file by a relative path would find it from only
one of the two folders, and the build of the other fails: data belongs to `helpers`.
"""

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tools.notebook_build import BuildError
from tools.notebook_build.links import Links
from tools.notebook_build.targets import Target, Version

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
LEFT_OUT = {
    Version.NOTEBOOK: None,
    Version.LEARNER: "solution_only",
    Version.SOLUTION: "learner_only",
}
HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
RELATIVE_LINK = re.compile(r"(\]\(|(?:href|src)=\")(?![a-z]+:|#|/)([^)\s\"#]+)")


def make_notebook(target: Target, links: Links) -> Any:
    """Read a target's source and shape it into the version wanted, not run.

    Parameters
    ----------
    target : Target
        Which notebook, made from which source.
    links : Links
        What to put in the place of `{{repository}}` and its like.

    Returns
    -------
    nbformat.NotebookNode
        Cells with lasting ids, no outputs.

    Raises
    ------
    BuildError
        If solution markers do not pair up or stand outside a function.
    """
    import jupytext

    notebook = jupytext.reads(target.source.read_text(encoding="utf-8"), fmt="py:percent")
    for cell, name in zip(notebook.cells, name_cells(notebook.cells), strict=True):
        cell.id = name
    left_out = LEFT_OUT[target.version]
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get(left_out)]
    for cell in notebook.cells:
        _shape_cell(cell, target, links)
    if target.version is Version.LEARNER:
        _import_todo(notebook.cells, target)
    return notebook


def name_cells(cells: list[Any]) -> list[str]:
    """Name every cell by its section and its place there, as in `grow-3`.

    A new cell so renames only the cells after it in its own section, and a lab's learner
    and solution call the same cell the same.

    Returns
    -------
    list of str
        One id for each cell, no two alike.
    """
    names, taken, section = [], Counter[str](), "cell"
    for cell in cells:
        heading = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            words = re.sub(r"[^a-z0-9]+", "-", heading[1].lower())
            section = words[:40].strip("-") or "cell"
        taken[section] += 1
        names.append(f"{section}-{taken[section]}")
    return names


def keep_solution(source: str) -> str:
    """Drop the markers and keep what stands between them.

    Examples
    --------
    >>> print(keep_solution("def f():\\n    # BEGIN SOLUTION\\n    return 1\\n    # END SOLUTION"))
    def f():
        return 1
    """
    return "\n".join(line for line, is_marker, _ in _walk(source) if not is_marker)


def leave_blank(source: str) -> str:
    """Put an invitation in the place of every solution.

    Examples
    --------
    >>> print(leave_blank("def f():\\n    # BEGIN SOLUTION\\n    return 1\\n    # END SOLUTION"))
    def f():
        # Your code here.
        return TODO
    """
    lines = []
    for line, is_marker, inside in _walk(source):
        indent = line[: len(line) - len(line.lstrip())]
        if is_marker and inside:
            lines += [f"{indent}# Your code here.", f"{indent}return TODO"]
        elif not is_marker and not inside:
            lines.append(line)
    return "\n".join(lines)


def lengthen_links(text: str) -> str:
    """Rewrite links as seen from `labs/` for a reader one folder deeper.

    Examples
    --------
    >>> lengthen_links(
    ...     "[the notebook](../notebooks/02_scaling.ipynb#grow) and [more](https://x.org)"
    ... )
    '[the notebook](../../notebooks/02_scaling.ipynb#grow) and [more](https://x.org)'
    """
    return RELATIVE_LINK.sub(lambda m: m[1] + posixpath.normpath(f"../{m[2]}"), text)


def _shape_cell(cell: Any, target: Target, links: Links) -> None:
    try:
        if cell.cell_type == "markdown":
            cell.source = links.fill(cell.source)
            if target.version is Version.SOLUTION:
                cell.source = lengthen_links(cell.source)
        elif target.version is not Version.NOTEBOOK:
            shape = leave_blank if target.version is Version.LEARNER else keep_solution
            cell.source = shape(cell.source)
    except ValueError as wrong:
        raise BuildError(f"{target.source_name}, cell {cell.id}: {wrong}") from None


def _walk(source: str) -> Iterator[tuple[str, bool, bool]]:
    """Give each line, whether it is a marker, and whether a solution is then open."""
    inside = False
    for line in source.splitlines():
        marker = line.strip()
        if marker == (END if inside else BEGIN):
            if not line[0].isspace():
                raise ValueError(f"{marker!r} must stand inside a function, indented")
            inside = not inside
            yield line, True, inside
        elif marker in (BEGIN, END):
            raise ValueError(f"{marker!r} has no partner")
        else:
            yield line, False, inside
    if inside:
        raise ValueError(f"{BEGIN!r} has no partner")


def _import_todo(cells: list[Any], target: Target) -> None:
    """See that the learner's copy knows TODO, which the source itself has no use for."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    if not any("return TODO" in cell.source for cell in code):
        return
    for cell in code:
        statement = _import_of_checks(cell.source)
        if statement is None:
            continue
        names = [ast.unparse(name) for name in statement.names]
        if "TODO" not in names:
            lines = cell.source.splitlines()
            first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
            lines[first:last] = [_import_line(["TODO", *names])]
            cell.source = "\n".join(lines)
        return
    raise BuildError(f"{target.source_name}: no cell says `from helpers.checks import …`")


def _import_of_checks(source: str) -> ast.ImportFrom | None:
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic command, say
        return None
    found = (
        s for s in statements if isinstance(s, ast.ImportFrom) and s.module == "helpers.checks"
    )
    return next(found, None)


def _import_line(names: list[str]) -> str:
    line = f"from helpers.checks import {', '.join(names)}"
    if len(line) <= 100:
        return line
    return "from helpers.checks import (\n" + "".join(f"    {name},\n" for name in names) + ")"
