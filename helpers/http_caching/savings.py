"""What better headers would save a returning visitor, by kind of resource.

The clerk who goes over last month's mail: what was sent twice although nothing had changed?
For each thing that a page asks for, the headers it came with say whether a second visit asks
for it again, and whether the whole of it is sent again. Then the same with the headers that
its kind calls for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpers import require
from helpers.http_caching.freshness import freshness_lifetime, parse_date, read_age
from helpers.http_caching.messages import Request, Response
from helpers.http_caching.rules import forbids_stale, why_not_store
from helpers.http_caching.site import DAY, HEADER_BYTES

KINDS = ("document", "script", "stylesheet", "font", "image", "data", "other")
HASH = re.compile(r"[.\-_](?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-zA-Z]{6,32}\.\w+$")
STATIC = ("script", "stylesheet", "font", "image")


@dataclass(frozen=True)
class Resource:
    """One answer of a recorded page load, with the headers that a cache goes by.

    Attributes
    ----------
    path
        Host and path, without the query.
    kind
        One of `KINDS`.
    size
        Bytes over the network for the whole of it.
    response
        Status and caching headers; no body.
    """

    path: str
    kind: str
    size: int
    response: Response

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")

    @property
    def has_hash(self) -> bool:
        """Whether its name seems to tell its content.

        Examples
        --------
        >>> Resource("a.example/app.3f2a91.js", "script", 1, Response()).has_hash
        True
        >>> Resource("a.example/app.min.js", "script", 1, Response()).has_hash
        False
        """
        return HASH.search(self.path) is not None


@dataclass(frozen=True)
class Cost:
    """What a return visit pays: requests that the page waits for, and bytes."""

    requests: int = 0
    size: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.requests + other.requests, self.size + other.size)


@dataclass(frozen=True)
class Saving:
    """A kind of resource: how many there are, and what a return visit pays now and then."""

    kind: str
    resources: int
    now: Cost
    better: Cost


@dataclass(frozen=True)
class Savings:
    """What better headers would save, a row for each kind that occurs.

    Attributes
    ----------
    rows
        In the order of `KINDS`.
    gap
        Seconds since the visitor was there last.
    """

    rows: tuple[Saving, ...]
    gap: float

    @property
    def now(self) -> Cost:
        """What a return visit pays in all, with the headers as they are."""
        return sum((row.now for row in self.rows), Cost())

    @property
    def better(self) -> Cost:
        """What it would pay."""
        return sum((row.better for row in self.rows), Cost())

    def __repr__(self) -> str:
        head = f"{'a visit later':12}{'resources':>10}{'requests now':>15}{'better':>8}"
        lines = [f"{head}{'kB now':>10}{'better':>9}"]
        total = Saving("all", sum(row.resources for row in self.rows), self.now, self.better)
        for row in (*self.rows, total):
            counts = f"{row.kind:13}{row.resources:10}{row.now.requests:15}{row.better.requests:8}"
            sizes = f"{row.now.size / 1e3:10.1f}{row.better.size / 1e3:9.1f}"
            lines.append(counts + sizes)
        return "\n".join(lines)


def find_savings(resources: Sequence[Resource], gap: float = DAY) -> Savings:
    """Work out what a return visit pays now, and with the headers that each kind calls for.

    Nothing is taken to have changed in between.

    Parameters
    ----------
    resources
        As `har_headers.read_har` gives them.
    gap
        Seconds since the visitor was there last, above 0.
    """
    require.positive("gap", gap)
    rows = []
    for kind in KINDS:
        chosen = [resource for resource in resources if resource.kind == kind]
        if chosen:
            now = sum((cost(item, item.response, gap) for item in chosen), Cost())
            then = sum((cost(item, improved(item), gap) for item in chosen), Cost())
            rows.append(Saving(kind, len(chosen), now, then))
    return Savings(tuple(rows), gap)


def cost(resource: Resource, response: Response, gap: float) -> Cost:
    """Tell what a browser pays for a resource that it got so many seconds ago.

    Examples
    --------
    >>> page = Resource("a.example/", "document", 9_000, Response())
    >>> cost(page, Response(headers={"Cache-Control": "no-cache", "ETag": '"1"'}), 60)
    Cost(requests=1, size=300)
    """
    if why_not_store(Request("/"), response, shared=False):
        return Cost(1, resource.size)
    said = response.cache_control
    # What its Date is unknown, Expires says nothing of: then it counts as made at its end.
    made = parse_date(response.first("expires")) or 0
    late = read_age(response) + gap - freshness_lifetime(response, made, shared=False).seconds
    must_ask = said.applies_to_all("no-cache")
    if late < 0 and not must_ask:
        return Cost()
    has_validator = bool(response.first("etag") or response.first("last-modified"))
    size = min(HEADER_BYTES, resource.size) if has_validator else resource.size
    grace = 0 if forbids_stale(response, shared=False) else said.seconds("stale-while-revalidate")
    return Cost(0 if grace and not must_ask and late <= grace else 1, size)


def improved(resource: Resource) -> Response:
    """Give the headers that a kind calls for; data keeps those it has.

    A name with a hash may be kept forever. A page, and a static file without a hash, may be
    kept and has to be asked for; an image or a font may be shown for a week while it is.
    """
    if resource.kind in STATIC and resource.has_hash:
        control = "max-age=31536000, immutable"
    elif resource.kind in ("image", "font"):
        control = "max-age=3600, stale-while-revalidate=604800"
    elif resource.kind in (*STATIC, "document"):
        control = "no-cache"
    else:
        return resource.response
    return Response(resource.response.status, {"Cache-Control": control, "ETag": '"known"'})
