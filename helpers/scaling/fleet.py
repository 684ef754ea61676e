"""The servers of a tier at one moment, and the book of who came and went when."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def without(values: Floats, gone: Floats) -> Floats:
    """Take values out of an array, each once; both sorted.

    Examples
    --------
    >>> without(np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 3.0]))
    array([1., 2.])
    """
    nth_alike = np.arange(gone.size) - np.searchsorted(gone, gone)
    return np.delete(values, np.searchsorted(values, gone) + nth_alike)


class Fleet:
    """The servers at one moment: when each is free, and which are still starting.

    Parameters
    ----------
    servers
        Servers that serve from the start.
    startup_delay
        Seconds from an order until the server serves.
    """

    def __init__(self, servers: int, startup_delay: float) -> None:
        self.startup_delay = startup_delay
        self.serving = np.zeros(servers)  # sorted: when each is free
        self.starting = np.empty(0)  # sorted: when each is ready
        self.hired_at, self.ready_at = [np.zeros(servers)], [np.zeros(servers)]
        self.cancelled_at, self.retired_at, self.left_at = ([np.empty(0)] for _ in range(3))

    def free_at(self) -> Floats:
        """Give when each server is free for a request, sorted."""
        return np.sort(np.concatenate([self.serving, self.starting]))

    def move_on(self, free_at: Floats, now: float) -> None:
        """Take over when each server is free; who is ready by now no longer starts."""
        self.ready_at.append(self.starting[self.starting <= now])
        self.starting = self.starting[self.starting > now]
        self.serving = without(free_at, self.starting)

    def available(self, since: float, until: float) -> float:
        """Give the seconds that all servers together could serve between two moments."""
        joined = np.maximum(until - np.maximum(self.starting, since), 0)
        return float(self.serving.size * (until - since) + joined.sum())

    def occupied(self, since: float, until: float) -> float:
        """Give the seconds between two moments that go to requests already being served."""
        return float((np.clip(self.serving, since, until) - since).sum())

    def resize(self, wanted: int, now: float) -> None:
        """Order servers, or take orders back (the latest first) and then send idle ones home."""
        more = wanted - self.serving.size - self.starting.size
        if more > 0:
            self.hired_at.append(np.full(more, now))
            self.starting = np.append(self.starting, np.full(more, now + self.startup_delay))
            return
        cancelled = min(-more, self.starting.size)
        self.cancelled_at.append(np.full(cancelled, now))
        self.starting = self.starting[: self.starting.size - cancelled]
        retired = -more - cancelled
        self.retired_at.append(np.full(retired, now))
        self.left_at.append(np.maximum(self.serving[:retired], now))
        self.serving = self.serving[retired:]

    def records(self) -> dict[str, Floats]:
        """Give who came and went when, as `ElasticRun` keeps it."""
        names = ("hired_at", "ready_at", "cancelled_at", "retired_at", "left_at")
        return {name: np.sort(np.concatenate(getattr(self, name))) for name in names}
