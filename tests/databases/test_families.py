"""Five families answer alike and pay differently; one machine; the learner's own data."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.databases.catalogue import make_catalogue
from helpers.databases.families import FAMILIES, QUESTIONS, compare_families
from helpers.databases.one_machine import (
    DAY,
    LARGEST_TABLE,
    STACK_OVERFLOW_QUERIES,
    Machine,
    Needs,
    is_one_machine_enough,
)
from helpers.databases.query_log import find_n_plus_one, statements_in, without_values
from helpers.databases.shop_data import open_shop
from helpers.databases.your_database import advise, open_read_only, read_csv

CATALOGUE = make_catalogue(60, rng=3)


@pytest.mark.parametrize("name", FAMILIES)
class TestEveryFamily:
    def test_answers_what_the_facts_say(self, name):
        store = FAMILIES[name](CATALOGUE)
        page = store.page(7)
        reviews = [(CATALOGUE.users[r.user], r.stars) for r in CATALOGUE.reviews if r.product == 7]
        assert (page.name, page.brand) == ("Product 7", f"Brand {CATALOGUE.brand_of[7]}")
        assert list(page.reviews) == reviews
        own = [p for p, brand in CATALOGUE.brand_of.items() if brand == 2]
        assert sorted(store.of_brand(2)) == sorted(CATALOGUE.products[p] for p in own)
        by = [(CATALOGUE.products[r.product], r.stars) for r in CATALOGUE.reviews if r.user == 5]
        assert sorted(store.reviews_by(5)) == sorted(by)
        together = store.also_bought(7)
        orders = [order for order in CATALOGUE.orders if 7 in order]
        assert sum(together.values()) == sum(len(order) - 1 for order in orders)
        assert "Product 7" not in together

    def test_a_new_name_is_shown_on_every_page_and_only_there(self, name):
        store = FAMILIES[name](CATALOGUE)
        store.rename(2, "Another")
        for product, brand in CATALOGUE.brand_of.items():
            expected = "Another" if brand == 2 else CATALOGUE.brands[brand]
            assert store.page(product).brand == expected

    def test_every_question_costs_at_least_one_round_trip(self, name):
        for ask in QUESTIONS.values():
            store = FAMILIES[name](CATALOGUE)
            ask(store)
            assert store.cost.trips >= 1

    def test_the_facts_themselves_are_not_changed(self, name):
        before = dict(CATALOGUE.brands)
        FAMILIES[name](CATALOGUE).rename(1, "Other")
        assert before == CATALOGUE.brands


def test_all_families_give_the_same_answers():
    table = compare_families(CATALOGUE)
    for answers in table.answers.values():
        values = list(answers.values())
        assert all(value == values[0] for value in values)


def test_costs_by_hand():
    costs = compare_families(CATALOGUE).costs
    own = sum(brand == 1 for brand in CATALOGUE.brand_of.values())
    reviews = sum(review.product == 7 for review in CATALOGUE.reviews)
    page, rename = costs["the product page"], costs["rename a brand"]
    assert page["document"].read == page["key-value"].read == 1
    assert page["relational"].read == 2 + 2 * reviews
    assert page["wide-column"].read == 1 + reviews
    written = {name: rename[name].written for name in FAMILIES}
    assert written == {
        "relational": 1,
        "document": own,
        "key-value": own,
        "wide-column": 2 * own,
        "graph": 1,
    }
    assert costs["a user's reviews"]["key-value"].read == 60
    assert "key-value" in repr(compare_families(CATALOGUE))


def test_a_catalogue_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="products must be a whole number of at least 20, got 5"):
        make_catalogue(5)


# One machine


def test_needs_by_hand():
    needs = Needs(users=86_400, reads_each=10, writes_each=1, rows_each=2, row_bytes=100, years=1)
    assert (needs.reads_per_second, needs.writes_per_second) == (40, 4)
    assert needs.rows == 86_400 * 2 * 365
    machine = Machine(reads_per_second=80, writes_per_second=40, memory=1e12, table=1e12)
    verdict = is_one_machine_enough(needs, machine)
    assert verdict.used["reads"] == 0.5
    assert verdict.is_enough
    assert verdict.tightest == "reads"
    assert verdict.room_to_grow == 2


@pytest.mark.parametrize(
    ("needs", "tightest"),
    [
        (Needs(users=1e8), "memory"),
        (Needs(users=1e7, reads_each=10_000, rows_each=0.001), "reads"),
        (Needs(users=1e7, writes_each=1_000, rows_each=0.001), "writes"),
        (Needs(users=1e8, hot_share=0, reads_each=1, writes_each=0.01), "table"),
    ],
)
def test_what_does_not_fit_is_named_with_a_remedy(needs, tightest):
    verdict = is_one_machine_enough(needs)
    assert not verdict.is_enough
    assert verdict.tightest == tightest
    assert tightest in verdict.advice


@given(st.floats(1, 1e9))
def test_room_to_grow_is_exactly_that(users):
    verdict = is_one_machine_enough(Needs(users=users))
    grown = is_one_machine_enough(Needs(users=users * verdict.room_to_grow))
    assert max(grown.used.values()) == pytest.approx(1)


def test_the_published_numbers():
    assert round(STACK_OVERFLOW_QUERIES / DAY) == 5_843
    assert LARGEST_TABLE == 32 * 1024**4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Needs(users=0), "users must be"),
        (lambda: Needs(users=1, reads_each=-1), "reads_each must be"),
        (lambda: Needs(users=1, hot_share=2), "hot_share must lie between"),
        (lambda: Machine(memory=0), "memory must be"),
    ],
)
def test_needs_that_cannot_be_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The learner's log


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        ("SELECT a FROM t WHERE b = 5", "SELECT a FROM t WHERE b = ?"),
        ("SELECT a FROM t WHERE b = -5.25 ;", "SELECT a FROM t WHERE b = ?"),
        ("SELECT  a\nFROM t2 WHERE c = 'it''s 5'", "SELECT a FROM t2 WHERE c = ?"),
        ("SELECT a FROM t WHERE b IN ($1, $2,$3)", "SELECT a FROM t WHERE b IN (?)"),
        ('SELECT "a" FROM "t" WHERE b = %s', "SELECT a FROM t WHERE b = ?"),
        ("SELECT a FROM t WHERE b = %(key)s", "SELECT a FROM t WHERE b = ?"),
        ("SELECT a FROM t WHERE b = :key", "SELECT a FROM t WHERE b = ?"),
    ],
)
def test_values_are_left_out(sql, shape):
    assert without_values(sql) == shape


def test_an_n_plus_one_is_found_and_what_is_none_is_not():
    log = ["# start", "12:00 LOG: SELECT id FROM orders WHERE customer_id = 1"]
    log += [f"12:00 LOG: SELECT * FROM line WHERE order_id = {i}" for i in range(40)]
    log += [f"12:00 LOG: INSERT INTO line VALUES ({i})" for i in range(40)]
    log += [f"12:00 LOG: SELECT * FROM line WHERE order_id IN ({i}, 2)" for i in range(40)]
    log += ["12:00 LOG: SELECT name FROM user WHERE id = 3"] * 4
    (found,) = find_n_plus_one(log)
    assert (found.times, found.first) == (40, 3)
    assert found.statement == "SELECT * FROM line WHERE order_id = ?"
    assert len(find_n_plus_one(log, at_least=4)) == 2
    assert find_n_plus_one([]) == []
    assert statements_in(log)[0] == (2, "SELECT id FROM orders WHERE customer_id = 1")
    with pytest.raises(ValueError, match="at_least must be a whole number of at least 2, got 1"):
        find_n_plus_one(log, at_least=1)


# The learner's file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my shop ü.sqlite"
    link = sqlite3.connect(path)
    link.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
    link.executemany("INSERT INTO t (b) VALUES (?)", [(i % 50,) for i in range(1_000)])
    link.commit()
    link.close()
    return path


def test_a_file_is_advised_on_and_not_changed(file):
    before = file.read_bytes()
    mine = open_read_only(file)
    advice = advise(mine, "SELECT a FROM t WHERE b = ?", [7])
    assert advice.measured.total == 1_000
    assert "Every row of t is read: 1,000 for 20" in advice.words[0]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        mine.execute("DELETE FROM t")
    mine.close()
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("setup", "sql", "words"),
    [
        ("", "SELECT * FROM t WHERE a = 3", "Nothing to do"),
        ("CREATE INDEX i ON t (b)", "SELECT * FROM t WHERE b = 3", "Nothing to do"),
        ("CREATE INDEX i ON t (b)", "SELECT * FROM t WHERE b > 3 AND a % 90 = 5", "too little"),
        ("", "SELECT * FROM t ORDER BY b", "sorted after they are found"),
        ("", "SELECT * FROM t x JOIN t y ON x.b = y.b WHERE x.a < 9", "for good"),
    ],
)
def test_each_piece_of_advice_has_its_case(file, setup, sql, words):
    link = sqlite3.connect(file)
    if setup:
        link.execute(setup)
    assert any(words in line for line in advise(link, sql).words)
    link.close()


def test_what_is_no_database_is_refused(tmp_path):
    with pytest.raises(ValueError, match="path must name a SQLite file"):
        open_read_only(tmp_path / "nothing.sqlite")
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to look like a header" * 9, encoding="utf-8")
    with pytest.raises(ValueError, match="path must name a SQLite file"):
        open_read_only(text)


def test_a_csv_becomes_a_table(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("id,total amount\n1,5\n2,70\n\n", encoding="utf-8")
    link = read_csv(path, table="my data")
    assert link.execute('SELECT id FROM "my data" WHERE "total amount" > 10').fetchall() == [(2,)]
    assert advise(link, 'SELECT * FROM "my data"').measured.total == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "source must begin with the columns' names"),
        ("a,a\n1,2\n", "source must begin"),
        ("a,b\n1,2\n3\n", r"source must have 2 values in each row, not so in \[3\]"),
    ],
)
def test_a_csv_that_is_none_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        read_csv(text)


def test_advice_on_the_shop_before_and_after_its_index():
    shop, sql = open_shop(), "SELECT total FROM orders WHERE customer_id = 7"
    assert "Index what the WHERE compares" in advise(shop, sql).words[0]
    shop.execute("CREATE INDEX i ON orders (customer_id)")
    assert advise(shop, sql).words == ("Nothing to do: it reads what it needs.",)


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        ({"memory": 1.0}, "The memory does not fit: buy"),
        ({"table": 1.0}, "The table does not fit: archive"),
        ({"reads_per_second": 1e-9}, "The reads do not fit: add"),
        ({"writes_per_second": 1e-9}, "The writes do not fit: batch"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(machine, words):
    roomy = dict.fromkeys(("reads_per_second", "writes_per_second", "memory", "table"), 1e30)
    verdict = is_one_machine_enough(Needs(users=1000), Machine(**(roomy | machine)))
    assert verdict.advice.startswith(words)


def test_who_asks_nothing_has_room_without_end():
    verdict = is_one_machine_enough(Needs(users=1, reads_each=0, writes_each=0, rows_each=0))
    assert verdict.is_enough
    assert verdict.room_to_grow == float("inf")


def test_a_log_may_be_one_text_and_a_range_is_no_key():
    log = [f"SELECT a FROM t WHERE id = {i}" for i in range(6)]
    assert find_n_plus_one("\n".join(log)) == find_n_plus_one(log) != []
    assert find_n_plus_one([f"SELECT a FROM t WHERE day >= {i}" for i in range(6)]) == []


@pytest.mark.parametrize("source", ["", "not here.csv", "id,ID\n1,2\n"])
def test_a_table_that_cannot_be_read_is_refused(source):
    with pytest.raises(ValueError, match="source must"):
        read_csv(source)
