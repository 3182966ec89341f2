"""Matrices of the RDD API: those of ml, which they turn into without a copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Generic, TypeVar

from streamcore.models.ml import linalg as ml
from streamcore.models.mllib.linalg.udt import MatrixUDT

QT = TypeVar("QT")
RT = TypeVar("RT")


class Matrix(ml.Matrix):
    """A matrix of floats; `isTransposed` says that it is kept row by row."""

    __UDT__: ClassVar[MatrixUDT] = MatrixUDT()

    def asML(self) -> ml.Matrix:
        """The same matrix for ml."""
        raise NotImplementedError


class DenseMatrix(ml.DenseMatrix, Matrix):
    """A matrix that keeps every entry.

    >>> DenseMatrix(2, 1, [1.0, 2.0]).asML()
    DenseMatrix(2, 1, [1.0, 2.0], False)
    """

    def asML(self) -> ml.DenseMatrix:
        """The same matrix for ml."""
        return ml.DenseMatrix(self.numRows, self.numCols, self.values, self.isTransposed)


class SparseMatrix(ml.SparseMatrix, Matrix):
    """A matrix that keeps the entries that are not zero, column by column."""

    def asML(self) -> ml.SparseMatrix:
        """The same matrix for ml."""
        return ml.SparseMatrix(*_parts(self))


def _parts(matrix: ml.SparseMatrix) -> tuple[int, int, Any, Any, Any, bool]:
    return (
        matrix.numRows, matrix.numCols, matrix.colPtrs, matrix.rowIndices, matrix.values, matrix.isTransposed,
    )  # fmt: skip


class Matrices:
    """The ways to make a matrix.

    >>> Matrices.fromML(Matrices.dense(1, 2, [1.0, 2.0]).asML())
    DenseMatrix(1, 2, [1.0, 2.0], False)
    """

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
        """A sparse matrix of the entries that are not zero, column by column."""
        return SparseMatrix(numRows, numCols, colPtrs, rowIndices, values)

    @staticmethod
    def fromML(mat: ml.Matrix) -> Matrix:
        """The same matrix for mllib."""
        if isinstance(mat, ml.SparseMatrix):
            return SparseMatrix(*_parts(mat))
        if isinstance(mat, ml.DenseMatrix):
            return DenseMatrix(mat.numRows, mat.numCols, mat.values, mat.isTransposed)
        raise TypeError(f"Unsupported matrix type {type(mat)}")


class QRDecomposition(Generic[QT, RT]):
    """The two factors of a matrix, Q orthonormal and R upper triangular."""

    def __init__(self, Q: QT, R: RT) -> None:
        self._Q, self._R = Q, R

    @property
    def Q(self) -> QT:
        """The orthonormal factor."""
        return self._Q

    @property
    def R(self) -> RT:
        """The upper triangular factor."""
        return self._R
