"""Columns whose values stand in folder names, such as `day=2026-01-31/country=de`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from streamcore.errors import AnalysisException
from streamcore.spi.types import (
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_NULL = "__HIVE_DEFAULT_PARTITION__"
_BITS: Final[dict[type[DataType], int]] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}
_NO_NUMBERS: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_EXACT: Final = Context(prec=76)


def raw_values(path: str, base: str) -> dict[str, str | None]:
    """The values in the folder names between `base` and a file.

    >>> raw_values("/data/day=2026-01-31/city=K%C3%B6ln/part-0.json", "/data")
    {'day': '2026-01-31', 'city': 'Köln'}
    """
    inner = path.removeprefix(base).split("/")[:-1]
    pairs = (folder.split("=", 1) for folder in inner if "=" in folder)
    return {unquote(name): None if value == _NULL else unquote(value) for name, value in pairs}


def infer_columns(values: Iterable[Mapping[str, str | None]]) -> StructType:
    """The partition columns of all files, with the narrowest type that holds every value.

    Raises AnalysisException when files disagree about which columns there are.
    """
    rows = [dict(row) for row in values]
    names = list(rows[0]) if rows else []
    if odd := next((row for row in rows if list(row) != names), None):
        raise AnalysisException(
            f"the folders disagree about partition columns: {names} and {list(odd)}; read the folders one by "
            "one, or set basePath or recursiveFileLookup"
        )
    return StructType([StructField(name, _type_of({row[name] for row in rows})) for name in names])


def _type_of(texts: set[str | None]) -> DataType:
    present = {text for text in texts if text is not None}
    if not present:
        return StringType()
    for candidate in (IntegerType(), LongType(), DoubleType(), DateType()):
        if all(_fits(text, candidate) for text in present):
            return candidate
    return StringType()


def _fits(text: str, data_type: DataType) -> bool:
    try:
        typed_value(text, data_type)
    except ValueError:
        return False
    return True


def typed_value(text: str | None, data_type: DataType, zone: dt.tzinfo = dt.UTC) -> Any:
    """The value of a partition column; ValueError when the text is no such value.

    `zone` is where a text without a zone of its own is an instant.

    >>> typed_value("2026-01-31 10:00:00", TimestampNTZType())
    datetime.datetime(2026, 1, 31, 10, 0)
    """
    if text is None:
        return None
    for class_, parse in _PARSERS:
        if isinstance(data_type, class_):
            return parse(text, data_type, zone)
    raise AnalysisException(
        f"a partition column cannot have the type {data_type.simpleString()}; give it a string and cast it"
    )


def _integer(text: str, data_type: DataType, _: dt.tzinfo) -> int:
    limit = 1 << (_BITS[type(data_type)] - 1)
    number = int(text) if re.fullmatch(r"[+-]?\d+", text) else limit
    if not -limit <= number < limit:
        raise ValueError(text)
    return number


def _float(text: str, _: DataType, __: dt.tzinfo) -> float:
    if text in _NO_NUMBERS:
        return _NO_NUMBERS[text]
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        raise ValueError(text)
    return float(text)


def _decimal(text: str, data_type: DataType, _: dt.tzinfo) -> Decimal:
    assert isinstance(data_type, DecimalType)
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text):
        raise ValueError(text)
    number = Decimal(text)
    fitted = number.quantize(Decimal(1).scaleb(-data_type.scale), context=_EXACT)
    if fitted != number or len(fitted.as_tuple().digits) > max(data_type.precision, data_type.scale):
        raise ValueError(text)
    return fitted


def _boolean(text: str, _: DataType, __: dt.tzinfo) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _date(text: str, _: DataType, __: dt.tzinfo) -> dt.date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _instant(text: str, _: DataType, zone: dt.tzinfo) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _local_time(text: str, _: DataType, __: dt.tzinfo) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


_Parser: TypeAlias = Callable[[str, DataType, dt.tzinfo], Any]
_PARSERS: Final[tuple[tuple[type[DataType] | tuple[type[DataType], ...], _Parser], ...]] = (
    (tuple(_BITS), _integer),
    ((DoubleType, FloatType), _float),
    (DecimalType, _decimal),
    (BooleanType, _boolean),
    (DateType, _date),
    (TimestampType, _instant),
    (TimestampNTZType, _local_time),
    (StringType, lambda text, _, __: text),
)
