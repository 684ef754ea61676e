"""The learner's answers put to use, drawn; and what is there without them while they are TODO."""

from collections.abc import Callable
from typing import Any

from helpers.checks import TODO, UnfinishedError
from helpers.consistency.figures import draw_history
from helpers.consistency.lab_figures import draw_rules
from helpers.consistency.model import NEVER, Reply, SingleLeader, is_linearizable, run
from helpers.consistency.screen_figures import draw_badges
from helpers.consistency.screens import badge_of, deaf_follower, watch_badge
from helpers.consistency.stormy_days import (
    DAYS,
    MakeMemory,
    Rule,
    first_answer,
    read_day,
    unexplained_days,
    without_repair,
)
from helpers.figure import Picture, picture

SOME_REPLIES = (Reply("n1", "tea", (1.0, "n1")), Reply("n2", None, NEVER))


def show_days(rule: Rule) -> Picture:
    """Draw on how many of the stormy days the checker finds a violation."""
    rules: dict[str, Rule] = {"first answer": first_answer, "newest, no repair": without_repair}
    if is_finished(lambda: rule(list(SOME_REPLIES)), "quorum_read"):
        rules["your rule"] = rule
    counts = {name: len(unexplained_days(each)) for name, each in rules.items()}
    return picture(draw_rules, counts, len(DAYS), height=1.4 + 0.5 * len(rules))


def show_violation(rule: Rule) -> Picture:
    """Draw the first day on which a rule is caught; that without repair where it never is."""
    is_there = is_finished(lambda: rule(list(SOME_REPLIES)), "quorum_read")
    caught = unexplained_days(rule) if is_there else []
    if is_there and not caught:
        print("Your rule was not caught on any day. Without repair:")
    culprit = rule if caught else without_repair
    seed = (caught or unexplained_days(without_repair))[0]
    found = is_linearizable(read_day(culprit, seed).history).counterexample
    assert found is not None
    title = f"Day {seed}: {found.offender.process} cannot have seen {found.offender.result}"
    return picture(draw_history, found.core, found.offender, title, height=2.8)


def show_badge(make: MakeMemory) -> Picture:
    """Draw a badge that asks lagging copies, with the learner's memory and without one."""
    is_there = is_finished(lambda: make().read("x", 1, (1.0, "n1")), "Memory")
    badges = [
        badge_of(
            run(
                SingleLeader(read_from="any"), watch_badge(looks=80, every=0.04),
                deaf_follower(), 1, route="any", cache=cache,
            )
        )
        for cache in ((None, make) if is_there else (None,))
    ]  # fmt: skip
    return picture(draw_badges, badges[0], badges[1] if is_there else None, "with your memory")


def is_finished(answer: Callable[[], Any], name: str) -> bool:
    """Tell whether there is an answer; if not, say what is shown instead."""
    try:
        if answer() is not TODO:
            return True
    except UnfinishedError:
        pass
    print(f"{name} is TODO, or rests on an answer that is. Until then: the picture without it.")
    return False
