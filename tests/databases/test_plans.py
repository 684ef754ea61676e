"""Plans and visited rows: SQLite's words understood, its rows counted one by one."""

import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.databases.btree import (
    Tree,
    count_comparisons,
    depth_by_formula,
    tree_of,
    visited_against_size,
)
from helpers.databases.plans import (
    explain,
    is_query,
    measure,
    read_postgres_plan,
    read_sqlite_plan,
    visited_by_postgres,
)
from helpers.databases.query_counter import CountingConnection
from helpers.databases.shop_data import INDEXES, add_index, open_shop, shop_rows
from helpers.databases.unused_indexes import break_even, status_by_index, try_reasons
from helpers.databases.visits import counting_visits


@pytest.fixture
def small():
    """Ten rows a, with b = a % 3, and a second table that names them."""
    link = sqlite3.connect(":memory:", isolation_level=None)
    link.execute("PRAGMA automatic_index = OFF")
    link.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER, c TEXT)")
    link.executemany("INSERT INTO t VALUES (?, ?, ?)", [(i, i % 3, f"c{i}") for i in range(10)])
    link.execute("CREATE TABLE u (a INTEGER, d INTEGER)")
    link.executemany("INSERT INTO u VALUES (?, ?)", [(i % 5, i) for i in range(20)])
    yield link
    link.close()


# What a query visits, worked out by hand


@pytest.mark.parametrize(
    ("sql", "visited", "returned"),
    [
        ("SELECT * FROM t WHERE b = 1", {"t": 10}, 3),
        ("SELECT * FROM t WHERE a = 4", {"t": 1}, 1),
        ("SELECT * FROM t WHERE a = 99", {}, 0),
        ("SELECT * FROM t WHERE a > 6", {"t": 3}, 3),
        ("SELECT * FROM t WHERE a > 6 AND b = 1", {"t": 3}, 1),
        ("SELECT count(*) FROM t", {"t": 10}, 1),
        ("SELECT * FROM t ORDER BY a LIMIT 2", {"t": 2}, 2),
        ("SELECT * FROM t ORDER BY b LIMIT 2", {"t": 10}, 2),
        ("SELECT max(a) FROM t", {"t": 1}, 1),
        ("SELECT * FROM u JOIN t ON t.a = u.a", {"u": 20, "t": 20}, 20),
        ("SELECT * FROM t LEFT JOIN u ON u.a = t.a WHERE t.a < 2", {"t": 2, "u": 40}, 8),
        ("SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a) FROM t", {"t": 10, "u": 200}, 10),
        ("SELECT * FROM t WHERE a IN (1, 2, 77)", {"t": 2}, 2),
        ("SELECT a FROM t WHERE a = 1 UNION ALL SELECT a FROM u", {"t": 1, "u": 20}, 21),
        ("WITH x AS (SELECT * FROM t) SELECT * FROM x WHERE b = 0", {"t": 10}, 4),
        ("SELECT 1", {}, 1),
    ],
)
def test_rows_are_counted_as_they_are_looked_at(small, sql, visited, returned):
    measured = measure(small, sql)
    assert measured.visited == visited
    assert (measured.returned, measured.total) == (returned, sum(visited.values()))
    assert measured.is_exact


def test_an_index_visits_what_it_finds_and_a_covering_one_does_not_open_the_table(small):
    small.execute("CREATE INDEX by_b ON t (b)")
    found = measure(small, "SELECT c FROM t WHERE b = 1")
    assert (found.visited, found.plan.indexes, found.plan.is_covering) == (
        {"t": 3},
        ("by_b",),
        False,
    )
    assert measure(small, "SELECT a, b FROM t WHERE b = 1").plan.is_covering


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    value=st.integers(0, 5),
    indexed=st.booleans(),
)
def test_a_scan_visits_every_row_and_a_search_those_that_match(rows, value, indexed):
    link = sqlite3.connect(":memory:")
    link.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
    link.executemany("INSERT INTO t (b) VALUES (?)", [(row,) for row in rows])
    if indexed:
        link.execute("CREATE INDEX i ON t (b)")
    measured = measure(link, "SELECT * FROM t WHERE b = ?", [value])
    link.close()
    assert measured.returned == rows.count(value)
    assert measured.total == (rows.count(value) if indexed else len(rows))


