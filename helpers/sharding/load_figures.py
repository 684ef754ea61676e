"""Load drawn: what shards are worth for writes, a hot key split, fan-outs, and a live move."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.figure import COLOR, in_percent, label_line, percent
from helpers.sharding.resharding import ReshardRun
from helpers.sharding.scatter import ScatterRun
from helpers.sharding.splitting import SaltingSweep


def draw_worth(shards: Sequence[int], worth: Mapping[str, Sequence[float]], axes: Axes) -> Axes:
    """Draw how many times the writes of one server a number of shards bears."""
    axes.plot(shards, shards, "--", color=COLOR["formula"], lw=1.2, label="all shards alike")
    looks = ((COLOR["simulation"], "o"), (COLOR["harm"], "s"), (COLOR["harm"], "^"))
    for (name, values), (color, mark) in zip(worth.items(), looks, strict=False):
        (line,) = axes.plot(shards, values, f"{mark}-", ms=6, color=color, label=name)
        label_line(line, offset=(10, 0))
    last = [f"{values[-1]:.0f} with {name}" for name, values in worth.items()]
    axes.set_title(f"{shards[-1]} shards are worth {', '.join(last)}")
    axes.set(xscale="log", yscale="log", xlim=(0.9, 4.5 * shards[-1]), xlabel="shards")
    axes.set(ylabel="writes, in those of one server")
    axes.set_xticks(shards)
    axes.set_yticks(shards)
    axes.minorticks_off()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    return axes


def draw_salts(sweep: SaltingSweep, axes: Axes) -> Axes:
    """Draw what more names for a hot key do to its writes, and to whoever reads it."""
    (writes,) = axes.plot(
        sweep.salts, sweep.max_over_mean, "o-", color=COLOR["remedy"],
        label="writes: fullest server / mean",
    )  # fmt: skip
    (reads,) = axes.plot(
        sweep.salts, sweep.servers_asked, "s--", color=COLOR["harm"],
        label="reads: servers to ask",
    )  # fmt: skip
    label_line(writes, offset=(10, 0))
    label_line(reads, offset=(10, 0))
    axes.set_title(
        f"{sweep.salts[-1]} names: writes from {sweep.max_over_mean[0]:.1f} to "
        f"{sweep.max_over_mean[-1]:.1f} times the mean, reads from {sweep.servers_asked[0]} to "
        f"{sweep.servers_asked[-1]} servers"
    )
    axes.set(xscale="log", xlim=(0.9, 5 * sweep.salts[-1]), ylim=(0, None))
    axes.set(xlabel="names for the hot key", ylabel="servers, or times the mean")
    axes.set_xticks(sweep.salts)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    return axes


def draw_fan_out(runs: Sequence[ScatterRun], formula: Sequence[float], axes: Axes) -> Axes:
    """Draw the share of requests that meet a slow shard, for more and more shards asked."""
    shards = [run.shards for run in runs]
    (line,) = axes.plot(shards, formula, "--", color=COLOR["formula"], label="1 − (1 − p)ⁿ")
    met = [float(run.met_hiccup.mean()) for run in runs]
    (points,) = axes.plot(shards, met, "o", color=COLOR["simulation"], label="simulated")
    label_line(line, at=shards[-1], offset=(12, 8))
    label_line(points, at=shards[-1], offset=(12, -8))
    one, many = (percent(round(share, 2)) for share in (met[0], met[-1]))
    axes.set_title(
        f"{one} of a shard's answers are slow, and {many} of the searches that ask {shards[-1]}"
    )
    axes.set(xscale="log", xlim=(0.9, 2.6 * shards[-1]), ylim=(0, 1))
    axes.set(xlabel="shards asked", ylabel="requests that wait for a slow one")
    axes.set_xticks(shards)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_steps(runs: Mapping[str, ReshardRun], axes: Axes) -> Axes:
    """Draw what a move costs: writes lost for good, and requests that went wrong meanwhile."""
    names = list(runs)
    rows = np.arange(len(names))[::-1]
    lost = [run.lost_writes for run in runs.values()]
    wrong = [run.stale_reads + run.failed for run in runs.values()]
    for values, fill, up, label in (
        (lost, "harm", 0.19, "writes lost for good"),
        (wrong, "harm_fill", -0.19, "requests refused or answered with an old value"),
    ):
        axes.barh(rows + up, values, 0.36, color=COLOR[fill], label=label)
        for row, value in zip(rows, values, strict=True):
            if value or up > 0:
                words = f"{value:,} {label}" if value else "none lost"
                if not value and not wrong[int(rows[0] - row)]:
                    words = "nothing lost, nobody noticed"
                axes.annotate(
                    words, (value, row + up), (5, 0), textcoords="offset points", va="center",
                    fontsize=9,
                )  # fmt: skip
    axes.set_yticks(rows, names)
    axes.set_xlim(0, 1.75 * max(*lost, *wrong, 1))
    axes.set(xlabel="writes, requests", ylabel="left out")
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    bad = sum(not run.is_clean for name, run in runs.items())
    axes.set_title(f"Of {len(runs)} ways to move a shard, {bad} hurt somebody")
    return axes
