"""Queries that refer to themselves: Spark's rules for WITH RECURSIVE."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import Attribute, NamedExpression, passed_through, reference
from streamcore.plan.dependent import LateralJoin, SubqueryColumn
from streamcore.plan.expressions import type_node
from streamcore.plan.logical import Aggregate, Join, LogicalPlan, Project, Sort
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.recursive_rows import RecursiveRows
from streamcore.plan.typing import common_type


def refers_to(query: exp.Expression, name: str) -> bool:
    """Whether a query, as written, reads a table of this name."""
    tables = (table for table in query.find_all(exp.Table) if not table.args.get("db"))
    return any(table.name.lower() == name.lower() for table in tables)


def step_like_anchor(step: LogicalPlan, columns: tuple[Attribute, ...]) -> LogicalPlan:
    """The step with the anchor's types, to which its own must widen."""
    if len(step.output) != len(columns):
        raise AnalysisException(
            "[NUM_COLUMNS_MISMATCH] UNION can only be performed on inputs with the same number of columns, "
            f"but the first input has {len(columns)} columns and the second input has {len(step.output)} "
            "columns. SQLSTATE: 42826"
        )
    entries = []
    for own, wanted in zip(step.output, columns, strict=True):
        if own.data_type == wanted.data_type:
            entries.append(passed_through(own))
            continue
        if common_type(own.data_type, wanted.data_type) != wanted.data_type:
            raise AnalysisException(
                "[CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE] Failed to merge incompatible data types "
                f'"{wanted.data_type.simpleString().upper()}" and '
                f'"{own.data_type.simpleString().upper()}". Please check the data types of the columns being '
                "merged and ensure that they are compatible. If necessary, consider casting the columns to "
                "compatible data types before attempting the merge. SQLSTATE: 42825"
            )
        cast = exp.Cast(this=reference(own), to=type_node(wanted.data_type))
        entries.append(NamedExpression(cast, wanted.renewed()))
    return Project(step, tuple(entries))


def check_places(step: LogicalPlan) -> None:
    """Raises AnalysisException where the rows before are read by what must see all rows at once."""
    for node in step.walk():
        if any(map(_reads_rows_before, _whole(node))):
            raise AnalysisException(
                "[INVALID_RECURSIVE_REFERENCE.PLACE] Invalid recursive reference found inside WITH RECURSIVE "
                "clause. Recursive references cannot be used on the right side of left outer/semi/anti "
                "joins, on the left side of right outer joins, in full outer joins, in aggregates, window "
                "functions or sorts SQLSTATE: 42836"
            )


def _whole(node: LogicalPlan) -> tuple[LogicalPlan, ...]:
    """The inputs whose rows a node must see all at once."""
    match node:
        case Aggregate() | Sort():
            return (node.child,)
        case Project() if any(e.find(exp.Window) is not None for e in expressions_of(node)):
            return (node.child,)
        case Join(how="left" | "leftsemi" | "leftanti") | SubqueryColumn() | LateralJoin(how="left"):
            return (node.right,)
        case Join(how="right"):
            return (node.left,)
        case Join(how="full"):
            return (node.left, node.right)
        case _:
            return ()


def _reads_rows_before(plan: LogicalPlan) -> bool:
    return any(isinstance(node, RecursiveRows) for node in plan.walk())


def invalid_recursion() -> AnalysisException:
    """A query that refers to itself is no union of an anchor and a step."""
    return AnalysisException(
        "[INVALID_RECURSIVE_CTE] Invalid recursive definition found. Recursive queries must contain an UNION "
        "or an UNION ALL statement with 2 children. The first child needs to be the anchor term without any "
        "recursive references. Any top level inner CTE must not contain self references. SQLSTATE: 42836"
    )
