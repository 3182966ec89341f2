"""The data types that hold no other type, and the root of all data types."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException


class DataType:
    """Root of all data types; two types are equal when their class and parameters are.

    A subclass says in `_name` and `_sql_name` where its names differ from its class's.

    >>> DecimalType(10, 2)
    DecimalType(10,2)
    >>> LongType().simpleString(), LongType().typeName(), LongType().jsonValue()
    ('bigint', 'long', 'long')
    """

    _name: ClassVar[str] = ""
    _sql_name: ClassVar[str] = ""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @classmethod
    def typeName(cls) -> str:
        """The name in JSON schemas and schema trees."""
        return cls._name or cls.__name__.removesuffix("Type").lower()

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return self._sql_name or self.typeName()

    def jsonValue(self) -> str | dict[str, Any]:
        """The type as a value that `json.dumps` accepts."""
        return self.typeName()

    def json(self) -> str:
        """The type in Spark's JSON form (compact, keys sorted)."""
        return json.dumps(self.jsonValue(), separators=(",", ":"), sort_keys=True)

    @classmethod
    def fromDDL(cls, ddl: str) -> DataType:
        """The type that DDL text names: a column list (`a int, b string`) or one type (`array<int>`)."""
        from streamcore.spi.types.ddl import parse_data_type

        return parse_data_type(ddl)

    def needConversion(self) -> bool:
        """Whether Python values differ from those that `toInternal` gives."""
        from streamcore.spi.types.internal import needs_conversion

        return needs_conversion(self)

    def toInternal(self, obj: Any) -> Any:
        """A Python value as PySpark keeps it inside, such as the days since 1970 of a date.

        >>> import datetime
        >>> DateType().toInternal(datetime.date(1970, 1, 11))
        10
        """
        from streamcore.spi.types.internal import to_internal

        return to_internal(self, obj)

    def fromInternal(self, obj: Any) -> Any:
        """The Python value of what `toInternal` gave."""
        from streamcore.spi.types.internal import from_internal

        return from_internal(self, obj)


class AtomicType(DataType):
    """A type of single values."""


class _ParametricType(AtomicType):
    """An atomic type whose SQL and JSON text carries its parameters."""

    def simpleString(self) -> str:
        """The type as SQL writes it, parameters included."""
        return repr(self).replace("Type(", "(").lower()

    def jsonValue(self) -> str:
        """The same text as in SQL."""
        return self.simpleString()


class NumericType(AtomicType):
    """A type of numbers."""


class IntegralType(NumericType):
    """A type of whole numbers; `bits` is its width."""

    bits: ClassVar[int]


class FractionalType(NumericType):
    """A type of numbers with a fraction."""


class DatetimeType(AtomicType):
    """Dates and timestamps."""


class NullType(DataType):
    """The type of a bare NULL."""

    _name = "void"


class StringType(AtomicType):
    """Text; only Spark's default collation (UTF8_BINARY) exists."""

    def __init__(self, collation: str = "UTF8_BINARY") -> None:
        if collation.upper() != "UTF8_BINARY":
            raise UnsupportedOperationException(
                f"Collation {collation!r} is not offered; strings compare by their bytes (UTF8_BINARY)."
            )


class _SizedStringType(_ParametricType):
    def __init__(self, length: int) -> None:
        if length < 1:
            raise IllegalArgumentException(f"The length of {type(self).__name__} must be positive: {length}.")
        self.length = length

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.length})"


class CharType(_SizedStringType):
    """Text of a fixed length, padded with blanks."""


class VarcharType(_SizedStringType):
    """Text of at most `length` characters."""


class BinaryType(AtomicType):
    """Bytes."""


class BooleanType(AtomicType):
    """True or false."""


class DateType(DatetimeType):
    """A calendar day (proleptic Gregorian)."""

    EPOCH_ORDINAL: ClassVar[int] = 719163


class TimestampType(DatetimeType):
    """An instant, in microseconds; shown in the session's time zone."""


class TimestampNTZType(DatetimeType):
    """A date and time of day without a time zone, in microseconds."""

    _name = "timestamp_ntz"


class AnyTimeType(DatetimeType):
    """Times of day."""


class TimeType(_ParametricType, AnyTimeType):
    """A time of day; `precision` counts the digits of the fraction of a second (0 to 6)."""

    def __init__(self, precision: int = 6) -> None:
        self.precision = precision

    def __repr__(self) -> str:
        return f"TimeType({self.precision})"


class ByteType(IntegralType):
    """An integer of 8 bits."""

    bits = 8

    _sql_name = "tinyint"


class ShortType(IntegralType):
    """An integer of 16 bits."""

    bits = 16

    _sql_name = "smallint"


class IntegerType(IntegralType):
    """An integer of 32 bits."""

    bits = 32

    _sql_name = "int"


class LongType(IntegralType):
    """An integer of 64 bits."""

    bits = 64

    _sql_name = "bigint"


class FloatType(FractionalType):
    """A binary floating point number of 32 bits."""


class DoubleType(FractionalType):
    """A binary floating point number of 64 bits."""


class DecimalType(_ParametricType, FractionalType):
    """An exact number of at most `precision` digits, `scale` of them after the point."""

    MAX_PRECISION: ClassVar[int] = 38

    def __init__(self, precision: int = 10, scale: int = 0) -> None:
        self.precision = precision
        self.scale = scale

    def __repr__(self) -> str:
        return f"DecimalType({self.precision},{self.scale})"


class AnsiIntervalType(AtomicType):
    """Intervals of SQL's standard."""


class _IntervalType(_ParametricType, AnsiIntervalType):
    """An interval between two units; `None` for both means the widest, one alone means just that unit."""

    _units: ClassVar[tuple[str, ...]]
    _widest: ClassVar[tuple[int, int]]

    def __init__(self, startField: int | None = None, endField: int | None = None) -> None:
        if startField is None and endField is not None:
            raise IllegalArgumentException("An interval type with an end unit needs a start unit.")
        start = self._widest[0] if startField is None else startField
        end = (self._widest[1] if startField is None else start) if endField is None else endField
        if not (0 <= start <= end < len(self._units)):
            raise IllegalArgumentException(f"interval units {start} to {end} are out of range.")
        self.startField = start
        self.endField = end

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.startField}, {self.endField})"

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        start, end = self._units[self.startField], self._units[self.endField]
        return f"interval {start}" if start == end else f"interval {start} to {end}"


class DayTimeIntervalType(_IntervalType):
    """A span of days to seconds, in microseconds."""

    DAY = 0
    HOUR = 1
    MINUTE = 2
    SECOND = 3
    _units = ("day", "hour", "minute", "second")
    _widest = (0, 3)


class YearMonthIntervalType(_IntervalType):
    """A span of years and months, in months."""

    YEAR = 0
    MONTH = 1
    _units = ("year", "month")
    _widest = (0, 1)


class CalendarIntervalType(DataType):
    """A span whose months, days and microseconds are counted apart, as make_interval() makes it."""

    _name = "interval"
