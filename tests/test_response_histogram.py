"""The histogram of response times under the explorers: areas, marked ones, percentiles."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers.figure import COLOR
from helpers.response_histogram import draw_response_histogram

EDGES = np.array([0.0625, 0.125, 0.5, 1.0])


@pytest.fixture
def move():
    return draw_response_histogram(Figure().subplots())


def test_a_bar_twice_as_wide_is_half_as_high(move):
    others, marked, *_ = move(EDGES, np.zeros(3), np.array([0.2, 0.4, 0.4]), 0.2, 0.9)
    assert others.get_data().values == pytest.approx([0.5, 0.5, 1])
    assert marked.get_data().values == pytest.approx([0, 0, 0])


def test_the_marked_stand_below_the_rest(move):
    others, marked, outline, *_ = move(EDGES, np.full(3, 0.1), np.full(3, 0.1), 0.2, 0.9)
    assert others.get_data().baseline == pytest.approx(marked.get_data().values)
    assert others.get_data().values == pytest.approx(2 * marked.get_data().values)
    assert outline.get_ydata() == pytest.approx([1, 0.5, 1, 0])


def test_percentiles_stand_where_they_are_and_their_names_stay_in_the_picture(move):
    bars = (EDGES, np.zeros(3), np.full(3, 1 / 3))
    *_, p50_line, p99_line, p50_name, p99_name = move(*bars, 0.2, 0.9)
    assert (p50_line.get_xdata()[0], p99_line.get_xdata()[0]) == (0.2, 0.9)
    assert p50_name.get_visible()
    assert p99_name.get_horizontalalignment() == "left"
    move(*bars, 100, 120)
    assert not p50_name.get_visible()
    assert p99_name.get_horizontalalignment() == "right"


def test_the_color_of_the_marked_is_given_with_each_move(move):
    bars = (EDGES, np.full(3, 0.1), np.full(3, 0.1), 0.2, 0.9)
    red = move(*bars)[1].get_facecolor()
    assert red != move(*bars, COLOR["simulation_fill"])[1].get_facecolor()
