"""The lab "Keep it, guard it": what each answer has to do, and a hint for what people get wrong.

What is expected comes from `choosing` and `guarding`, and from formulas; cases are made
from parameters, so that a grader can make others.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

from helpers.caching.choosing import (
    BETTER_THAN_LRU,
    PATTERNS,
    WORST_LOSS,
    ChooseVictim,
    Score,
    score_policy,
)
from helpers.caching.guarding import (
    LONGEST_WAIT,
    MINUTES,
    MOST_QUERIES,
    MOST_STALE,
    MOST_WAITING,
    WORKERS,
    Guarding,
    GuardReport,
    Minute,
    run_guard,
)
from helpers.checks import Case, Check, Mistake


def lru_hits(keys: Sequence[int], capacity: int) -> list[bool]:
    """Tell hits from misses in an LRU cache."""
    cache: OrderedDict[int, None] = OrderedDict()
    hits = []
    for key in keys:
        hits.append(key in cache)
        cache[key] = None
        cache.move_to_end(key)
        if len(cache) > capacity:
            cache.popitem(last=False)
    return hits


def fifo_hits(keys: Sequence[int], capacity: int) -> list[bool]:
    """Tell hits from misses where a use does not count, only when a key came."""
    cache: deque[int] = deque(maxlen=max(capacity, 0))
    hits = []
    for key in keys:
        hits.append(key in cache)
        if not hits[-1]:
            cache.append(key)
    return hits


def newest_out_hits(keys: Sequence[int], capacity: int) -> list[bool]:
    """Tell hits from misses where the key that was used last makes room for a new one."""
    cache: OrderedDict[int, None] = OrderedDict()
    hits = []
    for key in keys:
        hits.append(key in cache)
        if not hits[-1] and len(cache) >= max(capacity, 1):
            cache.popitem()
        cache[key] = None
        cache.move_to_end(key)
    return hits


def hit_evicts_hits(keys: Sequence[int], capacity: int) -> list[bool]:
    """Tell hits from misses where a full cache makes room even for a key that it holds."""
    cache: OrderedDict[int, None] = OrderedDict()
    hits = []
    for key in keys:
        hits.append(key in cache)
        if len(cache) >= max(capacity, 1):
            cache.popitem(last=False)
        cache.pop(key, None)
        cache[key] = None
    return hits


def lru_case(keys: Sequence[int], capacity: int, label: str = "") -> Case:
    """Make a case of LRU: keys, and room for so many."""
    unlimited = [key in keys[:place] for place, key in enumerate(keys)]
    expected = lru_hits(keys, capacity)
    mistakes = {
        "fifo": fifo_hits(keys, capacity),
        "one_less": lru_hits(keys, capacity - 1),
        "one_more": lru_hits(keys, capacity + 1),
        "unlimited": unlimited,
        "misses": [not hit for hit in expected],
        "newest": newest_out_hits(keys, capacity),
        "hit_evicts": hit_evicts_hits(keys, capacity),
    }
    return Case((list(keys), capacity), expected=expected, label=label, mistakes=mistakes)


def refresh_case(ends: float, recompute_time: float, uniform: float, label: str = "") -> Case:
    """Make a case of the early refresh."""
    mistakes = {
        "after_the_end": ends - recompute_time * math.log(uniform),
        "linear": ends - recompute_time * uniform,
        "no_time": ends + math.log(uniform),
        "no_luck": ends - recompute_time,
        "lead": -recompute_time * math.log(uniform),
        "negative_lead": recompute_time * math.log(uniform),
        "base": ends + recompute_time * math.log10(uniform),
    }
    expected = ends + recompute_time * math.log(uniform)
    return Case((ends, recompute_time, uniform), expected=expected, label=label, mistakes=mistakes)


def policy_case(seed: int) -> Case:
    """Make a case of the eviction policy: all patterns of requests, from a seed."""
    return Case((seed,), label=f"{len(PATTERNS)} patterns of requests, drawn from seed {seed}")


def guard_case(minute: Minute) -> Case:
    """Make a case of the guard: a minute to get through."""
    return Case((minute,), label=minute.name)


def run_patterns(choose_victim: ChooseVictim, case: Case) -> list[Score]:
    """Let the learner's policy run on all patterns; called in the learner's process."""
    return [score_policy(choose_victim, pattern, case.args[0]) for pattern in PATTERNS]


def run_minute(guard: Guarding, case: Case) -> GuardReport:
    """Let the learner's guard run the case's minute; called in the learner's process."""
    return run_guard(guard, case.args[0])


