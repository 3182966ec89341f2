"""Spark's `hash` (MurmurHash3) and `xxhash64` of rows: each value's hash is the seed of the next one's."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.duck import xxhash64
from streamcore.duck.native.registry import by_value, over_arrays

if TYPE_CHECKING:
    Words = npt.NDArray[Any]

_SEED = 42
_LONG_DIGITS = 18


class _Hashing(Protocol):
    """One step for values of each form, where the seeds are the hashes so far."""

    def of_ints(self, values: npt.NDArray[np.int32], seeds: Words) -> Words: ...

    def of_longs(self, values: npt.NDArray[np.int64], seeds: Words) -> Words: ...

    def of_bytes(self, values: pa.Array, seeds: Words) -> Words: ...


class _XxHash:
    """XXH64."""

    of_ints = staticmethod(xxhash64.hash_of_integers)
    of_longs = staticmethod(xxhash64.hash_of_longs)
    of_bytes = staticmethod(xxhash64.hash_of_bytes)


_C1, _C2 = np.uint32(0xCC9E2D51), np.uint32(0x1B873593)
_M, _N = np.uint32(5), np.uint32(0xE6546B64)
_F1, _F2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)


class _Murmur:
    """MurmurHash3 as Spark's SQL has it: the bytes behind the last whole word are a word each."""

    def of_ints(self, values: npt.NDArray[np.int32], seeds: Words) -> Words:
        return _finished(_stirred(seeds, values.view(np.uint32)), np.uint32(4))

    def of_longs(self, values: npt.NDArray[np.int64], seeds: Words) -> Words:
        words = values.view(np.uint64)
        low, high = words.astype(np.uint32), (words >> np.uint64(32)).astype(np.uint32)
        return _finished(_stirred(_stirred(seeds, low), high), np.uint32(8))

    def of_bytes(self, values: pa.Array, seeds: Words) -> Words:
        starts, lengths, data = xxhash64.places_of_bytes(values)
        words: Words = np.ndarray((len(data) - 3,), "<u4", data, 0, (1,))
        hashes, at, left = seeds.copy(), starts.copy(), lengths.copy()
        while len(rows := np.flatnonzero(left >= 4)):
            hashes[rows] = _stirred(hashes[rows], words[at[rows]])
            at[rows] += 4
            left[rows] -= 4
        while len(rows := np.flatnonzero(left)):
            octets = data[at[rows]].view(np.int8).astype(np.int32).view(np.uint32)
            hashes[rows] = _stirred(hashes[rows], octets)
            at[rows] += 1
            left[rows] -= 1
        return _finished(hashes, lengths.astype(np.uint32))


def _stirred(hashes: Words, words: Words) -> Words:
    mixed = hashes ^ (_turned(words * _C1, 15) * _C2)
    return _turned(mixed, 13) * _M + _N


def _finished(hashes: Words, lengths: Any) -> Words:
    hashes = hashes ^ lengths
    hashes = (hashes ^ (hashes >> np.uint32(16))) * _F1
    hashes = (hashes ^ (hashes >> np.uint32(13))) * _F2
    found: Words = hashes ^ (hashes >> np.uint32(16))
    return found


def _turned(words: Words, bits: int) -> Words:
    return (words << np.uint32(bits)) | (words >> np.uint32(32 - bits))


