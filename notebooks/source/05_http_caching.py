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
# # HTTP caching
#
# The deploy went out at ten, the tests were green, and your own browser shows the new page. Support says that half of the users have a white screen, and that the other half does not know what they mean. You roll forward, you empty every cache that is yours, and the calls go on until the next morning.
#
# **What may the browser keep, and how does it learn that its copy is old?**
#
# You will be able to choose the headers for each kind of file, to say for how long a mistake in them will stay with your users, and to tell what a purge can reach and what it cannot.
#
# *About 40 minutes. Before it: [Start here](00_start_here.ipynb). After it: [the lab](../labs/05_http_caching.ipynb).*

# %%
import numpy as np

from helpers.checks import Row, agreement, predict, quiz, reveal
from helpers.figure import picture
from helpers.http_caching import figures, model
from helpers.http_caching.explorer import explore
from helpers.http_caching.har_headers import read_har
from helpers.http_caching.public_tests import read_scores
from helpers.http_caching.real_server import compare

# %% [markdown]
# ## Predict
#
# Somebody gave `index.html` a `max-age` of one day, and there is no CDN. Each user comes once a day on average, at random moments. In the first hour after a deploy, which share of the visits gets the old page? Give a range that you would trust four times in five.

# %%
predict("http_caching.after_deploy", "Visits with the old page in the first hour", unit="%")

# %% [markdown]
# A second one, now with a CDN in front. An hour after the deploy you notice, empty the CDN completely, and correct the header. When does the last user see the old page?

# %%
WHEN = ["at once", "an hour later", "about a day later", "about a week later"]
predict("http_caching.last", "The last old page is seen", options=WHEN)

# %% [markdown]
# ## Build
#
# A browser's cache is a dictionary with dates on its entries. Below its `max-age` a copy is used and nobody is asked. After that the browser asks the *origin*, the server itself, and names the version it has (its *tag*); if that still holds, the answer is a short "not modified", 304.


# %% tags=["toy"]
def fetch(url, now, cache, origin):
    copy = cache.get(url)
    if copy and now < copy["made"] + copy["max_age"]:
        return copy["body"], "fresh, nobody asked"
    body, tag, max_age = origin(url, now)
    is_same = copy is not None and copy["tag"] == tag
    cache[url] = {"body": body, "tag": tag, "max_age": max_age, "made": now}
    return body, "asked, 304" if is_same else "sent whole"


def origin(url, now):
    return ("new page", '"2"', 60) if now >= 100 else ("old page", '"1"', 60)


cache = {}
[(now, *fetch("/", now, cache, origin)) for now in (0, 30, 90, 120, 160)]

# %% [markdown]
# The new page went out at second 100. At 120 the browser still shows the old one, with a clear conscience: it asked at 90, was told that its copy holds, and was given another 60 s. **The cache did nothing wrong. The header did.**

# %% [markdown]
# ## Grow
#
# The course's cache keeps to the standard, RFC 9111: ages and dates, tags, shared and private caches, and so on. It explains what it does. The same five requests:

# %%
small = model.Site(model.SHOP[:1], deploys=(100,))
world = model.World(small, model.look_up({"/": "max-age=60"}))
for now in (0, 30, 90, 120, 160):
    answer = world.fetch(user=1, path="/", now=now)
    print(f"{now:3} s  {answer.verdict}")
assert [status for _, status in world.origin.asked] == [200, 304, 200]

# %% [markdown]
# How good is it? There is a public test suite for HTTP caches, with results of real ones from 2019 to 2021:

# %% covers=["CA2"]
for score in read_scores():
    if score.cache in ("this course, shared", "Fastly", "nginx", "Varnish", "Squid"):
        share = score.common_passed / score.common
        print(f"{score.cache:20} {score.common_passed} of {score.common} ({share:.0%})")
    if score.cache == "this course, shared":
        assert share >= 0.9

# %% [markdown]
# Counted are the tests that need a cache and that most proxies pass. What ours does not pass, and why, is on [a page of its own](../docs/http_cache_tests.md); mostly the suite asks for what an older standard said, or leaves the answer open.
#
# Now a whole site, a shop: a page, chunks with a hash in their names, images, prices that change every five minutes, and a cart. A page view asks for nine things, in three waves: the page, what it names, and what the scripts then ask for. Each of the eight views has a chunk of its own. Each deploy builds the page and most chunks anew and **removes the old chunks**. For a million requests there is a quicker loop. On 300 visits, behind a CDN, it must agree with them to the last byte:

