"""The learner's answers put to use, drawn; and what is there without them while they are TODO."""

from collections.abc import Callable
from typing import Any, TypeVar

from helpers.checks import TODO, UnfinishedError
from helpers.databases.lab_figures import draw_pages
from helpers.databases.lab_tasks import GOOD_INDEXES, open_lab_shop
from helpers.databases.list_page import PageLoad, load_page
from helpers.databases.query_counter import CountingConnection
from helpers.databases.saga import (
    Coordinator,
    Journal,
    Left,
    Moments,
    Services,
    crash_everywhere,
    without_journal,
    without_keys,
)
from helpers.databases.saga_figures import draw_crashes
from helpers.figure import Picture, picture

T = TypeVar("T")
LENGTHS = (5, 50, 100, 200, 400)
ROUND_TRIP = 0.01


def show_page(load_orders: Callable[..., Any]) -> Picture:
    """Draw how long the learner's page takes, beside one that asks for each row."""
    shop = open_lab_shop(indexes=GOOD_INDEXES)
    counting = CountingConnection(shop, round_trip=ROUND_TRIP)

    def load(way: Any) -> list[PageLoad]:
        return [load_page(way, length, connection=counting) for length in LENGTHS]

    mine = attempt(lambda: load_orders(counting, 1, 1), lambda: load(load_orders), "load_orders")
    return picture(draw_pages, mine or [], load("lazy"), height=3.2)


def show_checkout(checkout: Coordinator) -> Picture:
    """Draw what the learner's checkout leaves at each crash, beside two that lack something."""

    def crash(checkout: Coordinator) -> list[Left]:
        return crash_everywhere(checkout, stock=0, restock=True)

    moments = Moments(frozenset())
    mine = attempt(
        lambda: checkout(Journal(moments), Services(moments)), lambda: crash(checkout), "checkout"
    )
    others = {"no journal": crash(without_journal), "no keys": crash(without_keys)}
    rows = {"yours": mine, **others} if mine else others
    return picture(draw_crashes, rows, height=2.6)


def attempt(answer: Callable[[], object], make: Callable[[], T], name: str) -> T | None:
    """Give what is made of an answer; None, and why, where there is none or it fails."""
    try:
        if answer() is not TODO:
            return make()
        why = "is TODO"
    except UnfinishedError:
        why = "is TODO, or rests on an answer that is"
    except Exception as problem:
        why = f"raises {type(problem).__name__}: {problem}"
    print(f"{name} {why}. Until then: the picture without it.")
    return None
