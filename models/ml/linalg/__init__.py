"""Vectors and matrices of one machine, and their types as columns."""

from __future__ import annotations

from streamcore.models.ml.linalg.dense import DenseVector
from streamcore.models.ml.linalg.matrices import DenseMatrix, Matrices, Matrix, SparseMatrix
from streamcore.models.ml.linalg.sparse import SparseVector
from streamcore.models.ml.linalg.udt import MatrixUDT, VectorUDT
from streamcore.models.ml.linalg.vector import Vector
from streamcore.models.ml.linalg.vectors import Vectors

__all__ = [
    "DenseMatrix",
    "DenseVector",
    "Matrices",
    "Matrix",
    "MatrixUDT",
    "SparseMatrix",
    "SparseVector",
    "Vector",
    "VectorUDT",
    "Vectors",
]
