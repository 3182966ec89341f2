"""Locality-sensitive hashing: what is alike falls into the same bucket, at least once in several tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.inputs import VECTOR, require
from streamcore.models.ml.feature.kinds import Matrix
from streamcore.models.ml.feature.nearness import nearest, pairs_within
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import features_of, named, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_vector
from streamcore.spi.types import ArrayType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

LM = TypeVar("LM", bound="LSHModel")
Hashes = npt.NDArray[np.float64]


class Tables(ABC):
    """Hash functions, a table for each, and the distance that they are for; a value that can be pickled."""

    @abstractmethod
    def hashes(self, rows: Matrix) -> Hashes:
        """For each row its bucket in each table."""

    @abstractmethod
    def distances(self, left: Matrix, right: Matrix) -> npt.NDArray[np.float64]:
        """How far each row of `left` is from the row of `right` at the same place."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many tables there are."""


@dataclass(frozen=True)
class Hashed:
    """Vectors as arrays of their buckets, one vector of one number for each table."""

    column: str
    tables: Tables

    def __call__(self, rows: pa.Table) -> Computed:
        """The buckets of each row."""
        count = self.tables.count
        offsets = np.arange(rows.num_rows + 1, dtype=np.int32) * count
        found = self.tables.hashes(features_of(rows, rows.column_names[0])) if rows.num_rows else np.empty(0)
        return Computed([pa.ListArray.from_arrays(pa.array(offsets), vectors_of(found.reshape(-1, 1)))])


class LSHParams(OneColumn):
    """The parameters of locality-sensitive hashing, and of its models."""

    numHashTables: Param[int] = Param(
        Params._dummy(), "numHashTables",
        "how many hash tables there are: with more of them fewer neighbours are missed, and more is computed",
        TypeConverters.toInt, at_least(1),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(numHashTables=1)

    def getNumHashTables(self) -> int:
        """How many hash tables there are."""
        return self.getOrDefault(self.numHashTables)


class LSH(Estimator[LM], LSHParams, Saved, Generic[LM]):
    """Draws hash functions for vectors of the size that the data have."""

    def setNumHashTables(self, value: int) -> Self:
        """Set `numHashTables`."""
        return self._set(numHashTables=value)

    @abstractmethod
    def _drawn(self, size: int) -> LM:
        """A model with functions for vectors of a size."""

    def _fit(self, dataset: DataFrame) -> LM:
        require_vector(dataset.schema, self.getInputCol())
        first = dataset.select(named(dataset, self.getInputCol())).take(1)
        require(bool(first), f"{type(self).__name__} needs a row to know how large its vectors are")
        return fitted(self, self._drawn(len(first[0][0])))


class LSHModel(Model, LSHParams, Saved):
    """Finds what is near by hashing it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}: uid={self.uid}, numHashTables={self.getNumHashTables()}"

    @abstractmethod
    def _tables(self) -> Tables:
        """The hash functions."""

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getInputCol())
        output = StructField(self.getOutputCol(), ArrayType(VECTOR))
        return computed(dataset, [self.getInputCol()], [output], Hashed(self.getInputCol(), self._tables()))

    def approxNearestNeighbors(
        self, dataset: DataFrame, key: Vector, numNearestNeighbors: int, distCol: str = "distCol"
    ) -> DataFrame:
        """The rows nearest to `key`, nearest first, of those that share a bucket with it.

        Parameters
        ----------
        dataset
            The rows; with the output column already where `transform` has been called.
        key
            What they are compared with.
        numNearestNeighbors
            How many rows at most: fewer when fewer share a bucket.
        distCol
            The column with the distance.
        """
        require(numNearestNeighbors > 0, "The number of nearest neighbors cannot be less than 1")
        rows = self._hashed(dataset)
        found = nearest(rows, self.getInputCol(), self.getOutputCol(), self._tables(), key, distCol)
        return found.sort(distCol).limit(numNearestNeighbors)

    def approxSimilarityJoin(
        self, datasetA: DataFrame, datasetB: DataFrame, threshold: float, distCol: str = "distCol"
    ) -> DataFrame:
        """Pairs of rows that share a bucket and are nearer than `threshold`.

        Parameters
        ----------
        datasetA, datasetB
            The rows on both sides, which come out as structs in columns of these names.
        threshold
            Below which distance a pair is one.
        distCol
            The column with the distance.
        """
        pair = self._hashed(datasetA), self._hashed(datasetB)
        limit = TypeConverters.toFloat(threshold)
        return pairs_within(*pair, self.getInputCol(), self.getOutputCol(), self._tables(), limit, distCol)

    def _hashed(self, dataset: DataFrame) -> DataFrame:
        return dataset if self.getOutputCol() in dataset.columns else self.transform(dataset)


def check_rows(rows: Any, size: int) -> None:
    """IllegalArgumentException for vectors of another size than the hash functions are for."""
    require(rows.shape[1] == size, f"The model hashes vectors of size {size}, but got {rows.shape[1]}")
