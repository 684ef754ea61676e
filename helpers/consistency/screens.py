"""What happens on screens: small scripts for clients, and what their users saw.

Each script is a few people at their pages: one saves a comment and reloads, one looks at a badge
every now and then, one orders and waits for the answer.
"""

from collections.abc import Sequence
from typing import NamedTuple

from helpers.consistency.model import Leaderless, Network, Run, Step, run
from helpers.consistency.store import ANSWERED, REFUSED

LAGGING = Network(mean_delay=0.05, least_delay=0.001)
"""Copies hear of a write 50 ms later on average."""


def save_and_reload(
    visitors: int = 100, reload_after: float = 0.0, nodes: Sequence[str] = ()
) -> tuple[Step, ...]:
    """Let visitors save a comment each, and reload the page soon after.

    Parameters
    ----------
    visitors
        At least 1; each has a comment of their own.
    reload_after
        Seconds after the save was asked for; later if the answer has not come by then.
    nodes
        Which node the reload goes to, in turn; any that the client likes if not given.

    Examples
    --------
    >>> [step.function for step in save_and_reload(visitors=1)]
    ['write', 'read']
    """
    steps = []
    for i in range(visitors):
        name, at = f"visitor {i}", 0.05 * i
        via = nodes[i % len(nodes)] if nodes else ""
        steps.append(Step(at, name, "write", f"comment {i}", f"text {i}"))
        steps.append(Step(at + reload_after, name, "read", f"comment {i}", None, via))
    return tuple(steps)


def vanished(run: Run) -> int:
    """Count the answered reloads that did not show what their visitor had been told is saved."""
    saved = {(o.process, o.key) for o in run.history if o.function == "write" and o.is_known}
    return sum(
        o.function == "read" and o.is_known and o.result is None and (o.process, o.key) in saved
        for o in run.history
    )


def watch_badge(changes: int = 12, looks: int = 60, every: float = 0.05) -> tuple[Step, ...]:
    """Let messages come in, and a page ask for their number again and again.

    Examples
    --------
    >>> len(watch_badge(changes=2, looks=3))
    5
    """
    last = looks * every
    coming = [Step(last * i / changes, "sender", "write", "unread", i + 1) for i in range(changes)]
    return (*coming, *(Step(every * i, "page", "read", "unread") for i in range(looks)))


def deaf_follower(since: float = 0.8, until: float = 2.2) -> Network:
    """Give a network on which n3 hears nothing of the other two for a while, but answers people."""
    return Network().cut({"n3"}, {"n1", "n2"}, since=since, until=until)


class Badge(NamedTuple):
    """What a badge showed.

    Attributes
    ----------
    times
        Seconds at which an answer came.
    numbers
        What it said; 0 at first.
    """

    times: list[float]
    numbers: list[int]

    @property
    def steps_back(self) -> int:
        """How often it showed fewer messages than just before, though none was read."""
        return sum(b < a for a, b in zip(self.numbers, self.numbers[1:], strict=False))


def badge_of(run: Run) -> Badge:
    """Gather what the page showed."""
    looks = [a for a in run.attempts if a.function == "read" and a.outcome == ANSWERED]
    return Badge([a.ended for a in looks], [a.result or 0 for a in looks])


def place_orders(orders: int = 200, every: float = 0.02) -> tuple[Step, ...]:
    """Let people order, each once and each under a key of their own.

    Examples
    --------
    >>> place_orders(orders=2)[1].key
    'order 1'
    """
    return tuple(
        Step(every * i, f"buyer {i}", "write", f"order {i}", f"paid {i}") for i in range(orders)
    )


class Outcomes(NamedTuple):
    """What became of orders.

    Attributes
    ----------
    answered
        Were told that it is done.
    refused
        Were told that nothing was done.
    silent_done, silent_not
        Heard nothing; it was done, or it was not.
    lost
        Were told that it is done, and it is not there in the end.
    """

    answered: int
    refused: int
    silent_done: int
    silent_not: int
    lost: int


def outcomes_of(run: Run) -> Outcomes:
    """Hold what people were told against what the store has in the end."""
    writes = [a for a in run.attempts if a.function == "write"]
    there = {(a.key, a.argument) for a in writes if a.argument in run.survivors.get(a.key, ())}
    done = [(a.key, a.argument) in there for a in writes]
    told = [a.outcome for a in writes]
    silent = [is_done for is_done, told_so in zip(done, told, strict=True)
              if told_so not in (ANSWERED, REFUSED)]  # fmt: skip
    lost = sum(t == ANSWERED and not is_done for is_done, t in zip(done, told, strict=True))
    return Outcomes(
        told.count(ANSWERED), told.count(REFUSED), sum(silent), len(silent) - sum(silent), lost
    )


def late_by_clock(skew: float, conflict: str = "last write wins") -> Run:
    """Let ann save by a node whose clock is ahead, and ben, who has seen it, save after her.

    Parameters
    ----------
    skew
        Seconds by which the clock of ann's node is ahead, at least 0.
    conflict
        As in `Leaderless`.

    Examples
    --------
    >>> late_by_clock(skew=0.0).survivors["draft"], late_by_clock(skew=2.0).survivors["draft"]
    (('by ben',), ('by ann',))
    """
    store = Leaderless(r=2, w=2, skew={"n1": skew}, conflict=conflict)
    steps = [
        Step(0.0, "ann", "write", "draft", "by ann", "n1"),
        Step(0.5, "ben", "read", "draft", None, "n2"),
        Step(1.0, "ben", "write", "draft", "by ben", "n2"),
        Step(1.5, "cat", "read", "draft", None, "n3"),
    ]
    return run(store, steps, rng=1)


def cart_on_two_sides(conflict: str) -> Run:
    """Let two devices save one cart while the network between them is cut."""
    store = Leaderless(r=2, w=1, conflict=conflict)
    network = Network().cut({"n1", "phone"}, {"n2", "n3", "laptop"}, since=0.5, until=2.0)
    steps = [
        Step(0.0, "phone", "write", "cart", "tea", "n1"),
        Step(1.0, "phone", "write", "cart", "tea, milk", "n1"),
        Step(1.0, "laptop", "read", "cart", None, "n2"),
        Step(1.2, "laptop", "write", "cart", "tea, rice", "n2"),
        Step(3.0, "phone", "read", "cart", None, "n1"),
        Step(3.5, "phone", "read", "cart", None, "n1"),
    ]
    return run(store, steps, network, rng=1)
