"""A cache that keeps to the standard: it stands before an origin and looks just like one.

A newsagent between readers and a printing house. A reader gets today's copy from the rack
where there is one that still holds; otherwise the agent asks the printer, "is there a newer
one than this?", and keeps what comes if it may be kept. Since an agent asks just as a reader
does, agents can stand in a row: a browser's own cache before a shared one before the origin.

Nothing sleeps: time is what the clock says. A revalidation that goes on behind a stale answer
(stale-while-revalidate) is done at the same moment, right after the answer was made, so that
the client does not wait for it and the next request finds its result.

Source: RFC 9111, with RFC 9110, 5861, 8246, 9211 and 9213. Pragma is ignored (5.4).
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from helpers import require
from helpers.http_caching.freshness import directives_of
from helpers.http_caching.messages import (
    Request,
    Response,
    Verdict,
    as_request,
    as_response,
    drop_fields,
    drop_hop_by_hop,
    put_fields,
)
from helpers.http_caching.ranges import cut, find_part, holds, join
from helpers.http_caching.rules import (
    SERVER_ERRORS,
    Decision,
    decide,
    why_not_store,
    why_stale_helps,
)
from helpers.http_caching.storage import Storage, Stored, keep, resolve, selecting
from helpers.http_caching.validation import (
    NOT_FOR_CACHES,
    date_on_arrival,
    freshen,
    has_validator,
    is_not_modified,
    make_conditional,
    matches_head,
    not_modified,
    overtakes,
    speaks_of,
    without_conditions,
)

Origin = Callable[[Request], Response]
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


@dataclass(frozen=True)
class Exchange:
    """A line of the log.

    Attributes
    ----------
    time
        Seconds, when the answer was made.
    request, response
        What was asked and answered; the response's `verdict` tells why.
    is_behind
        Whether it went on behind an answer that was already out.
    """

    time: float
    request: Request
    response: Response
    is_behind: bool = False

    def __str__(self) -> str:
        behind = "(behind) " if self.is_behind else ""
        asked = f"{self.request.method} {self.request.url}"
        return f"{self.time:.0f} {behind}{asked} → {self.response.status} {self.response.verdict}"


@dataclass(frozen=True)
class Received:
    """What the origin answered, and when: seconds at the question and at the answer."""

    response: Response
    request_time: float
    response_time: float


class HttpCache:
    """A cache before an origin.

    Parameters
    ----------
    origin
        Takes a request and gives a response; another cache's `fetch` will do. An `OSError`
        (`ConnectionError`, `TimeoutError`) means that it does not answer.
    clock
        Gives the time in seconds since 1970.
    shared
        Whether it serves many people (a proxy, a CDN) or one (a browser).
    log_size
        How many exchanges the log keeps, the newest ones; at least 0.

    Examples
    --------
    >>> from helpers.http_caching.clock import Clock
    >>> clock = Clock()
    >>> page = Response(headers={"Cache-Control": "max-age=60"}, body=b"hello")
    >>> cache = HttpCache(lambda request: page, clock, shared=False)
    >>> print(cache.fetch(Request("/")).verdict)
    miss: nothing is stored for this address
    >>> clock.advance(3)
    >>> answer = cache.fetch(Request("/"))
    >>> print(answer.get("Age"), answer.verdict)
    3 hit: fresh: 3 s old, max-age gives 60 s
    """

    def __init__(
        self, origin: Origin, clock: Callable[[], float], *, shared: bool, log_size: int = 10_000
    ) -> None:
        for name, given in (("origin", origin), ("clock", clock)):
            if not callable(given):
                raise ValueError(f"{name} must be something to call, got {given!r}")
        if shared not in (True, False):
            raise ValueError(f"shared must be True or False, got {shared!r}")
        self.origin = origin
        self.clock = clock
        self.shared = bool(shared)
        self.storage = Storage()
        self.log: deque[Exchange] = deque(maxlen=require.whole("log_size", log_size, at_least=0))
        self.counts: Counter[str] = Counter()

    def fetch(self, request: Request) -> Response:
        """Answer a request, from what is kept or from the origin.

        Requests and the origin's answers may be of any class that carries the same parts:
        method, url, headers and body; status, headers and body. A fragment of the url stays
        with the client (RFC 9110, section 7.1).

        Raises
        ------
        ValueError
            When a message lacks a part, or has one that is not of its kind, or the clock gives
            no seconds. Any error of the origin but an `OSError` is the caller's to handle.
        """
        request = as_request(request)
        if "#" in request.url:
            request = replace(request, url=request.url.partition("#")[0])
        response = self._answer(request)
        self._note(request, response)
        return response

    def explain(self, last: int = 1) -> str:
        """Tell of the last exchanges, at least 1, a line each: what was asked and why so."""
        require.whole("last", last)
        return "\n".join(map(str, list(self.log)[-last:]))

    def _note(self, request: Request, response: Response, is_behind: bool = False) -> None:
        self.log.append(Exchange(self.clock(), request, response, is_behind))
        if response.verdict and not is_behind:
            self.counts[response.verdict.kind] += 1

    # From a question to an answer

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return self._write_through(request)
        if any(request.lines(name) for name in NOT_FOR_CACHES):
            return self._get_new(request, "a condition that only the origin can judge", "bypass")
        stored = self.storage.find(request)
        if stored is None:
            varies = self.storage.has_variants(request.url)
            told = "only other variants are stored" if varies else "nothing is stored"
            return self._get_new(
                request, f"{told} for this address", "vary-miss" if varies else "uri-miss"
            )
        if not holds(stored, request):
            return self._get_new(request, "only a part of it is stored", "partial")
        decision = decide(stored, request, self.clock(), self.shared)
        if decision.kind == "validate":
            return self._validate(request, stored, decision)
        answer = self._reuse(request, stored, decision.kind, decision.reason)
        if decision.revalidates_behind:
            self._revalidate_behind(request, stored, decision)
        return answer

    def _revalidate_behind(self, request: Request, stored: Stored, decision: Decision) -> None:
        plain = drop_fields(without_conditions(request), ("range", "if-range", "cache-control"))
        behind = self._validate(plain, stored, decision)
        self._note(plain, behind, is_behind=True)

    def _reuse(
        self,
        request: Request,
        stored: Stored,
        kind: str,
        reason: str,
        forward: str = "",
        status: int | None = None,
        not_stored: str = "",
    ) -> Response:
        """Make an answer of what is kept, or was until now."""
        age, lifetime = stored.age(self.clock()).current, stored.lifetime(self.shared).seconds
        verdict = Verdict(
            kind=kind,
            reason=reason,
            age=age,
            lifetime=lifetime,
            is_stored=kind == "revalidated" and not not_stored,
            not_stored=not_stored,
            forward=forward,
            forward_status=status,
        )
        kept = stored.response
        if kind != "revalidated":
            kept = drop_fields(kept, directives_of(kept, self.shared).field_names("no-cache"))
        kept = put_fields(kept, Age=str(int(age)))
        answer = Response(kept.status, kept.headers, kept.body, verdict)
        return self._shape(request, answer, stored)

    def _shape(self, request: Request, response: Response, stored: Stored) -> Response:
        """Give of a full answer what the client asked for: a 304, a part, or no body."""
        if is_not_modified(request, response, stored.response_time):
            return not_modified(response)
        response = cut(response, request, stored.part)
        return replace(response, body=b"") if request.method == "HEAD" else response

    # Asking the origin

    def _ask(self, request: Request) -> Received | None:
        """Put a question to the origin; None where it does not answer."""
        request_time = require.not_negative("clock()", self.clock())
        try:
            answer = as_response(self.origin(drop_hop_by_hop(request)))
        except OSError:
            return None
        response_time = max(request_time, self.clock())  # a clock may be set back meanwhile
        if request.method == "HEAD":
            answer = replace(answer, body=b"")
        response = date_on_arrival(drop_hop_by_hop(answer), response_time)
        return Received(response, request_time, response_time)

    def _get_new(self, request: Request, reason: str, forward: str) -> Response:
        """Ask the origin as if nothing were kept."""
        if "only-if-cached" in request.cache_control:
            return make_error(f"{reason}, and the request says only-if-cached")
        received = self._ask(request)
        if received is None:
            return make_error(f"{reason}, and the origin does not answer", forward)
        return self._take(request, received, "miss", reason, forward)

    def _validate(self, request: Request, stored: Stored, decision: Decision) -> Response:
        """Ask the origin whether what is kept still holds."""
        if "only-if-cached" in request.cache_control:
            return make_error(f"{decision.reason}, and the request says only-if-cached")
        asks_about_ours = has_validator(stored.response)
        received = self._ask(make_conditional(request, stored) if asks_about_ours else request)
        status = None if received is None else received.response.status
        if received is None or status in SERVER_ERRORS:
            helps = why_stale_helps(stored, request, self.clock(), self.shared, status)
            if helps:
                reason = f"{decision.reason}; {helps}"
                return self._reuse(request, stored, "stale", reason, decision.forward, status)
        if received is None:
            reason = f"{decision.reason}; the origin does not answer"
            return make_error(reason, decision.forward)
        if status == 304 and asks_about_ours:
            if not speaks_of(stored, received.response):
                self.storage.swap(stored, None)
                again = without_conditions(request)
                return self._get_new(again, "the 304 was about something else", decision.forward)
            fresh, not_stored = self._freshen(request, stored, received)
            told = (decision.reason, decision.forward, 304, not_stored)
            return self._reuse(request, fresh, "revalidated", *told)
        return self._take(request, received, "miss", decision.reason, decision.forward, stored)

    def _freshen(self, request: Request, stored: Stored, received: Received) -> tuple[Stored, str]:
        """Renew what is kept; tell why the renewed answer must not be, empty where it may."""
        update, *times = received.response, received.request_time, received.response_time
        fresh = freshen(stored, update, *times)
        fresh = replace(fresh, selecting=selecting(request, fresh.response))
        refused = why_not_store(replace(request, method="GET"), fresh.response, self.shared)
        if "no-store" not in request.cache_control:
            self.storage.swap(stored, None if refused else self._without_private(fresh))
        return fresh, refused

    def _take(
        self,
        request: Request,
        received: Received,
        kind: str,
        reason: str,
        forward: str,
        old: Stored | None = None,
    ) -> Response:
        """Keep what the origin sent, if it may be kept, and hand it on."""
        response = received.response
        not_stored = why_not_store(request, response, self.shared)
        part = find_part(response) if response.status == 206 else None
        if response.status == 206 and part is None:
            not_stored = not_stored or "a 206 whose Content-Range cannot be used"
        if old is not None and overtakes(response, old):
            self._outdate(request, received, old)
        verdict = Verdict(
            kind=kind,
            reason=reason,
            is_stored=not not_stored,
            not_stored=not_stored,
            forward=forward,
            forward_status=response.status,
        )
        answer = Response(response.status, response.headers, response.body, verdict)
        if not_stored:
            return answer
        kept = self._keep(request, received, part)
        if request.method == "GET" and response.status == 200:
            return self._shape(drop_fields(request, ("range",)), answer, kept)
        return answer

    def _keep(self, request: Request, received: Received, part: tuple[int, int] | None) -> Stored:
        times = (received.request_time, received.response_time)
        stored = self._without_private(keep(request, received.response, *times, part))
        old = self.storage.find(request)
        if old is not None and part is not None:
            stored = join(old, stored)
        self.storage.put(stored, request)
        return stored

    def _without_private(self, stored: Stored) -> Stored:
        """Leave out the fields that are one user's own, where the cache is shared."""
        said = directives_of(stored.response, self.shared)
        names = said.field_names("private") if self.shared else ()
        return replace(stored, response=drop_fields(stored.response, names)) if names else stored

    def _outdate(self, request: Request, received: Received, old: Stored) -> None:
        """Let a full answer overtake what was kept; the answer to a HEAD may update it."""
        response = received.response
        if request.method == "HEAD" and response.status == 200 and matches_head(old, response):
            self._freshen(request, old, received)
        else:
            self.storage.swap(old, None)

    # Changing something

    def _write_through(self, request: Request) -> Response:
        """Pass a method on that is no GET, and drop what a success makes out of date."""
        received = self._ask(request)
        if received is None:
            return make_error(f"the origin does not answer to {request.method}", "method")
        dropped = False
        if request.method not in SAFE and 200 <= received.response.status < 400:
            dropped = self._invalidate(request, received.response)
        reason = f"{request.method} goes to the origin"
        reason += ", and what was stored is dropped" if dropped else ""
        return self._take(request, received, "pass", reason, "method")

    def _invalidate(self, request: Request, response: Response) -> bool:
        """Drop the address, and those of Location and Content-Location on the same origin."""
        named = (response.first("location"), response.first("content-location"))
        urls = [request.url, *(resolve(request.url, link) for link in named if link is not None)]
        dropped = [self.storage.forget(url) for url in urls if url]
        return any(dropped)


def make_error(reason: str, forward: str = "") -> Response:
    """Say that the cache can give no answer: 504 (RFC 9111, sections 4.2.4 and 5.2.1.7)."""
    verdict = Verdict("error", reason, forward=forward)
    return Response(504, headers={"Content-Length": "0"}, verdict=verdict)
