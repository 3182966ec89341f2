"""Casts outside ANSI mode: numbers wrap around or end at the largest, what cannot be read is null.

The answers are Java's: a long becomes an int by its last bits, a double becomes the nearest int there is
(and then its last bits, where the type is narrower), and a decimal goes through a long.
"""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.duck.types import type_text
from streamcore.spi.types import ByteType, DataType, IntegerType, LongType, ShortType

_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


def bits(data_type: DataType) -> int:
    """The width of a whole number."""
    return _BITS[type(data_type)]


def limit(data_type: DataType) -> int:
    """The least whole number that is too large for the type."""
    return 1 << (bits(data_type) - 1)


def wider_than(data_type: DataType) -> str:
    """The engine's type in which sums and products of such whole numbers have room."""
    return "HUGEINT" if bits(data_type) == 64 else "BIGINT"


def wrapped(whole: str, to: DataType) -> str:
    """SQL of the whole number that has the last bits of `whole`.

    `whole` must be of a wider type than `to`: HUGEINT for BIGINT, BIGINT or HUGEINT for the others.
    """
    width = bits(to)
    sign = f"CAST({1 << (width - 1)} AS HUGEINT)" if width == 64 else str(1 << (width - 1))
    mask = f"CAST({(1 << width) - 1} AS HUGEINT)" if width == 64 else str((1 << width) - 1)
    return f"CAST(xor({whole} & {mask}, {sign}) - {sign} AS {type_text(to)})"


def integer_to_integer(sql: str, source: DataType, to: DataType) -> str:
    """SQL of a whole number as one of another width."""
    if bits(source) <= bits(to):
        return f"CAST({sql} AS {type_text(to)})"
    return wrapped(f"CAST({sql} AS BIGINT)", to)


def decimal_to_integer(sql: str, to: DataType) -> str:
    """SQL of a decimal's whole part, by its last bits."""
    return wrapped(f"CAST(trunc({sql}) AS HUGEINT)", to)


def double_to_integer(sql: str, to: DataType) -> str:
    """SQL of the whole number nearest to zero; the largest there is for what is larger, 0 for NaN."""
    width = max(bits(to), 32)
    nearest = let(sql, lambda x: _nearest(x, width))
    return nearest if width == bits(to) else wrapped(f"CAST({nearest} AS BIGINT)", to)


def _nearest(x: str, width: int) -> str:
    kind, most = ("BIGINT", 2**63 - 1) if width == 64 else ("INTEGER", 2**31 - 1)
    least = f"CAST('-{most + 1}' AS {kind})"
    # From 2^63 on, which a double is without a remainder, nothing fits.
    return (
        f"CASE WHEN isnan({x}) THEN CAST(0 AS {kind}) WHEN {x} >= {most + 1}.0::DOUBLE "
        f"THEN CAST({most} AS {kind}) WHEN {x} <= -{most + 1}.0::DOUBLE THEN {least} "
        f"ELSE CAST(trunc({x}) AS {kind}) END"
    )


def text_to_integer(sql: str, to: DataType) -> str:
    """SQL of the number before the point of a text; null where it is no number or does not fit."""
    # Of what begins with a point, Java's whole part is 0.
    pointed = rf"regexp_replace({sql}, '^([\x00-\x20]*[+-]?)(\.[0-9])', '\10\2')"
    digits = rf"regexp_extract({pointed}, '^[\x00-\x20]*([+-]?[0-9]+)(\.[0-9]*)?[\x00-\x20]*$', 1)"
    return f"TRY_CAST({digits} AS {type_text(to)})"


def integer_to_bytes(sql: str, source: DataType) -> str:
    """SQL of the bytes of a whole number, the first one first."""
    digits = bits(source) // 4
    return f"unhex(right(lpad(to_hex(CAST({sql} AS BIGINT)), 16, '0'), {digits}))"
