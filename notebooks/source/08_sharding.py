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
# # Sharding
#
# Friday, half past four: the three cache servers are nearly full, so somebody adds a fourth, one line in a list. In the same second the database gets nearly fifty times its usual queries, and the product pages are gone. On Monday the line is taken out again, and it all happens once more.
#
# **When is one database no longer enough, and what breaks when it is split?**
#
# To split data over several machines by a *key*, such as the product's number, is *sharding*, or partitioning; each machine holds a *shard*. The keys of a cache on three servers are split in the same way, with the same trouble, so we begin there. You will be able to say how long one machine will do, which plan moves the fewest keys, why sixty-four shards may write no faster than one, and in which order to move data while people use it.
#
# *About 45 minutes. Before it: [Caching](04_caching.ipynb). After it: [the lab](../labs/08_sharding.ipynb).*

# %%
from bisect import bisect_left

import numpy as np

from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.figure import picture
from helpers.sharding import figures, load_figures, model
from helpers.sharding.explorer import explore
from helpers.statistics import interval
from helpers.workload import from_access_log, sample

# %% [markdown]
# ## Predict
#
# The Friday's code picks a key's server like this: turn the key into a large number that looks like chance (a *hash*), divide it by the number of servers, and take the rest. Three servers become four. What share of the keys is looked for on another server than before?

# %%
predict("sharding.friday", "Keys on another server, when three become four", unit="%")

# %% [markdown]
# A second one. Ten servers are put on a circle, each at a place by chance. A key, too, has a place by chance, and belongs to the next server clockwise. So a server with a long gap before it gets many keys. (The mean is a tenth of the keys.) On average over many such circles, how many keys does the fullest of the ten have?

# %%
FULLEST = ["1.1 times the mean", "1.5 times the mean", "3 times the mean"]
predict("sharding.circle", "The fullest of ten servers has", options=FULLEST)

# %% [markdown]
# ## Build
#
# Both plans, as toys. `hash64` gives 64 bits for a key or a name, the same ones on every machine. The circle of the second plan is called a *hash ring*:


# %% tags=["toy"]
def by_modulo(key, servers):
    return servers[model.hash64(key) % len(servers)]


def by_ring(key, servers, points=100):
    ring = sorted((model.hash64(f"{s}#{n}"), s) for s in servers for n in range(points))
    place = bisect_left(ring, (model.hash64(key),))  # the next point: a larger number is clockwise
    return ring[place % len(ring)][1]  # after the last one comes the first


three, four = ["a", "b", "c"], ["a", "b", "c", "d"]
for plan in (by_modulo, by_ring):
    moves = [plan(key, three) != plan(key, four) for key in range(1_000)]
    print(f"{plan.__name__}: {sum(moves)} of 1,000 keys are elsewhere")

# %% [markdown]
# The ring moves only what the new server takes over. To see it, here is a ring with only four points for each server, before and after:


# %%
def points_of(servers, each):
    names = [(f"{server}#{number}", server) for server in servers for number in range(each)]
    return sorted((model.hash64(name) / 2**64, server) for name, server in names)


picture(figures.draw_ring, points_of(three, 4), points_of(four, 4))

# %% [markdown]
# Each point of the new server cuts off a part of one arc; all other arcs stay as they were. (Here that is 16 %, above it was 207 in 1,000, and not a quarter, because the gaps are unequal; more of that soon.)
#
# ## Grow
#
# The course's plans do the same for a million keys: `place` makes one, `add()` gives the plan with one server more, `moved` counts. Modulo keeps a key only where two rests agree, so N servers and one more move N/(N + 1) of the keys. A new server's fair share is 1/(N + 1), and so much has to move at least to fill it.


# %%
def moves(scheme, servers, seed):
    some = np.random.default_rng(seed).choice(10_000, servers, replace=False)
    plan = model.place(scheme, tuple(some.tolist()))
    return model.moved(plan, plan.add(), np.arange(20_000) + seed * 20_000)


