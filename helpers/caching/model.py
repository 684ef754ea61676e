"""Caching: the door to the topic's models.

- `eviction`, `optimal`, `readable_policies`, `request_patterns`: what goes when it is full.
- `hit_ratio`, `che`: how much room is worth having, by simulation and by formula.
- `tiers`: caches behind caches; what one lets through is all that the next one sees.
- `staleness`, `sweeps`: how long a copy is kept, against what the source has to bear.
- `rush`, `stampede`, `stampede_theory`: a copy that many want ends.
- `writes`: in which order cache and database learn of a write.
- `uses`: what an application keeps there, and what it costs when the cache forgets.
"""

from helpers.caching.che import characteristic_time, che_curve, che_hit_ratio, ttl_cache_hit_ratio
from helpers.caching.eviction import POLICIES, CacheRun, Policy, simulate
from helpers.caching.hit_ratio import (
    HitRatioCurve,
    hit_ratio_curve,
    run_policies,
    stack_distances,
)
from helpers.caching.request_patterns import (
    PATTERNS,
    loop_requests,
    shifting_requests,
    with_one_hit_wonders,
    with_scans,
    zipf_requests,
)
from helpers.caching.rush import Rush, draw_rush
from helpers.caching.staleness import (
    CopyRun,
    Traffic,
    copy_hit_ratio,
    copy_lifetime,
    copy_stale_share,
    draw_traffic,
    read_copies,
    refresh_lag,
)
from helpers.caching.stampede import Guard, StampedeRun, measure_first_answer, run_stampede
from helpers.caching.stampede_theory import early_chance, first_answer
from helpers.caching.sweeps import TierSweep, TtlSweep, sweep_tier, sweep_ttl
from helpers.caching.tiers import (
    PHOTO_SHARES,
    ChainRun,
    Tier,
    chain_shares,
    draw_visits,
    load_factor,
    serve_chain,
)
from helpers.caching.uses import (
    SharedCacheRun,
    counter_by_formula,
    page_hit_ratio,
    redis_counter,
    share_a_cache,
)
from helpers.caching.writes import (
    Operations,
    WriteRun,
    draw_operations,
    expected_loss,
    lose_to_crashes,
    race_chance,
    run_writes,
)

__all__ = [
    "PATTERNS",
    "PHOTO_SHARES",
    "POLICIES",
    "CacheRun",
    "ChainRun",
    "CopyRun",
    "Guard",
    "HitRatioCurve",
    "Operations",
    "Policy",
    "Rush",
    "SharedCacheRun",
    "StampedeRun",
    "Tier",
    "TierSweep",
    "Traffic",
    "TtlSweep",
    "WriteRun",
    "chain_shares",
    "characteristic_time",
    "che_curve",
    "che_hit_ratio",
    "copy_hit_ratio",
    "copy_lifetime",
    "copy_stale_share",
    "counter_by_formula",
    "draw_operations",
    "draw_rush",
    "draw_traffic",
    "draw_visits",
    "early_chance",
    "expected_loss",
    "first_answer",
    "hit_ratio_curve",
    "load_factor",
    "loop_requests",
    "lose_to_crashes",
    "measure_first_answer",
    "page_hit_ratio",
    "race_chance",
    "read_copies",
    "redis_counter",
    "refresh_lag",
    "run_policies",
    "run_stampede",
    "run_writes",
    "serve_chain",
    "share_a_cache",
    "shifting_requests",
    "simulate",
    "stack_distances",
    "sweep_tier",
    "sweep_ttl",
    "ttl_cache_hit_ratio",
    "with_one_hit_wonders",
    "with_scans",
    "zipf_requests",
]
