"""observe(): named aggregates of the rows that pass a place in a plan, computed while the plan runs.

PySpark's rules of what may be observed, refused with PySpark's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.analysis import AnalysisSettings, named
from streamcore.plan.attributes import NamedExpression, referenced_ids
from streamcore.plan.conditions import is_volatile
from streamcore.plan.explain import plan_text
from streamcore.plan.generators import is_generator
from streamcore.plan.grouping import aggregate_calls, contains_aggregate, is_aggregate_call
from streamcore.plan.logical import LogicalPlan, Observe
from streamcore.plan.naming import expression_text
from streamcore.plan.observed_rows import observations
from streamcore.plan.stars import expand_star


def observe_rows(
    child: LogicalPlan,
    name: str,
    written: Sequence[exp.Expression],
    settings: AnalysisSettings,
    receiver: Any = None,
) -> Observe:
    """The plan that observes `written` under `name`; raises AnalysisException for what cannot be observed."""
    if not name:
        raise AnalysisException(
            "[INVALID_OBSERVED_METRICS.MISSING_NAME] Invalid observed metrics. The observed metrics should "
            "be named: give observe(...) a name that is not empty. SQLSTATE: 42K0E"
        )
    names = settings.names(child)
    measures = []
    for entry in (entry for expression in written for entry in expand_star(expression, names)):
        _check_generators(entry)
        measure = named(entry, names)
        _check(measure)
        measures.append(measure)
    return Observe(child, name, tuple(measures), receiver)


def check_names(plan: LogicalPlan) -> None:
    """Raises AnalysisException where one name stands for two different observations."""
    known: dict[str, str] = {}
    for node in observations(plan):
        text = re.sub(r"#\d+", "", plan_text(node))
        if known.setdefault(node.name, text) != text:
            raise AnalysisException(
                f"[DUPLICATED_METRICS_NAME] The metric name is not unique: {node.name}. The same name cannot "
                "be used for metrics with different results. SQLSTATE: 42710"
            )


# ---- what may be observed ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fault:
    """Why an expression cannot be observed: PySpark's condition, and its words around the expression."""

    condition: str
    words: str

    def error(self, measure: NamedExpression) -> AnalysisException:
        text = self.words.format(f'"{expression_text(measure.expression)}"')
        return AnalysisException(
            f"[INVALID_OBSERVED_METRICS.{self.condition}] Invalid observed metrics. {text} SQLSTATE: 42K0E"
        )


_ATTRIBUTE = _Fault(
    "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE",
    "Attribute {} can only be used as an argument to an aggregate function.",
)
_NON_DETERMINISTIC = _Fault(
    "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC",
    "Non-deterministic expression {} can only be used as an argument to an aggregate function.",
)
_NESTED = _Fault(
    "NESTED_AGGREGATES_UNSUPPORTED", "Nested aggregates are not allowed in observed metrics, but found: {}."
)
_DISTINCT = _Fault(
    "AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED",
    "Aggregate expressions with DISTINCT are not allowed in observed metrics, but found: {}.",
)
_FILTER = _Fault(
    "AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED",
    "Aggregate expression with FILTER predicate are not allowed in observed metrics, but found: {}.",
)
_WINDOW = _Fault(
    "WINDOW_EXPRESSIONS_UNSUPPORTED",
    "Window expressions are not allowed in observed metrics, but found: {}.",
)


def _check_generators(written: exp.Expression) -> None:
    if any(is_generator(node) for node in written.walk()):
        raise AnalysisException(
            "[UNSUPPORTED_GENERATOR.OUTSIDE_SELECT] The generator is not supported: outside the SELECT "
            f"clause, found: observe of {expression_text(written)}. SQLSTATE: 42K0E"
        )


def _check(measure: NamedExpression) -> None:
    fault = next(_faults(measure.expression), None)
    if fault is not None:
        raise fault.error(measure)


def _faults(expression: exp.Expression) -> Iterator[_Fault]:
    if expression.find(exp.Window) is not None:
        yield _WINDOW
    for call in aggregate_calls(expression):
        yield from _faults_of_call(call)
    outside = _without_calls(expression)
    if referenced_ids(outside):
        yield _ATTRIBUTE
    if is_volatile(outside):
        yield _NON_DETERMINISTIC


def _faults_of_call(call: exp.Expression) -> Iterator[_Fault]:
    if call.find(exp.Filter) is not None:
        yield _FILTER
    if call.find(exp.Distinct) is not None or call.name.lower() == "sum_distinct":
        yield _DISTINCT
    if _has_nested(call):
        yield _NESTED


def _has_nested(call: exp.Expression) -> bool:
    """Whether an argument of a call (inside FILTER, IGNORE NULLS and their like) holds another aggregate."""
    while isinstance(call, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)):
        call = call.this
    return any(map(contains_aggregate, call.iter_expressions()))


def _without_calls(expression: exp.Expression) -> exp.Expression:
    outside: exp.Expression = expression.copy().transform(
        lambda node: exp.Null() if is_aggregate_call(node) else node
    )
    return outside
