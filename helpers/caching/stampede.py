"""A copy that many want expires: who fetches the new one, and who waits?

Picture a bakery with a basket of rolls on the counter. While there are rolls, nobody
goes to the oven. When the basket is empty, everyone in the shop walks to the oven at
once, each for a basket of their own, and the more stand there the slower the baker is.
It would do to send one; or to send somebody just before the basket is empty; or to hand
out yesterday's rolls meanwhile.

The database works on all its queries at once: up to `workers` at full speed, beyond that
they share it (processor sharing). A query whose asker has given up is still worked on,
and its answer is thrown away. That is how one expiry can become an outage that lasts.

Sources: XFetch from Vattani, Chierichetti and Lowenstein, "Optimal probabilistic cache
stampede prevention", VLDB 2015; leases from Nishtala et al., "Scaling memcache at
Facebook", NSDI 2013; stale-while-revalidate from RFC 5861.
"""

import heapq
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.caching.rush import Floats, Integers, Rush, draw_rush
from helpers.caching.stampede_theory import first_answer
from helpers.kernel import kernel
from helpers.statistics import Estimate, interval

Lanes = Literal["none", "per server", "everywhere"]


@dataclass(frozen=True)
class Guard:
    """What keeps requests from asking the database for the same thing at once.

    Attributes
    ----------
    name
        What people call it.
    one_flight
        Among whom one query for an object is enough, and the others wait for its answer:
        "none", "per server" (request coalescing in each process) or "everywhere" (a lock
        or a lease in the shared cache).
    early
        β of the early refresh (XFetch); 0 for none, 1 as a rule.
    stale_for
        Seconds after its end for which a copy is still handed out while one query runs.
    jitter
        Share by which times to live are shortened, each by chance, from 0 to 1.
    """

    name: str = "nothing"
    one_flight: Lanes = "none"
    early: float = 0.0
    stale_for: float = 0.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        if self.one_flight not in ("none", "per server", "everywhere"):
            raise ValueError(
                f"one_flight must be 'none', 'per server' or 'everywhere', got {self.one_flight!r}"
            )
        require.not_negative("early", self.early)
        require.not_negative("stale_for", self.stale_for)
        require.between("jitter", self.jitter, 0, 1)


@dataclass(frozen=True, eq=False)
class StampedeRun:
    """What happened to the requests, and to the database.

    Attributes
    ----------
    guard, rush
        What was compared, on which requests.
    patience
        Seconds after which who waits gives up.
    waits_for
        The query whose answer a request waits for; −1 if it is answered from a copy.
    is_stale
        Whether the copy had ended, shape (requests,).
    start, finish
        Seconds, of each query, shape (queries,).
    query_key
        The object that each query is for, −1 for others, shape (queries,).
    """

    guard: Guard
    rush: Rush
    patience: float
    waits_for: Integers
    is_stale: NDArray[np.bool_]
    start: Floats
    finish: Floats
    query_key: Integers

    def __post_init__(self) -> None:
        if not np.isfinite(self.finish).all() or (self.finish < self.start).any():
            raise AssertionError("a query was not answered after it was asked")
        if (self.response_time < 0).any():
            raise AssertionError("a request was answered before it came")

    def __repr__(self) -> str:
        return (
            f"StampedeRun: {self.guard.name}, {self.queries:,} queries for cached objects, "
            f"at most {self.most_in_flight:,} at once, {self.lost_share:.1%} of the requests lost"
        )

    @cached_property
    def response_time(self) -> Floats:
        """Seconds that each request waited for the database, shape (requests,)."""
        waits = self.waits_for >= 0
        times = np.zeros(len(self.rush))
        times[waits] = self.finish[self.waits_for[waits]] - self.rush.time[waits]
        return times

    @property
    def is_lost(self) -> NDArray[np.bool_]:
        """Whether a request gave up, shape (requests,)."""
        return self.response_time > self.patience

    @property
    def lost_share(self) -> float:
        """Share of the requests that gave up."""
        return float(self.is_lost.mean()) if len(self.rush) else 0.0

    @property
    def queries(self) -> int:
        """Queries for objects that are cached."""
        return int(np.count_nonzero(self.query_key >= 0))

    @property
    def most_in_flight(self) -> int:
        """The most queries that the database worked on at once."""
        return int(self.in_flight(self.start).max(initial=0))

    def in_flight(self, at: ArrayLike) -> Integers:
        """Count the queries that the database works on at the given moments."""
        moments = np.asarray(at, dtype=np.float64)
        begun = np.searchsorted(self.start, moments, side="right")
        over = np.searchsorted(np.sort(self.finish), moments, side="right")
        return begun - over

    def by_second(self, of: str = "queries") -> Integers:
        """Count, for each second, the queries asked, all or those for cached objects, or losses.

        Parameters
        ----------
        of
            "queries", "cached" or "lost".
        """
        moments = {
            "queries": self.start,
            "cached": self.start[self.query_key >= 0],
            "lost": self.rush.time[self.is_lost],
        }
        if of not in moments:
            raise ValueError(f"of must be one of {', '.join(moments)}, got {of!r}")
        seconds = math.ceil(self.rush.time.max(initial=0.0))
        return np.bincount(moments[of].astype(np.int64), minlength=seconds)


