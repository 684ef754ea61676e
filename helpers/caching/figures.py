"""Chains of caches, stale copies, and fame that moves on, drawn."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.caching.hit_ratio import HitRatioCurve
from helpers.caching.sweeps import TierSweep, TtlSweep
from helpers.caching.tiers import ChainRun
from helpers.figure import COLOR, in_percent, label_line, percent, seconds


def draw_chain(run: ChainRun, published: Sequence[float] | None, axes: Axes) -> Axes:
    """Draw what reaches each tier, how much of it is answered there, and what was published."""
    rows = np.arange(len(run.names))[::-1]
    axes.barh(rows, run.load, 0.62, color=COLOR["context_fill"], label="reaches the tier")
    axes.barh(rows, run.share, 0.62, color=COLOR["simulation_fill"], label="is answered there")
    last = len(run.names) - 1
    for place, row in enumerate(rows):
        text = f"{percent(round(float(run.share[place]), 3))} of all requests"
        if place < last:
            text += f"; hit ratio {percent(round(float(run.hit_ratio[place]), 3))}"
        right = run.load[place] if published is None else max(run.load[place], published[place])
        axes.annotate(text, (right, row), (12, 0), textcoords="offset points", va="center")
    if published is not None:
        color = COLOR["published"]
        axes.plot(published, rows, "D", ms=8, mfc="none", mew=1.8, color=color, label="published")
        axes.annotate(
            "published", (published[0], rows[0]), (-8, 0), textcoords="offset points",
            color=color, ha="right", va="center",
        )  # fmt: skip
    axes.set_yticks(rows, run.names)
    axes.set_xlim(0, 1.62)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="y")
    axes.set(xlabel="share of all requests", ylabel="tier")
    axes.xaxis.set_major_formatter(in_percent())
    axes.set_title(f"Of 1,000 requests, {1000 * run.share[-1]:.0f} reach the {run.names[-1]}")
    return axes


def draw_passed_on(sweep: TierSweep, axes: Axes) -> Axes:
    """Draw what a tier's hit ratio does to the tiers behind it, and to their hit ratios."""
    place = sweep.names.index(sweep.name)
    behind = sweep.names[place + 1]
    times = sweep.load[0, place + 1] / sweep.load[-1, place + 1]
    line = sweep.load[0, place] * (1 - sweep.hit_ratio)
    (misses,) = axes.plot(sweep.hit_ratio, line, "--", color=COLOR["formula"])
    misses.set_label(f"misses of the {sweep.name}")
    drawn = (("o", COLOR["simulation"], (6, 8)), ("s", COLOR["harm"], (2, -14)))
    for offset, (mark, color, away) in enumerate(drawn, start=1):
        if place + offset >= len(sweep.names):
            break
        name = f"reaches the {sweep.names[place + offset]}"
        (points,) = axes.plot(
            sweep.hit_ratio, sweep.load[:, place + offset], mark, color=color, label=name
        )
        middle = float(sweep.hit_ratio[len(sweep.hit_ratio) // 3])
        label_line(points, at=middle, offset=away).set(ha="left" if offset == 1 else "right")
    first, last = (percent(round(float(sweep.hit_ratio[i]), 2)) for i in (-1, 0))
    axes.set_title(
        f"From {first} to {last} at the {sweep.name}: {times:.1f} times the load on the {behind}"
    )
    axes.set(
        xlabel=f"hit ratio of the {sweep.name}", ylabel="share of all requests", ylim=(0, None)
    )
    axes.xaxis.set_major_formatter(in_percent())
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_staleness(plain: TtlSweep, purged: TtlSweep, axes: Axes) -> Axes:
    """Draw stale reads against load on the source, for times to live with and without purges."""
    rows = (
        (plain, "time to live only", COLOR["harm"], "o", "-."),
        (
            purged,
            f"and purges, {percent(purged.lost_purges)} of them lost",
            COLOR["remedy"],
            "s",
            "--",
        ),
    )
    for sweep, name, color, mark, dashes in rows:
        (line,) = axes.plot(
            sweep.load_by_formula, sweep.stale_by_formula, dashes, color=color, lw=1.2
        )
        line.set_label(f"{name}, by formula")
        axes.plot(sweep.load, sweep.stale, mark, color=color, label=name)
        for ttl, load, stale in zip(sweep.ttl, sweep.load, sweep.stale, strict=True):
            away, align = ((2, 10), "left") if sweep is plain else ((-3, -10), "right")
            write(seconds(ttl), (load, stale), axes, COLOR["context"], away, align)
        write(name, (sweep.load[0], sweep.stale[0]), axes, color, (12, -4))
    longest = -1
    ratio = plain.stale[longest] / purged.stale[longest]
    axes.set_title(
        f"A time to live trades load for lies; at {seconds(plain.ttl[longest])}, "
        f"purges take away all but 1/{ratio:.0f} of them"
    )
    axes.set(xscale="log", yscale="log", xlabel="reads at the source (per second)")
    axes.set(ylabel="share of reads that are stale")
    axes.yaxis.set_major_formatter(in_percent())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.margins(y=0.15)
    axes.set_xlim(min(plain.load[-1], purged.load[-1]) / 1.5, 8 * plain.load[0])
    return axes


def draw_moving_fame(promised: HitRatioCurve, seen: HitRatioCurve, axes: Axes) -> Axes:
    """Draw LRU's hit ratio where fame moves on, and what a formula takes it for."""
    size = np.asarray(seen.capacity, dtype=np.float64)
    expected = np.interp(np.log(size), np.log(promised.capacity), promised.hit_ratio)
    (points,) = axes.plot(size, seen.hit_ratio, "o", ms=5, color=COLOR["harm"])
    points.set_label("LRU, simulated")
    (line,) = axes.plot(size, expected, "--", color=COLOR["formula"], label="by Che's formula")
    higher = seen.hit_ratio[-1] >= expected[-1]
    label_line(points, offset=(6, 8 if higher else -8))
    label_line(line, offset=(6, -8 if higher else 8))
    off = 100 * float(np.abs(seen.hit_ratio - expected).max())
    axes.set_title(f"When fame moves on, the formula is off by up to {off:.0f} points")
    axes.set(xscale="log", xlim=(size[0] * 0.9, size[-1] * 5), ylim=(0, 1))
    axes.set(xlabel="room in the cache (keys)", ylabel="hit ratio")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def write(
    text: str,
    place: tuple[float, float],
    axes: Axes,
    color: str,
    offset: tuple[float, float] = (8, 0),
    align: str = "left",
) -> None:
    """Write beside a point, so many points of print to the right of it and above."""
    axes.annotate(
        text, place, offset, textcoords="offset points", color=color, ha=align, va="center"
    )
