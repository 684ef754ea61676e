"""Crashes, and what they leave behind, drawn."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.databases.saga import Left
from helpers.figure import COLOR


def draw_crashes(rows: Mapping[str, Sequence[Left]], axes: Axes) -> Axes:
    """Draw a square for each moment of a crash: filled where something is wrong afterwards.

    Parameters
    ----------
    rows
        By name, what was left behind after a crash at each moment in turn.
    """
    longest = max(len(lefts) for lefts in rows.values())
    for row, (name, lefts) in enumerate(rows.items()):
        is_harmed = np.array([bool(left.harm) for left in lefts])
        place = np.arange(len(lefts))
        for chosen, color, marker, what in (
            (~is_harmed, COLOR["remedy"], "s", "well"),
            (is_harmed, COLOR["harm"], "X", "harmed"),
        ):
            full = "none" if what == "well" else color
            axes.plot(
                place[chosen], np.full(chosen.sum(), row), marker, ms=9, mfc=full, mew=1.6,
                color=color, label=f"{name}, {what}",
            )  # fmt: skip
        axes.annotate(
            tell_harm(lefts, int(is_harmed.sum())), (longest - 0.4, row), (0, 0),
            textcoords="offset points", va="center",
            color=COLOR["harm"] if is_harmed.any() else COLOR["remedy"],
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(xlim=(-0.8, 1.9 * longest), ylim=(len(rows) - 0.4, -0.6))
    axes.set_xticks(range(0, longest, 2))
    axes.set(xlabel="moment at which the process dies (even: just before a step, odd: just after)")
    axes.set_ylabel("checkout")
    axes.grid(visible=False, axis="y")
    told = [f"{name} {count_harm(lefts)} of {len(lefts)}" for name, lefts in rows.items()]
    both = told if len(told) < 3 else [told[0], told[-1]]
    axes.set_title(f"Crashes that leave harm behind: {', '.join(both)}")
    return axes


def count_harm(lefts: Sequence[Left]) -> int:
    """Count the runs after which something is wrong."""
    return sum(bool(left.harm) for left in lefts)


def tell_harm(lefts: Sequence[Left], harmed: int) -> str:
    """Say in how many runs something is wrong, and what it is most often."""
    if not harmed:
        return f"all {len(lefts)} end well"
    (what, _), *_ = Counter(left.harm for left in lefts if left.harm).most_common(1)
    return f"{harmed} of {len(lefts)}, mostly: {what}"
