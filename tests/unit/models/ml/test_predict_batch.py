"""Models of other libraries as functions of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.functions import predict_batch_udf
from streamcore.models.ml.linalg import Vectors, VectorUDT
from streamcore.models.ml.predict_batch import BatchPrediction
from streamcore.sql import functions as F
from streamcore.sql.types import ArrayType, DataType, DoubleType, StructType

DOUBLE = DoubleType()
TWO = StructType().add("s", "double").add("a", ArrayType(DOUBLE))
TENSOR = pd.Series([np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])])
SCALAR = pd.Series([1.0, 2.0, 3.0])


def asked(model: Any, columns: Any, kind: DataType = DOUBLE, size: int = 2, shapes: Any = None) -> Any:
    return BatchPrediction(str(id(model)), lambda: model, kind, size, shapes).of(columns)


def test_the_model_gets_no_more_rows_than_a_batch_and_every_row_once():
    sizes: list[int] = []

    def model(x):
        sizes.append(len(x))
        return x * 2

    assert asked(model, [SCALAR]).tolist() == [2.0, 4.0, 6.0]
    assert sizes == [2, 1]


def test_tensors_have_the_shape_that_was_given():
    assert asked(lambda x: x.sum(axis=(1, 2)), [TENSOR], shapes=[[1, 2]]).tolist() == [3.0, 7.0, 11.0]
    both = asked(lambda x, y: x.sum(axis=1) + y, [TENSOR, SCALAR], shapes={0: [2]})
    assert both.tolist() == [4.0, 9.0, 14.0]


def test_several_outputs_come_as_columns_or_as_rows():
    columns = asked(lambda x: {"s": x, "a": np.stack([x, x], axis=1)}, [SCALAR], TWO)
    rows = asked(lambda x: [{"s": v, "a": np.array([v, v])} for v in x], [SCALAR], TWO)
    for found in (columns, rows):
        assert found["s"].tolist() == [1.0, 2.0, 3.0]
        assert [list(value) for value in found["a"]] == [[1, 1], [2, 2], [3, 3]]


def test_no_rows_have_no_predictions():
    assert len(asked(lambda x: x, [SCALAR.iloc[:0]])) == 0
    assert list(asked(lambda x: x, [SCALAR.iloc[:0]], TWO).columns) == ["s", "a"]


@pytest.mark.parametrize(
    ("model", "columns", "kind", "shapes", "message"),
    [
        (lambda x: x, [SCALAR, SCALAR], DOUBLE, None, "use `array` to combine columns"),
        (lambda x, y: x, [SCALAR], DOUBLE, None, "Model expected 2 inputs, but received 1 columns"),
        (lambda x: x, [TENSOR], DOUBLE, None, "Tensor columns require input_tensor_shapes"),
        (lambda x: x, [SCALAR], DOUBLE, [[3]], "Invalid input_tensor_shape for scalar column"),
        (lambda x, y: x, [SCALAR, SCALAR], DOUBLE, [[1]], "input_tensor_shapes must match columns"),
        (lambda x: x, [TENSOR], DOUBLE, [[4]], "Input data does not match expected shape"),
        (lambda x: x[:1], [SCALAR], DOUBLE, None, "must have same length as input data"),
        (lambda x: x, [TENSOR], DOUBLE, [[2]], "Invalid shape for scalar prediction result"),
        (lambda x: x, [SCALAR], ArrayType(DOUBLE), None, "ArrayType must be two-dimensional"),
        (lambda x: x, [SCALAR], TWO, None, "StructType must be a dictionary or a list of dictionary"),
        (lambda x: {"s": x}, [SCALAR], TWO, None, "columns did not match expected return_type columns"),
    ],
)
def test_what_does_not_fit_is_refused(model, columns, kind, shapes, message):
    with pytest.raises(ValueError, match=message):
        asked(model, columns, kind, shapes=shapes)


def test_types_and_batches_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="Unsupported return type: map<string,double>"):
        predict_batch_udf(lambda: None, return_type="map<string,double>", batch_size=1)  # type: ignore[arg-type,return-value]
    with pytest.raises(IllegalArgumentException, match="batch_size must be 1 or more"):
        predict_batch_udf(lambda: None, return_type="double", batch_size=0)  # type: ignore[arg-type,return-value]


def test_a_query_asks_the_model(session: Session):
    def load():
        return lambda x, y: {"s": x.sum(axis=1) + y, "a": x}

    predict = predict_batch_udf(load, return_type=TWO, batch_size=2, input_tensor_shapes=[[2], None])
    frame = session.range(3).select(F.array(F.col("id").cast("double"), F.lit(1.0)).alias("t"), "id")
    found = [row.p for row in frame.select(predict("t", "id").alias("p")).collect()]
    assert [(row.s, row.a) for row in found] == [(1.0, [0.0, 1.0]), (3.0, [1.0, 1.0]), (5.0, [2.0, 1.0])]


def test_functions_of_series_return_vectors(session: Session):
    @F.pandas_udf(VectorUDT())
    def with_one(values: pd.Series) -> pd.Series:
        return values.map(lambda value: Vectors.dense(value, 1.0))

    found = session.range(2).select(with_one("id").alias("v")).collect()
    assert [row.v for row in found] == [Vectors.dense(0, 1), Vectors.dense(1, 1)]
