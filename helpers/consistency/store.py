"""What every replicated store has in common: requests come in at a node, answers go out."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from helpers.consistency.network import World
from helpers.consistency.vector_clocks import NOTHING_SEEN, VectorClock

ANSWERED, REFUSED, UNKNOWN, ELSEWHERE = "answered", "refused", "unknown", "elsewhere"
"""An answer; surely nothing done; perhaps done; ask that other node."""

Version = tuple[float, str]
NEVER: Version = (0.0, "")
"""The version of what was never written: older than every other."""


class Answer(NamedTuple):
    """What a node tells a client.

    Attributes
    ----------
    outcome
        `ANSWERED`, `REFUSED`, `UNKNOWN` or `ELSEWHERE`.
    result
        What the operation gives, if answered.
    version
        Of what was read or written: a later one is newer.
    leader
        Whom to ask, if elsewhere.
    clock
        What whoever wrote it had seen, where the store keeps vector clocks.
    """

    outcome: str
    result: Any = None
    version: Version = NEVER
    leader: str = ""
    clock: VectorClock = NOTHING_SEEN


@dataclass(frozen=True)
class Request:
    """What a client asks of a node.

    Attributes
    ----------
    client
        Who asks.
    function, key, argument
        For what.
    token
        The newest version that the client has seen or written; `NEVER` if it does not tell.
    clock
        What the client has seen of the key; for a write, with the write itself.
    heard
        What the client does with the answer.
    """

    client: str
    function: str
    key: Hashable
    argument: Any
    token: Version
    clock: VectorClock
    heard: Callable[[Answer], None]


class RunningStore(Protocol):
    """A store while it runs."""

    def ask(self, node: str, request: Request) -> None:
        """Take a request at a node; the answer goes out by the network."""

    def survivors(self) -> dict[Hashable, tuple[Any, ...]]:
        """Give what is left of each key, when everything is said and done."""


class Store(Protocol):
    """A store as configured."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes that clients can ask."""

    @property
    def functions(self) -> tuple[str, ...]:
        """What clients can ask for."""

    def start(self, world: World) -> RunningStore:
        """Set the nodes up in a world."""


def name_nodes(number: int) -> tuple[str, ...]:
    """Name nodes.

    Examples
    --------
    >>> name_nodes(3)
    ('n1', 'n2', 'n3')
    """
    return tuple(f"n{i + 1}" for i in range(number))
