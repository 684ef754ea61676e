"""A search index beside the store of record: what search shows and checkout refuses.

The shop window and the stockroom. Somebody changes the window a while after the stockroom
changed: for that while the window shows what is sold out (a ghost), or hides what has just
come in (missing). If the till believes the window, it sells what is not there.

A result shows a product when the index says that it is in stock, and the index is as the
store was `lag` seconds ago. Checkout asks the store of record, or trusts the index.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from helpers import require
from helpers.kernel import kernel

Checkout = Literal["asks the store", "trusts the index"]
CHECKOUTS: tuple[Checkout, ...] = get_args(Checkout)


@dataclass(frozen=True)
class SearchRun:
    """What came of the searches for one product.

    Attributes
    ----------
    searches
        By people who want it.
    sold
        Pieces that were there and were sold.
    ghosts
        Shown as in stock, refused at checkout.
    oversold
        Sold although none was there.
    missing
        In stock, but not shown.
    unavailable
        Neither in stock nor shown: all agree.
    """

    searches: int
    sold: int
    ghosts: int
    oversold: int
    missing: int
    unavailable: int

    def __post_init__(self) -> None:
        counted = self.sold + self.ghosts + self.oversold + self.missing + self.unavailable
        if counted != self.searches:
            raise AssertionError("a search was not accounted for")

    def __repr__(self) -> str:
        return (
            f"{self.searches:,} searches: {self.sold:,} sold, {self.ghosts:,} ghosts, "
            f"{self.oversold:,} oversold, {self.missing:,} missing, "
            f"{self.unavailable:,} unavailable"
        )


@kernel
def look_and_buy(time, restock_every, stock, lag, trusts):  # type: ignore[no-untyped-def]
    """Let people search and buy; count sold, ghosts, oversold, missing, unavailable."""
    counts = np.zeros(5, dtype=np.int64)
    changed = np.empty(2 * time.size + 3)  # when the shelf became empty or full, in turn
    changed[0] = -np.inf
    changes, seen, left, restocks = 1, 0, stock, 1  # even numbers of changes: full shelf
    for i in range(time.size):
        now = time[i]
        while restocks * restock_every <= now:
            if left == 0:
                changed[changes] = restocks * restock_every
                changes += 1
            left = stock
            restocks += 1
        while seen + 1 < changes and changed[seen + 1] <= now - lag:
            seen += 1
        is_shown = seen % 2 == 0
        if left > 0 and is_shown:
            counts[0] += 1
            left -= 1
            if left == 0:
                changed[changes] = now
                changes += 1
        elif left > 0:
            counts[3] += 1
        elif is_shown:
            counts[2 if trusts else 1] += 1
        else:
            counts[4] += 1
    return counts


def run_search(
    search_rate: float = 1.0,
    *,
    lag: float = 5.0,
    stock: int = 20,
    restock_every: float = 60.0,
    restocks: int = 1_000,
    checkout: Checkout = "asks the store",
    rng: int | np.random.Generator = 0,
) -> SearchRun:
    """Let people find a product by search and buy it, with an index that lags behind.

    Parameters
    ----------
    search_rate
        People who want it, a second, above 0; at random moments.
    lag
        Seconds that the index is behind the store, at least 0.
    stock
        Pieces on the shelf after each restocking, at least 1.
    restock_every
        Seconds between two of them, above 0.
    restocks
        How many, at least 1.
    checkout
        "asks the store" or "trusts the index".
    rng
        A seed or a generator.

    Examples
    --------
    >>> run_search(lag=0, restocks=100).ghosts
    0
    >>> run_search(lag=5, restocks=100)
    6,031 searches: 2,000 sold, 492 ghosts, 0 oversold, 498 missing, 3,041 unavailable
    """
    require.positive("search_rate", search_rate)
    require.not_negative("lag", lag)
    require.positive("restock_every", restock_every)
    stock, restocks = require.whole("stock", stock), require.whole("restocks", restocks)
    if checkout not in CHECKOUTS:
        raise ValueError(f"checkout must be one of {', '.join(CHECKOUTS)}, got {checkout!r}")
    luck = require.generator(rng)
    duration = restock_every * restocks
    time = np.sort(luck.uniform(0, duration, luck.poisson(search_rate * duration)))
    trusts = checkout == "trusts the index"
    counts = look_and_buy(time, float(restock_every), stock, float(lag), trusts)
    return SearchRun(time.size, *(int(count) for count in counts))


def ghosts_by_formula(search_rate: float, lag: float, sell_outs: float) -> float:
    """Give how many ghosts are met: after each sell-out, everybody who comes within the lag.

    Parameters
    ----------
    search_rate
        A second, above 0.
    lag
        Seconds, at least 0, and shorter than the shelf stays empty or full.
    sell_outs
        How often the shelf becomes empty, at least 0.

    Examples
    --------
    >>> ghosts_by_formula(2.0, 5.0, 100)
    1000.0
    """
    require.positive("search_rate", search_rate)
    require.not_negative("lag", lag)
    require.not_negative("sell_outs", sell_outs)
    return search_rate * lag * sell_outs
