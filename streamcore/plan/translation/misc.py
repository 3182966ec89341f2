"""Row numbers, randomness and what else depends on the run; all the same when a batch is run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamcore.duck.quoting import string
from streamcore.errors import AnalysisException
from streamcore.plan.function_specs import IN_CAPITALS
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, INT, LONG, STRING, common_type
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import native
from streamcore.spi.types import (
    ArrayType,
    DataType,
    DecimalType,
    IntegralType,
    NullType,
    NumericType,
    VariantType,
    stored_type,
)

# The position of the row in its partition: the same again when the same input is run again.
_ROW = "(row_number() OVER () - 1)"


@dataclass(frozen=True)
class _Seed:
    """What a random call begins with: the seed that is written, or one of the run and of this call."""

    number: int
    is_given: bool


def _seed(call: Call, index: int = 0) -> _Seed:
    """The seed that is given and the partition's number; without one each call has its own."""
    given = call.constant(index, None)
    if given is not None:
        return _Seed(_word(int(given) + call.context.partition), is_given=True)
    made = int(call.node.meta.get("draw", 0))
    return _Seed(_word(call.context.seed + (call.context.draws.get(made, made) << 40)), is_given=False)


def _word(number: int) -> int:
    """The number in 64 bits, with its sign."""
    return (number + 2**63) % 2**64 - 2**63


def _drawn(name: str, seed: int, returns: DataType, **settings: Any) -> Compiled:
    row = Compiled(_ROW, LONG, nullable=False)
    return native(f"draws.{name}", [row, _given(seed)], returns, settings)


def _given(seed: int) -> Compiled:
    return Compiled(f"CAST({seed} AS BIGINT)", LONG, nullable=False)


def _bits(call: Call, seed: int) -> str:
    return f"hash({_ROW} * 1000003 + {call.context.partition}, {seed})"


def _uniform(call: Call, seed: int) -> str:
    return f"(({_bits(call, seed)} >> 11)::DOUBLE / 9007199254740992.0)"


@function("rand", "random", shown="rand({args})")
def _rand(call: Call) -> Compiled:
    call.expect(0, 1)
    seed = _seed(call)
    if seed.is_given:
        return _drawn("rand", seed.number, DOUBLE)
    return Compiled(_uniform(call, seed.number), DOUBLE, nullable=False)


@function("randn")
def _randn(call: Call) -> Compiled:
    call.expect(0, 1)
    return _drawn("randn", _seed(call).number, DOUBLE)


@function("randstr", takes="length, seed?")
def _randstr(call: Call) -> Compiled:
    call.expect(1, 2)
    length = call.constant(0)
    if not isinstance(length, int) or length < 0:
        raise AnalysisException(
            f'[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE] Cannot resolve "randstr({length})" due to data type '
            "mismatch: "
            f"The `length` must be between [0, 2147483647] (current value = {length}). SQLSTATE: 42K09"
        )
    return _drawn("randstr", _seed(call, 1).number, STRING, length=length)


@function("uniform", takes="min, max, seed?")
def _uniform_between(call: Call) -> Compiled:
    call.expect(2, 3)
    low, high = call.arg(0), call.arg(1)
    for value in (low, high):
        if not isinstance(value.type, NumericType | NullType):
            raise call.error("its bounds must be numbers")
    kind = _type_of_bounds(low.type, high.type)
    seed = _seed(call, 2)
    if NullType in (type(low.type), type(high.type)):
        return Compiled("NULL", kind)
    first, last = (cast(value, DOUBLE, call.context).sql for value in (low, high))
    share = _drawn("rand", seed.number, DOUBLE).sql
    return cast(
        Compiled(f"({first} + ({last} - {first}) * {share})", DOUBLE, nullable=False), kind, call.context
    )


def _type_of_bounds(low: DataType, high: DataType) -> DataType:
    """The wider one; of a whole number and a decimal the decimal's own."""
    decimals = [kind for kind in (low, high) if isinstance(kind, DecimalType)]
    others = [kind for kind in (low, high) if not isinstance(kind, IntegralType)]
    return decimals[0] if len(decimals) == 1 and others == decimals else common_type(low, high) or low


@function("shuffle", takes="array, seed?", shown="shuffle({0})")
def _shuffle(call: Call) -> Compiled:
    call.expect(1, 2)
    array, seed = call.arg(0), _seed(call, 1)
    if not isinstance(array.type, ArrayType):
        raise call.error("its argument must be an array")
    length = f"CAST(len({array.sql}) AS BIGINT)"
    # Rows share one generator: a row's draws begin behind those of the rows before it.
    before = f"coalesce(sum({length}) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)"
    drawn = [Compiled(length, LONG), Compiled(f"CAST({before} AS BIGINT)", LONG), _given(seed.number)]
    order = native("draws.shuffle", drawn, ArrayType(LONG))
    return Compiled(f"list_select({array.sql}, {order.sql})", array.type, array.nullable)


@function("uuid", shown="uuid()")
def _uuid(call: Call) -> Compiled:
    call.expect(0, 1)
    drawn = _seed(call)
    if drawn.is_given:
        return _drawn("uuid", drawn.number, STRING)
    seed = drawn.number + 104729
    # 64 bits of one hash and 64 of another: md5 of a single 64-bit number could only tell 2^64 rows apart.
    digits = f"md5(CAST({_bits(call, seed)} AS VARCHAR) || CAST({_bits(call, seed + 1)} AS VARCHAR))"
    parts = [f"substr({digits}, 1, 8)", f"substr({digits}, 9, 4)", f"'4' || substr({digits}, 14, 3)"]
    parts += [f"'8' || substr({digits}, 18, 3)", f"substr({digits}, 21, 12)"]
    joined = " || '-' || ".join(parts)
    return Compiled(f"({joined})", STRING, nullable=False)


@function("monotonically_increasing_id")
def _increasing_id(call: Call) -> Compiled:
    return Compiled(f"({call.context.partition * 2**33} + {_ROW})", LONG, nullable=False)


@function("input_file_name")
def _file_name(call: Call) -> Compiled:
    # Over rows of files a column stands here instead (`plan.file_names`).
    call.expect(0)
    return Compiled("''", STRING, nullable=False)


@function("spark_partition_id", shown=IN_CAPITALS)
def _partition_id(call: Call) -> Compiled:
    return Compiled(f"CAST({call.context.partition} AS INTEGER)", INT, nullable=False)


@function("typeof")
def _typeof(call: Call) -> Compiled:
    call.expect(1)
    return Compiled(
        string(stored_type(call.arg(0).type, keeps=VariantType).simpleString()), STRING, nullable=False
    )
