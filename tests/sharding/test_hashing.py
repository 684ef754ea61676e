"""Hashes that others have published: the same number for every key."""

import binascii
import struct
import warnings

import mmh3
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis.crc import key_slot

from helpers.sharding import hashing
from helpers.sharding.hashing import finish_all, hash64, jump_all, jump_hash, jump_hashes
from helpers.sharding.maglev import maglev_table, take_seats
from helpers.sharding.partitioners import (
    hash_tag,
    kafka_partition,
    murmur3,
    murmur3_token,
    redis_slot,
)

with warnings.catch_warnings():  # the client reads its protocol in a way that Python now frowns on
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.partitioner.default import murmur2

WORDS = st.integers(-(2**63), 2**64 - 1)
KEYS = st.binary(max_size=80)


# Jump hash


def jump_in_the_paper(key: int, buckets: int) -> int:
    """Lamping and Veach's figure 1, with C's types spelled out by `struct`."""
    b, j = -1, 0
    key %= 2**64
    while j < buckets:
        b = j
        key = (key * 2862933555777941757 + 1) % 2**64
        high = struct.unpack("<d", struct.pack("<d", float((key >> 33) + 1)))[0]
        j = int(float(b + 1) * (float(1 << 31) / high))
    return b


@pytest.mark.parametrize(
    ("key", "buckets", "bucket"),
    [
        (0, 60, 0),
        (1, 60, 55),
        (2, 60, 46),
        (1, 1, 0),
        (42, 57, 43),
        (0xDEAD10CC, 1, 0),
        (0xDEAD10CC, 666, 361),
        (256, 1024, 520),
        (16045690984833335023, 255, 237),
        (10863919174838991, 11, 6),
        (2016238256797177309, 11, 3),
        (0xDEADBEEF, 1000, 285),
    ],
)
def test_jump_hash_gives_the_buckets_that_other_implementations_publish(key, buckets, bucket):
    assert jump_hash(key, buckets) == bucket


@given(WORDS, st.integers(1, 2**31 - 1))
@example(-1, 1)
@example(-(2**63), 2**31 - 1)
@example(2**64 - 1, 2**31 - 1)
def test_jump_hash_is_the_paper_s_for_every_key_and_every_number_of_buckets(key, buckets):
    assert jump_hash(key, buckets) == jump_in_the_paper(key, buckets)


@given(WORDS, st.integers(1, 1000))
def test_a_key_stays_or_jumps_to_the_new_bucket(key, buckets):
    assert jump_hash(key, buckets + 1) in (jump_hash(key, buckets), buckets)


@given(st.integers(-(2**63), -1), st.integers(1, 1000))
def test_a_negative_key_is_its_two_s_complement(key, buckets):
    assert jump_hash(key, buckets) == jump_hash(key + 2**64, buckets)


@given(st.lists(WORDS, max_size=20), st.integers(1, 2**31 - 1))
def test_many_keys_jump_like_one(keys, buckets):
    array = np.array([key % 2**64 for key in keys], dtype=np.uint64)
    assert jump_hashes(array, buckets).tolist() == [jump_hash(key, buckets) for key in keys]


def test_the_compiled_jump_and_the_plain_one_agree_bit_by_bit():
    keys, found, plain = hash64(np.arange(500)), np.empty(500, np.int64), np.empty(500, np.int64)
    numbers = (np.uint64(hashing.JUMP_FACTOR), np.uint64(1), np.uint64(33))
    with np.errstate(over="ignore"):
        jump_all(keys, 100, *numbers, found)
        jump_all.python(keys, 100, *numbers, plain)
    assert np.array_equal(found, plain)


@pytest.mark.parametrize("buckets", [0, -1, 2**31, 1.5, "ten", None, True])
def test_jump_hash_refuses_what_is_no_number_of_buckets(buckets):
    with pytest.raises(ValueError, match="buckets must be a whole number"):
        jump_hash(1, buckets)


@pytest.mark.parametrize("key", [2**64, -(2**63) - 1, 1.0, "ann", b"ann", True, None])
def test_jump_hash_refuses_what_is_no_number_of_64_bits(key):
    with pytest.raises(ValueError, match="key must be a whole number"):
        jump_hash(key, 10)


# Redis


@given(KEYS)
@example(b"")
@example(b"{}")
@example(b"{}{a}")
@example(b"}{a}")
@example(b"a{b}c{d}")
@example(b"{{a}}")
@example(b"{a")
@example(bytes(range(256)))
@example(b"x" * 100_000)
def test_a_slot_is_the_one_that_the_redis_client_computes(key):
    assert redis_slot(key) == key_slot(key)


