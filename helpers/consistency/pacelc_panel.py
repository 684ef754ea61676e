"""The explorer's picture: staleness over time, latency of reads and writes, and who is served."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from helpers.consistency.latency_fits import Floats
from helpers.consistency.pacelc_view import TIMES, PacelcView
from helpers.figure import COLOR, in_percent, in_seconds, percent, seconds
from helpers.label import add_label

Move = Callable[[PacelcView], Sequence[Artist]]

LEAST_STALE = 1e-5
"""Share of reads at the bottom of the curve's axis."""
LONGEST = 8.0
"""Seconds at the right end of both time axes."""
BAND = "#cfe4f2"
"""Where the curve may lie. Opaque: to blend takes time."""
NEVER_FRESH = "#fae1d1"


def draw_pacelc_panel(figure: Figure) -> Move:
    """Lay out curve, latencies and bars; give the function that moves them."""
    grid = figure.add_gridspec(2, 2, width_ratios=(1.1, 1), height_ratios=(1.25, 1))
    parts = (
        draw_staleness(figure.add_subplot(grid[:, 0])),
        draw_latencies(figure.add_subplot(grid[0, 1])),
        draw_served(figure.add_subplot(grid[1, 1])),
    )

    def update(view: PacelcView) -> Sequence[Artist]:
        return [artist for move in parts for artist in move(view)]

    return update


def draw_staleness(axes: Axes) -> Move:
    """Draw the share of stale reads against the time since the commit, with its spread."""
    axes.set(xlim=(TIMES[0], LONGEST), ylim=(LEAST_STALE, 1.6), xscale="log", yscale="log")
    axes.set(xlabel="read starts so long after the write's commit")
    axes.set_title("Stale reads")
    format_time_axis(axes)
    axes.yaxis.set_major_locator(FixedLocator([1, 0.1, 0.01, 1e-3, 1e-4, 1e-5]))
    axes.yaxis.set_major_formatter(in_percent())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.axhline(1e-3, color=COLOR["context"], lw=1, ls=":")
    axes.text(1.25 * TIMES[0], 1.2e-3, "99.9 % fresh", color=COLOR["context"], fontsize=9)
    never = axes.axhspan(LEAST_STALE, 1, color=NEVER_FRESH, lw=0)
    band = axes.fill_between(TIMES, LEAST_STALE, LEAST_STALE, color=BAND, lw=0)
    (curve,) = axes.plot([], [], color=COLOR["simulation"], label="stale reads")
    (start,) = axes.plot([], [], "o", ms=7, color=COLOR["simulation"], clip_on=False)
    (soon,) = axes.plot([], [], "D", ms=8, color=COLOR["simulation"])
    (paper,) = axes.plot([], [], "D", ms=11, mfc="none", mew=1.6, color=COLOR["published"])
    soon_name = add_label(axes, 1, 1.25e-3, color=COLOR["simulation"], halo=True)
    paper_name = add_label(axes, 1, 7.5e-4, color=COLOR["published"], fontsize=9, halo=True)
    paper_name.set(ha="right", va="top")
    first = add_label(axes, 1.25 * TIMES[0], 1, color=COLOR["simulation"], fontsize=9, halo=True)
    words = add_label(axes, 2e-2, 0.03, color=COLOR["harm"], ha="center", va="center")

    def move(view: PacelcView) -> Sequence[Artist]:
        is_drawn = not view.is_silent and view.stale_at_once > 0
        forever = view.forever_stale
        never.set_visible(forever > 0)
        never.set_height(max(forever - LEAST_STALE, 1e-9))
        shown = [np.maximum(part, LEAST_STALE / 2) for part in (view.low, view.stale, view.high)]
        for artist in (band, curve, start, first):
            artist.set_visible(is_drawn)
        if is_drawn:
            band.set_data(TIMES, shown[0], shown[2])
            seen = view.stale > 0
            curve.set_data(TIMES[seen], view.stale[seen])
            start.set_data([TIMES[0]], [max(view.stale_at_once, LEAST_STALE)])
            is_crowded = 5e-4 < view.stale_at_once < 2.2e-3  # where the line for 99.9 % is
            first.set_y(2.5e-3 if is_crowded else max(view.stale_at_once, LEAST_STALE) * 1.12)
            first.set_text(f"at once {percent(float(f'{view.stale_at_once:.3g}'))}")
        has_time = is_drawn and 0 < view.t_visibility < np.inf
        soon.set_visible(has_time)
        soon_name.set_visible(has_time)
        if has_time:
            soon.set_data([view.t_visibility], [1e-3])
            soon_name.set_text(seconds(float(f"{view.t_visibility:.3g}")))
            soon_name.set_x(view.t_visibility * 1.3)
        published = view.published.t_visibility if view.published and has_time else 0.0
        paper.set_visible(published > 0)
        paper_name.set_visible(published > 0)
        if published:
            paper.set_data([published], [1e-3])
            paper_name.set_text(f"paper {seconds(published)}")
            paper_name.set_x(published * 0.85)
        words.set_text(in_place_of_a_curve(view))
        words.set_color(COLOR["harm"] if view.is_silent or forever else COLOR["remedy"])
        return [never, band, curve, start, soon, paper, soon_name, paper_name, first, words]

    return move


