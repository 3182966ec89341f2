"""Dead letters: records that cannot be read leave the rows of a plan, and become letters in a box.

    Filter(not bad) - Observe(the letters of bad rows, a LetterBox) - child

An Observe gathers the letters in the pass that computes the rows; its receiver says where they go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    passed_through,
    reference,
    scope_of,
)
from streamcore.plan.expressions import call, parse_expression
from streamcore.plan.logical import Alias, Filter, LogicalPlan, Observe, Project, Relation, Watermark
from streamcore.plan.typing import infer
from streamcore.spi.dead_letters import LetterBox, LocatedLeaf
from streamcore.spi.types import BinaryType

_LETTER: Final = parse_expression(
    "to_json(named_struct('reason', reason, 'record', record, 'coordinates', place))"
)
_NOWHERE: Final = parse_expression("to_json(named_struct('reason', reason, 'record', record))")
_BYTES: Final = parse_expression(
    "if(CAST(CAST(record AS STRING) AS BINARY) = record, CAST(record AS STRING), "
    "concat('base64:', base64(record)))"
)


def diverted(
    child: LogicalPlan,
    is_bad: exp.Expression,
    record: exp.Expression,
    reason: str,
    place: Sequence[Attribute],
    box: LetterBox,
) -> LogicalPlan:
    """The rows of `child` that are not bad; of the others letters go into `box`.

    `is_bad` is never null, `record` is a text or bytes, `place` are the columns of `child` that say where a
    record came from.
    """
    scope = scope_of(child.output)
    is_binary = isinstance(infer(record, scope)[0], BinaryType)
    text = filled(_BYTES, {"record": record}) if is_binary else record
    parts = {"reason": exp.Literal.string(reason), "record": text, "place": _struct(place)}
    letter = filled(_LETTER if place else _NOWHERE, parts)
    # What is not bad gives null, which is not collected.
    letters = call("collect_list", exp.Case(ifs=[exp.If(this=is_bad.copy(), true=letter)]))
    column = attribute("letters", *infer(letters, scope))
    measure = NamedExpression(letters, column)
    seen = Observe(child, f"dead letters {column.id}", (measure,), box)
    return Filter(seen, exp.Not(this=exp.Paren(this=is_bad.copy())))


def filled(template: exp.Expression, parts: Mapping[str, exp.Expression]) -> exp.Expression:
    """The template with expressions in the place of its columns `a`, and of `a` in its fields `a.b`."""

    def rule(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column) or (node.table or node.name) not in parts:
            return node
        part = parts[node.table or node.name].copy()
        field = exp.to_identifier(node.name, quoted=True)
        return exp.Dot(this=part, expression=field) if node.table else part

    made: exp.Expression = template.copy().transform(rule)
    return made


def _struct(place: Sequence[Attribute]) -> exp.Expression:
    """The coordinates under the last parts of their names: a file's is `_metadata.file_path`."""
    names = [exp.Literal.string(column.name.rpartition(".")[2]) for column in place]
    parts = (part for name, column in zip(names, place, strict=True) for part in (name, reference(column)))
    return exp.Anonymous(this="named_struct", expressions=list(parts))


# ---- where records came from ---------------------------------------------------------------------


def located(plan: LogicalPlan) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    """The plan with the columns that say where its records came from; as it is where nobody knows."""
    match plan:
        case Relation():
            return _located_leaf(plan)
        case Project():
            child, found = located(plan.child)
            has = {entry.attribute.id for entry in plan.expressions}
            more = tuple(passed_through(column) for column in found if column.id not in has)
            return replace(plan, child=child, expressions=(*plan.expressions, *more)), found
        case Filter() | Alias() | Watermark():
            child, found = located(plan.children[0])
            return plan.with_children((child,)), found
    return plan, ()


def _located_leaf(leaf: Relation) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    found = leaf.source.located() if isinstance(leaf.source, LocatedLeaf) else None
    if found is None:
        return leaf, ()
    source, fields = found
    known = {column.name: column for column in leaf.columns}
    place = tuple(known.get(f.name) or attribute(f.name, f.dataType, f.nullable) for f in fields)
    more = tuple(column for column in place if column.name not in known)
    if not more:
        return leaf, place
    # What stands elsewhere in the plan under the key of this leaf has not these columns.
    wider = replace(leaf, key=f"{leaf.key} located", source=source, columns=(*leaf.columns, *more))
    return wider, place
