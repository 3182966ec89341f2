"""Numbers to 0 and 1, by a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import BINARY, Attribute
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns, vector_field
from streamcore.models.ml.feature.kinds import dense, is_sparse, joined, kinds_of, quoted, sparse_rows
from streamcore.models.ml.feature.normalizer import same_size
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.matrices import compressed
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasThreshold, HasThresholds
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new
from streamcore.spi.types import DoubleType

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.models.ml.feature.kinds import Matrix
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class BinarizeVectors:
    """1 for every entry above the threshold, and 0 for the others."""

    column: str
    threshold: float

    def __call__(self, rows: pa.Table) -> Computed:
        kinds = kinds_of(rows.column(0), self.column)
        return Computed([joined([(k.rows, compressed(self._of(k.matrix))) for k in kinds], len(rows))])

    def _of(self, matrix: Matrix) -> Matrix:
        if not is_sparse(matrix) or self.threshold < 0:
            return (dense(matrix) > self.threshold).astype(float)
        above = (matrix.data > self.threshold).astype(float)
        return sparse_rows(above, matrix.indices, matrix.indptr, matrix.shape[1])


class Binarizer(Transformer, OneOrSeveralColumns, HasThreshold, HasThresholds, Saved):
    """Makes 1.0 of what is above a threshold, 0.0 of the rest, null and NaN too; of vectors entry by entry.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(0.5,), (2.0,)], ["a"])
    >>> [row.high for row in Binarizer(threshold=1.0, inputCol="a", outputCol="high").transform(df).collect()]
    [0.0, 1.0]
    """

    threshold: Param[float] = Param(
        Params._dummy(),
        "threshold",
        "what is above it becomes 1.0, and the rest 0.0.",
        TypeConverters.toFloat,
    )
    thresholds: Param[list[float]] = Param(
        Params._dummy(),
        "thresholds",
        "a threshold for each of several columns; without them `threshold` counts for all.",
        TypeConverters.toListFloat,
    )

    @keyword_only
    def __init__(
        self,
        *,
        threshold: float = 0.0,
        inputCol: str | None = None,
        outputCol: str | None = None,
        thresholds: Sequence[float] | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(threshold=0.0)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        threshold: float = 0.0,
        inputCol: str | None = None,
        outputCol: str | None = None,
        thresholds: Sequence[float] | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setThreshold(self, value: float) -> Self:
        """Set `threshold`."""
        return self._set(threshold=value)

    def setThresholds(self, value: Sequence[float]) -> Self:
        """Set `thresholds`."""
        return self._set(thresholds=value)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        pairs = self._pairs()
        require_new(dataset.schema, [output for _, output in pairs])
        for (column, output), threshold in zip(pairs, self._thresholds(len(pairs)), strict=True):
            kind = field_of(dataset.schema, column).dataType
            if isinstance(kind, VectorUDT):
                field = vector_field(output, same_size(dataset, column))
                dataset = computed(dataset, [column], [field], BinarizeVectors(column, threshold))
            elif isinstance(kind, DoubleType):
                dataset = _with_binary(dataset, column, output, threshold)
            else:
                raise IllegalArgumentException(f"Data type {type(kind).__name__} is not supported.")
        return dataset

    def _thresholds(self, count: int) -> list[float]:
        if not self.isSet("thresholds"):
            return [self.getOrDefault(self.threshold)] * count
        if not self.isSet("inputCols"):
            raise IllegalArgumentException(
                f"Binarizer {self.uid} has the inputCol Param set for single-column transform. The following "
                "Params are not applicable and should not be set: thresholds."
            )
        thresholds = self.getThresholds()
        if len(thresholds) != count:
            raise IllegalArgumentException(
                f"requirement failed: there are {count} input columns and {len(thresholds)} thresholds"
            )
        return thresholds


def _with_binary(dataset: DataFrame, column: str, output: str, threshold: float) -> DataFrame:
    from streamcore.sql import functions as F

    values = dataset[quoted(column)]
    is_above = (values > F.lit(threshold)) & ~F.isnan(values)
    made = F.when(is_above, F.lit(1.0)).otherwise(F.lit(0.0))
    return dataset.select("*", made.alias(output, metadata=Attribute(BINARY).of_column()))
