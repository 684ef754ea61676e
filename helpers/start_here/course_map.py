"""How far the learner has come: the learning path with a mark at each stop.

A hiker's map. Which huts there are is read off the files of the course, what each one
asks is read off its sources, and which of them were visited is read off the learner's
own progress. Nothing is counted by hand.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from helpers.checks.progress import Progress
from helpers.checks.progress import progress as read_progress
from helpers.start_here.topics import Rooms, Topic, find_topics

ROOT = Path(__file__).resolve().parents[2]
ASKS = {"predict": "predictions", "quiz": "questions", "check": "checks"}
"""The functions that ask a learner for something, and what is counted of each."""

State = Literal["to come", "open", "started", "finished"]


@dataclass(frozen=True)
class Tally:
    """So many done, of so many.

    Examples
    --------
    >>> print(Tally(2, 3))
    2 of 3
    """

    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


@dataclass(frozen=True)
class Stop:
    """One topic on the map, and how far the learner has come in it.

    Attributes
    ----------
    topic
        Which one.
    is_open
        Whether there is a notebook.
    tallies
        What the topic asks for, by kind: predictions made, questions answered, checks
        passed.
    """

    topic: Topic
    is_open: bool
    tallies: Mapping[str, Tally]

    @property
    def together(self) -> Tally:
        """All kinds in one."""
        counts = self.tallies.values()
        return Tally(sum(one.done for one in counts), sum(one.total for one in counts))

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return self.together.done / self.together.total if self.together.total else 0.0

    @property
    def state(self) -> State:
        """Whether it is to come, open, started or finished."""
        if not self.is_open:
            return "to come"
        if self.together.done == 0:
            return "open"
        return "finished" if self.share == 1 else "started"

    @property
    def in_words(self) -> str:
        """The state and, once something is done, the counts."""
        if self.state in ("to come", "open"):
            return self.state
        counts = ", ".join(f"{tally} {kind}" for kind, tally in self.tallies.items() if tally.total)
        return f"{self.state}, {counts}"


@dataclass(frozen=True)
class CourseMap:
    """All stops of the learning path, in its order."""

    stops: tuple[Stop, ...]

    @property
    def finding(self) -> str:
        """How far the learner has come, in a sentence."""
        opened = [stop for stop in self.stops if stop.is_open]
        finished = sum(stop.state == "finished" for stop in opened)
        begun = sum(stop.state == "started" for stop in opened)
        if not finished + begun:
            return f"{len(opened)} of {len(self.stops)} stops are open, none begun so far"
        return f"{finished} of {len(opened)} open stops finished, {begun} under way"

    def __str__(self) -> str:
        lines = (f"{s.topic.number:02d} {s.topic.title}: {s.in_words}" for s in self.stops)
        return "\n".join((f"{self.finding}.", *lines))

    __repr__ = __str__


def read_course_map(root: Path = ROOT, so_far: Progress | None = None) -> CourseMap:
    """Read the map off the course's files and the learner's progress.

    Parameters
    ----------
    root
        The top folder of the course.
    so_far
        The learner's progress; what is recorded, by default.

    Examples
    --------
    >>> read_course_map().stops[0].topic.title
    'Start here'
    """
    known = read_progress() if so_far is None else so_far
    return CourseMap(tuple(_stop(rooms, root, known) for rooms in find_topics(root)))


def keys_asked(root: Path, topic: Topic) -> dict[str, frozenset[str]]:
    """List what a topic's notebook and lab ask for, by the keys in their sources.

    Parameters
    ----------
    root
        The top folder of the course.
    topic
        Which one.

    Returns
    -------
    Keys such as ``topic.question``, by kind of `ASKS`; none where there is no source.
    """
    found: dict[str, set[str]] = {kind: set() for kind in ASKS.values()}
    for folder in ("notebooks", "labs"):
        source = root / folder / "source" / f"{topic.name}.py"
        if source.is_file():
            for kind, key in _calls(source.read_text(encoding="utf-8")):
                found[kind].add(key)
    mine = f"{topic.slug}."
    return {
        kind: frozenset(key for key in keys if key.startswith(mine)) for kind, keys in found.items()
    }


def _calls(text: str) -> Iterator[tuple[str, str]]:
    """Find the calls that ask for something: of what kind, and with which key."""
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        key = node.args[0]
        if node.func.id in ASKS and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield ASKS[node.func.id], key.value


def _stop(rooms: Rooms, root: Path, known: Progress) -> Stop:
    done = {
        "predictions": set(known.predictions),
        "questions": {key for key, entry in known.quizzes.items() if entry.is_answered},
        "checks": {key for key, entry in known.checks.items() if entry.passed},
    }
    tallies = {
        kind: Tally(len(keys & done[kind]), len(keys))
        for kind, keys in keys_asked(root, rooms.topic).items()
    }
    return Stop(rooms.topic, rooms.is_open, tallies)
