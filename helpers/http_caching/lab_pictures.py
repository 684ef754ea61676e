"""The learner's headers put to use, drawn; and what is there without them while they are TODO."""

from collections.abc import Callable
from typing import Any

from helpers.checks import TODO, UnfinishedError
from helpers.figure import Picture, picture
from helpers.http_caching.figures import draw_fortnight
from helpers.http_caching.policies import POLICIES, look_up
from helpers.http_caching.site import File
from helpers.http_caching.site_report import BOOKSHOP, DAILY, ask_for_headers, run_launch
from helpers.http_caching.week import Week

KINDS = {
    "page": "names all others, changes with every deploy",
    "script": "must be of the same deploy as the page",
    "style": "must be of the same deploy as the page",
    "image": "seldom changes",
    "data": "the same for all users, changes every few minutes",
    "personal": "belongs to one user",
}


class Paths:
    """A table of what a page view asks for."""

    def __repr__(self) -> str:
        rows = [(file.path_of(0), file.size, kind_of(file)) for file in BOOKSHOP]
        return "\n".join(f"{path:30}{size / 1e3:6.0f} kB  {said}" for path, size, said in rows)


def kind_of(file: File) -> str:
    """Say what a file is like."""
    said = KINDS[file.kind]
    return f"{said}; one of these a view" if file.route >= 0 else said


def show_paths() -> Paths:
    """Show what a page view asks for."""
    return Paths()


def show_before() -> Picture:
    """Draw the fortnight with a day for everything."""
    return draw(thursday(), None)


def show_site(cache_control: Callable[[str], Any]) -> Picture:
    """Draw the fortnight with the learner's headers, over the one with Thursday's."""
    try:
        headers = ask_for_headers(cache_control, DAILY)
    except UnfinishedError:
        headers = {"/": TODO}
    if any(value is TODO for value in headers.values()):
        print("cache_control is TODO. Until then: the picture with Thursday's headers.")
        return show_before()
    return draw(run_launch(lambda path: headers[path], DAILY), thursday())


def thursday() -> Week:
    """Run the fortnight with Thursday's headers."""
    return run_launch(look_up(POLICIES["a day for all"]), DAILY)


def draw(week: Week, before: Week | None) -> Picture:
    """Draw a fortnight."""
    return picture(draw_fortnight, week, before, columns=2, width_ratios=[1, 1.6])
