"""Eviction's figures: their titles are computed, and their words hold the numbers drawn."""

from helpers.caching.che import che_curve
from helpers.caching.eviction import POLICIES
from helpers.caching.eviction_figures import (
    TITLES,
    bar_color,
    draw_che,
    draw_policies,
)
from helpers.caching.hit_ratio import hit_ratio_curve, run_policies
from helpers.caching.request_patterns import loop_requests, zipf_requests
from helpers.figure import COLOR, new_figure, picture
from helpers.workload import zipf

SIZES = [10, 100, 1_000]


def test_every_policy_has_a_title():
    assert set(TITLES) == set(POLICIES)


def test_bars_show_every_policy_and_the_limit():
    results = {"a loop": run_policies(loop_requests(2_000, 120), 100)}
    words = picture(lambda result, axes: draw_policies(result, [axes]), results).alt
    assert "a loop." in words
    assert "0 at FIFO" in words
    assert "0 at LRU" in words
    limit = results["a loop"]["optimal"].hit_ratio_after(0.2)
    assert f"hit ratio (at best {limit:.0%})" in words
    assert f"the best possible: 0 at {limit:.3g}, 1 at {limit:.3g}." in words


def test_bars_tell_winners_from_losers_against_lru():
    assert bar_color("lru", 0.5, 0.5) == COLOR["simulation_fill"]
    assert bar_color("sieve", 0.6, 0.5) == COLOR["remedy_fill"]
    assert bar_color("lfu", 0.4, 0.5) == COLOR["harm_fill"]


def test_several_patterns_share_the_names_of_the_policies():
    keys = zipf_requests(2_000, 100, rng=1)
    results = {name: run_policies(keys, 20) for name in ("one", "two")}
    _, axes = new_figure(columns=2)
    draw_policies(results, axes)
    names = [[text.get_text() for text in axis.get_yticklabels()] for axis in axes]
    assert names[0] == [TITLES[policy] for policy in POLICIES[:-1]]
    assert not any(names[1])


def test_che_says_how_far_off_it_is():
    formula = che_curve(zipf(10_000, 0.8))
    keys = zipf_requests(300_000, rng=2)
    simulated = hit_ratio_curve(keys, capacities=SIZES, warm_up=0.3)
    off = max(
        abs(formula.at(size) - ratio)
        for size, ratio in zip(SIZES, simulated.hit_ratio, strict=True)
    )
    words = picture(draw_che, formula, simulated).alt
    shown = f"{float(f'{100 * off:.2g}'):g}"
    assert f"Che's formula agrees with the simulation within {shown} percentage points" in words
    assert off < 0.01
    assert f"LRU, simulated: {simulated.hit_ratio[0]:.3g} at 10" in words
