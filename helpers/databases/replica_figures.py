"""Copies that lag behind: replicas after a save, how far they scale, and a search index, drawn."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from helpers.databases.replicas import LagRun, most_requests, most_requests_at_all, stale_chance
from helpers.databases.search_index import SearchRun, ghosts_by_formula
from helpers.figure import COLOR, in_percent, in_seconds, label_line, percent, seconds

Floats = NDArray[np.float64]
MARKS = ("o", "s", "^", "D")


def draw_after_save(runs: Sequence[LagRun], delays: Floats, axes: Axes) -> Axes:
    """Draw the share of reads that miss the reader's own save, against the time since it.

    Parameters
    ----------
    runs
        Replicas, the busiest last.
    delays
        Seconds from the save to the read, rising.
    """
    colors = (COLOR["remedy"], COLOR["simulation"], COLOR["harm"])
    for run, color, mark in zip(runs, colors[-len(runs) :], MARKS, strict=False):
        name = f"replica {percent(round(run.utilization, 3))} busy"
        seen = [run.stale_share(float(delay)).value for delay in delays]
        fine = np.geomspace(delays[0], delays[-1], 200)
        chance = stale_chance(fine, run.write_rate, run.apply_rate, run.network)
        axes.plot(fine, chance, "--", lw=1.2, color=COLOR["formula"], label=f"{name}, by formula")
        (points,) = axes.plot(delays, seen, mark, color=color, ms=6, label=name)
        middle = float(fine[np.argmin(np.abs(chance - 0.5))])
        label_line(points, at=middle, offset=(8, 8))
    worst = runs[-1].stale_share(float(delays[-1])).value
    axes.set_title(
        f"{seconds(float(delays[-1]))} after a save, {percent(round(worst, 2))} of reads at the "
        "busiest replica miss it"
    )
    axes.set(xscale="log", xlabel="time from the save to the read")
    axes.set(ylabel="reads that show the old value", ylim=(-0.03, 1.06))
    axes.set_xlim(delays[0] * 0.9, delays[-1] * 2.5)
    axes.xaxis.set_major_formatter(in_seconds())
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_read_scaling(capacity: float, write_shares: Sequence[float], axes: Axes) -> Axes:
    """Draw how many requests a primary and its replicas bear, and the most they ever can.

    Parameters
    ----------
    capacity
        Requests a second that one server can do, a write costing as much as a read.
    write_shares
        Shares of the requests that are writes, rising.
    """
    servers = np.arange(1, 33)
    colors = (COLOR["remedy"], COLOR["simulation"], COLOR["harm"])
    axes.plot(servers, servers * capacity, ":", color=COLOR["context"], label="no writes at all")
    for share, color in zip(write_shares, colors, strict=False):
        can = most_requests(servers, capacity, share)
        (line,) = axes.plot(servers, can, color=color, label=f"{percent(share)} writes")
        limit = most_requests_at_all(capacity, share)
        label_line(line, f"{percent(share)} writes; never above {limit:,.0f}")
    most = most_requests_at_all(capacity, write_shares[-1])
    axes.set_title(
        f"With {percent(write_shares[-1])} writes, no number of replicas gives more than "
        f"{most / capacity:.0f} times one server"
    )
    top = float(most_requests(servers[-1], capacity, write_shares[0])) * 1.1
    axes.annotate(
        "no writes at all", (0.8 * top / capacity, 0.8 * top), (-10, 0),
        textcoords="offset points", ha="right", va="center", color=COLOR["context"],
    )  # fmt: skip
    axes.set(xlim=(0, 48), ylim=(0, top), xlabel="servers: the primary and its replicas")
    axes.set_xticks([1, 8, 16, 24, 32])
    axes.set_ylabel("requests per second at most")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return axes


def draw_search(runs: Mapping[float, SearchRun], restocks: int, rate: float, axes: Axes) -> Axes:
    """Draw what the lag of a search index shows that is gone, and hides that is there.

    Parameters
    ----------
    runs
        By lag in seconds, with a checkout that asks the store.
    restocks
        How often the shelf was filled, and sold out again.
    rate
        Searches a second.
    """
    lags = np.array(list(runs))
    ghosts = np.array([run.ghosts / run.searches for run in runs.values()])
    missing = np.array([run.missing / run.searches for run in runs.values()])
    searches = next(iter(runs.values())).searches
    law = [ghosts_by_formula(rate, float(lag), restocks) / searches for lag in lags]
    axes.plot(lags, law, "--", lw=1.2, color=COLOR["formula"], label="shown but gone, by formula")
    for share, name, color, mark, size, fill, away in (
        (missing, "there, but not shown", COLOR["simulation"], "o", 12, "none", (10, -8)),
        (ghosts, "shown, but sold out", COLOR["harm"], "X", 6, COLOR["harm"], (10, 7)),
    ):
        (line,) = axes.plot(lags, share, mark, ms=size, mfc=fill, color=color, label=name)
        label_line(line, f"{name}: {percent(round(float(share[-1]), 3))}", offset=away)
    axes.set_title(
        f"{seconds(float(lags[-1]))} behind: {percent(round(float(ghosts[-1]), 2))} of searches "
        f"find what is gone, and {percent(round(float(missing[-1]), 2))} miss what is there"
    )
    axes.set(xlabel="how far the search index is behind the store", ylabel="share of searches")
    axes.set_xlim(-0.02 * lags[-1], 1.45 * lags[-1])
    axes.margins(y=0.12)
    axes.xaxis.set_major_formatter(in_seconds())
    axes.yaxis.set_major_formatter(in_percent())
    return axes
