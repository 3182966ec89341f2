"""Vectors and matrices by themselves."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import sparse

from streamcore.models.ml.linalg import (
    DenseMatrix,
    DenseVector,
    Matrices,
    MatrixUDT,
    SparseMatrix,
    SparseVector,
    Vectors,
    VectorUDT,
)

DENSE = Vectors.dense(0.0, 1.5, 0.0, -2.0)
SPARSE = Vectors.sparse(4, [1, 3], [1.5, -2.0])


def test_a_dense_and_a_sparse_vector_of_the_same_entries_are_equal_and_hash_alike():
    assert DENSE == SPARSE
    assert hash(DENSE) == hash(SPARSE)
    assert Vectors.dense(1.0) != Vectors.dense(1.0, 0.0)
    assert Vectors.sparse(5, [1, 3], [1.5, -2.0]) != SPARSE
    assert DENSE != [0.0, 1.5, 0.0, -2.0]


def test_vectors_are_written_as_pyspark_writes_them():
    assert (str(DENSE), repr(DENSE)) == ("[0.0,1.5,0.0,-2.0]", "DenseVector([0.0, 1.5, 0.0, -2.0])")
    assert (str(SPARSE), repr(SPARSE)) == ("(4,[1,3],[1.5,-2.0])", "SparseVector(4, {1: 1.5, 3: -2.0})")
    assert repr(Vectors.dense(0.123456, float("nan"))) == "DenseVector([0.1235, nan])"


@pytest.mark.parametrize("vector", [DENSE, SPARSE])
@pytest.mark.parametrize(
    "other", [Vectors.dense(1, 2, 3, 4), Vectors.sparse(4, {0: 1, 1: 2, 2: 3, 3: 4}), [1, 2, 3, 4]]
)
def test_products_and_distances_do_not_depend_on_how_a_vector_is_kept(vector, other):
    assert vector.dot(other) == -5.0
    assert vector.squared_distance(other) == 1 + 0.25 + 9 + 36


def test_a_vector_times_a_matrix_is_an_array():
    matrix = np.arange(8.0).reshape(4, 2)
    assert DENSE.dot(matrix).tolist() == SPARSE.dot(matrix).tolist() == [-9.0, -9.5]
    assert DENSE.dot(sparse.csr_matrix(matrix)).tolist() == [-9.0, -9.5]


def test_vectors_of_other_sizes_do_not_fit():
    for vector in (DENSE, SPARSE):
        with pytest.raises(AssertionError, match="dimension mismatch"):
            vector.dot([1.0])
        with pytest.raises(AssertionError, match="dimension mismatch"):
            vector.squared_distance([1.0])


def test_a_sparse_vector_refuses_indices_out_of_order_or_of_range():
    with pytest.raises(TypeError, match="Indices 3 and 1 are not strictly increasing"):
        SparseVector(4, [3, 1], [1.0, 2.0])
    with pytest.raises(AssertionError, match="Index 6 is out of the size of vector with size=4"):
        SparseVector(4, {6: 1.0})
    with pytest.raises(AssertionError, match="Contains negative index -1"):
        SparseVector(4, {-1: 1.0})


def test_a_sparse_vector_answers_for_every_index():
    assert [SPARSE[index] for index in (0, 1, 3, -1, -4)] == [0.0, 1.5, -2.0, -2.0, 0.0]
    with pytest.raises(IndexError, match="Index 4 out of bounds"):
        SPARSE[4]


@pytest.mark.parametrize("value", [DENSE, SPARSE, Matrices.dense(1, 2, [1.0, 2.0])])
def test_what_is_pickled_comes_back(value):
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize("vector", [DENSE, SPARSE, Vectors.dense([]), SparseVector(3, [], [])])
def test_a_vector_survives_its_storage(vector):
    udt = VectorUDT()
    again = udt.deserialize(udt.serialize(vector))
    assert (again, type(again)) == (vector, type(vector))


def test_a_matrix_is_kept_column_by_column_unless_it_is_transposed():
    matrix = DenseMatrix(2, 3, range(6))
    assert matrix.toArray().tolist() == [[0, 2, 4], [1, 3, 5]]
    assert DenseMatrix(2, 3, [0, 2, 4, 1, 3, 5], isTransposed=True) == matrix
    assert (matrix[1, 2], matrix.toSparse()[1, 2], matrix.toSparse()[0, 0]) == (5.0, 5.0, 0.0)
    assert matrix.toSparse() == matrix
    assert matrix.toSparse().toDense() == matrix
    with pytest.raises(IndexError, match=r"Row index 2 is out of range \[0, 2\)"):
        matrix[2, 0]


def test_a_sparse_matrix_kept_row_by_row_is_read_row_by_row():
    matrix = SparseMatrix(2, 2, [0, 2, 3], [0, 1, 1], [2.0, 3.0, 4.0], isTransposed=True)
    assert matrix.toArray().tolist() == [[2, 3], [0, 4]]
    assert str(matrix) == "2 X 2 CSRMatrix\n(0,0) 2.0\n(0,1) 3.0\n(1,1) 4.0"
    assert repr(matrix) == "SparseMatrix(2, 2, [0, 2, 3], [0, 1, 1], [2.0, 3.0, 4.0], True)"


@pytest.mark.parametrize("matrix", [DenseMatrix(2, 1, [1, 2]), SparseMatrix(2, 2, [0, 1, 1], [1], [3.0])])
def test_a_matrix_survives_its_storage(matrix):
    udt = MatrixUDT()
    assert udt.deserialize(udt.serialize(matrix)) == matrix


def test_a_dense_vector_takes_an_array_as_it_is():
    values = np.array([1.0, 2.0])
    assert DenseVector(values).array is values
