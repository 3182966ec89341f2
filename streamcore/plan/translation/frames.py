"""What stands in OVER (...): keys, order and frame, checked by Spark's rules before any text is made."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.translation.core import Compiled, Translator, node_rule
from streamcore.plan.translation.sort_keys import nested_key
from streamcore.spi.types import (
    DataType,
    DateType,
    DayTimeIntervalType,
    IntegralType,
    NullType,
    NumericType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
    holds_variant,
)

ARRIVAL = '"~arrival"'
"""The column in which the rows below a window are numbered as they come, where ties make a difference."""
TELLS_TIES_APART = "tells_ties_apart"
"""The argument of a window node above such a column (see `streamcore.plan.window_ties`)."""


def specification(node: exp.Window, translator: Translator, *, tie_key: bool = False) -> str:
    """The text between the parentheses of OVER; with `tie_key` rows that are equal stand as they came."""
    parts = []
    keys = node.args.get("partition_by")
    if keys:
        values = [translator.compile(key) for key in keys]
        for value in values:
            if holds_variant(value.type):
                raise AnalysisException(
                    "[EXPRESSION_TYPE_IS_NOT_ORDERABLE] A window cannot be partitioned by a value of type "
                    f'"{value.type.simpleString().upper()}", which is not orderable. SQLSTATE: 42822'
                )
        parts.append(f"PARTITION BY {', '.join(value.sql for value in values)}")
    order, spec = node.args.get("order"), node.args.get("spec")
    terms = [ordered(term, translator) for term in order.expressions] if order is not None else []
    if tie_key:
        terms.append(ARRIVAL)
    if terms:
        parts.append(f"ORDER BY {', '.join(terms)}")
    if spec is not None:
        parts.append(_frame(spec, order, translator))
    return " ".join(parts)


def arrival_order(node: exp.Window, translator: Translator) -> str:
    """` ORDER BY ...` for the argument of a function: by the window's order, and equal rows as they came."""
    order = node.args.get("order")
    terms = [ordered(term, translator) for term in order.expressions] if order is not None else []
    return f" ORDER BY {', '.join([*terms, ARRIVAL])}"


@node_rule(exp.Order)
def _order(node: exp.Order, translator: Translator) -> Compiled:
    """An order as an argument (see `streamcore.plan.within_group`)."""
    return Compiled(", ".join(ordered(term, translator) for term in node.expressions), NullType())


def ordered(term: exp.Expression, translator: Translator) -> str:
    """A term of ORDER BY."""
    if not isinstance(term, exp.Ordered):
        return f"{nested_key(translator.compile(term))} ASC NULLS FIRST"
    is_descending = bool(term.args.get("desc"))
    nulls_first = term.args.get("nulls_first")
    first = (not is_descending) if nulls_first is None else bool(nulls_first)
    direction = "DESC" if is_descending else "ASC"
    return f"{nested_key(translator.compile(term.this))} {direction} NULLS {'FIRST' if first else 'LAST'}"


# ---- frames --------------------------------------------------------------------------------------


def _frame(spec: exp.Expression, order: exp.Expression | None, translator: Translator) -> str:
    kind = spec.args.get("kind") or "ROWS"
    if kind == "GROUPS":
        raise AnalysisException("[PARSE_SYNTAX_ERROR] Syntax error at or near 'GROUPS'. SQLSTATE: 42601")
    by_distance = any(isinstance(spec.args.get(side), exp.Expression) for side in ("start", "end"))
    if kind == "RANGE":
        _require_range_order(order, translator, by_distance=by_distance)
    if kind == "RANGE" and by_distance and order is not None:
        _require_distances(spec, order, translator)
    start, end = _place(spec, "start", translator), _place(spec, "end", translator)
    if start is not None and end is not None and start > end:
        raise _refused(
            "SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON",
            "The lower bound of a window frame must be less than or equal to the upper bound.",
        )
    return f"{kind} BETWEEN {_bound(spec, 'start', translator)} AND {_bound(spec, 'end', translator)}"


