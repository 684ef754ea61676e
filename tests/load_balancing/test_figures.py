"""The figures say in their titles what their results say, and name all they draw."""

import re

import numpy as np
import pytest
from matplotlib.text import Text

from helpers.figure import describe, new_figure, theme
from helpers.load_balancing import figures, model, trial_figures
from helpers.load_balancing.trials import DEAD_SERVER, run_trial


@pytest.fixture(scope="module")
def results():
    """The arguments of every figure function, how many axes it takes, by its name."""
    check, users = model.ActiveCheck(), model.draw_users(2000, office=100)
    outages = {"nobody": model.run_outage(), "a check": model.run_outage(check)}
    runs = {"layer 4": model.connect(clients=300), "layer 7": model.connect("L7", clients=300)}
    cascades = model.run_cascade(duration=120), model.run_cascade(panic=0.5, duration=120)
    changes = [model.lose_server(users, way) for way in model.WAYS]
    trial = {name: run_trial(name, DEAD_SERVER) for name in ("round robin", "least connections")}
    return {
        "draw_outage": ((outages, 12), {}),
        "draw_flapping": (([model.ActiveCheck(unhealthy=n) for n in (1, 2, 3)],), {}),
        "draw_cascade": (cascades, {"columns": 2}),
        "draw_new_server": ((runs, 3600.0), {}),
        "draw_sticky": ((changes,), {"columns": 2}),
        "draw_turns": (({"in blocks": [0, 0, 1], "yours": [0, 1, 0]},), {}),
        "draw_trial": ((trial, DEAD_SERVER), {"rows": 2}),
    }


FIGURES = sorted(
    name
    for module in (figures, trial_figures)
    for name, draw in vars(module).items()
    if name.startswith("draw_") and draw.__module__ == module.__name__
)


def draw(name, results):
    """Draw one figure and give it."""
    arguments, layout = results[name]
    figure, axes = new_figure(**layout)
    with theme():
        function = getattr(figures, name, None) or getattr(trial_figures, name)
        assert function(*arguments, axes) is axes
        figure.canvas.draw()
    return figure


def test_every_figure_is_tried(results):
    assert sorted(results) == FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_finding_and_named_axes(name, results):
    figure = draw(name, results)
    first = figure.axes[0]
    assert re.search(r"\d", first.get_title(loc="left"))
    assert all(axes.get_xlabel() or axes.get_ylabel() for axes in figure.axes)


@pytest.mark.parametrize("name", FIGURES)
def test_every_line_with_data_has_a_name_and_nothing_is_nan(name, results):
    figure = draw(name, results)
    words = describe(figure)
    assert "nothing to show" not in words
    assert "nan" not in words
    for axes in figure.axes:
        for line in axes.lines:
            is_rule = np.unique(line.get_ydata()).size == 1 and len(line.get_xdata()) == 2
            assert is_rule or not line.get_label().startswith("_")


@pytest.mark.parametrize("name", FIGURES)
def test_all_words_are_within_the_picture(name, results):
    figure = draw(name, results)
    width, height = figure.canvas.get_width_height()
    for axes in figure.axes:
        titles = [artist for artist in axes.get_children() if is_title(artist, axes)]
        for text in (*axes.texts, *titles):
            if text.get_text() and text.get_visible():
                box = text.get_window_extent()
                assert box.x0 >= 0
                assert box.x1 <= width + 1
                assert box.y1 <= height + 1


def is_title(artist, axes):
    return isinstance(artist, Text) and artist.get_text() == axes.get_title(loc="left")


def test_titles_follow_the_numbers(results):
    title = draw("draw_outage", results).axes[0].get_title(loc="left")
    assert title == "A dead server fails 8.3 % of all until it is found"
    believed = results["draw_cascade"][0][0]
    first = draw("draw_cascade", results).axes[0].get_title(loc="left")
    assert f"{believed.answered_share:.0%}".replace("%", " %") in first


def test_a_burst_is_counted():
    assert trial_figures.longest_burst([1, 1, 0, 0, 0, 1]) == 3
    assert trial_figures.longest_burst([]) == 0
