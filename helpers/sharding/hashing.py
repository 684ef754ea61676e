"""From a key to a number that looks like chance, and from there to a bucket.

A cloakroom does not hang coats by their owners' names, or half of them would hang under S.
It draws a number for each coat and hangs it there. A hash is such a number, the same one
every time the same key comes. `hash64` mixes 64 bits; `jump_hash` turns them into one of
n buckets so that a bucket more moves as few keys as can be.

Sources: G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators"
(2014), in the variant known as SplitMix64; G. Fowler, L. Noll and K.-P. Vo, FNV-1a;
J. Lamping and E. Veach, "A fast, minimal memory, consistent hash algorithm" (2014).
"""

from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import require
from helpers.kernel import kernel

Hashes = NDArray[np.uint64]
Text = str | bytes | bytearray | memoryview
Keys = ArrayLike | Sequence[Text]
"""Whole numbers of 64 bits, or texts; one key or many."""

WORD = (1 << 64) - 1
GOLDEN = 0x9E37_79B9_7F4A_7C15
"""2⁶⁴ divided by the golden ratio."""
FIRST_FACTOR, SECOND_FACTOR = 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB
FNV_START, FNV_PRIME = 0xCBF2_9CE4_8422_2325, 0x100_0000_01B3
JUMP_FACTOR = 2_862_933_555_777_941_757
MOST_BUCKETS = 2**31 - 1


@overload
def hash64(keys: int | Text, seed: int = 0) -> int: ...  # type: ignore[overload-overlap]


@overload
def hash64(keys: Keys, seed: int = 0) -> Hashes: ...


def hash64(keys: Any, seed: int = 0) -> Any:
    """Mix one key, or many, into 64 bits that look like chance.

    Parameters
    ----------
    keys
        A whole number of 64 bits, signed or not; a text or bytes; or an array or a sequence
        of either.
    seed
        A whole number; another one gives another hash. A number's hash is what SplitMix64,
        started at the key, gives as its number `seed`, from 0.

    Returns
    -------
    For one key a whole number from 0 to 2⁶⁴ − 1; for many an array of them, shape (keys,).

    Examples
    --------
    >>> hash64(0) == 0xE220A8397B1DCDAF
    True
    >>> [hash64(key) % 4 for key in ("ann", "bob", "eve")]
    [0, 0, 2]
    >>> (hash64([7, 8]) % np.uint64(4)).tolist() == [hash64(7) % 4, hash64(8) % 4]
    True
    """
    start = (GOLDEN * (whole_number("seed", seed) + 1)) & WORD
    if isinstance(keys, Text):
        return finish((fnv1a(as_bytes("keys", keys)) + start) & WORD)
    if not is_several(keys):
        return finish((word("keys", keys) + start) & WORD)
    return finish_all(words_of(keys) + np.uint64(start))


def finish(state: int) -> int:
    """Let every bit of a 64-bit number reach every other, one number at a time."""
    state = (state ^ (state >> 30)) * FIRST_FACTOR & WORD
    state = (state ^ (state >> 27)) * SECOND_FACTOR & WORD
    return state ^ (state >> 31)


def finish_all(state: Hashes) -> Hashes:
    """Do the same to an array, in place."""
    for shift, factor in ((30, FIRST_FACTOR), (27, SECOND_FACTOR)):
        state ^= state >> np.uint64(shift)
        state *= np.uint64(factor)
    state ^= state >> np.uint64(31)
    return state


def fnv1a(data: bytes) -> int:
    """Give the 64-bit FNV-1a of some bytes.

    Examples
    --------
    >>> hex(fnv1a(b"foobar"))
    '0x85944171f73967e8'
    """
    state = FNV_START
    for byte in data:
        state = (state ^ byte) * FNV_PRIME & WORD
    return state


@kernel
def fnv1a_all(
    data: NDArray[np.uint8], ends: NDArray[np.int64], prime: np.uint64, states: Hashes
) -> None:
    """Hash texts that lie end to end; each state holds the start, and then the hash."""
    place = 0
    for i in range(ends.size):
        state = states[i]
        while place < ends[i]:
            state = (state ^ np.uint64(data[place])) * prime
            place += 1
        states[i] = state


def words_of(keys: Keys) -> Hashes:
    """Give a new array of 64-bit numbers for whole numbers, or the FNV-1a of texts."""
    if is_texts(keys):
        return fnv1a_of([as_bytes("keys", key) for key in keys])  # type: ignore[union-attr]
    array = np.asarray(keys)
    if array.ndim != 1:
        raise ValueError(f"keys must be one key or one-dimensional, got shape {array.shape}")
    has_type = isinstance(keys, np.ndarray | range)  # in a list, numpy takes True for 1
    if not array.size or (has_type and array.dtype.kind in "iu"):
        return array.astype(np.uint64)
    return np.array([word("keys", key) for key in keys], dtype=np.uint64)  # type: ignore[union-attr]


