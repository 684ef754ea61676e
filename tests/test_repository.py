"""The house rules: what holds for every topic, found by looking and never by listing."""

import ast
import graphlib
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from helpers.start_here.topics import Rooms, Topic, find_topics, learning_path, read_brief
from tools.notebook_build.edits import text_of
from tools.notebook_build.imports import find_closure, find_files, imported_modules, module_name
from tools.notebook_build.links import read_links
from tools.notebook_build.targets import find_orphans, find_targets
from tools.readme import check_readme

ROOT = Path(__file__).resolve().parents[1]
HELPERS = sorted((ROOT / "helpers").rglob("*.py"))
SLUGS = {topic.slug for topic in learning_path()}
OPEN = [rooms for rooms in find_topics(ROOT) if rooms.is_open]
BUILT = [target for target in find_targets(ROOT) if target.output.exists()]

DRAWS = {"matplotlib", "pandas", "ipywidgets", "anywidget", "IPython", "plotly"}
"""Packages that a model must do without."""

SEEDED = {"default_rng", "Generator", "SeedSequence", "BitGenerator", "PCG64", "Philox"}
"""What `numpy.random` has that carries its own state."""

CELL_LINES, TOY_LINES = 8, 15
"""How long a code cell may be; the toy, tagged so, and a single call with its words may be
longer."""

each_open_topic = pytest.mark.parametrize("rooms", OPEN, ids=lambda rooms: rooms.topic.name)
each_notebook = pytest.mark.parametrize("target", BUILT, ids=lambda target: target.output_name)


