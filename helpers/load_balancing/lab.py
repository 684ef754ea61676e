"""The lab "A balancer": what each answer has to do, and a hint for what people get wrong.

Cases are made from parameters, so that a grader can make others. The trials that a
balancer has to get through come from `trials`.
"""

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from helpers.checks import TODO, Case, Check, Mistake
from helpers.load_balancing.policies import GoRoundByWeight, View
from helpers.load_balancing.trials import (
    MOST_FAILED,
    SAMPLE,
    SERVERS,
    TARGET,
    TRIALS,
    Trial,
    TrialReport,
    is_welcome_again,
    is_within_limits,
    report_on,
)

FEWEST_ANSWERS = 10
FAIR = 1 / SERVERS


def turns(weights: Sequence[int], requests: int) -> list[int]:
    """Give the turns of smooth weighted round-robin."""
    choose, view = GoRoundByWeight(), View(len(weights), weights=list(weights))
    return [choose(view) for _ in range(requests)]


def turns_case(weights: Sequence[int], requests: int, label: str = "") -> Case:
    """Make a case of weighted turns."""

    def walk(pay: float, latest: bool = False, first: bool = False) -> list[int]:
        savings, chosen = [0] * len(weights), []
        for _ in range(requests):
            if not first:
                savings = [s + w for s, w in zip(savings, weights, strict=True)]
            places = range(len(weights))
            best = max(places, key=lambda i: (savings[i], i if latest else -i))
            if first:
                savings = [s + w for s, w in zip(savings, weights, strict=True)]
            savings[best] -= round(pay) if pay else weights[best]
            chosen.append(best)
        return chosen

    blocks = [server for server, weight in enumerate(weights) for _ in range(weight)]
    mistakes = {
        "blocks": [blocks[i % len(blocks)] for i in range(requests)],
        "equal": [i % len(weights) for i in range(requests)],
        "own_weight": walk(0),
        "latest": walk(sum(weights), latest=True),
        "saves_late": walk(sum(weights), first=True),
    }
    expected = turns(weights, requests)
    wrong = {name: given for name, given in mistakes.items() if given != expected}
    return Case((list(weights), requests), expected=expected, label=label, mistakes=wrong)


def find_outliers(
    recent: Sequence[Sequence[float]], times: float, most: float, typical: Any = median
) -> list[int]:
    """Give the servers that are much slower than the typical one, the slowest first."""
    middle = {s: median(took) for s, took in enumerate(recent) if len(took) >= FEWEST_ANSWERS}
    if not middle:
        return []
    limit = times * typical(middle.values())
    slow = sorted((s for s in middle if middle[s] > limit), key=lambda s: -middle[s])
    return slow[: max(1, math.floor(most * len(recent)))]


def outlier_case(
    recent: Sequence[Sequence[float]], times: float = 3.0, most: float = 0.25, label: str = ""
) -> Case:
    """Make a case of the servers to eject."""
    expected = find_outliers(recent, times, most)
    every = find_outliers(recent, times, 1.0)
    own_mean = {s: fmean(took) for s, took in enumerate(recent) if len(took) >= FEWEST_ANSWERS}
    limit = times * median(own_mean.values()) if own_mean else math.inf
    by_mean = sorted((s for s in own_mean if own_mean[s] > limit), key=lambda s: -own_mean[s])
    all_medians = {s: median(took) for s, took in enumerate(recent) if took}
    few = sorted(
        (s for s, m in all_medians.items() if m > times * median(all_medians.values())),
        key=lambda s: -all_medians[s],
    )
    count = max(1, math.floor(most * len(recent)))
    mistakes = {
        "mean_of_all": find_outliers(recent, times, most, typical=fmean),
        "fastest": find_outliers(recent, times, most, typical=min),
        "one_long_answer": by_mean[:count],
        "few_answers": few[:count],
        "no_limit": every,
        "none_allowed": every[: math.floor(most * len(recent))],
        "by_number": sorted(every)[:count],
    }
    wrong = {name: given for name, given in mistakes.items() if given != expected}
    args = ([list(took) for took in recent], times, most)
    return Case(args, expected=expected, label=label, mistakes=wrong)


