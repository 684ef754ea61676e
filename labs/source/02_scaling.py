# %% [markdown]
# # Lab: Capacity planner
#
# The shop's product page is yours. A server renders two pages a second, one after the other; 99 of 100 visitors shall have theirs within three seconds. Last year's sale came at eight in the evening and brought four times the visitors within a quarter of an hour; the page was late until ten. Now somebody asks: **how many servers do you want, and when?**
#
# You will build, one on the other: the chance that a request has to wait, the number of servers for a steady load, a plan for a day, and an autoscaler. The last one then runs whole days of 1.2 million requests. Every server can take every request, because none of them keeps anything of a visitor (the shop moved its carts to a shared store): that is what makes more servers, and fewer, possible at all.
#
# About 60 minutes. Before: [Scaling](../notebooks/02_scaling.ipynb).

# %%
import math

from helpers.checks import check
from helpers.scaling.autoscaling import Observation
from helpers.scaling.day_report import CRISIS, LAST_YEAR, MORNING, NOON
from helpers.scaling.lab_pictures import show_day, show_how_busy, show_plan, show_plan_on
from helpers.scaling.planning import share_late

# %% [markdown]
# ## 1. Who has to wait?
#
# Requests come at random and stand in one line before all servers. A request has to wait if it finds every server busy. Erlang worked out how often that is, in 1917, for telephones.
#
# The **offered load** $a$ is arrival rate × service time: the servers that the work would keep busy. First take the chance $B$ to find all of $c$ servers busy where nobody may wait. It is worked out from no server up, one server at a time:
#
# $$B_0 = 1, \qquad B_c = \frac{a\,B_{c-1}}{c + a\,B_{c-1}}$$
#
# Then, with $\rho = a/c$, the chance to wait where there is a line:
#
# $$C = \frac{B_c}{1 - \rho\,(1 - B_c)}$$
#
# **With two servers and a load of 0.5:** $B_1 = 0.5/1.5 = 1/3$, $B_2 = (1/6)/(2 + 1/6) = 1/13$, and $C = (1/13)/(1 - 0.25 \cdot 12/13) = 1/10$.


# %%
def chance_to_wait(servers: int, offered_load: float) -> float:
    """Give the share of requests that find all servers busy (Erlang C).

    Parameters
    ----------
    servers
        At least 1.
    offered_load
        Arrival rate / service rate, in servers kept busy, at least 0.

    Returns
    -------
    From 0 to 1; 1 where as much comes as the servers can do, or more.

    Examples
    --------
    >>> round(chance_to_wait(2, 0.5), 12)
    0.1
    """
    # BEGIN SOLUTION
    if offered_load >= servers:
        return 1.0
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = offered_load * blocked / (server + offered_load * blocked)
    return blocked / (1 - offered_load / servers * (1 - blocked))
    # END SOLUTION


# %%
check("scaling.chance_to_wait", chance_to_wait)

# %% [markdown]
# ## 2. How many servers for a steady load?
#
# From the chance to wait follows the tail of the response time, wait and service together. That formula is given: `share_late` tells which share of the requests takes longer than the target. The p99 is in target when that is **at most 1 %**.

# %%
share_late(3.0, servers=6, arrival_rate=11.0, service_rate=2.0, chance_to_wait=0.781)

# %% [markdown]
# Six servers for a load of 5.5: 7.6 % of the visitors wait longer than three seconds. Too many, and yet each server has nothing to do for a twelfth of the time.
#
# Now find the fewest servers that are enough.


# %%
def servers_for_steady_load(arrival_rate: float, service_rate: float, target_p99: float) -> float:
    """Give the fewest servers behind one line that keep the p99 in target.

    Parameters
    ----------
    arrival_rate
        Requests per second, at least 0.
    service_rate
        Requests per second that one server completes, above 0.
    target_p99
        Seconds, above 0.

    Returns
    -------
    A whole number of at least 1; `math.inf` where no number of servers is enough, because
    the service alone takes longer than the target more than once in a hundred. (A service
    is longer than t seconds with a chance of `math.exp(-service_rate * t)`.)

    Examples
    --------
    >>> servers_for_steady_load(10.0, 2.0, target_p99=3.0)
    7
    """
    # BEGIN SOLUTION
    if math.exp(-service_rate * target_p99) > 0.01:
        return math.inf
    servers = 1
    while True:
        waits = chance_to_wait(servers, arrival_rate / service_rate)
        if share_late(target_p99, servers, arrival_rate, service_rate, waits) <= 0.01:
            return servers
        servers += 1
    # END SOLUTION


# %%
check("scaling.servers_for_steady_load", servers_for_steady_load)

# %% [markdown]
# How busy is a tier that has just enough servers? A rule of thumb says: add servers from 70 % on.

# %%
show_how_busy(servers_for_steady_load)

# %% [markdown]
# **The rule is wrong on both sides.** A tier of two servers may be at most 54 % busy, one of fifty 97 %: many servers behind one line seldom happen to be busy all at once. What the figure leaves out is that no load is this steady. That is what the rest of the lab is about.
#
# ## 3. A plan for the day
#
# A day is not steady. Here is last year's, in requests per second for each of its 1,440 minutes:

# %%
rates = LAST_YEAR.rate_by_minute()
print(f"eight in the morning {rates[8 * 60]:.1f}, seven in the evening {rates[19 * 60]:.1f}")
print(f"in the sale          {rates.max():.1f}")