def test_counting_leaves_nothing_behind_and_changes_no_answer(small):
    before = small.execute("SELECT * FROM t ORDER BY a").fetchall()
    assert measure(small, "SELECT * FROM t ORDER BY a").rows == before
    assert small.execute("SELECT * FROM temp.sqlite_schema").fetchall() == []
    small.execute("INSERT INTO t VALUES (10, 0, 'x')")  # a table again, not a view


def test_the_views_go_when_the_query_fails(small):
    with pytest.raises(sqlite3.OperationalError, match="nothing"):
        measure(small, "SELECT nothing FROM t")
    with pytest.raises(ZeroDivisionError), counting_visits(small):
        raise ZeroDivisionError
    assert small.execute("SELECT * FROM temp.sqlite_schema").fetchall() == []


def test_odd_names_are_counted_and_tables_without_row_ids_are_left_alone():
    link = sqlite3.connect(":memory:")
    link.execute("""CREATE TABLE "it's ""odd\""" (rowid TEXT, x INTEGER)""")
    link.execute("""INSERT INTO "it's ""odd\""" VALUES ('a', 1), ('b', 2)""")
    link.execute("CREATE TABLE keyed (k TEXT PRIMARY KEY) WITHOUT ROWID")
    link.execute("INSERT INTO keyed VALUES ('a')")
    link.commit()
    measured = measure(link, """SELECT x, k FROM "it's ""odd\""" JOIN keyed ON k = rowid""")
    link.close()
    assert measured.rows == [(1, "a")]
    assert measured.visited['it\'s "odd"'] >= 1
    assert "keyed" not in measured.visited


def test_an_index_that_sqlite_makes_for_itself_is_told_and_not_counted(small):
    join = "SELECT * FROM t LEFT JOIN u ON u.a = t.a"
    assert measure(small, join).is_exact
    small.execute("PRAGMA automatic_index = ON")
    measured = measure(small, join)
    assert measured.plan.makes_an_index
    assert not measured.is_exact


def test_what_cannot_be_counted_is_refused_and_search_tables_are_left_alone(small):
    small.execute("CREATE INDEX by_b ON t (b)")
    with pytest.raises(ValueError, match="sql must do without INDEXED BY and rowid"):
        measure(small, "SELECT a FROM t INDEXED BY by_b WHERE b = 1")
    try:
        small.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no full-text search")
    small.execute("INSERT INTO words VALUES ('red shoes')")
    assert measure(small, "SELECT * FROM words WHERE words MATCH 'red'").returned == 1


@pytest.mark.parametrize(
    "sql", ["DELETE FROM t", "UPDATE t SET b = 1", "WITH x AS (SELECT 1) DELETE FROM t", ""]
)
def test_what_writes_is_not_measured(small, sql):
    assert not is_query(sql)
    with pytest.raises(ValueError, match="sql must be one SELECT, got"):
        measure(small, sql)
    assert small.execute("SELECT count(*) FROM t").fetchone() == (10,)


@pytest.mark.parametrize("sql", ["select 1", "-- a\nSELECT 1", "/* b */ (SELECT 1)", "VALUES (1)"])
def test_what_reads_is_known_by_its_first_word(sql):
    assert is_query(sql)


