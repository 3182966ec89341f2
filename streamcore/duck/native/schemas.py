"""The schema that one text of JSON, CSV or XML has, as Spark infers it."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from streamcore.duck.native.documents import fields_of
from streamcore.duck.native.xml_trees import Node, Text, parsed
from streamcore.spi.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

_NUMBERS = (IntegerType, LongType, DecimalType, DoubleType)


def wider(one: DataType, other: DataType) -> DataType:
    """The type that holds both; text where nothing else does."""
    if one == other or isinstance(other, NullType):
        return one
    if isinstance(one, NullType):
        return other
    if isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS):
        return max(one, other, key=lambda kind: _NUMBERS.index(type(kind)))
    if isinstance(one, StructType) and isinstance(other, StructType):
        return _struct([*_pairs(one), *_pairs(other)])
    if isinstance(one, ArrayType) or isinstance(other, ArrayType):
        first, second = (kind.elementType if isinstance(kind, ArrayType) else kind for kind in (one, other))
        return ArrayType(wider(first, second))
    if {type(one), type(other)} == {DateType, TimestampType}:
        return TimestampType()
    return StringType()


def _pairs(kind: StructType) -> list[tuple[str, DataType]]:
    return [(field.name, field.dataType) for field in kind.fields]


def _struct(pairs: list[tuple[str, DataType]]) -> StructType:
    fields: dict[str, DataType] = {}
    for name, kind in pairs:
        fields[name] = wider(fields[name], kind) if name in fields else kind
    return StructType([StructField(name, fields[name]) for name in sorted(fields)])


def finished(kind: DataType) -> DataType:
    """The type in which what was always null is text."""
    if isinstance(kind, NullType):
        return StringType()
    if isinstance(kind, ArrayType):
        return ArrayType(finished(kind.elementType))
    if isinstance(kind, StructType):
        return StructType([StructField(f.name, finished(f.dataType)) for f in kind.fields])
    return kind


def shown(kind: DataType) -> str:
    """A type as `schema_of_json` writes it.

    >>> shown(schema_of_json('[{"col": 0}]'))
    'ARRAY<STRUCT<col: BIGINT>>'
    """
    if isinstance(kind, ArrayType):
        return f"ARRAY<{shown(kind.elementType)}>"
    if isinstance(kind, StructType):
        return f"STRUCT<{', '.join(f'{_name(f.name)}: {shown(f.dataType)}' for f in kind.fields)}>"
    return kind.simpleString().upper()


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else f"`{name.replace('`', '``')}`"


# ---- JSON ----------------------------------------------------------------------------------------


def schema_of_json(text: str, *, leading_zeros: bool = False) -> DataType:
    """The schema of a JSON text.  Raises ValueError for what is none."""
    if leading_zeros:
        text = re.sub(r'("(?:[^"\\]|\\.)*")|(?<![\w.])0+(?=\d)', lambda m: m[1] or "", text)
    return finished(_of_json(json.loads(text, parse_float=_Fraction)))


class _Fraction(str):
    """A number with a point or an exponent."""

    __slots__ = ()


def _of_json(value: Any) -> DataType:
    if value is None:
        return NullType()
    if isinstance(value, bool):
        return BooleanType()
    if isinstance(value, int):
        return LongType() if -(2**63) <= value < 2**63 else _big(value)
    if isinstance(value, _Fraction):
        return DoubleType()
    if isinstance(value, list):
        element: DataType = NullType()
        for one in value:
            element = wider(element, _of_json(one))
        return ArrayType(element)
    if isinstance(value, dict):
        return _struct([(name, _of_json(one)) for name, one in value.items()])
    return StringType()


def _big(value: int) -> DataType:
    digits = len(str(abs(value)))
    return DecimalType(digits, 0) if digits <= DecimalType.MAX_PRECISION else DoubleType()


# ---- CSV and XML ---------------------------------------------------------------------------------


def schema_of_csv(text: str, **settings: str) -> DataType:
    """The schema of a CSV line, whose columns are `_c0`, `_c1`, ...

    >>> shown(schema_of_csv("1,abc"))
    'STRUCT<_c0: INT, _c1: STRING>'
    """
    kinds = [_of_text(field, is_long=False) for field in fields_of(text, **settings)]
    return finished(StructType([StructField(f"_c{at}", kind) for at, kind in enumerate(kinds)]))


def _of_text(text: str | None, *, is_long: bool) -> DataType:
    if text is None:
        return NullType()
    plain = text.strip()
    if re.fullmatch(r"[+-]?\d+", plain):
        number = int(plain)
        if not is_long and -(2**31) <= number < 2**31:
            return IntegerType()
        return LongType() if -(2**63) <= number < 2**63 else _big(number)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?", plain) and Decimal(plain).is_finite():
        return DoubleType()
    if plain.lower() in ("true", "false"):
        return BooleanType()
    return _of_time(plain)


def _of_time(text: str) -> DataType:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return DateType() if _is_time(text) else StringType()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?", text):
        return TimestampType() if _is_time(text) else StringType()
    return StringType()


def _is_time(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def schema_of_xml(
    text: str, *, attribute: str = "_", value: str = "_VALUE", excludes: bool = False
) -> DataType:
    """The schema of an XML element.  Raises MalformedXml.

    >>> shown(schema_of_xml("<p><a>1</a></p>"))
    'STRUCT<a: BIGINT>'
    """
    root = _of_node(parsed(text).elements[0], attribute, value, excludes=excludes)
    return finished(root if isinstance(root, StructType) else StructType([StructField(value, root)]))


def _of_node(node: Node, attribute: str, value: str, *, excludes: bool) -> DataType:
    own = "".join(child.text for child in node.children if isinstance(child, Text)).strip()
    kind = _of_text(own or None, is_long=True)
    given = {} if excludes else node.attributes
    if not node.elements and not given:
        return kind
    pairs = [(attribute + name, _of_text(text, is_long=True)) for name, text in given.items()]
    by_name: dict[str, list[DataType]] = {}
    for child in node.elements:
        by_name.setdefault(child.name, []).append(_of_node(child, attribute, value, excludes=excludes))
    for name, kinds in by_name.items():
        joined = kinds[0]
        for one in kinds[1:]:
            joined = wider(joined, one)
        pairs.append((name, ArrayType(joined) if len(kinds) > 1 else joined))
    if own:
        pairs.append((value, kind))
    return _struct(pairs)
