"""HTTP caching drawn: what a return visit costs, how long old pages live, and who saw what."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, NullFormatter
from numpy.typing import NDArray

from helpers.figure import COLOR, in_percent, label_line
from helpers.http_caching.old_pages import Tail, find_tail
from helpers.http_caching.savings import Savings
from helpers.http_caching.site import DAY, HOUR, MINUTE
from helpers.http_caching.variants import VaryRun
from helpers.http_caching.week import BROKEN, FAILED, OLD, Week

LOOKS = (("harm", "-"), ("simulation", "-."), ("remedy", "--"), ("context", ":"))
HOURLY = np.arange(0.0, 31 * HOUR, HOUR)


def draw_policies(weeks: Mapping[str, Week], axes: NDArray[Any]) -> NDArray[Any]:
    """Draw what a return visit downloads under each policy, and how often it goes wrong."""
    names = list(weeks)
    kilobytes = [week.mean(week.received) / 1e3 for week in weeks.values()]
    wrong = [week.share(OLD) + week.share(BROKEN) for week in weeks.values()]
    left, right = axes
    for side, lengths, color, label in (
        (left, kilobytes, COLOR["simulation_fill"], "kB of a return visit"),
        (right, wrong, COLOR["harm_fill"], "old or broken page"),
    ):
        bars = side.barh(range(len(names)), lengths, color=color, label=label)
        side.set_yticks(range(len(names)), names)
        side.invert_yaxis()
        side.grid(visible=False, axis="y")
        side.bar_label(
            bars,
            [f"{v:.0f} kB" if side is left else f"{v:.1%}" for v in lengths],
            padding=4,
            fontsize=9,
        )
    left.set(xlabel="downloaded by a return visit (kB)", xlim=(0, max(kilobytes) * 1.18))
    right.set(xlabel="visits with an old or broken page", xlim=(0, max(0.01, *wrong) * 1.25))
    right.set_yticklabels([])
    right.xaxis.set_major_formatter(in_percent())
    *_, second, dearest = sorted(kilobytes)
    dear, bad = names[int(np.argmax(kilobytes))], names[int(np.argmax(wrong))]
    left.set_title(f"{dear}: {dearest:.0f} kB. The others: at most {second:.0f} kB")
    right.set_title(f"{bad}: {max(wrong):.0%} get a wrong page")
    return axes


def draw_tails(tails: Mapping[str, tuple[Tail, Any]], axes: Axes) -> Axes:
    """Draw who is not shown the current page against the time since a deploy, with formulas.

    Parameters
    ----------
    tails
        By name: what was counted, and the formula at the edges of its bins or None.
    axes
        Where to draw.
    """
    for (name, (tail, formula)), (color, _) in zip(tails.items(), LOOKS, strict=False):
        hours = tail.edges / HOUR
        axes.plot(
            (hours[1:] + hours[:-1]) / 2,
            tail.not_current,
            "o",
            ms=4,
            color=COLOR[color],
            label=name,
        )
        if formula is not None:
            (line,) = axes.plot(hours, formula, "--", lw=1.4, color=COLOR["formula"])
            line.set_label(f"{name}, by formula")
            place = int(np.argmin(np.abs(formula - formula[0] / 2)))
            axes.annotate(
                name,
                (hours[place], formula[place]),
                xytext=(9, 6),
                textcoords="offset points",
                color=COLOR[color],
            )
    axes.set(xlim=(0, 30), ylim=(0, None), xlabel="hours since the deploy")
    axes.set_ylabel("visits with an old page")
    axes.xaxis.set_major_locator(MultipleLocator(4))
    axes.yaxis.set_major_formatter(in_percent())
    axes.set_title("An old page lives exactly as long as the header said, and nobody can recall it")
    return axes


def draw_purge(weeks: Mapping[str, Week], purged_at: float, axes: Axes) -> Axes:
    """Draw who is not shown the current page, hour by hour, around a purge of the CDN."""
    for (name, week), (color, dashes) in zip(weeks.items(), LOOKS, strict=False):
        tail = find_tail(week, HOURLY)
        hours = HOURLY[:-1] / HOUR
        (line,) = axes.step(
            hours, np.nan_to_num(tail.not_current), dashes, where="post", color=COLOR[color]
        )
        line.set_label(name)
    axes.axvline(purged_at / HOUR, color=COLOR["context"], lw=1)
    axes.text(purged_at / HOUR + 0.3, 1.04, "purge", color=COLOR["context"], fontsize=9)
    axes.set(xlim=(0, 30), ylim=(0, 1.2), xlabel="hours since the deploy")
    axes.set_yticks(np.linspace(0, 1, 5))
    axes.set_ylabel("visits with an old page")
    axes.yaxis.set_major_formatter(in_percent())
    axes.legend(loc="upper right", fontsize=9)
    axes.set_title("A purge empties the CDN. The browsers keep theirs")
    return axes


def draw_outage(weeks: Mapping[str, Week], down: tuple[float, float], axes: Axes) -> Axes:
    """Draw the share of visits that got no page, in quarters of an hour."""
    edges = np.arange(down[0] - HOUR, down[1] + HOUR + 1, 15 * MINUTE)
    worst = []
    for (name, week), (color, dashes) in zip(weeks.items(), LOOKS, strict=False):
        slot = np.searchsorted(edges, week.visits.time, side="right") - 1
        inside = (slot >= 0) & (slot < edges.size - 1)
        visits = np.bincount(slot[inside], minlength=edges.size - 1)
        failed = np.bincount(slot[inside & (week.page == FAILED)], minlength=edges.size - 1)
        share = failed / np.maximum(visits, 1)
        worst.append(share.max())
        hours = (edges[:-1] - down[0]) / HOUR
        (line,) = axes.step(hours, share, dashes, where="post", color=COLOR[color], label=name)
        place = int(np.flatnonzero(hours >= 0.5 + 0.5 * len(worst))[0])
        line.set_label(name)
        axes.annotate(
            name,
            (hours[place], share[place]),
            xytext=(0, 7),
            textcoords="offset points",
            color=COLOR[color],
        )
    axes.axvspan(0, (down[1] - down[0]) / HOUR, color=COLOR["context_fill"], alpha=0.5, lw=0)
    axes.set(xlabel="hours since the origin went down", ylabel="visits that get no page")
    axes.set(
        ylim=(0, 1.2), yticks=np.linspace(0, 1, 5), xlim=(-1, (down[1] - down[0]) / HOUR + 0.75)
    )
    axes.yaxis.set_major_formatter(in_percent())
    axes.set_title(f"One directive: {max(worst):.0%} of visits get no page, or {min(worst):.0%}")
    return axes


def draw_vary(run: VaryRun, axes: Axes) -> Axes:
    """Draw the hit ratio of a shared cache against the number of variants."""
    (line,) = axes.plot(run.variants, run.by_formula, "--", color=COLOR["formula"])
    line.set_label("by formula")
    axes.plot(run.variants, run.hit_ratio, "o", color=COLOR["simulation"], label="simulated")
    label_line(line, "formula", at=run.variants[-2], offset=(4, 12))
    axes.set(xscale="log", ylim=(0, 1.08), xlabel="values of the header that Vary names")
    axes.set_ylabel("answered by the cache")
    axes.set_xticks(run.variants, [f"{count:,}" for count in run.variants])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(in_percent())
    axes.set_title(
        f"From one variant to {run.variants[-1]:,}: the origin gets "
        f"{(1 - run.hit_ratio[-1]) / (1 - run.hit_ratio[0]):.0f} times the requests"
    )
    return axes


def draw_savings(savings: Savings, axes: Axes) -> Axes:
    """Draw the bytes of a return visit by kind of resource, now and with better headers."""
    kinds = [row.kind for row in savings.rows]
    places = np.arange(len(kinds))
    for shift, name, color, cost in (
        (-0.2, "now", COLOR["harm_fill"], [row.now for row in savings.rows]),
        (0.2, "with better headers", COLOR["remedy_fill"], [row.better for row in savings.rows]),
    ):
        sizes = [c.size / 1e3 for c in cost]
        bars = axes.barh(places + shift, sizes, height=0.38, color=color, label=name)
        axes.bar_label(bars, [say(c.requests, c.size) for c in cost], padding=4, fontsize=9)
    axes.set_yticks(places, kinds)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    largest = max(row.now.size for row in savings.rows) / 1e3
    axes.set(xlabel="downloaded by a return visit (kB)", xlim=(0, max(largest, 1) * 1.35))
    axes.legend(loc="lower right", fontsize=9)
    now, then = savings.now, savings.better
    axes.set_title(
        f"{now.requests} requests to wait for and {now.size / 1e3:.0f} kB become "
        f"{then.requests} and {then.size / 1e3:.0f} kB"
    )
    return axes


def say(requests: int, size: int) -> str:
    """Write down a cost.

    Examples
    --------
    >>> say(1, 300), say(0, 600), say(0, 0)
    ('1 request, 0.3 kB', '0.6 kB in the background', 'nothing')
    """
    if requests == 0:
        return f"{size / 1e3:.1f} kB in the background" if size else "nothing"
    return f"{requests} request{'' if requests == 1 else 's'}, {size / 1e3:.1f} kB"


def in_words(share: float) -> str:
    """Write down a share, with decimals where it is small.

    Examples
    --------
    >>> in_words(0.204), in_words(0.0042), in_words(0)
    ('20%', '0.42%', '0%')
    """
    return f"{share:.2%}" if 0 < share < 0.01 else f"{share:.0%}"


def draw_fortnight(week: Week, before: Week | None, axes: NDArray[Any]) -> NDArray[Any]:
    """Draw what a return visit costs, and who sees what after a deploy; before it in gray."""
    left, right = axes
    runs: Sequence[tuple[str, Week, str]] = [("Thursday's", week, COLOR["simulation_fill"])]
    if before is not None:
        runs = [("Thursday's", before, COLOR["context_fill"])]
        runs = [*runs, ("yours", week, COLOR["simulation_fill"])]
    for place, (name, run, color) in enumerate(runs):
        kilobytes = run.mean(run.received) / 1e3
        bars = left.barh([place], [kilobytes], height=0.5, color=color, label=f"{name}, kB")
        left.bar_label(bars, [f"{kilobytes:.0f} kB"], padding=4)
    left.set_yticks(range(len(runs)), [name for name, _, _ in runs])
    left.set(xlim=(0, week.site.first_visit_bytes / 1e3), ylim=(-0.8, len(runs) - 0.2))
    left.set(xlabel="downloaded by a return visit (kB)")
    left.grid(visible=False, axis="y")
    left.set_title(f"Of {week.site.first_visit_bytes / 1e3:.0f} kB that a first visit needs")
    edges = np.arange(0, DAY + 1, 2 * HOUR)
    hours = edges / HOUR
    if before is not None:
        gray = np.nan_to_num(find_tail(before, edges).not_current)
        right.stairs(gray, hours, fill=True, color=COLOR["context_fill"], label="Thursday's")
    tail = find_tail(week, edges)
    both, old = np.nan_to_num(tail.not_current), np.nan_to_num(tail.old)
    right.stairs(both, hours, fill=True, color=COLOR["harm_fill"])
    right.stairs(old, hours, fill=True, color=COLOR["simulation_fill"])
    for share, color, name in (
        (both, "harm", "old or broken"),
        (old, "simulation", "old, but works"),
    ):
        (line,) = right.step(
            hours, np.append(share, share[-1]), where="post", lw=1.2, color=COLOR[color]
        )
        line.set_label(name)
    words = [(f"broken: {in_words(week.share(BROKEN))} of all visits", "harm")]
    words += [(f"old, but works: {in_words(week.share(OLD))}", "simulation")]
    words = words if both.max() > 0 else []
    words += [("gray: with Thursday's headers", "context")] if before is not None else []
    for row, (text, color) in enumerate(words):
        y, shade = 0.97 - 0.085 * row, COLOR[color]
        right.text(0.98, y, text, color=shade, ha="right", va="top", transform=right.transAxes)
    top = max(0.65, 1.42 * float(both.max()))
    right.set(xlim=(0, 24), ylim=(0, top), xlabel="hours since the deploy")
    right.set_yticks(np.arange(0, min(top, 1.01), 0.25 if top > 1 else 0.1))
    right.set_ylabel("of the visits")
    right.yaxis.set_major_formatter(in_percent())
    right.set_title(
        f"{in_words(week.share(BROKEN))} of all visits end on a broken page"
        if both.max() > 0
        else "Nobody sees an old page or a broken one"
    )
    return axes
