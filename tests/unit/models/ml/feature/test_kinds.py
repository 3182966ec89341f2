"""Columns of dense and sparse vectors, changed kind by kind."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.feature.kinds import kinds_of, mapped, scaled
from streamcore.models.ml.linalg import Vectors, VectorUDT
from streamcore.models.ml.matrices import vector_type

UDT = VectorUDT()
NAMES = UDT.sqlType().names
MIXED = [
    Vectors.sparse(3, {1: 2.0}),
    Vectors.dense([1.0, 0.0, 3.0]),
    Vectors.sparse(3, {}),
    Vectors.dense([4.0, 5.0, 6.0]),
    Vectors.sparse(3, {0: 1.0, 2: 0.0}),
]


def column_of(*vectors):
    stored = [None if v is None else dict(zip(NAMES, UDT.serialize(v), strict=True)) for v in vectors]
    return pa.chunked_array([pa.array(stored, vector_type())])


def vectors_in(column):
    return [UDT.deserialize([row[name] for name in NAMES]) for row in column.to_pylist()]


def test_every_vector_keeps_its_kind_and_its_place():
    changed = vectors_in(mapped(column_of(*MIXED), "v", lambda matrix: matrix * 2))
    assert [str(vector) for vector in changed] == [
        "(3,[1],[4.0])",
        "[2.0,0.0,6.0]",
        "(3,[],[])",
        "[8.0,10.0,12.0]",
        "(3,[0,2],[2.0,0.0])",
    ]


def test_a_part_of_a_column_is_only_that_part():
    part = column_of(*MIXED).slice(1, 3)
    assert vectors_in(mapped(part, "v", lambda matrix: matrix)) == MIXED[1:4]


def test_dense_vectors_of_one_size_are_not_copied():
    column = column_of(Vectors.dense([1.0, 2.0]), Vectors.dense([3.0, 4.0]))
    (kind,) = kinds_of(column, "v")
    values = column.chunk(0).field("values").values.to_numpy()
    assert np.shares_memory(kind.matrix, values)


def test_vectors_of_several_sizes_are_several_kinds():
    found = kinds_of(column_of(Vectors.dense([1.0]), Vectors.dense([1.0, 2.0]), Vectors.dense([3.0])), "v")
    assert [(kind.matrix.tolist(), np.arange(3)[kind.rows].tolist()) for kind in found] == [
        ([[1.0], [3.0]], [0, 2]),
        ([[1.0, 2.0]], [1]),
    ]


@pytest.mark.parametrize("vectors", [[], [Vectors.dense([]), Vectors.dense([])]])
def test_no_rows_and_no_entries_are_columns_too(vectors):
    assert vectors_in(mapped(column_of(*vectors), "v", lambda matrix: matrix)) == vectors


def test_a_null_is_refused_by_the_name_of_its_column():
    with pytest.raises(QueryExecutionException, match="column v"):
        mapped(column_of(*MIXED, None), "v", lambda matrix: matrix)


def test_a_factor_for_another_number_of_features_is_refused():
    with pytest.raises(QueryExecutionException, match="Expected 2 but found 3"):
        scaled(np.ones((1, 3)), np.ones(2))