@kernel
def ask(time, key, work, lane, lanes, luck, copies, rules, workers, patience):  # type: ignore[no-untyped-def]
    """Answer requests from copies, or by the database, whose queries share its workers.

    `luck` has a unit exponential and a uniform for each request, `copies` when each
    object's copy ends and how long it took to make, `rules` ttl, jitter, early, stale_for.
    """
    unit, uniform = luck
    ends, spent = copies
    ttl, jitter, early, stale_for = rules
    waits_for = np.full(time.size, -1)
    is_stale = np.zeros(time.size, dtype=np.bool_)
    asker, finish = np.empty(time.size, dtype=np.int64), np.empty(time.size)
    flight = np.full((ends.size, max(lanes, 1)), -1)
    queries, clock, progress = 0, 0.0, 0.0  # progress: seconds of work that each query got
    at_work = [(0.0, 0)]  # the progress at which a query is done, and the query
    at_work.pop()
    for i in range(time.size + 1):
        now = time[i] if i < time.size else np.inf
        while at_work:
            slowness = max(1.0, len(at_work) / workers)
            done_at = clock + (at_work[0][0] - progress) * slowness
            if done_at > now:
                progress += (now - clock) / slowness
                break
            progress, query = heapq.heappop(at_work)
            clock = finish[query] = done_at
            by = asker[query]
            k = key[by]
            if k >= 0:
                if lanes > 0 and flight[k, lane[by]] == query:
                    flight[k, lane[by]] = -1
                if waits_for[by] != query or done_at - time[by] <= patience:
                    ends[k] = done_at + ttl * (1 - jitter * uniform[by])
                    spent[k] = done_at - time[by]
        if i == time.size:
            break
        clock, k = now, key[i]
        running = flight[k, lane[i]] if k >= 0 and lanes > 0 else -1
        in_background = False
        if k >= 0 and now < ends[k]:
            if running >= 0 or now + spent[k] * early * unit[i] < ends[k]:
                continue
        elif k >= 0 and now < ends[k] + stale_for:
            is_stale[i] = in_background = True
        if running < 0:
            asker[queries] = i
            heapq.heappush(at_work, (progress + work[i], queries))
            if lanes > 0 and k >= 0:
                flight[k, lane[i]] = queries
            running = queries
            queries += 1
        if not in_background:
            waits_for[i] = running
    return waits_for, is_stale, asker[:queries], finish[:queries]


def run_stampede(
    rush: Rush,
    guard: Guard | None = None,
    *,
    ttl: float = 60.0,
    expires_at: float = 10.0,
    workers: int = 20,
    patience: float = math.inf,
) -> StampedeRun:
    """Let the requests meet the end of every copy, with a guard or with none.

    Parameters
    ----------
    rush
        The requests.
    guard
        What keeps them apart.
    ttl
        Seconds that a copy lives from when it is made, above 0.
    expires_at
        When the copies there at first end, in seconds; with jitter, up to `jitter * ttl`
        earlier (but not before 0).
    workers
        Queries that the database works on at full speed, at least 1.
    patience
        Seconds after which who waits gives up, above 0. The query is worked on all the
        same, but its answer is not kept.

    Examples
    --------
    >>> rush = draw_rush(1000, duration=20, rng=1)
    >>> run_stampede(rush).queries, run_stampede(rush, Guard(one_flight="everywhere")).queries
    (1084, 1)
    """
    guard = guard or Guard()
    require.positive("ttl", ttl)
    require.not_negative("expires_at", expires_at)
    workers = require.whole("workers", workers)
    if patience != math.inf:
        require.positive("patience", patience)
    lanes = {"none": 0, "per server": rush.servers, "everywhere": 1}[guard.one_flight]
    if guard.stale_for and not lanes:
        lanes = 1  # only one refreshes in the background
    usual = np.ones(rush.keys) * rush.work[rush.key >= 0].max(initial=0.0)
    spread = (np.arange(rush.keys) + 0.5) / rush.keys  # each copy's own chance, evenly dealt
    ends = np.maximum(expires_at - guard.jitter * ttl * spread * (rush.keys > 1), 0.0)
    lane = rush.server % max(lanes, 1)
    rules = (float(ttl), float(guard.jitter), float(guard.early), float(guard.stale_for))
    luck, copies = np.stack([rush.unit, rush.uniform]), np.stack([ends, usual])
    waits_for, is_stale, asker, finish = ask(
        rush.time,
        rush.key,
        rush.work,
        lane,
        lanes,
        luck,
        copies,
        rules,
        workers,
        float(patience),
    )
    start, query_key = rush.time[asker], rush.key[asker]
    return StampedeRun(guard, rush, patience, waits_for, is_stale, start, finish, query_key)


def measure_first_answer(
    request_rate: float,
    recompute_time: float,
    workers: int,
    repetitions: int = 40,
    rng: int | np.random.Generator = 0,
) -> Estimate:
    """Measure the seconds until the first of an unguarded stampede has its answer.

    Parameters
    ----------
    request_rate, recompute_time, workers
        As in `stampede_theory.first_answer`, which says it by formula.
    repetitions
        How many expiries, at least 2, each with its own luck.
    rng
        A seed or a generator.
    """
    longest = 3 * first_answer(request_rate, recompute_time, workers) + 1
    seconds = []
    for own in require.generator(rng).spawn(require.whole("repetitions", repetitions, 2)):
        rush = draw_rush(request_rate, longest, recompute_time=recompute_time, rng=own)
        run = run_stampede(rush, ttl=10 * longest, expires_at=0, workers=workers)
        seconds.append(float(run.finish.min()) - float(run.start.min()))
    return interval(seconds)
