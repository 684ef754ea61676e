"""What a run of the tests says at its end: a line for each suite, and why anything was skipped."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol


class Report(Protocol):
    """The part of `pytest.TestReport` that is read here."""

    nodeid: str
    duration: float
    keywords: Mapping[str, object]
    longrepr: object


def suite_of(report: Report) -> str:
    """Name the suite that a test belongs to, by where it lies."""
    path = report.nodeid.partition("::")[0]
    if path.endswith(".ipynb") or path == "tests/test_notebooks.py":
        return "notebooks and labs"
    if path.startswith("tests/browser/") or "browser" in report.keywords:
        return "browser"
    if path.startswith("helpers/"):
        return "doctests"
    return "repository" if path == "tests/test_repository.py" else "models and tools"


def summarize(outcomes: Iterable[tuple[str, Report]], lint: str | None = None) -> list[str]:
    """Count what ran, in what time, and what was skipped for which reason.

    Parameters
    ----------
    outcomes : iterable of (str, Report)
        Outcome as pytest calls it; empty for a set-up or tear-down that went well.
    lint : str or None
        How lint went, as told by the command that ran it.

    Returns
    -------
    list of str
        One line each: lint, then the suites by name. Times are summed over all processes.
    """
    ran: Counter[str] = Counter()
    seconds: dict[str, float] = defaultdict(float)
    skipped: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome, report in outcomes:
        suite = suite_of(report)
        seconds[suite] += report.duration
        if outcome == "skipped":
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "no reason given"
            skipped[suite][reason.removeprefix("Skipped: ")] += 1
        elif outcome:
            ran[suite] += 1
    lines = [f"lint: {lint}"] if lint else []
    for suite in sorted(seconds):
        reasons = [f"{count} skipped: {reason}" for reason, count in skipped[suite].items()]
        lines.append("; ".join([f"{suite}: {ran[suite]} ran, {seconds[suite]:.0f} s", *reasons]))
    return lines
