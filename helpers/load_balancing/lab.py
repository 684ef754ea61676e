"""The lab "A balancer": what each answer has to do, and a hint for what people get wrong.

Cases are made from parameters, so that a grader can make others. The trials that a
balancer has to get through come from `trials`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean, median
from typing import Any

from helpers.checks import TODO, Case, Check, Mistake
from helpers.load_balancing.policies import Answer, GoRoundByWeight, View
from helpers.load_balancing.trials import (
    MOST_FAILED,
    SAMPLE,
    SERVERS,
    SLOW,
    TARGET,
    TRIALS,
    USUAL,
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
    mistakes["from_one"] = [server + 1 for server in expected]
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
    judged = {s: median(took) for s, took in enumerate(recent) if len(took) >= FEWEST_ANSWERS}
    known = {s: median(took) for s, took in enumerate(recent) if took}
    more = {s: judged[s] for s in judged if len(recent[s]) > FEWEST_ANSWERS}
    means = {s: fmean(recent[s]) for s in judged}
    pooled = [one for took in recent for one in took]
    count = max(1, math.floor(most * len(recent)))
    mistakes = {
        "mean_of_all": find_outliers(recent, times, most, typical=fmean),
        "fastest": find_outliers(recent, times, most, typical=min),
        "pooled": above(judged, times * median(pooled or [0]))[:count],
        "seconds": above(judged, TARGET)[:count],
        "or_equal": above(judged, math.nextafter(typical_limit(judged, times), 0))[:count],
        "one_long_answer": above(means, typical_limit(means, times))[:count],
        "few_answers": above(known, typical_limit(known, times))[:count],
        "more_than_ten": above(more, typical_limit(more, times))[:count],
        "no_limit": every,
        "none_allowed": every[: math.floor(most * len(recent))],
        "rounded_up": every[: max(1, math.ceil(most * len(recent)))],
        "share_of_judged": every[: max(1, math.floor(most * len(judged)))],
        "by_number": sorted(every)[:count],
        "quickest": every[::-1][:count],
        "reversed": expected[::-1],
    }
    wrong = {name: given for name, given in mistakes.items() if given != expected}
    args = ([list(took) for took in recent], times, most)
    return Case(args, expected=expected, label=label, mistakes=wrong)


def above(numbers: Mapping[int, float], limit: float) -> list[int]:
    """Give the servers with a number above a limit, the slowest first."""
    return sorted((s for s in numbers if numbers[s] > limit), key=lambda s: -numbers[s])


def typical_limit(numbers: Mapping[int, float], times: float) -> float:
    """Give so many times the median over the servers; infinity if there are none."""
    return times * median(numbers.values()) if numbers else math.inf


def server(usual: float, answers: int = 20, longest: float = 0.0) -> list[float]:
    """Give response times around a usual one, the last of them as long as one likes."""
    took = [round(usual * (0.8 + 0.4 * (i * 7 % 20) / 19), 4) for i in range(answers)]
    return [*took[:-1], longest] if longest else took


def trial_case(trial: Trial) -> Case:
    """Make a case of the balancer: a trial to get through."""
    return Case((trial,), label=trial.name)


@dataclass(frozen=True)
class CloserReport(TrialReport):
    """How a balancer got through a trial, and two slips that its choices give away.

    Attributes
    ----------
    misplaces
        Whether it gives a place in a shortened list in place of a server's number.
    hoards
        Whether it still counts what it sent before the last look.
    """

    misplaces: bool
    hoards: bool


def run_case(make: Any, case: Case) -> Any:
    """Let the learner's balancer get through the case's trial, in the learner's process."""
    if make()(SAMPLE) is TODO:
        return TODO
    return CloserReport(**asdict(report_on(make, case.args[0])) | look_closer(make))


def look_closer(make: Any) -> dict[str, bool]:
    """Ask fresh balancers for choices that give away what they go by.

    Of servers that are equally busy some balancers always take the first. So whoever is
    watched here is the least busy of all: only a reason keeps a balancer away from there.
    """
    middle, last = SERVERS // 2, SERVERS - 1
    usual = send_some(make(), one_at(middle, 0)).count(middle)
    errs, slows = (
        send_some(taught(make(), middle, *bad), one_at(middle, 0)).count(middle)
        for bad in ((USUAL / 10, True), (SLOW, False))
    )
    busy = [[9 * ((s + odd) % 2) for s in range(SERVERS)] for odd in (0, 1)]
    minds_load = send_some(make(), busy[0]) != send_some(make(), busy[1])
    without_first = send_some(taught(make(), 0, USUAL / 10, True), one_at(last, 0))
    full = make()
    send_some(full, one_at(middle, 9, others=0))
    return {
        "minds_load": minds_load,
        "minds_slowness": slows < usual,
        "minds_errors": errs < usual,
        "misplaces": minds_load and set(without_first) == {last - 1},
        "hoards": minds_load
        and middle in send_some(full, one_at(middle, 2, others=0), start=48)[:3],
    }


def one_at(place: int, count: int, others: int = 1) -> list[int]:
    """Give requests in flight that are the same at all servers but one."""
    return [count if s == place else others for s in range(SERVERS)]


def send_some(balancer: Any, in_flight: list[int], start: int = 0) -> list[int]:
    """Give where forty-eight requests go, with a fresh look at the servers for each."""
    views = (
        replace(
            SAMPLE,
            number=number,
            now=SAMPLE.now + number / 100,
            seen_at=SAMPLE.now + number / 100,
            in_flight=list(in_flight),
            luck=tuple((number * share) % 1 for share in (0.618, 0.414, 0.732)),
        )
        for number in range(start, start + 4 * SERVERS)
    )
    return [balancer(view) for view in views]


