"""Vectors and matrices of the RDD API."""

from __future__ import annotations

from streamcore.models.mllib.linalg.matrices import (
    DenseMatrix,
    Matrices,
    Matrix,
    QRDecomposition,
    SparseMatrix,
)
from streamcore.models.mllib.linalg.udt import MatrixUDT, VectorUDT
from streamcore.models.mllib.linalg.vectors import DenseVector, SparseVector, Vector, Vectors

__all__ = [
    "DenseMatrix",
    "DenseVector",
    "Matrices",
    "Matrix",
    "MatrixUDT",
    "QRDecomposition",
    "SparseMatrix",
    "SparseVector",
    "Vector",
    "VectorUDT",
    "Vectors",
]
