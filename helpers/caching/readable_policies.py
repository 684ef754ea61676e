"""Every policy once more, as short as it can be said: dictionaries that keep their order.

These are for reading, and for checking the fast loops against: the same requests give the
same hits. A dictionary remembers in which order its keys came, so its first key is the
oldest. `request(key)` says whether the key was there, and if not, fetches it and evicts
another where there is no room.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Protocol

from helpers import require
from helpers.caching.eviction import SKETCH_BITS, SKETCH_FACTORS


class Cache(Protocol):
    """Whatever answers requests for keys."""

    def request(self, key: Hashable) -> bool:
        """Say whether the key was there, and keep it."""


def run(cache: Cache, keys: Iterable[Hashable]) -> list[bool]:
    """Send requests through a cache; give for each whether it was a hit.

    Examples
    --------
    >>> run(LRU(2), "abacb")
    [False, False, True, False, False]
    """
    return [cache.request(key) for key in keys]


class FIFO:
    """First in, first out."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.queue: OrderedDict[Hashable, None] = OrderedDict()

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        if key in self.queue:
            return True
        if len(self.queue) == self.capacity:
            self.queue.popitem(last=False)
        self.queue[key] = None
        return False


class CLOCK:
    """FIFO, but a key that was used meanwhile goes round once more."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.is_used: OrderedDict[Hashable, bool] = OrderedDict()

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        if key in self.is_used:
            self.is_used[key] = True
            return True
        if len(self.is_used) == self.capacity:
            oldest, was_used = self.is_used.popitem(last=False)
            while was_used:
                self.is_used[oldest] = False
                oldest, was_used = self.is_used.popitem(last=False)
        self.is_used[key] = False
        return False


class LRU:
    """The least recently used goes."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.by_recency: OrderedDict[Hashable, None] = OrderedDict()

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        if key in self.by_recency:
            self.by_recency.move_to_end(key)
            return True
        if len(self.by_recency) == self.capacity:
            self.by_recency.popitem(last=False)
        self.by_recency[key] = None
        return False


class LFU:
    """The least frequently used goes; of several, the one that was used least recently."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.uses: OrderedDict[Hashable, int] = OrderedDict()

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        is_hit = key in self.uses
        if is_hit:
            self.uses.move_to_end(key)
        elif len(self.uses) == self.capacity:
            del self.uses[min(self.uses, key=lambda cached: self.uses[cached])]
        self.uses[key] = self.uses.get(key, 0) + 1
        return is_hit


class SIEVE:
    """A hand walks from old to new, spares what was used, and takes the first that was not."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.queue: list[Hashable] = []  # the oldest first
        self.is_used: dict[Hashable, bool] = {}
        self.hand = 0

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        if key in self.is_used:
            self.is_used[key] = True
            return True
        if len(self.queue) == self.capacity:
            self.evict()
        self.queue.append(key)
        self.is_used[key] = False
        return False

    def evict(self) -> None:
        """Let the hand walk."""
        while self.is_used[self.queue[self.hand]]:
            self.is_used[self.queue[self.hand]] = False
            self.hand = (self.hand + 1) % len(self.queue)
        del self.is_used[self.queue.pop(self.hand)]
        if self.hand == len(self.queue):  # past the newest: start again at the oldest
            self.hand = 0


class S3FIFO:
    """New keys are on trial in a small queue; those used twice move to the main one."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.small_size, self.ghost_size = max(1, capacity // 10), capacity * 9 // 10
        self.small: OrderedDict[Hashable, int] = OrderedDict()
        self.main: OrderedDict[Hashable, int] = OrderedDict()
        self.ghost: OrderedDict[Hashable, None] = OrderedDict()
        self.was_full = False

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        for queue in (self.small, self.main):
            if key in queue:
                queue[key] = min(queue[key] + 1, 3)
                return True
        was_ghost = self.ghost.pop(key, True) is None
        while len(self.small) + len(self.main) == self.capacity:
            self.was_full = True
            is_long = len(self.main) > self.capacity - self.small_size
            self.evict_main() if is_long or not self.small else self.evict_small()
        is_early = not self.was_full and len(self.small) >= self.small_size
        (self.main if was_ghost or is_early else self.small)[key] = 0
        return False

    def evict_small(self) -> None:
        """Promote from the small queue until one is found that was not used twice."""
        while self.small:
            key, uses = self.small.popitem(last=False)
            if uses < 2:
                self.ghost[key] = None
                if len(self.ghost) > self.ghost_size:
                    self.ghost.popitem(last=False)
                return
            self.main[key] = 0

    def evict_main(self) -> None:
        """Send used keys round once more, each time worth one use less."""
        key, uses = self.main.popitem(last=False)
        while uses > 0:
            self.main[key] = uses - 1
            key, uses = self.main.popitem(last=False)


class ARC:
    """Used once, used again: two LRU lists, whose shares learn from what each has lost."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.target = 0.0  # how long `recent` should be
        self.recent: OrderedDict[Hashable, None] = OrderedDict()
        self.frequent: OrderedDict[Hashable, None] = OrderedDict()
        self.recent_ghost: OrderedDict[Hashable, None] = OrderedDict()
        self.frequent_ghost: OrderedDict[Hashable, None] = OrderedDict()

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        for cached in (self.recent, self.frequent):
            if key in cached:
                del cached[key]
                self.frequent[key] = None
                return True
        ghosts = len(self.recent_ghost), len(self.frequent_ghost)
        if key in self.recent_ghost:
            self.target = min(self.target + max(1.0, ghosts[1] / ghosts[0]), self.capacity)
            self.make_room()
            del self.recent_ghost[key]
            self.frequent[key] = None
        elif key in self.frequent_ghost:
            self.target = max(self.target - max(1.0, ghosts[0] / ghosts[1]), 0.0)
            self.make_room(for_frequent=True)
            del self.frequent_ghost[key]
            self.frequent[key] = None
        else:
            self.forget()
            self.make_room()
            self.recent[key] = None
        return False

    def forget(self) -> None:
        """Keep at most `capacity` names that were used once, and twice that of all."""
        once = len(self.recent) + len(self.recent_ghost)
        if once == self.capacity:
            (self.recent_ghost or self.recent).popitem(last=False)
        elif once + len(self.frequent) + len(self.frequent_ghost) == 2 * self.capacity:
            self.frequent_ghost.popitem(last=False)

    def make_room(self, for_frequent: bool = False) -> None:
        """Turn the last key of one list into a ghost, if the cache is full."""
        if len(self.recent) + len(self.frequent) < self.capacity:
            return
        excess = len(self.recent) - self.target
        if self.recent and (excess > 0 or (for_frequent and excess == 0)):
            self.recent_ghost[self.recent.popitem(last=False)[0]] = None
        else:
            self.frequent_ghost[self.frequent.popitem(last=False)[0]] = None


