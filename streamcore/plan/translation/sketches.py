"""What is asked of sketches, bitmaps and vectors, and the ciphers: functions in Python over values."""

from __future__ import annotations

from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import (
    BINARY,
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    STRING,
)
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import cast_arguments, native, natively
from streamcore.plan.translation.simple import simple
from streamcore.spi.types import ArrayType, DataType

natively("hll_sketch_estimate", "x", LONG, "sketches.hll_sketch_estimate")
natively("theta_sketch_estimate", "x", LONG, "sketches.theta_sketch_estimate")
natively("theta_intersection", "xx", BINARY, "sketches.theta_intersection")
natively("theta_difference", "xx", BINARY, "sketches.theta_difference")


def _with_defaults(call: Call, kinds: list[DataType], defaults: list[Compiled]) -> list[Compiled]:
    given = [cast(value, kind, call.context) for value, kind in zip(call.args, kinds, strict=False)]
    return [*given, *defaults[len(given) - len(kinds) :]] if len(given) < len(kinds) else given


_LG_K = Compiled("CAST(12 AS INTEGER)", INT, nullable=False, value=12)
_SUM = Compiled("'sum'", STRING, nullable=False, value="sum")
_NO = Compiled("false", BOOLEAN, nullable=False, value=False)


@function("hll_union", takes="first, second, allowDifferentLgConfigK = false")
def _hll_union(call: Call) -> Compiled:
    return native("sketches.hll_union", _with_defaults(call, [BINARY, BINARY, BOOLEAN], [_NO]), BINARY)


@function("theta_union", takes="first, second, lgNomEntries = 12")
def _theta_union(call: Call) -> Compiled:
    return native("sketches.theta_union", _with_defaults(call, [BINARY, BINARY, INT], [_LG_K]), BINARY)


# ---- tuples --------------------------------------------------------------------------------------


def _register_tuples(kind: str) -> None:
    for name in ("tuple_sketch_estimate", "tuple_sketch_theta"):
        natively(f"{name}_{kind}", "x", DOUBLE, f"sketches.{name}", kind=kind)
    for name in ("tuple_difference", "tuple_difference_theta"):
        natively(f"{name}_{kind}", "xx", BINARY, f"sketches.{name}", kind=kind)
    settings, summary = {"kind": kind}, LONG if kind == "integer" else DOUBLE

    @function(f"tuple_sketch_summary_{kind}", takes="sketch, mode = 'sum'")
    def _summary(call: Call) -> Compiled:
        given = _with_defaults(call, [BINARY, STRING], [_SUM])
        return native("sketches.tuple_sketch_summary", given, summary, settings)

    @function(
        f"tuple_union_{kind}", f"tuple_union_theta_{kind}",
        takes="first, second, lgNomEntries = 12, mode = 'sum'",
    )  # fmt: skip
    def _union(call: Call) -> Compiled:
        given = _with_defaults(call, [BINARY, BINARY, INT, STRING], [_LG_K, _SUM])
        return native(f"sketches.{call.name.removesuffix('_' + kind)}", given, BINARY, settings)

    @function(
        f"tuple_intersection_{kind}", f"tuple_intersection_theta_{kind}", takes="first, second, mode = 'sum'"
    )
    def _intersection(call: Call) -> Compiled:
        given = _with_defaults(call, [BINARY, BINARY, STRING], [_SUM])
        return native(f"sketches.{call.name.removesuffix('_' + kind)}", given, BINARY, settings)


for _kind in ("double", "integer"):
    _register_tuples(_kind)


# ---- KLL -----------------------------------------------------------------------------------------


def _register_kll(kind: str, number: DataType) -> None:
    natively(f"kll_sketch_to_string_{kind}", "x", STRING, "sketches.kll_sketch_to_string", kind=kind)
    natively(f"kll_sketch_get_n_{kind}", "x", LONG, "sketches.kll_sketch_get_n", kind=kind)
    natively(f"kll_sketch_merge_{kind}", "xx", BINARY, "sketches.kll_sketch_merge", kind=kind)

    def asked(call: Call, taken: DataType, given: DataType) -> Compiled:
        call.expect(2)
        sketch, value = cast(call.arg(0), BINARY, call.context), call.arg(1)
        is_many = isinstance(value.type, ArrayType)
        value = cast(value, ArrayType(taken) if is_many else taken, call.context)
        returns = ArrayType(given, containsNull=False) if is_many else given
        name = f"sketches.{call.name.removesuffix('_' + kind)}"
        return native(name, [sketch, value], returns, {"kind": kind})

    @function(f"kll_sketch_get_quantile_{kind}", takes="sketch, rank")
    def _quantile(call: Call) -> Compiled:
        return asked(call, DOUBLE, number)

    @function(f"kll_sketch_get_rank_{kind}", takes="sketch, quantile")
    def _rank(call: Call) -> Compiled:
        return asked(call, number, DOUBLE)


