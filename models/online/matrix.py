"""Feature matrices: dense, or sparse by rows for features that are hashed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows of which most values are 0; row i has `data[indptr[i]:indptr[i+1]]` at the columns `indices[...]`.

    A column that a row names twice counts with the sum.
    """

    data: Floats
    indices: Integers
    indptr: Integers
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.indptr) - 1, self.columns

    def rows(self, begin: int, end: int) -> SparseRows:
        """Those from `begin` to before `end`, over the same memory."""
        indptr = self.indptr[begin : end + 1]
        taken = slice(indptr[0], indptr[-1])
        return SparseRows(self.data[taken], self.indices[taken], indptr - indptr[0], self.columns)

    def where(self, kept: npt.NDArray[np.bool_]) -> SparseRows:
        """The rows that are kept."""
        lengths = np.diff(self.indptr)
        values = np.repeat(kept, lengths)
        indptr = np.concatenate(([0], np.cumsum(lengths[kept])))
        return SparseRows(self.data[values], self.indices[values], indptr, self.columns)

    def row_numbers(self) -> Integers:
        """For each value the number of its row."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    def dot(self, weights: Floats) -> Floats:
        """The product with a vector of weights."""
        products = self.data * weights[self.indices]
        return summed(self.row_numbers(), products, len(self.indptr) - 1)

    def dense(self) -> Floats:
        """The same rows with their zeros."""
        full = np.zeros(self.shape)
        np.add.at(full, (self.row_numbers(), self.indices), self.data)
        return full


def summed(places: Integers, values: Floats, size: int) -> Floats:
    """The sums of the values by their place."""
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)


Matrix: TypeAlias = Floats | SparseRows


def rows_of(X: Matrix, begin: int, end: int) -> Matrix:
    """The rows from `begin` to before `end`, over the same memory."""
    return X[begin:end] if isinstance(X, np.ndarray) else X.rows(begin, end)


def rows_where(X: Matrix, kept: npt.NDArray[np.bool_]) -> Matrix:
    """The rows that are kept."""
    return X[kept] if isinstance(X, np.ndarray) else X.where(kept)


def dense(X: Matrix) -> Floats:
    """With zeros written out."""
    return X if isinstance(X, np.ndarray) else X.dense()
