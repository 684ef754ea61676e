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
# # Scaling
#
# It is the first minute of the sale. The dashboard says that the servers are 85 % busy, nobody sees an error, and your product page shows a spinner for six seconds. Somebody doubles the servers, the spinner goes, and so does half of the budget.
#
# **How can a system with 15 % to spare feel broken, and was doubling it the only way out?**
#
# You will be able to say how busy is too busy, whether to scale up or out, what must leave a server before it can have a twin, and what a p99 means to a page that makes forty calls.
#
# *About 40 minutes. Before it: [Start here](00_start_here.ipynb). After it: [the lab](../labs/02_scaling.ipynb).*

# %%
import numpy as np

from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.figure import picture
from helpers.scaling import figures, model, queueing_figures
from helpers.scaling.explorer import explore
from helpers.scaling.measurements import read_measurements
from helpers.statistics import Estimate, quantile
from helpers.workload import bursty, from_access_log, sample

# %% [markdown]
# ## Predict
#
# One server needs 100 ms for a request on average, some less, a few much more (exponential, as theory calls it). At 50 % utilization an answer takes 200 ms on average: 100 ms in line, 100 ms of service. What will it be at 90 %? Give a range that you would trust four times in five.

# %%
predict("scaling.at_90", "Mean response time at 90 % utilization", unit="ms")

# %% [markdown]
# A second one. Eight servers, one line before all of them; or eight lines, one before each server, and requests choose at random. Same load.

# %%
ONE_OR_EIGHT = ["the same", "about twice", "about four times", "about eight times"]
predict("scaling.lines", "The p99 with eight lines, against one line", options=ONE_OR_EIGHT)

# %% [markdown]
# ## Build
#
# A queue is less code than a button. Each request starts when it has come *and* the server is free:


# %%
def wait_in_line(arrival_time, service_time):
    waiting_time, free_at = [], 0.0
    for arrival, service in zip(arrival_time, service_time, strict=True):
        start = max(arrival, free_at)
        waiting_time.append(start - arrival)
        free_at = start + service
    return waiting_time


wait_in_line(arrival_time=[0, 100, 200], service_time=[300, 100, 100])

# %% [markdown]
# The second request came at 100 ms, the server was busy until 300 ms, so it waited 200 ms. That is all there is to it. Now three hours of it: requests at random moments, 9 each second, to a server that can do 10.

# %%
rng = np.random.default_rng(1)
arrival_time = np.cumsum(rng.exponential(1 / 9, size=100_000))
service_time = rng.exponential(1 / 10, size=100_000)
waiting_time = np.array(wait_in_line(arrival_time, service_time))
print(f"mean response: {1000 * (waiting_time + service_time).mean():.0f} ms")

# %% [markdown]
# ## Grow
#
# The course's model has many servers, uneven service and uneven arrivals. On the same requests it must say the same as the toy, to the last digit.

# %%
run = model.serve(arrival_time, service_time, servers=1)
assert np.allclose(run.waiting_time, waiting_time, atol=1e-9)
run

# %% [markdown]
# A simulated number is worth something when theory and others' numbers agree with it. Here are four queues for which theory is exact: one server; ten servers (M/M/c, by Erlang in 1917); service that is always equally long, and service that is very uneven (M/G/1, by Pollaczek and Khinchine). The last row is Kingman's approximation, for arrivals that are not Poisson. All are mean waits, in service times.


# %%
def both(**queue):
    simulated = model.simulate(**queue, service_rate=1, requests=1_000_000).mean_wait
    return {"simulation": simulated, "formula": model.mean_wait(**queue, service_rate=1)}


TABLE, KINGMAN = "Erlang C, c = 10, a = 8", "Kingman is exact only as load nears 100 %"
half_as_uneven = both(arrival_rate=0.95, arrival_cv=0.5, service_cv=0.5)

# %% covers=["F1"]
agreement(
    Row("one server, 80 % busy", **both(arrival_rate=0.8)),
    Row("ten, 80 % busy", **both(arrival_rate=8, servers=10), published=0.2046, source=TABLE),
    Row("one, even service", **both(arrival_rate=0.8, service_cv=0)),
    Row("one, uneven service", **both(arrival_rate=0.8, service_cv=2)),
    Row("one, 95 %, half as uneven", **half_as_uneven, tolerance="10 %", because=KINGMAN),
)

