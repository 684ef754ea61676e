"""What the suite says of the course's cache: as scores for the notebook, and as a page."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields

from helpers.http_caching.public_tests import REASONS, Score, why_not
from tools.cache_tests.scores import (
    PASSED,
    agreement_on,
    judge,
    need_a_cache,
    no_cache,
    passes,
    private_cache,
    run_suite,
    shared_cache,
)
from tools.cache_tests.suite import Results, Suite

PROXIES = {"rev-proxy", "cdn"}
KINDS = {"rev-proxy": "a proxy", "cdn": "a CDN", "browser": "a browser", "course": "the course"}


class Run:
    """A run of the suite against the course's cache, shared and private, and against none."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.shared = run_suite(suite, shared_cache)
        self.private = run_suite(suite, private_cache, is_browser=True)
        self.none = run_suite(suite, no_cache)
        self.need_a_cache = tuple(need_a_cache(suite, self.none))

    @property
    def unanimous(self) -> tuple[str, ...]:
        """Tests that need a cache and that all published proxies and CDNs pass."""
        return tuple(
            name
            for name in self.need_a_cache
            if agreement_on(self.suite, name, PROXIES).is_unanimous
        )

    @property
    def common(self) -> tuple[str, ...]:
        """Tests that need a cache and that most published proxies and CDNs pass."""
        return tuple(
            name
            for name in self.need_a_cache
            if agreement_on(self.suite, name, PROXIES).is_majority
        )

    def passed(self, names: Iterable[str]) -> int:
        """Count the tests that the shared cache passes."""
        return sum(passes(self.suite, name, self.shared) for name in names)

    def not_passed(self, results: Results) -> list[str]:
        """Name the tests that are not passed, in the suite's order."""
        return [name for name in results if not passes(self.suite, name, results)]

    def scores(self) -> tuple[Score, ...]:
        """Give the scores of the course's cache, of none, and of those published."""
        common = self.common
        ours = {
            "this course, shared": self.shared,
            "this course, private": self.private,
            "no cache at all": self.none,
        }
        rows = [score(self.suite, name, "course", got, common) for name, got in ours.items()]
        published = sorted(self.suite.published, key=lambda cache: (cache.kind, cache.name))
        rows += [score(self.suite, c.name, c.kind, c.results, common) for c in published]
        return tuple(rows)


def score(suite: Suite, cache: str, kind: str, results: Results, common: tuple[str, ...]) -> Score:
    """Count what a cache has passed, out of what was tried with it."""
    counts: dict[str, list[int]] = {"required": [0, 0], "optimal": [0, 0], "check": [0, 0]}
    for name, test in suite.tests.items():
        verdict = judge(suite, name, results)
        count = counts[test.get("kind", "required")]
        count[0] += verdict in PASSED
        count[1] += verdict != "untested"
    tried = [name for name in common if judge(suite, name, results) != "untested"]
    numbers = [number for pair in counts.values() for number in pair]
    numbers += [sum(passes(suite, name, results) for name in tried), len(tried)]
    return Score(cache, kind, *numbers)


def write_scores(scores: Iterable[Score]) -> str:
    """Give the scores as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Score)])
    writer.writerows(astuple(row) for row in scores)
    return text.getvalue()


def write_page(run: Run) -> str:
    """Give the page for docs/."""
    unanimous, common = run.unanimous, run.common
    parts = [
        HEAD,
        f"Run as a shared cache it is given {len(run.shared)} tests, and as a browser's "
        f"{len(run.private)}. {len(run.need_a_cache)} of the former need a cache: one that "
        "stores nothing does not pass them.",
        f"- All {len(unanimous)} of these that every published proxy and CDN passes must pass "
        f"here: **{run.passed(unanimous)} of {len(unanimous)}** do.",
        f"- Of the {len(common)} that most of them pass, 90 % must: **{run.passed(common)} of "
        f"{len(common)}** do, {run.passed(common) / len(common):.1%}.",
        "## Beside caches in use",
        TABLE_NOTE,
        score_table(run.scores()),
        "## What it does not pass, and why",
        reasons_table(run),
    ]
    return "\n\n".join(parts) + "\n"


def score_table(scores: Iterable[Score]) -> str:
    """Lay the scores out."""
    rows = [
        "| cache | kind | required | optimal | questions: yes | passed by most proxies |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in scores:
        pairs = (
            (row.required_passed, row.required),
            (row.optimal_passed, row.optimal),
            (row.yes, row.questions),
            (row.common_passed, row.common),
        )
        told = [f"{passed} of {tried}" for passed, tried in pairs]
        rows.append(f"| {row.cache} | {KINDS[row.kind]} | {' | '.join(told)} |")
    return "\n".join(rows)


def reasons_table(run: Run) -> str:
    """List the tests that are not passed under their reasons."""
    names = dict.fromkeys([*run.not_passed(run.shared), *run.not_passed(run.private)])
    rows = ["| why | tests |", "|---|---|"]
    for words, _ in REASONS:
        found = [name for name in names if why_not(name) == words]
        if found:
            rows.append(f"| {words} | {', '.join(f'`{name}`' for name in found)} |")
    return "\n".join(rows)


HEAD = """# The public tests for HTTP caches

Made by `python -m tools.cache_tests`; nothing here is written by hand, and a test compares it
with a new run.

The suite is [http-cache-tests](https://github.com/http-tests/cache-tests) 0.4.5, whose results
for caches in use stand at [cache-tests.fyi](https://cache-tests.fyi). It is fetched from npm,
not copied. Its client and its server run in process here, with a clock that is moved by hand;
the cache is `HttpCache` of `helpers/http_caching`. A test counts as the suite counts it: it is
passed only if all that it rests on are passed too."""

TABLE_NOTE = """Required: what the standard demands. Optimal: whether it reuses what it may.
Questions have no right answer. The last column: tests that need a cache and that most
published proxies and CDNs pass. Published results are of the versions of 2019 to 2021; the
browsers' are of other tests, since some are for one kind of cache only."""