for _kind, _number in (("bigint", LONG), ("float", FLOAT), ("double", DOUBLE)):
    _register_kll(_kind, _number)


# ---- bitmaps, vectors, ciphers -------------------------------------------------------------------

natively("bitmap_count", "x", LONG, "aggregated.bitmap_count")
simple(
    "bitmap_bucket_number", "l", LONG,
    "CASE WHEN {0} > 0 THEN 1 + ({0} - 1) // 32768 ELSE CAST(trunc({0} / 32768.0) AS BIGINT) END",
)  # fmt: skip
simple("bitmap_bit_position", "l", LONG, "CASE WHEN {0} > 0 THEN ({0} - 1) % 32768 ELSE (-{0}) % 32768 END")


def _vectors(call: Call, count: int) -> list[Compiled]:
    found = []
    for at in range(count):
        value = call.arg(at)
        if not (isinstance(value.type, ArrayType) and value.type.elementType == FLOAT):
            raise call.error(
                f'argument {at + 1} must be of type "ARRAY<FLOAT>", not "{value.type.simpleString().upper()}"'
            )
        found.append(cast(value, ArrayType(FLOAT), call.context))
    return found


@function("vector_cosine_similarity", "vector_inner_product", "vector_l2_distance", takes="left, right")
def _of_two(call: Call) -> Compiled:
    return native(f"vectors.{call.name}", _vectors(call, 2), FLOAT, nullable=True)


@function("vector_norm", "vector_normalize", takes="vector, degree = 2.0F")
def _norm(call: Call) -> Compiled:
    degree = (
        cast(call.arg(1), FLOAT, call.context)
        if len(call.nodes) == 2
        else Compiled("CAST(2 AS FLOAT)", FLOAT, nullable=False)
    )
    returns: DataType = FLOAT if call.name == "vector_norm" else ArrayType(FLOAT)
    return native(f"vectors.{call.name}", [*_vectors(call, 1), degree], returns, nullable=True)


_GCM = Compiled("'GCM'", STRING, nullable=False)
_DEFAULT = Compiled("'DEFAULT'", STRING, nullable=False)
_EMPTY = Compiled("CAST('' AS BLOB)", BINARY, nullable=False)


@function("aes_encrypt", takes="expr, key, mode = 'GCM', padding = 'DEFAULT', iv = '', aad = ''")
def _encrypted(call: Call) -> Compiled:
    given = _with_defaults(
        call, [BINARY, BINARY, STRING, STRING, BINARY, BINARY], [_GCM, _DEFAULT, _EMPTY, _EMPTY]
    )
    return native("secrets.aes_encrypt", given, BINARY, nullable=True)


@function("aes_decrypt", "try_aes_decrypt", takes="expr, key, mode = 'GCM', padding = 'DEFAULT', aad = ''")
def _decrypted(call: Call) -> Compiled:
    given = _with_defaults(call, [BINARY, BINARY, STRING, STRING, BINARY], [_GCM, _DEFAULT, _EMPTY])
    return native(f"secrets.{call.name}", given, BINARY, nullable=True)


@function("hmac", takes="key, message, algorithm = 'SHA-256'")
def _hmac(call: Call) -> Compiled:
    name = Compiled("'SHA256'", STRING, nullable=False)
    return native(
        "secrets.hmac", _with_defaults(call, [BINARY, BINARY, STRING], [name]), BINARY, nullable=True
    )


@function("sha2", takes="expr, bitLength")
def _sha2(call: Call) -> Compiled:
    value, bits = cast_arguments(call, "xi")
    if bits.is_literal and bits.value in (0, 256):
        return Compiled(f"sha256({value.sql})", STRING, value.nullable)
    return native("secrets.sha2", [value, bits], STRING, nullable=True)
