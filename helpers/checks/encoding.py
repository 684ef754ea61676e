"""Carry a result from one process to another without trusting it.

A customs form: what is inside is written down item by item (numbers, text, lists,
arrays, tables, records), and what is not on the list crosses the border as a name and
a short description only. The form is JSON, arrays travel as base64 of NumPy's own
format with pickles refused, so reading one can never run somebody's code.
"""

import base64
import dataclasses
import io
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from helpers.checks.todo import TODO

LARGEST = 8_000_000  # bytes, roughly
DEEPEST = 40
SHORTEN = 200


class TooBigError(ValueError):
    """The value does not fit on the form."""


@dataclass(frozen=True)
class Foreign:
    """What came across of a value that has no place on the form: its type and its looks."""

    type: str
    text: str


class Record(SimpleNamespace):
    """What came across of a dataclass or a named tuple: its fields."""


@dataclass
class Room:
    """How many bytes may still be written."""

    left: int = LARGEST

    def take(self, size: int) -> None:
        """Use some of the room, or raise `TooBigError`."""
        self.left -= size
        if self.left < 0:
            raise TooBigError(f"more than {LARGEST // 1_000_000} MB")


def encode(value: Any, room: Room | None = None, depth: int = 0) -> Any:
    """Write a value down as something that ``json.dumps`` takes.

    Parameters
    ----------
    value
        Anything. Values of types that are not on the form become their type's name and
        a shortened ``repr``.
    room
        Bytes that are left; 8 MB by default.
    depth
        How deep inside the whole value this one lies.

    Raises
    ------
    TooBigError
        The value is too large, or nested more than 40 deep.

    Examples
    --------
    >>> decode(encode({"waits": (0.5, float("inf")), 3: None}))
    {'waits': (0.5, inf), 3: None}
    >>> decode(encode(n for n in "ab")).type
    'generator'
    """
    room = room or Room()
    room.take(8)
    if depth > DEEPEST:
        raise TooBigError(f"nested more than {DEEPEST} deep")
    if value is None or isinstance(value, bool):
        return value
    if value is TODO:
        return {"$": "todo"}
    if isinstance(value, int):
        room.take(value.bit_length() // 8)
        return _whole(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        room.take(len(value))
        return str(value)
    return _encode_compound(value, room, depth + 1)


def _whole(number: int) -> Any:
    if number.bit_length() > 10_000:  # beyond this, Python refuses to write it in decimal
        return {"$": "int", "value": hex(number)}
    return number


def _encode_compound(value: Any, room: Room, depth: int) -> Any:
    def inside(items: Any) -> list[Any]:
        return [encode(item, room, depth) for item in items]

    if isinstance(value, complex):
        return {"$": "complex", "value": [value.real, value.imag]}
    if isinstance(value, bytes):
        room.take(len(value))
        return {"$": "bytes", "value": base64.b64encode(value).decode()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return _record(value, names, inside(getattr(value, name) for name in names))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _record(value, list(value._fields), inside(value))
    if isinstance(value, list | range):
        return inside(value)
    if isinstance(value, tuple):
        return {"$": "tuple", "value": inside(value)}
    if isinstance(value, set | frozenset):
        return {"$": "set", "value": sorted(inside(value), key=repr)}
    if isinstance(value, dict):
        return {"$": "dict", "value": [inside(pair) for pair in value.items()]}
    return _encode_array(value, room, depth)


def _record(value: Any, names: list[str], values: list[Any]) -> dict[str, Any]:
    return {"$": "record", "type": type(value).__name__, "names": names, "value": values}


def _encode_array(value: Any, room: Room, depth: int) -> Any:
    np = sys.modules.get("numpy")
    if np is not None and isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return encode(value.item() if value.dtype.kind != "f" else float(value), room, depth)
    if np is not None and isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        room.take(array.nbytes)
        if array.dtype.hasobject:
            return encode(array.tolist(), room, depth)
        file = io.BytesIO()
        np.lib.format.write_array(file, array, allow_pickle=False)
        return {"$": "array", "value": base64.b64encode(file.getvalue()).decode()}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.Series | pandas.Index):
        return encode(value.to_numpy(), room, depth)
    if pandas is not None and isinstance(value, pandas.DataFrame):
        columns = [[encode(name, room, depth), encode(value[name], room, depth)] for name in value]
        return {"$": "table", "value": columns}
    return {"$": "other", "type": type(value).__name__, "text": describe(value)}


def describe(value: Any) -> str:
    """Give a short ``repr`` without the address, which differs from run to run."""
    try:
        text = repr(value)
    except Exception as problem:
        text = f"<{type(value).__name__} whose repr raised {type(problem).__name__}>"
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)[:SHORTEN]


def decode(form: Any) -> Any:
    """Read a value back. Runs no code that the form names, and opens no pickle.

    Raises
    ------
    ValueError
        It is not a form that `encode` writes.
    """
    if isinstance(form, list):
        return [decode(item) for item in form]
    if not isinstance(form, Mapping):
        return form
    kind = form.get("$")
    if kind == "todo":
        return TODO
    if kind == "other":
        return Foreign(str(form["type"]), str(form["text"]))
    if kind == "int":
        return int(form["value"], 16)
    if kind == "complex":
        return complex(*form["value"])
    if kind == "bytes":
        return base64.b64decode(form["value"])
    if kind == "array":
        return _decode_array(form["value"])
    if kind in {"tuple", "set", "dict", "record", "table"}:
        return _decode_items(kind, form)
    raise ValueError(f"form must be one that encode writes, got the kind {kind!r}")


def _decode_array(text: str) -> Any:
    import numpy as np

    return np.lib.format.read_array(io.BytesIO(base64.b64decode(text)), allow_pickle=False)


def _decode_items(kind: str, form: Mapping[str, Any]) -> Any:
    items = decode(form["value"])
    if kind == "tuple":
        return tuple(items)
    if kind == "set":
        return {_frozen(item) for item in items}
    if kind == "dict":
        return {_frozen(key): value for key, value in items}
    if kind == "record":
        return type(str(form["type"]), (Record,), {})(
            **dict(zip(form["names"], items, strict=True))
        )
    import pandas as pd

    return pd.DataFrame(dict(items))


def _frozen(item: Any) -> Any:
    return frozenset(item) if isinstance(item, set) else item
