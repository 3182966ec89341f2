"""XXH64 of many values at once, with the seed and the forms of values of Spark's `xxhash64`.

An integer of up to 32 bits is hashed as 4 bytes, one of 64 as 8, a float or double by its bits (one NaN, no
-0.0), text as UTF-8, a decimal of more than 18 digits as the shortest big-endian bytes of its digits.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Words: TypeAlias = npt.NDArray[np.uint64]

_SEED = 42
_P1, _P2, _P3, _P4, _P5 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
_LANES = (_P1 + _P2, _P2, 0, -_P1)
_STRIPE = 32


def _word(number: int) -> np.uint64:
    return np.uint64(number % (1 << 64))


def hash_of_integers(values: npt.NDArray[np.int32], seeds: Words | None = None) -> Words:
    """The hashes of 32-bit integers."""
    hashes = _seeded(seeds, len(values)) + _word(_P5 + 4)
    return _mixed(_with_half(hashes, values.view(np.uint32).astype(np.uint64)))


def hash_of_longs(values: npt.NDArray[np.int64], seeds: Words | None = None) -> Words:
    """The hashes of 64-bit integers."""
    hashes = _seeded(seeds, len(values)) + _word(_P5 + 8)
    return _mixed(_with_word(hashes, values.view(np.uint64)))


def _seeded(seeds: Words | None, count: int) -> Words:
    """What each value's hash begins with; Spark's first seed where none are given."""
    return np.full(count, _word(_SEED)) if seeds is None else seeds


def hash_of_bytes(values: pa.Array, seeds: Words | None = None) -> Words:
    """The hashes of the values of an array of binaries; any where the value is null."""
    starts, lengths, data = places_of_bytes(values)
    words: Words = np.ndarray((len(data) - 7,), "<u8", data, 0, (1,))
    halves: npt.NDArray[np.uint32] = np.ndarray((len(data) - 3,), "<u4", data, 0, (1,))
    hashes = _of_stripes(words, starts, lengths, _seeded(seeds, len(starts)))
    hashes += lengths.astype(np.uint64)
    at, left = starts + lengths // _STRIPE * _STRIPE, lengths % _STRIPE
    while len(rows := np.flatnonzero(left >= 8)):
        hashes[rows] = _with_word(hashes[rows], words[at[rows]])
        at[rows] += 8
        left[rows] -= 8
    if len(rows := np.flatnonzero(left >= 4)):
        hashes[rows] = _with_half(hashes[rows], halves[at[rows]].astype(np.uint64))
        at[rows] += 4
        left[rows] -= 4
    while len(rows := np.flatnonzero(left)):
        last = hashes[rows] ^ (data[at[rows]].astype(np.uint64) * _word(_P5))
        hashes[rows] = _turned(last, 11) * _word(_P1)
        at[rows] += 1
        left[rows] -= 1
    return _mixed(hashes)


def places_of_bytes(
    values: pa.Array,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each value begins, how long it is, and the bytes of all, with room for a word behind them."""
    binary = values.cast(pa.binary())
    _, offsets, content = binary.buffers()
    count = len(binary) + 1
    ends = np.frombuffer(offsets, dtype=np.int32)[binary.offset : binary.offset + count].astype(np.int64)
    first, last = int(ends[0]), int(ends[-1])
    data = np.zeros(last - first + 8, dtype=np.uint8)
    if last > first:
        data[: last - first] = np.frombuffer(content, dtype=np.uint8)[first:last]
    return ends[:-1] - first, np.diff(ends), data


def _of_stripes(
    words: Words, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], seeds: Words
) -> Words:
    """The hashes of the leading stripes of 32 bytes; of shorter values the initial one."""
    hashes = seeds + _word(_P5)
    longer = np.flatnonzero(lengths >= _STRIPE)
    if len(longer) == 0:
        return hashes
    lanes = [seeds[longer] + _word(lane) for lane in _LANES]
    count, at = lengths[longer] // _STRIPE, starts[longer]
    for stripe in range(int(count.max())):
        rows = np.flatnonzero(count > stripe)
        for number, lane in enumerate(lanes):
            found = words[at[rows] + _STRIPE * stripe + 8 * number]
            lane[rows] = _round(lane[rows], found)
    joined = _turned(lanes[0], 1) + _turned(lanes[1], 7) + _turned(lanes[2], 12) + _turned(lanes[3], 18)
    for lane in lanes:
        joined = (joined ^ _round(np.zeros_like(lane), lane)) * _word(_P1) + _word(_P4)
    hashes[longer] = joined
    return hashes


def _round(lane: Words, word: Words) -> Words:
    return _turned(lane + word * _word(_P2), 31) * _word(_P1)


def _with_word(hashes: Words, word: Words) -> Words:
    return _turned(hashes ^ _round(np.zeros_like(word), word), 27) * _word(_P1) + _word(_P4)


def _with_half(hashes: Words, half: Words) -> Words:
    return _turned(hashes ^ (half * _word(_P1)), 23) * _word(_P2) + _word(_P3)


def _mixed(hashes: Words) -> Words:
    hashes = (hashes ^ (hashes >> _word(33))) * _word(_P2)
    hashes = (hashes ^ (hashes >> _word(29))) * _word(_P3)
    return hashes ^ (hashes >> _word(32))


def _turned(words: Words, bits: int) -> Words:
    return (words << _word(bits)) | (words >> _word(64 - bits))


# ---- values to hashes ----------------------------------------------------------------------------


def hash_of_doubles(values: npt.NDArray[Any]) -> Words:
    """The hashes of floats (as 4 bytes) or doubles (as 8)."""
    plain = values + values.dtype.type(0)  # -0.0 becomes 0.0
    plain[np.isnan(plain)] = np.nan
    return (
        hash_of_integers(plain.view(np.int32)) if plain.itemsize == 4 else hash_of_longs(plain.view(np.int64))
    )


def hash_of_digits(values: pa.Array) -> Words:
    """The hashes of the digits of long decimals, which are written out."""
    numbers = [0 if text is None else int(text) for text in values.to_pylist()]
    lengths = ((n if n >= 0 else ~n).bit_length() // 8 + 1 for n in numbers)
    texts = [n.to_bytes(length, "big", signed=True) for n, length in zip(numbers, lengths, strict=True)]
    return hash_of_bytes(pa.array(texts, pa.binary()))