def _require_range_order(order: exp.Expression | None, translator: Translator, *, by_distance: bool) -> None:
    if order is None:
        raise _refused(
            "RANGE_FRAME_WITHOUT_ORDER",
            "A range window frame cannot be used in an unordered window specification.",
        )
    if not by_distance:
        return
    if len(order.expressions) != 1:
        raise _refused(
            "RANGE_FRAME_MULTI_ORDER",
            "A range window frame with value boundaries cannot be used in a window specification with "
            "multiple order by expressions.",
        )
    term = order.expressions[0]
    key = translator.compile(term.this if isinstance(term, exp.Ordered) else term).type
    if isinstance(key, StringType):
        raise _refused(
            "SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
            'The data type of the order "STRING" does not match the expected data type ("NUMERIC" or '
            '"INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH" or "INTERVAL").',
        )


def _require_distances(spec: exp.Expression, order: exp.Expression, translator: Translator) -> None:
    """The bounds can be added to the values of the order."""
    term = order.expressions[0]
    key = translator.compile(term.this if isinstance(term, exp.Ordered) else term).type
    for bound in (spec.args.get("start"), spec.args.get("end")):
        if not isinstance(bound, exp.Expression):
            continue
        distance = translator.compile(bound).type
        is_interval = "interval" in distance.simpleString()
        fits = not is_interval
        if isinstance(key, (TimestampType, TimestampNTZType)):
            fits = is_interval
        elif isinstance(key, DateType):
            fits = is_interval or isinstance(distance, IntegralType)
        elif "interval" in key.simpleString():
            fits = is_interval
        if not fits:
            raise _refused(
                "RANGE_FRAME_INVALID_TYPE",
                f'The data type "{key.simpleString().upper()}" used in the order specification does not '
                f'support the data type "{distance.simpleString().upper()}" which is used in the range '
                "frame.",
            )


_FIRST, _LAST = float("-inf"), float("inf")


def _place(spec: exp.Expression, side: str, translator: Translator) -> float | None:
    """Where a bound, which must be a constant, stands from the current row, as far as that is a number."""
    value, direction = spec.args.get(side), spec.args.get(f"{side}_side") or ""
    if value is None or value == "CURRENT ROW":
        return 0
    if value == "UNBOUNDED":
        place = _FIRST if direction == "PRECEDING" else _LAST
        if place == (_LAST if side == "start" else _FIRST):
            raise _refused(
                "SPECIFIED_WINDOW_FRAME_INVALID_BOUND",
                f'Window frame bound "UNBOUNDED {direction}" cannot be the {side} of a frame.',
            )
        return place
    if value.find(exp.Column) is not None:
        raise _refused("SPECIFIED_WINDOW_FRAME_NOT_FOLDABLE", "Frame bound value must be a literal.")
    bound = translator.compile(value)
    if spec.args.get("kind") != "RANGE" and not isinstance(bound.type, IntegralType):
        raise _refused(
            "SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
            f'The data type of the bound "{bound.type.simpleString().upper()}" does not match the expected '
            'data type "INT".',
        )
    known = bound.is_literal and isinstance(bound.type, NumericType)
    return None if not known else float(bound.value) * (-1 if direction == "PRECEDING" else 1)


def _refused(case: str, reason: str) -> AnalysisException:
    return AnalysisException(
        f"[DATATYPE_MISMATCH.{case}] Cannot resolve the window frame due to data type mismatch: {reason} "
        "SQLSTATE: 42K09"
    )


# Intervals are numbers (of microseconds and of months) everywhere but in what the engine adds to a time.
_DURATIONS: dict[type[DataType], str] = {
    DayTimeIntervalType: "to_microseconds", YearMonthIntervalType: "to_months",
}  # fmt: skip


def _bound(spec: exp.Expression, side: str, translator: Translator) -> str:
    value = spec.args.get(side)
    direction = spec.args.get(f"{side}_side") or ""
    if value is None:
        return "CURRENT ROW"
    if isinstance(value, str):
        return f"{value} {direction}".strip()
    bound = translator.compile(value)
    duration = _DURATIONS.get(type(bound.type))
    if duration is not None:
        return f"{duration}({bound.sql}) {direction}"
    if isinstance(bound.value, int) and bound.value < 0:
        # The engine takes no negative distance.
        return f"{-bound.value} {'PRECEDING' if direction == 'FOLLOWING' else 'FOLLOWING'}"
    return f"{bound.sql} {direction}"
