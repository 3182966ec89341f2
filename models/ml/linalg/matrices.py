"""Matrices, dense and sparse, column by column."""

from __future__ import annotations

import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from streamcore.models.ml.linalg.text import short, shorts
from streamcore.models.ml.linalg.udt import MatrixUDT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 16
_ENDS = 8


class Matrix:
    """A matrix of floats; `isTransposed` says that it is kept row by row."""

    __UDT__: ClassVar[MatrixUDT] = MatrixUDT()

    def __init__(self, numRows: int, numCols: int, isTransposed: bool = False) -> None:
        self.numRows = numRows
        self.numCols = numCols
        self.isTransposed = isTransposed

    def toArray(self) -> NDArray[np.float64]:
        """The entries as an array of two dimensions."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matrix) and np.array_equal(self.toArray(), other.toArray())

    __hash__ = None  # type: ignore[assignment]

    def _require_inside(self, row: int, column: int) -> None:
        if not 0 <= row < self.numRows:
            raise IndexError(f"Row index {row} is out of range [0, {self.numRows})")
        if not 0 <= column < self.numCols:
            raise IndexError(f"Column index {column} is out of range [0, {self.numCols})")


class DenseMatrix(Matrix):
    """A matrix that keeps every entry.

    >>> DenseMatrix(2, 2, [0.0, 1.0, 2.0, 3.0]).toArray()
    array([[0., 2.],
           [1., 3.]])
    """

    def __init__(
        self, numRows: int, numCols: int, values: bytes | Iterable[float], isTransposed: bool = False
    ) -> None:
        super().__init__(numRows, numCols, isTransposed)
        self.values = _array(values, np.float64)
        assert len(self.values) == numRows * numCols

    def __reduce__(self) -> tuple[type[DenseMatrix], tuple[int, int, bytes, int]]:
        return type(self), (self.numRows, self.numCols, self.values.tobytes(), int(self.isTransposed))

    def toArray(self) -> NDArray[np.float64]:
        """The entries as an array of two dimensions."""
        if self.isTransposed:
            return np.asfortranarray(self.values.reshape((self.numRows, self.numCols)))
        return self.values.reshape((self.numRows, self.numCols), order="F")

    def toSparse(self) -> SparseMatrix:
        """The same matrix, without its zeros."""
        entries = self.toArray()
        columns, rows = np.nonzero(entries.T)
        pointers = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=self.numCols))])
        return SparseMatrix(self.numRows, self.numCols, pointers, rows, entries[rows, columns])

    def __getitem__(self, indices: tuple[int, int]) -> np.float64:
        row, column = indices
        self._require_inside(row, column)
        place = row * self.numCols + column if self.isTransposed else row + column * self.numRows
        entry: np.float64 = self.values[place]
        return entry

    def __str__(self) -> str:
        first, *others = repr(self.toArray()).splitlines()
        # Six: by so much "DenseMatrix" is longer than "array".
        return first.replace("array", "DenseMatrix") + "\n" + "\n".join(" " * 6 + line for line in others)

    def __repr__(self) -> str:
        entries = ", ".join(_abridged(self.values, shorts))
        return f"DenseMatrix({self.numRows}, {self.numCols}, [{entries}], {self.isTransposed})"


class SparseMatrix(Matrix):
    """A matrix that keeps the entries that are not zero, column by column (CSC)."""

    def __init__(
        self,
        numRows: int,
        numCols: int,
        colPtrs: bytes | Iterable[int],
        rowIndices: bytes | Iterable[int],
        values: bytes | Iterable[float],
        isTransposed: bool = False,
    ) -> None:
        super().__init__(numRows, numCols, isTransposed)
        self.colPtrs = _array(colPtrs, np.int32)
        self.rowIndices = _array(rowIndices, np.int32)
        self.values = _array(values, np.float64)
        lines = (numRows if isTransposed else numCols) + 1
        if self.colPtrs.size != lines:
            raise ValueError(f"Expected colPtrs of size {lines}, got {self.colPtrs.size}.")
        if self.rowIndices.size != self.values.size:
            raise ValueError(f"Expected rowIndices of length {self.rowIndices.size}, got {self.values.size}.")

    def __reduce__(self) -> tuple[type[SparseMatrix], tuple[int, int, bytes, bytes, bytes, int]]:
        parts = self.colPtrs.tobytes(), self.rowIndices.tobytes(), self.values.tobytes()
        return type(self), (self.numRows, self.numCols, *parts, int(self.isTransposed))

    def _lines(self) -> NDArray[np.intp]:
        """For each entry its column (its row, where the matrix is kept row by row)."""
        return np.repeat(np.arange(self.colPtrs.size - 1), np.diff(self.colPtrs))

    def entries(self) -> list[tuple[int, int, float]]:
        """Row, column and value of each entry, in the order in which they are kept."""
        lines, others = self._lines().tolist(), self.rowIndices.tolist()
        rows, columns = (lines, others) if self.isTransposed else (others, lines)
        return list(zip(rows, columns, self.values.tolist(), strict=True))

    def toArray(self) -> NDArray[np.float64]:
        """The entries as an array of two dimensions."""
        entries = np.zeros((self.numRows, self.numCols), order="F")
        if self.isTransposed:
            entries[self._lines(), self.rowIndices] = self.values
        else:
            entries[self.rowIndices, self._lines()] = self.values
        return entries

    def toDense(self) -> DenseMatrix:
        """The same matrix with every entry."""
        return DenseMatrix(self.numRows, self.numCols, np.ravel(self.toArray(), order="F"))

    def __getitem__(self, indices: tuple[int, int]) -> np.float64:
        row, column = indices
        self._require_inside(row, column)
        line, wanted = (row, column) if self.isTransposed else (column, row)
        start, end = self.colPtrs[line], self.colPtrs[line + 1]
        place = int(np.searchsorted(self.rowIndices[start:end], wanted) + start)
        return np.float64(self.values[place] if place < end and self.rowIndices[place] == wanted else 0.0)

    def __str__(self) -> str:
        kind = "CSRMatrix" if self.isTransposed else "CSCMatrix"
        entries = zip(self._lines()[:_SHOWN], self.rowIndices, self.values, strict=False)
        lines = [
            f"({line},{index}) {short(value)}" if self.isTransposed else f"({index},{line}) {short(value)}"
            for line, index, value in entries
        ]
        more = [".."] * 2 if len(self.values) > _SHOWN else []
        return f"{self.numRows} X {self.numCols} {kind}\n" + "\n".join([*lines, *more])

    def __repr__(self) -> str:
        pointers, rows, values = (
            ", ".join(_abridged(part, write))
            for part, write in (
                (self.colPtrs, _plain), (self.rowIndices, _plain), (self.values, shorts),
            )
        )  # fmt: skip
        shape = f"{self.numRows}, {self.numCols}"
        return f"SparseMatrix({shape}, [{pointers}], [{rows}], [{values}], {self.isTransposed})"


class Matrices:
    """The ways to make a matrix."""

    @staticmethod
    def dense(numRows: int, numCols: int, values: bytes | Iterable[float]) -> DenseMatrix:
        """A dense matrix of its entries, column by column."""
        return DenseMatrix(numRows, numCols, values)

    @staticmethod
    def sparse(
        numRows: int,
        numCols: int,
        colPtrs: bytes | Iterable[int],
        rowIndices: bytes | Iterable[int],
        values: bytes | Iterable[float],
    ) -> SparseMatrix:
        """A sparse matrix: where each column starts, the rows of the entries, the entries."""
        return SparseMatrix(numRows, numCols, colPtrs, rowIndices, values)


def _array(values: Any, kind: Any) -> NDArray[Any]:
    if isinstance(values, bytes):
        return np.frombuffer(values, dtype=kind)
    if not isinstance(values, np.ndarray | list | tuple | array.array):
        values = list(values)
    return np.asarray(values, dtype=kind)


def _plain(values: Any) -> list[str]:
    return [str(value) for value in values.tolist()]


def _abridged(values: NDArray[Any], write: Any) -> list[str]:
    if len(values) <= _SHOWN:
        return list(write(values))
    return [*write(values[:_ENDS]), "...", *write(values[-_ENDS:])]
