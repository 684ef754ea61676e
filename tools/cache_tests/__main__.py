"""Run the public tests: `python -m tools.cache_tests` writes the page and the scores.

With `--check` nothing is written, and the command fails if they are not current.
"""

import argparse
import sys
from pathlib import Path

from helpers.http_caching.public_tests import SCORES
from tools.cache_tests.page import Run, write_page, write_scores
from tools.cache_tests.suite import AbsentError, load_suite
from tools.notebook_build.files import write_atomically

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "http_cache_tests.md"


def main(arguments: list[str]) -> int:
    """Write both files, or say whether they are current."""
    parser = argparse.ArgumentParser(prog="python -m tools.cache_tests", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    wish = parser.parse_args(arguments)
    try:
        made = make(Run(load_suite()))
    except AbsentError as reason:
        print(f"The suite cannot be had: {reason}.")
        return 1
    old = [file for file, text in made.items() if read(file) != text]
    for file in [] if wish.check else old:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, made[file].encode())
    for file in made:
        told = "current" if file not in old else "not current" if wish.check else "written"
        print(f"{file.relative_to(ROOT).as_posix()}: {told}")
    return 1 if wish.check and old else 0


def make(run: Run) -> dict[Path, str]:
    """Give both files with what they should hold."""
    return {PAGE: write_page(run), SCORES: write_scores(run.scores())}


def read(file: Path) -> str:
    """Give a file's text, or nothing where it is not there."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
