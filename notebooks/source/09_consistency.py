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
# # Consistency
#
# You write a comment, the page says "saved", you reload, and it is gone. You write it again. A minute later there are two of them, and the ticket is closed: "cannot reproduce".
#
# **What may a page show while the copies disagree?**
#
# You will be able to say what "saved" promises and what it does not, what a store does when its network breaks (CAP) and what it costs when it does not (PACELC), and which lines of the frontend keep a comment from vanishing.
#
# *About 45 minutes. Before it: [Scaling](02_scaling.ipynb). After it: [the lab](../labs/09_consistency.ipynb).*

# %%
import numpy as np

from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.consistency import cut_view, figures, model, screen_figures, screens, trials
from helpers.consistency.cut_explorer import cut_the_network
from helpers.consistency.explorer import explore
from helpers.figure import picture

# %% [markdown]
# ## Predict
#
# A store keeps three copies (replicas) of everything, on three machines. A write goes to all three at once. On half of the occasions a copy has it within 2.5 ms; on one in a hundred it takes more than 25 ms, as its disk is busy. All other messages take some 0.3 ms. The store says "saved" as soon as **one** copy has the write. A read asks all three, too, and takes the **first** answer. At the very moment of "saved" somebody starts to read. How often is the answer the old value?

# %%
predict("consistency.stale", "Reads that start at “saved” and are stale", unit="%")

# %% [markdown]
# A second one. Now a write waits for **two** of the three copies, and a read for two answers, of which it takes the newer. Two and two of three always share a copy. Can Ann see a new value and then Ben, who asks after Ann has her answer, still see the old one?

# %%
WHEN = ["it cannot happen", "only if something fails", "on a calm day, with all machines well"]
predict("consistency.quorum", "Ann sees the new value, then Ben the old one", options=WHEN)

# %% [markdown]
# ## Build
#
# N copies. A write is acknowledged ("saved") when W of them have it, and a read waits for R answers and takes the newest. In this toy a copy gets the write after 10 ms on average, any R copies are equally likely to answer first, and reading takes no time:


# %% tags=["toy"]
def share_of_stale_reads(n, r, w, wait, trials=200_000):
    rng = np.random.default_rng(1)
    arrives = rng.exponential(0.010, (trials, n))  # when each copy has the write
    saved = np.sort(arrives, axis=1)[:, w - 1]  # when w of them have it
    asked = rng.random((trials, n)).argsort(axis=1) < r  # r of them, at random
    has_it = arrives <= (saved + wait)[:, None]
    return float(1 - (asked & has_it).any(axis=1).mean())


for r, w in ((1, 1), (2, 1), (1, 2), (2, 2)):
    now, later = (share_of_stale_reads(3, r, w, wait) for wait in (0, 0.010))
    print(f"R = {r}, W = {w}: {now:.1%} stale at once, {later:.1%} after 10 ms")

# %% [markdown]
# With one and one, two reads in three miss the write. With R + W > N none does, since the R copies that answer and the W that have it must share one. Groups so large that any two of them share a member are called *quorums*.
#
# ## Grow
#
# The chance of missing all W copies is a matter of counting: C(N − W, R) / C(N, R), where C counts the ways to choose. The course's model counts them, draws them, and lets time pass:


# %% covers=["F5"]
def compare(r, w, wait):
    name = f"stale, R = {r}, W = {w}, {1000 * wait:.0f} ms after “saved”"
    formula = model.stale_after(3, r, w, write_rate=100, time=wait)
    near = "the toy's 200,000 trials"
    return Row(name, share_of_stale_reads(3, r, w, wait), formula, tolerance=0.005, because=near)


assert model.count_stale(3, 1, 1) == (6, 9)  # of nine pairs of quorums, six share no copy
agreement(*(compare(1, 1, wait) for wait in (0, 0.010, 0.030)), compare(2, 1, 0), compare(1, 2, 0))

# %% [markdown]
# Real machines are not that even. Bailis and others (2012) fitted the delays of two real stores: LinkedIn's on flash (LNKD-SSD) and on disks (LNKD-DISK, the one of the prediction), and Yammer's (YMMR, later). Each of a million writes is followed by a read, and what is noted is how long after "saved" the read would have had to start to be fresh.

