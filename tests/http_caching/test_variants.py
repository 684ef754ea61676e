"""Vary: the hit ratio by formula and in a cache."""

import pytest

from helpers.http_caching.variants import expected_hits, popularity, vary


def test_one_variant_misses_once_in_each_lifetime():
    assert expected_hits(1, 99) == pytest.approx(0.99)


def test_endless_variants_leave_nothing_to_share():
    assert expected_hits(100_000, 1) < 0.05


def test_the_simulation_meets_the_formula():
    run = vary([1, 4, 20], per_lifetime=50, requests=3_000, rng=4)
    # 1,500 counted requests of a mean of 0.7: 0.012 is a standard error
    assert run.hit_ratio == pytest.approx(run.by_formula, abs=0.04)


def test_more_variants_never_raise_the_hit_ratio():
    ratios = vary([1, 3, 10, 30], requests=600).hit_ratio.tolist()
    assert ratios == sorted(ratios, reverse=True)


def test_the_same_seed_gives_the_same_ratios():
    same, again, other = (vary([5], requests=400, rng=seed).hit_ratio[0] for seed in (1, 1, 2))
    assert same == again != other


def test_shares_add_up_to_one():
    assert popularity(7).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: popularity(0), "variants must be a whole number of at least 1, got 0"),
        (lambda: expected_hits(1, 0), "per_lifetime must be a finite number above 0, got 0"),
        (lambda: vary([1], requests=0), "requests must be a whole number of at least 1, got 0"),
        (lambda: vary([1], per_lifetime=-1), "per_lifetime must be a finite number above 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
