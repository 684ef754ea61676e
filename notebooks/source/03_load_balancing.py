# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Load balancing
#
# Support forwards the eleventh message of the morning: "checkout hangs, reload helps". You reload ten times and it never hangs. All twelve servers say they are healthy, the median is as it always was, and nobody has deployed.
#
# **Which server gets the next request, and what if one of them is slow, or dead?**
#
# You will be able to say what a policy sees and what it is blind to, how long users meet a dead server and what shortens it, why a health check can sink a tier, and what the page should do meanwhile.
#
# *About 45 minutes. Before it: [Scaling](02_scaling.ipynb). After it: [the lab](../labs/03_load_balancing.ipynb).*

# %%
import numpy as np

from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.figure import picture
from helpers.load_balancing import balancing_figures, figures, model
from helpers.load_balancing.explorer import explore
from helpers.load_balancing.model import ActiveCheck, OutlierEjection, Route
from helpers.statistics import quantile
from helpers.workload import from_access_log, sample

# %% [markdown]
# ## Predict
#
# A thousand servers, each 90 % busy. A request goes to one of them at random, and takes ten service times on average. Now look at *two* servers at random and send it to the one with fewer requests. How many service times does it take? Give a range that you would trust four times in five.

# %%
predict("load_balancing.two", "Mean response with two choices, in service times")

# %% [markdown]
# A second one. One server of twelve dies in a way that refuses every request at once. Compare a balancer that gives each server its turn (*round robin*) with one that picks the server with the fewest requests in flight (*least connections*).

# %%
WHO_FAILS = ["fewer requests fail", "as many fail", "more requests fail"]
predict("load_balancing.dead", "With least connections, against round robin", options=WHO_FAILS)

# %% [markdown]
# ## Build
#
# A balancer is a function from "what I know" to "which server". Below is a tier of servers that each work off their own line in order. Then two balancers for it: one rolls a die, the other draws two servers and takes the one with fewer requests in flight. Ten servers, 80 % busy, ten thousand requests; the unit of time is the mean service time.


# %% tags=["toy"]
def run_toy(choose, arrival_time, service_time, servers):
    done = [[] for _ in range(servers)]  # when each server's requests will be answered
    response_time = []
    for arrival, service in zip(arrival_time, service_time, strict=True):
        # the last 50 are enough: an older one is long answered, and this is quicker
        in_flight = [sum(moment > arrival for moment in line[-50:]) for line in done]
        server = choose(in_flight)
        start = max(arrival, done[server][-1] if done[server] else 0.0)
        done[server].append(start + service)
        response_time.append(start + service - arrival)
    return np.array(response_time)


# %%
rng = np.random.default_rng(1)
arrivals = np.cumsum(rng.exponential(1 / 8, 10_000))
work = rng.exponential(1.0, 10_000)
by_die = run_toy(lambda seen: rng.integers(10), arrivals, work, 10)
by_two = run_toy(lambda seen: min(rng.choice(10, 2), key=lambda s: seen[s]), arrivals, work, 10)
print(f"p99 at random {quantile(by_die, 0.99):.1f}, with two choices {quantile(by_two, 0.99):.1f}")
assert quantile(by_two, 0.99) < quantile(by_die, 0.99) / 2

# %% [markdown]
# Looking at a second server takes more than half of the p99 away.
#
# ## Grow
#
# The course's `balance` does the same with any policy, a million requests in a blink. It can also make a server slow, kill one, or let the balancer go by counts that are some seconds old. A policy is a name, or a function like this one (`view` is what the balancer knows; `draw(2)` gives two servers at random):


# %%
def look_twice(view):
    first, second = view.draw(2)
    return first if view.in_flight[first] <= view.in_flight[second] else second


ours = model.balance(8, 10, look_twice, requests=50_000)
named = model.balance(8, 10, "two choices", requests=50_000)
assert np.array_equal(ours.server, named.server)
named

# %% [markdown]
# The function and the name send every request to the same server. (The first 5 % of the requests, while the tier fills, are not counted; a service takes 1 s on average.)
#
# For endlessly many servers there is an exact answer, the *supermarket model* (Mitzenmacher, 1996; Vvedenskaya and others the same year). The simulated tier has 500, so with two or three choices up to 2 % off is fair:


# %% covers=["LB1"]
def compare(trial, published):
    name = f"response, {trial.choices} to choose from"
    fair = ("2 %", "500 servers are not endlessly many") if trial.choices > 1 else ()
    return Row(name, trial.measured, trial.by_formula, published, *fair, source="Mitzenmacher")


trials = model.try_choices(0.9, (1, 2, 3))
agreement(*map(compare, trials, (10.0, 2.614, 2.028)))

# %%
SUM = "Σ λ^(2ⁱ − 2) for i = 1, 2, 3, …, where λ is how busy a server is: 1 + 0.9² + 0.9⁶ + …"
saved = -np.diff([trial.by_formula for trial in trials])
assert np.array_equal(saved.round(1), [7.4, 0.6])
reveal("load_balancing.two", trials[1].by_formula, explanation=SUM)

# %% [markdown]
# **Surprise: the second look saves 7.4 of ten service times, and the third look 0.6 more.** A die sends some requests to a long line; with two looks, both lines would have to be long. And it asks two servers for their load, not all of them, so it works for a thousand balancers and ten thousand servers.
#
# Servers of unequal size get weights. Here a is five times as large as b and c; nginx spreads its turns, so that it gets no burst of five:

# %% covers=["LB1"]
turns = model.policy_named("weighted round robin")
view = model.View(servers=3, weights=[5, 1, 1])
sequence = "".join("abc"[turns(view)] for _ in range(7))
assert sequence == "aabacaa"  # nginx, "Upstream: smooth weighted round-robin balancing" (2012)
sequence

# %% [markdown]
# ## Experiment: what the policy is worth
#
# Ten servers and the same requests under four policies, busier and busier. In topic 02 a line for each server cost four times the p99 of one shared line. Which policy wins that back?

