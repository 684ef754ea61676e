"""How the course's cache fares in the public tests for HTTP caches, beside those in use.

`python -m tools.cache_tests` runs the suite, and writes the scores that stand beside this file
and docs/http_cache_tests.md. The published results are from 2019 to 2021, so they say how
such caches were then.

Source: http-cache-tests 0.4.5, https://cache-tests.fyi.
"""

import csv
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

SCORES = Path(__file__).parent / "data" / "cache_tests.csv"


@dataclass(frozen=True)
class Score:
    """How one cache fares; the numbers are of tests.

    Attributes
    ----------
    cache, kind
        Its name, and "course", "rev-proxy", "cdn" or "browser".
    required_passed, required
        Tests of what the standard demands.
    optimal_passed, optimal
        Tests of whether it reuses what it may.
    yes, questions
        Questions of behavior that have no right answer, and those answered yes.
    common_passed, common
        Tests that need a cache and that most published proxies and CDNs pass.
    """

    cache: str
    kind: str
    required_passed: int
    required: int
    optimal_passed: int
    optimal: int
    yes: int
    questions: int
    common_passed: int
    common: int


REASONS = (
    (
        "An Age that is no number is ignored and of a list the first member counts (RFC 9111, "
        "5.1). These tests are older than that rule and want such a response to be stale.",
        ("age-parse-*",),
    ),
    (
        "A max-age that is no whole number makes a response stale, as RFC 9111 (4.2.1) "
        "encourages. These ask whether it is used all the same.",
        ("freshness-max-age-decimal-*", "freshness-max-age-a100", "freshness-max-age-100a"),
    ),
    (
        "Of two max-age the first one counts (RFC 9111, 4.2.1), also where it is the shorter.",
        ("freshness-max-age-two-stale-fresh-*",),
    ),
    (
        "A date in none of HTTP's three forms is taken for one in the past (RFC 9111, 5.3). "
        "These ask whether it is understood all the same.",
        (
            "freshness-expires-32bit",
            "freshness-expires-far-future",
            "freshness-expires-invalid-[!d]*",
            "freshness-expires-invalid-date-dashes",
        ),
    ),
    (
        "Where the origin answers with an error, stale-if-error must allow a stale response.",
        ("stale-503",),
    ),
    (
        "The cache does answer 504 in place of the forbidden response, as RFC 9111 (5.2.2.2) "
        "asks. The suite takes any answer that the cache makes for one from its store.",
        ("stale-close-*",),
    ),
    (
        "The field Warning was dropped by RFC 9111 (5.5).",
        ("stale-warning-*",),
    ),
    (
        "A tenth of the time since Last-Modified is no more than the 3 s that the test waits.",
        ("heuristic-delta-5", "heuristic-delta-10", "heuristic-delta-30"),
    ),
    (
        "A request's no-store forbids to store the answer, not to use a stored one (RFC 9111, "
        "5.2.1.5).",
        ("ccreq-no-store",),
    ),
    (
        "The order of languages is kept, since a server may prefer the first one; and which "
        "language it would choose the cache cannot know.",
        ("vary-normalise-lang-order", "vary-normalise-lang-select"),
    ),
    (
        "Without Last-Modified the Date is what If-Modified-Since is held against (RFC 9111, "
        "4.3.2), and it is later.",
        ("conditional-lm-fresh-no-lm",),
    ),
    (
        "Entity tags are compared and sent as they are written: quotation marks are part of them.",
        (
            "conditional-etag-quoted-respond-unquoted",
            "conditional-etag-unquoted-respond-quoted",
            "conditional-etag-strong-generate-unquoted",
            "conditional-etag-forward-unquoted",
        ),
    ),
    (
        "The cache asks about the variant that fits the request, not about the others.",
        ("conditional-etag-vary-headers-mismatch",),
    ),
    (
        "A 304 with another strong entity tag must not update what is stored (RFC 9111, 4.3.4): "
        "the cache asks again for the whole, which the suite does not expect.",
        ("304-etag-update-response-ETag",),
    ),
    (
        "The answer to a HEAD is handed on as it came, and only a 200 updates what is stored.",
        ("head-200-retain", "head-410-update"),
    ),
    (
        "The test's Content-Range names six bytes and its body has five: not kept. And parts "
        "are joined only under the same strong entity tag (RFC 9111, 3.4), which it lacks.",
        ("partial-store-partial-*",),
    ),
    (
        "Surrogate-Control never became a standard. The cache follows CDN-Cache-Control (RFC "
        "9213), which did.",
        ("surrogate-*",),
    ),
)
"""Why the course's cache does not pass a test: in words, and the tests' ids as patterns."""


def why_not(test: str) -> str:
    """Tell why the course's cache does not pass a test; empty where it has no reason.

    Examples
    --------
    >>> why_not("stale-warning-become")
    'The field Warning was dropped by RFC 9111 (5.5).'
    """
    for words, patterns in REASONS:
        if any(fnmatchcase(test, pattern) for pattern in patterns):
            return words
    return ""


def read_scores(path: Path = SCORES) -> tuple[Score, ...]:
    """Read how each cache fares.

    Examples
    --------
    >>> [score.kind for score in read_scores()][:2]
    ['course', 'course']
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return tuple(Score(cache, kind, *map(int, numbers)) for cache, kind, *numbers in rows[1:])
