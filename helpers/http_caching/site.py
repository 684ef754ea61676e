"""A small site: what it consists of, how it changes, and what its origin answers.

A newspaper of a few pages. The front page (HTML) names everything else; each edition (a
deploy) prints it anew. Some parts carry the edition in their name, as
`/assets/app.3f2a91c0.js` does: another content is another name. Others keep their name
whatever is in them. Prices change by themselves, and a cart is somebody's own.

Times are whole seconds since the simulated week began; `MONDAY` is when that was.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.http_caching.freshness import format_date
from helpers.http_caching.messages import Request, Response

Integers = NDArray[np.int64]
Kind = Literal["page", "script", "style", "image", "data", "personal"]

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
MONDAY = 1_774_828_800  # 2026-03-30, 00:00 UTC
HOST = "https://shop.example"
NEVER = 2**62
WAVES = 3
HEADER_BYTES = 300  # of a response's head, and all there is of a 304


@dataclass(frozen=True)
class File:
    """One thing that a page view asks for.

    Attributes
    ----------
    path
        Where it is; `{hash}` stands for the hash of its content.
    kind
        "page", "script", "style", "image", "data" (changes by itself) or "personal" (each
        user has another one).
    size
        Bytes of the body.
    wave
        0 for the page, 1 for what the page names, 2 for what its script asks for.
    every
        Changes with each so many deploys; 0 for never.
    period
        Seconds after which data changes by itself.
    route
        The view that needs it; -1 for every view.
    age
        Seconds since it was last changed when the week began.
    """

    path: str
    kind: Kind
    size: int
    wave: int = 1
    every: int = 0
    period: int = 0
    route: int = -1
    age: int = 30 * DAY

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError(f"path must begin with a slash, got {self.path!r}")
        require.whole("size", self.size)
        require.between("wave", self.wave, 0, WAVES - 1)
        require.whole("every", self.every, at_least=0)
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}, got {self.kind!r}")
        if (self.kind == "data") != (self.period != 0) or self.period < 0:
            raise ValueError(f"period of {self.path} must be above 0 for data only")

    @property
    def is_hashed(self) -> bool:
        """Whether its name tells its content."""
        return "{hash}" in self.path

    @property
    def is_code(self) -> bool:
        """Whether it must be of the same edition as the page."""
        return self.kind in ("script", "style")

    def path_of(self, content: int) -> str:
        """Give its path while it has that content.

        Examples
        --------
        >>> File("/a.{hash}.js", "script", 1).path_of(0)
        '/a.74b949bc.js'
        """
        return self.path.replace("{hash}", digest(self.path, content)[:8])

    def pattern(self) -> str:
        """Give its path with a star for what changes."""
        return self.path.replace("{hash}", "*")


def digest(path: str, content: int) -> str:
    """Give a hash of a content, as a bundler or a server would make one."""
    return hashlib.blake2b(f"{path} {content}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Site:
    """Files, the page first, and the deploys that change them.

    Attributes
    ----------
    files
        The first is the page, and changes with each deploy.
    deploys
        When each one goes out, ascending, in seconds.
    kept
        Seconds for which the origin keeps a hashed file after a deploy replaced it.
    """

    files: Sequence[File]
    deploys: tuple[int, ...] = ()
    kept: int = 0

    def __post_init__(self) -> None:
        if not self.files or self.files[0].kind != "page" or self.files[0].every != 1:
            raise ValueError("files must begin with a page that changes with every deploy")
        if any(one >= other for one, other in zip(self.deploys, self.deploys[1:], strict=False)):
            raise ValueError(f"deploys must ascend, got {self.deploys}")
        require.whole("kept", self.kept, at_least=0)
        object.__setattr__(self, "files", tuple(self.files))

    @property
    def routes(self) -> int:
        """How many views there are, at least 1."""
        return max(1, 1 + max(file.route for file in self.files))

    @property
    def first_visit_bytes(self) -> int:
        """What somebody downloads who has nothing yet, heads included."""
        return sum(file.size + HEADER_BYTES for file in self.files if file.route <= 0)

    def version_at(self, time: ArrayLike) -> Integers:
        """Give the number of deploys that are out at these times."""
        return np.searchsorted(np.array(self.deploys, dtype=np.int64), time, side="right")

    @cached_property
    def contents(self) -> Integers:
        """The content of each file in each version, shape (versions, files)."""
        versions = np.arange(len(self.deploys) + 1)
        every = np.array([file.every for file in self.files])
        return np.where(every > 0, versions[:, None] // np.maximum(every, 1), 0)

    @cached_property
    def names(self) -> dict[str, tuple[int, int]]:
        """Each path that was ever there, with its file's number and content; -1 for any."""
        found = {}
        for number, file in enumerate(self.files):
            for content in set(self.contents[:, number].tolist()) if file.is_hashed else {-1}:
                found[file.path_of(content)] = (number, content)
        return found

    @cached_property
    def begun(self) -> Integers:
        """When each content of each file began, shape (files, versions + 1); else NEVER."""
        table = np.full((len(self.files), len(self.deploys) + 2), NEVER, dtype=np.int64)
        for row, file in zip(table, self.files, strict=True):
            row[0] = -file.age
            if file.every:
                later = self.deploys[file.every - 1 :: file.every]
                row[1 : 1 + len(later)] = later
        return table


