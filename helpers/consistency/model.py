"""Consistency: the door to the topic's models.

- `histories`: what clients asked and heard.
- `specifications`: what one copy would do.
- `linearizability`, `counterexample`: whether one copy could have given these answers, and the
  first answer that it could not.
- `network`, `steps`, `clients`, `runs`: a bad network in virtual time, clients that use a store
  on it, and what they lived through.
- `session_guarantees`: what one user may count on.
- `leader`, `majority`: one leader and its followers; a leader by majority.
- `leaderless`: copies without a leader; `vector_clocks`: which of two writes knew of the other.
- `quorum`: how often a read misses a write, by counting.
- `pbs`, `wars`, `latency_fits`: how stale, how long, and how quick, by a million trials.
- `trade_off`: every R and W beside each other.
- `crdt`: values that are changed offline and merged in any order.
"""

from helpers.consistency.clients import Cache, run
from helpers.consistency.counterexample import Counterexample
from helpers.consistency.crdt import (
    GCounter,
    LWWRegister,
    ORSet,
    PNCounter,
    merge_all,
    merge_in_every_order,
)
from helpers.consistency.histories import Operation, tell
from helpers.consistency.latency_fits import (
    FITS,
    FRESH_AFTER_10_MS,
    FRESH_AT_ONCE,
    PUBLISHED,
    Fit,
    Leg,
    Published,
)
from helpers.consistency.leader import SingleLeader
from helpers.consistency.leaderless import Leaderless
from helpers.consistency.linearizability import BUDGET, Verdict, is_linearizable
from helpers.consistency.majority import Majority
from helpers.consistency.network import Cut, Network
from helpers.consistency.pbs import QuorumRun, first_past, simulate, t_visibilities
from helpers.consistency.quorum import (
    availability,
    count_stale,
    is_strict,
    sample_stale,
    stale_after,
    stale_probability,
    stale_within,
)
from helpers.consistency.read_rules import ReadRule, Reply, newest_and_stale
from helpers.consistency.runs import Attempt, Run
from helpers.consistency.session_guarantees import (
    GUARANTEES,
    SessionReport,
    Violation,
    check_sessions,
)
from helpers.consistency.specifications import APPEND_STORE, REGISTER, Specification, register
from helpers.consistency.steps import Step, draw_steps
from helpers.consistency.store import NEVER, Store, Version
from helpers.consistency.trade_off import QuorumChoice, quickest, trade_offs
from helpers.consistency.vector_clocks import VectorClock

__all__ = [
    "APPEND_STORE",
    "BUDGET",
    "FITS",
    "FRESH_AFTER_10_MS",
    "FRESH_AT_ONCE",
    "GUARANTEES",
    "NEVER",
    "PUBLISHED",
    "REGISTER",
    "Attempt",
    "Cache",
    "Counterexample",
    "Cut",
    "Fit",
    "GCounter",
    "LWWRegister",
    "Leaderless",
    "Leg",
    "Majority",
    "Network",
    "ORSet",
    "Operation",
    "PNCounter",
    "Published",
    "QuorumChoice",
    "QuorumRun",
    "ReadRule",
    "Reply",
    "Run",
    "SessionReport",
    "SingleLeader",
    "Specification",
    "Step",
    "Store",
    "VectorClock",
    "Verdict",
    "Version",
    "Violation",
    "availability",
    "check_sessions",
    "count_stale",
    "draw_steps",
    "first_past",
    "is_linearizable",
    "is_strict",
    "merge_all",
    "merge_in_every_order",
    "newest_and_stale",
    "quickest",
    "register",
    "run",
    "sample_stale",
    "simulate",
    "stale_after",
    "stale_probability",
    "stale_within",
    "t_visibilities",
    "tell",
    "trade_offs",
]
