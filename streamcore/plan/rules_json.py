"""Rules for from_json: read only the fields that are used, each as a column of its own.

A struct column made by from_json whose uses are all reads of its fields becomes one column per field, so
that DuckDB can filter and drop them one by one; the schema of every call then lists these fields only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    passed_through,
    reference,
    referenced_id,
    referenced_ids,
)
from streamcore.plan.dependent import SubqueryColumn
from streamcore.plan.json_calls import field_read, from_json_calls, narrowed, struct_of
from streamcore.plan.logical import (
    Distinct,
    LogicalPlan,
    Project,
    SetOperation,
    StatefulGroups,
    TrainModel,
    Union,
    Watermark,
)
from streamcore.plan.node_expressions import expressions_of, with_expressions
from streamcore.plan.recursive_rows import Recursion
from streamcore.spi.types import StructType

# A plan is asked for by the thousand fields at most; ids of fields must not meet.
_FIELDS_PER_STRUCT = 1 << 16


def narrow_json(plan: LogicalPlan) -> LogicalPlan:
    """The same rows from JSON of which only the used fields are read; pure and stable."""
    return _scattered(plan).transform_up(_narrowed_node)


def _narrowed_node(plan: LogicalPlan) -> LogicalPlan:
    """Schemas without the fields that this operator does not read of equal calls."""
    used: dict[exp.Expression, set[str] | None] = {}
    for expression in expressions_of(plan):
        for call in from_json_calls(expression):
            name, seen = field_read(call), used.get(call, set())
            used[call] = None if name is None or seen is None else seen | {name}
    shorter = {call: narrowed(call, names) for call, names in used.items() if names is not None}
    shorter = {call: other for call, other in shorter.items() if other is not call}
    if not shorter:
        return plan

    def rule(node: exp.Expression) -> exp.Expression:
        return shorter[node].copy() if isinstance(node, exp.Anonymous) and node in shorter else node

    return with_expressions(plan, lambda expression: expression.transform(rule))


# ---- one column per field ------------------------------------------------------------------------


@dataclass
class _Struct:
    """A struct column made by from_json, and which of its fields are read."""

    name: str
    id: int
    type: StructType
    fields: set[str] = field(default_factory=set)
    is_used_whole: bool = False

    def column(self, name: str) -> Attribute:
        """The column of a field; its id follows from the struct's, so that the plan stays the same."""
        position = self.type.names.index(name)
        id_ = -(self.id * _FIELDS_PER_STRUCT + position)
        return Attribute(f"{self.name}.{name}", self.type[name].dataType, nullable=True, id=id_)

    @property
    def columns(self) -> list[Attribute]:
        return [self.column(name) for name in self.type.names if name in self.fields]


Structs = dict[int, _Struct]


def _scattered(plan: LogicalPlan) -> LogicalPlan:
    structs = _structs(plan)
    if not structs:
        return plan
    _note_uses(plan, structs)
    chosen = {id_: struct for id_, struct in structs.items() if not struct.is_used_whole}
    return plan.transform_up(lambda node: _scattered_node(node, chosen)) if chosen else plan


def _structs(plan: LogicalPlan) -> Structs:
    """The structs by the ids of the columns that hold them, other names for one included."""
    found: Structs = {}
    for node in reversed(list(plan.walk())):
        for entry in node.expressions if isinstance(node, Project) else ():
            struct = struct_of(entry.expression)
            source = referenced_id(entry.expression)
            column = entry.attribute
            if struct is not None and column.id > 0:
                found.setdefault(column.id, _Struct(column.name, column.id, struct))
            elif source in found:
                found[column.id] = found[source]
    return found


def _note_uses(plan: LogicalPlan, structs: Structs) -> None:
    for id_ in _used_by_position(plan):
        if id_ in structs:
            structs[id_].is_used_whole = True
    for node in plan.walk():
        for expression in expressions_of(node):
            if isinstance(node, Project) and referenced_id(expression) in structs:
                continue
            for column in expression.find_all(exp.Column):
                struct = structs.get(referenced_id(column) or 0)
                if struct is not None:
                    _note_use(struct, field_read(column))


def _note_use(struct: _Struct, name: str | None) -> None:
    if name in struct.type.names:
        struct.fields.add(str(name))
    else:
        struct.is_used_whole = True


_BY_POSITION = (Union, SetOperation, Distinct, StatefulGroups, TrainModel, Recursion, SubqueryColumn)


def _used_by_position(plan: LogicalPlan) -> Iterator[int]:
    """The columns that must stay what they are: of the result, and of operators over whole rows."""
    yield from (a.id for a in plan.output)
    for node in plan.walk():
        if isinstance(node, _BY_POSITION):
            yield from (a.id for child in node.children for a in child.output)
        if isinstance(node, Watermark):
            yield node.event_time.id


def _scattered_node(plan: LogicalPlan, structs: Structs) -> LogicalPlan:
    if isinstance(plan, Project):
        entries = {e.attribute.id: e for entry in plan.expressions for e in _entries(entry, structs)}
        plan = replace(plan, expressions=tuple(entries.values()))

    def rule(node: exp.Expression) -> exp.Expression:
        struct = structs.get(referenced_id(node.this) or 0) if isinstance(node, exp.Dot) else None
        return node if struct is None else reference(struct.column(node.expression.name))

    def rewrite(expression: exp.Expression) -> exp.Expression:
        return expression.transform(rule) if referenced_ids(expression) & structs.keys() else expression

    return with_expressions(plan, rewrite)


def _entries(entry: NamedExpression, structs: Structs) -> Iterable[NamedExpression]:
    """What a Project holds in the place of a struct: its fields, read from the JSON or handed on."""
    struct = structs.get(entry.attribute.id)
    if struct is None:
        return (entry,)
    if referenced_id(entry.expression) in structs:
        return map(passed_through, struct.columns)
    return (
        NamedExpression(
            exp.Dot(this=entry.expression.copy(), expression=exp.to_identifier(name, quoted=True)),
            struct.column(name),
        )
        for name in struct.type.names
        if name in struct.fields
    )
