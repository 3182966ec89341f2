"""Aggregates that a function in Python makes of all values of a group: sketches, bitmaps, vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan.translation.aggregates import AggregateCall, aggregate_rule
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BINARY, DOUBLE, FLOAT, INT, LONG, is_string
from streamcore.plan.translation.core import Compiled
from streamcore.plan.translation.native import native
from streamcore.plan.translation.nested import packed
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    DataType,
    IntegralType,
    NullType,
    NumericType,
    StructField,
    StructType,
)

_KINDS: dict[str, DataType] = {"bigint": LONG, "float": FLOAT, "double": DOUBLE, "integer": INT}


def _of_list(
    call: AggregateCall,
    name: str,
    value: Compiled,
    returns: DataType,
    settings: Mapping[str, Any] | None = None,
    *,
    nullable: bool = False,
) -> Compiled:
    """A native function over the list of the values that are not null."""
    known = f"{value.sql} IS NOT NULL" if value.nullable else None
    kind = ArrayType(value.type, containsNull=False)
    collected = call.raw(f"list({call.distinct}{value.sql})", known)
    values = Compiled(f"coalesce({collected}, CAST([] AS {type_text(kind)}))", kind, nullable=False)
    return native(name, [values], returns, settings, nullable=nullable)


def _wrong(call: AggregateCall, reason: str) -> AnalysisException:
    return AnalysisException(f"[DATATYPE_MISMATCH] Cannot use {call.name}(): {reason}.")


def _number(call: AggregateCall, at: int, default: int) -> int:
    found = _constant(call, at, default)
    if not isinstance(found, int) or isinstance(found, bool):
        raise _wrong(call, f"argument {at + 1} must be a whole number")
    return found


def _constant(call: AggregateCall, index: int, default: Any) -> Any:
    if index >= len(call.args):
        return default
    found = call.args[index]
    if not found.is_literal:
        raise _wrong(call, f"argument {index + 1} must be a literal")
    return found.value


def _counted(call: AggregateCall) -> Compiled:
    """The values of a sketch that counts: whole numbers as bigint, text, fractions where it takes them."""
    value = call.args[0]
    if isinstance(value.type, IntegralType | NullType):
        return cast(value, LONG, call.context)
    if is_string(value.type) or isinstance(value.type, BinaryType):
        return value
    if isinstance(value.type, NumericType) and call.name.startswith(("theta", "tuple")):
        return cast(value, DOUBLE, call.context)
    raise _wrong(call, f'it counts no values of type "{value.type.simpleString().upper()}"')


# ---- HLL and theta -------------------------------------------------------------------------------


@aggregate_rule("hll_sketch_agg", most=2, takes="expr, lgConfigK = 12")
@aggregate_rule("theta_sketch_agg", most=2, takes="expr, lgNomEntries = 12")
def _sketch(call: AggregateCall) -> Compiled:
    lg_k, (least, most) = _number(call, 1, 12), _SIZES[call.name[:3]]
    if not least <= lg_k <= most:
        raise _wrong(call, f"its size must be between {least} and {most}, and is {lg_k}")
    return _of_list(call, f"sketches.{call.name}", _counted(call), BINARY, {"lg_k": lg_k})


_SIZES = {"hll": (4, 21), "the": (4, 26), "tup": (4, 26)}


@aggregate_rule("hll_union_agg", most=2, takes="expr, allowDifferentLgConfigK = false")
def _hll_union(call: AggregateCall) -> Compiled:
    settings = {"mixes": bool(_constant(call, 1, default=False))}
    return _of_list(call, "sketches.hll_union_agg", _binary(call), BINARY, settings)


def _binary(call: AggregateCall) -> Compiled:
    value = call.args[0]
    if not isinstance(value.type, BinaryType | NullType):
        raise _wrong(call, "its argument must be a sketch in binary")
    return cast(value, BINARY, call.context)


@aggregate_rule("theta_union_agg", most=2, takes="expr, lgNomEntries = 12")
def _theta_union(call: AggregateCall) -> Compiled:
    settings = {"lg_k": _number(call, 1, 12)}
    return _of_list(call, "sketches.theta_union_agg", _binary(call), BINARY, settings)


@aggregate_rule("theta_intersection_agg")
def _theta_intersection(call: AggregateCall) -> Compiled:
    return _of_list(call, "sketches.theta_intersection_agg", _binary(call), BINARY)


# ---- KLL and tuples ------------------------------------------------------------------------------


def _register_kll(kind: str) -> None:
    @aggregate_rule(f"kll_sketch_agg_{kind}", most=2, takes="expr, k?")
    def _sketch_of(call: AggregateCall) -> Compiled:
        value = cast(call.args[0], _KINDS[kind], call.context)
        settings = {"kind": kind, "k": _number(call, 1, 200)}
        return _of_list(call, "sketches.kll_sketch_agg", value, BINARY, settings)

    @aggregate_rule(f"kll_merge_agg_{kind}", most=2, takes="expr, k?")
    def _merged(call: AggregateCall) -> Compiled:
        settings = {"kind": kind, "k": _constant(call, 1, None)}
        return _of_list(call, "sketches.kll_merge_agg", _binary(call), BINARY, settings)


for _kind in ("bigint", "float", "double"):
    _register_kll(_kind)


def _register_tuples(kind: str) -> None:
    @aggregate_rule(
        f"tuple_sketch_agg_{kind}", least=2, most=4, takes="key, summary, lgNomEntries = 12, mode = 'sum'"
    )
    def _sketch_of(call: AggregateCall) -> Compiled:
        summary = cast(call.args[1], LONG if kind == "integer" else DOUBLE, call.context)
        pair = packed([("k", _counted(call)), ("v", summary)])
        settings = {"kind": kind, "lg_k": _number(call, 2, 12), "mode": str(_constant(call, 3, "sum"))}
        return _of_list(call, "sketches.tuple_sketch_agg", pair, BINARY, settings)

    @aggregate_rule(f"tuple_union_agg_{kind}", most=3, takes="expr, lgNomEntries = 12, mode = 'sum'")
    def _union(call: AggregateCall) -> Compiled:
        settings = {"kind": kind, "lg_k": _number(call, 1, 12), "mode": str(_constant(call, 2, "sum"))}
        return _of_list(call, "sketches.tuple_union_agg", _binary(call), BINARY, settings)

    @aggregate_rule(f"tuple_intersection_agg_{kind}", most=2, takes="expr, mode = 'sum'")
    def _intersection(call: AggregateCall) -> Compiled:
        settings = {"kind": kind, "mode": str(_constant(call, 1, "sum"))}
        return _of_list(call, "sketches.tuple_intersection_agg", _binary(call), BINARY, settings)


for _kind in ("double", "integer"):
    _register_tuples(_kind)


# ---- bitmaps, histograms, vectors ----------------------------------------------------------------


@aggregate_rule("bitmap_construct_agg")
def _bitmap(call: AggregateCall) -> Compiled:
    positions = cast(call.args[0], LONG, call.context)
    return _of_list(call, "aggregated.bitmap_construct_agg", positions, BINARY)


@aggregate_rule("bitmap_or_agg", "bitmap_and_agg")
def _bitmaps(call: AggregateCall) -> Compiled:
    return _of_list(call, f"aggregated.{call.name}", _binary(call), BINARY)


@aggregate_rule("histogram_numeric", least=2, most=2)
def _histogram(call: AggregateCall) -> Compiled:
    value, bins = call.args[0], _constant(call, 1, None)
    if not isinstance(value.type, NumericType):
        raise _wrong(call, "it counts numbers")
    if not isinstance(bins, int) or bins < 2:
        raise _wrong(call, "the number of its bins must be 2 or more")
    double = ArrayType(StructType([StructField("x", DOUBLE), StructField("y", DOUBLE)]))
    made = _of_list(
        call, "aggregated.histogram_numeric", cast(value, DOUBLE, call.context), double, {"bins": bins},
        nullable=True,
    )  # fmt: skip
    kind = ArrayType(StructType([StructField("x", value.type), StructField("y", DOUBLE)]))
    return cast(made, kind, call.context)


@aggregate_rule("vector_sum", "vector_avg")
def _vectors(call: AggregateCall) -> Compiled:
    value, vector = call.args[0], ArrayType(FLOAT)
    if not (isinstance(value.type, ArrayType) and value.type.elementType == FLOAT):
        raise _wrong(call, f'it adds arrays of floats, not "{value.type.simpleString().upper()}"')
    return _of_list(call, f"vectors.{call.name}", cast(value, vector, call.context), vector, nullable=True)


@aggregate_rule("collect_union")
def _union(call: AggregateCall) -> Compiled:
    value = call.args[0]
    if not isinstance(value.type, ArrayType):
        raise _wrong(call, "it takes arrays")
    kind = ArrayType(value.type.elementType, containsNull=False)
    return _of_list(call, "aggregated.collect_union", value, kind)


@aggregate_rule("count_min_sketch", takes="expr, eps, confidence, seed?")
def _count_min_sketch(call: AggregateCall) -> Compiled:
    value = call.args[0]
    if not (isinstance(value.type, IntegralType | BinaryType) or is_string(value.type)):
        raise _wrong(call, "it counts whole numbers, text and binary")
    counted = cast(value, LONG, call.context) if isinstance(value.type, IntegralType) else value
    if any(call.args[at].type != DOUBLE for at in (1, 2)):
        raise _wrong(call, "eps and confidence must be doubles")
    eps, confidence = (float(_constant(call, at, None)) for at in (1, 2))
    if eps <= 0 or not 0 < confidence < 1:
        raise _wrong(call, "eps must be positive, and the confidence between 0 and 1")
    seed = _constant(call, 3, None)
    if seed is None:
        raise _wrong(call, "its seed must be given")
    settings = {"eps": eps, "confidence": confidence, "seed": int(seed)}
    return _of_list(call, "aggregated.count_min_sketch", counted, BINARY, settings)
