"""HTTP caching: the door to the topic's models.

- `messages`, `cache_control`, `freshness`, `rules`, `storage`, `http_cache`: a cache that
  keeps to RFC 9111, as a browser's own one or as one that many share.
- `site`, `visitors`, `policies`: what is served, who comes, and with which headers.
- `week`: a fortnight of visits in milliseconds; `by_cache`: the same through real caches.
- `old_pages`: how long an old page lives on after a deploy, counted and by formula.
- `variants`: what `Vary` does to a hit ratio.
- `savings`: what better headers would save a returning visitor.
"""

from helpers.http_caching.by_cache import World, walk
from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import current_age, format_date, freshness_lifetime
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response, Verdict
from helpers.http_caching.old_pages import Tail, find_tail, last_old, share_old
from helpers.http_caching.policies import POLICIES, look_up, read_rules
from helpers.http_caching.returning import look_at, run_shop
from helpers.http_caching.savings import Resource, Savings, find_savings
from helpers.http_caching.site import MONDAY, SHOP, File, Origin, Site
from helpers.http_caching.variants import VaryRun, expected_hits, vary
from helpers.http_caching.visitors import Visits, draw_deploys, draw_visits
from helpers.http_caching.week import BROKEN, CURRENT, FAILED, OLD, Week, simulate

__all__ = [
    "BROKEN",
    "CURRENT",
    "FAILED",
    "MONDAY",
    "OLD",
    "POLICIES",
    "SHOP",
    "Clock",
    "File",
    "HttpCache",
    "Origin",
    "Request",
    "Resource",
    "Response",
    "Savings",
    "Site",
    "Tail",
    "VaryRun",
    "Verdict",
    "Visits",
    "Week",
    "World",
    "current_age",
    "draw_deploys",
    "draw_visits",
    "expected_hits",
    "find_savings",
    "find_tail",
    "format_date",
    "freshness_lifetime",
    "last_old",
    "look_at",
    "look_up",
    "read_rules",
    "run_shop",
    "share_old",
    "simulate",
    "vary",
    "walk",
]