class CountMinSketch:
    """A rough count in little room: four rows of cells, and the lowest of four is believed."""

    def __init__(self, capacity: int) -> None:
        self.bits = min(SKETCH_BITS, (4 * capacity - 1).bit_length())
        self.sample = 10 * capacity
        self.rows: list[Counter[int]] = [Counter() for _ in SKETCH_FACTORS]
        self.number: dict[Hashable, int] = {}
        self.seen = 0

    def cells(self, key: Hashable) -> list[int]:
        """Give the key's cell in each row."""
        number = self.number.setdefault(key, len(self.number))
        mask = (1 << SKETCH_BITS) - 1
        return [
            (number * int(factor) & mask) >> (SKETCH_BITS - self.bits) for factor in SKETCH_FACTORS
        ]

    def count(self, key: Hashable) -> None:
        """Count a request, up to 15; after every `sample` requests halve all counts."""
        for row, cell in zip(self.rows, self.cells(key), strict=True):
            row[cell] = min(row[cell] + 1, 15)
        self.seen += 1
        if self.seen % self.sample == 0:
            self.rows = [Counter({cell: n // 2 for cell, n in row.items()}) for row in self.rows]

    def estimate(self, key: Hashable) -> int:
        """Give the count, which is never too low but for the halving."""
        return min(row[cell] for row, cell in zip(self.rows, self.cells(key), strict=True))


class WTinyLFU:
    """New keys wait in a small window, and enter only in place of one asked for less often."""

    def __init__(self, capacity: int) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.window_size = max(1, round(capacity / 100))
        self.protected_size = (capacity - self.window_size) * 4 // 5
        self.sketch = CountMinSketch(capacity)
        self.window: OrderedDict[Hashable, None] = OrderedDict()
        self.probation: OrderedDict[Hashable, None] = OrderedDict()
        self.protected: OrderedDict[Hashable, None] = OrderedDict()

    def request(self, key: Hashable) -> bool:
        """Ask for a key."""
        self.sketch.count(key)
        if key in self.window:
            self.window.move_to_end(key)
        elif key in self.protected or key in self.probation:
            self.protect(key)
        else:
            self.window[key] = None
            if len(self.window) > self.window_size:
                self.admit(self.window.popitem(last=False)[0])
            return False
        return True

    def protect(self, key: Hashable) -> None:
        """Move a key that was used again to where it is safe."""
        self.probation.pop(key, None)
        self.protected[key] = None
        self.protected.move_to_end(key)
        if len(self.protected) > self.protected_size:
            self.probation[self.protected.popitem(last=False)[0]] = None

    def admit(self, candidate: Hashable) -> None:
        """Let the candidate in if there is room, or if it is asked for more than the last."""
        main = len(self.probation) + len(self.protected)
        if main == self.capacity - self.window_size:
            last = self.probation or self.protected
            victim = next(iter(last), candidate)
            if self.sketch.estimate(candidate) <= self.sketch.estimate(victim):
                return
            del last[victim]
        self.probation[candidate] = None


class Optimal:
    """Belady's MIN: whatever is asked for again last goes. It has to know all requests."""

    def __init__(self, capacity: int, requests: Sequence[Hashable]) -> None:
        self.capacity = require.whole("capacity", capacity)
        self.next_request: list[float] = [float("inf")] * len(requests)
        coming: dict[Hashable, int] = {}
        for i in reversed(range(len(requests))):
            self.next_request[i] = coming.get(requests[i], float("inf"))
            coming[requests[i]] = i
        self.cached: dict[Hashable, float] = {}
        self.now = 0

    def request(self, key: Hashable) -> bool:
        """Ask for the next key of those that were foretold."""
        is_hit = key in self.cached
        if not is_hit and len(self.cached) == self.capacity:
            del self.cached[max(self.cached, key=lambda other: self.cached[other])]
        self.cached[key] = self.next_request[self.now]
        self.now += 1
        return is_hit


READABLE: dict[str, Callable[[int], Cache]] = {
    "fifo": FIFO,
    "clock": CLOCK,
    "lru": LRU,
    "lfu": LFU,
    "sieve": SIEVE,
    "s3fifo": S3FIFO,
    "arc": ARC,
    "wtinylfu": WTinyLFU,
}
"""A policy's name to its class; `Optimal` is apart, since it has to know the future."""
