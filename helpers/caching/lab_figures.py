"""The lab's answers, drawn: an eviction policy between LRU and the optimum, and a guard."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.caching.choosing import Score
from helpers.caching.guarding import WORKERS, GuardReport
from helpers.figure import COLOR, in_percent, label_line


def draw_scores(scores: Sequence[Score], name: str, axes: Axes) -> Axes:
    """Draw a policy's hit ratio on each pattern, between LRU's and the optimum's."""
    rows = np.arange(len(scores))[::-1]
    lru, own, best = (
        np.array([getattr(score, which) for score in scores]) for which in ("lru", "own", "optimum")
    )
    axes.hlines(rows, lru, best, color=COLOR["context_fill"], lw=7, zorder=1)
    axes.plot(lru, rows, "|", ms=18, mew=2.5, color=COLOR["context"], label="LRU")
    axes.plot(best, rows, "|", ms=18, mew=2.5, color=COLOR["formula"], label="optimum")
    better = own >= lru
    for chosen, color, words in (
        (better, COLOR["remedy"], f"{name}, where it hits as much as LRU or more"),
        (~better, COLOR["harm"], f"{name}, where it hits less"),
    ):
        if chosen.any():
            axes.plot(own[chosen], rows[chosen], "o", ms=10, color=color, label=words)
    for x, word, color in (
        (lru[0], "LRU", COLOR["context"]),
        (best[0], "optimum", COLOR["formula"]),
    ):
        axes.annotate(
            word, (x, rows[0]), (0, 15), textcoords="offset points", ha="center", color=color
        )
    axes.set_yticks(rows, [score.pattern for score in scores])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(scores) - 0.2), xlabel="hit ratio", ylabel="requests")
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(in_percent())
    gained = float(np.mean((own - lru) / (best - lru)))
    axes.set_title(f"{name[:1].upper()}{name[1:]}: {gained:.0%} of the way from LRU to the optimum")
    return axes


def draw_guard(mine: GuardReport | None, without: GuardReport, axes: Axes) -> Axes:
    """Draw the queries in flight through a minute, with a guard and with none."""
    (line,) = axes.plot(
        without.time, without.in_flight, color=COLOR["harm"], lw=1.4, label="no guard"
    )
    label_line(line, at=without.time[int(np.argmax(without.in_flight))], offset=(8, 8))
    if mine is not None:
        (own,) = axes.plot(
            mine.time, mine.in_flight, "--", color=COLOR["remedy"], lw=1.6, label="your guard"
        )
        label_line(own, at=mine.time[-1], offset=(6, 4))
    axes.plot([0, 60], [WORKERS] * 2, color=COLOR["context"], lw=0.8, label="at full speed")
    label_line(axes.lines[-1], f"{WORKERS} at full speed")
    shown = "" if mine is None else f"; with your guard, at most {mine.most_in_flight:,}"
    axes.set_title(f"Without a guard, {without.most_in_flight:,} queries at once{shown}")
    axes.set_yscale("symlog", linthresh=10)
    axes.set(xlabel="time (s)", ylabel="queries in flight", xlim=(0, 70))
    axes.set_ylim(0, 4 * without.most_in_flight)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return axes
