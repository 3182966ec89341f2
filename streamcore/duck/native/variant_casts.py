"""Trees of variants as values of a type, by the rules of ANSI casts."""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
)
from streamcore.spi.variant.encoding import Tree, encoded
from streamcore.spi.variant.json_text import leaf_text, sql_leaf, written

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_TRUE = frozenset(["t", "true", "y", "yes", "1"])
_FALSE = frozenset(["f", "false", "n", "no", "0"])
_BLANKS = "".join(map(chr, range(33))) + "\x7f"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SPECIAL = {"inf": math.inf, "infinity": math.inf, "nan": math.nan}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?")
_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?"
    r" ?(Z|UTC|GMT|[+-]\d{2}:\d{2}|[A-Z][A-Za-z_]+/[A-Za-z_/]+)?"
)
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


class NotCastable(ValueError):
    """A part of a variant that a type does not take."""

    def __init__(self, tree: Tree, kind: DataType) -> None:
        super().__init__(kind.simpleString())
        self.tree = tree
        self.kind = kind


def cast_tree(tree: Tree, kind: DataType, zone: dt.tzinfo, *, fails: bool) -> Any:
    """The value, in the form that Arrow takes; raises NotCastable.

    Inside of arrays, maps and structs it does where it `fails`: else such a part is null.
    """
    if isinstance(kind, VariantType):
        value, metadata = encoded(tree)
        return {"value": value, "metadata": metadata}
    if not isinstance(tree, dict | list):
        return None if tree is None else _leaf(tree, kind, zone)

    def inner(item: Tree, of: DataType) -> Any:
        try:
            return cast_tree(item, of, zone, fails=fails)
        except NotCastable:
            if fails:
                raise
            return None

    if isinstance(kind, ArrayType) and isinstance(tree, list):
        return [inner(item, kind.elementType) for item in tree]
    if isinstance(kind, MapType) and isinstance(tree, dict):
        return [(key, inner(item, kind.valueType)) for key, item in tree.items()]
    if isinstance(kind, StructType) and isinstance(tree, dict):
        return {f.name: inner(tree.get(f.name), f.dataType) for f in kind.fields}
    if isinstance(kind, StringType):
        return written(tree, sql_leaf(zone))
    raise NotCastable(tree, kind)


def _leaf(tree: Tree, kind: DataType, zone: dt.tzinfo) -> Any:
    for wanted, rule in _RULES:
        if isinstance(kind, wanted):
            try:
                found = rule(tree, kind, zone)
            except (ValueError, OverflowError, InvalidOperation) as error:
                raise NotCastable(tree, kind) from error
            if found is not None:
                return found
    raise NotCastable(tree, kind)


def _number(tree: Tree) -> Any:
    """The number that a leaf is; None for none."""
    if isinstance(tree, bool):
        return int(tree)
    if isinstance(tree, int | float | Decimal):
        return tree
    return None


