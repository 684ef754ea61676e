"""A question in a notebook: a form where there is a kernel, a card everywhere else."""

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.checks.cards import Card

LETTERS = "abcdefghij"


@dataclass(frozen=True)
class Asking:
    """What a cell shows that asks something.

    Attributes
    ----------
    card
        Gives the card for readers without a kernel: question, options, state.
    fields
        What the form shows (see `helpers.checks.forms.Form`).
    answer
        Takes what the learner entered and gives what the form says to it. Raises
        ValueError for what cannot be an answer.
    """

    card: Callable[[], Card]
    fields: Mapping[str, Any]
    answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def make_form(self) -> Any:
        """Make the widget."""
        from helpers.checks.forms import Form

        return Form(self.reply, **self.fields)

    def reply(self, sent: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the form's reply: the answer's, or what is wrong, and never an exception."""
        notes = io.StringIO()
        try:
            with contextlib.redirect_stdout(notes):
                told = dict(self.answer(sent))
        except ValueError as problem:
            return {"tone": "wrong", "text": str(problem)}
        told["text"] = " ".join([told["text"], *notes.getvalue().splitlines()])
        return told

    def __repr__(self) -> str:
        return str(self.card())

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        card = self.card()
        data = {"text/plain": str(card), "text/html": card._repr_html_()}
        try:
            shown = self.make_form()._repr_mimebundle_()
        except ImportError:  # no widgets in this kernel: the card says how to answer in code
            return data, {}
        widget, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**widget, **data}, metadata


def pick(options: Sequence[str], choice: str) -> str:
    """Give the option that is meant, by its text or its letter.

    Raises
    ------
    ValueError
        There is no such option.

    Examples
    --------
    >>> pick(["one queue", "one for each server"], "b")
    'one for each server'
    """
    if choice in options:
        return choice
    letters = LETTERS[: len(options)]
    if isinstance(choice, str) and len(choice.strip()) == 1 and choice.strip().lower() in letters:
        return options[letters.index(choice.strip().lower())]
    raise ValueError(f"choice must be an option or one of its letters {letters}, got {choice!r}")


def option_rows(options: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Give the options as a card's rows, with their letters."""
    return tuple((f"{letter})", text) for letter, text in zip(LETTERS, options, strict=False))
