"""Columns of PostgreSQL's text values as typed Arrow columns; a value that does not fit is refused by name.

The session that writes the texts has ISO dates, UTC and hexadecimal bytes.  Infinite dates and times are the
first and last ones of Spark's calendar, as its JDBC source reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import MalformedRecordException
from streamcore.sources.postgres_changes.array_text import elements
from streamcore.spi import types as t

if TYPE_CHECKING:
    from collections.abc import Callable

_UTC = r"\+00(?::00)?$"


def typed(texts: pa.StringArray, data_type: t.DataType, name: str) -> pa.Array:
    """The texts of the column `name` as values of the type.

    Raises MalformedRecordException, with the way out, for a text that is none.
    """
    try:
        return _convert(texts, data_type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise MalformedRecordException(
            f"a value of the column {name!r} does not fit {data_type.simpleString()}: {error}. Read the "
            f"column as text: option customSchema = '{name} STRING', and cast it after the read"
        ) from None


def _convert(texts: pa.StringArray, data_type: t.DataType) -> pa.Array:
    if isinstance(data_type, t.ArrayType):
        return _arrays(texts, data_type.elementType)
    convert = _CONVERTED.get(type(data_type))
    return convert(texts) if convert else texts.cast(t.to_arrow_type(data_type))


def _booleans(texts: pa.StringArray) -> pa.Array:
    true = pc.equal(texts, "t")
    if not pc.all(pc.or_(true, pc.equal(texts, "f")), min_count=0).as_py():
        raise ValueError("there is a value that is neither t nor f")
    return true


def _finite(texts: pa.StringArray, first: str, last: str) -> pa.Array:
    lowest = pc.if_else(pc.equal(texts, "-infinity"), first, texts)
    return pc.if_else(pc.equal(texts, "infinity"), last, lowest)


def _dates(texts: pa.StringArray) -> pa.Array:
    try:
        return texts.cast(pa.date32())
    except pa.ArrowInvalid:
        return _finite(texts, "0001-01-01", "9999-12-31").cast(pa.date32())


def _wall_clock(texts: pa.StringArray) -> pa.Array:
    plain = pc.replace_substring_regex(texts, _UTC, "")
    try:
        return plain.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return _finite(plain, "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999").cast(pa.timestamp("us"))


def _instants(texts: pa.StringArray) -> pa.Array:
    return _wall_clock(texts).cast(t.to_arrow_type(t.TimestampType()))


def _times(texts: pa.StringArray) -> pa.Array:
    on_a_day = pc.binary_join_element_wise("1970-01-01", texts, " ")
    return on_a_day.cast(pa.timestamp("us")).cast(t.to_arrow_type(t.TimeType()))


def _bytes(texts: pa.StringArray) -> pa.Array:
    found = [None if text is None else _bytes_of(text) for text in texts.to_pylist()]
    return pa.array(found, pa.binary())


def _bytes_of(text: str) -> bytes:
    if not text.startswith("\\x"):
        raise ValueError(f"{text[:40]!r} does not begin as bytes do")
    return bytes.fromhex(text[2:])


def _arrays(texts: pa.StringArray, element: t.DataType) -> pa.Array:
    lists = pa.array(
        [None if one is None else elements(one) for one in texts.to_pylist()], pa.list_(pa.string())
    )
    kind = t.to_arrow_type(t.ArrayType(element))
    return pa.ListArray.from_arrays(
        lists.offsets, _convert(lists.values, element), type=kind, mask=pc.is_null(lists)
    )


_CONVERTED: dict[type[t.DataType], Callable[[pa.StringArray], pa.Array]] = {
    t.BooleanType: _booleans,
    t.DateType: _dates,
    t.TimestampType: _instants,
    t.TimestampNTZType: _wall_clock,
    t.TimeType: _times,
    t.BinaryType: _bytes,
}
