"""Functions over numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.sql.functions.building import ColumnOrName, expression, function, value

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def abs(col: ColumnOrName) -> Column:
    """The absolute value."""
    return function("abs", expression(col))


def sqrt(col: ColumnOrName) -> Column:
    """The square root."""
    return function("sqrt", expression(col))


def cbrt(col: ColumnOrName) -> Column:
    """The cube root."""
    return function("cbrt", expression(col))


def exp(col: ColumnOrName) -> Column:
    """E to the power."""
    return function("exp", expression(col))


def expm1(col: ColumnOrName) -> Column:
    """exp(x) - 1."""
    return function("expm1", expression(col))


def ln(col: ColumnOrName) -> Column:
    """The natural logarithm; null where it does not exist."""
    return function("ln", expression(col))


def log10(col: ColumnOrName) -> Column:
    """The logarithm of base 10."""
    return function("log10", expression(col))


def log1p(col: ColumnOrName) -> Column:
    """ln(x + 1)."""
    return function("log1p", expression(col))


def log2(col: ColumnOrName) -> Column:
    """The logarithm of base 2."""
    return function("log2", expression(col))


def sin(col: ColumnOrName) -> Column:
    """The sine."""
    return function("sin", expression(col))


def cos(col: ColumnOrName) -> Column:
    """The cosine."""
    return function("cos", expression(col))


def tan(col: ColumnOrName) -> Column:
    """The tangent."""
    return function("tan", expression(col))


def cot(col: ColumnOrName) -> Column:
    """The cotangent."""
    return function("cot", expression(col))


def sec(col: ColumnOrName) -> Column:
    """The secant."""
    return function("sec", expression(col))


def csc(col: ColumnOrName) -> Column:
    """The cosecant."""
    return function("csc", expression(col))


def asin(col: ColumnOrName) -> Column:
    """The inverse sine."""
    return function("asin", expression(col))


def acos(col: ColumnOrName) -> Column:
    """The inverse cosine."""
    return function("acos", expression(col))


def atan(col: ColumnOrName) -> Column:
    """The inverse tangent."""
    return function("atan", expression(col))


def sinh(col: ColumnOrName) -> Column:
    """The hyperbolic sine."""
    return function("sinh", expression(col))


def cosh(col: ColumnOrName) -> Column:
    """The hyperbolic cosine."""
    return function("cosh", expression(col))


def tanh(col: ColumnOrName) -> Column:
    """The hyperbolic tangent."""
    return function("tanh", expression(col))


def asinh(col: ColumnOrName) -> Column:
    """The inverse hyperbolic sine."""
    return function("asinh", expression(col))


def acosh(col: ColumnOrName) -> Column:
    """The inverse hyperbolic cosine."""
    return function("acosh", expression(col))


def atanh(col: ColumnOrName) -> Column:
    """The inverse hyperbolic tangent."""
    return function("atanh", expression(col))


def degrees(col: ColumnOrName) -> Column:
    """Radians as degrees."""
    return function("degrees", expression(col))


def radians(col: ColumnOrName) -> Column:
    """Degrees as radians."""
    return function("radians", expression(col))


def rint(col: ColumnOrName) -> Column:
    """The nearest whole number as a double."""
    return function("rint", expression(col))


def sign(col: ColumnOrName) -> Column:
    """-1, 0 or 1."""
    return function("sign", expression(col))


def signum(col: ColumnOrName) -> Column:
    """-1, 0 or 1."""
    return function("signum", expression(col))


def factorial(col: ColumnOrName) -> Column:
    """The factorial."""
    return function("factorial", expression(col))


def bin(col: ColumnOrName) -> Column:
    """A whole number in binary."""
    return function("bin", expression(col))


def negative(col: ColumnOrName) -> Column:
    """The value with the other sign."""
    return function("negative", expression(col))


def negate(col: ColumnOrName) -> Column:
    """The value with the other sign."""
    return function("negate", expression(col))


def positive(col: ColumnOrName) -> Column:
    """The value."""
    return function("positive", expression(col))


def bitwise_not(col: ColumnOrName) -> Column:
    """All bits turned."""
    return function("bitwise_not", expression(col))


def e() -> Column:
    """Euler's number."""
    return function("e")


def pi() -> Column:
    """The number pi."""
    return function("pi")


def atan2(col1: Any, col2: Any) -> Column:
    """The angle of a point."""
    return function("atan2", value(col1), value(col2))


def hypot(col1: Any, col2: Any) -> Column:
    """The length of a vector."""
    return function("hypot", value(col1), value(col2))


def pow(col1: Any, col2: Any) -> Column:
    """A power."""
    return function("pow", value(col1), value(col2))


def power(col1: Any, col2: Any) -> Column:
    """A power."""
    return function("power", value(col1), value(col2))


def pmod(dividend: Any, divisor: Any) -> Column:
    """The remainder, never negative for a positive divisor."""
    return function("pmod", value(dividend), value(divisor))


def shiftleft(col: ColumnOrName, numBits: int) -> Column:
    """Bits shifted left."""
    return function("shiftleft", expression(col), value(numBits))


def shiftright(col: ColumnOrName, numBits: int) -> Column:
    """Bits shifted right, the sign kept."""
    return function("shiftright", expression(col), value(numBits))


def shiftrightunsigned(col: ColumnOrName, numBits: int) -> Column:
    """Bits shifted right, zeros coming in."""
    return function("shiftrightunsigned", expression(col), value(numBits))


def conv(col: ColumnOrName, fromBase: int, toBase: int) -> Column:
    """A number's text in another base."""
    return function("conv", expression(col), value(fromBase), value(toBase))


def try_add(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The sum; null on overflow."""
    return function("try_add", expression(left), expression(right))


def try_subtract(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The difference; null on overflow."""
    return function("try_subtract", expression(left), expression(right))


def try_multiply(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The product; null on overflow."""
    return function("try_multiply", expression(left), expression(right))


def try_divide(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The quotient; null on division by zero."""
    return function("try_divide", expression(left), expression(right))


def monotonically_increasing_id() -> Column:
    """Numbers that grow with partition and row; not consecutive."""
    return function("monotonically_increasing_id")


def spark_partition_id() -> Column:
    """The number of the partition."""
    return function("spark_partition_id")