# %%
disk = model.simulate("LNKD-DISK", r=1, w=1)
runs = [disk, model.simulate("LNKD-DISK", r=2, w=1), model.simulate("LNKD-SSD", r=1, w=1)]
leg = model.FITS["LNKD-DISK"].w
t = np.array([0.0025, 0.025])
late = leg.share * (leg.shortest / t) ** leg.shape + (1 - leg.share) * np.exp(-leg.rate * t)
assert np.allclose(late, [0.5, 0.01], atol=0.006)  # as you were told
picture(figures.draw_staleness, runs, height=3.8)

# %%
LATER = "Two copies still wait for the write, and often one of them answers first."
reveal("consistency.stale", 100 * (1 - disk.fresh_at_once), explanation=LATER)

# %% [markdown]
# **"Saved" means that W copies have it, not that everybody sees it.** Whether those W can still lose it comes below. On disks, one read in a thousand is stale even after some 50 ms; and a page may reload sooner.
#
# Such stores are *eventually consistent*: once the writes stop, all copies come to agree, and nobody says when. Many are so by default: DynamoDB's reads are, unless you ask for `ConsistentRead`, at twice the price; many Cassandra drivers wait for one copy.
#
# Do the curves agree with what was published?

# %% covers=["F5"]
BAILIS, TAIL = "Bailis et al., VLDB 2012", "a tail of 50,000 samples, stopped early"
rows = [
    Row(f"99.9 % fresh after (ms), R = {run.r}, W = {run.w}", 1000 * run.t_visibility(0.999),
        published=1000 * row.t_visibility, tolerance="20 %", because=TAIL, source=BAILIS)
    for run in runs[:2] for row in model.PUBLISHED["LNKD-DISK"] if (row.r, row.w) == (run.r, run.w)
]  # fmt: skip
atonce = Row("fresh at once (%)", 100 * disk.fresh_at_once, None, 43.9, 1, "rounding", BAILIS)
agreement(atonce, *rows)

# %% [markdown]
# Why are the published times shorter? Their simulator goes forward in small steps, reads anew at each, and stops at the first step that passes. Near the end many steps have a chance to pass by luck. Done their way, twenty times:

# %%
early = 1000 * model.first_past(disk, step=0.0001)
assert early.min() < 45.5 < early.max() < 1000 * disk.t_visibility(0.999)
print(f"99.9 % fresh “after” {early.min():.1f} to {early.max():.1f} ms; published 45.5")

# %% [markdown]
# ## What a store promises
#
# Now a store that runs, with clients, on a simulated network. All delays and losses come from a seed, so a bad day can be lived through again. You save a comment with n1 and reload; each request goes to another copy:

# %%
you = [
    model.Step(0.00, "you", "write", "comment", "hello", "n1"),
    model.Step(0.02, "you", "read", "comment", None, "n3"),
    model.Step(0.20, "you", "read", "comment", None, "n2"),
]  # fmt: skip
vanishing = model.run(model.Leaderless(n=3, r=1, w=1), you, screens.LAGGING, rng=1)
TITLE = "Saved, gone, and back again: n1 has it, n3 has not yet"
picture(figures.draw_history, vanishing.history, vanishing.history[1], TITLE, height=2.2)

# %% [markdown]
# The *history* is all that clients asked and heard, and it can be judged. A history is **linearizable** if one copy, which serves one request after the other, could have given the same answers: each request gets one moment between question and answer, and in the order of these moments every read gives the last value written. A checker searches for such an order. Less strict are promises that hold within one user's session, the *session guarantees*:
#
# | promise | broken when you |
# |---|---|
# | read your writes | save, and then do not see it |
# | monotonic reads | see the new value, and later an older one |
# | monotonic writes | see somebody's second write without the first |
# | writes follow reads | see an answer without what it answers |
#
# Both checkers judge your three requests (times in seconds); then the first judges them once more, as if the reload had shown "hello":

# %%
lie = vanishing.history[1]
print(model.is_linearizable(vanishing.history))
print(*model.check_sessions(vanishing.history).violations, sep="\n")
honest = [lie._replace(result="hello") if o is lie else o for o in vanishing.history]
print(model.is_linearizable(honest))