def server(usual: float, answers: int = 20, longest: float = 0.0) -> list[float]:
    """Give response times around a usual one, the last of them as long as one likes."""
    took = [round(usual * (0.8 + 0.4 * (i * 7 % 20) / 19), 4) for i in range(answers)]
    return [*took[:-1], longest] if longest else took


def trial_case(trial: Trial) -> Case:
    """Make a case of the balancer: a trial to get through."""
    return Case((trial,), label=trial.name)


def run_case(make: Any, case: Case) -> Any:
    """Let the learner's balancer get through the case's trial, in the learner's process."""
    if make()(SAMPLE) is TODO:
        return TODO
    return report_on(make, case.args[0])


def judge_trial(report: Any, case: Case) -> Mistake | None:
    """Say what is wrong with how a balancer got through a trial, and why that may be.

    Parameters
    ----------
    report
        A `TrialReport`, as it came back from the learner's process.
    case
        Which trial it was.
    """
    trial: Trial = case.args[0]
    if is_within_limits(report, trial):
        return None
    why = why_failed(report) if report.failed > MOST_FAILED else why_late(report, trial)
    says = (
        f"p99 {report.p99:.3g} s (at most {TARGET:g} s), {100 * report.failed:.2g} % failed (at "
        f"most {100 * MOST_FAILED:g} %). While server {trial.ill} was ill it got "
        f"{100 * report.ill_share:.2g} % of the requests, in the last quarter of all "
        f"{100 * report.last_share:.2g} %; an even share is {100 * FAIR:.2g} %."
    )
    return Mistake(why, says)


def why_failed(report: TrialReport) -> str:
    """Name the mistake of a balancer that lets too many requests fail."""
    if not report.minds_errors:
        return "magnet" if report.minds_load else "blind"
    if not report.minds_load:
        return "uneven"
    return "one_place" if report.ill_share > FAIR / 2 else "too_soon"


def why_late(report: TrialReport, trial: Trial) -> str:
    """Name the mistake of a balancer that is too slow."""
    if trial.dead:
        return "uneven" if is_welcome_again(report, trial) else "grudge"
    if not (report.minds_load or report.minds_slowness):
        return "blind"
    if not report.minds_slowness:
        return "only_busy"
    if trial.refresh > 0 and report.ill_share < FAIR / 4:
        return "herd"
    return "one_place" if report.ill_share > FAIR / 8 else "uneven"


WEIGHTED_TURNS = Check(
    cases=(
        turns_case([5, 1, 1], 7),
        turns_case([3, 2], 10, "two rounds"),
        turns_case([1, 1, 1], 5, "equal weights"),
        turns_case([4, 3, 2, 1], 13, "a round and a bit"),
        turns_case([7], 3, "one server"),
        turns_case([1, 6], 7, "the last server is the largest"),
    ),
    hint="For weights 5, 1, 1 the savings before the first choice are 5, 1, 1 and after it -2, "
    "1, 1. Before the second they are 3, 2, 2.",
    hints={
        "blocks": "The shares are right. But the large server gets all of its turns in a row, "
        "which is a burst to it: spread them.",
        "equal": "Every server gets the same. A weight is how many turns it gets in a round.",
        "own_weight": "The one that is chosen pays its own weight, and so is chosen for ever. It "
        "pays the sum of all weights.",
        "latest": "Of equal savings, the first server is chosen.",
        "saves_late": "All save up first, then one is chosen and pays.",
        "error": "Every server has savings of its own, 0 at first.",
    },
    shows="Weights 5, 1, 1 give a a b a c a a: the sequence that nginx gives.",
)

