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
# # Caching
#
# Your sale opens at midnight, and its page shows one price that everybody asks for. You cached the price for a minute, and at 0:01 the minute is over. The page is down until one o'clock, when you take the site off the net, wait, and put it back.
#
# **What should be kept, for how long, and what happens when it expires?**
#
# You will be able to say what a few points of hit ratio (the share of requests that find their answer in the cache) are worth, what to throw out, how old an answer may be, and which line of code would have kept the sale online.
#
# *About 45 minutes. Before it: [Scaling](02_scaling.ipynb). After it: [the lab](../labs/04_caching.ipynb).*

# %%
import inspect

import numpy as np

from helpers.caching import eviction_figures, figures, model, readable_policies, stampede_figures
from helpers.caching.explorer import explore
from helpers.caching.stampede_explorer import explore_stampede
from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.figure import picture
from helpers.workload import from_access_log, sample, zipf

# %% [markdown]
# ## Predict
#
# Your CDN's caches, the edge, answer 95 % of the requests; the rest goes on to your own servers, the origin. After a deploy it is 90 %. How many more requests does the origin get? (0 % is as many as before.)

# %%
predict("caching.edge", "More requests at the origin, if the edge goes from 95 to 90 %", unit="%")

# %% [markdown]
# A second one, the midnight. The price is asked for 1,500 times a second, and the query behind it takes a tenth of a second, as long as the database has no more than twenty of them; more than twenty share its speed. Who finds no copy in the cache sends a query, and gives up after two seconds. The copy expires. How long until all is as before?

# %%
BACK = ["a tenth of a second", "about a second", "about a minute", "it does not come back"]
predict("caching.back", "All is as before after", options=BACK)

# %% [markdown]
# ## Build
#
# A cache is a dictionary that forgets. When there is no room, the least recently used key goes (LRU). Python's dictionaries keep their order, which is half of the work:


# %% tags=["toy"]
def look_up(keys, capacity):
    cache, hits = {}, []
    for key in keys:
        hits.append(key in cache)
        if key in cache:
            del cache[key]  # it comes back at the end, as the latest
        elif len(cache) == capacity:
            del cache[next(iter(cache))]  # the first is the least recently used
        cache[key] = "what was fetched"
    return hits


look_up(["shoes", "hats", "shoes", "coats", "hats"], capacity=2)

# %% [markdown]
# True is a hit: the key was there. The hats had to go for the coats, since the shoes had just been used. Then the hats were wanted again.
#
# ## Grow
#
# The course's model has nine policies and takes a million requests in a blink. On the same requests it says the same as the toy.

# %%
keys = model.zipf_requests(200_000, catalogue=10_000, exponent=0.8, rng=1)
run = model.simulate(keys, capacity=1_000, policy="lru")
assert run.hits.tolist() == look_up(keys.tolist(), capacity=1_000)
run

# %% [markdown]
# A tenth of the objects is in the cache, and more than four in ten requests find theirs: a few objects are asked for much more than the others, and the cache needs to know no more of it than who came last. (Zipf's law: the object of rank *k* gets a share in proportion to 1/*k* to the power of the exponent.)
#
# The hit ratio has a formula, by Che, Tung and Wang: LRU behaves as if each key stayed for the same time *t* after its last use. A key with the share *p* of the requests is then there with chance 1 − e^(−*pt*), and *t* is such that these chances add up to the room. If instead a key is kept for a fixed time *T* after it was fetched (its **time to live**), it is simpler still: with λ requests a second λ*T* hits follow each miss, a hit ratio of λ*T*/(λ*T* + 1).


# %%
def lru_both(capacity):
    keys = model.zipf_requests(2_000_000, catalogue=10_000, exponent=0.8, rng=2)
    simulated = model.simulate(keys, capacity).hit_ratio_after(0.2)
    return {"simulation": simulated, "formula": model.che_hit_ratio(zipf(10_000, 0.8), capacity)}


