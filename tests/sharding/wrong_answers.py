"""Answers to the lab "A ring that bears a celebrity" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the last question's answers inside the course's model.
"""

import math
from bisect import bisect_left, bisect_right

from helpers.sharding.hashing import hash64
from helpers.sharding.routing import (
    DAYS,
    LEAST_HITS,
    MOST_MOVED,
    UNEVEN,
    limit_of,
    look_at_rest,
    ring_points,
    serve,
)

# Walk to the next point


def last_point_for_the_rest(points, place):
    """Beyond the last point there is nobody else."""
    found = bisect_left(points, (place,))
    return points[min(found, len(points) - 1)][1]


def nearest_point(points, place):
    """The nearest point has it."""
    return min(points, key=lambda point: abs(point[0] - place))[1]


def point_before(points, place):
    """A key lies in the part that begins at the point before it."""
    return points[bisect_right(points, (place, "~")) - 1][1]


def point_after(points, place):
    """`bisect` finds the next one."""
    return points[bisect_right([where for where, _ in points], place) % len(points)][1]


def whole_point(points, place):
    """The point that was found."""
    return points[bisect_left(points, (place,)) % len(points)]


def nobody_beyond_the_last(points, place):
    """The first point at or after it."""
    for point, server in points:
        if point >= place:
            return server
    return None


def a_number_among_pairs(points, place):
    """`bisect_left` finds a place among the points."""
    return points[bisect_left(points, place) % len(points)][1]


def without_a_circle(points, place):
    """`bisect_left` gives where it is."""
    return points[bisect_left(points, (place,))][1]


# Many points for each server


def as_they_come(servers, copies):
    """Server by server, copy by copy."""
    return [(hash64(f"{name}#{copy}"), name) for name in servers for copy in range(copies)]


def one_for_each(servers, copies):
    """A server is a point."""
    return sorted((hash64(f"{name}#0"), name) for name in servers)


def always_the_same(servers, copies):
    """So many copies of the server's hash."""
    return sorted((hash64(name), name) for name in servers for _ in range(copies))


def counted_from_one(servers, copies):
    """The first copy is number 1."""
    return sorted((hash64(f"{s}#{c}"), s) for s in servers for c in range(1, copies + 1))


def by_number(servers, copies):
    """Servers are numbered."""
    numbered = enumerate(servers)
    return sorted((hash64(f"{i}#{c}"), name) for i, name in numbered for c in range(copies))


def sorted_by_name(servers, copies):
    """Sorted is sorted."""
    return sorted(as_they_come(servers, copies), key=lambda point: point[1])


def name_first(servers, copies):
    """The name, and where it is."""
    return [(name, place) for place, name in sorted(as_they_come(servers, copies))]


def places_alone(servers, copies):
    """The points of the ring."""
    return [place for place, _ in sorted(as_they_come(servers, copies))]


def largest_first(servers, copies):
    """In order, from the end."""
    return sorted(as_they_come(servers, copies), reverse=True)


def copies_with_names(servers, copies):
    """Each copy is a server, ann#2."""
    names = [f"{name}#{copy}" for name in servers for copy in range(copies)]
    return sorted((hash64(name), name) for name in names)


def sorted_in_place(servers, copies):
    """`sort` sorts it."""
    return as_they_come(servers, copies).sort()


# How much is too much


def mean_only(load, epsilon):
    """Nobody shall have more than the mean."""
    return math.ceil((sum(load.values()) + 1) / len(load))


def epsilon_added(load, epsilon):
    """The mean and ε."""
    return math.ceil((sum(load.values()) + 1) / len(load) + epsilon)


def mean_of_the_busy(load, epsilon):
    """Whoever has nothing to do does not count."""
    busy = max(1, sum(count > 0 for count in load.values()))
    return math.ceil((1 + epsilon) * (sum(load.values()) + 1) / busy)


def share_of_all(load, epsilon):
    """A quarter above all."""
    return math.ceil((1 + epsilon) * (sum(load.values()) + 1))


def floor_and_one(load, epsilon):
    """Rounding up is the whole part and one."""
    return int((1 + epsilon) * (sum(load.values()) + 1) / len(load)) + 1


def rounded_down(load, epsilon):
    """No server may be above it, so down."""
    return int((1 + epsilon) * (sum(load.values()) + 1) / len(load))