# %% [markdown]
# One law needs no assumption about who comes when. Count who is in the system, at any moments you like: on average it is arrival rate × response time (Little, 1961). It holds for a queue, a coffee bar, a thread pool, a promise that you await.

# %%
run = model.simulate(arrival_rate=60, service_rate=10, servers=8, service_cv=3)
law = model.littles_law(run)
assert abs(law.ratio - 1) < 0.01
print(f"in flight {law.in_flight:.2f} = {law.arrival_rate:.2f}/s × {law.mean_response:.4f} s")

# %% [markdown]
# ## Experiment: how busy is too busy
#
# Turn one knob only, the utilization, and measure mean and p99 in service times. The dashes are the formulas, the points a million requests each.

# %%
sweep = model.sweep_utilization([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95])
picture(queueing_figures.draw_hockey_stick, sweep)

# %%
at = dict(zip(sweep.knob.tolist(), sweep.mean_by_formula.tolist(), strict=True))
assert at[0.95] - at[0.9] > at[0.9] - at[0.1]
reveal("scaling.at_90", 100 * at[0.9], explanation="One server: service / (1 − utilization).")

# %% [markdown]
# From 50 % to 80 % the mean goes from 2 service times to 5, from 80 % to 90 % to 10, from 90 % to 95 % to 20. **Five more points cost more than the eighty before.** That is why 80 % is already late for a single server, and why its alert on "CPU above 95 %" fires after your users have left.
#
# More servers behind one line can be busier, since it is rare that all are busy at once. How much busier may they be, if 99 of 100 requests shall take no longer than ten service times, here a second?

# %% covers=["F1"]
for servers in (1, 2, 4, 8, 16, 64):
    rates = np.linspace(0.01, 0.999, 990) * servers * 10
    highest = rates[model.response_quantile(0.99, rates, 10, servers) <= 1.0].max()
    print(f"{servers:2} servers: up to {highest / servers / 10:.0%} busy keeps p99 within 1 s")

# %% [markdown]
# **Surprise: "how busy may it be" has no answer without "how many are there".** One server has to idle almost half of its time, and sixteen may be 97 % busy. Small tiers need the most room.

# %% [markdown]
# ## Experiment: uneven work
#
# Same load, same mean service time; only the unevenness changes. A coefficient of variation of 0 is a metronome, 1 is exponential, 4 is an endpoint that mostly answers at once and now and then exports a year of orders.

# %%
sweep = model.sweep_unevenness([0, 0.5, 1, 1.5, 2, 3, 4], utilization=0.8)
picture(queueing_figures.draw_unevenness, sweep)

# %% [markdown]
# The mean wait grows with the square: (1 + cv²)/2. (The mean's formula is exact here; that of the p99 is an approximation, and reads a little low.) One slow endpoint on a shared server makes all the quick ones late, which is a reason to give it servers of its own.

# %% [markdown]
# ## Experiment: one line or eight
#
# Eight servers, 64 requests a second, the same luck for both.

# %%
load = {"arrival_rate": 64, "service_rate": 10, "servers": 8, "requests": 400_000}
shared = model.simulate(**load)
apart = model.simulate(**load, queues="one per server")
picture(queueing_figures.draw_pooling, shared, apart)

# %%
times = apart.quantile(0.99) / shared.quantile(0.99)
assert 3.5 < times < 5.5
reveal("scaling.lines", "about four times", explanation=f"Measured here: {times:.1f} times.")

# %% [markdown]
# With eight lines, somebody waits while a neighbor idles. **A random balancer turns one tier of eight into eight tiers of one.** Smarter policies win most of it back: that is topic 03.

# %% [markdown]
# ## Explore
#
# A million requests for each move. Start with 60 requests a second and push the arrival rate to the wall; add a server; make the service uneven; split the line. Find the setting of the sale: ten servers, 85 % busy, and a p99 of six seconds.

# %%
explore(arrival_rate=60, servers=8, service_cv=1.0, queues="one shared")

# %% [markdown]
# Did you find it? Uneven work (a cv of 1.7) and a line per server will do; the dashboard's 85 % knew of neither. What would have helped:


# %%
SALE = {"arrival_rate": 85, "service_rate": 10, "service_cv": 1.7, "requests": 400_000}
p99 = {}
for servers, queues in ((10, "one per server"), (20, "one per server"), (10, "one shared")):
    run = model.simulate(**SALE, servers=servers, queues=queues)
    p99[servers, queues] = late = run.quantile(0.99)
    print(f"{servers} servers, {queues}: {run.utilization:.0%} busy, p99 {late:.1f} s")