traffic = model.draw_traffic(read_rate=2, write_rate=0.01, duration=200_000, rng=1)
for_5_s = model.read_copies(traffic, ttl=5).hit_ratio

# %%
CLOSE = "two million requests, and Che is an approximation"
agreement(
    Row("LRU, 1 % fits", **lru_both(100), tolerance=0.002, because=CLOSE),
    Row("LRU, 10 % fits", **lru_both(1_000), tolerance=0.002, because=CLOSE),
    Row("2/s, kept for 5 s", for_5_s, 10 / 11, tolerance=0.002, because="400,000 reads"),
)

# %% [markdown]
# And at every size. (One pass over the requests gives LRU's hits for all sizes at once: a request is a hit if fewer other keys than there is room for came since its key was last asked for.)

# %%
sizes = np.geomspace(10, 9_000, 16).astype(int)
simulated = model.hit_ratio_curve(keys, capacities=sizes, warm_up=0.2)
picture(eviction_figures.draw_che, model.che_curve(zipf(10_000, 0.8)), simulated, height=3.2)

# %% [markdown]
# ## Experiment: what to throw out
#
# The cache is full and a new key comes. Which one goes? Seven answers:
#
# | policy | throws out |
# |---|---|
# | FIFO | what came first |
# | LRU | what was not used for the longest |
# | LFU | what was used the fewest times |
# | SIEVE | what came first, but what was used meanwhile is spared once |
# | S3-FIFO | a newcomer that was not used again soon; else what came first and was not used since |
# | ARC | from two lists, "seen once" and "seen more often"; it learns how long each should be |
# | W-TinyLFU | of the newcomer and an old key the one asked for less often of late |
#
# They meet five kinds of days, with room for 1,000 keys: fame that stays; scans in between, by a crawler; half of all asked for only once; fame that moves on; and a loop over 1,200 keys. Most caches run LRU. Where will it do worst, and who beats it there? The black line is the best possible, for those who know the future (Belady's optimum); green does better than LRU, orange worse.

# %% covers=["CA7"]
POLICIES = ("fifo", "lru", "lfu", "sieve", "s3fifo", "arc", "wtinylfu", "optimal")
results = {
    name: model.run_policies(pattern(300_000, 1), 1_000, POLICIES)
    for name, pattern in model.PATTERNS.items()
}
picture(eviction_figures.draw_policies, results, width=10, height=3.6, columns=5)

# %%
after = {(day, p): run.hit_ratio_after() for day, its in results.items() for p, run in its.items()}
once = "half asked for once"
assert after["a loop", "lru"] == 0 and after[once, "sieve"] > 1.5 * after[once, "lru"]
print(f"in a loop, LRU hits {after['a loop', 'lru']:.0%}")
print(f"{once}: LRU {after[once, 'lru']:.1%}, SIEVE {after[once, 'sieve']:.1%}")

# %% [markdown]
# **Surprise: LRU is nowhere the best, and in a loop slightly longer than the cache it never hits.** It throws out just what is next. LRU believes in every newcomer; a crawler that reads everything once pushes out what people want. The modern ones (SIEVE, S3-FIFO, ARC, W-TinyLFU) put newcomers on probation. LFU does too, in its way, and pays for it on the day when fame moves on. The loop stays hard: only two of the seven let enough newcomers go by to keep some of the rest.
#
# SIEVE's whole difference is which key it throws out, and that is six lines. A pointer, the hand, walks through the queue from old to new, and spares once what was used since it last came by:

# %%
print(inspect.getsource(readable_policies.SIEVE.evict))
few = keys[:20_000]
slowly = readable_policies.run(readable_policies.SIEVE(100), few.tolist())
assert slowly == model.simulate(few, 100, "sieve").hits.tolist()

# %% [markdown]
# (All of them are in `helpers/caching/readable_policies.py`, as classes that you can change; the last line shows that this one and the quick loop agree on every request.)
#
# ## Explore
#
# A million requests for each move. Guess before each: what is a cache of ten times the room worth? What is left of it when half of the requests are for keys that nobody asks for again, and which policy gets some of that back?

