"""LATERAL: joins whose right side is a query over each row of the left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import ParseException, UnsupportedOperationException
from streamcore.plan.analysis import AnalysisSettings, require_boolean
from streamcore.plan.conditions import is_volatile
from streamcore.plan.dependent import LateralJoin, parameters_of
from streamcore.plan.distinct_ids import with_distinct_ids
from streamcore.plan.joins import refuse_aggregates_in_join
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.outer import Outer
from streamcore.plan.refusals import nondeterministic_lateral
from streamcore.plan.subquery_placement import placed
from streamcore.plan.subquery_resolution import check_places

if TYPE_CHECKING:
    from sqlglot import exp

_WORDS = {"right": "RIGHT OUTER", "full": "FULL OUTER", "leftsemi": "LEFT SEMI", "leftanti": "LEFT ANTI"}


def joined_laterally(
    left: LogicalPlan,
    right: LogicalPlan,
    how: str,
    condition: exp.Expression | None,
    outer: Outer,
    settings: AnalysisSettings,
) -> LogicalPlan:
    """The join of `left` with `right`, which was made for the rows of `outer`, those of the left."""
    if how not in ("inner", "cross", "left"):
        raise ParseException(
            f"[INVALID_LATERAL_JOIN_TYPE] The {_WORDS[how]} JOIN with LATERAL correlation is not allowed "
            "because an OUTER subquery cannot correlate to its join partner. Remove the LATERAL correlation "
            "or use an INNER JOIN, or LEFT OUTER JOIN instead. SQLSTATE: 42613"
        )
    if right.is_streaming:
        raise UnsupportedOperationException("A stream within LATERAL is not offered; join the streams.")
    check_places(right)
    if any(is_volatile(e) for node in right.walk() for e in expressions_of(node)):
        raise nondeterministic_lateral()
    right, _ = with_distinct_ids(left, right)
    read = {column.id for column in parameters_of(right)}
    parameters = tuple(p for p in outer.parameters if p.attribute.id in read)
    for parameter in parameters:
        refuse_aggregates_in_join(parameter.expression)
    resolved = None
    if condition is not None:
        refuse_aggregates_in_join(condition)
        resolved = settings.names_among((*left.output, *right.output)).resolve(condition)
        require_boolean(resolved, left, right)
    return placed(LateralJoin(left, right, "left" if how == "left" else "inner", resolved, parameters))
