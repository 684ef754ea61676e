"""Who comes when: visits as rows, drawn once and rescaled.

All visits of a fortnight come at random moments; who each one is, and which view they
open, is drawn as well. The same draws serve every setting: fewer visits to a user mean
more users, at the same moments.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from helpers import require
from helpers.http_caching.site import WEEK, Integers

SPAN = 2 * WEEK


@dataclass(frozen=True, eq=False)
class Visits:
    """Page views in order of time, shape (n,).

    Attributes
    ----------
    time
        Whole seconds.
    user
        A number from 0 to users - 1.
    route
        Which view is opened.
    users
        How many there are, of whom some may never come.
    span
        Seconds covered.
    """

    time: Integers
    user: Integers
    route: Integers
    users: int
    span: int

    def __post_init__(self) -> None:
        if not self.time.size == self.user.size == self.route.size:
            raise ValueError("time, user and route must have as many rows as each other")
        if self.time.size and np.any(np.diff(self.time) < 0):
            raise ValueError("time must ascend")

    def __len__(self) -> int:
        return int(self.time.size)


@lru_cache(maxsize=8)
def draw_uniform(count: int, seed: int) -> np.ndarray:
    """Draw moments (sorted), users and routes between 0 and 1, shape (3, count)."""
    draws = np.random.default_rng(seed).random((3, count))
    draws[0].sort()
    draws.flags.writeable = False
    return draws


def draw_visits(
    visits: int = 120_000,
    per_week: float = 5.0,
    routes: int = 8,
    span: int = SPAN,
    rng: int | np.random.Generator = 0,
) -> Visits:
    """Draw the visits of equally eager users, at random moments.

    Parameters
    ----------
    visits
        How many in all.
    per_week
        By a user on average, above 0.
    routes
        How many views there are.
    span
        Seconds to spread them over.
    rng
        A seed or a generator. The same seed gives the same moments for any `per_week`.

    Examples
    --------
    >>> visits = draw_visits(4, per_week=1, rng=1)
    >>> visits.users, visits.route.tolist()
    (2, [4, 0, 6, 4])
    """
    require.whole("visits", visits)
    require.positive("per_week", per_week)
    require.whole("span", span)
    moments, who, which = draw_uniform(visits, require.seed(rng))
    users = max(1, round(visits / (per_week * span / WEEK)))
    return Visits(
        (moments * span).astype(np.int64),
        (who * users).astype(np.int64),
        (which * require.whole("routes", routes)).astype(np.int64),
        users,
        span,
    )


def draw_deploys(interval: float, span: int = SPAN, rng: int | np.random.Generator = 0) -> tuple:
    """Draw deploys about so many seconds apart, each up to a quarter early or late.

    Parameters
    ----------
    interval
        Seconds, above 0.
    span
        Seconds to cover.
    rng
        A seed or a generator.

    Examples
    --------
    >>> len(draw_deploys(86_400))
    14
    """
    require.positive("interval", interval)
    count = int(span // interval) + 1
    shift = np.random.default_rng(require.seed(rng)).uniform(-0.25, 0.25, count)
    times = ((np.arange(count) + 0.5 + shift) * interval).astype(np.int64)
    return tuple(np.unique(times[(times > 0) & (times < span)]).tolist())
