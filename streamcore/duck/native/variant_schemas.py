"""The schemas of variants, and the one that fits many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce

from streamcore.spi.variant.encoding import Float32, Tree, key_order

_MOST_DIGITS = 38
_BIGINT_DIGITS = 20
_TIMES = ("DATE", "TIMESTAMP_NTZ", "TIMESTAMP")


@dataclass(frozen=True)
class Schema:
    """`word` alone, or with the digits of a decimal, the schema of elements, or those of fields."""

    word: str
    digits: tuple[int, int] = (0, 0)
    element: Schema | None = None
    fields: Mapping[str, Schema] = field(default_factory=dict)

    def text(self, quoted: Callable[[str], str]) -> str:
        """As `schema_of_variant` writes it; `quoted` writes the names."""
        if self.word == "OBJECT":
            keys = sorted(self.fields, key=key_order)
            return f"OBJECT<{', '.join(f'{quoted(k)}: {self.fields[k].text(quoted)}' for k in keys)}>"
        if self.element is not None:
            return f"ARRAY<{self.element.text(quoted)}>"
        return f"DECIMAL({self.digits[0]},{self.digits[1]})" if self.word == "DECIMAL" else self.word


VOID, VARIANT, DOUBLE = Schema("VOID"), Schema("VARIANT"), Schema("DOUBLE")


def schema_of(tree: Tree) -> Schema:
    """The schema of one variant."""
    if isinstance(tree, dict):
        return Schema("OBJECT", fields={key: schema_of(item) for key, item in tree.items()})
    if isinstance(tree, list):
        return Schema("ARRAY", element=merged([schema_of(item) for item in tree]))
    return _schema_of_leaf(tree)


def _schema_of_leaf(tree: Tree) -> Schema:
    if isinstance(tree, dt.date):
        is_local = isinstance(tree, dt.datetime) and tree.tzinfo is None
        return Schema(
            "TIMESTAMP_NTZ" if is_local else "TIMESTAMP" if isinstance(tree, dt.datetime) else "DATE"
        )
    match tree:
        case None:
            return VOID
        case bool():
            return Schema("BOOLEAN")
        case int():
            return Schema("BIGINT")
        case Float32():
            return Schema("FLOAT")
        case float():
            return DOUBLE
        case Decimal():
            return Schema("DECIMAL", digits=_digits(tree))
        case bytes():
            return Schema("BINARY")
    return Schema("STRING")


def _digits(number: Decimal) -> tuple[int, int]:
    """Precision and scale without the zeros at the end of a fraction."""
    _, digits, exponent = number.as_tuple()
    unscaled, scale = int("".join(map(str, digits))), -int(exponent)
    while scale > 0 and unscaled % 10 == 0:
        unscaled, scale = unscaled // 10, scale - 1
    return max(len(str(unscaled)), scale), scale


def merged(schemas: Sequence[Schema]) -> Schema:
    """The schema that fits all; VOID for none."""
    return reduce(_common, schemas, VOID)


def _common(left: Schema, right: Schema) -> Schema:
    if right in (left, VOID):
        return left
    if left == VOID:
        return right
    if left.word == right.word == "OBJECT":
        fields = dict(left.fields)
        for key, found in right.fields.items():
            fields[key] = _common(fields[key], found) if key in fields else found
        return Schema("OBJECT", fields=fields)
    if left.element is not None and right.element is not None:
        return Schema("ARRAY", element=_common(left.element, right.element))
    return _common_leaf(left, right)


def _common_leaf(left: Schema, right: Schema) -> Schema:
    words = {left.word, right.word}
    if words <= {"BIGINT", "DECIMAL"}:
        return _wider(_as_decimal(left), _as_decimal(right))
    if words == {"BIGINT", "FLOAT"}:
        return Schema("FLOAT")
    if words <= {"BIGINT", "DECIMAL", "FLOAT", "DOUBLE"}:
        return DOUBLE
    if words <= set(_TIMES):
        return Schema(max(words, key=_TIMES.index))
    return VARIANT


def _as_decimal(schema: Schema) -> tuple[int, int]:
    return schema.digits if schema.word == "DECIMAL" else (_BIGINT_DIGITS, 0)


def _wider(left: tuple[int, int], right: tuple[int, int]) -> Schema:
    scale = max(left[1], right[1])
    whole = max(left[0] - left[1], right[0] - right[1])
    return DOUBLE if whole + scale > _MOST_DIGITS else Schema("DECIMAL", digits=(whole + scale, scale))
