"""A leader by majority: nothing counts until more than half have it, and half is not enough.

A committee that decides only with a quorum present. Two groups of more than half share a member,
so no two chairs can both decide, and whoever is elected knows all that was decided, since more
than half must elect and each of them refuses a candidate who knows less. A minority can meet, but
decides nothing: it says so, at once.

A small Raft (Ongaro and Ousterhout, 2014): terms, votes, a log, a leader that steps down when it
no longer hears from more than half. Reads go through the log like writes. A leader sends its
whole log, where a real one would send what is missing; nothing ever crashes, so nothing is kept
on disk.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from helpers import require
from helpers.consistency.network import World
from helpers.consistency.specifications import apply_register
from helpers.consistency.store import (
    ANSWERED,
    ELSEWHERE,
    REFUSED,
    UNKNOWN,
    Answer,
    Request,
    name_nodes,
)


class Line(NamedTuple):
    """A line in the log: in which term it was written, and what is to be done."""

    term: int
    function: str = ""
    key: Hashable = None
    argument: Any = None


Log = tuple[Line, ...]


@dataclass(frozen=True)
class Majority:
    """Nodes that decide by majority.

    Attributes
    ----------
    n
        Nodes; n1 leads at first.
    heartbeat
        Seconds between a leader's messages.
    election_after
        Seconds of silence after which a node stands for election: each time a random time from
        this to its double.

    Examples
    --------
    >>> Majority(n=5).needed
    3
    """

    n: int = 3
    heartbeat: float = 0.03
    election_after: float = 0.15

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", require.whole("n", self.n))
        require.positive("heartbeat", self.heartbeat)
        require.positive("election_after", self.election_after)
        if self.election_after <= self.heartbeat:
            raise ValueError(
                f"election_after must be longer than heartbeat, {self.heartbeat}, "
                f"got {self.election_after}"
            )

    @property
    def needed(self) -> int:
        """How many nodes are more than half."""
        return self.n // 2 + 1

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes."""
        return name_nodes(self.n)

    @property
    def functions(self) -> tuple[str, ...]:
        """What clients can ask for."""
        return ("read", "write", "cas")

    def start(self, world: World) -> "MajorityNodes":
        """Set the nodes up in a world."""
        return MajorityNodes(self, world)


@dataclass
class Member:
    """One node.

    Attributes
    ----------
    term
        The latest that it has heard of.
    leader
        Whom it follows in that term; "" if nobody.
    voted_for
        Whom it voted for in that term; "" if nobody.
    log, log_term
        What it has, and whose term's leader sent it.
    decided
        How many lines it knows to be decided.
    state
        What these lines lead to, for each key.
    patience_ends
        When it stands for election, if it hears nothing.
    votes, has, heard
        Of a candidate or a leader: who voted for it, how much each node has, and when each was
        last heard of.
    waiting
        Of a leader: who waits for which line.
    """

    name: str
    leader: str
    term: int = 1
    voted_for: str = ""
    log: Log = ()
    log_term: int = 1
    decided: int = 0
    state: dict[Hashable, Any] = field(default_factory=dict)
    patience_ends: float = 0.0
    votes: set[str] = field(default_factory=set)
    has: dict[str, int] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    waiting: dict[int, Request] = field(default_factory=dict)

    @property
    def leads(self) -> bool:
        """Whether it is the leader, as far as it knows."""
        return self.leader == self.name

    @property
    def knows(self) -> tuple[int, int]:
        """How much it knows: of two logs, the one with the later last term, then the longer."""
        return (self.log[-1].term if self.log else 0), len(self.log)


