"""How long an old page lives on after a deploy: counted, and by formula.

Milk in many refrigerators. The dairy changes the recipe today; whoever bought a bottle
before drinks it up first, and buys the next one when they come by after the date on it.
Nobody can call the bottles back.

The formula is a renewal argument: a copy is used for its life M, then lies for a mean of
1/λ until its owner comes again and fetches a new one. Copies are therefore fetched at a rate
of 1/(M + 1/λ) by each user, and a visit t after a deploy is served from an older copy with
probability (M − t)/(M + 1/λ), for t up to M.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.http_caching.site import HOUR, WEEK
from helpers.http_caching.week import BROKEN, CURRENT, OLD, Week
from helpers.statistics import Estimate

Floats = NDArray[np.float64]
EDGES = np.geomspace(HOUR / 6, WEEK, 29)


def share_old(
    since_deploy: ArrayLike, max_age: float, visit_rate: float, grace: float = 0.0
) -> Floats:
    """Give the share of visits that are shown a copy from before the deploy.

    Parameters
    ----------
    since_deploy
        Seconds after the deploy, at least 0, any shape.
    max_age
        Seconds for which a copy is used without asking, at least 0.
    visit_rate
        Of one user, in visits per second, above 0; they come at random moments.
    grace
        Seconds of stale-while-revalidate, at least 0: one more visit may be served from a
        copy whose life has ended by less.

    Returns
    -------
    From 0 to 1, same shape. For one browser cache with nothing before it; earlier deploys
    do not matter.

    Notes
    -----
    With u = max(M, t): [(M − t)⁺ + (e^(−λ(u − M)) − e^(−λS))⁺ / λ] / (M + 1/λ).

    Examples
    --------
    A day, one visit a day: half of the visits right after the deploy, a quarter at noon.

    >>> share_old([0, 43_200, 86_400], max_age=86_400, visit_rate=1 / 86_400).tolist()
    [0.5, 0.25, 0.0]
    """
    require.not_negative("max_age", max_age)
    require.positive("visit_rate", visit_rate)
    require.not_negative("grace", grace)
    t = np.asarray(since_deploy, dtype=np.float64)
    if np.any(t < 0):
        raise ValueError(f"since_deploy must be at least 0, got {t.min()}")
    beyond = np.maximum(t - max_age, 0.0)
    late = np.exp(-visit_rate * beyond) - math.exp(-visit_rate * grace)
    alive = np.maximum(max_age - t, 0.0)
    share: Floats = (alive + np.maximum(late, 0.0) / visit_rate) / (max_age + 1 / visit_rate)
    return share


@dataclass(frozen=True, eq=False)
class Tail:
    """What visits were shown, by the time since the latest deploy.

    Attributes
    ----------
    edges
        Seconds after a deploy, shape (bins + 1,).
    old, broken
        Share of the visits of each bin with an old page that works, and with one that does
        not; NaN for a bin without visits, shape (bins,).
    visits
        In each bin.
    """

    edges: Floats
    old: Floats
    broken: Floats
    visits: NDArray[np.int64]

    @property
    def middle(self) -> Floats:
        """The middle of each bin on a logarithmic scale."""
        return np.sqrt(self.edges[1:] * self.edges[:-1])

    @property
    def not_current(self) -> Floats:
        """Share of the visits with a page that is not the current one."""
        return self.old + self.broken

    def estimate(self, place: int) -> Estimate:
        """Give the share of one bin's visits without the current page, with its spread."""
        share, count = float(self.not_current[place]), int(self.visits[place])
        return Estimate(share, 1.96 * math.sqrt(share * (1 - share) / max(count, 1)))


def find_tail(week: Week, edges: ArrayLike = EDGES) -> Tail:
    """Count what visits were shown by the time since the latest deploy.

    Parameters
    ----------
    week
        A run; its second half is counted.
    edges
        Seconds, ascending, shape (bins + 1,).
    """
    bounds = np.asarray(edges, dtype=np.float64)
    gone = week.since_deploy[week.counted]
    is_later = gone >= 0
    bins = np.searchsorted(bounds, gone[is_later], side="right") - 1
    states = week.page[week.counted][is_later].astype(np.int64)
    inside = (bins >= 0) & (bins < bounds.size - 1)
    table = np.bincount(3 * bins[inside] + states[inside], minlength=3 * (bounds.size - 1))
    counts = table.reshape(-1, 3)
    visits = counts.sum(axis=1)
    share = np.where(visits[:, None] > 0, counts / np.maximum(visits, 1)[:, None], np.nan)
    return Tail(bounds, share[:, OLD], share[:, BROKEN], visits)


def last_old(week: Week) -> float:
    """Give the longest time after a deploy at which somebody was shown an outdated page.

    Returns
    -------
    Seconds after the latest deploy before it; 0 where nobody was.
    """
    late = week.since_deploy[week.counted][week.page[week.counted] != CURRENT]
    return float(late.max(initial=0))
