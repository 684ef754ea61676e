"""Where chance comes from: a seed or a generator that the caller hands over, never a global one."""

import zlib

import numpy as np

Seed = int | np.random.Generator


def as_generator(rng: Seed, purpose: str = "") -> np.random.Generator:
    """Give a generator for a seed, or the generator itself.

    One seed often makes several things: arrivals, then keys, then sizes. Drawn from
    the same stream of bits they would rise and fall together, so each purpose gets a
    stream of its own.

    Parameters
    ----------
    rng
        A seed of at least 0, or a generator, which is used as it is.
    purpose
        What the numbers are for. Different purposes get independent streams.

    Examples
    --------
    >>> as_generator(7).integers(100, size=3).tolist()
    [94, 62, 68]
    >>> as_generator(7, "keys").integers(100, size=3).tolist()
    [29, 34, 84]
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise ValueError(f"rng must be a seed of at least 0 or a numpy Generator, got {rng!r}")
    if not purpose:
        return np.random.default_rng(int(rng))
    label = zlib.crc32(purpose.encode())
    return np.random.default_rng(np.random.SeedSequence(int(rng), spawn_key=(label,)))
