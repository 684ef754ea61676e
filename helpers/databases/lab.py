"""The lab "Make the page fast": what each answer has to do, and a hint for what people get wrong.

`lab_tasks` runs an answer and counts; here the counts meet their budgets.
"""

from collections.abc import Sequence
from typing import Any

from helpers.checks import Case, Check, Mistake
from helpers.databases.lab_tasks import (
    BY_TOTAL,
    MOST_PAGES,
    NEWCOMER,
    is_list_of_orders,
    load_reference,
    newest_first,
    open_lab_shop,
)

MOST_INDEXES = 4
SPARE_VISITS = 8
"""Rows that a query may look at beyond those that it returns."""
MOST_QUERIES = 3


# 1: indexes


def judge_indexes(report: Any, case: Case) -> Mistake | None:
    """Say which query still looks at too much, and why."""
    if not report.seen and not report.refused:
        says = 'The answer must be a list of texts such as "orders (customer_id)".'
        return Mistake("form", says)
    if report.refused:
        return Mistake("sql", f"The database refused: {report.refused}.")
    for seen in report.seen:
        if seen.visited > seen.returned + SPARE_VISITS:
            says = (
                f"“{seen.name}”: {seen.visited:,} rows visited for {seen.returned} returned, by "
                f"“{seen.plan}”."
            )
            return Mistake(why_visited(seen, report.indexes), says)
    if len(report.indexes) > MOST_INDEXES:
        return Mistake("too_many", f"There are {len(report.indexes)} indexes.")
    return None


def why_visited(seen: Any, indexes: Sequence[str]) -> str:
    """Name the mistake behind a query that looks at too many rows."""
    if seen.name == "a customer by e-mail":
        return "function" if any("email" in text for text in indexes) else "scan"
    if seen.kind == "scan" and seen.index is None:
        return "order" if has_further_back(seen, indexes) else "scan"
    if seen.kind == "scan" or seen.terms.startswith("day"):
        return "order"
    return "second_column"


def has_further_back(seen: Any, indexes: Sequence[str]) -> bool:
    """Tell whether an index has the column that a query compares, but not as its first."""
    for text in indexes:
        table, _, columns = text.partition(")")[0].partition("(")
        first, *further = [column.strip().split(" ")[0] for column in columns.split(",")]
        if table.strip() == seen.table and first != seen.column and seen.column in further:
            return True
    return False


# 2: one page


def judge_load(report: Any, case: Case) -> Mistake | None:
    """Compare the page with the right one, then its cost with the budget."""
    orders, seed, customer, length, *_ = case.args
    if not all(is_entry(order) for order in report.page):
        return Mistake("kind", f"On the page is {report.page[0]!r}.")
    expected = load_reference(open_lab_shop(orders, seed), customer, length)
    page = [(number, day, total, list(lines)) for number, day, total, lines in report.page]
    wrong = find_wrong_order(page, expected) or find_wrong_lines(page, expected)
    if wrong:
        return wrong
    lines = sum(len(order[3]) for order in expected)
    needed = len(expected) + 2 * lines
    if report.queries > MOST_QUERIES:
        says = f"{report.queries:,} queries for {len(expected):,} orders (at most {MOST_QUERIES})."
        return Mistake("n_plus_1", says)
    if report.rows > needed + SPARE_VISITS:
        says = f"{report.rows:,} rows came over the wire; the page shows {needed - lines:,}."
        return Mistake("rows", says)
    if report.visited > 2 * needed + SPARE_VISITS:
        says = f"The database looked at {report.visited:,} rows; {2 * needed:,} are plenty."
        return Mistake("visited", says)
    return None


def is_entry(order: Any) -> bool:
    """Tell whether an order of the page is (id, day, total, lines)."""
    return isinstance(order, list | tuple) and len(order) == 4