# %%
explore(capacity=1_000, exponent=0.8, policy="LRU", once=0.3)

# %% [markdown]
# ## Experiment: caches behind caches
#
# A request meets the browser's cache first, then the edge, then often one more before the origin, and the rest goes to where the data is. Each one's misses are all that the next one sees. Facebook counted this for its photos. The model has the same four tiers, with sizes and habits chosen so that the hit ratios come out about as theirs:

# %%
CHAIN = [
    model.Tier("browser", capacity=64, caches=0, latency=0.001),  # 0: one for each client
    model.Tier("edge", capacity=12_000, caches=4, latency=0.02),
    model.Tier("origin cache", capacity=25_000, latency=0.05),
]
visits = model.draw_visits(1_000_000, clients=10_000, catalogue=100_000, rng=1)
chain = model.serve_chain(visits, CHAIN, source="backend", source_latency=0.1).after(0.5)
picture(figures.draw_chain, chain, model.PHOTO_SHARES)

# %% covers=["CA1"]
HUANG = "Huang et al., SOSP 2013"
FITTED = "sizes and habits were chosen to fit; the last share follows"
tiers = zip(chain.names, chain.share, model.PHOTO_SHARES, strict=True)
rows = [
    Row(tier, share, published=paper, tolerance=0.015, because=FITTED, source=HUANG)
    for tier, share, paper in tiers
]
agreement(*rows)

# %% [markdown]
# Gray is what reaches a tier, blue what it answers. An edge that hits six in ten answers only a fifth of everything, because the browsers had the easy ones. Take Facebook's own shares: what would ten points less at the edge have been to the backend, with all else as it was? Guess first.

# %%
paper = np.array(model.PHOTO_SHARES)
ratios = (paper / np.cumsum(paper[::-1])[::-1])[:-1]  # answered, of what reaches a tier
worse = model.chain_shares(ratios - [0, 0.1, 0])
print(f"hit ratios {', '.join(f'{ratio:.0%}' for ratio in ratios)}: backend {paper[-1]:.1%}")
print(f"ten points less at the edge: backend {worse[-1]:.1%}, {worse[-1] / paper[-1] - 1:.0%} more")

# %% [markdown]
# Not ten percent more, but a quarter. And what does a miss cost the one who waits? With the times of the tiers above (1, 20, 50 and 100 ms, chosen, not measured):

# %%
for name, cost, load in zip(chain.names, chain.miss_cost, chain.load[1:], strict=False):
    print(f"a miss at the {name} costs {1000 * cost:.0f} ms more, and {load:.0%} of all are one")
print(f"all in all a request takes {1000 * chain.latency.mean():.0f} ms")

# %% [markdown]
# A miss at the edge costs more than one at the browser, as most of those still find an answer nearby.
#
# Now make the edge smaller, and nothing else. A shop, with a database behind its application cache:

# %%
SHOP = [
    model.Tier("browser", capacity=16, caches=0, latency=0.001),
    model.Tier("edge", capacity=3_800, caches=2, latency=0.02),
    model.Tier("application cache", capacity=2_000, latency=0.003),
]
habits = {"clients": 5_000, "catalogue": 5_000, "exponent": 1.0, "repeat": 0.3}
visits = model.draw_visits(600_000, **habits, rng=2)

# %% covers=["CA1"]
sizes = [500, 800, 1_200, 1_600, 2_000, 2_500, 3_000, 3_400, 3_850]
sweep = model.sweep_tier(visits, SHOP, "edge", sizes)
picture(figures.draw_passed_on, sweep)

# %% [markdown]
# Blue lies on the dashed line, the edge's misses: the load behind follows them, not the hits. The database sees less of it while the application cache can help, on the left. Between 95 and 90 %:

