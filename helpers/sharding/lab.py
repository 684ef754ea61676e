"""What the lab "A ring that bears a celebrity" demands, and the hints that fit what goes wrong."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from helpers.checks import Case, Check, Mistake
from helpers.sharding.hashing import hash64
from helpers.sharding.routing import (
    DAYS,
    EPSILON,
    LEAST_HITS,
    MOST_MOVED,
    MOST_SPILLED,
    SERVERS,
    UNEVEN,
    Day,
    MakeRouter,
    RestReport,
    limit_of,
    look_at_rest,
    serve,
)

Point = tuple[int, str]
AT_REST = "at rest"
LEAST_IN, LEAST_OUT = 1 / (len(SERVERS) + 1), 1 / len(SERVERS)
ASTRAY = 0.02
"""Share of the keys that may move from one old server to another (a Maglev table does that)."""
SELDOM = 0.02
"""Share of the requests above the limit up to which a router minds it nearly always."""


def next_owner(points: Sequence[Point], place: int) -> str:
    """Give the server of the first point at or after a place."""
    return next((server for point, server in points if point >= place), points[0][1])


def find_case(points: Sequence[Point], place: int, label: str = "") -> Case:
    """Make a case of the walk to the next point."""
    given = list(points)
    mistakes = {
        "no_wrap": next((s for p, s in given if p >= place), given[-1][1]),
        "nearest": min(given, key=lambda point: abs(point[0] - place))[1],
        "before": ([given[-1], *(point for point in given if point[0] <= place)])[-1][1],
        "strict": next((server for point, server in given if point > place), given[0][1]),
        "place": next((point for point in given if point[0] >= place), given[0]),
    }
    return Case((given, place), expected=next_owner(given, place), label=label, mistakes=mistakes)


def points_on_ring(servers: Sequence[str], copies: int) -> list[Point]:
    """Give all servers' points in order."""
    return sorted((hash64(f"{name}#{copy}"), name) for name in servers for copy in range(copies))


def points_case(servers: Sequence[str], copies: int, label: str = "") -> Case:
    """Make a case of the points of a ring."""
    given, expected = list(servers), points_on_ring(servers, copies)
    numbered = sorted(
        (hash64(f"{place}#{copy}"), name)
        for place, name in enumerate(given)
        for copy in range(copies)
    )
    mistakes = {
        "unsorted": [(hash64(f"{s}#{copy}"), s) for s in given for copy in range(copies)],
        "one_point": sorted((hash64(f"{name}#0"), name) for name in given),
        "same_place": sorted((hash64(name), name) for name in given for _ in range(copies)),
        "from_one": sorted((hash64(f"{s}#{c}"), s) for s in given for c in range(1, copies + 1)),
        "by_place": numbered,
        "by_name": [(hash64(f"{s}#{c}"), s) for s in sorted(given) for c in range(copies)],
        "swapped": [(name, place) for place, name in expected],
        "swapped_by_name": sorted((name, place) for place, name in expected),
        "places_only": [place for place, _ in expected],
        "reversed": expected[::-1],
        "copy_named": sorted(
            (hash64(f"{s}#{c}"), f"{s}#{c}") for s in given for c in range(copies)
        ),
    }
    return Case((given, copies), expected=expected, label=label, mistakes=mistakes)


def limit_case(load: Mapping[str, int], epsilon: float, label: str = "") -> Case:
    """Make a case of the most that a server may have."""
    total, servers = sum(load.values()), len(load)
    busy = max(1, sum(1 for count in load.values() if count))
    share = (total + 1) / servers
    mistakes = {
        "without_newcomer": math.ceil((1 + epsilon) * total / servers),
        "rounded": round((1 + epsilon) * share),
        "floor": math.floor((1 + epsilon) * share),
        "mean": math.ceil(share),
        "added": math.ceil(share + epsilon),
        "busy_only": math.ceil((1 + epsilon) * (total + 1) / busy),
        "not_shared": math.ceil((1 + epsilon) * (total + 1)),
        "one_more": math.floor((1 + epsilon) * share) + 1,
        "not_whole": (1 + epsilon) * share,
        "rounded_early": math.ceil((1 + epsilon) * math.ceil(share)),
        "added_after": math.ceil((1 + epsilon) * total / servers) + 1,
    }
    return Case(
        (dict(load), epsilon), expected=limit_of(load, epsilon), label=label, mistakes=mistakes
    )


