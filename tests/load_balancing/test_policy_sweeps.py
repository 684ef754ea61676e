"""One knob turned step by step: what a sweep gives back, and what it refuses."""

import numpy as np
import pytest

from helpers.load_balancing.balancing import Gray, balance
from helpers.load_balancing.policy_sweeps import sweep_refresh, sweep_slowdown, sweep_utilization

POLICIES = ("random", "two choices")
SMALL = {"policies": POLICIES, "servers": 4, "requests": 20_000, "rng": 3}


@pytest.mark.parametrize(
    ("sweep", "knob", "settings"),
    [
        (sweep_utilization, 0.7, {"arrival_rate": 0.7 * 4}),
        (sweep_refresh, 2.0, {"arrival_rate": 0.8 * 4, "refresh": 2.0}),
        (sweep_slowdown, 3.0, {"arrival_rate": 0.5 * 4, "gray": Gray(0, 3.0)}),
    ],
)
def test_each_point_is_a_run_of_its_own(sweep, knob, settings):
    swept = sweep([knob], **SMALL)
    for row, policy in enumerate(POLICIES):
        run = balance(servers=4, policy=policy, requests=20_000, rng=3, **settings)
        assert swept.row(policy) == row
        assert swept.mean[row, 0] == run.mean_response.value
        assert swept.margin[row, 0] == run.mean_response.half_width
        assert swept.p50[row, 0] == run.quantile(0.5)
        assert swept.p99[row, 0] == run.quantile(0.99)
        assert swept.share[row, 0] == np.mean(run.server == 0)


def test_a_generator_gives_every_point_the_same_requests():
    swept = sweep_slowdown([1, 1], **SMALL | {"rng": np.random.default_rng(1)})
    assert np.array_equal(swept.mean[:, 0], swept.mean[:, 1])


@pytest.mark.parametrize(
    ("sweep", "knob"), [(sweep_utilization, 0.5), (sweep_refresh, 1.0), (sweep_slowdown, 2.0)]
)
@pytest.mark.parametrize("servers", [0, -1, 2.5, True, "3"])
def test_servers_that_cannot_be_are_named(sweep, knob, servers):
    with pytest.raises(ValueError, match=f"servers must be .* got {servers!r}"):
        sweep([knob], servers=servers)


@pytest.mark.parametrize("sweep", [sweep_refresh, sweep_slowdown])
def test_a_utilization_that_cannot_be_is_named(sweep):
    with pytest.raises(ValueError, match="utilization must lie above 0 and below 1, got 1"):
        sweep([1.0], utilization=1)


def test_a_sweep_of_no_policies_and_a_policy_that_was_not_swept_are_named():
    with pytest.raises(ValueError, match="policies must name at least one policy, got none"):
        sweep_utilization([0.5], [])
    with pytest.raises(ValueError, match=r"policy must be one of .*, got 'IP hash'"):
        sweep_utilization([0.5], **SMALL).row("IP hash")
