"""CSV lines and XML elements as JSON of a schema, by which they are read; and JSON as either."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from streamcore.duck.native.registry import by_value
from streamcore.duck.native.xml_trees import MalformedXml, Node, Text, parsed
from streamcore.errors import MalformedRecordException
from streamcore.spi.types import (
    ArrayType,
    BooleanType,
    DataType,
    FractionalType,
    MapType,
    NumericType,
    StructType,
    type_from_json,
)

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SPECIAL = frozenset(["NaN", "Infinity", "-Infinity", "Inf", "-Inf"])


class _Malformed(ValueError):
    """A text that a type does not take."""


def _typed(text: str | None, kind: DataType) -> Any:
    """A text as the value of JSON that reads as this type.  Raises _Malformed."""
    if text is None:
        return None
    plain = text.strip()
    if isinstance(kind, NumericType):
        if _NUMBER.fullmatch(plain):
            return _Number(plain)
        if isinstance(kind, FractionalType) and plain in _SPECIAL:
            return plain.replace("Inf", "Infinity") if plain.endswith("Inf") else plain
        raise _Malformed(text)
    if isinstance(kind, BooleanType):
        if plain.lower() not in ("true", "false"):
            raise _Malformed(text)
        return plain.lower() == "true"
    return text


class _Number(str):
    """The digits of a number, which stay as they are."""

    __slots__ = ()


def _written(value: Any) -> str:
    if isinstance(value, _Number):
        digits = value.lstrip("+")
        sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
        whole, point, rest = digits.partition(".")
        return f"{sign}{whole.lstrip('0') or '0'}{point}{rest or ('0' if point else '')}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _malformed(text: str) -> MalformedRecordException:
    return MalformedRecordException(
        "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record parsing: "
        f"{text}. Parse Mode: FAILFAST. SQLSTATE: 22023"
    )


# ---- CSV -----------------------------------------------------------------------------------------


def fields_of(line: str, *, sep: str = ",", quote: str = '"', escaping: str = "\\") -> list[str | None]:
    """The fields of a line; null for one without a character that is not quoted.

    >>> fields_of('"a, b",,"",c')
    ['a, b', None, '', 'c']
    """
    found: list[str | None] = []
    at = 0
    while True:
        text, at = _field(line, at, sep, quote, escaping)
        found.append(text)
        if at >= len(line):
            return found
        at += len(sep)
        if at == len(line):
            return [*found, None]


def _field(line: str, at: int, sep: str, quote: str, escaping: str) -> tuple[str | None, int]:
    if not line.startswith(quote, at):
        end = line.find(sep, at)
        end = len(line) if end < 0 else end
        return line[at:end] or None, end
    made, at = "", at + 1
    while at < len(line):
        character = line[at]
        if character == escaping and line[at + 1 : at + 2] in (quote, escaping):
            made, at = made + line[at + 1], at + 2
        elif character == quote and line.startswith(quote, at + 1):
            made, at = made + quote, at + 2
        elif character == quote:
            end = line.find(sep, at)
            return made, len(line) if end < 0 else end
        else:
            made, at = made + character, at + 1
    return made, at


def _trimmed(text: str | None, *, leading: bool, trailing: bool) -> str | None:
    """The text without blanks at these ends."""
    if text is None:
        return None
    text = text.lstrip() if leading else text
    return text.rstrip() if trailing else text


@by_value
def csv_as_json(
    text: str,
    *,
    schema: Any,
    sep: str,
    quote: str,
    escaping: str,
    null: str,
    fails: bool,
    leading: bool,
    trailing: bool,
) -> str:
    """A CSV line as a JSON object of the schema; a field that does not fit is null."""
    fields = fields_of(text, sep=sep, quote=quote, escaping=escaping) if text else []
    kind = type_from_json(schema)
    assert isinstance(kind, StructType)
    made: dict[str, Any] = {}
    for place, field in enumerate(kind.fields):
        given = _trimmed(fields[place], leading=leading, trailing=trailing) if place < len(fields) else None
        try:
            made[field.name] = _typed(None if given == null else given, field.dataType)
        except _Malformed as error:
            if fails:
                raise _malformed(text) from error
            made[field.name] = None
    return _written(made)


@by_value
def json_as_csv(
    text: str,
    *,
    sep: str,
    quote: str,
    escaping: str,
    null: str,
    empty: str,
    all_quoted: bool,
    leading: bool,
    trailing: bool,
) -> str:
    """A JSON object as a CSV line."""
    values = json.loads(text, parse_float=_Number, parse_int=_Number)
    return sep.join(
        _csv_field(
            value,
            sep,
            quote,
            escaping,
            null,
            empty,
            all_quoted=all_quoted,
            leading=leading,
            trailing=trailing,
        )
        for value in values.values()
    )


def _csv_field(
    value: Any,
    sep: str,
    quote: str,
    escaping: str,
    null: str,
    empty: str,
    *,
    all_quoted: bool,
    leading: bool,
    trailing: bool,
) -> str:
    if value is None:
        return null
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = _trimmed(text, leading=leading, trailing=trailing) or ""
    if text == "":
        return empty
    if not all_quoted and not any(mark in text for mark in (sep, quote, "\n", "\r")):
        return text
    return quote + text.replace(quote, escaping + quote) + quote


# ---- XML -----------------------------------------------------------------------------------------


@by_value
def xml_as_json(
    text: str, *, schema: Any, attribute: str, value: str, null: str | None, fails: bool
) -> str | None:
    """The root element as a JSON object of the schema; null for what is no XML."""
    kind = type_from_json(schema)
    assert isinstance(kind, StructType)
    try:
        root = parsed(text).elements[0]
    except (MalformedXml, IndexError) as error:
        if fails:
            raise _malformed(text) from error
        return _written({})
    names = (attribute, value, null)
    return _written(_struct(root, kind, names, fails=fails))


_Names = tuple[str, str, "str | None"]


def _struct(node: Node, kind: StructType, names: _Names, *, fails: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in kind.fields:
        try:
            made[field.name] = _xml_field(node, field.name, field.dataType, names, fails=fails)
        except _Malformed as error:
            if fails:
                raise _malformed(node.text) from error
            made[field.name] = None
    return made


def _xml_field(node: Node, name: str, kind: DataType, names: _Names, *, fails: bool) -> Any:
    attribute, value, null = names
    if name == value:
        own = "".join(child.text for child in node.children if isinstance(child, Text)).strip()
        return _typed(own or None, kind)
    if attribute and name.startswith(attribute) and name[len(attribute) :] in node.attributes:
        given = node.attributes[name[len(attribute) :]]
        return _typed(None if given == null else given, kind)
    found = [child for child in node.elements if child.name.rpartition(":")[2] == name]
    if isinstance(kind, ArrayType):
        return [_element(child, kind.elementType, names, fails=fails) for child in found] if found else None
    return _element(found[-1], kind, names, fails=fails) if found else None


def _element(node: Node, kind: DataType, names: _Names, *, fails: bool) -> Any:
    if isinstance(kind, StructType):
        return _struct(node, kind, names, fails=fails)
    if isinstance(kind, MapType):
        return {child.name: _element(child, kind.valueType, names, fails=fails) for child in node.elements}
    text = node.text.strip()
    return _typed(None if text == (names[2] or "") else text, kind)


@by_value
def json_as_xml(
    text: str, *, row: str, item: str, attribute: str, value: str, null: str | None, indent: str
) -> str:
    """A JSON object as an XML element."""
    settings = {"item": item, "attribute": attribute, "value": value, "null": null, "indent": indent}
    made = json.loads(text, parse_float=_Number, parse_int=_Number)
    return "\n".join(_xml_lines(row, made, 0, settings))


def _xml_lines(name: str, content: Any, depth: int, settings: Mapping[str, Any]) -> list[str]:
    room = settings["indent"] * depth
    if content is None:
        return [] if settings["null"] is None else [f"{room}<{name}>{escape(settings['null'])}</{name}>"]
    if isinstance(content, list):
        return [
            line
            for one in content
            for line in _xml_lines(
                name, {settings["item"]: one} if isinstance(one, list) else one, depth, settings
            )
        ]
    if isinstance(content, dict):
        return _xml_struct(name, content, depth, settings)
    text = str(content).lower() if isinstance(content, bool) else str(content)
    return [f"{room}<{name}>{escape(text)}</{name}>"]


def _xml_struct(name: str, content: dict[str, Any], depth: int, settings: Mapping[str, Any]) -> list[str]:
    room, mark = settings["indent"] * depth, settings["attribute"]
    own = content.get(settings["value"])
    given = {key: one for key, one in content.items() if key != settings["value"]}
    attributes = {key: one for key, one in given.items() if mark and key.startswith(mark)}
    shown = "".join(
        f" {key[len(mark) :]}={quoteattr(str(one))}" for key, one in attributes.items() if one is not None
    )
    inner = [
        line
        for key, one in given.items()
        if key not in attributes
        for line in _xml_lines(key, one, depth + 1, settings)
    ]
    if own is not None and not inner:
        return [f"{room}<{name}{shown}>{escape(str(own))}</{name}>"]
    if not inner:
        return [f"{room}<{name}{shown}/>"]
    return [f"{room}<{name}{shown}>", *inner, f"{room}</{name}>"]
