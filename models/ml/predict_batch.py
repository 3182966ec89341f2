"""Models of other libraries as functions of columns: batches of numpy arrays in, predictions out."""

from __future__ import annotations

import inspect
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    NumericType,
    StringType,
    StructType,
    TimestampType,
    parse_data_type,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_SCALARS = (NumericType, StringType, BooleanType, BinaryType, DateType, TimestampType)
_KEPT = 3
"""How many loaded models a worker keeps."""
_loaded: OrderedDict[str, Callable[..., Any]] = OrderedDict()
_loading = threading.Lock()


@dataclass(frozen=True)
class BatchPrediction:
    """How columns become a model's input, and what it answers a column.

    Parameters
    ----------
    key
        Names the model among those that a worker keeps.
    load
        Loads the model; its answer is called with numpy arrays.
    kind
        The type of the column.
    size
        How many rows the model is given at most.
    shapes
        For each input the shape of a row's tensor, or None for a scalar.
    """

    key: str
    load: Callable[[], Callable[..., Any]]
    kind: DataType
    size: int
    shapes: Sequence[Sequence[int] | None] | Mapping[int, Sequence[int]] | None

    def of(self, columns: Sequence[Any]) -> Any:
        """The predictions for columns of pandas, of one length."""
        import pandas as pd

        predict, rows = _model_of(self.key, self.load), len(columns[0])
        parts = [
            self._answer(predict, [column.iloc[start : start + self.size] for column in columns])
            for start in range(0, rows, self.size)
        ]
        if parts:
            return pd.concat(parts, ignore_index=True)
        names = self.kind.names if isinstance(self.kind, StructType) else None
        return pd.Series([], dtype=object) if names is None else pd.DataFrame(columns=names)

    def _answer(self, predict: Callable[..., Any], columns: Sequence[Any]) -> Any:
        expected = len(inspect.signature(predict).parameters)
        if expected == 1 and len(columns) > 1:
            raise ValueError(
                "Multiple input columns found, but model expected a single input, use `array` to combine "
                "columns into tensors."
            )
        if expected != len(columns):
            raise ValueError(f"Model expected {expected} inputs, but received {len(columns)} columns")
        inputs = [
            _array_of(column, shape)
            for column, shape in zip(columns, _shapes_of(self.shapes, expected), strict=True)
        ]
        return _column_of(predict(*inputs), len(columns[0]), self.kind)


def predict_batch_udf(
    make_predict_fn: Callable[[], Callable[..., Any]],
    *,
    return_type: DataType | str,
    batch_size: int,
    input_tensor_shapes: Sequence[Sequence[int] | None] | Mapping[int, Sequence[int]] | None = None,
) -> Any:
    """A function of columns that asks a model of another library, in batches of numpy arrays.

    Parameters
    ----------
    make_predict_fn
        Loads the model, once in each worker, and returns the function that predicts: it takes an array for
        each column, and returns an array, a dictionary of arrays, or a list of dictionaries.
    return_type
        The type of the predictions: a scalar, an array of them, or a struct of both.
    batch_size
        How many rows the model is given at most.
    input_tensor_shapes
        For each column the shape of a row, or None for a scalar; or a dictionary by the column's number.
        A column of arrays needs one.

    Needs pandas.

    >>> from streamcore import Session
    >>> def load():
    ...     return lambda x: x * 2
    >>> doubled = predict_batch_udf(load, return_type="double", batch_size=10)
    >>> Session.builder.getOrCreate().range(2).select(doubled("id").alias("d")).collect()
    [Row(d=0.0), Row(d=2.0)]
    """
    from streamcore.sql.vectorized_udf import PandasUDFType, pandas_udf

    if batch_size < 1:
        raise IllegalArgumentException(f"batch_size must be 1 or more, not {batch_size}")
    kind = parse_data_type(return_type) if isinstance(return_type, str) else return_type
    _require_supported(kind)
    prediction = BatchPrediction(uuid.uuid4().hex, make_predict_fn, kind, batch_size, input_tensor_shapes)

    def predict(*columns: pd.Series) -> pd.Series:
        found: pd.Series = prediction.of(columns)
        return found

    return pandas_udf(predict, kind, PandasUDFType.SCALAR)


