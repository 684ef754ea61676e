"""The learner's answers put to use, drawn; and what is there without them while they are TODO."""

from collections.abc import Callable
from typing import Any, TypeVar

from helpers.caching.choosing import PATTERNS, ChooseVictim, Entry, score_policy
from helpers.caching.guarding import Guarding, Minute, Seen, ask_always, run_guard
from helpers.caching.lab_figures import draw_guard, draw_scores
from helpers.checks import TODO, UnfinishedError
from helpers.figure import Picture, picture

T = TypeVar("T")

SOMETHING = (Entry(key=1, added=0, used=5, hits=2), Entry(key=2, added=3, used=3, hits=0))


def first_in(held: Any) -> int:
    """Evict what came first (FIFO), which is what is shown while there is no answer."""
    return int(min(held, key=lambda entry: entry.added).key)


def show_policy(choose_victim: ChooseVictim, seed: int = 0) -> Picture:
    """Draw the learner's policy on all patterns, between LRU and the optimum."""
    is_there = is_finished(lambda: choose_victim(SOMETHING), "choose_victim")
    policy, name = (choose_victim, "your policy") if is_there else (first_in, "first in, first out")
    scores = [score_policy(policy, pattern, seed) for pattern in PATTERNS]
    return picture(draw_scores, scores, name, height=3.2)


def show_guard(guard: Guarding, minute: Minute) -> Picture:
    """Draw a minute with the learner's guard in front of the database, and without it."""
    is_there = is_finished(lambda: guard(Seen(now=1.0, copy_ends=None, asked_at=None)), "guard")
    mine = run_guard(guard, minute) if is_there else None
    return picture(draw_guard, mine, run_guard(ask_always, minute))


def is_finished(answer: Callable[[], object], name: str) -> bool:
    """Tell whether there is an answer; if not, say what is shown instead."""
    try:
        if answer() is not TODO:
            return True
    except UnfinishedError:
        pass
    print(f"{name} is TODO, or rests on an answer that is. Until then: the picture without it.")
    return False
