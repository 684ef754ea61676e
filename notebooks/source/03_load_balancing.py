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
# A second one. One server of twelve dies in a way that refuses every request at once. Compare a balancer that gives each server its turn with one that picks the server with the fewest requests in flight.

# %%
WHO_FAILS = ["fewer requests fail", "as many fail", "more requests fail"]
predict("load_balancing.dead", "With least connections, against turns", options=WHO_FAILS)

# %% [markdown]
# ## Build
#
# A balancer is a function from "what I know" to "which server". Here are two of them, one that knows nothing and one that looks twice, and servers that work their lines off in order. First ten servers, 80 % busy, and ten thousand requests; times are in service times.


# %% tags=["toy"]
def run_toy(choose, arrival_time, service_time, servers):
    done = [[] for _ in range(servers)]  # when each server's requests will be answered
    response_time = []
    for arrival, service in zip(arrival_time, service_time, strict=True):
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
by_two = run_toy(lambda seen: min(rng.choice(10, 2), key=seen.__getitem__), arrivals, work, 10)
print(f"p99 at random {quantile(by_die, 0.99):.1f}, with two choices {quantile(by_two, 0.99):.1f}")

# %% [markdown]
# ## Grow
#
# The course's `balance` does the same with any policy, a million requests in a blink, and can make a server slow, kill one, or show the balancer an old picture. A policy is a name, or a function like yours:


# %%
def look_twice(view):
    first, second = view.draw(2)
    return first if view.in_flight[first] <= view.in_flight[second] else second


ours = model.balance(8, 10, look_twice, requests=50_000)
named = model.balance(8, 10, "two choices", requests=50_000)
assert np.array_equal(ours.server, named.server)
named

# %% [markdown]
# For very many servers there is an exact answer, the *supermarket model* (Mitzenmacher, 1996; Vvedenskaya and others the same year). Our tiers have 500 servers, so a little more than for endlessly many is fair:


# %% covers=["LB1"]
def compare(trial, published):
    name = f"response, {trial.choices} to choose from"
    source, why = "Mitzenmacher, supermarket model", "500 servers are not endlessly many"
    share = "2 %" if trial.choices > 1 else "4 standard errors"
    return Row(name, trial.measured, trial.by_formula, published, share, why, source)


trials = model.try_choices(0.9, (1, 2, 3))
agreement(*map(compare, trials, (10.0, 2.614, 2.028)))

# %%
reveal("load_balancing.two", trials[1].by_formula, explanation="Σ λ^(2ⁱ − 2), at λ = 0.9.")

# %% [markdown]
# **Surprise: one more look takes three quarters of the time away, and the third look hardly anything.** A die sends some requests to long lines; the second look lets them off. It needs no list of all servers, so it works for a thousand balancers and ten thousand servers.
#
# Weights, for servers of unequal size, are an older craft. nginx spreads the turns so that a big server gets no bursts:

# %% covers=["LB1"]
turns = model.policy_named("weighted round robin")
view = model.View(servers=3, weights=[5, 1, 1])
sequence = "".join("abc"[turns(view)] for _ in range(7))
assert sequence == "aabacaa"  # nginx, "Upstream: smooth weighted round-robin balancing" (2012)
sequence

# %% [markdown]
# ## Experiment: what the policy is worth
#
# The same requests under four policies, more and more of them.

