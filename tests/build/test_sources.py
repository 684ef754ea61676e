"""From a source to a notebook that has not run."""

from textwrap import dedent

import pytest

from tools.notebook_build import BuildError
from tools.notebook_build.links import Links, read_links
from tools.notebook_build.sources import keep_solution, leave_blank, lengthen_links, name_cells
from tools.notebook_build.targets import Version

LAB = "labs/source/02_scaling.py"
LINKS = Links("https://code.example/course", "https://binder.example/course/main")


def test_the_learner_gets_an_invitation_where_the_solution_stood():
    source = dedent(
        '''
        def f(x):
            """Say it."""
            # BEGIN SOLUTION
            y = x

            return y
            # END SOLUTION
        '''
    ).strip()
    blank = dedent(
        '''
        def f(x):
            """Say it."""
            # Your code here.
            return TODO
        '''
    ).strip()
    assert leave_blank(source) == blank


def test_the_solution_keeps_its_lines_and_loses_the_markers():
    source = "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n\nf()"
    assert keep_solution(source) == "def f():\n    return 1\n\nf()"


def test_a_cell_may_hold_two_solutions():
    part = "    def {}(self):\n        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION\n"
    blank = leave_blank("class C:\n" + part.format("a") + part.format("b"))
    assert blank.count("return TODO") == 2
    assert "return 1" not in blank


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    # BEGIN SOLUTION\n    return 1",
        "def f():\n    return 1\n    # END SOLUTION",
        "def f():\n    # BEGIN SOLUTION\n    # BEGIN SOLUTION\n    # END SOLUTION",
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION",
    ],
)
@pytest.mark.parametrize("shape", [leave_blank, keep_solution])
def test_a_marker_that_cannot_be_right_is_refused(shape, source):
    with pytest.raises(ValueError, match=r"no partner|inside a function"):
        shape(source)


def test_a_wrong_marker_is_reported_with_its_source_and_its_cell(course):
    course.edit("    # END SOLUTION\n", "", LAB)
    with pytest.raises(BuildError, match=r"labs/source/02_scaling.py, cell lab-3: .* no partner"):
        course.make(Version.LEARNER)


def test_a_name_that_only_the_stubs_need_is_imported_for_the_learner(course):
    learner, solution = (course.make(version) for version in (Version.LEARNER, Version.SOLUTION))
    assert learner.cells[1].source == "from helpers.checks import TODO, check"
    assert solution.cells[1].source == "from helpers.checks import check"


def test_an_import_that_the_source_has_already_stays_as_it_is(course):
    line = "from helpers.checks import check, TODO"
    course.edit("from helpers.checks import check", line, LAB)
    assert course.make(Version.LEARNER).cells[1].source == line


def test_a_long_import_is_laid_out_over_lines(course):
    names = [f"a_name_of_some_length_{n}" for n in range(4)]
    line = "from helpers.checks import check, " + ", ".join(names)
    course.edit("from helpers.checks import check", line, LAB)
    source = course.make(Version.LEARNER).cells[1].source
    assert source.splitlines()[:3] == ["from helpers.checks import (", "    TODO,", "    check,"]
    assert max(map(len, source.splitlines())) <= 100
    compile(source, "cell", "exec")


def test_a_lab_that_imports_no_checks_is_refused(course):
    course.edit("from helpers.checks import check", "x = 1", LAB)
    with pytest.raises(BuildError, match=r"no cell says `from helpers\.checks import"):
        course.make(Version.LEARNER)


def test_a_cell_for_one_of_the_two_goes_to_that_one_only(course):
    learner, solution = (
        [cell.source for cell in course.make(version).cells]
        for version in (Version.LEARNER, Version.SOLUTION)
    )
    assert 'print("Yours")' in learner
    assert 'print("Yours")' not in solution
    assert 'print("Ours")' in solution
    assert 'print("Ours")' not in learner


def test_learner_and_solution_call_the_same_cell_the_same(course):
    ids = {
        version: course.make(version).cells[-1].id
        for version in (Version.LEARNER, Version.SOLUTION)
    }
    assert set(ids.values()) == {"lab-6"}


class FakeCell:
    """As much of a cell as naming looks at."""

    def __init__(self, source: str):
        self.source = source
        self.cell_type = "markdown" if source.startswith("#") else "code"


def names_of(*sources: str) -> list[str]:
    return name_cells([FakeCell(source) for source in sources])


def test_cells_are_named_by_section_and_place():
    named = names_of("x", "# Überlast & Ruhe", "y", "## Grow", "z", "# Überlast & Ruhe", "w")
    assert named == [
        "cell-1",
        "berlast-ruhe-1",
        "berlast-ruhe-2",
        "grow-1",
        "grow-2",
        "berlast-ruhe-3",
        "berlast-ruhe-4",
    ]


def test_a_new_cell_renames_none_in_other_sections():
    before = names_of("# A", "x", "# B", "y")
    after = names_of("# A", "x", "new", "# B", "y")
    assert [name for name in after if name != "a-3"] == before


def test_names_are_short_enough_for_the_notebook_format_and_never_alike():
    headings = [f"# {'a very long heading ' * 5}{n}" for n in range(20)]
    named = names_of(*headings, "# 100 %", "# ?", "x")
    assert len(set(named)) == len(named)
    assert max(map(len, named)) <= 64


def test_links_come_from_the_project_file(course):
    assert read_links(course.root) == LINKS


def test_a_project_file_without_links_is_refused(course):
    (course.root / "pyproject.toml").write_text("[project.urls]\n")
    with pytest.raises(BuildError, match="Repository"):
        read_links(course.root)


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{{repository}}", "https://code.example/course"),
        ("{{repository:blob/main/a.py}}", "https://code.example/course/blob/main/a.py"),
        ("{{binder}}", "https://binder.example/course/main"),
        (
            "{{binder:labs/a b.ipynb}}",
            "https://binder.example/course/main?labpath=labs%2Fa%20b.ipynb",
        ),
        (r"\frac{{binder}", r"\frac{{binder}"),
        ("{{other}}", "{{other}}"),
    ],
)
def test_placeholders_are_filled_and_all_else_is_left(written, filled):
    assert LINKS.fill(f"a {written} b") == f"a {filled} b"


def test_placeholders_are_filled_in_text_and_not_in_code(course):
    course.edit("print(capacity(3))", 'print("{{repository}}")')
    notebook = course.make()
    assert "[the code](https://code.example/course)" in notebook.cells[0].source
    assert notebook.cells[2].source == 'print("{{repository}}")'


@pytest.mark.parametrize(
    ("seen_from_labs", "seen_from_solutions"),
    [
        ("[a](../notebooks/x.ipynb)", "[a](../../notebooks/x.ipynb)"),
        ("[a](02_scaling.ipynb#grow)", "[a](../02_scaling.ipynb#grow)"),
        ("[a](solutions/x.ipynb)", "[a](../solutions/x.ipynb)"),
        ('<img src="../a.png">', '<img src="../../a.png">'),
        ("[a](https://x.org/y)", "[a](https://x.org/y)"),
        ("[a](#grow)", "[a](#grow)"),
        ("[a](mailto:b@x.org)", "[a](mailto:b@x.org)"),
    ],
)
def test_a_solution_lies_deeper_and_its_links_are_longer(seen_from_labs, seen_from_solutions):
    assert lengthen_links(seen_from_labs) == seen_from_solutions
