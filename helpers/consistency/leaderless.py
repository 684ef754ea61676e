"""No leader: whoever is asked writes to all copies, and answers when enough have.

Ask n friends to remember a date; be content when w say that they will; later, ask until r have
told you, and believe the latest. With r + w > n, the two groups share somebody. What that does
not give: all at one moment. While a date is being told, one asker may meet a friend who knows
and the next one may not.

After Dynamo (DeCandia et al., 2007): read repair, hinted handoff to spare nodes, and two ways to
settle which of two dates is the latest: the writer's clock, or vector clocks that keep both.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from helpers import require
from helpers.consistency.network import World
from helpers.consistency.read_rules import ReadRule, Reply, newest_and_stale
from helpers.consistency.store import (
    ANSWERED,
    NEVER,
    REFUSED,
    UNKNOWN,
    Answer,
    Request,
    Version,
    name_nodes,
)
from helpers.consistency.vector_clocks import NOTHING_SEEN, VectorClock, without_older

REPAIRS = ("none", "after", "before")
CONFLICTS = ("last write wins", "vector clocks")


class Copy(NamedTuple):
    """A value as a node keeps it.

    Attributes
    ----------
    value
        What was written.
    version
        When, by the clock of the node that took the write, and which node that was.
    clock
        What its writer had seen; empty where the last write wins.
    """

    value: Any = None
    version: Version = NEVER
    clock: VectorClock = NOTHING_SEEN


@dataclass(frozen=True)
class Leaderless:
    """Copies without a leader.

    Attributes
    ----------
    n, r, w
        Copies of each key; how many must have told what they know before a read is answered; how
        many must have kept a write.
    read_repair
        "none"; "after" the answer, to the nodes that were behind; or "before" it, so that a read
        is answered only when w nodes have what it gives.
    hinted_handoff
        Whether a spare node stands in for one that does not reply, and counts.
    spares
        How many more nodes there are.
    conflict
        "last write wins", by the clock, or "vector clocks", which keep what neither replaces.
    skew
        By how many seconds the clock of each node is ahead, by name; the others are right.
    patience
        Seconds until the node that was asked gives up.
    hint_after
        Seconds until a spare node is asked.
    read_rule
        How to choose among replies, and whom to repair; for "last write wins" only.

    Examples
    --------
    >>> Leaderless(n=3, r=1, w=1).nodes
    ('n1', 'n2', 'n3')
    """

    n: int = 3
    r: int = 2
    w: int = 2
    read_repair: str = "after"
    hinted_handoff: bool = False
    spares: int = 0
    conflict: str = "last write wins"
    skew: dict[str, float] = field(default_factory=dict)
    patience: float = 0.1
    hint_after: float = 0.03
    read_rule: ReadRule = field(default=newest_and_stale, repr=False)

    def __post_init__(self) -> None:
        for name, least in (("n", 1), ("r", 1), ("w", 1), ("spares", 0)):
            object.__setattr__(self, name, require.whole(name, getattr(self, name), least))
        require.between("r", self.r, 1, self.n)
        require.between("w", self.w, 1, self.n)
        require.positive("patience", self.patience)
        require.positive("hint_after", self.hint_after)
        if self.read_repair not in REPAIRS:
            raise ValueError(
                f"read_repair must be one of {', '.join(REPAIRS)}, got {self.read_repair!r}"
            )
        if self.conflict not in CONFLICTS:
            raise ValueError(
                f"conflict must be one of {', '.join(CONFLICTS)}, got {self.conflict!r}"
            )
        strange = set(self.skew) - set(self.nodes)
        if strange:
            raise ValueError(f"skew must name nodes of {self.nodes}, got {sorted(strange)}")
        for ahead in self.skew.values():
            if not require.is_finite(ahead):
                require.refuse("skew", "a finite number of seconds for each node", ahead)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of all nodes; the spare ones are the last."""
        return name_nodes(self.n + self.spares)

    @property
    def functions(self) -> tuple[str, ...]:
        """What clients can ask for: a cas needs a leader."""
        return ("read", "write")

    def start(self, world: World) -> "LeaderlessNodes":
        """Set the nodes up in a world."""
        return LeaderlessNodes(self, world)