# %%
HOUR, DAY, WEEK = 3600, 86_400, 604_800
site = model.Site(model.SHOP, model.draw_deploys(DAY, rng=3))
few, by_kind = model.draw_visits(300, per_week=8), model.look_up(model.POLICIES["by kind"])
quick, slow = (run(site, by_kind, few, cdn=True) for run in (model.simulate, model.walk))
for column in ("page", "received", "round_trips", "load_time", "how"):
    assert np.array_equal(getattr(quick, column), getattr(slow, column))
print(f"{quick.requests:,} requests: {quick.sent:,} sent, {quick.at_origin:,} to the origin")

# %% [markdown]
# ## Experiment: six ways to set the headers
#
# The same fortnight, 120,000 visits and more than a million requests, a deploy a day, users who come once a day. Only the headers change. The last policy goes by the kind of file: the page `no-cache`, everything with a hash `max-age=31536000, immutable` (a year), images a day, prices a minute, and the cart `private, no-cache`.

# %%
visits = model.draw_visits(per_week=7)
weeks = {
    name: model.simulate(site, model.look_up(policy), visits)
    for name, policy in model.POLICIES.items()
}
picture(figures.draw_policies, weeks, columns=2, width=10, width_ratios=[1.35, 1])

# %% [markdown]
# A *wrong page* is an old one, or a broken one: it names a chunk that is gone. The same in numbers, with the *waits* (how many of the three waves had to go over the network), the milliseconds until all is there, and the requests of a visit:

# %% covers=["CA2"]
print(f"{'':18}{'kB':>6}{'waits':>7}{'ms':>6}{'requests':>10}{'wrong page':>12}")
for name, week in weeks.items():
    cost = f"{week.mean(week.received) / 1e3:6.0f}{week.mean(week.round_trips):7.2f}"
    asked = f"{1000 * week.mean(week.load_time):6.0f}{week.sent / len(visits):10.1f}"
    print(f"{name:18}{cost}{asked}{week.share(model.OLD) + week.share(model.BROKEN):12.1%}")
best, asking = weeks["by kind"], weeks["no-cache for all"]
assert best.share(model.BROKEN) == 0 and best.sent < 0.75 * asking.sent

# %% [markdown]
# `no-store` sends everything each time. `no-cache`, whose name misleads, keeps everything and asks each time: it is right, and cheap in bytes, but every file is a question. **By kind** asks for the page, the prices and the cart, and never for a chunk that it has: its name is its version. The rest of its 6.2 requests is for what each day's deploy made new. And beware of the cheapest row: **a day for all** downloads least because it misses the deploys.
#
# `immutable` adds one thing. On a reload, a browser may ask again for what is fresh; with `immutable` it does not (RFC 8246), unless the user forces it.

# %% covers=["CA2"]
chunk = model.SHOP[1].path_of(0)
for headers in ("max-age=31536000", "max-age=31536000, immutable"):
    world = model.World(model.Site(model.SHOP), model.look_up({"*": headers}))
    world.fetch(1, chunk, now=0)
    again = world.fetch(1, chunk, now=60, **{"Cache-Control": "max-age=0"})  # as a reload sends
    print(f"{headers:28} {again.verdict.kind}")

# %% [markdown]
# ## Experiment: the tail of a deploy
#
# What does a `max-age` on the page do after a deploy? All other files stay *by kind*. The points count visits, the dashes are a formula.
#
# It follows from how a copy lives. It is used for M, the `max-age`; then it lies there until its owner comes again, 1/λ later on average (λ: a user's visits in a second); then it is fetched anew. So each user fetches once in M + 1/λ. A visit t after the deploy gets the old page if its copy was fetched before the deploy and within the last M: with probability (M − t)/(M + 1/λ), and from M on with none.


# %%
def with_page(header):
    return model.look_up({**model.POLICIES["by kind"], "/": header})


tails, edges, rate = {}, np.arange(0, 31 * HOUR, HOUR), 7 / WEEK
for name, age in (("a day", DAY), ("eight hours", 8 * HOUR), ("an hour", HOUR)):
    tail = model.find_tail(model.simulate(site, with_page(f"max-age={age}"), visits), edges)
    tails[name] = (tail, model.share_old(edges, age, rate))
picture(figures.draw_tails, tails)

# %% [markdown]
# The formula has to hold in numbers, too. `stale-while-revalidate` is in the last row: for some time after its life, its *grace*, a copy is shown once more while the browser asks for a new one.


# %%
def both(hours, age, grace=0):
    header = f"max-age={age}, stale-while-revalidate={grace}"
    bin_around = [(hours - 0.5) * HOUR, (hours + 0.5) * HOUR]
    counted = model.find_tail(model.simulate(site, with_page(header), visits), bin_around)
    formula = model.share_old(hours * HOUR, age, rate, grace)
    return {"simulation": counted.estimate(0), "formula": float(formula)}


