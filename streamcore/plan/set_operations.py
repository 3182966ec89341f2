"""union, intersect and except: inputs matched by position or by name, their types widened to one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import modes, refusals
from streamcore.plan.analysis import AnalysisSettings
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    next_id,
    passed_through,
    reference,
)
from streamcore.plan.distinct_ids import with_distinct_ids
from streamcore.plan.expressions import type_node
from streamcore.plan.logical import Distinct, Join, LogicalPlan, Project, SetOperation, Union
from streamcore.plan.modes import Modes
from streamcore.plan.refusals import backticked
from streamcore.plan.typing import common_type
from streamcore.plan.variant_refusals import refuse_in_sets
from streamcore.spi.types import DataType, NullType


def union(left: LogicalPlan, right: LogicalPlan, under: Modes = modes.DEFAULT) -> LogicalPlan:
    """All rows of both, columns by position, names from the left."""
    left, right = _widened(left, right, "UNION", under)
    columns = tuple(
        replace(
            attribute(a.name, a.data_type, a.nullable or b.nullable, a.metadata),
            watermark_delay_ms=a.watermark_delay_ms,
        )
        for a, b in zip(left.output, right.output, strict=True)
    )
    inputs = (*_flat(left), *_flat(right))
    return Union(inputs, columns)


def union_by_name(
    left: LogicalPlan, right: LogicalPlan, settings: AnalysisSettings, *, allow_missing: bool
) -> LogicalPlan:
    """All rows of both, columns by name; `allow_missing` fills columns that one side lacks with null."""
    lefts, rights = _by_name(left, settings), _by_name(right, settings)
    missing_right = [a for key, a in lefts.items() if key not in rights]
    missing_left = [a for key, a in rights.items() if key not in lefts]
    if not allow_missing and (missing_right or len(lefts) != len(rights)):
        name = (missing_right or missing_left)[0].name
        raise AnalysisException(
            f"Cannot resolve column name {backticked(name)} among "
            f"({', '.join(a.name for a in (right if missing_right else left).output)}). SQLSTATE: 42703"
        )
    wide_left = [*map(passed_through, left.output), *map(_absent, missing_left)]
    order = [*lefts, *(key for key in rights if key not in lefts)]
    wide_right = [passed_through(rights[key]) if key in rights else _absent(lefts[key]) for key in order]
    return union(_project(left, wide_left), _project(right, wide_right), settings.modes)


def set_operation(
    left: LogicalPlan, right: LogicalPlan, kind: str, under: Modes = modes.DEFAULT, *, is_all: bool
) -> LogicalPlan:
    """INTERSECT or EXCEPT, by position."""
    left, right = _widened(left, right, kind.upper(), under)
    refuse_in_sets(left.output)
    if kind == "except" and not is_all and left.is_streaming and not right.is_streaming:
        return _rows_not_in(left, right)
    return SetOperation(left, right, kind, is_all)


def _rows_not_in(left: LogicalPlan, right: LogicalPlan) -> LogicalPlan:
    """The distinct rows of `left` that `right` has not, put as operators that a stream can run."""
    right, _ = with_distinct_ids(left, right)
    pairs = zip(left.output, right.output, strict=True)
    equal: Iterable[exp.Expression] = (
        exp.NullSafeEQ(this=reference(a), expression=reference(b)) for a, b in pairs
    )
    condition = reduce(lambda one, other: exp.And(this=one, expression=other), equal)
    return Distinct(Join(left, right, "leftanti", condition), left.output)


def _flat(plan: LogicalPlan) -> tuple[LogicalPlan, ...]:
    """A union's inputs, so that a chain of unions is one node."""
    if isinstance(plan, Union) and all(
        a.data_type == b.data_type for c in plan.inputs for a, b in zip(c.output, plan.columns, strict=True)
    ):
        return plan.inputs
    return (plan,)


def _widened(
    left: LogicalPlan, right: LogicalPlan, word: str, under: Modes
) -> tuple[LogicalPlan, LogicalPlan]:
    if len(left.output) != len(right.output):
        raise AnalysisException(
            f"[NUM_COLUMNS_MISMATCH] {word} can only be performed on inputs with the same number of "
            "columns, but "
            f"the first input has {len(left.output)} columns and the second input has {len(right.output)} "
            "columns. "
            "SQLSTATE: 42826"
        )
    pairs = zip(left.output, right.output, strict=True)
    types = [_common(a, b, at, word, under) for at, (a, b) in enumerate(pairs)]
    return _cast(left, types, under), _cast(right, types, under)


def _common(left: Attribute, right: Attribute, at: int, word: str, under: Modes) -> DataType:
    found = common_type(left.data_type, right.data_type, ansi=under.ansi)
    if found is None:
        raise AnalysisException(
            f"[INCOMPATIBLE_COLUMN_TYPE] {word} can only be performed on tables with compatible column "
            "types. The "
            f'{_ordinal(at)} column of the second table is "{right.data_type.simpleString().upper()}" type '
            "which is "
            f'not compatible with "{left.data_type.simpleString().upper()}" at the same column of the first '
            "table. "
            "SQLSTATE: 42825"
        )
    return found


def _ordinal(at: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth")
    return words[at] if at < len(words) else f"{at + 1}th"


def _cast(plan: LogicalPlan, types: list[DataType], under: Modes) -> LogicalPlan:
    if all(a.data_type == wanted for a, wanted in zip(plan.output, types, strict=True)):
        return plan
    pairs = zip(plan.output, types, strict=True)
    return Project(plan, tuple(_as_type(a, wanted, under) for a, wanted in pairs))


def _as_type(column: Attribute, wanted: DataType, under: Modes) -> NamedExpression:
    if column.data_type == wanted:
        return passed_through(column)
    widened = modes.bearing(exp.Cast(this=reference(column), to=type_node(wanted)), under)
    return NamedExpression(widened, Attribute(column.name, wanted, column.nullable, next_id()))


def _by_name(plan: LogicalPlan, settings: AnalysisSettings) -> dict[str, Attribute]:
    keys = [a.name if settings.case_sensitive else a.name.lower() for a in plan.output]
    for key in keys:
        if keys.count(key) > 1:
            raise refusals.column_already_exists(key)
    return dict(zip(keys, plan.output, strict=True))


def _absent(column: Attribute) -> NamedExpression:
    return NamedExpression(exp.Null(), Attribute(column.name, NullType(), nullable=True, id=next_id()))


def _project(plan: LogicalPlan, entries: list[NamedExpression]) -> LogicalPlan:
    if all(e.is_reference for e in entries) and [e.attribute for e in entries] == list(plan.output):
        return plan
    return Project(plan, tuple(entries))