def files_of_the_course() -> list[Path]:
    """List the files that are in the repository or about to be: not what git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        found = [ROOT / name for name in run.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # a course unpacked from an archive
        found = [path for path in ROOT.rglob("*") if not set(path.parts) & {".venv", ".build"}]
    return sorted(path for path in found if path.is_file())


FILES = files_of_the_course()


def tell(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return module_name(path, ROOT)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def cells_of(path: str | Path) -> list[dict[str, Any]]:
    return list(json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"])


def covered_by(path: str | None) -> set[str]:
    if path is None or not (ROOT / path).exists():
        return set()
    return {item for cell in cells_of(path) for item in cell["metadata"].get("covers", [])}


# Every topic has all its rooms


@each_open_topic
def test_a_topic_that_has_a_mechanism_has_all_its_rooms(rooms: Rooms):
    slug, name = rooms.topic.slug, rooms.topic.name
    wanted = [f"notebooks/source/{name}.py", f"notebooks/{name}.ipynb"]
    if rooms.topic.needs_lab:
        wanted += [
            f"labs/source/{name}.py",
            f"labs/{name}.ipynb",
            f"labs/solutions/{name}.ipynb",
            f"helpers/{slug}/model.py",
            f"helpers/{slug}/figures.py",
            f"helpers/{slug}/explorer.py",
        ]
    assert [path for path in wanted if not (ROOT / path).is_file()] == []
    if rooms.topic.needs_lab:
        assert list((ROOT / "tests" / slug).glob("test_*.py"))


def test_every_notebook_is_a_topic_of_the_learning_path():
    names = {topic.name for topic in learning_path()}
    assert [t.source_name for t in find_targets(ROOT) if t.name not in names] == []


def test_every_lab_belongs_to_a_notebook():
    assert [rooms.lab for rooms in find_topics(ROOT) if rooms.lab and not rooms.is_open] == []


def test_every_notebook_has_a_source():
    assert find_orphans(ROOT, find_targets(ROOT)) == []


def test_every_package_of_a_topic_is_on_the_learning_path():
    rooms = {path.parent.name for path in (ROOT / "helpers").glob("*/model.py")}
    assert rooms - SLUGS == set()


@each_open_topic
def test_the_table_in_the_readme_leads_to_every_room(rooms: Rooms):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    wanted = [path for path in (rooms.notebook, rooms.lab, rooms.solution, rooms.model) if path]
    assert [path for path in wanted if f"]({path})" not in readme] == []


def test_the_generated_parts_of_the_readme_are_up_to_date():
    assert check_readme(ROOT) == []


def test_nothing_is_left_to_write():
    marker = "To " + "write:"
    folders = ("notebooks/", "labs/", "helpers/", *(f"tests/{slug}/" for slug in SLUGS))
    ours = (path for path in FILES if tell(path).startswith(folders) and path.suffix == ".py")
    assert [tell(path) for path in ours if marker in path.read_text(encoding="utf-8")] == []


# Everything in the brief is taught, or named as still to come


@each_open_topic
def test_an_open_topic_teaches_what_it_promised_and_says_so_in_its_cells(rooms: Rooms):
    covered = covered_by(rooms.notebook) | covered_by(rooms.lab)
    assert covered == set(rooms.topic.covers)


def test_every_item_of_the_brief_is_covered_or_named_as_still_to_come():
    covered = {i for rooms in OPEN for i in covered_by(rooms.notebook) | covered_by(rooms.lab)}
    to_come = {i for topic in to_come_topics() for i in topic.covers}
    assert set(read_brief()) - covered - to_come == set()


def to_come_topics() -> list[Topic]:
    return [rooms.topic for rooms in find_topics(ROOT) if not rooms.is_open]


# Layers: formula, simulation, figure, explorer, each ignorant of the next


def topic_of(path: Path) -> str | None:
    parts = path.relative_to(ROOT / "helpers").parts
    return parts[0] if len(parts) > 1 and parts[0] in SLUGS else None


def packages_imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def packages_imported_at_once(path: Path) -> set[str]:
    """Name what importing a module imports: not what its functions do when they are called."""
    top = [node for node in parse(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return packages_imported(ast.Module(top, []))


def imports_of(path: Path, strings: bool = False) -> set[Path]:
    """Give the files of `helpers` that a module imports, but for the names of types."""
    text = ast.unparse(without_types(parse(path)))
    names = imported_modules(text, dotted(path), strings)
    whole = [name for name in names if not any(other.startswith(f"{name}.") for other in names)]
    return {files[-1] for name in whole if (files := find_files(ROOT, name))} - {path}


def without_types(tree: ast.Module) -> ast.Module:
    """Leave out what stands under `if TYPE_CHECKING:`, which no run ever reaches."""
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    ]
    return tree


def rests_on(module: str) -> list[Path]:
    found = find_closure(ROOT, f"import {module}")
    return sorted(path for path in found if path.suffix == ".py")


def draws(path: Path) -> bool:
    """Tell whether a module of a topic is about figures."""
    return "matplotlib" in packages_imported(parse(path))


def explores(path: Path) -> bool:
    """Tell whether a module of a topic is about controls."""
    return bool({ROOT / "helpers/explorer/__init__.py"} & imports_of(path))


MODELS = sorted((ROOT / "helpers").glob("*/model.py"))
OF_TOPICS = [path for path in HELPERS if topic_of(path)]
FIGURES = [path for path in OF_TOPICS if draws(path) and not explores(path)]


@pytest.mark.parametrize("model", MODELS, ids=tell)
def test_a_model_and_all_it_rests_on_do_without_figures_tables_and_widgets(model: Path):
    below = rests_on(dotted(model))
    own = {tell(p): packages_imported(parse(p)) & DRAWS for p in below if topic_of(p)}
    shared = {tell(p): packages_imported_at_once(p) & DRAWS for p in below if not topic_of(p)}
    assert {path: packages for path, packages in (own | shared).items() if packages} == {}


@pytest.mark.parametrize("model", MODELS, ids=tell)
def test_a_model_knows_neither_figure_nor_explorer(model: Path):
    names = {"figure.py", "figures.py", "explorer.py"}
    assert [tell(p) for p in rests_on(dotted(model)) if p.name in names] == []


@pytest.mark.parametrize("path", FIGURES, ids=tell)
def test_a_figure_knows_no_explorer_and_simulates_nothing(path: Path):
    assert [tell(other) for other in imports_of(path) if other.name == "explorer.py"] == []
    names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(parse(path))}
    names |= {alias.name for node in ast.walk(parse(path)) for alias in aliases_of(node)}
    assert {name for name in names if name.startswith("simulate")} == set()


def aliases_of(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else []


def test_a_topic_builds_on_another_one_through_its_model_only():
    doors = {topic_of(model): rests_on(dotted(model)) for model in MODELS}
    wrong = [
        f"{tell(path)} imports {tell(other)}"
        for path in OF_TOPICS
        for other in sorted(imports_of(path))
        if topic_of(other) not in (None, topic_of(path))
        and other not in doors.get(topic_of(other), [])
    ]
    assert wrong == []


def test_no_module_imports_itself_by_way_of_others():
    graph = {tell(path): {tell(other) for other in imports_of(path)} for path in HELPERS}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])), pytrace=False)


def test_every_helper_is_used_by_something():
    tools = (ROOT / "tools").rglob("*.py")
    sources = [*HELPERS, *tools, *(target.source for target in find_targets(ROOT))]
    used = {other for path in sources for other in imports_of(path, strings=True)}
    lonely = [path for path in HELPERS if path not in used and path.name != "__init__.py"]
    assert [tell(path) for path in lonely if not is_a_command(path)] == []


def is_a_command(path: Path) -> bool:
    """Tell whether a module is there to be run by itself."""
    return any(
        ast.unparse(node).startswith("if __name__ == '__main__'") for node in parse(path).body
    )


# Time is simulated, chance is seeded


def calls_by_full_name(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_global_chance(name: str) -> bool:
    found = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", name)
    return name == "random" or bool(found and found[1] not in SEEDED)


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("np.random.rand", True),
        ("numpy.random.seed", True),
        ("random", True),
        ("np.random.default_rng", False),
        ("np.random.Generator", False),
        ("rng.random", False),
    ],
)
def test_chance_that_nobody_seeds_is_told_from_chance_that_is_seeded(name, refused):
    assert is_global_chance(name) == refused


@pytest.mark.parametrize("path", HELPERS, ids=tell)
def test_nothing_draws_from_chance_that_nobody_seeds(path: Path):
    assert {name for name in calls_by_full_name(path) if is_global_chance(name)} == set()


def test_no_topic_and_nothing_a_model_rests_on_sleeps():
    simulated = {*OF_TOPICS, *(path for model in MODELS for path in rests_on(dotted(model)))}
    assert [tell(p) for p in sorted(simulated) if "time.sleep" in calls_by_full_name(p)] == []


# Notebooks read like an argument, not like a script


def lines_of_code(source: str) -> int:
    return sum(1 for line in source.splitlines() if line.strip() and line.strip()[0] != "#")


def is_one_call(source: str) -> bool:
    """Tell whether a cell is one call, whose words may take some lines."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return False
    return len(statements) == 1 and isinstance(getattr(statements[0], "value", None), ast.Call)