# %% [markdown]
# ## Experiment: does a quorum act like one copy?
#
# R = W = 2 of three: the quorum of the prediction. Nothing is lost and nobody is down. Eight people read and write one value for a second (one request in ten is a write, a message takes 20 ms on average). Sixty such days, each judged, and one of those that fail. (The people are a to h; b2 is the second value that b writes.)

# %%
quorum = model.Leaderless(n=3, r=2, w=2, read_repair="none")
calm = trials.live_through(quorum, trials.CALM, trials.busy_steps)
print(f"{len(calm.unexplained)} of {len(calm.runs)} days: seeds {calm.unexplained}")
day = calm.runs[40]
found = model.is_linearizable(day.history).counterexample
print(found.explanation)
TITLE = "R + W > N, nothing fails, and yet: g sees b2, then e sees b1"
picture(figures.draw_history, found.core, found.offender, TITLE, height=2.8)

# %% [markdown]
# g had its answer before e asked. Your second prediction:

# %% covers=["F5"]
assert day.unanswered == 0 and found.offender.result == "b1"
WHY = "While a write is under way, one quorum can have met it and the next one not."
reveal("consistency.quorum", WHEN[2], explanation=WHY)

# %% [markdown]
# **Surprise: R + W > N is not one copy.** b2 is still on its way (dashed: no answer yet): one copy has it. g's two answers include that copy, e's do not. No read after the *end* of the write is stale, as promised; but two readers meanwhile see time run backward. It is rare on a calm day. What if each node in turn is cut off from the other two for 0.15 s? Then a write may reach one copy and go no further.
#
# Two remedies: **read repair**, by which the read sends the newest value to the copies that lack it, *after* or *before* it answers; or a *leader by majority* (as in Raft, etcd, Spanner): a majority elects one node, and all requests go through it. And a convenience: *hinted handoff*, where a spare machine takes a write for a copy that has not replied within 30 ms, and counts as one.

# %%
sloppy = model.Leaderless(r=2, w=2, read_repair="none", hinted_handoff=True, spares=2)
STORES = {
    "R = W = 1": model.Leaderless(r=1, w=1),
    "R = W = 2": quorum,
    "R = W = 2 and\nhinted handoff": sloppy,
    "R = W = 2, repair\nbefore the answer": model.Leaderless(r=2, w=2, read_repair="before"),
    "leader by majority": model.Majority(),
}

# %%
bad = {name: trials.live_through(store, trials.flaky()) for name, store in STORES.items()}
good = {k: trials.live_through(s, trials.CALM, trials.busy_steps) for k, s in STORES.items()}
shares = {name: (good[name].share, bad[name].share) for name in STORES}
assert [name for name, pair in shares.items() if not any(pair)] == list(STORES)[3:]
for name, days in bad.items():
    print(f"{' '.join(name.split()):37} {days.served:.0%} of requests answered on the bad days")
picture(figures.draw_days, shares, height=4.2)

# %% [markdown]
# **Repairing before answering makes reads linearizable:** nobody is told a value that a majority does not have (the idea of the ABD algorithm; it holds here because the clocks, by which writes are ordered, agree). And look at what is printed: what acts like one copy on the bad days answers less often. (The majority suffers most here, as each cut lasts about as long as an election.)
#
# Hinted handoff answers everybody, and on the bad days it is caught less often than the plain quorum. But on calm days more often: a copy that is only slow is replaced, too. What it gives up is the overlap: the spare counts for the write, and a reader who has two answers in time does not wait for it.

# %%
BROKEN = "read your writes"
sloppy_days = bad["R = W = 2 and\nhinted handoff"].broken
assert BROKEN not in bad["R = W = 2"].broken and sloppy_days[BROKEN] > 5
print(f"days on which somebody missed their own write: {sloppy_days[BROKEN]} of 60 with", end=" ")
print("hinted handoff, none without")

