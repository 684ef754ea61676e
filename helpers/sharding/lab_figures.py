"""The lab's answers, drawn: each server's peak on a day, and who moves."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from helpers.figure import COLOR, in_percent, percent
from helpers.sharding.routing import EPSILON, DayReport


def draw_peaks(reports: Mapping[str, DayReport], axes: Axes) -> Axes:
    """Draw the most that each server ever had over the mean, for one or two routers."""
    names = list(next(iter(reports.values())).peak)
    rows = np.arange(len(names))
    looks = (("context", "o", "none"), ("remedy", "s", None))
    for (name, report), (meaning, mark, face) in zip(reports.items(), looks, strict=False):
        peaks = [report.peak[server] for server in names]
        is_over = report.over > 0 and meaning == "remedy"
        color = COLOR["harm"] if is_over else COLOR[meaning]
        fill = color if face is None else face
        axes.plot(rows, peaks, mark, ms=8, mew=2, color=color, mfc=fill, label=name)
        at = int(np.argmax(peaks)) if meaning == "context" else len(rows) - 1
        axes.annotate(
            name, (rows[at], peaks[at]), (10, 8), textcoords="offset points", color=color,
            va="center",
        )  # fmt: skip
    axes.axhline(1 + EPSILON, color=COLOR["formula"], lw=1, ls="--")
    axes.annotate(
        f"{1 + EPSILON:g}", (len(rows) + 0.75, 1 + EPSILON), (0, -4), textcoords="offset points",
        color=COLOR["formula"], ha="right", va="top",
    )  # fmt: skip
    axes.set_xticks(rows, names)
    axes.set_xlim(-0.6, len(rows) + 0.8)
    axes.set(
        ylim=(0, 1.15 * max(r.fullest for r in reports.values())),
        xlabel="server",
        ylabel="most at work / mean",
    )
    axes.grid(visible=False, axis="x")
    told = "; ".join(f"{name}, up to {report.fullest:.1f}" for name, report in reports.items())
    axes.set_title(f"Times the mean on the fullest server: {told}")
    return axes


def draw_moves(moved: Mapping[str, float], least: float, axes: Axes) -> Axes:
    """Draw the share of the keys that move when a server is added, for some routers."""
    names = list(moved)
    rows = np.arange(len(names))[::-1]
    shares = list(moved.values())
    is_few = [share <= 1.5 * least for share in shares]
    colors = [COLOR["remedy_fill" if few else "harm_fill"] for few in is_few]
    axes.barh(rows, shares, 0.6, color=colors, label="share of the keys that move")
    for row, share in zip(rows, shares, strict=True):
        axes.annotate(
            percent(round(share, 3)),
            (max(share, least), row),
            (8, 0),
            textcoords="offset points",
            va="center",
        )
    axes.axvline(least, color=COLOR["formula"], lw=1, ls="--")
    axes.annotate(
        f"its fair share: {percent(round(least, 3))}", (least, rows[0] + 0.42), (6, 3),
        textcoords="offset points", color=COLOR["formula"], va="bottom",
    )  # fmt: skip
    axes.set_yticks(rows, names)
    axes.set(xlim=(0, 1.1), ylim=(-0.5, rows[0] + 0.85), ylabel="router")
    axes.set(xlabel="keys that are on another server")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(in_percent())
    told = "; ".join(f"{name}, {percent(round(share, 2))}" for name, share in moved.items())
    axes.set_title(f"An eleventh server comes, and keys move: {told}")
    return axes
