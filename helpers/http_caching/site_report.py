"""The sites of the lab, the weeks they have to get through, and a report on how they did.

The report carries what a reviewer of a pull request would look at: which headers each file
got, whether anybody met an old or broken page or somebody else's cart, and what it cost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helpers.checks import TODO
from helpers.http_caching.old_pages import last_old
from helpers.http_caching.site import DAY, HOUR, MINUTE, WEEK, File, Site
from helpers.http_caching.visitors import Visits, draw_deploys, draw_visits
from helpers.http_caching.week import BROKEN, Week, simulate

VISITS = 40_000
MOST_OLD = 60  # seconds after a deploy
OLDEST_PRICE = 120  # seconds since it was replaced

BOOKSHOP = (
    File("/", "page", 14_000, wave=0, every=1),
    File("/assets/app.{hash}.js", "script", 160_000, every=1),
    File("/assets/vendor.{hash}.js", "script", 220_000, every=5),
    File("/assets/style.{hash}.css", "style", 40_000, every=2),
    File("/assets/loader.js", "script", 4_000, every=1),
    *(
        File(f"/assets/{view}.{{hash}}.js", "script", 30_000, wave=2, every=1, route=route)
        for route, view in enumerate(("home", "search", "book", "author", "basket", "orders"))
    ),
    File("/images/shelf.jpg", "image", 180_000, age=200 * DAY),
    File("/images/logo.svg", "image", 8_000, age=400 * DAY),
    File("/api/prices", "data", 6_000, wave=2, period=5 * MINUTE),
    File("/api/basket", "personal", 1_000, wave=2),
)
"""The site that the lab shows."""

TICKETS = (
    File("/", "page", 22_000, wave=0, every=1),
    File("/assets/main.{hash}.js", "script", 310_000, every=1),
    File("/assets/theme.{hash}.css", "style", 55_000, every=3),
    File("/assets/register-worker.js", "script", 2_000, every=1),
    *(
        File(f"/assets/{view}.{{hash}}.js", "script", 45_000, wave=2, every=1, route=route)
        for route, view in enumerate(("events", "seats", "venue", "checkout"))
    ),
    File("/images/stage.jpg", "image", 240_000, age=90 * DAY),
    File("/api/seats", "data", 9_000, wave=2, period=4 * MINUTE),
    File("/api/account", "personal", 2_000, wave=2),
)
"""A site that the lab does not show."""


@dataclass(frozen=True)
class Launch:
    """A fortnight that headers have to get through.

    Attributes
    ----------
    name
        What to call it.
    files
        The site.
    interval
        Seconds between deploys.
    cdn
        Whether a CDN stands in front, which nobody purges.
    most_bytes
        Of a return visit on average.
    most_requests
        That leave the browser in a visit, on average.
    most_at_origin
        Share of all requests that may reach the origin.
    seed
        Of visits and deploys.
    """

    name: str
    files: tuple[File, ...]
    interval: int
    cdn: bool
    most_bytes: float
    most_requests: float
    most_at_origin: float
    seed: int

    def site(self) -> Site:
        """Give the site with its deploys."""
        return Site(self.files, draw_deploys(self.interval, rng=self.seed))

    def visits(self) -> Visits:
        """Give who comes when."""
        return draw_visits(VISITS, per_week=7, routes=self.site().routes, rng=self.seed)


DAILY = Launch("a deploy a day, no CDN", BOOKSHOP, DAY, False, 215e3, 7.6, 1.0, 1)
BUSY = Launch("a deploy every four hours, a CDN", BOOKSHOP, 4 * HOUR, True, 400e3, 9.0, 0.37, 2)
OTHER = Launch("another site, a deploy a week, a CDN", TICKETS, WEEK, True, 90e3, 6.0, 0.46, 3)
LAUNCHES = (DAILY, BUSY, OTHER)


@dataclass(frozen=True)
class SiteReport:
    """How a site got through its fortnight.

    Attributes
    ----------
    headers
        The Cache-Control value of each path, "" for none.
    broken, leaks
        Visits with a broken page; times somebody saw what belongs to somebody else.
    last_old
        Seconds after a deploy at which an outdated page was last seen.
    oldest
        Seconds for which data had been replaced when it was shown, at worst.
    received
        By a return visit on average, in bytes.
    sent
        Requests that leave the browser in a visit, on average.
    at_origin
        Share of all requests that reached the origin.
    """

    headers: dict[str, str]
    broken: int
    leaks: int
    last_old: float
    oldest: int
    received: float
    sent: float
    at_origin: float


def run_launch(headers_for: Callable[[str], str], launch: Launch) -> Week:
    """Let a site with these headers get through its fortnight."""
    return simulate(launch.site(), headers_for, launch.visits(), cdn=launch.cdn)


def report_on(headers_for: Callable[[str], Any], launch: Launch) -> Any:
    """Run a fortnight and report on it; TODO while the headers are.

    Raises
    ------
    ValueError
        Where a header is no text.
    """
    headers = ask_for_headers(headers_for, launch)
    if any(value is TODO for value in headers.values()):
        return TODO
    week = run_launch(lambda path: headers[path], launch)
    return SiteReport(
        headers={pattern(path): value for path, value in headers.items()},
        broken=int((week.page == BROKEN).sum()),
        leaks=week.leaks,
        last_old=last_old(week),
        oldest=int(week.staleness.max()),
        received=week.mean(week.received),
        sent=week.sent / len(week.visits),
        at_origin=week.at_origin / week.requests,
    )


def ask_for_headers(headers_for: Callable[[str], Any], launch: Launch) -> dict[str, Any]:
    """Ask for the header of each path once."""
    headers = {file.path_of(0): headers_for(file.path_of(0)) for file in launch.files}
    for path, value in headers.items():
        if not (value is TODO or isinstance(value, str)):
            raise ValueError(f"the header for {path} must be a text, got {value!r}")
    return headers


@lru_cache(maxsize=4)
def known_patterns() -> dict[str, str]:
    """Give each path of the sites with a star in place of its hash."""
    return {file.path_of(0): file.pattern() for file in (*BOOKSHOP, *TICKETS)}


def pattern(path: str) -> str:
    """Write a path with a star in place of its hash."""
    return known_patterns()[path]
