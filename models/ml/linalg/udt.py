"""The types of vectors and matrices as columns, stored as Spark stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.duck.number_text import double_to_string
from streamcore.duck.once import let
from streamcore.models.ml.linalg.text import listed
from streamcore.spi.cast_text import double_text
from streamcore.spi.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DoubleType,
    IntegerType,
    StructField,
    StructType,
    UserDefinedType,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.models.ml.linalg.matrices import Matrix
    from streamcore.models.ml.linalg.vector import Vector

SPARSE, DENSE = 0, 1
_MODULE = "pyspark.ml.linalg"


def _ints(name: str) -> StructField:
    return StructField(name, ArrayType(IntegerType(), containsNull=False))


_VALUES = StructField("values", ArrayType(DoubleType(), containsNull=False))


class VectorUDT(UserDefinedType):
    """A column of vectors, stored as struct<type:tinyint,size:int,indices:array<int>,values:array<double>>.

    >>> VectorUDT().simpleString()
    'vector'
    """

    def __repr__(self) -> str:
        return "VectorUDT()"

    @classmethod
    def sqlType(cls) -> StructType:
        """The type of what is stored."""
        return StructType(
            [
                StructField("type", ByteType(), nullable=False),
                StructField("size", IntegerType()),
                _ints("indices"),
                _VALUES,
            ]
        )

    @classmethod
    def module(cls) -> str:
        """The module where a reader finds the class."""
        return _MODULE

    @classmethod
    def scalaUDT(cls) -> str:
        """The full name of the class in Scala for the same type."""
        return "org.apache.spark.ml.linalg.VectorUDT"

    def serialize(self, obj: Vector) -> tuple[int, int | None, list[int] | None, list[float]]:
        """The stored value of a vector."""
        from streamcore.models.ml.linalg.dense import DenseVector
        from streamcore.models.ml.linalg.sparse import SparseVector

        if isinstance(obj, SparseVector):
            return SPARSE, obj.size, obj.indices.tolist(), obj.values.tolist()
        if isinstance(obj, DenseVector):
            return DENSE, None, None, obj.array.tolist()
        raise TypeError(f"cannot serialize {obj!r} of type {type(obj)!r}")

    def deserialize(self, datum: Any) -> Vector:
        """The vector of a stored value."""
        from streamcore.models.ml.linalg.dense import DenseVector
        from streamcore.models.ml.linalg.sparse import SparseVector

        kind, size, indices, values = datum
        if kind == SPARSE:
            return SparseVector(size, indices, values)
        if kind == DENSE:
            return DenseVector(values)
        raise ValueError(f"do not recognize type {kind!r}")

    def objects_of(self, column: pa.ChunkedArray) -> list[Vector | None]:
        """The vectors of a whole column of stored values."""
        from streamcore.models.ml.linalg.columns import vectors_in

        return vectors_in(column)

    def column_of(self, objects: list[Any]) -> pa.Array | None:
        """The stored values of many vectors; None when something else is among them."""
        from streamcore.models.ml.linalg.columns import column_of_vectors

        return column_of_vectors(objects)

    def text_of(self, stored: dict[str, Any]) -> str:
        """How `show` writes a vector."""
        values = listed(map(double_text, stored["values"]))
        return (
            values if stored["type"] == DENSE else f"({stored['size']},{listed(stored['indices'])},{values})"
        )

    def text_sql(self, stored: str) -> str:
        """The SQL of DuckDB for the text of a stored vector."""
        return let(stored, _vector_text)

    def simpleString(self) -> str:
        """The type as schemas show it."""
        return "vector"


def _vector_text(vector: str) -> str:
    def parts(field: str, text: str) -> str:
        return f"'[' || array_to_string(list_transform({vector}.{field}, lambda x: {text}), ',') || ']'"

    values = parts('"values"', double_to_string("x"))
    sparse = (
        f"'(' || {vector}.size || ',' || {parts('indices', 'CAST(x AS VARCHAR)')} || ',' || {values} || ')'"
    )
    return f"CASE {vector}.type WHEN {DENSE} THEN {values} WHEN {SPARSE} THEN {sparse} END"


class MatrixUDT(UserDefinedType):
    """A column of matrices, stored column by column (row by row where `isTransposed` is set)."""

    def __repr__(self) -> str:
        return "MatrixUDT()"

    @classmethod
    def sqlType(cls) -> StructType:
        """The type of what is stored."""
        return StructType(
            [
                StructField("type", ByteType(), nullable=False),
                StructField("numRows", IntegerType(), nullable=False),
                StructField("numCols", IntegerType(), nullable=False),
                _ints("colPtrs"),
                _ints("rowIndices"),
                _VALUES,
                StructField("isTransposed", BooleanType(), nullable=False),
            ]
        )

    @classmethod
    def module(cls) -> str:
        """The module where a reader finds the class."""
        return _MODULE

    @classmethod
    def scalaUDT(cls) -> str:
        """The full name of the class in Scala for the same type."""
        return "org.apache.spark.ml.linalg.MatrixUDT"

    def serialize(
        self, obj: Matrix
    ) -> tuple[int, int, int, list[int] | None, list[int] | None, list[float], bool]:
        """The stored value of a matrix."""
        from streamcore.models.ml.linalg.matrices import DenseMatrix, SparseMatrix

        if isinstance(obj, SparseMatrix):
            pointers, rows = obj.colPtrs.tolist(), obj.rowIndices.tolist()
            return (
                SPARSE,
                obj.numRows,
                obj.numCols,
                pointers,
                rows,
                obj.values.tolist(),
                bool(obj.isTransposed),
            )
        if isinstance(obj, DenseMatrix):
            return DENSE, obj.numRows, obj.numCols, None, None, obj.values.tolist(), bool(obj.isTransposed)
        raise TypeError(f"cannot serialize type {type(obj)!r}")

    def deserialize(self, datum: Any) -> Matrix:
        """The matrix of a stored value."""
        from streamcore.models.ml.linalg.matrices import DenseMatrix, SparseMatrix

        kind, rows, columns, pointers, indices, values, transposed = datum
        if kind == SPARSE:
            return SparseMatrix(rows, columns, pointers, indices, values, transposed)
        if kind == DENSE:
            return DenseMatrix(rows, columns, values, transposed)
        raise ValueError(f"do not recognize type {kind!r}")

    def text_of(self, stored: dict[str, Any]) -> str:
        """How `show` writes a matrix: its rows, or the entries of a sparse one."""
        from streamcore.models.ml.linalg.matrices import SparseMatrix

        matrix = self.deserialize(tuple(stored.values()))
        if isinstance(matrix, SparseMatrix):
            kind = "CSRMatrix" if matrix.isTransposed else "CSCMatrix"
            entries = [f"({row},{column}) {double_text(value)}" for row, column, value in matrix.entries()]
            return "\n".join([f"{matrix.numRows} x {matrix.numCols} {kind}", *entries])
        texts = [[double_text(value) for value in row] for row in matrix.toArray().tolist()]
        widths = [max(map(len, column)) + 2 for column in zip(*texts, strict=True)]
        return "\n".join(
            "".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in texts
        )

    def simpleString(self) -> str:
        """The type as schemas show it."""
        return "matrix"
