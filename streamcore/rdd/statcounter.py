"""Count, mean, variance and extremes in one pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class StatCounter:
    """Running statistics of numbers, mergeable without loss of precision (Welford, Chan et al.).

    Numpy arrays count element by element.

    >>> StatCounter([1.0, 2.0, 3.0, 4.0])
    (count: 4, mean: 2.5, stdev: 1.118033988749895, max: 4.0, min: 1.0)
    >>> StatCounter([1.0, 2.0]).mergeStats(StatCounter([3.0])).mean()
    2.0
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.n = 0
        self.mu: Any = 0.0
        self.m2: Any = 0.0
        self.maxValue: Any = -math.inf
        self.minValue: Any = math.inf
        for value in values:
            self.merge(value)

    def merge(self, value: Any) -> StatCounter:
        """Count one more value; return this counter."""
        off = value - self.mu
        self.n += 1
        self.mu += off / self.n
        self.m2 += off * (value - self.mu)
        self.maxValue = _larger(self.maxValue, value)
        self.minValue = _smaller(self.minValue, value)
        return self

    def mergeStats(self, other: StatCounter) -> StatCounter:
        """Count all that `other` has counted; return this counter."""
        if not isinstance(other, StatCounter):
            raise TypeError(f"only a StatCounter can be merged, not {type(other).__name__}")
        if other.n == 0:
            return self
        if self.n == 0:
            self.__dict__.update(other.__dict__)
            return self
        n, off = self.n + other.n, other.mu - self.mu
        self.m2 = self.m2 + other.m2 + off * off * self.n * other.n / n
        self.mu = self._merged_mean(other, off, n)
        self.n = n
        self.maxValue = _larger(self.maxValue, other.maxValue)
        self.minValue = _smaller(self.minValue, other.minValue)
        return self

    def _merged_mean(self, other: StatCounter, off: Any, n: int) -> Any:
        # Moving the mean of the larger side a little loses fewer digits than weighing both.
        if other.n * 10 < self.n:
            return self.mu + off * other.n / n
        if self.n * 10 < other.n:
            return other.mu - off * self.n / n
        return (self.mu * self.n + other.mu * other.n) / n

    def copy(self) -> StatCounter:
        """Return a counter with the same figures that counts on its own."""
        twin = StatCounter()
        twin.__dict__.update(self.__dict__)
        return twin

    def count(self) -> int:
        """Return how many values were counted."""
        return self.n

    def mean(self) -> Any:
        """Return the mean; 0.0 of nothing."""
        return self.mu

    def sum(self) -> Any:
        """Return the sum."""
        return self.n * self.mu

    def min(self) -> Any:
        """Return the smallest value; infinity of nothing."""
        return self.minValue

    def max(self) -> Any:
        """Return the largest value; minus infinity of nothing."""
        return self.maxValue

    def variance(self) -> Any:
        """Return the variance of the values as a whole population; nan of nothing."""
        return self.m2 / self.n if self.n else math.nan

    def sampleVariance(self) -> Any:
        """Return the variance that the values, as a sample, let expect; nan of fewer than two."""
        return self.m2 / (self.n - 1) if self.n > 1 else math.nan

    def stdev(self) -> Any:
        """Return the square root of `variance`."""
        return _root(self.variance())

    def sampleStdev(self) -> Any:
        """Return the square root of `sampleVariance`."""
        return _root(self.sampleVariance())

    def asDict(self, sample: bool = False) -> dict[str, Any]:
        """Return all figures by name.

        As in PySpark, `stdev` is the sample's when `sample` is False and the population's when it is
        True, and `variance` the other way round.
        """
        return {
            "count": self.count(),
            "mean": self.mean(),
            "sum": self.sum(),
            "min": self.min(),
            "max": self.max(),
            "stdev": self.stdev() if sample else self.sampleStdev(),
            "variance": self.variance() if sample else self.sampleVariance(),
        }

    def __repr__(self) -> str:
        return (
            f"(count: {self.count()}, mean: {self.mean()}, stdev: {self.stdev()}, "
            f"max: {self.max()}, min: {self.min()})"
        )


def _is_array(value: object) -> bool:
    return type(value).__module__ == "numpy" and getattr(value, "ndim", 0) > 0


def _larger(left: Any, right: Any) -> Any:
    if _is_array(left) or _is_array(right):
        import numpy as np

        return np.maximum(left, right)
    # A nan is the result as soon as there is one, as with numpy.maximum.
    return left if left != left or left >= right else right  # noqa: PLR0124


def _smaller(left: Any, right: Any) -> Any:
    if _is_array(left) or _is_array(right):
        import numpy as np

        return np.minimum(left, right)
    return left if left != left or left <= right else right  # noqa: PLR0124


def _root(value: Any) -> Any:
    if _is_array(value):
        import numpy as np

        return np.sqrt(value)
    return math.sqrt(value)
