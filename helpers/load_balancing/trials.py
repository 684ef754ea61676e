"""The trials that the lab's balancer has to get through, and a report on how it did.

Twelve servers that take a tenth of a second for a request. In one trial a server becomes
slow, in one it dies and comes back, and in one the balancer sees the servers only twice a
second. The report says what somebody looking over one's shoulder would: how many
requests the ill server got, and whether the balancer learns from answers at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from helpers.load_balancing.balancing import BalancedRun, Dead, Gray, balance
from helpers.load_balancing.policies import Answer, View

SERVERS = 12
SERVICE_RATE = 10.0  # requests per second that a server completes
SERVICE_CV = 0.5
REQUESTS = 24_000
TARGET = 0.5  # seconds, for 99 requests in 100
MOST_FAILED = 0.003
LEAST_SHARE = 0.25 / SERVERS  # for a server that is well again
USUAL, SLOW = 0.1, 2.0  # seconds: answers that are shown to a balancer to see what it learns

SAMPLE = View(
    servers=SERVERS,
    number=7,
    now=20.0,
    seen_at=20.0,
    in_flight=[1, 0, 2, 1, 0, 1, 3, 0, 1, 1, 2, 1],
    client=3,
    weights=[1] * SERVERS,
    luck=(0.3, 0.7, 0.5),
)


@dataclass(frozen=True)
class Trial:
    """Some minutes in the life of a tier.

    Attributes
    ----------
    name
        What happens.
    arrival_rate
        Requests per second.
    gray, dead
        Who becomes slow, or dies for a while; one of them.
    refresh
        Seconds between two looks at the servers.
    seed
        Which requests.
    """

    name: str
    arrival_rate: float
    gray: Gray | None = None
    dead: Dead | None = None
    refresh: float = 0.0
    seed: int = 1

    @property
    def ill(self) -> int:
        """The server that is slow or dies."""
        found = self.gray or self.dead
        return found.server if found else 0

    @property
    def since(self) -> float:
        """Seconds from which on it is."""
        found = self.gray or self.dead
        return found.since if found else 0.0


SLOW_SERVER = Trial("server 3 becomes ten times slower", 72.0, gray=Gray(3, 10.0, since=40.0))
DEAD_SERVER = Trial(
    "server 5 dies, refuses all it gets for 100 s, and comes back", 96.0, dead=Dead(5, 50.0, 150.0)
)
STALE_BOARD = Trial(
    "server 3 becomes ten times slower, and the servers are looked at twice a second",
    72.0,
    gray=Gray(3, 10.0, since=40.0),
    refresh=0.5,
)
TRIALS = (SLOW_SERVER, DEAD_SERVER, STALE_BOARD)


@dataclass(frozen=True)
class TrialReport:
    """How a balancer got through a trial.

    Attributes
    ----------
    p99
        Seconds.
    failed
        Share of all requests that got an error.
    ill_share
        Of the requests while the server was ill, the share that it got.
    last_share
        Of the last quarter of all requests, the share that the server got which had been ill.
    minds_load, minds_slowness, minds_errors
        Whether its choice follows from the requests in flight; from slow answers; from errors.
    """

    p99: float
    failed: float
    ill_share: float
    last_share: float
    minds_load: bool
    minds_slowness: bool
    minds_errors: bool


def is_welcome_again(report: TrialReport, trial: Trial) -> bool:
    """Tell whether a server that has come back gets a quarter of its share or more."""
    return trial.dead is None or report.last_share >= LEAST_SHARE


def is_within_limits(report: TrialReport, trial: Trial) -> bool:
    """Tell whether a balancer meets the demands of a trial."""
    is_quick = report.p99 <= TARGET and report.failed <= MOST_FAILED
    return is_quick and is_welcome_again(report, trial)


def run_trial(policy: Any, trial: Trial) -> BalancedRun:
    """Send the trial's requests through a balancer.

    Parameters
    ----------
    policy
        A function of a `View`, with a method `answered` if it wants to learn; or a name.
    """
    return balance(
        trial.arrival_rate,
        SERVERS,
        policy,
        service_rate=SERVICE_RATE,
        service_cv=SERVICE_CV,
        gray=trial.gray,
        dead=trial.dead,
        refresh=trial.refresh,
        requests=REQUESTS,
        warm_up=0.0,
        rng=trial.seed,
    )


def report_on(make: Callable[[], Any], trial: Trial) -> TrialReport:
    """Let a fresh balancer get through a trial, and report.

    Parameters
    ----------
    make
        A class, or a function without arguments, that gives a balancer.
    """
    run = run_trial(make(), trial)
    until = trial.dead.until if trial.dead else np.inf
    is_ill = (run.arrival_time >= trial.since) & (run.arrival_time < until)
    sent_there = run.server == trial.ill
    return TrialReport(
        p99=run.quantile(0.99),
        failed=run.share_failed,
        ill_share=float(sent_there[is_ill].mean()),
        last_share=float(sent_there[-len(run) // 4 :].mean()),
        minds_load=choices(make, []) != choices(make, [], in_flight=[9, 0] * (SERVERS // 2)),
        minds_slowness=avoids(make, SLOW, has_failed=False),
        minds_errors=avoids(make, USUAL / 10, has_failed=True),
    )


def avoids(make: Callable[[], Any], response_time: float, has_failed: bool) -> bool:
    """Tell whether a balancer sends less to a server after forty bad answers of it."""
    ill = SAMPLE.number % SERVERS
    answers = [
        Answer(server, at, response_time, has_failed)
        if server == ill
        else Answer(server, at, USUAL, False)
        for at in (SAMPLE.now - 0.5 + np.arange(40) / 100).tolist()
        for server in range(SERVERS)
    ]
    even = [0] * SERVERS
    before, after = (choices(make, seen, in_flight=even).count(ill) for seen in ([], answers))
    return after < before


def choices(
    make: Callable[[], Any], answers: list[Answer], in_flight: list[int] | None = None
) -> list[int]:
    """Give where a fresh balancer sends forty-eight requests, after it has seen some answers."""
    balancer, rng = make(), np.random.default_rng(1)
    learn = getattr(balancer, "answered", lambda answer: None)
    for answer in answers:
        learn(answer)
    views = (
        replace(
            SAMPLE,
            number=number,
            now=SAMPLE.now + number / 100,
            seen_at=SAMPLE.now + number / 100,
            in_flight=list(in_flight or SAMPLE.in_flight),
            luck=tuple(rng.random(3).tolist()),
        )
        for number in range(4 * SERVERS)
    )
    return [balancer(view) for view in views]


def vary_trials(seed: int) -> tuple[Trial, ...]:
    """Draw trials that ask the same: other servers, other requests."""
    rng = np.random.default_rng(seed)
    slow, dead = (int(server) for server in rng.choice(SERVERS, 2, replace=False))
    luck = int(rng.integers(2**31))
    gray = Gray(slow, 10.0, since=float(rng.uniform(30, 60)))
    died = float(rng.uniform(40, 60))
    return (
        replace(SLOW_SERVER, name=f"server {slow} becomes ten times slower", gray=gray, seed=luck),
        replace(
            DEAD_SERVER,
            name=f"server {dead} dies, and comes back",
            dead=Dead(dead, died, died + 100),
            seed=luck,
        ),
        replace(STALE_BOARD, gray=gray, seed=luck),
    )
