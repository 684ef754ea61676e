"""The figures say in their titles what their results say, and name all they draw."""

import pytest

from helpers.consistency import figures, lab_figures, model, screen_figures, screens, trials
from helpers.figure import describe, new_figure, picture, theme

MODULES = (figures, screen_figures, lab_figures)
DRAW = {
    name: draw
    for module in MODULES
    for name, draw in vars(module).items()
    if name.startswith("draw_") and name != "draw_operation" and draw.__module__ == module.__name__
}
SIZE = {"draw_days": 4.2}


@pytest.fixture(scope="module")
def results():
    """The arguments of every figure function, by its name."""
    quorum = model.Leaderless(r=2, w=2, read_repair="none")
    day = model.run(quorum, trials.busy_steps(40), trials.CALM, 40, route="any")
    found = model.is_linearizable(day.history).counterexample
    followers = model.SingleLeader(read_from="any")
    looks, deaf = screens.watch_badge(looks=80, every=0.04), screens.deaf_follower()
    badges = [
        screens.badge_of(model.run(followers, looks, deaf, 1, route="any", tells_token=token))
        for token in (False, True)
    ]
    orders = {
        name: screens.outcomes_of(model.run(store, screens.place_orders(100), rng=1))
        for name, store in {"one": model.SingleLeader(), "two": model.Majority()}.items()
    }
    shares = {"one": (1.0, 1.0), "two": (0.05, 0.4), "three": (0.0, 0.0)}
    lists = [("tea", "milk"), ("tea", "milk")], [("tea", "rice", "jam")] * 2
    disk = [model.simulate("LNKD-DISK", r=r, trials=50_000) for r in (1, 2)]
    return {
        "draw_history": (found.core, found.offender, "g sees b2 before e sees b1, at 1 s"),
        "draw_days": (shares,),
        "draw_staleness": ([*disk, model.simulate("LNKD-SSD", trials=50_000)],),
        "draw_trade_off": (model.trade_offs("LNKD-DISK", trials=50_000), 0.999),
        "draw_badges": (*badges, "with a token"),
        "draw_outcomes": (orders,),
        "draw_merges": (["PL", "LP"], dict(zip(("last", "set"), lists, strict=True))),
        "draw_rules": ({"first answer": 33, "your rule": 0}, 40),
    }


def draw(name, results):
    """Draw one figure and give its axes."""
    figure, axes = new_figure(height=SIZE.get(name, 3.6))
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


def test_the_offending_read_is_marked_and_the_others_are_not(results):
    axes = draw("draw_history", results)
    assert [text.get_text() for text in axes.texts if "✗" in text.get_text()] == ["sees b1 ✗"]


def test_the_same_result_gives_the_same_bytes(results):
    one, other = (picture(figures.draw_history, *results["draw_history"]) for _ in range(2))
    assert one.png == other.png


def test_titles_tell_what_their_results_say(results):
    assert draw("draw_days", results).get_title(loc="left").startswith("1 of 3 stores")
    plain, mended, _ = results["draw_badges"]
    title = draw("draw_badges", results).get_title(loc="left")
    assert title == (
        f"The badge goes back {plain.steps_back} times; with a token {mended.steps_back} times"
    )