# %% covers=["CA2"]
agreement(
    Row("old page, first hour, max-age a day", **both(0.5, DAY)),
    Row("12 hours after the deploy", **both(12, DAY)),
    Row("first hour, max-age an hour", **both(0.5, HOUR)),
    Row("an hour, then a day's grace: 6 hours after", **both(6, HOUR, grace=DAY)),
)

# %% [markdown]
# So right after the deploy, of all visits:

# %%
share = 100 * float(model.share_old(HOUR / 2, DAY, rate))
reveal(
    "http_caching.after_deploy",
    share,
    explanation="A day in use, then a day of lying there on average: half of the visits.",
)

# %% [markdown]
# **Surprise: the tail does not fade, it ends.** It falls in a straight line and stops exactly M after the deploy. A day on the page is a promise not to fix anything for a day. And `stale-while-revalidate`, which is lovely for avatars, stretches the tail of a page by all of its grace.

# %% [markdown]
# ## Experiment: saying nothing
#
# No header, no caching? A cache may guess, and the usual guess is a tenth of the time since the file last changed (RFC 9111, 4.2.2).

# %% covers=["CA2"]
date = model.MONDAY
for days in (1, 10, 30, 365):
    changed = model.format_date(date - days * DAY)
    page = model.Response(headers={"Date": model.format_date(date), "Last-Modified": changed})
    life = model.freshness_lifetime(page, date, shared=False)
    print(f"changed {days:3} days ago: kept for {life.seconds / HOUR:6.1f} h ({life.source})")

# %% [markdown]
# **The calmer a site, the longer its next deploy takes to arrive.** The page that nobody touched for a month is kept for three days. In the table above, "nothing said" looks harmless only because that shop deploys every day. Say `no-cache` where you mean it.

# %% [markdown]
# ## Experiment: a CDN in front, and what a purge reaches
#
# A CDN is one more cache, shared by all. It goes by the same `max-age`, unless `s-maxage` tells it another one. A *purge* throws out all that it holds. Three ways to set the page, with a purge an hour after each deploy or with none:

# %%
purged = {"cdn": True, "purge_after": HOUR}
asking, keeping = with_page("max-age=0, s-maxage=86400"), with_page("max-age=86400")
behind = {
    "a day for both, no purge": model.simulate(site, keeping, visits, cdn=True),
    "a day for both, purged": model.simulate(site, keeping, visits, **purged),
    "browsers ask the CDN": model.simulate(site, asking, visits, **purged),
}
picture(figures.draw_purge, behind, HOUR)

# %% covers=["CA2"]
after = {name: model.find_tail(week, [HOUR, 2 * HOUR]) for name, week in behind.items()}
for name, tail in after.items():
    print(f"{name:26} in the hour after the purge: {tail.not_current[0]:.0%} old")
assert after["browsers ask the CDN"].not_current[0] == 0 < after["a day for both, purged"].old[0]
reveal("http_caching.last", "about a day later", explanation="Browsers keep their copies.")

# %% [markdown]
# The purge brings the new page to everybody who asks. Those who hold a copy do not ask. (They are fewer than the half of before, since a copy from a CDN has aged there already: its `Age` counts. Without a purge all wait until the CDN's own copy expires, at another hour after each deploy, hence the steps.) **You can purge what you own, and you do not own the browsers.** So let browsers ask (`max-age=0`) and the CDN keep (`s-maxage`), and purge the page there with every deploy: then both are fast, and both are current.
#
# The CDN has a second effect, which hides the first. Before the purge it still had the old chunks. Did emptying it help those with an old page?

# %%
for hour in (0, 1):
    tail = model.find_tail(behind["a day for both, purged"], [hour * HOUR, (hour + 1) * HOUR])
    print(f"hour {hour + 1}: old {tail.old[0]:4.0%}, broken {tail.broken[0]:4.0%}")
assert model.find_tail(behind["a day for both, purged"], [0, HOUR]).broken[0] < 0.05

# %% [markdown]
# Old pages that worked in the first hour are white in the second: the purge took their chunks. **Purge the page, not everything**, or keep the old chunks on the server.

# %% [markdown]
# ## Experiment: the origin is down
#
# Twelve hours behind a CDN, with the origin answering 503 from the fourth to the eighth. The page has a `max-age` of a minute; in the second run also `stale-if-error=86400`.

