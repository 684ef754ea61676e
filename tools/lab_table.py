"""What each lab catches: `python -m tools.lab_table [TOPIC ...]` writes docs/labs.md.

A topic's wrong answers stand in tests/<topic>/wrong_answers.py: `WRONG` gives, for each
question and each mistake, answers that make it. Where `MODEL` names a question, its
answers are run inside the course's model as well, the reference first: `model_row`
writes a row for an answer, `MODEL_HEADER` what its cells are.
"""

import argparse
import ast
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from helpers.checks.labs import Check, judge_function
from tools.notebook_build.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = Path("docs/labs.md")
HEAD = """# What the labs catch

A lab's check must let the right answer pass and must find the mistakes people make, each with
the hint that fits. The answers below are wrong on purpose, and every test run hands them in.
`python -m tools.lab_table` writes this page.
"""

FOUND = ("question", "the answer's idea", "found as", "hint")
REFERENCE = "**the reference**"


def main(argv: list[str], root: Path = ROOT) -> int:
    """Write the page, or with `--check` say whether it is current."""
    parser = argparse.ArgumentParser(prog="python -m tools.lab_table", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    parser.add_argument("topic", nargs="*", help="such as `caching`; all, if none is named")
    wish = parser.parse_args(argv)
    if unknown := set(wish.topic) - set(topics(root)):
        parser.error(f"topic must be one of {', '.join(topics(root))}, got {', '.join(unknown)}")
    anew = wish.topic or topics(root)
    parts = [(write_section if t in anew else read_section)(t, root) for t in topics(root)]
    page = "\n".join([HEAD, *(f"{part.rstrip()}\n" for part in parts if part)])
    place = root / DOCUMENT
    if wish.check:
        is_current = place.exists() and place.read_text(encoding="utf-8") == page
        print(f"{DOCUMENT}: {'current' if is_current else 'not what the labs catch today'}")
        return 0 if is_current else 1
    place.parent.mkdir(exist_ok=True)
    write_atomically(place, page.encode())
    print(f"{DOCUMENT}: written")
    return 0


def topics(root: Path = ROOT) -> list[str]:
    """List the topics that have wrong answers, in the order of their labs."""
    slugs = [slug_of(lab) for lab in sorted((root / "labs/source").glob("*.py"))]
    return [slug for slug in slugs if (root / f"tests/{slug}/wrong_answers.py").exists()]


def read_section(topic: str, root: Path = ROOT) -> str:
    """Give a topic's part of the page as it stands there; empty where there is none."""
    place = root / DOCUMENT
    text = place.read_text(encoding="utf-8") if place.exists() else ""
    return next((part for part in re.split(r"(?m)^(?=## )", text) if f"`{topic}." in part), "")


def write_section(topic: str, root: Path = ROOT) -> str:
    """Hand in all of a topic's wrong answers, and write down what came back."""
    wrong, lab = load_wrong_answers(topic, root), find_lab(topic, root)
    title = lab.read_text(encoding="utf-8").partition("# # ")[2].partition("\n")[0]
    given = list(wrong_answers(wrong))
    lines = [f"## {title}", "", table_row(FOUND), rule(FOUND)]
    lines += [found_row(question, answer) for question, _, answer in given]
    if question := getattr(wrong, "MODEL", ""):
        lines += ["", f"Inside the model, the answers to `{question}`. {wrong.MODEL_SAYS}", ""]
        lines += [table_row(wrong.MODEL_HEADER), rule(wrong.MODEL_HEADER)]
        lines += [row_in_model(wrong, find_answer(lab, question), REFERENCE)]
        lines += [row_in_model(wrong, answer) for answer in answers_in_model(wrong)]
    return "\n".join([*lines, ""])


def found_row(question: str, answer: Callable[..., Any]) -> str:
    """Hand one answer in, and write down what was found."""
    demand = load_checks(question.partition(".")[0])[question]
    mistake = judge_function(question, demand, answer).mistake
    return table_row((f"`{question}`", idea_of(answer), mistake, demand.hint_for(mistake)))


def row_in_model(wrong: ModuleType, answer: Callable[..., Any], name: str = "") -> str:
    """Run one answer inside the model, and write down what came of it."""
    return table_row((name or idea_of(answer), *wrong.model_row(answer)))


def answers_in_model(wrong: ModuleType) -> list[Callable[..., Any]]:
    """List the wrong answers that can be run inside the model: those that do not fail there."""
    given = wrong_answers(wrong)
    return [answer for of, mistake, answer in given if of == wrong.MODEL and mistake != "error"]


def find_lab(topic: str, root: Path = ROOT) -> Path:
    """Give the source of a topic's lab."""
    return next(lab for lab in (root / "labs/source").glob("*_*.py") if slug_of(lab) == topic)


def slug_of(lab: Path) -> str:
    """Give the topic that a lab's source belongs to."""
    return lab.stem.partition("_")[2]


def wrong_answers(module: ModuleType) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Give question, mistake and answer of all wrong answers."""
    for question, mistakes in module.WRONG.items():
        for mistake, answers in mistakes.items():
            for answer in answers:
                yield question, mistake, answer


def load_wrong_answers(topic: str, root: Path = ROOT) -> ModuleType:
    """Import a topic's wrong answers from their file."""
    name = f"wrong_answers_{topic}"
    path = root / f"tests/{topic}/wrong_answers.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"topic must have wrong answers, got none in {path.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # the answers travel to another process with what they use
    spec.loader.exec_module(module)
    return module


def load_checks(topic: str) -> dict[str, Check]:
    """Give the checks of a topic's lab."""
    checks: dict[str, Check] = import_module(f"helpers.{topic}.lab").CHECKS
    return checks


def load_answers(lab: Path) -> dict[str, Any]:
    """Run what a lab's source imports and defines, and none of its checks and pictures."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    tree = ast.parse(lab.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, kinds)]
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(tree, str(lab), "exec"), names)
    return names


def find_answer(lab: Path, question: str) -> Any:
    """Give the lab's own answer: the function named like the question, or the class."""
    answers, name = load_answers(lab), question.partition(".")[2]
    return answers.get(name) or answers[name.title().replace("_", "")]


def idea_of(answer: Callable[..., Any]) -> str:
    """Give what the answer's author thought."""
    return (answer.__doc__ or answer.__name__).strip().partition("\n")[0]


def rule(header: tuple[str, ...]) -> str:
    """Write the line under a table's header."""
    return "|" + "---|" * len(header)


def table_row(cells: tuple[str, ...]) -> str:
    """Write a row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
