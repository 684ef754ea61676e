"""The first explorer's picture: what reaches the origin, and how long a request takes."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from helpers.figure import COLOR, in_percent, in_seconds, seconds
from helpers.start_here.model import CacheEffect, serve_through_cache

LEAST, MOST = 0.8, 0.999
"""The hit ratios that the picture shows."""
CAPACITY = 40.0
"""Requests per second that the origin of the picture was built for."""


def draw_cache_panel(figure: Figure) -> Callable[[CacheEffect], Sequence[Artist]]:
    """Lay out both curves; give the function that moves them."""
    left, right = figure.subplots(1, 2)
    move_load, move_response = draw_load(left), draw_response(right)

    def update(effect: CacheEffect) -> Sequence[Artist]:
        return [*move_load(effect), *move_response(effect)]

    return update


def falls_behind(effect: CacheEffect) -> bool:
    """Tell whether the picture's origin gets more than it can do."""
    return effect.origin_rate > CAPACITY * (1 + 1e-9)


def draw_load(axes: Axes) -> Callable[[CacheEffect], Sequence[Artist]]:
    """Draw the origin's load against the hit ratio, with the point that was chosen."""
    prepare(axes)
    axes.set_title("What is left for the origin")
    axes.set(yscale="log", ylim=(0.08, 900), ylabel="requests/s")
    axes.yaxis.set_major_locator(FixedLocator([0.1, 1, 10, 100]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.axhspan(CAPACITY, 900, color=COLOR["harm_fill"], alpha=0.6, lw=0)
    limit = f"more than it can do ({CAPACITY:.0f}/s)"
    axes.text(0.996, 700, limit, color=COLOR["harm"], ha="right", va="top")
    return draw_point(axes, lambda effect: effect.origin_rate, lambda rate: f"{rate:,.4g}/s")


def draw_response(axes: Axes) -> Callable[[CacheEffect], Sequence[Artist]]:
    """Draw the mean response time against the hit ratio, with the point that was chosen."""
    prepare(axes)
    axes.set_title("Mean response, while the origin keeps up")
    axes.set(ylim=(0, 0.05))
    axes.yaxis.set_major_formatter(in_seconds())
    return draw_point(axes, lambda effect: effect.mean_response, seconds, "falls behind")


def prepare(axes: Axes) -> None:
    """Put the hit ratio along the bottom."""
    axes.set(xlim=(LEAST, 1.0), xlabel="hit ratio")
    axes.xaxis.set_major_locator(FixedLocator([0.8, 0.85, 0.9, 0.95, 1.0]))
    axes.xaxis.set_major_formatter(in_percent())


def draw_point(
    axes: Axes,
    read: Callable[[CacheEffect], float],
    write: Callable[[float], str],
    overloaded: str = "",
) -> Callable[[CacheEffect], Sequence[Artist]]:
    """Draw a curve and a point on it; where the origin cannot keep up, in the color of harm.

    Parameters
    ----------
    read, write
        What of the effect is drawn, and how it is written.
    overloaded
        Written in place of a number that does not hold then.
    """
    ratios = np.linspace(LEAST, MOST, 200)
    (curve,) = axes.plot([], [], "--", color=COLOR["formula"])
    (point,) = axes.plot([], [], "o", ms=9, clip_on=False)
    name = axes.text(0, 0, "", fontsize=11, fontweight="bold")
    name.set_path_effects([withStroke(linewidth=3, foreground="white")])

    def move(effect: CacheEffect) -> Sequence[Artist]:
        rate, value = effect.request_rate, read(effect)
        curve.set_data(ratios, [read(serve_through_cache(h, rate)) for h in ratios])
        is_over = falls_behind(effect)
        point.set_data([effect.hit_ratio], [value])
        name.set_text(overloaded if is_over and overloaded else write(value))
        for artist in (point, name):
            artist.set_color(COLOR["harm" if is_over else "simulation"])
        is_left = effect.hit_ratio < 0.87
        name.set_horizontalalignment("left" if is_left else "right")
        name.set_verticalalignment("bottom" if is_left else "top")
        name.set_position((effect.hit_ratio + (0.006 if is_left else -0.006), value))
        return [curve, point, name]

    return move