def taught(balancer: Any, ill: int, response_time: float, failed: bool) -> Any:
    """Show a balancer forty bad answers of one server among good ones of the others."""
    learn = getattr(balancer, "answered", lambda answer: None)
    for i in range(40):
        at = SAMPLE.now - 0.5 + i / 100
        for s in range(SERVERS):
            is_ill = s == ill
            learn(Answer(s, at, response_time if is_ill else USUAL, failed and is_ill))
    return balancer


def judge_trial(report: Any, case: Case) -> Mistake | None:
    """Say what is wrong with how a balancer got through a trial, and why that may be.

    Parameters
    ----------
    report
        A `CloserReport`, as it came back from the learner's process.
    case
        Which trial it was.
    """
    trial: Trial = case.args[0]
    if is_within_limits(report, trial):
        return None
    says = (
        f"p99 {report.p99:.3g} s (at most {TARGET:g} s), {100 * report.failed:.2g} % failed (at "
        f"most {100 * MOST_FAILED:g} %). While server {trial.ill} was ill it got "
        f"{100 * report.ill_share:.2g} % of the requests, in the last quarter of all "
        f"{100 * report.last_share:.2g} %; an even share is {100 * FAIR:.2g} %."
    )
    return Mistake(why(report, trial), says)


def why(report: CloserReport, trial: Trial) -> str:
    """Name the mistake of a balancer that does not meet the demands."""
    if report.misplaces:
        return "misplaced"
    if report.hoards:
        return "hoards"
    return why_failed(report) if report.failed > MOST_FAILED else why_late(report, trial)


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
        "own_weight": "The one that is chosen pays too little, and so is chosen again too soon. It "
        "pays the sum of all weights, even if that takes it below 0.",
        "latest": "Of equal savings, the first server is chosen.",
        "saves_late": "All save up first, then one is chosen and pays.",
        "from_one": "The turns are right, but servers are numbered from 0.",
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
        outlier_case([server(0.9 + 0.1 * i) for i in range(6)], label="all are slow"),
        outlier_case([*EIGHT[:7], server(0.9, answers=10)], label="just ten answers"),
        outlier_case([[0.1] * 12, [0.2] * 12, [0.1] * 12], times=2, label="just twice as slow"),
        outlier_case(
            [server(0.1, answers=10)] * 3 + [server(1.0, answers=60)], label="most answers are slow"
        ),
        outlier_case([server(0.8), *EIGHT[:4], server(0.7), server(2.0)], label="1.75 may be out"),
        outlier_case(
            [*EIGHT[:3], server(0.8), server(0.9), *[server(0.1, answers=3)] * 3],
            label="three are not judged",
        ),
    ),
    hint="A server's number is the median of its response times; the typical one is the median "
    "of these numbers over the servers that are judged.",
    hints={
        "mean_of_all": "One very slow server pulls the mean of all up until it looks normal in its "
        "own light. Compare with the median over the servers.",
        "fastest": "Compared with the fastest server, a usual one looks slow. Compare with the "
        "median over the servers.",
        "pooled": "A server with many answers would set what is typical. First take each server's "
        "median, then the median of those.",
        "seconds": "All are slow here, and nobody is slower than the others: no server is to "
        "blame. Compare with what is typical now, not with a number of seconds.",
        "or_equal": "Just `times` as large is not more than that.",
        "one_long_answer": "One export of half a minute among quick answers does not make a "
        "server slow. Take the median of its response times, not their mean.",
        "few_answers": f"With fewer than {FEWEST_ANSWERS} answers a server is not judged, and does "
        "not count for what is typical.",
        "more_than_ten": f"{FEWEST_ANSWERS} answers are enough: only with fewer is it not judged.",
        "no_limit": "That takes out too many at once. The others have to do their work: where "
        "does that end?",
        "none_allowed": "In a small tier the share rounds down to none. One always may be out.",
        "rounded_up": "How many may be out is rounded down: 1.75 servers are one.",
        "share_of_judged": "The share is of all servers, also of those that are not judged.",
        "by_number": "If not all may be taken out, take the slowest.",
        "quickest": "If not all may be taken out, take the slowest, and give it first.",
        "reversed": "These are the right ones. Give the slowest first.",
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
        "misplaced": "With server 0 taken out, it means server 11 and gives 10: the place in a "
        "shortened list is not the server's number. Choose among the numbers themselves.",
        "hoards": "It counts what it has sent for ever, but `view.in_flight` holds the older ones "
        "already. When `view.seen_at` has changed, begin to count anew.",
        "only_busy": "It knows how many requests each server has, not how slow it is: a slow "
        "server with one request looks as good as a quick one with one. Learn from "
        "`answer.response_time` in `answered`.",
        "magnet": "A server that refuses at once is never busy, so whoever looks for the least "
        "busy one sends it ever more. In `answered`, look at `answer.failed`, and do not take "
        "an error for a quick answer.",
        "too_soon": "The dead server is tried again too often. Each try costs a request: wait 20 "
        "s or so.",
        "one_place": "It learns, and yet the ill server gets a lot. Is there a healthy server "
        "out in its place, ejected for one slow answer or never taken back? Compare an average "
        "with the typical one, by a clear factor, and let everyone come back.",
        "grudge": "The server came back well and is still avoided, so the others do its work. "
        "Let an ejection end, and forget what went before it.",
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
