"""How long messages between replicas take: fits to two companies' stores, and what was published.

A message takes one of two ways. Most take the short one, whose times are a Pareto law's: a
shortest time, and a tail. The others wait for a disk or a garbage collector, for an exponential
time. Four messages make up a write and a read: W carries the write to a replica, A the
acknowledgment back, R the request to read, S the response.

Source: Bailis, Venkataraman, Franklin, Hellerstein and Stoica, *Probabilistically bounded
staleness for practical partial quorums* (VLDB 2012), tables 3 and 4; the paper has milliseconds,
here are seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import require

Floats = NDArray[np.float64]
FitName = Literal["LNKD-SSD", "LNKD-DISK", "YMMR"]
MESSAGES = ("W", "A", "R", "S")


@dataclass(frozen=True)
class Leg:
    """How long one message takes: Pareto for a share of them, exponential for the rest.

    Attributes
    ----------
    share
        Of the messages that the Pareto law holds for, from 0 to 1.
    shortest
        The Pareto law's least time, in seconds, above 0.
    shape
        The Pareto law's tail index, above 0: the smaller, the heavier the tail.
    rate
        Of the exponential law, per second, above 0.

    Raises
    ------
    ValueError
        When one of them is out of its range.
    """

    share: float
    shortest: float
    shape: float
    rate: float

    def __post_init__(self) -> None:
        require.between("share", self.share, 0, 1)
        for name in ("shortest", "shape", "rate"):
            require.positive(name, getattr(self, name))

    @classmethod
    def exponential(cls, mean: float) -> "Leg":
        """Give exponential times, of a mean in seconds.

        Examples
        --------
        >>> Leg.exponential(0.01).mean
        0.01
        """
        require.positive("mean", mean)
        return cls(share=0.0, shortest=mean, shape=2.0, rate=1 / mean)

    @property
    def mean(self) -> float:
        """In seconds; infinite for a Pareto tail with a shape of at most 1."""
        pareto = self.shape * self.shortest / (self.shape - 1) if self.shape > 1 else np.inf
        return (self.share * pareto if self.share else 0.0) + (1 - self.share) / self.rate

    def later_than(self, time: float) -> float:
        """Give the share of messages that take longer than some seconds.

        Examples
        --------
        >>> print(f"{FITS['LNKD-DISK'].w.later_than(0.010):.3f}")
        0.112
        """
        pareto = (self.shortest / max(time, self.shortest)) ** self.shape
        return float(self.share * pareto + (1 - self.share) * np.exp(-self.rate * max(time, 0)))

    def draw(self, messages: int, source: np.random.Generator) -> Floats:
        """Draw the times of messages, in seconds, shape (messages,)."""
        times = np.empty((1, messages))
        draw_times((self,), source, times)
        return times[0]


def draw_times(legs: Sequence[Leg], source: np.random.Generator, times: Floats) -> None:
    """Draw the times of several kinds of messages into an array, in seconds.

    One number from 0 to 1 tells both: below `share` it is a Pareto message, and how far below
    says how long it takes. Either way what is left, stretched to 1, has a logarithm that is
    exponential; a Pareto time is a constant raised to such a one.

    Parameters
    ----------
    legs
        The kinds.
    source
        Where the numbers come from.
    times
        To be filled, shape (kinds, messages).
    """
    rows = [(leg.share, leg.shortest, leg.shape, leg.rate) for leg in legs]
    share, shortest, shape, rate = np.array(rows).T[:, :, None]
    drawn = source.random(times.shape)
    is_pareto = drawn < share
    left = np.where(
        is_pareto,
        (share - drawn) / np.where(share > 0, share, 1),  # no division where there is but one kind
        (1 - drawn) / np.where(share < 1, 1 - share, 1),
    )
    np.log(left, out=left)
    times[:] = np.where(is_pareto, shortest * np.exp(left / -shape), left / -rate)


@dataclass(frozen=True)
class Fit:
    """The four messages of a store.

    Attributes
    ----------
    name
        As it is drawn.
    w, a, r, s
        Write to a replica, acknowledgment, request to read, response.
    """

    name: str
    w: Leg
    a: Leg
    r: Leg
    s: Leg

    @property
    def legs(self) -> tuple[Leg, Leg, Leg, Leg]:
        """In the order of `MESSAGES`."""
        return self.w, self.a, self.r, self.s

    @classmethod
    def of(cls, name: str, write: Leg, others: Leg) -> "Fit":
        """Make a fit in which only the write to a replica differs, as all published ones do."""
        return cls(name, write, others, others, others)

    @classmethod
    def exponential(cls, write_mean: float, others_mean: float) -> "Fit":
        """Make a fit of exponential times, of means in seconds, above 0.

        Examples
        --------
        >>> Fit.exponential(0.010, 0.001).name
        'exponential, 10 ms and 1 ms'
        """
        write, others = Leg.exponential(write_mean), Leg.exponential(others_mean)
        name = f"exponential, {1000 * write_mean:g} ms and {1000 * others_mean:g} ms"
        return cls.of(name, write, others)


SSD = Leg(share=0.9122, shortest=0.235e-3, shape=10, rate=1660)
DISK_WRITE = Leg(share=0.38, shortest=1.05e-3, shape=1.51, rate=183)
YAMMER_WRITE = Leg(share=0.939, shortest=3e-3, shape=3.35, rate=2.8)
YAMMER = Leg(share=0.982, shortest=1.5e-3, shape=3.8, rate=21.7)

FITS: Mapping[str, Fit] = MappingProxyType(
    {
        "LNKD-SSD": Fit.of("LNKD-SSD", SSD, SSD),
        "LNKD-DISK": Fit.of("LNKD-DISK", DISK_WRITE, SSD),
        "YMMR": Fit.of("YMMR", YAMMER_WRITE, YAMMER),
    }
)
"""LinkedIn's Voldemort on solid-state and on spinning disks, and Yammer's Riak."""


class Published(NamedTuple):
    """A row of the paper's table 4, for N = 3: 99.9th percentiles in seconds."""

    r: int
    w: int
    read_latency: float
    write_latency: float
    t_visibility: float


