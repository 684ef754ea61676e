"""The same visits through real cache objects: slower, and without a shortcut.

Each user has an `HttpCache` of their own; where there is a CDN, one more that is shared
stands before the origin. `week.simulate` is a quick sketch of what happens here, and must
agree with it to the last byte.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from helpers.http_caching.clock import Clock
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response
from helpers.http_caching.site import (
    HEADER_BYTES,
    HOST,
    MONDAY,
    File,
    Origin,
    Site,
    content_of,
)
from helpers.http_caching.validation import is_not_modified, not_modified, without_conditions
from helpers.http_caching.visitors import Visits
from helpers.http_caching.week import (
    BROKEN,
    CURRENT,
    FAILED,
    HIT,
    OLD,
    REFRESHED,
    SENT,
    VALIDATED,
    Outcome,
    Week,
    empty_outcome,
    week_of,
)


@dataclass
class Wire:
    """What goes over a line: it passes requests on, and counts."""

    upstream: Callable[[Request], Response]
    requests: int = 0
    received: int = 0

    def __call__(self, request: Request) -> Response:
        """Pass a request on."""
        response = self.upstream(request)
        self.requests += 1
        self.received += HEADER_BYTES + len(response.body)
        return response


@dataclass
class World:
    """A site with its origin, a CDN if there is one, and everybody's browser.

    Attributes
    ----------
    site, headers_for
        What is served, and with which headers.
    cdn
        Whether there is a CDN.
    down
        From when until when the origin fails, in seconds of the week.
    """

    site: Site
    headers_for: Callable[[str], str]
    cdn: bool = False
    down: tuple[float, float] = (np.inf, np.inf)
    clock: Clock = field(default_factory=lambda: Clock(MONDAY))
    browsers: dict[int, tuple[HttpCache, Wire]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.origin = Origin(self.site, self.headers_for, self.clock, self.down)
        self.edge = HttpCache(self.origin, self.clock, shared=True)

    def browser_of(self, user: int) -> tuple[HttpCache, Wire]:
        """Give a user's browser cache, and the line behind it."""
        if user not in self.browsers:
            wire = Wire(self.at_edge if self.cdn else self.origin)
            self.browsers[user] = HttpCache(wire, self.clock, shared=False, log_size=1), wire
        return self.browsers[user]

    def fetch(self, user: int, path: str, now: int, **headers: str) -> Response:
        """Let a user's browser ask for a path at a second of the week."""
        self.clock.now = float(MONDAY + now)
        cookie = {"Cookie": f"user={user}"}
        asked = Request(HOST + path, headers={**cookie, **headers})
        return self.browser_of(user)[0].fetch(asked)

    def at_edge(self, request: Request) -> Response:
        """Let the CDN answer. What it lacks it asks for whole, as CDNs do to fill up."""
        if self.edge.storage.has_variants(request.url):
            return self.edge.fetch(request)
        response = self.edge.fetch(without_conditions(request))
        is_same = is_not_modified(request, response, self.clock())
        return not_modified(response) if is_same else response

    def purge(self) -> None:
        """Empty the CDN."""
        self.edge.storage.shelves.clear()


def walk(
    site: Site,
    headers_for: Callable[[str], str],
    visits: Visits,
    *,
    cdn: bool = False,
    purge_after: int | None = None,
    down: tuple[float, float] = (np.inf, np.inf),
) -> Week:
    """Run visits through caches; arguments and result as in `week.simulate`.

    Parameters
    ----------
    down
        From when until when the origin answers with an error, in seconds.
    """
    world = World(site, headers_for, cdn, down)
    out = empty_outcome(len(visits), len(site.files))
    purges = [at + (purge_after or 0) for at in site.deploys]
    purges = purges if purge_after is not None else []
    rows = zip(visits.time.tolist(), visits.user.tolist(), visits.route.tolist(), strict=True)
    for i, (now, user, route) in enumerate(rows):
        while purges and purges[0] <= now:
            world.purge()
            purges.pop(0)
        out.is_return[i] = user in world.browsers
        view(world, out, i, now, user, route)
    out.totals[1] = len(world.origin.asked)
    return week_of(site, visits, out)


def view(world: World, out: Outcome, i: int, now: int, user: int, route: int) -> None:
    """Load a page as a browser does, and write down what came of it."""
    _, wire = world.browser_of(user)
    contents, page = world.site.contents, 0
    for number, file in enumerate(world.site.files):
        if file.route not in (-1, route):
            continue
        asked, sent, reached = len(world.origin.asked), wire.requests, wire.received
        wanted = int(contents[page, number])
        response = world.fetch(user, file.path_of(wanted), now)
        came = how(response, wire.requests > sent)
        out.how[number, came] += 1
        out.received[i] += wire.received - reached
        out.totals[0] += wire.requests - sent
        if came >= VALIDATED:
            out.edge_waves[i] |= 1 << file.wave
            is_beyond = len(world.origin.asked) > asked and not is_behind(world)
            out.origin_waves[i] |= (1 << file.wave) * is_beyond
        got = content_of(response)
        if number == 0:
            page = max(got, 0)
            live = int(world.site.version_at(now))
            out.page[i] = FAILED if got < 0 else CURRENT if got == live else OLD
            if got < 0:
                return
        judge(out, i, file, got, wanted, now, user)


def judge(out: Outcome, i: int, file: File, got: int, wanted: int, now: int, user: int) -> None:
    """Note what is wrong with what came."""
    if file.is_code and got != wanted:
        out.page[i] = BROKEN
    elif file.period:
        out.staleness[i] = max(0, now - (got + 1) * file.period)
    elif file.kind == "personal" and got != user:
        out.totals[2] += 1


def how(response: Response, was_sent: bool) -> int:
    """Tell in which of four ways an answer came."""
    if not was_sent:
        return HIT
    kind = response.verdict.kind if response.verdict else ""
    return {"stale": REFRESHED, "revalidated": VALIDATED}.get(kind, SENT)


def is_behind(world: World) -> bool:
    """Tell whether the CDN had answered before it asked the origin."""
    verdict = world.edge.log[-1].response.verdict if world.cdn and world.edge.log else None
    return verdict is not None and verdict.kind == "stale"