def run_router(make: MakeRouter, case: Case) -> Any:
    """Let the learner's router work; called in the learner's process."""
    (what,) = case.args
    return look_at_rest(make) if what == AT_REST else serve(make, what)


def judge_router(report: Any, case: Case) -> Mistake | None:
    """Say what is wrong with a router, the most telling thing first."""
    if report.strangers:
        return Mistake("stranger", f"{report.strangers:,} answers named no server.")
    return judge_rest(report) if case.args[0] == AT_REST else judge_day(report)


def judge_rest(report: RestReport) -> Mistake | None:
    """Judge balance and movement while nothing is going on."""
    most_in, most_out = MOST_MOVED * LEAST_IN, MOST_MOVED * LEAST_OUT
    moved_in = f"{report.moved_in:.0%} of the keys moved when an eleventh server came first in "
    moved_in += f"the list (at most {most_in:.0%} may)."
    faults = (
        (
            not report.is_steady,
            "ignores_key",
            "Asked twice, with the same loads, it gave a key two servers.",
        ),
        (
            report.fullest > len(SERVERS) - 0.01,
            "ignores_key",
            "With nobody at work, all keys went to one server.",
        ),
        (
            not report.is_shared,
            "own_hash",
            "A second router, started in another process, has other servers for the same keys.",
        ),
        (
            report.moved_in > most_in and report.moved_at_end <= most_in,
            "by_place",
            moved_in + f" At the end of the list it was {report.moved_at_end:.0%}.",
        ),
        (
            max(report.astray_in, report.astray_out) > ASTRAY,
            "rehash",
            moved_in + f" And {report.astray_in:.0%} went from one old server to another.",
        ),
        (
            report.fullest > UNEVEN,
            "uneven",
            f"One server has {report.fullest:.2f} times as many keys as the mean (at most "
            f"{UNEVEN:g}).",
        ),
        (report.moved_in > most_in, "uneven", moved_in),
        (
            report.moved_out > most_out,
            "uneven",
            f"{report.moved_out:.0%} moved when one was lost (at most {most_out:.0%} may).",
        ),
        (
            report.spilled > MOST_SPILLED,
            "neighbor",
            f"With one server full, {report.spilled:.0%} of its keys went to one other server.",
        ),
        (
            report.needless > ASTRAY,
            "needless",
            f"With one server full, {report.needless:.0%} of the keys of servers with room moved.",
        ),
    )
    return first_of(faults)


def judge_day(report: Any) -> Mistake | None:
    """Judge the load on each server, and what the caches were good for."""
    fullest = max(report.peak.values())
    over = f"{report.over:.1%} of the requests came to a server above its limit, by up to "
    over += f"{report.excess}; at worst it had {fullest:.1f} times the mean."
    behind = f"{report.hit_ratio:.1%} of the requests found their key in the cache; with a plain "
    behind += f"ring it is {report.ring_hit_ratio:.1%}, and at most {LEAST_HITS:.0%} less will do."
    faults = (
        (0 < report.over <= SELDOM, "seldom", over),
        (report.excess == 1, "one_over", over),
        (report.over > 0, "no_bound", over),
        (report.hit_ratio < report.ring_hit_ratio - LEAST_HITS, "scattered", behind),
    )
    return first_of(faults)


def first_of(faults: Any) -> Mistake | None:
    """Give the first fault that is one."""
    return next((Mistake(name, says) for is_so, name, says in faults if is_so), None)


