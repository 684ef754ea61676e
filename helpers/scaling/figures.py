"""Scaling drawn: the peak, the price, the sessions, the threads, and the page of forty calls."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, NullFormatter

from helpers.figure import COLOR, in_percent, in_seconds, label_line, percent, seconds
from helpers.scaling.capacity import Plan
from helpers.scaling.concurrency import ConcurrencyRun
from helpers.scaling.page import TAIL_AT_SCALE, PageRun, chance_of_slow
from helpers.scaling.scalability import Floats, ScalabilityFit
from helpers.scaling.sessions import SessionRun
from helpers.statistics import quantile


def draw_scalability(fit: ScalabilityFit, axes: Axes) -> Axes:
    """Draw measured throughput, the law through it, and the peak it implies."""
    most = fit.servers[-1] * 1.25
    n = np.linspace(1, most, 300)
    fitted, margin = fit.predict(n), fit.margins_in_errors * fit.predict_error(n)
    if np.isfinite(margin).all():
        band = axes.fill_between(n, fitted - margin, fitted + margin, lw=0, label="95 % band")
        band.set_color(COLOR["context_fill"])
    ideal = n[n * fit.gamma <= 1.25 * max(fitted.max(), fit.throughput.max())]
    (alone,) = axes.plot(ideal, ideal * fit.gamma, ":", color=COLOR["context"])
    alone.set_label("if nothing were shared")
    label_line(alone)
    axes.plot(n, fitted, "--", color=COLOR["formula"], label="the law, fitted")
    axes.plot(fit.servers, fit.throughput, "o", color=COLOR["simulation"], label="measured")
    peak, color = fit.peak_servers, COLOR["harm"]
    if peak < most:
        axes.axvspan(peak, most, color=COLOR["harm_fill"], alpha=0.5, lw=0)
        axes.plot([peak], [fit.peak_throughput], "v", color=color, ms=9, label="peak")
        note = f"peak at {peak:.0f}{plus_minus(fit.margins_in_errors * fit.peak_error)} servers"
        write(note, (peak, fit.peak_throughput), axes, color, offset=(0, 16), align="center")
        axes.set_title(f"Past {peak:.0f} servers, each one more makes all of them together slower")
    else:
        axes.set_title(f"Up to {fit.servers[-1]:.0f} servers, no peak in sight")
    return with_throughput_axes(axes, most)


def draw_extrapolation(short: ScalabilityFit, full: ScalabilityFit, axes: Axes) -> Axes:
    """Draw what a short load test promises, and what a longer one then shows."""
    last, most = short.servers[-1], full.servers[-1]
    n = np.linspace(1, most * 1.1, 300)
    axes.axvspan(0, last, color=COLOR["context_fill"], alpha=0.6, lw=0)
    (promised,) = axes.plot(n, short.predict(n), "-.", color=COLOR["harm"])
    promised.set_label(f"promised by tests up to {last:.0f} servers")
    label_line(promised, at=most * 0.6, offset=(-8, 10)).set(ha="right")
    (fitted,) = axes.plot(n, full.predict(n), "--", color=COLOR["formula"], label="by all tests")
    label_line(fitted, at=most * 0.6, offset=(0, -14))
    axes.plot(full.servers, full.throughput, "o", color=COLOR["simulation"], label="measured")
    ratio = float(short.predict(most) / full.predict(most))
    axes.set_title(
        f"Tests up to {last:.0f} servers promise {ratio:.1f} times what {most:.0f} servers do"
    )
    return with_throughput_axes(axes, n[-1])


def draw_costs(vertical: Plan, horizontal: Plan, axes: Axes) -> Axes:
    """Draw the price of each demand with one machine and with many, to where one ends."""
    demand = vertical.demand
    one, many = (
        np.where(plan.is_possible, plan.cost_per_hour, np.nan) for plan in (vertical, horizontal)
    )
    axes.set(xscale="log", yscale="log", xlabel="demand (requests/s)", ylabel="cost ($/h)")
    (single,) = axes.plot(demand, one, "-.", color=COLOR["simulation"], drawstyle="steps-mid")
    (fleet,) = axes.plot(demand, many, color=COLOR["remedy"], drawstyle="steps-mid")
    single.set_label("one machine, ever larger")
    fleet.set_label("many machines")
    jump = demand[1 + int(np.nanargmax(one[1:] / one[:-1]))]
    label_line(single, at=jump, offset=(-10, 0)).set(ha="right")
    label_line(fleet, at=demand[-1] ** 0.6 * demand[0] ** 0.4, offset=(8, -14))
    title = f"One machine costs up to {np.nanmax(one / many):.0f} times as much as many"
    if vertical.ceiling < demand[-1]:
        axes.axvspan(vertical.ceiling, demand[-1], color=COLOR["harm_fill"], alpha=0.5, lw=0)
        color = COLOR["harm"]
        place = (vertical.ceiling, axes.get_ylim()[0])
        write("no machine is\nlarge enough", place, axes, color, offset=(6, 18))
        title += f", and ends at {vertical.ceiling:,.0f} requests/s"
    axes.set_title(title)
    axes.set_xlim(demand[0], demand[-1])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(in_thousands())
    return axes


def draw_failure(vertical: Plan, horizontal: Plan, spared: Plan, axes: Axes) -> Axes:
    """Draw how much of the demand is turned away while one machine is down."""
    demand = horizontal.demand
    for plan, name, dashes, color, offset in (
        (horizontal, "just enough machines", "-", COLOR["simulation"], (2, 36)),
        (vertical, "one machine", "-.", COLOR["harm"], (0, 10)),
        (spared, "one more than enough", "--", COLOR["remedy"], (-4, -11)),
    ):
        (line,) = axes.plot(demand, plan.lost_with_one, dashes, color=color, label=name)
        label_line(line, at=demand[0] ** 0.7 * demand[-1] ** 0.3, offset=offset)
    last = np.flatnonzero(horizontal.is_possible)[-1]
    share = float(f"{horizontal.lost_with_one[last]:.1g}")
    axes.set_title(
        "While one machine is down: of one, all is turned away; "
        f"of {horizontal.machines[last]}, {percent(share)}"
    )
    axes.set(xscale="log", xlabel="demand (requests/s)", ylabel="demand turned away")
    axes.set(xlim=(demand[0], demand[-1]), ylim=(-0.15, 1.15), yticks=np.linspace(0, 1, 5))
    axes.xaxis.set_major_formatter(in_thousands())
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_logged_out(memory: SessionRun, drained: SessionRun, store: SessionRun, axes: Axes) -> Axes:
    """Draw how often people have been logged out by each hour of the day."""
    for run, name, dashes, color in (
        (memory, "in memory", "-", COLOR["harm"]),
        (drained, "in memory, drained", "-.", COLOR["simulation"]),
        (store, "in a shared store", "--", COLOR["remedy"]),
    ):
        total = np.cumsum(run.logged_out)
        (line,) = axes.plot(run.time / 3600, total, dashes, color=color, label=name)
        label_line(line, f"{name}: {total[-1]:,}")
    axes.set_title(
        f"The same day: {memory.logged_out.sum():,} logged out with sessions in memory, "
        f"{store.logged_out.sum():,} with a store"
    )
    axes.set(ylabel="logged out so far", ylim=(0, None))
    return over_a_day(memory, axes)


def draw_sign_ins(run: SessionRun, axes: Axes) -> Axes:
    """Draw how many people sign in each minute, those again who were logged out."""
    hours = run.time[1:] / 3600
    signed_in, own = run.signed_in[1:], (run.signed_in - run.logged_out)[1:]
    axes.fill_between(hours, own, signed_in, color=COLOR["harm_fill"], lw=0)
    axes.plot(hours, signed_in, color=COLOR["harm"], lw=1.2, label="all sign-ins")
    axes.plot(hours, own, color=COLOR["context"], lw=1.2, label="of their own accord")
    top = int(signed_in.argmax())
    ratio = signed_in[top] / max(own[top], 1)
    axes.set_title(
        f"A rush on the sign-in: {signed_in[top]:,} in one minute, {ratio:.1f} times usual"
    )
    write("logged out, signing in again", (hours[top], signed_in[top]), axes, COLOR["harm"])
    calm = int(hours.size * 0.43)  # in the morning, when no server is removed
    place = (hours[calm], own[calm])
    write("of their own accord", place, axes, COLOR["context"], offset=(0, 26), align="right")
    axes.set(ylabel="sign-ins a minute", ylim=(0, None))
    return over_a_day(run, axes)


def draw_imbalance(memory: SessionRun, store: SessionRun, axes: Axes) -> Axes:
    """Draw how many times the mean the fullest server carries."""
    hours = memory.time / 3600
    worst = int(memory.imbalance.argmax())
    (sticky,) = axes.plot(hours, memory.imbalance, color=COLOR["harm"], lw=1.5, label="in memory")
    (even,) = axes.plot(hours, store.imbalance, "--", color=COLOR["remedy"])
    even.set_label("in a shared store")
    label_line(sticky, at=hours[worst], offset=(8, 0))
    label_line(even, at=hours[hours.size // 2], offset=(0, -12))
    axes.set_title(
        f"New servers stand empty: the fullest one carries {memory.imbalance[worst]:.1f} "
        "times the mean"
    )
    axes.set(ylabel="fullest server / mean", ylim=(0, None))
    return over_a_day(memory, axes)


def draw_in_flight(pool: ConcurrencyRun, loop: ConcurrencyRun, axes: Axes) -> Axes:
    """Draw the requests in flight, in a pool beside those of them that have a thread."""
    at = np.linspace(0, pool.done.max(), 500)
    in_pool, begun, in_loop = pool.in_flight(at), pool.begun(at), loop.in_flight(at)
    axes.plot(at, in_pool, color=COLOR["harm"], label="thread pool")
    (held,) = axes.plot(at, begun, "-.", color=COLOR["simulation"], lw=1.5, label="have a thread")
    axes.plot(at, in_loop, "--", color=COLOR["remedy"], label="event loop")
    top, most = int(in_pool.argmax()), int(in_loop.argmax())
    write("thread pool", (at[top], in_pool[top]), axes, COLOR["harm"])
    write("event loop", (at[most], in_loop[most]), axes, COLOR["remedy"], (0, 10), "right")
    if (full := np.flatnonzero(begun == pool.threads)).size:
        label_line(held, at=at[full[-1]], offset=(10, 6))
    waiting = int((in_pool - begun).max())
    axes.set_title(
        f"All {pool.threads} threads wait for a slow backend, {waiting:,} requests for a thread"
        if waiting
        else f"{pool.threads} threads are enough: no request waits for one"
    )
    axes.set(xlabel="time (s)", ylabel="requests in flight", xlim=(0, at[-1]), ylim=(0, None))
    axes.yaxis.set_major_formatter(in_thousands())
    return shade_slow_time(pool, axes, height=0.94)


def draw_slow_backend(pool: ConcurrencyRun, loop: ConcurrencyRun, axes: Axes) -> Axes:
    """Draw the p99 of those requests that never call the slow backend, second by second."""
    worst = []
    for run, name, dashes, color in (
        (pool, f"pool of {pool.threads} threads", "-", COLOR["harm"]),
        (loop, "event loop", "--", COLOR["remedy"]),
    ):
        second, p99 = p99_by_second(run)
        (line,) = axes.plot(second, p99, dashes, color=color, label=name)
        label_line(line, at=run.requests.slow[1], offset=(8, 10))
        worst.append(short_seconds(p99.max()))
    axes.set_title(
        f"A backend that they never call slows down: p99 {worst[0]} in a pool, {worst[1]} in a loop"
    )
    axes.set(yscale="log", xlabel="time of arrival (s)", ylabel="p99 of the other requests")
    axes.set_xlim(0, second[-1])
    axes.yaxis.set_major_formatter(in_seconds())
    return shade_slow_time(pool, axes, height=0.4)


def draw_heavy_requests(pool: ConcurrencyRun, loop: ConcurrencyRun, axes: Axes) -> Axes:
    """Draw how many of the light requests take longer than a time, beside a few heavy ones."""
    is_light = ~pool.requests.is_heavy
    in_pool, in_loop = pool.response_time[is_light], loop.response_time[is_light]
    pool_p99, loop_p99 = quantile(in_pool, 0.99), quantile(in_loop, 0.99)
    fair = draw_tail(in_pool, "thread pool", "--", COLOR["remedy"], axes)
    late = draw_tail(in_loop, "event loop", "-", COLOR["harm"], axes)
    label_line(fair, f"thread pool, p99 {short_seconds(pool_p99)}", at=pool_p99, offset=(8, 10))
    name = f"event loop, p99 {short_seconds(loop_p99)}"
    label_line(late, name, at=loop_p99, offset=(-10, -8)).set(ha="right")
    axes.set_title(
        f"In an event loop, {1000 * (1 - is_light.mean()):.0f} heavy requests in 1,000 make "
        f"the others' p99 {loop_p99 / pool_p99:.0f} times as long"
    )
    axes.set(xlabel="response time of the light requests", xlim=(0, None))
    return with_tail_axes(axes)


def draw_chance_of_slow(runs: Sequence[PageRun], axes: Axes) -> Axes:
    """Draw the share of pages with a call beyond the p99, by formula, simulated, published."""
    calls = [run.call_time.shape[1] for run in runs]
    shares = [run.share_slow for run in runs]
    n = np.arange(1, max(TAIL_AT_SCALE[0], *calls) + 1)
    color, source = COLOR["published"], "Dean and Barroso (2013)"
    axes.plot(*([x] for x in TAIL_AT_SCALE), "D", color=color, ms=12, mfc="none", label=source)
    write(source, TAIL_AT_SCALE, axes, color, offset=(-12, 6), align="right")
    (line,) = axes.plot(n, chance_of_slow(n), "--", color=COLOR["formula"], label="1 − 0.99ⁿ")
    label_line(line, at=n[n.size // 2], offset=(-6, 10)).set(ha="right")
    values, margins = [s.value for s in shares], [s.half_width for s in shares]
    color = COLOR["simulation"]
    axes.errorbar(calls, values, margins, fmt="none", color=color, capsize=3)
    axes.plot(calls, values, "o", color=color, label="simulated")
    typical = min(calls, key=lambda count: abs(count - 40))
    axes.set_title(
        f"A page of {typical} calls meets a call beyond p99 in "
        f"{percent(float(chance_of_slow(typical)))} of its loads"
    )
    axes.set(xlabel="calls of a page", ylabel="pages with a call\nbeyond its p99")
    axes.set(xlim=(0, n[-1] * 1.04), ylim=(0, None))
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_page_times(run: PageRun, axes: Axes) -> Axes:
    """Draw how many calls, and how many pages, take longer than a time."""
    call_time, page_time = run.call_time.ravel(), run.page_time
    medians = []
    for times, name, dashes, color in (
        (call_time, "a call", "--", COLOR["context"]),
        (page_time, f"a page of {run.call_time.shape[1]}", "-", COLOR["harm"]),
    ):
        line = draw_tail(times, name, dashes, color, axes)
        median = quantile(times, 0.5)
        axes.plot([median], [0.5], "o", color=color, label=f"median of {name}")
        label_line(line, f"{name}: {short_seconds(median)}", at=median, offset=(8, 8))
        medians.append(median)
    share = np.mean(call_time <= medians[1])
    axes.set_title(
        f"The middle page takes as long as a p{100 * share:.1f} call: "
        f"{medians[1] / medians[0]:.1f} times the middle call"
    )
    axes.set(xscale="log", xlabel="time")
    axes.xaxis.set_minor_formatter(NullFormatter())
    return with_tail_axes(axes)


def with_throughput_axes(axes: Axes, most: float) -> Axes:
    """Finish axes that show the throughput of up to so many servers."""
    axes.set(xlabel="servers", ylabel="throughput (requests/s)", xlim=(0, most), ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(in_thousands())
    return axes


def draw_tail(times: Floats, name: str, dashes: str, color: str, axes: Axes) -> Line2D:
    """Draw the share of all times that are longer than each, down to one in a thousand."""
    shares = np.geomspace(1, 1e-3, 300)[1:]
    longer = quantile(times, (1 - shares).tolist())
    (line,) = axes.plot(longer, shares, dashes, color=color, label=name)
    return line


def with_tail_axes(axes: Axes) -> Axes:
    """Finish axes that show which share takes longer than a time."""
    axes.set(yscale="log", ylim=(1e-3, 1.3), ylabel="share that takes longer")
    axes.yaxis.set_major_formatter(in_percent())
    axes.xaxis.set_major_formatter(in_seconds())
    return axes


def over_a_day(run: SessionRun, axes: Axes) -> Axes:
    """Finish axes whose x is the hour of the day."""
    hours = run.time[-1] / 3600
    axes.set(xlabel="hour of the day", xlim=(0, hours))
    axes.xaxis.set_major_locator(MultipleLocator(3 if hours > 6 else 1))
    axes.yaxis.set_major_formatter(in_thousands())
    return axes


def shade_slow_time(run: ConcurrencyRun, axes: Axes, height: float) -> Axes:
    """Shade the time in which the one backend is slow, and say so at a height from 0 to 1."""
    start, end = run.requests.slow
    if end > start:
        axes.axvspan(start, end, color=COLOR["context_fill"], alpha=0.6, lw=0, zorder=0)
        note = axes.text((start + end) / 2, height, "one backend is slow", color=COLOR["context"])
        note.set(transform=axes.get_xaxis_transform(), ha="center", va="center")
    return axes


def write(
    text: str,
    place: tuple[float, float],
    axes: Axes,
    color: str,
    offset: tuple[float, float] = (8, 2),
    align: str = "left",
) -> None:
    """Write beside a point, so many points of print to the right of it and above."""
    axes.annotate(
        text, place, offset, textcoords="offset points", color=color, ha=align, va="center"
    )


def p99_by_second(run: ConcurrencyRun) -> tuple[Floats, Floats]:
    """Give the p99 of the requests to the other backend, by the second in which they came."""
    others = ~run.requests.is_exposed
    came_in = run.requests.arrival_time[others].astype(np.int64)
    times = run.response_time[others]
    second = np.unique(came_in)
    p99 = [quantile(times[came_in == moment], 0.99) for moment in second]
    return second.astype(np.float64), np.array(p99)


def short_seconds(value: float) -> str:
    """Write a duration with two digits."""
    return seconds(float(f"{value:.2g}"))


def plus_minus(half_width: float) -> str:
    """Write half an interval, if there is one."""
    return f" ± {half_width:.0f}" if math.isfinite(half_width) else ""


def in_thousands() -> FuncFormatter:
    """Give a tick formatter that writes 12,000 for twelve thousand."""
    return FuncFormatter(lambda value, _: f"{value:,.10g}")
