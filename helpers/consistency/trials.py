"""The same store on many bad days: what share of them one copy could not have given.

One run proves little: most days are good. So each day is drawn from a seed, lived through, and
its history judged; a seed that gives a bad one gives it again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helpers.consistency.model import (
    Network,
    Run,
    Step,
    check_sessions,
    draw_steps,
    is_linearizable,
    run,
)
from helpers.consistency.store import Store

NODES = frozenset({"n1", "n2", "n3"})
CALM = Network(mean_delay=0.02, least_delay=0.0005)
"""Nothing is lost; a message takes 20 ms on average, and never twice the same."""


def flaky(mean_delay: float = 0.005) -> Network:
    """Give a network on which each of three nodes in turn loses the other two for a while.

    Examples
    --------
    >>> len(flaky().cuts)
    6
    """
    network = Network(mean_delay=mean_delay)
    for turn in range(6):
        alone = {f"n{turn % 3 + 1}"}
        since = 0.15 + 0.3 * turn
        network = network.cut(alone, NODES - alone, since=since, until=since + 0.15)
    return network


def busy_steps(seed: int) -> tuple[Step, ...]:
    """Draw eight clients who mostly read, one request after the other."""
    return draw_steps(clients=8, steps=20, writes=0.1, rate=200, rng=seed)


def relaxed_steps(seed: int) -> tuple[Step, ...]:
    """Draw four clients who mostly read, 20 times a second, for a bit over a second."""
    return draw_steps(clients=4, steps=25, writes=0.15, rate=20, rng=seed)


@dataclass(frozen=True, eq=False)
class Days:
    """What came of many days.

    Attributes
    ----------
    runs
        One for each day; each knows its seed.
    unexplained
        The seeds of those whose answers one copy could not have given.
    """

    runs: tuple[Run, ...]
    unexplained: tuple[int, ...]

    @property
    def share(self) -> float:
        """Share of the days that cannot be explained."""
        return len(self.unexplained) / len(self.runs)

    @property
    def served(self) -> float:
        """Share of the requests that were answered."""
        return sum(day.answered for day in self.runs) / sum(len(day.attempts) for day in self.runs)

    @cached_property
    def broken(self) -> Mapping[str, int]:
        """On how many days each session guarantee was broken."""
        reports = (check_sessions(day.history, day.versions) for day in self.runs)
        return Counter(name for report in reports for name in report.broken)


def live_through(
    store: Store,
    network: Network,
    steps: Callable[[int], tuple[Step, ...]] = relaxed_steps,
    seeds: Iterable[int] = range(60),
    **how: Any,
) -> Days:
    """Run a store once for each seed, and judge every history.

    Parameters
    ----------
    store, network
        As in `run`.
    steps
        Gives what clients do, from a seed.
    seeds
        One for each day, at least one.
    how
        Passed on to `run`; clients ask any node unless told otherwise.

    Raises
    ------
    ValueError
        Where there is no seed, or a history could not be judged within its budget.

    Examples
    --------
    >>> from helpers.consistency.model import Leaderless
    >>> live_through(Leaderless(r=2, w=2), CALM, seeds=range(3)).unexplained
    ()
    """
    days = tuple(run(store, steps(s), network, s, **{"route": "any", **how}) for s in seeds)
    if not days:
        raise ValueError("seeds must name at least one day, got none")
    return Days(days, tuple(day.seed for day in days if not is_linearizable(day.history)))
