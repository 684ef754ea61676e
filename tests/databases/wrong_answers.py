"""Answers to the lab "Make the page fast" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the last question's answers inside the course's model.
"""

from helpers.databases.saga import DeclinedError, OutOfStockError, crash_everywhere, run_saga

# Indexes


def no_indexes():
    """The database will know."""
    return []


def one_column_each():
    """Every column that is asked for gets an index."""
    return ["orders (customer_id)", "order_line (order_id)", "orders (status)"]


def range_first():
    """The day is what is sorted by, so it comes first."""
    return ["orders (customer_id, day)", "order_line (order_id)", "orders (day, status)"]


def column_further_back():
    """One wide index on the orders serves all who ask for them."""
    return ["orders (customer_id, day, status)", "order_line (order_id)", "customer (lower(email))"]


def for_those_who_ask():
    """The query asks for customer 1, so the index is for her."""
    return [
        "orders (day) WHERE customer_id = 1",
        "order_line (order_id)",
        "orders (status, day)",
        "customer (lower(email))",
    ]


def plain_email():
    """The e-mail address is asked for, so it is indexed."""
    return [
        "orders (customer_id, day)",
        "order_line (order_id)",
        "orders (status, day)",
        "customer (email)",
    ]


def one_more_to_be_safe():
    """An index more does no harm."""
    return [
        "orders (customer_id, day)",
        "orders (customer_id)",
        "order_line (order_id)",
        "orders (status, day)",
        "customer (lower(email))",
    ]


def misspelled():
    """The table is called order."""
    return ["order (customer_id)"]


def one_text():
    """A single text, not a list."""
    return "orders (customer_id, day)"


# The page

NEWEST = (
    "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day DESC, id DESC LIMIT ?"
)
LINES = (
    "SELECT l.order_id, p.name, l.quantity FROM order_line l JOIN product p ON p.id = l.product_id"
)


def collected(orders, rows):
    """Put the lines to their orders."""
    lines = {order[0]: [] for order in orders}
    for number, *line in rows:
        if number in lines:
            lines[number].append(tuple(line))
    return [(*order, lines[order[0]]) for order in orders]


def one_by_one(connection, customer, length):
    """For each order, ask for its lines."""
    orders = connection.execute(NEWEST, [customer, length])
    ask = f"{LINES} WHERE l.order_id = ?"
    return collected(
        orders, [row for order in orders for row in connection.execute(ask, order[:1])]
    )


def names_one_by_one(connection, customer, length):
    """All lines at once, then the name of each product."""
    orders = connection.execute(NEWEST, [customer, length])
    marks = ", ".join("?" * len(orders))
    rows = connection.execute(
        f"SELECT order_id, product_id, quantity FROM order_line WHERE order_id IN ({marks})",
        [order[0] for order in orders],
    )
    ask = "SELECT name FROM product WHERE id = ?"
    named = [(o, connection.execute(ask, [p])[0][0], quantity) for o, p, quantity in rows]
    return collected(orders, named)


def all_lines(connection, customer, length):
    """Fetch the lines, and sort them out in Python."""
    orders = connection.execute(NEWEST, [customer, length])
    return collected(orders, connection.execute(LINES))


def all_of_the_customer(connection, customer, length):
    """Fetch what the customer ever bought, and cut the page off."""
    orders = connection.execute(NEWEST, [customer, -1])
    ask = f"{LINES} JOIN orders o ON o.id = l.order_id WHERE o.customer_id = ?"
    return collected(orders, connection.execute(ask, [customer]))[:length]


def join_and_limit(connection, customer, length):
    """One query with everything, and a limit at its end."""
    return joined(connection, "LEFT JOIN", "", "LIMIT ?", [customer, length])


def inner_join(connection, customer, length):
    """Join the orders with their lines."""
    return joined(connection, "JOIN", "", "", [customer])[:length]


def joined(connection, how, where, limit, parameters):
    """Ask for orders and lines in one query."""
    found = {}
    rows = connection.execute(
        f"SELECT o.id, o.day, o.total, p.name, l.quantity FROM orders o {how} order_line l "
        f"ON l.order_id = o.id {how} product p ON p.id = l.product_id "
        f"WHERE o.customer_id = ? {where} ORDER BY o.day DESC, o.id DESC {limit}",
        parameters,
    )
    for *order, name, quantity in rows:
        lines = found.setdefault(tuple(order), [])
        if name is not None:
            lines.append((name, quantity))
    return [(*order, lines) for order, lines in found.items()]


