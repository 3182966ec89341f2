"""Calls of from_json in resolved expressions: which fields are read of them, and what may be left out."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from streamcore.plan.translation.json import schema_of_text
from streamcore.spi.types import StructType

_CORRUPT_RECORD = "_corrupt_record"


def is_from_json(node: exp.Expr | None) -> bool:
    """Whether this node is a call of from_json."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == "from_json"


def from_json_calls(expression: exp.Expression) -> Iterator[exp.Anonymous]:
    """The calls of from_json in an expression, outer ones first."""
    return (node for node in expression.find_all(exp.Anonymous) if is_from_json(node))


def field_read(node: exp.Expression) -> str | None:
    """The field that is read of the value at `node`; None where all of it is used."""
    parent = node.parent
    is_base = isinstance(parent, exp.Dot) and parent.this is node
    return parent.expression.name if is_base and parent is not None else None


def struct_of(call: exp.Expression) -> StructType | None:
    """The struct that a call yields, where each of its fields can be had without the others.

    None for arrays and maps, and where a record must be seen whole: mode FAILFAST.
    """
    if not is_from_json(call) or len(call.expressions) < 2 or _text(call.expressions[1]) is None:
        return None
    options = _options(call)
    if options is None or options.get("mode", "PERMISSIVE").upper() != "PERMISSIVE":
        return None
    schema = schema_of_text(str(_text(call.expressions[1])))
    return schema if isinstance(schema, StructType) and len(set(schema.names)) == len(schema.names) else None


def narrowed(call: exp.Expression, fields: set[str]) -> exp.Expression:
    """The call with a schema of these fields only; as it is where the other fields have a say.

    A malformed record is told by all fields, so that the column for it needs them all.
    """
    struct, options = struct_of(call), _options(call)
    if struct is None or options is None or fields >= set(struct.names) or not fields & set(struct.names):
        return call
    if options.get("columnnameofcorruptrecord", _CORRUPT_RECORD) in fields:
        return call
    found = call.copy()
    kept = StructType([field for field in struct.fields if field.name in fields])
    found.expressions[1].replace(exp.Literal.string(kept.json()))
    return found


def options_of(call: exp.Anonymous) -> dict[str, str]:
    """The options of a parse: its last argument `map('key', 'value', ...)`, of literals."""
    last = call.expressions[-1] if len(call.expressions) > 1 else None
    if not isinstance(last, exp.Anonymous) or last.name.lower() != "map":
        return {}
    texts = [_text(part) for part in last.expressions]
    return {} if None in texts else dict(zip(map(str, texts[::2]), map(str, texts[1::2]), strict=False))


def _options(call: exp.Expression) -> dict[str, str] | None:
    """The options by lower-case key; None where they are no literals."""
    if len(call.expressions) < 3:
        return {}
    texts = [_text(part) for part in call.expressions[2].expressions]
    if None in texts or len(texts) % 2:
        return None
    return {str(key).lower(): str(value) for key, value in zip(texts[::2], texts[1::2], strict=True)}


def _text(node: exp.Expr) -> str | None:
    return node.name if isinstance(node, exp.Literal) and node.args.get("is_string") else None
