"""The look of every figure: one meaning a color, one format, and words for the eyes that need them.

A figure function takes a result and axes, draws, and returns the axes. `picture`
gives it axes in the course's theme and turns them into a PNG with alternative
text: the title, the axes and the numbers of every labelled line. Notebook tests
compare that text, so a figure cannot change without a test noticing.
"""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter

COLOR = MappingProxyType(
    {
        "formula": "#1a1a1a",  # what theory says: black, dashed
        "simulation": "#0072b2",  # what the model did: blue
        "harm": "#c04e00",  # late, lost, refused, over budget: vermilion
        "remedy": "#00795b",  # the mended variant: green
        "published": "#8f4f7a",  # somebody else's measurement: purple diamonds
        "context": "#6b6b6b",  # what is there to compare with: gray
        "simulation_fill": "#b9d9ec",
        "harm_fill": "#f6cdb3",
        "remedy_fill": "#b5ddd0",
        "context_fill": "#e3e3e3",
    }
)
"""A meaning to a color, the same through the whole course. Lines and text are told
apart by color-blind eyes and stand at least 4.5 to 1 against white; the pale ones
are for areas only. Derived from the palette of Okabe and Ito (2008)."""

SCALE = 2
PIXELS_PER_INCH = 100

THEME: Any = {
    "axes.edgecolor": "#6b6b6b",
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelcolor": "#333333",
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.dpi": PIXELS_PER_INCH * SCALE,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": "#e8e8e8",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "svg.hashsalt": "architecture-course",
    "text.color": "#1a1a1a",
    "xtick.color": "#6b6b6b",
    "xtick.labelcolor": "#333333",
    "xtick.labelsize": 9,
    "ytick.color": "#6b6b6b",
    "ytick.labelcolor": "#333333",
    "ytick.labelsize": 9,
}


@contextmanager
def theme() -> Iterator[None]:
    """Draw in the course's look inside this block, whatever was set outside."""
    with mpl.rc_context():
        parameters: Any = mpl.rcParams
        dict.update(parameters, theme_parameters())  # past the checks, which take milliseconds
        yield


@lru_cache(maxsize=1)
def theme_parameters() -> dict[str, Any]:
    """Give all of Matplotlib's parameters but those of windows, checked once."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(THEME)
        looks = mpl.rcParams.keys() - {"backend", "backend_fallback", "interactive"}
        return {name: mpl.rcParams[name] for name in looks}


def new_figure(
    width: float = 9.0, height: float = 3.6, columns: int = 1, rows: int = 1, **layout: Any
) -> tuple[Figure, Any]:
    """Make an empty figure in the course's theme.

    Parameters
    ----------
    width, height
        Size in units of 100 pixels.
    columns, rows
        How many axes.
    layout
        Passed on to `Figure.subplots`, such as `width_ratios`.

    Returns
    -------
    The figure, and its axes: one, or an array of them.
    """
    with theme():
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        return figure, figure.subplots(rows, columns, **layout)


@dataclass(frozen=True)
class Picture:
    """A finished figure: what is shown, and the same in words."""

    png: bytes
    alt: str
    width: int
    height: int

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, dict[str, str | int]]]:
        data = {"text/plain": self.alt, "image/png": base64.b64encode(self.png).decode()}
        return data, {"image/png": {"alt": self.alt, "width": self.width, "height": self.height}}


def picture(
    draw: Callable[..., Any],
    *results: Any,
    width: float = 9.0,
    height: float = 3.6,
    columns: int = 1,
    alt: str | None = None,
    **layout: Any,
) -> Picture:
    """Draw results and give the picture with its alternative text.

    Parameters
    ----------
    draw
        Called as `draw(*results, axes)`; axes is an array when there are several columns.
    results
        What to draw.
    width, height
        Size in units of 100 pixels.
    columns
        How many axes side by side.
    alt
        Alternative text; by default the figure in words and numbers (`describe`).
    """
    figure, axes = new_figure(width, height, columns, **layout)
    with theme():
        draw(*results, axes)
        finished = finish(figure, alt)
        discard(figure)
        return finished


def finish(figure: Figure, alt: str | None = None) -> Picture:
    """Encode a figure as a PNG with the same bytes on every run."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    width, height = (round(inches * PIXELS_PER_INCH) for inches in figure.get_size_inches())
    return Picture(buffer.getvalue(), alt or describe(figure), width, height)


def discard(figure: Figure) -> None:
    """Let a figure's pixels go at once: 5 MB that would wait for the collector of cycles.

    Its texts and its canvas hold them. The figure cannot be drawn afterwards.
    """
    figure.clear()
    canvas: Any = figure.canvas
    canvas.renderer = None


def describe(figure: Figure) -> str:
    """Say in words what a figure shows: titles, axes, and the numbers of what is labelled."""
    return "\n".join(sentence for axes in figure.axes for sentence in describe_axes(axes))


