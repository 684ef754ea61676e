"""Bigger or more: what one machine costs against many, and what is left when one dies.

Two ways to move house: one truck, ever larger, or many vans. The truck needs no
planning, but there is a largest one, and if it breaks down nothing arrives. The vans
have to be told who carries what, and one that breaks down takes only its own load.

A plan is a row for each demand: which machine, how many, at what price, how often all
of the demand can be served, and how much of it is turned away when one machine fails.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.scaling.scalability import check_coefficients, universal_scalability

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GIB = 2**30
HOURS_PER_YEAR = 8760
MOST_MACHINES = 10_000


@dataclass(frozen=True)
class Instance:
    """A machine one can rent.

    Attributes
    ----------
    name
        What it is called.
    cores
        At least 1.
    memory_bytes
        At least 1.
    price_per_hour
        In dollars, above 0.
    """

    name: str
    cores: int
    memory_bytes: int
    price_per_hour: float

    def __post_init__(self) -> None:
        require.whole("cores", self.cores)
        require.whole("memory_bytes", self.memory_bytes)
        require.positive("price_per_hour", self.price_per_hour)


CATALOGUE: tuple[Instance, ...] = (
    Instance("small", 2, 8 * GIB, 0.10),
    Instance("medium", 4, 16 * GIB, 0.20),
    Instance("large", 8, 32 * GIB, 0.40),
    Instance("2x large", 16, 64 * GIB, 0.80),
    Instance("4x large", 32, 128 * GIB, 1.60),
    Instance("8x large", 64, 256 * GIB, 3.20),
    Instance("12x large", 96, 384 * GIB, 4.80),
    Instance("24x large", 192, 768 * GIB, 9.60),
    Instance("giant", 448, 12_288 * GIB, 109.00),
    Instance("twin giant", 896, 24_576 * GIB, 218.00),
)
"""Prices in the shape of 2026 public cloud on-demand lists; invented, change them. Up to
192 cores a core costs the same in every size; above, one pays for a rare machine."""


@dataclass(frozen=True)
class Losses:
    """What parts lose by working together, as in `universal_scalability`.

    Attributes
    ----------
    alpha
        Contention, from 0 to 1.
    beta
        Coherency, at least 0.
    """

    alpha: float = 0.0
    beta: float = 0.0

    def __post_init__(self) -> None:
        check_coefficients(self.alpha, self.beta)


NO_LOSSES = Losses()


@dataclass(frozen=True, eq=False)
class Plan:
    """Machines for each demand; all arrays have shape (demands,).

    Attributes
    ----------
    name
        "vertical" or "horizontal".
    catalogue
        The machines to choose from.
    demand
        Requests per second to be served.
    choice
        Place in the catalogue of the machine chosen, −1 where nothing suffices.
    machines
        How many to pay for, spare ones among them; 0 where nothing suffices.
    cost_per_hour
        Dollars; infinite where nothing suffices.
    capacity
        Requests per second without the spare machines; 0 where nothing suffices.
    availability
        Share of time in which enough machines are up for all of the demand; NaN where
        nothing suffices.
    lost_with_one
        Share of the demand that is turned away while one machine is down; NaN where
        nothing suffices.
    ceiling
        The highest demand that the catalogue can serve this way, in requests/s.
    """

    name: str
    catalogue: tuple[Instance, ...]
    demand: Floats
    choice: Integers
    machines: Integers
    cost_per_hour: Floats
    capacity: Floats
    availability: Floats
    lost_with_one: Floats
    ceiling: float

    def __post_init__(self) -> None:
        if (self.capacity[self.is_possible] < self.demand[self.is_possible] * (1 - 1e-9)).any():
            raise AssertionError("a plan was made that does not carry its demand")

    def __repr__(self) -> str:
        return (
            f"Plan: {self.name}, {self.demand.size} demands, ceiling {self.ceiling:,.0f} requests/s"
        )

    @property
    def is_possible(self) -> NDArray[np.bool_]:
        """Whether the catalogue has anything for each demand."""
        return self.machines > 0

    @property
    def downtime_hours(self) -> Floats:
        """Hours a year in which some of the demand is turned away."""
        return (1 - self.availability) * HOURS_PER_YEAR


def vertical_plan(
    demand: ArrayLike,
    per_core: float,
    catalogue: Sequence[Instance] = CATALOGUE,
    *,
    spare: int = 0,
    machine_availability: float = 0.999,
    core_losses: Losses = NO_LOSSES,
) -> Plan:
    """Serve each demand by the cheapest single machine that is large enough.

    Parameters
    ----------
    demand
        Requests per second, above 0, shape (demands,).
    per_core
        Requests per second that one core serves when alone, above 0.
    catalogue
        Machines to choose from.
    spare
        Machines of the same size standing by, at least 0.
    machine_availability
        Share of time in which one machine is up, between 0 and 1.
    core_losses
        What the cores of one machine lose by sharing its memory.

    Examples
    --------
    >>> plan = vertical_plan([1_000, 20_000, 200_000], per_core=100)
    >>> plan.cost_per_hour.tolist(), plan.ceiling
    ([0.8, 109.0, inf], 89600.0)
    """
    machine = capacities_of(catalogue, per_core, core_losses)
    needed = (machine[:, np.newaxis] >= wanted_from(demand)).astype(np.int64)
    return plan_of("vertical", catalogue, demand, needed, machine, spare, machine_availability)


def horizontal_plan(
    demand: ArrayLike,
    per_core: float,
    catalogue: Sequence[Instance] = CATALOGUE,
    *,
    spare: int = 0,
    machine_availability: float = 0.999,
    core_losses: Losses = NO_LOSSES,
    machine_losses: Losses = NO_LOSSES,
) -> Plan:
    """Serve each demand by the cheapest fleet of equal machines.

    Parameters
    ----------
    demand, per_core, catalogue, machine_availability, core_losses
        As in `vertical_plan`.
    spare
        Machines beyond those needed, at least 0; 1 is known as N + 1.
    machine_losses
        What the machines lose by sharing a database, locks, and each other's news.

    Examples
    --------
    >>> plan = horizontal_plan([1_000, 20_000, 200_000], per_core=100, spare=1)
    >>> plan.machines.tolist(), plan.cost_per_hour.round(2).tolist()
    ([6, 101, 1001], [0.6, 10.1, 100.1])
    """
    machine = capacities_of(catalogue, per_core, core_losses)
    fleet = fleet_capacities(machine_losses)
    best = np.maximum.accumulate(fleet)
    needed = 1 + np.searchsorted(best, wanted_from(demand) / machine[:, np.newaxis])
    needed[needed > MOST_MACHINES] = 0
    return plan_of(
        "horizontal", catalogue, demand, needed, machine, spare, machine_availability, fleet
    )


def k_of_n_availability(needed: ArrayLike, spare: int, machine_availability: float) -> Floats:
    """Give the share of time in which at least `needed` of `needed + spare` machines are up.

    Parameters
    ----------
    needed
        Machines that carry the load, at least 1, any shape.
    spare
        Machines that may be down, at least 0.
    machine_availability
        Share of time in which one machine is up, between 0 and 1, whatever the others do.

    Returns
    -------
    Share of time, of the shape of `needed`.

    Notes
    -----
    The binomial distribution, summed over 0 to `spare` machines down. A cause that takes
    several machines down at once (a bad release, a lost zone) makes it too good.

    Examples
    --------
    >>> print(k_of_n_availability([1, 20], spare=0, machine_availability=0.999).round(4))
    [0.999  0.9802]
    >>> print(k_of_n_availability([1, 20], spare=1, machine_availability=0.999).round(6))
    [0.999999 0.999793]
    """
    spare = require.whole("spare", spare, at_least=0)
    up = require.inside("machine_availability", machine_availability, 0, 1)
    machines = np.asarray(needed, dtype=np.float64) + spare
    if machines.size and not machines.min() >= spare + 1:
        raise ValueError(f"needed must be at least 1, got {np.min(needed)}")
    share = np.zeros(machines.shape)
    log_ways = np.zeros(machines.shape)
    for down in range(spare + 1):
        share += np.exp(log_ways + (machines - down) * math.log(up) + down * math.log1p(-up))
        log_ways += np.log((machines - down) / (down + 1))
    return share


def capacities_of(catalogue: Sequence[Instance], per_core: float, losses: Losses) -> Floats:
    """Give the requests per second of each machine, shape (machines,)."""
    if not catalogue:
        raise ValueError(f"catalogue must hold at least one instance, got {catalogue}")
    require.positive("per_core", per_core)
    cores = [instance.cores for instance in catalogue]
    return universal_scalability(cores, losses.alpha, losses.beta, per_core)


def fleet_capacities(losses: Losses) -> Floats:
    """Give what 1, 2, 3, … machines do together, in machines, shape (MOST_MACHINES,)."""
    return universal_scalability(np.arange(1, MOST_MACHINES + 1), losses.alpha, losses.beta)


def wanted_from(demand: ArrayLike) -> Floats:
    """Give the demands, a hair smaller, so that rounding never buys a machine."""
    wanted = np.asarray(demand, dtype=np.float64)
    if wanted.ndim != 1 or wanted.size == 0:
        raise ValueError(f"demand must be one-dimensional and not empty, got shape {wanted.shape}")
    wrong = wanted[~((wanted > 0) & np.isfinite(wanted))]
    if wrong.size:
        raise ValueError(f"demand must be finite and above 0, got {wrong[0]}")
    return wanted * (1 - 1e-12)


def plan_of(
    name: str,
    catalogue: Sequence[Instance],
    demand: ArrayLike,
    needed: Integers,
    machine: Floats,
    spare: int,
    machine_availability: float,
    fleet: Floats | None = None,
) -> Plan:
    """Choose the cheapest machine for each demand and say what the plan is worth.

    Parameters
    ----------
    needed
        Machines of each kind for each demand, 0 where it cannot be done, shape
        (catalogue, demands).
    machine
        Requests per second of one machine of each kind, shape (catalogue,).
    fleet
        What several machines do together, in machines; by default only one works.
    """
    spare = require.whole("spare", spare, at_least=0)
    fleet = np.ones(1) if fleet is None else fleet
    price = np.array([instance.price_per_hour for instance in catalogue])
    cost = np.where(needed > 0, price[:, np.newaxis] * (needed + spare), np.inf)
    choice = cost.argmin(axis=0)
    columns = np.arange(cost.shape[1])
    working, cheapest = needed[choice, columns], cost[choice, columns]
    possible = working > 0
    wanted = np.asarray(demand, dtype=np.float64)
    carried = np.concatenate([[0.0], fleet])  # what 0, 1, 2, … machines carry
    left = np.minimum(working + spare - 1, working).clip(0)
    turned_away = 1 - machine[choice] * carried[left] / wanted
    availability = k_of_n_availability(working.clip(1), spare, machine_availability)
    return Plan(
        name=name,
        catalogue=tuple(catalogue),
        demand=wanted,
        choice=np.where(possible, choice, -1),
        machines=np.where(possible, working + spare, 0),
        cost_per_hour=cheapest,
        capacity=np.where(possible, machine[choice] * carried[working], 0.0),
        availability=np.where(possible, availability, np.nan),
        lost_with_one=np.where(possible, turned_away.clip(0, 1), np.nan),
        ceiling=float(machine.max() * fleet.max()),
    )