def by_id(connection, customer, length):
    """The newest order has the highest number."""
    orders = connection.execute(NEWEST, [customer, length])
    marks = ", ".join("?" * len(orders))
    ask = f"{LINES} WHERE l.order_id IN ({marks})"
    rows = connection.execute(ask, [order[0] for order in orders])
    return sorted(collected(orders, rows), reverse=True)


def the_oldest(connection, customer, length):
    """The first orders that the database gives."""
    orders = connection.execute(
        "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day, id LIMIT ?",
        [customer, length],
    )
    marks = ", ".join("?" * len(orders))
    ask = f"{LINES} WHERE l.order_id IN ({marks})"
    return collected(orders, connection.execute(ask, [order[0] for order in orders]))


def one_line_a_product(connection, customer, length):
    """A dictionary from product to quantity."""
    orders = connection.execute(NEWEST, [customer, length])
    marks = ", ".join("?" * len(orders))
    ask = f"{LINES} WHERE l.order_id IN ({marks})"
    rows = connection.execute(ask, [order[0] for order in orders])
    page = collected(orders, rows)
    return [(*order, list(dict(lines).items())) for *order, lines in page]


def left_join_as_it_comes(connection, customer, length):
    """A left join keeps the order without lines."""
    found = {}
    rows = connection.execute(
        f"SELECT o.id, o.day, o.total, p.name, l.quantity FROM ({NEWEST}) o LEFT JOIN order_line l "
        "ON l.order_id = o.id LEFT JOIN product p ON p.id = l.product_id "
        "ORDER BY o.day DESC, o.id DESC",
        [customer, length],
    )
    for *order, name, quantity in rows:
        found.setdefault(tuple(order), []).append((name, quantity))
    return [(*order, lines) for order, lines in found.items()]


def dictionaries(connection, customer, length):
    """Rows for the frontend."""
    orders = connection.execute(NEWEST, [customer, length])
    return [{"id": o[0], "day": o[1], "total": o[2], "lines": []} for o in orders]


def a_tuple_in_the_text(connection, customer, length):
    """A tuple looks like what stands behind IN."""
    orders = connection.execute(NEWEST, [customer, length])
    ids = tuple(order[0] for order in orders)
    return collected(orders, connection.execute(f"{LINES} WHERE l.order_id IN {ids}", []))


def two_orders_of_parameters(connection, customer, length):
    """The parameters stand in the text already."""
    return connection.execute(NEWEST)


# The next page


def by_offset(connection, customer, after, length):
    """Count how many come before, and leave those out."""
    if after is None:
        return connection.execute(NEWEST, [customer, length])
    return connection.execute(
        "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day DESC, id DESC "
        "LIMIT ? OFFSET (SELECT count(*) FROM orders WHERE customer_id = ? AND (day, id) >= "
        "(?, ?))",
        [customer, length, customer, *after],
    )


def earlier_days(connection, customer, after, length):
    """The next page begins on an earlier day."""
    return walked(connection, customer, after and after[:1], length, "day < ?")


def without_parentheses(connection, customer, after, length):
    """An earlier day, or the same day and a lower number."""
    mark = after and (after[0], *after)
    return walked(connection, customer, mark, length, "day < ? OR day = ? AND id < ?")


def same_day_too(connection, customer, after, length):
    """The same day may go on."""
    return walked(connection, customer, after and after[:1], length, "day <= ?")


def from_the_top(connection, customer, after, length):
    """Each page is the newest orders."""
    return connection.execute(NEWEST, [customer, length])


def rest_of_the_day(connection, customer, after, length):
    """What is left of the day."""
    return walked(connection, customer, after, length, "day = ? AND id < ?")


def sorted_by_day(connection, customer, after, length):
    """Sorted by day; the ids came out in order when it was tried."""
    start = "" if after is None else "AND (day, id) < (?, ?)"
    return connection.execute(
        f"SELECT id, day, total FROM orders WHERE customer_id = ? {start} "
        "ORDER BY day DESC LIMIT ?",
        [customer, *(after or ()), length],
    )


def lower_numbers(connection, customer, after, length):
    """An older order has a lower number."""
    return walked(connection, customer, after and after[1:], length, "id < ?")