class MajorityNodes:
    """The nodes while they run."""

    def __init__(self, store: Majority, world: World) -> None:
        self.store, self.world = store, world
        first = store.nodes[0]
        self.members = {name: Member(name, first, voted_for=first) for name in store.nodes}
        for member in self.members.values():
            self.be_patient(member)
            self.tick(member)

    # Requests

    def ask(self, name: str, request: Request) -> None:
        """Take a request: write it down if this node leads; refuse if nobody does."""
        member = self.members[name]
        if member.leads:
            member.log = (*member.log, Line(member.term, *request_of(request)))
            member.waiting[len(member.log)] = request
            self.ship(member)
            self.decide(member)
        elif member.leader and self.has_heard(member):
            self.reply(name, request, Answer(ELSEWHERE, leader=member.leader))
        else:
            self.reply(name, request, Answer(REFUSED))

    def has_heard(self, member: Member) -> bool:
        """Tell whether a follower heard from its leader a short while ago."""
        return self.world.now - member.heard.get(member.leader, 0.0) < self.store.election_after

    def reply(self, name: str, request: Request, answer: Answer) -> None:
        """Send an answer to a client."""
        self.world.send(name, request.client, request.heard, answer)

    # The log

    def ship(self, member: Member) -> None:
        """Send the leader's log to everybody else."""
        for other in self.store.nodes:
            if other != member.name:
                message = member.name, member.term, member.log, member.decided
                self.world.send(member.name, other, self.take_log, other, *message)

    def take_log(self, name: str, leader: str, term: int, log: Log, decided: int) -> None:
        """Take a leader's log, and say how much of it is here.

        In one term the leader's log only grows, so a shorter one was overtaken on its way.
        """
        member = self.members[name]
        self.hear_of_term(member, term)
        if term < member.term:
            self.world.send(name, leader, self.take_receipt, leader, name, member.term, 0)
            return
        member.leader = leader
        member.heard[leader] = self.world.now
        self.be_patient(member)
        if member.log_term < term or len(log) > len(member.log):
            member.log_term, member.log = term, log
        self.learn(member, min(decided, len(member.log)))
        self.world.send(name, leader, self.take_receipt, leader, name, term, len(member.log))

    def take_receipt(self, name: str, follower: str, term: int, length: int) -> None:
        """Note how much a follower has, and decide what more than half have."""
        member = self.members[name]
        self.hear_of_term(member, term)
        if term == member.term and member.leads:
            member.has[follower] = max(length, member.has.get(follower, 0))
            member.heard[follower] = self.world.now
            self.decide(member)

    def decide(self, member: Member) -> None:
        """Find how much more than half have; lines of older terms only count with a newer one."""
        has = sorted([len(member.log), *member.has.values()], reverse=True)
        if len(has) >= self.store.needed:
            length = has[self.store.needed - 1]
            if length > member.decided and member.log[length - 1].term == member.term:
                self.learn(member, length)

    def learn(self, member: Member, decided: int) -> None:
        """Do what was decided, and answer whoever waits for it."""
        while member.decided < decided:
            line = member.log[member.decided]
            member.decided += 1
            if line.function:
                old = member.state.get(line.key)
                value, result = apply_register(old, line.function, line.argument)
                member.state[line.key] = value
                request = member.waiting.pop(member.decided, None)
                if request is not None:
                    version = float(member.decided), member.name
                    self.reply(member.name, request, Answer(ANSWERED, result, version))

    # Terms and elections

    def tick(self, member: Member) -> None:
        """Lead, or stand for election when nothing was heard for too long."""
        if member.leads:
            limit = self.world.now - self.store.election_after
            heard = [name for name, at in member.heard.items() if at >= limit]
            if len(set(heard) - {member.name}) + 1 < self.store.needed and limit > 0:
                self.step_down(member)
            else:
                self.ship(member)
        elif self.world.now >= member.patience_ends:
            self.stand(member)
        self.world.after(self.store.heartbeat, self.tick, member)

    def be_patient(self, member: Member) -> None:
        """Wait for a while before standing for election; each time another while."""
        wait = self.store.election_after * (1 + self.world.rng.random())
        member.patience_ends = self.world.now + wait

    def hear_of_term(self, member: Member, term: int) -> None:
        """Follow nobody yet in a later term."""
        if term > member.term:
            self.step_down(member)
            member.term, member.voted_for = term, ""

    def step_down(self, member: Member) -> None:
        """Stop to lead or to follow; whoever waits learns that nobody knows."""
        member.leader = ""
        member.votes.clear()
        for request in member.waiting.values():
            self.reply(member.name, request, Answer(UNKNOWN))
        member.waiting.clear()
        self.be_patient(member)

    def stand(self, member: Member) -> None:
        """Ask everybody for their vote in a new term."""
        self.hear_of_term(member, member.term + 1)
        member.voted_for = member.name
        self.take_vote(member.name, member.name, member.term)
        for other in self.store.nodes:
            if other != member.name:
                message = member.name, member.term, member.knows
                self.world.send(member.name, other, self.vote, other, *message)

    def vote(self, name: str, candidate: str, term: int, knows: tuple[int, int]) -> None:
        """Vote for a candidate who knows as much, once a term."""
        member = self.members[name]
        self.hear_of_term(member, term)
        is_free = member.voted_for in ("", candidate)
        if term == member.term and is_free and knows >= member.knows:
            member.voted_for = candidate
            self.be_patient(member)
            self.world.send(name, candidate, self.take_vote, candidate, name, term)

    def take_vote(self, name: str, voter: str, term: int) -> None:
        """Count a vote; with more than half, lead."""
        member = self.members[name]
        if term == member.term and not member.leader:
            member.votes.add(voter)
            if len(member.votes) >= self.store.needed:
                self.take_the_lead(member)

    def take_the_lead(self, member: Member) -> None:
        """Lead, with an empty line first, so that what came before is decided too."""
        member.leader, member.log_term = member.name, member.term
        member.has = {}
        member.heard = dict.fromkeys(member.votes, self.world.now)
        member.log = (*member.log, Line(member.term))
        self.ship(member)
        self.decide(member)

    def survivors(self) -> dict[Hashable, tuple[Any, ...]]:
        """Give what the node that knows of most decisions has."""
        best = max(self.members.values(), key=lambda member: member.decided)
        return {key: (value,) for key, value in best.state.items() if value is not None}


def request_of(request: Request) -> tuple[str, Hashable, Any]:
    """Give what a request asks to be done."""
    return request.function, request.key, request.argument
