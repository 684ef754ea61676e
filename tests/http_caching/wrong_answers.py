"""Answers to the lab "Headers that survive a deploy" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the last question's answers inside the course's model.
"""

import re

from helpers.http_caching.lab import judge_site
from helpers.http_caching.site_report import LAUNCHES, report_on

# Is it still fresh?


def lifetime(r, shared):
    if shared and "s-maxage" in r:
        return r["s-maxage"]
    if "max-age" in r:
        return r["max-age"]
    if "expires" in r:
        return r["expires"] - r["date"]
    if "last-modified" in r:
        return (r["date"] - r["last-modified"]) / 10
    return 0


def age(r, now):
    return max(r["came"] - r["date"], r.get("age", 0)) + now - r["came"]


def a_zero_is_no_lifetime(r, now, shared):
    """`or` takes the first that is there."""
    life = r.get("s-maxage") if shared else None
    life = life or r.get("max-age") or ("expires" in r and r["expires"] - r["date"])
    life = life or ("last-modified" in r and (r["date"] - r["last-modified"]) / 10) or 0
    return life - age(r, now)


def clocks_agree(r, now, shared):
    """A response comes after its Date."""
    on_the_way = r["came"] - r["date"]
    return lifetime(r, shared) - max(on_the_way, r.get("age", on_the_way)) - (now - r["came"])


def since_it_came(r, now, shared):
    """A copy is as old as it has been here."""
    return lifetime(r, shared) - (now - r["came"])


def by_date_only(r, now, shared):
    """A copy's age is the time since its Date."""
    return lifetime(r, shared) - (now - r["date"])


def date_and_age(r, now, shared):
    """The way here and the time in other caches add up."""
    return lifetime(r, shared) - (now - r["date"] + r.get("age", 0))


def max_age_everywhere(r, now, shared):
    """max-age is what counts."""
    return lifetime(r, False) - age(r, now)


def s_maxage_everywhere(r, now, shared):
    """s-maxage goes before max-age."""
    return lifetime(r, True) - age(r, now)


def expires_first(r, now, shared):
    """Expires is the exact one."""
    if "expires" in r:
        return r["expires"] - r["date"] - age(r, now)
    return lifetime(r, shared) - age(r, now)


def expires_as_it_is(r, now, shared):
    """Expires is the lifetime."""
    if "expires" in r and "max-age" not in r:
        return r["expires"] - age(r, now)
    return lifetime(r, shared) - age(r, now)


def never_guess(r, now, shared):
    """Without a lifetime nothing is fresh."""
    guessed = not {"s-maxage", "max-age", "expires"} & set(r)
    return (0 if guessed else lifetime(r, shared)) - age(r, now)


def always_there(r, now, shared):
    """Every response has a max-age."""
    named = "s-maxage" if shared and "s-maxage" in r else "max-age"
    return r[named] - age(r, now)


# Send it again?


def swapped(if_none_match, etag):
    """304 is for what has changed."""
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return 200 if "*" in known or etag.removeprefix("W/") in known else 304


def to_the_letter(if_none_match, etag):
    """Tags are the same if they are the same text."""
    known = [tag.strip() for tag in (if_none_match or "").split(",")]
    return 304 if "*" in known or etag in known else 200


def no_star(if_none_match, etag):
    """A star is a tag like another one."""
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return 304 if etag.removeprefix("W/") in known else 200


def the_whole_field(if_none_match, etag):
    """The field holds one tag."""
    given = (if_none_match or "").removeprefix("W/")
    return 304 if given in ("*", etag.removeprefix("W/")) else 200


def always_asked(if_none_match, etag):
    """Every request has a condition."""
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return 304 if "*" in known or etag.removeprefix("W/") in known else 200


# The site

HASH = re.compile(r"\.[0-9a-f]{8}\.\w+$")
FOREVER = "max-age=31536000, immutable"


def by_the_book(path):
    if HASH.search(path):
        return FOREVER
    if path.startswith("/images/"):
        return "max-age=86400"
    if path in ("/api/basket", "/api/account"):
        return "private, no-cache"
    return "max-age=60" if path.startswith("/api/") else "no-cache"


