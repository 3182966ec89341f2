"""Columns put together as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import Attribute, AttributeGroup, attribute_of, group_of, size_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import computed
from streamcore.models.ml.feature.assembling import KEEP, Assemble, Source
from streamcore.models.ml.feature.in_and_out import vector_field
from streamcore.models.ml.feature.kinds import first_size
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid, HasInputCols, HasOutputCol
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import BooleanType, DoubleType, NumericType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class VectorAssembler(Transformer, HasInputCols, HasOutputCol, HasHandleInvalid, Saved):
    """Puts columns of numbers, booleans and vectors together as one column of vectors.

    A stream, and `handleInvalid="keep"`, need the sizes of vectors: a VectorSizeHint before says them.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(1, 0, 3)], ["a", "b", "c"])
    >>> VectorAssembler(inputCols=["a", "b", "c"], outputCol="features").transform(df).head().features
    DenseVector([1.0, 0.0, 3.0])
    """

    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to rows with null or NaN: error, skip (they are dropped) or keep (NaN in the vector).",
        TypeConverters.toString,
        one_of("skip", "error", "keep"),
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: Sequence[str] | None = None,
        outputCol: str | None = None,
        handleInvalid: str = "error",
    ) -> None:
        super().__init__()
        self._setDefault(handleInvalid="error")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCols: Sequence[str] | None = None,
        outputCol: str | None = None,
        handleInvalid: str = "error",
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setInputCols(self, value: Sequence[str]) -> Self:
        """Set `inputCols`."""
        return self._set(inputCols=value)

    def setOutputCol(self, value: str) -> Self:
        """Set `outputCol`."""
        return self._set(outputCol=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        fields = [field_of(dataset.schema, name) for name in self.getInputCols()]
        _require_types(fields)
        sizes = self._sizes(dataset, [field for field in fields if isinstance(field.dataType, VectorUDT)])
        sources = tuple(Source(field.name, sizes.get(field.name)) for field in fields)
        attributes = tuple(
            attribute
            for field in fields
            for attribute in (
                _of_vector(field, sizes[field.name]) if field.name in sizes else [_of_number(field)]
            )
        )
        output = vector_field(self.getOutputCol(), AttributeGroup(len(attributes), attributes))
        names = [field.name for field in fields]
        return computed(dataset, names, [output], Assemble(sources, self.getHandleInvalid()))

    def _sizes(self, dataset: DataFrame, fields: Sequence[StructField]) -> dict[str, int]:
        """The sizes of the columns' vectors, by metadata or by the first vector that there is."""
        known = {field.name: size_of(field) for field in fields}
        unknown = [name for name, size in known.items() if size is None]
        if unknown and self.getHandleInvalid() == KEEP:
            raise IllegalArgumentException(
                'Can not infer column lengths with handleInvalid = "keep". Consider using VectorSizeHint '
                f"to add metadata for columns: [{', '.join(unknown)}]."
            )
        if unknown and dataset.isStreaming:
            raise IllegalArgumentException(
                "A stream does not tell the size of vectors before it runs: use VectorSizeHint to add "
                f"metadata for columns: [{', '.join(unknown)}]."
            )
        return {name: first_size(dataset, name) if size is None else size for name, size in known.items()}


def _require_types(fields: Sequence[StructField]) -> None:
    told = [
        f"Data type {field.dataType.simpleString()} of column {field.name} is not supported."
        for field in fields
        if not isinstance(field.dataType, NumericType | BooleanType | VectorUDT)
    ]
    if told:
        raise IllegalArgumentException("\n".join(told))


def _of_number(field: StructField) -> Attribute:
    known = attribute_of(field) if isinstance(field.dataType, DoubleType) else None
    return (known or Attribute()).named(field.name)


def _of_vector(field: StructField, size: int) -> list[Attribute]:
    group = group_of(field) or AttributeGroup(size)
    return [
        attribute.named(f"{field.name}_{index if attribute.name is None else attribute.name}")
        for index, attribute in enumerate(group.known())
    ]
