"""Counting as the suite does: what each result means, and how a set of caches fares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from helpers.http_caching.clock import Clock
from helpers.http_caching.http_cache import HttpCache
from tools.cache_tests.client import Fetch, run_test
from tools.cache_tests.suite import Results, Suite

PASSED = {"pass", "yes"}


def shared_cache(origin: Fetch, clock: Clock) -> Fetch:
    """Make the course's cache as a proxy or a CDN has it."""
    return HttpCache(origin, clock, shared=True).fetch


def private_cache(origin: Fetch, clock: Clock) -> Fetch:
    """Make the course's cache as a browser has it."""
    return HttpCache(origin, clock, shared=False).fetch


def no_cache(origin: Fetch, clock: Clock) -> Fetch:
    """Pass everything through."""
    return origin


def run_suite(
    suite: Suite, make_cache: Callable[[Fetch, Clock], Fetch], is_browser: bool = False
) -> Results:
    """Run all tests that are meant for this kind of cache."""
    mark = "browser_skip" if is_browser else "browser_only"
    return {
        name: run_test(test, make_cache, is_browser)
        for name, test in suite.tests.items()
        if test.get(mark) is not True
    }


def judge(suite: Suite, name: str, results: Results) -> str:
    """Say what a result means, as the suite's `determineTestResult` does.

    Returns
    -------
    "pass" or "yes" (a question about behavior answered so), "fail", "optional_fail" or "no",
    "dependency_fail" where a test that it rests on has not passed, "setup_fail", "untested".
    """
    test, result = suite.tests[name], results.get(name)
    if result is None:
        return "untested"
    if any(judge(suite, needed, results) not in PASSED for needed in test.get("depends_on", ())):
        return "dependency_fail"
    if result is not True and result[0] == "Setup":
        return "setup_fail"
    passed, failed = {
        "required": ("pass", "fail"),
        "optimal": ("pass", "optional_fail"),
        "check": ("yes", "no"),
    }[test.get("kind", "required")]
    return passed if result is True else failed


def passes(suite: Suite, name: str, results: Results) -> bool:
    """Tell whether a test has passed, and all that it rests on."""
    return judge(suite, name, results) in PASSED


@dataclass(frozen=True)
class Agreement:
    """How many of the published caches pass a test: `passed` out of `tested`."""

    passed: int
    tested: int

    @property
    def is_unanimous(self) -> bool:
        return 0 < self.tested == self.passed

    @property
    def is_majority(self) -> bool:
        return 2 * self.passed > self.tested


def agreement_on(suite: Suite, name: str, kinds: set[str]) -> Agreement:
    """Count the published caches of some kinds that pass a test."""
    verdicts = [judge(suite, name, c.results) for c in suite.published if c.kind in kinds]
    return Agreement(
        passed=sum(verdict in PASSED for verdict in verdicts),
        tested=sum(verdict != "untested" for verdict in verdicts),
    )


def need_a_cache(suite: Suite, without: Results) -> Iterator[str]:
    """Name the tests that are not passed without a cache.

    Parameters
    ----------
    without
        The results of `no_cache`.
    """
    return (name for name in without if not passes(suite, name, without))
