# %% [markdown]
# # Lab: A balancer of your own
#
# Twelve servers render the shop's checkout, a tenth of a second for each request. A balancer stands before them, and it is yours. One day a server becomes ten times slower and answers every health check with "ok"; on another one dies, and refuses everything in no time at all. **99 of 100 requests shall be answered within half a second, whatever happens to one server.**
#
# You will build turns by weight as nginx takes them, a rule for who is too slow to stay, and then a balancer that uses such a rule to get through three bad days in the course's simulator.
#
# About 50 minutes. Before: [Load balancing](../notebooks/03_load_balancing.ipynb).

# %%
from statistics import median

from helpers.checks import check
from helpers.load_balancing.lab_pictures import show_trial, show_turns
from helpers.load_balancing.policies import Answer, View
from helpers.load_balancing.trials import DEAD_SERVER, SAMPLE, SLOW_SERVER, STALE_BOARD

# %% [markdown]
# ## 1. Turns by weight
#
# Server a is five times as large as b and c, so it shall get five requests of seven. The first idea is a a a a a b c: a burst for a, and then a pause. nginx spreads the turns with a rule that needs one number for each server, its *savings*, 0 at first:
#
# > For each request, every server adds its weight to its savings. The richest is chosen (of equals, the first), and pays the sum of all weights.
#
# The sum is 7 here. Work out who gets request 4 before you write code:
#
# | request | savings | chosen | after paying 7 |
# |---|---|---|---|
# | 1 | 5, 1, 1 | a | −2, 1, 1 |
# | 2 | 3, 2, 2 | a | −4, 2, 2 |
# | 3 | 1, 3, 3 | b | 1, −4, 3 |


# %%
def weighted_turns(weights: list[int], requests: int) -> list[int]:
    """Give which server gets each request, by smooth weighted round-robin.

    Parameters
    ----------
    weights
        Of each server, whole numbers of at least 1.
    requests
        How many.

    Returns
    -------
    A server for each request; servers are numbered from 0.

    Examples
    --------
    >>> weighted_turns([5, 1, 1], 3)
    [0, 0, 1]
    """
    # BEGIN SOLUTION
    savings, chosen = [0] * len(weights), []
    for _ in range(requests):
        savings = [saved + weight for saved, weight in zip(savings, weights, strict=True)]
        richest = savings.index(max(savings))
        savings[richest] -= sum(weights)
        chosen.append(richest)
    return chosen
    # END SOLUTION


# %%
check("load_balancing.weighted_turns", weighted_turns)

# %% [markdown]
# Three rounds with weights 4, 2, 1: the first idea, and yours. A round has seven turns in both; what differs is the longest stretch for one server.

# %%
show_turns(weighted_turns)

# %% [markdown]
# ## 2. Who is too slow to stay?
#
# A health check asks "are you there?", and a slow server says yes. Its answers to users give it away, if you compare it with its neighbors. (A limit in seconds would be wrong by tomorrow: when the database is slow, all are slow, and nobody should go.)
#
# - A server's number is the **median** of its recent response times. With fewer than 10 of them it is not judged.
# - The typical number is the **median over the servers** that are judged.
# - A server is an outlier if its number is **more than `times` as large** as the typical one.
# - At most a share `most` of *all* servers may be taken out, rounded down (1.75 servers are one), but one always may. If there are more outliers, the slowest go.


# %%
def outliers(recent: list[list[float]], times: float, most: float) -> list[int]:
    """Give the servers to take out, the slowest first.

    Parameters
    ----------
    recent
        For each server its recent response times in seconds; maybe none.
    times
        How many times the typical number is too much.
    most
        Share of all servers that may be out at most, from 0 to 1; one always may.

    Examples
    --------
    >>> outliers([[0.1] * 10, [0.1] * 10, [0.9] * 10, [9.0] * 9], times=3, most=0.25)
    [2]
    """
    # BEGIN SOLUTION
    judged = {server: median(took) for server, took in enumerate(recent) if len(took) >= 10}
    if not judged:
        return []
    limit = times * median(judged.values())
    slow = [server for server, number in judged.items() if number > limit]
    slow.sort(key=lambda server: judged[server], reverse=True)
    return slow[: max(1, int(most * len(recent)))]
    # END SOLUTION


# %%
check("load_balancing.outliers", outliers)

# %% [markdown]
# ## 3. The balancer
#
# For each request the course's simulator shows your balancer a `View` and wants a server. For instance:

# %%
SAMPLE

