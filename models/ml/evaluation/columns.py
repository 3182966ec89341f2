"""What evaluators read of a dataset: its columns as numpy's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.matrices import dense_of, named
from streamcore.models.ml.schemas import require_numeric, require_type
from streamcore.spi.types import ArrayType, DoubleType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.models.ml.evaluation.weights import Doubles
    from streamcore.models.ml.param.shared import HasWeightCol
    from streamcore.sql.dataframe import DataFrame

LISTS = (ArrayType(DoubleType(), containsNull=True), ArrayType(DoubleType(), containsNull=False))


@dataclass(frozen=True)
class Read:
    """Columns of one reading, so that their rows belong together."""

    numbers: list[Doubles]
    weight: Doubles | None
    whole: pa.Table


def read(dataset: DataFrame, *numbers: str, weightCol: str | None = None, whole: Sequence[str] = ()) -> Read:
    """Columns of numbers as doubles, weights if there are, and `whole` columns as they are."""
    asked = [*numbers, *([weightCol] if weightCol else [])]
    for name in asked:
        require_numeric(dataset.schema, name)
    table = dataset.select(
        *(named(dataset, name).cast("double").alias(f"_{at}") for at, name in enumerate(asked)),
        *(named(dataset, name).alias(f"whole_{at}") for at, name in enumerate(whole)),
    ).toArrow()
    found = [doubles(table.column(at), name) for at, name in enumerate(asked)]
    weight = checked_weights(found.pop()) if weightCol else None
    return Read(found, weight, table.select(range(len(asked), len(asked) + len(whole))))


def weight_col(evaluator: HasWeightCol) -> str | None:
    """The name of the column of weights, if the evaluator has one."""
    return (evaluator.getWeightCol() or None) if evaluator.isDefined(evaluator.weightCol) else None


def doubles(column: pa.ChunkedArray, name: str) -> Doubles:
    """A column of doubles; QueryExecutionException for a null, which no metric can count."""
    if column.null_count:
        raise QueryExecutionException(f"Column {name} has {column.null_count} null(s): no metric counts them")
    return np.asarray(column.to_numpy(), np.float64)


def checked_weights(weights: Doubles) -> Doubles:
    """The weights; QueryExecutionException for what does not weigh."""
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise QueryExecutionException("Weights MUST NOT be Null, Negative, NaN or Infinity")
    return weights


def vectors_or_lists(table: pa.Table, at: int) -> Doubles:
    """A column of vectors, or of lists of one length, as a matrix."""
    import pyarrow as pa

    name, column = table.column_names[at], table.column(at)
    if pa.types.is_struct(column.type):
        return dense_of(table.select([at]), name)
    return np.array(column.to_pylist(), np.float64).reshape(len(column), -1)


def lists_of(dataset: DataFrame, *names: str) -> list[list[list[float]]]:
    """Columns of lists of doubles."""
    for name in names:
        require_type(dataset.schema, name, *LISTS)
    table = dataset.select(*(named(dataset, name) for name in names)).toArrow()
    columns: list[Any] = [column.to_pylist() for column in table.columns]
    for name, column in zip(names, columns, strict=True):
        if any(row is None for row in column):
            raise QueryExecutionException(f"Column {name} has nulls: no metric counts them")
    return columns