# ---- rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Folding:
    """Hashes folded over values of any type; nulls leave them as they are."""

    hashing: _Hashing

    def over(self, values: pa.Array, seeds: Words) -> Words:
        kind = values.type
        if pa.types.is_null(kind):
            return seeds
        if pa.types.is_list(kind):
            return self._over_lists(values, seeds)
        if pa.types.is_struct(kind):
            return self._over_structs(values, seeds)
        is_valid = values.is_valid().to_numpy(zero_copy_only=False)
        if is_valid.all():
            return self._of_plain(values, seeds)
        found = seeds.copy()
        found[is_valid] = self._of_plain(values.drop_null(), seeds[is_valid])
        return found

    def _over_structs(self, values: pa.Array, seeds: Words) -> Words:
        # Flattening gives a null struct's null to its fields.
        for field in values.flatten():
            seeds = self.over(field, seeds)
        return seeds

    def _over_lists(self, values: pa.Array, seeds: Words) -> Words:
        lengths = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False)
        starts = values.offsets.to_numpy(zero_copy_only=False)[:-1]
        found = seeds.copy()
        for place in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > place)
            found[rows] = self.over(values.values.take(pa.array(starts[rows] + place)), found[rows])
        return found

    def _of_plain(self, values: pa.Array, seeds: Words) -> Words:
        kind = values.type
        if pa.types.is_decimal(kind):
            return self._of_decimals(values, seeds)
        if pa.types.is_floating(kind):
            return self._of_fractions(values.to_numpy(zero_copy_only=False), seeds)
        if pa.types.is_string(kind) or pa.types.is_binary(kind):
            return self.hashing.of_bytes(values, seeds)
        if pa.types.is_timestamp(kind) or pa.types.is_int64(kind):
            longs = values.cast(pa.int64()).to_numpy(zero_copy_only=False)
            return self.hashing.of_longs(np.ascontiguousarray(longs), seeds)
        ints = values.cast(pa.int32()).to_numpy(zero_copy_only=False)
        return self.hashing.of_ints(np.ascontiguousarray(ints), seeds)

    def _of_fractions(self, values: npt.NDArray[Any], seeds: Words) -> Words:
        plain = values + values.dtype.type(0)  # -0.0 becomes 0.0
        plain[np.isnan(plain)] = np.nan
        if plain.itemsize == 4:
            return self.hashing.of_ints(plain.view(np.int32), seeds)
        return self.hashing.of_longs(plain.view(np.int64), seeds)

    def _of_decimals(self, values: pa.Array, seeds: Words) -> Words:
        scale = values.type.scale
        digits = [int(value.scaleb(scale)) for value in _exactly(values)]
        if values.type.precision <= _LONG_DIGITS:
            return self.hashing.of_longs(np.array(digits, np.int64), seeds)
        lengths = ((n if n >= 0 else ~n).bit_length() // 8 + 1 for n in digits)
        texts = [n.to_bytes(length, "big", signed=True) for n, length in zip(digits, lengths, strict=True)]
        return self.hashing.of_bytes(pa.array(texts, pa.binary()), seeds)


def _exactly(values: pa.Array) -> Any:
    import decimal

    with decimal.localcontext(prec=76):
        yield from values.to_pylist()


def _folded(hashing: _Hashing, arrays: Sequence[pa.Array], seeds: Words) -> Words:
    for values in arrays:
        seeds = _Folding(hashing).over(values, seeds)
    return seeds


@over_arrays
def murmur3(arrays: Sequence[pa.Array], returns: pa.DataType) -> pa.Array:
    """`hash(...)`."""
    seeds = np.full(len(arrays[0]), np.uint32(_SEED))
    return pa.array(_folded(_Murmur(), arrays, seeds).view(np.int32), returns)


@over_arrays
def xxh64(arrays: Sequence[pa.Array], returns: pa.DataType) -> pa.Array:
    """`xxhash64(...)`."""
    seeds = np.full(len(arrays[0]), np.uint64(_SEED))
    return pa.array(_folded(_XxHash(), arrays, seeds).view(np.int64), returns)


@by_value
def crc32(value: bytes) -> int:
    """`crc32(bytes)`."""
    return zlib.crc32(value)


def murmur3_of_bytes(value: bytes, seed: int) -> int:
    """The hash of one value, with its sign."""
    seeds = np.array([seed], np.int32).view(np.uint32)
    return int(_Murmur().of_bytes(pa.array([value], pa.binary()), seeds).view(np.int32)[0])
