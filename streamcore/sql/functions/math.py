"""Functions over numbers."""

from __future__ import annotations

from sqlglot import exp as nodes

from streamcore.sql.column import Column
from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_literals,
    given_operands,
    literal,
    operand,
)


def abs(col: ColumnOrName) -> Column:
    """The absolute value."""
    return function("abs", expression(col))


def sqrt(col: ColumnOrName) -> Column:
    """The square root; NaN for negative numbers."""
    return function("sqrt", expression(col))


def cbrt(col: ColumnOrName) -> Column:
    """The cube root."""
    return function("cbrt", expression(col))


def exp(col: ColumnOrName) -> Column:
    """Euler's number to the power of the value."""
    return function("exp", expression(col))


def expm1(col: ColumnOrName) -> Column:
    """exp(x) - 1, exact near zero."""
    return function("expm1", expression(col))


def ln(col: ColumnOrName) -> Column:
    """The natural logarithm; null where it does not exist."""
    return function("ln", expression(col))


def log10(col: ColumnOrName) -> Column:
    """The logarithm to base 10; null where it does not exist."""
    return function("log10", expression(col))


def log1p(col: ColumnOrName) -> Column:
    """ln(x + 1), exact near zero."""
    return function("log1p", expression(col))


def log2(col: ColumnOrName) -> Column:
    """The logarithm to base 2; null where it does not exist."""
    return function("log2", expression(col))


def sin(col: ColumnOrName) -> Column:
    """The sine of an angle in radians."""
    return function("sin", expression(col))


def cos(col: ColumnOrName) -> Column:
    """The cosine of an angle in radians."""
    return function("cos", expression(col))


def tan(col: ColumnOrName) -> Column:
    """The tangent of an angle in radians."""
    return function("tan", expression(col))


def cot(col: ColumnOrName) -> Column:
    """The cotangent of an angle in radians."""
    return function("cot", expression(col))


def sec(col: ColumnOrName) -> Column:
    """The secant of an angle in radians."""
    return function("sec", expression(col))


def csc(col: ColumnOrName) -> Column:
    """The cosecant of an angle in radians."""
    return function("csc", expression(col))


def asin(col: ColumnOrName) -> Column:
    """The inverse sine; NaN outside [-1, 1]."""
    return function("asin", expression(col))


def acos(col: ColumnOrName) -> Column:
    """The inverse cosine; NaN outside [-1, 1]."""
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
    """The nearest whole number, as a double."""
    return function("rint", expression(col))


def sign(col: ColumnOrName) -> Column:
    """-1, 0 or 1, as a double."""
    return function("sign", expression(col))


def signum(col: ColumnOrName) -> Column:
    """-1, 0 or 1, as a double."""
    return function("signum", expression(col))


def factorial(col: ColumnOrName) -> Column:
    """The factorial of 0 to 20; null for other numbers."""
    return function("factorial", expression(col))


def bin(col: ColumnOrName) -> Column:
    """A whole number in binary."""
    return function("bin", expression(col))


def negative(col: ColumnOrName) -> Column:
    """The value with the other sign."""
    return function("negative", expression(col))


def negate(col: ColumnOrName) -> Column:
    """The value with the other sign."""
    return function("negative", expression(col))


def positive(col: ColumnOrName) -> Column:
    """The value."""
    return function("positive", expression(col))


def e() -> Column:
    """Euler's number."""
    return function("e")


def pi() -> Column:
    """The number pi."""
    return function("pi")


def atan2(col1: ColumnOrName | float, col2: ColumnOrName | float) -> Column:
    """The angle in radians between the x-axis and the point (`col2`, `col1`)."""
    return function("atan2", operand(col1), operand(col2))


def hypot(col1: ColumnOrName | float, col2: ColumnOrName | float) -> Column:
    """sqrt(a² + b²)."""
    return function("hypot", operand(col1), operand(col2))


def pow(col1: ColumnOrName | float, col2: ColumnOrName | float) -> Column:
    """`col1` to the power of `col2`."""
    return function("power", operand(col1), operand(col2))


def power(col1: ColumnOrName | float, col2: ColumnOrName | float) -> Column:
    """`col1` to the power of `col2`."""
    return function("power", operand(col1), operand(col2))


def pmod(dividend: ColumnOrName | float, divisor: ColumnOrName | float) -> Column:
    """The remainder, never negative for a positive divisor."""
    return function("pmod", operand(dividend), operand(divisor))


def shiftleft(col: ColumnOrName, numBits: int) -> Column:
    """Bits shifted left."""
    return function("shiftleft", expression(col), literal(numBits))


