# %% [markdown]
# # Lab: Headers that survive a deploy
#
# A bookshop's site is yours, and so are its headers. On Thursday somebody wrote `max-age=86400` on everything, and on Friday a deploy left half of the readers with a white page. Over the weekend somebody else wrote `no-store` on everything, and now the bill for the traffic is there.
#
# You will build, one on the other: the arithmetic by which every cache decides whether a copy is fresh, the comparison that saves sending it again, and then **the headers of a whole site**, with which it gets through three fortnights of deploys: fast, and never broken.
#
# About 45 minutes. Before: [HTTP caching](../notebooks/05_http_caching.ipynb).

# %%
import re

from helpers.checks import check
from helpers.http_caching.lab_pictures import show_before, show_paths, show_site

# %% [markdown]
# ## 1. Is it still fresh?
#
# A cache holds a copy and is asked for it. It may use it without asking as long as its **age** is below its **freshness lifetime** (RFC 9111, section 4.2). How many seconds are left?
#
# The lifetime is the first of these that is there:
#
# 1. `s-maxage`, in a shared cache only;
# 2. `max-age`;
# 3. `expires` − `date`;
# 4. a tenth of `date` − `last-modified`, a guess that the standard allows;
# 5. none of them: 0.
#
# The age on arrival is the larger of two: what the dates say (`came` − `date`, at least 0, since clocks differ), and what the `age` field says, which caches on the way have counted. Since then it has grown by `now` − `came`.
#
# **By hand:** made at 1000, came at 1040, `max-age` 90, and now it is 1060. It was 40 s old when it came and is 60 s old now: 30 s are left.


# %%
def seconds_left(response: dict, now: int, shared: bool) -> float:
    """Give for how many seconds a copy is still fresh; below 0 where it is stale.

    Parameters
    ----------
    response
        Always has "date" (when it was made) and "came" (when this cache received it), in
        seconds of one clock. May have "s-maxage", "max-age" and "age" (seconds), and
        "expires" and "last-modified" (moments of the same clock).
    now
        Seconds of that clock.
    shared
        Whether the cache serves many people.

    Examples
    --------
    >>> seconds_left({"date": 1000, "came": 1040, "max-age": 90}, 1060, shared=False)
    30
    """
    # BEGIN SOLUTION
    lifetime = 0.0
    if shared and "s-maxage" in response:
        lifetime = response["s-maxage"]
    elif "max-age" in response:
        lifetime = response["max-age"]
    elif "expires" in response:
        lifetime = response["expires"] - response["date"]
    elif "last-modified" in response:
        lifetime = (response["date"] - response["last-modified"]) / 10
    on_arrival = max(response["came"] - response["date"], response.get("age", 0), 0)
    return lifetime - (on_arrival + now - response["came"])
    # END SOLUTION


# %%
check("http_caching.seconds_left", seconds_left)

# %% [markdown]
# ## 2. Send it again?
#
# A stale copy is not lost. The browser asks with what it knows of it, `If-None-Match: "v1"`, and the server compares that with the version it has now, its `ETag`. If they match, the answer is `304 Not Modified` and a head of some 300 bytes. If not, it is `200` and the whole file.
#
# What comes may be one tag, a list of them with commas between, a star (any version will do), or nothing at all. A tag may begin with `W/` (weak: the same content, perhaps compressed in another way); for this comparison `W/"v1"` and `"v1"` are the same.


# %%
def status_for(if_none_match: str | None, etag: str) -> int:
    """Give the status of the answer to a GET: 304 where the browser has this version.

    Parameters
    ----------
    if_none_match
        The request's field; None where there is none. No tag holds a comma.
    etag
        The tag of the version that the server has.

    Examples
    --------
    >>> status_for('"v1", W/"v2"', '"v2"')
    304
    """
    # BEGIN SOLUTION
    if if_none_match is None:
        return 200
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return 304 if "*" in known or etag.removeprefix("W/") in known else 200
    # END SOLUTION


# %%
check("http_caching.status_for", status_for)

# %% [markdown]
# ## 3. The site
#
# Here is what a page view of the bookshop asks for, and what each thing is like:

# %%
show_paths()

# %% [markdown]
# Every deploy prints a new `/`, which names the new chunks, and removes the chunks it replaced at once. The readers come back once a day on average. This is Friday, with Thursday's headers:

# %%
show_before()

# %% [markdown]
# Now write the headers: a function from a path to the value of its `Cache-Control`, as you would configure it in a server. An empty text means that no such header is sent. The server sends `ETag` and `Last-Modified` with everything.
#
# Three fortnights have to be got through: a deploy a day without a CDN; a deploy every four hours behind a CDN that nobody purges; and another site, with other names, so write rules and no list of files. In each of them:
#
# - **nobody** sees a broken page, and no outdated one later than a minute after a deploy;
# - **nobody** is shown another reader's basket;
# - prices are shown at most two minutes after they changed;
# - and it has to be cheap: bytes of a return visit, requests that leave the browser, requests that reach the origin. The check names what is over budget.
#
# Three things to watch out for: not every script has a hash in its name; a CDN goes by the same header unless you say otherwise, and here it is never purged; and to say nothing is not the same as `no-cache`.


# %%
def cache_control(path: str) -> str:
    """Give the value of Cache-Control for a path of the site.

    Parameters
    ----------
    path
        Such as "/", "/assets/app.3f2a91c0.js" (a hash is eight hexadecimal digits before the
        extension), "/assets/loader.js", "/images/logo.svg", "/api/prices" (the same for
        all) or "/api/basket", "/api/account" (of one user).

    Examples
    --------
    >>> cache_control("/api/account").startswith("private")
    True
    """
    # BEGIN SOLUTION
    if re.search(r"\.[0-9a-f]{8}\.\w+$", path):
        return "max-age=31536000, immutable"
    if path.startswith("/images/"):
        return "max-age=86400, stale-while-revalidate=604800"
    if path in ("/api/basket", "/api/account"):
        return "private, no-cache"
    if path.startswith("/api/"):
        return "max-age=60"
    return "no-cache"
    # END SOLUTION


# %%
check("http_caching.cache_control", cache_control)

# %% [markdown]
# Your headers in charge of the bookshop, a deploy a day. On the left what a return visit costs, on the right who sees what after a deploy, in gray with Thursday's headers:

# %%
show_site(cache_control)

# %% [markdown]
# You download a little more than on Thursday: the new chunks, which Thursday's readers did not get.
#
# Take something out and run the cells again: give the page `max-age=3600`, or everything under `/assets/` a year. Which of the two breaks more pages? Predict, then look. The second is the one that code reviews miss.
#
# ## What you would do on Monday
#
# 1. Run `curl -sI https://your.site/` and read its `Cache-Control`. If there is none, a cache guesses.
# 2. Write the rules by kind: hashed names for a year, the page `no-cache`, what belongs to a user `private`, and put a test on them that fetches one of each.
# 3. Keep the chunks of the last deploys on the server all the same: somebody has the page open.
#
# What the model leaves out: browsers throw copies away before their time, several tabs, service workers (a cache of your own, with rules of your own), and pages that stay open over a deploy.
