"""Eviction that knows more: S3-FIFO, ARC and W-TinyLFU, each a loop over requests.

One list cannot tell a book that is read once from one that is read every week. These
three keep a small part of the shelf for what is new, and remember something of the books
that are gone: S3-FIFO and ARC their names (a ghost has no content), W-TinyLFU a rough
count of how often anything was asked for.

All lists are chains in the same two arrays, as in `eviction_lists`: the numbers from
`distinct` on are their ends, and `home` says which list a key is in.

Sources: Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache" (FAST
2003); Einziger, Friedman and Manes, "TinyLFU: a highly efficient cache admission policy"
(2017); Yang et al., "FIFO queues are all you need for cache eviction" (SOSP 2023).
"""

import numpy as np

from helpers.kernel import kernel


@kernel
def run_s3fifo(keys, distinct, capacity, small_size, ghost_size):  # type: ignore[no-untyped-def]
    """A small queue on trial, a main queue with second chances, and names of the rejected.

    Used at least twice while on trial, a key moves to main. As in the authors' code, until
    the cache is full what the small queue has no room for goes to main at once. Queues are
    rings; `ghost` is a log, in which a name counts only where it was written last.
    """
    wrap = 1
    while wrap < capacity:
        wrap *= 2
    small, main = np.empty(wrap, np.int32), np.empty(wrap, np.int32)
    ghost, ghost_place = np.empty(keys.size, np.int32), np.full(distinct, -1, np.int32)
    uses = np.full(distinct, -1, np.int8)  # -1: not in the cache
    hits = np.empty(keys.size, np.bool_)
    small_out = small_in = main_out = main_in = ghost_out = ghost_in = ghosts = 0
    for i in range(keys.size):
        key = keys[i]
        hits[i] = uses[key] >= 0
        if hits[i]:
            uses[key] = min(uses[key] + 1, 3)
            continue
        skips_trial = ghost_place[key] >= 0
        if skips_trial:
            ghosts, ghost_place[key] = ghosts - 1, -1
        has_room = small_in - small_out + main_in - main_out < capacity
        if has_room and small_in - small_out >= small_size:
            skips_trial = True
        while not has_room:
            if main_in - main_out > capacity - small_size or small_in == small_out:
                while not has_room:
                    oldest = main[main_out & (wrap - 1)]
                    main_out += 1
                    main[main_in & (wrap - 1)] = oldest
                    has_room = uses[oldest] == 0
                    main_in += not has_room
                    uses[oldest] -= 1
            while small_in > small_out and not has_room:
                oldest = small[small_out & (wrap - 1)]
                small_out += 1
                has_room = uses[oldest] < 2
                uses[oldest] = -1 if has_room else 0
                if has_room:
                    ghost[ghost_in], ghost_place[oldest] = oldest, ghost_in
                    ghost_in, ghosts = ghost_in + 1, ghosts + 1
                else:
                    main[main_in & (wrap - 1)] = oldest
                    main_in += 1
        while ghosts > ghost_size:
            oldest = ghost[ghost_out]
            if ghost_place[oldest] == ghost_out:
                ghosts, ghost_place[oldest] = ghosts - 1, -1
            ghost_out += 1
        uses[key] = 0
        if skips_trial:
            main[main_in & (wrap - 1)] = key
            main_in += 1
        else:
            small[small_in & (wrap - 1)] = key
            small_in += 1
    return hits