# %%
times = float(np.interp(0.90, sweep.hit_ratio, sweep.load[:, 2]) / sweep.load[-1, 2])
assert abs(times - model.load_factor(float(sweep.hit_ratio[-1]), 0.90)) < 0.05
small, large = sweep.ratios[0, 2], sweep.ratios[-1, 2]
print(f"the application cache hits {small:.0%} behind a small edge, {large:.0%} behind a large one")
reveal("caching.edge", 100, explanation=f"Misses go from 5 to 10 %: simulated, {times:.2f} times.")

# %% [markdown]
# **From 95 to 90 %, five points of hit ratio are twice the load.** Watch the misses, not the hits. And the application cache looks bad because the edge is good. Nobody touched it; what reaches it is what hardly anybody asks for twice. A hit ratio says nothing without what stands in front.
#
# ## Experiment: how old may it be
#
# A hundred products, read 100 times a second, and changed once a second altogether. Nobody tells the cache: a copy lives until its time is over, and until then may be stale. Turn the time to live from one second to five minutes; then send a purge with each change, a message that deletes the copy, of which one in a hundred is lost.

# %% covers=["CA6"]
TTLS = [1, 3, 10, 30, 60, 120, 300]
plain, purged = model.sweep_ttl(TTLS), model.sweep_ttl(TTLS, lost_purges=0.01)
picture(figures.draw_staleness, plain, purged)

# %%
for ttl in (10, 60):
    at = TTLS.index(ttl)
    print(f"{ttl} s: {plain.load[at]:.1f} reads/s at the source and {plain.stale[at]:.1%} stale;")
    print(f"    with purges {purged.load[at]:.1f} reads/s and {purged.stale[at]:.2%} stale")
assert np.allclose(plain.stale, plain.stale_by_formula, rtol=0.05)

# %% [markdown]
# (The dashes are formulas, for reads and writes that come at random. A purged copy has to be fetched again, so purges cost a few reads.) The first ten seconds of a time to live save nine in ten of the reads; the later ones mostly add lies. So ask how old an answer *may* be, and take that, not a round number.
#
# Purges are better, while they arrive. A third way needs no purge: put the version into the name, as a bundler does with `app.3f9a.js`. A file is never stale, and is fetched once per version. What remains is the page that names the files, and it needs a time to live. The same hundred products, each now a small index that names a large file:

# %%
traffic = model.draw_traffic(100, 1, 20_000, keys=100, rng=0)
index = model.read_copies(traffic, ttl=1)
per_file = index.versions_fetched / 20_000
print(f"index kept for 1 s: {index.source_load:.0f} small reads/s, {index.stale_share:.1%} stale")
print(f"files kept forever: {per_file:.2f} large reads/s")
assert per_file < 1.02

# %% [markdown]
# The index costs what a time to live of a second costs, but it is small. What is large travels once for each change.
#
# ## Experiment: the moment it expires
#
# A thousand requests a second for one object, whose query takes 100 ms. The database works on twenty queries at full speed; more than twenty share it. The copy ends at 10 s. What should those get who come before there is a new one?
#
# | guard | what happens |
# |---|---|
# | nothing | each sends a query of their own |
# | one query per server | the first in each of ten servers asks, the others there wait for the answer (coalescing) |
# | a lock for all | the same, over all servers |
# | early refresh | before the end, somebody picked by chance fetches the new copy; the others still get the old one |
# | stale while revalidate | the first asks, and meanwhile all get the copy that has just ended |

# %%
rush = model.draw_rush(1_000, duration=40, recompute_time=0.1, rng=1)
GUARDS = [
    model.Guard("nothing"),
    model.Guard("one query per server", one_flight="per server"),
    model.Guard("a lock for all", one_flight="everywhere"),
    model.Guard("early refresh", early=1.0),
    model.Guard("stale while revalidate", stale_for=10.0),
]

# %% covers=["CA8"]
runs = [model.run_stampede(rush, guard) for guard in GUARDS]
picture(stampede_figures.draw_guards, runs)

