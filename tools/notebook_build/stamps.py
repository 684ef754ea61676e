"""What each notebook was last made from, so that only stale ones are made again.

The stamps lie in `.build/stamps.json`, which git ignores: without them everything
counts as stale, and nothing worse happens.
"""

import ast
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from tools.notebook_build.files import write_atomically
from tools.notebook_build.imports import find_closure
from tools.notebook_build.links import read_links
from tools.notebook_build.targets import Target

HERE = Path(__file__).parent
READS_NAMES = "READS_NAMES"


def is_stale(target: Target, stamps: dict[str, list[str]]) -> bool:
    """Tell whether a notebook is missing, or other than its source and helpers make it."""
    stamp = make_stamp(target)
    return stamp is None or stamps.get(target.output_name) != stamp


def make_stamp(target: Target) -> list[str] | None:
    """Give the hashes of what a notebook is made from and of what it is now.

    Returns
    -------
    list of str or None
        Two hashes; None where there is no notebook.
    """
    if not target.output.exists():
        return None
    return [hash_inputs(target), hashlib.sha256(target.output.read_bytes()).hexdigest()]


def hash_inputs(target: Target) -> str:
    """Hash everything that a notebook's bytes follow from.

    That is its source, the helpers it rests on with their data, the pinned packages,
    the links, and the builder. A helper that looks at the names of files says so in a
    tuple of patterns called READS_NAMES; the names that match count too.
    """
    text = target.source.read_text(encoding="utf-8")
    helpers = find_closure(target.root, text)
    lock = target.root / "requirements.lock"
    digest = hashlib.sha256(f"{target.version} {read_links(target.root)}".encode())
    for path in [target.source, *sorted(helpers), lock, *sorted(HERE.glob("*.py"))]:
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    for name in _names_read(target.root, helpers):
        digest.update(f"\0{name}".encode())
    return digest.hexdigest()


def read_stamps(root: Path) -> dict[str, list[str]]:
    """Read the stamps, none where there are none to be read."""
    try:
        return dict(json.loads(_place(root).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write_stamps(root: Path, stamps: dict[str, list[str]]) -> None:
    """Keep the stamps for the next build."""
    _place(root).parent.mkdir(exist_ok=True)
    text = json.dumps(stamps, indent=1, sort_keys=True) + "\n"
    write_atomically(_place(root), text.encode())


def _place(root: Path) -> Path:
    return root / ".build" / "stamps.json"


def _names_read(root: Path, helpers: Iterable[Path]) -> list[str]:
    patterns = {pattern for path in helpers for pattern in _patterns(path)}
    found = (path for pattern in patterns for path in root.glob(pattern))
    return sorted({path.relative_to(root).as_posix() for path in found})


def _patterns(path: Path) -> tuple[str, ...]:
    """Read the tuple READS_NAMES off a module's text."""
    if path.suffix != ".py" or READS_NAMES not in (text := path.read_text(encoding="utf-8")):
        return ()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == READS_NAMES:
            return tuple(ast.literal_eval(node.value))
    return ()
