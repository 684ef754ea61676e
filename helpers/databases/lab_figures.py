"""The learner's page against the length of its list, drawn."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.databases.list_page import PageLoad
from helpers.figure import COLOR, in_seconds, label_line, seconds


def draw_pages(mine: Sequence[PageLoad], lazy: Sequence[PageLoad], axes: Axes) -> Axes:
    """Draw how long a page takes, the learner's and one that asks for each row.

    Parameters
    ----------
    mine
        Loads of the learner's page, none where there is no answer yet.
    lazy
        Loads of the other one, in the same lengths.
    """
    for loads, name, color, marker, away in (
        (lazy, "a query for each row", COLOR["harm"], "s", 8),
        (mine, "yours", COLOR["remedy"], "o", 12),
    ):
        if loads:
            lengths = [len(load.page) for load in loads]
            time = [load.latency for load in loads]
            (line,) = axes.plot(lengths, time, marker + "-", color=color, label=name)
            last = loads[-1]
            text = f"{name}: {last.queries:,} {'query' if last.queries == 1 else 'queries'}"
            label_line(line, text, offset=(-4, away)).set(ha="right", va="bottom")
    last = (mine or lazy)[-1]
    whose = "Your page" if mine else "A query for each row"
    axes.set_title(f"{whose}: {len(last.page):,} orders in {seconds(last.latency)}")
    axes.set(xlabel="orders on the page", ylabel="time to load")
    axes.set_ylim(0, 1.25 * max(load.latency for load in lazy))
    axes.set_xlim(0, 1.05 * np.max([len(load.page) for load in lazy]))
    axes.yaxis.set_major_formatter(in_seconds())
    return axes