assert p99[10, "one shared"] < p99[20, "one per server"] < 6 < p99[10, "one per server"]

# %% [markdown]
# **Surprise: the ten servers were enough.** One line before them beats ten more servers behind ten more lines.

# %% [markdown]
# ## Up or out
#
# *Vertical*: a bigger machine. *Horizontal*: more of them. The sizes and prices are invented in the shape of public price lists; put your own in `model.CATALOGUE`'s place. For now, machines share nothing; the next section takes that back.

# %%
demand = np.sort([*np.geomspace(200, 400_000, 60), 19_000, 20_000])
up = model.vertical_plan(demand, per_core=100)
out = model.horizontal_plan(demand, per_core=100, spare=1)
picture(figures.draw_costs, up, out)

# %% [markdown]
# One machine is simple until it is the largest there is. Up to 19,000 requests a second it costs the same as many; one size further it is a rare machine, at ten times the price, and when it stops everything stops. Many small ones grow on, and one that fails is made up for by the spare; but somebody has to divide the work.

# %% covers=["F6"]
for requests in (19_000, 20_000):
    at = int(np.searchsorted(demand, requests))
    one, many = up.cost_per_hour[at], out.cost_per_hour[at]
    print(f"{requests:,}/s, an hour: one machine ${one:.2f}, {out.machines[at]} for ${many:.2f}")
    assert out.lost_with_one[at] < 0.01 < up.lost_with_one[at] == 1
print(f"largest single machine: {up.ceiling:,.0f} requests/s")

# %% [markdown]
# ## Where adding servers makes it slower
#
# Ten servers rarely do ten times the work. Part of it is done by one at a time (Amdahl), and each server spends time on agreeing with all others (Gunther's universal scalability law). Both fit in one curve with two numbers, and a load test gives them to you. This one is made up, with α = 0.02 and β = 0.0005 in it and noise on top; put your own CSV's path into the call.

# %%
measured = read_measurements()  # or read_measurements("your/load-test.csv")
fit = model.fit_universal_scalability(measured.servers, measured.throughput)
picture(figures.draw_scalability, fit)

# %% covers=["F6"]
peak = Estimate(fit.peak_servers, fit.margins_in_errors * fit.peak_error)
by_formula = model.peak_servers(alpha=0.02, beta=0.0005)
assert abs(model.amdahl(1e9, 0.02) - 50) < 1e-3
agreement(Row("servers at the peak: fitted to the noisy tests, and as put in", peak, by_formula))

# %% [markdown]
# **Past 44 servers, each one added makes all of them together slower**, and the bill grows all the same. Amdahl's law alone, with 2 % of the work done one at a time, would have promised up to 50 times one server. The cure is not a server: it is less agreeing. That starts with state.

# %% [markdown]
# ## What must leave the server first
#
# A shop keeps each session in the memory of the server on which it began, and the balancer sends everyone back there (*sticky sessions*). Servers are added in the morning and removed in the evening. At 15:00 one dies. The same day with the sessions in a store that all servers share:

# %%
day = model.draw_sessions(rng=1)
fleet = model.run_fleet(day, lost_at=15 * 3600)
sticky, shared = model.keep_in_memory(day, fleet), model.keep_in_store(day, fleet)
drained = model.keep_in_memory(day, fleet, drain_timeout=3600)
picture(figures.draw_logged_out, sticky, drained, shared)

# %% covers=["F7", "LB4"]
crash = int(np.searchsorted(sticky.time, 15 * 3600))
lost, live, servers = sticky.logged_out[crash], sticky.live[crash - 1], sticky.servers[crash - 1]
expected = model.expected_loss(int(live), int(servers))
assert int(lost) in expected
print(f"the dead server logs {lost} out; 1/{servers} of {live:,} is {expected}")
evening = sticky.logged_out[sticky.time > 18 * 3600].sum() / sticky.logged_out.sum()
print(f"the whole day logs {sticky.logged_out.sum():,} out, {evening:.0%} of them after 18:00")

# %% [markdown]
# **Surprise: the crash is not what hurts.** Most people are logged out by the autoscaler removing servers on a quiet evening, with nothing broken and nobody alerted. And a server added in the morning idles for a while, since the old sessions stay where they are:

# %%
at_nine = sticky.carried[9 * 60][sticky.is_on[9 * 60]]
print(
    f"sessions at 9:00: {at_nine.min():.0f} on the newest server, {at_nine.mean():.0f} on average"
)

# %% [markdown]
# ## Threads, loops, and a slow backend
#
# Your BFF (backend for frontend) makes one call for each request: 1 ms of work and 50 ms of waiting. By Little's law 400 requests a second hold 400 × 0.051 ≈ 20 threads, so a pool of 200 looks generous. At 20 s one of the two backends slows down to 2 s.

# %%
requests = model.draw_requests(arrival_rate=400, slow_from=20, slow_until=40, rng=1)
pool, loop = model.serve_by_threads(requests, threads=200), model.serve_by_loop(requests)
picture(figures.draw_slow_backend, pool, loop)

# %%
healthy = ~requests.is_exposed
for run in (pool, loop):
    late = quantile(run.response_time[healthy], 0.99)
    print(f"{run.name}: p99 of requests that never call the slow backend: {late:.2f} s")
usual, slowed = (model.threads_needed(400, 0.001, wait) for wait in (0.05, (2 + 0.05) / 2))
print(f"threads held: {usual:.0f} of 200 as a rule, {slowed:.0f} of 200 when one backend is slow")

# %% [markdown]
# The pool has lent all of its threads to the slow backend, and requests that never go there wait for one. The loop keeps waiting requests as a little memory each, and stays quick. Its own weakness is work: one request in five hundred that computes for 200 ms holds everybody up.

# %%
heavy = model.draw_requests(arrival_rate=400, heavy_share=0.002, rng=1)
for run in (model.serve_by_threads(heavy), model.serve_by_loop(heavy)):
    print(f"{run.name}: p99 {1000 * quantile(run.response_time, 0.99):.0f} ms")

# %% [markdown]
# ## On your screen
#
# A page makes forty calls and is done when the slowest is. Each call is beyond its p99 once in a hundred, whatever the others do. How many of your pages meet at least one of those?

# %%
predict("scaling.page", "Share of pages with at least one call beyond p99", unit="%")

# %% [markdown]
# These calls take 40 ms in the middle and ten times as long now and then. Forty of them make a page:

# %%
calls = model.draw_response_times()
pages = model.load_pages(calls, calls=40)
picture(figures.draw_page_times, pages)

# %% [markdown]
# The middle page is as slow as the slowest calls, not as the middle ones. Counted, by formula, and as published for a hundred calls:

# %%
hundred = model.load_pages(calls, calls=100).share_slow
DEAN = "Dean and Barroso, The Tail at Scale"
agreement(
    Row("slow pages, 40 calls", pages.share_slow, model.chance_of_slow(40)),
    Row("slow pages, 100 calls", hundred, model.chance_of_slow(100), 0.634, source=DEAN),
)

# %%
reveal("scaling.page", 100 * model.chance_of_slow(40), explanation="1 − 0.99⁴⁰.")

# %% [markdown]
# **The server's p99 is your page's every third load.** So ask for the p99.9 of what a page calls often, make fewer calls (a BFF that gathers them), and draw what has arrived: a skeleton for the one slow widget, not a spinner for the page. And retry with care: each retry is one more request to servers that are late already. (Calls that are slow together, on the same slow server, hit fewer pages, harder.)

# %% [markdown]
# ## Your numbers
#
# Put in the path of an access log (Common, Combined or JSON lines, also gzipped), a HAR file saved from your browser's developer tools (`from_har`), or a CSV (`from_csv`). Query strings and addresses are left out, and nothing leaves this machine. Lines that cannot be read are counted and named. To see how sure the answer is, the record is cut into blocks of a few seconds, which are dealt anew forty times; each dealt record is asked again.

# %%
workload = from_access_log(sample("access.log"))  # or from_access_log("your/access.log")
workload.report

# %%
busy = workload.scaled(arrival_rate=50)  # the sample is a small shop; delete this for yours
print(f"{busy.arrival_rate:.1f} requests/s, {busy.peak_rate(1):.0f} in the busiest second")
print(f"{busy.burstiness(1):.1f} times as bursty as Poisson, by the second")
model.find_servers(busy.arrival_time, mean_service=0.1, target=0.6, block=5)

# %% [markdown]
# `mean_service` is what a server *works* on a request. A log's request time has the waiting in it, so take it from a quiet hour.

# %% [markdown]
# ## Break it
#
# Pitfall: a stateful app server, deployed at two in the afternoon. All servers are replaced, one a minute.

