"""Row numbers, randomness and what else depends on the run; all the same when a batch is run again."""

from __future__ import annotations

from streamcore.duck.quoting import string
from streamcore.plan.function_specs import IN_CAPITALS
from streamcore.plan.translation.coercion import DOUBLE, INT, LONG, STRING
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.spi.types import stored_type

# The position of the row in its partition: the same again when the same input is run again.
_ROW = "(row_number() OVER () - 1)"


def _seed(call: Call) -> int:
    """The seed that is given, the same in every call; without one each call has its own."""
    call.expect(0, 1)
    given = call.constant(0, None)
    if given is not None:
        return call.context.seed + int(given)
    made = int(call.node.meta.get("draw", 0))
    return call.context.seed + (call.context.draws.get(made, made) << 40)


def _bits(call: Call, seed: int) -> str:
    return f"hash({_ROW} * 1000003 + {call.context.partition}, {seed})"


def _uniform(call: Call, seed: int) -> str:
    return f"(({_bits(call, seed)} >> 11)::DOUBLE / 9007199254740992.0)"


@function("rand", "random")
def _rand(call: Call) -> Compiled:
    return Compiled(_uniform(call, _seed(call)), DOUBLE, nullable=False)


@function("randn")
def _randn(call: Call) -> Compiled:
    seed = _seed(call)
    # Box-Muller; 1 - u keeps the logarithm finite.
    sql = f"(sqrt(-2 * ln(1 - {_uniform(call, seed)})) * cos(2 * pi() * {_uniform(call, seed + 7919)}))"
    return Compiled(sql, DOUBLE, nullable=False)


@function("uuid")
def _uuid(call: Call) -> Compiled:
    seed = _seed(call) + 104729
    # 64 bits of one hash and 64 of another: md5 of a single 64-bit number could only tell 2^64 rows apart.
    digits = f"md5(CAST({_bits(call, seed)} AS VARCHAR) || CAST({_bits(call, seed + 1)} AS VARCHAR))"
    parts = [f"substr({digits}, 1, 8)", f"substr({digits}, 9, 4)", f"'4' || substr({digits}, 14, 3)"]
    parts += [f"'8' || substr({digits}, 18, 3)", f"substr({digits}, 21, 12)"]
    joined = " || '-' || ".join(parts)
    return Compiled(f"({joined})", STRING, nullable=False)


@function("monotonically_increasing_id")
def _increasing_id(call: Call) -> Compiled:
    return Compiled(f"({call.context.partition * 2**33} + {_ROW})", LONG, nullable=False)


@function("spark_partition_id", shown=IN_CAPITALS)
def _partition_id(call: Call) -> Compiled:
    return Compiled(f"CAST({call.context.partition} AS INTEGER)", INT, nullable=False)


@function("typeof")
def _typeof(call: Call) -> Compiled:
    call.expect(1)
    return Compiled(string(stored_type(call.arg(0).type).simpleString()), STRING, nullable=False)
