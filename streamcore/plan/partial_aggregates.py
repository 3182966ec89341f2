"""An aggregation as partial aggregates, their merge, and the final values: what incremental queries run.

For every split of the rows, merging the partials of the parts and finishing gives what the aggregation
gives over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.plan.attributes import Attribute, NamedExpression, attribute, reference, scope_of
from streamcore.plan.expressions import call
from streamcore.plan.grouping import is_aggregate_call
from streamcore.plan.logical import Aggregate
from streamcore.plan.partials.splitting import split
from streamcore.spi.types import LongType

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class DecomposedMeasures:
    """The measures of an Aggregate, taken apart.

    partials
        Computed per partition, over the child's columns.
    merges
        Computed over several rows of partials of one group; they define the same columns.
    finals
        The measures' columns, over merged partials and the keys.
    """

    partials: tuple[NamedExpression, ...]
    merges: tuple[NamedExpression, ...]
    finals: tuple[NamedExpression, ...]

    @property
    def partial_columns(self) -> tuple[Attribute, ...]:
        """The columns that a state row holds behind its keys."""
        return tuple(partial.attribute for partial in self.partials)


def decompose(node: Aggregate) -> DecomposedMeasures:
    """Takes every measure apart; equal aggregate calls are computed once.

    Raises AnalysisException for an aggregate that cannot be computed incrementally.
    """
    calls = _Calls(node)
    finals = tuple(
        NamedExpression(_finished(measure.expression, node, calls), measure.attribute)
        for measure in node.measures
    )
    return DecomposedMeasures(tuple(calls.partials), tuple(calls.merges), finals)


class _Calls:
    """The distinct aggregate calls of a node, with the columns that hold their partials."""

    def __init__(self, node: Aggregate) -> None:
        self._node = node
        self._finals: dict[str, exp.Expression] = {}
        self.partials: list[NamedExpression] = []
        self.merges: list[NamedExpression] = []

    def final(self, wanted: exp.Expression) -> exp.Expression:
        """The final value of a call, over partial columns."""
        text = wanted.sql(dialect="spark")
        if text not in self._finals:
            self._finals[text] = self._add(wanted)
        return self._finals[text].copy()

    def _add(self, wanted: exp.Expression) -> exp.Expression:
        parts = split(wanted, scope_of(self._node.child.output))
        self.partials += parts.partials
        self.merges += parts.merges
        return parts.final


def _finished(expression: exp.Expression, node: Aggregate, calls: _Calls) -> exp.Expression:
    """A measure with its aggregate calls and keys replaced by columns."""
    keys = {key.expression.sql(dialect="spark"): key.attribute for key in node.keys}

    def replaced(part: exp.Expression) -> exp.Expression:
        key = keys.get(part.sql(dialect="spark"))
        if key is not None:
            return reference(key)
        return calls.final(part) if is_aggregate_call(part) else part

    return expression.copy().transform(replaced)


def event_time_measures(column: Attribute) -> tuple[NamedExpression, ...]:
    """Smallest, largest, sum and count of an event-time column, in milliseconds."""
    millis = call("unix_millis", reference(column))
    calls = {
        "event_time_min": call("min", millis.copy()),
        "event_time_max": call("max", millis.copy()),
        "event_time_sum": call("sum", millis.copy()),
        "event_time_count": call("count", reference(column)),
    }
    return tuple(NamedExpression(value, attribute(name, LongType())) for name, value in calls.items())
