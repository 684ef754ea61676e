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
# # Start here
#
# On Tuesday your page took four seconds. Nobody's code had changed, the tests were green, and the cache, said its dashboard, still answered nine requests in ten. Marketing had sent out a newsletter whose links all ended in `?utm_source=`. You found out on Thursday.
#
# **How can a page get slow when nobody has touched it?** Mostly in the layer that a frontend engineer meets only when it hurts: load balancers, caches, queues, databases. This course takes it apart with small models that run in front of you. You turn a knob, and watch what gives.
#
# On this page you try each part of a notebook once, on that Tuesday; then see what there is to learn, and begin.
#
# *About 10 minutes. Before it: nothing. After it: [Scaling](02_scaling.ipynb).*

# %% [markdown]
# ## Run a cell
#
# The gray box below is a cell of code. Click into it and press **Shift + Enter**: it runs, and the next one is selected. This one looks whether all that the course needs is there.

# %%
from helpers.start_here.environment import check_environment

check_environment()

# %% [markdown]
# ✓ is there, ○ could be better, ✗ is missing, and then the line says what to do. If the cell stops with *No module named 'helpers'*, the notebook was opened with another Python: close it, and start with `python3 course.py lab`.
#
# Below a cell stands what came out when the course was built, so you can also just read. *Run → Run All Cells* runs a whole notebook, as often as you like. The next cell brings in what the others use.

# %%
from helpers.checks import TODO, Row, agreement, calibration, check, predict, quiz, reveal
from helpers.figure import picture
from helpers.start_here import model
from helpers.start_here.course_map import read_course_map
from helpers.start_here.explorer import explore
from helpers.start_here.figures import draw_course_map
from helpers.statistics import batch_means

# %% [markdown]
# ## Predict
#
# On Monday 1,000 requests came each second. The cache answered 99 % of them, and passed 10 on to the origin, the server behind it. On Tuesday each link was a new address to the cache, and it answered 90 %. How many requests a second did the origin get?
#
# Before anything runs, you commit yourself. Not to a number, but to a range that you are **80 % sure** of: of ten such ranges, eight should hold the truth. If only five do, you trust yourself too much, as most people do; if all do, time and again, your ranges are wider than they need be. Type the two ends into the form.

# %%
predict("start_here.origin", "Requests a second at the origin, at 90 % hits", unit="requests/s")

# %% [markdown]
# No form? Run the cell first. Your first range is the one that counts. Now the model:

# %%
monday = model.serve_through_cache(hit_ratio=0.99, request_rate=1000)
tuesday = model.serve_through_cache(hit_ratio=0.90, request_rate=1000)
print(f"Monday   {monday}\nTuesday  {tuesday}")

# %%
assert abs(tuesday.origin_rate / monday.origin_rate - 10) < 1e-9
reveal("start_here.origin", tuesday.origin_rate, explanation="The origin gets what is missed.")

# %% [markdown]
# **Surprise: nine points fewer hits are ten times the work.** The dashboard showed what the cache answered. What hurt was what it passed on, and that went from 1 % to 10 %. An origin that was built for 40 requests a second got 100, so the 25 ms did not last: its line grew, and with it the wait.

# %% [markdown]
# ## Explore
#
# An explorer is the same model with knobs. Run the cell, then drag *Hit ratio* from 90 % to 99 %, or use the arrow keys. *Reset* takes you back. The line of Python under the picture gives the setting that you see: copy it into a cell, or send it to somebody.

# %%
explore(hit_ratio=0.9, request_rate=1000)

# %% [markdown]
# Each step of the left scale is ten times the one below. From which hit ratio on does the origin keep up? And from which, when the requests double?

# %% [markdown]
# ## Why believe it?
#
# A number is worth something when several ways lead to it. The course shows up to three: a **simulation** (here a million requests, each a hit or a miss by chance, ± how far chance may take it), a **formula**, and what others have **published**. The second row is an example from a lecture on operating systems: the small cache in your processor that remembers where memory pages lie. If a row did not agree, the cell would stop with an error.


# %%
def both(hit_ratio, **times):
    simulated = batch_means(model.simulate_responses(hit_ratio, **times))
    formula = model.serve_through_cache(hit_ratio, **times).mean_response
    return {"simulation": simulated, "formula": formula}


# %%
NOTES = "lecture notes CISC 3310, topic 7, Brooklyn College"
paging = both(0.95, hit_time=100, origin_time=100)
agreement(
    Row("Tuesday's mean response (s)", **both(0.9)),
    Row("paging at 95 % hits (ns)", **paging, published=105, source=NOTES),
)

# %% [markdown]
# ## Answer
#
# A question explains each of its answers, the wrong ones too. You may try them all; the first counts.

# %%
quiz("start_here.hits")

# %% [markdown]
# ## Build
#
# In the labs you write the mechanism yourself. You find a function whose body is `TODO`, and a check that runs it in a process of its own. ○ means not attempted yet, ✗ not yet right, with a hint, and ✓ right, with what it shows.
#
# A service that is up 99.9 % of the time sounds as if it were always up. How many hours a year is it down? Put your line in the place of `TODO`, and run the cell.


# %%
def downtime_hours(availability):
    """Give the hours a year (365 days) without the service; availability is from 0 to 1."""
    return TODO


check("start_here.downtime", downtime_hours)

# %% [markdown]
# And so it looks when somebody has it nearly right. A mistake that others have made before gets a hint of its own.


# %%
def first_try(availability):
    return (1 - availability) * 365


check("start_here.downtime", first_try)

# %% [markdown]
# ## Your numbers
#
# Each notebook has a cell for your own figures, some for your own access log. Put in your site's hit ratio, as your CDN's dashboard shows it, and its requests a second at the peak.

# %%
yours = model.serve_through_cache(hit_ratio=0.95, request_rate=300)
yours

# %% [markdown]
# Nothing that you put in is sent anywhere, neither numbers nor logs nor answers. Your progress is one small file in your own user folder (`helpers.checks.store.data_folder()` tells which); delete it to begin anew.

# %% [markdown]
# ## The map
#
# This is the way through the course, from a single server to a whole system. It is drawn from the files of this repository and from your progress: a ring closes as you predict, answer and build. Each topic has a notebook (30 to 45 minutes) and a lab (about an hour). Run the cell again whenever you come back.

# %%
course_map = read_course_map()
picture(draw_course_map, course_map, height=4.8, alt=str(course_map))

# %% [markdown]
# A stop is finished when all its predictions are made, its questions answered and its checks ✓. And your ranges, over all topics so far:

# %%
calibration()

# %% [markdown]
# From five ranges on it says whether yours are too narrow, too wide or about right.

# %% [markdown]
# ## When you are stuck
#
# - *A name you do not know*: put a question mark behind it in a cell, as in `model.serve_through_cache?`, and run it. Two question marks show its code.
# - *A cell hangs or behaves oddly*: *Kernel → Restart Kernel and Run All Cells*.
# - *Something is missing or slow*: `from helpers.start_here.environment import details`, then `details()`, lists every version, and what is optional.
# - *A mistake of ours*: [say so]({{repository:issues}}), with the cell and what `details()` printed.

# %% [markdown]
# ## Begin
#
# Why does an origin that gets more than it can do take four seconds, and why is it late long before that? What would have saved it, a larger machine or a second one? That is [02 Scaling](02_scaling.ipynb), about 40 minutes, and then [its lab](../labs/02_scaling.ipynb), in which you plan the servers for a sale.
#
# *Source of the published figure: lecture notes of CISC 3310, Brooklyn College, topic 7, on paging: 100 ns a look, 95 % hits, 105 ns on average.*
