"""Balancing drawn: tails, lines over time, the supermarket, the slow server, the herd."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from helpers.figure import COLOR, in_percent, label_line
from helpers.load_balancing.balancing import BalancedRun
from helpers.load_balancing.policies import PolicyName
from helpers.load_balancing.policy_sweeps import PolicySweep
from helpers.load_balancing.supermarket import Trial, mean_response, queue_tail, response_quantile

LOOK: Mapping[str, tuple[str, str, str]] = {
    "random": (COLOR["context"], "-", "o"),
    "round robin": (COLOR["harm"], "-.", "s"),
    "weighted round robin": (COLOR["harm"], ":", "v"),
    "IP hash": (COLOR["context"], ":", "x"),
    "two choices": (COLOR["simulation"], "-", "D"),
    "least connections": (COLOR["remedy"], "--", "^"),
    "peak EWMA": (COLOR["published"], "-", "v"),
}
"""Color, dashes and marker of each policy, the same in every picture."""
PLACES = {1: (13, (4, 24), "left"), 2: (6, (10, 0), "left"), 3: (4, (-8, -30), "right")}
"""Where along its line the name of each number of choices stands, how far off, on which side."""


def draw_tails(swept: PolicySweep, axes: Axes) -> Axes:
    """Draw the 99th percentile against utilization for each policy, and theory's where it is."""
    draw_policies(swept, swept.p99, axes)
    for choices, dots in ((1, ":"), (2, "--")):
        theory = [response_quantile(0.99, float(u), choices) for u in swept.knob]
        words = "at random" if choices == 1 else f"{choices} choices, endlessly many servers"
        (line,) = axes.plot(swept.knob, theory, dots, color=COLOR["formula"], lw=1.2, label=words)
        if choices == 1:
            label_line(line, "by formula", offset=(-8, 4)).set(ha="right")
        else:
            label_line(line, "two choices, by formula", offset=(8, -3))
    axes.set(yscale="log", xlabel="utilization", ylabel="p99 (service times)")
    axes.xaxis.set_major_formatter(in_percent())
    plain_numbers(axes.yaxis)
    worst, best = swept.p99[:, -1].max(), swept.p99[:, -1].min()
    axes.set_title(
        f"At {swept.knob[-1]:.0%} utilization the policy decides whether p99 is "
        f"{best:.0f} or {worst:.0f} service times"
    )
    return axes


def draw_slow_server(swept: PolicySweep, axes: Axes) -> Axes:
    """Draw the 99th percentile against the slowdown of one server for each policy."""
    draw_policies(swept, swept.p99, axes)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=f"slowdown of one server of {swept.servers}",
        ylabel="p99 (service times)",
    )
    round_ticks(axes, swept.knob)
    plain_numbers(axes.yaxis)
    worst, best = (int(pick(swept.p99[:, -1])) for pick in (np.argmax, np.argmin))
    axes.set_title(
        f"One slow server ruins p99 under {swept.policies[worst]}, "
        f"hardly under {swept.policies[best]}"
    )
    return axes


def draw_herd(swept: PolicySweep, axes: Axes) -> Axes:
    """Draw the mean response time against the age of the load information."""
    draw_policies(swept, swept.mean, axes)
    axes.set(
        yscale="log",
        xlabel="time between two looks at the servers (service times)",
        ylabel="mean response (service times)",
    )
    axes.set_xscale("symlog", linthresh=1, linscale=0.4)
    axes.set_xlim(-0.05, None)
    round_ticks(axes, swept.knob)
    axes.yaxis.set_major_locator(FixedLocator([1, 2, 5, 10, 20, 50, 100, 200, 500]))
    plain_numbers(axes.yaxis)
    crossing = herd_from(swept)
    axes.set_title(
        "Fresh enough, load information only helps"
        if crossing is None
        else f"With looks {crossing:g} service times apart, least connections is worse than a die"
    )
    return axes


def herd_from(swept: PolicySweep) -> float | None:
    """Give the first interval from which least connections is worse than chance, if any."""
    chance, least = (swept.mean[swept.row(name)] for name in ("random", "least connections"))
    worse = np.flatnonzero(least > chance)
    return float(swept.knob[worse[0]]) if worse.size else None


def draw_choices(trials: Sequence[Trial], axes: Axes) -> Axes:
    """Draw the share of servers with long lines by theory, for each number of choices."""
    for trial, dots in zip(trials, ("-", "--", "-.", ":"), strict=False):
        tail = queue_tail(trial.utilization, trial.choices)
        tail = tail[tail >= 1e-6]
        mean = mean_response(trial.utilization, trial.choices)
        (line,) = axes.plot(np.arange(tail.size), tail, dots, color=COLOR["formula"], marker=".")
        name = "1 choice" if trial.choices == 1 else f"{trial.choices} choices"
        line.set_label(f"{name}, mean response {mean:.2f} by formula, {trial.measured} simulated")
        words = f"{name}: {mean:.2f},\nsimulated\n{trial.measured}"
        at, offset, align = PLACES.get(trial.choices, (tail.size - 1, (8, 0), "left"))
        label_line(line, words, at=at, offset=offset).set(ha=align)
    axes.set(
        yscale="log",
        ylim=(1e-6, 8),
        xlim=(0, 20),
        xlabel="requests at a server, at least",
        ylabel="share of servers",
    )
    axes.set_title("A second choice cuts off the long lines; a third one adds little")
    return axes


