"""How long a service or the gap between arrivals is, with a knob for how uneven that is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Duration:
    """A distribution of times with mean 1 and a given coefficient of variation.

    Below 1 it is a fixed part plus an exponential one. Above 1 it is a mixture of
    two exponentials: mostly short, a few long. At 1 both are the plain
    exponential, so the knob turns without a jump.

    Attributes
    ----------
    fixed
        The part that is always there.
    rates, shares
        Of the exponential parts: one of the two is chosen by its share.
    """

    fixed: float
    rates: tuple[float, float]
    shares: tuple[float, float]

    @classmethod
    def with_cv(cls, cv: float) -> "Duration":
        """Choose the distribution with this coefficient of variation, from 0 to 50.

        Notes
        -----
        The mixture has balanced means: both kinds bring half of the time each
        (Tijms, *A First Course in Stochastic Models*, appendix B).
        """
        require.between("cv", cv, 0, 50)
        if cv <= 1:
            rate = 1 / cv if cv > 0 else math.inf
            return cls(fixed=1 - cv, rates=(rate, rate), shares=(1.0, 0.0))
        square = cv**2
        short = (1 + math.sqrt((square - 1) / (square + 1))) / 2
        return cls(fixed=0.0, rates=(2 * short, 2 * (1 - short)), shares=(short, 1 - short))

    @property
    def is_mixture(self) -> bool:
        """Whether there are short times and long ones to choose from."""
        return self.rates[0] != self.rates[1]

    def stretch(
        self, unit_exponentials: Floats, uniforms: Floats | None, mean: float = 1.0
    ) -> Floats:
        """Turn unit exponentials into such times; the uniforms choose short or long.

        Parameters
        ----------
        unit_exponentials, uniforms
            Draws of mean 1, and from 0 to 1; same shape. Only a mixture needs uniforms.
        mean
            What the times shall average, in seconds.
        """
        short, long = (mean / rate for rate in self.rates)
        if self.is_mixture:
            if uniforms is None:
                raise ValueError("uniforms must be given for a mixture, got None")
            mixed = np.where(uniforms < self.shares[0], short, long)
            mixed *= unit_exponentials
            return mixed
        stretched = unit_exponentials * short
        if self.fixed:
            stretched += mean * self.fixed
        return stretched

    def exceed(self, t: ArrayLike) -> Floats:
        """Give the chance that it takes longer than t, in units of the mean."""
        beyond = np.maximum(np.asarray(t, dtype=np.float64) - self.fixed, 0.0)
        started = np.asarray(t, dtype=np.float64) >= self.fixed
        tail = sum(share * np.exp(-rate * beyond) for rate, share in self.parts())
        return np.where(started, tail, 1.0)

    def exceed_after_wait(self, t: ArrayLike, wait_rate: ArrayLike) -> Floats:
        """Give the chance that an exponential wait and then this take longer than t together."""
        times, wait = np.broadcast_arrays(
            np.asarray(t, dtype=np.float64), np.asarray(wait_rate, dtype=np.float64)
        )
        beyond = np.maximum(times - self.fixed, 0.0)
        tail = np.zeros(times.shape)
        if math.isinf(self.rates[0]):
            tail = np.exp(-wait * beyond)
        else:
            for rate, share in self.parts():
                wait_apart = np.where(np.abs(wait / rate - 1) < 1e-6, wait * (1 + 1e-6), wait)
                tail += (
                    share
                    * (wait_apart * np.exp(-rate * beyond) - rate * np.exp(-wait_apart * beyond))
                    / (wait_apart - rate)
                )
        return np.where(times >= self.fixed, tail, 1.0)

    def parts(self) -> list[tuple[float, float]]:
        """Give rate and share of the exponential parts that occur."""
        both = zip(self.rates, self.shares, strict=True)
        return [(rate, share) for rate, share in both if share > 0 and math.isfinite(rate)]
