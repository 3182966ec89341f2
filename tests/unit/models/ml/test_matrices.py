"""Columns of vectors as matrices."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.linalg import Vectors, VectorUDT
from streamcore.models.ml.matrices import (
    compressed,
    dense_of,
    features_of,
    fit_rows,
    sparse_of,
    vector_type,
    vectors_of,
)

UDT = VectorUDT()
MATRIX = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])


def table_of(*vectors):
    rows = [None if vector is None else UDT.serialize(vector) for vector in vectors]
    names = UDT.sqlType().names
    named = [None if row is None else dict(zip(names, row, strict=True)) for row in rows]
    return pa.table({"features": pa.array(named, vector_type())})


def vectors_in(column):
    return [UDT.deserialize(tuple(row.values())) for row in column.to_pylist()]


def test_dense_vectors_are_read_where_they_lie():
    column = vectors_of(MATRIX)
    found = features_of(pa.table({"features": column}), "features")
    assert found.tolist() == MATRIX.tolist()
    buffer = column.field("values").values.buffers()[1]
    assert buffer.address <= found.ctypes.data < buffer.address + buffer.size


def test_a_slice_of_a_column_is_read_from_its_own_start():
    table = pa.table({"features": vectors_of(MATRIX)}).slice(1, 2)
    assert features_of(table, "features").tolist() == MATRIX[1:].tolist()
    half = pa.table({"features": vectors_of(sparse.csr_matrix(MATRIX))}).slice(1)
    assert dense_of(half, "features").tolist() == MATRIX[1:].tolist()


def test_several_chunks_are_one_matrix():
    table = pa.table(
        {"features": pa.chunked_array([vectors_of(MATRIX), vectors_of(sparse.csr_matrix(MATRIX))])}
    )
    assert dense_of(table, "features").tolist() == [*MATRIX.tolist(), *MATRIX.tolist()]


def test_dense_and_sparse_vectors_may_be_mixed():
    table = table_of(Vectors.dense(1, 0, 2), Vectors.sparse(3, [2], [3.0]), Vectors.sparse(3, [], []))
    assert dense_of(table, "features").tolist() == MATRIX.tolist()
    assert sparse_of(table, "features").toarray().tolist() == MATRIX.tolist()
    assert sparse_of(table, "features").nnz == 3


def test_few_entries_of_sparse_vectors_stay_sparse():
    few = features_of(pa.table({"f": vectors_of(sparse.csr_matrix(MATRIX))}), "f")
    assert sparse.issparse(few)
    many = features_of(table_of(Vectors.sparse(2, [0, 1], [1.0, 2.0])), "features")
    assert isinstance(many, np.ndarray)


def test_sparse_matrices_come_back_as_sparse_vectors():
    assert vectors_in(vectors_of(sparse.csr_matrix(MATRIX))) == [
        Vectors.sparse(3, [0, 2], [1.0, 2.0]),
        Vectors.sparse(3, [2], [3.0]),
        Vectors.sparse(3, [], []),
    ]


def test_no_rows_are_a_matrix_without_rows():
    assert features_of(table_of(), "features").shape == (0, 0)
    assert features_of(pa.table({"f": pa.chunked_array([], vector_type())}), "f").shape == (0, 0)
    assert len(vectors_of(np.zeros((0, 3)))) == 0
    assert len(compressed(np.zeros((0, 3)))) == 0


def test_a_null_is_no_row_of_a_matrix():
    with pytest.raises(QueryExecutionException, match="Vectors MUST NOT be Null: column features has 1"):
        features_of(table_of(Vectors.dense(1.0), None), "features")


def test_vectors_of_several_sizes_are_no_matrix():
    with pytest.raises(IllegalArgumentException, match="one size, but there are 1 and 2"):
        features_of(table_of(Vectors.dense(1.0), Vectors.sparse(2, [0], [1.0])), "features")


@pytest.mark.parametrize("kept", [np.asarray, sparse.csr_matrix])
def test_a_compressed_column_keeps_each_vector_as_it_takes_less_memory(kept):
    rows = np.zeros((3, 6))
    rows[0, :4] = 1.0
    rows[1, 5] = 2.0
    found = vectors_in(compressed(kept(rows)))
    assert found == [Vectors.dense(rows[0]), Vectors.sparse(6, [5], [2.0]), Vectors.sparse(6, [], [])]
    assert [type(vector).__name__ for vector in found] == ["DenseVector", "SparseVector", "SparseVector"]


@pytest.mark.parametrize(
    ("vector", "label", "weight", "message"),
    [
        (
            Vectors.dense(float("nan"), 1.0),
            1.0,
            1.0,
            "Vector values MUST NOT be NaN or Infinity, but got NaN",
        ),
        (None, 1.0, 1.0, "Vectors MUST NOT be Null"),
        (Vectors.dense(1, 1), None, 1.0, "Labels MUST NOT be Null or NaN"),
        (Vectors.dense(1, 1), 1.0, -1.0, "Weights MUST NOT be Negative or Infinity, but got -1.0"),
        (Vectors.dense(1, 1), 1.0, None, "Weights MUST NOT be Null or NaN"),
    ],
)
def test_rows_that_nothing_can_be_learnt_from_are_refused_in_sparks_words(
    session: Session, vector, label, weight, message
):
    rows = [(Vectors.dense(1.0, 2.0), 0.0, 1.0), (vector, label, weight)]
    frame = session.createDataFrame(rows, ["f", "y", "w"])
    with pytest.raises(QueryExecutionException, match=message):
        fit_rows(frame, "f", "y", "w")


def test_what_is_learnt_from_is_read_as_numbers(session: Session):
    frame = session.createDataFrame(
        [(Vectors.dense(1.0, 2.0), 3), (Vectors.sparse(2, [1], [4.0]), 5)], ["f", "y"]
    )
    found = fit_rows(frame, "f", "y")
    assert found.w is None
    assert np.asarray(found.X).tolist() == [[1.0, 2.0], [0.0, 4.0]]
    assert np.asarray(found.y).tolist() == [3.0, 5.0]
    with pytest.raises(IllegalArgumentException, match=r"Column y must be of type class .*VectorUDT"):
        fit_rows(frame, "y")
    with pytest.raises(IllegalArgumentException, match="Column f must be of type numeric"):
        fit_rows(frame, "f", "f")
