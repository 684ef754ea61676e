"""A fortnight of visits to a site, through browsers and perhaps a CDN.

A postman's round: for each thing a page view needs, look into the visitor's own drawer;
if what lies there is too old, ask at the corner shop (the CDN), and the corner shop asks
the printer (the origin) if its own copy is too old. The arithmetic is that of RFC 9111;
`by_cache` runs the same visits through real cache objects, and a test compares them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import require
from helpers.http_caching.policies import read_rules
from helpers.http_caching.site import HEADER_BYTES, NEVER, WAVES, Integers, Site
from helpers.http_caching.visitors import Visits
from helpers.kernel import kernel
from helpers.parallel import in_parallel

CURRENT, OLD, BROKEN, FAILED = 0, 1, 2, 3
HIT, REFRESHED, VALIDATED, SENT = 0, 1, 2, 3
"""How a file came: from the browser's cache, from there while it was asked for anew, by a
304, or whole."""

EDGE_SECONDS, ORIGIN_SECONDS = 0.020, 0.080
"""Round trip from a user to the edge, and on from there to the origin. Assumed."""
BYTES_PER_SECOND = 2_000_000
PARTS = 4
"""Where no CDN is shared, users do not touch each other: so many groups browse side by side."""


class Shape(NamedTuple):
    """What the kernel knows of a site, shape (files,) but for the two tables."""

    size: Integers
    head: int
    wave: Integers
    route: Integers
    period: Integers  # -1: personal
    hashed: NDArray[np.bool_]
    code: NDArray[np.bool_]
    slot: Integers  # where the edge keeps its contents
    contents: Integers  # (versions, files)
    begun: Integers  # (files, versions + 1)
    kept: int


class Outcome(NamedTuple):
    """What came of each visit, shape (visits,), and of each file, shape (files, 4)."""

    page: NDArray[np.int8]
    received: Integers
    edge_waves: NDArray[np.int8]
    origin_waves: NDArray[np.int8]
    is_return: NDArray[np.bool_]
    staleness: Integers
    how: Integers
    totals: Integers  # requests that left a browser, those that reached the origin, leaks


@kernel
def browse(  # type: ignore[no-untyped-def]
    time, user, route, version, purged, shape, rules, has_edge, copies, edge, out
):
    for i in range(time.size):
        now, who, live, seen = time[i], user[i], version[i], 0
        out.is_return[i] = copies[who, -1, 0] > 0
        copies[who, -1, 0] = 1
        for f in range(shape.size.size):
            if shape.route[f] >= 0 and shape.route[f] != route[i]:
                continue
            want, since = shape.contents[live, f], shape.begun[f, shape.contents[live, f]]
            if shape.hashed[f]:  # the page that is shown tells which
                want, since = shape.contents[seen, f], shape.begun[f, shape.contents[seen, f]]
            elif shape.period[f] != 0:
                want = now // shape.period[f] if shape.period[f] > 0 else who
                since = want * shape.period[f] if shape.period[f] > 0 else since
            have = copies[who, f, 0] - 1
            if shape.hashed[f] and have != want:
                have = -1
            got, way = have, 0
            if have < 0 or now >= copies[who, f, 1]:
                grace = rules.grace[f]
                is_late = have >= 0 and grace > 0 and now <= copies[who, f, 1] + grace
                waves = 0 if is_late else 1 << shape.wave[f]
                kept = edge[shape.slot[f] + (want if shape.hashed[f] else 0)]
                is_there = has_edge and kept[0] >= 0 and kept[1] >= purged[i]
                answer, born, began = kept[0], kept[1], kept[3]
                if not is_there or now >= kept[2]:
                    gone = shape.hashed[f] and now >= shape.begun[f, want + 1] + shape.kept
                    grace = rules.edge_grace[f]
                    if not is_there or grace == 0 or now > kept[2] + grace:
                        answer, born, began = -1 if gone else want, now, since
                        out.origin_waves[i] |= waves
                    if rules.edge_keeps[f] and not gone:
                        life = rules.edge_life[f]
                        kept[0], kept[1], kept[3] = want, now, since
                        kept[2] = now + (math.ceil((now - since) * 0.1) if life < 0 else life)
                    out.totals[1] += 1
                if answer >= 0 and rules.keeps[f]:
                    life = rules.life[f]
                    copies[who, f, 0] = answer + 1
                    copies[who, f, 1] = born + (
                        math.ceil((born - began) * 0.1) if life < 0 else life
                    )
                got, way = have if is_late else answer, 2 if answer == have >= 0 else 3
                out.received[i] += shape.head + (shape.size[f] if way == 3 and answer >= 0 else 0)
                out.edge_waves[i] |= waves
                out.totals[0] += 1
                way = 1 if is_late else way
            out.how[f, way] += 1
            if f == 0:
                seen = got
                out.page[i] = 0 if got == live else 1
            elif shape.code[f] and got != shape.contents[seen, f]:
                out.page[i] = 2
            elif shape.period[f] > 0:
                out.staleness[i] = max(0, now - (got + 1) * shape.period[f])
            elif shape.period[f] < 0 and got != who:
                out.totals[2] += 1


@dataclass(frozen=True, eq=False)
class Week:
    """What came of every visit.

    Attributes
    ----------
    site, visits
        What was run.
    page
        0 for the current page, 1 for an old one, 2 for a broken one, 3 for an error in its
        place (in `by_cache` only), shape (visits,).
    received
        Bytes downloaded, heads included, shape (visits,).
    round_trips
        Times that the page had to wait for the network, 0 to 3, shape (visits,).
    load_time
        Seconds, shape (visits,).
    is_return
        Whether the user had been there before, shape (visits,).
    staleness
        Seconds for which the data shown had been replaced, shape (visits,).
    how
        Requests of each file that came from the cache, from there while being refreshed,
        by a 304, and whole, shape (files, 4).
    sent
        Requests that left a browser.
    at_origin
        Requests that reached the origin.
    leaks
        Times that somebody was shown the personal data of somebody else.
    """

    site: Site
    visits: Visits
    page: NDArray[np.int8]
    received: Integers
    round_trips: Integers
    load_time: NDArray[np.float64]
    is_return: NDArray[np.bool_]
    staleness: Integers
    how: Integers
    sent: int
    at_origin: int
    leaks: int

    @property
    def requests(self) -> int:
        """All requests that pages made, whoever answered them."""
        return int(self.how.sum())

    @cached_property
    def counted(self) -> slice:
        """Where the visits of the second half stand, when caches are warm."""
        return slice(int(np.searchsorted(self.visits.time, self.visits.span // 2)), None)

    def mean(self, column: NDArray[Any]) -> float:
        """Average a column over the return visits that count; NaN where there is none."""
        chosen = column[self.counted][self.is_return[self.counted]]
        return float(chosen.mean()) if chosen.size else math.nan

    def share(self, state: int) -> float:
        """Give the share of the visits that count whose page is in this state."""
        return float((self.page[self.counted] == state).mean())

    @cached_property
    def since_deploy(self) -> Integers:
        """Seconds since the latest deploy, -1 before the first one, shape (visits,)."""
        deploys = np.array([-NEVER, *self.site.deploys], dtype=np.int64)
        gone = self.visits.time - deploys[self.site.version_at(self.visits.time)]
        return np.where(gone > NEVER // 2, -1, gone)


def simulate(
    site: Site,
    headers_for: Callable[[str], str],
    visits: Visits,
    *,
    cdn: bool = False,
    purge_after: int | None = None,
) -> Week:
    """Run visits through browsers' caches, and a CDN where there is one.

    Parameters
    ----------
    site
        What is visited, and when it is deployed.
    headers_for
        Gives the Cache-Control value for a path, as `policies.look_up` makes it.
    visits
        Who comes when.
    cdn
        Whether a shared cache stands before the origin.
    purge_after
        Seconds after each deploy at which the CDN is emptied; None for never.

    Returns
    -------
    A row for each visit. Every request is answered in one of four ways.
    """
    if purge_after is not None:
        require.whole("purge_after", purge_after, at_least=0)
    rules = read_rules(site, headers_for)
    shape = shape_of(site, visits)
    purges = np.array([-NEVER, *(at + (purge_after or 0) for at in site.deploys)], dtype=np.int64)
    latest = np.searchsorted(purges, visits.time, side="right") - 1
    purged = purges[latest if purge_after is not None else np.zeros_like(latest)]
    version = site.version_at(visits.time)
    columns = (visits.time, visits.user, visits.route, version, purged)
    copies, edge = empty_caches(visits, shape)
    if cdn:
        out = empty_outcome(len(visits), len(site.files))
        browse(*columns, shape, rules, True, copies, edge, out)
        return week_of(site, visits, out)

    def browse_part(number: int) -> tuple[Integers, Outcome]:
        rows = np.flatnonzero(visits.user % PARTS == number)
        out = empty_outcome(rows.size, len(site.files))
        time, user, route, live, emptied = (column[rows] for column in columns)
        browse(time, user, route, live, emptied, shape, rules, False, copies, edge.copy(), out)
        return rows, out

    return week_of(site, visits, put_together(in_parallel(browse_part, range(PARTS))))


def put_together(parts: Sequence[tuple[Integers, Outcome]]) -> Outcome:
    """Put what came of each part's visits where these visits stand."""
    whole = empty_outcome(sum(rows.size for rows, _ in parts), parts[0][1].how.shape[0])
    for rows, out in parts:
        for name in ("page", "received", "edge_waves", "origin_waves", "is_return", "staleness"):
            getattr(whole, name)[rows] = getattr(out, name)
        whole.how[...] += out.how
        whole.totals[...] += out.totals
    return whole


