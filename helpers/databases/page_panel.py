"""The explorer's picture: what a page takes against its length, and where the time goes."""

import math
from collections.abc import Callable, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from helpers.databases.list_page import WAYS, Way
from helpers.databases.page_view import LENGTHS, LONGEST, PageView, spoken
from helpers.figure import COLOR, in_seconds
from helpers.label import add_label

FASTEST, SLOWEST = 1e-4, 1e3
"""Seconds at the ends of the axis."""
STYLES: dict[Way, tuple[str, str]] = {
    "lazy": (COLOR["harm"], "-"),
    "joined": (COLOR["simulation"], "--"),
    "batched": (COLOR["remedy"], "-"),
}
MOST_QUERIES, MOST_ROWS = 1e3, 1e10
"""At the right ends of the bars."""


def draw_page_panel(figure: Figure) -> Callable[[PageView], Sequence[Artist]]:
    """Lay out curves and bars; give the function that moves them."""
    grid = figure.add_gridspec(1, 2, width_ratios=(1.35, 1))
    move_curves = draw_curves(figure.add_subplot(grid[0]))
    move_bars = draw_bars(figure.add_subplot(grid[1]))

    def update(view: PageView) -> Sequence[Artist]:
        return [*move_curves(view), *move_bars(view)]

    return update


def draw_curves(axes: Axes) -> Callable[[PageView], Sequence[Artist]]:
    """Draw latency against length, a curve for each way, with the page on its own."""
    axes.set(xscale="log", yscale="log", xlim=(0.85, 1_250), ylim=(FASTEST, SLOWEST))
    axes.set_title("Time until the page's data is there")
    axes.set_xlabel("orders on the page")
    axes.xaxis.set_major_locator(FixedLocator([1, 10, 100, LONGEST]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.yaxis.set_major_locator(FixedLocator([1e-3, 1e-2, 0.1, 1, 10, 60]))
    axes.yaxis.set_major_formatter(in_seconds())
    axes.yaxis.set_minor_locator(FixedLocator([]))
    lines = {
        way: axes.plot([], [], style, color=color)[0] for way, (color, style) in STYLES.items()
    }
    names = {
        way: add_label(axes, 460, 1, way, color=color, va="center", fontsize=10)
        for way, (color, _) in STYLES.items()
    }
    (point,) = axes.plot([], [], "o", ms=9)
    words = add_label(axes, 1, 1, halo=True, fontsize=10)

    def move(view: PageView) -> Sequence[Artist]:
        for way, line in lines.items():
            line.set_data(LENGTHS, view.curves[way])
            line.set_linewidth(3.5 if way == view.way else 1.6)
        places = spread_out([float(view.curves[way][-1]) for way in WAYS])
        for way, place in zip(WAYS, places, strict=True):
            names[way].set_position((460, place))
        color = STYLES[view.way][0]
        point.set_data([view.length], [view.latency])
        point.set_color(color)
        on_right = view.length > 40
        words.set_text(spoken(view.latency))
        words.set_color(color)
        words.set_horizontalalignment("right" if on_right else "left")
        words.set_position(
            (view.length * (0.85 if on_right else 1.0), view.latency * (1.25 if on_right else 2))
        )
        return [*lines.values(), *names.values(), point, words]

    return move


def spread_out(heights: Sequence[float], apart: float = 2.4) -> list[float]:
    """Move labels on a logarithmic axis so that none lies on another.

    Parameters
    ----------
    heights
        Where they belong, above 0.
    apart
        The least ratio between neighbors.

    Examples
    --------
    >>> spread_out([1.0, 100.0, 1.0], apart=4)
    [1.0, 100.0, 4.0]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed, lowest = list(heights), 0.0
    for i in order:
        placed[i] = lowest = max(heights[i], lowest * apart)
    return placed


def draw_bars(axes: Axes) -> Callable[[PageView], Sequence[Artist]]:
    """Draw three bars: queries and rows visited (logarithmic), and how the time is shared."""
    axes.set(xlim=(0, 1), ylim=(-0.55, 3.1), xticks=[], yticks=[])
    axes.set_title("What it takes")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    rows = (2.25, 1.15, 0.05)
    names = ("queries (logarithmic)", "rows visited (logarithmic)", "where the time goes")
    for y, name in zip(rows, names, strict=True):
        axes.barh(y, 1, height=0.5, color="#f6f6f6")
        axes.text(0, y + 0.31, name, fontsize=10, va="bottom")
    fills = COLOR["simulation_fill"], COLOR["simulation_fill"], COLOR["harm_fill"]
    bars = [axes.barh(y, 0, height=0.5, color=fill)[0] for y, fill in zip(rows, fills, strict=True)]
    rest = axes.barh(rows[2], 0, height=0.5, color=COLOR["context_fill"])[0]
    texts = [add_label(axes, 0.02, y, va="center", fontsize=10) for y in rows]
    other = add_label(axes, 0.98, rows[2], va="center", ha="right", fontsize=10)

    def move(view: PageView) -> Sequence[Artist]:
        share = view.wire_share
        numbers = (
            (math.log(view.queries) / math.log(MOST_QUERIES), f"{view.queries:,}"),
            (math.log(view.visited) / math.log(MOST_ROWS), f"{view.visited:,}"),
            (share, f"{share:.0%} on the wire" if share > 0.3 else ""),
        )
        for bar, text, (width, words) in zip(bars, texts, numbers, strict=True):
            bar.set_width(min(width, 1.0))
            text.set_text(words)
        rest.set_x(share)
        rest.set_width(1 - share)
        other.set_text(f"{1 - share:.0%} in the database" if share < 0.7 else "")
        return [*bars, rest, *texts, other]

    return move
