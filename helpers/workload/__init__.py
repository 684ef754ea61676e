"""Workloads: the requests that every model takes, made from a seed or read from a file.

Make one with `poisson`, `bursty`, `diurnal` or `spike` and add columns with its methods
`with_keys`, `with_sizes`, `with_regions` and `with_clients`. Or bring your own with
`from_access_log`, `from_har` or `from_csv`: what could not be read is in `report`.

>>> poisson(100, duration=60, rng=1).with_keys(1000, rng=1)
Workload 'poisson': 6,012 requests in 60 s
  arrivals  100.2/s, 122 in the busiest second, gaps' squared variation 0.9998
  key       907 different, the busiest 6.7% of requests
"""

from helpers.workload.arrivals import diurnal, poisson, spike
from helpers.workload.bursts import bursty, bursty_dispersion
from helpers.workload.har import from_har
from helpers.workload.keys import AliasTable, zipf
from helpers.workload.logs import from_access_log
from helpers.workload.randomness import Seed, as_generator
from helpers.workload.record import Workload
from helpers.workload.report import Rejection, Report
from helpers.workload.samples import sample
from helpers.workload.tables import from_csv

__all__ = [
    "AliasTable",
    "Rejection",
    "Report",
    "Seed",
    "Workload",
    "as_generator",
    "bursty",
    "bursty_dispersion",
    "diurnal",
    "from_access_log",
    "from_csv",
    "from_har",
    "poisson",
    "sample",
    "spike",
    "zipf",
]
