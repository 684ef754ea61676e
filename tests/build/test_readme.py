"""The parts of README.md that the course writes itself."""

import pytest

from tools import build
from tools.notebook_build import BuildError
from tools.readme import check_readme, fill_readme, write_readme


def test_the_readme_lists_every_topic_and_links_the_open_ones(built_once):
    readme = (built_once.root / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| ")]
    assert len(rows) == 22
    assert rows[3].startswith("| 02 | **Scaling**<br>")
    for link in (
        "(notebooks/02_scaling.ipynb)",
        "(https://binder.example/course/main?labpath=notebooks%2F02_scaling.ipynb)",
        "(labs/02_scaling.ipynb)",
        "(labs/solutions/02_scaling.ipynb)",
        "(helpers/scaling/model.py)",
    ):
        assert link in rows[3]
    assert sum("to come" in row for row in rows) == 20
    assert readme.startswith("# A course\n")
    assert readme.endswith("-->\nThe end.\n")


def test_the_readme_is_written_once_and_then_up_to_date(course):
    assert check_readme(course.root)
    assert write_readme(course.root)
    assert not write_readme(course.root)
    assert check_readme(course.root) == []


def test_the_readme_gets_its_links_where_it_asks_for_them(course):
    links = "<!-- links:begin -->what was there<!-- links:end -->"
    filled = fill_readme(f"{links}<!-- topics:begin --><!-- topics:end -->", course.root)
    assert "](https://binder.example/course/main?labpath=notebooks%2F00_start_here.ipynb)" in filled
    assert "(https://code.example/course)" in filled
    assert "what was there" not in filled


@pytest.mark.parametrize("text", ["", "<!-- topics:end --><!-- topics:begin -->"])
def test_a_readme_without_markers_is_refused(course, text):
    with pytest.raises(BuildError, match="<!-- topics:begin -->"):
        fill_readme(text, course.root)


def test_a_missing_readme_fails_the_build_in_words(course, monkeypatch, capsys):
    monkeypatch.setattr(build, "_run", lambda *_: b"{}")
    (course.root / "README.md").unlink()
    assert course.build() == 1
    assert "README.md: there is none" in capsys.readouterr().out
