"""The explorer's picture: the tail against the load, every server's work, and all requests."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figure import COLOR, in_percent, seconds
from helpers.label import add_label
from helpers.load_balancing.balancer_summary import BalancerSummary, Curves
from helpers.response_histogram import draw_response_histogram, format_time_axis

SERVICE_RATE = 10.0
"""Requests per second that one server of the panel completes: 100 ms each."""
HIGHEST = 90.0
"""Seconds at which a point stops that would leave the picture."""


def draw_balancer_panel(
    figure: Figure,
) -> Callable[[tuple[BalancerSummary, Curves]], Sequence[Artist]]:
    """Lay out curves, bars and histogram; give the function that moves them."""
    grid = figure.add_gridspec(2, 2, width_ratios=(1.1, 1), height_ratios=(1, 1.5))
    move_tail = draw_tail(figure.add_subplot(grid[:, 0]))
    move_servers = draw_servers(figure.add_subplot(grid[0, 1]))
    move_histogram = draw_response_histogram(figure.add_subplot(grid[1, 1]))

    def update(result: tuple[BalancerSummary, Curves]) -> Sequence[Artist]:
        summary, curves = result
        bars = (summary.edges, summary.by_first, summary.by_others, summary.p50, summary.p99)
        color = COLOR["harm_fill" if summary.slowdown > 1 else "simulation_fill"]
        return [*move_tail(summary, curves), *move_servers(summary), *move_histogram(*bars, color)]

    return update


def draw_tail(axes: Axes) -> Callable[[BalancerSummary, Curves], Sequence[Artist]]:
    """Draw the 99th percentile against the load, by theory, and the simulated point."""
    axes.set(xlim=(0, 1.02), ylim=(0.008, 130), yscale="log", xlabel="load (share of capacity)")
    axes.set_title("p99: theory's curves, simulated points")
    axes.xaxis.set_major_formatter(in_percent())
    format_time_axis(axes.yaxis)
    (one,) = axes.plot([], [], "--", color=COLOR["formula"])
    (two,) = axes.plot([], [], ":", color=COLOR["formula"])
    (shared,) = axes.plot([], [], "-.", color=COLOR["context"])
    name_lines(axes, {one: "at random", two: "two choices", shared: "one line for all"})
    (p50,) = axes.plot([], [], "o", ms=8, color=COLOR["simulation"])
    (p99,) = axes.plot([], [], "D", ms=8, color=COLOR["simulation"])
    names = [add_label(axes, 0, 0, color=COLOR["simulation"], halo=True) for _ in range(2)]

    def move(summary: BalancerSummary, curves: Curves) -> Sequence[Artist]:
        one.set_data(curves.utilization, curves.one_choice)
        two.set_data(curves.utilization, curves.two_choices)
        shared.set_data(curves.utilization, curves.shared_line)
        on_left = summary.load > 0.3
        points = ((p50, "p50", summary.p50), (p99, "p99", summary.p99))
        for name, (point, word, value) in zip(names, points, strict=True):
            shown = min(value, HIGHEST)
            beyond = "more than " if value > HIGHEST else ""
            point.set_data([summary.load], [shown])
            name.set_text(f"{word} {beyond}{seconds(float(f'{shown:.2g}'))}")
            name.set_horizontalalignment("right" if on_left else "left")
            down = 0.72 if word == "p50" else 1.08
            name.set_position((summary.load + (-0.025 if on_left else 0.025), shown * down))
        return [one, two, shared, p50, p99, *names]

    return move


def name_lines(axes: Axes, names: dict[Line2D, str]) -> None:
    """Show each line's dashes and name in the corner that the curves leave free.

    A legend of Matplotlib would be drawn anew with every move.
    """
    for row, (line, name) in enumerate(names.items()):
        y, color, dashes = 0.17 - 0.065 * row, line.get_color(), line.get_linestyle()
        axes.plot([0.02, 0.1], [y, y], dashes, color=color, transform=axes.transAxes)
        text = f"{name}, by formula"
        axes.text(0.12, y, text, va="center", fontsize=9, color=color, transform=axes.transAxes)


def draw_servers(axes: Axes) -> Callable[[BalancerSummary], Sequence[Artist]]:
    """Draw how busy each server is, the first one by itself where it is slow."""
    axes.set(xlim=(0, 1), ylim=(0, 1.28), xticks=[], yticks=[0, 0.5, 1])
    axes.set_title("How busy each server is")
    axes.yaxis.set_major_formatter(in_percent())
    axes.spines["bottom"].set_visible(False)
    bars = axes.stairs([0], [0, 1], fill=True, color=COLOR["simulation_fill"])
    first = axes.stairs([0], [0, 1], fill=True, color=COLOR["simulation_fill"])
    (outline,) = axes.plot([], [], color=COLOR["context"], lw=0.8, drawstyle="steps-post")
    name = add_label(axes, 0.005, 1.04, "", fontsize=9)

    def move(summary: BalancerSummary) -> Sequence[Artist]:
        edges = np.linspace(0, 1, summary.utilization.size + 1)
        bars.set_data(summary.utilization, edges)
        first.set_data(summary.utilization[:1], edges[:2])
        is_slow = summary.slowdown > 1
        first.set_color(COLOR["harm_fill"] if is_slow else COLOR["simulation_fill"])
        name.set_color(COLOR["harm"] if is_slow else COLOR["context"])
        outline.set_data(edges, np.append(summary.utilization, 0))
        name.set_text(
            f"Server 1: {summary.share:.1%} of requests, {summary.mean_in_flight[0]:,.1f} in flight"
        )
        return [bars, first, outline, name]

    return move