def fnv1a_of(texts: Sequence[bytes]) -> Hashes:
    """Give the FNV-1a of many texts, shape (texts,)."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    states = np.full(len(texts), FNV_START, dtype=np.uint64)
    with np.errstate(over="ignore"):
        data = np.frombuffer(b"".join(texts), dtype=np.uint8)
        fnv1a_all(data, ends, np.uint64(FNV_PRIME), states)
    return states


def is_several(keys: Any) -> bool:
    """Tell whether these are several keys, or one."""
    if isinstance(keys, np.ndarray):
        return keys.ndim > 0
    return isinstance(keys, Iterable) and not isinstance(keys, Text)


def is_texts(keys: Any) -> bool:
    """Tell whether these are several texts; the first one tells."""
    return is_several(keys) and isinstance(next(iter(keys), None), Text)


def as_bytes(name: str, key: Any) -> bytes:
    """Give a text as bytes in UTF-8, and bytes as they are."""
    if isinstance(key, str):
        return key.encode()
    if not isinstance(key, bytes | bytearray | memoryview):
        require.refuse(name, "a text or bytes", key)
    return bytes(key)


def whole_number(name: str, value: Any) -> int:
    """Give a whole number of any size; True and 3.0 are none."""
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        require.refuse(name, "a whole number", value)
    try:
        return int(value.__index__())
    except TypeError:  # an array
        require.refuse(name, "a whole number", value)


def word(name: str, value: Any) -> int:
    """Give a whole number's 64 bits; a negative one in two's complement."""
    number = whole_number(name, value)
    if not -(1 << 63) <= number <= WORD:
        require.refuse(name, "a whole number of 64 bits", value)
    return number & WORD


def jump_hash(key: int, buckets: int) -> int:
    """Give the bucket of a key: with one bucket more, only that one takes keys over.

    Picture the key as it watches the buckets open one by one. When bucket n opens, it moves
    there with chance 1/n. The loop jumps from one move to the next.

    Parameters
    ----------
    key
        A whole number of 64 bits, signed or not. Texts are hashed first: `hash64`.
    buckets
        From 1 to 2³¹ − 1.

    Returns
    -------
    From 0 to buckets − 1.

    Notes
    -----
    Bit for bit the function of Lamping and Veach (2014). On average it takes
    1 + 1/2 + … + 1/buckets jumps.

    Examples
    --------
    >>> [jump_hash(1, buckets) for buckets in (1, 10, 60)]
    [0, 6, 55]
    """
    state, buckets = word("key", key), bucket_count("buckets", buckets)
    bucket, jump = -1, 0
    while jump < buckets:
        bucket = jump
        state = (state * JUMP_FACTOR + 1) & WORD
        jump = int((bucket + 1) * (2.0**31 / ((state >> 33) + 1)))
    return bucket


def jump_hashes(keys: ArrayLike, buckets: int) -> NDArray[np.int64]:
    """Give the bucket of many keys, each as `jump_hash` does; shape (keys,).

    Examples
    --------
    >>> jump_hashes([0, 1, 2], 60).tolist()
    [0, 55, 46]
    """
    states, buckets = words_of(keys), bucket_count("buckets", buckets)
    found = np.empty(states.size, dtype=np.int64)
    with np.errstate(over="ignore"):
        jump_all(states, buckets, np.uint64(JUMP_FACTOR), np.uint64(1), np.uint64(33), found)
    return found


@kernel
def jump_all(
    keys: Hashes,
    buckets: int,
    factor: np.uint64,
    one: np.uint64,
    shift: np.uint64,
    found: NDArray[np.int64],
) -> None:
    """Let each key jump until it would leave the buckets there are."""
    for i in range(keys.size):
        state, bucket, jump = keys[i], -1, 0
        while jump < buckets:
            bucket = jump
            state = state * factor + one
            jump = int((bucket + 1) * (2147483648.0 / float((state >> shift) + one)))
        found[i] = bucket


def bucket_count(name: str, value: Any) -> int:
    """Give a number of buckets that 31 bits can hold."""
    number = whole_number(name, value)
    if not 1 <= number <= MOST_BUCKETS:
        require.refuse(name, f"a whole number from 1 to {MOST_BUCKETS}", value)
    return number
