"""The public tests for HTTP caches, run against the course's own.

They are fetched by npm and exported by node. Where these, or the network, are not there the
tests are skipped and say why; with COURSE_REQUIRE_CACHE_TESTS set they fail instead.
"""

import os

import pytest

from helpers.http_caching.public_tests import REASONS, read_scores, why_not
from tools.cache_tests import __main__ as command
from tools.cache_tests import suite
from tools.cache_tests.page import Run
from tools.cache_tests.scores import judge, passes
from tools.cache_tests.suite import AbsentError, check_archive, load_suite

SHARE = 0.9
"""How many of the tests that most published proxies and CDNs pass must pass here."""


@pytest.fixture(scope="module")
def run():
    try:
        return Run(load_suite())
    except AbsentError as reason:
        if os.environ.get("COURSE_REQUIRE_CACHE_TESTS"):
            pytest.fail(f"COURSE_REQUIRE_CACHE_TESTS is set, but {reason}")
        return pytest.skip(f"the public tests cannot be had: {reason}")


def test_all_that_every_published_proxy_and_cdn_passes_is_passed(run):
    wanted = run.unanimous
    assert len(wanted) >= 40
    assert [name for name in wanted if not passes(run.suite, name, run.shared)] == []


def test_nine_tenths_of_what_most_of_them_pass_is_passed(run):
    wanted = run.common
    assert len(wanted) >= 120
    assert set(run.unanimous) < set(wanted)
    assert run.passed(wanted) >= SHARE * len(wanted)


def test_a_cache_that_keeps_nothing_would_not_do(run):
    assert sum(passes(run.suite, name, run.none) for name in run.common) == 0


def test_the_same_holds_where_each_test_counts_by_itself(run):
    """Without the suite's dependencies: a test passes or fails whatever it rests on."""
    published = [c.results for c in run.suite.published if c.kind in ("rev-proxy", "cdn")]
    need = [name for name, result in run.none.items() if result is not True]
    passed = {name: [r[name] is True for r in published if name in r] for name in need}
    everyone = [name for name in need if passed[name] and all(passed[name])]
    most = [name for name in need if 2 * sum(passed[name]) > len(passed[name])]
    assert (len(everyone), len(most)) > (40, 110)
    assert [name for name in everyone if run.shared[name] is not True] == []
    assert sum(run.shared[name] is True for name in most) >= SHARE * len(most)


def test_more_of_what_the_standard_demands_is_passed_than_by_any_published_cache(run):
    shared, private, *others = run.scores()
    rivals = {"rev-proxy": shared, "cdn": shared, "browser": private}
    for other in others:
        if other.kind in rivals:
            ours = rivals[other.kind]
            assert ours.required_passed / ours.required > other.required_passed / other.required


def test_what_is_for_browsers_only_is_passed_by_a_private_cache(run):
    only = [name for name, test in run.suite.tests.items() if test.get("browser_only")]
    assert len(only) == 5
    assert [name for name in only if not passes(run.suite, name, run.private)] == []
    assert set(only).isdisjoint(run.shared)


def test_each_kind_of_cache_gets_the_tests_that_are_meant_for_it(run):
    skipped = {name for name, test in run.suite.tests.items() if test.get("browser_skip")}
    assert set(run.private) == set(run.suite.tests) - skipped
    assert len(run.shared) == len(run.suite.tests) - 5


def test_whatever_is_not_passed_has_a_reason_and_no_reason_is_left_over(run):
    missed = {*run.not_passed(run.shared), *run.not_passed(run.private)}
    assert [name for name in missed if not why_not(name)] == []
    assert {why_not(name) for name in missed} == {words for words, _ in REASONS}


def test_nothing_fails_for_a_reason_of_the_harness(run):
    """A setup may fail where the test's own server is cut off or asked twice, nowhere else."""
    names = {
        name
        for results in (run.shared, run.private)
        for name in results
        if judge(run.suite, name, results) == "setup_fail"
    }
    assert names == {"304-etag-update-response-ETag", "head-410-update"}


def test_the_page_and_the_scores_are_those_of_this_run(run):
    for file, text in command.make(run).items():
        assert command.read(file) == text, f"run `python -m tools.cache_tests` for {file.name}"


def test_another_package_is_refused(tmp_path):
    archive = tmp_path / "http-cache-tests-0.4.5.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(AbsentError, match="is not the package that was expected"):
        check_archive(archive)


def test_without_npm_it_is_said_that_npm_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(suite.platformdirs, "user_cache_path", lambda name: tmp_path)
    monkeypatch.setattr(suite.shutil, "which", lambda program: None)
    with pytest.raises(AbsentError, match="npm is not installed"):
        load_suite()
    assert list(tmp_path.iterdir()) == []


def test_scores_are_read_as_they_were_written():
    ours, *others = read_scores()
    assert ours.cache == "this course, shared"
    assert {score.kind for score in others} == {"course", "rev-proxy", "cdn", "browser"}
    for score in (ours, *others):
        assert 0 <= score.required_passed <= score.required
        assert 0 <= score.common_passed <= score.common
