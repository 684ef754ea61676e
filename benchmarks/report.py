"""Tell what was measured: as lines on a screen, and as tables in docs/benchmarks.md."""

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from benchmarks import c_code
from benchmarks.first_use import COLD_TARGET, WARM_TARGET, FirstUse
from benchmarks.memory import TARGET
from benchmarks.moves import MODEL_TARGET, PICTURE_TARGET, Moves
from benchmarks.paired import Comparison, Result

REACHED, MISSED = "✓", "✗"

HEAD = """# Benchmarks

Made by `python3 course.py bench --write`; nothing here is written by hand.

All contenders run in one process and in turns, in shuffled order in every round. A ratio is
taken within a round, and the tables show its median, with the least and the most in
parentheses: above 1 the course is quicker. Speeds on their own depend on the machine, ratios
far less. Time is time of the processor, so other programs on the machine count little. Before
anything is timed, the contenders' answers are compared: C, SimPy and plain Python must give
the course's bits, Ciw (which adds up its own clock) the same to 10⁻⁹ s.

✓ and ✗ say whether a target is reached. No test depends on it.
"""


@dataclass(frozen=True)
class Section:
    """A part of docs/benchmarks.md.

    Attributes
    ----------
    title
        What was measured; also the name by which `bench` runs it.
    text
        Markdown.
    """

    title: str
    text: str


# The document


def write(document: Path, sections: Sequence[Section]) -> None:
    """Put sections into the document; those of other names stay as they are."""
    old = document.read_text(encoding="utf-8") if document.exists() else ""
    kept = {section.title: section for section in split(old)}
    kept.update({section.title: section for section in sections})
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(join(list(kept.values())), encoding="utf-8", newline="\n")


def split(document: str) -> Iterator[Section]:
    """Take a document apart at its second-level headings.

    Examples
    --------
    >>> [section.title for section in split("# All\\n\\n## one\\n\\ntext\\n\\n## two\\n\\nmore\\n")]
    ['one', 'two']
    """
    for part in f"\n{document}".split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        yield Section(title.strip(), text.strip())


def join(sections: Sequence[Section]) -> str:
    """Put the document together."""
    parts = [HEAD, *(f"## {section.title}\n\n{section.text}\n" for section in sections)]
    return "\n".join(parts)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table, numbers to the right.

    Examples
    --------
    >>> print(table(["", "ratio"], [["C", "0.9"]]))
    |  | ratio |
    |---|---:|
    | C | 0.9 |
    """
    line = "|---|" + "---:|" * (len(header) - 1)
    rules = [f"| {' | '.join(header)} |", line]
    return "\n".join([*rules, *(f"| {' | '.join(row)} |" for row in rows)])


# Peers


def topic_section(
    slug: str, results: Sequence[Result], timed: Mapping[str, str], machine: str
) -> Section:
    """Lay a topic's results out, a table for each scope.

    Parameters
    ----------
    timed
        For each scope, what the clock saw.
    machine
        What it was measured on, from before the run.
    """
    parts = [machine]
    for scope, told in timed.items():
        of_scope = [result for result in results if result.scenario.scope == scope]
        if of_scope:
            name = scope[:1].upper() + scope[1:]
            parts += [f"### {name}", told, ratio_table(of_scope), footnote(of_scope)]
    return Section(slug, "\n\n".join(parts))


def ratio_table(results: Sequence[Result]) -> str:
    """Give a row for each scenario and a column for each peer."""
    peers = list(dict.fromkeys(c.peer for result in results for c in result.comparisons))
    targets = {c.peer: c.target for result in results for c in result.comparisons}
    header = ["", "the course", *(peer_name(peer, targets[peer]) for peer in peers)]
    return table(header, [ratio_row(result, peers) for result in results])


def peer_name(peer: str, target: float | None) -> str:
    """Head a column: the ratio's denominator, and what it shall be at least."""
    return f"÷ {peer}" + ("" if target is None else f", ≥ {target:g}")


def ratio_row(result: Result, peers: Sequence[str]) -> list[str]:
    """Give a scenario's name, our speed, and the ratio to each peer."""
    by_peer = {comparison.peer: comparison for comparison in result.comparisons}
    cells = [ratio_cell(by_peer[peer]) if peer in by_peer else "–" for peer in peers]
    return [result.scenario.name, f"{number(result.rate / 1e6)} million/s", *cells]


def ratio_cell(comparison: Comparison) -> str:
    """Give the median in bold, then the least and the most."""
    ratio = comparison.ratio
    mark = ""
    if comparison.target is not None:
        mark = f" {REACHED if ratio.median >= comparison.target else MISSED}"
    return f"**{number(ratio.median)}**{mark} ({number(ratio.low)}–{number(ratio.high)})"


