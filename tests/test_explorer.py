"""The explorer without a browser: what one would send goes in, what it would get comes out."""

import base64
import hashlib
import io
import itertools
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from ipywidgets import Widget
from matplotlib.colors import to_rgb
from PIL import Image

from helpers.explorer import Choice, Explorer, Slider, Switch, every_corner
from helpers.figure import COLOR, theme

from .browser.sample import POLICIES, explore


@pytest.fixture
def explorer():
    return explore()


@pytest.fixture(autouse=True)
def nothing_left_behind(caplog):
    """Let explorers go, which are kept forever otherwise; and look for errors only logged."""
    yield
    Widget.close_all()
    assert not caplog.get_records("call")


def pixels(explorer):
    """Give a picture as the reader sees it, shape (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def color(name):
    """Give a course color as red, green and blue."""
    return np.rint(np.array(to_rgb(COLOR.get(name, name))) * 255).astype(int)


def count(explorer, name):
    """Count the pixels that have exactly this color."""
    return int((pixels(explorer) == color(name)).all(axis=-1).sum())


def browser_sends(explorer, state):
    """Pass a message through the handler that messages of a browser pass through."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    explorer._handle_msg({"content": {"data": data}, "buffers": []})


def tiny(draw, model=lambda x: x, describe=lambda result: f"x is {result}", **options):
    """Make an explorer of one slider from 0 to 10."""
    slider = Slider("x", "X", 0, 10, value=0)
    options = {"controls": [slider], "size": (4, 3), **options}
    return Explorer(title="Tiny", model=model, draw=draw, describe=describe, **options)


def draw_line(figure):
    """Draw a line up to the slider's value."""
    axes = figure.subplots()
    (line,) = axes.plot([], [], color=COLOR["simulation"])
    axes.set(xlim=(0, 10), ylim=(0, 10))

    def update(result):
        line.set_data([0, 10], [0, result])
        return [line]

    return update


# Controls


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Slider("x y", "X", 0, 1, value=0), "name must be a Python name, got 'x y'"),
        (lambda: Slider("class", "X", 0, 1, value=0), "name must be a Python name, got 'class'"),
        (lambda: Slider("x", " ", 0, 1, value=0), "label of x must say what it controls"),
        (lambda: Slider("x", "X", 0, 10, value=11), "value of x must lie between 0 and 10, got 11"),
        (lambda: Slider("x", "X", 0, 10, value=-1), "value of x must lie between 0 and 10, got -1"),
        (lambda: Slider("x", "X", 5, 5, value=5), "low of x must be below high, got low=5 and hi"),
        (lambda: Slider("x", "X", 0, float("inf"), value=5), "high of x must be a finite number"),
        (lambda: Slider("x", "X", 0, 10, value=True), "value of x must be a finite number"),
        (lambda: Slider("x", "X", 0, 10, value=0, step=0), "step of x must be a number above 0"),
        (lambda: Slider("x", "X", 0, 10, value=0, step=3), "step of x must divide the range .* 3"),
        (lambda: Slider("x", "X", 0, 10, value=1, step=2), "value of x must be 0 plus .* got 1"),
        (lambda: Slider("x", "X", 0, 9e6, value=0, step=1), "step of x must give at most 5000"),
        (
            lambda: Slider("x", "X", 0, 10, value=5, logarithmic=True),
            "low of x .* above 0 .* got 0",
        ),
        (
            lambda: Slider("x", "X", 1, 10, value=5, logarithmic=True, step=1),
            "step of x must be left out on a logarithmic slider, got 1",
        ),
        (
            lambda: Slider("x", "X", 1, 10, value=5, logarithmic=True, steps=1),
            "steps of x must lie between 2 and 5000, got 1",
        ),
        (lambda: Slider("x", "X", 0, 1, value=0, format="?!"), "format of x must be .* got '?!'"),
        (lambda: Choice("c", "C", []), r"options of c must be two or more, got \[\]"),
        (lambda: Choice("c", "C", "ab"), "options of c must be two or more, got 'ab'"),
        (lambda: Choice("c", "C", ["a", "a"]), "options of c must differ"),
        (lambda: Choice("c", "C", ["a", "b"], value="z"), "value of c must be one of .* got 'z'"),
        (lambda: Switch("s", "S", value=1), "value of s must be True or False, got 1"),
    ],
)
def test_a_control_that_makes_no_sense_says_what_is_wrong(make, complaint):
    with pytest.raises(ValueError, match=complaint.replace("?", r"\?")):
        make()


