"""JSON texts as the trees of variants, and back."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from streamcore.spi.cast_text import double_text
from streamcore.spi.variant.encoding import Float32, Tree, decoded, key_order

_BLANKS = re.compile(r"[ \t\r\n]*")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MOST_DIGITS = 38
_MOST_DEPTH = 900


def parsed(text: str) -> Tree:
    """The first JSON value of a text.  Raises ValueError where there is none.

    >>> parsed('{"a": [1, 1.50, 1e3, null]}')
    {'a': [1, Decimal('1.50'), 1000.0, None]}
    """
    start = _BLANKS.match(text)
    assert start is not None
    try:
        tree, end = _DECODER.raw_decode(text, start.end())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    # What stands behind the value is not looked at, as in Spark; but a number ends at a blank.
    is_number = isinstance(tree, int | float | Decimal) and not isinstance(tree, bool)
    if is_number and text[end : end + 1] not in ("", *" \t\r\n"):
        raise ValueError(f"a number ends at {text[end]!r}")
    _refuse_depth(tree, 0)
    return tree


def _refuse_depth(tree: Tree, depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(tree, dict | list):
        for item in tree.values() if isinstance(tree, dict) else tree:
            _refuse_depth(item, depth + 1)


def _whole(digits: str) -> Tree:
    number = int(digits) if len(digits) < 64 else None
    return number if number is not None and -(1 << 63) <= number < 1 << 63 else _fraction(digits)


def _fraction(digits: str) -> Tree:
    if _PLAIN_NUMBER.fullmatch(digits):
        found = Decimal(digits)
        exponent = found.as_tuple().exponent
        if len(found.as_tuple().digits) <= _MOST_DIGITS and -int(exponent) <= _MOST_DIGITS:
            return found
    return float(digits)


def _fields(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(word: str) -> Tree:
    raise ValueError(word)


_DECODER = json.JSONDecoder(
    parse_int=_whole, parse_float=_fraction, parse_constant=_no_number, object_pairs_hook=_fields
)

Leaf = Callable[[Any], str]


def written(tree: Tree, leaf: Leaf) -> str:
    """The JSON of a tree; `leaf` writes what is no array and no object, and the keys."""
    if isinstance(tree, dict):
        keys = sorted(tree, key=key_order)
        return "{" + ",".join(f"{leaf(key)}:{written(tree[key], leaf)}" for key in keys) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(written(item, leaf) for item in tree) + "]"
    return leaf(tree)


def sql_leaf(zone: dt.tzinfo) -> Leaf:
    """How SQL writes the leaves; instants with their offset in the zone."""

    def leaf(value: Any) -> str:
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, bytes):
            return f'"{base64.b64encode(value).decode()}"'
        text = leaf_text(value, zone)
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            text += value.astimezone(zone).isoformat()[-6:]
        is_number = isinstance(value, int | Decimal) or (isinstance(value, float) and value - value == 0)
        return text if is_number else f'"{text}"'

    return leaf


def shown(value: bytes, metadata: bytes) -> str:
    """The JSON of what is stored, as `show` writes it; instants in UTC, and they say so."""
    return written(decoded(value, metadata), sql_leaf(dt.UTC))


def leaf_text(value: Any, zone: dt.tzinfo) -> str:
    """A leaf as a cast to a string gives it; a number without zeros at its end."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double_text(value, 32 if isinstance(value, Float32) else 64)
    if isinstance(value, Decimal):
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    if isinstance(value, dt.datetime):
        local = (value if value.tzinfo is None else value.astimezone(zone)).replace(tzinfo=None)
        whole, point, rest = local.isoformat(" ").partition(".")
        return f"{whole}{point}{rest.rstrip('0')}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def python_leaf(zone: dt.tzinfo) -> Leaf:
    """How `VariantVal.toJson` writes the leaves: as Python does."""

    def leaf(value: Any) -> str:
        if value is None or isinstance(value, bool | str):
            return json.dumps(value)
        if isinstance(value, bytes):
            return f'"{base64.b64encode(value).decode()}"'
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            value = value.astimezone(zone)
        return f'"{value}"' if isinstance(value, dt.date) else str(value)

    return leaf
