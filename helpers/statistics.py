"""How sure are we? A simulated number without its spread is a rumor.

Three ways to an interval: repeat the whole run with fresh seeds (`replicate`),
cut one long run into batches (`batch_means`), or run two designs on the same
random numbers and look at the differences (`compare`). Then percentiles: exact
ones by partition (`quantile`), and from a histogram that needs one pass and a few
kilobytes however long the run is (`LogHistogram`).
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean and how far it may be off.

    Attributes
    ----------
    value
        The estimated mean.
    half_width
        Half of the confidence interval.
    level
        How often such an interval holds the truth, between 0 and 1.
    """

    value: float
    half_width: float
    level: float = 0.95

    @property
    def low(self) -> float:
        """Where the interval starts."""
        return self.value - self.half_width

    @property
    def high(self) -> float:
        """Where the interval ends."""
        return self.value + self.half_width

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        if not (math.isfinite(self.value) and 0 < self.half_width < math.inf):
            return f"{self.value:.4g} ± {self.half_width:.2g}"
        decimals = max(0, 1 - math.floor(math.log10(self.half_width)))
        return f"{self.value:,.{decimals}f} ± {self.half_width:,.{decimals}f}"


def as_samples(samples: ArrayLike, name: str = "samples") -> Floats:
    """Give samples as a 1-D float array, or say what is wrong with them."""
    array = np.ascontiguousarray(samples, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got 0 values")
    if np.isnan(array.min()):
        raise ValueError(f"{name} must not hold NaN, got nan at place {np.isnan(array).argmax()}")
    return array


def interval(independent: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate the mean of independent samples with Student's t interval.

    Parameters
    ----------
    independent
        At least two samples, shape (n,).
    level
        Confidence, between 0 and 1.

    Examples
    --------
    >>> print(interval([9.0, 10.0, 11.0]))
    10.0 ± 2.5
    """
    array = as_samples(independent, "independent")
    if array.size < 2:
        raise ValueError(f"independent must hold at least 2 values, got {array.size}")
    require.inside("level", level, 0, 1)
    from scipy.special import stdtrit

    spread = float(array.std(ddof=1)) / math.sqrt(array.size)
    student = float(stdtrit(array.size - 1, (1 + level) / 2))
    return Estimate(float(array.mean()), student * spread, level)


def batch_means(samples: ArrayLike, batches: int = 20, level: float = 0.95) -> Estimate:
    """Estimate a mean from one long run whose neighbors are correlated.

    A customer who waits long is followed by others who wait long, so n samples
    tell less than n independent ones would. Means of long batches hardly depend on
    one another: their spread is honest (Law, *Simulation Modeling and Analysis*,
    section 9.5).

    Parameters
    ----------
    samples
        The run in order of time with the warm-up dropped, shape (n,).
    batches
        How many, at least 2. A remainder at the front is left out.
    level
        Confidence, between 0 and 1.

    Examples
    --------
    >>> estimate = batch_means(np.tile([1.0, 3.0], 100))
    >>> estimate.value, estimate.half_width
    (2.0, 0.0)
    """
    array = as_samples(samples)
    batches = require.whole("batches", batches, at_least=2)
    length = array.size // batches
    if length < 1:
        raise ValueError(f"batches must not exceed the {array.size} samples, got {batches}")
    return interval(array[-length * batches :].reshape(batches, length).mean(axis=1), level)


def replicate(
    function: Callable[[np.random.Generator], float],
    replications: int = 10,
    rng: int | np.random.Generator = 0,
    level: float = 0.95,
) -> Estimate:
    """Run a simulation several times with independent random numbers.

    Parameters
    ----------
    function
        Takes a generator, returns one number.
    replications
        How many runs, at least 2.
    rng
        A seed or a generator; each run gets a child of its own.

    Examples
    --------
    >>> print(replicate(lambda rng: rng.normal(5.0), replications=400))
    4.989 ± 0.094
    """
    replications = require.whole("replications", replications, at_least=2)
    children = require.generator(rng).spawn(replications)
    return interval([function(child) for child in children], level)


def compare(
    first: Callable[[np.random.Generator], float],
    second: Callable[[np.random.Generator], float],
    replications: int = 10,
    rng: int | np.random.Generator = 0,
    level: float = 0.95,
) -> Estimate:
    """Estimate how much more the second design gives than the first.

    Both see the same random numbers in each replication, so what luck does to one
    it does to the other and most of it cancels (common random numbers).

    Examples
    --------
    >>> difference = compare(lambda r: r.exponential(2.0), lambda r: r.exponential(3.0))
    >>> difference.low > 0  # ten runs are enough, since both share their luck
    True
    """
    replications = require.whole("replications", replications, at_least=2)
    children = require.generator(rng).spawn(replications)
    before = [first(copy.deepcopy(child)) for child in children]
    return interval(np.subtract([second(child) for child in children], before), level)


def drop_warm_up(samples: ArrayLike) -> Floats:
    """Cut the start of a run, where the system is still emptier than usual.

    MSER-5: average in fives, then cut where the standard error of what is left is
    smallest, at most half of the run (White, Cobb and Spratt, 2000).

    Parameters
    ----------
    samples
        The run in order of time, shape (n,), at least 10 values.

    Returns
    -------
    The samples after the cut.

    Examples
    --------
    >>> drop_warm_up(np.r_[np.zeros(20), np.ones(80)]).size
    80
    """
    array = as_samples(samples)
    if array.size < 10:
        raise ValueError(f"samples must hold at least 10 values, got {array.size}")
    centered = array - array.mean()  # or squares of large numbers drown their differences
    fives = centered[: array.size // 5 * 5].reshape(-1, 5).mean(axis=1)
    remaining = np.arange(fives.size, 0, -1)
    tail_sum = np.cumsum(fives[::-1])[::-1]
    tail_squares = np.cumsum(np.square(fives)[::-1])[::-1]
    error = (tail_squares - np.square(tail_sum) / remaining) / np.square(remaining)
    return array[5 * int(np.argmin(error[: fives.size // 2 + 1])) :]


def as_shares(q: float | Sequence[float]) -> Floats:
    """Give one share or several as an array, or say what is wrong with them."""
    shares = np.atleast_1d(np.asarray(q, dtype=np.float64))
    if not np.all((shares > 0) & (shares <= 1)):
        raise ValueError(f"q must be above 0 and at most 1, got {q}")
    return shares


@overload
def quantile(samples: ArrayLike, q: float) -> float: ...
@overload
def quantile(samples: ArrayLike, q: Sequence[float]) -> Floats: ...
def quantile(samples: ArrayLike, q: float | Sequence[float]) -> float | Floats:
    """Give the smallest sample that at least a share q of all samples does not exceed.

    One partition instead of a full sort; no invented values between samples.

    Parameters
    ----------
    samples
        Shape (n,).
    q
        One share or several, each above 0 and at most 1.

    Examples
    --------
    >>> quantile([5, 1, 4, 2, 3], 0.5)
    3.0
    """
    array = as_samples(samples)
    shares = as_shares(q)
    ranks = np.ceil(shares * array.size - 1e-9).astype(np.int64).clip(1) - 1
    found = np.partition(array, ranks)[ranks]
    return float(found[0]) if np.ndim(q) == 0 else found


@dataclass(frozen=True)
class LogHistogram:
    """Counts in buckets that grow with the value, so that every bucket is equally precise.

    A float's bits already are a logarithm: the exponent and the first seven digits
    of the fraction number 128 buckets to each doubling, each less than 0.8 % wide.
    No logarithm is taken, and two histograms add up (the idea of HdrHistogram).

    Attributes
    ----------
    counts
        Samples a bucket, shape (buckets,). The first one also holds all below `low`.
    first
        The number of the first bucket among all floats.
    """

    counts: NDArray[np.int64]
    first: int

    @classmethod
    def of(cls, samples: ArrayLike, low: float = 1e-6, high: float = 1e6) -> "LogHistogram":
        """Count samples; those beyond low or high fall into the outermost buckets.

        Examples
        --------
        >>> LogHistogram.of([0.1, 0.2, 0.2, 0.9]).total
        4
        """
        return cls.by_kind(samples, np.zeros(np.size(samples), dtype=np.int8), 1, low, high)[0]

    @classmethod
    def by_kind(
        cls,
        samples: ArrayLike,
        kind: NDArray[np.integer[Any] | np.bool_],
        kinds: int = 2,
        low: float = 1e-6,
        high: float = 1e6,
    ) -> "list[LogHistogram]":
        """Count samples of several kinds in one pass, a histogram for each.

        Parameters
        ----------
        samples
            Shape (n,), none negative.
        kind
            Which kind each sample is of, from 0, same shape.
        kinds
            How many there are, from 1 to 127.
        low, high
            As in `of`.

        Examples
        --------
        >>> late = np.array([False, True, True])
        >>> [counted.total for counted in LogHistogram.by_kind([0.1, 0.7, 0.9], late)]
        [1, 2]
        """
        array = as_samples(samples)
        require.inside("low", low, 0, high)
        if array.min() < 0:
            raise ValueError(f"samples must not be negative, got {array.min()}")
        kinds = require.whole("kinds", kinds)
        require.between("kinds", kinds, 1, 127)
        if kind.shape != array.shape or kind.min() < 0 or kind.max() >= kinds:
            raise ValueError(f"kind must name one of 0 to {kinds - 1} for each sample")
        first, last = (int(bucket_of(np.array([edge]))[0]) for edge in (low, high))
        counts = np.zeros((kinds, last - first + 1), dtype=np.int64)
        is_byte = kind.dtype.itemsize == 1
        of_kind = kind.view(np.int8) if is_byte else kind.astype(np.int8)
        count_in_buckets(array.view(np.int64), of_kind, SHIFT, first, counts)
        return [cls(row, first) for row in counts]

    @property
    def total(self) -> int:
        """How many samples were counted."""
        return int(self.counts.sum())

    @property
    def edges(self) -> Floats:
        """Where each bucket starts, and the last one ends, shape (buckets + 1,)."""
        return start_of_bucket(self.first + np.arange(self.counts.size + 1))

    def __add__(self, other: "LogHistogram") -> "LogHistogram":
        if (self.first, self.counts.size) != (other.first, other.counts.size):
            raise ValueError("other must have the same buckets")
        return LogHistogram(self.counts + other.counts, self.first)

    @overload
    def quantile(self, q: float) -> float: ...
    @overload
    def quantile(self, q: Sequence[float]) -> Floats: ...
    def quantile(self, q: float | Sequence[float]) -> float | Floats:
        """Give the middle of the bucket that holds the quantile: at most 0.4 % off.

        Examples
        --------
        >>> round(LogHistogram.of(np.linspace(0.001, 1.0, 1000)).quantile(0.99), 2)
        0.99
        """
        shares = as_shares(q)
        cumulative = np.cumsum(self.counts)
        if cumulative[-1] == 0:
            raise ValueError("samples must not be empty, got a histogram of 0 values")
        ranks = np.ceil(shares * cumulative[-1] - 1e-9).clip(1)
        buckets = np.searchsorted(cumulative, ranks)
        edges = self.edges
        middles = (edges[buckets] + edges[buckets + 1]) / 2
        return float(middles[0]) if np.ndim(q) == 0 else middles


SHIFT = 52 - 7
"""A float's fraction has 52 digits; the first seven are kept."""


@kernel
def count_in_buckets(bits, kind, shift, first, counts):  # type: ignore[no-untyped-def]
    """Count each number, in the row of its kind, in the bucket that its leading bits name."""
    last = counts.shape[1] - 1
    for i in range(bits.size):
        counts[kind[i], min(max((bits[i] >> shift) - first, 0), last)] += 1


def bucket_of(values: Floats) -> NDArray[np.int64]:
    """Number the bucket of each value: the leading bits of its float."""
    bits: NDArray[np.int64] = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return bits >> SHIFT


def start_of_bucket(buckets: NDArray[np.int64]) -> Floats:
    """Give the smallest float in each bucket."""
    return np.ascontiguousarray(buckets.astype(np.int64) << SHIFT).view(np.float64)
