# %% [markdown]
# # Lab: Make the page fast
#
# The shop's account page lists a customer's orders with what was bought. With the test customer it is quick. With the customer who has 400 orders it sends 401 queries, each of which reads the whole table of order lines, and whoever scrolls on sees some orders twice. And last week a process was restarted in the middle of a checkout, and somebody paid for a pair of shoes that was not there any more.
#
# You will choose the indexes; load the page in **three queries at most**; write the query of an endless list; and build **a checkout that never leaves a paid order without stock, wherever it crashes**. Your functions run on a real SQLite database and inside the course's model of three services.
#
# About 60 minutes. Before: [Databases](../notebooks/07_databases.ipynb).

# %%
from helpers.checks import check
from helpers.databases.lab_pictures import show_checkout, show_page
from helpers.databases.lab_tasks import QUERIES
from helpers.databases.saga import DeclinedError, Journal, OutOfStockError, Services
from helpers.databases.shop_data import TABLES

# %% [markdown]
# ## 1. Indexes
#
# The tables, and four queries that the page and the support team ask all day:

# %%
for table, columns in TABLES.items():
    print(f"{table:10}  {columns}")
for query in QUERIES:
    print(f"\n{query.name}:\n  {query.sql}")

# %% [markdown]
# There is no index but those on `id`, which SQLite has anyway. Choose indexes so that each query looks at hardly more rows than it returns, in a shop of 2,000 orders as in one of 20,000. **Four at most**, since every write has to keep all of them up to date.
#
# An index is sorted by its first column, and where that is the same, by the second, as a telephone book by last and first name.


# %%
def choose_indexes() -> list:
    """Give what stands behind CREATE INDEX … ON, for each index.

    Returns
    -------
    A list of texts, such as "product (brand_id)".

    Examples
    --------
    >>> len(choose_indexes()) <= 4
    True
    """
    # BEGIN SOLUTION
    return [
        "orders (customer_id, day)",  # finds the customer's orders, sorted by day already
        "order_line (order_id)",
        "orders (status, day)",  # what is compared by = comes first, then the range
        "customer (lower(email))",
    ]
    # END SOLUTION


# %%
check("databases.choose_indexes", choose_indexes)

# %% [markdown]
# ## 2. The page
#
# Now the page: a customer's newest orders, each with its lines. `connection.execute(sql, parameters)` sends one query and gives a list of rows; `?` stands for a parameter. It counts what passes.
#
# The budget: three queries at most, however long the page, and no more rows over the wire than the page needs. The demands: newest first (by day, then by id, both falling), no more than `length` orders, and an order without lines has an empty list.
#
# **For example:** an order 12 of day 40 over 1,900 cents with two lines is `(12, 40, 1900, [("Product 3", 1), ("Product 8", 2)])`. The order of the lines does not matter.


# %%
def load_orders(connection, customer: int, length: int) -> list:
    """Load a customer's newest orders with their lines.

    Parameters
    ----------
    connection
        With `execute(sql, parameters)`, which gives a list of rows.
    customer
        The customer's id.
    length
        Orders on the page, at most.

    Returns
    -------
    (id, day, total, lines) for each order; lines are (product's name, quantity).
    """
    # BEGIN SOLUTION
    orders = connection.execute(
        "SELECT id, day, total FROM orders WHERE customer_id = ? "
        "ORDER BY day DESC, id DESC LIMIT ?",
        [customer, length],
    )
    lines: dict = {order[0]: [] for order in orders}
    if lines:
        found = connection.execute(
            "SELECT l.order_id, p.name, l.quantity FROM order_line l "
            "JOIN product p ON p.id = l.product_id "
            f"WHERE l.order_id IN ({', '.join('?' * len(lines))})",
            list(lines),
        )
        for order, name, quantity in found:
            lines[order].append((name, quantity))
    return [(*order, lines[order[0]]) for order in orders]
    # END SOLUTION


# %%
check("databases.load_orders", load_orders)

# %% [markdown]
# Your page beside one that asks once for each row, where a query takes 10 ms there and back:

# %%
show_page(load_orders)

