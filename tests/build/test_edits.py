"""What somebody wrote into a notebook is never lost."""

import json

import jupytext.cli
import pytest

from tools import build
from tools.notebook_build.edits import find_edits, hash_cells

NOTEBOOK, LAB = "notebooks/02_scaling.ipynb", "labs/02_scaling.ipynb"


def test_a_filled_in_lab_is_left_alone(built, no_kernel, capsys):
    lab = built.read(LAB)
    lab["cells"][2]["source"] = ["def evict(entries):\n", "    return entries[0]"]
    built.write(lab, LAB)
    before = (built.root / LAB).read_bytes()
    assert built.build("--force", LAB) == 1
    said = capsys.readouterr().out
    assert "labs/02_scaling.ipynb was edited since it was built" in said
    assert "cell 3 is changed: def evict(entries):" in said
    assert "copy the cells into labs/source/02_scaling.py" in said
    assert (built.root / LAB).read_bytes() == before


def test_an_edited_notebook_says_which_cells_and_how_to_keep_them(built, no_kernel, capsys):
    notebook = built.read()
    notebook["cells"][2]["source"] = ["print(capacity(4))"]
    notebook["cells"].insert(4, {"cell_type": "code", "source": "mine", "metadata": {}})
    del notebook["cells"][-1]
    built.write(notebook)
    assert built.build(NOTEBOOK) == 1
    said = capsys.readouterr().out
    assert "cell 3 is changed: print(capacity(4))" in said
    assert "cell 5 is new: mine" in said
    assert "cell 11 comes where 1 stood that are gone" in said
    command = (
        "jupytext --to py:percent -o notebooks/source/02_scaling.py notebooks/02_scaling.ipynb"
    )
    assert command in said


def test_an_edit_is_told_on_every_build(built, no_kernel):
    notebook = built.read()
    notebook["cells"][2]["source"] = ["print(capacity(4))"]
    built.write(notebook)
    assert [built.build(), built.build()] == [1, 1]


def test_the_command_shown_brings_the_edit_into_the_source(built, capsys):
    notebook = built.read()
    notebook["cells"][2]["source"] = ["print(capacity(4))"]
    built.write(notebook)
    assert built.build(NOTEBOOK) == 1
    said = capsys.readouterr().out
    command = next(line.split() for line in said.splitlines() if "jupytext --to" in line)
    *options, source, output = command[1:]
    jupytext.cli.jupytext([*options, str(built.root / source), str(built.root / output)])
    assert built.build(NOTEBOOK) == 0
    assert built.outputs()[0]["text"] == ["400\n"]
    assert built.read()["cells"][2]["metadata"] == {"covers": ["F6"], "tags": ["toy"]}


def test_one_edited_notebook_does_not_keep_the_others_from_being_built(built, monkeypatch, capsys):
    monkeypatch.setattr(build, "_run", lambda notebook, target, stop: b"{}")
    lab = built.read(LAB)
    lab["cells"][2]["source"] = ["mine"]
    built.write(lab, LAB)
    assert built.build("--force") == 1
    assert "2 built, 1 failed" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["<<<<<<< a merge\n", '{"cells": [], "metadata": {}}'])
def test_only_a_notebook_of_ours_may_be_replaced(course, content):
    path = course.root / NOTEBOOK
    path.write_text(content)
    wanted = course.make().cells
    assert bool(find_edits(path, wanted)) == content.startswith("<")


def test_a_notebook_that_the_build_did_not_make_is_left_alone(course):
    path = course.root / NOTEBOOK
    cell = {"cell_type": "code", "source": ["mine"], "metadata": {}}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}}))
    edits = find_edits(path, course.make().cells)
    assert [str(edit) for edit in edits] == ["cell 1 is new: mine"]


def test_the_hash_of_a_cell_is_the_same_however_the_file_splits_its_text():
    whole = [{"cell_type": "code", "source": "a\nb"}]
    split = [{"cell_type": "code", "source": ["a\n", "b"]}, {"cell_type": "code", "source": []}]
    assert hash_cells(whole) == hash_cells(split)
    assert hash_cells(whole) != hash_cells([{"cell_type": "markdown", "source": "a\nb"}])
