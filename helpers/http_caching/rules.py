"""What a cache may keep, and when it may use what it kept: the rules, each with its reason.

A librarian's two questions. When a book comes in: may it stand on the shelf at all? When
somebody asks for it: may it go out as it is, or must the publisher be asked first whether it
still holds?

Sources: RFC 9111, sections 3 (storing), 3.5 (Authorization), 4 (reuse), 4.2.4 (stale) and
5.2 (directives); RFC 5861 (stale-while-revalidate, stale-if-error); RFC 8246 (immutable).
"""

from dataclasses import dataclass
from http import HTTPStatus

from helpers.http_caching.freshness import HEURISTIC_STATUS, directives_of, freshness_lifetime
from helpers.http_caching.messages import Request, Response
from helpers.http_caching.storage import Stored, key_of, resolve, vary_names

UNDERSTOOD_STATUS = {int(status) for status in HTTPStatus if status >= 200}
"""Status codes whose meaning for caching this cache knows."""

ABOUT_THE_REQUEST = {412, 416}
"""Status codes that judge a request's own condition or range: no answer to anybody else."""

SERVER_ERRORS = {500, 502, 503, 504}
"""What stale-if-error takes for an error (RFC 5861, section 4)."""


@dataclass(frozen=True)
class Decision:
    """Whether a stored response may be used as it is.

    Attributes
    ----------
    kind
        "hit", "stale" (use it although it is), or "validate" (ask the origin first).
    reason
        In words.
    age, lifetime
        Seconds.
    revalidates_behind
        Whether the origin is to be asked once the answer is out.
    forward
        For "validate", the word of RFC 9211 for why: "stale" or "request".
    """

    kind: str
    reason: str
    age: float
    lifetime: float
    revalidates_behind: bool = False
    forward: str = "stale"


def why_not_store(request: Request, response: Response, shared: bool) -> str:
    """Tell why a response must not be kept; empty where it may be.

    Parameters
    ----------
    request, response
        What was asked, and what the origin said.
    shared
        Whether the cache serves many people.

    Examples
    --------
    >>> secret = Response(headers={"Cache-Control": "private, max-age=60"})
    >>> why_not_store(Request("/me"), secret, shared=True)
    'private, and this cache is shared'
    >>> why_not_store(Request("/me"), secret, shared=False)
    ''
    """
    said = directives_of(response, shared)
    is_understood = response.status in UNDERSTOOD_STATUS
    if response.status < 200:
        return f"a {response.status} is not the final answer"
    if response.status in ABOUT_THE_REQUEST:
        return f"a {response.status} is about this request, not about the address"
    if "no-store" in request.cache_control:
        return "the request says no-store"
    if request.method not in ("GET", "POST"):
        return f"answers to {request.method} are not kept"
    if request.method == "POST" and not answers_get(request, response, shared):
        return "a POST without an explicit lifetime and its own Content-Location"
    if "must-understand" in said and not is_understood:
        return f"must-understand, and {response.status} is not understood"
    if "no-store" in said and "must-understand" not in said:
        return "no-store"
    if response.status == 304:
        return "a 304 carries nothing to keep"
    if shared and said.applies_to_all("private"):
        return "private, and this cache is shared"
    if shared and request.lines("authorization") and not may_share_authorized(response):
        return "the request carries Authorization, and nothing allows to share the answer"
    if "*" in vary_names(response):
        return "Vary: * never fits another request"
    if not says_it_may_be_kept(response, shared):
        return f"nothing says how long a {response.status} keeps"
    return ""


def answers_get(request: Request, response: Response, shared: bool) -> bool:
    """Tell whether the answer to a POST may answer a later GET (RFC 9110, section 9.3.3)."""
    source = freshness_lifetime(response, 0, shared).source
    link = response.first("content-location")
    if source in ("heuristic", "nothing") or link is None:
        return False
    return key_of(resolve(request.url, link)) == key_of(request.url)


def may_share_authorized(response: Response) -> bool:
    """Tell whether a shared cache may keep what somebody had to sign in for."""
    said = directives_of(response, shared=True)
    return any(name in said for name in ("public", "must-revalidate", "s-maxage"))


def says_it_may_be_kept(response: Response, shared: bool) -> bool:
    """Tell whether anything in a response lets it be kept: a lifetime, a word or its status."""
    said = directives_of(response, shared)
    words = ("public", "max-age", "s-maxage") if shared else ("public", "max-age", "private")
    has_expires = bool(response.lines("expires")) and not said.is_targeted
    has_word = any(word in said for word in words)
    return has_word or has_expires or response.status in HEURISTIC_STATUS


