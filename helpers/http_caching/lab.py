"""The lab "Headers that survive a deploy": what is asked, and a hint for what people get wrong.

What is expected of a fresh copy comes from `freshness`; the fortnights that a site has to
get through from `site_report`.
"""

from collections.abc import Callable
from typing import Any

from helpers.checks import Case, Check, Mistake
from helpers.http_caching.freshness import current_age, format_date, freshness_lifetime
from helpers.http_caching.messages import Response
from helpers.http_caching.policies import HEURISTIC, allowed
from helpers.http_caching.site_report import (
    LAUNCHES,
    MOST_OLD,
    OLDEST_PRICE,
    Launch,
    report_on,
)

LIFETIMES = ("s-maxage", "max-age", "expires", "last-modified")
NAMES = {"date": "Date", "age": "Age", "expires": "Expires", "last-modified": "Last-Modified"}


def seconds_left(response: dict[str, int], now: int, shared: bool) -> float:
    """Work out by the topic's model what the lab's first question asks for."""
    control = [f"{name}={response[name]}" for name in LIFETIMES[:2] if name in response]
    headers = [("Cache-Control", ", ".join(control))] if control else []
    for name, title in NAMES.items():
        if name in response:
            value = response[name]
            headers.append((title, str(value) if name == "age" else format_date(value)))
    came = response["came"]
    real = Response(200, headers)
    age = current_age(real, came, came, now).current
    return float(freshness_lifetime(real, came, shared).seconds - age)


def freshness_case(response: dict[str, int], now: int, shared: bool, label: str = "") -> Case:
    """Make a case of how long a copy is still fresh."""
    r, right = response, seconds_left(response, now, shared)
    age = max(r["came"] - r["date"], r.get("age", 0)) + now - r["came"]
    without_s = {name: value for name, value in r.items() if name != "s-maxage"}
    forced = {**r, "max-age": r["s-maxage"]} if "s-maxage" in r else r
    early = {name: value for name, value in r.items() if name not in LIFETIMES[:2]}
    mistakes = {
        "arrival": right + age - (now - r["came"]),
        "age_header": right + age - (now - r["date"]),
        "sum": right + age - (now - r["date"] + r.get("age", 0)),
        "private": seconds_left(without_s, now, shared),
        "everywhere": seconds_left(forced, now, shared),
        "order": seconds_left(early, now, shared) if "expires" in r else right,
        "absolute": r["expires"] - age if "expires" in r else right,
        "no_guess": -float(age) if not set(LIFETIMES[:3]) & set(r) else right,
    }
    if r["came"] < r["date"]:  # a clock of the two is wrong, and nothing else is asked here
        mistakes = {"clock": right + age - (now - r["date"])}
    if r.get("max-age") == 0:
        mistakes["zero"] = seconds_left({n: v for n, v in r.items() if n != "max-age"}, now, shared)
    told = {name: value for name, value in mistakes.items() if value != right}
    return Case((response, now, shared), expected=right, label=label, mistakes=told)


def condition_case(if_none_match: str | None, etag: str, expected: int, label: str = "") -> Case:
    """Make a case of a conditional request."""
    given = if_none_match or ""
    whole = 304 if given == etag else 200
    tags = [tag.strip() for tag in given.split(",")]
    strong = 304 if given == "*" or etag in tags else 200
    no_star = 200 if given == "*" else expected
    mistakes = {
        "swapped": 200 + 304 - expected,
        "strong": strong,
        "star": no_star,
        "whole": whole,
    }
    told = {name: value for name, value in mistakes.items() if value != expected}
    if len(told) > 1:  # the inverted answer is what it is only where nothing else explains it
        told = {name: value for name, value in told.items() if name != "swapped"}
    return Case((if_none_match, etag), expected=expected, label=label, mistakes=told)


def run_case(headers_for: Callable[[str], Any], case: Case) -> Any:
    """Run a fortnight with the learner's headers; called in the learner's process."""
    return report_on(headers_for, case.args[0])


