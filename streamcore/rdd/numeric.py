"""Sums, moments, histograms and approximations of numbers."""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.rdd import kernels
from streamcore.rdd.approximate import BoundedFloat, HyperLogLog, mean_bounds, sum_bounds
from streamcore.rdd.ordered import OrderedRDD
from streamcore.rdd.statcounter import StatCounter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

_EMPTY = "Can not reduce() empty RDD"


class NumericRDD(OrderedRDD[T]):
    """RDDs of numbers."""

    def sum(self) -> Any:
        """Add up the records.

        >>> sc.parallelize([1.0, 2.0, 3.0]).sum()
        6.0
        """
        return sum(self.evaluate(partial(kernels.whole, sum), "sum"))

    def stats(self) -> StatCounter:
        """Return count, mean, variance and extremes, in one pass.

        >>> sc.parallelize([1, 2, 3]).stats().mean()
        2.0
        """
        parts = self.evaluate(partial(kernels.whole, StatCounter), "stats")
        if not parts:
            raise ValueError(_EMPTY)
        merged: StatCounter = parts[0]
        for part in parts[1:]:
            merged.mergeStats(part)
        return merged

    def mean(self) -> Any:
        """Return the mean.

        >>> sc.parallelize([1, 2, 3]).mean()
        2.0
        """
        return self.stats().mean()

    def variance(self) -> Any:
        """Return the variance of the records as a whole population.

        >>> sc.parallelize([1, 3]).variance()
        1.0
        """
        return self.stats().variance()

    def stdev(self) -> Any:
        """Return the standard deviation of the records as a whole population.

        >>> sc.parallelize([1, 3]).stdev()
        1.0
        """
        return self.stats().stdev()

    def sampleStdev(self) -> Any:
        """Return the standard deviation that the records, as a sample, let expect.

        >>> sc.parallelize([1, 2, 3]).sampleStdev()
        1.0
        """
        return self.stats().sampleStdev()

    def sampleVariance(self) -> Any:
        """Return the variance that the records, as a sample, let expect.

        >>> sc.parallelize([1, 2, 3]).sampleVariance()
        1.0
        """
        return self.stats().sampleVariance()

    def histogram(self, buckets: int | Sequence[Any]) -> tuple[Sequence[Any], list[int]]:
        """Count the records by bucket; return the bounds and the counts.

        Parameters
        ----------
        buckets
            How many buckets of equal width between the smallest and the largest record; or their
            bounds, sorted: each bucket holds its lower bound, the last one its upper bound too. None
            and nan are not counted, nor is what lies outside.

        >>> sc.parallelize(range(51)).histogram(2)
        ([0, 25, 50], [25, 26])
        >>> sc.parallelize(["ab", "ac", "b", "bd", "ef"]).histogram(("a", "b", "c"))
        (('a', 'b', 'c'), [2, 2])
        """
        if isinstance(buckets, int):
            return self._even_histogram(buckets)
        if not isinstance(buckets, (list, tuple)):
            raise TypeError("buckets should be a list or tuple or number(int or long)")
        _check_bounds(buckets)
        return buckets, self._count_in(buckets)

    def _even_histogram(self, buckets: int) -> tuple[Sequence[Any], list[int]]:
        if buckets < 1:
            raise ValueError("number of buckets must be >= 1")
        numbers = self.filter(_counts)
        extremes = [part for parts in numbers.evaluate(_extremes, "histogram") for part in parts]
        if not extremes:
            raise ValueError("can not generate buckets from empty RDD")
        low, high = min(e[0] for e in extremes), max(e[1] for e in extremes)
        if low == high or buckets == 1:
            return [low, high], [numbers.count()]
        bounds = _even_bounds(low, high, buckets)
        return bounds, self._count_in(bounds)

    def _count_in(self, bounds: Sequence[Any]) -> list[int]:
        parts = self.evaluate(partial(_bucket_counts, bounds), "histogram")
        if not parts:
            raise ValueError(_EMPTY)
        return [sum(counts) for counts in zip(*parts, strict=True)]

    def countApprox(self, timeout: int, confidence: float = 0.95) -> int:
        """Return how many records there are, or what is known after `timeout` milliseconds.

        >>> sc.parallelize(range(1000), 10).countApprox(1000, 1.0)
        1000
        """
        sizes, total = self.ctx.runtime.results_within(
            self.node, partial(kernels.whole, kernels.size_of), timeout / 1000
        )
        return int(sum_bounds(StatCounter(map(float, sizes)), total, confidence))

    def sumApprox(self, timeout: int, confidence: float = 0.95) -> BoundedFloat:
        """Return the sum, or an estimate with its bounds when `timeout` milliseconds do not suffice.

        >>> sc.parallelize(range(1000), 10).sumApprox(1000)
        499500.0
        """
        sums, total = self.ctx.runtime.results_within(self.node, partial(kernels.whole, sum), timeout / 1000)
        return sum_bounds(StatCounter(map(float, sums)), total, confidence)

    def meanApprox(self, timeout: int, confidence: float = 0.95) -> BoundedFloat:
        """Return the mean, or an estimate with its bounds when `timeout` milliseconds do not suffice.

        >>> sc.parallelize(range(1000), 10).meanApprox(1000)
        499.5
        """
        parts, total = self.ctx.runtime.results_within(
            self.node, partial(kernels.whole, StatCounter), timeout / 1000
        )
        merged = StatCounter()
        for part in parts:
            merged.mergeStats(part)
        return mean_bounds(merged, confidence, complete=len(parts) == total)

    def countApproxDistinct(self, relativeSD: float = 0.05) -> int:
        """Estimate how many different records there are, by HyperLogLog.

        `relativeSD` is the relative error to expect; smaller takes more memory; at least 0.000017.

        >>> 900 < sc.parallelize(range(1000)).map(str).countApproxDistinct() < 1100
        True
        """
        if relativeSD < 0.000017:
            raise ValueError("relativeSD should be greater than 0.000017")
        counter = HyperLogLog.for_error(relativeSD)
        for registers in self.evaluate(partial(kernels.whole, counter.registers_of), "countApproxDistinct"):
            counter.merge(registers)
        return round(counter.estimate())


