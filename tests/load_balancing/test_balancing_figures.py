"""The figures of balancing: the title says what the numbers say, and the words hold them."""

import numpy as np
import pytest

from helpers.figure import new_figure, picture
from helpers.load_balancing.balancing import balance
from helpers.load_balancing.balancing_figures import (
    LOOK,
    draw_choices,
    draw_few_servers,
    draw_herd,
    draw_lines_over_time,
    draw_slow_server,
    draw_tails,
    herd_from,
    spread_out,
)
from helpers.load_balancing.policies import POLICIES
from helpers.load_balancing.policy_sweeps import (
    PolicySweep,
    sweep_refresh,
    sweep_slowdown,
    sweep_utilization,
)
from helpers.load_balancing.supermarket import Trial, try_choices, try_servers
from helpers.statistics import Estimate


def swept(knob, values, policies=("random", "least connections")):
    table = np.array(values, dtype=float)
    return PolicySweep(np.array(knob, dtype=float), policies, 10, *[table] * 5)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_every_policy_has_a_look_of_its_own():
    assert set(LOOK) == set(POLICIES)
    assert len(set(LOOK.values())) == len(LOOK)


def test_tails_say_best_and_worst_and_lie_beside_the_formulas():
    shown = picture(draw_tails, swept([0.5, 0.9], [[9, 46], [5, 7]]))
    assert shown.alt.startswith(
        "At 90% utilization the policy decides whether p99 is 7 or 46 service times."
    )
    assert "random: 9 at 0.5, 46 at 0.9." in shown.alt
    assert "at random: 9.21 at 0.5, 46.1 at 0.9." in shown.alt  # ln(100) / (1 - u)


def test_the_slow_server_figure_names_who_suffers_and_who_does_not():
    _, axes = new_figure()
    draw_slow_server(swept([1, 5, 20], [[9, 99, 999], [5, 6, 7]]), axes)
    assert axes.get_title() == (
        "One slow server ruins p99 under random, hardly under least connections"
    )
    assert texts(axes) == ["random", "least connections"]


@pytest.mark.parametrize(
    ("least", "crossing", "title"),
    [
        ([1, 4, 9], 20.0, "With looks 20 service times apart, least connections is worse than"),
        ([1, 6, 9], 2.0, "With looks 2 service times apart, least connections is worse than"),
        ([1, 2, 3], None, "Fresh enough, load information only helps"),
    ],
)
def test_the_herd_begins_where_least_connections_is_worse_than_chance(least, crossing, title):
    result = swept([0, 2, 20], [[5, 5, 5], least])
    assert herd_from(result) == crossing
    assert picture(draw_herd, result).alt.startswith(title)


def test_choices_show_formula_and_simulation():
    trials = [Trial(0.9, d, 500, 0.0, Estimate(2.5, 0.1)) for d in (1, 2, 3)]
    shown = picture(draw_choices, trials)
    assert "1 choice, mean response 10.00 by formula, 2.50 ± 0.10 simulated: 1 at 0" in shown.alt
    assert "2 choices, mean response 2.61 by formula" in shown.alt
    assert "3 choices, mean response 2.03 by formula" in shown.alt


def test_few_servers_are_told_as_a_multiple_of_the_formula():
    trials = [Trial(0.9, 2, n, 2.0, Estimate(m, 0.1)) for n, m in ((2, 5.0), (64, 2.1))]
    shown = picture(draw_few_servers, trials)
    assert shown.alt.startswith(
        "With 2 servers two choices take 2.5 times what the formula says, with 64 1.05 times."
    )
    assert "simulated: 5 at 2, 2.1 at 64." in shown.alt


def test_lines_over_time_share_their_scale_and_tell_the_longest():
    names = ("IP hash", "two choices")
    runs = {name: balance(8, 10, name, requests=2000) for name in names}
    _, axes = new_figure(columns=2)
    draw_lines_over_time(runs, 50, axes)
    tops = [place.get_ylim()[1] for place in axes]
    assert tops[0] == tops[1]
    assert axes[0].get_title().startswith("IP hash: ")
    for place, (name, run) in zip(axes, runs.items(), strict=True):
        at = run.arrival_time[0] + np.linspace(0, 50, 400)
        most = max(int(run.in_flight(server, at).max()) for server in range(10))
        assert place.get_title() == f"{name[0].upper() + name[1:]}: up to {most} at one server"


def test_names_at_the_end_of_lines_keep_their_distance():
    heights = spread_out(np.array([0.0, 0.01, 5.0, 0.02]), gap=1.0)
    assert heights.tolist() == [0.0, 1.0, 5.0, 2.0]


def test_real_results_are_drawn_without_a_nan():
    shown = [
        picture(draw_tails, sweep_utilization([0.5, 0.9], requests=20_000)),
        picture(draw_slow_server, sweep_slowdown([1, 10], requests=20_000)),
        picture(draw_herd, sweep_refresh([0, 10], requests=20_000)),
        picture(draw_choices, try_choices(requests=20_000)),
        picture(draw_few_servers, try_servers((2, 8), requests=20_000)),
    ]
    assert [one.alt for one in shown if "nan" in one.alt.lower()] == []
