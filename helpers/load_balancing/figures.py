"""Health, routing and stickiness drawn: who gets an error, who gets nothing, who is logged out."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from helpers.figure import COLOR, in_percent, label_line, percent
from helpers.load_balancing.cascade import CascadeRun
from helpers.load_balancing.connections import ConnectionRun, share_after
from helpers.load_balancing.health import ActiveCheck, flapping
from helpers.load_balancing.outages import OutageRun
from helpers.load_balancing.stickiness import StickyChange

STYLES = (("-", "harm"), ("--", "simulation"), ("-.", "remedy"), (":", "context"))


def draw_outage(runs: Mapping[str, OutageRun], servers: int, axes: Axes) -> Axes:
    """Draw the share of requests that fail, second by second, by who notices.

    Parameters
    ----------
    runs
        By the name of who notices, at most four.
    servers
        In the tier.
    """
    begin = next(iter(runs.values())).ill[0]
    fair, edges = 1 / servers, begin + np.arange(-10.0, 51.0)
    words = []
    for (name, run), (dashes, color) in zip(runs.items(), STYLES, strict=False):
        share = run.error_share(edges)
        errors = int((run.is_error & (run.arrival_time < edges[-1])).sum())
        axes.plot(edges[:-1] - begin, share, dashes, color=COLOR[color], label=name, lw=1.8)
        words.append(f"{name}: {errors:,}")
    axes.axhline(fair, color=COLOR["context"], lw=1)
    axes.annotate(
        f"1/{servers} of all",
        (50, fair),
        (5, 0),
        textcoords="offset points",
        va="center",
        color=COLOR["context"],
        annotation_clip=False,
    )
    axes.legend(
        axes.lines[: len(runs)], words, loc="upper right", title="failed within 50 s", fontsize=9
    )
    axes.set_title(f"A dead server fails {percent(float(f'{fair:.2g}'))} of all until it is found")
    axes.set(xlabel="seconds since it died", ylabel="requests that fail", ylim=(0, 2.6 * fair))
    axes.set_xlim(-10, 50)
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_flapping(checks: Sequence[ActiveCheck], axes: Axes) -> Axes:
    """Draw how often an hour a server that fails now and then goes out and in."""
    shares = np.linspace(0.005, 0.995, 200)
    styles = (("-", "harm"), ("-.", "simulation"), ("--", "remedy"))
    tops = []
    for check, (dashes, color) in zip(checks, styles, strict=False):
        flaps = np.array([flapping(check, float(share)).flaps_per_hour for share in shares])
        (line,) = axes.plot(shares, flaps, dashes, color=COLOR[color])
        probes = "probe" if check.unhealthy == 1 else "probes in a row"
        line.set_label(f"out after {check.unhealthy} {probes}")
        top = int(flaps.argmax())
        short = "1 probe" if check.unhealthy == 1 else f"{check.unhealthy} in a row"
        label_line(line, short, at=float(shares[top]), offset=(0, -11)).set(ha="center")
        tops.append(flaps[top])
    axes.set_title(
        f"A shaky server is taken out up to {tops[0]:.0f} times an hour, or {tops[-1]:.0f} with "
        f"{checks[-1].unhealthy} in a row"
    )
    axes.set(xlabel="share of its answers that are errors", ylabel="times taken out, an hour")
    axes.set(xlim=(0, 1), ylim=(0, max(tops) * 1.2))
    axes.xaxis.set_major_formatter(in_percent())
    return axes


def draw_cascade(
    believed: CascadeRun, panicking: CascadeRun, axes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Draw servers in rotation and what is answered, with and without a panic threshold."""
    titles = ("Checks always believed", "Not believed below half")
    for run, title, color, each in zip(
        (believed, panicking), titles, ("harm", "remedy"), axes, strict=True
    ):
        minutes = run.time / 60
        share = percent(round(run.answered_share, 2))
        each.fill_between(minutes, run.answered, color=COLOR[f"{color}_fill"], lw=0)
        each.plot(minutes, run.answered, color=COLOR[color], lw=1, label="answered in time")
        each.step(minutes, run.rotation, color=COLOR["context"], lw=1.5, label="in rotation")
        each.plot(minutes, run.load, "--", color=COLOR["formula"], lw=1.2, label="load")
        each.set_title(f"{title}: {share} answered")
        each.set(xlabel="minutes", ylim=(0, run.servers * 1.04), xlim=(0, minutes[-1]))
        each.xaxis.set_major_locator(MultipleLocator(1))
    axes[0].set_ylabel("servers")
    axes[1].set_yticklabels([])
    axes[1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), fontsize=9, handlelength=1.4)
    return axes


def draw_new_server(runs: Mapping[str, ConnectionRun], mean_lifetime: float, axes: Axes) -> Axes:
    """Draw what share of the requests a new server gets, by what the balancer sees."""
    first = next(iter(runs.values()))
    servers = first.requests.shape[1]
    for (name, run), (dashes, color) in zip(runs.items(), STYLES, strict=False):
        minutes = run.time / 60
        (line,) = axes.plot(minutes, run.new_share, dashes, color=COLOR[color], lw=1.8)
        line.set_label(name)
        label_line(line)
    later = first.time[first.time >= 0]
    expected = [share_after(float(second), servers, mean_lifetime) for second in later]
    (line,) = axes.plot(later / 60, expected, ":", color=COLOR["formula"], lw=1.5)
    line.set_label("layer 4, formula")
    label_line(line, at=float(later[-1]) / 60 * 0.7, offset=(0, -14)).set(ha="left")
    at = int(np.searchsorted(first.time, 600))
    got, fair = first.new_share[at], 1 / servers
    axes.set_title(
        f"Ten minutes on, the new server gets {percent(round(float(got), 3))} of the requests "
        f"where {percent(fair)} would be fair"
    )
    axes.set(xlabel="minutes since the server was added", ylabel="requests it gets")
    axes.set(xlim=(-10, minutes[-1]), ylim=(0, 1.5 * fair))
    axes.yaxis.set_major_formatter(in_percent())
    return axes


def draw_sticky(changes: Sequence[StickyChange], axes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Draw who is logged out when a server leaves, and how uneven the work was before."""
    left, right = axes
    names = [change.way for change in changes]
    places = np.arange(len(changes))[::-1]
    logged_out = [change.logged_out for change in changes]
    uneven = [change.imbalance for change in changes]
    for each, values, color, label in (
        (left, logged_out, "harm_fill", "logged out"),
        (right, uneven, "simulation_fill", "busiest server over the mean"),
    ):
        each.set_yticks(places, names)
        each.barh(places, values, color=COLOR[color], label=label)
        each.grid(visible=False)
    for place, share, ratio in zip(places, logged_out, uneven, strict=True):
        near = {"textcoords": "offset points", "va": "center"}
        left.annotate(percent(round(share, 3)), (share, place), (4, 0), **near)
        right.annotate(f"{ratio:.2f}", (ratio, place), (4, 0), **near)
    servers = changes[0].before.size
    left.set_title(f"One of {servers} servers leaves: logged out")
    right.set_title("Before that: the busiest server")
    left.set(xlim=(0, 1.15), xlabel="share of the users")
    left.xaxis.set_major_formatter(in_percent())
    right.set(xlim=(0, max(uneven) * 1.2), xlabel="its work over the mean", yticklabels=[])
    return axes
