"""The lab's demands are fair, and the models behind its cases are right."""

import inspect
import random
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from helpers.checks import TODO
from helpers.checks.labs import judge_function
from helpers.sharding import lab, lab_pictures
from helpers.sharding.hashing import hash64
from helpers.sharding.lab import CHECKS, find_case, judge_day, judge_rest, limit_case
from helpers.sharding.ring import Points, indexed
from helpers.sharding.routing import (
    DAYS,
    SERVERS,
    Day,
    Elsewhere,
    HashModulo,
    PlainRing,
    limit_of,
    look_at_rest,
    requests_of,
    ring_points,
    sample_keys,
    serve,
)
from tools import lab_table

WRONG = lab_table.load_wrong_answers("sharding")
ANSWERS = lab_table.load_answers(lab_table.find_lab("sharding"))


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    demand = CHECKS[question]
    known = {"error", "kind", "late", "none"} | {
        name for case in demand.cases for name in case.mistakes
    }
    if demand.judge:
        judges = (lab.judge_router, judge_rest, judge_day)
        known |= set(re.findall(r'"(\w+)"', "".join(map(inspect.getsource, judges))))
    assert set(demand.hints) - known == set()


# The demands are fair, and hold on other draws


@pytest.mark.parametrize("seed", [11, 12])
def test_the_router_gets_through_days_nobody_has_seen(seed):
    for day in DAYS:
        assert judge_day(serve(ANSWERS["Router"], replace(day, seed=seed))) is None
        assert judge_day(serve(PlainRing, replace(day, seed=seed))).key == "no_bound"


class Walker:
    """Walks along a ring to the first server with room."""

    def __init__(self, servers):
        self.servers = list(servers)
        self.points = self.build()

    def build(self):
        return sorted((hash64(f"{n}:{s}"), s) for s in self.servers for n in range(150))

    def walk(self, key):
        home = bisect_left(self.points, (hash64(key),))
        return [server for _, server in self.points[home:] + self.points[:home]]

    def __call__(self, key, load):
        most = limit_of(load)
        return next(server for server in self.walk(key) if load[server] < most)


class FiftyPoints(Walker):
    def build(self):
        return sorted((hash64(f"{s}#{n}"), s) for s in self.servers for n in range(50))


class Rendezvous(Walker):
    """All servers bid, and the highest that has room gets it: another right answer."""

    def walk(self, key):
        return sorted(self.servers, key=lambda server: hash64(f"{server}/{key}"))


@pytest.mark.parametrize("router", [Walker, FiftyPoints, Rendezvous])
def test_other_right_routers_pass_too(router):
    verdict = judge_function("sharding.router", CHECKS["sharding.router"], router)
    assert verdict.passed, str(verdict)


# The models of the lab


def test_the_lab_s_ring_is_the_course_s_walk_to_the_next_point():
    points = ring_points(SERVERS)
    places = np.array([place for place, _ in points], dtype=np.uint64)
    owners = np.array([SERVERS.index(name) for _, name in points], dtype=np.int32)
    course: Points = indexed(places, owners, np.arange(places.size))
    keys, ring = sample_keys()[:300], PlainRing(SERVERS)
    for key in keys:
        place = int(np.searchsorted(course.places, np.uint64(hash64(key))))
        assert ring(key, {}) == SERVERS[course.owners[place]]
        assert ring(key, {}) == lab.next_owner(points, hash64(key))


def test_a_ring_at_rest_moves_only_what_has_to():
    rest = look_at_rest(PlainRing)
    assert rest.astray_in == rest.astray_out == rest.needless == 0
    assert rest.moved_in == pytest.approx(1 / 11, abs=0.03)
    assert rest.moved_out == pytest.approx(1 / 10, abs=0.03)


def test_a_key_from_elsewhere_is_the_same_text_with_another_hash_of_python_s():
    key = Elsewhere("product/7")
    assert key == "product/7"
    assert hash(key) != hash("product/7")
    assert hash64(key) == hash64("product/7")
    assert look_at_rest(PlainRing).is_shared


def test_modulo_keeps_a_key_only_where_two_rests_agree():
    rest = look_at_rest(HashModulo)
    assert rest.moved_at_end == pytest.approx(10 / 11, abs=0.01)
    assert rest.fullest < 1.1


