"""Three services, no common transaction: a saga, its compensations, and crashes everywhere.

Booking a trip by phone: flight, hotel, car. Nobody can hold all three lines at once, so you
book one after the other, and when the car is not to be had you call the others back and
cancel. A saga is that list of calls with their cancellations (Garcia-Molina and Salem,
"Sagas", SIGMOD 1987). What makes it safe is the notebook beside the phone: faint after any
call, and whoever picks it up knows where to go on.

A coordinator is a function of a journal and the services. It may crash before or after any
call and any line of the journal; then it is started again with the same journal, and the
services still have what they had.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpers import require
from helpers.databases.saga_services import (
    PRICE,
    CrashError,
    DeclinedError,
    Journal,
    Moments,
    OutOfStockError,
    Services,
)

__all__ = [
    "PRICE",
    "CrashError",
    "DeclinedError",
    "Journal",
    "Left",
    "Moments",
    "OutOfStockError",
    "Services",
    "crash_everywhere",
    "run_saga",
    "run_transaction",
    "saga",
    "without_compensation",
    "without_journal",
    "without_keys",
]

MOST_STARTS = 20
Coordinator = Callable[[Journal, Services], None]


@dataclass(frozen=True)
class Left:
    """What a saga has left behind.

    Attributes
    ----------
    order, paid, stock, reserved
        As in `Services`.
    crashed_at
        In words, each moment at which it crashed.
    starts
        How often the coordinator was started.
    has_ended
        Whether it came to its end.
    history
        Each call, with order, paid and reserved as they were after it: what others could see.
    moments
        What each moment was at which it could have crashed; "dead, and yet …" for what its code
        tried after it had caught its own crash.
    """

    order: str
    paid: int
    stock: int
    reserved: int
    crashed_at: tuple[str, ...]
    starts: int
    has_ended: bool
    history: tuple[tuple[str, str, int, int], ...]
    moments: tuple[str, ...]

    @property
    def calls(self) -> tuple[str, ...]:
        """Names of the calls, in order."""
        return tuple(name for name, *_ in self.history)

    @property
    def harm(self) -> str:
        """What is wrong, in a few words; empty where all is well."""
        if self.paid < 0:
            return "refunded more than was paid"
        if self.paid > PRICE:
            return "charged twice"
        if self.reserved > 1 or self.stock < 0:
            return "reserved twice"
        if self.reserved < 0:
            return "released what was never reserved"
        if self.paid and not self.reserved:
            return "paid, but no piece is reserved"
        if self.order == "confirmed" and not (self.paid and self.reserved):
            return "confirmed, but not paid and reserved"
        if self.order in ("canceled", "none") and self.paid:
            return "canceled, but paid"
        if self.order in ("canceled", "none") and self.reserved:
            return "canceled, but a piece is still reserved"
        if self.order == "open":
            return "left open"
        return ""

    @property
    def is_consistent(self) -> bool:
        """Whether the order is confirmed, paid and reserved; or else nothing is left of it."""
        return not self.harm


def saga(journal: Journal, services: Services) -> None:
    """Order, pay, reserve, confirm; on a refusal call back what was done, in reverse.

    Every call is made with a key, so that it may be repeated; the journal says that it turned
    back, so that a restart does not go forward again when a piece has come in meanwhile.
    """
    if not any(line.startswith("turn back") for line in journal.lines):
        try:
            services.open_order("1")
            services.charge("1")
            services.reserve("1")
            services.confirm_order("1")
            return
        except (DeclinedError, OutOfStockError) as refusal:
            journal.write(f"turn back: {refusal}")
    if "turn back: none is left" in journal:
        services.refund("1")
    services.cancel_order("1")


def without_journal(journal: Journal, services: Services) -> None:
    """Do what the saga does, but write nothing down: a restart begins at the beginning."""
    try:
        services.open_order("1")
        services.charge("1")
        services.reserve("1")
        services.confirm_order("1")
    except DeclinedError:
        services.cancel_order("1")
    except OutOfStockError:
        services.refund("1")
        services.cancel_order("1")


def without_compensation(journal: Journal, services: Services) -> None:
    """Go forward only: on a refusal, say sorry."""
    try:
        services.open_order("1")
        services.charge("1")
        services.reserve("1")
        services.confirm_order("1")
    except (DeclinedError, OutOfStockError):
        services.cancel_order("1")


def without_keys(journal: Journal, services: Services) -> None:
    """Do what the saga does, but name no key: after a crash, calls count again."""
    try:
        services.open_order()
        services.charge()
    except DeclinedError:
        services.cancel_order()
        return
    try:
        services.reserve()
    except OutOfStockError:
        services.refund()
        services.cancel_order()
    else:
        services.confirm_order()


def run_saga(
    coordinate: Coordinator = saga,
    *,
    crash_at: int | Sequence[int] | None = None,
    stock: int = 1,
    card_is_good: bool = True,
    recover: bool = True,
    restock: bool = False,
) -> Left:
    """Run a coordinator, let it crash, start it again, and see what is left behind.

    Parameters
    ----------
    coordinate
        Takes a journal and the services; started again with both after a crash.
    crash_at
        The moments at which it dies, counted from 0 through all starts; None for never.
    stock
        Pieces on the shelf, at least 0.
    card_is_good
        Whether the card can be charged.
    recover
        Whether anybody starts it again.
    restock
        Whether a piece comes in while it is down for the first time.

    Examples
    --------
    >>> run_saga(stock=0).calls
    ('open the order', 'charge the card', 'reserve a piece', 'refund the card', 'cancel the order')
    >>> run_saga(without_compensation, stock=0).harm
    'paid, but no piece is reserved'
    """
    stock = require.whole("stock", stock, 0)
    moments = Moments(as_moments(crash_at))
    journal, services = Journal(moments), Services(moments, stock, card_is_good)
    crashes: list[str] = []
    starts, has_ended = 0, False
    while not has_ended and starts < MOST_STARTS and (recover or not starts):
        starts += 1
        moments.restart()
        try:
            coordinate(journal, services)
        except (CrashError, Exception):
            if not moments.died_at:
                raise
        has_ended = not moments.died_at
        if moments.died_at:  # whatever its code made of the crash
            crashes.append(moments.died_at)
            services.stock += restock and starts == 1
    return Left(
        services.order,
        services.paid,
        services.stock,
        services.reserved,
        tuple(crashes),
        starts,
        has_ended,
        tuple(services.history),
        tuple(moments.names),
    )


def as_moments(crash_at: int | Sequence[int] | None) -> frozenset[int]:
    """Give the moments of a crash as a set, whether there is none, one or several."""
    if crash_at is None:
        return frozenset()
    chosen = crash_at if isinstance(crash_at, Sequence) else [crash_at]
    return frozenset(require.whole("crash_at", moment, 0) for moment in chosen)


def crash_everywhere(
    coordinate: Coordinator = saga,
    *,
    stock: int = 1,
    card_is_good: bool = True,
    recover: bool = True,
    restock: bool = False,
    twice: bool = False,
) -> list[Left]:
    """Crash a coordinator at each moment of its run in turn.

    Parameters
    ----------
    coordinate, stock, card_is_good, recover, restock
        As for `run_saga`.
    twice
        Whether it also crashes a second time, at each later moment: while it recovers.

    Examples
    --------
    >>> lefts = crash_everywhere(stock=0, restock=True, twice=True)
    >>> len(lefts), [left.harm for left in lefts if left.harm]
    (88, [])
    """

    def run(*crash_at: int) -> Left:
        return run_saga(
            coordinate,
            crash_at=crash_at,
            stock=stock,
            card_is_good=card_is_good,
            recover=recover,
            restock=restock,
        )

    lefts = []
    for first in range(len(run().moments)):
        once = run(first)
        later = range(first + 1, len(once.moments) if twice else 0)
        lefts += [once, *(run(first, second) for second in later)]
    return lefts


def run_transaction(
    *, crash_at: int | None = None, stock: int = 1, card_is_good: bool = True
) -> Left:
    """Do the same in one database, in one transaction: a crash undoes everything.

    Parameters
    ----------
    crash_at
        The moment at which the process dies; None for never. After it, nobody starts again.
    stock, card_is_good
        As for `run_saga`.

    Examples
    --------
    >>> run_transaction(crash_at=3)
    Left(order='none', paid=0, stock=1, reserved=0, crashed_at=('after: charge the card',), ...
    """
    left = run_saga(
        in_one_go, crash_at=crash_at, stock=stock, card_is_good=card_is_good, recover=False
    )
    if left.order == "confirmed" and left.has_ended:
        return left
    return Left("none", 0, stock, 0, left.crashed_at, 1, left.has_ended, left.history, left.moments)


def in_one_go(journal: Journal, services: Services) -> None:
    """Order, pay, reserve, confirm, and nothing else: the transaction undoes what fails."""
    try:
        services.open_order()
        services.charge()
        services.reserve()
        services.confirm_order()
    except (DeclinedError, OutOfStockError):
        return