# %% [markdown]
# That is called a *sloppy quorum*. R + W > N on paper, and not even the writer is sure.
#
# ## Experiment: cut the network
#
# Three people, each at their own node, one of which is cut off with its person for a second. Four stores: any copy answers at once; quorums of two, with repair before the answer; one leader whose followers copy it (after 0.3 s of silence a manager names another one: *fail-over*); and the leader by majority. Before you look: which of them go on answering everybody, and do these give true answers?

# %%
cut_the_network(store="any copy (R = W = 1)", alone="n1", cut=1.0)

# %% [markdown]
# Change the store, and who is cut off. All four with n1 alone, which leads where there is a leader:

# %% covers=["F3"]
views = {name: cut_view.cut_and_look(name, alone="n1", cut=1.0) for name in cut_view.STORES}
for name, view in views.items():
    refused, stale = (view.total(outcome) for outcome in cut_view.BAD)
    verdict = "like one copy" if view.is_explained else "no single copy can have said this"
    print(f"{name:23} {refused:2} refused, {stale} stale of 30 requests; {verdict}")
    assert view.is_explained == (refused > 0 and stale == 0)

# %% [markdown]
# **This is CAP: while the network is cut, the side with the minority either answers without knowing (A, available) or refuses (C, consistent).** There is no third way, as nobody can know what the other side has been told. C means linearizable here, not the C of ACID (topic 07). P, that the network may be cut (a *partition*), is not a choice: cables break. "Pick two of three" is a bad way to say it: you pick one of two, and only during a partition. A store that picks A is called **AP**, one that picks C is **CP**.
#
# Some of it deserves a second look. With any copy, stale reads do not end with the cut: nobody compares the copies, so it takes the next write to make them equal. The quorum refuses ann alone. The majority's leader was on the lonely side, so even the other two had to wait until a new one was elected. And the leader with fail-over is the worst of both: the old leader was not dead, only cut off, so for a while **there are two** (*split brain*).
#
# What that costs is seen when the network heals. 200 orders, each under its own key; a third of the buyers is on n1's side of a cut of 1.5 s, and one message in twenty is lost:

# %%
buyers = {f"buyer {i}" for i in range(0, 200, 3)}
broken_line = model.Network(loss=0.05).cut({"n1"} | buyers, since=1, until=2.5)
ORDERED = {
    "R = W = 1": model.Leaderless(r=1, w=1),
    "one leader,\nfail-over": model.SingleLeader(),
    "leader by\nmajority": model.Majority(),
}

# %% covers=["F3"]
told = {k: screens.outcomes_of(model.run(s, screens.place_orders(), broken_line, rng=1))
        for k, s in ORDERED.items()}  # fmt: skip
assert [outcome.lost > 0 for outcome in told.values()] == [False, True, False]
picture(screen_figures.draw_outcomes, told, height=3.4)

# %% [markdown]
# The old leader acknowledged orders that the new one had never heard of, and they were thrown away. The cure is to say "done" only when a follower has the order, too (a *synchronous* one), or a majority; which, during the cut, is to refuse. Keep the dark part in mind, it comes back under *On your screen*.
#
# Without a leader nothing of this kind is lost, as each order has its own key. But what if two write the **same** key? *Last write wins* keeps the one with the later time stamp, by the clocks of machines. Ann's node has a clock that is two seconds ahead. Ben reads her draft, and saves his own after it, on quorums of two. Then two carts are saved, one on each side of a cut. Printed is what the store keeps:

# %%
wins = screens.late_by_clock(skew=2.0)
both = screens.late_by_clock(skew=2.0, conflict="vector clocks")
print("last write wins:", wins.survivors["draft"], "lost:", *map(model.tell, wins.lost_writes()))
print("vector clocks:  ", both.survivors["draft"])
print(model.check_sessions(wins.history, wins.versions))
for how in ("last write wins", "vector clocks"):
    print(f"two carts saved during a cut, {how}:", screens.cart_on_two_sides(how).survivors["cart"])

