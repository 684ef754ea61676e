"""A single leader: one node takes the writes, the others follow, and somebody watches.

One person keeps the guest list and phones the doormen. If she lets people in before the doormen
know (asynchronous), it is quick; if she falls ill, whoever takes over knows only what was phoned
through, and guests who were told "you are on it" are not. If she waits for the doormen
(synchronous), nobody is lost, but one doorman who does not pick up holds up the queue.

A manager, who hears from every node, names a new leader when the old one has been silent for too
long: the reachable node with the longest log. The old one may be well, and only cut off.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from helpers import require
from helpers.consistency.network import World
from helpers.consistency.specifications import apply_register
from helpers.consistency.store import (
    ANSWERED,
    ELSEWHERE,
    NEVER,
    UNKNOWN,
    Answer,
    Request,
    Version,
    name_nodes,
)

MANAGER = "manager"
READS = ("leader", "any")
TERM = 1_000_000.0
"""Versions of one leader's term are this far from those of the next."""


class Entry(NamedTuple):
    """A line in the log of writes: the value of a key, and its version."""

    key: Hashable
    value: Any
    version: Version


Log = tuple[Entry, ...]


@dataclass(frozen=True)
class SingleLeader:
    """One leader and its followers.

    Attributes
    ----------
    n
        Nodes; n1 leads at first.
    synchronous
        How many followers must have a write before it is acknowledged, from 0 to n - 1.
    failover_after
        Seconds of silence after which the manager names another leader; None for never.
    read_from
        "leader"; or "any" node that is asked, which may be behind. A client that tells the newest
        version that it has seen is passed on to the leader by a node that is behind that.
    heartbeat
        Seconds between reports, and between attempts to send what got lost.
    patience
        Seconds until the leader gives up waiting for its followers.

    Examples
    --------
    >>> SingleLeader(n=2, synchronous=2)
    Traceback (most recent call last):
    ValueError: synchronous must lie between 0 and 1, got 2
    """

    n: int = 3
    synchronous: int = 0
    failover_after: float | None = 0.3
    read_from: str = "leader"
    heartbeat: float = 0.05
    patience: float = 0.2

    def __post_init__(self) -> None:
        for name, least in (("n", 1), ("synchronous", 0)):
            object.__setattr__(self, name, require.whole(name, getattr(self, name), least))
        require.between("synchronous", self.synchronous, 0, self.n - 1)
        if self.failover_after is not None:
            require.positive("failover_after", self.failover_after)
        require.positive("heartbeat", self.heartbeat)
        require.positive("patience", self.patience)
        if self.read_from not in READS:
            raise ValueError(f"read_from must be one of {', '.join(READS)}, got {self.read_from!r}")

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes."""
        return name_nodes(self.n)

    @property
    def functions(self) -> tuple[str, ...]:
        """What clients can ask for."""
        return ("read", "write", "cas")

    def start(self, world: World) -> "LedNodes":
        """Set the nodes up in a world."""
        return LedNodes(self, world)


@dataclass
class Node:
    """One node: which term it knows of, who leads it, and its log.

    Attributes
    ----------
    term, leader
        The latest that it has heard of.
    log, log_term
        The writes that it has, and in which term it last heard of them.
    safe
        Of a leader: how many of them enough followers have, or that it had when it was named.
    """

    name: str
    leader: str
    term: int = 1
    log_term: int = 1
    log: Log = ()
    safe: int = 0

    @property
    def position(self) -> tuple[int, int]:
        """How far its log is: of two nodes, the greater one knows more."""
        return self.log_term, len(self.log)

    @property
    def version(self) -> Version:
        """The version of the last write that it has."""
        return self.log[-1].version if self.log else NEVER

    def last(self, key: Hashable, length: int | None = None) -> Entry:
        """Give the last write of a key, in the first so many lines of the log."""
        lines = self.log if length is None else self.log[:length]
        return next((e for e in reversed(lines) if e.key == key), Entry(key, None, NEVER))


class Waiting(NamedTuple):
    """An answer that waits for followers to have the log up to a length."""

    length: int
    request: Request
    answer: Answer


class LedNodes:
    """The nodes while they run, and the manager."""

    def __init__(self, store: SingleLeader, world: World) -> None:
        self.store, self.world = store, world
        self.nodes = {name: Node(name, store.nodes[0]) for name in store.nodes}
        self.has: dict[str, dict[str, int]] = {name: {} for name in store.nodes}
        self.waiting: dict[str, list[Waiting]] = {name: [] for name in store.nodes}
        self.term, self.leader = 1, store.nodes[0]
        self.heard = dict.fromkeys(store.nodes, 0.0)
        self.reported = dict.fromkeys(store.nodes, (1, 0))
        for name in store.nodes:
            self.world.after(store.heartbeat, self.beat, name)
        if store.failover_after is not None:
            self.world.after(store.heartbeat, self.watch)

    # Requests

    def ask(self, name: str, request: Request) -> None:
        """Take a request: lead, answer a read from what is here, or say who leads."""
        node = self.nodes[name]
        if node.leader == name:
            self.lead(node, request)
        elif request.function == "read" and self.store.read_from == "any":
            self.read_here(node, request)
        else:
            self.reply(name, request, Answer(ELSEWHERE, leader=node.leader))

    def read_here(self, node: Node, request: Request) -> None:
        """Answer a read at a follower, or pass it on if the client has seen newer."""
        if node.version < request.token:
            self.world.send(node.name, node.leader, self.ask, node.leader, request)
        else:
            entry = node.last(request.key)
            self.reply(node.name, request, Answer(ANSWERED, entry.value, entry.version))

    def lead(self, node: Node, request: Request) -> None:
        """Do a request at the leader, and answer when enough followers have what it did."""
        if request.function == "read":
            entry = node.last(request.key, self.count_safe(node))
            self.reply(node.name, request, Answer(ANSWERED, entry.value, entry.version))
            return
        old = node.last(request.key)
        value, result = apply_register(old.value, request.function, request.argument)
        version = old.version
        if result is not False:
            version = (node.term * TERM + len(node.log) + 1, node.name)
            node.log = (*node.log, Entry(request.key, value, version))
            self.ship(node)
        waiting = Waiting(len(node.log), request, Answer(ANSWERED, result, version))
        self.waiting[node.name].append(waiting)
        self.world.after(self.store.patience, self.give_up, node.name, waiting)
        self.answer_waiting(node)

    def count_safe(self, node: Node) -> int:
        """Count the lines of the leader's log that enough followers have."""
        enough = self.store.synchronous
        has = sorted(self.has[node.name].values(), reverse=True)
        if not enough:
            node.safe = len(node.log)
        elif len(has) >= enough:
            node.safe = max(node.safe, has[enough - 1])
        return node.safe

    def answer_waiting(self, node: Node) -> None:
        """Answer whoever waits for what enough followers now have."""
        safe = self.count_safe(node)
        waiting = self.waiting[node.name]
        self.waiting[node.name] = [each for each in waiting if each.length > safe]
        for each in waiting:
            if each.length <= safe:
                self.reply(node.name, each.request, each.answer)

    def give_up(self, name: str, waiting: Waiting) -> None:
        """Tell a client that its write may or may not stay."""
        if any(each is waiting for each in self.waiting[name]):
            self.waiting[name] = [each for each in self.waiting[name] if each is not waiting]
            self.reply(name, waiting.request, Answer(UNKNOWN))

    def reply(self, name: str, request: Request, answer: Answer) -> None:
        """Send an answer to a client."""
        self.world.send(name, request.client, request.heard, answer)

    # The log, from the leader to its followers

    def ship(self, node: Node) -> None:
        """Send the whole log to the followers; a real store would send what they lack."""
        for other in self.store.nodes:
            if other != node.name:
                self.world.send(
                    node.name, other, self.take_log, other, node.name, node.term, node.log
                )

    def take_log(self, name: str, leader: str, term: int, log: Log) -> None:
        """Take the leader's log, and say how much of it is here."""
        node = self.nodes[name]
        if term < node.term:
            return
        self.hear_of(node, leader, term)
        if node.log_term < term or len(log) > len(node.log):
            node.log_term, node.log = term, log
        self.world.send(name, leader, self.take_receipt, leader, name, term, len(node.log))

    def take_receipt(self, leader: str, follower: str, term: int, length: int) -> None:
        """Note how much a follower has."""
        node = self.nodes[leader]
        if term == node.term and node.leader == leader:
            has = self.has[leader]
            has[follower] = max(length, has.get(follower, 0))
            self.answer_waiting(node)

    def hear_of(self, node: Node, leader: str, term: int) -> None:
        """Follow a leader of a later term; whoever led before, now follows."""
        if term > node.term:
            node.term, node.leader, node.safe = term, leader, 0
            self.has[node.name] = {}

    # Heartbeats and the manager

    def beat(self, name: str) -> None:
        """Report to the manager; a leader sends its log again, for what got lost."""
        node = self.nodes[name]
        self.world.send(name, MANAGER, self.take_report, name, node.position)
        if node.leader == name:
            self.ship(node)
        self.world.after(self.store.heartbeat, self.beat, name)

    def take_report(self, name: str, position: tuple[int, int]) -> None:
        """Note that a node is there, and how far it is."""
        self.heard[name] = self.world.now
        self.reported[name] = position

    def watch(self) -> None:
        """Name another leader when this one is silent, and tell everybody who leads."""
        limit = self.world.now - (self.store.failover_after or 0.0)
        there = [name for name in self.store.nodes if self.heard[name] >= limit]
        if self.leader not in there and there:
            self.leader = max(there, key=lambda name: self.reported[name])
            self.term += 1
        for name in self.store.nodes:
            self.world.send(MANAGER, name, self.take_news, name, self.leader, self.term)
        self.world.after(self.store.heartbeat, self.watch)

    def take_news(self, name: str, leader: str, term: int) -> None:
        """Hear from the manager who leads; the one that is named starts with its own log."""
        node = self.nodes[name]
        if term > node.term:
            self.hear_of(node, leader, term)
            if leader == name:
                node.log_term, node.safe = term, len(node.log)
                self.ship(node)

    def survivors(self) -> dict[Hashable, tuple[Any, ...]]:
        """Give what the log of the leader that the manager knows says."""
        node = self.nodes[self.leader]
        return {entry.key: (node.last(entry.key).value,) for entry in node.log}