# %% covers=["CA2"]
hours12 = model.draw_visits(1_500, per_week=7, span=12 * HOUR)
calm, down = model.Site(model.SHOP), (4 * HOUR, 8 * HOUR)
ready = with_page("max-age=60, stale-if-error=86400")
outage = {
    "max-age=60": model.walk(calm, with_page("max-age=60"), hours12, cdn=True, down=down),
    "with stale-if-error": model.walk(calm, ready, hours12, cdn=True, down=down),
}
picture(figures.draw_outage, outage, down)

# %% [markdown]
# The CDN gave out the page from before the outage. Prices and cart, which the picture does not count, fail all the same, and rightly so. Two things to know: this is for the CDN, as browsers hardly know `stale-if-error`; and `s-maxage` forbids it, since a shared cache must not use what is stale by `s-maxage` (RFC 9111, 5.2.2.10), though some CDNs do it anyway.

# %% [markdown]
# ## Experiment: one page, many copies
#
# `Vary: User-Agent` tells a cache to keep a copy for each value of that header. Popular values come more often; a hundred requests come while a copy lives, all values together. (Each point is the course's cache with a thousand counted requests. A value with n requests in a copy's life has one miss for n hits: the formula is n/(1 + n).)

# %% covers=["CA2"]
variants = model.vary([1, 3, 10, 30, 100])
assert np.abs(variants.hit_ratio - variants.by_formula).max() < 0.03
picture(figures.draw_vary, variants)

# %% [markdown]
# Vary by what changes the answer, and by nothing with many values: `Accept-Encoding` has a few, `User-Agent` has thousands, `Cookie` has one for each user.

# %% [markdown]
# ## Explore
#
# A million requests for each move: the page's headers, how often you deploy, how often people come, with a CDN or without. Everything else is set by kind. Its time axis is logarithmic, so the straight line looks bent. Look for a `max-age` that saves a round trip and breaks nothing. Then switch the CDN on at a day: which share is broken then, which is old, and why?

# %%
explore(max_age=DAY, interval=DAY, per_week=7)

# %% covers=["CA2"]
for per_week in (7, 40):
    for name, age in (("no-cache", 0), ("a minute", 60), ("an hour", HOUR)):
        shown = model.look_at(age, DAY, per_week, cdn=False, grace=0)
        saved = f"{shown.round_trips:.2f} waits, {1000 * shown.load_time:.0f} ms"
        print(f"{per_week:2} a week, {name:9} {saved}; wrong {shown.old + shown.broken:.2%}")

# %% [markdown]
# Did you find one? At random moments hardly anybody comes twice in a minute, so a minute saves nothing; and what does save a question is what shows the old page. With the CDN on, nobody is broken and more are old: nobody purges it, so it still hands out the old page, with its chunks. **Ask for the page. Never ask for the chunks.**

# %% [markdown]
# ## For real
#
# So far everything was a model. Here is a server on this machine, and a client with a cache that others wrote (hishel, for httpx). They play the same two visits, twelve hours apart with a deploy in between; the server dates its answers back so that nobody has to wait. Counted is what the second visit asks of the server:

# %% covers=["CA2"]
second = compare(model.POLICIES, model.Site(model.SHOP, deploys=(12 * HOUR,)), gap=12 * HOUR)
assert second.agrees
second

# %% [markdown]
# Six policies, the same numbers in both. Look at the two cheapest rows: they ask for next to nothing, and that is because they did not notice the deploy. ("Nothing said": the page was a month old, so three days are guessed.)

# %% [markdown]
# ## On your screen
#
# A page that is open during a deploy is an old page too, whatever its headers say: it asks for a chunk that is gone when the user opens the next view. So the frontend has its own part:
#
# - catch the failed `import()`, and reload the page once, not in a loop;
# - leave the chunks of the last deploys on the server (below, it is one line);
# - give data the same treatment: show what you have, mark it as being refreshed, and replace it.

# %% covers=["CA2"]
lenient = model.Site(model.SHOP, site.deploys, kept=WEEK)
for name, shop in (("chunks removed", site), ("chunks kept a week", lenient)):
    week = model.simulate(shop, with_page("max-age=86400"), visits)
    old, broken = week.share(model.OLD), week.share(model.BROKEN)
    print(f"{name:19} old {old:5.1%}  broken {broken:5.1%}")

# %% [markdown]
# The old pages are as many as before. None of them is white.

# %% [markdown]
# ## Your numbers
#
# Open your own site, save its network tab as a HAR file, and put the path into the call. Of each answer only status, size, kind and the headers that caches go by are read; query strings, cookies and contents are left out, and nothing leaves this machine. The sample is made up from beginning to end: the front page of a shop that was set up in a hurry.

# %%
recording = read_har()  # or read_har("your/site.har")
recording

