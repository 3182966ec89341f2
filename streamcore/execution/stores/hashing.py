"""The 64-bit hash of a row's key columns: the same for ever, on every machine and library version.

Keys that SQL calls equal have equal hashes: NaN hashes like NaN, -0.0 like 0.0, a null like a null, a map
like the same entries in another order.  The converse is not promised.

A value becomes 64-bit words, and words are folded one by one: `fold(h, w) = mix(h * GOLDEN + w)`.

    null                     the word NULL
    boolean, integer, time   the stored integer, sign-extended
    float, double            the bits as a double, with one NaN and no -0.0
    decimal                  low word, high word, folded from 0
    string, binary           8 bytes at a time, little-endian, zero-filled, folded from the length in bytes
    interval                 months, days, nanoseconds, folded from 0
    struct                   the words of its fields, folded from STRUCT
    list                     the words of its elements, folded from their number
    map                      the sum of its entries' words (key, value; from 0), folded from their number

A row is its key columns folded from SEED.  The name of this definition, as checkpoints say it, is
`streamcore.checkpoint.STATE_HASH`: another definition is another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.execution.stores.arrays import integers

Hashes: TypeAlias = npt.NDArray[np.uint64]
_Places: TypeAlias = npt.NDArray[np.int64]

_AT_ONCE = 1 << 14

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_SEED = np.uint64(0x243F6A8885A308D3)
_STRUCT = np.uint64(0x13198A2E03707344)
_NULL = np.uint64(0xA4093822299F31D0)


def hash_rows(rows: pa.Table, key_columns: Sequence[int]) -> Hashes:
    """The hash of every row's key; rows without key columns all have the same.

    >>> rows = pa.table({"k": [7, None, 7], "s": ["a", "b", "a"]})
    >>> [f"{h:016x}" for h in hash_rows(rows, [0, 1]).tolist()]
    ['eea7f5329960b74c', '505627a9c5bb5429', 'eea7f5329960b74c']
    """
    hashes = np.full(rows.num_rows, _SEED, dtype=np.uint64)
    for position in key_columns:
        first = 0
        for array in _in_the_cache(rows.column(position)):
            part = hashes[first : first + len(array)]
            part[:] = _fold(part, _words(array))
            first += len(array)
    return hashes


def partitions_of(hashes: Hashes, count: int) -> npt.NDArray[np.int64]:
    """The partition of each hash: `count` ranges of the hash space of the same width.

    A partition is a range, so that a run sorted by hash holds another number of partitions as slices.
    """
    return ((hashes >> _HALF) * np.uint64(count) >> _HALF).astype(np.int64)


def split_by_hash(rows: pa.Table, hashes: Hashes, partitions: int) -> list[pa.Table]:
    """The rows of each partition, in their order."""
    if partitions == 1:
        return [rows]
    numbers = partitions_of(hashes, partitions)
    return [rows.take(integers(np.flatnonzero(numbers == number))) for number in range(partitions)]


def _in_the_cache(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """The column in pieces whose words stay in the processor's cache: several times faster for strings."""
    for chunk in column.chunks:
        for first in range(0, len(chunk), _AT_ONCE):
            yield chunk.slice(first, _AT_ONCE)


def _fold(hashes: Hashes, words: Hashes) -> Hashes:
    mixed = hashes * _GOLDEN
    mixed += words
    for _ in range(2):
        mixed ^= mixed >> _HALF
        mixed *= _MULTIPLIER
    mixed ^= mixed >> _HALF
    return mixed


# ---- values to words -----------------------------------------------------------------------------


def _words(array: pa.Array) -> Hashes:
    """One word per value."""
    if pa.types.is_null(array.type):
        return np.full(len(array), _NULL, dtype=np.uint64)
    words = _words_of_valid(array)
    if array.null_count:
        words = np.where(array.is_valid().to_numpy(zero_copy_only=False), words, _NULL)
    return words


def _words_of_valid(array: pa.Array) -> Hashes:
    """One word per value; any where the value is null."""
    kind = array.type
    if pa.types.is_boolean(kind):
        flags: npt.NDArray[np.uint8] = array.cast(pa.uint8()).fill_null(0).to_numpy()
        return flags.astype(np.uint64)
    if pa.types.is_floating(kind):
        return _of_floats(_fixed(array, np.dtype(f"f{kind.bit_width // 8}")))
    if pa.types.is_decimal(kind) or pa.types.is_interval(kind):
        return _of_wide(array)
    if pa.types.is_primitive(kind):
        return _of_integers(array)
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return _of_bytes(array)
    return _of_nested(array)


