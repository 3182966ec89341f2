"""Merging partial results: moments, tallies, and aggregates over the elements of arrays."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.duck.types import type_text
from streamcore.plan.merging import Folded, MergedMoments, ModeOfTally, PercentileOfTally, Tally
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, LONG
from streamcore.plan.translation.core import Compiled, Translator, node_rule
from streamcore.spi.types import ArrayType, StructField, StructType

# ---- arrays folded by aggregates -----------------------------------------------------------------


@node_rule(Folded)
def _folded(node: Folded, translator: Translator) -> Compiled:
    values = translator.compile(node.this)
    assert isinstance(values.type, ArrayType)
    element = Compiled('"e"', values.type.elementType, values.type.containsNull)
    answer = translator.with_variables({"e": element}).compile(node.expression)
    sql = f'(SELECT {answer.sql} FROM (SELECT unnest({values.sql}) AS "e"))'
    return Compiled(sql, answer.type, answer.nullable)


# ---- moments -------------------------------------------------------------------------------------

_SUMS_OF_PARTS = {
    "xx": "p.xx + p.n * {x} * {x}",
    "yy": "p.yy + p.n * {y} * {y}",
    "xy": "p.xy + p.n * {x} * {y}",
    "xxx": "p.xxx + {x} * (3 * p.xx + p.n * {x} * {x})",
    "xxxx": "p.xxxx + {x} * (4 * p.xxx + {x} * (6 * p.xx + p.n * {x} * {x}))",
}
"""What a part adds to each sum; `{x}` is how far its mean lies from the mean of all."""


@node_rule(MergedMoments)
def _merged_moments(node: MergedMoments, translator: Translator) -> Compiled:
    parts = translator.compile(node.this)
    assert isinstance(parts.type, ArrayType)
    moments = parts.type.elementType
    assert isinstance(moments, StructType)
    names = moments.names

    def merged(all_parts: str) -> str:
        nothing = ", ".join(f"{name} := CAST(0 AS DOUBLE)" for name in names)
        return (
            f"CASE len({all_parts}) WHEN 0 THEN struct_pack({nothing}) WHEN 1 THEN {all_parts}[1] "
            f"ELSE {_of_parts(all_parts, names)} END"
        )

    return Compiled(let(parts.sql, merged), moments, nullable=False)


def _of_parts(parts: str, names: list[str]) -> str:
    """The moments of several parts: deviations are taken from the first mean, so that digits are not lost."""
    number = _sum_over(parts, "p.n")
    means = [name for name in ("x", "y") if name in names]
    bases = ", ".join(f"{m} := {parts}[1].{m}" for m in means)

    def from_bases(base: str) -> str:
        shifts = ", ".join(f"{m} := {_sum_over(parts, f'p.n * (p.{m} - {base}.{m})')} / {number}" for m in means)

        def from_mean(shift: str) -> str:
            away = {m: f"(p.{m} - {base}.{m} - {shift}.{m})" for m in means}
            columns = {"n": number} | {m: f"{base}.{m} + {shift}.{m}" for m in means}
            for name in names:
                if name not in columns:
                    columns[name] = _sum_over(parts, _SUMS_OF_PARTS[name].format_map(away))
            return f"struct_pack({', '.join(f'{name} := {columns[name]}' for name in names)})"

        return let(f"struct_pack({shifts})", from_mean)

    return let(f"struct_pack({bases})", from_bases)


def _sum_over(parts: str, term: str) -> str:
    return f"list_sum(list_transform({parts}, lambda p: {term}))"


# ---- tallies -------------------------------------------------------------------------------------


@node_rule(Tally)
def _tally(node: Tally, translator: Translator) -> Compiled:
    values = translator.compile(node.this)
    assert isinstance(values.type, ArrayType)
    if node.args.get("weighted"):
        data_type, value, number = values.type, "e.v", "CAST(sum(e.n) AS BIGINT)"
    else:
        entry = StructType(
            [StructField("v", values.type.elementType, False), StructField("n", LONG, False)]
        )
        data_type, value, number = ArrayType(entry, containsNull=False), "e", "count(*)"
    entries = f"SELECT {value} AS v, {number} AS n FROM (SELECT unnest({values.sql}) AS e) GROUP BY 1"
    listed = f"(SELECT list(struct_pack(v := v, n := n) ORDER BY v) FROM ({entries}))"
    return Compiled(f"coalesce({listed}, CAST([] AS {type_text(data_type)}))", data_type, nullable=False)


@node_rule(PercentileOfTally)
def _percentile(node: PercentileOfTally, translator: Translator) -> Compiled:
    tally = translator.compile(node.this)
    assert isinstance(tally.type, ArrayType)
    entry = tally.type.elementType
    assert isinstance(entry, StructType)
    shares = translator.compile(node.expression)
    value_type = entry.fields[0].dataType
    at = _continuous if node.args["kind"] == "continuous" else _discrete
    is_list = isinstance(shares.type, ArrayType)
    wanted = cast(shares, ArrayType(DOUBLE) if is_list else DOUBLE, translator.context).sql
    upto = "CAST(sum(e.n) OVER (ORDER BY e.v) AS BIGINT)"
    entries = f"SELECT e.v AS v, {upto} AS c FROM (SELECT unnest({tally.sql}) AS e)"
    counted = f"(SELECT struct_pack(v := list(v ORDER BY c), c := list(c ORDER BY c)) FROM ({entries}))"

    def answer(counts: str) -> str:
        if not is_list:
            return at(counts, wanted)
        return f"CASE WHEN {counts}.c IS NOT NULL THEN list_transform({wanted}, lambda w: {at(counts, 'w')}) END"

    data_type = ArrayType(value_type, containsNull=False) if is_list else value_type
    return Compiled(let(counted, answer), data_type)


def _value_at(counts: str, place: str) -> str:
    """The value of the row at a place, counted from 1."""
    return f"{counts}.v[1 + len(list_filter({counts}.c, lambda c: c < {place}))]"


def _discrete(counts: str, share: str) -> str:
    return _value_at(counts, f"greatest(1, ceil({share} * {counts}.c[-1]))")


def _continuous(counts: str, share: str) -> str:
    def between(place: str) -> str:
        low, high = (_value_at(counts, f"1 + {word}({place})") for word in ("floor", "ceil"))

        def mixed(ends: str) -> str:
            weighed = f"(ceil({place}) - {place}) * {ends}.l + ({place} - floor({place})) * {ends}.h"
            return f"CASE WHEN {ends}.l = {ends}.h THEN {ends}.l ELSE {weighed} END"

        return let(f"struct_pack(l := {low}, h := {high})", mixed)

    return let(f"(({counts}.c[-1] - 1) * {share})", between)


@node_rule(ModeOfTally)
def _mode(node: ModeOfTally, translator: Translator) -> Compiled:
    tally = translator.compile(node.this)
    assert isinstance(tally.type, ArrayType)
    entry = tally.type.elementType
    assert isinstance(entry, StructType)

    def most(entries: str) -> str:
        largest = f"list_max(list_transform({entries}, lambda e: e.n))"
        return let(largest, lambda most: f"list_filter({entries}, lambda e: e.n = {most})[1].v")

    return Compiled(let(tally.sql, most), entry.fields[0].dataType)
