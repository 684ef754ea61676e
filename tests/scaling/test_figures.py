"""The figures say in their titles what their results say, and name all they draw."""

import numpy as np
import pytest

from helpers.figure import describe, finish, new_figure, picture, theme
from helpers.scaling import figures
from helpers.scaling.capacity import CATALOGUE, horizontal_plan, vertical_plan
from helpers.scaling.concurrency import draw_requests, serve_by_loop, serve_by_threads
from helpers.scaling.page import load_pages
from helpers.scaling.scalability import fit_universal_scalability, universal_scalability
from helpers.scaling.sessions import draw_sessions, keep_in_memory, keep_in_store, run_fleet

DEMAND = np.geomspace(50, 1e6, 50)
SERVERS = [1, 2, 4, 8, 16, 32, 64]


def fit_to(alpha, beta, servers=SERVERS):
    return fit_universal_scalability(servers, universal_scalability(servers, alpha, beta, 900))


def live_a_day(**events):
    day = draw_sessions(per_minute=10, rng=1)
    fleet = run_fleet(day, **events)
    drained = keep_in_memory(day, fleet, drain_timeout=3600)
    return keep_in_memory(day, fleet), drained, keep_in_store(day, fleet)


@pytest.fixture(scope="module")
def results():
    """The arguments of every figure function, by its name."""
    memory, drained, store = live_a_day(lost_at=39_600, deploy_at=50_400)
    slow = draw_requests(slow_until=40, rng=1)
    heavy = draw_requests(heavy_share=0.002, rng=1)
    times = np.random.default_rng(1).exponential(0.1, 5000)
    costs = vertical_plan(DEMAND, 100), horizontal_plan(DEMAND, 100)
    return {
        "draw_scalability": (fit_to(0.02, 0.0005),),
        "draw_extrapolation": (fit_to(0.02, 0.0, SERVERS[:4]), fit_to(0.02, 0.0005)),
        "draw_costs": costs,
        "draw_failure": (*costs, horizontal_plan(DEMAND, 100, spare=1)),
        "draw_logged_out": (memory, drained, store),
        "draw_sign_ins": (memory,),
        "draw_imbalance": (drained, store),
        "draw_in_flight": (serve_by_threads(slow), serve_by_loop(slow)),
        "draw_slow_backend": (serve_by_threads(slow), serve_by_loop(slow)),
        "draw_heavy_requests": (serve_by_threads(heavy), serve_by_loop(heavy)),
        "draw_chance_of_slow": ([load_pages(times, n, pages=500) for n in (1, 40, 100)],),
        "draw_page_times": (load_pages(times, 40, pages=500),),
    }


FIGURES = sorted(
    name
    for name, draw in vars(figures).items()
    if name.startswith("draw_") and name != "draw_tail" and draw.__module__ == figures.__name__
)


def draw(name, results):
    """Draw one figure and give its axes."""
    figure, axes = new_figure()
    with theme():
        assert getattr(figures, name)(*results[name], axes) is axes
    figure.canvas.draw()
    return axes


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_finding_and_two_named_axes(name, results):
    axes = draw(name, results)
    title = axes.get_title(loc="left")
    assert len(title) > 20
    assert any(letter.isdigit() for letter in title)
    assert axes.get_xlabel()
    assert axes.get_ylabel()


@pytest.mark.parametrize("name", FIGURES)
def test_every_line_with_data_has_a_name(name, results):
    axes = draw(name, results)
    lines = [line for line in axes.lines if line.get_linestyle() != "None"]
    assert len(lines) >= 1
    assert [line for line in lines if str(line.get_label()).startswith("_")] == []


@pytest.mark.parametrize("name", FIGURES)
def test_words_stay_on_the_paper_and_apart(name, results):
    axes = draw(name, results)
    paper = axes.figure.bbox
    boxes = [text.get_window_extent() for text in axes.texts]
    boxes += [axes.title.get_window_extent(), axes._left_title.get_window_extent()]
    boxes = [box for box in boxes if box.width > 0]
    for box in boxes:
        assert box.x0 >= paper.x0 - 1
        assert box.x1 <= paper.x1 + 1
        assert box.y1 <= paper.y1 + 1
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize("name", FIGURES)
def test_no_word_is_smaller_than_nine_points(name, results):
    axes = draw(name, results)
    words = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label]
    assert min(text.get_fontsize() for text in words) >= 9


@pytest.mark.parametrize("name", ["draw_logged_out", "draw_page_times"])
def test_the_same_result_gives_the_same_bytes(name, results):
    one, other = (picture(getattr(figures, name), *results[name]) for _ in range(2))
    assert one.png == other.png
    assert one.alt == other.alt


def title_of(draw, *arguments):
    """Give the title that a figure function sets."""
    _, axes = new_figure()
    with theme():
        draw(*arguments, axes)
    return axes.get_title(loc="left")


def test_the_peak_in_the_title_is_the_fits():
    assert title_of(figures.draw_scalability, fit_to(0.02, 0.0005)).startswith("Past 44 servers")
    assert title_of(figures.draw_scalability, fit_to(0.02, 0.005)).startswith("Past 14 servers")
    assert title_of(figures.draw_scalability, fit_to(0.02, 0.0)) == (
        "Up to 64 servers, no peak in sight"
    )


def test_a_fit_without_errors_is_drawn_without_them():
    exact = fit_universal_scalability([1, 8, 64], [1, 6, 5])
    _, axes = new_figure()
    with theme():
        figures.draw_scalability(exact, axes)
    assert "±" not in " ".join(text.get_text() for text in axes.texts)
    assert "95 % band" not in [area.get_label() for area in axes.collections]


def test_the_ceiling_in_the_title_is_the_plans():
    costs = vertical_plan(DEMAND, 10), horizontal_plan(DEMAND, 10)
    assert title_of(figures.draw_costs, *costs).endswith("ends at 8,960 requests/s")
    low = np.geomspace(50, 500, 20)
    costs = vertical_plan(low, 10), horizontal_plan(low, 10, CATALOGUE[2:])
    assert "ends" not in title_of(figures.draw_costs, *costs)


def test_the_numbers_logged_out_are_the_runs():
    memory, drained, store = live_a_day(deploy_at=50_400)
    title = title_of(figures.draw_logged_out, memory, drained, store)
    assert f"{memory.logged_out.sum():,} logged out" in title
    assert title.endswith("0 with a store")


def test_enough_threads_are_said_to_be_enough():
    work = draw_requests(rng=1)
    title = title_of(figures.draw_in_flight, serve_by_threads(work), serve_by_loop(work))
    assert title == "200 threads are enough: no request waits for one"


def test_the_words_for_a_figure_hold_its_numbers(results):
    figure, axes = new_figure()
    with theme():
        figures.draw_scalability(*results["draw_scalability"], axes)
    words = describe(figure)
    assert "peak: 1.41e+04 at 44.3." in words
    assert words == finish(figure).alt