@kernel
def run_arc(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """Two LRU lists, used once and used again, whose shares learn from their ghosts.

    Each list runs on into its ghosts, and its edge is the last key still in the cache: to
    make that a ghost is to move the edge. `target` is how many keys used once should stay.
    """
    end, far = distinct, distinct + 1  # of the chain of keys used once, and used again
    before, after = np.arange(distinct + 2), np.arange(distinct + 2)
    home = np.zeros(distinct, np.int8)  # 1 once, 2 again, 3 and 4 their ghosts
    hits = np.empty(keys.size, np.bool_)
    once = again = once_ghosts = again_ghosts = 0
    once_edge, again_edge, target = end, far, 0.0
    for i in range(keys.size):
        key = keys[i]
        was_in = home[key]
        hits[i] = was_in == 1 or was_in == 2
        leaving = key
        if was_in == 1:
            once -= 1
            once_edge = before[key] if once_edge == key else once_edge
        elif was_in == 2:
            again -= 1
            again_edge = before[key] if again_edge == key else again_edge
        elif was_in == 3:
            target = min(target + max(1.0, again_ghosts / once_ghosts), float(capacity))
            once_ghosts -= 1
        elif was_in == 4:
            target = max(target - max(1.0, once_ghosts / again_ghosts), 0.0)
            again_ghosts -= 1
        elif once + once_ghosts == capacity:
            leaving = before[end]
            once_edge = before[leaving] if once_edge == leaving else once_edge
            once, once_ghosts = (once, once_ghosts - 1) if once_ghosts > 0 else (once - 1, 0)
        elif once + once_ghosts + again + again_ghosts == 2 * capacity:
            leaving = before[far]
            again_ghosts -= 1
        before[after[leaving]], after[before[leaving]] = before[leaving], after[leaving]
        before[leaving] = after[leaving] = leaving
        home[leaving] = 0
        if not hits[i] and once + again == capacity:
            if once > 0 and (once > target or (once == target and was_in == 4)):
                home[once_edge], once_edge = 3, before[once_edge]
                once, once_ghosts = once - 1, once_ghosts + 1
            else:
                home[again_edge], again_edge = 4, before[again_edge]
                again, again_ghosts = again - 1, again_ghosts + 1
        front = end if was_in == 0 else far
        if was_in == 0:
            once += 1
            once_edge = key if once == 1 else once_edge
        else:
            again += 1
            again_edge = key if again == 1 else again_edge
        home[key] = 1 if was_in == 0 else 2
        first = after[front]
        before[key], after[key] = front, first
        before[first] = after[front] = key
    return hits


@kernel
def run_wtinylfu(keys, distinct, capacity, window_size, protected_size, factors, bits, sample):  # type: ignore[no-untyped-def]
    """A small LRU window for what is new, then a duel: who has been asked for more often?

    The count-min sketch counts every request in a cell of each row, found by multiplying and
    shifting, and believes the lowest; after `sample` requests all counts are halved, so that
    old fame fades.
    """
    nowhere, window, probation, protected = 0, 1, 2, 3
    before, after = np.arange(distinct + 4), np.arange(distinct + 4)
    home, size = np.zeros(distinct, np.int8), np.zeros(4, np.int64)
    count = np.zeros((factors.size, 1 << bits), np.uint8)
    hits = np.empty(keys.size, np.bool_)
    until_halved = sample
    for i in range(keys.size):
        key = keys[i]
        for row in range(factors.size):
            cell = (key * factors[row] & 0x7FFFFFFF) >> (31 - bits)
            if count[row, cell] < 15:
                count[row, cell] += 1
        until_halved -= 1
        if until_halved == 0:
            until_halved = sample
            count[:] = count // 2
        hits[i] = home[key] != nowhere
        moving, goal = key, protected if home[key] >= probation else window
        while moving >= 0:
            before[after[moving]], after[before[moving]] = before[moving], after[moving]
            size[home[moving]] -= 1
            home[moving] = goal
            size[goal] += 1
            front = distinct + goal
            if goal != nowhere:
                first = after[front]
                before[moving], after[moving] = front, first
                before[first] = after[front] = moving
            else:
                before[moving] = after[moving] = moving
            moving = -1
            if size[protected] > protected_size:
                moving, goal = before[distinct + protected], probation
            elif size[window] > window_size:
                moving, goal = before[distinct + window], nowhere
                if size[window] + size[probation] + size[protected] <= capacity:
                    goal = probation
                elif window_size < capacity:
                    last = probation if size[probation] > 0 else protected
                    victim, fame, its_fame = before[distinct + last], 15, 15
                    for row in range(factors.size):
                        cell = (moving * factors[row] & 0x7FFFFFFF) >> (31 - bits)
                        its_cell = (victim * factors[row] & 0x7FFFFFFF) >> (31 - bits)
                        fame = min(fame, count[row, cell])
                        its_fame = min(its_fame, count[row, its_cell])
                    if fame > its_fame:
                        moving = victim
    return hits