def describe_axes(axes: Axes) -> Iterator[str]:
    """Say what one pair of axes shows, a line at a time."""
    title = axes.get_title("left") or axes.get_title()
    if title:
        yield title.replace("\n", " ").rstrip(".") + "."
    names = [name.replace("\n", " ") for name in (axes.get_xlabel(), axes.get_ylabel()) if name]
    if names:
        yield "Axes: " + "; ".join(names) + "."
    for container in axes.containers:
        if isinstance(container, BarContainer) and is_named(container.get_label()):
            yield f"{container.get_label()}: {describe_bars(axes, container)}"
    for artist in (*axes.lines, *axes.collections):
        if is_named(artist.get_label()):
            x, y = points_of(artist)
            yield f"{artist.get_label()}: {describe_points(x, y)}"


def is_named(label: object) -> bool:
    """Tell whether someone gave an artist its label."""
    return isinstance(label, str) and bool(label) and not label.startswith("_")


def points_of(artist: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give the data of a line, of scattered points, or the outline of an area."""
    if isinstance(artist, Line2D):
        x, y = artist.get_data(orig=False)
    elif len(artist.get_offsets()) > 1 or not artist.get_paths():
        x, y = np.asarray(artist.get_offsets(), dtype=float).reshape(-1, 2).T
    else:
        x, y = artist.get_paths()[0].vertices.T
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def describe_points(x: np.ndarray, y: np.ndarray, most: int = 5) -> str:
    """Name up to five points along a line, the ends among them."""
    real = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if real.size == 0:
        return "nothing to show."
    chosen = real[
        np.unique(np.linspace(0, real.size - 1, min(most, real.size)).round().astype(int))
    ]
    return ", ".join(f"{y[i]:.3g} at {x[i]:.3g}" for i in chosen) + "."


def describe_bars(axes: Axes, bars: BarContainer, most: int = 12) -> str:
    """Name the bars by their tick labels where these are words, else by their place."""
    along = axes.yaxis if bars.orientation == "horizontal" else axes.xaxis
    names = [text.get_text() for text in along.get_ticklabels()]
    lengths = np.asarray(bars.datavalues, dtype=float)
    if len(names) != len(lengths) or not all(names):
        centers = [
            (b.get_y() + b.get_height() / 2)
            if bars.orientation == "horizontal"
            else (b.get_x() + b.get_width() / 2)
            for b in bars.patches
        ]
        names = [f"{center:.3g}" for center in centers]
    shown = [f"{length:.3g} at {name}" for name, length in zip(names, lengths, strict=True)]
    if len(shown) > most:
        shown = [shown[i] for i in np.linspace(0, len(shown) - 1, most).round().astype(int)]
    return ", ".join(shown) + "."


def label_line(
    line: Line2D,
    text: str | None = None,
    at: float | None = None,
    offset: tuple[float, float] = (6, 0),
) -> Annotation:
    """Write a line's name beside it, in its color, instead of a legend.

    Parameters
    ----------
    line
        A line that is already drawn.
    text
        What to write; the line's label by default.
    at
        Where along x, in data units; the line's last finite point by default.
    offset
        How far from that point, in points to the right and up.
    """
    x, y = points_of(line)
    real = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if real.size == 0:
        raise ValueError(f"line {line.get_label()!r} has no finite point to label")
    nearest = real[-1] if at is None else real[np.argmin(np.abs(x[real] - at))]
    axes = line.axes
    assert isinstance(axes, Axes)
    return axes.annotate(
        str(line.get_label()) if text is None else text,
        (x[nearest], y[nearest]),
        xytext=offset,
        textcoords="offset points",
        color=line.get_color(),
        va="center",
        annotation_clip=False,
    )


def seconds(value: float, _: object = None) -> str:
    """Write a duration in the unit a person would use.

    Examples
    --------
    >>> [seconds(x) for x in (0.0002, 0.05, 1.5, 90, 7200)]
    ['0.2 ms', '50 ms', '1.5 s', '1.5 min', '2 h']
    """
    size = abs(value)
    if size < 1:
        return f"{value * 1000:.3g} ms" if value else "0"
    if size < 60:
        return f"{value:.3g} s"
    if size < 3600:
        return f"{value / 60:.3g} min"
    return f"{value / 3600:.3g} h"


def percent(share: float, _: object = None) -> str:
    """Write a share as percent, with just the digits that tell it apart from 0 and 100.

    Examples
    --------
    >>> [percent(x) for x in (0.5, 0.409, 0.9995, 0.0002)]
    ['50 %', '40.9 %', '99.95 %', '0.02 %']
    """
    return f"{share * 100:.{5 if min(abs(share), abs(1 - share)) < 0.01 else 3}g} %"


def in_seconds() -> FuncFormatter:
    """Give a tick formatter for durations, for `axes.yaxis.set_major_formatter`."""
    return FuncFormatter(seconds)


def in_percent() -> FuncFormatter:
    """Give a tick formatter for shares."""
    return FuncFormatter(percent)
