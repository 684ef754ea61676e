"""What a built notebook holds, and what it does not."""

import json

import nbformat

from tools.notebook_build.tidy import hide_addresses, tidy_notebook

LAB, SOLUTION = "labs/02_scaling.ipynb", "labs/solutions/02_scaling.ipynb"


def test_only_places_in_memory_are_hidden():
    output = {
        "text/plain": "<Cache at 0x7f31a2b4c5d0> hashes to 0x7f31a2b4c5d0",
        "text/html": ["<function f at 0x10a>"],
        "image/png": "at 0x7f31a2b4c5d0",
    }
    assert hide_addresses(output) == {
        "text/plain": "<Cache at 0x0> hashes to 0x7f31a2b4c5d0",
        "text/html": ["<function f at 0x0>"],
        "image/png": "at 0x7f31a2b4c5d0",
    }


def test_a_built_notebook_says_what_came_out(built_once):
    number, place, slider, counter, picture, printed, complained, where = (
        "".join(output["text"] if "text" in output else output["data"]["text/plain"])
        for output in built_once.outputs()
    )
    assert number == "300\n"
    assert place == "<__main__.Cache at 0x0>"
    assert slider == "IntSlider(value=0, description='servers')"
    assert counter == "<__main__.Counter object at 0x0>"
    assert picture == "<IPython.core.display.Image object>"
    assert printed.startswith("hash ")
    assert printed.endswith("\nUTC notebooks and on\n")
    assert complained == " to the error stream\n"
    assert where == "True\nno progress yet True\n"


def test_cells_keep_what_they_cover_and_lose_what_only_the_build_reads(built_once):
    assert built_once.read()["cells"][2]["metadata"] == {"covers": ["F6"], "tags": ["toy"]}
    for name in (LAB, SOLUTION):
        metadata = [cell["metadata"] for cell in built_once.read(name)["cells"]]
        assert metadata == [{}, {}, {}, {}, {"tags": ["load"]}]


def test_no_widget_is_left_in_the_file(built_once):
    notebook = built_once.read()
    assert "widgets" not in notebook["metadata"]
    assert "widget-view" not in json.dumps(notebook)


def test_cells_are_numbered_from_one_without_a_gap(built_once):
    cells = [cell for cell in built_once.read()["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    results = [o for o in built_once.outputs() if o["output_type"] == "execute_result"]
    assert [result["execution_count"] for result in results] == [3, 4, 5, 6]


def test_counts_are_made_anew_whatever_the_kernel_counted(course):
    notebook = course.make()
    for count, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = 7 * count
            cell.outputs = [nbformat.v4.new_output("execute_result", execution_count=7 * count)]
            cell.outputs[0].data["text/plain"] = "7"
    cells = json.loads(tidy_notebook(notebook, course.target()))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    counts = [(cell["execution_count"], cell["outputs"][0]["execution_count"]) for cell in code]
    assert counts == [(count, count) for count in range(1, len(code) + 1)]


def test_the_file_says_nothing_of_the_machine_that_made_it(built_once):
    notebook = built_once.read()
    assert sorted(notebook["metadata"]) == ["course", "kernelspec", "language_info"]
    assert "version" not in notebook["metadata"]["language_info"]
    assert str(built_once.root) not in json.dumps(notebook)


def test_the_file_ends_with_one_newline_and_its_keys_are_in_order(built_once):
    content = (built_once.root / "notebooks/02_scaling.ipynb").read_text(encoding="utf-8")
    layout = {"indent": 1, "sort_keys": True, "ensure_ascii": False}
    assert content == json.dumps(built_once.read(), **layout) + "\n"


def test_learner_and_solution_ran_both(built_once):
    learner = built_once.outputs(LAB)
    solution = built_once.outputs(SOLUTION)
    assert learner[-1]["data"]["text/plain"] == ["'scaling.evict: TODO'"]
    assert solution[-1]["data"]["text/plain"] == ["'scaling.evict: 1'"]


def test_nothing_is_left_behind_but_notebooks_and_stamps(built_once):
    files = (path for path in built_once.root.rglob("*") if path.is_file())
    found = {path.relative_to(built_once.root).as_posix() for path in files}
    assert {name for name in found if not name.startswith("helpers/")} == {
        ".build/stamps.json",
        "README.md",
        "labs/02_scaling.ipynb",
        "labs/solutions/02_scaling.ipynb",
        "labs/source/02_scaling.py",
        "notebooks/02_scaling.ipynb",
        "notebooks/source/02_scaling.py",
        "pyproject.toml",
        "requirements.lock",
    }
