"""Keys: the alias table holds its distribution exactly, and draws follow it."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.workload import AliasTable, poisson, zipf
from helpers.workload.keys import CHUNK, FULL, fill_jars

weights = st.lists(st.floats(0, 1e6), min_size=1, max_size=60).filter(lambda w: sum(w) > 0)


def exact(table):
    """Read the distribution back from the jars without any rounding."""
    jars = len(table.kept)
    shares = [Fraction(0)] * jars
    for key, (kept, other) in enumerate(zip(table.kept, table.other, strict=True)):
        shares[key] += Fraction(float(kept)) / jars
        shares[other] += (1 - Fraction(float(kept))) / jars
    return shares


def test_zipf_shares_of_three_keys_are_as_computed_by_hand():
    assert zipf(3, 1.0).tolist() == pytest.approx([6 / 11, 3 / 11, 2 / 11])
    assert zipf(4, 0.0).tolist() == [0.25] * 4
    assert zipf(1, 2.0).tolist() == [1.0]


def test_zipf_falls_with_the_rank_and_adds_up_to_one():
    shares = zipf(10_000, 0.8)
    assert np.all(np.diff(shares) < 0)
    assert math.fsum(shares) == pytest.approx(1)
    assert shares[99] / shares[0] == pytest.approx(100**-0.8)


@given(weights)
def test_the_jars_add_up_to_the_distribution_exactly(drawn):
    probabilities = np.array(drawn) / math.fsum(drawn)
    table = AliasTable.of(probabilities)
    shares = exact(table)
    assert sum(shares) == 1
    step = Fraction(1, len(drawn) * FULL)  # rounded once, by half a step; then never again
    for share, probability in zip(shares, probabilities, strict=True):
        assert abs(share - Fraction(float(probability))) <= step * len(drawn)
        assert (share / step).denominator == 1
    assert table.probabilities == pytest.approx([float(s) for s in shares], abs=1e-15)


def test_a_distribution_in_powers_of_two_is_kept_bit_for_bit():
    given_shares = [0.5, 0.25, 0.125, 0.125]
    assert exact(AliasTable.of(given_shares)) == [Fraction(s) for s in given_shares]


@given(weights)
def test_the_loop_runs_alike_compiled_and_in_plain_python(drawn):
    shares = np.rint(np.array(drawn) / math.fsum(drawn) * (len(drawn) * FULL)).astype(np.int64)
    shares[np.argmax(shares)] += len(drawn) * FULL - shares.sum()
    results = []
    for loop in (fill_jars, fill_jars.python):
        kept, other = np.full(len(drawn), FULL), np.arange(len(drawn))
        loop(shares.copy(), FULL, kept, other)
        results.append((kept.tolist(), other.tolist()))
    assert results[0] == results[1]


def test_keys_are_drawn_as_often_as_zipf_says():
    requests, shares = 200_000, zipf(500, 0.9)
    counts = np.bincount(AliasTable.of(shares).draw(requests, rng=8), minlength=500)
    chi_square = np.sum((counts - requests * shares) ** 2 / (requests * shares))
    assert abs(chi_square - 499) < 4 * math.sqrt(2 * 499)


def test_a_key_of_probability_zero_is_never_drawn():
    assert not np.any(AliasTable.of([0.5, 0.0, 0.5]).draw(100_000, rng=1) == 1)


def test_drawing_goes_on_across_chunks():
    table = AliasTable.of(zipf(10, 1.0))
    keys = table.draw(3 * CHUNK + 5, rng=2)
    assert keys.size == 3 * CHUNK + 5
    assert keys[-5:].max() < 10
    assert table.draw(CHUNK, rng=2).tolist() == keys[:CHUNK].tolist()


def test_the_same_seed_draws_the_same_keys():
    first, second, other = (
        poisson(10, requests=100, rng=1).with_keys(50, rng=seed).key for seed in (4, 4, 5)
    )
    assert first.tolist() == second.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AliasTable.of([]), r"probabilities must have shape \(n,\), .*, got \(0,\)"),
        (lambda: AliasTable.of([[1.0]]), r"probabilities must have shape \(n,\), .*, got \(1, 1\)"),
        (lambda: AliasTable.of([0.5, 0.4]), "probabilities .* add up to 1, got a sum of 0.9"),
        (lambda: AliasTable.of([1.5, -0.5]), "probabilities must be at least 0"),
        (lambda: AliasTable.of([math.nan]), "probabilities must be at least 0"),
        (lambda: AliasTable.of([1.0]).draw(-1, rng=0), "requests must be .* at least 0, got -1"),
        (lambda: zipf(2.5, 1.0), "catalogue must be a whole number of at least 1, got 2.5"),
        (lambda: zipf(3, math.inf), "exponent must be a finite number of at least 0, got inf"),
    ],
)
def test_a_wrong_argument_is_named_with_its_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
