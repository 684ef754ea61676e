# %% [markdown]
# # Lab: Reads that hold
#
# A shop keeps its carts in three copies, and support has two kinds of tickets. "I saw the new address, my colleague saw the old one a second later." And: "I saved my cart, and it came back empty."
#
# The first is a matter of the store: you will write **the read of a quorum, with its repair**, and a checker will try to tell your store from a single copy, on forty days on which some node is always cut off. The second can be mended on the page: you will write **what a page remembers**, so that people see what they saved and never anything older than what they saw.
#
# About 40 minutes. Before: [Consistency](../notebooks/09_consistency.ipynb).

# %%
from helpers.checks import check
from helpers.consistency.lab_pictures import show_badge, show_days, show_violation
from helpers.consistency.model import NEVER, Reply

# %% [markdown]
# ## 1. How many to ask
#
# There are $n$ copies, and a write is acknowledged when $w$ of them have it. How many copies must a read ask, at least, so that one of them surely has every acknowledged write?
#
# **With n = 5 and w = 2:** three copies may not have it. So three answers can all be old, and the fourth cannot.


# %%
def read_quorum(n: int, w: int) -> int:
    """Give the least number of copies to ask.

    Parameters
    ----------
    n
        Copies, at least 1.
    w
        Copies that have every acknowledged write, from 1 to n.

    Examples
    --------
    >>> read_quorum(5, 2)
    4
    """
    # BEGIN SOLUTION
    return n - w + 1
    # END SOLUTION


# %%
check("consistency.read_quorum", read_quorum)

# %% [markdown]
# ## 2. The read
#
# The node that takes a read asks all copies and goes on when enough have replied. A reply is a node, a value and a version:

# %%
Reply(node="n1", value="tea", version=(2.0, "n1"))

# %% [markdown]
# A version is when the write came in, and where: of two versions the **greater** is newer, and Python compares them as it should. A node that has nothing yet replies with the value None and the version

# %%
NEVER

# %% [markdown]
# Your rule is handed a list of replies, in the order in which they came. It gives two things: **the reply to answer with**, and **the nodes to repair**, to which the store sends that value before it answers. Repair those nodes that replied and are behind, and no others.
#
# **With** n1: "tea", version (1.0, "n1"), **and** n3: "milk", version (2.0, "n3")**:** answer with n3's reply, and repair n1.
#
# The check asks you some cases by hand first. Then it puts your rule into the store, lets four people read and write on forty stormy days, and hands each history to the checker.


# %%
def quorum_read(replies: list) -> tuple:
    """Choose the reply to answer with, and the nodes to repair.

    Parameters
    ----------
    replies
        At least one `Reply`, with `node`, `value` and `version`, in the order of arrival.

    Returns
    -------
    The reply, and a list of names of nodes.

    Examples
    --------
    >>> quorum_read([Reply("n1", "tea", (1.0, "n1")), Reply("n3", "milk", (2.0, "n3"))])
    (Reply(node='n3', value='milk', version=(2.0, 'n3')), ['n1'])
    """
    # BEGIN SOLUTION
    newest = max(replies, key=lambda reply: reply.version)
    return newest, [reply.node for reply in replies if reply.version < newest.version]
    # END SOLUTION


# %%
check("consistency.quorum_read", quorum_read)

# %% [markdown]
# Your rule in the store, beside two others. R + W > N holds for all three:

# %%
show_days(quorum_read)

# %% [markdown]
# The middle one always answers with the newest that it was told, and is still caught. Here is a day (dashed bars are writes that have had no answer, and *later* is what the same person did after giving up):

# %%
show_violation(quorum_read)

# %% [markdown]
# **Read it from the left.** Somebody writes, and the network is cut before two copies have it. Whoever reads next may meet the one copy that does, and sees the new value; whoever asks the other two after that sees the old one. With the repair, the first reader makes sure that two copies have it before anybody is told.
#
# Take the repair out of your rule (`return newest, []`) and run the last cells again.
#
# ## 3. What the page remembers
#
# Other stores answer reads from whatever copy is near, and you cannot change that. But a page can remember. For each person there is one `Memory`, which is told of two things:
#
# - `wrote(key, value, version)`: a save was acknowledged;
# - `read(key, value, version)`: the store gave this value. Give back **what the screen shows**.
#
# The screen shows the newest that this page knows of: of what was saved here, of what the store ever gave for this key, and of what it gives now. So people see their own saves (*read your writes*), nothing ever goes back (*monotonic reads*), and what others save is shown as soon as it is newer.
#
# **For example:** the cart "tea" is saved, with version (3.0, "n1"). A copy that is behind gives None, with `NEVER`: show "tea". Then one gives "tea, milk" with (5.0, "n1"): show that. And then "tea" again with (3.0, "n1"): still show "tea, milk".


# %%
class Memory:
    """What one person's page remembers."""

    def __init__(self) -> None:
        self.known: dict = {}  # for each key, what you want to keep

    def wrote(self, key: str, value: str, version: tuple) -> None:
        """Take note of a save that was acknowledged."""
        # BEGIN SOLUTION
        self.read(key, value, version)
        # END SOLUTION

    def read(self, key: str, value: str | None, version: tuple) -> str | None:
        """Give what the screen shows, when the store gave a value of a version."""
        # BEGIN SOLUTION
        if key not in self.known or version > self.known[key][0]:
            self.known[key] = (version, value)
        return self.known[key][1]
        # END SOLUTION


# %%
check("consistency.memory", Memory)

# %% [markdown]
# ## Under load
#
# The badge of the notebook, which asks any copy for the number of unread messages, while one copy hears nothing of the others:

# %%
show_badge(Memory)

# %% [markdown]
# The version token of the notebook could only wait for a copy that is not behind. A memory always has something to show. But it lives in one tab: on the user's phone the badge may still go back.
#
# Now let `read` forget what it was given, and keep only what was saved. Nobody saves the badge's number on this page, so the picture is as bad as before; the check says which promise is broken.
#
# ## What you would do on Monday
#
# 1. Does your API send a version with each answer (an ETag, an `updated_at`, a revision)? Without one, a client cannot tell older from newer, and the last answer to arrive wins.
# 2. Find the place where your data layer (TanStack Query, Apollo, a store of your own) writes an answer into its cache. Does it compare versions, or does a slow old answer replace a new one?
# 3. After a save, put the answer of the save into that cache, with its version.
#
# What the model leaves out: memory that is full, users who log out on a shared machine (forget then), writes that were never acknowledged, and two devices of one user, for whom the version has to travel through the store.
