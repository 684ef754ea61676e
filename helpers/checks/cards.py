"""What a learner reads: one card, the same words as plain text and as HTML.

A card is an index card: a title, rows of a label and a text, and lines below.
It keeps its meaning without color and without styles, as a code host or a terminal
shows it; the marks ○ ✗ ✓ stand in the title.
"""

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.checks.encoding import Foreign, Record, describe

MARKS = {"open": "○", "wrong": "✗", "right": "✓", "plain": ""}
EDGES = {  # JupyterLab's own colors, readable on light and dark; others see the fallback
    "open": "var(--jp-border-color1, #767676)",
    "wrong": "var(--jp-error-color1, #D55E00)",
    "right": "var(--jp-success-color1, #009E73)",
    "plain": "var(--jp-border-color1, #767676)",
}
CARD_STYLE = "border-left: 4px solid {edge}; padding: 2px 0 2px 12px; max-width: 50em"
WIDEST = 160


@dataclass(frozen=True)
class Card:
    """A short answer to the learner.

    Attributes
    ----------
    title
        The first line, without its mark.
    tone
        ``"open"`` ○, ``"wrong"`` ✗, ``"right"`` ✓ or ``"plain"``.
    rows
        Pairs of a label and a text. A text of several lines keeps them.
    lines
        Sentences below.
    """

    title: str
    tone: str = "plain"
    rows: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The title with its mark."""
        return f"{MARKS[self.tone]} {self.title}".strip()

    def __str__(self) -> str:
        width = max((len(label) for label, _ in self.rows), default=0)
        text = [self.heading]
        for label, words in self.rows:
            first, *rest = words.splitlines() or [""]
            text.append(f"  {label:<{width}}  {first}".rstrip())
            text += [f"  {'':<{width}}  {line}".rstrip() for line in rest]
        return "\n".join([*text, *(f"  {line}" for line in self.lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        style = CARD_STYLE.format(edge=EDGES[self.tone])
        title = f"<strong>{html.escape(self.heading)}</strong>"
        parts = [f'<div style="{style}">', html_line(title)]
        if self.rows:
            rows = "".join(html_row(*row) for row in self.rows)
            parts.append(f'<table style="margin: 4px 0">{rows}</table>')
        parts += [html_line(html.escape(line)) for line in self.lines]
        return "".join([*parts, "</div>"])


def html_line(content: str) -> str:
    """Give one line of a card."""
    return f'<p style="margin: 4px 0">{content}</p>'


def html_row(label: str, words: str) -> str:
    """Give one row of a card's table."""
    text = html.escape(words)
    if "\n" in words:
        text = f"<pre>{text}</pre>"
    left = "text-align: left; vertical-align: top"
    return f'<tr><th scope="row" style="{left}">{label}</th><td style="{left}">{text}</td></tr>'


def number(value: float) -> str:
    """Write a number with four significant digits and commas.

    Examples
    --------
    >>> number(12345.6), number(0.20461), number(3.0), number(float("inf"))
    ('12,350', '0.2046', '3', 'infinity')
    """
    value = float(value)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    if value and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.4g}"
    text = f"{float(f'{value:.4g}'):,f}"
    return text.rstrip("0").rstrip(".")


def with_unit(text: str, unit: str) -> str:
    """Put the unit behind a number, with a space unless it is the percent sign's.

    Examples
    --------
    >>> with_unit("12", "ms"), with_unit("12", "")
    ('12 ms', '12')
    """
    return f"{text} {unit}".strip()


def show(value: Any, digits: int = 6) -> str:
    """Write any value in one short line, for a learner who compares two of them.

    Examples
    --------
    >>> show([0.1 + 0.2, "late", None])
    "[0.3, 'late', None]"
    >>> show(list(range(100)))
    '[0, 1, 2, 3, 4, 5, 6, 7, … 92 more]'
    """
    text = " ".join(write(value, digits).split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 2]} …"


def write(value: Any, digits: int) -> str:
    """Write a value with so many significant digits, long ones cut short."""
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, Foreign):
        return f"{value.text} (of type {value.type})"
    if isinstance(value, Record):
        return f"{type(value).__name__}({write_items(vars(value), digits, '{}={}')})"
    if isinstance(value, Mapping):
        return "{" + write_items(value, digits, "{!r}: {}") + "}"
    if isinstance(value, list | tuple):
        shown = [write(item, digits) for item in value[:8]]
        rest = [f"… {len(value) - 8:,} more"] if len(value) > 8 else []
        inside = ", ".join(shown + rest)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return write_array(value, digits)
    return describe(value)


def write_items(items: Mapping[Any, Any], digits: int, form: str) -> str:
    """Write the first eight items of a mapping."""
    shown = [form.format(name, write(item, digits)) for name, item in list(items.items())[:8]]
    rest = [f"… {len(items) - 8:,} more"] if len(items) > 8 else []
    return ", ".join(shown + rest)


def write_array(value: Any, digits: int) -> str:
    """Write an array: its shape, where that says something, and its ends."""
    import numpy as np

    if not isinstance(value, np.ndarray):
        return describe(value)
    inside = np.array2string(value, precision=digits, threshold=8, edgeitems=3, separator=", ")
    shape = " × ".join(f"{size:,}" for size in value.shape)
    return f"{inside} ({shape} values)" if value.size > 8 else inside
