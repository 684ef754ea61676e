"""Requests as they are read, one after another, become the columns of a workload.

Columns grow as packed arrays of numbers, not as lists of objects: a request costs 44
bytes, a name about 200 bytes and its letters once.
"""

from array import array
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.workload.names import OTHER, UNKNOWN, Clients, Names, Paths, numbered
from helpers.workload.randomness import Seed, as_generator
from helpers.workload.record import OPTIONAL, Workload
from helpers.workload.report import Report, Tally
from helpers.workload.timestamps import FIRST_ABSOLUTE, Clock

MOST_REGIONS = 1000
STAND_IN = "(unknown)"
KINDS = {np.float64: "d", np.int64: "q", np.int16: "h"}


class Row(NamedTuple):
    """One request as a line tells it; what the line does not tell is None or UNKNOWN."""

    time: float
    target: str | bytes | None = None
    size: int = UNKNOWN
    region: str | None = None
    client: str | bytes | None = None
    status: int = UNKNOWN
    service_time: float = UNKNOWN


class Columns:
    """Takes rows and makes a workload of them.

    Parameters
    ----------
    paths
        How to read and number what is asked for.
    keep_private
        Whether to keep the addresses of clients.

    Examples
    --------
    >>> columns = Columns(Paths())
    >>> columns.add(Row(1774746000.5, "/b"))
    >>> columns.add(Row(1774746000.0, "/a?secret", size=12))
    >>> workload = columns.workload(Tally("example", lines=2), Clock(), "rows")
    >>> workload.arrival_time.tolist(), workload.key.tolist(), workload.key_names
    ([0.0, 0.5], [1, 0], ('/b', '/a'))
    >>> workload.report
    example: rows, 2 lines, 2 requests
      from 2026-03-29 01:00:00 to 2026-03-29 01:00:00 UTC
      1 out of order, sorted
      size unknown for 1 of the requests, set to 0
    """

    def __init__(self, paths: Paths, keep_private: bool = False) -> None:
        self._names: dict[str, Names] = {"key": paths, "region": Names(most=MOST_REGIONS)}
        if keep_private:
            self._names["client"] = Names()
        self._key_of, self._region_of = paths.of, self._names["region"].of
        self._client_of = self._names["client"].of if keep_private else Clients().of
        self._times = array("d")
        self._columns: dict[str, array[Any]] = {n: array(KINDS[k]) for n, k in OPTIONAL.items()}
        arrays = (self._times, *self._columns.values())
        self._add: tuple[Callable[[Any], None], ...] = tuple(column.append for column in arrays)

    def __len__(self) -> int:
        return len(self._times)

    def add(self, row: Row) -> None:
        """Take a request."""
        time, target, size, region, client, status, service_time = row
        add_time, add_key, add_size, add_region, add_client, add_status, add_service = self._add
        add_time(time)
        add_key(self._key_of(target))
        add_size(size)
        add_region(self._region_of(region))
        add_client(self._client_of(client))
        add_status(status)
        add_service(service_time)

    def add_all(
        self,
        times: list[float],
        targets: Iterable[bytes],
        sizes: list[int],
        clients: Iterable[bytes],
        statuses: list[int],
        service_times: list[float],
    ) -> None:
        """Take many requests at once, in much less time than one after another."""
        self._times.fromlist(times)
        self._columns["key"].fromlist([*map(self._key_of, targets)])
        self._columns["size"].fromlist(sizes)
        self._columns["region"].fromlist([UNKNOWN] * len(times))
        self._columns["client"].fromlist([*map(self._client_of, clients)])
        self._columns["status"].fromlist(statuses)
        self._columns["service_time"].fromlist(service_times)

    def workload(
        self, tally: Tally, clock: Clock, form: str, spread_seconds: bool = False, rng: Seed = 0
    ) -> Workload:
        """Sort the requests by time, let time start at 0, and report.

        Parameters
        ----------
        tally, clock
            What the reader noticed on the way.
        form
            What the file was read as.
        spread_seconds
            Whether to spread the requests of each second at random over it, where all
            times are whole seconds.
        rng
            A seed or a generator for that.

        Raises
        ------
        ValueError
            If there was no request.
        """
        if not len(self):
            raise ValueError(f"path must hold at least one request, got none: {tally}")
        times = np.frombuffer(self._times)
        late = int(np.count_nonzero(times < np.maximum.accumulate(times)))
        order: Any = np.argsort(times, kind="stable") if late else slice(None)
        times = times[order]
        first, last = float(times[0]), float(times[-1])
        is_absolute = first >= FIRST_ABSOLUTE
        is_whole = is_absolute and bool(np.all(times == np.floor(times)))
        notes = [*tally.notes, *clock.notes()]
        arrivals = times - first if is_absolute else times.copy()
        if is_whole and spread_seconds:
            # Sorting leaves each request in its second, and those of a second in their order.
            arrivals = np.sort(arrivals + as_generator(rng, "seconds").random(times.size))
            notes.append("times are whole seconds: requests were spread at random within theirs")
        columns = self._known(order, notes)
        report = Report(
            file=tally.file,
            form=form,
            unit=tally.unit,
            lines=tally.lines,
            requests=len(self),
            blank=tally.blank,
            header=tally.header,
            rejections=tally.rejections(),
            out_of_order=late,
            started_at=first if is_absolute else None,
            ended_at=last if is_absolute else None,
            notes=tuple(notes),
        )
        return Workload(
            locked(arrivals),
            covered(times, is_absolute, is_whole),
            **columns,
            name=tally.file,
            source=f"{form}, {tally.file}",
            report=report,
        )

    def _known(self, order: Any, notes: list[str]) -> dict[str, Any]:
        """Give the columns that the file tells of, in order of arrival, with their names."""
        found: dict[str, Any] = {}
        for name, kind in OPTIONAL.items():
            column = np.frombuffer(self._columns[name], dtype=kind)[order]
            names = self._names.get(name)
            lacking = int(np.count_nonzero(column == UNKNOWN))
            if lacking == column.size:
                continue
            if lacking:
                stand_in = names.of(STAND_IN) if names else 0
                shown = repr(names.known[stand_in]) if names else "0"
                notes.append(f"{name} unknown for {lacking:,} of the requests, set to {shown}")
                column = np.where(column == UNKNOWN, stand_in, column).astype(kind)
            if names:
                found[f"{name}_names"] = names.known
                notes += crowded(name, column, names)
            found[name] = locked(numbered(column) if name == "client" and not names else column)
        return found


def covered(times: NDArray[np.float64], is_absolute: bool, is_whole: bool) -> float:
    """Give the seconds that a file covers: up to its last request and one more mean gap.

    So n requests at a steady rate give that rate. Whole seconds last at least to their end.
    """
    gap = (times[-1] - times[0]) / max(times.size - 1, 1)
    start = times[0] if is_absolute else 0.0
    return float(times[-1] - start + (max(gap, float(is_whole)) or 1.0))


def crowded(name: str, column: NDArray[Any], names: Names) -> list[str]:
    """Say how many requests lost their name for lack of room."""
    if OTHER not in names.known:
        return []
    count = np.count_nonzero(column == names.known.index(OTHER))
    return [f"{name}: more different ones than fit, {count:,} of the requests go by {OTHER!r}"]


def locked(column: NDArray[Any]) -> NDArray[Any]:
    """Give a column that nobody can write on, so that the workload need not copy it."""
    column.flags.writeable = False
    return column
