"""Turn policy, load, servers, one slow server and stale information; a million requests a move."""

from functools import lru_cache
from typing import cast

from helpers.explorer import Choice, Explorer, Slider
from helpers.load_balancing.balancer_panel import SERVICE_RATE, draw_balancer_panel
from helpers.load_balancing.balancer_summary import (
    BalancerSummary,
    Curves,
    Tally,
    count_up,
    response_curves,
    summarize,
)
from helpers.load_balancing.balancing import Gray, balance
from helpers.load_balancing.policies import PolicyName
from helpers.parallel import in_parallel

REQUESTS = 1_000_000
RUNS = 4
"""Independent runs that share the requests, so that every processor has one to do."""
WARM_UP = 0.25
"""Share of each run that only fills the lines."""
MOST_SERVERS = 64
OFFERED: tuple[PolicyName, ...] = (
    "random",
    "round robin",
    "IP hash",
    "two choices",
    "least connections",
    "peak EWMA",
)


def explore(
    policy: PolicyName = "two choices",
    load: float = 0.8,
    servers: int = 10,
    slowdown: float = 1,
    refresh: float = 0.0,
) -> Explorer:
    """Show who waits for what under each policy.

    Parameters
    ----------
    policy
        Any but "weighted round robin", which is round robin where all weights are the same.
    load
        Requests that come over what healthy servers can do, from 0.05 to 0.95.
    servers
        From 2 to 64; each completes ten requests per second.
    slowdown
        How many times as long the first server takes, from 1 to 20.
    refresh
        Seconds between two looks at the servers, from 0 to 2.
    """
    return Explorer(
        title="Which server gets the next request",
        controls=[
            Choice("policy", "Policy", list(OFFERED), policy),
            Slider("load", "Load", 0.05, 0.95, load, step=0.01, format=".0%"),
            Slider("servers", "Servers", 2, MOST_SERVERS, servers),
            Slider("slowdown", "Slowdown of server 1", 1, 20, slowdown, step=1, unit="times"),
            Slider("refresh", "Age of load information", 0.0, 2.0, refresh, step=0.02, unit="s"),
        ],
        model=run,
        draw=draw_balancer_panel,
        describe=describe,
        call="explore",
    )


def run(
    policy: str, load: float, servers: float, slowdown: float, refresh: float
) -> tuple[BalancerSummary, Curves]:
    """Simulate one setting and give what the picture shows of it."""
    count = int(servers)

    def one_run(seed: int) -> Tally:
        balanced = balance(
            load * count * SERVICE_RATE,
            count,
            cast(PolicyName, policy),
            service_rate=SERVICE_RATE,
            gray=Gray(0, slowdown) if slowdown > 1 else None,
            refresh=refresh,
            memory=10 / SERVICE_RATE,
            requests=REQUESTS // RUNS,
            warm_up=WARM_UP,
            rng=seed,
        )
        return count_up(balanced)

    return summarize(in_parallel(one_run, range(RUNS)), load, slowdown), curves(count)


@lru_cache(maxsize=64)
def curves(servers: int) -> Curves:
    """Give the theory's curves; only the number of servers changes them."""
    return response_curves(SERVICE_RATE, servers)


def describe(result: tuple[BalancerSummary, Curves]) -> str:
    """Say what the picture shows now."""
    return result[0].in_words
