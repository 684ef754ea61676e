"""The first explorer: every corner holds, and the words say what the model says."""

from helpers.explorer import every_corner
from helpers.start_here.cache_panel import CAPACITY
from helpers.start_here.explorer import explore
from helpers.start_here.model import serve_through_cache


def test_every_corner_is_drawn_without_an_error_or_a_nan():
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        notes.add(explorer.note)
    assert len(notes) >= 4


def test_an_origin_that_keeps_up_has_a_mean_response_and_one_that_does_not_has_none():
    assert "mean response 7 ms" in explore(hit_ratio=0.99).note
    assert "25 % of what it can do" in explore(hit_ratio=0.99).note
    assert "2.5 times what it can do" in explore(hit_ratio=0.9).note
    assert "mean response" not in explore(hit_ratio=0.9).note


def test_an_origin_that_gets_just_what_it_can_do_keeps_up():
    assert serve_through_cache(0.96, 1000).origin_rate > CAPACITY  # by rounding only
    assert "100 % of what it can do" in explore(hit_ratio=0.96).note


def test_a_move_gives_the_picture_of_its_setting_whatever_came_before():
    explorer = explore()
    before = explorer.png
    explorer.values = {"hit_ratio": 0.99, "request_rate": 1000}
    assert explorer.png != before
    assert explorer.png == explore(hit_ratio=0.99).png


def test_the_line_of_python_brings_the_state_back():
    explorer = explore()
    explorer.values = {"hit_ratio": 0.975, "request_rate": 700}
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png
