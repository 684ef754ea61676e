"""Eviction by one list: FIFO, CLOCK, LRU, LFU and SIEVE, each a loop over requests.

A cache is a shelf with room for so many books. When a new book comes and the shelf is
full, a policy says which one goes. These five need no more than the order on the shelf,
and at most a mark on each book.

Every loop takes keys from 0 to `distinct` - 1 and gives, for each request, whether it
was a hit. Where books stand in a chain, `before` and `after` name each one's neighbors;
the number `distinct` is no book but the end of the shelf, so that no chain is ever empty
and no case is special.

Sources: Corbató, "A paging experiment with the Multics system" (1968), for CLOCK; Shah,
Mitra and Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme"
(2010); Zhang et al., "SIEVE is simpler than LRU" (NSDI 2024).
"""

import numpy as np

from helpers.kernel import kernel


@kernel
def run_fifo(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """First in, first out: a ring of places, overwritten in turn."""
    place = np.full(capacity, distinct)
    is_cached = np.zeros(distinct + 1, np.bool_)
    hits = np.empty(keys.size, np.bool_)
    oldest = 0
    for i in range(keys.size):
        key = keys[i]
        hits[i] = is_cached[key]
        if not is_cached[key]:
            is_cached[place[oldest]] = False
            is_cached[key] = True
            place[oldest] = key
            oldest = oldest + 1 if oldest + 1 < capacity else 0
    return hits


@kernel
def run_clock(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """FIFO with a second chance: the hand passes over a key that was used since it last came."""
    place = np.full(capacity, distinct)
    is_cached = np.zeros(distinct + 1, np.bool_)
    is_used = np.zeros(distinct + 1, np.bool_)
    hits = np.empty(keys.size, np.bool_)
    hand = 0
    for i in range(keys.size):
        key = keys[i]
        hits[i] = is_used[key] = is_cached[key]
        if not is_cached[key]:
            while is_used[place[hand]]:
                is_used[place[hand]] = False
                hand = hand + 1 if hand + 1 < capacity else 0
            is_cached[place[hand]] = False
            is_cached[key] = True
            place[hand] = key
            hand = hand + 1 if hand + 1 < capacity else 0
    return hits


@kernel
def run_lru(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """Least recently used: whatever is asked for moves to the front, the last one goes."""
    end = distinct
    before, after = np.arange(distinct + 1), np.arange(distinct + 1)
    is_cached = np.zeros(distinct, np.bool_)
    hits = np.empty(keys.size, np.bool_)
    room = capacity
    for i in range(keys.size):
        key = keys[i]
        hits[i] = is_cached[key]
        leaving = key  # its place in the chain
        if not is_cached[key]:
            is_cached[key] = True
            if room > 0:
                room -= 1
            else:
                leaving = before[end]
                is_cached[leaving] = False
        before[after[leaving]], after[before[leaving]] = before[leaving], after[leaving]
        first = after[end]
        before[key], after[key] = end, first
        before[first] = after[end] = key
    return hits


@kernel
def run_lfu(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """Least frequently used: the fewest uses since it came goes; of several, the stalest.

    The chain is sorted by uses, then by recency; `newest` ends each row of equal uses.
    """
    end = distinct
    before, after = np.arange(distinct + 1), np.arange(distinct + 1)
    uses = np.zeros(distinct + 1, np.int64)
    newest = np.full(keys.size + 2, end)
    hits = np.empty(keys.size, np.bool_)
    room = capacity
    for i in range(keys.size):
        key = keys[i]
        hits[i] = uses[key] > 0
        leaving = key
        if uses[key] == 0 and room == 0:
            leaving = after[end]
        elif uses[key] == 0:
            room -= 1
        row, behind = uses[leaving], before[leaving]
        before[after[leaving]], after[behind] = behind, after[leaving]
        if newest[row] == leaving:
            newest[row] = behind if uses[behind] == row else end
        elif leaving == key and row > 0:
            behind = newest[row]
        if leaving != key:
            uses[leaving] = 0
        if not hits[i]:
            behind = end
        uses[key] += 1
        if newest[uses[key]] != end:
            behind = newest[uses[key]]
        newest[uses[key]] = key
        before[key], after[key] = behind, after[behind]
        before[after[key]] = after[behind] = key
    return hits


@kernel
def run_sieve(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """SIEVE: CLOCK's mark and hand, but a key that is spared stays where it stands.

    New keys come in at the front while the hand walks from the back, so that it sifts
    new keys soon and old ones rarely.
    """
    end = distinct
    before, after = np.full(distinct + 1, end), np.full(distinct + 1, end)
    is_cached = np.zeros(distinct + 1, np.bool_)
    is_used = np.zeros(distinct + 1, np.bool_)
    hits = np.empty(keys.size, np.bool_)
    room, hand = capacity, end
    for i in range(keys.size):
        key = keys[i]
        hits[i] = is_used[key] = is_cached[key]
        if is_cached[key]:
            continue
        room -= 1
        if room < 0:
            room = 0
            if hand == end:
                hand = before[end]
            while is_used[hand]:
                is_used[hand] = False
                hand = before[hand] if before[hand] != end else before[end]
            leaving, hand = hand, before[hand]
            is_cached[leaving] = False
            before[after[leaving]], after[before[leaving]] = before[leaving], after[leaving]
        is_cached[key] = True
        first = after[end]
        before[key], after[key] = end, first
        before[first] = after[end] = key
    return hits