def gains(scores: Any) -> list[float]:
    """Give the share of the way from LRU to the optimum on each pattern."""
    return [(s.own - s.lru) / (s.optimum - s.lru) for s in scores]


def judge_scores(scores: Any, case: Case) -> Mistake | None:
    """Say on which pattern a policy falls short, and why that may be."""
    worst = min(scores, key=lambda score: score.own - score.lru)
    says = (
        f"On “{worst.pattern}” it hits {worst.own:.1%}, LRU {worst.lru:.1%}, and the optimum "
        f"{worst.optimum:.1%}."
    )
    if all(abs(score.own - score.lru) < 1e-9 for score in scores):
        return Mistake("lru", says)
    if worst.own < worst.lru - WORST_LOSS:
        return Mistake(why_worse(scores, worst), says)
    mean = sum(gains(scores)) / len(scores)
    if mean < BETTER_THAN_LRU:
        return Mistake(
            "little",
            f"It gains {mean:.0%} of the way from LRU to the optimum; {BETTER_THAN_LRU:.0%} "
            "are asked for.",
        )
    return None


def why_worse(scores: Any, worst: Any) -> str:
    """Name the mistake that fits a policy that is worse than LRU somewhere."""
    if worst.own < worst.lru / 2 and all(score.own < score.lru for score in scores):
        return "newest"
    if worst.pattern == "fame that moves on":
        return "old_fame"
    return "blind"


def judge_minute(report: Any, case: Case) -> Mistake | None:
    """Say what went wrong in a minute, the most telling thing first."""
    faults = (
        (report.unknown, "word", f"The answer was {report.unknown}."),
        (
            report.handed_nothing,
            "nothing",
            f"{report.handed_nothing:,} requests were to get a copy where there was none.",
        ),
        (
            report.stalest > MOST_STALE,
            "stale" if case.args[0].dead_query is None else "lost_query",
            f"A copy was handed out {report.stalest:.1f} s after its end (at most "
            f"{MOST_STALE:g} s are allowed).",
        ),
        (report.queries == 0, "nobody", "Nobody was ever sent to the database."),
        (
            report.most_in_flight > WORKERS,
            "stampede",
            f"{report.most_in_flight:,} queries were at work at once; the database keeps its "
            f"speed up to {WORKERS}.",
        ),
        (
            report.slowest > LONGEST_WAIT,
            "lost_query",
            f"A request waited {report.slowest:.1f} s (at most {LONGEST_WAIT:g} s).",
        ),
        (
            report.queries > MOST_QUERIES,
            "eager",
            f"{report.queries:,} queries in the minute; {MOST_QUERIES} are plenty.",
        ),
        (
            report.waiting_share > MOST_WAITING,
            "waiting",
            f"{report.waiting_share:.1%} of the requests had to wait (at most {MOST_WAITING:.0%}).",
        ),
    )
    found = [Mistake(name, says) for is_so, name, says in faults if is_so]
    return found[0] if found else None


LRU_HITS = Check(
    cases=(
        lru_case([1, 2, 3, 1, 4, 1, 2, 5, 4, 3], 3),
        lru_case([5, 6, 5, 7, 6, 5], 2, "room for two"),
        lru_case([9, 9, 9], 1, "room for one"),
        lru_case([1, 2, 3, 3, 2, 1, 4, 3, 2, 4, 1], 3, "a hit needs no room"),
        lru_case([1, 2, 3, 4] * 3, 3, "a loop that is one too long"),
        lru_case([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4], 4, "digits"),
        lru_case([], 2, "nobody asks"),
    ),
    hint="Keep the keys in the order of their last use. A hit moves its key to the end; when "
    "there is no room, the first one goes.",
    hints={
        "fifo": "That is first in, first out: a key that is found stays where it was. In LRU a "
        "hit makes it the latest.",
        "one_less": "Your cache holds one key too few: make room only if `capacity` keys are "
        "there and a new one comes.",
        "one_more": "Your cache holds one key too many: make room before the new key comes in, or "
        "right after.",
        "unlimited": "Nothing was ever evicted.",
        "misses": "It is the other way round: True for a key that was there.",
        "newest": "The newest key went. In a dictionary `popitem()` takes the last one; the first "
        "one, which was not used for the longest, is `next(iter(cache))`.",
        "hit_evicts": "A hit needs no room: evict only when the key that comes is not there yet. "
        "And a key that moves to the end must not stand in the cache twice.",
    },
    shows="A loop of four through room for three never hits: LRU throws out just what is next.",
)

