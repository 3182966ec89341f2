"""Columns of numbers, arrays and vectors become one matrix; what does not fit is refused by name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.models.online.matrix import SparseRows, dense
from streamcore.models.online.rows import check_features, features_of, labels_of, numbers_of

_VECTOR = pa.struct(
    [
        ("type", pa.int8()),
        ("size", pa.int32()),
        ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)


def _dense(*values: float) -> dict[str, object]:
    return {"type": 1, "size": None, "indices": None, "values": list(values)}


def _sparse(size: int, **values: float) -> dict[str, object]:
    indices = [int(name[1:]) for name in values]
    return {"type": 0, "size": size, "indices": indices, "values": list(values.values())}


def _vectors(*vectors: dict[str, object]) -> pa.Table:
    return pa.table({"v": pa.array(vectors, _VECTOR)})


def test_columns_of_numbers_stand_side_by_side() -> None:
    rows = pa.table({"a": [1, 2], "b": [0.5, 1.5], "c": [True, False]})
    np.testing.assert_array_equal(features_of(rows, ("c", "a", "b")), [[1, 1, 0.5], [0, 2, 1.5]])


def test_dense_vectors_of_one_size_are_not_copied() -> None:
    rows = _vectors(_dense(1, 2), _dense(3, 4), _dense(5, 6)).slice(1)
    matrix = features_of(rows, ("v",))
    np.testing.assert_array_equal(matrix, [[3, 4], [5, 6]])
    values = rows.column("v").chunk(0).field("values").flatten().to_numpy()
    assert np.shares_memory(matrix, values)


def test_arrays_are_vectors_too() -> None:
    for kind in (pa.list_(pa.float64()), pa.large_list(pa.float32()), pa.list_(pa.int32(), 2)):
        rows = pa.table({"v": pa.array([[1, 2], [3, 4]], kind)})
        check_features(rows.schema, ("v",))
        np.testing.assert_array_equal(features_of(rows, ("v",)), [[1, 2], [3, 4]])


def test_sparse_and_dense_vectors_may_be_mixed() -> None:
    rows = _vectors(_sparse(3, i2=5.0), _dense(1, 2, 3), _sparse(3), _sparse(3, i0=7.0, i1=8.0))
    matrix = features_of(rows, ("v",))
    assert isinstance(matrix, SparseRows)
    np.testing.assert_array_equal(dense(matrix), [[0, 0, 5], [1, 2, 3], [0, 0, 0], [7, 8, 0]])
    np.testing.assert_array_equal(dense(features_of(rows.slice(1, 2), ("v",))), [[1, 2, 3], [0, 0, 0]])


def test_chunks_of_different_kinds_are_one_matrix() -> None:
    dense_chunk, sparse_chunk = _vectors(_dense(1, 2)), _vectors(_sparse(2, i1=9.0))
    empty = dense_chunk.slice(0, 0)
    rows = pa.concat_tables([empty, dense_chunk, sparse_chunk, dense_chunk])
    np.testing.assert_array_equal(dense(features_of(rows, ("v",))), [[1, 2], [0, 9], [1, 2]])
    np.testing.assert_array_equal(features_of(pa.concat_tables([dense_chunk] * 2), ("v",)), [[1, 2], [1, 2]])


def test_rows_of_a_sparse_matrix_are_taken_as_of_a_dense_one() -> None:
    matrix = features_of(_vectors(_sparse(3, i2=5.0), _sparse(3), _sparse(3, i0=7.0, i1=8.0)), ("v",))
    assert isinstance(matrix, SparseRows)
    np.testing.assert_array_equal(matrix.rows(1, 3).dense(), [[0, 0, 0], [7, 8, 0]])
    np.testing.assert_array_equal(matrix.where(np.array([True, False, True])).dense(), [[0, 0, 5], [7, 8, 0]])
    np.testing.assert_array_equal(matrix.dot(np.array([1.0, 10.0, 100.0])), [500, 0, 87])


@pytest.mark.parametrize(
    "rows",
    [
        pa.table({"v": pa.array([1.0, None])}),
        pa.table({"v": pa.array([[1.0], None])}),
        pa.table({"v": pa.array([[1.0], [None]])}),
        _vectors(_dense(1), None),  # type: ignore[arg-type]
    ],
)
def test_missing_features_are_refused(rows) -> None:
    with pytest.raises(QueryExecutionException, match="'v' has 1 nulls in a batch of 2 rows"):
        features_of(rows, ("v",))


@pytest.mark.parametrize(
    "rows",
    [
        pa.table({"v": [[1.0], [1.0, 2.0]]}),
        _vectors(_dense(1), _dense(1, 2)),
        _vectors(_dense(1), _sparse(2)),
        pa.concat_tables([_vectors(_dense(1)), _vectors(_dense(1, 2))]),
    ],
)
def test_vectors_of_different_sizes_are_refused(rows) -> None:
    with pytest.raises(QueryExecutionException, match="of different sizes: 1, 2"):
        features_of(rows, ("v",))


@pytest.mark.parametrize("indices", [[3], [-1], [0, 1], [], [None], None])
def test_a_sparse_vector_whose_indices_do_not_fit_is_refused(indices: list[int] | None) -> None:
    rows = _vectors(_dense(1.0, 2.0, 3.0), {"type": 0, "size": 3, "indices": indices, "values": [1.0]})
    with pytest.raises(QueryExecutionException, match=r"'v' is damaged: .* an index from 0 to 2"):
        features_of(rows, ("v",))


def test_columns_that_are_no_numbers_are_refused_by_name() -> None:
    schema = pa.schema({"text": pa.string(), "vector": _VECTOR, "number": pa.int8()})
    with pytest.raises(AnalysisException, match="'text' is of the type string"):
        check_features(schema, ("text",))
    with pytest.raises(AnalysisException, match="'vector' is of the type struct"):
        check_features(schema, ("number", "vector"))


def test_a_missing_label_is_no_number_and_a_missing_weight_is_refused() -> None:
    rows = pa.table({"n": pa.array([1, None])})
    np.testing.assert_array_equal(labels_of(rows, "n"), [1.0, np.nan])
    with pytest.raises(QueryExecutionException, match="weight column 'n' has 1 nulls"):
        numbers_of(rows, "n", "weight")
