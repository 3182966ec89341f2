"""Statistics of columns of vectors, feature by feature: the aggregate behind `Summarizer` of the ml API."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from streamcore.duck.once import let
from streamcore.duck.quoting import identifier
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan.translation.aggregates import AggregateCall, aggregate_rule
from streamcore.plan.translation.coercion import LONG
from streamcore.plan.translation.core import Compiled
from streamcore.plan.translation.vectors import entries_of
from streamcore.spi.types import DataType, StructField, StructType, UserDefinedType, stored_type

# What feature `i_` has over the rows `m_`, each with a vector `v` and a weight `w`.
_WEIGHT = "list_sum(list_transform(m_, lambda r_: r_.w))"
_DEGREES = f"({_WEIGHT} - list_sum(list_transform(m_, lambda r_: r_.w * r_.w)) / {_WEIGHT})"
_SUM = "list_sum(list_transform(m_, lambda r_: r_.w * r_.v[i_]))"
_MEAN = f"{_SUM} / {_WEIGHT}"
_SPREAD = f"""list_transform([{_MEAN}], lambda mean_:
    list_sum(list_transform(m_, lambda r_: r_.w * (r_.v[i_] - mean_) * (r_.v[i_] - mean_))))[1]"""
_VARIANCE = f"CASE WHEN {_DEGREES} > 0 THEN {_SPREAD} / {_DEGREES} ELSE 0 END"
_OF_FEATURE = {
    "mean": _MEAN,
    "sum": _SUM,
    "variance": _VARIANCE,
    "std": f"sqrt({_VARIANCE})",
    "numNonZeros": "len(list_filter(m_, lambda r_: r_.v[i_] <> 0))",
    "max": "list_max(list_transform(m_, lambda r_: r_.v[i_]))",
    "min": "list_min(list_transform(m_, lambda r_: r_.v[i_]))",
    "normL2": "sqrt(list_sum(list_transform(m_, lambda r_: r_.w * r_.v[i_] * r_.v[i_])))",
    "normL1": "list_sum(list_transform(m_, lambda r_: r_.w * abs(r_.v[i_])))",
}


@aggregate_rule("aggregate_metrics", least=3, most=None, is_internal=True)
def _metrics(call: AggregateCall) -> Compiled:
    """A struct of metrics: a column of vectors, the weight of each row, and the names of the metrics."""
    vectors, names = call.args[0], _names(call.nodes[2:])
    if not isinstance(vectors.type, UserDefinedType) or vectors.type.simpleString() != "vector":
        raise AnalysisException(
            f"[DATATYPE_MISMATCH] aggregate_metrics() needs vectors, not {vectors.type.simpleString()}."
        )
    kinds: list[DataType] = [LONG if name == "count" else vectors.type for name in names]
    result = StructType(
        [StructField(name, kind, nullable=False) for name, kind in zip(names, kinds, strict=True)]
    )
    fields = [f"{identifier(name)}: {_metric(name, vectors.type)}" for name in names]
    rows = _rows(call)
    nothing = "error('requirement failed: Nothing has been added to this summarizer.')"
    checked = f"CASE WHEN {rows} IS NULL THEN {nothing} ELSE {rows} END"
    made = f"list_transform([{checked}], lambda m_: {{{', '.join(fields)}}})[1]"
    return Compiled(f"CAST({made} AS {type_text(result)})", result, nullable=False)


def _rows(call: AggregateCall) -> str:
    """All rows that count, in one list: their vectors as arrays, and their weights."""
    vector, weight = call.args[0].sql, f"coalesce({call.double(1)}, 0)"
    counts = f"""CASE WHEN {vector} IS NULL THEN error('A vector is null: statistics have no place for it')
        WHEN {weight} < 0 THEN error('requirement failed: sample weight, ' || {weight} || ' has to be >= 0.0')
        ELSE {weight} > 0 END"""
    return call.raw(f"list({{'v': {let(vector, entries_of)}, 'w': {weight}}})", counts)


def _metric(name: str, kind: DataType) -> str:
    if name == "count":
        return "len(m_)"
    values = f"list_transform(range(1, len(m_[1].v) + 1), lambda i_: CAST({_OF_FEATURE[name]} AS DOUBLE))"
    stored = type_text(stored_type(kind))
    return f"CAST({{'type': 1, 'size': NULL, 'indices': NULL, 'values': {values}}} AS {stored})"


def _names(nodes: Sequence[exp.Expression]) -> list[str]:
    known = ["count", *_OF_FEATURE]
    names = [str(node.this) if isinstance(node, exp.Literal) else "" for node in nodes]
    for name in names:
        if name not in known:
            raise AnalysisException(f"aggregate_metrics() takes the names of metrics as literals: {known}")
    return names
