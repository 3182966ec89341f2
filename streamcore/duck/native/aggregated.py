"""Bitmaps of 4096 bytes, and other values that aggregates make of all values of a group."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException

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
    made: list[list[float]] = []
    for value in values:
        if value is None:
            continue
        _added(made, float(value))
        if len(made) > bins:
            _joined(made)
    return [{"x": x, "y": y} for x, y in made] or None


def _added(bins: list[list[float]], value: float) -> None:
    at = next((at for at, (x, _) in enumerate(bins) if x >= value), len(bins))
    if at < len(bins) and bins[at][0] == value:
        bins[at][1] += 1
    else:
        bins.insert(at, [value, 1.0])


def _joined(bins: list[list[float]]) -> None:
    gaps = [after[0] - before[0] for before, after in itertools.pairwise(bins)]
    at = gaps.index(min(gaps))
    (x, y), (other, count) = bins[at], bins[at + 1]
    bins[at : at + 2] = [[(x * y + other * count) / (y + count), y + count]]
