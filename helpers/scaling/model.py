"""Scaling: the door to the topic's models.

- `queueing`, `response_time`: what theory knows (Erlang, Pollaczek and Khinchine, Kingman).
- `simulation`, `sweeps`: requests through servers, one by one.
- `scalability`: Amdahl, the universal scalability law, and its fit to measurements.
- `capacity`: one big machine against many.
- `session_day`, `session_fleet`, `sessions`: what a server must not keep to itself.
- `concurrency`: threads against an event loop.
- `page`: what the tail of a call is to a page.
- `your_servers`: how many servers recorded requests need.
"""

from helpers.scaling.capacity import (
    CATALOGUE,
    Instance,
    Losses,
    Plan,
    horizontal_plan,
    k_of_n_availability,
    vertical_plan,
)
from helpers.scaling.concurrency import (
    ConcurrencyRun,
    draw_requests,
    loop_throughput,
    pool_throughput,
    serve_by_loop,
    serve_by_threads,
    threads_needed,
)
from helpers.scaling.page import (
    PageRun,
    call_share,
    calls_until,
    chance_of_slow,
    draw_response_times,
    load_pages,
    page_quantile,
)
from helpers.scaling.queueing import (
    FiniteQueue,
    erlang_b,
    erlang_c,
    mean_response,
    mean_wait,
    mmck,
    wait_quantile,
)
from helpers.scaling.response_time import response_quantile, servers_needed
from helpers.scaling.scalability import (
    ScalabilityFit,
    amdahl,
    fit_universal_scalability,
    measure_throughput,
    peak_servers,
    universal_scalability,
)
from helpers.scaling.sessions import (
    Autoscaler,
    SessionRun,
    draw_sessions,
    expected_deploy_loss,
    expected_loss,
    keep_in_memory,
    keep_in_store,
    run_fleet,
)
from helpers.scaling.simulation import LittlesLaw, QueueRun, littles_law, serve, simulate
from helpers.scaling.sweeps import Sweep, sweep_unevenness, sweep_utilization
from helpers.scaling.your_servers import ServersNeeded, find_servers

__all__ = [
    "CATALOGUE",
    "Autoscaler",
    "ConcurrencyRun",
    "FiniteQueue",
    "Instance",
    "LittlesLaw",
    "Losses",
    "PageRun",
    "Plan",
    "QueueRun",
    "ScalabilityFit",
    "ServersNeeded",
    "SessionRun",
    "Sweep",
    "amdahl",
    "call_share",
    "calls_until",
    "chance_of_slow",
    "draw_requests",
    "draw_response_times",
    "draw_sessions",
    "erlang_b",
    "erlang_c",
    "expected_deploy_loss",
    "expected_loss",
    "find_servers",
    "fit_universal_scalability",
    "horizontal_plan",
    "k_of_n_availability",
    "keep_in_memory",
    "keep_in_store",
    "littles_law",
    "load_pages",
    "loop_throughput",
    "mean_response",
    "mean_wait",
    "measure_throughput",
    "mmck",
    "page_quantile",
    "peak_servers",
    "pool_throughput",
    "response_quantile",
    "run_fleet",
    "serve",
    "serve_by_loop",
    "serve_by_threads",
    "servers_needed",
    "simulate",
    "sweep_unevenness",
    "sweep_utilization",
    "threads_needed",
    "universal_scalability",
    "vertical_plan",
    "wait_quantile",
]