class Asked:
    """One request under way: who has answered the node that took it."""

    def __init__(self, request: Request, node: str) -> None:
        self.request, self.node = request, node
        self.copies: dict[str, list[Copy]] = {}
        self.kept: set[str] = set()
        self.is_over = False
        self.answer: Answer | None = None


class LeaderlessNodes:
    """The nodes while they run: for each, the copies of each key."""

    def __init__(self, store: Leaderless, world: World) -> None:
        self.store, self.world = store, world
        self.owners, self.spares = store.nodes[: store.n], store.nodes[store.n :]
        self.copies: dict[str, dict[Hashable, list[Copy]]] = {node: {} for node in store.nodes}
        self.ticks = 0
        self.hints: set[tuple[str, str, Hashable, Copy]] = set()

    def ask(self, node: str, request: Request) -> None:
        """Take a request: write to, or read from, all the owners."""
        asked = Asked(request, node)
        if request.function == "write":
            copy = self.stamp(node, request)
            asked.answer = Answer(ANSWERED, None, copy.version)
            self.spread(asked, copy, self.owners, self.store.w)
        else:
            for owner in self.owners:
                self.world.send(node, owner, self.look, owner, asked)
            if self.store.hinted_handoff:
                self.world.after(self.store.hint_after, self.look_at_spares, asked)
        self.world.after(self.store.patience, self.give_up, asked)

    def stamp(self, node: str, request: Request) -> Copy:
        """Give a write its version, by the clock of the node that takes it."""
        self.ticks += 1
        now = self.world.now + self.store.skew.get(node, 0.0)
        version = (now, f"{node}.{self.ticks}")
        return Copy(request.argument, version, request.clock)

    # Writing

    def spread(self, asked: Asked, copy: Copy, nodes: Sequence[str], needed: int) -> None:
        """Send a copy to nodes, and answer when enough have kept it."""
        for owner in nodes:
            self.world.send(asked.node, owner, self.keep, owner, asked, copy, needed, owner)
        if self.store.hinted_handoff and self.spares:
            self.world.after(self.store.hint_after, self.hint, asked, copy, needed)

    def keep(self, node: str, asked: Asked, copy: Copy, needed: int, owner: str) -> None:
        """Keep a copy at a node, for itself or for another, and say so."""
        self.merge(node, asked.request.key, copy)
        if node != owner:
            self.hand_over(node, owner, asked.request.key, copy)
        self.world.send(node, asked.node, self.count_kept, asked, owner, needed)

    def merge(self, node: str, key: Hashable, copy: Copy) -> None:
        """Keep what is newest; of two that do not know of each other, keep both."""
        have = self.copies[node].get(key, [])
        if self.store.conflict == "last write wins":
            self.copies[node][key] = [max([*have, copy], key=lambda each: each.version)]
        else:
            self.copies[node][key] = without_older([*have, copy], lambda each: each.clock)

    def count_kept(self, asked: Asked, owner: str, needed: int) -> None:
        """Count who has kept a copy, and answer when they are enough."""
        asked.kept.add(owner)
        if len(asked.kept) >= needed and asked.answer is not None:
            self.reply(asked, asked.answer)

    def hint(self, asked: Asked, copy: Copy, needed: int) -> None:
        """Ask a spare node to stand in for each owner that has not said that it kept a copy."""
        silent = [owner for owner in self.owners if owner not in asked.kept]
        for owner, spare in zip(silent, self.spares, strict=False):
            self.world.send(asked.node, spare, self.keep, spare, asked, copy, needed, owner)

    def hand_over(self, spare: str, owner: str, key: Hashable, copy: Copy) -> None:
        """Send a copy to the owner it is meant for, again and again until it says thanks."""
        hint = (spare, owner, key, copy)
        self.hints.add(hint)
        self.try_to_hand_over(hint)

    def try_to_hand_over(self, hint: tuple[str, str, Hashable, Copy]) -> None:
        """Send a hint once more, if it has not arrived."""
        if hint in self.hints:
            spare, owner, _, _ = hint
            self.world.send(spare, owner, self.take_hint, hint)
            self.world.after(self.store.patience, self.try_to_hand_over, hint)

    def take_hint(self, hint: tuple[str, str, Hashable, Copy]) -> None:
        """Keep what another node had kept for this one."""
        spare, owner, key, copy = hint
        self.merge(owner, key, copy)
        self.world.send(owner, spare, self.hints.discard, hint)

    # Reading

    def look(self, node: str, asked: Asked) -> None:
        """Tell the node that was asked what this one has."""
        copies = self.copies[node].get(asked.request.key, [])
        self.world.send(node, asked.node, self.compare, asked, node, list(copies))

    def look_at_spares(self, asked: Asked) -> None:
        """Ask the spare nodes too, if the owners do not reply."""
        if not asked.is_over:
            for spare in self.spares:
                self.world.send(asked.node, spare, self.look, spare, asked)

    def compare(self, asked: Asked, node: str, copies: list[Copy]) -> None:
        """Take what one node knows; with enough of them, choose, answer and repair."""
        asked.copies[node] = copies
        if len(asked.copies) != self.store.r or asked.is_over:
            return
        if self.store.conflict == "last write wins":
            self.choose(asked)
        else:
            self.gather(asked)

    def choose(self, asked: Asked) -> None:
        """Answer with what the rule chooses, and repair the nodes that it names."""
        replies = [
            Reply(node, *(copies[0] if copies else Copy())[:2])
            for node, copies in asked.copies.items()
        ]
        newest, stale = self.store.read_rule(replies)
        asked.answer = Answer(ANSWERED, newest.value, newest.version)
        copies = [Copy(newest.value, newest.version)] if newest.version > NEVER else []
        self.finish(asked, copies, stale)

    def gather(self, asked: Asked) -> None:
        """Answer with all that no other has replaced: one value, or siblings."""
        everything = [copy for copies in asked.copies.values() for copy in copies]
        newest = without_older(everything, lambda each: each.clock)
        values = tuple(sorted((copy.value for copy in newest), key=str))
        version = max((copy.version for copy in newest), default=NEVER)
        result = values if len(values) > 1 else next(iter(values), None)
        seen = VectorClock.merged(copy.clock for copy in newest)
        asked.answer = Answer(ANSWERED, result, version, clock=seen)
        stale = [node for node, copies in asked.copies.items() if set(copies) != set(newest)]
        self.finish(asked, newest, stale)

    def finish(self, asked: Asked, copies: list[Copy], stale: Sequence[str]) -> None:
        """Repair and answer, in the order that the store is set to."""
        answer = asked.answer
        if answer is None:
            return
        if self.store.read_repair != "before" or not copies:
            self.reply(asked, answer)
        if self.store.read_repair == "none":
            return
        asked.kept |= set(asked.copies) - set(stale)
        targets = stale if self.store.read_repair == "after" else self.missing(asked)
        for copy in copies:
            for owner in targets:
                self.world.send(
                    asked.node, owner, self.keep, owner, asked, copy, self.store.w, owner
                )
        if len(asked.kept) >= self.store.w:
            self.reply(asked, answer)

    def missing(self, asked: Asked) -> list[str]:
        """Name the owners that are not known to have what the read gives."""
        return [owner for owner in self.owners if owner not in asked.kept]

    # Ending

    def reply(self, asked: Asked, answer: Answer) -> None:
        """Answer the client, once."""
        if not asked.is_over:
            asked.is_over = True
            self.world.send(asked.node, asked.request.client, asked.request.heard, answer)

    def give_up(self, asked: Asked) -> None:
        """Say that too few nodes replied: a read gave nothing, a write may have been kept."""
        is_read = asked.request.function == "read"
        self.reply(asked, Answer(REFUSED if is_read else UNKNOWN))

    def survivors(self) -> dict[Hashable, tuple[Any, ...]]:
        """Give what a read of all the owners would give."""
        keys = {key: None for owner in self.owners for key in self.copies[owner]}
        return {key: self.survivors_of(key) for key in keys}

    def survivors_of(self, key: Hashable) -> tuple[Any, ...]:
        """Give the values of a key that no other has replaced."""
        copies = [copy for owner in self.owners for copy in self.copies[owner].get(key, [])]
        if self.store.conflict == "last write wins":
            return (max(copies, key=lambda copy: copy.version).value,)
        newest = without_older(copies, lambda copy: copy.clock)
        return tuple(sorted((copy.value for copy in newest), key=str))
