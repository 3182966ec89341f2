"""The categories among the features of vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.attributes import BINARY, Attribute, AttributeGroup, group_of, nominal
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import (
    Matrix,
    is_sparse,
    joined,
    kinds_of,
    require_size,
    sparse_rows,
    vectors_in,
)
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.string_indexer import UNKNOWN
from streamcore.models.ml.matrices import vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid
from streamcore.models.ml.param.validators import at_least, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.cast_text import double_text

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame

CategoryMaps = Mapping[int, Mapping[float, int]]
"""For each feature that has categories, which value gets which number."""


@dataclass(frozen=True)
class IndexVectors:
    """Vectors whose categorical features are numbered."""

    column: str
    size: int
    maps: CategoryMaps
    handleInvalid: str

    def __call__(self, rows: pa.Table) -> Computed:
        kept = np.ones(len(rows), dtype=bool)
        parts = []
        for kind in kinds_of(rows.column(0), self.column):
            require_size(
                kind.matrix,
                self.size,
                "assertion failed: VectorIndexerModel expected vector of length {expected} but found length "
                "{found}",
            )
            matrix, valid = (self._sparse if is_sparse(kind.matrix) else self._dense)(kind.matrix)
            kept[kind.rows] = valid
            parts.append((kind.rows, vectors_of(matrix)))
        skipped = self.handleInvalid == "skip" and not kept.all()
        return Computed([joined(parts, len(rows))], pa.array(kept) if skipped else None)

    def _dense(self, matrix: NDArray[np.float64]) -> tuple[Matrix, NDArray[np.bool_]]:
        indexed, valid = matrix.copy(), np.ones(len(matrix), dtype=bool)
        for feature in self.maps:
            indexed[:, feature], known = self._indexed(feature, matrix[:, feature])
            valid &= known
        return indexed, valid

    def _sparse(self, matrix: Matrix) -> tuple[Matrix, NDArray[np.bool_]]:
        values, valid = matrix.data.copy(), np.ones(matrix.shape[0], dtype=bool)
        of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        for feature in np.intersect1d(matrix.indices, list(self.maps)).tolist():
            places = matrix.indices == feature
            values[places], known = self._indexed(feature, values[places])
            valid[of_row[places][~known]] = False
        return sparse_rows(values, matrix.indices, matrix.indptr, self.size), valid

    def _indexed(
        self, feature: int, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """A feature's values as their numbers, the unknown as the number behind all; and which are known."""
        known = self.maps[feature]
        keys, numbers = (
            np.array(sorted(known)),
            np.array([known[key] for key in sorted(known)], dtype=np.float64),
        )
        places = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
        is_known = keys[places] == values
        if self.handleInvalid == "error" and not is_known.all():
            raise QueryExecutionException(
                f"VectorIndexer encountered invalid value {double_text(float(values[~is_known][0]))} on "
                f"feature index {feature}. To handle or skip invalid value, try setting "
                "VectorIndexer.handleInvalid."
            )
        return np.where(is_known, numbers[places], float(len(keys))), is_known


def category_maps(rows: Matrix, most: int) -> dict[int, dict[float, int]]:
    """The features of at most so many values, and the numbers of those values: 0 first, then as they ascend.

    >>> category_maps(np.array([[-1.0, 0.5], [0.0, 1.5], [2.0, 2.5]]), 3)
    {0: {0.0: 0, -1.0: 1, 2.0: 2}, 1: {0.5: 0, 1.5: 1, 2.5: 2}}
    """
    maps = {}
    for feature, values in enumerate(_distinct(rows, most)):
        if len(values) <= most:
            ordered = sorted(values, key=lambda value: (value != 0, value))
            maps[feature] = {value: number for number, value in enumerate(ordered)}
    return maps


def _distinct(rows: Matrix, most: int) -> list[list[float]]:
    """The values of every feature; for one of more than `most` at least so many."""
    if not is_sparse(rows):
        return [_values(column, most) for column in rows.T]
    columns = rows.tocsc()
    found = []
    for begin, end in pairwise(columns.indptr):
        values = columns.data[begin:end]
        found.append(_values(np.append(values, 0.0) if end - begin < rows.shape[0] else values, most))
    return found


def _values(column: NDArray[np.float64], most: int) -> list[float]:
    first = np.unique(column[: 100 * most])  # nearly always enough to see that a feature is continuous
    distinct = first if len(first) > most else np.unique(column)
    values: list[float] = (distinct + 0.0).tolist()  # -0.0 becomes 0.0
    return values