def over_rings(scheme, servers):
    return interval([moves(scheme, servers, seed) for seed in range(100)])


# %%
agreement(
    Row("modulo, 3 to 4 servers", over_rings("modulo", 3), model.moved_share(3, "modulo")),
    Row("ring, 3 to 4", over_rings("ring", 3), model.moved_share(3, "ring")),
    Row("ring, 10 to 11", over_rings("ring", 10), model.moved_share(10, "ring")),
)

# %% [markdown]
# (A hundred times, with other servers and other keys.) And what the ring moves, it moves to the new server only:

# %%
ring, keys = model.HashRing(3), np.arange(20_000)
there, then = ring.server_of(keys), ring.add().server_of(keys)
assert set(then[there != then].tolist()) == {3}  # the servers were 0, 1 and 2
reveal("sharding.friday", 75, explanation="Of the 12 pairs of rests, 3 agree: 9 keys in 12 move.")

# %% [markdown]
# **Three quarters of a cache were lost by adding to it.** And on Monday, back from four to three, three quarters of the keys change their server again.
#
# ## Experiment: how even is a ring
#
# The toy put each server on the ring a hundred times. Why? Turn that number, the *virtual nodes* V, from 1 to 1,000, with N = 10 servers. We look at the standard deviation of the servers' shares over their mean (the *coefficient of variation*, CV): 0 % is perfectly even. By theory, for NV gaps cut by chance, it is √((N − 1)/(NV + 1)).

# %%
NODES = [1, 3, 10, 30, 100, 300, 1_000]
measured = [model.measure_ring_cv(10, nodes, rings=100) for nodes in NODES]
picture(figures.draw_spread, NODES, measured, [model.ring_cv(10, nodes) for nodes in NODES])

# %%
circles = [model.HashRing(tuple(range(n, n + 10)), 1) for n in range(0, 20_000, 10)]
fullest = interval([10 * circle.shares.max() for circle in circles])
harmonic = sum(1 / n for n in range(1, 11))
agreement(
    Row("fullest of 10, one point each, over the mean", fullest, harmonic),
    Row("spread with 100 points each", model.measure_ring_cv(10, 100), model.ring_cv(10, 100)),
)

# %% [markdown]
# The formula in the first row is 1 + 1/2 + … + 1/10, the mean of the longest of ten gaps cut by chance.

# %%
reveal("sharding.circle", "3 times the mean", explanation="The longest gap of ten is 2.93 tenths.")

# %% [markdown]
# **Surprise: on a ring with one point each the fullest server has three times its share.** Modulo ten is far more even: 1.01 times the mean, as the next table will show. With a hundred points each the standard deviation is a tenth of the mean, and with ten times as many a third of that. The fullest of ten servers lies further out than one standard deviation, so expect it at about 1.2 with a hundred points.
#
# ## Experiment: eight plans
#
# The ring is not the only way. What others do:
#
# | plan | a key's server | seen in |
# |---|---|---|
# | modulo | the rest of a division | Kafka |
# | ring | the next of 100 points a server | Cassandra, HAProxy |
# | jump | a key replays the servers' arrivals: when the *n*-th came, it moved there with chance 1/*n* | Guava |
# | rendezvous | each server bids for the key, with a hash of both; the highest bid wins | Apache Ignite |
# | maglev | servers take turns to fill a table of 65,537 seats; the hash picks a seat | Envoy |
# | slots | keys belong to 16,384 slots for good, and a list says whose each slot is | Redis Cluster |
# | range | keys in order, cut into stretches: A–F, G–M, … | Bigtable, HBase |
# | directory | a book with each single key in it | a tenants' table of your own |
#
# Ten servers. Once an eleventh comes, whose fair share is one key in eleven. Once number 3 is lost, and one key in ten is homeless. Which plan is good at the one and bad at the other?

