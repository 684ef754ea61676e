"""A guard in front of a database, asked about each request: hand out, wait, or ask?

A porter at a door. In one hand the latest photograph of what is inside, with a date on
it; in the other a list of who has gone in to take a new one, and when. Somebody comes
and wants to know. The porter may show the photograph, let them wait for those inside,
or send them in. Now and then somebody who went in never comes out.

The database is that of `stampede`: it works on all its queries at once, up to `workers`
at full speed.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import require

WORKERS = 20
"""Queries that the database works on at full speed."""
RECOMPUTE_TIME = 0.2
TTL = 10.0
MOST_STALE, LONGEST_WAIT = 5.0, 2.0
"""How long after its end a copy may be handed out, and how long anybody may wait; seconds."""
MOST_WAITING = 0.01
"""Share of the requests that may have to wait at all."""
MOST_QUERIES = 60
COPY, WAIT, ASK = "copy", "wait", "ask"


@dataclass(frozen=True)
class Seen:
    """What a guard sees of one request.

    Attributes
    ----------
    now
        Seconds since the start.
    copy_ends
        When the copy of the object ends, or ended; None where there is none yet.
    asked_at
        When the database was last asked for the object, if no answer has come since;
        else None.
    """

    now: float
    copy_ends: float | None
    asked_at: float | None


Guarding = Callable[[Seen], str]


@dataclass(frozen=True)
class Minute:
    """Sixty seconds to get through.

    Attributes
    ----------
    name
        What happens in it.
    request_rate
        Requests a second, for all objects together.
    objects
        How many there are.
    is_warm
        Whether there are copies at first. They end at 5 s, all at once.
    dead_query
        The number of a query whose answer never comes, from 0; None for no such query.
    seed
        For the moments and objects.
    """

    name: str
    request_rate: float = 500.0
    objects: int = 4
    is_warm: bool = True
    dead_query: int | None = None
    seed: int = 0


MINUTES = (
    Minute("four copies end at once", seed=1),
    Minute("the cache starts empty", is_warm=False, seed=2),
    Minute("a query is lost", dead_query=5, seed=3),
)


@dataclass(frozen=True)
class GuardReport:
    """What came of a minute; plain numbers.

    Attributes
    ----------
    most_in_flight
        The most queries that the database worked on at once.
    queries
        How many it was asked.
    waiting_share
        Share of the requests that waited.
    slowest
        The longest wait, in seconds; 60 for those who never got an answer.
    stalest
        The oldest copy handed out, in seconds after its end; at least 0.
    handed_nothing
        How often a copy was to be handed out where there was none.
    waited_for_nobody
        How often a request was to wait though nobody had asked.
    unknown
        An answer that is none of the three, as text; empty where there was none.
    time, in_flight
        Queries in flight, ten times a second.
    """

    most_in_flight: int
    queries: int
    waiting_share: float
    slowest: float
    stalest: float
    handed_nothing: int
    waited_for_nobody: int
    unknown: str
    time: tuple[float, ...]
    in_flight: tuple[int, ...]


class Database:
    """Works on its queries at once; beyond `workers`, each gets a share of its speed."""

    def __init__(self, workers: int) -> None:
        self.workers = require.whole("workers", workers)
        self.at_work: list[tuple[float, int]] = []
        self.clock = self.progress = 0.0

    def ask(self, query: int, work: float) -> None:
        """Take a query that an idle database would answer after `work` seconds."""
        heapq.heappush(self.at_work, (self.progress + work, query))

    def work_until(self, now: float) -> list[tuple[float, int]]:
        """Go on until a moment; give the answers, each with its time."""
        answers = []
        while self.at_work:
            slowness = max(1.0, len(self.at_work) / self.workers)
            done_at = self.clock + (self.at_work[0][0] - self.progress) * slowness
            if done_at > now:
                self.progress += (now - self.clock) / slowness
                break
            self.progress, query = heapq.heappop(self.at_work)
            self.clock = done_at
            answers.append((done_at, query))
        self.clock = now
        return answers


def draw_minute(minute: Minute) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw the moments and objects of a minute's requests."""
    rng = np.random.default_rng(minute.seed)
    requests = int(rng.poisson(60 * minute.request_rate))
    return np.sort(rng.uniform(0, 60, requests)), rng.integers(minute.objects, size=requests)


def run_guard(guard: Guarding, minute: Minute) -> GuardReport:
    """Ask the guard about each request of a minute, and do what it says.

    Parameters
    ----------
    guard
        Takes a `Seen` and gives "copy", "wait" or "ask". Who asks also waits.
    minute
        What to get through.
    """
    database = Database(WORKERS)
    ends: list[float | None] = [5.0 if minute.is_warm else None] * minute.objects
    asked_at: list[float | None] = [None] * minute.objects
    waiting: list[list[float]] = [[] for _ in range(minute.objects)]
    asked_for: list[int] = []
    waits: list[float] = []
    flights: list[tuple[float, float]] = []
    stalest, nothing, nobody, waited, unknown = 0.0, 0, 0, 0, ""
    times, objects = draw_minute(minute)
    for now, thing in [*zip(times.tolist(), objects.tolist(), strict=True), (60.0, -1)]:
        for done_at, query in database.work_until(now):
            of = asked_for[query]
            flights[query] = (flights[query][0], done_at)
            if query == minute.dead_query:
                continue
            ends[of], asked_at[of] = done_at + TTL, None
            waits += [done_at - since for since in waiting[of]]
            waiting[of] = []
        if thing < 0:
            break
        says = guard(Seen(now, ends[thing], asked_at[thing]))
        end = ends[thing]
        if says == COPY and end is not None:
            stalest = max(stalest, now - end)
            continue
        if says not in (COPY, WAIT, ASK):
            unknown = unknown or repr(says)[:60]
        nothing += says == COPY
        nobody += says == WAIT and asked_at[thing] is None
        waited += 1
        waiting[thing].append(now)
        if says == ASK:
            asked_at[thing] = now
            database.ask(len(asked_for), RECOMPUTE_TIME)
            asked_for.append(thing)
            flights.append((now, math.inf))
    never = any(60.0 - since > LONGEST_WAIT for group in waiting for since in group)
    at = np.arange(0.0, 60.0, 0.1)
    start = np.array([flight[0] for flight in flights])
    finish = np.sort([flight[1] for flight in flights])
    busy = np.searchsorted(start, at, "right") - np.searchsorted(finish, at, "right")
    at_start = np.searchsorted(start, start, "right") - np.searchsorted(finish, start, "right")
    return GuardReport(
        most_in_flight=int(at_start.max(initial=0)),
        queries=len(asked_for),
        waiting_share=waited / max(times.size, 1),
        slowest=60.0 if never else max(waits, default=0.0),
        stalest=stalest,
        handed_nothing=nothing,
        waited_for_nobody=nobody,
        unknown=unknown,
        time=tuple(at.tolist()),
        in_flight=tuple(busy.tolist()),
    )


def ask_always(seen: Seen) -> str:
    """Guard nothing: hand out what has not ended, and ask for the rest."""
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return COPY
    return ASK
