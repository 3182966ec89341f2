"""explain: the plan as a tree and, as the physical plan, the optimized tree and the SQL of its fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.duck.quoting import identifier
from streamcore.errors import IllegalArgumentException
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.explain import extended_text, plan_text
from streamcore.plan.logical import (
    ComputedColumns,
    LogicalPlan,
    MappedRows,
    PythonNode,
    Relation,
    StatefulGroups,
    TrainModel,
)
from streamcore.plan.python_calls import with_calls_apart
from streamcore.plan.rules import optimize

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_MODES = ("simple", "extended", "codegen", "cost", "formatted")


def explain_text(frame: DataFrame, mode: bool | str) -> str:
    """What `explain` prints in one of PySpark's modes."""
    chosen = ("extended" if mode else "simple") if isinstance(mode, bool) else mode.lower()
    if chosen not in _MODES:
        raise IllegalArgumentException(
            f"Unknown explain mode: {mode}. Accepted modes are {', '.join(_MODES)}."
        )
    optimized = optimize(with_calls_apart(frame.plan))
    physical = f"{plan_text(optimized)}\n\n{_sql(frame, optimized)}\n"
    if chosen == "simple":
        return f"== Physical Plan ==\n{physical}"
    return extended_text(frame.plan, optimized, physical)


def _sql(frame: DataFrame, plan: LogicalPlan) -> str:
    """The SQL of the plan; of one that hands rows to Python, what is below and what is above that."""
    texts: list[str] = []

    def cut(node: LogicalPlan) -> LogicalPlan:
        if not isinstance(node, StatefulGroups | PythonNode | TrainModel):
            return node
        texts.append(_fragment(frame, node.child))
        return Relation(_called(node), node.output, source=None)

    above = plan.transform_up(cut)
    return "\n\n".join([*texts, _fragment(frame, above)])


def _called(node: StatefulGroups | PythonNode | TrainModel) -> str:
    match node:
        case StatefulGroups():
            return node.function.call
        case ComputedColumns() | MappedRows():
            return type(node.function).__name__
        case TrainModel():
            return node.model.name


def _fragment(frame: DataFrame, plan: LogicalPlan) -> str:
    keys = {node.key: identifier(node.key) for node in plan.walk() if isinstance(node, Relation)}
    return fragment_sql(plan, keys, frame.session.translation_context())
