"""Merging partial results: aggregates over the elements of arrays, and moments."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.plan.merging import Folded, MergedMoments
from streamcore.plan.translation.core import Compiled, Translator, node_rule
from streamcore.spi.types import ArrayType, StructType

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
        shifts = ", ".join(
            f"{m} := {_sum_over(parts, f'p.n * (p.{m} - {base}.{m})')} / {number}" for m in means
        )

        def from_mean(shift: str) -> str:
            away = {m: f"(p.{m} - {base}.{m} - {shift}.{m})" for m in means}
            columns: dict[str, str] = {"n": number, **{m: f"{base}.{m} + {shift}.{m}" for m in means}}
            for name in names:
                if name not in columns:
                    columns[name] = _sum_over(parts, _SUMS_OF_PARTS[name].format(**away))
            return f"struct_pack({', '.join(f'{name} := {columns[name]}' for name in names)})"

        return let(f"struct_pack({shifts})", from_mean)

    return let(f"struct_pack({bases})", from_bases)


def _sum_over(parts: str, term: str) -> str:
    return f"list_sum(list_transform({parts}, lambda p: {term}))"