# %%
keys = np.arange(50_000)
plans = {name: model.place(name, 10, keys=50_000) for name in model.SCHEMES}
del plans["bounded ring"]  # that is for later
plans["directory"] = model.Directory.of(keys, model.Modulo(10))
added = {name: model.moved(plan, plan.add(), keys) for name, plan in plans.items()}
lost = {name: model.moved(plan, plan.remove(3), keys) for name, plan in plans.items()}
picture(figures.draw_plans, added, lost, height=4.8)

# %%
for name, plan in plans.items():
    even = model.balance(plan, keys).max_over_mean
    print(f"{name:10} fullest {even:.2f} × mean,", end=" ")
    print(f"look-up {plan.lookup_steps:4.1f} steps, {plan.memory_bytes:,} bytes")

# %% [markdown]
# (A step is a hash, a comparison or a look into a table; the bytes are what each client has to keep.)
#
# Jump hash needs no memory, is even, and moves the least, as long as servers are added. But it knows servers by their number only. When number 3 is lost, all later ones are renumbered. That is fine for shards, which do not die (they have replicas), and not for caches.
#
# A range moves half of one stretch, and the new server is only half full. A directory moves nothing by itself: newcomers go to the new server, and you move what you like. Its price is the book, which all clients need.
#
# Some of these rules are part of a protocol, so that every client finds the server by itself. Here are two, to the bit. Redis hashes the whole key, or, if there are braces, only what stands in them, which keeps what belongs together in one slot:

# %%
assert model.redis_slot(b"123456789") == 0x31C3  # the test value of this checksum, CRC16/XMODEM
for key in (b"cart:7:items", b"cart:7:total", b"{cart:7}:items", b"{cart:7}:total"):
    print(f"{key.decode():15} slot {model.redis_slot(key):6,}")
orders = [f"order-{number}".encode() for number in range(10_000)]
other = [model.kafka_partition(key, 6) != model.kafka_partition(key, 7) for key in orders]
print(f"Kafka, 6 to 7 partitions: {np.mean(other):.0%} of the keys go to another one")

# %% [markdown]
# Kafka counts modulo. A partition more, and 6 in 7 keys go elsewhere, while their old messages stay where they are: the order of one key's messages is lost. So choose plenty at the start. Redis has 16,384 slots, and Notion began with 480 small shards on 32 databases. Whole slots move, and no key ever changes its slot.
#
# ## Explore
#
# A million keys for each move. It opens with a ring of one point each, and an unlucky one: 4.8 times the mean, where 3 is usual (bars are cut off at 4). Guess before each: how many virtual nodes make the fullest server less than 1.2 times the mean? Then turn the skew to 1: do more virtual nodes still help, or another plan? What does "bounded ring" do about it?

# %%
explore(scheme="ring", servers=10, virtual_nodes=1, skew=0.0)

# %% [markdown]
# No plan that gives each key one server helps against a popular key: its server gets all its requests, however many servers there are. Only the bounded ring helps: when a server is a quarter above the mean, it sends keys on to the next one. For a cache, where any server can answer, that is the remedy, and you will build it in the lab. A database shard has nobody to send a write to.
#
# ## Experiment: what are more shards worth
#
# The aim of sharding is more writes than one machine can take. The shards together are worth as much as the fullest one allows: once it can take no more, room on the others is of no use. If it gets twice the mean, 64 shards write as much as 32. Three kinds of keys: all alike and hashed; the same, but a fifth of the writes go to one key, say the counter of a live show; and order numbers, which only rise, cut into ranges.

# %%
SHARDS = [1, 2, 4, 8, 16, 32, 64]
alike = np.arange(200_000)
hot = model.with_celebrity(alike, share=0.2, celebrity=-1, rng=1)
worth = {"even keys": [], "a hot key": [], "rising keys": []}

