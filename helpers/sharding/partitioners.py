"""Where Redis, Kafka and Cassandra put a key: the same number that their own clients give.

A client that knows the rule asks the right server at once, without a directory in between.
So the rule is part of the protocol, odd corners included: Redis hashes only what stands in
braces, Kafka clears a sign bit, and Cassandra's first version took a byte for a signed
number, which it keeps to this day.

Sources: the Redis Cluster specification (key distribution model, hash tags); Kafka's
`Utils.murmur2` and `BuiltInPartitioner`; Cassandra's `MurmurHash.hash3_x64_128` and
`Murmur3Partitioner`; A. Appleby, MurmurHash (2008–2011).
"""

from binascii import crc_hqx
from typing import Any

from helpers import require
from helpers.sharding.hashing import WORD, bucket_count

SLOTS = 16_384
"""Of a Redis cluster."""
MASK_32 = 0xFFFF_FFFF
MURMUR2_SEED, MURMUR2_FACTOR = 0x9747_B28C, 0x5BD1_E995
MURMUR3_FIRST, MURMUR3_SECOND = 0x87C3_7B91_1142_53D5, 0x4CF5_AD43_2745_937F
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1


def redis_slot(key_bytes: bytes) -> int:
    """Give the slot of a key in a Redis cluster.

    Parameters
    ----------
    key_bytes
        The key. If it has a `{` and later a `}` with something in between, only that counts,
        so that `{cart:7}:items` and `{cart:7}:total` share a slot and may share a transaction.

    Returns
    -------
    From 0 to 16,383: the CRC16 (XMODEM) of what counts, modulo 16,384.

    Examples
    --------
    >>> redis_slot(b"123456789")
    12739
    >>> redis_slot(b"{cart:7}:items") == redis_slot(b"{cart:7}:total") == redis_slot(b"cart:7")
    True
    """
    return crc_hqx(hash_tag(data_of(key_bytes)), 0) % SLOTS


def hash_tag(key: bytes) -> bytes:
    """Give what stands between the first `{` and the next `}`, or the whole key if nothing does.

    Examples
    --------
    >>> [hash_tag(key) for key in (b"a{b}c", b"a{}b{c}", b"a}b{c", b"{{a}}")]
    [b'b', b'a{}b{c}', b'a}b{c', b'{a']
    """
    start = key.find(b"{")
    end = key.find(b"}", start + 1)
    return key[start + 1 : end] if start >= 0 and end > start + 1 else key


def kafka_partition(key_bytes: bytes, partitions: int) -> int:
    """Give the partition to which Kafka's default partitioner sends a record with a key.

    Parameters
    ----------
    key_bytes
        The record's key, serialized. A record without a key goes round the partitions instead.
    partitions
        Of the topic, from 1 to 2³¹ − 1.

    Returns
    -------
    From 0 to partitions − 1: murmur2 without its sign bit, modulo partitions.

    Examples
    --------
    >>> kafka_partition(b"foobar", 12)
    6
    """
    partitions = bucket_count("partitions", partitions)
    return (murmur2(data_of(key_bytes)) & 0x7FFF_FFFF) % partitions


def murmur2(data: bytes) -> int:
    """Give Kafka's murmur2, 32 bits without a sign.

    Examples
    --------
    >>> murmur2(b"21") - 2**32
    -973932308
    """
    whole = len(data) & ~3
    state = MURMUR2_SEED ^ (len(data) & MASK_32)
    for place in range(0, whole, 4):
        part = int.from_bytes(data[place : place + 4], "little") * MURMUR2_FACTOR & MASK_32
        part = (part ^ (part >> 24)) * MURMUR2_FACTOR & MASK_32
        state = (state * MURMUR2_FACTOR & MASK_32) ^ part
    if rest := data[whole:]:
        state = (state ^ int.from_bytes(rest, "little")) * MURMUR2_FACTOR & MASK_32
    state = (state ^ (state >> 13)) * MURMUR2_FACTOR & MASK_32
    return state ^ (state >> 15)


def murmur3_token(key_bytes: bytes) -> int:
    """Give the token of a partition key in Cassandra: its place on the ring.

    Parameters
    ----------
    key_bytes
        The partition key, serialized.

    Returns
    -------
    From −2⁶³ + 1 to 2⁶³ − 1.

    Notes
    -----
    The first half of MurmurHash3 x64 128, but for the last bytes that fill no block of 16:
    Cassandra reads them with a sign, so bytes from 0x80 on also flip the bits above them.
    −2⁶³ is kept for the ring's beginning, and a hash of that value becomes 2⁶³ − 1. An empty
    key cannot be stored; its token is 0, as drivers give it.

    Examples
    --------
    >>> murmur3_token(b"123")
    -7468325962851647638
    """
    token = signed(murmur3(data_of(key_bytes)))
    return HIGHEST if token == LOWEST else token


def murmur3(data: bytes) -> int:
    """Give the first 64 bits of MurmurHash3 x64 128 as Cassandra computes it, without a sign."""
    first, second, whole = 0, 0, len(data) & ~15
    for place in range(0, whole, 16):
        first ^= spread_first(int.from_bytes(data[place : place + 8], "little"))
        first = ((rotate(first, 27) + second) * 5 + 0x52DC_E729) & WORD
        second ^= spread_second(int.from_bytes(data[place + 8 : place + 16], "little"))
        second = ((rotate(second, 31) + first) * 5 + 0x3849_5AB5) & WORD
    first ^= spread_first(signed_bytes(data[whole : whole + 8]))
    second ^= spread_second(signed_bytes(data[whole + 8 :]))
    first ^= len(data)
    second ^= len(data)
    first = (first + second) & WORD
    second = (second + first) & WORD
    return (avalanche(first) + avalanche(second)) & WORD


def signed_bytes(data: bytes) -> int:
    """Put up to 8 bytes together, each one with its sign spread over all bits above it."""
    together = 0
    for place, byte in enumerate(data):
        together ^= (byte - 256 if byte >= 128 else byte) << 8 * place
    return together & WORD


def spread_first(part: int) -> int:
    """Mix a block's first half."""
    return rotate(part * MURMUR3_FIRST & WORD, 31) * MURMUR3_SECOND & WORD


def spread_second(part: int) -> int:
    """Mix a block's second half."""
    return rotate(part * MURMUR3_SECOND & WORD, 33) * MURMUR3_FIRST & WORD


def rotate(value: int, places: int) -> int:
    """Turn 64 bits to the left."""
    return (value << places | value >> 64 - places) & WORD


def avalanche(value: int) -> int:
    """Let every bit reach every other."""
    value = (value ^ (value >> 33)) * 0xFF51_AFD7_ED55_8CCD & WORD
    value = (value ^ (value >> 33)) * 0xC4CE_B9FE_1A85_EC53 & WORD
    return value ^ (value >> 33)


def signed(value: int) -> int:
    """Read 64 bits as a number with a sign."""
    return value - (1 << 64) if value >> 63 else value


def data_of(key_bytes: Any) -> bytes:
    """Give the bytes of a key; a text has to be encoded first, since clients differ in how."""
    if not isinstance(key_bytes, bytes | bytearray | memoryview):
        require.refuse("key_bytes", "bytes", key_bytes)
    return bytes(key_bytes)
