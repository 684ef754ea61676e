"""A million writes and reads: worked by hand, by formula, by sorting, and as published."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers import parallel
from helpers.consistency import wars
from helpers.consistency.latency_fits import (
    FITS,
    FRESH_AFTER_10_MS,
    FRESH_AT_ONCE,
    PUBLISHED,
    Fit,
    Leg,
    fit_named,
)
from helpers.consistency.pbs import QuorumRun, first_past, simulate, t_visibilities
from helpers.consistency.quorum import is_strict, stale_after
from helpers.consistency.trade_off import quickest, trade_offs
from helpers.consistency.wars import (
    FIRST_BUCKET,
    SHIFT,
    Tallies,
    count_trials,
    draw_legs,
    run_trials,
)
from helpers.statistics import LogHistogram

MS = 1e-3


def tally(legs, least=1, loop=count_trials):
    replicas, _, trials = legs.shape
    empty = Tallies.empty(replicas, least)
    loop(legs, least, SHIFT, FIRST_BUCKET, empty.writes, empty.reads, empty.waits)
    return Tallies(trials, least, empty.writes, empty.reads, empty.waits)


def counted(histogram):
    """Give the middles of the buckets that hold something, each as often as it was counted."""
    middles = (histogram.edges[1:] + histogram.edges[:-1]) / 2
    return np.repeat(middles, histogram.counts)


def by_sorting(legs, n, r, w):
    """Give write and read latency and the wait of each trial, the slow and obvious way."""
    writes, acks, requests, responses = (legs[:n, k] for k in range(4))
    commit = np.sort(writes + acks, axis=0)[w - 1]
    order = np.argsort(requests + responses, axis=0, kind="stable")[:r]
    latency = np.take_along_axis(requests + responses, order, axis=0)[-1]
    behind = np.take_along_axis(writes - requests, order, axis=0).min(axis=0)
    return commit, latency, behind - commit


def histogram_of(values):
    return LogHistogram.of(values, low=wars.SHORTEST, high=wars.LONGEST).counts


# One trial, worked by hand

BY_HAND = np.array(
    [
        # W, A, R, S: acknowledged, answered, behind by W - R
        [1, 1, 1, 3],  # 2, 4, 0
        [4, 1, 1, 1],  # 5, 2, 3
        [2, 1, 1, 2],  # 3, 3, 1
    ],
    dtype=float,
)[:, :, None]


@pytest.mark.parametrize(("w", "expected"), [(1, 2), (2, 3), (3, 5)])
def test_a_write_commits_at_its_last_receipt(w, expected):
    assert counted(tally(BY_HAND).write_latency(3, w)) == pytest.approx([expected], rel=0.004)


@pytest.mark.parametrize(("r", "expected"), [(1, 2), (2, 3), (3, 4)])
def test_a_read_ends_at_its_last_answer(r, expected):
    assert counted(tally(BY_HAND).read_latency(3, r)) == pytest.approx([expected], rel=0.004)


def test_a_read_waits_until_one_of_its_replicas_has_the_write():
    found = tally(BY_HAND)
    # the first to answer is the second replica: written at 4, asked 1 after the start
    assert counted(found.wait(3, r=1, w=1)) == pytest.approx([1], rel=0.004)
    assert found.wait(3, r=1, w=2).total == 0  # commit at 3, asked at 4: just in time
    assert found.wait(3, r=2, w=1).total == 0  # the third replica was written at 2


def test_fewer_replicas_are_counted_on_the_way():
    found = tally(BY_HAND)
    assert counted(found.write_latency(1, 1)) == pytest.approx([2], rel=0.004)
    assert counted(found.read_latency(2, 2)) == pytest.approx([4], rel=0.004)
    assert counted(found.wait(2, r=1, w=1)) == pytest.approx([1], rel=0.004)


# The loop, against sorting


@pytest.fixture(scope="module")
def legs():
    sources = [np.random.default_rng([7, replica]) for replica in range(5)]
    return draw_legs(FITS["LNKD-DISK"], sources, 4_000)


def test_compiled_and_plain_loop_count_the_same(legs):
    fast, plain = tally(legs[:, :, :500]), tally(legs[:, :, :500], loop=count_trials.python)
    for name in ("writes", "reads", "waits"):
        assert (getattr(fast, name) == getattr(plain, name)).all()


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_loop_counts_what_sorting_gives(legs, n):
    found = tally(legs)
    for r in range(1, n + 1):
        for w in range(1, n + 1):
            commit, latency, wait = by_sorting(legs, n, r, w)
            assert (found.write_latency(n, w).counts == histogram_of(commit)).all()
            assert (found.read_latency(n, r).counts == histogram_of(latency)).all()
            late = wait[wait > 0]
            assert found.wait(n, r, w).total == late.size
            if late.size:
                assert (found.wait(n, r, w).counts == histogram_of(late)).all()


def test_the_curve_is_the_share_of_reads_that_find_the_write(legs):
    run = QuorumRun.of(FITS["LNKD-DISK"], 3, 1, 1, tally(legs))
    edges = run.wait.edges[100:3000:200]
    wait = by_sorting(legs, 3, 1, 1)[2]
    expected = [(wait < edge).mean() for edge in edges]
    assert run.fresh_share(edges) == pytest.approx(expected, abs=1e-12)


def test_three_replicas_of_five_have_the_luck_of_three():
    fit = FITS["YMMR"]
    five, three = run_trials(fit, 5, 1, 9_000, seed=3), run_trials(fit, 3, 3, 9_000, seed=3)
    assert (five.wait(3, 1, 1).counts == three.wait(3, 1, 1).counts).all()
    assert (five.read_latency(3, 2).counts == three.read_latency(3, 2).counts).all()


@pytest.mark.parametrize("trials", [1, 49_999, 60_001, 450_001])
def test_every_trial_is_counted_once(trials):
    found = run_trials(FITS["LNKD-SSD"], 4, 2, trials, seed=1)
    assert found.trials == trials
    for n in (2, 3, 4):
        assert {found.write_latency(n, k).total for k in range(1, n + 1)} == {trials}
        assert {found.read_latency(n, k).total for k in range(1, n + 1)} == {trials}


times = st.floats(1e-4, 10)


@given(st.integers(1, 5).flatmap(lambda n: arrays(np.float64, (n, 4, 3), elements=times)))
def test_whatever_the_messages_a_strict_quorum_is_fresh_at_once(legs):
    found = tally(legs)
    n = legs.shape[0]
    for r in range(1, n + 1):
        for w in range(1, n + 1):
            if is_strict(n, r, w):
                assert found.wait(n, r, w).total == 0


def test_waiting_for_more_is_never_quicker_and_never_staler():
    runs = {(r, w): simulate("LNKD-DISK", 4, r, w, 50_000) for r in (1, 2, 3) for w in (1, 2, 3)}
    for (r, w), run in runs.items():
        for more in ((r + 1, w), (r, w + 1)):
            if more in runs:
                assert runs[more].t_visibility(0.99) <= run.t_visibility(0.99)
                assert runs[more].fresh_at_once >= run.fresh_at_once
                assert runs[more].read_latency.quantile(0.9) >= run.read_latency.quantile(0.9)
                assert runs[more].write_latency.quantile(0.9) >= run.write_latency.quantile(0.9)


# Formula


@pytest.mark.parametrize("setting", [(3, 1, 1), (3, 1, 2), (5, 2, 1), (5, 2, 2), (4, 3, 1)])
def test_exponential_writes_and_instant_answers_follow_the_formula(setting):
    fit = Fit.exponential(write_mean=10 * MS, others_mean=1e-9)
    run = simulate(fit, *setting, trials=200_000, rng=5)
    for time in (0.0, 2 * MS, 5 * MS, 10 * MS):
        expected = stale_after(*setting, write_rate=100, time=time)
        error = (1 - run.fresh_share(time)) - expected
        assert abs(error) < 4 * np.sqrt(expected / 200_000), (setting, time)


def test_the_paper_s_exponential_examples():
    quick = simulate(Fit.exponential(0.25 * MS, 1 * MS), trials=400_000)
    slow = simulate(Fit.exponential(10 * MS, 1 * MS), trials=400_000)
    assert quick.fresh_at_once == pytest.approx(0.94, abs=0.01)
    assert slow.fresh_at_once == pytest.approx(0.41, abs=0.01)
    assert slow.t_visibility(0.999) == pytest.approx(65 * MS, rel=0.05)


# Published


@pytest.fixture(scope="module")
def million():
    """Give one pass for each fit."""
    return {name: run_trials(FITS[name], 3, 3, 1_000_000, seed=0) for name in FITS}


@pytest.mark.parametrize("name", FITS)
def test_latencies_are_the_published_ones(million, name):
    for row in PUBLISHED[name]:
        run = QuorumRun.of(FITS[name], 3, row.r, row.w, million[name])
        # the paper's own trials are a million too: 3.5 % covers the heaviest tail (W = 3)
        assert run.read_latency.quantile(0.999) == pytest.approx(row.read_latency, rel=0.035)
        assert run.write_latency.quantile(0.999) == pytest.approx(row.write_latency, rel=0.035)


@pytest.mark.parametrize("name", FITS)
def test_t_visibility_is_the_published_one_within_its_sampling(million, name):
    for row in PUBLISHED[name]:
        run = QuorumRun.of(FITS[name], 3, row.r, row.w, million[name])
        # 50 of the paper's 50,000 reads lie beyond 99.9 %, and its steps stop early
        assert run.t_visibility(0.999) == pytest.approx(row.t_visibility, rel=0.2)
        assert (run.t_visibility(0.999) == 0) == (row.t_visibility == 0)


@pytest.mark.parametrize("name", FITS)
def test_the_share_that_is_fresh_at_once_is_the_published_one(million, name):
    run = QuorumRun.of(FITS[name], 3, 1, 1, million[name])
    assert run.fresh_at_once == pytest.approx(FRESH_AT_ONCE[name], abs=0.006)
    if name in FRESH_AFTER_10_MS:
        assert run.fresh_share(10 * MS) == pytest.approx(FRESH_AFTER_10_MS[name], abs=0.003)


def test_ssds_with_two_readers_are_fresh_in_all_but_a_few_reads_of_ten_thousand(million):
    run = QuorumRun.of(FITS["LNKD-SSD"], 3, 2, 1, million["LNKD-SSD"])
    assert 0.999 < run.fresh_at_once < 1


@pytest.mark.parametrize(
    ("name", "step"), [("LNKD-SSD", 0.01 * MS), ("LNKD-DISK", 0.1 * MS), ("YMMR", 1 * MS)]
)
def test_stopping_at_the_first_step_that_passes_explains_the_published_value(million, name, step):
    row = PUBLISHED[name][0]
    run = QuorumRun.of(FITS[name], 3, 1, 1, million[name])
    early = first_past(run, step, samples=200)
    assert early.mean() == pytest.approx(row.t_visibility, rel=0.03)
    assert early.mean() < run.t_interval(0.999)[0]


# Spread


def test_samples_of_the_paper_s_size_lie_wide_apart(million):
    truth = QuorumRun.of(FITS["LNKD-DISK"], 3, 1, 1, million["LNKD-DISK"]).t_visibility()
    samples = t_visibilities("LNKD-DISK", samples=40)
    assert samples.min() < 0.9 * truth < 1.1 * truth < samples.max()
    assert samples.mean() == pytest.approx(truth, rel=0.06)


@pytest.mark.parametrize("share", [0.9, 0.99, 0.999])
def test_the_interval_of_t_visibility_holds_the_truth_about_as_often_as_it_says(million, share):
    truth = QuorumRun.of(FITS["LNKD-DISK"], 3, 1, 1, million["LNKD-DISK"]).t_visibility(share)
    runs = [simulate("LNKD-DISK", trials=5_000, rng=100 + i) for i in range(100)]
    held = sum(low <= truth <= high for low, high in (run.t_interval(share) for run in runs))
    assert 88 <= held <= 100


def test_the_interval_of_the_curve_holds_the_truth_about_as_often_as_it_says(million):
    truth = QuorumRun.of(FITS["YMMR"], 3, 1, 1, million["YMMR"]).fresh_share(10 * MS)
    runs = [simulate("YMMR", trials=2_000, rng=100 + i) for i in range(100)]
    held = sum(low <= truth <= high for low, high in (run.fresh_interval(10 * MS) for run in runs))
    assert 88 <= held <= 99


def test_a_curve_without_a_stale_read_is_still_not_certain():
    low, high = simulate("LNKD-SSD", 3, 2, 2, trials=1_000).fresh_interval([0.0, 1.0])
    assert (high == 1).all()
    assert low == pytest.approx(1 - 0.00383, abs=1e-4)  # 1.96² / (1000 + 1.96²)


def test_t_visibility_and_curve_are_each_other_s_inverse(million):
    run = QuorumRun.of(FITS["LNKD-DISK"], 3, 1, 1, million["LNKD-DISK"])
    for share in (0.5, 0.9, 0.99, 0.999):
        assert run.fresh_share(run.t_visibility(share)) == pytest.approx(share, abs=0.002)
    assert run.t_visibility(run.fresh_at_once) == 0


# How messages are drawn


@pytest.mark.parametrize("leg", [*FITS["LNKD-DISK"].legs[:2], *FITS["YMMR"].legs[:2]])
def test_drawn_times_follow_the_law(leg):
    drawn = leg.draw(400_000, np.random.default_rng(8))
    for time in (0.3 * MS, 1.5 * MS, 4 * MS, 20 * MS, 100 * MS):
        expected = leg.later_than(time)
        error = np.sqrt(max(expected * (1 - expected), 1e-6) / drawn.size)
        assert abs((drawn > time).mean() - expected) < 4 * error, time


def test_the_mean_of_a_published_leg():
    leg = FITS["LNKD-SSD"].w
    assert leg.mean == pytest.approx((0.9122 * 0.235 * 10 / 9 + 0.0878 / 1.66) * MS)
    assert leg.draw(400_000, np.random.default_rng(8)).mean() == pytest.approx(leg.mean, rel=0.005)
    assert Leg(0.5, 1.0, 1.0, 1.0).mean == np.inf


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_leg_of_one_kind_is_drawn_without_a_warning(share):
    leg = Leg(share, 1.0, 3.0, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = leg.draw(50_000, np.random.default_rng(0))
    assert np.isfinite(drawn).all()
    assert drawn.mean() == pytest.approx(leg.mean, rel=0.03)
    assert (drawn.min() >= 1) == (share == 1)


# Seeds, pieces, input


def test_the_same_seed_gives_the_same_run_and_another_one_another():
    first, second, other = (simulate("YMMR", trials=3_000, rng=seed) for seed in (1, 1, 2))
    assert (first.wait.counts == second.wait.counts).all()
    assert (first.wait.counts != other.wait.counts).any()


def test_a_generator_gives_a_new_run_each_time():
    rng = np.random.default_rng(1)
    first, second = (simulate("YMMR", trials=3_000, rng=rng) for _ in range(2))
    assert (first.wait.counts != second.wait.counts).any()


def test_one_processor_counts_what_several_count(monkeypatch):
    several = run_trials(FITS["LNKD-SSD"], 3, 3, 120_000, seed=6)
    wars.counted.cache_clear()
    monkeypatch.setattr(parallel, "processors", lambda: 1)
    alone = run_trials(FITS["LNKD-SSD"], 3, 3, 120_000, seed=6)
    assert alone is not several
    assert (alone.waits == several.waits).all()


def test_another_r_and_w_draws_nothing_anew(monkeypatch):
    before = simulate("LNKD-SSD", 3, 1, 1, trials=7_000, rng=9)
    monkeypatch.setattr(wars, "draw_legs", None)
    assert simulate("LNKD-SSD", 3, 2, 1, trials=7_000, rng=9).trials == before.trials


def test_a_fit_of_one_s_own_is_taken_as_it_is():
    mine = Fit.exponential(5 * MS, 1 * MS)
    assert fit_named(mine) is mine
    assert simulate(mine, trials=1_000).fit is mine
    assert mine.w.mean == pytest.approx(5 * MS)
    assert mine.name == "exponential, 5 ms and 1 ms"


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: simulate("LNKD"), "fit must be a Fit or one of LNKD-SSD, LNKD-DISK, YMMR"),
        (lambda: simulate(["YMMR"]), r"fit must be a Fit or one of .*, got \['YMMR'\]"),
        (lambda: simulate(Fit.exponential(60, 1), trials=100), "fit must have messages of less"),
        (lambda: simulate("YMMR", 13, 1, 1), "n must lie between 1 and 12, got 13"),
        (lambda: simulate("YMMR", 3, 4, 1), "r must be at most n = 3, got 4"),
        (lambda: simulate("YMMR", trials=0), "trials must be"),
        (lambda: simulate("YMMR", trials=100, rng=-1), "rng must be"),
        (lambda: simulate("YMMR", trials=100).fresh_share(-1.0), "time must be at least 0"),
        (lambda: simulate("YMMR", trials=100).fresh_share(np.nan), "time must be at least 0"),
        (lambda: simulate("YMMR", trials=100).t_visibility(0), "share must be above 0"),
        (lambda: simulate("YMMR", trials=100).t_interval(1.2), "share must be above 0"),
        (lambda: t_visibilities("YMMR", trials=0), "trials must be"),
        (lambda: t_visibilities("YMMR", samples=0), "samples must be"),
        (lambda: first_past(simulate("YMMR", trials=100), 0.0), "step must be"),
        (lambda: trade_offs("YMMR", share=1, trials=100), "share must"),
        (lambda: quickest([]), "choices must hold"),
        (lambda: Leg(1.2, 1, 1, 1), "share must lie"),
        (lambda: Leg(0.5, 0, 1, 1), "shortest must be"),
        (lambda: Leg(0.5, 1, 1, -1), "rate must be"),
        (lambda: Leg.exponential(0), "mean must be"),
    ],
)
def test_what_cannot_be_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


# Every choice beside each other


def test_all_choices_come_from_one_pass_and_are_what_simulate_gives():
    choices = trade_offs("LNKD-DISK", n=3, trials=20_000)
    assert [(c.r, c.w) for c in choices] == [(r, w) for r in (1, 2, 3) for w in (1, 2, 3)]
    one = choices[1]
    run = simulate("LNKD-DISK", 3, 1, 2, trials=20_000)
    assert one.t_visibility == run.t_visibility(0.999)
    assert one.read_latency == run.read_latency.quantile(0.999)
    assert (one.reads_survive, one.writes_survive) == (2, 1)


def test_yammer_s_quickest_strict_choice_is_the_paper_s():
    choices = trade_offs("YMMR")
    strict = quickest(choices)
    assert (strict.r, strict.w) == (3, 1)
    lenient = quickest(choices, stale_for=0.25)
    assert (lenient.r, lenient.w) == (2, 1)
    saved = 1 - lenient.both_latencies / strict.both_latencies
    assert saved == pytest.approx(0.811, abs=0.01)
