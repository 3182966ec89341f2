"""from_json in two stages, for a query in which the parsing is a column that the reading names.

Only the lowering of a Project (`streamcore.plan.json_lowering`) makes these nodes; no plan holds them.
"""

from __future__ import annotations

from sqlglot import exp

from streamcore.duck.json_sql import parse_json, read_parsed, read_parsed_field
from streamcore.plan.translation.casts import as_text
from streamcore.plan.translation.coercion import STRING
from streamcore.plan.translation.core import Call, Compiled, Translator, node_rule
from streamcore.plan.translation.json import JsonCall, json_call
from streamcore.spi.types import StructType


class JsonText(exp.Expression):
    """The first argument of a from_json as text."""

    arg_types = {"this": True}  # noqa: RUF012 - sqlglot's own way to say it


class ParsedJson(exp.Expression):
    """The parsing of the text column `this` as the arguments `asked` of a from_json say."""

    arg_types = {"this": True, "asked": True}  # noqa: RUF012


class ReadJson(exp.Expression):
    """What a from_json with the arguments `asked` yields, or one `field` of it, from a parsing."""

    arg_types = {"this": True, "text": True, "asked": True, "field": False}  # noqa: RUF012


@node_rule(JsonText)
def _json_text(node: JsonText, translator: Translator) -> Compiled:
    return Compiled(as_text(translator.compile(node.this), translator.context), STRING, nullable=True)


@node_rule(ParsedJson)
def _parsed_json(node: ParsedJson, translator: Translator) -> Compiled:
    said = _said(node, translator)
    return Compiled(parse_json(translator.compile(node.this).sql, said.schema, said.reading), said.schema)


@node_rule(ReadJson)
def _read_json(node: ReadJson, translator: Translator) -> Compiled:
    said = _said(node, translator)
    parsed, text = translator.compile(node.this).sql, translator.compile(node.args["text"]).sql
    name = node.args.get("field")
    if name is None or not isinstance(said.schema, StructType):
        record = read_parsed(parsed, text, said.schema, said.reading)
        return Compiled(said.record(record, text), said.schema, nullable=True)
    sql = read_parsed_field(parsed, text, said.schema, name, said.reading)
    return Compiled(sql, said.schema[name].dataType, nullable=True)


def _said(node: ParsedJson | ReadJson, translator: Translator) -> JsonCall:
    asked = node.args["asked"]
    return json_call(Call("from_json", asked.expressions, translator, asked))
