"""Draws of Spark's generator, many at once: what begins with the same numbers ends with the same.

The generator's step (xor-shift) is linear over bits, so a run of states is doubled at a time: what a state
becomes after 2^k steps is one look-up per byte in tables made for that distance.
"""

from __future__ import annotations

import functools
from threading import Lock

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
    return _doubles(_states(XorShiftRandom(seed).state, 2 * count))


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


class Numbers:
    """The numbers of one generator from any place on.

    >>> Numbers(7).doubles(2, 2).tolist() == uniforms(7, 4)[2:].tolist()
    True
    """

    def __init__(self, seed: int) -> None:
        self._first = XorShiftRandom(seed).state

    def ints(self, first: int, count: int) -> NDArray[np.int32]:
        """What calls of `nextInt` give, from the call number `first` on."""
        return self._states(first, count).astype(np.uint32).view(np.int32)

    def doubles(self, first: int, count: int) -> NDArray[np.float64]:
        """What calls of `nextDouble` give, from the call number `first` on."""
        return _doubles(self._states(2 * first, 2 * count))

    def _states(self, first: int, count: int) -> Words:
        return _states(int(_ahead(np.array([self._first], np.uint64), first)[0]), count)


class Gaussians:
    """What calls of `nextGaussian` give; each block of them begins where the one before has ended.

    >>> Gaussians(7).drawn(5000, 2).tolist() == gaussians(7, 5002)[5000:].tolist()
    True
    """

    _BLOCK = 4096

    def __init__(self, seed: int) -> None:
        # How many numbers have been drawn before each block; even, since two come of a pair.
        self._begins = [0]
        self._numbers = Numbers(seed)
        self._lock = Lock()

    def drawn(self, first: int, count: int) -> NDArray[np.float64]:
        """The numbers from the one numbered `first` on."""
        begin, end = first // self._BLOCK, (first + max(count, 1) - 1) // self._BLOCK
        blocks = np.concatenate([self._block(number) for number in range(begin, end + 1)])
        at = first - begin * self._BLOCK
        return blocks[at : at + count]

    def _block(self, number: int) -> NDArray[np.float64]:
        with self._lock:
            while len(self._begins) <= number:
                self._begins.append(self._begins[-1] + self._made(self._begins[-1])[1])
            return self._made(self._begins[number])[0]

    def _made(self, begin: int) -> tuple[NDArray[np.float64], int]:
        """A block, and how many uniform numbers it takes."""
        pairs = int(self._BLOCK / 2 / _ACCEPTED * 1.05) + 64
        while True:
            first, second = (2.0 * self._numbers.doubles(begin, 2 * pairs) - 1.0).reshape(-1, 2).T
            square = first * first + second * second
            places = np.flatnonzero((square > 0) & (square < 1))[: self._BLOCK // 2]
            if len(places) == self._BLOCK // 2:
                break
            pairs *= 2
        scale = np.sqrt(-2 * np.log(square[places]) / square[places])
        block = np.column_stack([first[places] * scale, second[places] * scale]).ravel()
        return block, 2 * (int(places[-1]) + 1)


def _doubles(states: Words) -> NDArray[np.float64]:
    high, low = states.reshape(-1, 2).T
    bits = ((high & np.uint64((1 << 26) - 1)) << np.uint64(27)) + (low & np.uint64((1 << 27) - 1))
    return bits.astype(np.float64) / float(1 << 53)


def _ahead(states: Words, steps: int) -> Words:
    """The states after so many steps."""
    for place in range(steps.bit_length()):
        if steps >> place & 1:
            states = _moved(_jump(place), states)
    return states


@functools.cache
def _jump(place: int) -> Words:
    """The tables of 2^place steps."""
    columns = np.uint64(1) << np.arange(64, dtype=np.uint64)
    return _tables(
        _step(columns) if place == 0 else _moved(_jump(place - 1), _moved(_jump(place - 1), columns))
    )