def test_a_slider_steps_through_numbers_as_a_person_writes_them():
    slider = Slider("x", "X", 0.1, 0.5, value=0.3, step=0.1, unit="s")
    assert slider.values == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert slider.texts == ("0.1 s", "0.2 s", "0.3 s", "0.4 s", "0.5 s")
    assert slider.start == 2


def test_a_slider_between_whole_numbers_gives_whole_numbers():
    values = Slider("x", "X", 1, 160, value=60).values
    assert values == tuple(range(1, 161))
    assert {type(value) for value in values} == {int}


def test_a_slider_between_fractions_finds_a_step_of_its_own():
    values = Slider("x", "X", 0.5, 1.0, value=0.8).values
    assert values[:3] == (0.5, 0.51, 0.52)
    assert values[-1] == 1.0


def test_a_slider_writes_numbers_as_asked():
    assert Slider("x", "X", 0.5, 1.0, value=0.5, step=0.25, format=".1%").texts == (
        *("50.0%", "75.0%", "100.0%"),
    )
    assert Slider("x", "X", 0, 2000, value=0, step=1000).texts == ("0", "1,000", "2,000")


def test_a_logarithmic_slider_goes_in_equal_ratios_and_has_ends_and_value_exactly():
    values = Slider("x", "X", 0.1, 4.0, value=1.23, logarithmic=True).values
    assert values[0] == 0.1
    assert values[-1] == 4.0
    assert 1.23 in values
    ratios = [after / before for before, after in itertools.pairwise(values)]
    assert min(ratios) > 1
    assert max(ratios) < 1.2


def test_a_logarithmic_slider_of_whole_numbers_gives_each_once():
    values = Slider("x", "X", 1, 1_000_000, value=1000, logarithmic=True).values
    assert values[:4] == (1, 2, 3, 4)
    assert {type(value) for value in values} == {int}
    assert list(values) == sorted(set(values))


def test_a_choice_starts_at_its_first_option_if_none_is_named():
    assert Choice("c", "C", ["a", "b"]).start == 0
    assert Choice("c", "C", [1, 2, 4], value=4).start == 2


# Moving


def test_setting_a_value_moves_picture_and_words(explorer):
    before, note, alt = explorer.png, explorer.note, explorer.alt
    explorer.values = {**explorer.values, "arrival_rate": 70}
    assert explorer.png != before
    assert explorer.note != note
    assert explorer.alt != alt
    assert "70 requests/s" in explorer.note


def test_a_browser_moves_an_explorer_as_python_does(explorer):
    browser_sends(explorer, {"positions": {**explorer.positions, "arrival_rate": 69}})
    assert explorer.values["arrival_rate"] == 70
    other = explore()
    other.values = {"arrival_rate": 70}
    assert explorer.png == other.png
    assert explorer.note == other.note


def test_every_kind_of_control_moves_the_picture(explorer):
    for name, value in [
        ("arrival_rate", 75),
        ("variability", 2.0),
        ("policy", "two choices"),
        ("queues", "one per server"),
    ]:
        before = explorer.png
        explorer.values = {name: value}
        assert explorer.png != before, name
    explorer.values = {"backup": True}
    assert explorer.values == {
        "arrival_rate": 75,
        "servers": 4,
        "variability": 2.0,
        "policy": "two choices",
        "queues": "one per server",
        "backup": True,
    }