# Plans


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SCAN t", "scan t"),
        ("SCAN TABLE t AS x", "scan t"),
        ("SCAN t USING COVERING INDEX i", "scan t by i, covering"),
        ("SEARCH t USING INDEX i (a=? AND b>?)", "search t by i (a=? AND b>?)"),
        ("SEARCH t USING INTEGER PRIMARY KEY (rowid=?)", "search t by primary key (rowid=?)"),
        ("SEARCH main.t USING INDEX i (a=?) LEFT-JOIN", "search t by i (a=?)"),
        (
            "SEARCH t USING AUTOMATIC COVERING INDEX (a=?)",
            "search t by an index made for this query (a=?), covering",
        ),
        ("USE TEMP B-TREE FOR ORDER BY", "sort"),
        ("CORRELATED SCALAR SUBQUERY 1", "no table is read"),
    ],
)
def test_the_lines_of_sqlite_are_understood(line, words):
    assert repr(read_sqlite_plan([line])) == words


def test_a_subquery_that_is_made_first_is_no_table():
    plan = read_sqlite_plan(["CO-ROUTINE o", "SCAN orders", "SCAN o"])
    assert plan.scans == ("orders",)


POSTGRES = {
    "Node Type": "Hash Join",
    "Plans": [
        {
            "Node Type": "Seq Scan",
            "Relation Name": "line",
            "Alias": "l",
            "Actual Rows": 4.0,
            "Actual Loops": 3,
            "Rows Removed by Filter": 6,
        },
        {
            "Node Type": "Bitmap Heap Scan",
            "Relation Name": "orders",
            "Alias": "o",
            "Actual Rows": 2,
            "Actual Loops": 1,
            "Recheck Cond": "(customer_id = 7)",
            "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "by_customer"}],
        },
    ],
}


def test_the_tree_of_postgres_is_understood():
    plan = read_postgres_plan(POSTGRES)
    assert [look.in_words for look in plan.looks] == [
        "scan l",
        "search o by by_customer (customer_id = 7)",
    ]
    assert visited_by_postgres(POSTGRES) == {"line": 30, "orders": 2}


# The shop


def test_the_shop_is_the_same_each_time_and_its_sums_are_right():
    rows = shop_rows(orders=500)
    assert rows == shop_rows(orders=500)
    assert rows != shop_rows(orders=500, rng=1)
    price = {product[0]: product[3] for product in rows["product"]}
    for order in rows["orders"][:50]:
        lines = [line for line in rows["order_line"] if line[1] == order[0]]
        assert order[4] == sum(price[line[2]] * line[3] for line in lines)
        assert 1 <= len(lines) <= 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"orders": 10}, "orders must be a whole number of at least 400, got 10"),
        ({"customers": 1}, "customers must be a whole number of at least 2, got 1"),
        ({"products": 0}, "products must be"),
        ({"loyal_orders": -1}, "loyal_orders must be"),
        ({"rng": -1}, "rng must be"),
    ],
)
def test_a_shop_that_cannot_be_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        open_shop(**values)


def test_an_index_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="name must be one of orders_by_customer"):
        add_index(open_shop(), "by_magic")


# Growth


def test_rows_visited_grow_with_the_table_or_not_at_all():
    sizes = [100, 400, 1600, 6400]
    without, having = (visited_against_size(sizes, on) for on in (False, True))
    assert without.visited.tolist() == sizes
    assert having.visited.tolist() == [5] * 4
    assert without.exponent == pytest.approx(1)
    assert having.exponent == pytest.approx(0, abs=1e-9)
    assert (np.diff(without.pages) > 0).all()
    assert having.pages.max() < without.pages[-1]


def test_a_tree_has_the_pages_that_sqlite_counts():
    shop = open_shop(5_000, indexes=INDEXES)
    for name in ("orders", "order_line", "orders_by_customer", "lines_by_order"):
        tree = tree_of(shop, name)
        assert tree.depth == 2
        if has_dbstat(shop):
            counted = shop.execute("SELECT count(*) FROM dbstat WHERE name = ?", [name])
            assert counted.fetchone() == (tree.pages,)


