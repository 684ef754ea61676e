"""Read a load test's results from a CSV file: servers, and the throughput they reached.

The door through which a learner's own numbers come in. It is generous about what a
column is called and strict about what it holds: a line that cannot be used is left
out, counted and named.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from helpers import require

Floats = NDArray[np.float64]

EXAMPLE = Path(__file__).parent / "data" / "throughput.csv"

SERVERS = ("servers", "n", "load", "nodes", "instances", "replicas", "concurrency")
THROUGHPUT = ("throughput", "rps", "x", "requests/s", "requests_per_second", "qps", "tps")


@dataclass(frozen=True, eq=False)
class Measurements:
    """Results of a load test, a row for each measurement.

    Attributes
    ----------
    servers
        At least 1, shape (measurements,).
    throughput
        Above 0, in requests/s or the file's own unit, same shape.
    skipped
        The lines left out, each with its number and the reason.
    """

    servers: Floats
    throughput: Floats
    skipped: tuple[str, ...] = ()

    def __repr__(self) -> str:
        said = f"Measurements: {self.servers.size} rows, {len(self.skipped)} skipped"
        return "; ".join([said, *self.skipped])


def read_measurements(path: str | Path = EXAMPLE) -> Measurements:
    """Read measurements from columns separated by commas, semicolons or tabs.

    Empty lines and those that start with # are passed over. The first other line names
    the columns: one is servers (or n, load, nodes, instances, replicas, concurrency),
    one is throughput (or rps, x, requests/s, requests_per_second, qps, tps). Case does
    not matter, and other columns are ignored. Where semicolons or tabs separate the
    columns, a comma may stand for the decimal point.

    Parameters
    ----------
    path
        The file, in UTF-8. By default the made-up example that comes with the course.

    Examples
    --------
    >>> read_measurements()
    Measurements: 20 rows, 0 skipped
    """
    path = Path(path)
    lines = numbered_lines(path.read_text(encoding="utf-8-sig"))
    if not lines:
        raise ValueError(f"path must name a file that is not empty, got {path.name}")
    separator = max("\t;,", key=lines[0][1].count)
    header = [name.strip().lower() for name in cells_of(lines[0][1], separator)]
    places = [find_column(header, names) for names in (SERVERS, THROUGHPUT)]
    rows: list[list[float]] = []
    skipped: list[str] = []
    for number, line in lines[1:]:
        try:
            rows.append(read_row(cells_of(line, separator), places, separator))
        except ValueError as error:
            skipped.append(f"line {number}: {error}")
    if not rows:
        raise ValueError(
            "; ".join([f"path must hold measurements, got none in {path.name}", *skipped])
        )
    servers, throughput = np.array(rows).T
    return Measurements(servers, throughput, tuple(skipped))


def numbered_lines(text: str) -> list[tuple[int, str]]:
    """Give the lines that say something, with their numbers in the file."""
    numbered = enumerate(text.splitlines(), start=1)
    return [(number, line) for number, line in numbered if line.strip() and line[0] != "#"]


def cells_of(line: str, separator: str) -> list[str]:
    """Cut one line into its cells."""
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True))


def find_column(header: list[str], names: tuple[str, ...]) -> int:
    """Give the place of the column that goes by one of the names, the best name first."""
    for name in names:
        if name in header:
            return header.index(name)
    raise ValueError(
        f"header must name a column {names[0]} (or {', '.join(names[1:])}), got {header}"
    )


def read_row(cells: list[str], places: list[int], separator: str) -> list[float]:
    """Give servers and throughput of one line, or say what is wrong with it."""
    if len(cells) <= max(places):
        raise ValueError(f"columns must number at least {max(places) + 1}, got {len(cells)}")
    servers, throughput = (read_number(cells[place], separator) for place in places)
    if not 1 <= servers < np.inf:
        raise ValueError(f"servers must be at least 1, got {servers:g}")
    return [servers, require.positive("throughput", throughput)]


def read_number(cell: str, separator: str) -> float:
    """Give a cell as a number."""
    try:
        return float(cell if separator == "," else cell.replace(",", "."))
    except ValueError:
        raise ValueError(f"{cell.strip()!r} is not a number") from None
