"""explain: the plan as a tree and the SQL of its fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.duck.quoting import identifier
from streamcore.errors import IllegalArgumentException
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.explain import plan_text
from streamcore.plan.logical import LogicalPlan, Relation
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
    optimized = optimize(frame.plan)
    parts = []
    if chosen != "simple":
        parts.append(f"== Logical Plan ==\n{plan_text(frame.plan)}")
    parts.append(f"== Optimized Plan ==\n{plan_text(optimized)}")
    parts.append(f"== Fragment ==\n{_sql(frame, optimized)}")
    return "\n\n".join(parts) + "\n"


def _sql(frame: DataFrame, plan: LogicalPlan) -> str:
    keys = {node.key: identifier(node.key) for node in plan.walk() if isinstance(node, Relation)}
    return fragment_sql(plan, keys, frame.session.translation_context())
