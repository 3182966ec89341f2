"""Bitmaps of 4096 bytes, and other values that aggregates make of all values of a group."""

from __future__ import annotations

import bisect
import itertools
import math
import struct
from collections.abc import Sequence

from streamcore.duck.native.hashes import murmur3_of_bytes
from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException
from streamcore.jvm.java_random import JavaRandom

_BYTES = 4096
_BITS = 8 * _BYTES


@by_value
def bitmap_count(bitmap: bytes) -> int:
    """How many bits are set."""
    return int.from_bytes(bitmap, "little").bit_count()


@by_value
def bitmap_construct_agg(positions: Sequence[int | None]) -> bytes:
    """The bitmap in which these bits are set."""
    made = bytearray(_BYTES)
    for position in positions:
        if position is None:
            continue
        if not 0 <= position < _BITS:
            raise IllegalArgumentException(
                f"[INVALID_BITMAP_POSITION] The 0-indexed bitmap position {position} is out of bounds. The "
                "bitmap "
                f"has {_BITS} bits ({_BYTES} bytes). SQLSTATE: 22003"
            )
        made[position // 8] |= 1 << position % 8
    return bytes(made)


@by_value
def bitmap_or_agg(bitmaps: Sequence[bytes | None]) -> bytes:
    """The bits set in any bitmap."""
    found = 0
    for bitmap in bitmaps:
        found |= int.from_bytes(bitmap or b"", "little")
    return (found & ((1 << _BITS) - 1)).to_bytes(_BYTES, "little")


@by_value
def bitmap_and_agg(bitmaps: Sequence[bytes | None]) -> bytes:
    """The bits set in every bitmap."""
    found = (1 << _BITS) - 1
    for bitmap in bitmaps:
        found &= found if bitmap is None else int.from_bytes(bitmap, "little")
    return found.to_bytes(_BYTES, "little")


@by_value
def histogram_numeric(values: Sequence[float | None], bins: int) -> list[dict[str, float]] | None:
    """Bins of like height: those that stand nearest are joined until there are as many as asked for."""
    draws, made = JavaRandom(_HISTOGRAM_SEED), _Bins()
    for value in values:
        if value is not None:
            made.add(float(value))
            if len(made.places) > bins:
                made.join_nearest(draws)
    return [{"x": x, "y": y} for x, y in zip(made.places, made.heights, strict=True)] or None


_HISTOGRAM_SEED = 31183


class _Bins:
    """Bins in the order of their places."""

    def __init__(self) -> None:
        self.places: list[float] = []
        self.heights: list[float] = []

    def add(self, value: float) -> None:
        at = bisect.bisect_left(self.places, value)
        if at < len(self.places) and self.places[at] == value:
            self.heights[at] += 1
            return
        self.places.insert(at, value)
        self.heights.insert(at, 1.0)

    def join_nearest(self, draws: JavaRandom) -> None:
        """Joins two neighbours; of several pairs that are as near a draw chooses, as Spark's does."""
        gaps = [after - before for before, after in itertools.pairwise(self.places)]
        nearest, at, ties = gaps[0], 0, 1
        for number, gap in enumerate(gaps[1:], 1):
            if gap < nearest:
                nearest, at, ties = gap, number, 1
            elif gap == nearest:
                ties += 1
                at = number if draws.next_double() <= 1.0 / ties else at
        height = self.heights[at] + self.heights[at + 1]
        # In this order of steps, to the last digit: what is as near depends on it.
        place = self.places[at] * (self.heights[at] / height)
        place += self.places[at + 1] / height * self.heights[at + 1]
        self.places[at : at + 2] = [place]
        self.heights[at : at + 2] = [height]


# ---- distinct elements and counts ----------------------------------------------------------------


@by_value
def collect_union(arrays: Sequence[Sequence[object]]) -> list[object]:
    """The distinct elements of all arrays, in the order of their first appearance."""
    found: dict[object, object] = {}
    for array in arrays:
        for element in array:
            if element is not None:
                found.setdefault(_as_key(element), element)
    return list(found.values())


def _as_key(value: object) -> object:
    """What is equal for equal values: NaN is, and nested values are told apart by their text."""
    if isinstance(value, list | dict):
        return repr(value)
    return "NaN" if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN


_PRIME = (1 << 31) - 1


@by_value
def count_min_sketch(values: Sequence[object], *, eps: float, confidence: float, seed: int) -> bytes:
    """The counts of hashes, in the form that Spark's `CountMinSketch` reads."""
    depth, width = math.ceil(-math.log1p(-confidence) / math.log(2)), math.ceil(2 / eps)
    # Of the seed Spark takes the lower 32 bits, with their sign.
    draws = JavaRandom((seed + (1 << 31)) % (1 << 32) - (1 << 31))
    factors = [draws.next_int(_PRIME) for _ in range(depth)]
    table = [[0] * width for _ in range(depth)]
    for value in values:
        for row, at in enumerate(_places(value, factors, width)):
            table[row][at] += 1
    head = struct.pack(">iqii", 1, len(values), depth, width)
    return (
        head
        + struct.pack(f">{depth}q", *factors)
        + b"".join(struct.pack(f">{width}q", *row) for row in table)
    )


def _places(value: object, factors: Sequence[int], width: int) -> list[int]:
    if isinstance(value, int):
        return [_place_of_number(value * factor) % width for factor in factors]
    data = value if isinstance(value, bytes) else str(value).encode()
    first = murmur3_of_bytes(data, 0)
    second = murmur3_of_bytes(data, first)
    found = []
    for row in range(len(factors)):
        total = (first + row * second + (1 << 31)) % (1 << 32) - (1 << 31)
        found.append(abs(int(math.fmod(total, width))))
    return found


def _place_of_number(product: int) -> int:
    wrapped = (product + (1 << 63)) % (1 << 64) - (1 << 63)
    return (wrapped + (wrapped >> 32)) & _PRIME
