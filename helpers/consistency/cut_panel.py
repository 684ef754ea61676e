"""The picture of the cut network: each request as a mark, and who was served meanwhile."""

from collections.abc import Callable, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.consistency.cut_view import FRESH, LASTS, NOTHING, PEOPLE, STALE, CutView
from helpers.figure import COLOR, in_seconds
from helpers.label import add_label

Move = Callable[[CutView], Sequence[Artist]]
MARKS = ((FRESH, "o", "simulation"), (STALE, "D", "harm"), (NOTHING, "x", "context"))
CUT = "#f1ece6"
"""The time of the cut. Opaque: to blend takes time."""


def draw_cut_panel(figure: Figure) -> Move:
    """Lay out marks and bars; give the function that moves them."""
    left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
    parts = draw_requests(left), draw_served(right)

    def update(view: CutView) -> Sequence[Artist]:
        return [artist for move in parts for artist in move(view)]

    return update


def draw_requests(axes: Axes) -> Move:
    """Draw a row of marks for each person."""
    rows = {name: len(PEOPLE) - 1 - place for place, name in enumerate(PEOPLE)}
    axes.set(xlim=(-0.05, LASTS + 0.05), ylim=(-0.6, 3.2), xlabel="time", yticks=[*rows.values()])
    axes.set_yticklabels([f"{name}\nasks {node}" for name, node in PEOPLE.items()], fontsize=10)
    axes.tick_params(axis="y", left=False)
    axes.grid(visible=False)
    axes.xaxis.set_major_formatter(in_seconds())
    axes.set_title("Each request, when it was asked")
    band = axes.axvspan(0, 1, color=CUT, lw=0)
    name_of_cut = add_label(axes, 0, -0.55, color=COLOR["context"], fontsize=9)
    for place, (outcome, mark, kind) in zip((0.0, 0.65, 1.7), MARKS, strict=True):
        axes.plot(
            [place + 0.03], [2.85], mark, ms=7, color=COLOR[kind], mew=2 if mark == "x" else 0
        )
        axes.text(place + 0.1, 2.85, outcome, color=COLOR[kind], fontsize=9, va="center")
    marks = {
        (name, outcome): axes.plot(
            [], [], mark, ms=7, mew=2 if mark == "x" else 0, color=COLOR[kind],
            label=f"{name}: {outcome}",
        )[0]
        for name in PEOPLE
        for outcome, mark, kind in MARKS
    }  # fmt: skip

    def move(view: CutView) -> Sequence[Artist]:
        band.set_x(view.since)
        band.set_width(view.until - view.since)
        name_of_cut.set_text(f"{view.alone} is cut off" if view.is_cut else "")
        name_of_cut.set_x(view.since + 0.03)
        for (name, outcome), line in marks.items():
            times = view.points[name][outcome]
            line.set_data(times, [rows[name]] * len(times))
        return [band, name_of_cut, *marks.values()]

    return move


def draw_served(axes: Axes) -> Move:
    """Draw the shares of answers, stale answers and none, for each person."""
    rows = {name: len(PEOPLE) - 1 - place for place, name in enumerate(PEOPLE)}
    axes.set(xlim=(0, 1), ylim=(-1.15, 3.2), yticks=[*rows.values()], xticks=[])
    axes.set_yticklabels(list(rows), fontsize=10)
    axes.tick_params(left=False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_title("While the network is cut")
    nothing = {
        name: axes.barh(y, 1, 0.5, color=COLOR["context_fill"])[0] for name, y in rows.items()
    }
    stale = {name: axes.barh(y, 1, 0.5, color=COLOR["harm_fill"])[0] for name, y in rows.items()}
    fresh = {
        name: axes.barh(y, 1, 0.5, color=COLOR["simulation_fill"])[0] for name, y in rows.items()
    }
    texts = {name: add_label(axes, 0.02, y, va="center", fontsize=9) for name, y in rows.items()}
    verdict = add_label(axes, 0.0, -0.75, va="center", fontsize=10, fontweight="bold")

    def move(view: CutView) -> Sequence[Artist]:
        for name, counts in view.counts.items():
            asked = max(sum(counts.values()), 1)
            fresh[name].set_width(counts[FRESH] / asked)
            stale[name].set_width((counts[FRESH] + counts[STALE]) / asked)
            texts[name].set_text(tell(counts))
        could = view.is_explained
        verdict.set_text(
            "as if there were one copy" if could else "✗ no single copy can have said this"
        )
        verdict.set_color(COLOR["remedy"] if could else COLOR["harm"])
        return [*nothing.values(), *stale.values(), *fresh.values(), *texts.values(), verdict]

    return move


def tell(counts: dict[str, int]) -> str:
    """Say in a few words what one person got.

    Examples
    --------
    >>> tell({FRESH: 6, STALE: 4, NOTHING: 0})
    '6 answered, 4 stale'
    """
    names = ((FRESH, "answered"), (STALE, "stale"), (NOTHING, "refused"))
    return ", ".join(f"{counts[key]} {name}" for key, name in names if counts[key])
