"""The learner's answers put to use, drawn; and what is there without them while they are TODO."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from helpers.checks import TODO, UnfinishedError
from helpers.figure import Picture, picture
from helpers.scaling.autoscaling import Policy
from helpers.scaling.autoscaling_figures import draw_day, draw_how_busy, draw_plan
from helpers.scaling.day_report import (
    CRISIS,
    LAST_YEAR,
    MOST_LATE_IN_FIVE_MINUTES,
    SERVICE_RATE,
    TARGET,
    constant_plan,
    follow,
    run_day,
)
from helpers.scaling.sale_day import SaleDay

T = TypeVar("T")

LOADS = np.geomspace(0.5, 60, 120)  # servers kept busy


def show_how_busy(servers_for_steady_load: Callable[[float, float, float], float]) -> Picture:
    """Draw how busy tiers of all sizes may be, by the learner's function."""

    def busy() -> list[float]:
        rates = (LOADS * SERVICE_RATE).tolist()
        return [servers_for_steady_load(rate, SERVICE_RATE, TARGET) for rate in rates]

    return picture(draw_how_busy, LOADS, finished(busy, "servers_for_steady_load"))


def show_plan(
    plan_day: Callable[[NDArray[np.float64], float, float], Sequence[float]],
) -> Picture:
    """Draw the learner's plan for a day like last year's, beside one number for all day."""
    rates = LAST_YEAR.rate_by_minute()
    plan = finished(lambda: list(plan_day(rates, SERVICE_RATE, TARGET)), "plan_day")
    return picture(draw_plan, rates / SERVICE_RATE, plan, constant_plan())


def show_plan_on(
    plan_day: Callable[[NDArray[np.float64], float, float], Sequence[float]], day: SaleDay
) -> Picture:
    """Draw another day, with servers by the learner's plan for last year's."""
    rates = LAST_YEAR.rate_by_minute()
    plan = finished(lambda: list(plan_day(rates, SERVICE_RATE, TARGET)), "plan_day")
    return show(follow(plan or [constant_plan()]), day)


def show_day(autoscale: Policy, day: SaleDay) -> Picture:
    """Draw a day with the learner's autoscaler in charge."""
    is_finished = finished(lambda: [autoscale(CRISIS)], "autoscale") is not None
    return show(autoscale if is_finished else follow([constant_plan()]), day)


def show(policy: Policy, day: SaleDay) -> Picture:
    """Run a day and draw it, the sale once more close by."""
    close = (day.sale_at - 0.25, day.sale_at + 1.75)
    return picture(
        draw_day,
        run_day(policy, day),
        SERVICE_RATE,
        TARGET,
        MOST_LATE_IN_FIVE_MINUTES,
        close,
        width=10,
        height=4.4,
        columns=2,
        rows=2,
        width_ratios=[3, 2],
        height_ratios=[3, 1],
        sharey="row",
    )


def finished(answers: Callable[[], list[T]], name: str) -> list[T] | None:
    """Give the answers; or say what is shown instead, and give None, while one is TODO."""
    try:
        given = answers()
        if not any(answer is TODO for answer in given):
            return given
    except UnfinishedError:
        pass
    print(f"{name} is TODO, or rests on an answer that is. Until then: the picture without it.")
    return None
