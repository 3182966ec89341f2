"""RDDs of random numbers and vectors."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException

if TYPE_CHECKING:
    from streamcore.context import Context
    from streamcore.rdd.rdd import RDD

__all__ = ["RandomRDDs"]

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


class RandomRDDs:
    """RDDs of independent draws; vectors are arrays of numpy, as in PySpark.

    The same seed gives the same numbers, for one number of partitions; they are numpy's and not Spark's.
    """

    @staticmethod
    def uniformRDD(
        sc: Context, size: int, numPartitions: int | None = None, seed: int | None = None
    ) -> RDD[float]:
        """Uniform draws from 0 to 1."""
        return _numbers(sc, _uniform, size, numPartitions, seed)

    @staticmethod
    def normalRDD(
        sc: Context, size: int, numPartitions: int | None = None, seed: int | None = None
    ) -> RDD[float]:
        """Draws from the standard normal distribution."""
        return _numbers(sc, _Normal(0.0, 1.0), size, numPartitions, seed)

    @staticmethod
    def logNormalRDD(
        sc: Context,
        mean: float,
        std: float,
        size: int,
        numPartitions: int | None = None,
        seed: int | None = None,
    ) -> RDD[float]:
        """Draws whose logarithms are normal with this mean and standard deviation."""
        return _numbers(sc, _LogNormal(mean, std), size, numPartitions, seed)

    @staticmethod
    def poissonRDD(
        sc: Context, mean: float, size: int, numPartitions: int | None = None, seed: int | None = None
    ) -> RDD[float]:
        """Draws from the Poisson distribution."""
        return _numbers(sc, _Poisson(mean), size, numPartitions, seed)

    @staticmethod
    def exponentialRDD(
        sc: Context, mean: float, size: int, numPartitions: int | None = None, seed: int | None = None
    ) -> RDD[float]:
        """Draws from the exponential distribution of a mean."""
        return _numbers(sc, _Gamma(1.0, mean), size, numPartitions, seed)

    @staticmethod
    def gammaRDD(
        sc: Context,
        shape: float,
        scale: float,
        size: int,
        numPartitions: int | None = None,
        seed: int | None = None,
    ) -> RDD[float]:
        """Draws from the gamma distribution."""
        return _numbers(sc, _Gamma(shape, scale), size, numPartitions, seed)

    @staticmethod
    def uniformVectorRDD(
        sc: Context, numRows: int, numCols: int, numPartitions: int | None = None, seed: int | None = None
    ) -> RDD[np.ndarray]:
        """Vectors of uniform draws from 0 to 1."""
        return _vectors(sc, _uniform, numRows, numCols, numPartitions, seed)

    @staticmethod
    def normalVectorRDD(
        sc: Context, numRows: int, numCols: int, numPartitions: int | None = None, seed: int | None = None
    ) -> RDD[np.ndarray]:
        """Vectors of draws from the standard normal distribution."""
        return _vectors(sc, _Normal(0.0, 1.0), numRows, numCols, numPartitions, seed)

    @staticmethod
    def logNormalVectorRDD(
        sc: Context,
        mean: float,
        std: float,
        numRows: int,
        numCols: int,
        numPartitions: int | None = None,
        seed: int | None = None,
    ) -> RDD[np.ndarray]:
        """Vectors of draws whose logarithms are normal with this mean and standard deviation."""
        return _vectors(sc, _LogNormal(mean, std), numRows, numCols, numPartitions, seed)

    @staticmethod
    def poissonVectorRDD(
        sc: Context,
        mean: float,
        numRows: int,
        numCols: int,
        numPartitions: int | None = None,
        seed: int | None = None,
    ) -> RDD[np.ndarray]:
        """Vectors of draws from the Poisson distribution."""
        return _vectors(sc, _Poisson(mean), numRows, numCols, numPartitions, seed)

    @staticmethod
    def exponentialVectorRDD(
        sc: Context,
        mean: float,
        numRows: int,
        numCols: int,
        numPartitions: int | None = None,
        seed: int | None = None,
    ) -> RDD[np.ndarray]:
        """Vectors of draws from the exponential distribution of a mean."""
        return _vectors(sc, _Gamma(1.0, mean), numRows, numCols, numPartitions, seed)

    @staticmethod
    def gammaVectorRDD(
        sc: Context,
        shape: float,
        scale: float,
        numRows: int,
        numCols: int,
        numPartitions: int | None = None,
        seed: int | None = None,
    ) -> RDD[np.ndarray]:
        """Vectors of draws from the gamma distribution."""
        return _vectors(sc, _Gamma(shape, scale), numRows, numCols, numPartitions, seed)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.random(shape)


@dataclass(frozen=True)
class _Normal:
    mean: float
    std: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.normal(self.mean, self.std, shape)


@dataclass(frozen=True)
class _LogNormal:
    mean: float
    std: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.lognormal(self.mean, self.std, shape)


@dataclass(frozen=True)
class _Poisson:
    mean: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.poisson(self.mean, shape).astype(np.float64)


@dataclass(frozen=True)
class _Gamma:
    shape: float
    scale: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.gamma(self.shape, self.scale, shape)


def _numbers(sc: Context, draw: Draw, size: int, parts: int | None, seed: int | None) -> RDD[float]:
    return _drawn(sc, draw, size, (), parts, seed, np.ndarray.tolist)


def _vectors(
    sc: Context, draw: Draw, rows: int, columns: int, parts: int | None, seed: int | None
) -> RDD[np.ndarray]:
    return _drawn(sc, draw, rows, (columns,), parts, seed, list)


def _drawn(
    sc: Context,
    draw: Draw,
    size: int,
    inner: tuple[int, ...],
    parts: int | None,
    seed: int | None,
    told: Callable[[np.ndarray], list[Any]],
) -> RDD[Any]:
    """As many draws in each partition as in the others, give or take one; each has a generator of its own."""
    if size <= 0:
        raise IllegalArgumentException(f"requirement failed: Positive RDD size required, not {size}.")
    count = parts or sc.defaultParallelism
    first = secrets.randbits(63) if seed is None else seed % (1 << 64)

    def make(place: int, _: Iterator[Any]) -> Iterator[Any]:
        rows = (place + 1) * size // count - place * size // count
        rng = np.random.default_rng([first, place])
        return iter(told(draw(rng, (rows, *inner))))

    return sc.parallelize(range(count), count).mapPartitionsWithIndex(make)
