"""The laws of scalability, the fit through measurements, and the file they come from."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.scaling.measurements import EXAMPLE, read_measurements
from helpers.scaling.scalability import (
    amdahl,
    fit_universal_scalability,
    measure_throughput,
    peak_servers,
    universal_scalability,
)

TESTED = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64]


def test_amdahl_by_hand():
    assert amdahl([1, 2, 4], serial_fraction=0.5) == pytest.approx([1, 4 / 3, 1.6])


def test_amdahl_ends_at_one_over_the_serial_fraction():
    assert amdahl(1e12, serial_fraction=0.05) == pytest.approx(20)


def test_with_no_serial_part_the_speed_up_is_the_number_of_servers():
    assert amdahl(TESTED, serial_fraction=0.0) == pytest.approx(TESTED)


def test_universal_scalability_by_hand():
    # 3 servers: 1 + 0.1 × 2 + 0.05 × 3 × 2 = 1.5
    assert universal_scalability(3, alpha=0.1, beta=0.05, gamma=10) == pytest.approx(20)


def test_without_coherency_it_is_amdahl():
    assert universal_scalability(TESTED, 0.03, 0.0) == pytest.approx(amdahl(TESTED, 0.03))


def test_published_peak():
    assert peak_servers(alpha=0.02, beta=0.0005) == pytest.approx(44.27, abs=0.005)


def test_no_coherency_no_peak():
    assert math.isinf(peak_servers(0.02, 0.0))


@given(st.floats(0, 0.99), st.floats(1e-7, 0.5))
def test_no_number_of_servers_does_more_than_the_peak(alpha, beta):
    peak = max(1.0, peak_servers(alpha, beta))
    others = peak * np.array([0.5, 0.9, 0.99, 1.01, 1.1, 2.0])
    best = universal_scalability(peak, alpha, beta)
    assert (universal_scalability(others[others >= 1], alpha, beta) <= best * (1 + 1e-12)).all()


@given(st.floats(0, 1), st.floats(0, 0.1), st.floats(0, 0.5))
def test_more_contention_or_coherency_never_helps(alpha, beta, more):
    n = np.array(TESTED)
    less_contention = universal_scalability(n, alpha * (1 - more), beta)
    less_coherency = universal_scalability(n, alpha, beta * (1 - more))
    throughput = universal_scalability(n, alpha, beta)
    assert (less_contention >= throughput).all()
    assert (less_coherency >= throughput).all()


@settings(deadline=None, max_examples=150)
@given(
    alpha=st.one_of(st.just(0.0), st.floats(1e-3, 0.9)),
    beta=st.one_of(st.just(0.0), st.floats(1e-6, 0.1)),
    log_gamma=st.floats(-3, 9),
    servers=st.lists(st.integers(1, 256), min_size=3, max_size=12, unique=True),
)
def test_exact_measurements_give_the_parameters_back(alpha, beta, log_gamma, servers):
    gamma = 10**log_gamma
    fit = fit_universal_scalability(servers, universal_scalability(servers, alpha, beta, gamma))
    assert fit.alpha == pytest.approx(alpha, rel=1e-6, abs=1e-9)
    assert fit.beta == pytest.approx(beta, rel=1e-6, abs=1e-11)
    assert fit.gamma == pytest.approx(gamma, rel=1e-6)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e9])
def test_the_unit_of_the_throughput_changes_gamma_alone(unit):
    measured = measure_throughput(TESTED, 0.02, 0.0005, 900, rng=4)
    one, other = (fit_universal_scalability(TESTED, measured * factor) for factor in (1, unit))
    assert other.alpha == pytest.approx(one.alpha, rel=1e-6)
    assert other.beta == pytest.approx(one.beta, rel=1e-6)
    assert other.gamma == pytest.approx(one.gamma * unit, rel=1e-9)
    assert other.residual == pytest.approx(one.residual * unit, rel=1e-6)
    assert other.beta_error == pytest.approx(one.beta_error, rel=1e-6)
    assert other.gamma_error == pytest.approx(one.gamma_error * unit, rel=1e-6)


def test_order_of_the_measurements_does_not_matter():
    measured = measure_throughput(TESTED, 0.02, 0.0005, 900, rng=4)
    mixed = np.random.default_rng(0).permutation(len(TESTED))
    one = fit_universal_scalability(TESTED, measured)
    other = fit_universal_scalability(np.array(TESTED)[mixed], measured[mixed])
    assert (one.alpha, one.beta, one.gamma) == (other.alpha, other.beta, other.gamma)
    assert other.servers.tolist() == TESTED


def test_a_repeated_measurement_counts_as_two():
    once = fit_universal_scalability([1, 4, 16, 64], [10, 35, 90, 60])
    twice = fit_universal_scalability([1, 4, 16, 64] * 2, [10, 35, 90, 60] * 2)
    assert twice.alpha == pytest.approx(once.alpha, abs=1e-9)
    assert twice.beta_error < once.beta_error


def test_measurements_by_amdahl_show_no_coherency():
    fit = fit_universal_scalability(TESTED, amdahl(TESTED, 0.05))
    assert fit.beta == 0
    assert math.isinf(fit.peak_servers)
    assert fit.peak_throughput == pytest.approx(20)


def test_throughput_better_than_linear_is_fitted_at_the_bounds():
    fit = fit_universal_scalability([1, 2, 4, 8], [1, 2.5, 7, 20])
    assert (fit.alpha, fit.beta) == (0, 0)
    assert fit.peak_throughput == math.inf


def test_throughput_that_only_falls_peaks_at_one_server():
    fit = fit_universal_scalability([1, 2, 4, 8], [10, 5, 3, 1])
    assert fit.peak_servers == 1


def test_fit_is_the_least_of_the_squares_around_it():
    measured = measure_throughput(TESTED, 0.02, 0.0005, 900, noise=0.05, rng=9)
    fit = fit_universal_scalability(TESTED, measured)

    def squares(alpha, beta, gamma):
        return np.square(universal_scalability(TESTED, alpha, beta, gamma) - measured).sum()

    best = squares(fit.alpha, fit.beta, fit.gamma)
    assert fit.residual == pytest.approx(math.sqrt(best / len(TESTED)))
    for place in range(3):
        for factor in (0.98, 1.02):
            near = np.array([fit.alpha, fit.beta, fit.gamma])
            near[place] *= factor
            assert squares(*near) > best


def test_a_fit_is_not_stuck_where_the_bound_begins():
    measured = [1155.6, 1452.4, 5617.3, 5330, 15640.7, 38275.5, 70481.4]
    fit = fit_universal_scalability([1, 2, 4, 8, 16, 32, 64], measured)
    assert fit.residual < 1956.3  # 1,963 by a straight line
    assert fit.alpha == 0


@settings(deadline=None, max_examples=100)
@given(
    alpha=st.floats(0, 0.5),
    beta=st.floats(0, 0.01),
    factors=st.lists(st.floats(0.3, 3), min_size=4, max_size=7),
)
@example(0.0, 0.0, [1.1556, 0.7262, 1.404325, 0.66625, 0.97754375, 1.196109375, 1.101271875])
def test_a_fit_is_never_worse_than_a_line_or_amdahls_law(alpha, beta, factors):
    from scipy.optimize import minimize_scalar

    servers = 2.0 ** np.arange(len(factors))
    measured = universal_scalability(servers, alpha, beta, 1000) * factors

    def error_of_amdahl(share):
        shape = amdahl(servers, share)
        scale = (shape @ measured) / (shape @ shape)
        return np.sqrt(np.mean((scale * shape - measured) ** 2))

    found = fit_universal_scalability(servers, measured)
    best = minimize_scalar(error_of_amdahl, bounds=(0, 1), method="bounded").fun
    best = min(best, error_of_amdahl(0.0), error_of_amdahl(1.0))
    assert found.residual <= best + 1e-9 * measured.max()


def test_the_margins_of_few_measurements_are_those_of_student():
    fit = fit_universal_scalability([1, 2, 4, 8, 16], [10, 19, 33, 50, 48])
    assert fit.margins_in_errors == pytest.approx(4.302653)  # two degrees of freedom
    assert f"alpha {fit.alpha:.4f} ± {4.302653 * fit.alpha_error:.2g}," in repr(fit)
    assert "± inf" in repr(fit_universal_scalability([1, 8, 64], [1, 6, 12]))


def test_nine_of_ten_intervals_hold_the_truth():
    # equal errors, as the standard errors assume; 400 fits: 0.95 ± 4 standard deviations of 0.011
    rng = np.random.default_rng(5)
    truth = universal_scalability(TESTED, 0.05, 0.0005, 1000)
    fits = [
        fit_universal_scalability(TESTED, truth + rng.normal(0, 100, truth.size))
        for _ in range(400)
    ]
    t = 2.36  # Student's, 7 degrees of freedom
    for name, right in (("alpha", 0.05), ("beta", 0.0005), ("gamma", 1000)):
        errors = np.array([getattr(fit, name) - right for fit in fits])
        widths = np.array([getattr(fit, f"{name}_error") for fit in fits])
        assert np.mean(np.abs(errors) < t * widths) == pytest.approx(0.95, abs=0.044)
    peaks = np.array([fit.peak_servers - peak_servers(0.05, 0.0005) for fit in fits])
    widths = np.array([fit.peak_error for fit in fits])
    assert np.mean(np.abs(peaks) < t * widths) == pytest.approx(0.95, abs=0.044)
    lines = np.array(
        [fit.predict(40) - universal_scalability(40, 0.05, 0.0005, 1000) for fit in fits]
    )
    widths = np.array([fit.predict_error(40) for fit in fits])
    assert np.mean(np.abs(lines) < t * widths) == pytest.approx(0.95, abs=0.044)


def test_three_measurements_leave_no_error_to_judge_by():
    fit = fit_universal_scalability([1, 8, 64], [1, 6, 12])
    assert fit.residual == pytest.approx(0, abs=1e-9)
    assert math.isinf(fit.alpha_error)
    assert math.isinf(fit.peak_error)
    assert np.isinf(fit.predict_error([1, 2])).all()


@pytest.mark.parametrize(
    ("n", "throughput", "message"),
    [
        ([1, 2], [1, 2], "n must hold at least 3 different numbers of servers, got 2"),
        ([1, 2, 2], [1, 2, 2], "n must hold at least 3 different numbers of servers, got 2"),
        ([1, 2, 3], [1, 2], "throughput must be a column as long as n"),
        ([[1, 2, 3]], [[1, 2, 3]], "throughput must be a column as long as n"),
        ([0, 2, 3], [1, 2, 3], "n must be finite and at least 1, got 0"),
        ([1, 2, np.nan], [1, 2, 3], "n must be finite and at least 1, got nan"),
        ([1, 2, 3], [1, 2, 0], "throughput must be finite and above 0, got 0"),
        ([1, 2, 3], [1, 2, -5], "throughput must be finite and above 0, got -5"),
        ([1, 2, 3], [1, 2, np.nan], "throughput must be finite and above 0, got nan"),
        ([1, 2, 3], [1, 2, np.inf], "throughput must be finite and above 0, got inf"),
    ],
)
def test_bad_measurements_are_named(n, throughput, message):
    with pytest.raises(ValueError, match=message):
        fit_universal_scalability(n, throughput)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: amdahl([1], 1.5), "serial_fraction must lie between 0 and 1, got 1.5"),
        (lambda: universal_scalability([0], 0, 0), "n must be finite and at least 1, got 0"),
        (lambda: universal_scalability([1], -0.1, 0), "alpha must lie between 0 and 1, got -0.1"),
        (lambda: universal_scalability([1], 0, np.nan), "beta must be .* at least 0, got nan"),
        (lambda: universal_scalability([1], 0, 0, 0), "gamma must be .* above 0, got 0"),
        (lambda: peak_servers(0, -1), "beta must be .* at least 0, got -1"),
        (lambda: measure_throughput([1], 0, 0, 1, noise=1), "noise must lie between 0 and 0.2"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_same_seed_same_measurements():
    one, again, other = (measure_throughput(TESTED, 0.02, 0.0005, 900, rng=s) for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_the_example_is_what_it_says_it_is():
    measured = read_measurements()
    assert "Made up" in EXAMPLE.read_text()
    assert measured.servers.tolist() == np.repeat(TESTED, 2).tolist()
    stated = measure_throughput(measured.servers, alpha=0.02, beta=0.0005, gamma=900, rng=11)
    assert measured.throughput == pytest.approx(stated, abs=0.051)


def test_the_example_shows_its_peak_to_all_tests_and_hides_it_from_the_first():
    measured = read_measurements()
    full = fit_universal_scalability(measured.servers, measured.throughput)
    assert abs(full.peak_servers - 44.3) < 2 * full.peak_error < 5
    few = measured.servers <= 16
    short = fit_universal_scalability(measured.servers[few], measured.throughput[few])
    assert math.isinf(short.peak_servers)


def read(tmp_path, text):
    path = tmp_path / "load test.csv"
    path.write_text(text, encoding="utf-8")
    return read_measurements(path)


@pytest.mark.parametrize(
    "text",
    [
        "servers,throughput\n1,100\n2,190.5\n",
        "\ufeffN, RPS\n1, 100\n2, 190.5\n",
        "# from Tuesday\n\ntest;Load;note;X\na;1;;100,0\nb;2;;190,5\n",
        "throughput\tnodes\n100\t1\n190,5\t2\n",
        'date,replicas,"requests/s"\n"1 May, late",1,100\n2 May,2,190.5\n',
    ],
)
def test_columns_are_found_by_many_names(tmp_path, text):
    measured = read(tmp_path, text)
    assert measured.servers.tolist() == [1, 2]
    assert measured.throughput.tolist() == [100, 190.5]
    assert measured.skipped == ()


def test_lines_that_cannot_be_used_are_counted_and_named(tmp_path):
    measured = read(
        tmp_path, "# made up\nservers,rps\n1,100\ntwo,190\n\n4\n0,3\n8,-1\n8,nan\n16,900\n"
    )
    assert measured.servers.tolist() == [1, 16]
    assert measured.skipped == (
        "line 4: 'two' is not a number",
        "line 6: columns must number at least 2, got 1",
        "line 7: servers must be at least 1, got 0",
        "line 8: throughput must be a finite number above 0, got -1.0",
        "line 9: throughput must be a finite number above 0, got nan",
    )
    assert repr(measured).startswith("Measurements: 2 rows, 5 skipped; line 4: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "path must name a file that is not empty, got load test.csv"),
        ("1,100\n2,190\n", "header must name a column servers .* got \\['1', '100'\\]"),
        ("servers,latency\n1,100\n", "header must name a column throughput"),
        ("servers,rps\n", "path must hold measurements, got none in load test.csv"),
        ("servers,rps\n1,many\n", "got none in load test.csv; line 2: 'many' is not a number"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, text)
