"""Turn arrival rate, servers, unevenness and queues by hand; a million requests a move."""

from functools import lru_cache
from typing import cast

from helpers.explorer import Choice, Explorer, Slider
from helpers.scaling.latency_panel import SERVICE_RATE, draw_latency_panel
from helpers.scaling.response_summary import Curves, Summary, response_curves, summarize
from helpers.scaling.simulation import Queues, simulate

REQUESTS = 1_000_000
MOST_SERVERS = 16


def explore(
    arrival_rate: float = 60,
    servers: int = 8,
    service_cv: float = 1.0,
    queues: Queues = "one shared",
) -> Explorer:
    """Show what the four knobs do to the response time.

    Parameters
    ----------
    arrival_rate
        Requests per second, from 1 to 160.
    servers
        From 1 to 16; each completes ten requests per second.
    service_cv
        Standard deviation over mean of the service times, from 0 to 4.
    queues
        "one shared" or "one per server".
    """
    return Explorer(
        title="How long a request takes",
        controls=[
            Slider("arrival_rate", "Arrival rate", 1, 160, arrival_rate, unit="requests/s"),
            Slider("servers", "Servers", 1, MOST_SERVERS, servers),
            Slider("service_cv", "Unevenness of service (cv)", 0, 4, service_cv, step=0.1),
            Choice("queues", "Queues", ["one shared", "one per server"], queues),
        ],
        model=run,
        draw=draw_latency_panel,
        describe=describe,
        call="explore",
    )


def run(
    arrival_rate: float, servers: float, service_cv: float, queues: str
) -> tuple[Summary, Curves]:
    """Simulate one setting and give what the picture shows of it."""
    lines = cast(Queues, queues)
    simulated = simulate(
        arrival_rate,
        SERVICE_RATE,
        int(servers),
        service_cv=service_cv,
        queues=lines,
        requests=REQUESTS,
    )
    return summarize(simulated, SERVICE_RATE, arrival_rate), curves(int(servers), service_cv, lines)


@lru_cache(maxsize=64)
def curves(servers: int, service_cv: float, queues: Queues) -> Curves:
    """Give the theory's curves; the arrival rate does not change them."""
    return response_curves(SERVICE_RATE, servers, service_cv, queues)


def describe(result: tuple[Summary, Curves]) -> str:
    """Say what the picture shows now."""
    return result[0].in_words