VIEWS = ("home", "search", "product", "cart", "account", "orders", "offers", "help")

SHOP = (
    File("/", "page", 14_000, wave=0, every=1),
    File("/assets/app.{hash}.js", "script", 160_000, every=1),
    File("/assets/vendor.{hash}.js", "script", 220_000, every=5),
    File("/assets/style.{hash}.css", "style", 40_000, every=2),
    *(
        File(f"/assets/{view}.{{hash}}.js", "script", 30_000, wave=2, every=1, route=route)
        for route, view in enumerate(VIEWS)
    ),
    File("/images/hero.jpg", "image", 180_000, age=200 * DAY),
    File("/images/logo.svg", "image", 8_000, age=400 * DAY),
    File("/api/prices", "data", 6_000, wave=2, period=5 * MINUTE),
    File("/api/cart", "personal", 1_000, wave=2),
)
"""A shop with eight views. Sizes are invented, in the shape of a middling one."""


@dataclass
class Origin:
    """The site's server: it answers, and counts what it is asked.

    Attributes
    ----------
    site
        What there is.
    headers_for
        Gives the Cache-Control value for a path; an empty one for none.
    clock
        Gives the seconds since 1970.
    down
        From when until when it answers 503 only, in seconds of the week.
    asked
        The paths of all requests that came, in order, each with the status of its answer.
    """

    site: Site
    headers_for: Callable[[str], str]
    clock: Callable[[], float]
    down: tuple[float, float] = (math.inf, math.inf)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        path = request.url.removeprefix(HOST).partition("?")[0]
        response = self.answer(path, request, int(self.clock()) - MONDAY)
        self.asked.append((path, response.status))
        return response

    def answer(self, path: str, request: Request, now: int) -> Response:
        """Give the answer to a path at a second of the week."""
        date = ("Date", format_date(MONDAY + now))
        if self.down[0] <= now < self.down[1]:
            return Response(503, [date, ("Cache-Control", "no-store")], b"")
        found = find(self.site, path, now, request.get("Cookie") or "")
        if found is None:
            return Response(404, [date, ("Cache-Control", "no-store")], b"")
        file, content, begun = found
        etag = f'"{digest(file.path, content)}"'
        told = [date, ("ETag", etag), ("Last-Modified", format_date(MONDAY + begun))]
        if control := self.headers_for(path):
            told.append(("Cache-Control", control))
        if request.get("If-None-Match") == etag:
            return Response(304, told, b"")
        return Response(200, told, body_of(content, file.size))


@lru_cache(maxsize=1024)
def body_of(content: int, size: int) -> bytes:
    """Make up a body that tells its content at its beginning."""
    return f"{content} ".encode().ljust(size, b".")


def content_of(response: Response) -> int:
    """Read back which content a body is; -1 where the answer was an error."""
    return int(response.body[:20].split(b" ")[0]) if response.status == 200 else -1


def find(site: Site, path: str, now: int, cookie: str = "") -> tuple[File, int, int] | None:
    """Find what the origin has at a path: the file, its content, and since when."""
    if path not in site.names:
        return None
    number, content = site.names[path]
    file, begun = site.files[number], site.begun[number]
    if file.is_hashed:
        is_there = begun[content] <= now < begun[content + 1] + site.kept
        return (file, content, int(begun[content])) if is_there else None
    of_version = int(site.contents[int(site.version_at(now)), number])
    content = current(file, of_version, now, cookie)
    since = content * file.period if file.period else -file.age
    return file, content, int(begun[content]) if file.every else since


def current(file: File, of_version: int, now: int, cookie: str) -> int:
    """Give what is in a file that keeps its name: by deploy, by the clock, or by user."""
    if file.kind == "personal":
        return int(cookie.partition("=")[2] or 0)
    return now // file.period if file.period else of_version