def draw_few_servers(trials: Sequence[Trial], axes: Axes) -> Axes:
    """Draw how far two choices with few servers are from the formula for endlessly many."""
    servers = np.array([trial.servers for trial in trials])
    mean = np.array([trial.measured.value for trial in trials])
    margin = np.array([trial.measured.half_width for trial in trials])
    axes.errorbar(servers, mean, margin, fmt="o", color=COLOR["simulation"], capsize=3)
    axes.plot(servers, mean, lw=0, color=COLOR["simulation"], label="simulated")
    expected = np.full(servers.size, trials[0].by_formula)
    (line,) = axes.plot(servers, expected, "--", color=COLOR["formula"])
    line.set_label("formula, endlessly many servers")
    label_line(line, at=servers[0], offset=(0, -12)).set(ha="left")
    axes.set(xscale="log", xlabel="servers", ylabel="mean response (service times)")
    axes.set_ylim(0, None)
    round_ticks(axes, servers)
    first, last = trials[0].excess + 1, trials[-1].excess + 1
    axes.set_title(
        f"With {servers[0]} servers two choices take {first:.1f} times what the formula says, "
        f"with {servers[-1]} {last:.2f} times"
    )
    return axes


def draw_lines_over_time(
    runs: Mapping[PolicyName, BalancedRun], seconds: float, axes: Sequence[Axes]
) -> Sequence[Axes]:
    """Draw the requests in flight at each server over time, a policy to each of the axes.

    Parameters
    ----------
    runs
        One for each of the axes.
    seconds
        How long a piece to show from the start.
    axes
        As many as there are runs.
    """
    most = 0
    for (policy, run), place in zip(runs.items(), axes, strict=True):
        begin = float(run.arrival_time[0])
        at = begin + np.linspace(0, seconds, 400)
        lines = np.array([run.in_flight(server, at) for server in range(run.servers)])
        for line in lines[1:]:
            place.plot(at - begin, line, color=COLOR["context"], lw=0.8, drawstyle="steps-post")
        first = place.plot(at - begin, lines[0], color=COLOR["harm"], drawstyle="steps-post")[0]
        first.set_label("server 1")
        label_line(first, at=seconds * 0.5, offset=(-8, 9)).set(ha="right")
        if run.servers > 1:
            rest = place.lines[0]
            label_line(rest, "the others", at=seconds * 0.8, offset=(0, 14)).set(ha="center")
        place.plot(at - begin, lines.max(axis=0), lw=0, label="the longest line")
        place.set(xlabel="seconds", ylabel="requests in flight")
        place.set_title(f"{policy[0].upper() + policy[1:]}: up to {lines.max()} at one server")
        most = max(most, int(lines.max()))
    for place in axes:
        place.set_ylim(0, most * 1.05)
    return axes


def draw_policies(swept: PolicySweep, values: np.ndarray, axes: Axes) -> None:
    """Draw a line for each policy, its name where the line ends, no two at one height."""
    ends = np.log(values[:, -1])
    gap = 0.065 * float(np.log(values.max() / values.min()))
    heights = spread_out(ends, gap)
    span = axes.get_window_extent().height * 72 / axes.figure.dpi
    for row, policy in enumerate(swept.policies):
        color, dashes, marker = LOOK[policy]
        (line,) = axes.plot(swept.knob, values[row], dashes, color=color, marker=marker, ms=4)
        line.set_label(policy)
        shift = (heights[row] - ends[row]) / max(float(np.ptp(np.log(values))), 1e-9) * span * 0.8
        label_line(line, offset=(8, shift))


def spread_out(heights: np.ndarray, gap: float) -> np.ndarray:
    """Move heights apart until each has a gap to the next one, upward from the lowest.

    Examples
    --------
    >>> spread_out(np.array([1.0, 0.0, 0.1]), gap=0.5).tolist()
    [1.0, 0.0, 0.5]
    """
    moved = np.array(heights, dtype=np.float64)
    order = np.argsort(moved, kind="stable")
    for lower, upper in itertools.pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved


def round_ticks(axes: Axes, values: np.ndarray) -> None:
    """Put a tick at each value that was tried."""
    axes.xaxis.set_major_locator(FixedLocator([float(value) for value in values]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def plain_numbers(axis: object) -> None:
    """Write 10 rather than 10¹."""
    from matplotlib.axis import Axis

    assert isinstance(axis, Axis)
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
