"""What a peer in C needs to draw NumPy's random numbers by itself; see draws.h."""

import ctypes
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

import numpy as np

LAYERS = 256
EDGE = Decimal("7.69711747013104971404462804811408952334296818528")
"""Where the ziggurat's lowest layer ends and the exponential's tail begins."""


class Seed(ctypes.Structure):
    """The state of a PCG64, the high half of each number first."""

    _fields_ = (("state", ctypes.c_uint64 * 2), ("increment", ctypes.c_uint64 * 2))

    @classmethod
    def of(cls, rng: np.random.Generator) -> "Seed":
        """Copy the state of a generator, which must be NumPy's default one."""
        state: Any = rng.bit_generator.state
        if state["bit_generator"] != "PCG64":
            raise ValueError(f"rng must run on PCG64, got {state['bit_generator']}")
        return cls(*(halves(state["state"][name]) for name in ("state", "inc")))


def halves(number: int) -> tuple[int, int]:
    """Split 128 bits in two.

    Examples
    --------
    >>> halves(2**64 + 7)
    (1, 7)
    """
    return number >> 64, number & (2**64 - 1)


class Ziggurat(ctypes.Structure):
    """The layers under exp(-x) from which exponentials are drawn."""

    _fields_ = (
        ("width", ctypes.c_double * LAYERS),
        ("height", ctypes.c_double * LAYERS),
        ("inside", ctypes.c_uint64 * LAYERS),
    )


@lru_cache(maxsize=1)
def ziggurat() -> Ziggurat:
    """Cut the area under exp(-x) into 256 layers of equal area, the lowest one with the tail.

    Notes
    -----
    G. Marsaglia and W. W. Tsang (2000), "The ziggurat method for generating random
    variables". With 53 random bits a draw, as NumPy has it.
    """
    with localcontext(prec=50):
        area = (EDGE + 1) * (-EDGE).exp()
        ends = [EDGE, area / (-EDGE).exp()]
        while len(ends) < LAYERS:
            ends.insert(0, -(area / ends[0] + (-ends[0]).exp()).ln())
        lower = [ends[-1], *ends[:-1]]  # layer 0 is the lowest; then from the top down
        upper = [EDGE, Decimal(0), *ends[:-2]]
        width = [float(end / 2**53) for end in lower]
        height = [1.0, *(float((-end).exp()) for end in lower[1:])]
        inside = [int(above / end * 2**53) for above, end in zip(upper, lower, strict=True)]
    return Ziggurat(tuple(width), tuple(height), tuple(inside))
