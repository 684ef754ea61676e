"""Queues drawn: the hockey stick, what unevenness costs, and what one shared line is worth."""

import numpy as np
from matplotlib.axes import Axes

from helpers.figure import COLOR, in_percent, in_seconds, label_line, percent, seconds
from helpers.scaling.simulation import QueueRun
from helpers.scaling.sweeps import Sweep


def draw_hockey_stick(sweep: Sweep, axes: Axes) -> Axes:
    """Draw mean and p99 response time against utilization, in service times."""
    at_half, at_last = (float(np.interp(u, sweep.knob, sweep.mean)) for u in (0.5, sweep.knob[-1]))
    axes.set_title(
        f"From half busy to {percent(sweep.knob[-1])} busy, the mean grows "
        f"{at_last / at_half:.0f}-fold"
    )
    draw_mean_and_p99(sweep, axes)
    axes.set(xlabel="utilization", ylabel="response time (service times)", ylim=(0, None))
    axes.xaxis.set_major_formatter(in_percent())
    return axes


def draw_unevenness(sweep: Sweep, axes: Axes) -> Axes:
    """Draw mean and p99 response time against the coefficient of variation of the service."""
    times = sweep.mean[-1] / sweep.mean[0]
    axes.set_title(
        f"Same load, same mean service: unevenness alone makes responses {times:.0f} times longer"
    )
    draw_mean_and_p99(sweep, axes, p99_name="p99, about")
    axes.set(xlabel="unevenness of the service times (standard deviation / mean)")
    axes.set(ylabel="response time (service times)", ylim=(0, None))
    return axes


def draw_mean_and_p99(sweep: Sweep, axes: Axes, p99_name: str = "p99") -> None:
    """Draw the formulas as lines and the simulation as points with intervals."""
    color = COLOR["simulation"]
    (p99,) = axes.plot(sweep.knob, sweep.p99_by_formula, ":", color=COLOR["formula"])
    (mean,) = axes.plot(sweep.knob, sweep.mean_by_formula, "--", color=COLOR["formula"])
    p99.set_label("p99, by formula")
    mean.set_label("mean, by formula")
    axes.plot(sweep.knob, sweep.p99, "D", ms=5, color=color, label="p99, simulated")
    axes.plot(sweep.knob, sweep.mean, "o", ms=5, color=color, label="mean, simulated")
    axes.errorbar(sweep.knob, sweep.mean, sweep.margin, fmt="none", color=color, capsize=3)
    span = sweep.knob[-1] - sweep.knob[0]
    axes.set_xlim(sweep.knob[0] - 0.02 * span, sweep.knob[-1] + 0.12 * span)
    label_line(p99, p99_name)
    label_line(mean, "mean")


def draw_pooling(shared: QueueRun, apart: QueueRun, axes: Axes) -> Axes:
    """Draw how many requests take longer than a time, with one shared line and with many."""
    times = apart.quantile(0.99) / shared.quantile(0.99)
    axes.set_title(f"A line for each server: the same load, {times:.1f} times the p99")
    runs = (
        (shared, "one shared line", COLOR["remedy"], "-"),
        (apart, "one line per server", COLOR["harm"], "--"),
    )
    for run, name, color, dashes in runs:
        slowest = np.sort(run.response_time)
        longer = 1 - np.arange(1, len(run) + 1) / len(run)
        shown = np.unique(np.geomspace(1, len(run) * (1 - 5e-4), 400).astype(int))
        places = len(run) - 1 - shown[::-1]
        places = places[longer[places] >= 5e-4]
        (line,) = axes.plot(slowest[places], longer[places], dashes, color=color, label=name)
        p99 = run.quantile(0.99)
        axes.plot([p99], [0.01], "o", color=color, ms=7)
        label_line(line, f"{name}\np99 {seconds(float(f'{p99:.2g}'))}", at=p99, offset=(9, 12))
    axes.axhline(0.01, color=COLOR["context"], lw=0.8, zorder=0)
    axes.set(yscale="log", ylim=(6e-4, 1.2), xlim=(0, apart.quantile(0.9995)))
    axes.set(xlabel="response time", ylabel="share of requests that take longer")
    axes.yaxis.set_major_formatter(in_percent())
    axes.xaxis.set_major_formatter(in_seconds())
    return axes
