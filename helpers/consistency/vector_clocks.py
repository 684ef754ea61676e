"""Vector clocks: who had seen what, so that two writes that did not know of each other both stay.

Each writer counts its own writes; a version carries the counts that its writer had seen. One
version replaces another if it has seen all that the other has. If neither has, nobody can say
which is later, and both are kept as siblings (Fidge, 1988; Mattern, 1989).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class VectorClock:
    """How many writes of each writer were seen.

    Attributes
    ----------
    counts
        Pairs of a writer and a count of at least 1, by writer.

    Examples
    --------
    >>> ann, ben = VectorClock().tick("ann"), VectorClock().tick("ben")
    >>> ann.has_seen(ben), ann.merge(ben).has_seen(ben)
    (False, True)
    """

    counts: tuple[tuple[str, int], ...] = ()

    def tick(self, writer: str) -> "VectorClock":
        """Give the clock after one more write of a writer."""
        counts = dict(self.counts)
        counts[writer] = counts.get(writer, 0) + 1
        return VectorClock(tuple(sorted(counts.items())))

    def merge(self, other: "VectorClock") -> "VectorClock":
        """Give the clock of one who has seen what both have."""
        counts = dict(self.counts)
        for writer, count in other.counts:
            counts[writer] = max(count, counts.get(writer, 0))
        return VectorClock(tuple(sorted(counts.items())))

    def has_seen(self, other: "VectorClock") -> bool:
        """Tell whether everything that the other has seen, this one has too."""
        counts = dict(self.counts)
        return all(counts.get(writer, 0) >= count for writer, count in other.counts)

    def is_concurrent_with(self, other: "VectorClock") -> bool:
        """Tell whether neither has seen the other."""
        return not self.has_seen(other) and not other.has_seen(self)

    @staticmethod
    def merged(clocks: Iterable["VectorClock"]) -> "VectorClock":
        """Give the clock of one who has seen what any of them has."""
        merged = VectorClock()
        for clock in clocks:
            merged = merged.merge(clock)
        return merged


NOTHING_SEEN = VectorClock()


def without_older(versions: Sequence[T], clock_of: Callable[[T], VectorClock]) -> list[T]:
    """Keep the versions that no other one has seen, each once.

    Parameters
    ----------
    versions
        In any order.
    clock_of
        Gives the clock of one.

    Examples
    --------
    >>> first = VectorClock().tick("ann")
    >>> without_older([first, first.tick("ann"), first.tick("ben")], lambda clock: clock)
    [VectorClock(counts=(('ann', 2),)), VectorClock(counts=(('ann', 1), ('ben', 1)))]
    """
    kept: list[T] = []
    for version in versions:
        clock = clock_of(version)
        if any(clock_of(other).has_seen(clock) for other in kept):
            continue
        kept = [other for other in kept if not clock.has_seen(clock_of(other))]
        kept.append(version)
    return kept
