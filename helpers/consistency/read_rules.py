"""What a reader makes of the replies of several copies: the newest, and who is behind."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from helpers.consistency.store import Version


class Reply(NamedTuple):
    """What one node knows of a key.

    Attributes
    ----------
    node
        Which node.
    value
        What it has.
    version
        Its version: of two, the greater one is newer. `NEVER` if it has nothing.
    """

    node: str
    value: Any
    version: Version


ReadRule = Callable[[Sequence[Reply]], tuple[Reply, Sequence[str]]]
"""From the replies: which one to answer with, and which nodes to send it to."""


def newest_and_stale(replies: Sequence[Reply]) -> tuple[Reply, list[str]]:
    """Choose the newest reply, and name the nodes that have an older one.

    Parameters
    ----------
    replies
        At least one.

    Examples
    --------
    >>> old, new = Reply("n1", "tea", (1.0, "n1")), Reply("n2", "milk", (2.0, "n2"))
    >>> newest_and_stale([old, new])
    (Reply(node='n2', value='milk', version=(2.0, 'n2')), ['n1'])
    """
    newest = max(replies, key=lambda reply: reply.version)
    return newest, [reply.node for reply in replies if reply.version < newest.version]