EIGHT = [server(0.1 + 0.01 * i) for i in range(8)]

OUTLIERS = Check(
    cases=(
        outlier_case([*EIGHT[:7], server(0.9)]),
        outlier_case(EIGHT, label="nobody is slow"),
        outlier_case([server(0.1), server(0.1), server(4.0), server(0.12)], label="a small tier"),
        outlier_case([*EIGHT[:7], server(0.1, longest=30.0)], label="one long answer"),
        outlier_case([*EIGHT[:7], server(0.9, answers=4)], label="hardly any answers yet"),
        outlier_case([*EIGHT[:4], [], server(0.8)], label="a server without an answer"),
        outlier_case([server(0.8), *EIGHT[:5], server(0.7), server(2.0)], label="three are slow"),
        outlier_case([server(0.8), *EIGHT[:5]], most=0.1, label="one always may be out"),
        outlier_case([server(0.25), *EIGHT[:5], server(0.02)], label="one is very quick"),
        outlier_case([[], [], []], label="nothing known yet"),
    ),
    hint="A server's number is the median of its response times; the typical one is the median "
    "of these numbers over the servers that are judged.",
    hints={
        "mean_of_all": "One very slow server pulls the mean of all up until it looks normal in its "
        "own light. Compare with the median over the servers.",
        "fastest": "Compared with the fastest server, a usual one looks slow. Compare with the "
        "median over the servers.",
        "one_long_answer": "One export of half a minute among quick answers does not make a "
        "server slow. Take the median of its response times, not their mean.",
        "few_answers": f"With fewer than {FEWEST_ANSWERS} answers a server is not judged, and does "
        "not count for what is typical.",
        "no_limit": "That takes out too many at once. The others have to do their work: where "
        "does that end?",
        "none_allowed": "In a small tier the share rounds down to none. One always may be out.",
        "by_number": "If not all may be taken out, take the slowest.",
        "error": "There may be no answer of a server yet, or of none at all.",
    },
    shows="The slow one is found by what its neighbors do, not by a limit in seconds, and never "
    "so many that the rest drowns.",
)

BALANCER = Check(
    run="helpers.load_balancing.lab:run_case",
    judge=judge_trial,
    cases=tuple(trial_case(trial) for trial in TRIALS),
    deadline=60.0,
    hints={
        "blind": "It chooses the same whatever the servers do. Look at `view.in_flight`, and "
        "learn from the answers.",
        "only_busy": "It knows how many requests each server has, not how slow it is: a slow "
        "server with one request looks as good as a quick one with one. Learn from "
        "`answer.response_time` in `answered`.",
        "magnet": "A server that refuses at once is never busy, so whoever looks for the least "
        "busy one sends it ever more. In `answered`, look at `answer.failed`, and do not take "
        "an error for a quick answer.",
        "too_soon": "The dead server is tried again too often. Each try costs a request: wait 20 "
        "s or so.",
        "one_place": "It learns, and yet the ill server gets a lot. Is there a healthy server "
        "out in its place, ejected for a slow minute and never taken back? Compare with the "
        "typical server, by a clear factor, and let everyone come back.",
        "grudge": "The server came back well and is still avoided, so the others do its work. "
        "Let an ejection end.",
        "herd": "Between two looks `view.in_flight` stays as it was, and every request goes to "
        "the same server that looked empty. Count what you have sent since `view.seen_at`.",
        "uneven": "The ill server gets little, but the others are uneven: send to the one with "
        "the fewest requests in flight.",
        "error": "It must give the number of a server from 0 to `view.servers - 1` for every "
        "view, also when all are ejected.",
    },
    shows="Three trials at a p99 below half a second: a server that is slow, one that is dead, "
    "and a balancer that hardly looks.",
)

CHECKS = {
    "load_balancing.weighted_turns": WEIGHTED_TURNS,
    "load_balancing.outliers": OUTLIERS,
    "load_balancing.balancer": BALANCER,
}