def test_a_number_between_two_marks_goes_to_the_nearer(explorer):
    explorer.values = {"arrival_rate": 70.4}
    assert explorer.values["arrival_rate"] == 70
    explorer.values = {"arrival_rate": np.float64(70.6)}
    assert explorer.values["arrival_rate"] == 71


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"arrival_rate": 161}, "arrival_rate must lie between 1 and 160, got 161"),
        ({"arrival_rate": float("nan")}, "arrival_rate must be a finite number, got nan"),
        ({"arrival_rate": "fast"}, "arrival_rate must be a finite number, got 'fast'"),
        ({"policy": "magic"}, "policy must be one of 'round robin', .*, got 'magic'"),
        ({"backup": 1}, "backup must be one of False, True, got 1"),
        ({"speed": 1}, "values must be named arrival_rate, .*, got speed"),
    ],
)
def test_python_is_told_about_a_value_that_does_not_exist(explorer, values, complaint):
    before = explorer.values
    with pytest.raises(ValueError, match=complaint):
        explorer.values = values
    assert explorer.values == before


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        ({"arrival_rate": 10_000}, {"arrival_rate": 160}),
        ({"arrival_rate": -5}, {"arrival_rate": 1}),
        ({"arrival_rate": 9.6}, {"arrival_rate": 11}),
        ({"arrival_rate": float("inf")}, {"arrival_rate": 160}),
        ({"arrival_rate": float("nan")}, {}),
        ({"arrival_rate": "70"}, {}),
        ({"arrival_rate": None, "servers": True}, {}),
        ({"policy": 99}, {"policy": POLICIES[-1]}),
        ({"backup": 2}, {"backup": True}),
        ({"unheard_of": 3}, {}),
        ("nonsense", {}),
    ],
)
def test_whatever_a_browser_sends_is_made_to_fit(explorer, sent, arrives):
    expected = {**explorer.values, **arrives}
    browser_sends(explorer, {"positions": sent})
    assert explorer.values == expected
    assert explorer.error is None


def test_a_browser_is_told_when_its_position_did_not_fit(explorer, monkeypatch):
    told = []
    monkeypatch.setattr(Explorer, "_send", lambda self, message, buffers=None: told.append(message))
    fitting = {**explorer.positions, "servers": 2}
    browser_sends(explorer, {"positions": fitting})
    updates = [message["state"] for message in told if message["method"] == "update"]
    assert not any("positions" in state for state in updates)
    browser_sends(explorer, {"positions": {**fitting, "servers": 500}})
    updates = [message["state"] for message in told if message["method"] == "update"]
    assert {**fitting, "servers": 7} in [state.get("positions") for state in updates]


def test_a_move_is_answered_with_one_message_that_has_all(explorer, monkeypatch):
    told = []
    monkeypatch.setattr(Explorer, "_send", lambda self, message, buffers=None: told.append(message))
    browser_sends(explorer, {"positions": {**explorer.positions, "servers": 2}})
    (answer,) = [message["state"] for message in told if message["method"] == "update"]
    assert {"note", "alt", "code", "frame"} <= set(answer)
    (path,) = [message["buffer_paths"] for message in told if message["method"] == "update"]
    assert path == [["png"]]


@pytest.mark.parametrize("servers", [3, 99, None])
def test_a_browser_is_answered_also_when_nothing_moves(explorer, servers):
    explorer.values = {"servers": 4 if servers == 3 else 8}
    picture, frame = explorer.png, explorer.frame
    browser_sends(explorer, {"positions": {**explorer.positions, "servers": servers}})
    assert explorer.frame == frame + 1
    assert explorer.png == picture


def test_a_browser_may_change_nothing_but_positions(explorer):
    before = explorer.get_state(["title", "note", "alt", "code", "png", "panel", "failed"])
    theirs = {"title": "x", "note": "x", "alt": "x", "code": "x", "panel": {}, "failed": True}
    browser_sends(explorer, theirs)
    browser_sends(explorer, {**theirs, "positions": explorer.positions})
    assert explorer.get_state(list(before)) == before


