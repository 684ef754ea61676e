"""Which files of `helpers` a piece of Python rests on, read off its text."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

MODULE_NAME = re.compile(r"helpers(\.\w+)+")
KEY = re.compile(r"([a-z_]+)\.\w+")
KEPT_BY_KEY = ("questions", "lab")
"""The modules of a topic in which `helpers.checks` looks up a key such as "scaling.at_90"."""


@cache
def imported_modules(text: str, module: str = "", strings: bool = True) -> frozenset[str]:
    """List the modules of `helpers` that a source names.

    Imports count wherever they stand.

    Parameters
    ----------
    text : str
        Python source; lines of IPython magic in comments do no harm.
    module : str
        The source's own dotted name, which relative imports start from; for a package,
        with `.__init__` at its end.
    strings : bool
        Whether strings count as well: names of modules, as in "helpers.scaling.lab:run_day",
        and keys of questions, as in "scaling.headroom".

    Returns
    -------
    frozenset of str
        Dotted names. Some may be no modules: names inside one, or what a string only
        seemed to name.

    Examples
    --------
    >>> sorted(imported_modules("from helpers.scaling import model"))
    ['helpers.scaling', 'helpers.scaling.model']
    >>> sorted(imported_modules("from ..kernel import kernel", "helpers.scaling.queueing"))
    ['helpers.kernel', 'helpers.kernel.kernel']
    """
    nodes = list(ast.walk(ast.parse(text)))
    names = {name for node in nodes for name in _imported(node, module)}
    if strings:
        names |= {name for node in nodes for name in _said(node)}
    return frozenset(name for name in names if name == "helpers" or MODULE_NAME.fullmatch(name))


def module_name(path: Path, root: Path) -> str:
    """Give a file's dotted name, with `.__init__` for a package's own file."""
    return ".".join(path.relative_to(root).with_suffix("").parts)


def find_files(root: Path, module: str) -> list[Path]:
    """Give the files that importing a module runs: its packages' and its own.

    Parameters
    ----------
    root : Path
        The folder that `helpers` lies in.
    module : str
        A dotted name; a last part that is no module is a name inside one.

    Returns
    -------
    list of Path
        Those that exist, from `helpers` itself downward.
    """
    parts = module.split(".")
    above = [root.joinpath(*parts[:n]) for n in range(1, len(parts) + 1)]
    found = (file for path in above for file in (path / "__init__.py", path.with_suffix(".py")))
    return [path for path in found if path.is_file()]


def find_closure(root: Path, text: str) -> set[Path]:
    """Follow a source's imports to every file of `helpers` that it rests on.

    All data files (.js, .css, .csv and so on) of a module's package belong to it.

    Parameters
    ----------
    root : Path
        The folder that `helpers` lies in.
    text : str
        The source to start from.

    Returns
    -------
    set of Path
        Python files and data files.
    """
    found: set[Path] = set()
    waiting = set(imported_modules(text))
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        for path in find_files(root, module):
            if path not in found:
                found.add(path)
                text = path.read_text(encoding="utf-8")
                waiting |= imported_modules(text, module_name(path, root)) - seen
    packages = {path.parent for path in found}
    return found | {file for package in packages for file in _data(package, root / "helpers")}


def _data(package: Path, helpers: Path) -> list[Path]:
    """List a package's data, in folders below it too; of `helpers`, what lies in no room."""
    paths = package.iterdir() if package == helpers else package.rglob("*")
    is_code = (".py", ".pyc", ".nbi", ".nbc")
    return [path for path in paths if path.is_file() and path.suffix not in is_code]


def _imported(node: ast.AST, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = module.split(".")[: -node.level] if node.level else []
        base = ".".join([*parts, node.module] if node.module else parts)
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.partition(":")[0]
        if key := KEY.fullmatch(node.value):
            yield from (f"helpers.{key[1]}.{module}" for module in KEPT_BY_KEY)