def find_wrong_order(page: list[Any], expected: list[Any]) -> Mistake | None:
    """Say which orders are missing, too many, or in the wrong place."""
    numbers, wanted = [order[0] for order in page], [order[0] for order in expected]
    if [order[:3] for order in page] == [order[:3] for order in expected]:
        return None
    counts = f"{len(numbers):,} orders came back, {len(wanted):,} are asked for"
    others = [number for number in numbers if number not in wanted]
    says = f"{counts}; order {others[0]} does not belong there." if others else f"{counts}."
    if len(numbers) < len(wanted) and numbers == wanted[: len(numbers)]:
        return Mistake("limit_lines", says)
    empty = {order[0] for order in expected if not order[3]}
    full = [number for number in wanted if number not in empty]
    if empty and numbers[: len(full)] == full:
        return Mistake("inner", f"Order {min(empty)} has no lines, and is not on the page.")
    if sorted(numbers) == sorted(wanted):
        return Mistake("order", "The orders are right, their order or their columns are not.")
    return Mistake("which", says)


def find_wrong_lines(page: list[Any], expected: list[Any]) -> Mistake | None:
    """Say which order has lines that it should not have, or lacks some."""
    for (number, *_, lines), (*_, wanted) in zip(page, expected, strict=True):
        if sorted(map(tuple, lines)) != sorted(wanted):
            says = f"Order {number} has the lines {wanted}; yours are {lines}."
            return Mistake("lines", says)
    return None


# 3: the next page


def judge_walk(report: Any, case: Case) -> Mistake | None:
    """Look for orders that are missing or come twice, then at the cost of each page."""
    orders, seed, customer, length, *_ = case.args
    if not all(is_list_of_orders(one.page) for one in report.pages):
        return Mistake("form", "Each page must be a list of (id, day, total).")
    wanted = newest_first(open_lab_shop(orders, seed), customer)
    shown = [tuple(row) for one in report.pages for row in one.page]
    if shown[:length] != wanted[:length]:
        return Mistake("first", "The first page, with `after` None, is not the newest orders.")
    numbers = [[row[0] for row in one.page] for one in report.pages]
    if late := [place for place, page in enumerate(numbers, start=1) if NEWCOMER in page]:
        says = f"Page {late[0]} shows an order that came in after page 2: it began at the top."
        return Mistake("again", says)
    if foreign := [row for row in shown if row not in wanted]:
        return Mistake("others", f"Order {foreign[0][0]} is not one of this customer's orders.")
    if len(report.pages) >= MOST_PAGES or len({*shown}) < len(shown):
        twice = next(row for row in shown if shown.count(row) > 1)
        return Mistake("again", f"Order {twice[0]} of day {twice[1]} is on two pages.")
    if shown == wanted[: len(shown)] != wanted:
        says = f"The list ended after {len(shown):,} of {len(wanted):,} orders."
        return Mistake("ends", says)
    if missing := [row for row in wanted if row not in shown]:
        says = f"Order {missing[0][0]} of day {missing[0][1]} is on no page."
        return Mistake("ties", says)
    if shown != wanted:
        return Mistake("first", "The pages hold the right orders, in the wrong order.")
    for number, one in enumerate(report.pages, start=1):
        if one.queries > 1:
            return Mistake("queries", f"Page {number} took {one.queries} queries.")
        if one.rows > length:
            return Mistake("everything", f"For page {number}, {one.rows:,} rows were sent.")
        if one.visited > length + 2 * SPARE_VISITS:
            says = f"For page {number}, {one.visited:,} rows were visited."
            return Mistake("everything", says)
    return None


# 4: the checkout

HARMS = {
    "paid, but no piece is reserved": "no_refund",
    "canceled, but paid": "no_refund",
    "canceled, but a piece is still reserved": "no_release",
    "refunded more than was paid": "not_done",
    "released what was never reserved": "not_done",
    "left open": "left_open",
}
AFTER_A_CRASH = {
    "charged twice": "twice",
    "reserved twice": "twice",
    "paid, but no piece is reserved": "skipped",
    "confirmed, but not paid and reserved": "skipped",
}
TWICE = {
    "refunded more than was paid": "refund the card",
    "released what was never reserved": "release the piece",
}


