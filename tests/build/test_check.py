"""`build --check`: the same bytes again, or a word on where they part."""

import json
import sys

import pytest

from tools import build
from tools.notebook_build.compare import find_differences

NOTEBOOK = "notebooks/02_scaling.ipynb"


def test_a_second_build_gives_the_same_bytes_and_check_finds_nothing(built, capsys):
    assert built.build("--check") == 0
    assert "3 the same" in capsys.readouterr().out


def test_check_says_which_output_differs(built, capsys):
    notebook = built.read()
    notebook["cells"][2]["outputs"][0]["text"] = ["301\n"]
    built.write(notebook)
    before = (built.root / NOTEBOOK).read_bytes()
    assert built.build("--check", NOTEBOOK) == 1
    said = capsys.readouterr().out
    assert "cell 3 (scaling-3): output 1, text differs" in said
    assert "-301" in said
    assert "+300" in said
    assert (built.root / NOTEBOOK).read_bytes() == before


def test_check_finds_what_is_missing_and_what_has_no_source(course, no_kernel, capsys):
    (course.root / "notebooks/03_gone.ipynb").write_text("{}")
    assert course.build("--check") == 1
    said = capsys.readouterr().out
    assert "labs/02_scaling.ipynb: not built yet" in said
    assert "notebooks/03_gone.ipynb: no source makes it" in said
    assert "README.md: its generated parts are not up to date" in said


@pytest.mark.parametrize(("platform", "code"), [("linux", 1), ("darwin", 0), ("win32", 0)])
def test_pictures_are_compared_only_where_they_were_drawn(platform, code, built, monkeypatch):
    drawn_elsewhere = built.read()
    picture = drawn_elsewhere["cells"][7]["outputs"][0]["data"]
    picture["image/png"] = picture["image/png"][::-1]
    monkeypatch.setattr(build, "_run", lambda *_: json.dumps(drawn_elsewhere).encode())
    monkeypatch.setattr(sys, "platform", platform)
    assert built.build("--check", NOTEBOOK) == code


def differences(old: dict, new: dict) -> list[str]:
    return find_differences(json.dumps(old).encode(), json.dumps(new).encode())


def test_differences_are_told_by_cell(built_once):
    new = built_once.read()
    new["cells"][2]["source"] = ["print(capacity(4))"]
    new["cells"][3]["metadata"] = {"tags": ["x"]}
    new["metadata"]["kernelspec"] = {}
    assert differences(built_once.read(), new) == [
        "metadata.kernelspec differs",
        "cell 3 (scaling-3): its source differs",
        "cell 3 (scaling-3):   @@ -1 +1 @@",
        "cell 3 (scaling-3):   -print(capacity(3))",
        "cell 3 (scaling-3):   +print(capacity(4))",
        "cell 4 (look-1): its metadata differs",
    ]


def test_a_cell_more_or_less_does_not_shift_the_others_apart(built_once):
    new = built_once.read()
    del new["cells"][4]
    new["cells"].insert(1, {"id": "mine", "cell_type": "markdown", "source": "mine"})
    new["cells"][-1]["execution_count"] = 99
    assert differences(built_once.read(), new) == [
        "cell 2 (mine): is new: the file lacks it",
        "cell 6 (look-2): is gone: the build makes none",
    ]


def test_outputs_are_told_by_their_number_and_pictures_without_their_bytes(built_once):
    new = built_once.read()
    new["cells"][7]["outputs"][0]["data"]["image/png"] = "AAAA"
    new["cells"][8]["outputs"].pop()
    assert differences(built_once.read(), new) == [
        "cell 8 (look-5): output 1, image/png differs",
        "cell 9 (look-6): 2 outputs, and the build makes 1",
    ]


def test_a_long_list_is_cut(built_once):
    new = built_once.read()
    new["cells"] = [{**new["cells"][0], "source": f"{n}"} for n in range(90)]
    said = differences(built_once.read(), new)
    assert len(said) == 61
    assert said[-1] == "and more"


def test_a_difference_of_layout_is_still_a_difference():
    assert find_differences(b'{"cells":[],"metadata":{}}', b'{"cells": [], "metadata": {}}') == [
        "only counts or the layout of the file differ"
    ]
