"""Commit before you look: a prediction first, then the run, then the reveal.

An expectation that was written down can be surprised; one that was not adapts itself
to whatever came out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.checks.asking import Asking, option_rows, pick
from helpers.checks.cards import Card, number, with_unit
from helpers.checks.progress import Entry, Guess, check_key, look_up, read_guess, record

HOW = "Give an interval that you are 80 % sure of: you should be right four times in five."
NOT_SCORED = "It was made after the answer was shown, so it is not scored."


@dataclass(frozen=True)
class Asked:
    """A question that `predict` put: what `reveal` needs to know of it."""

    key: str
    question: str
    unit: str = ""
    options: tuple[str, ...] = ()


asked_so_far: dict[str, Asked] = {}


def predict(
    key: str,
    question: str,
    *,
    unit: str = "",
    options: Sequence[str] | None = None,
    low: float | None = None,
    high: float | None = None,
    choice: str | None = None,
) -> Asking | Card:
    """Ask for a prediction before anything runs; nothing stops where none is made.

    The first commit counts. A later one is kept beside it as revised, and one made
    after the reveal is kept and not scored.

    Parameters
    ----------
    key
        ``"topic.question"``, the same in `reveal`.
    question
        What will come out?
    unit
        The number's unit, such as ``"ms"``.
    options
        Two to ten options instead of a number.
    low, high
        Commit to this 80 % interval at once, without the form.
    choice
        Commit to this option at once, by its text or its letter.

    Returns
    -------
    Asking or Card
        Shows a form; with ``low`` and ``high`` or ``choice``, the state only.

    Raises
    ------
    ValueError
        An argument does not fit the others.

    Examples
    --------
    >>> predict("scaling.wait", "How long is the wait at 90 % load?", unit="ms")
    How long is the wait at 90 % load?
      unit  ms
      No prediction yet: commit with low=… and high=… in this call, or in its form.
    """
    asked = Asked(check_key(key), question, unit, check_options(options))
    asked_so_far[key] = asked
    if asked.options and not (low is None and high is None):
        raise ValueError(f"low and high must be left out with options, got {low} and {high}")
    if not asked.options and choice is not None:
        raise ValueError(f"choice must be left out where there are no options, got {choice!r}")
    if choice is None and low is None and high is None:
        return ask_prediction(asked)
    if choice is None:
        commit(asked, read_interval(low, high))
    else:
        commit(asked, Guess(choice=pick(asked.options, choice)))
    return card_of(asked)


def ask_prediction(asked: Asked) -> Asking:
    """Give the form, with the state that is known now."""
    return Asking(lambda: card_of(asked), fields_of(asked), lambda sent: commit_sent(asked, sent))


def check_options(options: Sequence[str] | None) -> tuple[str, ...]:
    """Give the options as a tuple, or say what is wrong with them."""
    if options is None:
        return ()
    if isinstance(options, str) or not 2 <= len(options) <= 10 or len({*options}) < len(options):
        raise ValueError(f"options must be two to ten different texts, got {options!r}")
    return tuple(options)


def read_interval(low: Any, high: Any) -> Guess:
    """Give the interval, or say what is wrong with it."""
    try:
        guess = Guess(float(low), float(high))
    except (TypeError, ValueError):
        raise ValueError(f"low and high must both be numbers, got {low} and {high}") from None
    if not (math.isfinite(float(low)) and math.isfinite(float(high))):
        raise ValueError(f"low and high must be finite, got {low} and {high}")
    if float(low) > float(high):
        raise ValueError(f"low must not be above high, got {low} and {high}")
    return guess


def commit(asked: Asked, guess: Guess) -> Entry:
    """Record a guess: as the first, or beside the first."""

    def change(entry: Entry) -> None:
        entry.update(question=asked.question, unit=asked.unit)
        late = "truth" in entry
        interval = {"low": guess.low, "high": guess.high}
        new = interval if guess.is_interval else {"choice": guess.choice}
        if "first" not in entry:
            entry["first"] = {**new, "late": late}
        elif any(entry["first"].get(name) != value for name, value in new.items()):
            entry["revised"] = {**new, "late": late}

    return record("predictions", asked.key, change)


def commit_sent(asked: Asked, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record what came from the form, and give what the form says to it."""
    if asked.options:
        commit(asked, Guess(choice=pick(asked.options, str(sent.get("choice")))))
    else:
        low, high = sent.get("low"), sent.get("high")
        if low is None or high is None:
            raise ValueError("Give two numbers: where the interval starts and where it ends.")
        if low > high:
            raise ValueError("The first number must not be above the second.")
        commit(asked, read_interval(low, high))
    return told_of(asked)


