"""The size of vectors, said before they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import AttributeGroup, group_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import vector_field
from streamcore.models.ml.feature.kinds import quoted
from streamcore.models.ml.matrices import parts_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid, HasInputCol
from streamcore.models.ml.param.validators import at_least, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_vector

if TYPE_CHECKING:
    from typing import Self

    import numpy as np

    from streamcore.spi.types import StructField
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class RequireSize:
    """Vectors as they are; those that are null or of another size are skipped or an error."""

    column: str
    size: int
    skips: bool

    def __call__(self, rows: pa.Table) -> Computed:
        vectors = rows.column(0)
        if vectors.null_count and not self.skips:
            raise QueryExecutionException(
                "[USER_RAISED_EXCEPTION] Got null vector in VectorSizeHint, set `handleInvalid` to 'skip' to "
                "filter invalid rows."
            )
        valid = pc.is_valid(vectors)
        sizes = parts_of(vectors.filter(valid) if vectors.null_count else vectors, self.column).sizes
        fits = sizes == self.size
        if not self.skips and not fits.all():
            raise QueryExecutionException(
                f"[USER_RAISED_EXCEPTION] VectorSizeHint Expecting a vector of size {self.size} but got "
                f"{sizes[~fits][0]}"
            )
        return Computed([vectors], self._kept(valid.to_numpy(), fits) if self.skips else None)

    def _kept(self, valid: np.ndarray, fits: np.ndarray) -> pa.BooleanArray:
        kept = valid.copy()
        kept[valid] = fits
        return pa.array(kept)


class VectorSizeHint(Transformer, HasInputCol, HasHandleInvalid, Saved):
    """Says the size of a column's vectors in its metadata, and sees to it; `optimistic` believes it unseen.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> df = Session.builder.getOrCreate().createDataFrame([(Vectors.dense([1.0, 2.0, 3.0]),)], ["v"])
    >>> VectorSizeHint(inputCol="v", size=3).transform(df).schema["v"].metadata
    {'ml_attr': {'num_attrs': 3}}
    """

    size: Param[int] = Param(
        Params._dummy(), "size", "the size of the vectors.", TypeConverters.toInt, at_least(0)
    )
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to rows whose vector is null or of another size: error, skip (they are dropped) or "
        "optimistic (nobody looks).",
        TypeConverters.toString,
        one_of("error", "skip", "optimistic"),
    )

    @keyword_only
    def __init__(
        self, *, inputCol: str | None = None, size: int | None = None, handleInvalid: str = "error"
    ) -> None:
        super().__init__()
        self._setDefault(handleInvalid="error")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, inputCol: str | None = None, size: int | None = None, handleInvalid: str = "error"
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setInputCol(self, value: str) -> Self:
        """Set `inputCol`."""
        return self._set(inputCol=value)

    def setSize(self, value: int) -> Self:
        """Set `size`."""
        return self._set(size=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def getSize(self) -> int:
        """The value of `size`."""
        return self.getOrDefault(self.size)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        column, size = self.getInputCol(), self.getSize()
        require_vector(dataset.schema, column)
        known = group_of(field_of(dataset.schema, column))
        if known is not None and known.size != size:
            raise IllegalArgumentException(
                f"Trying to set size of vectors in `{column}` to {size} but size already set to {known.size}."
            )
        group = known or AttributeGroup(size)
        if self.getHandleInvalid() == "optimistic":
            return dataset.withMetadata(column, group.of_column())
        function = RequireSize(column, size, self.getHandleInvalid() == "skip")
        made = vector_field(f"{self.uid}__{column}", group)
        seen = computed(dataset, [column], [made], function)
        return seen.select(*(self._chosen(seen, name, made) for name in dataset.columns))

    def _chosen(self, seen: DataFrame, name: str, made: StructField) -> Column:
        """A column of the result: what was made of the input at its place, and the others as they are."""
        if name != self.getInputCol():
            return seen[quoted(name)]
        return seen[quoted(made.name)].alias(name, metadata=made.metadata)