def test_reset_puts_every_control_back(explorer):
    values, picture = explorer.values, explorer.png
    explorer.values = {"arrival_rate": 160, "policy": "random", "backup": True}
    explorer.reset()
    assert explorer.values == values
    assert explorer.png == picture


def test_two_explorers_do_not_move_each_other(explorer):
    other = explore()
    before = other.png
    explorer.values = {"servers": 8}
    other.values = {"arrival_rate": 60}
    assert other.png == before


def test_controls_must_be_there_and_have_names_of_their_own():
    with pytest.raises(ValueError, match="controls must be one or more, got none"):
        tiny(draw_line, controls=[])
    twins = [Switch("x", "One"), Switch("x", "Two")]
    with pytest.raises(ValueError, match="controls must have names of their own, got x twice"):
        tiny(draw_line, controls=twins)


def test_a_size_must_be_above_zero():
    with pytest.raises(ValueError, match=r"size must be two numbers above 0, got \(4, 0\)"):
        tiny(draw_line, size=(4, 0))


# The same values, the same bytes


def test_the_same_values_give_the_same_bytes_whatever_came_before(explorer):
    seen = {}
    moves = np.random.default_rng(1).integers([1, 1, 0], [160, 8, 5], (12, 3)).tolist()
    for rate, servers, policy in [*moves, *reversed(moves)]:
        explorer.values = {"arrival_rate": rate, "servers": servers, "policy": POLICIES[policy]}
        assert seen.setdefault(explorer.code, explorer.png) == explorer.png


def test_an_explorer_made_at_some_values_shows_what_one_moved_there_shows(explorer):
    explorer.values = {"arrival_rate": 150, "servers": 2, "queues": "one per server"}
    assert explore(**explorer.values).png == explorer.png


def test_a_fresh_process_gives_the_same_bytes(explorer):
    explorer.values = {"arrival_rate": 75}
    program = (
        "import hashlib, sample; e = sample.explore(servers=2); "
        "e.values = {'arrival_rate': 75, 'servers': 4}; "
        "print(hashlib.sha256(e.png).hexdigest())"
    )
    here = Path(__file__).parent
    path = os.pathsep.join([str(here.parent), str(here / "browser")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", program]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == hashlib.sha256(explorer.png).hexdigest()


def test_settings_of_the_reader_do_not_change_the_picture(explorer):
    explorer.values = {"arrival_rate": 75}
    before = explorer.png
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "path.simplify": False}):
        explorer.values = {"arrival_rate": 74}
        explorer.values = {"arrival_rate": 75}
    assert explorer.png == before


# The picture


def test_the_picture_has_two_pixels_for_each_of_the_page(explorer):
    image = Image.open(io.BytesIO(explorer.png))
    assert image.size == (1800, 720)
    assert image.mode == "P"
    assert image.info == {}
    assert (explorer.panel["width"], explorer.panel["height"]) == (900, 360)


def test_a_coarse_screen_is_sent_no_more_pixels_than_it_has(explorer):
    fine, frame = explorer.png, explorer.frame
    browser_sends(explorer, {"pixel_ratio": 1})
    assert Image.open(io.BytesIO(explorer.png)).size == (900, 360)
    assert explorer.frame == frame + 1
    explorer.values = {"servers": 2}
    explorer.reset()
    assert Image.open(io.BytesIO(explorer.png)).size == (900, 360)
    browser_sends(explorer, {"pixel_ratio": 2})
    assert explorer.png == fine


def test_a_coarse_picture_shows_what_the_fine_one_shows(explorer):
    fine = Image.fromarray(pixels(explorer))
    browser_sends(explorer, {"pixel_ratio": 1})
    halved = np.asarray(fine.resize((900, 360), Image.Resampling.BOX)).astype(int)
    difference = np.abs(pixels(explorer) - halved).max(axis=-1)
    assert (difference > 96).mean() < 0.02  # letters and edges fall on other pixels


