"""The widget behind `predict` and `quiz`: native inputs, one button, one line of reply."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent


class Form(anywidget.AnyWidget):
    """A question with two number fields, or with options.

    Parameters
    ----------
    reply
        Takes what the learner entered (``low`` and ``high``, or ``choice``), and gives
        what to say: ``text``, ``tone``, and, if they are to change, ``low``, ``high``,
        ``choice`` and ``button``.
    **fields
        ``question``, ``how``, ``unit``, ``options``, ``button`` and ``told``.
    """

    _esm = HERE / "forms.js"
    _css = HERE / "forms.css"

    question = traitlets.Unicode().tag(sync=True)
    how = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[str] = traitlets.List().tag(sync=True)
    button = traitlets.Unicode("Check").tag(sync=True)
    sent = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)

    def __init__(
        self, reply: Callable[[Mapping[str, Any]], Mapping[str, Any]], **fields: Any
    ) -> None:
        self._reply = reply
        super().__init__(**fields)

    @traitlets.observe("sent")
    def _answer(self, change: Any) -> None:
        if change.new:
            self.told = {**self._reply(change.new), "turn": change.new.get("turn")}
