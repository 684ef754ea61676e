"""The explorer: controls and picture tied together, with its other half in the browser."""

import base64
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure

from helpers.explorer.controls import Control
from helpers.explorer.stage import Stage, Update
from helpers.figure import PIXELS_PER_INCH, SCALE
from helpers.memory import keep_freed_memory

LONGEST_COMPLAINT = 240

# JupyterLab passes a browser's messages to a thread of their own, so that a control answers while
# a cell runs; Matplotlib has settings that all threads share.
ONE_AT_A_TIME = threading.RLock()


class Explorer(anywidget.AnyWidget):
    """Controls over a picture that answers at once.

    Parameters
    ----------
    title
        What is explored, in a few words.
    controls
        `Slider`, `Choice` and `Switch`, each named like an argument of the model.
    model
        Called with the controls' values as keyword arguments; returns a result. Give it
        a fixed seed, so that only the controls move the picture.
    draw
        Called once with an empty Matplotlib figure in the course's theme; returns
        `update`, which is called with each result and returns the artists that it moved.
        The rest is drawn once. Keep limits and ticks fixed and change words by `set_text`:
        what `set_ylim`, `set_title` and the like do is seen too, but all is drawn anew then.
    describe
        Called with the result; says in one or two sentences, with numbers, what is seen.
    call
        The function named in the line of Python that reproduces the state.
    size
        Width and height of the picture in units of 100 pixels.

    Attributes
    ----------
    values : dict
        The controls' values by name; may be set, in whole or in part.
    note, alt, code, png
        What is seen in a sentence, the picture's alternative text, the line of Python, and
        the picture.
    result
        The model's latest result.
    pixel_ratio : int
        Pixels of the picture for each pixel of `size`: 2 until a browser on a coarser screen
        says that it shows no more than 1, which halves the time of a move.
    error : Exception or None
        Why the present combination could not be computed; the picture is the last good one.

    Raises
    ------
    ValueError
        When there is no control, or two have one name. What model, draw and describe raise
        for the first values is raised as it is.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")

    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    png = traitlets.Bytes().tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    panel = traitlets.Dict().tag(sync=True)
    positions = traitlets.Dict().tag(sync=True, echo_update=False)
    pixel_ratio = traitlets.Int(SCALE).tag(sync=True)

    def __init__(
        self,
        *,
        title: str,
        controls: Sequence[Control],
        model: Callable[..., Any],
        draw: Callable[[Figure], Update],
        describe: Callable[[Any], str],
        call: str = "explore",
        size: tuple[float, float] = (9, 3.6),
    ) -> None:
        keep_freed_memory()
        check_controls(controls)
        if min(size) <= 0:
            raise ValueError(f"size must be two numbers above 0, got {size}")
        self.controls = tuple(controls)
        self.error: Exception | None = None
        self._call, self._model, self._describe, self._size = call, model, describe, size
        start = {control.name: control.start for control in controls}
        self.result = model(**self._values_at(start))
        self.stage = Stage(draw, self.result, size)
        width, height = (round(side * PIXELS_PER_INCH) for side in size)
        super().__init__(
            title=title,
            panel={
                "controls": [control.panel() for control in controls],
                "width": width,
                "height": height,
            },
            positions=start,
            code=self._code_at(start),
            **self._view(title, self.result),
        )
        self.observe(self._redraw, "positions")
        self.observe(self._sharpen, "pixel_ratio")

    @property
    def values(self) -> dict[str, Any]:
        """The controls' values by name."""
        return self._values_at(self.positions)

    @values.setter
    def values(self, values: Mapping[str, Any]) -> None:
        by_name = {control.name: control for control in self.controls}
        if unknown := sorted(set(values) - set(by_name)):
            raise ValueError(f"values must be named {', '.join(by_name)}, got {', '.join(unknown)}")
        moved = {name: by_name[name].position_of(value) for name, value in values.items()}
        with self.hold_sync():
            self.positions = {**self.positions, **moved}

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
        with self.hold_sync():
            self.positions = {control.name: control.start for control in self.controls}

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take in what a browser sends: positions, made to fit, and how fine its pixels are."""
        if sync_data.get("pixel_ratio") in range(1, SCALE + 1):
            super().set_state({"pixel_ratio": int(sync_data["pixel_ratio"])})
        if "positions" not in sync_data:
            return
        sent = sync_data["positions"]
        given = sent if isinstance(sent, dict) else {}
        fitted = {
            control.name: control.fit(given.get(control.name), self.positions[control.name])
            for control in self.controls
        }
        frame = self.frame
        super().set_state({"positions": fitted})
        if fitted != sent:
            self.send_state("positions")
        if self.frame == frame:  # nothing moved, but the browser waits for an answer
            self.frame += 1

    def _values_at(self, positions: Mapping[str, int]) -> dict[str, Any]:
        return {control.name: control.values[positions[control.name]] for control in self.controls}

    def _code_at(self, positions: Mapping[str, int]) -> str:
        arguments = (f"{name}={value!r}" for name, value in self._values_at(positions).items())
        return f"{self._call}({', '.join(arguments)})"

    def _view(self, title: str, result: object) -> dict[str, Any]:
        note = str(self._describe(result))
        return {"png": self.stage.show(result), "note": note, "alt": f"{title}. {note}"}

    def _redraw(self, _: object = None) -> None:
        with ONE_AT_A_TIME:
            self._answer()

    def _sharpen(self, _: object = None) -> None:
        with ONE_AT_A_TIME, self.hold_sync():
            self.stage.sharpen(self.pixel_ratio)
            self.png = self.stage.show(self.result)
            self.frame += 1

    def _answer(self) -> None:
        try:
            result = self._model(**self.values)
            view = self._view(self.title, result)
        except Exception as error:
            self.error = error
            view = {"note": complaint(error)}
        else:
            self.error, self.result = None, result
        with self.hold_sync():
            self.set_trait("failed", self.error is not None)
            self.code = self._code_at(self.positions)
            for name, value in view.items():
                self.set_trait(name, value)
            self.frame += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the live view where there is a kernel; else the picture, else the words."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        still = {
            "text/plain": f"{self.title}\n{self.note}\n{self.code}",
            "image/png": base64.b64encode(self.png).decode(),
        }
        shape = {"width": self.panel["width"], "height": self.panel["height"]}
        return {**data, **still}, {**metadata, "image/png": {"alt": self.alt, **shape}}


def check_controls(controls: Sequence[Control]) -> None:
    """Refuse controls that could not be told apart."""
    if not controls:
        raise ValueError("controls must be one or more, got none")
    names = [control.name for control in controls]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"controls must have names of their own, got {', '.join(twice)} twice")


def complaint(error: Exception) -> str:
    """Say in plain words that a combination has no answer, and why."""
    reason = " ".join(str(error).split()) or type(error).__name__
    if len(reason) > LONGEST_COMPLAINT:
        reason = reason[:LONGEST_COMPLAINT].rstrip() + " …"
    return f"This combination could not be computed: {reason}"


def every_corner(explorer: Explorer) -> Iterator[dict[str, Any]]:
    """Drive an explorer to each control's ends, alone and in pairs, and back.

    The ends of a slider are its lowest and highest value; of a choice or a switch, all it
    has. The other controls stand where they stood at first. Look at the explorer after
    each step: at `error`, `note`, `result`.

    Yields
    ------
    The values that the explorer has been set to.

    Examples
    --------
    `assert all(explorer.error is None for values in every_corner(explorer))`
    """
    start = {control.name: control.start for control in explorer.controls}
    pairs = itertools.combinations(explorer.controls, 2)
    groups = [*((control,) for control in explorer.controls), *pairs]
    corners = (
        tuple({**start, **dict(zip((c.name for c in group), ends, strict=True))}.items())
        for group in groups
        for ends in itertools.product(*(control.extremes for control in group))
    )
    try:
        for corner in dict.fromkeys(corners):
            explorer.positions = dict(corner)
            yield explorer.values
    finally:
        explorer.reset()
