"""Eviction drawn: policies by what is asked for, and Che's formula for every size."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from helpers.caching.eviction import CacheRun, Policy
from helpers.caching.hit_ratio import HitRatioCurve
from helpers.figure import COLOR, in_percent, label_line

TITLES: Mapping[str, str] = {
    "fifo": "FIFO",
    "clock": "CLOCK",
    "lru": "LRU",
    "lfu": "LFU",
    "sieve": "SIEVE",
    "s3fifo": "S3-FIFO",
    "arc": "ARC",
    "wtinylfu": "W-TinyLFU",
    "optimal": "the best possible",
}
"""What a person calls each policy."""


def prepare_sizes(axes: Axes, smallest: float, largest: float) -> None:
    """Put sizes along the bottom, in equal ratios, and hit ratios along the side."""
    axes.set(xscale="log", xlim=(smallest, largest), ylim=(0, 1))
    axes.set(xlabel="room in the cache (keys)", ylabel="hit ratio")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(in_percent())


def draw_policies(
    results: Mapping[str, Mapping[Policy, CacheRun]], axes: Sequence[Axes], warm_up: float = 0.2
) -> Sequence[Axes]:
    """Draw, for each pattern of requests, every policy's hit ratio as a bar up to the optimum.

    Parameters
    ----------
    results
        A pattern's name to the runs of each policy, "optimal" among them.
    axes
        One for each pattern.
    warm_up
        Share of the requests at the start that are not counted.
    """
    for place, (axis, (pattern, runs)) in enumerate(zip(axes, results.items(), strict=True)):
        draw_bars(pattern, runs, axis, warm_up)
        if place > 0:
            axis.set_yticklabels([])
    return axes


def draw_bars(pattern: str, runs: Mapping[Policy, CacheRun], axes: Axes, warm_up: float) -> None:
    """Draw one pattern: bars for the policies, a line for the best possible."""
    ratios = {policy: run.hit_ratio_after(warm_up) for policy, run in runs.items()}
    limit = ratios.pop("optimal")
    names = [TITLES[policy] for policy in ratios]
    values = list(ratios.values())
    lru = ratios.get("lru", 0.0)
    colors = [bar_color(policy, ratio, lru) for policy, ratio in ratios.items()]
    places = np.arange(len(names))
    axes.barh(places, values, height=0.7, color=colors, label="hit ratio")
    axes.set_yticks(places, names)
    axes.axvline(limit, color=COLOR["formula"], lw=1.5, label="the best possible")
    for place, value in enumerate(values):
        axes.text(0.02, place, f"{value:.0%}", va="center", fontsize=9)
    axes.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6), xticks=[0, 0.5])
    axes.set_xlabel(f"hit ratio (at best {limit:.0%})", fontsize=9)
    axes.xaxis.set_major_formatter(in_percent())
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", left=False)
    axes.set_title(pattern, fontsize=10)


def bar_color(policy: str, ratio: float, lru: float) -> str:
    """Tell those that lose to LRU from those that beat it."""
    if policy == "lru":
        return COLOR["simulation_fill"]
    return COLOR["remedy_fill" if ratio > lru + 0.005 else "harm_fill"]


def draw_che(formula: HitRatioCurve, measured: HitRatioCurve, axes: Axes) -> Axes:
    """Lay Che's formula over a simulated LRU, and title how far apart they are at most.

    Parameters
    ----------
    formula, measured
        From `che_curve` and `hit_ratio_curve`; measured at sizes that the formula spans.
    """
    capacity, hit_ratio = np.asarray(measured.capacity), measured.hit_ratio
    inside = (capacity >= formula.capacity[0]) & (capacity <= formula.capacity[-1])
    expected = np.array([formula.at(float(size)) for size in capacity[inside]])
    off = float(np.abs(hit_ratio[inside] - expected).max())
    (points,) = axes.plot(capacity, hit_ratio, "o", ms=6, color=COLOR["simulation"])
    points.set_label("LRU, simulated")
    points.set_zorder(3)
    (line,) = axes.plot(formula.capacity, formula.hit_ratio, "--", color=COLOR["formula"])
    line.set_label("LRU, by Che's formula")
    within = float(f"{100 * off:.2g}")
    axes.set_title(f"Che's formula agrees with the simulation within {within:g} percentage points")
    middle = float(capacity[capacity.size // 2])
    label_line(line, at=middle, offset=(12, -14))
    label_line(points, at=middle, offset=(-110, 14))
    prepare_sizes(axes, float(capacity[0]) * 0.9, float(capacity[-1]) * 1.1)
    axes.set_ylim(-0.02, 1.02)
    return axes