def router_case(what: str | Day) -> Case:
    """Make a case of the router: at rest, or a day."""
    label = what.name if isinstance(what, Day) else "where 10,000 keys live, and who moves"
    return Case((what,), label=label)


FOUR = [(10, "ann"), (40, "bob"), (50, "eve"), (90, "kim")]

FIND_SERVER = Check(
    cases=(
        find_case(FOUR, 48),
        find_case(FOUR, 12, "close behind a point"),
        find_case(FOUR, 40, "on a point"),
        find_case(FOUR, 95, "beyond the last point"),
        find_case([(5, "ann"), (20, "bob"), (35, "ann"), (60, "bob")], 21, "two points each"),
        find_case([(7, "ann")], 8, "one point"),
        find_case(points_on_ring(("ann", "bob", "eve"), 4), 1 << 63, "64 bits"),
    ),
    hint="From the place on, the first point that is not before it; its server is the answer.",
    hints={
        "no_wrap": "It is a circle: beyond the last point comes the first one.",
        "nearest": "Not the nearest point, but the next one clockwise. With the nearest, a new "
        "point would take keys from two neighbors.",
        "before": "That is the point before the place. The walk goes on to larger numbers.",
        "strict": "A point that lies exactly at the place counts: `bisect_left`, or `>=`.",
        "place": "That is the point with its place; only the server was asked for.",
        "none": "For some places no point was found. Beyond the last one, the first comes next.",
        "error": "An IndexError: beyond the last point there is no next one in the list, so begin "
        "again at 0. A TypeError: points are pairs, so look for `(place,)` and not for a number.",
    },
    shows="A key needs nobody's permission to find its server: the points and a hash are enough.",
)

MAKE_POINTS = Check(
    cases=(
        points_case(("kim", "ann"), 3),
        points_case(("ann", "bob", "eve"), 1, "one point each"),
        points_case(("cache-0", "cache-1"), 20, "twenty points each"),
        points_case([f"cache-{n}" for n in range(10)], 100, "a thousand points"),
    ),
    hint='The place of copy 2 of ann is hash64("ann#2"). (Python\'s own `hash` of a text is '
    "another one in every process, so no two clients would agree.)",
    hints={
        "unsorted": "The points are right, but not in order: whoever walks along them needs them "
        "sorted by place.",
        "one_point": "Each server has one point only. It shall have as many as `copies`.",
        "same_place": "All copies of a server are at the same place, so they are one point. Put "
        "the copy's number into the text: `ann#0`, `ann#1`.",
        "from_one": "Copies are numbered from 0.",
        "by_place": "That hashes the server's number in the list. When the first server leaves, "
        "all others get other numbers, and all keys move. Hash the name.",
        "by_name": "Sorted by name; a walk along the circle needs them sorted by place.",
        "swapped": "A point is (place, server), in this order.",
        "swapped_by_name": "A point is (place, server), in this order; then sorting does it.",
        "places_only": "Only the places came back: a point has to say whose it is.",
        "reversed": "Sorted from the largest place down; the walk goes up, from 0.",
        "copy_named": "The copy's number belongs into the text that is hashed, not into the "
        "server's name: a request goes to ann, and there is no server ann#2.",
        "kind": "A list of (place, server) was asked for; `sorted` makes one of pairs.",
        "none": "`points.sort()` sorts the list in place and gives nothing back; `sorted(points)` "
        "gives a list.",
    },
    shows="Points by name, so that they stay where they are whoever else comes or goes.",
)


def loads(*counts: int) -> dict[str, int]:
    """Give loads names."""
    return {f"cache-{place}": count for place, count in enumerate(counts)}


