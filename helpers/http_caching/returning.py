"""One setting of the explorer: how a returning visitor fares, and how long old pages live."""

from dataclasses import dataclass
from functools import lru_cache

from helpers.http_caching.old_pages import Floats, Tail, find_tail, last_old, share_old
from helpers.http_caching.policies import POLICIES, look_up
from helpers.http_caching.site import DAY, HOUR, MINUTE, SHOP, WAVES, WEEK, Site
from helpers.http_caching.visitors import Visits, draw_deploys, draw_visits
from helpers.http_caching.week import (
    BYTES_PER_SECOND,
    EDGE_SECONDS,
    ORIGIN_SECONDS,
    Week,
    simulate,
)


@dataclass(frozen=True, eq=False)
class Returning:
    """What the explorer shows.

    Attributes
    ----------
    received, round_trips, load_time
        Of a return visit on average: bytes, waits for the network, seconds.
    first_bytes, first_time
        Of somebody who has nothing yet, from the origin.
    old, broken
        Share of all visits with an old page that works, and with one that does not.
    origin_share
        Share of all requests that reach the origin.
    requests
        That were simulated.
    last
        Seconds after a deploy at which the last outdated page was shown.
    tail
        What was shown by the time since the deploy.
    formula
        What theory says of it, at the middle of the tail's bins; None with a CDN.
    page
        The Cache-Control of the page.
    """

    received: float
    round_trips: float
    load_time: float
    first_bytes: int
    first_time: float
    old: float
    broken: float
    origin_share: float
    requests: int
    last: float
    tail: Tail
    formula: Floats | None
    page: str

    @property
    def in_words(self) -> str:
        """All of it in two sentences."""
        return tell(self)


def headers_of(max_age: int, grace: int) -> str:
    """Write the Cache-Control of the page.

    Examples
    --------
    >>> headers_of(0, 0), headers_of(60, 30)
    ('no-cache', 'max-age=60, stale-while-revalidate=30')
    """
    if not max_age and not grace:
        return "no-cache"
    return f"max-age={max_age}" + (f", stale-while-revalidate={grace}" if grace else "")


def run_shop(max_age: int, interval: int, per_week: float, cdn: bool, grace: int) -> Week:
    """Run the shop with everything by the book but its page.

    Parameters
    ----------
    max_age, grace
        Of the page, in seconds.
    interval
        Seconds between deploys.
    per_week
        Visits of a user.
    cdn
        Whether there is a CDN, which keeps by the same headers and is never purged.
    """
    policy = {**POLICIES["by kind"], "/": headers_of(max_age, grace)}
    return simulate(shop(interval), look_up(policy), visits(per_week), cdn=cdn)


@lru_cache(maxsize=32)
def shop(interval: int) -> Site:
    """Give the shop with its deploys."""
    return Site(SHOP, draw_deploys(interval, rng=3))


@lru_cache(maxsize=4)
def visits(per_week: float) -> Visits:
    """Give its visits."""
    return draw_visits(per_week=per_week)


def look_at(max_age: int, interval: int, per_week: float, cdn: bool, grace: int) -> Returning:
    """Run one setting, and sum it up; arguments as in `run_shop`."""
    week = run_shop(max_age, interval, per_week, cdn, grace)
    tail = find_tail(week)
    formula = None if cdn else share_old(tail.middle, max_age, per_week / WEEK, grace)
    first = week.site.first_visit_bytes
    return Returning(
        received=week.mean(week.received),
        round_trips=week.mean(week.round_trips),
        load_time=week.mean(week.load_time),
        first_bytes=first,
        first_time=WAVES * (EDGE_SECONDS + ORIGIN_SECONDS) + first / BYTES_PER_SECOND,
        old=week.share(1),
        broken=week.share(2),
        origin_share=week.at_origin / week.requests,
        requests=week.requests,
        last=last_old(week),
        tail=tail,
        formula=formula,
        page=headers_of(max_age, grace),
    )


def tell(shown: Returning) -> str:
    """Say it in words."""
    return (
        f"{shown.page}: a return visit downloads {shown.received / 1e3:,.0f} kB of "
        f"{shown.first_bytes / 1e3:,.0f}, waits for {shown.round_trips:.2f} round trips and takes "
        f"{1000 * shown.load_time:,.0f} ms; {shown.origin_share:.0%} of the "
        f"requests reach the origin. {shown.old:.1%} of all visits get an old page that works, "
        f"{shown.broken:.1%} a broken one; {worst(shown)}."
    )


def worst(shown: Returning) -> str:
    """Say how bad it is right after a deploy, and when it is over."""
    if not shown.last:
        return "none is old at any time after a deploy"
    first = shown.tail.not_current[shown.tail.visits > 0][0]
    return f"right after a deploy it is {first:.0%}, and the last one is seen {ago(shown.last)} on"


def ago(span: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> ago(45), ago(5400), ago(10 * HOUR), ago(4 * DAY)
    ('45 s', '90 min', '10 h', '4 days')
    """
    for size, name, least in ((DAY, "days", 2), (HOUR, "h", 2), (MINUTE, "min", 2)):
        if span >= least * size:
            return f"{span / size:.2g} {name}"
    return f"{span:.0f} s"