# %% covers=["DB7"]
for shards in SHARDS:
    for name, keys in (("even keys", alike), ("a hot key", hot)):
        worth[name].append(shards / model.balance(model.Jump(shards), keys).max_over_mean)
    ranges = model.Ranges(shards, high=alike.size)
    shares = model.load_over_time(ranges, model.rising_keys(alike.size), windows=64)
    worth["rising keys"].append(1 / shares.max(axis=1).mean())
picture(load_figures.draw_worth, SHARDS, worth)

# %% [markdown]
# The dashed line is N shards worth N. For the hot key there is a formula: with a share *s* of the writes, its shard gets *s* + (1 − *s*)/N of them all, so N shards are worth N/(N*s* + 1 − *s*).

# %%
limit = SHARDS[-1] / model.celebrity_load(64, 0.2)
print(f"a key with 20 % of the writes, 64 shards: {worth['a hot key'][-1]:.1f}", end=" ")
print(f"(formula {limit:.1f}, and never more than {1 / 0.2:.0f})")
assert worth["rising keys"][-1] == 1 and worth["even keys"][-1] > 60

# %% [markdown]
# **Surprise: with keys that rise, 64 shards write as much as one.** At the end of the day all ranges are equally full, but at any moment everybody writes to one of them, which holds the newest. Cutting that range in two does not help either, since what comes next is newer than both halves. Dates, auto-increment ids and UUIDs of version 7 all do this. What helps is a key that begins with a hash of the customer and has the time behind it.
#
# A hot key with a share *s* of the writes ends it at 1/*s*. What helps there is to split the key itself: write to `show#0`, `show#1` and so on, picked by chance, which is called *salting*. Whoever wants the total has to ask for all of them. Ten shards on a ring, the same hot key:

# %% covers=["DB7"]
salting = model.sweep_salts(model.HashRing(10, 1_000), hot, hot=-1, rng=1)
picture(load_figures.draw_salts, salting)

# %% [markdown]
# Four names are most of the gain. Names are put on shards by chance, so two may meet on one, and some shards have none. Reads pay: they ask more servers each time. So split the few keys that need it, and not all.
#
# ## Experiment: asking all shards
#
# A search for "red shoes" knows no customer, so it asks every shard and waits for the last one (*scatter-gather*). Each answer takes 10 ms on average, and one in a hundred is late by 200 ms. With a hundred shards, how many searches are slow?

# %%
ASKED = [1, 3, 10, 30, 100]
runs = [model.scatter_gather(shards, requests=20_000, rng=1) for shards in ASKED]
chances = [model.slow_share(0.01, shards) for shards in ASKED]
picture(load_figures.draw_fan_out, runs, chances)

# %%
DEAN, LUCK = "Dean and Barroso, The Tail at Scale (2013)", "luck of 20,000 requests, and rounding"
slow = float(runs[-1].met_hiccup.mean())
asked = ("100 shards, 1 % slow", slow, chances[-1], 0.63)
agreement(Row(*asked, tolerance=0.015, because=LUCK, source=DEAN))

# %% [markdown]
# None of *n* answers is late with chance (1 − *p*)ⁿ, with *p* = 1 %; the dashed line is the rest.
#
# **What was one in a hundred is now the usual case: 63 %.** What only the slowest hundredth of a shard's answers took, the search takes in more than half of the cases. To keep 99 searches in 100 quick, each shard must be quick in 99.99 % of its answers. Or do not wait for all:

# %%
print(f"each shard must keep its p{100 * model.needed_quantile(0.99, 100):.2f}")
for enough in (100, 98, 95):
    run = model.scatter_gather(100, wait_for=enough, requests=20_000, rng=1)
    print(f"wait for {enough:3} of 100: p50 {1000 * run.quantile(0.5):3.0f} ms,", end=" ")
    print(f"p99 {1000 * run.quantile(0.99):3.0f} ms")

