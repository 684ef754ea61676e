"""Saying in words how one notebook file differs from another."""

import json
from difflib import SequenceMatcher, unified_diff
from itertools import zip_longest
from typing import Any

from tools.notebook_build.edits import text_of
from tools.notebook_build.tidy import BINARY

MOST_LINES = 60
COUNT = "execution_count"
"""Passed over, for one new cell changes it in all that follow."""


def find_differences(old: bytes, new: bytes, pictures: bool = True) -> list[str]:
    """Compare two notebook files byte by byte, and say where they part.

    Parameters
    ----------
    old, new : bytes
        What lies there, and what the build makes now.
    pictures : bool
        Whether pictures count. Fonts differ between systems, so that pictures are the
        same only on the system that drew them; all else is the same everywhere.

    Returns
    -------
    list of str
        A few lines for each difference; empty where there is none.
    """
    if old == new:
        return []
    try:
        was, now = json.loads(old), json.loads(new)
    except ValueError:
        return ["the file is not JSON"]
    if not pictures:
        was, now = _without_pictures(was), _without_pictures(now)
        if was == now:
            return []
    return _differences(was, now) or ["only counts or the layout of the file differ"]


def _differences(was: Any, now: Any) -> list[str]:
    said = [
        f"metadata.{key} differs"
        for key in sorted({*was["metadata"], *now["metadata"]})
        if was["metadata"].get(key) != now["metadata"].get(key)
    ]
    old, new = was["cells"], now["cells"]
    texts = [text_of(cell) for cell in old], [text_of(cell) for cell in new]
    for _, i, i_end, j, j_end in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        for number, (a, b) in enumerate(zip_longest(old[i:i_end], new[j:j_end]), start=j + 1):
            name = f"cell {number} ({(b or a)['id']})"
            said += [f"{name}: {line}" for line in _cell_differences(a, b)]
    return said if len(said) <= MOST_LINES else [*said[:MOST_LINES], "and more"]


def _cell_differences(was: Any, now: Any) -> list[str]:
    if was is None or now is None:
        return ["is new: the file lacks it" if now else "is gone: the build makes none"]
    if text_of(was) != text_of(now):
        return ["its source differs", *_diff(text_of(was), text_of(now))]
    said = [
        f"its {key} differs"
        for key in sorted({*was, *now} - {"outputs", "source", COUNT})
        if was.get(key) != now.get(key)
    ]
    old, new = was.get("outputs", []), now.get("outputs", [])
    if len(old) != len(new):
        said.append(f"{len(old)} outputs, and the build makes {len(new)}")
    for number, (a, b) in enumerate(zip(old, new, strict=False), start=1):
        said += [f"output {number}, {line}" for line in _output_differences(a, b)]
    return said


def _output_differences(was: Any, now: Any) -> list[str]:
    a, b = _flatten(was), _flatten(now)
    said = []
    for key in sorted({*a, *b} - {COUNT}):
        if a.get(key) != b.get(key):
            said += [f"{key} differs", *([] if key in BINARY else _diff(a.get(key), b.get(key)))]
    return said


def _flatten(output: Any) -> dict[str, Any]:
    flat = {key: value for key, value in output.items() if key != "data"}
    return flat | output.get("data", {})


def _diff(was: Any, now: Any) -> list[str]:
    lines = unified_diff(_lines(was), _lines(now), "there", "built", n=0, lineterm="")
    return [f"  {line[:160]}" for line in list(lines)[2:14]]


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return value.splitlines()
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value).splitlines()
    return json.dumps(value, indent=1, sort_keys=True).splitlines()


def _without_pictures(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "" if key in BINARY else _without_pictures(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_pictures(inner) for inner in value]
    return value