def longest_allowed(cell: dict[str, Any]) -> int:
    is_long = "toy" in cell["metadata"].get("tags", []) or is_one_call(text_of(cell))
    return TOY_LINES if is_long else CELL_LINES


@pytest.mark.parametrize(
    ("source", "tags", "allowed"),
    [
        ("x = 1\ny = 2", [], CELL_LINES),
        ("def toy():\n    pass", [], CELL_LINES),
        ("def toy():\n    pass", ["toy"], TOY_LINES),
        ("quiz(\n    'Which?',\n    options=['a', 'b'],\n)", [], TOY_LINES),
        ("run = simulate(\n    rate=1,\n)", [], TOY_LINES),
    ],
)
def test_a_toy_and_a_call_with_many_words_may_be_longer(source, tags, allowed):
    assert longest_allowed({"source": source, "metadata": {"tags": tags}}) == allowed


@pytest.mark.parametrize(
    "target",
    [target for target in BUILT if target.output_name.startswith("notebooks/")],
    ids=lambda target: target.output_name,
)
def test_a_code_cell_is_short(target):
    code = [cell for cell in cells_of(target.output) if cell["cell_type"] == "code"]
    long = [cell for cell in code if lines_of_code(text_of(cell)) > longest_allowed(cell)]
    assert [f"{cell['id']}: {lines_of_code(text_of(cell))} lines" for cell in long] == []


@each_notebook
def test_at_most_two_code_cells_follow_each_other(target):
    runs = groupby(cells_of(target.output), key=lambda cell: cell["cell_type"])
    code = [list(run) for kind, run in runs if kind == "code"]
    assert [run[0]["id"] for run in code if len(run) > 2] == []


# Names, paths, pins


def test_no_name_holds_a_space():
    assert [tell(path) for path in FILES if " " in tell(path)] == []


def test_no_checkpoint_is_kept():
    assert [tell(path) for path in FILES if "checkpoint" in tell(path)] == []


def test_no_file_names_a_folder_of_somebody_s_machine():
    this_machine = [re.escape(f"{folder}/") for folder in (ROOT, Path.home())]
    any_machine = [r"/(?:home|Users)/\w+/", r"[A-Z]:\\Users\\"]  # a test may make one up
    wrong = []
    for path in FILES:
        patterns = this_machine + ([] if tell(path).startswith("tests/") else any_machine)
        found = re.search(rf"(?<![\w.])(?:{'|'.join(patterns)})", read_text(path))
        wrong += [f"{tell(path)}: {found[0]}"] if found else []
    assert wrong == []


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_every_package_is_pinned_with_its_hashes():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 50
    pinned = re.compile(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}")
    assert [line[:60] for line in lines if not pinned.match(line)] == []


def test_every_dependency_states_a_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    wanted = [entry for group in groups for entry in group if isinstance(entry, str)]
    assert [entry for entry in wanted if not re.match(r"[\w.-]+(\[[\w,-]+\])?[<>=~]", entry)] == []


def test_every_link_to_binder_opens_a_file_that_is_there():
    pages = [ROOT / "README.md", *(target.output for target in BUILT)]
    links = {
        unquote(path)
        for page in pages
        for path in re.findall(r"[?&]labpath=([^)\s\"&]+)", page.read_text(encoding="utf-8"))
    }
    assert [link for link in sorted(links) if not (ROOT / link).is_file()] == []


def test_no_link_names_the_repository_but_by_the_project_file():
    links = read_links(ROOT)
    written = [*ROOT.glob("notebooks/source/*.py"), *ROOT.glob("labs/source/*.py"), *HELPERS]
    texts = {tell(path): path.read_text(encoding="utf-8") for path in written}
    assert [name for name, text in texts.items() if links.repository in text] == []
    assert [name for name, text in texts.items() if links.binder in text] == []