def fields_of(asked: Asked) -> Mapping[str, Any]:
    """Give what the form shows."""
    return {
        "question": asked.question,
        "how": "" if asked.options else HOW,
        "unit": asked.unit,
        "options": list(asked.options),
        "button": "Commit",
        "told": told_of(asked),
    }


def told_of(asked: Asked) -> Mapping[str, Any]:
    """Give the form's state: what was said, and what to put into its fields again."""
    entry = look_up("predictions", asked.key)
    state = {"tone": "plain", "text": state_in_words(entry, asked.unit)}
    if "first" not in entry:
        return state
    last = entry.get("revised") or entry["first"]
    values = {name: last[name] for name in ("low", "high", "choice") if name in last}
    return {**state, **values, "button": "Revise"}


def state_in_words(entry: Entry, unit: str) -> str:
    """Say what the learner has committed to."""
    if "first" not in entry:
        return "No prediction yet."
    first = read_guess(entry["first"])
    sentences = [f"You predict {first.in_words(unit)}."]
    if first.late:
        sentences.append(NOT_SCORED)
    if "revised" in entry:
        revised = read_guess(entry["revised"]).in_words(unit)
        sentences.append(f"Revised to {revised}; the first one counts.")
    return " ".join(sentences)


def card_of(asked: Asked) -> Card:
    """Give the card: question, unit or options, state."""
    entry = look_up("predictions", asked.key)
    unit = (("unit", asked.unit),) if asked.unit else ()
    state = state_in_words(entry, asked.unit)
    if "first" not in entry:
        arguments = "choice=…" if asked.options else "low=… and high=…"
        state = f"No prediction yet: commit with {arguments} in this call, or in its form."
    rows = option_rows(asked.options) if asked.options else unit
    return Card(asked.question, rows=rows, lines=(state,))


def reveal(key: str, truth: Any, *, explanation: str = "") -> Card:
    """Say what came out, and whether the prediction held.

    Parameters
    ----------
    key
        The one that `predict` had.
    truth
        A number in the question's unit, an estimate with ``value`` and ``half_width``,
        or one of the options. The first one that is revealed is scored.
    explanation
        Why it comes out so.

    Raises
    ------
    ValueError
        The truth is neither a number nor one of the options.

    Examples
    --------
    >>> reveal("scaling.not_asked", 12.31)
    No prediction was made; it came out at 12.31.
    """
    entry = look_up("predictions", check_key(key))
    asked = asked_so_far.get(key) or Asked(key, "", str(entry.get("unit", "")))
    value = check_truth(truth, asked.options)
    if "truth" not in entry:
        entry = record("predictions", key, lambda entry: entry.update(truth=value))
    tone, title = compare_with(entry, value, came_out(truth, value, asked.unit), asked.unit)
    lines = [explanation] if explanation else []
    if "first" in entry and entry["first"].get("late"):
        lines.insert(0, NOT_SCORED)
    if "revised" in entry:
        revised = read_guess(entry["revised"]).in_words(asked.unit)
        lines.insert(0, f"You revised it to {revised}; the first one counts.")
    return Card(title, tone, lines=tuple(lines))


def check_truth(truth: Any, options: Sequence[str]) -> float | str:
    """Give the truth as a number or an option, or say what is wrong with it."""
    if isinstance(truth, str):
        if options and truth not in options:
            raise ValueError(f"truth must be one of the options {list(options)}, got {truth!r}")
        return truth
    value = getattr(truth, "value", truth)
    if options or isinstance(value, bool):
        raise ValueError(f"truth must be a number, or one of the options, got {truth!r}")
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"truth must be a number or an option, got {truth!r}") from None
    if math.isnan(value):
        raise ValueError(f"truth must be a number, got {value}")
    return value


def came_out(truth: Any, value: float | str, unit: str) -> str:
    """Write the truth."""
    if isinstance(value, str):
        return f"it came out as “{value}”"
    text = str(truth) if hasattr(truth, "half_width") else number(value)
    return f"it came out at {with_unit(text, unit)}"


def compare_with(entry: Entry, truth: float | str, came: str, unit: str) -> tuple[str, str]:
    """Give tone and title: the guess beside the truth."""
    if "first" not in entry:
        return "plain", f"No prediction was made; {came}."
    guess = read_guess(entry["first"])
    said = f"you predicted {guess.in_words(unit)}, and {came}."
    if guess.holds(truth):
        return "right", f"{'Inside' if guess.is_interval else 'Right'}: {said}"
    if guess.high is None or isinstance(truth, str):
        return "wrong", f"Otherwise: {said}"
    where = "Above" if truth > guess.high else "Below"
    return "wrong", f"{where} your interval: {said}"
