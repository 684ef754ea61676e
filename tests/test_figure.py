"""Pictures are the same bytes each time, say in words what they show, and can be told apart."""

import gc
import io
import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from PIL import Image

from helpers.figure import (
    COLOR,
    describe,
    finish,
    label_line,
    new_figure,
    percent,
    picture,
    seconds,
    theme,
)

TEXT_COLORS = ("formula", "simulation", "harm", "remedy", "published", "context")


def draw_two_lines(values, axes):
    axes.plot([0, 1, 2], values, label="measured")
    axes.plot([0, 1, 2], [1, 1, 1], label="_grid")
    axes.set(title="It rises", xlabel="time (s)", ylabel="load")
    return axes


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def test_a_picture_has_the_same_bytes_each_time_whatever_was_set_outside():
    first = picture(draw_two_lines, [1, 2, 3])
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30}):
        second = picture(draw_two_lines, [1, 2, 3])
    assert first.png == second.png
    assert first.png != picture(draw_two_lines, [1, 2, 4]).png


def test_a_picture_leaves_no_pixels_behind():
    def renderers():
        return sum(isinstance(thing, RendererAgg) for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = renderers()
        picture(draw_two_lines, [1, 2, 3])
        assert renderers() == before
    finally:
        gc.enable()


def test_a_picture_leaves_the_readers_settings_alone():
    before = dict(mpl.rcParams)
    picture(draw_two_lines, [1, 2, 3])
    assert dict(mpl.rcParams) == before


def test_a_picture_is_sharp_and_carries_no_software_name():
    shown = picture(draw_two_lines, [1, 2, 3], width=5, height=3)
    image = Image.open(io.BytesIO(shown.png))
    assert image.size == (1000, 600)
    assert (shown.width, shown.height) == (500, 300)
    assert "Software" not in image.info


def test_the_bundle_has_alternative_text_in_both_places():
    shown = picture(draw_two_lines, [1, 2, 3])
    data, metadata = shown._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == shown.alt == repr(shown)
    assert data["image/png"]


def test_words_name_title_axes_and_the_numbers_of_what_is_labelled():
    assert picture(draw_two_lines, [1, 2.5, 3]).alt == (
        "It rises.\nAxes: time (s); load.\nmeasured: 1 at 0, 2.5 at 1, 3 at 2."
    )


def test_a_changed_number_changes_the_words():
    assert picture(draw_two_lines, [1, 2, 3]).alt != picture(draw_two_lines, [1, 2, 3.5]).alt


def test_own_words_replace_the_default():
    assert picture(draw_two_lines, [1, 2, 3], alt="Up.").alt == "Up."


def test_words_for_bars_points_areas_and_gaps():
    figure, axes = new_figure()
    axes.bar(["a", "b"], [1.0, 2.0], label="cost")
    axes.barh([5], [3.0], label="busy")
    axes.scatter([1, 2], [3, 4], label="runs")
    axes.plot([0, 1], [np.nan, np.nan], label="nothing")
    axes.plot([0, 1, 2], [1, np.nan, 5], label="gap")
    words = describe(figure)
    assert "cost: 1 at a, 2 at b." in words
    assert "busy: 3 at 5." in words
    assert "runs: 3 at 1, 4 at 2." in words
    assert "nothing: nothing to show." in words
    assert "gap: 1 at 0, 5 at 2." in words


def test_many_points_are_thinned_with_the_ends_kept():
    figure, axes = new_figure()
    axes.plot(np.arange(1001), np.arange(1001), label="ramp")
    assert "ramp: 0 at 0, 250 at 250, 500 at 500, 750 at 750, 1e+03 at 1e+03." in describe(figure)


def test_a_line_is_named_where_it_ends_in_its_color():
    _, axes = new_figure()
    (line,) = axes.plot([0, 1, 2], [5, 6, np.nan], color=COLOR["harm"], label="late")
    name = label_line(line)
    assert (name.get_text(), name.xy, name.get_color()) == ("late", (1, 6), COLOR["harm"])
    assert label_line(line, "early", at=0.2).xy == (0, 5)


def test_a_line_without_a_point_cannot_be_named():
    _, axes = new_figure()
    (line,) = axes.plot([0], [np.nan], label="empty")
    with pytest.raises(ValueError, match="line 'empty' has no finite point to label"):
        label_line(line)


@pytest.mark.parametrize("meaning", TEXT_COLORS)
def test_lines_and_text_stand_out_from_white(meaning):
    assert 1.05 / (luminance(COLOR[meaning]) + 0.05) >= 4.5


# Viénot, Brettel and Mollon (1999): how a dichromat sees linear RGB.
DICHROMATS = {
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


@pytest.mark.parametrize("eyes", DICHROMATS)
def test_harm_remedy_and_simulation_differ_for_color_blind_eyes(eyes):
    seen = {
        meaning: np.cbrt(np.clip(np.array(DICHROMATS[eyes]) @ linear(COLOR[meaning]), 0, 1))
        for meaning in ("harm", "remedy", "simulation")
    }
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 0.1, (one, other)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.00025, "0.25 ms"), (1, "1 s"), (3600, "1 h"), (-2, "-2 s")]
)
def test_durations_read_as_a_person_would_say_them(value, text):
    assert seconds(value) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (1, "100 %"), (0.99999, "99.999 %")])
def test_shares_keep_the_digits_that_tell_them_from_0_and_100(share, text):
    assert percent(share) == text


def test_several_columns_are_described_one_after_the_other():
    def draw(both):
        both[0].set_title("Left")
        both[1].set_title("Right")

    assert picture(draw, columns=2).alt == "Left.\nRight."


def test_the_theme_ends_with_its_block():
    with theme():
        inside = mpl.rcParams["axes.titlelocation"]
    assert inside == "left"
    assert finish(new_figure()[0]).png
