"""Answers to the lab "A balancer" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the last question's answers inside the course's model.
"""

from statistics import mean, median

from helpers.load_balancing.trials import TRIALS, is_within_limits, report_on

# Turns by weight


def in_blocks(weights, requests):
    """Five for a, then one for b, then one for c."""
    blocks = [server for server, weight in enumerate(weights) for _ in range(weight)]
    return [blocks[i % len(blocks)] for i in range(requests)]


def all_alike(weights, requests):
    """Round-robin."""
    return [i % len(weights) for i in range(requests)]


def saving(weights, requests, pay, pick):
    savings, chosen = [0] * len(weights), []
    for _ in range(requests):
        savings = [saved + weight for saved, weight in zip(savings, weights, strict=True)]
        richest = pick(savings)
        savings[richest] -= pay(richest)
        chosen.append(richest)
    return chosen


def first_richest(savings):
    return savings.index(max(savings))


def pays_its_weight(weights, requests):
    """Who is chosen pays its own weight."""
    return saving(weights, requests, lambda server: weights[server], first_richest)


def last_of_equals(weights, requests):
    """`max` over pairs of savings and number."""

    def pick(savings):
        return max((saved, server) for server, saved in enumerate(savings))[1]

    return saving(weights, requests, lambda server: sum(weights), pick)


def chooses_then_saves(weights, requests):
    """Choose first, save up after."""
    savings, chosen = [0] * len(weights), []
    for _ in range(requests):
        richest = first_richest(savings)
        savings = [saved + weight for saved, weight in zip(savings, weights, strict=True)]
        savings[richest] -= sum(weights)
        chosen.append(richest)
    return chosen


def pays_all_it_has(weights, requests):
    """Who is chosen starts again at 0."""
    savings, chosen = [0] * len(weights), []
    for _ in range(requests):
        savings = [saved + weight for saved, weight in zip(savings, weights, strict=True)]
        chosen.append(first_richest(savings))
        savings[chosen[-1]] = 0
    return chosen


def numbered_from_one(weights, requests):
    """Server a is number 1."""
    rounds = saving(weights, requests, lambda server: sum(weights), first_richest)
    return [server + 1 for server in rounds]


def one_for_all(weights, requests):
    """Savings in a dictionary that nobody filled."""
    savings = {}
    for server, weight in enumerate(weights):
        savings[server] += weight
    return [0] * requests


# Outliers


def slowest_above(recent, times, most, number=median, typical=median, fewest=10, limit=True):
    judged = {s: number(took) for s, took in enumerate(recent) if len(took) >= fewest}
    if not judged:
        return []
    bar = times * typical(judged.values())
    slow = sorted((s for s in judged if judged[s] > bar), key=lambda s: -judged[s])
    return slow[: max(1, int(most * len(recent)))] if limit else slow


def against_the_mean(recent, times, most):
    """Typical is the mean over the servers."""
    return slowest_above(recent, times, most, typical=mean)


def against_the_best(recent, times, most):
    """All should be like the fastest."""
    return slowest_above(recent, times, most, typical=min)


def by_its_mean(recent, times, most):
    """A server is as slow as its mean."""
    return slowest_above(recent, times, most, number=mean)


def from_the_first_answer(recent, times, most):
    """Judge everyone who has answered at all."""
    return slowest_above(recent, times, most, fewest=1)


def as_many_as_there_are(recent, times, most):
    """Whoever is slow goes."""
    return slowest_above(recent, times, most, limit=False)


def rounded_down_to_none(recent, times, most):
    """A share is a share."""
    return slowest_above(recent, times, 1.0)[: int(most * len(recent))]


def the_first_ones(recent, times, most):
    """Walk through the servers until enough are out."""
    found = sorted(slowest_above(recent, times, 1.0))
    return found[: max(1, int(most * len(recent)))]


def the_mildest_ones(recent, times, most):
    """Sorted, but the wrong way round."""
    found = slowest_above(recent, times, 1.0)[::-1]
    return found[: max(1, int(most * len(recent)))]