def decide(stored: Stored, request: Request, now: float, shared: bool) -> Decision:
    """Tell whether a stored response may be used as it is.

    Parameters
    ----------
    stored
        What fits the request.
    now
        Seconds of the cache's clock.
    shared
        Whether the cache serves many people.
    """
    said, asked = directives_of(stored.response, shared), request.cache_control
    age, lifetime = stored.age(now).current, stored.lifetime(shared)

    def give(kind: str, reason: str, behind: bool = False, forward: str = "stale") -> Decision:
        return Decision(kind, reason, age, lifetime.seconds, behind, forward)

    if said.applies_to_all("no-cache"):
        return give("validate", "the response says no-cache")
    if "no-cache" in asked:
        return give("validate", "the request says no-cache", forward="request")
    if age < lifetime.seconds:
        refused = why_not_fresh_enough(request, age, lifetime.seconds)
        if refused and not (not shared and "immutable" in said and asked.seconds("max-age") == 0):
            return give("validate", refused, forward="request")
        return give("hit", f"fresh: {age:g} s old, {lifetime}")
    late = age - lifetime.seconds
    told = f"stale: {age:g} s old, {lifetime}"
    forbidden = forbids_stale(stored.response, shared)
    if forbidden:
        return give("validate", f"{told}, and {forbidden} forbids to serve it stale")
    if allows_stale(request, age, late):
        return give("stale", f"{told}, and the request's max-stale allows it")
    if late <= (said.seconds("stale-while-revalidate") or -1) and not asks_for_more(request):
        return give("stale", f"{told}, stale-while-revalidate allows it", behind=True)
    return give("validate", told)


def why_not_fresh_enough(request: Request, age: float, lifetime: float) -> str:
    """Tell why a fresh response is still not what a request asks for; empty where it is."""
    asked = request.cache_control
    max_age = asked.seconds("max-age")
    if max_age is not None and (age > max_age or max_age == 0):
        return f"{age:g} s old, the request's max-age allows {max_age:g} s"
    min_fresh = asked.seconds("min-fresh", unreadable=2**31)
    if min_fresh is not None and lifetime - age < min_fresh:
        return f"fresh for {lifetime - age:g} s more, the request's min-fresh wants {min_fresh:g} s"
    return ""


def asks_for_more(request: Request) -> bool:
    """Tell whether a request limits by itself how old an answer may be."""
    return any(name in request.cache_control for name in ("max-age", "min-fresh"))


def allows_stale(request: Request, age: float, late: float) -> bool:
    """Tell whether a request takes a response that is late seconds over its lifetime."""
    asked = request.cache_control
    if "max-stale" not in asked or why_not_fresh_enough(request, age, float("inf")):
        return False
    given = asked.arguments["max-stale"][0]
    seconds = asked.seconds("max-stale", unreadable=-1)
    return given is None or (seconds is not None and late <= seconds)


def forbids_stale(response: Response, shared: bool) -> str:
    """Name the directive that forbids to serve a response stale; empty where none does."""
    said = directives_of(response, shared)
    if said.applies_to_all("no-cache"):
        return "no-cache"
    binding = (
        ("must-revalidate", "proxy-revalidate", "s-maxage") if shared else ("must-revalidate",)
    )
    return next((name for name in binding if name in said), "")


def why_stale_helps(
    stored: Stored, request: Request, now: float, shared: bool, status: int | None
) -> str:
    """Tell why a stale response may stand in for an error; empty where it must not.

    Parameters
    ----------
    status
        The origin's error, or None where it did not answer at all. Then a stale response may
        be served even where nobody named stale-if-error: the cache is cut off (RFC 9111,
        section 4.2.4). An answer with an error needs the permission.
    """
    late = stored.age(now).current - stored.lifetime(shared).seconds
    said = directives_of(stored.response, shared)
    trouble = "the origin does not answer" if status is None else f"the origin says {status}"
    if forbids_stale(stored.response, shared) or "no-cache" in request.cache_control:
        return ""
    granted = [d.seconds("stale-if-error") for d in (said, request.cache_control)]
    limits = [seconds for seconds in granted if seconds is not None]
    if limits:
        return f"{trouble}, and stale-if-error allows it" if late <= max(limits) else ""
    if status is None and not asks_for_more(request):
        return f"{trouble}, and nothing forbids to serve it stale"
    return ""
