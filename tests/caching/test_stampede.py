"""The end of a copy under load: who asks, who waits, and whether the database comes back."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.caching.rush import Rush, draw_rush
from helpers.caching.stampede import Guard, ask, measure_first_answer, run_stampede
from helpers.caching.stampede_explorer import explore_stampede
from helpers.caching.stampede_theory import early_chance, first_answer
from helpers.caching.stampede_view import GUARDS, view_stampede
from helpers.explorer import every_corner

LOCK = Guard("lock", one_flight="everywhere")
PER_SERVER = Guard("per server", one_flight="per server")
EARLY = Guard("early", early=1.0)
STALE = Guard("stale", stale_for=10.0)
ALL = [Guard(), LOCK, PER_SERVER, EARLY, STALE]


def rush_of(time, work=1.0, key=None, server=None, unit=None):
    n = len(time)
    return Rush(
        np.array(time, dtype=float),
        np.zeros(n, dtype=np.int64) if key is None else np.array(key),
        np.full(n, work),
        np.zeros(n, dtype=np.int64) if server is None else np.array(server),
        np.ones(n) if unit is None else np.array(unit, dtype=float),
        np.zeros(n),
        keys=1 if key is None else max(key) + 1,
        servers=1 if server is None else max(server) + 1,
    )


@pytest.fixture(scope="module")
def rush():
    return draw_rush(1_000, duration=40, recompute_time=0.1, rng=1)


def test_a_small_trace_agrees_with_the_one_worked_by_hand():
    # One worker; the copy ends at 10. At 10 a query of 1 s; at 10.5, half done, a second one.
    # Both at half speed: the first is done at 11.5, and 11.2 asked for a third in between.
    run = run_stampede(rush_of([9, 10, 10.5, 11.2, 11.6]), ttl=60, workers=1)
    # 10–10.5 alone: 0.5 done. 10.5–11.2 by two: 0.85 and 0.35 done. Then by three: the first
    # needs 0.15 × 3 = 0.45 s, until 11.65, and a fourth comes at 11.6.
    # 11.2–11.6 by three: 0.98333 and 0.48333 and 0.13333 done; then by four: 0.0166667 × 4.
    assert run.waits_for.tolist() == [-1, 0, 1, 2, 3]
    assert run.finish[0] == pytest.approx(11.6 + 4 * (1 - 0.85 - 0.4 / 3))
    # work is conserved: the last of four seconds of work is done four seconds after the first came
    assert run.finish.max() == pytest.approx(14)


def test_with_a_lock_the_others_wait_for_the_one_that_asked_first():
    run = run_stampede(rush_of([9, 10, 10.5, 10.9, 11.2]), LOCK, ttl=60, workers=1)
    assert run.waits_for.tolist() == [-1, 0, 0, 0, -1]
    assert run.response_time.tolist() == pytest.approx([0, 1, 0.5, 0.1, 0])


def test_each_server_sends_one_of_its_own():
    run = run_stampede(rush_of([10, 10.1, 10.2, 10.3], server=[0, 1, 0, 1]), PER_SERVER, workers=9)
    assert run.waits_for.tolist() == [0, 1, 0, 1]


def test_an_old_copy_is_handed_out_while_one_query_runs():
    run = run_stampede(rush_of([10, 10.5, 11.5, 25]), Guard(stale_for=3), ttl=5, workers=9)
    assert run.waits_for.tolist() == [-1, -1, -1, 1]  # 25 is beyond 16 + 3
    assert run.is_stale.tolist() == [True, True, False, False]
    assert run.start.tolist() == [10, 25]


def test_who_draws_high_refreshes_early_and_the_others_find_the_copy():
    # 2 s before the end, a query of 1 s: whoever draws −ln U of 2 or more refreshes
    run = run_stampede(rush_of([8, 8.1, 8.5, 9.5], unit=[1.9, 2.1, 0.1, 3]), EARLY, workers=9)
    assert run.start.tolist() == [8.1]
    assert run.response_time.tolist() == [0, 1, 0, 0]


def test_who_has_given_up_does_not_keep_the_answer():
    run = run_stampede(rush_of([10, 11.5, 12]), LOCK, ttl=60, workers=1, patience=0.5)
    assert run.waits_for.tolist() == [0, 1, 1]
    assert run.is_lost.tolist() == [True, True, False]


def test_a_patient_one_keeps_it():
    run = run_stampede(rush_of([10, 11.5, 12]), LOCK, ttl=60, workers=1, patience=1.5)
    assert run.waits_for.tolist() == [0, -1, -1]


def test_a_new_copy_s_time_is_shortened_by_chance():
    late = replace(rush_of([10, 12, 13.5]), uniform=np.ones(3))
    assert run_stampede(late, Guard(jitter=0.5), ttl=4).start.tolist() == [10, 13.5]
    assert run_stampede(late, Guard(jitter=0.0), ttl=4).start.tolist() == [10]


def test_other_queries_wait_for_the_stampede_too():
    run = run_stampede(rush_of([10, 10, 10, 10.5], key=[0, 0, 0, -1], work=1.0), workers=1)
    assert run.response_time[3] > 3


@pytest.mark.parametrize("guard", ALL, ids=lambda guard: guard.name)
def test_work_is_conserved_whatever_the_guard(rush, guard):
    run = run_stampede(rush, guard)
    assert (run.finish - run.start >= 0.1 - 1e-9).all()
    assert (run.waits_for < run.start.size).all()
    answered = run.waits_for < 0
    assert answered.sum() + (run.waits_for >= 0).sum() == len(rush)
    asked_by_hand = run.by_second().sum()
    assert asked_by_hand == run.start.size == run.by_second("cached").sum()


@pytest.mark.parametrize("guard", ALL[1:], ids=lambda guard: guard.name)
def test_a_guard_keeps_the_database_under_what_it_can_do(rush, guard):
    without = run_stampede(rush)
    assert without.most_in_flight > 500
    with_it = run_stampede(rush, guard)
    assert with_it.most_in_flight <= 20
    assert with_it.response_time.max() < 0.11


def test_everywhere_is_one_query_and_per_server_is_one_for_each(rush):
    assert run_stampede(rush, LOCK).queries == 1
    assert run_stampede(rush, PER_SERVER).queries == rush.servers


def test_an_impatient_database_does_not_come_back_without_a_guard():
    midnight = draw_rush(1_500, duration=60, recompute_time=0.1, rng=1)
    broken = run_stampede(midnight, patience=2)
    assert broken.by_second("lost")[50] > 1_000
    mended = run_stampede(midnight, LOCK, patience=2)
    assert mended.lost_share == 0
    calm = draw_rush(150, duration=60, recompute_time=0.1, rng=1)  # 15 at once: no overload
    assert run_stampede(calm, patience=2).lost_share == 0


def test_jitter_spreads_what_was_made_at_once():
    many = draw_rush(500, duration=130, recompute_time=0.05, keys=200, rng=2)
    alike, spread = (
        run_stampede(many, Guard(one_flight="everywhere", jitter=jitter), ttl=60, expires_at=60)
        for jitter in (0.0, 0.5)
    )
    assert alike.by_second("cached").max() > 5 * spread.by_second("cached").max()
    assert alike.by_second("cached")[:59].sum() == 0
    assert spread.by_second("cached")[:29].sum() == 0


def test_nobody_asks_and_nothing_happens():
    run = run_stampede(rush_of([]))
    assert (run.queries, run.most_in_flight, run.lost_share) == (0, 0, 0)
    assert run.by_second().size == 0


def test_a_guard_with_nothing_in_it_is_no_guard(rush):
    one, two = run_stampede(rush), run_stampede(rush, Guard("something else"))
    assert (one.waits_for == two.waits_for).all()


def test_more_load_never_brings_the_answer_sooner():
    answers = [first_answer(rate, 0.1, 20) for rate in (50, 200, 201, 500, 1_000, 1_500)]
    assert answers == sorted(answers)
    assert answers[0] == answers[1] == 0.1
    assert answers[2] == pytest.approx(0.1, rel=0.01)  # no jump where the formulas meet


def test_the_first_answer_comes_when_the_formula_says():
    measured = measure_first_answer(10_000, 0.1, 200, rng=3)
    error = 2 * measured.half_width  # four standard errors
    assert measured.value == pytest.approx(first_answer(10_000, 0.1, 200), abs=error)


def test_an_early_refresh_is_as_likely_as_the_rule_says():
    unit = np.random.default_rng(2).exponential(size=100_000)
    for gap in (0.05, 0.1, 0.3):
        expected = float(early_chance(gap, 0.1))
        error = 4 * np.sqrt(expected * (1 - expected) / unit.size)
        assert (0.1 * unit >= gap).mean() == pytest.approx(expected, abs=error)
    assert early_chance([0.1, 0.025], 0.1) == pytest.approx([0.3679, 0.7788], abs=1e-4)
    assert float(early_chance(0.1, 0.1, beta=2)) == pytest.approx(np.exp(-0.5))


def test_the_same_seed_gives_the_same_run():
    one, two, other = (
        run_stampede(draw_rush(500, 20, rng=seed)).finish.tolist() for seed in (1, 1, 2)
    )
    assert one == two != other


def test_the_kernel_gives_the_same_bits_compiled_and_in_plain_python():
    rush = draw_rush(200, 15, recompute_time=0.3, keys=3, other_rate=20, rng=6)
    for lanes, early, stale_for in ((0, 0.0, 0.0), (1, 1.0, 0.0), (4, 0.0, 2.0)):
        luck = np.stack([rush.unit, rush.uniform])
        ran = []
        for loop in (ask, ask.python):
            copies = np.array([[5.0, 6.0, 7.0], [0.3, 0.3, 0.3]])
            lane = rush.server % max(lanes, 1)
            rules = (4.0, 0.2, early, stale_for)
            ran.append(
                loop(rush.time, rush.key, rush.work, lane, lanes, luck, copies, rules, 5, 1.5)
            )
        for fast, plain in zip(*ran, strict=True):
            assert (fast == plain).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: Guard(one_flight="maybe"), "one_flight must be 'none', .*, got 'maybe'"),
        (lambda r: Guard(early=-1), "early must be a finite number of at least 0, got -1"),
        (lambda r: Guard(stale_for=-1), "stale_for must be a finite number of at least 0, got -1"),
        (lambda r: Guard(jitter=2), "jitter must lie between 0 and 1, got 2"),
        (lambda r: draw_rush(0, 1), "request_rate must be a finite number above 0, got 0"),
        (lambda r: draw_rush(1, 0), "duration must be a finite number above 0, got 0"),
        (lambda r: draw_rush(1, 1, keys=0), "keys must be a whole number of at least 1, got 0"),
        (lambda r: draw_rush(1, 1, recompute_time=0), "recompute_time must be .*, got 0"),
        (lambda r: run_stampede(r, ttl=0), "ttl must be a finite number above 0, got 0"),
        (lambda r: run_stampede(r, workers=0), "workers must be a whole number of at least 1"),
        (lambda r: run_stampede(r, patience=0), "patience must be .* above 0, got 0"),
        (lambda r: run_stampede(r, patience=float("nan")), "patience must be .*, got nan"),
        (lambda r: run_stampede(r, patience="2"), "patience must be .*, got '2'"),
        (lambda r: run_stampede(r).by_second("stale"), "of must be one of .*, got 'stale'"),
        (lambda r: early_chance([0.1, -0.1], 1), "gap must be at least 0 seconds, got"),
        (lambda r: early_chance(float("nan"), 1), "gap must be at least 0 seconds, got nan"),
        (lambda r: first_answer(1e6, 1, 1), "request_rate must be at most 700 times"),
        (lambda r: run_stampede(r, expires_at=-1), "expires_at must be .* at least 0, got -1"),
        (lambda r: early_chance(1, 0), "recompute_time must be a finite number above 0, got 0"),
        (lambda r: first_answer(1, 1, 0), "workers must be a whole number of at least 1, got 0"),
        (lambda r: view_stampede("luck", 1, 1, 1), "guard must be one of .*, got 'luck'"),
        (
            lambda r: view_stampede("nothing", 4_000, 1, 1),
            "request_rate must lie between .* 4000",
        ),
    ],
)
def test_bad_input_is_refused_with_its_name_and_its_value(rush, call, message):
    with pytest.raises(ValueError, match=message):
        call(rush)


# The explorer


def test_the_explorer_s_words_tell_the_numbers_of_the_model():
    view = view_stampede("nothing", 1_500, 0.1, 60)
    assert view.is_down
    assert view.lost[-1] == 1
    assert view.lost.max() <= 1
    assert "has not come back" in explore_stampede(request_rate=1_500, ttl=60).note
    quiet = view_stampede("a lock for all", 1_500, 0.1, 60)
    assert (quiet.queries.sum(), quiet.most_in_flight) == (1, 1)
    assert quiet.lost.max() == 0


@pytest.mark.parametrize("guard", GUARDS)
def test_queries_are_answered_or_still_at_work(guard):
    view = view_stampede(guard, 1_000, 0.1, 20)
    assert 0 <= view.queries.sum() - view.answers.sum() <= view.most_in_flight


def test_every_corner_is_drawn_without_an_error_or_a_nan():
    explorer = explore_stampede()
    notes = set()
    for values in every_corner(explorer):
        assert explorer.error is None, values
        assert "nan" not in explorer.note.lower(), values
        notes.add(explorer.note)
    assert len(notes) > 10


@pytest.mark.parametrize(
    ("knob", "value"),
    [("guard", "a lock for all"), ("request_rate", 400), ("recompute_time", 0.2), ("ttl", 7)],
)
def test_every_knob_moves_the_picture_and_the_words(knob, value):
    explorer = explore_stampede()
    before, note = explorer.png, explorer.note
    explorer.values = {**explorer.values, knob: value}
    assert explorer.png != before
    assert explorer.note != note