# %% [markdown]
# **Last write wins drops an acknowledged write, and nobody is told.** A *vector clock* counts, for each writer, what was seen; so the store knows that Ben had seen Ann's draft, and his replaces it, whatever the clocks say. (The promise that was broken is the last in the table: his write follows what he had read.) Of the two carts neither had seen the other: it keeps both (*siblings*), and the application has to merge.
#
# ## Experiment: no cut, and still a price
#
# A cut is rare. The rest of the time there is another choice, and **PACELC** names both: if Partitioned, Availability or Consistency; Else, Latency or Consistency. All nine settings of R and W, on the disks of the prediction. How much longer does the quickest setting without stale reads take, compared with R = W = 1? (Time: the 99.9th percentile of a write plus that of a read.) Guess a factor.

# %% covers=["F4"]
choices = model.trade_offs("LNKD-DISK")
quickest, sure = model.quickest(choices, stale_for=1.0), model.quickest(choices)
times = sure.both_latencies / quickest.both_latencies
balanced = next(c for c in choices if (c.r, c.w) == (2, 2)).both_latencies / quickest.both_latencies
assert sure.is_strict and 1.25 < times < 1.4 and 1.9 < balanced < 2.1
print(f"R{sure.r} W{sure.w}: {times:.1f} times as long as R1 W1; R2 W2: {balanced:.1f} times")
print(f"R3 W1 may lose {sure.reads_survive} machines for reads, {sure.writes_survive} for writes")
picture(figures.draw_trade_off, choices, 0.999, height=3.8)

# %% [markdown]
# **The quickest way to no stale reads waits for all copies to read, for one to write, and takes 1.3 times as long**, since here writes are what is slow. But then one lost machine stops all reads, and what was just saved may be on one disk only. R2 W2 survives one loss on both sides, for twice the time. R1 W3, to the right, waits for the slowest of three disks.
#
# ## Explore
#
# A million writes and reads behind every move. Find the R and W that you would take for a like counter, and for a seat in a theater. Then cut the network: which of the two goes on?

# %%
explore(fit="LNKD-DISK", n=3, r=1, w=1)

# %% [markdown]
# ## Merge instead of choosing
#
# An app that works offline is on its own side of a cut all day. It must accept writes; so what can be merged, should be. **CRDTs** are data types whose merge does not care about order, grouping or repetition. A shopping list on three devices, as one value of which the last writer's stays, and as a set in which each addition has its own tag, and a removal strikes out the tags that it has seen (OR-set):

# %%
start = model.ORSet().add("tea", "phone")
lists = [
    start.add("milk", "phone"),
    start.add("rice", "laptop"),
    start.remove("tea").add("jam", "tv"),
]
values = [sorted(one.value) for one in lists]
values

# %% [markdown]
# The phone saved last. Now they meet, in every order:

# %%
saved = zip(values, (3, 1, 2), ("phone", "laptop", "tv"), strict=True)
whole = [model.LWWRegister(*one) for one in saved]
merged = [outcome.value for _, outcome in model.merge_in_every_order(lists)]
kept = [outcome.value for _, outcome in model.merge_in_every_order(whole)]
names = ["".join("PLT"[i] for i in order) for order, _ in model.merge_in_every_order(lists)]
assert set(map(frozenset, merged)) == {frozenset({"milk", "rice", "jam"})}
ways = {"one value, last write wins": kept, "OR-set": merged}
picture(screen_figures.draw_merges, names, ways, height=2.8)

# %% [markdown]
# P, L and T are phone, laptop and television. All six orders agree, in both cases: agreeing is not the hard part. Last write wins agrees on *losing* rice and jam, and brings back the tea. Likes are counters (`GCounter`, `PNCounter`); text has CRDTs too, such as those in Yjs and Automerge. What cannot be merged, such as the last seat, needs the majority.
#
# ## On your screen
#
# **The badge.** A page asks for the number of unread messages every 40 ms (yours every few seconds; all is sped up here), from any copy. n3 has not heard from the leader for a while, but still answers. Monotonic reads is the promise that is missing. A *version token* mends it: the answer carries a version, the client sends the newest it has seen, and a copy that is behind passes the request on.

# %%
followers = model.SingleLeader(read_from="any")
looks, deaf = screens.watch_badge(looks=80, every=0.04), screens.deaf_follower()
plain, mended = (
    screens.badge_of(model.run(followers, looks, deaf, rng=1, route="any", tells_token=token))
    for token in (False, True)
)
picture(screen_figures.draw_badges, plain, mended, "with a version token")