def shiftright(col: ColumnOrName, numBits: int) -> Column:
    """Bits shifted right, the sign kept."""
    return function("shiftright", expression(col), literal(numBits))


def shiftrightunsigned(col: ColumnOrName, numBits: int) -> Column:
    """Bits shifted right, zeros coming in."""
    return function("shiftrightunsigned", expression(col), literal(numBits))


def bit_count(col: ColumnOrName) -> Column:
    """How many bits are set."""
    return function("bit_count", expression(col))


def bit_get(col: ColumnOrName, pos: ColumnOrName) -> Column:
    """The bit at a place, counted from the right."""
    return function("bit_get", expression(col), expression(pos))


def getbit(col: ColumnOrName, pos: ColumnOrName) -> Column:
    """The bit at a place, counted from the right."""
    return function("getbit", expression(col), expression(pos))


def conv(col: ColumnOrName, fromBase: int, toBase: int) -> Column:
    """The text of a whole number in another base."""
    return function("conv", expression(col), literal(fromBase), literal(toBase))


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


def try_mod(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The remainder; null on division by zero."""
    return function("try_mod", expression(left), expression(right))


def width_bucket(
    v: ColumnOrName, min: ColumnOrName, max: ColumnOrName, numBucket: ColumnOrName | int
) -> Column:
    """The number of the equally wide bucket between `min` and `max`; 0 below, `numBucket` + 1 above."""
    return function("width_bucket", expression(v), expression(min), expression(max), operand(numBucket))


def round(col: ColumnOrName, scale: ColumnOrName | int | None = None) -> Column:
    """Rounded half up to `scale` decimals."""
    return function("round", expression(col), *given_operands(scale))


def bround(col: ColumnOrName, scale: ColumnOrName | int | None = None) -> Column:
    """Rounded half to even to `scale` decimals."""
    return function("bround", expression(col), *given_operands(scale))


def floor(col: ColumnOrName, scale: ColumnOrName | int | None = None) -> Column:
    """The largest whole number (or number of `scale` decimals) that is not above."""
    return function("floor", expression(col), *given_operands(scale))


def ceil(col: ColumnOrName, scale: ColumnOrName | int | None = None) -> Column:
    """The smallest whole number (or number of `scale` decimals) that is not below."""
    return function("ceil", expression(col), *given_operands(scale))


def ceiling(col: ColumnOrName, scale: ColumnOrName | int | None = None) -> Column:
    """The smallest whole number (or number of `scale` decimals) that is not below."""
    return function("ceiling", expression(col), *given_operands(scale))


def rand(seed: int | None = None) -> Column:
    """Random numbers in [0, 1); a micro-batch that is run again gives the same ones."""
    return function("rand", *given_literals(seed))


def random(seed: ColumnOrName | int | None = None) -> Column:
    """Random numbers in [0, 1), as `rand`."""
    return function("random", *given_operands(seed))


def randn(seed: int | None = None) -> Column:
    """Random numbers of the standard normal distribution; repeatable as `rand`."""
    return function("randn", *given_literals(seed))


def monotonically_increasing_id() -> Column:
    """Numbers that grow with partition and row; not consecutive."""
    return function("monotonically_increasing_id")


def input_file_name() -> Column:
    """The URI of the file that a row was read from; blank where rows come from elsewhere, or were mixed."""
    return function("input_file_name")


def spark_partition_id() -> Column:
    """The number of the partition."""
    return function("spark_partition_id")


def bitwise_not(col: ColumnOrName) -> Column:
    """All bits turned."""
    return Column(nodes.BitwiseNot(this=expression(col)))


def log(arg1: ColumnOrName | float, arg2: ColumnOrName | None = None) -> Column:
    """The natural logarithm of `arg1`, or that of `arg2` to the base `arg1`.

    >>> log("x"), log(2.0, "x")
    (Column<'ln(x)'>, Column<'LOG(2.0, x)'>)
    """
    if arg2 is None:
        return function("ln", operand(arg1))
    return function("log", literal(arg1), expression(arg2))


bitwiseNOT = bitwise_not  # noqa: N816 - a name of PySpark
shiftLeft = shiftleft  # noqa: N816 - a name of PySpark
shiftRight = shiftright  # noqa: N816 - a name of PySpark
shiftRightUnsigned = shiftrightunsigned  # noqa: N816 - a name of PySpark
toDegrees = degrees  # noqa: N816 - a name of PySpark
toRadians = radians  # noqa: N816 - a name of PySpark
