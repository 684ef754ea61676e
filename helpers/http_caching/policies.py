"""Header policies: which Cache-Control each path is sent with, and what that allows.

A policy is a table from a pattern of paths to the header's value, first match first, as
one writes it in a web server's configuration. `Rules` are the same as numbers for each
file, for the browser and for a cache that many share (RFC 9111, sections 4.2.1 and 5.2.2;
RFC 5861 for stale-while-revalidate).
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.http_caching.cache_control import parse_cache_control
from helpers.http_caching.site import Site

YEAR = 31_536_000
LONGEST = 2**30  # seconds, 34 years
HEURISTIC = -1
ASSETS = "/assets/*"
FOREVER = f"max-age={YEAR}, immutable"
PRICES = "max-age=60"

POLICIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "no-store for all": {"*": "no-store"},
        "no-cache for all": {"*": "no-cache"},
        "nothing said": {"/api/*": "no-store"},
        "an hour for all": {"/api/*": "no-store", "*": "max-age=3600"},
        "a day for all": {"/api/*": "no-store", "*": "max-age=86400"},
        "by kind": {
            "/": "no-cache",
            ASSETS: FOREVER,
            "/images/*": "max-age=86400",
            "/api/prices": PRICES,
            "/api/cart": "private, no-cache",
        },
    }
)
"""Policies that people ship. The last one is the one to ship."""


class Rules(NamedTuple):
    """What each file's headers allow, shape (files,).

    Attributes
    ----------
    life
        Seconds that a browser may use it without asking; -1 for a tenth of its age.
    grace
        Seconds after that for which it may still be used while it is asked for anew.
    keeps
        Whether a browser may keep it.
    edge_life, edge_grace, edge_keeps
        The same for a shared cache.
    """

    life: NDArray[np.int64]
    grace: NDArray[np.int64]
    keeps: NDArray[np.bool_]
    edge_life: NDArray[np.int64]
    edge_grace: NDArray[np.int64]
    edge_keeps: NDArray[np.bool_]


def look_up(policy: Mapping[str, str]) -> Callable[[str], str]:
    """Make a table into a function from a path to its Cache-Control, "" for none.

    Examples
    --------
    >>> look_up(POLICIES["by kind"])("/assets/app.3f2a91c0.js")
    'max-age=31536000, immutable'
    """

    def headers_for(path: str) -> str:
        return next((v for pattern, v in policy.items() if fnmatchcase(path, pattern)), "")

    return headers_for


def read_rules(site: Site, headers_for: Callable[[str], str]) -> Rules:
    """Read what a policy allows for each file of a site.

    Parameters
    ----------
    site
        The files.
    headers_for
        Gives the Cache-Control value for a path; the same for every hash of a name.
    """
    values = [headers_for(file.path_of(0)) for file in site.files]
    rows = [(*allowed(value, shared=False), *allowed(value, shared=True)) for value in values]
    life, grace, keeps, edge_life, edge_grace, edge_keeps = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    life, edge_life = np.minimum(life, LONGEST), np.minimum(edge_life, LONGEST)
    return Rules(life, grace, keeps, edge_life, edge_grace, edge_keeps)


def allowed(value: str, shared: bool) -> tuple[int, int, bool]:
    """Tell what a Cache-Control value allows a cache.

    Parameters
    ----------
    value
        The header's value; "" where there is no header.
    shared
        Whether many users share the cache.

    Returns
    -------
    Seconds of life (-1: by heuristic), seconds of grace, and whether it may be kept.

    Examples
    --------
    >>> allowed("max-age=60, s-maxage=600, stale-while-revalidate=30", shared=False)
    (60, 30, True)
    >>> allowed("private, max-age=60", shared=True)
    (0, 0, False)
    """
    said = parse_cache_control(value)
    if "no-store" in said or (shared and said.applies_to_all("private")):
        return 0, 0, False
    names = ("s-maxage", "max-age") if shared else ("max-age",)
    found = [seconds for name in names if (seconds := said.seconds(name)) is not None]
    strict = ("must-revalidate", *(("proxy-revalidate", "s-maxage") if shared else ()))
    grace = 0 if any(name in said for name in strict) else said.seconds("stale-while-revalidate")
    if said.applies_to_all("no-cache"):
        return 0, 0, True
    return (found or [HEURISTIC])[0], grace or 0, True
