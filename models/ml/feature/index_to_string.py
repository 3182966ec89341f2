"""The numbers of labels to the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import attribute_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new
from streamcore.spi.types import NumericType, StringType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class LabelIndices:
    """A column of numbers as their labels."""

    labels: tuple[str | None, ...]

    def __call__(self, rows: pa.Table) -> Computed:
        places = pc.cast(pc.cast(rows.column(0), pa.float64()), pa.int64(), safe=False)
        outside = pc.or_(pc.less(places, 0), pc.greater_equal(places, len(self.labels)))
        if pc.any(outside).as_py():
            unseen = places.filter(outside)[0].as_py()
            raise QueryExecutionException(f"[USER_RAISED_EXCEPTION] Unseen index: {unseen} ??")
        return Computed([pc.take(pa.array(self.labels, pa.string()), places)])


class IndexToString(Transformer, OneColumn, Saved):
    """Gives the labels of numbers back: the `labels` said, or those that the column's metadata tells.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(1.0,), (0.0,)], ["index"])
    >>> teams = IndexToString(inputCol="index", outputCol="team", labels=["b", "a"])
    >>> [row.team for row in teams.transform(df).collect()]
    ['a', 'b']
    """

    labels: Param[list[str]] = Param(
        Params._dummy(),
        "labels",
        "the labels in order; without them those that the metadata of the input column tells.",
        TypeConverters.toListString,
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        labels: Sequence[str] | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setLabels(self, value: Sequence[str]) -> Self:
        """Set `labels`."""
        return self._set(labels=value)

    def getLabels(self) -> list[str]:
        """The value of `labels`."""
        return self.getOrDefault(self.labels)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        field = field_of(dataset.schema, self.getInputCol())
        if not isinstance(field.dataType, NumericType):
            raise IllegalArgumentException(
                f"requirement failed: The input column {field.name} must be a numeric type, but got "
                f"{type(field.dataType).__name__}."
            )
        require_new(dataset.schema, [self.getOutputCol()])
        output = StructField(self.getOutputCol(), StringType())
        return computed(dataset, [field.name], [output], LabelIndices(tuple(self._known_labels(field))))

    def _known_labels(self, field: StructField) -> Sequence[str]:
        if self.isDefined("labels") and self.getLabels():
            return self.getLabels()
        attribute = attribute_of(field)
        if attribute is None or attribute.vals is None:
            raise IllegalArgumentException(
                f"The metadata of column {field.name} tell no labels: set `labels` of IndexToString "
                f"{self.uid}"
            )
        return attribute.vals