class _VectorIndexerParams(OneColumn, HasHandleInvalid):
    maxCategories: Param[int] = Param(
        Params._dummy(),
        "maxCategories",
        "the most values that a categorical feature has; one of more values is continuous.",
        TypeConverters.toInt,
        at_least(2),
    )
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to values that were not seen: error, skip (their rows are dropped) or keep (a "
        "category of their own).",
        TypeConverters.toString,
        one_of("skip", "error", "keep"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(maxCategories=20, handleInvalid="error")

    def getMaxCategories(self) -> int:
        """The value of `maxCategories`, or its default."""
        return self.getOrDefault(self.maxCategories)


class VectorIndexer(Estimator["VectorIndexerModel"], _VectorIndexerParams, Saved):
    """Finds the features of few values and numbers these, 0.0 first; the others stay as they are.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(Vectors.dense([-1.0, 0.1]),), (Vectors.dense([0.0, 0.2]),), (Vectors.dense([0.0, 0.3]),)]
    >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["v"])
    >>> model = VectorIndexer(maxCategories=2, inputCol="v", outputCol="indexed").fit(df)
    >>> model.categoryMaps, model.transform(df).head().indexed
    ({0: {0.0: 0, -1.0: 1}}, DenseVector([1.0, 0.1]))
    """

    @keyword_only
    def __init__(
        self,
        *,
        maxCategories: int = 20,
        inputCol: str | None = None,
        outputCol: str | None = None,
        handleInvalid: str = "error",
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        maxCategories: int = 20,
        inputCol: str | None = None,
        outputCol: str | None = None,
        handleInvalid: str = "error",
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setMaxCategories(self, value: int) -> Self:
        """Set `maxCategories`."""
        return self._set(maxCategories=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def _fit(self, dataset: DataFrame) -> VectorIndexerModel:
        require_vectors(self, dataset.schema)
        rows = vectors_in(dataset, self.getInputCol())
        return fitted(self, VectorIndexerModel(rows.shape[1], category_maps(rows, self.getMaxCategories())))


class VectorIndexerModel(Model, _VectorIndexerParams, Saved):
    """What VectorIndexer has learned: which features are categorical, and the numbers of their values."""

    def __init__(self, numFeatures: int, categoryMaps: CategoryMaps) -> None:
        super().__init__()
        self._size = numFeatures
        self._maps = {feature: dict(known) for feature, known in categoryMaps.items()}

    @property
    def numFeatures(self) -> int:
        """How many features the vectors have."""
        return self._size

    @property
    def categoryMaps(self) -> dict[int, dict[float, int]]:
        """For each categorical feature, which value gets which number."""
        return self._maps

    def _told(self) -> dict[str, Any]:
        return {"numFeatures": self._size, "handleInvalid": self.getHandleInvalid()}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        column = self.getInputCol()
        known = group_of(field_of(dataset.schema, column))
        told = known.attributes if known is not None and known.attributes is not None else None
        attributes = tuple(
            self._attribute(feature, told[feature] if told is not None else None)
            for feature in range(self._size)
        )
        output = vector_field(self.getOutputCol(), AttributeGroup(self._size, attributes))
        kernel = IndexVectors(column, self._size, self._maps, self.getHandleInvalid())
        return computed(dataset, [column], [output], kernel)

    def _attribute(self, feature: int, told: Attribute | None) -> Attribute:
        if feature not in self._maps:
            return told or Attribute()
        name = None if told is None else told.name
        values = [double_text(value) for value in sorted(self._maps[feature])]
        if self.getHandleInvalid() == "keep":
            return nominal(name, [*values, UNKNOWN], ordered=False)
        if len(values) == 2:
            return Attribute(BINARY, name, tuple(values))
        return nominal(name, values, ordered=False)

    def _data(self) -> pa.Table:
        maps = [(feature, list(known.items())) for feature, known in self._maps.items()]
        kind = pa.map_(pa.int32(), pa.map_(pa.float64(), pa.int32()))
        return pa.table(
            {"numFeatures": pa.array([self._size], pa.int32()), "categoryMaps": pa.array([maps], kind)}
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        (row,) = data.to_pylist()
        return cls(row["numFeatures"], {feature: dict(known) for feature, known in row["categoryMaps"]})
