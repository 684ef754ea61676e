"""Indexes, list pages and isolation levels, drawn."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.databases.anomalies import IsolationTable
from helpers.databases.btree import Growth
from helpers.databases.list_page import PageLoad, page_latency, query_count
from helpers.figure import COLOR, in_seconds, label_line, seconds

WAY_STYLE = {
    "lazy": ("harm", "s", "lazy: a query for each row"),
    "joined": ("simulation", "^", "joined"),
    "batched": ("remedy", "o", "batched"),
}
"""Color, mark and name of each way to load a page."""
BRIEF = {
    "dirty read": "dirty\nread",
    "non-repeatable read": "non-repeat-\nable read",
    "phantom": "phantom",
    "lost update": "lost\nupdate",
    "write skew": "write\nskew",
}


def draw_growth(without: Growth, with_index: Growth, axes: Axes) -> Axes:
    """Draw how many rows one query looks at as the table grows, without an index and with one."""
    for growth, name, color, mark, away in (
        (without, "without an index", COLOR["harm"], "s", (8, 0)),
        (with_index, "with an index", COLOR["remedy"], "o", (8, 0)),
    ):
        (line,) = axes.plot(growth.sizes, growth.visited, mark + "-", color=color, label=name)
        label_line(line, f"{name}: {growth.visited[-1]:,}", offset=away)
    times = without.visited[-1] / with_index.visited[-1]
    axes.set_title(
        f"Five orders among {without.sizes[-1]:,}: the index saves all but 1 row in {times:,.0f}"
    )
    axes.set(xscale="log", yscale="log", xlabel="rows in the table", ylabel="rows visited")
    axes.set_xlim(0.8 * without.sizes[0], 8 * without.sizes[-1])
    axes.set_ylim(1, 4 * without.visited[-1])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return axes


def draw_ways(loads: Mapping[str, Sequence[PageLoad]], round_trip: float, axes: Axes) -> Axes:
    """Draw how long a page takes against its length, loaded in several ways.

    Parameters
    ----------
    loads
        For each way, what was counted at several lengths.
    round_trip
        Seconds for each query.
    """
    for way, found in loads.items():
        color, mark, name = WAY_STYLE[way]
        length = np.array([len(load.page) for load in found])
        visited = np.array([load.visited for load in found])
        formula = page_latency(query_count(way, length), round_trip, visited=visited)  # type: ignore[arg-type]
        axes.plot(length, formula, "--", lw=1.2, color=COLOR["formula"], label=f"{way}, by formula")
        time = [load.latency for load in found]
        (points,) = axes.plot(length, time, mark, ms=7, color=COLOR[color], label=way)
        counted = f"{found[-1].queries:,} quer{'y' if found[-1].queries == 1 else 'ies'}"
        label_line(points, f"{name}: {counted}", offset=(9, 0))
    slowest = max((found[-1] for found in loads.values()), key=lambda load: load.latency)
    quick = min((found[-1] for found in loads.values()), key=lambda load: load.latency)
    axes.set_title(
        f"{len(slowest.page)} orders, {seconds(round_trip)} a query: "
        f"{seconds(slowest.latency)} {slowest.way}, {seconds(quick.latency)} {quick.way}"
    )
    axes.set(xscale="log", yscale="log", xlabel="orders on the page", ylabel="time to load")
    longest = len(slowest.page)
    axes.set_xlim(0.8 * len(loads[slowest.way][0].page), 12 * longest)
    axes.margins(y=0.12)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value <= longest else "")
    axes.yaxis.set_major_formatter(in_seconds())
    return axes


def draw_isolation(tables: Mapping[str, IsolationTable], columns: Sequence[Axes]) -> Sequence[Axes]:
    """Draw which level lets which anomaly happen: a cross where it does.

    Parameters
    ----------
    tables
        By the name of who says so, one for each of the axes.
    """
    for axes, (name, table) in zip(columns, tables.items(), strict=True):
        levels = list(table.happens)
        names = list(table.happens[levels[0]])
        cells = [
            (column, row, table.happens[level][anomaly])
            for row, level in enumerate(levels)
            for column, anomaly in enumerate(names)
        ]
        for happens, mark, color, full, label in (
            (True, "X", COLOR["harm"], COLOR["harm"], "happens"),
            (False, "s", COLOR["remedy"], "none", "cannot"),
            (None, "_", COLOR["context"], COLOR["context"], "not named"),
        ):
            chosen = [(x, y) for x, y, what in cells if what is happens]
            if chosen:
                x, y = zip(*chosen, strict=True)
                axes.plot(x, y, mark, ms=10, mew=1.6, mfc=full, color=color, label=label)
        axes.set_yticks(range(len(levels)), levels)
        axes.set_xticks(range(len(names)), [BRIEF[anomaly] for anomaly in names])
        axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(levels) - 0.5, -0.5))
        axes.set(xlabel="✕ happens   □ cannot   – not named", ylabel="level")
        count, named = (sum(f(what) for *_, what in cells) for f in (bool, is_named))
        axes.set_title(f"{name}: {count} of {named}")
        axes.grid(visible=False)
        if axes is not columns[0]:
            axes.set_yticklabels([])
            axes.set_ylabel("the same levels")
    return columns


def is_named(happens: bool | None) -> bool:
    """Tell whether anything is said of an anomaly at a level."""
    return happens is not None