def judge_site(report: Any, case: Case) -> Mistake | None:
    """Say what is wrong with how a site got through its fortnight, and why that may be."""
    launch: Launch = case.args[0]
    if report.leaks:
        return Mistake("leak", f"{report.leaks:,} times somebody was shown another one's data.")
    if report.broken or report.last_old > MOST_OLD:
        return Mistake(why_old(report, launch), say_old(report))
    if report.oldest > OLDEST_PRICE:
        said = f"Data was shown {report.oldest:,} s after it had been replaced."
        return Mistake("data", f"{said} At most {OLDEST_PRICE} s are allowed.")
    if report.received > launch.most_bytes:
        cost = f"A return visit downloads {report.received / 1e3:,.0f} kB on average"
        return Mistake("bytes", f"{cost}; the budget is {launch.most_bytes / 1e3:,.0f} kB.")
    if report.sent > launch.most_requests:
        asked = f"{report.sent:.1f} requests leave the browser in a visit on average"
        return Mistake("requests", f"{asked}; the budget is {launch.most_requests:g}.")
    if report.at_origin > launch.most_at_origin:
        share = f"{report.at_origin:.0%} of the requests reach the origin"
        return Mistake("origin", f"{share}; at most {launch.most_at_origin:.0%} may.")
    return None


def why_old(report: Any, launch: Launch) -> str:
    """Name the mistake that fits: whose headers let it be used without asking."""
    for file in launch.files:
        value = report.headers[file.pattern()]
        for shared in (False, True):
            life, grace, keeps = allowed(value, shared)
            is_asked = not keeps or (life == 0 and grace == 0)
            if is_asked or file.is_hashed or not (file.is_code or file.kind == "page"):
                continue
            if life == HEURISTIC:
                return "silence"
            if file.kind != "page":
                return "folder"
            return "late" if grace else ("edge" if shared else "page")
    return "page"


def say_old(report: Any) -> str:
    """Say how many pages were broken, and how long old ones lived."""
    hours = report.last_old / 3600
    return (
        f"{report.broken:,} page views were broken, and {hours:.1f} h after a deploy somebody was "
        "still shown an outdated page."
    )


SECONDS_LEFT = Check(
    cases=(
        freshness_case({"date": 1000, "came": 1000, "max-age": 60}, 1010, False),
        freshness_case(
            {"date": 1000, "came": 1000, "max-age": 60, "s-maxage": 600},
            1100,
            True,
            "a CDN, and s-maxage",
        ),
        freshness_case(
            {"date": 1000, "came": 1000, "max-age": 60, "s-maxage": 600},
            1100,
            False,
            "a browser, and s-maxage",
        ),
        freshness_case(
            {"date": 1000, "came": 1040, "max-age": 90},
            1060,
            False,
            "40 s old when it came, by its Date",
        ),
        freshness_case(
            {"date": 1000, "came": 1002, "age": 45, "max-age": 90},
            1030,
            False,
            "it comes from a CDN whose clock is late: Age says more than Date",
        ),
        freshness_case(
            {"date": 1000, "came": 1000, "expires": 1300},
            1100,
            False,
            "Expires alone",
        ),
        freshness_case(
            {"date": 1000, "came": 1000, "expires": 1300, "max-age": 30},
            1100,
            False,
            "Expires and max-age",
        ),
        freshness_case(
            {"date": 900_000, "came": 900_000, "last-modified": 36_000},
            950_000,
            False,
            "no lifetime given; last changed ten days before",
        ),
        freshness_case({"date": 1000, "came": 1000}, 1001, False, "nothing said at all"),
        freshness_case(
            {"date": 900_000, "came": 900_000, "max-age": 0, "last-modified": 36_000},
            900_010,
            False,
            "max-age is there, and it is 0",
        ),
        freshness_case(
            {"date": 1010, "came": 1000, "max-age": 60},
            1020,
            False,
            "it came before its Date: the server's clock is ahead",
        ),
    ),
    hint="First the lifetime: the first that is there of s-maxage (shared only), max-age, "
    "Expires − Date, a tenth of Date − Last-Modified, 0. Then take the age off.",
    hints={
        "arrival": "The age does not begin at zero when it comes: it may have been on its way, or "
        "in a CDN, for a while. Its Date and its Age field say for how long.",
        "age_header": "The Age field says how long it has been in caches on its way. On arrival "
        "the age is the larger of that and of what Date makes of it.",
        "sum": "Date and Age tell of the same time on the way: the larger one counts, not both.",
        "private": "A shared cache goes by s-maxage where there is one.",
        "everywhere": "s-maxage is for shared caches only; a browser goes by max-age.",
        "order": "max-age goes before Expires, where both are there.",
        "absolute": "Expires is a moment, and a lifetime is a duration: take Date off.",
        "no_guess": "Where nothing gives a lifetime, caches guess: a tenth of the time from "
        "Last-Modified to Date.",
        "zero": "A max-age of 0 is there, and it says 0. In Python 0 counts as false: ask with "
        "`in`, not with `or`.",
        "clock": "Clocks differ, so a Date may lie in the future. Nothing is younger than 0 s when "
        "it comes.",
        "error": "Any of the fields but `date` and `came` may be missing: ask with `in` or `.get`.",
    },
    shows="Four ways to say how long, in their order; and an age that has begun before the copy "
    "came.",
)

