"""Columns whose values stand in folder names, such as `day=2026-01-31/country=de`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from streamcore.errors import AnalysisException
from streamcore.spi.types import (
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

_NULL = "__HIVE_DEFAULT_PARTITION__"
_INT_LIMIT, _LONG_LIMIT = 2**31, 2**63


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


def typed_value(text: str | None, data_type: DataType) -> Any:
    """The value of a partition column; ValueError when the text is no such value."""
    if text is None:
        return None
    if isinstance(data_type, IntegerType | LongType):
        limit = _INT_LIMIT if isinstance(data_type, IntegerType) else _LONG_LIMIT
        number = int(text) if re.fullmatch(r"[+-]?\d+", text) else limit
        if not -limit <= number < limit:
            raise ValueError(text)
        return number
    if isinstance(data_type, DoubleType):
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            raise ValueError(text)
        return float(text)
    if isinstance(data_type, DateType):
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _refuse(text)
    if isinstance(data_type, StringType):
        return text
    raise AnalysisException(
        f"a partition column cannot have the type {data_type.simpleString()}; give it a string and cast it"
    )


def _refuse(text: str) -> Any:
    raise ValueError(text)
