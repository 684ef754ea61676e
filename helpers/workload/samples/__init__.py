"""Made-up data to try the readers on: `make.py` beside this file made all of it from a seed."""

from pathlib import Path


def sample(name: str) -> Path:
    """Give the path of a sample.

    Parameters
    ----------
    name
        "access.log", an hour of a shop's front page while the clocks change, or
        "shop.har", one load of that page. Both hold a few broken parts on purpose.

    Examples
    --------
    >>> sample("access.log").name
    'access.log'
    """
    folder = Path(__file__).parent
    known = sorted(file.name for file in folder.iterdir() if file.suffix in (".log", ".har"))
    if name not in known:
        raise ValueError(f"name must be one of {', '.join(known)}, got {name!r}")
    return folder / name
