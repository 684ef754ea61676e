"""Three services with a database each, a journal, and a process that may die at any moment."""

from collections.abc import Callable
from dataclasses import dataclass, field

PRICE = 100


class CrashError(BaseException):
    """The coordinator's process dies. No `except Exception` of the coordinator sees it."""


class OutOfStockError(Exception):
    """The last one has been sold."""


class DeclinedError(Exception):
    """The card is not good for it."""


@dataclass
class Moments:
    """Count the moments at which a coordinator could crash, and let it.

    Attributes
    ----------
    crash_at
        Numbers of the moments, counted from 0 through all restarts.
    passed
        How many moments there were so far.
    names
        What each moment was, and what a dead process still tried.
    died_at
        The moment at which the process died; empty while it lives. The dead do nothing more,
        even if their code has caught the crash.
    """

    crash_at: frozenset[int]
    passed: int = 0
    names: list[str] = field(default_factory=list)
    died_at: str = ""

    def tick(self, name: str) -> None:
        """Pass one moment, or die at it."""
        if self.died_at:
            self.names.append(f"dead, and yet {name}")
            raise CrashError(self.died_at)
        now, self.passed = self.passed, self.passed + 1
        self.names.append(name)
        if now in self.crash_at:
            self.died_at = name
            raise CrashError(name)

    def restart(self) -> None:
        """Start a new process after the one that died."""
        self.died_at = ""


class Journal:
    """Lines that outlive a crash: the saga's log, in a database of its own.

    Attributes
    ----------
    lines
        In the order in which they were written.
    """

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        """Add a line, for good."""
        self._moments.tick(f"before the journal says {line!r}")
        self.lines.append(line)
        self._moments.tick(f"after the journal says {line!r}")

    def __contains__(self, line: str) -> bool:
        return line in self.lines


class Services:
    """Orders, payments and stock, each with a database of its own.

    Every call takes a key: a call that comes again with a key under which it was done does
    nothing again. Without a key, each call counts. What was refused was not done, and may go
    well the next time.

    Attributes
    ----------
    order
        "none", "open", "confirmed" or "canceled".
    paid
        Cents that the customer has paid and not got back.
    stock
        Pieces on the shelf.
    reserved
        Pieces set aside for the order.
    history
        Each call, with order, paid and reserved as they were after it.
    """

    def __init__(self, moments: Moments, stock: int = 1, card_is_good: bool = True) -> None:
        self._moments, self._card_is_good = moments, card_is_good
        self.order, self.paid, self.stock, self.reserved = "none", 0, stock, 0
        self.history: list[tuple[str, str, int, int]] = []
        self._done: set[tuple[str, str]] = set()

    def open_order(self, key: str | None = None) -> None:
        """Write the order down."""
        self._call("open the order", key, lambda: self._set_order("open"))

    def confirm_order(self, key: str | None = None) -> None:
        """Promise it to the customer."""
        self._call("confirm the order", key, lambda: self._set_order("confirmed"))

    def cancel_order(self, key: str | None = None) -> None:
        """Undo `open_order`."""
        self._call("cancel the order", key, lambda: self._set_order("canceled"))

    def charge(self, key: str | None = None) -> None:
        """Take the money; raises DeclinedError."""
        self._call("charge the card", key, self._charge)

    def refund(self, key: str | None = None) -> None:
        """Undo `charge`."""
        self._call("refund the card", key, self._refund)

    def reserve(self, key: str | None = None) -> None:
        """Set a piece aside; raises OutOfStockError."""
        self._call("reserve a piece", key, self._reserve)

    def release(self, key: str | None = None) -> None:
        """Undo `reserve`."""
        self._call("release the piece", key, self._release)

    def _call(self, name: str, key: str | None, effect: Callable[[], None]) -> None:
        self._moments.tick(f"before: {name}")
        refusal: Exception | None = None
        if key is None or (name, key) not in self._done:
            try:
                effect()
            except (OutOfStockError, DeclinedError) as reason:
                refusal = reason
            else:
                self._done.update([] if key is None else [(name, key)])
        self.history.append((name, self.order, self.paid, self.reserved))
        self._moments.tick(f"after: {name}")
        if refusal is not None:
            raise refusal

    def _set_order(self, state: str) -> None:
        self.order = state

    def _charge(self) -> None:
        if not self._card_is_good:
            raise DeclinedError("the card was declined")
        self.paid += PRICE

    def _refund(self) -> None:
        self.paid -= PRICE

    def _reserve(self) -> None:
        if self.stock == 0:
            raise OutOfStockError("none is left")
        self.stock, self.reserved = self.stock - 1, self.reserved + 1

    def _release(self) -> None:
        self.stock, self.reserved = self.stock + 1, self.reserved - 1