@pytest.mark.parametrize("ratio", [0, 3, -1, 1.5, "1", None, [1]])
def test_a_screen_of_no_such_sharpness_changes_nothing(explorer, ratio):
    picture, frame = explorer.png, explorer.frame
    browser_sends(explorer, {"pixel_ratio": ratio})
    assert (explorer.png, explorer.frame, explorer.pixel_ratio) == (picture, frame, 2)


@pytest.mark.parametrize("values", [{}, {"servers": 2, "arrival_rate": 90}, {"servers": 8}])
def test_drawing_only_what_moves_shows_what_drawing_all_shows(explorer, values):
    explorer.values = values
    stage = explorer.stage
    with theme():
        for artist in stage.figure.findobj():
            artist.set_animated(False)
        stage.figure.canvas.draw()
    whole = np.asarray(stage.figure.canvas.buffer_rgba())[..., :3].astype(int)
    difference = np.abs(pixels(explorer) - whole).max(axis=-1)
    assert difference.max() < 64  # 256 colors: edges are rounded
    assert (difference > 12).mean() < 0.001


def test_moves_draw_nothing_again_that_stands_still(explorer):
    for _ in every_corner(explorer):
        pass
    assert explorer.stage.grounds == 1


def test_a_color_that_only_a_later_frame_has_is_shown_as_it_is(explorer):
    assert count(explorer, "harm") == 0
    explorer.values = {"arrival_rate": 160}
    assert count(explorer, "harm") > 100


@pytest.mark.parametrize("name", COLOR)
def test_every_color_of_the_course_is_shown_as_it_is(name):
    def draw(figure):
        axes = figure.subplots()
        axes.axis("off")
        patch = axes.axhspan(0, 1, color="white")

        def update(result):
            patch.set_color(COLOR[name] if result else "white")
            return [patch]

        return update

    explorer = tiny(draw)
    white = count(explorer, "white")
    explorer.values = {"x": 1}
    assert count(explorer, name) > white / 2
    assert count(explorer, "white") > 0


