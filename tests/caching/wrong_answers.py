"""Answers to the lab "Keep it, guard it" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the last question's answers inside the course's model.
"""

import math

from helpers.caching.guarding import (
    LONGEST_WAIT,
    MINUTES,
    MOST_QUERIES,
    MOST_STALE,
    MOST_WAITING,
    WORKERS,
    Guarding,
    Seen,
    ask_always,
    run_guard,
)

# LRU


def first_in_first_out(keys, capacity):
    """Whatever came first goes first."""
    cache, hits = [], []
    for key in keys:
        hits.append(key in cache)
        if key not in cache:
            cache = [*cache, key][-capacity:]
    return hits


def room_for_one_less(keys, capacity):
    """Make room as soon as the cache is full."""
    cache, hits = [], []
    for key in keys:
        hits.append(key in cache)
        cache = [held for held in cache if held != key]
        cache = [*cache, key][-max(capacity - 1, 0) :] if capacity > 1 else []
    return hits


def room_for_one_more(keys, capacity):
    """Make room when there are more than `capacity` before the new one comes."""
    cache, hits = [], []
    for key in keys:
        hits.append(key in cache)
        cache = [held for held in cache if held != key]
        if len(cache) > capacity:
            cache.pop(0)
        cache.append(key)
    return hits


def take_the_last(keys, capacity):
    """popitem() takes out the oldest."""
    cache, hits = {}, []
    for key in keys:
        hits.append(key in cache)
        if key in cache:
            del cache[key]
        elif len(cache) == capacity:
            cache.popitem()
        cache[key] = True
    return hits


def make_room_always(keys, capacity):
    """A full cache has to make room before a key is put in."""
    cache, hits = {}, []
    for key in keys:
        hits.append(key in cache)
        if len(cache) == capacity:
            del cache[next(iter(cache))]
        cache.pop(key, None)
        cache[key] = True
    return hits


def append_what_is_used(keys, capacity):
    """The last ones in a list are the last ones used."""
    cache, hits = [], []
    for key in keys:
        hits.append(key in cache)
        cache = [*cache, key][-capacity:]
    return hits


def never_evict(keys, capacity):
    """What was asked for once is there."""
    return [key in keys[:place] for place, key in enumerate(keys)]


def tell_misses(keys, capacity):
    """True is what has to be fetched."""
    cache, misses = [], []
    for key in keys:
        misses.append(key not in cache)
        cache = [*(held for held in cache if held != key), key][-capacity:]
    return misses


# The eviction policy


def least_recently_used(entries):
    """The least recently used goes."""
    return min(entries, key=lambda entry: entry.used).key


def most_recently_used(entries):
    """The one that was just there will not come again."""
    return max(entries, key=lambda entry: entry.used).key


def fewest_hits(entries):
    """What was found most often is the most valuable."""
    return min(entries, key=lambda entry: (entry.hits, entry.used)).key


def newcomers_first(entries):
    """Whoever has no hits goes, if there is one."""
    new = [entry for entry in entries if entry.hits == 0]
    return min(new or entries, key=lambda entry: entry.used).key


def first_come(entries):
    """The oldest goes."""
    return min(entries, key=lambda entry: entry.added).key


def a_little_credit(entries):
    """LRU, in which a key that was ever found counts as used a little later."""
    return min(entries, key=lambda entry: entry.used + 40 * (entry.hits > 0)).key


def give_the_entry(entries):
    """The entry itself, not its key."""
    return min(entries, key=lambda entry: entry.used)


# The early refresh


def after_the_end(ends, recompute_time, uniform):
    """The paper has a minus sign somewhere."""
    return ends - recompute_time * math.log(uniform)


def without_a_logarithm(ends, recompute_time, uniform):
    """Evenly within the last recompute time."""
    return ends - recompute_time * uniform


def without_the_query_s_time(ends, recompute_time, uniform):
    """The logarithm is enough."""
    return ends + math.log(uniform)


def one_query_before(ends, recompute_time, uniform):
    """Start as long before the end as the query takes."""
    return ends - recompute_time


def forget_the_end(ends, delta, uniform):
    """δ·ln U is negative: that is the time before the end."""
    return delta * math.log(uniform)


def only_the_lead(ends, recompute_time, uniform):
    """How long before the end."""
    return -recompute_time * math.log(uniform)


def in_tens(ends, recompute_time, uniform):
    """`log10` is the logarithm."""
    return ends + recompute_time * math.log10(uniform)


# The guard


def no_guard(seen: Seen) -> str:
    """Whoever finds no copy fetches one."""
    return ask_always(seen)


def cache_first(seen: Seen) -> str:
    """A copy is a copy."""
    if seen.copy_ends is not None:
        return "copy"
    return "ask" if seen.asked_at is None else "wait"