# %% [markdown]
# The token costs a pause where n3 cannot pass the request on: the green line stands still rather than go back. Wait or be wrong: the choice of CAP once more, for one badge.
#
# **The cart that is charged twice.** Back to the 200 orders. A refusal is safe: nothing was done. *No answer* is not a no. Whoever retries blindly charges some people twice:

# %% covers=["IQ2"]
silent = [(o.silent_done, o.silent_done + o.silent_not) for o in told.values()]
done, asked = map(sum, zip(*silent, strict=True))
assert 0 < done < asked
print(f"{asked} orders without an answer, {done} of them done: {done / asked:.0%} charged twice")

# %% [markdown]
# So a form has three ends, not two:
#
# | the store said | what is true | what the form does |
# |---|---|---|
# | done | it will stay, if the store is CP | show it from the answer, not from the next read |
# | refused | nothing was done | keep the text, say "not saved", offer *again* |
# | nothing | nobody knows | say "checking", ask by the order's key, or retry **with the same idempotency key** (a name for this one order, so that the store does it once; topic 11) |
#
# **Optimistic UI** shows the change before the answer. It is a promise made on the store's behalf: good where a merge or an undo is cheap (a like), bad for a payment. With a CP store expect refusals and design for them; with an AP store expect to be told "done" and to see it undone.
#
# ## Your numbers
#
# Put in your store's delays: how long until a follower has a write, how long other messages take, and how soon your page reads again after a save.

# %%
own = model.Fit.exponential(write_mean=0.080, others_mean=0.002)  # yours, in seconds
reload_after = 0.150
mine = model.simulate(own, n=3, r=1, w=1, trials=200_000)
stale = 1 - float(mine.fresh_share(reload_after))
print(f"{stale:.1%} of reloads after {1000 * reload_after:.0f} ms are stale;", end=" ")
print(f"one in a thousand still after {1000 * mine.t_visibility(0.999):.0f} ms")

# %% [markdown]
# Or put in what your own clients logged: (who, asked, answered or None, function, key, argument, result).

# %%
log = [
    ("tab 1", 0.00, 0.04, "write", "cart", "2 books", None),
    ("tab 2", 0.06, 0.08, "read", "cart", None, "2 books"),
    ("tab 2", 0.10, 0.12, "read", "cart", None, None),
]
print(model.is_linearizable(log))
print(*model.check_sessions(log).violations, sep="\n")

# %% [markdown]
# ## Break it
#
# Back to the comment. The form treats an eventually consistent store as if it were immediate: it saves, then reads the list. 200 visitors, copies that lag by 50 ms, each request to any copy. Then three remedies: stay with the copy that took the write (*stickiness*); send a version token (to a store with a leader, which can pass a read on); or **keep what was saved on the client**, and show the newer of the two:


# %% tags=["toy"]
class Shown:
    """What the page keeps: for each key the newest value and version that it knows."""

    def __init__(self):
        self.known = {}

    def wrote(self, key, value, version):
        have = self.known.get(key)
        if have is None or version > have[1]:
            self.known[key] = value, version

    def read(self, key, value, version):
        self.wrote(key, value, version)
        return self.known[key][0]


# %% [markdown]
# A comment counts as vanished if its writer was told "saved", reloads, and sees nothing:

# %%
any_copy = model.Leaderless(r=1, w=1)
WAYS = {
    "as if immediate": (any_copy, {"route": "any"}),
    "sticky": (any_copy, {"route": "sticky"}),
    "version token": (followers, {"route": "any", "tells_token": True}),
    "kept on the client": (any_copy, {"route": "any", "cache": Shown}),
}

# %% covers=["PIT6"]
visitors, gone = screens.save_and_reload(200), {}
for way, (store, how) in WAYS.items():
    run = model.run(store, visitors, screens.LAGGING, rng=1, **how)
    gone[way] = screens.vanished(run)
    print(f"{way:18} {gone[way]:2} of 200 comments vanish; {model.check_sessions(run.history)}")
assert gone.pop("as if immediate") > 20 and set(gone.values()) == {0}

