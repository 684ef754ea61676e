"""Each test of the checks has a learner of its own, and a small topic to learn."""

import html
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import helpers


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's data folder, not made yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A topic called toy with a lab and a question, as an author would write it."""
    topic = tmp_path / "topics" / "toy"
    topic.mkdir(parents=True)
    (topic / "__init__.py").touch()
    (topic / "questions.py").write_text(
        textwrap.dedent(
            """
            from helpers.checks import Option, Question

            QUESTIONS = (
                Question(
                    "toy.double",
                    "What is twice three?",
                    (
                        Option("five", "Five is two more than three."),
                        Option("six", "Three and three is six.", correct=True),
                        Option("nine", "Nine is three times three."),
                    ),
                ),
            )
            """
        )
    )
    (topic / "lab.py").write_text(
        textwrap.dedent(
            """
            from helpers.checks import Case, Check

            CHECKS = {
                "toy.double": Check(
                    cases=(
                        Case((3.0,), expected=6.0, label="three", mistakes={"square": 9.0}),
                        Case((0.0,), expected=0.0),
                    ),
                    hint="Add the number to itself.",
                    hints={"square": "That is the square."},
                    shows="Twice is plus itself.",
                    deadline=60,
                )
            }
            """
        )
    )
    monkeypatch.setattr(helpers, "__path__", [*helpers.__path__, str(topic.parent)])
    for module in ("toy", "toy.lab", "toy.questions"):
        monkeypatch.delitem(sys.modules, f"helpers.{module}", raising=False)
    return topic


@pytest.fixture
def words_of() -> Callable[[str], list[str]]:
    """Give the words that a reader of HTML sees."""

    def read(page: str) -> list[str]:
        return html.unescape(re.sub(r"<[^>]*>", " ", page)).split()

    return read