def to_the_nearest(load, epsilon):
    """`round` makes it whole."""
    return round((1 + epsilon) * (sum(load.values()) + 1) / len(load))


def those_at_work(load, epsilon):
    """The mean of the requests that there are."""
    return math.ceil((1 + epsilon) * sum(load.values()) / len(load))


def one_for_the_newcomer(load, epsilon):
    """The limit of those at work, and one for the newcomer."""
    return math.ceil((1 + epsilon) * sum(load.values()) / len(load)) + 1


def mean_rounded_up(load, epsilon):
    """The mean is so many requests, and a quarter above that."""
    return math.ceil((1 + epsilon) * math.ceil((sum(load.values()) + 1) / len(load)))


def sum_of_the_names(load, epsilon):
    """The sum of the loads."""
    return math.ceil((1 + epsilon) * (sum(load) + 1) / len(load))


def not_rounded(load, epsilon):
    """The formula."""
    return (1 + epsilon) * (sum(load.values()) + 1) / len(load)


# The router


class Ring:
    """A ring with a hundred points each, bounded."""

    copies = 100

    def __init__(self, servers):
        self.servers = list(servers)
        self.points = ring_points(tuple(servers), self.copies)

    def home(self, key):
        """Where the walk begins."""
        return bisect_left(self.points, (hash64(key),)) % len(self.points)

    def walk(self, key):
        """All servers from there, as often as they have points."""
        home = self.home(key)
        return (server for _, server in self.points[home:] + self.points[:home])

    def __call__(self, key, load):
        most = limit_of(load)
        return next(server for server in self.walk(key) if load[server] < most)


class WithoutABound(Ring):
    """A ring with virtual nodes is balanced."""

    def __call__(self, key, load):
        return self.points[self.home(key)][1]


class TwiceTheMean(Ring):
    """Nobody has more than twice the mean."""

    def __call__(self, key, load):
        most = limit_of(load, 1.0)
        return next(server for server in self.walk(key) if load[server] < most)


class HashMod(Ring):
    """The hash modulo the servers, and on to the next one if it is full."""

    def __call__(self, key, load):
        most, first = limit_of(load), hash64(key) % len(self.servers)
        order = self.servers[first:] + self.servers[:first]
        return next(server for server in order if load[server] < most)


class ByPlaceInTheList(Ring):
    """The points belong to server 0, server 1 and so on."""

    def __init__(self, servers):
        super().__init__([str(place) for place in range(len(servers))])
        self.servers = list(servers)

    def walk(self, key):
        return (self.servers[int(place)] for place in super().walk(key))


class LeastLoad(Ring):
    """Whoever has least to do."""

    def __call__(self, key, load):
        return min(load, key=load.get)


class InTurn(Ring):
    """One after the other."""

    turn = 0

    def __call__(self, key, load):
        self.turn += 1
        return self.servers[self.turn % len(self.servers)]


class OnePoint(Ring):
    """A point for each server, and the bound does the rest."""

    copies = 1


class NextInTheList(Ring):
    """If the server is full, the next one in the list."""

    def __call__(self, key, load):
        most, first = limit_of(load), self.servers.index(self.points[self.home(key)][1])
        order = self.servers[first:] + self.servers[:first]
        return next(server for server in order if load[server] < most)


class OverflowToTheIdlest(Ring):
    """If the server is full, the one that has least to do."""

    def __call__(self, key, load):
        server = self.points[self.home(key)][1]
        return server if load[server] < limit_of(load) else min(load, key=load.get)


class FullWhenAbove(Ring):
    """A server is full when it has more than the limit."""

    def __call__(self, key, load):
        most = limit_of(load)
        return next(server for server in self.walk(key) if load[server] <= most)


class BackToTheFirstPoint(Ring):
    """After the last point comes the first one's server."""

    def __call__(self, key, load):
        most, home = limit_of(load), bisect_left(self.points, (hash64(key),))
        rest = (server for _, server in self.points[home:] if load[server] < most)
        return next(rest, self.points[0][1])


class LeastOfSix(Ring):
    """Of the next six servers on the ring the one with least to do."""

    def __call__(self, key, load):
        candidates = list(dict.fromkeys(self.walk(key)))[:6]
        return min(candidates, key=load.get)


