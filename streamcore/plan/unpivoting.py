"""UNPIVOT: columns to rows, one per column (or set of columns), made of one generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.analysis import AnalysisSettings, generate
from streamcore.plan.attributes import Attribute, passed_through, reference, referenced_id
from streamcore.plan.expressions import call, type_node
from streamcore.plan.generators import GeneratorCall
from streamcore.plan.logical import Filter, LogicalPlan, Project
from streamcore.plan.naming import expression_text
from streamcore.plan.resolution import Names
from streamcore.plan.translation.coercion import is_string
from streamcore.plan.typing import common_type
from streamcore.spi.types import DataType, NullType


@dataclass(frozen=True)
class ColumnSet:
    """The columns that become the values of one row, and what the row calls them (None: their names)."""

    columns: tuple[exp.Expression, ...]
    name: str | None = None


def unpivot_rows(
    child: LogicalPlan,
    sets: Sequence[ColumnSet],
    name: str,
    values: Sequence[str],
    settings: AnalysisSettings,
    *,
    with_nulls: bool,
) -> LogicalPlan:
    """Each row of the child once for every set, in their order; what no set holds is carried along.

    `name` is the column that names a set, `values` are those with the values.  Rows whose values are all null
    are left out unless they are asked for.
    """
    names = settings.names(child)
    rows = [[_column(c, names) for c in one.columns] for one in sets]
    if any(len(row) != len(values) for row in rows):
        raise AnalysisException(
            "[UNPIVOT_VALUE_SIZE_MISMATCH] All unpivot value columns must have the same size as there are "
            f"value column names ({', '.join(values)}). SQLSTATE: 428C4"
        )
    types = [_type_of([row[at] for row in rows], settings) for at in range(len(values))]
    labels = [one.name or "_".join(c.name for c in row) for one, row in zip(sets, rows, strict=True)]
    structs = [_row(label, row, types) for label, row in zip(labels, rows, strict=True)]
    inline = exp.Inline(this=exp.Array(expressions=structs))
    made = generate(child, GeneratorCall(inline, is_outer=False, aliases=(name, *values)), settings)
    taken = {column.id for row in rows for column in row}
    kept = [passed_through(a) for a in child.output if a.id not in taken and not a.qualified_only]
    plan: LogicalPlan = made
    if not with_nulls:
        plan = Filter(plan, reduce(_either, map(_is_known, made.columns[1:])))
    return Project(plan, (*kept, *map(passed_through, made.columns)))


def _is_known(column: Attribute) -> exp.Expression:
    return exp.Not(this=exp.Is(this=reference(column), expression=exp.Null()))


def _either(one: exp.Expression, other: exp.Expression) -> exp.Expression:
    return exp.Or(this=one, expression=other)


def _column(written: exp.Expression, names: Names) -> Attribute:
    resolved = names.resolve(written)
    id_ = referenced_id(resolved)
    found = names.by_id(id_) if id_ is not None else None
    if found is None:
        raise AnalysisException(
            "[UNPIVOT_REQUIRES_ATTRIBUTES] UNPIVOT requires all given value expressions to be columns when "
            "no id expressions are given. These are not columns: "
            f'["{expression_text(written)}"]. SQLSTATE: 42K0A'
        )
    return found


def _type_of(columns: Sequence[Attribute], settings: AnalysisSettings) -> DataType:
    found: DataType = NullType()
    for column in columns:
        is_mixed = is_string(found) != is_string(column.data_type)
        is_known = not isinstance(found, NullType) and not isinstance(column.data_type, NullType)
        both = common_type(found, column.data_type, ansi=settings.ansi)
        if both is None or (is_known and is_mixed):
            raise _mismatch(columns)
        found = both
    return found


def _mismatch(columns: Sequence[Attribute]) -> AnalysisException:
    listed = ", ".join(f'"{c.data_type.simpleString().upper()}" (`{c.name}`)' for c in columns)
    return AnalysisException(
        "[UNPIVOT_VALUE_DATA_TYPE_MISMATCH] Unpivot value columns must share a least common type, some types "
        f"do not: [{listed}]. SQLSTATE: 42K09"
    )


def _row(name: str, columns: Sequence[Attribute], types: Sequence[DataType]) -> exp.Expression:
    parts: list[exp.Expression] = [exp.Literal.string("name"), exp.Literal.string(name)]
    for at, (column, wanted) in enumerate(zip(columns, types, strict=True)):
        value = reference(column)
        is_same = column.data_type == wanted
        parts += [
            exp.Literal.string(f"value{at}"),
            value if is_same else exp.Cast(this=value, to=type_node(wanted)),
        ]
    return call("named_struct", *parts)