# %% covers=["PIT1"]
fleet = model.run_fleet(day, deploy_at=14 * 3600)
broken = model.keep_in_memory(day, fleet)
drained = model.keep_in_memory(day, fleet, drain_timeout=3600)
mended = model.keep_in_store(day, fleet)
for name, run in (("in memory", broken), ("drained for an hour", drained), ("in a store", mended)):
    print(f"{name}: {run.logged_out.sum():,} logged out, {run.server_hours:.0f} server hours")

# %%
assert mended.logged_out.sum() == 0 < drained.logged_out.sum() < broken.logged_out.sum() / 5

# %% [markdown]
# Draining waits for people to leave by themselves, pays for servers meanwhile, and still cuts some off. Only moving the state out ends it.
#
# The price is a trip to the store with each request, here assumed as half a millisecond, and a store that must not fail: it is the new single point of failure.

# %% covers=["F7"]
noon = model.keep_in_store(day, model.run_fleet(day), store_lost_at=12 * 3600)
print(f"a store that loses everything at noon logs {noon.logged_out.sum():,} out at once")

# %% [markdown]
# ## Limits
#
# The formulas assume that requests come independently. Yours come in bursts: a push message, a cron job, a cache that expires. Here 7 requests a second for a server that does 10, at times when calm and storm take turns. Kingman's formula knows the spread of the gaps, not that short gaps follow short ones:

# %%
storm = bursty(7, duration=60_000, rng=1)
gaps = storm.interarrival_times
run = model.serve(storm.arrival_time, rng.exponential(0.1, size=len(storm)), servers=1)
formula = model.mean_wait(7, 10, arrival_cv=gaps.std() / gaps.mean())
assert run.waiting_time.mean() > 3 * formula
print(f"measured wait {run.waiting_time.mean():.1f} s, Kingman {formula:.1f} s")

# %% [markdown]
# Also left out: users who give up or press reload, servers that differ in speed, and the minutes that a new server takes to start (the lab has those) and to warm its caches. The curves are right about shape and direction before they are right about your milliseconds.

# %% [markdown]
# ## Check yourself

# %%
quiz("scaling.headroom")

# %%
quiz("scaling.slower")

# %% [markdown]
# And one about state:

# %%
quiz("scaling.stateless")

# %% [markdown]
# **In an interview: "Would you scale up or out?"** *Up first: it is one line of configuration, until the largest machine, its price or its single failure stops me. Out needs three things: servers without state, so that any can answer; something that divides the requests, best one line before all; and little to agree on, or adding servers makes it slower. I would size it for the p99 at peak with room for one failure, not for the mean, since waits explode long before a tier is full.*
#
# The evidence, from this page:

# %% covers=["IQ1", "REC1"]
print(f"at 90 % one server takes {model.mean_response(0.9, 1):.0f} service times, at 50 % 2")
print(f"eight lines instead of one: {times:.1f} times the p99")
print(f"largest single machine: {up.ceiling:,.0f} requests/s; it takes 100 % away when it fails")
print(f"servers that do most together: {model.peak_servers(0.02, 0.0005):.0f}")
print(f"logged out by a deploy: {broken.logged_out.sum():,} with sticky sessions, 0 with a store")

# %% [markdown]
# ## Summary
#
# 1. Latency is a hockey stick: it bends long before 100 %, and the fewer the servers the earlier.
# 2. Unevenness costs as much as load. Keep slow endpoints away from quick ones, and one line before all servers.
# 3. Scale up while it is cheap; scale out when the ceiling, the price or the single failure says so.
# 4. State in a server is what stops you: it logs people out on every deploy.
# 5. A page feels the p99 of its calls on every third load.
#
# **On Monday:** find out how many servers your busiest tier has and how busy they are in its peak minute, and compare with the list of servers above. Then ask where the sessions live, and who is logged out by a deploy.
#
# *Sources: A. K. Erlang (1917); F. Pollaczek (1930) and A. Khinchine (1932); J. F. C. Kingman (1961); J. D. C. Little (1961); N. J. Gunther,* Guerrilla Capacity Planning *(2007); J. Dean and L. A. Barroso,* The Tail at Scale *(2013). Read on: Kleppmann,* Designing Data-Intensive Applications, *chapter 1.*
#
# Next: [the lab, in which you plan the sale's capacity](../labs/02_scaling.ipynb), then 03 Load balancing.
