"""The learning path drawn as a map: one line through all stops, and how far each has come."""

from itertools import pairwise
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Arc, Circle

from helpers.figure import COLOR
from helpers.start_here.course_map import CourseMap, State, Stop

COLUMNS = 7
RADIUS = 0.25
ROW_HEIGHT = 1.28
BEND, CORNER = 0.66, 0.3
NAME_WIDTH = 15
LOOKS: dict[State, tuple[str, str, str]] = {  # fill, edge, text of the number
    "to come": ("white", "#b0b0b0", COLOR["context"]),
    "open": ("white", COLOR["simulation"], COLOR["simulation"]),
    "started": (COLOR["simulation_fill"], COLOR["simulation"], COLOR["simulation"]),
    "finished": (COLOR["remedy"], COLOR["remedy"], "white"),
}


def draw_course_map(course_map: CourseMap, axes: Axes) -> Axes:
    """Draw the path in rows, there and back, with a ring that closes as a stop gets done."""
    places = [place_of(number) for number in range(len(course_map.stops))]
    axes.set_title(course_map.finding)
    for one, following in pairwise(places):
        axes.plot(*path_between(one, following), color=COLOR["context_fill"], lw=5, zorder=1)
    for stop, place in zip(course_map.stops, places, strict=True):
        draw_stop(stop, place, axes)
    lowest = places[-1][1]
    draw_legend(lowest - 1.12, axes)
    axes.set(xlim=(-0.8, COLUMNS - 0.2), ylim=(lowest - 1.3, 0.45))
    axes.set_aspect("equal")
    axes.set_axis_off()
    return axes


def place_of(number: int) -> tuple[float, float]:
    """Give the place of a stop: to the right in one row, back in the next.

    Examples
    --------
    >>> place_of(0), place_of(6), place_of(7)
    ((0.0, 0.0), (6.0, 0.0), (6.0, -1.28))
    """
    row, column = divmod(number, COLUMNS)
    return float(column if row % 2 == 0 else COLUMNS - 1 - column), -row * ROW_HEIGHT


def path_between(
    one: tuple[float, float], following: tuple[float, float]
) -> tuple[list[float], list[float]]:
    """Give the line between two stops, with round corners where a row ends."""
    (x, y), (next_x, next_y) = one, following
    if y == next_y:
        return [x, next_x], [y, next_y]
    side = 1 if x > 0 else -1
    quarter = np.linspace(0, np.pi / 2, 20)
    across = x + side * (BEND - CORNER + CORNER * np.sin(quarter))
    down = CORNER * (1 - np.cos(quarter))
    bend_x = np.concatenate(([x], across, across[::-1], [next_x]))
    bend_y = np.concatenate(([y], y - down, (next_y + down)[::-1], [next_y]))
    return bend_x.tolist(), bend_y.tolist()


def draw_stop(stop: Stop, place: tuple[float, float], axes: Axes) -> None:
    """Draw one stop: its number in a circle, below it its name and how much of it is done."""
    x, y = place
    draw_mark(stop.state, stop.share, place, RADIUS, axes)
    ink = LOOKS[stop.state][2]
    weight = "normal" if stop.state == "to come" else "bold"
    middle: dict[str, Any] = {"ha": "center", "zorder": 4, "fontweight": weight}
    number = f"{stop.topic.number:02d}"
    axes.text(x, y, number, va="center_baseline", fontsize=11, color=ink, **middle)
    tone = COLOR["context"] if stop.state == "to come" else COLOR["formula"]
    lines = [(text, tone, weight) for text in wrap(stop.topic.title, NAME_WIDTH)]
    if stop.state == "started":
        lines.append((str(stop.together), COLOR["simulation"], "normal"))
    if stop.state == "finished":
        lines.append(("finished", COLOR["remedy"], "normal"))
    middle = {"ha": "center", "va": "baseline", "zorder": 4, "fontsize": 8.5}
    for count, (text, color, weight) in enumerate(lines):
        axes.text(x, y - 0.45 - 0.145 * count, text, color=color, fontweight=weight, **middle)


def draw_mark(
    state: State, share: float, place: tuple[float, float], radius: float, axes: Axes
) -> None:
    """Draw a stop's circle; where it is started, with a ring that is as long as what is done."""
    face, edge, _ = LOOKS[state]
    dashes = (0, (2, 2)) if state == "to come" else "-"
    width = 1.2 if state == "to come" else 2.2
    axes.add_patch(Circle(place, radius * 1.28, color="white", zorder=2, lw=0))
    if state != "started":
        axes.add_patch(Circle(place, radius, fc=face, ec=edge, lw=width, ls=dashes, zorder=3))
        return
    axes.add_patch(Circle(place, radius, fc="white", ec=face, lw=4, zorder=3))
    done: dict[str, Any] = {
        "theta1": 90 - 360 * share,
        "theta2": 90,
        "color": edge,
        "lw": 4,
        "zorder": 3,
    }
    axes.add_patch(Arc(place, 2 * radius, 2 * radius, **done))


def draw_legend(y: float, axes: Axes) -> None:
    """Say what the marks mean, below the map."""
    meanings: tuple[tuple[State, str], ...] = (
        ("to come", "to come"),
        ("open", "open"),
        ("started", "started"),
        ("finished", "finished"),
    )
    for x, (state, text) in zip((1.3, 2.5, 3.5, 4.7), meanings, strict=True):
        draw_mark(state, 0.4, (x, y), 0.09, axes)
        axes.text(x + 0.17, y, text, va="center", fontsize=8.5, color=COLOR["context"])
