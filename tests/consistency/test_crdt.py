"""Values that are changed apart and merged: one test class for all of them, then each one's own."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.consistency.crdt import (
    GCounter,
    LWWRegister,
    ORSet,
    PNCounter,
    merge_all,
    merge_in_every_order,
)

replicas = st.sampled_from(["phone", "laptop", "tablet"])
amounts = st.integers(0, 9)
elements = st.sampled_from(["milk", "bread", "eggs"])
counters = st.dictionaries(replicas, amounts).map(GCounter)


@st.composite
def sets(draw):
    """Replay a few changes, so that only states that can come about are tried."""
    value = ORSet()
    for replica, element, is_added in draw(
        st.lists(st.tuples(replicas, elements, st.booleans()), max_size=8)
    ):
        value = value.add(element, replica) if is_added else value.remove(element)
    return value


@st.composite
def registers(draw):
    value = LWWRegister()
    for written, time, replica in draw(
        st.lists(st.tuples(elements, st.integers(0, 5), replicas), max_size=4)
    ):
        value = value.write(written, time, replica)
    return value


ALL = {
    GCounter: counters,
    PNCounter: st.builds(PNCounter, counters, counters),
    LWWRegister: registers(),
    ORSet: sets(),
}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
class TestEveryValueThatMerges:
    @given(st.data())
    def test_order_does_not_matter(self, kind, data):
        a, b = (data.draw(ALL[kind]) for _ in range(2))
        assert a.merge(b) == b.merge(a)

    @given(st.data())
    def test_grouping_does_not_matter(self, kind, data):
        a, b, c = (data.draw(ALL[kind]) for _ in range(3))
        assert a.merge(b).merge(c) == a.merge(b.merge(c))

    @given(st.data())
    def test_repetition_does_not_matter(self, kind, data):
        a, b = (data.draw(ALL[kind]) for _ in range(2))
        assert a.merge(a) == a
        assert a.merge(b).merge(b).merge(a) == a.merge(b)

    @given(st.data())
    def test_an_empty_copy_brings_nothing(self, kind, data):
        a = data.draw(ALL[kind])
        assert a.merge(kind()) == a

    @given(st.data())
    def test_all_orders_end_alike(self, kind, data):
        copies = [data.draw(ALL[kind]) for _ in range(4)]
        outcomes = {outcome for _, outcome in merge_in_every_order(copies)}
        assert len(outcomes) == 1
        assert outcomes == {merge_all(copies + copies[::-1])}

    @given(st.data())
    def test_merging_leaves_both_copies_as_they_were(self, kind, data):
        a, b = (data.draw(ALL[kind]) for _ in range(2))
        before = repr(a), repr(b), hash(a)
        a.merge(b)
        assert (repr(a), repr(b), hash(a)) == before

    def test_a_value_cannot_be_changed_in_place(self, kind):
        value = kind()
        with pytest.raises(FrozenInstanceError):
            value.anything = 1


# Counters


def test_counts_made_apart_add_up():
    phone = GCounter().increment("phone").increment("phone", 2)
    laptop = GCounter().increment("laptop", 4)
    assert phone.merge(laptop).value == 7
    assert phone.merge(laptop).increment("phone").value == 8


def test_a_copy_that_comes_back_is_not_counted_twice():
    phone = GCounter().increment("phone", 3)
    assert phone.merge(phone.increment("phone")).value == 4


@given(st.lists(st.tuples(replicas, amounts)))
def test_the_value_is_all_that_was_counted(steps):
    apart = {name: GCounter() for name in ("phone", "laptop", "tablet")}
    for replica, by in steps:
        apart[replica] = apart[replica].increment(replica, by)
    assert merge_all(apart.values()).value == sum(by for _, by in steps)


def test_counting_zero_is_no_change():
    assert GCounter().increment("phone", 0) == GCounter() == GCounter({"laptop": 0})
    assert hash(GCounter({"a": 1, "b": 2})) == hash(GCounter({"b": 2, "a": 1}))


def test_a_counter_does_not_share_its_counts_with_who_made_it():
    counts = {"phone": 1}
    counter = GCounter(counts)
    counts["phone"] = 5
    assert counter.value == 1
    with pytest.raises(TypeError):
        counter.counts["phone"] = 5


def test_up_and_down_made_apart_both_count():
    phone = PNCounter().increment("phone", 5)
    laptop = PNCounter().decrement("laptop", 2).decrement("laptop")
    assert phone.merge(laptop).value == 2
    assert laptop.value == -3


# Register


def test_the_later_clock_wins_even_if_it_is_wrong():
    fast = LWWRegister().write("an old draft", time=100, replica="fast clock")
    right = LWWRegister().write("the final text", time=60, replica="right clock")
    assert right.merge(fast).value == "an old draft"
    assert fast.write("mine", time=61, replica="right clock").value == "an old draft"


def test_two_writes_at_one_time_are_decided_the_same_way_everywhere():
    a, b = (LWWRegister().write(word, 7, word) for word in ("a", "b"))
    assert a.merge(b).value == b.merge(a).value == "b"
    c, d = (LWWRegister().write(word, 7, "same") for word in ("c", "d"))
    assert c.merge(d).value == d.merge(c).value == "d"


# Set


def test_an_addition_that_the_remover_had_not_seen_survives():
    both = ORSet().add("milk", "phone")
    removed, added = both.remove("milk"), both.add("milk", "laptop")
    assert "milk" in removed.merge(added)
    assert "milk" not in removed
    assert removed.merge(both).value == frozenset()


def test_what_was_removed_everywhere_can_be_added_again():
    gone = ORSet().add("milk", "phone").remove("milk")
    again = gone.add("milk", "phone")
    assert again.value == {"milk"}
    assert again.merge(gone).value == {"milk"}


def test_removing_what_is_not_there_changes_nothing():
    assert ORSet().remove("milk") == ORSet()


def test_every_addition_has_a_tag_of_its_own():
    value = ORSet()
    for replica in ("phone", "laptop", "phone", "phone"):
        value = value.add("milk", replica).remove("milk")
    assert len(value.removed) == 4


@given(st.lists(st.tuples(elements, st.booleans())))
def test_one_replica_alone_is_an_ordinary_set(steps):
    ours, plain = ORSet(), set()
    for element, is_added in steps:
        ours = ours.add(element, "phone") if is_added else ours.remove(element)
        (plain.add if is_added else plain.discard)(element)
        assert ours.value == plain


# Input


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: GCounter().increment("phone", -1), "by must be"),
        (lambda: PNCounter().decrement("phone", 0.5), "by must be"),
        (lambda: GCounter({"phone": -2}), r"counts\['phone'\] must be"),
        (lambda: LWWRegister().write("x", -1, "phone"), "time must be"),
        (lambda: LWWRegister().write("x", float("nan"), "phone"), "time must be"),
        (lambda: merge_all([]), "copies must hold"),
        (lambda: list(merge_in_every_order([])), "copies must lie"),
        (lambda: list(merge_in_every_order([GCounter()] * 8)), "copies must lie"),
    ],
)
def test_what_cannot_be_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
