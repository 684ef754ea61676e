"""The lab's demands are fair: other right answers pass, and near misses do not."""

import inspect
import itertools

import pytest

from helpers.checks import TODO
from helpers.checks.labs import judge_function
from helpers.databases import lab, lab_pictures
from helpers.databases.lab import CHECKS
from helpers.databases.lab_tasks import (
    QUERIES,
    load_reference,
    newest_first,
    open_lab_shop,
    run_walk,
)
from helpers.databases.saga import DeclinedError, OutOfStockError, crash_everywhere
from tools import lab_table

WRONG = lab_table.load_wrong_answers("databases")
ANSWERS = lab_table.load_answers(lab_table.find_lab("databases"))


def judge(name, answer):
    return judge_function(f"databases.{name}", CHECKS[f"databases.{name}"], answer)


@pytest.mark.parametrize("question", CHECKS)
def test_no_hint_is_there_that_nothing_leads_to(question):
    code = inspect.getsource(lab).partition("CHOOSE_INDEXES = Check")[0]
    led_to = {name for name in CHECKS[question].hints if f'"{name}"' in code}
    assert set(CHECKS[question].hints) - led_to <= {"error", "kind"}


@pytest.mark.parametrize("question", CHECKS)
def test_every_hint_is_given_to_somebody(question):
    given = set(WRONG.WRONG[question])
    assert set(CHECKS[question].hints) - given <= {"kind", "visited", "no_end"}


# Other right answers, which travel to a process of their own with what they use from here

NEWEST = "SELECT id, day, total FROM orders WHERE customer_id = ? ORDER BY day DESC, {} LIMIT ?"


def walked(connection, customer, after, length, condition):
    """Ask for a page with one more condition."""
    return connection.execute(
        "SELECT id, day, total FROM orders WHERE customer_id = ? "
        f"{'' if after is None else f'AND {condition}'} ORDER BY day DESC, id DESC LIMIT ?",
        [customer, *(after or ()), length],
    )


def in_lists(connection, orders, columns="p.name, l.quantity"):
    """Fetch the lines of all orders at once."""
    ids = [order[0] for order in orders]
    rows = connection.execute(
        f"SELECT l.order_id, {columns} FROM order_line l JOIN product p ON p.id = l.product_id "
        f"WHERE l.order_id IN ({', '.join('?' * len(ids))})",
        ids,
    )
    found = {number: [] for number in ids}
    for number, *line in rows:
        found[number].append(line)
    return found


def more_columns():
    return [
        "orders (customer_id, day, id, total)",
        "order_line (order_id, product_id)",
        "orders (day) WHERE status = 'open'",
        "customer (lower(email), name)",
    ]


def in_one_query(connection, customer, length):
    found = {}
    rows = connection.execute(
        "SELECT o.id, o.day, o.total, p.name, l.quantity FROM (SELECT * FROM orders WHERE "
        "customer_id = ? ORDER BY day DESC, id DESC LIMIT ?) o "
        "LEFT JOIN order_line l ON l.order_id = o.id LEFT JOIN product p ON p.id = l.product_id "
        "ORDER BY o.day DESC, o.id DESC",
        [customer, length],
    )
    for number, day, total, name, quantity in rows:
        lines = found.setdefault(number, [number, day, total, []])[3]
        lines += [[name, quantity]] if name is not None else []
    return list(found.values())


def in_three_queries(connection, customer, length):
    orders = connection.execute(NEWEST.format("id DESC"), [customer, length])
    lines = in_lists(connection, orders, "p.id, l.quantity")
    products = sorted({product for these in lines.values() for product, _ in these})
    marks = ", ".join("?" * len(products))
    ask = f"SELECT id, name FROM product WHERE id IN ({marks})"
    names = dict(connection.execute(ask, products))
    return [(*o, [(names[p], quantity) for p, quantity in lines[o[0]]]) for o in orders]


def by_day_and_then_id(connection, customer, after, length):
    mark = after and (after[0], *after)
    return walked(connection, customer, mark, length, "day <= ? AND (day < ? OR id < ?)")


def piece_first(journal, services):
    services.open_order("1")
    try:
        services.reserve("1")
        services.charge("1")
    except OutOfStockError:
        services.cancel_order("1")
    except DeclinedError:
        services.release("1")
        services.cancel_order("1")
    else:
        services.confirm_order("1")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("choose_indexes", more_columns),
        ("load_orders", in_one_query),
        ("load_orders", in_three_queries),
        ("next_orders", by_day_and_then_id),
        ("checkout", piece_first),
    ],
)
def test_other_right_answers_pass(name, answer):
    assert judge(name, answer).passed, str(judge(name, answer))