STATUS_FOR = Check(
    cases=(
        condition_case('"v2"', '"v2"', 304),
        condition_case('"v1"', '"v2"', 200, "another version"),
        condition_case(None, '"v2"', 200, "no condition"),
        condition_case('"v1", "v2"', '"v2"', 304, "several copies are known"),
        condition_case('W/"v2"', '"v2"', 304, "a weak tag, as compression makes them"),
        condition_case('"v2"', 'W/"v2"', 304, "a weak tag on the server's side"),
        condition_case("*", '"v2"', 304, "a star: whatever there is"),
        condition_case('"v22"', '"v2"', 200, "a tag that only begins alike"),
    ),
    hint="Take the list apart at its commas, take W/ off each tag, and look for the server's own.",
    hints={
        "swapped": "304 says: what you have still holds. 200 comes with the whole of it.",
        "strong": "Here tags are compared weakly: W/ in front does not count. A proxy that "
        "compresses adds it, and nobody would ever get a 304 again.",
        "star": "A star stands for any version: there is one, so nothing is sent.",
        "whole": "If-None-Match is a list: the browser may know several versions.",
        "error": "`if_none_match` is None where the request has no such header.",
    },
    shows="A 304 is decided by comparing two texts. All of its value is in the bytes not sent.",
)

CACHE_CONTROL = Check(
    run="helpers.http_caching.lab:run_case",
    judge=judge_site,
    cases=tuple(Case((launch,), label=launch.name) for launch in LAUNCHES),
    deadline=60.0,  # a fortnight takes 20 ms, and seconds where Numba is missing
    hints={
        "leak": "A shared cache keeps one answer for everybody. What belongs to one user needs "
        "`private` or `no-store`; to say nothing is no protection, since a cache may then guess.",
        "page": "The page may be used without asking, and while it is, it names chunks that are "
        "gone. It changes under the same name: it has to be asked for each time (`no-cache`).",
        "edge": "Browsers ask, but the CDN answers from its own copy, by `s-maxage`. That is fast, "
        "and right where each deploy purges the CDN; here nobody does. Let it ask as well.",
        "late": "stale-while-revalidate shows the old page once more to everybody who comes back "
        "in that time, and it names chunks that are gone. For images that is fine.",
        "folder": "Not everything under /assets/ has a hash in its name. A script without one "
        "changes under the same name, and an old one beside a new page is broken.",
        "silence": "A file with no header is not uncached: caches guess a lifetime from "
        "Last-Modified, a tenth of its age. Say `no-cache`.",
        "data": "The data may be shown too long after it has changed: shorten its lifetime, or "
        "let it be asked for.",
        "bytes": "Something large is sent again although nothing in it changed. What has a hash "
        "can be kept for a year, and `no-store` forbids even a 304.",
        "requests": "Many of these ask for what cannot have changed: a name with a hash never has "
        "another content. Give it a year, and `immutable`. Pictures may go without asking for a "
        "day.",
        "origin": "The CDN has to ask the origin for each of these. What is the same for all "
        "users, such as the prices, may stay in it for a minute.",
        "error": "Give a text for every path; an empty one stands for no header.",
    },
    shows="Three fortnights of deploys: nobody saw a broken page, an old one or another one's "
    "basket. With a deploy a day, a return visit downloads a third of a first one.",
)

CHECKS = {
    "http_caching.seconds_left": SECONDS_LEFT,
    "http_caching.status_for": STATUS_FOR,
    "http_caching.cache_control": CACHE_CONTROL,
}
