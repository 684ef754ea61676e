"""What holds for every test: data of its own, the same examples each time, an honest summary."""

import os
import tempfile

import hypothesis
import pytest

from tools.browser import browser_is_required, find_chromium
from tools.summary import summarize

DATA = pytest.StashKey[tempfile.TemporaryDirectory]()

# The same examples on every machine and every run; `--hypothesis-profile=explore` looks further.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("course")


def pytest_configure(config: pytest.Config) -> None:
    """Give each process a folder for the learner's data, so that no test meets real progress."""
    config.stash[DATA] = tempfile.TemporaryDirectory(prefix="course-data-")
    os.environ["COURSE_DATA"] = config.stash[DATA].name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove that folder."""
    config.stash[DATA].cleanup()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test where there is no Chromium, unless it must not be skipped."""
    if item.get_closest_marker("browser") and find_chromium() is None:
        if browser_is_required():
            pytest.fail("COURSE_REQUIRE_BROWSER is set, but no Chromium was found")
        pytest.skip("no Chromium found: install one, or name it in the variable CHROMIUM")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what ran and what was skipped, just before pytest's closing line."""
    outcomes = (
        (outcome, report)
        for outcome, reports in terminalreporter.stats.items()
        for report in reports
        if isinstance(report, pytest.TestReport)
    )
    terminalreporter.section("what ran")
    for line in summarize(outcomes, os.environ.get("COURSE_LINT")):
        terminalreporter.write_line(line)
