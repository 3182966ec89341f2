"""A Project with from_json taken apart, so that each text is parsed once however many columns read of it.

Project [from_json(t).a, from_json(t).b]  ->  read a, b of parsing <- parse text <- text of t
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    passed_through,
    reference,
    referenced_ids,
)
from streamcore.plan.json_calls import from_json_calls, is_from_json
from streamcore.plan.logical import Project
from streamcore.plan.translation.json_stages import JsonText, ParsedJson, ReadJson
from streamcore.spi.types import StringType

# Under these a value is not computed for every row, or not from columns.
_CONDITIONAL = (exp.Case, exp.If, exp.Coalesce, exp.Lambda, exp.And, exp.Or)
_CONDITIONAL_CALLS = frozenset(["coalesce", "if", "iff", "ifnull", "nvl", "nvl2", "nullif"])


def parsed_once(project: Project) -> Project:
    """The same rows from a Project over one that parses; as it is without from_json."""
    calls: dict[exp.Expression, Attribute] = {}
    for entry in project.expressions:
        for call in from_json_calls(entry.expression):
            if _is_always_computed(call):
                calls.setdefault(call, _column("text", len(calls)))
    if not calls:
        return project
    parsings = {call: _column("parsed", at) for at, call in enumerate(calls)}

    def rule(node: exp.Expression) -> exp.Expression:
        inner = node.this if isinstance(node, exp.Dot) and is_from_json(node.this) else node
        if not is_from_json(inner) or inner not in calls:
            return node
        name = None if inner is node else node.expression.name
        columns = {"this": reference(parsings[inner]), "text": reference(calls[inner])}
        return ReadJson(**columns, asked=_asked(inner), field=name)

    entries = tuple(replace(e, expression=e.expression.transform(rule)) for e in project.expressions)
    read = {id_ for e in entries for id_ in referenced_ids(e.expression)}
    kept = tuple(passed_through(a) for a in project.child.output if a.id in read)
    texts = tuple(NamedExpression(JsonText(this=c.expressions[0].copy()), a) for c, a in calls.items())
    parsed = tuple(
        NamedExpression(ParsedJson(this=reference(calls[call]), asked=_asked(call)), column)
        for call, column in parsings.items()
    )
    handed_on = tuple(passed_through(e.attribute) for e in (*kept, *texts))
    return Project(Project(Project(project.child, (*kept, *texts)), (*handed_on, *parsed)), entries)


def _asked(call: exp.Expression) -> exp.Tuple:
    """The call's schema and options, where they belong, without its text."""
    return exp.Tuple(expressions=[exp.Null(), *(part.copy() for part in call.expressions[1:])])


def _column(name: str, position: int) -> Attribute:
    """A column that lives between two levels of one Project; its name tells it from all others."""
    return Attribute(f"~{name}", StringType(), nullable=True, id=-position)


def _is_always_computed(call: exp.Expression) -> bool:
    node = call.parent
    while node is not None:
        if isinstance(node, _CONDITIONAL) or is_from_json(node):
            return False
        if isinstance(node, exp.Anonymous) and node.name.lower() in _CONDITIONAL_CALLS:
            return False
        node = node.parent
    return True
