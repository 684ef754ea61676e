"""Sagas: what is left behind after a crash at every moment, and which mistakes that shows."""

from collections import Counter

import pytest

from helpers.databases.saga import (
    PRICE,
    DeclinedError,
    OutOfStockError,
    crash_everywhere,
    run_saga,
    run_transaction,
    saga,
    without_compensation,
    without_journal,
    without_keys,
)

WORLDS = {
    "all goes well": {},
    "out of stock": {"stock": 0},
    "a piece comes in meanwhile": {"stock": 0, "restock": True},
    "the card is declined": {"card_is_good": False},
}
each_world = pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)


def harms(lefts):
    return Counter(left.harm for left in lefts if left.harm)


def test_a_calm_run_by_hand():
    left = run_saga(stock=3)
    assert left.calls == (
        "open the order",
        "charge the card",
        "reserve a piece",
        "confirm the order",
    )
    assert (left.order, left.paid, left.stock, left.reserved) == ("confirmed", PRICE, 2, 1)
    assert (left.starts, left.has_ended, left.crashed_at) == (1, True, ())
    assert left.history[1] == ("charge the card", "open", PRICE, 0)  # others could see this
    assert len(left.moments) == 8


def test_what_was_done_is_called_back_in_reverse():
    left = run_saga(stock=0)
    assert left.calls[-2:] == ("refund the card", "cancel the order")
    assert (left.order, left.paid, left.stock, left.reserved) == ("canceled", 0, 0, 0)
    declined = run_saga(card_is_good=False)
    assert "refund the card" not in declined.calls
    assert declined.is_consistent


@each_world
@pytest.mark.parametrize("twice", [False, True])
def test_the_saga_leaves_nothing_wrong_wherever_it_crashes(world, twice):
    lefts = crash_everywhere(saga, twice=twice, **world)
    assert harms(lefts) == {}
    assert all(left.has_ended for left in lefts)
    assert all(left.stock + left.reserved in (1, world.get("stock", 1)) for left in lefts)


def test_the_same_key_counts_once_however_often_it_comes():
    left = run_saga(crash_at=[3, 8, 14])  # after the charge, and twice in the restarts
    assert left.calls.count("charge the card") == 4
    assert left.paid == PRICE
    assert left.starts == 4


def test_nobody_who_starts_it_again_leaves_a_paid_order_without_stock():
    lefts = crash_everywhere(saga, recover=False)
    assert harms(lefts)["paid, but no piece is reserved"] == 2  # after charging, before reserving
    assert "left open" in harms(lefts)


@pytest.mark.parametrize(
    ("coordinate", "world", "harm"),
    [
        (without_compensation, "out of stock", "paid, but no piece is reserved"),
        (without_keys, "all goes well", "charged twice"),
        (without_journal, "a piece comes in meanwhile", "confirmed, but not paid and reserved"),
    ],
)
def test_each_part_of_the_mechanism_is_needed(coordinate, world, harm):
    assert harm in harms(crash_everywhere(coordinate, **WORLDS[world]))


@each_world
def test_one_transaction_leaves_all_or_nothing(world):
    settings = {key: value for key, value in world.items() if key != "restock"}
    for moment in [None, *range(9)]:
        left = run_transaction(crash_at=moment, **settings)
        assert left.is_consistent
        assert left.order in ("none", "confirmed")


@pytest.mark.parametrize(
    ("coordinate", "harm"),
    [
        (lambda j, s: s.refund(), "refunded more than was paid"),
        (lambda j, s: (s.charge(), s.charge()), "charged twice"),
        (lambda j, s: (s.charge(), s.reserve(), s.reserve()), "reserved twice"),
        (lambda j, s: s.release(), "released what was never reserved"),
        (lambda j, s: (s.open_order(), s.charge()), "paid, but no piece is reserved"),
        (lambda j, s: s.confirm_order(), "confirmed, but not paid and reserved"),
        (lambda j, s: (s.charge(), s.reserve(), s.cancel_order()), "canceled, but paid"),
        (lambda j, s: (s.reserve(), s.cancel_order()), "canceled, but a piece is still reserved"),
        (lambda j, s: s.open_order(), "left open"),
        (lambda j, s: None, ""),
    ],
)
def test_every_harm_has_its_name(coordinate, harm):
    assert run_saga(coordinate, stock=5).harm == harm


def test_a_crash_cannot_be_caught_by_mistake():
    def stubborn(journal, services):
        for _ in range(3):
            try:
                services.charge("1")
            except Exception:
                continue

    left = run_saga(stubborn, crash_at=0)
    assert left.starts == 2
    assert left.paid == PRICE


def test_a_coordinator_that_never_ends_is_given_up():
    left = run_saga(saga, crash_at=range(1_000))
    assert (left.starts, left.has_ended) == (20, False)


def test_refusals_say_what_was_refused():
    seen = []

    def curious(journal, services):
        for call in (services.reserve, services.charge):
            try:
                call("1")
            except (OutOfStockError, DeclinedError) as refusal:
                seen.append(str(refusal))

    run_saga(curious, stock=0, card_is_good=False)
    assert seen == ["none is left", "the card was declined"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"stock": -1}, "stock must be a whole number of at least 0, got -1"),
        ({"crash_at": -1}, "crash_at must be"),
        ({"crash_at": [1, 2.5]}, "crash_at must be"),
    ],
)
def test_bad_input_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        run_saga(**values)


def test_the_dead_do_nothing_even_if_the_crash_is_swallowed():
    def swallows_all(journal, services):
        for call in (services.open_order, services.charge, services.reserve):
            try:
                call("1")
            except BaseException:
                continue
        journal.write("done")

    left = run_saga(swallows_all, crash_at=1, recover=False)  # after the order was opened
    assert (left.order, left.paid, left.reserved) == ("open", 0, 0)
    assert (left.has_ended, left.crashed_at) == (False, ("after: open the order",))
    assert left.moments == (
        "before: open the order",
        "after: open the order",
        "dead, and yet before: charge the card",
        "dead, and yet before: reserve a piece",
        "dead, and yet before the journal says 'done'",
    )
    again = run_saga(swallows_all, crash_at=1)
    assert (again.starts, again.has_ended, again.paid, again.reserved) == (2, True, PRICE, 1)


def test_a_process_that_dies_while_it_cleans_up_or_complains_is_started_again():
    def complains(journal, services):
        try:
            services.charge("1")
        except BaseException as crash:
            raise RuntimeError("something went wrong") from crash

    assert run_saga(complains, crash_at=0).starts == 2

    def wrong(journal, services):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        run_saga(wrong)
