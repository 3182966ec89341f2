"""randomSplit and unpivot."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.execution.leaves import local_relation
from streamcore.jvm.spark_draws import uniforms
from streamcore.plan.analysis import filter_rows, sort_rows
from streamcore.plan.attributes import Attribute, reference
from streamcore.plan.typing import common_type
from streamcore.spi.types import ArrayType, DataType, MapType, StructType, UserDefinedType
from streamcore.sql.dataframe.actions import static_table
from streamcore.sql.dataframe.core import expressions_of, flattened, frame_of, selected
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


def random_split(frame: DataFrame, weights: list[float], seed: int) -> list[DataFrame]:
    """Each row goes to exactly one part: it is drawn once, when the split is made.

    The rows are put in order first, so that the same rows and seed give the same parts: those of Spark
    where its rows are in one partition.
    """
    for weight in weights:
        if weight < 0:
            raise IllegalArgumentException(
                f"[VALUE_NOT_POSITIVE] Value for `weights` must be positive, got {str(weight)!r}."
            )
    if not sum(weights) > 0:
        listed = ",".join(str(float(weight)) for weight in weights)
        raise IllegalArgumentException(
            f"requirement failed: Sum of weights must be positive, but got [{listed}]"
        )
    drawn = _with_draw(frame, seed)
    return [_between(drawn, low, high) for low, high in pairwise(_bounds(weights))]


def _with_draw(frame: DataFrame, seed: int) -> DataFrame:
    place = exp.Alias(this=literal_expression(0.0), alias=exp.to_identifier("draw"))
    wider = selected(_in_order(frame), [*(reference(a) for a in frame.plan.output), place])
    rows = static_table(wider)
    draws = pa.array(uniforms(seed, rows.num_rows))
    drawn = rows.set_column(rows.num_columns - 1, rows.field(rows.num_columns - 1), draws)
    return frame_of(local_relation(drawn, wider.schema), frame.session)


def _between(drawn: DataFrame, low: float, high: float) -> DataFrame:
    draw = reference(drawn.plan.output[-1])
    inside = exp.And(
        this=exp.GTE(this=draw, expression=literal_expression(low)),
        expression=exp.LT(this=draw.copy(), expression=literal_expression(high)),
    )
    kept = filter_rows(drawn.plan, inside, drawn.session.analysis_settings)
    return selected(frame_of(kept, drawn.session), [reference(a) for a in drawn.plan.output[:-1]])


def _bounds(weights: list[float]) -> list[float]:
    """Where the parts of [0, 1) begin, and their end: 1, or beyond where the sum is rounded below it."""
    total = sum(weights)
    bounds = list(accumulate((weight / total for weight in weights), initial=0.0))
    return [*bounds[:-1], max(bounds[-1], 1.0)]


def _in_order(frame: DataFrame) -> DataFrame:
    columns = [reference(a) for a in frame.plan.output if _has_order(a.data_type)]
    if not columns:
        return frame
    return frame_of(sort_rows(frame.plan, columns, frame.session.analysis_settings), frame.session)


def _has_order(data_type: DataType) -> bool:
    match data_type:
        case MapType():
            return False
        case ArrayType():
            return _has_order(data_type.elementType)
        case StructType():
            return all(_has_order(field.dataType) for field in data_type.fields)
        case UserDefinedType():
            return _has_order(data_type.sqlType())
        case _:
            return True


def unpivot(frame: DataFrame, ids: Any, values: Any | None, name_column: str, value_column: str) -> DataFrame:
    """One row per row and value column."""
    id_columns = _references(frame, ids)
    used = {e.name for e in id_columns}
    value_columns = (
        _references(frame, values)
        if values is not None
        else [reference(a) for a in frame.plan.output if reference(a).name not in used]
    )
    if not value_columns:
        raise AnalysisException(
            "[UNPIVOT_REQUIRES_VALUE_COLUMNS] At least one value column needs to be specified for UNPIVOT, "
            "all "
            "columns specified as ids. SQLSTATE: 42K0E"
        )
    _require_common_type([_attribute(frame, e) for e in value_columns])
    parts = [
        selected(
            frame,
            [
                *(e.copy() for e in id_columns),
                _alias(literal_expression(_attribute(frame, value).name), name_column),
                _alias(value.copy(), value_column),
            ],
        )
        for value in value_columns
    ]
    result = parts[0]
    for part in parts[1:]:
        result = result.union(part)
    return result


def _references(frame: DataFrame, columns: Any) -> list[exp.Expression]:
    listed = flattened(columns) if isinstance(columns, (list, tuple)) else [columns]
    names = frame.session.analysis_settings.names(frame.plan)
    return [names.resolve(e) for e in expressions_of(listed)] if listed else []


def _attribute(frame: DataFrame, expression: exp.Expression) -> Attribute:
    return next(a for a in frame.plan.output if reference(a).name == expression.name)


def _require_common_type(columns: list[Attribute]) -> None:
    wanted = columns[0].data_type
    for column in columns[1:]:
        found = common_type(wanted, column.data_type)
        if found is None:
            listed = ", ".join(f'"{c.data_type.simpleString().upper()}" (`{c.name}`)' for c in columns)
            raise AnalysisException(
                "[UNPIVOT_VALUE_DATA_TYPE_MISMATCH] Unpivot value columns must share a least common type, "
                "some types do "
                f"not: [{listed}]. SQLSTATE: 42K09"
            )
        wanted = found


def _alias(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))
