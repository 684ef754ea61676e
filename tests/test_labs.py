"""Each lab carries load: its reference passes, and every mistake is found with its hint."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from helpers.checks import TODO
from helpers.checks.labs import judge_function
from tools import lab_table

TOPICS = lab_table.topics()
CHECKS = {topic: lab_table.load_checks(topic) for topic in TOPICS}
WRONG = {topic: lab_table.load_wrong_answers(topic) for topic in TOPICS}
DEMANDS = {question: demand for checks in CHECKS.values() for question, demand in checks.items()}
GIVEN = [given for topic in TOPICS for given in lab_table.wrong_answers(WRONG[topic])]
NAMES = [f"{question}-{answer.__name__}" for question, _, answer in GIVEN]
IN_MODEL = [
    pytest.param(wrong, answer, id=f"{topic}-{answer.__name__}")
    for topic, wrong in WRONG.items()
    for answer in lab_table.answers_in_model(wrong)
]


def topic_of(question: str) -> str:
    return question.partition(".")[0]


def reference(question: str) -> Any:
    return lab_table.find_answer(lab_table.find_lab(topic_of(question)), question)


def rows_of(topic: str) -> Iterator[str]:
    return (row for row in lab_table.read_section(topic).splitlines() if row.startswith("| "))


@pytest.mark.parametrize("question", DEMANDS)
def test_the_reference_passes(question: str):
    verdict = judge_function(question, DEMANDS[question], reference(question))
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize("question", DEMANDS)
def test_every_question_finds_at_least_four_mistakes_people_make(question: str):
    assert len(WRONG[topic_of(question)].WRONG[question]) >= 4


@pytest.mark.parametrize(("question", "mistake", "answer"), GIVEN, ids=NAMES)
def test_a_mistake_is_found_with_its_hint_and_stands_in_the_table(question, mistake, answer):
    verdict = judge_function(question, DEMANDS[question], answer)
    assert (verdict.tone, verdict.mistake) == ("wrong", mistake), str(verdict)
    hint = DEMANDS[question].hints[mistake]
    assert ("hint", hint) in verdict.rows
    cells = (f"`{question}`", lab_table.idea_of(answer), mistake, hint)
    assert lab_table.table_row(cells) in rows_of(topic_of(question)), "python -m tools.lab_table"


@pytest.mark.parametrize(("wrong", "answer"), IN_MODEL)
def test_the_model_fails_without_the_mechanism_as_the_table_says(wrong: ModuleType, answer):
    row = lab_table.row_in_model(wrong, answer)
    assert row.endswith("| no |")
    assert row in rows_of(topic_of(wrong.MODEL)), "python -m tools.lab_table"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_model_gets_through_with_the_reference_as_the_table_says(topic: str):
    wrong = WRONG[topic]
    row = lab_table.row_in_model(wrong, reference(wrong.MODEL), lab_table.REFERENCE)
    assert row.endswith("| yes |")
    assert row in rows_of(topic), "python -m tools.lab_table"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_table_has_no_other_rows(topic: str):
    headers, references = 2, 1
    given = len(list(lab_table.wrong_answers(WRONG[topic])))
    in_model = len(lab_table.answers_in_model(WRONG[topic]))
    assert len(list(rows_of(topic))) == headers + given + references + in_model


@pytest.mark.parametrize("question", DEMANDS)
def test_a_stub_counts_as_not_attempted(question: str):
    verdict = judge_function(question, DEMANDS[question], lambda *_: TODO)
    assert verdict.tone == "open"


def test_the_table_knows_its_topics_by_name(capsys):
    with pytest.raises(SystemExit):
        lab_table.main(["cashing"])
    assert "topic must be one of scaling" in capsys.readouterr().err
