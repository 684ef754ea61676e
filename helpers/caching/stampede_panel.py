"""The stampede explorer's picture: what the database is asked, and who gives up."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.caching.stampede_view import StampedeView
from helpers.figure import COLOR, in_percent
from helpers.label import add_label

EDGES = np.arange(61.0)


def draw_stampede_panel(figure: Figure) -> Callable[[StampedeView], Sequence[Artist]]:
    """Lay out queries and losses; give the function that moves them."""
    grid = figure.add_gridspec(2, 1, height_ratios=(2.4, 1))
    move_queries = draw_queries(figure.add_subplot(grid[0, 0]))
    move_lost = draw_lost_share(figure.add_subplot(grid[1, 0]))

    def update(view: StampedeView) -> Sequence[Artist]:
        return [*move_queries(view), *move_lost(view)]

    return update


def draw_queries(axes: Axes) -> Callable[[StampedeView], Sequence[Artist]]:
    """Draw queries asked and answered in each second, and what the database can do."""
    axes.set(xlim=(0, 60), ylabel="queries per second")
    axes.set_yscale("symlog", linthresh=10)
    axes.set_ylim(0, 20_000)
    axes.set_yticks([0, 10, 100, 1_000, 10_000], ["0", "10", "100", "1,000", "10,000"])
    axes.set_title("Queries for one object: asked (area) and answered (line)")
    asked = axes.stairs(np.zeros(60), EDGES, fill=True, color=COLOR["harm_fill"])
    (answered,) = axes.plot([], [], color=COLOR["simulation"], lw=1.6, drawstyle="steps-post")
    (limit,) = axes.plot([], [], "--", color=COLOR["formula"], lw=1.2)
    limit_name = add_label(axes, 0.5, 1, color=COLOR["formula"], fontsize=9, halo=True)
    state = add_label(axes, 59.5, 9_000, ha="right", va="center", fontsize=10, halo=True)

    def move(view: StampedeView) -> Sequence[Artist]:
        asked.set_data(view.queries)
        answered.set_data(EDGES, np.append(view.answers, view.answers[-1]))
        limit.set_data([0, 60], [view.capacity] * 2)
        limit_name.set_text(f"it can do {view.capacity:,.0f}/s")
        limit_name.set_position((0.5, view.capacity * 1.08))
        state.set_text("does not come back" if view.is_down else "")
        state.set_color(COLOR["harm"])
        return [asked, answered, limit, limit_name, state]

    return move


def draw_lost_share(axes: Axes) -> Callable[[StampedeView], Sequence[Artist]]:
    """Draw the share of each second's requests that give up after two seconds."""
    axes.set(xlim=(0, 60), ylim=(0, 1.05), xlabel="time (s)", ylabel="give up", yticks=[0, 0.5, 1])
    axes.yaxis.set_major_formatter(in_percent())
    area = axes.stairs(np.zeros(60), EDGES, fill=True, color=COLOR["harm_fill"])
    (line,) = axes.plot([], [], color=COLOR["harm"], lw=1.6, drawstyle="steps-post")

    def move(view: StampedeView) -> Sequence[Artist]:
        area.set_data(view.lost)
        line.set_data(EDGES, np.append(view.lost, view.lost[-1]))
        return [area, line]

    return move