# Near misses


def with_or(connection, customer, after, length):
    mark = after and (after[0], *after)
    return walked(connection, customer, mark, length, "(day < ? OR (day = ? AND id < ?))")


def mark_turned_around(connection, customer, after, length):
    return walked(connection, customer, after and after[::-1], length, "(day, id) < (?, ?)")


def by_day_alone(connection, customer, length):
    orders = connection.execute(NEWEST.format("id"), [customer, length])
    lines = in_lists(connection, orders)
    return [(*order, lines[order[0]]) for order in orders]


def a_new_key_each_time(journal, services):
    keys = itertools.count(len(journal.lines))
    journal.write("another start")
    services.open_order("1")
    try:
        services.charge(f"charge {next(keys)}")
        services.reserve("1")
    except DeclinedError:
        services.cancel_order("1")
    except OutOfStockError:
        services.refund("1")
        services.cancel_order("1")
    else:
        services.confirm_order("1")


@pytest.mark.parametrize(
    ("name", "mistakes", "answer"),
    [
        ("next_orders", {"everything"}, with_or),
        ("load_orders", {"order", "which"}, by_day_alone),
        ("checkout", {"twice"}, a_new_key_each_time),
        ("next_orders", {"again"}, mark_turned_around),
        ("choose_indexes", {"too_many"}, lambda: [*more_columns(), "product (brand_id)"]),
    ],
)
def test_a_near_miss_is_found_with_its_hint(name, mistakes, answer):
    verdict = judge(name, answer)
    assert verdict.tone == "wrong", str(verdict)
    assert verdict.mistake in mistakes, str(verdict)
    assert ("hint", CHECKS[f"databases.{name}"].hints[verdict.mistake]) in verdict.rows


# The shop of the lab


def test_the_shop_has_what_a_small_test_shop_hides():
    shop = open_lab_shop()
    orders = newest_first(shop, 1)
    days = [day for _, day, _ in orders]
    assert len(orders) == 400
    assert len({*days}) < len(days)
    assert [order[0] for order in orders] != sorted((order[0] for order in orders), reverse=True)
    assert any(not lines for *_, lines in load_reference(shop, 1, 50))
    assert newest_first(shop, 9_999) == []


def test_a_product_stands_twice_in_some_order_of_the_second_case():
    page = load_reference(open_lab_shop(), 1, 400)
    names = [[name for name, _ in lines] for *_, lines in page]
    assert any(len({*these}) < len(these) for these in names)


def test_each_query_of_the_first_question_returns_something_in_both_shops():
    for case in CHECKS["databases.choose_indexes"].cases:
        shop = open_lab_shop(*case.args)
        for asked in QUERIES:
            for what in (asked.parameters, asked.others):
                assert shop.execute(asked.sql, what).fetchall(), (asked.name, what)


def test_a_walk_through_a_list_holds_all_orders_but_the_one_that_came_in_meanwhile():
    case = CHECKS["databases.next_orders"].cases[0]
    walked = run_walk(ANSWERS["next_orders"], case)
    shown = [row for page in walked.pages for row in page.page]
    assert shown == newest_first(open_lab_shop(), 1)
    assert {page.queries for page in walked.pages} == {1}


def test_a_checkout_without_a_journal_is_well_until_a_piece_comes_in():
    calm = crash_everywhere(WRONG.no_note, stock=0, twice=True)
    meanwhile = crash_everywhere(WRONG.no_note, stock=0, restock=True, twice=True)
    assert not any(left.harm for left in calm)
    assert {left.harm for left in meanwhile} == {"", "confirmed, but not paid and reserved"}


# The pictures


def test_pictures_say_what_they_show():
    page = lab_pictures.show_page(ANSWERS["load_orders"])
    assert page.alt.startswith("Your page: 400 orders in 20.5 ms.")
    checkout = lab_pictures.show_checkout(ANSWERS["checkout"])
    assert "yours 0 of 12" in checkout.alt


def test_a_picture_does_without_an_answer_that_is_todo_or_fails_and_says_why(capsys):
    def todo(*_):
        return TODO

    def rests_on_todo(*_):
        return TODO + 1

    for unfinished in (todo, rests_on_todo):
        assert "A query for each row: 400" in lab_pictures.show_page(unfinished).alt
        assert "yours" not in lab_pictures.show_checkout(unfinished).alt
        assert capsys.readouterr().out.count("is TODO") == 2
    assert "yours" not in lab_pictures.show_checkout(WRONG.no_errors).alt
    assert "checkout raises OutOfStockError: none is left" in capsys.readouterr().out
