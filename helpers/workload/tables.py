"""A CSV file: one request a line, the columns named in the first.

For what is no access log: an export from a dashboard, a query's result, a workload of
one's own making.
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.workload import fields
from helpers.workload.fields import Layout, layout_of, row_of
from helpers.workload.gather import Columns
from helpers.workload.lines import file_name, lines_of
from helpers.workload.names import Paths
from helpers.workload.randomness import Seed
from helpers.workload.record import Workload
from helpers.workload.report import Tally
from helpers.workload.timestamps import Clock

DELIMITERS = ",;\t|"
DECIMAL_COMMA = re.compile(r"\d+,\d+", re.ASCII)


def from_csv(
    path: str | Path,
    *,
    time: str | None = None,
    key: str | None = None,
    size: str | None = None,
    region: str | None = None,
    client: str | None = None,
    status: str | None = None,
    service_time: str | None = None,
    keep_private: bool = False,
    spread_seconds: bool = True,
    rng: Seed = 0,
    progress: bool | None = None,
) -> Workload:
    """Read a CSV file, plain or gzip, separated by comma, semicolon, tab or bar.

    A column that is not named here is looked for under its usual names, in any case. Times
    may be dates (without a zone they are UTC), numbers since 1970, or seconds that count
    from 0. A request is one line: a quoted text may hold the delimiter, but no line end.

    Parameters
    ----------
    path
        The file. Its first line names the columns.
    time, key, size, region, client, status, service_time
        The names of columns in the file. Sizes are in bytes, service times in seconds.
    keep_private
        Keep query strings in keys, and the clients' names as `client_names`.
    spread_seconds
        Spread the requests of each second at random over it, where dates know whole
        seconds only.
    rng
        A seed or a generator for that.
    progress
        Whether to show a progress bar; by default for a large file, if somebody watches.

    Returns
    -------
    The requests, with what was found in the file as `report`.

    Raises
    ------
    ValueError
        If the path is no readable text file, a column is not in it, or no request is.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder, "own.csv")
    ...     _ = table.write_text("when,page\\n0.5,/a\\n2.0,/b\\n")
    ...     workload = from_csv(table, time="when", key="page")
    >>> workload.arrival_time.tolist(), workload.key_names
    ([0.5, 2.0], ('/a', '/b'))
    """
    tally = Tally(file_name(path))
    clock, columns = Clock(earliest=0.0), Columns(Paths(keep_private, any_text=True), keep_private)
    chosen = {
        "time": time,
        "target": key,
        "size": size,
        "region": region,
        "client": client,
        "status": status,
        "service_time": service_time,
    }
    header: list[str] = []
    for number, line in lines_of(path, tally, progress):
        text = line.decode("utf-8", "backslashreplace")
        if not header:
            delimiter = max(DELIMITERS, key=text.count)
            header = header_of(text, delimiter, tally.file)
            layout = table_layout(header, chosen, tally.file)
            tally.header = 1
            continue
        try:
            columns.add(row_of(record_of(text, delimiter, header), layout, clock))
        except ValueError as error:
            tally.reject(number, str(error))
    return columns.workload(tally, clock, "CSV", spread_seconds, rng)


def cells_of(line: str, delimiter: str) -> list[str]:
    """Cut a line into its cells.

    Examples
    --------
    >>> cells_of('1.5,"/a,b",200', ",")
    ['1.5', '/a,b', '200']
    """
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        raise ValueError("quotes that do not close or do not fit") from None


def header_of(line: str, delimiter: str, file: str) -> list[str]:
    """Give the names of the columns."""
    try:
        return [name.strip() for name in cells_of(line, delimiter)]
    except ValueError as error:
        raise ValueError(f"path must name its columns first, got {error} in {file}") from None


def record_of(line: str, delimiter: str, header: list[str]) -> dict[str, str]:
    """Give a line's cells under the names of the columns."""
    cells = cells_of(line, delimiter)
    if len(cells) != len(header):
        raise ValueError("another number of cells than the first line")
    if delimiter == ";":  # as spreadsheets write it where the comma is the decimal point
        cells = [c.replace(",", ".") if DECIMAL_COMMA.fullmatch(c) else c for c in cells]
    return dict(zip(header, cells, strict=True))


def table_layout(header: list[str], chosen: Mapping[str, str | None], file: str) -> Layout:
    """Find the columns by the names that the caller gave, else by their usual names."""
    known = ", ".join(header)
    for argument, name in chosen.items():
        if name is not None and name not in header:
            argument = "key" if argument == "target" else argument
            raise ValueError(f"{argument} must be a column of {file} ({known}), got {name!r}")
    plain = {plainly(name): name for name in reversed(header)}
    names = {name: plain[plainly(name)] for name in fields.KNOWN if plainly(name) in plain}
    if chosen["time"] is not None:
        names["time"] = chosen["time"]
    try:
        layout = layout_of(names)
    except ValueError:
        raise ValueError(f"time must name a column of {file} ({known}), got None") from None
    given: dict[str, Any] = {argument: name for argument, name in chosen.items() if name}
    if "service_time" in given:
        given["service_unit"] = 1.0
    return layout._replace(**given)


def plainly(name: str) -> str:
    """Write a name without regard to capitals and to the kind of dash."""
    return name.lower().replace("-", "_").replace(" ", "_")