def slowest_at_the_end(recent, times, most):
    """Who goes matters, not in which order."""
    return slowest_above(recent, times, most)[::-1]


def rounded_to_nearest(recent, times, most):
    """1.75 servers are nearly two."""
    return slowest_above(recent, times, 1.0)[: max(1, round(most * len(recent)))]


def a_share_of_the_judged(recent, times, most):
    """Who is not judged does not count."""
    judged = sum(len(took) >= 10 for took in recent)
    return slowest_above(recent, times, 1.0)[: max(1, int(most * judged))]


def from_the_eleventh_answer(recent, times, most):
    """More than ten, to be sure."""
    return slowest_above(recent, times, most, fewest=11)


def three_times_is_enough(recent, times, most):
    """Who reaches the limit is over it."""
    return slowest_above(recent, times * (1 - 1e-12), most)


def half_a_second_at_most(recent, times, most):
    """Users wait half a second, no longer."""
    return slowest_above(recent, 0.5, most, typical=lambda _: 1.0)


def against_all_answers(recent, times, most):
    """Typical is the median of all answers."""
    pooled = median([one for took in recent for one in took] or [0.0])
    return slowest_above(recent, times, most, typical=lambda _: pooled)


def median_of_nothing(recent, times, most):
    """Some server has always answered ten times."""
    judged = {s: median(took) for s, took in enumerate(recent) if len(took) >= 10}
    bar = times * median(judged.values())
    slow = sorted((s for s in judged if judged[s] > bar), key=lambda s: -judged[s])
    return slow[: max(1, int(most * len(recent)))]


# The balancer


class Ejecting:
    """Least connections with an ejector, of which parts can be taken out."""

    counts_its_own = minds_slowness = minds_errors = chooses_least = True
    ejection, times, memory, most_out = 20.0, 3.0, 0.9, 1

    def __init__(self):
        self.took, self.out_until, self.sent, self.seen_at = {}, {}, {}, -1.0

    def __call__(self, view):
        if view.seen_at != self.seen_at:
            self.seen_at, self.sent = view.seen_at, {}
        everyone = range(view.servers)
        welcome = [s for s in everyone if self.out_until.get(s, 0) <= view.now] or [*everyone]
        first = view.number % len(welcome)
        order = welcome[first:] + welcome[:first]
        own = self.sent if self.counts_its_own else {}
        chosen = min(order, key=lambda s: view.in_flight[s] + own.get(s, 0))
        chosen = chosen if self.chooses_least else order[0]
        self.sent[chosen] = self.sent.get(chosen, 0) + 1
        return chosen

    def answered(self, answer):
        server, took = answer.server, answer.response_time
        is_ill = answer.failed and self.minds_errors
        if not answer.failed and self.minds_slowness:
            kept = self.memory * self.took.get(server, took)
            self.took[server] = kept + (1 - self.memory) * took
            is_ill = self.took[server] > self.times * median(self.took.values())
        out = [s for s, until in self.out_until.items() if until > answer.at]
        if is_ill and server not in out and len(out) < self.most_out:
            self.out_until[server] = answer.at + self.ejection
            self.took.pop(server, None)


class GoRound:
    """To each its turn."""

    def __call__(self, view):
        return view.number % view.servers


class AtRandom:
    """A die is fair."""

    def __call__(self, view):
        return view.draw(1)[0]


class LeastConnections:
    """Whoever has the fewest requests is the quickest."""

    def __call__(self, view):
        return min(range(view.servers), key=lambda s: (view.in_flight[s], -view.luck[0] * s % 1))


class TwoChoices:
    """Two choices are nearly as good as all."""

    def __call__(self, view):
        return min(view.draw(2), key=lambda s: view.in_flight[s])


class QuickErrors(Ejecting):
    """An error is an answer like any other."""

    minds_errors = False