def let_the_cdn_keep_the_page(path):
    """Browsers ask each time, and the CDN answers at once."""
    return "max-age=0, s-maxage=86400" if path == "/" else by_the_book(path)


def a_day_for_all(path):
    """A day is not long."""
    return "private, max-age=86400" if path.startswith("/api/") else "max-age=86400"


def five_minutes_for_the_page(path):
    """Five minutes cannot hurt."""
    return "max-age=300" if path == "/" else by_the_book(path)


def show_it_once_more(path):
    """stale-while-revalidate is free speed."""
    return "max-age=0, stale-while-revalidate=86400" if path == "/" else by_the_book(path)


def assets_forever(path):
    """Everything under /assets/ is hashed."""
    return FOREVER if path.startswith("/assets/") else by_the_book(path)


def say_nothing_of_the_page(path):
    """What has no header is not cached."""
    return "" if path == "/" else by_the_book(path)


def public_basket(path):
    """A short time is safe for anything."""
    return "max-age=30" if path.startswith("/api/") else by_the_book(path)


def nothing_for_the_api(path):
    """APIs need no caching headers."""
    return "" if path.startswith("/api/") else by_the_book(path)


def prices_for_an_hour(path):
    """Prices do not change that often."""
    return "max-age=3600" if path.endswith(("prices", "seats")) else by_the_book(path)


def never_store(path):
    """Then nothing can be old."""
    return "no-store"


def ask_for_all(path):
    """A 304 costs nothing."""
    return "private, no-cache"


def five_minutes_for_assets(path):
    """Five minutes for the chunks, to be safe."""
    return "max-age=300" if HASH.search(path) else by_the_book(path)


def no_api_in_caches(path):
    """What an API says is never cached."""
    return "no-store" if path.startswith("/api/") else by_the_book(path)


def a_number(path):
    """The seconds are enough."""
    return 31_536_000 if HASH.search(path) else 0


WRONG = {
    "http_caching.seconds_left": {
        "arrival": [since_it_came],
        "age_header": [by_date_only],
        "sum": [date_and_age],
        "private": [max_age_everywhere],
        "everywhere": [s_maxage_everywhere],
        "order": [expires_first],
        "absolute": [expires_as_it_is],
        "no_guess": [never_guess],
        "zero": [a_zero_is_no_lifetime],
        "clock": [clocks_agree],
        "error": [always_there],
    },
    "http_caching.status_for": {
        "swapped": [swapped],
        "strong": [to_the_letter],
        "star": [no_star],
        "whole": [the_whole_field],
        "error": [always_asked],
    },
    "http_caching.cache_control": {
        "page": [a_day_for_all, five_minutes_for_the_page],
        "edge": [let_the_cdn_keep_the_page],
        "late": [show_it_once_more],
        "folder": [assets_forever],
        "silence": [say_nothing_of_the_page],
        "leak": [public_basket, nothing_for_the_api],
        "data": [prices_for_an_hour],
        "bytes": [never_store],
        "requests": [ask_for_all, five_minutes_for_assets],
        "origin": [no_api_in_caches],
        "error": [a_number],
    },
}

MODEL = "http_caching.cache_control"
MODEL_HEADER = ("answer", *(launch.name for launch in LAUNCHES), "all demands met")
MODEL_SAYS = (
    "For each fortnight: broken page views, times that somebody saw another one's data, kB of a "
    "return visit, requests of a visit, and the share of all requests that reach the origin."
)


class Asked:
    """A case, as the judge wants it."""

    def __init__(self, launch):
        self.args = (launch,)


def model_row(headers_for):
    """Run headers through the fortnights of the lab, and write down what came of each."""
    reports = [report_on(headers_for, launch) for launch in LAUNCHES]
    cells = [
        f"{r.broken:,} broken, {r.leaks:,} leaks, {r.received / 1e3:.0f} kB, {r.sent:.1f}, "
        f"{r.at_origin:.0%}"
        for r in reports
    ]
    pairs = zip(reports, LAUNCHES, strict=True)
    good = all(judge_site(report, Asked(launch)) is None for report, launch in pairs)
    return (*cells, "yes" if good else "no")
