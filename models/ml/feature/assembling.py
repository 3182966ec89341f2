"""Columns put together as one vector: the kernel of VectorAssembler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.columns import Computed
from streamcore.models.ml.feature.kinds import Kind, Matrix, dense, is_sparse, kinds_of
from streamcore.models.ml.matrices import compressed
from streamcore.models.ml.needs import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

ERROR, SKIP, KEEP = "error", "skip", "keep"


@dataclass(frozen=True)
class Source:
    """A column that is put in, with the width of its vectors; None for a column of numbers."""

    name: str
    width: int | None = None


@dataclass(frozen=True)
class Block:
    """What a column contributes: rows of features, of which there are fewer where vectors are null."""

    width: int
    kinds: list[Kind]
    places: NDArray[np.intp] | slice
    """The row of the result for each row that is there."""
    invalid: NDArray[np.bool_]
    """The rows that are null, and those that are NaN among numbers."""

    def rows_of(self, kind: Kind) -> NDArray[np.intp] | slice:
        """The rows of the result that a kind of vectors goes to."""
        return kind.rows if isinstance(self.places, slice) else self.places[kind.rows]


@dataclass(frozen=True)
class Assemble:
    """Numbers and entries of vectors behind each other; what is invalid is an error, skipped or NaN."""

    sources: tuple[Source, ...]
    handleInvalid: str

    def __call__(self, rows: pa.Table) -> Computed:
        blocks = [
            self._block(column, source) for column, source in zip(rows.columns, self.sources, strict=True)
        ]
        invalid = np.zeros(len(rows), dtype=bool)
        for block in blocks:
            invalid |= block.invalid
        kept = pa.array(~invalid) if self.handleInvalid == SKIP and invalid.any() else None
        return Computed(
            [compressed(_matrix(blocks, len(rows), np.nan if self.handleInvalid == KEEP else 0.0))], kept
        )

    def _block(self, column: pa.ChunkedArray, source: Source) -> Block:
        if self.handleInvalid == ERROR and column.null_count:
            raise QueryExecutionException(_refusal("null"))
        if source.width is None:
            return self._numbers(column)
        return _vectors(column, source)

    def _numbers(self, column: pa.ChunkedArray) -> Block:
        values = pc.cast(column, pa.float64()).to_numpy()  # a null becomes NaN
        invalid = np.isnan(values)
        if self.handleInvalid == ERROR and invalid.any():
            raise QueryExecutionException(_refusal("NaN"))
        return Block(1, [Kind(values[:, None], slice(None))], slice(None), invalid)


def _refusal(what: str) -> str:
    return (
        f'Encountered {what} while assembling a row with handleInvalid = "error". Consider\n'
        f'removing {what}s from dataset or using handleInvalid = "keep" or "skip".'
    )


def _vectors(column: pa.ChunkedArray, source: Source) -> Block:
    valid = pc.is_valid(column)
    is_there = valid.to_numpy()
    kinds = kinds_of(column.filter(valid) if column.null_count else column, source.name)
    for kind in kinds:
        if kind.matrix.shape[1] != source.width:
            raise QueryExecutionException(
                f"Vectors of column {source.name} have size {kind.matrix.shape[1]}, and not {source.width}"
            )
    places = np.flatnonzero(is_there) if column.null_count else slice(None)
    return Block(source.width or 0, kinds, places, ~is_there)


def _matrix(blocks: list[Block], count: int, missing: float) -> Matrix:
    """The blocks beside each other; vectors that are not there are full of `missing`."""
    if any(is_sparse(kind.matrix) for block in blocks for kind in block.kinds):
        sparse = needed("scipy.sparse", "A sparse vector")
        return sparse.hstack([_sparse(block, count, missing) for block in blocks], format="csr")
    matrix = np.empty((count, sum(block.width for block in blocks)))
    begin = 0
    for block in blocks:
        if not isinstance(block.places, slice):
            matrix[:, begin : begin + block.width] = missing
        for kind in block.kinds:
            matrix[block.rows_of(kind), begin : begin + block.width] = dense(kind.matrix)
        begin += block.width
    return matrix


def _sparse(block: Block, count: int, missing: float) -> Any:
    """A block as sparse rows; rows that are not there are full of `missing`."""
    sparse = needed("scipy.sparse", "A sparse vector")
    absent = (
        np.flatnonzero(block.invalid) if not isinstance(block.places, slice) else np.array([], dtype=np.intp)
    )
    fill = np.full((len(absent), block.width), missing) if missing else (len(absent), block.width)
    pieces = [sparse.csr_matrix(kind.matrix) for kind in block.kinds] + [sparse.csr_matrix(fill)]
    places = [np.arange(count)[block.rows_of(kind)] for kind in block.kinds] + [absent]
    order = np.empty(count, dtype=np.intp)
    order[np.concatenate(places)] = np.arange(count)
    return sparse.vstack(pieces, format="csr")[order]