def footnote(results: Sequence[Result]) -> str:
    """Say how much was run, by which way of each peer, and who was absent."""
    first = results[0]
    told = [f"{first.requests:,} requests, fewer for slow peers; {first.rounds} rounds."]
    peers = dict.fromkeys(c.peer for r in results for c in r.comparisons if c.contender != c.peer)
    for peer in peers:
        ways = ((r.scenario.name, c) for r in results for c in r.comparisons if c.peer == peer)
        names = [f"{c.contender} ({name})" for name, c in ways]
        distinct = list(dict.fromkeys(name.rpartition(" (")[0] for name in names))
        told.append(f"{peer}: {distinct[0] if len(distinct) == 1 else '; '.join(names)}.")
    absent = dict.fromkeys(reason for result in results for reason in result.absent)
    return " ".join([*told, *(f"{reason[:1].upper()}{reason[1:]}." for reason in absent)])


def number(value: float) -> str:
    """Write a number with three digits at most, and no more than two after the point.

    Examples
    --------
    >>> number(0.914), number(31.26), number(5612.3)
    ('0.91', '31.3', '5,612')
    """
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def lines_of(result: Result) -> Iterator[str]:
    """Tell a scenario's result on the screen, a line for each peer."""
    scenario = result.scenario
    yield (
        f"{scenario.name}, {scenario.scope}: {number(result.rate / 1e6)} million/s "
        f"({result.requests:,} requests, {result.rounds} rounds)"
    )
    for comparison in result.comparisons:
        ratio = comparison.ratio
        spread = f"({number(ratio.low)} to {number(ratio.high)})"
        yield (
            f"  ÷ {comparison.peer:16} {number(ratio.median):>8} {spread:20} "
            f"{comparison.contender:24} {comparison.verdict}"
        ).rstrip()
    yield from (f"  absent: {reason}" for reason in result.absent)


# Explorer and memory


def moves_table(moves: Moves) -> str:
    """Give p50 and p95 of every stage, in milliseconds."""
    model = [name for name in moves.stages if name not in ("drawing", "encoding", "the rest")]
    sums = {
        " + ".join(model): (moves.together(*model), MODEL_TARGET),
        "drawing + encoding": (moves.together("drawing", "encoding"), PICTURE_TARGET),
    }
    rows = [milliseconds(name, seconds) for name, seconds in moves.stages.items()]
    rows += [milliseconds(name, both, target) for name, (both, target) in sums.items()]
    rows.append(milliseconds("the whole move", moves.whole))
    return table(["one move of a control", "p50, ms", "p95, ms", "p95 at most, ms"], rows)


def milliseconds(
    name: str, seconds: Sequence[float] | np.ndarray, target: float | None = None
) -> list[str]:
    """Give a row: median, 95th percentile, and whether that is within its target."""
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    verdict = "" if target is None else f"{1000 * target:g} {mark_of(p95 <= target)}"
    return [name, f"{1000 * p50:.1f}", f"{1000 * p95:.1f}", verdict]


def mark_of(is_reached: bool) -> str:
    """Give the mark for a target."""
    return REACHED if is_reached else MISSED


def first_use_table(uses: Sequence[FirstUse]) -> str:
    """Give what a learner waits for once, with an empty and with a full cache of kernels."""
    header = [
        "first use of all kernels",
        "kernels",
        "of it importing Numba, s",
        f"warm, ≤ {WARM_TARGET:g} s",
        f"cold, ≤ {COLD_TARGET:g} s",
    ]
    rows = [
        [
            f"`{use.notebook}`",
            str(use.kernels),
            f"{use.import_numba:.2f}",
            f"{use.warm:.2f} {mark_of(use.warm <= WARM_TARGET)}",
            f"{use.cold:.2f} {mark_of(use.cold <= COLD_TARGET)}",
        ]
        for use in uses
    ]
    return table(header, rows)


def memory_table(peaks: Mapping[str, int]) -> str:
    """Give the peak of each notebook's kernel."""
    header = ["notebook", f"peak resident, MB, < {TARGET / 1e6:g}"]
    return table(
        header,
        [
            [f"`{name}`", f"{peak / 1e6:.0f} {mark_of(peak < TARGET)}"]
            for name, peak in peaks.items()
        ],
    )


# The machine


def machine(packages: Sequence[str] = ("numpy", "numba")) -> str:
    """Say what this was measured on, and how busy it was with other things."""
    software = [f"Python {platform.python_version()}", *map(package_version, packages)]
    return (
        f"{processor()}, {os.cpu_count()} processors, {platform.system()}; "
        f"{', '.join([*filter(None, software), *c_code.versions()])}.{busyness()}"
    )


def package_version(name: str) -> str:
    """Give a package with its version, or nothing where it is not installed."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def processor() -> str:
    """Name the processor as well as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def busyness(load: Callable[[], tuple[float, float, float]] | None = None) -> str:
    """Say how much the machine has to do besides, where the system tells."""
    load = load or getattr(os, "getloadavg", None)
    if load is None:
        return ""
    return f" Load average before the run: {load()[0]:.1f}; this run itself adds 1."
