"""Some features of a vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import AttributeGroup, group_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import Matrix, is_sparse, mapped, sparse_rows
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.spi.types import StructField
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Slice:
    """The entries of vectors at some places, in that order."""

    column: str
    indices: tuple[int, ...]

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        size = matrix.shape[1]
        beyond = [index for index in self.indices if index >= size]
        if beyond:
            raise QueryExecutionException(f"Index {beyond[0]} out of bounds for length {size}")
        if not is_sparse(matrix):
            return matrix[:, list(self.indices)]
        place = np.full(size, -1)
        place[list(self.indices)] = np.arange(len(self.indices))
        places = place[matrix.indices]
        kept = places >= 0
        of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[kept]
        ends = np.concatenate([[0], np.cumsum(np.bincount(of_row, minlength=matrix.shape[0]))])
        return sparse_rows(matrix.data[kept], places[kept], ends, len(self.indices))


def _unique_places(indices: Sequence[int]) -> bool:
    return len(set(indices)) == len(indices) and all(index >= 0 for index in indices)


class VectorSlicer(Transformer, OneColumn, Saved):
    """Takes some features of vectors: those at `indices`, then those of the `names` that metadata tells.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> df = Session.builder.getOrCreate().createDataFrame([(Vectors.dense([1.0, 2.0, 3.0]),)], ["v"])
    >>> VectorSlicer(inputCol="v", outputCol="some", indices=[2, 0]).transform(df).head().some
    DenseVector([3.0, 1.0])
    """

    indices: Param[list[int]] = Param(
        Params._dummy(), "indices", "the places of features to take, each once.", TypeConverters.toListInt,
        _unique_places,
    )  # fmt: skip
    names: Param[list[str]] = Param(
        Params._dummy(), "names", "the names of features to take, each once, as metadata tells them.",
        TypeConverters.toListString, lambda names: len(set(names)) == len(names),
    )  # fmt: skip

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        indices: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(indices=[], names=[])
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        indices: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setIndices(self, value: Sequence[int]) -> Self:
        """Set `indices`."""
        return self._set(indices=value)

    def setNames(self, value: Sequence[str]) -> Self:
        """Set `names`."""
        return self._set(names=value)

    def getIndices(self) -> list[int]:
        """The value of `indices`, or its default."""
        return self.getOrDefault(self.indices)

    def getNames(self) -> list[str]:
        """The value of `names`, or its default."""
        return self.getOrDefault(self.names)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        if not self.getIndices() and not self.getNames():
            raise IllegalArgumentException(
                "requirement failed: VectorSlicer requires that at least one feature be selected."
            )
        require_vectors(self, dataset.schema)
        column = self.getInputCol()
        field = field_of(dataset.schema, column)
        chosen = self._chosen(field)
        group = group_of(field)
        known = group.only(chosen) if group is not None and group.attributes else AttributeGroup(len(chosen))
        output = vector_field(self.getOutputCol(), known)
        return computed(dataset, [column], [output], Slice(column, tuple(chosen)))

    def _chosen(self, field: StructField) -> list[int]:
        chosen = [*self.getIndices(), *(_place_of(field, name) for name in self.getNames())]
        if not _unique_places(chosen):
            raise IllegalArgumentException(
                "requirement failed: VectorSlicer requires indices and names to be disjoint sets of "
                f"features, but they overlap. indices: [{', '.join(map(str, self.getIndices()))}]. names: "
                f"[{', '.join(self.getNames())}]"
            )
        group = group_of(field)
        beyond = [index for index in chosen if group is not None and index >= group.size]
        if beyond:
            raise IllegalArgumentException(
                f"VectorSlicer takes feature {beyond[0]}, and the column {field.name} has "
                f"{group.size if group else 0}"
            )
        return chosen


def _place_of(field: StructField, name: str) -> int:
    group = group_of(field)
    place = None if group is None else group.index_of(name)
    if place is None:
        raise IllegalArgumentException(
            f"requirement failed: getFeatureIndicesFromNames found no feature with name {name} in column "
            f"{field.name}."
        )
    return place
