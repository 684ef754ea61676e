"""Turn the page's headers, the deploys and the visitors by hand; a million requests a move."""

from dataclasses import dataclass
from typing import ClassVar

from helpers.explorer import Control, Explorer, Slider, Switch
from helpers.http_caching.caching_panel import draw_caching_panel
from helpers.http_caching.returning import Returning, look_at
from helpers.http_caching.site import DAY, HOUR, MINUTE, WEEK

MAX_AGES = (
    *(0, 1, 5, 15, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR),
    *(2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, 2 * DAY, 4 * DAY, WEEK),
)
GRACES = (0, MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, DAY)
INTERVALS = (HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 2 * DAY, 4 * DAY, WEEK)
UNITS = ((WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))


@dataclass(frozen=True)
class Durations(Control):
    """Durations to choose from, in seconds, about equal ratios apart, 0 among them."""

    kind: ClassVar[str] = "slider"
    choices: tuple[int, ...]
    value: int

    @property
    def values(self) -> tuple[int, ...]:
        return self.choices

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(in_units(value) for value in self.choices)

    @property
    def start(self) -> int:
        return self.position_of(self.value)

    @property
    def extremes(self) -> tuple[int, ...]:
        return (0, len(self.choices) - 1)


def in_units(value: int) -> str:
    """Write a duration in its largest whole unit.

    Examples
    --------
    >>> in_units(0), in_units(7200), in_units(60)
    ('0 seconds', '2 hours', '1 minute')
    """
    size, name = next((u for u in UNITS if value and value % u[0] == 0), UNITS[-1])
    count = value // size
    return f"{count} {name}" + ("" if count == 1 else "s")


def explore(
    max_age: int = DAY,
    grace: int = 0,
    interval: int = DAY,
    per_week: int = 7,
    cdn: bool = False,
) -> Explorer:
    """Show what the page's headers do to return visits, and to old pages after a deploy.

    Parameters
    ----------
    max_age
        Of the page, in seconds; one of `MAX_AGES`.
    grace
        Its stale-while-revalidate, in seconds; one of `GRACES`.
    interval
        Seconds between deploys; one of `INTERVALS`.
    per_week
        Visits of a user, from 1 to 40.
    cdn
        Whether a shared cache stands before the origin.
    """
    return Explorer(
        title="What the page's headers do",
        controls=[
            Durations("max_age", "max-age of the HTML", MAX_AGES, max_age),
            Durations("grace", "stale-while-revalidate", GRACES, grace),
            Durations("interval", "Between two deploys", INTERVALS, interval),
            Slider("per_week", "Visits of a user", 1, 40, per_week, unit="a week"),
            Switch("cdn", "CDN in front", value=cdn),
        ],
        model=run,
        draw=draw_caching_panel,
        describe=describe,
        call="explore",
    )


def run(max_age: int, grace: int, interval: int, per_week: float, cdn: bool) -> Returning:
    """Simulate one setting."""
    return look_at(max_age, interval, per_week, cdn, grace)


def describe(result: Returning) -> str:
    """Say what the picture shows now."""
    return result.in_words