def has_dbstat(link):
    try:
        link.execute("SELECT 1 FROM dbstat LIMIT 1")
    except sqlite3.OperationalError:
        return False
    return True


def test_a_table_of_one_page_is_a_tree_of_one_leaf(small):
    assert tree_of(small, "t") == Tree(depth=1, pages=1)
    with pytest.raises(ValueError, match="name must be a table or an index of the database"):
        tree_of(small, "nothing")


@given(rows=st.integers(1, 10**12), fanout=st.integers(2, 500))
def test_the_depth_is_the_least_that_has_room(rows, fanout):
    depth = depth_by_formula(rows, fanout)
    assert fanout**depth >= rows
    assert depth == 1 or fanout ** (depth - 1) < rows


@given(keys=st.lists(st.integers(-50, 50), max_size=200).map(sorted), key=st.integers(-60, 60))
def test_a_binary_search_looks_about_log_2_times(keys, key):
    assert count_comparisons(keys, key) <= max(0, len(keys)).bit_length()


@pytest.mark.parametrize("sizes", [[5], [100.5], ["x"]])
def test_a_table_that_is_too_small_is_refused(sizes):
    with pytest.raises(ValueError, match="sizes must be a whole number of at least 10"):
        visited_against_size(sizes, with_index=True)


# Indexes that do not help


def test_each_reason_scans_before_and_searches_after():
    for trial in try_reasons():
        assert trial.before.plan.scans, trial.reason.name
        assert not trial.after.plan.scans, trial.reason.name
        assert sorted(trial.before.rows) == sorted(trial.after.rows)
        assert trial.after.total == trial.after.returned < trial.before.total


def test_an_index_on_what_nearly_all_have_reads_more_pages_than_a_scan():
    paid, few = status_by_index("paid"), status_by_index("open", 20_000)
    assert not paid.index_helps
    assert paid.rows > 0.95 * 2_000
    assert paid.by_index > 100 * paid.by_scan
    assert few.rows < 0.05 * 20_000
    assert break_even(Tree(depth=2, pages=101)) == 50


def test_the_plan_can_be_asked_for_without_running(small):
    assert explain(small, "SELECT * FROM t WHERE a = ?", [1]).looks[0].index == "primary key"


# What would be counted too low


def test_not_indexed_is_counted_as_the_scan_that_it_is(small):
    small.execute("CREATE INDEX by_b ON t (b)")
    sql = "SELECT c FROM t {} WHERE b = 1"
    assert measure(small, sql.format("")).total == 3
    scan = measure(small, sql.format("NOT INDEXED"))
    assert (scan.visited, scan.is_exact) == ({"t": 10}, True)
    join = measure(small, "SELECT c FROM u NOT INDEXED JOIN t ON t.a = u.a")
    assert (join.visited, join.is_exact) == ({"u": 20, "t": 20}, True)
    with pytest.raises(ValueError, match="sql must do without INDEXED BY and NOT INDEXED"):
        CountingConnection(small).execute(sql.format("not  indexed"))
    told = measure(small, "SELECT 'NOT INDEXED' FROM t WHERE b = 1")
    assert (told.total, told.is_exact) == (3, True)


def test_a_view_of_the_database_is_counted_by_the_rows_of_its_tables(small):
    for name in ("plain", '"with space"', "[in brackets]", "`ticked`", '"it""s (x)"'):
        small.execute(f"CREATE VIEW {name} (n) AS SELECT a FROM t WHERE b = 1")
        measured = measure(small, f"SELECT n FROM {name}")
        assert (measured.visited, measured.returned) == ({"t": 10}, 3)
        assert measured.is_exact
    small.execute('CREATE VIEW upon AS SELECT n FROM "with space"')
    counting = CountingConnection(small)
    assert counting.execute("SELECT * FROM upon") == [(1,), (4,), (7,)]
    assert counting.visited == 10
    counting.close()
    assert small.execute("SELECT * FROM temp.sqlite_schema").fetchall() == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c FROM main.t",
        "SELECT count(*) FROM main.t",
        "SELECT t.c FROM t JOIN main.u ON u.a = t.a",
        "SELECT k FROM keyed",
        "SELECT x FROM mine",
        "SELECT * FROM past",
    ],
)
def test_a_table_without_a_turnstile_is_told(small, sql):
    small.execute("CREATE TABLE keyed (k TEXT PRIMARY KEY) WITHOUT ROWID")
    small.execute("CREATE TEMP TABLE mine (x INTEGER)")
    small.execute("CREATE VIEW past AS SELECT a FROM main.t")
    assert not measure(small, sql).is_exact
    assert measure(small, "SELECT count(*) FROM t").is_exact


