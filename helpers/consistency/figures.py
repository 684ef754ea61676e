"""Histories as timelines, and what waiting for more copies costs and gives, drawn."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from helpers.consistency.histories import Operation, by_time
from helpers.consistency.latency_fits import PUBLISHED
from helpers.consistency.pbs import QuorumRun
from helpers.consistency.trade_off import QuorumChoice
from helpers.figure import COLOR, in_percent, in_seconds, label_line, percent, seconds

BAR = 0.42


def draw_history(
    operations: Iterable[Operation], offender: Operation | None, title: str, axes: Axes
) -> Axes:
    """Draw who asked when, for what, and when the answer came; the offending read is marked.

    Parameters
    ----------
    operations
        In any order. One without an answer runs on to the right edge.
    offender
        The one whose answer cannot be, if any.
    title
        What is to be seen.
    """
    shown = by_time(operations)
    places = place_in_rows(shown)
    names = list(dict.fromkeys(places))
    start = min(o.invoked for o in shown)
    last = max(o.invoked if o.returned is None else o.returned for o in shown)
    width = last - start
    for operation, name in zip(shown, places, strict=True):
        row = len(names) - 1 - names.index(name)
        is_wrong = operation is offender
        draw_operation(operation, row, start, last + 0.06 * width, is_wrong, axes)
    axes.set_yticks(range(len(names)), list(reversed(names)), fontsize=10)
    axes.set(ylim=(-0.6, len(names) - 0.25), xlim=(-0.03 * width, 1.08 * width))
    axes.xaxis.set_major_formatter(in_seconds())
    axes.set(
        xlabel=f"time since {seconds(round(start, 3))}" if start else "time", ylabel="who asks"
    )
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", left=False)
    axes.set_title(title)
    return axes


def place_in_rows(shown: Sequence[Operation]) -> list[str]:
    """Give each operation its row: its process, and another one for what came after no answer.

    Examples
    --------
    >>> lost = Operation("ann", 0, None, "write", "x", 1, None)
    >>> place_in_rows([lost, Operation("ann", 2, 3, "read", "x", None, 1)])
    ['ann', 'ann, later']
    """
    rows: list[str] = []
    silent: set[str] = set()
    for operation in shown:
        name = str(operation.process)
        while name in silent:
            name += ", later"
        rows.append(name)
        if operation.returned is None:
            silent.add(name)
    return rows


def draw_operation(
    operation: Operation, row: int, start: float, right: float, is_wrong: bool, axes: Axes
) -> None:
    """Draw one bar from the question to the answer, and say above it what it was."""
    is_write = operation.function not in ("read", "get")
    kind = "harm" if is_wrong else "simulation" if is_write else "context"
    end = right if operation.returned is None else operation.returned
    label = f"{operation.process} {word_of(operation)}" + (", which cannot be" if is_wrong else "")
    bar = axes.barh(
        row, end - operation.invoked, BAR, operation.invoked - start,
        color=COLOR[f"{kind}_fill"], edgecolor=COLOR[kind], lw=2 if is_wrong else 1, label=label,
    )  # fmt: skip
    if operation.returned is None:
        bar[0].set_linestyle("--")
    middle = (operation.invoked + end) / 2 - start
    text = word_of(operation) + (" ✗" if is_wrong else "")
    axes.annotate(
        text, (middle, row + BAR / 2), (0, 3), textcoords="offset points", ha="center",
        color=COLOR[kind], fontweight="bold" if is_wrong else "normal", fontsize=9.5,
    )  # fmt: skip


def word_of(operation: Operation) -> str:
    """Write what was asked for and heard, in a few letters.

    Examples
    --------
    >>> word_of(Operation("ann", 0, 1, "read", "x", None, None))
    'sees nothing'
    >>> word_of(Operation("ann", 0, None, "write", "x", "a1", None))
    'writes a1, no answer yet'
    """
    if operation.function in ("read", "get"):
        if operation.returned is None:
            return "reads, no answer yet"
        return "sees nothing" if operation.result in (None, "") else f"sees {operation.result}"
    ending = "" if operation.is_known else ", no answer yet"
    return f"{operation.function}s {operation.argument}{ending}"


def draw_days(shares: Mapping[str, tuple[float, float]], axes: Axes) -> Axes:
    """Draw on what share of days one copy could not have given the answers, for each store.

    Parameters
    ----------
    shares
        For each store's name, the share of calm days and of bad ones, from 0 to 1.
    """
    rows = np.arange(len(shares))[::-1]
    calm, bad = np.array(list(shares.values())).T
    kinds = ((0.2, calm, "calm", "calm days"), (-0.2, bad, "bad", "days with short cuts"))
    for up, values, short, name in kinds:
        kind = "context" if short == "calm" else "harm"
        axes.barh(rows + up, values, 0.36, color=COLOR[f"{kind}_fill"], label=name)
        for row, value in zip(rows, values, strict=True):
            text = f"{short} {percent(round(float(value), 3))}" if value else f"{short}: never"
            axes.annotate(text, (value, row + up), (5, 0), textcoords="offset points",
                          va="center", color=COLOR[kind if value else "remedy"])  # fmt: skip
    axes.set_yticks(rows, list(shares), fontsize=10)
    axes.set(xlim=(0, 1.12), ylabel="store")
    axes.set(xlabel="share of days that one copy could not have given")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(in_percent())
    axes.grid(visible=False, axis="y")
    never = sum(not (a or b) for a, b in shares.values())
    axes.set_title(f"{never} of {len(shares)} stores behave like one copy on every day")
    return axes


def draw_staleness(runs: Sequence[QuorumRun], axes: Axes) -> Axes:
    """Draw the share of stale reads against the time since the commit; diamonds are published."""
    times = np.geomspace(1e-4, 0.2, 80)
    styles = (("harm", "-", 0.2), ("simulation", "--", 0.06), ("remedy", "-.", 0.006))
    for run, (kind, dashes, height) in zip(runs, styles, strict=False):
        stale = 1 - run.fresh_share(times)
        (line,) = axes.plot(times, np.where(stale > 0, stale, np.nan), dashes, color=COLOR[kind])
        line.set_label(f"R = {run.r}, W = {run.w}, {run.fit.name}")
        is_left = kind == "simulation"
        at = float(times[np.flatnonzero(stale > height)[-1]])
        name = label_line(line, at=at, offset=(-8, -8) if is_left else (10, 4))
        name.set_horizontalalignment("right" if is_left else "left")
        for row in PUBLISHED[run.fit.name]:
            if (row.r, row.w) == (run.r, run.w):
                place = row.t_visibility
                (diamond,) = axes.plot(place, 1e-3, "D", ms=9, mfc="none", mew=1.8)
                diamond.set(color=COLOR["published"], label="published, 99.9 % fresh")
    axes.axhline(1e-3, color=COLOR["context"], lw=1, ls=":")
    for text, up, kind in (("99.9 % fresh", 8, "context"), ("◇ published", -9, "published")):
        axes.annotate(text, (1.0, 1e-3), (-4, up), textcoords="offset points", ha="right",
                      color=COLOR[kind], va="center")  # fmt: skip
    axes.set(xscale="log", yscale="log", ylim=(2e-4, 1.2), xlim=(times[0], 1.0))
    axes.set(xlabel="read begins so long after “saved”", ylabel="stale reads")
    axes.xaxis.set_major_formatter(in_seconds())
    axes.yaxis.set_major_formatter(in_percent())
    first = runs[0]
    axes.set_title(
        f"“Saved” is not “visible”: {percent(round(1 - first.fresh_at_once, 2))} stale at once, "
        f"one in a thousand after {seconds(float(f'{first.t_visibility(0.999):.2g}'))}"
    )
    return axes


def draw_trade_off(choices: Sequence[QuorumChoice], share: float, axes: Axes) -> Axes:
    """Draw each R and W by how long a write and a read take, and how many reads are stale."""
    strict = [choice for choice in choices if choice.is_strict]
    loose = [choice for choice in choices if not choice.is_strict]
    for group, kind, mark, name in (
        (loose, "harm", "o", "R + W ≤ N"), (strict, "remedy", "s", "R + W > N"),
    ):  # fmt: skip
        waits = [choice.both_latencies for choice in group]
        stale = [1 - choice.fresh_at_once for choice in group]
        axes.plot(waits, stale, mark, ms=8, color=COLOR[kind], label=name)
    names = name_places(choices)
    fresh = [place for place in names if place[1] == 0]
    for place, together in names.items():
        is_low = place in fresh[::2] and len(together) == 1  # every other one, to keep them apart
        axes.annotate(", ".join(together), place, (0, -13 if is_low else 12), ha="center",
                      textcoords="offset points", va="center", fontsize=9)  # fmt: skip
    quick = min(choices, key=lambda choice: choice.both_latencies)
    sure = min(strict, key=lambda choice: choice.both_latencies)
    axes.set(xscale="log", xlabel=f"a write plus a read, each at its {100 * share:g}th percentile")
    axes.set(ylabel="stale reads, at once", ylim=(-0.09, 0.7))
    axes.set_xlim(0.008, 0.25)
    axes.xaxis.set_major_locator(FixedLocator([0.01, 0.02, 0.05, 0.1, 0.2]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(in_seconds())
    axes.yaxis.set_major_formatter(in_percent())
    axes.set_title(
        f"From {percent(round(1 - quick.fresh_at_once, 2))} stale reads to none: "
        f"{' become '.join(seconds(float(f'{c.both_latencies:.3g}')) for c in (quick, sure))}"
    )
    return axes


def name_places(choices: Sequence[QuorumChoice]) -> dict[tuple[float, float], list[str]]:
    """Give each point its name; points that lie on top of each other share one place."""
    places: dict[tuple[float, float], list[str]] = {}
    for choice in sorted(choices, key=lambda choice: choice.both_latencies):
        stale = 1 - choice.fresh_at_once
        near = [(x, y) for x, y in places if choice.both_latencies < 1.06 * x and y == stale]
        place = near[0] if near else (choice.both_latencies, stale)
        places.setdefault(place, []).append(f"R{choice.r} W{choice.w}")
    return places
