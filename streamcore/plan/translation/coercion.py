"""Which type holds the values of two: Spark's rules under ANSI mode."""

from __future__ import annotations

from streamcore.spi.interval_values import widest
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegerType,
    IntegralType,
    LongType,
    MapType,
    NullType,
    NumericType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    YearMonthIntervalType,
)

INTERVALS = (DayTimeIntervalType, YearMonthIntervalType)
STRING, BINARY, BOOLEAN, NULL = StringType(), BinaryType(), BooleanType(), NullType()
BYTE, SHORT, INT, LONG = ByteType(), ShortType(), IntegerType(), LongType()
FLOAT, DOUBLE = FloatType(), DoubleType()
DATE, TIMESTAMP, TIMESTAMP_NTZ = DateType(), TimestampType(), TimestampNTZType()

_ORDER: dict[type[DataType], int] = {
    ByteType: 0, ShortType: 1, IntegerType: 2, LongType: 3, DecimalType: 4, FloatType: 5, DoubleType: 6,
}  # fmt: skip
_DIGITS: dict[type[DataType], int] = {ByteType: 3, ShortType: 5, IntegerType: 10, LongType: 20}
_TIME_ORDER: dict[type[DataType], int] = {DateType: 0, TimestampNTZType: 1, TimestampType: 2}
_MAX = DecimalType.MAX_PRECISION
_MIN_KEPT_SCALE = 6


def is_string(data_type: DataType) -> bool:
    """Whether values are text."""
    return isinstance(data_type, (StringType, CharType, VarcharType))


def is_temporal(data_type: DataType) -> bool:
    """Whether values are dates or timestamps."""
    return isinstance(data_type, (DateType, TimestampType, TimestampNTZType))


def common_type(first: DataType, second: DataType, *, ansi: bool = True) -> DataType | None:
    """The type that both widen to (coalesce, CASE, UNION, comparisons); None when there is none."""
    if first == second or isinstance(second, NullType):
        return first
    if isinstance(first, NullType):
        return second
    if isinstance(first, NumericType) and isinstance(second, NumericType):
        return common_number(first, second, ansi=ansi)
    if isinstance(first, TimeType) and isinstance(second, TimeType):
        return max(first, second, key=lambda t: t.precision)
    if isinstance(first, INTERVALS) and isinstance(second, INTERVALS):
        return widest([first, second])
    if is_temporal(first) and is_temporal(second):
        return max(first, second, key=lambda t: _TIME_ORDER[type(t)])
    if is_string(first) or is_string(second):
        return _common_with_string(first, second, ansi)
    return _common_nested(first, second, ansi)


def compared_type(first: DataType, second: DataType, *, ansi: bool = True) -> DataType | None:
    """The type in which two values are compared; None when they cannot be."""
    if ansi or is_string(first) == is_string(second):
        return common_type(first, second, ansi=ansi)
    other = second if is_string(first) else first
    if isinstance(other, NullType):
        return STRING
    return DOUBLE if isinstance(other, DecimalType) else _read_from_text(other)


def _read_from_text(data_type: DataType) -> DataType | None:
    is_read = isinstance(data_type, (NumericType, BooleanType, BinaryType)) or is_temporal(data_type)
    return data_type if is_read else None


def common_number(first: DataType, second: DataType, *, ansi: bool = True) -> DataType:
    """The number type that holds both; under ANSI a whole number and a float meet as doubles."""
    if isinstance(first, DecimalType) or isinstance(second, DecimalType):
        if isinstance(first, (FloatType, DoubleType)) or isinstance(second, (FloatType, DoubleType)):
            return DOUBLE
        return _wider_decimal(as_decimal(first), as_decimal(second))
    is_mixed = isinstance(first, IntegralType) != isinstance(second, IntegralType)
    if ansi and is_mixed and FloatType in (type(first), type(second)):
        return DOUBLE
    return max(first, second, key=lambda t: _ORDER[type(t)])


def as_decimal(data_type: DataType) -> DecimalType:
    """The decimal that holds every value of a decimal or integral type."""
    if isinstance(data_type, DecimalType):
        return data_type
    return DecimalType(_DIGITS.get(type(data_type), _MAX), 0)