# %% [markdown]
# **That is the incident, and the line that mends it: draw what you saved from the answer to the save.** You wrote it a second time since the page could not tell "not yet" from "not". Stickiness breaks when the copy goes away or a balancer deals anew (topic 03); a client's memory is one tab's. The token works on all of a user's devices, if it travels with the user. And keep an idempotency key with the comment: then writing it again makes no second one.
#
# ## Limits
#
# The model has one region unless told otherwise, no crash that loses a disk, and clocks that are wrong by a fixed amount. The staleness curves take messages for independent. One cause that slows two copies at once, such as a backup, breaks that:

# %%
rng = np.random.default_rng(2)
apart = np.sort(rng.exponential(0.010, (200_000, 3)), axis=1)
busy = rng.random(200_000) < 0.05  # a shared pause of 200 ms for the two later copies
shared = apart[:, 1] - apart[:, 0] + 0.2 * busy
alone = apart[:, 1] - apart[:, 0]
print(f"p99 until a second copy has it: {1000 * np.quantile(alone, 0.99):.0f} ms;", end=" ")
print(f"with a shared pause {1000 * np.quantile(shared, 0.99):.0f} ms")

# %% [markdown]
# A checker judges the history that it is given. It proves a store wrong, never right; and where its budget does not suffice, it says "undecided" and does not guess. Transactions over several keys are another matter (topic 07).
#
# ## Check yourself

# %%
quiz("consistency.saved")

# %%
quiz("consistency.cut")

# %% [markdown]
# And one about a form:

# %%
quiz("consistency.silence")

# %% [markdown]
# **In an interview: "Explain CAP and PACELC. What do AP and CP mean for a UI?"** *When the network between copies is cut, a store either answers from what it has, and may be stale or conflict later (AP), or refuses where it has no majority (CP). With no cut it is latency against consistency: wait for more copies, or for fewer. For the UI, AP means that I design for stale reads: show the user's own write from the answer, never let a number go back, and merge. CP means that I design for refusals: an error state that keeps the input, and idempotency keys, since no answer is not a no. I choose by feature: likes AP, seats and money CP.*
#
# The evidence, from this page:

# %% covers=["IQ2"]
lost = told["one leader,\nfail-over"].lost
print(f"“saved” at one copy of three: {1 - disk.fresh_at_once:.0%} of reads at once are stale")
print(f"R = W = 2: not like one copy on {bad['R = W = 2'].share:.0%} of the bad days")
print(f"cut: {told['R = W = 1'].refused} refused by AP,", end=" ")
print(f"{told[next(reversed(told))].refused} by CP, {lost} acknowledged and lost by fail-over")
print(f"no cut: no stale reads for {times:.1f} times the latency")

# %% [markdown]
# ## Summary
#
# 1. "Saved" says that W copies have a write, not that everybody sees it. How stale, and for how long, can be computed.
# 2. R + W > N makes reads after the save fresh. It is not one copy: repair before answering, or a leader by majority, is.
# 3. Cut: answer or be right. A fail-over that guesses is neither AP nor CP, and loses what it acknowledged.
# 4. No cut: latency or freshness, and you may choose for each feature.
# 5. No answer is not a no. What can be merged, merge; what cannot, give to the majority.
#
# **On Monday:** find one form that saves and then reads its list again. Find out which copy that read asks (a replica? a search index?), and show the saved item from the answer to the save. Then look for the code that runs when that answer does not come.
#
# *Sources: M. Herlihy and J. Wing (1990); G. Lowe,* Testing for linearizability *(2017); D. Terry et al.,* Session guarantees *(1994); S. Gilbert and N. Lynch (2002) on CAP; D. Abadi (2012) on PACELC; P. Bailis et al. (2012); G. DeCandia et al.,* Dynamo *(2007); H. Attiya, A. Bar-Noy and D. Dolev (1995); D. Ongaro and J. Ousterhout,* Raft *(2014); M. Shapiro et al. (2011) on CRDTs; the DynamoDB documentation on read consistency. Read on: Kleppmann,* Designing Data-Intensive Applications, *chapters 5 and 9.*
#
# Next: [the lab, in which you build a quorum read and a client's memory](../labs/09_consistency.ipynb), then 10 Queues and events.