# %% covers=["CA2"]
savings = model.find_savings(recording.resources, gap=DAY)
picture(figures.draw_savings, savings, height=4.2)

# %% [markdown]
# What a visitor pays who comes back after a day, if nothing has changed: with the headers as they are, and with those that each kind calls for. The requests are those that the page waits for; what `stale-while-revalidate` fetches in the background costs bytes and no wait. A hash in the name: a year, `immutable`. A page, or a script without a hash: `no-cache` and an `ETag`. Images and fonts: an hour, and a week of `stale-while-revalidate`. Data stays as it is, since only you know how old it may be.

# %% [markdown]
# ## Break it
#
# The incident from the top: a day for everything, `index.html` among it, the old chunks removed, and no CDN that still has them.

# %% covers=["CA2"]
broken, mended = weeks["a day for all"], weeks["by kind"]
for name, week in (("a day for all", broken), ("by kind", mended)):
    first, last = model.find_tail(week, [0, HOUR]), model.last_old(week) / HOUR
    told = f"first hour: {first.old[0]:.0%} old, {first.broken[0]:.0%} white"
    print(f"{name:13} {told}; the last one {f'after {last:.1f} h' if last else 'never came'}")
assert broken.share(model.BROKEN) > 0.1 and mended.share(model.BROKEN) == 0
extra = 1000 * (mended.mean(mended.load_time) - broken.mean(broken.load_time))
print(f"the price of asking: {extra:.0f} ms and {mended.sent / broken.sent - 1:.0%} more requests")

# %% [markdown]
# Half of the visits get the old page at once, and most of these are white, which support rounded up; your own browser was among the other half, since developers reload. The price of being right is one question for the page, and the new chunks that it then names.

# %% [markdown]
# ## Limits
#
# Users come at random here; yours come in the morning. Browsers throw copies away long before a year, so old pages are fewer and first visits more. The CDN is one cache, and real ones have hundreds of places that each fill and expire by themselves. Connections cost nothing here, and requests go side by side without getting into each other's way. A service worker is a cache of your own that none of these headers binds. The shares depend on eight equally popular views: with fewer, more of the old pages find what they need.
#
# What does not depend on any of it: how long an old page can live. That is in the header.

# %% [markdown]
# ## Check yourself

# %%
quiz("http_caching.no_cache")

# %%
quiz("http_caching.purge")

# %% [markdown]
# And one about silence:

# %%
quiz("http_caching.silence")

# %% [markdown]
# **In an interview: "How would you cache a single-page app?"** *By kind. The build puts a hash into the name of every chunk, so these may be kept for a year and never asked for. The HTML names them and keeps its own name, so it must be asked for each time, and a 304 makes that cheap. Behind a CDN I let browsers ask and the CDN keep, with a purge on deploy, because I can purge a CDN and not a browser. What belongs to a user is private. Old chunks stay for a while, since somebody has the page open.*
#
# The evidence, from this page:

# %% covers=["CA2"]
kilobytes = {name: week.mean(week.received) / 1e3 for name, week in weeks.items()}
late = after["a day for both, purged"].not_current[0]
print(f"a return visit: {kilobytes['no-store for all']:.0f} kB with no-store")
print(f"the same by kind: {kilobytes['by kind']:.0f} kB, with a deploy a day")
print(f"white pages: {broken.share(model.BROKEN):.0%} with a day on the page, 0 by kind")
print(f"old an hour after a purge: {late:.0%} with a day in browsers, 0 where they ask")

# %% [markdown]
# ## Summary
#
# 1. Below its `max-age` a copy is used and nobody is asked. A mistake in it stays for exactly that long.
# 2. A name with a hash is its own version: a year, `immutable`. A name without one has to be asked for.
# 3. `no-cache` means ask first, `no-store` means do not keep, and no header means that a cache may guess.
# 4. A purge reaches the CDN. Nothing reaches a browser but its next question. Purge the page and leave the chunks.
# 5. `stale-while-revalidate` hides a wait and `stale-if-error` an outage; both show old things, so mind where.
#
# **On Monday:** run `curl -sI https://your.site/` and read its `Cache-Control`, then do the same with one script without a hash. Then ask who removes the old chunks and when, and whether your deploy purges the page or everything.
#
# *Sources: RFC 9111 (HTTP caching, 2022), RFC 9110 (HTTP semantics), RFC 5861 (stale-while-revalidate, stale-if-error), RFC 8246 (immutable); the public suite http-cache-tests. Read on: M. Nottingham,* Caching Tutorial for Web Authors and Webmasters.
#
# Next: [the lab, in which you write the headers of a site](../labs/05_http_caching.ipynb), then 06 Edge.