LIMIT = Check(
    cases=(
        limit_case(loads(30, 23, 0, 0, 0), 0.25),
        limit_case(loads(20, 11, 0, 0), 0.25, "a whole number already"),
        limit_case(loads(10, 9, 9, 9), 0.25, "just below a whole number"),
        limit_case(loads(5, 5, 0, 0), 0.25, "below the half"),
        limit_case(loads(10, 10, 10, 10), 0.5, "the newcomer tips it"),
        limit_case(loads(0, 0, 0, 0, 0), 0.25, "nobody is there"),
    ),
    hint="For the loads 3, 0 and 1 and ε = 0.25: the newcomer is the fifth, 1.25 × 5/3 = 2.08, "
    "so 3.",
    hints={
        "mean": "That is the mean itself: ε is missing.",
        "added": "ε is a share of the mean: multiply by 1 + ε.",
        "busy_only": "The mean is over all servers, also those that have nothing to do.",
        "not_shared": "Divide by the number of servers.",
        "one_more": "Where it is a whole number already, it is the limit: `math.ceil`, not the "
        "floor and one.",
        "floor": "Rounded down, the limits of all servers together may be less than all requests. "
        "Round up.",
        "rounded": "Round up, always: `math.ceil`.",
        "without_newcomer": "The request that is to be placed counts too. Without it, nobody has "
        "room when nobody is there.",
        "not_whole": "A server has whole requests: round up.",
        "rounded_early": "Round once, at the end: the mean itself need not be whole.",
        "added_after": "The newcomer is one of all the requests: add 1 to their sum, before the "
        "division, and not to the limit.",
        "error": "`load` is a dict: `load.values()` are the requests, `len(load)` the servers.",
    },
    shows="All limits together are at least all requests, so somebody always has room.",
)

ROUTER = Check(
    run="helpers.sharding.lab:run_router",
    judge=judge_router,
    cases=(router_case(AT_REST), *map(router_case, DAYS)),
    deadline=40.0,
    hints={
        "stranger": "Give the name of one of the servers that it was made with.",
        "ignores_key": "A key has to go to the same server each time, or its copy is of no use. "
        "Begin at the key's place on the ring; the load only decides how far to walk.",
        "own_hash": "Python's own `hash` of a text is another one in every process, so two "
        "routers would fill two caches with each key. `hash64` is the same everywhere.",
        "by_place": "A server's points hang on its place in the list. Hash its name.",
        "rehash": "When a server comes or goes, only its own keys may move. That is what modulo "
        "cannot do, and a ring can.",
        "uneven": "The servers' parts of the ring are too different. Give each about a hundred "
        "points.",
        "neighbor": "Nearly all of a full server's keys go to the same other server, which will "
        "be the next to be full. Walk on from the key's own place, along the points of the ring.",
        "needless": "A key whose own server has room stays there, however busy the others are.",
        "one_over": "One too many: a server whose load has reached the limit is full. It has room "
        "while its load is below.",
        "seldom": "Only a few requests are too many. Look at the walk's end: beyond the last point "
        "it goes on at the first, and passes by full servers there too.",
        "no_bound": f"A server is full when its load has reached the limit (ε = {EPSILON}); then "
        "walk on to the next point whose server has room.",
        "scattered": "It keeps the limit, but sends keys away from their servers without need, and "
        "the copies there are of no use. Only a full server is passed by.",
        "error": "An IndexError: whoever walks past the last point goes on at the first. A "
        "TypeError: points are pairs, so look for `(place,)` among them, and not for a number.",
        "late": "Does the walk take a step each time, and does somebody always have room (with "
        "nobody at work, the limit is 1)? If so: sort the points once, in `__init__`; to find the "
        "place, `bisect` is quick.",
    },
    shows="A celebrity may have two fifths of all requests, and no server has more than a quarter "
    "above the mean. When a server comes or goes, hardly more than its own keys move.",
)

CHECKS = {
    "sharding.find_server": FIND_SERVER,
    "sharding.make_points": MAKE_POINTS,
    "sharding.limit": LIMIT,
    "sharding.router": ROUTER,
}
