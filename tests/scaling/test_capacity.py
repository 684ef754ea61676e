"""One machine or many: the price, the ceiling, and what is left when one fails."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from helpers.scaling.capacity import (
    CATALOGUE,
    GIB,
    Instance,
    Losses,
    horizontal_plan,
    k_of_n_availability,
    vertical_plan,
)

PAIR = (Instance("small", 2, 8 * GIB, 1.0), Instance("large", 8, 32 * GIB, 5.0))
DEMAND = np.geomspace(10, 1e6, 60)


def test_one_machine_by_hand():
    plan = vertical_plan([150, 200, 201, 800, 801], per_core=100, catalogue=PAIR)
    assert plan.choice.tolist() == [0, 0, 1, 1, -1]
    assert plan.machines.tolist() == [1, 1, 1, 1, 0]
    assert plan.cost_per_hour.tolist() == [1, 1, 5, 5, math.inf]
    assert plan.capacity.tolist() == [200, 200, 800, 800, 0]
    assert plan.lost_with_one[:4].tolist() == [1, 1, 1, 1]
    assert np.isnan(plan.availability[4])
    assert plan.ceiling == 800


def test_a_fleet_by_hand():
    plan = horizontal_plan([150, 400, 1000, 1001], per_core=100, catalogue=PAIR)
    assert plan.choice.tolist() == [0, 0, 0, 0]
    assert plan.machines.tolist() == [1, 2, 5, 6]
    assert plan.cost_per_hour.tolist() == [1, 2, 5, 6]
    assert plan.lost_with_one == pytest.approx([1, 0.5, 0.2, 1 / 1001])
    assert plan.availability == pytest.approx([0.999, 0.999**2, 0.999**5, 0.999**6])


def test_a_spare_machine_is_paid_for_and_takes_over():
    plan = horizontal_plan([150, 1000], per_core=100, catalogue=PAIR, spare=1)
    assert plan.cost_per_hour.tolist() == [2, 6]
    assert plan.lost_with_one.tolist() == [0, 0]
    assert plan.availability[0] == pytest.approx(1 - 0.001**2)


def test_a_single_machine_with_a_standby_costs_twice_as_much():
    alone, pair = (vertical_plan(DEMAND, 100, spare=spare) for spare in (0, 1))
    possible = alone.is_possible
    assert pair.cost_per_hour[possible] == pytest.approx(2 * alone.cost_per_hour[possible])
    assert pair.ceiling == alone.ceiling


def test_beyond_the_largest_machine_only_a_fleet_is_left():
    one, many = vertical_plan(DEMAND, 100), horizontal_plan(DEMAND, 100)
    assert np.array_equal(one.is_possible, DEMAND <= 89_600)
    assert many.is_possible.all()
    assert np.isinf(one.cost_per_hour[~one.is_possible]).all()


def test_a_fleet_without_a_spare_has_all_its_machines_up_less_often_than_one():
    plan = horizontal_plan([2000], per_core=100, catalogue=PAIR[:1])
    assert plan.machines[0] == 10
    assert plan.availability[0] == pytest.approx(0.990, abs=5e-5)
    assert plan.downtime_hours[0] == pytest.approx(87.2, abs=0.1)


def test_losses_between_cores_make_the_large_machine_small():
    free, lossy = (vertical_plan([100], 100, core_losses=x) for x in (Losses(), Losses(0.02)))
    assert lossy.ceiling == pytest.approx(100 * 896 / (1 + 0.02 * 895))
    assert lossy.ceiling < free.ceiling / 15


def test_losses_between_machines_favor_fewer_and_larger_ones():
    losses = Losses(alpha=0.01, beta=1e-5)
    free, lossy = (
        horizontal_plan([5_000], 100, machine_losses=losses) for losses in (Losses(), losses)
    )
    assert lossy.choice[0] > free.choice[0]
    assert lossy.machines[0] < free.machines[0]


def test_a_fleet_that_talks_too_much_has_a_ceiling_too():
    losses = Losses(alpha=0.02, beta=0.0005)
    plan = horizontal_plan([3_100, 3_300], 100, PAIR[:1], machine_losses=losses)
    assert plan.ceiling == pytest.approx(200 * 44 / (1 + 0.02 * 43 + 0.0005 * 44 * 43))
    assert plan.is_possible.tolist() == [True, False]
    assert plan.machines[0] < 44


@given(
    st.floats(1, 1e5),
    st.floats(0.1, 1000),
    st.integers(0, 3),
    st.floats(0, 0.02),
    st.floats(0, 1e-4),
)
def test_every_plan_carries_its_demand_and_no_machine_could_go(demand, per_core, spare, a, b):
    losses = Losses(a, b)
    plan = horizontal_plan([demand], per_core, spare=spare, machine_losses=losses)
    if plan.is_possible[0]:
        instance = CATALOGUE[plan.choice[0]]
        working = plan.machines[0] - spare
        one_less = working - 1
        assert plan.capacity[0] >= demand * (1 - 1e-9)
        assert plan.cost_per_hour[0] == pytest.approx(plan.machines[0] * instance.price_per_hour)
        cost = 1 + (a + b * one_less) * (one_less - 1)
        assert instance.cores * per_core * one_less / cost < demand


def test_more_demand_never_costs_less():
    for plan in (vertical_plan(DEMAND, 100), horizontal_plan(DEMAND, 100, spare=1)):
        assert (np.diff(plan.cost_per_hour[plan.is_possible]) >= 0).all()


@pytest.mark.parametrize(("demand", "machines"), [(2.1, 7), (8.3, 7), (0.5, 49)])
def test_rounding_buys_no_machine(demand, machines):
    per_core = demand / machines
    assert demand / per_core > machines  # so it would
    tiny = (Instance("tiny", 1, GIB, 1.0),)
    assert horizontal_plan([demand], per_core, tiny).machines[0] == machines


@given(st.integers(1, 300), st.integers(0, 20), st.floats(0.01, 0.9999))
def test_k_of_n_is_the_binomial_distribution(needed, spare, up):
    expected = binom.sf(needed - 1, needed + spare, up)
    assert k_of_n_availability(needed, spare, up) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_two_machines_of_which_one_is_enough():
    assert k_of_n_availability(1, 1, 0.9) == pytest.approx(0.99)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vertical_plan([], 100), "demand must be one-dimensional and not empty"),
        (lambda: vertical_plan([0], 100), "demand must be finite and above 0, got 0"),
        (lambda: vertical_plan([np.nan], 100), "demand must be finite and above 0, got nan"),
        (lambda: vertical_plan([1], 0), "per_core must be .* above 0, got 0"),
        (lambda: vertical_plan([1], 1, ()), "catalogue must hold at least one instance"),
        (lambda: horizontal_plan([1], 1, spare=-1), "spare must be .* at least 0, got -1"),
        (
            lambda: horizontal_plan([1], 1, machine_availability=1),
            "machine_availability must lie above 0 and below 1, got 1",
        ),
        (lambda: k_of_n_availability(0, 1, 0.9), "needed must be at least 1, got 0"),
        (lambda: Instance("x", 0, 1, 1), "cores must be .* at least 1, got 0"),
        (lambda: Instance("x", 1, 1, -1), "price_per_hour must be .* above 0, got -1"),
        (lambda: Losses(2), "alpha must lie between 0 and 1, got 2"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
