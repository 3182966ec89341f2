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
    places: NDArray[np.intp]
    """The row of the result for each row that is there."""
    invalid: NDArray[np.bool_]
    """The rows that are null, and those that are NaN among numbers."""


@dataclass(frozen=True)
class Assemble:
    """The columns' numbers and entries of vectors behind each other; what is invalid is an error, skipped or
    NaN.
    """

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
        return Computed([compressed(_matrix(blocks, len(rows)))], kept)

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
        return Block(1, [Kind(values[:, None], slice(None))], np.arange(len(values)), invalid)


def _refusal(what: str) -> str:
    return (
        f'Encountered {what} while assembling a row with handleInvalid = "error". Consider\n'
        f'removing {what}s from dataset or using handleInvalid = "keep" or "skip".'
    )


def _vectors(column: pa.ChunkedArray, source: Source) -> Block:
    valid = pc.is_valid(column)
    kinds = kinds_of(column if not column.null_count else column.filter(valid), source.name)
    for kind in kinds:
        if kind.matrix.shape[1] != source.width:
            raise QueryExecutionException(
                f"Vectors of column {source.name} have size {kind.matrix.shape[1]}, and not {source.width}"
            )
    is_there = valid.to_numpy(zero_copy_only=False) if isinstance(valid, pa.Array) else valid.to_numpy()
    return Block(source.width or 0, kinds, np.flatnonzero(is_there), ~is_there)


def _matrix(blocks: list[Block], count: int) -> Matrix:
    if any(is_sparse(kind.matrix) for block in blocks for kind in block.kinds):
        sparse = needed("scipy.sparse", "A sparse vector")
        return sparse.hstack([_sparse(block, count) for block in blocks], format="csr")
    matrix = np.full((count, sum(block.width for block in blocks)), np.nan)
    begin = 0
    for block in blocks:
        for kind in block.kinds:
            matrix[block.places[kind.rows], begin : begin + block.width] = dense(kind.matrix)
        begin += block.width
    return matrix


def _sparse(block: Block, count: int) -> Any:
    sparse = needed("scipy.sparse", "A sparse vector")
    pieces = [sparse.csr_matrix(kind.matrix) for kind in block.kinds]
    places = [block.places[kind.rows] for kind in block.kinds]
    missing = np.setdiff1d(np.arange(count), block.places)
    if len(missing):
        pieces.append(sparse.csr_matrix(np.full((len(missing), block.width), np.nan)))
        places.append(missing)
    if not pieces:
        return sparse.csr_matrix((count, block.width))
    order = np.empty(count, dtype=np.intp)
    order[np.concatenate(places)] = np.arange(count)
    return sparse.vstack(pieces, format="csr")[order]
