"""Sharding: the door to the topic's models.

- `hashing`, `partitioners`: from a key to a number, as the course and as real systems do it.
- `placement`, `ring`, `assignments`, `ranges`, `maglev`: which server has a key.
- `measures`: how even a plan is, how much it moves, and what theory expects.
- `hot_keys`, `splitting`: keys that are not alike, and how to split one.
- `scatter`: a question to all shards at once.
- `resharding`: moving keys while people use them.
"""

from helpers.sharding.assignments import Maglev, Slots, slots_of
from helpers.sharding.hashing import hash64, jump_hash, jump_hashes
from helpers.sharding.hot_keys import (
    HotKey,
    celebrity_load,
    hottest,
    load_over_time,
    rising_keys,
    with_celebrity,
    zipf_keys,
)
from helpers.sharding.maglev import maglev_table
from helpers.sharding.measures import (
    SCHEMES,
    Balance,
    Scheme,
    balance,
    measure_ring_cv,
    moved,
    moved_share,
    place,
    ring_cv,
)
from helpers.sharding.partitioners import kafka_partition, murmur3_token, redis_slot
from helpers.sharding.placement import Jump, Modulo, Placement, Rendezvous
from helpers.sharding.ranges import Directory, Ranges
from helpers.sharding.resharding import STEPS, ReshardRun, Step, reshard
from helpers.sharding.ring import BoundedRing, HashRing
from helpers.sharding.scatter import (
    ScatterRun,
    needed_quantile,
    scatter_gather,
    slow_share,
    slowest_mean,
    slowest_quantile,
)
from helpers.sharding.splitting import SaltingSweep, salt_names, salted, sweep_salts

__all__ = [
    "SCHEMES",
    "STEPS",
    "Balance",
    "BoundedRing",
    "Directory",
    "HashRing",
    "HotKey",
    "Jump",
    "Maglev",
    "Modulo",
    "Placement",
    "Ranges",
    "Rendezvous",
    "ReshardRun",
    "SaltingSweep",
    "ScatterRun",
    "Scheme",
    "Slots",
    "Step",
    "balance",
    "celebrity_load",
    "hash64",
    "hottest",
    "jump_hash",
    "jump_hashes",
    "kafka_partition",
    "load_over_time",
    "maglev_table",
    "measure_ring_cv",
    "moved",
    "moved_share",
    "murmur3_token",
    "needed_quantile",
    "place",
    "redis_slot",
    "reshard",
    "ring_cv",
    "rising_keys",
    "salt_names",
    "salted",
    "scatter_gather",
    "slots_of",
    "slow_share",
    "slowest_mean",
    "slowest_quantile",
    "sweep_salts",
    "with_celebrity",
    "zipf_keys",
]
