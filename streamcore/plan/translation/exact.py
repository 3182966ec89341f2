"""Decimals as whole numbers of their last digit: sums, products and quotients without a double on the way.

DuckDB's decimals overflow inside an operation whose result Spark would round to 38 digits.  Here the
operands become HUGEINT (38 digits and a little), or two of them where 38 digits are not enough.
"""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.plan.translation.core import Compiled
from streamcore.spi.types import DecimalType

_LIMB_DIGITS = 19
_LIMB = f"CAST('1{'0' * _LIMB_DIGITS}' AS HUGEINT)"
_DIGITS = DecimalType.MAX_PRECISION


def unscaled(value: Compiled) -> str:
    """SQL of a decimal's digits as a HUGEINT: 1.50 is 150."""
    assert isinstance(value.type, DecimalType)
    scale = value.type.scale
    if scale == 0:
        return f"CAST({value.sql} AS HUGEINT)"
    if value.type.precision + scale <= _DIGITS:
        # The wider operand gives the width of DuckDB's product: 18 digits, in which it is fast, or 38.
        width = 18 if value.type.precision + scale <= 18 else _DIGITS
        return f"CAST({value.sql} * CAST('1{'0' * scale}' AS DECIMAL({width},0)) AS HUGEINT)"
    return f"CAST(replace(CAST({value.sql} AS VARCHAR), '.', '') AS HUGEINT)"


def scaled(whole: str, data_type: DecimalType, *, safe: bool = False) -> str:
    """SQL of the decimal whose digits are `whole`; too many of them are an error, or null when `safe`."""
    return let(whole, lambda n: _scaled(n, data_type, safe=safe))


def _scaled(n: str, data_type: DecimalType, *, safe: bool) -> str:
    failing = overflow(data_type, safe=safe)
    fitting = f"CAST({_pointed(n, data_type)} AS {type_text(data_type)})"
    return f"CASE WHEN abs({n}) >= {power(data_type.precision)} THEN {failing} ELSE {fitting} END"


def _pointed(n: str, data_type: DecimalType) -> str:
    precision, scale = data_type.precision, data_type.scale
    if scale == 0:
        return n
    last_digit = f"CAST('0.{'0' * (scale - 1)}1' AS DECIMAL(38,{scale}))"
    if precision + scale <= _DIGITS:
        return f"CAST({n} AS DECIMAL({precision},0)) * {last_digit}"
    if 2 * scale <= _DIGITS:
        whole = (
            f"CAST(CAST({n} // {power(scale)} AS DECIMAL({precision - scale},0)) AS {type_text(data_type)})"
        )
        return f"{whole} + CAST({n} % {power(scale)} AS DECIMAL({scale},0)) * {last_digit}"
    number = f"CAST(abs({n}) AS VARCHAR)"
    width = f"CAST(greatest(length({number}), {scale + 1}) AS INTEGER)"
    digits = f"lpad({number}, {width}, '0')"
    sign = f"CASE WHEN {n} < 0 THEN '-' ELSE '' END"
    return f"{sign} || left({digits}, length({digits}) - {scale}) || '.' || right({digits}, {scale})"


def overflow(data_type: DecimalType, *, safe: bool) -> str:
    """What stands for a result with more digits than its type holds: an error, or null when `safe`."""
    if safe:
        return "NULL"
    message = string(
        f"The result cannot be represented as Decimal({data_type.precision}, {data_type.scale}). Use the "
        "function's try_ form to tolerate overflow and return NULL instead."
    )
    return f"CAST({raise_sql('NUMERIC_VALUE_OUT_OF_RANGE', message)} AS {type_text(data_type)})"


def power(digits: int) -> str:
    """SQL of a power of ten."""
    return f"CAST('1{'0' * digits}' AS HUGEINT)"


# ---- sums ----------------------------------------------------------------------------------------


def limbs(number: str) -> tuple[str, str]:
    """A HUGEINT cut in two, both with its sign; sums of either part do not overflow."""
    return f"({number} // {_LIMB})", f"({number} % {_LIMB})"


def whole_of_limbs(high: str, low: str, on_overflow: str) -> str:
    """SQL of the HUGEINT that sums of limbs make; `on_overflow` where it has more than 38 digits."""

    def whole(s: str) -> str:
        failing = f"CAST({on_overflow} AS HUGEINT)"
        return f"CASE WHEN abs({s}.h) >= {_LIMB} THEN {failing} ELSE {s}.h * {_LIMB} + {s}.l END"

    return let(f"struct_pack(h := {high} + {low} // {_LIMB}, l := {low} % {_LIMB})", whole)


# ---- quotients and products ----------------------------------------------------------------------


