"""Which notebooks there are, and which have to be built again."""

import subprocess
import sys
from textwrap import dedent

import pytest

from tools import build
from tools.notebook_build.imports import find_closure, imported_modules
from tools.notebook_build.stamps import hash_inputs, read_stamps
from tools.notebook_build.targets import choose_targets, find_targets


def test_every_source_gives_its_notebooks(course):
    assert [t.output_name for t in find_targets(course.root)] == [
        "notebooks/02_scaling.ipynb",
        "labs/02_scaling.ipynb",
        "labs/solutions/02_scaling.ipynb",
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("scaling", 3),
        ("02_scaling", 3),
        ("./labs/source/02_scaling.py", 2),
        ("labs/solutions/02_scaling.ipynb", 1),
        ("notebooks\\02_scaling.ipynb", 1),
    ],
)
def test_a_notebook_answers_to_its_names(course, name, count):
    assert len(choose_targets(find_targets(course.root), [name])) == count


def test_an_unknown_name_is_refused_with_the_known_ones(course, capsys):
    assert course.build("skaling") == 1
    assert "'skaling'; there are: 02_scaling" in capsys.readouterr().out


def test_imports_are_followed_wherever_they_stand():
    source = dedent(
        """
        import numpy
        import helpers.workload
        from helpers import kernel
        from helpers.scaling.model import capacity

        def later():
            from helpers.caching import model
            quiz("queues.order")
            return files("helpers.edge"), "helpers.slo.lab:run_day"
        """
    )
    assert {
        "helpers.workload",
        "helpers.kernel",
        "helpers.scaling.model",
        "helpers.caching.model",
        "helpers.edge",
        "helpers.queues.questions",
        "helpers.slo.lab",
    } <= imported_modules(source)
    assert not any(name.startswith("numpy") for name in imported_modules(source))


@pytest.mark.parametrize(
    ("statement", "module", "found"),
    [
        ("from . import arrivals", "helpers.workload.__init__", "helpers.workload.arrivals"),
        ("from .keys import zipf", "helpers.workload.arrivals", "helpers.workload.keys"),
        ("from ..kernel import kernel", "helpers.scaling.model", "helpers.kernel"),
    ],
)
def test_relative_imports_start_from_where_they_stand(statement, module, found):
    assert found in imported_modules(statement, module)


def test_the_closure_holds_helpers_of_helpers_and_their_data_and_no_more(course):
    found = find_closure(course.root, (course.root / "notebooks/source/02_scaling.py").read_text())
    assert {path.relative_to(course.root / "helpers").as_posix() for path in found} == {
        "__init__.py",
        "kernel.py",
        "scaling/__init__.py",
        "scaling/model.py",
        "scaling/data/log/day.log",
        "scaling/rates.csv",
    }


@pytest.mark.parametrize(
    "name",
    [
        "notebooks/source/02_scaling.py",
        "helpers/scaling/model.py",
        "helpers/scaling/rates.csv",
        "helpers/kernel.py",
        "requirements.lock",
    ],
)
def test_a_notebook_is_stale_when_anything_it_rests_on_has_changed(course, name):
    before = hash_inputs(course.target())
    with (course.root / name).open("a") as file:
        file.write("# more\n")
    assert hash_inputs(course.target()) != before


def test_a_notebook_is_stale_when_the_links_have_changed(course):
    before = hash_inputs(course.target())
    project = course.root / "pyproject.toml"
    project.write_text(project.read_text().replace("code.example", "fork.example"))
    assert hash_inputs(course.target()) != before


def test_a_notebook_is_not_stale_when_another_topic_has_changed(course):
    before = hash_inputs(course.target())
    (course.root / "helpers/caching/model.py").write_text("# more\n")
    assert hash_inputs(course.target()) == before


def test_a_helper_that_reads_names_makes_new_files_count(course):
    with (course.root / "helpers/kernel.py").open("a") as file:
        file.write('READS_NAMES = ("notebooks/source/*.py",)\n')
    before = hash_inputs(course.target())
    (course.root / "notebooks/source/03_load_balancing.py").write_text("# %%\n1\n")
    assert hash_inputs(course.target()) != before


def test_broken_stamps_count_as_none(course):
    (course.root / ".build").mkdir()
    (course.root / ".build/stamps.json").write_text("{half")
    assert read_stamps(course.root) == {}


def test_what_is_up_to_date_is_not_built_again(built, no_kernel, capsys):
    assert built.build() == 0
    assert "3 up to date" in capsys.readouterr().out


def test_only_what_a_change_concerns_is_built_again(built, monkeypatch, capsys):
    monkeypatch.setattr(build, "_run", lambda notebook, target, stop: target.output.read_bytes())
    built.edit("return 100 * servers", "return 90 * servers", "helpers/scaling/model.py")
    assert built.build() == 0
    assert "1 built, 2 up to date" in capsys.readouterr().out
    assert built.build("--force") == 0
    assert "3 built" in capsys.readouterr().out


def test_a_notebook_that_somebody_only_ran_is_built_again(built, capsys):
    notebook = built.read()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count=99, outputs=[])
    notebook["cells"].append({"cell_type": "code", "source": [], "metadata": {}, "outputs": []})
    built.write(notebook)
    assert built.build() == 0
    assert "1 built, 2 up to date" in capsys.readouterr().out
    assert built.outputs()


def test_heavy_packages_are_not_imported_when_nothing_is_stale(built):
    program = (
        "import sys; from pathlib import Path; from tools import build; "
        f"assert build.main([], Path({str(built.root)!r})) == 0; "
        "print(sorted({'jupytext', 'nbclient', 'nbformat', 'numpy', 'zmq'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert run.stdout.splitlines()[-1] == "[]", run.stderr