# %% covers=["LB1"]
swept = model.sweep_utilization([0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
_, turns_cut, _, least_cut = 1 - swept.p99[:, 4] / swept.p99[0, 4]
assert 0.38 < turns_cut < 0.45 and 0.72 < least_cut < 0.78
picture(balancing_figures.draw_tails, swept)

# %% [markdown]
# At 80 % busy round robin takes off two fifths of the p99 of a die (it is even in requests, not in work), and least connections three quarters, without a shared line. (Black: the formulas. For two choices it counts on endlessly many servers; ten fall behind it as they fill up. At 95 % the points themselves are rough: a few long jams decide.)
#
# ## Experiment: one slow server
#
# The morning of the incident: twelve servers, half busy, and the first of them takes ten times as long. It answers its health check with "ok", since it is healthy, only slow. Its fair share is five times what it can do.
#
# *IP hash* sends each user to a server worked out from the address. *Peak EWMA* draws two and takes the one that answered quicker of late (an exponentially weighted moving average, here over 100 s).

# %% covers=["LB1"]
MORNING = {"arrival_rate": 6.0, "servers": 12, "requests": 200_000, "memory": 100}
runs = {}
for policy in ("round robin", "IP hash", "two choices", "least connections", "peak EWMA"):
    runs[policy] = run = model.balance(policy=policy, gray=model.Gray(0, slowdown=10), **MORNING)
    print(f"{policy:18} median {run.quantile(0.5):.1f}, p99 {run.quantile(0.99):>9,.1f},", end=" ")
    print(f"{np.mean(run.server == 0):.1%} of all at the slow server")
well = model.balance(policy="least connections", **MORNING).quantile(0.99)

# %%
assert round(well, 1) == 4.7  # least connections with all twelve well
shown = {policy: runs[policy] for policy in ("round robin", "least connections")}
picture(balancing_figures.draw_lines_over_time, shown, 200, columns=2, width=10)

# %% [markdown]
# Round robin sends one request in twelve to a line that grows without end (its p99 only tells how long we watched), and the median hardly moves: that was the morning. *Reload helps*, because the next request goes to another server. With IP hash it would not: the same people meet the slow server every time, and everybody else says it works for them.
#
# Two choices and least connections count requests, and a slow server with one request looks like a quick one with one. So each time it has worked off its line it gets another victim: the p99 of least connections was 4.7 with all twelve well. *Latency-based* policies (peak EWMA, as in Finagle and Linkerd) remember for a while how long a server took. With two looks it does as well here as least connections with twelve.
#
# ## Experiment: one dead server
#
# Now the server refuses everything, at once. Nobody checks anything yet.

# %%
dead, failed = model.Dead(server=0), {}
for policy in ("round robin", "two choices", "least connections"):
    failed[policy] = model.balance(policy=policy, dead=dead, **MORNING).share_failed
    print(f"{policy:18} {failed[policy]:.1%} of all requests fail")
assert failed["least connections"] > 2 * failed["round robin"]
reveal("load_balancing.dead", "more requests fail", explanation="Who refuses is never busy.")

# %% [markdown]
# **Surprise: the clever policy is drawn to the dead server.** It never has anything in flight, so it looks like the idlest of all. A policy spreads load; it does not tell who is well. Somebody has to watch.
#
# ## Who notices, and when
#
# An *active check* sends each server a probe every few seconds (the interval), and takes it out after some failures in a row (the threshold). A probe fails after 1 s without an answer (the timeout). The death falls somewhere between two probes, so until the server is out it takes (threshold − ½) × interval + timeout on average. All that time one request in twelve fails: 20 of the 240 that come each second. 150 simulated deaths for each row:


# %% covers=["LB2"]
def deaths(interval, unhealthy):
    check = ActiveCheck(interval=interval, unhealthy=unhealthy)
    measured = model.measure_outages(check, outages=150, rng=1)
    name = f"every {interval} s, {unhealthy} in a row"
    yield Row(f"seconds, {name}", measured.seconds, model.detection_time(check).mean)
    yield Row(f"failed, {name}", measured.errors, model.expected_errors(check, 240, 12))


agreement(*deaths(5, 3), *deaths(2, 3), *deaths(5, 1), *deaths(30, 2))

# %% [markdown]
# The other way asks nothing: count the errors that pass by (*passive* checks; `max_fails` in nginx, `observe` in HAProxy, outlier detection in Envoy). Envoy's defaults: a server is out after 5 errors in a row, for 30 s × the number of times it was out, every 10 s it is looked who may come back, and at most 10 % of the servers are out, though one always may be.

# %%
five_seconds, envoy = ActiveCheck(interval=5, unhealthy=3), OutlierEjection()
noticed = {
    "nobody notices": model.run_outage(),
    "active check": model.run_outage(five_seconds),
    "errors counted": model.run_outage(passive=envoy),
    "check, and one retry": model.run_outage(five_seconds, retries=1),
}
picture(figures.draw_outage, noticed, 12)

# %% [markdown]
# **Counting errors finds in a quarter of a second what the probe finds in 13 s**, because users ask far more often than a probe. Every time the server is let back in, five more requests pay for it. And counting is blind where nobody goes: it cannot tell that a server is well again but by sending users there. So have both.
#
# A probe sees only what it asks for. First `/healthz` says "ok" while every checkout fails; then the probe goes through the checkout, as users do; then it is `/healthz` again, and errors are counted as well.

# %%
counted = model.measure_outages(passive=envoy, outages=150, rng=1).seconds
assert abs(counted.value - 5 / 20) < 2 * counted.half_width
print(f"five errors in a row take {counted} s; at 20 requests/s expect {5 / 20} s")
page, real = ActiveCheck(sees=0), ActiveCheck(sees=1)  # share of the users' errors that it sees
WATCHED = {"/healthz": (page, None), "checkout": (real, None), "both": (page, envoy)}
for name, (check, counting) in WATCHED.items():
    run = model.run_outage(check, counting, duration=360)
    print(f"{name:9} {run.errors:5,} failed requests in five minutes")

# %% [markdown]
# So why not take a server out at the first failed probe? Because servers stumble. One that fails now and then is taken out, passes two probes, comes back, and so on. How often depends on how soon so many failures come in a row (Feller):

# %%
checks = [ActiveCheck(interval=5, unhealthy=count) for count in (1, 2, 3)]
picture(figures.draw_flapping, checks)

# %% covers=["LB2"]
for check in checks:
    flaps = 24 * model.flapping(check, error_share=0.01).flaps_per_hour
    found = model.detection_time(check).mean
    print(f"out after {check.unhealthy}: found in {found:4.1f} s, {flaps:6.3g} false alarms a day")

# %% [markdown]
# With one answer in a hundred lost, a single failed probe takes each server out about 170 times a day for nothing; three in a row, about once in two months. Each further probe costs 5 s of errors when a server does die. That is the whole trade.
#
# ## Explore
#
# A million requests for each move. It opens with the morning of the incident under least connections: go back to round robin, try the others, and see how many the slow server still gets. Then make it well (slowdown 1) and raise the load to 80 %. A service takes 100 ms here: how old may the load information be until least connections is worse than random? Guess, then move the last slider.

# %%
explore(policy="least connections", load=0.5, servers=12, slowdown=10)

# %% [markdown]
# ## What the balancer can see: layer 4 and layer 7
#
# A layer-4 balancer sees TCP connections, a layer-7 one the HTTP requests in them. With short connections that is the same. But browsers keep theirs open, HTTP/2 puts all requests to a host into one, and gRPC clients stay for hours. Your four servers are hot, so you add a fifth. Clients stay connected for an hour on average. What share of the requests does the new server get after ten minutes?

# %%
connected = {
    "layer 4": model.connect("L4"),
    "layer 4, closed\nafter 5 minutes": model.connect("L4", max_age=300),
    "layer 7": model.connect("L7"),
}
picture(figures.draw_new_server, connected, 3600)

# %% [markdown]
# **Surprise: the new server idles while the old ones burn.** With layer 4 it gets new connections only, one in five of few. Closing connections after some minutes (a maximum age; nginx, Envoy and gRPC have one) makes clients come back and be dealt anew. For WebSockets that is the only way: to layer 7, too, each of them is one long request.
#
# By formula, after t seconds the new one has (1 − e^(−t / mean lifetime)) / 5 of the connections. (In the picture clients also ask unequally much, which adds wobble.)

# %% covers=["LB3"]
measured = model.measure_share_after(1200, servers=4)
formula = model.share_after(1200, servers=5, mean_lifetime=3600)
agreement(Row("share of connections after 20 minutes", measured, formula))

# %% [markdown]
# And only layer 7 can read the path. That is what lets a shop be made of micro-frontends: one host, and behind it several apps, or *zones*, each with a team and a deploy of its own. A route says which zone gets which paths, maybe for one host only. The table of routes is code, and breaks like code.

# %%
ROUTES = [
    Route("cart", "/cart"),
    Route("checkout", "/cart/checkout"),
    Route("account", "/account", host="shop.example"),
    Route("admin", "/", host="admin.shop.example"),
    Route("shop", "/"),
]

# %%
DEPLOYED = {
    "zones": ["shop", "cart", "checkout", "account", "admin"],
    "hosts": ["shop.example", "admin.shop.example"],
}
model.check_routes(ROUTES, **DEPLOYED)

# %% [markdown]
# The longest prefix wins here, as in a Kubernetes ingress. Now move to a proxy where the *first* match wins (Envoy, HAProxy), and make a slip in a host. How many zones can nobody reach any more?

# %% covers=["LB3"]
slip = [*ROUTES[:2], Route("account", "/account", host="shop.exmaple"), *ROUTES[3:]]
report = model.check_routes(slip, **DEPLOYED, order="first match")
assert report.kinds == ["wrong host", "shadowed", *["unreachable zone"] * 2]
report

# %% [markdown]
# No server reports an error: `/cart/checkout` is answered, by the cart, with its 404 page or the wrong bundle. Edit `ROUTES` and break it another way: put the catch-all on top, rename a zone, drop it. **A route table deserves a test in CI as much as a component does.**
#
# ## Sticky or not
#
# Sessions in a server's memory force the balancer to send each user back to the same server, by a cookie or by a hash of the address. Of these users 30 % sit in offices of 500 behind one address. One of twelve servers leaves, by a crash, a deploy, or because the evening is quiet. How many users are logged out?

# %%
users = model.draw_users(rng=1)
changes = {way: model.lose_server(users, way) for way in model.WAYS}
picture(figures.draw_sticky, list(changes.values()), columns=2, height=3)

# %% [markdown]
# **Surprise: with a plain hash, losing one server logs nine in ten out**, since hash mod 12 and hash mod 11 have little in common. With *rendezvous* hashing each server makes a bid for each address (a hash of both) and the highest wins, so only the users of the lost one move; a hash ring does the same. All three sticky ways are uneven, and hashes most, because an office goes to one server as a whole. Without offices:


# %% covers=["LB4"]
def lose(way):
    measured = model.lose_server(alone, way).logged_out
    formula, luck = model.expected_logged_out(way, 12), "four standard errors of 50,000 users"
    return Row(f"logged out, {way}", measured, formula, tolerance=0.005, because=luck)


alone = model.draw_users(50_000, shared=0, exponent=0, rng=1)
agreement(*map(lose, model.WAYS))

# %% [markdown]
# With a store that all servers share, any server will do: least connections may choose freely, and a server may die without a logout (the store may not). Sticky cookies remain useful as a *hint*, for a warm cache, as long as nothing is lost without them.
#
# ## On your screen
#
# Back to the morning. How likely was it that your ten reloads all missed the slow server? If a page makes twenty calls, how many page loads meet it? And what does one retry, at another server, change when a server is dead?

# %%
missed, touched = (1 - 1 / 12) ** 10, 1 - (1 - 1 / 12) ** 20
alone, again = noticed["active check"], noticed["check, and one retry"]
print(f"ten reloads miss it: {missed:.0%}; pages of twenty calls that meet it: {touched:.0%}")
print(f"errors seen in one outage: {alone.errors} without a retry, {again.errors} with one")
assert again.errors == 0 < alone.errors

# %% [markdown]
# "It never hangs" was luck of two in five. What the frontend, or its BFF (backend for frontend), should do:
#
# - **Time out, then retry once what is safe to repeat.** GET is; a POST only with an idempotency key (topic 11). A timeout of a second or so turns a hanging checkout into a slow one. A page cannot choose the server: the balancer's next turn does, unless a cookie or a hash sends it back to the same one. Limit retries to a small share of requests, or they become the overload.
# - **Mind the one connection.** With HTTP/2 and a layer-4 balancer, all calls to a host go to one server, and a reload does not change it. A page cannot open a new connection, but a BFF can; for the page, ask for a maximum age on the server's side.
# - **Do not tie a user to a server.** A sticky cookie that outlives its server means a login page in the middle of a checkout.
# - **Check that the zone that answers is the one you meant.** Put the zone and its version in a response header, and log it with each error.
#
# ## Your numbers
#
# Put in the path of an access log. Each request goes through the route table from above, and you see how many each zone would get. (If your log has a column for the server that answered, nginx's `$upstream_addr` and `$upstream_response_time`, group by it before anything else: a slow server is invisible in the sum.) Below it, put your own health check in.

# %%
workload = from_access_log(sample("access.log"))  # or from_access_log("your/access.log")
requests = [("shop.example", workload.key_names[key]) for key in workload.key]
model.send_to_zones(ROUTES, requests)

# %%
mine = ActiveCheck(interval=10, unhealthy=3, timeout=5)  # yours
rate, count = 100, 8  # requests per second, servers
print(f"found after {model.detection_time(mine).mean:.0f} s on average,", end=" ")
print(f"{model.expected_errors(mine, rate, count):,.0f} failed requests for each dead server")

# %% [markdown]
# ## Break it
#
# Twelve servers, 80 % busy, and three die. Nine are left for the work of 9.6, so 94 % could still be answered. But the nine slow down, and so do their answers to the probes. What share is answered, with the check that served you well so far?

# %%
BLOW = {"servers": 12, "dead": 3, "duration": 300}
believed = model.run_cascade(utilization=0.80, **BLOW)
panicking = model.run_cascade(utilization=0.80, panic=0.5, **BLOW)
picture(figures.draw_cascade, believed, panicking, columns=2, width=10)

# %% [markdown]
# Filled is what is answered in time; gray, how many servers the checks let in. On the right, whenever gray falls below six, requests go to all twelve, the three dead ones included, so three quarters are answered. Is it the 80 % that are to blame?

# %% covers=["LB2"]
for busy in (0.70, 0.74, 0.76, 0.80):
    shares = [model.run_cascade(utilization=busy, panic=p, **BLOW).answered_share for p in (0, 0.5)]
    print(f"{busy:.0%} busy: {shares[0]:.0%} answered, with a panic threshold {shares[1]:.0%}")
assert believed.answered_share < 0.5 * panicking.answered_share
assert round(believed.could_be_answered, 2) == 0.94

# %% [markdown]
# **Surprise: two points of utilization decide between "nothing happened" and an outage that the health checks keep going.** They take out a server because it is busy; its work makes the next one busy. Those that are out recover at once, having nothing to do, come back nearly together, and drown again.
#
# A *panic threshold* (Envoy: 50 %; AWS goes on to all only when all are said to be ill, unless you set it higher) stops believing: when more than half are said to be ill, the fault is probably not theirs, so requests go to all. It loses the dead ones' share and keeps the rest. It does not heal. What does is room for the loss of three servers, so at most 9/12 = 75 % busy here, or turning away what is too much. That is also why outlier ejection stops at 10 %.
#
# The other classic needs no failure at all. Ten servers, 80 % busy, and the balancer goes by counts that it gets only now and then, as it must when many balancers share the servers:

# %%
swept = model.sweep_refresh([0, 0.5, 1, 2, 5, 10, 20, 50])
picture(balancing_figures.draw_herd, swept)

# %% [markdown]
# **The best server a moment ago is the worst one now, since everybody goes there.** With old information least connections herds. Two choices hold out longer, because not all requests look at the same two, but in the end they are worse than a die as well. (In the explorer 0.1 s is one service time, so least connections turned worse between 0.2 and 0.5 s.)
#
# ## Limits
#
# The requests of this page are all alike, come independently, and any server can take any. Yours have an expensive endpoint, a cache that is warm on one server only, and a database that makes all servers slow together.
#
# In the cascade work flows like water, without luck, so its edge at 75 % is sharper than a real one. And its failed requests are gone, while in truth users reload, which makes it worse. With few servers the supermarket formula is too kind:

# %%
for few in model.try_servers([2, 10, 100]):
    print(f"{few.servers:3} servers: {few.measured} service times, formula {few.by_formula:.2f}")

# %% [markdown]
# ## Check yourself

# %%
quiz("load_balancing.reload")

# %%
quiz("load_balancing.healthy")

# %% [markdown]
# And one about adding a server:

# %%
quiz("load_balancing.new_server")

# %% [markdown]
# **In an interview: "How would you balance the load?"** *At layer 7, so that requests are spread and not connections, and paths can go to their zones. Least connections, or two choices where there are many balancers or old information; latency-based if servers differ. Servers without state, so that any can answer. Health by both: a probe that does what users do, a few in a row, and errors counted on the way with a limit on how many may be out. Room for the servers I expect to lose, because the check cannot make capacity. And the client retries once, elsewhere, what is idempotent.*
#
# The evidence, from this page:

# %%
quicker = trials[0].by_formula / trials[1].by_formula
print(f"two choices instead of one: {quicker:.1f} times as quick")
print(f"least connections fails {failed['least connections']:.0%} with one dead server of twelve")
print(f"a dead server is met for {model.detection_time(five_seconds).mean} s by the check")
print(f"logged out by a plain hash: {changes['IP hash (modulo)'].logged_out:.0%}")
print(f"answered in the cascade: {believed.answered_share:.0%}", end=", ")
print(f"with a panic threshold {panicking.answered_share:.0%}")

# %% [markdown]
# ## Summary
#
# 1. Two looks at random are nearly as good as looking at all, and better when the picture is old.
# 2. A policy spreads load and does not know who is well: count errors and time answers.
# 3. A dead server's share of the requests fails for (threshold − ½) × interval + timeout seconds; a retry elsewhere hides it.
# 4. Health checks that take out the busy sink the rest: leave room, limit ejections, have a panic threshold.
# 5. Layer 4 deals connections, layer 7 requests. Stickiness costs evenness, and logins when a server leaves.
#
# **On Monday:** look at response times by server, not in sum. Find your health check's interval, threshold and timeout, and work out the seconds. Then ask what its page really asks of the server.
#
# *Sources: M. Mitzenmacher,* The Power of Two Choices in Randomized Load Balancing *(1996; 2001); N. Vvedenskaya, R. Dobrushin, F. Karpelevich (1996); the nginx source's smooth weighted round-robin (2012); Envoy's documentation on outlier detection and the panic threshold; W. Feller,* An Introduction to Probability Theory *(XIII.7); D. Thaler and C. Ravishankar (1998). Read on: Google,* Site Reliability Engineering, *chapters 19 and 20; Nygard,* Release It!
#
# Next: [the lab, in which you write a balancer that survives three bad days](../labs/03_load_balancing.ipynb), then 04 Caching.
