"""Values of partition columns as the log keeps them: as text, null and the empty text as null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from streamcore.errors import AnalysisException
from streamcore.spi import types as t


def check_partition_columns(names: tuple[str, ...], schema: t.StructType) -> None:
    """Raises AnalysisException for columns that are not there, or by which a table cannot be divided."""
    columns = {field.name: field.dataType for field in schema.fields}
    for name in names:
        if name not in columns:
            raise AnalysisException(
                f"[DELTA_INVALID_PARTITION_COLUMN] {name} is not a valid partition column: the data has "
                f"{', '.join(columns)}. SQLSTATE: 42996"
            )
        if isinstance(columns[name], t.ArrayType | t.MapType | t.StructType | t.BinaryType):
            raise AnalysisException(
                f"Using column {name} of type {columns[name].simpleString()} as a partition column is not "
                "supported."
            )
    if names and len(names) == len(columns):
        raise AnalysisException(
            "[DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION] Cannot use all columns for partition columns. "
            "SQLSTATE: 428FT"
        )


def partition_text(value: Any) -> str | None:
    """A value as text; instants in UTC.

    >>> partition_text(True), partition_text(Decimal("1E+2")), partition_text(dt.date(2024, 2, 29))
    ('true', '100', '2024-02-29')
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            return value.isoformat(" ", "microseconds")
        moment = value.astimezone(dt.UTC).replace(tzinfo=None)
        return f"{moment.isoformat('T', 'microseconds')}Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def partition_value(text: str | None, data_type: t.DataType) -> Any:
    """A value from its text; an instant without a zone is one of UTC.

    >>> partition_value("2024-02-29 23:59:59", t.TimestampType())
    datetime.datetime(2024, 2, 29, 23, 59, 59, tzinfo=datetime.timezone.utc)
    """
    if text is None or text == "":
        return None
    parse = _PARSED.get(type(data_type), int if isinstance(data_type, t.IntegralType) else None)
    if parse is None:
        raise AnalysisException(f"a partition column of type {data_type.simpleString()} cannot be read")
    return parse(text)


def _instant(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


_PARSED: Final[dict[type[t.DataType], Callable[[str], Any]]] = {
    t.BooleanType: lambda text: text.lower() == "true",
    t.DecimalType: Decimal,
    t.FloatType: float,
    t.DoubleType: float,
    t.DateType: dt.date.fromisoformat,
    t.TimestampType: _instant,
    t.TimestampNTZType: lambda text: dt.datetime.fromisoformat(text).replace(tzinfo=None),
    t.StringType: str,
    t.BinaryType: str.encode,
}
