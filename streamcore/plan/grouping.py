"""Aggregation: telling aggregate calls from grouping keys in what a grouped query puts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from streamcore.plan import refusals
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    next_id,
    passed_through,
    reference,
    referenced_id,
    referenced_ids,
    scope_of,
)
from streamcore.plan.canonical import same_value
from streamcore.plan.conditions import draws_by_row
from streamcore.plan.dependent import parameters_read
from streamcore.plan.function_specs import Kind, spec_of
from streamcore.plan.logical import Aggregate, LogicalPlan, Project
from streamcore.plan.merging import Folded
from streamcore.plan.naming import expression_text, output_name
from streamcore.plan.python_functions import called
from streamcore.plan.resolution import LATERAL, Names, lateral_alias, written_name
from streamcore.plan.subqueries import subquery_values
from streamcore.plan.subquery_placement import placed
from streamcore.plan.typing import infer
from streamcore.plan.variant_refusals import refuse_in_groups

_WRAPPERS = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


def is_aggregate_call(node: exp.Expression) -> bool:
    """Whether this node is a call that folds the rows of a group (an aggregate over a window is not)."""
    if isinstance(node.parent, exp.Window) and node.arg_key == "this":
        return False
    if isinstance(node, _WRAPPERS):
        inner = node.this
        while isinstance(inner, _WRAPPERS):
            inner = inner.this
        return _folds(inner) and not (isinstance(node.parent, exp.Window) and node.arg_key == "this")
    return _folds(node)


def _folds(node: exp.Expression) -> bool:
    if isinstance(node, exp.Anonymous):
        spec = spec_of(node.name.lower())
        return spec is not None and spec.kind is Kind.AGGREGATE
    return isinstance(node, exp.AggFunc)


def _unwrapped(call: exp.Expression) -> exp.Expression:
    """The call inside FILTER, IGNORE NULLS and their like."""
    while isinstance(call, _WRAPPERS):
        call = call.this
    return call


def contains_aggregate(expression: exp.Expression) -> bool:
    """Whether an aggregate call stands anywhere in the expression."""
    return bool(aggregate_calls(expression))


def aggregate_calls(expression: exp.Expression) -> list[exp.Expression]:
    """The outermost aggregate calls of an expression, from the left; those of its subqueries are theirs."""
    if isinstance(expression, exp.Query):
        return []
    if isinstance(expression, Folded):
        return aggregate_calls(expression.this)
    if isinstance(expression, exp.Window):
        function = expression.this
        while isinstance(function, _WRAPPERS):
            function = function.this
        inner = [call for child in function.iter_expressions() for call in aggregate_calls(child)]
        rest = [c for c in expression.iter_expressions() if c is not expression.this]
        return inner + [call for child in rest for call in aggregate_calls(child)]
    if is_aggregate_call(expression):
        return [expression]
    return [call for child in expression.iter_expressions() for call in aggregate_calls(child)]


def refuse_lateral_aliases(resolved: exp.Expression) -> None:
    """Raises AnalysisException where a window or an aggregate reads the alias of another entry."""
    alias = lateral_alias(resolved)
    if alias is None:
        return
    for window in resolved.find_all(exp.Window):
        if lateral_alias(window) is not None and not _is_lateral(window):
            raise refusals.lateral_alias_in("WINDOW", alias, expression_text(window))
    for call in aggregate_calls(resolved):
        if lateral_alias(call) is not None and not _is_lateral(call):
            raise refusals.lateral_alias_in("AGGREGATE_FUNC", alias, expression_text(call))


def _is_lateral(node: exp.Expression) -> bool:
    """Whether the node stands within what an alias stands for."""
    around = node.parent
    while isinstance(around, exp.Expression):
        if LATERAL in around.meta:
            return True
        around = around.parent
    return False


def aggregate_outputs(
    child: LogicalPlan, keys: tuple[NamedExpression, ...], outputs: Sequence[exp.Expression], names: Names
) -> LogicalPlan:
    """The grouped query whose columns are `outputs`, each made of keys and aggregate calls.

    An Aggregate alone where the outputs are the keys followed by pure aggregates; otherwise an
    Aggregate with what they need, and a Project that puts them together.
    """
    refuse_in_groups(key.attribute for key in keys)
    grouped = _Grouped(child, keys, names)
    columns = tuple(grouped.output(written) for written in outputs)
    plan = Aggregate(child, keys, tuple(grouped.measures))
    if all(c.is_reference for c in columns) and [c.attribute for c in columns] == list(plan.output):
        return placed(plan)
    return placed(Project(placed(plan), columns))


def _python_above(resolved: exp.Expression, calls: Sequence[exp.Expression]) -> bool:
    """Whether a Python function is called outside of the aggregates."""
    inside = {id(node) for call in calls for node in call.find_all(exp.Anonymous)}
    return any(called(n) is not None and id(n) not in inside for n in resolved.find_all(exp.Anonymous))


@dataclass
class _Grouped:
    """The measures gathered while the outputs of one grouped query are taken apart."""

    child: LogicalPlan
    keys: tuple[NamedExpression, ...]
    names: Names
    measures: list[NamedExpression] = field(default_factory=list)

    def output(self, written: exp.Expression) -> NamedExpression:
        inner = written.this if isinstance(written, exp.Alias) else written
        resolved = self.names.resolve(inner)
        refuse_lateral_aliases(resolved)
        name = output_name(written, resolved, scope_of(self.names.columns), self.names.fact)
        self.names = self.names.with_entry(written, resolved.copy())
        resolved = self._with_keys(resolved)
        calls = aggregate_calls(resolved)
        key = self._key(resolved)
        if key is not None:
            return self._key_output(key, name, is_aliased=isinstance(written, exp.Alias))
        if calls and self._is_pure(resolved, calls):
            return passed_through(self._measure(resolved, name))
        for call in calls:
            replacement = reference(self._measure(call, output_name(call), shared=True))
            if call is resolved:
                resolved = replacement
            else:
                call.replace(replacement)
        self._require_grouped(resolved)
        columns = [e.attribute for e in (*self.keys, *self.measures)]
        data_type, nullable = infer(resolved, scope_of(columns))
        return NamedExpression(resolved, Attribute(name, data_type, nullable, next_id()))

    def _key(self, resolved: exp.Expression) -> Attribute | None:
        id_ = referenced_id(resolved)
        return next((k.attribute for k in self.keys if k.attribute.id == id_), None)

    def _key_output(self, key: Attribute, name: str, *, is_aliased: bool) -> NamedExpression:
        if is_aliased:
            return NamedExpression(reference(key), replace(key, name=name, id=next_id(), qualifier=None))
        is_plain = any(k.attribute.id == key.id and k.is_reference for k in self.keys)
        return NamedExpression(reference(key), replace(key, name=name) if is_plain else key)

    def _with_keys(self, resolved: exp.Expression) -> exp.Expression:
        """Occurrences of a computed key outside aggregate calls replaced by a reference to it."""
        if is_aggregate_call(resolved):
            return resolved
        for key in self.keys:
            if not key.is_reference and same_value(resolved, key.expression):
                return reference(key.attribute)
        for part in list(resolved.iter_expressions()):
            other = self._with_keys(part)
            if other is not part:
                part.replace(other)
        return resolved

    def _is_pure(self, resolved: exp.Expression, calls: list[exp.Expression]) -> bool:
        """Whether nothing but aggregate calls (and constants) reads columns, so that it is one measure."""
        if resolved.find(exp.Window) is not None or _python_above(resolved, calls):
            return False
        if len(subquery_values(resolved)) > sum(len(subquery_values(call)) for call in calls):
            return False
        inside = {id(node) for call in calls for node in call.find_all(exp.Column)}
        return all(
            id(node) in inside or referenced_id(node) is None for node in resolved.find_all(exp.Column)
        )

    def _measure(self, expression: exp.Expression, name: str, *, shared: bool = False) -> Attribute:
        if shared:
            for known in self.measures:
                if known.expression == expression:
                    return known.attribute
        for call in aggregate_calls(expression):
            if any(map(contains_aggregate, _unwrapped(call).iter_expressions())):
                raise refusals.nested_aggregate(output_name(call))
            if draws_by_row(call):
                raise refusals.draw_in_aggregate(output_name(call))
        data_type, nullable = infer(expression, scope_of(self.names.columns))
        column = Attribute(name, data_type, nullable, next_id())
        self.measures.append(NamedExpression(expression.copy(), column))
        return column

    def _require_grouped(self, resolved: exp.Expression) -> None:
        known = {e.attribute.id for e in (*self.keys, *self.measures)}
        known |= {column.id for column in parameters_read([resolved])}
        if referenced_ids(resolved) <= known:
            return
        if not self.keys:
            raise refusals.missing_group_by()
        for column in resolved.find_all(exp.Column):
            id_ = referenced_id(column)
            if id_ is not None and id_ not in known:
                raise refusals.missing_aggregation(written_name(column))


def calls_apart(plan: Aggregate) -> LogicalPlan:
    """The same rows from an Aggregate of nothing but calls, and a Project of what is made of them.

    The engine refuses an aggregate inside some expressions. The ids of the calls' columns follow from those
    of the measures, so that the text stays the same.
    """
    measures: list[NamedExpression] = []
    outputs = [passed_through(key.attribute) for key in plan.keys]
    for measure in plan.measures:
        made, calls = _of_calls(measure, plan.child)
        measures.extend(calls)
        outputs.append(made)
    if all(output.is_reference for output in outputs):
        return plan
    return Project(Aggregate(plan.child, plan.keys, tuple(measures)), tuple(outputs))


_CALLS_PER_MEASURE = 1 << 16


def _of_calls(measure: NamedExpression, child: LogicalPlan) -> tuple[NamedExpression, list[NamedExpression]]:
    """The measure over columns that hold its calls, and these."""
    expression = measure.expression.copy()
    calls = aggregate_calls(expression)
    if not calls or calls[0] is expression:
        return passed_through(measure.attribute), [measure]
    columns = []
    for number, call in enumerate(calls):
        data_type, nullable = infer(call, scope_of(child.output))
        id_ = -(measure.attribute.id * _CALLS_PER_MEASURE + number)
        column = Attribute(f"{measure.attribute.name}~{number}", data_type, nullable, id_)
        columns.append(NamedExpression(call.copy(), column))
        call.replace(reference(column))
    return NamedExpression(expression, measure.attribute), columns