def _fixed(array: pa.Array, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """The values of a fixed-width array as they are stored; zeros when it has none."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=kind)
    return np.frombuffer(data, dtype=kind, count=array.offset + len(array))[array.offset :]


def _of_integers(array: pa.Array) -> Hashes:
    sign = "u" if pa.types.is_unsigned_integer(array.type) else "i"
    values = _fixed(array, np.dtype(f"{sign}{array.type.bit_width // 8}"))
    return values.astype(np.int64 if sign == "i" else np.uint64).view(np.uint64)


def _of_floats(values: npt.NDArray[Any]) -> Hashes:
    doubles = values.astype(np.float64)
    doubles += 0.0  # -0.0 becomes 0.0
    doubles[np.isnan(doubles)] = np.nan
    return doubles.view(np.uint64)


def _of_wide(array: pa.Array) -> Hashes:
    if pa.types.is_interval(array.type):
        fields = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
    else:
        words = array.type.bit_width // 64
        fields = np.dtype([(f"word {n}", "<u8") for n in range(words)])
    values = _fixed(array, fields)
    folded = np.zeros(len(array), dtype=np.uint64)
    for name in fields.names or ():
        folded = _fold(folded, values[name].astype(np.int64).view(np.uint64))
    return folded


def _of_bytes(array: pa.Array) -> Hashes:
    offsets = _offsets(array)
    lengths = np.diff(offsets)
    folded = lengths.astype(np.uint64)
    data = array.buffers()[2]
    if data is None or len(array) == 0:
        return folded
    first, last = int(offsets[0]), int(offsets[-1])
    padded = np.zeros(last - first + 8, dtype=np.uint8)
    padded[: last - first] = np.frombuffer(data, dtype=np.uint8, count=last)[first:]
    words = np.ndarray((len(padded) - 7,), "<u8", padded, 0, (1,))
    starts = offsets[:-1] - first
    whole = int(lengths.min()) // 8
    for done, rows in _rounds(-(-lengths // 8)):
        found = words[starts[rows] + 8 * done]
        if done >= whole:
            shift = (8 * np.maximum(8 * (done + 1) - lengths[rows], 0)).astype(np.uint64)
            found = found << shift >> shift
        folded[rows] = _fold(folded[rows], found)
    return folded


def _offsets(array: pa.Array) -> _Places:
    """Where each value of a string or list array begins, and where the last one ends."""
    count = array.offset + len(array) + 1
    data = array.buffers()[1]
    if data is None or len(array) == 0:
        return np.zeros(1, dtype=np.int64)
    return np.frombuffer(data, dtype=np.int32, count=count)[array.offset :].astype(np.int64)


def _rounds(lengths: _Places) -> Iterator[tuple[int, slice | _Places]]:
    """Round n with the rows that have an n-th item: all of them as long as they can be."""
    shortest = int(lengths.min()) if len(lengths) else 0
    for done in range(shortest):
        yield done, slice(None)
    done, rows = shortest, np.flatnonzero(lengths > shortest)
    while len(rows):
        yield done, rows
        done += 1
        rows = rows[lengths[rows] > done]


# ---- nested values -------------------------------------------------------------------------------


def _of_nested(array: pa.Array) -> Hashes:
    if pa.types.is_struct(array.type):
        return _of_structs(array)
    if pa.types.is_map(array.type):
        return _of_maps(array)
    if pa.types.is_list(array.type):
        return _of_lists(array)
    raise TypeError(f"a key of the Arrow type {array.type} has no hash")


def _of_structs(array: pa.StructArray) -> Hashes:
    folded = np.full(len(array), _STRUCT, dtype=np.uint64)
    for number in range(array.type.num_fields):
        # `field` leaves the parent's nulls out, which the words of the struct put over all.
        folded = _fold(folded, _words(array.field(number)))
    return folded


def _of_lists(array: pa.ListArray) -> Hashes:
    offsets, lengths, held = _spans(array)
    items = _words(array.values.slice(*held))
    folded = lengths.astype(np.uint64)
    for done, rows in _rounds(lengths):
        folded[rows] = _fold(folded[rows], items[offsets[rows] + done])
    return folded


def _of_maps(array: pa.MapArray) -> Hashes:
    offsets, lengths, held = _spans(array)
    keys, values = _words(array.keys.slice(*held)), _words(array.items.slice(*held))
    entries = _fold(_fold(np.zeros(len(keys), dtype=np.uint64), keys), values)
    total = np.zeros(len(array), dtype=np.uint64)
    for done, rows in _rounds(lengths):
        total[rows] += entries[offsets[rows] + done]
    return _fold(lengths.astype(np.uint64), total)


def _spans(array: pa.Array) -> tuple[_Places, _Places, tuple[int, int]]:
    """Where each list begins among the held items, how many it has, and which items are held.

    A null list has none.  Held are those from the first list's first item to the last one's last.
    """
    offsets = _offsets(array)
    lengths = np.diff(offsets)
    if array.null_count:
        lengths = np.where(array.is_valid().to_numpy(zero_copy_only=False), lengths, 0)
    first, last = int(offsets[0]), int(offsets[-1])
    return offsets[:-1] - first, lengths, (first, last - first)
