"""The figures say in their titles what their results say, and name all they draw."""

import numpy as np
import pytest

from helpers.databases import (
    family_figures,
    figures,
    lab_figures,
    model,
    replica_figures,
    saga_figures,
)
from helpers.figure import describe, new_figure, picture, theme

MODULES = (figures, replica_figures, saga_figures, family_figures, lab_figures)
DRAW = {
    name: draw
    for module in MODULES
    for name, draw in vars(module).items()
    if name.startswith("draw_") and draw.__module__ == module.__name__
}
COLUMNS = {"draw_isolation": 2}
HEIGHTS = {"draw_crashes": 2.8}


@pytest.fixture(scope="module")
def results():
    """The arguments of every figure function, by its name."""
    growth = [model.visited_against_size([100, 1_000], has) for has in (False, True)]
    loads = {
        way: [model.load_page(way, n, round_trip=0.01) for n in (5, 50, 400)] for way in model.WAYS
    }
    tables = {
        "The SQL standard allows": model.IsolationTable(model.STANDARD),
        "PostgreSQL lets happen": model.postgres_table(None),
    }
    replicas = [model.simulate_lag(rate, 1_000, writes=50_000) for rate in (500, 900, 990)]
    crashes = {
        "saga": model.crash_everywhere(stock=0, restock=True),
        "no journal": model.crash_everywhere(model.without_journal, stock=0, restock=True),
        "no keys": model.crash_everywhere(model.without_keys, stock=0, restock=True),
    }
    searches = {lag: model.run_search(lag=lag, restocks=200) for lag in (0, 5, 10)}
    return {
        "draw_growth": tuple(growth),
        "draw_ways": (loads, 0.01),
        "draw_isolation": (tables,),
        "draw_after_save": (replicas, np.geomspace(0.0012, 0.2, 9)),
        "draw_read_scaling": (10_000, [0.02, 0.05, 0.2]),
        "draw_search": (searches, 200, 1.0),
        "draw_crashes": (crashes,),
        "draw_families": (model.compare_families(),),
        "draw_pages": (loads["batched"], loads["lazy"]),
    }


def draw(name, results):
    """Draw one figure and give it with its axes."""
    columns = COLUMNS.get(name, 1)
    figure, axes = new_figure(9 + (columns > 1), HEIGHTS.get(name, 3.2), columns)
    with theme():
        assert DRAW[name](*results[name], axes) is axes
    figure.canvas.draw()
    return figure, np.atleast_1d(axes)


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_has_a_finding_and_two_named_axes(name, results):
    for axes in draw(name, results)[1]:
        title = axes.get_title(loc="left")
        assert len(title) > 20
        assert any(letter.isdigit() for letter in title)
        assert axes.get_xlabel()
        assert axes.get_ylabel()


@pytest.mark.parametrize("name", DRAW)
def test_its_words_hold_numbers_and_no_nan(name, results):
    words = describe(draw(name, results)[0])
    assert "nan" not in words
    assert words.count(":") >= 2


@pytest.mark.parametrize("name", DRAW)
def test_words_stay_on_the_paper_and_apart(name, results):
    figure, all_axes = draw(name, results)
    for axes in all_axes:
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
        boxes.append(axes._left_title.get_window_extent())
        for box in boxes:
            assert figure.bbox.x0 - 1 <= box.x0
            assert box.x1 <= figure.bbox.x1 + 1
            assert box.y1 <= figure.bbox.y1 + 1
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize("name", DRAW)
def test_no_word_is_smaller_than_nine_points(name, results):
    for axes in draw(name, results)[1]:
        words = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label]
        assert min(text.get_fontsize() for text in words) >= 9


def test_the_same_result_gives_the_same_bytes(results):
    one, other = (picture(figures.draw_growth, *results["draw_growth"]) for _ in range(2))
    assert one.png == other.png


def title_of(name, results):
    """Give the title that a figure function sets."""
    return draw(name, results)[1][-1].get_title(loc="left")


def test_titles_tell_what_their_results_say(results):
    assert title_of("draw_growth", results).startswith("Five orders among 1,000")
    assert (
        title_of("draw_ways", results) == "400 orders, 10 ms a query: 4.01 s lazy, 10.5 ms joined"
    )
    assert title_of("draw_isolation", results) == "PostgreSQL lets happen: 9 of 20"
    assert title_of("draw_crashes", results).endswith("saga 0 of 12, no keys 4 of 10")
    assert title_of("draw_families", results).startswith("6 of 25")


def test_the_cell_of_a_family_is_judged_beside_the_others(results):
    costs = results["draw_families"][0].costs
    rename = list(costs["rename a brand"].values())
    page = list(costs["the product page"].values())
    kinds = [family_figures.kind_of(cost, rename) for cost in rename]
    assert kinds == ["easy", "hard", "hard", "hard", "easy"]
    assert {family_figures.kind_of(cost, page) for cost in page} == {"easy"}


def test_a_page_that_is_not_there_yet_is_left_out(results):
    _, axes = new_figure()
    with theme():
        lab_figures.draw_pages([], results["draw_pages"][1], axes)
    assert [text.get_text() for text in axes.texts] == ["a query for each row: 401 queries"]
