"""Simulation, formula and published figure in one table."""

import math

import pytest

from helpers.checks import Row, agreement
from helpers.statistics import Estimate

# A half-width of 1.96 at 95 % is one standard error of 1.
ESTIMATE = Estimate(20.0, 1.959963984540054)


def test_the_table_reads_as_text():
    table = agreement(
        Row("mean wait (ms)", Estimate(0.2051, 0.003), 0.2046, 0.2046, source="table 2"),
        Row("servers", formula=12, published=12, tolerance=0, because="whole", source="page 9"),
        Row("load", simulation=0.905, formula=0.9, tolerance="1 %", because="10⁴ requests"),
    )
    assert str(table).splitlines() == [
        "quantity        simulation       formula  published  agree  "
        "tolerance                                       source",
        "--------------  ---------------  -------  ---------  -----  "
        "----------------------------------------------  -------",
        "mean wait (ms)  0.2051 ± 0.0030  0.2046   0.2046     ✓      "
        "4 standard errors: the simulation's own spread  table 2",
        "servers         –                12       12         ✓      "
        "0: whole                                        page 9",
        "load            0.905            0.9      –          ✓      "
        "1 %: 10⁴ requests                               –",
    ]


def test_text_and_html_say_the_same(words_of):
    table = agreement(Row("a < b", ESTIMATE, 20.5, tolerance=1.0, because="x & y"))
    head, rule, *rows = str(table).splitlines()
    assert words_of(table._repr_html_()) == " ".join([head, *rows]).split()
    assert rule.startswith("---")
    assert table._repr_html_().count('scope="col"') == 7


@pytest.mark.parametrize(
    ("formula", "tolerance", "agrees"),
    [
        (23.9, "4 standard errors", True),
        (24.1, "4 standard errors", False),
        (15.9, "4 standard errors", False),
        (20.9, "1 standard error", True),
        (21.1, "1 standard error", False),
        (20.5, 0.5, True),
        (20.6, 0.5, False),
        (16.0, "25 %", True),
        (15.9, "25 %", False),
        (math.nan, 1000.0, False),
        (math.inf, 1000.0, False),
    ],
)
def test_a_row_agrees_within_its_tolerance(formula, tolerance, agrees):
    because = "" if str(tolerance).endswith(("error", "errors")) else "as an example"
    row = Row("wait", ESTIMATE, formula, tolerance=tolerance, because=because)
    assert row.agrees is agrees


def test_a_wider_level_makes_a_smaller_standard_error():
    # A half-width of 2.576 at 99 % is one standard error of 1 as well.
    row = Row("wait", Estimate(20.0, 2.5758293035489004, level=0.99), 24.1)
    assert row.allowed == pytest.approx(4.0)
    assert not row.agrees


def test_two_infinities_agree():
    assert Row("wait", math.inf, math.inf, tolerance=0, because="overload").agrees


def test_every_pair_must_agree():
    row = Row("wait", 20.0, 20.4, 20.8, tolerance=0.5, because="as an example", source="table 1")
    (disagreement,) = row.disagreements
    assert disagreement.startswith("simulation 20 and published 20.8 lie 0.8 apart")


def test_a_disagreement_stops_the_notebook_and_says_where():
    good = Row("load", formula=0.9, published=0.9, tolerance=0, because="exact", source="page 1")
    with pytest.raises(AssertionError) as caught:
        agreement(good, Row("wait (ms)", ESTIMATE, 30.0))
    said = str(caught.value)
    assert said.startswith(
        "wait (ms): simulation 20 and formula 30 lie 10 apart, and at most 4 is allowed\n\nquantity"
    )
    assert "✗" in said
    assert "load:" not in said


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"formula": 1.0}, "must have two of simulation, formula and published, got formula"),
        ({}, "got none"),
        ({"formula": 1.0, "published": 1.0, "tolerance": 0}, "source of wait must say where 1.0"),
        ({"simulation": 1.0, "formula": 1.0}, "must not be in standard errors"),
        ({"simulation": 1.0, "formula": 1.0, "tolerance": "5"}, "must be a number, a percentage"),
        ({"simulation": 1.0, "formula": 1.0, "tolerance": 0.1}, "because of wait must say why 0.1"),
        ({"simulation": 1.0, "formula": 1.0, "tolerance": -1}, "must be at least 0, got -1"),
        ({"simulation": 1.0, "formula": 1.0, "tolerance": math.nan}, "must be at least 0, got nan"),
    ],
)
def test_a_row_that_shows_nothing_is_refused(fields, says):
    with pytest.raises(ValueError, match=says):
        Row("wait", **fields)


def test_a_table_without_rows_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        agreement()