@given(st.text(alphabet="{}ab", max_size=12).map(str.encode))
def test_braces_in_any_order_give_the_client_s_slot(key):
    assert redis_slot(key) == key_slot(key)


def test_the_slots_in_the_specification_are_ours():
    assert redis_slot(b"123456789") == 0x31C3
    assert redis_slot(b"foo{}{bar}") == redis_slot(b"foo{}{bar}")
    assert hash_tag(b"{user1000}.following") == b"user1000"
    assert hash_tag(b"foo{}{bar}") == b"foo{}{bar}"
    assert hash_tag(b"foo{{bar}}zap") == b"{bar"
    assert hash_tag(b"foo{bar}{zap}") == b"bar"


def crc16_bit_by_bit(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


@given(KEYS)
def test_the_checksum_is_the_one_that_the_specification_defines(key):
    assert binascii.crc_hqx(key, 0) == crc16_bit_by_bit(key)


# Kafka


@given(KEYS, st.integers(1, 2**31 - 1))
@example(b"", 1)
@example(b"", 7)
@example(b"\xff\xfe\xfd", 12)
@example(bytes(range(256)), 50)
@example(b"\x80" * 4_097, 50)
def test_a_partition_is_the_one_that_the_kafka_client_chooses(key, partitions):
    assert kafka_partition(key, partitions) == (murmur2(key) & 0x7FFFFFFF) % partitions


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_kafka_s_own_test_vectors_hold(key, hashed):
    assert kafka_partition(key, 2**31 - 1) == (hashed & 0x7FFFFFFF) % (2**31 - 1)


@pytest.mark.parametrize("partitions", [0, -3, 2.5, 2**31])
def test_kafka_needs_a_partition(partitions):
    with pytest.raises(ValueError, match=f"partitions must be .*, got {partitions}"):
        kafka_partition(b"key", partitions)


# Cassandra

VECTORS = [
    (b"123", -7468325962851647638),
    (b"\x00\xff\x10\xfa\x99" * 10, 5837342703291459765),
    (b"\xfe" * 8, -8927430733708461935),
    (b"\x10" * 8, 1446172840243228796),
    (b"9223372036854775807", 7162290910810015547),
    (bytes(range(1, 17)), -5563837382979743776),
    (bytes(range(7, 23)), 8228893370679682632),
    (b"\x00" * 16, 5457549051747178710),
    (b"\xff" * 16, -2824192546314762522),
    (b"\xfe" * 16, -833317529301936754),
    (b"\xfe" * 17, -1672437813826982685),
    (b"\xfe" * 4, 4566408979886474012),
    (b"\x00" * 4, -3485513579396041028),
    (b"\x00\x01\x7f\x7f", 6573459401642635627),
    (b"\x00\xff\xff\xff", 123573637386978882),
    (b"\xff\x01\x02\x03", -2839127690952877842),
    (b"\x00\x01\x02\x03" + b"\xff" * 12, 6463632673159404390),
    (b"\xe2\xe7", -8582699461035929883),
    (b"\xe2\xe7\xe2\xe7\xe2\xe7\x01", 2222373981930033306),
]
"""Of the test suites of the drivers for Cassandra, made by Cassandra itself."""


@pytest.mark.parametrize(("key", "token"), VECTORS)
def test_a_token_is_the_one_that_cassandra_gives(key, token):
    assert murmur3_token(key) == token


@given(st.binary(max_size=80).map(lambda key: bytes(byte & 0x7F for byte in key)))
@example(b"")
@example(b"a" * 10_001)
def test_below_0x80_cassandra_s_hash_is_everybody_s(key):
    assert murmur3_token(key) == mmh3.hash64(key, 0)[0]


@given(st.integers(0, 6).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n)))
def test_in_whole_blocks_cassandra_s_hash_is_everybody_s(key):
    assert murmur3_token(key) == mmh3.hash64(key, 0)[0]


