"""Arrivals follow their laws: each claim is a z-score on a seeded run."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.statistics import batch_means
from helpers.workload import bursty, bursty_dispersion, diurnal, poisson, spike
from helpers.workload import ticks as ticks_of

MAKERS = {
    "poisson": lambda rng: poisson(50, duration=100, rng=rng),
    "poisson by number": lambda rng: poisson(50, requests=5000, rng=rng),
    "bursty": lambda rng: bursty(50, duration=100, rng=rng),
    "on and off": lambda rng: bursty(50, duration=100, burst_ratio=math.inf, rng=rng),
    "diurnal": lambda rng: diurnal(50, duration=100, period=40, swing=1, rng=rng),
    "profile": lambda rng: diurnal(50, duration=100, period=40, profile=[1, 0, 3], rng=rng),
    "spike": lambda rng: spike(20, duration=100, start=0, length=40, height=4, rng=rng),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_same_seed_makes_the_same_workload_and_another_seed_another(make):
    assert make(1) == make(1)
    assert make(1) == make(np.random.default_rng(1))
    assert make(1) != make(2)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_arrivals_stay_within_the_duration(make):
    workload = make(3)
    assert len(workload) > 1000
    assert workload.arrival_time[-1] <= workload.duration


def test_poisson_counts_have_the_mean_and_the_variance_of_poisson():
    counts = poisson(20, duration=20_000, rng=11).counts(1.0)
    n = counts.size
    z_mean = (counts.mean() - 20) / math.sqrt(20 / n)
    # Var(s²) = (μ₄ - σ⁴ (n-3)/(n-1)) / n, and μ₄ = λ + 3 λ² for Poisson.
    z_variance = (counts.var(ddof=1) - 20) / math.sqrt((20 + 3 * 400 - 400 * (n - 3) / (n - 1)) / n)
    assert abs(z_mean) < 4
    assert abs(z_variance) < 4


def test_poisson_gaps_are_exponential():
    gaps = np.sort(poisson(20, requests=50_001, rng=12).interarrival_times)
    steps = np.arange(1, gaps.size + 1) / gaps.size
    distance = np.max(np.abs(steps - (1 - np.exp(-20 * gaps))))
    assert distance < 1.95 / math.sqrt(gaps.size)  # Kolmogorov and Smirnov: p = 0.001


def test_a_number_of_requests_ends_with_the_last_one():
    workload = poisson(50, requests=200, rng=1)
    assert len(workload) == 200
    assert workload.duration == workload.arrival_time[-1]


@given(st.floats(1, 50), st.floats(1.0, 4.0))
def test_a_higher_rate_moves_the_arrivals_and_not_the_luck(rate, factor):
    slow = poisson(rate, duration=20, rng=7).arrival_time
    fast = poisson(rate * factor, duration=20, rng=7).arrival_time
    assert slow.size <= fast.size
    assert fast[: slow.size] * factor == pytest.approx(slow)


def test_a_longer_run_starts_like_the_shorter_one():
    short, long = (poisson(30, duration=d, rng=9).arrival_time for d in (10, 100))
    assert long[: short.size].tolist() == short.tolist()


def test_ticks_go_on_beyond_the_first_guess():
    class Slow:
        """Gives gaps a tenth as long as usual, so that ten times as many are needed."""

        rng = np.random.default_rng(1)

        def standard_exponential(self, size):
            return self.rng.standard_exponential(size) / 10

    times = ticks_of.unit_arrivals(100.0, Slow())
    assert 95 < times[-1] < 100
    assert 850 < times.size < 1150


def test_bursty_arrivals_have_the_mean_rate_asked_for():
    counts = bursty(50, duration=40_000, rng=21).counts(1.0)
    estimate = batch_means(counts, batches=40, level=0.9999)
    assert 50 in estimate


@pytest.mark.parametrize("burst_ratio", [1.0, 5.0, math.inf])
@pytest.mark.parametrize("window", [0.5, 4.0])
def test_bursty_arrivals_have_the_dispersion_of_the_formula(burst_ratio, window):
    shape = {"burst_ratio": burst_ratio, "burst_length": 0.5, "calm_length": 1.5}
    expected = bursty_dispersion(40, window=window, **shape)
    # Sixteen independent runs give the spread of the estimate without a formula for it.
    found = [bursty(40, duration=2000, rng=r, **shape).burstiness(window) for r in range(16)]
    z = (np.mean(found) - expected) / (np.std(found, ddof=1) / 4)
    assert abs(z) < 4
    assert np.std(found, ddof=1) < 0.2 * expected


def test_dispersion_grows_with_the_window_from_one_to_its_limit():
    windows = [1e-9, 0.1, 1, 10, 100, 1e9, math.inf]
    values = [bursty_dispersion(100, window=window) for window in windows]
    assert values == sorted(values)
    assert values[0] == pytest.approx(1, abs=1e-4)
    assert values[-2] == pytest.approx(values[-1])
    # 1 + 2 σ₁ σ₂ (λ₁ - λ₂)² / ((σ₁ + σ₂)² (λ₁ σ₂ + λ₂ σ₁)), as the cookbook writes the limit
    high, low, out_of_burst, out_of_calm = 1000 / 1.9, 100 / 1.9, 1.0, 1 / 9
    top = 2 * out_of_burst * out_of_calm * (high - low) ** 2
    bottom = (out_of_burst + out_of_calm) ** 2 * (high * out_of_calm + low * out_of_burst)
    assert values[-1] == pytest.approx(1 + top / bottom)


def test_calms_are_silent_when_the_ratio_is_infinite():
    workload = bursty(100, duration=100, burst_ratio=math.inf, burst_length=1, calm_length=9, rng=4)
    silent = np.count_nonzero(workload.counts(0.1) == 0) / 1000
    assert 0.7 < silent < 0.99


def test_a_wave_puts_the_integral_of_the_rate_in_each_hour():
    day, swing, peak_at, rate = 86_400.0, 0.8, 20 * 3600.0, 5.0
    counts = diurnal(rate, swing=swing, peak_at=peak_at, rng=31).counts(3600)
    edges = np.arange(25) * 3600.0
    turns = 2 * np.pi / day
    expected = rate * (3600 + swing / turns * np.diff(np.sin(turns * (edges - peak_at))))
    z = (counts - expected) / np.sqrt(expected)
    assert np.all(np.abs(z) < 4)
    assert np.argmax(expected) in (19, 20)
    assert abs((counts.sum() - rate * day) / math.sqrt(rate * day)) < 4


def test_a_wave_is_highest_in_the_middle_unless_told_otherwise():
    counts = diurnal(5, swing=1, rng=32).counts(21_600)
    assert counts[1] + counts[2] > 4 * (counts[0] + counts[3])


def test_a_profile_repeats_and_is_cut_where_the_run_ends():
    workload = diurnal(10, duration=250, period=100, profile=[1, 3], rng=33)
    expected = np.array([250, 750, 250, 750, 250])
    z = (workload.counts(50) - expected) / np.sqrt(expected)
    assert np.all(np.abs(z) < 4)


def test_a_wave_that_touches_zero_and_a_profile_with_a_hole_send_nothing_there():
    hole = diurnal(50, duration=30, period=30, profile=[1, 0, 1], rng=1)
    assert hole.counts(10)[1] == 0


def test_a_spike_multiplies_the_rate_while_it_lasts():
    counts = spike(20, duration=300, start=100, length=100, height=6, rng=41).counts(100)
    expected = np.array([2000, 12_000, 2000])
    assert np.all(np.abs((counts - expected) / np.sqrt(expected)) < 4)


def test_a_spike_of_height_zero_is_an_outage():
    assert spike(20, duration=300, start=100, length=100, height=0, rng=1).counts(100)[1] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: poisson(0, duration=1), "arrival_rate must be a finite number above 0, got 0"),
        (lambda: poisson(1), "either duration or requests, got duration=None and requests=None"),
        (lambda: poisson(1, duration=1, requests=1), "either duration or requests"),
        (lambda: poisson(1, duration=-1), "duration must be a finite number above 0, got -1"),
        (lambda: poisson(1, requests=0), "requests must be a whole number of at least 1, got 0"),
        (lambda: poisson(1, requests=10**9), "requests must lie between 1 and 100000000"),
        (lambda: poisson(1e9, duration=1e6), r"arrival_rate \* duration must be at most 100,000"),
        (lambda: poisson(1, duration=1, rng=-4), "rng must be a seed .*, got -4"),
        (lambda: bursty(1, duration=9, burst_ratio=0.5), "burst_ratio must be at least 1, got 0.5"),
        (lambda: bursty(1, duration=9, burst_ratio=math.nan), "burst_ratio must be .*, got nan"),
        (lambda: bursty(1, duration=9, burst_length=0), "burst_length must be .*, got 0"),
        (lambda: bursty(1, duration=9, calm_length=0), "calm_length must be .*, got 0"),
        (
            lambda: bursty(1, duration=1e9, burst_length=1e-3, calm_length=1e-3),
            "duration must span at most 10,000,000 bursts and calms, got 1000000000.0",
        ),
        (lambda: bursty_dispersion(1, window=0), "window must be above 0, got 0"),
        (lambda: diurnal(1, swing=1.5), "swing must lie between 0 and 1, got 1.5"),
        (lambda: diurnal(1, period=0), "period must be a finite number above 0, got 0"),
        (lambda: diurnal(1, peak_at=math.inf), "peak_at must be finite, got inf"),
        (lambda: diurnal(1, profile=[0, 0]), r"profile must hold weights .*, got \[0, 0\]"),
        (lambda: diurnal(1, profile=[1, -1]), r"profile must hold weights .*, got \[1, -1\]"),
        (lambda: diurnal(1, profile=[]), r"profile must hold weights .*, got \[\]"),
        (lambda: diurnal(1, duration=1e9, period=1e-3), "duration must hold at most 10,000,000"),
        (
            lambda: spike(1, duration=10, start=5, length=6, height=2),
            "start \\+ length must be at most the duration 10, got 11",
        ),
        (
            lambda: spike(1, duration=10, start=-1, length=6, height=2),
            "start must be a finite number of at least 0, got -1",
        ),
        (
            lambda: spike(1, duration=10, start=1, length=6, height=-2),
            "height must be a finite number of at least 0, got -2",
        ),
    ],
)
def test_a_wrong_argument_is_named_with_its_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
