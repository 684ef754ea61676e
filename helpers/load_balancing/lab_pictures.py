"""The learner's answers put to use, drawn; and what is there without them while they are TODO."""

from collections.abc import Callable
from typing import Any

from helpers.checks import TODO, UnfinishedError
from helpers.figure import Picture, picture
from helpers.load_balancing.lab import turns
from helpers.load_balancing.trial_figures import draw_trial, draw_turns
from helpers.load_balancing.trials import SAMPLE, Trial, run_trial

WEIGHTS, ROUNDS = [4, 2, 1], 3


def show_turns(weighted_turns: Callable[[list[int], int], list[int]]) -> Picture:
    """Draw three rounds of turns by weight, in blocks and by the learner's function."""
    requests = ROUNDS * sum(WEIGHTS)
    blocks = [server for server, weight in enumerate(WEIGHTS) for _ in range(weight)] * ROUNDS
    given = finished(lambda: weighted_turns(list(WEIGHTS), requests), "weighted_turns")
    rows = {"in blocks": blocks} | ({} if given is None else {"yours": list(given)})
    if given is not None and len(rows["yours"]) == len(turns(WEIGHTS, requests)):
        return picture(draw_turns, rows, height=2.2)
    return picture(draw_turns, {"in blocks": blocks}, height=1.7)


def show_trial(make: Callable[[], Any] | None, trial: Trial) -> Picture:
    """Draw a trial with the learner's balancer, beside least connections.

    Parameters
    ----------
    make
        The learner's class; None for round-robin in its place.
    """
    runs = {}
    if make is None:
        runs["round robin"] = run_trial("round robin", trial)
    runs["least connections"] = run_trial("least connections", trial)
    if make is not None and finished(lambda: make()(SAMPLE), "Balancer") is not None:
        runs["yours"] = run_trial(make(), trial)
    return picture(
        draw_trial, runs, trial, width=9.5, height=4.0, rows=2, height_ratios=[3, 2], columns=1
    )


def finished(answer: Callable[[], Any], name: str) -> Any | None:
    """Give the answer; or say what is shown instead, and give None, while it is TODO."""
    try:
        given = answer()
        if given is not TODO:
            return given
    except UnfinishedError:
        pass
    print(f"{name} is TODO, or rests on an answer that is. Until then: the picture without it.")
    return None