# %% [markdown]
# | field | what it is |
# |---|---|
# | `servers` | how many there are, numbered from 0 |
# | `number` | which request this is |
# | `now` | seconds since the start |
# | `in_flight` | for each server, its requests that were not answered when the balancer last looked |
# | `seen_at` | when that was: now, or some time ago |
# | `client`, `weights` | who asks, and how large the servers are; you need neither |
#
# And whenever an answer passes by, or an error in its place, your balancer is told by a call of `answered`: `answer.server`, `answer.at` (seconds), `answer.response_time` (seconds), `answer.failed`.
#
# Here is what round robin and least connections make of the day on which server 3 becomes slow, and of the day on which server 5 is dead for a while. The upper picture is the p99 of each ten seconds (without the failed ones), the lower one the share of the requests that go to the ill server. Guess first: on which of the two days is least connections worse than round robin?

# %%
show_trial(None, SLOW_SERVER)

# %%
show_trial(None, DEAD_SERVER)

# %% [markdown]
# **Look at the second day.** A dead server that refuses at once never has anything in flight, so least connections takes it for the idlest of all and feeds it. On the first day, a slow server with one request looks like a quick one with one request.
#
# The third day has the slow server again, and the balancer looks at the servers only twice a second. In between, `view.in_flight` stays as it was while you send some 36 requests.
#
# The demands, on each of the three days: **p99 at most 0.5 s, at most 0.3 % failed.** A day is 24,000 requests (four to six minutes), and a server that has come back has to get at least a quarter of an even share again.
#
# An idea, if you want one:
#
# - Among the servers that are not taken out, choose the one with the fewest requests in flight, counting those you have sent since the last look (`seen_at` tells when a new look was had).
# - Take a server out for some 20 seconds when it fails, or when its response times are several times the typical one. A moving average does for that: 0.9 × the old one + 0.1 × the new time. So does the rule of part 2 on the last twenty times of each server.
# - Never take out more than one at a time: its work goes to the others.


# %%
class Balancer:
    """Chooses a server for each request, and learns from the answers."""

    def __init__(self) -> None:
        self.took: dict[int, float] = {}  # what you remember of each server's response times
        self.out_until: dict[int, float] = {}  # when a server that is taken out may come back
        self.sent: dict[int, int] = {}  # what you have sent to each server since the last look
        self.seen_at = -1.0

    def __call__(self, view: View) -> int:
        """Give the server for this request."""
        # BEGIN SOLUTION
        if view.seen_at != self.seen_at:
            self.seen_at, self.sent = view.seen_at, {}
        everyone = range(view.servers)
        welcome = [s for s in everyone if self.out_until.get(s, 0.0) <= view.now] or [*everyone]
        first = view.number % len(welcome)  # of equals, another one each time
        chosen = min(
            welcome[first:] + welcome[:first],
            key=lambda s: view.in_flight[s] + self.sent.get(s, 0),
        )
        self.sent[chosen] = self.sent.get(chosen, 0) + 1
        return chosen
        # END SOLUTION

    def answered(self, answer: Answer) -> None:
        """Learn from an answer that passes by."""
        # BEGIN SOLUTION
        server, took = answer.server, answer.response_time
        is_ill = answer.failed
        if not answer.failed:
            self.took[server] = 0.9 * self.took.get(server, took) + 0.1 * took
            is_ill = self.took[server] > 3 * median(self.took.values())
        is_anyone_out = any(until > answer.at for until in self.out_until.values())
        if is_ill and not is_anyone_out:
            self.out_until[server] = answer.at + 20.0
            self.took.pop(server, None)  # who comes back begins anew
        # END SOLUTION


# %%
check("load_balancing.balancer", Balancer)

# %% [markdown]
# ## Under load
#
# The same days with your balancer, beside least connections:

# %%
show_trial(Balancer, SLOW_SERVER)

# %%
show_trial(Balancer, DEAD_SERVER)

# %% [markdown]
# The third day, on which the balancer hardly looks:

# %%
show_trial(Balancer, STALE_BOARD)

# %% [markdown]
# Now take something out and run the cells again: do not count what you have sent; do not look at `answer.failed`; never let anyone come back. Each of them misses the demands on one of the days.
#
# ## What you would do on Monday
#
# 1. Ask which policy your balancer has and what it learns from: requests in flight, response times, errors? One that counts requests only is drawn to a server that fails fast.
# 2. Ask for outlier ejection, and for its limit: how many may be out at once?
# 3. In your own client (a BFF is a balancer too when it calls several instances) send a failed GET once more, to another server.
#
# What the model leaves out: several balancers that each see a part of the requests, connections that stay open, requests of very different kinds, and a server that is slow because its neighbors' work has been put on it.
