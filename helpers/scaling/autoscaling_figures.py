"""Plans and policies drawn: how busy a tier may be, a plan for a day, and how the day went."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from helpers.figure import COLOR, in_percent, label_line, percent
from helpers.scaling.elastic_run import ElasticRun

Floats = NDArray[np.float64]

WINDOW = 300.0  # seconds: late requests are shown for five minutes at a time
CLOSE = 6.0  # hours: a span so short shows what is paid for beside what serves
RULE = 0.7
TICKS = [1, 2, 5, 10, 20, 50]


def draw_how_busy(load: Floats, servers: Sequence[float] | None, axes: Axes) -> Axes:
    """Draw how busy tiers of all sizes may be, beside the rule of 70 %.

    Parameters
    ----------
    load
        Servers kept busy, above 0, rising, shape (n,).
    servers
        Servers that each load needs, or None where that is not known yet.
    """
    (rule,) = axes.plot(load, np.full(load.size, RULE), "--", color=COLOR["context"], lw=1.5)
    rule.set_label("rule of thumb")
    label_line(rule, f"rule: {percent(RULE)}")
    if servers is None:
        axes.set_title("How busy may a tier be? That line is yours to draw")
    else:
        busy = load / np.asarray(servers, dtype=np.float64)
        (line,) = axes.plot(load, busy, color=COLOR["simulation"], label="in target")
        label_line(line)
        first, last = (percent(float(round(busy[i], 2))) for i in (0, -1))
        axes.set_title(f"A small tier may be {first} busy, a large one {last}")
    axes.set(xscale="log", xticks=TICKS, xticklabels=TICKS, xlim=(load[0], load[-1] * 1.25))
    axes.set(xlabel="load (servers kept busy)", ylabel="utilization", ylim=(0, 1.05))
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_plan(load: Floats, plan: Sequence[float] | None, constant: int, axes: Axes) -> Axes:
    """Draw a day's load by minute, one number of servers for all day, and an hourly plan.

    Parameters
    ----------
    load
        Servers kept busy in each minute, shape (1440,).
    plan
        Servers for each hour, shape (24,), or None where that is not known yet.
    constant
        Servers all day.
    """
    draw_load(np.arange(load.size) / 60, load, axes)
    harm, all_day = COLOR["harm"], f"all day: {24 * constant:,} server-hours"
    axes.plot([0, 24], [constant] * 2, "--", color=harm, label="one number all day")
    note(axes, all_day, (0.3, constant), (0, -6), harm, va="top")
    if plan is None:
        axes.set_title("One number for all day pays for the busiest minute around the clock")
    else:
        color, saved = COLOR["remedy"], 1 - sum(plan) / (24 * constant)
        axes.step(np.arange(25), [*plan, plan[-1]], where="post", color=color, label="by the hour")
        note(axes, f"by the hour: {sum(plan):,.0f}", (12, max(plan[12:16])), (0, 8), color)
        axes.set_title(f"A plan by the hour needs {percent(round(saved, 2))} fewer server-hours")
    axes.set(ylabel="servers", ylim=(0, constant * 1.15))
    clock(axes, (0, 24))
    return axes


def draw_day(
    run: ElasticRun,
    service_rate: float,
    target: float,
    limit: float,
    zoom: tuple[float, float],
    axes: NDArray[np.object_],
) -> None:
    """Draw load and servers over the day, below them who was late, and both again closer.

    Parameters
    ----------
    run
        A day.
    service_rate
        Requests per second that one server completes.
    target
        Seconds beyond which a response is late.
    limit
        Share of late requests that five minutes may have.
    zoom
        Hours to show on the right.
    axes
        Shape (2, 2).
    """
    for column, span in enumerate([(0, run.duration / 3600), zoom]):
        upper, lower = axes[:, column]
        draw_servers(run, service_rate, span, upper)
        draw_late(run, target, limit, span, lower)
        upper.set(xticklabels=[], xlabel="")
    servers, late = axes[0, 0], axes[1, 0]
    servers.set(ylabel="servers")
    late.set(ylabel="late")
    draw_key(axes[0, 1])
    note(axes[1, 1], f"at most {percent(limit)}", (zoom[1], limit), (5, 0), COLOR["context"])
    worst = run.worst_five_minutes(target).late_share
    servers.set_title(
        f"{brief(run.late_share(target))} late, {brief(worst)} in the worst five minutes; "
        f"{run.server_hours:,.0f} server-hours"
    )


def draw_servers(
    run: ElasticRun, service_rate: float, span: tuple[float, float], axes: Axes
) -> None:
    """Draw the load and the servers within some hours."""
    minutes = np.arange(60 * span[0], 60 * span[1] + 0.5)
    came = np.diff(np.searchsorted(run.arrival_time, 60 * np.append(minutes, minutes[-1] + 1)))
    hours, load = minutes / 60, came / 60 / service_rate
    serving, paid = run.serving(60 * minutes), run.paid(60 * minutes)
    draw_load(hours[:-1], load[:-1], axes)
    if span[1] - span[0] < CLOSE:
        axes.step(hours, paid, ":", where="post", color=COLOR["remedy"], lw=1.5, label="paid for")
    axes.step(hours, serving, where="post", color=COLOR["simulation"], lw=1.5, label="serving")
    axes.set_ylim(0, None)
    clock(axes, span)


def draw_late(
    run: ElasticRun, target: float, limit: float, span: tuple[float, float], axes: Axes
) -> None:
    """Draw the share of late requests, five minutes at a time."""
    late = run.late_share_by_window(target, WINDOW)
    late = np.append(late, late[-1])
    hours = np.arange(late.size) * WINDOW / 3600
    within = (hours >= span[0]) & (hours <= span[1])
    harm = COLOR["harm"]
    axes.fill_between(hours, late, step="post", color=COLOR["harm_fill"])
    axes.step(hours[within], late[within], where="post", color=harm, lw=1, label="late")
    axes.axhline(limit, color=COLOR["context"], lw=1, ls="--")
    axes.set_ylim(0, 1 if late.max() > 4 * limit else 4 * limit)
    clock(axes, span)
    axes.yaxis.set_major_formatter(in_percent())


def draw_load(hours: ArrayLike, load: Floats, axes: Axes) -> None:
    """Draw the load as a gray hill."""
    axes.fill_between(hours, load, color=COLOR["context_fill"])
    axes.plot(hours, load, color=COLOR["context"], lw=1, label="load (servers kept busy)")


def clock(axes: Axes, span: tuple[float, float]) -> None:
    """Label the hours of the day."""
    step = 3.0 if span[1] - span[0] > CLOSE else 0.5
    hours = np.arange(np.ceil(span[0] / step) * step, span[1] + step / 2, step)
    names = [f"{int(hour)}:{round(60 * (hour % 1)):02d}" for hour in hours]
    axes.set(xlim=span, xticks=hours, xticklabels=names, xlabel="time of day")


def draw_key(axes: Axes) -> None:
    """Name the lines beside the axes."""
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), fontsize=9, handlelength=1.2)


def note(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    color: str,
    va: str = "center",
) -> None:
    """Write beside a point."""
    axes.annotate(
        text, at, offset, textcoords="offset points", color=color, va=va, annotation_clip=False
    )


def brief(share: float) -> str:
    """Write a share with two digits.

    Examples
    --------
    >>> brief(0.00256), brief(1.0)
    ('0.26 %', '100 %')
    """
    return percent(float(f"{share:.2g}"))
