"""The explorer's picture: every server's load, what one more moves, and how uneven it is."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from helpers.figure import COLOR, in_percent, percent
from helpers.label import add_label
from helpers.sharding.balance_view import BalanceView
from helpers.sharding.measures import max_over_mean_of, moved_share, ring_cv

MOST_SERVERS = 32
MOST_NODES = 1000
TALLEST = 4.0
"""Times the mean at which a bar stops that would leave the picture."""
LEAST_CV, MOST_CV = 0.0005, 10.0
CV_TICKS = (0.001, 0.01, 0.1, 1.0, 10.0)
TOGETHER = 3.0
"""Ratio of two values below which their points share a name."""

Move = Callable[[BalanceView], Sequence[Artist]]


def draw_balance_panel(figure: Figure) -> Move:
    """Lay out bars, moves and unevenness; give the function that moves them."""
    grid = figure.add_gridspec(2, 2, width_ratios=(1.15, 1), height_ratios=(1, 1.15))
    parts = (
        draw_loads(figure.add_subplot(grid[:, 0])),
        draw_moves(figure.add_subplot(grid[0, 1])),
        draw_unevenness(figure.add_subplot(grid[1, 1])),
    )

    def update(view: BalanceView) -> Sequence[Artist]:
        return [artist for move in parts for artist in move(view)]

    return update


def draw_loads(axes: Axes) -> Move:
    """Draw the requests to each server before one is added, and after."""
    axes.set(xlim=(0, 1), ylim=(0, TALLEST * 1.15), xticks=[], yticks=range(5))
    axes.set_title("Requests to each server, times the mean")
    axes.set_xlabel("servers, the new one last")
    bars = axes.stairs([0], [0, 1], fill=True, color=COLOR["simulation_fill"])
    full = axes.stairs([0], [0, 1], fill=True, color=COLOR["harm_fill"])
    new = axes.stairs([0], [0, 1], fill=True, color=COLOR["remedy_fill"])
    (outline,) = axes.plot([], [], color=COLOR["simulation"], lw=1.2, drawstyle="steps-post")
    axes.axhline(1, color=COLOR["context"], lw=1, ls=":")
    word = add_label(axes, 0.01, TALLEST * 1.07, fontsize=9)
    after = add_label(axes, 0.01, TALLEST * 1.0, "line: with one server more", fontsize=9)
    after.set_color(COLOR["simulation"])

    def move(view: BalanceView) -> Sequence[Artist]:
        edges = np.linspace(0, 1, view.servers + 2)
        later = view.after * view.servers / (view.servers + 1)
        shown = np.minimum(view.before, TALLEST)
        is_full = view.before >= 1.5
        bars.set_data(np.where(is_full, 0, shown), edges[:-1])
        full.set_data(np.where(is_full, shown, 0), edges[:-1])
        new.set_data(np.minimum(later[-1:], TALLEST), edges[-2:])
        outline.set_data(edges, np.minimum(np.append(later, later[-1]), TALLEST))
        fullest = max_over_mean_of(view.before)
        cut = ", beyond the picture" if fullest > TALLEST else ""
        word.set_text(f"the fullest: {fullest:.2f} × the mean{cut}")
        word.set_color(COLOR["harm" if is_full.any() else "context"])
        return [bars, full, new, outline, word]

    return move


def draw_moves(axes: Axes) -> Move:
    """Draw the share of keys that one server more moves: two formulas, and this plan."""
    axes.set(xlim=(0, MOST_SERVERS + 1), ylim=(0, 1.05), xlabel="servers before")
    axes.set_title("Keys that move when one is added")
    axes.yaxis.set_major_formatter(in_percent())
    servers = np.arange(1, MOST_SERVERS + 1)
    names = (("modulo", "above: N/(N + 1), modulo", 0.54), ("ring", "below: 1/(N + 1)", 0.36))
    for scheme, name, height in names:
        share = [moved_share(int(count), scheme) for count in servers]  # type: ignore[arg-type]
        axes.plot(servers, share, "--", color=COLOR["formula"], lw=1.2)
        axes.text(MOST_SERVERS + 0.7, height, name, fontsize=9, ha="right", va="bottom")
    (point,) = axes.plot([], [], "o", ms=8, color=COLOR["simulation"])
    word = add_label(axes, 0, 0, color=COLOR["simulation"], halo=True)

    def move(view: BalanceView) -> Sequence[Artist]:
        on_left = view.servers > MOST_SERVERS / 2
        point.set_data([view.servers], [view.moved_keys])
        word.set_text(f"{percent(round(view.moved_keys, 3))} of the keys")
        word.set_horizontalalignment("right" if on_left else "left")
        above = 0.08 if view.moved_keys < 0.5 else -0.24
        x = view.servers + (-0.6 if on_left else 0.6)
        word.set_position((x, view.moved_keys + above))
        return [point, word]

    return move


def draw_unevenness(axes: Axes) -> Move:
    """Draw the spread between servers against virtual nodes: a ring's formula, and this plan."""
    axes.set(xlim=(0.8, 1.4 * MOST_NODES), ylim=(LEAST_CV, MOST_CV), xscale="log", yscale="log")
    axes.set_title("CV between servers (dashed: ring)")
    axes.set_xlabel("virtual nodes per server")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(FixedLocator(CV_TICKS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    nodes = np.unique(np.geomspace(1, MOST_NODES, 40).round().astype(int))
    (curve,) = axes.plot([], [], "--", color=COLOR["formula"], lw=1.2)
    (keys,) = axes.plot([], [], "o", ms=8, color=COLOR["simulation"])
    (requests,) = axes.plot([], [], "D", ms=8, color=COLOR["harm"])
    words = [add_label(axes, 0, 0, halo=True, va="center") for _ in range(2)]

    def move(view: BalanceView) -> Sequence[Artist]:
        spread = [ring_cv(view.servers, int(count)) for count in nodes]
        curve.set_data(nodes, spread)
        values = [clipped(view.cv_keys), clipped(view.cv_requests)]
        for point, value in zip((keys, requests), values, strict=True):
            point.set_data([view.virtual_nodes], [value])
        on_left = view.virtual_nodes > 30
        are_near = max(values) / min(values) < TOGETHER
        texts = [f"keys {view.cv_keys:.3f}", f"requests {view.cv_requests:.3f}"]
        colors = [COLOR["simulation"], COLOR["harm"]]
        if are_near:
            texts, colors[1] = ["", ", ".join(texts)], COLOR["formula"]
        for word, text, value, color in zip(words, texts, values, colors, strict=True):
            word.set_text(text)
            word.set_color(color)
            if not are_near:
                word.set_verticalalignment("center")
            else:
                word.set_verticalalignment("top" if on_left else "bottom")
            word.set_horizontalalignment("right" if on_left else "left")
            word.set_position((view.virtual_nodes * (0.75 if on_left else 1.33), value))
        return [curve, keys, requests, *words]

    return move


def clipped(cv: float) -> float:
    """Keep a spread within the picture."""
    return min(max(cv, 2 * LEAST_CV), 0.8 * MOST_CV)
