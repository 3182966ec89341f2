"""Vectors to arrays and back."""

from __future__ import annotations

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.models.ml.functions import array_to_vector, vector_to_array
from streamcore.models.ml.linalg import SparseVector, Vectors
from streamcore.sql import functions as F

VECTORS = [
    Vectors.dense(1.5, 2.0),
    Vectors.sparse(4, [1, 3], [1.0, 2.5]),
    Vectors.sparse(3, [0], [7.0]),
    SparseVector(2, [], []),
    Vectors.dense([]),
    SparseVector(0, [], []),
]


def test_every_entry_of_a_vector_is_in_its_array(session: Session):
    frame = session.createDataFrame([(vector,) for vector in VECTORS], ["v"])
    arrays = [row[0] for row in frame.select(vector_to_array("v")).collect()]
    assert arrays == [vector.toArray().tolist() for vector in VECTORS]
    again = frame.select(array_to_vector(vector_to_array("v")).alias("w"), "v").filter("w is not null")
    assert [row.w for row in again.collect()] == VECTORS


def test_arrays_of_any_number_become_vectors(session: Session):
    frame = session.sql("select array(1, 2) i, array(1.5, 2.0) d, array(float(0.5)) f")
    found = frame.select(*(array_to_vector(name).alias(name) for name in "idf")).collect()
    assert found == [(Vectors.dense(1, 2), Vectors.dense(1.5, 2), Vectors.dense(0.5))]


def test_names_and_types_are_those_of_pyspark(session: Session):
    frame = session.createDataFrame([(VECTORS[0], [1.0])], ["v", "a"])
    found = frame.select(
        vector_to_array("v"), vector_to_array(frame.v, "float32").alias("f"), array_to_vector("a")
    )
    assert found.dtypes == [("UDF(v)", "array<double>"), ("f", "array<float>"), ("UDF(a)", "vector")]
    field = found.schema.fields[0]
    assert (field.nullable, field.dataType.containsNull) == (False, False)  # type: ignore[attr-defined]
    assert [row.f for row in found.collect()] == [[1.5, 2.0]]


def test_what_is_no_vector_or_no_array_of_numbers_is_refused(session: Session):
    frame = session.createDataFrame([(1, VECTORS[0], ["x"])], ["i", "v", "t"])
    with pytest.raises(AnalysisException, match="requires a non-null input argument and input type must be"):
        frame.select(vector_to_array("i"))
    with pytest.raises(AnalysisException, match='Unsupported dtype: "int"'):
        frame.select(vector_to_array("v", "int"))
    with pytest.raises(AnalysisException, match="CANNOT_UP_CAST_DATATYPE"):
        frame.select(array_to_vector("t"))


def test_a_null_fails_the_query(session: Session):
    nothing = session.createDataFrame([(VECTORS[0], [1.0]), (None, None)], ["v", "a"])
    for column in (vector_to_array("v"), array_to_vector("a")):
        with pytest.raises(StreamcoreError, match=r"not null|non-null"):
            nothing.select(column).collect()
    with pytest.raises(StreamcoreError, match="has no null in it"):
        session.sql("select array(1d, null) a").select(array_to_vector("a")).collect()
    present = nothing.filter(F.col("v").isNotNull())
    assert present.select(vector_to_array("v").alias("a")).collect() == [([1.5, 2.0],)]