def _model_of(key: str, load: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    with _loading:
        if key not in _loaded:
            _loaded[key] = load()
            while len(_loaded) > _KEPT:
                _loaded.popitem(last=False)
        _loaded.move_to_end(key)
        return _loaded[key]


def _shapes_of(given: Any, count: int) -> list[Sequence[int] | None]:
    if given is None:
        return [None] * count
    if isinstance(given, Mapping):
        return [given.get(at) for at in range(count)]
    if len(given) != count:
        raise ValueError(
            "Multiple input_tensor_shapes found, but model expected one input"
            if count == 1
            else "input_tensor_shapes must match columns"
        )
    return list(given)


def _array_of(column: Any, shape: Sequence[int] | None) -> NDArray[Any]:
    """The input of a column: one dimension for scalars, the shape given for tensors."""
    if column.ndim == 2:  # a struct
        found, wanted = column.to_numpy(), list(shape or [column.shape[1]])
    elif column.dtype == object and len(column) and isinstance(column.iloc[0], np.ndarray | list):
        if not shape:
            raise ValueError("Tensor columns require input_tensor_shapes")
        found, wanted = np.vstack(list(column)), list(shape)
    else:
        if shape and list(shape) != [1]:
            raise ValueError("Invalid input_tensor_shape for scalar column.")
        found, wanted = column.to_numpy(), list(shape or [])
    tensors = found.reshape([-1, *wanted])
    if len(tensors) != len(column):
        raise ValueError("Input data does not match expected shape.")
    return np.asarray(tensors)


def _column_of(answer: Any, rows: int, kind: DataType) -> Any:
    """A model's answer as a column of pandas; ValueError when it is not of the type."""
    import pandas as pd

    if isinstance(kind, StructType):
        return pd.DataFrame(_fields_of(answer, rows, kind))
    return pd.Series(_values_of(answer, rows, kind))


def _fields_of(answer: Any, rows: int, kind: StructType) -> dict[str, Any]:
    if isinstance(answer, list) and answer and isinstance(answer[0], Mapping):
        columns: dict[str, Any] = {name: np.array([row[name] for row in answer]) for name in answer[0]}
    elif isinstance(answer, Mapping):
        columns = dict(answer)
    else:
        raise ValueError(
            "Prediction results for StructType must be a dictionary or a list of dictionary, got: "
            f"{type(answer)}"
        )
    if set(columns) != set(kind.names):
        raise ValueError(
            "Prediction result columns did not match expected return_type columns: expected "
            f"{kind.names}, got: {list(columns)}"
        )
    return {field.name: _values_of(columns[field.name], rows, field.dataType) for field in kind.fields}


def _values_of(answer: Any, rows: int, kind: DataType) -> Any:
    found = np.asarray(answer)
    if len(found) != rows:
        raise ValueError("Prediction results must have same length as input data.")
    if isinstance(kind, ArrayType):
        if found.ndim != 2:
            raise ValueError("Prediction results for ArrayType must be two-dimensional.")
        return list(found)
    if found.ndim == 2 and found.shape[1] == 1:
        return found[:, 0]
    if found.ndim != 1:
        raise ValueError("Invalid shape for scalar prediction result.")
    return found


def _require_supported(kind: DataType) -> None:
    parts = [field.dataType for field in kind.fields] if isinstance(kind, StructType) else [kind]
    for part in parts:
        element = part.elementType if isinstance(part, ArrayType) else part
        if not isinstance(element, _SCALARS):
            raise ValueError(f"Unsupported return type: {kind.simpleString()}")  # noqa: TRY004 - as PySpark
