"""Vectors of the RDD API: those of ml, which they turn into without a copy."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np

from streamcore.models.ml import linalg as ml
from streamcore.models.ml.linalg.vector import as_vector
from streamcore.models.mllib.linalg.udt import VectorUDT

_SPARSE = re.compile(r"^\(\s*(\d+)\s*,\s*(\[.*?\])\s*,\s*(\[.*?\])\s*\)$", re.DOTALL)


class Vector(ml.Vector):
    """A vector of floats, dense or sparse."""

    __UDT__: ClassVar[VectorUDT] = VectorUDT()

    def asML(self) -> ml.Vector:
        """The same vector for ml."""
        raise NotImplementedError


class DenseVector(ml.DenseVector, Vector):
    """A vector that keeps every entry, in a numpy array.

    >>> DenseVector([1.0, 2.0]).asML(), DenseVector.parse(" [1.0, 2.0]")
    (DenseVector([1.0, 2.0]), DenseVector([1.0, 2.0]))
    """

    @staticmethod
    def parse(s: str) -> DenseVector:
        """The vector of a text such as `[1.0,2.0]`."""
        return DenseVector(_numbers(s.strip()))

    def asML(self) -> ml.DenseVector:
        """The same vector for ml."""
        return ml.DenseVector(self.array)


class SparseVector(ml.SparseVector, Vector):
    """A vector that keeps only its active entries.

    >>> SparseVector.parse("(4,[0,1],[4.0,5.0])")
    SparseVector(4, {0: 4.0, 1: 5.0})
    """

    @staticmethod
    def parse(s: str) -> SparseVector:
        """The vector of a text such as `(4,[0,1],[4.0,5.0])`."""
        found = _SPARSE.match(s.strip())
        if found is None:
            raise ValueError(f"Unable to parse a sparse vector from {s!r}: (size,[indices],[values])")
        indices = [int(index) for index in _numbers(found[2])]
        return SparseVector(int(found[1]), indices, _numbers(found[3]))

    def asML(self) -> ml.SparseVector:
        """The same vector for ml."""
        return ml.SparseVector(self.size, self.indices, self.values)


def _numbers(text: str) -> list[float]:
    if not (text.startswith("[") and text.endswith("]")):
        raise ValueError(f"Unable to parse a vector from {text!r}: numbers within [ and ]")
    return [float(number) for number in text[1:-1].split(",") if number.strip()]


class Vectors:
    """The ways to make a vector.

    >>> Vectors.dense(1, 2), Vectors.sparse(3, {1: 1.0}), Vectors.parse("(2,[0],[3.0])")
    (DenseVector([1.0, 2.0]), SparseVector(3, {1: 1.0}), SparseVector(2, {0: 3.0}))
    """

    @staticmethod
    def sparse(size: int, *args: Any) -> SparseVector:
        """A sparse vector: of a dictionary, of pairs, or of indices (ascending) and values."""
        return SparseVector(size, *args)

    @staticmethod
    def dense(*elements: Any) -> DenseVector:
        """A dense vector: of numbers, or of one sequence of them."""
        if len(elements) == 1 and not isinstance(elements[0], float | int):
            return DenseVector(elements[0])
        return DenseVector(elements)

    @staticmethod
    def fromML(vec: ml.Vector) -> Vector:
        """The same vector for mllib."""
        if isinstance(vec, ml.SparseVector):
            return SparseVector(vec.size, vec.indices, vec.values)
        if isinstance(vec, ml.DenseVector):
            return DenseVector(vec.array)
        raise TypeError(f"Unsupported vector type {type(vec)}")

    @staticmethod
    def stringify(vector: Vector) -> str:
        """The text that `parse` reads."""
        return str(vector)

    @staticmethod
    def squared_distance(v1: Any, v2: Any) -> np.float64:
        """The square of the Euclidean distance of two vectors."""
        return as_vector(v1).squared_distance(as_vector(v2))

    @staticmethod
    def norm(vector: Any, p: Any) -> np.floating[Any]:
        """The p-norm of a vector."""
        return as_vector(vector).norm(p)

    @staticmethod
    def parse(s: str) -> Vector:
        """The vector of a text, dense or sparse."""
        if s.lstrip().startswith("["):
            return DenseVector.parse(s)
        if s.lstrip().startswith("("):
            return SparseVector.parse(s)
        raise ValueError("Cannot find tokens '[' or '(' from the input string.")

    @staticmethod
    def zeros(size: int) -> DenseVector:
        """A dense vector of zeros."""
        return DenseVector(np.zeros(size))


def vector_of(value: Any) -> Vector:
    """A vector of mllib of anything that passes for one."""
    return value if isinstance(value, Vector) else Vectors.fromML(as_vector(value))
