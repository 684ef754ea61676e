"""The explorer's picture: the hockey stick, who waits, and how long everybody takes."""

from collections.abc import Callable, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figure import COLOR, seconds
from helpers.label import add_label
from helpers.response_histogram import draw_response_histogram, format_time_axis
from helpers.scaling.response_summary import Curves, Summary

SERVICE_RATE = 10.0
"""Requests per second that one server of the panel completes: 100 ms each."""
OUT_OF_REACH = "#fae1d1"
"""Where the servers cannot follow. Opaque: to blend a third of the picture takes a millisecond."""
MOST_ARRIVALS = 168
"""Requests per second at the right end: sixteen servers' capacity, and room for a label."""


def draw_latency_panel(figure: Figure) -> Callable[[tuple[Summary, Curves]], Sequence[Artist]]:
    """Lay out curve, bars and histogram; give the function that moves them."""
    grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1), height_ratios=(1, 3.2))
    move_curve = draw_curve(figure.add_subplot(grid[:, 0]))
    move_bars = draw_shares(figure.add_subplot(grid[0, 1]))
    move_histogram = draw_response_histogram(figure.add_subplot(grid[1, 1]))

    def update(result: tuple[Summary, Curves]) -> Sequence[Artist]:
        summary, curves = result
        bars = (summary.edges, summary.waited, summary.at_once, summary.p50, summary.p99)
        return [*move_curve(summary, curves), *move_bars(summary), *move_histogram(*bars)]

    return update


def draw_curve(axes: Axes) -> Callable[[Summary, Curves], Sequence[Artist]]:
    """Draw response time against arrival rate, with the simulated point on it."""
    axes.set(
        xlim=(0, MOST_ARRIVALS), ylim=(0.03, 100), yscale="log", xlabel="arrival rate (requests/s)"
    )
    axes.set_title("Response time: theory's curves, simulated points")
    format_time_axis(axes.yaxis)
    full = axes.axvspan(0, MOST_ARRIVALS, color=OUT_OF_REACH, lw=0)
    full_text = add_label(axes, 0, 0.034, color=COLOR["harm"], va="bottom", fontsize=9)
    (mean,) = axes.plot([], [], "--", color=COLOR["formula"], label="mean, by formula")
    (p99,) = axes.plot([], [], ":", color=COLOR["formula"], label="p99, by formula")
    (mean_point,) = axes.plot([], [], "o", ms=8, color=COLOR["simulation"])
    (p99_point,) = axes.plot([], [], "D", ms=8, color=COLOR["simulation"])
    names = [add_label(axes, 0, 0, color=COLOR["simulation"], halo=True) for _ in range(2)]

    def move(summary: Summary, curves: Curves) -> Sequence[Artist]:
        mean.set_data(curves.arrival_rate, curves.mean)
        p99.set_data(curves.arrival_rate, curves.p99)
        full.set_x(curves.capacity)
        full.set_width(max(0.0, MOST_ARRIVALS - curves.capacity))
        full_text.set_text(f"over capacity\n({curves.capacity:.0f}/s)")
        on_left = curves.capacity > 125
        full_text.set_x(curves.capacity + (-2 if on_left else 2))
        full_text.set_horizontalalignment("right" if on_left else "left")
        points = ((mean_point, "mean", summary.mean.value), (p99_point, "p99", summary.p99))
        for name, (point, word, value) in zip(names, points, strict=True):
            shown = min(value, 80.0)
            point.set_data([summary.arrival_rate], [shown])
            late = summary.is_overloaded
            name.set_text("" if late else f"{word} {seconds(float(f'{value:.2g}'))}")
            point.set_color(COLOR["harm"] if late else COLOR["simulation"])
            left = summary.arrival_rate > 45
            name.set_horizontalalignment("right" if left else "left")
            name.set_position((summary.arrival_rate + (-4 if left else 4), shown * 1.06))
        return [full, full_text, mean, p99, mean_point, p99_point, *names]

    return move


def draw_shares(axes: Axes) -> Callable[[Summary], Sequence[Artist]]:
    """Draw two bars from 0 to 100 %: how busy the servers are, and how many requests wait."""
    rows = (
        (1.0, "servers", "busy", "idle", COLOR["context_fill"], "#f6f6f6"),
        (0.0, "requests", "wait", "at once", COLOR["harm_fill"], COLOR["simulation_fill"]),
    )
    axes.set(xlim=(0, 1), ylim=(-0.5, 1.5), yticks=[1, 0], xticks=[])
    axes.set_yticklabels([row[1] for row in rows], fontsize=10)
    axes.tick_params(left=False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    backs = [axes.barh(row[0], 1, height=0.7, color=row[5])[0] for row in rows]
    bars = [axes.barh(row[0], 0, height=0.7, color=row[4])[0] for row in rows]
    texts = [add_label(axes, 0.015, row[0], va="center", fontsize=9) for row in rows]
    rests = [add_label(axes, 0.985, row[0], va="center", ha="right", fontsize=9) for row in rows]

    def move(summary: Summary) -> Sequence[Artist]:
        shares = (summary.utilization, summary.share_waiting)
        for row, bar, text, rest, share in zip(rows, bars, texts, rests, shares, strict=True):
            bar.set_width(share)
            text.set_text(f"{share:.0%} {row[2]}" if share > 0.2 else "")
            rest.set_text(f"{1 - share:.0%} {row[3]}" if share < 0.7 else "")
        return [*backs, *bars, *texts, *rests]

    return move
