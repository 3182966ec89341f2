"""Which rows are near to each other, among those that share a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.kinds import Matrix, quoted
from streamcore.models.ml.feature.terms import lists
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import dense_of, features_of, parts_of
from streamcore.spi.types import DoubleType, StructField
from streamcore.sql import functions as F

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_MINE, _THEIRS = "datasetA", "datasetB"


class Hashing(Protocol):
    """Hash functions and their distance."""

    def hashes(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """For each row its bucket in each table."""

    def distances(self, left: Matrix, right: Matrix) -> npt.NDArray[np.float64]:
        """How far each row of `left` is from the row of `right` at the same place."""


@dataclass(frozen=True)
class NearKey:
    """The distance of vectors from a key; rows that share no bucket with it go."""

    tables: Hashing
    key: npt.NDArray[np.float64]

    def __call__(self, rows: pa.Table) -> Computed:
        """The distance of each row, from its vector and its buckets."""
        key = self.key[np.newaxis]
        vectors = features_of(rows, rows.column_names[0])
        buckets = lists(rows.column(1), rows.column_names[1], "approxNearestNeighbors")
        found = parts_of(buckets.values).values.reshape(rows.num_rows, -1)
        shared = (found == self.tables.hashes(key)).any(axis=1)
        apart = self.tables.distances(vectors, np.repeat(key, rows.num_rows, axis=0))
        return Computed([pa.array(apart)], pa.array(shared))


@dataclass(frozen=True)
class Apart:
    """How far the vectors of two columns are apart; rows where that is not below a limit go."""

    tables: Hashing
    limit: float

    def __call__(self, rows: pa.Table) -> Computed:
        """The distance of each row."""
        pair = (dense_of(rows, name) for name in rows.column_names)
        apart = self.tables.distances(*pair)
        return Computed([pa.array(apart)], pa.array(apart < self.limit))


def nearest(
    rows: DataFrame, vector: str, buckets: str, tables: Hashing, key: Vector, distance: str
) -> DataFrame:
    """The rows that share a bucket with a key, and their distance from it."""
    output = StructField(distance, DoubleType())
    return computed(rows, [vector, buckets], [output], NearKey(tables, np.array(key.toArray(), np.float64)))


def pairs_within(
    left: DataFrame, right: DataFrame, vector: str, buckets: str, tables: Hashing, limit: float, distance: str
) -> DataFrame:
    """The pairs of rows that share a bucket and are nearer than a limit, as two structs and a distance."""
    exploded = [_exploded(rows, name, buckets) for rows, name in ((left, _MINE), (right, _THEIRS))]
    pairs = exploded[0].join(exploded[1], ["entry", "bucket"]).select(_MINE, _THEIRS).distinct()
    vectors = [F.col(f"{name}.{quoted(vector)}").alias(f"{name}.vector") for name in (_MINE, _THEIRS)]
    wide = pairs.select(_MINE, _THEIRS, *vectors)
    inputs = [f"{_MINE}.vector", f"{_THEIRS}.vector"]
    found = computed(wide, inputs, [StructField(distance, DoubleType())], Apart(tables, limit))
    return found.select(_MINE, _THEIRS, quoted(distance))


def _exploded(rows: DataFrame, name: str, buckets: str) -> DataFrame:
    every: Any = [rows[quoted(column)] for column in rows.columns]
    return rows.select(
        F.struct(*every).alias(name), F.posexplode(rows[quoted(buckets)]).alias("entry", "bucket")
    )
