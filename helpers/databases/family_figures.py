"""Five families of databases and five questions, drawn as a table of what each answer costs."""

from matplotlib.axes import Axes

from helpers.databases.families import FamilyTable
from helpers.databases.family_stores import Cost
from helpers.figure import COLOR

EASY, HARD = 4, 10
"""Times the records of the cheapest family: up to which it is easy, and from which it is hard."""
FEW = 10
"""Records that are never many, whatever the cheapest needs."""
FILLS = {
    "easy": COLOR["remedy_fill"],
    "between": COLOR["context_fill"],
    "hard": COLOR["harm_fill"],
}


def draw_families(table: FamilyTable, axes: Axes) -> Axes:
    """Draw how many records each family touches for each question, and in how many trips."""
    families = list(next(iter(table.costs.values())))
    hard = 0
    for kind, fill in FILLS.items():
        cells = [
            (column, row)
            for row, costs in enumerate(table.costs.values())
            for column, cost in enumerate(costs.values())
            if kind_of(cost, list(costs.values())) == kind
        ]
        hard += len(cells) if kind == "hard" else 0
        if cells:
            x, y = zip(*cells, strict=True)
            left = [column - 0.48 for column in x]
            axes.barh(y, 0.96, 0.86, left=left, color=fill)
            axes.plot(x, y, "none", label=kind)
    for row, costs in enumerate(table.costs.values()):
        for column, cost in enumerate(costs.values()):
            axes.annotate(in_words(cost), (column, row), ha="center", va="center", fontsize=9)
    axes.set_xticks(range(len(families)), families)
    axes.set_yticks(range(len(table.costs)), list(table.costs))
    axes.set(xlim=(-0.55, len(families) - 0.45), ylim=(len(table.costs) - 0.45, -0.55))
    axes.set(xlabel="family of databases", ylabel="question")
    axes.grid(visible=False)
    cells_in_all = len(families) * len(table.costs)
    axes.set_title(
        f"{hard} of {cells_in_all} touch more than {FEW} records, {HARD} times the cheapest"
    )
    return axes


def touched(cost: Cost) -> int:
    """Give the records that were read or written."""
    return cost.read + cost.written


def kind_of(cost: Cost, row: list[Cost]) -> str:
    """Say whether a question is easy for a family, beside the others."""
    times = touched(cost) / max(1, min(map(touched, row)))
    if times <= EASY or touched(cost) <= FEW:
        return "easy"
    return "hard" if times >= HARD else "between"


def in_words(cost: Cost) -> str:
    """Write a cost for a cell of the table."""
    records = f"{touched(cost):,} record{'s' if touched(cost) > 1 else ''}"
    return records if cost.trips == 1 else f"{records},\n{cost.trips} trips"
