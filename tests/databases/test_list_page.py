"""The list page: counted at the driver, the same page whatever the way, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.databases.data_loader import DataLoader
from helpers.databases.list_page import (
    WAYS,
    as_table,
    load_lazy,
    load_page,
    page_latency,
    query_count,
    waterfall_latency,
)
from helpers.databases.page_view import LENGTHS, rows_visited, spoken, view_page
from helpers.databases.plans import measure
from helpers.databases.query_counter import CountingConnection
from helpers.databases.shop_data import INDEXES, open_shop

# The connection that counts


def test_queries_rows_visits_and_time_are_added_up():
    shop = CountingConnection(open_shop(500, indexes=INDEXES), round_trip=0.01, visit_time=0.001)
    assert len(shop.execute("SELECT id FROM orders WHERE customer_id = ?", [1])) == 400
    assert shop.execute("SELECT id FROM orders WHERE id = ?", [3]) == [(3,)]
    assert (shop.queries, shop.rows, shop.visited) == (2, 401, 401)
    assert shop.elapsed == pytest.approx(2 * 0.01 + 401 * 0.001)
    assert [statement.visited for statement in shop.log] == [400, 1]
    shop.reset()
    assert (shop.queries, shop.elapsed) == (0, 0)


def test_it_can_write_between_two_reads():
    shop = CountingConnection(open_shop(500))
    count = "SELECT count(*) FROM orders"
    assert shop.execute(count) == [(500,)]
    assert shop.execute("INSERT INTO orders (customer_id, total) VALUES (?, ?)", [7, 1]) == []
    shop.execute("CREATE INDEX i ON orders (total)")
    assert shop.execute(count) == [(501,)]
    assert (shop.queries, shop.visited) == (4, 1001)
    shop.close()
    assert shop.connection.execute("SELECT * FROM temp.sqlite_schema").fetchall() == []


def test_two_counters_on_one_shop_do_not_disturb_each_other():
    shop = open_shop(500)
    one, other = CountingConnection(shop), CountingConnection(shop)
    for counting in (one, other, one):
        counting.execute("SELECT * FROM orders")
    assert measure(shop, "SELECT * FROM orders").total == 500
    one.execute("SELECT * FROM orders")
    assert (one.visited, other.visited) == (1500, 500)


def test_two_connections_to_one_shop_count_apart():
    shop = open_shop(500)
    for _ in range(2):
        counting = CountingConnection(shop)
        counting.execute("SELECT * FROM orders")
        counting.close()
        assert counting.visited == 500


@pytest.mark.parametrize("name", ["round_trip", "visit_time"])
def test_a_time_below_zero_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be a finite number of at least 0, got -1"):
        CountingConnection(open_shop(), **{name: -1})


# The data loader


def test_keys_of_one_tick_are_fetched_together_once_each_and_remembered():
    asked = []

    def fetch(keys):
        asked.append(list(keys))
        return {key: key * 10 for key in keys if key != 3}

    loader = DataLoader(fetch)
    promises = [loader.load(key) for key in (1, 2, 1, 3)]
    assert asked == []
    assert [promise.get() for promise in promises] == [10, 20, 10, None]
    assert loader.load(2).get() == 20
    assert loader.load(4).get() == 40
    assert asked == [[1, 2, 3], [4]]
    assert loader.batches == 2


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(1, 7))
def test_no_key_is_fetched_twice_and_no_batch_is_too_large(keys, most):
    asked = []
    loader = DataLoader(lambda batch: asked.append(list(batch)) or dict.fromkeys(batch, 1), most)
    promises = [loader.load(key) for key in keys]
    assert all(promise.get() == 1 for promise in promises)
    flat = [key for batch in asked for key in batch]
    assert sorted(flat) == sorted(set(keys))
    assert all(len(batch) <= most for batch in asked)
    assert len(asked) == -(-len(set(keys)) // most)


def test_a_loader_needs_room_for_a_key():
    with pytest.raises(ValueError, match="most must be a whole number of at least 1, got 0"):
        DataLoader(dict, 0)


# The page


@pytest.mark.parametrize("indexes", [True, False])
@pytest.mark.parametrize("length", [1, 7, 400])
def test_all_ways_show_the_same_page(length, indexes):
    pages = [load_page(way, length, indexes=indexes).page for way in WAYS]
    assert pages[0] == pages[1] == pages[2]
    assert len(pages[0]) == length
    days = [(entry.day, entry.order) for entry in pages[0]]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("length", [1, 50, 400])
@pytest.mark.parametrize("indexes", [True, False])
def test_queries_and_visited_rows_follow_the_law(way, length, indexes):
    load = load_page(way, length, indexes=indexes)
    assert load.queries == query_count(way, length)
    law = float(rows_visited(way, length, indexes=indexes))
    assert load.visited == pytest.approx(law, rel=0.05)  # 2.5 lines are the mean
    assert load.latency == pytest.approx(float(page_latency(load.queries, visited=load.visited)))


def test_a_small_page_worked_out_by_hand():
    load = load_page("lazy", 2, round_trip=0.01)
    shown = sum(len(entry.lines) for entry in load.page)
    assert load.queries == 3
    assert load.rows == 2 + shown
    assert load.visited == 400 + 2 * shown  # the customer's orders, lines and their products


def test_an_index_in_the_order_of_the_page_visits_only_what_it_shows():
    shop = open_shop(indexes=["lines_by_order"])
    shop.execute("CREATE INDEX newest ON orders (customer_id, day DESC, id DESC)")
    load = load_page("batched", 20, connection=CountingConnection(shop))
    assert load.visited == 20 + 2 * sum(len(entry.lines) for entry in load.page)


def test_a_way_of_ones_own_is_counted_the_same():
    def twice(connection, customer, length):
        load_lazy(connection, customer, length)
        return load_lazy(connection, customer, length)

    load = load_page(twice, 10)
    assert (load.way, load.queries) == ("twice", 22)


def test_an_order_without_lines_is_shown_by_all_ways():
    shop = open_shop(indexes=INDEXES)
    shop.execute("INSERT INTO orders VALUES (99999, 1, 999, 'open', 0)")
    for way in WAYS:
        load = load_page(way, 3, connection=CountingConnection(shop))
        assert (load.page[0].order, load.page[0].lines) == (99999, ())


def test_a_table_of_loads_has_a_row_for_each():
    table = as_table([load_page(way, 5) for way in WAYS])
    assert table["way"] == list(WAYS)
    assert table["queries"] == [6, 1, 2]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"way": "eager"}, "way must be one of lazy, joined, batched or a function, got 'eager'"),
        ({"way": "lazy", "length": 0}, "length must be a whole number of at least 1, got 0"),
    ],
)
def test_a_page_that_cannot_be_loaded_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        load_page(**values)


# Formulas


def test_the_incident_takes_four_seconds():
    assert float(page_latency(query_count("lazy", 400), 0.01)) == pytest.approx(4.01)


def test_a_waterfall_by_hand():
    # 12 rows, 100 ms: one by one 13 trips; six at a time 1 + 2; all at once 1 + 1
    times = [float(waterfall_latency(12, 0.1, at_once=n)) for n in (1, 6, None)]
    assert times == pytest.approx([1.3, 0.3, 0.2])
    assert float(waterfall_latency(0, 0.1)) == pytest.approx(0.1)


def test_all_at_once_waits_for_a_server_that_answers_one_after_the_other():
    assert float(waterfall_latency(100, 0.1, at_once=None, answer_time=0.02)) == pytest.approx(
        0.12 + 0.1 + 100 * 0.02
    )


@given(st.integers(0, 500), st.integers(1, 20), st.floats(0, 1), st.floats(0, 0.1))
def test_more_requests_at_a_time_are_never_slower(rows, at_once, round_trip, answer_time):
    slow, quick, quickest = (
        float(waterfall_latency(rows, round_trip, at_once=n, answer_time=answer_time))
        for n in (at_once, at_once + 1, None)
    )
    assert slow >= quick - 1e-12 >= quickest - 2e-12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: query_count("lazy", 0), "length must be finite and at least 1, got 0"),
        (lambda: query_count("eager", 1), "way must be one of"),
        (lambda: page_latency(1, -1), "round_trip must be"),
        (lambda: page_latency(1, visit_time=-1), "visit_time must be"),
        (lambda: waterfall_latency(-1, 0.1), "rows must be finite and at least 0, got -1"),
        (lambda: waterfall_latency(1, 0.1, at_once=0), "at_once must be"),
        (lambda: waterfall_latency(1, -0.1), "round_trip must be"),
        (lambda: waterfall_latency(1, 0.1, answer_time=-1), "answer_time must be"),
        (lambda: rows_visited("lazy", 401), "length must lie between 1 and 400, got 401"),
        (lambda: rows_visited("lazy", 1, orders=399), "orders must be a finite number of at least"),
        (lambda: rows_visited("eager", 1), "way must be one of"),
        (lambda: view_page("lazy", 1, -1, 2000, True), "round_trip must be"),
    ],
)
def test_bad_numbers_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# What the explorer shows


def test_a_view_is_on_its_own_curve():
    for way in WAYS:
        view = view_page(way, int(LENGTHS[-1]), 0.002, 5_000, False)
        assert view.latency == pytest.approx(view.curves[way][-1])
        assert view.latency == pytest.approx(view.others[way])


@pytest.mark.parametrize("way", WAYS)
def test_indexes_never_make_the_page_slower_and_length_never_quicker(way):
    on, off = (view_page(way, 50, 0.001, 10_000, indexes) for indexes in (True, False))
    assert on.latency < off.latency
    assert (np.diff(off.curves[way]) >= 0).all()


def test_times_are_spoken_in_their_unit():
    assert [spoken(t) for t in (0.0000213, 0.5, 1.0, 59.94, 61)] == [
        *("0.0213 ms", "500 ms", "1 s", "59.9 s", "1.02 min"),
    ]


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf")])
def test_counts_that_cannot_be_are_refused(wrong):
    for name, ask in (
        ("queries", lambda: page_latency(wrong)),
        ("visited", lambda: page_latency(1, visited=[0, wrong])),
        ("length", lambda: query_count("lazy", wrong)),
        ("rows", lambda: waterfall_latency(wrong, 0.1)),
    ):
        with pytest.raises(ValueError, match=f"{name} must be finite and at least"):
            ask()