# %% [markdown]
# The first number is the queries. Without a guard, everybody who comes during the query starts one more, and each makes all of them slower. A tenth of a second would have brought a hundred queries; but the first answer, which ends the rush, took more than a second, and by then there were over a thousand. The last of them was answered more than four seconds later.
#
# By pencil, with λ requests a second, a query of δ seconds and *c* queries at full speed, the first answer takes (*c*/λ) e^(λδ/*c* − 1) seconds: **once λδ, the requests of one query's time, is more than *c*, an expiry is a stampede, and it grows exponentially**. Here λδ is 100, and *c* is 20.

# %%
few, many = (1_000, 0.1, 20), (10_000, 0.1, 200)
FLUID = "the formula is a fluid; requests come one by one, some early"
first = {"tolerance": "25 %", "because": FLUID}
agreement(
    Row("1,000/s, c = 20 (s)", model.measure_first_answer(*few), model.first_answer(*few), **first),
    Row("10,000/s, c = 200 (s)", model.measure_first_answer(*many), model.first_answer(*many)),
)

# %% [markdown]
# Alone it would take 0.1 s. Ten times the database does not help against ten times the requests. And at 1,500 requests a second it is nine seconds by the same formula, if everybody has the patience. Here is the whole expiry of the thousand, with and without a guard:

# %%
assert round(model.first_answer(1_500, 0.1, 20)) == 9
picture(stampede_figures.draw_in_flight, [runs[0], runs[1]], 20)

# %% [markdown]
# All four guards hold. Coalescing and a lock make people wait for the one query; the last two make hardly anybody wait, but they need an old copy to hand out. Coalescing is one line in a server of yours, here in JavaScript, where `flights` is an object that all requests share:
#
# ```js
# return flights[key] ??= query(key).finally(() => { delete flights[key] })
# ```
#
# The first request sends the query and leaves its promise; all others get the same promise, until it has settled, well or badly. **That line would have kept the sale online.** (At Facebook leases, which are such locks, cut the peak at the database from 17,000 to 1,300 queries a second, by Nishtala et al.)
#
# The early refresh (XFetch) lets each request throw a die, and the nearer the end the likelier it refreshes: with chance e^(−*g*/δ), where *g* is the time that is left. You may read that this is 63 % at a gap of δ and 98 % at a quarter of it. Count:

# %%
gaps = np.linspace(0.01, 0.4, 14)
draws = np.random.default_rng(1).exponential(0.1, size=50_000)  # −δ ln U
counted = np.array([(draws >= gap).mean() for gap in gaps])
picture(stampede_figures.draw_early, gaps, counted, 0.1)

# %%
exact = model.early_chance([0.1, 0.025], recompute_time=0.1)
assert np.allclose([1 - np.exp(-1), 1 - np.exp(-4)], [0.63, 0.98], atol=0.005)
print(f"{exact[0]:.1%} and {exact[1]:.1%}; 63 % and 98 % are 1 − e^(−δ/g)")

# %% [markdown]
# So what you may read is one minus the chance, with δ and *g* the wrong way round. A third of those who come one query's time before the end is still plenty: at a thousand a second, somebody has gone long before.
#
# And when many copies were made at once, by a deploy or a restart, they end at once. A lock for each does not help, since each of the 2,000 needs its own query. Shorten each time to live by chance, here by up to half:

# %%
rush = model.draw_rush(2_000, duration=180, recompute_time=0.1, keys=2_000, rng=1)
alike = model.Guard("all alike", one_flight="everywhere")
spread = model.Guard("jitter", one_flight="everywhere", jitter=0.5)
two = (model.run_stampede(rush, guard, ttl=60, expires_at=60) for guard in (alike, spread))
picture(stampede_figures.draw_by_second, list(two))

# %% [markdown]
# The second hill is the same copies again: they were made anew within a few seconds, and end together a minute later. Chance pulls them apart for good.
#
# Turn it yourself: find the request rate from which the database does not come back (from then on everybody gives up), and what a guard changes there.

# %%
explore_stampede(guard="nothing", request_rate=1_000, recompute_time=0.1, ttl=20)

