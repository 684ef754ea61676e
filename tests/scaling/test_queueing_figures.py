"""The queue's figures: their titles are computed, and their words hold the numbers drawn."""

import pytest

from helpers.figure import picture
from helpers.scaling.queueing_figures import draw_hockey_stick, draw_pooling, draw_unevenness
from helpers.scaling.simulation import simulate
from helpers.scaling.sweeps import sweep_unevenness, sweep_utilization


def test_hockey_stick_says_how_much_the_mean_grows():
    sweep = sweep_utilization([0.5, 0.9], requests=50_000)
    words = picture(draw_hockey_stick, sweep).alt
    assert (
        f"From half busy to 90 % busy, the mean grows {sweep.mean[1] / sweep.mean[0]:.0f}-fold"
        in words
    )
    assert "mean, by formula: 2 at 0.5, 10 at 0.9." in words
    assert f"p99, simulated: {sweep.p99[0]:.3g} at 0.5, {sweep.p99[1]:.3g} at 0.9." in words


def test_unevenness_says_how_much_longer_responses_are():
    sweep = sweep_unevenness([0, 2], utilization=0.8, requests=50_000)
    words = picture(draw_unevenness, sweep).alt
    assert f"makes responses {sweep.mean[1] / sweep.mean[0]:.0f} times longer" in words
    assert "mean, by formula: 3 at 0, 11 at 2." in words


@pytest.mark.parametrize("servers", [2, 8])
def test_pooling_compares_the_p99_of_both(servers):
    load = {
        "arrival_rate": 0.8 * servers,
        "service_rate": 1,
        "servers": servers,
        "requests": 20_000,
    }
    shared, apart = simulate(**load), simulate(**load, queues="one per server")
    words = picture(draw_pooling, shared, apart).alt
    times = apart.quantile(0.99) / shared.quantile(0.99)
    assert f"the same load, {times:.1f} times the p99" in words
    assert "one shared line: " in words
    assert "one line per server: " in words