def lock(seen: Seen) -> str:
    """One goes, the others wait."""
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return "copy"
    return "ask" if seen.asked_at is None else "wait"


def stale_without_end(seen: Seen) -> str:
    """While somebody is on the way, the old copy will do."""
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return "copy"
    if seen.asked_at is None:
        return "ask"
    return "copy" if seen.copy_ends is not None else "wait"


def stale_for_a_while(seen: Seen) -> str:
    """While somebody is on the way, the old copy will do, for five seconds."""
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return "copy"
    if seen.asked_at is None:
        return "ask"
    is_fit = seen.copy_ends is not None and seen.now < seen.copy_ends + 5
    return "copy" if is_fit else "wait"


def lock_with_an_end(seen: Seen) -> str:
    """One goes, the others wait, and after a second another one goes."""
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return "copy"
    return "ask" if seen.asked_at is None or seen.now - seen.asked_at > 1 else "wait"


def copy_meanwhile(seen: Seen) -> str:
    """While somebody is on the way, there is the old copy."""
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return "copy"
    return "ask" if seen.asked_at is None or seen.now - seen.asked_at > 1 else "copy"


def all_wait(seen: Seen) -> str:
    """The copy will be renewed by somebody."""
    return "copy" if seen.copy_ends is not None and seen.now < seen.copy_ends else "wait"


def refresh_all_the_time(seen: Seen) -> str:
    """Whenever nobody is on the way, send somebody."""
    if seen.asked_at is None or seen.now - seen.asked_at > 1:
        return "ask"
    return "copy" if seen.copy_ends is not None else "wait"


def say_it_otherwise(seen: Seen) -> str:
    """A hit is a hit."""
    return "hit"


def compare_with_nothing(seen: Seen) -> str:
    """There is always a copy."""
    if seen.now < seen.copy_ends:
        return "copy"
    if seen.asked_at is None or seen.now - seen.asked_at > 1:
        return "ask"
    return "copy" if seen.now < seen.copy_ends + 5 else "wait"


WRONG = {
    "caching.lru_hits": {
        "fifo": [first_in_first_out],
        "one_less": [room_for_one_less],
        "one_more": [room_for_one_more],
        "unlimited": [never_evict],
        "misses": [tell_misses],
        "newest": [take_the_last],
        "hit_evicts": [make_room_always, append_what_is_used],
    },
    "caching.choose_victim": {
        "lru": [least_recently_used],
        "newest": [most_recently_used],
        "old_fame": [fewest_hits, newcomers_first],
        "blind": [first_come],
        "little": [a_little_credit],
        "error": [give_the_entry],
    },
    "caching.refresh_from": {
        "after_the_end": [after_the_end],
        "linear": [without_a_logarithm],
        "no_time": [without_the_query_s_time],
        "no_luck": [one_query_before],
        "lead": [only_the_lead],
        "negative_lead": [forget_the_end],
        "base": [in_tens],
    },
    "caching.guard": {
        "stampede": [no_guard],
        "stale": [cache_first],
        "lost_query": [stale_without_end, stale_for_a_while],
        "waiting": [lock, lock_with_an_end],
        "nothing": [copy_meanwhile],
        "nobody": [all_wait],
        "eager": [refresh_all_the_time],
        "word": [say_it_otherwise],
        "error": [compare_with_nothing],
    },
}

MODEL = "caching.guard"
MODEL_HEADER = ("answer", *(minute.name for minute in MINUTES), "within all limits")
MODEL_SAYS = (
    f"For each minute: the most queries at work at once (at most {WORKERS}), the longest wait (at "
    f"most {LONGEST_WAIT:g} s), the oldest copy handed out, counted from its end (at most "
    f"{MOST_STALE:g} s), and the share of requests that waited (at most {MOST_WAITING:.0%})."
)


def model_row(guard: Guarding) -> tuple[str, ...]:
    """Run a guard through the minutes of the lab, and write down what came of each."""
    cells, good = [], True
    for minute in MINUTES:
        try:
            report = run_guard(guard, minute)
        except TypeError:
            cells.append("an error")
            good = False
            continue
        cells.append(
            f"{report.most_in_flight:,} at once, {report.slowest:.1f} s, "
            f"{report.stalest:.1f} s, {100 * report.waiting_share:.1f} %"
        )
        good &= (
            report.most_in_flight <= WORKERS
            and report.slowest <= LONGEST_WAIT
            and report.stalest <= MOST_STALE
            and report.waiting_share <= MOST_WAITING
            and 0 < report.queries <= MOST_QUERIES
            and not (report.unknown or report.handed_nothing)
        )
    return (*cells, "yes" if good else "no")
