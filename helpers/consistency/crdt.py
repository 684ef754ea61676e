"""Values that may be changed offline and merged later, in any order and any number of times.

Two people shop from one list without a connection. When they meet, each copies from the other
what is new; whoever meets whom first, all lists end alike. That works when merging does not care
about order (a + b = b + a), grouping ((a + b) + c = a + (b + c)) or repetition (a + a = a): such a
merge only ever moves a copy upward to the least state that knows all that both know.

Every value here is immutable: a change gives a new one. Replicas have names, each its own.

Source: Shapiro, Preguiça, Baquero and Zawirski, *A comprehensive study of convergent and
commutative replicated data types* (INRIA RR-7506, 2011), specifications 6, 7, 8 and 15.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import permutations
from types import MappingProxyType
from typing import Any, Protocol, Self, TypeVar

from helpers import require

MOST_IN_EVERY_ORDER = 7


class Mergeable(Protocol):
    """Anything whose copies can be merged."""

    def merge(self, other: Self) -> Self:
        """Give what both know together."""
        ...


Copy = TypeVar("Copy", bound=Mergeable)


@dataclass(frozen=True)
class GCounter:
    """A counter that only grows: each replica counts its own, and the sum is the value.

    Attributes
    ----------
    counts
        What each replica has counted, by name; zeros are left out.

    Raises
    ------
    ValueError
        When a count is not a whole number of at least 0.

    Examples
    --------
    >>> phone = GCounter().increment("phone", 2)
    >>> laptop = GCounter().increment("laptop")
    >>> phone.merge(laptop).value, phone.merge(laptop).merge(phone).value
    (3, 3)
    """

    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = {
            replica: require.whole(f"counts[{replica!r}]", count, at_least=0)
            for replica, count in self.counts.items()
        }
        counted = {replica: count for replica, count in sorted(given.items()) if count}
        object.__setattr__(self, "counts", MappingProxyType(counted))

    def __hash__(self) -> int:
        return hash(tuple(self.counts.items()))

    def __repr__(self) -> str:
        return f"GCounter({dict(self.counts)})"

    @property
    def value(self) -> int:
        """The sum over all replicas."""
        return sum(self.counts.values())

    def increment(self, replica: str, by: int = 1) -> "GCounter":
        """Count further at a replica, by a whole number of at least 0."""
        by = require.whole("by", by, at_least=0)
        return GCounter({**self.counts, replica: self.counts.get(replica, 0) + by})

    def merge(self, other: "GCounter") -> "GCounter":
        """Take the larger count of each replica: counts only grow, so the larger is the later."""
        replicas = self.counts.keys() | other.counts.keys()
        return GCounter(
            {name: max(self.counts.get(name, 0), other.counts.get(name, 0)) for name in replicas}
        )


@dataclass(frozen=True)
class PNCounter:
    """A counter that goes up and down: one that only grows for each direction.

    Examples
    --------
    >>> likes = PNCounter().increment("phone", 3)
    >>> likes.decrement("laptop").merge(likes).value
    2
    """

    up: GCounter = field(default_factory=GCounter)
    down: GCounter = field(default_factory=GCounter)

    @property
    def value(self) -> int:
        """What was added, less what was taken away."""
        return self.up.value - self.down.value

    def increment(self, replica: str, by: int = 1) -> "PNCounter":
        """Count up at a replica, by a whole number of at least 0."""
        return PNCounter(self.up.increment(replica, by), self.down)

    def decrement(self, replica: str, by: int = 1) -> "PNCounter":
        """Count down at a replica, by a whole number of at least 0."""
        return PNCounter(self.up, self.down.increment(replica, by))

    def merge(self, other: "PNCounter") -> "PNCounter":
        """Merge each direction by itself."""
        return PNCounter(self.up.merge(other.up), self.down.merge(other.down))


@dataclass(frozen=True)
class LWWRegister:
    """One value, of which the last writer's stays: merging never fails, and drops the other one.

    Attributes
    ----------
    value
        None before anything is written.
    time
        What the writer's clock said. A clock that is ahead wins over later writes of others.
    replica
        Who wrote. Of two writes at one time the larger name stays, so that all agree; of two by
        one replica at one time, which its clock should rule out, the larger `repr` of the value.

    Examples
    --------
    >>> phone = LWWRegister().write("draft", time=7, replica="phone")
    >>> laptop = LWWRegister().write("final", time=5, replica="laptop")
    >>> phone.merge(laptop).value
    'draft'
    """

    value: Any = None
    time: float = 0
    replica: str = ""

    def __post_init__(self) -> None:
        require.not_negative("time", self.time)

    def write(self, value: object, time: float, replica: str) -> "LWWRegister":
        """Write at a replica, by its clock; an older clock changes nothing."""
        return self.merge(LWWRegister(value, time, replica))

    def merge(self, other: "LWWRegister") -> "LWWRegister":
        """Keep the later of the two."""
        return max(self, other, key=lambda one: (one.time, one.replica, repr(one.value)))


@dataclass(frozen=True)
class ORSet:
    """A set whose removal takes out only what the remover saw: an unseen addition survives.

    Every addition has a tag of its own, a replica's name and its next number. To remove an
    element is to remember all its tags as removed; they are never forgotten, so the set only
    grows inside.

    Attributes
    ----------
    added
        Pairs of an element and the tag of an addition.
    removed
        Tags of additions that were removed.

    Examples
    --------
    >>> both = ORSet().add("milk", "phone")
    >>> phone, laptop = both.remove("milk"), both.add("milk", "laptop")
    >>> sorted(phone.merge(laptop).value)
    ['milk']
    """

    added: frozenset[tuple[Hashable, tuple[str, int]]] = frozenset()
    removed: frozenset[tuple[str, int]] = frozenset()

    @property
    def value(self) -> frozenset[Hashable]:
        """The elements with an addition that was not removed."""
        return frozenset(element for element, tag in self.added if tag not in self.removed)

    def __contains__(self, element: Hashable) -> bool:
        return element in self.value

    def add(self, element: Hashable, replica: str) -> "ORSet":
        """Add an element at a replica, even if it is there: this addition is a new one."""
        number = 1 + max((number for _, (name, number) in self.added if name == replica), default=0)
        return ORSet(self.added | {(element, (replica, number))}, self.removed)

    def remove(self, element: Hashable) -> "ORSet":
        """Remove an element as far as it was seen here; one that is not there changes nothing."""
        seen = {tag for mine, tag in self.added if mine == element}
        return ORSet(self.added, self.removed | seen)

    def merge(self, other: "ORSet") -> "ORSet":
        """Put both kinds of knowledge together."""
        return ORSet(self.added | other.added, self.removed | other.removed)


def merge_all(copies: Iterable[Copy]) -> Copy:
    """Merge copies one after the other, in the order in which they come.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> merge_all([GCounter({"a": 1}), GCounter({"b": 2}), GCounter({"a": 1})]).value
    3
    """
    given = list(copies)
    if not given:
        raise ValueError("copies must hold at least one, got 0")
    return reduce(lambda known, copy: known.merge(copy), given)


def merge_in_every_order(copies: Iterable[Copy]) -> Iterator[tuple[tuple[int, ...], Copy]]:
    """Merge up to seven copies in all orders; give each order, as places, and what came of it.

    Examples
    --------
    >>> orders = merge_in_every_order([GCounter({"a": 1}), GCounter({"b": 2}), GCounter({"c": 4})])
    >>> [outcome.value for _, outcome in orders]
    [7, 7, 7, 7, 7, 7]
    """
    given = list(copies)
    require.between("copies", len(given), 1, MOST_IN_EVERY_ORDER)
    for order in permutations(range(len(given))):
        yield order, merge_all(given[place] for place in order)
