"""Draws of Spark's generator, many at once: what begins with the same numbers ends with the same.

The generator's step (xor-shift) is linear over bits, so a run of states is doubled at a time: what a state
becomes after 2^k steps is one look-up per byte in tables made for that distance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamcore.jvm.java_random import INCREMENT, MULTIPLIER, XorShiftRandom

Words = NDArray[np.uint64]

_ACCEPTED = 0.785  # the share of pairs within the unit circle


def gaussians(seed: int, count: int) -> NDArray[np.float64]:
    """What `count` calls of `nextGaussian` return for the seed.

    >>> drawn, one_by_one = gaussians(7, 3), XorShiftRandom(7)
    >>> drawn.tolist() == [one_by_one.next_gaussian() for _ in range(3)]
    True
    """
    pairs = int(count / 2 / _ACCEPTED * 1.05) + 64
    while True:
        first, second = (2.0 * uniforms(seed, 2 * pairs) - 1.0).reshape(-1, 2).T
        square = first * first + second * second
        kept = (square > 0) & (square < 1)
        if 2 * int(kept.sum()) >= count:
            break
        pairs *= 2
    scale = np.sqrt(-2 * np.log(square[kept]) / square[kept])
    return np.column_stack([first[kept] * scale, second[kept] * scale]).ravel()[:count]


def uniforms(seed: int, count: int) -> NDArray[np.float64]:
    """What `count` calls of `nextDouble` return for the seed.

    >>> drawn, one_by_one = uniforms(7, 3), XorShiftRandom(7)
    >>> drawn.tolist() == [one_by_one.next_double() for _ in range(3)]
    True
    """
    high, low = _states(XorShiftRandom(seed).state, 2 * count).reshape(-1, 2).T
    bits = ((high & np.uint64((1 << 26) - 1)) << np.uint64(27)) + (low & np.uint64((1 << 27) - 1))
    return bits.astype(np.float64) / float(1 << 53)


def java_uniforms(seed: int, count: int) -> NDArray[np.float64]:
    """What `count` calls of `nextDouble` of a `java.util.Random` return for the seed.

    >>> from streamcore.jvm.java_random import JavaRandom
    >>> drawn, one_by_one = java_uniforms(7, 3), JavaRandom(7)
    >>> drawn.tolist() == [one_by_one.next_double() for _ in range(3)]
    True
    """
    factor, summand, mask = MULTIPLIER, INCREMENT, (1 << 48) - 1
    found = np.array([(((seed ^ factor) & mask) * factor + summand) & mask], np.uint64)
    while len(found) < 2 * count:  # the step, applied as often as there are states, doubles their run
        moved = (found * np.uint64(factor) + np.uint64(summand)) & np.uint64(mask)
        found = np.concatenate([found, moved])
        factor, summand = factor * factor & mask, (summand * factor + summand) & mask
    high, low = found[: 2 * count].reshape(-1, 2).T
    bits = ((high >> np.uint64(22)) << np.uint64(27)) + (low >> np.uint64(21))
    return bits.astype(np.float64) / float(1 << 53)


def _states(seed: int, count: int) -> Words:
    """The states that follow the seed."""
    found = _step(np.array([seed], np.uint64))
    columns = _step(np.uint64(1) << np.arange(64, dtype=np.uint64))
    while len(found) < count:
        tables = _tables(columns)
        found = np.concatenate([found, _moved(tables, found)])
        columns = _moved(tables, columns)
    return found[:count]


def _step(state: Words) -> Words:
    state = state ^ (state << np.uint64(21))
    state = state ^ (state >> np.uint64(35))
    return state ^ (state << np.uint64(4))


def _tables(columns: Words) -> Words:
    """(byte's place, byte) -> its part of the state that the columns, one for each bit, lead to."""
    tables = np.zeros((8, 256), np.uint64)
    for place in range(8):
        for bit in range(8):
            tables[place, 1 << bit : 2 << bit] = tables[place, : 1 << bit] ^ columns[8 * place + bit]
    return tables


def _moved(tables: Words, states: Words) -> Words:
    found = np.zeros_like(states)
    for place in range(8):
        found ^= tables[place, (states >> np.uint64(8 * place)) & np.uint64(255)]
    return found
