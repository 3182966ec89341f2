"""Literals, types and casts in the names of columns."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from typing import Any

import numpy as np
from sqlglot import exp

from streamcore.duck.zones import time_zone
from streamcore.errors import IllegalArgumentException
from streamcore.plan.literal_nodes import is_typed_literal
from streamcore.plan.naming.text import Text, shown_by
from streamcore.plan.translation.core import spark_type
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    StructType,
)
from streamcore.spi.types.ddl import type_text

_TIME = re.compile(
    r"(?P<date>\d{4}(?:-\d{1,2}){0,2})(?:[ T](?P<clock>\d{1,2}(?::\d{1,2}){0,2})(?:\.(?P<fraction>\d*))?)?"
)


def register() -> None:
    """Make these rules known."""
    shown_by(_literal, exp.Literal)
    shown_by(lambda node, _: "true" if node.this else "false", exp.Boolean)
    shown_by(lambda _, __: "NULL", exp.Null)
    shown_by(lambda node, _: f"X'{node.name.upper()}'", exp.HexString)
    shown_by(_cast, exp.Cast, exp.TryCast)
    shown_by(_negation, exp.Neg)
    shown_by(_interval, exp.Interval)


def _literal(node: exp.Expression, _: Text) -> str:
    return str(node.this) if node.args.get("is_string") else number_text(node.name)


def number_text(text: str, kind: str | None = None) -> str:
    """A number as Java writes it: `kind` is its type where it does not follow from the text.

    >>> number_text("007"), number_text(".5"), number_text("0.0000001"), number_text("1e10")
    ('7', '0.5', '1E-7', '1.0E10')
    """
    if kind in ("DOUBLE", "FLOAT") or (kind is None and "e" in text.lower()):
        return _java_double(float(text) if kind != "FLOAT" else np.float32(text))
    return str(decimal.Decimal(text)) if "." in text.rstrip(".") else str(decimal.Decimal(text.rstrip(".")))


def _java_double(value: float | np.floating[Any]) -> str:
    """A floating-point number as Java writes it.

    >>> _java_double(1e10), _java_double(1.5e-9), _java_double(20.0)
    ('1.0E10', '1.5E-9', '20.0')
    """
    size = abs(float(value))
    if 1e-3 <= size < 1e7 or size == 0:
        return str(np.format_float_positional(value, trim="0"))
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if float(value) > 0 else "-Infinity"
    digits, _, exponent = np.format_float_scientific(value, trim="0").partition("e")
    return f"{digits}E{int(exponent)}"


def _cast(node: exp.Expression, text: Text) -> str:
    inner = node.this
    if is_typed_literal(node):
        return _typed(inner, node.args["to"], text)
    to = spark_type(node.args["to"])
    if isinstance(inner, exp.Null) and isinstance(to, ArrayType | MapType | StructType):
        return "NULL"
    word = "TRY_CAST" if type(node) is exp.TryCast and node.args.get("safe") else "CAST"
    return f"{word}({text(inner)} AS {_type_text(to)})"


def _type_text(data_type: DataType) -> str:
    """A type as casts show it; the lengths of CHAR and VARCHAR are gone by then."""
    return "STRING" if data_type.simpleString().startswith(("char(", "varchar(")) else type_text(data_type)


def _typed(value: exp.Expression, to: exp.DataType, text: Text) -> str:
    kind = spark_type(to).simpleString().upper()
    if not value.args.get("is_string"):
        return number_text(value.name, kind.partition("(")[0])
    if kind in ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ"):
        written = _in_zone(value.name, text.time_zone) if kind == "TIMESTAMP" else value.name
        return f"{kind} '{_time(written, is_date=kind == 'DATE')}'"
    if kind.startswith("TIME("):
        return f"TIME '{_time(f'1970-01-01 {value.name}', is_date=False)[11:]}'"
    return text(value)


def _in_zone(written: str, zone: str | None) -> str:
    """A time that bears a zone as the clock of `zone` shows it."""
    match = _TIME.match(written.strip())
    given = written.strip()[match.end() :].strip() if match is not None else ""
    if match is None or not given or zone is None or match["clock"] is None:
        return written
    try:
        time = dt.datetime.fromisoformat(_time(match[0], is_date=False))
        time = time.replace(tzinfo=time_zone("UTC" if given == "Z" else given)).astimezone(time_zone(zone))
    except (ValueError, IllegalArgumentException):
        return written
    return time.replace(tzinfo=None).isoformat(sep=" ")


def _time(written: str, *, is_date: bool) -> str:
    """A date or a time with all its parts; as it is written where it bears a zone."""
    match = _TIME.fullmatch(written.strip().removesuffix("+00:00"))
    if match is None:
        return written
    year, *rest = match["date"].split("-")
    date = "-".join([year, *(part.zfill(2) for part in (*rest, *["1"] * (2 - len(rest))))])
    if is_date:
        return date
    clock = [part.zfill(2) for part in (match["clock"] or "").split(":") if part]
    fraction = (match["fraction"] or "")[:6].rstrip("0")
    return f"{date} {':'.join([*clock, *['00'] * (3 - len(clock))])}{'.' if fraction else ''}{fraction}"


def _negation(node: exp.Expression, text: Text) -> str:
    inner = node.this
    is_number = isinstance(inner, exp.Literal) and not inner.is_string
    if is_number or (is_typed_literal(inner) and not inner.this.args.get("is_string")):
        shown = text(inner)
        # A decimal has no negative zero.
        return shown if is_number and not shown.strip("0.") else f"-{shown}"
    return f"(- {text(inner)})"


def _interval(node: exp.Expression, _: Text) -> str:
    return f"INTERVAL '{node.this.name}' {node.args['unit'].sql(dialect='spark')}"
