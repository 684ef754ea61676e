"""Who had seen what: laws of the order, and siblings."""

from hypothesis import given
from hypothesis import strategies as st

from helpers.consistency.vector_clocks import NOTHING_SEEN, VectorClock, without_older

counts = st.dictionaries(st.sampled_from("abc"), st.integers(1, 3))
clocks = counts.map(lambda found: VectorClock(tuple(sorted(found.items()))))


def test_a_small_history_by_hand():
    first = NOTHING_SEEN.tick("ann")
    ben, cy = first.tick("ben"), first.tick("cy")
    assert ben.counts == (("ann", 1), ("ben", 1))
    assert ben.has_seen(first)
    assert not first.has_seen(ben)
    assert ben.is_concurrent_with(cy)
    assert ben.merge(cy).counts == (("ann", 1), ("ben", 1), ("cy", 1))
    assert without_older([first, ben, cy, first], lambda clock: clock) == [ben, cy]
    assert without_older([ben, ben.merge(cy), cy], lambda clock: clock) == [ben.merge(cy)]


@given(clocks, clocks, clocks)
def test_merging_is_associative_commutative_and_idempotent(one, two, three):
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(two) == two.merge(one)
    assert one.merge(one) == one
    assert VectorClock.merged([one, two, three]) == one.merge(two).merge(three)


@given(clocks, clocks, st.sampled_from("abc"))
def test_having_seen_is_an_order(one, two, writer):
    assert one.has_seen(one)
    assert one.merge(two).has_seen(one)
    assert one.tick(writer).has_seen(one)
    assert not one.has_seen(one.tick(writer))
    assert (one.has_seen(two) and two.has_seen(one)) == (one == two)
    assert one.is_concurrent_with(two) == (not one.has_seen(two) and not two.has_seen(one))


@given(st.lists(clocks))
def test_what_is_kept_has_seen_all_that_is_dropped_and_nothing_that_is_kept(versions):
    kept = without_older(versions, lambda clock: clock)
    assert all(any(other.has_seen(clock) for other in kept) for clock in versions)
    for place, one in enumerate(kept):
        assert all(one.is_concurrent_with(other) for other in kept[place + 1 :])
