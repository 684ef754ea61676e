"""The explorers' picture of how long all requests took, some of them in a color of their own."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter
from numpy.typing import NDArray

from helpers.figure import COLOR, in_seconds
from helpers.label import add_label
from helpers.response_bars import LONGEST, SHORTEST

TIME_TICKS = (0.01, 0.1, 1.0, 10.0, 60.0)

Move = Callable[..., Sequence[Artist]]


def draw_response_histogram(axes: Axes) -> Move:
    """Lay out a histogram of response times on a logarithmic axis; give what moves it.

    Parameters
    ----------
    axes
        Empty.

    Returns
    -------
    A function of the bars' edges in seconds, shape (bars + 1,); the shares of requests in each
    bar, those marked and the rest, shape (bars,); p50 and p99 in seconds; and the color of the
    marked ones.
    """
    axes.set(xlim=(2 * SHORTEST, LONGEST), ylim=(0, 1.32), xscale="log", yticks=[])
    axes.set_xlabel(f"response time (from {LONGEST:.0f} s on in the last bar)")
    axes.set_title("Requests by response time")
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    format_time_axis(axes.xaxis)
    others = axes.stairs([0], [1, 2], fill=True, color=COLOR["simulation_fill"])
    some = axes.stairs([0], [1, 2], fill=True, color=COLOR["harm_fill"])
    (outline,) = axes.plot([], [], color=COLOR["context"], lw=0.8, drawstyle="steps-post")
    (p50_line,) = axes.plot([], [], color=COLOR["formula"], lw=1)
    (p99_line,) = axes.plot([], [], color=COLOR["formula"], lw=1)
    p50_name = add_label(axes, 0, 1.17, "p50 ", ha="right", fontsize=9)
    p99_name = add_label(axes, 0, 1.17, " p99", fontsize=9)

    def move(
        edges: NDArray[np.float64],
        marked: NDArray[np.float64],
        rest: NDArray[np.float64],
        p50: float,
        p99: float,
        color: str = COLOR["harm_fill"],
    ) -> Sequence[Artist]:
        width = np.diff(np.log2(edges))
        everyone = (marked + rest) / width
        highest = everyone.max()
        lower, everyone = marked / width / highest, everyone / highest
        others.set_data(everyone, edges, lower)
        some.set_data(lower, edges)
        some.set_color(color)
        outline.set_data(edges, np.append(everyone, 0))
        p50_line.set_data([p50] * 2, [0, 1.15])
        p99_line.set_data([p99] * 2, [0, 1.15])
        p50_name.set_x(p50)
        p50_name.set_visible(p50 < LONGEST / 2)
        p99_name.set_x(p99)
        p99_name.set_horizontalalignment("left" if p99 < LONGEST / 3 else "right")
        return [others, some, outline, p50_line, p99_line, p50_name, p99_name]

    return move


def format_time_axis(axis: Any) -> None:
    """Put round durations on a logarithmic axis."""
    axis.set_major_locator(FixedLocator(TIME_TICKS))
    axis.set_major_formatter(in_seconds())
    axis.set_minor_formatter(NullFormatter())