CHOOSE_VICTIM = Check(
    run="helpers.caching.lab:run_patterns",
    judge=judge_scores,
    cases=(policy_case(0), policy_case(11)),
    deadline=30.0,
    hints={
        "lru": "That is LRU, key for key. It believes in every newcomer. Which of the entries "
        "have shown by now that somebody wants them?",
        "newest": "It throws out what has just come or has just been used: the very keys that are "
        "asked for again.",
        "old_fame": "It holds on to what was popular long ago: when fame moves on, the newcomers "
        "are thrown out before they are found a second time. Leave them a tenth of the room, or "
        "let hits count for less as time goes by.",
        "blind": "It throws out keys that are in use. Look at `used` and at `hits`.",
        "little": "Better than LRU, by little. Most of what passes through once is still kept for "
        "too long: who has no hits yet should go sooner.",
        "error": "Give the `key` of one of the entries.",
    },
    shows="A place on probation for newcomers gains more than a third of the way from LRU to the "
    "optimum. SIEVE, S3-FIFO and W-TinyLFU live on that idea.",
)

REFRESH_FROM = Check(
    cases=(
        refresh_case(100.0, 0.5, 0.25),
        refresh_case(60.0, 2.0, 0.9, "a large draw: close to the end"),
        refresh_case(60.0, 2.0, 0.001, "a small draw: long before"),
        refresh_case(10.0, 0.05, 0.5, "a quick query"),
    ),
    hint="For ends=100, recompute_time=0.5 and uniform=0.25 it is 100 − 0.5 × 1.386 = 99.307.",
    hints={
        "after_the_end": "ln U is negative, as U lies between 0 and 1: add it, or subtract its "
        "opposite. Your moment lies after the end.",
        "linear": "That is U where −ln U belongs. Then nobody would ever refresh earlier than one "
        "recompute time before the end, however many ask.",
        "no_time": "A slow query must be started sooner than a quick one: multiply by the "
        "recompute time.",
        "no_luck": "Then all would refresh from the same moment on: a stampede, a little earlier. "
        "The draw is what keeps them apart.",
        "lead": "That is how long before the end; the moment was asked for.",
        "negative_lead": "That is the way from the end to the moment: add it to `ends`.",
        "base": "The natural logarithm is meant: `math.log`.",
    },
    shows="At a gap of one recompute time 36.8 % of the requests would refresh, at a quarter of it "
    "77.9 %.",
)

GUARD = Check(
    run="helpers.caching.lab:run_minute",
    judge=judge_minute,
    cases=tuple(guard_case(minute) for minute in MINUTES),
    deadline=20.0,
    hints={
        "word": 'Give "copy", "wait" or "ask".',
        "nobody": "Somebody has to go: where a copy has ended, or there is none, and nobody has "
        "been sent, ask.",
        "nothing": "`copy_ends` is None where there is no copy. There is nothing to hand out then: "
        "wait, or ask if nobody has.",
        "stale": "A copy is good until it ends, and in need for 5 s more. After that, wait or ask.",
        "stampede": "Too many were sent for the same thing. While `asked_at` is not None somebody "
        "is on the way: let the others wait, or hand out the copy that has just ended.",
        "lost_query": "Somebody was sent and never came back, and all the others trusted in them. "
        "When `asked_at` is more than a second ago, send another one.",
        "eager": "It asks although there is a copy that has not ended, or sends a second one too "
        "soon.",
        "waiting": "Nobody needs to wait while there is a copy that ended a moment ago. Send one "
        "query as soon as it has ended, and hand the copy to all others for up to 5 s meanwhile.",
        "error": "`copy_ends` and `asked_at` may be None: look before you compare.",
    },
    shows="One query for each copy, a second one where the first is lost, and the readers hardly "
    "notice. The database never had more than it can do.",
)

CHECKS = {
    "caching.lru_hits": LRU_HITS,
    "caching.choose_victim": CHOOSE_VICTIM,
    "caching.refresh_from": REFRESH_FROM,
    "caching.guard": GUARD,
}