# %% covers=["LB1"]
swept = model.sweep_utilization([0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
picture(balancing_figures.draw_tails, swept)

# %% [markdown]
# In topic 02 a line per server cost four times the p99 of one shared line. Least connections gets nearly all of it back without a shared line; round-robin gets some (it is even in requests, not in work).
#
# ## Experiment: one slow server
#
# The morning of the incident: one of twelve servers takes ten times as long. It answers its health check with "ok", since it is healthy, only slow.

# %% covers=["LB1"]
MORNING = {"arrival_rate": 6.0, "servers": 12, "requests": 200_000, "memory": 100}
runs = {}
for policy in ("round robin", "IP hash", "two choices", "least connections", "peak EWMA"):
    runs[policy] = run = model.balance(policy=policy, gray=model.Gray(0, slowdown=10), **MORNING)
    print(f"{policy:18} median {run.quantile(0.5):.1f}, p99 {run.quantile(0.99):>9,.1f},", end=" ")
    print(f"{np.mean(run.server == 0):.1%} of all at the slow server")

# %%
shown = {policy: runs[policy] for policy in ("round robin", "least connections")}
picture(balancing_figures.draw_lines_over_time, shown, 200, columns=2, width=10)

# %% [markdown]
# Round-robin sends one user in twelve to a line that never ends (vermilion), and the median does not move: that was the morning. *Reload helps*, because the next request goes to the next server. With IP hash it would not: the same people meet the slow server every time, and everybody else says it works for them.
#
# Two choices and least connections count requests, and do not know that these take longer: more than one in a hundred still goes there, and the p99 knows. *Latency-based* policies (here peak EWMA, as in Finagle and Linkerd) remember for a while how long a server took. With two looks this one does as well as least connections with twelve.
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
# **Surprise: the clever policy is drawn to the dead server.** It has never anything in flight, so it looks like the idlest of all. Some balancers have a slow start or count errors for this reason. A policy spreads load; it does not tell who is well. That needs somebody who asks.
#
# ## Who notices, and when
#
# An *active check* asks each server every few seconds, and takes it out after some failures in a row. The death falls somewhere between two probes, so until it is out it takes (threshold − ½) × interval + timeout on average, and 1/N of all requests fail. 150 simulated deaths for each row:


# %% covers=["LB2"]
def deaths(interval, unhealthy):
    check = ActiveCheck(interval=interval, unhealthy=unhealthy)
    measured = model.measure_outages(check, outages=150, rng=1)
    name = f"every {interval} s, {unhealthy} in a row"
    yield Row(f"seconds, {name}", measured.seconds, model.detection_time(check).mean)
    yield Row(f"failed, {name}", measured.errors, model.expected_errors(check, 240, 12))


agreement(*deaths(5, 3), *deaths(2, 3), *deaths(5, 1), *deaths(30, 2))

# %% [markdown]
# The other way needs no questions: count errors on the way (*passive* checks, outlier ejection). Envoy takes a server out after 5 errors in a row, for 30 s × the number of times it had to, looks every 10 s who may come back, and takes out at most 10 % of the servers.

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
# **Counting errors finds in a quarter of a second what the probe finds in 13 s**, because users ask far more often than a probe. Every time the server is let back in, five more requests pay for it. And passive counting is blind where nobody goes, so most systems have both.
#
# A probe sees only what it asks for. Here `/healthz` says "ok" while every checkout fails (the light is on); then a probe goes through the checkout as users do; then the light again, and errors are counted.

# %%
counted = model.measure_outages(passive=envoy, outages=150, rng=1).seconds
assert abs(counted.value - 5 / 20) < 2 * counted.half_width
print(f"five errors in a row take {counted} s; at 20 requests/s expect {5 / 20} s")
light, real = ActiveCheck(sees=0), ActiveCheck(sees=1)
WATCHED = {"the light": (light, None), "checkout": (real, None), "light, errors": (light, envoy)}
for name, (check, counting) in WATCHED.items():
    run = model.run_outage(check, counting, duration=360)
    print(f"{name:13} {run.errors:5,} failed requests in five minutes")

# %% [markdown]
# So why not one failed probe, every second? Because servers stumble. One that fails a share of its answers goes out and in; how often, follows from the chance of so many in a row (Feller):

# %%
checks = [ActiveCheck(interval=5, unhealthy=count) for count in (1, 2, 3)]
picture(figures.draw_flapping, checks)

# %% covers=["LB2"]
for check in checks:
    flaps = 24 * model.flapping(check, error_share=0.01).flaps_per_hour
    found = model.detection_time(check).mean
    print(f"out after {check.unhealthy}: found in {found:4.1f} s, {flaps:8.3f} false alarms a day")

# %% [markdown]
# With one answer in a hundred lost, a single failed probe takes each server out 170 times a day for nothing; three in a row, about once in two months. Each further one costs 5 s of errors. That is the whole trade.
#
# ## Explore
#
# A million requests for each move. It opens with the morning of the incident under least connections: go back to round robin, try the others, and see how many the slow server still gets. Then make it well (slowdown 1), raise the load, and let the load information grow old.

# %%
explore(policy="least connections", load=0.5, servers=12, slowdown=10)

# %% [markdown]
# ## What the balancer can see: layer 4 and layer 7
#
# A layer-4 balancer sees TCP connections, a layer-7 one the HTTP requests in them. With short connections that is the same. Browsers keep theirs open, HTTP/2 puts everything into one, WebSockets and gRPC stay for hours. You add a fifth server to four, since they are hot:

# %%
connected = {
    "layer 4": model.connect("L4"),
    "layer 4, closed\nafter 5 minutes": model.connect("L4", max_age=300),
    "layer 7": model.connect("L7"),
}
picture(figures.draw_new_server, connected, 3600)

# %% [markdown]
# **Surprise: the new server idles while the old ones burn.** With layer 4 it gets new connections only, one in five of few. Closing connections after some minutes (a maximum age; nginx, Envoy and gRPC have one) makes clients come back and be dealt anew.

# %% covers=["LB3"]
measured = model.measure_share_after(1200, servers=4)
formula = model.share_after(1200, servers=5, mean_lifetime=3600)
agreement(Row("share of connections after 20 minutes", measured, formula))

# %% [markdown]
# And only layer 7 can read the path. That is what lets a shop be made of micro-frontends: one host, and each zone with a team and a deploy of its own. The table of routes is code, and breaks like code.

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
# The longest prefix wins here, as in a Kubernetes ingress. Move to a proxy where the *first* match wins, and make a slip in a host:

# %% covers=["LB3"]
slip = [*ROUTES[:2], Route("account", "/account", host="shop.exmaple"), *ROUTES[3:]]
report = model.check_routes(slip, **DEPLOYED, order="first match")
assert report.kinds == ["wrong host", "shadowed", *["unreachable zone"] * 2]
report

# %% [markdown]
# Nobody sees an error from this: `/cart/checkout` is answered, by the cart, with its 404 page or the wrong bundle. Edit `ROUTES` and break it another way: put the catch-all on top, rename a zone, drop it. **A route table deserves a test in CI as much as a component does.**
#
# ## Sticky or not
#
# Sessions in a server's memory force the balancer to send each user back to the same one. By a cookie, or by a hash of the address; and 30 % of these users sit in offices of 500 behind one address. One of twelve servers leaves, by a crash, a deploy or a quiet evening:

# %%
users = model.draw_users(rng=1)
changes = {way: model.lose_server(users, way) for way in model.WAYS}
picture(figures.draw_sticky, list(changes.values()), columns=2, height=3)

# %% [markdown]
# **Surprise: with a plain hash, losing one server logs nine in ten out**, since hash mod 12 and hash mod 11 have little in common. A hash that asks each server for a bid (rendezvous; a hash ring does the same) moves only those of the lost one. All of them are uneven, offices most of all.


# %% covers=["LB4"]
def lose(way):
    measured = model.lose_server(alone, way).logged_out
    formula, luck = model.expected_logged_out(way, 12), "four standard errors of 50,000 users"
    return Row(f"logged out, {way}", measured, formula, tolerance=0.005, because=luck)


alone = model.draw_users(50_000, shared=0, exponent=0, rng=1)
agreement(*map(lose, model.WAYS))

# %% [markdown]
# With a store that all servers share, any server will do: least connections may choose freely, a server may die, and nobody notices. Sticky cookies remain useful as a *hint*, for a warm cache, as long as nothing is lost without them.
#
# ## On your screen
#
# A page makes twenty calls in one load. If one server of twelve is ill and turns are taken, how many page loads meet it? And what does one retry, to another server, change?

# %%
touched = 1 - (1 - 1 / 12) ** 20
alone, again = noticed["active check"], noticed["check, and one retry"]
print(f"pages that meet the ill server: {touched:.0%}")
print(f"errors seen in one outage: {alone.errors} without a retry, {again.errors} with one")
assert again.errors == 0 < alone.errors

# %% [markdown]
# What the frontend, or its BFF, should do about that:
#
# - **Time out, then retry once, elsewhere, what is safe to repeat.** GET is; a POST only with an idempotency key (topic 11). A fixed timeout of a second or so turns a hanging checkout into a slow one. Limit retries to a small share of requests, or they become the overload.
# - **Mind the one connection.** With HTTP/2 and a layer-4 balancer, all calls of a tab go to one server, and a reload does not change it. After a failed retry open a new connection, or ask for a maximum age on the server's side.
# - **Do not tie a user to a server.** A sticky cookie that outlives its server means a login page in the middle of a checkout.
# - **Check that the zone that answers is the one you meant.** Put the zone and its version in a response header, and log it with each error.
#
# ## Your numbers
#
# Put in the path of an access log. Each path goes through your route table, and you see how many requests each zone would get. (If your log has a column for the server that answered, nginx's `$upstream_addr` and `$upstream_response_time`, group by it before anything else: a slow server is invisible in the sum.) Below it, put your own health check in.

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
# Twelve servers, 80 % busy, and three die. Nine are left for the work of 9.6. The nine slow down, and so do their answers to the probes. What does the health check do?

# %%
BLOW = {"servers": 12, "dead": 3, "duration": 300}
believed = model.run_cascade(utilization=0.80, **BLOW)
panicking = model.run_cascade(utilization=0.80, panic=0.5, **BLOW)
picture(figures.draw_cascade, believed, panicking, columns=2, width=10)

# %% covers=["LB2"]
for busy in (0.70, 0.74, 0.76, 0.80):
    shares = [model.run_cascade(utilization=busy, panic=p, **BLOW).answered_share for p in (0, 0.5)]
    print(f"{busy:.0%} busy: {shares[0]:.0%} answered, with a panic threshold {shares[1]:.0%}")
assert believed.answered_share < 0.5 * panicking.answered_share

# %% [markdown]
# **Surprise: two points of utilization decide between "nothing happened" and an outage that the health checks keep going.** They take out a server because it is busy; its work makes the next one busy. Those that are out recover at once, having nothing to do, come back all together, and drown again.
#
# A *panic threshold* (Envoy: 50 %) stops believing: when more than half are said to be ill, the fault is probably not theirs, so requests go to all, the dead ones included. It loses the dead ones' share and keeps the rest. It does not heal: room for the loss of a zone does, at 9/12 = 75 % here, or turning away what is too much. That is also why outlier ejection stops at 10 %.
#
# The other classic needs no failure at all. Ten balancers share the servers, so each sees an old picture of their load:

# %%
swept = model.sweep_refresh([0, 0.5, 1, 2, 5, 10, 20, 50])
picture(balancing_figures.draw_herd, swept)

# %% [markdown]
# **The best server a moment ago is the worst one now, since everybody goes there.** With old information least connections herds, and two choices hold out longer, because they do not all look at the same two.
#
# ## Limits
#
# The requests of this page are all alike, come independently, and any server can take any. Yours have an expensive endpoint, a cache that is warm on some server only, and databases that make all servers slow together; then "slower than its neighbors" finds nobody, and rightly. In the cascade a tier is a fluid, so its edge at 75 % is sharper than a real one; and its failed requests are gone, while in truth users reload, which makes it worse. With few servers the supermarket formula is too kind:

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
# 3. A dead server costs (threshold − ½) × interval + timeout of its share, and a retry elsewhere hides it.
# 4. Health checks that take out the busy sink the rest: leave room, limit ejections, have a panic threshold.
# 5. Layer 4 deals connections, layer 7 requests. Stickiness costs evenness, and logins when a server leaves.
#
# **On Monday:** look at response times by server, not in sum. Find your health check's interval, threshold and timeout, and work out the seconds. Then ask what its page really asks of the server.
#
# *Sources: M. Mitzenmacher,* The Power of Two Choices in Randomized Load Balancing *(1996; 2001); N. Vvedenskaya, R. Dobrushin, F. Karpelevich (1996); the nginx source's smooth weighted round-robin (2012); Envoy's documentation on outlier detection and the panic threshold; W. Feller,* An Introduction to Probability Theory *(XIII.7); D. Thaler and C. Ravishankar (1998). Read on: Google,* Site Reliability Engineering, *chapters 19 and 20; Nygard,* Release It!
#
# Next: [the lab, in which you write a balancer that survives three bad days](../labs/03_load_balancing.ipynb), then 04 Caching.
