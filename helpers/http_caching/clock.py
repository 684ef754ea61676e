"""A clock that moves only when it is told to."""

from dataclasses import dataclass

from helpers import require


@dataclass
class Clock:
    """Seconds since 1970 that stand still until they are advanced.

    Examples
    --------
    >>> clock = Clock()
    >>> clock.advance(60)
    >>> clock() - Clock()()
    60.0
    """

    now: float = 1_750_000_000.0

    def __post_init__(self) -> None:
        require.not_negative("now", self.now)

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass, at least 0 s."""
        self.now += require.not_negative("seconds", seconds)
