# %% [markdown]
# # Lab: Keep it, guard it
#
# The shop's product service has a cache with room for a tenth of the catalogue, and a database behind it that keeps its speed up to twenty queries at once. Two things go wrong. A crawler comes by at night, and in the morning the cache is full of what nobody wants. And now and then the copy of a popular product comes to the end of its time, everybody asks for a new one at once, and the database is gone for minutes.
#
# You will build LRU; then **an eviction policy of your own that beats it**; the moment for an early refresh; and **a guard that holds the database under its capacity**, also when a query is lost. The last two questions run inside the course's model.
#
# About 60 minutes. Before: [Caching](../notebooks/04_caching.ipynb).

# %%
import math

from helpers.caching.choosing import Entry, run_policy
from helpers.caching.guarding import MINUTES, Seen
from helpers.caching.lab_pictures import show_guard, show_policy
from helpers.checks import check

# %% [markdown]
# ## 1. The least recently used goes
#
# Requests for keys come one after the other. If the key is in the cache, it is a hit. If not, it is fetched and comes in; and where there is no room, the key that was not used for the longest goes.
#
# **With room for two:** 5 and 6 come in, 5 is a hit. 7 needs room: 6 goes, as 5 has just been used. So 6 is a miss again, and now 5 goes.


# %%
def lru_hits(keys: list, capacity: int) -> list:
    """Tell which requests find their key in the cache.

    Parameters
    ----------
    keys
        What is asked for, in order.
    capacity
        Keys that there is room for, at least 1.

    Returns
    -------
    True or False for each request.

    Examples
    --------
    >>> lru_hits([5, 6, 5, 7, 6, 5], capacity=2)
    [False, False, True, False, False, False]
    """
    # BEGIN SOLUTION
    cache: dict = {}  # keeps the order in which keys came: the first is the oldest
    hits = []
    for key in keys:
        hits.append(key in cache)
        if key in cache:
            del cache[key]
        elif len(cache) == capacity:
            del cache[next(iter(cache))]
        cache[key] = True
    return hits
    # END SOLUTION


# %%
check("caching.lru_hits", lru_hits)

# %% [markdown]
# ## 2. A policy of your own
#
# LRU believes in every newcomer: whatever comes in is the last to go, even if it is a page that only the crawler will ever read. Do better. Your function is asked whenever a key has to go, and sees all entries of the cache, a tuple of records such as this one:

# %%
Entry(key=5, added=0, used=2, hits=1)

# %% [markdown]
# | field | what it is |
# |---|---|
# | `key` | what was asked for |
# | `added`, `used` | when it came, and when it was last asked for, counted in requests |
# | `hits` | how often it was found since it came |
#
# LRU in this form is one line:


# %%
def least_recently_used(entries):
    return min(entries, key=lambda entry: entry.used).key


run_policy(least_recently_used, [5, 6, 5, 7, 6, 5], capacity=2)

# %% [markdown]
# Four patterns of requests will tell: fame that stays, a crawler in between, a half that is asked for once only, and fame that moves on. The demands: on average at least **a fifth of the way** from LRU to the optimum (which knows the future), and on no pattern more than 2 points of hit ratio behind LRU.
#
# Two thoughts that help. An entry with no hits has not yet shown that anybody wants it. But if newcomers go too soon, nothing new can ever become popular. Nobody tells you the time; the newest of all `used` is close enough. (The check takes some seconds: it asks you about 60,000 times.)


# %%
def choose_victim(entries: tuple) -> int:
    """Give the key that has to go.

    Parameters
    ----------
    entries
        What the full cache holds: `Entry` with `key`, `added`, `used` and `hits`. Its room
        is for 100 keys.

    Returns
    -------
    The key of one of the entries.

    Examples
    --------
    >>> choose_victim((Entry(key=8, added=0, used=9, hits=3),))
    8
    """
    # BEGIN SOLUTION
    newcomers = [entry for entry in entries if entry.hits == 0]
    proven = [entry for entry in entries if entry.hits > 0]
    on_probation = len(newcomers) > len(entries) / 10 or not proven
    return min(newcomers if on_probation else proven, key=lambda entry: entry.used).key
    # END SOLUTION


# %%
check("caching.choose_victim", choose_victim)

# %% [markdown]
# Where your policy stands between LRU and the best there is:

# %%
show_policy(choose_victim)

