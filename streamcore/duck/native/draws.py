"""Spark's random functions: the draws of a partition's generator, by the position of the row."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.duck.native.registry import over_arrays
from streamcore.jvm.spark_draws import Gaussians, Numbers

if TYPE_CHECKING:
    Words = npt.NDArray[Any]

_CHARACTERS = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)


@over_arrays
def rand(arrays: Sequence[pa.Array], returns: pa.DataType) -> pa.Array:
    """`rand(seed)` of the rows with these numbers."""
    rows, seed = _numbers(arrays[0]), _seed(arrays[1])
    return pa.array(_by_row(rows, lambda first, count: _generator(seed).doubles(first, count)), returns)


@over_arrays
def randn(arrays: Sequence[pa.Array], returns: pa.DataType) -> pa.Array:
    """`randn(seed)` of the rows with these numbers."""
    rows, seed = _numbers(arrays[0]), _seed(arrays[1])
    return pa.array(_by_row(rows, _gaussians(seed).drawn), returns)


@over_arrays
def randstr(arrays: Sequence[pa.Array], returns: pa.DataType, *, length: int) -> pa.Array:
    """`randstr(length, seed)` of the rows with these numbers."""
    rows, seed = _numbers(arrays[0]), _seed(arrays[1])
    if length == 0:
        return pa.array([""] * len(rows), returns)

    def drawn(first: int, count: int) -> Words:
        ints = _generator(seed).ints(first * length, count * length).astype(np.int64)
        return _CHARACTERS[np.abs(np.fmod(ints, 62))].reshape(count, length)

    texts = _by_row(rows, drawn)
    return pa.array([bytes(row).decode("ascii") for row in texts], returns)


@over_arrays
def shuffle(arrays: Sequence[pa.Array], returns: pa.DataType) -> pa.Array:
    """The orders in which arrays of these lengths are shuffled, which begin at these draws."""
    lengths, firsts = (array.to_pylist() for array in arrays[:2])
    seed = _seed(arrays[2])
    orders = (None if n is None else _order(seed, n, at) for n, at in zip(lengths, firsts, strict=True))
    return pa.array(list(orders), returns)


@over_arrays
def uuid(arrays: Sequence[pa.Array], returns: pa.DataType) -> pa.Array:
    """`uuid(seed)` of the rows with these numbers: each takes four draws, and marks version and variant."""
    rows, seed = _numbers(arrays[0]), _seed(arrays[1])

    def drawn(first: int, count: int) -> Words:
        words = _twister(seed, 4 * (first + count))[4 * first : 4 * (first + count)].astype(np.uint64)
        halves = words[0::2] << np.uint64(32) | words[1::2]
        most = halves[0::2] & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
        least = halves[1::2] & np.uint64(0x3FFFFFFFFFFFFFFF) | np.uint64(1 << 63)
        return np.column_stack([most, least])

    made = _by_row(rows, drawn).tolist()
    return pa.array([str(UUID(int=most << 64 | least)) for most, least in made], returns)


def _order(seed: int, length: int, first: int) -> list[int]:
    """Places counted from 1, each put where a draw says."""
    order: list[int] = []
    draws = _twister(seed, first + length)[first : first + length] >> np.uint32(1)
    for place, bits in enumerate(draws.tolist()):
        count = place + 1
        other = (count * bits) >> 31 if count & (count - 1) == 0 else bits % count
        order.append(count)
        if other != place:
            order[place], order[other] = order[other], count
    return order


def _twister(seed: int, count: int) -> Words:
    """At least `count` draws of 32 bits of the Mersenne twister with a seed of 64 bits."""
    return _twisted(seed, 1 << max(10, count.bit_length()))


@functools.lru_cache(maxsize=4)
def _twisted(seed: int, count: int) -> Words:
    key = np.array([(seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF], np.uint32)
    twister = np.random.RandomState(key)
    raw: Words = twister.randint(0, 1 << 32, count, dtype=np.uint32)
    return raw


def _seed(seeds: pa.Array) -> int:
    """The seed, which is the same in all rows: as a setting it would make a function of its own."""
    return int(seeds[0].as_py()) if len(seeds) else 0


def _numbers(rows: pa.Array) -> Words:
    numbers: Words = rows.to_numpy(zero_copy_only=False)
    return numbers


def _by_row(rows: Words, drawn: Any) -> Words:
    """What `drawn(first, count)` gives for each row; rows come in runs that follow one another."""
    first = int(rows.min()) if len(rows) else 0
    made: Words = drawn(first, int(rows.max(initial=first)) - first + 1)
    found: Words = made[rows - first]
    return found


_generator = functools.lru_cache(maxsize=16)(Numbers)
_gaussians = functools.lru_cache(maxsize=16)(Gaussians)
