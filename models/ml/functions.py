"""Functions of columns of vectors."""

from __future__ import annotations

from streamcore.models.ml.predict_batch import predict_batch_udf
from streamcore.plan.expressions import call
from streamcore.sql.column import Column
from streamcore.sql.functions.building import expression
from streamcore.sql.literals import literal_expression

__all__ = ["array_to_vector", "predict_batch_udf", "vector_to_array"]


def vector_to_array(col: Column | str, dtype: str = "float64") -> Column:
    """The entries of each vector as an array of doubles, or of floats with `dtype="float32"`.

    A null among the vectors fails the query.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = Session.builder.getOrCreate().createDataFrame([(Vectors.sparse(3, [1], [2.0]),)], ["v"])
    >>> rows.select(vector_to_array("v").alias("a")).collect()
    [Row(a=[0.0, 2.0, 0.0])]
    """
    given = [] if dtype == "float64" else [literal_expression(dtype)]
    return Column(call("vector_to_array", expression(col), *given))


def array_to_vector(col: Column | str) -> Column:
    """A dense vector of each array of numbers; a null, or a null in an array, fails the query.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([([1.5, 2.0],)], ["a"])
    >>> rows.select(array_to_vector("a").alias("v")).collect()
    [Row(v=DenseVector([1.5, 2.0]))]
    """
    return Column(call("array_to_vector", expression(col)))