def _counts(record: Any) -> bool:
    return record is not None and not (isinstance(record, float) and math.isnan(record))


def _extremes(_: int, records: Iterator[Any]) -> list[tuple[Any, Any]]:
    for first in records:
        low = high = first
        for record in records:
            if record < low:
                low = record
            elif record > high:
                high = record
        return [(low, high)]
    return []


def _even_bounds(low: Any, high: Any, buckets: int) -> list[Any]:
    try:
        width = (high - low) / buckets
    except TypeError:
        raise TypeError("Can not generate buckets with non-number in RDD") from None
    if math.isinf(width):
        raise ValueError("Can not generate buckets with infinite value")
    step = int(width) if int(width) * buckets == high - low else width
    return [*(i * step + low for i in range(buckets)), high]


def _check_bounds(bounds: Sequence[Any]) -> None:
    if len(bounds) < 2:
        raise ValueError("buckets should have more than one value")
    if not all(map(_counts, bounds)):
        raise ValueError("can not have None or NaN in buckets")
    if sorted(bounds) != list(bounds):
        raise ValueError("buckets should be sorted")
    if len(set(bounds)) != len(bounds):
        raise ValueError("buckets should not contain duplicated values")


def _bucket_counts(bounds: Sequence[Any], _: int, records: Iterator[Any]) -> list[int]:
    low, high, last = bounds[0], bounds[-1], len(bounds) - 2
    counts = [0] * (last + 1)
    for record in records:
        if _counts(record) and low <= record <= high:
            counts[min(bisect_right(bounds, record) - 1, last)] += 1
    return counts