def in_place_of_a_curve(view: PacelcView) -> str:
    """Say what no curve can show."""
    if view.is_silent:
        return "nothing new can be read"
    if view.forever_stale:
        return f"{view.forever_stale:.0%} stale until\nthe network heals"
    if not view.stale_at_once:
        return "no read after the commit is stale" + ("\nR + W > N" if view.is_strict else "")
    return ""


def draw_latencies(axes: Axes) -> Move:
    """Draw percentiles of reads and writes on one axis of time."""
    axes.set(xlim=(TIMES[0], LONGEST), ylim=(-0.75, 1.75), xscale="log", yticks=[1, 0])
    axes.set_yticklabels(["read", "write"], fontsize=10)
    axes.tick_params(axis="y", left=False)
    axes.set_title("Latency: p50, p99, p99.9")
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    format_time_axis(axes)
    move_read, move_write = (draw_percentiles(axes, height) for height in (1.0, 0.0))

    def move(view: PacelcView) -> Sequence[Artist]:
        row = view.published
        return [
            *move_read(view.read_times, row.read_latency if row else None),
            *move_write(view.write_times, row.write_latency if row else None),
        ]

    return move


def draw_percentiles(
    axes: Axes, height: float
) -> Callable[[Floats, float | None], Sequence[Artist]]:
    """Draw a row of percentiles; the paper's p99.9 is an open diamond."""
    color = COLOR["simulation"]
    (line,) = axes.plot([], [], color=color)
    points = [axes.plot([], [], mark, ms=7, color=color)[0] for mark in ("o", "s", "D")]
    (paper,) = axes.plot([], [], "D", ms=11, mfc="none", mew=1.6, color=COLOR["published"])
    first = add_label(axes, 1, height + 0.22, color=color, ha="right", fontsize=9)
    last = add_label(axes, 1, height + 0.22, color=color, fontsize=9)
    refused = add_label(axes, 1.25 * TIMES[0], height, "all refused", va="center")
    refused.set_color(COLOR["harm"])

    def move(times: Floats, published: float | None) -> Sequence[Artist]:
        is_served = bool(np.isfinite(times).all())
        refused.set_visible(not is_served)
        for artist in (line, *points, first, last):
            artist.set_visible(is_served)
        paper.set_visible(published is not None)
        if published is not None:
            paper.set_data([published], [height])
        if is_served:
            line.set_data(times, [height] * times.size)
            for point, time in zip(points, times, strict=True):
                point.set_data([time], [height])
            for name, time in ((first, times[0]), (last, times[-1])):
                name.set_text(seconds(float(f"{time:.2g}")))
            middle = np.sqrt(times[0] * times[-1])  # the names keep a distance
            first.set_x(min(times[0] * 1.1, middle / 1.1))
            last.set_x(max(times[-1] * 0.9, middle * 1.1))
        return [line, *points, paper, first, last, refused]

    return move


def draw_served(axes: Axes) -> Move:
    """Draw which share of reads and writes is answered, and what the answers survive."""
    rows = ((1.0, "reads"), (0.0, "writes"))
    axes.set(xlim=(0, 1), ylim=(-0.5, 1.5), yticks=[1, 0], xticks=[])
    axes.set_yticklabels([name for _, name in rows], fontsize=10)
    axes.tick_params(left=False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_title("Who is served")
    backs = [axes.barh(y, 1, height=0.7, color=COLOR["harm_fill"])[0] for y, _ in rows]
    bars = [axes.barh(y, 1, height=0.7, color=COLOR["remedy_fill"])[0] for y, _ in rows]
    texts = [add_label(axes, 0.015, y, va="center", fontsize=9) for y, _ in rows]
    rests = [add_label(axes, 0.985, y, va="center", ha="right", fontsize=9) for y, _ in rows]

    def move(view: PacelcView) -> Sequence[Artist]:
        shares = (view.reads_served, view.writes_served)
        for i, (share, needed) in enumerate(zip(shares, (view.r, view.w), strict=True)):
            bars[i].set_width(share)
            texts[i].set_text(f"{share:.0%} served" if share > 0.2 else "")
            rest = "on both sides" if view.is_cut else may_fail(view.n - needed)
            rests[i].set_text(rest if share == 1 else f"{1 - share:.0%} refused")
        return [*backs, *bars, *texts, *rests]

    return move


def may_fail(spare: int) -> str:
    """Say how many replicas may be lost before a request is refused."""
    return f"survives the loss of {spare}" if spare else "needs every replica"


def format_time_axis(axes: Axes) -> None:
    """Put round durations on the logarithmic axis of time."""
    axes.xaxis.set_major_locator(FixedLocator([1e-4, 1e-3, 1e-2, 0.1, 1.0]))
    axes.xaxis.set_major_formatter(in_seconds())
    axes.xaxis.set_minor_formatter(NullFormatter())
