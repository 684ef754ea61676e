"""What the start page's one function has to do, and a hint for what people get wrong."""

from helpers.checks import Case, Check

HOURS = 365 * 24
"""Hours of a year without a leap day, as tables of availability count them."""


def downtime_case(availability: float, label: str = "") -> Case:
    """Make a case of the hours of downtime a year."""
    down = 1 - availability
    mistakes = {
        "up": availability * HOURS,
        "days": down * 365,
        "minutes": down * HOURS * 60,
        "percent": (1 - availability / 100) * HOURS,
    }
    if availability == 0:  # here some mistakes give the right answer
        mistakes.pop("percent")
    if availability == 1:
        mistakes = {name: mistakes[name] for name in ("up", "percent")}
    return Case((availability,), expected=down * HOURS, label=label, mistakes=mistakes)


CHECKS = {
    "start_here.downtime": Check(
        cases=(
            downtime_case(0.999),
            downtime_case(0.9999, "one nine more"),
            downtime_case(1.0, "never down"),
            downtime_case(0.0, "never up"),
        ),
        hint="A year has 365 × 24 hours. Which share of them is it down?",
        hints={
            "up": "Those are the hours in which it works. Downtime is the rest of the year.",
            "days": "Those are days. A day has 24 hours.",
            "minutes": "Those are minutes. One hour is 60 of them.",
            "percent": "The availability comes as a share, 0.999, not as 99.9.",
        },
        shows="99.9 % leaves 8.76 hours a year without it, and one nine more leaves 53 minutes.",
        tolerance=1e-9,
    )
}
