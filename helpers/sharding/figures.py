"""Plans drawn: a ring, how even it is, who moves, and what a change costs the database behind."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Wedge
from numpy.typing import NDArray

from helpers.figure import COLOR, in_percent, label_line, percent
from helpers.statistics import Estimate

Points = Sequence[tuple[float, str]]
"""Places on the circle, from 0 to 1 and rising, each with its server."""


def draw_ring(before: Points, after: Points, axes: Axes) -> Axes:
    """Draw a ring without and with a new server: whose each arc is, and where one key goes."""
    (new,) = {name for _, name in after} - {name for _, name in before}
    names = sorted({name for _, name in after} - {new})
    fills = dict(zip(names, ("context_fill", "simulation_fill", "harm_fill"), strict=False))
    taken = [arc for arc in arcs_of(after) if arc[2] == new]
    start, end, _ = max(taken, key=lambda arc: arc[1] - arc[0])
    key = (start + end) / 2
    for center, points, told in ((0.0, before, "before"), (3.4, after, "after")):
        for begin, stop, name in arcs_of(points):
            angles = (90 - 360 * stop, 90 - 360 * begin)  # clockwise, from the top
            fill = COLOR["remedy_fill" if name == new else fills[name]]
            axes.add_patch(
                Wedge((center, 0), 1, *angles, width=0.3, fc=fill, ec=COLOR["context"], lw=0.6)
            )
            dot = on_circle(stop, 1, center)
            axes.plot(*dot, "o", ms=5, color=COLOR["remedy" if name == new else "context"])
            if stop - begin > 0.035:
                axes.annotate(
                    name, on_circle((begin + stop) / 2, 0.85, center), ha="center", va="center"
                )
        owner = next((name for place, name in points if place >= key), points[0][1])
        axes.plot(*on_circle(key, 1.08, center), "D", ms=7, color=COLOR["simulation"])
        axes.annotate(
            "a key", on_circle(key, 1.17, center), color=COLOR["simulation"], va="center",
            ha="left" if key % 1 < 0.5 else "right",
        )  # fmt: skip
        axes.annotate(f"{told}:\nthe key is {owner}'s", (center, 0), ha="center", va="center")
    share = percent(round(sum(stop - begin for begin, stop, _ in taken), 2))
    axes.set_title(f"The new server {new} takes {share} of the circle: all else stays as it was")
    axes.set(xlim=(-1.9, 5.3), ylim=(-1.25, 1.25), aspect="equal", xticks=[], yticks=[])
    axes.set(xlabel="a key belongs to the next point clockwise", ylabel="hash ring")
    axes.spines[:].set_visible(False)
    return axes


def arcs_of(points: Points) -> list[tuple[float, float, str]]:
    """Give each point's arc: where it begins, where it ends, and its server."""
    begins = [points[-1][0] - 1, *(place for place, _ in points)]
    return [(begin, *point) for begin, point in zip(begins, points, strict=False)]


def on_circle(place: float, radius: float, center: float) -> tuple[float, float]:
    """Give the coordinates of a place from 0 to 1, clockwise from the top."""
    angle = 2 * np.pi * place
    return center + radius * float(np.sin(angle)), radius * float(np.cos(angle))


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
        f"Shares differ by {first} of the mean with one point a server, "
        f"by {last} with {virtual_nodes[-1]:,}"
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
    up_to = "" if len(many) == 1 else "up to "
    axes.set_title(f"{told} nearly all when a server is added: {up_to}{worst}")
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
    axes.axvline(added_at, color=COLOR["context"], lw=0.9, ls=":")
    axes.annotate(
        "a server is added", (added_at, max(peaks)), (-8, 0), textcoords="offset points",
        color=COLOR["context"], ha="right", va="top",
    )  # fmt: skip
    first, second = misses
    axes.set_title(f"In the first second {peaks[0]} queries by {first}, {peaks[1]} by {second}")
    axes.set(xlabel="time (s)", ylabel="queries to the database (per second)", ylim=(0, None))
    return axes