def test_a_color_of_nobodys_palette_comes_out_near():
    def draw(figure):
        patch = figure.subplots().axhspan(0, 1)

        def update(result):
            patch.set_color("#c71585" if result else "white")
            return [patch]

        return update

    explorer = tiny(draw)
    explorer.values = {"x": 1}
    height, width, _ = pixels(explorer).shape
    shown = pixels(explorer)[height // 2, width // 2]
    assert np.abs(shown - color("#c71585")).max() <= 43


def test_what_stands_still_above_what_moves_stays_above():
    def draw(figure):
        axes = figure.subplots()
        band = axes.axhspan(0, 1, color=COLOR["harm_fill"])
        axes.axhline(0.5, color=COLOR["formula"], linewidth=4)
        axes.set(xlim=(0, 1), ylim=(0, 1))

        def update(result):
            band.set_height(result / 10)
            return band

        return update

    explorer = tiny(draw)
    line = count(explorer, "formula")
    explorer.values = {"x": 10}
    assert count(explorer, "harm_fill") > 10_000
    assert count(explorer, "formula") >= line > 1000


def test_a_limit_that_moves_takes_its_ticks_along():
    def draw(figure):
        axes = figure.subplots()
        (line,) = axes.plot([], [], color=COLOR["simulation"])

        def update(result):
            line.set_data([0, 1], [0, result])
            axes.set_ylim(0, 10 if result < 5 else 100)
            return [line]

        return update

    explorer = tiny(draw)
    (axes,) = explorer.stage.figure.axes
    place, low = axes.get_position().bounds, pixels(explorer)
    explorer.values = {"x": 9}
    assert (pixels(explorer)[:, :60] != low[:, :60]).any()
    assert axes.get_position().bounds == place
    explorer.values = {"x": 0}
    assert (pixels(explorer) == low).all()


def test_what_changes_without_being_returned_is_drawn_all_the_same():
    def draw(figure):
        axes = figure.subplots()
        axes.axis("off")
        (line,) = axes.plot([0, 1], [0, 1])

        def update(result):
            axes.set_title(f"x is {result}")
            return [line]

        return update

    explorer = tiny(draw)
    before = explorer.png
    explorer.values = {"x": 7}
    assert explorer.png != before
    explorer.values = {"x": 0}
    assert explorer.png == before


def test_a_title_may_move():
    def draw(figure):
        title = figure.subplots().set_title("")

        def update(result):
            title.set_text(f"x is {result}")
            return [title]

        return update

    explorer = tiny(draw)
    before = explorer.png
    explorer.values = {"x": 7}
    assert explorer.png != before
    assert explorer.stage.grounds == 1


def test_artists_made_anew_at_each_move_do_not_pile_up():
    def draw(figure):
        axes = figure.subplots()
        axes.set(xlim=(0, 1), ylim=(0, 10))
        areas = []

        def update(result):
            for area in areas:
                area.remove()
            areas[:] = [axes.fill_between([0, 1], 0, result, color=COLOR["harm_fill"])]
            return areas

        return update

    explorer = tiny(draw)
    for x in (10, 5, 10, 2):
        explorer.values = {"x": x}
    few = count(explorer, "harm_fill")
    explorer.values = {"x": 10}
    assert count(explorer, "harm_fill") > 4 * few
    explorer.values = {"x": 2}
    assert count(explorer, "harm_fill") == few


def test_bars_and_error_bars_may_be_returned_as_they_are():
    def draw(figure):
        axes = figure.subplots()
        bars = axes.bar([1, 2], [1, 2], color=COLOR["simulation"])
        spread = axes.errorbar([1, 2], [1, 2], yerr=0.5, color=COLOR["formula"])
        axes.set_ylim(0, 12)

        def update(result):
            for bar in bars:
                bar.set_height(result)
            return bars, [spread]

        return update

    explorer = tiny(draw)
    explorer.values = {"x": 10}
    assert count(explorer, "simulation") > 10_000
    assert explorer.error is None


def test_an_artist_returned_only_sometimes_is_an_error_that_says_so():
    def draw(figure):
        axes = figure.subplots()
        (line,) = axes.plot([0, 1], [0, 1])
        (mark,) = axes.plot([0.5], [0.5], "o")
        return lambda result: [line, mark] if result else [line]

    explorer = tiny(draw)
    explorer.values = {"x": 1}
    assert "every time or never" in explorer.note


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_not_drawn_and_breaks_nothing(bad):
    def draw(figure):
        axes = figure.subplots()
        axes.set(xlim=(0, 10), ylim=(0, 10))
        (line,) = axes.plot([], [])
        bars = axes.bar([1, 2], [1, 1])
        steps = axes.stairs([1, 1], [0, 1, 2])
        points = axes.scatter([1], [1])
        text = axes.text(1, 1, "text")
        mark = axes.annotate("mark", (1, 1), xytext=(6, 0), textcoords="offset points")
        rule = axes.axvline(1)

        def update(result):
            line.set_data([1, 2, 3], [1, result, 3])
            bars[0].set_height(result)
            steps.set_data([result, 1])
            points.set_offsets([[1, result]])
            text.set_position((1, result))
            mark.xy = (result, 1)
            rule.set_xdata([result, result])
            return line, bars, steps, points, text, mark, rule

        return update

    explorer = tiny(draw, model=lambda x: bad if x == 10 else float(x))
    before = explorer.png
    explorer.values = {"x": 10}
    assert explorer.error is None
    assert explorer.png != before
    explorer.values = {"x": 0}
    assert explorer.png == before


def test_draw_must_return_a_function_and_update_the_artists():
    with pytest.raises(TypeError, match="draw must return a function, got None"):
        tiny(lambda figure: None)
    with pytest.raises(TypeError, match="update must return the artists that move, got None"):
        tiny(lambda figure: lambda result: None)


# Words


def test_the_alternative_text_is_the_title_and_the_numbers(explorer):
    for _ in every_corner(explorer):
        if explorer.error is None:
            assert explorer.alt == f"Waiting against load. {explorer.note}"


def test_the_line_of_python_gives_the_state(explorer):
    for values in every_corner(explorer):
        assert eval(explorer.code, {"explore": dict}) == values


def test_the_line_of_python_makes_the_same_explorer(explorer):
    explorer.values = {"variability": 0.5, "policy": "random", "backup": True}
    again = eval(explorer.code, {"explore": explore})
    assert again.png == explorer.png
    assert again.code == explorer.code


def test_a_saved_notebook_keeps_words_and_picture_beside_the_live_view(explorer):
    explorer.values = {"arrival_rate": 70}
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == f"Waiting against load\n{explorer.note}\n{explorer.code}"
    assert base64.b64decode(data["image/png"]) == explorer.png
    assert metadata["image/png"] == {"alt": explorer.alt, "width": 900, "height": 360}
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id


# What goes wrong


@pytest.mark.parametrize("where", ["model", "update", "describe"])
def test_an_error_in_a_move_is_said_and_the_last_good_picture_kept(where):
    def fail_at_five(name, x):
        if name == where and x == 5:
            raise ValueError("the queue must be shorter than the street, got 5")
        return x

    def draw(figure):
        move = draw_line(figure)
        return lambda result: move(fail_at_five("update", result))

    explorer = tiny(
        draw,
        model=lambda x: fail_at_five("model", x),
        describe=lambda result: f"x is {fail_at_five('describe', result)}",
    )
    explorer.values = {"x": 4}
    picture, alt, frame = explorer.png, explorer.alt, explorer.frame
    explorer.values = {"x": 5}
    assert explorer.note == (
        "This combination could not be computed: the queue must be shorter than the street, got 5"
    )
    assert isinstance(explorer.error, ValueError)
    assert explorer.failed
    assert explorer.frame > frame
    assert (explorer.png, explorer.alt, explorer.result) == (picture, alt, 4)
    assert explorer.code == "explore(x=5)"

    explorer.values = {"x": 6}
    assert explorer.note == "x is 6"
    assert explorer.error is None
    assert not explorer.failed
    explorer.values = {"x": 4}
    assert explorer.png == picture


@pytest.mark.parametrize("where", ["model", "draw", "describe"])
def test_an_error_at_first_is_raised(where):
    def fail(*_, **__):
        raise LookupError("not here")

    parts = {"draw": draw_line, where: fail}
    with pytest.raises(LookupError, match="not here"):
        tiny(**parts)


def test_a_long_or_silent_error_makes_a_short_note():
    def model(x):
        if x == 1:
            raise ValueError("very " * 200)
        if x == 2:
            raise ZeroDivisionError
        return x

    explorer = tiny(draw_line, model=model)
    explorer.values = {"x": 1}
    assert len(explorer.note) < 300
    explorer.values = {"x": 2}
    assert explorer.note == "This combination could not be computed: ZeroDivisionError"


# Corners


def test_every_corner_goes_to_all_ends_alone_and_in_pairs_and_back(explorer):
    start = explorer.values
    corners = [tuple(values.items()) for values in every_corner(explorer)]
    assert explorer.values == start
    assert len(corners) == len(set(corners))
    ends = {
        "arrival_rate": (1, 160),
        "servers": (1, 8),
        "variability": (0.1, 4.0),
        "policy": tuple(POLICIES),
        "queues": ("one shared", "one per server"),
        "backup": (False, True),
    }
    for names in [*((name,) for name in ends), *itertools.combinations(ends, 2)]:
        for values in itertools.product(*(ends[name] for name in names)):
            wanted = {**start, **dict(zip(names, values, strict=True))}
            assert tuple(wanted.items()) in corners


def test_a_corner_that_breaks_is_found():
    explorer = tiny(draw_line, model=lambda x: 1 / (10 - x))
    broken = [values for values in every_corner(explorer) if explorer.error]
    assert broken == [{"x": 10}]
