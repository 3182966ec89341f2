"""Numbers of categories to vectors with a 1 at the category's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import BINARY, Attribute, AttributeGroup, attribute_of
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns, vector_field
from streamcore.models.ml.feature.kinds import quoted
from streamcore.models.ml.matrices import sparse_vectors
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new, require_numeric
from streamcore.spi.cast_text import double_text

if TYPE_CHECKING:
    from typing import Self

    from streamcore.spi.types import StructField
    from streamcore.sql.dataframe import DataFrame

INVALID = "invalidValues"
"""The name of the category of what was not seen, where that is kept."""


@dataclass(frozen=True)
class Encode:
    """Columns of categories as sparse vectors; null stays null."""

    categories: tuple[int, ...]
    keeps: bool
    dropLast: bool

    def __call__(self, rows: pa.Table) -> Computed:
        pairs = zip(rows.columns, self.categories, strict=True)
        return Computed([self._of(column, categories) for column, categories in pairs])

    def _of(self, column: pa.ChunkedArray, categories: int) -> pa.Array:
        numbers = pc.cast(column, pa.float64()).to_numpy()  # a null becomes NaN
        is_null = pc.is_null(column).to_numpy()
        outside = ~is_null & ~((numbers >= 0) & (numbers < categories))
        if outside.any() and not self.keeps:
            raise QueryExecutionException(_unseen(float(numbers[outside][0])))
        places = np.where(outside | is_null, categories, numbers).astype(np.int64)
        size = categories + self.keeps - self.dropLast
        has_one = (places < size) & ~is_null
        ends = np.concatenate([[0], np.cumsum(has_one)])
        vectors = sparse_vectors(size, ends, places[has_one], np.ones(ends[-1]))
        return pc.if_else(pa.array(~is_null), vectors, None) if is_null.any() else vectors


def _unseen(value: float) -> str:
    if value < 0:
        return (
            f"Negative value: {double_text(value)}. Input can't be negative. To handle invalid values, "
            "set Param handleInvalid to keep"
        )
    return f"Unseen value: {double_text(value)}. To handle unseen values, set Param handleInvalid to keep."


class _OneHotEncoderParams(OneOrSeveralColumns, HasHandleInvalid):
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to categories that were not seen: error, or keep (one category more for all of them).",
        TypeConverters.toString,
        one_of("keep", "error"),
    )
    dropLast: Param[bool] = Param(
        Params._dummy(),
        "dropLast",
        "whether the last category is a vector of zeros.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(handleInvalid="error", dropLast=True)

    def setDropLast(self, value: bool) -> Self:
        """Set `dropLast`."""
        return self._set(dropLast=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def getDropLast(self) -> bool:
        """The value of `dropLast`, or its default."""
        return self.getOrDefault(self.dropLast)

    def _require_columns(self, dataset: DataFrame) -> list[tuple[str, str]]:
        pairs = self._pairs()
        for column, output in pairs:
            require_numeric(dataset.schema, column)
            require_new(dataset.schema, [output])
        return pairs

    def _require_two(self, field: StructField) -> None:
        attribute = attribute_of(field)
        count = None if attribute is None else attribute.categories()
        if self.getDropLast() and count is not None and count < 2:
            raise IllegalArgumentException(
                f"requirement failed: The input column {field.name} should have at least two distinct values."
            )


class OneHotEncoder(Estimator["OneHotEncoderModel"], _OneHotEncoderParams, Saved):
    """Learns how many categories columns have, by their metadata or by the greatest number in them.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(0.0,), (1.0,), (2.0,)], ["category"])
    >>> model = OneHotEncoder(inputCol="category", outputCol="encoded").fit(df)
    >>> model.categorySizes, model.transform(df).head().encoded
    ([3], SparseVector(2, {0: 1.0}))
    """

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        handleInvalid: str = "error",
        dropLast: bool = True,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        handleInvalid: str = "error",
        dropLast: bool = True,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> OneHotEncoderModel:
        columns = [column for column, _ in self._require_columns(dataset)]
        fields = [field_of(dataset.schema, column) for column in columns]
        for field in fields:
            self._require_two(field)
        told = [attribute.categories() if (attribute := attribute_of(field)) else None for field in fields]
        unknown = [column for column, count in zip(columns, told, strict=True) if count is None]
        counted = iter(_counts(dataset, unknown))
        return fitted(self, OneHotEncoderModel([next(counted) if count is None else count for count in told]))


def _counts(dataset: DataFrame, columns: Sequence[str]) -> list[int]:
    if not columns:
        return []
    inputs = [dataset[quoted(column)].cast("double").alias(f"c{at}") for at, column in enumerate(columns)]
    table = dataset.select(*inputs).toArrow()
    return [_count_of(name, values) for name, values in zip(columns, table.columns, strict=True)]


def _count_of(name: str, column: pa.ChunkedArray) -> int:
    if column.null_count:
        raise QueryExecutionException(
            f"[ROW_VALUE_IS_NULL] Found NULL in the column {name}, expected a non-NULL value."
        )
    values = column.to_numpy()
    invalid = ~((values >= 0) & (values < 2**31) & (values == np.floor(values)))
    if invalid.any():
        raise QueryExecutionException(
            f"assertion failed: Values from column {name} must be indices, but got "
            f"{double_text(float(values[invalid][0]))}."
        )
    return int(values.max()) + 1 if len(values) else 1


class OneHotEncoderModel(Model, _OneHotEncoderParams, Saved):
    """What OneHotEncoder has learned: how many categories each column has."""

    def __init__(self, categorySizes: Sequence[int]) -> None:
        super().__init__()
        self._sizes = list(categorySizes)

    @property
    def categorySizes(self) -> list[int]:
        """How many categories each column has, without that for what was not seen."""
        return self._sizes

    def _told(self) -> dict[str, Any]:
        said = {"dropLast": self.getDropLast(), "handleInvalid": self.getHandleInvalid()}
        return said | self._told_columns()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        pairs = self._require_columns(dataset)
        if len(pairs) != len(self._sizes):
            raise IllegalArgumentException(
                f"requirement failed: The number of input columns {len(pairs)} must be the same as the "
                f"number of features {len(self._sizes)} during fitting."
            )
        fields = [field_of(dataset.schema, column) for column, _ in pairs]
        outputs = [
            self._field(field, output, categories)
            for field, (_, output), categories in zip(fields, pairs, self._sizes, strict=True)
        ]
        kernel = Encode(tuple(self._sizes), self._keeps(), self.getDropLast())
        return computed(dataset, [column for column, _ in pairs], outputs, kernel)

    def _keeps(self) -> bool:
        return self.getHandleInvalid() == "keep"

    def _field(self, field: StructField, output: str, categories: int) -> StructField:
        attribute = attribute_of(field)
        told = None if attribute is None else attribute.categories()
        if told is not None and told != categories:
            raise IllegalArgumentException(
                f"requirement failed: OneHotEncoderModel expected {categories} categorical values for input "
                f"column {field.name}, but the input column had metadata specifying {told} values."
            )
        names = list(attribute.vals) if attribute and attribute.vals else [str(n) for n in range(categories)]
        kept = [*names, INVALID] if self._keeps() else names
        chosen = kept[:-1] if self.getDropLast() else kept
        return vector_field(
            output, AttributeGroup(len(chosen), tuple(Attribute(BINARY, name) for name in chosen))
        )

    def _data(self) -> pa.Table:
        return pa.table({"categorySizes": pa.array([self._sizes], pa.list_(pa.int32()))})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(data.column("categorySizes")[0].as_py())
