"""The learning path: a shelf of numbered boxes, some full, some with only a label yet.

`path.csv` beside this file is the one place that holds the topics, their
numbers, their questions and what each is to teach; `brief.csv` says in a few
words what the ids mean. Which topics are open is read off the files of the
course and stated nowhere.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

KINDS = ("topic", "page")
"""A topic teaches a mechanism: it has a notebook, a lab with a solution, a model and
tests. A page, such as the start page, is only a notebook."""

READS_NAMES = (
    "notebooks/*.ipynb",
    "notebooks/source/*.py",
    "labs/*.ipynb",
    "labs/source/*.py",
    "helpers/*/model.py",
)
"""What `find_topics` looks for. The build reads this line: a notebook that shows the
learning path is stale as soon as the list of these files is another one."""


@dataclass(frozen=True)
class Topic:
    """One topic of the learning path.

    Examples
    --------
    >>> Topic(2, "scaling", "Scaling", "One or several?", "topic", ("F6",)).name
    '02_scaling'
    """

    number: int
    slug: str
    title: str
    question: str
    kind: str
    covers: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its notebook and of its lab, without the ending."""
        return f"{self.number:02d}_{self.slug}"

    @property
    def needs_lab(self) -> bool:
        """Whether it teaches a mechanism, and so needs a model, a lab and tests."""
        return self.kind == "topic"


@dataclass(frozen=True)
class Rooms:
    """What a topic has by now: paths from the top of the course, with `/`, or None."""

    topic: Topic
    notebook: str | None
    lab: str | None
    solution: str | None
    model: str | None

    @property
    def is_open(self) -> bool:
        """Whether there is a notebook to open."""
        return self.notebook is not None


@cache
def learning_path() -> tuple[Topic, ...]:
    """Give every topic, open or to come, in its order.

    Returns
    -------
    tuple of Topic
        Numbered from 0 without a gap.

    Examples
    --------
    >>> [topic.slug for topic in learning_path()][:3]
    ['start_here', 'qualities', 'scaling']
    """
    topics = tuple(_topic(row) for row in _rows("path.csv"))
    if [topic.number for topic in topics] != list(range(len(topics))):
        raise ValueError("path.csv must number its topics 0, 1, 2 and so on, without a gap")
    return topics


@cache
def read_brief() -> dict[str, str]:
    """Give the meaning of every id that the course has to teach.

    Returns
    -------
    dict of str to str
        Id to a few words, in the order of the brief.

    Examples
    --------
    >>> read_brief()["F2"]
    'nines as downtime a year'
    """
    return {row["id"]: row["text"] for row in _rows("brief.csv")}


def find_topic(name: str) -> Topic:
    """Find a topic by its slug, its number or its name.

    Parameters
    ----------
    name : str
        Such as "scaling", "2" or "02_scaling".

    Raises
    ------
    ValueError
        If the learning path has no such topic.

    Examples
    --------
    >>> find_topic("02_scaling") == find_topic("scaling") == find_topic("2")
    True
    """
    for topic in learning_path():
        if name in (topic.slug, topic.name, str(topic.number)):
            return topic
    slugs = ", ".join(topic.slug for topic in learning_path())
    raise ValueError(f"name must be a topic of the learning path ({slugs}), got {name!r}")


def find_topics(root: Path) -> tuple[Rooms, ...]:
    """Tell for every topic of the learning path what there is of it.

    A notebook or a lab counts as there from the moment its source is: the build makes
    the rest, in any order.

    Parameters
    ----------
    root : Path
        The top folder of the course.

    Returns
    -------
    tuple of Rooms
        As many as the learning path has topics, in its order.
    """
    return tuple(_find_rooms(topic, root) for topic in learning_path())


def _find_rooms(topic: Topic, root: Path) -> Rooms:
    def built(path: str, source: str) -> str | None:
        return path if (root / path).exists() or (root / source).exists() else None

    lab_source = f"labs/source/{topic.name}.py"
    model = f"helpers/{topic.slug}/model.py"
    return Rooms(
        topic=topic,
        notebook=built(f"notebooks/{topic.name}.ipynb", f"notebooks/source/{topic.name}.py"),
        lab=built(f"labs/{topic.name}.ipynb", lab_source),
        solution=built(f"labs/solutions/{topic.name}.ipynb", lab_source),
        model=built(model, model),
    )


def _topic(row: dict[str, str]) -> Topic:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {row['kind']!r}")
    return Topic(
        number=int(row["number"]),
        slug=row["slug"],
        title=row["title"],
        question=row["question"],
        kind=row["kind"],
        covers=tuple(row["covers"].split()),
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
