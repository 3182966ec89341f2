"""Arrow arrays of Spark's types as decoders fill them and encoders read them: dates and times are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.spi.types import (
    ArrayType,
    DataType,
    DateType,
    DayTimeIntervalType,
    MapType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    to_arrow_type,
)

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = (DateType, TimestampType, TimestampNTZType, TimeType)


def plain_type(kind: DataType) -> pa.DataType:
    """The type of the array in which dates are days, and times are microseconds."""
    import pyarrow as pa

    if isinstance(kind, ArrayType):
        return pa.list_(pa.field("element", plain_type(kind.elementType)))
    if isinstance(kind, MapType):
        return pa.map_(plain_type(kind.keyType), plain_type(kind.valueType))
    if isinstance(kind, StructType):
        return pa.struct([pa.field(each.name, plain_type(each.dataType)) for each in kind.fields])
    if isinstance(kind, DateType):
        return pa.int32()
    # The engine keeps a span of time as the number of its microseconds, too.
    return pa.int64() if isinstance(kind, (*_TIMES, DayTimeIntervalType)) else to_arrow_type(kind)


def finished(array: pa.Array, kind: DataType) -> pa.Array:
    """The array in which dates and times are what they are."""
    import pyarrow as pa

    if not _holds_times(kind):
        return array
    if isinstance(kind, ArrayType):
        inner = finished(array.values, kind.elementType)
        return pa.ListArray.from_arrays(array.offsets, inner, mask=array.is_null())
    if isinstance(kind, MapType):
        inner = finished(array.items, kind.valueType)
        return pa.MapArray.from_arrays(array.offsets, array.keys, inner, mask=array.is_null())
    if isinstance(kind, StructType):
        parts = [finished(array.field(at), each.dataType) for at, each in enumerate(kind.fields)]
        return pa.StructArray.from_arrays(parts, kind.names, mask=array.is_null())
    return array.cast(to_arrow_type(kind))


def _holds_times(kind: DataType) -> bool:
    if isinstance(kind, ArrayType):
        return _holds_times(kind.elementType)
    if isinstance(kind, MapType):
        return _holds_times(kind.valueType)
    if isinstance(kind, StructType):
        return any(_holds_times(each.dataType) for each in kind.fields)
    return isinstance(kind, _TIMES)


def as_numbers(array: pa.Array, kind: DataType) -> pa.Array:
    """The array with whole numbers for all dates and times."""
    import pyarrow as pa

    if not _holds_times(kind):
        return array
    if isinstance(kind, StructType):
        # Not `flatten`: under a struct that is null its parts may be anything.
        whole = _from_the_start(array)
        parts = [as_numbers(whole.field(at), each.dataType) for at, each in enumerate(kind.fields)]
        return pa.StructArray.from_arrays(parts, kind.names, mask=whole.is_null())
    if isinstance(kind, ArrayType):
        whole = _from_the_start(array)
        inner = as_numbers(whole.values, kind.elementType)
        return pa.ListArray.from_arrays(whole.offsets, inner, mask=whole.is_null())
    if isinstance(kind, MapType):
        whole = _from_the_start(array)
        inner = as_numbers(whole.items, kind.valueType)
        return pa.MapArray.from_arrays(whole.offsets, whole.keys, inner, mask=whole.is_null())
    return array.cast(pa.int32() if isinstance(kind, DateType) else pa.int64())


def _from_the_start(array: pa.Array) -> pa.Array:
    """The array itself, or a copy of a part of a larger one: offsets are counted from the start."""
    import pyarrow as pa

    return array if array.offset == 0 else array.take(pa.array(range(len(array)), pa.int64()))
