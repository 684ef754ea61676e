"""How well does the learner know what they do not know?

Someone who gives 80 % intervals is calibrated if four in five hold the truth. Fewer:
the intervals are too narrow, the commonest fault. All of many: too wide to be of use.
"""

import math
from dataclasses import dataclass

from helpers.checks.progress import Progress
from helpers.checks.progress import progress as read_progress

LEVEL = 0.8
SURPRISE = 0.1
FEWEST = 5


@dataclass(frozen=True)
class Calibration:
    """How many predictions held.

    Attributes
    ----------
    intervals, held
        Intervals that are scored, and how many of them held the truth.
    options, right
        The same for predictions among options.
    late
        Predictions made after the answer was shown, which are not scored.
    """

    intervals: int = 0
    held: int = 0
    options: int = 0
    right: int = 0
    late: int = 0

    @property
    def verdict(self) -> str:
        """``"too few to tell"``, ``"about right"``, ``"too narrow"`` or ``"too wide"``.

        If each of n intervals held the truth with probability 0.8, independently, the
        number that hold is binomial (n, 0.8). Too narrow: so few or fewer would happen
        to a calibrated person with probability below 0.1. Too wide: so many or more
        would, which cannot be before the eleventh interval (0.8^11 = 0.086). Below
        five intervals nothing is said.

        Examples
        --------
        >>> Calibration(8, 6).verdict, Calibration(8, 4).verdict, Calibration(11, 11).verdict
        ('about right', 'too narrow', 'too wide')
        """
        if self.intervals < FEWEST:
            return "too few to tell"
        if probability(self.intervals, range(self.held + 1)) < SURPRISE:
            return "too narrow"
        if probability(self.intervals, range(self.held, self.intervals + 1)) < SURPRISE:
            return "too wide"
        return "about right"

    def __str__(self) -> str:
        if not self.intervals + self.options + self.late:
            return "No prediction has been scored yet."
        sentences = []
        if self.intervals:
            sentences.append(
                f"{self.held} of {self.intervals} intervals held the truth; well calibrated at "
                f"80 % would be {self.intervals * LEVEL:.1f} on average. {self._judgment()}"
            )
        if self.options:
            sentences.append(f"{self.right} of {self.options} options were right.")
        if self.late:
            sentences.append(f"Not scored, as made after the answer was shown: {self.late}.")
        return " ".join(sentences)

    def _judgment(self) -> str:
        if self.intervals < FEWEST:
            return f"That is too few to tell: from {FEWEST} on you will hear more."
        return f"Yours are {self.verdict}."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>"


def probability(trials: int, successes: range, chance: float = LEVEL) -> float:
    """Give the binomial probability that the number of successes lies in a range.

    Examples
    --------
    >>> round(probability(8, range(0, 5)), 4)
    0.0563
    """
    return sum(
        math.comb(trials, count) * chance**count * (1 - chance) ** (trials - count)
        for count in successes
    )


def calibration(so_far: Progress | None = None) -> Calibration:
    """Score the learner's predictions; those made after the answer do not count.

    Parameters
    ----------
    so_far
        What to score; what is recorded, by default.
    """
    made = (so_far or read_progress()).predictions.values()
    scored = [prediction for prediction in made if prediction.is_scored]
    intervals = [prediction.is_right for prediction in scored if prediction.first.is_interval]
    options = [prediction.is_right for prediction in scored if not prediction.first.is_interval]
    late = sum(prediction.first.late for prediction in made)
    return Calibration(len(intervals), sum(intervals), len(options), sum(options), late)
