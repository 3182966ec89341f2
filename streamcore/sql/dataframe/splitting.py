"""randomSplit and unpivot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.execution.leaves import local_relation
from streamcore.plan.analysis import filter_rows
from streamcore.plan.attributes import Attribute, reference
from streamcore.plan.expressions import call
from streamcore.plan.typing import common_type
from streamcore.sql.dataframe.core import expressions_of, flattened, frame_of, selected
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


def random_split(frame: DataFrame, weights: list[float], seed: int) -> list[DataFrame]:
    """Each row goes to exactly one part: it is drawn once, when the split is made."""
    if any(weight < 0 for weight in weights) or sum(weights) <= 0:
        raise IllegalArgumentException(
            f"requirement failed: Weights must be nonnegative and their sum positive, got {weights}"
        )
    drawn = _with_draw(frame, seed)
    total, start = sum(weights), 0.0
    parts = []
    for at, weight in enumerate(weights):
        end = 2.0 if at == len(weights) - 1 else start + weight / total
        draw = reference(drawn.plan.output[-1])
        inside = exp.And(
            this=exp.GTE(this=draw, expression=literal_expression(start)),
            expression=exp.LT(this=draw.copy(), expression=literal_expression(end)),
        )
        kept = frame_of(filter_rows(drawn.plan, inside, frame.session.analysis_settings), frame.session)
        parts.append(selected(kept, [reference(a) for a in drawn.plan.output[:-1]]))
        start = end
    return parts


def _with_draw(frame: DataFrame, seed: int) -> DataFrame:
    draw = exp.Alias(this=call("rand", literal_expression(seed)), alias=exp.to_identifier("draw"))
    drawn = selected(frame, [*(reference(a) for a in frame.plan.output), draw])
    return frame_of(local_relation(drawn.toArrow(), drawn.schema), frame.session)


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
