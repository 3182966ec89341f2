"""The random numbers of the JVM: where a model is made of them, the same seed must give the same model."""

from __future__ import annotations

import math
import struct

from streamcore.errors import IllegalArgumentException
from streamcore.jvm.murmur3 import hash_bytes

_MASK_48 = (1 << 48) - 1
_MASK_64 = (1 << 64) - 1
MULTIPLIER, INCREMENT = 0x5DEECE66D, 0xB
_SPARK_ARRAY_SEED = 0x3C074A61


class JavaRandom:
    """`java.util.Random`: a linear congruential generator of 48 bits, as its documentation states it.

    >>> r = JavaRandom(42)
    >>> r.next_int(10), r.next_int(10), round(r.next_gaussian(), 6)
    (0, 3, 1.102744)
    """

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ MULTIPLIER) & _MASK_48
        self._spare: float | None = None

    def next_int(self, bound: int) -> int:
        """An int in [0, bound), every one as likely."""
        if bound & (bound - 1) == 0:
            return (bound * self._bits(31)) >> 31
        while True:
            drawn = self._bits(31)
            value = drawn % bound
            if drawn - value + bound - 1 < 1 << 31:
                return value

    def next_int32(self) -> int:
        """A whole number of 32 bits, with its sign."""
        return _signed(self._bits(32))

    def next_long(self) -> int:
        """A whole number of 64 bits, with its sign."""
        high, low = _signed(self._bits(32)), _signed(self._bits(32))
        return _signed(((high << 32) + low) & _MASK_64, 64)

    def next_double(self) -> float:
        """A double in [0, 1) of 53 random bits."""
        return float((self._bits(26) << 27) + self._bits(27)) / float(1 << 53)

    def next_gaussian(self) -> float:
        """A draw from the standard normal distribution, by the polar method; every other one is spare."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            return spare
        while True:
            first, second = 2 * self.next_double() - 1, 2 * self.next_double() - 1
            square = first * first + second * second
            if 0 < square < 1:
                scale = math.sqrt(-2 * math.log(square) / square)
                self._spare = second * scale
                return first * scale

    def _bits(self, bits: int) -> int:
        self._state = (self._state * MULTIPLIER + INCREMENT) & _MASK_48
        return self._state >> (48 - bits)


class XorShiftRandom(JavaRandom):
    """Spark's generator: xor-shift over a seed that is hashed first, with the methods of Java's."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        if not -(1 << 63) <= seed < 1 << 63:
            raise IllegalArgumentException(f"a seed is a whole number of 64 bits, which {seed} is not")
        data = struct.pack(">q", seed)
        low = hash_bytes(data, _SPARK_ARRAY_SEED)
        self._state = (hash_bytes(data, low) << 32) | low

    @property
    def state(self) -> int:
        """The 64 bits that the next numbers are made of."""
        return self._state

    def _bits(self, bits: int) -> int:
        state = self._state
        state ^= (state << 21) & _MASK_64
        state ^= state >> 35
        state ^= (state << 4) & _MASK_64
        self._state = state
        return state & ((1 << bits) - 1)


def _signed(value: int, bits: int = 32) -> int:
    return value - (1 << bits) if value >= 1 << (bits - 1) else value