def judge_checkout(report: Any, case: Case) -> Mistake | None:
    """Judge the quiet run first, then the first crash after which something is wrong."""
    stock, card_is_good, restock = case.args
    calm, harmed = report.calm, report.harmed
    if stock and card_is_good and calm.harm not in ("", "left open"):
        return Mistake("unpaid", f"Without any crash: {calm.harm}.")
    if calm.harm:
        return Mistake(HARMS.get(calm.harm, "skipped"), f"Without any crash: {calm.harm}.")
    if stock and card_is_good and calm.order != "confirmed":
        return Mistake("nothing", "The card is good and a piece is there; nothing was sold.")
    if is_promised_early(calm):
        return Mistake("promised", f"The calls were: {', '.join(calm.calls)}.")
    if report.swallowed:
        return Mistake("swallowed", f"The process died ({report.swallowed}), and went on.")
    if harmed is None:
        return None
    says = f"Crashed {' and '.join(harmed.crashed_at)}; afterwards: {harmed.harm or 'no end'}."
    if harmed.calls.count(TWICE.get(harmed.harm)) > 1:
        return Mistake("twice", says)
    if restock and harmed.harm.startswith("confirmed"):
        return Mistake("forward", says)
    name = AFTER_A_CRASH.get(harmed.harm) or HARMS.get(harmed.harm, "no_end")
    return Mistake(name, says)


def is_promised_early(run: Any) -> bool:
    """Tell whether the order was confirmed before all was done, or although it failed."""
    calls = list(run.calls)
    if "confirm the order" not in calls:
        return False
    done = calls[: calls.index("confirm the order")]
    return run.order != "confirmed" or not {"charge the card", "reserve a piece"} <= {*done}


CHOOSE_INDEXES = Check(
    run="helpers.databases.lab_tasks:run_indexes",
    judge=judge_indexes,
    deadline=20.0,
    cases=(
        Case((2_000, 0), label="2,000 orders"),
        Case((20_000, 4), label="20,000 orders, of others"),
    ),
    hints={
        "form": 'Give a list of texts: the table, then its columns in parentheses, as in "orders '
        '(customer_id)".',
        "sql": "Each text stands behind CREATE INDEX … ON: a table and its columns, in "
        "parentheses.",
        "scan": "No index helps this query: the database reads the whole table. Index the column "
        "that it asks for.",
        "second_column": "The index finds the rows, and then all of them are looked at. Give it "
        "the second column that the query needs: what it sorts by, or the range.",
        "order": "An index is sorted by its first column first. The column that is compared by = "
        "comes first, then the range or the order.",
        "function": "The index holds e-mail addresses, and the query asks for lower(email). An "
        "index on what is asked for is written with it: customer (lower(email)).",
        "too_many": f"At most {MOST_INDEXES}: every write keeps each of them up to date. An index "
        "on two columns also serves those who ask for the first alone.",
    },
    shows="Four indexes, and each query looks at hardly more rows than it returns, in a shop of "
    "any size.",
)

LOAD_ORDERS = Check(
    run="helpers.databases.lab_tasks:run_load",
    judge=judge_load,
    deadline=20.0,
    may_change_inputs=True,
    cases=(
        Case((2_000, 0, 1, 50), label="the loyal customer's newest 50"),
        Case((2_000, 0, 1, 400), label="all of the loyal customer's 400"),
        Case((2_000, 0, 1, 1), label="a page of one order"),
        Case((2_000, 5, 7, 50), label="a customer with fewer orders than fit the page"),
        Case((2_000, 0, 9_999, 50), label="a customer who has never bought"),
        Case((6_000, 8, 1, 120, BY_TOTAL), label="a larger shop, with another index on orders"),
    ),
    hints={
        "kind": "Give a list of (id, day, total, lines), where lines is a list of (name, "
        "quantity).",
        "n_plus_1": "That is one query for the list and one more for each row. Collect the ids, "
        "and ask for all their lines at once: WHERE order_id IN (?, ?, …).",
        "rows": "More was fetched than is shown. Say in the query which orders you mean; sorting "
        "out in Python comes too late, as the rows have traveled by then.",
        "visited": "More was looked at than is shown. Ask by the columns that have an index, and "
        "limit the orders before you join.",
        "limit_lines": "Orders are missing at the end. LIMIT counts rows, and after a join each "
        "line is a row: limit the orders first, in a query of their own.",
        "inner": "An inner join drops the order that has no lines. Use a LEFT JOIN, or put the "
        "lines to the orders in Python.",
        "order": "Newest first: ORDER BY day DESC, and where the day is the same, id DESC.",
        "which": "Only this customer's orders, the newest `length` of them.",
        "lines": "All lines of an order belong to it as (name, quantity), also two of the same "
        "product. An order without lines has an empty list; a LEFT JOIN gives (None, None) there.",
        "error": "connection.execute(sql, parameters) gives a list of rows; there is one ? for "
        "each parameter. There may be no order, or one, and an order may have no lines.",
    },
    shows="Two queries or one, whether the page has five orders or four hundred.",
)

