"""Lay the empty rooms of a topic: `python3 course.py topic NAME`.

What is laid says of itself that it is not done: its tests fail, and so do the house
rules, until every line that begins with "To write:" has given way to the real thing.
"""

import argparse
from pathlib import Path
from string import Template

from helpers.start_here.topics import Topic, find_topic

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = Path(__file__).parent / "templates"
NOTEBOOK_ROOM = {"notebooks/source/$name.py": "notebook"}
LAB_ROOMS = {
    "labs/source/$name.py": "lab",
    "helpers/$slug/__init__.py": "init",
    "helpers/$slug/model.py": "model",
    "helpers/$slug/figures.py": "figures",
    "helpers/$slug/explorer.py": "explorer",
    "tests/$slug/test_model.py": "test_model",
}
NEXT_STEPS = """\
Next:
  1. helpers/$slug/model.py and tests/$slug/test_model.py, one test at a time
  2. helpers/$slug/figures.py and helpers/$slug/explorer.py
  3. notebooks/source/$name.py, whose cells are to cover: $covers
  4. labs/source/$name.py, with the wrong solutions that it must catch
  5. python3 course.py build $slug     makes the notebook, the lab and the README's row
  6. python3 course.py test            fails until no "To write:" is left"""


def main(argv: list[str], root: Path = ROOT) -> int:
    """Lay the rooms of one topic, or say why not.

    Parameters
    ----------
    argv : list of str
        A topic's slug, number or name.
    root : Path
        The top of the course.

    Returns
    -------
    int
        0 if the rooms were laid; 1 if the learning path has no such topic or one of its
        files is there already, in which case nothing is written.
    """
    parser = argparse.ArgumentParser(
        prog="course.py topic", description="Lay a topic's empty rooms."
    )
    parser.add_argument("name", metavar="NAME", help='such as "caching" or "04_caching"')
    try:
        topic = find_topic(parser.parse_args(argv).name)
        laid = lay_rooms(topic, root)
    except (ValueError, FileExistsError) as error:
        print(error)
        return 1
    print("\n".join(f"laid {path.relative_to(root).as_posix()}" for path in laid))
    print(_fill(NEXT_STEPS, topic))
    return 0


def lay_rooms(topic: Topic, root: Path) -> list[Path]:
    """Write a topic's files from the templates.

    Parameters
    ----------
    topic : Topic
        One of the learning path.
    root : Path
        The top of the course.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileExistsError
        If any of the files is there already; nothing is written then.
    """
    rooms = NOTEBOOK_ROOM | (LAB_ROOMS if topic.needs_lab else {})
    places = {root / _fill(place, topic): template for place, template in rooms.items()}
    there = [path.relative_to(root).as_posix() for path in places if path.exists()]
    if there:
        raise FileExistsError(f"nothing written, for these are there already: {', '.join(there)}")
    for path, template in places.items():
        text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_fill(text, topic), encoding="utf-8", newline="\n")
    return list(places)


def _fill(text: str, topic: Topic) -> str:
    return Template(text).substitute(
        name=topic.name,
        slug=topic.slug,
        title=topic.title,
        question=topic.question,
        covers=", ".join(topic.covers) or "nothing of the brief",
    )