class WithoutSlowness(Ejecting):
    """Only errors are a reason to go."""

    minds_slowness = False


class Impatient(Ejecting):
    """A second is long enough to get well."""

    ejection = 1.0


class Touchy(Ejecting):
    """A little slower than usual is too slow."""

    times, memory = 1.2, 0.5


class Unforgiving(Ejecting):
    """Once ill, never trusted again."""

    ejection, most_out = 1e9, 12


class WithoutItsOwn(Ejecting):
    """What the view says is what there is."""

    counts_its_own = False


class GoRoundAmongTheWell(Ejecting):
    """With the ill one out, turns will do."""

    chooses_least = False


class FirstOfEquals(QuickErrors):
    """`min` over the servers will do, and an error is an answer."""

    def __call__(self, view):
        return min(
            range(view.servers),
            key=lambda s: (self.out_until.get(s, 0) > view.now, view.in_flight[s]),
        )


class CountsForEver(Ejecting):
    """What I have sent, I have sent."""

    def __call__(self, view):
        self.seen_at = view.seen_at
        return super().__call__(view)


class PlaceInTheList(Ejecting):
    """`index` of the smallest load among those that are welcome."""

    def __call__(self, view):
        welcome = [s for s in range(view.servers) if self.out_until.get(s, 0) <= view.now]
        loads = [view.in_flight[s] for s in welcome]
        return loads.index(min(loads))


class OneTooMany:
    """Servers are numbered from 1."""

    def __call__(self, view):
        return view.number % view.servers + 1


WRONG = {
    "load_balancing.weighted_turns": {
        "blocks": [in_blocks],
        "equal": [all_alike],
        "own_weight": [pays_its_weight, pays_all_it_has],
        "from_one": [numbered_from_one],
        "latest": [last_of_equals],
        "saves_late": [chooses_then_saves],
        "error": [one_for_all],
    },
    "load_balancing.outliers": {
        "mean_of_all": [against_the_mean],
        "fastest": [against_the_best],
        "one_long_answer": [by_its_mean],
        "few_answers": [from_the_first_answer],
        "no_limit": [as_many_as_there_are],
        "none_allowed": [rounded_down_to_none],
        "by_number": [the_first_ones],
        "quickest": [the_mildest_ones],
        "reversed": [slowest_at_the_end],
        "rounded_up": [rounded_to_nearest],
        "share_of_judged": [a_share_of_the_judged],
        "more_than_ten": [from_the_eleventh_answer],
        "or_equal": [three_times_is_enough],
        "seconds": [half_a_second_at_most],
        "pooled": [against_all_answers],
        "error": [median_of_nothing],
    },
    "load_balancing.balancer": {
        "blind": [GoRound, AtRandom],
        "only_busy": [LeastConnections, TwoChoices, WithoutSlowness],
        "magnet": [QuickErrors, FirstOfEquals],
        "too_soon": [Impatient],
        "one_place": [Touchy],
        "grudge": [Unforgiving],
        "uneven": [GoRoundAmongTheWell],
        "herd": [WithoutItsOwn],
        "hoards": [CountsForEver],
        "misplaced": [PlaceInTheList],
        "error": [OneTooMany],
    },
}

MODEL = "load_balancing.balancer"
MODEL_HEADER = ("answer", *(trial.name for trial in TRIALS), "within all limits")
MODEL_SAYS = (
    "For each trial: p99 (at most 0.5 s) and failed requests (at most 0.3 %). A server that is "
    "well again has to get requests again."
)


def model_row(make) -> tuple[str, ...]:
    """Run a balancer through the trials of the lab, and write down what came of each.

    Returns
    -------
    For each trial the p99 and the share of failed requests; and whether all are within
    the limits.
    """
    reports = [report_on(make, trial) for trial in TRIALS]
    cells = [f"{r.p99:.2g} s, {100 * r.failed:.2g} %" for r in reports]
    good = all(map(is_within_limits, reports, TRIALS))
    return (*cells, "yes" if good else "no")
