"""What happens on screens, on many days, and while the network is cut."""

import pytest

from helpers.consistency import cut_view, screens, trials
from helpers.consistency.cut_explorer import cut_the_network
from helpers.consistency.cut_view import FRESH, NOTHING, STALE, cut_and_look, stale_reads
from helpers.consistency.model import (
    Leaderless,
    Majority,
    Operation,
    SingleLeader,
    is_linearizable,
    run,
)
from helpers.explorer.widget import every_corner

QUORUM = Leaderless(r=2, w=2, read_repair="none")


# Many days


def test_a_day_that_is_not_like_one_copy_replays_from_its_seed():
    days = trials.live_through(QUORUM, trials.flaky(), seeds=range(8))
    assert days.unexplained
    seed = days.unexplained[0]
    again = run(QUORUM, trials.relaxed_steps(seed), trials.flaky(), seed, route="any")
    assert again.attempts == days.runs[seed].attempts
    assert not is_linearizable(again.history)


def test_repair_before_the_answer_explains_every_day_on_which_no_repair_does_not():
    repaired = Leaderless(r=2, w=2, read_repair="before")
    assert trials.live_through(repaired, trials.flaky(), seeds=range(20)).share == 0
    assert trials.live_through(QUORUM, trials.flaky(), seeds=range(20)).share > 0.2


def test_broken_promises_are_counted_by_day():
    days = trials.live_through(Leaderless(r=1, w=1), trials.flaky(), seeds=range(6))
    assert days.broken["read your writes"] > 0
    assert max(days.broken.values()) <= 6
    assert days.served == 1.0


def test_no_seed_is_no_day():
    with pytest.raises(ValueError, match="seeds must name at least one day"):
        trials.live_through(QUORUM, trials.CALM, seeds=())


# Screens


def test_a_comment_vanishes_by_hand():
    def do(function, result, at, who="ann"):
        return Operation(who, at, at + 1, function, "c", "hi" if function == "write" else None,
                         result)  # fmt: skip

    saved, missed, found = do("write", None, 0), do("read", None, 2), do("read", "hi", 4)
    stranger = do("read", None, 2, "ben")

    class Told:
        history = (saved, missed, found, stranger)

    assert screens.vanished(Told) == 1


def test_a_badge_counts_only_steps_back():
    assert screens.Badge([1, 2, 3, 4, 5], [1, 3, 2, 2, 1]).steps_back == 2


def test_every_order_has_one_outcome_and_fail_over_loses_what_a_majority_keeps():
    buyers = {f"buyer {i}" for i in range(0, 60, 3)}
    line = trials.Network(loss=0.05).cut({"n1"} | buyers, since=0.2, until=1.0)
    told = {
        type(store).__name__: screens.outcomes_of(run(store, screens.place_orders(60), line, 1))
        for store in (SingleLeader(), Majority())
    }
    assert all(sum(outcome[:4]) == 60 for outcome in told.values())
    assert told["SingleLeader"].lost > 0 == told["Majority"].lost


def test_a_clock_that_is_ahead_drops_a_later_write_and_vector_clocks_do_not():
    assert screens.late_by_clock(0.0).lost_writes() == ()
    assert len(screens.late_by_clock(2.0).lost_writes()) == 1
    assert screens.late_by_clock(2.0, "vector clocks").survivors["draft"] == ("by ben",)


# The cut


def test_the_four_stores_answer_or_are_right_while_the_network_is_cut():
    views = {name: cut_and_look(name, "n1", 1.0) for name in cut_view.STORES}
    any_copy, quorum, leader, majority = views.values()
    assert any_copy.total(NOTHING) == 0 < any_copy.total(STALE)
    assert leader.total(STALE) > 0
    for view in (quorum, majority):
        assert view.total(STALE) == 0 < view.counts["ann"][NOTHING]
        assert view.is_explained
    assert quorum.counts["ben"][NOTHING] == 0


def test_without_a_cut_everybody_is_answered():
    for name in cut_view.STORES:
        view = cut_and_look(name, "n3", 0.0)
        assert not view.is_cut
        assert view.total(NOTHING) == view.total(STALE) == 0
        assert view.total(FRESH) == 90


def test_a_stale_read_is_one_that_somebody_had_replaced_before_it_began():
    old = Operation("ann", 0, 1, "write", "x", 1, None)
    new = Operation("ann", 2, 3, "write", "x", 2, None)
    during = Operation("ben", 2.5, 4, "read", "x", None, 1)
    later = Operation("ben", 5, 6, "read", "x", None, 1)
    never = Operation("cat", 5, 6, "read", "x", None, None)
    assert stale_reads((old, new, during, later, never)) == [later, never]


def test_every_corner_of_the_cut_draws():
    explorer = cut_the_network()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower()
