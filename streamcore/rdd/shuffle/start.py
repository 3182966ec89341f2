"""Where a map task starts to deal: the position that Spark's XORShiftRandom gives, for equal partitions."""

from __future__ import annotations

_MASK32 = (1 << 32) - 1
_MASK64 = (1 << 64) - 1
_HASH_SEED = 0x3C074A61


def start_position(map_partition: int, partitions: int) -> int:
    """Return the first integer below `partitions` of the generator seeded with `map_partition`.

    >>> [start_position(0, partitions) for partitions in (2, 3, 7)]
    [0, 2, 2]
    """
    data = map_partition.to_bytes(8, "big")
    low = _murmur3(data, _HASH_SEED)
    state = _murmur3(data, low) << 32 | low
    while True:
        state = _step(state)
        draw = state & 0x7FFFFFFF
        if partitions & (partitions - 1) == 0:
            return partitions * draw >> 31
        # A draw from the last, incomplete stretch would favour small numbers.
        if draw - draw % partitions + partitions - 1 < 1 << 31:
            return draw % partitions


def _step(state: int) -> int:
    state ^= (state << 21) & _MASK64
    state ^= state >> 35
    return state ^ (state << 4) & _MASK64


def _murmur3(data: bytes, seed: int) -> int:
    """Return the 32-bit MurmurHash3 of whole words."""
    value = seed
    for at in range(0, len(data), 4):
        word = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & _MASK32
        value ^= _rotate(word, 15) * 0x1B873593 & _MASK32
        value = (_rotate(value, 13) * 5 + 0xE6546B64) & _MASK32
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & _MASK32
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK32
    return value ^ value >> 16


def _rotate(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _MASK32