PUBLISHED: Mapping[str, tuple[Published, ...]] = MappingProxyType(
    {
        name: tuple(Published(r, w, *(value / 1000 for value in row)) for r, w, row in rows)
        for name, rows in {
            "LNKD-SSD": (
                (1, 1, (0.66, 0.66, 1.85)),
                (1, 2, (0.66, 1.63, 1.79)),
                (2, 1, (1.63, 0.65, 0)),
                (2, 2, (1.62, 1.64, 0)),
                (3, 1, (4.14, 0.65, 0)),
                (1, 3, (0.65, 4.09, 0)),
            ),
            "LNKD-DISK": (
                (1, 1, (0.66, 10.99, 45.5)),
                (1, 2, (0.65, 20.97, 43.3)),
                (2, 1, (1.63, 10.9, 13.6)),
                (2, 2, (1.64, 20.96, 0)),
                (3, 1, (4.12, 10.89, 0)),
                (1, 3, (0.65, 112.65, 0)),
            ),
            "YMMR": (
                (1, 1, (5.58, 10.83, 1364)),
                (1, 2, (5.61, 427.12, 1352)),
                (2, 1, (32.6, 10.73, 202)),
                (2, 2, (33.18, 428.11, 0)),
                (3, 1, (219.27, 10.79, 0)),
                (1, 3, (5.63, 1870.86, 0)),
            ),
        }.items()
    }
)
"""Table 4. Latencies are from a million reads and writes, t-visibility from 50,000."""

FRESH_AT_ONCE: Mapping[str, float] = MappingProxyType(
    {"LNKD-SSD": 0.975, "LNKD-DISK": 0.439, "YMMR": 0.893}
)
"""Share of reads that are fresh at t = 0, N = 3, R = W = 1 (section 5.6)."""
FRESH_AFTER_10_MS: Mapping[str, float] = MappingProxyType({"LNKD-DISK": 0.925, "YMMR": 0.939})
"""The same ten milliseconds after the commit."""


def fit_named(fit: FitName | Fit) -> Fit:
    """Give a published fit by its name, or a fit of one's own as it is."""
    if isinstance(fit, Fit):
        return fit
    if not isinstance(fit, str) or fit not in FITS:
        raise ValueError(f"fit must be a Fit or one of {', '.join(FITS)}, got {fit!r}")
    return FITS[fit]
