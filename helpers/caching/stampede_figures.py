"""An expiry and what it does to the database, drawn."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from helpers.caching.stampede import StampedeRun
from helpers.caching.stampede_theory import early_chance
from helpers.figure import COLOR, in_percent, in_seconds, label_line, seconds

LOOKS = ((COLOR["harm"], "-"), (COLOR["remedy"], "--"), (COLOR["simulation"], "-."))


def draw_in_flight(runs: Sequence[StampedeRun], workers: int, axes: Axes) -> Axes:
    """Draw how many queries the database works on at once, around the expiry."""
    last = float(runs[0].rush.time[-1])
    at = np.linspace(0, last, 1200)
    for run, (color, dashes) in zip(runs, LOOKS, strict=False):
        counts = run.in_flight(at)
        (line,) = axes.plot(at, counts, dashes, color=color, lw=1.6, label=run.guard.name)
        peak = int(counts.argmax()) if run is runs[0] else int(0.8 * at.size)
        label_line(line, at=at[peak], offset=(8, 8))
    axes.axhline(workers, color=COLOR["context"], lw=0.8)
    axes.annotate(
        f"{workers} at full speed", (last, workers), (-2, 6), textcoords="offset points",
        color=COLOR["context"], ha="right",
    )  # fmt: skip
    most = [run.most_in_flight for run in (runs[0], runs[-1])]
    axes.set_title(
        f"One copy expires: {most[0]:,} queries at once; with “{runs[-1].guard.name}”, {most[1]:,}"
    )
    axes.set(xlabel="time (s)", ylabel="queries in flight", xlim=(0, last))
    axes.set_yscale("symlog", linthresh=10)
    axes.set_ylim(0, 3 * max(most))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return axes


def draw_by_second(
    runs: Sequence[StampedeRun], axes: Axes, of: str = "cached", capacity: float | None = None
) -> Axes:
    """Draw the queries that each second brings to the database, and what it can do."""
    peaks = []
    for run, (color, dashes) in zip(runs, LOOKS, strict=False):
        counts = run.by_second(of)
        (line,) = axes.plot(
            np.arange(counts.size), counts, dashes, color=color, lw=1.6, label=run.guard.name
        )
        label_line(line, at=float(counts.argmax()), offset=(8, 6))
        peaks.append(int(counts.max()))
    if capacity is not None:
        axes.axhline(capacity, color=COLOR["context"], lw=0.8)
        axes.annotate(
            f"what the database can do: {capacity:,.0f}/s", (0, capacity), (4, 6),
            textcoords="offset points", color=COLOR["context"],
        )  # fmt: skip
    axes.set_title(
        f"{peaks[0]:,} queries in the worst second with “{runs[0].guard.name}”, "
        f"{peaks[-1]:,} with “{runs[-1].guard.name}”"
    )
    axes.set(xlabel="time (s)", ylabel="queries per second", ylim=(0, None))
    axes.set_xlim(0, counts.size)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return axes


def draw_lost(broken: StampedeRun, mended: StampedeRun, axes: Axes) -> Axes:
    """Draw the share of each second's requests that give up."""
    for run, color, dashes in ((broken, COLOR["harm"], "-"), (mended, COLOR["remedy"], "--")):
        all_of_them = np.bincount(run.rush.time.astype(np.int64))
        lost = run.by_second("lost")[: all_of_them.size] / np.maximum(all_of_them, 1)
        (line,) = axes.plot(lost, dashes, color=color, lw=1.6, label=run.guard.name)
        label_line(line, at=0.85 * lost.size, offset=(0, -12 if run is broken else 10)).set(
            ha="right"
        )
    end = broken.by_second("lost")[-10:].sum()
    axes.set_title(
        f"A minute after one expiry, {end / 10:,.0f} requests a second still give up"
        if end
        else "The database comes back by itself"
    )
    axes.set(xlabel="time (s)", ylabel="requests that give up", ylim=(-0.04, 1.12))
    axes.set_xlim(0, lost.size)
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_guards(runs: Sequence[StampedeRun], axes: Axes) -> Axes:
    """Draw for each guard the queries of one expiry, and how long the slowest request took."""
    rows = np.arange(len(runs))[::-1]
    queries = np.array([run.queries for run in runs])
    colors = [COLOR["harm_fill"], *[COLOR["remedy_fill"]] * (len(runs) - 1)]
    axes.barh(rows, queries, 0.62, color=colors, label="queries")
    axes.set_yticks(rows, [run.guard.name for run in runs])
    for row, run in zip(rows, runs, strict=True):
        hot = run.response_time[run.rush.key >= 0]
        slowest = float(hot.max())
        waited = int((hot > 0).sum())
        longest = seconds(float(f"{slowest:.2g}"))
        words = f"{waited:,} wait, up to {longest}" if waited else "nobody waits"
        text = f"{run.queries:,}; {words}"
        axes.annotate(text, (run.queries, row), (8, 0), textcoords="offset points", va="center")
    axes.set(xscale="log", xlim=(0.8, queries.max() * 300), xlabel="queries for the one object")
    axes.set_ylabel("guard")
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_title(
        f"One expiry: {queries[0]:,} queries without a guard, {queries.min():,} with one"
    )
    return axes


def draw_early(
    gaps: NDArray[np.float64], counted: NDArray[np.float64], recompute_time: float, axes: Axes
) -> Axes:
    """Draw the chance of an early refresh, counted and by formula, against the time left."""
    smooth = np.linspace(0, gaps.max(), 200)
    chance = early_chance(smooth, recompute_time)
    (line,) = axes.plot(smooth, chance, "--", color=COLOR["formula"], label="e^(−g/δ)")
    label_line(line, at=0.55 * gaps.max(), offset=(8, 10))
    axes.plot(gaps, counted, "o", color=COLOR["simulation"], label="counted")
    at = [recompute_time, recompute_time / 4]
    claimed = [0.632, 0.982]
    color = COLOR["published"]
    (points,) = axes.plot(at, claimed, "D", ms=8, mfc="none", mew=1.8, color=color)
    points.set_label("as a page has it")
    label_line(points, at=recompute_time, offset=(10, 4))
    axes.set_title("At a gap of one recompute time, 37 % refresh: not 63 %")
    axes.set(xlabel="time until the copy ends", ylabel="chance to refresh now", ylim=(0, 1.05))
    axes.xaxis.set_major_formatter(in_seconds())
    axes.yaxis.set_major_formatter(in_percent())
    axes.set_xlim(0, None)
    return axes
