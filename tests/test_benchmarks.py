"""Benchmarks: the arithmetic of paired rounds, by a clock that the tests wind; and that all
contenders do the same job. How fast anything is, is no test's business."""

import gc
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import c_code, draws, first_use, memory, moves, notebooks, paired, report, scaling
from benchmarks.paired import OURS, AbsentError, Contender, DisagreementError, Entry, Scenario
from helpers.explorer import Choice, Slider
from helpers.kernel import Kernel
from helpers.start_here.topics import learning_path

DOCUMENT = command.DOCUMENT
REQUESTS = 20_000
"""Enough for C to draw from the tail of the ziggurat; slow peers get fewer."""


class Clock:
    """Stands still until a job winds it."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Job:
    """Takes a given time, gives a given answer, and notes each run in a common log."""

    def __init__(self, clock, seconds, answer=(1.0, 2.0), log=None, name=""):
        self.clock, self.seconds, self.answer = clock, seconds, answer
        self.log, self.name = [] if log is None else log, name

    def __call__(self):
        self.clock.now += self.seconds
        self.log.append(self.name)
        return np.array(self.answer)


class Ticking:
    """Each look at it is a second after the last one."""

    def __init__(self):
        self.count = itertools.count()

    def __call__(self):
        return float(next(self.count))


def contender(peer, job, *, name="", share=1.0, tolerance=0.0):
    return Contender(name or peer, peer, lambda case, requests: job, share, tolerance)


def entry(peer, job, *, requests=2, name="", tolerance=0.0):
    return Entry(contender(peer, job, name=name, tolerance=tolerance), job, requests)


def run(*contenders, clock, targets=None, rounds=3):
    scenario = Scenario("a job", "all of it", None, targets or {})
    return paired.run_scenario(scenario, contenders, 2, rounds, clock=clock)


# Paired rounds


def test_a_ratio_is_taken_within_a_round_so_that_weather_cancels():
    weather = np.array([1.0, 0.25, 3.0, 0.5, 1.0])
    ratio = paired.Ratio.of(8.0 * weather, 4.0 * weather)
    assert ratio == paired.Ratio(2.0, 2.0, 2.0)


def test_the_median_of_the_ratios_counts_and_the_least_and_the_most_are_kept():
    ratio = paired.Ratio.of(np.array([2.0, 9.0, 5.0]), np.array([2.0, 1.0, 0.5]))
    assert ratio == paired.Ratio(9.0, 1.0, 10.0)


def test_half_the_time_is_twice_the_rate():
    clock = Clock()
    result = run(contender(OURS, Job(clock, 0.5)), contender("C", Job(clock, 1.0)), clock=clock)
    assert result.rate == pytest.approx(2 / 0.5)
    assert result.comparisons[0].rate == pytest.approx(2 / 1.0)
    assert result.comparisons[0].ratio.median == pytest.approx(2.0)


def test_a_slow_contender_gets_fewer_requests_and_its_rate_is_per_request():
    clock = Clock()
    slow = contender("slow", Job(clock, 1.0, answer=(1.0,)), share=0.5)
    result = run(contender(OURS, Job(clock, 1.0)), slow, clock=clock)
    assert result.comparisons[0].ratio.median == pytest.approx(2.0)


def test_of_several_ways_of_one_peer_the_fastest_counts():
    clock = Clock()
    ways = [contender("C", Job(clock, s), name=f"C in {s} s") for s in (3.0, 0.5, 2.0)]
    (comparison,) = run(contender(OURS, Job(clock, 1.0)), *ways, clock=clock).comparisons
    assert comparison.contender == "C in 0.5 s"
    assert comparison.ratio.median == pytest.approx(0.5)


def test_everyone_has_one_turn_in_every_round_and_the_order_changes():
    clock, log = Clock(), []
    entries = [entry(name, Job(clock, 1.0, log=log, name=name)) for name in "abcdefgh"]
    seconds = paired.time_rounds(entries, [1] * 8, 6, np.random.default_rng(0), clock)
    rounds = [tuple(log[i : i + 8]) for i in range(0, 48, 8)]
    assert seconds.shape == (6, 8)
    assert all(sorted(order) == list("abcdefgh") for order in rounds)
    assert len(set(rounds)) == 6


def test_times_go_to_whom_they_belong_in_whatever_order_they_came():
    clock = Clock()
    entries = [entry(str(s), Job(clock, s)) for s in (1.0, 2.0, 3.0)]
    seconds = paired.time_rounds(entries, [1, 1, 1], 5, np.random.default_rng(1), clock)
    assert np.array_equal(seconds, np.tile([1.0, 2.0, 3.0], (5, 1)))


def test_a_turn_gives_the_time_of_one_run():
    clock = Clock()
    assert paired.time_turn(Job(clock, 0.25), 8, clock) == pytest.approx(0.25)
    assert clock.now == pytest.approx(2.0)


@pytest.mark.parametrize(("seconds", "repeats"), [(0.001, 50), (0.05, 1), (2.0, 1), (0.0, 1000)])
def test_a_short_job_is_repeated_until_its_turn_can_be_timed(seconds, repeats):
    clock = Clock()
    assert paired.repeats_for(Job(clock, seconds), clock, turn=0.05) == repeats


def test_the_search_for_garbage_waits_for_the_end_of_a_turn_and_then_goes_on():
    clock, during = Clock(), []
    assert gc.isenabled()
    paired.time_turn(lambda: during.append(gc.isenabled()), 1, clock)
    assert (during, gc.isenabled()) == ([False], True)


@pytest.mark.parametrize(("seconds", "verdict"), [(1.0, "not reached: 0.8"), (0.5, "reached: 0.8")])
def test_a_target_is_told_and_never_fails(seconds, verdict):
    clock = Clock()
    peer = contender("C", Job(clock, 0.5))
    result = run(contender(OURS, Job(clock, seconds)), peer, clock=clock, targets={"C": 0.8})
    assert result.comparisons[0].verdict == verdict


def test_a_peer_without_a_target_has_no_verdict():
    clock = Clock()
    result = run(contender(OURS, Job(clock, 1.0)), contender("C", Job(clock, 1.0)), clock=clock)
    assert result.comparisons[0].verdict == ""


def test_who_is_absent_is_told_once_and_the_others_go_on():
    def prepare(case, requests):
        raise AbsentError("no compiler here")

    clock = Clock()
    absent = [Contender(name, "C", prepare) for name in ("one way", "another")]
    result = run(contender(OURS, Job(clock, 1.0)), *absent, clock=clock)
    assert (result.absent, result.comparisons) == (("no compiler here",), ())


def test_who_is_not_made_for_a_case_is_left_out_without_a_word():
    clock = Clock()
    result = run(contender(OURS, Job(clock, 1.0)), contender("C", None), clock=clock)
    assert (result.absent, result.comparisons) == ((), ())


@pytest.mark.parametrize("number", [0, 2])
def test_there_must_be_one_contender_of_ours(number):
    clock = Clock()
    with pytest.raises(ValueError, match=f"'course' once, got it {number} times"):
        run(*[contender(OURS, Job(clock, 1.0))] * number, clock=clock)


@pytest.mark.parametrize(("requests", "rounds"), [(0, 1), (1, 0)])
def test_no_requests_or_no_rounds_are_refused(requests, rounds):
    scenario = Scenario("a job", "all of it", None)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        paired.run_scenario(scenario, [], requests, rounds)


# The same job


def check(answer, *, requests=2, tolerance=0.0):
    clock = Clock()
    ours = entry(OURS, Job(clock, 1.0, answer=(1.0, 2.0)))
    theirs = entry("C", Job(clock, 1.0, answer=answer), requests=requests, tolerance=tolerance)
    paired.check_agreement([ours, theirs])


def test_one_bit_off_is_another_job():
    with pytest.raises(DisagreementError, match=r"C says 2\.0000000000000004 of request 1"):
        check((1.0, np.nextafter(2.0, 3.0)))


def test_a_tolerance_lets_the_last_digits_differ_and_no_more():
    check((1.0, 2.0 + 1e-10), tolerance=1e-9)
    with pytest.raises(DisagreementError, match="of request 1"):
        check((1.0, 2.0 + 1e-8), tolerance=1e-9)


def test_nan_agrees_with_nothing():
    with pytest.raises(DisagreementError, match="C says nan of request 0"):
        check((np.nan, 2.0), tolerance=1e9)


def test_fewer_requests_must_give_the_beginning_of_the_same_answers():
    check((1.0,), requests=1)
    with pytest.raises(DisagreementError, match="left out requests"):
        check((1.0,), requests=2)


PEERS = dict.fromkeys(c.peer for c in scaling.CONTENDERS if c.peer != OURS)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_of_the_queue_gives_the_same_times_in_every_scenario(peer):
    both = [c for c in scaling.CONTENDERS if c.peer in (OURS, peer)]
    met, absent = 0, []
    for scenario in scaling.SCENARIOS:
        entries, missing = paired.enter(scenario, both, REQUESTS)
        paired.check_agreement(entries)
        met += len(entries) - 1
        absent += missing
    if absent and not met:
        pytest.skip(absent[0])
    assert met >= 4


def test_the_scenarios_keep_the_servers_busy_for_four_fifths_of_the_time():
    for case in (scenario.case for scenario in scaling.SCENARIOS):
        assert case.arrival_rate / (case.servers * scaling.SERVICE_RATE) == pytest.approx(0.8)


def test_a_trace_is_what_simulate_draws():
    case = scaling.Case(8, cv=2.0, draws=True)
    arrivals, services, _ = scaling.simulate_fresh(case, REQUESTS)
    trace = scaling.draw_trace(case, REQUESTS)
    assert np.array_equal(trace.arrival_time, arrivals)
    assert np.array_equal(trace.service_time, services)


def test_all_layers_of_the_ziggurat_have_the_same_area():
    tables = draws.ziggurat()
    ends = np.array(tables.width)[1:] * 2.0**53
    heights = np.array(tables.height)
    area = ends * (heights[:-1] - heights[1:])
    assert np.allclose(area, float(draws.EDGE + 1) * np.exp(-float(draws.EDGE)), rtol=1e-9)


def test_c_draws_like_numpy_s_default_generator_only():
    with pytest.raises(ValueError, match="PCG64, got MT19937"):
        draws.Seed.of(np.random.Generator(np.random.MT19937(1)))


def test_c_knows_no_duration_with_a_fixed_part():
    with pytest.raises(ValueError, match="cv of at least 1"):
        scaling.luck_of(scaling.Case(1, cv=0.5), np.random.default_rng(0))


def test_a_compiler_that_is_not_there_is_absent_and_not_an_error():
    with pytest.raises(AbsentError, match=r"no such-compiler here|Windows"):
        c_code.build("scaling_queue.c", "such-compiler")


def test_a_package_that_is_not_there_is_absent_and_not_an_error():
    with pytest.raises(AbsentError, match="no_such_package is not installed"):
        scaling.prepare_package("no_such_package", scaling.serve_by_simpy, scaling.Case(1), 10)


# One move of a control


def test_a_sweep_goes_to_both_ends_of_each_control_and_moves_one_at_a_time():
    controls = [
        Slider("rate", "Rate", 0, 100, value=40),
        Choice("queues", "Queues", ["one", "many"]),
    ]
    sweep = list(moves.sweep_of(controls))
    assert {"rate": 0, "queues": 0} in sweep
    assert {"rate": 100, "queues": 0} in sweep
    assert {"rate": 40, "queues": 1} in sweep
    assert all((p["rate"] == 40) != (p["queues"] == 0) for p in sweep)


def test_a_stop_watch_adds_up_what_each_stage_took():
    clock = Clock()
    watch = moves.StopWatch(clock)
    for seconds in (1.0, 2.0):
        watch.timed("model", Job(clock, seconds))()
    watch.timed("statistics", Job(clock, 4.0))()
    assert watch.spent == {"model": 3.0, "statistics": 4.0}


def test_drawing_is_the_picture_without_encoding_and_the_rest_is_what_is_left():
    row = {"model": 1.0, "picture": 5.0, "encoding": 2.0, "whole": 10.0}
    found = moves.moves_of([row, {**row, "whole": 7.0}])
    stages = {name: seconds.tolist() for name, seconds in found.stages.items()}
    assert stages == {
        "model": [1.0, 1.0],
        "drawing": [3.0, 3.0],
        "encoding": [2.0, 2.0],
        "the rest": [4.0, 1.0],
    }


def test_every_stage_is_met_in_every_move_of_the_queue_s_explorer(monkeypatch):
    monkeypatch.setattr("helpers.scaling.explorer.REQUESTS", 1_000)
    monkeypatch.setattr(moves, "MARKS", 2)
    found = moves.time_moves("scaling", scaling.STAGES, 1, Ticking())
    assert {*scaling.STAGES, "drawing", "encoding", "the rest"} == set(found.stages)
    assert all((seconds > 0).all() for seconds in found.stages.values())
    assert np.array_equal(found.together(*found.stages), found.whole)


# First use and memory


def test_only_the_first_call_of_each_kernel_counts_as_first_use(monkeypatch):
    monkeypatch.setattr(Kernel, "__call__", lambda kernel: kernel.python())
    monkeypatch.setattr(first_use.FirstCalls, "import_numba", lambda self: None)
    clock = Clock()
    first = first_use.FirstCalls(clock)
    first.watch()
    double, square = Job(clock, 5.0), Job(clock, 7.0)
    for job, name in ((double, "double"), (square, "square")):
        job.__module__, job.__qualname__ = "topic", name
    kernels = [Kernel(double), Kernel(square)]
    for call in (0, 1, 0):
        kernels[call]()
        double.seconds = 1.0
    assert first.seconds == {"topic.double": 5.0, "topic.square": 7.0}


def test_the_peak_holds_what_was_held_at_once():
    size = 64 * 10**6
    held = np.ones(size, dtype=np.uint8)
    assert memory.peak_memory() > held.nbytes


def test_a_notebook_is_asked_at_its_end_and_left_as_it_is(tmp_path):
    import nbformat

    (tmp_path / "notebooks/source").mkdir(parents=True)
    (tmp_path / "notebooks/source/02_scaling.py").write_text("# %%\nx = y + 1\n")
    path = tmp_path / "notebooks/02_scaling.ipynb"
    cells = [nbformat.v4.new_code_cell("x = y + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    before = path.read_bytes()
    (target,) = notebooks.find_notebooks(tmp_path)
    after = "import os; print(x, os.environ['ASKED'])"
    assert notebooks.ask_notebook(target, "y = 41", after, {"ASKED": "yes"}) == "42 yes\n"
    assert path.read_bytes() == before


# The table


def result_of(name="M/M/1", median=0.914, target=0.8, scope="queue alone"):
    comparison = paired.Comparison("C", "gcc, single", 2e8, paired.Ratio(median, 0.85, 1.2), target)
    scenario = Scenario(name, scope, None)
    return paired.Result(scenario, 1.5e8, 1_000_000, 7, (comparison,), ("no clang here",))


def test_a_cell_holds_the_median_the_verdict_the_least_and_the_most():
    (reached,) = result_of().comparisons
    (missed,) = result_of(median=0.7).comparisons
    (free,) = result_of(target=None).comparisons
    assert report.ratio_cell(reached) == "**0.91** ✓ (0.85–1.20)"
    assert report.ratio_cell(missed) == "**0.70** ✗ (0.85–1.20)"
    assert report.ratio_cell(free) == "**0.91** (0.85–1.20)"


def test_a_topic_has_a_table_for_each_scope_and_says_what_is_timed():
    results = [result_of(), result_of("M/M/8"), result_of(scope="all of it")]
    timed = {"queue alone": "Timed: the queue.", "all of it": "Timed: all."}
    section = report.topic_section("scaling", results, timed, "A machine.")
    assert section.title == "scaling"
    assert section.text.startswith("A machine.\n\n### Queue alone\n\nTimed: the queue.\n\n|")
    assert "|  | the course | ÷ C, ≥ 0.8 |" in section.text
    assert "| M/M/8 | 150 million/s | **0.91** ✓ (0.85–1.20) |" in section.text
    assert "1,000,000 requests, fewer for slow peers; 7 rounds." in section.text
    assert "C: gcc, single." in section.text
    assert "No clang here." in section.text
    assert section.text.count("### ") == 2
    assert_tables_are_whole(section.text)


def test_a_peer_that_missed_a_scenario_has_a_dash_there():
    absent = paired.Result(Scenario("M/M/8", "queue alone", None), 1e8, 10, 7, (), ())
    text = report.ratio_table([result_of(), absent])
    assert "| M/M/8 | 100 million/s | – |" in text


def test_milliseconds_beyond_their_target_are_marked():
    seconds = np.array([0.010] * 18 + [0.050] * 2)
    assert report.milliseconds("drawing", seconds, 0.04) == ["drawing", "10.0", "50.0", "40 ✗"]
    assert report.milliseconds("drawing", seconds[:18], 0.04)[-1] == "40 ✓"


def test_a_section_that_is_measured_again_replaces_itself_alone(tmp_path):
    document = tmp_path / "docs/benchmarks.md"
    one, two = report.Section("one", "old"), report.Section("two", "kept")
    report.write(document, [one, two])
    report.write(document, [report.Section("one", "new\n\n### below"), report.Section("three", "")])
    found = {s.title: s.text for s in report.split(document.read_text(encoding="utf-8"))}
    assert found == {"one": "new\n\n### below", "two": "kept", "three": ""}
    assert document.read_text(encoding="utf-8").startswith(report.HEAD)


def test_a_compiler_s_version_is_found_in_what_it_says():
    assert c_code.version_in("Apple clang version 17.0.0 (clang-1700)\nTarget: x") == "17.0.0"
    assert c_code.version_in("") == "?"


def assert_tables_are_whole(text):
    for block in re.findall(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE):
        rows = block.strip().splitlines()
        assert len(rows) > 2
        assert re.fullmatch(r"\|---\|(---:\|)+", rows[1])
        assert len({row.count("|") for row in rows}) == 1


@pytest.mark.skipif(not DOCUMENT.exists(), reason="docs/benchmarks.md is not made yet")
def test_the_document_is_of_the_form_that_bench_writes():
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = list(report.split(text))
    assert text == report.join(sections)
    assert {s.title for s in sections} == {*command.find_topics(), "explorer", "memory"}
    for section in sections:
        assert "|---|" in section.text
        assert_tables_are_whole(section.text)


@pytest.mark.skipif(not DOCUMENT.exists(), reason="docs/benchmarks.md is not made yet")
def test_the_document_tells_of_every_scenario_with_its_targets():
    sections = {s.title: s.text for s in report.split(DOCUMENT.read_text(encoding="utf-8"))}
    for slug, topic in command.find_topics().items():
        for scenario in topic.SCENARIOS:
            assert f"| {scenario.name} |" in sections[slug]
            assert all(f"÷ {p}, ≥ {t:g}" in sections[slug] for p, t in scenario.targets.items())


# The command


def test_a_topic_s_file_is_found_by_its_contenders_and_is_named_by_its_topic():
    topics = command.find_topics()
    assert "scaling" in topics
    assert set(topics) <= {topic.slug for topic in learning_path()}


@pytest.mark.parametrize("topic", command.find_topics().values(), ids=command.find_topics())
def test_a_topic_says_what_is_timed_in_each_of_its_scenarios(topic):
    assert {scenario.scope for scenario in topic.SCENARIOS} == set(topic.TIMED)
    assert len({(s.scope, s.name) for s in topic.SCENARIOS}) == len(topic.SCENARIOS)


def test_an_unknown_name_is_refused_with_the_names_there_are(capsys):
    with pytest.raises(SystemExit):
        command.parse(["blockchain"], ["scaling", "memory"])
    assert "there is no blockchain: choose of scaling, memory" in capsys.readouterr().err


def test_rounds_and_requests_must_be_one_at_least(capsys):
    with pytest.raises(SystemExit):
        command.parse(["--rounds", "0"], ["scaling"])
    assert "must be at least 1, got 0" in capsys.readouterr().err


def test_seven_rounds_of_a_million_requests_unless_told_otherwise():
    options = command.parse([], ["scaling"])
    assert (options.rounds, options.requests, options.write) == (7, 1_000_000, False)
    assert command.parse(["--requests", "20_000"], []).requests == 20_000


def test_what_was_measured_is_written_where_it_was_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "FOLDER", tmp_path / "benchmarks")
    monkeypatch.setattr(command, "DOCUMENT", tmp_path / "docs/benchmarks.md")
    monkeypatch.setattr(command, "find_topics", dict)
    monkeypatch.setattr(command, "find_notebooks", lambda: iter(()))
    assert command.main(["memory", "--write"]) == 0
    assert command.NO_NOTEBOOK in capsys.readouterr().out
    text = Path(tmp_path / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert [s.title for s in report.split(text)] == ["memory"]
