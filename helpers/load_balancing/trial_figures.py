"""The lab's answers drawn: turns by weight, and a balancer's bad day."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray

from helpers.figure import COLOR, in_percent, in_seconds, percent, seconds
from helpers.load_balancing.balancing import BalancedRun
from helpers.load_balancing.trials import TARGET, Trial
from helpers.statistics import quantile

WINDOW = 10.0  # seconds
STYLES = {
    "round robin": (":", "context"),
    "least connections": ("--", "harm"),
    "yours": ("-", "simulation"),
}


def longest_burst(chosen: Sequence[int]) -> int:
    """Give the most turns in a row that go to one server.

    Examples
    --------
    >>> longest_burst([0, 0, 1, 0, 0, 0])
    3
    """
    longest = streak = 0
    for i, server in enumerate(chosen):
        streak = streak + 1 if i and chosen[i - 1] == server else 1
        longest = max(longest, streak)
    return longest


def draw_turns(rows: Mapping[str, Sequence[int]], axes: Axes) -> Axes:
    """Draw who gets each request, a row for each way of taking turns.

    Parameters
    ----------
    rows
        The servers chosen, by the name of the way, the last one the learner's.
    """
    colors = (COLOR["simulation"], COLOR["harm"], COLOR["remedy"], COLOR["context"])
    names = list(rows)
    for height, name in enumerate(reversed(names)):
        chosen = np.asarray(rows[name])
        axes.plot(np.arange(chosen.size) + 1, chosen, lw=0, label=f"{name} (server by request)")
        for i, server in enumerate(chosen.tolist()):
            color = colors[server % len(colors)]
            box = {"boxstyle": "round,pad=0.35", "facecolor": color, "edgecolor": "none"}
            letter = "abcdefgh"[server]
            axes.text(i + 1, height, letter, color="white", ha="center", va="center", bbox=box)
    bursts = [longest_burst(list(chosen)) for chosen in rows.values()]
    title = f"In blocks, {bursts[0]} requests in a row meet the same server"
    if len(rows) > 1:
        title += f"; with your turns at most {bursts[-1]}"
    axes.set_title(title)
    most = max(len(chosen) for chosen in rows.values())
    axes.set(xlim=(0.3, most + 0.7), ylim=(-0.6, len(rows) - 0.4), xlabel="request", ylabel="turns")
    axes.set_yticks(range(len(rows)), [*reversed(names)])
    axes.xaxis.set_major_locator(FixedLocator(range(1, most + 1, 2)))
    axes.grid(visible=False)
    return axes


def draw_trial(
    runs: Mapping[str, BalancedRun], trial: Trial, axes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Draw the p99 through a trial, and how much the ill server got, for several balancers.

    Parameters
    ----------
    runs
        By name. A p99 of more than half a minute is above the picture.
    axes
        Shape (2,).
    """
    times, shares = axes
    for name, run in runs.items():
        dashes, color = STYLES[name]
        moments, late, share = by_window(run, trial.ill)
        times.plot(moments, late, dashes, color=COLOR[color], lw=1.5, label=f"p99, {name}")
        shares.plot(moments, share, dashes, color=COLOR[color], lw=1.5)
        shares.lines[-1].set_label(f"share of server {trial.ill}, {name}")
    told = ["yours"] if "yours" in runs else list(runs)
    times.axhline(TARGET, color=COLOR["context"], lw=1, ls="-.")
    title = "; ".join(title_of(name, runs[name]) for name in told)
    title = title[0].upper() + title[1:]
    times.set(yscale="log", ylabel="p99", ylim=(0.15, 30), title=title)
    times.yaxis.set_major_locator(FixedLocator([0.2, 0.5, 1, 2, 5, 10, 20]))
    times.yaxis.set_major_formatter(in_seconds())
    times.yaxis.set_minor_locator(NullLocator())
    note = {"textcoords": "offset points", "va": "center", "annotation_clip": False}
    end = run.arrival_time[-1]
    times.annotate("target", (end, TARGET), (5, 0), color=COLOR["context"], **note)
    times.legend(*legend_of(runs, times), loc="upper left", bbox_to_anchor=(1.0, 1.02), fontsize=9)
    until = trial.dead.until if trial.dead else end
    for each in axes:
        each.axvspan(trial.since, min(until, end), color=COLOR["context_fill"], alpha=0.6, lw=0)
        each.set_xlim(0, end)
    times.set_xticklabels([])
    shares.set(xlabel="time (s)", ylabel=f"to server {trial.ill}")
    shares.set_ylim(0, 1.35 * max(line.get_ydata().max() for line in shares.lines))
    shares.yaxis.set_major_formatter(in_percent())
    words = "dead" if trial.dead else "slow"
    place = (trial.since, 1.0)
    shares.annotate(
        words,
        place,
        (5, -8),
        xycoords=shares.get_xaxis_transform(),
        textcoords="offset points",
        color=COLOR["context"],
        va="center",
    )
    return axes


def legend_of(runs: Mapping[str, BalancedRun], axes: Axes) -> tuple[list[object], list[str]]:
    """Name the lines by their balancers."""
    return list(axes.lines[: len(runs)]), list(runs)


def title_of(name: str, run: BalancedRun) -> str:
    """Say how the day went."""
    who = {"yours": "your balancer"}.get(name, name)
    failed = percent(float(f"{run.share_failed:.2g}"))
    return f"{who}: p99 {seconds(float(f'{run.quantile(0.99):.2g}'))}, {failed} failed"


def by_window(
    run: BalancedRun, server: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give for each ten seconds the p99 of what was answered, and a server's share."""
    edges = np.arange(0.0, run.arrival_time[-1], WINDOW)
    bounds = np.searchsorted(run.arrival_time, np.append(edges, np.inf))
    late, share = np.full(edges.size, np.nan), np.zeros(edges.size)
    for i, (begin, end) in enumerate(itertools.pairwise(bounds)):
        answered = run.response_time[begin:end][~run.failed[begin:end]]
        if answered.size:
            late[i] = quantile(answered, 0.99)
            share[i] = np.mean(run.server[begin:end] == server)
    return edges, late, share
