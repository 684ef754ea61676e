"""The parts of README.md that the course writes itself: its links and its table of topics."""

import sys
from pathlib import Path

from helpers.start_here.topics import Rooms, find_topics
from tools.notebook_build import BuildError
from tools.notebook_build.files import write_atomically
from tools.notebook_build.links import Links, read_links

ROOT = Path(__file__).resolve().parents[1]


def main(argv: list[str], root: Path = ROOT) -> int:
    """Write the generated parts, or with `--check` say whether they are up to date."""
    try:
        if "--check" in argv:
            problems = check_readme(root)
            print("\n".join(problems) or "README.md is up to date")
            return 1 if problems else 0
        print("README.md written" if write_readme(root) else "README.md is up to date")
        return 0
    except BuildError as error:
        print(error)
        return 1


def write_readme(root: Path) -> bool:
    """Bring the generated parts of README.md up to date.

    Returns
    -------
    bool
        Whether anything had to change.

    Raises
    ------
    BuildError
        If README.md lacks the markers around the table of topics.
    """
    readme = root / "README.md"
    old = _read(readme)
    new = fill_readme(old, root)
    if new != old:
        write_atomically(readme, new.encode())
    return new != old


def check_readme(root: Path) -> list[str]:
    """Say what in README.md is not up to date; nothing where all is."""
    old = _read(root / "README.md")
    if fill_readme(old, root) == old:
        return []
    return ["README.md: its generated parts are not up to date; run python3 course.py build"]


def fill_readme(text: str, root: Path) -> str:
    """Put the links and the table of topics between their markers.

    Parameters
    ----------
    text : str
        README.md with `<!-- topics:begin -->` and `<!-- topics:end -->`, and, if it wants
        the links too, `<!-- links:begin -->` and `<!-- links:end -->`.
    root : Path
        The top of the course.
    """
    links = read_links(root)
    if "<!-- links:begin -->" in text:
        text = _replace(text, "links", render_links(links))
    return _replace(text, "topics", render_topics(find_topics(root), links))


def render_links(links: Links) -> str:
    """Give the badge that opens the course on Binder, and the link to the repository."""
    start = links.to_binder("notebooks/00_start_here.ipynb")
    badge = "![Open on Binder](https://mybinder.org/badge_logo.svg)"
    return f"[{badge}]({start}) · [Repository]({links.repository})"


def render_topics(topics: tuple[Rooms, ...], links: Links) -> str:
    """Give the table of the learning path: topic, notebook, lab, model."""
    head = ["| | Topic | Notebook | Lab | Model |", "|---:|---|---|---|---|"]
    return "\n".join([*head, *(_row(rooms, links) for rooms in topics)])


def _row(rooms: Rooms, links: Links) -> str:
    topic = rooms.topic
    subject = f"**{topic.title}**<br>{topic.question}"
    if rooms.notebook is None:
        cells = ["to come", "", ""]
    else:
        notebook = f"[read]({rooms.notebook}) · [run]({links.to_binder(rooms.notebook)})"
        cells = [notebook, _lab(rooms), f"[code]({rooms.model})" if rooms.model else "none"]
    return "| " + " | ".join([f"{topic.number:02d}", subject, *cells]) + " |"


def _lab(rooms: Rooms) -> str:
    return f"[build]({rooms.lab}) · [solution]({rooms.solution})" if rooms.lab else "none"


def _replace(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise BuildError(f"README.md: there must be {begin} and, after it, {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def _read(readme: Path) -> str:
    if not readme.exists():
        raise BuildError("README.md: there is none")
    return readme.read_text(encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
