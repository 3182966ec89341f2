"""Locality-sensitive hashing for Euclidean and for Jaccard distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.jvm.java_random import JavaRandom
from streamcore.models.ml.feature.buckets import LSH, Hashes, LSHModel, LSHParams, Tables, check_rows
from streamcore.models.ml.feature.inputs import require
from streamcore.models.ml.feature.kinds import Matrix, is_sparse
from streamcore.models.ml.linalg import DenseMatrix, MatrixUDT
from streamcore.models.ml.needs import needed
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasSeed
from streamcore.models.ml.param.validators import greater
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    from typing import Self

_PRIME = 2038074743
"""The greatest index that MinHash can take is below it."""


@dataclass(frozen=True)
class Projections(Tables):
    """Rows by how far along some directions they are, in steps of a length."""

    directions: npt.NDArray[np.float64]
    length: float

    @property
    def count(self) -> int:
        """How many tables there are."""
        return len(self.directions)

    def hashes(self, rows: Matrix) -> Hashes:
        """The step of each row along each direction."""
        check_rows(rows, self.directions.shape[1])
        along: Hashes = np.floor((rows @ self.directions.T) / self.length)
        return along

    def distances(self, left: Matrix, right: Matrix) -> npt.NDArray[np.float64]:
        """Euclidean distances."""
        apart = left - right
        squares = apart.multiply(apart) if is_sparse(apart) else apart * apart
        apart_by: npt.NDArray[np.float64] = np.sqrt(np.asarray(squares.sum(axis=1)).reshape(-1))
        return apart_by


@dataclass(frozen=True)
class MinHashes(Tables):
    """Rows, as sets of the indices that are not zero, by the least of (1 + index) * a + b over a prime."""

    coefficients: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """How many tables there are."""
        return len(self.coefficients)

    def hashes(self, rows: Matrix) -> Hashes:
        """The least value of each row by each pair of coefficients."""
        sets = _sets(rows)
        require(bool((np.diff(sets.indptr) > 0).all()), "Must have at least 1 non zero entry.")
        elements = sets.indices.astype(np.int64) + 1
        least = [
            np.minimum.reduceat((elements * a + b) % _PRIME, sets.indptr[:-1]) for a, b in self.coefficients
        ]
        return np.stack(least, axis=1).astype(np.float64)

    def distances(self, left: Matrix, right: Matrix) -> npt.NDArray[np.float64]:
        """Jaccard distances: which share of the indices of both is not in both."""
        mine, theirs = _sets(left), _sets(right)
        shared = np.asarray(mine.multiply(theirs).sum(axis=1)).reshape(-1)
        either = np.diff(mine.indptr) + np.diff(theirs.indptr) - shared
        require(bool((either > 0).all()), "The union of two input sets must have at least 1 elements")
        jaccard: npt.NDArray[np.float64] = 1 - shared / either
        return jaccard


class _BucketedRandomProjectionLSHParams(LSHParams):
    """The parameters of BucketedRandomProjectionLSH and of its model."""

    bucketLength: Param[float] = Param(
        Params._dummy(), "bucketLength",
        "how long each bucket is: with longer ones fewer neighbours are missed, and more is computed",
        TypeConverters.toFloat, greater(0),
    )  # fmt: skip

    def getBucketLength(self) -> float:
        """How long each bucket is."""
        return self.getOrDefault(self.bucketLength)


class BucketedRandomProjectionLSH(
    LSH["BucketedRandomProjectionLSHModel"], _BucketedRandomProjectionLSHParams, HasSeed
):
    """Hashing for Euclidean distance: buckets along random directions, the same as Spark's for a seed.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> points = [(0, Vectors.dense(1.0, 1.0)), (1, Vectors.dense(9.0, 9.0))]
    >>> rows = Session.builder.getOrCreate().createDataFrame(points, ["id", "point"])
    >>> lsh = BucketedRandomProjectionLSH(inputCol="point", outputCol="buckets", bucketLength=2.0, seed=1)
    >>> found = lsh.fit(rows).approxNearestNeighbors(rows, Vectors.dense(1.0, 1.5), 1)
    >>> found.select("id", "distCol").collect()
    [Row(id=0, distCol=0.5)]
    """

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        seed: int | None = None,
        numHashTables: int = 1,
        bucketLength: float | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        seed: int | None = None,
        numHashTables: int = 1,
        bucketLength: float | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setBucketLength(self, value: float) -> Self:
        """Set `bucketLength`."""
        return self._set(bucketLength=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def _drawn(self, size: int) -> BucketedRandomProjectionLSHModel:
        require(self.isDefined("bucketLength"), f"{self.uid} needs the parameter bucketLength")
        drawn, count = JavaRandom(self.getSeed()), self.getNumHashTables()
        values = np.array([drawn.next_gaussian() for _ in range(count * size)]).reshape(count, size)
        norms = np.linalg.norm(values, axis=1, keepdims=True)
        return BucketedRandomProjectionLSHModel(values / np.where(norms > 0, norms, 1))


class BucketedRandomProjectionLSHModel(LSHModel, _BucketedRandomProjectionLSHParams):
    """Hashes vectors by floor(direction . vector / bucketLength), for each of some random directions."""

    def __init__(self, directions: npt.NDArray[np.float64] | None = None) -> None:
        super().__init__()
        self._directions = np.empty((0, 0)) if directions is None else directions

    def _tables(self) -> Projections:
        return Projections(self._directions, self.getBucketLength())

    def _data(self) -> pa.Table:
        kind = to_arrow_type(MatrixUDT.sqlType())
        tables, size = self._directions.shape
        matrix = DenseMatrix(tables, size, self._directions.ravel(), isTransposed=True)
        stored = dict(zip(MatrixUDT.sqlType().names, MatrixUDT().serialize(matrix), strict=True))
        return pa.table({"randUnitVectors": pa.array([stored], kind)})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        stored = data.column("randUnitVectors")[0].as_py()
        return cls(MatrixUDT().deserialize(tuple(stored.values())).toArray())


class MinHashLSH(LSH["MinHashLSHModel"], HasSeed):
    """Hashing for Jaccard distance between sets: vectors of which counts what is not zero.

    The hash functions are the same as Spark's for a seed.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> sets = [(0, Vectors.sparse(6, [0, 1, 2], [1.0] * 3)), (1, Vectors.sparse(6, [3, 4], [1.0] * 2))]
    >>> rows = Session.builder.getOrCreate().createDataFrame(sets, ["id", "set"])
    >>> model = MinHashLSH(inputCol="set", outputCol="buckets", seed=1, numHashTables=3).fit(rows)
    >>> key = Vectors.sparse(6, [0, 1], [1.0] * 2)
    >>> [(row.id, round(row.distCol, 3)) for row in model.approxNearestNeighbors(rows, key, 1).collect()]
    [(0, 0.333)]
    """

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        seed: int | None = None,
        numHashTables: int = 1,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        seed: int | None = None,
        numHashTables: int = 1,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def _drawn(self, size: int) -> MinHashLSHModel:
        require(size <= _PRIME, f"The input vector dimension {size} exceeds the threshold {_PRIME}.")
        drawn = JavaRandom(self.getSeed())
        pairs = [
            (1 + drawn.next_int(_PRIME - 1), drawn.next_int(_PRIME - 1))
            for _ in range(self.getNumHashTables())
        ]
        return MinHashLSHModel(tuple(pairs))


class MinHashLSHModel(LSHModel):
    """Hashes sets by the least value that a function has over their elements, for each of some functions."""

    def __init__(self, coefficients: tuple[tuple[int, int], ...] = ()) -> None:
        super().__init__()
        self._coefficients = coefficients

    def _tables(self) -> MinHashes:
        return MinHashes(self._coefficients)

    def _data(self) -> pa.Table:
        flat = [number for pair in self._coefficients for number in pair]
        return pa.table({"randCoefficients": pa.array([flat], pa.list_(pa.int32()))})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        flat = data.column("randCoefficients")[0].as_py()
        return cls(tuple(zip(flat[::2], flat[1::2], strict=True)))


def _sets(rows: Matrix) -> Matrix:
    """Rows as sparse ones that are one wherever they were not zero."""
    sparse = needed("scipy.sparse", "MinHashLSH")
    found = sparse.csr_matrix(rows, copy=True)
    found.eliminate_zeros()
    found.data[:] = 1
    return found
