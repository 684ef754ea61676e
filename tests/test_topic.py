"""The tool that lays a topic's empty rooms, and the learning path it takes them from."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpers.start_here.topics import find_topic, find_topics, learning_path, read_brief
from tools.topic import main

CACHING = {
    "notebooks/source/04_caching.py",
    "labs/source/04_caching.py",
    "helpers/caching/__init__.py",
    "helpers/caching/model.py",
    "helpers/caching/figures.py",
    "helpers/caching/explorer.py",
    "tests/caching/test_model.py",
}


def files_below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", ["caching", "4", "04_caching"])
def test_a_topic_gets_all_its_rooms_whichever_way_it_is_named(name, tmp_path):
    assert main([name], tmp_path) == 0
    assert files_below(tmp_path) == CACHING


def test_a_page_gets_a_notebook_and_no_lab(tmp_path):
    assert main(["start_here"], tmp_path) == 0
    assert files_below(tmp_path) == {"notebooks/source/00_start_here.py"}


def test_a_name_that_is_not_on_the_learning_path_is_refused(tmp_path, capsys):
    assert main(["blockchain"], tmp_path) == 1
    assert "'blockchain'" in capsys.readouterr().out
    assert files_below(tmp_path) == set()


def test_nothing_is_written_where_one_of_the_files_is_there_already(tmp_path, capsys):
    model = tmp_path / "helpers/caching/model.py"
    model.parent.mkdir(parents=True)
    model.write_text("mine")
    assert main(["caching"], tmp_path) == 1
    assert "helpers/caching/model.py" in capsys.readouterr().out
    assert files_below(tmp_path) == {"helpers/caching/model.py"}
    assert model.read_text() == "mine"


def test_every_room_says_that_it_is_not_done(tmp_path):
    main(["caching"], tmp_path)
    silent = {
        name for name in CACHING if "To write:" not in (tmp_path / name).read_text(encoding="utf-8")
    }
    assert silent == {"helpers/caching/__init__.py"}


def test_every_test_of_an_empty_topic_fails(tmp_path):
    main(["caching"], tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/caching/test_model.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1
    assert run.stdout.splitlines()[-1].startswith("6 failed in")


def test_the_next_steps_name_what_the_topic_has_to_cover(tmp_path, capsys):
    main(["caching"], tmp_path)
    assert ", ".join(find_topic("caching").covers) in capsys.readouterr().out


def test_the_source_has_the_sections_of_every_topic_in_their_order(tmp_path):
    main(["caching"], tmp_path)
    text = (tmp_path / "notebooks/source/04_caching.py").read_text(encoding="utf-8")
    sections = [line[5:] for line in text.splitlines() if line.startswith("# ## ")]
    assert sections == [
        "Predict",
        "Build",
        "Grow",
        "Experiment",
        "Explore",
        "On your screen",
        "Your numbers",
        "Break it",
        "Limits",
        "Check yourself",
        "Summary",
    ]


def test_the_learning_path_is_numbered_once_and_for_all():
    assert [topic.name for topic in learning_path()] == [
        "00_start_here",
        "01_qualities",
        "02_scaling",
        "03_load_balancing",
        "04_caching",
        "05_http_caching",
        "06_edge",
        "07_databases",
        "08_sharding",
        "09_consistency",
        "10_queues",
        "11_api_layer",
        "12_orchestration",
        "13_ci_cd",
        "14_deployment",
        "15_frontend_delivery",
        "16_infrastructure_as_code",
        "17_observability",
        "18_slo",
        "19_capstone",
        "20_interview",
    ]


def test_every_id_of_the_brief_is_promised_and_nothing_else_is():
    assert {promised for topic in learning_path() for promised in topic.covers} == set(read_brief())


def test_a_topic_promises_no_id_twice():
    assert [t.slug for t in learning_path() if len(set(t.covers)) < len(t.covers)] == []


def test_a_topic_is_open_from_the_moment_its_source_is_there(tmp_path):
    assert not any(rooms.is_open for rooms in find_topics(tmp_path))
    main(["caching"], tmp_path)
    caching = [rooms for rooms in find_topics(tmp_path) if rooms.is_open]
    assert [rooms.topic.slug for rooms in caching] == ["caching"]
    assert caching[0].notebook == "notebooks/04_caching.ipynb"
    assert caching[0].lab == "labs/04_caching.ipynb"
    assert caching[0].solution == "labs/solutions/04_caching.ipynb"
    assert caching[0].model == "helpers/caching/model.py"


def test_a_notebook_without_its_source_is_open_too(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/04_caching.ipynb").touch()
    caching = find_topics(tmp_path)[4]
    assert (caching.notebook, caching.lab, caching.model) == (
        "notebooks/04_caching.ipynb",
        None,
        None,
    )
