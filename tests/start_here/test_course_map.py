"""The map: what is open, what each topic asks, and how far a learner has come."""

from pathlib import Path

import pytest
from matplotlib.patches import Arc

from helpers.checks.progress import Checked, Guess, Prediction, Progress, Quizzed
from helpers.figure import new_figure, picture
from helpers.start_here.course_map import CourseMap, Tally, keys_asked, read_course_map
from helpers.start_here.figures import draw_course_map, path_between, place_of
from helpers.start_here.topics import find_topic, learning_path

NOTEBOOK = """
# %% [markdown]
# Nobody counts `predict("scaling.in_prose")`.

# %%
predict("scaling.one", "How long?", unit="ms")
predict("scaling.two", "How many?")
predict("scaling.two", "How many, once more?")
quiz("scaling.which")
quiz("caching.of_another_topic")
key = "scaling.unknown"
quiz(key)
"""
LAB = 'check("scaling.build", build)\nawait nothing\n'
KEYS = ("scaling.one", "scaling.two")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one topic, of two predictions, one question and one check."""
    for folder, text in (("notebooks", NOTEBOOK), ("labs", LAB)):
        source = tmp_path / folder / "source" / "02_scaling.py"
        source.parent.mkdir(parents=True)
        source.write_text(text, encoding="utf-8")
    return tmp_path


def made(*keys: str) -> dict[str, Prediction]:
    return {key: Prediction("", "", Guess(1, 2)) for key in keys}


ALL_DONE = Progress(
    predictions=made(*KEYS),
    quizzes={"scaling.which": Quizzed(("b", "a"), (False, True))},
    checks={"scaling.build": Checked(3, passed=True)},
)


def scaling(course: Path, so_far: Progress):
    return read_course_map(course, so_far).stops[2]


def test_what_a_topic_asks_is_read_off_its_sources(course):
    assert keys_asked(course, find_topic("scaling")) == {
        "predictions": {"scaling.one", "scaling.two"},
        "questions": {"scaling.which"},
        "checks": {"scaling.build"},
    }


def test_a_topic_without_files_is_to_come_and_one_with_a_notebook_is_open(course):
    states = [stop.state for stop in read_course_map(course, Progress()).stops]
    assert states[2] == "open"
    assert set(states[:2] + states[3:]) == {"to come"}


def test_a_topic_is_started_with_its_first_answer_and_says_how_much_is_done(course):
    stop = scaling(course, Progress(predictions=made("scaling.one")))
    assert stop.state == "started"
    assert stop.together == Tally(1, 4)
    assert stop.in_words == "started, 1 of 2 predictions, 0 of 1 questions, 0 of 1 checks"


def test_a_topic_is_finished_when_all_is_done_and_not_before(course):
    assert scaling(course, ALL_DONE).state == "finished"
    for kind in ("predictions", "quizzes", "checks"):
        but_one = Progress(**{**vars(ALL_DONE), kind: {}})
        assert scaling(course, but_one).state == "started"


def test_a_wrong_answer_and_a_failed_check_do_not_count(course):
    tried = Progress(
        quizzes={"scaling.which": Quizzed(("b",), (False,))},
        checks={"scaling.build": Checked(1, passed=False)},
    )
    assert scaling(course, tried).state == "open"


def test_what_an_older_course_asked_does_not_count(course):
    assert scaling(course, Progress(predictions=made("scaling.long_gone"))).state == "open"


def test_the_finding_counts_what_is_open_and_what_is_done(course):
    total = len(learning_path())
    fresh, done = read_course_map(course, Progress()), read_course_map(course, ALL_DONE)
    assert fresh.finding == f"1 of {total} stops are open, none begun so far"
    assert done.finding == "1 of 1 open stops finished, 0 under way"


def test_the_map_of_a_fresh_learner_does_not_depend_on_how_much_is_asked(course):
    before = str(read_course_map(course, Progress()))
    with (course / "notebooks/source/02_scaling.py").open("a") as source:
        source.write('quiz("scaling.another")\n')
    assert str(read_course_map(course, Progress())) == before


def test_every_open_topic_of_this_course_asks_something():
    opened = [stop for stop in read_course_map(so_far=Progress()).stops if stop.is_open]
    assert [stop.topic.name for stop in opened if stop.together.total == 0] == []
    assert {stop.topic.slug for stop in opened} >= {"start_here", "scaling"}


# The picture


def texts_of(course_map: CourseMap) -> list[str]:
    _, axes = new_figure(9, 4.8)
    draw_course_map(course_map, axes)
    return [text.get_text() for text in axes.texts]


def test_every_stop_has_its_number_and_its_name_on_the_map(course):
    texts = texts_of(read_course_map(course, Progress()))
    for topic in learning_path():
        assert f"{topic.number:02d}" in texts
        assert set(topic.title.split()) <= set(" ".join(texts).split())


def test_the_map_says_in_words_how_far_a_stop_is(course):
    started = read_course_map(course, Progress(predictions=made("scaling.one")))
    assert "1 of 4" in texts_of(started)
    assert texts_of(read_course_map(course, ALL_DONE)).count("finished") == 2  # one in the legend


def test_the_ring_is_as_long_as_what_is_done(course):
    _, axes = new_figure(9, 4.8)
    draw_course_map(read_course_map(course, Progress(predictions=made("scaling.one"))), axes)
    ring = next(patch for patch in axes.patches if isinstance(patch, Arc))
    assert ring.theta2 - ring.theta1 == pytest.approx(360 * 1 / 4)


def test_the_path_turns_at_the_end_of_a_row_and_meets_both_stops():
    x, y = path_between(place_of(6), place_of(7))
    assert (x[0], y[0]) == place_of(6)
    assert (x[-1], y[-1]) == place_of(7)
    assert max(x) > 6.5


def test_the_alternative_text_is_the_map_in_words(course):
    course_map = read_course_map(course, Progress())
    shown = picture(draw_course_map, course_map, height=4.8, alt=str(course_map))
    assert "02 Scaling: open" in shown.alt
    assert "03 Load balancing: to come" in shown.alt