# %% [markdown]
# ## 3. The next page
#
# The user scrolls. Many lists ask for `LIMIT 20 OFFSET 200`: the database walks past 200 orders to give 20, and if a new order came in meanwhile, all have moved down by one, and the user sees one of them again.
#
# Do it with a mark instead of a position: `after` is the (day, id) of the last order that was shown, or None for the first page. Give the orders that come next. There is an index on `orders (customer_id, day)`, and the budget for each page is one query, `length` rows sent, and 16 rows visited beyond those.
#
# **Mind:** several orders have the same day. In SQL pairs can be compared as in Python.


# %%
def next_orders(connection, customer: int, after, length: int) -> list:
    """Give the next page of a customer's orders, newest first.

    Parameters
    ----------
    connection
        With `execute(sql, parameters)`.
    customer
        The customer's id.
    after
        (day, id) of the last order that was shown; None for the first page.
    length
        Orders on a page.

    Returns
    -------
    (id, day, total) for each order.
    """
    # BEGIN SOLUTION
    start = "" if after is None else "AND (day, id) < (?, ?)"
    return connection.execute(
        f"SELECT id, day, total FROM orders WHERE customer_id = ? {start} "
        "ORDER BY day DESC, id DESC LIMIT ?",
        [customer, *(after or ()), length],
    )
    # END SOLUTION


# %%
check("databases.next_orders", next_orders)

# %% [markdown]
# ## 4. The checkout
#
# Orders, payments and stock are three services, each with a database of its own. No transaction spans them, so the checkout calls one after the other:
#
# | call | its undoing | may raise |
# |---|---|---|
# | `services.open_order(key)` | `services.cancel_order(key)` | |
# | `services.charge(key)` | `services.refund(key)` | `DeclinedError` |
# | `services.reserve(key)` | `services.release(key)` | `OutOfStockError` |
# | `services.confirm_order(key)` | nothing: the customer has been told | |
#
# Two things outlive a crash. **A key:** a call that was done under a key does nothing when it comes again under the same key. Without a key each call counts. What was refused was not done, and may go well the next time. **The journal:** `journal.write("a line")` keeps a line for good, and `"a line" in journal` asks for it.
#
# The check lets the process die before and after every call and every line of the journal, starts your function again with the same journal and services, and lets it die once more at every later moment. On one of its days a piece comes in while you are down. In the end either the order is confirmed, paid and reserved, or it is canceled and neither money nor shoes are kept.
#
# Begin with the happy path, check it, and let the hint say what is missing.


# %%
def checkout(journal: Journal, services: Services) -> None:
    """Sell one piece, or leave nothing behind; called again after a crash.

    Parameters
    ----------
    journal
        Lines that outlive a crash.
    services
        The three services.
    """
    # BEGIN SOLUTION
    key = "the only order"  # the same after a restart, so each call counts once
    if "turn back" not in journal:
        services.open_order(key)
        try:
            services.charge(key)
        except DeclinedError:
            services.cancel_order(key)
            return
        try:
            services.reserve(key)
        except OutOfStockError:
            journal.write("turn back")  # from here on there is no way forward any more
        else:
            services.confirm_order(key)
            return
    services.refund(key)
    services.cancel_order(key)
    # END SOLUTION


# %%
check("databases.checkout", checkout)

# %% [markdown]
# Inside the course's model: nothing is there, the process dies once at each moment, and a piece comes in while it is down. Each mark is a run. Below yours are two checkouts that undo what they did: one keeps no journal, the other names no keys.

# %%
show_checkout(checkout)

# %% [markdown]
# Without keys it hurts just *after* a call, when it was made and the process does not know. There is no way to do both at once in two systems; a key makes the repetition harmless. Without the journal it hurts on the way back, as the world has changed meanwhile. Take either out of yours, and see.
#
# ## What you would do on Monday
#
# 1. Count the queries of your slowest page at the driver or in the trace, once with five rows and once with four hundred. If the number grows with the rows, batch.
# 2. Ask for the plan (`EXPLAIN`) of the query that is sent most often, and look for a scan.
# 3. Replace `OFFSET` in every endless list by a mark; the API returns it as a cursor.
# 4. Ask which call of your checkout has no idempotency key, and what happens when it is sent twice.
#
# What the model leaves out: services that forget their keys after a day (payment providers do), answers that are lost on the way (to the caller that looks like a crash after the call), two checkouts for the last piece at once, and a refund that fails for good. For that one there is a person with a list.
