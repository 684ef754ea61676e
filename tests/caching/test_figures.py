"""The figures say in their titles what their results say, and name all they draw."""

import numpy as np
import pytest

from helpers.caching import figures, lab_figures, stampede_figures
from helpers.caching.che import che_curve
from helpers.caching.choosing import PATTERNS, score_policy
from helpers.caching.guarding import MINUTES, ask_always, run_guard
from helpers.caching.hit_ratio import hit_ratio_curve
from helpers.caching.lab_pictures import first_in
from helpers.caching.request_patterns import shifting_requests
from helpers.caching.rush import draw_rush
from helpers.caching.stampede import Guard, run_stampede
from helpers.caching.sweeps import sweep_tier, sweep_ttl
from helpers.caching.tiers import PHOTO_SHARES, Tier, draw_visits, serve_chain
from helpers.figure import describe, new_figure, picture, theme

CHAIN = [Tier("browser", 32, caches=0), Tier("edge", 1_500), Tier("cache", 2_000)]
LOCK = Guard("a lock for all", one_flight="everywhere")
MODULES = (figures, stampede_figures, lab_figures)
DRAW = {
    name: draw
    for module in MODULES
    for name, draw in vars(module).items()
    if name.startswith("draw_") and draw.__module__ == module.__name__
}


@pytest.fixture(scope="module")
def results():
    """The arguments of every figure function, by its name."""
    visits = draw_visits(60_000, clients=600, catalogue=6_000, rng=1)
    ttls = [1, 10, 60, 300]
    rush = draw_rush(1_000, 40, recompute_time=0.1, rng=1)
    midnight = draw_rush(1_500, 90, recompute_time=0.1, rng=1)
    runs = [run_stampede(rush, guard) for guard in (Guard(), LOCK)]
    gaps = np.linspace(0.01, 0.4, 9)
    moving = shifting_requests(40_000, every=2_000, step=100, rng=1)
    scores = [score_policy(first_in, pattern) for pattern in PATTERNS]
    without = run_guard(ask_always, MINUTES[0])
    return {
        "draw_chain": (serve_chain(visits, CHAIN), PHOTO_SHARES),
        "draw_passed_on": (sweep_tier(visits, CHAIN, "edge", [200, 600, 1_500, 3_000]),),
        "draw_moving_fame": (
            che_curve(np.bincount(moving) / moving.size),
            hit_ratio_curve(moving, capacities=[10, 30, 100, 300, 1_000, 3_000]),
        ),
        "draw_staleness": (sweep_ttl(ttls, duration=3_000), sweep_ttl(ttls, lost_purges=0.05)),
        "draw_in_flight": (runs, 20),
        "draw_by_second": (runs,),
        "draw_lost": tuple(run_stampede(midnight, g, patience=2) for g in (Guard(), LOCK)),
        "draw_guards": (runs,),
        "draw_early": (gaps, np.exp(-gaps / 0.1), 0.1),
        "draw_scores": (scores, "first in, first out"),
        "draw_guard": (without, without),
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
    one, other = (picture(figures.draw_chain, *results["draw_chain"]) for _ in range(2))
    assert one.png == other.png


def title_of(name, *arguments):
    """Give the title that a figure function sets."""
    _, axes = new_figure()
    with theme():
        DRAW[name](*arguments, axes)
    return axes.get_title(loc="left")


def test_titles_tell_what_their_results_say(results):
    run = results["draw_chain"][0]
    assert title_of("draw_chain", run, None) == (
        f"Of 1,000 requests, {1000 * run.share[-1]:.0f} reach the database"
    )
    without, lock = results["draw_guards"][0]
    assert title_of("draw_guards", [without, lock]).startswith(f"One expiry: {without.queries:,}")
    broken, mended = results["draw_lost"]
    assert "still give up" in title_of("draw_lost", broken, mended)
    assert title_of("draw_lost", mended, mended) == "The database comes back by itself"


def test_a_line_for_what_the_database_can_do_is_named(results):
    _, axes = new_figure()
    with theme():
        stampede_figures.draw_by_second(*results["draw_by_second"], axes, capacity=200)
    assert "what the database can do: 200/s" in [text.get_text() for text in axes.texts]
