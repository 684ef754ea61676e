"""Where a Chromium is that the browser tests can drive."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ),
}


def find_chromium() -> str | None:
    """The Chromium to drive: $CHROMIUM, else one on the PATH, else one where it is installed.

    Returns
    -------
    str or None
        Path of the program; None when the machine has none.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = filter(None, map(shutil.which, NAMES))
    installed = (place for place in PLACES.get(sys.platform, ()) if Path(place).exists())
    return next(on_path, None) or next(installed, None)


def browser_is_required() -> bool:
    """Whether a missing Chromium is an error (COURSE_REQUIRE_BROWSER=1), not a reason to skip."""
    return os.environ.get("COURSE_REQUIRE_BROWSER", "") not in ("", "0")
