"""Questions with options, each of which explains why it is right or wrong.

They live in ``helpers/<topic>/questions.py``, away from the notebook, so that the
answer does not stand beside the question.
"""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.checks.asking import LETTERS, Asking, option_rows, pick
from helpers.checks.cards import Card
from helpers.checks.progress import Entry, check_key, look_up, record

MOST_ATTEMPTS = 50


@dataclass(frozen=True)
class Option:
    """One answer: its text, why it is right or wrong, and which of the two."""

    text: str
    explanation: str
    correct: bool = False


@dataclass(frozen=True)
class Question:
    """A question with two to ten options, exactly one of them correct.

    Examples
    --------
    >>> Question("scaling.toy", "Is it?", (Option("yes", "It is."), Option("no", "It is.")))
    Traceback (most recent call last):
    ValueError: options of scaling.toy must have exactly one that is correct, got 0
    """

    key: str
    prompt: str
    options: Sequence[Option]

    def __post_init__(self) -> None:
        check_key(self.key)
        if not 2 <= len(self.options) <= len(LETTERS):
            raise ValueError(f"options of {self.key} must be 2 to 10, got {len(self.options)}")
        if len({*self.texts}) < len(self.options):
            raise ValueError(f"options of {self.key} must differ, got {self.texts}")
        if (correct := sum(option.correct for option in self.options)) != 1:
            raise ValueError(
                f"options of {self.key} must have exactly one that is correct, got {correct}"
            )
        if not all(option.explanation for option in self.options):
            raise ValueError(f"options of {self.key} must each be explained, got an empty text")

    @property
    def texts(self) -> list[str]:
        """The options' texts, in order."""
        return [option.text for option in self.options]

    def option(self, text: str) -> Option:
        """Give the option with this text."""
        return next(option for option in self.options if option.text == text)


def quiz(key: str, choice: str | None = None) -> Asking | Card:
    """Ask one of the topic's questions.

    Parameters
    ----------
    key
        ``"topic.question"``, found in ``helpers/<topic>/questions.py``.
    choice
        Answer at once, by letter or text, without the form.

    Returns
    -------
    Asking or Card
        Shows a form; with ``choice``, whether it is right, and why.

    Raises
    ------
    ValueError
        There is no such question or no such option.
    """
    return ask_question(find_question(key), choice)


def find_question(key: str) -> Question:
    """Find a question among its topic's ``QUESTIONS``."""
    questions: Sequence[Question] = find_in_topic(key, "questions", "QUESTIONS")
    for question in questions:
        if question.key == key:
            return question
    known = ", ".join(question.key for question in questions)
    raise ValueError(f"key must be one of {known}, got {key!r}")


def find_in_topic(key: str, module: str, name: str) -> Any:
    """Give what a topic's module holds under a name.

    Raises
    ------
    ValueError
        There is no such topic, or it has no such module.
    """
    path = f"helpers.{check_key(key).partition('.')[0]}.{module}"
    try:
        exists = importlib.util.find_spec(path) is not None
    except ModuleNotFoundError:
        exists = False
    if not exists:
        raise ValueError(f"key must begin with a topic that has {module}.py, got {key!r}")
    return getattr(importlib.import_module(path), name)


def ask_question(question: Question, choice: str | None = None) -> Asking | Card:
    """Ask a question, or answer it at once."""
    if choice is not None:
        return card_of_answer(question, answer(question, choice))
    return Asking(
        lambda: card_of(question),
        {
            "question": question.prompt,
            "options": question.texts,
            "button": "Check",
            "told": told_of(question),
        },
        lambda sent: told_of(question, answer(question, str(sent.get("choice")))),
    )


def answer(question: Question, choice: str) -> Entry:
    """Record an attempt; the first one counts."""
    picked = question.option(pick(question.texts, choice))

    def change(entry: Entry) -> None:
        attempts = entry.setdefault("attempts", [])
        if len(attempts) >= MOST_ATTEMPTS:
            attempts.pop()
        attempts.append({"choice": picked.text, "right": picked.correct})

    return record("quizzes", question.key, change)


def last_choice(question: Question, entry: Entry) -> Option | None:
    """Give the option chosen last, if any, and if it is still one."""
    attempts = entry.get("attempts") or [{}]
    text = attempts[-1].get("choice")
    return question.option(text) if text in question.texts else None


def told_of(question: Question, entry: Entry | None = None) -> Mapping[str, Any]:
    """Give the form's state: nothing of the answer before there is one."""
    chosen = last_choice(question, entry or look_up("quizzes", question.key))
    if chosen is None:
        return {"tone": "plain", "text": "Not answered yet."}
    tone, word = ("right", "Right") if chosen.correct else ("wrong", "Not so")
    return {"tone": tone, "text": f"{word}. {chosen.explanation}", "choice": chosen.text}


def card_of(question: Question) -> Card:
    """Give the card: the question, its options, and the answer so far."""
    entry = look_up("quizzes", question.key)
    if last_choice(question, entry):
        return card_of_answer(question, entry)
    state = f'Not answered yet: choose in the form, or with quiz("{question.key}", choice="a").'
    return Card(question.prompt, "open", option_rows(question.texts), (state,))


def card_of_answer(question: Question, entry: Entry) -> Card:
    """Give the card with the option chosen last and its explanation."""
    told = told_of(question, entry)
    chosen = LETTERS[question.texts.index(told["choice"])]
    lines = (f"You chose {chosen}). {told['text']}",)
    return Card(question.prompt, told["tone"], option_rows(question.texts), lines)
