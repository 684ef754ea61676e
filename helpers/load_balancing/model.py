"""Load balancing: the door to the topic's models.

- `policies`: which server gets the next request, in a few lines each.
- `balancing`, `policy_sweeps`: requests through a balancer, one by one.
- `supermarket`: what theory knows of choosing among a few.
- `health`, `outages`: who notices an ill server, and who gets an error meanwhile.
- `cascade`: when checks take out too many.
- `connections`, `routing`: what a balancer sees, and which zone answers.
- `stickiness`: users who are tied to a server.
"""

from helpers.load_balancing.balancing import BalancedRun, Dead, Gray, balance
from helpers.load_balancing.cascade import CascadeRun, run_cascade
from helpers.load_balancing.connections import (
    ConnectionRun,
    connect,
    measure_share_after,
    share_after,
)
from helpers.load_balancing.health import (
    ActiveCheck,
    DetectionTime,
    Flapping,
    OutlierEjection,
    detection_time,
    expected_errors,
    flapping,
)
from helpers.load_balancing.outages import (
    MeasuredOutages,
    OutageRun,
    measure_outages,
    run_outage,
)
from helpers.load_balancing.policies import POLICIES, Answer, GoRoundByWeight, View, policy_named
from helpers.load_balancing.policy_sweeps import (
    PolicySweep,
    sweep_refresh,
    sweep_slowdown,
    sweep_utilization,
)
from helpers.load_balancing.routing import (
    Route,
    RouteReport,
    check_routes,
    find_route,
    send_to_zones,
)
from helpers.load_balancing.stickiness import (
    WAYS,
    StickyChange,
    Users,
    draw_users,
    expected_logged_out,
    expected_spread,
    lose_server,
)
from helpers.load_balancing.supermarket import (
    mean_response,
    queue_tail,
    response_quantile,
    try_choices,
    try_servers,
)

__all__ = [
    "POLICIES",
    "WAYS",
    "ActiveCheck",
    "Answer",
    "BalancedRun",
    "CascadeRun",
    "ConnectionRun",
    "Dead",
    "DetectionTime",
    "Flapping",
    "GoRoundByWeight",
    "Gray",
    "MeasuredOutages",
    "OutageRun",
    "OutlierEjection",
    "PolicySweep",
    "Route",
    "RouteReport",
    "StickyChange",
    "Users",
    "View",
    "balance",
    "check_routes",
    "connect",
    "detection_time",
    "draw_users",
    "expected_errors",
    "expected_logged_out",
    "expected_spread",
    "find_route",
    "flapping",
    "lose_server",
    "mean_response",
    "measure_outages",
    "measure_share_after",
    "policy_named",
    "queue_tail",
    "response_quantile",
    "run_cascade",
    "run_outage",
    "send_to_zones",
    "share_after",
    "sweep_refresh",
    "sweep_slowdown",
    "sweep_utilization",
    "try_choices",
    "try_servers",
]