def test_a_temporary_table_of_the_same_name_is_left_alone(small):
    small.execute("CREATE TEMP TABLE u (a INTEGER)")
    measured = measure(small, "SELECT * FROM u")
    assert (measured.rows, measured.is_exact) == ([], False)
    small.execute("INSERT INTO t VALUES (10, 0, 'x')")  # a table again, not a view


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; DELETE FROM t",
        "SELECT * INTO copy FROM t",
        "WITH x AS (SELECT 1) INSERT OR REPLACE INTO t SELECT * FROM t",
        None,
        3,
    ],
)
def test_what_does_more_than_read_is_neither_measured_nor_explained(sql):
    for ask in (measure, explain):
        with pytest.raises(ValueError, match="sql must be one SELECT, got"):
            ask(Refusing(), sql)


class Refusing:
    """A connection, as of PostgreSQL, that must not be asked."""

    def execute(self, sql, parameters=None):
        raise AssertionError(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (SELECT replace(c, 'a', 'b') AS d FROM t) SELECT * FROM x",
        "WITH x AS (SELECT 'delete; into') SELECT * FROM x;  ",
        'SELECT "update" FROM (SELECT 1 AS "update") -- ; DROP TABLE t',
    ],
)
def test_words_in_quotes_do_not_make_a_query_write(small, sql):
    assert is_query(sql)
    assert measure(small, sql).is_exact


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SCAN order details", "scan order details"),
        (
            "SEARCH order details USING INDEX by day (day=?)",
            "search order details by by day (day=?)",
        ),
        ("SEARCH t USING INDEX i ((a,b)>(?,?))", "search t by i ((a,b)>(?,?))"),
        ("SCAN 2 CONSTANT ROWS", "no table is read"),
        ("SCAN words VIRTUAL TABLE INDEX 0:M1", "no table is read"),
    ],
)
def test_names_with_spaces_and_brackets_are_read(line, words):
    assert repr(read_sqlite_plan([line])) == words


def test_each_table_of_postgres_gets_its_own_index_and_whole_condition():
    def heap(table, condition, *indexes):
        below = [{"Node Type": "Bitmap Index Scan", "Index Name": name} for name in indexes]
        return {
            "Node Type": "Bitmap Heap Scan",
            "Relation Name": table,
            "Alias": table,
            "Recheck Cond": condition,
            "Plans": [{"Node Type": "BitmapAnd", "Plans": below}],
        }

    both = heap("a", "((x = 1) AND (y = lower(z)))", "by_x", "by_y")
    one = heap("b", "(k = 2)", "by_k")
    plan = read_postgres_plan({"Node Type": "Nested Loop", "Plans": [both, one]})
    assert [look.in_words for look in plan.looks] == [
        "search a by by_x ((x = 1) AND (y = lower(z)))",
        "search b by by_k (k = 2)",
    ]


def test_a_view_has_no_tree(small):
    small.execute("CREATE VIEW seen AS SELECT * FROM t")
    with pytest.raises(ValueError, match="name must be a table or an index of the database"):
        tree_of(small, "seen")


def test_a_status_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="status must be paid or open, got 'sent'"):
        status_by_index("sent")
