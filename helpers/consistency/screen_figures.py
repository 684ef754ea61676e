"""What users saw, drawn: badges that go back, orders that nobody knows about, merged lists."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.consistency.screens import Badge, Outcomes
from helpers.figure import COLOR, in_seconds

KINDS = (
    ("answered", "told “done”", "simulation"),
    ("refused", "told “refused”", "context"),
    ("silent_done", "no answer, but done", "harm"),
    ("silent_not", "no answer, not done", "harm"),
)


def draw_badges(plain: Badge, mended: Badge | None, name: str, axes: Axes) -> Axes:
    """Draw the number that a badge shows.

    Parameters
    ----------
    plain
        With a client that trusts any copy.
    mended
        With one that does not, if there is one.
    name
        What that one does.
    """
    axes.step(plain.times, plain.numbers, where="post", color=COLOR["harm"], label="any copy")
    back = [
        (time, now)
        for time, now, before in zip(
            plain.times[1:], plain.numbers[1:], plain.numbers, strict=False
        )
        if now < before
    ]
    if back:
        axes.plot(*zip(*back, strict=True), "v", ms=7, color=COLOR["harm"], label="goes back")
        axes.annotate("any copy: goes back ▼", back[len(back) // 2], (14, -16),
                      textcoords="offset points", color=COLOR["harm"])  # fmt: skip
    title = f"The badge goes back {plain.steps_back} times"
    if mended is not None:
        color = COLOR["remedy"]
        axes.step(mended.times, mended.numbers, "--", where="post", color=color, label=name)
        place = next(i for i, n in enumerate(mended.numbers) if n >= 0.45 * max(mended.numbers))
        axes.annotate(name, (mended.times[place], mended.numbers[place]), (-30, 28),
                      textcoords="offset points", color=color, ha="right")  # fmt: skip
        title += f"; {name} {mended.steps_back} times"
    axes.set(xlabel="time", ylabel="unread messages on the badge", ylim=(-0.5, None))
    axes.xaxis.set_major_formatter(in_seconds())
    axes.set_title(title)
    return axes


def draw_outcomes(by_store: Mapping[str, Outcomes], axes: Axes) -> Axes:
    """Draw what buyers were told of their order, and what was really done."""
    names = list(by_store)
    rows = np.arange(len(names))[::-1]
    left = np.zeros(len(names))
    total = sum(next(iter(by_store.values()))[:4])
    for field, name, kind in KINDS:
        values = np.array([getattr(by_store[store], field) for store in names], dtype=float)
        fill = COLOR[kind] if field == "silent_done" else COLOR[f"{kind}_fill"]
        axes.barh(rows, values, 0.55, left, color=fill, label=name)
        for row, value, start in zip(rows, values, left, strict=True):
            if value >= 0.045 * total:
                color = "white" if field == "silent_done" else COLOR["formula"]
                axes.text(start + value / 2, row, f"{value:.0f}", ha="center", va="center",
                          color=color, fontsize=9.5)  # fmt: skip
        left += values
    for row, store in zip(rows, names, strict=True):
        if lost := by_store[store].lost:
            axes.text(total * 1.01, row, f"{lost} of “done”\nare gone", va="center",
                      color=COLOR["harm"], fontsize=9.5)  # fmt: skip
    for place, (_, name, kind) in zip((0, 0.22, 0.47, 0.76), KINDS, strict=True):
        fill = COLOR[kind] if name == KINDS[2][1] else COLOR[f"{kind}_fill"]
        edge = COLOR[kind]
        axes.plot(place * total + 1.5, rows[0] + 0.53, "s", ms=8, mfc=fill, mec=edge)
        axes.text(place * total + 5, rows[0] + 0.48, name, fontsize=9.5, color=edge)
    axes.set_yticks(rows, names, fontsize=10)
    axes.set(xlim=(0, total * 1.16), ylim=(-0.5, len(names) - 0.2))
    axes.set(xlabel=f"orders, of {total}", ylabel="store")
    axes.grid(visible=False, axis="y")
    done = sum(outcome.silent_done for outcome in by_store.values())
    silent = done + sum(outcome.silent_not for outcome in by_store.values())
    axes.set_title(f"No answer is not “no”: {done} of {silent} silent orders were done")
    return axes


def draw_merges(
    orders: Sequence[str], outcomes: Mapping[str, Sequence[Iterable[str]]], axes: Axes
) -> Axes:
    """Draw what is left on a list, for each order of merging and each way to merge.

    Parameters
    ----------
    orders
        Names of the orders in which copies were merged.
    outcomes
        For each way to merge, the items left after each order; the first way is the one to
        beware of.
    """
    lists = {name: [set(items) for items in kept] for name, kept in outcomes.items()}
    items = sorted(set().union(*(kept for all_kept in lists.values() for kept in all_kept)))
    styles = (("harm", "o", -0.14), ("remedy", "s", 0.14))
    for (name, all_kept), (kind, mark, aside) in zip(lists.items(), styles, strict=False):
        points = [
            (place + aside, items.index(item))
            for place, kept in enumerate(all_kept)
            for item in sorted(kept)
        ]
        axes.plot(*zip(*points, strict=True), mark, ms=9, color=COLOR[kind], label=name)
        left = -0.4 if kind == "harm" else 2.0
        axes.text(left, len(items) - 0.2, f"{'●■'[kind == 'remedy']} {name}", color=COLOR[kind])
    axes.set_xticks(range(len(orders)), list(orders))
    axes.set_yticks(range(len(items)), items)
    axes.set(xlabel="merged in this order", ylabel="on the list")
    axes.set(ylim=(-0.5, len(items) + 0.2), xlim=(-0.5, len(orders) - 0.5))
    worst, best = lists.values()
    same = all(kept == best[0] for kept in best) and all(kept == worst[0] for kept in worst)
    title = f"All {len(orders)} orders agree" if same else "The orders do not agree"
    axes.set_title(f"{title}; the set keeps {len(best[0])} items, the last writer {len(worst[0])}")
    return axes
