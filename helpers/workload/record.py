"""The one input of every model: requests as columns, in order of arrival.

A workload is a clipboard at the door: one line a request, with the time it came and
whatever else is known of it. Models read the columns and never write on them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.workload.attributes import draw_clients, draw_regions, draw_sizes
from helpers.workload.describe import describe
from helpers.workload.keys import AliasTable, zipf
from helpers.workload.randomness import Seed, as_generator
from helpers.workload.report import Report

OPTIONAL: dict[str, type[np.generic]] = {
    "key": np.int64,
    "size": np.int64,
    "region": np.int16,
    "client": np.int64,
    "status": np.int16,
    "service_time": np.float64,
}
NAMED = {"key": "key_names", "region": "region_names", "client": "client_names"}
MOST_WINDOWS = 10**7


@dataclass(frozen=True, eq=False, repr=False)
class Workload:
    """Requests in order of arrival, a column of equal length for each thing known of them.

    Arrays are read-only. A column that is not known is None.

    Attributes
    ----------
    arrival_time
        Seconds since the workload's start, ascending, shape (n,).
    duration
        Seconds that the workload covers, above 0 and no less than the last arrival.
    key
        The object asked for, a number from 0, shape (n,).
    size
        Bytes sent in answer, shape (n,).
    region
        Where the request came in, a position in `region_names`, shape (n,).
    client
        Who asked, a number from 0, shape (n,).
    status
        The HTTP status of the answer, 0 where none is known, shape (n,).
    service_time
        Seconds that the request took where it was recorded, shape (n,).
    catalogue
        How many keys there may be: each is below it. Counted from the keys if not given.
    key_names, region_names, client_names
        What the numbers stand for, or empty.
    name
        What to call the workload in figures.
    source
        Where it comes from.
    report
        What a reader found in the file, if it was read from one.

    Examples
    --------
    >>> Workload(np.array([0.0, 0.5, 2.5]), duration=4.0, key=np.array([0, 1, 0]))
    Workload 'workload': 3 requests in 4 s
      arrivals  0.75/s, 2 in the busiest second, gaps' squared variation 0.36
      key       2 different, the busiest 66.7% of requests
    """

    arrival_time: NDArray[np.float64]
    duration: float
    key: NDArray[np.int64] | None = None
    size: NDArray[np.int64] | None = None
    region: NDArray[np.int16] | None = None
    client: NDArray[np.int64] | None = None
    status: NDArray[np.int16] | None = None
    service_time: NDArray[np.float64] | None = None
    catalogue: int = 0
    key_names: tuple[str, ...] = ()
    region_names: tuple[str, ...] = ()
    client_names: tuple[str, ...] = ()
    name: str = "workload"
    source: str = ""
    report: Report | None = None

    def __post_init__(self) -> None:
        times = frozen("arrival_time", self.arrival_time, np.float64)
        object.__setattr__(self, "arrival_time", times)
        if not np.all(times[1:] >= times[:-1]):
            row = int(np.argmax(times[1:] < times[:-1]))
            raise ValueError(
                f"arrival_time must ascend, got {times[row]} before {times[row + 1]} at row {row}"
            )
        object.__setattr__(self, "duration", float(require.positive("duration", self.duration)))
        if times.size and self.duration < times[-1]:
            raise ValueError(
                f"duration must be at least the last arrival {times[-1]}, got {self.duration}"
            )
        for column, kind in OPTIONAL.items():
            given = getattr(self, column)
            if given is not None:
                object.__setattr__(self, column, self._checked(column, given, kind))
        if self.key is not None:
            asked = max(len(self.key_names), int(self.key.max(initial=-1)) + 1)
            if 0 < self.catalogue < asked:
                raise ValueError(f"catalogue must be at least {asked}, got {self.catalogue}")
            object.__setattr__(self, "catalogue", max(self.catalogue, asked))

    def _checked(self, name: str, given: ArrayLike, kind: type[np.generic]) -> NDArray[Any]:
        """Freeze an optional column after checking its length and its range."""
        array = frozen(name, given, kind)
        if array.size != len(self):
            raise ValueError(f"{name} must have {len(self)} rows as arrival_time, got {array.size}")
        names = getattr(self, NAMED[name]) if name in NAMED else ()
        if names and array.size and array.max() >= len(names):
            raise ValueError(f"{name} must be below {len(names)}, its names, got {array.max()}")
        return array

    def __len__(self) -> int:
        return int(self.arrival_time.size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workload):
            return NotImplemented
        compared = ("arrival_time", "duration", "catalogue", *OPTIONAL, *NAMED.values())
        return all(np.array_equal(getattr(self, c), getattr(other, c)) for c in compared)

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back from a copy or a pickle with arrays as read-only as before."""
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        self.__dict__.update(state)

    def __repr__(self) -> str:
        return describe(self)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are known."""
        return ("arrival_time", *(c for c in OPTIONAL if getattr(self, c) is not None))

    def column(self, name: str) -> NDArray[Any]:
        """Give a column, or say that the workload lacks it.

        Parameters
        ----------
        name
            One of `columns`.

        Examples
        --------
        >>> Workload(np.array([0.5]), 1.0).column("key")
        Traceback (most recent call last):
        ValueError: name must be a column of the workload (arrival_time), got 'key'
        """
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise ValueError(f"name must be a column of the workload ({known}), got {name!r}")
        found: NDArray[Any] = getattr(self, name)
        return found

    @property
    def arrival_rate(self) -> float:
        """Mean requests a second."""
        return len(self) / self.duration

    @property
    def interarrival_times(self) -> NDArray[np.float64]:
        """Seconds from each request to the next, shape (n - 1,)."""
        gaps: NDArray[np.float64] = np.diff(self.arrival_time)
        return gaps

    @property
    def interarrival_scv(self) -> float:
        """Squared coefficient of variation of the gaps: 0 for a clock, 1 for Poisson.

        NaN where there are fewer than two gaps or all requests come at once.
        """
        gaps = self.interarrival_times
        if gaps.size < 2 or not gaps.any():
            return math.nan
        return float(gaps.var() / gaps.mean() ** 2)

    def counts(self, window: float) -> NDArray[np.int64]:
        """Count requests in each window of time.

        A rest at the end that is shorter than a window is left out.

        Parameters
        ----------
        window
            Seconds, above 0 and at most the duration.

        Returns
        -------
        Requests in [0, window), [window, 2 window), ..., shape (duration // window,).

        Examples
        --------
        >>> Workload(np.array([0.0, 0.5, 2.5]), duration=4.0).counts(1).tolist()
        [2, 0, 1, 0]
        """
        require.positive("window", window)
        windows = self.duration / window + 1e-9  # 0.3 / 0.1 must be 3
        if not 1 <= windows < MOST_WINDOWS:
            raise ValueError(
                f"window must lie between {self.duration / MOST_WINDOWS:g} s and the duration "
                f"{self.duration:g} s, got {window}"
            )
        edges = np.arange(int(windows) + 1) * window
        return np.diff(np.searchsorted(self.arrival_time, edges))

    def peak_rate(self, window: float = 1.0) -> float:
        """Give the requests a second in the busiest window of that many seconds.

        Examples
        --------
        >>> Workload(np.array([0.0, 0.5, 2.5]), duration=4.0).peak_rate(2)
        1.0
        """
        return float(self.counts(window).max() / window)

    def burstiness(self, window: float = 1.0) -> float:
        """Compute the index of dispersion for counts: their variance over their mean.

        It is 1 for Poisson arrivals at any window, and grows with the window when
        requests come in bursts (Cox and Lewis, *The Statistical Analysis of Series of
        Events*, 1966). NaN if no request falls into a whole window.

        Parameters
        ----------
        window
            Seconds, above 0 and at most half of the duration.

        Examples
        --------
        >>> Workload(np.array([0.0, 0.5, 2.5, 3.5]), duration=4.0).burstiness(1)
        0.6666666666666666
        """
        counts = self.counts(window)
        if counts.size < 2:
            raise ValueError(
                f"window must be at most half of the duration {self.duration:g} s, got {window}"
            )
        return float(counts.var(ddof=1) / counts.mean()) if counts.any() else math.nan

    def between(self, start: float, stop: float) -> "Workload":
        """Cut out the requests from start up to stop, with time starting anew at 0.

        Parameters
        ----------
        start, stop
            Seconds, 0 <= start < stop <= duration.

        Examples
        --------
        >>> Workload(np.array([0.0, 0.5, 2.5]), duration=4.0).between(0.5, 3).arrival_time.tolist()
        [0.0, 2.0]
        """
        if not 0 <= start < stop <= self.duration:
            raise ValueError(
                f"start and stop must be in order within 0 and {self.duration:g}, "
                f"got {start} and {stop}"
            )
        first, last = np.searchsorted(self.arrival_time, [start, stop])
        if stop == self.duration:
            last = len(self)
        cut = {c: getattr(self, c)[first:last] for c in self.columns}
        cut["arrival_time"] = cut["arrival_time"] - start
        return replace(self, **cut, duration=stop - start)

    def scaled(self, arrival_rate: float) -> "Workload":
        """Stretch time so that the same requests come at another mean rate.

        Parameters
        ----------
        arrival_rate
            Requests a second, above 0.

        Examples
        --------
        >>> faster = Workload(np.array([0.0, 0.5, 2.5]), duration=4.0).scaled(1.5)
        >>> faster.arrival_time.tolist(), faster.duration
        ([0.0, 0.25, 1.25], 2.0)
        """
        require.positive("arrival_rate", arrival_rate)
        if not len(self):
            raise ValueError("arrival_rate cannot be changed for 0 requests")
        stretch = self.arrival_rate / arrival_rate
        duration = max(self.duration * stretch, float(self.arrival_time[-1] * stretch))
        return replace(self, arrival_time=self.arrival_time * stretch, duration=duration)

    def with_keys(self, catalogue: int, exponent: float = 0.8, rng: Seed = 0) -> "Workload":
        """Add keys drawn by Zipf's law; key 0 is the most popular.

        Parameters
        ----------
        catalogue
            Number of keys, 1 to 4,194,304.
        exponent
            How uneven, at least 0; 0 makes all keys equally popular.
        rng
            A seed or a generator. The same seed as for the arrivals is fine.

        Examples
        --------
        >>> Workload(np.arange(6.0), 6.0).with_keys(1000, 0.8, rng=1).key.tolist()
        [63, 15, 49, 146, 46, 5]
        """
        keys = AliasTable.of(zipf(catalogue, exponent)).draw(len(self), as_generator(rng, "keys"))
        return replace(self, key=keys, catalogue=catalogue, key_names=())

    def with_sizes(self, median: float, spread: float = 3.0, rng: Seed = 0) -> "Workload":
        """Add lognormal sizes: one for each key if there are keys, else for each request.

        Parameters
        ----------
        median
            Bytes, above 0.
        spread
            Two thirds of the sizes lie within the median divided and multiplied by it; at
            least 1.
        rng
            A seed or a generator.

        Examples
        --------
        >>> Workload(np.arange(3.0), 3.0).with_sizes(10_000, rng=1).size.tolist()
        [15857, 21819, 2304]
        """
        generator = as_generator(rng, "sizes")
        if self.key is None:
            return replace(self, size=draw_sizes(len(self), median, spread, generator))
        return replace(self, size=draw_sizes(self.catalogue, median, spread, generator)[self.key])

    def with_regions(self, shares: Mapping[str, float], rng: Seed = 0) -> "Workload":
        """Add a region to each request.

        Parameters
        ----------
        shares
            Share of each region, at least 0, adding up to 1.
        rng
            A seed or a generator.

        Examples
        --------
        >>> Workload(np.arange(4.0), 4.0).with_regions({"eu": 0.75, "us": 0.25}).region.tolist()
        [0, 1, 0, 0]
        """
        regions = draw_regions(len(self), shares, as_generator(rng, "regions"))
        return replace(self, region=regions, region_names=tuple(shares))

    def with_clients(self, clients: int, rng: Seed = 0) -> "Workload":
        """Add one of so many equally busy clients to each request.

        Parameters
        ----------
        clients
            At least 1.
        rng
            A seed or a generator.

        Examples
        --------
        >>> Workload(np.arange(4.0), 4.0).with_clients(50, rng=1).client.tolist()
        [28, 15, 0, 36]
        """
        drawn = draw_clients(len(self), clients, as_generator(rng, "clients"))
        return replace(self, client=drawn, client_names=())


def frozen(name: str, given: ArrayLike, kind: type[np.generic]) -> NDArray[Any]:
    """Give a read-only column of a kind, copied unless nobody can write to it already."""
    array = np.asarray(given)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.size and not np.can_cast(array.dtype, kind, casting="same_kind"):
        raise ValueError(f"{name} must hold {kind.__name__} values, got {array.dtype}")
    largest = np.iinfo(kind).max if issubclass(kind, np.integer) else np.finfo(np.float64).max
    wrong = array[~((array >= 0) & (array <= largest))]
    if wrong.size:
        raise ValueError(f"{name} must lie between 0 and {largest:.4g}, got {wrong[0]}")
    column = array.astype(kind, copy=array.flags.writeable)
    column.flags.writeable = False
    return column
