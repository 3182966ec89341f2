"""Products of the features of several columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import NOMINAL, Attribute, AttributeGroup, attribute_of, group_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import vector_field
from streamcore.models.ml.feature.kinds import dense, is_sparse, kinds_of, sparse_rows
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.matrices import compressed
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.param.shared import HasInputCols, HasOutputCol
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new
from streamcore.spi.cast_text import double_text
from streamcore.spi.types import NumericType, StructField

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from streamcore.models.ml.feature.kinds import Matrix
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Factor:
    """A column: for each of its features how many categories it has, and 1 where it is a number."""

    column: str
    is_vector: bool
    widths: tuple[int, ...]
    is_category: tuple[bool, ...]


@dataclass(frozen=True)
class Interact:
    """Every product of one feature of each column, categories being features of 0 and 1."""

    factors: tuple[Factor, ...]

    def __call__(self, rows: pa.Table) -> Computed:
        if any(column.null_count for column in rows.columns):
            raise QueryExecutionException("Values to interact cannot be null.")
        encoded = [
            _encoded(column, factor) for column, factor in zip(rows.columns, self.factors, strict=True)
        ]
        return Computed([compressed(reduce(_products, encoded))])


def _encoded(column: pa.ChunkedArray, factor: Factor) -> Matrix:
    """The features of a column, those of categories spread over places of their own, as sparse rows."""
    of_row, features, values = _entries(column, factor)
    starts = np.concatenate([[0], np.cumsum(factor.widths)]).astype(np.int64)
    is_category = np.array(factor.is_category, dtype=bool)[features]
    number = np.where(is_category, values, 0.0)
    width = np.array(factor.widths, dtype=np.int64)[features]
    invalid = is_category & ~((number >= 0) & (number < width) & (number == np.floor(number)))
    if invalid.any():
        raise QueryExecutionException(
            f"assertion failed: Values from column {factor.column} must be indices, but got "
            f"{double_text(float(values[invalid][0]))}."
        )
    places = starts[features] + number.astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(np.bincount(of_row, minlength=len(column)))])
    return sparse_rows(np.where(is_category, 1.0, values), places, ends, int(starts[-1]))


def _entries(
    column: pa.ChunkedArray, factor: Factor
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """The entries that count, row by row: row, feature and value."""
    is_category = np.array(factor.is_category, dtype=bool)
    if not factor.is_vector:
        return _counted(pc.cast(column, pa.float64()).to_numpy()[:, None], is_category)
    nothing = np.empty(0, dtype=np.intp)
    found = [(nothing, nothing, np.empty(0))]
    for kind in kinds_of(column, factor.column):
        if kind.matrix.shape[1] != len(factor.widths):
            raise QueryExecutionException(
                f"Vectors of column {factor.column} have size {kind.matrix.shape[1]}, and not "
                f"{len(factor.widths)}"
            )
        of_row, features, values = _counted(kind.matrix, is_category)
        found.append((np.arange(len(column))[kind.rows][of_row], features, values))
    of_rows, of_features, of_values = map(np.concatenate, zip(*found, strict=True))
    order = np.argsort(of_rows, kind="stable")
    return of_rows[order], of_features[order], of_values[order]


def _counted(
    matrix: Matrix, is_category: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Row, feature and value of each entry that counts: a number that is not 0, and every category."""
    if is_sparse(matrix) and not is_category.any():
        counts = matrix.data != 0
        of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        return of_row[counts], matrix.indices[counts], matrix.data[counts]
    entries = dense(matrix)
    of_row, features = np.nonzero((entries != 0) | is_category)
    return of_row, features, entries[of_row, features]


def _products(left: Matrix, right: Matrix) -> Matrix:
    """Row by row every product of an entry of the one and an entry of the other."""
    many = np.diff(right.indptr)
    of_row = np.repeat(np.arange(left.shape[0]), np.diff(left.indptr))
    repeats = many[of_row]
    of_left = np.repeat(np.arange(len(left.data)), repeats)
    within = np.arange(len(of_left)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    of_right = np.repeat(right.indptr[of_row], repeats) + within
    places = left.indices[of_left].astype(np.int64) * right.shape[1] + right.indices[of_right]
    ends = np.concatenate([[0], np.cumsum(np.diff(left.indptr) * many)])
    return sparse_rows(
        left.data[of_left] * right.data[of_right], places, ends, left.shape[1] * right.shape[1]
    )


class Interaction(Transformer, HasInputCols, HasOutputCol, Saved):
    """Makes vectors of the products of columns: every product of one feature of each of them.

    Numbers count as they are; a column whose metadata tells categories counts as one feature per category.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(2.0, 3.0)], ["a", "b"])
    >>> Interaction(inputCols=["a", "b"], outputCol="product").transform(df).head().product
    DenseVector([6.0])
    """

    @keyword_only
    def __init__(self, *, inputCols: Sequence[str] | None = None, outputCol: str | None = None) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, inputCols: Sequence[str] | None = None, outputCol: str | None = None) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setInputCols(self, value: Sequence[str]) -> Self:
        """Set `inputCols`."""
        return self._set(inputCols=value)

    def setOutputCol(self, value: str) -> Self:
        """Set `outputCol`."""
        return self._set(outputCol=value)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        fields = [field_of(dataset.schema, name) for name in self.getInputCols()]
        _require_types(fields)
        require_new(dataset.schema, [self.getOutputCol()])
        attributes = [_attributes_of(field) for field in fields]
        factors = [
            Factor(
                field.name,
                isinstance(field.dataType, VectorUDT),
                tuple(_width(attribute) for attribute in told),
                tuple(attribute.kind == NOMINAL for attribute in told),
            )
            for field, told in zip(fields, attributes, strict=True)
        ]
        names = reduce(
            lambda left, right: [f"{one}:{other}" for one in left for other in right],
            [_names_of(field, told) for field, told in zip(fields, attributes, strict=True)],
        )
        group = AttributeGroup(len(names), tuple(Attribute(name=name) for name in names))
        output = vector_field(self.getOutputCol(), group)
        return computed(dataset, [field.name for field in fields], [output], Interact(tuple(factors)))


def _require_types(fields: Sequence[StructField]) -> None:
    if not fields:
        raise IllegalArgumentException("requirement failed: Input columns must have non-zero length.")
    for field in fields:
        if not isinstance(field.dataType, NumericType | VectorUDT):
            raise IllegalArgumentException(
                f"requirement failed: the column {field.name} to interact must be numbers or vectors, and "
                f"is of type {field.dataType.simpleString()}"
            )


def _attributes_of(field: StructField) -> tuple[Attribute, ...]:
    if not isinstance(field.dataType, VectorUDT):
        attribute = attribute_of(field) or Attribute()
        return (attribute.named(attribute.name or field.name),)
    group = group_of(field)
    if group is None or group.attributes is None:
        raise IllegalArgumentException("Vector attributes must be defined for interaction.")
    return group.attributes


def _width(attribute: Attribute) -> int:
    return (attribute.categories() or 0) if attribute.kind == NOMINAL else 1


def _names_of(field: StructField, attributes: Sequence[Attribute]) -> list[str]:
    prefix = [field.name] if isinstance(field.dataType, VectorUDT) else []
    names = []
    for index, attribute in enumerate(attributes):
        own = [*prefix, attribute.name or str(index)]
        if attribute.kind != NOMINAL:
            names.append("_".join(own))
            continue
        categories = attribute.vals or [str(number) for number in range(_width(attribute))]
        names += ["_".join([*own, category]) for category in categories]
    return names
