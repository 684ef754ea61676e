"""The figures say in their titles what their results say, and name all they draw."""

import numpy as np
import pytest

from helpers.figure import describe, new_figure, picture, theme
from helpers.sharding import figures, lab_figures, load_figures, model
from helpers.sharding.routing import DAYS, HashModulo, PlainRing, serve

MODULES = (figures, load_figures, lab_figures)
DRAW = {
    name: draw
    for module in MODULES
    for name, draw in vars(module).items()
    if name.startswith("draw_") and draw.__module__ == module.__name__
}


@pytest.fixture(scope="module")
def results():
    """The arguments of every figure function, by its name."""
    nodes, shards = [1, 10, 100], [1, 4, 16]
    even, hot = np.arange(5_000), model.with_celebrity(np.arange(5_000), 0.2, -1)
    worth = {
        "even keys": [n / model.balance(model.Jump(n), even).max_over_mean for n in shards],
        "a hot key": [n / model.balance(model.Jump(n), hot).max_over_mean for n in shards],
        "rising keys": [1.0, 1.0, 1.0],
    }
    fan_outs = [model.scatter_gather(count, requests=2_000) for count in (1, 10, 100)]
    ways = {
        "nothing": model.reshard(),
        "double write": model.reshard([s for s in model.STEPS if s != "double write"]),
        "waiting": model.reshard(is_patient=False),
    }
    ring = {"plain ring": serve(PlainRing, DAYS[1]), "yours": serve(HashModulo, DAYS[1])}
    reload = np.r_[np.full(20, 10), 500 - np.arange(60) * 5]
    three = [(0.1, "a"), (0.3, "b"), (0.6, "c"), (0.9, "a")]
    return {
        "draw_ring": (three, sorted([*three, (0.5, "d")])),
        "draw_spread": (
            nodes,
            [model.measure_ring_cv(10, count, rings=20) for count in nodes],
            [model.ring_cv(10, count) for count in nodes],
        ),
        "draw_plans": ({"modulo": 0.91, "jump": 0.09}, {"modulo": 0.9, "jump": 0.69}),
        "draw_reload": ({"modulo": reload, "ring": reload // 3}, 20, 250),
        "draw_worth": (shards, worth),
        "draw_salts": (model.sweep_salts(model.HashRing(10), hot, hot=-1),),
        "draw_fan_out": (fan_outs, [model.slow_share(0.01, run.shards) for run in fan_outs]),
        "draw_steps": (ways,),
        "draw_peaks": (ring,),
        "draw_moves": ({"modulo": 0.91, "yours": 0.07}, 1 / 11),
    }


def draw(name, results):
    """Draw one figure and give its axes."""
    figure, axes = new_figure()
    with theme():
        assert DRAW[name](*results[name], axes) is axes
    figure.canvas.draw()
    return axes


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_has_a_finding_and_two_named_axes(name, results):
    axes = draw(name, results)
    title = axes.get_title(loc="left")
    assert len(title) > 20
    assert any(letter.isdigit() for letter in title)
    assert axes.get_xlabel()
    assert axes.get_ylabel()


@pytest.mark.parametrize("name", DRAW)
def test_its_words_hold_numbers_and_no_nan(name, results):
    words = describe(draw(name, results).figure)
    assert "nan" not in words
    assert words.count(":") >= 2


@pytest.mark.parametrize("name", DRAW)
def test_words_stay_on_the_paper_and_apart(name, results):
    axes = draw(name, results)
    paper = axes.figure.bbox
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    boxes.append(axes._left_title.get_window_extent())
    for box in boxes:
        assert paper.x0 - 1 <= box.x0
        assert box.x1 <= paper.x1 + 1
        assert box.y1 <= paper.y1 + 1
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize("name", DRAW)
def test_no_word_is_smaller_than_nine_points(name, results):
    axes = draw(name, results)
    words = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label]
    assert min(text.get_fontsize() for text in words) >= 9


def test_the_same_result_gives_the_same_bytes(results):
    one, other = (picture(load_figures.draw_worth, *results["draw_worth"]) for _ in range(2))
    assert one.png == other.png


def test_titles_tell_what_their_results_say(results):
    def title(name, *arguments):
        _, axes = new_figure()
        with theme():
            DRAW[name](*arguments, axes)
        return axes.get_title(loc="left")

    assert title("draw_plans", *results["draw_plans"]).startswith("Only modulo moves nearly all")
    assert title("draw_ring", *results["draw_ring"]).startswith("The new server d takes 20 % of")
    both = {"modulo": 0.9, "rehash": 0.8}
    assert title("draw_plans", both, both).startswith("2 plans move nearly all")
    assert (
        title("draw_steps", *results["draw_steps"]) == "Of 3 ways to move a shard, 2 hurt somebody"
    )
    assert title("draw_worth", *results["draw_worth"]).endswith("1 with rising keys")


def test_a_router_above_the_limit_is_drawn_as_harm(results):
    axes = draw("draw_peaks", results)
    yours = next(line for line in axes.lines if line.get_label() == "yours")
    assert yours.get_color() == figures.COLOR["harm"]


def test_arcs_close_the_circle():
    arcs = figures.arcs_of([(0.25, "a"), (0.75, "b")])
    assert arcs == [(-0.25, 0.25, "a"), (0.25, 0.75, "b")]
    assert sum(end - begin for begin, end, _ in arcs) == 1


def test_the_key_in_a_drawn_ring_goes_to_the_new_server(results):
    words = [text.get_text() for text in draw("draw_ring", results).texts]
    assert "before:\nthe key is c's" in words
    assert "after:\nthe key is d's" in words
