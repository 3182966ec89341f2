"""The types of columns of mllib's vectors and matrices; stored as those of ml are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.models.ml.linalg import udt as ml

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.models.ml.linalg import Matrix, Vector

_MODULE = "pyspark.mllib.linalg"


class VectorUDT(ml.VectorUDT):
    """A column of mllib's vectors.

    >>> VectorUDT().simpleString(), VectorUDT() == ml.VectorUDT()
    ('vector', False)
    """

    @classmethod
    def module(cls) -> str:
        """The module where a reader finds the class."""
        return _MODULE

    @classmethod
    def scalaUDT(cls) -> str:
        """The full name of the class in Scala for the same type."""
        return "org.apache.spark.mllib.linalg.VectorUDT"

    def deserialize(self, datum: Any) -> Vector:
        """The vector of a stored value."""
        from streamcore.models.mllib.linalg.vectors import Vectors

        return Vectors.fromML(super().deserialize(datum))

    def objects_of(self, column: pa.ChunkedArray) -> list[Vector | None]:
        """The vectors of a whole column of stored values."""
        from streamcore.models.mllib.linalg.vectors import Vectors

        vectors = super().objects_of(column)
        return [None if vector is None else Vectors.fromML(vector) for vector in vectors]


class MatrixUDT(ml.MatrixUDT):
    """A column of mllib's matrices."""

    @classmethod
    def module(cls) -> str:
        """The module where a reader finds the class."""
        return _MODULE

    @classmethod
    def scalaUDT(cls) -> str:
        """The full name of the class in Scala for the same type."""
        return "org.apache.spark.mllib.linalg.MatrixUDT"

    def deserialize(self, datum: Any) -> Matrix:
        """The matrix of a stored value."""
        from streamcore.models.mllib.linalg.matrices import Matrices

        return Matrices.fromML(super().deserialize(datum))
