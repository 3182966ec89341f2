"""The option badRecordsPath of a parse: what it cannot read goes to a letter box.

Project(from_json(value, schema, badRecordsPath)) - child
  -> Project(parsed) - (the good rows of) Project(*, from_json(value, schema) AS parsed) - child
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    passed_through,
    reference,
    scope_of,
)
from streamcore.plan.dead_letters import diverted, filled, located
from streamcore.plan.expressions import parse_expression
from streamcore.plan.json_calls import is_from_json, options_of
from streamcore.plan.logical import LogicalPlan, Project
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.translation.json import schema_of_text
from streamcore.plan.typing import infer
from streamcore.spi.dead_letters import OPTION, LetterBox
from streamcore.spi.types import StringType, StructField, StructType

_OF_AVRO: Final = ("from_avro", "from_avro_registry")
_PARSES: Final = frozenset({"from_json", *_OF_AVRO, "from_protobuf", "from_protobuf_registry"})
_KEY: Final = OPTION.lower()
_CORRUPT: Final = "columnNameOfCorruptRecord"
_BAD: Final = "_bad_record"
_PARSED: Final = parse_expression("parsed")
_NULL: Final = parse_expression("record IS NOT NULL AND parsed IS NULL")
_NO_JSON: Final = parse_expression("coalesce(trim(record) NOT IN ('', 'null'), false) AND parsed IS NULL")
_HAS_BAD: Final = parse_expression(f"coalesce(parsed.{_BAD} IS NOT NULL, false)")
_IS_THERE: Final = parse_expression("parsed IS NOT NULL")


def with_bad_records_apart(plan: LogicalPlan) -> LogicalPlan:
    """The plan in which every parse with a `badRecordsPath` hands bad records to a letter box.

    Raises AnalysisException for a parse that is no column of its own, or says otherwise of bad records, too.
    """
    with_path = [node for node in plan.walk() if any(map(_calls, expressions_of(node)))]
    if not with_path:
        return plan
    if other := next((node for node in with_path if not isinstance(node, Project)), None):
        name = next(call.name for e in expressions_of(other) for call in _calls(e))
        raise AnalysisException(
            f"{name}() with the option {OPTION} must be a column of its own: give it a name with select() or "
            "withColumn(), and use that column"
        )
    return plan.transform_up(lambda node: _apart(node) if isinstance(node, Project) else node)


@dataclass(frozen=True)
class _Judging:
    """How a call is read so that bad records can be told.

    `is_bad` and `value`, what the call stands for where a record is not bad, are said of the columns
    `record` and `parsed`, which is what `reading` gives.
    """

    reading: exp.Expression
    is_bad: exp.Expression
    value: exp.Expression
    reason: str


def _apart(plan: Project) -> LogicalPlan:
    calls = {node: path for entry in plan.expressions for node, path in _calls(entry.expression).items()}
    if not calls:
        return plan
    rows, place = located(plan.child)
    values: dict[exp.Expression, exp.Expression] = {}
    for node, path in calls.items():
        rows, values[node] = _parsed(rows, place, node, LetterBox(path))

    def rule(node: exp.Expression) -> exp.Expression:
        return values[node].copy() if isinstance(node, exp.Anonymous) and node in values else node

    kept = tuple(replace(e, expression=e.expression.copy().transform(rule)) for e in plan.expressions)
    return replace(plan, child=rows, expressions=kept)


def _parsed(
    rows: LogicalPlan, place: Sequence[Attribute], node: exp.Anonymous, box: LetterBox
) -> tuple[LogicalPlan, exp.Expression]:
    """The rows whose record can be read, and the value of the call in them."""
    judging, record = _judging(node), node.expressions[0]
    column = attribute("parsed", *infer(judging.reading, scope_of(rows.output)))
    parsed = Project(rows, (*map(passed_through, rows.output), NamedExpression(judging.reading, column)))
    parts = {"parsed": reference(column), "record": record}
    good = diverted(parsed, filled(judging.is_bad, parts), record, judging.reason, place, box)
    return good, filled(judging.value, parts)


def _judging(node: exp.Anonymous) -> _Judging:
    _refuse_other_words(node)
    if not is_from_json(node):
        # With the path they give null for what is malformed, not a struct of nulls.
        _require_a_value(node)
        kind = "Avro" if node.name.lower() in _OF_AVRO else "Protobuf"
        return _Judging(node.copy(), _NULL, _PARSED, f"no {kind} of the schema")
    reading = _without_path(node)
    schema = schema_of_text(node.expressions[1].name)
    reason = f"no JSON of the type {schema.simpleString()}"
    if not isinstance(schema, StructType):
        return _Judging(reading, _NO_JSON, _PARSED, reason)
    wider = StructType([*schema.fields, StructField(_BAD, StringType())])
    options = [*options_of(reading).items(), (_CORRUPT, _BAD)]
    reading.set("expressions", [node.expressions[0].copy(), exp.Literal.string(wider.json()), _map(options)])
    return _Judging(reading, _HAS_BAD, _without_bad(schema), reason)


def _refuse_other_words(node: exp.Anonymous) -> None:
    given = {key.lower(): value for key, value in options_of(node).items()}
    other = next((key for key in (_CORRUPT.lower(), "mode") if key in given), None)
    if other is not None and given[other].upper() != "PERMISSIVE":
        raise AnalysisException(
            f"{node.name}() has the options {OPTION} and {other}={given[other]}: bad records either go to a "
            "folder or are treated by the other option; leave out one of the two"
        )


def _require_a_value(node: exp.Anonymous) -> None:
    """Raises for a schema by which the whole of a record may be null: it would be taken for a bad one."""
    if node.name.lower() in _OF_AVRO and "null" in _members(node.expressions[1].name):
        raise AnalysisException(
            f"{node.name}() has the option {OPTION} and a schema by which a record may be null as a whole, "
            "which cannot be told from one that is malformed: give it the schema of the other member"
        )


def _members(schema: str) -> list[object]:
    """The members of an Avro schema that is a union."""
    try:
        found = json.loads(schema)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _calls(expression: exp.Expression) -> dict[exp.Anonymous, str]:
    """The parses in an expression that name a folder, and the folder."""
    found = {}
    for node in expression.find_all(exp.Anonymous):
        if node.name.lower() in _PARSES:
            given = {key.lower(): value for key, value in options_of(node).items()}
            if _KEY in given:
                found[node] = given[_KEY]
    return found


def _without_path(node: exp.Anonymous) -> exp.Anonymous:
    kept = [(key, value) for key, value in options_of(node).items() if key.lower() != _KEY]
    copied = node.copy()
    at = len(copied.expressions) - 1
    copied.set("expressions", [*copied.expressions[:at], *([_map(kept)] if kept else [])])
    return copied


def _map(options: Sequence[tuple[str, str]]) -> exp.Expression:
    return exp.Anonymous(this="map", expressions=[exp.Literal.string(t) for pair in options for t in pair])


def _without_bad(schema: StructType) -> exp.Expression:
    """The struct that was asked for."""
    parts = [
        part
        for name in schema.names
        for part in (exp.Literal.string(name), exp.column(exp.to_identifier(name, quoted=True), "parsed"))
    ]
    made = exp.Anonymous(this="named_struct", expressions=parts)
    return exp.Case(ifs=[exp.If(this=_IS_THERE.copy(), true=made)])
