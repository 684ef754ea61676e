"""The learner's router put to use, drawn; and what is there without it while it is TODO."""

from helpers.checks import TODO, UnfinishedError
from helpers.figure import Picture, picture
from helpers.sharding.lab_figures import draw_moves, draw_peaks
from helpers.sharding.routing import (
    NEWCOMER,
    SERVERS,
    Day,
    HashModulo,
    MakeRouter,
    PlainRing,
    homes,
    serve,
)


def show_day(make: MakeRouter, day: Day) -> Picture:
    """Draw each server's peak on a day, with the learner's router and with a plain ring."""
    reports = {"plain ring": serve(PlainRing, day)}
    if is_finished(make):
        reports["yours"] = serve(make, day)
    return picture(draw_peaks, reports, height=3.4)


def show_moves(make: MakeRouter) -> Picture:
    """Draw the share of the keys that move when a server is added."""
    routers = {"modulo": HashModulo} | ({"yours": make} if is_finished(make) else {})
    moved = {
        name: float((homes(router, SERVERS) != homes(router, (NEWCOMER, *SERVERS))).mean())
        for name, router in routers.items()
    }
    return picture(draw_moves, moved, 1 / (len(SERVERS) + 1), height=1.8 + 0.4 * len(moved))


def is_finished(make: MakeRouter) -> bool:
    """Tell whether there is an answer; if not, say what is shown instead."""
    try:
        answer: object = make(list(SERVERS))("product/1", dict.fromkeys(SERVERS, 0))
        if answer is not TODO:
            return True
    except UnfinishedError:
        pass
    print("Router is TODO, or rests on an answer that is. Until then: the picture without it.")
    return False
