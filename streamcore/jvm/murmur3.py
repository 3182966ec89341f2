"""MurmurHash3 (x86, 32 bits): the hash by which Spark finds the place of a term in a vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_C1, _C2 = np.uint32(0xCC9E2D51), np.uint32(0x1B873593)
_M, _N = np.uint32(5), np.uint32(0xE6546B64)
_F1, _F2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
SPARK_SEED = 42

Words = npt.NDArray[np.uint32]


def hash_bytes(data: bytes, seed: int) -> int:
    """The hash of one value, as an unsigned number.

    >>> hash_bytes(b"abc", 42)
    1313807976
    """
    padded = np.frombuffer(data + b"\0" * (-len(data) % 4), "<u4").reshape(1, -1)
    lengths = np.array([len(data)])
    return int(_hash_blocks(padded.astype(np.uint32), lengths, seed)[0])


def hash_texts(texts: Any, seed: int = SPARK_SEED) -> npt.NDArray[np.int32]:
    """The hashes of an Arrow array of text without nulls, over its UTF-8.

    >>> hash_texts(pa.array(["a", "abc"])).tolist()
    [-1293573533, 1313807976]
    """
    array = texts.cast(pa.large_binary())
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
    lengths = np.diff(offsets)
    hashes = np.empty(len(array), np.uint32)
    data = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    for rows in _alike(lengths):
        widest = int(lengths[rows].max(initial=0))
        places = np.arange(widest + (-widest % 4))
        inside = places < lengths[rows, None]
        taken = np.where(inside, np.minimum(offsets[rows, None] + places, max(len(data) - 1, 0)), 0)
        octets = np.where(inside, data[taken], 0).astype(np.uint8) if len(data) else inside.astype(np.uint8)
        hashes[rows] = _hash_blocks(octets.view("<u4").reshape(len(rows), -1), lengths[rows], seed)
    return hashes.view(np.int32)


def hash_longs(values: npt.NDArray[np.int64], seed: int = SPARK_SEED) -> npt.NDArray[np.int32]:
    """The hashes of whole numbers of 64 bits."""
    blocks = np.ascontiguousarray(values, "<i8").view("<u4").reshape(-1, 2)
    return _hash_blocks(blocks, np.full(len(blocks), 8), seed).view(np.int32)


def hash_ints(values: npt.NDArray[np.int32], seed: int = SPARK_SEED) -> npt.NDArray[np.int32]:
    """The hashes of whole numbers of 32 bits."""
    blocks = np.ascontiguousarray(values, "<i4").view("<u4").reshape(-1, 1)
    return _hash_blocks(blocks, np.full(len(blocks), 4), seed).view(np.int32)


def places_of(hashes: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int32]:
    """Each hash as an index into a vector of this size: the remainder that is never negative."""
    return np.mod(hashes, np.int32(size))


def hash_column(values: Any) -> npt.NDArray[np.int32]:
    """The hashes of an Arrow array of any type that Spark hashes; a null has the seed for its hash.

    Raises TypeError, naming the type, for one that Spark refuses too.
    """
    filled, kind = pc.drop_null(values), values.type
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_int8(kind)
        or pa.types.is_int16(kind)
        or pa.types.is_int32(kind)
    ):
        found = hash_ints(filled.cast(pa.int32()).to_numpy(zero_copy_only=False))
    elif pa.types.is_int64(kind):
        found = hash_longs(filled.to_numpy(zero_copy_only=False))
    elif pa.types.is_float64(kind):
        found = hash_longs(_canonical(filled.to_numpy(zero_copy_only=False)).view(np.int64))
    elif pa.types.is_float32(kind):
        found = hash_ints(_canonical(filled.to_numpy(zero_copy_only=False)).view(np.int32))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        found = hash_texts(filled)
    else:
        raise TypeError(f"the hash of terms does not know values of type {kind}")
    hashes = np.full(len(values), SPARK_SEED, np.int32)
    hashes[pc.is_valid(values).to_numpy(zero_copy_only=False)] = found
    return hashes


def _canonical(values: Any) -> Any:
    return np.where(np.isnan(values), np.array(np.nan, values.dtype), values)


def _alike(lengths: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Rows in groups of similar length, so that one long text does not widen the others."""
    scale = np.ceil(np.log2(np.maximum(lengths, 4))).astype(np.int64)
    return [np.flatnonzero(scale == one) for one in np.unique(scale)]


def _hash_blocks(blocks: Words, lengths: npt.NDArray[np.int64], seed: int) -> Words:
    """Rows of 32-bit words, padded with zeros; only the first `lengths` bytes of each row count."""
    state = np.full(len(blocks), seed & 0xFFFFFFFF, np.uint32)
    whole = lengths // 4
    with np.errstate(over="ignore"):
        for at in range(blocks.shape[1]):
            mixed = _rotated(blocks[:, at] * _C1, 15) * _C2
            is_block = at < whole
            is_tail = (at == whole) & (lengths % 4 != 0)
            state ^= np.where(is_block | is_tail, mixed, np.uint32(0))
            state = np.where(is_block, _rotated(state, 13) * _M + _N, state)
        state ^= lengths.astype(np.uint32)
        state ^= state >> np.uint32(16)
        state *= _F1
        state ^= state >> np.uint32(13)
        state *= _F2
        state ^= state >> np.uint32(16)
    return state


def _rotated(words: Words, by: int) -> Words:
    return (words << np.uint32(by)) | (words >> np.uint32(32 - by))