def test_limits_leave_room_for_everybody():
    rng = np.random.default_rng(1)
    for _ in range(200):
        load = dict(enumerate(rng.integers(30, size=rng.integers(1, 9)).tolist()))
        assert limit_of(load) * len(load) > sum(load.values())


def test_a_limit_needs_an_epsilon_above_zero():
    with pytest.raises(ValueError, match=r"epsilon must be .* above 0, got 0"):
        limit_of({"a": 1}, 0)


def test_on_the_day_of_the_celebrity_two_fifths_of_the_second_half_ask_for_it():
    keys, _ = requests_of(DAYS[1])
    half = Counter(keys[len(keys) // 2 :])
    (_, count), (_, second) = half.most_common(2)
    assert count / (len(keys) / 2) == pytest.approx(0.4, abs=0.02)
    assert second < count / 4


def test_one_for_all_is_counted_by_hand():
    class ToTheFirst(Walker):
        def __call__(self, key, load):
            return self.servers[0]

    report = serve(ToTheFirst, Day("short"))
    assert report.peak[SERVERS[0]] == pytest.approx(10)
    assert report.over > 0.9
    assert [report.peak[name] for name in SERVERS[1:]] == [0.0] * 9


def test_cases_know_the_answer():
    points = [(10, "ann"), (40, "bob"), (90, "eve")]
    assert [find_case(points, place).expected for place in (35, 40, 95)] == ["bob", "bob", "ann"]
    assert limit_case({"ann": 3, "bob": 0, "eve": 1}, 0.25).expected == 3


# Mistakes that tried to pass


def two_points_at_one_name(servers, copies):
    return sorted(
        (hash64(f"{name}#{copy // 2}"), name) for name in servers for copy in range(copies)
    )


def sorted_after_swapping(servers, copies):
    return sorted((name, hash64(f"{name}#{copy}")) for name in servers for copy in range(copies))


class PythonsOwnHash(Walker):
    """Takes Python's hash of a text, which is another one in every process."""

    def walk(self, key):
        home = bisect_left(self.points, (hash(key) % 2**64,))
        return [server for _, server in self.points[home:] + self.points[:home]]


class AnyOtherWhenFull(Walker):
    """If the server is full, takes any other one with room."""

    def __call__(self, key, load):
        server = self.walk(key)[0]
        while load[server] >= limit_of(load):
            server = random.choice(self.servers)
        return server


class CountsForEver(Walker):
    """Keeps what it has sent for ever, and never hears that a request is done."""

    def __init__(self, servers):
        super().__init__(servers)
        self.sent = dict.fromkeys(servers, 0)

    def __call__(self, key, load):
        server = super().__call__(key, self.sent)
        self.sent[server] += 1
        return server


@pytest.mark.parametrize(
    ("question", "mistake", "answer"),
    [
        ("sharding.make_points", "value", two_points_at_one_name),
        ("sharding.make_points", "swapped_by_name", sorted_after_swapping),
        ("sharding.router", "ignores_key", CountsForEver),
        ("sharding.router", "ignores_key", AnyOtherWhenFull),
        ("sharding.router", "own_hash", PythonsOwnHash),
    ],
)
def test_a_near_miss_is_found(question, mistake, answer):
    verdict = judge_function(question, CHECKS[question], answer)
    assert (verdict.tone, verdict.mistake) == ("wrong", mistake), str(verdict)


# The pictures


def test_pictures_say_what_they_show():
    day = lab_pictures.show_day(ANSWERS["Router"], DAYS[1])
    assert day.alt.startswith("Times the mean on the fullest server: plain ring, up to 5.6; yours")
    moves = lab_pictures.show_moves(ANSWERS["Router"])
    assert moves.alt.startswith("An eleventh server comes, and keys move: modulo, 91 %; yours, 7 %")


def test_a_picture_does_without_an_answer_that_is_todo_and_says_so(capsys):
    class Todo:
        def __init__(self, servers):
            self.points = TODO

        def __call__(self, key, load):
            return TODO

    class RestsOnTodo(Todo):
        def __call__(self, key, load):
            return self.points[0]

    for unfinished in (Todo, RestsOnTodo):
        assert "yours" not in lab_pictures.show_day(unfinished, DAYS[0]).alt
        assert "yours" not in lab_pictures.show_moves(unfinished).alt
        assert capsys.readouterr().out.count("is TODO, or rests on an answer that is") == 2