NEXT_ORDERS = Check(
    run="helpers.databases.lab_tasks:run_walk",
    judge=judge_walk,
    deadline=20.0,
    may_change_inputs=True,
    cases=(
        Case((2_000, 0, 1, 20), label="20 pages of 20"),
        Case((2_000, 6, 1, 37, BY_TOTAL), label="another shop, pages of 37, and another index"),
        Case((2_000, 0, 5, 20), label="a customer with one page"),
    ),
    hints={
        "form": "Give a list of (id, day, total), as the database gives it.",
        "first": "With `after` None there is no condition but the customer; ORDER BY day DESC, id "
        "DESC.",
        "again": "Ask for what comes strictly after the last order shown; the mark is (day, id), "
        "in that order. A position counted from the top shifts as soon as a new order comes in.",
        "others": "These are other people's orders: each page has to name the customer. And AND "
        "binds closer than OR: put the condition on the mark in parentheses, or compare the pair: "
        "(day, id) < (?, ?).",
        "ends": "A page that is not the last has `length` orders. The list falls, so what comes "
        "after the mark is smaller: (day, id) < (?, ?).",
        "ties": "Several orders have the same day, and some of them fell between two pages. "
        "Compare the pair: (day, id) < (?, ?).",
        "queries": "One query is enough: it has the last order's day and id already.",
        "everything": "The next page must not cost more the further down it is. Let the index "
        "begin where the last page ended: (day, id) < (?, ?), with a LIMIT.",
        "error": "`after` is None, or the pair (day, id) of the last order shown.",
    },
    shows="Page 20 costs what page 1 costs, and a new order shifts nothing.",
)

CHECKOUT = Check(
    run="helpers.databases.lab_tasks:run_checkout",
    judge=judge_checkout,
    deadline=30.0,
    cases=(
        Case((1, True, False), label="the card is good, one piece is there"),
        Case((0, True, False), label="the card is good, nothing is there"),
        Case((1, False, False), label="the card is declined"),
        Case((0, True, True), label="nothing is there; while you are down, a piece comes in"),
    ),
    hints={
        "nothing": "When all goes well, the order must end as confirmed.",
        "unpaid": "An order is sold when it was charged once and one piece is reserved. Call each "
        "of the two once, and confirm last.",
        "no_refund": "The money was taken and there is nothing to send: `refund` what was charged "
        "before you give up.",
        "no_release": "The piece that was set aside must go back on the shelf: `release` it.",
        "not_done": "Only what was done may be undone: no refund for a card that was declined, no "
        "release of what was never reserved.",
        "left_open": "An order must end: `confirm_order` or `cancel_order`.",
        "promised": "Confirm last: after it nothing may fail any more, for the customer has been "
        "told.",
        "twice": "A call was made, the process died, and the call was made again. A note in the "
        "journal cannot prevent that, as the crash may fall between the two. Give every call a "
        "key that is the same after a restart, and it counts once.",
        "skipped": "The journal said that a step was done, and it was not: the crash fell between "
        "the note and the call. Do not skip; call again, with the same key.",
        "forward": "You had turned back and given the money back; then the process died, was "
        "started again, found a piece, and went forward. Before you undo anything, write into the "
        "journal that you turn back, and look there first.",
        "swallowed": "`except:` and `except BaseException` catch the crash itself, and a dead "
        "process does nothing any more; `finally` runs after it, too. Catch DeclinedError and "
        "OutOfStockError.",
        "no_end": "Started again, the checkout did not come to its end.",
        "error": "`charge` may raise DeclinedError and `reserve` OutOfStockError: catch both.",
    },
    shows="Wherever it crashes, and if it crashes again while it recovers: sold and paid, or "
    "nothing is left.",
)

CHECKS = {
    "databases.choose_indexes": CHOOSE_INDEXES,
    "databases.load_orders": LOAD_ORDERS,
    "databases.next_orders": NEXT_ORDERS,
    "databases.checkout": CHECKOUT,
}
