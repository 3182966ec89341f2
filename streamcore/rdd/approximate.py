"""Answers with an error bound: from part of the partitions, or from a sketch."""

from __future__ import annotations

import math
from itertools import islice
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Self

from streamcore.rdd.partitioner import portable_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from streamcore.rdd.statcounter import StatCounter

_CHUNK = 16384


class BoundedFloat(float):
    """A number with the interval that holds the true one with some confidence.

    >>> BoundedFloat(100.0, 0.95, 95.0, 105.0).low
    95.0
    """

    confidence: float
    low: float
    high: float

    def __new__(cls, mean: float, confidence: float, low: float, high: float) -> Self:
        """Return `mean` with its bounds."""
        number = float.__new__(cls, mean)
        number.confidence, number.low, number.high = confidence, low, high
        return number


def sum_bounds(parts: StatCounter, total: int, confidence: float) -> BoundedFloat:
    """Estimate the sum over `total` partitions from the sums of those that are known."""
    if parts.n == total:
        exact = float(parts.sum())
        return BoundedFloat(exact, 1.0, exact, exact)
    if parts.n == 0:
        return BoundedFloat(0.0, 0.0, -math.inf, math.inf)
    estimate = float(parts.mean()) * total
    spread = (
        math.sqrt(parts.sampleVariance() * total * (total - parts.n) / parts.n) if parts.n > 1 else math.inf
    )
    return _around(estimate, spread, confidence)


def mean_bounds(seen: StatCounter, confidence: float, *, complete: bool) -> BoundedFloat:
    """Estimate the mean from the records that are known."""
    mean = float(seen.mean())
    if complete:
        return BoundedFloat(mean, 1.0, mean, mean)
    spread = math.sqrt(seen.sampleVariance() / seen.n) if seen.n > 1 else math.inf
    return _around(mean, spread, confidence)


def _around(estimate: float, spread: float, confidence: float) -> BoundedFloat:
    reach = NormalDist().inv_cdf((1 + confidence) / 2) if confidence < 1 else math.inf
    return BoundedFloat(estimate, confidence, estimate - reach * spread, estimate + reach * spread)


class HyperLogLog:
    """Counts different records in fixed memory: 2^precision registers.

    >>> counter = HyperLogLog(14)
    >>> counter.merge(counter.registers_of(iter(range(5000))))
    >>> 4800 < counter.estimate() < 5200
    True
    """

    def __init__(self, precision: int) -> None:
        self._precision = precision
        self._registers: NDArray[np.uint8] | None = None

    @staticmethod
    def for_error(relative_deviation: float) -> HyperLogLog:
        """Return a counter whose relative standard error is at most this."""
        precision = math.ceil(2.0 * math.log2(1.054 / relative_deviation))
        return HyperLogLog(max(4, precision))

    def registers_of(self, records: Iterator[Any]) -> NDArray[np.uint8]:
        """Return the registers after counting the records; the counter itself stays as it is."""
        import numpy as np

        registers = np.zeros(1 << self._precision, dtype=np.uint8)
        while chunk := list(islice(records, _CHUNK)):
            hashes = _mix(np.array([portable_hash(x) & 0xFFFFFFFFFFFFFFFF for x in chunk], dtype=np.uint64))
            index = (hashes >> np.uint64(64 - self._precision)).astype(np.int64)
            rest = (hashes << np.uint64(self._precision)) | np.uint64(1 << (self._precision - 1))
            np.maximum.at(registers, index, _leading_zeros(rest) + np.uint8(1))
        return registers

    def merge(self, registers: NDArray[np.uint8]) -> None:
        """Take over what other registers have counted."""
        import numpy as np

        self._registers = registers if self._registers is None else np.maximum(self._registers, registers)

    def estimate(self) -> float:
        """Return how many different records were counted, about."""
        import numpy as np

        if self._registers is None:
            return 0.0
        m = 1 << self._precision
        alpha = 0.7213 / (1 + 1.079 / m)
        raw = alpha * m * m / float(np.sum(np.exp2(-self._registers.astype(np.float64))))
        zeros = int(np.count_nonzero(self._registers == 0))
        if raw <= 2.5 * m and zeros:
            return m * math.log(m / zeros)
        return raw


def _mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of hashes that are as regular as those of small integers (SplitMix64)."""
    import numpy as np

    mixed = hashes + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _leading_zeros(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    import numpy as np

    zeros = np.zeros(words.shape, dtype=np.uint8)
    for bits in (32, 16, 8, 4, 2, 1):
        empty = words >> np.uint64(64 - bits) == 0
        zeros[empty] += np.uint8(bits)
        words = np.where(empty, words << np.uint64(bits), words)
    return zeros