# %% [markdown]
# Without the last five shards, p99 falls from 244 to 48 ms. The price is an answer without their rows: good for a search, and wrong for a sum.
#
# ## Experiment: moving while people use it
#
# A shard is full, and 500 of its keys move to a new one. It takes twenty seconds here and may take weeks in truth, and nobody may notice. The plan has six steps:
#
# | step | what happens |
# |---|---|
# | double write | every write goes to both shards; reads still come from the old one |
# | copy | old values are carried over, one by one |
# | verify | what is on both is compared, and where the new one is behind it is mended |
# | switch | reads come from the new shard |
# | end double write | writes go to the new one only |
# | drop | the old copy is deleted |
#
# After each step one waits until all twenty application servers have heard of it. There are 200 reads and 50 writes a second. Leave out one step, or the waiting. Which omissions lose what users were told is saved? And which is the only one that is harmless?

# %%
ways = {"nothing": model.reshard()}
for step in model.STEPS:
    ways[step] = model.reshard([other for other in model.STEPS if other != step])
ways["waiting"] = model.reshard(is_patient=False)
picture(load_figures.draw_steps, ways, height=4.8)

# %%
assert ways["nothing"].is_clean and ways["drop"].is_clean
careful = model.reshard([s for s in model.STEPS if s != "verify"], newest_wins=True)
print(f"without verify: {ways['verify']}")
print(f"the same, if the copier never puts an older value over a newer one: {careful}")

# %% [markdown]
# Only the drop can wait. Four omissions lose what was saved. Without the double write, that is what is written behind the copier's back; without the copy, whatever was not written since (verify mends what is old, not what is missing). Without the switch all is well until the old copy is dropped, and then everything is gone: the long bars. The other two lose nothing and refuse requests: whoever still writes to both finds the old shard gone, and so does a server that has not yet heard of the switch.
#
# **Without verify a few writes are lost, and that is the dangerous one, since nobody sees it in a test.** The copier reads a value, somebody writes a newer one to both, and then the copier puts the old one over it. It is the race of the cache in topic 04. Compare versions when copying, and verify all the same.
#
# ## Is one machine enough?
#
# Shards cost joins, transactions over keys, and unique constraints; every migration runs N times. So first: when will one machine no longer do? Put in what you have, what one machine bears (the disk that you can buy, and a load test of your own, not a table from the web), and how it grows.

# %% covers=["REC3"]
GROWTH = 0.06  # a month, yours
HAVE = {"data (GB)": 40, "writes (per second)": 120, "reads (per second)": 2_000}
BEARS = {"data (GB)": 2_000, "writes (per second)": 4_000, "reads (per second)": 10_000}
for what, now in HAVE.items():
    months = np.log(BEARS[what] / now) / np.log(1 + GROWTH)
    print(f"{what:20} {now:6,} of {BEARS[what]:6,}: {months:3.0f} months")

# %% [markdown]
# With these numbers, chosen for the example, the reads run out first, in about two years. And reads do not need shards. What mends what:
#
# | what runs out | before you shard |
# |---|---|
# | a slow query | an index, fewer queries (topic 07) |
# | reads | a cache (topic 04), then read replicas |
# | data | archive old rows, move files and logs out; a larger disk |
# | writes | batches, a queue for what may wait, a larger machine |
# | writes or data, still | shards |
#
# **Relational by default, and shards for proven need.** Notion ran on one PostgreSQL for five years and four orders of magnitude of growth before it was split.
#
# ## On your screen
#
# A list of the newest, over eight shards, 20 on a page. Nobody knows which shard has how many of the first thousand; it might be all of them. So for page 50 by offset, each shard has to give its first 1,000 rows:

# %%
ids = np.random.default_rng(1).permutation(40_000)
shard_of = model.HashRing(8).server_of(ids)
lists = [np.sort(ids[shard_of == shard])[::-1] for shard in range(8)]  # the newest first
by_offset = np.concatenate([rows[: 50 * 20] for rows in lists])
page = np.sort(by_offset)[::-1][49 * 20 : 50 * 20]
assert page.tolist() == list(range(39_019, 38_999, -1))