# %% [markdown]
# ## Experiment: who learns of a write first
#
# Three strategies, the same ten minutes: 1,000 reads and 20 writes a second on a hundred objects, a read that loads takes 50 ms, and the cache crashes half a second before five minutes are over. Cache-aside writes to the database and deletes the copy; write-through changes both; write-back changes the copy and carries it to the database every five seconds. Which one will have the most stale reads?

# %% covers=["CA9"]
operations = model.draw_operations(1_000, 20, 600, load_time=0.05, keys=100, rng=1)
for strategy in ("cache-aside", "write-through", "write-back"):
    did = model.run_writes(operations, strategy, flush_interval=5, crash_at=299.5)
    print(f"{strategy}: {did.stale_share:.2%} of reads stale, {did.lost} writes lost;", end=" ")
    print(f"database: {did.database_reads:,} reads, {did.database_writes:,} writes")

# %% [markdown]
# Write-back halves the database's writes, and loses what the writers were told was saved and had not yet been carried over. But why is cache-aside stale, when every write deletes the copy? **The classic race: a slow read loads the old value, a quick write deletes the copy, and then the read puts the old value back**, where it stays until the next write or the end of its time. A lease forbids it: what was loaded before a write may not be kept.


# %% covers=["CA9"]
def keep_late(seed, lease):
    luck = model.draw_operations(1_000, 20, 600, load_time=0.05, rng=seed)
    return model.run_writes(luck, "cache-aside", lease=lease).kept_late


for lease in (False, True):
    late = [keep_late(seed, lease) for seed in range(5)]
    print(f"lease {'on ' if lease else 'off'}: old values kept, in five runs: {late}")

# %%
leased = model.run_writes(operations, lease=True).stale_share
dying = model.run_writes(operations, dying_writers=0.01, lease=True).stale_share
print(f"stale with leases {leased:.2%}; if one writer in 100 dies between its steps {dying:.2%}")

# %% [markdown]
# So the race was all of it. But nobody deletes the copy for a writer that has died after its first step, and for that too there is the time to live. And what does a crash of write-back take, whenever it comes?

# %%
lost = model.lose_to_crashes(write_rate=100, flush_interval=5)
mean, most = model.expected_loss(write_rate=100, flush_interval=5)
agreement(Row("writes lost to a crash of write-back, 100/s, flush every 5 s", lost, mean))

# %% [markdown]
# Write rate × flush interval is about the most that a crash takes (500 here), and half of that what it takes on average.
#
# ## What an application keeps
#
# Redis or Memcached holds computed results, sessions, counters of rate limits, hot rows. To the cache they are alike; to you they are not. A computed result that is evicted is computed again. **A session that is evicted is a person who is logged out.** A crawler comes by:

# %% covers=["CA4"]
for crawled, apart in ((0, False), (20_000, False), (20_000, True)):
    shared = model.share_a_cache(capacity=10_000, sessions=4_000, crawled=crawled, apart=apart)
    where = "apart" if apart else "together"
    print(f"{crawled:6,} pages crawled, {where}: {shared.logged_out:,} of 4,000 logged out")

# %% [markdown]
# So sessions and counters go where nothing is evicted. For the rest, Redis can evict by use (LFU), and has eight bits to remember it: a counter up to 255 that goes up ever more rarely, so that it still tells a hundred hits from a hundred thousand. The published figures are of one counter each.

# %% covers=["CA4"]
counters = model.redis_counter((100, 1_000, 100_000))
REDIS, LUCK = "Redis documentation, factor 10", "luck of one counter, three times its spread"
agreement(
    Row("100 hits", counters[0].value, model.counter_by_formula(100), 10, 3, LUCK, REDIS),
    Row("1,000 hits", counters[1].value, model.counter_by_formula(1_000), 18, 6, LUCK, REDIS),
    Row("100,000 hits", counters[2].value, model.counter_by_formula(1e5), 142, 20, LUCK, REDIS),
)

# %% [markdown]
# Two more copies that an application keeps. A materialized view is the stored result of a query, which the database refreshes now and then. And a backend-for-frontend, an endpoint that gathers all that one page needs, here by twenty calls, waits as soon as one of them is not in the cache:

# %%
lag, worst = (seconds / 60 for seconds in model.refresh_lag(interval=600, duration=60))
print(f"refreshed every 10 min, in 1 min: {lag:.0f} min old on average, {worst:.0f} at most")
print(f"20 calls that each hit 95 %: {model.page_hit_ratio(0.95, 20):.0%} of pages need no backend")

# %% [markdown]
# One cache for the whole page, if everybody sees the same one, turns the second number into 95 %.
#
# ## On your screen
#
# A stale answer looks like any other. It hurts most right after the user's own change: they save, the list reloads, and the old name is back. So draw what was saved from the answer to the save, not from the next read; and send a version along, so that an older answer does not replace a newer one. How often is it the old one, in a profile that is read five times a second and changed three times a minute, without a purge and with one, of which one in twenty is lost?

# %%
traffic = model.draw_traffic(read_rate=5, write_rate=0.05, duration=100_000, rng=3)
reads_old = model.read_copies(traffic, ttl=30)
purged_reads = model.read_copies(traffic, ttl=30, lost_purges=0.05)
for name, run in (("30 s, no purge", reads_old), ("30 s, purge on save", purged_reads)):
    print(f"{name}: {run.stale_share:.1%} of reads old, by {run.mean_behind:.0f} s on average")

# %% [markdown]
# Half of all reads, without a purge: thirty seconds are long beside the twenty between two changes. The browser can help: `stale-while-revalidate` shows the old list at once and the new one when it has come. That is topic 05.
#
# ## Your numbers
#
# Put in an access log, or a HAR file (`from_har`), and send it through a chain of your own sizes. Nothing leaves this machine.

# %%
workload = from_access_log(sample("access.log"))  # or from_access_log("your/access.log")
tiers = [model.Tier("browser", 20, caches=0), model.Tier("edge", 50), model.Tier("Redis", 200)]
mine = model.serve_chain(workload, tiers)
for name, share, ratio in zip(mine.names, mine.share, mine.hit_ratio, strict=True):
    print(f"{name:8} answers {share:5.1%} of all, {ratio:.0%} of what reaches it")

# %%
curve = model.hit_ratio_curve(workload.key)
best = curve.hit_ratio[-1]
print(f"one shared cache: at most {best:.0%} hits; half of that with", end=" ")
print(f"{curve.capacity_for(0.5 * best):,} of {curve.capacity[-1]:,} objects")

# %% [markdown]
# A log tells of what reached the server only. What your visitors' browsers answered by themselves is not in it, and comes on top.
#
# ## Break it
#
# Back to midnight: 1,500 requests a second for the price, 200 a second for all else, a query of 100 ms, and an application that gives up after two seconds. Its query runs on, but the answer comes to nobody, and is not put into the cache. The copy ends at 10 s.

# %%
rush = model.draw_rush(1_500, duration=90, recompute_time=0.1, other_rate=200, rng=1)
broken = model.run_stampede(rush, patience=2)
mended = model.run_stampede(rush, model.Guard("one query per server", "per server"), patience=2)
picture(stampede_figures.draw_lost, broken, mended)

# %% covers=["PIT3"]
assert broken.by_second("lost")[80] > 1_000 > 0 == mended.is_lost.sum()
reveal("caching.back", "it does not come back", explanation="No answer comes in time to be kept.")

# %% [markdown]
# **The database is not slow; it is busy with answers that nobody waits for any more.** Since none comes in time, none is kept, and all ask again; and everything else that needs the database goes down with the price. One expiry was enough. That is why you had to take the site off the net, and why one line would have done.
#
# The other pitfall is the purge that gets lost. Copies kept for good, one purge in a hundred lost, and the mended one, with a time to live of a minute:

# %% covers=["PIT3"]
traffic = model.draw_traffic(read_rate=5, write_rate=0.01, duration=200_000, keys=10, rng=4)
trusting = model.read_copies(traffic, lost_purges=0.01)
careful = model.read_copies(traffic, ttl=60, lost_purges=0.01)
for name, run in (("purge only", trusting), ("purge and 60 s", careful)):
    print(f"{name}: the oldest lie was {run.most_behind:,.0f} s old")
assert careful.most_behind <= 60 < trusting.most_behind

# %% [markdown]
# ## Limits
#
# Che's formula needs fame that stands still. When it moves on, as with news, the formula is far off:

# %%
sizes = np.unique(np.geomspace(10, 3_000, 24).astype(int))
moving = model.shifting_requests(400_000, every=4_000, step=100, rng=1)
count = np.bincount(moving)
seen = model.hit_ratio_curve(moving, capacities=sizes)
promised = model.che_curve(count / count.sum())
picture(figures.draw_moving_fame, promised, seen)

# %% [markdown]
# Here the formula knew each key's share over the whole time, and LRU did better than that: what is asked for now will be asked for soon. It can go either way, so measure with your own log.
#
# Also left out: objects of different sizes (a hit ratio by bytes is another one), the memory that a cache itself takes, and that a cache which has just started is empty. A cold cache is a stampede of everything at once; warm it before it takes all of the traffic.
#
# ## Check yourself

# %%
quiz("caching.five_points")

# %%
quiz("caching.guard")

# %% [markdown]
# And one about the message that may not arrive:

# %%
quiz("caching.purge")

# %% [markdown]
# **In an interview: "Where would you cache in this stack, and what can go wrong?"** *At every tier, outermost first: a hit in the browser costs nobody anything. What is versioned by name is kept for good; what is not gets the time to live that its reader can bear. I watch the misses of each tier, since they are the load of the next. On writes I purge and keep a time to live as the net under it. And no hot key without a guard: one query per key, the others get the old copy or wait; times to live with jitter. State that must not be lost, such as sessions, goes where nothing is evicted.*
#
# The evidence, from this page:

# %% covers=["IQ3", "REC2"]
print(f"edge from 95 to 90 %: {model.load_factor(0.95, 0.90):.1f} times the load behind it")
print(
    f"kept for 10 s: {plain.load[2]:.0f} of 100 reads/s at the source, {plain.stale[2]:.0%} stale"
)
print(f"one expiry: {runs[0].queries:,} queries without a guard, {runs[2].queries} with a lock")
print(f"at 1,500/s: {broken.lost_share:.0%} lost without a guard, {mended.lost_share:.0%} with one")
print(f"a lost purge lasts {trusting.most_behind / 3600:.0f} h without a time to live")

# %% [markdown]
# ## Summary
#
# 1. Each tier's misses are the next one's load: from 95 to 90 % at the edge doubles it.
# 2. LRU is a start; a place on probation for newcomers beats it.
# 3. The time to live is a decision about lies, not about load. Purge on write, and keep the time to live for the purge that gets lost.
# 4. An expiry under load is a stampede, and can be an outage that does not end. One query per key; the old copy meanwhile; jitter.
# 5. Write-back loses what was not yet carried over. Cache-aside has a race, and a lease mends it.
#
# **On Monday:** find your hottest key that has a time to live, multiply its requests per second by the seconds that its query takes (λδ), and compare with the queries that your database can work on at full speed (*c*). If it is more, an expiry is a stampede: put in the line above, and jitter.
#
# *Sources: L. A. Belady (1966); H. Che, Y. Tung and Z. Wang (2002); Q. Huang et al.,* An Analysis of Facebook Photo Caching *(2013); R. Nishtala et al.,* Scaling Memcache at Facebook *(2013); A. Vattani, F. Chierichetti and K. Lowenstein,* Optimal Probabilistic Cache Stampede Prevention *(2015); the Redis documentation on eviction. Read on: Kleppmann,* Designing Data-Intensive Applications, *chapters 3 and 11.*
#
# Next: [the lab, in which you build a policy and a guard](../labs/04_caching.ipynb), then 05 HTTP caching.
