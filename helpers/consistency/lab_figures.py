"""What the learner's rules are worth, drawn."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from helpers.figure import COLOR


def draw_rules(unexplained: Mapping[str, int], days: int, axes: Axes) -> Axes:
    """Draw for each way to read on how many days one copy could not have given the answers."""
    names = list(unexplained)
    for row, name in enumerate(reversed(names)):
        count = unexplained[name]
        kind = "harm" if count else "remedy"
        axes.barh(row, count, 0.5, color=COLOR[f"{kind}_fill"], label=name)
        text = f"{count} of {days} days" if count else "none: like one copy, every day"
        axes.annotate(text, (count, row), (6, 0), textcoords="offset points", va="center",
                      color=COLOR[kind])  # fmt: skip
    axes.set_yticks(range(len(names)), reversed(names), fontsize=10)
    axes.set(xlim=(0, days), ylim=(-0.6, len(names) - 0.4), ylabel="who reads")
    axes.set(xlabel="days that one copy could not have given")
    axes.grid(visible=False, axis="y")
    last = names[-1]
    axes.set_title(f"On {unexplained[last]} of {days} days the checker catches: {last}")
    return axes