class HardlyAboveTheMean(Ring):
    """As even as can be: a twentieth above the mean is full."""

    def __call__(self, key, load):
        most = limit_of(load, 0.05)
        return next(server for server in self.walk(key) if load[server] < most)


class IdlestFirstOnceAnyIsFull(Ring):
    """When one server is full, all keys go to servers below the mean."""

    def __call__(self, key, load):
        mean = (sum(load.values()) + 1) / len(load)
        is_crowded = max(load.values()) >= limit_of(load)
        most = mean if is_crowded else limit_of(load)
        return next(server for server in self.walk(key) if load[server] < most)


class GivesThePoint(Ring):
    """The point that was found."""

    def __call__(self, key, load):
        return self.points[self.home(key)]


class WithoutACircle(Ring):
    """From the key's place on."""

    def walk(self, key):
        return (server for _, server in self.points[bisect_left(self.points, (hash64(key),)) :])


WRONG = {
    "sharding.find_server": {
        "no_wrap": [last_point_for_the_rest],
        "nearest": [nearest_point],
        "before": [point_before],
        "strict": [point_after],
        "place": [whole_point],
        "none": [nobody_beyond_the_last],
        "error": [without_a_circle, a_number_among_pairs],
    },
    "sharding.make_points": {
        "unsorted": [as_they_come],
        "one_point": [one_for_each],
        "same_place": [always_the_same],
        "from_one": [counted_from_one],
        "by_place": [by_number],
        "by_name": [sorted_by_name],
        "swapped": [name_first],
        "places_only": [places_alone],
        "reversed": [largest_first],
        "copy_named": [copies_with_names],
        "none": [sorted_in_place],
    },
    "sharding.limit": {
        "mean": [mean_only],
        "added": [epsilon_added],
        "busy_only": [mean_of_the_busy],
        "not_shared": [share_of_all],
        "one_more": [floor_and_one],
        "floor": [rounded_down],
        "rounded": [to_the_nearest],
        "without_newcomer": [those_at_work],
        "not_whole": [not_rounded],
        "rounded_early": [mean_rounded_up],
        "added_after": [one_for_the_newcomer],
        "error": [sum_of_the_names],
    },
    "sharding.router": {
        "no_bound": [WithoutABound, TwiceTheMean],
        "rehash": [HashMod],
        "by_place": [ByPlaceInTheList],
        "ignores_key": [LeastLoad, InTurn],
        "seldom": [BackToTheFirstPoint],
        "uneven": [OnePoint],
        "neighbor": [NextInTheList, OverflowToTheIdlest],
        "one_over": [FullWhenAbove],
        "scattered": [HardlyAboveTheMean],
        "needless": [LeastOfSix, IdlestFirstOnceAnyIsFull],
        "stranger": [GivesThePoint],
        "error": [WithoutACircle],
    },
}

MODEL = "sharding.router"
MODEL_HEADER = ("answer", "at rest", *(day.name for day in DAYS), "within all limits")
MODEL_SAYS = (
    f"At rest: the fullest server's keys over the mean (at most {UNEVEN:g}), and the share that "
    f"moves when an eleventh server comes (at most {MOST_MOVED:g}/11). For each day: requests that "
    f"came to a full server (none), and the hit ratio (at most {100 * LEAST_HITS:.0f} points less "
    "than with a plain ring)."
)


def model_row(make) -> tuple[str, ...]:
    """Look at a router at rest and through the lab's days, and write down what came of each."""
    rest, days = look_at_rest(make), [serve(make, day) for day in DAYS]
    cells = [f"{rest.fullest:.2f}, {100 * rest.moved_in:.0f} %"]
    cells += [f"{100 * day.over:.0f} %, {100 * day.hit_ratio:.0f} %" for day in days]
    good = (
        rest.is_steady
        and rest.is_shared
        and not rest.strangers
        and rest.fullest <= UNEVEN
        and rest.moved_in <= MOST_MOVED / 11
        and rest.moved_out <= MOST_MOVED / 10
        and rest.spilled <= 0.5
        and rest.needless <= 0.02
    )
    for day in days:
        good &= not (day.over or day.strangers)
        good &= day.hit_ratio >= day.ring_hit_ratio - LEAST_HITS
    return (*cells, "yes" if good else "no")