# %% [markdown]
# Gray is the way from LRU (left) to the optimum (right), and the dot is yours. Now put in the obvious policy, to throw out what has the fewest hits, and look at the last row. **Old fame is worse than no memory.** Modern caches (SIEVE, S3-FIFO, W-TinyLFU) all give newcomers a small place on probation.
#
# ## 3. When to refresh early
#
# Now the other trouble. A copy of a hot object ends at a moment that all requests know. If nobody fetches a new one before, all ask at once. With the early refresh (XFetch) each request throws a die: it refreshes if it comes later than
#
# $$\text{ends} + \delta \cdot \ln U$$
#
# where $\delta$ is how long the query takes and $U$ is drawn evenly between 0 and 1. ($\ln U$ is negative.) So a request at a gap $g$ before the end refreshes with a chance of $e^{-g/\delta}$: hardly anybody long before, and almost surely somebody just before.
#
# **With ends = 100, δ = 0.5 and U = 0.25:** 100 + 0.5 · (−1.386) = 99.307.


# %%
def refresh_from(ends: float, recompute_time: float, uniform: float) -> float:
    """Give the moment from which a request with this draw refreshes the copy.

    Parameters
    ----------
    ends
        When the copy ends, in seconds.
    recompute_time
        Seconds that the query takes, above 0.
    uniform
        Drawn evenly, above 0 and below 1.

    Examples
    --------
    >>> round(refresh_from(100.0, 0.5, 0.25), 3)
    99.307
    """
    # BEGIN SOLUTION
    return ends + recompute_time * math.log(uniform)
    # END SOLUTION


# %%
check("caching.refresh_from", refresh_from)

# %% [markdown]
# ## 4. A guard
#
# The early refresh does not help when there is no copy at all: after a deploy, or when the cache was restarted. So build a guard. For each request it sees

# %%
Seen(now=12.5, copy_ends=12.0, asked_at=12.1)

# %% [markdown]
# The copy ended half a second ago, and somebody was sent to the database 0.4 s ago and is not back. (`copy_ends` is None where there is no copy, `asked_at` is None where nobody is on the way.) Your guard says one of three words:
#
# - `"copy"`: hand out the copy;
# - `"wait"`: wait for whoever is on the way;
# - `"ask"`: go and ask the database; who asks waits for the answer, and so do those who wait.
#
# A query takes 0.2 s, and a new copy lives for 10 s. Three minutes with 500 requests a second have to be got through: one with four copies that end at once; one with a cache that starts empty; and one in which **one query never comes back**. The demands, for each minute:
#
# - at most 20 queries at work at once, at most 60 in the minute;
# - nobody waits longer than 2 s, and at most 1 % of the requests wait at all;
# - no copy is handed out later than 5 s after its end.
#
# Begin with the simplest guard that could do, check it, and let the hint say what is missing.


# %%
def guard(seen: Seen) -> str:
    """Say what a request gets.

    Parameters
    ----------
    seen
        `now`; `copy_ends`, or None; `asked_at`, or None; all in seconds.

    Returns
    -------
    "copy", "wait" or "ask".

    Examples
    --------
    >>> guard(Seen(now=1.0, copy_ends=9.0, asked_at=None))
    'copy'
    """
    # BEGIN SOLUTION
    if seen.copy_ends is not None and seen.now < seen.copy_ends:
        return "copy"
    if seen.asked_at is None or seen.now - seen.asked_at > 1.0:  # none is on the way, or lost
        return "ask"
    if seen.copy_ends is not None and seen.now < seen.copy_ends + 5.0:
        return "copy"
    return "wait"
    # END SOLUTION


# %%
check("caching.guard", guard)

# %% [markdown]
# The first minute, with your guard in front of the database and without it:

# %%
show_guard(guard, MINUTES[0])

# %% [markdown]
# And the one in which a query is lost. Then take out of your guard the part that sends somebody else when the first does not come back, and run this again. The picture stays calm, and yet the readers of that product are served an old price or nothing for the rest of the minute. The check tells; a look at the database alone does not.

# %%
show_guard(guard, MINUTES[2])

# %% [markdown]
# ## What you would do on Monday
#
# 1. Ask which eviction policy your cache runs, and whether a crawler or a nightly export goes through it. Many caches offer a better one than LRU by one line of configuration.
# 2. Find the hottest key that has a time to live, and what happens in the second after it ends. In a Node process, coalescing is a `Map` from key to promise; do not forget to delete the promise when it fails.
# 3. Give every lock a time after which somebody else may try.
#
# What the model leaves out: objects of different sizes, an application of many processes (one flight in each, unless they share a lock), answers that are errors (keep those for a moment too, or every error is a stampede), and readers who must not see an old price.
