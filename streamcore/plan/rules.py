"""Rules that make a plan read less; DuckDB optimises what remains by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import singledispatch

from sqlglot import exp

from streamcore.plan.attributes import Attribute, passed_through, referenced_ids
from streamcore.plan.dependent import LateralJoin, SubqueryColumn, parameters_of
from streamcore.plan.leaves import with_inputs_told_apart
from streamcore.plan.logical import (
    Aggregate,
    Alias,
    ComputedColumns,
    Distinct,
    Filter,
    FirstRows,
    Generate,
    Join,
    Limit,
    LogicalPlan,
    Observe,
    Project,
    Relation,
    Sample,
    Sessions,
    SetOperation,
    Sort,
    TrainModel,
    Union,
    Watermark,
)
from streamcore.plan.recursive_rows import Recursion
from streamcore.plan.rules_json import narrow_json
from streamcore.spi.types import BinaryType, StringType, holds_udt

Ids = frozenset[int]


def optimize(plan: LogicalPlan) -> LogicalPlan:
    """The same rows from a plan that reads fewer columns; pure, and stable when applied twice.

    The output columns stay as they are, in order and ids.
    """
    pruned = prune_columns(plan.transform_up(_without_true_filter), _ids(plan.output))
    return with_inputs_told_apart(narrow_json(_exactly(pruned, plan.output)))


def prune_columns(plan: LogicalPlan, required: Ids) -> LogicalPlan:
    """The plan without columns that nobody above needs; it may still yield more than `required`."""
    return _pruned(plan, required)


def narrowed(plan: LogicalPlan) -> LogicalPlan:
    """The plan reading no column that its output does not need; the output stays as it is."""
    return _exactly(prune_columns(plan, _ids(plan.output)), plan.output)


def names_are_distinct(columns: Sequence[Attribute]) -> bool:
    """Whether an engine that ignores case can tell these columns apart by the user's names."""
    names = [a.name.casefold() for a in columns]
    return all(names) and len(set(names)) == len(names)


def names_in_relation(columns: tuple[Attribute, ...]) -> list[str]:
    """The names that a table standing for a relation of these columns needs: no two the same."""
    if names_are_distinct(columns):
        return [a.name for a in columns]
    return [a.physical for a in columns]


def _without_true_filter(plan: LogicalPlan) -> LogicalPlan:
    if isinstance(plan, Filter) and isinstance(plan.condition, exp.Boolean) and plan.condition.this:
        return plan.child
    return plan


@singledispatch
def _pruned(plan: LogicalPlan, _: Ids) -> LogicalPlan:
    """For operators that look at every column: all of the children's columns are needed."""
    return plan.with_children(tuple(_pruned(child, _ids(child.output)) for child in plan.children))


@_pruned.register
def _relation(plan: Relation, required: Ids) -> LogicalPlan:
    if not names_are_distinct(plan.columns):
        return plan
    kept = tuple(column for column in plan.columns if column.id in required)
    if not kept and plan.columns:
        kept = (min(plan.columns, key=_width),)
    return plan if len(kept) == len(plan.columns) else replace(plan, columns=kept)


def _width(column: Attribute) -> int:
    """Counting rows needs some column: fixed-width ones are cheapest."""
    return int(isinstance(column.data_type, (StringType, BinaryType)) or holds_udt(column.data_type))


@_pruned.register
def _project(plan: Project, required: Ids) -> LogicalPlan:
    kept = tuple(e for e in plan.expressions if e.attribute.id in required)
    child = _pruned(plan.child, _read_by(e.expression for e in kept))
    return replace(plan, child=child, expressions=kept)


@_pruned.register
def _filter(plan: Filter, required: Ids) -> LogicalPlan:
    return replace(plan, child=_pruned(plan.child, required | referenced_ids(plan.condition)))


@_pruned.register
def _aggregate(plan: Aggregate, required: Ids) -> LogicalPlan:
    measures = tuple(m for m in plan.measures if m.attribute.id in required)
    read = _read_by(e.expression for e in (*plan.keys, *measures))
    return replace(plan, child=_pruned(plan.child, read), measures=measures)


@_pruned.register
def _generate(plan: Generate, required: Ids) -> LogicalPlan:
    needed = (required - _ids(plan.columns)) | referenced_ids(plan.generator)
    return replace(plan, child=_pruned(plan.child, needed))


@_pruned.register
def _computed_columns(plan: ComputedColumns, required: Ids) -> LogicalPlan:
    needed = (required - _ids(plan.columns)) | _ids(plan.inputs)
    return replace(plan, child=_pruned(plan.child, needed))


@_pruned.register
def _sessions(plan: Sessions, required: Ids) -> LogicalPlan:
    read = _read_by(e.expression for e in (*plan.keys, plan.window))
    needed = (required - {plan.window.attribute.id}) | read
    return replace(plan, child=_pruned(plan.child, needed))