def walked(connection, customer, after, length, condition):
    """Ask with one more condition."""
    start = "" if after is None else f"AND {condition}"
    return connection.execute(
        f"SELECT id, day, total FROM orders WHERE customer_id = ? {start} "
        "ORDER BY day DESC, id DESC LIMIT ?",
        [customer, *(after or ()), length],
    )


def all_and_cut(connection, customer, after, length):
    """Fetch all, and find the place in Python."""
    orders = connection.execute(NEWEST, [customer, -1])
    return [order for order in orders if after is None or (order[1], order[0]) < after][:length]


def fetch_the_last_again(connection, customer, after, length):
    """First look up the last order, to be sure of its day."""
    if after is not None:
        after = connection.execute("SELECT day, id FROM orders WHERE id = ?", [after[1]])[0]
    return walked(connection, customer, after, length, "(day, id) < (?, ?)")


def oldest_first(connection, customer, after, length):
    """A list is sorted upward."""
    return connection.execute(
        "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day, id LIMIT ?",
        [customer, length],
    )


def only_the_ids(connection, customer, after, length):
    """The page needs to know which ones."""
    rows = walked(connection, customer, after, length, "(day, id) < (?, ?)")
    return [row[0] for row in rows]


def trust_in_a_pair(connection, customer, after, length):
    """There is always a last order."""
    return walked(connection, customer, [after[0], after[1]], length, "(day, id) < (?, ?)")


# The checkout


def hope(journal, services):
    """On a refusal, cancel the order."""
    try:
        services.open_order("1")
        services.charge("1")
        services.reserve("1")
        services.confirm_order("1")
    except (DeclinedError, OutOfStockError):
        services.cancel_order("1")


def forget_the_shelf(journal, services):
    """Reserve first, since money is hard to give back."""
    try:
        services.open_order("1")
        services.reserve("1")
        services.charge("1")
        services.confirm_order("1")
    except (DeclinedError, OutOfStockError):
        services.cancel_order("1")


def undo_everything(journal, services):
    """On any refusal, undo all."""
    try:
        services.open_order("1")
        services.charge("1")
        services.reserve("1")
        services.confirm_order("1")
    except (DeclinedError, OutOfStockError):
        services.release("1")
        services.refund("1")
        services.cancel_order("1")


def no_keys(journal, services):
    """Undo what was done, in reverse."""
    services.open_order()
    try:
        services.charge()
    except DeclinedError:
        services.cancel_order()
        return
    try:
        services.reserve()
    except OutOfStockError:
        services.refund()
        services.cancel_order()
        return
    services.confirm_order()


def note_after(journal, services):
    """Write each step into the journal when it is done, and do not do it again."""
    run_by_journal(journal, services, lambda step, call: (call(), journal.write(step)))


def note_before(journal, services):
    """Write each step into the journal, then do it; what is written is not done again."""
    run_by_journal(journal, services, lambda step, call: (journal.write(step), call()))


def run_by_journal(journal, services, do):
    """Take the steps that the journal does not know yet."""

    def once(step, call):
        if step not in journal:
            do(step, call)

    once("open", services.open_order)
    try:
        once("charge", services.charge)
    except DeclinedError:
        services.cancel_order()
        return
    try:
        once("reserve", services.reserve)
    except OutOfStockError:
        once("refund", services.refund)
        services.cancel_order()
        return
    services.confirm_order()


def refund_without_a_key(journal, services):
    """What takes money needs a key; giving it back does no harm."""
    services.open_order("1")
    try:
        services.charge("1")
    except DeclinedError:
        services.cancel_order("1")
        return
    try:
        services.reserve("1")
    except OutOfStockError:
        services.refund()
        services.cancel_order("1")
        return
    services.confirm_order("1")


def confirm_first(journal, services):
    """Tell the customer at once, and call back if need be."""
    services.open_order("1")
    services.confirm_order("1")
    try:
        services.charge("1")
    except DeclinedError:
        services.cancel_order("1")
        return
    try:
        services.reserve("1")
    except OutOfStockError:
        services.refund("1")
        services.cancel_order("1")


def catch_everything(journal, services):
    """Whatever goes wrong, undo what was done."""
    done = []
    try:
        services.open_order("1")
        services.charge("1")
        done.append(services.refund)
        services.reserve("1")
        done.append(services.release)
        services.confirm_order("1")
    except BaseException:
        for undo in reversed(done):
            undo("1")
        services.cancel_order("1")