def java_murmur3(key: bytes) -> int:
    """Cassandra's `hash3_x64_128`, a byte a line, with Java's longs as numbers modulo 2⁶⁴."""
    mask, c1, c2 = 2**64 - 1, 0x87C37B91114253D5, 0x4CF5AD432745937F

    def rotl(v, n):
        return (v << n | v >> (64 - n)) & mask

    def fmix(k):
        k ^= k >> 33
        k = k * 0xFF51AFD7ED558CCD & mask
        k ^= k >> 33
        k = k * 0xC4CEB9FE1A85EC53 & mask
        return k ^ k >> 33

    h1 = h2 = 0
    for k1, k2 in struct.iter_unpack("<QQ", key[: len(key) // 16 * 16]):
        h1 ^= rotl(k1 * c1 & mask, 31) * c2 & mask
        h1 = ((rotl(h1, 27) + h2) * 5 + 0x52DCE729) & mask
        h2 ^= rotl(k2 * c2 & mask, 33) * c1 & mask
        h2 = ((rotl(h2, 31) + h1) * 5 + 0x38495AB5) & mask
    tail = np.frombuffer(key[len(key) // 16 * 16 :], dtype=np.int8).tolist()
    k1 = k2 = 0
    for i in reversed(range(8, len(tail))):
        k2 ^= tail[i] << 8 * (i - 8) & mask
    for i in reversed(range(min(8, len(tail)))):
        k1 ^= tail[i] << 8 * i & mask
    h2 ^= rotl(k2 * c2 & mask, 33) * c1 & mask
    h1 ^= rotl(k1 * c1 & mask, 31) * c2 & mask
    h1, h2 = h1 ^ len(key), h2 ^ len(key)
    h1 = h1 + h2 & mask
    h2 = h2 + h1 & mask
    return fmix(h1) + fmix(h2) & mask


@given(KEYS)
@example(bytes(range(256)))
def test_bytes_with_a_sign_are_read_as_java_reads_them(key):
    assert murmur3(key) == java_murmur3(key)
    assert -(2**63) < murmur3_token(key) < 2**63


def test_the_lowest_token_is_kept_for_the_ring_s_beginning(monkeypatch):
    monkeypatch.setattr("helpers.sharding.partitioners.murmur3", lambda data: 1 << 63)
    assert murmur3_token(b"unlucky") == 2**63 - 1


@pytest.mark.parametrize("key", ["text", 7, None, [1, 2]])
@pytest.mark.parametrize(
    "rule", [redis_slot, murmur3_token, lambda key_bytes: kafka_partition(key_bytes, 3)]
)
def test_a_key_that_is_not_bytes_is_refused(rule, key):
    with pytest.raises(ValueError, match="key_bytes must be bytes, got"):
        rule(key)


def test_a_bytearray_is_bytes_too():
    assert redis_slot(bytearray(b"a")) == redis_slot(memoryview(b"a")) == redis_slot(b"a")


# Maglev


def populate(offsets, skips, size):
    """The paper's pseudocode 1, line by line."""
    permutation = [
        [(o + j * s) % size for j in range(size)] for o, s in zip(offsets, skips, strict=True)
    ]
    following, entry, n = [0] * len(offsets), [-1] * size, 0
    while True:
        for i in range(len(offsets)):
            c = permutation[i][following[i]]
            while entry[c] >= 0:
                following[i] += 1
                c = permutation[i][following[i]]
            entry[c] = i
            following[i] += 1
            n += 1
            if n == size:
                return entry


@st.composite
def lists_of_seats(draw):
    size = draw(st.sampled_from([1, 2, 3, 7, 13, 101, 251]))
    servers = draw(st.integers(1, 20))
    offsets = draw(st.lists(st.integers(0, size - 1), min_size=servers, max_size=servers))
    skip = st.integers(1, max(1, size - 1))
    return offsets, draw(st.lists(skip, min_size=servers, max_size=servers)), size


@given(lists_of_seats())
def test_the_table_is_the_one_of_the_paper_s_pseudocode(seats):
    assert maglev_table(*seats).tolist() == populate(*seats)


def test_the_paper_s_example_before_and_after_a_server_has_left():
    assert maglev_table([3, 0, 3], [4, 2, 1], 7).tolist() == [1, 0, 1, 0, 2, 2, 0]
    assert maglev_table([3, 3], [4, 1], 7).tolist() == [0, 0, 0, 0, 1, 1, 1]


@given(lists_of_seats())
def test_nobody_has_more_than_one_seat_more_than_another(seats):
    counts = np.bincount(maglev_table(*seats), minlength=len(seats[0]))
    assert counts.sum() == seats[2]
    assert counts.max() - counts.min() <= 1


def test_the_compiled_table_and_the_plain_one_agree():
    places, skips = np.array([5, 8, 2]), np.array([3, 9, 12])
    fast, plain = np.full(13, -1), np.full(13, -1)
    take_seats(places.copy(), skips, fast)
    take_seats.python(places.copy(), skips, plain)
    assert np.array_equal(fast, plain)


@pytest.mark.parametrize(
    ("offsets", "skips", "size", "complaint"),
    [
        ([], [], 7, "offsets must be one or more whole numbers"),
        ([0], [1], 0, "size must be a whole number from 1"),
        ([0, 1], [1], 7, "skips must be 2, one for each offset, got 1"),
        ([7], [1], 7, "offsets must lie between 0 and 6, got 7"),
        ([-1], [1], 7, "offsets must lie between 0 and 6, got -1"),
        ([0], [0], 7, "skips must lie between 1 and 6, got 0"),
        ([0], [7], 7, "skips must lie between 1 and 6, got 7"),
        ([0], [2], 8, "no divisor in common with size=8, got 2"),
        ([0.5], [1], 7, "offsets must be one or more whole numbers"),
        ([[0]], [1], 7, "offsets must be one or more whole numbers"),
    ],
)
def test_a_list_that_would_never_reach_all_seats_is_refused(offsets, skips, size, complaint):
    with pytest.raises(ValueError, match=complaint):
        maglev_table(offsets, skips, size)


# The course's own hash


def test_a_number_s_hash_is_splitmix64_s():
    """Published by S. Vigna's test of SplitMix64 with the state 1234567."""
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [hash64(1234567, seed=turn) for turn in range(3)] == expected


@pytest.mark.parametrize(
    ("text", "hashed"),
    [(b"", 0xCBF29CE484222325), (b"a", 0xAF63DC4C8601EC8C), (b"foobar", 0x85944171F73967E8)],
)
def test_a_text_is_hashed_by_fnv1a_first(text, hashed):
    assert hashing.fnv1a(text) == hashed
    assert hash64(text) == hash64(hashed)


@given(st.lists(WORDS, min_size=1, max_size=20), st.integers(0, 5))
def test_many_numbers_are_hashed_like_one(keys, seed):
    assert hash64(keys, seed).tolist() == [hash64(key, seed) for key in keys]


@given(st.lists(st.binary(max_size=20) | st.text(max_size=10), min_size=1, max_size=20))
def test_many_texts_are_hashed_like_one(keys):
    assert hash64(keys).tolist() == [hash64(key) for key in keys]
    texts = [key for key in keys if isinstance(key, str)]
    assert hash64(np.array(texts, dtype=object)).tolist() == [hash64(text) for text in texts]


def test_the_compiled_hash_of_texts_and_the_plain_one_agree():
    data, ends = np.frombuffer(b"annbob", np.uint8), np.array([3, 3, 6])
    states = np.full((2, 3), hashing.FNV_START, dtype=np.uint64)
    prime = np.uint64(hashing.FNV_PRIME)
    with np.errstate(over="ignore"):
        hashing.fnv1a_all(data, ends, prime, states[0])
        hashing.fnv1a_all.python(data, ends, prime, states[1])
    assert np.array_equal(states[0], states[1])


def test_a_list_of_the_lowest_and_the_highest_number_keeps_every_bit():
    assert hash64([-1, 2**64 - 1, -(2**63), 2**63 + 1]).tolist() == [
        hash64(key) for key in (2**64 - 1, -1, 2**63, 2**63 + 1)
    ]


def test_a_text_and_its_bytes_are_one_key_and_no_key_is_one_text():
    assert hash64("ü") == hash64("ü".encode())
    assert hash64([]).tolist() == hash64(np.array([], dtype=np.int64)).tolist() == []


def test_hashing_leaves_the_keys_as_they_are():
    keys = np.arange(5, dtype=np.uint64)
    hash64(keys)
    assert keys.tolist() == [0, 1, 2, 3, 4]
    state = keys.copy()
    assert finish_all(state) is state


def test_every_bit_of_a_key_flips_half_of_the_bits_of_its_hash():
    """1,000 keys: a bit's share of flips has a standard error of 1.6 %; ten of those allowed."""
    keys = np.arange(1000, dtype=np.uint64)
    for bit in range(64):
        flipped = hash64(keys) ^ hash64(keys ^ np.uint64(1 << bit))
        flips = np.unpackbits(flipped.view(np.uint8)).reshape(1000, 64).mean(axis=0)
        assert abs(flips - 0.5).max() < 0.16


@pytest.mark.parametrize("keys", [1.5, [1.5], [[1]], [None], None, True, [True], 2**64, [2**64]])
def test_what_is_neither_a_number_of_64_bits_nor_a_text_is_refused(keys):
    with pytest.raises(ValueError, match="keys must be"):
        hash64(keys)


def test_a_seed_is_a_whole_number():
    with pytest.raises(ValueError, match=r"seed must be a whole number, got 0\.5"):
        hash64(1, seed=0.5)


@pytest.mark.parametrize("keys", [[2, True], (False, 2**63), [1, np.True_]])
def test_an_answer_among_numbers_is_no_key(keys):
    for hashed in (hash64, lambda given: jump_hashes(given, 10)):
        with pytest.raises(ValueError, match="keys must be a whole number, got "):
            hashed(keys)


def test_an_answer_among_offsets_is_refused():
    with pytest.raises(ValueError, match="offsets must be one or more whole numbers"):
        maglev_table([3, True], [1, 1], 7)