def quotient(dividend: str, divisor: str, shift: int, *, dividend_digits: int, divisor_digits: int) -> str:
    """SQL of `dividend * 10^shift / divisor` of HUGEINTs, rounded half up; the divisor is not 0.

    A quotient of more than 38 digits fails.
    """
    if max(dividend_digits + shift, divisor_digits) < _DIGITS and shift >= 0:
        # Small enough to be spelled without keeping the parts by name, which costs more than the division.
        n, d = f"abs({dividend}) * {power(shift)}", f"abs({divisor})"
        return f"{_sign(dividend, divisor)} * ((2 * {n} + {d}) // (2 * {d}))"
    ends = f"struct_pack(n := abs({dividend}), d := abs({divisor}))"
    if shift < 0:
        found = let(ends, lambda e: _rounded(f"({e}.n // {e}.d)", -shift))
    else:
        found = let(ends, lambda e: _long_division(e, shift, divisor_digits))
    return f"{_sign(dividend, divisor)} * {found}"


def _sign(left: str, right: str) -> str:
    return f"(CASE WHEN ({left} < 0) <> ({right} < 0) THEN -1 ELSE 1 END)"


def _rounded(number: str, digits: int) -> str:
    """A whole number that is not negative without its last digits, rounded half up."""
    unit = power(digits)
    return f"({number} // {unit} + CASE WHEN ({number} % {unit}) >= {unit} // 2 THEN 1 ELSE 0 END)"


def _long_division(e: str, shift: int, divisor_digits: int) -> str:
    whole, rest, divisor = f"({e}.n // {e}.d)", f"({e}.n % {e}.d)", f"{e}.d"
    head = f"{whole} * {power(shift)}" if shift <= _DIGITS else _only_zero(whole)
    if divisor_digits + shift < _DIGITS:
        return f"({head} + {_fraction_at_once(rest, divisor, shift)})"
    by_bits = _fraction_by_bits(rest, divisor, shift)
    if shift >= _DIGITS:
        return f"({head} + {by_bits})"
    has_room = f"{divisor} < {power(_DIGITS - 1 - shift)}"
    at_once = _fraction_at_once(rest, divisor, shift)
    return f"({head} + CASE WHEN {has_room} THEN {at_once} ELSE {by_bits} END)"


def _only_zero(whole: str) -> str:
    """Zero; the multiplication fails as every result does that is too large."""
    return f"CASE WHEN {whole} > 0 THEN {power(_DIGITS)} * 10 ELSE 0 END"


def _fraction_at_once(rest: str, divisor: str, shift: int) -> str:
    return f"((2 * {rest} * {power(shift)} + {divisor}) // (2 * {divisor}))"


def _fraction_by_bits(rest: str, divisor: str, shift: int) -> str:
    """`rest * 10^shift / divisor` where the product has no room: doubled and added, bit by bit."""
    bits = ", ".join(f"struct_pack(q := {bit}::UHUGEINT, a := 0::UHUGEINT)" for bit in f"{10**shift:b}")
    step = f"2 * s.a + CASE WHEN b.q = 1 THEN CAST({rest} AS UHUGEINT) ELSE 0::UHUGEINT END"
    d = f"CAST({divisor} AS UHUGEINT)"
    merged = f"struct_pack(q := 2 * s.q + ({step}) // {d}, a := ({step}) % {d})"
    start = "struct_pack(q := 0::UHUGEINT, a := 0::UHUGEINT)"
    divided = f"list_reduce([{start}, {bits}], lambda s, b: {merged})"

    def rounded(f: str) -> str:
        return f"CAST({f}.q AS HUGEINT) + CASE WHEN 2 * {f}.a >= {divisor} THEN 1 ELSE 0 END"

    return let(divided, rounded)


def product(left: str, right: str, dropped: int) -> str:
    """SQL of the product of HUGEINTs without its last digits, rounded half up; more than 38 digits fail."""
    cut = [f"CAST(abs({side}) {op} {_LIMB} AS UHUGEINT)" for side in (left, right) for op in ("//", "%")]
    found = let(
        "struct_pack(a := {}, b := {}, c := {}, d := {})".format(*cut),
        lambda p: let(_middle(p), lambda m: let(_halves(m), lambda e: _without_last(e, dropped))),
    )
    return f"{_sign(left, right)} * {found}"


_UNSIGNED_LIMB = f"CAST({_LIMB} AS UHUGEINT)"


def _middle(p: str) -> str:
    """Limbs of the product of (a, b) and (c, d), with the last one's carry in the middle one."""
    carry, last = f"({p}.b * {p}.d) // {_UNSIGNED_LIMB}", f"({p}.b * {p}.d) % {_UNSIGNED_LIMB}"
    return f"struct_pack(h := {p}.a * {p}.c, m := {p}.a * {p}.d + {p}.b * {p}.c + {carry}, l := {last})"


def _halves(m: str) -> str:
    """The product as h * 10^38 + l."""
    high = f"{m}.h + {m}.m // {_UNSIGNED_LIMB}"
    low = f"({m}.m % {_UNSIGNED_LIMB}) * {_UNSIGNED_LIMB} + {m}.l"
    return f"struct_pack(h := CAST({high} AS HUGEINT), l := CAST({low} AS HUGEINT))"


def _without_last(e: str, dropped: int) -> str:
    if dropped > _DIGITS:
        return _rounded(f"{e}.h", dropped - _DIGITS)
    low = _rounded(f"{e}.l", dropped) if dropped else f"{e}.l"
    return f"({e}.h * {power(_DIGITS - dropped)} + {low})"
