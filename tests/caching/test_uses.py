"""What an application keeps in a shared cache, and what it costs when the cache forgets."""

import numpy as np
import pytest

from helpers.caching.uses import (
    SharedCacheRun,
    count_hits,
    counter_by_formula,
    page_hit_ratio,
    redis_counter,
    share_a_cache,
)


def test_the_counter_goes_up_as_worked_by_hand():
    # from 5: chance 1 / (10 × 0 + 1) = 1; from 6: 1/11; from 7: 1/21
    draws = np.array([0.99, 0.5, 0.09, 0.0476, 0.047])
    seen = count_hits(draws, np.array([1, 2, 3, 4, 5]), 10)
    assert seen.tolist() == [6, 6, 7, 8, 8]


def test_the_counter_stops_where_a_byte_ends():
    assert count_hits(np.zeros(400), np.array([200, 400]), 10).tolist() == [205, 255]


@pytest.mark.parametrize(
    ("hits", "published", "spread"), [(100, 10, 3), (1_000, 18, 6), (100_000, 142, 20)]
)
def test_the_counter_comes_out_as_redis_tells_it(hits, published, spread):
    # one counter's own luck, about three standard deviations
    (measured,) = redis_counter((hits,), rng=4)
    assert measured.value == pytest.approx(published, abs=spread)
    assert counter_by_formula(hits) == pytest.approx(measured.value, abs=0.8)


def test_a_larger_factor_counts_more_slowly():
    values = [redis_counter((2_000,), factor=factor)[0].value for factor in (0, 1, 10, 100)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 255
    assert counter_by_formula(30, factor=0) == 35


def test_the_kernel_gives_the_same_bits_compiled_and_in_plain_python():
    draws = np.random.default_rng(1).random(3_000)
    args = (draws, np.array([10, 100, 3_000]), 10)
    assert count_hits(*args).tolist() == count_hits.python(*args).tolist()


def test_a_crawler_logs_everybody_out_unless_sessions_are_apart():
    quiet = share_a_cache()
    crawled = share_a_cache(crawled=20_000)
    apart = share_a_cache(crawled=20_000, apart=True)
    assert (quiet.logged_out, apart.logged_out) == (0, 0)
    assert crawled.logged_out == 4_000
    assert crawled.session_reads == quiet.session_reads == 200_000


def test_a_longer_crawl_never_logs_fewer_out():
    out = [share_a_cache(crawled=many, requests=40_000).logged_out for many in (0, 3_000, 9_000)]
    assert out == sorted(out)
    assert out[-1] > 0


def test_every_result_is_found_or_not():
    run = share_a_cache(crawled=500, requests=20_000)
    assert run.result_reads == 20_500
    assert 0 < run.result_hits < run.result_reads
    with pytest.raises(AssertionError, match="more came out"):
        SharedCacheRun(1, 2, 1, 1)


def test_the_same_seed_gives_the_same_run():
    one, two, other = (share_a_cache(5_000, rng=seed, crawled=100) for seed in (1, 1, 2))
    assert one == two != other


def test_a_page_of_many_calls_seldom_finds_them_all():
    assert page_hit_ratio(0.9, 1) == 0.9
    assert page_hit_ratio(0.95, 20) == pytest.approx(0.358, abs=0.001)
    luck = np.random.default_rng(3).random((100_000, 20)) < 0.95
    error = 4 * np.sqrt(0.358 * 0.642 / 100_000)
    assert luck.all(axis=1).mean() == pytest.approx(page_hit_ratio(0.95, 20), abs=error)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: redis_counter((0,)), "hits must be a whole number of at least 1, got 0"),
        (lambda: redis_counter((5, 5)), "hits must rise"),
        (lambda: redis_counter(()), "hits must rise and not be empty, got"),
        (lambda: redis_counter(factor=-1), "factor must be a whole number of at least 0, got -1"),
        (lambda: redis_counter(repetitions=1), "repetitions must be .* at least 2, got 1"),
        (lambda: counter_by_formula(-1), "hits must be a finite number of at least 0, got -1"),
        (lambda: share_a_cache(4_000), "capacity must be a whole number of at least 4001"),
        (lambda: share_a_cache(crawled=-1), "crawled must be a whole number of at least 0"),
        (lambda: page_hit_ratio(2, 1), "hit_ratio must lie between 0 and 1, got 2"),
        (lambda: page_hit_ratio(0.5, 0), "calls must be a whole number of at least 1, got 0"),
    ],
)
def test_bad_input_is_refused_with_its_name_and_its_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
