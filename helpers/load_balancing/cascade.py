"""When too many are taken out: the rest drowns, is taken out in its turn, and so on.

Four people carry a piano. When one is sent off because he trembles, the other three
tremble. A health check that sends off everyone who trembles ends with the piano on the
floor; one that says "half of you are off, so I must be wrong, all hands" keeps most of
it in the air. That is a panic threshold.

A tier as fluid: work flows into each server that is in rotation, and out at the pace the
server can do. What has flowed in and not out is the backlog, in seconds of work; a
request that meets more of it than the user's patience is lost, and so is a probe that
meets more than its timeout. Nothing is random but when each server's probes begin.

Source: the panic threshold is Envoy's ("Panic threshold": 50 % by default).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.kernel import kernel
from helpers.load_balancing.health import ActiveCheck

Floats = NDArray[np.float64]
STEP = 0.1  # seconds


@kernel
def pour(load, dies_at, next_probe, rules, rotation, answered, alarmed):  # type: ignore[no-untyped-def]
    """Pour the load of each step over the servers in rotation, and probe them.

    `rules` are: step, interval, probe timeout, unhealthy, healthy, panic share, patience,
    and the backlog at which a server accepts no more.
    """
    step, interval, timeout, unhealthy, healthy, panic, patience, full = rules
    count = dies_at.size
    backlog, streak = np.zeros(count), np.zeros(count)
    is_in = np.ones(count, np.bool_)
    for i in range(load.size):
        now = i * step
        for s in range(count):
            if next_probe[s] <= now:
                failed = dies_at[s] <= now or backlog[s] > timeout
                streak[s] = streak[s] + 1 if failed == is_in[s] else 0
                if streak[s] >= (unhealthy if is_in[s] else healthy):
                    is_in[s], streak[s] = not is_in[s], 0
                next_probe[s] += interval
        rotation[i] = is_in.sum()
        alarmed[i] = rotation[i] / count < panic
        takers = count if alarmed[i] else rotation[i]
        for s in range(count):
            inflow = load[i] / takers if alarmed[i] or is_in[s] else 0.0
            if dies_at[s] > now:
                accepted = min(inflow, 1 + (full - backlog[s]) / step)
                if backlog[s] <= patience:
                    answered[i] += accepted
                backlog[s] = max(0.0, backlog[s] + (accepted - 1) * step)


@dataclass(frozen=True, eq=False)
class CascadeRun:
    """A tier that loses servers, in steps of a tenth of a second.

    Attributes
    ----------
    time
        Seconds, shape (steps,).
    load
        What comes, in servers kept busy, shape (steps,).
    rotation
        Servers that the checks call healthy, shape (steps,).
    answered
        What is answered in time, in servers kept busy, shape (steps,).
    is_alarmed
        Whether requests go to all servers regardless, shape (steps,).
    alive, servers
        Servers that live to the end, and in all.
    dead_from
        When the others die, in seconds.
    """

    time: Floats
    load: Floats
    rotation: NDArray[np.int64]
    answered: Floats
    is_alarmed: NDArray[np.bool_]
    alive: int
    servers: int
    dead_from: float

    def __post_init__(self) -> None:
        if np.any(self.answered > self.load * (1 + 1e-9)):
            raise AssertionError("more was answered than came")

    def __repr__(self) -> str:
        return (
            f"CascadeRun: {self.answered_share:.0%} answered after the loss, "
            f"{self.rotation.min()} to {self.servers} servers in rotation"
        )

    @property
    def answered_share(self) -> float:
        """Share of the requests that are answered in time, from the loss on."""
        after = self.time >= self.dead_from
        return float(self.answered[after].sum() / self.load[after].sum())

    @property
    def could_be_answered(self) -> float:
        """Share of the load that the servers alive could do."""
        return min(1.0, self.alive / float(self.load[-1]))


def run_cascade(
    *,
    servers: int = 12,
    utilization: float = 0.8,
    dead: int = 3,
    dies_at: float = 60.0,
    panic: float = 0.0,
    check: ActiveCheck | None = None,
    patience: float = 2.0,
    full: float = 10.0,
    duration: float = 600.0,
    rng: int | np.random.Generator = 0,
) -> CascadeRun:
    """Let some servers die, and see whether health checks save or sink the others.

    Parameters
    ----------
    servers
        At least 1.
    utilization
        Share of all servers' time that the load takes, above 0.
    dead
        Servers that die, from 0 to all.
    dies_at
        Seconds, before the end of the run.
    panic
        Share of the servers below which the checks are not believed, from 0 (never) to 1.
    check
        The active check, every tenth of a second at most; a probe of an overloaded server
        stands in line like a request.
    patience
        Seconds that a user waits in line at most.
    full
        Seconds of backlog at which a server accepts no more.
    duration
        Seconds, above 0.
    rng
        A seed or a generator: when each server's probes begin.

    Examples
    --------
    >>> run_cascade(utilization=0.6)  # nine servers can do the work of twelve
    CascadeRun: 99% answered after the loss, 9 to 12 servers in rotation
    """
    servers = require.whole("servers", servers)
    require.positive("utilization", utilization)
    dead = require.whole("dead", dead, at_least=0)
    require.between("dead", dead, 0, servers)
    require.between("panic", panic, 0, 1)
    for name, value in (("dies_at", dies_at), ("patience", patience), ("full", full)):
        require.not_negative(name, value)
    check = check or ActiveCheck()
    if check.interval < STEP:
        raise ValueError(f"interval must be at least a step of {STEP} s, got {check.interval}")
    steps = math.ceil(require.positive("duration", duration) / STEP)
    time = STEP * np.arange(steps, dtype=np.float64)
    if dies_at > time[-1]:
        raise ValueError(f"dies_at must come before the end, {duration} s, got {dies_at}")
    load = np.full(steps, utilization * servers)
    deaths = np.where(np.arange(servers) < dead, dies_at, np.inf)
    phase = require.generator(rng).uniform(0, check.interval, servers)
    rotation, answered = np.zeros(steps, np.int64), np.zeros(steps)
    is_alarmed = np.zeros(steps, np.bool_)
    rules = (
        STEP,
        check.interval,
        check.timeout,
        float(check.unhealthy),
        float(check.healthy),
        float(panic),
        float(patience),
        float(full),
    )
    pour(load, deaths, phase, rules, rotation, answered, is_alarmed)
    alive = servers - dead
    return CascadeRun(time, load, rotation, answered, is_alarmed, alive, servers, dies_at)