def _seconds(tree: Tree) -> Any:
    """The seconds since 1970 of an instant."""
    if isinstance(tree, dt.datetime) and tree.tzinfo is not None:
        return Decimal((tree - _EPOCH) // _MICROSECOND).scaleb(-6, _EXACT)
    return None


def _to_integer(tree: Tree, kind: DataType, _: dt.tzinfo) -> int | None:
    assert isinstance(kind, IntegralType)
    if isinstance(tree, str):
        text = tree.strip(_BLANKS)
        number: Any = int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else None
    else:
        seconds = _seconds(tree)
        number = _number(tree) if seconds is None else math.floor(seconds)
    if number is None:
        return None
    whole = math.trunc(number)
    return whole if -(1 << kind.bits - 1) <= whole < 1 << kind.bits - 1 else None


def _to_double(tree: Tree, kind: DataType, _: dt.tzinfo) -> float | None:
    if isinstance(tree, str):
        text = tree.strip(_BLANKS)
        bare = text.lstrip("+-").lower() if len(text) - len(text.lstrip("+-")) < 2 else ""
        if bare in _SPECIAL:
            return -_SPECIAL[bare] if text.startswith("-") else _SPECIAL[bare]
        number: Any = float(text) if _NUMBER.fullmatch(text.rstrip("dDfF")) else None
    else:
        number = _seconds(tree) if _number(tree) is None else _number(tree)
    if number is None:
        return None
    return _float32(float(number)) if isinstance(kind, FloatType) else float(number)


def _float32(number: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


def _to_decimal(tree: Tree, kind: DataType, _: dt.tzinfo) -> Decimal | None:
    assert isinstance(kind, DecimalType)
    if isinstance(tree, str):
        text = tree.strip(_BLANKS)
        number = Decimal(text) if _NUMBER.fullmatch(text) else None
    elif isinstance(tree, float):
        number = Decimal(leaf_text(tree, dt.UTC)) if tree - tree == 0 else None
    else:
        found = _seconds(tree) if _number(tree) is None else _number(tree)
        number = None if found is None else Decimal(found)
    if number is None:
        return None
    rounded = number.quantize(Decimal((0, (1,), -kind.scale)), ROUND_HALF_UP, _EXACT)
    return rounded if len(rounded.as_tuple().digits) <= kind.precision else None


def _to_boolean(tree: Tree, _: DataType, __: dt.tzinfo) -> bool | None:
    if isinstance(tree, str):
        word = tree.strip(_BLANKS).lower()
        return True if word in _TRUE else False if word in _FALSE else None
    number = _number(tree)
    return None if number is None else number != 0


def _to_text(tree: Tree, _: DataType, zone: dt.tzinfo) -> str:
    return leaf_text(tree, zone)


def _to_binary(tree: Tree, _: DataType, __: dt.tzinfo) -> bytes | None:
    if isinstance(tree, str):
        return tree.encode()
    return tree if isinstance(tree, bytes) else None


def _to_date(tree: Tree, _: DataType, zone: dt.tzinfo) -> dt.date | None:
    if isinstance(tree, dt.datetime):
        return (tree if tree.tzinfo is None else tree.astimezone(zone)).date()
    if isinstance(tree, dt.date):
        return tree
    found = _DATE.fullmatch(tree.strip(_BLANKS)) if isinstance(tree, str) else None
    return None if found is None else dt.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))


def _to_instant(tree: Tree, _: DataType, zone: dt.tzinfo) -> dt.datetime | None:
    if isinstance(tree, str):
        tree = _time_in(tree)
    if isinstance(tree, dt.datetime):
        return tree.replace(tzinfo=zone).astimezone(dt.UTC) if tree.tzinfo is None else tree
    if isinstance(tree, dt.date):
        return dt.datetime.combine(tree, dt.time(), zone).astimezone(dt.UTC)
    number = None if isinstance(tree, bool) else _number(tree)
    return None if number is None else _EPOCH + dt.timedelta(microseconds=math.trunc(number * 1_000_000))


def _to_local(tree: Tree, _: DataType, zone: dt.tzinfo) -> dt.datetime | None:
    if isinstance(tree, str):
        found = _time_in(tree)
        return None if found is None else found.replace(tzinfo=None)
    if isinstance(tree, dt.datetime):
        return (tree if tree.tzinfo is None else tree.astimezone(zone)).replace(tzinfo=None)
    return dt.datetime.combine(tree, dt.time()) if isinstance(tree, dt.date) else None


def _time_in(text: str) -> dt.datetime | None:
    found = _TIME.fullmatch(text.strip(_BLANKS))
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    micros = int((found[7] or "0").ljust(6, "0")[:6])
    moment = dt.datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001 - it may have no zone
    name = found[8]
    if name is None:
        return moment
    if name in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=dt.UTC)
    if "/" in name:
        return moment.replace(tzinfo=ZoneInfo(name))
    offset = dt.timedelta(hours=int(name[1:3]), minutes=int(name[4:6]))
    return moment.replace(tzinfo=dt.timezone(-offset if name.startswith("-") else offset))


_RULES: tuple[tuple[type[DataType], Callable[[Tree, DataType, dt.tzinfo], Any]], ...] = (
    (IntegralType, _to_integer),
    (DoubleType, _to_double),
    (FloatType, _to_double),
    (DecimalType, _to_decimal),
    (BooleanType, _to_boolean),
    (StringType, _to_text),
    (BinaryType, _to_binary),
    (DateType, _to_date),
    (TimestampType, _to_instant),
    (TimestampNTZType, _to_local),
)
