"""Plans drawn: how even a ring is, who moves, and what a change costs the database behind."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from helpers.figure import COLOR, in_percent, label_line, percent
from helpers.statistics import Estimate


def draw_spread(
    virtual_nodes: Sequence[int],
    measured: Sequence[Estimate],
    formula: Sequence[float],
    axes: Axes,
) -> Axes:
    """Draw how unequal the servers' parts of a ring are, for more and more points each."""
    (line,) = axes.plot(virtual_nodes, formula, "--", color=COLOR["formula"], label="formula")
    values = [estimate.value for estimate in measured]
    (points,) = axes.plot(virtual_nodes, values, "o", color=COLOR["simulation"])
    points.set_label("many rings, simulated")
    label_line(points, at=virtual_nodes[0], offset=(10, 8))
    label_line(line, at=virtual_nodes[-1], offset=(8, 0))
    first, last = (percent(round(value, 2)) for value in (values[0], values[-1]))
    axes.set_title(
        f"One point a server: {first} of the mean up or down; {virtual_nodes[-1]:,} points: {last}"
    )
    axes.set(xscale="log", ylim=(0, 1.1 * max(values)), xlim=(0.85, 2.2 * virtual_nodes[-1]))
    axes.set(xlabel="points of each server (virtual nodes)", ylabel="standard deviation / mean")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_plans(added: Mapping[str, float], lost: Mapping[str, float], axes: Axes) -> Axes:
    """Draw for each plan the share of the keys that move when a server comes, or is lost."""
    names = list(added)
    rows = np.arange(len(names))[::-1]
    for shares, fill, up, label in (
        (added, "simulation_fill", 0.19, "a server is added"),
        (lost, "harm_fill", -0.19, "a server in the middle is lost"),
    ):
        values = [shares[name] for name in names]
        axes.barh(rows + up, values, 0.36, color=COLOR[fill], label=label)
        for row, value in zip(rows, values, strict=True):
            words = percent(round(value, 2)) + (f" when {label}" if row == rows[0] else "")
            axes.annotate(
                words, (value, row + up), (5, 0), textcoords="offset points", va="center",
                fontsize=9,
            )  # fmt: skip
    axes.set_yticks(rows, names)
    axes.set(xlim=(0, 1.35), xlabel="keys that are on another server afterwards", ylabel="plan")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(in_percent())
    many = [name for name in names if added[name] > 0.5]
    told = f"Only {many[0]} moves" if len(many) == 1 else f"{len(many)} plans move"
    worst = percent(round(max(added.values()), 2))
    axes.set_title(f"{told} nearly all when a server is added: up to {worst}")
    return axes


def draw_reload(
    misses: Mapping[str, NDArray[np.int64]], added_at: int, capacity: int, axes: Axes
) -> Axes:
    """Draw the queries that reach the database each second, while a cache server is added."""
    looks = ((COLOR["harm"], "-"), (COLOR["remedy"], "--"))
    peaks = []
    for (name, counts), (color, dashes) in zip(misses.items(), looks, strict=True):
        seconds = np.arange(counts.size)
        (line,) = axes.plot(seconds, counts, dashes, color=color, lw=1.6, label=name)
        peak = int(np.argmax(counts[added_at:])) + added_at
        peaks.append(int(counts[peak]))
        label_line(line, at=peak, offset=(10, 2))
    axes.axhline(capacity, color=COLOR["context"], lw=0.9)
    axes.annotate(
        f"what the database can do: {capacity}/s", (axes.get_xlim()[0], capacity), (14, 5),
        textcoords="offset points", color=COLOR["context"], va="bottom",
    )  # fmt: skip
    first, second = misses
    axes.set_title(f"In the first second {peaks[0]} queries by {first}, {peaks[1]} by {second}")
    axes.set(xlabel="time (s)", ylabel="queries to the database (per second)", ylim=(0, None))
    return axes
