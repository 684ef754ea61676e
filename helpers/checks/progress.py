"""What the learner has done so far, on this machine and nowhere else."""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from helpers.checks.cards import number as write_number
from helpers.checks.cards import with_unit
from helpers.checks.store import SECTIONS, Store, data_folder

Entry = dict[str, Any]


@dataclass(frozen=True)
class Guess:
    """An interval or an option that the learner committed to.

    Attributes
    ----------
    low, high
        The ends of the interval, in the question's unit; None for an option.
    choice
        The option; None for an interval.
    late
        Whether it was made after the answer had been shown.
    """

    low: float | None = None
    high: float | None = None
    choice: str | None = None
    late: bool = False

    @property
    def is_interval(self) -> bool:
        """Whether it is an interval, not an option."""
        return self.choice is None

    def holds(self, truth: float | str) -> bool:
        """Say whether the truth lies in the interval, or is the option."""
        if self.low is None or self.high is None or isinstance(truth, str):
            return self.choice == truth
        return self.low <= truth <= self.high

    def in_words(self, unit: str = "") -> str:
        """Write it with its unit.

        Examples
        --------
        >>> Guess(3, 8).in_words("ms"), Guess(choice="one queue").in_words()
        ('3 to 8 ms', '“one queue”')
        """
        if self.low is None or self.high is None:
            return f"“{self.choice}”"
        return with_unit(f"{write_number(self.low)} to {write_number(self.high)}", unit)


@dataclass(frozen=True)
class Prediction:
    """A prediction: the first guess counts, and a later one is kept beside it."""

    question: str
    unit: str
    first: Guess
    revised: Guess | None = None
    truth: float | str | None = None

    @property
    def is_scored(self) -> bool:
        """Whether it counts: made before the answer was shown, and the answer is known."""
        return self.truth is not None and not self.first.late

    @property
    def is_right(self) -> bool:
        """Whether the first guess held the truth."""
        return self.truth is not None and self.first.holds(self.truth)


@dataclass(frozen=True)
class Quizzed:
    """The options chosen for a question, in order; the first one counts."""

    choices: tuple[str, ...]
    right: tuple[bool, ...]

    @property
    def is_right_at_once(self) -> bool:
        """Whether the first choice was right."""
        return self.right[0]

    @property
    def is_answered(self) -> bool:
        """Whether the right option has been found by now."""
        return any(self.right)


@dataclass(frozen=True)
class Checked:
    """How often a lab's question was checked, and whether it has been solved."""

    attempts: int
    passed: bool


@dataclass(frozen=True)
class Progress:
    """A view of everything that is recorded, by key (``"topic.question"``)."""

    predictions: Mapping[str, Prediction] = field(default_factory=dict)
    quizzes: Mapping[str, Quizzed] = field(default_factory=dict)
    checks: Mapping[str, Checked] = field(default_factory=dict)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics with something recorded, in alphabetical order."""
        keys = [*self.predictions, *self.quizzes, *self.checks]
        return tuple(sorted({key.partition(".")[0] for key in keys}))

    def counts(self, topic: str) -> dict[str, int]:
        """Count a topic's predictions, questions answered and checks passed."""

        def of_topic(entries: Mapping[str, Any]) -> list[Any]:
            return [entry for key, entry in entries.items() if key.startswith(f"{topic}.")]

        return {
            "predictions": len(of_topic(self.predictions)),
            "questions answered": sum(entry.is_answered for entry in of_topic(self.quizzes)),
            "lab checks passed": sum(entry.passed for entry in of_topic(self.checks)),
        }

    def __str__(self) -> str:
        if not self.topics:
            return "Nothing is recorded yet."
        lines = []
        for topic in self.topics:
            counts = ", ".join(f"{name} {count}" for name, count in self.counts(topic).items())
            lines.append(f"{topic.replace('_', ' ')}: {counts}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self.topics:
            return "<p>Nothing is recorded yet.</p>"
        names = self.counts("")
        head = "".join(f'<th scope="col">{name}</th>' for name in ("topic", *names))
        rows = "".join(
            f'<tr><th scope="row">{topic.replace("_", " ")}</th>'
            + "".join(f"<td>{count}</td>" for count in self.counts(topic).values())
            + "</tr>"
            for topic in self.topics
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def progress() -> Progress:
    """Give what the learner has done so far.

    Returns
    -------
    Progress
        A frozen view: predictions, quizzes and checks by key. Entries that another
        version of the course wrote and this one cannot read are left out.
    """
    known = store().read()
    return Progress(
        view(known, "predictions", read_prediction),
        view(known, "quizzes", read_quizzed),
        view(known, "checks", lambda entry: Checked(int(entry["attempts"]), bool(entry["passed"]))),
    )


def record(section: str, key: str, change: Callable[[Entry], None]) -> Entry:
    """Change one entry, safely even when other notebooks write at the same time.

    Parameters
    ----------
    section
        ``"predictions"``, ``"quizzes"`` or ``"checks"``.
    key
        ``"topic.question"``.
    change
        Changes the entry that it gets: the one that is there, or an empty dictionary.

    Returns
    -------
    dict
        The entry as it is now.
    """
    if section not in SECTIONS:
        raise ValueError(f"section must be one of {', '.join(SECTIONS)}, got {section!r}")
    check_key(key)

    def change_entry(known: dict[str, Any]) -> None:
        change(known.setdefault(section, {}).setdefault(key, {}))

    entry: Entry = store().update(change_entry)[section][key]
    return entry


def look_up(section: str, key: str) -> Entry:
    """Give one entry, or an empty dictionary; it is not to be changed."""
    entry: Entry = store().read().get(section, {}).get(key, {})
    return entry


def check_key(key: str) -> str:
    """Give the key back if it is one, ``"topic.question"`` in small letters."""
    if not isinstance(key, str) or not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", key):
        raise ValueError(f'key must look like "topic.question" in small letters, got {key!r}')
    return key


def store() -> Store:
    """Give the store in the folder that is the learner's now."""
    return open_store(data_folder())


@functools.cache
def open_store(folder: Path) -> Store:
    """Give the one store of a folder."""
    return Store(folder)


def view(known: Entry, section: str, read: Callable[[Entry], Any]) -> Mapping[str, Any]:
    """Give a section's entries as frozen records, without those that cannot be read."""
    entries = {}
    for key, entry in known.get(section, {}).items():
        try:
            entries[key] = read(entry)
        except (KeyError, TypeError, ValueError, IndexError):
            continue
    return MappingProxyType(entries)


def read_guess(entry: Entry) -> Guess:
    """Read a guess from its entry."""
    if "choice" in entry:
        return Guess(choice=str(entry["choice"]), late=bool(entry.get("late")))
    return Guess(float(entry["low"]), float(entry["high"]), late=bool(entry.get("late")))


def read_prediction(entry: Entry) -> Prediction:
    """Read a prediction from its entry; one that was only revealed raises KeyError."""
    revised = entry.get("revised")
    truth = entry.get("truth")
    return Prediction(
        str(entry.get("question", "")),
        str(entry.get("unit", "")),
        read_guess(entry["first"]),
        read_guess(revised) if revised else None,
        truth if truth is None or isinstance(truth, str) else float(truth),
    )


def read_quizzed(entry: Entry) -> Quizzed:
    """Read the attempts at a question from their entry."""
    attempts = entry["attempts"]
    choices = tuple(str(attempt["choice"]) for attempt in attempts)
    right = tuple(bool(attempt["right"]) for attempt in attempts)
    if not right:
        raise ValueError("attempts must not be empty, got 0")
    return Quizzed(choices, right)