def bounded_decimal(precision: int, scale: int) -> DecimalType:
    """The decimal of a result, with digits after the point given up where it would exceed 38 digits."""
    if precision <= _MAX:
        return DecimalType(precision, scale)
    whole = precision - scale
    return DecimalType(_MAX, max(_MAX - whole, min(scale, _MIN_KEPT_SCALE)))


def decimal_result(
    operator: str, left: DecimalType, right: DecimalType, *, precision_loss: bool = True
) -> DecimalType:
    """The type of `left operator right` for +, -, *, / and %."""
    if not precision_loss:
        return _result_of_whole_scale(operator, left, right)
    p1, s1, p2, s2 = left.precision, left.scale, right.precision, right.scale
    if operator == "*":
        return bounded_decimal(p1 + p2 + 1, s1 + s2)
    if operator == "/":
        scale = max(_MIN_KEPT_SCALE, s1 + p2 + 1)
        return bounded_decimal(p1 - s1 + s2 + scale, scale)
    scale = max(s1, s2)
    if operator == "%":
        return bounded_decimal(min(p1 - s1, p2 - s2) + scale, scale)
    return bounded_decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _result_of_whole_scale(operator: str, left: DecimalType, right: DecimalType) -> DecimalType:
    """The type of a result that keeps its digits after the point, whatever room the others are left."""
    p1, s1, p2, s2 = left.precision, left.scale, right.precision, right.scale
    if operator == "*":
        precision, scale = p1 + p2 + 1, s1 + s2
    elif operator == "/":
        whole, scale = min(_MAX, p1 - s1 + s2), min(_MAX, max(_MIN_KEPT_SCALE, s1 + p2 + 1))
        excess = whole + scale - _MAX
        if excess > 0:
            scale -= excess // 2 + 1
            whole = _MAX - scale
        precision = whole + scale
    else:
        scale = max(s1, s2)
        whole = min(p1 - s1, p2 - s2) if operator == "%" else max(p1 - s1, p2 - s2) + 1
        precision = whole + scale
    return DecimalType(min(precision, _MAX), min(scale, _MAX))


def _wider_decimal(first: DecimalType, second: DecimalType) -> DecimalType:
    """The decimal that holds both; past 38 digits those before the point go first."""
    scale = max(first.scale, second.scale)
    whole = max(first.precision - first.scale, second.precision - second.scale)
    excess = max(whole + scale - _MAX, 0)
    return DecimalType(min(whole + scale, _MAX), max(0, scale - excess))


def _common_with_string(first: DataType, second: DataType, ansi: bool) -> DataType | None:
    other = second if is_string(first) else first
    if is_string(other):
        return STRING
    if not ansi:
        return STRING if isinstance(other, NumericType) or is_temporal(other) else None
    if isinstance(other, IntegralType):
        return LONG
    if isinstance(other, FractionalType):
        return DOUBLE
    if is_temporal(other) or isinstance(other, (BooleanType, BinaryType)):
        return other
    return None


def _common_nested(first: DataType, second: DataType, ansi: bool) -> DataType | None:
    if isinstance(first, ArrayType) and isinstance(second, ArrayType):
        element = common_type(first.elementType, second.elementType, ansi=ansi)
        return None if element is None else ArrayType(element, first.containsNull or second.containsNull)
    if isinstance(first, MapType) and isinstance(second, MapType):
        key = common_type(first.keyType, second.keyType, ansi=ansi)
        value = common_type(first.valueType, second.valueType, ansi=ansi)
        if key is None or value is None:
            return None
        return MapType(key, value, first.valueContainsNull or second.valueContainsNull)
    if isinstance(first, StructType) and isinstance(second, StructType) and len(first) == len(second):
        return _common_struct(first, second, ansi)
    return None


def _common_struct(first: StructType, second: StructType, ansi: bool) -> DataType | None:
    fields = []
    for one, other in zip(first.fields, second.fields, strict=True):
        data_type = common_type(one.dataType, other.dataType, ansi=ansi)
        if data_type is None or one.name.lower() != other.name.lower():
            return None
        fields.append(StructField(one.name, data_type, one.nullable or other.nullable))
    return StructType(fields)