# %%
last_seen = 39_020  # the cursor: the last id of page 49
by_cursor = np.concatenate([rows[rows < last_seen][:20] for rows in lists])
assert np.array_equal(np.sort(by_cursor)[::-1][:20], page)
print(f"to show 20 rows: {by_offset.size:,} read by offset, {by_cursor.size} by cursor")

# %% [markdown]
# - **Pages:** ask for cursors ("after this id"), not page numbers. The cost of an offset grows with the page, times the shards.
# - **Search:** a deadline, and an honest line, "some results are missing, try again", when a shard was late. Seven shards of eight quickly are better than nothing.
# - **A celebrity's page** is slow while all others are quick. So give each widget its own error boundary and time-out, and do not take the whole page down for one counter. An approximate counter may be cached.
# - **While data move:** a saved comment that vanishes and comes back is a stale read. Draw what was saved from the answer to the save.
#
# What the honest line buys, for the search:

# %%
for enough in (8, 7):
    run = model.scatter_gather(8, wait_for=enough, requests=20_000, rng=1)
    print(f"search, {enough} of 8 shards: p99 {1000 * run.quantile(0.99):.0f} ms")

# %% [markdown]
# ## Your numbers
#
# Put in an access log, or a table with one row for each write (`from_csv("your.csv", key="tenant_id")`, also in `helpers.workload`): its hottest keys, and how even four shards would be. Nothing leaves this machine.

# %%
workload = from_access_log(sample("access.log"))  # or from_access_log("your/access.log")
mine = [workload.key_names[key] for key in workload.key]
for key in model.hottest(mine, top=3):
    print(f"{key.share:5.1%} {key.key}")

# %%
for scheme in ("modulo", "ring", "jump", "bounded ring"):
    even = model.balance(model.place(scheme, 4), mine)
    print(f"{scheme:12} the fullest of 4 shards has {even.max_over_mean:.2f} times the mean")
share = model.hottest(mine, top=1)[0].share
print(f"{len(set(mine))} keys; one has {share:.1%} of the requests:", end=" ")
print(f"no number of shards is worth more than {1 / share:.1f}")

# %% [markdown]
# With so few keys the luck of the hash decides as much as the plan; a shard key with few values, such as a country, does the same in production.
#
# ## Break it
#
# Friday again. A thousand requests a second for 100,000 products, of which few are asked for often (Zipf's law, topic 04), three cache servers with room for all, and a database that can do 250 queries a second. After 20 minutes somebody adds the fourth server. A request is a miss when its key was never asked for at that server before. The picture begins a minute before the change.


# %%
def count_misses(plan, keys, change_at):
    before, after = plan.server_of(keys), plan.add().server_of(keys)
    server = np.where(np.arange(keys.size) < change_at, before, after)
    _, first = np.unique(keys * 100 + server, return_index=True)  # first of key and server
    is_miss = np.zeros(keys.size, dtype=bool)
    is_miss[first] = True
    return is_miss.reshape(-1, 1_000).sum(axis=1)  # in each second


# %%
asked = model.zipf_keys(1_500_000, catalogue=100_000, exponent=0.9, rng=1)
misses = {
    name: count_misses(model.place(name, 3), asked, 1_200_000)[1_140:1_320]
    for name in ("modulo", "ring")
}
picture(figures.draw_reload, misses, 60, 250)

# %% [markdown]
# By modulo three quarters of the keys are on a server that never saw them, by ring only the new server's. In numbers:

# %%
usual = misses["modulo"][:60].mean()
for name, counts in misses.items():
    print(f"{name:6} {counts[60]} queries in the first second,", end=" ")
    print(f"{counts[60] / usual:.0f} times the usual {usual:.0f};", end=" ")
    print(f"more than 250 for {(counts > 250).sum()} s")
assert (misses["ring"] <= 250).all() and 45 < misses["modulo"][60] / usual < 50