# %% [markdown]
# A request is done within a second or so, and the rate hardly changes in a minute: each minute can be planned as if it went on forever. You rent servers by the hour, and every minute of the hour has to be in target.


# %%
def plan_day(arrival_rate_by_minute, service_rate: float, target_p99: float) -> list:
    """Give the fewest servers for each hour that keep every minute's p99 in target.

    Parameters
    ----------
    arrival_rate_by_minute
        Requests per second in each minute of a day, an array of shape (1440,).
    service_rate, target_p99
        As in `servers_for_steady_load`.

    Returns
    -------
    24 whole numbers.

    Examples
    --------
    >>> plan_day([10.0] * 1439 + [20.0], 2.0, target_p99=3.0)[-2:]
    [7, 12]
    """
    # BEGIN SOLUTION
    hours = [arrival_rate_by_minute[60 * hour : 60 * hour + 60] for hour in range(24)]
    return [servers_for_steady_load(max(hour), service_rate, target_p99) for hour in hours]
    # END SOLUTION


# %%
check("scaling.plan_day", plan_day)

# %% [markdown]
# The plan beside the simplest of all, one number for all day:

# %%
show_plan(plan_day)

# %% [markdown]
# The sale lasts an hour and sets the price of the other 23. By the hour, the same day takes **233 server-hours instead of 1,008**. It has no margin, though, for a minute that is busier than its mean. Look at the worst five minutes of last year's own day:

# %%
show_plan_on(plan_day, LAST_YEAR)

# %% [markdown]
# (Its server-hours are a few more than planned, since a server is ordered three minutes before it serves.)
#
# ## 4. The day that nobody planned
#
# This year a newspaper writes about the sale. It begins at noon, and at its height the login fails for five minutes: most visitors stay away, then all come back. Here is that day with servers by the plan for last year's. The upper row has the load and the servers, the lower one the visitors who were late; the right side is the sale from close by.

# %%
show_plan_on(plan_day, NOON)

# %% [markdown]
# A plan knows the past only. Six servers at noon were right last year; now 140,000 requests stand in line at half past one, the one that comes at three waits an hour and a half, and only after eight in the evening is the line gone. In truth the visitors give up long before, which is no better. (While `plan_day` is TODO, the picture shows 42 servers all day: hardly anybody is late, at four times the price.)
#
# ## 5. An autoscaler
#
# So let a function decide once a minute how many servers there shall be, from what it sees. For instance, in a sale:

# %%
CRISIS

# %% [markdown]
# | field | what it is |
# |---|---|
# | `time` | seconds since midnight |
# | `servers`, `starting` | how many serve now; how many were ordered and do not serve yet |
# | `arrival_rate` | requests per second in the last minute |
# | `utilization` | share of the last minute that the serving servers were busy, 0 to 1 |
# | `queue` | requests in line now |
# | `p99` | of the requests answered in the last minute, in seconds |
# | `recent_arrival_rates` | the arrival rate of each of the last 15 minutes, the latest last |
#
# Three things make this harder than it looks:
#
# - **A new server takes three minutes** until it serves. It is paid for from the order on. Your answer counts it: to order two more is to answer `servers + starting + 2`.
# - **What you see is the last minute**, half a minute old on average, and you will be asked again only in a minute. In a sale, requests grow by up to 10 % a minute.
# - **A lull is not an end.** A server sent home is gone, and takes three minutes to come back.
#
# The demands: on three different days, at most **1 %** of the visitors late over the day, at most **5 %** in the worst five minutes, and at most **420** server-hours a day. The check runs all three, some 3.5 million requests.


# %%
def autoscale(observation: Observation) -> int:
    """Give how many servers there shall be, serving and starting together.

    Parameters
    ----------
    observation
        What can be seen now. `recent_arrival_rates` has the requests per second of each of
        the last 15 minutes, the latest last. A server completes 2 requests per second; the
        target for the p99 is 3 seconds.

    Returns
    -------
    A whole number of at least 1.
    """
    # BEGIN SOLUTION
    minutes_ahead = 0.5 + 1 + 3  # age of what is seen, until asked again, until they serve
    head_room = 1.10**minutes_ahead
    expected = head_room * max(observation.recent_arrival_rates)
    return servers_for_steady_load(expected, service_rate=2.0, target_p99=3.0)
    # END SOLUTION


# %%
check("scaling.autoscale", autoscale)

# %% [markdown]
# The same noon as above, with your function in charge:

# %%
show_day(autoscale, NOON)

# %% [markdown]
# Watch the dotted line on the right, the servers that are paid for: it runs three minutes ahead of those that serve. The head-room is what fills these three minutes. And when the login fails, the servers stay.
#
# Try another day, and then take something out: look at the latest minute only, or leave the head-room away, and run this cell again.

# %%
show_day(autoscale, MORNING)

# %% [markdown]
# ## What you would do on Monday
#
# 1. Ask your platform how long a new instance takes until it serves, and how fast your traffic has ever grown: the two together are your head-room.
# 2. Scale on the request rate or on requests in flight rather than on CPU alone, scale in slowly, and set a highest number that the budget and the database can bear.
# 3. For a sale that you know of, order the servers beforehand: an autoscaler is for what you do not know.
#
# What the model leaves out: servers that fail or start in batches, a database behind them that gets no faster, caches that are cold in a new server, and visitors who reload a slow page and so make two requests of one.
