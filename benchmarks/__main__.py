"""Run benchmarks: `python3 course.py bench [NAME ...] [--rounds N] [--requests N] [--write]`.

NAME is a topic (its kernels against their peers), `explorer` (one move of a control, and the
first use of a notebook's kernels) or `memory` (the peak of a notebook's kernel); by default
all of them. `--write` puts what was measured into docs/benchmarks.md. Nothing fails on time.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from benchmarks import report
from benchmarks.clock import now
from benchmarks.first_use import time_first_use
from benchmarks.memory import measure_peak
from benchmarks.moves import time_moves
from benchmarks.notebooks import find_notebooks
from benchmarks.paired import run_scenario
from benchmarks.report import Section

FOLDER = Path(__file__).resolve().parent
DOCUMENT = FOLDER.parent / "docs" / "benchmarks.md"
NO_NOTEBOOK = "No notebook is built yet: run `python3 course.py build` first."


def find_topics(folder: Path = FOLDER) -> dict[str, ModuleType]:
    """Import every file that holds contenders, by the name of its topic."""
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "CONTENDERS")}


def bench_topic(slug: str, topic: ModuleType, rounds: int, requests: int) -> Section:
    """Run a topic's scenarios, telling each as it is done."""
    packages = getattr(topic, "PACKAGES", ())
    before = report.machine(("numpy", "numba", *packages))
    print(before, flush=True)
    results = []
    for scenario in topic.SCENARIOS:
        results.append(run_scenario(scenario, topic.CONTENDERS, requests, rounds, clock=now))
        print("\n".join(report.lines_of(results[-1])), flush=True)
    return report.topic_section(slug, results, topic.TIMED, before)


def bench_explorer(topics: dict[str, ModuleType], rounds: int) -> Section:
    """Time one move of each topic's explorer, then the first use of each notebook's kernels."""
    parts = [report.machine()]
    for slug, topic in topics.items():
        if hasattr(topic, "STAGES"):
            moves = time_moves(slug, topic.STAGES, rounds)
            parts += [f"### helpers.{slug}.explorer", report.moves_table(moves)]
            print("\n\n".join(parts[-2:]), flush=True)
    uses = [time_first_use(target) for target in find_notebooks()]
    parts += ["### First use", report.first_use_table(uses) if uses else NO_NOTEBOOK]
    print("\n\n".join(parts[-2:]), flush=True)
    return Section("explorer", "\n\n".join(parts))


def bench_memory() -> Section:
    """Measure the peak of each notebook's kernel."""
    peaks = {target.output_name: measure_peak(target) for target in find_notebooks()}
    text = report.memory_table(peaks) if peaks else NO_NOTEBOOK
    print(text, flush=True)
    return Section("memory", f"{report.machine()}\n\n{text}")


def parse(arguments: Sequence[str], names: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="course.py bench", description="Run the benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--rounds", type=at_least_one, default=7)
    parser.add_argument("--requests", type=at_least_one, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"there is no {', '.join(unknown)}: choose of {', '.join(names)}")
    return options


def at_least_one(text: str) -> int:
    """Read a whole number of at least 1."""
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return number


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for, or everything."""
    topics = find_topics()
    others = ("explorer", "memory")
    options = parse(arguments, [*topics, *others])
    benches: dict[str, Callable[[], Section]] = {
        slug: lambda slug=slug, topic=topic: bench_topic(  # type: ignore[misc]
            slug, topic, options.rounds, options.requests
        )
        for slug, topic in topics.items()
    }
    benches |= {"explorer": lambda: bench_explorer(topics, options.rounds), "memory": bench_memory}
    sections = [benches[name]() for name in options.names or benches]
    if options.write:
        report.write(DOCUMENT, sections)
        print(f"written: {DOCUMENT.relative_to(FOLDER.parent).as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
