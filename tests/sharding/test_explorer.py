"""The sharding explorer: every corner holds, and the picture says what the plans say."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.explorer import every_corner
from helpers.sharding import explorer as sharding_explorer
from helpers.sharding.balance_view import EPSILON, add_up, view_balance, zipf_weights
from helpers.sharding.explorer import OFFERED, explore
from helpers.sharding.measures import balance, moved, place


@pytest.fixture
def quick(monkeypatch):
    """Fewer keys a move, for tests that make many moves."""
    monkeypatch.setattr(sharding_explorer, "KEYS", 20_000)


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB"))


def test_a_move_places_a_million_keys():
    assert sharding_explorer.KEYS == 1_000_000


def test_every_corner_is_drawn_without_an_error_or_a_nan(quick):
    explorer = explore()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        notes.add(explorer.note)
    assert len(notes) > 30
    assert explorer.stage.grounds == 1


@pytest.mark.parametrize(
    ("knob", "value"),
    [("scheme", "modulo"), ("servers", 20), ("virtual_nodes", 1), ("skew", 1.0)],
)
def test_every_knob_moves_picture_and_words(quick, knob, value):
    explorer = explore()
    before, note = pixels(explorer), explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert (pixels(explorer) != before).any()
    assert explorer.note != note


@pytest.mark.parametrize("scheme", [scheme for scheme in OFFERED if scheme != "bounded ring"])
def test_the_view_is_what_the_plan_itself_gives(scheme):
    keys = np.arange(30_000)
    view = view_balance(scheme, 7, 20, 0.8, keys.size)
    plan = place(scheme, 7, virtual_nodes=20, keys=keys.size)
    weights = zipf_weights(keys.size, 0.8)
    by_keys, by_requests = balance(plan, keys), balance(plan, keys, weights)
    assert view.cv_keys == pytest.approx(by_keys.cv)
    assert view.cv_requests == pytest.approx(by_requests.cv)
    assert view.before == pytest.approx(by_requests.load / by_requests.load.mean())
    later = balance(plan.add(), keys, weights).load
    assert view.after == pytest.approx(later / later.mean())
    assert view.moved_keys == pytest.approx(moved(plan, plan.add(), keys))
    assert view.moved_requests == pytest.approx(moved(plan, plan.add(), keys, weights))


def test_the_bounded_ring_s_view_is_what_pouring_gives():
    keys = np.arange(30_000)
    view = view_balance("bounded ring", 9, 20, 1.3, keys.size)
    plan = place("bounded ring", 9, virtual_nodes=20, epsilon=EPSILON)
    first, load = plan.share_out(keys, zipf_weights(keys.size, 1.3))
    assert view.before == pytest.approx(load / load.mean())
    assert view.before.max() == pytest.approx(1 + EPSILON)
    then, _ = plan.add().share_out(keys, zipf_weights(keys.size, 1.3))
    assert view.moved_keys == pytest.approx((first != then).mean())


def test_the_words_tell_the_numbers_of_the_view(quick):
    explorer = explore("modulo", servers=3)
    view = view_balance("modulo", 3, 100, 0.0, 20_000)
    assert (
        f"One server more moves {view.moved_keys:.1%} of the keys (theory: 75.0%)" in explorer.note
    )
    assert f"The fullest of 3 servers gets {view.before.max():.2f} times the mean" in explorer.note


def test_counting_compiled_and_in_plain_python_agrees():
    rng = np.random.default_rng(0)
    before, after = (rng.integers(3, size=100).astype(np.uint8) for _ in range(2))
    weights = rng.random(100)
    found = [[np.zeros(n) for n in (3, 3, 4, 2)] for _ in range(2)]
    add_up(before, after, weights, *found[0])
    add_up.python(before, after, weights, *found[1])
    assert all(np.array_equal(fast, plain) for fast, plain in zip(*found, strict=True))
    assert found[0][0].sum() == 100
    assert found[0][3][0] == np.count_nonzero(before != after)


def test_the_line_of_python_brings_the_state_back(quick):
    explorer = explore()
    explorer.values = {"scheme": "bounded ring", "servers": 5, "virtual_nodes": 1, "skew": 0.6}
    again = eval(explorer.code, {"explore": explore})
    assert again.values == explorer.values
    assert again.png == explorer.png


def test_a_value_out_of_range_is_named():
    with pytest.raises(ValueError, match="servers"):
        explore(servers=100)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"servers": 255}, "servers must lie between 1 and 254, got 255"),  # a byte would overflow
        ({"servers": 0}, "servers must be a whole number"),
        ({"virtual_nodes": 0}, "virtual_nodes must be"),
        ({"skew": float("nan")}, "skew must be"),
        ({"keys": 0}, "keys must be"),
        ({"scheme": "slots"}, "scheme must be one of modulo"),
        ({"scheme": "magic"}, "scheme must be one of modulo"),
    ],
)
def test_a_view_that_cannot_be_is_refused(changed, message):
    settings = {"scheme": "ring", "servers": 3, "virtual_nodes": 4, "skew": 0.0, "keys": 100}
    with pytest.raises(ValueError, match=message):
        view_balance(**(settings | changed))


def test_a_byte_holds_the_most_servers():
    view = view_balance("modulo", 254, 1, 0.0, 20_000)
    assert view.before.size == 254
    assert view.before.min() > 0 < view.after.min()
