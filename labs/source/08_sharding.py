# %% [markdown]
# # Lab: A ring that bears a celebrity
#
# Ten cache servers stand before the shop's database. Until now a key's server was found by hash modulo ten, and two evenings were lost: one when the eleventh server came, and nearly all keys were suddenly somewhere else; one when a singer wore the shop's jacket, and the one server with that jacket was gone.
#
# You will build a hash ring with virtual nodes, and then bound the load of each server. **No server may ever have more than a quarter above the mean, whoever is famous; and when a server comes or goes, only its own keys may move.** The last question runs inside a simulated cache tier.
#
# About 50 minutes. Before: [Sharding](../notebooks/08_sharding.ipynb).

# %%
import math
from bisect import bisect_left

from helpers.checks import check
from helpers.sharding.lab_pictures import show_day, show_moves
from helpers.sharding.model import hash64
from helpers.sharding.routing import DAYS, EPSILON

# %% [markdown]
# ## 1. Walk to the next point
#
# The ring is a list of points, each a place and a server's name, in the order of the places. A key's place is its hash. Its server is that of the first point **at or after** that place; beyond the last point the circle begins anew.
#
# **With points at 10 (ann), 40 (bob) and 90 (eve):** place 35 belongs to bob, 40 too, and 95 to ann.


# %%
def find_server(points: list, place: int) -> str:
    """Give the server to which a place on the ring belongs.

    Parameters
    ----------
    points
        At least one (place, server), in order of places.
    place
        A whole number of at least 0.

    Examples
    --------
    >>> find_server([(10, "ann"), (40, "bob"), (90, "eve")], 35)
    'bob'
    """
    # BEGIN SOLUTION
    found = bisect_left(points, (place,))  # (40,) comes before (40, "bob")
    return points[found % len(points)][1]
    # END SOLUTION


# %%
check("sharding.find_server", find_server)

# %% [markdown]
# ## 2. Many points for each server
#
# With one point a server the parts of the ring are as unequal as chance makes them. So each server gets many, its *virtual nodes*. Copy number 2 of the server ann is at the place `hash64("ann#2")`: a number of 64 bits that looks like chance, and is the same in every process and on every machine.


# %%
def make_points(servers: list, copies: int) -> list:
    """Give the points of all servers, sorted by place.

    Parameters
    ----------
    servers
        Their names.
    copies
        Points for each server, numbered from 0.

    Returns
    -------
    A list of (place, server).

    Examples
    --------
    >>> points = make_points(["ann", "bob"], 1)
    >>> points == sorted([(hash64("ann#0"), "ann"), (hash64("bob#0"), "bob")])
    True
    """
    # BEGIN SOLUTION
    return sorted((hash64(f"{name}#{copy}"), name) for name in servers for copy in range(copies))
    # END SOLUTION


# %%
check("sharding.make_points", make_points)

# %% [markdown]
# ## 3. How much is too much
#
# A ring spreads keys, not requests: a celebrity is one key. So no server may have more than $1 + \varepsilon$ times the mean of the requests that are being worked on. The request that is to be placed counts as well, and the limit is rounded up:
#
# $$\text{limit} = \left\lceil (1 + \varepsilon) \cdot \frac{\text{requests at work} + 1}{\text{servers}} \right\rceil$$
#
# **With the loads 3, 0 and 1 and ε = 0.25:** the newcomer is the fifth request, 1.25 × 5/3 = 2.08, so the limit is 3. The first server is full, the other two have room.


# %%
def limit(load: dict, epsilon: float) -> int:
    """Give the most requests that a server may have, the newcomer counted.

    Parameters
    ----------
    load
        For each server's name, its requests at work.
    epsilon
        How much above the mean a server may be, above 0.

    Examples
    --------
    >>> limit({"ann": 3, "bob": 0, "eve": 1}, 0.25)
    3
    """
    # BEGIN SOLUTION
    return math.ceil((1 + epsilon) * (sum(load.values()) + 1) / len(load))
    # END SOLUTION


# %%
check("sharding.limit", limit)

# %% [markdown]
# ## 4. The router
#
# Now put it together. Your router is made with the servers' names, and is called for each request with its key and the loads, for instance
#
# ```python
# router = Router(["ann", "bob", "eve"])
# router("product/7", {"ann": 3, "bob": 0, "eve": 1})
# ```
#
# It gives the server's name: the first one, on the walk from the key's place, that has room. A server has room while its load is below the limit, with ε = 0.25 (`EPSILON`).
#
# The demands:
#
# | asked | demand |
# |---|---|
# | the same key, with the same loads | the same server each time, and in every process |
# | where 10,000 keys live while nobody is at work | the fullest server has at most 1.35 times the mean |
# | an eleventh server comes, at the head of the list | at most 1.5/11 of the keys move, and only to it |
# | `cache-3` is lost | at most 1.5/10 of the keys move, and only its own |
# | one server is full | its keys go to several others; nobody else's move |
# | two days, 15,000 requests each, on the second of which one product gets two fifths | no request ever goes to a full server; at most 8 percentage points of hit ratio less than a plain ring |
#
# The last demand is there because there is an easy way to be even: send each request to whoever has least to do. Then every key is soon in every cache, and each cache has forgotten most of what it is asked for. (Begin with the plain ring, check it, and let the hint say what is missing. The check takes some seconds.)


# %%
class Router:
    """Chooses a server for each key: the next on the ring that has room."""

    def __init__(self, servers: list) -> None:
        self.servers = list(servers)
        self.points = self.build_ring()  # once, and not for each request

    def build_ring(self) -> list:
        """Give the points to walk along; how many for each server?"""
        # BEGIN SOLUTION
        return make_points(self.servers, 100)
        # END SOLUTION

    def __call__(self, key: str, load: dict) -> str:
        """Give the name of the server for this request."""
        # BEGIN SOLUTION
        most = limit(load, EPSILON)
        place = bisect_left(self.points, (hash64(key),))
        while True:
            _, server = self.points[place % len(self.points)]
            if load[server] < most:
                return server
            place += 1
        # END SOLUTION


# %%
check("sharding.router", Router)

# %% [markdown]
# ## Under load
#
# The day of the celebrity. For each server the most that it ever had, against the mean at that moment; the line is 1 + ε. (With few requests at work, a limit rounded up lies a little above the line.)

# %%
show_day(Router, DAYS[1])

# %% [markdown]
# And who moves when an eleventh server comes, which is what the first of the two evenings was lost to. (Less than the fair share may move: then the new server happened to get a smaller part of the ring than the others have.)

# %%
show_moves(Router)

# %% [markdown]
# Try three things, and run the last three cells again. Take the limit out: the day breaks. Give each server one point: all limits hold, and yet the check fails, since the parts of the ring are too unequal. Use 0.05 for ε: the load is flat, and the hit ratio falls, as keys are away from home much more often.
#
# ## What you would do on Monday
#
# 1. Find the line that picks the cache server or the shard. If there is a `%` in it, write down what happens on the day when the number changes.
# 2. Your balancer may have all of this already: HAProxy has `hash-type consistent` and `hash-balance-factor 125`, which is this ε.
# 3. Count the requests of your hottest key. If it alone is more than one server can bear, no ring helps without a bound.
#
# What the model leaves out: a bound works for caches, where any server *can* answer. A database shard that is full cannot send a write to its neighbor; there the hot key itself has to be split. And several routers, each of which sees only its own requests, bound only what they see.