def shape_of(site: Site, visits: Visits) -> Shape:
    """Put a site into arrays."""
    files, begun = site.files, site.begun
    rooms = [begun.shape[1] if file.is_hashed else 1 for file in files]
    personal = [-1 if file.kind == "personal" else file.period for file in files]
    return Shape(
        np.array([file.size for file in files]),
        HEADER_BYTES,
        np.array([file.wave for file in files]),
        np.array([file.route for file in files]),
        np.array(personal),
        np.array([file.is_hashed for file in files]),
        np.array([file.is_code for file in files]),
        np.cumsum([0, *rooms]),
        site.contents,
        begun,
        site.kept,
    )


def empty_caches(visits: Visits, shape: Shape) -> tuple[NDArray[np.int32], Integers]:
    """Make empty caches.

    Returns
    -------
    For each user and file its content and 1, so that 0 stands for none, and until when it is
    fresh, with a last row for whether the user has been there: shape (users, files + 1, 2).
    And for each slot of the edge content, birth, end of its life and when the content began.
    """
    copies = np.zeros((visits.users, shape.size.size + 1, 2), dtype=np.int32)
    return copies, np.full((int(shape.slot[-1]), 4), -1, dtype=np.int64)


def empty_outcome(visits: int, files: int) -> Outcome:
    """Make room for what comes out."""
    return Outcome(
        np.zeros(visits, dtype=np.int8),
        np.zeros(visits, dtype=np.int64),
        np.zeros(visits, dtype=np.int8),
        np.zeros(visits, dtype=np.int8),
        np.zeros(visits, dtype=np.bool_),
        np.zeros(visits, dtype=np.int64),
        np.zeros((files, 4), dtype=np.int64),
        np.zeros(3, dtype=np.int64),
    )


def week_of(site: Site, visits: Visits, out: Outcome) -> Week:
    """Add up waits and times."""
    ones = np.array([bin(mask).count("1") for mask in range(1 << WAVES)])
    trips, beyond = ones[out.edge_waves], ones[out.origin_waves]
    seconds = trips * EDGE_SECONDS + beyond * ORIGIN_SECONDS + out.received / BYTES_PER_SECOND
    return Week(
        site,
        visits,
        out.page,
        out.received,
        trips,
        seconds,
        out.is_return,
        out.staleness,
        out.how,
        *(int(total) for total in out.totals),
    )
