"""Percentiles and medians."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.translation.aggregates import AggregateCall, aggregate_rule
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, LONG
from streamcore.plan.translation.constants import constant_number
from streamcore.plan.translation.core import Compiled
from streamcore.plan.translation.tallies import continuous, percentile, tally, weight
from streamcore.spi.types import ArrayType, DataType


@aggregate_rule("median", distinct="read")
@aggregate_rule("percentile", takes="col, percentage, frequency = 1", distinct="read")
def _percentile(call: AggregateCall) -> Compiled:
    wanted, data_type = _shares(call, DOUBLE)
    if len(call.args) > 2 and constant_number(call.nodes[2]) != 1:
        return _weighted(call, wanted, data_type)
    return Compiled(call.raw(f"quantile_cont({call.distinct}{call.double()}, {wanted})"), data_type)


def _weighted(call: AggregateCall, wanted: str, data_type: DataType) -> Compiled:
    """Each value as often as its frequency says."""
    if call.over or call.is_distinct:
        raise UnsupportedOperationException(
            "percentile() with frequencies is offered over groups, without DISTINCT and OVER."
        )
    value, number = call.double(), cast(call.args[2], LONG, call.context).sql
    known = f"{value} IS NOT NULL AND {number} IS NOT NULL"
    entries = call.raw(f"list(struct_pack(v := {value}, n := {weight(number)}))", known)
    return Compiled(percentile(tally(entries, weighted=True), wanted, data_type, continuous), data_type)


_WITHIN = "{name}({1}) WITHIN GROUP (ORDER BY {0})"
_DOWNWARDS = "{name}({1}) WITHIN GROUP (ORDER BY {0} DESC)"


@aggregate_rule(
    "percentile_cont", "percentile_disc",
    takes="value, percentage, downwards?", shown={2: _WITHIN, 3: _DOWNWARDS},
)  # fmt: skip
def _percentile_of_order(call: AggregateCall) -> Compiled:
    """What WITHIN GROUP is made into: see `streamcore.plan.within_group`."""
    wanted, data_type = _shares(call, DOUBLE)
    word = "quantile_cont" if call.name == "percentile_cont" else "quantile_disc"
    if len(call.args) == 2:
        return Compiled(call.raw(f"{word}({call.double()}, {wanted})"), data_type)
    # Over windows DuckDB takes no notice of an order, so the values are turned round.
    turned = call.raw(f"{word}(-{call.double()}, {wanted})")
    if isinstance(data_type, ArrayType):
        return Compiled(f"list_transform({turned}, lambda x: -x)", data_type)
    return Compiled(f"-({turned})", data_type)


@aggregate_rule("percentile_approx", takes="col, percentage, accuracy = 10000")
@aggregate_rule("approx_percentile", takes="col, percentage, accuracy = 10000")
def _approximate_percentile(call: AggregateCall) -> Compiled:
    if len(call.args) > 2:
        _require_accuracy(call)
    value = call.args[0]
    wanted, data_type = _shares(call, value.type)
    return Compiled(call.raw(f"quantile_disc({value.sql}, {wanted})"), data_type)


def _require_accuracy(call: AggregateCall) -> None:
    accuracy = constant_number(call.nodes[2])
    if accuracy is None or not 0 < accuracy <= _MOST_ACCURATE:
        raise _out_of_range(call, f"The accuracy must be between (0, {_MOST_ACCURATE}]", accuracy)


def _out_of_range(call: AggregateCall, rule: str, value: float | None) -> AnalysisException:
    return AnalysisException(
        f"[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE] Cannot resolve {call.name}() due to data type mismatch: "
        f"{rule} (current value = {value}). SQLSTATE: 42K09"
    )


_MOST_ACCURATE = 2**31 - 1


def _shares(call: AggregateCall, value_type: DataType) -> tuple[str, DataType]:
    """The percentage, or the array of percentages, as SQL; and the type of the result."""
    if len(call.args) == 1:
        return "0.5", value_type
    given, node = call.args[1], call.nodes[1]
    is_array = isinstance(given.type, ArrayType)
    shares = [constant_number(share) for share in (_elements(node) if is_array else [node])]
    for share in shares:
        if share is None:
            raise UnsupportedOperationException(f"{call.name}() takes literal percentages only.")
        if not 0 <= share <= 1:
            raise _out_of_range(call, "The percentage must be between [0.0, 1.0]", share)
    if is_array:
        return f"[{', '.join(map(str, shares))}]", ArrayType(value_type, containsNull=False)
    return str(shares[0]), value_type


def _elements(node: exp.Expression) -> list[exp.Expression]:
    """The elements of an array that is written out; any other is one that is no constant."""
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return list(node.expressions) if isinstance(node, exp.Array) else [node]
