"""The explorer's picture: what a return visit costs, and how long old pages live."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from helpers.figure import COLOR, in_percent
from helpers.http_caching.old_pages import EDGES
from helpers.http_caching.returning import Returning
from helpers.http_caching.site import DAY, HOUR, MINUTE, WAVES, WEEK
from helpers.label import add_label

TIME_TICKS = {10 * MINUTE: "10 min", HOUR: "1 h", 8 * HOUR: "8 h", DAY: "1 d", WEEK: "1 week"}


def draw_caching_panel(figure: Figure) -> Callable[[Returning], Sequence[Artist]]:
    """Lay out bars and curve; give the function that moves them."""
    grid = figure.add_gridspec(1, 2, width_ratios=(1, 1.5))
    move_bars = draw_costs(figure.add_subplot(grid[0]))
    move_tail = draw_tail(figure.add_subplot(grid[1]))

    def update(result: Returning) -> Sequence[Artist]:
        return [*move_bars(result), *move_tail(result)]

    return update


def draw_costs(axes: Axes) -> Callable[[Returning], Sequence[Artist]]:
    """Draw three bars: bytes, round trips and time of a return visit, of those of a first."""
    axes.set(xlim=(0, 1), ylim=(-0.6, 3.2), yticks=[], xticks=[0, 0.5, 1])
    axes.xaxis.set_major_formatter(in_percent())
    axes.set_title("A return visit, against a first one")
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    rows = (2.3, 1.2, 0.1)
    for y, name in zip(rows, ("bytes", "round trips", "time"), strict=True):
        axes.barh(y, 1, height=0.5, color="#f6f6f6")
        axes.text(0, y + 0.31, name, fontsize=10, va="bottom")
    bars = [axes.barh(y, 0, height=0.5, color=COLOR["simulation_fill"])[0] for y in rows]
    texts = [add_label(axes, 0.02, y, va="center", fontsize=10) for y in rows]

    def move(shown: Returning) -> Sequence[Artist]:
        numbers = (
            (shown.received / shown.first_bytes, f"{shown.received / 1e3:,.0f} kB"),
            (shown.round_trips / WAVES, f"{shown.round_trips:.2f} of {WAVES}"),
            (shown.load_time / shown.first_time, f"{1000 * shown.load_time:,.0f} ms"),
        )
        for bar, text, (share, words) in zip(bars, texts, numbers, strict=True):
            bar.set_width(min(share, 1.0))
            text.set_text(words)
        return [*bars, *texts]

    return move


def draw_tail(axes: Axes) -> Callable[[Returning], Sequence[Artist]]:
    """Draw the share of visits with an old page against the time since the deploy."""
    axes.set(xlim=(EDGES[0], EDGES[-1]), ylim=(0, 1.42), xscale="log", yticks=np.linspace(0, 1, 5))
    axes.set(xlabel="time since the deploy")
    axes.set_title("Visits that do not get the current page")
    axes.xaxis.set_major_locator(FixedLocator(list(TIME_TICKS)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: TIME_TICKS.get(round(x), "")))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(in_percent())
    both = axes.stairs(np.zeros(EDGES.size - 1), EDGES, fill=True, color=COLOR["harm_fill"])
    old = axes.stairs(np.zeros(EDGES.size - 1), EDGES, fill=True, color=COLOR["context_fill"])
    (line,) = axes.plot([], [], "--", color=COLOR["formula"])
    harm, context = COLOR["harm"], COLOR["context"]
    names = [
        add_label(axes, 0.98, 0.98, transform=axes.transAxes, ha="right", va="top", color=harm),
        add_label(axes, 0.98, 0.905, transform=axes.transAxes, ha="right", va="top", color=context),
        add_label(axes, 0.98, 0.83, transform=axes.transAxes, ha="right", va="top"),
    ]

    def move(shown: Returning) -> Sequence[Artist]:
        tail = shown.tail
        both.set_data(np.nan_to_num(tail.not_current))
        old.set_data(np.nan_to_num(tail.old))
        line.set_data([], [])
        if shown.formula is not None:
            line.set_data(tail.middle, shown.formula)
        names[0].set_text(f"broken: {shown.broken:.1%} of all visits")
        names[1].set_text(f"old, but works: {shown.old:.1%}")
        names[2].set_text("dashed: the formula" if shown.formula is not None else "")
        return [both, old, line, *names]

    return move