# %% [markdown]
# **The cache was not too small; it was in the wrong place.** And this is the kind version: here the database answers them all. In truth it does not, the misses are asked again, and topic 04 tells how that ends. The ring stays under the line.
#
# On Monday three quarters of the keys went back to their servers of before Friday. Copies that had been thrown out meanwhile were missing: the same wave once more. Copies that were still there were worse, since no purge had reached them over the weekend: people saw the prices of Friday.
#
# ## Limits
#
# Here a key is a key; in your database an order has rows in five tables, and they should share a shard. Choose the shard key by what is asked together. A query or a transaction over two shards needs more than this page (topics 07 and 09), and a unique e-mail address over all shards needs a table of its own, sharded by the address.
#
# The answers of shards are late independently here. In truth one garbage collection or one full network makes many late at once, so the formula is a guide, and p99 of the search is to be measured. And the move had a friendly network: no write was lost between the two shards, and no client slept through a step.
#
# ## Check yourself

# %%
quiz("sharding.modulo")

# %%
quiz("sharding.hot")

# %% [markdown]
# And one about whether to do it at all:

# %%
quiz("sharding.when")

# %% [markdown]
# **In an interview: "SQL or NoSQL? Replicate or shard?"** *Relational by default, on one machine, until numbers say otherwise. Replicas are copies of the same data: they add reads and survive a failure, but every write still goes through one leader. Shards split the data: they add writes and room, and cost joins, transactions and unique constraints. So index, cache, replicas, a larger machine, and only then shards.*
#
# *The shard key decides: what is asked together stays together, it has many values, none too hot, and it does not rise. Many small slots, so that I move whole slots later and never rehash. And a move is double write, copy, verify, switch. A store that shards by itself (wide-column, key-value) is a choice when the access is by key and the writes are proven to be too many.*
#
# The evidence, from this page:

# %% covers=["IQ4"]
print(f"3 to 4 servers: modulo moves {model.moved_share(3, 'modulo'):.0%}, a ring", end=" ")
print(f"{model.moved_share(3, 'ring'):.0%}")
for name, values in worth.items():
    print(f"64 shards with {name}: {values[-1]:.0f} times the writes of one")
print(f"a search over 100 shards meets a slow one in {chances[-1]:.0%}")
print(f"a move without double write: {ways['double write'].lost_writes} writes lost")

# %% [markdown]
# ## Summary
#
# 1. First the numbers of one machine: reads are mended by caches and replicas, and only writes or data need shards.
# 2. Modulo moves nearly all keys when a server comes; a ring, jump hash or slots move only what has to.
# 3. Shards are worth what the fullest one allows: a hot key with a share *s* ends it at 1/*s*, and keys that rise end it at one.
# 4. A question to all shards is as slow as the slowest: 1 % becomes 63 % at a hundred.
# 5. Move by double write, copy, verify, switch, and drop much later.
#
# **On Monday:** search your code for `% servers.length` and its like. Then find your hottest key's share, and work out in how many months the first of data, writes and reads runs out.
#
# *Sources: D. Karger et al. (1997, the ring); D. Thaler and C. Ravishankar (1998, rendezvous); J. Lamping and E. Veach (2014, jump); D. Eisenbud et al.,* Maglev *(2016); V. Mirrokni, M. Thorup and M. Zadimoghaddam (2018, the bounded ring); J. Dean and L. Barroso,* The Tail at Scale *(2013); the Redis Cluster specification; Kafka's default partitioner; J. Xu,* Online migrations at scale *(Stripe, 2017); G. Fidalgo,* Herding elephants: lessons learned from sharding Postgres at Notion *(2021). Read on: Kleppmann,* Designing Data-Intensive Applications, *the chapter on partitioning (called sharding in the second edition).*
#
# Next: [the lab, in which you build a ring that bears a celebrity](../labs/08_sharding.ipynb), then 09 Consistency.
