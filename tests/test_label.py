"""Movable type looks like Matplotlib's own text, and gives the same pixels whatever came before."""

import numpy as np
import pytest
from matplotlib.text import Text

from helpers.figure import new_figure, theme
from helpers.label import add_label, compose, fount_of

CORNERS = [(ha, va) for ha in ("left", "center", "right") for va in ("bottom", "center", "top")]


def drawn(*texts: Text) -> np.ndarray:
    """Draw only these onto a white sheet; give its darkness, shape (height, width)."""
    figure = texts[0].figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    renderer.clear()
    for text in texts:
        text.draw(renderer)
    return np.asarray(figure.canvas.buffer_rgba())[..., 3].astype(float).copy()


def empty_axes():
    figure, axes = new_figure(4, 2)
    figure.set_layout_engine("none")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return axes


def center_of(ink: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(ink.shape)
    return np.array([(ink * columns).sum(), (ink * rows).sum()]) / ink.sum()


@pytest.mark.parametrize(("ha", "va"), CORNERS)
@pytest.mark.parametrize("words", ["p99 520 ms", "over capacity\n(80/s)"])
def test_a_label_lies_where_matplotlibs_text_lies(words, ha, va):
    with theme():
        axes = empty_axes()
        ours = drawn(add_label(axes, 0.5, 0.5, words, ha=ha, va=va))
        theirs = drawn(axes.text(0.5, 0.5, words, ha=ha, va=va, multialignment=ha))
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.03)
    assert center_of(ours) == pytest.approx(center_of(theirs), abs=6)


def test_changed_words_change_the_pixels_and_back():
    with theme():
        label = add_label(empty_axes(), 0.5, 0.5, "mean 120 ms")
        before = drawn(label)
        label.set_text("mean 121 ms")
        changed = drawn(label)
        label.set_text("mean 120 ms")
        again = drawn(label)
    assert (before != changed).any()
    assert np.array_equal(before, again)


def test_a_moved_label_is_the_same_letters_elsewhere():
    with theme():
        label = add_label(empty_axes(), 0.25, 0.5, "p50", color="#c04e00")
        left = drawn(label)
        label.set_position((0.75, 0.5))
        right = drawn(label)
    assert left.sum() == right.sum()
    assert center_of(right)[0] > center_of(left)[0] + 100


def test_a_halo_is_white_around_letters_of_the_color():
    with theme():
        label = add_label(empty_axes(), 0.5, 0.5, "88", color="#0072b2", halo=True)
        plain = add_label(label.axes, 0.5, 0.5, "88", color="#0072b2")
        covered, letters = drawn(label) > 0, drawn(plain) == 255
        drawn(label)
        pixels = np.asarray(label.figure.canvas.buffer_rgba())
    assert covered.sum() > 1.5 * letters.sum()
    assert (pixels[letters][:, :3] == [0x00, 0x72, 0xB2]).all()
    rim = covered & ~(drawn(plain) > 0)
    assert (pixels[rim][:, :3] == 255).all()


def test_color_and_alignment_may_change():
    with theme():
        label = add_label(empty_axes(), 0.5, 0.5, "p99", ha="left")
        left = center_of(drawn(label))
        label.set_horizontalalignment("right")
        right = center_of(drawn(label))
    assert right[0] < left[0]


@pytest.mark.parametrize("position", [(np.nan, 0.5), (np.inf, 0.5)])
def test_nothing_is_drawn_without_a_place_or_words(position):
    with theme():
        nowhere = add_label(empty_axes(), *position, "lost")
        empty = add_label(nowhere.axes, 0.5, 0.5, "")
        hidden = add_label(nowhere.axes, 0.5, 0.5, "hidden", visible=False)
        assert drawn(nowhere, empty, hidden).sum() == 0


def test_letters_do_not_crowd_and_blanks_take_room():
    with theme():
        label = add_label(empty_axes(), 0, 0, "x")
        label.figure.canvas.draw()
        fount = fount_of(label.get_fontproperties(), 200)
    together, apart = (compose(words, fount)[0].shape[1] for words in ("ab", "a b"))
    assert apart > together + 3