def no_note(journal, services):
    """The keys will do."""
    services.open_order("1")
    try:
        services.charge("1")
    except DeclinedError:
        services.cancel_order("1")
        return
    try:
        services.reserve("1")
    except OutOfStockError:
        services.refund("1")
        services.cancel_order("1")
        return
    services.confirm_order("1")


def note_too_late(journal, services):
    """When the money is back, write it down."""
    if "given up" not in journal:
        services.open_order("1")
        try:
            services.charge("1")
            services.reserve("1")
        except DeclinedError:
            services.cancel_order("1")
            return
        except OutOfStockError:
            services.refund("1")
            journal.write("given up")
        else:
            services.confirm_order("1")
            return
    services.cancel_order("1")


def leave_it_open(journal, services):
    """Without money or stock there is nothing to do."""
    services.open_order("1")
    try:
        services.charge("1")
        services.reserve("1")
    except DeclinedError:
        return
    except OutOfStockError:
        services.refund("1")
        return
    services.confirm_order("1")


def sell_nothing(journal, services):
    """Who does nothing leaves nothing behind."""
    services.open_order("1")
    services.cancel_order("1")


def forget_the_piece(journal, services):
    """Paid is sold."""
    services.open_order("1")
    try:
        services.charge("1")
    except DeclinedError:
        services.cancel_order("1")
        return
    services.confirm_order("1")


def no_errors(journal, services):
    """It will work."""
    services.open_order("1")
    services.charge("1")
    services.reserve("1")
    services.confirm_order("1")


WRONG = {
    "databases.choose_indexes": {
        "scan": [no_indexes, for_those_who_ask],
        "second_column": [one_column_each],
        "order": [range_first, column_further_back],
        "function": [plain_email],
        "too_many": [one_more_to_be_safe],
        "sql": [misspelled],
        "form": [one_text],
    },
    "databases.load_orders": {
        "n_plus_1": [one_by_one, names_one_by_one],
        "rows": [all_lines, all_of_the_customer],
        "limit_lines": [join_and_limit],
        "inner": [inner_join],
        "order": [by_id],
        "which": [the_oldest],
        "lines": [one_line_a_product, left_join_as_it_comes],
        "error": [two_orders_of_parameters, a_tuple_in_the_text],
        "kind": [dictionaries],
    },
    "databases.next_orders": {
        "again": [same_day_too, lower_numbers, from_the_top],
        "ends": [rest_of_the_day],
        "ties": [earlier_days],
        "others": [without_parentheses],
        "everything": [by_offset, all_and_cut],
        "queries": [fetch_the_last_again],
        "first": [oldest_first, sorted_by_day],
        "form": [only_the_ids],
        "error": [trust_in_a_pair],
    },
    "databases.checkout": {
        "no_refund": [hope],
        "no_release": [forget_the_shelf],
        "not_done": [undo_everything],
        "twice": [no_keys, note_after, refund_without_a_key],
        "skipped": [note_before],
        "forward": [no_note, note_too_late],
        "promised": [confirm_first],
        "swallowed": [catch_everything],
        "left_open": [leave_it_open],
        "nothing": [sell_nothing],
        "unpaid": [forget_the_piece],
        "error": [no_errors],
    },
}

MODEL = "databases.checkout"
DAYS = {
    "all is well": (1, True, False),
    "nothing is there": (0, True, False),
    "card declined": (1, False, False),
    "a piece comes in meanwhile": (0, True, True),
}
MODEL_HEADER = ("answer", *DAYS, "never any harm")
MODEL_SAYS = (
    "For each day: how the order ends without a crash, and after how many of the runs with one "
    "or two crashes something is wrong."
)


def model_row(checkout) -> tuple[str, ...]:
    """Crash a checkout everywhere on the four days, and write down what was left."""
    cells, good = [], True
    for stock, card_is_good, restock in DAYS.values():
        settings = {"stock": stock, "card_is_good": card_is_good, "restock": restock}
        calm = run_saga(checkout, **settings)
        lefts = crash_everywhere(checkout, twice=True, **settings)
        harmed = sum(bool(left.harm) or not left.has_ended for left in lefts)
        died = all(left.crashed_at for left in lefts)
        early = "confirm the order" in calm.calls and calm.order != "confirmed"
        sold = calm.order == "confirmed" or not (stock and card_is_good)
        cells.append(f"{calm.order}, {harmed:,} of {len(lefts):,}")
        good &= sold and died and not (harmed or calm.harm or early)
    return (*cells, "yes" if good else "no")