@_pruned.register
def _join(plan: Join, required: Ids) -> LogicalPlan:
    needed = required | (referenced_ids(plan.condition) if plan.condition is not None else set())
    left, right = (_pruned(side, needed & _ids(side.output)) for side in (plan.left, plan.right))
    return replace(plan, left=left, right=right)


@_pruned.register
def _lateral_join(plan: LateralJoin, required: Ids) -> LogicalPlan:
    read = referenced_ids(plan.condition) if plan.condition is not None else set()
    right = _pruned(plan.right, (required | read) & _ids(plan.right.output))
    return _with_left(replace(plan, right=right), required | read)


@_pruned.register
def _subquery_column(plan: SubqueryColumn, required: Ids) -> LogicalPlan:
    if plan.column.id not in required:
        return _pruned(plan.left, required)
    columns = () if plan.kind == "exists" else plan.right.output[:1]
    right = _pruned(plan.right, _ids(columns))
    read = _read_by([] if plan.value is None else [plan.value])
    if plan.kind != "exists":
        right = _exactly(right, columns)
    return _with_left(replace(plan, right=right), required | read)


def _with_left(plan: LateralJoin | SubqueryColumn, required: Ids) -> LogicalPlan:
    """The join whose left side gives what is required, and to the right what it still reads."""
    read = {column.id for column in parameters_of(plan.right)}
    parameters = tuple(p for p in plan.parameters if p.attribute.id in read)
    needed = (required | _read_by(p.expression for p in parameters)) & _ids(plan.left.output)
    return replace(plan, left=_pruned(plan.left, frozenset(needed)), parameters=parameters)


@_pruned.register
def _union(plan: Union, required: Ids) -> LogicalPlan:
    kept = [at for at, column in enumerate(plan.columns) if column.id in required] or [0]
    if not plan.columns:
        return plan
    inputs = []
    for child in plan.inputs:
        columns = tuple(child.output[at] for at in kept)
        inputs.append(_exactly(_pruned(child, _ids(columns)), columns))
    return replace(plan, inputs=tuple(inputs), columns=tuple(plan.columns[at] for at in kept))


@_pruned.register
def _distinct(plan: Distinct, required: Ids) -> LogicalPlan:
    if _ids(plan.keys) >= _ids(plan.child.output):
        needed = _ids(plan.child.output)
    else:
        needed = required | _ids(plan.keys)
    return replace(plan, child=_pruned(plan.child, needed))


@_pruned.register
def _sort(plan: Sort, required: Ids) -> LogicalPlan:
    return replace(plan, child=_pruned(plan.child, required | _read_by(o.expression for o in plan.orders)))


@_pruned.register
def _watermark(plan: Watermark, required: Ids) -> LogicalPlan:
    return replace(plan, child=_pruned(plan.child, required | {plan.event_time.id}))


@_pruned.register
def _observe(plan: Observe, required: Ids) -> LogicalPlan:
    needed = required | _read_by(measure.expression for measure in plan.measures)
    return replace(plan, child=_pruned(plan.child, needed))


@_pruned.register(FirstRows)
@_pruned.register(Limit)
@_pruned.register(Sample)
@_pruned.register(Alias)
def _same_columns(plan: FirstRows | Limit | Sample | Alias, required: Ids) -> LogicalPlan:
    return replace(plan, child=_pruned(plan.child, required))


@_pruned.register
def _train_model(plan: TrainModel, required: Ids) -> LogicalPlan:
    """What passes through is pruned; what the model reads and what it adds stay."""
    needed = (required & _ids(plan.child.output)) | _ids(plan.inputs)
    return replace(plan, child=_pruned(plan.child, needed))


@_pruned.register
def _recursion(plan: Recursion, _: Ids) -> LogicalPlan:
    """Each level is made of whole rows of the one before."""
    sides = [_exactly(_pruned(side, _ids(side.output)), side.output) for side in (plan.anchor, plan.step)]
    return replace(plan, anchor=sides[0], step=sides[1])


@_pruned.register
def _set_operation(plan: SetOperation, _: Ids) -> LogicalPlan:
    sides = [_exactly(_pruned(side, _ids(side.output)), side.output) for side in (plan.left, plan.right)]
    return replace(plan, left=sides[0], right=sides[1])


def _exactly(plan: LogicalPlan, columns: Sequence[Attribute]) -> LogicalPlan:
    """`plan` with just these columns, in this order."""
    if [a.id for a in plan.output] == [a.id for a in columns]:
        return plan
    by_id = {a.id: a for a in plan.output}
    return Project(plan, tuple(passed_through(by_id[a.id]) for a in columns))


def _ids(columns: Iterable[Attribute]) -> Ids:
    return frozenset(a.id for a in columns)


def _read_by(expressions: Iterable[exp.Expression]) -> Ids:
    return frozenset(id_ for e in expressions for id_ in referenced_ids(e))
